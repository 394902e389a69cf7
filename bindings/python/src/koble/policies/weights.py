"""Choices by weighted waits and idle times of pairs (policies 6, 7, 26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..times import duration_ns
from .policy import AgentChoice, ContactChoice, Policy, PolicyAgent, PolicyContact

__all__ = ["AgentsPreference", "PairIndex", "WeightBasedRouting"]

Ranks = Mapping[str, Mapping[str, float]]


class AgentsPreference(Policy):
    """6 and 7. Agents' preference with weights (ContactCenters AGENTSPREF) and ranks that change with the wait.

    A contact goes to the smallest rank, ties by the longest idle time x idle_weights[group]; an agent takes the smallest rank,
    ties by the longest wait x wait_weights[type]. ranks: group, then type; a pair that is not there is not allowed. later:
    ranks that stand in their place from a waiting time on, ``{"30s": ranks}``. Where all weights are 1 and ranks stay,
    `plans.agents_preference` does the same in the engine. A pair that only `later` allows needs a step at that time
    (`plans.wake_ups`).
    """

    def __init__(
        self,
        groups: Mapping[str, str],
        ranks: Ranks,
        *,
        contact_ranks: Ranks | None = None,
        idle_weights: Mapping[str, float] | None = None,
        wait_weights: Mapping[str, float] | None = None,
        later: Mapping[str, Ranks] | None = None,
    ) -> None:
        self.groups = groups
        self.ranks = ranks
        self.contact_ranks = ranks if contact_ranks is None else contact_ranks
        self.idle_weights = idle_weights or {}
        self.wait_weights = wait_weights or {}
        by_time = [(duration_ns(after), table) for after, table in (later or {}).items()]
        self.later = sorted(by_time, key=lambda entry: -entry[0])

    def _ranks(self, contact: PolicyContact, otherwise: Ranks) -> Ranks:
        if self.later:
            waited = contact.waited_ns
            for after, table in self.later:
                if waited >= after:
                    return table
        return otherwise

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        queue, ranks = contact.queue, self._ranks(contact, self.ranks)
        best: tuple[float, float] | None = None
        chosen = None
        for place, agent in enumerate(candidates):
            group = self.groups[agent.name]
            rank = ranks.get(group, {}).get(queue)
            if rank is None:
                continue
            key = (rank, -agent.idle_ns * self.idle_weights.get(group, 1.0))
            if best is None or key < best:
                best, chosen = key, place
        return chosen

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        group = self.groups[agent.name]
        best: tuple[float, float] | None = None
        chosen = None
        for place, contact in enumerate(candidates):
            queue = contact.queue
            rank = self._ranks(contact, self.contact_ranks).get(group, {}).get(queue)
            if rank is None:
                continue
            key = (rank, -contact.waited_ns * self.wait_weights.get(queue, 1.0))
            if best is None or key < best:
                best, chosen = key, place
        return chosen


@dataclass(frozen=True)
class PairIndex:
    """The affine index of a pair: constant + per_wait_s x wait + per_idle x idleness."""

    constant: float = 0.0
    per_wait_s: float = 0.0
    per_idle: float = 0.0


class WeightBasedRouting(Policy):
    """26. Weight-based routing (Chan, Koole and L'Ecuyer 2014).

    Each pair of type and group has an affine index of the wait of the type's first contact, in seconds, and of the group's
    idleness: the longest idle time in it in seconds ("time"), or the number of its idle agents ("count", of those shown; an
    agent who has just come free counts as one). The pair of the greatest index is taken; with deliberate_wait none whose index
    is below 0, and `plans.asking(..., wake="5s")` says how often the contact is then looked at again.
    indices: group, then type, a `PairIndex` or its values by name; pairs that are not there are not allowed.
    """

    def __init__(
        self,
        groups: Mapping[str, str],
        indices: Mapping[str, Mapping[str, PairIndex | Mapping[str, float]]],
        *,
        idleness: Literal["time", "count"] = "time",
        deliberate_wait: bool = False,
    ) -> None:
        self.groups = groups
        self.indices = {
            group: {kind: one if isinstance(one, PairIndex) else PairIndex(**one) for kind, one in row.items()}
            for group, row in indices.items()
        }
        self.by_time = idleness == "time"
        self.least = 0.0 if deliberate_wait else float("-inf")

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        longest: dict[str, tuple[int, int]] = {}
        count: dict[str, int] = {}
        for place, agent in enumerate(candidates):
            group, since = self.groups[agent.name], agent.idle_ns
            count[group] = count.get(group, 0) + 1
            if group not in longest or since > longest[group][0]:
                longest[group] = (since, place)
        queue, wait_s = contact.queue, contact.waited_ns / 1e9
        best, chosen = self.least, None
        for group, (since, place) in longest.items():
            index = self.indices.get(group, {}).get(queue)
            if index is None:
                continue
            idle = since / 1e9 if self.by_time else count[group]
            value = index.constant + index.per_wait_s * wait_s + index.per_idle * idle
            if value > best or (chosen is None and value == best):
                best, chosen = value, place
        return chosen

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        indices = self.indices.get(self.groups[agent.name], {})
        idle = agent.idle_ns / 1e9 if self.by_time else 1
        best, chosen = self.least, None
        for place, contact in enumerate(candidates):
            index = indices.get(contact.queue)
            if index is None:
                continue
            value = index.constant + index.per_wait_s * contact.waited_ns / 1e9 + index.per_idle * idle
            if value > best or (chosen is None and value == best):
                best, chosen = value, place
        return chosen
