"""Integrals over panels: Gauss-Legendre with 20 points, halved where halves say something else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["Table", "refine"]

Floats = npt.NDArray[np.float64]
Function = Callable[[Floats], Floats]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)
#: Halvings of one panel at most: what is left of a jump after so many is 2^-48 of it.
_DEEPEST = 48


def points(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Nodes and weights of panels, each shape (panels, 20)."""
    half = (high - low)[:, None] / 2
    return (low + high)[:, None] / 2 + half * NODES, half * WEIGHTS


def refine(function: Callable[[Floats], Floats], edges: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """Panels (their lower and upper ends, by place) on which each row of ``function`` is integrated to ``tolerance`` x its
    whole.

    ``function`` takes nodes of shape (panels, 20) and returns values of shape (rows, panels, 20), none negative.
    """
    low, high = edges[:-1], edges[1:]
    low, high = low[high > low], high[high > low]
    done_low, done_high = [low[:0]], [high[:0]]
    whole: Floats | None = None
    for _ in range(_DEEPEST):
        if not len(low):
            break
        middle = (low + high) / 2
        nodes, weights = points(low, high)
        coarse = (function(nodes) * weights).sum(axis=2)
        fine = np.zeros_like(coarse)
        for a, b in ((low, middle), (middle, high)):
            nodes, weights = points(a, b)
            fine += (function(nodes) * weights).sum(axis=2)
        if whole is None:
            whole = fine.sum(axis=1)
        settled = np.all(np.abs(fine - coarse) <= tolerance * whole[:, None] + 1e-300, axis=0)
        settled |= (middle <= low) | (middle >= high)
        done_low.append(low[settled])
        done_high.append(high[settled])
        low, middle, high = low[~settled], middle[~settled], high[~settled]
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    done_low.append(low)
    done_high.append(high)
    lows, highs = np.concatenate(done_low), np.concatenate(done_high)
    order = np.argsort(lows)
    return lows[order], highs[order]


class Table:
    """The integral of a function from the first edge to any place, from sums over panels and one panel's part."""

    def __init__(self, function: Function, edges: Floats, tolerance: float = 1e-15) -> None:
        low, high = refine(lambda x: function(x.ravel()).reshape((1, *x.shape)), edges, tolerance)
        nodes, weights = points(low, high)
        parts = (function(nodes.ravel()).reshape(nodes.shape) * weights).sum(axis=1)
        self._function = function
        self._low = low
        self._end = float(high[-1])
        self._sums = np.concatenate([[0.0], np.cumsum(parts)])

    def __call__(self, x: Floats) -> Floats:
        """Behind the last edge the function is taken as it is there."""
        flat = np.asarray(x, np.float64).ravel()
        inside = np.minimum(flat, self._end)
        panel = np.clip(np.searchsorted(self._low, inside, side="right") - 1, 0, len(self._low) - 1)
        nodes, weights = points(self._low[panel], inside)
        values = self._sums[panel] + (self._function(nodes.ravel()).reshape(nodes.shape) * weights).sum(axis=1)
        beyond = flat > self._end
        if beyond.any():
            values[beyond] += (flat[beyond] - self._end) * float(self._function(np.array([self._end]))[0])
        return np.asarray(values.reshape(np.shape(x)))
