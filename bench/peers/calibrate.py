#!/usr/bin/env python3
"""Measures what a right peer finds, and how far chance alone throws it: writes expected.json, which compare.py judges by.

    bench/peers/calibrate.py BARE     BARE: the bare loop compiled (build/peers/bare), for W1 to W3

W4, which the bare loop does not have, is done by the loop in plain Python (with_python.py), which takes some minutes. From an
empty start the expected figure of a run of N contacts is close to `steady + start / N`, its standard deviation to
`spread / sqrt(N)`: two sizes of run give the three. `error` is the standard error of `steady`. Of W1 `steady` is not
measured but exact (model.erlang_a); what was measured is only compared with it.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
from pathlib import Path

from model import WORKLOADS, Drawn, Workload, erlang_a
from with_python import run

KINDS = ("p_abandon", "p_wait", "mean_wait_s")
# (contacts, runs) of the short and the long runs; the least number of contacts for which the law above holds.
SIZES = {
    "w1": ((100_000, 400), (1_000_000, 100), 20_000),
    "w2": ((100_000, 400), (1_000_000, 100), 20_000),
    "w3": ((100_000, 400), (1_000_000, 100), 40_000),
    "w4over": ((500_000, 8), (1_000_000, 8), 500_000),
    "w4under": ((100_000, 4), (300_000, 4), 100_000),
}


def figures(bare: Path, workload: Workload, contacts: int, seed: int) -> dict[str, float]:
    if workload.name.startswith("w4"):
        return run(workload, contacts, Drawn(workload, seed)).shares()
    command = [str(bare), workload.name, "h4", str(contacts), str(seed)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"p_abandon": found["p_ab"], "p_wait": found["p_wait"], "mean_wait_s": found["mean_wait"]}


def calibrate(bare: Path, workload: Workload) -> dict[str, object]:
    (short, short_runs), (long, long_runs), least = SIZES[workload.name]
    short_found = [figures(bare, workload, short, 1 + i) for i in range(short_runs)]
    long_found = [figures(bare, workload, long, 100_001 + i) for i in range(long_runs)]
    result: dict[str, object] = {"least": least}
    for kind in KINDS:
        at_short = statistics.fmean(f[kind] for f in short_found)
        at_long = statistics.fmean(f[kind] for f in long_found)
        spread = statistics.stdev(f[kind] for f in short_found) * math.sqrt(short)
        steady = (at_long * long - at_short * short) / (long - short)
        error = spread * math.sqrt(long / long_runs + short / short_runs) / (long - short)
        if workload.name == "w1":
            exact = erlang_a(workload)[kind]
            print(f"w1 {kind}: measured {steady:.6f} +- {error:.6f}, exact {exact:.6f}")
            if abs(steady - exact) > 4 * error:
                raise SystemExit(f"w1 {kind}: {steady} is not the exact {exact}")
            steady, error = exact, 0.0
        numbers = {"steady": steady, "start": (at_short - steady) * short, "spread": spread, "error": error}
        result[kind] = {name: float(f"{value:.6g}") for name, value in numbers.items()}
    return result


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("calibrate.py BARE: write the bare loop's program, build/peers/bare")
    bare = Path(sys.argv[1]).resolve()
    expected = {name: calibrate(bare, workload) for name, workload in WORKLOADS.items()}
    path = Path(__file__).parent / "expected.json"
    path.write_text(json.dumps(expected, indent=2) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
