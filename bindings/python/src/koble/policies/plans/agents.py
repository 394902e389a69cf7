"""Plans by the choice of agents (policies 12 to 16, 28 to 30, 33)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import ArgumentError
from .model import PlanDict, Table, skill
from .priorities import first_in_first_out

__all__ = ["chats", "fastest_server_first", "fcfs_alis", "least_skilled_first", "random_agent"]

#: Levels are whole numbers up to 10^6; a rate of the fastest becomes this level.
_LEVELS = 1_000_000


def fcfs_alis(groups: Mapping[str, Iterable[str]], **queue: Any) -> PlanDict:
    """13. FCFS-ALIS: first come first served, assign the longest idle server (Adan and Weiss 2014); its second half is 14,
    longest idle server first (Armony 2005)."""
    return first_in_first_out(groups, **{"select": "longest_idle", **queue})


def random_agent(groups: Mapping[str, Iterable[str]], **queue: Any) -> PlanDict:
    """12. A random free agent, all alike (ContactCenters' example Bilingual).

    A group then gets a contact with a chance proportional to its idle agents, which is 16, the randomised most-idle policy
    (Mandelbaum, Momcilovic and Tseytlin 2012).
    """
    return first_in_first_out(groups, **{"select": "random", **queue})


def fastest_server_first(rates_per_hour: Table, **queue: Any) -> PlanDict:
    """15. Fastest server first (Armony 2005): the free agent with the greatest mu_ik; among equals who is idle longest.

    rates_per_hour: group, then type. Each type is a skill, and an agent's level of it the rate against the greatest of all, in
    millionths, so rates that differ by less are equal.
    """
    most = max((mu for row in rates_per_hour.values() for mu in row.values()), default=0.0)
    if most <= 0 or any(mu <= 0 for row in rates_per_hour.values() for mu in row.values()):
        raise ArgumentError("service rates are above 0; leave out pairs that are not served")
    plan = first_in_first_out(rates_per_hour, **{"select": "most_skilled", **queue})
    plan["skills"] = [entry["name"] for entry in plan["queues"]]
    for profile in plan["profiles"]:
        row = rates_per_hour[profile["name"]]
        profile["skills"] = {name: max(1, round(mu / most * _LEVELS)) for name, mu in row.items()}
    for entry in plan["queues"]:
        entry["require"], entry["select_skills"] = skill(entry["name"]), [entry["name"]]
    return plan


def least_skilled_first(groups: Mapping[str, Iterable[str]], **queue: Any) -> PlanDict:
    """33. Skill scarcity: the free agent with the fewest skills, specialists before generalists; then who is idle longest."""
    served = {group: list(types) for group, types in groups.items()}
    plan = first_in_first_out(served, **{"select": "least_skilled", **queue})
    plan["skills"] = [entry["name"] for entry in plan["queues"]]
    for profile in plan["profiles"]:
        profile["skills"] = dict.fromkeys(served[profile["name"]], 1)
    for entry in plan["queues"]:
        entry["require"], entry["select_skills"] = skill(entry["name"]), list(plan["skills"])
    return plan


def chats(
    groups: Mapping[str, Iterable[str]],
    most: Mapping[str, int],
    assign: str = "least_loaded",
    *,
    policy: Mapping[str, Any] | None = None,
    **queue: Any,
) -> PlanDict:
    """28 to 30. Agents who have several chats at once, most[group] of them at most; a chat takes one unit.

    assign: "least_loaded" (30: the smallest load, chats over capacity), "shortest" (28, join the shortest queue: the fewest
    chats), "fill_first" (29: the most loaded who is not full), or "lot" (any, by lot). With ``policy={"name": ...,
    "candidates": d}`` the lot shows d of them, of whom `koble.policies.LeastLoadedShown` takes the best (28, power of d) and
    `koble.policies.IdleElseFirst` an idle one or else the first (28, join the idle queue); `koble.policies.ChatLevels` fills by
    levels.
    """
    selects: dict[str, dict[str, Any]] = {
        "least_loaded": {"select": "least_loaded"},
        "shortest": {"select": "fewest_open"},
        "fill_first": {"select": "score", "score": [{"feature": "load", "weight": 1}]},
        "lot": {"select": "random"},
    }
    if assign not in selects:
        raise ArgumentError(f"assign is {assign!r}; write one of {', '.join(selects)}")
    plan = first_in_first_out(groups, **{**selects[assign], **queue})
    plan["channels"] = [{"name": "chat", "cost": 1}]
    for profile in plan["profiles"]:
        if most[profile["name"]] < 1:
            raise ArgumentError(f"group {profile['name']!r}: at most {most[profile['name']]} chats; write 1 or more")
        profile["capacity"] = most[profile["name"]]
    if policy is not None:
        for entry in plan["queues"]:
            entry["policy"] = dict(policy)
    return plan
