"""A study: plans, what comes, who is there, how long and how often; and what is measured."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..engine import Engine
from ..errors import KobleError
from ..times import format_duration
from ..world import RECORD_DTYPE, World
from .arrivals import read_busyness
from .centre import Centre, check_centres, read_centres
from .choosing import Choosing, Chosen, read_choosing
from .figures import Fold, Pair
from .people import People, Staff
from .policies import watched
from .precision import Day, Precision, read_days, read_precision
from .reading import Reader, StudyError
from .result import Comparison, Replication, Result, Section
from .summary import of_one_run, of_replications
from .traffic import ALL, Stream, read_streams

__all__ = ["Replication", "Study", "StudyError"]

#: A long run is looked at in so many parts, of which batches are made.
_PARTS = 2000

_KEYS = [
    "name", "plan", "plans", "agents", "streams", "people", "staff", "answer", "policies", "horizon", "warmup", "replications", "seed",
    "confidence", "thresholds", "quantiles", "at", "method", "precision", "days", "by_agent", "controls", "busyness",
    "select",
]  # fmt: skip
#: Agents are shown one by one where the plan lists no more than so many.
_FEW = 20


class Study:
    """What is to be simulated. ``Study(source)`` takes a ``pathlib.Path``, JSON text or a dict; relative paths of plans are looked for
    beside the study. A study that cannot be carried out raises :class:`StudyError` with every mistake. docs/studies.md has the format."""

    name: str
    centres: dict[str, Centre]  #: by name of the plan; "" where there is one, without a name
    streams: list[Stream]
    horizon_ns: int
    warmup_ns: int
    replications: int
    seed: int
    confidence: float
    thresholds_ns: list[int]
    quantiles: list[float]
    at_ns: list[int]
    precision: Precision | None
    days: list[Day]
    choosing: Choosing | None

    def __init__(self, source: str | os.PathLike[str] | Mapping[str, Any]) -> None:
        folder = Path()
        if isinstance(source, os.PathLike):
            folder, source = Path(source).parent, Path(source).read_text(encoding="utf-8")
        if isinstance(source, str):
            try:
                source = json.loads(source)
            except json.JSONDecodeError as error:
                raise StudyError([f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}"]) from None
        reader = Reader()
        given = reader.object(source, "", _KEYS)
        self.name = str(given.get("name", "study"))
        self.horizon_ns = reader.duration(given.get("horizon"), "horizon", least=1)
        self.warmup_ns = reader.duration(given.get("warmup"), "warmup", 0)
        if self.warmup_ns >= self.horizon_ns:
            reader.wrong("warmup", "is not shorter than the horizon, so that nothing would be counted")
        self.seed = reader.whole(given.get("seed"), "seed", 0, 2**63 - 1, 1)
        self.confidence = reader.number(given.get("confidence"), "confidence", 0.5, 0.999999, 0.95)
        self._read_measures(reader, given)
        self.centres = read_centres(reader, given, folder, self.horizon_ns)
        if not self.centres:
            raise StudyError(reader.problems)
        self.choosing = read_choosing(reader, given.get("select"), len(self.centres))
        if self.choosing is not None and self.batch_means:
            reader.wrong("select", "needs replications; leave it out, or leave out batch_means")
        one = next(iter(self.centres.values())).plan
        streams = _streams_of_file(reader, given.get("streams"), folder)
        self.streams = read_streams(reader, streams, list(one.queues), one.attributes, self.horizon_ns)
        for i, stream in enumerate(self.streams):
            if self.controlled and (stream.again is not None or stream.arrivals.contacts_between(0, self.horizon_ns) is None):
                reader.wrong("controls", f"the number of arrivals of streams[{i}] is not known beforehand; leave them out")
        check_centres(reader, self.centres, self.streams)
        reader.finish()

    def _read_measures(self, reader: Reader, given: Mapping[str, Any]) -> None:
        method = given.get("method", "replications")
        if method not in ("replications", "batch_means"):
            reader.wrong("method", f'is {method!r}; write "replications" or "batch_means"')
        self.batch_means = method == "batch_means"
        if self.batch_means and "replications" in given:
            reader.wrong("replications", "do not belong to batch means, which are made of one long run; leave them out")
        self.replications = 1 if self.batch_means else reader.whole(given.get("replications"), "replications", 1, 1_000_000, 10)
        listed = given.get("thresholds", ["20s"])
        self.thresholds_ns = [
            reader.duration(t, f"thresholds[{i}]")
            for i, t in enumerate(reader.list(listed, "thresholds", '["20s"]') if listed != [] else [])
        ]
        listed = given.get("quantiles", [])
        self.quantiles = [
            reader.number(q, f"quantiles[{i}]", 0.0001, 0.9999)
            for i, q in enumerate(reader.list(listed, "quantiles", "[0.5, 0.9]") if listed != [] else [])
        ]
        listed = given.get("at", [])
        self.at_ns = sorted(
            reader.duration(t, f"at[{i}]") for i, t in enumerate(reader.list(listed, "at", '["1h", "2h"]') if listed != [] else [])
        )
        for key, some in (("quantiles", self.quantiles), ("at", self.at_ns), ("days", given.get("days"))):
            if self.batch_means and some:
                reader.wrong(key, "needs replications; leave it out, or leave out batch_means")
        self.precision = read_precision(reader, given.get("precision"))
        if self.batch_means and self.precision is not None:
            reader.wrong("precision", "needs replications; leave it out, or leave out batch_means")
        self.days = read_days(reader, given.get("days"))
        self.busyness = None if "busyness" not in given else read_busyness(reader, given["busyness"], "busyness")
        if given.get("controls") not in (None, ["arrivals"]):
            reader.wrong("controls", 'write ["arrivals"], or leave it out')
        self.controlled = "controls" in given
        if self.controlled and self.batch_means:
            reader.wrong("controls", "need replications; leave them out, or leave out batch_means")
        self.by_agent = given.get("by_agent")
        if self.by_agent not in (None, True, False):
            reader.wrong("by_agent", "is true, false, or left out")

    def __repr__(self) -> str:
        return (
            f"<koble.lab.Study {self.name!r}: {len(self.streams)} streams, {len(self.plan.agents)} agents, "
            f"{format_duration(self.horizon_ns)} x {self.replications}>"
        )

    @property
    def plan(self) -> Any:
        """The plan; the first, where there are several."""
        return next(iter(self.centres.values())).plan

    @property
    def staff(self) -> Staff:
        return next(iter(self.centres.values())).staff

    @property
    def people(self) -> People:
        return next(iter(self.centres.values())).people

    def seed_of(self, number: int) -> int:
        """Of replication ``number``, from 0."""
        return (self.seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03) % 2**64

    def open(self, number: int, plan: str | None = None) -> World:
        """The world of one replication, not played yet: ``for records in study.open(0).blocks(): ...``"""
        centre = self.centres[next(iter(self.centres)) if plan is None else plan]
        seed = self.seed_of(number)
        engine = Engine(centre.plan, seed=seed)
        policies, board = centre.policies(engine, seed)
        for name, policy in policies.items():
            if (asked := watched(name, policy)) is not None:
                engine.set_policy(name, asked)
        dispatchers: list[Any] = [policies.get(stream.dispatch or "") for stream in self.streams]
        queues = list(centre.plan.queues)
        world = World(
            engine,
            [
                replace(stream.draw(n, queues, seed, self.horizon_ns, self.busyness), chosen=dispatchers[n] is not None)
                for n, stream in enumerate(self.streams)
            ],
            presence=centre.staff.presence(seed, self.horizon_ns),
            group_of_agent=centre.staff.group_of_agent(len(centre.plan.agents)),
            levels=centre.staff.level_array(),
            horizon_ns=self.horizon_ns,
            seed=seed,
            people=centre.people.kinds,
            people_of_agent=centre.people.kind_of_agent,
            factors=centre.factors(self.streams),
            from_ns=self.warmup_ns,
            to_ns=self.horizon_ns,
            sample_ns=self.at_ns,
        )
        if board is not None:
            board.follow(engine)

        def choose_queue(number: int, _: int) -> int:
            stream = self.streams[number]
            answer = dispatchers[number].choose_queue(stream.name)
            if answer not in stream.queues:
                raise KobleError(
                    f"policies.{stream.dispatch}: answered {answer!r} for {stream.name!r}, whose queues are {', '.join(stream.queues)}"
                )
            return stream.queues.index(answer)

        dispatched = any(dispatcher is not None for dispatcher in dispatchers)
        if dispatched or board is not None:
            world.set_hooks(
                choose_queue if dispatched else None, None if board is None else partial(board.follow, engine)
            )
        return world

    def records(self, number: int = 0, plan: str | None = None) -> np.ndarray[Any, Any]:
        """The event log of one replication: every attempt of every customer (:data:`koble.world.RECORD_DTYPE`), in order of their ends."""
        blocks = [block.copy() for block in self.open(number, plan).blocks()]
        return np.concatenate(blocks) if blocks else np.zeros(0, RECORD_DTYPE)

    def replicate(self, number: int, plan: str | None = None) -> list[Replication]:
        """One replication (from 0): numerator and denominator of every figure; of each part of the run, which is one part alone unless it is a long
        run for batch means."""
        centre = self.centres[next(iter(self.centres)) if plan is None else plan]
        world = self.open(number, plan)
        parts = _PARTS if self.batch_means else 1
        edges = np.linspace(self.warmup_ns, self.horizon_ns, parts + 1).astype(np.int64)
        fold = Fold(
            len(self.streams), len(centre.plan.agents), edges, self.thresholds_ns, self.at_ns, bool(self.quantiles)
        )
        for records in world.blocks():
            fold.add(records)
        found = []
        for part in range(parts):
            sections: Replication = {("streams", ALL): fold.figures(part, range(len(self.streams)))}
            for n, stream in enumerate(self.streams):
                sections["streams", stream.name] = fold.figures(part, [n])
            found.append(sections)
        if not self.batch_means:
            self._add_moments(found[0], fold, world)
            self._add_agents(found[0], fold, world, centre)
        return found

    def _add_moments(self, sections: Replication, fold: Fold, world: World) -> None:
        """Figures at times, and quantiles of waits."""
        samples = world.samples()
        for row, time in enumerate(self.at_ns):
            name = format_duration(time)
            full = bool(samples["present"][row] > 0 and samples["free"][row] == 0)
            sections["streams", ALL][f"p_all_busy_at_{name}"] = (float(full), 1.0)
            for n, stream in enumerate([None, *self.streams]):
                columns = slice(None) if stream is None else slice(n - 1, n)
                figures = sections["streams", ALL if stream is None else stream.name]
                figures[f"waiting_at_{name}"] = (float(fold.waiting_at[row, columns].sum()), 1.0)
                figures[f"in_system_at_{name}"] = (float(fold.in_system_at[row, columns].sum()), 1.0)
        for n, stream in enumerate([None, *self.streams] if self.quantiles else []):
            waits = fold.waits(None if stream is None else n - 1)
            for share in self.quantiles:
                figures = sections["streams", ALL if stream is None else stream.name]
                figures[f"wait_p{share * 100:g}_s"] = (
                    (float(np.quantile(waits, share)) / 1e9, 1.0) if len(waits) else (0.0, 0.0)
                )

    def _add_agents(self, sections: Replication, fold: Fold, world: World, centre: Centre) -> None:
        spent = world.agents()
        window = (self.horizon_ns - self.warmup_ns) / 1e9
        everybody = list(range(len(spent)))
        sections["streams", ALL].update(_use_of(spent, everybody, window))
        sections["streams", ALL]["p_all_busy"] = (world.totals().all_busy_ns / 1e9, window)
        groups: dict[Section, list[int]] = {}
        for number, profile in enumerate(centre.profiles):
            if profile is not None:
                groups.setdefault(("profiles", profile), []).append(number)
        one_by_one = len(everybody) <= _FEW if self.by_agent is None else self.by_agent
        for number, name in enumerate(centre.plan.agents if one_by_one else ()):
            groups["agents", name] = [number]
        served = fold.served_by
        for section, members in groups.items():
            figures = _use_of(spent, members, window)
            for n, stream in enumerate(self.streams):
                figures[f"share_of_{stream.name}"] = (float(served[n, members].sum()), float(served[n].sum()))
            sections[section] = figures

    def run(
        self,
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Result:
        """All replications of the plan. ``executor``: any of concurrent.futures; the result does not depend on it. ``progress`` is called with how
        many have ended and how many there are. Where there are several plans, :meth:`compare` runs them."""
        return self._run(next(iter(self.centres)), executor, progress)

    def compare(
        self,
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Comparison:
        """Every plan with the same customers, and each one's differences from the first, paired by replication."""
        from .analysis import versus

        total = self.replications * len(self.centres)
        results: dict[str, Result] = {}
        for count, plan in enumerate(self.centres):
            before = count * self.replications

            def onward(done: int, _: int, before: int = before) -> None:
                if progress is not None:
                    progress(min(before + done, total), total)

            results[plan] = self._run(plan, executor, onward)
        differences: dict[str, dict[Section, dict[str, Any]]] = {plan: {} for plan in list(results)[1:]}
        first = next(iter(results))
        count = min(result.replications for result in results.values())
        if count < 2 or self.batch_means:
            return Comparison(self.name, results, differences)
        for section, figures in results[first].samples.items():
            if section[0] != "streams":
                continue
            for figure in figures:
                samples = {
                    plan: (one.samples[section][figure][0][:count], one.samples[section][figure][1][:count])
                    for plan, one in results.items()
                }
                if any(below.sum() == 0 for _, below in samples.values()):
                    continue
                for plan, difference in versus(samples, first, confidence=self.confidence).items():
                    differences[plan].setdefault(section, {})[figure] = difference
        return Comparison(self.name, results, differences)

    def select(
        self,
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Chosen:
        """Which plan is best by the study's ``select``. Replications are carried out as they are needed; ``progress`` is called with how many
        have ended, twice, for nobody knows how many there will be."""
        if self.choosing is None:
            raise KobleError('the study says nothing of "select"; write what is to be best')
        ended = 0

        def replicate(plan: str, numbers: Sequence[int]) -> list[Replication]:
            nonlocal ended
            found = [parts[0] for parts in _each(self, numbers, plan, executor)]
            ended += len(found)
            if progress is not None:
                progress(ended, ended)
            return found

        return self.choosing.choose(self.name, list(self.centres), replicate, self.confidence)

    def _run(self, plan: str, executor: Executor | None, progress: Callable[[int, int], None] | None) -> Result:
        done: list[Replication] = []
        parts: list[Replication] = []

        def carry_out(numbers: Sequence[int], total: int) -> None:
            for ended in _each(self, numbers, plan, executor):
                if self.batch_means:
                    parts.extend(ended)
                else:
                    done.append(ended[0])
                if progress is not None:
                    progress(len(done) or 1, total)

        if self.precision is None:
            carry_out(range(self.replications), self.replications)
            if self.batch_means:
                return of_one_run(self.name, parts, self.confidence)
            return self._of(done, [])
        plan_of_looks = self.precision.sequential(self.confidence)
        while len(plan_of_looks.numbers):
            numbers = plan_of_looks.numbers
            carry_out(numbers, numbers.stop)
            plan_of_looks.add(self.precision.samples(done[numbers.start :]))
        missed = [f"{figure}: the wanted half-width was not reached in {len(done)} replications" for figure in plan_of_looks.missed()]
        return self._of(done, missed)

    def _of(self, done: list[Replication], problems: list[str]) -> Result:
        controls = self.streams if self.controlled else []
        window = (self.warmup_ns, self.horizon_ns)
        return of_replications(self.name, done, self.confidence, days=self.days, controls=controls, window_ns=window, problems=problems)


def _streams_of_file(reader: Reader, streams: Any, folder: Path) -> Any:
    """Where ``streams`` is a path, those of that file: a traffic model (koble.fit), or any object with ``streams``."""
    if not isinstance(streams, str):
        return streams
    try:
        written = json.loads((folder / streams).read_text(encoding="utf-8"))
    except OSError as error:
        reader.wrong("streams", f"{error.filename}: {error.strerror}")
    except json.JSONDecodeError as error:
        reader.wrong("streams", f"{streams}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}")
    else:
        if isinstance(written, Mapping):
            return written.get("streams")
        reader.wrong("streams", f'{streams}: is no traffic model; it needs an object with "streams"')
    return None


def _use_of(spent: np.ndarray[Any, Any], members: Sequence[int], window: float) -> dict[str, Pair]:
    """How some agents spent their time together."""
    own = spent[list(members)]
    present, busy, talk, wrap = (float(own[key].sum()) / 1e9 for key in ("present_ns", "busy_ns", "talk_ns", "wrap_ns"))
    return {
        "utilisation": (busy, present),
        "mean_conversations": (talk, present),
        "busy_s": (busy, 1.0),
        "wrap_up_s": (wrap, 1.0),
        "present_s": (present, 1.0),
        "mean_busy": (busy, window),
        "conversations": (float(own["served"].sum()), 1.0),
    }


def _replicate(task: tuple[Study, int, str]) -> list[Replication]:
    study, number, plan = task
    return study.replicate(number, plan)


def _each(study: Study, numbers: Sequence[int], plan: str, executor: Executor | None) -> Iterable[list[Replication]]:
    tasks = [(study, number, plan) for number in numbers]
    return map(_replicate, tasks) if executor is None else executor.map(_replicate, tasks)
