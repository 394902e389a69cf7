"""Arrivals that change over the day, and the load they offer: the infinite-server model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .distribution import Distribution
from .need import number

__all__ = ["Before", "Profile"]

Floats = npt.NDArray[np.float64]
#: What came before time 0: nobody, the first rate for ever, or the same day again and again.
Before = Literal["nobody", "first", "again"]


@dataclass(frozen=True)
class Profile:
    """Poisson arrivals with a rate for each of equal intervals from time 0 on, and none behind the last.

    The offered load m(t) is the mean number in service if there were always an agent free: m(t) = E[integral of the rate over
    the last S before t] (Eick, Massey and Whitt 1993, "The physics of the M_t/G/infinity queue", theorem 1). With constant
    rates it is a sum of E[min(S, x)], exact for every law of service that :class:`Distribution` knows.
    """

    rates_per_hour: tuple[float, ...]
    interval_s: float
    before: Before

    def __init__(self, rates_per_hour: Sequence[float], interval_s: float, before: Before = "nobody") -> None:
        if not len(rates_per_hour):
            raise ArgumentError("rates_per_hour is empty; write the arrivals an hour of each interval")
        if before not in ("nobody", "first", "again"):
            raise ArgumentError(f'before is {before!r}; write "nobody", "first" or "again"')
        object.__setattr__(self, "rates_per_hour", tuple(number(rate, "rates_per_hour", low=0) for rate in rates_per_hour))
        object.__setattr__(self, "interval_s", number(interval_s, "interval_s", above=0))
        object.__setattr__(self, "before", before)

    @property
    def end_s(self) -> float:
        return len(self.rates_per_hour) * self.interval_s

    def mean_rate_per_hour(self, begin_s: float, end_s: float) -> float:
        """The mean rate from ``begin_s`` to ``end_s``, either of which may be before time 0."""
        begins, ends, rates = self._steps(end_s, end_s - begin_s)
        overlap = np.minimum(ends, end_s) - np.maximum(begins, begin_s)
        return float((rates * np.maximum(overlap, 0)).sum()) / (end_s - begin_s)

    def most_rate_per_hour(self, begin_s: float, end_s: float) -> float:
        """The greatest rate between ``begin_s`` and ``end_s``."""
        begins, ends, rates = self._steps(end_s, end_s - begin_s)
        # What overlaps by less than this is the rounding of begin_s.
        grain = 1e-9 * self.interval_s
        touched = rates[(begins < end_s - grain) & (ends > begin_s + grain)]
        return float(touched.max(initial=0.0))

    def load_erlang(self, at_s: Sequence[float] | Floats, service: Distribution) -> Floats:
        """m(t) at each of ``at_s`` (seconds, not negative)."""
        at = self._times(at_s)
        last = float(at.max(initial=0.0))
        begins, ends, rates = self._steps(last, self._reach(service) + last - float(at.min(initial=last)))
        ages = np.maximum(at[:, None] - np.concatenate([begins, ends])[None, :], 0)
        within = service.integral(ages)
        count = len(begins)
        return np.asarray(self._older(service, at) + (within[:, :count] - within[:, count:]) @ (rates / 3600))

    def mean_load_erlang(self, begin_s: float, end_s: float, service: Distribution) -> float:
        """The mean of m(t) from ``begin_s`` (at least 0) to ``end_s``, from E[min(S, x)] integrated once more."""
        span = self._times([begin_s, end_s])
        begins, ends, rates = self._steps(end_s, self._reach(service) + end_s - begin_s)
        ages = np.maximum(span[:, None] - np.concatenate([begins, ends])[None, :], 0)
        twice = ages * service.integral(ages) - service.square(ages) / 2
        grown = twice[1] - twice[0]
        count = len(begins)
        total = float((grown[:count] - grown[count:]) @ (rates / 3600))
        if self.before == "first":
            older = span * self._mean(service) - (span * service.integral(span) - service.square(span) / 2)
            total += self.rates_per_hour[0] / 3600 * float(older[1] - older[0])
        return total / (end_s - begin_s)

    def most_load_erlang(self, begin_s: float, end_s: float, service: Distribution, points: int = 61) -> float:
        """The greatest m(t) at so many equally spaced times from ``begin_s`` to ``end_s``, both of them included, and at the
        changes of the rate. Exact for exponential service, whose m is monotone between changes."""
        changes = np.arange(math.ceil(begin_s / self.interval_s), math.floor(end_s / self.interval_s) + 1) * self.interval_s
        inside = changes[(changes > begin_s) & (changes < end_s)]
        return float(self.load_erlang(np.concatenate([np.linspace(begin_s, end_s, points), inside]), service).max())

    def _older(self, service: Distribution, at: Floats) -> Floats | float:
        """Load of those who came before time 0 at the first rate: lambda (E[S] - E[min(S, t)])."""
        if self.before != "first":
            return 0.0
        return self.rates_per_hour[0] / 3600 * np.maximum(self._mean(service) - service.integral(at), 0)

    def _mean(self, service: Distribution) -> float:
        return number(service.mean_s, "the mean of the service", above=0)

    def _reach(self, service: Distribution) -> float:
        """How far back it matters who came: until 1e-13 of the mean service lies behind that."""
        if self.before != "again":
            return 0.0
        mean, reach = self._mean(service), self._mean(service)
        while mean - float(service.integral(np.array([reach]))[0]) > 1e-13 * mean:
            reach *= 2
            if reach > 1e4 * self.end_s:
                raise ArgumentError('services last longer than 10,000 days of this profile; write before="first" or "nobody"')
        return reach

    def _times(self, at_s: Sequence[float] | Floats) -> Floats:
        at = np.asarray(at_s, np.float64)
        if not np.all(np.isfinite(at) & (at >= 0)):
            raise ArgumentError("times must be finite and not negative")
        return at

    def _steps(self, until_s: float, back_s: float) -> tuple[Floats, Floats, Floats]:
        """Begin, end and rate of all intervals that matter at ``until_s`` and ``back_s`` before."""
        begins = np.arange(len(self.rates_per_hour), dtype=np.float64) * self.interval_s
        ends: Floats = np.append(begins[1:], self.end_s)
        rates: Floats = np.array(self.rates_per_hour)
        if self.before == "first" and until_s - back_s < 0:
            return (
                np.concatenate([[until_s - back_s], begins]),
                np.concatenate([[0.0], ends]),
                np.concatenate([rates[:1], rates]),
            )
        if self.before == "again":
            first, last = math.floor((until_s - back_s) / self.end_s), math.floor(until_s / self.end_s)
            days = np.arange(min(first, 0), last + 1, dtype=np.float64)[:, None] * self.end_s
            return (days + begins).ravel(), (days + ends).ravel(), np.tile(rates, len(days))
        return begins, ends, rates
