#!/usr/bin/env python3
"""How often the intervals of koble.lab.Study hold what they are meant to hold (docs/analysis.md, "Coverage").

    python bench/coverage.py                            five cases, 1,000 studies of 20 replications each, and 1,000 long runs
    python bench/coverage.py --runs 100 --case "Erlang C"

Each case has exact values: by a formula of koble.staffing and, independently, from the stationary distribution of its Markov
chain, built here state by state; the two must agree. The chain also says what it costs that every replication starts empty: the
exact difference between the expected figure in the window and its stationary value, against the standard error of a study. So
coverage is missed by the intervals, or not at all.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from koble import staffing
from koble.lab import Study
from koble.lab.analysis import chance
from koble.times import duration_ns
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from scipy.special import pdtr
from scipy.sparse import csc_array
from scipy.sparse.linalg import expm_multiply, splu

Floats = npt.NDArray[np.float64]
State = tuple[int, ...]
Moves = Callable[[State], Iterable[tuple[float, State]]]

SERVICE_S = 180.0
MU = 1 / SERVICE_S
CONFIDENCE = 0.95
#: Formula and chain agree to this; what the chains leave out beyond their last state is far less.
AGREE = 1e-7


@dataclass(frozen=True)
class Figure:
    """A figure of a study, and what it is in each state of the case's chain; ``exact``: by a formula, where there is one."""

    name: str
    of_state: Callable[[State], float]
    stream: str = "all"
    exact: float | None = None


@dataclass(frozen=True)
class Case:
    name: str
    study: dict[str, Any]
    moves: Moves
    start: State
    figures: tuple[Figure, ...]


class Chain:
    """A Markov chain in continuous time on the states that can be reached from ``start``; rates per second."""

    def __init__(self, moves: Moves, start: State) -> None:
        self.states: dict[State, int] = {start: 0}
        entries: list[tuple[int, int, float]] = []
        edge = [start]
        while edge:
            state = edge.pop()
            row = self.states[state]
            for rate, to in moves(state):
                if rate > 0:
                    if to not in self.states:
                        self.states[to] = len(self.states)
                        edge.append(to)
                    entries += [(row, self.states[to], rate), (row, row, -rate)]
        rows, columns, rates = zip(*entries, strict=True)
        size = len(self.states)
        self.generator = csc_array((rates, (rows, columns)), shape=(size, size))
        # One balance equation says nothing new; the sum of all probabilities takes its place. The same matrix, transposed,
        # solves Poisson's equation below.
        fixed = self.generator.tolil()
        fixed[:, 0] = 1.0
        self._solver = splu(csc_array(fixed))
        one = np.zeros(size)
        one[0] = 1.0
        self.stationary: Floats = self._solver.solve(one, trans="T")

    def values(self, of_state: Callable[[State], float]) -> Floats:
        return np.array([of_state(state) for state in self.states])

    def shift(self, from_s: float, to_s: float) -> Floats:
        """Distribution at ``to_s`` less that at ``from_s``, the chain being in its first state at 0."""
        start = np.zeros(len(self.states))
        start[0] = 1.0
        forward = csc_array(self.generator.T)
        then = expm_multiply(forward * from_s, start)
        later = expm_multiply(forward * (to_s - from_s), then)
        return np.asarray(later - then)

    def initial_bias(self, values: Floats, shift: Floats, window_s: float) -> float:
        """Mean of E f(X_t) - pi f over the window.

        With Q g = f - pi f the derivative of E g(X_t) is E f(X_t) - pi f, so that the integral is E g at the window's end less E g
        at its begin. The first column of the solver's matrix being ones in place of Q's, its solution is (pi f, g with g = 0 in
        the first state).
        """
        solution = self._solver.solve(values)
        return float(solution[1:] @ shift[1:]) / window_s


def exponential(mean_s: float) -> dict[str, str]:
    return {"law": "exponential", "mean": f"{mean_s:g}s"}


def served_within(free: int, agents: int, seconds: float) -> float:
    """P(served within so many seconds) of one who joins, first come first served: of ``-free`` + 1 ends of services, if nobody is free."""
    return 1.0 if free > 0 else 1.0 - float(pdtr(-free, agents * MU * seconds))


def one_queue(
    name: str, agents: int, rate_per_hour: float, warmup: str, horizon: str, *, patience_s: float | None = None, places: int | None = None
) -> Case:
    """Erlang C, Erlang A, or M/M/n/K with ``places`` in all."""
    arrivals, leave = rate_per_hour / 3600, 0.0 if patience_s is None else 1 / patience_s
    last = places if places is not None else agents + (400 if patience_s is None else 100)

    def moves(state: State) -> Iterable[tuple[float, State]]:
        (n,) = state
        if n < last:
            yield arrivals, (n + 1,)
        if n > 0:
            yield MU * min(n, agents) + leave * max(n - agents, 0), (n - 1,)

    queue: dict[str, Any] = {"name": "calls", "offer": {"mode": "auto"}}
    stream: dict[str, Any] = {"queue": "calls", "arrivals": {"rate": rate_per_hour}, "service": exponential(SERVICE_S)}
    if places is not None:
        exact = staffing.mmnk(agents, places - agents, rate_per_hour, SERVICE_S)
        queue["max_length"] = places - agents
    elif patience_s is not None:
        exact = staffing.erlang_a(agents, rate_per_hour, SERVICE_S, patience_s)
        stream["patience"] = exponential(patience_s)
    else:
        exact = staffing.erlang_c(agents, rate_per_hour, SERVICE_S)
    joined = 1 - exact.p_block
    figures = [
        Figure("p_wait", lambda s: float(agents <= s[0] < last) / joined, exact=exact.p_wait),
        Figure("mean_wait_s", lambda s: max(s[0] - agents, 0) / (arrivals * joined), exact=exact.mean_wait_s),
        Figure("utilisation", lambda s: min(s[0], agents) / agents, exact=exact.utilisation),
    ]
    if places is not None:
        figures.append(Figure("p_refused", lambda s: float(s[0] == last), exact=exact.p_block))
    elif patience_s is not None:
        figures.append(Figure("p_abandon", lambda s: leave * max(s[0] - agents, 0) / arrivals, exact=exact.p_abandon))
    else:
        figures.append(
            Figure("p_served_within_20s", lambda s: served_within(agents - s[0], agents, 20), exact=exact.p_served_within(20))
        )
    study = {"plan": {"queues": [queue]}, "agents": [{"count": agents}], "streams": [stream], "warmup": warmup, "horizon": horizon}
    return Case(name, study, moves, (0,), tuple(figures))


def priorities(name: str, agents: int, rates_per_hour: tuple[float, float], warmup: str, horizon: str) -> Case:
    """Two classes without interruption. State: in service, high waiting, low waiting."""
    high, low = (rate / 3600 for rate in rates_per_hour)
    most = (60, 250)

    def moves(state: State) -> Iterable[tuple[float, State]]:
        busy, first, second = state
        if busy < agents:
            yield high + low, (busy + 1, 0, 0)
        else:
            if first < most[0]:
                yield high, (busy, first + 1, second)
            if second < most[1]:
                yield low, (busy, first, second + 1)
        if busy:
            after = (busy, first - 1, second) if first else (busy, 0, second - 1) if second else (busy - 1, 0, 0)
            yield MU * busy, after

    waits = staffing.priority_waits_s(agents, rates_per_hour, SERVICE_S)
    study = {
        "plan": {
            "queues": [
                {"name": "high", "priority": {"base": 10}, "offer": {"mode": "auto"}},
                {"name": "low", "offer": {"mode": "auto"}},
            ]
        },
        "agents": [{"count": agents}],
        "streams": [
            {"queue": queue, "arrivals": {"rate": rate}, "service": exponential(SERVICE_S)}
            for queue, rate in zip(("high", "low"), rates_per_hour, strict=True)
        ],
        "warmup": warmup,
        "horizon": horizon,
    }
    figures = (
        Figure("mean_wait_s", lambda s: s[1] / high, "high", float(waits[0])),
        Figure("mean_wait_s", lambda s: s[2] / low, "low", float(waits[1])),
        Figure("p_wait", lambda s: float(s[0] == agents), exact=staffing.p_wait(agents, sum(rates_per_hour) * SERVICE_S / 3600)),
        Figure("mean_queue_length", lambda s: float(s[2]), "low", float(waits[1]) * low),
    )
    return Case(name, study, moves, (0, 0, 0), figures)


def n_design(
    name: str, pools: tuple[int, int], rates_per_hour: tuple[float, float], patience_s: float, warmup: str, horizon: str
) -> Case:
    """Class 1 goes to pool 1, else to pool 2; class 2 to pool 2 alone, where it goes first. State: busy in each pool, waiting of each
    class. There is no formula; the chain alone has the exact values."""
    first, second = (rate / 3600 for rate in rates_per_hour)
    leave, most = 1 / patience_s, 60

    def moves(state: State) -> Iterable[tuple[float, State]]:
        one, two, q1, q2 = state
        if one < pools[0]:
            yield first, (one + 1, two, q1, q2)
        elif two < pools[1]:
            yield first, (one, two + 1, q1, q2)
        elif q1 < most:
            yield first, (one, two, q1 + 1, q2)
        if two < pools[1]:
            yield second, (one, two + 1, q1, q2)
        elif q2 < most:
            yield second, (one, two, q1, q2 + 1)
        if one:
            yield MU * one, (one, two, q1 - 1, q2) if q1 else (one - 1, two, 0, q2)
        if two:
            yield MU * two, (one, two, q1, q2 - 1) if q2 else (one, two, q1 - 1, 0) if q1 else (one, two - 1, 0, 0)
        if q1:
            yield leave * q1, (one, two, q1 - 1, q2)
        if q2:
            yield leave * q2, (one, two, q1, q2 - 1)

    study = {
        "plan": {
            "profiles": [
                {"name": "pool 1", "queues": [{"queue": "class 1"}], "others": "never"},
                {
                    "name": "pool 2",
                    "queues": [{"queue": "class 2", "rank": 1}, {"queue": "class 1", "rank": 2, "tier": 2}],
                    "others": "never",
                },
            ],
            "queues": [{"name": "class 1", "offer": {"mode": "auto"}}, {"name": "class 2", "offer": {"mode": "auto"}}],
        },
        "agents": [{"count": count, "profile": f"pool {number}"} for number, count in enumerate(pools, start=1)],
        "streams": [
            {"queue": queue, "arrivals": {"rate": rate}, "service": exponential(SERVICE_S), "patience": exponential(patience_s)}
            for queue, rate in zip(("class 1", "class 2"), rates_per_hour, strict=True)
        ],
        "warmup": warmup,
        "horizon": horizon,
    }
    full = pools[0] + pools[1]
    figures = (
        Figure("mean_wait_s", lambda s: s[2] / first, "class 1"),
        Figure("mean_wait_s", lambda s: s[3] / second, "class 2"),
        Figure("p_wait", lambda s: float(s[0] + s[1] == full), "class 1"),
        Figure("p_abandon", lambda s: leave * s[3] / second, "class 2"),
    )
    return Case(name, study, moves, (0, 0, 0, 0), figures)


def cases() -> list[Case]:
    return [
        one_queue("Erlang C, n = 5, load 0.7", 5, 70, "4h", "34h"),
        one_queue("Erlang A, n = 20, load 1", 20, 400, "1h", "5h", patience_s=120),
        one_queue("M/M/10/15, load 1", 10, 200, "2h", "10h", places=15),
        priorities("priorities, n = 5, load 0.7", 5, (35, 35), "4h", "44h"),
        n_design("N design, 4 + 4 agents, load 0.94", (4, 4), (90, 60), 180, "2h", "14h"),
    ]


def intervals(source: dict[str, Any], wanted: list[tuple[str, str]], seed: int) -> list[tuple[float, float, float, int]]:
    """Value, low and high of each figure in the study of that seed, and how many problems the study has."""
    result = Study({**source, "seed": seed, "confidence": CONFIDENCE, "by_agent": False}).run()
    return [
        (one.value, one.low, one.high, len(result.problems)) for one in (result[figure, stream] for figure, stream in wanted)
    ]


def rows(case: Case, source: dict[str, Any], found: list[list[tuple[float, float, float, int]]]) -> list[dict[str, Any]]:
    chain = Chain(case.moves, case.start)
    from_s, to_s = (duration_ns(source[key]) / 1e9 for key in ("warmup", "horizon"))
    shift = chain.shift(from_s, to_s)
    table = []
    for place, figure in enumerate(case.figures):
        values = chain.values(figure.of_state)
        stationary = float(chain.stationary @ values)
        exact = stationary if figure.exact is None else figure.exact
        if not math.isclose(exact, stationary, rel_tol=AGREE):
            raise SystemExit(f"{case.name}, {figure.name}: the formula says {exact!r}, the chain {stationary!r}")
        estimates = np.array([study[place][:3] for study in found])
        held = (estimates[:, 1] <= exact) & (exact <= estimates[:, 2])
        judged = chance((held.astype(float), np.ones(len(held))), at_least=0.5)
        spread = float(estimates[:, 0].std(ddof=1))
        table.append(
            {
                "case": case.name, "figure": figure.name, "stream": figure.stream, "exact": exact,
                "coverage": float(held.mean()), "coverage_low": judged.low, "coverage_high": judged.high,
                "below": float((estimates[:, 2] < exact).mean()), "above": float((estimates[:, 1] > exact).mean()),
                "half_width": float((estimates[:, 2] - estimates[:, 1]).mean() / 2 / exact),
                "bias": float(estimates[:, 0].mean() - exact) / (spread / len(held) ** 0.5),
                "initial_bias": chain.initial_bias(values, shift, to_s - from_s) / spread,
            }
        )  # fmt: skip
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="Coverage of the intervals of koble.lab.Study against exact values.")
    parser.add_argument("--runs", type=int, default=1000, help="studies of each case")
    parser.add_argument("--replications", type=int, default=20, help="in each study")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--case", help="only cases whose name has this")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    arguments = parser.parse_args()
    jobs = [(case, {**case.study, "replications": arguments.replications}) for case in cases()]
    long = cases()[1]
    batch = {**long.study, "horizon": "101h", "method": "batch_means"}
    # One long run has no figures of agents.
    own = tuple(figure for figure in long.figures if figure.name != "utilisation")
    jobs.append((Case(f"{long.name}, batch means", batch, long.moves, long.start, own), batch))
    # Each case has seeds of its own: one sequence of luck for all would make a single unlucky draw look like a law.
    seeds = {case.name: 1_000_000 * place for place, (case, _) in enumerate(jobs)}
    jobs = [job for job in jobs if arguments.case is None or arguments.case in job[0].name]
    began = time.monotonic()
    table: list[dict[str, Any]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ProcessPoolExecutor(arguments.workers) as pool, Progress(*columns, console=Console(stderr=True)) as bar:
        for case, source in jobs:
            wanted = [(figure.name, figure.stream) for figure in case.figures]
            task = bar.add_task(case.name, total=arguments.runs)
            first, found = seeds[case.name], []
            for one in pool.map(partial(intervals, source, wanted), range(first, first + arguments.runs), chunksize=5):
                found.append(one)
                bar.advance(task)
            table += rows(case, source, found)
            doubtful = sum(study[0][3] > 0 for study in found)
            if doubtful:
                table[-1]["doubtful"] = doubtful
    if arguments.json:
        print(json.dumps(table, indent=2))
        return
    printed = Table(title=f"{arguments.runs} studies of each case, {CONFIDENCE:.0%} intervals", title_justify="left")
    for heading in ("case", "figure", "exact", "cover", "95 % interval", "too low", "too high", "half-width", "bias z", "initial bias"):
        printed.add_column(heading, justify="left" if heading in ("case", "figure") else "right")
    for row in table:
        of = "" if row["stream"] == "all" else f" of {row['stream']}"
        printed.add_row(
            row["case"], row["figure"] + of, f"{row['exact']:.5g}", f"{row['coverage']:.1%}",
            f"{row['coverage_low']:.1%} .. {row['coverage_high']:.1%}", f"{row['below']:.1%}", f"{row['above']:.1%}",
            f"{row['half_width']:.1%}", f"{row['bias']:+.1f}", f"{row['initial_bias']:+.1e}",
        )  # fmt: skip
    console = Console(highlight=False, width=None if Console().is_terminal else 170)
    console.print(printed)
    for row in table:
        if "doubtful" in row:
            console.print(f"{row['case']}: {row['doubtful']} runs name problems")
    console.print(f"{time.monotonic() - began:.0f} s with {arguments.workers} workers")


if __name__ == "__main__":
    main()
