"""Shifts: when somebody who works one is there, and what he costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import ArgumentError
from ..times import Duration, duration_ns, format_duration
from .need import number

__all__ = ["BreakWindow", "Shift", "generate_shifts"]

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True)
class Shift:
    """One way to work. Make one with :meth:`of`, or many with :func:`generate_shifts`. Times are nanoseconds from the day's
    begin."""

    name: str
    begin_ns: int
    end_ns: int
    #: Begin and end of each, in order, within the shift.
    breaks_ns: tuple[tuple[int, int], ...] = ()
    #: Of one who works it, at least 0.
    cost: float = 1.0
    #: Agents' profile; None where all are alike.
    profile: str | None = None
    #: How many may work it at most; None: any number.
    most: int | None = None

    def __post_init__(self) -> None:
        number(self.cost, f"cost of {self.name}", low=0)
        if not 0 <= self.begin_ns < self.end_ns:
            raise ArgumentError(f"{self.name}: write a begin of at least 0 and a length of more than 0")
        if self.most is not None and self.most < 0:
            raise ArgumentError(f"{self.name}: most is {self.most}; write at least 0, or None for any number")
        at = self.begin_ns
        for begin, end in self.breaks_ns:
            if not at <= begin < end <= self.end_ns:
                raise ArgumentError(f"{self.name}: write breaks in order, within the shift, none in another")
            at = end

    @classmethod
    def of(
        cls,
        name: str,
        begin: Duration,
        length: Duration,
        *,
        breaks: Sequence[tuple[Duration, Duration]] = (),
        cost: float | None = None,
        profile: str | None = None,
        most: int | None = None,
    ) -> Shift:
        """``breaks``: begin, counted from the day's begin as well, and length of each. ``cost``: by default the hours worked,
        without the breaks.

        >>> Shift.of("early", "7h", "8h30m", breaks=[("11h", "30m")]).cost
        8.0
        """
        start = duration_ns(begin)
        pauses = tuple((duration_ns(at), duration_ns(at) + duration_ns(long)) for at, long in breaks)
        worked = duration_ns(length) - sum(end - at for at, end in pauses)
        return cls(
            name,
            start,
            start + duration_ns(length),
            pauses,
            worked / HOUR_NS if cost is None else cost,
            profile,
            most,
        )

    def worked_ns(self, begin_ns: int, end_ns: int) -> int:
        """How much of the time between the two is worked."""
        within = max(min(self.end_ns, end_ns) - max(self.begin_ns, begin_ns), 0)
        return within - sum(max(min(end, end_ns) - max(begin, begin_ns), 0) for begin, end in self.breaks_ns)


@dataclass(frozen=True)
class BreakWindow:
    """A break of one length that may begin from ``earliest`` to ``latest`` after the shift's begin, both included, every
    ``step``."""

    length: Duration
    earliest: Duration
    latest: Duration
    step: Duration

    def begins_ns(self) -> range:
        step = duration_ns(self.step)
        if step <= 0 or duration_ns(self.length) <= 0 or duration_ns(self.earliest) > duration_ns(self.latest):
            raise ArgumentError(f"{self}: write a length and step of more than 0, and an earliest that is not after the latest")
        return range(duration_ns(self.earliest), duration_ns(self.latest) + 1, step)


def generate_shifts(
    begins: Sequence[Duration],
    lengths: Sequence[Duration],
    *,
    breaks: Sequence[BreakWindow] = (),
    cost_per_hour: float = 1.0,
    cost_per_shift: float = 0.0,
    profile: str | None = None,
    most: int = 100_000,
) -> list[Shift]:
    """Every shift with one of these begins and lengths and with a break in each window, in order and not overlapping.

    Breaks are not paid. Each is named by its begin, end and breaks. :class:`~koble.ArgumentError` where there would be more
    than ``most``: widen the steps.
    """
    shifts: list[Shift] = []
    per_hour, per_shift = number(cost_per_hour, "cost_per_hour", low=0), number(cost_per_shift, "cost_per_shift", low=0)
    for begin, length in itertools.product(begins, lengths):
        start, end = duration_ns(begin), duration_ns(begin) + duration_ns(length)
        for pauses in _placed(start, end, breaks):
            worked = end - start - sum(b - a for a, b in pauses)
            name = f"{format_duration(start)}-{format_duration(end)}"
            if profile is not None:
                name = f"{profile} {name}"
            if pauses:
                name += " without " + ", ".join(f"{format_duration(a)}-{format_duration(b)}" for a, b in pauses)
            shifts.append(Shift(name, start, end, pauses, per_shift + per_hour * worked / HOUR_NS, profile))
            if len(shifts) > most:
                raise ArgumentError(f"more than {most} shifts; write fewer begins or lengths, or wider steps of the breaks")
    return shifts


def _placed(start: int, end: int, windows: Sequence[BreakWindow]) -> Iterator[tuple[tuple[int, int], ...]]:
    for offsets in itertools.product(*(window.begins_ns() for window in windows)):
        pauses = tuple(
            (start + at, start + at + duration_ns(window.length)) for at, window in zip(offsets, windows, strict=True)
        )
        apart = all(before[1] <= after[0] for before, after in itertools.pairwise(pauses))
        if apart and (not pauses or pauses[-1][1] <= end):
            yield pauses
