"""Plans compared: figure by figure with paired differences, and one figure traded for another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

import numpy as np

from ...errors import ArgumentError, unknown_name
from ..estimate import Estimate
from ..result import Comparison
from ..traffic import ALL
from .marks import Axis, Floats, Line, Mark, Panel, Points, Rule, Sheet, Text
from .picture import Picture
from .sources import Results, estimate_of, results_of
from .style import COLUMN_MM, GREY, INK, LETTER_MM, LINE_MM, PALETTE, dark, places, scale
from .words import Quantity, quantity

__all__ = ["efficient", "policies", "trade_off"]

#: Of the panel where figures are traded.
_HEIGHT_MM = 58.0
Best = Literal["smallest", "largest"]
#: A figure, with the stream or section it is of; or a number for each plan, such as what its staff costs.
Measure = str | tuple[str, ...] | Mapping[str, float]


def policies(
    comparison: Comparison,
    figures: Sequence[str] = ("mean_wait_s", "p_abandon"),
    *,
    stream: str = ALL,
    width_mm: float = COLUMN_MM,
) -> Picture:
    """Each of ``figures`` under every plan: to the left its value, to the right its difference from the first plan, paired by
    replication.

    Left intervals are each plan's own, which says little of differences where customers are the same; right ones are of the
    paired differences, all of one figure holding together (Bonferroni). Full marks are differences that the interval tells
    from 0, rings are not.

    :raises ArgumentError: where there is one plan, or nothing was paired (one replication, batch means).
    """
    if not isinstance(comparison, Comparison):
        raise ArgumentError('source: is no comparison; give what study.compare() returns, of a study with "plans"')
    if len(comparison.results) < 2:
        raise ArgumentError('source: there is one plan, and nothing to compare; write several in the study\'s "plans"')
    if not figures:
        raise ArgumentError('figures: are none; write some, such as ["mean_wait_s", "p_abandon"]')
    names = list(comparison.results)
    others = {plan: comparison.differences.get(plan, {}).get(("streams", stream), {}) for plan in names[1:]}
    rows = []
    for figure in figures:
        what = quantity(figure)
        own = {plan: estimate_of(result, (figure, stream)) for plan, result in comparison.results.items()}
        if any(figure not in found for found in others.values()):
            raise ArgumentError(
                f"source: {figure!r} was not paired; carry out at least two replications, not batch means, and name a figure "
                "that every plan has"
            )
        gaps = {plan: found[figure] for plan, found in others.items()}
        value = _estimates(list(own.values()), what, names)
        x = scale("", value.x_low, value.x_high, value.x, zero=False, most=4)
        gap = _estimates([one.difference for one in gaps.values()], what, [f"{plan} less {names[0]}" for plan in gaps], first=1)
        gap = _ringed(gap, tuple(one.decided for one in gaps.values()))
        difference = scale("", gap.x_low, gap.x_high, gap.x, most=4)
        height = max(9.0, 4.6 * len(names))
        left = Panel(x, places(what.label, names), (value,), height)
        bare = places(f"difference ({what.unit})" if what.unit else "difference", [""] * len(names))
        rows.append((left, Panel(difference, bare, (Rule(0.0, True, GREY, "solid"), gap), height)))
    one = next(iter(comparison.results.values()))
    count = min(result.replications for result in comparison.results.values())
    note = (
        f"{count} replications with the same customers. Left: each plan's {one.confidence * 100:g} % interval. Right: less "
        f"{names[0]}, paired by replication, those of a figure hold together; rings: not told from 0."
    )
    return Picture(Sheet(comparison.name, note, tuple(rows), width_mm, columns=(1.0, 1.0)))


def _estimates(found: Sequence[Estimate], what: Quantity, names: Sequence[str], first: int = 0) -> Points:
    value, low, high = (np.array([getattr(e, key) for e in found]) * what.factor for key in ("value", "low", "high"))
    said = tuple(f"{name}: {what.said(e.value, e.low, e.high)}" for name, e in zip(names, found, strict=True))
    return Points(
        value, np.arange(first, first + len(found), dtype=np.float64), PALETTE[0], what.words, "circle", low, high, said=said
    )


def _ringed(points: Points, filled: tuple[bool, ...]) -> Points:
    from dataclasses import replace

    return replace(points, filled=filled)


def trade_off(
    source: Results,
    x: Measure,
    y: Measure,
    *,
    best: tuple[Best | None, Best | None] = (None, None),
    x_label: str = "",
    y_label: str = "",
    width_mm: float = COLUMN_MM,
) -> Picture:
    """Two figures of several plans or staffings as crosses of their intervals; the efficient ones, which no other betters in
    both, are joined.

    source: a comparison, or results by name, each from a study of its own.
    x, y: a figure (``"p_abandon"``), one with its stream (``("p_abandon", "calls")``) or section (``("utilisation",
        "profiles", "voice")``), or a number for each name, such as the hours of its staff; then ``x_label`` or ``y_label``
        says what that is.
    best: which side of each is better; without, as the figure suggests: small waits, large shares served; small numbers of
        one's own.

    Efficient is judged by the values alone: where crosses overlap, another sample may say otherwise (:func:`policies` pairs).

    :raises ArgumentError: where there are fewer than two, or no side is known to be better.
    """
    results = results_of(source)
    if len(results) < 2:
        raise ArgumentError(
            "source: there is one plan, and nothing to trade; give a comparison, or results of several staffings by name"
        )
    across, across_what = _measured(results, x, x_label, "x")
    up, up_what = _measured(results, y, y_label, "y")
    sides = [side or what.best for side, what in zip(best, (across_what, up_what), strict=True)]
    for axis, side in zip("xy", sides, strict=True):
        if side not in ("smallest", "largest"):
            raise ArgumentError(f'best: which side of {axis} is better is not known; write best=("smallest", "largest")')
    names = list(results)
    joined = efficient(across[0], up[0], cast(tuple[Best, Best], tuple(sides)))
    marks: list[Mark] = []
    order = np.flatnonzero(joined)[np.argsort(across[0][joined], kind="stable")]
    marks.append(Line(across[0][order], up[0][order], GREY, "efficient", "dash", 0.9))
    said = tuple(f"{name}: {_pair(across, n, across_what)}; {_pair(up, n, up_what)}" for n, name in enumerate(names))
    marks.append(
        Points(
            across[0],
            up[0],
            PALETTE[0],
            "plans",
            "circle",
            across[1],
            across[2],
            up[1],
            up[2],
            said,
            tuple(bool(one) for one in joined),
        )
    )
    x_axis = scale(across_what.label, _wider(across), zero=False, most=6)
    y_axis = scale(up_what.label, _wider(up), zero=False, most=6)
    marks += _names(names, across, up, x_axis, y_axis, joined, order, width_mm)
    one = next(iter(results.values()))
    note = (
        f"Crosses: {one.confidence * 100:g} % intervals of each figure by itself. Joined, and full: those that no other "
        "betters in both, by the values."
    )
    title = source.name if isinstance(source, Comparison) else one.name
    return Picture(Sheet(title, note, ((Panel(x_axis, y_axis, tuple(marks), _HEIGHT_MM),),), width_mm))


def efficient(
    x: Floats, y: Floats, best: tuple[Best, Best] = ("smallest", "smallest")
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which points no other is at least as good as in both and better than in one."""
    one = np.asarray(x, np.float64) * (1 if best[0] == "smallest" else -1)
    other = np.asarray(y, np.float64) * (1 if best[1] == "smallest" else -1)
    no_worse = (one[None, :] <= one[:, None]) & (other[None, :] <= other[:, None])
    better = (one[None, :] < one[:, None]) | (other[None, :] < other[:, None])
    return np.asarray(~(no_worse & better).any(axis=1))


def _measured(
    results: Mapping[str, object], measure: Measure, label: str, axis: str
) -> tuple[tuple[Floats, Floats, Floats], Quantity]:
    """Value, low and high by plan, in the picture's unit."""
    if isinstance(measure, Mapping):
        for name in results:
            if name not in measure:
                raise unknown_name(f"{axis} of", name, measure)
        values = np.array([float(measure[name]) for name in results])
        return (values, values, values), Quantity(label or axis, best="smallest")
    figure = measure if isinstance(measure, str) else measure[0]
    what = quantity(figure)
    if label:
        what = Quantity(label, "", what.factor, what.best)
    elif not isinstance(measure, str) and len(measure) > 1:
        what = Quantity(f"{measure[-1]}: {what.words}", what.unit, what.factor, what.best)
    found = [estimate_of(result, measure) for result in results.values()]  # type: ignore[arg-type]
    if not all(np.isfinite(e.value) for e in found):
        raise ArgumentError(f"{axis}: {figure!r} is not known of every plan; name another")
    value, low, high = (np.array([getattr(e, key) for e in found]) * what.factor for key in ("value", "low", "high"))
    if not np.isfinite(low).all():
        raise ArgumentError("source: one replication has no interval; carry out at least two")
    return (value, low, high), what


def _wider(values: tuple[Floats, Floats, Floats]) -> Floats:
    """With room for names at the edges."""
    low, high = float(np.min(values)), float(np.max(values))
    return np.array([low - 0.06 * (high - low), high + 0.06 * (high - low)])


def _pair(values: tuple[Floats, Floats, Floats], n: int, what: Quantity) -> str:
    value, low, high = (float(one[n]) / what.factor for one in values)
    return f"{what.words} {what.said(value, float('nan') if low == high else low, high)}"


def _names(
    names: Sequence[str],
    across: tuple[Floats, Floats, Floats],
    up: tuple[Floats, Floats, Floats],
    x: Axis,
    y: Axis,
    joined: np.ndarray[tuple[int], np.dtype[np.bool_]],
    order: np.ndarray[tuple[int], np.dtype[np.intp]],
    width_mm: float,
) -> list[Mark]:
    """Names beside their points, each in that of its four corners where it covers least of crosses, the line, and names that
    stand already."""
    along = (np.stack([across[0], across[1], across[2]]) - x.low) / (x.high - x.low)
    upwards = (np.stack([up[0], up[1], up[2]]) - y.low) / (y.high - y.low)
    step = np.linspace(0, 1, 25)[:, None]
    line = np.column_stack(
        [(one[0, order[:-1]] * (1 - step) + one[0, order[1:]] * step).ravel() for one in (along, upwards)]
    )  # fmt: skip
    wide = np.column_stack([(along[1] * (1 - step) + along[2] * step).ravel(), np.tile(upwards[0], len(step))])
    high = np.column_stack([np.tile(along[0], len(step)), (upwards[1] * (1 - step) + upwards[2] * step).ravel()])
    inked = np.concatenate([line, wide, high])
    tall = LINE_MM / _HEIGHT_MM
    taken: list[tuple[float, float, float, float]] = []
    found: list[Mark] = []
    for n, name in enumerate(names):
        length = LETTER_MM * len(name) / (width_mm - 16)
        at, level = float(along[0, n]), float(upwards[0, n])
        best: tuple[float, float, Literal["left", "right"]] | None = None
        box = (0.0, 0.0, 0.0, 0.0)
        sides: tuple[tuple[float, Literal["left", "right"]], ...] = (
            (0.72, "right"),
            (-0.72, "right"),
            (0.72, "left"),
            (-0.72, "left"),
        )
        for lift, side in sides:
            left, right = (at + 0.015, at + 0.015 + length) if side == "right" else (at - 0.015 - length, at - 0.015)
            low, top = level + lift * tall - tall / 2, level + lift * tall + tall / 2
            covered = np.sum((inked[:, 0] > left) & (inked[:, 0] < right) & (inked[:, 1] > low) & (inked[:, 1] < top))
            cost = float(covered) + 40.0 * sum(left < r and right > a and low < t and top > b for a, r, b, t in taken)
            cost += 1000.0 * (max(-left, 0) + max(right - 1, 0) + max(-low, 0) + max(top - 1, 0))
            if best is None or cost < best[0]:
                best, box = (cost, lift, side), (left, right, low, top)
        assert best is not None
        taken.append(box)
        colour = dark(PALETTE[0]) if joined[n] else INK
        found.append(Text(float(across[0][n]), float(up[0][n]) + best[1] * tall * (y.high - y.low), name, colour, best[2]))
    return found
