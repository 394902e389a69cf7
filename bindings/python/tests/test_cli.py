"""The command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import koble
import pytest
from koble.cli import app
from support import SMALL
from typer.testing import CliRunner

runner = CliRunner()


def invoke(*arguments: str | Path, text: str | None = None) -> tuple[int, str]:
    answer = runner.invoke(app, [str(a) for a in arguments], input=text)
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.json"
    path.write_text(json.dumps(SMALL), encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad[1].json"
    path.write_text(
        '{"skills": ["norwegian"], "queues": [{"name": "q", "require": "norwegain"}], "x": 1}', encoding="utf-8"
    )
    return path


def test_version() -> None:
    assert invoke("version") == (0, f"koble {koble.__version__} (ABI 0, rules {koble.RULES_VERSION})\n")
    status, text = invoke("version", "--json")
    assert status == 0
    assert json.loads(text)["koble"] == koble.__version__


def test_check(good: Path) -> None:
    status, text = invoke("check", good)
    assert status == 0
    for word in ("good.json", "support", "norsk", "2 queues", koble.Plan(SMALL).hash):
        assert word in text


def test_check_lists_every_mistake(good: Path, bad: Path) -> None:
    status, text = invoke("check", bad, good)
    assert status == 1
    assert "bad[1].json: not valid, 2 mistakes" in text
    assert 'queues[0].require: unknown skill "norwegain"; did you mean "norwegian"?' in text
    assert "support" in text  # the other plan is checked all the same


def test_check_says_warnings(tmp_path: Path) -> None:
    path = tmp_path / "strange.json"
    path.write_text('{"queues": [{"name": "q", "max_length": 0}]}', encoding="utf-8")
    status, text = invoke("check", path)
    assert status == 0
    assert "warning" in text
    assert invoke("check", "--strict", "-q", path)[0] == 1


def test_check_as_json_and_from_standard_input(good: Path) -> None:
    status, text = invoke("check", "--json", "-", text=good.read_text(encoding="utf-8"))
    assert status == 0
    assert koble.Plan(text) == koble.Plan(SMALL)
    assert invoke("check", "-q", good) == (0, "")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    status, text = invoke("check", tmp_path / "none.json")
    assert status == 2
    assert "none.json" in text
    assert invoke("check", tmp_path)[0] == 2
    assert invoke("transcript", tmp_path / "none.transcript")[0] == 2


def test_usage_errors() -> None:
    assert invoke("check")[0] == 2
    assert invoke("nonsense")[0] == 2
    assert "check" in invoke("--help")[1]


def test_as_a_program(bad: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "koble", "check", str(bad)], capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 1
    assert "norwegain" in answer.stderr
    assert "Traceback" not in answer.stderr
