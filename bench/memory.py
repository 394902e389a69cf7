#!/usr/bin/env python3
"""Memory and speed of a long simulated run: W1 of docs/performance.md through koble.world, whose records are read in blocks.

    python bench/memory.py                          10 million arrivals, by one process and by two at a time
    python bench/memory.py --arrivals 100000000 --workers 1

W1 is Erlang A with 310 agents: 100 arrivals a minute, service with mean 180 s, patience with mean 120 s, both exponential.
Every worker is a process of its own with a run of its own (the seed differs), so that its peak is that of one run. What was
simulated is held against the exact values: a run that is quick because it is wrong would show.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import koble
import numpy as np
from koble import staffing
from koble.sim import PRESENCE_DTYPE, Law
from koble.world import Rates, Stream, World
from rich.console import Console
from rich.table import Table

AGENTS, RATE_PER_HOUR, SERVICE_S, PATIENCE_S = 310, 6000.0, 180.0, 120.0
SECOND = 10**9
#: The peak is noted each time that such a share of the run is done.
PARTS = 10


def peak_mib() -> float:
    """The most memory that this process has had resident."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


@dataclass
class Run:
    """What one worker found."""

    arrivals: int = 0
    waited: int = 0
    abandoned: int = 0
    wait_s: float = 0.0
    processor_s: float = 0.0
    before_mib: float = 0.0
    peaks_mib: list[float] = field(default_factory=list)  # after each part of the run


def run(arrivals: int, seed: int) -> Run:
    plan = koble.Plan(
        {"queues": [{"name": "calls", "offer": {"mode": "auto"}}], "agents": [{"name": f"agent {n}"} for n in range(AGENTS)]}
    )
    engine = koble.Engine(plan, seed=seed)
    stream = Stream(
        [0], Law.exponential(SERVICE_S * SECOND), patience=Law.exponential(PATIENCE_S * SECOND), rates=Rates.constant(RATE_PER_HOUR)
    )
    horizon_ns = round(arrivals / RATE_PER_HOUR * 3600 * SECOND)
    presence = np.array([(0, 0, n, int(koble.Presence.AVAILABLE)) for n in range(AGENTS)], PRESENCE_DTYPE)
    world = World(engine, [stream], presence=presence, horizon_ns=horizon_ns, seed=seed)
    found = Run(before_mib=peak_mib())
    began = time.process_time()
    for block in world.blocks():
        found.arrivals += len(block)
        found.waited += int(np.count_nonzero(block["wait_ns"]))
        found.abandoned += int(np.count_nonzero(block["exit"]))
        found.wait_s += float(block["wait_ns"].sum()) / 1e9
        while len(found.peaks_mib) < PARTS and found.arrivals * PARTS >= arrivals * (len(found.peaks_mib) + 1) * 0.99:
            found.peaks_mib.append(peak_mib())
    found.processor_s = time.process_time() - began
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory and speed of a long simulated run.")
    parser.add_argument("--arrivals", type=int, default=10_000_000, help="of each worker")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="how many processes at a time; several are tried in turn")
    arguments = parser.parse_args()
    exact = staffing.erlang_a(AGENTS, RATE_PER_HOUR, SERVICE_S, PATIENCE_S)
    table = Table(title=f"W1, {arguments.arrivals:,} arrivals for each worker", title_justify="left")
    headings = ["workers", "ns an arrival", "arrivals a second", "MiB before", "after a tenth", "at the end"]
    for heading in [*headings, "P(wait)", "P(abandon)", "mean wait"]:
        table.add_column(heading, justify="right")
    for workers in arguments.workers:
        # Fresh interpreters, so that nothing of an earlier run is in their peak.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            list(pool.map(peak_mib_of, range(workers)))  # they have started
            began = time.monotonic()
            runs = list(pool.map(run, [arguments.arrivals] * workers, range(1, workers + 1)))
            wall_s = time.monotonic() - began
        came = sum(one.arrivals for one in runs)
        table.add_row(
            str(workers),
            f"{sum(one.processor_s for one in runs) / came * 1e9:,.0f}",
            f"{came / wall_s:,.0f}",
            f"{max(one.before_mib for one in runs):.1f}",
            f"{max(one.peaks_mib[0] for one in runs):.1f}",
            f"{max(one.peaks_mib[-1] for one in runs):.1f}",
            f"{sum(one.waited for one in runs) / came:.4f}",
            f"{sum(one.abandoned for one in runs) / came:.5f}",
            f"{sum(one.wait_s for one in runs) / came:.4f} s",
        )
    table.add_section()
    table.add_row("exact", "", "", "", "", "", f"{exact.p_wait:.4f}", f"{exact.p_abandon:.5f}", f"{exact.mean_wait_s:.4f} s")
    console = Console(highlight=False, width=None if Console().is_terminal else 140)
    console.print(table)
    console.print("ns an arrival: processor time of the workers; arrivals a second: by the clock, all workers together")


def peak_mib_of(_: int) -> float:
    return peak_mib()


if __name__ == "__main__":
    main()
