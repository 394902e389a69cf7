"""The workloads W1 to W4 (docs/performance.md), the draws, and what every Python peer has around its own loop.

Times are seconds as floats, from 0. A peer is a function of (workload, contacts, draws) that lets `contacts` contacts arrive,
carries on until the last has left, and returns its Figures. `serve` makes a program of it:

    PROGRAM WORKLOAD CONTACTS SEED           draws as it goes; prints one line of JSON with the time it took
    PROGRAM WORKLOAD CONTACTS --trace FILE   takes gap, type, service and patience of each contact from the file instead
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["WORKLOADS", "Drawn", "Figures", "Source", "Trace", "Workload", "erlang_a", "serve", "write_trace"]


@dataclass(frozen=True)
class Workload:
    """Agents stand in groups and are numbered group by group; a group has the types that its agents serve."""

    name: str
    types: int
    groups: tuple[tuple[int, ...], ...]
    agents_per_group: int
    arrivals_per_s: float
    service_lognormal: bool  # with CV 1; else exponential
    service_mean_s: float = 180.0
    patience_mean_s: float = 120.0

    @property
    def groups_of_type(self) -> list[list[int]]:
        """For each type the groups that serve it, ascending."""
        return [[g for g, types in enumerate(self.groups) if t in types] for t in range(self.types)]


def _groups(count: int, candidates: Callable[[int], tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """Group g has the first 2 + (g mod 3) distinct candidates."""
    return tuple(tuple(dict.fromkeys(candidates(g)))[: 2 + g % 3] for g in range(count))


def _of_w3(load: float, patience_mean_s: float, name: str) -> Workload:
    groups = _groups(200, lambda g: (g % 100, (7 * g + 13) % 100, (31 * g + 57) % 100, (11 * g + 29) % 100))
    return Workload(name, 100, groups, 25, load * 5000 / 180, True, patience_mean_s=patience_mean_s)


WORKLOADS: dict[str, Workload] = {
    w.name: w
    for w in (
        Workload("w1", 1, ((0,),), 310, 100 / 60, False),
        Workload(
            "w2",
            10,
            _groups(10, lambda g: (g % 10, (g + 3) % 10, (g + 7) % 10, (g + 5) % 10)),
            30,
            0.98 * 300 / 180,
            True,
        ),
        _of_w3(0.98, 120.0, "w3"),
        _of_w3(1.2, 3600.0, "w4over"),
        _of_w3(0.8, 3600.0, "w4under"),
    )
}


@dataclass
class Figures:
    """What a run found. The wait of who gave up counts up to then; who is served at once waits 0."""

    contacts: int
    abandoned: int = 0
    waited: int = 0
    wait_s: float = 0.0

    def shares(self) -> dict[str, float]:
        return {
            "p_abandon": self.abandoned / self.contacts,
            "p_wait": self.waited / self.contacts,
            "mean_wait_s": self.wait_s / self.contacts,
        }


class Source:
    """Where a peer's numbers come from. `gap` and `kind` are called once for each contact, in order of arrival; `service` and
    `patience` at most once for the contact of that serial (from 0)."""

    gap: Callable[[], float]
    kind: Callable[[], int]
    service: Callable[[int], float]
    patience: Callable[[int], float]


class Drawn(Source):
    """Draws when asked, by Python's own generator: no number is made that is not needed."""

    def __init__(self, workload: Workload, seed: int) -> None:
        self.seed = seed
        source = random.Random(seed)
        uniform, exponential, lognormal = source.random, source.expovariate, source.lognormvariate
        arrivals_per_s, types = workload.arrivals_per_s, workload.types
        patience_rate = 1 / workload.patience_mean_s
        self.gap = lambda: exponential(arrivals_per_s)
        self.kind = (lambda: 0) if types == 1 else (lambda: int(uniform() * types))
        self.patience = lambda _: exponential(patience_rate)
        if workload.service_lognormal:
            sigma = math.sqrt(math.log(2))
            mu = math.log(workload.service_mean_s) - sigma**2 / 2
            self.service = lambda _: lognormal(mu, sigma)
        else:
            service_rate = 1 / workload.service_mean_s
            self.service = lambda _: exponential(service_rate)


class Trace(Source):
    """One contact a line: gap, type, service, patience."""

    def __init__(self, path: Path) -> None:
        rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
        gaps: Iterator[float] = iter([float(row[0]) for row in rows])
        kinds: Iterator[int] = iter([int(row[1]) for row in rows])
        self.gap = lambda: next(gaps)
        self.kind = lambda: next(kinds)
        self.service = [float(row[2]) for row in rows].__getitem__
        self.patience = [float(row[3]) for row in rows].__getitem__


def write_trace(path: Path, workload: Workload, contacts: int, seed: int) -> None:
    """The numbers of `Drawn`, written so that they are read back to the last bit."""
    draws = Drawn(workload, seed)
    lines = [f"{draws.gap()!r} {draws.kind()} {draws.service(i)!r} {draws.patience(i)!r}\n" for i in range(contacts)]
    path.write_text("".join(lines), encoding="ascii")


def erlang_a(workload: Workload) -> dict[str, float]:
    """Exact figures of M/M/n+M in the steady state: Palm (1957); Mandelbaum and Zeltyn (2007), Service engineering in action,
    section 2. The stationary law of the birth-and-death process, with departures n mu + (j - n) theta where j > n are there.
    """
    if workload.types != 1 or workload.service_lognormal:
        raise ValueError(f"{workload.name} is not an Erlang A")
    n = workload.agents_per_group * len(workload.groups)
    rate, mu, theta = workload.arrivals_per_s, 1 / workload.service_mean_s, 1 / workload.patience_mean_s
    logs = [0.0]
    for j in range(1, 3 * n):  # beyond that nothing that a float can tell is left
        logs.append(logs[-1] + math.log(rate / (min(j, n) * mu + max(j - n, 0) * theta)))
    most = max(logs)
    weights = [math.exp(x - most) for x in logs]
    whole = math.fsum(weights)
    waiting = math.fsum(max(j - n, 0) * p for j, p in enumerate(weights)) / whole
    return {
        "p_abandon": theta * waiting / rate,
        "p_wait": math.fsum(weights[n:]) / whole,
        "mean_wait_s": waiting / rate,
    }


def serve(peer: Callable[[Workload, int, Source], Figures]) -> None:
    """Reads the arguments, runs the peer once, prints the figures and the processor time of the run alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("contacts", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--trace", type=Path)
    arguments = parser.parse_args()
    workload = WORKLOADS[arguments.workload]
    draws = Trace(arguments.trace) if arguments.trace else Drawn(workload, arguments.seed)
    gc.collect()
    began = time.process_time_ns()
    figures = peer(workload, arguments.contacts, draws)
    spent = time.process_time_ns() - began
    print(json.dumps({"ns_per_arrival": spent / figures.contacts, **figures.shares()}))
