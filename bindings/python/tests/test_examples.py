"""The hosts in examples/ that are written in Python: they run, and they type-check."""

from __future__ import annotations

import subprocess
import sys

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
