"""Which shifts, and how many of each: an integer program solved by HiGHS."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError, KobleError
from ..times import Duration, duration_ns, format_duration
from .need import number, scipy_part
from .shift import Shift

__all__ = ["CoverError", "Roster", "schedule_shifts"]

Floats = npt.NDArray[np.float64]
Required = Mapping[str, Sequence[float]]
_ALL = "all"


class CoverError(KobleError, ValueError):
    """No choice of shifts covers what is required; ``missing`` is how much of each interval is left, by skill group."""

    missing: dict[str, Floats]

    def __init__(self, message: str, missing: dict[str, Floats]) -> None:
        super().__init__(message)
        self.missing = missing


@dataclass(frozen=True)
class Roster:
    """How many work each shift."""

    #: Only shifts that somebody works.
    counts: dict[Shift, int]
    interval_ns: int
    #: Agents of each skill group in each interval: required, there for it, too few.
    required: dict[str, Floats]
    cover: dict[str, Floats]
    under: dict[str, Floats]
    #: Of the shifts alone, and with the penalties.
    cost: float
    objective: float
    #: The least objective that HiGHS has not ruled out, and how far above it this one is, relative to the objective.
    bound: float
    gap: float
    #: Whether the gap asked for is proven; not where the time was up.
    proven: bool

    @property
    def over(self) -> dict[str, Floats]:
        """Agents of each skill group beyond what is required."""
        return {group: np.maximum(self.cover[group] - self.required[group], 0) for group in self.cover}

    def on_duty(self) -> dict[str | None, list[int]]:
        """Agents of each profile who are there in the whole of each interval: what a study's ``staff`` is made of."""
        count = len(next(iter(self.required.values())))
        duty: dict[str | None, list[int]] = {}
        for shift, number_of in self.counts.items():
            row = duty.setdefault(shift.profile, [0] * count)
            for k in range(count):
                if shift.worked_ns(k * self.interval_ns, (k + 1) * self.interval_ns) == self.interval_ns:
                    row[k] += number_of
        return duty


def schedule_shifts(
    required: Required | Sequence[float],
    interval: Duration,
    shifts: Sequence[Shift],
    *,
    serves: Mapping[str, Sequence[str]] | None = None,
    over_cost: float = 0.0,
    under_cost: float | None = None,
    headcount: int | None = None,
    partial: bool = False,
    gap: float = 0.0,
    time_limit_s: float = 60.0,
) -> Roster:
    """The cheapest numbers of shifts that cover what is required (Dantzig 1954, and his set cover with skills).

    ``required``: agents in each interval from the day's begin on, or such a list for each skill group. ``serves``: the groups
    that agents of a profile can serve, one at a time and a new choice in each interval; with one group it may be left out. A
    shift counts in an interval that it works from begin to end; with ``partial`` it counts for the share that it works.
    ``over_cost`` and ``under_cost``: for each agent and interval too many or too few; without ``under_cost`` nothing may be
    missing, and :class:`CoverError` says where it would be. ``headcount``: shifts worked together, at most.

    HiGHS stops at a relative ``gap`` (0: the optimum is proven) or after ``time_limit_s`` with what it has found by then.
    """
    program = _Program(required, duration_ns(interval), shifts, serves, partial)
    over = number(over_cost, "over_cost", low=0)
    under = None if under_cost is None else number(under_cost, "under_cost", low=0)
    solved = program.solve(over, under, headcount, number(gap, "gap", low=0), number(time_limit_s, "time_limit_s", above=0))
    if solved.x is None and solved.status == 2:
        raise program.uncovered(headcount, time_limit_s)
    if solved.x is None:
        raise KobleError(
            f"HiGHS found no roster in {time_limit_s:g} s: {solved.message}; write a longer time_limit_s or fewer shifts"
        )
    return program.roster(solved)


class _Program:
    """Columns: how many of each shift (whole); agents of each profile given to each group in each interval, for profiles that
    serve several; agents too many and too few in each group and interval."""

    def __init__(
        self,
        required: Required | Sequence[float],
        interval_ns: int,
        shifts: Sequence[Shift],
        serves: Mapping[str, Sequence[str]] | None,
        partial: bool,
    ) -> None:
        given: Required = required if isinstance(required, Mapping) else {_ALL: required}
        self.required = {
            group: np.array([number(r, f"required of {group}", low=0) for r in row]) for group, row in given.items()
        }
        self.groups = list(self.required)
        lengths = {len(row) for row in self.required.values()}
        if len(lengths) != 1 or 0 in lengths:
            raise ArgumentError("required: write as many intervals, at least one, for each group")
        self.count = lengths.pop()
        if interval_ns <= 0:
            raise ArgumentError("interval: write a duration of more than 0")
        if not shifts:
            raise ArgumentError("shifts is empty; write at least one, or make them with generate_shifts")
        self.interval_ns, self.shifts = interval_ns, list(shifts)
        self.serves = self._served(serves)
        begins = [k * interval_ns for k in range(self.count)]
        worked = np.array([[s.worked_ns(t, t + interval_ns) / interval_ns for t in begins] for s in self.shifts])
        #: Shape (shifts, intervals).
        self.works = worked if partial else np.where(worked == 1, 1.0, 0.0)
        several = [profile for profile, groups in self.serves.items() if len(groups) > 1]
        #: First column of each profile's agents given to each group.
        self.given = {
            key: len(self.shifts) + n * self.count
            for n, key in enumerate((profile, group) for profile in several for group in self.serves[profile])
        }
        self.slack = len(self.shifts) + len(self.given) * self.count
        self.columns = self.slack + 2 * len(self.groups) * self.count

    def _served(self, serves: Mapping[str, Sequence[str]] | None) -> dict[str | None, list[int]]:
        served: dict[str | None, list[int]] = {}
        for profile in dict.fromkeys(shift.profile for shift in self.shifts):
            if serves is None or profile is None or profile not in serves:
                if len(self.groups) > 1:
                    raise ArgumentError(
                        f"serves does not say which groups agents of profile {profile!r} serve; write "
                        f"{{{profile!r}: {self.groups[:1]!r}}} or more of {self.groups}"
                    )
                served[profile] = [0]
                continue
            unknown = [group for group in serves[profile] if group not in self.groups]
            if unknown:
                raise ArgumentError(f"serves names {unknown[0]!r}, of which nothing is required; the groups are {self.groups}")
            served[profile] = [self.groups.index(group) for group in dict.fromkeys(serves[profile])]
        return served

    def solve(
        self, over: float, under: float | None, headcount: int | None, gap: float, limit: float, *, price: bool = True
    ) -> Any:
        """HiGHS's answer; without ``price`` shifts cost nothing."""
        sparse, optimize = scipy_part("sparse"), scipy_part("optimize")
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        low: list[float] = []
        high: list[float] = []

        def row(entries: list[tuple[int, float]], least: float, most: float) -> None:
            for column, value in entries:
                rows.append(len(low))
                columns.append(column)
                values.append(value)
            low.append(least)
            high.append(most)

        for k in range(self.count):
            there = np.flatnonzero(self.works[:, k])
            sums: dict[int, list[tuple[int, float]]] = {g: [] for g in range(len(self.groups))}
            for profile, groups in self.serves.items():
                here = [(int(s), float(self.works[s, k])) for s in there if self.shifts[s].profile == profile]
                if len(groups) == 1:
                    sums[groups[0]] += here
                elif here:
                    row([*here, *((self.given[profile, g] + k, -1.0) for g in groups)], 0, 0)
                    for g in groups:
                        sums[g].append((self.given[profile, g] + k, 1.0))
            for g, group in enumerate(self.groups):
                slack = self.slack + 2 * (g * self.count + k)
                wanted = float(self.required[group][k])
                row([*sums[g], (slack, -1.0), (slack + 1, 1.0)], wanted, wanted)
        if headcount is not None:
            row([(s, 1.0) for s in range(len(self.shifts))], 0, headcount)

        cost = np.zeros(self.columns)
        cost[: len(self.shifts)] = [shift.cost if price else 0.0 for shift in self.shifts]
        cost[self.slack :: 2] = over
        cost[self.slack + 1 :: 2] = under or 0.0
        most = np.full(self.columns, np.inf)
        most[: len(self.shifts)] = [np.inf if shift.most is None else shift.most for shift in self.shifts]
        if under is None:
            most[self.slack + 1 :: 2] = 0
        whole = np.zeros(self.columns)
        whole[: len(self.shifts)] = 1
        matrix = sparse.csr_array((values, (rows, columns)), shape=(len(low), self.columns))
        return optimize.milp(
            cost,
            integrality=whole,
            bounds=optimize.Bounds(0, most),
            constraints=optimize.LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": gap, "time_limit": limit},
        )

    def roster(self, solved: Any) -> Roster:
        counts = np.rint(solved.x[: len(self.shifts)]).astype(int)
        slack = solved.x[self.slack :].reshape(len(self.groups), self.count, 2)
        # Nobody is too many and too few at once where both cost; where neither does, the solver may say so.
        net = np.round(slack[:, :, 0] - slack[:, :, 1], 6)
        bound = solved.mip_dual_bound
        objective, bound = float(solved.fun), float(solved.fun if bound is None else bound)
        apart = max(objective - bound, 0.0)
        return Roster(
            {shift: int(n) for shift, n in zip(self.shifts, counts, strict=True) if n},
            self.interval_ns,
            self.required,
            {group: self.required[group] + net[g] for g, group in enumerate(self.groups)},
            {group: np.maximum(-net[g], 0) for g, group in enumerate(self.groups)},
            math.fsum(shift.cost * int(n) for shift, n in zip(self.shifts, counts, strict=True)),
            objective,
            bound,
            apart / max(abs(objective), 1e-300) if apart > 1e-9 else 0.0,
            solved.status == 0,
        )

    def uncovered(self, headcount: int | None, limit: float) -> CoverError:
        """Where agents are missing if as few as possible are."""
        solved = self.solve(0.0, 1.0, headcount, 0.0, limit, price=False)
        if solved.x is None:
            return CoverError(f"the shifts cannot cover what is required: {solved.message}", {})
        missing = self.roster(solved).under
        places = []
        for group, row in missing.items():
            prefix = "" if len(self.groups) == 1 else f"{group} "
            for k in np.flatnonzero(row):
                begin, end = format_duration(int(k) * self.interval_ns), format_duration((int(k) + 1) * self.interval_ns)
                places.append(f"{prefix}{begin}-{end} lacks {row[k]:g}")
        shown = ", ".join(places[:12]) + (f" and {len(places) - 12} more" if len(places) > 12 else "")
        return CoverError(
            f"the shifts cannot cover what is required; with as few agents missing as possible: {shown}; write more shifts, "
            "a greater most or headcount, or an under_cost",
            missing,
        )
