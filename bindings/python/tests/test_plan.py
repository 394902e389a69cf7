"""Plans: every way in, every way out, and what bad ones get."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import koble
import pytest
from support import SECOND, SMALL

TEXT = json.dumps(SMALL)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: koble.Plan(SMALL),
        lambda path: koble.Plan(TEXT),
        lambda path: koble.Plan(TEXT.encode()),
        lambda path: koble.Plan(bytearray(TEXT.encode())),
        lambda path: koble.Plan(memoryview(TEXT.encode())),
        lambda path: koble.Plan(path),
        lambda path: koble.Plan(koble.Plan(SMALL)),
        lambda path: koble.Plan.load(path),
        lambda path: koble.Plan.load(str(path)),
        lambda path: koble.Plan.from_json(SMALL),
        lambda path: koble.Plan.from_json(TEXT),
        lambda path: koble.Plan.from_json(path),
        lambda path: koble.Plan.from_binary(koble.Plan(SMALL).to_binary()),
        lambda path: koble.Plan(koble.Plan(SMALL).to_json()),
        lambda path: koble.Plan(koble.Plan(SMALL).to_dict()),
        lambda path: pickle.loads(pickle.dumps(koble.Plan(SMALL))),
    ],
)
def test_every_way_in(make: Callable[[Path], koble.Plan], tmp_path: Path, plan: koble.Plan) -> None:
    path = tmp_path / "plan.json"
    path.write_text(TEXT, encoding="utf-8")
    made = make(path)
    assert made == plan
    assert hash(made) == hash(plan)
    assert made.hash == plan.hash
    assert len(made.hash) == 32


def test_names(plan: koble.Plan) -> None:
    assert plan.queues == ("support", "norsk")
    assert plan.channels == ("voice",)
    assert plan.skills == ("english", "norwegian")
    assert plan.agents == ("Anna", "Bo")
    assert plan.queue_number("norsk") == 1
    assert plan.channel_number("voice") == 0
    assert plan.channel_mask(None) == 0
    assert plan.channel_mask("voice") == plan.channel_mask([0]) == plan.channel_mask(0) == 1


def test_queue_targets(plan: koble.Plan) -> None:
    support, norsk = plan.queue("support"), plan.queue(1)
    assert (support.name, support.number, support.channel) == ("support", 0, "voice")
    assert (support.max_wait_ns, support.max_length, support.target_within_ns) == (600 * SECOND, None, None)
    assert (norsk.target_within_ns, norsk.target_share, norsk.max_wait_ns) == (20 * SECOND, 0.8, None)


def test_unknown_names_advise(plan: koble.Plan) -> None:
    with pytest.raises(koble.UnknownError, match='did you mean "support"'):
        plan.queue("suport")
    with pytest.raises(koble.UnknownError, match="numbered from 0"):
        plan.queue(2)
    with pytest.raises(koble.UnknownError, match='there is "voice"'):
        plan.channel_mask("x")
    with pytest.raises(koble.UnknownError, match="numbered from 0"):
        plan.channel_mask(7)
    with pytest.raises(koble.KobleError, match="every channel"):
        plan.channel_mask([])


def test_text_for_the_console(plan: koble.Plan, tmp_path: Path) -> None:
    assert repr(plan) == f"<koble.Plan: 2 queues, 1 channel, 2 skills, 2 agents; hash {plan.hash[:8]}>"
    path = tmp_path / "p.json"
    path.write_text("{}", encoding="utf-8")
    assert "p.json" in repr(koble.Plan.load(path))


def test_different_plans_differ(plan: koble.Plan) -> None:
    other = koble.Plan({})
    assert plan != other
    assert plan != "a plan"
    assert len({plan, other, koble.Plan(SMALL)}) == 2


def test_warnings() -> None:
    plan = koble.Plan({"queues": [{"name": "q", "max_length": 0}]})
    assert any("max_wait" in warning for warning in plan.warnings)
    assert "warning" in repr(plan)


def test_schema() -> None:
    schema = koble.Plan.schema()
    assert "2020-12" in schema["$schema"]
    assert "queues" in json.dumps(schema)


def test_all_mistakes_are_listed() -> None:
    with pytest.raises(koble.PlanError) as caught:
        koble.Plan({"skills": ["norwegian"], "queues": [{"name": "q", "require": "norwegain"}, {"nam": "x"}], "x": 1})
    problems = caught.value.problems
    assert len(problems) >= 3
    assert any('did you mean "norwegian"' in problem for problem in problems)
    assert all(problem in str(caught.value) for problem in problems)
    assert caught.value.code == -14


def test_a_file_with_mistakes_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"queue": 1}', encoding="utf-8")
    with pytest.raises(koble.PlanError, match=r"bad\.json"):
        koble.Plan.load(path)


@pytest.mark.parametrize(
    "source", ["", "x", "[]", "{", b"", b"\xff\xfe", b"KP", b"KP\x01\xff\xff", '{"a":1,"a":1}', "null"]
)
def test_malformed(source: str | bytes) -> None:
    with pytest.raises(koble.KobleError):
        koble.Plan(source)


def test_a_path_given_as_text_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(koble.PlanError, match=r"use Plan\.load"):
        koble.Plan(str(path))
    with pytest.raises(FileNotFoundError):
        koble.Plan.load(tmp_path / "none.json")


@pytest.mark.parametrize("source", [None, 5, 1.5, object()])
def test_other_types(source: Any) -> None:
    with pytest.raises(TypeError):
        koble.Plan(source)
    with pytest.raises(TypeError):
        koble.Plan.from_binary("text")  # type: ignore[arg-type]


def test_values_that_json_cannot_hold() -> None:
    with pytest.raises(koble.PlanError, match="JSON cannot"):
        koble.Plan({"queues": [{"name": object()}]})


def test_an_empty_and_an_enormous_plan() -> None:
    assert koble.Plan({}).queues == ()
    names = [f"q{i}" for i in range(20_000)]
    plan = koble.Plan({"queues": [{"name": name} for name in names]})
    assert plan.queues == tuple(names)
    assert koble.Plan(plan.to_binary()) == plan


def test_a_report_of_many_mistakes_is_whole() -> None:
    with pytest.raises(koble.PlanError) as caught:
        koble.Plan({"queues": [{"name": f"q{i}", "require": f"skill{i} and {'x' * 5000}{i}"} for i in range(60)]})
    assert len(caught.value.problems) >= 49
