"""Fixtures. The tests' own folder is put on the path, for support.py."""

from __future__ import annotations

import sys
from pathlib import Path

import koble
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support import SMALL  # noqa: E402


@pytest.fixture
def plan() -> koble.Plan:
    """A small plan."""
    return koble.Plan(SMALL)


@pytest.fixture
def engine(plan: koble.Plan) -> koble.Engine:
    """An engine with the small plan, at 0, everybody offline."""
    return koble.Engine(plan)
