"""The virtual wait of M/M/n+G: how long one who never hangs up would wait."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .distribution import Distribution
from .quadrature import points, refine

__all__ = ["VirtualWait"]

Floats = npt.NDArray[np.float64]

#: Drops of the exponent below its peak at which panels end. Behind the last, e^-100 of the peak is left out.
_DROPS = np.array([1e-6, 1e-4, 1e-2, 0.2, 1.0, 4.0, 12.0, 25.0, 45.0, 70.0, 100.0])


class VirtualWait:
    """V of M/M/n+G in steady state, given that it is not 0.

    Its density at x > 0 is proportional to e^g(x), g(x) = lambda H(x) - n mu x, where H(x) = E[min(patience, x)] (Baccelli and
    Hebuterne 1981; Zeltyn and Mandelbaum 2005, section 3). g is concave whatever the patience, for its slope lambda P(patience
    > x) - n mu only falls: one peak, and everything is integrated in panels around it, relative to it, so that nothing
    overflows.
    """

    def __init__(self, agents: int, rate_per_s: float, service_s: float, patience: Distribution) -> None:
        self._rate, self._work, self._patience = rate_per_s, agents / service_s, patience
        #: g at its peak, and where that is, in seconds.
        self.peak_s = self._find_peak()
        self.exponent = float(rate_per_s * patience.increment(0.0, np.array([self.peak_s]))[0] - self._work * self.peak_s)
        self._edges = self._find_edges()
        span = float(self._edges[-1])
        # Rounding of g itself bounds what halving can settle.
        noise = 1e-15 * (self._work * (span if patience.exponential_rate is None else span - float(self._edges[0])))
        self._tolerance = 1e-13 + noise
        self.nodes_s, self._shares = self._panels(self._edges)
        #: The integral of e^(g(x) - exponent), in seconds.
        self.integral_s = float(self._shares.sum())

    def _drop(self, distance: Floats) -> Floats:
        """g(peak + distance) - g(peak)."""
        return self._rate * self._patience.increment(self.peak_s, distance) - self._work * distance

    def _endless(self) -> ArgumentError:
        return ArgumentError(
            f"{self._rate * 3600:g} contacts an hour and too few who ever hang up: the queue grows without end; "
            "write more agents"
        )

    def _find_peak(self) -> float:
        def rising(x: float) -> bool:
            return self._rate * float(self._patience.survival(np.array([x]))[0]) > self._work

        if not rising(0.0):
            return 0.0
        low, high = 0.0, 1 / self._work
        while rising(high):
            low, high = high, high * 2
            if high > 1e18:
                raise self._endless()
        while True:
            middle = (low + high) / 2
            if not low < middle < high or high - low < 1e-15 * high:
                return high
            low, high = (middle, high) if rising(middle) else (low, middle)

    def _find_edges(self) -> Floats:
        """Panel ends: the peak, the places of the listed drops on either side, and the breaks of the patience in between."""
        edges = [np.array([self.peak_s])]
        for sign in (1.0, -1.0):
            reach = 1 / self._work
            while (sign > 0 or reach < self.peak_s) and self._drop(np.array([sign * reach]))[0] > -_DROPS[-1]:
                reach *= 2
                if reach > 1e18:
                    raise self._endless()
            reach = reach if sign > 0 else min(reach, self.peak_s)
            low, high = np.zeros(len(_DROPS)), np.full(len(_DROPS), reach)
            for _ in range(60):
                middle = (low + high) / 2
                within = self._drop(sign * middle) > -_DROPS
                low, high = np.where(within, middle, low), np.where(within, high, middle)
            edges.append(self.peak_s + sign * high)
        found = np.unique(np.concatenate(edges))
        found = found[found >= 0]
        breaks = [at for at in self._patience.breaks_s if found[0] < at < found[-1]]
        return np.unique(np.concatenate([found, breaks]))

    def _height(self, x: Floats) -> Floats:
        return np.exp(self._drop(x - self.peak_s))

    def _panels(self, edges: Floats) -> tuple[Floats, Floats]:
        """Nodes, and the integral's share at each."""

        def both(x: Floats) -> Floats:
            height = self._height(x)
            return np.stack([height, height * self._patience.survival(x)])

        nodes, weights = points(*refine(both, edges, self._tolerance))
        return nodes.ravel(), (weights * self._height(nodes)).ravel()

    def mean(self, function: Callable[[Floats], Floats]) -> float:
        """E[f(V) | V > 0]."""
        return float((self._shares * function(self.nodes_s)).sum()) / self.integral_s

    def part(self, function: Callable[[Floats], Floats], wait_s: float) -> float:
        """E[f(V); V > wait | V > 0]."""
        if wait_s <= self._edges[0]:
            return self.mean(function)
        if wait_s >= self._edges[-1]:
            return 0.0
        nodes, shares = self._panels(np.concatenate([[wait_s], self._edges[self._edges > wait_s]]))
        return float((shares * function(nodes)).sum()) / self.integral_s

    def tail(self, wait_s: float) -> float:
        """P(V > wait | V > 0)."""
        return self.part(np.ones_like, wait_s)

    def p_wait(self, blocking_before: float) -> float:
        """P(V > 0), with Erlang's B of one agent fewer: lambda J / (1 / B(n - 1) + lambda J) (Zeltyn and Mandelbaum, eq.
        3.4)."""
        if self._rate == 0 or blocking_before == 0:
            return 0.0
        log_odds = math.log(self._rate * self.integral_s) + self.exponent + math.log(blocking_before)
        return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0
