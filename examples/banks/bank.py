"""The Anonymous Bank as a model: who calls, who answers, and the rule by which one meets the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data import PROJECT
from koble import fit
from koble.lab import Study
from koble.lab.arrivals import Busyness
from koble.replay.impute import Imputer
from koble.replay.presence import observed_skills
from koble.replay.record import Record
from koble.sim import Purpose
from staff import OPEN, Presence, Roster

__all__ = ["BankModel", "Given", "calls_on", "fit_bank", "given_on"]

Floats = npt.NDArray[np.float64]

_PIECE = "30m"
_PIECES = 48
_SPIKE_S = 10.0


def calls_on(record: Record, days: Sequence[date], teacher: Record, seed: int) -> pd.DataFrame:
    """The calls of these days: ``day``, ``hour``, ``arrival``, ``queue``, ``type``, ``priority``, ``wait_s``, ``served``,
    ``service_s``. Priorities that were not written down are drawn from what the ``teacher``'s calls show of each type."""
    calls = record.on(days)
    priority = Imputer(teacher.calls, seed=seed).complete(calls, 0).priority
    return pd.DataFrame(
        {
            "day": calls["day"].to_numpy(),
            "hour": (calls["join_s"] // 3600).astype(int).to_numpy(),
            "arrival": (pd.to_datetime(calls["day"]) + pd.to_timedelta(calls["join_s"], unit="s")).to_numpy(),
            "queue": [f"{kind}-{own}" for kind, own in zip(calls["type"], priority, strict=True)],
            "type": calls["type"].to_numpy(),
            "priority": priority,
            "wait_s": calls["wait_s"].to_numpy(np.float64),
            "served": calls["served"].to_numpy(bool),
            "service_s": calls["service_s"].to_numpy(np.float64),
        }
    )


@dataclass(frozen=True)
class Given:
    """What a diagnosis tells the simulation of the day itself: ``counts`` by queue and half hour, laws of ``services`` by
    type."""

    counts: Mapping[str, list[int]] | None = None
    services: Mapping[str, dict[str, Any]] | None = None


@dataclass(frozen=True)
class BankModel:
    """``streams``: one for each queue, as a study has them, with their ``type``; ``busyness``: one factor for all of them."""

    plan: dict[str, Any]
    streams: list[dict[str, Any]]
    busyness: fit.Busyness | None
    presence: Presence
    mean_service_s: float
    mean_patience_s: float

    def factors(self, seed: int) -> Floats:
        """How much busier than the mean one day is, by half hour. All streams share it, which a study's own ``busyness``, drawn
        for each stream by itself, cannot say: under that a busy hour of one priority would be a quiet one of the other."""
        if self.busyness is None:
            return np.ones(_PIECES)
        drawn = Busyness(self.busyness.shape, self.busyness.every_ns, self.busyness.correlation)
        if drawn.every_ns is None:
            return np.full(_PIECES, drawn.factors(1, seed, int(Purpose.USER))[0])
        return drawn.factors(_PIECES, seed, int(Purpose.USER))

    def study(self, roster: Roster, seed: int, given: Given | None = None) -> Study:
        """One day from midnight on, with these agents at these times."""
        given = Given() if given is None else given
        factors = self.factors(seed)
        streams = []
        for one in self.streams:
            stream = {key: value for key, value in one.items() if key != "type"}
            if given.counts is None:
                rates = np.array(one["arrivals"]["rates"]) * factors
                stream["arrivals"] = {"rates": rates.tolist(), "every": _PIECE}
            elif any(given.counts.get(one["name"], [])):
                stream["arrivals"] = {"counts": given.counts[one["name"]], "every": _PIECE}
            else:
                continue
            if given.services is not None:
                stream["service"] = given.services.get(one["type"], one["service"])
            streams.append(stream)
        return Study(
            {
                "plan": self.plan,
                "streams": streams,
                "staff": [{"agent": who, "from": _ns(begin), "to": _ns(end)} for who, begin, end in roster if end > begin],
                "people": [{"wrap_up": self.presence.wrap_up()}],
                "horizon": "30h",  # who has calls at midnight ends them
                "replications": 1,
                "seed": seed,
            }
        )


def _ns(seconds: float) -> str:
    return f"{round(seconds * 1e9)}ns"


def fit_bank(record: Record, presence: Presence, *, seed: int, laws: str = "auto") -> BankModel:
    """Fits the days of ``record``, all of one kind.

    Rates by queue and half hour; one busyness for all, from the counts of all calls; service by type, with the spike of calls
    that are over within ten seconds apart; patience by priority, for the centre's rule tells priorities apart and not types.
    ``laws``: of service, "auto" or the name of one (koble.fit.fit_service).
    """
    calls = calls_on(record, record.days, record, seed)
    counted = fit.count_arrivals(calls["arrival"].to_numpy(), _PIECE, begin=f"{OPEN.start}h", end=f"{OPEN.stop}h")
    busyness = fit.fit_arrivals(counted.counts, _PIECE).busyness
    known = calls[calls["served"] & calls["service_s"].notna()]
    options: dict[str, Any] = {} if laws == "auto" else {"laws": [laws]}
    services = {
        str(kind): fit.fit_service(own["service_s"], spike_below_s=_SPIKE_S, **options).law
        for kind, own in known.groupby("type")
    }
    patience = {str(one): fit.fit_patience(own["wait_s"], ~own["served"]).law for one, own in calls.groupby("priority")}
    streams = []
    for name, own in calls.groupby("queue"):
        kind, priority = str(name).split("-")
        table = fit.count_arrivals(own["arrival"].to_numpy(), _PIECE, days=counted.days).counts
        streams.append(
            {
                "name": str(name),
                "queue": str(name),
                "type": kind,
                "arrivals": {"rates": (2 * table.mean(axis=0)).tolist()},
                "service": services[kind].to_study(),
                "patience": patience[priority].to_study(),
            }
        )
    plan = json.loads((PROJECT / "examples" / "plans" / "anonymous-bank.json").read_text(encoding="utf-8"))
    agents = [{"name": who, "skills": dict.fromkeys(types, 1)} for who, types in observed_skills(record.calls).items()]
    exponential = fit.fit_patience(calls["wait_s"], ~calls["served"], laws=["exponential"]).law
    return BankModel(
        {**plan, "agents": agents},
        streams,
        busyness,
        presence,
        float(known["service_s"].mean()),
        float(exponential.mean_s),
    )


def given_on(calls: pd.DataFrame, day: date, *, services: bool) -> Given:
    """What the day itself was: calls by queue and half hour; with ``services`` how long they lasted, too, by type."""
    own = calls[calls["day"] == day]
    piece = (own["arrival"].to_numpy() - np.datetime64(day, "ns")) // np.timedelta64(30, "m")
    counts = {
        str(queue): np.bincount(np.minimum(piece[rows], _PIECES - 1), minlength=_PIECES).tolist()
        for queue, rows in own.groupby("queue").indices.items()
    }
    if not services:
        return Given(counts)
    known = own[own["served"] & own["service_s"].notna()]
    laws = {
        str(kind): {"law": "empirical", "values": [_ns(max(seconds, 0.5)) for seconds in part["service_s"]]}
        for kind, part in known.groupby("type")
    }
    return Given(counts, laws)
