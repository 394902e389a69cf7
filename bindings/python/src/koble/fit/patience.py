"""Patience: how long people would wait, from waits of which most were ended by service.

Who was served tells that his patience exceeds his wait: it is censored there. Taking only those who hung up would make
everybody far too impatient (Brown et al., JASA 100, 2005, section 5; Mandelbaum and Zeltyn 2004).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import FitError, require
from .laws import DurationLaw
from .likelihood import LAWS, LawFit, best, fit_laws
from .sample import Sample, checked, checked_flags
from .survival import KaplanMeier
from .writing import finite, plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PatienceFit", "fit_patience"]

Floats = npt.NDArray[np.float64]

PATIENCE_LAWS = ("exponential", "lognormal", "gamma", "weibull", "hyperexponential")
#: Times at which the curve and a law are compared have at least so many at risk.
LEAST_AT_RISK = 20


@dataclass(frozen=True)
class PatienceFit:
    """``law``: of those who do not balk. ``balk``: probability that one who must wait leaves at once."""

    law: DurationLaw
    name: str
    #: None where the law is the empirical one.
    chosen: LawFit | None
    candidates: dict[str, LawFit]
    balk: float
    balk_error: float
    balk_within_s: float
    #: Of all who had to wait, those who balked included.
    curve: KaplanMeier

    @property
    def mean_s(self) -> float:
        """Of all who must wait: who balks has 0."""
        return (1 - self.balk) * self.law.mean_s

    def survival(self, t_s: npt.ArrayLike) -> Floats:
        """P(patience > t) with the balking, for t of at least 0."""
        result: Floats = (1 - self.balk) * (1 - self.law.cdf(t_s))
        return result

    def against_curve(self, confidence: float = 0.95) -> pd.DataFrame:
        """The law against the curve: ``time_s``, ``at_risk``, ``kaplan_meier``, ``low``, ``high``, ``fitted``; times with at
        least 20 at risk."""
        seen = (self.curve.at_risk >= LEAST_AT_RISK) & (self.curve.time_s >= self.balk_within_s)
        times = self.curve.time_s[seen]
        low, high = self.curve.band(times, confidence)
        frame: pd.DataFrame = require("pandas").DataFrame(
            {
                "time_s": times,
                "at_risk": self.curve.at_risk[seen],
                "kaplan_meier": self.curve.survival[seen],
                "low": low,
                "high": high,
                "fitted": self.survival(times),
            }
        )
        return frame

    @property
    def distance(self) -> float:
        """The largest difference from the curve, where at least 20 are at risk; NaN where that is nowhere so."""
        frame = self.against_curve()
        return float((frame["fitted"] - frame["kaplan_meier"]).abs().max()) if len(frame) else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Diagnostics for JSON."""
        mean, error = self.curve.restricted_mean() if self.curve.time_s[-1] > 0 else (0.0, 0.0)
        last = float(self.curve.time_s[-1])
        return {
            "had_to_wait": int(self.curve.at_risk[0]),
            "abandoned": int(self.curve.ended.sum()),
            "balk": plain(self.balk),
            "balk_error": finite(self.balk_error),
            "law": self.name,
            "fitted_mean_s": plain(self.law.mean_s),
            "errors": {} if self.chosen is None else {key: finite(value) for key, value in self.chosen.errors.items()},
            "bic": {name: plain(fit.bic) for name, fit in self.candidates.items()},
            "distance": finite(self.distance),
            "longest_wait_s": plain(last),
            "restricted_mean_s": plain(mean),
            "restricted_mean_error_s": plain(error),
            "curve_at_longest_abandonment": plain(float(self.curve.at(self.curve.last_end_s))),
        }


def fit_patience(
    wait_s: npt.ArrayLike,
    abandoned: npt.ArrayLike,
    *,
    laws: Sequence[str] = PATIENCE_LAWS,
    balk_within_s: float = 0.0,
    components: int = 3,
    quantiles: int = 1000,
) -> PatienceFit:
    """Fits each of ``laws`` to waits (seconds) of which ``abandoned`` ones (bool) ended by hanging up, and takes the one of
    smallest BIC.

    Who was served after a wait of 0 did not have to wait and is left out; who hung up at 0 balked. ``balk_within_s``: hanging
    up within so long is balking too, as far as the law does not explain it: the laws are fitted to waits beyond it, given that
    they are beyond, and balk = 1 - S(balk_within_s) / P(law > balk_within_s), S being the Kaplan-Meier curve.

    ``laws`` may be ["empirical"]: ``quantiles`` equally likely values of the curve, its tail beyond the longest abandonment
    extended exponentially (:meth:`~koble.fit.KaplanMeier.empirical`). Right where waits do not depend on patience by something
    that both depend on: mix no classes of callers who are served in another order.
    """
    waits = checked(wait_s, "wait_s")
    left = checked_flags(abandoned, len(waits), "abandoned")
    if not (math.isfinite(balk_within_s) and balk_within_s >= 0):
        raise FitError(f"balk_within_s is {balk_within_s}; write seconds, 0 or more")
    had_to = (waits > 0) | left
    if not np.any(left):
        raise FitError("nobody hung up, so all that is known is that patience is longer; write no patience into the study")
    curve = KaplanMeier.fit(waits[had_to], left[had_to])
    staying, error = float(curve.at(balk_within_s)), float(curve.error(balk_within_s))
    if "empirical" in laws:
        if list(laws) != ["empirical"]:
            raise FitError('laws: the empirical law has no likelihood to be compared by; write it alone, ["empirical"]')
        law: DurationLaw = curve.empirical(quantiles, beyond_s=balk_within_s)
        return PatienceFit(law, "empirical", None, {}, 1 - staying, error, balk_within_s, curve)
    unknown = [name for name in laws if name not in LAWS]
    if unknown:
        raise FitError(f"laws: {unknown[0]!r} is unknown; write some of {', '.join(LAWS)}, or empirical alone")
    beyond = Sample.of(waits[had_to], left[had_to], beyond_s=balk_within_s)
    if beyond.ended < 1:
        raise FitError(
            f"nobody hung up after more than {balk_within_s:g} s, so no law of patience can be fitted; give more days, or join "
            "this kind of call with another"
        )
    fits = fit_laws(laws, beyond, components=components)
    chosen = best(fits)
    tail = float(np.exp(chosen.law.log_survival(balk_within_s)))
    return PatienceFit(
        chosen.law, chosen.name, chosen, fits, max(0.0, 1 - staying / tail), error / tail, balk_within_s, curve
    )
