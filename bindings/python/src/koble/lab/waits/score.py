"""Forecasts of waits, judged by the virtual waits of everybody who had to wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ArgumentError, KobleError
from ..analysis import Difference, Sample, difference, pinball, ratio
from ..analysis.sample import check_confidence, student
from ..estimate import Estimate
from .days import Day, study_days
from .estimators import Estimator
from .order import Floats
from .quantiles import QuantileEstimator

if TYPE_CHECKING:
    import pandas as pd

    from ..study import Study

__all__ = ["Scores", "compare", "score"]

#: Over numerators and denominators by day.
_Samples = dict[str, dict[str, Sample]]


@dataclass(frozen=True)
class Scores:
    """``scores["QL", "mse_s2"]`` is an Estimate over days; figures of one-number forecasts:

    ``mse_s2``: mean squared error; ``rmse_s``: its root; ``relative_rmse``: over the mean virtual wait; ``bias_s``: forecast
    less wait. Of quantile forecasts for each share, 0.9 say: ``pinball_p90_s`` (mean loss), ``p_below_p90`` (how often the wait
    was at most the forecast; 0.9 is right); and ``pinball_s``, the mean over the shares, and ``coverage``, how often the wait
    lay from the lowest to the highest forecast (``coverage_meant`` is the difference of their shares).
    """

    days: int
    #: Arrivals that were forecast, and those left out because they would not have been served before their day's end.
    arrivals: int
    left_out: int
    confidence: float
    mean_wait_s: Estimate
    figures: dict[str, dict[str, Estimate]]
    coverage_meant: dict[str, float]
    #: Every other forecast less the control: of ``mse_s2`` those in one number, of ``pinball_s`` those of quantiles, paired by day.
    #: All of one figure hold together (Bonferroni).
    differences: dict[str, dict[str, Difference]]
    samples: _Samples

    def __getitem__(self, key: tuple[str, str]) -> Estimate:
        return self.figures[key[0]][key[1]]

    def to_frame(self) -> pd.DataFrame:
        """One row for each estimator and figure: ``value``, ``low``, ``high``, ``error``; and, where it is a difference's figure,
        ``difference`` from the ``control`` with ``difference_low`` and ``difference_high``."""
        try:
            import pandas as pd
        except ModuleNotFoundError as missing:
            raise KobleError(f"koble.lab needs {missing.name}: pip install 'koble[lab]'") from None
        rows = []
        for name, figures in self.figures.items():
            for figure, one in figures.items():
                row: dict[str, Any] = {"estimator": name, "figure": figure, "value": one.value, "low": one.low, "high": one.high}
                row["error"] = one.error
                found = self.differences.get(figure, {}).get(name)
                row["control"] = None if found is None else found.second
                for key in ("value", "low", "high"):
                    word = "difference" if key == "value" else f"difference_{key}"
                    row[word] = float("nan") if found is None else getattr(found.difference, key)
                rows.append(row)
        return pd.DataFrame(rows).set_index(["estimator", "figure"])

    def __str__(self) -> str:
        lines = [
            f"{self.arrivals:,} arrivals of {self.days} days who had to wait {self.mean_wait_s} s on average"
            + (f"; {self.left_out} more would not have been served" if self.left_out else "")
        ]
        points = [name for name, figures in self.figures.items() if "mse_s2" in figures]
        if points:
            lines.append(f"{'estimator':<36}{'rmse s':>18}{'relative':>10}{'bias s':>18}{'mse s2, less control':>30}")
        for name in points:
            own, found = self.figures[name], self.differences.get("mse_s2", {}).get(name)
            lines.append(
                f"{name:<36}{own['rmse_s']!s:>18}{own['relative_rmse'].value:>10.3f}{own['bias_s']!s:>18}"
                f"{'control' if found is None else found.difference!s:>30}"
            )
        for name, own in self.figures.items():
            if "pinball_s" in own:
                below = ", ".join(
                    f"{100 * one.value:.1f} % below {key.removeprefix('p_below_')}" for key, one in own.items() if key.startswith("p_below_")
                )
                lines.append(f"{name:<36}pinball {own['pinball_s']} s; {below}; {100 * own['coverage'].value:.1f} % covered")
        return "\n".join(lines)


def score(
    days: Sequence[Day],
    estimators: Iterable[Estimator | QuantileEstimator],
    *,
    control: str | None = None,
    confidence: float = 0.95,
) -> Scores:
    """Judges fitted estimators on days. Each figure is a ratio of sums over days, with the delta method's interval: days are
    independent, arrivals of one day are not. ``control``: name of the one that others are compared with, the first without it.

    :raises ArgumentError: where there are fewer than two days, nobody had to wait, or two estimators have one name.
    """
    check_confidence(confidence)
    if len(days) < 2:
        raise ArgumentError(f"days: are {len(days)}; write at least two, since intervals are over days")
    listed = list(estimators)
    names = [one.name for one in listed]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"estimators: two are called {name!r}; give one another name, estimator.name = ...")
    if control is not None and control not in names:
        raise ArgumentError(f"control: is {control!r}; write one of {', '.join(map(repr, names))}")
    count = np.array([len(day.waits_s) for day in days], np.float64)
    if not count.sum():
        raise ArgumentError("days: nobody had to wait on them; take busier ones")
    wait = np.array([day.waits_s.sum() for day in days])
    figures: dict[str, dict[str, Estimate]] = {}
    samples: _Samples = {}
    meant: dict[str, float] = {}
    for one in listed:
        if isinstance(one, QuantileEstimator):
            samples[one.name] = _of_quantiles(one, days, count)
            meant[one.name] = one.shares[-1] - one.shares[0]
            figures[one.name] = {figure: ratio(*sample, confidence) for figure, sample in samples[one.name].items()}
        else:
            samples[one.name] = _of_points(one, days, count)
            squares, bias = samples[one.name]["mse_s2"], samples[one.name]["bias_s"]
            figures[one.name] = {
                "mse_s2": ratio(*squares, confidence),
                "rmse_s": _root(squares[0], count, None, confidence),
                "relative_rmse": _root(squares[0], count, wait, confidence),
                "bias_s": ratio(*bias, confidence),
            }
    return Scores(
        days=len(days),
        arrivals=int(count.sum()),
        left_out=sum(day.left_out for day in days),
        confidence=confidence,
        mean_wait_s=ratio(wait, count, confidence),
        figures=figures,
        coverage_meant=meant,
        differences={figure: _differences(samples, figure, control, confidence) for figure in ("mse_s2", "pinball_s")},
        samples=samples,
    )


def _of_points(one: Estimator, days: Sequence[Day], count: Floats) -> dict[str, Sample]:
    errors = [one.predict_s(day.states) - day.waits_s for day in days]
    return {
        "mse_s2": (np.array([float(error @ error) for error in errors]), count),
        "bias_s": (np.array([float(error.sum()) for error in errors]), count),
    }


def _of_quantiles(one: QuantileEstimator, days: Sequence[Day], count: Floats) -> dict[str, Sample]:
    losses, below = np.zeros((len(days), len(one.shares))), np.zeros((len(days), len(one.shares)))
    covered = np.zeros(len(days))
    for row, day in enumerate(days):
        if not len(day.waits_s):
            continue
        forecast = one.quantiles_s(day.states)
        for column, share in enumerate(one.shares):
            losses[row, column] = pinball(forecast[:, column], day.waits_s, share).sum()
        inside = day.waits_s[:, None] <= forecast
        below[row] = inside.sum(axis=0)
        covered[row] = ((day.waits_s >= forecast[:, 0]) & inside[:, -1]).sum()
    found: dict[str, Sample] = {"pinball_s": (losses.mean(axis=1), count)}
    for column, share in enumerate(one.shares):
        found[f"pinball_p{100 * share:g}_s"] = (losses[:, column], count)
        found[f"p_below_p{100 * share:g}"] = (below[:, column], count)
    found["coverage"] = (covered, count)
    return found


def _root(squares: Floats, count: Floats, wait: Floats | None, confidence: float) -> Estimate:
    """sqrt(squares / count), or that over wait / count: with the delta method's interval, from the logarithm's differential."""
    days = len(count)
    means = squares.mean(), count.mean(), 1.0 if wait is None else wait.mean()
    if min(means) <= 0:
        return Estimate(0.0 if squares.sum() == 0 else float("nan"), float("nan"), float("nan"), float("nan"), days)
    if wait is None:
        value = (means[0] / means[1]) ** 0.5
        around = value * (squares / means[0] - count / means[1]) / 2
    else:
        value = (means[0] * means[1]) ** 0.5 / means[2]
        around = value * (squares / means[0] / 2 + count / means[1] / 2 - wait / means[2])
    error = float(np.std(around, ddof=1)) / days**0.5
    reach = student(confidence, days - 1) * error
    return Estimate(float(value), float(value - reach), float(value + reach), error, days)


def _differences(samples: Mapping[str, Mapping[str, Sample]], figure: str, control: str | None, confidence: float) -> dict[str, Difference]:
    own = {name: figures[figure] for name, figures in samples.items() if figure in figures}
    if len(own) < 2:
        return {}
    base = control if control in own else next(iter(own))
    each = 1 - (1 - confidence) / (len(own) - 1)
    return {
        name: difference(sample, own[base], confidence=each, names=(name, base)) for name, sample in own.items() if name != base
    }


def compare(
    study: Study,
    estimators: Iterable[Estimator | QuantileEstimator],
    *,
    train: Iterable[int],
    test: Iterable[int],
    plan: str | None = None,
    method: str = "auto",
    sample: int | None = None,
    control: str | None = None,
    confidence: float = 0.95,
    executor: Executor | None = None,
) -> Scores:
    """Fits estimators on some replications of a study and judges them on others: ``train`` and ``test`` are numbers of
    replications, each of which has seeds of its own. ``method``, ``sample`` and ``executor``: how virtual waits are found
    (:func:`study_days`).

    :raises ArgumentError: where a replication is to be in both, or as :func:`study_days` and :func:`score` do.
    """
    first, second = list(train), list(test)
    both = sorted(set(first) & set(second))
    if both:
        raise ArgumentError(f"train and test: replication {both[0]} is in both; write separate ones, such as range(20) and range(20, 60)")
    listed = list(estimators)
    learnt = study_days(study, first, plan=plan, method=method, sample=sample, executor=executor)
    for one in listed:
        one.fit(learnt)
    judged = study_days(study, second, plan=plan, method=method, sample=sample, executor=executor)
    return score(judged, listed, control=control, confidence=confidence)
