#!/usr/bin/env python3
"""Shows that the checks fail for a peer that simulates another system: each mistake is planted into the plain loop."""

from __future__ import annotations

import dataclasses
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import with_python
from compare import TRACES
from judge import judge_figures, judge_trace
from model import WORKLOADS, Drawn, Trace, Workload, write_trace
from routing import Routing, Waiting


class YoungestContact(Routing):
    """Lines are last in, first out."""

    def join(self, contact: Waiting) -> None:
        self._lines[contact.kind].appendleft(contact)


class FirstGroup(Routing):
    """Takes the first group with an idle agent instead of the longest-idle agent."""

    def take_agent(self, kind: int) -> int:
        group = next((g for g in self._groups_of_type[kind] if self._idle[g]), -1)
        if group >= 0:
            self._idle[group].popleft()
        return group


class ShortestIdle(Routing):
    """A freed agent goes to the head of its group."""

    def free_agent(self, group: int) -> Waiting | None:
        contact = super().free_agent(group)
        if contact is None:
            self._idle[group].rotate(1)
        return contact


def traced(workload: Workload, routing: type[Routing], path: Path) -> dict[str, float]:
    with_python.Routing = routing  # type: ignore[attr-defined]
    try:
        return with_python.run(workload, TRACES[workload.name], Trace(path)).shares()
    finally:
        with_python.Routing = Routing  # type: ignore[attr-defined]


def drawn(workload: Workload, runs: int, contacts: int) -> list[dict[str, float]]:
    return [with_python.run(workload, contacts, Drawn(workload, random.randrange(2**32))).shares() for _ in range(runs)]


def main() -> int:
    random.seed(3)
    failures = []

    def hold(what: str, good: bool) -> None:
        print(f"{'ok  ' if good else 'FAIL'} {what}")
        if not good:
            failures.append(what)

    with tempfile.TemporaryDirectory() as folder:
        for name in ("w1", "w2", "w3"):
            workload, path = WORKLOADS[name], Path(folder, name)
            write_trace(path, workload, TRACES[name], seed=20)
            right = traced(workload, Routing, path)
            mistakes: list[type[Routing]] = [YoungestContact] if name == "w1" else [YoungestContact, FirstGroup, ShortestIdle]
            for mistake in mistakes:
                wrong = judge_trace(traced(workload, mistake, path), right)
                hold(f"{name}: {mistake.__name__} is found by a trace", bool(wrong))

    w1, w2 = WORKLOADS["w1"], WORKLOADS["w2"]
    others: dict[str, Callable[[], Workload]] = {
        "5 agents fewer": lambda: dataclasses.replace(w1, agents_per_group=305),
        "patience of 60 s": lambda: dataclasses.replace(w1, patience_mean_s=60.0),
        "arrivals 2 % fewer": lambda: dataclasses.replace(w1, arrivals_per_s=0.98 * w1.arrivals_per_s),
    }
    hold("w1: the right law is not refused", judge_figures("w1", 300_000, drawn(w1, 3, 300_000)) == [])
    for what, other in others.items():
        hold(f"w1: {what} is found by the figures", bool(judge_figures("w1", 300_000, drawn(other(), 3, 300_000))))
    hold("w2: the right law is not refused", judge_figures("w2", 300_000, drawn(w2, 3, 300_000)) == [])
    crossed = dataclasses.replace(w2, groups=tuple((g,) for g in range(10)))
    hold("w2: one skill each is found by the figures", bool(judge_figures("w2", 300_000, drawn(crossed, 3, 300_000))))
    hold("a run too short is not judged", judge_figures("w1", 1_000, drawn(w1, 1, 1_000)) is None)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
