"""Studies: exact cases, what they promise about seeds and workers, and what they say to mistakes."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import koble
from koble.times import format_duration
from typer.testing import CliRunner

pytest.importorskip("scipy")
from koble.cli import app  # noqa: E402
from koble.lab import Study, StudyError  # noqa: E402
from koble.lab.estimate import ratio  # noqa: E402


def erlang(agents: int, rate: float, **more: Any) -> dict[str, Any]:
    """One queue, exponential service of 180 s."""
    stream = {"queue": "q", "arrivals": {"rate": rate}, "service": {"law": "exponential", "mean": "180s"}}
    return {
        "plan": {"queues": [{"name": "q", "offer": {"mode": "auto"}, **more.pop("queue", {})}]},
        "agents": [{"count": agents}],
        "streams": [{**stream, **more.pop("stream", {})}],
        "horizon": "250h",
        "warmup": "5h",
        "replications": 20,
        "seed": 5,
        **more,
    }


def erlang_c(agents: int, load: float) -> float:
    blocking = 1.0
    for n in range(1, agents + 1):
        blocking = load * blocking / (n + load * blocking)
    return agents * blocking / (agents - load * (1 - blocking))


def erlang_a(agents: int, load: float, patience: float) -> tuple[float, float]:
    """P(wait) and P(abandon) by the chain's stationary distribution; patience in mean services."""
    weights = [1.0]
    for n in range(1, agents + 400):
        weights.append(weights[-1] * load / (min(n, agents) + max(n - agents, 0) / patience))
    total = math.fsum(weights)
    queue = math.fsum(max(n - agents, 0) * w for n, w in enumerate(weights)) / total
    return math.fsum(weights[agents:]) / total, queue / patience / load


def near(estimate: Any, exact: float) -> None:
    """Within five standard errors, which are small enough for that to say something."""
    assert estimate.error < 0.05 * exact, estimate
    assert abs(estimate.value - exact) < 5 * estimate.error, (estimate, exact)


def test_a_queue_without_end_is_erlang_c() -> None:
    result = Study(erlang(5, 70)).run()  # 3.5 Erlang
    p_wait = erlang_c(5, 3.5)
    near(result["p_wait"], p_wait)
    near(result["mean_wait_s"], p_wait * 180 / 1.5)
    near(result["mean_wait_given_wait_s"], 180 / 1.5)
    near(result["mean_queue_length"], p_wait * 3.5 / 1.5)
    near(result["utilisation"], 0.7)
    near(result["p_served_within_20s"], 1 - p_wait * math.exp(-1.5 * 20 / 180))
    assert result["p_abandon"].value == 0


def test_impatience_is_erlang_a() -> None:
    result = Study(erlang(5, 120, stream={"patience": {"law": "exponential", "mean": "60s"}})).run()
    p_wait, p_abandon = erlang_a(5, 6, 1 / 3)
    near(result["p_wait"], p_wait)
    near(result["p_abandon"], p_abandon)


def test_no_room_to_wait_is_erlang_b() -> None:
    result = Study(erlang(5, 100, queue={"max_length": 0})).run()
    blocking = 1.0
    for n in range(1, 6):
        blocking = 5 * blocking / (n + 5 * blocking)
    near(result["p_refused"], blocking)
    assert result["p_wait"].value == 0


def test_work_of_any_law_is_pollaczek_khinchin() -> None:
    for law, squared_cv in (
        ({"law": "deterministic", "value": "90s"}, 0.0),
        ({"law": "erlang", "mean": "90s", "phases": 4}, 0.25),
        ({"law": "gamma", "mean": "90s", "shape": 0.5}, 2.0),
        ({"law": "uniform", "from": "0s", "to": "180s"}, 1 / 3),
        ({"law": "lognormal", "mean": "90s", "cv": 1}, 1.0),
    ):
        study = Study({**erlang(1, 24), "streams": [{"arrivals": {"rate": 24}, "service": law}], "horizon": "600h"})
        near(study.run()["mean_wait_s"], 0.6 / 0.4 * 90 * (1 + squared_cv) / 2)


def test_priority_is_cobhams() -> None:
    service = {"law": "exponential", "mean": "180s"}
    study = Study(
        {
            "plan": {"queues": [{"name": "high", "priority": {"base": 1}, "offer": {"mode": "auto"}},
                                {"name": "low", "offer": {"mode": "auto"}}]},
            "agents": [{"count": 1}],
            "streams": [{"queue": "high", "arrivals": {"rate": 6}, "service": service},
                        {"queue": "low", "arrivals": {"rate": 6}, "service": service}],
            "horizon": "1000h", "warmup": "20h", "replications": 20,
        }
    )  # fmt: skip
    result = study.run()
    near(result["mean_wait_s", "high"], 0.6 * 180 / 0.7)
    near(result["mean_wait_s", "low"], 0.6 * 180 / 0.7 / 0.4)


def test_staff_comes_and_goes() -> None:
    study = Study(
        {
            "plan": {"profiles": [{"name": "p"}], "queues": [{"name": "q", "offer": {"mode": "auto"}}]},
            "agents": [{"count": 2, "profile": "p"}],
            "streams": [{"arrivals": {"times": ["1h", "3h", "5h"]}, "service": "10s"}],
            "staff": [{"profile": "p", "count": 1, "from": "2h", "to": "4h"}, {"profile": "p", "count": 2, "from": "4h", "to": "6h"}],
            "horizon": "6h", "replications": 1,
        }
    )  # fmt: skip
    result = study.run()
    assert result["mean_wait_s"].value == pytest.approx(1200)  # the first waits for an hour, the others not
    assert result["utilisation"].value == pytest.approx(30 / (6 * 3600))
    assert math.isnan(result["mean_wait_s"].low)


def test_whom_nobody_can_serve_is_neither_served_nor_gone() -> None:
    study = Study(
        {
            "plan": {"skills": ["x"], "queues": [{"name": "q", "require": "x"}, {"name": "r", "offer": {"mode": "auto"}}]},
            "agents": [{"count": 1}],
            "streams": [{"queue": "q", "arrivals": {"times": ["1h"]}, "service": "1s"},
                        {"queue": "r", "arrivals": {"times": ["2h"]}, "service": "1s"}],
            "horizon": "3h", "replications": 1,
        }
    )  # fmt: skip
    result = study.run()
    assert (result["p_left_waiting", "q"].value, result["p_left_waiting", "r"].value) == (1, 0)
    assert (result["p_abandon", "q"].value, result["p_served_within_20s", "q"].value) == (0, 0)


def test_the_result_depends_on_nothing_but_the_study() -> None:
    study = Study(erlang(3, 50, replications=6))
    result = study.run()
    seen: list[tuple[int, int]] = []
    with ThreadPoolExecutor(3) as pool:
        assert study.run(executor=pool, progress=lambda done, total: seen.append((done, total))).to_dict() == result.to_dict()
    assert seen == [(n, 6) for n in range(1, 7)]
    study.seed = 6
    assert study.run().to_dict() != result.to_dict()


def test_the_same_customers_come_under_another_plan() -> None:
    patient = Study(erlang(3, 50, replications=2))
    strict = Study(erlang(3, 50, replications=2, queue={"select": "random"}))
    assert patient.run()["mean_service_s"].value == strict.run()["mean_service_s"].value


def test_intervals_cover_as_they_say() -> None:
    """Ratios of exponential sums: 2,000 intervals of 90 % cover 87 to 93 %."""
    draws = np.random.default_rng(1).exponential(1, (2000, 20, 2))
    covered = sum(e.low <= 1 <= e.high for e in (ratio(d[:, 0], d[:, 1], 0.9) for d in draws))
    assert 0.87 < covered / 2000 < 0.93


def test_mistakes_are_all_said_with_their_places() -> None:
    with pytest.raises(StudyError) as error:
        Study(
            {
                "plan": {"queues": [{"name": "q"}]},
                "streams": [{"queue": "r", "arrivals": {"rate": -1}, "service": {"law": "gama", "mean": "1s"}}],
                "horizon": "1h", "warmup": "2h", "replicatons": 3,
            }
        )  # fmt: skip
    assert error.value.problems == [
        'unknown key "replicatons"; did you mean "replications"?',
        "warmup: is not shorter than the horizon, so that nothing would be counted",
        "streams[0].queue: is 'r'; the plan has q",
        "streams[0].arrivals.rate: is -1; write a number from 0 to 1e+09",
        "streams[0].service: is {'law': 'gama', 'mean': '1s'}; write a duration, or an object whose \"law\" is one of "
        "deterministic, exponential, lognormal, uniform, gamma, erlang, weibull, hyperexponential, empirical, mixture",
    ]
    with pytest.raises(StudyError) as error:
        Study(
            {
                "plan": {"queues": [{"name": "q"}]},
                "streams": [{"name": "all", "arrivals": {"rate": 1e9, "every": "1h"}, "service": 180}],
                "agents": [{"count": 1}],
                "staff": [{"from": "3h", "to": "4h"}],
                "horizon": "3h",
            }
        )  # fmt: skip
    assert error.value.problems == [
        'staff[0]: "from" is not before "to" and before the horizon',
        'streams[0].arrivals.every: belongs to "rates" and "counts"; leave it out',
        "streams[0].arrivals: about 3e+09 contacts a replication, at most 2,000,000,000; shorten the horizon",
        "streams[0].service: is 180; write a duration, or an object whose \"law\" is one of deterministic, exponential, "
        "lognormal, uniform, gamma, erlang, weibull, hyperexponential, empirical, mixture",
        'streams[0].name: "all" stands for all streams together; give it another',
    ]
    with pytest.raises(StudyError, match="line 1, column 2: not JSON"):
        Study("{")
    with pytest.raises(StudyError, match="queues.0.: unknown key"):
        Study({"plan": {"queues": [{"nam": "q"}]}, "streams": [], "horizon": "1h"})
    assert issubclass(StudyError, koble.KobleError)


def test_streams_come_from_a_traffic_model(tmp_path: Path) -> None:
    written = erlang(3, 30, horizon="10h", replications=2)
    (tmp_path / "traffic.json").write_text(json.dumps({"streams": written["streams"], "fit": {}}), encoding="utf-8")
    (tmp_path / "study.json").write_text(json.dumps({**written, "streams": "traffic.json"}), encoding="utf-8")
    assert Study(tmp_path / "study.json").run().to_dict() == Study(written).run().to_dict()
    for text, words in (("[1]", "is no traffic model"), ("{", "line 1, column 2: not JSON")):
        (tmp_path / "traffic.json").write_text(text, encoding="utf-8")
        with pytest.raises(StudyError, match=words):
            Study(tmp_path / "study.json")
    (tmp_path / "traffic.json").unlink()
    with pytest.raises(StudyError, match="streams: .*No such file"):
        Study(tmp_path / "study.json")


def test_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"queues": [{"name": "q", "offer": {"mode": "auto"}}]}), encoding="utf-8")
    study = {**erlang(2, 30, replications=3, horizon="10h"), "plan": "plan.json"}
    path = tmp_path / "study.json"
    path.write_text(json.dumps(study), encoding="utf-8")
    done = CliRunner().invoke(app, ["simulate", str(path), "--json", "--replications", "4"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["replications"] == 4
    assert answer["streams"]["all"]["p_wait"]["low"] < answer["streams"]["all"]["p_wait"]["value"]
    assert answer["streams"]["q"]["p_abandon"]["value"] == 0
    assert "mean_wait_s" in CliRunner().invoke(app, ["simulate", str(path)]).stdout
    assert format_duration(20_000_000_000) == "20s"


def test_durations_may_have_decimals() -> None:
    one = Study(erlang(1, 10, stream={"service": "209.125s", "patience": "1.5m"}, replications=1, horizon="10h"))
    assert one.streams[0].service.a == 209_125_000_000
    assert one.streams[0].patience is not None
    assert one.streams[0].patience.a == 90_000_000_000
    for wrong in ("1.s", ".5s", "1.5", "-1.5s", "1m1.5s"):
        with pytest.raises(StudyError, match="write a duration"):
            Study(erlang(1, 10, stream={"service": wrong}))
