"""The report: one HTML file with everything in it."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from . import plots
from .impute import Imputer, Patience
from .presence import PresenceRule, present_seconds
from .record import Record
from .study import MEASURES, Calibration, Measures, Replay, paired, record_frame

__all__ = ["Study", "not_routable", "number", "signed", "write_report"]


@dataclass
class Study:
    """All that a report tells."""

    record: Record
    imputer: Imputer
    rule: PresenceRule
    presence: str
    calibration: Calibration | None
    baseline: Replay
    others: list[Replay]
    added_agents: int
    target_s: float
    seed: int
    command: str

    @property
    def frame(self) -> pd.DataFrame:
        return record_frame(self.record.on(self.baseline.days))

    @property
    def truth(self) -> Measures:
        frame = self.frame
        return Measures.of_frame(frame, self.target_s)

    def shares(self) -> dict[str, float]:
        return self.imputer.shares(self.record.on(self.baseline.days))

    @property
    def misses(self) -> float:
        """How far the baseline's mean wait is from the record's, as a part of it."""
        truth = self.truth.mean_wait
        return abs(self.baseline.interval("mean_wait").mean - truth) / truth if truth > 0 else 0.0


def not_routable(run: Replay) -> str:
    """What a plan that lacks queues makes of the calls that belong to them."""
    names = ", ".join(run.lacking[:8]) + (" ..." if len(run.lacking) > 8 else "")
    return (
        f"{run.name} has not the queue{'s' * (len(run.lacking) > 1)} {names}: {number(run.not_routable)} of "
        f"{len(run.frames[0])} calls are not routable under it; they count as offered and not answered, and in no wait"
    )


def number(value: float, digits: int = 1) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def signed(value: float, digits: int = 1) -> str:
    if math.isnan(value):
        return "-"
    text = f"{value:+.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}") if float(text) != 0 else f"{0:.{digits}f}"


def _days(days: Sequence[Any]) -> str:
    parts: list[str] = []
    begin = last = days[0]
    for day in [*days[1:], None]:
        if day is not None and (day - last).days == 1:
            last = day
            continue
        parts.append(f"{begin}" if begin == last else f"{begin} to {last}")
        begin = last = day
    return ", ".join(parts)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    head = "".join(f"<th>{html.escape(h)}</th>" for h in headings)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _baseline_rows(study: Study) -> list[list[str]]:
    rows = []
    for key, heading, unit, factor in MEASURES:
        value = study.baseline.interval(key)
        truth = getattr(study.truth, key) * factor
        gap = value.mean * factor - truth
        rows.append(
            [
                f"{heading} ({unit})",
                number(truth),
                f"{number(value.mean * factor)} &plusmn; {number(value.half * factor)}",
                signed(gap),
            ]
        )
    return rows


def _difference_table(study: Study, plan: Replay) -> str:
    rows = []
    for key, heading, unit, factor in MEASURES:
        base, own, diff = study.baseline.interval(key), plan.interval(key), paired(plan, study.baseline, key)
        rows.append(
            [
                f"{heading} ({unit})",
                number(base.mean * factor),
                number(own.mean * factor),
                f"<b>{signed(diff.mean * factor)}</b>",
                f"&plusmn; {number(diff.imputation * factor)}",
                f"&plusmn; {number(diff.days * factor)}",
            ]
        )
    headings = ["measure", "baseline", plan.name, "difference", "over imputations", "over days"]
    return _table(headings, rows)


def _kind_table(study: Study) -> str:
    runs = [study.baseline, *study.others]
    frame = study.frame
    recorded = bool(frame["known_priority"].all())
    headings = ["type", "priority", "calls", *(["record"] if recorded else []), *(run.name for run in runs)]
    rows = []
    groups = study.baseline.frames[0].groupby(["type", "priority"]).size()
    for (kind, priority), _ in groups.items():

        def chosen(f: pd.DataFrame, kind: Any = kind, priority: Any = priority) -> Any:
            return (f["type"] == kind) & (f["priority"] == priority)

        cells = []
        for run in runs:
            wait, level = run.interval("mean_wait", chosen), run.interval("service_level", chosen)
            lost = run.interval("abandonment", chosen)
            cells.append(
                f"{number(wait.mean)} &middot; {number(100 * level.mean, 0)} &middot; {number(100 * lost.mean, 0)}"
            )
        calls = sum(int(chosen(f).sum()) for f in study.baseline.frames) / len(study.baseline.frames)
        truth = []
        if recorded:
            part = frame[chosen(frame)]
            m = Measures.of_frame(part, study.target_s)
            truth = [
                " &middot; ".join(
                    [number(m.mean_wait), number(100 * m.service_level, 0), number(100 * m.abandonment, 0)]
                )
            ]
        rows.append([html.escape(str(kind)), html.escape(str(priority)), number(calls, 0), *truth, *cells])
    return _table(
        headings,
        rows,
        f"mean wait (s) \N{MIDDLE DOT} answered within {study.target_s:g} s (%) \N{MIDDLE DOT} abandoned (%)",
    )


def _calibration(study: Study) -> str:
    done = study.calibration
    if done is None:
        return (
            f"<p class=warn>The agents' presence was not calibrated ({html.escape(study.presence)}). Waits of the "
            "baseline are then "
            "usually too short, and differences between plans too small.</p>"
        )
    rows = []
    for trial in done.trials:
        gap = "none" if math.isinf(trial.rule.gap_s) else f"{trial.rule.gap_s / 60:g} min"
        mark = "&larr; taken" if trial.rule == done.rule else ""
        m = trial.measures
        rows.append(
            [
                gap, number(trial.rule.turnaround_s), number(m.mean_wait), number(100 * m.share_at_once),
                number(100 * m.service_level), number(100 * m.abandonment), number(trial.distance, 2), mark,
            ]
        )  # fmt: skip
    t = done.record
    rows.append(
        [
            "<i>record</i>",
            "",
            number(t.mean_wait),
            number(100 * t.share_at_once),
            number(100 * t.service_level),
            number(100 * t.abandonment),
            "",
            "",
        ]
    )
    headings = [
        "gaps that are absences", "after each call (s)", "mean wait (s)", "at once (%)",
        f"within {study.target_s:g} s (%)",
        "abandoned (%)", "miss (points)", "",
    ]  # fmt: skip
    failed = (
        ""
        if done.reached
        else "<p class=warn>No pair reproduced the mean wait of these days within 5 %: "
        "the rule may not be the centre's own.</p>"
    )
    return (
        f"<p>Calibrated on {html.escape(_days(done.days))}, which are not replayed below. For each threshold the time "
        "after each call was tuned until "
        "the centre's own rule gave the record's mean wait; the pair that also came nearest in the three shares was "
        "taken "
        "(miss: root mean square of the three, in percentage points).</p>" + _table(headings, rows) + failed
    )


def _notes(study: Study) -> str:
    rows = [f"<li>{html.escape(why)}: {count}</li>" for why, count in study.record.left_out.items()]
    odd = [f"<li>{html.escape(why)}: {count}</li>" for why, count in study.record.notes.items()]
    left = (
        f"<p>Left out of {study.record.rows} rows:</p><ul>{''.join(rows)}</ul>"
        if rows
        else "<p>No row was left out.</p>"
    )
    return left + (f"<p>Kept, but odd:</p><ul>{''.join(odd)}</ul>" if odd else "")


_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{margin-top:2.2rem;font-size:1.2rem;border-bottom:1px solid #ccc}
table{border-collapse:collapse;margin:1rem 0;font-size:.92rem}caption{text-align:left;color:#555;padding-bottom:.3rem}
th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #e3e3e3}
th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #888}
svg{max-width:100%;height:auto}.warn{background:#fff3cd;padding:.6rem .8rem;border-left:4px solid #E69F00}
code,pre{background:#f4f4f4;font-size:.88rem}pre{padding:.6rem;overflow-x:auto;white-space:pre-wrap}
figure{margin:1rem 0}figcaption{color:#555;font-size:.92rem}
"""


def _figure(drawing: Any, caption: str) -> str:
    return f"<figure>{plots.svg(drawing)}<figcaption>{html.escape(caption)}</figcaption></figure>"


def write_report(study: Study, path: Path) -> None:
    """Writes the report; the same study gives the same bytes."""
    base, others, frame = study.baseline, study.others, study.frame
    runs = [base, *others]
    looks = plots.styles(runs)
    calls = study.record.on(base.days)
    talk = calls[calls["served"] & calls["agent"].notna()].groupby("agent")["service_s"].sum() / 3600
    parts: list[str] = []
    truth, mean = study.truth.mean_wait, base.interval("mean_wait")
    parts.append(f"<h1>Replay of {html.escape(study.record.name)}</h1>")
    parts.append(
        f"<p>{len(calls)} calls on {html.escape(_days(base.days))}, sent through the routing engine under "
        f"{len(runs)} plan{'s' * (len(runs) > 1)}, {len(base.frames)} imputation{'s' * (len(base.frames) > 1)} "
        "each.</p>"
    )
    parts.append("<h2>1. The record against its own rule</h2>")
    parts.append(
        f"<p>Before any plan is compared: does a replay of the centre's own rule (<b>{html.escape(base.name)}</b>) "
        "give what the record says? "
        f"Mean wait {number(truth)} s recorded, {number(mean.mean)} s replayed. Answered in time means within "
        f"{study.target_s:g} s, "
        "out of all who joined the queue (sl.offered).</p>"
    )
    parts.append(
        _table(
            [
                "measure",
                "record",
                "baseline, &plusmn; over imputations".replace("&plusmn;", "\u00b1"),
                "baseline less record",
            ],
            _baseline_rows(study),
        )
    )
    if study.misses > 0.1:
        parts.append(
            f"<p class=warn>The baseline misses the record's mean wait by {100 * study.misses:.0f} %. Read the "
            "differences below as "
            "tendencies, not as sizes.</p>"
        )
    parts.append(
        _figure(
            plots.hours(frame, [base], looks[:1], with_record=True),
            "Record and baseline, hour by hour. Bands: from the least to the greatest imputation.",
        )
    )
    parts.append(
        _figure(plots.waits(frame, [base], looks[:1]), "How long people waited (served or not), record and baseline.")
    )
    parts.append("<h2>2. What was imputed, and how presence was inferred</h2>")
    skills = "as the plan says"
    if study.added_agents:
        skills = f"the types each has served ({study.added_agents} agents taken from the record)"
    shares = "".join(
        f"<li>{html.escape(what)}: {100 * share:.1f} % of the calls</li>" for what, share in study.shares().items()
    )
    hours = sum(present_seconds(study.record.on([day]), study.rule.gap_s) for day in base.days) / 3600
    parts.append(
        f"<ul>{shares}<li>agents' presence: all of it ({hours:.0f} hours), from the calls they served: "
        f"{html.escape(str(study.rule))}</li>"
        f"<li>agents' skills: {skills}</li></ul>"
    )
    parts.append(_calibration(study))
    if study.imputer.patience is Patience.km:
        parts.append(
            _figure(
                plots.kaplan_meier(study.imputer.km, study.imputer.patience_by),
                f"Patience by {study.imputer.patience_by}: Kaplan-Meier over those who waited, the served censored at "
                "their wait. Beyond its end nobody is taken to hang up.",
            )
        )
    parts.append("<h2>3. Other plans against the baseline</h2>")
    if others:
        parts.append(
            "<p>Never against the record: the baseline shares every imputation, presence and customer with the other "
            "plans, so what differs is the rule. "
            "A difference is believed where it exceeds both intervals.</p>"
        )
        for plan in others:
            if plan.lacking:
                parts.append(f"<p class=warn>{html.escape(not_routable(plan))}.</p>")
            parts.append(_difference_table(study, plan))
        parts.append(_figure(plots.hours(frame, runs, looks, with_record=False), "All plans, hour by hour."))
    else:
        parts.append("<p>None was given; add --plan.</p>")
    parts.append("<h2>4. By type and priority</h2>")
    parts.append(_kind_table(study))
    parts.append(
        _figure(
            plots.by_kind(frame, runs, looks, "mean_wait", "mean wait (s), 95 % over imputations", 1.0),
            "Mean wait by type and priority; kinds with few calls are left out.",
        )
    )
    if not frame["known_priority"].all():
        parts.append("<p>The record has no column here: it names the priority only of those who waited.</p>")
    parts.append("<h2>5. The agents' load</h2>")
    parts.append(
        "<p>Occupancy: "
        + ", ".join(f"{html.escape(run.name)} {100 * run.occupancy():.1f} %" for run in runs)
        + " (talking and after-call work over these and available time; docs/measures.md).</p>"
    )
    parts.append(
        _figure(
            plots.agents(base, others, looks, {str(k): float(v) for k, v in talk.items()}),
            "Hours of each agent under the baseline, and occupancy under every plan.",
        )
    )
    parts.append("<h2>6. What the intervals cover</h2>")
    parts.append(
        f"<p><i>Over imputations</i>: Student's 95 % interval over {len(base.frames)} completions of the record "
        "(paired for differences): how far other draws of "
        "patience, service and priority would have moved the figure. <i>Over days</i>: jackknife over the days "
        "replayed, Student's t with days - 1: how far other days like "
        "these would have. Neither covers errors of the presence that was inferred, of the calibration, of the "
        "patience curve itself, or of "
        "the model: customers who would call again, agents who would work otherwise under another rule.</p>"
    )
    parts.append("<h2>7. The rows, and how to repeat this</h2>")
    parts.append(_notes(study))
    total = sum(run.commands for run in runs)
    events = sum(run.events for run in runs)
    parts.append(
        f"<p>{total} commands, {events} events; seed {study.seed}. Repeat it "
        f"with</p><pre>{html.escape(study.command)}</pre>"
    )
    document = (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Replay of "
        f"{html.escape(study.record.name)}</title>"
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document, encoding="utf-8")


def results(study: Study) -> dict[str, Any]:
    """The figures as data, for programs."""
    rule = {
        "gap_s": None if math.isinf(study.rule.gap_s) else study.rule.gap_s,
        "turnaround_s": study.rule.turnaround_s,
    }
    plans: dict[str, Any] = {}
    for run in [study.baseline, *study.others]:
        plans[run.name] = {
            key: {
                "mean": run.interval(key).mean,
                "half_width": _finite(run.interval(key).half),
                "difference": None if run is study.baseline else paired(run, study.baseline, key).mean,
                "difference_over_imputations": None
                if run is study.baseline
                else _finite(paired(run, study.baseline, key).imputation),
                "difference_over_days": None
                if run is study.baseline
                else _finite(paired(run, study.baseline, key).days),
            }
            for key, *_ in MEASURES
        } | {"occupancy": run.occupancy(), "not_routable": run.not_routable, "lacking_queues": run.lacking}
    return {
        "record": {key: getattr(study.truth, key) for key, *_ in MEASURES},
        "calls": study.truth.offered,
        "presence": rule,
        "calibrated_on": [] if study.calibration is None else [str(day) for day in study.calibration.days],
        "replayed": [str(day) for day in study.baseline.days],
        "imputed": study.shares(),
        "left_out": study.record.left_out,
        "notes": study.record.notes,
        "baseline": study.baseline.name,
        "plans": plans,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
