"""How figures settle as replications are added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ArgumentError, unknown_name
from ..result import Result
from ..traffic import ALL
from .marks import Band, Floats, Line, Mark, Panel, Rule, Sheet, Text
from .picture import Picture
from .style import COLUMN_MM, GREY, INK, PALETTE, number, scale
from .words import quantity

if TYPE_CHECKING:
    from ..precision import Precision

__all__ = ["convergence", "running_ratio"]

#: From so few on nothing is drawn: their intervals hide all others.
_FIRST = 5


def convergence(
    result: Result,
    figures: str | Sequence[str] = ("mean_wait_s",),
    *,
    stream: str = ALL,
    precision: Precision | None = None,
    relative: float | None = None,
    absolute: float | None = None,
    width_mm: float = COLUMN_MM,
) -> Picture:
    """Each figure over the first n replications with its interval, n from 5 on.

    precision: the study's (``study.precision``), or ``relative`` (half-width over the value) or ``absolute`` (in the figure's
        own unit): an upright
    line says from which n on the interval stayed so narrow. A study with precision looks at few n alone, and so ends at
    another.

    :raises ArgumentError: where there are too few replications (a long run for batch means has none).
    """
    names = [figures] if isinstance(figures, str) else list(figures)
    if not isinstance(result, Result):
        raise ArgumentError("result: is none; give what study.run() returns, or one of comparison.results")
    if not result.samples or result.replications < _FIRST + 1:
        raise ArgumentError(
            f"result: {result.replications} replications do not converge to anything; carry out at least {_FIRST + 1}"
        )
    if not names:
        raise ArgumentError('figures: are none; write some, such as ["mean_wait_s"]')
    if precision is not None:
        relative, absolute = precision.relative, precision.absolute
    for name, width in (("relative", relative), ("absolute", absolute)):
        if width is not None and not 0 < width < float("inf"):
            raise ArgumentError(f"{name}: is {width!r}; write a half-width of more than 0")
    sections = result.samples
    if ("streams", stream) not in sections:
        raise unknown_name("stream", stream, [of for kind, of in sections if kind == "streams"])
    rows = []
    for figure in names:
        if figure not in sections["streams", stream]:
            raise unknown_name("figure", figure, sections["streams", stream])
        rows.append((_panel(result, figure, stream, relative, absolute),))
    wanted = " or ".join(
        said
        for said in (f"{relative * 100:g} % of the value" if relative else "", f"{number(absolute)}" if absolute else "")
        if said
    )
    note = f"Of the first n replications; band: {result.confidence * 100:g} % interval at each n." + (
        f" Upright: half-width at most {wanted} from there on." if wanted else ""
    )
    return Picture(Sheet(result.name, note, tuple(rows), width_mm, one_x=True))


def running_ratio(above: Floats, below: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Of the first n replications, n = 1, 2, ...: the ratio of sums, and its half-width by the delta method with Student's
    quantile, as :func:`koble.lab.estimate.ratio` has them; NaN where they are not known.

    All n take one pass: with r the residuals of the ratio of all, those of the first n's are r - d x denominator, d being how
        far it is from that of
    all; their squares are running sums of r^2, r x denominator and denominator^2, of which nothing large is taken from
    something large.
    """
    from ..analysis.sample import special

    count = np.arange(1.0, len(above) + 1)
    total, base = np.cumsum(above), np.cumsum(below)
    value = np.divide(total, base, out=np.full(len(above), np.nan), where=base != 0)
    residual = above - (total[-1] / base[-1] if base[-1] else 0.0) * below
    apart = np.divide(np.cumsum(residual), base, out=np.zeros(len(above)), where=base != 0)
    squares = np.cumsum(residual**2) - 2 * apart * np.cumsum(residual * below) + apart**2 * np.cumsum(below**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.maximum(squares, 0) / (count - 1)) / np.abs(base / count) / np.sqrt(count)
    half = np.full(len(above), np.nan)
    half[1:] = special().stdtrit(count[1:] - 1, 0.5 + confidence / 2) * error[1:]
    return value, half


def _panel(result: Result, figure: str, stream: str, relative: float | None, absolute: float | None) -> Panel:
    what = quantity(figure)
    above, below = result.samples["streams", stream][figure]
    value, half = (one * what.factor for one in running_ratio(above, below, result.confidence))
    n = np.arange(1.0, len(value) + 1)
    shown = slice(_FIRST - 1, None)
    low, high = value - half, value + half
    marks: list[Mark] = [
        Band(n[shown], low[shown], high[shown], PALETTE[0], what.words, 0.25),
        Line(n[shown], value[shown], PALETTE[0], what.words),
    ]
    label = what.label if stream == ALL else f"{stream}: {what.label}"
    y = scale(label, low[shown], high[shown], zero=False, most=5)
    if not np.isfinite(value[-1]):
        raise ArgumentError(f"figures: nobody came whom {figure!r} counts; name another")
    marks.append(Rule(float(value[-1]), False, GREY, "dot"))
    if relative is not None or absolute is not None:
        wanted = np.maximum((absolute or 0.0) * what.factor, (relative or 0.0) * np.abs(value))
        wide = np.flatnonzero(~(half <= wanted))
        first = int(wide[-1]) + 2 if len(wide) else 1
        if first <= len(value):
            first = max(first, _FIRST)
            right = first < 0.65 * len(value)
            marks += [
                Rule(float(first), True, INK, "dash"),
                Text(float(first), y.low + 0.93 * (y.high - y.low), f"n = {first}", INK, "right" if right else "left"),
            ]
        else:
            marks.append(Text(float(len(value)), y.low + 0.93 * (y.high - y.low), "not reached", INK, "left"))
    x = scale("replications n", n, ends=(0.0, float(len(n))), most=6)
    return Panel(x, y, tuple(marks), 34.0)
