"""The pictures of the report, in colours that colour-blind readers tell apart (Okabe, Ito); marks differ too."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..fit.survival import KaplanMeier
from .study import Measures, Replay

__all__ = ["RECORD", "Style", "agents", "by_kind", "hours", "kaplan_meier", "overview", "save_png", "svg", "waits"]

RECORD = ("#000000", "o", "record")
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
MARKS = ("s", "^", "D", "v", "P", "X")
Style = tuple[str, str, str]

_LOOK: Any = {
    "svg.hashsalt": "koble",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.dpi": 100,
}


def styles(runs: Sequence[Replay]) -> list[Style]:
    return [(PALETTE[i % len(PALETTE)], MARKS[i % len(MARKS)], run.name) for i, run in enumerate(runs)]


def svg(figure: Figure) -> str:
    """Inline SVG, the same bytes every time."""
    with mpl.rc_context(_LOOK):
        stream = io.StringIO()
        figure.savefig(stream, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = stream.getvalue()
    return text[text.index("<svg") :]


def save_png(figure: Figure, path: Any) -> None:
    with mpl.rc_context(_LOOK):
        figure.savefig(path, format="png", dpi=140, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)


def _clock(axis: Any, first: int, last: int) -> None:
    step = 1 if last - first <= 12 else 2
    ticks = list(range(first, last + 2, step))
    axis.set_xticks(ticks, [f"{h % 24:02d}" for h in ticks])
    axis.set_xlim(first, last + 1)


def _by_hour(frame: pd.DataFrame, span: range, key: str, target_s: float) -> list[float]:
    found = []
    for hour in span:
        part = frame[frame["hour"] == hour]
        found.append(getattr(Measures.of_frame(part, target_s), key))
    return found


def _span(frame: pd.DataFrame) -> range:
    """The hours that together hold all but a few calls."""
    counts = frame["hour"].value_counts().sort_index()
    busy = counts[counts >= max(2, 0.002 * counts.sum())]
    return range(int(busy.index.min()), int(busy.index.max()) + 1)


def _hour_lines(
    axis: Any,
    record: pd.DataFrame | None,
    runs: Sequence[Replay],
    looks: Sequence[Style],
    key: str,
    factor: float,
    span: range,
) -> None:
    middle = np.array([h + 0.5 for h in span])
    for place, (run, (colour, mark, name)) in enumerate(zip(runs, looks, strict=True)):
        each = np.array([_by_hour(frame, span, key, run.target_s) for frame in run.frames]) * factor
        mean = each.mean(axis=0)
        if len(each) > 1 and place == 0:  # of the baseline only: bands of all would hide each other
            axis.fill_between(middle, each.min(axis=0), each.max(axis=0), color=colour, alpha=0.15, linewidth=0)
        axis.plot(middle, mean, color=colour, marker=mark, markersize=4.5, linewidth=1.6, label=name)
    if record is not None:
        truth = np.array(_by_hour(record, span, key, runs[0].target_s)) * factor
        colour, mark, name = RECORD
        axis.plot(middle, truth, color=colour, marker=mark, markersize=4, linewidth=1.3, linestyle="--", label=name)


def hours(record: pd.DataFrame, runs: Sequence[Replay], looks: Sequence[Style], *, with_record: bool) -> Figure:
    """Hour by hour: how many came, how long they waited, how many were answered in time and how many gave up."""
    span = _span(record)
    days = len(runs[0].days)
    with mpl.rc_context(_LOOK):
        figure, axes = plt.subplots(
            4, 1, figsize=(8.6, 10), sharex=True, gridspec_kw={"height_ratios": [1, 1.6, 1.3, 1.3]}
        )
        counts = [float((record["hour"] == h).sum()) / days for h in span]
        axes[0].bar([h + 0.5 for h in span], counts, width=0.8, color="#999999")
        axes[0].set_ylabel("calls an hour\n(mean of a day)")
        for axis, key, factor, label in (
            (axes[1], "mean_wait", 1.0, "mean wait (s)"),
            (axes[2], "service_level", 100.0, f"answered within\n{runs[0].target_s:g} s (%)"),
            (axes[3], "abandonment", 100.0, "abandoned (%)"),
        ):
            _hour_lines(axis, record if with_record else None, runs, looks, key, factor, span)
            axis.set_ylabel(label)
            axis.set_ylim(bottom=0)
        axes[2].set_ylim(0, 100)
        axes[3].set_xlabel("hour of joining the queue")
        _clock(axes[3], span.start, span.stop - 1)
        handles, labels = axes[1].get_legend_handles_labels()
        axes[0].legend(handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(labels), fontsize=9)
        figure.align_ylabels(axes)
    return figure


def by_kind(
    record: pd.DataFrame | None, runs: Sequence[Replay], looks: Sequence[Style], key: str, label: str, factor: float
) -> Figure:
    """One measure by type and priority: a row each, a mark for every plan."""
    with mpl.rc_context(_LOOK):
        rows = _kinds(runs[0])
        figure, axis = plt.subplots(figsize=(8.6, 0.46 * len(rows) + 1.5))
        _kind_marks(axis, record, runs, looks, key, factor, rows)
        axis.set_xlabel(label)
        axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(3, len(runs) + 1), fontsize=9)
    return figure


def _kinds(run: Replay) -> list[tuple[str, str]]:
    """Types and priorities that are common enough to show, most calls last (at the top)."""
    counts = run.frames[0].groupby(["type", "priority"]).size().sort_values()
    least = max(10.0, 0.004 * float(counts.sum()))
    return [(str(t), str(p)) for (t, p), n in counts.items() if n >= least][-14:]


def _kind_marks(
    axis: Any,
    record: pd.DataFrame | None,
    runs: Sequence[Replay],
    looks: Sequence[Style],
    key: str,
    factor: float,
    rows: Sequence[tuple[str, str]],
) -> None:
    several = len(runs) + (record is not None)
    for i, (kind, priority) in enumerate(rows):
        if i % 2 == 0:
            axis.axhspan(i - 0.5, i + 0.5, color="#f4f4f4", linewidth=0, zorder=0)

        def chosen(frame: pd.DataFrame, kind: str = kind, priority: str = priority) -> Any:
            return (frame["type"] == kind) & (frame["priority"] == priority)

        for place, (run, (colour, mark, name)) in enumerate(zip(runs, looks, strict=True)):
            y = i + 0.30 - 0.60 * place / max(several - 1, 1)
            interval = run.interval(key, chosen)
            half = 0.0 if math.isnan(interval.half) else interval.half * factor
            axis.errorbar(
                interval.mean * factor, y, xerr=half, color=colour, marker=mark, markersize=6, linewidth=1.2,
                linestyle="none", label=name if i == 0 else None,
            )  # fmt: skip
        if record is not None:
            part = record[chosen(record) & record["known_priority"]]
            if len(part) and record["known_priority"].all():
                value = getattr(Measures.of_frame(part, runs[0].target_s), key)
                axis.plot(
                    value * factor, i - 0.30, color=RECORD[0], marker=RECORD[1], markersize=5, linestyle="none",
                    label=RECORD[2] if i == 0 else None,
                )  # fmt: skip
    axis.set_yticks(range(len(rows)), [f"{kind} {priority}".strip() for kind, priority in rows])
    axis.set_ylim(-0.5, len(rows) - 0.5)
    axis.grid(axis="y", visible=False)
    axis.set_xlim(left=0)


def waits(record: pd.DataFrame | None, runs: Sequence[Replay], looks: Sequence[Style]) -> Figure:
    """How many wait longer than t."""
    with mpl.rc_context(_LOOK):
        figure, axis = plt.subplots(figsize=(8.6, 3.8))
        frames = [pd.concat(run.frames) for run in runs]
        everything = [(f["wait_s"][~f["not_routable"]], look) for f, look in zip(frames, looks, strict=True)]
        top = max(float(np.quantile(w, 0.99)) for w, _ in everything)
        grid = np.linspace(0, max(top, 1.0), 200)
        for series, (colour, _, name) in everything:
            values = np.sort(series.to_numpy())
            axis.plot(
                grid, 100 * (1 - np.searchsorted(values, grid, side="right") / len(values)), color=colour, label=name
            )
        if record is not None:
            values = np.sort(record["wait_s"].to_numpy())
            over = 100 * (1 - np.searchsorted(values, grid, side="right") / len(values))
            axis.plot(grid, over, color=RECORD[0], linestyle="--", linewidth=1.3, label=RECORD[2])
        axis.set_xlabel("wait t (s)")
        axis.set_ylabel("contacts that waited longer than t (%)")
        axis.set_ylim(bottom=0)
        axis.set_xlim(0, grid[-1])
        axis.legend()
    return figure


def agents(base: Replay, others: Sequence[Replay], looks: Sequence[Style], talk_h: dict[str, float]) -> Figure:
    """Hours of every agent under the baseline; his occupancy under every plan."""
    table = base.agents()
    table = table[table["signed_in_h"] > 0].sort_values("signed_in_h").tail(40).reset_index(drop=True)
    names = list(table["agent"])
    with mpl.rc_context(_LOOK):
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(8.6, 0.26 * len(names) + 1.6), sharey=True, gridspec_kw={"width_ratios": [1.5, 1]}
        )
        begin = np.zeros(len(names))
        for key, colour, label in (
            ("active_h", "#0072B2", "talking"),
            ("wrapup_h", "#56B4E9", "after the call"),
            ("available_h", "#e5e5e5", "available"),
        ):
            left.barh(range(len(names)), table[key], left=begin, color=colour, label=label, height=0.75)
            begin += table[key].to_numpy()
        if talk_h:
            left.plot(
                [talk_h.get(n, math.nan) for n in names], range(len(names)), "k|", markersize=9, label="talking, record"
            )
        left.set_yticks(range(len(names)), names, fontsize=8)
        left.set_xlabel(f"hours in {len(base.days)} day{'s' * (len(base.days) > 1)} ({base.name})")
        left.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
        left.grid(axis="y", visible=False)
        for run, (colour, mark, name) in zip([base, *others], looks, strict=True):
            occupancy = run.agents().set_index("agent")["occupancy"]
            right.plot(
                [100 * occupancy.get(n, math.nan) for n in names], range(len(names)), color=colour, marker=mark,
                linestyle="none", markersize=5, label=name,
            )  # fmt: skip
        right.set_xlabel("occupancy (%)")
        right.set_xlim(0, 100)
        right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1, fontsize=9)
        figure.subplots_adjust(wspace=0.06)
    return figure


def kaplan_meier(curves: dict[str, KaplanMeier], by: str) -> Figure:
    """How many would still be waiting."""
    with mpl.rc_context(_LOOK):
        figure, axis = plt.subplots(figsize=(8.6, 3.4))
        top = 0.0
        for i, (name, curve) in enumerate(sorted(curves.items())):
            colour, label = PALETTE[i % len(PALETTE)], name or "all"
            some = curve.ended > 0
            if not some.any():
                axis.axhline(100, color=colour, label=f"{label} (nobody gave up)")
                continue
            times = np.concatenate([[0.0], curve.time_s[some]])
            share = 100 * np.concatenate([[1.0], curve.survival[some]])
            axis.step(times, share, where="post", color=colour, label=label)
            top = max(top, float(times[-1]))
        axis.set_xlabel("waiting time t (s)")
        axis.set_ylabel("would wait longer than t (%)")
        axis.set_ylim(0, 102)
        axis.set_xlim(0, max(top, 1.0))
        axis.legend(title=by)
    return figure


def overview(record: pd.DataFrame, runs: Sequence[Replay], looks: Sequence[Style], title: str) -> Figure:
    """One picture for a page that shows nothing else."""
    span = _span(record)
    rows = _kinds(runs[0])
    with mpl.rc_context(_LOOK):
        figure, (left, right) = plt.subplots(1, 2, figsize=(12.4, 4.8), gridspec_kw={"width_ratios": [1.45, 1]})
        _hour_lines(left, record, runs, looks, "mean_wait", 1.0, span)
        left.set_xlabel("hour of the day")
        left.set_ylabel("mean wait (s)")
        left.set_ylim(bottom=0)
        _clock(left, span.start, span.stop - 1)
        left.set_title("Hour by hour", loc="left", fontsize=11)
        _kind_marks(right, None, runs, looks, "mean_wait", 1.0, rows)
        right.set_xlabel("mean wait (s), with 95 % intervals over imputations")
        right.set_title("By type and priority", loc="left", fontsize=11)
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=len(labels), bbox_to_anchor=(0.5, -0.06))
        figure.suptitle(title, x=0.02, ha="left", fontsize=12)
        figure.tight_layout(rect=(0, 0, 1, 0.98))
    return figure


Selector = Callable[[pd.DataFrame], Any]
