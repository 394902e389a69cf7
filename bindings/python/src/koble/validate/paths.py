"""Worked sample paths: every call's agent, wait and end, to the nanosecond."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..enums import Exit
from ..lab import Study
from ..world import NOBODY
from .cases import Case
from .experiment import duration, word

__all__ = ["PathLine", "path_study", "walked"]

_NEVER = "36525d"
_WINDOW = re.compile(r"(time_average_queue|utilisation_incl_wrapup_(.+))_0_([\d.]+)")
_SHARE = re.compile(r"fraction_wait_le_([\d.]+)s")


@dataclass(frozen=True)
class PathLine:
    """One thing that a path says: ``found`` is what came out."""

    case: str
    what: str
    expected: str
    found: str

    @property
    def right(self) -> bool:
        return self.expected == self.found


def _ns(seconds: float) -> int:
    return round(float(seconds) * 1e9)


def _offset_s(parameters: Mapping[str, Any]) -> float:
    """Agents come before the first call, in the order in which they have been idle: so the study begins that much earlier."""
    return max(-float(agent["idle_since_s"]) for agent in parameters["agents"])


def path_study(case: Case, window_s: float | None = None) -> dict[str, Any]:
    """The study: calls as listed, agents who come when their idle time begins, figures from 0 to ``window_s`` of the
    case's time."""
    parameters, offset = case.parameters, _offset_s(case.parameters)
    calls = parameters["calls"]
    ranks = parameters.get("class_priority_rank") or {}
    types = list(dict.fromkeys(call["type"] for call in calls))
    lowest = max([*ranks.values(), 0])
    queues = [
        {"name": one, "offer": {"mode": "auto"}, "priority": {"base": 10 * (lowest - ranks.get(one, lowest))}} for one in types
    ]
    wrap_up = duration(float(parameters.get("wrap_up_s") or 0))
    profiles = [
        {
            "name": agent["id"],
            "wrap_up": wrap_up,
            "queues": [
                {"queue": one, "delay": duration(float(delay))} for one, delay in agent["skills_with_min_wait_s"].items()
            ],
            "others": "never",
        }
        for agent in parameters["agents"]
    ]
    streams = []
    for one in types:
        own = [call for call in calls if call["type"] == one]
        streams.append(
            {
                "queue": one,
                "arrivals": {"times": [duration(offset + float(call["arrival_s"])) for call in own]},
                "services": [duration(float(call["service_s"])) for call in own],
                "patiences": [_NEVER if call["patience_s"] is None else duration(float(call["patience_s"])) for call in own],
            }
        )
    last = max(float(call["arrival_s"]) for call in calls) + 1
    limits = [found[1] for found in map(_SHARE.fullmatch, case.expected) if found]
    return {
        "name": f"{case.name}: {case.model}",
        "plan": {
            "profiles": profiles,
            "agents": [{"name": agent["id"], "profile": agent["id"]} for agent in parameters["agents"]],
            "queues": queues,
        },
        "staff": [
            {"agent": agent["id"], "from": duration(offset + float(agent["idle_since_s"]))} for agent in parameters["agents"]
        ],
        "streams": streams,
        "thresholds": [duration(float(limit)) for limit in limits],
        "warmup": duration(offset),
        "horizon": duration(offset + max(window_s or 0, last)),
        "replications": 1,
        "by_agent": True,
    }


def walked(case: Case, study: Mapping[str, Any] | None = None) -> list[PathLine]:
    """What the path says, line by line. ``study``: another than the case's, to see whether a difference is seen."""
    written = dict(path_study(case) if study is None else study)
    run = Study(written)
    records = run.records()
    offset = _ns(_offset_s(case.parameters))
    by_call = {
        (run.streams[int(record["stream"])].name, int(record["arrival_ns"]) - offset): record for record in records
    }
    lines = []
    for call in case.parameters["calls"]:
        record = by_call.get((call["type"], _ns(call["arrival_s"])))
        for what, value in case.expected.get("per_call", {}).get(call["id"], {}).items():
            found = "-" if record is None else _said(record, what, run, offset)
            expected = str(_ns(value)) + " ns" if what in ("wait", "end") else str(value)
            lines.append(PathLine(case.name, f"{call['id']} {what}", expected, found))
    for what, value in case.expected.items():
        if what != "per_call":
            found_value = _figure(case, what, written, records)
            same = found_value is not None and abs(found_value - float(value)) <= 1e-12 * max(1.0, abs(float(value)))
            lines.append(
                PathLine(case.name, what, f"{float(value):.12g}", f"{float(value):.12g}" if same else f"{found_value}")
            )
    return lines


def _said(record: Any, what: str, run: Study, offset: int) -> str:
    if what == "agent":
        return "nobody" if record["agent"] == NOBODY else str(run.plan.agents[int(record["agent"])])
    if what == "outcome":
        names = {int(Exit.ABANDONED): "abandoned"}
        return "served" if record["agent"] != NOBODY else names.get(int(record["exit"]), str(Exit(int(record["exit"])).name))
    end = record["wait_ns"] + (record["arrival_ns"] + record["service_ns"] - offset if what == "end" else 0)
    return f"{int(end)} ns"


def _figure(case: Case, what: str, written: Mapping[str, Any], records: np.ndarray[Any, Any]) -> float | None:
    """A figure of the whole path, from the study's own."""
    if what == "max_queue":
        return float(_most_waiting(records))
    window = _WINDOW.fullmatch(what)
    study = dict(written)
    if window is not None:
        study["horizon"] = path_study(case, float(window[3]))["horizon"]
    else:  # all of it: until the last has ended
        last = max(int(end) for end in records["arrival_ns"] + records["wait_ns"] + records["service_ns"])
        study["horizon"] = duration(last / 1e9 + 1)
    result = Study(study).run()
    if window is not None:
        return (
            result["mean_queue_length"].value
            if window[2] is None
            else result["utilisation", "agents", window[2]].value
        )
    share = _SHARE.fullmatch(what)
    if share is not None:
        return result[f"p_wait_within_{word(float(share[1]))}"].value
    by_type = re.fullmatch(r"mean_wait_(.+)_s", what)
    if by_type is not None and by_type[1] not in ("served", "abandoned"):
        return result["mean_wait_s", by_type[1]].value
    names = {"served": "served", "abandoned": "abandoned", "mean_wait_s": "mean_wait_s", "total_queue_time_s": "waiting_time_s",
             "busy_agent_seconds": "busy_s", "mean_wait_served_s": "mean_wait_served_s",
             "mean_wait_abandoned_s": "mean_wait_abandoned_s"}  # fmt: skip
    return result[names[what]].value if what in names else None


def _most_waiting(records: np.ndarray[Any, Any]) -> int:
    """The longest queue; who goes at an instant has gone before who comes then."""
    waited = records[records["wait_ns"] > 0]
    changes = [(int(one["arrival_ns"]), 1) for one in waited]
    changes += [(int(one["arrival_ns"] + one["wait_ns"]), -1) for one in waited]
    longest = here = 0
    for _, change in sorted(changes):
        here += change
        longest = max(longest, here)
    return longest
