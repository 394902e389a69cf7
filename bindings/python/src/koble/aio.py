"""Koble for asyncio hosts: the engine with a clock and a timer.

>>> async def host(plan):
...     async with koble.aio.Engine(plan) as engine:
...         engine.presence("anna", "available")
...         engine.arrive("support", host_ref=7)
...         async for event in engine.events():
...             if event.kind == koble.EventKind.OFFERED:
...                 engine.accept(event.offer)

Commands are plain methods, stamped with the clock's now. A timer wakes the engine at its next deadline. Everything
happens in the thread of the event loop.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, SupportsIndex

from . import _core
from . import engine as _engine
from .engine import Definition
from .enums import By, Outcome, Presence
from .errors import ClosedError
from .ids import AgentId, ContactId, EngagementId, OfferId
from .plan import Plan, PlanSource
from .times import Duration, Instant
from .views import Agent, BatchResult, Result

__all__ = ["Engine", "Events"]

# No timer sleeps longer than this: a clock that is set meanwhile is noticed.
_SLEEP_MAX_S = 1.0


class Events:
    """The events of an engine, as they come: ``async for event in engine.events()``.

    An event counts as done with when the next one is asked for; what every reader is done with is acknowledged.
    """

    def __init__(self, owner: Engine, after: int) -> None:
        self._owner = owner
        self._seq = after  # given out
        self._done = after  # asked past
        self._chunk: deque[_core.Event] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _core.Event:
        owner = self._owner
        self._done = self._seq
        while not self._chunk:
            owner._acknowledge()
            if owner._closed:
                raise StopAsyncIteration
            self._chunk.extend(owner.sync._read_events(self._seq + 1))
            if not self._chunk:
                await owner._wait()
        event = self._chunk.popleft()
        self._seq = event.seq
        return event


class Engine:
    """A routing engine that runs by a clock in an asyncio event loop.

    clock: gives nanoseconds since 1970 UTC; ``time.time_ns`` unless another is given (tests, demonstrations). speed:
    how many seconds pass on that clock in one second of the event loop. The other options are those of
    :class:`koble.Engine`; `start` is the clock's now. Everything else of the engine is reached as ``sync``.
    """

    def __init__(
        self, plan: PlanSource, *, clock: Callable[[], int] = time.time_ns, speed: float = 1.0, **options: Any
    ) -> None:
        options.setdefault("start", clock())
        self._open(_engine.Engine(plan, **options), clock, speed)

    @classmethod
    def wrap(cls, engine: _engine.Engine, *, clock: Callable[[], int] = time.time_ns, speed: float = 1.0) -> Self:
        """Takes over an engine that exists, for example a restored one, after its `resume`."""
        self = cls.__new__(cls)
        self._open(engine, clock, speed)
        return self

    def _open(self, engine: _engine.Engine, clock: Callable[[], int], speed: float) -> None:
        #: The engine itself. After commands given to it directly, call :meth:`advance`.
        self.sync = engine
        self._clock = clock
        self._speed = speed
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_deadline: int | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._readers: weakref.WeakSet[Events] = weakref.WeakSet()
        self._closed = False
        self._seen = engine.last_event
        self._changed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops the timer, ends the readers and closes the engine."""
        if self._closed:
            return
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._wake()
        self.sync.close()

    # ---- Clock, timer, waiting ---------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The clock's time, never earlier than the engine's."""
        return max(self._clock(), self.sync.now)

    def _changed(self) -> None:
        """After every call: wakes readers where there are new events, sets the timer to the next deadline."""
        last = self.sync.last_event
        if last != self._seen:
            self._seen = last
            self._wake()
        deadline = self.sync.next_deadline
        if deadline != self._timer_deadline:
            self._set_timer(deadline)

    def _set_timer(self, deadline: int | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_deadline = deadline
        if deadline is not None:
            delay = min(max((deadline - self._clock()) / 1e9 / self._speed, 0.0), _SLEEP_MAX_S)
            self._timer = self._loop.call_later(delay, self._due)

    def _due(self) -> None:
        self._timer = None
        now = self._clock()
        if self._timer_deadline is not None and now >= self._timer_deadline:
            self._timer_deadline = None
            self.sync.advance(max(now, self.sync.now))
            self._changed()
        else:  # woken early
            self._set_timer(self._timer_deadline)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _wait(self) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def _acknowledge(self) -> None:
        if self._closed or not self._readers:
            return
        done = min(reader._done for reader in self._readers)
        if done >= self.sync.first_event:
            self.sync.acknowledge(done)

    def events(self, after: int | None = None) -> Events:
        """The events as they come, from the oldest that is kept (or the one after number `after`).

        There may be several readers; an event is acknowledged when all of them are done with it. Ends when the engine
        is closed.
        """
        if self._closed:
            raise ClosedError("the engine is closed")
        reader = Events(self, self.sync.first_event - 1 if after is None else after)
        self._readers.add(reader)
        return reader

    # ---- Commands, stamped with now ----------------------------------------------------------------------------------

    def _call(self, method: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        try:
            return method(*arguments, at=self.now, **keywords)
        finally:
            if not self._closed:
                self._changed()  # a refused command has advanced too

    def arrive(
        self,
        queues: str | SupportsIndex | Sequence[str | SupportsIndex],
        *,
        host_ref: SupportsIndex = 0,
        priority: Any = 0,
        credit: Duration = 0,
        attributes: Mapping[str | SupportsIndex, str | SupportsIndex] | None = None,
        agent: str | SupportsIndex | None = None,
        reserved: Duration = 0,
        position: int = 0,
    ) -> ContactId:
        """A contact enters. See :meth:`koble.Engine.arrive`."""
        return self._call(  # type: ignore[no-any-return]
            self.sync.arrive,
            queues,
            host_ref=host_ref,
            priority=priority,
            credit=credit,
            attributes=attributes,
            agent=agent,
            reserved=reserved,
            position=position,
        )

    def intern(self, name: str) -> int:
        """The number of a name, for attributes. See :meth:`koble.Engine.intern`."""
        return self._call(self.sync.intern, name)  # type: ignore[no-any-return]

    def set_skill(
        self,
        agent: str | SupportsIndex | Agent,
        skill: str,
        level: SupportsIndex | None,
        *,
        length: Duration = "never",
    ) -> None:
        """Changes one skill of an agent. See :meth:`koble.Engine.set_skill`."""
        self._call(self.sync.set_skill, agent, skill, level, length=length)

    def place(
        self, contact: SupportsIndex, position: int, *, queue: str | SupportsIndex | None = None
    ) -> None:
        """Puts a contact at a position. See :meth:`koble.Engine.place`."""
        self._call(self.sync.place, contact, position, queue=queue)

    def change(
        self,
        contact: SupportsIndex,
        *,
        priority: Any = None,
        credit: Duration | None = None,
        max_wait: Duration | None = None,
        attributes: Mapping[str | SupportsIndex, str | SupportsIndex] | None = None,
        remove: Iterable[str | SupportsIndex] = (),
        forget_refusals: bool = False,
        forget_agent: bool = False,
        relative: bool = False,
    ) -> None:
        """Changes a contact that lives. See :meth:`koble.Engine.change`."""
        self._call(
            self.sync.change,
            contact,
            priority=priority,
            credit=credit,
            max_wait=max_wait,
            attributes=attributes,
            remove=remove,
            forget_refusals=forget_refusals,
            forget_agent=forget_agent,
            relative=relative,
        )

    def gone(self, contact: SupportsIndex, *, by: str | By = "customer") -> None:
        """The customer is gone, or the conversation is over."""
        self._call(self.sync.gone, contact, by=by)

    def make_offer(
        self,
        contact: SupportsIndex,
        agent: str | SupportsIndex,
        *,
        queue: str | SupportsIndex | None = None,
        insist: bool = False,
        accepted: bool = False,
    ) -> OfferId:
        """The host chooses the agent for a contact that waits. See :meth:`koble.Engine.make_offer`."""
        return self._call(  # type: ignore[no-any-return]
            self.sync.make_offer, contact, agent, queue=queue, insist=insist, accepted=accepted
        )

    def accept(self, offer: SupportsIndex) -> EngagementId:
        """The agent took it."""
        return self._call(self.sync.accept, offer)  # type: ignore[no-any-return]

    def decline(self, offer: SupportsIndex) -> None:
        """The agent said no."""
        self._call(self.sync.decline, offer)

    def busy(self, offer: SupportsIndex) -> None:
        """The agent's device was busy."""
        self._call(self.sync.busy, offer)

    def unreachable(self, offer: SupportsIndex) -> None:
        """The agent's device could not be reached."""
        self._call(self.sync.unreachable, offer)

    def no_answer(self, offer: SupportsIndex) -> None:
        """It rang, and nobody answered."""
        self._call(self.sync.no_answer, offer)

    def failed(self, offer: SupportsIndex) -> None:
        """The host could not present it."""
        self._call(self.sync.failed, offer)

    def end_offer(self, offer: SupportsIndex, outcome: str | Outcome) -> None:
        """The offer ended with this outcome: "declined" to "failed"."""
        self._call(self.sync.end_offer, offer, outcome)

    def connected(self, engagement: SupportsIndex) -> None:
        """The connection that the queue wants confirmed stands."""
        self._call(self.sync.connected, engagement)

    def connect_failed(self, engagement: SupportsIndex) -> None:
        """The connection failed; the contact goes back to its place."""
        self._call(self.sync.connect_failed, engagement)

    def hold(self, engagement: SupportsIndex) -> None:
        """The contact is put on hold."""
        self._call(self.sync.hold, engagement)

    def retrieve(self, engagement: SupportsIndex) -> None:
        """The contact is taken back from hold."""
        self._call(self.sync.retrieve, engagement)

    def reply(self, contact: SupportsIndex) -> EngagementId | None:
        """The customer wrote. See :meth:`koble.Engine.reply`."""
        return self._call(self.sync.reply, contact)  # type: ignore[no-any-return]

    def activity(self, engagement: SupportsIndex) -> None:
        """One of the two wrote, or the agent takes the conversation up again."""
        self._call(self.sync.activity, engagement)

    def park(self, engagement: SupportsIndex, *, until: Instant | Duration | None = None) -> None:
        """The agent sets the conversation aside. See :meth:`koble.Engine.park`."""
        self._call(self.sync.park, engagement, until=until)

    def end_wrap_up(self, engagement: SupportsIndex) -> None:
        """Ends a wrap-up early."""
        self._call(self.sync.end_wrap_up, engagement)

    def presence(
        self, agent: str | SupportsIndex | Agent, presence: str | Presence, *, reason: SupportsIndex = 0
    ) -> None:
        """Sets the agent's presence: "available", "break" or "offline"."""
        self._call(self.sync.presence, agent, presence, reason=reason)

    def request(
        self,
        agent: str | SupportsIndex | Agent,
        channels: str | SupportsIndex | Sequence[str | SupportsIndex] | None = None,
        *,
        until: Instant | Duration | None = None,
    ) -> OfferId | None:
        """A pull agent asks for work. See :meth:`koble.Engine.request`."""
        return self._call(self.sync.request, agent, channels, until=until)  # type: ignore[no-any-return]

    def cancel_request(self, agent: str | SupportsIndex | Agent) -> None:
        """Ends a standing request."""
        self._call(self.sync.cancel_request, agent)

    def add_agent(self, definition: Definition) -> AgentId:
        """A new agent, offline."""
        return self._call(self.sync.add_agent, definition)  # type: ignore[no-any-return]

    def change_agent(self, agent: str | SupportsIndex | Agent, definition: Definition) -> None:
        """Gives the agent a new definition; what he is doing goes on."""
        self._call(self.sync.change_agent, agent, definition)

    def remove_agent(self, agent: str | SupportsIndex | Agent) -> None:
        """Nothing new for this agent; what he is doing runs to its end."""
        self._call(self.sync.remove_agent, agent)

    def replace_plan(self, plan: PlanSource) -> None:
        """Puts a new plan in force; nobody is dropped."""
        self._call(self.sync.replace_plan, plan)

    def reconcile(self, *, contacts: Iterable[SupportsIndex], legs: Iterable[SupportsIndex]) -> None:
        """After a restart: what really exists; all else ends. See :meth:`koble.Engine.reconcile`."""
        self._call(self.sync.reconcile, contacts=contacts, legs=legs)

    def advance(self) -> None:
        """Does what is due by now. The timer does this by itself."""
        self._call(self._advance)

    def _advance(self, *, at: int) -> None:
        self.sync.advance(at)

    def apply(self, batch: Any, data: bytes = b"", attributes: Any = b"") -> BatchResult:
        """Gives many commands at once; they carry times of their own. See :meth:`koble.Engine.apply`."""
        try:
            return self.sync.apply(batch, data, attributes)
        finally:
            self._changed()

    # ---- Queries -----------------------------------------------------------------------------------------------------

    @property
    def last_result(self) -> Result:
        """What the last command did."""
        return self.sync.last_result

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self.sync.plan

    def __repr__(self) -> str:
        return repr(self.sync).replace("koble.Engine", "koble.aio.Engine", 1)
