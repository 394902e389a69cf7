"""Who is there when, and when somebody of them is idle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...enums import Presence
from ...errors import ArgumentError
from ...world import NOBODY
from .order import Ints, Log, served

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["There"]


@dataclass(frozen=True)
class There:
    """Agents in groups, and how many of each group are there from which time on. An agent who comes and goes by himself is a
    group of one.

    group_of_agent: by the plan's list. times_ns: not falling; ``group`` and ``count`` say what holds from each of them on.
    Nobody is there before the first.
    """

    group_of_agent: Ints
    times_ns: Ints
    group: Ints
    count: Ints

    @classmethod
    def always(cls, agents: int) -> There:
        """So many, all the time."""
        if agents < 1:
            raise ArgumentError(f"agents: is {agents!r}; write a whole number from 1 on")
        first = np.iinfo(np.int64).min
        return cls(np.zeros(agents, np.int64), np.array([first]), np.zeros(1, np.int64), np.array([agents]))

    @classmethod
    def of(cls, study: Study, number: int = 0, plan: str | None = None) -> There:
        """Of one replication of a study: by its staff, with the lateness drawn for it. Without staff everybody, all the time."""
        staff = study.centres[next(iter(study.centres)) if plan is None else plan].staff
        agents = len(study.centres[next(iter(study.centres)) if plan is None else plan].plan.agents)
        groups = staff.group_of_agent(agents).astype(np.int64)
        alone = groups == NOBODY
        groups[alone] = len(staff.groups) + np.arange(int(alone.sum()))
        changes = staff.presence(study.seed_of(number), study.horizon_ns)
        levels = staff.level_array()
        times = np.concatenate([changes["time_ns"], levels["time_ns"]])
        which = np.concatenate([groups[changes["agent"]], levels["group"].astype(np.int64)])
        count = np.concatenate([(changes["presence"] == int(Presence.AVAILABLE)).astype(np.int64), levels["count"].astype(np.int64)])
        order = np.argsort(times, kind="stable")
        return cls(groups, times[order], which[order], count[order])

    def _steps(self) -> Ints:
        """By how many each change changes the number of its group."""
        order = np.lexsort((np.arange(len(self.group)), self.group))
        before = np.concatenate([[0], self.count[order][:-1]])
        before[np.concatenate([[True], np.diff(self.group[order]) != 0])[: len(before)]] = 0
        change = np.empty(len(order), np.int64)
        change[order] = self.count[order] - before[: len(order)]
        return change

    def at(self, times_ns: Ints) -> Ints:
        """How many are there at each of these instants, with the changes of that very instant. Who only ends his last conversation
        is not there any more."""
        total = np.concatenate([[0], np.cumsum(self._steps())])
        return np.asarray(total[np.searchsorted(self.times_ns, times_ns, "right")], np.int64)

    def idle(self, log: Log, wrap_up_ns: Ints | int = 0) -> tuple[Ints, Ints]:
        """Times, rising, and how many agents are idle from the end of each instant to the next: there, and neither talking nor in
        wrap-up.

        wrap_up_ns: after each conversation; one for each row of the log, or one for all.
        """
        who = served(log)
        start = (log["arrival_ns"] + log["wait_ns"])[who]
        end = start + log["service_ns"][who] + np.broadcast_to(np.asarray(wrap_up_ns, np.int64), len(log))[who]
        agents = log["agent"][who].astype(np.int64)
        if len(agents) and agents.max() >= len(self.group_of_agent):
            raise ArgumentError(f"the log has an agent {agents.max()}, and {len(self.group_of_agent)} are said to be there; write all")
        of = self.group_of_agent[agents]
        size = len(of)
        times = np.concatenate([self.times_ns, start, end])
        group = np.concatenate([self.group, of, of])
        free = np.concatenate([self._steps(), np.full(size, -1), np.full(size, 1)])
        # Number of a group less its busy ones, by time; below 0 where some only end their last conversation, and then nobody of it
        # is idle.
        order = np.lexsort((times, group))
        times, group, free = times[order], group[order], free[order]
        first = np.concatenate([[True], np.diff(group) != 0])[: len(group)]
        running = np.cumsum(free)
        base = (running - free)[first]
        running -= base[np.cumsum(first) - 1]
        # Only what holds when the instant has ended: who ends one conversation may begin the next at once.
        last = np.concatenate([(np.diff(times) != 0) | (np.diff(group) != 0), [True]])[-len(group) :]
        times, group, idle = times[last], group[last], np.maximum(running[last], 0)
        before = np.concatenate([[0], idle[:-1]])
        before[np.concatenate([[True], np.diff(group) != 0])[: len(before)]] = 0
        change = idle - before[: len(idle)]
        instants, place = np.unique(times, return_inverse=True)
        total = np.zeros(len(instants), np.int64)
        np.add.at(total, place, change)
        return instants, np.cumsum(total)
