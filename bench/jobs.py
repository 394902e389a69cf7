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


#: In a job's command: the number of the round, from 1.
ROUND = "{round}"


@dataclass(frozen=True)
class Job:
    key: str
    command: Sequence[object]
    read: Callable[[Sequence[str]], Figures]  # runs it, and says what it found
    every_round: bool = True  # else once: it is the same on every day, or long

    @property
    def group(self) -> str:
        return self.key.split("/")[0]

    def measure(self, number: int) -> Figures:
        return self.read([str(number) if word == ROUND else str(word) for word in self.command])


def median(results: Results, key: str, figure: str) -> float | None:
    """Of all rounds; None where that was not measured."""
    values = [round_[figure] for round_ in results.get(key, []) if figure in round_]
    return statistics.median(values) if values else None


def ratio(results: Results, key: str, base: str, figure: str) -> float | None:
    """Taken within each round, then the median; None where one of the two was not measured."""
    pairs = list(zip(results.get(key, []), results.get(base, []), strict=False))
    return statistics.median(a[figure] / b[figure] for a, b in pairs) if pairs else None


def _told(command: Sequence[str]) -> Figures:
    """What the program says in its line of JSON."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: status {done.returncode}\n{done.stderr[-2000:]}")
    return {name: value for name, value in json.loads(done.stdout).items() if isinstance(value, (int, float))}


def _processor_time(units: int) -> Callable[[Sequence[str]], Figures]:
    """Of the whole process; its start is some 1 ms of it."""

    def read(command: Sequence[str]) -> Figures:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: status {process.returncode}")
        return {"ns_per_arrival": (usage.ru_utime + usage.ru_stime) * 1e9 / units}

    return read


def _clock(command: Sequence[str]) -> Figures:
    """From before the process is made until it is gone."""
    nothing = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    _, status = os.waitpid(os.posix_spawn(command[0], list(command), os.environ, file_actions=nothing), 0)
    ended = time.perf_counter()
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: status {os.waitstatus_to_exitcode(status)}")
    return {"wall_ms": (ended - began) * 1e3}


def _in_measured(command: Sequence[str]) -> Figures:
    return {"instructions": valgrind.in_measured(command)[0]}


def _per_arrival(fewer: int, more: int, after: Sequence[str] = (), engines: int = 1) -> Callable[[Sequence[str]], Figures]:
    """Of a command to which the number of arrivals, of each engine, is added."""
    return lambda command: {"instructions": valgrind.per_arrival(command, after, fewer=fewer, more=more) / engines}


def _runs(programs: Programs, sizes: Sizes) -> list[Job]:
    bench, jobs = programs.bench, []
    for w in ("w1", "w2", "w3"):
        jobs.append(Job(f"run/{w}/koble", [bench, "run", w, sizes.run, ROUND], _told))
        if programs.bare is not None:
            jobs.append(Job(f"run/{w}/bare", [programs.bare, w, "h4", sizes.run, ROUND], _processor_time(sizes.run)))
        jobs.extend(Job(f"run/{w}/{how}", [bench, "run", w, sizes.run, how, ROUND], _told) for how in ("recorded", "uncounted"))
    return jobs + [Job(f"run/{w}/koble", [bench, "run", w, sizes.run, ROUND], _told) for w in ("w4over", "w4under")]


def _run_counts(programs: Programs, *, short: bool) -> list[Job]:
    bench, jobs = programs.bench, []
    for w, counted in _COUNTED.items():
        fewer, more = _COUNTED_SHORT if short else counted
        jobs.append(Job(f"run/{w}/koble/instructions", [bench, "run", w], _per_arrival(fewer, more), False))
        if w.startswith("w4"):
            continue
        jobs.append(Job(f"run/{w}/recorded/instructions", [bench, "run", w], _per_arrival(fewer, more, ["recorded"]), False))
        if programs.bare_o2 is not None:
            jobs.append(Job(f"run/{w}/bare/instructions", [programs.bare_o2, w, "h4"], _per_arrival(fewer, more), False))
    return jobs


def _growth(programs: Programs, sizes: Sizes) -> list[Job]:
    jobs = []
    for axis in AXES:
        for times in sizes.growth_times:
            what = [programs.bench, "growth", axis, times]
            jobs.append(Job(f"growth/{axis}/{times}", [*what, sizes.growth], _told))
            if valgrind.available():
                jobs.append(Job(f"growth/{axis}/{times}/instructions", [*what, sizes.growth_counted], _in_measured, False))
    return jobs


def _threads(programs: Programs, sizes: Sizes, *, short: bool) -> list[Job]:
    bench = programs.bench
    fewer, more = (2_000, 4_000) if short else (10_000, 20_000)
    jobs = []
    for name, engines, threads in (("one", 1, 1), ("eight", 8, 2)):
        what = [bench, "threads", engines, threads]
        jobs.append(Job(f"threads/{name}", [*what, sizes.threads * 8 // engines], _told))
        if valgrind.available():
            jobs.append(Job(f"threads/{name}/instructions", what, _per_arrival(fewer, more, engines=engines), False))
    return jobs


def make_jobs(programs: Programs, sizes: Sizes, *, short: bool) -> list[Job]:
    """All, in the order in which a round goes through them."""
    bench = programs.bench
    jobs = _runs(programs, sizes)
    for w in ("w1", "w2", "w3"):
        jobs += [Job(f"replay/{w}/{how}", [bench, "replay", w, sizes.replay, how], _told) for how in _HOW]
    jobs.append(Job("w5", [bench, "run", "w5", sizes.w5, sizes.w5 // 10], _told))
    jobs += _growth(programs, sizes)
    for queues in (1_000, sizes.many_queues):
        jobs += [Job(f"bytes/{what}/{queues}", [bench, "bytes", what, queues], _told, False) for what in ("contacts", "agents")]
    jobs.append(Job("start", [programs.run, programs.plan, 10_000], _clock))
    if programs.python is not None:
        jobs.append(Job("python", [programs.python, "-B", programs.python_cost, sizes.python], _told))
    jobs.append(Job("load", [bench, "load"], _told))
    jobs.append(Job("clone", [bench, "clone"], _told))
    jobs += _threads(programs, sizes, short=short)
    jobs.append(Job("long", [programs.run, programs.plan, sizes.long], _told, False))
    if valgrind.available():
        jobs += _run_counts(programs, short=short)
        jobs += [Job(f"replay/{w}/instructions", [bench, "replay", w, 20_000], _in_measured, False) for w in ("w1", "w2", "w3")]
        jobs.append(Job("w5/instructions", [bench, "run", "w5", 20_000, 0], _in_measured, False))
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
