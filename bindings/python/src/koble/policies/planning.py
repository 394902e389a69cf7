"""The static planning problem, its basic activities, and shadow routing (policies 31, 32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError, KobleError
from .plans.lists import queue_priority
from .plans.model import PlanDict

__all__ = ["ShadowRouting", "StaticPlan", "basic_activities", "static_planning"]


@dataclass(frozen=True)
class StaticPlan:
    """A solution of the static planning problem."""

    #: The load of the busiest group; 1 is all its time.
    load: float
    #: Contacts an hour by (type, group); only pairs that are used.
    flows: Mapping[tuple[str, str], float]
    #: Share of each group's time that is used.
    loads: Mapping[str, float]

    @property
    def activities(self) -> tuple[tuple[str, str], ...]:
        """The basic activities: (type, group)."""
        return tuple(self.flows)

    @property
    def is_tree(self) -> bool:
        """They make up one tree of all types and groups: complete resource pooling, where the solution is unique."""
        names = {("type", k) for k, _ in self.flows} | {("group", i) for i in self.loads}
        return len(self.flows) == len(names) - 1 and len(_component(self.flows)) == len(names)


def _component(pairs: Mapping[tuple[str, str], float]) -> set[tuple[str, str]]:
    """What is connected with the first pair."""
    found: set[tuple[str, str]] = set()
    edge = [("type", next(iter(pairs))[0])] if pairs else []
    while edge:
        at = edge.pop()
        if at not in found:
            found.add(at)
            kind, name = at
            edge += [("group", i) for k, i in pairs if kind == "type" and k == name]
            edge += [("type", k) for k, i in pairs if kind == "group" and i == name]
    return found


def static_planning(
    arrivals_per_hour: Mapping[str, float], agents: Mapping[str, float], rates_per_hour: Mapping[str, Mapping[str, float]]
) -> StaticPlan:
    """32. The static planning problem (Harrison and Lopez 1999), solved by HiGHS.

    min rho, subject to sum over groups of x_ki = lambda_k, sum over types of x_ki / (n_i mu_ik) <= rho, x >= 0, where x_ki are
    the contacts of type k that group i serves an hour. rates_per_hour: mu by group, then type; pairs that are not there cannot
    be served.
    """
    try:
        from scipy import optimize, sparse  # slow to import, so only where it is needed
    except ModuleNotFoundError as missing:
        raise KobleError(f"the static planning problem needs {missing.name}: pip install 'koble[lab]'") from None
    types, groups = list(arrivals_per_hour), [group for group, count in agents.items() if count > 0]
    pairs = [(k, i) for i in groups for k, mu in rates_per_hour.get(i, {}).items() if mu > 0 and k in arrivals_per_hour]
    for name in types:
        if all(k != name for k, _ in pairs):
            raise ArgumentError(f"nobody can serve {name!r}; give a group with agents a rate for it")
    columns = np.arange(len(pairs))
    who = np.array([types.index(k) for k, _ in pairs])
    where = np.array([groups.index(i) for _, i in pairs])
    work = np.array([1.0 / (agents[i] * rates_per_hour[i][k]) for k, i in pairs])
    served = sparse.csr_array((np.ones(len(pairs)), (who, columns)), shape=(len(types), len(pairs) + 1))
    used = sparse.csr_array(
        (np.concatenate([work, -np.ones(len(groups))]),
         (np.concatenate([where, np.arange(len(groups))]), np.concatenate([columns, np.full(len(groups), len(pairs))]))),
        shape=(len(groups), len(pairs) + 1),
    )  # fmt: skip
    goal = np.zeros(len(pairs) + 1)
    goal[-1] = 1.0
    demand = np.array([arrivals_per_hour[k] for k in types])
    # The simplex method ends in a corner, so that no more activities are used than needed.
    answer: Any = optimize.linprog(goal, used, np.zeros(len(groups)), served, demand, method="highs-ds")
    if answer.status != 0:
        raise KobleError(f"the static planning problem has not been solved: {answer.message}")
    x = answer.x[:-1]
    flows = {pair: float(flow) for pair, flow in zip(pairs, x, strict=True) if flow > 1e-9 * max(float(demand.max()), 1e-300)}
    loads = dict(zip(groups, np.bincount(where, x * work, len(groups)).tolist(), strict=True))
    return StaticPlan(float(answer.x[-1]), flows, loads)


def basic_activities(solution: StaticPlan, **queue: Any) -> PlanDict:
    """32. A plan that allows the basic activities only, with priorities from the leaves of their tree inwards.

    Leaves are taken off the tree round by round: a type that only one group serves is served by it before those that others
    serve, too; a group that serves only one type is asked for it before groups that are needed elsewhere. (Which order on the
    tree is best depends on the costs; this one uses no more than the tree.) Groups without an activity get nothing.
    """
    left = dict.fromkeys(solution.flows)
    round_of: dict[tuple[str, str], int] = {}
    number = 0
    while left:
        number += 1
        degree: dict[tuple[str, str], int] = {}
        for k, i in left:
            degree["type", k] = degree.get(("type", k), 0) + 1
            degree["group", i] = degree.get(("group", i), 0) + 1
        leaves = [(k, i) for k, i in left if degree["type", k] == 1 or degree["group", i] == 1] or list(left)
        for pair in leaves:
            round_of[pair] = number
            del left[pair]
    type_lists: dict[str, dict[int, list[str]]] = {}
    group_lists: dict[str, dict[int, list[str]]] = {}
    for k, i in solution.flows:
        type_lists.setdefault(k, {}).setdefault(round_of[k, i], []).append(i)
        group_lists.setdefault(i, {}).setdefault(round_of[k, i], []).append(k)

    def ordered(lists: Mapping[str, Mapping[int, list[str]]]) -> dict[str, list[list[str]]]:
        return {name: [rounds[n] for n in sorted(rounds)] for name, rounds in lists.items()}

    return queue_priority(ordered(type_lists), ordered(group_lists), **queue)


class ShadowRouting:
    """31. Shadow routing (Stolyar and Tezcan 2010): balances the groups' loads without knowing the arrival rates.

    A dispatcher; each group has a queue of its name. Group i has a virtual queue Y_i. A contact of type k is routed to the
    group with the least Y_i / (n_i mu_ik), whose virtual queue grows by 1 / (n_i mu_ik), the work that it brings the group;
    whenever step x sum Y >= 1 all virtual queues lose `relief`, down to 0. This is the greedy primal-dual algorithm (Stolyar
    2005) for the static planning problem: step x Y are the prices of the groups' time, which the routed flows drive to the dual
    solution, the closer the smaller the step.

    agents n by group; rates_per_hour mu by group, then type. step: above 0, in units of the mean work of one contact; relief:
    more than one contact's work can be, so that the virtual queues are stable; without it twice the most.
    """

    def __init__(
        self,
        agents: Mapping[str, float],
        rates_per_hour: Mapping[str, Mapping[str, float]],
        *,
        step: float = 0.01,
        relief: float | None = None,
    ) -> None:
        if step <= 0:
            raise ArgumentError(f"step is {step:g}; write one above 0, such as 0.01")
        # Work in units of its mean over all pairs, so that neither step nor relief depends on the unit of time.
        raw = {i: {k: 1.0 / (agents[i] * mu) for k, mu in row.items()} for i, row in rates_per_hour.items() if agents[i] > 0}
        mean = float(np.mean([one for row in raw.values() for one in row.values()]))
        self.work: dict[str, dict[str, float]] = {}
        for i, row in raw.items():
            for k, one in row.items():
                self.work.setdefault(k, {})[i] = one / mean
        self.virtual = dict.fromkeys(raw, 0.0)
        self.step = step
        self.relief = 2 * max(one for row in self.work.values() for one in row.values()) if relief is None else relief

    def choose_queue(self, contact_type: str) -> str:
        virtual, work = self.virtual, self.work[contact_type]
        chosen = min(work, key=lambda group: virtual[group] * work[group])
        virtual[chosen] += work[chosen]
        if self.step * sum(virtual.values()) >= 1:
            for group, length in virtual.items():
                virtual[group] = max(length - self.relief, 0.0)
        return chosen
