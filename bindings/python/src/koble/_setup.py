"""Hands the package's classes and slow paths to the extension module, once."""

from __future__ import annotations

from enum import IntEnum

from . import _core, errors, ids, times
from ._describe import describe, event_from_bytes
from .enums import REASONS, By, Cause, Change, EventKind, Outcome, Presence


def _words(members: type[IntEnum]) -> dict[str, int]:
    return {str(member): int(member) for member in members}


def _by_number(members: type[IntEnum]) -> tuple[IntEnum | None, ...]:
    found = {int(member): member for member in members}
    return tuple(found.get(number) for number in range(max(found) + 1))


_core._set_hooks(
    {
        "error": errors.error_from_code,
        "unknown_name": errors.unknown_name,
        "unknown_symbol": errors.unknown_symbol,
        "unknown_word": errors.unknown_word,
        "closed": errors.ClosedError,
        "busy": errors.BusyError,
        "time_ns": times.time_ns,
        "duration_ns": times.duration_ns,
        "points": times.points,
        "datetime_utc": times.datetime_utc,
        "event_repr": describe,
        "event_from_bytes": event_from_bytes,
        "outcomes": {w: n for w, n in _words(Outcome).items() if Outcome.DECLINED <= n <= Outcome.FAILED},
        "presences": _words(Presence),
        "bys": _words(By),
        "id_classes": ids.CLASSES,
        "event_kinds": _by_number(EventKind),
        "reasons": tuple(
            _by_number(REASONS[EventKind(number)]) if number and EventKind(number) in REASONS else None
            for number in range(max(EventKind) + 1)
        ),
        "causes": _by_number(Cause),
        "changes": Change,
    }
)
