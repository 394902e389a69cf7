"""Fitting arrivals: profile, busyness and its correlation are recovered within their standard errors, and tests reject as often
as they say."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("scipy")
pytest.importorskip("pandas")

from koble import fit  # noqa: E402
from scipy import optimize, stats  # noqa: E402

PROFILE = 30 + 60 * np.sin(np.linspace(0, np.pi, 24))


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def near(value: float, truth: float, error: float, *, share: float) -> None:
    """Within four standard errors, which are at most this share of the truth, so that it says something."""
    assert 0 < error < share * abs(truth), (value, truth, error)
    assert abs(value - truth) < 4 * error, (value, truth, error)


def busy_days(seed: int, days: int, shape: float) -> npt.NDArray[np.int64]:
    rng = generator(seed)
    counts: npt.NDArray[np.int64] = rng.poisson(rng.gamma(shape, 1 / shape, (days, 1)) * PROFILE)
    return counts


def busy_intervals(seed: int, days: int, shape: float, correlation: float) -> npt.NDArray[np.int64]:
    rng = generator(seed)
    normals = rng.normal(size=(days, len(PROFILE)))
    for j in range(1, len(PROFILE)):
        normals[:, j] = correlation * normals[:, j - 1] + math.sqrt(1 - correlation**2) * normals[:, j]
    counts: npt.NDArray[np.int64] = rng.poisson(stats.gamma.ppf(stats.norm.cdf(normals), shape) / shape * PROFILE)
    return counts


def test_a_busyness_of_the_day_is_found() -> None:
    found = fit.fit_arrivals(busy_days(1, 150, 12.0), "30m")
    assert found.busyness is not None and found.day is not None
    assert found.busyness.every_ns is None
    near(found.busyness.shape, 12, found.day.error, share=0.2)
    near(found.day.moments, 12, 2 * found.day.error, share=0.4)
    assert found.tests["days"].p_value < 1e-9 < 0.01 < found.tests["within"].p_value
    z = (found.rates_per_hour["all"] - 2 * PROFILE) / found.rate_errors["all"]
    assert np.all(np.abs(z) < 4)
    assert found.arrivals().to_study() == {
        "rates": [float(f"{rate:.8g}") for rate in found.rates_per_hour["all"]],
        "every": "30m",
        "busyness": {"shape": float(f"{found.day.likelihood:.8g}")},
    }


def test_the_shape_is_the_maximum_of_the_negative_multinomial() -> None:
    """Over all its parameters, found without knowing that the profile's part falls off."""
    counts = busy_days(2, 12, 5.0)[:, 8:11].astype(float)

    def cost(theta: npt.NDArray[np.float64]) -> float:
        shape, means = math.exp(theta[0]), np.exp(theta[1:])
        totals = counts.sum(1)
        value = [
            math.lgamma(shape + n) - math.lgamma(shape) - sum(math.lgamma(x + 1) for x in row) + shape * math.log(shape)
            + float(row @ np.log(means)) - (shape + n) * math.log(shape + means.sum())
            for row, n in zip(counts, totals, strict=True)
        ]  # fmt: skip
        return -math.fsum(value)

    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 9000}
    best = optimize.minimize(cost, [1.0, 4.0, 4.0, 4.0], method="Nelder-Mead", options=options)
    found = fit.fit_arrivals(counts, "30m", busyness="day")
    assert found.busyness is not None
    assert found.busyness.shape == pytest.approx(math.exp(best.x[0]), rel=1e-5)
    assert found.rates_per_hour["all"] / 2 == pytest.approx(np.exp(best.x[1:]), rel=1e-5)


def test_standard_errors_of_the_shape_are_right() -> None:
    """Of 200 fits the z scores have a root mean square near 1, on the logarithm's scale, where it is nearly normal."""
    scores = []
    for seed in range(200):
        totals = busy_days(seed, 60, 8.0)[:, :4].sum(1, keepdims=True).astype(float)
        found = fit.estimate_shape(totals, np.zeros(60, np.int64))
        scores.append(math.log(found.likelihood / 8) * found.likelihood / found.error)
    assert 0.85 < math.sqrt(np.mean(np.square(scores))) < 1.2


def test_a_busyness_of_each_interval_is_found_with_its_correlation() -> None:
    found = fit.fit_arrivals(busy_intervals(3, 150, 8.0, 0.6), "30m")
    assert found.busyness is not None and found.intervals is not None and found.correlation is not None
    assert found.busyness.every_ns == 1_800_000_000_000
    near(found.busyness.shape, 8, found.intervals.error, share=0.1)
    near(found.busyness.correlation, 0.6, found.correlation.error, share=0.1)
    assert found.tests["within"].p_value < 1e-9
    by_lag, implied = found.correlation.by_lag, found.correlation.implied_by_lag
    assert by_lag[0] > by_lag[1] > by_lag[2] > 0
    assert by_lag[:3] == pytest.approx(implied[:3], abs=0.12)
    # Without taking the Poisson noise out, the counts' own correlation is far lower where they are few.
    few = fit.fit_arrivals(generator(4).binomial(busy_intervals(5, 300, 8.0, 0.6), 0.1), "30m", busyness="interval")
    assert few.correlation is not None
    near(few.correlation.normals, 0.6, few.correlation.error, share=0.25)


def test_longer_intervals_of_the_factor() -> None:
    rng = generator(6)
    factors = np.repeat(rng.gamma(10, 0.1, (200, 12)), 2, axis=1)
    found = fit.fit_arrivals(rng.poisson(factors * PROFILE), "30m", every="1h")
    assert found.busyness is not None and found.intervals is not None and found.correlation is not None
    assert found.busyness.to_study()["every"] == "1h"
    near(found.busyness.shape, 10, found.intervals.error, share=0.1)
    assert abs(found.busyness.correlation) < 4 * found.correlation.error < 0.2
    assert len(found.rates_per_hour["all"]) == 24


def test_poisson_days_have_no_busyness_and_the_tests_reject_as_often_as_they_say() -> None:
    rejected = {"days": 0, "within": 0, "intervals": 0}
    rng = generator(7)
    for _ in range(300):
        tests = fit.dispersion_tests(rng.poisson(PROFILE / 6, (20, 24)).astype(float), np.zeros(20, np.int64))
        for name, test in tests.items():
            rejected[name] += test.p_value < 0.05
    assert all(4 <= count <= 29 for count in rejected.values()), rejected  # 15 +- 3.8
    plain = fit.fit_arrivals(rng.poisson(np.broadcast_to(PROFILE, (40, 24))))
    assert plain.busyness is None
    assert "busyness" not in plain.arrivals().to_study()


def test_kinds_of_days_have_profiles_of_their_own_and_one_busyness() -> None:
    counts = busy_days(8, 120, 10.0)
    weekend = generator(9).binomial(counts[:40], 0.3)
    groups = ["week"] * 80 + ["weekend"] * 40
    mixed = fit.fit_arrivals(np.vstack([counts[40:], weekend]), groups=groups)
    assert mixed.busyness is not None and mixed.day is not None
    near(mixed.busyness.shape, 10, mixed.day.error, share=0.2)
    assert mixed.days == {"week": 80, "weekend": 40}
    assert mixed.rates_per_hour["weekend"].sum() / mixed.rates_per_hour["week"].sum() == pytest.approx(0.3, abs=0.05)
    assert set(mixed.frame()["group"]) == {"week", "weekend"}
    with pytest.raises(fit.FitError, match="write one of week, weekend"):
        mixed.arrivals()
    blind = fit.fit_arrivals(np.vstack([counts[40:], weekend])).day
    assert blind is not None and blind.likelihood < 5  # kinds taken together look like busyness


def test_the_copula_gives_the_correlation_of_the_factors() -> None:
    rng = generator(10)
    first = rng.normal(size=100_000)
    second = 0.6 * first + 0.8 * rng.normal(size=100_000)
    for shape in (0.5, 4.0):
        factors = [stats.gamma.ppf(stats.norm.cdf(z), shape) for z in (first, second)]
        assert fit.gamma_correlation(shape, 0.6) == pytest.approx(np.corrcoef(*factors)[0, 1], abs=0.01)
        for normals in (-0.9, -0.2, 0.0, 0.35, 0.99):
            assert fit.copula_correlation(shape, fit.gamma_correlation(shape, normals)) == pytest.approx(normals, abs=1e-9)
    assert fit.gamma_correlation(3.0, 1.0) == pytest.approx(1)


def test_counting() -> None:
    stamps = np.array(
        ["2026-01-05T07:00", "2026-01-05T07:29:59", "2026-01-05T07:30", "2026-01-07T08:59", "2026-01-07T09:00"], "datetime64[s]"
    )
    counted = fit.count_arrivals(stamps, "30m", begin="7h", end="9h")
    assert counted.counts.tolist() == [[2, 1, 0, 0], [0, 0, 0, 1]]
    assert counted.weekdays.tolist() == [0, 2]
    assert counted.outside == 1
    days = np.arange("2026-01-05", "2026-01-08", dtype="datetime64[D]")
    assert fit.count_arrivals(stamps, "1h", begin="7h", end="9h", days=days).counts.tolist() == [[3, 0], [0, 0], [0, 1]]
    with pytest.raises(fit.FitError, match="not a whole number of intervals"):
        fit.count_arrivals(stamps, "25m", begin="7h", end="9h")
    with pytest.raises(fit.FitError, match="given twice"):
        fit.count_arrivals(stamps, days=[3, 3])


def test_poisson_within_intervals() -> None:
    """Right p values for rates that jump at borders; crowds of three are seen; whole seconds need their resolution."""
    rng = generator(11)
    rejected = 0
    for _ in range(200):
        counts = rng.poisson([50, 5, 80, 20])
        times = np.concatenate([3600 * i + rng.uniform(0, 3600, n) for i, n in enumerate(counts)])
        rejected += fit.poisson_test(times, "1h").p_value < 0.05
    assert rejected <= 22  # 10 +- 3.1
    crowds = np.repeat(rng.uniform(0, 36_000, 100), 3) + rng.uniform(0, 20, 300)
    assert fit.poisson_test(crowds, "1h").p_value < 1e-6
    seconds = np.floor(rng.uniform(0, 36_000, 4000))
    assert fit.poisson_test(seconds, "30m").p_value < 1e-3 < 0.01 < fit.poisson_test(seconds, "30m", resolution_s=1).p_value
