"""Is it Poisson? Tests of counts against a profile, and of the times within intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..times import duration_ns
from .busyness import group_means
from .errors import FitError, require
from .sample import checked
from .writing import plain

__all__ = ["DispersionTest", "PoissonTest", "dispersion_tests", "poisson_test"]

Floats = npt.NDArray[np.float64]

#: Expected counts in a cell at least, so that chi-square holds; neighbouring intervals are joined until they have it.
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class DispersionTest:
    """Sum of (observed - expected)^2 / expected against chi-square; ``index``: that over the degrees of freedom, 1 for Poisson
    counts."""

    name: str
    index: float
    statistic: float
    degrees: int
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        return {"index": plain(self.index), "degrees": self.degrees, "p_value": plain(self.p_value)}


def _test(name: str, statistic: float, degrees: int) -> DispersionTest:
    p_value = float(require("scipy.special").chdtrc(degrees, statistic))
    return DispersionTest(name, statistic / degrees, statistic, degrees, p_value)


def _joined(counts: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Neighbouring columns added up until the smallest mean of any day is large enough."""
    least, columns, sums = means.min(axis=0), [], 0.0
    start = 0
    for j, mean in enumerate(least):
        sums += float(mean)
        if sums >= _LEAST_EXPECTED:
            columns.append((start, j + 1))
            start, sums = j + 1, 0.0
    if columns and start < counts.shape[1]:
        columns[-1] = (columns[-1][0], counts.shape[1])  # what is left over goes to the last
    if not columns:
        columns = [(0, counts.shape[1])]
    edges = [begin for begin, _ in columns]
    return np.add.reduceat(counts, edges, axis=1), np.add.reduceat(means, edges, axis=1)


def dispersion_tests(counts: Floats, groups: npt.NDArray[np.int64]) -> dict[str, DispersionTest]:
    """Of counts (days x intervals) against the means of their group's days. Empty with no group of two days.

    ``"days"``: the totals of days, chi-square with days - groups degrees: rejected where days differ more than by chance.
    ``"within"``: the counts of each day given its total, against the common profile: a table's homogeneity, (days - groups) x
    (joined intervals - 1) degrees. Under a busyness factor of the whole day it holds whatever that factor is (negative
    multinomial counts given their total are multinomial); rejected where intervals vary for themselves.
    ``"intervals"``: both together.
    """
    degrees = len(counts) - len(np.unique(groups))
    if degrees < 1 or counts.sum() == 0:
        return {}
    means = group_means(counts, groups)
    total, expected = counts.sum(1), means.sum(1)
    known = expected > 0
    days = float(np.sum((total - expected)[known] ** 2 / expected[known]))
    answers = {"days": _test("days", days, degrees)}
    joined, joined_means = _joined(counts, means)
    columns = joined.shape[1]
    if columns > 1:
        share = np.divide(joined_means, expected[:, None], out=np.zeros_like(joined_means), where=expected[:, None] > 0)
        given = share * total[:, None]
        cells = given > 0
        within = float(np.sum((joined - given)[cells] ** 2 / given[cells]))
        answers["within"] = _test("within", within, degrees * (columns - 1))
    cells = joined_means > 0
    every = float(np.sum((joined - joined_means)[cells] ** 2 / joined_means[cells]))
    answers["intervals"] = _test("intervals", every, degrees * columns)
    return answers


@dataclass(frozen=True)
class PoissonTest:
    """Kolmogorov-Smirnov of what would be standard exponential; ``count``: arrivals used."""

    statistic: float
    p_value: float
    count: int


def poisson_test(times_s: npt.ArrayLike, interval: Any = "6m", *, resolution_s: float = 0.0, seed: int = 1) -> PoissonTest:
    """Are these arrivals Poisson with a rate that is constant within each interval, whatever the rates are?

    With arrivals T_1 < ... < T_J in an interval of length L and T_0 = 0, (J + 1 - j) (-log((L - T_j) / (L - T_j-1))) are
    independent standard exponential given J (Brown et al., JASA 100, 2005, section 3). ``times_s``: seconds from any origin at
    which an interval begins. ``resolution_s``: of the record, such as 1: a uniform of that width is added, or ties would look
    like crowds (Kim and Whitt, M&SOM 16, 2014). It judges crowds within intervals, not days that differ.
    """
    times = checked(times_s, "times_s")
    length = duration_ns(interval) / 1e9
    if length <= 0 or not 0 <= resolution_s < length:
        raise FitError("write an interval above 0 and a resolution from 0 to below it")
    if resolution_s > 0:
        times = times + np.random.default_rng(seed).uniform(0, resolution_s, len(times))
    times = np.sort(times)
    if len(times) < 2:
        raise FitError(f"times_s: {len(times)} arrivals; at least 2 are needed, and some hundreds to judge by")
    number = np.floor(times / length)
    within = times - number * length
    first = np.concatenate([[True], number[1:] != number[:-1]])
    starts = np.flatnonzero(first)
    many = np.diff(np.concatenate([starts, [len(times)]]))
    position = np.arange(len(times)) - np.repeat(starts, many)  # from 0, so J + 1 - j is many - position
    before = np.where(first, 0.0, np.concatenate([[0.0], within[:-1]]))
    left = np.maximum(length - within, 1e-12)
    values = (np.repeat(many, many) - position) * np.log((length - before) / left)
    found = require("scipy.stats").kstest(values, "expon")
    return PoissonTest(float(found.statistic), float(found.pvalue), len(times))
