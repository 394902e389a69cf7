"""Routing written by the user of a library that has none: longest-idle eligible agent, oldest eligible contact.

Agents are named by their group alone, since those of a group are alike; a group keeps the moments (a running number) at which
its idle agents became idle, a type its waiting contacts, oldest first. This is the same for SimPy, salabim and the plain loop.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from model import Workload

__all__ = ["Routing", "Waiting"]


class Waiting:
    """A contact in line. `turn` is what the library wakes it by: an event, a component."""

    __slots__ = ("kind", "serial", "since_s", "there", "turn")

    def __init__(self, serial: int, kind: int, since_s: float, turn: Any) -> None:
        self.serial = serial
        self.kind = kind
        self.since_s = since_s
        self.turn = turn
        self.there = True  # has neither been served nor given up


class Routing:
    def __init__(self, workload: Workload) -> None:
        self._groups_of_type = workload.groups_of_type
        self._types_of_group = workload.groups
        each = workload.agents_per_group
        # Idle from the start in the order of their numbers.
        self._idle = [deque(range(g * each, (g + 1) * each)) for g in range(len(workload.groups))]
        self._idle_number = each * len(workload.groups)
        self._lines: list[deque[Waiting]] = [deque() for _ in range(workload.types)]

    def take_agent(self, kind: int) -> int:
        """The group of the longest-idle agent for the type, which is busy from now on; -1 where none is idle."""
        best = -1
        least = self._idle_number
        for group in self._groups_of_type[kind]:
            idle = self._idle[group]
            if idle and idle[0] < least:
                least = idle[0]
                best = group
        if best >= 0:
            self._idle[best].popleft()
        return best

    def join(self, contact: Waiting) -> None:
        self._lines[contact.kind].append(contact)

    def free_agent(self, group: int) -> Waiting | None:
        """The oldest contact that the freed agent may serve, out of its line; None where none waits: the agent is idle then."""
        best: Waiting | None = None
        for kind in self._types_of_group[group]:
            line = self._lines[kind]
            while line and not line[0].there:  # who gave up stays in line until its turn: a deque cannot lose its middle
                line.popleft()
            if line and (best is None or line[0].serial < best.serial):
                best = line[0]
        if best is None:
            self._idle[group].append(self._idle_number)
            self._idle_number += 1
            return None
        self._lines[best.kind].popleft()
        best.there = False
        return best
