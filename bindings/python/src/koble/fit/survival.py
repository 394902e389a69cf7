"""The product-limit estimate of a law of which some values are only known to be longer, with its errors and hazards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .compound import Empirical
from .errors import FitError, require
from .sample import checked, checked_flags

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KaplanMeier"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class KaplanMeier:
    """S(t) = P(X > t) as the product of 1 - d / n over the times up to t at which d of the n then at risk ended (Kaplan and
    Meier, JASA 53, 1958). Who is censored at the very time of an end is counted among those at risk then.

    All arrays are by ``time_s``, the different times at which something ended or was censored, rising.
    """

    time_s: Floats
    at_risk: Ints
    ended: Ints
    censored: Ints
    survival: Floats
    #: Sum of d / (n (n - d)) up to each time (Greenwood 1926): Var S(t) is S(t)^2 times this. Infinite where S is 0.
    greenwood: Floats

    @classmethod
    def fit(cls, values_s: npt.ArrayLike, ended: npt.ArrayLike) -> KaplanMeier:
        """``values_s``: seconds from 0; ``ended``: True where that is the duration itself, False where it is censored."""
        seconds = checked(values_s, "durations")
        exact = checked_flags(ended, len(seconds), "ended")
        if not len(seconds):
            raise FitError("there are no durations; give at least one")
        times, place = np.unique(seconds, return_inverse=True)
        deaths = np.bincount(place[exact], minlength=len(times)).astype(np.int64)
        all_here = np.bincount(place, minlength=len(times)).astype(np.int64)
        at_risk = (len(seconds) - np.concatenate([[0], np.cumsum(all_here)[:-1]])).astype(np.int64)
        survival: Floats = np.cumprod(1.0 - deaths / at_risk, dtype=np.float64)
        with np.errstate(divide="ignore"):
            terms = np.where(deaths > 0, deaths / (at_risk * (at_risk - deaths).astype(np.float64)), 0.0)
        greenwood: Floats = np.cumsum(terms, dtype=np.float64)
        return cls(times, at_risk, deaths, all_here - deaths, survival, greenwood)

    def _steps(self, t_s: npt.ArrayLike, first: float, values: Floats) -> Floats:
        place = np.searchsorted(self.time_s, np.asarray(t_s, np.float64), side="right")
        result: Floats = np.concatenate([[first], values])[place]
        return result

    def at(self, t_s: npt.ArrayLike) -> Floats:
        """S(t), beyond the last time as at it."""
        return self._steps(t_s, 1.0, self.survival)

    def draw_beyond(self, values_s: npt.ArrayLike, u: npt.ArrayLike) -> Floats:
        """X given that it exceeds the value, by inversion: the first time t with S(t) <= u S(value), u uniform. Infinite where the
        curve never falls so far: beyond the longest exact duration nothing is known."""
        some = self.ended > 0
        level = np.asarray(u, np.float64) * self.at(values_s)
        place = np.searchsorted(-self.survival[some], -level, side="left")
        result: Floats = np.concatenate([self.time_s[some], [np.inf]])[place]
        return result

    def error(self, t_s: npt.ArrayLike) -> Floats:
        """Standard error of S(t) by Greenwood's formula; NaN where S(t) is 0."""
        survival, sum_to = self.at(t_s), self._steps(t_s, 0.0, self.greenwood)
        with np.errstate(invalid="ignore"):
            result: Floats = survival * np.sqrt(sum_to)
        return result

    def band(self, t_s: npt.ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Pointwise limits of S(t) on the scale of log(-log S), on which they stay between 0 and 1 (Kalbfleisch and Prentice,
        "The Statistical Analysis of Failure Time Data", 2nd ed., 1.4). Where S(t) is 0 or 1, nothing to judge by: 0 and 1."""
        if not 0 < confidence < 1:
            raise FitError(f"confidence is {confidence}; write one between 0 and 1, such as 0.95")
        z = float(require("scipy.special").ndtri(0.5 + confidence / 2))
        survival, sum_to = self.at(t_s), self._steps(t_s, 0.0, self.greenwood)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(survival)
            reach = z * np.sqrt(sum_to) / np.abs(logs)
            low, high = survival ** np.exp(reach), survival ** np.exp(-reach)
        inside = (survival > 0) & (survival < 1)
        return np.where(inside, low, 0.0), np.where(inside, high, 1.0)

    @property
    def last_end_s(self) -> float:
        """The longest exact duration; 0 where there is none."""
        some = np.flatnonzero(self.ended)
        return float(self.time_s[some[-1]]) if len(some) else 0.0

    def restricted_mean(self, until_s: float | None = None) -> tuple[float, float]:
        """Area under S up to ``until_s`` (the last time seen), in seconds, and its standard error: the square root of the sum
        of A^2 d / (n (n - d)), A being the area from that end on (Klein and Moeschberger, "Survival Analysis", 2nd ed.,
        4.5)."""
        end = float(self.time_s[-1]) if until_s is None else until_s
        if not 0 < end <= float(self.time_s[-1]):
            raise FitError(f"until_s is {end:g}; write one above 0 and at most the longest time seen, {self.time_s[-1]:g} s")
        inner = self.time_s[self.time_s < end]
        count = len(inner)
        heights = np.concatenate([[1.0], self.survival[:count]])
        areas = heights * np.diff(np.concatenate([[0.0], inner, [end]]))
        later = np.cumsum(areas[::-1])[::-1][1:]  # from each time of inner on
        deaths, risk = self.ended[:count].astype(np.float64), self.at_risk[:count].astype(np.float64)
        some = (deaths > 0) & (risk > deaths)
        variance = float(np.sum(later[some] ** 2 * deaths[some] / (risk[some] * (risk[some] - deaths[some]))))
        return float(areas.sum()), math.sqrt(variance)

    def exposure_s(self, begin_s: float, end_s: float) -> float:
        """Time that all together spent between these two."""
        spent = np.clip(self.time_s, begin_s, end_s) - begin_s
        return float(spent @ (self.ended + self.censored))

    def hazard(self, edges_s: npt.ArrayLike) -> pd.DataFrame:
        """Ends over time at risk in each bin (edge, next edge]: the hazard per second if it is constant there, with its
        standard error (root of the ends over the time). Columns ``begin_s``, ``end_s``, ``ended``, ``exposure_s``, ``per_s``,
        ``error``; without time at risk NaN."""
        edges = checked(edges_s, "edges_s")
        if len(edges) < 2 or np.any(np.diff(edges) <= 0):
            raise FitError("edges_s: write at least two rising times, such as [0, 30, 60, 120]")
        upto = np.searchsorted(self.time_s, edges, side="right")
        sums = np.concatenate([[0], np.cumsum(self.ended)])[upto]
        ended = np.diff(sums)
        exposure = np.array([self.exposure_s(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)])
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = {
                "begin_s": edges[:-1],
                "end_s": edges[1:],
                "ended": ended,
                "exposure_s": exposure,
                "per_s": np.where(exposure > 0, ended / exposure, np.nan),
                "error": np.where(exposure > 0, np.sqrt(ended) / exposure, np.nan),
            }
        frame: pd.DataFrame = require("pandas").DataFrame(columns)
        return frame

    def frame(self, confidence: float = 0.95) -> pd.DataFrame:
        """The curve with its band: ``time_s``, ``at_risk``, ``ended``, ``censored``, ``survival``, ``error``, ``low``,
        ``high``."""
        low, high = self.band(self.time_s, confidence)
        frame: pd.DataFrame = require("pandas").DataFrame(
            {
                "time_s": self.time_s,
                "at_risk": self.at_risk,
                "ended": self.ended,
                "censored": self.censored,
                "survival": self.survival,
                "error": self.error(self.time_s),
                "low": low,
                "high": high,
            }
        )
        return frame

    def tail_hazard(self) -> float:
        """Per second: ends beyond the median exact duration over the time at risk from there to the last of them."""
        last = self.last_end_s
        ends = np.repeat(self.time_s, self.ended)
        if not len(ends):
            raise FitError("nobody's duration ended, so there is no hazard; nothing but a lower bound is known")
        middle = float(ends[(len(ends) - 1) // 2])
        if middle == last:
            middle = 0.0
        exposure = self.exposure_s(middle, last)
        if exposure <= 0:
            raise FitError("all exact durations are 0, so there is no tail; count these as balking")
        return float(np.count_nonzero(ends > middle)) / exposure

    def empirical(self, count: int = 1000, *, beyond_s: float = 0.0) -> Empirical:
        """The curve's quantiles at (i + 1/2) / count, given that the value exceeds ``beyond_s``: each equally likely.

        The curve knows nothing beyond the last exact duration. Where it has not come down to 0 by then, the tail goes on
        exponentially from there, with the hazard of :meth:`tail_hazard`.
        """
        if not 1 <= count <= 100_000:
            raise FitError(f"count is {count}; write 1 to 100000 quantiles")
        start = float(self.at(beyond_s))
        if start <= 0:
            raise FitError(f"nobody lasted longer than {beyond_s:g} s; write a smaller beyond_s")
        level = start * (1 - (np.arange(count) + 0.5) / count)
        some = self.ended > 0
        times, survival = self.time_s[some], self.survival[some]
        floor, last = (float(survival[-1]), float(times[-1])) if len(times) else (1.0, 0.0)
        inside = level >= floor
        values = np.empty(count)
        place = np.searchsorted(-survival, -level[inside], side="left")
        values[inside] = times[np.minimum(place, len(times) - 1)] if len(times) else 0.0
        if not np.all(inside):
            values[~inside] = last + np.log(floor / level[~inside]) / self.tail_hazard()
        return Empirical(tuple(np.maximum(values, beyond_s).tolist()))
