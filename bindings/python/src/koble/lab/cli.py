"""koble simulate and koble draw: carry out a study, print its figures, draw its pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..errors import KobleError
from ..times import duration_ns
from .choosing import Chosen
from .log import check_target, write_parquet
from .result import Comparison, Result
from .study import Study

__all__ = ["register", "simulated"]


def simulated(study: Study, workers: int = 1) -> Result | Comparison | Chosen:
    """Carries out a study with a bar that says how far it is and when it will end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    carry_out: Callable[..., Result | Comparison | Chosen] = study.run if len(study.centres) == 1 else study.compare
    if study.choosing is not None:
        carry_out = study.select
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("replications", total=study.replications * len(study.centres))

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if workers == 1:
            return carry_out(progress=progress)
        with ProcessPoolExecutor(workers) as pool:
            return carry_out(executor=pool, progress=progress)


def register(app: typer.Typer) -> None:
    @app.command()
    def simulate(
        study: Annotated[Path, typer.Argument(help="The study, a JSON file (docs/studies.md).", metavar="STUDY")],
        as_json: Annotated[bool, typer.Option("--json", help="Print every figure with its interval as JSON.")] = False,
        workers: Annotated[int, typer.Option(help="Processes; the figures do not depend on it.", min=1, max=1024)] = 1,
        seed: Annotated[int | None, typer.Option(help="Instead of the study's own.", min=0)] = None,
        replications: Annotated[int | None, typer.Option(help="Instead of the study's own.", min=1)] = None,
        log: Annotated[Path | None, typer.Option(help="Parquet file for the first replication's contacts.", metavar="FILE")] = None,
        log_all: Annotated[bool, typer.Option("--log-all", help="With --log: of all replications.")] = False,
    ) -> None:
        """Simulates a study: every figure with its interval, over all streams and of each, of profiles and of agents; of several plans
        also the differences from the first.

        Exit status 2 where the study cannot be read or carried out; every mistake is said with its place.
        """
        what = _study(study, seed, replications)
        if log_all and log is None:
            raise KobleError("--log-all: says nothing of a file; write --log FILE.parquet with it")
        if log is not None:
            check_target(log)  # said before hours of work, not after
        result = simulated(what, workers)
        if log is not None:
            write_parquet(log, what, range(_most(result)) if log_all else (0,))
        if as_json:
            typer.echo(json.dumps(result.to_dict(), indent=2))
            return
        console = Console(highlight=False, soft_wrap=True)
        if isinstance(result, Chosen):
            console.print(_chosen(result))
            return
        if isinstance(result, Comparison):
            for plan, one in result.results.items():
                console.print(_table(one, plan))
            for plan in list(result.results)[1:]:
                console.print(_differences(result, plan))
        else:
            console.print(_table(result))
        results = [result] if isinstance(result, Result) else list(result.results.values())
        for problem in dict.fromkeys(problem for one in results for problem in one.problems):
            console.print(f"[yellow]doubtful:[/yellow] {escape(problem)}")

    @app.command()
    def draw(
        study: Annotated[Path, typer.Argument(help="The study, a JSON file (docs/studies.md).", metavar="STUDY")],
        out: Annotated[Path, typer.Option("--out", help="Folder of the pictures; made where there is none.", metavar="FOLDER")],
        workers: Annotated[int, typer.Option(help="Processes; the pictures do not depend on it.", min=1, max=1024)] = 1,
        replications: Annotated[int | None, typer.Option(help="Instead of the study's own.", min=1)] = None,
        every: Annotated[str | None, typer.Option(help="Length of the day's intervals, such as 30m.")] = None,
        opens: Annotated[str, typer.Option(help="On the clock when the study begins, such as 8h.")] = "0h",
    ) -> None:
        """Simulates a study and draws what suits it (docs/pictures.md), each as PNG for papers and as a page for the browser.

        Exit status 2 where the study cannot be read or carried out, or gives nothing to draw.
        """
        from .pictures.picture import check_libraries
        from .pictures.suited import suited

        what = _study(study, None, replications)
        what.choosing = None  # pictures are of all plans
        check_libraries()  # said before hours of work, not after
        for duration in (opens, every or "30m"):
            duration_ns(duration)
        result = simulated(what, workers)
        assert not isinstance(result, Chosen)
        console = Console(highlight=False, soft_wrap=True)
        count = 0
        with ProcessPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
            for name, picture in suited(what, result, every=every, opens=opens, executor=pool):
                out.mkdir(parents=True, exist_ok=True)
                for ending in ("png", "html"):
                    console.print(escape(str(picture.save(out / f"{name}.{ending}"))))
                count += 1
        if not count:
            raise KobleError('the study gives nothing to draw; write "replications" of 6 or more, and profiles')


def _study(path: Path, seed: int | None, replications: int | None) -> Study:
    what = Study(path)
    if seed is not None:
        what.seed = seed
    if replications is not None:
        what.replications = replications
        if what.precision is not None:
            what.precision = replace(what.precision, least=min(replications, what.precision.least), most=replications)
    return what


def _most(result: Result | Comparison | Chosen) -> int:
    """Replications of the plan that has most."""
    if isinstance(result, Chosen):
        return max(result.found.spent.values())
    return max(one.replications for one in ([result] if isinstance(result, Result) else result.results.values()))


def _table(result: Result, plan: str = "") -> Table:
    title = f"{escape(result.name)}{': ' if plan else ''}{escape(plan)}  [dim]{result.replications} replications[/dim]"
    table = Table(title=title, title_justify="left")
    for heading in ("of", "figure", "value", f"{result.confidence:.6g} interval"):
        table.add_column(heading, justify="left" if heading in ("of", "figure") else "right")
    alone = sum(kind == "streams" for kind, _ in result.figures) == 2
    for (kind, name), figures in result.figures.items():
        if alone and kind == "streams" and name != "all":
            continue  # the only one says the same
        for number, (figure, one) in enumerate(figures.items()):
            interval = "-" if one.low != one.low else f"{one.low:.6g} .. {one.high:.6g}"
            label = name if kind == "streams" else f"{kind[:-1]} {name}"
            table.add_row(escape(label) if number == 0 else "", figure, f"{one.value:.6g}", interval)
        table.add_section()
    return table


def _chosen(chosen: Chosen) -> Table:
    written = chosen.to_dict()
    said = f"correct with probability {written['p_correct']:.3f}, as estimated" if "p_correct" in written else (
        "guaranteed" if written["guaranteed"] else "not guaranteed: the most replications were reached"
    )  # fmt: skip
    table = Table(title=f"{escape(chosen.study)}: {escape(chosen.selected)} [dim]{said}[/dim]", title_justify="left")
    for heading in ("plan", f"{chosen.figure} of {chosen.stream}", "replications"):
        table.add_column(heading, justify="left" if heading == "plan" else "right")
    for plan, mean in written["means"].items():
        table.add_row(("[bold]" if plan == chosen.selected else "") + escape(plan), f"{mean:.6g}", str(written["replications"][plan]))
    return table


def _differences(comparison: Comparison, plan: str) -> Table:
    table = Table(title=f"{escape(plan)} less {escape(comparison.first)}", title_justify="left")
    for heading in ("of", "figure", "difference", "interval", "correlation"):
        table.add_column(heading, justify="left" if heading in ("of", "figure") else "right")
    for (_, name), figures in comparison.differences[plan].items():
        for number, (figure, one) in enumerate(figures.items()):
            gap = one.difference
            interval = "-" if gap.low != gap.low else f"{gap.low:.6g} .. {gap.high:.6g}"
            mark = "[bold]" if one.decided else ""
            correlation = "-" if one.correlation != one.correlation else f"{one.correlation:.3f}"
            table.add_row(escape(name) if number == 0 else "", figure, f"{mark}{gap.value:.6g}", interval, correlation)
        table.add_section()
    return table
