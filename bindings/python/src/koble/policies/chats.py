"""Who of several agents with several chats each gets the next one (policies 28 to 30)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .policy import AgentChoice, Policy, PolicyAgent, PolicyContact

__all__ = ["ChatLevels", "IdleElseFirst", "LeastLoadedShown", "corner_levels"]


class LeastLoadedShown(Policy):
    """28. Power of d choices (Mitzenmacher 2001; Vvedenskaya, Dobrushin and Karpelevich 1996): the least loaded of d agents.

    The plan draws them: ``plans.chats(..., "lot", policy={"name": ..., "candidates": d})`` shows the first d of a lot.
    """

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        best, chosen = float("inf"), 0
        for place, agent in enumerate(candidates):
            load = agent.used / agent.capacity
            if load < best:
                best, chosen = load, place
        return chosen


class IdleElseFirst(Policy):
    """28. Join the idle queue (Lu et al. 2011): an idle agent of those shown, or else the first; by lot with ``plans.chats(...,
    "lot")``."""

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        return next((place for place, agent in enumerate(candidates) if agent.used == 0), 0)


def corner_levels(completions_per_hour: npt.ArrayLike) -> list[int]:
    """The levels (numbers of chats at once) that an optimal mix of agents uses: the corners of the upper concave envelope of
    the completion rates d_0 = 0, d_1, ..., d_m as far as it rises.

    With N agents, a share x_l of them at level l, the static planning problem is the linear programme
    min sum l x_l, subject to N sum d_l x_l = arrivals, sum x_l = 1, x >= 0; each basic solution mixes two levels, and an
    optimal one two neighbouring corners (after Tezcan and Zhang 2014 and Luo and Zhang 2013, who derive levels from such
    programmes).

    completions_per_hour: d_1, d_2, ...: of an agent with so many chats, all of them together; shape (m,), above 0.
    """
    rates = np.concatenate([[0.0], np.asarray(completions_per_hour, np.float64).ravel()])
    if len(rates) < 2 or not np.all(np.isfinite(rates)) or np.any(rates[1:] <= 0):
        raise ArgumentError("completion rates are above 0; write one for each number of chats from 1 on")
    corners = [0]
    while True:
        at = corners[-1]
        slopes = (rates[at + 1 :] - rates[at]) / np.arange(1, len(rates) - at)
        if not len(slopes) or slopes.max() <= 0:
            return corners
        # Of equal slopes the farthest, so that no corner lies on a straight line.
        corners.append(at + 1 + int(np.flatnonzero(slopes >= slopes.max() * (1 - 1e-12))[-1]))


class ChatLevels(Policy):
    """29, 30. Chats by levels: agents are filled from corner to corner of the completion rates (see `corner_levels`).

    An agent below an earlier corner comes before one below a later one; between two corners, the one with the most chats, who
    is nearest to the corner. Past the last corner another chat slows an agent down by more than it is worth: he gets none (the
    contact waits). With decreasing gains each level is a corner, which is least loaded first; where the rate per chat rises
    until the agent is full, fill first.
    """

    def __init__(self, completions_per_hour: npt.ArrayLike, cost: int = 1) -> None:
        self.corners = corner_levels(completions_per_hour)
        self.cost = cost
        self._keys: list[tuple[int, int]] = []
        for number, (low, high) in enumerate(zip(self.corners, self.corners[1:], strict=False)):
            self._keys += [(number, -level) for level in range(low, high)]

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        keys, cost = self._keys, self.cost
        best: tuple[int, int] | None = None
        chosen = None
        for place, agent in enumerate(candidates):
            level = agent.used // cost
            if level < len(keys) and (best is None or keys[level] < best):
                best, chosen = keys[level], place
        return chosen
