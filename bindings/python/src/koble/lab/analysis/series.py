"""Figures at given times, over replications: the day's course with its band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..estimate import Estimate
from .sample import Floats, as_values, check_confidence, student

__all__ = ["Course", "course"]


@dataclass(frozen=True)
class Course:
    """A figure at each of T times; arrays of T, NaN where it cannot be judged."""

    value: Floats
    #: Standard error.
    error: Floats
    #: At each time by itself the interval holds with the confidence.
    low: Floats
    high: Floats
    #: At all times together the band holds with it.
    band_low: Floats
    band_high: Floats
    replications: int

    def at(self, index: int) -> Estimate:
        """The figure at one time, with the interval that holds there by itself."""
        value, low, high, error = (float(array[index]) for array in (self.value, self.low, self.high, self.error))
        return Estimate(value, low, high, error, self.replications)


def course(numerators: Any, denominators: Any = None, *, confidence: float = 0.95) -> Course:
    """The course of a figure from a matrix (replications x times, at least two rows): of each column the mean, or with
    ``denominators`` (of the same shape) the ratio of means, as :func:`koble.lab.estimate.ratio` has it.

    The interval of one time uses Student's quantile with r - 1 at ``confidence``, the band at 1 - (1 - ``confidence``)/T
    (Bonferroni), so that all of it holds with ``confidence``, however times hang together. Columns whose denominators' sum is 0
    are NaN; T counts them too.

    :raises ArgumentError: where shapes differ, a value is not finite, or there are fewer than two replications.
    """
    confidence = check_confidence(confidence)
    above = as_values(numerators, "numerators", 2)
    below = np.ones_like(above) if denominators is None else as_values(denominators, "denominators", 2)
    if above.shape != below.shape:
        raise ArgumentError(
            f"numerators are {above.shape} and denominators {below.shape}; write one of each for every replication and time"
        )
    count, times = above.shape
    if count < 2 or times < 1:
        raise ArgumentError(f"numerators: are {count} replications x {times} times; write at least 2 x 1")
    mean = below.mean(axis=0)
    mean = np.where(mean == 0, np.nan, mean)
    value = above.mean(axis=0) / mean
    error = (above - value * below).std(axis=0, ddof=1) / np.abs(mean) / count**0.5
    each, together = (student(1 - alpha, count - 1) * error for alpha in (1 - confidence, (1 - confidence) / times))
    return Course(value, error, value - each, value + each, value - together, value + together, count)
