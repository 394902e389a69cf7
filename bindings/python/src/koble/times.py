"""Times and durations: integers of nanoseconds inside, ``datetime`` and ``timedelta`` accepted at the border.

An instant is an ``int`` (nanoseconds since 1970 UTC, or since whatever a simulation starts from), an aware ``datetime``
or a ``numpy.datetime64``. A duration is an ``int`` (nanoseconds), a ``timedelta``, a ``numpy.timedelta64`` or a text
like those of a plan ("500ms", "20s", "1m30s", "2h"). Floats are refused: they do not hold nanoseconds exactly.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, SupportsIndex, TypeAlias

from .errors import ArgumentError, TimeError

__all__ = ["NEVER", "TIME_MAX", "datetime_utc", "duration_ns", "format_duration", "format_time", "points", "time_ns"]

#: No deadline; a request that stands until it is answered.
NEVER = 2**63 - 1
#: The last instant that an engine accepts: in the year 2116.
TIME_MAX = 2**62 - 1
#: One priority point, in the micro-points of the C API.
POINT = 1_000_000

Instant: TypeAlias = SupportsIndex | datetime
Duration: TypeAlias = SupportsIndex | timedelta | str

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 10**9,
    "ms": 10**6,
    "us": 10**3,
    "ns": 1,
}
_PART = re.compile(r"([0-9]+)(ms|us|ns|d|h|m|s)")


def _timedelta_ns(value: timedelta) -> int:
    return (value.days * 86_400 + value.seconds) * 10**9 + value.microseconds * 1000


def time_ns(value: Any) -> int:
    """An instant as integer nanoseconds since 1970 UTC."""
    if isinstance(value, datetime):
        if value.tzinfo is None or value.utcoffset() is None:
            raise TimeError(
                f"{value!r} has no time zone, so it names no instant; give an aware datetime, for example "
                'datetime(2026, 1, 31, 8, 0, tzinfo=ZoneInfo("Europe/Oslo")), or an int of nanoseconds'
            )
        nanosecond = getattr(value, "nanosecond", 0)  # a pandas.Timestamp has them
        return _timedelta_ns(value - _EPOCH) + int(nanosecond)
    kind = _numpy_kind(value)
    if kind == "M":
        return _numpy_ns(value, "datetime64[ns]", TimeError)
    if isinstance(value, bool) or kind == "b":
        raise TimeError(f"{value!r} is no instant; give an int of nanoseconds or an aware datetime")
    if isinstance(value, (float, Decimal)) or kind == "f":
        raise TimeError(
            f"{value!r} does not hold nanoseconds exactly; give an int of nanoseconds (round({value!r} * 1e9) if these "
            "are seconds) or an aware datetime"
        )
    try:
        return value.__index__()  # type: ignore[no-any-return]
    except AttributeError:
        raise TimeError(f"{value!r} is no instant; give an int of nanoseconds or an aware datetime") from None


def duration_ns(value: Any) -> int:
    """A duration as integer nanoseconds."""
    if isinstance(value, timedelta):
        return _timedelta_ns(value) + int(getattr(value, "nanoseconds", 0))  # a pandas.Timedelta has them
    if isinstance(value, str):
        return _parse_duration(value)
    kind = _numpy_kind(value)
    if kind == "m":
        return _numpy_ns(value, "timedelta64[ns]", ArgumentError)
    if isinstance(value, (bool, float, Decimal)) or kind in ("b", "f"):
        raise ArgumentError(
            f'{value!r} is no duration; give an int of nanoseconds, timedelta(seconds={value!r}) or a text like "90s"'
        )
    try:
        return value.__index__()  # type: ignore[no-any-return]
    except AttributeError:
        raise ArgumentError(
            f'{value!r} is no duration; give an int of nanoseconds, a timedelta or a text like "90s"'
        ) from None


def until_ns(value: Any, at: int) -> int:
    """The end of something that begins at `at`: an instant, or a duration (timedelta or text) from then."""
    if isinstance(value, (timedelta, str)) or _numpy_kind(value) == "m":
        return at + duration_ns(value)
    return time_ns(value)


def points(value: Any) -> int:
    """Priority points as integer micro-points, exactly: six digits after the point, no more."""
    if isinstance(value, bool):
        raise ArgumentError(f"{value!r} is no priority; give points as an int, float, Decimal or text")
    try:
        if isinstance(value, float):
            decimal = Decimal(repr(float(value)))  # a NumPy float is written otherwise
        elif isinstance(value, (Decimal, str)):
            decimal = Decimal(value)
        else:
            decimal = Decimal(value.__index__())
        micro = decimal * POINT
        whole = int(micro)
    except (AttributeError, InvalidOperation, ValueError, OverflowError):
        raise ArgumentError(f"{value!r} is no priority; give points as an int, float, Decimal or text") from None
    if micro != whole:
        raise ArgumentError(f"{value!r} points: at most six digits after the point are kept; round it")
    return whole


def _parse_duration(text: str) -> int:
    total, at, last = 0, 0, None
    for match in _PART.finditer(text):
        unit = _UNITS[match[2]]
        if match.start() != at or (last is not None and unit >= last):
            break
        total += int(match[1]) * unit
        at, last = match.end(), unit
    if at != len(text) or last is None:
        raise ArgumentError(f'"{text}" is no duration; write it like "500ms", "20s", "1m30s" or "2h"')
    return total


def _numpy_kind(value: Any) -> str | None:
    return getattr(getattr(value, "dtype", None), "kind", None)


def _numpy_ns(value: Any, dtype: str, error: type[Exception]) -> int:
    number = int(value.astype(dtype).astype("int64"))
    if number == -(2**63):
        raise error(f"{value!r} is not a time")
    return number


def datetime_utc(ns: int) -> datetime:
    """An instant as an aware ``datetime`` in UTC; digits after the microsecond are cut."""
    return _EPOCH + timedelta(microseconds=ns // 1000)


def format_duration(ns: int) -> str:
    """A duration as plans write it: "1m30s"."""
    if ns == NEVER:
        return "never"
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    parts = ""
    for unit in ("h", "m"):
        count, ns = divmod(ns, _UNITS[unit])
        if count:
            parts += f"{count}{unit}"
    if ns or not parts:
        seconds, rest = divmod(ns, 10**9)
        parts += f"{seconds}" + (f".{rest:09d}".rstrip("0") if rest else "") + "s"
    return sign + parts


def format_time(ns: int) -> str:
    """An instant for people: seconds for a simulation that starts near 0, else ISO 8601 in UTC."""
    if ns == NEVER:
        return "never"
    seconds, rest = divmod(ns, 10**9)
    if rest % 10**6 == 0:
        digits = f"{rest // 10**6:03d}"
    else:
        digits = f"{rest:09d}".rstrip("0")
    if seconds < 315_360_000:  # ten years
        return f"{seconds}.{digits}s"
    return datetime_utc(seconds * 10**9).strftime("%Y-%m-%dT%H:%M:%S") + f".{digits}Z"
