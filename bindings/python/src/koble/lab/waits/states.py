"""What was known when somebody arrived: the state from which his wait is forecast, and nothing of what came after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ...errors import ArgumentError
from .order import Bools, Floats, Ints, Log, join_order, joined, served
from .there import There

__all__ = ["States", "states"]


class _Past:
    """Waits by group in the order in which they became known, each with the first arrival (by its place in the order of arrivals)
    that could know it."""

    def __init__(self, group: Ints, known: Ints, waits_ns: Ints, found: Ints, width: int) -> None:
        """Sorted by when they became known. ``width``: more than any ``known``."""
        order = np.argsort(group, kind="stable")
        self._width = width
        self._keys = group[order] * width + known[order]
        self.waits_ns, self.found = waits_ns[order], found[order]
        self._sums = np.concatenate([[0], np.cumsum(self.waits_ns)])

    def _span(self, group: Ints, rank: Ints) -> tuple[Ints, Ints]:
        begin = np.searchsorted(self._keys, group * self._width, "left")
        return begin.astype(np.int64), np.searchsorted(self._keys, group * self._width + rank, "right").astype(np.int64)

    def last(self, group: Ints, rank: Ints) -> tuple[Ints, Bools]:
        """Places of the latest ones known, and whether there are any."""
        begin, end = self._span(group, rank)
        return np.maximum(end - 1, 0), end > begin

    def mean_of_last(self, group: Ints, rank: Ints, count: int) -> Floats:
        """In seconds; NaN where none is known."""
        begin, end = self._span(group, rank)
        begin = np.maximum(begin, end - count)
        size = end - begin
        # Sums over a whole log may pass 2^63 and wrap; differences of near ones come out right all the same.
        return np.where(size > 0, (self._sums[end] - self._sums[begin]) / 1e9 / np.maximum(size, 1), np.nan)


@dataclass(frozen=True)
class States:
    """One element for each arrival. Waits that are not known yet because nobody has been served are 0, as in a centre that opens.

    "Of his queue": of those whose stream has the same queue.
    """

    arrival_ns: Ints
    queue: Ints
    waiting: Ints  #: of his queue, before him
    waiting_all: Ints  #: of all queues
    agents: Ints  #: there, with the changes of that very instant
    les_s: Floats  #: wait of the last to enter service, of his queue; 0 where that one did not wait
    les_all_s: Floats  #: of all queues
    les_waiting: Ints  #: how many that one of his queue had found waiting
    hol_s: Floats  #: how long the first of his queue has waited; 0 where nobody waits
    hol_all_s: Floats  #: the longest of all queues
    lcs_s: Floats  #: wait of the last to complete service, of his queue
    rcs_s: Floats  #: wait of the one of his queue who arrived last among those who have completed service
    extrapolated_s: Floats  #: E-LES, of his queue (docs/waits.md)
    rank: Ints  #: place in the order of arrivals
    _entered: _Past
    _entered_all: _Past
    _alike: _Past

    def __len__(self) -> int:
        return len(self.rank)

    def __getitem__(self, which: Any) -> States:
        """Of some of the arrivals: a mask, places or a slice."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{name: value[which] for name, value in own.items() if isinstance(value, np.ndarray)})

    @property
    def time_s(self) -> Floats:
        """Seconds since the replication began."""
        return self.arrival_ns / 1e9

    @property
    def waiting_per_agent(self) -> Floats:
        """(Q + 1) / n, n being at least 1."""
        return (self.waiting + 1) / np.maximum(self.agents, 1)

    def mean_of_last(self, count: int, *, overall: bool = False) -> Floats:
        """Mean wait in seconds of the last ``count`` to enter service, of his queue or of all; NaN where there was none."""
        if overall:
            return self._entered_all.mean_of_last(np.zeros(len(self), np.int64), self.rank, count)
        return self._entered.mean_of_last(self.queue, self.rank, count)

    def mean_of_alike(self, count: int) -> Floats:
        """Mean wait in seconds of the last ``count`` of his queue who entered service after having waited and had found as many
        waiting as he does; NaN where there was none."""
        return self._alike.mean_of_last(_pairs(self.queue, self.waiting), self.rank, count)


class _Lines:
    """Who stands in which queue, as each arrival finds it.

    queue, came: of each arrival, by rank. seen: the first rank that can know that one's wait has ended.
    """

    def __init__(self, queue: Ints, seen: Ints, came: Bools) -> None:
        self._size = len(queue)
        self._parts: list[tuple[Ints, Ints, Ints, Ints, Ints, Ints]] = []
        for number in np.unique(queue):
            own = np.flatnonzero(queue == number)
            inside = own[came[own]]
            ends = seen[inside]
            gone = inside[np.argsort(ends, kind="stable")]
            before = np.searchsorted(inside, own, "left")
            self._parts.append((own, inside, ends, gone, before, np.searchsorted(seen[gone], own, "right")))

    def sum(self, weight: Ints) -> Ints:
        """For each arrival the sum of weights of those of its queue who came before and still wait."""
        total = np.zeros(self._size, np.int64)
        for own, inside, _, gone, before, left in self._parts:
            total[own] = np.concatenate([[0], np.cumsum(weight[inside])])[before]
            total[own] -= np.concatenate([[0], np.cumsum(weight[gone])])[left]
        return total

    def head_s(self, arrival: Ints) -> Floats:
        """For each arrival how long the first of its queue who still waits has waited: the first whose end is not seen yet is
        the first at which the running maximum of these ends goes beyond the arrival."""
        age = np.zeros(self._size)
        for own, inside, ends, *_ in self._parts:
            if len(inside):
                place = np.searchsorted(np.maximum.accumulate(ends), own, "right")
                head = inside[np.minimum(place, len(inside) - 1)]
                some = (place < len(inside)) & (head < own)
                age[own[some]] = (arrival[own[some]] - arrival[head[some]]) / 1e9
        return age


#: Longest queue that is told apart from others.
_LONG = 1_000_000


def _pairs(queue: Ints, waiting: Ints) -> Ints:
    return queue * _LONG + np.minimum(waiting, _LONG - 1)


def states(log: Log, there: There | int, queue_of_stream: Sequence[int] | None = None) -> States:
    """The state at each row's arrival, in the order of the rows.

    A row is read as what could be known of it at the time: that it came, since when it waits, when it was served or left, and
    how long it had waited then. Nothing of an instant later than the arrival counts; of the same instant what the world carries
    out before arrivals (koble_world.h, "One instant"). ``cut`` shows it: states of a log that is cut at an instant are those of
    the whole.

    there: who is there when; a number: so many all the time. queue_of_stream: number of the queue in which contacts of each
    stream wait; without it all wait in one.

    :raises ArgumentError: where a stream has no queue.
    """
    there = There.always(there) if isinstance(there, int) else there
    order = join_order(log)
    rows = log[order]
    size = len(rows)
    arrival, leave = rows["arrival_ns"], rows["arrival_ns"] + rows["wait_ns"]
    streams = rows["stream"].astype(np.int64)
    queue = np.zeros(size, np.int64)
    if queue_of_stream is not None:
        table = np.asarray(queue_of_stream, np.int64)
        if size and streams.max() >= len(table):
            raise ArgumentError(f"queue_of_stream: has {len(table)} queues, and the log a stream {streams.max()}; write one for each")
        queue = table[streams]
    rank = np.arange(size)
    got, came = served(rows), joined(rows)
    # The first arrival that can know of each one's end of waiting, and of service. Who did not wait is seen by the next.
    seen = np.where(rows["wait_ns"] > 0, np.searchsorted(arrival, leave, "left"), rank + 1)
    end = leave + rows["service_ns"]
    done = np.where(end > arrival, np.searchsorted(arrival, end, "left"), rank + 1)

    one, each = np.zeros(size, np.int64), np.ones(size, np.int64)
    lines = _Lines(queue, seen, came)
    together = lines if (queue == queue[:1]).all() else _Lines(one, seen, came)
    waiting = lines.sum(each)
    entered = np.flatnonzero(got)
    entered = entered[np.lexsort((entered, rows["wait_ns"][entered] == 0, leave[entered]))]
    ended = np.flatnonzero(got)
    ended = ended[np.lexsort((ended, end[ended]))]
    waits = rows["wait_ns"].astype(np.int64)

    def past(which: Ints, group: Ints, known: Ints) -> _Past:
        return _Past(group[which], known[which], waits[which], waiting[which], size + 2)

    by_queue, overall = past(entered, queue, seen), past(entered, one, seen)
    held = entered[waits[entered] > 0]
    alike = past(held, _pairs(queue, waiting), seen)
    completed = past(ended, queue, done)
    recent = _latest_arrivals(ended, queue)
    recently = _Past(queue[ended], done[ended], waits[recent], waiting[recent], size + 2)

    place, some = by_queue.last(queue, rank)
    les = np.where(some, _take(by_queue.waits_ns, place), 0)
    les_found = np.where(some, _take(by_queue.found, place), 0)
    # E-LES: how long the last to enter service and those who wait have waited, times places that each had to pass; over places that
    # they have passed. Sums over a whole log may wrap around 2^63; what is left of them is small, and right.
    weight = waiting + 1
    stood = arrival * lines.sum(weight) - lines.sum(weight * arrival)
    passed = lines.sum(waiting) - waiting * (waiting - 1) // 2
    above = (les * (les_found + 1) + stood) / 1e9
    below = np.where(some, les_found + 1, 0) + passed

    def column(values: Any) -> Any:
        found = np.empty(size, values.dtype)
        found[order] = values
        return found

    def last(history: _Past, group: Ints) -> Floats:
        at, known = history.last(group, rank)
        return np.where(known, _take(history.waits_ns, at), 0) / 1e9

    return States(
        arrival_ns=column(arrival),
        queue=column(queue),
        waiting=column(waiting),
        waiting_all=column(together.sum(each)),
        agents=column(there.at(arrival)),
        les_s=column(les / 1e9),
        les_all_s=column(last(overall, one)),
        les_waiting=column(les_found),
        hol_s=column(lines.head_s(arrival)),
        hol_all_s=column(together.head_s(arrival)),
        lcs_s=column(last(completed, queue)),
        rcs_s=column(last(recently, queue)),
        extrapolated_s=column(np.where(below > 0, above / np.maximum(below, 1), 0.0)),
        rank=column(rank),
        _entered=by_queue,
        _entered_all=overall,
        _alike=alike,
    )


def _take(values: Ints, places: Ints) -> Ints:
    return values[places] if len(values) else np.zeros(len(places), np.int64)


def _latest_arrivals(ended: Ints, queue: Ints) -> Ints:
    """For each end of service, in their order, the one of that queue who arrived last among all who have ended by then."""
    latest = ended.copy()
    for number in np.unique(queue[ended]):
        own = queue[ended] == number
        latest[own] = np.maximum.accumulate(ended[own])
    return latest
