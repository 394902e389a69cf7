"""Which of several systems is the best, with a guaranteed probability: Kim and Nelson's procedure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError
from .sample import Floats, as_values, check_confidence, check_whole

__all__ = ["Elimination", "Replicates", "Selection", "Supply", "select_best"]

#: One value from each of these replications of a system.
Replicates = Callable[[str, Sequence[int]], Any]


@dataclass(frozen=True)
class Elimination:
    """One system falls out."""

    system: str
    #: Replications that each system left had when it was seen.
    replications: int
    #: The system that was better by most.
    by: str
    #: By how much its mean was better.
    lead: float


@dataclass(frozen=True)
class Selection:
    """What came out of :func:`select_best`."""

    selected: str
    #: Mean of each system over the replications it was judged by.
    means: dict[str, float]
    #: Replications of each system that were carried out.
    spent: dict[str, int]
    eliminations: tuple[Elimination, ...]
    #: Whether the probability of a correct selection is guaranteed: not where the maximum ended the selection.
    guaranteed: bool

    @property
    def total(self) -> int:
        return sum(self.spent.values())


class Supply:
    """Values of several systems by the numbers of their replications, carried out as they are needed."""

    def __init__(self, systems: Sequence[str], replicate: Replicates, best: str) -> None:
        self.systems = list(systems)
        if len(self.systems) < 2 or len(set(self.systems)) < len(self.systems):
            raise ArgumentError(f"systems: are {self.systems}; write at least two, with names of their own")
        if best not in ("largest", "smallest"):
            raise ArgumentError(f'best: is {best!r}; write "largest" or "smallest"')
        self._replicate = replicate
        self.sign = 1.0 if best == "largest" else -1.0
        self._values: list[Floats] = [np.empty(0) for _ in self.systems]

    def up_to(self, system: int, count: int) -> Floats:
        """The first ``count`` values of a system, or more where there are; large is good."""
        have = len(self._values[system])
        if have < count:
            name = self.systems[system]
            more = as_values(self._replicate(name, range(have, count)), name)
            if len(more) != count - have:
                raise ArgumentError(f"{name}: has {len(more)} values of {count - have} replications; write one of each")
            self._values[system] = np.concatenate([self._values[system], self.sign * more])
        return self._values[system]

    def spent(self) -> dict[str, int]:
        return {name: len(values) for name, values in zip(self.systems, self._values, strict=True)}


def select_best(
    systems: Sequence[str],
    replicate: Replicates,
    *,
    difference: float,
    confidence: float = 0.95,
    first: int = 20,
    best: str = "largest",
    most: int = 100_000,
    ahead: int = 1,
) -> Selection:
    """Selects the system with the ``best`` mean by the procedure KN (Kim and Nelson, "A fully sequential procedure for
    indifference-zone selection in simulation", ACM TOMACS 11, 2001).

    **The guarantee.** Where replications are independent of each other and normal (days of many contacts nearly are), and the
    best mean is better than the second best by at least ``difference`` (the least that matters, in the figure's unit), the best
    is selected with probability >= ``confidence``. Variances may differ, and systems may be correlated, so replications of one
    number should meet the same random numbers: they need not be known to, and the more they agree, the earlier the inferior
    fall out.

    ``replicate(system, numbers)`` gives one value from each of these replications. After ``first`` of each system, one of each
    that is left is added at a time, and whose mean is worse than another's by more than W = max(0, difference/(2r) (h^2
    S^2/difference^2 - r)) falls out, S^2 being the first replications' variance of their difference, h^2 = 2 eta (first - 1)
    and eta = ((2 alpha/(k - 1))^(-2/(first - 1)) - 1)/2, alpha = 1 - ``confidence`` (the paper's procedure with c = 1).

    ``ahead``: replications are asked for so many at a time, for workers to share. The selection does not depend on it; up to
    ``ahead`` - 1 of each system are in vain. ``most``: replications of a system at most; where that ends it, the best so far is
    selected and ``guaranteed`` is False.

    :raises ArgumentError: where a setting is out of range or replications are missing.
    """
    supply = Supply(systems, replicate, best)
    count = len(supply.systems)
    if not 0 < difference < math.inf:
        raise ArgumentError(
            f"difference: is {difference!r}; write the least difference that matters, more than 0, in the figure's unit"
        )
    alpha = 1 - check_confidence(confidence)
    if confidence <= 1 / count:
        raise ArgumentError(f"confidence: is {confidence}; write more than 1/{count}, which choosing blindly has")
    first = check_whole(first, "first", 2, "10 or more so that variances are known well enough")
    most = check_whole(most, "most", first, "for first is that")
    ahead = check_whole(ahead, "ahead", 1)

    initial = np.stack([supply.up_to(i, first)[:first] for i in range(count)])
    # A 2 alpha/(k - 1) of more than 1 (two systems, a confidence of less than a half) would make eta negative.
    eta = max((2 * alpha / (count - 1)) ** (-2 / (first - 1)) - 1, 0.0) / 2
    scaled = 2 * eta * (first - 1) * _variances(initial) / difference**2
    limits = np.floor(scaled).max(axis=1)

    left = np.arange(count)
    sums = initial.sum(axis=1)
    judged = np.full(count, first)
    history: list[Elimination] = []
    r, guaranteed = first, True
    while r <= limits[left].max():  # else the last look is over: the largest mean wins
        means = sums[left] / r
        width = np.maximum(0.0, difference / (2 * r) * (scaled[np.ix_(left, left)] - r))
        beyond = means[None, :] - means[:, None] - width  # how far l is ahead of i, beyond what may be chance
        np.fill_diagonal(beyond, -np.inf)
        out = (beyond > 0).any(axis=1)
        for place in np.flatnonzero(out):
            by = int(beyond[place].argmax())
            name, other = supply.systems[left[place]], supply.systems[left[by]]
            history.append(Elimination(name, r, other, float(means[by] - means[place])))
        left = left[~out]
        if len(left) == 1:
            break
        if r >= most:
            guaranteed = False
            break
        r += 1
        reach = min(first + -(-(r - first) // ahead) * ahead, most)
        for i in left:
            sums[i] += supply.up_to(int(i), reach)[r - 1]
        judged[left] = r
    winner = int(left[np.argmax(sums[left] / judged[left])])
    means_by_name = {name: float(supply.sign * sums[i] / judged[i]) for i, name in enumerate(supply.systems)}
    return Selection(supply.systems[winner], means_by_name, supply.spent(), tuple(history), guaranteed)


def _variances(values: Floats) -> Floats:
    """Variances of the differences of all pairs of rows."""
    around = values - values.mean(axis=1, keepdims=True)
    apart = around[:, None, :] - around[None, :, :]
    variances: Floats = np.einsum("ijr,ijr->ij", apart, apart) / (values.shape[1] - 1)
    return variances
