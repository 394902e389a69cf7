"""No library: a loop over a heap in plain Python. The other peers must find exactly its figures for the same trace."""

from __future__ import annotations

from heapq import heappop, heappush

from model import Figures, Source, Workload, serve
from routing import Routing, Waiting


def run(workload: Workload, contacts: int, draws: Source) -> Figures:
    figures = Figures(contacts)
    routing = Routing(workload)
    # (time, running number, what): a group ends a service, a Waiting loses patience, None is the next arrival.
    calendar: list[tuple[float, int, int | Waiting | None]] = [(draws.gap(), 0, None)]
    pushed = 1
    arrived = 0
    while calendar:
        now, _, what = heappop(calendar)
        if what is None:
            serial = arrived
            arrived += 1
            if arrived < contacts:
                heappush(calendar, (now + draws.gap(), pushed, None))
                pushed += 1
            kind = draws.kind()
            group = routing.take_agent(kind)
            if group >= 0:
                heappush(calendar, (now + draws.service(serial), pushed, group))
            else:
                figures.waited += 1
                contact = Waiting(serial, kind, now, None)
                routing.join(contact)
                heappush(calendar, (now + draws.patience(serial), pushed, contact))
            pushed += 1
        elif isinstance(what, int):
            next_contact = routing.free_agent(what)
            if next_contact is not None:
                figures.wait_s += now - next_contact.since_s
                heappush(calendar, (now + draws.service(next_contact.serial), pushed, what))
                pushed += 1
        elif what.there:
            what.there = False
            figures.abandoned += 1
            figures.wait_s += now - what.since_s
    return figures


if __name__ == "__main__":
    serve(run)
