"""What comes: streams of contacts, each with its arrivals, its work and its patience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..sim import CONTACT_DTYPE, Law, arrivals
from ..times import NEVER
from .reading import HOUR_NS, Reader

__all__ = ["ALL", "Stream", "draw", "read_streams"]

#: What the streams together are called.
ALL = "all"
#: Contacts of one stream and replication at most: so many fit into memory.
_MOST = 20_000_000

Ints = npt.NDArray[np.int64]

# A stream has sources of its own: number n draws with purposes from _FIRST + n x _SOURCES on. They are part of the results.
_FIRST, _SOURCES = 10_000, 8
_ARRIVAL, _SERVICE, _PATIENCE = 0, 1, 2


@dataclass(frozen=True)
class Stream:
    """Contacts of one kind. Whatever one of them brings along is drawn at its arrival, by its number in the stream: under every plan
    the same customers come, want as much work and wait as long."""

    name: str
    queue: str
    #: Piecewise constant rates per hour: (begin, rate); or the arrivals themselves, in nanoseconds.
    rates: tuple[tuple[int, float], ...]
    times_ns: tuple[int, ...]
    service: Law
    patience: Law | None  # None: nobody hangs up
    priority: int  # millionths of a point
    credit_ns: int

    def draw(self, number: int, queue: int, seed: int, end_ns: int) -> np.ndarray[Any, Any]:
        """The contacts that arrive before ``end_ns``, by arrival."""
        purpose = _FIRST + number * _SOURCES
        if self.rates:
            begins = [begin for begin, _ in self.rates if begin < end_ns]
            rates = [rate for begin, rate in self.rates if begin < end_ns]
            times = arrivals(begins, rates, end_ns, seed, purpose + _ARRIVAL, 2 * _MOST)
        else:
            times = np.asarray([time for time in self.times_ns if time < end_ns], np.int64)
        contacts = np.zeros(len(times), CONTACT_DTYPE)
        contacts["arrival_ns"] = times
        contacts["service_ns"] = self.service.draw(seed, purpose + _SERVICE, 1, len(times))
        contacts["patience_ns"] = (
            NEVER if self.patience is None else self.patience.draw(seed, purpose + _PATIENCE, 1, len(times))
        )
        contacts["priority"] = self.priority
        contacts["credit_ns"] = self.credit_ns
        contacts["queue"] = queue
        return contacts


def draw(streams: list[Stream], queues: list[int], seed: int, end_ns: int) -> tuple[np.ndarray[Any, Any], Ints]:
    """All streams together, by arrival, and of which stream each is. At one instant the stream listed first comes first."""
    parts = [stream.draw(n, queue, seed, end_ns) for n, (stream, queue) in enumerate(zip(streams, queues, strict=True))]
    which = np.repeat(np.arange(len(parts), dtype=np.int64), [len(part) for part in parts])
    together = np.concatenate(parts) if parts else np.zeros(0, CONTACT_DTYPE)
    order = np.argsort(together["arrival_ns"], kind="stable")
    return together[order], which[order]


def read_streams(reader: Reader, value: Any, queues: list[str], end_ns: int) -> list[Stream]:
    if not isinstance(value, list) or not value:
        reader.wrong("streams", "write a list with at least one stream of contacts")
        return []
    streams: list[Stream] = []
    for i, one in enumerate(value):
        place = f"streams[{i}]"
        given = reader.object(
            one, place, ["name", "queue", "arrivals", "service", "patience", "priority", "credit"]
        )
        queue = given.get("queue", queues[0] if len(queues) == 1 else None)
        if queue not in queues:
            said = "is missing" if queue is None else f"is {queue!r}"
            reader.wrong(f"{place}.queue", f"{said}; the plan has {', '.join(queues) or 'none'}")
        rates, times = _read_arrivals(reader, given.get("arrivals"), f"{place}.arrivals")
        ends = [*(begin for begin, _ in rates[1:]), end_ns]
        many = sum(rate * max(min(end, end_ns) - begin, 0) / HOUR_NS for (begin, rate), end in zip(rates, ends, strict=False))
        if many > _MOST:
            reader.wrong(f"{place}.arrivals", f"about {many:.3g} contacts a replication, at most {_MOST:,}; shorten the horizon")
        patience = given.get("patience")
        streams.append(
            Stream(
                name=str(given.get("name", queue)),
                queue=str(queue),
                rates=rates,
                times_ns=times,
                service=reader.law(given.get("service"), f"{place}.service"),
                patience=None if patience is None else reader.law(patience, f"{place}.patience"),
                priority=round(reader.number(given.get("priority"), f"{place}.priority", 0, 1e9, 0) * 1_000_000),
                credit_ns=reader.duration(given.get("credit"), f"{place}.credit", 0),
            )
        )
    names = [stream.name for stream in streams]
    for i, name in enumerate(names):
        if name == ALL:
            reader.wrong(f"streams[{i}].name", f'"{ALL}" stands for all streams together; give it another')
        elif name in names[:i]:
            reader.wrong(f"streams[{i}].name", f'"{name}" is taken by streams[{names.index(name)}]; give each its own')
    return streams


def _read_arrivals(reader: Reader, value: Any, place: str) -> tuple[tuple[tuple[int, float], ...], tuple[int, ...]]:
    given = reader.object(value, place, ["rate", "rates", "every", "times"])
    said = [key for key in ("rate", "rates", "times") if key in given]
    if len(said) != 1:
        if given or isinstance(value, dict):
            reader.wrong(place, 'write one of "rate" (an hour), "rates" with "every", and "times"')
        return (), ()
    if "every" in given and said != ["rates"]:
        reader.wrong(f"{place}.every", 'belongs to "rates"; leave it out')
    if said == ["rate"]:
        return ((0, reader.number(given["rate"], f"{place}.rate", 0, 1e9)),), ()
    listed = given[said[0]]
    if not isinstance(listed, list) or not listed:
        reader.wrong(f"{place}.{said[0]}", "write a list")
        return (), ()
    if said == ["times"]:
        times = [reader.duration(time, f"{place}.times[{i}]") for i, time in enumerate(listed)]
        if times != sorted(times):
            reader.wrong(f"{place}.times", "write them rising")
        return (), tuple(times)
    every = reader.duration(given.get("every"), f"{place}.every", HOUR_NS, least=1)
    numbers = [reader.number(rate, f"{place}.rates[{i}]", 0, 1e9) for i, rate in enumerate(listed)]
    return (*((i * every, rate) for i, rate in enumerate(numbers)), (len(numbers) * every, 0.0)), ()
