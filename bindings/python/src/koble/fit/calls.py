"""Calls as they are fitted to: a frame with a row a call, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import FitError, require

if TYPE_CHECKING:
    import pandas as pd

    from ..replay.record import Record

__all__ = ["Calls", "calls_of_record", "read_calls"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calls:
    """By row: ``stream`` (text), ``arrival_ns`` of local time, ``wait_s``, ``served``, ``service_s`` (NaN where there is
    none)."""

    stream: npt.NDArray[np.str_]
    arrival_ns: npt.NDArray[np.int64]
    wait_s: Floats
    served: npt.NDArray[np.bool_]
    service_s: Floats
    #: Whether arrivals are dates, so that weekdays are known.
    dated: bool

    def __len__(self) -> int:
        return len(self.stream)


def _first(wrong: npt.NDArray[np.bool_]) -> str:
    places = np.flatnonzero(wrong)
    return f"in row {places[0]}" + (f" and {len(places) - 1} more" if len(places) > 1 else "")


def _arrival_ns(column: Any) -> tuple[npt.NDArray[np.int64], bool]:
    pandas = require("pandas")
    series = pandas.Series(column).reset_index(drop=True)
    if pandas.api.types.is_numeric_dtype(series) and not pandas.api.types.is_bool_dtype(series):
        seconds = series.to_numpy(np.float64, na_value=np.nan)
        wrong = ~np.isfinite(seconds) | (np.abs(seconds) > 9e9)
        if wrong.any():
            raise FitError(f"arrival: {seconds[wrong][0]:g} {_first(wrong)}; write seconds (from a midnight) or datetimes")
        return np.round(seconds * 1e9).astype(np.int64), False
    try:
        stamps = pandas.to_datetime(series)
    except (ValueError, TypeError) as error:
        raise FitError(f"arrival: {error}; write local datetimes, or seconds from a midnight") from None
    if getattr(stamps.dt, "tz", None) is not None:
        stamps = stamps.dt.tz_localize(None)  # hours of the day are local ones
    missing = stamps.isna().to_numpy()
    if missing.any():
        raise FitError(f"arrival: is missing {_first(missing)}; leave such rows out")
    return stamps.to_numpy().astype("datetime64[ns]").astype(np.int64), True


def _seconds(column: Any, what: str, *, blank: bool) -> Floats:
    pandas = require("pandas")
    values: Floats = pandas.to_numeric(pandas.Series(column), errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = np.isinf(values) | (values < 0)
    if not blank:
        wrong |= np.isnan(values)
    if wrong.any():
        raise FitError(f"{what}: {values[wrong][0]:g} {_first(wrong)}; write finite seconds from 0 on, or leave such rows out")
    return values


def _flags(column: Any) -> npt.NDArray[np.bool_]:
    values = np.asarray(column)
    if values.dtype.kind == "b":
        return values.astype(np.bool_)
    if values.dtype == object and all(isinstance(value, (bool, np.bool_)) for value in values):
        return values.astype(np.bool_)
    if values.dtype.kind in "iu" and np.all((values == 0) | (values == 1)):
        return values.astype(np.bool_)
    raise FitError('served: write True or False in every row; for words: frame["served"] = frame["outcome"] == "answered"')


def read_calls(calls: pd.DataFrame | Mapping[str, Any], by: str | None = None) -> Calls:
    """A data frame, or a dict of arrays, with the columns

    * ``arrival``: local datetimes (a zone is dropped, the local hour kept), or seconds from a midnight;
    * ``queue`` or ``type`` (or the one that ``by`` names): the stream; without either all calls are one, "calls";
    * ``wait_s``: from joining the queue to being served or leaving; 0 for who did not wait;
    * ``served``: bool; who is not served hung up;
    * ``service_s``: of those who were served; empty (NaN) otherwise or where it was not recorded.

    Raises FitError with the row and what to write.
    """
    columns = list(calls.columns) if hasattr(calls, "columns") else list(calls)
    for needed in ("arrival", "wait_s", "served", "service_s"):
        if needed not in columns:
            raise FitError(f"there is no column {needed!r}; rename one of {', '.join(map(str, columns))}")
    if by is not None and by not in columns:
        raise FitError(f"there is no column {by!r} to tell streams by; there are {', '.join(map(str, columns))}")
    key = by if by is not None else next((name for name in ("queue", "type") if name in columns), None)
    arrival, dated = _arrival_ns(calls["arrival"])
    wait, served = _seconds(calls["wait_s"], "wait_s", blank=False), _flags(calls["served"])
    service = _seconds(calls["service_s"], "service_s", blank=True)
    count = len(arrival)
    if key is None:
        stream = np.full(count, "calls")
    else:
        raw = require("pandas").Series(calls[key])
        missing = raw.isna().to_numpy()
        if missing.any():
            raise FitError(f"{key}: is missing {_first(missing)}; fill it in, or leave such rows out")
        stream = raw.astype(str).to_numpy().astype(str)
    lengths = {"arrival": count, "wait_s": len(wait), "served": len(served), "service_s": len(service), str(key): len(stream)}
    if len(set(lengths.values())) > 1:
        raise FitError(f"columns of different lengths: {', '.join(f'{name} {length}' for name, length in lengths.items())}")
    if not count:
        raise FitError("there are no calls")
    return Calls(stream, arrival, wait, served, np.where(served, service, np.nan), dated)


def calls_of_record(record: Record, *, seed: int = 1) -> pd.DataFrame:
    """The frame that :func:`read_calls` takes, of a record read by ``koble.replay.record.read_record``: arrivals are the times
    of joining the queue, and the queue is named by the record's mapping.

    Priorities that were not written down are drawn as a replay draws them (docs/replay.md), with this seed. To fit balking,
    read the record with ``keep_zero_abandons=True``, if those who left after a wait of 0 stood before the queue in your record.
    """
    from ..replay.impute import Imputer

    pandas = require("pandas")
    calls, mapping = record.calls, record.mapping
    priority = Imputer(calls, seed=seed).complete(calls, 0).priority
    try:
        names = [mapping.queue.format(type=t, priority=p) for t, p in zip(calls["type"], priority, strict=True)]
    except (KeyError, IndexError):
        raise FitError(f"the queue template {mapping.queue!r} may name {{type}} and {{priority}}, nothing else") from None
    frame: pd.DataFrame = pandas.DataFrame(
        {
            "arrival": pandas.to_datetime(calls["day"]) + pandas.to_timedelta(calls["join_s"], unit="s"),
            "queue": [mapping.queues.get(name, name) for name in names],
            "type": calls["type"].to_numpy(),
            "priority": priority,
            "wait_s": calls["wait_s"].to_numpy(),
            "served": calls["served"].to_numpy(),
            "service_s": calls["service_s"].to_numpy(),
        }
    )
    return frame
