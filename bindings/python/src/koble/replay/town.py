"""A municipality that does not exist: days of calls, chats and e-mails, drawn from a seed, in the form of a record.

The days are played through the engine under the municipality's own plan, with shifts, breaks and after-call work that
the record does not tell, and then written down as a telephone system would: who came, who served him, how long it took.
So the replay of such a record can be held against what really went on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..plan import Plan
from ..sim import CONTACT_DTYPE, NOBODY, PRESENCE_DTYPE, Law, Purpose, arrivals, run_trace, uniforms
from ..times import NEVER
from .record import RecordError

__all__ = ["AFTER_CALL_S", "KINDS", "make_days"]

HOUR = 3_600_000_000_000
SECOND = 1_000_000_000
#: Seconds after each contact of which the record knows nothing.
AFTER_CALL_S = 18.0


@dataclass(frozen=True)
class Kind:
    """One type of contact: the queue of the same name."""

    per_hour: tuple[float, ...]  # from 8 to 16, an hour each
    service_median_s: float
    service_sigma: float
    patience_mean_s: float | None  # None: never gives up


#: Made up, in the proportions of a Norwegian municipality's contact centre: a peak before lunch, chats for admissions,
#: e-mail beside.
KINDS: dict[str, Kind] = {
    "general": Kind((34, 46, 52, 50, 36, 38, 34, 22), 110, 0.8, 260),
    "building": Kind((9, 14, 16, 15, 10, 11, 10, 6), 210, 0.7, 420),
    "health": Kind((11, 15, 14, 12, 9, 9, 8, 6), 170, 0.8, 380),
    "chat": Kind((14, 22, 26, 28, 22, 20, 16, 12), 330, 0.6, 200),
    "e-mail": Kind((14, 14, 12, 10, 8, 8, 6, 4), 240, 0.6, None),
}


def _shifts(agents: int, seed: int, day: int) -> npt.NDArray[Any]:
    """Half work from 8 to 14, half from 10 to 16; lunch of 30 minutes, and two short breaks."""
    u = uniforms(seed, Purpose.PRESENCE, 1 + day * agents * 4, agents * 4).reshape(agents, 4)
    rows: list[tuple[int, int, int, int]] = []
    for agent in range(agents):
        late = agent % 2 == 1
        begin = (10 if late else 8) * HOUR + int(u[agent, 0] * 240) * SECOND
        end = (16 if late else 14) * HOUR
        lunch = (12 if late else 11) * HOUR + int(u[agent, 1] * 3000) * SECOND
        pauses = [(lunch, lunch + HOUR // 2)]
        for which in (2, 3):
            at = begin + HOUR // 2 + int(u[agent, which] * 4.5 * 3600) * SECOND
            pause = (at, at + 8 * 60 * SECOND)
            if all(pause[1] + 600 * SECOND < b or pause[0] > e + 600 * SECOND for b, e in pauses) and pause[1] < end:
                pauses.append(pause)
        rows.append((begin, 0, agent, 1))
        for pause_begin, pause_end in sorted(pauses):
            rows += [(pause_begin, 1, agent, 2), (pause_end, 0, agent, 1)]
        rows.append((end, 0, agent, 0))
    rows.sort()
    return np.array(rows, PRESENCE_DTYPE)


def make_days(
    plan: Mapping[str, Any], *, seed: int, days: int, first: date, load: float = 1.0, after_call_s: float = AFTER_CALL_S
) -> pd.DataFrame:
    """A record of some working days (weekends are passed over): arrival, type, outcome, wait, service, agent."""
    queues = [dict(queue) for queue in plan.get("queues", [])]
    for queue in queues:
        queue.setdefault("wrap_up", f"{round(after_call_s * 1000)}ms")
    truth = Plan({**plan, "queues": queues})
    missing = sorted(set(KINDS) - set(truth.queues))
    if missing or not truth.agents:
        raise RecordError(
            f"the municipality's plan needs agents, and queues named {', '.join(KINDS)}; missing: "
            f"{', '.join(missing) or 'agents'}"
        )
    names = truth.agents
    frames = []
    day = first
    for number in range(days):
        while day.weekday() >= 5:
            day += timedelta(days=1)
        parts = []
        for place, (name, kind) in enumerate(KINDS.items()):
            own = seed * 1000 + number * 10 + place  # a source of its own for each day and type
            begins = [(8 + h) * HOUR for h in range(len(kind.per_hour))]
            times = arrivals(begins, [load * rate for rate in kind.per_hour], (8 + len(kind.per_hour)) * HOUR, own)
            part = np.zeros(len(times), CONTACT_DTYPE)
            part["arrival_ns"] = times // SECOND * SECOND
            part["queue"] = truth.queues.index(name)
            service = Law.lognormal(kind.service_median_s * 1e9, kind.service_sigma).draw(
                own, Purpose.SERVICE, 1, len(times)
            )
            part["service_ns"] = np.maximum(service // SECOND, 5) * SECOND
            if kind.patience_mean_s is None:
                part["patience_ns"] = NEVER
            else:
                patience = Law.exponential(kind.patience_mean_s * 1e9).draw(own, Purpose.PATIENCE, 1, len(times))
                part["patience_ns"] = np.maximum(patience // SECOND, 1) * SECOND
            parts.append(part)
        contacts = np.concatenate(parts)
        contacts = contacts[np.argsort(contacts["arrival_ns"], kind="stable")]
        # What is left at the end of the day is answered by those of the late shift, who stay until it is done.
        shifts = _shifts(len(names), seed, number)
        stay = shifts[(shifts["presence"] == 0) & (shifts["time_ns"] == 16 * HOUR)]
        shifts = shifts[~((shifts["presence"] == 0) & (shifts["time_ns"] == 16 * HOUR))]
        stay["time_ns"] = 20 * HOUR
        run = run_trace(truth, contacts, np.concatenate([shifts, stay]))
        served = (run.outcomes["exit"] == 0) & (run.outcomes["agent"] != NOBODY)
        gone = run.outcomes["exit"] == 1
        seconds = contacts["arrival_ns"] // SECOND
        keep = served | gone
        frames.append(
            pd.DataFrame(
                {
                    "arrival": [f"{day}T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in seconds[keep]],
                    "type": np.array(truth.queues)[contacts["queue"][keep]],
                    "outcome": np.where(served[keep], "served", "abandoned"),
                    "wait": np.round(run.outcomes["wait_ns"][keep] / 1e9).astype(int),
                    "service": np.where(served[keep], (contacts["service_ns"][keep] // SECOND).astype(str), ""),
                    "agent": [names[a] if a != NOBODY else "" for a in run.outcomes["agent"][keep]],
                }
            )
        )
        day += timedelta(days=1)
    return pd.concat(frames, ignore_index=True)
