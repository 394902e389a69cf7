"""Control variates: what is known exactly takes away part of the noise of what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..estimate import Estimate, ratio
from .sample import Floats, as_sample, as_values, check_confidence, student

__all__ = ["Controlled", "controlled"]


@dataclass(frozen=True)
class Controlled:
    """A figure adjusted by controls."""

    estimate: Estimate
    #: The same without controls.
    plain: Estimate
    #: Of each control: by how much the figure goes up with one unit of it.
    coefficients: tuple[float, ...]
    #: Plain variance over the adjusted one, as estimated: so many times as many replications would be needed without. Below 1
    #: the controls did harm.
    variance_reduction: float


def controlled(sample: Any, controls: Any, means: Any, *, confidence: float = 0.95) -> Controlled:
    """The figure, adjusted by controls whose expectations are known.

    ``controls``: of each replication one value (an array of r), or q (a matrix r x q), such as the number of arrivals or the
    offered work; ``means``: their expectations, a number or q of them. ``sample``: r replications, at least q + 3.

    Of a mean: the intercept of the least squares regression on controls less expectations, and its standard error s sqrt(1/r +
    d'(X'X)^-1 d), with Student's quantile with r - q - 1 (Lavenberg and Welch, "A perspective on the use of control variables
    to increase the efficiency of Monte Carlo simulations", Management Science 27, 1981; Nelson, "Control variate remedies",
    Operations Research 38, 1990). Exact where values and controls are jointly normal, else asymptotically. Of a ratio numerator
    and denominator are adjusted, each by its own regression; the interval is the delta method's, from the regression of
    numerator - ratio x denominator. Estimating q coefficients multiplies the variance by about (r - 2)/(r - q - 2): few good
    controls are better than many.

    :raises ArgumentError: where numbers of values differ, controls do not vary or are linear combinations of each other, or
        there are too few replications.
    """
    confidence = check_confidence(confidence)
    above, below = as_sample(sample)
    known = np.atleast_1d(np.asarray(means, np.float64))
    given = as_values(controls, "controls", 2 if np.ndim(controls) == 2 else 1)
    matrix = given.reshape(len(given), -1)
    count, number = matrix.shape
    if count != len(above):
        raise ArgumentError(f"controls: have {count} rows and the sample {len(above)} replications; write a row for each")
    if known.shape != (number,) or not np.isfinite(known).all() or number == 0:
        raise ArgumentError(f"means: are {known.tolist()}; write the expectation of each of the {number} controls")
    if count < number + 3:
        raise ArgumentError(f"sample: has {count} replications; {number} controls need at least {number + 3}")
    apart = matrix - known
    spread = apart.std(axis=0)
    if (spread <= 1e-12 * np.abs(matrix).max(axis=0)).any():
        raise ArgumentError(f"controls: number {int(spread.argmin())} never varies; leave it out")
    scaled = apart / spread
    around = scaled - scaled.mean(axis=0)
    if np.linalg.matrix_rank(around, tol=1e-8 * count**0.5) < number:
        raise ArgumentError("controls: one is a linear combination of the others; leave it out")

    design = np.column_stack([np.ones(count), scaled])
    adjusted_above, adjusted_below = np.linalg.lstsq(design, np.column_stack([above, below]), rcond=None)[0][0].tolist()
    plain = ratio(above, below, confidence)
    if not below.any() or adjusted_below == 0:
        raise ArgumentError("sample: the denominators' mean is 0, and so there is no ratio; look at the numerators alone")
    value = adjusted_above / adjusted_below
    linear = (above - value * below) / adjusted_below
    slopes, error = _regress(linear, design)
    reach = student(confidence, count - number - 1) * error
    return Controlled(
        Estimate(value, value - reach, value + reach, error, count),
        plain,
        tuple((slopes / spread).tolist()),
        (plain.error / error) ** 2 if error > 0 else float("inf") if plain.error > 0 else float("nan"),
    )


def _regress(values: Floats, design: Floats) -> tuple[Floats, float]:
    """Slopes, and the standard error of the intercept."""
    count, columns = design.shape
    coefficients = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], np.float64)
    rest = values - design @ coefficients
    factor = float(np.linalg.inv(design.T @ design)[0, 0])
    return coefficients[1:], float(rest @ rest / (count - columns) * factor) ** 0.5
