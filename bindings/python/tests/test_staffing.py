"""Staffing: formulas against exact cases and other ways to the same figure; rules against counting up."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ROOT

from koble.errors import ArgumentError

pytest.importorskip("scipy")
from staffing_laws import LAWS  # noqa: E402

from koble.staffing import (  # noqa: E402
    Distribution,
    Performance,
    Target,
    accumulating_waits_mg1_s,
    accumulating_waits_s,
    erlang_a,
    erlang_b,
    erlang_c,
    garnett_beta,
    garnett_p_abandon,
    garnett_p_wait,
    halfin_whitt_beta,
    halfin_whitt_p_wait,
    least_agents,
    mmng,
    mmnk,
    p_block,
    p_wait,
    priority_waits_mg1_s,
    priority_waits_s,
    square_root_agents,
)
from scipy import special, stats  # noqa: E402

CLOSE = 1e-10


def cases(*families: str) -> list[dict[str, Any]]:
    folder = Path(os.environ.get("KOBLE_DATA", ROOT / ".." / "shared" / "data"))
    if not (folder / "theory" / "cases.json").exists():
        pytest.skip("theory/cases.json is absent; set KOBLE_DATA to the folder of data")
    listed = json.loads((folder / "theory" / "cases.json").read_text(encoding="utf-8"))["exact_cases"]
    found = [case for case in listed if case["name"].startswith(families)]
    assert found
    return found


def agree(performance: Performance, expected: Mapping[str, float], name: str) -> None:
    """Every figure of the case, by its own name for it."""
    for key, exact in expected.items():
        word = key.replace("_given_accepted", "").replace("_accepted", "").replace("_wait_all_s", "_wait_s")
        if word.endswith("90th_percentile_s"):
            figure = performance.wait_percentile_s(0.9)
        elif "_le_" in word:
            what, wait = word.removesuffix("s").split("_le_")
            within = performance.p_served_within if what == "p_served_and_wait" else performance.p_wait_within
            figure = within(float(wait))
        else:
            figure = float(getattr(performance, word))
        assert figure == pytest.approx(exact, rel=CLOSE, abs=1e-15), (name, key)


def test_erlang_c_agrees_with_every_exact_case() -> None:
    for case in cases("erlangC_", "GMR2002_table1_MM50"):
        given = case["parameters"]
        if "mean_patience_s" not in given:
            made = erlang_c(given["agents"], given["arrival_rate_per_hour"], given["mean_service_time_s"])
            agree(made, case["expected"], case["name"])


def test_finite_rooms_agree_with_every_exact_case() -> None:
    for case in cases("erlangB_", "MMnK_", "WW_6skills"):
        given = case["parameters"]
        places = given["system_capacity"] - given["agents"]
        made = mmnk(given["agents"], places, given["arrival_rate_per_hour"], given["mean_service_time_s"])
        agree(made, case["expected"], case["name"])


def test_impatience_agrees_with_every_exact_case() -> None:
    for case in cases("erlangA_", "MMn+G_", "GMR2002_table1_MM50+M"):
        given = case["parameters"]
        if given["patience"] == "deterministic":
            patience = Distribution.deterministic(given["patience_s"])
        elif given["patience"] == "erlang":
            patience = Distribution.erlang(given["mean_patience_s"], given["patience_stages"])
        else:
            patience = Distribution.exponential(given["mean_patience_s"])
        made = mmng(given["agents"], given["arrival_rate_per_hour"], given["mean_service_time_s"], patience)
        agree(made, case["expected"], case["name"])


def test_priorities_agree_with_every_exact_case() -> None:
    for case in cases("priority_np_", "APQ_"):
        given, expected = case["parameters"], case["expected"]
        rates, service = given["arrival_rates_per_hour"], given["mean_service_time_s"]
        if case["name"].startswith("priority"):
            waits = priority_waits_s(given["agents"], rates, service)
        elif given["service_distribution"] == "exponential":
            waits = accumulating_waits_s(given["agents"], rates, service, given["credit_rate_b"])
        else:  # Erlang of two phases: E(S^2) = 1.5 E(S)^2
            count = len(rates)
            moments = [service] * count, [1.5 * service**2] * count
            waits = accumulating_waits_mg1_s(rates, *moments, given["credit_rate_b"])
        assert list(waits) == pytest.approx([expected[f"mean_wait_class{k + 1}_s"] for k in range(len(rates))], rel=CLOSE)


# Other ways to the same figures, which need no data.


def chain(agents: int, load: float, patience_ratio: float, states: int) -> tuple[float, float]:
    """P(wait) and mean queue of M/M/n+M from the logarithms of the birth-death chain's weights."""
    busy = np.arange(agents + 1)
    lower = busy * math.log(load) - special.gammaln(busy + 1)
    waiting = np.arange(1, states + 1)
    upper = lower[-1] + np.cumsum(math.log(load) - np.log(agents + waiting / patience_ratio))
    logs = np.concatenate([lower, upper])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return float(weights[agents:].sum()), float(weights[agents + 1 :] @ waiting)


@pytest.mark.parametrize("agents", [1, 37, 1000, 10_000])
@pytest.mark.parametrize("ratio", [0.01, 1.0, 50.0])
def test_erlang_a_is_its_chain_from_light_load_to_twice_what_the_agents_can(agents: int, ratio: float) -> None:
    for utilisation in (0.9, 0.99, 1.0, 1.05, 2.0):
        load = agents * utilisation
        states = int(max(load - agents, 0) * ratio + 60 * math.sqrt(agents * (1 + ratio)) + 60 * ratio + 3000)
        wait, queue = chain(agents, load, ratio, states)
        made = erlang_a(agents, load, 3600, 3600 * ratio)
        tolerance = 1e-9 if agents > 5000 else 1e-10  # gammaln's own at 10,000
        assert made.p_wait == pytest.approx(wait, rel=tolerance)
        assert made.mean_queue_length == pytest.approx(queue, rel=tolerance)
        assert made.p_abandon == pytest.approx(queue / ratio / load, rel=tolerance)


@pytest.mark.parametrize("agents", [1, 100, 10_000])
def test_patience_like_service_makes_the_number_present_poisson(agents: int) -> None:
    for load in (0.95 * agents, agents, 1.3 * agents):
        assert erlang_a(agents, load * 60, 60, 60).p_wait == pytest.approx(stats.poisson.sf(agents - 1, load), rel=1e-9)


def test_erlang_b_and_c_at_ten_thousand_agents() -> None:
    for load in (9_500.0, 10_000.0, 20_000.0):
        # B = Poisson weight of n over the sum up to n, as a continued ratio from n down: exact to the last digits.
        ratios = np.cumprod(np.arange(10_000, 0, -1) / load)
        block = 1 / (1 + math.fsum(ratios))
        assert p_block(10_000, load) == pytest.approx(block, rel=1e-12)
        if load < 10_000:
            assert p_wait(10_000, load) == pytest.approx(block / (1 - load / 10_000 * (1 - block)), rel=1e-12)
    assert p_block(0, 5.0) == 1.0
    assert p_block(10_000, 10.0) == 0.0  # below the least float, and no error
    assert p_wait(5, 5.0) == 1.0


def test_endless_patience_is_erlang_c_and_no_room_is_erlang_b() -> None:
    patient, never = erlang_a(20, 380, 180, 1e16), erlang_c(20, 380, 180)
    for figure in ("p_wait", "mean_wait_s", "second_moment_wait_s2", "utilisation"):
        assert getattr(patient, figure) == pytest.approx(getattr(never, figure), rel=1e-9)
    roomy = mmnk(20, 3000, 380, 180)
    assert roomy.mean_wait_s == pytest.approx(never.mean_wait_s, rel=1e-9)
    assert roomy.p_wait_within(60) == pytest.approx(never.p_wait_within(60), rel=1e-9)
    refused = erlang_b(20, 380, 180)
    assert refused.p_block == p_block(20, 19.0)
    assert math.isnan(refused.mean_wait_given_wait_s)
    assert refused.wait_percentile_s(0.99) == 0


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_laws_know_their_moments(law: Distribution) -> None:
    edges = np.concatenate([np.geomspace(1e-9, 1, 4000), np.arange(1.02, 400.01, 0.02)])
    middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    for until in (1.0, 60.0, 400.0):
        below = middle < until
        once = float((law.survival(middle) * width)[below].sum())
        twice = float((2 * middle * law.survival(middle) * width)[below].sum())
        at = np.array([until])
        assert law.integral(at)[0] == pytest.approx(once, rel=2e-4)
        assert law.square(at)[0] == pytest.approx(twice, rel=2e-4)
        assert law.cdf(at)[0] + law.survival(at)[0] == pytest.approx(1, abs=1e-14)
    assert law.integral(np.array([1e7]))[0] == pytest.approx(law.mean_s, rel=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize("rate", [150.0, 260.0])
def test_any_patience_keeps_the_balance_of_flows(law: Distribution, rate: float) -> None:
    """P(abandon) by (1 + (lambda - n mu) J) / (1 / B + lambda J), which the code does not use; J by a plain sum."""
    agents, service = 10, 180.0
    step = 0.01
    x = np.arange(step / 2, 900, step)
    height = np.exp(rate / 3600 * law.integral(x) - agents / service * x)
    weight = float(height.sum()) * step
    flow = rate / 3600 * weight
    below = 1 / p_block(agents - 1, rate * service / 3600)
    made = mmng(agents, rate, service, law)
    assert made.p_wait == pytest.approx(flow / (below + flow), rel=1e-6)
    assert made.p_abandon == pytest.approx((1 + (rate / 3600 - agents / service) * weight) / (below + flow), rel=1e-5)
    # What the served and the others wait makes what all wait.
    parts = made.mean_wait_served_s * (1 - made.p_abandon) + made.mean_wait_abandoned_s * made.p_abandon
    assert made.mean_wait_s == pytest.approx(parts, rel=1e-11)
    assert made.p_served_within(0) == pytest.approx(1 - made.p_wait, rel=1e-12)
    assert made.p_served_within(1e5) == pytest.approx(1 - made.p_abandon, rel=1e-12)
    # Moments are integrals of the tail.
    waits = np.arange(1.0, 400, 2)
    tail = 1 - np.array([made.p_wait_within(t) for t in waits])
    assert float(tail.sum()) * (waits[1] - waits[0]) == pytest.approx(made.mean_wait_s, rel=0.02)


def test_a_survival_function_is_as_good_as_a_known_law() -> None:
    for law in LAWS:
        typed = Distribution.from_survival(law.survival, scale_s=70, breaks_s=law.breaks_s)
        known, given = mmng(20, 420, 180, law), mmng(20, 420, 180, typed)
        for figure in ("p_wait", "p_abandon", "mean_wait_s", "mean_wait_served_s", "second_moment_wait_s2"):
            assert getattr(given, figure) == pytest.approx(getattr(known, figure), rel=1e-8), (law.name, figure)


def test_some_who_never_leave_need_agents_for_themselves() -> None:
    stubborn = Distribution.from_survival(lambda x: 0.5 + 0.5 * np.exp(-x / 60), scale_s=60)
    made = mmng(12, 400, 180, stubborn)  # 20 Erlang, of which 10 stay for ever
    assert 0.3 < made.p_abandon < 0.5
    with pytest.raises(ArgumentError, match="without end"):
        mmng(10, 400, 180, stubborn)
    assert least_agents(Target(p_abandon=0.49), 400, 180, patience=stubborn).agents >= 11


def test_percentiles_are_where_the_tail_says() -> None:
    for made in (erlang_c(10, 180, 180), mmnk(10, 15, 220, 180), erlang_a(10, 220, 180, 60)):
        for share in (0.5, 0.9, 0.999):
            wait = made.wait_percentile_s(share)
            assert made.p_wait_within(wait) == pytest.approx(max(share, 1 - made.p_wait), rel=1e-9)
            served = made.wait_served_percentile_s(share)
            assert made.p_served_within(served) == pytest.approx(max((1 - made.p_abandon) * share, 1 - made.p_wait), rel=1e-9)
        assert made.wait_percentile_s(1 - made.p_wait - 0.01) == 0
    at_once = mmng(10, 220, 180, Distribution.deterministic(60))
    assert at_once.wait_percentile_s(0.95) == pytest.approx(60, rel=1e-9)


def test_nobody_comes() -> None:
    for made in (erlang_b(3, 0, 60), erlang_c(3, 0, 60), mmnk(3, 4, 0, 60), erlang_a(3, 0, 60, 60)):
        assert (made.p_wait, made.p_block, made.p_abandon, made.mean_wait_s, made.utilisation) == (0, 0, 0, 0, 0)


def test_mistakes_say_what_to_write() -> None:
    with pytest.raises(ArgumentError, match="at least 11 agents"):
        erlang_c(10, 200, 180)
    with pytest.raises(ArgumentError, match="agents is 2.5; write a whole number"):
        erlang_c(2.5, 20, 180)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="mean_service_s is 0; write a finite number above 0"):
        erlang_a(5, 20, 0, 60)
    with pytest.raises(ArgumentError, match="never rise"):
        Distribution.from_survival(lambda x: np.minimum(x, 1), scale_s=1)
    with pytest.raises(ArgumentError, match="not the variance"):
        priority_waits_mg1_s([1, 1], [60, 60], [100, 100])


def test_priorities_conserve_work_and_starve_from_the_bottom() -> None:
    rates, means, seconds = [5.0, 4.0, 3.0], [100.0, 200.0, 300.0], [2e4, 5e4, 9e4]
    loads = np.array(rates) * means / 3600
    together = float(np.array(rates) @ seconds) / 3600 / 2 / (1 - loads.sum())
    for waits in (priority_waits_mg1_s(rates, means, seconds), accumulating_waits_mg1_s(rates, means, seconds, [3, 2, 1])):
        assert float(loads @ waits) == pytest.approx(loads.sum() * together, rel=1e-12)
        assert waits[0] < together < waits[2]
    starved = priority_waits_s(2, [20.0, 30.0], 180)  # 1 Erlang and 1.5 on 2 agents
    assert starved[0] == pytest.approx(90 / 0.5)  # some agent comes free every 90 s; half of the time is the first class's
    assert math.isinf(starved[1])
    assert priority_waits_mg1_s([10.0, 15.0], [180, 180], [6e4, 6e4])[0] == pytest.approx((6e4 / 360) / 0.5)


# Rules.


def test_square_root_rules_are_the_limits_of_the_exact_formulas() -> None:
    for beta in (0.2, 1.0, 2.0):
        gaps = []
        for load in (100.0, 10_000.0, 500_000.0):
            agents = square_root_agents(load, beta)
            exact_beta = (agents - load) / math.sqrt(load)
            gaps.append(abs(p_wait(agents, load) / halfin_whitt_p_wait(exact_beta) - 1))
        assert gaps[0] > gaps[1] > gaps[2]
        assert gaps[2] < gaps[1] / 4  # they fall like 1 / sqrt(n)
    for beta in (-1.0, 0.0, 1.0):
        for ratio in (0.2, 3.0):
            load = 10_000 - beta * 100
            exact = erlang_a(10_000, load, 3600, 3600 * ratio)
            exact_beta = (10_000 - load) / math.sqrt(load)
            assert garnett_p_wait(exact_beta, ratio) == pytest.approx(exact.p_wait, rel=0.02)
            assert garnett_p_abandon(10_000, exact_beta, ratio) == pytest.approx(exact.p_abandon, rel=0.02)
    assert garnett_p_wait(0.7, 1e12) == pytest.approx(halfin_whitt_p_wait(0.7), rel=1e-6)


def test_rules_are_inverted() -> None:
    for wanted in (1e-9, 0.01, 0.2, 0.9, 0.9999):
        assert halfin_whitt_p_wait(halfin_whitt_beta(wanted)) == pytest.approx(wanted, rel=1e-9)
        assert garnett_p_wait(garnett_beta(wanted, 0.5), 0.5) == pytest.approx(wanted, rel=1e-9)
    with pytest.raises(ArgumentError, match="below 1"):
        halfin_whitt_beta(1.0)


TARGETS = [
    Target(share=0.8, within_s=20),
    Target(p_wait=0.1),
    Target(mean_wait_s=5),
    Target(occupancy=0.8),
    Target(share=0.9, within_s=10, mean_wait_s=30, occupancy=0.9),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "model", [{}, {"mean_patience_s": 90}, {"waiting_places": 4}, {"patience": Distribution.uniform(10, 90)}]
)
def test_bisection_finds_what_counting_up_finds(target: Target, model: dict[str, Any]) -> None:
    for rate in (1.0, 37.0, 400.0):
        found = least_agents(target, rate, 180, **model)
        assert target.met_by(found)
        agents = found.agents - 1
        if agents < 1 or (not model and rate / 20 >= agents):
            continue
        assert not target.met_by(least_like(agents, rate, model))


def least_like(agents: int, rate: float, model: dict[str, Any]) -> Performance:
    if "mean_patience_s" in model:
        return erlang_a(agents, rate, 180, model["mean_patience_s"])
    if "patience" in model:
        return mmng(agents, rate, 180, model["patience"])
    return mmnk(agents, model["waiting_places"], rate, 180) if model else erlang_c(agents, rate, 180)


def test_refused_contacts_miss_a_service_level() -> None:
    found = least_agents(Target(share=0.99, within_s=20), 400, 180, waiting_places=0)
    assert found.p_block <= 0.01 < p_block(found.agents - 1, 20.0)
    assert least_agents(Target(p_block=0.02), 400, 180, waiting_places=0).agents == 28  # tables of Erlang B


def test_targets_that_cannot_be_met_are_refused() -> None:
    with pytest.raises(ArgumentError, match="30 agents do not meet"):
        least_agents(Target(share=0.8, within_s=20), 800, 180, most=30)
    with pytest.raises(ArgumentError, match="empty target"):
        Target()
    with pytest.raises(ArgumentError, match="write both"):
        Target(share=0.8)
    with pytest.raises(ArgumentError, match="write one of them"):
        least_agents(TARGETS[0], 400, 180, mean_patience_s=60, waiting_places=3)
