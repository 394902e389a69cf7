"""Relative values of a group's states, and one step of policy improvement with them (policy 36)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .board import Board
from .policy import AgentChoice, Policy, PolicyAgent, PolicyContact

__all__ = ["BestImprovement", "GroupValues", "ImprovedAgents", "relative_values"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GroupValues:
    """Of a birth-death model: D(x) = V(x + 1) - V(x), what one contact more costs in the state of x contacts, and the long-run
    cost g for each hour. ``differences[x]`` is for x = 0 to the last state less one."""

    differences: Floats
    cost_per_hour: float

    def one_more(self, present: int) -> float:
        """What a contact costs that joins `present` others; beyond the last state, as in it."""
        return float(self.differences[min(max(present, 0), len(self.differences) - 1)])


def relative_values(
    arrivals_per_hour: float,
    rate_per_hour: float,
    agents: int,
    *,
    abandonments_per_hour: float = 0.0,
    wait_cost_per_hour: float = 1.0,
    abandonment_cost: float = 0.0,
    refusal_cost: float = 0.0,
    places: int | None = None,
) -> GroupValues:
    """36. Relative values of M/M/n/N+M: what Bhulai (2009) uses for each group under a static split of the arrivals.

    With c(x) = wait_cost (x - n)^+ + abandonment_cost theta (x - n)^+ (+ refusal_cost lambda at x = N), death rates
    d(x) = mu min(x, n) + theta (x - n)^+ and g the mean cost in the steady state, Poisson's equation
    c(x) - g + lambda D(x) - d(x) D(x - 1) = 0 gives D from the last state down:
    D(N - 1) = (c(N) - g) / d(N), D(x - 1) = (c(x) - g + lambda D(x)) / d(x); no difference of large numbers occurs.

    places: N, at least n; without it n plus enough that fewer than 10^-12 of all contacts meet a full system.
    Raises ArgumentError where the queue would grow without end and no N is given.
    """
    if arrivals_per_hour <= 0 or rate_per_hour <= 0 or agents < 1 or abandonments_per_hour < 0:
        raise ArgumentError("write arrivals, service rates and agents above 0, and abandonments of 0 or more")
    if places is None:
        places = agents + _enough(arrivals_per_hour, rate_per_hour, agents, abandonments_per_hour)
    if places < agents:
        raise ArgumentError(f"places is {places}; write at least as many as there are agents ({agents})")
    x = np.arange(places + 1, dtype=np.float64)
    waiting = np.maximum(x - agents, 0.0)
    deaths = rate_per_hour * np.minimum(x, agents) + abandonments_per_hour * waiting
    costs = (wait_cost_per_hour + abandonment_cost * abandonments_per_hour) * waiting
    costs[-1] += refusal_cost * arrivals_per_hour
    logs = np.concatenate([[0.0], np.cumsum(np.log(arrivals_per_hour) - np.log(deaths[1:]))])
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    mean = float(shares @ costs)
    differences = np.empty(places)
    above = 0.0
    for state in range(places, 0, -1):
        birth = arrivals_per_hour * above if state < places else 0.0
        above = differences[state - 1] = (costs[state] - mean + birth) / deaths[state]
    return GroupValues(differences, mean)


def _enough(arrivals: float, rate: float, agents: int, abandonments: float) -> int:
    """Places behind the agents after which almost nobody comes."""
    log, place = 0.0, 0
    while log > np.log(1e-12) or place < 1:
        place += 1
        deaths = agents * rate + place * abandonments
        if abandonments == 0 and arrivals >= deaths:
            raise ArgumentError("the queue grows without end; write places=..., abandonments, or more agents")
        log += np.log(arrivals / deaths)
        if place > 1_000_000:
            raise ArgumentError("more than a million places would be needed; write places=...")
    return place


#: By group: values, or what `relative_values` makes them of, by name, as a study writes it.
Values: TypeAlias = Mapping[str, GroupValues | Mapping[str, Any]]


def _values(given: Values) -> dict[str, GroupValues]:
    return {group: one if isinstance(one, GroupValues) else relative_values(**one) for group, one in given.items()}


class BestImprovement:
    """36. One-step improvement at arrival (Bhulai 2009): the group whose value rises least by one more contact.

    A dispatcher; each group has a queue of its name. groups: of each type; values: by group, each from `relative_values` (or
    its arguments) under its share of the arrivals.
    """

    def __init__(self, board: Board, groups: Mapping[str, Sequence[str]], values: Values) -> None:
        self.board = board
        self.groups = groups
        self.values = _values(values)

    def choose_queue(self, contact_type: str) -> str:
        board = self.board
        return min(
            self.groups[contact_type],
            key=lambda group: self.values[group].one_more(board.waiting(group) + board.in_service(group)),
        )


class ImprovedAgents(Policy):
    """36. One-step improvement among idle agents of shared queues: the group whose value rises least by one busy agent more.

    For overflow between groups, with values of loss systems (``places=agents, refusal_cost=1, wait_cost_per_hour=0``): then
    D(x) = B(n, a) / B(x, a), a ratio of Erlang's loss probabilities. Inside a group the agent is whom the engine puts first.
    """

    def __init__(self, board: Board, values: Values) -> None:
        self.board = board
        self.values = _values(values)

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        board = self.board
        first: dict[str, int] = {}
        for place, agent in enumerate(candidates):
            first.setdefault(board.groups[agent.name], place)
        group = min(first, key=lambda name: self.values[name].one_more(board.there(name) - board.idle(name)))
        board.gave(group)
        return first[group]
