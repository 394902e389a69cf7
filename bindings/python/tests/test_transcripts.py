"""Transcripts from Python and from the command line."""

from __future__ import annotations

from pathlib import Path

import koble
import pytest
from koble.cli import app
from support import ROOT
from typer.testing import CliRunner

runner = CliRunner()

PLAN = '{"agents": [{"name": "A"}], "queues": [{"name": "q", "offer": {"mode": "auto"}}]}'
GOOD = f"""# one call
plan {PLAN}
0  presence A available => presence A available
1  arrive q             => arrived c1; offered o1 c1 A q; accepted o1; serving c1 A
9  end c1               => ended c1
"""
WRONG = GOOD.replace("ended c1", "retrieved c1")
MISTAKEN = GOOD.replace("arrive q  ", "arive q  ")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def invoke(*arguments: str | Path) -> tuple[int, str]:
    answer = runner.invoke(app, ["transcript", *map(str, arguments)])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output


@pytest.mark.parametrize("rebuild", list(koble.Rebuild))
def test_one_that_passes(rebuild: koble.Rebuild) -> None:
    result = koble.run_transcript(GOOD.encode(), name="good", rebuild=rebuild)
    assert result.report == ""
    assert result.passed
    assert (result.name, result.mistakes, result.differences, result.commands) == ("good", 0, 0, 3)
    assert result.checks >= 5
    assert result.rewritten == GOOD.encode()


def test_one_that_differs(tmp_path: Path) -> None:
    result = koble.run_transcript(write(tmp_path, "wrong.transcript", WRONG))
    assert not result.passed
    assert (result.mistakes, result.differences) == (0, 1)
    assert "wrong.transcript:5" in result.report
    assert koble.run_transcript(result.rewritten).passed


def test_one_that_is_not_in_the_language() -> None:
    result = koble.run_transcript(MISTAKEN.encode(), name="mistaken")
    assert result.mistakes == 1
    assert result.commands == 0
    assert "mistaken:4" in result.report
    assert koble.run_transcript(b"\xff\x00", name="x").mistakes


def test_plans_by_reference(tmp_path: Path) -> None:
    write(tmp_path, "plans/p.json", PLAN)
    text = GOOD.replace(f"plan {PLAN}", "plan plans/p.json")
    path = write(tmp_path, "by_reference.transcript", text)
    assert koble.run_transcript(path).report == ""
    assert koble.run_transcript(str(path)).passed
    assert koble.run_transcript(text.encode(), folder=tmp_path).passed
    assert koble.run_transcript(text.encode()).mistakes > 0
    assert koble.run_transcript(text.replace("p.json", "none.json").encode(), folder=tmp_path).mistakes > 0


def test_the_command(tmp_path: Path) -> None:
    good = write(tmp_path, "good.transcript", GOOD)
    status, text = invoke(good)
    assert status == 0
    assert "1 passed, 0 failed" in text
    for way in ("clone", "snapshot", "replay"):
        assert invoke("--rebuild", way, good)[0] == 0
    assert invoke("-q", good) == (0, "")
    assert invoke(tmp_path)[0] == 0


def test_exit_status(tmp_path: Path) -> None:
    good = write(tmp_path, "good.transcript", GOOD)
    wrong = write(tmp_path, "wrong.transcript", WRONG)
    mistaken = write(tmp_path, "mistaken.transcript", MISTAKEN)
    status, text = invoke(good, wrong)
    assert status == 1
    assert "wrong.transcript:5" in text
    assert "1 passed, 1 failed" in text
    assert invoke(good, wrong, mistaken)[0] == 2
    assert invoke(tmp_path / "none.transcript")[0] == 2


def test_rewriting(tmp_path: Path) -> None:
    wrong = write(tmp_path, "wrong.transcript", WRONG)
    mistaken = write(tmp_path, "mistaken.transcript", MISTAKEN)
    status, text = invoke("--rewrite", wrong)
    assert status == 0
    assert "1 rewritten" in text
    assert invoke(wrong)[0] == 0
    assert wrong.read_text(encoding="utf-8").startswith("# one call\n")
    assert invoke("--rewrite", mistaken)[0] == 2
    assert mistaken.read_text(encoding="utf-8") == MISTAKEN


def test_the_scenarios_of_the_project() -> None:
    status, text = invoke("-q", ROOT / "tests" / "scenarios")
    assert (status, text) == (0, "")
