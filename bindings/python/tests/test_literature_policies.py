"""Policies of the literature in Python: who gets whom, by hand and against naive rules. Numbers as in docs/policies.md."""

from __future__ import annotations

import doctest
import random
from collections.abc import Callable, Sequence
from typing import Any

import koble
import numpy as np
import pytest
from koble.errors import ArgumentError
from koble.policies import (
    AgentsPreference,
    Board,
    ChatLevels,
    Gauge,
    GeneralisedCMu,
    IdleElseFirst,
    LeastLoadedShown,
    Lengths,
    LongestQueueFirst,
    MaxWeight,
    PairIndex,
    Policy,
    PolicyContact,
    QueueRatio,
    SharingThreshold,
    WeightBasedRouting,
    corner_levels,
    plans,
)
from policy_scenes import Centre, Pick, Scene, agree
from support import ROOT, SECOND

SERVED = {"A": ["a", "b"], "B": ["b", "c"]}
WHO = {"a": ("A",), "b": ("A", "B"), "c": ("B",)}
STAFF = {"A": 2, "B": 2}
GROUPS = plans.groups_of(plans.staffed(plans.first_in_first_out(SERVED), STAFF))
RATES = {"A": {"a": 7.1, "b": 3.3}, "B": {"b": 5.9, "c": 2.3}}


def longest_idle(centre: Centre, name: str) -> str | None:
    return next(iter(centre.free_of(*WHO[name])), None)


def by_key(key: Callable[[Centre, str, str], Any]) -> Pick:
    """The type with the greatest key(centre, group, type); of equals the longest wait."""

    def pick(centre: Centre, agent: str) -> str | None:
        group = centre.groups[agent]
        return max(centre.waiting(SERVED[group]), key=lambda name: key(centre, group, name), default=None)

    return pick


def scene_with(policy: Policy, lengths: Lengths | None = None, **asking: Any) -> Scene:
    """Both sides of SERVED ask the policy; by a gauge of ten bits where it reads one."""
    gauge = lengths.bits if isinstance(lengths, Gauge) else 0
    plan = plans.asking(plans.first_in_first_out(SERVED), contacts="p", gauge=gauge, **asking)
    return Scene(plan, STAFF, {"p": policy}, lengths if isinstance(lengths, Board) else None)


def sources() -> list[Lengths]:
    return [Board(GROUPS), Gauge(10)]


@pytest.mark.parametrize("lengths", sources(), ids=lambda source: type(source).__name__)
def test_03_longest_queue_first(lengths: Lengths) -> None:
    order = ["b", "a", "c"]
    naive = by_key(lambda centre, group, name: (len(centre.queues[name]), -order.index(name)))
    assert agree(scene_with(LongestQueueFirst(lengths, order), lengths), longest_idle, naive) > 80


@pytest.mark.parametrize("lengths", sources(), ids=lambda source: type(source).__name__)
def test_21_max_weight(lengths: Lengths) -> None:
    naive = by_key(lambda centre, group, name: len(centre.queues[name]) * RATES[group][name])
    assert agree(scene_with(MaxWeight(lengths, GROUPS, RATES), lengths), longest_idle, naive) > 80


def test_19_generalised_c_mu_by_wait_and_by_length() -> None:
    costs: dict[str, Callable[[float], float]] = {"a": lambda x: x, "b": lambda x: 0.02 * x * x, "c": lambda x: 5.0}
    policy = GeneralisedCMu(GROUPS, RATES, costs)
    naive = by_key(lambda centre, group, name: costs[name](centre.wait_s(name)) * RATES[group][name])
    assert agree(scene_with(policy), longest_idle, naive) > 80
    board = Board(GROUPS)
    policy = GeneralisedCMu(GROUPS, RATES, costs, by="length", lengths=board)
    naive = by_key(lambda centre, group, name: costs[name](len(centre.queues[name])) * RATES[group][name])
    assert agree(scene_with(policy, board), longest_idle, naive) > 80
    with pytest.raises(ArgumentError, match='write lengths=... with by="length"'):
        GeneralisedCMu(GROUPS, RATES, costs, by="length")


def test_23_queue_and_idleness_ratio() -> None:
    v, p = {"a": 0.37, "b": 0.11, "c": 0.52}, {"A": 0.71, "B": 0.29}
    board = Board(GROUPS)
    policy = QueueRatio(board, GROUPS, v, p)
    naive_type = by_key(
        lambda centre, group, name: len(centre.queues[name]) - v[name] * sum(map(len, centre.queues.values()))
    )

    def naive_agent(centre: Centre, name: str) -> str | None:
        idle = {group: len(centre.free_of(group)) for group in SERVED}
        able = [group for group in WHO[name] if idle[group]]
        if not able:
            return None
        return centre.free_of(max(able, key=lambda group: idle[group] - p[group] * sum(idle.values())))[0]

    assert agree(scene_with(policy, board, agents="p"), naive_agent, naive_type, steps=600, load=0.45) > 40
    with pytest.raises(ArgumentError, match="queue_shares add up to 0.5"):
        QueueRatio(board, GROUPS, {"a": 0.5}, p)


def test_a_gauge_shows_the_lengths_and_a_board_follows() -> None:
    """Whoever is asked sees by the gauge and by the board what the engine counts."""

    class Both(Policy):
        def choose_contact(self, agent: koble.PolicyAgent, candidates: Sequence[PolicyContact]) -> int:
            by_gauge = gauge.lengths(candidates)
            known = board.lengths(candidates)
            seen.append(by_gauge == {q: known[q] for q in by_gauge} == {c.queue: count[c.queue] for c in candidates})
            board.took(candidates[0].queue)
            return 0

    gauge, board = Gauge(4), Board({"A 1": "A"})
    seen: list[bool] = []
    plan = plans.asking(plans.first_in_first_out({"A": ["a", "b"]}), contacts="p", gauge=4)
    scene = Scene(plan, {"A": 1}, {"p": Both()}, board)
    scene.fill("a", 1)
    count = {"a": 0, "b": 0}
    lot = random.Random(3)
    for _ in range(60):
        if lot.random() < 0.55 and sum(count.values()) < 15:
            name = lot.choice("ab")
            scene.wait(name)
            count[name] += 1
        elif any(count.values()):
            serial = scene.free("A 1")
            queue = scene.engine.engagement(scene.engine.engagements()[0]).queue
            count[str(queue)] -= 1
            assert serial is not None
    assert len(seen) > 15
    assert all(seen)


def test_a_board_knows_agents_and_conversations_also_after_a_gap() -> None:
    def figures(one: Board) -> list[int]:
        return [one.idle("A"), one.idle("B"), one.there("A"), one.there("B"), one.serving("A", "a"), one.in_service("b")]

    board = Board(GROUPS)
    scene = Scene(plans.first_in_first_out(SERVED), STAFF, board=board)
    scene.fill("a", 1)
    scene.fill("b", 2)
    assert figures(board) == [0, 1, 2, 2, 1, 2]  # "A 2" is idle longest and has the first b
    scene.engine.presence("B 2", "break")
    scene.engine.presence("B 1", "break")
    scene.settle(scene.engine.now)
    assert figures(board) == [0, 0, 2, 0, 1, 2]
    scene.engine.gone(scene.busy.pop("A 1"), by="customer")
    scene.engine.drain()  # not shown to the board
    board.follow(scene.engine)
    assert figures(board) == [1, 0, 2, 0, 0, 2]
    late = Board(GROUPS)
    late.follow(scene.engine)
    assert figures(late) == figures(board)


def test_06_weighted_idle_times_and_07_ranks_by_wait() -> None:
    ranks = {"A": {"a": 1, "b": 2}, "B": {"b": 2, "c": 1}}
    weights = {"A": 1.0, "B": 2.5}
    policy = AgentsPreference(GROUPS, ranks, idle_weights=weights, wait_weights={"b": 3.0})

    def agent_for(centre: Centre, name: str) -> str | None:
        return max(centre.free_of(*WHO[name]), key=lambda one: weights[centre.groups[one]] * centre.idle_s(one), default=None)

    naive = by_key(lambda centre, group, name: (-ranks[group][name], centre.wait_s(name) * (3.0 if name == "b" else 1.0)))
    assert agree(scene_with(policy, agents="p"), agent_for, naive, load=0.45) > 30

    policy = AgentsPreference(GROUPS, ranks, later={"30s": {"A": {"a": 2, "b": 1}, "B": {"b": 1, "c": 1}}})
    scene = scene_with(policy)
    scene.fill("b", 4)
    scene.wait("b", "a")
    scene.until(20)
    assert scene.free("A 1") == 6  # a has rank 1
    scene.wait("a")
    scene.until(40)
    assert scene.free("A 1") == 5  # after 30 s b has


def test_25_a_pool_helps_only_past_the_threshold_and_one_way() -> None:
    groups = {"one": ["a", "b"], "two": ["b", "a"]}
    plan = plans.staffed(plans.asking(plans.first_in_first_out(groups), agents="p", contacts="p", gauge=8), {})
    names = plans.groups_of(plans.staffed(plan, {"one": 1, "two": 2}))
    board = Board(names)
    policy = SharingThreshold(board, {"one": "a", "two": "b"}, {("a", "b"): 2, ("b", "a"): 2}, {("a", "b"): 0.5})
    scene = Scene(plan, {"one": 1, "two": 2}, {"p": policy}, board)
    assert scene.arrive("a") == "one 1"
    scene.wait("a", "a")  # two's agents are idle, but 2 are not more than the threshold
    assert scene.arrive("a") == "two 1"
    assert scene.busy["two 1"] == scene.engine.contacts()[1]  # who was first in line
    scene.fill("b", 1)
    scene.wait("b", "b", "b", "b", "b", "b")
    assert scene.free("one 1") == 3  # 6 b against 2 a are past the threshold, but two serves an a: no sharing back
    assert scene.free("two 1") == 6
    assert scene.free("one 1") == 7  # 5 b - 1 a > 2, and nobody of two serves an a any more
    scene.wait("a", "a", "a", "a", "a")
    assert scene.free("two 1") == 8  # 6 a - 0.5 x 4 b > 2, but one serves a b
    assert scene.free("one 1") == 4
    assert scene.free("two 2") == 12  # 5 a - 0.5 x 3 b > 2


def test_26_weight_based_routing_takes_the_best_pair() -> None:
    indices = {
        "A": {"a": PairIndex(5.0, 1.0, 0.5), "b": PairIndex(0.0, 2.0, 0.1)},
        "B": {"b": PairIndex(1.0, 0.7, 0.3), "c": PairIndex(0.0, 1.1, 1.0)},
    }

    def agent_for(centre: Centre, name: str) -> str | None:
        values = {one[0]: indices[group][name] for group in WHO[name] if (one := centre.free_of(group))}
        return max(values, key=lambda one: values[one].constant + values[one].per_idle * centre.idle_s(one), default=None)

    def value(centre: Centre, group: str, name: str) -> float:
        return indices[group][name].constant + indices[group][name].per_wait_s * centre.wait_s(name)

    assert agree(scene_with(WeightBasedRouting(GROUPS, indices), agents="p"), agent_for, by_key(value), load=0.45) > 30


def test_26_a_negative_index_waits_on_purpose() -> None:
    indices = {
        "A": {"a": PairIndex(0.0, 1.0), "b": PairIndex(-11.0, 1.0, -2.0)},
        "B": {"b": PairIndex(-50.0, 1.0), "c": PairIndex()},
    }
    policy = WeightBasedRouting(GROUPS, indices, idleness="count", deliberate_wait=True)
    scene = scene_with(policy, agents="p", wake="5s")
    assert scene.arrive("b", 10) is None
    assert scene.until(24.9) == []  # at 20 s: -11 + 10 - 2 x 2 < 0
    assert scene.until(25) == [("A 1", 1)]  # -11 + 15 - 4 = 0
    assert scene.arrive("b", 30) is None
    assert scene.until(43) == []
    assert scene.arrive("a", 43) == "A 2"
    assert scene.free("A 2", 43.5) == 2  # -11 + 13.5 - 2 x 1 > 0


def chat_scene(assign: str, policy: Policy, shown: int, most: int, agents: int) -> Scene:
    plan = plans.chats({"A": ["chat"]}, {"A": most}, assign, policy={"name": "p", "candidates": shown})
    return Scene(plan, {"A": agents}, {"p": policy})


def test_28_the_least_loaded_of_two_by_lot() -> None:
    """Two of two are the shortest queue; two of many are far more even than one by lot (Mitzenmacher 2001)."""
    scene = chat_scene("lot", LeastLoadedShown(), 2, 4, 2)
    for n in range(1, 9):
        scene.fill("chat", 1)
        loads = [scene.engine.agent(name).used for name in ("A 1", "A 2")]
        assert sum(loads) == n
        assert abs(loads[0] - loads[1]) <= 1
    peaks = {}
    for shown in (1, 2):
        scene = chat_scene("lot", LeastLoadedShown(), shown, 50, 100)
        scene.fill("chat", 300)
        peaks[shown] = max(scene.engine.agent(name).used for name in scene.groups)
    assert peaks[2] <= 5 < peaks[1]


def test_28_join_the_idle_queue() -> None:
    scene = chat_scene("lot", IdleElseFirst(), 64, 3, 5)
    got = [scene.arrive("chat") for _ in range(15)]
    assert sorted(map(str, got[:5])) == [f"A {n}" for n in range(1, 6)]
    assert len(set(got[5:10])) < 5  # by lot from then on
    assert scene.arrive("chat") is None


def test_29_30_chat_levels_fill_from_corner_to_corner() -> None:
    rates = [5.0, 12.0, 14.0, 15.0, 14.5]
    assert corner_levels(rates) == [0, 2, 3, 4]  # 2 - 0 is steeper than 1 - 0; five at once are slower than four
    scene = chat_scene("least_loaded", ChatLevels(rates), 64, 5, 2)
    assert [scene.arrive("chat") for _ in range(9)] == ["A 1", "A 1", "A 2", "A 2", "A 1", "A 2", "A 1", "A 2", None]
    assert corner_levels([3.0, 6.0, 9.0]) == [0, 3]
    with pytest.raises(ArgumentError, match="completion rates are above 0"):
        corner_levels([1.0, 0.0])


def test_29_30_the_programme_uses_corner_levels_only() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    lot = np.random.default_rng(5)
    for _ in range(25):
        rates = np.concatenate([[0.0], np.cumsum(lot.uniform(-0.5, 2.0, 6)).clip(0.1)])
        wanted = lot.uniform(0.05, 0.95) * rates.max()
        answer = optimize.linprog(
            np.arange(7.0), A_ub=[-rates], b_ub=[-wanted], A_eq=[np.ones(7)], b_eq=[1.0], method="highs-ds"
        )
        assert answer.status == 0
        assert set(np.flatnonzero(answer.x > 1e-9)) <= set(corner_levels(rates[1:]))


def test_policies_play_in_a_simulated_world() -> None:
    """With a gauge nobody has to tell a policy anything: the rare type waits until its queue is the longer."""
    world = pytest.importorskip("koble.world")
    Law = pytest.importorskip("koble.sim").Law
    spread = {}
    for name, policy in {"longest": LongestQueueFirst(Gauge(6)), "first": Policy()}.items():
        plan = plans.staffed(plans.asking(plans.first_in_first_out({"A": ["a", "b"]}), contacts="p", gauge=6), {"A": 2})
        engine = koble.Engine(plan, seed=3)
        engine.set_policy("p", policy)
        law, patience = Law.exponential(60 * SECOND), Law.exponential(600 * SECOND)
        streams = [
            world.Stream([number], law, rates=world.Rates.constant(rate), patience=patience)
            for number, rate in ((0, 110.0), (1, 30.0))
        ]
        presence = np.array([(0, 0, n, 1) for n in range(2)], world.PRESENCE_DTYPE)
        run = world.World(engine, streams, presence=presence, horizon_ns=12 * 3600 * SECOND, seed=5)
        waits: dict[int, list[int]] = {0: [], 1: []}
        for block in run.blocks():
            for number in waits:
                waits[number] += block["wait_ns"][block["stream"] == number].tolist()
        assert engine.take_policy_error() is None
        spread[name] = np.mean(waits[1]) / np.mean(waits[0])
    assert 0.8 < spread["first"] < 1.25
    assert spread["longest"] > 1.5


def test_what_policies_share_stays_importable() -> None:
    for name in koble.policies.__all__:
        assert getattr(koble.policies, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        koble.policies.Nothing  # noqa: B018


def test_the_examples_of_the_page_come_out_as_written() -> None:
    page = str(ROOT / "docs" / "policies.md")
    answer = doctest.testfile(page, module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert answer.attempted >= 35
    assert answer.failed == 0
