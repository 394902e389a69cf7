"""The day with its bands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ArgumentError
from ...times import duration_ns, format_duration
from ..result import Comparison, Result
from ..traffic import ALL
from .intervals import Intervals, intervals
from .marks import Axis, Band, Floats, Line, Mark, Panel, Points, Sheet, stairs
from .picture import Picture
from .style import COLUMN_MM, DASHES, GREY, PALETTE, clock, end_words, scale
from .words import quantity

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["day"]

_AGENTS = "agents"
_LIKE_SHARES = "%"


def day(
    source: Study | Intervals | Mapping[str, Intervals] | Result | Comparison,
    figures: Sequence[str] = (_AGENTS, "mean_queue_length", "mean_wait_s"),
    *,
    stream: str | Sequence[str] = ALL,
    plan: str | None = None,
    every: Any = "30m",
    replications: int | None = None,
    opens: Any = "0h",
    spread: float = 0.8,
    width_mm: float = COLUMN_MM,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Picture:
    """The day, interval by interval, a panel for each of ``figures``: ``"agents"`` (there, and busy), ``"arrivals_per_hour"``,
    or a figure of docs/studies.md.

    source: a study, whose replications are played again for this (:func:`intervals` has ``every``, ``replications``,
        ``executor``, ``progress``), or what :func:`intervals` has measured, also of several plans by name; of a study with
        several plans all are drawn, or the one of ``plan``. Of a ``Result`` or ``Comparison`` the contacts that waited, or
        were there, at the times that its study names (``at``).
    stream: one, or several to be compared, of one plan.
    opens: on the clock when the study begins, such as ``"8h"``; without, hours count from the begin.
    spread: where one thing is drawn, so many of the replications lie in the light band; 0 for no such band.

    Bands are pointwise: at each interval by itself the dark one holds with the study's confidence;
        ``Intervals.course(...).band_low`` holds together.

    :raises ArgumentError: where there is one replication, which has no band; and as :func:`intervals`.
    """
    opens_h = duration_ns(opens) / 3.6e12
    if not 0 <= spread < 1:
        raise ArgumentError(f"spread: is {spread!r}; write a share of the replications, such as 0.8, or 0 for no band of them")
    if not figures:
        raise ArgumentError('figures: are none; write some, such as ["agents", "mean_wait_s"]')
    if isinstance(source, Result | Comparison):
        return _at_times(source, stream, opens_h, width_mm)
    if not isinstance(source, Intervals | Mapping):
        names = [plan] if plan is not None else list(source.centres)
        source = {
            name: intervals(source, every, plan=name, replications=replications, executor=executor, progress=progress)
            for name in names
        }
    by_plan = {source.plan: source} if isinstance(source, Intervals) else dict(source)
    if not by_plan:
        raise ArgumentError("source: no plan is there; give what intervals(study) returns, by name")
    streams = [stream] if isinstance(stream, str) else list(stream)
    if len(by_plan) > 1 and len(streams) > 1:
        raise ArgumentError("stream: several of several plans are too many lines; write one, or draw one plan")
    one = next(iter(by_plan.values()))
    for name, own in by_plan.items():
        if own.replications < 2:
            said = f" of {name!r}" if name else ""
            raise ArgumentError(f"replications: there is one{said}, which has no band; write at least 2, better 20 or more")
    series = [(own, of, name if len(by_plan) > 1 else of) for name, own in by_plan.items() for of in streams]
    if len(series) > len(PALETTE):
        raise ArgumentError(f"source: {len(series)} lines cannot be told apart; draw at most {len(PALETTE)}")
    x = clock(float(one.edges_h[0]), float(one.edges_h[-1]), opens_h, most=7 if width_mm < 120 else 13)
    panels = [
        _agents_panel(list(by_plan.items()), x, opens_h) if figure == _AGENTS else _panel(figure, series, x, opens_h, spread)
        for figure in figures
    ]
    length = format_duration(int(np.diff(one.edges_ns).max()))
    alone = len(series) == 1
    light = (
        f"; light: the middle {spread * 100:g} % of days"
        if alone and spread and any(figure != _AGENTS for figure in figures)
        else ""
    )
    note = (
        f"By {length}, mean of {one.replications} replications{'' if alone else ' each'}; band: "
        f"{one.confidence * 100:g} % interval of the mean, at each time by itself{light}. Contacts count where they arrived."
    )
    return Picture(Sheet(one.study, note, tuple((panel,) for panel in panels), width_mm, one_x=True))


def _panel(figure: str, series: Sequence[tuple[Intervals, str, str]], x: Axis, opens_h: float, spread: float) -> Panel:
    what = quantity(figure)
    marks: list[Mark] = []
    ends: list[tuple[float, float, str, str]] = []
    shown: list[Floats] = []
    for number, (own, stream, name) in enumerate(series):
        middle = (own.edges_h[1:] + own.edges_h[:-1]) / 2 + opens_h
        course = own.course(figure, stream)
        colour = PALETTE[number]
        words = name if len(series) > 1 else what.words
        if len(series) == 1 and spread:
            low, high = (edge * what.factor for edge in own.spread(figure, stream, spread))
            marks.append(Band(middle, low, high, colour, f"the middle {spread * 100:g} % of days", 0.14))
            shown += [low, high]
        low, high = np.maximum(course.low, 0) * what.factor, course.high * what.factor
        if what.unit == _LIKE_SHARES:
            high = np.minimum(high, 100)
        value = course.value * what.factor
        marks.append(Band(middle, low, high, colour, words, 0.3))
        marks.append(Line(middle, value, colour, words, DASHES[number // 2 % 3] if len(series) > 2 else "solid"))
        shown += [value, high]
        known = np.flatnonzero(np.isfinite(value))
        if len(series) > 1 and len(known):
            ends.append((float(middle[known[-1]]), float(value[known[-1]]), name, colour))
    height = 30.0
    top = 100.0 if what.unit == _LIKE_SHARES and max(float(np.nanmax(one, initial=0)) for one in shown) > 60 else None
    y = scale(what.label, *shown, most=5, ends=(0.0, top))
    return Panel(x, y, (*marks, *end_words(ends, y, height)), height)


def _agents_panel(by_plan: Sequence[tuple[str, Intervals]], x: Axis, opens_h: float) -> Panel:
    """Who is there as a stair, who is busy as a line, both of all streams together."""
    marks: list[Mark] = []
    ends: list[tuple[float, float, str, str]] = []
    shown: list[Floats] = []
    present = [own.course("agents_there").value for _, own in by_plan]
    same = all(one.shape == present[0].shape and np.allclose(one, present[0], equal_nan=True) for one in present)
    for number, (name, own) in enumerate(by_plan):
        edges, colour = own.edges_h + opens_h, PALETTE[number]
        middle = (edges[1:] + edges[:-1]) / 2
        there, busy = own.course("agents_there"), own.course("agents_busy")
        if number == 0 or not same:
            stair = stairs(edges, there.value)
            marks.append(
                Line(*stair, GREY if same else colour, "there" if same else f"there, {name}", "solid" if same else "dot", 1.0)
            )
            ends.append(
                (float(edges[-1]), float(there.value[-1]), "there" if same else f"there, {name}", GREY if same else colour)
            )
        words = f"busy, {name}" if len(by_plan) > 1 else "busy"
        marks.append(Band(middle, np.maximum(busy.low, 0), busy.high, colour, words, 0.3))
        marks.append(Line(middle, busy.value, colour, words))
        ends.append((float(middle[-1]), float(busy.value[-1]), words, colour))
        shown += [there.value, busy.value]
    height = 30.0
    y = scale("agents", *shown, ends=(0.0, None))
    return Panel(x, y, (*marks, *end_words(ends, y, height)), height)


_AT = {"waiting_at_": "waiting", "in_system_at_": "waiting or in conversation"}


def _at_times(source: Result | Comparison, stream: str | Sequence[str], opens_h: float, width_mm: float) -> Picture:
    """Contacts there at the times that the study names, as points with intervals."""
    results = source.results if isinstance(source, Comparison) else {"": source}
    if not isinstance(stream, str):
        raise ArgumentError("stream: of a result one is drawn; write its name, or give the study")
    panels = []
    for prefix, words in _AT.items():
        marks: list[Mark] = []
        ends: list[tuple[float, float, str, str]] = []
        shown: list[Floats] = []
        for number, (name, result) in enumerate(results.items()):
            figures = result.streams.get(stream, {})
            found = [(figure, re.fullmatch(prefix + "(.+)", figure)) for figure in figures]
            times = [(duration_ns(match[1]) / 3.6e12 + opens_h, figures[figure]) for figure, match in found if match]
            if len(times) < 2 or result.replications < 2:
                raise ArgumentError(
                    "source: a result keeps the day only at the times that its study names, of several replications; write "
                    '"at": ["1h", "2h"] in the study, or give the study itself'
                )
            x, value, low, high = (
                np.array(column)
                for column in zip(*((t, one.value, max(one.low, 0), one.high) for t, one in times), strict=True)
            )
            colour = PALETTE[number % len(PALETTE)]
            marks += [
                Line(x, value, colour, name or words, width_pt=0.9),
                Points(x, value, colour, name or words, y_low=low, y_high=high),
            ]
            shown += [value, high]
            if len(results) > 1:
                ends.append((float(x[-1]), float(value[-1]), name, colour))
        y = scale(f"{words} (contacts)", *shown)
        margin = 0.04 * float(x[-1] - x[0])
        span = clock(float(x[0]) - opens_h - margin, float(x[-1]) - opens_h + margin, opens_h, most=7)
        panels.append((Panel(span, y, (*marks, *end_words(ends, y, 30)), 30),))
    one = next(iter(results.values()))
    note = f"Mean of {one.replications} replications with {one.confidence * 100:g} % intervals, at each time by itself."
    return Picture(Sheet(one.name, note, tuple(panels), width_mm, one_x=True))
