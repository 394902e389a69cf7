"""The engine: commands in, events out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, TypeAlias

from . import _core
from .enums import ContactState, EngagementState, IdKind, Journal, Presence
from .errors import ArgumentError, CorruptError, KobleError, error_from_code, unknown_word
from .ids import AgentId, ContactId, EngagementId, OfferId
from .plan import Plan, PlanSource
from .policies import Policy
from .symbols import Symbols
from .times import NEVER, Duration, Instant, duration_ns, time_ns, until_ns
from .views import Agent, BatchResult, Contact, Counts, Engagement, Offer, Result, Skill

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Definition", "Engine"]

#: An agent's definition: an entry of the plan's `agents`, as a dict, JSON text or bytes.
Definition: TypeAlias = Mapping[str, Any] | str | bytes

_JOURNALS = {str(mode): mode for mode in Journal}


def _journal_mode(mode: str | Journal) -> int:
    found = _JOURNALS.get(str(mode))
    if found is None:
        raise unknown_word("journal", mode, _JOURNALS)
    return int(found)


def _limit(name: str, value: int | None) -> int:
    if value is None:
        return 0
    if value < 1:
        raise ArgumentError(f"{name} is {value}; it must be at least 1, or None for no limit")
    return int(value)


def _definition(definition: Definition) -> bytes:
    if isinstance(definition, Mapping):
        return json.dumps(definition).encode()
    if isinstance(definition, str):
        return definition.encode()
    if isinstance(definition, (bytes, bytearray, memoryview)):
        return bytes(definition)
    raise TypeError(f'{definition!r} is no agent\'s definition; give a dict like {{"name": "A", "profile": "voice"}}')


def _never(ns: int) -> int | None:
    return None if ns == NEVER else ns


class Engine(_core.EngineBase):
    """A routing engine: one plan in force, its agents, the contacts that live in it.

    The engine has no clock: every command takes ``at``, its time, as nanoseconds or an aware ``datetime``; left out, it
    is the engine's own ``now``. Commands raise a :class:`~koble.KobleError` where they are refused; a refused command
    changes nothing beyond the advance to its time. What the engine decides is read as events.

    All calls on one engine are exclusive. Long calls (`apply`, `replace_plan`, `resume`, `reconcile`, `clone`,
    snapshots, replay, `events_array`) release the GIL; a call on the same engine from another thread meanwhile raises
    :class:`~koble.BusyError`. Different engines are independent. No lock is taken anywhere.
    """

    def __init__(
        self,
        plan: PlanSource,
        *,
        seed: int = 0,
        start: Instant = 0,
        clamp_time: bool = True,
        max_step: Duration | None = None,
        journal: str | Journal = "off",
        max_contacts: int | None = None,
        max_agents: int | None = None,
        max_events: int | None = None,
        max_journal_bytes: int | None = None,
    ) -> None:
        """Makes an engine; the plan's agents exist, offline.

        seed: of every random draw. start: the first `now`. clamp_time: raise a late stamp to now (and mark the
        result) instead of refusing it. max_step: refuse a stamp that is more than this after now. journal: "off",
        "bounded" or "keep_all". The limits: living contacts and agents at once, unacknowledged events, bytes of a
        bounded journal.
        """
        super().__init__()
        compiled = plan if isinstance(plan, Plan) else Plan(plan)
        if not isinstance(seed, int) or not 0 <= seed < 2**64:
            raise ArgumentError(f"seed is {seed!r}; it must be an int from 0 to 2^64 - 1")
        self._create(
            compiled._handle,
            seed,
            time_ns(start),
            clamp_time,
            0 if max_step is None else duration_ns(max_step),
            _journal_mode(journal),
            _limit("max_contacts", max_contacts),
            _limit("max_agents", max_agents),
            _limit("max_events", max_events),
            _limit("max_journal_bytes", max_journal_bytes),
        )

    # ---- Life --------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @classmethod
    def _empty(cls) -> Self:
        engine = cls.__new__(cls)
        _core.EngineBase.__init__(engine)
        return engine

    def clone(self) -> Self:
        """An independent copy of everything, unread events and kept journal included."""
        copy = self._empty()
        self._clone_into(copy)
        return copy

    def __copy__(self) -> Self:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.clone()

    def __reduce__(self) -> Any:
        raise TypeError(
            "an engine is not pickled as it stands; send snapshot() and call Engine.restore(bytes, ...) there"
        )

    def __repr__(self) -> str:
        try:
            now, counts, waiting = self.now, self.counts(), len(self.plan.queues)
        except KobleError as error:
            return f"<koble.Engine: {error}>"
        from .times import format_time

        return (
            f"<koble.Engine at {format_time(now)}: {counts.contacts} contacts, {counts.agents} agents, "
            f"{counts.offers} offers, {counts.engagements} engagements, {waiting} queues>"
        )

    def set_policy(self, name: str, policy: Policy | None) -> None:
        """Gives the engine the policy of that name, which the plan uses; None takes it away.

        Any object with a `choose_agent` or a `choose_contact` will do; one that lacks a method is not asked for such
        choices. It is no command and in no journal: give it again to what `replay` or `restore` has made.
        """
        self._set_policy(name, policy)

    # ---- Commands (the others are in the extension module) -----------------------------------------------------------

    def request(
        self,
        agent: str | SupportsIndex | Agent,
        channels: str | SupportsIndex | Sequence[str | SupportsIndex] | None = None,
        *,
        until: Instant | Duration | None = None,
        at: Instant | None = None,
    ) -> OfferId | None:
        """A pull agent asks for work, on the given channels or on every one.

        Returns the offer, which is accepted already. None: nothing waits; where `until` is given the request then
        stands until that instant (a timedelta or a text like "5m": for so long; ``koble.NEVER``: until it is answered).
        """
        now = self._time(at)
        mask = 0 if channels is None else self.plan.channel_mask(channels)
        limit = 0 if until is None else until_ns(until, now)
        if until is not None and limit == 0:
            raise ArgumentError("until is 0; leave it out to ask once, or give an instant after now")
        return self._request(agent, mask, limit, now)

    def park(
        self, engagement: SupportsIndex, *, until: Instant | Duration | None = None, at: Instant | None = None
    ) -> None:
        """The agent sets the conversation aside: it stays his and takes none of his capacity.

        It goes on by :meth:`activity` or :meth:`reply`, or by itself at `until` (a timedelta or a text like "2h": after
        so long).
        """
        now = self._time(at)
        limit = 0 if until is None else until_ns(until, now)
        if until is not None and limit == 0:
            raise ArgumentError("until is 0; leave it out, or give an instant after now")
        self._park(engagement, limit, now)

    def add_agent(self, definition: Definition, *, at: Instant | None = None) -> AgentId:
        """A new agent, offline: ``{"name": "A", "profile": "voice"}``. A leaving agent of that name is revived."""
        return self._add_agent(_definition(definition), at)

    def change_agent(
        self, agent: str | SupportsIndex | Agent, definition: Definition, *, at: Instant | None = None
    ) -> None:
        """Gives the agent a new definition; what he is doing goes on."""
        self._change_agent(agent, _definition(definition), at)

    def replace_plan(self, plan: PlanSource, *, at: Instant | None = None) -> None:
        """Puts a new plan in force; nobody is dropped. `InUseError` where the plan lacks something that is in use."""
        self._replace_plan((plan if isinstance(plan, Plan) else Plan(plan))._handle, at)

    def apply(self, batch: Any, data: bytes = b"", attributes: Any = b"") -> BatchResult:
        """Gives many commands at once, crossing the border to C++ once; releases the GIL.

        batch: an array of :data:`koble.COMMAND_DTYPE`, or columns (a dict or a DataFrame) as for
        :func:`koble.commands`, where `queue` may hold names and `kind` and `code` words. data: what `data_offset` and
        `data_size` point into; attributes: an array of :data:`koble.ATTRIBUTE_DTYPE` for `attributes_offset` and
        `attributes_count`. Columns may have `attributes` instead, a dict (or None) for each row, with names. A refused
        command does not stop the batch; `codes` says which were refused.
        """
        import numpy as np

        from . import arrays

        if not (isinstance(batch, np.ndarray) and batch.dtype.names):
            columns = dict(batch.items())
            mappings = columns.pop("attributes", None)
            if mappings is not None:
                if len(attributes):
                    raise ArgumentError("attributes are given twice: as a column, and beside the batch")
                attributes, places = arrays.attribute_columns(mappings, self)
                columns.update(places)
            queues = {name: number for number, name in enumerate(self.plan.queues)}
            batch = arrays.commands(columns, queues=queues)
        if batch.dtype != arrays.COMMAND_DTYPE:
            raise ArgumentError(f"the array's dtype is {batch.dtype}; it must be koble.COMMAND_DTYPE")
        if isinstance(attributes, np.ndarray):
            if attributes.dtype != arrays.ATTRIBUTE_DTYPE:
                raise ArgumentError(f"the attributes' dtype is {attributes.dtype}; it must be koble.ATTRIBUTE_DTYPE")
            attributes = np.ascontiguousarray(attributes)
        rows = np.ascontiguousarray(batch).reshape(-1)
        codes = np.zeros(len(rows), np.int32)
        ids = np.zeros(len(rows), np.uint64)
        code, taken = self._apply(rows, data, attributes, codes, ids)
        result = self.last_result
        return BatchResult(codes[:taken], ids[:taken], taken, code == -13, result.event_first, result.event_count)

    @property
    def last_result(self) -> Result:
        """What the last command on this engine did."""
        return Result(*self._last_result())

    # ---- Events ------------------------------------------------------------------------------------------------------

    def events(self, after: int = 0) -> Iterator[_core.Event]:
        """The events that are kept, oldest first, from the one after number `after`.

        The iterator goes on as long as there are events: those that commands inside the loop cause are met too. Events
        stay until they are acknowledged: call :meth:`acknowledge` with the last one that is done with, or use
        :meth:`drain`.
        """
        return self._iterate_events(after + 1)

    def events_array(self, after: int = 0, *, copy: bool = True) -> NDArray[Any]:
        """The events that are kept as a NumPy structured array of :data:`koble.EVENT_DTYPE`; releases the GIL.

        copy=False gives a read-only view of a buffer of this engine: no allocation, but the next call with copy=False
        writes over it.
        """
        import numpy as np

        from . import arrays

        first, count = self._event_range(after + 1)
        if copy:
            array = np.empty(count, arrays.EVENT_DTYPE)
            return array[: self._read_events_into(first, array)] if count else array
        buffer: NDArray[Any] | None = self.__dict__.get("_buffer")
        if buffer is None or len(buffer) < count:
            buffer = np.empty(max(count, 1024, 0 if buffer is None else 2 * len(buffer)), arrays.EVENT_DTYPE)
            self.__dict__["_buffer"] = buffer
        view = buffer[: self._read_events_into(first, buffer[:count]) if count else 0]
        view.flags.writeable = False
        return view

    def events_frame(self, after: int = 0) -> Any:
        """The events that are kept as a pandas DataFrame, with names in place of numbers."""
        from . import arrays

        return arrays.events_frame(self, self.events_array(after))

    # ---- Queries -----------------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        key = self._plan_key()
        cached: tuple[int, Plan] | None = self.__dict__.get("_plan_cache")
        if cached is None or cached[0] != key:  # the cached plan is kept alive, so its key is not used again
            cached = self.__dict__["_plan_cache"] = (key, Plan._wrap(self._plan()))
        return cached[1]

    def _queue_name(self, number: int) -> str | int:
        names = self.plan.queues
        return names[number] if number < len(names) else number

    def contact(self, contact: SupportsIndex) -> Contact:
        """A living contact. `EndedError` where it has ended."""
        (key, state, serial, ref, arrival, engagement, offers, queues, steps, positions, agent, reserved, own, open_steps, ring) = (
            self._contact(contact)
        )
        retry, next_ring, attempts, hungry = ring
        names = self.plan.queues
        return Contact(
            key,
            ContactState(state),
            serial,
            ref,
            arrival,
            engagement,
            offers,
            tuple(names[q] for q in queues),
            steps,
            positions,
            agent,
            reserved or None,
            own[0],
            own[1],
            self._named_attributes(contact),
            open_steps,
            retry or None,
            next_ring or None,
            attempts,
            hungry,
        )

    def skills(self, agent: str | SupportsIndex | Agent) -> dict[str, Skill]:
        """The skills of a living agent by name, those included that commands have changed."""
        names = self.plan.skills
        return {
            names[number]: Skill(level, changed, until_ns if changed else None)
            for number, level, changed, until_ns in self._skills(agent)
        }

    def _named_attributes(self, contact: SupportsIndex) -> dict[str, str | int]:
        symbols, declared = self.symbols, self.plan.attributes
        named: dict[str, str | int] = {}
        for key, value in self._attributes(contact):
            name = str(symbols.name(key))
            named[name] = (symbols.name(value) if declared.get(name) else None) or value
        return named

    @property
    def symbols(self) -> Symbols:
        """The names that are interned, with their numbers: keys of attributes and their symbolic values."""
        return Symbols(self)

    def agent(self, agent: str | SupportsIndex | Agent) -> Agent:
        """A living agent, by name or id."""
        (
            key, name, presence, reason, idle, penalised, request, sequence, capacity, used, counts, leaving, *talk
        ) = self._agent(agent)  # fmt: skip
        return Agent(
            key, name, Presence(presence), reason, idle, penalised or None, request or None, sequence, capacity, used,
            counts[0], counts[1], counts[2], counts[3], counts[4], leaving, *talk,
        )  # fmt: skip

    def offer(self, offer: SupportsIndex) -> Offer:
        """An open offer."""
        key, queue, contact, agent, begun, expires, group = self._offer(offer)
        return Offer(key, self._queue_name(queue), contact, agent, begun, _never(expires), group)

    def engagement(self, engagement: SupportsIndex) -> Engagement:
        """A living engagement."""
        key, state, queue, contact, agent, since, deadline = self._engagement(engagement)
        return Engagement(key, EngagementState(state), self._queue_name(queue), contact, agent, since, _never(deadline))

    def counts(self) -> Counts:
        """How many contacts, agents, offers and engagements are living."""
        return Counts(*self._counts())

    def contacts(self) -> list[ContactId]:
        """Ids of the living contacts."""
        return self._list(IdKind.CONTACT)

    def agents(self) -> list[AgentId]:
        """Ids of the living agents."""
        return self._list(IdKind.AGENT)

    def offers(self) -> list[OfferId]:
        """Ids of the open offers."""
        return self._list(IdKind.OFFER)

    def engagements(self) -> list[EngagementId]:
        """Ids of the living engagements."""
        return self._list(IdKind.ENGAGEMENT)

    # ---- Journal, replay, snapshots ----------------------------------------------------------------------------------

    def read_journal(self, seq: int | None = None, *, max_bytes: int = 1 << 20) -> tuple[bytes, int]:
        """Whole records from number `seq` on (None: the oldest kept), and the number to ask for next."""
        return self._read_journal(self.first_record if seq is None else seq, max_bytes)

    def journal(self) -> bytes:
        """All records that are kept. With :meth:`journal_header` they rebuild the engine: see :meth:`replay`."""
        parts, seq = [], self.first_record
        while seq <= self.last_record:
            records, seq = self._read_journal(seq, 1 << 22)
            parts.append(records)
        return b"".join(parts)

    @classmethod
    def replay(
        cls,
        header: bytes,
        records: bytes = b"",
        *,
        journal: str | Journal = "off",
        max_events: int | None = None,
        max_journal_bytes: int | None = None,
    ) -> Self:
        """An engine made from a journal's header and records.

        Where the records are damaged or cut, the :class:`~koble.CorruptError` has ``engine`` (the state after the last
        good record, or None where the header is bad) and ``replayed`` (how many records were good).
        """
        engine = cls._empty()
        code, replayed, made = engine._replay(
            header, records, _journal_mode(journal), _limit("max_events", max_events),
            _limit("max_journal_bytes", max_journal_bytes),
        )  # fmt: skip
        if code != 0:
            where = f"after {replayed} good records: " if made else ""
            error = error_from_code(code, f"{where}{_core.error_text(code)}")
            if isinstance(error, CorruptError):
                error.engine = engine if made else None
                error.replayed = replayed
            raise error
        return engine

    def snapshot(self) -> bytes:
        """The whole state as bytes, unacknowledged events included, kept journal excluded."""
        return self._snapshot()

    @classmethod
    def restore(
        cls,
        snapshot: bytes,
        *,
        journal: str | Journal = "off",
        max_events: int | None = None,
        max_journal_bytes: int | None = None,
    ) -> Self:
        """An engine made from a snapshot. Where time has passed, call :meth:`resume` next, not :meth:`advance`."""
        engine = cls._empty()
        engine._restore(
            snapshot,
            _journal_mode(journal),
            _limit("max_events", max_events),
            _limit("max_journal_bytes", max_journal_bytes),
        )
        return engine
