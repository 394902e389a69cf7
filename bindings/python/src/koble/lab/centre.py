"""One plan of a study with those who work under it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import KobleError, PlanError
from ..plan import Plan
from ..policies.board import Board
from .people import Floats, People, Staff, add_agents, drawn_wrap_ups, factors, read_people, read_staff
from .reading import Reader
from .traffic import Stream

__all__ = ["Centre", "read_centres"]


@dataclass(frozen=True)
class Centre:
    name: str
    plan: Plan
    staff: Staff
    people: People
    listed: tuple[dict[str, Any], ...]  # the plan's agents as they are written
    #: Policies by the names that the plan gives them: module, class, arguments.
    policy_makers: dict[str, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def profiles(self) -> list[str | None]:
        return [agent.get("profile") for agent in self.listed]

    def policies(self) -> tuple[dict[str, Any], Board | None]:
        """New ones, for one run, and the board that has to follow it, where one of them looks at it: those whose class takes a ``board`` or
        ``lengths`` that the study does not give."""
        board = None
        made = {}
        for name, (module, of, arguments) in self.policy_makers.items():
            maker = getattr(importlib.import_module(module), of)
            wanted = [key for key in ("board", "lengths") if key in inspect.signature(maker).parameters and key not in arguments]
            if wanted and board is None:
                board = Board({agent: profile or "" for agent, profile in zip(self.plan.agents, self.profiles, strict=True)})
            try:
                made[name] = maker(**arguments, **dict.fromkeys(wanted, board))
            except TypeError as error:
                raise KobleError(f"policies.{name}: {error}; what it takes is written as \"with\"") from error
        return made, board

    def factors(self, streams: list[Stream]) -> Floats:
        return factors(streams, self.plan.agents, self.listed, self.plan)

    def check(self, reader: Reader, streams: list[Stream], *, read: bool) -> None:
        """Whether the streams fit this plan, too. ``read``: by this plan, so that its queues and attributes have been looked at."""
        place = "plan" if not self.name else f"plans.{self.name}"
        if read:
            try:
                self.policies()
            except KobleError as error:
                reader.wrong("", str(error))
        for stream in streams:
            for queue in () if read else stream.queues:
                if queue not in self.plan.queues:
                    reader.wrong(place, f"lacks the queue {queue!r} of the stream {stream.name!r}")
            maker = self.policy_makers.get(stream.dispatch or "")
            if stream.dispatch is not None and maker is None:
                reader.wrong("policies", f"lacks {stream.dispatch!r}, which the stream {stream.name!r} names as dispatch")
            for name in () if read else stream.attributes:
                if name not in self.plan.attributes:
                    reader.wrong(place, f"lacks the attribute {name!r} of the stream {stream.name!r}")


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
            _read_policies(reader, given.get("policies")),
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


def _read_policies(reader: Reader, value: Any) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """``{"pick": "koble.policies:LongestQueue"}``, or an object with ``class`` and ``with``, its arguments."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reader.wrong("policies", 'write classes by the plan\'s names, such as {"pick": "my_policies:Pick"}')
        return {}
    found = {}
    for name, one in value.items():
        place = f"policies.{name}"
        given = {"class": one} if isinstance(one, str) else reader.object(one, place, ["class", "with"])
        module, _, of = str(given.get("class", "")).partition(":")
        arguments: Any = given.get("with", {})
        try:
            if not callable(getattr(importlib.import_module(module), of)):
                raise AttributeError
            if not isinstance(arguments, Mapping):
                raise AttributeError
        except (ImportError, AttributeError, ValueError):
            reader.wrong(place, f'is {one!r}; write "module:Class", the module being one that Python finds, and "with" as an object')
            continue
        found[str(name)] = (module, of, dict(arguments))
    return found
