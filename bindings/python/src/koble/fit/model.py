"""A traffic model: all streams of a centre, fitted to its calls, in a file that a study takes its streams from."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .arrivals import DayCounts, count_arrivals, fit_arrivals
from .calls import Calls, read_calls
from .compound import Mixture, compressed
from .errors import FitError
from .laws import DurationLaw
from .patience import PATIENCE_LAWS, fit_patience
from .service import SERVICE_LAWS, fit_service
from .streams import StreamModel
from .writing import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrafficModel", "fit_traffic"]

#: With fewer abandonments than this a second parameter of patience is noise.
_FEW_ABANDONMENTS = 10


@dataclass(frozen=True)
class TrafficModel:
    """``streams``: in the study's order; ``fit``: diagnostics, plain JSON."""

    streams: tuple[StreamModel, ...]
    fit: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> StreamModel:
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise FitError(f"there is no stream {name!r}; there are {', '.join(stream.name for stream in self.streams)}")

    def to_dict(self) -> dict[str, Any]:
        """``{"streams": [...], "fit": {...}}``; the streams are those of a study (docs/studies.md)."""
        return {"streams": [stream.to_study() for stream in self.streams], "fit": dict(self.fit)}

    @classmethod
    def from_dict(cls, value: Any) -> TrafficModel:
        if not isinstance(value, Mapping) or not isinstance(value.get("streams"), list) or not value["streams"]:
            raise FitError('a traffic model is an object with "streams", a list with at least one, and "fit"')
        unknown = [key for key in value if key not in ("streams", "fit")]
        if unknown:
            raise FitError(f"unknown key {unknown[0]!r}; a traffic model has streams and fit")
        fit = value.get("fit", {})
        if not isinstance(fit, Mapping):
            raise FitError(f"fit: is {fit!r}; write an object, or leave it out")
        streams = tuple(StreamModel.from_study(one, f"streams[{i}]") for i, one in enumerate(value["streams"]))
        names = [stream.name for stream in streams]
        twice = [name for i, name in enumerate(names) if name in names[:i]]
        if twice:
            raise FitError(f"streams: the name {twice[0]!r} is there twice; give each its own")
        return cls(streams, fit)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the JSON file whole or not at all: beside it first, then in its place."""
        target = Path(path)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
            beside.write_text(text + "\n", encoding="utf-8")
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TrafficModel:
        """Reads what :meth:`save` wrote, or what was written by hand; FitError says where it is wrong."""
        text = Path(path).read_text(encoding="utf-8")
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise FitError(f"{os.fspath(path)}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
        try:
            return cls.from_dict(value)
        except FitError as error:
            raise FitError(f"{os.fspath(path)}: {error}") from None

    def scaled(
        self, *, rate: float = 1.0, service: float = 1.0, patience: float = 1.0, streams: Iterable[str] | None = None
    ) -> TrafficModel:
        """What if: so many times the arrivals, service times and patience, of ``streams`` (all of them). The shapes of the
        laws, the busyness and the balking stay as they are; ``fit`` keeps what was fitted and says under ``"scaled"`` what was
        changed."""
        for what, factor in (("rate", rate), ("service", service), ("patience", patience)):
            if not (math.isfinite(factor) and factor > 0):
                raise FitError(f"{what} is {factor}; write a factor above 0, such as 1.1")
        names = [stream.name for stream in self.streams] if streams is None else list(streams)
        for name in names:
            self[name]
        changed = tuple(
            stream.scaled(rate=rate, service=service, patience=patience) if stream.name in names else stream
            for stream in self.streams
        )
        change = {"rate": rate, "service": service, "patience": patience, "streams": names}
        return TrafficModel(changed, {**self.fit, "scaled": [*self.fit.get("scaled", []), change]})

    def without_mixtures(self, count: int = 1000) -> TrafficModel:
        """Mixtures replaced by ``count`` of their quantiles, each equally likely, for readers that have no law "mixture"."""

        def without(law: DurationLaw) -> DurationLaw:
            return compressed(law, count) if type(law) is Mixture else law

        streams = tuple(
            replace(one, service=without(one.service), patience=None if one.patience is None else without(one.patience))
            for one in self.streams
        )
        return TrafficModel(streams, self.fit)


def _laws(asked: str | Sequence[str], default: Sequence[str]) -> Sequence[str]:
    if isinstance(asked, str):
        return default if asked == "auto" else [asked]
    return list(asked)


def _fit_stream(
    calls: Calls,
    own: npt.NDArray[np.bool_],
    days: DayCounts,
    name: str,
    *,
    arrival_options: Mapping[str, Any],
    service_options: Mapping[str, Any],
    patience_options: Mapping[str, Any],
) -> tuple[StreamModel, dict[str, Any]]:
    column = count_arrivals(
        calls.arrival_ns[own],
        f"{days.interval_ns}ns",
        begin=f"{days.begin_ns}ns",
        end=f"{days.begin_ns + days.counts.shape[1] * days.interval_ns}ns",
        days=days.days,
    )
    arrivals = fit_arrivals(column.counts, f"{days.interval_ns}ns", **arrival_options)
    work = calls.service_s[own & calls.served]
    known = work[np.isfinite(work)]
    if len(known) < 2:
        raise FitError(
            f"{len(known)} of its calls have a service time, and 2 are needed; join it with another, or leave it out"
        )
    service = fit_service(known, **service_options)
    left = ~calls.served[own]
    notes = {"served_without_service_s": len(work) - len(known)}
    patience, balk = None, 0.0
    fitted: dict[str, Any] | None = None
    waits = calls.wait_s[own]
    late = int(np.count_nonzero(left & (waits > patience_options["balk_within_s"])))
    if late >= 1:
        options = dict(patience_options)
        few = late < _FEW_ABANDONMENTS and options["laws"] is PATIENCE_LAWS
        if few or (late == 1 and "empirical" not in options["laws"]):
            options["laws"] = ["exponential"]
        answer = fit_patience(waits, left, **options)
        patience, balk, fitted = answer.law, answer.balk, answer.to_dict()
    elif left.any():  # whoever left did so at once, and nobody later
        had_to = (waits > 0) | left
        balk = float(np.count_nonzero(left) / np.count_nonzero(had_to))
        fitted = {"had_to_wait": int(had_to.sum()), "abandoned": int(left.sum()), "balk": plain(balk), "law": None}
    stream = StreamModel(name, name, arrivals.arrivals(), service.law, patience, balk)
    return stream, {
        "calls": int(own.sum()),
        **notes,
        "arrivals": arrivals.to_dict(),
        "service": service.to_dict(),
        "patience": fitted,
    }


def fit_traffic(
    calls: pd.DataFrame | Mapping[str, Any],
    *,
    by: str | None = None,
    interval: Any = "30m",
    begin: Any = "0h",
    end: Any = "24h",
    days: npt.ArrayLike | None = None,
    weekdays: Iterable[int] | None = None,
    busyness: str = "auto",
    every: Any = None,
    service: str | Sequence[str] = "auto",
    spike_below_s: float | None = None,
    patience: str | Sequence[str] = "auto",
    balk_within_s: float = 0.0,
    components: int = 3,
) -> TrafficModel:
    """A traffic model from calls (columns: :func:`~koble.fit.read_calls`): a stream for each queue, the same day over and over.

    ``interval``, ``begin``, ``end``: the profile's intervals and the hours of the day that it has; the study's time 0 is
    ``begin``. ``days`` (dates): which days, those without a call included; without it each day on which any stream has a call.
    ``weekdays``: of these only some, 0 for Monday to 6 for Sunday. ``busyness``, ``every``: see
    :func:`~koble.fit.fit_arrivals`. ``service``, ``patience``: "auto", the name of a law, or names of which the smallest BIC
    wins; patience may be "empirical". ``spike_below_s``, ``components``: see :func:`~koble.fit.fit_service`; ``balk_within_s``:
    see :func:`~koble.fit.fit_patience`.

    A stream whose callers all stayed has no patience. FitError names the stream that cannot be fitted.
    """
    read = read_calls(calls, by)
    whole = count_arrivals(read.arrival_ns, interval, begin=begin, end=end, days=days)
    chosen = whole.days
    if weekdays is not None:
        wanted = sorted(set(weekdays))
        if not read.dated:
            raise FitError("weekdays: arrivals are seconds, which have no weekday; write datetimes, or give days")
        if not wanted or wanted[0] < 0 or wanted[-1] > 6:
            raise FitError(f"weekdays: {wanted}; write some of 0 (Monday) to 6 (Sunday)")
        chosen = chosen[np.isin(whole.weekdays, wanted)]
        if not len(chosen):
            raise FitError(f"weekdays: none of the {len(whole.days)} days is one of {wanted}")
        whole = count_arrivals(read.arrival_ns, interval, begin=begin, end=end, days=chosen)
    day_ns = 86_400_000_000_000
    time_of_day = read.arrival_ns % day_ns - whole.begin_ns
    length = whole.counts.shape[1] * whole.interval_ns
    used = np.isin(read.arrival_ns // day_ns, chosen) & (time_of_day >= 0) & (time_of_day < length)
    if not used.any():
        raise FitError("no call is within these days and hours; give others")
    streams, diagnostics = [], {}
    for name in np.unique(read.stream[used]):
        try:
            stream, about = _fit_stream(
                read,
                used & (read.stream == name),
                whole,
                str(name),
                arrival_options={"busyness": busyness, "every": every},
                service_options={
                    "laws": _laws(service, SERVICE_LAWS),
                    "spike_below_s": spike_below_s,
                    "components": components,
                },
                patience_options={
                    "laws": _laws(patience, PATIENCE_LAWS),
                    "balk_within_s": balk_within_s,
                    "components": components,
                },
            )
        except FitError as error:
            raise FitError(f"stream {str(name)!r}: {error}") from None
        streams.append(stream)
        diagnostics[str(name)] = about
    fit = {
        "calls": int(used.sum()),
        "left_out": int(len(read) - used.sum()),
        "days": len(chosen),
        "streams": diagnostics,
    }
    if read.dated:
        dates = chosen.astype("datetime64[D]")
        fit |= {"first_day": str(dates.min()), "last_day": str(dates.max())}
    return TrafficModel(tuple(streams), fit)
