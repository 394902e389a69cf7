"""Durations that a likelihood takes: exact, censored on the right, seen only beyond a cut; equal ones together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import FitError
from .laws import SmoothLaw

__all__ = ["Sample", "checked", "checked_flags"]

Floats = npt.NDArray[np.float64]


def checked(values: npt.ArrayLike, what: str) -> Floats:
    """One-dimensional finite seconds of at least 0; FitError says where they are not."""
    array = np.asarray(values)
    if array.dtype.kind not in "iufb" or array.ndim != 1:
        raise FitError(f"{what}: write one-dimensional numbers of seconds, not {array.ndim}-dimensional {array.dtype}")
    seconds = array.astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(seconds) | (seconds < 0))
    if len(wrong):
        raise FitError(
            f"{what}: {seconds[wrong[0]]:g} at place {wrong[0]} ({len(wrong)} such values); durations are finite and not "
            "negative: mend the record, or leave those rows out"
        )
    return seconds


def checked_flags(values: npt.ArrayLike, count: int, what: str) -> npt.NDArray[np.bool_]:
    """So many bools; FitError where these are none."""
    flags = np.asarray(values)
    if flags.dtype.kind != "b" or flags.shape != (count,):
        raise FitError(f"{what}: write one bool for each of the {count} durations, not {flags.dtype} of shape {flags.shape}")
    return flags.astype(np.bool_)


def _grouped(values: Floats) -> tuple[Floats, Floats]:
    found, counts = np.unique(values, return_counts=True)
    return found, counts.astype(np.float64)


@dataclass(frozen=True)
class Sample:
    """Seconds and how often each occurs. Records are in whole seconds, so this is far shorter than the record.

    ``beyond_s``: nothing at or below it was seen (left truncation); each likelihood is conditional on X > beyond_s.
    """

    ended_s: Floats
    ended_count: Floats
    censored_s: Floats
    censored_count: Floats
    beyond_s: float = 0.0

    @classmethod
    def of(cls, values_s: npt.ArrayLike, ended: npt.ArrayLike | None = None, *, beyond_s: float = 0.0) -> Sample:
        """``ended``: per value, True where it is the duration itself, False where that is longer (censored); without it all are
        exact. Values at or below ``beyond_s`` are left out."""
        seconds = checked(values_s, "durations")
        exact = np.ones(len(seconds), bool) if ended is None else checked_flags(ended, len(seconds), "ended")
        seen = seconds > beyond_s
        return cls(*_grouped(seconds[seen & exact]), *_grouped(seconds[seen & ~exact]), beyond_s)

    @property
    def ended(self) -> int:
        """How many exact durations."""
        return int(self.ended_count.sum())

    @property
    def censored(self) -> int:
        return int(self.censored_count.sum())

    @property
    def mean_beyond_s(self) -> float:
        """Time beyond the cut over ends: the exponential law's estimate, and the scale of every start."""
        time = self.ended_count @ (self.ended_s - self.beyond_s) + self.censored_count @ (self.censored_s - self.beyond_s)
        return float(time) / max(self.ended, 1)

    def log_likelihood(self, law: SmoothLaw) -> float:
        """Sum of log f over the exact, of log P(X > x) over the censored, less log P(X > beyond) for each."""
        total = float(self.ended_count @ law.log_density(self.ended_s))
        if len(self.censored_s):
            total += float(self.censored_count @ law.log_survival(self.censored_s))
        if self.beyond_s > 0:
            total -= (self.ended + self.censored) * float(law.log_survival(self.beyond_s))
        return total

    def moments_of_logs(self) -> tuple[float, float]:
        """Mean and deviation of the logarithms of all values, censored ones as they are: a start, no estimate where some are
        censored."""
        values: Any = np.concatenate([self.ended_s, self.censored_s])
        counts = np.concatenate([self.ended_count, self.censored_count])
        logs = np.log(values)
        mean = float(counts @ logs / counts.sum())
        return mean, float(np.sqrt(counts @ (logs - mean) ** 2 / counts.sum()))
