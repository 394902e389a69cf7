"""Virtual waits under any plan: the same day once more, in which one customer does not hang up."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import world
from ...errors import ArgumentError
from ...sim import Purpose
from ...times import NEVER
from ...world import NOBODY, Flag
from ..traffic import Stream
from .order import Ints, Log, joined, served

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["counterfactual_waits_ns"]

#: A stream's sources, and which of them is the patience (lib/sim/model.h).
_SOURCES, _OF_PATIENCE = 16, 2
#: Records are looked at so many at a time, so that a run ends soon after the customer's own end.
_BLOCK = 256
#: Customers that one worker is given at a time.
_CHUNK = 8


def _nothing() -> Ints:
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class _Told(Stream):
    """A stream whose arrivals and patiences are known; all else is drawn by number as ever, and so is the same."""

    told_times_ns: Ints = field(default_factory=_nothing)
    told_patiences_ns: Ints = field(default_factory=_nothing)

    def draw(self, *where: Any, **how: Any) -> world.Stream:
        drawn = super().draw(*where, **how)
        services = drawn.services_ns
        return replace(
            drawn,
            rates=None,
            batch=None,
            times_ns=self.told_times_ns,
            patiences_ns=self.told_patiences_ns,
            services_ns=None if services is None else services[: len(self.told_times_ns)],
        )


def counterfactual_waits_ns(
    study: Study,
    number: int,
    customers: Any,
    *,
    plan: str | None = None,
    log: Log | None = None,
    executor: Executor | None = None,
) -> Ints:
    """Virtual waits in ns of some customers of replication ``number``, in their order: exact under any plan, for it is carried
    out. The replication is simulated once more for each of them who was not served, with the same seed and all the same but
    that this one's patience is endless; what is drawn for others does not depend on him.

    customers: rows of the replication's log, first attempts; or pairs (stream, number of the customer), an array of k x 2. Who
    was served has his own wait, without a run. ``NEVER``: who was not served for another reason than his patience (refused, let
    go).

    Costs up to one run for each, which is ended as soon as the customer's own end is seen. ``log``: of that replication, where
    it is at hand; it saves one run. ``executor``: any of concurrent.futures; the result does not depend on it.

    :raises ArgumentError: of second attempts, whose patience is drawn when they come, and of who balked.
    """
    rows: Any = study.records(number, plan) if log is None else log
    mine = _rows(rows, customers)
    if (mine["attempt"] > 0).any():
        raise ArgumentError("customers: some are second attempts; take first ones, log[log['attempt'] == 0]")
    if ((mine["flags"] & int(Flag.BALKED)) != 0).any():
        raise ArgumentError(
            "customers: some balked, and a stream's balk cannot be taken from one of them; write it as a patience instead, "
            'a "mixture" with a part of "0s"'
        )
    waits = np.where(served(mine), mine["wait_ns"], NEVER).astype(np.int64)
    told = _told(study, number, rows)
    open_rows = np.flatnonzero(~served(mine) & joined(mine))
    tasks = [
        (study, number, plan, told, mine[["stream", "customer"]][open_rows[i : i + _CHUNK]].copy())
        for i in range(0, len(open_rows), _CHUNK)
    ]
    done = map(_simulate, tasks) if executor is None else executor.map(_simulate, tasks)
    found = [wait for part in done for wait in part]
    waits[open_rows] = found
    return waits


def _rows(log: Log, customers: Any) -> Log:
    """First attempts of these customers."""
    given = np.asarray(customers)
    if given.dtype.names is not None:
        rows: Log = np.atleast_1d(given)
        return rows
    if given.size == 0:
        return log[:0]
    if given.ndim != 2 or given.shape[1] != 2:
        raise ArgumentError("customers: write rows of the log, or pairs (stream, number of the customer)")
    first = np.flatnonzero(log["attempt"] == 0)
    place_of = {(int(s), int(c)): place for s, c, place in zip(log["stream"][first], log["customer"][first], first, strict=True)}
    try:
        return log[[place_of[int(stream), int(customer)] for stream, customer in given]]
    except KeyError as missing:
        raise ArgumentError(f"customers: stream {missing.args[0][0]} has no customer {missing.args[0][1]}; they count from 1") from None


def _told(study: Study, number: int, log: Log) -> list[Stream]:
    """The study's streams with arrivals and patiences written out."""
    told: list[Stream] = []
    seed = study.seed_of(number)
    for place, stream in enumerate(study.streams):
        own = log[(log["stream"] == place) & (log["attempt"] == 0)]
        own = own[np.argsort(own["customer"])]
        count = len(own)
        if count and (int(own["customer"][0]) != 1 or int(own["customer"][-1]) != count):
            raise ArgumentError(f"log: not all customers of {stream.name!r} are in it; take study.records({number})")
        if stream.patiences_ns is not None:
            patiences = np.asarray(stream.patiences_ns[:count], np.int64)
        elif stream.patience is not None and count:
            patiences = stream.patience.draw(seed, int(Purpose.USER) + _SOURCES * place + _OF_PATIENCE, 1, count)
        else:
            patiences = np.full(count, NEVER, np.int64)
        given = {one.name: getattr(stream, one.name) for one in fields(Stream)}
        times = own["arrival_ns"].astype(np.int64)
        told.append(_Told(**given, told_times_ns=times, told_patiences_ns=patiences) if count else stream)
    return told


def _simulate(task: tuple[Study, int, str | None, Sequence[Stream], Log]) -> list[int]:
    study, number, plan, told, customers = task
    waits = []
    for stream, customer in customers.tolist():
        one = told[stream]
        assert isinstance(one, _Told)
        patiences = one.told_patiences_ns.copy()
        patiences[customer - 1] = NEVER
        other = copy.copy(study)
        other.streams = [replace(one, told_patiences_ns=patiences) if i == stream else each for i, each in enumerate(told)]
        waits.append(_wait_of(other, number, plan, stream, customer))
    return waits


def _wait_of(study: Study, number: int, plan: str | None, stream: int, customer: int) -> int:
    for records in study.open(number, plan).blocks(_BLOCK):
        found = (records["customer"] == customer) & (records["stream"] == stream) & (records["attempt"] == 0)
        if found.any():
            own = records[found][0]
            return int(own["wait_ns"]) if own["agent"] != NOBODY else NEVER
    return NEVER
