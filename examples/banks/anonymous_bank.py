"""The Anonymous Bank: fitted on two weeks of February 1999, forecast for the third, and scored.

    python anonymous_bank.py                 # a minute; ../shared/data, or KOBLE_DATA, or --data
    python anonymous_bank.py --json bank.json

Two tasks: *given*, the third week's staff as its own record shows it, and *predicted*, the staff of the two weeks before.
Rivals: the same hour of the days before, and Erlang A hour by hour. docs/banks.md has the tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from bank import BankModel, calls_on, fit_bank, given_on
from data import PROJECT, anonymous_bank
from forecast import FIGURES, GROUPS, erlang, observed, simulated
from koble import KobleError
from koble.replay.impute import Imputer
from koble.replay.record import Record, RecordError, days_of
from koble.replay.study import ReplayPlan, calibrate
from scores import cell_scores, duel, held
from staff import OPEN, Presence, Roster, seen_pauses

Floats = npt.NDArray[np.float64]

_LEVELS = (0.5, 0.8, 0.95)
#: Seconds that are tried on the days before, on top of the pauses seen.
_MORE_S = (0.0, 10.0, 20.0, 30.0)
_PARTS = {"7-9": range(7, 9), "9-12": range(9, 12), "12-16": range(12, 16), "16-20": range(16, 20), "20-24": range(20, 24)}


@dataclass(frozen=True)
class Bank:
    """What is known before (``train``), and what came (``test``)."""

    record: Record
    train: list[date]
    test: list[date]
    seed: int

    @cached_property
    def known(self) -> Record:
        return replace(self.record, calls=self.record.on(self.train))

    @cached_property
    def before(self) -> Floats:
        """The days before, as :func:`observed` has them."""
        return observed(calls_on(self.record, self.train, self.known, self.seed), self.train)

    @cached_property
    def calls(self) -> pd.DataFrame:
        """Those that came."""
        return calls_on(self.record, self.test, self.known, self.seed)

    def rosters(self, presence: Presence, days: list[date]) -> list[Roster]:
        return [presence.roster(self.record, day) for day in days]


def replayed(bank: Bank) -> Presence:
    """The rule with which a replay of the days before comes nearest to their record (docs/replay.md)."""
    plan = json.loads((PROJECT / "examples" / "plans" / "anonymous-bank.json").read_text(encoding="utf-8"))
    known = bank.known
    own = ReplayPlan("own", plan, known)
    found = calibrate(own, bank.train, Imputer(known.calls, seed=bank.seed), target_s=20, imputations=1)
    return Presence(rule=found.rule)


def fitted(bank: Bank, presence: str, laws: str, members: int) -> tuple[BankModel, dict[str, Any]]:
    """The model. With pauses, those seen and as many seconds more as give the best CRPS of hours on the days before, in the
    mean of three figures, each relative to its history's."""
    if presence == "replay":
        model = fit_bank(bank.known, replayed(bank), seed=bank.seed, laws=laws)
        return model, {"presence": str(model.presence.rule)}
    model = fit_bank(bank.known, Presence(seen_pauses(bank.record, bank.train)), seed=bank.seed, laws=laws)
    before = bank.before[:, :, -1]
    others = np.stack([np.delete(before, day, axis=0) for day in range(len(before))])
    scale = [np.nanmean(cell_scores(others[..., f], before[..., f])) for f in range(1, len(FIGURES))]
    tried: dict[float, float] = {}
    rosters = bank.rosters(model.presence, bank.train)
    for more in _MORE_S:
        trial = replace(model, presence=replace(model.presence, more_s=more))
        ensembles = np.stack([simulated(trial, [roster], members, bank.seed)[:, :, -1] for roster in rosters])
        ratios = [
            np.nanmean(cell_scores(ensembles[..., f], before[..., f])) / scale[f - 1] for f in range(1, len(FIGURES))
        ]
        tried[more] = float(np.mean(ratios))
    best = min(tried, key=lambda more: tried[more])
    model = replace(model, presence=replace(model.presence, more_s=best))
    return model, {
        "pauses_mean_s": float(np.mean(model.presence.pauses_s)),
        "more_s": best,
        "score_on_days_before": {f"{more:g}": round(score, 4) for more, score in tried.items()},
    }


def forecasts(bank: Bank, model: BankModel, members: int) -> dict[str, dict[str, Floats]]:
    """By task and forecaster, days x members x hours x groups x figures."""
    history = np.stack([bank.before] * len(bank.test))
    before = bank.rosters(model.presence, bank.train)
    found: dict[str, dict[str, Floats]] = {}
    for task in ("given", "predicted"):
        ensembles: dict[str, list[Floats]] = {"simulation": [], "Erlang A": []}
        for number, day in enumerate(bank.test):
            rosters = [model.presence.roster(bank.record, day)] if task == "given" else before
            seed = bank.seed + 1000 * (number + 1)
            ensembles["simulation"].append(simulated(model, rosters, members, seed))
            ensembles["Erlang A"].append(erlang(model, rosters, members, seed))
        found[task] = {name: np.stack(days) for name, days in ensembles.items()} | {"history": history}
    return found


def diagnosis(bank: Bank, model: BankModel, truth: Floats, members: int) -> dict[str, dict[str, float]]:
    """Mean CRPS of all calls, staff given, where the simulation is told ever more of the day itself."""
    calls = bank.calls
    found: dict[str, dict[str, float]] = {}
    for name, services in (("counts given", False), ("counts and services given", True)):
        ensembles = []
        for number, day in enumerate(bank.test):
            told = given_on(calls, day, services=services)
            roster = model.presence.roster(bank.record, day)
            ensembles.append(simulated(model, [roster], members, bank.seed + 1000 * (number + 1), told)[:, :, -1])
        stacked = np.stack(ensembles)
        found[name] = {
            figure: float(np.nanmean(cell_scores(stacked[..., f], truth[:, :, -1, f]))) for f, figure in enumerate(FIGURES)
        }
    return found


def judged(made: dict[str, dict[str, Floats]], truth: Floats) -> dict[str, Any]:
    """Duels by task, rival, figure and group; coverage by task, forecaster, figure and group."""
    duels: dict[str, Any] = {}
    covered: dict[str, Any] = {}
    for task, forecasters in made.items():
        for f, figure in enumerate(FIGURES):
            for g, group in enumerate(GROUPS):
                seen = truth[:, :, g, f]
                scored = {name: cell_scores(one[..., g, f], seen) for name, one in forecasters.items()}
                for rival in ("history", "Erlang A"):
                    key = f"{task}/{rival}/{figure}/{group}"
                    duels[key] = duel(scored["simulation"], scored[rival]).to_dict()
                for name, one in forecasters.items():
                    shares = {f"{level:g}": held(one[..., g, f], seen, level) for level in _LEVELS}
                    key = f"{task}/{name}/{figure}/{group}"
                    covered[key] = {level: None if e is None else [e.value, e.low, e.high] for level, e in shares.items()}
    return {"duels": duels, "coverage": covered}


def where(made: dict[str, Floats], truth: Floats, days: list[date], calls: pd.DataFrame) -> dict[str, Any]:
    """Where the simulation loses against history, all calls: by day and by part of the day, and the ten worst waits."""
    found: dict[str, Any] = {"by_day": {}, "by_part": {}, "worst": []}
    for f, figure in enumerate(FIGURES):
        seen = truth[:, :, -1, f]
        own = cell_scores(made["simulation"][..., -1, f], seen)
        gap = own - cell_scores(made["history"][..., -1, f], seen)
        found["by_day"][figure] = {str(day): float(np.nanmean(row)) for day, row in zip(days, gap, strict=True)}
        columns = {name: [h - OPEN.start for h in part] for name, part in _PARTS.items()}
        found["by_part"][figure] = {name: float(np.nanmean(gap[:, own_of])) for name, own_of in columns.items()}
        if figure == "mean_wait_s":
            for cell in np.argsort(np.nan_to_num(own), axis=None)[::-1][:10]:
                day, hour = divmod(int(cell), len(OPEN))
                there = calls[(calls["day"] == days[day]) & (calls["hour"] == hour + OPEN.start)]
                found["worst"].append(
                    {
                        "day": str(days[day]), "hour": hour + OPEN.start, "calls": len(there),
                        "calls_expected": float(made["simulation"][day, :, hour, -1, 0].mean()),
                        "wait_s": float(seen[day, hour]),
                        "wait_expected_s": float(made["simulation"][day, :, hour, -1, 1].mean()),
                        "over_within_10s": float((there["service_s"] <= 10).sum() / max(there["served"].sum(), 1)),
                    }
                )  # fmt: skip
    return found


def print_duels(console: Console, found: dict[str, Any]) -> None:
    for task in ("given", "predicted"):
        table = Table(title=f"CRPS, staff {task}: simulation less rival, below 0 is better", title_justify="left")
        for heading in ("figure", "of", "simulation", "rival", "its CRPS", "difference", "over days", "over hours", ""):
            table.add_column(heading, justify="left" if heading in ("figure", "of", "rival", "") else "right", no_wrap=True)
        for key, one in found["duels"].items():
            where_, rival, figure, group = key.split("/")
            if where_ != task:
                continue
            digits = 4 if figure.startswith("p_") else 2
            spans = [f"{one[by][0]:.{digits}f} .. {one[by][1]:.{digits}f}" for by in ("by_day", "by_hour")]
            values = [f"{one[name]:.{digits}f}" for name in ("own", "rival", "difference")]
            table.add_row(figure, group, values[0], rival, values[1], values[2], *spans, one["verdict"])
        console.print(table)


def print_coverage(console: Console, found: dict[str, Any]) -> None:
    table = Table(title="hours within the central interval, %", title_justify="left")
    for heading in ("staff", "forecaster", "figure", "of", *(f"{level:.0%}" for level in _LEVELS)):
        table.add_column(heading, justify="right" if heading.endswith("%") else "left", no_wrap=True)
    for key, shares in found["coverage"].items():
        if not key.startswith("predicted/history"):
            cells = [
                "-" if one is None else f"{100 * one[0]:.0f} ({100 * one[1]:.0f}-{100 * one[2]:.0f})" for one in shares.values()
            ]
            table.add_row(*key.split("/"), *cells)
    console.print(table)


def print_where(console: Console, found: dict[str, Any]) -> None:
    for name, words in (("by_day", "day"), ("by_part", "hours")):
        table = Table(title=f"staff given, all calls: simulation less history, by {words}", title_justify="left")
        columns = list(found["where"][name][FIGURES[0]])
        for heading in ("figure", *columns):
            table.add_column(heading, justify="right" if heading != "figure" else "left")
        for figure, row in found["where"][name].items():
            table.add_row(figure, *(f"{row[column]:.{3 if figure.startswith('p_') else 1}f}" for column in columns))
        console.print(table)
    table = Table(title="the ten hours whose waits were forecast worst, staff given", title_justify="left")
    for heading in ("day", "hour", "calls", "forecast", "mean wait, s", "forecast", "over within 10 s"):
        table.add_column(heading, justify="right")
    for one in found["where"]["worst"]:
        waits = f"{one['wait_s']:.0f}", f"{one['wait_expected_s']:.0f}"
        calls = str(one["calls"]), f"{one['calls_expected']:.0f}"
        table.add_row(one["day"], str(one["hour"]), *calls, *waits, f"{one['over_within_10s']:.0%}")
    console.print(table)
    table = Table(title="CRPS, all calls, staff given, where the day itself is told", title_justify="left")
    for heading in ("told", *FIGURES):
        table.add_column(heading, justify="left" if heading == "told" else "right")
    for name, row in found["diagnosis"].items():
        table.add_row(name, *(f"{row[figure]:.{4 if figure.startswith('p_') else 2}f}" for figure in FIGURES))
    console.print(table)


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that has anonymous-bank-1999-02.")] = None,
    train: Annotated[str, typer.Option(help="Days to fit.")] = "1999-02-01..1999-02-04,1999-02-07..1999-02-11",
    test: Annotated[str, typer.Option(help="Days to forecast.")] = "1999-02-14..1999-02-18",
    members: Annotated[int, typer.Option(help="Simulated days of each day.", min=39)] = 199,
    trials: Annotated[int, typer.Option(help="Simulated days of each day before, for the seconds on top.", min=2)] = 24,
    presence: Annotated[str, typer.Option(help="pauses, or replay: as a replay of the days before would have it.")] = "pauses",
    laws: Annotated[str, typer.Option(help="Law of service: auto, lognormal, gamma ...")] = "auto",
    seed: Annotated[int, typer.Option(min=0)] = 1,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write everything there.")] = None,
) -> None:
    """Fits two weeks, forecasts the third hour by hour and priority by priority, and scores the forecast against two rivals."""
    if presence not in ("pauses", "replay"):
        raise typer.BadParameter(f"--presence is {presence!r}; write pauses or replay")
    console = Console(width=150, highlight=False)
    try:
        record = anonymous_bank(data)
        bank = Bank(record, days_of(train, record.days), days_of(test, record.days), seed)
        model, about = fitted(bank, presence, laws, trials)
        truth = observed(bank.calls, bank.test)
        made = forecasts(bank, model, members)
        found = judged(made, truth)
        found |= {"fit": about | {"busyness": None if model.busyness is None else model.busyness.to_study()}}
        whole = {"record": truth[:, None]} | {f"simulation, staff {task}": one["simulation"] for task, one in made.items()}
        totals = {name: {f: pooled(one, number) for number, f in enumerate(FIGURES)} for name, one in whole.items()}
        told = diagnosis(bank, model, truth, members // 3)
        nothing = {f: found["duels"][f"given/history/{f}/all"]["own"] for f in FIGURES}
        found |= {"totals": totals, "diagnosis": {"nothing": nothing, **told}}
        found |= {"where": where(made["given"], truth, bank.test, bank.calls)}
    except (KobleError, RecordError) as error:
        Console(stderr=True, soft_wrap=True).print(str(error), markup=False)
        raise typer.Exit(2) from None
    console.print(f"fit: {found['fit']}", markup=False)
    for name, row in totals.items():
        console.print(f"{name}: " + ", ".join(f"{figure} {value:.4g}" for figure, value in row.items()), markup=False)
    print_duels(console, found)
    print_coverage(console, found)
    print_where(console, found)
    if as_json is not None:
        as_json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def pooled(days: Floats, figure: int) -> float:
    """Of all open hours together: calls a day, or the mean over calls."""
    calls = days[..., -1, 0]
    if figure == 0:
        return float(calls.sum() / (days.shape[0] * days.shape[1]))
    return float(np.nansum(calls * days[..., -1, figure]) / calls.sum())


if __name__ == "__main__":
    typer.run(main)
