"""Seeded series and samples that the tests of output analysis share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import signal

from koble.lab import analysis as an

__all__ = ["Sample", "autoregressive", "holds", "queue_waits", "skewed", "source"]

Sample = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def source(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def holds(estimate: an.Estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


def autoregressive(rng: np.random.Generator, count: int, phi: float, start: float = 0.0) -> np.ndarray[Any, Any]:
    noise = rng.normal(size=count)
    noise[0] = noise[0] / math.sqrt(1 - phi**2) + start
    return np.asarray(signal.lfilter([1], [1, -phi], noise))


def queue_waits(rng: np.random.Generator, count: int, load: float) -> np.ndarray[Any, Any]:
    """Waits of an M/M/1 queue with one arrival a unit of time, from empty (Lindley's recursion, unrolled)."""
    walk = np.concatenate([[0.0], np.cumsum(rng.exponential(load, count - 1) - rng.exponential(1, count - 1))])
    return np.asarray(walk - np.minimum.accumulate(walk))


def skewed(rng: np.random.Generator, count: int) -> Sample:
    """Days with many contacts or few: numerators hang on denominators, whose ratio of means is 0.3."""
    contacts = rng.gamma(4, 25, count)
    return contacts * rng.beta(3, 7, count), contacts
