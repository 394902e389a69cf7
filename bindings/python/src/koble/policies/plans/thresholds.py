"""Plans by thresholds, and what policies that look at queue lengths need of a plan (policy 24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import ArgumentError
from ...times import duration_ns, format_duration
from .model import PlanDict, somebody_of, table_plan

__all__ = ["asking", "gauge_steps", "reservation", "wake_ups"]


def reservation(groups: Mapping[str, Iterable[str]], reserves: Mapping[str, int], **queue: Any) -> PlanDict:
    """24. Idle-server reservation (Gans and Zhou 2003; Armony and Maglaras 2004).

    A type with a reserve r is given an agent only while more than r agents are idle who may serve it; the agent about to be
    taken is one of them. Types without a reserve go before those with one, greater reserves last.
    """
    served = {group: list(types) for group, types in groups.items()}
    types = list(dict.fromkeys(name for its in served.values() for name in its))
    order = sorted({reserves.get(name, 0) for name in types}, reverse=True)
    plan = table_plan(types, served, skills=True, queue=queue)
    for entry in plan["queues"]:
        reserve = reserves.get(entry["name"], 0)
        entry["require"] = somebody_of(group for group, its in served.items() if entry["name"] in its)
        entry["reserve"] = reserve
        entry["priority"] = {"weight": order.index(reserve)}
    return plan


def gauge_steps(bits: int = 10) -> list[dict[str, Any]]:
    """Steps that write a queue's length into its contacts: step n + 1 is open where bit n of the number waiting is 1.

    `koble.policies.Gauge` reads them. They ask nobody more and give a millionth of a point each. A change of the length
    triggers everybody who waits there, so that a policy that wanted nobody is asked again. bits: 1 to 31; lengths below 2^bits.
    """
    if not 1 <= bits <= 31:
        raise ArgumentError(f"bits is {bits}; write 1 to 31")
    odd = [f"waiting / {1 << bit} - waiting / {2 << bit} * 2 = 1" for bit in range(bits)]
    return [{"when": state, "while": state, "priority": 0.000001} for state in odd]


def wake_ups(every: str, count: int = 31) -> list[dict[str, Any]]:
    """Steps that do nothing but trigger a contact as time passes, for policies that let contacts wait on purpose."""
    if not 1 <= count <= 32:
        raise ArgumentError(f"count is {count}; a queue has at most 32 steps")
    length = duration_ns(every)
    return [{"after": format_duration(n * length), "priority": 0.000001} for n in range(1, count + 1)]


def asking(
    plan: Mapping[str, Any],
    *,
    agents: str | None = None,
    contacts: str | None = None,
    heads: bool = True,
    gauge: int = 0,
    wake: str | None = None,
) -> PlanDict:
    """The plan with policies: `agents` names the one that every queue asks for an agent, `contacts` the one that every profile
    asks for a contact.

    heads: only the first of each queue is shown (`one_by_one`), so that all queues are seen however many wait: as it should be
    where types are queues and agents get contacts at once. In ringing queues, where one who is being rung would hold up the
    rest, say False: then the 64 foremost are shown. gauge: so many `gauge_steps` before the queue's own steps; wake: `wake_ups`
    behind them so often.
    """
    queues = []
    for entry in plan.get("queues", []):
        changed = dict(entry)
        if agents is not None:
            changed["policy"] = {"name": agents, "candidates": 64}
        if contacts is not None and heads:
            changed["one_by_one"] = True
        steps = [*(gauge_steps(gauge) if gauge else []), *changed.get("steps", [])]
        if wake is not None:
            steps += wake_ups(wake, 32 - len(steps))
        if steps:
            changed["steps"] = steps
        queues.append(changed)
    profiles = [dict(profile) for profile in plan.get("profiles", [])]
    if contacts is not None:
        for profile in profiles:
            profile["policy"] = {"name": contacts, "candidates": 64}
    return {**plan, "queues": queues, "profiles": profiles}
