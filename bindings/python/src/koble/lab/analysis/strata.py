"""Strata: replications sorted by what is known to make days differ, such as the busyness factor."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError
from ..estimate import Estimate
from .sample import as_sample, as_values, check_confidence, check_whole, student

__all__ = ["by_share", "stratified"]


def stratified(sample: Any, strata: Any, shares: Any, *, confidence: float = 0.95) -> Estimate:
    """The figure from replications whose strata have known probabilities, whether so many were drawn in each (stratification)
    or they were sorted afterwards (post-stratification).

    ``strata``: of each replication the number of its stratum, from 0; ``shares``: the strata's probabilities, together 1. For
    ten equally likely classes of a busyness factor with distribution function F: ``np.floor(10 * F(factor)).astype(int)`` and
    ``[0.1] * 10``.

    Numerator and denominator are sum of share x mean within the stratum; the variance is sum of share^2 x variance/number
    within, of numerator - ratio x denominator (Cochran, "Sampling Techniques", 3rd ed., 5.3; given the numbers drawn, also for
    strata sorted afterwards: Holt and Smith, "Post stratification", JRSS A 142, 1979), and Student's degrees of freedom are
    Satterthwaite's. For call centres: L'Ecuyer and Buist, "Variance reduction in the simulation of call centers", WSC 2006.

    :raises ArgumentError: where a stratum of positive probability has fewer than two replications, or shares do not add up to
        1.
    """
    confidence = check_confidence(confidence)
    above, below = as_sample(sample)
    weights = as_values(shares, "shares")
    if (weights < 0).any() or not abs(float(weights.sum()) - 1) < 1e-9:
        raise ArgumentError(f"shares: add up to {float(weights.sum()):g}; write the strata's probabilities, together 1")
    which = np.asarray(strata)
    if which.shape != above.shape or which.dtype.kind not in "iu":
        raise ArgumentError("strata: write a whole number for each replication: its stratum, from 0")
    if which.min() < 0 or which.max() >= len(weights):
        raise ArgumentError(f"strata: are from {which.min()} to {which.max()}; shares has those from 0 to {len(weights) - 1}")
    counts = np.bincount(which, minlength=len(weights))
    thin = np.flatnonzero((counts < 2) & (weights > 0))
    if len(thin):
        raise ArgumentError(
            f"strata: number {thin[0]} has {counts[thin[0]]} replications; merge strata, or carry out at least 2 of each"
        )
    stray = np.flatnonzero((counts > 0) & (weights == 0))
    if len(stray):
        raise ArgumentError(f"strata: number {stray[0]} has replications and a probability of 0; correct shares")

    some = np.maximum(counts, 1)
    mean_above = np.bincount(which, above, len(weights)) / some
    mean_below = np.bincount(which, below, len(weights)) / some
    denominator = float(weights @ mean_below)
    if denominator == 0:
        raise ArgumentError("sample: the denominators' mean is 0, and so there is no ratio; look at the numerators alone")
    value = float(weights @ mean_above) / denominator
    around = (above - mean_above[which] - value * (below - mean_below[which])) / denominator
    inner = np.maximum(counts - 1, 1)
    parts = weights**2 * np.bincount(which, around**2, len(weights)) / inner / some
    variance = float(parts.sum())
    freedom = variance**2 / float(np.sum(parts**2 / inner)) if variance > 0 else float(len(above) - 1)
    error = variance**0.5
    reach = student(confidence, freedom) * error
    return Estimate(value, value - reach, value + reach, error, len(above))


def by_share(total: int, shares: Any, deviations: Any = None) -> npt.NDArray[np.int64]:
    """How many of ``total`` replications go to each stratum, at least 2 to each: proportional to its probability, which never
    does harm; with the figure's ``deviations`` within strata to probability x deviation, which is best (Neyman 1934; Cochran,
    5.5).

    :raises ArgumentError: where ``total`` is less than 2 for each.
    """
    weights = as_values(shares, "shares")
    if deviations is not None:
        spread = as_values(deviations, "deviations")
        if spread.shape != weights.shape:
            raise ArgumentError(f"deviations: are {len(spread)}; write one for each of the {len(weights)} strata")
        weights = weights * spread
    if (weights < 0).any() or not weights.any():
        raise ArgumentError("shares and deviations: write numbers from 0 on, not all 0")
    total = check_whole(total, "total", 2 * len(weights), "2 for each stratum")
    # Who would get fewer than 2 gets 2, and the others share the rest.
    fixed = np.zeros(len(weights), bool)
    while True:
        rest = total - 2 * int(fixed.sum())
        part = np.where(fixed, 2.0, rest * weights / max(float(weights[~fixed].sum()), 1e-300))
        low = ~fixed & (part < 2)
        if not low.any():
            break
        fixed |= low
    whole = np.floor(part + 1e-9)
    order = np.argsort(whole - part, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole.astype(np.int64)
