"""What bench/report measures: every run of a program, once or in every round, and what comes of it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import valgrind

__all__ = ["AXES", "GROUPS", "SHORT", "STANDARD", "Job", "Programs", "Results", "Sizes", "carry_out", "make_jobs", "median", "ratio"]

Figures = dict[str, float]
#: Of each job what each of its rounds found; the rounds of all jobs of a run are those in which they took turns.
Results = dict[str, list[Figures]]

GROUPS = {
    "run": "the whole simulation of W1 to W4, beside the bare loop",
    "replay": "Koble alone, per command",
    "w5": "single decisions",
    "growth": "along each axis",
    "bytes": "of memory, for each contact and agent",
    "long": "peak memory of a long run",
    "start": "process start and a short run",
    "python": "a host's loop and a policy in Python",
    "load": "a great plan",
    "clone": "a great engine",
    "threads": "engines beside each other",
}
AXES = ("agents", "idle", "queues", "contacts", "choice", "centre")


@dataclass(frozen=True)
class Sizes:
    """How much is done of everything."""

    rounds: int
    run: int  # arrivals
    replay: int
    w5: int  # decisions
    growth_times: tuple[int, ...]
    growth: int  # decisions by the clock
    growth_counted: int  # and under valgrind
    long: int
    python: int  # contacts
    threads: int  # arrivals of each engine
    many_queues: int


STANDARD = Sizes(7, 1_000_000, 500_000, 1_000_000, (1, 10, 100), 30_000, 2_000, 100_000_000, 20_000, 200_000, 100_000)
SHORT = Sizes(1, 100_000, 50_000, 50_000, (1, 10), 10_000, 500, 1_000_000, 2_000, 20_000, 10_000)

# Arrivals of the two runs of which the difference is counted: behind the filling of the system, where that can be.
_COUNTED = {"w1": (20_000, 60_000), "w2": (20_000, 60_000), "w3": (60_000, 100_000), "w4over": (100_000, 140_000), "w4under": (60_000, 100_000)}
_COUNTED_SHORT = (10_000, 20_000)
_HOW = ("singly", "batches", "journal", "digest")


@dataclass(frozen=True)
class Programs:
    """What has been built; `bare` and `bare_o2` only where KOBLE_BARE names a source, `python` where there is an environment."""

    bench: Path
    run: Path
    plan: Path  # of W1, JSON
    python: Path | None
    python_cost: Path
    bare: Path | None = None
    bare_o2: Path | None = None


@dataclass(frozen=True)
class Job:
    key: str
    measure: Callable[[int], Figures]  # given the number of the round, from 1
    every_round: bool = True  # else once: it is the same on every day, or long

    @property
    def group(self) -> str:
        return self.key.split("/")[0]


def median(results: Results, key: str, figure: str) -> float | None:
    """Of all rounds; None where that was not measured."""
    values = [round_[figure] for round_ in results.get(key, []) if figure in round_]
    return statistics.median(values) if values else None


def ratio(results: Results, key: str, base: str, figure: str) -> float | None:
    """Taken within each round, then the median; None where one of the two was not measured."""
    pairs = list(zip(results.get(key, []), results.get(base, []), strict=False))
    return statistics.median(a[figure] / b[figure] for a, b in pairs) if pairs else None


def _json_of(command: Sequence[object]) -> Figures:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: status {done.returncode}\n{done.stderr[-2000:]}")
    told = json.loads(done.stdout)
    return {name: value for name, value in told.items() if isinstance(value, (int, float))}


def _processor_ns(command: Sequence[object], units: int) -> Figures:
    """Processor time of the whole process; its start is some 1 ms of it."""
    words = [str(word) for word in command]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: status {process.returncode}")
    return {"ns_per_arrival": (usage.ru_utime + usage.ru_stime) * 1e9 / units}


def _wall_ms(command: Sequence[object]) -> Figures:
    """By the clock, from before the process is made until it is gone."""
    words = [str(word) for word in command]
    nothing = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    _, status = os.waitpid(os.posix_spawn(words[0], words, os.environ, file_actions=nothing), 0)
    ended = time.perf_counter()
    if status != 0:
        raise SystemExit(f"{' '.join(words)}: status {os.waitstatus_to_exitcode(status)}")
    return {"wall_ms": (ended - began) * 1e3}


def _runs(programs: Programs, sizes: Sizes) -> list[Job]:
    bench, bare = programs.bench, programs.bare
    jobs = []
    for w in ("w1", "w2", "w3"):
        jobs.append(Job(f"run/{w}/koble", lambda _, w=w: _json_of([bench, "run", w, sizes.run])))
        if bare is not None:
            jobs.append(Job(f"run/{w}/bare", lambda r, w=w: _processor_ns([bare, w, "h4", sizes.run, r], sizes.run)))
        jobs.append(Job(f"run/{w}/recorded", lambda _, w=w: _json_of([bench, "run", w, sizes.run, "recorded"])))
    jobs += [Job(f"run/{w}/koble", lambda _, w=w: _json_of([bench, "run", w, sizes.run])) for w in ("w4over", "w4under")]
    return jobs


def _run_counts(programs: Programs, short: bool) -> list[Job]:
    def count(command: Sequence[str], workload: str, after: Sequence[str] = ()) -> Figures:
        fewer, more = _COUNTED_SHORT if short else _COUNTED[workload]
        return {"instructions": valgrind.per_arrival(command, after, fewer=fewer, more=more)}

    bench, bare = str(programs.bench), programs.bare_o2
    jobs = [Job(f"run/{w}/koble/instructions", lambda _, w=w: count([bench, "run", w], w), False) for w in _COUNTED]
    for w in ("w1", "w2", "w3"):
        jobs.append(Job(f"run/{w}/recorded/instructions", lambda _, w=w: count([bench, "run", w], w, ["recorded"]), False))
        if bare is not None:
            jobs.append(Job(f"run/{w}/bare/instructions", lambda _, w=w: count([str(bare), w, "h4"], w), False))
    return jobs


def _counted(command: Sequence[object]) -> Figures:
    return {"instructions": valgrind.in_measured([str(word) for word in command])[0]}


def _growth(programs: Programs, sizes: Sizes) -> list[Job]:
    jobs = []
    for axis in AXES:
        for times in sizes.growth_times:
            what = [programs.bench, "growth", axis, times]
            jobs.append(Job(f"growth/{axis}/{times}", lambda _, what=what: _json_of([*what, sizes.growth])))
            if valgrind.available():
                counted = [*what, sizes.growth_counted]
                jobs.append(Job(f"growth/{axis}/{times}/instructions", lambda _, counted=counted: _counted(counted), False))
    return jobs


def _threads(programs: Programs, sizes: Sizes, short: bool) -> list[Job]:
    bench = str(programs.bench)
    jobs = [
        Job("threads/one", lambda _: _json_of([bench, "threads", 1, 1, 4 * sizes.threads])),
        Job("threads/eight", lambda _: _json_of([bench, "threads", 8, 2, sizes.threads])),
    ]
    if valgrind.available():
        fewer, more = (2_000, 4_000) if short else (10_000, 20_000)

        def count(engines: int, threads: int) -> Figures:
            command = [bench, "threads", str(engines), str(threads)]
            return {"instructions": valgrind.per_arrival(command, fewer=fewer, more=more) / engines}

        jobs.append(Job("threads/one/instructions", lambda _: count(1, 1), False))
        jobs.append(Job("threads/eight/instructions", lambda _: count(8, 2), False))
    return jobs


def make_jobs(programs: Programs, sizes: Sizes, *, short: bool) -> list[Job]:
    """All, in the order in which a round goes through them."""
    bench = programs.bench
    jobs = _runs(programs, sizes)
    for w in ("w1", "w2", "w3"):
        for how in _HOW:
            jobs.append(Job(f"replay/{w}/{how}", lambda _, w=w, how=how: _json_of([bench, "replay", w, sizes.replay, how])))
    jobs.append(Job("w5", lambda _: _json_of([bench, "run", "w5", sizes.w5, sizes.w5 // 10])))
    jobs += _growth(programs, sizes)
    for queues in (1_000, sizes.many_queues):
        for what in ("contacts", "agents"):
            jobs.append(Job(f"bytes/{what}/{queues}", lambda _, what=what, queues=queues: _json_of([bench, "bytes", what, queues]), False))
    jobs.append(Job("start", lambda _: _wall_ms([programs.run, programs.plan, 10_000])))
    if programs.python is not None:
        python = programs.python
        jobs.append(Job("python", lambda _: _json_of([python, "-B", programs.python_cost, sizes.python])))
    jobs.append(Job("load", lambda _: _json_of([bench, "load"])))
    jobs.append(Job("clone", lambda _: _json_of([bench, "clone"])))
    jobs += _threads(programs, sizes, short)
    jobs.append(Job("long", lambda _: _json_of([programs.run, programs.plan, sizes.long]), False))
    if valgrind.available():
        jobs += _run_counts(programs, short)
        for w in ("w1", "w2", "w3"):
            jobs.append(Job(f"replay/{w}/instructions", lambda _, w=w: _counted([bench, "replay", w, 20_000]), False))
        jobs.append(Job("w5/instructions", lambda _: _counted([bench, "run", "w5", 20_000, 0]), False))
    return jobs


def say(text: str) -> None:
    """How far it is: over the last line where a person reads, else a line each."""
    print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


def carry_out(jobs: Sequence[Job], rounds: int) -> Results:
    """Round by round all that is in every round, so that all see the same weather on a busy machine; then what is done once."""
    results: Results = {job.key: [] for job in jobs}
    for number in range(1, rounds + 1):
        for job in jobs:
            if job.every_round:
                say(f"round {number} of {rounds}: {job.key}")
                results[job.key].append(job.measure(number))
    once = [job for job in jobs if not job.every_round]
    for number, job in enumerate(once, 1):
        say(f"once, {number} of {len(once)}: {job.key}")
        results[job.key].append(job.measure(1))
    if sys.stderr.isatty():
        say("")
    return results
