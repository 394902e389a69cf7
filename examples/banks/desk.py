"""The North American bank's desk: simulated days under a roster, and what they reached in each half hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from koble import fit
from koble.lab import Study
from koble.world import NOBODY

__all__ = ["HALVES", "OPEN_H", "Days", "Desk"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Hours that the centre is open, from 7 h on, and its half hours.
OPEN_H = 14
HALVES = 2 * OPEN_H
_HALF_NS = 1_800_000_000_000
_WITHIN_NS = 20_000_000_000


@dataclass(frozen=True)
class Days:
    """By day and half hour of arrival: who joined, was served within 20 s, hung up; and the waiting, in seconds."""

    joined: Floats
    good: Floats
    left: Floats
    wait_s: Floats

    def met(self, share: float) -> npt.NDArray[np.bool_]:
        """Whether a half hour of a day had its share in time. One in which nobody came has."""
        return np.asarray(self.good >= share * self.joined - 1e-9)

    def met_by_day(self, share: float) -> npt.NDArray[np.bool_]:
        return np.asarray(self.good.sum(axis=1) >= share * self.joined.sum(axis=1))

    def one_by_one(self) -> list[Days]:
        return [
            Days(self.joined[n : n + 1], self.good[n : n + 1], self.left[n : n + 1], self.wait_s[n : n + 1])
            for n in range(len(self.joined))
        ]


@dataclass(frozen=True)
class Desk:
    """One queue; ``service`` and ``patience`` as durations with exponential laws."""

    service: str
    patience: str

    def _days(self, agents: Sequence[int], arrivals: dict[str, Any], count: int, seed: int) -> Days:
        study = Study(
            {
                "plan": {"queues": [{"name": "calls", "offer": {"mode": "auto"}}]},
                "agents": [{"count": max(*agents, 1)}],
                "staff": [{"counts": list(agents), "every": "30m"}],
                "streams": [
                    {
                        "queue": "calls",
                        "arrivals": arrivals,
                        "service": {"law": "exponential", "mean": self.service},
                        "patience": {"law": "exponential", "mean": self.patience},
                    }
                ],
                "horizon": f"{OPEN_H}h",
                "replications": count,
                "seed": seed,
                "by_agent": False,
            }
        )
        rows = [_row(study.records(number)) for number in range(count)]
        return Days(*(np.stack(columns) for columns in zip(*rows, strict=True)))

    def drawn(self, agents: Sequence[int], arrivals: fit.Arrivals, count: int, seed: int) -> Days:
        """Days of the fitted model, each with a busyness of its own. Equal seeds, equal customers."""
        return self._days(agents, arrivals.to_study(), count, seed)

    def actual(self, agents: Sequence[int], counts: Ints, count: int, seed: int) -> Days:
        """One day of the record, its counts every five minutes, with ``count`` draws of the rest."""
        return self._days(agents, {"counts": counts.tolist(), "every": "5m"}, count, seed)


def _row(records: npt.NDArray[Any]) -> tuple[Floats, ...]:
    half = np.minimum(records["arrival_ns"] // _HALF_NS, HALVES - 1)
    served = records["agent"] != NOBODY
    columns = (np.ones(len(records)), served & (records["wait_ns"] <= _WITHIN_NS), ~served, records["wait_ns"] / 1e9)
    return tuple(np.bincount(half, column, HALVES).astype(np.float64) for column in columns)
