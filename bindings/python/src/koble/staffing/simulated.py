"""Staffing of centres with several skills, where no formula holds: a search over simulated days."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError, KobleError, unknown_name
from .day_target import Counts, DayTarget, Evaluate, unmet
from .need import number, whole

__all__ = ["Staffing", "StaffingError", "least_staff", "square_root_start"]

Ints = npt.NDArray[np.int64]
#: Changes of one staffing: group, interval, agents more or fewer.
Move = tuple[tuple[int, int, int], ...]


class StaffingError(KobleError, ValueError):
    """No staffing was found that meets the targets."""


@dataclass(frozen=True)
class Staffing:
    """Agents of each group in each interval, and how they were found."""

    staff: dict[str, list[int]]
    cost: float
    #: Different staffings that were evaluated.
    evaluations: int
    #: "local optimum": no move of the neighbourhood is cheaper and meets the targets. "budget": not all of them were tried.
    stopped: Literal["local optimum", "budget"]
    #: What ``evaluate`` said of this staffing.
    counts: Mapping[str, Counts]


def square_root_start(
    loads_erlang: Mapping[str, Sequence[float]], serves: Mapping[str, Sequence[str]], beta: float = 0.5
) -> dict[str, list[int]]:
    """A staffing to begin with: each queue's load in each interval in equal parts to the groups that serve it, and for each
    group R + beta sqrt(R) agents (Wallace and Whitt 2005 split by the square-root rule likewise)."""
    for queue in loads_erlang:
        if not any(queue in queues for queues in serves.values()):
            raise ArgumentError(f"no group serves {queue!r}; write it into serves")
    staff = {}
    for group, queues in serves.items():
        parts = [
            np.array([number(load, "loads_erlang", low=0) for load in loads_erlang[queue]])
            / sum(queue in others for others in serves.values())
            for queue in queues
        ]
        load = np.sum(parts, axis=0)
        staff[group] = [max(int(n), 0) for n in np.ceil(load + beta * np.sqrt(load))]
    return staff


def least_staff(
    evaluate: Evaluate,
    targets: Sequence[DayTarget],
    start: Mapping[str, Sequence[int]],
    serves: Mapping[str, Sequence[str]],
    costs: Mapping[str, float],
    *,
    exchanges: bool = True,
    reach: int = 0,
    most_agents: int = 10_000,
    most_evaluations: int = 10_000,
    progress: Callable[[int, float, bool], None] | None = None,
) -> Staffing:
    """A cheap staffing that meets the targets on the days that ``evaluate`` shows: a local search.

    From ``start``, up: as long as targets are missed, one more agent (then two, four, ...) of the group whose addition in the
    intervals that lack gains the most good contacts for its cost. Then down: one agent fewer, wherever the targets still hold,
    many intervals at once first and halved where that was too much. Then, with ``exchanges``, any that are cheaper of: one for
    another, two for one, one for two, within ``reach`` intervals; after each that holds, down again. This is the scheme of
    greedy start, removal and exchange of Avramidis, Chan, Gendreau, L'Ecuyer and Pisacane (2009, "Optimizing daily agent
    scheduling in a multiskill call center"), with simulation in every step in the place of their approximation.

    It is a heuristic. What it says when it stops with "local optimum": this staffing meets every target on the days shown, and
    no single removal and no such exchange is cheaper and does. That is the least cost where there is one group and more agents
    never do harm in an interval by itself; with several groups there may be cheaper ones. Days that it has not seen may miss
    targets that it has just met: evaluate the result under another seed and ask :func:`unmet`.

    ``serves``: queues of each group. ``costs``: of one agent of each group for one interval, above 0. ``progress`` is called
    after each evaluation with how many there were, the cost of what was tried and whether it met the targets. ``most_agents``:
    of a group in one interval. :class:`StaffingError` where the targets are not met with them or within ``most_evaluations``.
    """
    return _Search(evaluate, targets, start, serves, costs, reach, most_agents, most_evaluations, progress).run(exchanges)


class _BudgetError(Exception):
    """No more evaluations."""


class _Search:
    def __init__(
        self,
        evaluate: Evaluate,
        targets: Sequence[DayTarget],
        start: Mapping[str, Sequence[int]],
        serves: Mapping[str, Sequence[str]],
        costs: Mapping[str, float],
        reach: int,
        most_agents: int,
        most_evaluations: int,
        progress: Callable[[int, float, bool], None] | None,
    ) -> None:
        if not targets:
            raise ArgumentError("targets is empty; write at least one DayTarget")
        self.groups = list(start)
        for group in self.groups:
            for given in (serves, costs):
                if group not in given:
                    raise unknown_name("group", group, given)
        if len({len(row) for row in start.values()}) != 1 or not len(start[self.groups[0]]):
            raise ArgumentError("start: write as many intervals, at least one, for each group")
        for target in targets:
            if not any(target.queue in serves[group] for group in self.groups):
                raise ArgumentError(f"no group serves {target.queue!r}; write it into serves, and the group into start")
        self.evaluate, self.targets, self.progress = evaluate, list(targets), progress
        self.x: Ints = np.array([[whole(n, f"start of {g}", 0, most_agents) for n in start[g]] for g in self.groups], np.int64)
        self.serves = [set(serves[group]) for group in self.groups]
        self.costs = np.array([number(costs[group], f"cost of {group}", above=0) for group in self.groups])
        self.reach = whole(reach, "reach", 0, self.x.shape[1])
        self.most, self.budget = most_agents, whole(most_evaluations, "most_evaluations", 1, 2**31)
        self.known: dict[bytes, tuple[float, Ints]] = {}

    def run(self, exchanges: bool) -> Staffing:
        try:
            self.up()
        except _BudgetError:
            raise StaffingError(
                f"the targets are not met after {len(self.known)} evaluations; write more most_evaluations or a start with "
                "more agents"
            ) from None
        stopped: Literal["local optimum", "budget"] = "local optimum"
        try:
            self.down()
            while exchanges and self.exchange():
                self.down()
        except _BudgetError:
            stopped = "budget"
        staff = self.staff(self.x)
        return Staffing(staff, self.cost(self.x), len(self.known), stopped, self.evaluate(staff))

    def staff(self, x: Ints) -> dict[str, list[int]]:
        return {group: [int(n) for n in x[g]] for g, group in enumerate(self.groups)}

    def cost(self, x: Ints) -> float:
        return math.fsum(self.costs * x.sum(axis=1))

    def judge(self, x: Ints) -> tuple[float, Ints]:
        """Good contacts a day that are missing, and the intervals that lack for each target as rows of 0 and 1."""
        key = x.tobytes()
        if key not in self.known:
            if len(self.known) >= self.budget:
                raise _BudgetError
            counts = self.evaluate(self.staff(x))
            shape = (len(self.targets), x.shape[1])
            hints = np.array([target.hints(counts) for target in self.targets], np.int64)
            if hints.shape != shape:
                raise ArgumentError(f"evaluate gives {hints.shape[1]} intervals, start has {shape[1]}")
            missing = math.fsum(float(target.missing(counts).sum()) for target in self.targets)
            self.known[key] = missing, hints
            if self.progress is not None:
                self.progress(len(self.known), self.cost(x), missing == 0)
        return self.known[key]

    def up(self) -> None:
        step, rounds_in_vain = 1, 0
        for turn in itertools.count():
            missing, hints = self.judge(self.x)
            if missing == 0:
                return
            best, gain = None, 0.0
            for g, queues in enumerate(self.serves):
                rows = [row for row, target in zip(hints, self.targets, strict=True) if target.queue in queues]
                lacks = np.any(rows, axis=0) if rows else np.zeros(self.x.shape[1], bool)
                for _ in range(rounds_in_vain):  # a queue that was left behind by the interval before
                    lacks = lacks | np.append(lacks[1:], False)
                more = np.where(lacks & (self.x[g] < self.most), step, 0)
                if not more.any():
                    continue
                tried = self.x.copy()
                tried[g] = np.minimum(tried[g] + more, self.most)
                each = (missing - self.judge(tried)[0]) / float(self.costs[g] * more.sum())
                if each > gain:
                    best, gain = tried, each
            if best is not None:
                self.x, rounds_in_vain = best, 0
                step = min(step * 2, 64) if turn % 2 else step
                continue
            rounds_in_vain += 1
            step *= 2
            if rounds_in_vain > 8:
                lacking = unmet(self.targets, self.evaluate(self.staff(self.x)))[0]
                place = "over the day" if lacking.interval is None else f"in interval {lacking.interval}"
                raise StaffingError(
                    f"{lacking.target.queue!r} lacks {lacking.missing:g} good contacts {place}, and more agents do not help; "
                    "write a weaker target, more most_agents, or groups that serve it"
                )

    def down(self) -> None:
        """Removals, until a whole round finds none; then each was tried by itself on the staffing as it is."""
        found = True
        while found:
            found = False
            for g in np.argsort(-self.costs, kind="stable"):
                found |= self.take([((int(g), k, -1),) for k in np.flatnonzero(self.x[g]).tolist()])

    def take(self, moves: list[Move]) -> bool:
        """Makes as many of the moves as hold together; whether any was made. One that is not made has been tried by itself."""
        if not moves:
            return False
        tried = self.x.copy()
        for move in moves:
            for g, k, change in move:
                tried[g, k] += change
        if np.any(tried < 0) or np.any(tried > self.most):
            fits = False
            lacks = np.zeros(self.x.shape[1], bool)
        else:
            missing, hints = self.judge(tried)
            fits, lacks = missing == 0, np.any(hints, axis=0)
        if fits:
            self.x = tried
            return True
        if len(moves) == 1:
            return False
        # Who is far from what now lacks has probably nothing to do with it.
        near = [move for move in moves if any(lacks[max(k - 1, 0) : k + 2].any() for _, k, _ in move)]
        far = [move for move in moves if move not in near]
        if not near or not far:
            near, far = moves[: len(moves) // 2], moves[len(moves) // 2 :]
        made = self.take(far)
        return self.take(near) or made

    def exchange(self) -> bool:
        """One round of exchanges; whether any was made."""
        found = False
        for pattern in self.patterns():
            # Places so far apart that no two moves of one batch meet.
            for first in range(self.reach + 1):
                moves = [
                    tuple((g, k + shift, change) for g, shift, change in pattern)
                    for k in range(first, self.x.shape[1], self.reach + 1)
                ]
                found |= self.take([move for move in moves if self.possible(move)])
        return found

    def possible(self, move: Move) -> bool:
        width = self.x.shape[1]
        return all(0 <= k < width and 0 <= self.x[g, k] + change <= self.most for g, k, change in move)

    def patterns(self) -> Iterator[Move]:
        """Exchanges that are cheaper, the greatest saving first: cells (group, interval from the first on, change)."""
        cells = list(itertools.product(range(len(self.groups)), range(self.reach + 1)))
        found = []
        for removed, added in ((1, 1), (2, 1), (1, 2)):
            for out in itertools.combinations_with_replacement(cells, removed):
                for new in itertools.combinations_with_replacement(cells, added):
                    if set(out) & set(new) or min(k for _, k in out + new) != 0:
                        continue
                    saving = float(sum(self.costs[g] for g, _ in out) - sum(self.costs[g] for g, _ in new))
                    related = all(any(self.serves[g] & self.serves[h] for h, _ in new) for g, _ in out)
                    if saving > 1e-12 and related:
                        change: dict[tuple[int, int], int] = {}
                        for cell in out:
                            change[cell] = change.get(cell, 0) - 1
                        for cell in new:
                            change[cell] = change.get(cell, 0) + 1
                        found.append((saving, tuple((g, k, n) for (g, k), n in change.items())))
        found.sort(key=lambda one: -one[0])
        return iter([move for _, move in found])
