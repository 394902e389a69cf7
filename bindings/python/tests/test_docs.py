"""The guide's examples and those in docstrings come out as written."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import koble
import pytest
from support import ROOT


@pytest.mark.parametrize(("page", "least"), [("docs/python.md", 30), ("README.md", 9)])
def test_pages(page: str, least: int) -> None:
    answer = doctest.testfile(str(ROOT / page), module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert answer.attempted >= least
    assert answer.failed == 0


@pytest.mark.parametrize(
    "name", [m.name for m in pkgutil.iter_modules(koble.__path__) if m.name not in ("_core", "__main__")]
)
def test_docstrings(name: str) -> None:
    module = importlib.import_module(f"koble.{name}")
    if name != "aio":  # its example needs a plan and does not end
        assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
