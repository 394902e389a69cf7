"""Service times: the law that fits best, and the spike of very short calls apart from it.

Brown et al. (JASA 100, 2005, section 4) found the service times of a bank lognormal once the very short calls (agents who hung
up to get a rest) were left out. Here they are not left out but a part of their own, so that a simulation has them too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .compound import Deterministic, Mixture
from .errors import FitError, require
from .laws import DurationLaw, SmoothLaw, Uniform
from .likelihood import LawFit, best, distance, fit_laws
from .sample import Sample, checked
from .writing import finite, plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ServiceFit", "Spike", "fit_service"]

Floats = npt.NDArray[np.float64]

SERVICE_LAWS = ("exponential", "lognormal", "gamma", "weibull", "hyperexponential", "mixture")


@dataclass(frozen=True)
class Spike:
    """Very short durations that the other law does not explain: the excess at or below ``below_s``."""

    below_s: float
    #: Of all durations; what the other law has below the cut is not counted.
    share: float
    share_error: float
    mean_s: float

    @property
    def law(self) -> Uniform:
        """Uniform with this mean, within 0 and the cut and as wide as fits."""
        reach = min(self.mean_s, self.below_s - self.mean_s)
        return Uniform(self.mean_s - reach, self.mean_s + reach)


@dataclass(frozen=True)
class ServiceFit:
    """``law``: what a study takes, the spike included. ``chosen``: the one of ``candidates`` with the smallest BIC."""

    law: DurationLaw
    chosen: LawFit | None
    candidates: dict[str, LawFit]
    spike: Spike | None
    values_s: Floats
    counts: Floats
    #: Recorded as 0 and taken as half the resolution.
    zeros: int
    resolution_s: float

    @property
    def count(self) -> int:
        return int(self.counts.sum())

    @property
    def mean_s(self) -> float:
        return float(self.counts @ self.values_s / self.counts.sum())

    @property
    def cv(self) -> float:
        return math.sqrt(float(self.counts @ (self.values_s - self.mean_s) ** 2 / self.counts.sum())) / self.mean_s

    @property
    def ks_distance(self) -> float:
        """Largest difference of the law's and the sample's distribution function. Its usual p value is not given: it would hold
        only for a law that was not fitted to the same sample."""
        return distance(self.law, self.values_s, self.counts)

    def comparison(self) -> pd.DataFrame:
        """A row a candidate, best first: ``law``, ``parameters``, ``log_likelihood``, ``aic``, ``bic``, ``mean_s``, ``cv``,
        ``ks_distance`` (beyond the spike's cut, where there is one: the candidates were fitted there)."""
        beyond = 0.0 if self.spike is None else self.spike.below_s
        seen = self.values_s > beyond
        rows = []
        for name, fit in sorted(self.candidates.items(), key=lambda item: item[1].bic):
            tail = 1.0 - float(fit.law.cdf(beyond))
            values, counts = self.values_s[seen], self.counts[seen]
            share, at = np.cumsum(counts) / counts.sum(), 1 - (1 - fit.law.cdf(values)) / tail
            ks = float(max(np.max(np.abs(share - at)), np.max(np.abs(np.concatenate([[0.0], share[:-1]]) - at))))
            rows.append(
                {
                    "law": name,
                    "parameters": fit.law.free_parameters,
                    "log_likelihood": fit.log_likelihood,
                    "aic": fit.aic,
                    "bic": fit.bic,
                    "mean_s": fit.law.mean_s,
                    "cv": fit.law.cv,
                    "ks_distance": ks,
                }
            )
        frame: pd.DataFrame = require("pandas").DataFrame(rows)
        return frame

    def qq(self, points: int = 99) -> pd.DataFrame:
        """Quantiles of the sample against the law's: ``probability``, ``observed_s``, ``fitted_s``; a straight line where the
        law holds."""
        if not 1 <= points <= 10_000:
            raise FitError(f"points is {points}; write 1 to 10000")
        probability = np.arange(1, points + 1) / (points + 1)
        share = np.cumsum(self.counts) / self.counts.sum()
        place = np.minimum(np.searchsorted(share, probability - 1e-12), len(share) - 1)
        frame: pd.DataFrame = require("pandas").DataFrame(
            {"probability": probability, "observed_s": self.values_s[place], "fitted_s": self.law.quantile(probability)}
        )
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Diagnostics for JSON."""
        return {
            "count": self.count,
            "mean_s": plain(self.mean_s),
            "cv": plain(self.cv),
            "zeros": self.zeros,
            "law": None if self.chosen is None else self.chosen.name,
            "fitted_mean_s": plain(self.law.mean_s),
            "ks_distance": plain(self.ks_distance),
            "errors": {} if self.chosen is None else {key: finite(value) for key, value in self.chosen.errors.items()},
            "bic": {name: plain(fit.bic) for name, fit in self.candidates.items()},
            "spike": None
            if self.spike is None
            else {
                "below_s": self.spike.below_s,
                "share": plain(self.spike.share),
                "share_error": plain(self.spike.share_error),
                "mean_s": plain(self.spike.mean_s),
            },
        }


def fit_service(
    service_s: npt.ArrayLike,
    *,
    laws: Sequence[str] = SERVICE_LAWS,
    spike_below_s: float | None = None,
    components: int = 3,
) -> ServiceFit:
    """Fits each of ``laws`` to durations (seconds, one-dimensional, at least two) and takes the one of smallest BIC.

    With ``spike_below_s`` the laws are fitted to the durations beyond it alone, each by its likelihood given that it is beyond.
    So the law keeps what it has itself below the cut, and the spike is the excess: share = 1 - (share seen beyond) / P(X >
    cut). Where that is not more than two of its standard errors there is no spike, and the laws are fitted to all. A record in
    whole seconds has zeros; they count as half its resolution.
    """
    values = checked(service_s, "service_s")
    if len(values) < 2:
        raise FitError(f"service_s: {len(values)} durations; at least 2 are needed")
    found = np.unique(values)
    zeros = int(np.count_nonzero(values == 0))
    gaps = np.diff(found)
    resolution = float(gaps.min()) if zeros and len(gaps) else 0.0
    if zeros == len(values):
        raise FitError("service_s: all are 0; a record without service times teaches none")
    values = np.where(values == 0, resolution / 2, values)
    everything = Sample.of(values)
    common = (everything.ended_s, everything.ended_count, zeros, resolution)
    if len(everything.ended_s) == 1:
        return ServiceFit(Deterministic(float(everything.ended_s[0])), None, {}, None, *common)
    if spike_below_s is not None:
        if not (math.isfinite(spike_below_s) and spike_below_s > 0):
            raise FitError(f"spike_below_s is {spike_below_s}; write seconds above 0, such as 10, or None")
        beyond = Sample.of(values, beyond_s=spike_below_s)
        if beyond.ended < 2 or len(beyond.ended_s) < 2:
            raise FitError(f"{beyond.ended} durations are longer than spike_below_s = {spike_below_s:g}; write a smaller one")
        fits = fit_laws(laws, beyond, components=components)
        spike = _excess(values, best(fits), spike_below_s)
        if spike is not None:
            chosen = best(fits)
            law = _with_spike(spike, chosen.law)
            return ServiceFit(law, chosen, fits, spike, *common)
    fits = fit_laws(laws, everything, components=components)
    return ServiceFit(best(fits).law, best(fits), fits, None, *common)


def _with_spike(spike: Spike, law: SmoothLaw) -> Mixture:
    """One mixture without another inside."""
    if type(law) is Mixture:
        return Mixture((spike.share, *((1 - spike.share) * w for w in law.weights)), (spike.law, *law.parts))
    return Mixture((spike.share, 1 - spike.share), (spike.law, law))


def _excess(values: Floats, fit: LawFit, cut: float) -> Spike | None:
    tail = float(np.exp(fit.law.log_survival(cut)))
    longer = float(np.mean(values > cut))
    share = 1 - longer / tail
    error = math.sqrt(longer * (1 - longer) / len(values)) / tail
    if share <= 2 * error:
        return None
    short = float(values[values <= cut].sum()) / len(values)
    mean = (short - (1 - share) * fit.law.mean_below(cut)) / share
    if not 0.01 * cut <= mean <= 0.99 * cut:  # a small excess tells little of its mean; all of those below tell more
        mean = float(np.clip(values[values <= cut].mean(), 0.01 * cut, 0.99 * cut))
    return Spike(cut, share, error, mean)
