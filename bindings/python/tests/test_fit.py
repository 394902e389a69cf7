"""Traffic models: fitted from a frame, saved, loaded, changed, run as a study; and what is said to wrong input."""

from __future__ import annotations

import doctest
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
pd = pytest.importorskip("pandas")

from koble import fit  # noqa: E402
from koble.lab import Study  # noqa: E402
from support import ROOT  # noqa: E402


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def near(value: float, truth: float, error: float, *, share: float) -> None:
    """Within four standard errors, which are at most this share of the truth, so that it says something."""
    assert 0 < error < share * abs(truth), (value, truth, error)
    assert abs(value - truth) < 4 * error, (value, truth, error)


def frame(seed: int = 40, days: int = 8) -> Any:
    """Two queues, from 8:00 to 12:00 on the days from Monday 5 January 2026 on."""
    rng = generator(seed)
    rows = []
    for day in range(days):
        for queue, rate, mean, patience in (("billing", 50, 200, 300), ("sales", 30, 120, 90)):
            times = 8 * 3600 + rng.uniform(0, 4 * 3600, rng.poisson(4 * rate))
            offered = np.where(rng.random(len(times)) < 0.5, 0.0, rng.exponential(60, len(times)))
            limit = rng.exponential(patience, len(times))
            served = limit >= offered
            rows.append(
                pd.DataFrame(
                    {
                        "arrival": pd.Timestamp("2026-01-05") + pd.to_timedelta(86_400 * day + times, unit="s"),
                        "queue": queue,
                        "wait_s": np.minimum(offered, limit),
                        "served": served,
                        "service_s": np.where(served, np.exp(rng.normal(math.log(mean) - 0.32, 0.8, len(times))), np.nan),
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def model(**options: Any) -> fit.TrafficModel:
    quick = {"service": "lognormal", "patience": "exponential"}
    return fit.fit_traffic(frame(), interval="1h", begin="8h", end="12h", **quick | options)


PLAN = {"queues": [{"name": "billing", "offer": {"mode": "auto"}}, {"name": "sales", "offer": {"mode": "auto"}}]}


def study(traffic: fit.TrafficModel, **more: Any) -> Study:
    streams = traffic.to_dict()["streams"]
    return Study({"plan": PLAN, "agents": [{"count": 6}], "streams": streams, "horizon": "4h", "replications": 3, **more})


def test_a_model_is_fitted_from_a_frame_and_runs_as_a_study() -> None:
    traffic = model(busyness="none")
    assert [stream.name for stream in traffic.streams] == ["billing", "sales"]
    for name, rate, mean, patience in (("billing", 50, 200, 300), ("sales", 30, 120, 90)):
        stream, about = traffic[name], traffic.fit["streams"][name]
        assert stream.arrivals.rates_per_hour == pytest.approx([rate] * 4, rel=0.35)
        assert stream.arrivals.expected == pytest.approx(about["calls"] / 8)
        near(stream.service.mean_s, mean, mean * 0.95 / math.sqrt(about["service"]["count"]), share=0.05)
        assert stream.patience is not None
        near(stream.patience.mean_s, patience, about["patience"]["errors"]["mean_s"], share=0.2)
        assert stream.load_erlangs == pytest.approx(rate * mean / 3600, rel=0.15)
    result = study(traffic).run()
    assert result["arrivals", "billing"].value == pytest.approx(200, rel=0.2)
    assert 0 < result["p_abandon"].value < 0.5
    assert traffic.fit["first_day"] == "2026-01-05" and traffic.fit["days"] == 8


def test_the_model_file_comes_back_as_it_was(tmp_path: Path) -> None:
    traffic = model(spike_below_s=10, patience="empirical", busyness="day").scaled(rate=1.1)
    path = tmp_path / "traffic.json"
    traffic.save(path)
    again = fit.TrafficModel.load(path)
    assert again.to_dict() == traffic.to_dict()
    assert json.loads(path.read_text(encoding="utf-8")) == traffic.to_dict()
    assert [p.name for p in tmp_path.iterdir()] == ["traffic.json"]
    given = traffic.to_dict()
    given["streams"][0] |= {"priority": 2, "credit": "90s", "balk": 0.05}
    given["streams"][0]["arrivals"]["busyness"] = {"shape": 10, "every": "1h", "correlation": 0.6}
    assert fit.TrafficModel.from_dict(given).to_dict() == given


def test_busyness_mixtures_and_balking_run_in_a_study() -> None:
    calls = frame()
    rng = generator(42)
    short = calls["served"] & (rng.random(len(calls)) < 0.15)
    calls.loc[short, "service_s"] = rng.uniform(0, 8, int(short.sum()))
    waited = (calls["wait_s"] > 0) & (rng.random(len(calls)) < 0.1)
    calls.loc[waited, ["wait_s", "served", "service_s"]] = [0.0, False, np.nan]
    options: dict[str, Any] = {"spike_below_s": 10, "service": "lognormal", "patience": "exponential", "busyness": "day"}
    traffic = fit.fit_traffic(calls, interval="1h", begin="8h", end="12h", **options)
    given = traffic.to_dict()
    for stream in given["streams"]:
        assert stream["balk"] == pytest.approx(0.1, abs=0.05)
        assert stream["service"]["law"] == "mixture"
        stream["arrivals"]["busyness"] = {"shape": 10, "every": "1h", "correlation": 0.6}
    result = study(fit.TrafficModel.from_dict(given), replications=10).run()
    assert result["mean_service_s"].value == pytest.approx(calls["service_s"].mean(), rel=0.1)


def test_what_if() -> None:
    traffic = model(patience="weibull")
    more = traffic.scaled(rate=1.1, service=0.9)
    for before, after in zip(traffic.streams, more.streams, strict=True):
        assert after.arrivals.expected == pytest.approx(1.1 * before.arrivals.expected)
        assert after.service.mean_s == pytest.approx(0.9 * before.service.mean_s)
        assert after.load_erlangs == pytest.approx(0.99 * before.load_erlangs)
        assert after.service.cv == pytest.approx(before.service.cv)
        assert after.patience == before.patience
    assert more.fit["scaled"] == [{"rate": 1.1, "service": 0.9, "patience": 1.0, "streams": ["billing", "sales"]}]
    one = traffic.scaled(patience=2, streams=["sales"])
    assert one["billing"] == traffic["billing"]
    assert one["sales"].patience.mean_s == pytest.approx(2 * traffic["sales"].patience.mean_s)  # type: ignore[union-attr]
    with pytest.raises(fit.FitError, match="service is 0; write a factor above 0"):
        traffic.scaled(service=0)
    with pytest.raises(fit.FitError, match="no stream 'sale'; there are billing, sales"):
        traffic.scaled(streams=["sale"])


def test_mixtures_can_be_written_as_quantiles() -> None:
    calls = frame()
    rng = generator(41)
    short = calls["served"] & (rng.random(len(calls)) < 0.15)
    calls.loc[short, "service_s"] = rng.uniform(0, 8, int(short.sum()))
    options: dict[str, Any] = {"spike_below_s": 10, "service": "lognormal", "patience": "exponential", "busyness": "none"}
    traffic = fit.fit_traffic(calls, interval="1h", begin="8h", end="12h", **options)
    assert traffic["billing"].service.word == "mixture"
    assert traffic.fit["streams"]["billing"]["service"]["spike"]["share"] == pytest.approx(0.15, abs=0.03)
    few = traffic.without_mixtures()
    assert few["billing"].service.word == "empirical"
    assert few["billing"].service.mean_s == pytest.approx(traffic["billing"].service.mean_s, rel=0.02)
    study(few)


def test_days_and_streams_are_chosen() -> None:
    assert model(weekdays=[0, 1]).fit["days"] == 3
    days = np.arange("2026-01-05", "2026-01-15", dtype="datetime64[D]")
    assert model(days=days)["sales"].arrivals.expected == pytest.approx(0.8 * model()["sales"].arrivals.expected)
    arrays = {name: frame()[name].to_numpy() for name in ("wait_s", "served", "service_s")}
    start = pd.Timestamp("2026-01-05")
    arrays["arrival"] = ((frame()["arrival"] - start) / pd.Timedelta(seconds=1)).to_numpy()
    alone = fit.fit_traffic(arrays, interval="1h", begin="8h", end="12h", service="gamma", patience="gamma")
    assert [stream.queue for stream in alone.streams] == ["calls"]
    assert alone["calls"].arrivals.expected == pytest.approx(sum(stream.arrivals.expected for stream in model().streams))
    stayed = frame()
    stayed["served"] = True
    stayed["service_s"] = stayed["service_s"].fillna(100.0)
    assert fit.fit_traffic(stayed, interval="1h", service="gamma").streams[0].patience is None
    zoned = frame()
    zoned["arrival"] = zoned["arrival"].dt.tz_localize("Europe/Oslo")
    quick: dict[str, Any] = {"service": "lognormal", "patience": "exponential"}
    assert fit.fit_traffic(zoned, interval="1h", begin="8h", end="12h", **quick).to_dict() == model().to_dict()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="wait_s"), "no column 'wait_s'; rename one of arrival, queue"),
        (lambda f: f.assign(wait_s=-1.0), "wait_s: -1 in row 0 and .* more; write finite seconds"),
        (lambda f: f.assign(served="yes"), "served: write True or False"),
        (lambda f: f.assign(arrival="yesterday noon"), "arrival: .*write local datetimes"),
        (lambda f: f.assign(queue=None), "queue: is missing in row 0"),
        (lambda f: f.assign(arrival=np.nan), "arrival: nan in row 0"),
        (lambda f: f.iloc[:0], "there are no calls"),
        (lambda f: f.assign(service_s=np.nan), "stream 'billing': 0 of its calls have a service time"),
        (lambda f: f.assign(service_s=0.0), "stream 'billing': service_s: all are 0"),
    ],
)
def test_wrong_frames_are_told_what_to_do(change: Any, words: str) -> None:
    with pytest.raises(fit.FitError, match=words):
        fit.fit_traffic(change(frame(days=2)), interval="1h", begin="8h", end="12h")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit.fit_arrivals([[1.0, 2.0], [3.0, 2.5]]), "2.5 on day 1 in interval 1; write whole numbers"),
        (lambda: fit.fit_arrivals([1, 2]), "matrix of days x intervals"),
        (lambda: fit.fit_arrivals([[0, 0]]), "nothing ever arrived"),
        (lambda: fit.fit_arrivals([[1, 2]], busyness="day"), "at least two days"),
        (lambda: fit.fit_arrivals([[1, 2]], busyness="week"), "write auto, none, day or interval"),
        (lambda: fit.fit_arrivals([[1, 2, 3], [1, 2, 3]], "30m", every="1h"), "whole number of intervals"),
        (lambda: fit.fit_arrivals([[1, 2]], groups=["a", "b"]), "2 labels for 1 days"),
        (lambda: fit.fit_service([5.0]), "at least 2 are needed"),
        (lambda: fit.fit_service([5.0, -1.0]), "-1 at place 1"),
        (lambda: fit.fit_service([5.0, math.nan]), "nan at place 1"),
        (lambda: fit.fit_service([1, 2, 3], laws=["lognorml"]), "'lognorml' is unknown here; write one of exponential"),
        (lambda: fit.fit_service([1, 2, 3], spike_below_s=3), "0 durations are longer than spike_below_s"),
        (lambda: fit.fit_service([1, 2, 3], spike_below_s=-1), "write seconds above 0"),
        (lambda: fit.fit_patience([1, 2], [False, False]), "nobody hung up"),
        (lambda: fit.fit_patience([1, 2], [1, 0]), "write one bool for each of the 2"),
        (lambda: fit.fit_patience([0, 2], [True, False]), "nobody hung up after more than 0 s"),
        (lambda: fit.fit_patience([1, 2], [True, False], laws=["weibull"]), "1 exact duration, and a law weibull needs"),
        (lambda: fit.fit_patience([1, 2], [True, True], laws=["empirical", "gamma"]), "write it alone"),
        (lambda: fit.KaplanMeier.fit([], np.zeros(0, bool)), "no durations"),
        (lambda: fit.KaplanMeier.fit([1, 2], np.ones(2, bool)).hazard([3, 1]), "two rising times"),
        (lambda: fit.law_from_study({"law": "gama", "mean": "3s"}), "the law 'gama' is unknown"),
        (lambda: fit.law_from_study({"law": "gamma", "mean": 3, "shape": 2}), "law.mean: is 3; write a duration, such as"),
        (lambda: fit.TrafficModel.from_dict({"streams": []}), "at least one"),
        (lambda: model(weekdays=[7]), "0 .Monday. to 6"),
        (lambda: model(weekdays=[]), "0 .Monday. to 6"),
        (lambda: model(by="skill"), "no column 'skill'"),
    ],
)
def test_wrong_questions_are_told_what_to_do(call: Any, words: str) -> None:
    with pytest.raises(fit.FitError, match=words):
        call()


def test_a_broken_file_is_told_where(tmp_path: Path) -> None:
    path = tmp_path / "traffic.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(fit.FitError, match="traffic.json: line 1, column 2: not JSON"):
        fit.TrafficModel.load(path)
    stream = {"queue": "q", "arrivals": {"rates": [3], "every": "1h"}, "service": "20s"}
    for change, words in (
        ({"arrivals": {"rates": [-3]}}, r"streams\[0\].arrivals.rates\[0\]: is -3; write a number from 0"),
        ({"arrivals": {"rate": 3}}, r"streams\[0\].arrivals: unknown key 'rate'"),
        ({"arrivals": {"rates": [3], "busyness": {"shape": 2, "correlation": 1}}}, 'belongs to "every"'),
        ({"balk": 2}, r"streams\[0\].balk: is 2; write a number from 0 to 1"),
        ({"service": {"law": "gamma", "mean": "1s", "shape": 0}}, r"streams\[0\].service.shape: is 0; write a number above 0"),
        ({"queue": None}, r"streams\[0\].queue"),
    ):
        path.write_text(json.dumps({"streams": [{**stream, **change}]}), encoding="utf-8")
        with pytest.raises(fit.FitError, match=words):
            fit.TrafficModel.load(path)
    path.write_text(json.dumps({"streams": [stream, stream]}), encoding="utf-8")
    with pytest.raises(fit.FitError, match="'q' is there twice"):
        fit.TrafficModel.load(path)


# ---- a real record


def test_two_weeks_of_the_anonymous_bank(tmp_path: Path) -> None:
    """Regular calls (type PS) are lognormal once the very short ones are apart; callers would wait for minutes, those of high
    priority longer (Brown et al. 2005, sections 4 and 5)."""
    from koble.replay.record import RecordMapping, read_record

    folder = Path(os.environ.get("KOBLE_DATA", ROOT / ".." / "shared" / "data"))
    path = folder / "anonymous-bank-1999-02" / "calls.csv.xz"
    if not path.exists():
        pytest.skip("anonymous-bank-1999-02 is absent; set KOBLE_DATA to the folder of data")
    record = read_record(path, RecordMapping.load(ROOT / "examples" / "calls" / "anonymous-bank.json"))
    calls = fit.calls_of_record(record)
    calls = calls[calls["arrival"] < "1999-02-15"]
    of_type = calls[calls["type"] == "PS"]
    service = fit.fit_service(of_type.loc[of_type["served"], "service_s"], spike_below_s=10)
    best_of_two = service.comparison().set_index("law")
    two = best_of_two.loc[["exponential", "lognormal", "gamma", "weibull"], "bic"]
    assert two.idxmin() == "lognormal" and two.drop("lognormal").min() - two["lognormal"] > 800
    assert best_of_two.loc["lognormal", "ks_distance"] < 0.03 < 0.06 < best_of_two.loc["gamma", "ks_distance"]
    assert 170 < best_of_two.loc["lognormal", "mean_s"] < 200 and 0.9 < best_of_two.loc["lognormal", "cv"] < 1.3
    assert service.spike is not None
    assert 0.03 < service.spike.share < 0.07 and 2 < service.spike.mean_s < 6
    assert service.ks_distance < 0.015
    everything = fit.fit_service(of_type.loc[of_type["served"], "service_s"], laws=["lognormal", "gamma"])
    assert everything.chosen is not None and everything.chosen.name == "gamma"  # the spike hides the lognormal law

    patience = {}
    for priority in ("regular", "high"):
        own = of_type[of_type["priority"] == priority]
        patience[priority] = fit.fit_patience(own["wait_s"], ~own["served"], laws=["exponential"])
        # Who hangs up does so after about a minute, but would wait for several in the mean.
        assert own.loc[~own["served"], "wait_s"].mean() < 90 < 200 < patience[priority].law.mean_s < 1200
    assert patience["high"].law.mean_s > 1.4 * patience["regular"].law.mean_s
    # The hazard is higher in the first half minute, when the announcement comes, than after two minutes.
    hazard = patience["regular"].curve.hazard([0, 5, 30, 120, 300])
    assert hazard["per_s"].iloc[1] > hazard["per_s"].iloc[3] + 3 * hazard["error"].iloc[3]

    kinds = calls[calls["queue"].isin(["PS-regular", "PS-high", "NW-regular"])]
    options: dict[str, Any] = {"spike_below_s": 10, "service": "lognormal", "patience": "weibull"}
    traffic = fit.fit_traffic(kinds, begin="7h", weekdays=[6, 0, 1, 2, 3], **options)  # Sunday to Thursday
    assert traffic.fit["days"] == 10
    assert 1100 < sum(stream.arrivals.expected for stream in traffic.streams) < 1500
    for stream in traffic.streams:
        assert stream.arrivals.busyness is not None and 3 < stream.arrivals.busyness.shape < 60
        assert max(stream.arrivals.rates_per_hour) > 2.5 * stream.arrivals.rates_per_hour[-1]
    traffic.save(tmp_path / "bank.json")
    assert fit.TrafficModel.load(tmp_path / "bank.json").to_dict() == traffic.to_dict()


def test_the_page_runs() -> None:
    page = str(ROOT / "docs" / "fitting.md")
    answer = doctest.testfile(page, module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert answer.attempted >= 20
    assert answer.failed == 0
