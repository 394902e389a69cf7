"""Reading a record: any CSV with a row a call, its columns named by a mapping. Mistakes say what to do about them."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Columns", "Record", "RecordError", "RecordMapping", "days_of", "read_record"]

DAY_S = 86_400
LONGEST_S = 7 * DAY_S  # a wait or service beyond a week is a slip of the pen


class RecordError(Exception):
    """The record, or what was said about it, cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Columns:
    """Which header holds what. None: the record has no such column."""

    arrival: str | None = "arrival"
    type: str | None = "type"
    outcome: str | None = "outcome"
    wait: str | None = "wait"
    service: str | None = "service"
    agent: str | None = "agent"
    priority: str | None = "priority"
    #: Seconds between arrival and joining the queue (a menu, an announcement).
    offset: str | None = None


#: Words of the outcome column that need no mapping, in small letters.
OUTCOMES = {
    "served": "served",
    "answered": "served",
    "agent": "served",
    "completed": "served",
    "abandoned": "abandoned",
    "hang": "abandoned",
    "hangup": "abandoned",
    "leave_out": "leave_out",
    "ignore": "leave_out",
    "phantom": "leave_out",
}


@dataclass(frozen=True)
class RecordMapping:
    """How a record is to be read; examples/calls/*.json are written in this form."""

    columns: Columns = field(default_factory=Columns)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    #: Values to be taken as others: {"priority": {"0": "regular"}}.
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: {"priority": "0"}: in a row that did not wait this value means "not recorded", and one is drawn from those that
    #: waited.
    unrecorded: Mapping[str, str] = field(default_factory=dict)
    #: The name of the queue, from the columns: "{type}-{priority}".
    queue: str = "{type}"
    #: Names that the template gives -> names of queues in the plan.
    queues: Mapping[str, str] = field(default_factory=dict)
    #: Second 0 of the arrival column, where it holds numbers.
    epoch: date = date(1970, 1, 1)

    @classmethod
    def load(cls, path: Path) -> RecordMapping:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise RecordError(f"{path}: {error.strerror}") from None
        except ValueError as error:
            raise RecordError(f"{path}: not valid JSON: {error}") from None
        return cls.from_dict(data, str(path))

    @classmethod
    def from_dict(cls, data: Any, place: str) -> RecordMapping:
        if not isinstance(data, dict):
            raise RecordError(f"{place}: a mapping is a JSON object")
        known = {f.name for f in fields(cls)} | {"about"}
        for key in data:
            if key not in known:
                raise RecordError(f"{place}: unknown key {key!r}; known are {', '.join(sorted(known))}")
        columns = data.get("columns", {})
        for key in columns:
            if key not in {f.name for f in fields(Columns)}:
                raise RecordError(
                    f"{place}: columns: unknown {key!r}; known are {', '.join(f.name for f in fields(Columns))}"
                )
        values: dict[str, Any] = {k: v for k, v in data.items() if k not in ("columns", "about", "epoch")}
        try:
            epoch = date.fromisoformat(data["epoch"]) if "epoch" in data else date(1970, 1, 1)
        except (TypeError, ValueError):
            raise RecordError(f"{place}: epoch: expected a date such as 1999-02-01, got {data['epoch']!r}") from None
        return cls(columns=replace(Columns(), **columns), epoch=epoch, **values)


@dataclass
class Record:
    """A record that has been read and checked.

    ``calls`` has one row a call that is replayed, by the time of joining the queue: ``serial`` (number of the row in
    the file, from 1), ``day`` (a date), ``join_s`` (seconds of that day), ``type``, ``priority``, ``known_priority``,
    ``served``, ``wait_s``, ``service_s`` (NaN for those not served), ``agent`` (None where nobody is named).
    """

    name: str
    mapping: RecordMapping
    calls: pd.DataFrame
    rows: int
    #: Why rows were left out -> how many.
    left_out: dict[str, int]
    #: What is odd but was kept -> how many.
    notes: dict[str, int]

    @property
    def days(self) -> list[date]:
        return sorted(set(self.calls["day"]))

    def on(self, days: Iterable[date]) -> pd.DataFrame:
        wanted = set(days)
        return self.calls[self.calls["day"].isin(wanted)]


def _read_text(path: Path) -> pd.DataFrame:
    if not path.exists():
        raise RecordError(f"{path}: there is no such file")
    if path.is_dir():
        raise RecordError(f"{path} is a folder; give the CSV file itself")
    try:
        if path.suffix == ".xz":
            stream: Any = lzma.open(path, "rt", encoding="utf-8", newline="")
        elif path.suffix == ".gz":
            stream = gzip.open(path, "rt", encoding="utf-8", newline="")
        else:
            stream = path.open("rt", encoding="utf-8", newline="")
        with stream:
            return pd.read_csv(stream, dtype=str, keep_default_na=False, skipinitialspace=True)
    except lzma.LZMAError as error:
        raise RecordError(
            f"{path}: not a whole xz file ({error}); if it is a plain CSV, name it .csv, else fetch it again"
        ) from None
    except EOFError:
        raise RecordError(f"{path}: the compressed file ends in the middle; fetch it again") from None
    except gzip.BadGzipFile as error:
        raise RecordError(f"{path}: not a gzip file ({error}); if it is a plain CSV, name it .csv") from None
    except pd.errors.EmptyDataError:
        raise RecordError(f"{path} is empty; expected a line of column names and a line a call") from None
    except pd.errors.ParserError as error:
        raise RecordError(f"{path}: not a CSV with the same number of fields in every line: {error}") from None
    except UnicodeDecodeError as error:
        raise RecordError(f"{path}: not UTF-8 text at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from None


def _where(mask: Any, limit: int = 3) -> str:
    """The lines of the file (the header is line 1) where the mask holds: "line 3, 17 and 40 more"."""
    lines = [int(i) + 2 for i in np.flatnonzero(np.asarray(mask))]
    shown = ", ".join(str(line) for line in lines[:limit])
    return f"line{'s' * (len(lines) > 1)} {shown}" + (f" and {len(lines) - limit} more" if len(lines) > limit else "")


class _Reader:
    def __init__(self, path: Path, mapping: RecordMapping) -> None:
        self.path, self.mapping = path, mapping
        self.frame = _read_text(path)
        self.frame.columns = [str(c).strip() for c in self.frame.columns]

    def fail(self, text: str) -> RecordError:
        return RecordError(f"{self.path}: {text}")

    def header(self, what: str, *, needed: bool = True) -> str | None:
        header: str | None = getattr(self.mapping.columns, what)
        if header is not None and header in self.frame.columns:
            return header
        if not needed and (header is None or header == what):  # the default name, not asked for
            return None
        raise self.fail(
            f"there is no column {header!r} for {what}; give --column {what}=NAME with one of: "
            f"{', '.join(self.frame.columns)}"
        )

    def text(self, what: str, *, needed: bool = True) -> pd.Series[Any] | None:
        header = self.header(what, needed=needed)
        if header is None:
            return None
        column = self.frame[header].str.strip()
        changed = self.mapping.values.get(what)
        return column if changed is None else column.replace(dict(changed))

    def number(
        self, what: str, *, blank: bool, needed: bool = True, least: float | None = 0.0
    ) -> pd.Series[Any] | None:
        """A column of seconds; ``blank``: an empty field is NaN, else a mistake."""
        column = self.text(what, needed=needed)
        if column is None:
            return None
        empty = column == ""
        if not blank and empty.any():
            raise self.fail(f"{what} is empty in {_where(empty)}; fill it in, or take the row out")
        values = pd.to_numeric(column.where(~empty), errors="coerce").astype(float)
        wrong = (values.isna() & ~empty) | np.isinf(values)
        if wrong.any():
            sample = column[wrong].iloc[0]
            raise self.fail(f"{what} is no number of seconds in {_where(wrong)}: {sample!r}")
        if least is not None and (values < least).any():
            low = values < least
            raise self.fail(
                f"{what} is negative in {_where(low)}: {values[low].iloc[0]:g}; mend the record, or take the rows out"
            )
        if (values.abs() > LONGEST_S).any() and what != "arrival":
            long = values.abs() > LONGEST_S
            raise self.fail(
                f"{what} is longer than a week in {_where(long)}: {values[long].iloc[0]:g}; are these seconds?"
            )
        return values

    def arrival(self) -> pd.Series[Any]:
        """Seconds since the epoch of the mapping."""
        column = self.text("arrival")
        assert column is not None
        if len(column) and not pd.to_numeric(column.head(20), errors="coerce").isna().all():
            values = self.number("arrival", blank=False)
            assert values is not None
            return values
        stamps = pd.to_datetime(column, errors="coerce", format="ISO8601")
        wrong = stamps.isna()
        if wrong.any():
            raise self.fail(
                f"arrival is neither seconds nor a local time such as 2026-01-31T08:00:00 in {_where(wrong)}: "
                f"{column[wrong].iloc[0]!r}"
            )
        if stamps.dt.tz is not None:
            raise self.fail(
                "arrival has a time zone; give local times of the centre without one, for its hours are local"
            )
        seconds = (stamps - pd.Timestamp(self.mapping.epoch)) / pd.Timedelta(seconds=1)
        if (seconds < 0).any():
            raise self.fail(
                f"arrival is before the epoch {self.mapping.epoch} in {_where(seconds < 0)}; give an earlier --epoch"
            )
        return seconds


def read_record(path: Path, mapping: RecordMapping, *, keep_zero_abandons: bool = False) -> Record:
    """Reads and checks a record. Rows that cannot be replayed are left out and counted."""
    reader = _Reader(path, mapping)
    if reader.frame.empty:
        raise reader.fail("there are no calls below the column names")
    arrival = reader.arrival()
    backwards = arrival.diff() < 0
    if backwards.any():
        raise reader.fail(f"arrival goes back in {_where(backwards)}; sort the file by arrival")
    outcome = reader.text("outcome")
    kinds = reader.text("type")
    assert outcome is not None and kinds is not None
    words = {**OUTCOMES, **{k.lower(): v for k, v in mapping.outcomes.items()}}
    state = outcome.str.lower().map(words)
    if state.isna().any():
        unknown = sorted(set(outcome[state.isna()]))[:5]
        raise reader.fail(
            f"unknown outcome {', '.join(map(repr, unknown))} in {_where(state.isna())}; say what each means with "
            "--outcome WORD=served, =abandoned or =leave_out"
        )
    if (kinds == "").any():
        raise reader.fail(f"type is empty in {_where(kinds == '')}; fill it in, or take the rows out")
    wait = reader.number("wait", blank=False)
    service = reader.number("service", blank=True)
    offset = reader.number("offset", blank=True, needed=False, least=None)
    agent = reader.text("agent", needed=False)
    priority = reader.text("priority", needed=False)
    assert wait is not None and service is not None

    notes: dict[str, int] = {}
    if offset is not None:
        early = offset < 0
        if early.any():
            notes["joined the queue before they arrived (clocks differ); taken as at arrival"] = int(early.sum())
        offset = offset.clip(lower=0).fillna(0.0)
    join = arrival + (0.0 if offset is None else offset)
    day_number = (arrival // DAY_S).astype(int)
    served = state == "served"
    no_time = served & service.isna()
    if no_time.any():
        notes["served without a service time; one is drawn from the type's law"] = int(no_time.sum())
    calls = pd.DataFrame(
        {
            "serial": np.arange(1, len(arrival) + 1),
            "day": [mapping.epoch + timedelta(days=int(n)) for n in day_number],
            "join_s": join - day_number * DAY_S,
            "type": kinds,
            "priority": "" if priority is None else priority,
            "served": served,
            "wait_s": wait,
            "service_s": service.where(served),
            "agent": None if agent is None else agent.where(agent != "", None),
        }
    )
    unrecorded = mapping.unrecorded.get("priority")
    if unrecorded is not None:
        changed = mapping.values.get("priority", {}).get(unrecorded, unrecorded)
        raw = reader.frame[str(mapping.columns.priority)].str.strip()
        calls["known_priority"] = ~((raw == unrecorded) & (wait == 0))
        if changed not in set(calls["priority"]):
            raise reader.fail(f"unrecorded: no row has the priority {unrecorded!r}")
    else:
        calls["known_priority"] = True

    left_out: dict[str, int] = {}
    keep = state != "leave_out"
    if (~keep).any():
        for word, count in outcome[~keep].value_counts().sort_index().items():
            left_out[f"outcome {word}"] = int(count)
    at_once = keep & (state == "abandoned") & (wait == 0)
    if at_once.any() and not keep_zero_abandons:
        left_out["abandoned after a wait of 0: never stood in the queue"] = int(at_once.sum())
        keep &= ~at_once
    calls = calls[keep].sort_values(["day", "join_s", "serial"], kind="stable").reset_index(drop=True)
    if calls.empty:
        raise reader.fail("no call is left once those to be left out are gone; check --outcome and the column wait")
    nameless = calls["served"] & calls["agent"].isna()
    if agent is not None and nameless.any():
        notes["served by nobody who is named; their work is in nobody's presence"] = int(nameless.sum())
    return Record(path.name, mapping, calls, len(arrival), left_out, notes)


def days_of(text: str, available: list[date]) -> list[date]:
    """Days from "1999-02-14..1999-02-18,1999-02-21"; those without calls are passed over."""
    wanted: set[date] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("..")
        try:
            begin = date.fromisoformat(first)
            end = date.fromisoformat(last) if last else begin
        except ValueError:
            raise RecordError(
                f"{part.strip()!r} is no day or range of days; write 2026-01-31 or 2026-01-27..2026-01-31"
            ) from None
        if end < begin:
            raise RecordError(f"{part.strip()!r} ends before it begins")
        wanted |= {begin + timedelta(days=i) for i in range((end - begin).days + 1)}
    found = sorted(wanted & set(available))
    if not found:
        raise RecordError(f"the record has no calls on {text}; it has {available[0]} to {available[-1]}")
    return found
