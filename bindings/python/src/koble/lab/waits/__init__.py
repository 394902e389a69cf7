"""How long will it take? Forecasts of waits, scored against what everybody would have waited (docs/waits.md).

Who hangs up has a wait that is cut short; scores over survivors alone flatter forecasts that are too low. Here each arrival
that had to wait has a *virtual wait*, exact, by the log or by a day that is simulated once more::

    study = koble.lab.Study(pathlib.Path("day.json"))
    print(waits.compare(study, waits.usual(), train=range(20), test=range(20, 60)))
"""

from __future__ import annotations

from .counterfactual import counterfactual_waits_ns
from .days import Day, study_days
from .estimators import (
    AverageLes,
    Estimator,
    ExtrapolatedLes,
    HeadOfLine,
    LastToComplete,
    LastToEnter,
    MeanOfLast,
    NoInformation,
    ProportionalLes,
    QueueLength,
    QueueLengthAbandon,
    QueueLengthAbandonLog,
    RecentToComplete,
)
from .order import cut, had_to_wait
from .quantiles import EmpiricalQuantiles, QuantileEstimator, QuantileRegression, QueueLengthQuantiles
from .regression import FEATURES, LinearRegression, SplineRegression
from .score import Scores, compare, score
from .states import States, states
from .there import There
from .virtual import check_first_come, study_waits_ns, virtual_waits_ns, wrap_ups_ns

__all__ = [
    "FEATURES",
    "AverageLes",
    "Day",
    "EmpiricalQuantiles",
    "Estimator",
    "ExtrapolatedLes",
    "HeadOfLine",
    "LastToComplete",
    "LastToEnter",
    "LinearRegression",
    "MeanOfLast",
    "NoInformation",
    "ProportionalLes",
    "QuantileEstimator",
    "QuantileRegression",
    "QueueLength",
    "QueueLengthAbandon",
    "QueueLengthAbandonLog",
    "QueueLengthQuantiles",
    "RecentToComplete",
    "Scores",
    "SplineRegression",
    "States",
    "There",
    "check_first_come",
    "compare",
    "counterfactual_waits_ns",
    "cut",
    "had_to_wait",
    "score",
    "states",
    "study_days",
    "study_waits_ns",
    "usual",
    "virtual_waits_ns",
    "wrap_ups_ns",
]


def usual() -> list[Estimator | QuantileEstimator]:
    """One of each kind, new ones."""
    points: list[Estimator | QuantileEstimator] = [
        QueueLengthAbandon(), QueueLength(), QueueLengthAbandonLog(), NoInformation(), LastToEnter(), HeadOfLine(), LastToComplete(),
        RecentToComplete(), MeanOfLast(10), ExtrapolatedLes(), AverageLes(10), ProportionalLes(), LinearRegression(), SplineRegression(),
    ]  # fmt: skip
    return [*points, QueueLengthQuantiles(), EmpiricalQuantiles(), EmpiricalQuantiles(feature="waiting_per_agent"), QuantileRegression()]
