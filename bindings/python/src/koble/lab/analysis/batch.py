"""One long run: where its beginning is cut off, and batch means of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..estimate import Estimate, ratio
from .sample import Floats, as_sample, as_values, check_confidence, check_whole, residuals, special

__all__ = ["SteadyState", "Truncation", "batch_means", "mser", "von_neumann"]

#: The interval's batches are so many of the batches that were tested.
_JOINED = 4


@dataclass(frozen=True)
class Truncation:
    """Where a series' beginning ends."""

    #: Observations to be cut off from the front.
    dropped: int
    #: False where the best place is in the second half: the series is too short to say where its beginning ends.
    found: bool
    #: The statistic for a cut in front of each group, in the observations' unit squared; NaN where too little would be left.
    statistic: Floats


@dataclass(frozen=True)
class SteadyState:
    """A figure in the long run, from one run."""

    #: Its ``replications`` are batches.
    estimate: Estimate
    #: Observations cut off from the front: the beginning, and what was left over by the batches.
    truncated: int
    batches: int
    #: Observations a batch.
    batch_size: int
    #: Correlation of neighbouring batches, of those that the interval is made of.
    lag1: float
    #: Of the von Neumann test of the smaller batches that were tested last: small where neighbours are alike.
    p_value: float
    #: What makes the interval doubtful; empty where nothing does.
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems


def mser(series: Any, group: int = 5) -> Truncation:
    """Where the initial transient of ``series`` (observations in order of time, one dimension, at least 10 groups) ends: MSER-5
    with the default ``group``.

    Of means Z of every ``group`` observations, that cut d is taken which makes sum over j > d of (Z[j] - mean)^2 / (k - d)^2
    least: the squared standard error of the mean of what is left, if it were independent (White, "An effective truncation
    heuristic for bias reduction in simulation output", Simulation 69, 1997; by fives: White, Cobb and Spratt, "A comparison of
    five steady-state truncation heuristics for simulation", WSC 2000). The last 5 groups are never left alone, for a few like
    values would win (Hoad, Robinson and Davies, "Automating warm-up length estimation", JORS 61, 2010).

    :raises ArgumentError: where there are fewer than 10 groups.
    """
    values = as_values(series, "series")
    group = check_whole(group, "group", 1, "such as 5")
    count = len(values) // group
    if count < 10:
        raise ArgumentError(f"series: has {len(values)} observations; at least {10 * group} are needed to find its beginning")
    means = values[: count * group].reshape(count, group).mean(axis=1)
    means -= np.median(means)  # so that sums of squares do not lose what differences are made of
    left = np.arange(count, 0, -1.0)
    sums = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum((means**2)[::-1])[::-1]
    statistic = np.maximum(squares - sums**2 / left, 0) / left**2
    statistic[count - 4 :] = np.nan
    cut = int(np.nanargmin(statistic))
    return Truncation(cut * group, 2 * cut <= count, statistic)


def von_neumann(values: Any) -> tuple[float, float]:
    """Correlation of neighbours, and the one-sided p value of von Neumann's test that there is none, against a positive one.

    C = 1 - sum (x[i] - x[i+1])^2 / (2 sum (x[i] - mean)^2) has mean 0 and variance (b - 2)/(b^2 - 1) for b independent normal
    values, and is nearly normal from b = 8 on (von Neumann 1941; Fishman, "Grouping observations in digital simulation",
    Management Science 24, 1978). Values that are all alike have correlation 0 and p value 1.

    :raises ArgumentError: where there are fewer than 8 values.
    """
    means = as_sample(values, "values", 8)[0]
    count = len(means)
    around = means - means.mean()
    total = float(around @ around)
    # Residuals of a constant figure are rounding only.
    if total <= count * (1e-13 * float(np.abs(means).max())) ** 2:
        return 0.0, 1.0
    lag1 = float(around[:-1] @ around[1:]) / total
    statistic = 1 - float(np.sum(np.diff(means) ** 2)) / (2 * total)
    return lag1, float(special().ndtr(-statistic / ((count - 2) / (count**2 - 1)) ** 0.5))


def batch_means(
    numerators: Any,
    denominators: Any = None,
    *,
    confidence: float = 0.95,
    truncate: bool | int = True,
    batches: int = 20,
    significance: float = 0.1,
) -> SteadyState:
    """The mean in the long run, or the ratio of two, from one series of observations in order of time.

    ``denominators``: None for a mean (say, of waits); for a ratio one for each numerator (sums of waits and numbers of contacts
    of every minute). ``truncate``: True for :func:`mser`, False for nothing, or how many observations; of a ratio MSER-5 looks
    at numerator - ratio x denominator, the ratio being that of the second half. ``batches``: the interval is made of at least
    so many.

    The rule: batches of 1, 2, 4, ... observations are tried while there are at least 4 x ``batches`` of them, until
    :func:`von_neumann` no longer rejects at ``significance`` that they are uncorrelated (as Fishman and Yarberry, "An
    implementation of the batch means method", INFORMS J. on Computing 9, 1997, their rule LBATCH). The interval is made of
    batches four times as long, since a test that did not reject proves little: what correlation it overlooked is about a
    quarter of itself then (as Law and Carson 1979 test small batches and use large ones). Where no size passes, the longest
    batches of which there are ``batches`` are used, and ``problems`` says so. What the batches leave over is cut off from the
    front. A ratio's interval is the delta method's over batches (:func:`koble.lab.estimate.ratio`).

    :raises ArgumentError: where fewer than ``batches`` observations would be left.
    """
    confidence = check_confidence(confidence)
    batches = check_whole(batches, "batches", 20, "for fewer do not show whether they are correlated")
    if not 0 < significance < 1:
        raise ArgumentError(f"significance: is {significance!r}; write a share between 0 and 1, such as 0.1")
    above, below = as_sample(numerators if denominators is None else (numerators, denominators), "series", batches)
    problems = []
    dropped, found = _cut(above, below, truncate, batches)
    if not found:
        problems.append("the beginning has no end within the first half: carry out a longer run, or cut by hand with truncate")
    above, below = above[dropped:], below[dropped:]

    size, passed, p_value = 1, False, float("nan")
    while len(above) // size >= _JOINED * batches and not passed:
        p_value = von_neumann(_linear(above, below, size))[1]
        passed = p_value >= significance
        size *= 2
    size = size // 2 * _JOINED if passed else max(len(above) // batches, 1)
    if not passed:
        problems.append(
            f"the run is too short: no batches pass the test for correlation while there are at least {_JOINED * batches} of "
            "them, and the interval may be too narrow; carry out a run several times as long"
        )
    sums_above, sums_below = _sums(above, size), _sums(below, size)
    lag1 = von_neumann(_linear(above, below, size))[0]
    count = len(sums_above)
    estimate = ratio(sums_above, sums_below, confidence)
    return SteadyState(estimate, dropped + len(above) - count * size, count, size, lag1, p_value, tuple(problems))


def _cut(above: Floats, below: Floats, truncate: bool | int, batches: int) -> tuple[int, bool]:
    """How many observations go, and whether that is where the beginning ends."""
    if truncate is True:
        half = len(above) // 2
        denominator = float(below[half:].sum())
        truncation = mser(above - (float(above[half:].sum()) / denominator if denominator else 0.0) * below)
        dropped, found = truncation.dropped, truncation.found
    elif truncate is False:
        dropped, found = 0, True
    else:
        dropped, found = check_whole(truncate, "truncate", 0, "of observations to be cut off, or True or False"), True
    if len(above) - dropped < batches:
        raise ArgumentError(
            f"series: {len(above) - dropped} of {len(above)} observations are left behind the cut, and {batches} batches need "
            "one each; carry out a longer run"
        )
    return dropped, found


def _sums(values: Floats, size: int) -> Floats:
    """Sums of batches of ``size``, up to the end; the front is left over."""
    count = len(values) // size
    sums: Floats = values[len(values) - count * size :].reshape(count, size).sum(axis=1)
    return sums


def _linear(above: Floats, below: Floats, size: int) -> Floats:
    """What is tested for correlation: batch means, or of a ratio its residuals."""
    if np.all(below == below[0]):
        return _sums(above, size)
    value, around = residuals((_sums(above, size), _sums(below, size)))
    # Of a ratio that never varies rounding is left, and of denominators that are all 0 nothing at all.
    return around if np.abs(around).max() > 1e-12 * abs(value) else np.zeros(len(around))
