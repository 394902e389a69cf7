#!/usr/bin/env python3
"""What Python costs: a host's loop per contact, and a policy written in Python per decision, over the same choice made natively.

    python bench/python_cost.py [CONTACTS]        prints one line of JSON; processor time, in ns

The loop is the shortest that docs/python.md shows: a contact arrives, its offer is read from the events, accepted, the conversation
ends, and all events have been read as objects. 300 agents, one ringing queue, everything by number.

The policies are asked once for each contact, with 10 free agents: `first` takes the first candidate, who has been idle for longest, so that
engine and policy choose alike and only the way into Python and back is added; `reading` finds the same agent by itself, from one member
of each of the 10.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence

import koble

CONTACTS = 20_000
#: Native and Python choices are timed in turn, so many times, and the median of the differences counts.
TURNS = 7
STEP_NS = 1_000_000


class First(koble.Policy):
    """Whom the engine would have taken."""

    asked = 0

    def choose_agent(self, contact: koble.PolicyContact, candidates: Sequence[koble.PolicyAgent]) -> koble.PolicyAgent:
        self.asked += 1
        return candidates[0]


class Reading(koble.Policy):
    """The same, found out."""

    asked = 0

    def choose_agent(self, contact: koble.PolicyContact, candidates: Sequence[koble.PolicyAgent]) -> koble.PolicyAgent:
        self.asked += 1
        return min(candidates, key=lambda agent: agent.idle_since_ns)


def engine_with(agents: int, queue: dict[str, object]) -> koble.Engine:
    engine = koble.Engine({"queues": [{"name": "calls", **queue}], "agents": [{"name": f"agent {n}"} for n in range(agents)]})
    for agent in engine.agents():
        engine.presence(agent, "available", at=0)
    engine.drain()
    return engine


def loop_ns(contacts: int) -> float:
    engine = engine_with(300, {})
    now = 0
    began = time.process_time_ns()
    for number in range(contacts):
        now += STEP_NS
        call = engine.arrive(0, at=now, host_ref=number)
        offer = engine.drain()[-1].offer
        assert offer is not None
        now += STEP_NS
        engine.accept(offer, at=now)
        now += STEP_NS
        engine.gone(call, at=now)
        engine.drain()
    spent = time.process_time_ns() - began
    if (counts := engine.counts()).serials != contacts or counts.contacts != 0:
        raise SystemExit(f"python_cost.py: {contacts} contacts were to be served: {counts}")
    return spent / contacts


def serve(engine: koble.Engine, contacts: int) -> float:
    """Arrivals that are served at once, and end: ns of processor time for each."""
    now = engine.now
    began = time.process_time_ns()
    for _ in range(contacts):
        now += STEP_NS
        call = engine.arrive(0, at=now)
        now += STEP_NS
        engine.gone(call, at=now)
        engine.drain()
    return (time.process_time_ns() - began) / contacts


def policy_ns(policy: First | Reading, contacts: int) -> float:
    native = engine_with(10, {"offer": {"mode": "auto"}})
    asking = engine_with(10, {"offer": {"mode": "auto"}, "policy": {"name": "own"}})
    asking.set_policy("own", policy)
    differences = []
    for _ in range(TURNS):
        plain = serve(native, contacts)
        differences.append(serve(asking, contacts) - plain)
    if policy.asked != TURNS * contacts:
        raise SystemExit(f"python_cost.py: the policy was asked {policy.asked} times for {TURNS * contacts} contacts")
    if [agent.served for agent in map(native.agent, native.agents())] != [agent.served for agent in map(asking.agent, asking.agents())]:
        raise SystemExit("python_cost.py: the policy did not choose as the engine does")
    return statistics.median(differences)


def main() -> None:
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else CONTACTS
    figures = {
        "loop_ns": loop_ns(5 * contacts),
        "policy_ns": policy_ns(First(), contacts),
        "policy_reading_ns": policy_ns(Reading(), contacts),
    }
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
