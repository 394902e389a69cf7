"""Days as they may turn out, not only their mean: quantiles, the chance to meet a target, and how good a forecast of such days
is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..estimate import Estimate
from .sample import Floats, as_sample, as_values, check_confidence, check_whole, special, student

__all__ = ["Quantile", "chance", "coverage", "crps", "days", "mean_score", "pinball", "proportion", "quantile"]


@dataclass(frozen=True)
class Quantile:
    """A quantile of the distribution over replications."""

    #: The share of days below it.
    share: float
    value: float
    #: The interval's ends are observations themselves; infinite where there are too few to bound that side.
    low: float
    high: float
    #: Their places by size, from 1; 0 and one more than the replications where infinite.
    ranks: tuple[int, int]
    #: The interval's coverage, whatever the distribution: exact where it is continuous, else at least.
    coverage: float


def days(sample: Any) -> Floats:
    """Each replication's own value: numerator over denominator. Those with a denominator of 0 (days on which nobody came) are
    left out."""
    above, below = as_sample(sample, least=1)
    values: Floats = above[below != 0] / below[below != 0]
    return values


def quantile(values: Any, share: float, *, confidence: float = 0.95) -> Quantile:
    """The value below which a ``share`` of days stays, from ``values``, one of each replication, with an interval that assumes
    nothing of the distribution.

    The estimate is Hyndman and Fan's type 8 (American Statistician 50, 1996: median-unbiased). The interval lies from the l-th
    to the u-th smallest value, l being the largest with P(B < l) <= alpha/2 and u the least with P(B >= u) <= alpha/2 for B
    binomial with n and ``share``; it covers with P(l <= B < u) >= ``confidence`` (David and Nagaraja, "Order Statistics", 3rd
    ed., 7.1).

    :raises ArgumentError: where there are no values or ``share`` is not between 0 and 1.
    """
    confidence = check_confidence(confidence)
    ordered = np.sort(as_values(values))
    count = len(ordered)
    if not count:
        raise ArgumentError("values: there are none; carry out replications")
    if not 0 < share < 1:
        raise ArgumentError(f"share: is {share!r}; write one between 0 and 1, such as 0.9")
    tail = (1 - confidence) / 2
    # P(B <= i) for i = -1, 0, ..., n: element j is P(B < j).
    below = np.concatenate([[0.0], special().bdtr(np.arange(count, dtype=float), count, share), [1.0]])
    low = int(np.searchsorted(below[: count + 1], tail, side="right")) - 1
    high = int(np.searchsorted(below, 1 - tail, side="left"))
    ends = np.concatenate([[-math.inf], ordered, [math.inf]])
    return Quantile(
        float(share),
        float(np.quantile(ordered, share, method="median_unbiased")),
        float(ends[low]),
        float(ends[high]),
        (low, high),
        float(below[high] - below[low]),
    )


def proportion(successes: int, trials: int, *, confidence: float = 0.95, method: str = "clopper-pearson") -> Estimate:
    """A probability, from so many successes in independent trials.

    ``method``: ``"clopper-pearson"``, never below its ``confidence`` (Clopper and Pearson, Biometrika 26, 1934), or
    ``"wilson"``, narrower and near it on average (Wilson, JASA 22, 1927; recommended by Brown, Cai and DasGupta, Statistical
    Science 16, 2001). Both stay within 0 and 1 and say something where all trials ended alike.

    :raises ArgumentError: where ``successes`` is not from 0 to ``trials``, or there are no trials.
    """
    confidence = check_confidence(confidence)
    n = check_whole(trials, "trials", 1)
    x = check_whole(successes, "successes", 0)
    if x > n:
        raise ArgumentError(f"successes: are {x} of {n}; write at most as many as there were trials")
    value = x / n
    if method == "clopper-pearson":
        inverse, tail = special().betaincinv, (1 - confidence) / 2
        low = float(inverse(x, n - x + 1, tail)) if x else 0.0
        high = float(inverse(x + 1, n - x, 1 - tail)) if x < n else 1.0
    elif method == "wilson":
        z = float(special().ndtri(0.5 + confidence / 2))
        middle = (value + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * math.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
        low, high = (middle - reach if x else 0.0), (middle + reach if x < n else 1.0)
    else:
        raise ArgumentError(f'method: is {method!r}; write "clopper-pearson" or "wilson"')
    return Estimate(value, low, high, math.sqrt(value * (1 - value) / n), n)


def chance(
    sample: Any,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    confidence: float = 0.95,
    method: str = "clopper-pearson",
) -> Estimate:
    """The chance that a day meets its target: its own numerator / denominator is at least, or at most, so much (a value that
    equals it meets it). Days with a denominator of 0 are left out: ``replications`` counts the others. The interval is
    :func:`proportion`'s.

    :raises ArgumentError: where no bound is given, or no day is left.
    """
    if at_least is None and at_most is None:
        raise ArgumentError("chance: of what? write at_least=0.8, say, or at_most")
    values = days(sample)
    if not len(values):
        raise ArgumentError("sample: every denominator is 0; there is no day to judge")
    met = np.ones(len(values), bool)
    if at_least is not None:
        met &= values >= at_least
    if at_most is not None:
        met &= values <= at_most
    return proportion(int(met.sum()), len(values), confidence=confidence, method=method)


def crps(ensemble: Any, observation: Any, *, fair: bool = False) -> Floats:
    """Continuous ranked probability score, in the figure's unit; 0 is best: how far an observation is from an ensemble of m
    simulated days.

    ``ensemble``: m values, or a matrix, observations x m; ``observation``: one value, or one a row. Returns one score a row (an
    array of one for one observation).

    mean |x - y| - mean |x - x'|/2 over members x and pairs of them (Gneiting and Raftery, "Strictly proper scoring rules,
    prediction, and estimation", JASA 102, 2007, equation 21). Pairs are all m^2 of them, so that it is the score of the
    ensemble's own step function; ``fair``: the m(m - 1) of different members, so that it is without bias that of the
    distribution they are drawn from, whatever m (Ferro, "Fair scores for ensemble forecasts", QJRMS 140, 2014).

    :raises ArgumentError: where shapes do not fit, or ``fair`` and there is one member only.
    """
    members, seen = _forecasts(ensemble, observation)
    count = members.shape[1]
    if fair and count < 2:
        raise ArgumentError("ensemble: has one member, and a fair score needs pairs; write fair=False, or simulate more days")
    ordered = np.sort(members, axis=1)
    # Sum over all pairs of |x - x'|, by places in order. The middle is taken out, so that large values lose no digits.
    places = 2 * np.arange(count) - count + 1.0
    pairs = 2 * (ordered - ordered[:, count // 2, None]) @ places
    scores: Floats = np.abs(members - seen[:, None]).mean(axis=1) - pairs / (2 * count * (count - 1 if fair else count))
    return scores


def mean_score(scores: Any, *, confidence: float = 0.95) -> Estimate:
    """The mean of scores of independent observations, with Student's interval. The difference of two forecasts' mean scores on
    the same observations is that of the scores' differences, row by row."""
    values = as_sample(scores, "scores")[0]
    mean, error = float(values.mean()), float(values.std(ddof=1)) / len(values) ** 0.5
    reach = student(check_confidence(confidence), len(values) - 1) * error
    return Estimate(mean, mean - reach, mean + reach, error, len(values))


def coverage(
    ensembles: Any, observations: Any, level: float = 0.9, *, confidence: float = 0.95, method: str = "clopper-pearson"
) -> Estimate:
    """How often observations lie within the central interval of their ensembles (observations x m) that should hold a share
    ``level`` of them.

    The interval lies between quantiles (1 - level)/2 and (1 + level)/2 at places (m + 1) x share, with interpolation: an
    observation that is like another member is within with probability ``level`` exactly where these places are whole. The
    result's own interval is :func:`proportion`'s.

    :raises ArgumentError: where there are too few members for the level, or shapes do not fit.
    """
    members, seen = _forecasts(ensembles, observations)
    if not 0 < level < 1:
        raise ArgumentError(f"level: is {level!r}; write a share between 0 and 1, such as 0.9")
    least = math.ceil(2 / (1 - level) - 1 - 1e-9)
    if members.shape[1] < least:
        raise ArgumentError(f"ensembles: have {members.shape[1]} members; level {level:g} needs at least {least}")
    low, high = np.quantile(members, [(1 - level) / 2, (1 + level) / 2], axis=1, method="weibull")
    inside = int(((low <= seen) & (seen <= high)).sum())
    return proportion(inside, len(seen), confidence=confidence, method=method)


def pinball(forecasts: Any, observations: Any, share: float) -> Floats:
    """Quantile score, in the figure's unit; 0 is best: (y - q) x ``share`` where the observation y is above the forecast q of
    that quantile, else (q - y) x (1 - ``share``) (Gneiting and Raftery 2007, section 6; twice its integral over shares is the
    CRPS). One for each pair."""
    q = as_values(np.atleast_1d(np.asarray(forecasts, np.float64)), "forecasts")
    y = as_values(np.atleast_1d(np.asarray(observations, np.float64)), "observations")
    if q.shape != y.shape:
        raise ArgumentError(f"forecasts are {len(q)} and observations {len(y)}; write one of each")
    if not 0 < share < 1:
        raise ArgumentError(f"share: is {share!r}; write one between 0 and 1, such as 0.9")
    score: Floats = np.where(y >= q, (y - q) * share, (q - y) * (1 - share))
    return score


def _forecasts(ensembles: Any, observations: Any) -> tuple[Floats, Floats]:
    seen = as_values(np.atleast_1d(np.asarray(observations, np.float64)), "observations")
    many = np.ndim(ensembles) == 2
    members = as_values(ensembles, "ensembles", 2 if many else 1).reshape(len(ensembles) if many else 1, -1)
    if len(members) != len(seen) or not members.shape[1] or not len(seen):
        raise ArgumentError(
            f"ensembles: are {len(members)} of {members.shape[1]} members, and observations {len(seen)}; write a row of "
            "members for each"
        )
    return members, seen
