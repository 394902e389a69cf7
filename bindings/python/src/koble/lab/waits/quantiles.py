"""Forecasts of quantiles of a wait: what can be promised with which chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from ...errors import ArgumentError, KobleError
from ..analysis.sample import check_whole, special
from .days import Day
from .estimators import Rates, fitted
from .order import Floats
from .regression import FEATURES, USUAL, check_features, feature_matrix, training
from .states import States

__all__ = ["EmpiricalQuantiles", "QuantileEstimator", "QuantileRegression", "QueueLengthQuantiles"]


class QuantileEstimator:
    """Says from the state below what the wait stays with each probability of ``shares``."""

    name: str = "?"
    shares: tuple[float, ...]

    def _set_shares(self, shares: Sequence[float]) -> None:
        if not len(shares) or not all(0 < share < 1 for share in shares) or list(shares) != sorted(set(shares)):
            raise ArgumentError(f"shares: are {list(shares)!r}; write rising ones between 0 and 1, such as (0.1, 0.5, 0.9)")
        self.shares = tuple(float(share) for share in shares)

    def fit(self, days: Sequence[Day]) -> Self:
        """Learns what it needs from days that have passed."""
        return self

    def quantiles_s(self, states: States) -> Floats:
        """Seconds, arrivals x shares."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


_SHARES = (0.1, 0.5, 0.9)


class QueueLengthQuantiles(Rates, QuantileEstimator):
    """Quantiles of the law that M/M/n, or with an abandonment rate M/M/n+M, gives one who finds Q waiting and does not hang up:
    the sum of independent exponentials with rates n mu + i theta, i = 0 .. Q.

    Without abandonment it is Erlang's law, of Q + 1 phases. With it, e^(-theta W) is a product of independent powers of
    uniforms, a beta variable with n mu / theta and Q + 1 (Renyi's representation of order statistics), so that the quantile is
    -ln(q) / theta with the beta law's quantile q of 1 - share.
    """

    name = "QLA quantiles"

    def __init__(
        self,
        shares: Sequence[float] = _SHARES,
        rate_per_hour: float | None = None,
        abandonments_per_hour: float | None = None,
    ) -> None:
        super().__init__(rate_per_hour, abandonments_per_hour)
        self._set_shares(shares)

    def quantiles_s(self, states: States) -> Floats:
        speed, theta = self.speed(states)[:, None], fitted(self.abandonments_per_hour, self)
        phases, shares = (states.waiting + 1.0)[:, None], np.asarray(self.shares)
        if theta == 0:
            return np.asarray(3600.0 * special().gammaincinv(phases, shares) / speed, np.float64)
        return np.asarray(-3600.0 * np.log(special().betaincinv(speed / theta, phases, 1 - shares)) / theta, np.float64)


class EmpiricalQuantiles(QuantileEstimator):
    """Quantiles of the virtual waits of the training days, among those who came in a like state: bins of one feature with about
    equally many in each.

    feature: one of ``FEATURES``. bins: at most; a feature with few values has fewer.
    """

    def __init__(self, shares: Sequence[float] = _SHARES, feature: str = "waiting", bins: int = 20) -> None:
        self._set_shares(shares)
        (self.feature,) = check_features([feature])
        self.bins = check_whole(bins, "bins", 1)
        self.name = f"empirical by {feature}"
        self._edges: Floats | None = None
        self._table: Floats = np.zeros((0, 0))

    def fit(self, days: Sequence[Day]) -> Self:
        x, y = training(days, [self.feature])
        edges = np.unique(np.quantile(x[:, 0], np.arange(1, self.bins) / self.bins, method="inverted_cdf"))
        if len(edges) and edges[0] == x.min():
            edges = edges[1:]
        place = np.searchsorted(edges, x[:, 0], "right")
        # An edge is a value of the feature, so that no bin is empty.
        self._table = np.array([np.quantile(y[place == bin], self.shares, method="median_unbiased") for bin in range(len(edges) + 1)])
        self._edges = edges
        return self

    def quantiles_s(self, states: States) -> Floats:
        place = np.searchsorted(fitted(self._edges, self), FEATURES[self.feature](states), "right")
        return np.asarray(self._table[place], np.float64)


class QuantileRegression(QuantileEstimator):
    """Linear in features of the state: for each share the weights that make the pinball loss of the training days the least
    (Koenker and Bassett, "Regression quantiles", Econometrica 46, 1978), by the dual linear program: max y'a, X'a = (1 - share)
    X'1, 0 <= a <= 1 (Koenker, "Quantile Regression", 2005, 6.2), which HiGHS solves; the weights are the prices of its rows.
    Quantiles that cross are sorted (Chernozhukov, Fernandez-Val and Galichon, Econometrica 78, 2010), and below 0 they are 0.

    most: of the training arrivals at most so many are used, evenly spread.
    """

    name = "quantile regression"

    def __init__(self, shares: Sequence[float] = _SHARES, features: Sequence[str] = USUAL, most: int = 5000) -> None:
        self._set_shares(shares)
        self.features, self.most = check_features(features), check_whole(most, "most", 10)
        self._weights: Floats | None = None

    def fit(self, days: Sequence[Day]) -> Self:
        x, y = training(days, self.features)
        some = np.unique(np.linspace(0, len(y) - 1, min(self.most, len(y))).astype(np.int64))
        x, y = x[some], y[some]
        scale = np.maximum(np.abs(x).max(axis=0), 1e-12)
        design = np.column_stack([np.ones(len(x)), x / scale])
        size = max(float(np.abs(y).max()), 1e-12)
        weights = np.column_stack([self._solve(design, y / size, share) * size for share in self.shares])
        weights[1:] /= scale[:, None]
        self._weights = weights
        return self

    @staticmethod
    def _solve(design: Floats, y: Floats, share: float) -> Floats:
        optimize = _optimize()
        found = optimize.linprog(-y, A_eq=design.T, b_eq=(1 - share) * design.sum(axis=0), bounds=(0, 1), method="highs")
        if not found.success:
            raise KobleError(f"quantile regression: {found.message}; write fewer features")
        return np.asarray(-found.eqlin.marginals, np.float64)

    def quantiles_s(self, states: States) -> Floats:
        weights = fitted(self._weights, self)
        x = feature_matrix(states, self.features)
        return np.sort(np.maximum(np.column_stack([np.ones(len(x)), x]) @ weights, 0.0), axis=1)


def _optimize() -> Any:
    """``scipy.optimize``, which is slow to import, so only where it is needed."""
    try:
        from scipy import optimize
    except ModuleNotFoundError as missing:
        raise KobleError(f"koble.lab needs {missing.name}: pip install 'koble[lab]'") from None
    return optimize
