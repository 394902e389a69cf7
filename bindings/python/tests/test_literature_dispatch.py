"""Dispatchers, planning and values of the literature: who joins which queue, and what they are computed from. Numbers as in
docs/policies.md."""

from __future__ import annotations

import random

import numpy as np
import pytest
from koble.errors import ArgumentError
from koble.policies import (
    BestImprovement,
    Board,
    ExpectedDelay,
    ImprovedAgents,
    JoinShortestQueue,
    QueueRatioOverflow,
    ShadowRouting,
    VirtualHold,
    basic_activities,
    plans,
    queue_length_delay_s,
    relative_values,
    static_planning,
)
from policy_scenes import Scene


def group_queues(staff: dict[str, int]) -> tuple[Scene, Board]:
    """Each group with a queue of its name."""
    plan = plans.first_in_first_out({name: [name] for name in staff})
    board = Board(plans.groups_of(plans.staffed(plan, staff)))
    return Scene(plan, staff, board=board), board


def test_09_queue_ratio_overflow() -> None:
    scene, board = group_queues({"A": 1, "B": 2, "C": 4})
    dispatcher = QueueRatioOverflow(board, {"x": [["A", "B"], ["C"]]}, {"A": 1.0, "B": 0.5, "C": 0.25})
    joined = []
    for _ in range(12):
        joined.append(dispatcher.choose_queue("x"))
        scene.arrive(joined[-1])
    # Idle: B, B, A (B as long as it has more). Then A at 1/1, B at 1/2: B; A; then past both targets: C's four idle agents and
    # C at 1/4; then the smallest of A 2/1, B 2/2, C 2/4.
    assert joined == ["B", "A", "B", "B", "A", "C", "C", "C", "C", "C", "C", "C"]


def test_10_expected_delay() -> None:
    scene, board = group_queues({"A": 1, "B": 3})
    dispatcher = ExpectedDelay(board, {"x": ["A", "B"]}, {"A": 20.0, "B": 10.0})
    joined = []
    for _ in range(9):
        joined.append(dispatcher.choose_queue("x"))
        scene.arrive(joined[-1])
    # Idle ones first; then (Q + 1) x 3600 / (n mu): A 180 s each place, B 120 s each place.
    assert joined == ["A", "B", "B", "B", "B", "A", "B", "A", "B"]
    assert dispatcher.delay_s("A") == pytest.approx(3 * 180)
    by_lot = ExpectedDelay(board, {"x": ["A", "B"]}, {"A": 20.0, "B": 10.0}, weights={"B": 2.0}, lot_seed=1)
    parts = [by_lot.choose_queue("x") for _ in range(2000)].count("B") / 2000
    a, b = 1 / 540, 2 / (4 * 120)
    assert abs(parts - b / (a + b)) < 4 * 0.5 / 2000**0.5


def test_delay_by_queue_length() -> None:
    assert queue_length_delay_s(4, 10, 12.0) == pytest.approx(5 * 3600 / 120)
    assert queue_length_delay_s(2, 1, 10.0, 5.0) == pytest.approx(3600 * (1 / 10 + 1 / 15 + 1 / 20))
    assert queue_length_delay_s(0, 3, 10.0, idle=1) == 0
    assert queue_length_delay_s(0, 0, 10.0) == float("inf")


def test_28_separate_queues() -> None:
    scene, board = group_queues({"A": 1, "B": 1, "C": 1})
    names = {"x": ["A", "B", "C"]}
    shortest = JoinShortestQueue(board, names)
    for expected in "ABCAB":
        assert shortest.choose_queue("x") == expected
        scene.arrive(expected)
    two = JoinShortestQueue(board, names, choices=2, lot_seed=4)
    counts = [[two.choose_queue("x") for _ in range(600)].count(name) for name in names["x"]]  # present: 2, 2, 1
    assert abs(counts[2] - 400) < 50  # C wins both of the three pairs that it is in
    idle = JoinShortestQueue(board, names, idle_first=True, lot_seed=4)
    assert {idle.choose_queue("x") for _ in range(50)} == {"A", "B", "C"}
    scene.free("C 1")
    assert {idle.choose_queue("x") for _ in range(50)} == {"C"}


def test_35_a_call_back_is_offered_past_the_threshold() -> None:
    plan = plans.virtual_hold({"A": ["a"]})
    board = Board(plans.groups_of(plans.staffed(plan, {"A": 2})))
    scene = Scene(plan, {"A": 2}, board=board)
    hold = VirtualHold(board, {"a": ["A"]}, {"a": 20.0}, threshold_s=150)
    joined = []
    for accepts in (True, True, True, False, True, True, False):
        joined.append(hold.choose_queue("a", accepts))
        scene.arrive(joined[-1])
    # 90 s a place with two agents: nobody waits, then 90 s, 180 s, ...
    assert joined == ["a", "a", "a", "a", "a call-back", "a call-back", "a"]
    assert hold.predicted_wait_s("a") == pytest.approx(6 * 90)


ARRIVALS, AGENTS = {"a": 60.0, "b": 30.0, "c": 20.0}, {"A": 10, "B": 9}
MU = {"A": {"a": 8.0, "b": 5.0}, "B": {"b": 6.0, "c": 4.0}}


def test_32_the_static_planning_problem_and_its_tree() -> None:
    pytest.importorskip("scipy")
    solution = static_planning(ARRIVALS, AGENTS, MU)
    # By hand: A has 60/8 of a; both loads are equal where b is shared: (7.5 + x/5)/10 = ((30 - x)/6 + 5)/9.
    x = (10 * (5 + 5) / 9 - 7.5) / (1 / 5 + 10 / 54)
    assert solution.load == pytest.approx((7.5 + x / 5) / 10)
    assert solution.flows == pytest.approx({("a", "A"): 60, ("b", "A"): x, ("b", "B"): 30 - x, ("c", "B"): 20})
    assert solution.is_tree
    scene = Scene(basic_activities(solution), {"A": 1, "B": 1})
    scene.fill("b", 2)
    scene.wait("b", "a", "c")
    assert scene.free("A 1") == 4  # a, a leaf of the tree, before b
    assert scene.free("B 1") == 5
    assert scene.free("A 1") == 3
    rates = {"A": {"a": 5.0, "b": 0.01}, "B": {"b": 5.0}, "C": {"b": 9.0}}
    light = static_planning({"a": 1.0, "b": 1.0}, {"A": 10, "B": 10, "C": 0}, rates)
    assert light.activities == (("a", "A"), ("b", "B"))
    assert not light.is_tree  # two parts: no pooling
    with pytest.raises(ArgumentError, match="nobody can serve 'z'"):
        static_planning({"z": 1.0}, AGENTS, MU)


#: B is the slower of the two for both types, but so much slower for a that it should have b.
CROSSED = {"A": {"a": 10.0, "b": 9.0}, "B": {"a": 2.0, "b": 8.0}}


@pytest.mark.parametrize(("arrivals", "rates"), [(ARRIVALS, MU), ({"a": 60.0, "b": 80.0}, CROSSED)])
def test_31_shadow_routing_finds_the_solution_without_the_arrival_rates(
    arrivals: dict[str, float], rates: dict[str, dict[str, float]]
) -> None:
    pytest.importorskip("scipy")
    solution = static_planning(arrivals, AGENTS, rates)
    shadow = ShadowRouting(AGENTS, rates, step=0.002)
    lot = random.Random(8)
    types = lot.choices(list(arrivals), list(arrivals.values()), k=60_000)
    routed = list(zip(types, map(shadow.choose_queue, types), strict=True))[20_000:]
    scale = sum(arrivals.values()) / len(routed)
    load = {g: sum(scale / (AGENTS[g] * rates[g][k]) for k, to in routed if to == g) for g in AGENTS}
    assert max(load.values()) < 1.02 * solution.load
    assert load["A"] == pytest.approx(load["B"], rel=0.04)


def erlang_b(agents: int, offered: float) -> float:
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked


def test_36_relative_values_against_formulas_and_iteration() -> None:
    values = relative_values(45.0, 10.0, 6, wait_cost_per_hour=0.0, refusal_cost=1.0, places=6)
    assert values.cost_per_hour == pytest.approx(45 * erlang_b(6, 4.5))
    assert values.differences == pytest.approx([erlang_b(6, 4.5) / erlang_b(x, 4.5) for x in range(6)])
    # M/M/1 with cost 1 for each who waits: D(x) = (x + 1) / (mu - lambda) less the mean cost's share of the idle time.
    queue = relative_values(6.0, 10.0, 1)
    assert queue.cost_per_hour == pytest.approx(0.36 / 0.4, rel=1e-9)
    assert np.diff(queue.differences[:20]) == pytest.approx(np.full(19, 1 / (10 - 6)), rel=1e-6)
    # With abandonment: value iteration of the uniformised chain.
    rich = relative_values(30.0, 10.0, 2, abandonments_per_hour=5.0, abandonment_cost=3.0, refusal_cost=2.0, places=8)
    x = np.arange(9)
    deaths = 10.0 * np.minimum(x, 2) + 5.0 * np.maximum(x - 2, 0)
    costs = np.maximum(x - 2, 0) * (1.0 + 3.0 * 5.0) + np.where(x == 8, 2.0 * 30.0, 0.0)
    v = np.zeros(9)
    for _ in range(6000):
        up, down = np.append(v[1:], v[-1]), np.append(v[0], v[:-1])
        v = (costs + 30.0 * up + deaths * down + (100.0 - 30.0 - deaths) * v) / 100.0
        v -= v[0]
    assert rich.differences == pytest.approx(np.diff(v), rel=1e-9)
    with pytest.raises(ArgumentError, match="grows without end"):
        relative_values(10.0, 10.0, 1)


def test_36_one_step_improvement_at_arrival_and_among_agents() -> None:
    scene, board = group_queues({"A": 1, "B": 2})
    values = {"A": relative_values(9.0, 20.0, 1), "B": relative_values(9.0, 10.0, 2)}
    dispatcher = BestImprovement(board, {"x": ["A", "B"]}, values)
    present = {"A": 0, "B": 0}
    for _ in range(12):
        best = min(present, key=lambda name: values[name].differences[present[name]])
        assert dispatcher.choose_queue("x") == best
        scene.arrive(best)
        present[best] += 1
    assert min(present.values()) > 1

    served, staff = {"A": ["a"], "B": ["a", "b"]}, {"A": 2, "B": 3}
    plan = plans.asking(plans.first_in_first_out(served), agents="p")
    board = Board(plans.groups_of(plans.staffed(plan, staff)))
    loss = {
        g: relative_values(rate, 10.0, staff[g], wait_cost_per_hour=0.0, refusal_cost=1.0, places=staff[g])
        for g, rate in (("A", 15.0), ("B", 12.0))
    }
    scene = Scene(plan, staff, {"p": ImprovedAgents(board, loss)}, board)
    assert loss["A"].differences == pytest.approx([erlang_b(2, 1.5) / erlang_b(x, 1.5) for x in (0, 1)])
    busy = {"A": 0, "B": 0}
    for _ in range(5):
        able = [g for g in busy if busy[g] < staff[g]]
        best = min(able, key=lambda name: loss[name].differences[busy[name]])
        busy[best] += 1
        assert str(scene.arrive("a"))[0] == best
    assert busy == staff
