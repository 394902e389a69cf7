"""What a picture shows, said once: marks in panels, with numbers, colours and words. Both the drawing for paper (paper.py) and
the page for the browser (page.py) are made of this and of nothing else, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Axis", "Band", "Bars", "Floats", "Heat", "Line", "Mark", "Panel", "Points", "Rule", "Sheet", "Text", "stairs"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, the label with its unit; ``ticks`` are where ``names`` stand."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    names: tuple[str, ...]
    grid: bool = True
    #: Names of things, not numbers: they may be long.
    words: bool = False


@dataclass(frozen=True)
class Line:
    """``name`` is said where the mouse points; the words in the picture are :class:`Text`. NaN: a gap."""

    x: Floats
    y: Floats
    colour: str
    name: str
    dash: Literal["solid", "dash", "dot"] = "solid"
    width_pt: float = 1.4


@dataclass(frozen=True)
class Band:
    x: Floats
    low: Floats
    high: Floats
    colour: str
    name: str
    opacity: float = 0.2


@dataclass(frozen=True)
class Points:
    """Marks with intervals to the sides that are given."""

    x: Floats
    y: Floats
    colour: str
    name: str
    mark: Literal["circle", "square", "diamond", "triangle-up", "triangle-down", "cross"] = "circle"
    x_low: Floats | None = None
    x_high: Floats | None = None
    y_low: Floats | None = None
    y_high: Floats | None = None
    #: Said of each where the mouse points.
    said: tuple[str, ...] = ()
    #: Those that are not are rings.
    filled: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Bars:
    """From ``start`` on so long, each at its place on the other axis. ``across``: they go from left to right."""

    place: Floats
    start: Floats
    length: Floats
    thickness: float
    colour: str
    name: str
    across: bool = True
    #: In the bars; empty where there is no room.
    words: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heat:
    """Cells between edges, ``values`` (rows by y, columns by x) from ``low`` to ``high``; NaN: empty."""

    x_edges: Floats
    y_edges: Floats
    values: Floats
    low: float
    high: float
    label: str
    #: In the cells, by rows; none: no words.
    words: tuple[tuple[str, ...], ...] = ()
    said: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Rule:
    """A line through the whole panel: at a place on x (upright), or on y."""

    at: float
    upright: bool
    colour: str
    dash: Literal["solid", "dash", "dot"] = "dash"


@dataclass(frozen=True)
class Text:
    """At a place in the panel's numbers; ``side`` says which side of the place it stands on."""

    x: float
    y: float
    text: str
    colour: str
    side: Literal["right", "left", "above", "below", "middle"] = "right"


Mark: TypeAlias = Line | Band | Points | Bars | Heat | Rule | Text


@dataclass(frozen=True)
class Panel:
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    height_mm: float = 32.0
    #: Words and colours of what has no words beside it.
    key: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Sheet:
    """``rows`` of panels, as many in each; ``note`` says what lines, bands and intervals are."""

    title: str
    note: str
    rows: tuple[tuple[Panel, ...], ...]
    width_mm: float
    #: Panels above each other have one x axis, named below the last.
    one_x: bool = False
    #: Widths of the columns to each other.
    columns: tuple[float, ...] = (1.0,)


def stairs(edges: Any, values: Any) -> tuple[Floats, Floats]:
    """A line that keeps each of n ``values`` between its two of n + 1 ``edges``."""
    at, level = np.asarray(edges, np.float64), np.asarray(values, np.float64)
    return np.repeat(at, 2)[1:-1], np.repeat(level, 2)


def runs(finite: Sequence[bool] | npt.NDArray[np.bool_]) -> list[slice]:
    """Stretches without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(finite, np.int8), [0]])))
    return [slice(int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
