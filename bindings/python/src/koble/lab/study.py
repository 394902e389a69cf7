"""A study: a plan, what comes, who is there, how long and how often; and what is measured."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..enums import Exit, Presence
from ..errors import PlanError
from ..plan import Plan
from ..sim import PRESENCE_DTYPE, run_trace
from ..times import format_duration
from .estimate import Estimate, ratio
from .reading import Reader, StudyError
from .traffic import ALL as _ALL
from .traffic import Stream, draw, read_streams

__all__ = ["Result", "Study", "StudyError"]

Floats = npt.NDArray[np.float64]

_KEYS = [
    "name", "plan", "agents", "streams", "staff", "answer", "horizon", "warmup", "replications", "seed", "confidence",
    "thresholds",
]  # fmt: skip
_NOBODY = 2**32 - 1  # koble_sim_outcome: the agent of one whom nobody served
_AT_THE_DOOR = (Exit.FULL, Exit.CLOSED, Exit.REFUSED, Exit.NOT_ROUTABLE)


@dataclass(frozen=True)
class _Shift:
    """So many agents, by the plan's list, of those listed by ``agents`` are there from ``begin_ns`` on."""

    agents: tuple[int, ...]
    begin_ns: int
    end_ns: int  # NEVER where it is the run's end


class Study:
    """What is to be simulated. ``Study(source)`` takes a ``pathlib.Path``, JSON text or a dict; a relative path of the plan is looked for
    beside the study. A study that cannot be carried out raises :class:`StudyError` with every mistake."""

    name: str
    plan: Plan
    streams: list[Stream]
    horizon_ns: int
    warmup_ns: int
    replications: int
    seed: int
    confidence: float
    thresholds_ns: list[int]

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
        self.replications = reader.whole(given.get("replications"), "replications", 1, 1_000_000, 10)
        self.seed = reader.whole(given.get("seed"), "seed", 0, 2**63 - 1, 1)
        self.confidence = reader.number(given.get("confidence"), "confidence", 0.5, 0.999999, 0.95)
        self.answer_ns = reader.duration(given.get("answer"), "answer", 0)
        listed = given.get("thresholds", ["20s"])
        if not isinstance(listed, list):
            reader.wrong("thresholds", 'write a list of durations, such as ["20s"]')
            listed = []
        self.thresholds_ns = [reader.duration(t, f"thresholds[{i}]") for i, t in enumerate(listed)]
        plan = self._read_plan(reader, given, folder)
        if plan is None:
            raise StudyError(reader.problems)
        self.plan = plan
        self.streams = read_streams(reader, given.get("streams"), list(plan.queues), self.horizon_ns)
        self._staff = self._read_staff(reader, given.get("staff"))
        reader.finish()
        self._queues = [plan.queues.index(stream.queue) for stream in self.streams]

    def __repr__(self) -> str:
        return (
            f"<koble.lab.Study {self.name!r}: {len(self.streams)} streams, {len(self.plan.agents)} agents, "
            f"{format_duration(self.horizon_ns)} x {self.replications}>"
        )

    @staticmethod
    def _read_plan(reader: Reader, given: dict[str, Any], folder: Path) -> Plan | None:
        """The plan, with ``agents`` (so many of a profile) added to its list."""
        source = given.get("plan")
        try:
            if isinstance(source, str):
                source = Plan(folder / source).to_dict()
            elif isinstance(source, Mapping):
                source = Plan(source).to_dict()
            else:
                reader.wrong("plan", "write a plan, or the path of its file")
                return None
            more: list[dict[str, Any]] = []
            listed = given.get("agents", [])
            if not isinstance(listed, list):
                reader.wrong("agents", 'write a list, such as [{"count": 20, "profile": "voice"}]')
                listed = []
            for i, one in enumerate(listed):
                group = reader.object(one, f"agents[{i}]", ["count", "profile", "prefix"])
                count = reader.whole(group.get("count"), f"agents[{i}].count", 1, 1_000_000)
                profile = group.get("profile")
                prefix = str(group.get("prefix", f"{profile or 'agent'} "))
                more += [
                    {"name": f"{prefix}{n + 1}", **({} if profile is None else {"profile": profile})} for n in range(count)
                ]
            return Plan({**source, "agents": [*source.get("agents", []), *more]})
        except PlanError as error:
            for problem in error.problems or [str(error)]:
                reader.wrong("plan", problem)
        except OSError as error:
            reader.wrong("plan", f"{error.filename}: {error.strerror}")
        return None

    def _read_staff(self, reader: Reader, value: Any) -> list[_Shift]:
        """Who is there when: without ``staff`` everybody, all the time."""
        if value is None:
            return [_Shift(tuple(range(len(self.plan.agents))), 0, self.horizon_ns)]
        if not isinstance(value, list):
            reader.wrong("staff", 'write a list, such as [{"profile": "voice", "count": 5, "from": "0h", "to": "8h"}]')
            return []
        of_profile: dict[Any, list[int]] = {}
        for number, agent in enumerate(self.plan.to_dict().get("agents", [])):
            of_profile.setdefault(agent.get("profile"), []).append(number)
        shifts = []
        for i, one in enumerate(value):
            place = f"staff[{i}]"
            shift = reader.object(one, place, ["profile", "count", "from", "to"])
            members = of_profile.get(shift.get("profile"), [])
            count = reader.whole(shift.get("count"), f"{place}.count", 0, 1_000_000, len(members))
            if count > len(members):
                reader.wrong(
                    f"{place}.count", f"is {count}, and the plan lists {len(members)} agents of that profile; add some in agents"
                )
            begin = reader.duration(shift.get("from"), f"{place}.from", 0)
            end = reader.duration(shift.get("to"), f"{place}.to", self.horizon_ns)
            if not begin < min(end, self.horizon_ns):
                reader.wrong(place, '"from" is not before "to" and before the horizon')
            shifts.append(_Shift(tuple(members[:count]), begin, end))
        return shifts

    def _presence(self) -> np.ndarray[Any, Any]:
        """Presence changes by time. Whoever has a shift that goes on from another's end stays; at the horizon those who are there
        stay until the last contact has gone."""
        there: dict[int, list[tuple[int, int]]] = {}
        for shift in self._staff:
            for agent in shift.agents:
                there.setdefault(agent, []).append((shift.begin_ns, shift.end_ns))
        changes = []
        for agent, spans in there.items():
            spans.sort()
            joined = [spans[0]]
            for begin, end in spans[1:]:
                if begin <= joined[-1][1]:
                    joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
                else:
                    joined.append((begin, end))
            for begin, end in joined:
                changes.append((begin, 0, agent, int(Presence.AVAILABLE)))
                if end < self.horizon_ns:
                    changes.append((end, 0, agent, int(Presence.OFFLINE)))
        changes.sort(key=lambda change: (change[0], change[2]))
        return np.array(changes, PRESENCE_DTYPE)

    def _agent_ns(self) -> int:
        """Agents' time between the end of the warm-up and the horizon."""
        presence: dict[int, int] = {}
        total = 0
        for time, _, agent, what in self._presence().tolist():
            if what == int(Presence.AVAILABLE):
                presence[agent] = time
            else:
                total += max(time - max(presence.pop(agent), self.warmup_ns), 0)
        return total + sum(max(self.horizon_ns - max(begin, self.warmup_ns), 0) for begin in presence.values())

    def replicate(self, number: int) -> dict[str, dict[str, tuple[float, float]]]:
        """One replication (from 0): of each stream, and of all together, numerator and denominator of every figure."""
        seed = (self.seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03) % 2**64
        contacts, which = draw(self.streams, self._queues, seed, self.horizon_ns)
        outcomes = run_trace(self.plan, contacts, self._presence(), seed=seed, answer_ns=self.answer_ns).outcomes
        counted = contacts["arrival_ns"] >= self.warmup_ns
        rows = {_ALL: counted} | {s.name: counted & (which == n) for n, s in enumerate(self.streams)}
        window = (self.horizon_ns - self.warmup_ns) / 1e9
        return {
            name: self._figures(contacts[row], outcomes[row], window, self._agent_ns() / 1e9 if name == _ALL else None)
            for name, row in rows.items()
        }

    def _figures(
        self, contacts: np.ndarray[Any, Any], outcomes: np.ndarray[Any, Any], window: float, agents: float | None
    ) -> dict[str, tuple[float, float]]:
        joined = ~np.isin(outcomes["exit"], [int(kind) for kind in _AT_THE_DOOR])
        waits = np.where(joined, outcomes["wait_ns"] / 1e9, 0.0)
        served = outcomes["agent"] != _NOBODY
        left = joined & (outcomes["exit"] != 0)
        waited = joined & (outcomes["wait_ns"] > 0)
        came, stayed = float(len(contacts)), float(joined.sum())
        figures = {
            "arrivals": (came, 1.0),
            "p_refused": (came - stayed, came),
            "p_wait": (float(waited.sum()), stayed),
            "p_abandon": (float(left.sum()), stayed),
            "p_left_waiting": (float((joined & ~served & ~left).sum()), stayed),
            "mean_wait_s": (float(waits.sum()), stayed),
            "mean_wait_given_wait_s": (float(waits.sum()), float(waited.sum())),
            "mean_wait_served_s": (float(waits[served].sum()), float(served.sum())),
            "second_moment_wait_s2": (float((waits**2).sum()), stayed),
            "mean_queue_length": (float(waits.sum()), window),
            "mean_service_s": (float(contacts["service_ns"][served].sum()) / 1e9, float(served.sum())),
        }
        for threshold in self.thresholds_ns:
            within = served & (outcomes["wait_ns"] <= threshold)
            figures[f"p_served_within_{format_duration(threshold)}"] = (float(within.sum()), stayed)
        if agents is not None:
            figures["utilisation"] = (float(contacts["service_ns"][served].sum()) / 1e9, agents)
        return figures

    def run(
        self,
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Result:
        """All replications. ``executor``: any of concurrent.futures; the result does not depend on it. ``progress`` is called with how
        many have ended and how many there are."""
        numbers = range(self.replications)
        done = []
        for one in map(self.replicate, numbers) if executor is None else executor.map(self.replicate, numbers):
            done.append(one)
            if progress is not None:
                progress(len(done), self.replications)
        streams = {}
        for stream in done[0]:
            streams[stream] = {
                figure: ratio(
                    np.array([one[stream][figure][0] for one in done]),
                    np.array([one[stream][figure][1] for one in done]),
                    self.confidence,
                )
                for figure in done[0][stream]
            }
        return Result(self.name, self.replications, self.confidence, streams)


@dataclass(frozen=True)
class Result:
    """Every figure with its interval: ``result["p_wait"]`` of all streams together, ``result["p_wait", "calls"]`` of one."""

    name: str
    replications: int
    confidence: float
    streams: dict[str, dict[str, Estimate]]

    def __getitem__(self, key: str | tuple[str, str]) -> Estimate:
        figure, stream = (key, _ALL) if isinstance(key, str) else key
        return self.streams[stream][figure]

    def to_dict(self) -> dict[str, Any]:
        """For JSON; what could not be judged is null."""

        def plain(number: float) -> float | None:
            return None if number != number else number

        return {
            "study": self.name,
            "replications": self.replications,
            "confidence": self.confidence,
            "streams": {
                stream: {
                    figure: {
                        "value": plain(one.value),
                        "low": plain(one.low),
                        "high": plain(one.high),
                        "error": plain(one.error),
                    }
                    for figure, one in figures.items()
                }
                for stream, figures in self.streams.items()
            },
        }
