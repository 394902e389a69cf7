"""When the agents were there. Hardly any record says; it is inferred from the calls they served.

An agent is there from the begin of his first call of a day to the end of his last, except in gaps between two calls
that are longer than a threshold. That alone is too kind: it leaves out the time an agent needs after each call before
he can take the next, and the waits come out far too short. So two numbers are calibrated, the threshold and that
turnaround (study.calibrate).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim import PRESENCE_DTYPE

__all__ = ["PresenceRule", "changes", "observed_skills", "present_seconds", "spans"]

OFFLINE, AVAILABLE = 0, 1


@dataclass(frozen=True)
class PresenceRule:
    """Gaps longer than ``gap_s`` are absences (infinite: none is); ``turnaround_s`` passes between two calls."""

    gap_s: float = float("inf")
    turnaround_s: float = 0.0

    def __str__(self) -> str:
        gap = "first to last call" if np.isinf(self.gap_s) else f"gaps over {self.gap_s / 60:g} min are absences"
        return f"{gap}, {self.turnaround_s:.1f} s after each call"


def spans(calls: pd.DataFrame, gap_s: float) -> list[tuple[str, float, float]]:
    """(agent, begin, end) in seconds of the day, from one day's calls."""
    if not calls["agent"].notna().any():
        return []
    worked = calls[calls["served"] & calls["agent"].notna()]
    begin = worked["join_s"] + worked["wait_s"]
    end = begin + worked["service_s"].fillna(0.0)
    found: list[tuple[str, float, float]] = []
    for agent, index in sorted(worked.groupby("agent").groups.items()):
        starts, ends = begin.loc[index].to_numpy(), end.loc[index].to_numpy()
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], np.maximum.accumulate(ends[order])  # clocks differ: calls may overlap a little
        first = starts[0]
        for i in range(1, len(starts)):
            if starts[i] - ends[i - 1] > gap_s:
                found.append((str(agent), float(first), float(ends[i - 1])))
                first = starts[i]
        found.append((str(agent), float(first), float(ends[-1])))
    return found


def present_seconds(calls: pd.DataFrame, gap_s: float) -> float:
    return sum(end - begin for _, begin, end in spans(calls, gap_s))


def changes(calls: pd.DataFrame, rule: PresenceRule, agents: dict[str, int]) -> npt.NDArray[Any]:
    """Presence changes of one day for a trace run; ``agents``: number in the plan by name."""
    rows: list[tuple[int, int, int, int]] = []
    for agent, begin, end in spans(calls, rule.gap_s):
        number = agents[agent]
        rows.append((round(begin * 1e9), 0, number, AVAILABLE))
        rows.append((round(end * 1e9), 0, number, OFFLINE))
    # At one instant who leaves goes first: an agent whose next stretch begins where the last ended is then there.
    rows.sort(key=lambda row: (row[0], row[3], row[2]))
    return np.array(rows, PRESENCE_DTYPE)


def observed_skills(calls: pd.DataFrame) -> dict[str, list[str]]:
    """Agent -> the types of which he has served at least one call."""
    worked = calls[calls["served"] & calls["agent"].notna()]
    return {
        str(agent): sorted(set(group["type"]))
        for agent, group in sorted(worked.groupby("agent"), key=lambda pair: str(pair[0]))
    }
