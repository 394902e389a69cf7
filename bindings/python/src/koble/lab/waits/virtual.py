"""Virtual waits: how long everybody would have waited with endless patience, whether he had it or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ArgumentError
from ...sim import Law, Purpose
from ...times import NEVER, duration_ns
from .order import Ints, Log, join_order, joined, served
from .there import There

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["check_first_come", "study_waits_ns", "virtual_waits_ns", "wrap_ups_ns"]

_ADVICE = "take counterfactual_waits_ns, which simulates anew"
#: What of a plan leaves one queue first come, first served, and its agents interchangeable.
_OF_PLAN = {"koble", "name", "skills", "profiles", "agents", "queues", "attributes", "outage"}
_OF_QUEUE = {
    "name", "channel", "select", "select_skills", "score", "offer", "outcomes", "wrap_up", "wrap_up_max", "max_length", "target",
    "priority",
}  # fmt: skip
_OF_AGENT = {"name", "profile", "skills", "wrap_up", "weight", "attributes"}
#: Numbers of a stream's sources, and which of them is the wrap-up (lib/sim/model.h).
_SOURCES, _OF_WRAP_UP = 16, 7


def virtual_waits_ns(log: Log, there: There | int, wrap_up_ns: Ints | int = 0) -> Ints:
    """Virtual waits of every row, in ns: exact for one queue, first come, first served, with agents each of whom may take
    everybody.

    Of who was served it is his wait. Who left would have been taken at the first instant, from the one at which he left, at
    which somebody who had come after him was, or an agent was idle: until then all went on as it did, for he had nobody behind
    him served less or earlier. ``NEVER``: who was refused at the door, and who would not have been served before the log ends.

    there: who was there when; a number: so many all the time. wrap_up_ns: after each conversation, for each row or for all.

    :raises ArgumentError: where the log shows that it is not first come, first served, or that somebody waited while an agent
    was idle.
    """
    there = There.always(there) if isinstance(there, int) else there
    order = join_order(log)
    rows = log[order]
    arrival, start = rows["arrival_ns"], rows["arrival_ns"] + rows["wait_ns"]
    got, came = served(rows), joined(rows)
    if (np.diff(start[got]) < 0).any():
        raise ArgumentError(f"log: somebody was served before another who had come earlier; {_ADVICE}")
    times, idle = there.idle(log, wrap_up_ns)
    held = came & (rows["wait_ns"] > 0)
    left = came & ~got
    for at in (arrival[held], start[held & left]):
        if (_value_at(times, idle, at) > 0).any():
            raise ArgumentError(
                f"log: somebody waited while an agent was idle, so offers ring, wrap-ups are missing, or not everybody may take "
                f"every contact; {_ADVICE}"
            )
    # The next service of somebody who came later.
    begins = np.append(start[got], NEVER)
    after = begins[np.cumsum(got)[left]]
    free = _next_idle(times, idle, start[left])
    waits = np.full(len(log), NEVER, np.int64)
    waits[order[got]] = rows["wait_ns"][got]
    taken = np.minimum(after, free)
    waits[order[left]] = np.where(taken < NEVER, taken - arrival[left], NEVER)
    return waits


def _value_at(times: Ints, values: Ints, at: Ints) -> Ints:
    place = np.searchsorted(times, at, "right")
    return np.asarray(np.concatenate([[0], values])[place], np.int64)


def _next_idle(times: Ints, idle: Ints, at: Ints) -> Ints:
    """The first instant from ``at`` on at whose end somebody is idle."""
    some = times[idle > 0]
    found = np.append(some, NEVER)[np.searchsorted(some, at, "left")]
    return np.asarray(np.where(_value_at(times, idle, at) > 0, at, found), np.int64)


def check_first_come(study: Study, plan: str | None = None) -> None:
    """Whether a study's plan is one queue, first come, first served, with agents of whom each may take everybody at once.

    :raises ArgumentError: with what is in the way.
    """
    centre = study.centres[next(iter(study.centres)) if plan is None else plan]
    written = centre.plan.to_dict()
    wrong = [f"plan.{key}" for key in written if key not in _OF_PLAN]
    queues = written.get("queues", [])
    if len(queues) != 1:
        wrong.append(f"{len(queues)} queues")
    for queue in queues:
        wrong += [f"{queue['name']}.{key}" for key in queue if key not in _OF_QUEUE]
        if queue.get("offer", {}).get("mode") != "auto" or "confirm" in queue["offer"]:
            wrong.append(f'{queue["name"]}.offer (other than "auto")')
    for listed in (*written.get("profiles", []), *written.get("agents", [])):
        wrong += [f"{listed['name']}.{key}" for key in listed if key not in _OF_AGENT]
    if len({(stream.priority, stream.credit_ns) for stream in study.streams}) > 1:
        wrong.append("streams of different priority or credit")
    if wrong:
        raise ArgumentError(f"not one queue, first come, first served, with interchangeable agents: {', '.join(wrong[:5])}; {_ADVICE}")


def wrap_ups_ns(study: Study, number: int, log: Log, plan: str | None = None) -> Ints:
    """How long each row's agent wrapped up after it, in ns: the plan's time, or the people's law as it was drawn for that
    contact, the plan's then being the longest. 0 for who was not served."""
    centre = study.centres[next(iter(study.centres)) if plan is None else plan]
    written = centre.plan.to_dict()
    queues = written.get("queues", [])
    profiles = {profile["name"]: profile for profile in written.get("profiles", [])}
    own = np.full(len(centre.plan.agents), -1, np.int64)
    for place, agent in enumerate(written.get("agents", [])):
        text = agent.get("wrap_up", profiles.get(agent.get("profile"), {}).get("wrap_up"))
        own[place] = -1 if text is None else duration_ns(text)
    who = np.flatnonzero(served(log))
    agents, queue = log["agent"][who].astype(np.int64), log["queue"][who].astype(np.int64)
    usual = np.array([duration_ns(one.get("wrap_up", "0s")) for one in queues], np.int64)
    most = np.array([duration_ns(one["wrap_up_max"]) if "wrap_up_max" in one else NEVER for one in queues], np.int64)
    length = np.where(own[agents] < 0, usual[queue], np.minimum(own[agents], most[queue]))
    kind = np.asarray(centre.people.kind_of_agent, np.int64)[agents]
    for place, people in enumerate(centre.people.kinds):
        if people.wrap_up is not None:
            mine = kind == place
            drawn = _drawn(people.wrap_up, study.seed_of(number), log[who[mine]])
            length[mine] = np.where(length[mine] > 0, np.minimum(length[mine], drawn), 0)
    found = np.zeros(len(log), np.int64)
    found[who] = length
    return found


def _drawn(law: Law, seed: int, rows: Log) -> Ints:
    values = np.zeros(len(rows), np.int64)
    for stream, attempt in {(int(row["stream"]), int(row["attempt"])) for row in np.unique(rows[["stream", "attempt"]])}:
        these = (rows["stream"] == stream) & (rows["attempt"] == attempt)
        serials = rows["customer"][these].astype(np.int64)
        purpose = int(Purpose.USER) + _SOURCES * stream + _OF_WRAP_UP
        first = int(serials.min())
        values[these] = law.draw(seed, purpose, first, int(serials.max()) - first + 1, attempt)[serials - first]
    return values


def study_waits_ns(study: Study, number: int, log: Log | None = None, plan: str | None = None) -> Ints:
    """:func:`virtual_waits_ns` of one replication of a study, with its staff and wrap-ups. ``log``: of that replication, where
    it is at hand.

    :raises ArgumentError: where the plan is another one than :func:`check_first_come` allows.
    """
    check_first_come(study, plan)
    rows: Any = study.records(number, plan) if log is None else log
    return virtual_waits_ns(rows, There.of(study, number, plan), wrap_ups_ns(study, number, rows, plan))
