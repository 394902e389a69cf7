"""Distributions of durations, with what queueing formulas need of them: survival and partial moments."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .need import number, scipy_part, whole
from .quadrature import Table

__all__ = ["Distribution"]

Floats = npt.NDArray[np.float64]
Function = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Distribution:
    """The law of a duration X >= 0 (patience, service), by functions of an array of times in seconds.

    Make one with :meth:`exponential`, :meth:`deterministic` and so on, the laws that a study has, or from any survival
    function with :meth:`from_survival`. ``mean_s`` is NaN where it is not known and infinite where some wait for ever.
    """

    name: str
    mean_s: float
    #: P(X > x).
    survival: Function = field(repr=False)
    #: P(X <= x), accurate where it is small.
    cdf: Function = field(repr=False)
    #: E[X; X <= x], accurate where it is small.
    partial_mean: Function = field(repr=False)
    #: E[X^2; X <= x].
    partial_square: Function = field(repr=False)
    #: Where the survival function jumps or bends.
    breaks_s: tuple[float, ...] = ()
    #: 1 / mean of an exponential law; None of any other.
    exponential_rate: float | None = None

    def integral(self, x: Floats) -> Floats:
        """E[min(X, x)], the integral of the survival function from 0 to x, in seconds."""
        return x * self.survival(x) + self.partial_mean(x)

    def square(self, x: Floats) -> Floats:
        """E[min(X, x)^2] in square seconds."""
        return x * x * self.survival(x) + self.partial_square(x)

    def increment(self, origin: float, distance: Floats) -> Floats:
        """The integral of the survival function from ``origin`` to ``origin + distance``."""
        if self.exponential_rate is not None:  # as a difference it would lose digits where lambda x patience is large
            rate = self.exponential_rate
            lasting: Floats = np.expm1(-rate * distance) * (-math.exp(-rate * origin) / rate)
            return lasting
        more: Floats = self.integral(origin + distance) - self.integral(np.array([origin]))[0]
        return more

    @classmethod
    def exponential(cls, mean_s: float) -> Distribution:
        return cls._gamma("exponential", number(mean_s, "mean_s", above=0), 1.0)

    @classmethod
    def erlang(cls, mean_s: float, phases: int) -> Distribution:
        """The sum of so many (1 to 10,000) equal exponential phases."""
        return cls._gamma("erlang", number(mean_s, "mean_s", above=0), float(whole(phases, "phases", 1, 10_000)))

    @classmethod
    def gamma(cls, mean_s: float, shape: float) -> Distribution:
        """``shape`` from 0.01 to 10,000: 1 is exponential, less varies more."""
        return cls._gamma("gamma", number(mean_s, "mean_s", above=0), number(shape, "shape", low=0.01, high=10_000))

    @classmethod
    def _gamma(cls, name: str, mean: float, shape: float) -> Distribution:
        special, scale = scipy_part("special"), mean / shape
        return cls(
            name,
            mean,
            (lambda x: np.exp(-x / mean)) if shape == 1 else lambda x: special.gammaincc(shape, x / scale),
            (lambda x: -np.expm1(-x / mean)) if shape == 1 else lambda x: special.gammainc(shape, x / scale),
            lambda x: mean * special.gammainc(shape + 1, x / scale),
            lambda x: mean * (mean + scale) * special.gammainc(shape + 2, x / scale),
            exponential_rate=1 / mean if shape == 1 else None,
        )

    @classmethod
    def deterministic(cls, value_s: float) -> Distribution:
        """Exactly ``value_s``, more than 0."""
        value = number(value_s, "value_s", above=0)
        return cls(
            "deterministic",
            value,
            lambda x: np.where(x < value, 1.0, 0.0),
            lambda x: np.where(x < value, 0.0, 1.0),
            lambda x: np.where(x < value, 0.0, value),
            lambda x: np.where(x < value, 0.0, value * value),
            (value,),
        )

    @classmethod
    def uniform(cls, low_s: float, high_s: float) -> Distribution:
        low = number(low_s, "low_s", low=0)
        high = number(high_s, "high_s", above=low)

        def moment(power: int) -> Function:
            return lambda x: (np.clip(x, low, high) ** power - low**power) / (power * (high - low))

        return cls(
            "uniform",
            (low + high) / 2,
            lambda x: (high - np.clip(x, low, high)) / (high - low),
            moment(1),
            moment(2),
            moment(3),
            tuple(at for at in (low, high) if at > 0),
        )

    @classmethod
    def lognormal(cls, mean_s: float, cv: float) -> Distribution:
        """``cv``: deviation over mean, above 0 and at most 100."""
        special = scipy_part("special")
        mean = number(mean_s, "mean_s", above=0)
        variance = math.log1p(number(cv, "cv", above=0, high=100) ** 2)
        sigma, middle = math.sqrt(variance), math.log(mean) - variance / 2

        def below(x: Floats, power: int) -> Floats:
            with np.errstate(divide="ignore"):
                return np.asarray(special.ndtr((np.log(x) - middle - power * variance) / sigma))

        def above(x: Floats) -> Floats:
            with np.errstate(divide="ignore"):
                return np.asarray(special.ndtr(-(np.log(x) - middle) / sigma))

        return cls(
            "lognormal",
            mean,
            above,
            lambda x: below(x, 0),
            lambda x: mean * below(x, 1),
            lambda x: mean * mean * math.exp(variance) * below(x, 2),
        )

    @classmethod
    def weibull(cls, mean_s: float, shape: float) -> Distribution:
        """``shape`` from 0.1 to 1000: 1 is exponential, less gives a falling hazard."""
        special = scipy_part("special")
        mean, k = number(mean_s, "mean_s", above=0), number(shape, "shape", low=0.1, high=1000)
        scale = mean / math.gamma(1 + 1 / k)

        def moment(power: int) -> Function:
            factor = scale**power * math.gamma(1 + power / k)
            return lambda x: factor * special.gammainc(1 + power / k, power_of(x))

        def power_of(x: Floats) -> Floats:
            with np.errstate(over="ignore"):
                return np.asarray((x / scale) ** k)

        return cls(
            "weibull", mean, lambda x: np.exp(-power_of(x)), lambda x: -np.expm1(-power_of(x)), moment(1), moment(2)
        )

    @classmethod
    def hyperexponential(cls, means_s: Sequence[float], weights: Sequence[float]) -> Distribution:
        """With a probability proportional to its weight, an exponential phase of that mean."""
        if not means_s or len(means_s) != len(weights):
            raise ArgumentError("means_s and weights: write as many weights as means, and at least one")
        parts = [cls.exponential(mean) for mean in means_s]
        total = sum(number(weight, "weights", above=0) for weight in weights)
        shares = [weight / total for weight in weights]

        def mixed(word: str) -> Function:
            functions = [getattr(part, word) for part in parts]
            return lambda x: np.asarray(sum(share * f(x) for share, f in zip(shares, functions, strict=True)))

        mean = sum(share * part.mean_s for share, part in zip(shares, parts, strict=True))
        survival, cdf, partial_mean, partial_square = map(mixed, ("survival", "cdf", "partial_mean", "partial_square"))
        return cls("hyperexponential", mean, survival, cdf, partial_mean, partial_square)

    @classmethod
    def from_survival(
        cls, survival: Callable[[Floats], Any], *, scale_s: float, breaks_s: Sequence[float] = (), name: str = "survival"
    ) -> Distribution:
        """Any law, by P(X > x), which takes an array of times in seconds and does not rise.

        ``scale_s`` is a typical value, such as the median; ``breaks_s`` are the places where the function jumps or bends (found
        by halving where they are not told, which is slower and less exact). Integrals are Gauss-Legendre sums on halved panels,
        good to about 1e-12 for smooth functions. It may end above 0: so many then never leave.
        """
        scale = number(scale_s, "scale_s", above=0)
        breaks = tuple(sorted(number(at, "breaks_s", above=0) for at in breaks_s))
        edges = np.unique(np.concatenate([[0.0], scale * 2.0 ** np.arange(-20, 41), breaks]))
        probe = np.asarray(survival(edges), np.float64)
        if probe.shape != edges.shape or not np.all((probe >= 0) & (probe <= 1)) or np.any(np.diff(probe) > 1e-12):
            raise ArgumentError("survival: write a function of an array that gives probabilities that never rise")

        def share(x: Floats) -> Floats:
            return np.asarray(survival(x), np.float64)

        first = Table(share, edges)
        second = Table(lambda x: 2 * x * share(x), edges)
        return cls(
            name,
            math.inf if probe[-1] > 1e-9 else float(first(edges[-1:])[0]),
            share,
            lambda x: 1 - share(x),
            lambda x: np.maximum(first(x) - x * share(x), 0.0),
            lambda x: np.maximum(second(x) - x * x * share(x), 0.0),
            breaks,
        )
