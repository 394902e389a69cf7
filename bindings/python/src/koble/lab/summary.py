"""From replications, or the parts of one long run, to figures with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import KobleError
from .estimate import Estimate, ratio
from .precision import Day
from .result import Replication, Result, Section
from .traffic import ALL, Stream

__all__ = ["of_one_run", "of_replications"]

Samples = dict[Section, dict[str, Any]]
Estimates = dict[Section, dict[str, Estimate]]


def of_replications(
    name: str,
    done: Sequence[Replication],
    confidence: float,
    *,
    days: Sequence[Day] = (),
    controls: Sequence[Stream] = (),
    window_ns: tuple[int, int] = (0, 0),
    problems: Sequence[str] = (),
) -> Result:
    """Each figure as a ratio over all replications. ``controls``: streams whose arrivals within the window figures are adjusted by; ``days``:
    chances that a replication reaches something."""
    samples: Samples = {}
    for section in done[0]:
        names = {figure: None for one in done for figure in one[section]}
        samples[section] = {figure: _sample(done, section, figure) for figure in names}
    estimates: Estimates = {
        section: {figure: ratio(above, below, confidence) for figure, (above, below) in figures.items()}
        for section, figures in samples.items()
    }
    if controls:
        _control(controls, window_ns, samples, estimates, confidence)
    for day in days:
        section = ("streams", day.stream)
        if section not in samples or day.figure not in samples[section]:
            raise KobleError(f"days: there is no figure {day.figure!r} of {day.stream!r}; docs/studies.md lists them")
        estimates[section][day.name] = day.chance(samples[section][day.figure], confidence)
    return Result(name, len(done), confidence, estimates, samples, tuple(problems))


def of_one_run(name: str, parts: Sequence[Replication], confidence: float) -> Result:
    """Batch means over the parts of one long run."""
    from .analysis import batch_means

    estimates: Estimates = {}
    problems: list[str] = []
    for section in parts[0]:
        estimates[section] = {}
        for figure in parts[0][section]:
            above, below = _sample(parts, section, figure)
            if below.sum() == 0:
                continue
            found = batch_means(above, below, confidence=confidence)
            estimates[section][figure] = found.estimate
            problems += [f"{figure} of {section[1]}: {problem}" for problem in found.problems]
    return Result(name, 1, confidence, estimates, {}, tuple(problems))


def _sample(done: Sequence[Replication], section: Section, figure: str) -> Any:
    """Numerators and denominators; 0 where a replication knows nothing of the figure."""
    pairs = np.array([one[section].get(figure, (0.0, 0.0)) for one in done])
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def _control(
    streams: Sequence[Stream], window_ns: tuple[int, int], samples: Samples, estimates: Estimates, confidence: float
) -> None:
    """Adjusts figures of streams by how many contacts came, of which the expectation is known."""
    from .analysis import controlled

    known = [stream.arrivals.contacts_between(*window_ns) or 0.0 for stream in streams]
    came = np.column_stack([samples["streams", stream.name]["arrivals"][0] for stream in streams])
    names = [stream.name for stream in streams]
    for section, figures in samples.items():
        if section[0] != "streams":
            continue
        if section[1] == ALL:
            control, mean = came.sum(axis=1), sum(known)
        else:
            control, mean = came[:, names.index(section[1])], known[names.index(section[1])]
        if len(control) < 4 or control.std() == 0:
            continue
        for figure, sample in figures.items():
            if figure != "arrivals" and sample[1].any():
                estimates[section][figure] = controlled(sample, control, mean, confidence=confidence).estimate
