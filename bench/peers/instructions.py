"""Instructions per arrival of the compiled programs, by valgrind: the same on every day, however busy the machine."""

from __future__ import annotations

import re
import shutil
import subprocess

__all__ = ["per_arrival"]

# The start of the process and the filling of an empty system cost the same in both, so that the difference is of arrivals alone.
FEWER, MORE = 20_000, 40_000


def _count(command: list[str]) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run([*valgrind, *command], capture_output=True, text=True, check=False)
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode != 0 or found is None:
        raise SystemExit(f"{' '.join(command)} under valgrind: status {done.returncode}\n{done.stderr[-2000:]}")
    return int(found[1].replace(",", ""))


def per_arrival(command: list[str], arguments: list[str]) -> float | None:
    """Of `command WORKLOAD... CONTACTS`; None where there is no valgrind."""
    if shutil.which("valgrind") is None:
        return None
    fewer, more = (_count([*command, *arguments, str(contacts)]) for contacts in (FEWER, MORE))
    return (more - fewer) / (MORE - FEWER)
