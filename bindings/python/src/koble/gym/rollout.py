"""Whole episodes of many worlds at once, for searches that want nothing but what each earns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .centre import Batch, DecisionCentre

__all__ = ["play"]

#: (observations, masks, rows) to an action for each row: rows are the places in ``numbers`` of the worlds that still go on.
Actions = Callable[[npt.NDArray[np.float32], npt.NDArray[Any], npt.NDArray[np.int64]], npt.NDArray[np.int32]]


def play(centre: DecisionCentre, numbers: Sequence[int], actions: Actions) -> npt.NDArray[np.float64]:
    """What each of these replications earns from its beginning to its horizon. Equal numbers are equal customers, so that policies are
    compared under common random numbers. Undiscounted from the beginning: with a discount rate rewards are each decision's own."""
    batch = Batch(centre, len(numbers))
    batch.begin(list(range(len(numbers))), list(numbers))
    earned = batch.rewards.copy()
    going = np.flatnonzero(batch.states == 0)
    while len(going):
        batch.act(actions(batch.observations[going], batch.masks[going], going), going.tolist())
        earned[going] += batch.rewards[going]
        going = going[batch.states[going] == 0]
    return earned
