"""Reading a record: what is kept, what is left out, and what is said to a bad one."""

from __future__ import annotations

import gzip
import lzma
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("pandas")

from koble.replay.record import Record, RecordError, RecordMapping, days_of, read_record

HEAD = "arrival,type,priority,outcome,wait,service,agent\n"
GOOD = (
    HEAD
    + "100,a,0,served,0,60,Anna\n"
    + "110,b,1,abandoned,5,,\n"
    + "120,a,0,phantom,0,,\n"
    + "130,a,1,abandoned,0,,\n"
    + "86500,b,0,served,7,30,\n"
)


def read(tmp_path: Path, text: str, name: str = "calls.csv", **mapping: object) -> Record:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_record(path, RecordMapping.from_dict(mapping, "test"))


def test_rows_are_kept_left_out_and_counted(tmp_path: Path) -> None:
    record = read(tmp_path, GOOD, epoch="2026-01-31")
    assert record.rows == 5
    assert list(record.calls["serial"]) == [1, 2, 5]
    assert record.left_out == {"outcome phantom": 1, "abandoned after a wait of 0: never stood in the queue": 1}
    assert record.days == [date(2026, 1, 31), date(2026, 2, 1)]
    assert record.calls["join_s"].iloc[2] == 100
    assert "served by nobody who is named; their work is in nobody's presence" in record.notes
    path = tmp_path / "calls.csv"
    assert len(read_record(path, record.mapping, keep_zero_abandons=True).calls) == 4


def test_offsets_values_and_unrecorded_priorities(tmp_path: Path) -> None:
    text = (
        "t,type,priority,outcome,wait,service,agent,menu\n"
        "100,a,0,served,0,60,A,20\n110,a,2,served,3,60,A,-5\n115,a,0,served,4,9,A,0\n"
    )
    record = read(
        tmp_path,
        text,
        columns={"arrival": "t", "offset": "menu"},
        values={"priority": {"0": "regular", "2": "high"}},
        unrecorded={"priority": "0"},
    )
    assert list(record.calls["join_s"]) == [110, 115, 120]  # in order of joining
    assert list(record.calls["priority"]) == ["high", "regular", "regular"]
    assert list(record.calls["known_priority"]) == [True, True, False]
    assert record.notes["joined the queue before they arrived (clocks differ); taken as at arrival"] == 1


def test_local_times(tmp_path: Path) -> None:
    text = HEAD + "2026-01-31T08:00:01,a,0,served,0,60,A\n2026-02-01T08:00:00,a,0,served,0,60,A\n"
    record = read(tmp_path, text)
    assert record.days == [date(2026, 1, 31), date(2026, 2, 1)]
    assert record.calls["join_s"].iloc[0] == 8 * 3600 + 1


def test_compressed_files(tmp_path: Path) -> None:
    packed = tmp_path / "calls.csv.xz"
    packed.write_bytes(lzma.compress(GOOD.encode()))
    assert len(read_record(packed, RecordMapping()).calls) == 3
    zipped = tmp_path / "calls.csv.gz"
    zipped.write_bytes(gzip.compress(GOOD.encode()))
    assert len(read_record(zipped, RecordMapping()).calls) == 3
    packed.write_bytes(GOOD.encode())
    with pytest.raises(RecordError, match="not a whole xz file.*name it .csv"):
        read_record(packed, RecordMapping())
    packed.write_bytes(lzma.compress(GOOD.encode())[:-20])
    with pytest.raises(RecordError, match="ends in the middle|not a whole xz"):
        read_record(packed, RecordMapping())
    zipped.write_bytes(b"plain")
    with pytest.raises(RecordError, match="not a gzip file"):
        read_record(zipped, RecordMapping())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (HEAD, "no calls below the column names"),
        ("arrival,kind\n1,a\n", "no column 'outcome' for outcome.*--column outcome=NAME.*arrival, kind"),
        (HEAD + "x,a,0,served,0,60,A\n", "neither seconds nor a local time.*line 2.*'x'"),
        (HEAD + "1,a,0,served,0,60,A\nx,a,0,served,0,60,A\n", "no number of seconds in line 3: 'x'"),
        (HEAD + ",a,0,served,0,60,A\n", "line 2"),
        (HEAD + "5,a,0,served,0,60,A\n4,a,0,served,0,60,A\n", "arrival goes back in line 3; sort"),
        (HEAD + "-5,a,0,served,0,60,A\n", "arrival is negative in line 2"),
        (HEAD + "5,a,0,served,-3,60,A\n", "wait is negative in line 2: -3"),
        (HEAD + "5,a,0,served,0,-60,A\n", "service is negative in line 2: -60"),
        (HEAD + "5,a,0,served,nan,60,A\n", "wait is no number"),
        (HEAD + "5,a,0,served,inf,60,A\n", "wait is no number"),
        (HEAD + "5,a,0,served,99999999,60,A\n", "longer than a week in line 2.*are these seconds"),
        (HEAD + "5,a,0,served,,60,A\n", "wait is empty in line 2"),
        (HEAD + "5,,0,served,0,60,A\n", "type is empty in line 2"),
        (HEAD + "5,a,0,vanished,0,60,A\n", "unknown outcome 'vanished' in line 2.*--outcome WORD=served"),
        (HEAD + "5,a,0,phantom,0,,\n", "no call is left"),
        (HEAD + "5,a,0,served,0,60,A,7,8,9\n1,2\n", "same number of fields|wait|arrival|outcome"),
        (HEAD + "2026-01-31T08:00:00+01:00,a,0,served,0,60,A\n", "time zone"),
    ],
)
def test_bad_records_are_told_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RecordError, match=words) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "calls.csv") in str(caught.value)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such file"):
        read_record(tmp_path / "nothing.csv", RecordMapping())
    with pytest.raises(RecordError, match="is a folder"):
        read_record(tmp_path, RecordMapping())
    (tmp_path / "bytes.csv").write_bytes(b"arrival,type\n\xff\xfe\n")
    with pytest.raises(RecordError, match="not UTF-8"):
        read_record(tmp_path / "bytes.csv", RecordMapping())


def test_mappings_are_checked(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="unknown key 'colums'"):
        RecordMapping.from_dict({"colums": {}}, "m")
    with pytest.raises(RecordError, match="columns: unknown 'when'"):
        RecordMapping.from_dict({"columns": {"when": "x"}}, "m")
    with pytest.raises(RecordError, match="epoch"):
        RecordMapping.from_dict({"epoch": "yesterday"}, "m")
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(RecordError, match="not valid JSON"):
        RecordMapping.load(tmp_path / "m.json")


def test_days() -> None:
    days = [date(2026, 1, d) for d in (1, 2, 5)]
    assert days_of("2026-01-01..2026-01-03,2026-01-05", days) == days
    with pytest.raises(RecordError, match="no day or range"):
        days_of("monday", days)
    with pytest.raises(RecordError, match="ends before"):
        days_of("2026-01-03..2026-01-01", days)
    with pytest.raises(RecordError, match="has no calls on"):
        days_of("2027-01-01", days)
