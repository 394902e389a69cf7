"""Colours, sizes, axes and the places of words, for paper and browser alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ...errors import ArgumentError
from .marks import Axis, Text

__all__ = [
    "COLUMN_MM", "DASHES", "GREY", "INK", "LETTER_MM", "LINE_MM", "MARKS", "PAGE_MM", "PALETTE", "RAMP", "clock", "dark",
    "end_words", "number", "on_colour", "places", "scale",
]  # fmt: skip

#: Okabe and Ito, "Color Universal Design" (2008): told apart with any kind of colour vision. Yellow is left out: it is too
#: light for lines.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKS: tuple[Literal["circle", "square", "diamond", "triangle-up", "triangle-down", "cross"], ...] = (
    "circle", "square", "diamond", "triangle-up", "triangle-down", "cross",
)  # fmt: skip
DASHES: tuple[Literal["solid", "dash", "dot"], ...] = ("solid", "dash", "dot")
INK, GREY, GRID = "#222222", "#767676", "#dddddd"
#: From nothing to all: one hue, lightness falls evenly, so that it prints in black and white.
RAMP = ("#f7fbff", "#d2e3f3", "#9ecae1", "#56a0ce", "#0072B2", "#003f63")
#: A column, and a page's whole width, of a journal.
COLUMN_MM, PAGE_MM = 89.0, 183.0
#: A line of words in the picture, with its space.
LINE_MM = 3.3
#: A letter of them, on average.
LETTER_MM = 1.4


def dark(colour: str) -> str:
    """For words: the light ones of the palette are hard to read on white."""
    return "#" + "".join(f"{int(int(colour[i : i + 2], 16) * 0.78):02x}" for i in (1, 3, 5))


def on_colour(colour: str) -> str:
    """Words on a surface of that colour: white where it is dark (relative luminance of WCAG 2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return "#ffffff" if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.3 else INK


def ramp(share: float) -> str:
    """The colour at a share of the ramp, from 0 to 1."""
    at = min(max(share, 0.0), 1.0) * (len(RAMP) - 1)
    low = min(int(at), len(RAMP) - 2)
    pair = [[int(RAMP[low + k][i : i + 2], 16) for i in (1, 3, 5)] for k in (0, 1)]
    return "#" + "".join(f"{round(a + (b - a) * (at - low)):02x}" for a, b in zip(*pair, strict=True))


def number(value: float, digits: int = 3) -> str:
    """For people: so many digits that count, thousands apart, no exponent for what fits."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size >= 9 or size < -4:
        return f"{value:.{digits}g}"
    text = f"{round(value, max(digits - 1 - size, 0) if size < digits else 0):,.{max(digits - 1 - size, 0)}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _ticks(low: float, high: float, most: int) -> tuple[float, list[float]]:
    """The step 1, 2, 2.5 or 5 x 10^k with at most so many of its multiples within, and these."""
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / most)) if span > 0 else 1.0
    for factor in (1, 2, 2.5, 5, 10, 20):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return step, [k * step for k in range(first, last + 1)]
    raise AssertionError((low, high, most))


def scale(
    label: str,
    *values: Any,
    zero: bool = True,
    most: int = 5,
    ends: tuple[float | None, float | None] = (None, None),
    grid: bool = True,
) -> Axis:
    """An axis that holds all finite ``values``, to 0 with ``zero``, and ends at a tick where what is shown comes near.
    ``ends``: given ones."""
    parts = [np.ravel(np.asarray(value, np.float64)) for value in values]
    together = np.concatenate(parts) if parts else np.zeros(0)
    together = together[np.isfinite(together)]
    low, high = (float(together.min()), float(together.max())) if len(together) else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-12 * max(abs(high), 1e-12):
        margin = abs(high) * 0.1 or 1.0
        low, high = low - (0 if zero and low == 0 else margin), high + margin
    pad = 0.04 * (high - low)
    low = low if (zero and low == 0) else low - pad
    high = high if (zero and high == 0) else high + pad
    low, high = low if ends[0] is None else ends[0], high if ends[1] is None else ends[1]
    step, ticks = _ticks(low, high, most)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    digits += 1 if abs(step * 10**digits - round(step * 10**digits)) > 1e-6 else 0
    names = tuple(f"{0.0 if abs(tick) < step / 1e6 else tick:,.{digits}f}".replace("-", "\N{MINUS SIGN}") for tick in ticks)
    return Axis(label, low, high, tuple(ticks), names, grid)


def places(label: str, names: Sequence[str], *, upwards: bool = False) -> Axis:
    """An axis of names at 0, 1, ...; the first is at the top unless ``upwards``."""
    last = len(names) - 0.5
    low, high = (-0.5, last) if upwards else (last, -0.5)
    return Axis(label, low, high, tuple(float(n) for n in range(len(names))), tuple(names), grid=False, words=True)


def clock(low_h: float, high_h: float, opens_h: float, most: int = 9) -> Axis:
    """Hours; from ``opens_h`` on the clock they are the day's, which go on at 0 after 24."""
    for step in (0.25, 0.5, 1, 2, 3, 4, 6, 12, 24, 48, 168):
        first, last = math.ceil((low_h + opens_h) / step - 1e-9), math.floor((high_h + opens_h) / step + 1e-9)
        if last - first + 1 <= most:
            break
    else:
        raise ArgumentError(f"the day is {high_h - low_h:.0f} h long; draw a part of it, or a study with a shorter horizon")
    ticks = [k * step for k in range(first, last + 1)]
    if opens_h:
        names = [f"{int(t) % 24}" if t == int(t) else f"{int(t) % 24}:{round(t % 1 * 60):02d}" for t in ticks]
        label = "time of day (h)"
    else:
        names, label = [f"{t:g}" for t in ticks], "time since the begin (h)"
    return Axis(label, low_h + opens_h, high_h + opens_h, tuple(ticks), tuple(names))


def end_words(ends: Sequence[tuple[float, float, str, str]], y: Axis, height_mm: float) -> tuple[Text, ...]:
    """Words (x, y, text, colour) beside the ends of lines, moved up and down until none lies on another."""
    ends = [end for end in ends if math.isfinite(end[1])]
    if not ends:
        return ()
    gap = LINE_MM / height_mm * abs(y.high - y.low)
    order = sorted(range(len(ends)), key=lambda n: ends[n][1])
    wanted = [ends[n][1] for n in order]
    at = list(wanted)
    for k in range(1, len(at)):
        at[k] = max(at[k], at[k - 1] + gap)
    over = at[-1] - max(max(y.low, y.high) - gap * 0.2, wanted[-1])
    if over > 0:  # back down, from the top
        at[-1] -= over
        for k in range(len(at) - 2, -1, -1):
            at[k] = min(at[k], at[k + 1] - gap)
    texts = [Text(ends[n][0], place, ends[n][2], dark(ends[n][3])) for n, place in zip(order, at, strict=True)]
    return tuple(texts)
