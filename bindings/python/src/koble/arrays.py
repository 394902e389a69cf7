"""Events and commands as NumPy structured arrays, and as pandas frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .enums import QUEUE_NONE, REASONS, By, CommandKind, EventKind, Outcome, Presence
from .errors import ArgumentError, unknown_word

if TYPE_CHECKING:
    from .engine import Engine

__all__ = ["ATTRIBUTE_DTYPE", "COMMAND_DTYPE", "EVENT_DTYPE", "QUEUE_NONE", "commands"]

#: One event: the members of ``koble_event``. Ids and numbers are unsigned, times and `a`, `b` signed.
EVENT_DTYPE: np.dtype[Any] = np.dtype(
    [
        ("seq", "<u8"),
        ("time_ns", "<i8"),
        ("due_ns", "<i8"),
        ("kind", "<u4"),
        ("reason", "<u4"),
        ("contact", "<u8"),
        ("serial", "<u8"),
        ("agent", "<u8"),
        ("offer", "<u8"),
        ("engagement", "<u8"),
        ("host_ref", "<u8"),
        ("queue", "<u4"),
        ("tenant", "<u4"),
        ("a", "<i8"),
        ("b", "<i8"),
        ("journal_seq", "<u8"),
    ]
)

#: One command: the members of ``koble_command``; koble.h says what each means for each kind.
COMMAND_DTYPE: np.dtype[Any] = np.dtype(
    [
        ("time_ns", "<i8"),
        ("kind", "<u4"),
        ("code", "<u4"),
        ("target", "<u8"),
        ("host_ref", "<u8"),
        ("a", "<i8"),
        ("b", "<i8"),
        ("queue", "<u4"),
        ("data_size", "<u4"),
        ("data_offset", "<u8"),
        ("attributes_offset", "<u8"),
        ("attributes_count", "<u4"),
        ("reserved", "<u4"),
        ("agent", "<u8"),
        ("c", "<i8"),
    ]
)

#: One attribute: the members of ``koble_attribute``. Keys and symbolic values are numbers of symbols.
ATTRIBUTE_DTYPE: np.dtype[Any] = np.dtype([("key", "<u4"), ("reserved", "<u4"), ("value", "<i8")])

_KINDS = {str(kind): int(kind) for kind in CommandKind}
_CODES = {str(word): int(word) for words in (Presence, By, Outcome) for word in words}


def _numbers(column: str, values: Any, words: Mapping[str, int]) -> Any:
    """Words of a column replaced by their numbers."""
    array = np.asarray(values)
    if array.dtype.kind not in "OUT":
        return array
    flat = [words.get(v, v) if isinstance(v, str) else v for v in array.reshape(-1).tolist()]
    for value in flat:
        if isinstance(value, str):
            raise unknown_word(f'column "{column}"', value, words)
    return np.array([int(v) for v in flat], dtype=np.uint64).reshape(array.shape)


def commands(
    columns: Mapping[str, Any] | None = None, /, *, queues: Mapping[str, int] | None = None, **more: Any
) -> NDArray[Any]:
    """A batch of commands from columns: arrays, lists, or one value for all rows.

    Columns are the members of :data:`COMMAND_DTYPE`; what is not given is 0. `time_ns` may be ``datetime64``; `kind`
    and `code` may be words ("contact_arrive", "available"); `queue` may be names where `queues` says their numbers.

    >>> commands(kind="contact_arrive", time_ns=[0, 5, 9], queue=0, host_ref=[1, 2, 3])["host_ref"]
    array([1, 2, 3], dtype=uint64)
    """
    # A DataFrame is no Mapping, but has items() like one.
    given: dict[str, Any] = {**dict(columns.items() if columns is not None else ()), **more}
    names = COMMAND_DTYPE.names or ()
    for name in given:
        if name not in names:
            raise unknown_word("column", name, names)
    if "kind" not in given:
        raise ArgumentError('a batch needs a column "kind"')
    arrays: dict[str, Any] = {}
    for name, values in given.items():
        if name == "kind":
            array = _numbers(name, values, _KINDS)
        elif name == "code":
            array = _numbers(name, values, _CODES)
        elif name == "queue":
            array = _numbers(name, values, queues or {})
        else:
            array = np.asarray(values)
            if array.dtype.kind in "mM":
                array = array.astype(f"{array.dtype.kind}8[ns]").astype(np.int64)
        if array.dtype.kind == "O":
            array = np.array(array.tolist(), dtype=COMMAND_DTYPE[name])
        if array.dtype.kind == "f":
            raise ArgumentError(f'column "{name}" holds floats; round it to integers (times are in nanoseconds)')
        arrays[name] = array
    try:
        shape = np.broadcast_shapes((1,), *(a.shape for a in arrays.values()))
    except ValueError:
        sizes = ", ".join(f"{name}: {a.size}" for name, a in arrays.items())
        raise ArgumentError(f"the columns have different lengths ({sizes})") from None
    batch = np.zeros(shape[0] if len(shape) == 1 else shape, dtype=COMMAND_DTYPE)
    for name, array in arrays.items():
        batch[name] = array
    return batch


def attribute_columns(rows: Any, engine: Engine) -> tuple[NDArray[Any], dict[str, Any]]:
    """The side array for a column of dicts (or one dict for all rows), and the columns that point into it."""
    mappings = [rows] if isinstance(rows, Mapping) else list(rows)
    pairs: list[tuple[int, int, int]] = []
    offsets, counts = [], []
    for row, mapping in enumerate(mappings):
        given = {} if mapping is None else mapping
        if not isinstance(given, Mapping):
            raise ArgumentError(f'column "attributes", row {row}: {mapping!r} is no dict of attributes')
        offsets.append(len(pairs) if given else 0)
        counts.append(len(given))
        pairs += [(engine._symbol_key(key), 0, engine._symbol_value(value)) for key, value in given.items()]
    places = {"attributes_offset": np.array(offsets, np.uint64), "attributes_count": np.array(counts, np.uint32)}
    return np.array(pairs, dtype=ATTRIBUTE_DTYPE), places


def events_frame(engine: Engine, events: NDArray[Any]) -> Any:
    """Events as a pandas DataFrame with names in place of numbers, indexed by `seq`."""
    try:
        import pandas as pd
    except ImportError:
        raise ImportError("frames need pandas: pip install 'koble[frames]'") from None

    kinds = [str(kind) for kind in EventKind]
    reasons = np.full(len(events), None, dtype=object)
    for kind, members in REASONS.items():
        for member in members:
            reasons[(events["kind"] == kind) & (events["reason"] == member)] = str(member)

    def named(column: str, name_of: dict[int, str | None]) -> Any:
        return [name_of[int(v)] for v in events[column]]

    agents = {int(i): engine._agent_label(int(i)) if i else None for i in np.unique(events["agent"])}
    queues = np.full(len(events), None, dtype=object)
    for first, names in engine._queue_epochs():
        for number, name in enumerate(names):
            queues[(events["seq"] >= first) & (events["queue"] == number)] = name
    return pd.DataFrame(
        {
            "time": pd.to_datetime(events["time_ns"], unit="ns", utc=True),
            "due": pd.to_datetime(events["due_ns"], unit="ns", utc=True),
            "kind": pd.Categorical.from_codes(events["kind"].astype(np.int64) - 1, categories=kinds),
            "reason": reasons,
            "serial": events["serial"],
            "host_ref": events["host_ref"],
            "queue": queues,
            "agent": named("agent", agents),
            "contact": events["contact"],
            "offer": events["offer"],
            "engagement": events["engagement"],
            "a": events["a"],
            "b": events["b"],
            "journal_seq": events["journal_seq"],
        },
        index=pd.Index(events["seq"], name="seq"),
    )
