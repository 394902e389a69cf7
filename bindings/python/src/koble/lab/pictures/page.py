"""Draws a sheet with plotly: a page for the browser that needs nothing but itself."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import KobleError
from .marks import Axis, Band, Bars, Heat, Line, Panel, Points, Rule, Sheet, Text, runs
from .style import GREY, GRID, INK, RAMP, on_colour, ramp

__all__ = ["figure_of", "page"]

#: Pixels of the browser for a millimetre of paper: a column's width on paper fills a window.
_PX = 7.0
_DASH = {"solid": "solid", "dash": "dash", "dot": "dot"}
_MARK = {"cross": "x"}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_SIDES = {
    "right": ("left", "middle", (7, 0)),
    "left": ("right", "middle", (-7, 0)),
    "above": ("center", "bottom", (0, 5)),
    "below": ("center", "top", (0, -5)),
    "middle": ("center", "middle", (0, 0)),
}
_LETTER, _TITLE, _BELOW, _KEY = 7.2, 30.0, 52.0, 22.0


def figure_of(sheet: Sheet) -> Any:
    """A ``plotly.graph_objects.Figure``.

    :raises KobleError: where plotly is missing.
    """
    try:
        from plotly import graph_objects as go
    except ModuleNotFoundError:
        raise KobleError("pictures for the browser need plotly: pip install 'koble[lab]'") from None
    heights = [max(panel.height_mm for panel in row) * _PX for row in sheet.rows]
    last = len(sheet.rows) - 1
    below = [_BELOW if n == last or not sheet.one_x else 14.0 for n in range(len(heights))]
    above = [_TITLE + _KEY * any(panel.key for panel in row) for row in sheet.rows]
    total = sum(heights) + sum(above) + sum(below[:-1])
    names_px = [_widest_names(sheet, k) for k in range(len(sheet.columns))]
    right = _widest_words(sheet)
    figure = go.Figure()
    layout: dict[str, Any] = {
        "height": total + below[-1] + 8,
        "margin": {"l": names_px[0], "r": right, "t": 8, "b": below[-1]},
        "plot_bgcolor": "white",
        "paper_bgcolor": "white",
        "template": None,
        "font": {"family": _FONT, "size": 13, "color": INK},
        "showlegend": False,
        "barmode": "overlay",
        "hoverlabel": {"bgcolor": "white", "font": {"color": INK}},
        "annotations": [],
        "shapes": [],
    }
    gap = (names_px[1] + 30) / 900 if len(sheet.columns) > 1 else 0.0  # of a window that is about so wide
    widths = np.array(sheet.columns) / sum(sheet.columns) * (1 - gap * (len(sheet.columns) - 1))
    top = total
    for n, row in enumerate(sheet.rows):
        top -= above[n]
        y_domain = [max((top - heights[n]) / total, 0.0), top / total]
        for k, panel in enumerate(row):
            left = float(widths[:k].sum()) + k * gap
            number = n * len(sheet.columns) + k + 1
            name = "" if number == 1 else str(number)
            layout[f"xaxis{name}"] = {
                **_axis(panel.x, named=n == last or not sheet.one_x),
                "domain": [left, min(left + float(widths[k]), 1.0)],
                "anchor": f"y{name}",
            }
            if sheet.one_x and n < last:
                layout[f"xaxis{name}"]["matches"] = f"x{len(sheet.columns) * last + k + 1}"
            layout[f"yaxis{name}"] = {**_axis(panel.y, named=False, names=True), "domain": y_domain, "anchor": f"x{name}"}
            _add_title(layout, panel, name)
            for mark in panel.marks:
                _DRAWN[type(mark)](go, figure, layout, name, mark, panel)
        top -= heights[n] + below[n]
    figure.update_layout(layout)
    return figure


def page(sheet: Sheet) -> str:
    """A whole HTML page with plotly's program in it (about 5 MB): it needs no network, and equal sheets are equal bytes."""
    drawn = figure_of(sheet).to_html(
        full_html=False,
        include_plotlyjs=True,
        div_id="picture",
        default_width="100%",
        config={"displaylogo": False, "responsive": True},
    )
    title, note = html.escape(sheet.title), html.escape(sheet.note)
    widest = int(240 + sheet.width_mm * 8)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>body{{margin:0;background:#fff;color:{INK};font:15px/1.45 {_FONT}}}"
        f"main{{max-width:{widest}px;margin:0 auto;padding:20px 16px}}h1{{font-size:19px;font-weight:600;margin:0 0 12px}}"
        f"p{{color:#595959;margin:10px 0 0;max-width:75ch}}</style></head>\n<body><main><h1>{title}</h1>\n{drawn}\n"
        + (f"<p>{note}</p>" if note else "")
        + "</main></body></html>\n"
    )


def _axis(said: Axis, *, named: bool, names: bool | None = None) -> dict[str, Any]:
    shown = named if names is None else names
    return {
        "range": [said.low, said.high],
        "tickmode": "array",
        "tickvals": list(said.ticks),
        "ticktext": [html.escape(name) for name in said.names],
        "showticklabels": shown,
        "title": {"text": html.escape(said.label) if named else ""},
        "showgrid": said.grid,
        "gridcolor": GRID,
        "zeroline": False,
        "showline": not said.words,
        "linecolor": GREY,
        "ticks": "" if said.words else "outside",
        "tickcolor": GREY,
        "ticklen": 4,
    }


def _widest_names(sheet: Sheet, column: int) -> float:
    return 24 + _LETTER * max(len(name) for row in sheet.rows for name in (*row[column].y.names, ""))


def _widest_words(sheet: Sheet) -> float:
    """Room on the right for words beside the ends of lines, and for the scale of colours."""
    found = 16.0
    for row in sheet.rows:
        panel = row[-1]
        for mark in panel.marks:
            if isinstance(mark, Text) and mark.side == "right":
                used = (mark.x - panel.x.low) / ((panel.x.high - panel.x.low) or 1.0)
                found = max(found, 14 + _LETTER * len(mark.text) - 600 * (1 - used))
            if isinstance(mark, Heat) and not mark.words:
                found = max(found, 90.0)
    return found


def _add_title(layout: dict[str, Any], panel: Panel, name: str) -> None:
    base = {
        "xref": f"x{name} domain",
        "yref": f"y{name} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }
    layout["annotations"].append({**base, "yshift": 5 + _KEY * bool(panel.key), "text": f"<b>{html.escape(panel.y.label)}</b>"})
    if panel.key:
        words = " &nbsp; ".join(
            f'<span style="color:{colour}">\N{BLACK SQUARE}</span> {html.escape(words)}' for words, colour in panel.key
        )
        layout["annotations"].append({**base, "yshift": 3, "text": words})


def _where(name: str) -> dict[str, str]:
    return {"xaxis": f"x{name}", "yaxis": f"y{name}"}


def _line(go: Any, figure: Any, layout: Any, name: str, mark: Line, panel: Panel) -> None:
    name_of, across, up = (html.escape(words) for words in (mark.name, panel.x.label, panel.y.label))
    said = f"{name_of}<br>{across}: %{{x:.4g}}<br>{up}: %{{y:.4g}}<extra></extra>"
    figure.add_trace(
        go.Scatter(
            x=mark.x,
            y=mark.y,
            mode="lines",
            name=mark.name,
            line={"color": mark.colour, "dash": _DASH[mark.dash], "width": mark.width_pt * 1.5},
            hovertemplate=said,
            connectgaps=False,
            **_where(name),
        )
    )


def _band(go: Any, figure: Any, layout: Any, name: str, mark: Band, panel: Panel) -> None:
    whole = np.isfinite(mark.low) & np.isfinite(mark.high)
    red, green, blue = (int(mark.colour[i : i + 2], 16) for i in (1, 3, 5))
    for own in runs(whole):  # an outline closes over gaps, so that each stretch has its own
        figure.add_trace(
            go.Scatter(
                x=np.concatenate([mark.x[own], mark.x[own][::-1]]),
                y=np.concatenate([mark.low[own], mark.high[own][::-1]]),
                mode="lines",
                fill="toself",
                fillcolor=f"rgba({red},{green},{blue},{mark.opacity})",
                line={"width": 0},
                name=mark.name,
                hoverinfo="skip",
                **_where(name),
            )
        )


def _points(go: Any, figure: Any, layout: Any, name: str, mark: Points, panel: Panel) -> None:
    def reach(low: Any, high: Any, at: Any) -> Any:
        if low is None or high is None:
            return None
        return {
            "type": "data",
            "symmetric": False,
            "array": high - at,
            "arrayminus": at - low,
            "color": mark.colour,
            "thickness": 1.6,
            "width": 0,
        }

    filled = mark.filled or (True,) * len(mark.x)
    figure.add_trace(
        go.Scatter(
            x=mark.x,
            y=mark.y,
            mode="markers",
            name=mark.name,
            error_x=reach(mark.x_low, mark.x_high, mark.x),
            error_y=reach(mark.y_low, mark.y_high, mark.y),
            text=[html.escape(one) for one in mark.said] or None,
            hovertemplate="%{text}<extra></extra>" if mark.said else None,
            marker={
                "symbol": _MARK.get(mark.mark, mark.mark),
                "size": 9,
                "color": [mark.colour if one else "#ffffff" for one in filled],
                "line": {"color": mark.colour, "width": 2},
            },
            **_where(name),
        )
    )


def _bars(go: Any, figure: Any, layout: Any, name: str, mark: Bars, panel: Panel) -> None:
    figure.add_trace(
        go.Bar(
            x=mark.length if mark.across else mark.place,
            y=mark.place if mark.across else mark.length,
            base=mark.start,
            width=mark.thickness,
            orientation="h" if mark.across else "v",
            marker={"color": mark.colour, "line": {"color": "white", "width": 1}},
            name=mark.name,
            text=[html.escape(one) for one in mark.words] or None,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": on_colour(mark.colour)},
            constraintext="none",
            hovertext=[html.escape(one) for one in mark.said] or None,
            hovertemplate="%{hovertext}<extra></extra>" if mark.said else None,
            **_where(name),
        )
    )


def _heat(go: Any, figure: Any, layout: Any, name: str, mark: Heat, panel: Panel) -> None:
    domain = layout[f"yaxis{name}"]["domain"]
    figure.add_trace(
        go.Heatmap(
            x=mark.x_edges,
            y=mark.y_edges,
            z=mark.values,
            zmin=mark.low,
            zmax=mark.high,
            hoverongaps=False,
            xgap=1,
            ygap=1,
            colorscale=[[n / (len(RAMP) - 1), colour] for n, colour in enumerate(RAMP)],
            showscale=not mark.words,
            text=[[html.escape(one) for one in row] for row in mark.said] or None,
            hovertemplate="%{text}<extra></extra>" if mark.said else None,
            colorbar={
                "title": {"text": html.escape(mark.label), "side": "right"},
                "thickness": 14,
                "outlinewidth": 0,
                "y": sum(domain) / 2,
                "len": domain[1] - domain[0],
            },
            **_where(name),
        )
    )
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in (mark.x_edges, mark.y_edges))
    span = (mark.high - mark.low) or 1.0
    for n, row in enumerate(mark.words):
        for k, words in enumerate(row):
            value = mark.values[n, k]
            ink = on_colour(ramp((value - mark.low) / span)) if np.isfinite(value) else GREY
            _text(go, figure, layout, name, Text(float(x[k]), float(y[n]), words, ink, "middle"), panel)


def _rule(go: Any, figure: Any, layout: Any, name: str, mark: Rule, panel: Panel) -> None:
    x, y = f"x{name}", f"y{name}"
    where = {"xref": x, "yref": f"{y} domain", "x0": mark.at, "x1": mark.at, "y0": 0, "y1": 1}
    if not mark.upright:
        where = {"xref": f"{x} domain", "yref": y, "x0": 0, "x1": 1, "y0": mark.at, "y1": mark.at}
    layout["shapes"].append(
        {"type": "line", **where, "line": {"color": mark.colour, "dash": _DASH[mark.dash], "width": 1.3}, "layer": "between"}
    )


def _text(go: Any, figure: Any, layout: Any, name: str, mark: Text, panel: Panel) -> None:
    across, up, shift = _SIDES[mark.side]
    layout["annotations"].append(
        {
            "xref": f"x{name}",
            "yref": f"y{name}",
            "x": mark.x,
            "y": mark.y,
            "text": html.escape(mark.text).replace("\n", "<br>"),
            "showarrow": False,
            "xanchor": across,
            "yanchor": up,
            "xshift": shift[0],
            "yshift": shift[1],
            "font": {"color": mark.colour, "size": 12.5},
            "align": {"center": "center", "left": "left", "right": "right"}[across],
        }
    )


_DRAWN: dict[type, Callable[[Any, Any, Any, str, Any, Panel], None]] = {
    Line: _line,
    Band: _band,
    Points: _points,
    Bars: _bars,
    Heat: _heat,
    Rule: _rule,
    Text: _text,
}
