"""SimPy for the clock and the processes alone, routing written by its user (routing.py)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy
from model import Figures, Source, Workload, serve
from routing import Routing, Waiting

Process = Generator[simpy.Event, Any, None]


def run(workload: Workload, contacts: int, draws: Source) -> Figures:
    env = simpy.Environment()
    figures = Figures(contacts)
    routing = Routing(workload)

    def contact(serial: int, kind: int) -> Process:
        group = routing.take_agent(kind)
        if group < 0:
            figures.waited += 1
            turn = env.event()
            me = Waiting(serial, kind, env.now, turn)
            routing.join(me)

            def lose_patience(_: simpy.Event) -> None:
                if me.there:
                    me.there = False
                    turn.succeed(-1)

            # A callback on the timer is cheaper than the condition `turn | timeout`.
            env.timeout(draws.patience(serial)).callbacks.append(lose_patience)
            group = yield turn
            figures.wait_s += env.now - me.since_s
            if group < 0:
                figures.abandoned += 1
                return
        yield env.timeout(draws.service(serial))
        after = routing.free_agent(group)
        if after is not None:
            after.turn.succeed(group)

    def arrivals() -> Process:
        for serial in range(contacts):
            yield env.timeout(draws.gap())
            env.process(contact(serial, draws.kind()))

    env.process(arrivals())
    env.run()
    return figures


if __name__ == "__main__":
    serve(run)
