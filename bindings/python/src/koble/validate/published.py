"""Results that others have published, held against ours: where both intervals, or the digits they have, overlap."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..lab import Study
from ..lab.estimate import Estimate, ratio
from .cases import Case, Cases
from .check import seed_of
from .experiment import word
from .families import experiment

__all__ = ["Published", "published"]

#: Replications of theirs; of a steady state, whose replications are long, fewer are enough.
_DAYS, _LONG = 1000, 20
_AWT_S = 20.0

_NOT_SAID = (
    "no study says it: one busyness for several streams, and laws that change with the period; nor has the file its parameters"
)

#: Of a figure's name the numerator, summed over all streams.
Numerator = Callable[[str], float]
Pair = tuple[float, float]


@dataclass(frozen=True)
class Published:
    """One published figure. ``reach``: half of their interval, and half a unit of the last digit that they give.
    ``estimate``: ours; ``why``: what keeps it from being compared."""

    case: str
    figure: str
    reported: float = float("nan")
    reach: float = 0.0
    estimate: Estimate | None = None
    why: str = ""

    @property
    def overlaps(self) -> bool:
        one = self.estimate
        return one is not None and one.low <= self.reported + self.reach and one.high >= self.reported - self.reach


def _day_figures(of: Numerator, awt: str, over: float) -> dict[str, Pair]:
    """As the example programs of ContactCenters count (MMC, MMCAb, MMCBlocked, CallCC)."""
    good, served, came = of(f"p_served_within_{awt}"), of("served"), of("arrivals")
    late = of("abandoned") - (of(f"p_wait_within_{awt}") - good)  # who left, but not within the acceptable wait
    joined = came - of("refused")
    return {
        "contacts_in_target": (good, 1),
        "service_level": (good, joined),
        "service_level_served": (good, served),
        "service_level_incl_abandoned_after_awt": (good, served + late),
        "service_level_incl_blocked": (good, came),
        "speed_of_answer_min": (of("mean_wait_served_s") / 60, served),
        "abandoned": (of("abandoned"), 1),
        "blocked": (of("refused"), 1),
        "arrivals": (came, 1),
        "total_wait_over_s": (of("mean_wait_s"), over),
        "share_wait_lt_20s_over": (of(f"p_wait_within_{awt}"), over),  # who left is counted, too
        "lost_over": (of("abandoned") + of("balked"), over),
    }


_LONG_RUN = {
    "asa_s": "mean_wait_s",
    "p90_s": "wait_p90_s",
    "queue": "mean_queue_length",
    "util": "utilisation",
    "abandon": "p_abandon",
}


def published(
    cases: Cases,
    name: str,
    *,
    seed: str = "",
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Published]:
    """Every figure that the published case reports."""
    given = cases.published[name]
    found = next((given[key] for key in ("reported", "reported_90pct") if given.get(key)), None)
    references = [one for one in str(given.get("reference_case", "")).split(", ") if one in cases.exact]
    if found is None:
        return [Published(name, "", why="its tables are not in the file")]
    if not references or len(references) != (len(found) if _nested(found) else 1):
        return [Published(name, "", why=_NOT_SAID)]
    confidence = 0.90 if "reported_90pct" in given else 0.95
    lines: list[Published] = []
    for reference, figures in zip(references, found.values() if _nested(found) else [found], strict=True):
        lines += _compared(name, cases.exact[reference], figures, confidence, seed, executor, progress)
    return lines


def _nested(found: Mapping[str, Any]) -> bool:
    return all(isinstance(one, Mapping) for one in found.values())


def _compared(
    name: str,
    case: Case,
    figures: Mapping[str, Any],
    confidence: float,
    seed: str,
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
) -> list[Published]:
    done = experiment(case)
    day = "warmup" not in done.study
    study = Study(
        {
            **done.study,
            "thresholds": [word(_AWT_S)],
            "replications": _DAYS if day else _LONG,
            "seed": seed_of(f"{name} {case.name}", seed),
        }
    )
    result = study.run(executor=executor, progress=progress)
    lines = []
    for figure, value in figures.items():
        reported, reach = _reported(value)
        if day:
            over = re.search(r"_over_(\d+)", figure)
            key = figure if over is None else figure.replace(over[0], "_over")
            pairs = _pairs(result, float(over[1]) if over else 1.0)
            one = (
                result["utilisation"] if figure == "occupancy" else ratio(pairs[key][:, 0], pairs[key][:, 1], confidence)
            )
        else:
            one = result[_LONG_RUN[figure]]
        lines.append(Published(name, f"{figure}" if day else f"{figure} of {case.name}", reported, reach, one))
    return lines


def _pairs(result: Any, over: float) -> dict[str, np.ndarray[Any, Any]]:
    rows = [
        _day_figures(lambda figure, row=row: float(result.sample(figure)[0][row]), word(_AWT_S), over)  # type: ignore[misc]
        for row in range(result.replications)
    ]
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def _reported(value: Any) -> tuple[float, float]:
    """A value with half an interval, or a value alone; and half a unit of the value's last digit more."""
    half = 0.0
    if isinstance(value, list):
        value, half = value  # zeros at the end of the value are lost
    digits = re.match(r"\d+(?:\.(\d+))?", str(value))
    if digits is None:
        raise ValueError(f"{value!r} is no number")
    last = 0.5 * 10.0 ** -len(digits[1] or "")
    return float(digits[0]), float(half) + (min(last, float(half)) if half else last)
