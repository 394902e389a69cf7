"""Instructions, counted by valgrind: the same on every day, however busy the machine; for machines without hardware counters."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["available", "in_measured", "per_arrival"]


def available() -> bool:
    return shutil.which("valgrind") is not None


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["valgrind", *command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"valgrind {' '.join(command)}: status {done.returncode}\n{done.stderr[-2000:]}")
    return done


def _in_process(command: Sequence[str]) -> int:
    done = _run(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *command])
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if found is None:
        raise SystemExit(f"valgrind {' '.join(command)}: says nothing of \"I refs\"\n{done.stderr[-2000:]}")
    return int(found[1].replace(",", ""))


def per_arrival(command: Sequence[str], after: Sequence[str] = (), *, fewer: int = 20_000, more: int = 40_000) -> float:
    """Of `command ARRIVALS after`, from the difference of two runs: the start of the process and the filling of an empty system cost the
    same in both, so that what is left is of arrivals alone."""
    counts = [_in_process([*command, str(arrivals), *after]) for arrivals in (fewer, more)]
    return (counts[1] - counts[0]) / (more - fewer)


def in_measured(command: Sequence[str]) -> tuple[float, int]:
    """Those in functions called Measured..., for each of the units that the program says in its line of JSON; and how many units."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder, "profile")
        toggle = ["--collect-atstart=no", "--toggle-collect=*Measured*"]
        done = _run(["--tool=callgrind", f"--callgrind-out-file={profile}", *toggle, *command])
        found = re.search(r"^(?:summary|totals): (\d+)", profile.read_text(encoding="ascii", errors="replace"), re.MULTILINE)
    if found is None or int(found[1]) == 0:
        raise SystemExit(f"valgrind {' '.join(command)}: nothing was counted; has the program no function called Measured...?")
    units = int(json.loads(done.stdout)["units"])
    return int(found[1]) / units, units
