"""How many wait, as policies that know no engine can learn it while they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..errors import ArgumentError
from .policy import PolicyContact

__all__ = ["Gauge", "Lengths"]


class Lengths(Protocol):
    """Where a policy gets the lengths of queues from."""

    def lengths(self, candidates: Sequence[PolicyContact]) -> Mapping[str, int]:
        """Contacts that wait, by queue; a queue that is not there has none, or is not known."""

    def took(self, queue: str) -> None:
        """One who waited there has just been chosen."""


class Gauge:
    """Reads lengths from the contacts that are shown, into which `plans.gauge_steps` writes them.

    It needs nobody's help, so it serves live, in simulations and in replays alike. It knows the queues of which a contact is
    shown, as they were at the end of the last command (more than one choice in a command sees the same lengths); all others
    count as empty. bits: of gauge_steps, which stand first in each queue.
    """

    def __init__(self, bits: int = 10) -> None:
        if not 1 <= bits <= 31:
            raise ArgumentError(f"bits is {bits}; write that of gauge_steps, 1 to 31")
        self.bits = bits

    def lengths(self, candidates: Sequence[PolicyContact]) -> dict[str, int]:
        found: dict[str, int] = {}
        for contact in candidates:
            queue = contact.queue
            if queue not in found:
                found[queue] = sum(1 << (step - 1) for step in contact.open_steps if 1 <= step <= self.bits)
        return found

    def took(self, queue: str) -> None:
        pass
