"""Random numbers, laws of durations, arrivals, and trace-driven runs of the engine (koble_sim.h)."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from .figures import Figures
from .plan import Plan
from .times import NEVER

__all__ = [
    "CONTACT_DTYPE",
    "NOBODY",
    "OUTCOME_DTYPE",
    "PRESENCE_DTYPE",
    "Law",
    "Purpose",
    "TraceRun",
    "arrivals",
    "normal_probability",
    "normal_quantile",
    "run_trace",
    "uniforms",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# koble_sim_contact, koble_sim_presence, koble_sim_outcome.
CONTACT_DTYPE = np.dtype(
    [
        ("arrival_ns", "i8"),
        ("patience_ns", "i8"),
        ("service_ns", "i8"),
        ("priority", "i8"),
        ("credit_ns", "i8"),
        ("queue", "u4"),
        ("serial", "u4"),
    ]
)
PRESENCE_DTYPE = np.dtype([("time_ns", "i8"), ("reason", "i8"), ("agent", "u4"), ("presence", "u4")])
OUTCOME_DTYPE = np.dtype([("wait_ns", "i8"), ("exit", "u4"), ("agent", "u4"), ("queue", "u4"), ("offers", "u4")])
#: In outcomes and records: no agent. In a world's model: no group.
NOBODY = 2**32 - 1


class Purpose(enum.IntEnum):
    """What a draw is for: two purposes are two independent sources."""

    ARRIVAL = 1
    SERVICE = 2
    PATIENCE = 3
    ANSWER = 4
    PRIORITY = 5
    PRESENCE = 6
    USER = 1000


def uniforms(seed: int, purpose: int, first: int, count: int, index: int = 0) -> Floats:
    """Uniforms strictly between 0 and 1 for the serials ``first`` to ``first + count - 1``."""
    out = np.empty(count, np.float64)
    _core.sim_uniforms(seed, purpose, first, index, out)
    return out


def normal_quantile(u: Floats) -> Floats:
    """The standard normal quantile, the same bits on every machine."""
    out = np.empty(len(u), np.float64)
    _core.sim_normal_quantiles(np.ascontiguousarray(u, np.float64), out)
    return out


def normal_probability(z: Floats) -> Floats:
    """P(Z <= z) of the standard normal law, the same bits on every machine."""
    out = np.empty(len(z), np.float64)
    _core.sim_normal_probabilities(np.ascontiguousarray(z, np.float64), out)
    return out


@dataclass(frozen=True)
class Law:
    """A law of durations in nanoseconds, drawn from by inversion."""

    kind: int
    a: float = 0.0
    b: float = 0.0
    values: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    weights: Floats = field(default_factory=lambda: np.empty(0, np.float64))
    parts: tuple[Law, ...] = ()

    @classmethod
    def deterministic(cls, ns: float) -> Law:
        return cls(1, ns)

    @classmethod
    def exponential(cls, mean_ns: float) -> Law:
        return cls(2, mean_ns)

    @classmethod
    def lognormal(cls, median_ns: float, sigma: float) -> Law:
        return cls(3, median_ns, sigma)

    @classmethod
    def empirical(cls, values_ns: npt.ArrayLike) -> Law:
        return cls(4, values=np.sort(np.asarray(values_ns, np.int64)))

    @classmethod
    def uniform(cls, low_ns: float, high_ns: float) -> Law:
        return cls(5, low_ns, high_ns)

    @classmethod
    def gamma(cls, mean_ns: float, shape: float) -> Law:
        """Shape 0.01 to 10000: one over the square of the coefficient of variation."""
        return cls(6, mean_ns, shape)

    @classmethod
    def erlang(cls, mean_ns: float, phases: int) -> Law:
        """The sum of so many exponential phases of equal mean."""
        return cls(6, mean_ns, float(phases))

    @classmethod
    def weibull(cls, mean_ns: float, shape: float) -> Law:
        """Shape 0.1 to 1000; below 1 whoever has lasted long goes on lasting."""
        return cls(7, mean_ns, shape)

    @classmethod
    def hyperexponential(cls, means_ns: npt.ArrayLike, weights: npt.ArrayLike) -> Law:
        """Exponential with one of 1 to 64 means, chosen with these weights (of any sum)."""
        return cls(8, values=np.asarray(means_ns, np.int64), weights=np.asarray(weights, np.float64))

    @classmethod
    def mixture(cls, parts: Sequence[Law], weights: npt.ArrayLike) -> Law:
        """One of 1 to 64 laws (none of them a mixture), chosen with these weights (of any sum)."""
        return cls(9, weights=np.asarray(weights, np.float64), parts=tuple(parts))

    def as_tuple(self) -> tuple[Any, ...]:
        """As the native library takes it: kind, a, b, values, weights, parts."""
        return (self.kind, self.a, self.b, self.values, self.weights, tuple(part.as_tuple() for part in self.parts))

    @property
    def mean_ns(self) -> float:
        """The law's mean; of a lognormal law, whose parameters are median and deviation, e^(sigma^2 / 2) times the median."""
        if self.kind == 3:
            return self.a * float(np.exp(self.b**2 / 2))
        if self.kind == 4:
            return float(np.mean(self.values))
        if self.kind == 5:
            return (self.a + self.b) / 2
        if self.kind == 8:
            return float(np.average(self.values, weights=self.weights))
        if self.kind == 9:
            return float(np.average([part.mean_ns for part in self.parts], weights=self.weights))
        return self.a

    def draw(self, seed: int, purpose: int, first: int, count: int, index: int = 0) -> Ints:
        """Values for the serials ``first`` to ``first + count - 1``."""
        out = np.empty(count, np.int64)
        _core.sim_values(self.as_tuple(), seed, purpose, first, index, out)
        return out

    def at(self, u: Floats) -> Ints:
        """The quantile function."""
        out = np.empty(len(u), np.int64)
        _core.sim_quantiles(self.as_tuple(), np.ascontiguousarray(u), out)
        return out


def arrivals(
    begins_ns: Sequence[int],
    per_hour: Sequence[float],
    end_ns: int,
    seed: int,
    purpose: int = Purpose.ARRIVAL,
    limit: int = 10_000_000,
) -> Ints:
    """Poisson arrivals with a rate that is constant on each piece."""
    rates = np.asarray(per_hour, np.float64)
    hours = np.diff(np.asarray([*begins_ns, end_ns], np.float64)) / 3.6e12
    expected = float(np.sum(rates * hours)) if len(rates) == len(hours) else 0.0
    out = np.empty(min(limit, int(expected + 10 * max(expected, 1.0) ** 0.5 + 100)), np.int64)
    count = _core.sim_arrivals(np.asarray(begins_ns, np.int64), rates, end_ns, seed, purpose, out)
    return out[:count]


@dataclass(frozen=True)
class TraceRun:
    """What became of every contact of a trace, in order."""

    outcomes: np.ndarray[Any, Any]
    commands: int
    events: int
    end_ns: int
    digest: str


def run_trace(
    plan: Plan,
    contacts: np.ndarray[Any, Any],
    presence: np.ndarray[Any, Any],
    *,
    figures: Figures | None = None,
    seed: int = 0,
    answer_ns: int = 0,
    end_ns: int = NEVER,
) -> TraceRun:
    """Plays contacts (``CONTACT_DTYPE``, by arrival) and presence changes (``PRESENCE_DTYPE``, by time) against a new
    engine.

    At one instant: the engine's timers, ends of service, presence changes, answers, hang-ups, arrivals.
    """
    who = np.ascontiguousarray(contacts, CONTACT_DTYPE)
    there = np.ascontiguousarray(presence, PRESENCE_DTYPE)
    outcomes = np.zeros(len(who), OUTCOME_DTYPE)
    handle = None if figures is None else figures._handle
    commands, events, end, digest = _core.sim_trace(plan._handle, seed, answer_ns, end_ns, who, there, outcomes, handle)
    return TraceRun(outcomes, commands, events, end, digest)
