"""Who is there: agents, when they come and go, and how they behave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import world
from ..enums import Presence
from ..plan import Plan
from ..sim import PRESENCE_DTYPE, Law, Purpose, uniforms
from ..world import LEVEL_DTYPE, NOBODY
from .laws import read_law
from .reading import HOUR_NS, Reader
from .traffic import Stream

__all__ = ["People", "Shift", "Staff", "add_agents", "read_people", "read_staff"]

Floats = npt.NDArray[np.float64]

# Sources of the people: above those of any stream. They are part of the results.
_OF_LATENESS = int(Purpose.USER) - 10
#: The plan's wrap-up of agents whose wrap-up is drawn: the world ends it.
_LONG_WRAP_UP = "1d"


@dataclass(frozen=True)
class Shift:
    """One agent's: from when to when, how late he comes, and his breaks (begin and length, from the shift's begin)."""

    agent: int  # by the plan's list
    begin_ns: int
    end_ns: int
    late: Law | None = None
    breaks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Staff:
    """Who is there when: some agents by shifts, others as numbers of a group (a profile)."""

    shifts: tuple[Shift, ...]
    groups: tuple[tuple[int, ...], ...]  # agents by the plan's list
    levels: tuple[tuple[int, int, int], ...]  # time, group, count; by time

    def group_of_agent(self, agents: int) -> npt.NDArray[np.uint32]:
        group = np.full(agents, NOBODY, np.uint32)
        for number, members in enumerate(self.groups):
            group[list(members)] = number
        return group

    def level_array(self) -> np.ndarray[Any, Any]:
        return np.array(list(self.levels), LEVEL_DTYPE)

    def presence(self, seed: int, horizon_ns: int) -> np.ndarray[Any, Any]:
        """Presence changes by time. Spans of one agent that meet are one; who is there at the horizon stays until the last contact has gone."""
        spans: dict[int, list[tuple[int, int]]] = {}
        breaks: list[tuple[int, int, int]] = []
        for number, shift in enumerate(self.shifts):
            late = 0 if shift.late is None else int(shift.late.at(uniforms(seed, _OF_LATENESS, number + 1, 1))[0])
            begin = shift.begin_ns + late
            if begin >= min(shift.end_ns, horizon_ns):
                continue  # he has not come at all
            spans.setdefault(shift.agent, []).append((begin, shift.end_ns))
            for after, length in shift.breaks:
                if begin < shift.begin_ns + after < min(shift.end_ns, horizon_ns):
                    breaks.append((shift.agent, shift.begin_ns + after, min(shift.begin_ns + after + length, shift.end_ns)))
        changes: list[tuple[int, int, int, int]] = []
        for agent, own in spans.items():
            own.sort()
            joined = [own[0]]
            for begin, end in own[1:]:
                if begin <= joined[-1][1]:
                    joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
                else:
                    joined.append((begin, end))
            for begin, end in joined:
                changes.append((begin, 0, agent, int(Presence.AVAILABLE)))
                if end < horizon_ns:
                    changes.append((end, 0, agent, int(Presence.OFFLINE)))
        for agent, begin, end in breaks:
            changes.append((begin, 0, agent, int(Presence.BREAK)))
            if not any(change[0] == end and change[2] == agent for change in changes):
                changes.append((end, 0, agent, int(Presence.AVAILABLE)))
        changes.sort(key=lambda change: (change[0], change[2]))
        return np.array(changes, PRESENCE_DTYPE)


@dataclass(frozen=True)
class People:
    """How all agents behave: kinds, and which kind each is."""

    kinds: tuple[world.People, ...]
    kind_of_agent: tuple[int, ...]


def add_agents(reader: Reader, plan: Mapping[str, Any], listed: Any, drawn_wrap_up: set[Any]) -> list[dict[str, Any]]:
    """The agents that a study adds to its plan: so many of a profile, with names made of a prefix and a number. ``drawn_wrap_up``: profiles
    whose wrap-up is drawn, which the plan then only bounds."""
    more: list[dict[str, Any]] = []
    taken = {str(agent.get("name")) for agent in plan.get("agents", [])}
    for i, one in enumerate(reader.list(listed, "agents", '[{"count": 20, "profile": "voice"}]') if listed else []):
        group = reader.object(one, f"agents[{i}]", ["count", "profile", "prefix", "skills", "attributes"])
        count = reader.whole(group.get("count"), f"agents[{i}].count", 1, 1_000_000)
        prefix = str(group.get("prefix", f"{group.get('profile', 'agent')} "))
        made: dict[str, Any] = {key: group[key] for key in ("profile", "skills", "attributes") if key in group}
        for number in range(1, count + 1):
            name = f"{prefix}{number}"
            if name in taken:
                reader.wrong(f"agents[{i}].prefix", f'makes the name "{name}" twice; give each group its own')
                break
            taken.add(name)
            more.append({"name": name, **made})
    agents: list[dict[str, Any]] = [*plan.get("agents", []), *more]
    has_own = {profile["name"] for profile in plan.get("profiles", []) if "wrap_up" in profile}
    for agent in agents:
        profile = agent.get("profile")
        if (profile in drawn_wrap_up or None in drawn_wrap_up) and "wrap_up" not in agent and profile not in has_own:
            agent["wrap_up"] = _LONG_WRAP_UP
    return agents


_PEOPLE = ["profile", "answer", "decline", "miss", "wrap_up", "speeds", "learning"]


def drawn_wrap_ups(value: Any) -> set[Any]:
    """Profiles (None: everybody else) whose wrap-up a study draws."""
    listed = value if isinstance(value, list) else []
    return {one.get("profile") for one in listed if isinstance(one, Mapping) and "wrap_up" in one}


def read_people(reader: Reader, value: Any, answer: Any, profiles: Sequence[str | None]) -> People:
    """``profiles``: of each agent that the plan lists. ``answer``: of those of whom nothing else is said."""
    usual = None if answer is None else read_law(reader, answer, "answer")
    kinds = [world.People(answer=usual)]
    place_of: dict[Any, int] = {}
    for i, one in enumerate(reader.list(value, "people", '[{"profile": "voice", "decline": 0.05}]') if value is not None else []):
        place = f"people[{i}]"
        given = reader.object(one, place, _PEOPLE)
        profile = given.get("profile")
        if profile is not None and profile not in profiles:
            reader.wrong(f"{place}.profile", f"no agent has the profile {profile!r}")
        if profile in place_of:
            reader.wrong(f"{place}.profile", "comes twice; write one object for each profile")
        speeds = given.get("speeds", [])
        learning = reader.object(given.get("learning", {}), f"{place}.learning", ["first", "contacts"])
        decline = reader.number(given.get("decline"), f"{place}.decline", 0, 1, 0)
        miss = reader.number(given.get("miss"), f"{place}.miss", 0, 1, 0)
        if decline + miss > 1:
            reader.wrong(place, '"decline" and "miss" are more than 1 together')
        place_of[profile] = len(kinds) if profile is not None else 0
        kind = world.People(
            speeds=[
                reader.number(speed, f"{place}.speeds[{k}]", 1e-6, 1e6)
                for k, speed in enumerate(reader.list(speeds, f"{place}.speeds", "[1, 0.8, 0.7]") if speeds != [] else [])
            ],
            answer=usual if "answer" not in given else read_law(reader, given["answer"], f"{place}.answer"),
            wrap_up=None if "wrap_up" not in given else read_law(reader, given["wrap_up"], f"{place}.wrap_up"),
            decline=decline,
            miss=miss,
            learning_first=reader.number(learning.get("first"), f"{place}.learning.first", 1e-3, 1000, 1),
            learning_contacts=reader.number(learning.get("contacts"), f"{place}.learning.contacts", 0, 1e9, 0),
        )
        if profile is None:
            kinds[0] = kind
        else:
            kinds.append(kind)
    return People(tuple(kinds), tuple(place_of.get(profile, 0) if profile is not None else 0 for profile in profiles))


def read_staff(reader: Reader, value: Any, names: Sequence[str], profiles: Sequence[str | None], horizon_ns: int) -> Staff:
    """Without ``staff`` everybody, all the time."""
    if value is None:
        return Staff(tuple(Shift(agent, 0, horizon_ns) for agent in range(len(names))), (), ())
    shifts: list[Shift] = []
    numbers: dict[Any, dict[int, int]] = {}  # by profile: changes of the number that is there, by time
    keys = ["agent", "profile", "count", "counts", "every", "from", "to", "late", "breaks"]
    for i, one in enumerate(reader.list(value, "staff", '[{"profile": "voice", "count": 5, "from": "0h", "to": "8h"}]')):
        place = f"staff[{i}]"
        given = reader.object(one, place, keys)
        profile = given.get("profile")
        members = [number for number, own in enumerate(profiles) if own == profile]
        begin = reader.duration(given.get("from"), f"{place}.from", 0)
        end = reader.duration(given.get("to"), f"{place}.to", horizon_ns)
        if not begin < min(end, horizon_ns):
            reader.wrong(place, '"from" is not before "to" and before the horizon')
        if "agent" in given:
            if given["agent"] not in names:
                reader.wrong(f"{place}.agent", f"the plan lists no agent {given['agent']!r}")
                continue
            members = [names.index(given["agent"])]
        elif not members:
            said = "without a profile" if profile is None else f"of the profile {profile!r}"
            reader.wrong(f"{place}.profile", f"the plan lists no agent {said}; add some in agents")
            continue
        changes = numbers.setdefault(profile, {}) if "agent" not in given else {}
        if "counts" in given:
            every = reader.duration(given.get("every"), f"{place}.every", HOUR_NS, least=1)
            before = 0
            counts = reader.list(given["counts"], f"{place}.counts", "[4, 6, 8]")
            for k, count in enumerate([*counts, 0]):
                count = reader.whole(count, f"{place}.counts[{k}]", 0, len(members))
                time = begin + k * every
                if time < horizon_ns:
                    changes[time] = changes.get(time, 0) + count - before
                before = count
            continue
        count = reader.whole(given.get("count"), f"{place}.count", 0, 1_000_000, len(members))
        if count > len(members):
            reader.wrong(f"{place}.count", f"is {count}, and the plan lists {len(members)} such agents; add some in agents")
            continue
        if "agent" in given or "late" in given or "breaks" in given:
            late = None if "late" not in given else read_law(reader, given["late"], f"{place}.late")
            pauses = _read_breaks(reader, given.get("breaks"), f"{place}.breaks")
            shifts.extend(Shift(member, begin, end, late, pauses) for member in members[:count])
        else:
            changes[begin] = changes.get(begin, 0) + count
            if end < horizon_ns:
                changes[end] = changes.get(end, 0) - count
    return _staff(reader, shifts, numbers, profiles)


def _staff(
    reader: Reader, shifts: list[Shift], numbers: Mapping[Any, dict[int, int]], profiles: Sequence[str | None]
) -> Staff:
    own = {shift.agent for shift in shifts}
    groups: list[tuple[int, ...]] = []
    levels: list[tuple[int, int, int]] = []
    for profile, changes in numbers.items():
        if not changes:
            continue
        members = tuple(n for n, theirs in enumerate(profiles) if theirs == profile and n not in own)
        there = 0
        for time in sorted(changes):
            there += changes[time]
            if there > len(members):
                said = "without a profile" if profile is None else f"of the profile {profile!r}"
                reader.wrong("staff", f"at {time / 1e9:g} s {there} agents {said} are wanted, and {len(members)} are there to come by number")
                break
            levels.append((time, len(groups), there))
        groups.append(members)
    return Staff(tuple(shifts), tuple(groups), tuple(sorted(levels)))


def _read_breaks(reader: Reader, value: Any, place: str) -> tuple[tuple[int, int], ...]:
    if value is None:
        return ()
    found = []
    for i, one in enumerate(reader.list(value, place, '[{"after": "2h", "for": "15m"}]')):
        given = reader.object(one, f"{place}[{i}]", ["after", "for"])
        after = reader.duration(given.get("after"), f"{place}[{i}].after", least=1)
        found.append((after, reader.duration(given.get("for"), f"{place}[{i}].for", least=1)))
    if any(a + length >= b for (a, length), (b, _) in zip(found, found[1:], strict=False)):
        reader.wrong(place, "write breaks that do not meet, in order")
    return tuple(found)


def factors(streams: Sequence[Stream], names: Sequence[str], agents: Sequence[Mapping[str, Any]], plan: Plan) -> Floats:
    """Streams x agents: how many times as long a conversation takes; the first of a stream's ``service_by`` that fits an agent holds. Empty
    where all are 1."""
    if not any(stream.service_by for stream in streams):
        return np.empty(0)
    profiles = {profile["name"]: profile for profile in plan.to_dict().get("profiles", [])}
    table = np.ones((len(streams), len(names)))
    for column, agent in enumerate(agents):
        skills = {**profiles.get(agent.get("profile"), {}).get("skills", {}), **agent.get("skills", {})}
        for row, stream in enumerate(streams):
            for by in stream.service_by:
                if by.agent == names[column] or (by.profile is not None and by.profile == agent.get("profile")) or (
                    by.skill is not None and skills.get(by.skill, 0) >= by.level
                ):  # fmt: skip
                    table[row, column] = by.factor
                    break
    return table.ravel()
