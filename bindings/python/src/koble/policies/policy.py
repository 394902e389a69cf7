"""Policies: choices that the host makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from .._core import PolicyAgent, PolicyContact

__all__ = ["AgentChoice", "ContactChoice", "Policy", "PolicyAgent", "PolicyContact"]

#: What a policy answers: one of the candidates, or its place among them, or None: none of them now.
AgentChoice: TypeAlias = PolicyAgent | int | None
ContactChoice: TypeAlias = PolicyContact | int | None


class Policy:
    """Chooses where the plan's `policy` names it: override one method or both, and give it to `Engine.set_policy`.

    Candidates stand in the order that holds without the policy, so that ``candidates[0]`` is what the engine would take.
    They, and the other argument, can be read only until the method has returned. The engine can be read meanwhile, and not
    be changed (`BusyError`). Where a method raises, the first candidate is taken, an event `policy_fault` says so, and
    `Engine.take_policy_error` has the exception. The same question should get the same answer.
    """

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> AgentChoice:
        """An agent for a contact. None: none of them now; it is asked again when something changes for the contact."""
        return candidates[0]

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        """A contact for an agent who is free or asks for one. None: none of them now."""
        return candidates[0]
