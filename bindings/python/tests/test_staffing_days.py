"""Staffing of days: offered loads, rosters and searches by simulation against enumeration."""

from __future__ import annotations

import doctest
import functools
import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from support import ROOT

import koble
import koble.staffing.shift
from koble.errors import ArgumentError, KobleError

pytest.importorskip("scipy")
from staffing_laws import LAWS  # noqa: E402

from koble.staffing import (  # noqa: E402
    BreakWindow,
    Counts,
    CoverError,
    DayTarget,
    Distribution,
    Profile,
    Shift,
    StaffingError,
    Target,
    erlang_a,
    generate_shifts,
    least_agents,
    least_staff,
    mol,
    schedule_shifts,
    sipp,
    square_root_start,
    unmet,
)
from scipy import stats  # noqa: E402


# Time-varying.


def test_offered_load_follows_its_equation() -> None:
    profile = Profile([100, 400, 50], 1800)
    times = np.linspace(0, 5399.99, 2000)
    load = profile.load_erlang(times, Distribution.exponential(900))
    exact, at = [0.0], 0.0  # m' = lambda - mu m, solved from one change to the next
    for now in times[1:]:
        value = exact[-1]
        while at < now:
            k = int(at // 1800 + 1e-12)
            to = min(now, (k + 1) * 1800.0)
            goal = profile.rates_per_hour[k] / 3600 * 900
            value = goal + (value - goal) * math.exp(-(to - at) / 900)
            at = to
        exact.append(value)
    assert load == pytest.approx(np.array(exact), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_offered_load_of_any_service(law: Distribution) -> None:
    rates = [300.0, 900.0, 0.0, 600.0]
    for before in ("nobody", "first", "again"):
        profile = Profile(rates, 60, before)  # type: ignore[arg-type]
        step = 0.1
        ages = np.arange(step / 2, 4000, step)
        for at in (0.0, 130.0, 240.0):
            born = at - ages
            index = np.floor(born / 60).astype(int)
            rate = np.array(rates)[np.clip(index, 0, 3)]
            if before == "again":
                rate = np.array(rates)[index % 4]
            elif before == "nobody":
                rate = np.where(born < 0, 0, rate)
            summed = float((rate / 3600 * law.survival(ages)).sum()) * step
            assert profile.load_erlang([at], law)[0] == pytest.approx(summed, rel=5e-3, abs=1e-9)
        grid = profile.load_erlang(np.linspace(30, 200, 341), law)
        assert profile.mean_load_erlang(30, 200, law) == pytest.approx(float((grid[1:] + grid[:-1]).mean() / 2), rel=1e-3)
        assert profile.most_load_erlang(30, 200, law) == pytest.approx(float(grid.max()), rel=2e-3)
    steady = Profile([240.0] * 3, 100, "again")
    assert steady.load_erlang([0.0, 33.0, 300.0], law) == pytest.approx(240 / 3600 * law.mean_s, rel=1e-9)


def test_mol_holds_a_target_that_sipp_misses() -> None:
    """With patience like service the number present is Poisson with mean m(t) at every t, so P(wait) is known exactly."""
    rates = [200 + 150 * math.sin(2 * math.pi * k / 24) for k in range(24)]
    profile, service = Profile(rates, 3600, "again"), 3600.0
    target, hours = Target(p_wait=0.2), 3600.0
    times = np.linspace(0, 86_400, 24 * 60 + 1)[:-1]
    load = profile.load_erlang(times, Distribution.exponential(service))

    def waits(agents: tuple[int, ...]) -> np.ndarray[Any, Any]:
        there = np.array(agents)[(times // hours).astype(int)]
        return np.asarray(stats.poisson.sf(there - 1, load))

    kept = mol(profile, hours, service, target, mean_patience_s=service)
    assert len(kept.agents) == 24
    assert waits(kept.agents).max() <= 0.2 + 1e-9
    fewer = waits(tuple(n - 1 for n in kept.agents)).reshape(24, -1).max(axis=1)
    assert np.all(fewer > 0.18)  # not an agent too many, up to what falls between the minutes
    naive = sipp(profile, hours, service, target, mean_patience_s=service)
    assert waits(naive.agents).max() > 0.5
    lagged = sipp(profile, hours, service, target, lag_s=service, mean_patience_s=service)
    assert abs(waits(lagged.agents) - 0.2).mean() < abs(waits(naive.agents) - 0.2).mean() / 2


def test_sipp_staffs_for_the_mean_or_the_greatest_rate() -> None:
    profile, target = Profile([100, 300, 0, 0], 900), Target(share=0.8, within_s=20)
    mean = sipp(profile, 1800, 180, target)
    assert mean.rates_per_hour == (200, 0)
    assert mean.agents == (least_agents(target, 200, 180).agents, 0)
    assert mean.performances[1] is None
    assert sipp(profile, 1800, 180, target, how="most").rates_per_hour == (300, 0)
    assert sipp(profile, 1800, 180, target, lag_s=900).rates_per_hour == (50, 150)
    with pytest.raises(ArgumentError, match="divides"):
        sipp(profile, 1000, 180, target)


# Shifts.


def test_a_roster_is_the_best_of_all() -> None:
    required = [2, 4, 3, 1, 3, 2]
    shifts = [
        Shift.of("early", "0h", "3h", cost=3.1),
        Shift.of("middle", "1h", "4h", breaks=[("3h", "1h")], cost=2.9),
        Shift.of("late", "3h", "3h", cost=2.6),
        Shift.of("long", "0h", "6h", cost=5.0),
    ]
    works = np.array([[1, 1, 1, 0, 0, 0], [0, 1, 1, 0, 1, 0], [0, 0, 0, 1, 1, 1], [1] * 6])
    costs = np.array([3.1, 2.9, 2.6, 5.0])
    every = np.array(list(itertools.product(range(6), repeat=4)))
    best = float((every @ costs)[np.all(every @ works >= required, axis=1)].min())
    made = schedule_shifts(required, "1h", shifts)
    assert made.cost == pytest.approx(best)
    assert made.proven
    assert made.gap == 0
    assert np.all(made.cover["all"] >= required)
    assert made.cover["all"] == pytest.approx(sum(works[shifts.index(s)] * n for s, n in made.counts.items()))
    assert made.on_duty()[None] == list(made.cover["all"])
    assert not made.under["all"].any()

    slack = every @ works - required
    penalised = every @ costs + 0.3 * np.maximum(slack, 0).sum(axis=1) + 0.8 * np.maximum(-slack, 0).sum(axis=1)
    soft = schedule_shifts(required, "1h", shifts, over_cost=0.3, under_cost=0.8)
    assert soft.objective == pytest.approx(float(penalised.min()))
    assert soft.under["all"].sum() > 0
    assert soft.objective == pytest.approx(soft.cost + 0.3 * soft.over["all"].sum() + 0.8 * soft.under["all"].sum())


def test_skills_share_agents_interval_by_interval() -> None:
    required = {"calls": [2, 0, 1], "chats": [0, 2, 1]}
    shifts = [
        Shift.of("calls", "0h", "3h", cost=3, profile="voice"),
        Shift.of("chats", "0h", "3h", cost=3, profile="text"),
        Shift.of("both", "0h", "3h", cost=3.5, profile="all"),
    ]
    serves = {"voice": ["calls"], "text": ["chats"], "all": ["calls", "chats"]}
    made = schedule_shifts(required, "1h", shifts, serves=serves)
    # Two are needed at any time, only generalists can change sides, and one side of the last hour may be a specialist's.
    assert made.cost == pytest.approx(7)
    assert {shift.name: n for shift, n in made.counts.items()} == {"both": 2}
    assert made.cover["calls"] + made.cover["chats"] == pytest.approx([2, 2, 2])
    with pytest.raises(ArgumentError, match="serves does not say"):
        schedule_shifts(required, "1h", shifts)


def test_what_cannot_be_covered_is_named() -> None:
    with pytest.raises(CoverError, match="2h-3h lacks 4, 7h-8h lacks 1") as caught:
        schedule_shifts([0, 0, 4, 2, 2, 2, 1, 1], "1h", [Shift.of("only", "3h", "4h")])
    assert list(caught.value.missing["all"]) == [0, 0, 4, 0, 0, 0, 0, 1]
    with pytest.raises(CoverError, match="lacks 1"):
        schedule_shifts([3, 3], "1h", [Shift.of("only", "0h", "2h", most=2), Shift.of("first", "0h", "1h")])
    with pytest.raises(CoverError, match="headcount"):
        schedule_shifts([3, 3], "1h", [Shift.of("only", "0h", "2h")], headcount=2)


def test_shifts_are_generated_with_their_breaks() -> None:
    shifts = generate_shifts(
        ["7h", "8h"],
        ["8h30m"],
        breaks=[BreakWindow("30m", "3h", "4h", "30m"), BreakWindow("15m", "4h", "6h", "1h")],
        cost_per_hour=20,
    )
    assert len({shift.name for shift in shifts}) == len(shifts) == 2 * (3 * 3 - 1)  # 4h-4h30m meets 4h-4h15m
    assert all(shift.cost == pytest.approx(20 * 7.75) for shift in shifts)
    assert shifts[0].name == "7h-15h30m without 10h-10h30m, 11h-11h15m"
    # An interval partly worked counts only where that is wanted.
    partly = [Shift.of("x", "0h", "2h", breaks=[("1h", "15m")])]
    assert schedule_shifts([1, 0], "1h", partly).cover["all"] == pytest.approx([1, 0])
    assert schedule_shifts([1, 0], "1h", partly, partial=True).cover["all"] == pytest.approx([1, 0.75])
    with pytest.raises(ArgumentError, match="breaks in order"):
        Shift.of("x", "0h", "2h", breaks=[("1h", "30m"), ("1h", "15m")])
    with pytest.raises(ArgumentError, match="more than 5 shifts"):
        generate_shifts(["7h", "8h"], ["1h", "2h", "3h"], most=5)


def test_a_day_of_hours_is_proven_optimal() -> None:
    required = [math.ceil(40 + 60 * math.sin(math.pi * k / 34)) for k in range(34)]
    begins = [f"{h}h{m}m" for h in range(9) for m in (0, 30)]
    shifts = generate_shifts(begins, ["4h30m", "8h30m"], breaks=[BreakWindow("30m", "2h", "5h", "1h")])
    made = schedule_shifts(required, "30m", shifts)
    assert made.proven
    assert made.bound == pytest.approx(made.objective)
    assert np.all(made.cover["all"] >= required)
    assert made.cost >= sum(required) / 2


# Search.

RATES = [100.0, 400.0, 250.0, 90.0]


@functools.cache
def served_in_time(agents: int, rate: float) -> float:
    return rate * erlang_a(agents, rate, 180, 120).p_served_within(20) if agents else 0.0


def analytic(staff: Mapping[str, list[int]]) -> dict[str, Counts]:
    """One group, each interval by itself: Erlang A."""
    served = [served_in_time(n, rate) for n, rate in zip(staff["g"], RATES, strict=True)]
    return {"q": Counts(np.array([served]), np.array([RATES]))}


def test_one_group_is_staffed_as_the_formula_says() -> None:
    exact = [least_agents(Target(share=0.8, within_s=20), rate, 180, mean_patience_s=120).agents for rate in RATES]
    seen: list[tuple[int, float, bool]] = []
    for start in ([1, 1, 1, 1], [30, 30, 30, 30], square_root_start({"q": [r / 20 for r in RATES]}, {"g": ["q"]})["g"]):
        found = least_staff(
            analytic,
            [DayTarget(queue="q", share=0.8)],
            {"g": start},
            {"g": ["q"]},
            {"g": 1},
            progress=lambda *now: seen.append(now),
        )
        assert found.staff["g"] == exact
        assert found.cost == sum(exact)
        assert found.stopped == "local optimum"
    assert seen[-1][0] == found.evaluations
    assert any(met for _, _, met in seen)


def test_a_target_over_the_day_is_met_with_the_fewest_agents() -> None:
    target = DayTarget(queue="q", share=0.8, per="day")
    found = least_staff(analytic, [target], {"g": [5, 20, 13, 5]}, {"g": ["q"]}, {"g": 1}, reach=1)
    gains = [np.array([served_in_time(n, rate) for n in range(1, 27)]) for rate in RATES]
    day = sum(np.meshgrid(*gains, indexing="ij"))
    agents = np.indices((26,) * 4).sum(axis=0) + 4
    assert found.cost == agents[day >= 0.8 * sum(RATES) * (1 - 1e-9)].min()


def pooled(staff: Mapping[str, list[int]]) -> dict[str, Counts]:
    """Two queues, two kinds of specialists, generalists whose time is split between the queues to the best of both."""
    needs = {"a": 6.4, "b": 9.3}
    out: dict[str, list[float]] = {"a": [], "b": []}
    for a, b, both in zip(staff["A"], staff["B"], staff["AB"], strict=True):
        to_a = min(max(needs["a"] - a, 0), both)
        out["a"].append(min((a + to_a) / needs["a"], 1.2))
        out["b"].append(min((b + both - to_a) / needs["b"], 1.2))
    return {q: Counts(np.array([row]) * 80, np.full((1, len(row)), 100.0)) for q, row in out.items()}


def test_exchanges_find_the_cheapest_mix() -> None:
    targets = [DayTarget(queue=q, share=0.8) for q in ("a", "b")]
    serves, costs = {"A": ["a"], "B": ["b"], "AB": ["a", "b"]}, {"A": 1.0, "B": 1.0, "AB": 1.3}
    best = min(
        a + b + 1.3 * both
        for a, b, both in itertools.product(range(12), repeat=3)
        if not unmet(targets, pooled({"A": [a], "B": [b], "AB": [both]}))
    )
    assert best == pytest.approx(16.3)  # 6 + 9 and one who does what is left of both; 7 + 10 specialists cost 17
    for start in ({"A": [7], "B": [10], "AB": [0]}, {"A": [0], "B": [0], "AB": [16]}, {"A": [1], "B": [1], "AB": [1]}):
        assert least_staff(pooled, targets, start, serves, costs).cost == pytest.approx(best)
    stuck = least_staff(pooled, targets, {"A": [0], "B": [0], "AB": [16]}, serves, costs, exchanges=False)
    assert stuck.cost == pytest.approx(16 * 1.3)  # no removal alone helps: what the exchanges are for


def test_a_target_on_most_days_counts_days() -> None:
    days = np.array([[80.0], [79.0], [95.0], [60.0], [81.0]])
    counts = {"q": Counts(days, np.full((5, 1), 100.0))}
    assert not unmet([DayTarget(queue="q", share=0.8, on_days=0.6)], counts)
    (lacking,) = unmet([DayTarget(queue="q", share=0.8, on_days=0.8)], counts)
    assert (lacking.interval, lacking.missing) == (0, pytest.approx(1 / 4))  # the fourth best day lacks 1
    (mean,) = unmet([DayTarget(queue="q", share=0.8)], counts)  # 395 of 500
    assert mean.missing == pytest.approx(1)
    with pytest.raises(koble.UnknownError, match='did you mean "q"'):
        unmet([DayTarget(queue="qq", share=0.8)], counts)


def test_a_search_that_cannot_succeed_says_why() -> None:
    def hopeless(staff: Mapping[str, list[int]]) -> dict[str, Counts]:
        return {"q": Counts(np.array([[50.0]]), np.array([[100.0]]))}

    with pytest.raises(StaffingError, match="'q' lacks 30 good contacts in interval 0"):
        least_staff(hopeless, [DayTarget(queue="q", share=0.8)], {"g": [3]}, {"g": ["q"]}, {"g": 1})
    with pytest.raises(StaffingError, match="not met after 3 evaluations"):
        least_staff(
            analytic, [DayTarget(queue="q", share=0.8)], {"g": [1] * 4}, {"g": ["q"]}, {"g": 1}, most_evaluations=3
        )
    early = least_staff(
        analytic, [DayTarget(queue="q", share=0.8)], {"g": [40] * 4}, {"g": ["q"]}, {"g": 1}, most_evaluations=9
    )
    assert early.stopped == "budget"
    assert not unmet([DayTarget(queue="q", share=0.8)], early.counts)
    with pytest.raises(KobleError, match="no group serves"):
        least_staff(analytic, [DayTarget(queue="x", share=0.8)], {"g": [1]}, {"g": ["q"]}, {"g": 1})


def test_a_simulated_centre_is_staffed_to_a_local_optimum() -> None:
    from koble.lab import Study

    rates = {"a": [60, 120], "b": [80, 40]}
    serves = {"A": ["a"], "B": ["b"], "AB": ["a", "b"]}
    plan = {
        "skills": ["a", "b"],
        "profiles": [{"name": name, "skills": {skill: 1 for skill in skills}} for name, skills in serves.items()],
        "queues": [{"name": q, "require": q, "offer": {"mode": "auto"}} for q in rates],
    }

    def evaluate(staff: Mapping[str, list[int]]) -> dict[str, Counts]:
        streams = [
            {
                "name": f"{q} {k}",
                "queue": q,
                "arrivals": {"rates": [0.0] * k + [rate], "every": "30m"},
                "service": {"law": "exponential", "mean": "180s"},
                "patience": {"law": "exponential", "mean": "120s"},
            }
            for q, row in rates.items()
            for k, rate in enumerate(row)
        ]
        shifts = [
            {"profile": group, "count": n, "from": f"{30 * k}m", "to": f"{30 * k + 30}m"}
            for group, row in staff.items()
            for k, n in enumerate(row)
        ]
        agents = [{"profile": group, "count": max(max(row), 1)} for group, row in staff.items()]
        study = {"plan": plan, "agents": agents, "staff": shifts, "streams": streams, "horizon": "1h", "replications": 1}
        days = [Study({**study, "seed": day}).run() for day in range(2)]
        counts = {}
        for q, row in rates.items():
            names = [f"{q} {k}" for k in range(len(row))]
            came = np.array([[day["arrivals", name].value for name in names] for day in days])
            share = np.array([[day["p_served_within_20s", name].value for name in names] for day in days])
            counts[q] = Counts(came * np.nan_to_num(share), came)  # NaN where nobody came
        return counts

    targets = [DayTarget(queue=q, share=0.8) for q in rates]
    start = square_root_start({q: [rate / 20 for rate in row] for q, row in rates.items()}, serves)
    found = least_staff(evaluate, targets, start, serves, {"A": 1, "B": 1, "AB": 1.2}, most_evaluations=300)
    assert found.stopped == "local optimum"
    assert not unmet(targets, evaluate(found.staff))
    for group, row in found.staff.items():
        for k, n in enumerate(row):
            if n:
                fewer = {g: [m - (g == group and i == k) for i, m in enumerate(r)] for g, r in found.staff.items()}
                assert unmet(targets, evaluate(fewer)), (group, k)


def test_the_page_says_what_comes_out() -> None:
    assert doctest.testmod(koble.staffing.shift).attempted == 1
    page = str(ROOT / "docs" / "staffing.md")
    answer = doctest.testfile(page, module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert answer.attempted >= 25
    assert answer.failed == 0
