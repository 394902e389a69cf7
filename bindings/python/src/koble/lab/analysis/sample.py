"""Samples: what replications leave of a figure, and the checks that every analysis begins with."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError
from ..estimate import special, student

__all__ = [
    "Floats",
    "Replicate",
    "Sample",
    "as_sample",
    "as_values",
    "check_confidence",
    "check_whole",
    "residuals",
    "special",
    "student",
]

Floats = npt.NDArray[np.float64]

#: Numerators and denominators of one figure, one of each from every replication, by its number. Denominators of 1: a mean.
Sample = tuple[Floats, Floats]

#: Carries out the replications of these numbers: of every figure the sample, in the order of the numbers.
Replicate = Callable[[Sequence[int]], Mapping[str, Sample]]


def as_values(values: Any, what: str = "values", dimensions: int = 1) -> Floats:
    """``values`` as an array of finite floats with so many dimensions.

    :raises ArgumentError: where it is something else; ``what`` names it.
    """
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: these are not numbers; write an array of numbers") from None
    if array.ndim != dimensions:
        shape = "a plain list of numbers" if dimensions == 1 else "a matrix: a row a replication"
        raise ArgumentError(f"{what}: has {array.ndim} dimensions; write {shape}")
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        raise ArgumentError(
            f"{what}{place}: is {array[tuple(place)]}; leave out what was not measured, for it would spoil every figure"
        )
    return array


def as_sample(sample: Any, what: str = "sample", least: int = 2) -> Sample:
    """A checked sample of at least ``least`` replications, from a tuple (numerators, denominators) or from one array of values,
    whose denominators are 1.

    :raises ArgumentError: where lengths differ, there are too few, or something is no finite number.
    """
    if isinstance(sample, tuple):
        if len(sample) != 2:
            raise ArgumentError(f"{what}: is a tuple of {len(sample)}; write (numerators, denominators)")
        above, below = as_values(sample[0], f"{what}: numerators"), as_values(sample[1], f"{what}: denominators")
        if len(above) != len(below):
            raise ArgumentError(
                f"{what}: {len(above)} numerators and {len(below)} denominators; write one of each from every replication"
            )
    else:
        above = as_values(sample, what)
        below = np.ones(len(above))
    if len(above) < least:
        raise ArgumentError(f"{what}: has {len(above)} values, and at least {least} are needed; carry out more")
    return above, below


def check_confidence(confidence: float) -> float:
    """``confidence`` itself, where it is between 0 and 1.

    :raises ArgumentError: otherwise; 95 is taken for percent.
    """
    if not isinstance(confidence, (int, float)) or not 0 < confidence < 1:
        raise ArgumentError(f"confidence: is {confidence!r}; write a share between 0 and 1, such as 0.95")
    return float(confidence)


def check_whole(value: Any, what: str, least: int, advice: str = "") -> int:
    """``value`` as an int, where it is a whole number from ``least`` on.

    :raises ArgumentError: otherwise.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise ArgumentError(f"{what}: is {value!r}; write a whole number from {least} on" + (f", {advice}" if advice else ""))
    return number


def residuals(sample: Sample) -> tuple[float, Floats]:
    """The ratio of the sums, and what each replication does to it, in the figure's unit: (numerator - ratio x denominator) /
    mean denominator. Their sum is 0, their deviation over the root of their number is the ratio's standard error by the delta
    method (Law, "Simulation Modeling and Analysis", 5th ed., 9.5.3), and their covariance with another figure's that of the two
    ratios.

    NaN where the denominators' sum is 0.
    """
    above, below = sample
    mean = float(below.mean())
    if mean == 0:
        return float("nan"), np.full(len(above), np.nan)
    value = float(above.mean()) / mean
    return value, (above - value * below) / mean
