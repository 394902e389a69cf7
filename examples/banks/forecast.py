"""Forecasts of a bank's day, hour by hour and priority by priority: by simulation, by history, by Erlang A."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from bank import BankModel, Given
from koble.staffing import erlang_a
from koble.world import NOBODY
from staff import OPEN, Roster, staff_by_hour

__all__ = ["FIGURES", "GROUPS", "erlang", "observed", "simulated", "tabulate"]

Floats = npt.NDArray[np.float64]

#: What is forecast, of an hour's calls: those who joined in it (docs/studies.md).
FIGURES = ("calls", "mean_wait_s", "p_abandon", "p_served_within_20s")
GROUPS = ("regular", "high", "all")
_WITHIN_S = 20.0


def tabulate(hour: npt.ArrayLike, high: npt.ArrayLike, wait_s: npt.ArrayLike, served: npt.ArrayLike) -> Floats:
    """One day's calls as figures, shape (hours, groups, figures); NaN where an hour has no call of a group."""
    at, priority = np.asarray(hour, np.int64) - OPEN.start, np.asarray(high, bool).astype(np.int64)
    wait, answered = np.asarray(wait_s, np.float64), np.asarray(served, bool)
    inside = (at >= 0) & (at < len(OPEN))
    cell = 2 * at[inside] + priority[inside]
    wait, answered = wait[inside], answered[inside]
    columns = (np.ones(len(wait)), wait, ~answered, answered & (wait <= _WITHIN_S))
    sums = np.stack([np.bincount(cell, column, 2 * len(OPEN)).reshape(-1, 2) for column in columns], axis=2)
    sums = np.concatenate([sums, sums.sum(axis=1, keepdims=True)], axis=1)
    calls = sums[:, :, :1]
    shares = np.divide(sums[:, :, 1:], calls, out=np.full_like(sums[:, :, 1:], np.nan), where=calls > 0)
    return np.concatenate([calls, shares], axis=2)


def observed(calls: pd.DataFrame, days: Sequence[date]) -> Floats:
    """The record's days, shape (days, hours, groups, figures)."""
    found = []
    for day in days:
        own = calls[calls["day"] == day]
        found.append(tabulate(own["hour"], own["priority"] == "high", own["wait_s"], own["served"]))
    return np.stack(found)


def simulated(model: BankModel, rosters: Sequence[Roster], members: int, seed: int, given: Given | None = None) -> Floats:
    """One day so many times, with the rosters in turn: shape (members, hours, groups, figures)."""
    found = []
    for member in range(members):
        study = model.study(rosters[member % len(rosters)], seed + member, given)
        records = study.records(0)
        high = np.array([stream.name.endswith("-high") for stream in study.streams])
        found.append(
            tabulate(
                records["arrival_ns"] // 3_600_000_000_000,
                high[records["stream"].astype(np.int64)],
                records["wait_ns"] / 1e9,
                records["agent"] != NOBODY,
            )
        )
    return _filled(np.stack(found))


def erlang(model: BankModel, rosters: Sequence[Roster], members: int, seed: int) -> Floats:
    """Erlang A of each hour by itself, as simulated: the day's busyness is drawn, the figures are the steady state's means.

    Service is the mean service and the mean pause after it, patience exponential. It knows no priorities: both have the same
    waits. Between whole numbers of agents it is interpolated.
    """
    rates = np.zeros((2, len(OPEN)))
    for stream in model.streams:
        by_hour = np.array(stream["arrivals"]["rates"]).reshape(-1, 2).mean(axis=1)
        rates[int(str(stream["name"]).endswith("-high"))] += by_hour[OPEN.start : OPEN.stop]
    busy_s, patience_s = model.mean_service_s + model.presence.mean_pause_s, model.mean_patience_s
    staff = [staff_by_hour(roster) for roster in rosters]
    rng = np.random.default_rng([seed, 3])
    found = np.empty((members, len(OPEN), len(GROUPS), len(FIGURES)))
    for member in range(members):
        factors = model.factors(seed + member).reshape(-1, 2).mean(axis=1)[OPEN.start : OPEN.stop]
        drawn = rates * factors
        calls = rng.poisson(drawn)
        found[member, :, :2, 0], found[member, :, 2, 0] = calls.T, calls.sum(axis=0)
        there = staff[member % len(staff)]
        for h in range(len(OPEN)):
            found[member, h, :, 1:] = _between(float(there[h]), float(drawn[:, h].sum()), busy_s, patience_s)
    return found


def _between(agents: float, rate_per_hour: float, busy_s: float, patience_s: float) -> Floats:
    below = max(int(agents), 1)
    part = min(max(agents - below, 0.0), 1.0)
    rate = max(2 * round(rate_per_hour / 2), 2)  # in steps of two calls an hour, so that few are worked out
    low, high = (np.array(_steady(n, rate, busy_s, patience_s)) for n in (below, below + 1))
    found: Floats = low + part * (high - low)
    return found


@lru_cache(maxsize=None)
def _steady(agents: int, rate_per_hour: int, busy_s: float, patience_s: float) -> tuple[float, float, float]:
    made = erlang_a(agents, rate_per_hour, busy_s, patience_s)
    return made.mean_wait_s, made.p_abandon, made.p_served_within(_WITHIN_S)


def _filled(members: Floats) -> Floats:
    """Where a simulated hour has no call of a group, its shares are those of the other members' median."""
    middle = np.nanmedian(members, axis=0, keepdims=True)
    return np.where(np.isnan(members), np.nan_to_num(middle), members)
