"""The closed lists of the C API as ``IntEnum`` classes; koble.h says what each member means."""

from __future__ import annotations

from enum import IntEnum, IntFlag

__all__ = [
    "QUEUE_NONE",
    "Accepted",
    "By",
    "Cause",
    "Change",
    "CommandKind",
    "ConnectFailure",
    "ContactState",
    "EngagementState",
    "EventKind",
    "Exit",
    "IdKind",
    "Journal",
    "Offered",
    "Outcome",
    "Presence",
    "RequestEnd",
    "WrapUpEnd",
]


#: `queue` of an event that has none; in an arrival with a given serial: the record's queue is not in this plan.
QUEUE_NONE = 0xFFFF_FFFF


class _Words(IntEnum):
    """Members are written as their words: ``str(Outcome.NO_ANSWER) == "no_answer"``."""

    def __str__(self) -> str:
        return self.name.lower()


class IdKind(_Words):
    """What an id names: its top four bits."""

    NONE = 0
    CONTACT = 1
    AGENT = 2
    OFFER = 3
    ENGAGEMENT = 4


class Journal(_Words):
    """What an engine keeps of the commands it was given."""

    OFF = 0
    BOUNDED = 1
    KEEP_ALL = 2


class CommandKind(_Words):
    """The commands, as the rows of a batch name them."""

    ADVANCE = 1
    RESUME = 2
    PLAN_REPLACE = 3
    AGENT_ADD = 4
    AGENT_CHANGE = 5
    AGENT_REMOVE = 6
    AGENT_PRESENCE = 7
    AGENT_REQUEST = 8
    AGENT_REQUEST_CANCEL = 9
    CONTACT_ARRIVE = 10
    CONTACT_GONE = 11
    OFFER_ACCEPT = 12
    OFFER_END = 13
    CONNECTED = 14
    CONNECT_FAILED = 15
    HOLD = 16
    RETRIEVE = 17
    WRAP_UP_END = 18
    RECONCILE = 19
    SYMBOL = 20
    CONTACT_CHANGE = 21
    ENGAGEMENT_ACTIVITY = 22
    ENGAGEMENT_PARK = 23
    CONTACT_REPLY = 24
    OFFER_MAKE = 25
    CONTACT_PLACE = 26
    AGENT_SKILL = 27


class Presence(_Words):
    """What the host set: is the agent signed in and willing?"""

    OFFLINE = 0
    AVAILABLE = 1
    BREAK = 2


class By(_Words):
    """Who ended a contact; SILENCE, in events alone: it was forgotten."""

    CUSTOMER = 1
    AGENT = 2
    HOST = 3
    SILENCE = 4


class Outcome(_Words):
    """How an offer ended: exactly one for each offer."""

    ACCEPTED = 1
    DECLINED = 2
    BUSY = 3
    UNREACHABLE = 4
    NO_ANSWER = 5
    FAILED = 6
    RESCINDED = 7
    WITHDRAWN = 8


class Cause(_Words):
    """Why an offer was withdrawn."""

    CONTACT = 1
    AGENT = 2
    PLAN = 3
    RESTART = 4


class Change(IntFlag):
    """What of a contact changed or is to change, a mask: ``str(Change.PRIORITY | Change.AGENT) == "priority+agent"``."""

    PRIORITY = 1
    CREDIT = 2
    MAX_WAIT = 4
    ATTRIBUTES = 8
    REFUSALS = 16
    AGENT = 32
    RELATIVE = 64

    def __str__(self) -> str:
        return "+".join(member.name.lower() for member in Change if member in self and member.name)


class ConnectFailure(_Words):
    """Why a connection failed."""

    HOST = 1
    TIMEOUT = 2
    GONE = 3
    LOST = 4


class WrapUpEnd(_Words):
    """How a wrap-up ended."""

    EXPIRED = 1
    EARLY = 2


class Exit(_Words):
    """Why a contact left without being served."""

    ABANDONED = 1
    WITHDRAWN = 2
    MAX_WAIT = 3
    FULL = 4
    CLOSED = 5
    EXHAUSTED = 6
    NOT_ROUTABLE = 7
    REFUSED = 8
    LET_GO = 9


class Offered(_Words):
    """What an agent is offered, where it is not simply a contact that rings."""

    PREVIEW = 1


class Accepted(_Words):
    """How an offer was accepted, where the agent did not do it."""

    EXPIRED = 1


class RequestEnd(_Words):
    """How a standing request ended without work."""

    EXPIRED = 1
    CANCELLED = 2
    PRESENCE = 3
    REMOVED = 4


class PolicyFault(_Words):
    """Why a policy's answer was not taken."""

    FAILED = 1
    ABSENT = 2
    INVALID = 3


class ContactState(_Words):
    """Where a living contact is."""

    WAITING = 1
    OFFERED = 2
    CONNECTING = 3
    ACTIVE = 4
    HELD = 5
    SILENT = 6
    PARKED = 7


class EngagementState(_Words):
    """Where a living engagement is."""

    CONNECTING = 1
    ACTIVE = 2
    HELD = 3
    WRAPPING = 4
    SILENT = 5
    PARKED = 6


class EventKind(_Words):
    """What happened."""

    ARRIVED = 1
    OFFERED = 2
    ACCEPTED = 3
    OUTCOME = 4
    SERVING = 5
    CONNECT_FAILED = 6
    HELD = 7
    RETRIEVED = 8
    ENDED = 9
    WRAPUP = 10
    WRAPUP_END = 11
    PENALISED = 12
    PENALTY_END = 13
    STEP = 14
    LEFT = 15
    EXIT = 16
    EXHAUSTED = 17
    AGENT_ADDED = 18
    AGENT_CHANGED = 19
    AGENT_REMOVED = 20
    AGENT_GONE = 21
    PRESENCE = 22
    REQUEST_END = 23
    PLAN = 24
    RESUMED = 25
    UNKNOWN = 26
    RECONCILED = 27
    RELEASED = 28
    CONTACT_CHANGED = 29
    SILENT = 30
    PARKED = 31
    CONTINUED = 32
    RETURNED = 33
    STEP_CLOSED = 34
    PLACED = 35
    AGENT_SKILL_CHANGED = 36
    POLICY_FAULT = 37


# The class of `reason`, by kind of event; kinds that are not here have none.
REASONS: dict[EventKind, type[_Words]] = {
    EventKind.OFFERED: Offered,
    EventKind.ACCEPTED: Accepted,
    EventKind.OUTCOME: Outcome,
    EventKind.CONNECT_FAILED: ConnectFailure,
    EventKind.ENDED: By,
    EventKind.WRAPUP_END: WrapUpEnd,
    EventKind.PENALISED: Outcome,
    EventKind.LEFT: Exit,
    EventKind.EXIT: Exit,
    EventKind.PRESENCE: Presence,
    EventKind.REQUEST_END: RequestEnd,
    EventKind.POLICY_FAULT: PolicyFault,
    EventKind.UNKNOWN: IdKind,
}
