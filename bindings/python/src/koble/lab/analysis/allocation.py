"""A given number of replications where they tell most about which system is best: optimal computing budget allocation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError
from .ranking import Replicates, Supply
from .sample import Floats, as_values, check_whole, special

__all__ = ["Allocated", "allocate", "ocba"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Allocated:
    """What came out of :func:`ocba`."""

    selected: str
    means: dict[str, float]
    #: Replications of each system.
    spent: dict[str, int]
    #: The same after every stage, the first being the equal one.
    stages: tuple[dict[str, int], ...]
    #: Estimate of the probability that the selection is correct, from below (Bonferroni): no guarantee, for it rests on the
    #: very means and variances by which was selected.
    p_correct: float

    @property
    def total(self) -> int:
        return sum(self.spent.values())


def allocate(means: Any, deviations: Any, spent: Any, more: int) -> Ints:
    """How ``more`` replications are spread over systems of which ``spent`` there are already, large means being good.

    The whole shall come near N[i]/N[j] = ((deviation[i]/lead over i)/(deviation[j]/lead over j))^2 for those that are not the
    best b, and N[b] = deviation[b] sqrt(sum (N[i]/deviation[i])^2) (Chen, Lin, Yucesan and Chick, "Simulation budget allocation
    for further enhancing the efficiency of ordinal optimization", Discrete Event Dynamic Systems 10, 2000, theorem 1). Who has
    more than his share already gets none, and the others share what is left in these proportions.

    :returns: for each system how many more; their sum is ``more``.
    """
    mean, deviation, have = as_values(means, "means"), as_values(deviations, "deviations"), as_values(spent, "spent")
    if not len(mean) == len(deviation) == len(have) >= 2:
        raise ArgumentError(
            f"means, deviations and spent: are of {len(mean)}, {len(deviation)} and {len(have)} systems; write one of each, "
            "of two or more"
        )
    if (deviation < 0).any() or (have < 0).any():
        raise ArgumentError("deviations and spent: some are negative; write deviations and numbers of replications")
    more = check_whole(more, "more", 0)
    best = int(mean.argmax())
    others = np.arange(len(mean)) != best
    if not deviation.any():
        weights = np.ones(len(mean))
    else:
        # A tie would ask for infinitely many: it counts as a lead that is small beside the deviations.
        lead = np.maximum(mean[best] - mean, 1e-6 * deviation.max())
        weights = np.where(others, (deviation / lead) ** 2, 0.0)
        known = others & (deviation > 0)
        weights[best] = deviation[best] * np.sqrt(np.sum((weights[known] / deviation[known]) ** 2))
        if not weights.any():  # only the best varies, so that only its own mean is uncertain
            weights[best] = 1.0
    return _whole(_spread(weights, have, more), more)


def ocba(
    systems: Sequence[str],
    replicate: Replicates,
    *,
    budget: int,
    first: int = 10,
    stage: int | None = None,
    wanted: float | None = None,
    best: str = "largest",
) -> Allocated:
    """Selects the system with the ``best`` mean from ``budget`` replications altogether: ``first`` of each, then ``stage``
    (without it a tenth of what is left, at least one a system) at a time, spread by :func:`allocate` with the means and
    variances so far (the sequential algorithm of Chen et al. 2000).

    Ends early where the estimated probability of a correct selection reaches ``wanted``. That estimate, 1 - sum over i of
    Phi(-lead over i / sqrt(deviation[b]^2/N[b] + deviation[i]^2/N[i])), is no guarantee: use ``select_best`` where one is
    needed. It takes the systems for independent; common random numbers make it too low as a rule.

    ``replicate(system, numbers)`` gives one value from each of these replications, which of every system are numbered from 0.

    :raises ArgumentError: where the budget is less than ``first`` of each, or another setting is out of range.
    """
    supply = Supply(systems, replicate, best)
    count = len(supply.systems)
    first = check_whole(first, "first", 2, "5 or more so that variances are known well enough")
    budget = check_whole(budget, "budget", first * count, f"for {count} systems begin with {first} each")
    step = max((budget - first * count) // 10, count) if stage is None else check_whole(stage, "stage", 1)
    if wanted is not None and not 0 < wanted < 1:
        raise ArgumentError(f"wanted: is {wanted!r}; write a probability between 0 and 1, such as 0.95")
    spent = np.full(count, first)
    stages = []
    while True:
        values = [supply.up_to(i, int(spent[i])) for i in range(count)]
        mean = np.array([one.mean() for one in values])
        deviation = np.array([one.std(ddof=1) for one in values])
        stages.append(supply.spent())
        p_correct = _p_correct(mean, deviation, spent)
        left = budget - int(spent.sum())
        if left == 0 or (wanted is not None and p_correct >= wanted):
            break
        spent = spent + allocate(mean, deviation, spent, min(step, left))
    means = {name: float(supply.sign * one) for name, one in zip(supply.systems, mean, strict=True)}
    return Allocated(supply.systems[int(mean.argmax())], means, supply.spent(), tuple(stages), p_correct)


def _spread(weights: Floats, have: Floats, more: int) -> Floats:
    """What each gets on top, where the whole shall be in the proportions of the weights and nobody gives anything back."""
    if more == 0:
        return np.zeros(len(have))
    given = np.ones(len(weights), bool)
    while True:
        # Some weight is always left here: the weighted cannot all have more than what they would share.
        left = have.sum() + more - have[~given].sum()
        share = np.where(given, left * weights / weights[given].sum(), have)
        over = given & (share < have)
        if not over.any():
            return share - have
        given &= ~over


def _whole(share: Floats, total: int) -> Ints:
    """Whole numbers with this sum: the largest remainders are rounded up, the first of equal ones."""
    low = np.floor(share + 1e-9)
    missing = total - int(low.sum())
    order = np.argsort(low - share, kind="stable")
    low[order[:missing]] += 1
    return low.astype(np.int64)


def _p_correct(mean: Floats, deviation: Floats, spent: Ints) -> float:
    best = int(mean.argmax())
    variance = deviation**2 / spent
    others = np.arange(len(mean)) != best
    lead, error = (mean[best] - mean)[others], np.sqrt(variance[best] + variance[others])
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(error > 0, lead / error, np.where(lead > 0, np.inf, 0.0))
    return max(1 - float(special().ndtr(-distance).sum()), 0.0)
