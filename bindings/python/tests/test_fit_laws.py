"""Fitting service and patience: what is known is recovered within its standard errors, and what SciPy or a book has worked out
comes out the same."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("scipy")
pytest.importorskip("pandas")

from koble import fit  # noqa: E402
from koble.lab import Study  # noqa: E402
from koble.times import duration_ns  # noqa: E402
from scipy import stats  # noqa: E402


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def near(value: float, truth: float, error: float, *, share: float) -> None:
    """Within four standard errors, which are at most this share of the truth, so that it says something."""
    assert 0 < error < share * abs(truth), (value, truth, error)
    assert abs(value - truth) < 4 * error, (value, truth, error)


# ---- laws


LAWS: list[tuple[fit.SmoothLaw, Any]] = [
    (fit.Exponential(80), stats.expon(scale=80)),
    (fit.Lognormal(4.5, 0.8), stats.lognorm(0.8, scale=math.exp(4.5))),
    (fit.Gamma(90, 0.7), stats.gamma(0.7, scale=90 / 0.7)),
    (fit.Gamma(90, 3, whole=True), stats.gamma(3, scale=30)),
    (fit.Weibull(100, 1.6), stats.weibull_min(1.6, scale=100 / math.gamma(1 + 1 / 1.6))),
    (fit.Uniform(20, 60), stats.uniform(20, 40)),
]


@pytest.mark.parametrize(("law", "truth"), LAWS, ids=lambda x: getattr(x, "word", ""))
def test_laws_are_scipys(law: fit.SmoothLaw, truth: Any) -> None:
    x = np.array([21.0, 35.0, 59.0])
    assert law.log_density(x) == pytest.approx(truth.logpdf(x))
    assert law.log_survival(x) == pytest.approx(truth.logsf(x))
    assert law.quantile([0.01, 0.5, 0.999]) == pytest.approx(truth.ppf([0.01, 0.5, 0.999]))
    assert (law.mean_s, law.cv) == pytest.approx((truth.mean(), truth.std() / truth.mean()))
    assert law.scaled(2).quantile([0.3]) == pytest.approx(2 * truth.ppf([0.3]))
    assert law.mean_below(50) == pytest.approx(truth.expect(lambda t: t, lb=0 if law.cdf(1) else 20, ub=50), rel=1e-4)


def test_a_far_tail_of_gamma_has_a_logarithm() -> None:
    far = fit.Gamma(1.0, 3).log_survival([1000.0, 5000.0])
    y = np.array([3000.0, 15_000.0])
    assert far == pytest.approx(-y + np.log1p(y + y**2 / 2), abs=0.01)  # Erlang's, exactly


@pytest.mark.parametrize(
    "law",
    [
        *(law for law, _ in LAWS),
        fit.Hyperexponential.of([3, 1], [30, 300]),
        fit.Deterministic(12.25),
        fit.Empirical((1.0, 2.5, 7.0)),
    ],
    ids=lambda law: law.word,
)
def test_what_is_written_is_read_by_a_study_and_has_the_same_quantiles(law: fit.DurationLaw) -> None:
    written = json.loads(json.dumps(law.to_study()))
    stream = {"arrivals": {"rate": 1}, "service": written}
    study = Study({"plan": {"queues": [{"name": "q"}]}, "streams": [stream], "horizon": "1h"})
    drawn = study.streams[0].service.at(np.array([0.1, 0.5, 0.97])) / 1e9
    assert drawn == pytest.approx(law.quantile([0.1, 0.5, 0.97]), rel=1e-4)
    again = fit.law_from_study(written)
    assert again.to_study() == written
    assert type(again) is type(law)


def test_mixtures() -> None:
    law = fit.Mixture((0.25, 0.75), (fit.Uniform(0, 10), fit.Lognormal(5, 0.9)))
    body = stats.lognorm(0.9, scale=math.exp(5)).cdf([5, 100])
    assert law.cdf([5.0, 100.0]) == pytest.approx(0.25 * np.array([0.5, 1]) + 0.75 * body)
    assert law.cdf(law.quantile([0.05, 0.6])) == pytest.approx([0.05, 0.6])
    written = law.to_study()
    assert written["parts"][0] == {"weight": 0.25, "of": {"law": "uniform", "from": "0s", "to": "10s"}}
    assert fit.law_from_study(written).to_study() == written
    few = fit.compressed(law, 1000)
    assert len(few.values) == 1000
    assert few.mean_s == pytest.approx(law.mean_s, rel=0.01)


def test_durations_are_written_as_a_study_reads_them() -> None:
    for seconds, text in ((0, "0s"), (1.5, "1s500ms"), (0.02, "20ms"), (3661.001, "1h1m1s1ms"), (59.9996, "1m"), (4e-6, "4us")):
        assert fit.duration_text(seconds) == text
        assert duration_ns(text) == pytest.approx(seconds * 1e9, abs=500_000)


# ---- service


@pytest.mark.parametrize("name", ["exponential", "lognormal", "gamma", "weibull"])
def test_each_law_is_found_as_scipy_finds_it(name: str) -> None:
    rng = generator(120)
    x = {
        "exponential": rng.exponential(200, 3000),
        "lognormal": np.exp(rng.normal(5, 0.9, 3000)),
        "gamma": rng.gamma(2.5, 80, 3000),
        "weibull": rng.weibull(1.7, 3000) * 200,
    }[name]
    found = fit.fit_law(name, fit.Sample.of(x))
    if name == "exponential":
        near(found.law.mean_s, 200, found.errors["mean_s"], share=0.02)
        assert found.law.mean_s == pytest.approx(x.mean())
    elif name == "lognormal":
        assert isinstance(found.law, fit.Lognormal)
        near(found.law.mu, 5, found.errors["mu"], share=0.02)
        near(found.law.sigma, 0.9, found.errors["sigma"], share=0.02)
        theirs = stats.lognorm.fit(x, floc=0)
        assert (found.law.sigma, found.law.mu) == pytest.approx((theirs[0], math.log(theirs[2])), rel=1e-4)
    elif name == "gamma":
        assert isinstance(found.law, fit.Gamma)
        near(found.law.shape, 2.5, found.errors["shape"], share=0.05)
        theirs = stats.gamma.fit(x, floc=0)
        assert (found.law.shape, found.law.mean_s) == pytest.approx((theirs[0], theirs[0] * theirs[2]), rel=1e-4)
    else:
        assert isinstance(found.law, fit.Weibull)
        near(found.law.shape, 1.7, found.errors["shape"], share=0.05)
        theirs = stats.weibull_min.fit(x, floc=0)
        assert (found.law.shape, found.law.scale_s) == pytest.approx((theirs[0], theirs[2]), rel=1e-3)
    service = fit.fit_service(x, laws=["exponential", "lognormal", "gamma", "weibull"])
    assert service.chosen is not None and service.chosen.name == name
    assert service.ks_distance < 1.36 / math.sqrt(len(x))
    assert service.comparison()["law"].iloc[0] == name
    worst = service.comparison()["ks_distance"].iloc[-1]
    assert worst > 2 * service.ks_distance


def test_mixtures_are_found_by_em_and_their_number_by_bic() -> None:
    rng = generator(21)
    first = rng.random(4000) < 0.3
    x = np.where(first, np.exp(rng.normal(2.5, 0.5, 4000)), np.exp(rng.normal(5.2, 0.7, 4000)))
    found = fit.fit_law("mixture", fit.Sample.of(x))
    assert isinstance(found.law, fit.Mixture) and len(found.law.parts) == 2
    assert found.law.weights[0] == pytest.approx(0.3, abs=0.025)
    low, high = found.law.parts
    assert isinstance(low, fit.Lognormal) and isinstance(high, fit.Lognormal)
    assert (low.mu, low.sigma, high.mu, high.sigma) == pytest.approx((2.5, 0.5, 5.2, 0.7), abs=0.06)
    truth = fit.Mixture((0.3, 0.7), (fit.Lognormal(2.5, 0.5), fit.Lognormal(5.2, 0.7)))
    assert 0 < found.log_likelihood - fit.Sample.of(x).log_likelihood(truth) < 15
    one = np.exp(rng.normal(5, 0.9, 1500))
    chosen = fit.fit_service(one, laws=["mixture", "lognormal"]).chosen
    assert chosen is not None and chosen.name == "lognormal"  # a second component is not worth its parameters


def test_hyperexponential_by_em() -> None:
    rng = generator(22)
    x = np.where(rng.random(6000) < 0.4, rng.exponential(20, 6000), rng.exponential(300, 6000))
    found = fit.fit_law("hyperexponential", fit.Sample.of(x))
    assert isinstance(found.law, fit.Hyperexponential) and len(found.law.parts) == 2
    assert found.law.weights[0] == pytest.approx(0.4, abs=0.03)
    assert [p.mean_s for p in found.law.parts] == pytest.approx([20, 300], rel=0.1)
    # Censored by service and seen only beyond 10 s, the same law.
    limit = rng.exponential(200, 6000)
    censored = fit.Sample.of(np.minimum(x, limit), x <= limit, beyond_s=10)
    again = fit.fit_law("hyperexponential", censored, components=2)
    assert isinstance(again.law, fit.Hyperexponential)
    assert [p.mean_s for p in again.law.parts] == pytest.approx([20, 300], rel=0.25)


def test_the_spike_of_short_calls_is_what_the_law_does_not_explain() -> None:
    rng = generator(23)
    short = rng.random(8000) < 0.1
    body = np.exp(rng.normal(4.8, 0.9, 8000))
    x = np.where(short, rng.uniform(0, 8, 8000), body)
    found = fit.fit_service(x, spike_below_s=10, laws=["exponential", "lognormal", "gamma"])
    assert found.spike is not None and found.chosen is not None and isinstance(found.chosen.law, fit.Lognormal)
    near(found.spike.share, 0.1, found.spike.share_error, share=0.06)
    assert found.spike.mean_s == pytest.approx(4, abs=0.4)
    near(found.chosen.law.mu, 4.8, found.chosen.errors["mu"], share=0.02)
    near(found.chosen.law.sigma, 0.9, found.chosen.errors["sigma"], share=0.03)
    assert found.law.mean_s == pytest.approx(x.mean(), rel=0.02)
    assert found.ks_distance < 0.02 < fit.fit_service(x, laws=["lognormal"]).ks_distance
    own = np.mean(x <= 10) - found.spike.share  # what the law has there itself
    assert own == pytest.approx(np.mean(body[~short] <= 10) * 0.9, abs=0.002) and own > 0.002
    qq = found.qq(9)
    assert qq["fitted_s"].iloc[1:].to_numpy() == pytest.approx(qq["observed_s"].iloc[1:].to_numpy(), rel=0.1)
    assert found.qq(99)["probability"].iloc[49] == 0.5
    without = fit.fit_service(body, spike_below_s=10, laws=["lognormal"])
    assert without.spike is None


def test_a_mixture_with_a_spike_is_one_mixture() -> None:
    rng = generator(24)
    x = np.concatenate([rng.uniform(0, 6, 300), np.exp(rng.normal(3.5, 0.3, 1500)), np.exp(rng.normal(5.8, 0.4, 1500))])
    found = fit.fit_service(x, spike_below_s=10)
    assert isinstance(found.law, fit.Mixture) and found.spike is not None
    assert [part.word for part in found.law.parts] == ["uniform", "lognormal", "lognormal"]
    assert sum(found.law.weights) == pytest.approx(1)


def test_zeros_of_a_record_in_whole_seconds() -> None:
    found = fit.fit_service(np.floor(generator(25).exponential(5, 2000)))
    assert found.zeros > 200 and found.resolution_s == 1
    assert found.law.mean_s == pytest.approx(4.6, abs=0.5)
    same = fit.fit_service([30, 30, 30])
    assert same.law.to_study() == "30s"


# ---- patience


# Weeks to relapse under 6-MP (Freireich et al. 1963); the estimate and its errors as books have them (Klein and Moeschberger).
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_kaplan_meier_and_greenwood_as_worked_out_by_hand() -> None:
    curve = fit.KaplanMeier.fit(WEEKS, np.array(RELAPSED, bool))
    at = [6, 7, 10, 13, 16, 22, 23]
    assert curve.at(at) == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=6e-4)
    assert curve.error(at) == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=6e-5)
    assert curve.at([0, 5.9, 100]) == pytest.approx([1, 1, curve.at(23)])
    frame = curve.frame()
    assert frame.loc[frame["time_s"] == 6, ["at_risk", "ended", "censored"]].to_numpy().tolist() == [[21, 3, 1]]
    theirs = stats.ecdf(stats.CensoredData.right_censored(WEEKS, ~np.array(RELAPSED, bool))).sf
    assert curve.at(at) == pytest.approx(theirs.evaluate(at))
    interval = theirs.confidence_interval(0.95, method="log-log")
    low, high = curve.band(at)
    assert low == pytest.approx(interval.low.evaluate(at))
    assert high == pytest.approx(interval.high.evaluate(at))


def test_restricted_mean_and_hazards_as_worked_out_by_hand() -> None:
    curve = fit.KaplanMeier.fit([10, 20, 20, 40], np.array([True, True, False, False]))
    # S is 1 to 10, 3/4 to 20, 1/2 to 40: 10 + 7.5 + 10. A is 17.5 from 10 on and 10 from 20 on.
    mean, error = curve.restricted_mean()
    assert mean == pytest.approx(27.5)
    assert error == pytest.approx(math.sqrt(17.5**2 / (4 * 3) + 10**2 / (3 * 2)))
    assert curve.restricted_mean(15)[0] == pytest.approx(13.75)
    hazard = curve.hazard([0, 10, 40])
    assert hazard["ended"].tolist() == [1, 1]
    assert hazard["exposure_s"].tolist() == [40, 50]
    assert hazard["per_s"].tolist() == pytest.approx([1 / 40, 1 / 50])


def waits(seed: int, patience: npt.NDArray[np.float64], limit: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    offered = generator(seed).exponential(limit, len(patience))
    return np.minimum(patience, offered), patience < offered


@pytest.mark.parametrize(
    ("name", "draw", "truth"),
    [
        ("exponential", lambda rng: rng.exponential(300, 5000), {"mean_s": 300}),
        ("weibull", lambda rng: rng.weibull(0.7, 5000) * 240, {"mean_s": 240 * math.gamma(1 + 1 / 0.7), "shape": 0.7}),
        ("gamma", lambda rng: rng.gamma(2, 120, 5000), {"mean_s": 240, "shape": 2}),
        ("lognormal", lambda rng: np.exp(rng.normal(5.2, 1.1, 5000)), {"mu": 5.2, "sigma": 1.1}),
    ],
)
def test_laws_of_patience_are_found_behind_censoring(name: str, draw: Any, truth: dict[str, float]) -> None:
    waited, left = waits(31, draw(generator(30)), 150)
    assert 0.2 < left.mean() < 0.5
    found = fit.fit_patience(waited, left)
    assert found.name == name and found.chosen is not None and found.balk == 0
    for key, value in truth.items():
        near(getattr(found.law, key), value, found.chosen.errors[key], share=0.1)
    frame = found.against_curve()
    assert np.mean((frame["low"] <= frame["fitted"]) & (frame["fitted"] <= frame["high"])) > 0.8
    assert found.distance < 0.1
    # Those who hung up alone would have had half of it or less.
    assert waited[left].mean() < 0.6 * found.law.mean_s
    data = stats.CensoredData.right_censored(waited, ~left)
    if name == "exponential":
        assert found.law.mean_s == pytest.approx(waited.sum() / left.sum())
    elif isinstance(found.law, fit.Weibull):
        theirs = stats.weibull_min.fit(data, floc=0)
        assert (found.law.shape, found.law.scale_s) == pytest.approx((theirs[0], theirs[2]), rel=1e-3)
    elif isinstance(found.law, fit.Gamma):
        theirs = stats.gamma.fit(data, floc=0)
        assert (found.law.shape, found.law.mean_s) == pytest.approx((theirs[0], theirs[0] * theirs[2]), rel=1e-3)
    else:
        assert isinstance(found.law, fit.Lognormal)
        theirs = stats.lognorm.fit(data, floc=0)
        assert (found.law.sigma, found.law.mu) == pytest.approx((theirs[0], math.log(theirs[2])), rel=1e-3)


def test_erlang_has_whole_phases() -> None:
    waited, left = waits(33, generator(32).gamma(3, 60, 4000), 200)
    found = fit.fit_patience(waited, left, laws=["erlang"])
    assert found.law.to_study()["phases"] == 3
    assert found.chosen is not None
    near(found.law.mean_s, 180, found.chosen.errors["mean_s"], share=0.05)


def test_balking_is_a_mass_at_zero_among_those_who_had_to_wait() -> None:
    rng = generator(34)
    patience = np.where(rng.random(6000) < 0.08, 0.0, rng.exponential(250, 6000))
    waited, left = waits(35, patience, 120)
    at_once = np.zeros(3000)  # who did not have to wait says nothing
    waited, left = np.concatenate([waited, at_once]), np.concatenate([left, at_once > 0])
    found = fit.fit_patience(waited, left, laws=["exponential", "weibull"])
    near(found.balk, 0.08, found.balk_error, share=0.1)
    assert found.chosen is not None
    near(found.law.mean_s, 250, found.chosen.errors["mean_s"], share=0.05)
    assert found.mean_s == pytest.approx((1 - found.balk) * found.law.mean_s)
    # The same where it takes them up to five seconds, as far as the law does not explain it.
    hasty = np.where(patience == 0, rng.uniform(0, 5, 6000), patience)
    waited, left = waits(36, hasty, 120)
    again = fit.fit_patience(waited, left, laws=["exponential"], balk_within_s=5)
    near(again.balk, 0.08, again.balk_error, share=0.1)
    assert again.chosen is not None
    near(again.law.mean_s, 250, again.chosen.errors["mean_s"], share=0.05)


def test_the_empirical_law_is_the_curve_with_an_exponential_tail() -> None:
    waited, left = waits(38, generator(37).exponential(300, 5000), 100)
    found = fit.fit_patience(waited, left, laws=["empirical"])
    assert found.name == "empirical" and isinstance(found.law, fit.Empirical)
    assert len(found.law.values) == 1000
    inside = np.array([5.0, 60, 150, 300])
    assert 1 - found.law.cdf(inside) == pytest.approx(found.curve.at(inside), abs=2e-3)
    last, floor = found.curve.last_end_s, float(found.curve.at(found.curve.last_end_s))
    assert floor > 0.02
    beyond = np.array([v for v in found.law.values if v > last])
    assert len(beyond) == pytest.approx(1000 * floor, abs=1)
    assert np.mean(beyond - last) == pytest.approx(1 / found.curve.tail_hazard(), rel=0.1)
    assert found.law.mean_s == pytest.approx(300, rel=0.15)
    few = fit.KaplanMeier.fit([1.0, 2, 3, 4], np.ones(4, bool)).empirical(8)
    assert few.values == (1, 1, 2, 2, 3, 3, 4, 4)  # nobody censored: the values themselves
