"""Simulated worlds that play against an engine (koble_world.h): what :mod:`koble.lab` is built on.

A :class:`World` owns nothing but its run: the engine is the caller's, with whatever plan, options and policies it has. Its records are read in
blocks, so that memory does not grow with the number of contacts::

    engine = koble.Engine(plan, seed=7)
    world = World(engine, streams=[Stream([0], service, rates=Rates.constant(100.0))], horizon_ns=8 * HOUR)
    for records in world.blocks():
        ...
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from .engine import Engine
from .enums import Exit
from .errors import ArgumentError, KobleError
from .figures import Figures
from .sim import NOBODY, PRESENCE_DTYPE, Law
from .times import NEVER

__all__ = [
    "AGENT_DTYPE",
    "LEVEL_DTYPE",
    "NOBODY",
    "RECORD_DTYPE",
    "SAMPLE_DTYPE",
    "After",
    "Again",
    "Flag",
    "People",
    "Rates",
    "Stream",
    "Totals",
    "World",
    "joined",
    "served",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# koble_world_record, koble_world_agent, koble_world_sample.
RECORD_DTYPE = np.dtype(
    [
        *((name, "i8") for name in ("first_ns", "arrival_ns", "wait_ns", "service_ns", "again_ns")),
        ("customer", "u8"),
        *((name, "u4") for name in ("stream", "attempt", "exit", "agent", "queue", "offers", "waiting", "flags")),
    ]
)
AGENT_DTYPE = np.dtype([*((name, "i8") for name in ("present_ns", "busy_ns", "talk_ns", "wrap_ns")), ("served", "u8")])
SAMPLE_DTYPE = np.dtype(
    [("time_ns", "i8"), *((name, "u4") for name in ("waiting", "serving", "orbit", "present", "busy", "free"))]
)
LEVEL_DTYPE = np.dtype([("time_ns", "i8"), ("group", "u4"), ("count", "u4")])


class Flag(enum.IntFlag):
    """Of a record."""

    MUST_WAIT = 1  #: joined, and offered to nobody at its arrival
    BALKED = 2  #: and left at once for that


class After(enum.IntFlag):
    """After what a customer tries again."""

    REFUSED = 1
    ABANDONED = 2
    BALKED = 4
    LET_GO = 8


_AT_THE_DOOR = [int(kind) for kind in (Exit.FULL, Exit.CLOSED, Exit.REFUSED, Exit.NOT_ROUTABLE)]


def joined(records: np.ndarray[Any, Any]) -> npt.NDArray[np.bool_]:
    """Of records (:data:`RECORD_DTYPE`): who was not refused at the door."""
    return np.asarray(~np.isin(records["exit"], _AT_THE_DOOR))


def served(records: np.ndarray[Any, Any]) -> npt.NDArray[np.bool_]:
    """Of records: who got a conversation."""
    return np.asarray(records["agent"] != NOBODY)


@dataclass(frozen=True)
class Rates:
    """Contacts an hour: on each piece, from its begin to the next one's, the rate goes evenly from ``per_hour`` to ``to_per_hour``."""

    begin_ns: Ints
    per_hour: Floats
    to_per_hour: Floats

    @classmethod
    def constant(cls, per_hour: float) -> Rates:
        return cls.steps([0], [per_hour])

    @classmethod
    def steps(cls, begin_ns: Sequence[int], per_hour: npt.ArrayLike) -> Rates:
        rates = np.asarray(per_hour, np.float64)
        return cls(np.asarray(begin_ns, np.int64), rates, rates)


@dataclass(frozen=True)
class Again:
    """Who comes again: after which ends, with which probability at each attempt, how many times more at most (0: any number)."""

    delay: Law
    after: After = After.REFUSED | After.ABANDONED | After.BALKED | After.LET_GO
    probability: float = 1.0
    most: int = 0


@dataclass(frozen=True)
class Stream:
    """Customers of one kind: ``rates``, or ``times_ns`` with or without columns of what each brings along."""

    queues: Sequence[int]
    service: Law | None = None
    patience: Law | None = None
    rates: Rates | None = None
    times_ns: Ints | None = None
    services_ns: Ints | None = None
    patiences_ns: Ints | None = None
    batch: Law | None = None  #: contacts at each arrival, in thousand millions
    priority: int = 0  #: micro-points
    credit_ns: int = 0
    balk: float = 0.0
    again: Again | None = None
    #: A contact stands in one of ``queues``, which :meth:`World.set_hooks`' ``choose_queue`` names; else in all of them.
    chosen: bool = False
    #: Key to values and their weights; keys and named values are interned.
    attributes: Mapping[str, Mapping[str | int, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class People:
    """How agents of one kind behave; koble_world_people says it exactly."""

    speeds: Sequence[float] = ()
    answer: Law | None = None
    wrap_up: Law | None = None
    decline: float = 0.0
    miss: float = 0.0
    learning_first: float = 1.0
    learning_contacts: float = 0.0


@dataclass(frozen=True)
class Totals:
    all_busy_ns: int
    end_ns: int
    commands: int
    events: int


def _law(law: Law | None) -> tuple[Any, ...] | None:
    return None if law is None else law.as_tuple()


class World:
    """A run. ``engine`` has been given no command yet, and gets none from elsewhere meanwhile.

    people_of_agent: for each agent that the plan lists the place of its kind in ``people`` (without it all are of the first).
    factors: streams x agents; a conversation of that stream with that agent takes so many times as long.
    presence: changes by time (:data:`koble.sim.PRESENCE_DTYPE`); without any, nobody is there.
    group_of_agent, levels: staff as numbers (:data:`LEVEL_DTYPE`, by time): so many of a group are there from then on; free ones go first,
        then whoever ends a conversation next. Agents of the group :data:`NOBODY` come and go by ``presence`` alone.
    from_ns, to_ns: what :meth:`agents` and :meth:`totals` are about.
    sample_ns: rising times at which :meth:`samples` looks.
    """

    def __init__(
        self,
        engine: Engine,
        streams: Sequence[Stream],
        *,
        presence: np.ndarray[Any, Any],
        horizon_ns: int,
        seed: int = 0,
        people: Sequence[People] = (),
        people_of_agent: npt.ArrayLike = (),
        factors: npt.ArrayLike = (),
        group_of_agent: npt.ArrayLike = (),
        levels: np.ndarray[Any, Any] | None = None,
        from_ns: int = 0,
        to_ns: int = NEVER,
        sample_ns: npt.ArrayLike = (),
        figures: Figures | None = None,
    ) -> None:
        model = _core.WorldModel(seed, horizon_ns, from_ns, to_ns, np.ascontiguousarray(sample_ns, np.int64))
        for stream in streams:
            _add(model, stream, engine)
        for one in people:
            model.add_people(
                np.ascontiguousarray(one.speeds, np.float64), _law(one.answer), _law(one.wrap_up), one.decline, one.miss,
                one.learning_first, one.learning_contacts,
            )  # fmt: skip
        model.set_agents(
            np.ascontiguousarray(people_of_agent, np.uint32),
            np.ascontiguousarray(factors, np.float64),
            np.ascontiguousarray(presence, PRESENCE_DTYPE),
        )
        model.set_levels(
            np.ascontiguousarray(group_of_agent, np.uint32),
            np.zeros(0, LEVEL_DTYPE) if levels is None else np.ascontiguousarray(levels, LEVEL_DTYPE),
        )
        self._engine = engine
        self._agents = engine.plan.agents
        self._samples = int(np.size(sample_ns))
        self._handle = _core.WorldHandle(engine, model, None if figures is None else figures._handle)

    def set_hooks(
        self, choose_queue: Callable[[int, int], int] | None = None, follow: Callable[[], None] | None = None
    ) -> None:
        """What the host has to say between commands, while it may read the engine, and not change it. What they raise ends the run.

        choose_queue: (stream, number of the customer) to a place among the stream's queues, for streams with ``chosen``.
        follow: called after each command, before its events are acknowledged.
        """
        self._handle.set_hooks(choose_queue, follow)

    def blocks(self, size: int = 65_536) -> Iterator[np.ndarray[Any, Any]]:
        """Plays to the end: records (:data:`RECORD_DTYPE`) of the attempts that have ended, in blocks of at most ``size``. A block is
        overwritten by the next. Where a policy in Python raises, the engine takes its first candidate, and this raises
        :class:`KobleError` at the end of the block: what was simulated is not that policy."""
        block = np.zeros(size, RECORD_DTYPE)
        while True:
            count = self._handle.run(block)
            error = self._engine.take_policy_error()
            if error is not None:
                raise KobleError(f"a policy failed: {type(error).__name__}: {error}") from error
            if count:
                yield block[:count]
            if count < size:
                return

    @property
    def now_ns(self) -> int:
        return self._handle.now()

    def agents(self) -> np.ndarray[Any, Any]:
        """By the plan's list, :data:`AGENT_DTYPE`: how each spent the time between ``from_ns`` and ``to_ns``, so far."""
        out = np.zeros(len(self._agents), AGENT_DTYPE)
        self._handle.agents(out)
        return out

    def samples(self) -> np.ndarray[Any, Any]:
        """:data:`SAMPLE_DTYPE`: those taken so far."""
        out = np.zeros(self._samples, SAMPLE_DTYPE)
        return out[: self._handle.samples(out)]

    def totals(self) -> Totals:
        return Totals(*self._handle.totals())


def _add(model: _core.WorldModel, stream: Stream, engine: Engine) -> None:
    if (stream.rates is None) == (stream.times_ns is None):
        raise ArgumentError("a stream has rates or times_ns; give one of them")
    number = model.add_stream(
        np.ascontiguousarray(stream.queues, np.uint32), stream.priority, stream.credit_ns, _law(stream.service),
        _law(stream.patience), _law(stream.batch), stream.chosen,
    )  # fmt: skip
    if stream.rates is not None:
        model.set_rates(number, stream.rates.begin_ns, stream.rates.per_hour, stream.rates.to_per_hour)
    else:
        columns = [None if one is None else np.ascontiguousarray(one, np.int64) for one in (stream.services_ns, stream.patiences_ns)]
        model.set_times(number, np.ascontiguousarray(stream.times_ns, np.int64), *columns)
    again = stream.again
    if again is None:
        model.set_again(number, stream.balk, 0, 0, 0.0, None)
    else:
        model.set_again(number, stream.balk, int(again.after), again.most, again.probability, again.delay.as_tuple())
    for name, weights in stream.attributes.items():
        key = engine.intern(name)
        values = [value if isinstance(value, int) else engine.intern(value) for value in weights]
        model.add_attribute(
            number, key, np.asarray(values, np.int64), np.asarray(list(weights.values()), np.float64)
        )
