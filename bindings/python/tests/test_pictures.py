"""Pictures: their numbers are those of the analysis, and paper and page show the same."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koble.errors import ArgumentError, KobleError, UnknownError
from koble.world import NOBODY, RECORD_DTYPE
from typer.testing import CliRunner

for module in ("scipy", "matplotlib", "plotly"):
    pytest.importorskip(module)

from koble.cli import app  # noqa: E402
from koble.lab import Study, pictures  # noqa: E402
from koble.lab.analysis import chance  # noqa: E402
from koble.lab.estimate import ratio  # noqa: E402
from koble.lab.pictures.marks import Axis, Band, Bars, Heat, Line, Panel, Points, Rule, Sheet, Text, stairs  # noqa: E402
from koble.lab.pictures.picture import Picture  # noqa: E402
from koble.lab.pictures.style import LINE_MM, PALETTE, clock, end_words, number, scale  # noqa: E402
from koble.lab.pictures.words import quantity  # noqa: E402

HOUR = 3_600_000_000_000


def source(**more: Any) -> dict[str, Any]:
    """Two languages, three profiles, one short day."""
    return {
        "name": "two languages & a <day>",
        "plan": {
            "skills": ["no", "en"],
            "profiles": [
                {"name": "norwegian", "skills": {"no": 1}}, {"name": "english", "skills": {"en": 1}},
                {"name": "both", "skills": {"no": 1, "en": 1}},
            ],
            "queues": [
                {"name": "norsk", "offer": {"mode": "auto"}, "require": "no"},
                {"name": "english", "offer": {"mode": "auto"}, "require": "en"},
            ],
        },
        "agents": [{"count": 3, "profile": "norwegian"}, {"count": 2, "profile": "english"}, {"count": 2, "profile": "both"}],
        "staff": [
            {"profile": "norwegian", "counts": [2, 3, 3, 2]}, {"profile": "english", "counts": [2, 2, 2, 1]},
            {"profile": "both", "count": 2, "from": "0h", "to": "4h"},
        ],
        "streams": [
            {
                "queue": queue, "arrivals": {"rates": rates}, "service": {"law": "exponential", "mean": "3m"},
                "patience": {"law": "exponential", "mean": "3m"},
            }
            for queue, rates in (("norsk", [60, 90, 80, 40]), ("english", [30, 50, 40, 20]))
        ],
        "horizon": "4h", "replications": 12, "seed": 3, "at": ["1h", "2h", "3h"],
        "days": [{"figure": "p_served_within_20s", "at_least": 0.6}],
        **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(source())


@pytest.fixture(scope="module")
def result(study: Study) -> Any:
    return study.run()


@pytest.fixture(scope="module")
def two_plans() -> Study:
    said = source()
    plan = said.pop("plan")
    queues = [{**plan["queues"][0], "priority": {"base": 10}}, plan["queues"][1]]
    return Study({**said, "plans": {"in turn": plan, "norsk first": {**plan, "queues": queues}}})


@pytest.fixture(scope="module")
def comparison(two_plans: Study) -> Any:
    return two_plans.compare()


def marks(picture: Picture, kind: type, row: int = 0, column: int = 0) -> list[Any]:
    return [mark for mark in picture.sheet.rows[row][column].marks if isinstance(mark, kind)]


def line_called(picture: Picture, name: str, row: int = 0) -> Line:
    (found,) = [mark for mark in marks(picture, Line, row) if mark.name == name]
    return found


# ---- Data by interval


def test_one_interval_is_the_studys_own_figures(study: Study, result: Any) -> None:
    whole = pictures.intervals(study, "4h")
    assert whole.edges_ns.tolist() == [0, 4 * HOUR]
    for stream in ("all", "norsk", "english"):
        for figure in ("mean_wait_s", "p_abandon", "mean_queue_length", "p_served_within_20s", "arrivals"):
            above, below = whole.sample(figure, stream)
            expected = result.sample(figure, stream)
            assert above[:, 0].tolist() == expected[0].tolist() and below[:, 0].tolist() == expected[1].tolist()
            assert whole.course(figure, stream).at(0).error == pytest.approx(result[figure, stream].error, rel=1e-9)


def test_intervals_add_up_to_the_day(study: Study, result: Any) -> None:
    found = pictures.intervals(study, "50m")
    assert np.diff(found.edges_ns).tolist() == [50 * HOUR // 60] * 4 + [40 * HOUR // 60]
    for figure in ("arrivals", "waiting_time_s", "served"):
        assert found.sample(figure)[0].sum(axis=1) == pytest.approx(result.sample(figure)[0], rel=1e-9)
    above, below = found.sample("mean_wait_s", "norsk")
    assert above.sum(axis=1) == pytest.approx(result.sample("mean_wait_s", "norsk")[0], rel=1e-9)
    assert below.sum(axis=1).tolist() == result.sample("mean_wait_s", "norsk")[1].tolist()


def test_agents_are_those_of_the_staff_and_as_busy_as_the_world_says(study: Study, result: Any) -> None:
    found = pictures.intervals(study, "20m", replications=12)
    there = found.course("agents_there").value
    # Whoever is busy when the number falls finishes his call, so that the first third of an hour may have more.
    assert there[[0, 1, 2]] == pytest.approx([6, 6, 6]) and there[[4, 5]] == pytest.approx([7, 7])
    assert there[11] == pytest.approx(5, abs=0.2)
    busy = found.course("agents_busy").value.mean()
    assert busy == pytest.approx(result["mean_busy"].value, rel=0.01)


def test_what_is_measured_does_not_depend_on_workers_or_on_the_looks(study: Study) -> None:
    one = pictures.intervals(study, "1h", replications=4)
    with ThreadPoolExecutor(2) as pool:
        other = pictures.intervals(study, "1h", replications=4, executor=pool)
    assert one.samples.keys() == other.samples.keys()
    assert all(np.array_equal(one.samples[key][0], other.samples[key][0]) for key in one.samples)
    assert study.at_ns == [HOUR, 2 * HOUR, 3 * HOUR]


def test_spread_is_the_quantile_of_the_days(study: Study) -> None:
    found = pictures.intervals(study, "2h")
    above, below = found.sample("mean_wait_s")
    low, high = found.spread("mean_wait_s", share=0.5)
    assert low == pytest.approx(np.quantile(above / below, 0.25, axis=0))
    assert high == pytest.approx(np.quantile(above / below, 0.75, axis=0))


def test_warmup_is_left_out() -> None:
    found = pictures.intervals(Study(source(warmup="90m")), "1h", replications=2)
    assert (found.edges_ns / HOUR).tolist() == [1.5, 2, 3, 4]


# ---- Pictures


def test_day_draws_the_course_and_its_bands(study: Study) -> None:
    found = pictures.intervals(study, "30m")
    picture = pictures.day(found, ["agents", "p_abandon"], opens="8h", stream="norsk")
    course, (low, high) = found.course("p_abandon", "norsk"), found.spread("p_abandon", "norsk", 0.8)
    line = line_called(picture, "left unserved", 1)
    assert line.x.tolist() == (8.25 + 0.5 * np.arange(8)).tolist()
    assert line.y == pytest.approx(course.value * 100)
    light, dark = marks(picture, Band, 1)
    assert light.low == pytest.approx(low * 100) and light.high == pytest.approx(high * 100)
    assert dark.low == pytest.approx(np.maximum(course.low, 0) * 100) and dark.high == pytest.approx(course.high * 100)
    stair = line_called(picture, "there")
    assert stair.y[::2].tolist() == found.course("agents_there").value.tolist() and stair.x[0] == 8 and stair.x[-1] == 12
    assert picture.sheet.rows[1][0].x.label == "time of day (h)" and picture.sheet.rows[1][0].y.label == "left unserved (%)"


def test_day_of_several_plans_and_of_several_streams(two_plans: Study) -> None:
    picture = pictures.day(two_plans, ["mean_wait_s"], replications=3, every="1h", stream="english")
    assert [line.name for line in marks(picture, Line)] == ["in turn", "norsk first"]
    assert sorted(text.text for text in marks(picture, Text)) == ["in turn", "norsk first"]
    picture = pictures.day(two_plans, ["mean_wait_s"], replications=3, every="1h", stream=["norsk", "english"], plan="in turn")
    assert [line.name for line in marks(picture, Line)] == ["norsk", "english"]
    with pytest.raises(ArgumentError, match="too many lines"):
        pictures.day(two_plans, ["mean_wait_s"], replications=2, stream=["norsk", "english"])


def test_day_of_a_result_has_the_times_of_its_study(result: Any) -> None:
    picture = pictures.day(result, stream="norsk")
    (points,) = marks(picture, Points)
    assert points.x.tolist() == [1, 2, 3]
    assert points.y.tolist() == [result[f"waiting_at_{hour}h", "norsk"].value for hour in (1, 2, 3)]
    assert points.y_high.tolist() == [result[f"waiting_at_{hour}h", "norsk"].high for hour in (1, 2, 3)]
    with pytest.raises(ArgumentError, match='"at"'):
        pictures.day(Study(source(at=[])).run())


def test_waits_are_shares_of_contacts_with_the_ratios_interval(study: Study) -> None:
    picture = pictures.distribution(study, replications=5, longest="2m")
    line, band = line_called(picture, "norsk"), marks(picture, Band)[0]
    for k in (0, 60, 200):
        t = line.x[k]
        logs = [study.records(n) for n in range(5)]
        logs = [log[(log["stream"] == 0) & (log["exit"] <= 1)] for log in logs]
        longer = np.array([(log["wait_ns"] > t * 1e9).sum() for log in logs], float)
        expected = ratio(longer, np.array([float(len(log)) for log in logs]), 0.95)
        assert line.y[k] == pytest.approx(expected.value * 100)
        assert band.high[k] == pytest.approx(expected.high * 100)
    assert line.x[-1] == 120 and marks(picture, Rule)[0].at == 20


def test_days_are_all_counted_and_the_target_parts_them(result: Any) -> None:
    picture = pictures.distribution(result, "p_served_within_20s", at_least=0.6)
    above, below = result.sample("p_served_within_20s")
    counted = {bars.name: bars.length.sum() for bars in marks(picture, Bars)}
    reached = int((above / below >= 0.6).sum())
    assert 0 < reached < 12
    assert counted == {"reached": reached, "missed": 12 - reached}
    share = chance((above, below), at_least=0.6)
    (text,) = marks(picture, Text)
    assert text.text == f"at least 60: {share.value * 100:.0f} % of days ({share.low * 100:.0f} to {share.high * 100:.0f})"
    assert marks(picture, Rule)[0].at == pytest.approx(60)
    plain = pictures.distribution(result, "mean_wait_s", bins=4)
    assert sum(bars.length.sum() for bars in marks(plain, Bars)) == 12 and len(marks(plain, Bars)[0].place) == 4


def test_occupancy_has_the_results_intervals(result: Any, comparison: Any) -> None:
    (points,) = marks(pictures.occupancy(result), Points)
    names = pictures.occupancy(result).sheet.rows[0][0].y.names
    assert names == ("all", "norwegian", "english", "both")
    both = result["utilisation", "profiles", "both"]
    assert (points.x[3], points.x_low[3], points.x_high[3]) == pytest.approx(
        (both.value * 100, both.low * 100, both.high * 100)
    )
    assert len(pictures.occupancy(result, by="agents").sheet.rows[0][0].y.names) == 8
    assert [one.name for one in marks(pictures.occupancy(comparison), Points)] == ["in turn", "norsk first"]


def test_heat_map_is_the_time_in_conversation(study: Study, result: Any) -> None:
    records = study.records(2)
    picture = pictures.occupancy(result, records=records, study=study, every="1h")
    (heat,) = marks(picture, Heat, 1)
    served = records[records["agent"] == 4]
    begin, end = served["arrival_ns"] + served["wait_ns"], served["arrival_ns"] + served["wait_ns"] + served["service_ns"]
    for hour in range(4):
        spent = np.clip(np.minimum(end, (hour + 1) * HOUR) - np.maximum(begin, hour * HOUR), 0, None).sum()
        assert heat.values[4, hour] == pytest.approx(spent / HOUR * 100)
    assert heat.values.max() <= 100 and picture.sheet.rows[1][0].y.names[4] == "english 2"


def test_overlapping_conversations_are_one_time() -> None:
    records = np.zeros(5, RECORD_DTYPE)
    records["agent"] = [1, 1, 0, 1, NOBODY]
    records["arrival_ns"] = [0, 2, 5, 8, 0]
    records["wait_ns"] = [1, 1, 0, 0, 9]
    records["service_ns"] = [6, 2, 4, 4, 0]  # of 1: 1..7 and 3..5 within; 8..12, cut at 10
    shares = pictures.busy_shares(records, 3, np.array([0, 5, 10]))
    assert shares.tolist() == [[0, 0.8], [0.8, 0.8], [0, 0]]


def test_who_served_what_stacks_to_all(result: Any) -> None:
    picture = pictures.who_served_what(result)
    bars = marks(picture, Bars)
    assert [one.name for one in bars] == ["norwegian", "english", "both"]
    assert sum(one.length for one in bars) == pytest.approx([100, 100])
    assert bars[2].start + bars[2].length == pytest.approx([100, 100])
    assert bars[0].length[0] == pytest.approx(result["share_of_norsk", "profiles", "norwegian"].value * 100)
    assert bars[0].length[1] == 0
    (heat,) = marks(pictures.who_served_what(result, by="agents"), Heat)
    assert heat.values.shape == (7, 2) and heat.values.sum(axis=0) == pytest.approx([100, 100])
    with pytest.raises(ArgumentError, match="heat"):
        pictures.who_served_what(result, by="agents", kind="bars")


def test_policies_show_paired_differences(comparison: Any) -> None:
    picture = pictures.policies(comparison, ["mean_wait_s", "p_abandon"], stream="english")
    (left,), (right,) = marks(picture, Points, 0, 0), marks(picture, Points, 0, 1)
    assert left.x.tolist() == [one["mean_wait_s", "english"].value for one in comparison.results.values()]
    found = comparison.differences["norsk first"]["streams", "english"]["mean_wait_s"]
    assert (right.x[0], right.x_low[0], right.x_high[0]) == (
        found.difference.value,
        found.difference.low,
        found.difference.high,
    )
    assert right.filled == (found.decided,) and right.y.tolist() == [1]
    with pytest.raises(ArgumentError, match="several"):
        pictures.policies(type(comparison)("x", {"in turn": comparison["in turn"]}, {}))


def test_trade_off_joins_what_nothing_betters(comparison: Any) -> None:
    x, y = np.array([1.0, 2.0, 2.0, 3.0, 1.0]), np.array([5.0, 4.0, 3.0, 3.5, 5.0])
    assert pictures.efficient(x, y).tolist() == [True, False, True, False, True]
    assert pictures.efficient(x, y, ("largest", "smallest")).tolist() == [False, False, True, True, False]
    picture = pictures.trade_off(
        comparison, {"in turn": 10, "norsk first": 8}, ("p_served_within_20s", "english"), x_label="cost"
    )
    (points,) = marks(picture, Points)
    assert points.x.tolist() == [10, 8] and points.x_low.tolist() == [10, 8]
    served = [one["p_served_within_20s", "english"] for one in comparison.results.values()]
    assert points.y_high == pytest.approx([one.high * 100 for one in served])
    assert points.filled == (served[0].value > served[1].value, True)
    with pytest.raises(ArgumentError, match="which side of x"):
        pictures.trade_off(comparison, "mean_in_service", "p_abandon")


def test_running_ratio_is_the_ratio_of_each_beginning() -> None:
    rng = np.random.default_rng(4)
    below = rng.poisson(400, 60).astype(float)
    above = 1e6 * below + rng.normal(0, 5, 60)  # large against its deviation: sums of raw squares would lose it
    value, half = pictures.running_ratio(above, below, 0.9)
    for n in (2, 7, 60):
        one = ratio(above[:n], below[:n], 0.9)
        assert value[n - 1] == pytest.approx(one.value, rel=1e-12)
        assert half[n - 1] == pytest.approx(one.half_width, rel=1e-4)
    assert np.isnan(half[0])


def test_convergence_says_where_it_was_narrow_enough(result: Any) -> None:
    above, below = result.sample("mean_wait_s")
    narrow = [
        ratio(above[:n], below[:n], 0.95).half_width <= 0.6 * ratio(above[:n], below[:n], 0.95).value for n in range(2, 13)
    ]
    first = max([n for n, is_narrow in zip(range(2, 13), narrow, strict=True) if not is_narrow], default=1) + 1
    picture = pictures.convergence(result, relative=0.6)
    assert first <= 12 and [rule.at for rule in marks(picture, Rule) if rule.upright] == [max(first, 5)]
    missed = pictures.convergence(result, relative=1e-6)
    assert [text.text for text in marks(missed, Text)] == ["not reached"]


# ---- Paper and page


@pytest.fixture(scope="module")
def every(study: Study, result: Any, comparison: Any) -> dict[str, Picture]:
    return {
        "day": pictures.day(study, replications=4, every="1h"),
        "days": pictures.distribution(result, "p_served_within_20s", at_least=0.6),
        "occupancy": pictures.occupancy(result, records=study.records(), study=study),
        "who": pictures.who_served_what(comparison),
        "policies": pictures.policies(comparison),
    }


def test_paper_and_page_show_the_same_numbers(every: dict[str, Picture]) -> None:
    for picture in every.values():
        axes = [axis for axis in picture.figure.axes if axis.get_label() != "<colorbar>"]
        panels = [panel for row in picture.sheet.rows for panel in row]
        assert len(axes) == len(panels)
        traces = list(picture.plotly.data)
        for n, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
            name = "" if n == 0 else str(n + 1)
            own = [trace for trace in traces if trace.xaxis == f"x{name}"]
            layout = picture.plotly.layout
            assert axis.get_xlim() == (panel.x.low, panel.x.high) == tuple(layout[f"xaxis{name}"].range)
            assert axis.get_ylim() == (panel.y.low, panel.y.high) == tuple(layout[f"yaxis{name}"].range)
            assert axis.get_title(loc="left") == panel.y.label
            drawn = [np.asarray(line.get_ydata(), float) for line in axis.lines]
            for mark in panel.marks:
                if isinstance(mark, Line | Points):
                    found = [
                        t for t in own if t.type == "scatter" and np.array_equal(np.asarray(t.y, float), mark.y, equal_nan=True)
                    ]
                    assert found and np.array_equal(np.asarray(found[0].x, float), mark.x)
                    whole = isinstance(mark, Line) or len(set(mark.filled)) < 2
                    assert not whole or any(np.array_equal(one, mark.y, equal_nan=True) for one in drawn)
                if isinstance(mark, Bars):
                    widths = [patch.get_width() if mark.across else patch.get_height() for patch in axis.patches]
                    assert np.isin(mark.length.round(9), np.round(widths, 9)).all()
                    (bar,) = [t for t in own if t.type == "bar" and t.name == mark.name]
                    assert np.asarray(bar.x if mark.across else bar.y, float).tolist() == mark.length.tolist()
                if isinstance(mark, Heat):
                    (heat,) = [t for t in own if t.type == "heatmap"]
                    assert np.array_equal(np.asarray(heat.z, float), mark.values)
                    assert np.array_equal(np.asarray(axis.collections[0].get_array()).reshape(mark.values.shape), mark.values)


def test_files_are_of_their_kind_and_equal_each_time(every: dict[str, Picture], tmp_path: Path) -> None:
    begins = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml", "html": b"<!doctype html>"}
    for kind, begin in begins.items():
        path = Picture(every["who"].sheet).save(tmp_path / f"one.{kind}", dpi=80)
        assert path.read_bytes().startswith(begin)
        again = Picture(every["who"].sheet).save(tmp_path / f"two.{kind}", dpi=80)
        assert again.read_bytes() == path.read_bytes()
    with pytest.raises(ArgumentError, match=r"\.png"):
        every["who"].save(tmp_path / "three.jpeg")
    assert not (tmp_path / "three.jpeg").exists()


def test_the_page_needs_nothing_else(every: dict[str, Picture]) -> None:
    page = every["who"].to_html()
    assert "<title>two languages &amp; a &lt;day&gt;</title>" in page and "<day>" not in page
    outside = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=", page)
    assert not outside
    assert "Plotly.newPlot" in page and len(page) > 3_000_000  # with the program


def test_notebooks_see_both(every: dict[str, Picture]) -> None:
    assert every["who"]._repr_png_().startswith(b"\x89PNG")
    framed = every["who"]._repr_html_()
    assert framed.startswith("<iframe srcdoc=") and framed.count('"') < 20  # the page inside is escaped


def test_drawing_leaves_matplotlib_as_it_was(every: dict[str, Picture]) -> None:
    import matplotlib as mpl
    from matplotlib import _pylab_helpers

    mpl.rcParams["font.size"] = 31
    try:
        picture = Picture(every["who"].sheet)
        assert picture.figure.axes[0].xaxis.get_ticklabels()[0].get_fontsize() < 10
        assert mpl.rcParams["font.size"] == 31
        assert not _pylab_helpers.Gcf.figs  # no window waits for anybody
    finally:
        mpl.rcParams["font.size"] = mpl.rcParamsDefault["font.size"]


def test_bands_with_gaps_are_drawn_in_pieces() -> None:
    x, gap = np.arange(5.0), np.array([1.0, 2.0, np.nan, 2.0, 1.0])
    band = Band(x, gap - 0.5, gap + 0.5, PALETTE[0], "b")
    axis = Axis("x (h)", 0, 4, (0.0, 4.0), ("0", "4"))
    sheet = Sheet("t", "", ((Panel(axis, scale("y", gap), (band, Line(x, gap, PALETTE[0], "b"))),),), 89)
    outlines = [trace for trace in Picture(sheet).plotly.data if trace.fill == "toself"]
    assert [len(trace.x) for trace in outlines] == [4, 4]
    assert all(np.isfinite(np.asarray(trace.y, float)).all() for trace in outlines)


# ---- Words, ticks and places


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (1234.5, "1,234"), (0.01234, "0.0123"), (-2.5, "\N{MINUS SIGN}2.50"), (99.96, "100.0"), (float("nan"), "-")],
)
def test_numbers_for_people(value: float, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize("most", [3, 5, 9])
@pytest.mark.parametrize(("low", "high"), [(0, 0.37), (12, 13.4), (-3, 950), (1e-5, 2e-5), (4, 4)])
def test_axes_hold_the_data_and_ticks_are_told_apart(low: float, high: float, most: int) -> None:
    axis = scale("y", [low, high], zero=False, most=most)
    assert axis.low <= low and axis.high >= high
    assert 1 <= len(axis.ticks) <= most and len(set(axis.names)) == len(axis.names)
    for tick, name in zip(axis.ticks, axis.names, strict=True):
        assert float(name.replace(",", "").replace("\N{MINUS SIGN}", "-")) == pytest.approx(tick, abs=1e-12)


def test_hours_go_on_after_midnight() -> None:
    axis = clock(0, 8, 20)
    assert axis.names == ("20", "21", "22", "23", "0", "1", "2", "3", "4") and axis.ticks[-1] == 28
    assert clock(0, 1, 0.5, most=5).names == ("0:30", "0:45", "1", "1:15", "1:30")


def test_words_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    axis = scale("y", [0, 10], ends=(0, 10))
    texts = end_words(
        [(1, 9.9, "a", "#000000"), (1, 9.8, "b", "#000000"), (1, 9.9, "c", "#000000"), (1, 1, "d", "#000000")], axis, 30
    )
    at = sorted(text.y for text in texts)
    assert np.diff(at).min() >= LINE_MM / 30 * 10 - 1e-9 and at[0] == 1
    assert min(texts, key=lambda text: text.y).text == "d"


def test_figures_have_words_units_and_a_better_side() -> None:
    assert quantity("p_served_within_1m30s").label == "served within 1m30s (%)"
    assert quantity("p_days_p_served_within_20s_at_least_0.8").words == "days with served within 20s: at least 80 %"
    assert (quantity("p_abandon").best, quantity("p_served_within_20s").best, quantity("mean_service_s").best) == (
        "smallest",
        "largest",
        None,
    )
    assert quantity("waiting_time_s").factor * 7200 == 2
    assert quantity("something_new_s").label == "something new (s)"


def test_every_figure_of_a_study_has_words(result: Any) -> None:
    for figures in result.figures.values():
        for figure in figures:
            assert "_" not in quantity(figure).label and quantity(figure).words


def test_stairs_keep_each_value_between_its_edges() -> None:
    x, y = stairs([0, 1, 3], [5, 7])
    assert x.tolist() == [0, 1, 1, 3] and y.tolist() == [5, 5, 7, 7]


# ---- Mistakes


def test_one_replication_has_no_band(study: Study) -> None:
    single = Study(source(replications=1))
    for call in (
        lambda: pictures.day(single),
        lambda: pictures.distribution(single),
        lambda: pictures.distribution(single.run(), "mean_wait_s"),
        lambda: pictures.convergence(single.run()),
    ):
        with pytest.raises(ArgumentError, match="replication"):
            call()


def test_mistakes_are_said_with_advice(study: Study, result: Any, comparison: Any) -> None:
    for call, message in (
        (lambda: pictures.intervals(study, "10s"), "more than 1000"),
        (lambda: pictures.intervals(study, "0s"), "more than 0"),
        (lambda: pictures.day(study, spread=1), "share of the replications"),
        (lambda: pictures.distribution(result), "give the study"),
        (lambda: pictures.distribution(study, "mean_wait_s"), "give the result"),
        (lambda: pictures.occupancy(result, records=study.records()), "give the study"),
        (lambda: pictures.policies(result), "compare"),
        (lambda: pictures.trade_off(result, "mean_wait_s", "p_abandon"), "nothing to trade"),
        (lambda: pictures.convergence(comparison), "comparison.results"),
    ):
        with pytest.raises(ArgumentError, match=message):
            call()
    for call in (
        lambda: pictures.intervals(study, plan="other"),
        lambda: pictures.day(study, ["mean_wait"], replications=2),
        lambda: pictures.distribution(study, stream="norks", replications=2),
        lambda: pictures.trade_off(comparison, "mean_wait", "p_abandon"),
    ):
        with pytest.raises(UnknownError):
            call()


def test_command_line(tmp_path: Path) -> None:
    path = tmp_path / "study.json"
    path.write_text(json.dumps(source(replications=6)), encoding="utf-8")
    answer = CliRunner().invoke(
        app, ["draw", str(path), "--out", str(tmp_path / "new" / "folder"), "--every", "1h", "--opens", "8h"]
    )
    assert answer.exit_code == 0, answer.output
    names = {file.name for file in (tmp_path / "new" / "folder").iterdir()}
    pictured = {"day", "waits", "days", "occupancy", "who-served-what", "convergence"}
    assert names == {f"{name}.{ending}" for name in pictured for ending in ("png", "html")}
    wrong = CliRunner().invoke(app, ["draw", str(path), "--out", str(tmp_path / "none"), "--opens", "eight"])
    assert isinstance(wrong.exception, KobleError) and not (tmp_path / "none").exists()
