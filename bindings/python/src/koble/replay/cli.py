"""The commands koble replay-calls and koble make-day."""

from __future__ import annotations

import json
import math
import shlex
import sys
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..errors import KobleError
from ..times import duration_ns
from . import plots, report
from .impute import Imputer, Patience, Service
from .presence import PresenceRule, observed_skills
from .record import Columns, Record, RecordError, RecordMapping, days_of, read_record
from .study import MEASURES, Calibration, Measures, ReplayPlan, calibrate, load_plan, paired, replay
from .town import make_days

__all__ = ["register"]


def _console(*, stderr: bool) -> Console:
    """Wide enough for the table where the output is no terminal."""
    console = Console(stderr=stderr, highlight=False, soft_wrap=True)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, soft_wrap=True, width=120)


out = _console(stderr=False)
err = _console(stderr=True)


def _pairs(items: list[str], option: str, example: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise RecordError(f"--{option} {item}: write it as --{option} {example}")
        found[key.strip()] = value.strip()
    return found


def _mapping(
    path: Path | None,
    column: list[str],
    outcome: list[str],
    value: list[str],
    unrecorded: list[str],
    queue_by: str | None,
    queue_map: Path | None,
    epoch: str | None,
) -> RecordMapping:
    mapping = RecordMapping() if path is None else RecordMapping.load(path)
    columns = _pairs(column, "column", "arrival=t_arrive_s")
    known = {f.name for f in fields(Columns)}
    for key in columns:
        if key not in known:
            raise RecordError(f"--column {key}=...: there is no such column; known are {', '.join(sorted(known))}")
    values = {k: dict(v) for k, v in mapping.values.items()}
    for item in value:
        what, _, rest = item.partition(":")
        if what not in known or not rest:
            raise RecordError(f"--value {item}: write it as --value priority:0=regular,2=high")
        values.setdefault(what, {}).update(_pairs(rest.split(","), "value", "priority:0=regular,2=high"))
    queues = dict(mapping.queues)
    if queue_map is not None:
        try:
            queues |= json.loads(queue_map.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError) as error:
            raise RecordError(f"{queue_map}: not a JSON object from names to queues: {error}") from None
    template = mapping.queue
    if queue_by is not None:
        template = queue_by if "{" in queue_by else "-".join("{" + part.strip() + "}" for part in queue_by.split(","))
    try:
        start = mapping.epoch if epoch is None else date.fromisoformat(epoch)
    except ValueError:
        raise RecordError(f"--epoch {epoch}: write a date such as 1999-02-01") from None
    return replace(
        mapping,
        columns=replace(mapping.columns, **columns),
        outcomes={**mapping.outcomes, **_pairs(outcome, "outcome", "HANG=abandoned")},
        values=values,
        unrecorded={**mapping.unrecorded, **_pairs(unrecorded, "unrecorded", "priority=0")},
        queue=template,
        queues=queues,
        epoch=start,
    )


def _presence(text: str) -> PresenceRule | None:
    """None: to be calibrated."""
    if text == "calibrated":
        return None
    if text == "span":
        return PresenceRule()
    kind, _, rest = text.partition(":")
    gap, _, after = rest.partition("+")
    try:
        if kind != "gaps":
            raise ValueError
        rule = PresenceRule(float(gap) * 60, float(after.removesuffix("s")) if after else 0.0)
        if not (rule.gap_s > 0 and 0 <= rule.turnaround_s < 3600):
            raise ValueError
    except ValueError:
        raise RecordError(
            f"--presence {text}: write span, gaps:10 (absent in gaps over 10 minutes), gaps:10+25s (and 25 s after "
            "each call) or calibrated"
        ) from None
    return rule


def _seconds(text: str, option: str) -> float:
    try:
        value = duration_ns(text) / 1e9
    except KobleError as error:
        raise RecordError(f"--{option}: {error}") from None
    return value


def _choose_days(
    record: Record, replayed: str | None, calibrated: str | None, wanted: bool
) -> tuple[list[date], list[date]]:
    days = record.days
    if replayed is not None:
        chosen = days_of(replayed, days)
    elif calibrated is not None:
        chosen = [day for day in days if day not in days_of(calibrated, days)]
    else:
        chosen = days[-max(1, len(days) // 3) :] if wanted and len(days) > 1 else days
    if calibrated is not None:
        tuned = days_of(calibrated, days)
    else:
        tuned = [day for day in days if day not in chosen]
    both = sorted(set(chosen) & set(tuned))
    if both:
        raise RecordError(
            f"{both[0]} is both calibrated on and replayed; a rule must not be judged on the days it was tuned on"
        )
    if not chosen:
        raise RecordError("no day is left to be replayed; give --replay")
    if wanted and not tuned:
        raise RecordError(
            "there is no other day to calibrate the agents' presence on; give a longer record, or say --presence "
            "gaps:10 or --presence span"
        )
    return chosen, tuned


def _write_plans(record: Record, folder: Path, credit: dict[str, str], target: str) -> None:
    """Plans from the record: its own rule, the same without credit, strict priority, everybody serving everything."""
    kinds = sorted(set(record.calls["type"]))
    pairs = sorted(set(zip(record.calls["type"], record.calls["priority"], strict=True)))
    # Whoever has more credit comes first where priority is strict.
    ranks = sorted({_seconds(text, "credit") for text in credit.values()})

    def plan(name: str, *, credits: bool, strict: bool = False, pooled: bool = False) -> dict[str, Any]:
        queues: list[dict[str, Any]] = []
        for kind, priority in pairs:
            queue_name = record.mapping.queue.format(type=kind, priority=priority)
            queue: dict[str, Any] = {"name": record.mapping.queues.get(queue_name, queue_name)}
            if not pooled:
                queue["require"] = f'"{kind}"'
            own = credit.get(priority)
            if own is not None and strict:
                queue["priority"] = {"base": 10 * (1 + ranks.index(_seconds(own, "credit")))}
            elif own is not None and credits:
                queue["priority"] = {"credit": own}
            queue |= {"offer": {"mode": "auto"}, "target": {"within": target, "share": 0.8}}
            if queue["name"] not in [q["name"] for q in queues]:
                queues.append(queue)
        return {"name": name, "skills": kinds, "queues": queues}

    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "own": plan("own rule", credits=True),
        "no-credit": plan("no credit", credits=False),
        "strict": plan("strict priority", credits=False, strict=True),
        "pooled": plan("pooled", credits=True, pooled=True),
    }
    if not credit:
        del written["no-credit"], written["strict"]
    for name, data in written.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        out.print(f"wrote {escape(str(path))}")
    out.print(
        f"agents ({len(observed_skills(record.calls))}) and their skills are taken from the record when it is replayed"
    )


def _range(days: list[date]) -> str:
    return f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _print(study: report.Study) -> None:
    truth, base = study.truth, study.baseline
    table = Table(title=f"{_range(base.days)}: {truth.offered} contacts", title_justify="left")
    table.add_column("measure")
    table.add_column("record", justify="right")
    table.add_column(f"baseline\n{escape(base.name)}", justify="right")
    for run in study.others:
        table.add_column(f"{escape(run.name)}\nless baseline", justify="right")
    for key, heading, unit, factor in MEASURES:
        mean = base.interval(key)
        row = [
            f"{heading} ({unit})",
            report.number(getattr(truth, key) * factor),
            _plus(mean.mean * factor, mean.half * factor),
        ]
        for run in study.others:
            diff = paired(run, base, key)
            row.append(_plus(diff.mean * factor, _larger(diff.imputation, diff.days) * factor, sign=True))
        table.add_row(*row)
    table.add_row(
        "occupancy (%)", "-", report.number(100 * base.occupancy()),
        *(report.signed(100 * (run.occupancy() - base.occupancy())) for run in study.others),
    )  # fmt: skip
    out.print(table)
    kinds = Table(
        title=f"mean wait (s), answered within {study.target_s:g} s (%), by type and priority", title_justify="left"
    )
    kinds.add_column("type, priority")
    kinds.add_column("calls", justify="right")
    frame = study.frame
    recorded = bool(frame["known_priority"].all())
    if recorded:
        kinds.add_column("record", justify="right")
    for run in [base, *study.others]:
        kinds.add_column(escape(run.name), justify="right")
    groups = base.frames[0].groupby(["type", "priority"]).size()
    for (kind, priority), _ in groups.items():

        def chosen(f: Any, kind: Any = kind, priority: Any = priority) -> Any:
            return (f["type"] == kind) & (f["priority"] == priority)

        count = sum(int(chosen(f).sum()) for f in base.frames) / len(base.frames)
        cells = [
            f"{report.number(run.interval('mean_wait', chosen).mean)}  "
            f"{report.number(100 * run.interval('service_level', chosen).mean, 0):>3}"
            for run in [base, *study.others]
        ]
        if recorded:
            part = frame[chosen(frame)]
            own = Measures.of_frame(part, study.target_s)
            cells.insert(0, f"{report.number(own.mean_wait)}  {report.number(100 * own.service_level, 0):>3}")
        kinds.add_row(escape(f"{kind} {priority}".strip()), f"{count:.0f}", *cells)
    out.print(kinds)
    shares = ", ".join(
        f"{what.split(' (')[0]} of {100 * share:.0f} %" for what, share in study.shares().items() if share > 0
    )
    out.print(f"imputed: {shares or 'nothing'} of the calls; presence inferred: {study.rule}")
    for why, count in {**study.record.left_out, **study.record.notes}.items():
        out.print(f"  {count} rows: {escape(why)}")
    for run in study.others:
        if run.lacking:
            err.print(f"[yellow]{escape(report.not_routable(run))}[/yellow]")
    if study.calibration is not None and not study.calibration.reached:
        err.print(
            "[yellow]the calibration did not reach the record's mean wait: the first plan may not be the centre's own "
            "rule[/yellow]"
        )
    if study.misses > 0.1:
        err.print(
            f"[yellow]the baseline misses the record's mean wait by {100 * study.misses:.0f} %: read differences as "
            "tendencies[/yellow]"
        )


def _larger(a: float, b: float) -> float:
    return max((x for x in (a, b) if not math.isnan(x)), default=math.nan)


def _plus(mean: float, half: float, *, sign: bool = False) -> str:
    text = report.signed(mean) if sign else report.number(mean)
    return text if math.isnan(half) else f"{text} ±{half:.1f}"


def replay_calls(
    calls: Annotated[Path, typer.Option("--calls", help="The record: CSV, or CSV in xz or gzip.", metavar="FILE")],
    plan: Annotated[
        list[Path] | None,
        typer.Option(
            "--plan",
            help="A plan; the first is the centre's own rule, the others are compared with it.",
            metavar="PLAN",
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="How the record is to be read: examples/calls/*.json.", metavar="FILE")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="arrival, type, outcome, wait, service, agent, priority, offset = header.", metavar="WHAT=NAME"
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(help="What a word means: served, abandoned or leave_out.", metavar="WORD=MEANING"),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(help="Values to be read as others: priority:0=regular,2=high.", metavar="WHAT:FROM=TO,..."),
    ] = None,
    unrecorded: Annotated[
        list[str] | None,
        typer.Option(help="This priority means 'not recorded' in rows that did not wait.", metavar="priority=VALUE"),
    ] = None,
    queue_by: Annotated[
        str | None,
        typer.Option(
            help="The queue's name: columns (type,priority) or a template ({type}-{priority}).", metavar="NAME"
        ),
    ] = None,
    queue_map: Annotated[
        Path | None, typer.Option(help="JSON object from such names to queues of the plan.", metavar="FILE")
    ] = None,
    epoch: Annotated[
        str | None, typer.Option(help="The date of second 0, where arrivals are numbers.", metavar="DATE")
    ] = None,
    replay_days: Annotated[
        str | None,
        typer.Option(
            "--replay", help="Days: 1999-02-14..1999-02-18,1999-02-21. Default: the last third.", metavar="DAYS"
        ),
    ] = None,
    calibrate_days: Annotated[
        str | None, typer.Option("--calibrate", help="Days to calibrate on. Default: all others.", metavar="DAYS")
    ] = None,
    presence: Annotated[
        str, typer.Option(help="When the agents were there: span, gaps:MIN, gaps:MIN+SECs or calibrated.")
    ] = "calibrated",
    patience: Annotated[
        Patience, typer.Option(help="Of the served: km (drawn beyond their wait), never, or observed.")
    ] = Patience.km,
    service: Annotated[Service, typer.Option(help="The law of missing service times.")] = Service.empirical,
    target: Annotated[str, typer.Option(help="Answered in time means within this.")] = "20s",
    answer: Annotated[str, typer.Option(help="From an offer that rings to its answer.")] = "0s",
    imputations: Annotated[int, typer.Option(min=1, max=1000, help="Completions of what is missing.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of every draw.")] = 1,
    keep_zero_abandons: Annotated[bool, typer.Option(help="Replay those too who hung up after a wait of 0.")] = False,
    report_file: Annotated[Path, typer.Option("--report", help="Where the HTML report goes.", metavar="FILE")] = Path(
        "replay.html"
    ),
    picture: Annotated[Path | None, typer.Option(help="Also one picture, PNG.", metavar="FILE")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also the figures as JSON.", metavar="FILE")] = None,
    write_plan: Annotated[
        Path | None, typer.Option(help="Write plans made from the record into this folder.", metavar="FOLDER")
    ] = None,
    credit: Annotated[
        list[str] | None,
        typer.Option(help="For --write-plan: waiting time credited to a priority, high=90s.", metavar="PRIORITY=TIME"),
    ] = None,
) -> None:
    """Sends a call-by-call record through the engine and compares plans (docs/replay.md).

    The first plan is the centre's own rule: its replay is calibrated on other days and held against the record. The
    other plans are compared with that replay, never with the record. Exit status 2: the record or a plan cannot be
    used.
    """
    try:
        how = _mapping(mapping, column or [], outcome or [], value or [], unrecorded or [], queue_by, queue_map, epoch)
        given = _presence(presence)
        target_s, answer_s = _seconds(target, "target"), _seconds(answer, "answer")
        record = read_record(calls, how, keep_zero_abandons=keep_zero_abandons)
        if write_plan is not None:
            _write_plans(record, write_plan, _pairs(credit or [], "credit", "high=90s"), target)
        if not plan:
            if write_plan is not None:
                return
            raise RecordError(
                "give a plan: --plan PLAN (the first is the centre's own rule), or --write-plan FOLDER to make some "
                "from the record"
            )
        chosen, tuned = _choose_days(record, replay_days, calibrate_days, given is None)
        plans: list[ReplayPlan] = []
        for path in plan:
            data = load_plan(path)
            # "the bank's rule: first in first out" is shown as "the bank's rule".
            name = str(data.get("name", path.stem)).partition(":")[0]
            plans.append(ReplayPlan(name, data, record, own_rule=not plans))
        if len({p.name for p in plans}) < len(plans):
            for place, one in enumerate(plans):
                one.name = f"{place + 1} {one.name}"
        imputer = Imputer(record.calls, seed=seed, patience=patience, service=service)
        study = _run(record, plans, imputer, given, presence, chosen, tuned, target_s, answer_s, imputations, seed)
    except (RecordError, KobleError) as error:
        err.print(f"[red]koble replay-calls: {escape(str(error))}[/red]")
        raise typer.Exit(2) from None
    _print(study)
    report.write_report(study, report_file)
    if picture is not None:
        runs = [study.baseline, *study.others]
        title = (
            f"{study.record.name}: {study.truth.offered} contacts replayed under {len(runs)} "
            f"plan{'s' * (len(runs) > 1)}"
        )
        picture.parent.mkdir(parents=True, exist_ok=True)
        plots.save_png(plots.overview(study.frame, runs, plots.styles(runs), title), picture)
        out.print(f"picture: {escape(str(picture))}")
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(report.results(study), indent=1) + "\n", encoding="utf-8")
    out.print(f"report: {escape(str(report_file))}")


def _run(
    record: Record,
    plans: list[ReplayPlan],
    imputer: Imputer,
    given: PresenceRule | None,
    presence: str,
    chosen: list[date],
    tuned: list[date],
    target_s: float,
    answer_s: float,
    imputations: int,
    seed: int,
) -> report.Study:
    done: Calibration | None = None
    runs = []
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(),
        console=err, transient=True, disable=not err.is_terminal,
    ) as progress:  # fmt: skip
        rule = given
        if rule is None:
            task = progress.add_task("calibrating the agents' presence", total=5)
            done = calibrate(
                plans[0], tuned, imputer, target_s=target_s, answer_s=answer_s, step=lambda: progress.advance(task)
            )
            rule = done.rule
        for one in plans:
            bar = progress.add_task(escape(one.name), total=imputations * len(chosen))
            runs.append(
                replay(
                    one, chosen, imputer, rule, imputations=imputations, target_s=target_s, answer_s=answer_s,
                    step=lambda bar=bar: progress.advance(bar),  # type: ignore[misc]
                )
            )  # fmt: skip
    command = "koble " + shlex.join(sys.argv[1:])
    return report.Study(
        record, imputer, rule, presence, done, runs[0], runs[1:], len(plans[0].added), target_s, seed, command
    )  # fmt: skip


def make_day(
    file: Annotated[Path, typer.Argument(help="Where the record goes.", metavar="FILE.csv")],
    plan: Annotated[Path, typer.Option(help="The municipality's own plan, with its agents.", metavar="PLAN")],
    seed: Annotated[int, typer.Option(min=0, help="Of every draw.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=366, help="Working days.")] = 1,
    first: Annotated[str, typer.Option(help="The first of them.", metavar="DATE")] = "2026-01-12",
    load: Annotated[float, typer.Option(min=0.01, max=100, help="How many more come than usual.")] = 1.0,
) -> None:
    """Draws days of a municipality with voice, chat and e-mail, in the form of a record for replay-calls."""
    try:
        frame = make_days(load_plan(plan), seed=seed, days=days, first=date.fromisoformat(first), load=load)
    except ValueError as error:
        if isinstance(error, KobleError):
            raise
        err.print(f"[red]koble make-day: --first {escape(first)}: {escape(str(error))}[/red]")
        raise typer.Exit(2) from None
    except RecordError as error:
        err.print(f"[red]koble make-day: {escape(str(error))}[/red]")
        raise typer.Exit(2) from None
    file.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(file, index=False, lineterminator="\n")
    out.print(f"{len(frame)} contacts on {days} day{'s' * (days > 1)}: {escape(str(file))}")


def register(app: typer.Typer) -> None:
    """Mounts the commands on the command line of the package."""
    app.command("replay-calls")(replay_calls)
    app.command("make-day")(make_day)
