"""SimPy with what it has itself: agents are a Resource (one queue) or in a FilterStore (skills), contacts are processes.

Both are first in, first out, a store keeps its items in the order in which they were put: oldest contact, longest-idle agent.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy
from model import Figures, Source, Workload, serve

Process = Generator[simpy.Event, Any, None]


def one_queue(env: simpy.Environment, workload: Workload, contacts: int, draws: Source, figures: Figures) -> Process:
    agents = simpy.Resource(env, workload.agents_per_group)

    def contact(serial: int) -> Process:
        with agents.request() as request:
            if not request.triggered:  # granted at once: no need to wait for it
                figures.waited += 1
                since = env.now
                yield request | env.timeout(draws.patience(serial))
                figures.wait_s += env.now - since
                if not request.triggered:
                    figures.abandoned += 1
                    return
            yield env.timeout(draws.service(serial))

    for serial in range(contacts):
        yield env.timeout(draws.gap())
        draws.kind()
        env.process(contact(serial))


def skills(env: simpy.Environment, workload: Workload, contacts: int, draws: Source, figures: Figures) -> Process:
    agents = simpy.FilterStore(env)
    for types in workload.groups:
        agents.items.extend([frozenset(types)] * workload.agents_per_group)

    def contact(serial: int, kind: int) -> Process:
        get = agents.get(lambda types: kind in types)
        if not get.triggered:
            figures.waited += 1
            since = env.now
            yield get | env.timeout(draws.patience(serial))
            figures.wait_s += env.now - since
            if not get.triggered:
                figures.abandoned += 1
                get.cancel()
                return
        yield env.timeout(draws.service(serial))
        agents.put(get.value)

    for serial in range(contacts):
        yield env.timeout(draws.gap())
        env.process(contact(serial, draws.kind()))


def run(workload: Workload, contacts: int, draws: Source) -> Figures:
    env = simpy.Environment()
    figures = Figures(contacts)
    model = one_queue if workload.types == 1 else skills
    env.process(model(env, workload, contacts, draws, figures))
    env.run()
    return figures


if __name__ == "__main__":
    serve(run)
