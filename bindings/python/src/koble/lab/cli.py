"""koble simulate: carries out a study and prints its figures."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .study import Result, Study

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    @app.command()
    def simulate(
        study: Annotated[Path, typer.Argument(help="The study, a JSON file (docs/studies.md).", metavar="STUDY")],
        as_json: Annotated[bool, typer.Option("--json", help="Print every figure with its interval as JSON.")] = False,
        workers: Annotated[int, typer.Option(help="Processes; the figures do not depend on it.", min=1, max=1024)] = 1,
        seed: Annotated[int | None, typer.Option(help="Instead of the study's own.", min=0)] = None,
        replications: Annotated[int | None, typer.Option(help="Instead of the study's own.", min=1)] = None,
    ) -> None:
        """Simulates a study: every figure over all streams and of each, with its interval.

        Exit status 2 where the study cannot be read or carried out; every mistake is said with its place.
        """
        what = Study(study)
        if seed is not None:
            what.seed = seed
        if replications is not None:
            what.replications = replications
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("replications", total=what.replications)

            def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            if workers == 1:
                result = what.run(progress=progress)
            else:
                with ProcessPoolExecutor(workers) as pool:
                    result = what.run(executor=pool, progress=progress)
        if as_json:
            typer.echo(json.dumps(result.to_dict(), indent=2))
        else:
            Console(highlight=False, soft_wrap=True).print(_table(result))


def _table(result: Result) -> Table:
    table = Table(title=f"{escape(result.name)}  [dim]{result.replications} replications[/dim]", title_justify="left")
    for heading in ("stream", "figure", "value", f"{result.confidence:.6g} interval"):
        table.add_column(heading, justify="left" if heading in ("stream", "figure") else "right")
    for stream, figures in result.streams.items():
        if stream != "all" and len(result.streams) == 2:
            continue  # the only one says the same
        for number, (figure, one) in enumerate(figures.items()):
            interval = "-" if one.low != one.low else f"{one.low:.6g} .. {one.high:.6g}"
            table.add_row(escape(stream) if number == 0 else "", figure, f"{one.value:.6g}", interval)
        table.add_section()
    return table
