"""Validation: families, verdicts, worked paths, planted errors, and the studies in examples/."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
from koble.cli import app  # noqa: E402
from koble.lab import Study  # noqa: E402
from koble.times import duration_ns, format_duration  # noqa: E402
from koble.validate import Case, Cases, NotExpressible, experiment, family_of, read_cases, validate  # noqa: E402
from koble.validate.check import Outcome, carry_out, checked, fast_third, limit_of, seed_of  # noqa: E402
from koble.validate.experiment import WaitsForCallBacks  # noqa: E402
from koble.validate.generators import vectors  # noqa: E402
from koble.validate.paths import path_study, walked  # noqa: E402
from koble.validate.planted import PLANTED, plant  # noqa: E402
from koble.validate.published import published  # noqa: E402
from support import ROOT  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

STUDIES = sorted((ROOT / "examples" / "studies").glob("*.json"))


@pytest.fixture(scope="module")
def cases() -> Cases:
    path = Path(os.environ.get("KOBLE_DATA", ROOT / ".." / "shared" / "data")) / "theory" / "cases.json"
    if not path.exists():
        pytest.skip("theory/cases.json is absent; set KOBLE_DATA to the folder of data")
    return read_cases(path)


def erlang_b(agents: int = 2, load: float = 1.0, factor: float = 1.0) -> Case:
    """Its own formula: the recursion of the loss probability."""
    lost = 1.0
    for n in range(1, agents + 1):
        lost = load * lost / (n + load * lost)
    parameters = {
        "agents": agents,
        "system_capacity": agents,
        "waiting_places": 0,
        "arrival_rate_per_hour": 20 * load,
        "mean_service_time_s": 180,
    }
    expected = {"p_block": lost * factor, "utilisation": load * (1 - lost) / agents}
    return Case("two lines", "Erlang B", parameters, expected)


def test_a_case_with_the_right_value_agrees_and_with_a_wrong_one_differs() -> None:
    right, wrong = erlang_b(), erlang_b(factor=1.05)
    suite = validate([right])
    assert [one.verdict for one in suite.figures] == ["agrees", "agrees"]
    assert suite.outcomes[0].replications >= 100
    assert all(one.width <= 0.01 for one in suite.figures)
    assert suite.rms_z < 4
    differs = validate([wrong]).figures
    assert (differs[0].verdict, differs[1].verdict) == ("DIFFERS", "agrees")


def quickly(case: Case, **more: Any) -> Outcome:
    """Replications of ten hours and about 200 contacts, a hundred of them."""
    done = experiment(case)
    short = replace(done, study={**done.study, "warmup": "1h", "horizon": "11h"}, contacts=220.0)
    return carry_out(case, short, comparisons=2, limit=1, **more)


def test_what_is_too_wide_is_not_shown() -> None:
    few = quickly(erlang_b())
    assert few.replications == 100
    assert few.figures[0].verdict == "not shown"
    assert few.figures[0].width > few.figures[0].bound == 0.01


def test_figures_hang_on_the_cases_name_and_a_second_seed_alone() -> None:
    first, again, other = (quickly(erlang_b(), seed=seed).figures[0].estimate.value for seed in ("", "", "second"))
    assert first == again != other
    assert seed_of("a") != seed_of("b") != seed_of("b", "x")
    assert 0 <= seed_of("a", "x") < 2**63


def test_the_limit_holds_for_the_whole_family() -> None:
    assert limit_of(1, 10**6) == pytest.approx(3.8906, abs=1e-3)  # the normal's two-sided 10^-4
    assert limit_of(200, 100) > limit_of(200, 1000) > limit_of(1, 1000)


def test_nothing_that_varies_and_nothing_that_came() -> None:
    case = Case("c", "m", {}, {"same": 60.0, "rare": 1e-12, "gone": 0.4})
    ones = np.ones((100, 2))
    assert checked(case, "same", ones * [60, 1], 0.01, 3).verdict == "agrees"
    assert checked(case, "same", ones * [61, 1], 0.01, 3).verdict == "DIFFERS"
    assert checked(case, "rare", ones * [0, 1000], 0.01, 3).verdict == "not shown"  # no event is nothing to wonder at
    assert checked(case, "gone", ones * [0, 1000], 0.01, 3).verdict == "DIFFERS"
    assert checked(case, "gone", ones * 0, 0.01, 3).verdict == "not shown"


def test_a_case_that_no_study_says_names_why() -> None:
    parameters = {"agents": 2, "arrival_rate_per_hour": 10, "mean_service_time_s": 180}
    with pytest.raises(NotExpressible, match="the law 'cauchy'"):
        experiment(Case("c", "m", {**parameters, "patience": "cauchy", "mean_patience_s": 5}, {"p_wait": 0.1}))
    with pytest.raises(NotExpressible, match="no steady state"):
        experiment(Case("c", "m", {**parameters, "arrival_rate_per_hour": 100}, {"p_wait": 1.0}))
    with pytest.raises(NotExpressible, match="lacks the parameter 'agents'"):
        experiment(Case("c", "m", {"arrival_rate_per_hour": 10}, {"p_wait": 0.1}))
    backs = Case("c", "m", {**parameters, "offer_when_waiting_at_least": 3}, {"p_abandon": 0.1})
    with pytest.raises(WaitsForCallBacks):
        experiment(backs)
    outcome = validate([backs]).outcomes[0]
    assert (outcome.family, outcome.why, outcome.figures) == ("call-backs", "waits for call-backs", ())


def test_a_family_is_told_by_parameters_whatever_the_name() -> None:
    service = {"agents": 3, "mean_service_time_s": 200}
    one = {**service, "arrival_rate_per_hour": 30}
    erlang2 = {**service, "arrival_rates_per_hour": [5, 6], "credit_rate_b": [3, 1], "service_distribution": "erlang2"}
    assert family_of(Case("x", "", one, {"p_wait": 0.1})) == "Erlang C"
    assert family_of(Case("x", "", {**one, "patience": "exponential"}, {"p_wait": 0.1})) == "Erlang A"
    assert family_of(Case("x", "", {**one, "patience": "deterministic"}, {"p_wait": 0.1})) == "M/M/n+G"
    assert family_of(Case("x", "", one, {"mse_QL_estimator_given_wait_s2": 1})) == "delay estimator"
    found = experiment(Case("x", "", erlang2, {"mean_wait_class1_s": 20.0, "mean_wait_class2_s": 30.0}))
    assert [queue["priority"] for queue in found.study["plan"]["queues"]] == [{"rate": 3}, {"rate": 1}]
    assert found.study["streams"][0]["service"] == {"law": "erlang", "mean": "3m20s", "phases": 2}
    # Speeds such that an agent with j chats ends one every x_j seconds.
    chats = {
        "agents": 2,
        "capacity_per_agent": 2,
        "arrival_rate_per_hour": 20,
        "mean_seconds_between_completions_with_j_chats": [180, 120],
    }
    assert experiment(Case("x", "", chats, {"p_wait": 0.1})).study["people"][0]["speeds"] == [1.0, 180 / 240]


def a_path(**agent: Any) -> Case:
    calls = [
        {"id": "a", "type": "x", "arrival_s": 0, "service_s": 10, "patience_s": None},
        {"id": "b", "type": "x", "arrival_s": 4, "service_s": 0.000000001, "patience_s": None},
        {"id": "c", "type": "x", "arrival_s": 5, "service_s": 3, "patience_s": 4.5},
    ]
    agents = [{"id": "A", "skills_with_min_wait_s": {"x": 0}, "idle_since_s": -1, **agent}]
    per_call = {
        "a": {"agent": "A", "wait": 0, "end": 10},
        "b": {"wait": 6, "end": 10.000000001},
        "c": {"outcome": "abandoned", "wait": 4.5},
    }
    parameters = {"calls": calls, "agents": agents, "wrap_up_s": 0, "class_priority_rank": None}
    return Case("path", "one agent", parameters, {"per_call": per_call, "max_queue": 2, "total_queue_time_s": 10.5})


def test_a_path_is_compared_to_the_nanosecond() -> None:
    lines = walked(a_path())
    assert len(lines) == 9
    assert all(line.right for line in lines), [line for line in lines if not line.right]
    study = path_study(a_path())
    study["streams"][0]["services"][0] = "10s1ns"
    assert [line.what for line in walked(a_path(), study) if not line.right][:3] == ["a end", "b wait", "b end"]
    late = walked(a_path(skills_with_min_wait_s={"x": 1}))  # he sees a call only after a second
    assert {line.what: line.found for line in late}["a end"] == "11000000000 ns"


def test_every_exact_case_has_a_study_and_two_to_four_figures(cases: Cases) -> None:
    waiting = []
    for case in cases.exact.values():
        try:
            found = experiment(case)
        except WaitsForCallBacks:
            waiting.append(case.name)
            continue
        assert 2 <= len(found.named) <= 4, case.name
        assert set(found.named) <= set(found.measures) <= set(case.expected)
        study = Study({**found.study, "seed": seed_of(case.name)})
        if "warmup" in found.study:
            assert study.horizon_ns > 10.9 * study.warmup_ns
    assert waiting == [name for name, case in cases.exact.items() if "offer_when_waiting_at_least" in case.parameters]
    assert len(fast_third(cases.exact.values())) == math.ceil((len(cases.exact) - len(waiting)) / 3)


def test_worked_paths_and_vectors(cases: Cases) -> None:
    for case in cases.paths.values():
        lines = walked(case)
        assert len(lines) >= 9
        assert [line for line in lines if not line.right] == [], case.name
    used = {name: vectors(case) for name, case in cases.generators.items()}
    assert [name for name, lines in used.items() if not lines] == ["rng_mrg32k3a"]
    assert all(line.right for lines in used.values() for line in lines)


def test_quick_cases_agree(cases: Cases) -> None:
    quick = ["erlangB_n1_K1_load1", "erlangA_n1_rate18_aht180_pat60"]
    suite = validate([cases.exact[name] for name in quick])
    assert {one.figure: one.verdict for one in suite.figures if one.verdict != "agrees"} == {}
    assert suite.comparisons == len(suite.figures) == 6


def test_planted_errors_name_cases_that_there_are(cases: Cases) -> None:
    assert {one.case for one in PLANTED} <= {*cases.exact, *cases.paths}
    assert len({one.name for one in PLANTED}) == len(PLANTED) >= 14


@pytest.mark.parametrize(
    "error",
    [
        "last come, first served", "patience 1 ns too long", "wrap-up counted inside service", "reserve one too many",
        "priority reversed", "speeds of several chats ignored",
    ],
)  # fmt: skip
def test_a_planted_error_is_caught(cases: Cases, error: str) -> None:
    one = next(one for one in PLANTED if one.name == error)
    assert plant(cases, one, comparisons=220).by


def test_what_was_published_and_cannot_be_compared_says_why(cases: Cases) -> None:
    for name in ("pub_CC_SimpleMSKWithRerouting", "pub_WallaceWhitt_2005", "pub_IbrahimWhitt_2009"):
        (line,) = published(cases, name)
        assert line.why
        assert not line.overlaps


def test_the_command(tmp_path: Path) -> None:
    right, wrong = erlang_b(), erlang_b(factor=1.05)
    path = a_path()

    def write(case: Case) -> str:
        written = {"name": case.name, "model": case.model, "parameters": case.parameters, "expected": case.expected}
        walk = {"name": path.name, "model": path.model, "parameters": path.parameters, "expected": path.expected}
        file = tmp_path / "cases.json"
        file.write_text(json.dumps({"schema": "theory_cases/1", "exact_cases": [written], "deterministic_cases": [walk]}))
        return str(file)

    run = CliRunner().invoke
    good = run(app, ["validate", write(right)])
    assert good.exit_code == 0, good.output
    assert "2 agree, 0 differ, 0 not shown" in good.output
    bad = run(app, ["validate", write(wrong), "--json"])
    assert bad.exit_code == 1
    said = json.loads(bad.output)
    assert said["exact"][0]["figures"][0]["verdict"] == "DIFFERS"
    assert all(line["right"] for line in said["paths"]["path"])
    assert run(app, ["validate", write(right), "--only", "pat?"]).exit_code == 0
    studies = run(app, ["validate", write(right), "--write", str(tmp_path / "studies")])
    assert studies.exit_code == 0
    assert Study(tmp_path / "studies" / "two_lines.json").replications == 100
    assert "no case has a name" in str(run(app, ["validate", write(right), "--only", "zzz"]).exception)
    absent = run(app, ["validate", str(tmp_path / "none.json")]).exception
    assert "set KOBLE_DATA" in str(absent)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_example_runs(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))
    assert len(written["name"]) > 20
    short = min(duration_ns(written["horizon"]), duration_ns("6h"))
    assert Study(path).replications >= 20
    result = Study({**written, "replications": 2, "horizon": format_duration(short), "warmup": "0s"}).run()
    assert result["served"].value > 50
    assert result["p_left_waiting"].value == 0
    for stream in written["streams"]:
        assert result["served", stream.get("name", stream["queue"])].value > 10


def test_there_are_examples() -> None:
    assert len(STUDIES) >= 14
