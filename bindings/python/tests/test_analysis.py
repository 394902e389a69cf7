"""Output analysis of one system and of two: batches, sequential stopping, pairs; by hand, and held against many seeded runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("scipy")
from koble.errors import ArgumentError  # noqa: E402
from koble.lab import analysis as an  # noqa: E402
from koble.lab.estimate import ratio  # noqa: E402
from scipy import stats  # noqa: E402
from analysis_sources import Sample, autoregressive, holds, queue_waits, skewed, source  # noqa: E402


# Batches


def test_the_beginning_is_cut_where_the_formula_is_least() -> None:
    rng = source(1)
    for n in (50, 53, 200, 1000):
        series = autoregressive(rng, n, 0.5, 30)
        means = series[: n // 5 * 5].reshape(-1, 5).mean(axis=1)
        k = len(means)
        by_hand = [np.sum((means[d:] - means[d:].mean()) ** 2) / (k - d) ** 2 for d in range(k - 4)]
        cut = an.mser(series)
        np.testing.assert_allclose(cut.statistic[: k - 4], by_hand, rtol=1e-9)
        assert np.isnan(cut.statistic[k - 4 :]).all()
        assert cut.dropped == 5 * int(np.argmin(by_hand))


def test_a_beginning_is_found_and_a_trend_has_no_end() -> None:
    cut = an.mser([9.0] * 5 + [0, 1, 0, 1, 0] * 9)
    assert (cut.dropped, cut.found) == (5, True)
    assert an.mser([0.1] * 60).dropped == 0
    assert not an.mser(np.arange(100.0)).found
    assert not an.batch_means(np.arange(400.0)).sound
    assert any("no end" in problem for problem in an.batch_means(np.arange(400.0)).problems)


def test_neighbours_are_tested_as_von_neumann_did() -> None:
    lag1, p = an.von_neumann([1, 2, 3, 4, 5, 6, 7, 8])
    # squares of steps 7, around the mean 42: C = 1 - 7/84, variance 6/63
    assert p == pytest.approx(stats.norm.sf((1 - 7 / 84) / math.sqrt(6 / 63)))
    assert lag1 == pytest.approx(0.625)
    assert an.von_neumann([1, -1] * 8)[1] > 0.999
    assert an.von_neumann([0.1] * 9) == (0.0, 1.0)
    rng = source(2)
    rejected = np.mean([an.von_neumann(rng.normal(size=40))[1] < 0.1 for _ in range(1500)])
    assert abs(rejected - 0.1) < 0.025


def test_batches_by_hand() -> None:
    """80 values, no beginning cut: batches of 1 pass, so those of 4 are used."""
    values = source(3).normal(size=83)
    found = an.batch_means(values, truncate=3)
    assert (found.truncated, found.batch_size, found.batches, found.sound) == (3, 4, 20, True)
    means = values[3:].reshape(20, 4).mean(axis=1)
    assert found.estimate.value == pytest.approx(values[3:].mean())
    reach = stats.t.ppf(0.975, 19) * means.std(ddof=1) / math.sqrt(20)
    assert found.estimate.half_width == pytest.approx(reach)
    assert found.lag1 == pytest.approx(an.von_neumann(means)[0])
    assert an.batch_means(values, truncate=0).truncated == 3  # left over


def test_batches_grow_until_they_no_longer_hang_together() -> None:
    values = autoregressive(source(4), 40_000, 0.8)
    found = an.batch_means(values, truncate=False)
    assert found.sound and found.batch_size > 16 and found.batches >= 20
    tried = found.batch_size // 4
    for size in (1, 2, 4, tried // 2):
        assert an.von_neumann(values[len(values) % size :].reshape(-1, size).mean(axis=1))[1] < 0.1
    assert found.p_value >= 0.1


@pytest.mark.parametrize(("phi", "start"), [(0.0, 0.0), (0.7, 0.0), (0.9, 100.0)])
def test_batch_means_cover(phi: float, start: float) -> None:
    rng = source(5)
    runs = [an.batch_means(autoregressive(rng, 8000, phi, start)).estimate for _ in range(250)]
    assert np.mean([holds(run, 0) for run in runs]) > 0.91


def test_what_is_left_of_the_beginning_would_spoil_it() -> None:
    rng = source(6)
    series = [autoregressive(rng, 4000, 0.9, 300) for _ in range(60)]
    cut = np.mean([an.batch_means(one).estimate.value for one in series])
    whole = np.mean([an.batch_means(one, truncate=False).estimate.value for one in series])
    assert whole == pytest.approx(300 / 0.1 / 4000, abs=0.1)
    assert abs(cut) < 0.06


def test_waits_of_a_queue_are_covered() -> None:
    rng = source(7)
    runs = [an.batch_means(queue_waits(rng, 60_000, 0.7)) for _ in range(60)]
    assert np.mean([holds(run.estimate, 0.49 / 0.3) for run in runs]) >= 0.85
    assert np.mean([run.sound for run in runs]) > 0.8


def test_a_ratio_in_the_long_run_is_covered() -> None:
    """Mean wait from each hour's sum of waits and number of arrivals, which hang together."""
    rng, hits = source(8), 0
    for _ in range(60):
        waits = queue_waits(rng, 50_000, 0.6)
        hour = (np.cumsum(rng.exponential(1, len(waits))) / 5).astype(int)
        sums, counts = np.bincount(hour, waits), np.bincount(hour).astype(float)
        found = an.batch_means(sums, counts)
        hits += holds(found.estimate, 0.36 / 0.4)
        assert found.estimate.value == pytest.approx(sums[found.truncated :].sum() / counts[found.truncated :].sum())
    assert hits >= 0.85 * 60


def test_a_ratio_with_equal_denominators_is_a_mean() -> None:
    values = autoregressive(source(9), 3000, 0.6)
    assert an.batch_means(values, np.full(3000, 2.0)).estimate.value == pytest.approx(an.batch_means(values).estimate.value / 2)
    constant = an.batch_means(0.1 * np.arange(1.0, 101.0), np.arange(1.0, 101.0), truncate=False)
    assert constant.sound and constant.estimate.value == pytest.approx(0.1) and constant.estimate.error < 1e-15


def test_a_run_that_is_too_short_says_so() -> None:
    found = an.batch_means(autoregressive(source(10), 500, 0.95), truncate=False)
    assert not found.sound and "too short" in found.problems[0] and found.batches == 20
    with pytest.raises(ArgumentError, match="longer run"):
        an.batch_means(np.arange(30.0), truncate=15)


# Sequential


def exponential_days(seed: int) -> an.Replicate:
    def replicate(numbers: Sequence[int]) -> dict[str, Sample]:
        values = np.array([source(seed * 1_000_003 + number).exponential(10) for number in numbers])
        return {"wait": (values, np.ones(len(values))), "half": (values, np.full(len(values), 2.0))}

    return replicate


def test_it_stops_at_the_first_look_that_is_narrow_enough() -> None:
    out = an.Sequential(an.Target("wait", relative=0.1), least=10).run(exponential_days(1))
    assert out.reached and out.estimates["wait"].half_width <= 0.1 * out.estimates["wait"].value
    assert out.looks[0] == 10 and out.looks[-1] == out.replications == len(out.samples["wait"][0])
    for look in out.looks[:-1]:
        early = ratio(out.samples["wait"][0][:look], out.samples["wait"][1][:look], 0.95)
        assert early.half_width > 0.1 * early.value
    for before, after in zip(out.looks, out.looks[1:], strict=False):
        assert 1.1 * before <= after <= 2 * before or after == before + 1
    assert out.estimates["half"].value == pytest.approx(out.estimates["wait"].value / 2)


def test_it_depends_on_nothing_but_numbers() -> None:
    rule = an.Sequential(an.Target("wait", absolute=0.8))
    replicate = exponential_days(2)
    while numbers := rule.numbers:
        middle = numbers[len(numbers) // 2]  # two workers
        parts = [replicate(range(numbers[0], middle)), replicate(range(middle, numbers.stop))]
        rule.add({f: tuple(np.concatenate([part[f][i] for part in parts]) for i in (0, 1)) for f in parts[0]})
    alone = an.Sequential(an.Target("wait", absolute=0.8)).run(replicate)
    assert rule.estimates() == alone.estimates and rule.missed() == ()


def test_how_many_are_needed_solves_the_equation() -> None:
    values = source(11).normal(50, 8, 30)
    now = ratio(values, np.ones(30), 0.95)
    deviation = values.std(ddof=1)
    # Wide ones too: with few replications Student's degrees of freedom decide.
    for width in (30.0, 20.0, 12.0, 8.0, 5.0, 1.0):
        reach = {n: stats.t.ppf(0.975, n - 1) * deviation / math.sqrt(n) for n in range(2, 500)}
        assert an.replications_needed(now, width, 0.95) == min(n for n in reach if reach[n] <= width)
    assert an.replications_needed(now, now.half_width * (1 + 1e-12), 0.95) == 30
    assert an.replications_needed(now, 0, 0.95) == math.inf


def test_a_near_miss_takes_a_tenth_more_and_a_far_one_the_factor() -> None:
    values = source(34).normal(5, 1, 100)
    half = ratio(values, np.ones(100), 0.95).half_width
    for wanted, upto in ((half * 0.999, 110), (half / 1.3, None), (half / 10, 300), (half * 1.001, 100)):
        rule = an.Sequential(an.Target("x", absolute=wanted), least=100, growth=3)
        rule.add({"x": values})
        needed = an.replications_needed(ratio(values, np.ones(100), 0.95), wanted, 0.95)
        assert rule.numbers == range(100, int(needed) if upto is None else upto)


def test_together_takes_more_than_each() -> None:
    targets = [an.Target("wait", relative=0.1), an.Target("half", relative=0.1)]
    each = an.Sequential(targets).run(exponential_days(3))
    both = an.Sequential(targets, simultaneous=True).run(exponential_days(3))
    assert both.replications > each.replications
    above, below = both.samples["wait"]
    assert both.estimates["wait"] == ratio(above, below, 0.975)


def test_the_maximum_ends_it_and_says_which_is_missed() -> None:
    out = an.Sequential([an.Target("wait", relative=0.001), an.Target("half", absolute=50)], most=77).run(exponential_days(4))
    assert (out.replications, out.missed, out.reached) == (77, ("wait",), False)


def test_a_figure_that_is_always_0_has_no_relative_width() -> None:
    def nothing(numbers: Sequence[int]) -> dict[str, Sample]:
        return {"refused": (np.zeros(len(numbers)), np.ones(len(numbers)))}

    assert an.Sequential(an.Target("refused", relative=0.1), most=100).run(nothing).missed == ("refused",)
    assert an.Sequential(an.Target("refused", relative=0.1, absolute=0.01)).run(nothing).replications == 20


def test_stopped_intervals_cover() -> None:
    rng, hits = source(12), 0
    for _ in range(400):
        rule = an.Sequential(an.Target("x", relative=0.1), least=20)
        hits += holds(rule.run(lambda n: {"x": (rng.exponential(1, len(n)), np.ones(len(n)))}).estimates["x"], 1)
    assert hits / 400 > 0.92


# Pairs


def test_pairs_of_means_are_the_paired_t() -> None:
    first, second = np.array([12.0, 15, 11, 18, 20]), np.array([10.0, 14, 10, 15, 19])
    found = an.difference(first, second)
    exact = stats.ttest_rel(first, second).confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == (pytest.approx(exact.low), pytest.approx(exact.high))
    assert found.difference.value == pytest.approx(1.6) and found.decided
    assert found.correlation == pytest.approx(np.corrcoef(first, second)[0, 1])
    independent = first.var(ddof=1) + second.var(ddof=1)
    assert found.variance_reduction == pytest.approx(independent / (first - second).var(ddof=1))
    assert found.relative.value == pytest.approx(15.2 / 13.6 - 1)


def test_the_delta_method_is_the_jackknife_for_many_replications() -> None:
    rng = source(13)
    one = skewed(rng, 400)
    other = (one[0] * rng.uniform(0.8, 1.4, 400), one[1] * rng.uniform(0.9, 1.1, 400))
    found = an.difference(one, other)
    left = [np.delete(np.stack([*one, *other]), i, axis=1).sum(axis=1) for i in range(400)]
    apart = np.array([a / b - c / d for a, b, c, d in left])
    quotient = np.array([(a / b) / (c / d) for a, b, c, d in left])
    for estimate, jackknifed in ((found.difference, apart), (found.relative, quotient)):
        error = math.sqrt(399 / 400 * np.sum((jackknifed - jackknifed.mean()) ** 2))
        assert estimate.error == pytest.approx(error, rel=0.02)


def test_paired_differences_cover() -> None:
    rng, hits, relative = source(14), 0, 0
    for _ in range(500):
        contacts, mood = rng.gamma(9, 20, 40), rng.gamma(4, 0.25, 40)
        one = (contacts * mood * rng.uniform(0.8, 1.2, 40), contacts)
        other = (contacts * mood * rng.uniform(1.0, 1.5, 40), contacts)
        found = an.difference(one, other)
        hits += holds(found.difference, -0.25)
        relative += holds(found.relative, 1 / 1.25 - 1)
        assert found.variance_reduction > 2
    assert min(hits, relative) / 500 > 0.92


def test_all_hold_together() -> None:
    rng, every, against = source(15), 0, 0
    for _ in range(300):
        common = rng.normal(size=15)
        samples = {name: common + rng.normal(mean, 1, 15) for name, mean in (("a", 0), ("b", 1), ("c", 1), ("d", 2))}
        truth = {"a": 0, "b": 1, "c": 1, "d": 2}
        pairs = an.all_pairs(samples, confidence=0.9)
        assert list(pairs) == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")]
        every += all(holds(one.difference, truth[i] - truth[j]) for (i, j), one in pairs.items())
        control = an.versus(samples, "a", confidence=0.9)
        against += all(holds(one.difference, truth[i]) for i, one in control.items())
        assert control["b"].difference.half_width < pairs["a", "b"].difference.half_width
    assert min(every, against) / 300 >= 0.9


def test_one_system_with_itself_differs_by_nothing() -> None:
    sample = skewed(source(16), 20)
    found = an.difference(sample, sample)
    assert found.difference.value == found.difference.half_width == 0 and not found.decided
    assert found.correlation == pytest.approx(1) and found.variance_reduction == math.inf
    still = an.difference(np.ones(5), np.zeros(5))
    assert math.isnan(still.correlation) and math.isnan(still.relative.value) and still.decided
