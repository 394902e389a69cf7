"""koble validate: holds the simulator against exact cases, worked paths and published results."""

from __future__ import annotations

import json
import re
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ..errors import KobleError
from .cases import Cases, default_path, read_cases
from .check import LIMIT, Outcome, Suite, comparisons_of, fast_third, seed_of, validate
from .experiment import NotExpressible
from .families import experiment
from .generators import vectors
from .paths import path_study, walked
from .planted import PLANTED, plant
from .published import published
from .report import Report

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    @app.command("validate")
    def command(
        cases: Annotated[
            Path | None, typer.Argument(help="The file of cases; without: theory/cases.json in KOBLE_DATA.", metavar="[CASES]")
        ] = None,
        fast: Annotated[bool, typer.Option("--fast", help="The cheapest third, and the worked paths.")] = False,
        only: Annotated[str, typer.Option(help="Cases whose name fits: a part of it, or a pattern such as 'erlangC_*'.")] = "",
        seed: Annotated[str, typer.Option(help="A second seed, any text; the first is the case's name.")] = "",
        limit: Annotated[float, typer.Option(help="Contacts of a case at most.", min=1)] = LIMIT,
        every_figure: Annotated[
            bool, typer.Option("--every-figure", help="Compare all figures of a case, not only those it is judged by.")
        ] = False,
        planted: Annotated[
            bool, typer.Option("--planted", help="Instead plant errors, each of which a named case has to catch.")
        ] = False,
        write: Annotated[
            Path | None, typer.Option(help="Instead write each case's study into this folder, for koble simulate.")
        ] = None,
        workers: Annotated[int, typer.Option(help="Processes; the figures do not depend on it.", min=1, max=1024)] = 1,
        as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    ) -> None:
        """Validates the simulator: two to four figures of every exactly solved case within 1 % (tails 5 %), worked
        paths to the nanosecond, published results within their intervals (docs/validation.md).

        Exit status 1 if a figure differs or a planted error is not caught, 2 if the cases cannot be read. """
        known = read_cases(cases if cases is not None else default_path())
        chosen = known if planted else _chosen(known, fast, only)
        if write is not None:
            _write(chosen, write)
            return
        quiet = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        pool = nullcontext(None) if workers == 1 else ProcessPoolExecutor(workers)
        with pool as executor, Progress(*columns, console=quiet, transient=True, disable=not quiet.is_terminal) as bar:
            if planted:
                report = _plant(known, only, seed, limit, executor, bar)
            else:
                report = _validate(known, chosen, bar, executor, seed, limit, every_figure)
        if as_json:
            typer.echo(json.dumps(report.to_dict(), indent=2))
        else:
            out = Console(highlight=False, soft_wrap=True)
            for table in report.tables():
                out.print(table)
            out.print(report.summary())
        raise typer.Exit(int(report.failed))


def _chosen(cases: Cases, fast: bool, only: str) -> Cases:
    def fits(name: str) -> bool:
        return only in name or fnmatchcase(name, only)

    quick = fast_third(cases.exact.values()) if fast else list(cases.exact)
    found = Cases(
        {name: case for name, case in cases.exact.items() if name in quick and fits(name)},
        {name: case for name, case in cases.paths.items() if fits(name)},
        {name: case for name, case in cases.generators.items() if fits(name)},
        {name: one for name, one in cases.published.items() if fits(name) and not fast},
    )
    if not (found.exact or found.paths or found.generators or found.published):
        raise KobleError(f"no case has a name like {only!r}; the first is {next(iter(cases.exact), 'absent')}")
    return found


def _validate(
    known: Cases, chosen: Cases, bar: Progress, executor: Executor | None, seed: str, limit: float, every_figure: bool
) -> Report:
    all_cases = bar.add_task("cases", total=len(chosen.exact) + len(chosen.published))
    one_case = bar.add_task("", total=1, visible=False)

    def progress(name: str, done: float, total: float) -> None:
        bar.update(one_case, description=name, completed=done, total=total, visible=True)

    def ended(outcome: Outcome) -> None:
        bar.advance(all_cases)
        bar.reset(one_case, visible=False)

    suite = validate(
        chosen.exact.values(),
        seed=seed,
        limit=limit,
        every_figure=every_figure,
        executor=executor,
        progress=progress,
        ended=ended,
    )
    report = Report(
        suite,
        {name: walked(case) for name, case in chosen.paths.items()},
        {name: vectors(case) for name, case in chosen.generators.items()},
    )
    for name in chosen.published:

        def replications(done: int, total: int, name: str = name) -> None:
            progress(name, done, total)

        report.published += published(known, name, seed=seed, executor=executor, progress=replications)
        bar.advance(all_cases)
    return report


def _plant(cases: Cases, only: str, seed: str, limit: float, executor: Executor | None, bar: Progress) -> Report:
    errors = [one for one in PLANTED if only in f"{one.name} {one.case}"]
    task = bar.add_task("planted errors", total=len(errors))
    comparisons = comparisons_of(cases.exact.values(), every_figure=True)  # a planted error may show in any of them
    report = Report(Suite(()))
    for one in errors:
        bar.update(task, description=one.name)
        report.planted.append(plant(cases, one, comparisons=comparisons, seed=seed, limit=limit, executor=executor))
        bar.advance(task)
    return report


def _write(cases: Cases, folder: Path) -> None:
    """A study for each exact case and each worked path, with 100 replications."""
    folder.mkdir(parents=True, exist_ok=True)
    studies = {name: path_study(case) for name, case in cases.paths.items()}
    for name, case in cases.exact.items():
        try:
            studies[name] = {**experiment(case).study, "replications": 100, "seed": seed_of(name)}
        except NotExpressible as error:
            typer.echo(str(error), err=True)
    for name, study in studies.items():
        path = folder / (re.sub(r"[^A-Za-z0-9_.+-]+", "_", name).strip("_") + ".json")
        path.write_text(json.dumps(study, indent=2) + "\n", encoding="utf-8")
        typer.echo(str(path))
