"""What simulated figures are worth: intervals, comparisons, selections and scores (docs/analysis.md).

Everything here works on arrays and on functions that give such arrays, never on the simulator itself. What replications leave
of a figure is its *sample*: a tuple of numerators and denominators, one of each from every replication, by number. The figure
is the ratio of their sums; a mean has denominators of 1, and may be written as the array of its values alone.
"""

from __future__ import annotations

from ..estimate import Estimate, ratio
from .allocation import Allocated, allocate, ocba
from .batch import SteadyState, Truncation, batch_means, mser, von_neumann
from .control import Controlled, controlled
from .distribution import Quantile, chance, coverage, crps, days, mean_score, pinball, proportion, quantile
from .paired import Difference, all_pairs, difference, versus
from .ranking import Elimination, Selection, select_best
from .sample import Replicate, Sample
from .sequential import Outcome, Sequential, Target, replications_needed
from .series import Course, course
from .strata import by_share, stratified

__all__ = [
    "Allocated",
    "Controlled",
    "Course",
    "Difference",
    "Elimination",
    "Estimate",
    "Outcome",
    "Quantile",
    "Replicate",
    "Sample",
    "Selection",
    "Sequential",
    "SteadyState",
    "Target",
    "Truncation",
    "all_pairs",
    "allocate",
    "batch_means",
    "by_share",
    "chance",
    "controlled",
    "course",
    "coverage",
    "crps",
    "days",
    "difference",
    "mean_score",
    "mser",
    "ocba",
    "pinball",
    "proportion",
    "quantile",
    "ratio",
    "replications_needed",
    "select_best",
    "stratified",
    "versus",
    "von_neumann",
]
