"""Forecasts that are learnt: least squares on features of the state, as they are or by splines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from ...errors import ArgumentError
from ..analysis.sample import check_whole
from .days import Day
from .estimators import Estimator, fitted
from .order import Floats
from .states import States

__all__ = ["FEATURES", "USUAL", "LinearRegression", "SplineRegression", "check_features", "feature_matrix", "training"]

#: What a state is described by.
FEATURES: dict[str, Callable[[States], Floats]] = {
    "waiting": lambda states: states.waiting.astype(np.float64),
    "waiting_all": lambda states: states.waiting_all.astype(np.float64),
    "agents": lambda states: states.agents.astype(np.float64),
    "waiting_per_agent": lambda states: states.waiting_per_agent,
    "les_s": lambda states: states.les_s,
    "les_all_s": lambda states: states.les_all_s,
    "hol_s": lambda states: states.hol_s,
    "hol_all_s": lambda states: states.hol_all_s,
    "rcs_s": lambda states: states.rcs_s,
    "extrapolated_s": lambda states: states.extrapolated_s,
    "time_s": lambda states: states.time_s,
}
USUAL = ("waiting_per_agent", "waiting", "agents", "les_s", "hol_s", "time_s")


def check_features(features: Sequence[str]) -> tuple[str, ...]:
    """
    :raises ArgumentError: where one is none of :data:`FEATURES`.
    """
    for name in features:
        if name not in FEATURES:
            raise ArgumentError(f"features: {name!r} is none; write some of {', '.join(FEATURES)}")
    return tuple(features)


def feature_matrix(states: States, features: Sequence[str]) -> Floats:
    """Arrivals x features."""
    return np.column_stack([np.zeros((len(states), 0)), *(FEATURES[name](states) for name in features)])


def training(days: Sequence[Day], features: Sequence[str]) -> tuple[Floats, Floats]:
    """Features and virtual waits of all days together.

    :raises ArgumentError: where nobody had to wait.
    """
    x = np.concatenate([np.zeros((0, len(features))), *(feature_matrix(day.states, features) for day in days)])
    y = np.concatenate([np.zeros(0), *(day.waits_s for day in days)])
    if not len(y):
        raise ArgumentError("days: nobody had to wait on them, so that nothing can be learnt; take more or busier ones")
    return x, y


class LinearRegression(Estimator):
    """Least squares of virtual waits on features of the state, and 1. What comes out below 0 is 0."""

    name = "linear regression"

    def __init__(self, features: Sequence[str] = USUAL) -> None:
        self.features = check_features(features)
        self._weights: Floats | None = None

    def _columns(self, x: Floats) -> Floats:
        return x

    def _design(self, x: Floats) -> Floats:
        return np.column_stack([np.ones(len(x)), self._columns(x)])

    def _learn(self, x: Floats) -> None:
        """What the columns are made with."""

    def fit(self, days: Sequence[Day]) -> Self:
        x, y = training(days, self.features)
        self._learn(x)
        design = self._design(x)
        scale = np.abs(design).max(axis=0)
        scale[scale == 0] = 1.0  # columns of like size, so that small singular values mean what they say
        self._weights = np.linalg.lstsq(design / scale, y, rcond=1e-10)[0] / scale
        return self

    def predict_s(self, states: States) -> Floats:
        weights = fitted(self._weights, self)
        return np.asarray(np.maximum(self._design(feature_matrix(states, self.features)) @ weights, 0.0), np.float64)


class SplineRegression(LinearRegression):
    """Least squares on a natural cubic spline of each feature, summed: cubic between knots at evenly spaced quantiles of the
    training days, linear beyond the outer ones (Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd
    ed., 5.2.1, equations 5.4 and 5.5). Thiongane, Chan and L'Ecuyer 2015 and 2020 smooth theirs; here the number of knots does
    it.

    knots: of each feature at most, from 3; fewer where it has few values.
    """

    name = "spline regression"

    def __init__(self, features: Sequence[str] = USUAL, knots: int = 6) -> None:
        super().__init__(features)
        self.knots = check_whole(knots, "knots", 3)
        self._knots: list[Floats] = []

    def _learn(self, x: Floats) -> None:
        shares = np.linspace(0.02, 0.98, self.knots)
        self._knots = [np.unique(np.quantile(column, shares)) for column in x.T]

    def _columns(self, x: Floats) -> Floats:
        parts = [x]
        for column, knots in zip(x.T, self._knots, strict=True):
            if len(knots) >= 3:
                width = knots[-1] - knots[0]
                cubes = np.maximum((column[:, None] - knots) / width, 0.0) ** 3
                slopes = (cubes[:, :-1] - cubes[:, -1:]) * width / (knots[-1] - knots[:-1])
                parts.append(slopes[:, :-1] - slopes[:, -1:])
        return np.column_stack(parts)
