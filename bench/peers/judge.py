"""Whether a peer simulates the system it should: exactly for one trace, and by its figures within what chance allows."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path

__all__ = ["KINDS", "judge_figures", "judge_trace"]

KINDS = ("p_abandon", "p_wait", "mean_wait_s")
SIGMAS = 5.0  # some hundred comparisons a run: chance alone passes this about once in ten thousand runs


def judge_trace(found: dict[str, float], right: dict[str, float]) -> list[str]:
    """What differs from the reference for the same trace. Only the order of a sum may: it is held to 1e-9 of it."""
    return [
        f"{kind} {found[kind]!r} of the trace, the plain loop {right[kind]!r}"
        for kind in KINDS
        if not math.isclose(found[kind], right[kind], rel_tol=1e-9, abs_tol=1e-12)
    ]


def judge_figures(workload: str, contacts: int, runs: list[dict[str, float]]) -> list[str] | None:
    """What is further from expected.json than SIGMAS standard deviations of the mean of these runs; None where the runs are too
    short to be judged. Runs that found the same are one draw."""
    expected = json.loads((Path(__file__).parent / "expected.json").read_text(encoding="ascii"))[workload]
    if contacts < expected["least"]:
        return None
    wrong = []
    for kind in KINDS:
        if kind not in runs[0]:
            continue
        draws = len({run[kind] for run in runs})
        mean = statistics.fmean(run[kind] for run in runs)
        law = expected[kind]
        should = law["steady"] + law["start"] / contacts
        deviation = math.hypot(law["spread"] / math.sqrt(contacts * draws), law["error"])
        allowed = SIGMAS * deviation + 5 / contacts  # the second for figures that are all but 0
        if abs(mean - should) > allowed:
            wrong.append(f"{kind} {mean:.5f}, should be {should:.5f} +- {allowed:.5f}")
    return wrong
