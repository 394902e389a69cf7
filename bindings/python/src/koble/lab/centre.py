"""One plan of a study with those who work under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine import Engine
from ..errors import KobleError, PlanError
from ..plan import Plan
from ..policies.board import Board
from .people import Floats, People, Staff, add_agents, drawn_wrap_ups, factors, read_people, read_staff
from .policies import Maker, asked_names, made, read_policies, wrong_methods
from .reading import Reader
from .traffic import Stream

__all__ = ["Centre", "check_centres", "read_centres"]


@dataclass(frozen=True)
class Centre:
    name: str
    plan: Plan
    staff: Staff
    people: People
    listed: tuple[dict[str, Any], ...]  # the plan's agents as they are written
    #: Of each policy that this plan has, by the name that plan or streams give it.
    policy_makers: Mapping[str, Maker] = field(default_factory=dict)

    @property
    def profiles(self) -> list[str | None]:
        return [agent.get("profile") for agent in self.listed]

    def policies(self, engine: Engine, seed: int = 0) -> tuple[dict[str, Any], Board | None]:
        """New ones, for the run of that engine with that seed, and the board that has to follow it, where one of them looks at it."""
        board = self.board if any(maker.lacks_board for maker in self.policy_makers.values()) else None
        ready = {name: made(name, maker, engine, board, self.groups, seed) for name, maker in self.policy_makers.items()}
        return ready, board if any(maker.needs_board(ready[name]) for name, maker in self.policy_makers.items()) else None

    @property
    def board(self) -> Board:
        """A new one; whoever has room for one contact of the cheapest channel is idle."""
        return Board(self.groups, min((one.get("cost", 100) for one in self.plan.to_dict().get("channels", [])), default=100))

    @property
    def groups(self) -> dict[str, str]:
        """From each agent's name to its profile, "" where it has none."""
        return {agent: profile or "" for agent, profile in zip(self.plan.agents, self.profiles, strict=True)}

    def factors(self, streams: list[Stream]) -> Floats:
        return factors(streams, self.plan.agents, self.listed, self.plan)

    def check(self, reader: Reader, streams: list[Stream], *, read: bool) -> None:
        """Whether the streams fit this plan, too. ``read``: by this plan, so that its queues and attributes have been looked at."""
        place = "plan" if not self.name else f"plans.{self.name}"
        self._check_policies(reader, streams, place)
        for stream in streams:
            for queue in () if read else stream.queues:
                if queue not in self.plan.queues:
                    reader.wrong(place, f"lacks the queue {queue!r} of the stream {stream.name!r}")
            for name in () if read else stream.attributes:
                if name not in self.plan.attributes:
                    reader.wrong(place, f"lacks the attribute {name!r} of the stream {stream.name!r}")

    def _check_policies(self, reader: Reader, streams: list[Stream], place: str) -> None:
        """Makes each once, so that what is wrong is said before the first run."""
        ready: dict[str, Any] = {}
        engine, board = (Engine(self.plan), self.board) if self.policy_makers else (None, None)
        for name, maker in self.policy_makers.items():
            try:
                ready[name] = made(name, maker, engine, board, self.groups, 0)
            except KobleError as error:
                ready[name] = None
                if str(error) not in reader.problems:  # of an earlier plan
                    reader.wrong("", str(error))
        dispatchers = [(f"streams[{n}].dispatch", stream.dispatch) for n, stream in enumerate(streams) if stream.dispatch]
        for problem in wrong_methods(asked_names(self.plan, place), dispatchers, ready):
            if problem not in reader.problems:
                reader.wrong("", problem)


def check_centres(reader: Reader, centres: Mapping[str, Centre], streams: list[Stream]) -> None:
    """Whether plans, streams and policies fit together."""
    for number, centre in enumerate(centres.values()):
        centre.check(reader, streams, read=number == 0)
    named = {name for centre in centres.values() for _, name, _ in asked_names(centre.plan, "")}
    had = {name: None for centre in centres.values() for name in centre.policy_makers}
    for number, stream in enumerate(streams):
        if stream.dispatch is not None and stream.dispatch not in had:
            reader.wrong("policies", f"lacks {stream.dispatch!r}, which streams[{number}].dispatch names")
    for name in had:
        if name not in named and all(stream.dispatch != name for stream in streams):
            reader.wrong(f"policies.{name}", "is asked by nobody: no plan names it as a policy, and no stream as dispatch")


def read_centres(reader: Reader, given: Mapping[str, Any], folder: Path, horizon_ns: int) -> dict[str, Centre]:
    """The plan, or plans by name, each with the same agents, people and staff; none where a plan is no plan."""
    way = reader.one_of(given, ["plan", "plans"], "")
    if way is None:
        return {}
    plans = {"": given["plan"]} if way == "plan" else given["plans"]
    if not isinstance(plans, Mapping) or not plans:
        reader.wrong("plans", 'write plans by name, such as {"now": "now.json", "new": {"queues": []}}')
        return {}
    found = {}
    policies = read_policies(reader, given.get("policies"), [str(name) for name in plans])
    for name, source in plans.items():
        place = "plan" if way == "plan" else f"plans.{name}"
        plan = _read_plan(reader, source, place, given, folder)
        if plan is None:
            return {}
        listed = tuple(plan.to_dict().get("agents", []))
        profiles = [agent.get("profile") for agent in listed]
        found[str(name)] = Centre(
            str(name),
            plan,
            read_staff(reader, given.get("staff"), plan.agents, profiles, horizon_ns),
            read_people(reader, given.get("people"), given.get("answer"), profiles),
            listed,
            policies[str(name)],
        )
    return found


def _read_plan(reader: Reader, source: Any, place: str, given: Mapping[str, Any], folder: Path) -> Plan | None:
    """The plan, with ``agents`` (so many of a profile) added to its list."""
    try:
        if isinstance(source, str):
            written = Plan(folder / source).to_dict()
        elif isinstance(source, Mapping):
            written = Plan(source).to_dict()
        else:
            reader.wrong(place, "write a plan, or the path of its file")
            return None
        before = len(reader.problems)
        agents = add_agents(reader, written, given.get("agents"), drawn_wrap_ups(given.get("people")))
        if len(reader.problems) > before:
            return None
        return Plan({**written, "agents": agents})
    except PlanError as error:
        for problem in error.problems:
            reader.wrong(place, problem)
    except OSError as error:
        reader.wrong(place, f"{error.filename}: {error.strerror}")
    return None
