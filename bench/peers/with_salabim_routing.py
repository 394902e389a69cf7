"""salabim for the clock and the processes alone, routing written by its user (routing.py).

salabim looks at the signatures of a component's methods whenever one is made, which takes most of the time of a contact. So
components are used again here: one stands for one contact after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import salabim as sim
from model import Figures, Source, Workload, serve
from routing import Routing, Waiting

Process = Iterator[Any]
sim.yieldless(False)


def run(workload: Workload, contacts: int, draws: Source) -> Figures:
    env = sim.Environment(trace=False)
    figures = Figures(contacts)
    routing = Routing(workload)
    unused: list[sim.Component] = []

    class Contact(sim.Component):  # type: ignore[misc]
        def setup(self, serial: int) -> None:
            self.serial = serial
            self.group = -1
            self.status.monitor(False)  # else both keep every change that there ever was
            self.mode.monitor(False)

        def process(self) -> Process:
            while True:
                kind = draws.kind()
                self.group = routing.take_agent(kind)
                if self.group < 0:
                    figures.waited += 1
                    me = Waiting(self.serial, kind, env.now(), self)
                    routing.join(me)
                    yield self.hold(draws.patience(self.serial))  # an agent that is freed for it activates it earlier
                    figures.wait_s += env.now() - me.since_s
                    if me.there:
                        me.there = False
                        figures.abandoned += 1
                if self.group >= 0:
                    yield self.hold(draws.service(self.serial))
                    after = routing.free_agent(self.group)
                    if after is not None:
                        after.turn.group = self.group
                        after.turn.activate()
                unused.append(self)
                yield self.passivate()

    class Arrivals(sim.Component):  # type: ignore[misc]
        def process(self) -> Process:
            for serial in range(contacts):
                yield self.hold(draws.gap())
                if unused:
                    contact = unused.pop()
                    contact.serial = serial
                    contact.activate()
                else:
                    Contact(serial=serial)

    Arrivals()
    env.run()
    return figures


if __name__ == "__main__":
    serve(run)
