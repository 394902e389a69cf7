"""What comes: streams of contacts, each with its arrivals, its work, its patience, and what it does when it is not served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import world
from ..sim import Law, Purpose
from ..world import After, Again, Rates
from .arrivals import Arrivals, Busyness, read_arrivals
from .laws import read_law
from .reading import Reader

__all__ = ["ALL", "ServiceBy", "Stream", "read_streams"]

#: What the streams together are called.
ALL = "all"
#: Contacts of one stream and replication at most.
_MOST = 2_000_000_000
#: Sources of randomness of a stream (koble_world_model.purpose).
_SOURCES = 16
_AFTER = {
    "refused": After.REFUSED,
    "abandoned": After.ABANDONED,
    "balked": After.BALKED,
    "let_go": After.LET_GO,
}


@dataclass(frozen=True)
class ServiceBy:
    """Agents with whom the stream's conversations take ``factor`` times as long: of a profile, of a name, or with at least this level of a
    skill."""

    factor: float
    profile: str | None = None
    agent: str | None = None
    skill: str | None = None
    level: int = 1


@dataclass(frozen=True)
class Stream:
    """Contacts of one kind. Whatever one of them brings along is drawn by its number in the stream: under every plan the same customers come,
    want as much work and wait as long."""

    name: str
    queues: tuple[str, ...]
    arrivals: Arrivals
    service: Law
    patience: Law | None  # None: nobody hangs up
    priority: int  # millionths of a point
    credit_ns: int
    balk: float = 0.0
    again: Again | None = None
    service_by: tuple[ServiceBy, ...] = ()
    attributes: dict[str, dict[str | int, float]] = field(default_factory=dict)
    dispatch: str | None = None  # name of the policy that chooses one of the queues, under plans that have it
    services_ns: tuple[int, ...] | None = None
    patiences_ns: tuple[int, ...] | None = None

    def draw(
        self, number: int, queues: list[str], seed: int, horizon_ns: int, common: Busyness | None = None
    ) -> world.Stream:
        """As a world takes it, stream ``number`` of the study."""
        drawn = self.arrivals.draw(seed, int(Purpose.USER) + _SOURCES * number, horizon_ns, common)
        listed = self.arrivals.times_ns is not None
        return world.Stream(
            [queues.index(queue) for queue in self.queues],
            service=self.service,
            patience=self.patience,
            rates=drawn if isinstance(drawn, Rates) else None,
            times_ns=None if isinstance(drawn, Rates) else drawn,
            services_ns=np.asarray(self.services_ns, np.int64) if listed and self.services_ns is not None else None,
            patiences_ns=np.asarray(self.patiences_ns, np.int64) if listed and self.patiences_ns is not None else None,
            batch=self.arrivals.batch,
            priority=self.priority,
            credit_ns=self.credit_ns,
            balk=self.balk,
            again=self.again,
            attributes=self.attributes,
            chosen=self.dispatch is not None,
        )


_KEYS = [
    "name", "queue", "queues", "arrivals", "service", "service_by", "services", "patience", "patiences", "priority", "credit", "balk",
    "retry", "attributes", "dispatch",
]  # fmt: skip


def read_streams(
    reader: Reader, value: Any, queues: list[str], attributes: Mapping[str, tuple[str, ...]], horizon_ns: int
) -> list[Stream]:
    """``attributes``: those that the plan declares, with the names of their values (none: whole numbers)."""
    streams = []
    for i, one in enumerate(reader.list(value, "streams", '[{"queue": "calls", "arrivals": {"rate": 400}, "service": "3m"}]')):
        place = f"streams[{i}]"
        given = reader.object(one, place, _KEYS)
        own = _read_queues(reader, given, place, queues)
        arrivals = read_arrivals(reader, given.get("arrivals"), f"{place}.arrivals", horizon_ns)
        many = arrivals.expected(horizon_ns)
        if many > _MOST:
            reader.wrong(f"{place}.arrivals", f"about {many:.3g} contacts a replication, at most {_MOST:,}; shorten the horizon")
        services = _read_column(reader, given, "services", place, arrivals)
        if services is not None and "service" in given:
            reader.wrong(f"{place}.services", 'stands for "service"; write one of them')
        service = Law.deterministic(1) if services is not None else read_law(reader, given.get("service"), f"{place}.service")
        patience = given.get("patience")
        streams.append(
            Stream(
                name=str(given.get("name", own[0])),
                queues=own,
                arrivals=arrivals,
                service=service,
                patience=None if patience is None else read_law(reader, patience, f"{place}.patience"),
                priority=round(reader.number(given.get("priority"), f"{place}.priority", 0, 1e9, 0) * 1_000_000),
                credit_ns=reader.duration(given.get("credit"), f"{place}.credit", 0),
                balk=reader.number(given.get("balk"), f"{place}.balk", 0, 1, 0),
                again=_read_retry(reader, given.get("retry"), f"{place}.retry"),
                service_by=_read_service_by(reader, given.get("service_by"), f"{place}.service_by", service),
                attributes=_read_attributes(reader, given.get("attributes"), f"{place}.attributes", attributes),
                dispatch=None if "dispatch" not in given else str(given["dispatch"]),
                services_ns=services,
                patiences_ns=_read_column(reader, given, "patiences", place, arrivals),
            )
        )
    names = [stream.name for stream in streams]
    for i, name in enumerate(names):
        if name == ALL:
            reader.wrong(f"streams[{i}].name", f'"{ALL}" stands for all streams together; give it another')
        elif name in names[:i]:
            reader.wrong(f"streams[{i}].name", f'"{name}" is taken by streams[{names.index(name)}]; give each its own')
    return streams


def _read_queues(reader: Reader, given: dict[str, Any], place: str, queues: list[str]) -> tuple[str, ...]:
    if "queues" in given:
        listed = reader.list(given["queues"], f"{place}.queues", '["sales", "support"]')
        place, own = f"{place}.queues", listed or [None]
        if "queue" in given:
            reader.wrong(place, 'stands for "queue"; write one of them')
    else:
        place, own = f"{place}.queue", [given.get("queue", queues[0] if len(queues) == 1 else None)]
    for queue in own:
        if queue not in queues:
            said = "is missing" if queue is None else f"is {queue!r}"
            reader.wrong(place, f"{said}; the plan has {', '.join(queues) or 'none'}")
    return tuple(str(queue) for queue in own)


def _read_column(
    reader: Reader, given: Mapping[str, Any], key: str, place: str, arrivals: Arrivals
) -> tuple[int, ...] | None:
    """One duration for each of the arrivals' times."""
    if key not in given:
        return None
    times = arrivals.times_ns
    if times is None or arrivals.batch is not None:
        reader.wrong(f"{place}.{key}", 'is one duration for each of "times", without a batch; leave it out')
        return None
    listed = given[key] if isinstance(given[key], list) else []
    if len(listed) != len(times):
        reader.wrong(f"{place}.{key}", f"write a list of {len(times)} durations, one for each time")
        return None
    return tuple(reader.duration(one, f"{place}.{key}[{i}]") for i, one in enumerate(listed))


def _read_retry(reader: Reader, value: Any, place: str) -> Again | None:
    if value is None:
        return None
    given = reader.object(value, place, ["delay", "probability", "most", "after"])
    listed = given.get("after", list(_AFTER))
    after = After(0)
    for one in listed if isinstance(listed, list) else [listed]:
        if one not in _AFTER:
            reader.wrong(f"{place}.after", f"is {one!r}; write a list of some of {', '.join(_AFTER)}")
        else:
            after |= _AFTER[one]
    return Again(
        delay=read_law(reader, given.get("delay"), f"{place}.delay"),
        after=after,
        probability=reader.number(given.get("probability"), f"{place}.probability", 0, 1, 1),
        most=reader.whole(given.get("most"), f"{place}.most", 1, 1_000_000, 0),
    )


def _read_service_by(reader: Reader, value: Any, place: str, service: Law) -> tuple[ServiceBy, ...]:
    if value is None:
        return ()
    found = []
    for i, one in enumerate(reader.list(value, place, '[{"profile": "new", "mean": "4m"}]')):
        where = f"{place}[{i}]"
        given = reader.object(one, where, ["profile", "agent", "skill", "level", "mean", "factor"])
        whom = reader.one_of(given, ["profile", "agent", "skill"], where)
        how = reader.one_of(given, ["mean", "factor"], where)
        if "level" in given and whom != "skill":
            reader.wrong(f"{where}.level", 'belongs to "skill"; leave it out')
        factor = 1.0
        if how == "factor":
            factor = reader.number(given["factor"], f"{where}.factor", 1e-6, 1e6)
        elif how == "mean":
            factor = reader.duration(given["mean"], f"{where}.mean", least=1) / max(service.mean_ns, 1)
        level = reader.whole(given.get("level"), f"{where}.level", 1, 1_000_000, 1)
        if whom is not None:
            found.append(ServiceBy(factor, level=level, **{whom: str(given[whom])}))
    return tuple(found)


def _read_attributes(
    reader: Reader, value: Any, place: str, declared: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str | int, float]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reader.wrong(place, 'write attributes with their values by weight, such as {"language": {"en": 3, "no": 1}}')
        return {}
    found: dict[str, dict[str | int, float]] = {}
    for name, said in value.items():
        where = f"{place}.{name}"
        if name not in declared:
            reader.wrong(where, f"the plan declares {', '.join(declared) or 'no attributes'}; add it to the plan's attributes")
            continue
        weights: dict[str | int, float] = {}
        for one, weight in (said if isinstance(said, Mapping) else {said: 1}).items():
            if declared[name]:
                if one not in declared[name]:
                    reader.wrong(where, f"is {one!r}; its values are {', '.join(declared[name])}")
                weights[str(one)] = reader.number(weight, f"{where}.{one}", 1e-9, 1e12)
            elif str(one).lstrip("-").isdecimal():
                weights[int(one)] = reader.number(weight, f"{where}.{one}", 1e-9, 1e12)
            else:
                reader.wrong(where, f"is {one!r}; the attribute's values are whole numbers")
        if not weights:
            reader.wrong(where, "write at least one value")
        found[str(name)] = weights
    return found
