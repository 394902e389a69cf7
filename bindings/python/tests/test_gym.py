"""The Gymnasium environment: what check_env asks for, seeds, masks, and that it is the very centre that a study plays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
gymnasium = pytest.importorskip("gymnasium")
import koble  # noqa: E402
from gymnasium.utils.env_checker import check_env  # noqa: E402
from koble.gym import Costs, DecisionCentre, IndexPolicy, KobleEnv, KobleVectorEnv  # noqa: E402
from koble.lab import Study  # noqa: E402
from support import two_kinds  # noqa: E402

HOUR = 3600 * 10**9
COSTS = Costs(waiting_per_hour={"a": 6.0, "b": 12.0}, abandoned={"a": 1.0, "b": 3.0}, served={"b": 0.5})


def play(env: KobleEnv, policy: IndexPolicy, replication: int) -> tuple[float, list[tuple[Any, ...]]]:
    """Reward of an episode altogether, and its course."""
    observation, info = env.reset(options={"replication": replication})
    total, course, ended = info["reward_before"], [], False
    while not ended:
        action = int(policy.actions(observation[None], info["action_mask"][None])[0])
        observation, reward, terminated, truncated, info = env.step(action)
        total += reward
        course.append((action, observation.tobytes(), reward, info["elapsed_s"]))
        ended = terminated or truncated
    return total, course


def test_it_is_what_gymnasium_expects() -> None:
    check_env(KobleEnv(two_kinds(), COSTS), skip_render_check=True)


def test_equal_seeds_have_equal_courses() -> None:
    env = KobleEnv(two_kinds(), COSTS)
    first = [env.reset(seed=5)[0].tolist()]
    second = [env.reset(seed=5)[0].tolist()]
    for _ in range(50):
        first.append(env.step(env.centre.defer)[0].tolist())
    env.reset(seed=5)
    for _ in range(50):
        second.append(env.step(env.centre.defer)[0].tolist())
    assert first == second
    assert env.reset(seed=6)[0].tolist() != first[0]


def test_many_worlds_are_as_each_alone() -> None:
    centre = DecisionCentre(two_kinds(), COSTS)
    policy = IndexPolicy.of(centre, [0, 1, 0, -1])
    many = KobleVectorEnv(centre, num_envs=3)
    observation, info = many.reset(options={"replication": 10})
    courses: list[list[tuple[Any, ...]]] = [[], [], []]
    ended = np.zeros(3, bool)
    while not ended.all():
        actions = policy.actions(observation, info["action_mask"])
        observation, rewards, terminated, truncated, info = many.step(actions)
        over = terminated | truncated
        for row in np.flatnonzero(~ended):
            seen = info["final_obs"][row] if over[row] else observation[row]
            courses[row].append((int(actions[row]), seen.tobytes(), float(rewards[row]), float(info["elapsed_s"][row])))
        ended |= over
    for row in range(3):
        assert play(KobleEnv(centre), policy, 10 + row)[1] == courses[row]


@pytest.mark.parametrize(("weights", "preference"), [([0, 0, 0, 0], [[0, 0], [0, 0]]), ([0, 500, 0, 0], [[0, 1], [0, 0]]), ([0, 0, -1, 1], [[0, 1], [0, 0]])])
def test_an_exported_policy_decides_as_in_the_environment(weights: list[float], preference: list[list[int]]) -> None:
    """The plan with the policy as its own order, played by the engine alone with the same customers, costs exactly the same."""
    centre = DecisionCentre(two_kinds(), COSTS)
    policy = IndexPolicy.of(centre, weights, preference)
    native = Study({**two_kinds(), "plan": policy.plan(centre)} | {"agents": []})
    for replication in range(3):
        records = native.records(replication)
        records = records[records["arrival_ns"] < 8 * HOUR]
        end = records["arrival_ns"] + records["wait_ns"]
        waited = np.minimum(end, 8 * HOUR) - records["arrival_ns"]
        cost = 0.0
        for stream, (rate, left, served) in enumerate(((6.0, 1.0, 0.0), (12.0, 3.0, 0.5))):
            own = records["stream"] == stream
            cost += rate * waited[own].sum() / HOUR + left * ((records["exit"] != 0) & own & (end < 8 * HOUR)).sum()
            cost -= served * ((records["agent"] < 2**31) & own & (end < 8 * HOUR)).sum()
        total, _ = play(KobleEnv(centre), policy, replication)
        assert total == pytest.approx(-cost, rel=1e-9)


def test_the_mask_says_what_is_legal() -> None:
    env = KobleEnv(two_kinds(), COSTS, illegal="raise")
    observation, info = env.reset(seed=1)
    names = dict(zip(env.centre.names(), observation.tolist(), strict=True))
    mask = info["action_mask"].tolist()
    assert mask[2] == 0  # A cannot do b
    assert mask[env.centre.defer] == 1
    assert mask[0] == (names["waiting a"] > 0 and names["free A"] > 0)
    for wrong in (2, 99, -2):
        with pytest.raises(koble.ArgumentError, match="is not legal now"):
            env.step(wrong)
    assert env.step(mask.index(1))[4]["elapsed_s"] >= 0
    lenient = KobleEnv(two_kinds(), COSTS)
    lenient.reset(seed=1)
    assert lenient.step(2)[4]["illegal"]
    assert env.centre.pair(3) == ("b", "AB")
    assert env.centre.pair(env.centre.defer) is None


def test_rewards_are_discounted_from_the_decision() -> None:
    """One contact that waits an hour for nobody: (1 - e^-beta) / beta of its cost, and e^-beta of its loss."""
    written = two_kinds(
        streams=[{"queue": "b", "name": "b", "arrivals": {"times": ["0s"]}, "service": "1s", "patience": "1h"}],
        agents=[{"count": 1, "profile": "A"}, {"count": 1, "profile": "AB"}],
    )
    for beta, waiting, lost in ((0.0, 1.0, 1.0), (0.5, (1 - np.exp(-0.5)) / 0.5, np.exp(-0.5))):
        env = KobleEnv(written, Costs(waiting_per_hour={"b": 2.0}, abandoned={"b": 5.0}, discount_per_hour=beta))
        env.reset(options={"replication": 0})
        _, reward, terminated, truncated, info = env.step(env.centre.defer)
        assert info["elapsed_s"] == 3600
        assert reward == pytest.approx(-2 * waiting - 5 * lost)
        assert terminated
        assert not truncated


def test_mistakes_are_said() -> None:
    automatic = two_kinds()
    automatic["plan"]["queues"][0]["offer"] = {"mode": "auto"}
    with pytest.raises(koble.ArgumentError, match="external"):
        KobleEnv(automatic)
    with pytest.raises(koble.ArgumentError, match="no stream 'c'"):
        KobleEnv(two_kinds(), Costs(abandoned={"c": 1.0}))
    with pytest.raises(koble.ArgumentError, match="reset"):
        KobleEnv(two_kinds()).step(0)
    with pytest.raises(koble.ArgumentError, match='"defer" or "raise"'):
        KobleEnv(two_kinds(), illegal="ignore")
