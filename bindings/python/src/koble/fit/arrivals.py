"""Arrivals: counts by day and interval, a profile of rates, and how much days and intervals vary beyond Poisson."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..times import duration_ns
from .busyness import Correlation, ShapeEstimate, estimate_correlation, estimate_shape, group_means
from .dispersion import DispersionTest, dispersion_tests
from .errors import FitError, require
from .streams import Arrivals, Busyness
from .writing import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ArrivalFit", "DayCounts", "count_arrivals", "fit_arrivals"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY_NS = 86_400_000_000_000
HOUR_NS = 3_600_000_000_000
#: A test says that something varies where its p value is below this.
SIGNIFICANCE = 0.01
#: An autoregression needs less than 1, and so does a study.
LARGEST_CORRELATION = 0.9999


@dataclass(frozen=True)
class DayCounts:
    """``counts``: days x intervals; ``days``: numbers of days since the origin of the times (1970 for dates)."""

    counts: Ints
    days: Ints
    interval_ns: int
    begin_ns: int
    #: Arrivals of these days before or after the hours that are counted.
    outside: int

    @property
    def weekdays(self) -> Ints:
        """0 for Monday to 6 for Sunday, where the days are numbered from 1970 (a Thursday)."""
        return (self.days + 3) % 7


def count_arrivals(
    arrival_ns: npt.ArrayLike,
    interval: Any = "30m",
    *,
    begin: Any = "0h",
    end: Any = "24h",
    days: npt.ArrayLike | None = None,
) -> DayCounts:
    """Counts by day and interval. ``arrival_ns``: whole nanoseconds (or datetime64) of local time; ``begin`` and ``end``: hours
    of the day that count, so many whole intervals apart; ``days``: numbers of days since the origin (or datetime64), each once,
    days without arrivals included. Without ``days``: those with any arrival, which leaves out those on which the centre was
    closed."""
    raw = np.asarray(arrival_ns)
    if raw.dtype.kind == "M":
        raw = raw.astype("datetime64[ns]").astype(np.int64)
    if raw.dtype.kind not in "iu" or raw.ndim != 1:
        raise FitError(f"arrival_ns: write whole nanoseconds or datetime64 in one dimension, not {raw.dtype}")
    times = raw.astype(np.int64)
    step, start, stop = duration_ns(interval), duration_ns(begin), duration_ns(end)
    if not (0 <= start < stop <= DAY_NS and step > 0 and (stop - start) % step == 0):
        raise FitError(
            f"from {begin!r} to {end!r} is not a whole number of intervals of {interval!r} within a day; write, for example, "
            'begin="7h", end="24h", interval="30m"'
        )
    number = times // DAY_NS
    if days is None:
        chosen = np.unique(number)
    else:
        listed = np.asarray(days)
        if listed.dtype.kind == "M":
            listed = listed.astype("datetime64[D]").astype(np.int64)
        chosen = np.unique(listed.astype(np.int64))
        if len(chosen) != len(listed):
            raise FitError("days: a day is given twice; write each once")
    if not len(chosen):
        raise FitError("there are no days; give at least one arrival or day")
    place = np.searchsorted(chosen, number)
    known = (place < len(chosen)) & (chosen[np.minimum(place, len(chosen) - 1)] == number)
    column = (times - number * DAY_NS - start) // step
    columns = (stop - start) // step
    inside = known & (column >= 0) & (column < columns)
    counts = np.zeros((len(chosen), columns), np.int64)
    np.add.at(counts, (place[inside], column[inside]), 1)
    return DayCounts(counts, chosen.astype(np.int64), step, start, int(np.count_nonzero(known & ~inside)))


@dataclass(frozen=True)
class ArrivalFit:
    """Rates by group of days and what varies about them."""

    interval_ns: int
    #: Group of days -> rates per hour of each interval.
    rates_per_hour: dict[str, Floats]
    #: Group -> how many days.
    days: dict[str, int]
    #: Standard errors of the rates, with the variation between days in them; NaN with one day.
    rate_errors: dict[str, Floats]
    busyness: Busyness | None
    #: Shape of one factor for each day, and of one for each interval; None with fewer than two days of any group.
    day: ShapeEstimate | None
    intervals: ShapeEstimate | None
    correlation: Correlation | None
    tests: dict[str, DispersionTest] = field(default_factory=dict)

    def arrivals(self, group: str | None = None) -> Arrivals:
        """As a study takes them; ``group`` may be left out where there is one."""
        if group is None and len(self.rates_per_hour) == 1:
            group = next(iter(self.rates_per_hour))
        if group not in self.rates_per_hour:
            raise FitError(f"the group of days is {group!r}; write one of {', '.join(self.rates_per_hour)}")
        return Arrivals(tuple(float(rate) for rate in self.rates_per_hour[group]), self.interval_ns, self.busyness)

    def frame(self) -> pd.DataFrame:
        """A row a group and interval: ``group``, ``begin_s`` (from the first interval), ``rate_per_hour``, ``error``."""
        pandas = require("pandas")
        parts = [
            pandas.DataFrame(
                {
                    "group": group,
                    "begin_s": np.arange(len(rates)) * (self.interval_ns / 1e9),
                    "rate_per_hour": rates,
                    "error": self.rate_errors[group],
                }
            )
            for group, rates in self.rates_per_hour.items()
        ]
        frame: pd.DataFrame = pandas.concat(parts, ignore_index=True)
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Diagnostics for JSON."""
        hours = self.interval_ns / HOUR_NS
        return {
            "days": dict(self.days),
            "mean_a_day": {group: plain(float(rates.sum()) * hours) for group, rates in self.rates_per_hour.items()},
            "tests": {name: test.to_dict() for name, test in self.tests.items()},
            "day": None if self.day is None else self.day.to_dict(),
            "intervals": None if self.intervals is None else self.intervals.to_dict(),
            "correlation": None if self.correlation is None else self.correlation.to_dict(),
        }


def _checked_counts(counts: npt.ArrayLike) -> Floats:
    table = np.asarray(counts)
    if table.ndim != 2 or 0 in table.shape or table.dtype.kind not in "iuf":
        raise FitError(f"counts: write a matrix of days x intervals, at least 1 x 1, not {table.dtype} of shape {table.shape}")
    values = table.astype(np.float64)
    wrong = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if wrong.any():
        day, interval = (int(i[0]) for i in np.nonzero(wrong))
        raise FitError(
            f"counts: {values[day, interval]:g} on day {day} in interval {interval}; write whole numbers from 0, and leave "
            "out a day whose record has a gap"
        )
    if values.sum() == 0:
        raise FitError("counts: nothing ever arrived; leave this stream out")
    return values


def fit_arrivals(
    counts: npt.ArrayLike,
    interval: Any = "30m",
    *,
    groups: Sequence[Any] | None = None,
    busyness: str = "auto",
    every: Any = None,
) -> ArrivalFit:
    """From counts (days x intervals): a rate for each interval, and the busyness factor.

    ``groups``: per day what kind of day it is (a weekday, say); each has its own profile, and all share the factor.
    ``busyness``: "none", "day" (one factor for the day), "interval" (one for each, with the correlation of consecutive ones) or
    "auto": none where neither the totals of days nor the counts within them vary beyond Poisson at 1 %; one for the day where
    the counts within days do not; else one for each interval. ``every``: the intervals of the factor, a whole number of
    ``interval``, which is the default; longer ones for counts so small that noise hides the factor.
    """
    values = _checked_counts(counts)
    step = duration_ns(interval)
    if step <= 0:
        raise FitError(f"interval is {interval!r}; write a duration above 0")
    if busyness not in ("auto", "none", "day", "interval"):
        raise FitError(f"busyness is {busyness!r}; write auto, none, day or interval")
    labels = ["all"] * len(values) if groups is None else [str(group) for group in groups]
    if len(labels) != len(values):
        raise FitError(f"groups: {len(labels)} labels for {len(values)} days; write one for each day")
    names, number = np.unique(labels, return_inverse=True)
    number = number.astype(np.int64)
    block = step if every is None else duration_ns(every)
    if block <= 0 or block % step or (values.shape[1] * step) % block:
        raise FitError(
            f"every is {every!r}; write a whole number of intervals of {interval!r} that divides the day's {values.shape[1]}"
        )
    blocks = values.reshape(len(values), -1, block // step).sum(2)

    means = group_means(values, number)
    hours = step / HOUR_NS
    rates, errors, days = {}, {}, {}
    for g, name in enumerate(names):
        own = number == g
        count = int(own.sum())
        rates[str(name)] = means[own][0] / hours
        deviation = values[own].std(axis=0, ddof=1) if count > 1 else np.full(values.shape[1], math.nan)
        errors[str(name)], days[str(name)] = deviation / math.sqrt(count) / hours, count

    tests = dispersion_tests(values, number)
    if not tests:
        if busyness in ("day", "interval"):
            raise FitError("busyness needs at least two days of one group; give more days, or write busyness='none'")
        return ArrivalFit(step, rates, days, errors, None, None, None, None)
    day = estimate_shape(values.sum(1, keepdims=True), number)
    single = estimate_shape(blocks, number)
    correlation = None
    if blocks.shape[1] > 1 and math.isfinite(single.likelihood):
        correlation = estimate_correlation(blocks, number, single.likelihood)
    chosen = _choose(busyness, tests, day, single, correlation, block)
    return ArrivalFit(step, rates, days, errors, chosen, day, single, correlation, tests)


def _choose(
    asked: str,
    tests: dict[str, DispersionTest],
    day: ShapeEstimate,
    single: ShapeEstimate,
    correlation: Correlation | None,
    every_ns: int,
) -> Busyness | None:
    """The factor asked for; None where its shape is infinite, for then it is Poisson."""
    if asked == "auto":
        varies = {name: test.p_value < SIGNIFICANCE for name, test in tests.items()}
        if varies.get("within", False) and math.isfinite(single.likelihood):
            asked = "interval"
        else:
            asked = "day" if varies["days"] else "none"
    if asked == "day" and math.isfinite(day.likelihood):
        return Busyness(day.likelihood)
    if asked == "interval" and math.isfinite(single.likelihood):
        normals = 0.0 if correlation is None else min(max(correlation.normals, -LARGEST_CORRELATION), LARGEST_CORRELATION)
        return Busyness(single.likelihood, every_ns, normals)
    return None
