"""Who served what."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ...errors import ArgumentError
from ..estimate import Estimate
from ..result import Result
from .marks import Bars, Heat, Mark, Panel, Sheet
from .picture import Picture
from .sources import Results, results_of
from .style import COLUMN_MM, PALETTE, places, scale
from .words import counted, quantity

__all__ = ["who_served_what"]

_SHARE = "share_of_"


def who_served_what(
    source: Results,
    *,
    by: Literal["profiles", "agents"] | None = None,
    kind: Literal["bars", "heat"] | None = None,
    width_mm: float = COLUMN_MM,
) -> Picture:
    """Of each stream's contacts that were served, which share each profile or agent served (``share_of_<stream>``); of several
    plans one below the other.

    by: without, profiles where there are any, otherwise agents. kind: ``"bars"``, stacked to 100 %, of at most 6 who serve;
        ``"heat"``, a cell for
    each; without, bars where they are few enough. Intervals of the shares are said where the mouse points, in the page.

    :raises ArgumentError: where the result has no such shares.
    """
    results = results_of(source)
    one = next(iter(results.values()))
    kinds = [of for of in ("profiles", "agents") if any(section == of for section, _ in one.figures)]
    if not kinds or (by is not None and by not in kinds):
        raise ArgumentError(
            f"by: the result has no figures of {by or 'profiles or agents'}; write profiles in the plan, or "
            '"by_agent": true in the study, and '
            "replications, not batch means"
        )
    whom = by or kinds[0]
    tables = {name: _shares(result, whom) for name, result in results.items()}
    servers = list(dict.fromkeys(server for table in tables.values() for server in table))
    streams = list(dict.fromkeys(stream for table in tables.values() for shares in table.values() for stream in shares))
    if kind is None:
        kind = "bars" if len(servers) <= len(PALETTE) else "heat"
    if kind == "bars" and len(servers) > len(PALETTE):
        raise ArgumentError(f'kind: bars of {len(servers)} cannot be told apart; write kind="heat"')
    if kind not in ("bars", "heat"):
        raise ArgumentError(f'kind: is {kind!r}; write "bars" or "heat"')
    draw = _bars if kind == "bars" else _heat
    rows = tuple(
        (draw(name, table, servers, streams, width_mm, whom, first=n == 0),) for n, (name, table) in enumerate(tables.items())
    )
    note = f"Of each stream's contacts that were served, the share by {whom[:-1]}; {counted(one.replications)}."
    return Picture(Sheet(one.name, note, rows, width_mm, one_x=len(rows) > 1))


def _shares(result: Result, whom: str) -> dict[str, dict[str, Estimate]]:
    """By who serves and stream."""
    return {
        name: {figure.removeprefix(_SHARE): e for figure, e in figures.items() if figure.startswith(_SHARE)}
        for (kind, name), figures in result.figures.items()
        if kind == whom
    }


def _said(stream: str, server: str, share: Estimate | None) -> str:
    """Where the mouse points."""
    return "" if share is None else f"{stream} by {server}: {quantity('p_').said(share.value, share.low, share.high)}"


def _bars(
    plan: str,
    table: dict[str, dict[str, Estimate]],
    servers: list[str],
    streams: list[str],
    width_mm: float,
    whom: str,
    *,
    first: bool,
) -> Panel:
    at, begin = np.arange(float(len(streams))), np.zeros(len(streams))
    marks: list[Mark] = []
    letter = 1.45 / (width_mm - 24) * 100  # of the axis
    for k, server in enumerate(servers):
        shares = [table.get(server, {}).get(stream) for stream in streams]
        length = np.array([0.0 if e is None or e.value != e.value else e.value * 100 for e in shares])
        words = tuple(f"{one:.0f}" if one >= letter * 3 else "" for one in length)
        said = tuple(_said(stream, server, e) for stream, e in zip(streams, shares, strict=True))
        marks.append(Bars(at, begin.copy(), length, 0.72, PALETTE[k], server, words=words, said=said))
        begin += length
    key = tuple((server, PALETTE[k]) for k, server in enumerate(servers)) if first else ()
    x = scale("share of those served (%)", ends=(0.0, 100.0), most=6)
    return Panel(x, places(plan, streams), tuple(marks), max(8.0, 6.4 * len(streams)), key)


def _heat(
    plan: str,
    table: dict[str, dict[str, Estimate]],
    servers: list[str],
    streams: list[str],
    width_mm: float,
    whom: str,
    *,
    first: bool,
) -> Panel:
    values = np.full((len(servers), len(streams)), np.nan)
    said: list[tuple[str, ...]] = []
    for n, server in enumerate(servers):
        row = []
        for k, stream in enumerate(streams):
            e = table.get(server, {}).get(stream)
            if e is not None:
                values[n, k] = e.value * 100
            row.append(_said(stream, server, e))
        said.append(tuple(row))
    room = (width_mm - 26) / len(streams) > 7
    words = tuple(tuple("" if v != v else f"{v:.0f}" for v in row) for row in values.tolist()) if room else ()
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 100.0
    edges = (np.arange(len(streams) + 1.0) - 0.5, np.arange(len(servers) + 1.0) - 0.5)
    mark = Heat(*edges, values, 0.0, max(top, 1.0), "share (%)", words, tuple(said))
    title = f"{plan}{': ' if plan else ''}share of those served (%)"
    return Panel(places("", streams, upwards=True), places(title, servers), (mark,), max(10.0, 4.6 * len(servers)))
