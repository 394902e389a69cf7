"""Busyness: arrivals that vary more than Poisson's, as a gamma factor of mean 1 on the rates, for a day or for each interval of
it.

Whitt (Operations Research Letters 24, 1999) and Avramidis, Deslauriers and L'Ecuyer (Management Science 50, 2004) have one
factor for the whole day, under which the counts of a day are negative multinomial; Channouf and L'Ecuyer (International
Transactions in OR 19, 2012) and Oreshkin, Regnard and L'Ecuyer (Operations Research 64, 2016) one for each interval, correlated
by a normal copula.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import FitError, require
from .writing import finite, plain

__all__ = ["Correlation", "ShapeEstimate", "copula_correlation", "estimate_correlation", "estimate_shape", "gamma_correlation"]

Floats = npt.NDArray[np.float64]

#: Shapes beyond this cannot be told from no busyness at all: a deviation of 1 % of the rates.
LARGEST_SHAPE = 10_000.0
_LEAST_SHAPE = 0.01
_TERMS = 40


@dataclass(frozen=True)
class ShapeEstimate:
    """Shape of the gamma factor (variance of the factor: 1 / shape), infinite where the counts do not vary more than
    Poisson's."""

    moments: float
    likelihood: float
    #: Standard error of ``likelihood``, by days; NaN where that is infinite.
    error: float
    log_likelihood: float
    #: Of the same counts without the factor.
    poisson_log_likelihood: float

    def to_dict(self) -> dict[str, float | None]:
        return {
            "shape_moments": finite(self.moments),
            "shape_likelihood": finite(self.likelihood),
            "shape_error": finite(self.error),
            "log_likelihood": plain(self.log_likelihood),
            "poisson_log_likelihood": plain(self.poisson_log_likelihood),
        }


@dataclass(frozen=True)
class Correlation:
    """Of busyness factors of consecutive intervals."""

    #: Of the factors themselves, with the Poisson noise taken out; at most 1 and at least -1.
    factors: float
    #: Of the normals of the copula that give this.
    normals: float
    #: Standard error of ``normals`` by the jackknife over days; NaN with fewer than 3 days.
    error: float
    #: Of factors 1, 2, ... intervals apart, as estimated ...
    by_lag: tuple[float, ...]
    #: ... and as the autoregression of ``normals`` has them.
    implied_by_lag: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "factors": plain(self.factors),
            "normals": plain(self.normals),
            "error": finite(self.error),
            "by_lag": [plain(value) for value in self.by_lag],
            "implied_by_lag": [plain(value) for value in self.implied_by_lag],
        }


def group_means(counts: Floats, groups: npt.NDArray[np.int64]) -> Floats:
    """Per row (day) the mean over the days of its group, column by column."""
    number = int(groups.max()) + 1
    sums = np.zeros((number, counts.shape[1]))
    np.add.at(sums, groups, counts)
    means: Floats = (sums / np.bincount(groups, minlength=number)[:, None])[groups]
    return means


def _unbiased(groups: npt.NDArray[np.int64]) -> Floats:
    """D / (D - 1) for each day of a group with D days (0 where D is 1: one day tells nothing of variation)."""
    sizes = np.bincount(groups)[groups].astype(np.float64)
    return np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 0.0)


def factor_variance(counts: Floats, groups: npt.NDArray[np.int64]) -> float:
    """Var B by moments: (sum of (X - m)^2 D / (D - 1) - m) / (sum of m^2) over the days of groups with two or more; may be
    negative.

    From Var X = m + m^2 Var B.
    """
    means, weight = group_means(counts, groups), _unbiased(groups)[:, None]
    known = weight > 0
    above = float(np.sum(np.where(known, (counts - means) ** 2 * weight - means, 0.0)))
    below = float(np.sum(np.where(known, means**2, 0.0)))
    return above / below if below > 0 else 0.0


def estimate_shape(counts: Floats, groups: npt.NDArray[np.int64]) -> ShapeEstimate:
    """By moments and by maximum likelihood, from counts (days x columns), each column of each day with a gamma factor of its
    own.

    With the totals of days as the only column this is the maximum of the negative multinomial of the whole day: its likelihood
    falls apart into that of the day's total, negative binomial with mean M, and that of the profile, and the profile's maximum
    is the mean of each interval whatever the shape. With several columns the factors are taken as independent (a composite
    likelihood where they are not); the error allows for their dependence within a day, by the sandwich (Godambe 1960) over
    days.
    """
    special, optimize = require("scipy.special"), require("scipy.optimize")
    means = group_means(counts, groups)
    day, column = np.nonzero(means > 0)
    x, m = counts[day, column], means[day, column]
    variance = factor_variance(counts, groups)
    moments = 1 / variance if variance > 1 / LARGEST_SHAPE else math.inf
    poisson = float(np.sum(special.xlogy(x, m) - m - special.gammaln(x + 1)))

    def score(shape: float) -> Floats:
        result: Floats = special.psi(shape + x) - special.psi(shape) + np.log(shape / (shape + m)) + (m - x) / (shape + m)
        return result

    # The likelihood rises for ever where the slope in 1 / shape at 0, half the sum of (X - m)^2 - X, is not above 0; otherwise
    # its maximum is where the slope in the shape goes from above to below.
    low, high = _LEAST_SHAPE, LARGEST_SHAPE
    if float(np.sum((x - m) ** 2 - x)) <= 0 or float(score(high).sum()) > 0:
        return ShapeEstimate(moments, math.inf, math.nan, poisson, poisson)
    if float(score(low).sum()) < 0:
        raise FitError(
            f"counts vary so much that the shape is below {_LEAST_SHAPE}; are these days of one kind? Give groups, or fewer "
            "kinds of days"
        )
    shape = math.exp(optimize.brentq(lambda log_shape: float(score(math.exp(log_shape)).sum()), math.log(low), math.log(high)))
    slope = special.polygamma(1, shape + x) - special.polygamma(1, shape) + 1 / shape
    slope -= 1 / (shape + m) + (m - x) / (shape + m) ** 2
    by_day = np.bincount(day, weights=score(shape), minlength=len(counts))
    information = -float(np.sum(slope))
    error = math.sqrt(float(np.sum(by_day**2))) / information if counts.shape[1] > 1 else 1 / math.sqrt(information)
    value = special.gammaln(shape + x) - special.gammaln(shape) - special.gammaln(x + 1) + shape * np.log(shape / (shape + m))
    likelihood = float(np.sum(value + special.xlogy(x, m / (shape + m))))
    return ShapeEstimate(moments, shape, error, likelihood, poisson)


@functools.cache
def _nodes() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(160)
    return nodes, weights / weights.sum()


@functools.lru_cache(64)
def _hermite(shape: float) -> Floats:
    """c_k^2 / k!, k = 0 (of which it is 0), 1, 2, ...: the share of each order of normals in the variance of the gamma
    factor."""
    special = require("scipy.special")
    nodes, weights = _nodes()
    below, above = special.ndtr(np.minimum(nodes, 0)), special.ndtr(-np.maximum(nodes, 0))
    factor = np.where(nodes < 0, special.gammaincinv(shape, below), special.gammainccinv(shape, above)) / shape
    before, now = np.ones_like(nodes), nodes.copy()  # He_k / sqrt(k!)
    squares = [0.0]
    for k in range(1, _TERMS + 1):
        squares.append(float(weights @ (factor * now)) ** 2)
        before, now = now, (nodes * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    shares = np.array(squares)
    result: Floats = shares / shares.sum()
    return result


def gamma_correlation(shape: float, normals: float) -> float:
    """Correlation of two gamma factors of this shape, made of normals with this correlation by inversion: by Mehler's expansion
    the sum of c_k^2 / k! normals^k over the variance, c_k being the factor's coefficients in Hermite polynomials (NORTA; Cario
    and Nelson 1997)."""
    return float(np.polynomial.polynomial.polyval(normals, _hermite(shape)))


def copula_correlation(shape: float, factors: float) -> float:
    """The normals' correlation that gives the factors this one. Within what is possible: gamma factors cannot be -1
    correlated."""
    if factors >= 1:
        return 1.0
    if factors <= gamma_correlation(shape, -1.0):
        return -1.0
    return float(require("scipy.optimize").brentq(lambda r: gamma_correlation(shape, r) - factors, -1.0, 1.0))


def _correlations(counts: Floats, groups: npt.NDArray[np.int64], lag: int) -> Floats:
    """Of factors so many columns apart: with all days, then with each day left out; 0 where they do not vary beyond Poisson.

    From sums alone: the sum of the products of rests over a group of D days is the sum of the products less that of (sum X)(sum
    X') / D.
    """
    rows = len(counts)
    every = np.zeros((4, rows + 1))  # products of rests, their m m', rests squared less m, their m^2
    for g in range(int(groups.max()) + 1):
        own = np.flatnonzero(groups == g)
        x = np.vstack([np.zeros(counts.shape[1]), counts[own]])
        sums, many = x.sum(0) - x, len(own) - (np.arange(len(x)) > 0).astype(np.float64)
        product = np.sum(x[:, lag:] * x[:, :-lag], axis=1)
        square = np.sum(x**2, axis=1)
        terms = np.zeros((4, len(x)))
        known = many > 1
        days = np.maximum(many, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            both, alone = np.sum(sums[:, lag:] * sums[:, :-lag], axis=1) / days, np.sum(sums**2, axis=1) / days
            unbiased = many / (many - 1)
            terms[0] = (product.sum() - product - both) * unbiased
            terms[1] = both
            terms[2] = (square.sum() - square - alone) * unbiased - sums.sum(1)
            terms[3] = alone
        terms[:, ~known] = 0.0
        every += terms[:, :1]
        every[:, own + 1] += terms[:, 1:] - terms[:, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        result = every[0] / every[1] / (every[2] / every[3])
    return np.where(np.isfinite(result) & (every[2] > 0), np.clip(result, -1.0, 1.0), 0.0)


def estimate_correlation(counts: Floats, groups: npt.NDArray[np.int64], shape: float, *, lags: int = 6) -> Correlation:
    """From counts (days x intervals): Cov(X_j, X_j+1) = m_j m_j+1 Cov(B_j, B_j+1), for the noise of two intervals is
    independent given the factors; so the sum of the products of the rests over the sum of m_j m_j+1, over Var B, is the
    factors' correlation (dividing by the variance of the counts instead would hide it under the noise). The copula's is found
    from that by inverting Mehler's expansion.
    """
    if counts.shape[1] < 2:
        raise FitError(
            "one interval a day has no neighbour to be correlated with; write busyness for the day, or shorter intervals"
        )

    lagged = [_correlations(counts, groups, lag) for lag in range(1, min(lags, counts.shape[1] - 1) + 1)]
    by_lag = tuple(float(one[0]) for one in lagged)
    normals = copula_correlation(shape, by_lag[0])
    days = len(counts)
    error = math.nan
    if days >= 3:
        grid = np.linspace(-1, 1, 2001)
        jackknife = np.interp(lagged[0][1:], np.polynomial.polynomial.polyval(grid, _hermite(shape)), grid)
        error = math.sqrt((days - 1) / days * float(np.sum((jackknife - jackknife.mean()) ** 2)))
    implied = tuple(gamma_correlation(shape, normals**lag) for lag in range(1, len(by_lag) + 1))
    return Correlation(by_lag[0], normals, error, by_lag, implied)
