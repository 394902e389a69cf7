"""salabim with what it has itself: agents are a Resource (one queue) or in a Store (skills), contacts are components.

As fast as it goes: generators instead of greenlets, no trace, no monitors on resource and store. Every component still has two
monitors, of its status and its mode, that cannot be left out, and its methods' signatures are looked at when it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import salabim as sim
from model import Figures, Source, Workload, serve

Process = Iterator[Any]
sim.yieldless(False)


def components(workload: Workload, draws: Source, figures: Figures, env: sim.Environment) -> type[sim.Component]:
    if workload.types == 1:
        agents = sim.Resource("agents", capacity=workload.agents_per_group, monitor=False)

        class Caller(sim.Component):  # type: ignore[misc]
            def process(self, serial: int) -> Process:
                draws.kind()
                since = env.now()
                yield self.request(agents, fail_delay=draws.patience(serial))
                waited = env.now() - since
                figures.waited += waited > 0
                figures.wait_s += waited
                if self.failed():
                    figures.abandoned += 1
                    return
                yield self.hold(draws.service(serial))
                self.release(agents)

        return Caller

    class Agent(sim.Component):  # type: ignore[misc]
        def setup(self, types: frozenset[int]) -> None:
            self.types = types

    store = sim.Store("agents", monitor=False)
    for types in workload.groups:
        for _ in range(workload.agents_per_group):
            Agent(types=frozenset(types)).enter(store)

    class Contact(sim.Component):  # type: ignore[misc]
        def process(self, serial: int) -> Process:
            kind = draws.kind()
            since = env.now()
            yield self.from_store(store, filter=lambda agent: kind in agent.types, fail_delay=draws.patience(serial))
            waited = env.now() - since
            figures.waited += waited > 0
            figures.wait_s += waited
            if self.failed():
                figures.abandoned += 1
                return
            agent = self.from_store_item()
            yield self.hold(draws.service(serial))
            yield self.to_store(store, agent)

    return Contact


def run(workload: Workload, contacts: int, draws: Source) -> Figures:
    env = sim.Environment(trace=False)
    figures = Figures(contacts)
    contact = components(workload, draws, figures, env)

    class Arrivals(sim.Component):  # type: ignore[misc]
        def process(self) -> Process:
            for serial in range(contacts):
                yield self.hold(draws.gap())
                contact(serial=serial)

    Arrivals()
    env.run()
    return figures


if __name__ == "__main__":
    serve(run)
