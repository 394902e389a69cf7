"""When the Anonymous Bank's agents were there, and how long they pause between calls: inferred from who answered when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from koble.replay.presence import PresenceRule, spans
from koble.replay.record import Record

__all__ = ["OPEN", "Presence", "Roster", "seen_pauses", "staff_by_hour"]

Floats = npt.NDArray[np.float64]
#: (agent, begin, end) in seconds of the day.
Roster = list[tuple[str, float, float]]

#: Hours of a working day that are forecast: the centre is open.
OPEN = range(7, 24)
#: Clocks of the record differ by so much.
_CLOCK_S = 1.0
#: An agent who takes no call while somebody was waiting for longer than this is not there.
_AWAY_S = 300.0
#: Whose last call ends less than this before the centre closes stays until everybody has been served.
_CLOSING_S = 900.0
_AFTER_CLOSING_S = 600.0
#: An agent with a single call has no gap of his own; longer ones move no end of a shift by more than the second.
_USUAL_GAP_S, _LONGEST_GAP_S = 120.0, 900.0
#: Quantiles that stand for the law of pauses.
_QUANTILES = 200


@dataclass(frozen=True)
class Presence:
    """How rosters and pauses are inferred.

    Without ``rule``: an agent is there from first to last call, both ends moved out by his mean gap between calls, which is the
    least biased guess of a uniform law's ends; he is away in gaps in which somebody was waiting for more than five minutes.
    After each call comes a pause, drawn from ``pauses_s``, longer by ``more_s``.
    With ``rule`` (docs/replay.md): gaps longer than its threshold are absences, and each call is followed by its turnaround.
    """

    pauses_s: tuple[float, ...] = ()
    more_s: float = 0.0
    rule: PresenceRule | None = None

    @property
    def mean_pause_s(self) -> float:
        return self.rule.turnaround_s if self.rule is not None else float(np.mean(self.pauses_s)) + self.more_s

    def wrap_up(self) -> dict[str, Any]:
        """The law of a study's ``people``."""
        seconds = [self.mean_pause_s] if self.rule is not None else [pause + self.more_s for pause in self.pauses_s]
        return {"law": "empirical", "values": [f"{round(1000 * one)}ms" for one in seconds]}

    def roster(self, record: Record, day: date) -> Roster:
        calls = record.on([day])
        if self.rule is not None:
            return spans(calls, self.rule.gap_s)
        opening, closing = OPEN.start * 3600.0, OPEN.stop * 3600.0
        found = []
        for work in _work_on(calls):
            stays = work.gap_s[~work.away]
            gap = min(float(stays.mean()), _LONGEST_GAP_S) if len(stays) else _USUAL_GAP_S
            first = min(work.begin_s[0], max(work.begin_s[0] - gap, opening))
            last = max(work.end_s[-1], min(work.end_s[-1] + gap, closing))
            if work.end_s[-1] > closing - _CLOSING_S:
                last = max(last, closing + _AFTER_CLOSING_S)
            begins = [first, *work.begin_s[1:][work.away]]
            ends = [*work.end_s[:-1][work.away], last]
            found += [(work.agent, float(begin), float(end)) for begin, end in zip(begins, ends, strict=True)]
        return found


@dataclass(frozen=True)
class _Work:
    """One agent's calls of a day, in order, and the gaps between them: how long, whether somebody was waiting when it began,
    and whether the agent was away."""

    agent: str
    begin_s: Floats
    end_s: Floats
    gap_s: Floats
    waiting: npt.NDArray[np.bool_]
    away: npt.NDArray[np.bool_]


def _work_on(calls: pd.DataFrame) -> list[_Work]:
    join = calls["join_s"].to_numpy(np.float64)
    leave = join + calls["wait_s"].to_numpy(np.float64)
    worked = calls[calls["served"] & calls["agent"].notna()]
    begin = worked["join_s"] + worked["wait_s"]
    ended = begin + worked["service_s"].fillna(0.0)
    found = []
    for agent, index in sorted(worked.groupby("agent").groups.items()):
        order = np.argsort(begin.loc[index].to_numpy(), kind="stable")
        own_begin = begin.loc[index].to_numpy(np.float64)[order]
        own_end = np.maximum.accumulate(ended.loc[index].to_numpy(np.float64)[order])  # clocks differ: calls overlap a little
        since, until = own_end[:-1], own_begin[1:]
        waited = _time_with_queue(join, leave, until) - _time_with_queue(join, leave, since)
        waiting = ((join < since[:, None]) & (leave > since[:, None] + _CLOCK_S)).any(axis=1)
        found.append(_Work(str(agent), own_begin, own_end, np.maximum(until - since, 0.0), waiting, waited > _AWAY_S))
    return found


def _time_with_queue(join: Floats, leave: Floats, at: Floats) -> Floats:
    """How long somebody was waiting before each of ``at``, from the begin of the day."""
    some = leave > join + _CLOCK_S
    order = np.argsort(join[some], kind="stable")
    begin, end = join[some][order], np.maximum.accumulate(leave[some][order])
    if not len(begin):
        return np.zeros(len(at))
    opens = np.append(True, begin[1:] > end[:-1])  # the queue was empty before
    begin, end = begin[opens], end[np.append(opens[1:], True)]
    before = np.append(0.0, np.cumsum(end - begin))
    times = np.concatenate([[0.0], np.stack([begin, end], axis=1).ravel(), [1e6]])
    total = np.concatenate([[0.0], np.stack([before[:-1], before[1:]], axis=1).ravel(), before[-1:]])
    found: Floats = np.interp(at, times, total)
    return found


def seen_pauses(record: Record, days: Sequence[date]) -> tuple[float, ...]:
    """From the end of a call to the agent's next one, where somebody was waiting at that end and the agent was not away: who
    could have had a call at once and did not was busy otherwise. As quantiles.

    Where nobody waited, nobody can tell a pause from an agent who had nothing to do.
    """
    found = [work.gap_s[work.waiting & ~work.away] for day in days for work in _work_on(record.on([day]))]
    places = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return tuple(float(one) for one in np.quantile(np.concatenate(found), places))


def staff_by_hour(roster: Roster) -> Floats:
    """Agents there in each open hour, as a mean over the hour."""
    begin = np.array([one[1] for one in roster])
    end = np.array([one[2] for one in roster])
    hours = np.array(OPEN)[:, None] * 3600.0
    overlap: Floats = np.clip(np.minimum(end, hours + 3600) - np.maximum(begin, hours), 0, None).sum(axis=1) / 3600
    return overlap
