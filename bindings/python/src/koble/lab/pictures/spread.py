"""How waits, and days, are distributed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError, unknown_name
from ...times import duration_ns, format_duration
from ...world import joined
from ..result import Comparison, Result
from ..traffic import ALL
from .marks import Axis, Band, Bars, Floats, Line, Mark, Panel, Rule, Sheet, Text
from .picture import Picture
from .sources import results_of
from .style import COLUMN_MM, DASHES, GREY, INK, LETTER_MM, LINE_MM, PALETTE, dark, number, scale
from .words import quantity

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["distribution", "waits_of"]

#: Of the panel of waits.
_HEIGHT_MM = 44.0
Ints = npt.NDArray[np.int64]


def distribution(
    source: Study | Result | Comparison,
    figure: str = "wait",
    *,
    stream: str | Sequence[str] | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    plan: str | None = None,
    replications: int | None = None,
    longest: Any = None,
    bins: int | None = None,
    width_mm: float = COLUMN_MM,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Picture:
    """Of ``"wait"`` how many contacts wait longer than t, from a study, whose ``replications`` (by default its number) are
    played again; of any other ``figure`` what each replication, taken as a day, came to, from a result or comparison.

    Waits are those of all who joined after the warm-up, however they ended, each ``stream`` a line (without: every one), or
    where one is named each plan. The band is the pointwise interval over replications, whose contacts hang together.
    ``longest``: where the axis ends, a duration; without, at what one wait in 200 exceeds. Upright lines are the study's
    ``thresholds``.

    Days are counted in ``bins``; with a target (``at_least`` or ``at_most``, in the figure's own unit: 0.8) the colour says
    which reach it, and the share of these has its exact binomial interval (:func:`koble.lab.analysis.chance`).

    :raises ArgumentError: where there is one replication, no such stream, or the source has no single waits.
    """
    if at_least is not None and at_most is not None:
        raise ArgumentError("at_least and at_most: write one of them")
    if figure == "wait":
        if isinstance(source, Result | Comparison):
            raise ArgumentError(
                "source: a result keeps no single waits; give the study, or name a figure of its days, such as 'mean_wait_s'"
            )
        return _of_waits(source, stream, plan, replications, longest, width_mm, executor, progress)
    if not isinstance(source, Result | Comparison):
        raise ArgumentError(f"source: of {figure!r} give the result, study.run() or study.compare(); a study gives 'wait'")
    if stream is not None and not isinstance(stream, str):
        raise ArgumentError("stream: of days one is drawn; write its name")
    return _of_days(source, figure, stream or ALL, at_least, at_most, bins, width_mm)


def waits_of(study: Study, number: int, plan: str) -> list[Ints]:
    """The waits in ns of all contacts of each stream that joined between warm-up and horizon, in one replication."""
    found: list[list[Ints]] = [[] for _ in study.streams]
    for records in study.open(number, plan).blocks():
        inside = (records["arrival_ns"] >= study.warmup_ns) & (records["arrival_ns"] < study.horizon_ns)
        inside &= joined(records)
        for n, own in enumerate(found):
            own.append(records["wait_ns"][inside & (records["stream"] == n)].copy())
    return [np.sort(np.concatenate(own)) if own else np.zeros(0, np.int64) for own in found]


def _waits_of(task: tuple[Study, int, str]) -> list[Ints]:
    return waits_of(*task)


def _of_waits(
    study: Study,
    stream: str | Sequence[str] | None,
    plan: str | None,
    replications: int | None,
    longest: Any,
    width_mm: float,
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
) -> Picture:
    from ..analysis import course

    names = [one.name for one in study.streams]
    streams = names if stream is None else [stream] if isinstance(stream, str) else list(stream)
    for name in streams:
        if name not in names and name != ALL:
            raise unknown_name("stream", name, [*names, ALL])
    plans = [plan] if plan is not None else list(study.centres)
    if plan is not None and plan not in study.centres:
        raise unknown_name("plan", plan, study.centres)
    if len(plans) > 1 and len(streams) > 1:
        streams = [ALL]
    if len(plans) * len(streams) > len(PALETTE):
        raise ArgumentError(f"stream: {len(plans) * len(streams)} lines cannot be told apart; name at most {len(PALETTE)}")
    count = study.replications if replications is None else replications
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise ArgumentError(f"replications: is {count!r}, which has no band; write a whole number from 2 on, better 20 or more")
    played: dict[str, list[list[Ints]]] = {name: [] for name in plans}
    for name in plans:
        tasks = [(study, n, name) for n in range(count)]
        for one in map(_waits_of, tasks) if executor is None else executor.map(_waits_of, tasks):
            played[name].append(one)
            if progress is not None:
                progress(sum(map(len, played.values())), count * len(plans))
    chosen: dict[str, list[list[Ints]]] = {}  # of each line, of each replication, sorted waits of its streams
    for name, days in played.items():
        for of in streams:
            chosen[name if len(plans) > 1 else of] = [day if of == ALL else [day[names.index(of)]] for day in days]
    together = [np.concatenate([waits for day in days for waits in day]) for days in chosen.values()]
    if not any(len(waits) for waits in together):
        raise ArgumentError("source: nobody joined after the warm-up; write streams with contacts")
    usual = max(float(np.quantile(waits, 0.995)) for waits in together if len(waits))
    top_ns = duration_ns(longest) if longest is not None else max(usual, 1.02 * max(study.thresholds_ns, default=0), 1e9)
    if top_ns <= 0:
        raise ArgumentError(f"longest: is {longest!r}; write a duration of more than 0, such as '2m'")
    grid = np.linspace(0, top_ns, 241)
    seconds = grid / 1e9
    minutes = top_ns > 600e9
    x = seconds / 60 if minutes else seconds
    marks: list[Mark] = []
    for k, (name, days) in enumerate(chosen.items()):
        longer = np.array([sum(len(w) - np.searchsorted(w, grid, "right") for w in day) for day in days], np.float64)
        joined = np.array([float(sum(map(len, day))) for day in days])
        curve = course(longer, np.repeat(joined[:, None], len(grid), axis=1), confidence=study.confidence)
        low, high = np.maximum(curve.low, 0) * 100, np.minimum(curve.high, 1) * 100
        marks.append(Band(x, low, high, PALETTE[k], name, 0.25))
        marks.append(Line(x, curve.value * 100, PALETTE[k], name, DASHES[k % 3]))
    lines = [mark for mark in marks if isinstance(mark, Line)]
    y = scale("waited longer than t (%)", *(mark.high for mark in marks if isinstance(mark, Band)), ends=(0.0, None))
    for threshold in study.thresholds_ns:
        at = threshold / (60e9 if minutes else 1e9)
        if at <= x[-1]:
            marks.append(Rule(at, True, GREY, "dot"))
            marks.append(Text(at, y.high * 0.965, format_duration(threshold), GREY, "right"))
    if len(lines) > 1:
        marks += _named(lines, y.high)
    unit = "min" if minutes else "s"
    panel = Panel(scale(f"t ({unit})", x, ends=(0.0, float(x[-1])), most=7), y, tuple(marks), _HEIGHT_MM)
    note = (
        f"Waits of all who joined, however they ended; {count} replications; band: {study.confidence * 100:g} % interval, at "
        "each t by itself."
    )
    return Picture(Sheet(study.name, note, ((panel,),), width_mm))


def _named(lines: Sequence[Line], top: float) -> list[Text]:
    """Names in the upper right corner, where falling curves leave room, in the order of the curves."""
    order = sorted(lines, key=lambda line: -float(np.nansum(line.y)))
    gap = 1.15 * LINE_MM / _HEIGHT_MM * top
    return [
        Text(float(line.x[-1]), top - gap * (n + 0.7), line.name, dark(line.colour), "left") for n, line in enumerate(order)
    ]


def _of_days(
    source: Result | Comparison,
    figure: str,
    stream: str,
    at_least: float | None,
    at_most: float | None,
    bins: int | None,
    width_mm: float,
) -> Picture:
    what = quantity(figure)
    target = at_least if at_least is not None else at_most
    days: dict[str, tuple[Floats, Floats]] = {}
    for name, result in results_of(source).items():
        sections = result.samples
        if not sections or result.replications < 2:
            raise ArgumentError("source: one run, or one replication, is no distribution over days; write more replications")
        if ("streams", stream) not in sections:
            raise unknown_name("stream", stream, [of for kind, of in sections if kind == "streams"])
        if figure not in sections["streams", stream]:
            raise unknown_name("figure", figure, sections["streams", stream])
        days[name] = sections["streams", stream][figure]
    values = {name: above[below > 0] / below[below > 0] * what.factor for name, (above, below) in days.items()}
    if not all(len(own) for own in values.values()):
        raise ArgumentError(f"figure: nobody came whom {figure!r} counts on any day; name another")
    every = np.concatenate(list(values.values()))
    edges = _edges(every, bins, None if target is None else target * what.factor)
    counts = {name: np.histogram(own, edges)[0] for name, own in values.items()}
    shown = edges if target is None else np.append(edges, target * what.factor)
    margin = 0.02 * float(shown.max() - shown.min())
    x = scale(what.label, shown, zero=False, ends=(float(shown.min()) - margin, float(shown.max()) + margin), most=6)
    y_label = "days" if len(values) == 1 else "days: "
    rows = []
    for k, (name, own) in enumerate(counts.items()):
        y = scale(
            y_label + (name if len(values) > 1 else ""),
            *counts.values(),
            ends=(0.0, float(max(c.max() for c in counts.values())) * 1.18),
            most=4,
        )
        confidence = results_of(source)[name].confidence
        marks = _histogram(own, edges, what.factor, at_least, at_most, PALETTE[k if target is None else 0])
        if target is not None:
            marks += _target(days[name], what.factor, at_least, at_most, confidence, x, y, width_mm)
        rows.append((Panel(x, y, tuple(marks), 36.0 if len(values) == 1 else 24.0),))
    one = next(iter(results_of(source).values()))
    note = f"{one.replications} replications, each a day, of {'all streams' if stream == ALL else stream}." + (
        f" In brackets the exact {one.confidence * 100:g} % interval of the share of days." if target is not None else ""
    )
    return Picture(Sheet(one.name, note, tuple(rows), width_mm, one_x=len(rows) > 1))


def _edges(values: Floats, bins: int | None, target: float | None) -> Floats:
    """Bins of equal width, the target between two of them. Their width is Freedman and Diaconis' (1981), within 8 to 30 of
    them."""
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-12 * max(abs(high), 1.0):
        low, high = low - 0.5, high + 0.5
    if bins is not None:
        if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= 500:
            raise ArgumentError(f"bins: is {bins!r}; write a whole number from 1 to 500")
        count = bins
    else:
        count = int(np.clip(len(np.histogram_bin_edges(values, "fd")) - 1, 8, 30)) if high > low else 8
    width = (high - low) / count
    if target is None:
        return np.linspace(low, high, count + 1)
    first, last = np.floor((low - target) / width - 1e-9), np.ceil((high - target) / width + 1e-9)
    return np.asarray(target + np.arange(first, last + 1) * width, np.float64)


def _histogram(
    counts: Ints, edges: Floats, factor: float, at_least: float | None, at_most: float | None, colour: str
) -> list[Mark]:
    middle, width = (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
    said = tuple(
        f"{number(a, 4)} to {number(b, 4)}: {n} day{'s' * (n != 1)}"
        for a, b, n in zip(edges[:-1], edges[1:], counts.tolist(), strict=True)
    )
    reached = np.ones(len(middle), bool)
    if at_least is not None:
        reached = middle > at_least * factor
    if at_most is not None:
        reached = middle < at_most * factor
    found: list[Mark] = []
    for own, ink, name in ((reached, colour, "reached"), (~reached, PALETTE[1], "missed")):
        if own.any():
            kept = tuple(one for one, keep in zip(said, own.tolist(), strict=True) if keep)
            found.append(
                Bars(
                    middle[own], np.zeros(own.sum()), counts[own].astype(np.float64), width, ink, name, across=False, said=kept
                )
            )
    return found


def _target(
    sample: tuple[Floats, Floats],
    factor: float,
    at_least: float | None,
    at_most: float | None,
    confidence: float,
    x: Axis,
    y: Axis,
    width_mm: float,
) -> list[Mark]:
    from ..analysis import chance

    share = chance(sample, at_least=at_least, at_most=at_most, confidence=confidence)
    at = (at_least if at_least is not None else at_most or 0.0) * factor
    words = f"at {'least' if at_least is not None else 'most'} {at:g}: "
    words += f"{share.value * 100:.0f} % of days ({share.low * 100:.0f} to {share.high * 100:.0f})"
    room = (x.high - at) / (x.high - x.low)
    right = LETTER_MM * len(words) / (width_mm - 14) < room or room > 0.5
    return [Rule(at, True, INK, "dash"), Text(at, y.high * 0.94, words, INK, "right" if right else "left")]
