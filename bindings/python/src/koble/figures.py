"""Figures: what is counted. A fold over an engine's events; docs/measures.md defines every measure."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from .plan import Plan

if TYPE_CHECKING:
    from .ids import AgentId
    from .times import Duration, Instant

__all__ = ["AGENT_ROW_DTYPE", "QUEUE_ROW_DTYPE", "DurationKind", "Figures", "ServiceLevel", "Shown"]

# The fields of koble_figures_queue_row and koble_figures_agent_row, in their order.
QUEUE_ROW_DTYPE = np.dtype(
    [
        ("struct_size", "u4"),
        ("queue", "u4"),
        ("interval", "i8"),
        ("begin_ns", "i8"),
        ("target_ns", "i8"),
        ("offered", "u8"),
        ("answered", "u8"),
        ("answered_in_time", "u8"),
        ("abandoned", "u8"),
        ("abandoned_in_time", "u8"),
        ("abandoned_short", "u8"),
        ("exits", "u8", 10),
        ("left", "u8", 10),
        ("open", "u8"),
        ("open_late", "u8"),
        ("sl_good", "u8", 4),
        ("sl_of", "u8", 4),
        ("wait_answered_sum_ns", "i8"),
        ("wait_answered_max_ns", "i8"),
        ("wait_abandoned_sum_ns", "i8"),
        ("wait_abandoned_max_ns", "i8"),
        ("wait_all_sum_ns", "i8"),
        ("wait_all_max_ns", "i8"),
        ("wait_open_sum_ns", "i8"),
        ("wait_open_max_ns", "i8"),
        ("ended", "u8"),
        ("handle_sum_ns", "i8"),
        ("handle_max_ns", "i8"),
        ("talk_sum_ns", "i8"),
        ("talk_max_ns", "i8"),
        ("holds", "u8"),
        ("hold_sum_ns", "i8"),
        ("wrapups", "u8"),
        ("wrapup_sum_ns", "i8"),
        ("attention_sum_ns", "i8"),
        ("offers", "u8"),
        ("accepted", "u8"),
        ("outcomes", "u8", 9),
        ("connect_failed", "u8"),
        ("exhausted", "u8"),
    ]
)
AGENT_ROW_DTYPE = np.dtype(
    [
        ("struct_size", "u4"),
        ("agent", "u4"),
        ("interval", "i8"),
        ("begin_ns", "i8"),
        ("id", "u8"),
        ("signed_in_ns", "i8"),
        ("shown_ns", "i8", 8),
        ("busy_ns", "i8"),
        ("busy_of_ns", "i8"),
        ("load_unit_ms", "i8"),
        ("capacity_unit_ms", "i8"),
        ("offers", "u8"),
        ("accepted", "u8"),
        ("outcomes", "u8", 9),
        ("connect_failed", "u8"),
        ("answered", "u8"),
        ("ended", "u8"),
        ("talk_sum_ns", "i8"),
        ("hold_sum_ns", "i8"),
        ("wrapup_sum_ns", "i8"),
    ]
)
_ALL = 2**32 - 1


class ServiceLevel(enum.IntEnum):
    """The four definitions, as places in ``sl_good`` and ``sl_of``."""

    ANSWERED = 0
    OFFERED = 1
    WITHOUT_SHORT = 2
    ABANDONS_IN_TIME = 3


class Shown(enum.IntEnum):
    """What an agent shows, as places in ``shown_ns``; the first that is so."""

    ACTIVE = 0
    HELD = 1
    WRAPUP = 2
    CONNECTING = 3
    RINGING = 4
    BREAK = 5
    PENALISED = 6
    AVAILABLE = 7


class DurationKind(enum.IntEnum):
    """Whose histogram."""

    WAIT_ANSWERED = 0
    WAIT_ABANDONED = 1
    WAIT_ALL = 2
    HANDLE = 3


class Figures:
    """Counts of one engine's events.

    ``plan`` is the one in force at the first event. ``interval`` 0 means no intervals. ``short_abandon``: abandons
    after at most this wait are short. ``target``: the service target of queues whose plan names none.
    """

    __slots__ = ("_handle",)
    _handle: _core.FiguresHandle

    def __init__(
        self,
        plan: Plan,
        *,
        start: Instant = 0,
        interval: Duration = 0,
        short_abandon: Duration = 0,
        target: Duration = 0,
    ) -> None:
        from .times import duration_ns, time_ns

        self._handle = _core.figures_create(
            plan._handle, time_ns(start), duration_ns(interval), duration_ns(short_abandon), duration_ns(target)
        )

    def plan(self, plan: Plan) -> None:
        """Makes a plan known before the event that puts it in force is folded."""
        self._handle.plan(plan._handle)

    def agent(self, agent: AgentId | int, name: str, capacity: int = 0) -> None:
        """Names an agent whom a command added; ``capacity`` 0 leaves it as it is (100 at first)."""
        self._handle.agent(int(agent), name, capacity)

    def fold(self, events: np.ndarray[Any, Any]) -> int:
        """Folds events in the order of their numbers; those folded already are passed over. Returns how many."""
        array = np.ascontiguousarray(events)
        return self._handle.fold(array, array.dtype.itemsize) if array.size else 0

    def close(self, at: Instant) -> None:
        """Counts up to an instant: agents' times, and who waits then. Folding may go on."""
        from .times import time_ns

        self._handle.close(time_ns(at))

    def merge(self, other: Figures) -> None:
        """Adds another engine's, day's or replication's counts."""
        self._handle.merge(other._handle)

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues, by number."""
        return self._handle.queues()

    @property
    def agents(self) -> tuple[str, ...]:
        """Names of the agents, by number."""
        return self._handle.agents()

    @property
    def intervals(self) -> int:
        """The number of the last interval with figures, and 1."""
        return self._handle.interval_count()

    def _queue(self, queue: str | int | None) -> int:
        return _ALL if queue is None else self.queues.index(queue) if isinstance(queue, str) else queue

    def queue(self, queue: str | int | None = None, interval: int | None = None) -> np.void:
        """One row (``QUEUE_ROW_DTYPE``); None: every queue, every interval."""
        data = self._handle.queue_row(self._queue(queue), -1 if interval is None else interval)
        row: np.void = np.frombuffer(data, QUEUE_ROW_DTYPE)[0]
        return row

    def by_agent(self, agent: str | int | None = None, interval: int | None = None) -> np.void:
        """One row (``AGENT_ROW_DTYPE``); None: every agent, every interval."""
        number = _ALL if agent is None else self.agents.index(agent) if isinstance(agent, str) else agent
        row: np.void = np.frombuffer(
            self._handle.agent_row(number, -1 if interval is None else interval), AGENT_ROW_DTYPE
        )[0]
        return row

    def quantile_ns(
        self,
        share: float,
        kind: DurationKind = DurationKind.WAIT_ALL,
        queue: str | int | None = None,
        interval: int | None = None,
    ) -> int | None:
        """The duration that this share does not exceed, at most 2^-7 more than the true one; None where none is."""
        ppm = round(share * 1_000_000)
        value = self._handle.quantile(self._queue(queue), -1 if interval is None else interval, int(kind), ppm)
        return None if value < 0 else value

    def histogram(
        self, kind: DurationKind, queue: str | int | None = None, interval: int | None = None
    ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The largest value (ns) and the count of every non-empty bucket, rising."""
        upper, counts = self._handle.histogram(self._queue(queue), -1 if interval is None else interval, int(kind))
        return np.frombuffer(upper, np.int64), np.frombuffer(counts, np.uint64)
