"""When contacts of a stream come: rates, counts or times, the busyness of a day, states, and batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..sim import Law, Purpose, normal_probability, normal_quantile, uniforms
from ..world import Rates
from .laws import read_law
from .reading import HOUR_NS, Reader

__all__ = ["Arrivals", "Busyness", "State", "read_arrivals", "read_busyness"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Contacts of one stream and replication at most where they are all drawn at once (counts).
_MOST = 20_000_000
#: One contact of a law of batches (koble_world_stream).
_ONE = 1_000_000_000
_FAR = 1e15  # a scale on which gamma values are drawn in whole units

# What a stream draws beside what the world draws (lib/sim/model.h has 0 to 8 of its 16 sources). They are part of the results.
_OF_BUSYNESS, _OF_STATES, _OF_COUNTS = 9, 10, 11
_OF_ALL = int(Purpose.USER) - 20  # the busyness of all streams


@dataclass(frozen=True)
class Busyness:
    """A factor of all rates, gamma with mean 1 and this shape: one for the whole run, or one for each ``every_ns``, where the normals that
    they are made of (Gaussian copula) are a first-order autoregression with this correlation."""

    shape: float
    every_ns: int | None
    correlation: float

    def factors(self, count: int, seed: int, purpose: int) -> Floats:
        shocks = normal_quantile(uniforms(seed, purpose, 1, count))
        normals = np.empty(count)
        level = 0.0
        fresh = (1 - self.correlation**2) ** 0.5
        for i, shock in enumerate(shocks.tolist()):  # each hangs on the one before
            level = shock if i == 0 else self.correlation * level + fresh * shock
            normals[i] = level
        u = np.clip(normal_probability(normals), 2.0**-53, 1 - 2.0**-53)
        return Law.gamma(_FAR, self.shape).at(u) / _FAR


@dataclass(frozen=True)
class State:
    """Of a process that modulates the rate: so many contacts an hour for so long; then another, by weight."""

    per_hour: float
    stay: Law
    following: tuple[float, ...]  # weight of each state to come next


@dataclass(frozen=True)
class Arrivals:
    """Of one stream. Exactly one of ``pieces``, ``counts``, ``states`` and ``times_ns`` says when."""

    #: (begin, rate at the begin, rate at the end) an hour, the rate going evenly; the last piece goes to the horizon.
    pieces: tuple[tuple[int, float, float], ...] = ()
    #: Exactly so many in each ``every_ns``, at independent uniform times.
    counts: tuple[int, ...] = ()
    every_ns: int = HOUR_NS
    states: tuple[State, ...] = ()
    times_ns: tuple[int, ...] | None = None
    busyness: Busyness | None = None
    batch: Law | None = None

    def draw(self, seed: int, purpose: int, horizon_ns: int, common: Busyness | None = None) -> Rates | Ints:
        """Of one replication: the rates, with its busyness and states; or the times themselves. ``common``: the busyness of all streams."""
        if self.times_ns is not None:
            return np.asarray(self.times_ns, np.int64)
        if self.counts:
            return self._times(seed, purpose + _OF_COUNTS)
        pieces = self._stays(seed, purpose + _OF_STATES, horizon_ns) if self.states else list(self.pieces)
        rates = _before(pieces, horizon_ns)
        for busyness, source in ((self.busyness, purpose + _OF_BUSYNESS), (common, _OF_ALL)):
            if busyness is None:
                continue
            every = busyness.every_ns or horizon_ns
            cut = _cut(rates, every, horizon_ns)
            factors = busyness.factors(int(cut.begin_ns[-1] // every) + 1, seed, source)
            own = factors[cut.begin_ns // every]
            rates = Rates(cut.begin_ns, cut.per_hour * own, cut.to_per_hour * own)
        return rates

    def _times(self, seed: int, purpose: int) -> Ints:
        begins = np.repeat(np.arange(len(self.counts), dtype=np.int64) * self.every_ns, self.counts)
        within = (uniforms(seed, purpose, 1, len(begins)) * self.every_ns).astype(np.int64)
        return np.sort(begins + within)

    def _stays(self, seed: int, purpose: int, horizon_ns: int) -> list[tuple[int, float, float]]:
        pieces: list[tuple[int, float, float]] = []
        begin, state, number = 0, 0, 1
        while begin < horizon_ns:
            now = self.states[state]
            pieces.append((begin, now.per_hour, now.per_hour))
            begin += max(int(now.stay.draw(seed, purpose, number, 1)[0]), 1)
            reach = np.cumsum(now.following) / sum(now.following)
            state = int(np.searchsorted(reach, uniforms(seed, purpose, number, 1, index=1)[0], side="right"))
            state = min(state, len(self.states) - 1)
            number += 1
        return pieces

    def contacts_between(self, begin_ns: int, end_ns: int) -> float | None:
        """How many contacts are expected to arrive from one time to the other; None where it is not known, as of states, or certain."""
        if not self.pieces:
            return None
        rates = _before(list(self.pieces), end_ns)
        ends = np.append(rates.begin_ns[1:], end_ns)
        begins = np.clip(rates.begin_ns, begin_ns, None)
        slope = (rates.to_per_hour - rates.per_hour) / np.maximum(ends - rates.begin_ns, 1)
        middle = rates.per_hour + slope * ((begins + ends) / 2 - rates.begin_ns)
        many = float(np.sum(np.where(ends > begins, middle * (ends - begins) / HOUR_NS, 0.0)))
        return many * (1.0 if self.batch is None else self.batch_mean())

    def batch_mean(self) -> float:
        if self.batch is None:
            return 1.0
        if self.batch.kind == Law.exponential(1).kind:  # rounded up it is geometric
            return -1 / float(np.expm1(-_ONE / self.batch.a))
        return self.batch.mean_ns / _ONE

    def expected(self, horizon_ns: int) -> float:
        """Roughly how many arrivals a replication has."""
        if self.times_ns is not None:
            return len(self.times_ns)
        if self.counts:
            return float(sum(self.counts))
        if self.states:
            return max(state.per_hour for state in self.states) * horizon_ns / HOUR_NS
        if not self.pieces:
            return 0.0
        rates = _before(list(self.pieces), horizon_ns)
        hours = np.diff(np.append(rates.begin_ns, horizon_ns)) / HOUR_NS
        return float(np.sum((rates.per_hour + rates.to_per_hour) / 2 * hours))


def _before(pieces: list[tuple[int, float, float]], horizon_ns: int) -> Rates:
    """The pieces up to the horizon; one that goes on beyond it ends with the rate it has there."""
    begins = [begin for begin, _, _ in pieces if begin < horizon_ns]
    low = [piece[1] for piece in pieces[: len(begins)]]
    high = [piece[2] for piece in pieces[: len(begins)]]
    if len(begins) < len(pieces) and low[-1] != high[-1]:
        share = (horizon_ns - begins[-1]) / (pieces[len(begins)][0] - begins[-1])
        high[-1] = low[-1] + (high[-1] - low[-1]) * share
    return Rates(np.asarray(begins, np.int64), np.asarray(low), np.asarray(high))


def _cut(rates: Rates, every_ns: int, horizon_ns: int) -> Rates:
    """The same rates in pieces that end at multiples of ``every_ns``, too."""
    begins = np.union1d(rates.begin_ns, np.arange(int(rates.begin_ns[0]), horizon_ns, every_ns))
    ends = np.append(begins[1:], horizon_ns)
    place = np.searchsorted(rates.begin_ns, begins, side="right") - 1
    lengths = np.append(rates.begin_ns[1:], horizon_ns) - rates.begin_ns
    slope = (rates.to_per_hour - rates.per_hour)[place] / lengths[place]
    low = rates.per_hour[place] + slope * (begins - rates.begin_ns[place])
    high = np.where(slope == 0, low, rates.per_hour[place] + slope * (ends - rates.begin_ns[place]))
    return Rates(begins, low, high)


_WAYS = ["rate", "rates", "points", "counts", "states", "times"]


def read_arrivals(reader: Reader, value: Any, place: str, horizon_ns: int) -> Arrivals:
    given = reader.object(value, place, [*_WAYS, "every", "busyness", "batch"])
    way = reader.one_of(given, _WAYS, place) if isinstance(value, Mapping) else None
    if "every" in given and way not in ("rates", "counts"):
        reader.wrong(f"{place}.every", 'belongs to "rates" and "counts"; leave it out')
    every = reader.duration(given.get("every"), f"{place}.every", HOUR_NS, least=1)
    pieces: tuple[tuple[int, float, float], ...] = ()
    counts: tuple[int, ...] = ()
    states: tuple[State, ...] = ()
    times: tuple[int, ...] | None = None
    if way == "rate":
        rate = reader.number(given["rate"], f"{place}.rate", 0, 1e9)
        pieces = ((0, rate, rate),)
    elif way == "rates":
        listed = reader.list(given["rates"], f"{place}.rates", "[100, 250, 80]")
        rates = [reader.number(rate, f"{place}.rates[{i}]", 0, 1e9) for i, rate in enumerate(listed)]
        pieces = (*((i * every, rate, rate) for i, rate in enumerate(rates)), (len(rates) * every, 0.0, 0.0))
    elif way == "points":
        pieces = _read_points(reader, given["points"], f"{place}.points")
    elif way == "counts":
        listed = reader.list(given["counts"], f"{place}.counts", "[100, 250, 80]")
        counts = tuple(reader.whole(n, f"{place}.counts[{i}]", 0, _MOST) for i, n in enumerate(listed))
        if sum(counts) > _MOST:
            reader.wrong(f"{place}.counts", f"more than {_MOST:,} contacts in all")
            counts = ()
    elif way == "states":
        states = _read_states(reader, given["states"], f"{place}.states")
    elif way == "times":
        listed = given["times"] if given["times"] == [] else reader.list(given["times"], f"{place}.times", '["1s", "4s"]')
        times = tuple(reader.duration(time, f"{place}.times[{i}]") for i, time in enumerate(listed))
        if list(times) != sorted(times):
            reader.wrong(f"{place}.times", "write them rising")
            times = ()
    busyness = None
    if "busyness" in given:
        if way not in ("rate", "rates", "points", "states"):
            reader.wrong(f"{place}.busyness", "is a factor of rates; leave it out")
        busyness = read_busyness(reader, given["busyness"], f"{place}.busyness")
    return Arrivals(pieces, counts, every, states, times, busyness, _read_batch(reader, given, place))


def _read_points(reader: Reader, value: Any, place: str) -> tuple[tuple[int, float, float], ...]:
    points = []
    for i, one in enumerate(reader.list(value, place, '[["0h", 100], ["2h", 300]]')):
        if not isinstance(one, list) or len(one) != 2:
            reader.wrong(f"{place}[{i}]", 'write a time and a rate, such as ["2h", 300]')
            continue
        points.append((reader.duration(one[0], f"{place}[{i}][0]"), reader.number(one[1], f"{place}[{i}][1]", 0, 1e9)))
    if any(a[0] >= b[0] for a, b in zip(points, points[1:], strict=False)):
        reader.wrong(place, "write the times rising")
        return ()
    if points and points[0][0] > 0:
        points.insert(0, (0, points[0][1]))
    return (
        *((a[0], a[1], b[1]) for a, b in zip(points, points[1:], strict=False)),
        *((time, rate, rate) for time, rate in points[-1:]),
    )


def _read_states(reader: Reader, value: Any, place: str) -> tuple[State, ...]:
    listed = reader.list(value, place, '[{"rate": 100, "for": {"law": "exponential", "mean": "1h"}}]')
    states = []
    for i, one in enumerate(listed):
        given = reader.object(one, f"{place}[{i}]", ["rate", "for", "next"])
        following = given.get("next", [float(k == (i + 1) % len(listed)) for k in range(len(listed))])
        if not isinstance(following, list) or len(following) != len(listed):
            reader.wrong(f"{place}[{i}].next", f"write {len(listed)} weights, one for each state")
            following = [1.0] * len(listed)
        weights = tuple(reader.number(w, f"{place}[{i}].next[{k}]", 0, 1e12) for k, w in enumerate(following))
        if sum(weights) <= 0:
            reader.wrong(f"{place}[{i}].next", "one of the weights has to be more than 0")
        rate = reader.number(given.get("rate"), f"{place}[{i}].rate", 0, 1e9)
        states.append(State(rate, read_law(reader, given.get("for"), f"{place}[{i}].for"), weights))
    return tuple(states)


def read_busyness(reader: Reader, value: Any, place: str) -> Busyness:
    given = reader.object(value, place, ["shape", "every", "correlation"])
    every = None if "every" not in given else reader.duration(given["every"], f"{place}.every", least=1)
    if "correlation" in given and every is None:
        reader.wrong(f"{place}.correlation", 'is between the factors of successive intervals; write "every", too')
    return Busyness(
        reader.number(given.get("shape"), f"{place}.shape", 0.01, 10_000),
        every,
        reader.number(given.get("correlation"), f"{place}.correlation", -0.999999, 0.999999, 0.0),
    )


def _read_batch(reader: Reader, given: Mapping[str, Any], place: str) -> Law | None:
    """So many contacts at each arrival: a number, a geometric law by its mean, or sizes by weight."""
    if "batch" not in given:
        return None
    value, place = given["batch"], f"{place}.batch"
    if not isinstance(value, Mapping):
        return Law.deterministic(reader.whole(value, place, 1, 100_000) * _ONE)
    way = reader.one_of(reader.object(value, place, ["mean", "sizes"]), ["mean", "sizes"], place)
    if way == "mean":
        mean = reader.number(value["mean"], f"{place}.mean", 1, 100_000)
        # Rounded up, an exponential law with this mean is geometric from 1 on: P(N > n) = e^(-n / a), of mean 1 / (1 - e^(-1 / a)).
        return Law.deterministic(_ONE) if mean == 1 else Law.exponential(-_ONE / float(np.log1p(-1 / mean)))
    if way == "sizes":
        sizes = value["sizes"]
        if not isinstance(sizes, Mapping) or not 1 <= len(sizes) <= 64 or not all(str(s).isdecimal() for s in sizes):
            reader.wrong(f"{place}.sizes", 'write sizes with their weights, such as {"1": 5, "2": 1}')
            return None
        laws = [Law.deterministic(reader.whole(int(s), f"{place}.sizes", 1, 100_000) * _ONE) for s in sizes]
        return Law.mixture(laws, [reader.number(w, f"{place}.sizes.{s}", 1e-9, 1e12) for s, w in sizes.items()])
    return None
