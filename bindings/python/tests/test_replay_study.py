"""Imputation, presence, calibration and the command itself."""

from __future__ import annotations

import json
import math
import os
from datetime import date
from pathlib import Path
from typing import Any

import koble
import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("matplotlib")

import pandas as pd
from koble.cli import app
from koble.fit import KaplanMeier
from koble.replay.impute import Imputer, Patience, Service
from koble.replay.presence import PresenceRule, changes, observed_skills, spans
from koble.replay.record import RecordError, RecordMapping, days_of, read_record
from koble.replay.study import Interval, Measures, ReplayPlan, calibrate, half_width, load_plan, paired, replay
from koble.replay.town import AFTER_CALL_S, make_days
from koble.times import NEVER
from support import ROOT
from typer.testing import CliRunner

PLANS = ROOT / "examples" / "plans"


def test_kaplan_meier_by_hand() -> None:
    """Five callers: hung up at 1, served at 2, hung up and served at 3, hung up at 4.

    S(1) = 4/5; at 3 three are left, one of them served at that very time: S(3) = 4/5 x 2/3 = 8/15; at 4 one: S(4) = 0.
    """
    curve = KaplanMeier.fit([3, 1, 4, 2, 3], [True, True, True, False, False])
    assert list(curve.time_s[curve.ended > 0]) == [1, 3, 4]
    assert curve.survival[curve.ended > 0] == pytest.approx([4 / 5, 8 / 15, 0])
    assert list(curve.at([0, 0.9, 1, 2, 3, 9])) == pytest.approx([1, 1, 4 / 5, 4 / 5, 8 / 15, 0])


def test_draws_beyond_the_wait() -> None:
    curve = KaplanMeier.fit([3, 1, 4, 2, 3], [True, True, True, False, False])
    # Served at 2, S(2) = 4/5. u = 0.9: level 0.72, first reached at 3 (8/15); u = 0.5: 0.4, first reached at 4.
    assert list(curve.draw_beyond([2, 2], [0.9, 0.5])) == [3, 4]
    # Given patience beyond 2, P(3) = 1/3 and P(4) = 2/3.
    u = (np.arange(3000) + 0.5) / 3000
    drawn = curve.draw_beyond(np.full(3000, 2.0), u)
    assert (drawn == 3).mean() == pytest.approx(1 / 3, abs=0.001)
    # A curve that does not come down to 0: beyond its end nobody hangs up.
    short = KaplanMeier.fit([1, 2, 5], [True, False, False])
    assert math.isinf(short.draw_beyond([3], [0.5])[0])
    assert math.isinf(KaplanMeier.fit([2, 3], [False, False]).draw_beyond([0], [0.1])[0])


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """(join, type, priority, served, wait, service, agent)"""
    columns = ["join_s", "type", "priority", "served", "wait_s", "service_s", "agent"]
    calls = pd.DataFrame(rows, columns=columns)
    calls["serial"] = np.arange(1, len(rows) + 1)
    calls["day"] = date(2026, 1, 12)
    calls["known_priority"] = True
    return calls


SOME = [
    (0.0, "a", "x", True, 5.0, 60.0, "A"),
    (1.0, "a", "x", False, 9.0, math.nan, None),
    (2.0, "b", "y", True, 4.0, 30.0, "B"),
    (3.0, "b", "y", False, 7.0, math.nan, None),
]


def test_what_is_known_is_kept() -> None:
    calls = frame(SOME)
    done = Imputer(calls, seed=1).complete(calls, 0)
    assert done.patience_ns[1] == 9_000_000_000
    assert done.patience_ns[0] == 9_000_000_000  # the only hang-up of priority x is at 9
    assert list(done.service_ns[[0, 2]]) == [60_000_000_000, 30_000_000_000]
    assert done.service_ns[1] == 60_000_000_000  # the only service of type a
    never = Imputer(calls, seed=1, patience=Patience.never).complete(calls, 0)
    assert never.patience_ns[0] == NEVER
    assert never.patience_ns[1] == 9_000_000_000
    observed = Imputer(calls, seed=1, patience=Patience.observed).complete(calls, 0)
    assert observed.patience_ns[0] == 5_000_000_000
    lognormal = Imputer(calls, seed=1, service=Service.lognormal).complete(calls, 0)
    assert abs(lognormal.service_ns[1] - 60_000_000_000) < 100_000  # one value: sigma 0


def test_draws_are_keyed_by_the_row() -> None:
    calls = frame([(float(i), "a", "x", i % 2 == 0, 1.0 + i % 7, 60.0 + i, "A") for i in range(200)])
    imputer = Imputer(calls, seed=1)
    whole, part = imputer.complete(calls, 3), imputer.complete(calls.iloc[50:60], 3)
    assert list(whole.patience_ns[50:60]) == list(part.patience_ns)
    assert list(whole.patience_ns) != list(imputer.complete(calls, 4).patience_ns)
    assert list(whole.patience_ns) != list(Imputer(calls, seed=2).complete(calls, 3).patience_ns)


def test_unrecorded_priorities_are_drawn_from_those_that_waited() -> None:
    calls = frame([(float(i), "a", "x" if i < 300 else "y", True, 5.0, 60.0, "A") for i in range(400)])
    more = frame([(float(i), "a", "x", True, 0.0, 60.0, "A") for i in range(4000)])
    more["known_priority"] = False
    imputer = Imputer(pd.concat([calls, more], ignore_index=True), seed=1)
    assert (imputer.complete(more, 0).priority == "y").mean() == pytest.approx(0.25, abs=0.03)


def test_presence() -> None:
    calls = frame(
        [
            (100.0, "a", "", True, 10.0, 60.0, "A"),  # 110-170
            (200.0, "b", "", True, 0.0, 50.0, "A"),  # 200-250
            (205.0, "a", "", True, 0.0, 20.0, "B"),
            (2000.0, "a", "", True, 0.0, 100.0, "A"),  # after a gap of 1750
            (2001.0, "a", "", False, 9.0, math.nan, None),
        ]
    )
    assert spans(calls, math.inf) == [("A", 110, 2100), ("B", 205, 225)]
    assert spans(calls, 600) == [("A", 110, 250), ("A", 2000, 2100), ("B", 205, 225)]
    assert spans(calls, 20)[0] == ("A", 110, 170)
    found = changes(calls, PresenceRule(600), {"A": 0, "B": 1})
    assert list(found["time_ns"] // 10**9) == [110, 205, 225, 250, 2000, 2100]
    assert list(found["presence"]) == [1, 1, 0, 0, 1, 0]
    assert observed_skills(calls) == {"A": ["a", "b"], "B": ["a"]}
    assert spans(calls[~calls["served"]], 600) == []


def test_students_interval() -> None:
    # Mean 2, deviation 1, n = 3: t = 4.303, half = 4.303 / sqrt(3).
    assert half_width([1, 2, 3]) == pytest.approx(4.303 / math.sqrt(3))
    assert math.isnan(half_width([1]))
    assert Interval.of([1, 2, 3]).mean == 2


def test_measures_by_hand() -> None:
    measures = Measures.of(
        [0, 10, 20, 30, 40], [True, True, True, False, False], [False, False, False, True, False], 20
    )
    assert measures == Measures(5, 3, 3, 1, 1, 1, 100, 30)
    assert measures.mean_wait == 20
    assert measures.service_level == 0.6
    assert (measures + measures).mean_wait_answered == 10


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "town.csv"
    plan = load_plan(PLANS / "municipality.json")
    make_days(plan, seed=7, days=4, first=date(2026, 1, 12), load=1.1).to_csv(path, index=False)
    return path


def test_calibration_recovers_what_the_record_hides(town: Path) -> None:
    """The agents take 18 s after each contact, and breaks of 8 and 30 minutes; the record tells neither."""
    record = read_record(town, RecordMapping())
    plan = ReplayPlan("own", load_plan(PLANS / "municipality.json"), record)
    imputer = Imputer(record.calls, seed=1)
    tuned, chosen = record.days[:3], record.days[3:]
    done = calibrate(plan, tuned, imputer, target_s=30)
    assert done.reached
    assert abs(done.rule.turnaround_s - AFTER_CALL_S) < 8
    truth = record.on(chosen)
    for rule, worst in ((done.rule, 0.25), (PresenceRule(), None)):
        run = replay(plan, chosen, imputer, rule, imputations=4, target_s=30)
        mean = run.interval("mean_wait").mean
        if worst is None:
            assert mean < 0.8 * truth["wait_s"].mean()  # first to last call alone: far too kind
        else:
            assert mean == pytest.approx(truth["wait_s"].mean(), rel=worst)


def test_frames_and_figures_agree(town: Path) -> None:
    record = read_record(town, RecordMapping())
    plan = ReplayPlan("own", load_plan(PLANS / "municipality.json"), record)
    run = replay(
        plan, record.days[:2], Imputer(record.calls, seed=1), PresenceRule(300, 18), imputations=2, target_s=30
    )
    for i in range(2):
        measures, row = run.measures(i), run.figures[i].queue()
        assert measures.offered == row["offered"]
        assert measures.answered == row["answered"]
        assert measures.abandoned == row["abandoned"]
        assert measures.left == 0
        assert measures.wait_s == pytest.approx(row["wait_all_sum_ns"] / 1e9)
        chat = run.measures(i, lambda f: f["type"] == "chat")
        assert chat.in_time <= run.figures[i].queue("chat")["answered_in_time"]  # 30 s here, the plan's minute there
        at_nine = run.measures(i, lambda f: f["hour"] == 9)
        assert at_nine.offered == run.figures[i].queue(None, 9)["offered"]
    zero = paired(run, run, "mean_wait")
    assert (zero.mean, zero.imputation) == (0, 0)


def test_the_banks_third_week(tmp_path: Path) -> None:
    """Calibrated on two weeks, the rule gives the third within 10 %; presence from first to last call a third."""
    folder = Path(os.environ.get("KOBLE_DATA", ROOT / ".." / "shared" / "data"))
    calls = folder / "anonymous-bank-1999-02" / "calls.csv.xz"
    if not calls.exists():
        pytest.skip("anonymous-bank-1999-02 is absent; set KOBLE_DATA to the folder of data")
    record = read_record(calls, RecordMapping.load(ROOT / "examples" / "calls" / "anonymous-bank.json"))
    assert record.left_out["outcome PHANTOM"] == 221
    plan = ReplayPlan("own", load_plan(PLANS / "anonymous-bank.json"), record)
    imputer = Imputer(record.calls, seed=1)
    tuned = days_of("1999-02-01..1999-02-04,1999-02-07..1999-02-11", record.days)
    chosen = days_of("1999-02-14..1999-02-18", record.days)
    done = calibrate(plan, tuned, imputer, target_s=20, gaps_s=(600,), imputations=1)
    assert done.reached
    truth = record.on(chosen)["wait_s"].mean()
    assert truth == pytest.approx(50.3, abs=0.1)
    own = replay(plan, chosen, imputer, done.rule, imputations=3, target_s=20)
    assert own.interval("mean_wait").mean == pytest.approx(truth, rel=0.1)
    span = replay(plan, chosen, imputer, PresenceRule(), imputations=1, target_s=20)
    assert span.measures(0).mean_wait < truth / 3
    # Without the credit those of high priority wait longer, and the others less.
    without = replay(
        ReplayPlan("no credit", load_plan(PLANS / "anonymous-bank-no-credit.json"), record),
        chosen, imputer, done.rule, imputations=3, target_s=20,
    )  # fmt: skip
    for priority, longer in (("high", True), ("regular", False)):
        means = [run.interval("mean_wait", lambda f, p=priority: f["priority"] == p).mean for run in (own, without)]
        assert (means[1] > means[0] + 4) is longer


def command(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(a) for a in arguments])


TINY = "arrival,type,priority,outcome,wait,service,agent\n" + "".join(
    f"{day * 86400 + 36000 + 40 * i},a,{'high' if i % 3 == 0 else 'low'},"
    + ("served,%d,70,%s\n" % (10 * (i % 4), "AB"[i % 2]) if i % 9 else "abandoned,12,,\n")
    for day in range(3)
    for i in range(40)
)


def test_a_tiny_record_end_to_end(tmp_path: Path) -> None:
    calls = tmp_path / "tiny.csv"
    calls.write_text(TINY)
    arguments = ["replay-calls", "--calls", calls, "--queue-by", "type,priority", "--imputations", "3"]
    made = command(*arguments, "--write-plan", tmp_path / "plans", "--credit", "high=90s")
    assert made.exit_code == 0, made.output
    names = sorted(p.name for p in (tmp_path / "plans").iterdir())
    assert names == ["no-credit.json", "own.json", "pooled.json", "strict.json"]
    plans: list[str | Path] = []
    for name in ("own", "no-credit", "strict"):
        plans += ["--plan", tmp_path / "plans" / f"{name}.json"]
    outputs = []
    for again in ("one", "two"):
        folder = tmp_path / again
        done = command(
            *arguments,
            *plans,
            "--report",
            folder / "r.html",
            "--json",
            folder / "r.json",
            "--picture",
            folder / "p.png",
        )
        assert done.exit_code == 0, done.output
        outputs.append((folder / "r.json").read_bytes())
        assert (folder / "p.png").read_bytes().startswith(b"\x89PNG")
    assert outputs[0] == outputs[1]
    page = (tmp_path / "one" / "r.html").read_text(encoding="utf-8")
    for words in (
        "The record against its own rule",
        "What was imputed",
        "What the intervals cover",
        "<svg",
        "Calibrated on",
    ):
        assert words in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    ), "the report loads nothing"
    assert page.index("The record against its own rule") < page.index("Other plans against the baseline")
    data = json.loads(outputs[0])
    assert data["calls"] == 40
    assert set(data["plans"]) == {"own rule", "no credit", "strict priority"}
    assert data["plans"]["own rule"]["mean_wait"]["difference"] is None
    assert data["imputed"]["service time (drawn from the type's law)"] == pytest.approx(5 / 40)
    assert (tmp_path / "one" / "r.html").read_bytes().replace(b"/one/", b"/two/") == (
        tmp_path / "two" / "r.html"
    ).read_bytes()


def test_a_plan_that_lacks_a_queue(tmp_path: Path) -> None:
    """Calls keep their serials; those of the queue that is lacking are not routable, and are counted as such."""
    calls = tmp_path / "tiny.csv"
    calls.write_text(TINY)
    both = {"skills": ["a"], "queues": [{"name": f"a-{p}", "offer": {"mode": "auto"}} for p in ("low", "high")]}
    less = {**both, "name": "less", "queues": both["queues"][:1]}  # type: ignore[index]
    record = read_record(calls, RecordMapping(queue="{type}-{priority}"))
    own, other = ReplayPlan("own", both, record), ReplayPlan("less", less, record, own_rule=False)
    assert (own.lacking, other.lacking) == ([], ["a-high"])
    days, imputer = record.days[1:], Imputer(record.calls, seed=1)
    runs = [replay(p, days, imputer, PresenceRule(), imputations=2, target_s=20) for p in (own, other)]
    high = sum(1 for i in range(40) if i % 3 == 0) * len(days)
    assert [run.not_routable for run in runs] == [0, high]
    for imputation in range(2):
        ours, theirs = (run.frames[imputation] for run in runs)
        assert list(ours["serial"]) == list(theirs["serial"]) == list(range(41, 121))
        assert list(theirs["priority"] == "high") == list(theirs["not_routable"])
        assert not theirs["served"][theirs["not_routable"]].any()
        measures = runs[1].measures(imputation)
        assert measures.not_routable == high == measures.left
        routed = theirs[~theirs["not_routable"]]
        assert measures.mean_wait == pytest.approx(routed["wait_s"].mean())
        assert measures.service_level == (theirs["served"] & (theirs["wait_s"] <= 20)).sum() / 80
        total, queue = runs[1].figures[imputation].queue(), runs[1].figures[imputation].queue("a-low")
        assert int(total["exits"][koble.Exit.NOT_ROUTABLE]) == high
        assert int(total["offered"]) == 80
        assert int(queue["offered"]) == 80 - high
    for name, plan in (("own", both), ("less", less), ("none", {"queues": [{"name": "b"}]})):
        (tmp_path / f"{name}.json").write_text(json.dumps(plan))
    arguments: list[str | Path] = [
        "replay-calls", "--calls", calls, "--queue-by", "type,priority", "--presence", "span", "--imputations", "2",
        "--report", tmp_path / "r.html", "--json", tmp_path / "r.json", "--plan", tmp_path / "own.json", "--plan",
    ]  # fmt: skip
    done = command(*arguments, tmp_path / "less.json")
    assert done.exit_code == 0, done.output
    words = "less has not the queue a-high: 42.0 of 120 calls are not routable under it"
    assert words in done.output.replace("\n", " ")
    assert words in (tmp_path / "r.html").read_text()
    data = json.loads((tmp_path / "r.json").read_text())["plans"]["less"]
    assert (data["not_routable"], data["lacking_queues"]) == (42, ["a-high"])
    done = command(*arguments, tmp_path / "none.json")
    assert done.exit_code == 2
    assert "none of the queues that the calls need, a-high, a-low" in done.output.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a plan"),
        (["--presence", "often"], "write span, gaps:10"),
        (["--presence", "gaps:-1"], "write span, gaps:10"),
        (["--column", "arrival"], "--column arrival=t_arrive_s"),
        (["--column", "when=x"], "no such column"),
        (["--column", "wait=waited"], "no column 'waited' for wait"),
        (["--target", "20"], "--target"),
        (["--epoch", "today"], "--epoch"),
        (["--plan", "PLAN", "--queue-by", "type,colour"], "may name"),
        (["--plan", "PLAN", "--queue-by", "type,priority"], "'a-high', which the plan has not"),
        (["--plan", "PLAN", "--replay", "1970-01-01..1970-01-03"], "no other day to calibrate"),
        (["--plan", "PLAN", "--replay", "1970-01-01", "--calibrate", "1970-01-01"], "both calibrated on and replayed"),
        (["--plan", "OTHER"], "whom the plan does not list: B"),
        (["--plan", "NOTHING"], "NOTHING"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, arguments: list[str], words: str) -> None:
    calls = tmp_path / "tiny.csv"
    calls.write_text(TINY)
    (tmp_path / "plan.json").write_text('{"queues": [{"name": "a", "offer": {"mode": "auto"}}]}')
    (tmp_path / "other.json").write_text('{"agents": [{"name": "A"}], "queues": [{"name": "a"}]}')
    given = [{"PLAN": str(tmp_path / "plan.json"), "OTHER": str(tmp_path / "other.json")}.get(a, a) for a in arguments]
    done = command("replay-calls", "--calls", calls, "--report", tmp_path / "r.html", *given)
    assert done.exit_code == 2, done.output
    assert words in done.output.replace("\n", " "), done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "r.html").exists()


def test_make_day_is_the_same_every_time(tmp_path: Path) -> None:
    plan = PLANS / "municipality.json"
    for name in ("a", "b"):
        done = command("make-day", tmp_path / f"{name}.csv", "--plan", plan, "--seed", "3")
        assert done.exit_code == 0, done.output
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    kinds = pd.read_csv(tmp_path / "a.csv")["type"].value_counts()
    assert {"general", "building", "health", "chat", "e-mail"} == set(kinds.index)
    wrong = command("make-day", tmp_path / "c.csv", "--plan", PLANS / "anonymous-bank.json")
    assert wrong.exit_code == 2
    assert "missing" in wrong.output


def test_unknown_agents_name_the_remedy(tmp_path: Path) -> None:
    calls = tmp_path / "tiny.csv"
    calls.write_text(TINY)
    record = read_record(calls, RecordMapping())
    with pytest.raises(RecordError, match="list them, or list no agents"):
        ReplayPlan("p", {"agents": [{"name": "A"}], "queues": [{"name": "a"}]}, record)
