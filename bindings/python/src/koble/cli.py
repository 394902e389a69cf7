"""The command line: koble check, transcript, simulate, draw, validate, replay-calls, version."""

from __future__ import annotations

import enum
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from . import RULES_VERSION, Plan, PlanError, __version__, _core
from .errors import KobleError
from .times import format_duration
from .transcripts import Rebuild, run_transcript

__all__ = ["app", "main"]

app = typer.Typer(
    name="koble",
    help="Koble: an embeddable, deterministic routing engine for contact centres.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def _read(path: Path) -> bytes | None:
    """The bytes of a file, "-" for the standard input; None with a message where it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        err.print(f"[red]{escape(str(path))}: {escape(error.strerror or str(error))}[/red]")
        return None


def _summary(plan: Plan, name: str) -> Table:
    table = Table(title=f"{escape(name)}  [dim]{plan.hash}[/dim]", title_justify="left")
    for heading in ("queue", "channel", "mode", "requirement", "maximum wait", "maximum length", "target"):
        table.add_column(heading)
    written: dict[str, Any] = {queue["name"]: queue for queue in plan.to_dict().get("queues", [])}
    for number, queue in enumerate(plan.queues):
        target = plan.queue(number)
        offer = written.get(queue, {}).get("offer", {})
        table.add_row(
            escape(queue),
            escape(target.channel),
            str(offer.get("mode", "ring")),
            escape(str(written.get(queue, {}).get("require", "everybody"))),
            "-" if target.max_wait_ns is None else format_duration(target.max_wait_ns),
            "-" if target.max_length is None else str(target.max_length),
            "-"
            if target.target_within_ns is None
            else f"{(target.target_share or 0) * 100:g} % in {format_duration(target.target_within_ns)}",
        )
    counted = {"queue": plan.queues, "channel": plan.channels, "skill": plan.skills, "agent": plan.agents}
    table.caption = ", ".join(f"{len(names)} {noun}{'s' * (len(names) != 1)}" for noun, names in counted.items())
    return table


@app.command()
def check(
    plans: Annotated[
        list[Path], typer.Argument(help="Plans, JSON or binary; - is the standard input.", metavar="PLAN...")
    ],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only mistakes and warnings, no summary.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the plan as canonical JSON instead of a summary.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are failures too.")] = False,
) -> None:
    """Checks plans: prints every mistake with its place and remedy, the warnings, and a summary.

    Exit status 1 if a plan is not valid, 2 if one cannot be read.
    """
    status = 0
    for path in plans:
        name = "standard input" if str(path) == "-" else str(path)
        data = _read(path)
        if data is None:
            status = 2
            continue
        try:
            plan = Plan(data)
        except KobleError as error:
            problems = error.problems if isinstance(error, PlanError) else [str(error)]
            err.print(
                f"[bold red]{escape(name)}: not valid, {len(problems)} mistake{'s' * (len(problems) != 1)}[/bold red]"
            )
            for problem in problems:
                err.print(f"  {escape(problem)}")
            status = max(status, 1)
            continue
        for warning in plan.warnings:
            err.print(f"[yellow]{escape(name)}: warning: {escape(warning)}[/yellow]")
        if plan.warnings and strict:
            status = max(status, 1)
        if as_json:
            typer.echo(plan.to_json())
        elif not quiet:
            out.print(_summary(plan, name))
    raise typer.Exit(status)


class _Rebuild(enum.StrEnum):
    clone = "clone"
    snapshot = "snapshot"
    replay = "replay"


@app.command()
def transcript(
    files: Annotated[
        list[Path], typer.Argument(help="Transcripts; a folder stands for all *.transcript in it.", metavar="FILE...")
    ],
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Write what happened into the files in place of what was expected.")
    ] = False,
    rebuild: Annotated[
        _Rebuild | None, typer.Option(help="After every command go on with a copy of the engine made in this way.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what failed.")] = False,
) -> None:
    """Runs transcripts: timed commands with the events expected of them.

    Exit status 1 if one came out differently, 2 if one cannot be read or is not in the language.
    """
    status, passed, failed, rewritten = 0, 0, 0, 0
    for path in _transcripts(files):
        data = _read(path)
        if data is None:
            status, failed = 2, failed + 1
            continue
        way = Rebuild.AS_WRITTEN if rebuild is None else Rebuild[rebuild.name.upper()]
        result = run_transcript(data, name=str(path), folder=path.parent, rebuild=way)
        if result.passed:
            passed += 1
            if not quiet:
                typer.echo(f"{path}: passed ({result.commands} commands, {result.checks} checks)")
            continue
        if rewrite and result.mistakes == 0 and str(path) != "-":
            path.write_bytes(result.rewritten)
            rewritten += 1
            typer.echo(f"{path}: rewritten ({result.differences} differences)")
            continue
        failed += 1
        status = max(status, 2 if result.mistakes else 1)
        _print_report(result.report)
    if not quiet or failed:
        words = f"{passed} passed, {failed} failed" + (f", {rewritten} rewritten" if rewritten else "")
        typer.echo(words, err=failed > 0)
    raise typer.Exit(status)


def _transcripts(files: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in files:
        if path.is_dir():
            inside = sorted(path.rglob("*.transcript"))
            if not inside:
                err.print(f"[yellow]{escape(str(path))}: no *.transcript in this folder[/yellow]")
            found += inside
        else:
            found.append(path)
    return found


def _print_report(report: str) -> None:
    for line in report.rstrip("\n").split("\n"):
        text = escape(line)
        if line.startswith("  * "):  # a row that differs
            text = f"[red]{text}[/red]"
        elif not line.startswith(" "):
            text = f"[bold]{text}[/bold]"
        err.print(text)


@app.command()
def version(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Prints the versions of the package, the library and the rules of behaviour."""
    versions = {"koble": __version__, "abi": _core.abi_version(), "rules": RULES_VERSION}
    typer.echo(
        json.dumps(versions) if as_json else f"koble {__version__} (ABI {versions['abi']}, rules {RULES_VERSION})"
    )


def _mount() -> None:
    """`koble replay-calls` is in koble.replay, which needs pandas and matplotlib; `koble simulate` in koble.lab, which needs SciPy."""
    importlib.import_module("koble.lab.cli").register(app)
    importlib.import_module("koble.validate.cli").register(app)
    try:
        part = importlib.import_module("koble.replay.cli")
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] == "koble":
            return  # this build has no such part
        missing = error.name

        @app.command("replay-calls", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
        def replay_calls() -> None:
            """Sends a call-by-call record through the engine and compares (needs koble[replay])."""
            err.print(f"[red]koble replay-calls needs {missing}: pip install 'koble\\[replay]'[/red]")
            raise typer.Exit(2)

        return
    part.register(app)


_mount()


def main() -> None:
    """Runs the command line; errors are sentences, not tracebacks (KOBLE_TRACEBACK=1 shows them)."""
    try:
        app()
    except (KobleError, OSError) as error:
        if os.environ.get("KOBLE_TRACEBACK") == "1":
            raise
        err.print(f"[red]koble: {escape(str(error))}[/red]")
        sys.exit(2)


if __name__ == "__main__":
    main()
