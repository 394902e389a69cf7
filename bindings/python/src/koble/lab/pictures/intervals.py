"""Figures by interval of the day, over replications: what a picture of the day is made of."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError, unknown_name
from ...times import duration_ns, format_duration
from ..figures import Fold
from ..traffic import ALL
from .marks import Floats

if TYPE_CHECKING:
    from ..analysis import Course, Sample
    from ..study import Study

__all__ = ["Intervals", "intervals"]

Ints = npt.NDArray[np.int64]
#: A picture of more tells nothing, and costs.
_MOST = 1000
#: Agents are counted so many times in each interval, at even distances.
_LOOKS = 12
#: Of one replication: numerators and denominators (each by interval) of figures of streams.
_Parts = dict[tuple[str, str], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Intervals:
    """Of every figure and stream (``all``: together) numerators and denominators, each a matrix of replications x intervals."""

    study: str
    plan: str
    edges_ns: Ints
    confidence: float
    samples: dict[tuple[str, str], Sample]

    @property
    def replications(self) -> int:
        return len(next(iter(self.samples.values()))[0])

    @property
    def edges_h(self) -> Floats:
        return self.edges_ns / 3.6e12

    def sample(self, figure: str, stream: str = ALL) -> Sample:
        """:raises koble.errors.UnknownError: where there is no such figure or stream."""
        if (stream, figure) not in self.samples:
            streams = list(dict.fromkeys(of for of, _ in self.samples))
            if stream not in streams:
                raise unknown_name("stream", stream, streams)
            raise unknown_name("figure by interval", figure, [name for of, name in self.samples if of == stream])
        return self.samples[stream, figure]

    def course(self, figure: str, stream: str = ALL) -> Course:
        """With the interval at each time and the band over all; of at least two replications
        (:func:`koble.lab.analysis.course`)."""
        from ..analysis import course

        return course(*self.sample(figure, stream), confidence=self.confidence)

    def spread(self, figure: str, stream: str = ALL, share: float = 0.8) -> tuple[Floats, Floats]:
        """Between which values the middle ``share`` of replications lies, interval by interval; NaN where none of them has a
        value."""
        above, below = self.sample(figure, stream)
        each = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
        low, high = np.full(above.shape[1], np.nan), np.full(above.shape[1], np.nan)
        known = np.isfinite(each).any(axis=0)
        if known.any():
            low[known], high[known] = np.nanquantile(each[:, known], [(1 - share) / 2, (1 + share) / 2], axis=0)
        return low, high


def intervals(
    study: Study,
    every: Any = "30m",
    *,
    plan: str | None = None,
    replications: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Intervals:
    """Plays replications of a plan (the first, where none is named) and measures interval by interval from the warm-up to the
    horizon.

    Every figure of streams that docs/studies.md lists: contacts count in the interval in which they arrived, times in the one
    in which they were spent. Of all streams together also ``agents_there`` and ``agents_busy``, the mean of 12 counts at even
    distances in each interval, and of each ``arrivals_per_hour``. They are the very replications, with the same seeds, that
    ``study.run()`` carries out; ``replications`` of them, by default the study's number. ``every``: a duration; the last
    interval is shorter where the horizon ends it. ``executor``: any of concurrent.futures.

    :raises ArgumentError: where there would be more than 1000 intervals, or a value is out of range.
    """
    length = duration_ns(every)
    if length <= 0:
        raise ArgumentError(f"every: is {every!r}; write a duration of more than 0, such as '30m'")
    count = study.replications if replications is None else replications
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ArgumentError(f"replications: is {count!r}; write a whole number from 1 on")
    name = next(iter(study.centres)) if plan is None else plan
    if name not in study.centres:
        raise unknown_name("plan", name, study.centres)
    span = study.horizon_ns - study.warmup_ns
    if span > _MOST * length:
        raise ArgumentError(
            f"every: {format_duration(length)} makes more than {_MOST} intervals of {format_duration(span)}; write a longer "
            "one, or a study with a shorter horizon"
        )
    edges = np.arange(study.warmup_ns // length + 1, -(-study.horizon_ns // length)) * length
    edges = np.concatenate([[study.warmup_ns], edges, [study.horizon_ns]]).astype(np.int64)
    looking = copy.copy(study)
    fractions = (np.arange(_LOOKS) + 0.5) / _LOOKS
    looking.at_ns = np.unique((edges[:-1, None] + np.diff(edges)[:, None] * fractions).astype(np.int64).ravel()).tolist()
    tasks = [(looking, number, name, edges) for number in range(count)]
    done: list[_Parts] = []
    for one in map(_of_one, tasks) if executor is None else executor.map(_of_one, tasks):
        done.append(one)
        if progress is not None:
            progress(len(done), count)
    figures: dict[tuple[str, str], None] = {key: None for one in done for key in one}
    nothing = np.zeros(len(edges) - 1)
    samples = {
        key: (
            np.array([one[key][0] if key in one else nothing for one in done]),
            np.array([one[key][1] if key in one else nothing for one in done]),
        )
        for key in figures
    }
    return Intervals(study.name, name, edges, study.confidence, samples)


def _of_one(task: tuple[Study, int, str, Ints]) -> _Parts:
    study, number, plan, edges = task
    world = study.open(number, plan)
    fold = Fold(len(study.streams), len(study.centres[plan].plan.agents), edges, study.thresholds_ns, [], quantiles=False)
    for records in world.blocks():
        fold.add(records)
    parts = len(edges) - 1
    found: _Parts = {}
    for stream, columns in (
        (ALL, range(len(study.streams))),
        *((s.name, range(n, n + 1)) for n, s in enumerate(study.streams)),
    ):
        by_part = [fold.figures(part, columns) for part in range(parts)]
        for figure in {name: None for one in by_part for name in one}:  # some figures appear only where something came again
            pairs = np.array([one.get(figure, (0.0, 0.0)) for one in by_part])
            found[stream, figure] = (pairs[:, 0].copy(), pairs[:, 1].copy())
        found[stream, "arrivals_per_hour"] = (found[stream, "arrivals"][0], np.diff(edges) / 3.6e12)
    samples = world.samples()
    part = np.clip(np.searchsorted(edges, samples["time_ns"], "right") - 1, 0, parts - 1)
    looks = np.bincount(part, minlength=parts).astype(np.float64)
    for figure, key in (("agents_there", "present"), ("agents_busy", "busy")):
        found[ALL, figure] = (np.bincount(part, samples[key], parts) / np.maximum(looks, 1), np.minimum(looks, 1))
    return found
