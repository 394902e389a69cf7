"""Plans by preference: lists, ranks, delays and regions (policies 1, 2, 6, 7, 8, 11, 27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import ArgumentError
from ...times import duration_ns, format_duration
from .model import Lists, PlanDict, Table, decimal, places, somebody_of, table_plan

__all__ = [
    "agents_preference",
    "last_group",
    "local_specialist",
    "overflow_script",
    "preference_with_delays",
    "priority_delay_threshold",
    "queue_priority",
]


def _both_sides(type_lists: Lists, group_lists: Lists) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """(tier, rank) by group and type, checked to speak of the same pairs."""
    tier: dict[str, dict[str, int]] = {}
    for name, groups in type_lists.items():
        for group, place in places(groups, f"the list of type {name!r}").items():
            tier.setdefault(group, {})[name] = place
    rank = {group: places(types, f"the list of group {group!r}") for group, types in group_lists.items()}
    for group in {**tier, **rank}:
        odd = set(tier.get(group, {})) ^ set(rank.get(group, {}))
        if odd:
            raise ArgumentError(
                f"group {group!r} and type {min(odd)!r} stand in one of their lists only; write both, or neither"
            )
    return tier, rank


def queue_priority(type_lists: Lists, group_lists: Lists, **queue: Any) -> PlanDict:
    """1. Queue priority with overflow lists (Koole, Pot and Talim 2003; ContactCenters QUEUEPRIORITY).

    A contact goes to the first group of its type's list that has a free agent (there: who is idle longest); an agent takes the
    longest waiting contact of the first queue of its group's list in which somebody waits. Lists become tiers and ranks.
    queue: settings of every queue.
    """
    tier, rank = _both_sides(type_lists, group_lists)
    return table_plan(type_lists, {g: list(rank[g]) for g in group_lists}, rank=rank, tier=tier, queue=queue)


def last_group(type_lists: Lists, **queue: Any) -> PlanDict:
    """2. Queue at last group (ContactCenters): the list is tried at arrival only; who finds nobody waits for its last group.

    The step that replaces the list opens where, at joining, nobody of it is free, and stays open. Among those who wait for a
    group it is first come, first served.
    """
    served: dict[str, list[str]] = {}
    tier: dict[str, dict[str, int]] = {}
    for name, groups in type_lists.items():
        for group, place in places(groups, f"the list of type {name!r}").items():
            served.setdefault(group, []).append(name)
            tier.setdefault(group, {})[name] = place
    plan = table_plan(type_lists, served, tier=tier, skills=True, queue=queue)
    for entry in plan["queues"]:
        place_of = places(type_lists[entry["name"]], "")
        entry["require"] = somebody_of(place_of)
        last = [group for group, place in place_of.items() if place == max(place_of.values())]
        entry["steps"] = [{"when": "not free[0]", "require": somebody_of(last), "replace": True}]
    return plan


def agents_preference(
    type_ranks: Mapping[str, Mapping[str, int]],
    group_ranks: Table,
    *,
    wait_weights: Mapping[str, float] | None = None,
    delays: Table | None = None,
    **queue: Any,
) -> PlanDict:
    """6. Agents' preference (ContactCenters AGENTSPREF, after Whitt).

    type_ranks: type, then group; the smallest rank with a free agent has the contact, among equals who is idle longest.
    group_ranks: group, then type; an agent takes the smallest rank, among equals the greatest wait x wait_weights[type] (1
    where there is none). Idle times weighted by group want the class `koble.policies.AgentsPreference`.
    """
    tier: dict[str, dict[str, int]] = {}
    for name, ranks in type_ranks.items():
        for group, rank in ranks.items():
            tier.setdefault(group, {})[name] = rank
    for group in {**tier, **group_ranks}:
        odd = set(tier.get(group, {})) ^ set(group_ranks.get(group, {}))
        if odd:
            raise ArgumentError(f"group {group!r} and type {min(odd)!r} have one rank only; write both, or neither")
    plan = table_plan(type_ranks, group_ranks, rank=group_ranks, tier=tier, delay=delays, queue=queue)
    if wait_weights is not None:
        for entry in plan["queues"]:
            entry["priority"] = {"rate": decimal(wait_weights.get(entry["name"], 1.0))}
    return plan


def preference_with_delays(
    type_ranks: Mapping[str, Mapping[str, int]],
    group_ranks: Table,
    delays: Table,
    *,
    wait_weights: Mapping[str, float] | None = None,
    transfer: bool = False,
    **queue: Any,
) -> PlanDict:
    """7. Agents' preference with delays (ContactCenters).

    As agents_preference, but a pair is allowed only after the contact has waited delays[group][type] ("30s"; without one at
    once). transfer: overflow transfer: at each delay of its type a contact leaves the groups before and is for those of that
    delay alone. Ranks that change with the wait want the class `koble.policies.AgentsPreference`.
    """
    plan = agents_preference(type_ranks, group_ranks, wait_weights=wait_weights, delays=None if transfer else delays, **queue)
    if not transfer:
        return plan
    plan["skills"] = list(group_ranks)
    for profile in plan["profiles"]:
        profile["skills"] = {profile["name"]: 1}
    for entry in plan["queues"]:
        name = entry["name"]
        by_delay: dict[int, list[str]] = {0: []}
        for group in type_ranks[name]:
            by_delay.setdefault(duration_ns(delays.get(group, {}).get(name, 0)), []).append(group)
        entry["require"] = somebody_of(by_delay.pop(0))
        entry["steps"] = [
            {"after": format_duration(after), "require": somebody_of(by_delay[after]), "replace": True}
            for after in sorted(by_delay)
        ]
    return plan


def local_specialist(
    type_regions: Mapping[str, str],
    group_regions: Mapping[str, str],
    overflow_delay: str,
    *,
    served: Mapping[str, Sequence[str]] | None = None,
    **queue: Any,
) -> PlanDict:
    """8. Local specialist (ContactCenters): groups of the contact's region first, the others after overflow_delay.

    An agent, too, takes contacts of its own region before others. served: the types of each group; without it all.
    """
    groups = {group: list(type_regions if served is None else served[group]) for group in group_regions}
    local = {g: {t: type_regions[t] == region for t in groups[g]} for g, region in group_regions.items()}
    order = {g: {t: 1 if near else 2 for t, near in row.items()} for g, row in local.items()}
    delay = {g: {t: overflow_delay for t, near in row.items() if not near} for g, row in local.items()}
    return table_plan(type_regions, groups, rank=order, tier=order, delay=delay, queue=queue)


def overflow_script(
    scripts: Mapping[str, Sequence[Mapping[str, Any]]], group_lists: Lists | None = None, **queue: Any
) -> PlanDict:
    """11. Overflow and priority script (ContactCenters): stages of each type, by waiting time and condition.

    A stage is ``{"after": "30s", "when": "not free[0]", "groups": [...], "priority": 5}``: from then on, where the condition
    (docs/plan.md, steps by state) holds, its groups may serve beside those of earlier stages, in their order (equals in a list
    of their own), and the contact has so many points more. Groups of the first stage, which has neither "after" nor "when", are
    the queue's own. What ContactCenters does with one contact in several group queues is one queue with several requirements
    here.
    """
    served: dict[str, list[str]] = {}
    tier: dict[str, dict[str, int]] = {}
    steps_of: dict[str, list[dict[str, Any]]] = {}
    for name, stages in scripts.items():
        steps: list[dict[str, Any]] = []
        for number, stage in enumerate(stages):
            opening = {key: stage[key] for key in ("after", "when") if key in stage}
            if (number == 0) == bool(opening):
                raise ArgumentError(f'stage {number} of {name!r}: write "after" or "when" in every stage but the first')
            if number == 0 and "priority" in stage:
                raise ArgumentError(f"the first stage of {name!r} has a priority; write it as the queue's own")
            found = places(stage.get("groups", []), f"stage {number} of {name!r}")
            for group, place in found.items():
                if name not in tier.setdefault(group, {}):
                    served.setdefault(group, []).append(name)
                    tier[group][name] = place
            points = {"priority": stage["priority"]} if "priority" in stage else {}
            # A step that gives points and asks nobody more has no requirement.
            asked = {"require": somebody_of(found)} if found or not points else {}
            steps.append({**opening, **asked, **points})
        steps_of[name] = steps
    rank = None
    if group_lists is not None:
        rank = {group: places(types, f"the list of group {group!r}") for group, types in group_lists.items()}
    plan = table_plan(scripts, served, rank=rank, tier=tier, skills=True, queue=queue)
    for entry in plan["queues"]:
        first, *later = steps_of[entry["name"]]
        entry["require"] = first["require"]
        entry["steps"] = sorted(later, key=lambda step: duration_ns(step.get("after", 0)))
    return plan


def priority_delay_threshold(
    type_lists: Lists, group_lists: Lists, *, delays: Table, thresholds: Table, **queue: Any
) -> PlanDict:
    """27. PD: priority lists with a delay and an idle threshold for each pair (Chan, Koole and L'Ecuyer 2014).

    A group may serve a type once the contact has waited delays[group][type] and while more than thresholds[group][type] of its
    agents are idle. Each place of a type's list is a step with a reserve, each delay an entry of the group's table.
    """
    _, rank = _both_sides(type_lists, group_lists)
    plan = table_plan(type_lists, {g: list(rank[g]) for g in group_lists}, rank=rank, delay=delays, skills=True, queue=queue)
    for entry in plan["queues"]:
        name = entry["name"]
        steps = []
        for group in places(type_lists[name], ""):
            step: dict[str, Any] = {"after": "0s", "require": somebody_of([group])}
            steps.append({**step, "reserve": int(thresholds.get(group, {}).get(name, 0))})
        first, *entry["steps"] = steps
        entry["require"], entry["reserve"] = first["require"], first["reserve"]
    return plan
