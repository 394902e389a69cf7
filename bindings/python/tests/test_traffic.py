"""What comes and who is there, as a study writes it: arrivals, retries, people, staff, plans compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
from koble.lab import Study, StudyError  # noqa: E402

SECOND = 10**9
HOUR = 3600 * SECOND


def study(stream: dict[str, Any] | None = None, **more: Any) -> Study:
    """One queue of which agents take contacts at once, three agents, ten hours."""
    usual = {"arrivals": {"rate": 60}, "service": {"law": "exponential", "mean": "100s"}}
    return Study(
        {
            "plan": {"queues": [{"name": "q", "offer": {"mode": "auto"}, **more.pop("queue", {})}]},
            "agents": [{"count": 3}],
            "streams": [{**usual, **(stream or {})}],
            "horizon": "10h",
            "replications": 20,
            **more,
        }
    )


def arrivals(arrivals: dict[str, Any], replications: int = 60, horizon: str = "10h") -> list[np.ndarray[Any, Any]]:
    """Hours of the arrivals of each replication, of contacts that take no time."""
    one = study({"arrivals": arrivals, "service": "0s"}, horizon=horizon)
    return [np.sort(one.records(number)["arrival_ns"]) / HOUR for number in range(replications)]


def test_rates_go_by_steps_and_evenly_from_point_to_point() -> None:
    steps = np.concatenate(arrivals({"rates": [100, 0, 300], "every": "1h"}))
    assert np.histogram(steps, [0, 1, 2, 3, 10])[0] / 60 == pytest.approx([100, 0, 300, 0], abs=5 * (300 / 60) ** 0.5)
    points = np.concatenate(arrivals({"points": [["1h", 100], ["3h", 300], ["4h", 0]]}))
    expected = [100, 150, 250, 150, 0]  # before the first point its rate; behind the last its own
    assert np.histogram(points, [0, 1, 2, 3, 4, 10])[0] / 60 == pytest.approx(expected, abs=5 * (250 / 60) ** 0.5)


def test_counts_are_exact_and_uniform() -> None:
    days = arrivals({"counts": [3, 0, 40], "every": "30m"})
    assert all(np.histogram(day, [0, 0.5, 1, 1.5])[0].tolist() == [3, 0, 40] for day in days)
    within = np.concatenate([day[day > 1] - 1 for day in days]) * 2
    assert within.mean() == pytest.approx(0.5, abs=5 * (1 / 12 / len(within)) ** 0.5)
    assert any(not np.array_equal(days[0], day) for day in days[1:])


def test_busyness_makes_days_differ_and_intervals_hang_together() -> None:
    days = np.array([len(day) for day in arrivals({"rate": 100, "busyness": {"shape": 5}}, 300)])
    # Negative binomial: variance m + m^2 / 5; its estimate over 300 days has a relative deviation of about 0.1.
    assert days.mean() == pytest.approx(1000, rel=5 * (0.2 / 300) ** 0.5)
    assert days.var() == pytest.approx(1000 + 1000**2 / 5, rel=0.5)
    found = arrivals({"rate": 300, "busyness": {"shape": 5, "every": "1h", "correlation": 0.9}}, 150)
    counts = np.array([np.histogram(day, np.arange(11))[0] for day in found])
    correlation = np.corrcoef(counts[:, :-1].ravel(), counts[:, 1:].ravel())[0, 1]
    assert 0.75 < correlation < 0.95
    apart = np.corrcoef(counts[:, 0], counts[:, 9])[0, 1]
    assert apart == pytest.approx(0.9**9, abs=0.25)


def test_states_modulate_the_rate() -> None:
    states = [{"rate": 0, "for": "2h"}, {"rate": 200, "for": "1h"}]
    hours = np.concatenate(arrivals({"states": states}))
    counts = np.histogram(hours, np.arange(11))[0]
    assert counts[[0, 1, 3, 4, 6, 7, 9]].sum() == 0
    assert counts[[2, 5, 8]] / 60 == pytest.approx([200] * 3, abs=5 * (200 / 60) ** 0.5)
    stays = [{"rate": 0, "for": "1h", "next": [1, 0]}, {"rate": 200, "for": "1h"}]
    assert not any(len(day) for day in arrivals({"states": stays}, 3))


@pytest.mark.parametrize(("batch", "mean"), [(3, 3.0), ({"mean": 2.5}, 2.5), ({"sizes": {"1": 3, "5": 1}}, 2.0)])
def test_batches_come_together(batch: Any, mean: float) -> None:
    days = arrivals({"rate": 50, "batch": batch}, 40)
    sizes = np.concatenate([np.unique(day, return_counts=True)[1] for day in days])
    assert sizes.mean() == pytest.approx(mean, abs=5 * sizes.std() / len(sizes) ** 0.5 + 1e-9)
    if isinstance(batch, dict) and "mean" in batch:  # geometric: P(1) = 1 / mean
        assert (sizes == 1).mean() == pytest.approx(0.4, abs=5 * (0.24 / len(sizes)) ** 0.5)


def test_a_column_stands_for_a_law() -> None:
    stream = {
        "arrivals": {"times": ["0s", "10s", "20s", "30s"]}, "services": ["100s", "90s", "80s", "10s"], "patiences": ["1s", "1s", "1s", "25s"],
    }  # fmt: skip
    with pytest.raises(StudyError, match='services: stands for "service"'):
        study({**stream, "service": "1s"})
    one = Study(
        {
            "plan": {"queues": [{"name": "q", "offer": {"mode": "auto"}}]},
            "agents": [{"count": 3}],
            "streams": [stream],
            "horizon": "1h",
            "replications": 1,
        }
    )
    records = np.sort(one.records(), order="arrival_ns")
    assert (records["service_ns"] // SECOND).tolist() == [100, 90, 80, 0]
    assert records["wait_ns"][3] == 25 * SECOND
    assert one.run()["p_abandon"].value == 0.25


def test_who_is_refused_comes_again() -> None:
    """One agent, no place to wait: customers come again until they are served, so that each is served once."""
    result = study(
        {"arrivals": {"rate": 12}, "retry": {"delay": {"law": "exponential", "mean": "2m"}, "after": "refused"}},
        queue={"max_length": 0}, agents=[{"count": 1}], horizon="300h", warmup="5h",
    ).run()  # fmt: skip
    assert result["utilisation"].value == pytest.approx(12 * 100 / 3600, rel=0.03)
    assert result["attempts_per_customer"].value == pytest.approx(
        1 + result["p_refused"].value / (1 - result["p_refused"].value), rel=0.01
    )
    # Little's law of the orbit: who comes again spends two minutes each time.
    again = (result["attempts_per_customer"].value - 1) * 12 * 120 / 3600
    assert result["mean_orbit"].value == pytest.approx(again, rel=0.05)
    assert result["p_first_attempt_refused"].value == pytest.approx(1 / 3, abs=0.05)


def test_whoever_would_have_to_wait_may_balk() -> None:
    result = study({"balk": 1.0}).run()
    assert result["p_balk"].value == pytest.approx(result["p_wait"].value)
    assert result["mean_wait_s"].value == 0
    assert result["p_abandon"].value == 0


def test_service_hangs_on_who_serves() -> None:
    result = Study(
        {
            "plan": {
                "skills": ["a"],
                "profiles": [{"name": "old", "skills": {"a": 3}}, {"name": "new", "skills": {"a": 1}}],
                "queues": [{"name": "q", "require": "a", "offer": {"mode": "auto"}}],
            },
            "agents": [{"count": 2, "profile": "old"}, {"count": 2, "profile": "new"}],
            "streams": [
                {"name": "x", "arrivals": {"rate": 20}, "service": "100s", "service_by": [{"skill": "a", "level": 3, "factor": 0.5}]},
                {"name": "y", "arrivals": {"rate": 20}, "service": "100s", "service_by": [{"profile": "new", "mean": "150s"}]},
            ],
            "horizon": "50h",
            "replications": 2,
        }
    )
    records = result.records()
    names = result.plan.agents
    length = {(s, names[a].split()[0]): t // SECOND for s, a, t in records[["stream", "agent", "service_ns"]].tolist()}
    assert length == {(0, "old"): 50, (0, "new"): 100, (1, "old"): 100, (1, "new"): 150}


def test_attributes_are_drawn_by_weight() -> None:
    plan = {
        "skills": ["en", "no"],
        "attributes": [{"name": "language", "values": ["en", "no"]}, {"name": "size"}],
        "queues": [{"name": "q", "require": "skill(contact.language) and contact.size > 1", "offer": {"mode": "auto"}}],
        "profiles": [{"name": "en", "skills": {"en": 1}}],
    }
    stream = {"arrivals": {"rate": 100}, "service": "1s", "patience": "5s", "attributes": {"language": {"en": 3, "no": 1}, "size": {"1": 1, "2": 1}}}
    one = Study({"plan": plan, "agents": [{"count": 5, "profile": "en"}], "streams": [stream], "horizon": "100h", "replications": 2})
    assert one.run()["p_abandon"].value == pytest.approx(1 - 3 / 8, abs=0.02)
    for attributes, words in ({"tone": "x"}, "declares language, size"), ({"language": "de"}, "values are en, no"), ({"size": "big"}, "whole"):
        with pytest.raises(StudyError, match=words):
            Study({"plan": plan, "agents": [{"count": 1}], "streams": [{**stream, "attributes": attributes}], "horizon": "1h"})


def test_people_answer_decline_and_wrap_up() -> None:
    people = [{"answer": "5s", "decline": 0.2, "wrap_up": {"law": "exponential", "mean": "30s"}}]
    ring = {"offer": {"mode": "ring", "ring": "20s"}}
    result = study({"arrivals": {"rate": 10}}, queue=ring, people=people, horizon="200h").run()
    assert result["mean_wait_served_s"].value > 5
    used = result["wrap_up_s"].value / result["conversations"].value
    assert used == pytest.approx(30, rel=0.1)
    assert result["utilisation"].value == pytest.approx(10 * 130 / 3600 / 3, rel=0.05)
    with pytest.raises(StudyError, match="more than 1 together"):
        study(people=[{"decline": 0.6, "miss": 0.6}])
    with pytest.raises(StudyError, match="no agent has the profile 'voice'"):
        study(people=[{"profile": "voice"}])


def test_staff_as_numbers_and_as_shifts() -> None:
    counted = study(staff=[{"counts": [1, 3, 2], "every": "2h"}]).run()
    assert counted["present_s"].value == pytest.approx((2 + 6 + 4) * 3600, rel=0.02)  # and whoever ends a conversation later
    shifts = [
        {"agent": "agent 1", "from": "0h", "to": "4h", "breaks": [{"after": "1h", "for": "30m"}]},
        {"agent": "agent 2", "from": "1h", "to": "3h", "late": "15m"},
    ]
    one = study({"arrivals": {"times": []}}, staff=shifts, replications=1).run()
    assert one["present_s", "agents", "agent 1"].value == 3.5 * 3600
    assert one["present_s", "agents", "agent 2"].value == 1.75 * 3600
    assert one["present_s", "agents", "agent 3"].value == 0
    with pytest.raises(StudyError, match="4 agents without a profile are wanted, and 3"):
        study(staff=[{"count": 2}, {"count": 2, "from": "1h"}])
    with pytest.raises(StudyError, match="lists no agent 'Anna'"):
        study(staff=[{"agent": "Anna"}])


def test_plans_are_compared_with_the_same_customers() -> None:
    def plan(order: dict[str, Any]) -> dict[str, Any]:
        return {"queues": [{"name": "q", "offer": {"mode": "auto"}, **order}]}

    one = Study(
        {
            "plans": {"all": plan({}), "few places": plan({"max_length": 2})},
            "agents": [{"count": 2}],
            "streams": [{"arrivals": {"rate": 60}, "service": {"law": "exponential", "mean": "100s"}}],
            "horizon": "20h",
            "replications": 10,
        }
    )
    found = one.compare()
    difference = found.differences["few places"]["streams", "all"]
    assert difference["arrivals"].difference.value == 0
    assert difference["mean_wait_s"].difference.high < 0
    assert difference["p_refused"].difference.low > 0
    assert 0 < difference["served"].correlation <= 1
    assert found["all"]["arrivals"].value == one.run()["arrivals"].value
    assert set(found.to_dict()["plans"]) == {"all", "few places"}
    with pytest.raises(StudyError, match="plans.other: lacks the queue 'q'"):
        Study({"plans": {"one": plan({}), "other": {"queues": [{"name": "r"}]}}, "agents": [{"count": 1}],
               "streams": [{"queue": "q", "arrivals": {"rate": 1}, "service": "1s"}], "horizon": "1h"})  # fmt: skip


def test_figures_at_times_and_quantiles() -> None:
    one = study(
        {"arrivals": {"times": ["0s", "10s", "20s", "30s"]}, "service": "100s"},
        at=["5s", "35s", "105s"], quantiles=[0.5, 0.9], replications=1, horizon="1h",
    )  # fmt: skip
    result = one.run()
    assert [result[f"in_system_at_{t}"].value for t in ("5s", "35s", "1m45s")] == [1, 4, 3]
    assert [result[f"waiting_at_{t}"].value for t in ("5s", "35s", "1m45s")] == [0, 1, 0]
    assert [result[f"p_all_busy_at_{t}"].value for t in ("5s", "35s", "1m45s")] == [0, 1, 1]
    assert result["wait_p50_s"].value == 0
    assert result["wait_p90_s"].value == pytest.approx(np.quantile([0, 0, 0, 70], 0.9))


def test_replications_go_on_until_the_interval_is_narrow() -> None:
    one = study(precision={"figures": ["mean_service_s", ["p_wait", "q"]], "relative": 0.1, "most": 400})
    result = one.run()
    assert 20 <= result.replications < 400
    assert not result.problems
    assert result["p_wait", "q"].half_width <= 0.1 * result["p_wait", "q"].value
    short = study(precision={"figures": ["p_wait"], "relative": 1e-6, "least": 5, "most": 10}).run()
    assert short.replications == 10
    assert "was not reached" in short.problems[0]


def test_one_long_run_gives_batch_means() -> None:
    one = Study({**_plain(), "method": "batch_means", "horizon": "3000h"})
    result = one.run()
    exact = 0.5 / (1 - 0.5) * 100  # M/M/1 at half load
    assert abs(result["mean_wait_s"].value - exact) < 4 * result["mean_wait_s"].error
    assert result["mean_wait_s"].error < 0.1 * exact
    with pytest.raises(StudyError, match="replications: do not belong"):
        Study({**_plain(), "method": "batch_means", "replications": 3})


def _plain() -> dict[str, Any]:
    return {
        "plan": {"queues": [{"name": "q", "offer": {"mode": "auto"}}]},
        "agents": [{"count": 1}],
        "streams": [{"arrivals": {"rate": 18}, "service": {"law": "exponential", "mean": "100s"}}],
        "horizon": "10h",
    }


def test_days_have_a_chance_to_meet_their_target() -> None:
    result = study(days=[{"figure": "p_served_within_20s", "at_least": 0.8}, {"figure": "mean_wait_s", "stream": "q", "at_most": 1000}]).run()
    above, below = result.sample("p_served_within_20s")
    chance = result["p_days_p_served_within_20s_at_least_0.8"]
    assert chance.value == np.mean(above / below >= 0.8)
    assert chance.low <= chance.value <= chance.high
    assert result["p_days_mean_wait_s_at_most_1000", "q"].value == 1
    with pytest.raises(Exception, match="no figure 'p_servd'"):
        study(days=[{"figure": "p_servd", "at_least": 0.8}]).run()


def test_arrivals_as_controls_make_intervals_narrower() -> None:
    stream = {"arrivals": {"rates": [60, 120, 40], "busyness": {"shape": 20}, "batch": {"mean": 1.5}}, "service": "60s"}
    plain = study(stream, horizon="3h", replications=200).run()
    adjusted = study(stream, horizon="3h", replications=200, controls=["arrivals"]).run()
    assert adjusted["served"].error < 0.01 * plain["served"].error  # everybody is served
    assert adjusted["served"].value == pytest.approx(220 * 1.5)
    assert adjusted["waiting_time_s"].error < 0.8 * plain["waiting_time_s"].error
    assert abs(adjusted["mean_wait_s"].value - plain["mean_wait_s"].value) < 4 * plain["mean_wait_s"].error
    with pytest.raises(StudyError, match="not known beforehand"):
        study({"arrivals": {"counts": [3]}}, controls=["arrivals"])


def test_the_best_plan_is_selected() -> None:
    def written(select: dict[str, Any]) -> dict[str, Any]:
        one = {**_plain(), "select": select, "horizon": "5h"}
        del one["plan"]
        one["plans"] = {str(n): {"queues": [{"name": "q", "offer": {"mode": "auto"}, "max_length": n}]} for n in (0, 5, 50)}
        return one

    kn = Study(written({"figure": "served", "best": "largest", "difference": 2})).select()
    assert kn.selected in ("5", "50")
    assert kn.to_dict()["guaranteed"]
    assert [e["plan"] for e in kn.to_dict()["eliminations"]][0] == "0"
    ocba = Study(written({"figure": "p_refused", "budget": 90})).select().to_dict()
    assert ocba["selected"] == "50"
    assert sum(ocba["replications"].values()) == 90
    with pytest.raises(StudyError, match="at least two"):
        study(select={"figure": "served", "difference": 1})
    with pytest.raises(StudyError, match='"difference", "budget"'):
        Study(written({"figure": "served"}))


def test_a_busy_day_is_busy_for_all_streams() -> None:
    service = {"service": "0s", "arrivals": {"rate": 200}}
    streams = [{"name": "x", **service}, {"name": "y", **service}]
    plan = {"queues": [{"name": "q", "offer": {"mode": "auto"}}]}
    common = {"plan": plan, "agents": [{"count": 1}], "streams": streams, "horizon": "5h", "busyness": {"shape": 4}}
    days = []
    for number in range(100):
        came = Study(common).records(number)["stream"]
        days.append(((came == 0).sum(), (came == 1).sum()))
    assert np.corrcoef(np.array(days).T)[0, 1] > 0.98  # variances 1000 and 1000^2 / 4
    assert np.mean(days) == pytest.approx(1000, rel=5 * 0.05)
