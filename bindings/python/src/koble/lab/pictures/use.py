"""How much of their time those who serve are busy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError
from ...times import duration_ns
from ...world import NOBODY, RECORD_DTYPE
from ..traffic import ALL
from .marks import Floats, Heat, Panel, Points, Sheet
from .picture import Picture
from .sources import Results, results_of
from .style import COLUMN_MM, MARKS, PALETTE, clock, number, places, scale
from .words import counted, quantity

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["busy_shares", "occupancy"]

Ints = npt.NDArray[np.int64]
_KINDS = ("profiles", "agents")


def occupancy(
    source: Results,
    figure: str = "utilisation",
    *,
    by: Literal["profiles", "agents"] | None = None,
    records: np.ndarray[Any, Any] | Sequence[np.ndarray[Any, Any]] | None = None,
    study: Study | None = None,
    plan: str | None = None,
    every: Any = "30m",
    opens: Any = "0h",
    width_mm: float = COLUMN_MM,
) -> Picture:
    """``figure`` (``utilisation`` or ``p_talking``) of everybody and of each profile or agent, with intervals; of several
    plans side by side.

    by: without, profiles where there are several, otherwise agents.
    records, study: event logs of one replication or several (``study.records(number, plan)``), and their study, add a heat
        map: which share of each interval (``every``) each agent spent in conversation, the mean of the logs. An agent who is
            away is at 0 there.
    opens: on the clock when the study begins, for the heat map.

    :raises ArgumentError: where the results have no such figures, or records come without their study.
    """
    if figure not in ("utilisation", "p_talking"):
        raise ArgumentError(f'figure: is {figure!r}; write "utilisation" or "p_talking"')
    results = results_of(source)
    one = next(iter(results.values()))
    kinds = [kind for kind in _KINDS if any(of == kind for of, _ in one.figures)]
    if by is not None and by not in kinds:
        said = f"; it has {' and '.join(kinds)}" if kinds else ""
        raise ArgumentError(
            f'by: the result has no figures of {by!r}{said} (agents need "by_agent": true in a study of more than 20)'
        )
    if not any(figure in figures for figures in one.figures.values()):
        raise ArgumentError("source: a long run for batch means has no figures of agents; write replications in the study")
    if len(results) > len(PALETTE):
        raise ArgumentError(f"source: {len(results)} plans cannot be told apart; draw at most {len(PALETTE)}")
    one_profile = sum(of == "profiles" for of, _ in one.figures) == 1
    kind = by or (kinds[-1] if one_profile else kinds[0] if kinds else None)
    rows = [("streams", ALL), *((of, name) for of, name in one.figures if of == kind)]
    names = ["all", *(name for _, name in rows[1:])]
    what = quantity(figure)
    points = []
    for k, (plan_name, result) in enumerate(results.items()):
        found = [(n, result.figures[row][figure]) for n, row in enumerate(rows) if figure in result.figures.get(row, {})]
        shift = 0.0 if len(results) == 1 else 0.5 * (k / (len(results) - 1) - 0.5)
        value, low, high = (np.array([getattr(e, key) for _, e in found]) * what.factor for key in ("value", "low", "high"))
        told = tuple(
            f"{names[n]}{', ' + plan_name if plan_name else ''}: {what.said(e.value, e.low, e.high)}" for n, e in found
        )
        points.append(
            Points(
                value,
                np.array([n + shift for n, _ in found]),
                PALETTE[k],
                plan_name or what.words,
                MARKS[k],
                low,
                high,
                said=told,
            )
        )
    shown = np.concatenate([side for p in points for side in (p.x, p.x_low, p.x_high) if side is not None])
    x = scale(what.label, shown, _room(shown, 100.0 if figure == "utilisation" else np.inf), zero=False, most=6)
    key = tuple((name, PALETTE[k]) for k, name in enumerate(results)) if len(results) > 1 else ()
    height = max(6.0, 4.2 * len(names) * (1 + 0.35 * (len(results) - 1)))
    panels = [(Panel(x, places("", names), tuple(points), height, key),)]
    note = f"Mean of {counted(one.replications)} with {one.confidence * 100:g} % intervals."
    if one.replications < 2:
        note = "One replication, and so without intervals."
    if records is not None:
        panels.append((_heat(records, study, plan, every, opens, width_mm),))
        logs = 1 if isinstance(records, np.ndarray) else len(records)
        note += f" Below: share of the time in conversation, {'' if logs == 1 else 'mean of '}{counted(logs)}."
    return Picture(Sheet(one.name, note, tuple(panels), width_mm))


def _room(shown: Floats, most: float) -> Floats:
    """Ten percentage points at least, so that small differences do not look large."""
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    missing = max(10 - (high - low), 0) / 2
    return np.array([max(low - missing, 0.0), min(high + missing, most)])


def busy_shares(records: np.ndarray[Any, Any], agents: int, edges_ns: Ints) -> Floats:
    """Which share of each interval each agent (by the plan's list) spent in at least one conversation: agents x intervals, 0
    to 1.

    Conversations that overlap count once: the union of each agent's spans, as a running maximum of their ends over their
        sorted begins.
    """
    served = records[records["agent"] != NOBODY]
    agent = served["agent"].astype(np.int64)
    begin = served["arrival_ns"] + served["wait_ns"]
    end = begin + served["service_ns"]
    order = np.lexsort((begin, agent))
    agent, begin, end = agent[order], begin[order], end[order]
    shares = np.zeros((agents, len(edges_ns) - 1))
    if not len(agent):
        return shares
    # Agents are laid one behind the other on one time line, so that one pass makes all unions.
    reach = np.int64(max(int(end.max()), int(edges_ns[-1])) + 1)
    if agents > 2**62 // int(reach):  # spans of so many agents would not fit one line of int64
        for n in range(agents):
            own = records[records["agent"] == n].copy()
            own["agent"] = 0
            shares[n] = busy_shares(own, 1, edges_ns)[0]
        return shares
    begin_line, end_line = begin + agent * reach, end + agent * reach
    before = np.concatenate([[np.int64(-1)], np.maximum.accumulate(end_line)[:-1]])
    begin_line = np.maximum(begin_line, before)
    some = end_line > begin_line
    begin, end, agent = begin_line[some] - agent[some] * reach, end_line[some] - agent[some] * reach, agent[some]
    for k in range(len(edges_ns) - 1):
        spent = np.clip(np.minimum(end, edges_ns[k + 1]) - np.maximum(begin, edges_ns[k]), 0, None)
        shares[:, k] = np.bincount(agent, spent, agents) / float(edges_ns[k + 1] - edges_ns[k])
    return shares


def _heat(records: Any, study: Study | None, plan: str | None, every: Any, opens: Any, width_mm: float) -> Panel:
    logs = [records] if isinstance(records, np.ndarray) else list(records)
    if study is None:
        raise ArgumentError("study: the records' names and times are missing; give the study that they are of")
    if not logs or any(not isinstance(log, np.ndarray) or log.dtype != RECORD_DTYPE for log in logs):
        raise ArgumentError("records: are no event logs; give study.records(0), or a list of such")
    name = next(iter(study.centres)) if plan is None else plan
    agents = list(study.centres[name].plan.agents)
    if len(agents) > 100:
        raise ArgumentError(f"records: {len(agents)} agents are too many rows to read; leave the records out")
    length, opens_h = duration_ns(every), duration_ns(opens) / 3.6e12
    if length <= 0 or (study.horizon_ns - study.warmup_ns) / length > 400:
        raise ArgumentError(f"every: is {every!r}; write a duration that makes at most 400 intervals")
    edges = np.append(np.arange(study.warmup_ns, study.horizon_ns, length), study.horizon_ns).astype(np.int64)
    shares: Floats = np.asarray(np.mean([busy_shares(log, len(agents), edges) for log in logs], axis=0) * 100, np.float64)
    hours = edges / 3.6e12 + opens_h
    x = clock(float(hours[0]) - opens_h, float(hours[-1]) - opens_h, opens_h, most=7 if width_mm < 120 else 13)
    said = tuple(
        tuple(f"{agent}, {number(float(hours[k]), 4)} h: {number(float(shares[n, k]))} %" for k in range(len(edges) - 1))
        for n, agent in enumerate(agents)
    )
    mark = Heat(hours, np.arange(len(agents) + 1.0) - 0.5, shares, 0.0, 100.0, "in conversation (%)", said=said)
    return Panel(x, places("", agents), (mark,), max(10.0, min(3.4 * len(agents), 200.0)))
