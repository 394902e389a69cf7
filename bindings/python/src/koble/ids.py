"""Ids: plain integers that know what they name.

An id is an ``int`` (so it can be a key, an array's element, a database column) with a readable ``repr``. What has ended
is never named by the same id again.
"""

from __future__ import annotations

from typing import SupportsIndex

__all__ = ["AgentId", "ContactId", "EngagementId", "Id", "OfferId"]


class Id(int):
    """The id of a contact, an agent, an offer or an engagement."""

    __slots__ = ()
    noun = "id"

    @property
    def slot(self) -> int:
        """The place in the engine's table; the lowest free one is used next."""
        return (self >> 32) & 0x0FFFFFFF

    @property
    def generation(self) -> int:
        """How often the slot had been used when this id was given out, from 1."""
        return self & 0xFFFFFFFF

    def __repr__(self) -> str:
        return f"{self.noun} {self.slot}.{self.generation}"

    __str__ = __repr__


class ContactId(Id):
    """The id of a contact: one customer interaction."""

    __slots__ = ()
    noun = "contact"


class AgentId(Id):
    """The id of an agent: a person or a bot."""

    __slots__ = ()
    noun = "agent"


class OfferId(Id):
    """The id of an offer: one contact proposed to one agent."""

    __slots__ = ()
    noun = "offer"


class EngagementId(Id):
    """The id of an engagement: one contact served by one agent."""

    __slots__ = ()
    noun = "engagement"


# By kind, the top four bits of an id.
CLASSES: tuple[type[Id], ...] = (Id, ContactId, AgentId, OfferId, EngagementId)


def make_id(value: SupportsIndex) -> Id | None:
    """An id of the right class from an integer, for example from an array; None from 0."""
    number = value.__index__()
    if number == 0:
        return None
    kind = number >> 60
    return CLASSES[kind](number) if 0 < kind < len(CLASSES) else Id(number)
