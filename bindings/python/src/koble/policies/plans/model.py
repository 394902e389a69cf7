"""The common part of all plans here: contact types, groups of agents, and which group may serve which type.

Every type is a queue, every group a profile whose table (docs/plan.md, `queues` of a profile) lists the types that it serves
and no others. Plans are dicts, to be changed further and given to `koble.Plan` or to a study.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ...errors import ArgumentError

__all__ = ["Lists", "PlanDict", "Table", "decimal", "groups_of", "places", "skill", "somebody_of", "staffed", "table_plan"]

PlanDict: TypeAlias = dict[str, Any]
#: From a name to names in order of preference; those that stand together in a list of their own are equally good.
Lists: TypeAlias = Mapping[str, Sequence[str | Sequence[str]]]
#: A value for each pair: group, then type.
Table: TypeAlias = Mapping[str, Mapping[str, Any]]

#: The greatest `rank` of a profile's table.
_RANKS = 99


def decimal(value: float) -> float | int:
    """A number as plans take it, with at most six decimals."""
    rounded = round(float(value), 6)
    return int(rounded) if rounded == int(rounded) else rounded


def skill(name: str) -> str:
    """A skill's name as it stands in a requirement."""
    if '"' in name:
        raise ArgumentError(f"{name!r} cannot be named in a requirement; write a name without quotation marks")
    return f'"{name}"'


def somebody_of(groups: Iterable[str]) -> str:
    """The requirement that an agent is of one of these groups, which are skills of the plan; of none: nobody."""
    return " or ".join(skill(group) for group in groups) or "not true"


def places(entries: Sequence[str | Sequence[str]], where: str) -> dict[str, int]:
    """From each name of a list to its place, from 1; equals share one."""
    found: dict[str, int] = {}
    for place, entry in enumerate(entries, start=1):
        for name in [entry] if isinstance(entry, str) else entry:
            if name in found:
                raise ArgumentError(f"{where}: {name!r} is listed twice; list it once")
            found[name] = place
    return found


def table_plan(
    types: Iterable[str],
    groups: Mapping[str, Iterable[str]],
    *,
    rank: Table | None = None,
    tier: Table | None = None,
    delay: Table | None = None,
    skills: bool = False,
    queue: Mapping[str, Any] | None = None,
) -> PlanDict:
    """A plan with a queue for each type and a profile for each group.

    groups: which types each serves. rank, tier, delay: of pairs, group first; what is not there has the plan's default. skills:
    each group is a skill, too, which its agents have at level 1, so that requirements and counters can name it. queue: settings
    of every queue; without an "offer" there agents get contacts at once (mode "auto").

    Raises ArgumentError where a group serves a type that is not there, nobody serves a type, or a rank is beyond 99.
    """
    names = list(types)
    served: set[str] = set()
    profiles: list[dict[str, Any]] = []
    for group, its in groups.items():
        entries: list[dict[str, Any]] = []
        for name in its:
            if name not in names:
                raise ArgumentError(f"group {group!r} serves {name!r}, which is no type; the types are {', '.join(names)}")
            entry: dict[str, Any] = {"queue": name}
            for key, table in (("rank", rank), ("tier", tier), ("delay", delay)):
                value = table.get(group, {}).get(name) if table is not None else None
                if value is not None:
                    entry[key] = value
            if entry.get("rank", 1) > _RANKS:
                raise ArgumentError(f"group {group!r}: rank {entry['rank']} of {name!r}; a plan has at most {_RANKS} ranks")
            entries.append(entry)
            served.add(name)
        profile: dict[str, Any] = {"name": group, "queues": entries, "others": "never"}
        profiles.append({**profile, "skills": {group: 1}} if skills else profile)
    alone = [name for name in names if name not in served]
    if alone:
        raise ArgumentError(f"no group serves {alone[0]!r}; let one do so, or leave the type out")
    settings = {"offer": {"mode": "auto"}, **(queue or {})}
    plan: PlanDict = {"profiles": profiles, "queues": [{"name": name, **settings} for name in names]}
    return {"skills": list(groups), **plan} if skills else plan


def staffed(plan: Mapping[str, Any], agents: Mapping[str, int]) -> PlanDict:
    """The plan with so many agents of each group, named like those of a study: "sales 1", "sales 2" ..."""
    known = {profile["name"] for profile in plan.get("profiles", [])}
    for group in agents:
        if group not in known:
            raise ArgumentError(f"{group!r} is no group of the plan; its profiles are {', '.join(sorted(known))}")
    more = [{"name": f"{group} {n + 1}", "profile": group} for group, count in agents.items() for n in range(count)]
    return {**plan, "agents": [*plan.get("agents", []), *more]}


def groups_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """From each listed agent's name to its group (profile; "" where it has none), as policies want it."""
    return {agent["name"]: agent.get("profile", "") for agent in plan.get("agents", [])}
