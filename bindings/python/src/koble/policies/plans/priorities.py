"""Plans by the order of contacts (policies 3, 4, 5, 17, 18, 19, 20, 22, 34)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...errors import ArgumentError
from ...times import duration_ns, format_duration
from .model import PlanDict, Table, decimal, places, table_plan

__all__ = [
    "accumulating",
    "c_mu",
    "c_mu_theta",
    "earliest_deadline",
    "first_in_first_out",
    "generalised_c_mu",
    "index_priority",
    "longest_queue",
    "static_priority",
    "weighted_wait",
]

_STEPS = 32
#: The greatest rate of weights that count by their ratios: six decimals then keep nine digits.
_SCALE = 1000.0


def _rates(weights: Mapping[str, float]) -> dict[str, float | int]:
    """Weights as rates of priority: only their ratios count, so that they may be scaled."""
    most = max(weights.values(), default=0.0)
    if most <= 0 or min(weights.values()) < 0:
        raise ArgumentError("weights are not negative, and one is above 0; write such weights")
    return {name: decimal(weight / most * _SCALE) for name, weight in weights.items()}


def first_in_first_out(groups: Mapping[str, Iterable[str]], **queue: Any) -> PlanDict:
    """4. Single FIFO, longest wait first (ContactCenters SINGLEFIFOQUEUE). groups: the types that each serves.

    Of two who came at the same instant the one with the smaller serial is first.
    """
    served = {group: list(its) for group, its in groups.items()}
    types = dict.fromkeys(name for its in served.values() for name in its)
    return table_plan(types, served, queue=queue)


def accumulating(
    groups: Mapping[str, Iterable[str]],
    base: Mapping[str, float],
    rate: Mapping[str, float],
    cap: Mapping[str, float] | None = None,
    **queue: Any,
) -> PlanDict:
    """22. Accumulating priority: the greatest a_k + b_k W (Kleinrock 1964; Stanford, Taylor and Ziedins 2014).

    base a_k in points, rate b_k in points a second, each with six decimals at most; cap: points at most.
    """
    plan = first_in_first_out(groups, **queue)
    for entry in plan["queues"]:
        name = entry["name"]
        entry["priority"] = {"base": decimal(base.get(name, 0)), "rate": decimal(rate.get(name, 0))}
        if cap is not None and name in cap:
            entry["priority"]["cap"] = decimal(cap[name])
    return plan


def weighted_wait(groups: Mapping[str, Iterable[str]], weights: Mapping[str, float], **queue: Any) -> PlanDict:
    """5. Longest weighted wait: the greatest w_q W_q (ContactCenters). Accumulating priority without a base."""
    return accumulating(groups, {}, _rates(weights), **queue)


def generalised_c_mu(
    groups: Mapping[str, Iterable[str]], costs: Mapping[str, float], rates_per_hour: Mapping[str, float], **queue: Any
) -> PlanDict:
    """19. Generalised c-mu for quadratic costs c_k W^2 / 2 and service rates that depend on the type alone.

    The index C'_k(W) mu_k = c_k mu_k W (van Mieghem 1995; Mandelbaum and Stolyar 2004) is a weighted wait. Other costs, costs
    of queue lengths, and rates that depend on the agents want the class `koble.policies.GeneralisedCMu`.
    """
    return weighted_wait(groups, {name: costs[name] * rates_per_hour[name] for name in costs}, **queue)


def static_priority(
    order: Sequence[str | Sequence[str]], groups: Mapping[str, Iterable[str]], **queue: Any
) -> PlanDict:
    """17. Static non-preemptive priority (Cobham 1954): the type listed first goes first, whatever the waits."""
    found = places(order, "the order")
    plan = first_in_first_out(groups, **queue)
    for entry in plan["queues"]:
        if entry["name"] not in found:
            raise ArgumentError(f"type {entry['name']!r} is not in the order; list it")
        entry["priority"] = {"weight": max(found.values()) - found[entry["name"]]}
    return plan


def index_priority(index: Table, **queue: Any) -> PlanDict:
    """An agent takes the type of the greatest index[group][type] first; among equal indices the longest wait."""
    rank: dict[str, dict[str, int]] = {}
    for group, row in index.items():
        order = sorted(set(row.values()), reverse=True)
        rank[group] = {name: order.index(value) + 1 for name, value in row.items()}
    types = dict.fromkeys(name for row in index.values() for name in row)
    return table_plan(types, index, rank=rank, queue=queue)


def c_mu(costs: Mapping[str, float], rates_per_hour: Table, **queue: Any) -> PlanDict:
    """18. The c-mu rule: the greatest c_k mu_ik (Cox and Smith 1961). rates_per_hour: group, then type."""
    return index_priority({g: {k: costs[k] * mu for k, mu in row.items()} for g, row in rates_per_hour.items()}, **queue)


def c_mu_theta(
    costs: Mapping[str, float], rates_per_hour: Table, abandonments_per_hour: Mapping[str, float], **queue: Any
) -> PlanDict:
    """20. c-mu/theta: the greatest c_k mu_k / theta_k (Atar, Giat and Shimkin 2010), for overload with abandonment.

    rates_per_hour: group, then type; in the paper they depend on the type alone. abandonments_per_hour: theta_k of one who
    waits.
    """
    if min(abandonments_per_hour.values()) <= 0:
        raise ArgumentError("without abandonment c-mu/theta has no meaning; write rates above 0, or use c_mu")
    weights = {name: costs[name] / theta for name, theta in abandonments_per_hour.items()}
    return c_mu(weights, rates_per_hour, **queue)


def earliest_deadline(
    groups: Mapping[str, Iterable[str]], targets: Mapping[str, str], *, ratio: bool = False, **queue: Any
) -> PlanDict:
    """34. By targets T_k ("20s"): the least slack T_k - W first (earliest deadline first), or, with ratio, the greatest W /
    T_k.

    The slack is a rate of 1 with the credit max T - T_k, the ratio a weighted wait with the weight 1 / T_k.
    """
    times = {name: duration_ns(target) for name, target in targets.items()}
    if min(times.values()) <= 0:
        raise ArgumentError('a target is above 0; write such as "20s"')
    if ratio:
        return weighted_wait(groups, {name: 1.0 / time for name, time in times.items()}, **queue)
    plan = first_in_first_out(groups, **queue)
    for entry in plan["queues"]:
        credit = max(times.values()) - times[entry["name"]]
        entry["priority"] = {"rate": 1, **({"credit": format_duration(credit)} if credit else {})}
    return plan


def longest_queue(
    groups: Mapping[str, Iterable[str]], *, levels: Sequence[int] | None = None, **queue: Any
) -> PlanDict:
    """3. Longest queue first (ContactCenters), up to levels: a queue in which more than level n wait has its n-th point.

    levels: at most 32 rising numbers from 0; without them 0 to 31: exact where no more than 32 wait in a queue, and equal
    beyond that. Ties go to the type that is met first in groups, by a millionth of a point. Each change of a queue that crosses
    a level is an event for each who waits there, so that very long queues want the class `koble.policies.LongestQueueFirst`.
    """
    points = list(range(_STEPS)) if levels is None else list(levels)
    if len(points) > _STEPS or points != sorted(set(points)) or (points and points[0] < 0):
        raise ArgumentError(f"levels are at most {_STEPS} rising whole numbers from 0; write such as [0, 1, 2, 5, 10]")
    plan = first_in_first_out(groups, **queue)
    count = len(plan["queues"])
    for place, entry in enumerate(plan["queues"]):
        entry["priority"] = {"base": decimal((count - place) * 1e-6)}
        entry["steps"] = [{"when": f"waiting > {n}", "while": f"waiting > {n}", "priority": 1} for n in points]
    return plan
