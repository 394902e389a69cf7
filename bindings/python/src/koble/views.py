"""What the engine tells of itself, as values: each describes one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import _core
from .enums import ContactState, EngagementState, Presence
from .errors import error_from_code
from .ids import AgentId, ContactId, EngagementId, OfferId

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Agent",
    "BatchResult",
    "Contact",
    "Counts",
    "Engagement",
    "JournalRecord",
    "Offer",
    "Result",
    "Skill",
    "decode_journal",
]


@dataclass(frozen=True, slots=True)
class Result:
    """What the last command did, beyond what its method returned."""

    code: int
    id: ContactId | AgentId | OfferId | EngagementId | None
    #: Events ``event_first`` to ``event_first + event_count - 1`` were added; also by a refused command that advanced.
    event_first: int
    event_count: int
    #: The time at which it was judged.
    time_ns: int
    #: The stamp was earlier than the engine's now and was raised to ``time_ns``.
    clamped: bool
    #: The journal's last record after it; 0 where the journal is off or empty.
    journal_seq: int
    #: Of `intern`: the number of the symbol; 0 otherwise.
    value: int


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch did. Codes and ids have one entry for each command taken."""

    codes: NDArray[np.int32]
    ids: NDArray[np.uint64]
    #: How many commands were taken; fewer than given only where `full`.
    taken: int
    #: It stopped because the event buffer or the journal is full: read, acknowledge and give the rest.
    full: bool
    event_first: int
    event_count: int

    @property
    def refused(self) -> int:
        """How many commands were refused."""
        return int((self.codes != 0).sum())

    def check(self) -> BatchResult:
        """Raises the first refusal as its exception; returns itself where there is none."""
        if self.refused:
            index = int((self.codes != 0).argmax())
            code = int(self.codes[index])
            raise error_from_code(
                code, f"command {index}: {_core.error_text(code)} ({self.refused} of {self.taken} refused)"
            )
        if self.full:
            raise error_from_code(
                -13, f"the batch stopped after {self.taken} commands: read and acknowledge events first"
            )
        return self


@dataclass(frozen=True, slots=True)
class Contact:
    """A living contact at one moment."""

    id: ContactId
    state: ContactState
    serial: int
    host_ref: int
    arrival_ns: int
    #: None before it is accepted.
    engagement: EngagementId | None
    #: Open offers.
    offer_count: int
    #: Names of the queues in which it stands, the last step open in each, and its place among those that wait there (from 1;
    #: 0 while it does not wait).
    queues: tuple[str, ...]
    steps: tuple[int, ...]
    positions: tuple[int, ...]
    #: Whom it is meant for, until it is served; until when nobody else may have it (None: he is only preferred).
    agent: AgentId | None
    reserved_until_ns: int | None
    #: Of its own: in micro-points (10^6 are one point), and as waiting time.
    priority_micro: int
    credit_ns: int
    #: What it brought along, by name. A value is a name where the plan in force declares names for the attribute.
    attributes: dict[str, str | int] = field(hash=False)
    #: All steps that are open in each queue; 0, its own requirement, always is.
    open_steps: tuple[tuple[int, ...], ...]
    #: It is offered to nobody till then; None: it is in no retry delay.
    retry_until_ns: int | None
    #: Of a progressive group that grows: when one more agent is asked; None: not by time.
    next_ring_ns: int | None
    #: Times that it has been offered so far; those asked together count once.
    attempts: int
    #: Its group takes one more agent as soon as one is free.
    hungry: bool


@dataclass(frozen=True, slots=True)
class Agent:
    """A living agent at one moment. It can be given wherever an agent is wanted."""

    id: AgentId
    name: str
    presence: Presence
    presence_reason: int
    idle_since_ns: int
    #: None: not penalised.
    penalised_until_ns: int | None
    #: Of a standing request; None: there is none; NEVER: until it is answered.
    request_until_ns: int | None
    sequence: int
    capacity: int
    used: int
    offers: int
    connecting: int
    active: int
    held: int
    wrapping: int
    #: Removed, and running out.
    leaving: bool
    #: Contacts since he was added.
    served: int
    #: In conversations that have ended, holding included.
    talked_ns: int
    #: End of his last conversation; 0: none yet.
    last_ended_ns: int
    #: Conversations that take no capacity.
    silent: int
    parked: int
    #: Offers missed since he last served a contact or became available.
    misses: int
    #: When he last began to serve a contact; 0: not yet.
    last_served_ns: int
    #: Conversations that are over, their wrap-ups too, or have paused; and the time in these, pauses apart.
    handled: int
    handled_ns: int


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill of an agent at one moment."""

    #: 0: he lacks it, because it was changed so.
    level: int
    #: Whether a command has changed it, and until when; NEVER: until it is changed again.
    changed: bool
    until_ns: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An open offer."""

    id: OfferId
    queue: str | int
    contact: ContactId
    agent: AgentId
    begun_ns: int
    #: None: it does not expire.
    expires_ns: int | None
    #: The first offer of its group.
    group: OfferId


@dataclass(frozen=True, slots=True)
class Engagement:
    """A living engagement at one moment."""

    id: EngagementId
    state: EngagementState
    queue: str | int
    #: Ended where the state is wrapping.
    contact: ContactId | None
    agent: AgentId
    #: Begin of the present state.
    since_ns: int
    #: Limit of the connection or end of the wrap-up; None: none.
    deadline_ns: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are living, and the last serial given: arrivals so far, where the host gave none itself."""

    contacts: int
    agents: int
    offers: int
    engagements: int
    serials: int


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One record of a journal, decoded."""

    seq: int
    #: As the host gave it; `time_ns` is the judged time.
    stamp_ns: int
    time_ns: int
    #: Number of the newest event after it.
    event_last: int
    kind: str
    code: int
    target: int
    host_ref: int
    a: int
    b: int
    queue: int
    data: bytes
    #: Bytes of the encoded record.
    size: int
    #: Of the contact that the command is about; the same under every plan. 0 where it is about none.
    serial: int
    #: Of an arrival: keys (numbers of symbols) and values, as they were given.
    attributes: tuple[tuple[int, int], ...]
    agent: int
    c: int
    #: What policies answered, in the order in which they were asked: the place of the candidate, -1 (none now), or -1 minus
    #: the number of a `PolicyFault`.
    choices: tuple[int, ...]


def decode_journal(records: bytes) -> Iterator[JournalRecord]:
    """The records of a journal one by one, for tools that look into it."""
    offset = 0
    while offset < len(records):
        record = JournalRecord(*_core.journal_decode(records, offset))
        offset += record.size
        yield record
