"""Where the banks' records are, and how they are read. They are never copied; docs/banks.md says what they are and whose."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from koble import ArgumentError
from koble.replay.record import Record, RecordMapping, read_record

__all__ = ["PROJECT", "ClassTable", "DayTable", "anonymous_bank", "folder", "na_bank", "us_bank"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PROJECT = Path(__file__).resolve().parents[2]


def folder(given: Path | None, name: str) -> Path:
    """The folder of one data set: below ``given``, else below what KOBLE_DATA says, else ``../shared/data`` beside the project.

    :raises ArgumentError: where there is no such folder.
    """
    base = given or Path(os.environ.get("KOBLE_DATA", PROJECT.parent / "shared" / "data"))
    if not (base / name).is_dir():
        raise ArgumentError(f"{base / name} is absent; write the folder that has {name} in it with --data, or in KOBLE_DATA")
    return base / name


def anonymous_bank(given: Path | None) -> Record:
    """The Anonymous Bank's calls of 1 to 21 February 1999, as examples/calls/anonymous-bank.json reads them."""
    mapping = RecordMapping.load(PROJECT / "examples" / "calls" / "anonymous-bank.json")
    return read_record(folder(given, "anonymous-bank-1999-02") / "calls.csv.xz", mapping)


@dataclass(frozen=True)
class ClassTable:
    """The US bank's 17 classes, one row each, and its day in pieces of five minutes from 7 h on."""

    names: list[str]
    mean_service_s: Floats
    mean_patience_s: Floats
    rates_per_hour: Floats  #: classes x pieces
    agents: Floats  #: signed in, by piece: means of days, so no whole numbers


def us_bank(given: Path | None) -> ClassTable:
    """The supplement's tables (Ata and Kasikaralar): each piece's calls divided by the class's share in it."""
    where = folder(given, "us-bank-2003-17class")
    classes = pd.read_csv(where / "classes.csv.xz")
    profile = pd.read_csv(where / "profile-5min.csv.xz")
    names = [str(name) for name in classes["class"]]
    shares = profile[[f"share_{name}" for name in names]].to_numpy(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)  # they are rounded to three digits
    return ClassTable(
        names,
        classes["mean_service_s"].to_numpy(np.float64),
        classes["mean_time_to_abandon_s"].to_numpy(np.float64),
        (shares * 12 * profile["mean_calls_5min"].to_numpy(np.float64)[:, None]).T,
        profile["mean_agents_signed_in"].to_numpy(np.float64),
    )


@dataclass(frozen=True)
class DayTable:
    """The North American bank's counts: days x pieces of five minutes from 7 h to 21 h."""

    days: pd.DatetimeIndex
    counts: Ints

    def thinned(self, share: float, seed: int) -> DayTable:
        """Each call kept with this probability: a smaller centre, as busy on the same days."""
        return DayTable(self.days, np.random.default_rng(seed).binomial(self.counts, share))

    def part(self, chosen: npt.NDArray[np.bool_]) -> DayTable:
        return DayTable(self.days[chosen], self.counts[chosen])

    @property
    def weekdays(self) -> Ints:
        """0 for Monday to 4 for Friday."""
        return np.asarray(self.days.day_of_week, np.int64)


def na_bank(given: Path | None) -> DayTable:
    """164 working days of 2003. The 169th piece of a day, which begins when the centre closes at 21 h, is left out."""
    frame = pd.read_csv(folder(given, "na-bank-2003-5min") / "arrivals-5min.csv.xz", parse_dates=["start_local"])
    day = frame["start_local"].dt.normalize()
    piece = (frame["start_local"] - day) // pd.Timedelta("5min") - 7 * 12
    table = frame.assign(day=day, piece=piece).pivot(index="day", columns="piece", values="calls").loc[:, 0 : 14 * 12 - 1]
    if table.isna().any(axis=None):
        raise ArgumentError("the record of counts has gaps; fetch it again")
    return DayTable(pd.DatetimeIndex(table.index), table.to_numpy(np.int64))
