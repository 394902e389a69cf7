"""Means and ratios of means over independent replications, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import KobleError

__all__ = ["Estimate", "ratio", "special", "student"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """One figure with its interval. ``low`` and ``high`` are NaN where one replication leaves nothing to judge by."""

    value: float
    low: float
    high: float
    #: Standard error of the value.
    error: float
    replications: int

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2

    def __str__(self) -> str:
        return f"{self.value:.6g} +- {self.half_width:.2g}"


def special() -> Any:
    """``scipy.special``, which is slow to import, so only where it is needed.

    :raises KobleError: where SciPy is missing.
    """
    try:
        from scipy import special as module
    except ModuleNotFoundError as missing:
        raise KobleError(f"koble.lab needs {missing.name}: pip install 'koble[lab]'") from None
    return module


@lru_cache(maxsize=4096)
def student(confidence: float, freedom: float) -> float:
    """Student's quantile for a two-sided interval: so many standard errors to either side."""
    return float(special().stdtrit(freedom, 0.5 + confidence / 2))


def ratio(numerators: Floats, denominators: Floats, confidence: float) -> Estimate:
    """E(numerator) / E(denominator), each pair from one replication.

    The interval is the delta method's with Student's quantile: the residuals numerator - ratio x denominator have mean 0,
    and their deviation over the mean denominator is the ratio's (Law, "Simulation Modeling and Analysis", 5th ed., 9.5.3;
    ContactCenters' FunctionOfMultipleMeansTally does the same). Never a mean of ratios, which weighs quiet days like busy ones.
    """
    count = len(numerators)
    below = float(np.mean(denominators)) if count else 0.0
    if below == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), float("nan"), count)
    value = float(np.mean(numerators)) / below
    if count < 2:
        return Estimate(value, float("nan"), float("nan"), float("nan"), count)
    residuals = numerators - value * denominators
    error = float(np.std(residuals, ddof=1)) / abs(below) / count**0.5
    reach = student(confidence, count - 1) * error
    return Estimate(value, value - reach, value + reach, error, count)
