"""Draws a sheet with matplotlib, by its objects alone: no window, no state that a program could have set otherwise."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import KobleError
from .marks import Axis, Band, Bars, Heat, Line, Panel, Points, Rule, Sheet, Text
from .style import GREY, GRID, INK, RAMP, on_colour, ramp

__all__ = ["LOOK", "draw"]

LOOK: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "svg.hashsalt": "koble",
    "pdf.fonttype": 42,  # letters stay letters that editors and search find
    "axes.unicode_minus": True,
}
_MM = 1 / 25.4
_DASH: dict[str, Any] = {"solid": "-", "dash": (0, (4, 2)), "dot": (0, (1, 1.6))}
_MARK = {"circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "triangle-down": "v", "cross": "X"}
_SIDES = {
    "right": ("left", "center", (3, 0)),
    "left": ("right", "center", (-3, 0)),
    "above": ("center", "bottom", (0, 2.5)),
    "below": ("center", "top", (0, -2.5)),
    "middle": ("center", "center", (0, 0)),
}


def draw(sheet: Sheet, *, note: bool = True) -> Any:
    """A ``matplotlib.figure.Figure`` of the sheet's width; its height is that of the panels with their words.

    :raises KobleError: where matplotlib is missing.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise KobleError("pictures need matplotlib: pip install 'koble[lab]'") from None
    lines = textwrap.wrap(sheet.note, max(int(sheet.width_mm / 1.21), 30)) if note and sheet.note else []
    note_mm = 2.75 * len(lines) + (1.5 if lines else 0)
    heights = [max(panel.height_mm for panel in row) for row in sheet.rows]
    words = [
        4.6 + (0 if sheet.one_x and n < len(sheet.rows) - 1 else 7.5) + 3.6 * bool(row[0].key)
        for n, row in enumerate(sheet.rows)
    ]
    height_mm = sum(heights) + sum(words) + note_mm + 2.0
    with mpl.rc_context({**mpl.rcParamsDefault, **LOOK, "backend": mpl.rcParams["backend"]}):
        figure = Figure(figsize=(sheet.width_mm * _MM, height_mm * _MM), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        engine: Any = figure.get_layout_engine()
        engine.set(
            w_pad=0.8 * _MM,
            h_pad=0.8 * _MM,
            wspace=0.02,
            hspace=0.02,
            rect=(0, note_mm / height_mm, 1, 1 - note_mm / height_mm),
        )
        grid = figure.add_gridspec(len(sheet.rows), len(sheet.columns), height_ratios=heights, width_ratios=sheet.columns)
        for n, row in enumerate(sheet.rows):
            for k, panel in enumerate(row):
                axes = figure.add_subplot(grid[n, k])
                _draw_panel(figure, axes, panel, named=not sheet.one_x or n == len(sheet.rows) - 1)
        if lines:
            figure.text(
                0.012, 1.2 / height_mm, "\n".join(lines), fontsize=6.2, color=GREY, va="bottom", ha="left", linespacing=1.25
            )
    return figure


def _draw_panel(figure: Any, axes: Any, panel: Panel, *, named: bool) -> None:
    axes.set_xlim(panel.x.low, panel.x.high)
    axes.set_ylim(panel.y.low, panel.y.high)
    _ticks(axes.xaxis, panel.x, show=named)
    _ticks(axes.yaxis, panel.y, show=True)
    for said, side, axis in ((panel.x, "bottom", axes.xaxis), (panel.y, "left", axes.yaxis)):
        if said.words:  # names need no line beside them
            axes.spines[side].set_visible(False)
            axis.set_tick_params(length=0)
    if named and panel.x.label:
        axes.set_xlabel(panel.x.label)
    title = axes.set_title(panel.y.label, loc="left", fontsize=7.5, color=INK, pad=4 if not panel.key else 14)
    title.set_in_layout(True)
    if panel.key:
        _key(axes, panel)
    for mark in panel.marks:
        _DRAWN[type(mark)](figure, axes, mark)


def _ticks(axis: Any, said: Axis, *, show: bool) -> None:
    axis.set_ticks(said.ticks, said.names if show else [""] * len(said.ticks))
    if said.grid:
        axis.grid(visible=True, color=GRID, linewidth=0.6)


def _key(axes: Any, panel: Panel) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=colour, linewidth=0, label=words) for words, colour in panel.key]
    axes.legend(
        handles=patches,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(patches),
        frameon=False,
        fontsize=7,
        handlelength=0.9,
        handleheight=0.9,
        handletextpad=0.4,
        columnspacing=1.0,
        borderaxespad=0.1,
        borderpad=0.1,
    )


def _line(_: Any, axes: Any, mark: Line) -> None:
    axes.plot(
        mark.x,
        mark.y,
        color=mark.colour,
        linestyle=_DASH[mark.dash],
        linewidth=mark.width_pt,
        label=mark.name,
        solid_capstyle="butt",
    )


def _band(_: Any, axes: Any, mark: Band) -> None:
    axes.fill_between(mark.x, mark.low, mark.high, color=mark.colour, alpha=mark.opacity, linewidth=0, label=mark.name)


def _points(_: Any, axes: Any, mark: Points) -> None:
    def reach(low: Any, high: Any, at: Any) -> Any:
        return None if low is None or high is None else np.abs(np.vstack([at - low, high - at]))

    filled = np.array(mark.filled or (True,) * len(mark.x))
    axes.errorbar(
        mark.x,
        mark.y,
        xerr=reach(mark.x_low, mark.x_high, mark.x),
        yerr=reach(mark.y_low, mark.y_high, mark.y),
        color=mark.colour,
        linestyle="none",
        linewidth=1.1,
        label=mark.name,
    )
    for own, inside in ((filled, mark.colour), (~filled, "#ffffff")):
        if own.any():
            axes.plot(
                mark.x[own],
                mark.y[own],
                marker=_MARK[mark.mark],
                markersize=3.6,
                markerfacecolor=inside,
                markeredgecolor=mark.colour,
                markeredgewidth=1.0,
                linestyle="none",
                zorder=3,
            )


def _bars(_: Any, axes: Any, mark: Bars) -> None:
    if mark.across:
        axes.barh(
            mark.place, mark.length, left=mark.start, height=mark.thickness, color=mark.colour, edgecolor="white", linewidth=0.5
        )
    else:
        axes.bar(
            mark.place,
            mark.length,
            bottom=mark.start,
            width=mark.thickness,
            color=mark.colour,
            edgecolor="white",
            linewidth=0.5,
        )
    for place, start, length, words in zip(mark.place, mark.start, mark.length, mark.words, strict=bool(mark.words)):
        x, y = (start + length / 2, place) if mark.across else (place, start + length / 2)
        axes.text(x, y, words, color=on_colour(mark.colour), ha="center", va="center", fontsize=6.8)


def _heat(figure: Any, axes: Any, mark: Heat) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("koble", list(RAMP))
    mesh = axes.pcolormesh(
        mark.x_edges,
        mark.y_edges,
        np.ma.masked_invalid(mark.values),
        cmap=colours,
        vmin=mark.low,
        vmax=mark.high,
        rasterized=mark.values.size > 2000,
        edgecolors="white",
        linewidth=0.4 if mark.values.size <= 2000 else 0,
    )
    if not mark.words:  # words in the cells say more than a scale
        bar = figure.colorbar(mesh, ax=axes, pad=0.02, aspect=16, shrink=0.9)
        bar.outline.set_visible(False)
        bar.set_label(mark.label, fontsize=7)
        bar.ax.tick_params(labelsize=6.5, length=2, width=0.5)
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in (mark.x_edges, mark.y_edges))
    span = (mark.high - mark.low) or 1.0
    for n, row in enumerate(mark.words):
        for k, words in enumerate(row):
            ink = on_colour(ramp((mark.values[n, k] - mark.low) / span)) if np.isfinite(mark.values[n, k]) else GREY
            axes.text(x[k], y[n], words, color=ink, ha="center", va="center", fontsize=6.8)


def _rule(_: Any, axes: Any, mark: Rule) -> None:
    draw_one = axes.axvline if mark.upright else axes.axhline
    draw_one(mark.at, color=mark.colour, linestyle=_DASH[mark.dash], linewidth=0.9, zorder=1.5)


def _text(_: Any, axes: Any, mark: Text) -> None:
    across, up, shift = _SIDES[mark.side]
    axes.annotate(
        mark.text,
        (mark.x, mark.y),
        xytext=shift,
        textcoords="offset points",
        ha=across,
        va=up,
        color=mark.colour,
        fontsize=7,
        annotation_clip=False,
    )


_DRAWN: dict[type, Callable[[Any, Any, Any], None]] = {
    Line: _line,
    Band: _band,
    Points: _points,
    Bars: _bars,
    Heat: _heat,
    Rule: _rule,
    Text: _text,
}
