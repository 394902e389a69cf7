"""Forecasts of a wait in one number: by the length of the queue, and by waits of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from ...errors import ArgumentError, StateError
from ..analysis.sample import check_whole, special
from .days import Day
from .order import Floats, abandoned, joined
from .states import States

__all__ = [
    "AverageLes",
    "Estimator",
    "ExtrapolatedLes",
    "HeadOfLine",
    "LastToComplete",
    "LastToEnter",
    "MeanOfLast",
    "NoInformation",
    "ProportionalLes",
    "QueueLength",
    "QueueLengthAbandon",
    "QueueLengthAbandonLog",
    "RecentToComplete",
]


class Estimator:
    """Says from the state how long an arrival that has to wait will wait."""

    name: str = "?"

    def fit(self, days: Sequence[Day]) -> Self:
        """Learns what it needs from days that have passed; most need nothing."""
        return self

    def predict_s(self, states: States) -> Floats:
        """Seconds, one for each arrival."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def fitted(value: Any, who: Any) -> Any:
    """``value``, unless it is None.

    :raises StateError: where the estimator has not been fitted.
    """
    if value is None:
        raise StateError(f"{who.name} has not been fitted; call fit(days), or give it its rates")
    return value


class NoInformation(Estimator):
    """The mean virtual wait of the days it was fitted on, whatever the state: what any other has to beat (Ibrahim and Whitt
    2009, NI)."""

    name = "no information"

    def __init__(self, mean_s: float | None = None) -> None:
        self.mean_s = mean_s

    def fit(self, days: Sequence[Day]) -> Self:
        self.mean_s = float(np.concatenate([day.waits_s for day in days]).mean())
        return self

    def predict_s(self, states: States) -> Floats:
        return np.full(len(states), fitted(self.mean_s, self))


class Rates:
    """Rates of service and of abandonment, an hour: given, or fitted: conversations with their wrap-ups over the time they took;
    hang-ups over the time waited by all together (the likeliest rate for exponential patience)."""

    name: str = "?"

    def __init__(self, rate_per_hour: float | None = None, abandonments_per_hour: float | None = None) -> None:
        if (rate_per_hour is not None and not rate_per_hour > 0) or (abandonments_per_hour is not None and not abandonments_per_hour >= 0):
            raise ArgumentError("write a service rate above 0 and an abandonment rate of 0 or more, an hour")
        self.rate_per_hour, self.abandonments_per_hour = rate_per_hour, abandonments_per_hour
        self._given = (rate_per_hour, abandonments_per_hour)

    def fit(self, days: Sequence[Day]) -> Self:
        took, count = np.sum([day.handling_s for day in days], axis=0)
        left = sum(int(abandoned(day.log).sum()) for day in days)
        waited = sum(float(day.log["wait_ns"][joined(day.log)].sum()) for day in days) / 1e9
        rate, abandonments = self._given
        if rate is None and count == 0:
            raise ArgumentError("days: nobody was served on them, so that no rate can be fitted; give more, or the rate")
        self.rate_per_hour = 3600.0 * count / took if rate is None else rate
        self.abandonments_per_hour = (3600.0 * left / waited if waited > 0 else 0.0) if abandonments is None else abandonments
        return self

    def speed(self, states: States) -> Floats:
        """Contacts that all agents together end in an hour; at least one agent's."""
        return np.asarray(np.maximum(states.agents, 1) * fitted(self.rate_per_hour, self), np.float64)


class QueueLength(Rates, Estimator):
    """QL: (Q + 1) / (n mu), exact for M/M/n (Whitt, "Predicting queueing delays", Management Science 45, 1999)."""

    name = "QL"

    def predict_s(self, states: States) -> Floats:
        return 3600.0 * (states.waiting + 1) / self.speed(states)


class QueueLengthAbandon(Rates, Estimator):
    """QLA: sum over i = 0 .. Q of 1 / (n mu + i theta), exact for M/M/n+M and one who does not hang up (Whitt, "Improving
    service by informing customers about anticipated delays", Management Science 45, 1999). With c = n mu / theta it is (psi(c +
    Q + 1) - psi(c)) / theta, psi being the digamma function."""

    name = "QLA"

    def predict_s(self, states: States) -> Floats:
        speed, theta = self.speed(states), fitted(self.abandonments_per_hour, self)
        if theta == 0:
            return 3600.0 * (states.waiting + 1) / speed
        psi, c = special().psi, speed / theta
        return np.asarray(3600.0 * (psi(c + states.waiting + 1) - psi(c)) / theta, np.float64)


class QueueLengthAbandonLog(Rates, Estimator):
    """The continuous form that the ContactCenters library has: ln(1 + theta Q / (n mu)) / theta
    (ExpectedDelayWithAbandonPredictor.java). It counts Q, not Q + 1, and so is 0 for the first in line."""

    name = "QLA log"

    def predict_s(self, states: States) -> Floats:
        speed, theta = self.speed(states), fitted(self.abandonments_per_hour, self)
        if theta == 0:
            return 3600.0 * states.waiting / speed
        return np.asarray(3600.0 * np.log1p(theta * states.waiting / speed) / theta, np.float64)


class LastToEnter(Estimator):
    """LES: the wait of the last to enter service, of the queue or ``overall`` (Ibrahim and Whitt, "Real-time delay estimation
    based on delay history", M&SOM 11, 2009; ContactCenters' LastWaitingTimePredictor)."""

    def __init__(self, *, overall: bool = False) -> None:
        self.overall = overall
        self.name = "LES overall" if overall else "LES"

    def predict_s(self, states: States) -> Floats:
        return states.les_all_s if self.overall else states.les_s


class HeadOfLine(Estimator):
    """HOL: how long the head of the line has waited, of the queue or the longest ``overall``; 0 where nobody waits (Ibrahim and
    Whitt 2009; ContactCenters' HeadOfQueuePredictor)."""

    def __init__(self, *, overall: bool = False) -> None:
        self.overall = overall
        self.name = "HOL overall" if overall else "HOL"

    def predict_s(self, states: States) -> Floats:
        return states.hol_all_s if self.overall else states.hol_s


class LastToComplete(Estimator):
    """LCS: the wait of the last to complete service (Ibrahim and Whitt 2009)."""

    name = "LCS"

    def predict_s(self, states: States) -> Floats:
        return states.lcs_s


class RecentToComplete(Estimator):
    """RCS: the wait of the one who arrived last among those who have completed service (Ibrahim and Whitt 2009)."""

    name = "RCS"

    def predict_s(self, states: States) -> Floats:
        return states.rcs_s


class MeanOfLast(Estimator):
    """The mean wait of the last ``count`` to enter service, of the queue or ``overall``; of fewer where there are fewer, and 0
    of none (ContactCenters' MeanNLastWaitingTimePredictor)."""

    def __init__(self, count: int = 10, *, overall: bool = False) -> None:
        self.count, self.overall = check_whole(count, "count", 1), overall
        self.name = f"mean of last {count}" + (" overall" if overall else "")

    def predict_s(self, states: States) -> Floats:
        return np.nan_to_num(states.mean_of_last(self.count, overall=self.overall))


class ExtrapolatedLes(Estimator):
    """E-LES: the last to enter service and all who wait, extrapolated to the end of their waits and averaged (the idea:
    Thiongane, Chan and L'Ecuyer, "New history-based delay predictors for service systems", Winter Simulation Conference 2016).
    One who found q waiting and now has p before him after w seconds will have waited w (q + 1) / (q - p); the mean is weighted
    by the places passed, q - p, and q + 1 for the last to enter service. The weights are ours."""

    name = "E-LES"

    def predict_s(self, states: States) -> Floats:
        return states.extrapolated_s


class AverageLes(Estimator):
    """AvgLES: the mean wait of the last ``count`` who found as many waiting as this one does, and waited (Thiongane, Chan and
    L'Ecuyer 2016, with equal weights). Where there was none, LES."""

    def __init__(self, count: int = 10) -> None:
        self.count = check_whole(count, "count", 1)
        self.name = f"AvgLES {count}"

    def predict_s(self, states: States) -> Floats:
        mean = states.mean_of_alike(self.count)
        return np.where(np.isnan(mean), states.les_s, mean)


class ProportionalLes(Estimator):
    """P-LES: LES times (Q + 1) / (what the last to enter service had found waiting + 1) (after Thiongane, Chan and L'Ecuyer)."""

    name = "P-LES"

    def predict_s(self, states: States) -> Floats:
        return states.les_s * (states.waiting + 1) / (states.les_waiting + 1)
