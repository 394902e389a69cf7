"""How narrow intervals shall be, and what a single day is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .estimate import Estimate
from .reading import Reader
from .traffic import ALL

if TYPE_CHECKING:
    from .analysis import Sample, Sequential

__all__ = ["Day", "Precision", "read_days", "read_precision"]


@dataclass(frozen=True)
class Precision:
    """Replications go on until the intervals of these figures (name, stream) are so narrow."""

    figures: tuple[tuple[str, str], ...]
    relative: float | None
    absolute: float | None
    least: int
    most: int

    def sequential(self, confidence: float) -> Sequential:
        from .analysis import Sequential, Target

        targets = [Target(f"{figure} of {stream}", self.relative, self.absolute) for figure, stream in self.figures]
        return Sequential(targets, confidence=confidence, least=self.least, most=self.most)

    def samples(self, done: list[dict[tuple[str, str], dict[str, tuple[float, float]]]]) -> dict[str, Sample]:
        found = {}
        for figure, stream in self.figures:
            pairs = [one.get(("streams", stream), {}).get(figure) for one in done]
            if any(pair is None for pair in pairs):
                from ..errors import KobleError

                raise KobleError(f"precision: there is no figure {figure!r} of {stream!r}; docs/studies.md lists them")
            both = np.array(pairs, np.float64)
            found[f"{figure} of {stream}"] = (both[:, 0], both[:, 1])
        return found


@dataclass(frozen=True)
class Day:
    """A figure that each replication, taken as one day, has to reach."""

    figure: str
    stream: str
    at_least: float | None
    at_most: float | None

    @property
    def name(self) -> str:
        bound = f"at_least_{self.at_least:g}" if self.at_least is not None else f"at_most_{self.at_most:g}"
        return f"p_days_{self.figure}_{bound}"

    def chance(self, sample: Sample, confidence: float) -> Estimate:
        from .analysis import chance

        return chance(sample, at_least=self.at_least, at_most=self.at_most, confidence=confidence)


def read_precision(reader: Reader, value: Any) -> Precision | None:
    if value is None:
        return None
    given = reader.object(value, "precision", ["figures", "relative", "absolute", "least", "most"])
    figures = []
    for i, one in enumerate(reader.list(given.get("figures"), "precision.figures", '["p_wait", ["mean_wait_s", "calls"]]')):
        name, stream = one if isinstance(one, list) and len(one) == 2 else (one, ALL)
        if not isinstance(name, str) or not isinstance(stream, str):
            reader.wrong(f"precision.figures[{i}]", 'write a figure, or a figure and a stream, such as ["mean_wait_s", "calls"]')
            continue
        figures.append((name, stream))
    widths = {key: reader.number(given[key], f"precision.{key}", 1e-9, 1e12) for key in ("relative", "absolute") if key in given}
    if not widths:
        reader.wrong("precision", 'write "relative" (half-width over the figure) or "absolute", or both')
    least = reader.whole(given.get("least"), "precision.least", 2, 1_000_000, 20)
    most = reader.whole(given.get("most"), "precision.most", least, 1_000_000, max(least, 10_000))
    return Precision(tuple(figures), widths.get("relative"), widths.get("absolute"), least, most)


def read_days(reader: Reader, value: Any) -> list[Day]:
    days = []
    for i, one in enumerate(reader.list(value, "days", '[{"figure": "p_served_within_20s", "at_least": 0.8}]') if value is not None else []):
        place = f"days[{i}]"
        given: Mapping[str, Any] = reader.object(one, place, ["figure", "stream", "at_least", "at_most"])
        way = reader.one_of(given, ["at_least", "at_most"], place)
        if not isinstance(given.get("figure"), str):
            reader.wrong(f"{place}.figure", "write the figure's name, such as p_served_within_20s")
        if way is not None:
            bound = reader.number(given[way], f"{place}.{way}", -1e18, 1e18)
            days.append(
                Day(
                    str(given.get("figure")),
                    str(given.get("stream", ALL)),
                    bound if way == "at_least" else None,
                    bound if way == "at_most" else None,
                )
            )
    return days
