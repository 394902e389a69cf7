"""Output analysis: selections, controls, strata, distributions, courses; by hand, held against many seeded runs, and what is said to mistakes."""

from __future__ import annotations

import doctest
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from support import ROOT

pytest.importorskip("scipy")
from koble.errors import ArgumentError, KobleError  # noqa: E402
from koble.lab import analysis as an  # noqa: E402
from koble.lab.estimate import ratio  # noqa: E402
from scipy import optimize, stats  # noqa: E402
from analysis_sources import holds, source  # noqa: E402


# Ranking


def normal_systems(
    rng: np.random.Generator, means: Sequence[float], deviations: Sequence[float], common: float = 0.0, most: int = 3000
) -> tuple[list[str], Any, dict[str, int]]:
    """Systems whose values of one number share a normal part of this variance."""
    share, names = rng.normal(0, math.sqrt(common), most), [f"s{i}" for i in range(len(means))]
    values = {n: m + share + rng.normal(0, s, most) for n, m, s in zip(names, means, deviations, strict=True)}
    asked = dict.fromkeys(names, 0)

    def replicate(system: str, numbers: Sequence[int]) -> np.ndarray[Any, Any]:
        assert numbers[0] == asked[system]  # each once, in order
        asked[system] += len(numbers)
        return values[system][numbers[0] : numbers[-1] + 1]

    return names, replicate, asked


@pytest.mark.parametrize("common", [0.0, 3.0])
def test_the_best_is_selected_as_often_as_promised(common: float) -> None:
    """The hardest case: all others are worse by exactly the difference that matters."""
    rng, right = source(17), 0
    for _ in range(400):
        names, replicate, asked = normal_systems(rng, [0.5, 0, 0, 0], [1, 0.7, 1, 1.5], common, 600)
        found = an.select_best(names, replicate, difference=0.5, confidence=0.9, first=10, ahead=5)
        right += found.selected == "s0"
        assert found.spent == asked and found.guaranteed
    assert right / 400 >= 0.9


def test_common_random_numbers_spare_replications() -> None:
    rng = source(18)
    spent = {}
    for common in (0.0, 0.9):
        spent[common] = 0
        for _ in range(30):
            names, replicate, _ = normal_systems(rng, [1, 0.6, 0.2, 0], [math.sqrt(1 - common)] * 4, common)
            spent[common] += an.select_best(names, replicate, difference=0.3, first=10).total
    assert spent[0.9] < spent[0.0] / 3


def test_what_is_asked_ahead_decides_nothing() -> None:
    for best in ("largest", "smallest"):
        found = []
        for ahead in (1, 7, 50):
            names, replicate, _ = normal_systems(source(19), [0, 0.2, 0.3, 0.35], [1, 1, 1, 1])
            found.append(an.select_best(names, replicate, difference=0.1, first=10, best=best, ahead=ahead))
        assert len({(one.selected, one.eliminations) for one in found}) == 1
        assert found[0].total < found[2].total < found[0].total + 4 * 50
        assert found[0].selected == ("s3" if best == "largest" else "s0")
        assert min(found[0].means.values()) > -0.3 and found[0].means["s3"] > 0.1  # as they are, not turned round
        assert len(found[0].eliminations) == 3
        by = {name: count for name, count in found[0].spent.items()}
        for one in found[0].eliminations:
            assert by[one.system] == one.replications and one.lead > 0


def test_kn_by_hand() -> None:
    """Two systems, first = 3, alpha = 0.1: eta = (0.2^-1 - 1)/2 = 2, h^2 = 8; the difference has variance 1 at first."""
    values = {"a": [1.0, 2, 3] + [2.0] * 200, "b": [0.0, 2, 1] + [0.0] * 200}  # differences 1, 0, 2
    found = an.select_best(["a", "b"], lambda s, n: np.array(values[s])[list(n)], difference=0.5, confidence=0.9, first=3)
    # scaled = 8 x 1/0.25 = 32; mean of r: 3/r + 2(r - 3)/r ahead = (2r - 3)/r > 0.25 (32 - r)/r, so 2.25 r > 11: r = 5
    (out,) = found.eliminations
    assert (out.system, out.replications, out.by, out.lead) == ("b", 5, "a", pytest.approx(7 / 5))
    assert found.spent == {"a": 5, "b": 5} and found.means == {"a": pytest.approx(2), "b": pytest.approx(3 / 5)}


def test_the_last_look_is_one_behind_the_limit() -> None:
    """As by hand: limit 32. Means are equal until then, so that the 33rd replication decides."""
    values = {"a": [1.0, 0, 0] + [0.0] * 30, "b": [0.0, 0, 1] + [0.0] * 29 + [0.1]}  # differences 1, 0, -1
    found = an.select_best(["a", "b"], lambda s, n: np.array(values[s])[list(n)], difference=0.5, confidence=0.9, first=3)
    assert (found.selected, found.spent, found.eliminations) == ("b", {"a": 33, "b": 33}, ())


def test_equals_do_not_put_each_other_out() -> None:
    """The difference of two systems never varies, so that their limit is passed at once; another's is not."""
    noise = source(35).normal(size=5000)
    values = {"a": np.ones(5000), "b": np.ones(5000), "c": noise}
    found = an.select_best(["a", "b", "c"], lambda s, n: values[s][list(n)], difference=0.5, first=10)
    assert [one.system for one in found.eliminations] == ["c"] and found.selected == "a"


def test_a_maximum_costs_the_guarantee() -> None:
    names, replicate, _ = normal_systems(source(20), [0, 0.01], [1, 1])
    found = an.select_best(names, replicate, difference=0.01, most=50)
    assert not found.guaranteed and found.spent == {"s0": 50, "s1": 50}
    same = an.select_best(["a", "b"], lambda s, n: np.full(len(n), float(s == "b")), difference=0.5)
    assert same.selected == "b" and same.total == 40 and same.guaranteed  # no variance: nothing more to learn


def test_the_allocation_has_the_ratios_of_the_theorem() -> None:
    more = an.allocate([3, 2, 1], [1, 1, 2], [0, 0, 0], 100_000)
    # (1/1)^2 : (2/2)^2 = 1 : 1, and the best has 1 x sqrt(1 + 1/4)
    np.testing.assert_allclose(more / more.sum(), np.array([1.25**0.5, 1, 1]) / (2 + 1.25**0.5), atol=2e-5)
    more = an.allocate([4, 3, 1], [5, 2, 3], [0, 0, 0], 100_000)
    weights = np.array([5 * math.sqrt((4 / 2) ** 2 + (1 / 3) ** 2), 4, 1])  # (2/1)^2 : (3/3)^2
    np.testing.assert_allclose(more / more.sum(), weights / weights.sum(), atol=2e-5)
    assert an.allocate([3, 2, 1], [1, 1, 2], [10, 1000, 10], 100)[1] == 0
    assert an.allocate([3, 2, 1], [1, 1, 2], [10, 1000, 10], 100).sum() == 100
    assert an.allocate([1, 1], [0, 0], [5, 5], 7).tolist() == [4, 3]
    assert an.allocate([1, 1, 0], [1, 1, 1], [5, 5, 5], 10).tolist() == [5, 5, 0]  # a tie is what there is to learn about
    assert an.allocate([1, 0], [1, 0], [5, 5], 4).tolist() == [4, 0]
    assert an.allocate([1, 0], [1, 1], [5, 5], 0).tolist() == [0, 0]


def test_an_allocated_budget_selects_better_than_an_equal_one() -> None:
    rng, clever, equal = source(21), 0, 0
    for _ in range(250):
        means = np.arange(8) * 0.5
        names, replicate, asked = normal_systems(rng, means.tolist(), [2.0] * 8, most=400)
        found = an.ocba(names, replicate, budget=320, first=8)
        clever += found.selected == "s7"
        assert found.total == sum(asked.values()) == 320 and found.spent == found.stages[-1]
        equal += int(rng.normal(means, 2.0 / math.sqrt(40)).argmax()) == 7
    assert clever > equal + 15
    names, replicate, _ = normal_systems(source(22), [0, 5], [1, 1])
    early = an.ocba(names, replicate, budget=1000, wanted=0.999, best="smallest")
    assert early.selected == "s0" and early.total < 100 and early.p_correct >= 0.999


# Controls and strata


def test_one_control_by_hand() -> None:
    y, x = np.array([1.0, 3, 2, 5, 4]), np.array([1.0, 2, 3, 4, 5])
    found = an.controlled(y, x, 2.0)
    assert found.coefficients == (pytest.approx(0.8),)
    assert found.estimate.value == pytest.approx(3 - 0.8 * 1)
    line = stats.linregress(x - 2, y)
    assert found.estimate.error == pytest.approx(line.intercept_stderr)
    assert found.estimate.half_width == pytest.approx(stats.t.ppf(0.975, 3) * line.intercept_stderr)
    assert found.plain == ratio(y, np.ones(5), 0.95)


def test_controls_cover_and_reduce() -> None:
    rng, hits, reductions = source(23), 0, []
    for _ in range(500):
        controls = rng.normal([10, 5], [2, 1], (25, 2))
        values = 7 + (controls - [10, 5]) @ [1.0, -2.0] + rng.normal(0, 1, 25)
        found = an.controlled(values, controls, [10, 5])
        hits += holds(found.estimate, 7)
        reductions.append(found.variance_reduction)
    assert 0.925 < hits / 500 < 0.98
    assert np.median(reductions) > 5  # (4 + 4 + 1)/1, less what estimating coefficients costs


def test_ratios_are_controlled_above_and_below() -> None:
    rng, hits, errors, plain = source(24), 0, [], []
    for _ in range(400):
        contacts = rng.poisson(200, 40).astype(float)
        late = contacts * np.clip(0.2 + 0.004 * (contacts - 200) + rng.normal(0, 0.02, 40), 0, 1)
        found = an.controlled((late, contacts), contacts, 200)
        truth = (0.2 * 200 + 0.004 * 200) / 200  # E(N (0.2 + 0.004 (N - 200)))/E(N), Var N = 200
        hits += holds(found.estimate, truth)
        errors.append(found.estimate.value - truth)
        plain.append(found.plain.value - truth)
    assert hits / 400 > 0.92
    assert np.var(errors) < np.var(plain) / 4
    mean = an.controlled((late, np.ones(40)), contacts, 200).estimate
    alone = an.controlled(late, contacts, 200).estimate
    assert (mean.value, mean.error) == (pytest.approx(alone.value), pytest.approx(alone.error))


def test_strata_by_hand_and_by_coverage() -> None:
    found = an.stratified(np.array([1.0, 3, 10, 14]), [0, 0, 1, 1], [0.25, 0.75])
    assert found.value == pytest.approx(0.25 * 2 + 0.75 * 12)
    assert found.error**2 == pytest.approx(0.0625 * 2 / 2 + 0.5625 * 8 / 2)
    freedom = (0.0625 + 2.25) ** 2 / (0.0625**2 + 2.25**2)
    assert found.half_width == pytest.approx(stats.t.ppf(0.975, freedom) * found.error)
    rng, hits, widths, plain = source(25), 0, [], []
    for _ in range(400):
        busy = rng.uniform(0, 1, 60)
        contacts = 100 * (0.5 + busy)
        late = contacts * (0.1 + 0.4 * busy) * rng.uniform(0.9, 1.1, 60)
        estimate = an.stratified((late, contacts), np.floor(4 * busy).astype(int), [0.25] * 4)
        hits += holds(estimate, 0.05 + 0.3 / 2 + 0.4 / 3)  # E (0.5 + b)(0.1 + 0.4 b)
        widths.append(estimate.error)
        plain.append(ratio(late, contacts, 0.95).error)
    assert hits / 400 > 0.92 and np.mean(widths) < np.mean(plain) / 2


def test_replications_are_spread_over_strata() -> None:
    assert an.by_share(100, [0.1, 0.2, 0.7]).tolist() == [10, 20, 70]
    assert an.by_share(100, [0.5, 0.5], [1, 3]).tolist() == [25, 75]
    assert an.by_share(10, [0.01, 0.01, 0.98]).tolist() == [2, 2, 6]
    assert an.by_share(7, [1 / 3, 1 / 3, 1 / 3]).tolist() == [3, 2, 2]
    assert an.by_share(6, [0, 0.5, 0.5]).tolist() == [2, 2, 2]


# Distribution


def test_the_quantiles_interval_has_the_binomials_coverage() -> None:
    found = an.quantile(np.arange(1.0, 101.0), 0.5)
    low, high = found.ranks
    assert (found.low, found.high) == (low, high) == (40, 61)  # as in every table for n = 100
    assert found.coverage == pytest.approx(stats.binom.cdf(60, 100, 0.5) - stats.binom.cdf(39, 100, 0.5))
    assert found.value == 50.5
    assert an.quantile([4.0, 1, 3, 2], 0.25).value == pytest.approx(0.25 * (4 + 1 / 3) + 1 / 3)  # place p (n + 1/3) + 1/3
    few = an.quantile([3.0, 1.0, 2.0], 0.95)
    assert few.high == math.inf and few.ranks[1] == 4 and few.coverage >= 0.95
    rng = source(26)
    for share in (0.1, 0.5, 0.9):
        found = [an.quantile(rng.exponential(1, 80), share) for _ in range(800)]
        hits = [one.low <= stats.expon.ppf(share) <= one.high for one in found]
        exact = an.quantile(np.arange(80.0), share).coverage
        assert exact >= 0.95 and abs(np.mean(hits) - exact) < 0.02


def test_chances_by_the_books() -> None:
    exact = stats.binomtest(7, 20).proportion_ci(0.95, "exact")
    wilson = stats.binomtest(7, 20).proportion_ci(0.95, "wilson")
    found = an.proportion(7, 20)
    assert (found.low, found.high) == (pytest.approx(exact.low), pytest.approx(exact.high))
    found = an.proportion(7, 20, method="wilson")
    assert (found.low, found.high) == (pytest.approx(wilson.low), pytest.approx(wilson.high))
    assert an.proportion(0, 10).low == 0 and an.proportion(0, 10).high == pytest.approx(1 - 0.025**0.1)
    assert an.proportion(10, 10, method="wilson").high == 1
    for n, p in ((10, 0.1), (25, 0.5), (40, 0.93)):
        intervals = [an.proportion(x, n) for x in range(n + 1)]
        assert sum(stats.binom.pmf(x, n, p) for x in range(n + 1) if holds(intervals[x], p)) >= 0.95


def test_a_day_meets_its_target_by_its_own_share() -> None:
    days = (np.array([8.0, 79, 0, 90, 5]), np.array([10.0, 100, 0, 100, 5]))
    found = an.chance(days, at_least=0.8)
    assert (found.value, found.replications) == (0.75, 4)
    assert an.chance(days, at_most=0.8).value == 0.5
    assert an.chance(days, at_least=0.8, at_most=0.95).value == 0.5


def test_crps_by_its_definition() -> None:
    rng = source(27)
    members, seen = rng.normal(1e6, 2, (30, 11)), rng.normal(1e6, 2, 30)
    pairs = np.abs(members[:, :, None] - members[:, None, :])
    closeness = np.abs(members - seen[:, None]).mean(axis=1)
    np.testing.assert_allclose(an.crps(members, seen), closeness - pairs.mean(axis=(1, 2)) / 2, rtol=1e-7)
    np.testing.assert_allclose(an.crps(members, seen, fair=True), closeness - pairs.sum(axis=(1, 2)) / 220, rtol=1e-7)
    small, near = rng.integers(0, 2**20, (30, 11)) / 2.0**20, rng.integers(0, 2**20, 30) / 2.0**20
    assert an.crps(small + 2.0**32, near + 2.0**32).tolist() == an.crps(small, near).tolist()  # no digit is lost
    assert an.crps([0.0, 1.0], 0.25).tolist() == [0.5 - 0.25]
    assert an.crps([3.0], 5.0).tolist() == [2.0]


def test_crps_is_twice_the_pinball_over_all_shares() -> None:
    members, seen, n = source(28).normal(size=9), 0.4, 9000
    shares = (np.arange(n) + 0.5) / n
    forecast = np.quantile(members, shares, method="inverted_cdf")
    total = 2 * np.mean([an.pinball(q, seen, p)[0] for q, p in zip(forecast.tolist(), shares.tolist(), strict=True)])
    assert total == pytest.approx(float(an.crps(members, seen)[0]), rel=1e-6)


def test_the_fair_score_does_not_depend_on_the_number_of_members() -> None:
    """Of a standard normal forecast and observation: 1/sqrt(pi)."""
    rng = source(29)
    for members in (2, 5, 40):
        scores = an.mean_score(an.crps(rng.normal(size=(20_000, members)), rng.normal(size=20_000), fair=True))
        assert abs(scores.value - 1 / math.sqrt(math.pi)) < 4 * scores.error < 0.03
    few = an.mean_score(an.crps(rng.normal(size=(20_000, 2)), rng.normal(size=20_000)))
    assert few.value > 0.8  # 1.5/sqrt(pi): not fair


def test_central_intervals_of_honest_ensembles_cover() -> None:
    rng = source(30)
    found = an.coverage(rng.exponential(1, (6000, 19)), rng.exponential(1, 6000), 0.9)
    assert holds(found, 0.9) and found.half_width < 0.01
    assert an.coverage(0.3 * rng.normal(size=(500, 39)), rng.normal(size=500), 0.9).high < 0.6
    assert an.coverage([[1.0, 2, 3]], [1.0], 0.5).value == 1  # the ends belong to it


def test_the_pinball_is_least_at_the_quantile() -> None:
    values = source(31).gamma(2, 10, 4001)
    best = optimize.minimize_scalar(
        lambda q: an.pinball(np.full(4001, q), values, 0.8).mean(), bounds=(0, 100), method="bounded"
    )
    assert best.x == pytest.approx(np.quantile(values, 0.8), abs=0.2)
    assert an.pinball([1.0, 1.0], [3.0, 0.0], 0.75).tolist() == [1.5, 0.25]


# Courses


def test_a_course_is_the_ratio_at_every_time() -> None:
    rng = source(32)
    contacts = rng.poisson(30, (12, 6)).astype(float)
    late = rng.binomial(contacts.astype(int), 0.3).astype(float)
    contacts[:, 5] = 0  # and late, to be sure that it is no infinity
    course = an.course(late, contacts)
    for t in range(5):
        one, found = ratio(late[:, t], contacts[:, t], 0.95), course.at(t)
        assert found.value == pytest.approx(one.value)
        assert (found.low, found.high) == (pytest.approx(one.low), pytest.approx(one.high))
        band = ratio(late[:, t], contacts[:, t], 1 - 0.05 / 6)
        assert (course.band_low[t], course.band_high[t]) == (pytest.approx(band.low), pytest.approx(band.high))
    assert math.isnan(course.value[5]) and math.isnan(course.band_high[5])


def test_the_band_holds_as_a_whole() -> None:
    rng, each, whole = source(33), [], []
    for _ in range(500):
        course = an.course(np.cumsum(rng.normal(size=(20, 12)), axis=1))
        each.append((course.low <= 0) & (course.high >= 0))
        whole.append(bool(np.all((course.band_low <= 0) & (course.band_high >= 0))))
    assert abs(np.mean(each) - 0.95) < 0.02 and np.mean(whole) >= 0.95


# Mistakes


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda: an.mser([1.0] * 49), "at least 50"),
        (lambda: an.mser([1.0, float("nan")] * 40), r"series\[1\]: is nan"),
        (lambda: an.batch_means([1.0] * 100, [1.0] * 99), "one of each"),
        (lambda: an.batch_means([1.0] * 100, batches=10), "from 20 on"),
        (lambda: an.batch_means([1.0] * 100, truncate=-1), "True or False"),
        (lambda: an.batch_means([1.0] * 100, confidence=95), "such as 0.95"),
        (lambda: an.batch_means("waits"), "not numbers"),
        (lambda: an.Target("x"), "relative=0.05"),
        (lambda: an.Target("x", relative=-1), "more than 0"),
        (lambda: an.Sequential([]), "at least one"),
        (lambda: an.Sequential([an.Target("x", absolute=1)] * 2), "one for each figure"),
        (lambda: an.Sequential(an.Target("x", absolute=1), least=1), "from 2 on"),
        (lambda: an.Sequential(an.Target("x", absolute=1), growth=1), "above 1"),
        (lambda: an.Sequential(an.Target("x", absolute=1)).add({"y": [1.0] * 20}), "give these each time: x, y"),
        (lambda: an.Sequential(an.Target("x", absolute=1)).add({"x": [1.0] * 19}), "write the 20"),
        (lambda: an.difference([1.0, 2], [1.0, 2, 3]), "same numbers of both"),
        (lambda: an.all_pairs({"a": [1.0, 2]}), "at least two"),
        (lambda: an.versus({"a": [1.0, 2], "b": [1.0, 2]}, "c"), "write one of 'a', 'b'"),
        (lambda: an.select_best(["a"], lambda s, n: n, difference=1), "at least two"),
        (lambda: an.select_best(["a", "b"], lambda s, n: n, difference=0), "least difference that matters"),
        (lambda: an.select_best(["a", "b"], lambda s, n: [1.0], difference=1), "1 values of 20"),
        (lambda: an.select_best(["a", "b"], lambda s, n: n, difference=1, best="most"), '"largest" or "smallest"'),
        (lambda: an.select_best(["a", "b"], lambda s, n: n, difference=1, confidence=0.4), "choosing blindly"),
        (lambda: an.ocba(["a", "b"], lambda s, n: n, budget=19), "from 20 on"),
        (lambda: an.controlled([1.0, 2, 3], [1.0, 2, 3], 2), "at least 4"),
        (lambda: an.controlled([1.0, 2, 3, 4], [1.0, 1, 1, 1], 1), "never varies"),
        (lambda: an.controlled([1.0, 2, 3, 4, 9], np.outer(np.arange(5.0), [1, 2]), [1, 2]), "linear combination"),
        (lambda: an.controlled([1.0, 2, 3, 4], [1.0, 2, 3, 4], [1, 2]), "expectation of each"),
        (lambda: an.stratified([1.0, 2, 3], [0, 0, 1], [0.5, 0.5]), "merge strata"),
        (lambda: an.stratified([1.0, 2], [0, 0], [0.5, 0.4]), "together 1"),
        (lambda: an.by_share(3, [0.5, 0.5]), "2 for each stratum"),
        (lambda: an.quantile([], 0.5), "carry out"),
        (lambda: an.quantile([1.0], 90), "such as 0.9"),
        (lambda: an.proportion(3, 2), "at most as many"),
        (lambda: an.proportion(1, 2, method="wald"), '"wilson"'),
        (lambda: an.chance([1.0]), "at_least=0.8"),
        (lambda: an.chance((np.zeros(2), np.zeros(2)), at_least=0.8), "no day"),
        (lambda: an.crps([[1.0, 2]], [1.0, 2.0]), "row of members"),
        (lambda: an.crps([1.0], 1.0, fair=True), "fair=False"),
        (lambda: an.coverage(np.ones((5, 10)), np.ones(5), 0.9), "at least 19"),
        (lambda: an.pinball([1.0], [1.0, 2.0], 0.5), "one of each"),
        (lambda: an.course([1.0, 2.0]), "a row a replication"),
        (lambda: an.course([[1.0, 2.0]]), "at least 2"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_advice(call: Any, advice: str) -> None:
    with pytest.raises(ArgumentError, match=advice) as caught:
        call()
    assert isinstance(caught.value, (KobleError, ValueError))


def test_the_pages_examples() -> None:
    page = str(ROOT / "docs/analysis.md")
    answer = doctest.testfile(page, module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert answer.attempted >= 25
    assert answer.failed == 0
