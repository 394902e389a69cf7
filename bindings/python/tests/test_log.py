"""The event log: the records' own numbers with names, in data frames, Arrow and Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import koble
from koble.errors import ArgumentError
from koble.times import NEVER
from koble.world import NOBODY, RECORD_DTYPE, Flag
from typer.testing import CliRunner

pytest.importorskip("scipy")
pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from koble.cli import app  # noqa: E402
from koble.lab import Study  # noqa: E402
from koble.lab import log as event_log  # noqa: E402


def source(**more: Any) -> dict[str, Any]:
    """Two streams, two profiles; some balk, some leave, some come again, some find no room."""
    return {
        "name": "two desks",
        "plan": {
            "skills": ["a", "b"],
            "profiles": [{"name": "only b", "skills": {"b": 1}}, {"name": "both", "skills": {"a": 1, "b": 1}}],
            "queues": [
                {"name": "first", "offer": {"mode": "auto"}, "require": "a", "max_length": 2},
                {"name": "second", "offer": {"mode": "auto"}, "require": "b"},
            ],
        },
        "agents": [{"count": 2, "profile": "only b"}, {"count": 2, "profile": "both"}, {"count": 1, "prefix": "guest "}],
        "streams": [
            {
                "name": "calls", "queue": "first", "arrivals": {"rate": 60}, "service": {"law": "exponential", "mean": "3m"},
                "patience": {"law": "exponential", "mean": "1m"}, "retry": {"delay": "2m", "probability": 0.5, "most": 2},
            },
            {"name": "mails", "queue": "second", "arrivals": {"rate": 50}, "service": "3m", "balk": 0.3},
        ],
        "horizon": "4h", "replications": 3, "seed": 11, **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(source())


@pytest.fixture(scope="module")
def records(study: Study) -> Any:
    return study.records(1)


def test_every_end_has_the_word_of_its_code() -> None:
    for kind in koble.Exit:
        assert event_log.ENDS[int(kind)] == kind.name.lower()
    assert event_log.ENDS[0] == "served"


def test_frame_says_the_records_in_words(study: Study, records: Any) -> None:
    frame = event_log.to_frame(records, study)
    assert len(frame) == len(records)
    balked = (records["flags"] & int(Flag.BALKED)) != 0
    assert balked.any()
    assert (frame["end"] == "balked").to_numpy().tolist() == balked.tolist()
    assert (frame["end"] == "full").sum() == (records["exit"] == int(koble.Exit.FULL)).sum() > 0
    assert ((frame["end"] == "served").to_numpy() == (records["agent"] != NOBODY)).all()
    agents = list(study.plan.agents)
    for row in range(0, len(frame), 7):
        one, record = frame.iloc[row], records[row]
        assert one["stream"] == study.streams[record["stream"]].name
        assert one["arrival"] == pd.Timedelta(int(record["arrival_ns"]), "ns")
        assert one["wait"].value == record["wait_ns"]
        if record["agent"] == NOBODY:
            assert pd.isna(one["agent"]) and pd.isna(one["profile"])
        else:
            assert one["agent"] == agents[record["agent"]]
            assert one["profile"] == ("only b" if record["agent"] < 2 else "both")
    again = records["again_ns"] != NEVER
    assert again.any() and (frame["again"].notna().to_numpy() == again).all()
    assert (frame["again"].dropna() == pd.Timedelta("2m")).all()


def test_seconds_are_the_same_times(study: Study, records: Any) -> None:
    spans, seconds = event_log.to_frame(records, study), event_log.to_frame(records, study, seconds=True)
    for name in ("first", "arrival", "wait", "service", "again"):
        assert np.allclose(spans[name].dt.total_seconds(), seconds[f"{name}_s"], equal_nan=True, atol=1e-9)


def test_an_agent_without_a_profile_has_none() -> None:
    only = source(agents=[{"count": 2, "prefix": "guest ", "skills": {"a": 1, "b": 1}}])
    alone = Study(only)
    frame = event_log.to_frame(alone.records(), alone)
    assert (frame["end"] == "served").any() and frame["agent"].notna().any() and frame["profile"].isna().all()


def test_arrow_keeps_nanoseconds_and_nulls(study: Study, records: Any) -> None:
    table = event_log.to_arrow(records, study, replication=1)
    assert table.schema.field("wait_ns").type == pa.int64()
    assert table.schema.field("agent").type == pa.dictionary(pa.int32(), pa.string())
    assert table["wait_ns"].to_numpy().tolist() == records["wait_ns"].tolist()
    assert table["again_ns"].null_count == (records["again_ns"] == NEVER).sum()
    assert table["agent"].null_count == (records["agent"] == NOBODY).sum()
    assert set(table["replication"].to_pylist()) == {1}
    said = json.loads(table.schema.metadata[b"koble"])
    assert said == {
        "study": "two desks", "seed": 11, "horizon_ns": 4 * 3600 * 10**9, "warmup_ns": 0,
        "koble": koble.__version__, "rules": koble.RULES_VERSION,
    }  # fmt: skip


def test_a_table_does_not_change_with_the_block_it_was_made_of(study: Study, records: Any) -> None:
    block = records.copy()
    table = event_log.to_arrow(block, study)
    block["wait_ns"] += 1
    block["agent"] = 0
    assert table["wait_ns"].to_numpy().tolist() == records["wait_ns"].tolist()
    assert table["agent"].null_count == (records["agent"] == NOBODY).sum()


def test_parquet_is_the_runs_in_blocks(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(koble.world.World.blocks, "__defaults__", (50,))
    path = tmp_path / "log.parquet"
    told: list[tuple[int, int]] = []
    count = event_log.write_parquet(path, study, [0, 2], progress=lambda done, total: told.append((done, total)))
    monkeypatch.undo()
    file = pq.ParquetFile(path)
    assert file.metadata.num_rows == count == sum(len(study.records(n)) for n in (0, 2))
    assert max(file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)) == 50
    assert json.loads(file.schema_arrow.metadata[b"koble"])["seed"] == 11
    assert told == [(1, 2), (2, 2)]
    frame = pd.read_parquet(path)
    for number in (0, 2):
        own, records = frame[frame["replication"] == number], study.records(number)
        assert own["arrival_ns"].tolist() == records["arrival_ns"].tolist()
        expected = event_log.to_frame(records, study)
        for name in ("stream", "end", "agent", "profile", "queue"):
            assert own[name].astype(object).fillna("-").tolist() == expected[name].astype(object).fillna("-").tolist()
    assert list(tmp_path.iterdir()) == [path]


def test_several_plans_are_told_apart(tmp_path: Path) -> None:
    said = source()
    plan = said.pop("plan")
    roomy = {**plan, "queues": [{**plan["queues"][0], "max_length": 50}, plan["queues"][1]]}
    study = Study({**said, "plans": {"now": plan, "roomy": roomy}})
    path = tmp_path / "log.parquet"
    event_log.write_parquet(path, study)
    frame = pd.read_parquet(path)
    full = frame[frame["end"] == "full"].groupby("plan", observed=False).size()
    assert full["now"] > 0 and full["roomy"] == 0
    event_log.write_parquet(path, study, plans=["roomy"])
    assert set(pd.read_parquet(path)["plan"]) == {"roomy"}


def test_a_failed_run_leaves_the_old_file(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.parquet"
    event_log.write_parquet(path, study)
    before = path.read_bytes()

    def broken(self: Any, number: int, plan: str | None = None) -> Any:
        raise RuntimeError("power cut")

    monkeypatch.setattr(Study, "open", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        event_log.write_parquet(path, study, [0])
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [([], "from 0 on"), ([-1], "from 0 on"), ([True], "from 0 on"), ([1, 1], "comes twice"), ([0.5], "from 0 on")],
)
def test_numbers_that_are_none_are_refused(study: Study, tmp_path: Path, numbers: list[Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        event_log.write_parquet(tmp_path / "log.parquet", study, numbers)
    assert not list(tmp_path.iterdir())


def test_what_is_no_log_of_the_study_is_refused(study: Study, records: Any) -> None:
    with pytest.raises(ArgumentError, match="no event log"):
        event_log.to_frame(np.zeros(3), study)
    strange = records[:1].copy()
    strange["agent"] = 77
    with pytest.raises(ArgumentError, match="agent 77"):
        event_log.to_arrow(strange, study)
    with pytest.raises(ArgumentError, match="plan"):
        event_log.to_frame(records, study, plan="other")


def test_an_empty_log_has_all_columns(study: Study) -> None:
    empty = np.zeros(0, RECORD_DTYPE)
    assert list(event_log.to_frame(empty, study)) == list(event_log.to_frame(study.records(), study))
    assert event_log.to_arrow(empty, study).schema.equals(event_log.to_arrow(study.records(), study).schema)


def test_command_line(tmp_path: Path) -> None:
    path, out = tmp_path / "study.json", tmp_path / "log.parquet"
    path.write_text(json.dumps(source()), encoding="utf-8")
    answer = CliRunner().invoke(app, ["simulate", str(path), "--json", "--log", str(out)])
    assert answer.exit_code == 0, answer.output
    assert set(pd.read_parquet(out)["replication"]) == {0}
    CliRunner().invoke(app, ["simulate", str(path), "--json", "--log", str(out), "--log-all", "--replications", "2"])
    frame = pd.read_parquet(out)
    assert set(frame["replication"]) == {0, 1}
    assert len(frame) == sum(len(Study(source()).records(n)) for n in range(2))
    assert isinstance(CliRunner().invoke(app, ["simulate", str(path), "--log-all"]).exception, koble.errors.KobleError)
    assert isinstance(
        CliRunner().invoke(app, ["simulate", str(path), "--log", str(tmp_path / "no" / "x.parquet")]).exception, OSError
    )
