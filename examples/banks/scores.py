"""How good forecasts of hours are: CRPS against rivals, with paired differences, and the coverage of intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from koble.lab import Estimate
from koble.lab import analysis as an

__all__ = ["Duel", "cell_scores", "duel", "held"]

Floats = npt.NDArray[np.float64]


def cell_scores(ensembles: Floats, observed: Floats) -> Floats:
    """The fair CRPS (Ferro 2014) of every cell. ``ensembles``: days x members x hours; ``observed``: days x hours, NaN where
    there is nothing to be judged, which the scores then are, too."""
    days, members, hours = ensembles.shape
    flat = ensembles.transpose(0, 2, 1).reshape(days * hours, members)
    seen = observed.ravel()
    found = np.full(len(seen), np.nan)
    judged = ~np.isnan(seen)
    found[judged] = an.crps(flat[judged], seen[judged], fair=True)
    return found.reshape(days, hours)


@dataclass(frozen=True)
class Duel:
    """Mean CRPS of a forecast and of its rival, and the difference (below 0: the forecast is better).

    ``by_hour`` takes hours for independent, which hours of one day are not; ``by_day`` has the means of days as its sample, and
    is the one to be trusted.
    """

    own: float
    rival: float
    by_hour: Estimate
    by_day: Estimate

    @property
    def verdict(self) -> str:
        if self.by_day.high < 0:
            return "wins"
        if self.by_day.low > 0:
            return "loses"
        return "ahead" if self.by_day.value < 0 else "behind"

    def to_dict(self) -> dict[str, Any]:
        intervals = {name: [one.low, one.high] for name, one in (("by_hour", self.by_hour), ("by_day", self.by_day))}
        return {"own": self.own, "rival": self.rival, "difference": self.by_hour.value, **intervals, "verdict": self.verdict}


def duel(own: Floats, rival: Floats) -> Duel:
    """Of scores in matrices, days x hours."""
    gaps = own - rival
    judged = gaps[~np.isnan(gaps)]
    return Duel(
        float(np.nanmean(own)),
        float(np.nanmean(rival)),
        an.mean_score(judged),
        an.mean_score(np.nanmean(gaps, axis=1)),
    )


def held(ensembles: Floats, observed: Floats, level: float) -> Estimate | None:
    """How many of the hours lie within the central interval of their ensembles; None where those are too small for it."""
    days, members, hours = ensembles.shape
    if members < 2 / (1 - level) - 1 - 1e-9:
        return None
    seen = observed.ravel()
    judged = ~np.isnan(seen)
    flat = ensembles.transpose(0, 2, 1).reshape(days * hours, members)
    return an.coverage(flat[judged], seen[judged], level)
