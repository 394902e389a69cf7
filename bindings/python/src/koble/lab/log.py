"""The event log of a study as data frame, Arrow table or Parquet file: every attempt of every contact, with names in place of
numbers.

Records are those of ``Study.records`` and ``Study.open(number).blocks()`` (:data:`koble.world.RECORD_DTYPE`). Times and
durations stay whole nanoseconds in Arrow and Parquet, in columns whose names end with ``_ns``; times count from the begin of
the run.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..enums import Exit
from ..errors import ArgumentError, KobleError
from ..times import NEVER
from ..world import NOBODY, RECORD_DTYPE, Flag
from .centre import Centre

if TYPE_CHECKING:
    from .study import Study

__all__ = ["ENDS", "check_target", "to_arrow", "to_frame", "write_parquet"]

Records = np.ndarray[Any, Any]
Codes = npt.NDArray[np.int32]

#: What became of a contact, by code: served; why it left (koble.Exit); left at once because it had to wait; still waiting when
#: nothing more could
#: happen.
ENDS: tuple[str, ...] = ("served", *(kind.name.lower() for kind in sorted(Exit)), "balked", "left_waiting")
_BALKED, _LEFT_WAITING = len(ENDS) - 2, len(ENDS) - 1
#: Nothing there: no agent, no queue.
_NONE = -1


def _pyarrow(part: str = "pyarrow") -> ModuleType:
    import importlib

    try:
        return importlib.import_module(part)
    except ModuleNotFoundError:
        raise KobleError("the event log in Arrow and Parquet needs pyarrow: pip install 'koble[lab]'") from None


def _pandas() -> ModuleType:
    import importlib

    try:
        return importlib.import_module("pandas")
    except ModuleNotFoundError:
        raise KobleError("the event log as a data frame needs pandas: pip install 'koble[lab]'") from None


def _checked(records: Any) -> Records:
    if not isinstance(records, np.ndarray) or records.dtype != RECORD_DTYPE or records.ndim != 1:
        raise ArgumentError(
            "records: are no event log; give what Study.records(number) returns, or one of Study.open(number).blocks()"
        )
    return records


def _centre(study: Study, plan: str | None) -> Centre:
    name = next(iter(study.centres)) if plan is None else plan
    if name not in study.centres:
        raise ArgumentError(f"plan: is {plan!r}; write one of {', '.join(map(repr, study.centres))}, or leave it out")
    return study.centres[name]


def _numbered(numbers: npt.NDArray[np.uint32], count: int, what: str) -> Codes:
    """As codes of a dictionary; those that name nothing are :data:`_NONE`."""
    codes = np.where(numbers == NOBODY, _NONE, numbers.astype(np.int64)).astype(np.int32)
    if len(codes) and int(codes.max()) >= count:
        raise ArgumentError(
            f"records: name {what} {int(codes.max())}, and the study has {count}; give the study (and plan) that they are of"
        )
    return codes


def _ends(records: Records) -> Codes:
    ends = records["exit"].astype(np.int32)
    ends[(records["flags"] & int(Flag.BALKED)) != 0] = _BALKED
    ends[(ends == 0) & (records["agent"] == NOBODY)] = _LEFT_WAITING
    return ends


def _named(records: Records, study: Study, centre: Centre) -> dict[str, tuple[Codes, list[str]]]:
    """Columns of names as codes and names, in the order of the columns."""
    agents, queues, streams = list(centre.plan.agents), list(centre.plan.queues), [stream.name for stream in study.streams]
    agent = _numbered(records["agent"], len(agents), "agent")
    profiles = list(dict.fromkeys(name for name in centre.profiles if name is not None))
    place = {name: number for number, name in enumerate(profiles)}
    of_agent = np.array([*(_NONE if name is None else place[name] for name in centre.profiles), _NONE], np.int32)
    return {
        "stream": (_numbered(records["stream"], len(streams), "stream"), streams),
        "end": (_ends(records), list(ENDS)),
        "agent": (agent, agents),
        "profile": (of_agent[agent], profiles),  # the last place is for nobody
        "queue": (_numbered(records["queue"], len(queues), "queue"), queues),
    }


_COUNTS = ("attempt", "offers", "waiting")
_DURATIONS = ("first_ns", "arrival_ns", "wait_ns", "service_ns")


def to_frame(records: Records, study: Study, *, plan: str | None = None, seconds: bool = False) -> Any:
    """A ``pandas.DataFrame``, a row for each record in the records' order.

    Columns: ``customer`` (number in its stream, from 1), ``stream``, ``end`` (one of :data:`ENDS`), ``agent``, ``profile``,
        ``queue`` (who and
    where it was served; missing where it was not) as categories; ``first`` (arrival of the customer's first attempt),
    ``arrival``, ``wait``, ``service``, ``again`` (until the next attempt; missing: there is none) as ``Timedelta`` from the
    begin of the run, or with ``seconds`` as floats, and then named ``first_s`` and so on; ``attempt`` (from 0), ``offers``,
    ``waiting`` (in its first queue as it arrived), ``must_wait``.

    :raises ArgumentError: where these are no records, or not the study's.
    :raises KobleError: where pandas is missing.
    """
    pd = _pandas()
    named = _named(_checked(records), study, _centre(study, plan))
    columns: dict[str, Any] = {"customer": records["customer"].astype(np.int64)}
    for name, (codes, names) in named.items():
        columns[name] = pd.Categorical.from_codes(codes, categories=names)
    again = records["again_ns"]
    for name in (*_DURATIONS, "again_ns"):
        values = np.ascontiguousarray(records[name])
        if seconds:
            columns[name.replace("_ns", "_s")] = (
                np.where(again == NEVER, np.nan, again / 1e9) if name == "again_ns" else values / 1e9
            )
        else:
            spans = values.astype("timedelta64[ns]")
            if name == "again_ns":
                spans[again == NEVER] = np.timedelta64("NaT", "ns")
            columns[name.removesuffix("_ns")] = spans
    for name in _COUNTS:
        columns[name] = records[name].astype(np.int64)
    columns["must_wait"] = (records["flags"] & int(Flag.MUST_WAIT)) != 0
    return pd.DataFrame(columns)


def to_arrow(records: Records, study: Study, *, plan: str | None = None, replication: int | None = None) -> Any:
    """A ``pyarrow.Table``, a row for each record in the records' order, which shares no memory with them.

    Columns as :func:`to_frame` has them; names are dictionaries (int32), times and durations int64 nanoseconds
    (``arrival_ns``), ``again_ns`` null where there is no next attempt. With ``replication`` a first column says that number;
    where the study has several plans, one says the plan. The schema's metadata has the key ``koble``: JSON with the study's
    name, seed, horizon and warm-up, and Koble's version.

    :raises ArgumentError: where these are no records, or not the study's.
    :raises KobleError: where pyarrow is missing.
    """
    pa = _pyarrow()
    records = _checked(records)
    centre = _centre(study, plan)
    columns: dict[str, Any] = {}
    if replication is not None:
        columns["replication"] = pa.array(np.full(len(records), replication, np.int32))
    if len(study.centres) > 1:
        place = list(study.centres).index(centre.name)
        columns["plan"] = _dictionary(pa, np.full(len(records), place, np.int32), list(study.centres))
    columns["customer"] = pa.array(records["customer"].astype(np.int64))
    for name, (codes, names) in _named(records, study, centre).items():
        columns[name] = _dictionary(pa, codes, names)
    for name in _DURATIONS:
        columns[name] = pa.array(records[name].copy())
    columns["again_ns"] = pa.array(records["again_ns"].copy(), mask=records["again_ns"] == NEVER)
    for name in _COUNTS:
        columns[name] = pa.array(records[name].astype(np.int32))
    columns["must_wait"] = pa.array((records["flags"] & int(Flag.MUST_WAIT)) != 0)
    return pa.table(columns, metadata=_metadata(study))


def _dictionary(pa: Any, codes: Codes, names: Sequence[str]) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(names, pa.string()))


def _metadata(study: Study) -> dict[str, str]:
    from .. import RULES_VERSION, __version__

    said = {
        "study": study.name,
        "seed": study.seed,
        "horizon_ns": study.horizon_ns,
        "warmup_ns": study.warmup_ns,
        "koble": __version__,
        "rules": RULES_VERSION,
    }
    return {"koble": json.dumps(said)}


def check_target(path: str | os.PathLike[str]) -> None:
    """Says at once what :func:`write_parquet` would fail for at last.

    :raises KobleError: where pyarrow is missing.
    :raises OSError: where there is no such folder.
    """
    _pyarrow("pyarrow.parquet")
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder; write the name of a file", str(target))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(target.parent))


def write_parquet(
    path: str | os.PathLike[str],
    study: Study,
    numbers: Sequence[int] = (0,),
    *,
    plans: Sequence[str] | None = None,
    compression: str = "zstd",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Plays the replications of these ``numbers`` (from 0) and writes their logs to a Parquet file: :func:`to_arrow`'s
    columns, with ``replication``. Returns how many records there are.

    ``plans``: names of those that are played; without, all of the study's. Each block of at most 65,536 records becomes a row
    group as the run goes on, so that memory does not grow with the length of the run. The file appears under its name when it
    is complete. ``compression``: one that pyarrow knows. ``progress`` is called with how many replications have been written
    and how many there are.

    :raises ArgumentError: where numbers or plans are none of the study's.
    :raises KobleError: where pyarrow is missing.
    """
    check_target(path)
    pq = _pyarrow("pyarrow.parquet")
    numbers = list(numbers)
    if not numbers or any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0 for n in numbers):
        raise ArgumentError(f"numbers: are {numbers!r}; write whole numbers from 0 on, such as range(10)")
    if len(set(numbers)) < len(numbers):
        raise ArgumentError("numbers: one comes twice; write each replication once")
    played = list(study.centres) if plans is None else [_centre(study, plan).name for plan in plans]
    if not played:
        raise ArgumentError(f"plans: are none; write some of {', '.join(map(repr, study.centres))}, or leave them out")
    target = Path(path)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    schema = to_arrow(np.zeros(0, RECORD_DTYPE), study, replication=0).schema
    count, done = 0, 0
    try:
        with pq.ParquetWriter(unfinished, schema, compression=compression) as writer:
            for plan in played:
                for number in numbers:
                    for block in study.open(int(number), plan).blocks():
                        writer.write_table(to_arrow(block, study, plan=plan, replication=int(number)))
                        count += len(block)
                    done += 1
                    if progress is not None:
                        progress(done, len(played) * len(numbers))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
