"""The replays themselves: a plan, days, imputations; calibration; differences and their intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import KobleError
from ..enums import QUEUE_NONE, Exit
from ..figures import Figures, Shown
from ..plan import Plan
from ..sim import CONTACT_DTYPE, NOBODY, run_trace
from .impute import Imputer
from .presence import PresenceRule, changes, observed_skills
from .record import Record, RecordError

__all__ = ["Calibration", "Interval", "Measures", "Replay", "ReplayPlan", "calibrate", "half_width", "paired", "replay"]

HOUR_NS = 3_600_000_000_000

# Student's t at 97.5 %, by degrees of freedom 1 to 30.
_T975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def half_width(values: npt.ArrayLike) -> float:
    """Half of Student's 95 % interval for the mean of independent values; NaN for fewer than two."""
    array = np.asarray(values, np.float64)
    n = len(array)
    if n < 2:
        return math.nan
    t = _T975[n - 2] if n - 1 <= len(_T975) else 1.96 + 2.4 / (n - 1)  # the expansion is good to 0.002 from 31 on
    return float(t * array.std(ddof=1) / math.sqrt(n))


@dataclass(frozen=True)
class Interval:
    mean: float
    half: float

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Interval:
        array = np.asarray(values, np.float64)
        return cls(float(array.mean()), half_width(array))


class ReplayPlan:
    """A plan made ready for a record: agents who are not in it are added from the record, with the skills of the types
    they served, and queues without a wrap-up get the turnaround as theirs (so it counts as wrap-up in the figures).

    own_rule: it is the centre's own, and must have every queue that the calls need. Another plan may lack some: calls
    that belong to them are not routable under it.
    """

    def __init__(self, name: str, source: Mapping[str, Any], record: Record, *, own_rule: bool = True) -> None:
        self.name = name
        self.source = dict(source)
        self.record = record
        declared = Plan(self.source)
        listed = [str(agent["name"]) for agent in self.source.get("agents", [])]
        observed = observed_skills(record.calls)
        self.added = [] if listed else list(observed)
        if listed:
            strangers = sorted(set(observed) - set(listed))
            if strangers:
                raise RecordError(
                    f"plan {name}: the record names agents whom the plan does not list: {', '.join(strangers[:5])}"
                    f"{' ...' if len(strangers) > 5 else ''}; list them, or list no agents and they are taken from the "
                    "record"
                )
        skills = set(declared.skills)
        self._agents = (
            list(self.source["agents"])
            if listed
            else [{"name": agent, "skills": {t: 1 for t in types if t in skills}} for agent, types in observed.items()]
        )
        self.numbers = {str(agent["name"]): i for i, agent in enumerate(self._agents)}
        #: Names of queues that the calls need and the plan has not.
        self.lacking: list[str] = []
        self.queue_of = self._queues(declared, own_rule)
        self._plans: dict[float, Plan] = {}
        self._completed: dict[tuple[int, date, int], tuple[npt.NDArray[Any], npt.NDArray[Any]]] = {}

    def _queues(self, plan: Plan, own_rule: bool) -> dict[tuple[str, str], int]:
        """(type, priority) -> number of the queue, QUEUE_NONE where the plan has it not."""
        mapping, calls = self.record.mapping, self.record.calls
        found: dict[tuple[str, str], int] = {}
        waited = calls[calls["known_priority"]]
        for kind, priority in sorted(set(zip(waited["type"], waited["priority"], strict=True))):
            try:
                name = mapping.queue.format(type=kind, priority=priority)
            except (KeyError, IndexError, ValueError):
                raise RecordError(
                    f"the queue template {mapping.queue!r} may name {{type}} and {{priority}}, nothing else"
                ) from None
            name = mapping.queues.get(name, name)
            has = name in plan.queues
            if not has and own_rule:
                raise RecordError(
                    f"plan {self.name}: calls of type {kind!r}, priority {priority!r} belong to a queue {name!r}, "
                    "which the plan has "
                    f"not; it has {', '.join(plan.queues[:8])}{' ...' if len(plan.queues) > 8 else ''}. Change "
                    "--queue-by, map the "
                    "name, or add the queue"
                )
            if not has and name not in self.lacking:
                self.lacking.append(name)
            found[str(kind), str(priority)] = plan.queues.index(name) if has else QUEUE_NONE
        if all(queue == QUEUE_NONE for queue in found.values()):
            raise RecordError(
                f"plan {self.name}: it has none of the queues that the calls need, {', '.join(self.lacking[:8])}; it "
                f"has {', '.join(plan.queues[:8])}. Change --queue-by, or map the names"
            )
        return found

    def queues_for(self, kinds: npt.NDArray[Any], priorities: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
        return np.array(
            [self.queue_of[k, p] for k, p in zip(kinds.astype(str), priorities.astype(str), strict=True)], np.uint32
        )

    def contacts(self, imputer: Imputer, day: date, imputation: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """One day's contacts for a trace run, and their priorities; made once, for they are the same in every run."""
        key = (id(imputer), day, imputation)
        if key not in self._completed:
            calls = self.record.on([day])
            completed = imputer.complete(calls, imputation)
            contacts = np.zeros(len(calls), CONTACT_DTYPE)
            contacts["arrival_ns"] = np.round(calls["join_s"].to_numpy() * 1e9).astype(np.int64)
            contacts["patience_ns"] = completed.patience_ns
            contacts["service_ns"] = completed.service_ns
            # By the order in which the whole record's calls joined: the same under every plan.
            contacts["serial"] = calls.index.to_numpy() + 1
            contacts["queue"] = self.queues_for(calls["type"].to_numpy(), completed.priority)
            self._completed[key] = contacts, completed.priority
        return self._completed[key]

    def plan(self, turnaround_s: float) -> Plan:
        if turnaround_s not in self._plans:
            queues = [dict(queue) for queue in self.source["queues"]]
            for queue in queues:
                if turnaround_s > 0:
                    queue.setdefault("wrap_up", f"{round(turnaround_s * 1000)}ms")
            try:
                self._plans[turnaround_s] = Plan({**self.source, "queues": queues, "agents": self._agents})
            except KobleError as error:
                raise RecordError(f"plan {self.name}: {error}") from None
        return self._plans[turnaround_s]


@dataclass(frozen=True)
class Measures:
    """The same measures for a record, a day, a type, an hour: counts and sums, so that they add."""

    offered: int = 0
    answered: int = 0
    in_time: int = 0  # answered within the target
    at_once: int = 0  # answered without waiting
    abandoned: int = 0
    left: int = 0  # neither: refused, waiting at the end, or not routable
    wait_s: float = 0.0
    answered_wait_s: float = 0.0
    not_routable: int = 0  # of a queue that the plan has not; these never waited

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, target_s: float) -> Measures:
        """Of calls in the form of :attr:`Replay.frames` or of :func:`record_frame`."""
        measures = cls.of(frame["wait_s"], frame["served"], frame["abandoned"], target_s)
        return replace(measures, not_routable=int(frame["not_routable"].sum()))

    @classmethod
    def of(cls, waits_s: Any, served: Any, abandoned: Any, target_s: float) -> Measures:
        w, s, a = np.asarray(waits_s, np.float64), np.asarray(served, bool), np.asarray(abandoned, bool)
        return cls(
            len(w),
            int(s.sum()),
            int((s & (w <= target_s)).sum()),
            int((s & (w == 0)).sum()),
            int(a.sum()),
            int((~s & ~a).sum()),
            float(w.sum()),
            float(w[s].sum()),
        )

    def __add__(self, other: Measures) -> Measures:
        return Measures(*(a + b for a, b in zip(self.values(), other.values(), strict=True)))

    def __sub__(self, other: Measures) -> Measures:
        return Measures(*(a - b for a, b in zip(self.values(), other.values(), strict=True)))

    def values(self) -> tuple[Any, ...]:
        return (
            self.offered, self.answered, self.in_time, self.at_once, self.abandoned, self.left, self.wait_s,
            self.answered_wait_s, self.not_routable,
        )  # fmt: skip

    @property
    def mean_wait(self) -> float:
        """Of all who joined a queue."""
        joined = self.offered - self.not_routable
        return self.wait_s / joined if joined else math.nan

    @property
    def mean_wait_answered(self) -> float:
        return self.answered_wait_s / self.answered if self.answered else math.nan

    @property
    def abandonment(self) -> float:
        return self.abandoned / self.offered if self.offered else math.nan

    @property
    def service_level(self) -> float:
        """docs/measures.md, sl.offered."""
        return self.in_time / self.offered if self.offered else math.nan

    @property
    def share_at_once(self) -> float:
        return self.at_once / self.offered if self.offered else math.nan


#: What is compared: key, heading, unit, factor.
MEASURES: tuple[tuple[str, str, str, float], ...] = (
    ("mean_wait", "mean wait", "s", 1.0),
    ("mean_wait_answered", "mean wait of the answered", "s", 1.0),
    ("service_level", "answered in time", "%", 100.0),
    ("share_at_once", "answered at once", "%", 100.0),
    ("abandonment", "abandoned", "%", 100.0),
)


@dataclass
class Replay:
    """One plan over some days, several imputations: everything the report needs."""

    name: str
    days: list[date]
    target_s: float
    #: One frame an imputation: day, type, priority, hour (of joining), serial, wait_s, served, abandoned, not_routable,
    #: agent.
    frames: list[pd.DataFrame]
    #: One an imputation, all days merged; intervals are hours of the day.
    figures: list[Figures]
    commands: int
    events: int
    digests: list[str] = field(default_factory=list)
    #: Queues that the calls need and the plan has not.
    lacking: list[str] = field(default_factory=list)

    def measures(self, imputation: int, select: Callable[[pd.DataFrame], Any] | None = None) -> Measures:
        frame = self.frames[imputation]
        if select is not None:
            frame = frame[select(frame)]
        return Measures.of_frame(frame, self.target_s)

    @property
    def not_routable(self) -> float:
        """Calls of queues that the plan has not, as a mean over the imputations."""
        return float(np.mean([frame["not_routable"].sum() for frame in self.frames]))

    def each(self, key: str, select: Callable[[pd.DataFrame], Any] | None = None) -> list[float]:
        return [getattr(self.measures(i, select), key) for i in range(len(self.frames))]

    def interval(self, key: str, select: Callable[[pd.DataFrame], Any] | None = None) -> Interval:
        return Interval.of(self.each(key, select))

    @cached_property
    def by_day(self) -> dict[date, list[Measures]]:
        found: dict[date, list[Measures]] = {}
        for day in self.days:
            parts = [frame[frame["day"] == day] for frame in self.frames]
            found[day] = [Measures.of_frame(part, self.target_s) for part in parts]
        return found

    def agents(self) -> pd.DataFrame:
        """Mean over the imputations: hours signed in, active, in wrap-up, available; occupancy; calls answered."""
        names = self.figures[0].agents
        rows = []
        for number, name in enumerate(names):
            each = [f.by_agent(number) for f in self.figures]
            shown = np.mean([row["shown_ns"] for row in each], axis=0) / HOUR_NS
            busy = np.mean([row["busy_ns"] for row in each])
            of = np.mean([row["busy_of_ns"] for row in each])
            rows.append(
                {
                    "agent": name,
                    "signed_in_h": float(np.mean([row["signed_in_ns"] for row in each]) / HOUR_NS),
                    "active_h": float(shown[Shown.ACTIVE]),
                    "wrapup_h": float(shown[Shown.WRAPUP]),
                    "available_h": float(shown[Shown.AVAILABLE]),
                    "occupancy": float(busy / of) if of else math.nan,
                    "answered": float(np.mean([row["answered"] for row in each])),
                }
            )
        return pd.DataFrame(rows)

    def occupancy(self) -> float:
        rows = [f.by_agent() for f in self.figures]
        of = sum(int(row["busy_of_ns"]) for row in rows)
        return sum(int(row["busy_ns"]) for row in rows) / of if of else math.nan


def record_frame(calls: pd.DataFrame) -> pd.DataFrame:
    """The record itself in the form of a replay's frame."""
    return pd.DataFrame(
        {
            "day": calls["day"].to_numpy(),
            "type": calls["type"].to_numpy(),
            "priority": calls["priority"].to_numpy(),
            "known_priority": calls["known_priority"].to_numpy(),
            "hour": (calls["join_s"] // 3600).astype(int).to_numpy(),
            "wait_s": calls["wait_s"].to_numpy(np.float64),
            "served": calls["served"].to_numpy(bool),
            "abandoned": ~calls["served"].to_numpy(bool),
            "not_routable": False,
        }
    )


def replay(
    plan: ReplayPlan,
    days: Sequence[date],
    imputer: Imputer,
    rule: PresenceRule,
    *,
    imputations: int,
    target_s: float,
    answer_s: float = 0.0,
    step: Callable[[], None] | None = None,
) -> Replay:
    """Plays every day with every imputation. A day begins empty and runs until nobody is left."""
    compiled = plan.plan(rule.turnaround_s)
    frames: list[pd.DataFrame] = []
    totals: list[Figures] = []
    commands = events = 0
    digests: list[str] = []
    by_day = [(day, plan.record.on([day])) for day in days]
    for imputation in range(imputations):
        parts = []
        total: Figures | None = None
        for day, calls in by_day:
            contacts, priority = plan.contacts(imputer, day, imputation)
            figures = Figures(compiled, interval=HOUR_NS, target=round(target_s * 1e9))
            there = changes(calls, rule, plan.numbers)
            run = run_trace(compiled, contacts, there, figures=figures, answer_ns=round(answer_s * 1e9))
            commands, events = commands + run.commands, events + run.events
            digests.append(run.digest)
            gone = run.outcomes["exit"]
            served = (gone == 0) & (run.outcomes["agent"] != NOBODY)
            parts.append(
                pd.DataFrame(
                    {
                        "day": day,
                        "type": calls["type"].to_numpy(),
                        "priority": priority,
                        "hour": (contacts["arrival_ns"] // HOUR_NS).astype(int),
                        "serial": contacts["serial"],
                        "wait_s": run.outcomes["wait_ns"] / 1e9,
                        "served": served,
                        "abandoned": gone == Exit.ABANDONED,
                        "not_routable": gone == Exit.NOT_ROUTABLE,
                        "agent": run.outcomes["agent"],
                    }
                )
            )
            if total is None:
                total = figures
            else:
                total.merge(figures)
            if step is not None:
                step()
        frames.append(pd.concat(parts, ignore_index=True))
        assert total is not None
        totals.append(total)
    return Replay(plan.name, list(days), target_s, frames, totals, commands, events, digests, plan.lacking)


@dataclass(frozen=True)
class Trial:
    rule: PresenceRule
    measures: Measures
    distance: float  # root mean square of the misses of the other shares, in percentage points


@dataclass(frozen=True)
class Calibration:
    """How the presence rule was found."""

    rule: PresenceRule
    days: list[date]
    record: Measures
    trials: list[Trial]
    reached: bool  # the mean wait of the record is reproduced


def calibrate(
    plan: ReplayPlan,
    days: Sequence[date],
    imputer: Imputer,
    *,
    target_s: float,
    gaps_s: Sequence[float] = (120, 300, 600, 1200, math.inf),
    longest_s: float = 240.0,
    imputations: int = 2,
    answer_s: float = 0.0,
    step: Callable[[], None] | None = None,
) -> Calibration:
    """For each gap threshold the turnaround with which the centre's own rule gives the record's mean wait on these
    days, by bisection (the wait rises with it); of these the pair that also comes nearest to the record in the shares
    answered at once, answered in time and abandoned."""
    calls = plan.record.on(days)
    truth = Measures.of(calls["wait_s"], calls["served"], ~calls["served"], target_s)
    by_day = [(day, plan.record.on([day])) for day in days]

    def mean(rule: PresenceRule) -> Measures:
        total = Measures()
        compiled = plan.plan(rule.turnaround_s)
        for day, part in by_day:
            there = changes(part, rule, plan.numbers)
            for i in range(imputations):
                run = run_trace(compiled, plan.contacts(imputer, day, i)[0], there, answer_ns=round(answer_s * 1e9))
                gone = run.outcomes["exit"]
                served = (gone == 0) & (run.outcomes["agent"] != NOBODY)
                total = total + Measures.of(run.outcomes["wait_ns"] / 1e9, served, gone == Exit.ABANDONED, target_s)
        return total

    trials: list[Trial] = []
    reached = False
    for gap in gaps_s:
        low, high = 0.0, 8.0
        at_low = mean(PresenceRule(gap, low))
        best, best_rule = at_low, PresenceRule(gap, low)
        if at_low.mean_wait < truth.mean_wait:
            found = mean(PresenceRule(gap, high))
            while found.mean_wait < truth.mean_wait and high < longest_s:
                low, high = high, min(2 * high, longest_s)
                found = mean(PresenceRule(gap, high))
            best, best_rule = found, PresenceRule(gap, high)
            while high - low > 0.2 and found.mean_wait >= truth.mean_wait:
                middle = round((low + high) / 2, 1)
                if middle in (low, high):
                    break
                tried = mean(PresenceRule(gap, middle))
                if abs(tried.mean_wait - truth.mean_wait) < abs(best.mean_wait - truth.mean_wait):
                    best, best_rule = tried, PresenceRule(gap, middle)
                if tried.mean_wait < truth.mean_wait:
                    low = middle
                else:
                    high = middle
        misses = [
            100 * (getattr(best, key) - getattr(truth, key))
            for key in ("share_at_once", "service_level", "abandonment")
        ]
        trials.append(Trial(best_rule, best, math.sqrt(sum(m * m for m in misses) / len(misses))))
        if step is not None:
            step()

    def near(trial: Trial) -> bool:
        return abs(trial.measures.mean_wait - truth.mean_wait) <= 0.05 * max(truth.mean_wait, 1.0)

    good = [trial for trial in trials if near(trial)]
    reached = bool(good)
    if good:
        chosen = min(good, key=lambda trial: trial.distance)
    else:
        chosen = min(trials, key=lambda trial: abs(trial.measures.mean_wait - truth.mean_wait))
    return Calibration(chosen.rule, list(days), truth, trials, reached)


@dataclass(frozen=True)
class Difference:
    """A plan less the baseline, in one measure."""

    mean: float
    imputation: float  # half of Student's 95 % interval over the imputations, paired
    days: float  # the same over days, by the jackknife


def paired(plan: Replay, baseline: Replay, key: str) -> Difference:
    """The same customers under both plans. The intervals answer two questions: would other draws of what is missing
    have said the same, and would other days (jackknife over days of the ratio: leave one out, t with days - 1)."""
    each = np.array(plan.each(key)) - np.array(baseline.each(key))
    n = len(plan.days)
    days_half = math.nan
    if n > 1:
        whole = _pooled(plan, None, key) - _pooled(baseline, None, key)
        pseudo = [n * whole - (n - 1) * (_pooled(plan, day, key) - _pooled(baseline, day, key)) for day in plan.days]
        days_half = half_width(pseudo)
    return Difference(float(each.mean()), half_width(each), days_half)


def _pooled(run: Replay, without: date | None, key: str) -> float:
    total = Measures()
    for day, measures in run.by_day.items():
        if day == without:
            continue
        for one in measures:
            total = total + one
    return float(getattr(total, key))


def load_plan(path: Any) -> dict[str, Any]:
    """A plan file as a dict, so that agents can be added to it."""
    try:
        plan = Plan.load(path)
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from None
    data: dict[str, Any] = json.loads(plan.to_json())
    return data
