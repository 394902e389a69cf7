"""Differences between systems that met the same random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..estimate import Estimate
from .sample import Floats, Sample, as_sample, check_confidence, residuals, student

__all__ = ["Difference", "all_pairs", "difference", "versus"]


@dataclass(frozen=True)
class Difference:
    """Of one figure, the first system less the second."""

    first: str
    second: str
    first_value: float
    second_value: float
    #: First less second, in the figure's unit.
    difference: Estimate
    #: First less second, over the second: 0.1 is 10 % more. NaN where the second is 0.
    relative: Estimate
    #: Between what single replications do to the one and to the other. NaN where one of them never varies.
    correlation: float
    #: Variance of the difference with independent replications over the one achieved: so many times as many of those would be
    #: needed. Below 1 the
    #: common random numbers did harm.
    variance_reduction: float

    @property
    def decided(self) -> bool:
        """Whether the difference's interval leaves out 0."""
        return self.difference.low > 0 or self.difference.high < 0


def difference(
    first: Any, second: Any, *, confidence: float = 0.95, names: tuple[str, str] = ("first", "second")
) -> Difference:
    """Compares two samples whose replications belong together by number.

    With u = (numerator - ratio x denominator) / mean denominator of either (see ``residuals``), the variance of the difference
    of ratios is that of u1 - u2 over n, and of the ratio of ratios q that of (u1 - q u2) / ratio2 over n: the delta method with
    all covariances (Law, "Simulation Modeling and Analysis", 5th ed., 10.2.1 for means; Casella and Berger, "Statistical
    Inference", 5.5.4). Student's quantile with n - 1. Of means of normal values the interval of the difference is exact (the
    paired t).

    :raises ArgumentError: where the numbers of replications differ or are below 2.
    """
    confidence = check_confidence(confidence)
    one, other = as_sample(first, names[0]), as_sample(second, names[1])
    count = len(one[0])
    if len(other[0]) != count:
        raise ArgumentError(
            f"{names[0]} has {count} replications and {names[1]} {len(other[0])}; pairs need the same numbers of both, so cut "
            "the longer one"
        )
    value_one, around_one = residuals(one)
    value_other, around_other = residuals(other)
    around = around_one - around_other
    absolute = _estimate(value_one - value_other, around, confidence)
    if value_other == 0:
        relative = _estimate(float("nan"), np.full(count, np.nan), confidence)
    else:
        quotient = value_one / value_other
        relative = _estimate(quotient - 1, (around_one - quotient * around_other) / value_other, confidence)
    variance_one, variance_other, variance = (float(np.var(u, ddof=1)) for u in (around_one, around_other, around))
    both = variance_one * variance_other
    covariance = float(around_one @ around_other) / (count - 1)
    return Difference(
        *names,
        value_one,
        value_other,
        absolute,
        relative,
        float(np.clip(covariance / both**0.5, -1, 1)) if both > 0 else float("nan"),
        _quotient(variance_one + variance_other, variance),
    )


def all_pairs(samples: Mapping[str, Any], *, confidence: float = 0.95) -> dict[tuple[str, str], Difference]:
    """Every system with every one behind it. All k(k-1)/2 differences hold together with ``confidence``, and so do, by
    themselves, all relative ones: each interval is given at 1 - (1 - ``confidence``)/(number of pairs) (Bonferroni), which
    needs no independence and so allows common random numbers.

    :raises ArgumentError: where there are fewer than two systems, or as :func:`difference` does.
    """
    checked = _checked(samples)
    return _together(checked, list(combinations(checked, 2)), confidence)


def versus(samples: Mapping[str, Any], control: str, *, confidence: float = 0.95) -> dict[str, Difference]:
    """Every other system less the one named ``control``. All k - 1 differences hold together with ``confidence``, as in
    :func:`all_pairs`.

    :raises ArgumentError: where ``control`` is not among the samples, or as :func:`difference` does.
    """
    checked = _checked(samples)
    if control not in checked:
        raise ArgumentError(f"control: is {control!r}; write one of {', '.join(map(repr, checked))}")
    pairs = [(name, control) for name in checked if name != control]
    return {first: one for (first, _), one in _together(checked, pairs, confidence).items()}


def _checked(samples: Mapping[str, Any]) -> dict[str, Sample]:
    if len(samples) < 2:
        raise ArgumentError(f"samples: are of {len(samples)} systems; write at least two to compare")
    return {name: as_sample(sample, name) for name, sample in samples.items()}


def _together(samples: dict[str, Sample], pairs: list[tuple[str, str]], confidence: float) -> dict[tuple[str, str], Difference]:
    each = 1 - (1 - check_confidence(confidence)) / len(pairs)
    return {(one, other): difference(samples[one], samples[other], confidence=each, names=(one, other)) for one, other in pairs}


def _estimate(value: float, around: Floats, confidence: float) -> Estimate:
    count = len(around)
    error = float(np.std(around, ddof=1)) / count**0.5
    reach = student(confidence, count - 1) * error
    return Estimate(value, value - reach, value + reach, error, count)


def _quotient(independent: float, achieved: float) -> float:
    """Without variance in either there is nothing to reduce; with none in the difference alone, all of it was."""
    if achieved > 0:
        return independent / achieved
    return float("inf") if independent > 0 else float("nan")
