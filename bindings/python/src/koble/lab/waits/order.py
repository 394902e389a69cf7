"""The order of a log: who joined before whom, and what had already happened when somebody arrived.

A log is an array of ``koble.world.RECORD_DTYPE``, one row for each attempt, as :meth:`koble.lab.Study.records` gives it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...enums import QUEUE_NONE, Exit
from ...times import NEVER
from ...world import NOBODY, Flag, joined, served

__all__ = ["Bools", "Floats", "Ints", "Log", "abandoned", "cut", "had_to_wait", "join_order", "joined", "served"]

Log = np.ndarray[Any, Any]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def had_to_wait(log: Log) -> Bools:
    """Who joined and was offered to nobody at once, those who balked for that among them: of whom a wait is forecast."""
    return np.asarray(joined(log) & ((log["flags"] & int(Flag.MUST_WAIT)) != 0))


def abandoned(log: Log) -> Bools:
    """Who hung up after having stayed; not who balked."""
    return np.asarray((log["exit"] == int(Exit.ABANDONED)) & ((log["flags"] & int(Flag.BALKED)) == 0))


def join_order(log: Log) -> Ints:
    """Places of the rows in the order in which they came: at one instant second attempts first, then by stream, then by number
    (koble_world.h, "One instant")."""
    return np.lexsort((log["customer"], log["stream"], log["attempt"] == 0, log["arrival_ns"])).astype(np.int64)


def cut(log: Log, at_ns: int) -> Log:
    """The log as it was known just before the instant ``at_ns``: without who came then or later; who still waited has waited
    until then and been served by nobody, who still talked has talked until then."""
    seen: Log = log[log["arrival_ns"] < at_ns].copy()
    start = seen["arrival_ns"] + seen["wait_ns"]
    waiting = start >= at_ns
    talking = ~waiting & served(seen) & (start + seen["service_ns"] >= at_ns)
    seen["wait_ns"][waiting] = at_ns - seen["arrival_ns"][waiting]
    seen["service_ns"][waiting] = 0
    seen["service_ns"][talking] = at_ns - start[talking]
    seen["again_ns"][waiting | talking] = NEVER
    for name, nothing in (("exit", 0), ("agent", NOBODY), ("queue", QUEUE_NONE)):
        seen[name][waiting] = nothing
    return seen
