"""The hosts in examples/ that are written in Python: they run, and they type-check."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support import ROOT

HOST = ROOT / "examples" / "asyncio_host.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=120)


def test_asyncio_host() -> None:
    answer = run(str(HOST), str(ROOT / "examples" / "plans" / "helpdesk.json"))
    assert answer.returncode == 0, answer.stderr
    assert "exchange is told: connect 1 Anna" in answer.stdout
    assert "exchange is told: refused:" in answer.stdout  # the answer that came too late
    assert answer.stdout.rstrip().endswith("every call has ended")


def test_asyncio_host_says_what_is_wrong() -> None:
    answer = run(str(HOST), str(ROOT / "README.md"))
    assert answer.returncode == 1
    assert answer.stderr.startswith("asyncio_host: ")
    assert "Traceback" not in answer.stderr


def test_asyncio_host_is_typed_and_short() -> None:
    answer = run("-m", "mypy", "--strict", "--no-error-summary", str(HOST))
    assert answer.returncode == 0, answer.stdout
    assert len(HOST.read_text(encoding="utf-8").splitlines()) < 150


def test_compare_policies() -> None:
    """Two replications of one workload: under overload who was promised an answer soon gets more of it than first come, first served."""
    pytest.importorskip("scipy")
    answer = run(str(ROOT / "examples" / "compare_policies.py"), "--workload", "overload", "--replications", "2")
    assert answer.returncode == 0, answer.stderr
    rows = {cells[1].strip(): cells for line in answer.stdout.splitlines() if len(cells := line.split("│")) > 5}
    assert list(rows) == ["first come", "promises", "deadline", "urgent first", "longest queue", "queue ratio"]
    assert float(rows["promises"][4].split("±")[0]) > 10


def test_compare_policies_is_typed() -> None:
    answer = run("-m", "mypy", "--strict", "--no-error-summary", str(ROOT / "examples" / "compare_policies.py"))
    assert answer.returncode == 0, answer.stdout
