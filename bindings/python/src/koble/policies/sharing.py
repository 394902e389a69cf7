"""Sharing between pools only in need (policy 25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ..errors import ArgumentError
from .board import Board
from .lengths import Gauge
from .policy import AgentChoice, ContactChoice, Policy, PolicyAgent, PolicyContact

__all__ = ["SharingThreshold"]


#: A value for each pair of the type that is helped and the type that helps; also by the one, then the other, as a study writes it.
Pairs: TypeAlias = Mapping[tuple[str, str], float] | Mapping[str, Mapping[str, float]]


def _pairs(values: Pairs) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= {(str(key), own): one for own, one in value.items()}
        elif isinstance(key, tuple):
            found[key] = value
        else:
            raise ArgumentError(f"{key!r}: {value!r} is about no pair; write {{helped: {{own: value}}}}")
    return found


class SharingThreshold(Policy):
    """25. Fixed queue ratio with thresholds, FQR-T (Perry and Whitt 2009, "Responding to unexpected overloads").

    Each group has one type of its own. It serves another type k only while Q_k - ratio[k, own] Q_own > threshold[k, own], and
    only if no group of type k serves its own type at that time (one-way sharing; `release` of them at most are overlooked);
    otherwise it stays idle. Pairs without a threshold are not shared. Ratios are 1 where there is none.

    For queues and profiles of one plan with a gauge (`plans.asking(plan, agents=name, contacts=name, gauge=8)`): a threshold is
    crossed by an arrival, and it takes a step that opens or closes with the number waiting to have the first in the queue asked
    about again; the gauge tells of that arrival, which the board cannot know yet.
    """

    def __init__(
        self,
        board: Board,
        own: Mapping[str, str],
        thresholds: Pairs,
        ratios: Pairs | None = None,
        release: int = 0,
        *,
        gauge: int = 8,
    ) -> None:
        self.board = board
        self.own = own
        self.thresholds = _pairs(thresholds)
        self.ratios = _pairs(ratios or {})
        self.release = release
        self.gauge = Gauge(gauge)
        self._chosen = 0

    def excess(self, helped: str, own: str, more: int = 0) -> float:
        """Q_helped - ratio Q_own, with so many waiting of `helped` more than the board knows."""
        return self.board.waiting(helped) + more - self.ratios.get((helped, own), 1.0) * self.board.waiting(own)

    def shares(self, helped: str, group: str, more: int = 0) -> bool:
        """May the group serve that type now?"""
        own = self.own[group]
        threshold = self.thresholds.get((helped, own))
        if threshold is None:
            return False
        if self.excess(helped, own, more) <= threshold:
            return False
        return sum(self.board.serving(g, own) for g, kind in self.own.items() if kind == helped) <= self.release

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        group = self.board.groups[agent.name]
        own = self.own[group]
        chosen, most = None, float("-inf")
        for place, contact in enumerate(candidates):
            queue = contact.queue
            if queue == own:
                chosen = place if chosen is None else chosen
            elif self.shares(queue, group):
                excess = self.excess(queue, own)
                if excess > most:
                    chosen, most = place, excess
        if chosen is not None:
            self._chosen = candidates[chosen].serial
            self.board.took(candidates[chosen].queue)
        return chosen

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        queue = contact.queue
        # Whoever an agent has just chosen is off the board already, but waits.
        more = int(contact.serial == self._chosen)
        if not self.board.taken(queue):
            self.board.learn(queue, self.gauge.lengths([contact])[queue])
        for at_home in (True, False):
            for place, agent in enumerate(candidates):
                group = self.board.groups[agent.name]
                if (self.own[group] == queue) is at_home and (at_home or self.shares(queue, group, more)):
                    if not more:
                        self.board.took(queue)
                    return place
        return None
