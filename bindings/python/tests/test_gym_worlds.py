"""What the environment plays is what the engine plays, whatever a study has in it: equal customers, equal decisions, equal costs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("gymnasium")
import koble  # noqa: E402
from koble.enums import Exit  # noqa: E402
from koble.gym import Costs, DecisionCentre, IndexPolicy, play  # noqa: E402
from koble.lab import Study  # noqa: E402
from support import two_kinds  # noqa: E402

HOUR = 3600 * 10**9
COSTS = Costs(waiting_per_hour={"a": 6.0, "b": 12.0}, abandoned={"a": 1.0, "b": 3.0}, refused={"a": 2.0, "b": 2.5})
DOOR = [int(one) for one in (Exit.FULL, Exit.CLOSED, Exit.REFUSED, Exit.NOT_ROUTABLE)]

Written = dict[str, Any]


def exponential(mean: str) -> Written:
    return {"law": "exponential", "mean": mean}


def study() -> Written:
    return two_kinds(seed=4)


def native_cost(where: DecisionCentre, written: Written, policy: IndexPolicy, replication: int) -> float:
    """The same from the records of the engine that decides by itself."""
    native = Study({**written, "plan": policy.plan(where), "agents": []})
    records = native.records(replication)
    records = records[records["arrival_ns"] < native.horizon_ns]
    end = records["arrival_ns"] + records["wait_ns"]
    hours = (np.minimum(end, native.horizon_ns) - records["arrival_ns"]) / HOUR
    left = (records["exit"] != 0) & (end < native.horizon_ns)
    door = np.isin(records["exit"], DOOR)
    cost = 0.0
    for n, name in enumerate(where.streams):
        own = records["stream"] == n
        cost += COSTS.waiting_per_hour[name] * float(hours[own].sum())
        cost += COSTS.abandoned[name] * int((left & own & ~door).sum()) + COSTS.refused[name] * int((left & own & door).sum())
    return cost


def balking(s: Written) -> None:
    for stream in s["streams"]:
        stream["balk"] = 0.3


def retries(s: Written) -> None:
    for stream in s["streams"]:
        stream["retry"] = {"delay": exponential("2m"), "probability": 0.7}


def wrap_ups_and_practice(s: Written) -> None:
    s["people"] = [{"wrap_up": exponential("60s"), "profile": "A"}, {"learning": {"first": 2, "contacts": 20}}]


def staff_by_hours(s: Written) -> None:
    s["staff"] = [{"profile": "A", "counts": [1, 3, 2, 3, 0, 2, 3, 3]}, {"profile": "AB", "counts": [3, 1, 2, 3, 3, 2, 1, 3]}]


def limits(s: Written) -> None:
    s["plan"]["queues"][0] |= {"max_length": 3, "max_wait": "60s"}


def reserve(s: Written) -> None:
    s["plan"]["queues"][0]["reserve"] = 1


def delays_of_a_profile(s: Written) -> None:
    s["plan"]["profiles"][1]["queues"] = [{"queue": "b", "rank": 1}, {"queue": "a", "rank": 1, "delay": "30s"}]


def steps(s: Written) -> None:
    s["plan"]["queues"][0] |= {"require": "a and not b", "steps": [{"after": "30s", "require": "a"}]}


def chats(s: Written) -> None:
    s["plan"]["channels"] = [{"name": "chat", "cost": 30}]
    for queue in s["plan"]["queues"]:
        queue["channel"] = "chat"
    for profile in s["plan"]["profiles"]:
        profile["channels"] = {"chat": 3}
    for stream in s["streams"]:
        stream["arrivals"] = {"rate": 190}


def pull(s: Written) -> None:
    s["plan"]["profiles"][0]["pull"] = True


def several_queues(s: Written) -> None:
    s["streams"][0] |= {"name": "a", "queues": ["a", "b"]}
    del s["streams"][0]["queue"]


def everything_at_one_instant(s: Written) -> None:
    for stream, service, patience in zip(s["streams"], ("180s", "240s"), ("240s", "180s"), strict=True):
        stream |= {"arrivals": {"times": [f"{60 * k}s" for k in range(400)]}, "service": service, "patience": patience}


CASES: list[Callable[[Written], None]] = [
    balking, retries, wrap_ups_and_practice, staff_by_hours, limits, reserve, delays_of_a_profile, steps, chats, pull,
    several_queues, everything_at_one_instant,
]  # fmt: skip


@pytest.mark.parametrize("change", CASES, ids=lambda one: one.__name__)
def test_first_come_first_served_costs_the_same_in_the_environment_and_by_the_engine(change: Callable[[Written], None]) -> None:
    written = copy.deepcopy(study())
    change(written)
    where = DecisionCentre(written, COSTS)
    policy = IndexPolicy.of(where, [0.0] * 4)
    earned = play(where, [0, 1], lambda observations, masks, rows: policy.actions(observations, masks))
    costs = [native_cost(where, written, policy, replication) for replication in (0, 1)]
    assert min(costs) > 1  # somebody has waited, so that there is something to tell apart
    assert earned == pytest.approx([-cost for cost in costs], rel=1e-9)


@pytest.mark.parametrize("reserve", [[[0, 2], [0, 0]], [[1, 0], [0, 0]], [[1, 1], [0, 1]]])
def test_an_exported_policy_keeps_free_whom_it_keeps_free_in_the_environment(reserve: list[list[int]]) -> None:
    where = DecisionCentre(study(), COSTS)
    policy = IndexPolicy.of(where, [0.0, 100.0, 0.0, -1.0], [[0, 1], [1, 0]], reserve)
    earned = play(where, [0, 1, 2], lambda observations, masks, rows: policy.actions(observations, masks))
    costs = [native_cost(where, study(), policy, replication) for replication in (0, 1, 2)]
    assert earned == pytest.approx([-cost for cost in costs], rel=1e-9)
    without = IndexPolicy.of(where, [0.0, 100.0, 0.0, -1.0], [[0, 1], [1, 0]])
    assert costs[0] != pytest.approx(native_cost(where, study(), without, 0))


def test_what_steps_cannot_say_is_refused() -> None:
    where = DecisionCentre(study(), COSTS)
    with pytest.raises(koble.ArgumentError, match="a preference of its own"):
        IndexPolicy.of(where, [0.0] * 4, [[0, 0], [0, 1]], [[0, 1], [0, 0]]).plan(where)
    written = study()
    steps(written)
    where = DecisionCentre(written, COSTS)
    with pytest.raises(koble.ArgumentError, match="give it no steps"):
        IndexPolicy.of(where, [0.0] * 4, [[0, 1], [0, 1]], [[0, 1], [0, 0]]).plan(where)
