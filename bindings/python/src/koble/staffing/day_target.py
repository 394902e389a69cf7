"""What a day, simulated or computed, has to hold: targets per queue and interval, on the mean or on most days."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError, unknown_name
from .need import number

__all__ = ["Counts", "DayTarget", "Evaluate", "Unmet", "unmet"]

Floats = npt.NDArray[np.float64]
#: A count that misses its target by less than this share of the contacts meets it: the rounding of a quotient.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Counts:
    """Contacts of one queue by the interval in which they arrived, shape (days, intervals); a computed mean is one day."""

    #: Those who were dealt with as wanted (served within 20 s, did not hang up), and all who are judged.
    good: Floats
    all: Floats

    def __post_init__(self) -> None:
        if self.good.ndim != 2 or self.good.shape != self.all.shape or 0 in self.good.shape:
            raise ArgumentError(f"counts have shapes {self.good.shape} and {self.all.shape}; write two of (days, intervals)")


class Evaluate(Protocol):
    """A day under a staffing: agents of each group in each interval, to the counts of each queue.

    Equal staffings must give equal counts, and different ones meet the same customers (common random numbers; a
    :class:`koble.lab.Study` with one seed does both), so that a search compares staffings and not draws.
    """

    def __call__(self, staff: Mapping[str, list[int]], /) -> Mapping[str, Counts]: ...


@dataclass(frozen=True, kw_only=True)
class DayTarget:
    """At least ``share`` of a queue's contacts are good: in each interval or over the day; of all days together (expected good
    over expected contacts), or on at least the share ``on_days`` of the days, each judged by itself."""

    queue: str
    share: float
    per: Literal["interval", "day"] = "interval"
    on_days: float | None = None

    def __post_init__(self) -> None:
        number(self.share, "share", above=0, high=1)
        if self.per not in ("interval", "day"):
            raise ArgumentError(f'per is {self.per!r}; write "interval" or "day"')
        if self.on_days is not None:
            number(self.on_days, "on_days", above=0, high=1)

    def missing(self, counts: Mapping[str, Counts]) -> Floats:
        """Good contacts a day that are missing, in each interval (over the day: one value); 0 exactly where the target is met.

        On a share of days: those that the nearest so many days lack, on average, so that it falls as any of them improves.
        """
        lacking = self._lacking(counts, by_day=self.on_days is not None)
        if self.on_days is None:
            return np.asarray(lacking[0])
        days = len(lacking)
        wanted = max(math.ceil(self.on_days * days - 1e-9), 1)
        return np.asarray(np.sort(lacking, axis=0)[:wanted].sum(axis=0) / wanted)

    def _lacking(self, counts: Mapping[str, Counts], *, by_day: bool) -> Floats:
        if self.queue not in counts:
            raise unknown_name("queue", self.queue, counts)
        good, everybody = counts[self.queue].good, counts[self.queue].all
        if not by_day:
            good, everybody = good.mean(axis=0, keepdims=True), everybody.mean(axis=0, keepdims=True)
        if self.per == "day":
            good, everybody = good.sum(axis=1, keepdims=True), everybody.sum(axis=1, keepdims=True)
        lacking = self.share * everybody - good
        return np.where(lacking > _ROUNDING * everybody, lacking, 0.0)

    def hints(self, counts: Mapping[str, Counts]) -> npt.NDArray[np.bool_]:
        """The intervals in which more agents may help: those that lack; of a target over the day, those below its share."""
        missing = self.missing(counts)
        if self.per == "interval":
            return np.asarray(missing > 0)
        taken = counts[self.queue]
        return np.asarray(np.any(taken.good < self.share * taken.all, axis=0) & bool(missing.any()))


@dataclass(frozen=True)
class Unmet:
    """A target that is not met: where (None: over the day), and how many good contacts a day are missing."""

    target: DayTarget
    interval: int | None
    missing: float


def unmet(targets: Sequence[DayTarget], counts: Mapping[str, Counts]) -> list[Unmet]:
    """What of the targets these counts do not meet: for counts of days that a search has not seen, too."""
    return [
        Unmet(target, None if target.per == "day" else int(k), float(row[k]))
        for target in targets
        for row in [target.missing(counts)]
        for k in np.flatnonzero(row)
    ]
