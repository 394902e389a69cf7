"""Policies of the literature that are plans: who gets whom, by hand and against naive rules. Numbers as in docs/policies.md."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from koble.errors import ArgumentError
from koble.policies import plans
from policy_scenes import Centre, Pick, Scene, agree

#: Two groups: A serves a and b, B serves b and c.
SERVED = {"A": ["a", "b"], "B": ["b", "c"]}
WHO = {"a": ("A",), "b": ("A", "B"), "c": ("B",)}
STAFF = {"A": 2, "B": 2}


def longest_idle(centre: Centre, name: str) -> str | None:
    return next(iter(centre.free_of(*WHO[name])), None)


def by_index(index: plans.Table) -> Pick:
    """The type of the greatest index, then of the longest wait."""

    def pick(centre: Centre, agent: str) -> str | None:
        row = index[centre.groups[agent]]
        return min(centre.waiting(row), key=lambda name: -row[name], default=None)

    return pick


def by_key(key: Callable[[Centre, str], Any]) -> Pick:
    """The type of the greatest key; of equals the longest wait."""

    def pick(centre: Centre, agent: str) -> str | None:
        return max(centre.waiting(SERVED[centre.groups[agent]]), key=lambda name: key(centre, name), default=None)

    return pick


def test_01_queue_priority_goes_by_both_lists() -> None:
    types, groups = {"a": ["A", "B"], "b": ["B", "A"]}, {"A": ["a", "b"], "B": ["a", "b"]}
    scene = Scene(plans.queue_priority(types, groups), {"A": 1, "B": 1})
    assert [scene.arrive("a"), scene.arrive("a")] == ["A 1", "B 1"]
    scene.wait("b", "a")
    assert scene.free("B 1") == 4  # a before b, though b came first

    def agent_for(centre: Centre, name: str) -> str | None:
        return next((free for group in types[name] for free in centre.free_of(group)), None)

    def type_for(centre: Centre, agent: str) -> str | None:
        return next((name for name in groups[centre.groups[agent]] if centre.queues[name]), None)

    assert agree(Scene(plans.queue_priority(types, groups), STAFF), agent_for, type_for) > 80
    with pytest.raises(ArgumentError, match="group 'B' and type 'a' stand in one of their lists only"):
        plans.queue_priority({"a": ["A", "B"]}, {"A": ["a"]})


def test_02_who_finds_nobody_waits_for_the_last_group() -> None:
    types = {"a": ["A", "C"], "b": ["A", "B"]}
    scene = Scene(plans.last_group(types), {"A": 1, "B": 1, "C": 1})
    assert [scene.arrive("a"), scene.arrive("a"), scene.arrive("b")] == ["A 1", "C 1", "B 1"]
    scene.wait("b", "a")
    assert scene.free("A 1") is None  # nobody waits for A
    assert scene.free("C 1") == 5

    last: dict[str, list[str]] = {"A": [], "B": ["b"], "C": ["a"]}

    def agent_for(centre: Centre, name: str) -> str | None:
        return next((free for group in types[name] for free in centre.free_of(group)), None)

    def type_for(centre: Centre, agent: str) -> str | None:
        return next(iter(centre.waiting(last[centre.groups[agent]])), None)

    assert agree(Scene(plans.last_group(types), {"A": 2, "B": 1, "C": 1}), agent_for, type_for) > 60


@pytest.mark.parametrize("levels", [None, [0, 1, 3, 7]])
def test_03_longest_queue_first_up_to_its_levels(levels: list[int] | None) -> None:
    steps = range(32) if levels is None else levels

    def length(centre: Centre, name: str) -> tuple[int, int]:
        waiting = len(centre.queues[name])
        return sum(waiting > n for n in steps), -list(centre.queues).index(name)

    scene = Scene(plans.longest_queue(SERVED, levels=levels), STAFF)
    assert agree(scene, longest_idle, by_key(length)) > 80


def test_04_13_14_first_come_first_served_longest_idle() -> None:
    for plan in (plans.first_in_first_out(SERVED), plans.fcfs_alis(SERVED)):
        assert agree(Scene(plan, STAFF), longest_idle, by_key(lambda centre, name: centre.wait_s(name))) > 80


def test_05_longest_weighted_wait() -> None:
    weights = {"a": 3.0, "b": 1.0, "c": 2.0}
    scene = Scene(plans.weighted_wait(SERVED, weights), STAFF)
    assert agree(scene, longest_idle, by_key(lambda centre, name: weights[name] * centre.wait_s(name))) > 80
    with pytest.raises(ArgumentError, match="one is above 0"):
        plans.weighted_wait(SERVED, {"a": 0.0})


def test_06_agents_preference_by_ranks_both_ways() -> None:
    types = {"a": {"A": 1}, "b": {"A": 2, "B": 1}, "c": {"B": 1}}
    groups = {"A": {"a": 1, "b": 1}, "B": {"b": 2, "c": 1}}
    weights = {"a": 1.0, "b": 4.0, "c": 1.0}

    def agent_for(centre: Centre, name: str) -> str | None:
        return min(centre.free_of(*types[name]), key=lambda free: types[name][centre.groups[free]], default=None)

    def type_for(centre: Centre, agent: str) -> str | None:
        row = groups[centre.groups[agent]]
        return min(centre.waiting(row), key=lambda name: (row[name], -weights[name] * centre.wait_s(name)), default=None)

    scene = Scene(plans.agents_preference(types, groups, wait_weights=weights), STAFF)
    assert agree(scene, agent_for, type_for) > 80


@pytest.mark.parametrize("transfer", [False, True])
def test_07_delays_open_pairs_and_a_transfer_closes_the_old(transfer: bool) -> None:
    ranks = {"a": {"A": 1, "B": 2}}
    plan = plans.preference_with_delays(ranks, {"A": {"a": 1}, "B": {"a": 1}}, {"B": {"a": "30s"}}, transfer=transfer)
    scene = Scene(plan, {"A": 1, "B": 1})
    assert scene.arrive("a", 10) == "A 1"
    scene.wait("a")
    assert scene.until(39.9) == []
    assert scene.until(40) == [("B 1", 2)]
    scene.wait("a")
    assert scene.until(80) == []
    assert scene.free("A 1") == (None if transfer else 3)


def test_08_other_regions_after_the_delay() -> None:
    regions = {"oslo calls": "oslo", "bergen calls": "bergen"}
    scene = Scene(plans.local_specialist(regions, {"O": "oslo", "B": "bergen"}, "20s"), {"O": 1, "B": 1})
    assert scene.arrive("oslo calls", 10) == "O 1"
    assert scene.arrive("oslo calls", 10) is None
    assert scene.until(30) == [("B 1", 2)]
    scene.wait("oslo calls", "bergen calls")
    scene.until(60)
    assert scene.free("O 1") == 3
    scene.wait("bergen calls")
    scene.until(90)
    assert scene.free("O 1") == 4  # after 30 s B's contacts are for O, too


def test_11_a_script_opens_stages_by_time_and_condition() -> None:
    scripts: dict[str, list[dict[str, Any]]] = {
        "a": [
            {"groups": ["A"]},
            {"when": "waiting > 1", "groups": ["B"]},
            {"after": "30s", "groups": ["C", ["D", "E"]], "priority": 5},
        ]
    }
    scene = Scene(plans.overflow_script(scripts), {"A": 1, "B": 1, "C": 1, "D": 1, "E": 1})
    assert scene.arrive("a", 10) == "A 1"
    assert scene.arrive("a", 10) is None
    assert scene.arrive("a", 20) == "B 1"  # two wait: the first of them gets B
    assert scene.busy["B 1"] == scene.engine.contacts()[1]
    assert scene.until(50) == [("C 1", 3)]
    scene.wait("a")
    assert scene.until(80) == [("D 1", 4)]
    with pytest.raises(ArgumentError, match='stage 1 of \'a\': write "after" or "when"'):
        plans.overflow_script({"a": [{"groups": ["A"]}, {"groups": ["B"]}]})


def test_12_16_by_lot_groups_get_parts_as_they_are_idle() -> None:
    plan = plans.random_agent({"A": ["a"], "B": ["a"]})
    scene = Scene(plan, {"A": 2, "B": 6})
    drawn = []
    for _ in range(800):
        drawn.append(scene.arrive("a"))
        scene.free(str(drawn[-1]))
    counts = [drawn.count(f"B {n}") for n in range(1, 7)] + [drawn.count("A 1"), drawn.count("A 2")]
    assert all(abs(count - 100) < 4 * math.sqrt(800 / 8 * 7 / 8) for count in counts), counts


def test_15_the_fastest_server_goes_first() -> None:
    rates = {"A": {"a": 6.0, "b": 10.0}, "B": {"b": 9.999}, "C": {"b": 9.999}}
    served = {"a": ("A",), "b": ("A", "B", "C")}

    def agent_for(centre: Centre, name: str) -> str | None:
        return max(centre.free_of(*served[name]), key=lambda free: rates[centre.groups[free]][name], default=None)

    def type_for(centre: Centre, agent: str) -> str | None:
        return next(iter(centre.waiting(rates[centre.groups[agent]])), None)

    assert agree(Scene(plans.fastest_server_first(rates), {"A": 2, "B": 1, "C": 1}), agent_for, type_for) > 60


def test_17_static_priority_whatever_the_waits() -> None:
    order = {"c": 0, "a": 1, "b": 1}
    scene = Scene(plans.static_priority(["c", ["a", "b"]], SERVED), STAFF)
    assert agree(scene, longest_idle, by_key(lambda centre, name: (-order[name], centre.wait_s(name)))) > 80


def test_18_20_c_mu_and_c_mu_theta_by_group() -> None:
    costs, thetas = {"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1.0, "b": 8.0, "c": 10.0}
    rates = {"A": {"a": 10.0, "b": 6.0}, "B": {"b": 6.0, "c": 4.0}}
    index = {g: {k: costs[k] * mu for k, mu in row.items()} for g, row in rates.items()}
    assert index == {"A": {"a": 10.0, "b": 12.0}, "B": {"b": 12.0, "c": 12.0}}  # B: a tie, which the longer wait decides
    assert agree(Scene(plans.c_mu(costs, rates), STAFF), longest_idle, by_index(index)) > 80
    index = {g: {k: costs[k] * mu / thetas[k] for k, mu in row.items()} for g, row in rates.items()}
    assert index["A"]["a"] > index["A"]["b"]  # abandonment turns the order round
    assert agree(Scene(plans.c_mu_theta(costs, rates, thetas), STAFF), longest_idle, by_index(index)) > 80


def test_19_quadratic_costs_are_weighted_waits() -> None:
    costs, rates = {"a": 1.0, "b": 2.0, "c": 5.0}, {"a": 9.0, "b": 6.0, "c": 3.0}
    scene = Scene(plans.generalised_c_mu(SERVED, costs, rates), STAFF)
    assert agree(scene, longest_idle, by_key(lambda centre, name: costs[name] * rates[name] * centre.wait_s(name))) > 80


def test_22_accumulating_priority_with_head_start_and_cap() -> None:
    base, rate, cap = {"a": 3.0, "b": 0.0, "c": 0.5}, {"a": 0.1, "b": 0.5, "c": 0.25}, {"b": 4.0}

    def points(centre: Centre, name: str) -> tuple[float, float]:
        return min(base[name] + rate[name] * centre.wait_s(name), cap.get(name, 1e9)), centre.wait_s(name)

    scene = Scene(plans.accumulating(SERVED, base, rate, cap), STAFF)
    assert agree(scene, longest_idle, by_key(points), steps=800) > 160


def test_24_the_low_class_leaves_r_agents_idle() -> None:
    scene = Scene(plans.reservation({"A": ["high", "low"]}, {"low": 1}), {"A": 3})
    assert [scene.arrive("low"), scene.arrive("low"), scene.arrive("low")] == ["A 1", "A 2", None]
    assert scene.arrive("high") == "A 3"
    scene.wait("high")
    assert scene.free("A 1") == 5
    assert scene.free("A 1") is None  # one idle agent is for the high class
    assert scene.free("A 2") is None
    assert scene.met == [("A 1", 3)]  # two were idle; it goes to the one who was so longer


def test_27_lists_delays_and_idle_thresholds() -> None:
    plan = plans.priority_delay_threshold(
        {"a": ["A", "B"], "b": ["B"]}, {"A": ["a"], "B": ["b", "a"]}, delays={"B": {"a": "10s"}}, thresholds={"B": {"a": 1}}
    )
    scene = Scene(plan, {"A": 1, "B": 2})
    assert scene.arrive("a", 5) == "A 1"
    scene.wait("a", "a")
    assert scene.until(14.9) == []
    assert scene.until(15) == [("B 1", 2)]  # two of B are idle, more than one; then only one is
    assert scene.until(60) == []
    assert scene.arrive("b") == "B 2"  # b has no threshold
    assert scene.free("B 2") is None
    assert scene.free("B 1") == 3  # two are idle again


def test_28_29_30_chats_by_load() -> None:
    served = {"small": ["chat"], "big": ["chat"]}
    for assign, expected in {
        "least_loaded": ["small 1", "big 1", "big 1", "small 1", "big 1", "big 1", None],
        "shortest": ["small 1", "big 1", "small 1", "big 1", "big 1", "big 1", None],
        "fill_first": ["small 1", "small 1", "big 1", "big 1", "big 1", "big 1", None],
    }.items():
        scene = Scene(plans.chats(served, {"small": 2, "big": 4}, assign), {"small": 1, "big": 1})
        assert [scene.arrive("chat") for _ in range(7)] == expected, assign
    with pytest.raises(ArgumentError, match="write one of least_loaded"):
        plans.chats(served, {"small": 2, "big": 4}, "best")


def test_33_specialists_before_generalists() -> None:
    groups = {"all": ["a", "b", "c"], "two": ["a", "b"], "one": ["a"]}
    scene = Scene(plans.least_skilled_first(groups), {"all": 1, "two": 1, "one": 1})
    assert [scene.arrive("a"), scene.arrive("b"), scene.arrive("a")] == ["one 1", "two 1", "all 1"]


def test_34_by_targets() -> None:
    targets = {"a": "20s", "b": "1m", "c": "5s"}
    seconds = {"a": 20.0, "b": 60.0, "c": 5.0}
    scene = Scene(plans.earliest_deadline(SERVED, targets), STAFF)
    assert agree(scene, longest_idle, by_key(lambda centre, name: centre.wait_s(name) - seconds[name])) > 80
    scene = Scene(plans.earliest_deadline(SERVED, targets, ratio=True), STAFF)
    assert agree(scene, longest_idle, by_key(lambda centre, name: centre.wait_s(name) / seconds[name])) > 80


def test_35_who_wants_a_call_back_keeps_his_place() -> None:
    scene = Scene(plans.virtual_hold({"A": ["a"]}, dial="45s", retry="10m"), {"A": 1})
    assert scene.arrive("a") == "A 1"
    scene.wait("a call-back", "a")
    engine = scene.engine
    engine.gone(scene.busy.pop("A 1"))
    (dialled,) = engine.engagements()
    contact = engine.engagement(dialled).contact
    assert contact is not None
    assert engine.contact(contact).serial == 2
    engine.connect_failed(dialled)  # nobody answers: the next in line, and the call-back later
    assert scene.settle(engine.now) == [("A 1", 3)]
    assert scene.free("A 1") is None
    engine.advance(engine.now + 600_000_000_000)
    (dialled,) = engine.engagements()
    engine.connected(dialled)
    assert scene.settle(engine.now) == [("A 1", 2)]


def test_plans_say_what_is_wrong_with_them() -> None:
    with pytest.raises(ArgumentError, match="no group serves 'b'"):
        plans.table_plan(["a", "b"], {"A": ["a"]})
    with pytest.raises(ArgumentError, match="'x', which is no type"):
        plans.table_plan(["a"], {"A": ["x"]})
    with pytest.raises(ArgumentError, match="at most 99 ranks"):
        plans.index_priority({"A": {f"t{n}": float(n) for n in range(100)}})
    with pytest.raises(ArgumentError, match="'C' is no group"):
        plans.staffed(plans.first_in_first_out(SERVED), {"C": 1})
    with pytest.raises(ArgumentError, match="listed twice"):
        plans.queue_priority({"a": ["A", "A"]}, {"A": ["a"]})
