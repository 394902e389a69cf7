"""One stream of a study: its arrivals, service, patience and balking, as docs/studies.md has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .compound import law_from_study
from .errors import FitError
from .laws import DurationLaw
from .writing import duration_text, plain, seconds_of

__all__ = ["Arrivals", "Busyness", "StreamModel"]


#: Keys of a study's stream that nothing here is fitted to or changes.
_KEPT = ("priority", "credit", "retry", "attributes")


def _object(value: Any, place: str, known: list[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FitError(f"{place}: is {value!r}; write an object with {', '.join(known)}")
    for key in value:
        if key not in known:
            raise FitError(f"{place}: unknown key {key!r}; known are {', '.join(known)}")
    return value


def _number(value: Any, place: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise FitError(f"{place}: is {value!r}; write a number from {low:g} to {high:g}")
    return float(value)


@dataclass(frozen=True)
class Busyness:
    """A gamma factor of mean 1 on the rates: one for the day (``every_ns`` None) or one for each interval, the normals of
    consecutive ones (by a normal copula) with this correlation."""

    shape: float
    every_ns: int | None = None
    correlation: float = 0.0

    def to_study(self) -> dict[str, Any]:
        if self.every_ns is None:
            return {"shape": plain(self.shape)}
        return {
            "shape": plain(self.shape),
            "every": duration_text(self.every_ns / 1e9),
            "correlation": plain(self.correlation),
        }

    @classmethod
    def from_study(cls, value: Any, place: str) -> Busyness:
        given = _object(value, place, ["shape", "every", "correlation"])
        shape = _number(given.get("shape"), f"{place}.shape", 0.01, 10_000)
        if "every" not in given:
            if "correlation" in given:
                raise FitError(f'{place}.correlation: belongs to "every"; leave it out, or say every how long')
            return cls(shape)
        every = round(seconds_of(given["every"], f"{place}.every") * 1e9)
        return cls(shape, every, _number(given.get("correlation", 0.0), f"{place}.correlation", -0.999999, 0.999999))


@dataclass(frozen=True)
class Arrivals:
    """Poisson with these rates per hour, one for each interval from the study's beginning, times the busyness."""

    rates_per_hour: tuple[float, ...]
    interval_ns: int
    busyness: Busyness | None = None

    @property
    def expected(self) -> float:
        """Arrivals over all the intervals, in the mean."""
        return math.fsum(self.rates_per_hour) * self.interval_ns / 3.6e12

    def scaled(self, factor: float) -> Arrivals:
        return replace(self, rates_per_hour=tuple(rate * factor for rate in self.rates_per_hour))

    def to_study(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "rates": [plain(rate) for rate in self.rates_per_hour],
            "every": duration_text(self.interval_ns / 1e9),
        }
        if self.busyness is not None:
            answer["busyness"] = self.busyness.to_study()
        return answer

    @classmethod
    def from_study(cls, value: Any, place: str) -> Arrivals:
        given = _object(value, place, ["rates", "every", "busyness"])
        rates = given.get("rates")
        if not isinstance(rates, list) or not rates:
            raise FitError(f"{place}.rates: is {rates!r}; write a list of rates per hour")
        every = round(seconds_of(given.get("every", "1h"), f"{place}.every") * 1e9)
        if every <= 0:
            raise FitError(f"{place}.every: write a duration above 0")
        busyness = Busyness.from_study(given["busyness"], f"{place}.busyness") if "busyness" in given else None
        return cls(tuple(_number(rate, f"{place}.rates[{i}]", 0, 1e9) for i, rate in enumerate(rates)), every, busyness)


@dataclass(frozen=True)
class StreamModel:
    """``patience`` None: nobody hangs up. ``balk``: probability that one who must wait leaves at once. ``more``: other keys of
    the study's stream (``priority``, ``credit``, ``retry``, ``attributes``), kept as they are."""

    name: str
    queue: str
    arrivals: Arrivals
    service: DurationLaw
    patience: DurationLaw | None = None
    balk: float = 0.0
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def load_erlangs(self) -> float:
        """Work that comes per hour over an hour, in the mean over all the intervals."""
        hours = len(self.arrivals.rates_per_hour) * self.arrivals.interval_ns / 3.6e12
        return self.arrivals.expected / hours * self.service.mean_s / 3600

    def scaled(self, *, rate: float = 1.0, service: float = 1.0, patience: float = 1.0) -> StreamModel:
        return replace(
            self,
            arrivals=self.arrivals.scaled(rate),
            service=self.service.scaled(service),
            patience=None if self.patience is None else self.patience.scaled(patience),
        )

    def to_study(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "name": self.name,
            "queue": self.queue,
            "arrivals": self.arrivals.to_study(),
            "service": self.service.to_study(),
        }
        if self.patience is not None:
            answer["patience"] = self.patience.to_study()
        if self.balk > 0:
            answer["balk"] = plain(self.balk)
        return answer | dict(self.more)

    @classmethod
    def from_study(cls, value: Any, place: str) -> StreamModel:
        known = ["name", "queue", "arrivals", "service", "patience", "balk", *_KEPT]
        given = _object(value, place, known)
        queue = given.get("queue")
        if not isinstance(queue, str):
            raise FitError(f"{place}.queue: is {queue!r}; write the name of a queue")
        return cls(
            name=str(given.get("name", queue)),
            queue=queue,
            arrivals=Arrivals.from_study(given.get("arrivals"), f"{place}.arrivals"),
            service=law_from_study(given.get("service"), f"{place}.service"),
            patience=law_from_study(given["patience"], f"{place}.patience") if given.get("patience") is not None else None,
            balk=_number(given.get("balk", 0.0), f"{place}.balk", 0, 1),
            more={key: given[key] for key in _KEPT if key in given},
        )
