"""Which queue an agent takes from, by lengths, waits and rates (policies 3, 19, 21, 23).

Each shows its rule by `choose_contact`, for the `policy` of profiles; give the plan by `plans.asking(plan, contacts=...)`, so
that the first of every queue is among the candidates. Of equals the one that the engine puts first is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

from ..errors import ArgumentError
from .board import Board
from .lengths import Lengths
from .policy import AgentChoice, ContactChoice, Policy, PolicyAgent, PolicyContact

__all__ = ["GeneralisedCMu", "LongestQueueFirst", "MaxWeight", "QueueRatio"]

#: Service rates by group, then type; only pairs that are served.
Rates = Mapping[str, Mapping[str, float]]
#: Of a wait or a length: a function, or the coefficients of a polynomial, that of 1 first, as a study can write it.
MarginalCost: TypeAlias = Callable[[float], float] | Sequence[float]


def _heads(candidates: Sequence[PolicyContact]) -> dict[str, int]:
    """From each queue to the place of its first candidate."""
    heads: dict[str, int] = {}
    for place, contact in enumerate(candidates):
        heads.setdefault(contact.queue, place)
    return heads


def _polynomial(coefficients: Sequence[float]) -> Callable[[float], float]:
    if not coefficients or any(not isinstance(one, (int, float)) for one in coefficients):
        raise ArgumentError(f"{coefficients!r} is no cost; write a function, or coefficients such as [0, 2] for 2 x")
    falling = tuple(reversed(coefficients))

    def value(x: float) -> float:
        total = 0.0
        for one in falling:
            total = total * x + one
        return total

    return value


class LongestQueueFirst(Policy):
    """3. The longest permitted queue (ContactCenters); ties by `order`, the types as listed, then as the engine has them."""

    def __init__(self, lengths: Lengths, order: Sequence[str] = ()) -> None:
        self.lengths = lengths
        self.place = {name: place for place, name in enumerate(order)}

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        heads = _heads(candidates)
        lengths, last = self.lengths.lengths(candidates), len(self.place)
        queue = min(heads, key=lambda name: (-lengths.get(name, 0), self.place.get(name, last)))
        self.lengths.took(queue)
        return heads[queue]


class MaxWeight(Policy):
    """21. MaxWeight: the greatest Q_k mu_ik (Tassiulas and Ephremides 1992; Stolyar 2004).

    groups: agent's name to group; rates_per_hour: mu by group, then type.
    """

    def __init__(self, lengths: Lengths, groups: Mapping[str, str], rates_per_hour: Rates) -> None:
        self.lengths = lengths
        self.groups = groups
        self.rates = rates_per_hour

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        heads = _heads(candidates)
        lengths, rates = self.lengths.lengths(candidates), self.rates[self.groups[agent.name]]
        queue = max(heads, key=lambda name: lengths.get(name, 0) * rates[name])
        self.lengths.took(queue)
        return heads[queue]


class GeneralisedCMu(Policy):
    """19. Generalised c-mu: the greatest C'_k(x) mu_ik (van Mieghem 1995; Mandelbaum and Stolyar 2004).

    marginal_costs: C'_k of each type, of its longest wait in seconds (by "wait") or its queue's length (by "length", which
    needs `lengths`): functions, or coefficients, ``[0.0, 2.0]`` for 2 x, which are those of quadratic costs x^2.
    """

    def __init__(
        self,
        groups: Mapping[str, str],
        rates_per_hour: Rates,
        marginal_costs: Mapping[str, MarginalCost],
        *,
        by: Literal["wait", "length"] = "wait",
        lengths: Lengths | None = None,
    ) -> None:
        if by not in ("wait", "length"):
            raise ArgumentError(f'by is {by!r}; write "wait" or "length"')
        if by == "length" and lengths is None:
            raise ArgumentError('write lengths=... with by="length"')
        self.groups = groups
        self.rates = rates_per_hour
        self.costs = {name: cost if callable(cost) else _polynomial(cost) for name, cost in marginal_costs.items()}
        self.lengths = lengths if by == "length" else None

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        heads = _heads(candidates)
        rates = self.rates[self.groups[agent.name]]
        state: Mapping[str, float]
        if self.lengths is None:
            state = {name: candidates[place].waited_ns / 1e9 for name, place in heads.items()}
        else:
            state = self.lengths.lengths(candidates)
        queue = max(heads, key=lambda name: self.costs[name](state.get(name, 0)) * rates[name])
        if self.lengths is not None:
            self.lengths.took(queue)
        return heads[queue]


class QueueRatio(Policy):
    """23. Queue-and-idleness ratio, QIR (Gurvich and Whitt 2009); with constant shares fixed queue ratio, FQR (2010).

    An agent takes the type with the greatest Q_k - v_k sum Q; a contact goes to the group with the greatest I_i - p_i sum I,
    there to the agent whom the engine puts first. queue_shares v and idle_shares p each add up to 1. The sums are over what is
    known: with a `Board` everything, with a `Gauge` the queues that are shown, and without a board the idle agents who are
    shown.
    """

    def __init__(
        self,
        lengths: Lengths,
        groups: Mapping[str, str],
        queue_shares: Mapping[str, float],
        idle_shares: Mapping[str, float],
    ) -> None:
        for name, shares in (("queue_shares", queue_shares), ("idle_shares", idle_shares)):
            if abs(sum(shares.values()) - 1.0) > 1e-9:
                raise ArgumentError(f"{name} add up to {sum(shares.values()):g}; write shares of 1")
        self.lengths = lengths
        self.groups = groups
        self.queue_shares = queue_shares
        self.idle_shares = idle_shares

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        heads = _heads(candidates)
        lengths = self.lengths.lengths(candidates)
        total = sum(lengths.values())
        queue = max(heads, key=lambda name: lengths.get(name, 0) - self.queue_shares.get(name, 0.0) * total)
        self.lengths.took(queue)
        return heads[queue]

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        first: dict[str, int] = {}
        shown: dict[str, int] = {}
        for place, agent in enumerate(candidates):
            group = self.groups[agent.name]
            first.setdefault(group, place)
            shown[group] = shown.get(group, 0) + 1
        board = self.lengths if isinstance(self.lengths, Board) else None
        idle: Mapping[str, int] = shown if board is None else board.idle_by_group()
        total = sum(idle.values())
        group = max(first, key=lambda name: idle.get(name, 0) - self.idle_shares.get(name, 0.0) * total)
        if board is not None:
            board.gave(group)
        return first[group]
