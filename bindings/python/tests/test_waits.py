"""Virtual waits to the nanosecond, states without look-ahead, estimators and their scores."""

from __future__ import annotations

import doctest
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ROOT, SECOND

pytest.importorskip("scipy")

from koble.enums import Exit  # noqa: E402
from koble.errors import ArgumentError, StateError  # noqa: E402
from koble.lab import Study, waits  # noqa: E402
from koble.lab.estimate import ratio  # noqa: E402
from koble.policies.delays import queue_length_delay_s  # noqa: E402
from koble.sim import Law, Purpose  # noqa: E402
from koble.times import NEVER  # noqa: E402
from koble.world import NOBODY, RECORD_DTYPE, Flag  # noqa: E402

Log = np.ndarray[Any, Any]


def exponential(mean: str) -> dict[str, str]:
    return {"law": "exponential", "mean": mean}


def day(**changes: Any) -> dict[str, Any]:
    """One queue, first come, first served, with everything that may happen there: two streams, batches, retries, full queue, agents by
    number and by shift, late and on breaks, wrap-ups of the plan and drawn ones."""
    return {
        "plan": {
            "profiles": [{"name": "voice"}, {"name": "late", "wrap_up": "7s"}],
            "queues": [{"name": "calls", "offer": {"mode": "auto"}, "max_length": 11, "wrap_up": "2s"}],
        },
        "agents": [{"count": 12, "profile": "voice"}, {"count": 3, "profile": "late"}],
        "streams": [
            {
                "name": "a", "queue": "calls", "arrivals": {"rates": [150, 300, 330, 200]}, "patience": exponential("120s"),
                "service": {"law": "lognormal", "mean": "150s", "cv": 1.2}, "retry": {"delay": "60s", "probability": 0.4, "most": 2},
            },
            {
                "name": "b", "queue": "calls", "arrivals": {"rate": 40, "batch": {"mean": 2}}, "service": exponential("150s"),
                "patience": exponential("60s"),
            },
        ],
        "people": [{"profile": "voice", "wrap_up": exponential("20s")}],
        "staff": [
            {"profile": "voice", "counts": [8, 12, 5, 9], "every": "1h"},
            {"profile": "late", "count": 3, "late": exponential("10m"), "breaks": [{"after": "1h", "for": "15m"}]},
        ],
        "horizon": "4h",
        **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def busy() -> tuple[Study, Log]:
    study = Study(day())
    return study, study.records(0)


def unserved(log: Log) -> Log:
    rows: Log = log[(log["agent"] == NOBODY) & ~np.isin(log["exit"], [int(Exit.FULL)]) & (log["attempt"] == 0)]
    return rows


# ---- Virtual waits ---------------------------------------------------------------------------------------------------


def written_out(given: dict[str, Any], log: Log) -> tuple[dict[str, Any], list[int]]:
    """The study with its only stream's times, services and patiences as columns, drawn here, and the patiences."""
    generator = np.random.default_rng(5)
    count = len(log)
    arrivals = np.sort(log["arrival_ns"][log["attempt"] == 0])[:count].tolist()
    patiences = generator.exponential(90 * SECOND, count).astype(int).tolist()
    services = generator.exponential(150 * SECOND, count).astype(int).tolist()
    (stream,) = given["streams"]
    told = {key: value for key, value in stream.items() if key not in ("service", "patience")}
    told |= {"arrivals": {"times": [f"{t}ns" for t in arrivals]}, "services": [f"{s}ns" for s in services]}
    told["patiences"] = [f"{p}ns" for p in patiences]
    return {**given, "streams": [told]}, patiences


def test_virtual_waits_of_columns_are_those_of_endless_patience_to_the_nanosecond() -> None:
    given = day()
    given["streams"] = [{"queue": "calls", "arrivals": {"rates": [180, 300, 360, 200]}, "service": "1s"}]
    given, patiences = written_out(given, Study(given).records(0))
    log = Study(given).records(0)
    virtual = waits.study_waits_ns(Study(given), 0, log)
    left = np.flatnonzero((log["exit"] == int(Exit.ABANDONED)))
    assert len(left) > 100
    for row in left[:: len(left) // 40]:
        customer = int(log["customer"][row])
        changed = [*given["streams"][0]["patiences"]]
        changed[customer - 1] = "1000h"
        again = Study({**given, "streams": [{**given["streams"][0], "patiences": changed}]}).records(0)
        own = again[again["customer"] == customer]
        assert own["agent"][0] != NOBODY
        assert own["wait_ns"][0] == virtual[row]
        assert virtual[row] > log["wait_ns"][row] == patiences[customer - 1]


def test_exact_virtual_waits_are_those_of_simulating_anew_with_all_that_may_happen(busy: tuple[Study, Log]) -> None:
    study, log = busy
    virtual = waits.study_waits_ns(study, 0, log)
    rows = unserved(log)
    assert len(rows) > 250 and (log["exit"] == int(Exit.FULL)).sum() > 5 and (log["attempt"] > 0).sum() > 50
    which = np.flatnonzero(np.isin(log, rows))[::4]
    with ThreadPoolExecutor(2) as pool:
        simulated = waits.counterfactual_waits_ns(study, 0, log[which], log=log, executor=pool)
    assert np.array_equal(simulated, virtual[which])
    assert (virtual[which] > log["wait_ns"][which]).all()
    served = log["agent"] != NOBODY
    assert np.array_equal(virtual[served], log["wait_ns"][served])
    assert (virtual[log["exit"] == int(Exit.FULL)] == NEVER).all()


def test_simulating_anew_holds_under_priorities_and_offers_that_ring() -> None:
    given: dict[str, Any] = {
        "plan": {
            "queues": [
                {"name": "gold", "offer": {"mode": "ring", "ring": "15s"}, "priority": {"base": 10}},
                {"name": "rest", "offer": {"mode": "ring", "ring": "15s"}},
            ]
        },
        "agents": [{"count": 8}],
        "streams": [
            {"queue": "gold", "arrivals": {"rate": 60}, "service": exponential("180s"), "patience": exponential("90s")},
            {"queue": "rest", "arrivals": {"rate": 130}, "service": exponential("150s"), "patience": exponential("120s")},
        ],
        "people": [{"answer": exponential("4s"), "decline": 0.1}],
        "horizon": "2h",
    }
    study = Study(given)
    log = study.records(0)
    rows = log[(log["stream"] == 1) & (log["exit"] == int(Exit.ABANDONED))][:12]
    found = waits.counterfactual_waits_ns(study, 0, rows, log=log)
    assert np.array_equal(found, waits.counterfactual_waits_ns(study, 0, [(1, int(row["customer"])) for row in rows]))
    assert (found > rows["wait_ns"]).all()
    # Written out: the stream's times, and patiences as they are drawn, but for the one.
    own = np.sort(log[log["stream"] == 1], order="customer")
    times = [f"{t}ns" for t in own["arrival_ns"]]
    patiences = Law.exponential(120 * SECOND).draw(study.seed_of(0), int(Purpose.USER) + 16 + 2, 1, len(own))
    for row, expected in zip(rows, found, strict=True):
        changed = patiences.copy()
        changed[int(row["customer"]) - 1] = 1000 * 3600 * SECOND
        told = {"queue": "rest", "arrivals": {"times": times}, "service": exponential("150s"), "patiences": [f"{p}ns" for p in changed]}
        again = Study({**given, "streams": [given["streams"][0], told]}).records(0)
        mine = again[(again["stream"] == 1) & (again["customer"] == row["customer"])]
        assert mine["wait_ns"][0] == expected
    with pytest.raises(ArgumentError, match="2 queues.*counterfactual_waits_ns"):
        waits.study_waits_ns(study, 0, log)


def made(*rows: tuple[int, int, int, int]) -> Log:
    """Arrival, wait, service (0: hung up) in seconds, agent."""
    log = np.zeros(len(rows), RECORD_DTYPE)
    for place, (arrival, wait, service, agent) in enumerate(rows):
        log[place]["arrival_ns"], log[place]["wait_ns"], log[place]["service_ns"] = (x * SECOND for x in (arrival, wait, service))
        log[place]["agent"] = agent if service else NOBODY
        log[place]["exit"] = 0 if service else int(Exit.ABANDONED)
        log[place]["customer"] = place + 1
        log[place]["flags"] = int(Flag.MUST_WAIT) if wait or not service else 0
    return log


def test_virtual_waits_by_hand() -> None:
    # The second would have begun at 10, when the third did; the fourth at 30, when the agent becomes idle.
    log = made((0, 0, 10, 0), (1, 3, 0, 0), (5, 5, 20, 0), (12, 4, 0, 0), (40, 0, 5, 0))
    assert waits.virtual_waits_ns(log, 1).tolist() == [0, 9 * SECOND, 5 * SECOND, 18 * SECOND, 0]
    assert waits.virtual_waits_ns(log[::-1], 1)[::-1].tolist() == [0, 9 * SECOND, 5 * SECOND, 18 * SECOND, 0]
    # With 3 s of wrap-up he is idle at 33; the third would then have begun too early.
    late = made((0, 0, 10, 0), (1, 3, 0, 0), (5, 8, 20, 0), (14, 4, 0, 0))
    assert waits.virtual_waits_ns(late, 1, 3 * SECOND).tolist() == [0, 12 * SECOND, 8 * SECOND, 22 * SECOND]
    # Nobody is there from 20 on: he would wait until the log ends.
    there = waits.There(np.zeros(1, np.int64), np.array([0, 20]) * SECOND, np.zeros(2, np.int64), np.array([1, 0]))
    assert waits.virtual_waits_ns(log[:4], there)[3] == NEVER
    # Of two groups, one of which has gone but for a conversation: the other's agent is idle at 20 all the same.
    both = made((0, 0, 100, 0), (0, 0, 20, 1), (5, 10, 0, 0))
    gone = waits.There(np.array([0, 1]), np.array([0, 0, 10]) * SECOND, np.array([0, 1, 0]), np.array([1, 1, 0]))
    assert waits.virtual_waits_ns(both, gone)[2] == 15 * SECOND


def test_logs_that_show_another_order_are_refused() -> None:
    with pytest.raises(ArgumentError, match="waited while an agent was idle"):
        waits.virtual_waits_ns(made((0, 0, 10, 0), (1, 3, 10, 1)), 2)
    with pytest.raises(ArgumentError, match="before another"):
        waits.virtual_waits_ns(made((0, 0, 10, 0), (1, 19, 5, 0), (2, 8, 10, 0)), 1)
    with pytest.raises(ArgumentError, match="agent 3"):
        waits.virtual_waits_ns(made((0, 0, 10, 3)), 2)
    with pytest.raises(ArgumentError, match="wrap-ups are missing"):
        study = Study(day())
        waits.virtual_waits_ns(study.records(0), waits.There.of(study))


def test_customers_whose_counterfactual_there_is_not_are_refused(busy: tuple[Study, Log]) -> None:
    study, log = busy
    with pytest.raises(ArgumentError, match="second attempts"):
        waits.counterfactual_waits_ns(study, 0, log[log["attempt"] == 1], log=log)
    with pytest.raises(ArgumentError, match="no customer 100000"):
        waits.counterfactual_waits_ns(study, 0, [(0, 100_000)], log=log)
    with pytest.raises(ArgumentError, match="pairs"):
        waits.counterfactual_waits_ns(study, 0, [3, 4], log=log)
    given = day()
    given["streams"][0]["balk"] = 0.5
    balking = Study(given)
    rows = balking.records(0)
    balked = rows[(rows["flags"] & int(Flag.BALKED)) != 0]
    with pytest.raises(ArgumentError, match="mixture"):
        waits.counterfactual_waits_ns(balking, 0, balked[:1], log=rows)
    exact = waits.study_waits_ns(balking, 0, rows)
    assert (exact[(rows["flags"] & int(Flag.BALKED)) != 0] > 0).all()


# ---- States ----------------------------------------------------------------------------------------------------------


def slowly(log: Log, row: int, of: Sequence[int]) -> dict[str, float]:
    """The state at one arrival, customer by customer, where no two things happen at one instant."""
    now, queue = log["arrival_ns"][row], of[log["stream"][row]]
    mine = [r for r in log if of[r["stream"]] == queue and r["exit"] != int(Exit.FULL)]
    leave = {id(r): r["arrival_ns"] + r["wait_ns"] for r in mine}
    waiting = sorted((r["arrival_ns"], id(r)) for r in mine if r["arrival_ns"] < now < leave[id(r)])
    found = {id(r): sum(1 for o in mine if o["arrival_ns"] < r["arrival_ns"] < leave[id(o)]) for r in mine}
    entered = sorted(
        ((leave[id(r)], r["wait_ns"], found[id(r)]) for r in mine if r["agent"] != NOBODY and r["arrival_ns"] < now and leave[id(r)] < now),
    )
    ended = [(leave[id(r)] + r["service_ns"], r["arrival_ns"], r["wait_ns"]) for r in mine if r["agent"] != NOBODY]
    ended = sorted(one for one in ended if one[0] < now)
    alike = [wait for _, wait, there in entered if there == len(waiting) and wait > 0][-3:]
    above = entered[-1][1] * (entered[-1][2] + 1) if entered else 0
    below = entered[-1][2] + 1 if entered else 0
    for ahead, (arrival, own) in enumerate(waiting):
        above += (now - arrival) * (found[own] + 1)
        below += found[own] - ahead
    return {
        "waiting": len(waiting),
        "les_s": entered[-1][1] / 1e9 if entered else 0,
        "les_waiting": entered[-1][2] if entered else 0,
        "hol_s": (now - waiting[0][0]) / 1e9 if waiting else 0,
        "lcs_s": ended[-1][2] / 1e9 if ended else 0,
        "rcs_s": max(ended, key=lambda one: one[1])[2] / 1e9 if ended else 0,
        "extrapolated_s": above / below / 1e9 if below else 0,
        "mean_of_last": float(np.mean([wait for _, wait, _ in entered[-4:]])) / 1e9 if entered else float("nan"),
        "mean_of_alike": float(np.mean(alike)) / 1e9 if alike else float("nan"),
    }


@pytest.mark.parametrize("of", [[0, 0], [0, 1]])
def test_states_are_those_of_going_through_the_log_one_by_one(of: list[int]) -> None:
    given = day(horizon="1h")
    del given["streams"][1]["arrivals"]["batch"]
    log = Study(given).records(1)
    found = waits.states(log, waits.There.of(Study(given), 1), of)
    columns = {"mean_of_last": found.mean_of_last(4), "mean_of_alike": found.mean_of_alike(3)}
    for row in range(0, len(log), 7):
        for name, value in slowly(log, row, of).items():
            own = columns[name] if name in columns else getattr(found, name)
            assert own[row] == pytest.approx(value, nan_ok=True, abs=1e-9), (row, name)
    if of == [0, 0]:
        assert np.array_equal(found.les_s, found.les_all_s) and np.array_equal(found.hol_s, found.hol_all_s)
    else:
        assert (found.hol_all_s >= found.hol_s).all() and (found.hol_all_s > found.hol_s).any()


def test_the_queue_length_is_the_engines_own_also_within_batches(busy: tuple[Study, Log]) -> None:
    study, log = busy
    found = waits.states(log, waits.There.of(study))
    assert np.array_equal(found.waiting, log["waiting"])
    assert (found.hol_s >= 0).all() and (found.hol_s[found.waiting == 0] == 0).all()
    # Refused where nobody waits: he who comes later is not the head of his line.
    shut = made((0, 0, 10, 0), (1, 0, 0, 0), (5, 5, 10, 0))
    shut["exit"][1] = int(Exit.FULL)
    assert waits.states(shut, 1).hol_s.tolist() == [0, 0, 0] == waits.states(shut, 1).waiting.tolist()


def test_states_know_nothing_of_what_comes_after(busy: tuple[Study, Log]) -> None:
    study, log = busy
    there = waits.There.of(study)
    whole = waits.states(log, there, [0, 1])
    for at in np.quantile(log["arrival_ns"], [0.05, 0.3, 0.5, 0.8], method="inverted_cdf"):
        seen = waits.cut(log, int(at))
        assert (seen["arrival_ns"] + seen["wait_ns"] + seen["service_ns"]).max() <= at
        known = waits.states(seen, there, [0, 1])
        before = log["arrival_ns"] < at
        assert 0 < before.sum() == len(known) < len(log)
        some = whole[before]
        for name in ("waiting", "waiting_all", "agents", "les_s", "les_all_s", "les_waiting", "hol_s", "hol_all_s", "lcs_s", "rcs_s"):
            assert np.array_equal(getattr(known, name), getattr(some, name)), name
        assert np.array_equal(known.extrapolated_s, some.extrapolated_s)
        assert np.array_equal(known.mean_of_last(5), some.mean_of_last(5), equal_nan=True)
        assert np.array_equal(known.mean_of_alike(5), some.mean_of_alike(5), equal_nan=True)
        for one in waits.usual()[4:12]:
            assert isinstance(one, waits.Estimator)
            assert np.array_equal(one.predict_s(known), one.predict_s(some)), one


def test_who_is_there_follows_levels_shifts_lateness_and_breaks(busy: tuple[Study, Log]) -> None:
    study, _ = busy
    given = day(at=[f"{m}m" for m in range(1, 240, 7)])
    counted = Study(given)
    world = counted.open(0)
    for _ in world.blocks():
        pass
    samples = world.samples()
    there = waits.There.of(study).at(samples["time_ns"] - 1)
    assert (there <= samples["present"]).all() and (there == samples["present"]).mean() > 0.8
    assert sorted(set(there.tolist())) != [there[0]]


# ---- Estimators ------------------------------------------------------------------------------------------------------


def states_of(waiting: Sequence[int], agents: int) -> waits.States:
    """With so many waiting and so many agents, and nothing else."""
    log = made(*((10 * i, 0, 5, 0) for i in range(len(waiting))))
    found = waits.states(log, agents)
    object.__setattr__(found, "waiting", np.asarray(waiting, np.int64))
    return found


def test_queue_length_estimators_have_the_sums_of_the_literature() -> None:
    some = states_of([0, 1, 7, 40], 10)
    exact = waits.QueueLengthAbandon(20, 30).predict_s(some)
    assert exact == pytest.approx([queue_length_delay_s(q, 10, 20, 30) for q in (0, 1, 7, 40)], rel=1e-12)
    assert waits.QueueLength(20).predict_s(some) == pytest.approx([queue_length_delay_s(q, 10, 20) for q in (0, 1, 7, 40)])
    assert waits.QueueLengthAbandon(20, 0).predict_s(some) == pytest.approx(waits.QueueLength(20).predict_s(some))
    log = waits.QueueLengthAbandonLog(20, 30).predict_s(some)
    assert log == pytest.approx([120 * np.log(1 + 30 * q / 200) for q in (0, 1, 7, 40)])
    assert (log < exact).all() and log[0] == 0


def test_quantiles_of_the_sum_are_those_of_its_law() -> None:
    some = states_of([0, 3], 10)
    shares = (0.1, 0.5, 0.9, 0.99)
    found = waits.QueueLengthQuantiles(shares, 20, 30).quantiles_s(some)
    for row, phases in enumerate((1, 4)):
        rates = np.array([200 + 30 * i for i in range(phases)]) / 3600
        for column, share in enumerate(shares):
            # Of different exponentials (Ross, "Introduction to Probability Models", 5.2.4).
            weights = [np.prod([b / (b - a) for b in rates if b != a]) for a in rates]
            assert 1 - np.dot(weights, np.exp(-rates * found[row, column])) == pytest.approx(share, abs=1e-9)
    erlang = waits.QueueLengthQuantiles(shares, 20, 0).quantiles_s(some)
    near = waits.QueueLengthQuantiles(shares, 20, 1e-6).quantiles_s(some)
    assert near == pytest.approx(erlang, rel=1e-5)


@pytest.fixture(scope="module")
def erlang_a() -> tuple[Study, list[waits.Day]]:
    """M/M/10+M, loaded by 1.1."""
    study = Study({
        "plan": {"queues": [{"name": "calls", "offer": {"mode": "auto"}}]},
        "agents": [{"count": 10}],
        "streams": [{"arrivals": {"rate": 220}, "service": exponential("180s"), "patience": exponential("240s")}],
        "horizon": "22h", "warmup": "2h", "seed": 3,
    })  # fmt: skip
    return study, waits.study_days(study, range(40))


def test_virtual_waits_of_everybody_have_the_law_of_mmn_m(erlang_a: tuple[Study, list[waits.Day]]) -> None:
    """Given how many wait, the virtual wait of everybody, whether he stays or not, is a sum of exponentials: its mean is QLA, its
    quantiles are ours. Over survivors alone neither is."""
    _, days = erlang_a
    shares = (0.1, 0.5, 0.9)
    exact = waits.QueueLengthAbandon(20, 15)
    quantiles = waits.QueueLengthQuantiles(shares, 20, 15)
    found = waits.score(days, [exact, quantiles], confidence=0.9999)
    assert found["QLA", "bias_s"].low < 0 < found["QLA", "bias_s"].high
    assert found["QLA", "bias_s"].half_width < 0.02 * found.mean_wait_s.value
    for share in shares:
        one = found["QLA quantiles", f"p_below_p{100 * share:g}"]
        assert one.low < share < one.high and one.half_width < 0.02
    assert found.coverage_meant == {"QLA quantiles": pytest.approx(0.8)}
    survivors = []
    for day_ in days:
        log = day_.log
        who = waits.had_to_wait(log) & (log["arrival_ns"] >= 2 * 3600 * SECOND)
        stayed = log["agent"][who] != NOBODY
        survivors.append(waits.Day(log, day_.states[stayed], day_.waits_s[stayed], day_.wrap_up_ns))
    flattered = waits.score(survivors, [exact], confidence=0.9999)
    assert flattered["QLA", "bias_s"].low > 0.03 * found.mean_wait_s.value


def test_fitted_rates_are_those_of_the_laws(erlang_a: tuple[Study, list[waits.Day]]) -> None:
    one = waits.QueueLengthAbandon().fit(erlang_a[1])
    assert one.rate_per_hour == pytest.approx(20, rel=0.02)
    assert one.abandonments_per_hour == pytest.approx(15, rel=0.04)
    assert waits.QueueLength(25).fit(erlang_a[1]).rate_per_hour == 25


def test_a_regression_quantile_makes_the_loss_of_its_days_the_least(erlang_a: tuple[Study, list[waits.Day]]) -> None:
    days = erlang_a[1][:1]
    one = waits.QuantileRegression((0.3, 0.9), features=("waiting",), most=10**6).fit(days)
    x = np.column_stack([np.ones(len(days[0].waits_s)), days[0].states.waiting])
    weights = np.linalg.lstsq(x, one.quantiles_s(days[0].states), rcond=None)[0]
    for column, share in enumerate((0.3, 0.9)):
        def loss(w: Any, share: float = share) -> float:
            error = days[0].waits_s - x @ w
            return float(np.maximum(share * error, (share - 1) * error).sum())

        least = loss(weights[:, column])
        for step in ([0.05, 0], [-0.05, 0], [0, 0.005], [0, -0.005]):
            assert loss(weights[:, column] + step) > least
        below = (days[0].waits_s <= x @ weights[:, column] + 1e-9).mean()
        assert below == pytest.approx(share, abs=3 / len(x))


def test_regressions_find_what_is_there(erlang_a: tuple[Study, list[waits.Day]]) -> None:
    days = erlang_a[1]
    bent = [
        waits.Day(one.log, one.states, np.asarray(3 + 2 * one.states.waiting + 0.01 * one.states.hol_s**2), one.wrap_up_ns) for one in days[:6]
    ]
    straight = [waits.Day(one.log, one.states, np.asarray(3 + 2.0 * one.states.waiting), one.wrap_up_ns) for one in days[:6]]
    line = waits.LinearRegression(("waiting", "agents", "hol_s")).fit(straight[:3])
    assert line.predict_s(straight[4].states) == pytest.approx(straight[4].waits_s, abs=1e-6)
    errors = {}
    for one in (waits.LinearRegression(("waiting", "hol_s")), waits.SplineRegression(("waiting", "hol_s"))):
        inside = bent[4].states.hol_s < np.quantile(bent[4].states.hol_s, 0.9)
        errors[one.name] = np.abs(one.fit(bent[:3]).predict_s(bent[4].states) - bent[4].waits_s)[inside].max()
    assert errors["spline regression"] < 0.2 * errors["linear regression"]


def test_empirical_quantiles_are_those_of_each_bin(erlang_a: tuple[Study, list[waits.Day]]) -> None:
    days = erlang_a[1][:10]
    one = waits.EmpiricalQuantiles((0.25, 0.75), bins=8).fit(days)
    waiting = np.concatenate([day_.states.waiting for day_ in days])
    y = np.concatenate([day_.waits_s for day_ in days])
    below = np.concatenate([day_.waits_s[:, None] <= one.quantiles_s(day_.states) for day_ in days])
    empty = waiting == 0
    assert below[empty].mean(axis=0) == pytest.approx([0.25, 0.75], abs=2 / empty.sum())
    assert below.mean(axis=0) == pytest.approx([0.25, 0.75], abs=16 / len(y))
    assert len(np.unique(np.concatenate([one.quantiles_s(day_.states)[:, 0] for day_ in days]))) >= 5


def test_what_has_not_been_fitted_says_so(erlang_a: tuple[Study, list[waits.Day]]) -> None:
    states = erlang_a[1][0].states
    for one in (waits.QueueLength(), waits.NoInformation(), waits.LinearRegression()):
        with pytest.raises(StateError, match="fit"):
            one.predict_s(states)
    for other in (waits.QueueLengthQuantiles(), waits.EmpiricalQuantiles(), waits.QuantileRegression()):
        with pytest.raises(StateError, match="fit"):
            other.quantiles_s(states)
    with pytest.raises(ArgumentError, match="features"):
        waits.LinearRegression(("weather",))
    with pytest.raises(ArgumentError, match="rising"):
        waits.QuantileRegression((0.9, 0.1))


# ---- Scores ----------------------------------------------------------------------------------------------------------


def test_scores_are_sums_over_days_and_differences_are_paired(erlang_a: tuple[Study, list[waits.Day]]) -> None:
    days = erlang_a[1][:5]
    one, other = waits.NoInformation(60.0), waits.QueueLengthAbandon(20, 15)
    found = waits.score(days, [one, other])
    y = np.concatenate([day_.waits_s for day_ in days])
    assert found.arrivals == len(y) and found.days == 5
    assert found["no information", "mse_s2"].value == pytest.approx(((60 - y) ** 2).mean())
    assert found["no information", "rmse_s"].value == pytest.approx(((60 - y) ** 2).mean() ** 0.5)
    assert found["no information", "relative_rmse"].value == pytest.approx(((60 - y) ** 2).mean() ** 0.5 / y.mean())
    assert found["no information", "bias_s"].value == pytest.approx(60 - y.mean())
    pair = found.differences["mse_s2"]["QLA"]
    assert pair.second == "no information"
    assert pair.difference.value == pytest.approx(found["QLA", "mse_s2"].value - found["no information", "mse_s2"].value)
    assert pair.decided and pair.difference.value < 0
    frame = pytest.importorskip("pandas") and found.to_frame()
    assert frame.loc[("QLA", "mse_s2"), "difference"] == pytest.approx(pair.difference.value)
    assert frame.loc[("QLA", "bias_s"), "value"] == pytest.approx(found["QLA", "bias_s"].value)
    assert "QLA" in str(found) and "control" in str(found)


def test_the_interval_of_a_root_is_the_delta_methods() -> None:
    generator = np.random.default_rng(1)
    some, log, nothing = states_of([0] * 40, 1), made((0, 0, 1, 0)), np.zeros(1, np.int64)
    inside = []
    for _ in range(200):
        sizes = generator.integers(20, 40, 12).tolist()
        days = [waits.Day(log, some[:size], generator.exponential(10, size), nothing) for size in sizes]
        one = waits.score(days, [waits.NoInformation(10.0)])["no information", "relative_rmse"]
        inside.append(one.low < 1.0 < one.high)  # deviation over mean of an exponential law
    assert 0.87 < np.mean(inside) < 0.98


def test_compare_keeps_training_and_test_apart_and_takes_what_the_plan_allows() -> None:
    study = Study(day(horizon="2h"))
    with pytest.raises(ArgumentError, match="replication 3"):
        waits.compare(study, waits.usual(), train=range(4), test=range(3, 6))
    found = waits.compare(study, waits.usual(), train=range(3), test=range(3, 7))
    assert set(found.figures) == {one.name for one in waits.usual()}
    assert all(np.isfinite(one.value) for figures in found.figures.values() for one in figures.values())
    assert found["QLA", "mse_s2"].value < found["no information", "mse_s2"].value
    with pytest.raises(ArgumentError, match="two are called"):
        waits.compare(study, [waits.QueueLength(), waits.QueueLength()], train=[0], test=[1, 2])
    with pytest.raises(ArgumentError, match="two, since"):
        waits.compare(study, waits.usual(), train=range(3), test=[4])


def test_counterfactual_days_are_the_exact_ones_of_those_drawn() -> None:
    study = Study(day(horizon="1h"))
    exact = waits.study_days(study, [2], method="exact")[0]
    anew = waits.study_days(study, [2], method="counterfactual", sample=40)[0]
    assert len(anew.waits_s) == 40
    pairs = dict(zip(exact.states.rank.tolist(), exact.waits_s.tolist(), strict=True))
    assert [pairs[rank] for rank in anew.states.rank.tolist()] == anew.waits_s.tolist()
    with pytest.raises(ArgumentError, match="method"):
        waits.study_days(study, [2], method="guess")
    given = day(horizon="1h")
    given["plan"]["queues"][0]["offer"] = {"mode": "ring"}
    with pytest.raises(ArgumentError, match="offer"):
        waits.study_days(Study(given), [0], method="exact")
    assert len(waits.study_days(Study(given), [0], sample=5)[0].waits_s) == 5


def exact_cases() -> list[dict[str, Any]]:
    folder = Path(os.environ.get("KOBLE_DATA", ROOT / ".." / "shared" / "data"))
    if not (folder / "theory" / "cases.json").exists():
        pytest.skip("theory/cases.json is absent; set KOBLE_DATA to the folder of data")
    listed = json.loads((folder / "theory" / "cases.json").read_text(encoding="utf-8"))["exact_cases"]
    found = [case for case in listed if case["name"].startswith("estimator_QL_")]
    assert found
    return found


def test_the_error_of_ql_agrees_with_every_exact_case_and_without_information_it_is_that_over_1_less_load() -> None:
    for case in exact_cases():
        given, expected = case["parameters"], case["expected"]
        agents, rate, service = given["agents"], given["arrival_rate_per_hour"], given["mean_service_time_s"]
        load = rate * service / 3600 / agents
        study = Study({
            "plan": {"queues": [{"name": "calls", "offer": {"mode": "auto"}}]},
            "agents": [{"count": agents}],
            "streams": [{"arrivals": {"rate": rate}, "service": exponential(f"{service}s")}],
            "horizon": f"{round(1000 / agents + 20)}h", "warmup": "10h", "seed": 11,
        })  # fmt: skip
        days = waits.study_days(study, range(8))
        naive = waits.NoInformation(expected["mean_wait_given_wait_s"])
        found = waits.score(days, [waits.QueueLength(3600 / service), naive])

        def agrees(name: str, figure: str, exact: float, found: waits.Scores = found) -> bool:
            return abs(found[name, figure].value - exact) < 4 * found[name, figure].error

        exact = expected["mse_QL_estimator_given_wait_s2"]
        assert agrees("QL", "mse_s2", exact), case["name"]
        assert found["QL", "mse_s2"].error < 0.3 * exact
        # Given how many wait it is as many times the square of one step, which does not hang on how long the queue happens to be.
        step = service / agents
        given_queue = np.array([((day_.states.waiting + 1) * step**2).sum() for day_ in days])
        of_queue = ratio(found.samples["QL"]["mse_s2"][0], given_queue, 0.95)
        assert abs(of_queue.value - 1) < 4 * of_queue.error and of_queue.error < 0.05
        assert agrees("no information", "mse_s2", exact / (1 - load)), case["name"]
        assert found["no information", "mse_s2"].value > 5 * found["QL", "mse_s2"].value
        # Q in place of Q + 1 would be too low by one service of all together.
        assert agrees("QL", "bias_s", 0.0) and 4 * found["QL", "bias_s"].error < service / agents


def test_the_page_comes_out_as_written() -> None:
    pytest.importorskip("pandas")
    answer = doctest.testfile(str(ROOT / "docs" / "waits.md"), module_relative=False, encoding="utf-8")
    assert answer.attempted >= 8
    assert answer.failed == 0
