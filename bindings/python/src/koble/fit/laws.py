"""Laws of durations in seconds, as they are fitted: densities and tails for the likelihood, quantiles, and the study's words.

``koble.sim.Law`` draws; these are what the parameters of such a law are found with. ``to_study`` writes one as docs/studies.md
has it. Those made of others, and the reading of all of them, are in compound.py.
"""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .errors import require
from .writing import duration_text, plain

__all__ = ["DurationLaw", "Exponential", "Gamma", "Lognormal", "SmoothLaw", "Uniform", "Weibull"]

Floats = npt.NDArray[np.float64]

_TINY = 1e-300


class DurationLaw(abc.ABC):
    """A law of durations in seconds, none of them negative."""

    #: As the study's ``law`` has it.
    word: ClassVar[str]

    @property
    @abc.abstractmethod
    def mean_s(self) -> float: ...

    @property
    @abc.abstractmethod
    def second_moment_s2(self) -> float:
        """E X^2 in square seconds."""

    @property
    def cv(self) -> float:
        """Coefficient of variation: deviation over mean; 0 where the mean is 0."""
        mean = self.mean_s
        return math.sqrt(max(self.second_moment_s2 - mean * mean, 0.0)) / mean if mean > 0 else 0.0

    @abc.abstractmethod
    def cdf(self, x_s: npt.ArrayLike) -> Floats:
        """P(X <= x)."""

    @abc.abstractmethod
    def quantile(self, u: npt.ArrayLike) -> Floats:
        """The smallest x with P(X <= x) >= u, for u strictly between 0 and 1."""

    @abc.abstractmethod
    def scaled(self, factor: float) -> DurationLaw:
        """The law of factor x X; factor > 0."""

    @abc.abstractmethod
    def to_study(self) -> Any:
        """As docs/studies.md writes a law."""


class SmoothLaw(DurationLaw):
    """A law with a density, which is what a likelihood needs."""

    #: Free parameters, for AIC and BIC.
    parameter_count: ClassVar[int]

    @abc.abstractmethod
    def log_density(self, x_s: npt.ArrayLike) -> Floats:
        """log f(x) for x > 0."""

    @abc.abstractmethod
    def log_survival(self, x_s: npt.ArrayLike) -> Floats:
        """log P(X > x) for x >= 0."""

    @property
    def free_parameters(self) -> int:
        return self.parameter_count

    def cdf(self, x_s: npt.ArrayLike) -> Floats:
        result: Floats = -np.expm1(self.log_survival(x_s))
        return result

    def quantile(self, u: npt.ArrayLike) -> Floats:
        """By bisection on log P(X > x), to 2^-60 of the bracket, all at once."""
        target = np.log1p(-np.asarray(u, np.float64))
        low = np.zeros_like(target)
        high = np.full_like(target, max(self.mean_s, 1e-9))
        while np.any(short := self.log_survival(high) > target):
            high = np.where(short, 2 * high, high)
        for _ in range(60):
            middle = (low + high) / 2
            below = self.log_survival(middle) > target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return high

    def mean_below(self, x_s: float) -> float:
        """E(X; X <= x) = integral of P(X > t) over [0, x] less x P(X > x), in seconds; Simpson's rule on 400 pieces."""
        t = np.linspace(0.0, x_s, 401)
        tail = np.exp(self.log_survival(t))
        area = x_s / 1200 * float(tail[0] + 4 * tail[1::2].sum() + 2 * tail[2:-1:2].sum() + tail[-1])
        return area - x_s * float(tail[-1])


@dataclass(frozen=True)
class Exponential(SmoothLaw):
    word: ClassVar[str] = "exponential"
    parameter_count: ClassVar[int] = 1
    mean: float

    @property
    def mean_s(self) -> float:
        return self.mean

    @property
    def second_moment_s2(self) -> float:
        return 2 * self.mean**2

    def log_density(self, x_s: npt.ArrayLike) -> Floats:
        return self.log_survival(x_s) - math.log(self.mean)

    def log_survival(self, x_s: npt.ArrayLike) -> Floats:
        return -np.asarray(x_s, np.float64) / self.mean

    def quantile(self, u: npt.ArrayLike) -> Floats:
        result: Floats = -self.mean * np.log1p(-np.asarray(u, np.float64))
        return result

    def scaled(self, factor: float) -> Exponential:
        return Exponential(self.mean * factor)

    def to_study(self) -> dict[str, Any]:
        return {"law": self.word, "mean": duration_text(self.mean)}


@dataclass(frozen=True)
class Lognormal(SmoothLaw):
    """log X is normal with mean ``mu`` (of seconds) and deviation ``sigma``."""

    word: ClassVar[str] = "lognormal"
    parameter_count: ClassVar[int] = 2
    mu: float
    sigma: float

    @property
    def mean_s(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def second_moment_s2(self) -> float:
        return math.exp(2 * self.mu + 2 * self.sigma**2)

    def _standard(self, x_s: npt.ArrayLike) -> Floats:
        with np.errstate(divide="ignore"):
            result: Floats = (np.log(np.asarray(x_s, np.float64)) - self.mu) / self.sigma
        return result

    def log_density(self, x_s: npt.ArrayLike) -> Floats:
        z = self._standard(x_s)
        with np.errstate(divide="ignore", invalid="ignore"):
            below: Floats = -0.5 * z**2 - np.log(np.asarray(x_s, np.float64)) - math.log(self.sigma * math.sqrt(2 * math.pi))
        return np.where(np.isneginf(z), -np.inf, below)

    def log_survival(self, x_s: npt.ArrayLike) -> Floats:
        result: Floats = require("scipy.special").log_ndtr(-self._standard(x_s))
        return result

    def quantile(self, u: npt.ArrayLike) -> Floats:
        result: Floats = np.exp(self.mu + self.sigma * require("scipy.special").ndtri(np.asarray(u, np.float64)))
        return result

    def scaled(self, factor: float) -> Lognormal:
        return Lognormal(self.mu + math.log(factor), self.sigma)

    def to_study(self) -> dict[str, Any]:
        return {"law": self.word, "mean": duration_text(self.mean_s), "cv": plain(math.sqrt(math.expm1(self.sigma**2)))}


@dataclass(frozen=True)
class Gamma(SmoothLaw):
    """Mean and shape; ``whole``: the shape is a whole number of phases (Erlang's law)."""

    word: ClassVar[str] = "gamma"
    parameter_count: ClassVar[int] = 2
    mean: float
    shape: float
    whole: bool = False

    @property
    def mean_s(self) -> float:
        return self.mean

    @property
    def second_moment_s2(self) -> float:
        return self.mean**2 * (1 + 1 / self.shape)

    def _scaled(self, x_s: npt.ArrayLike) -> Floats:
        return np.asarray(x_s, np.float64) * (self.shape / self.mean)

    def log_density(self, x_s: npt.ArrayLike) -> Floats:
        x, k = np.asarray(x_s, np.float64), self.shape
        with np.errstate(divide="ignore"):
            result: Floats = (k - 1) * np.log(x) - x * (k / self.mean) + k * math.log(k / self.mean) - math.lgamma(k)
        return result

    def log_survival(self, x_s: npt.ArrayLike) -> Floats:
        y = self._scaled(x_s)
        tail: Floats = require("scipy.special").gammaincc(self.shape, y)
        if np.all(tail > _TINY):
            return np.log(tail)
        # Where the tail underflows, Gamma(k, y) ~ y^(k-1) e^-y (1 + (k-1)/y) / Gamma(k) (Abramowitz and Stegun, 6.5.32).
        far = np.maximum(y, 1.0)
        more = np.log1p(np.maximum((self.shape - 1) / far, -0.5))
        wide = (self.shape - 1) * np.log(far) - far + more - math.lgamma(self.shape)
        return np.where(tail > _TINY, np.log(np.maximum(tail, _TINY)), wide)

    def quantile(self, u: npt.ArrayLike) -> Floats:
        result: Floats = require("scipy.special").gammaincinv(self.shape, np.asarray(u, np.float64)) * (self.mean / self.shape)
        return result

    def scaled(self, factor: float) -> Gamma:
        return Gamma(self.mean * factor, self.shape, self.whole)

    def to_study(self) -> dict[str, Any]:
        if self.whole:
            return {"law": "erlang", "mean": duration_text(self.mean), "phases": round(self.shape)}
        return {"law": self.word, "mean": duration_text(self.mean), "shape": plain(self.shape)}


@dataclass(frozen=True)
class Weibull(SmoothLaw):
    """P(X > x) = exp(-(x / scale)^shape), the scale being mean / Gamma(1 + 1 / shape)."""

    word: ClassVar[str] = "weibull"
    parameter_count: ClassVar[int] = 2
    mean: float
    shape: float

    @property
    def mean_s(self) -> float:
        return self.mean

    @property
    def scale_s(self) -> float:
        return self.mean * math.exp(-math.lgamma(1 + 1 / self.shape))

    @property
    def second_moment_s2(self) -> float:
        return self.scale_s**2 * math.exp(math.lgamma(1 + 2 / self.shape))

    def log_density(self, x_s: npt.ArrayLike) -> Floats:
        y = np.asarray(x_s, np.float64) / self.scale_s
        with np.errstate(divide="ignore"):
            result: Floats = math.log(self.shape / self.scale_s) + (self.shape - 1) * np.log(y) - y**self.shape
        return result

    def log_survival(self, x_s: npt.ArrayLike) -> Floats:
        return -((np.asarray(x_s, np.float64) / self.scale_s) ** self.shape)

    def quantile(self, u: npt.ArrayLike) -> Floats:
        result: Floats = self.scale_s * (-np.log1p(-np.asarray(u, np.float64))) ** (1 / self.shape)
        return result

    def scaled(self, factor: float) -> Weibull:
        return Weibull(self.mean * factor, self.shape)

    def to_study(self) -> dict[str, Any]:
        return {"law": self.word, "mean": duration_text(self.mean), "shape": plain(self.shape)}


@dataclass(frozen=True)
class Uniform(SmoothLaw):
    word: ClassVar[str] = "uniform"
    parameter_count: ClassVar[int] = 2
    low: float
    high: float

    @property
    def mean_s(self) -> float:
        return (self.low + self.high) / 2

    @property
    def second_moment_s2(self) -> float:
        return (self.low**2 + self.low * self.high + self.high**2) / 3

    def log_density(self, x_s: npt.ArrayLike) -> Floats:
        x = np.asarray(x_s, np.float64)
        width = max(self.high - self.low, 1e-9)
        return np.where((x >= self.low) & (x <= self.high), -math.log(width), -np.inf)

    def log_survival(self, x_s: npt.ArrayLike) -> Floats:
        x = np.asarray(x_s, np.float64)
        with np.errstate(divide="ignore"):
            result: Floats = np.log(np.clip((self.high - x) / max(self.high - self.low, 1e-9), 0.0, 1.0))
        return result

    def quantile(self, u: npt.ArrayLike) -> Floats:
        return self.low + np.asarray(u, np.float64) * (self.high - self.low)

    def scaled(self, factor: float) -> Uniform:
        return Uniform(self.low * factor, self.high * factor)

    def to_study(self) -> dict[str, Any]:
        return {"law": self.word, "from": duration_text(self.low), "to": duration_text(self.high)}
