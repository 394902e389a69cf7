"""A North American bank's year: fitted, staffed, put into shifts, simulated, corrected, and judged on a month not seen.

    python na_bank.py                        # two minutes
    python na_bank.py --rule sipp --rounds 8

164 working days of 2003, five million calls, by five minutes. The record has no service times: --service and --patience are the
retail classes' of the US bank's tables, weighted by calls. docs/banks.md has the tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.table import Table

from data import DayTable, na_bank
from desk import HALVES, OPEN_H, Days, Desk
from koble import ArgumentError, KobleError, fit
from koble.lab import analysis as an
from koble.staffing import BreakWindow, Profile, Roster, Shift, Target, generate_shifts, mol, schedule_shifts, sipp
from koble.times import duration_ns

Floats = npt.NDArray[np.float64]

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
#: How fast the loop corrects: a share of days that misses its aim by 0.1 changes what is required by 2 %, less in later rounds.
_GAIN = 0.2
_LEAST, _MOST = 0.85, 1.5
#: What a roster may cost more than the cheapest.
_GAP = 0.005
_FRESH = 1_000_003  # seeds of days that the loop has not seen


@dataclass(frozen=True)
class Goal:
    """In each half hour so large a ``share`` is served within 20 s, ``on_days`` of the days."""

    share: float
    on_days: float


def shifts() -> list[Shift]:
    """Eight hours with a break of half an hour after three and a half to five, or four hours; from every half hour on."""
    ends = range(HALVES + 1)
    long = [f"{30 * k}m" for k in ends if 30 * k + 510 <= 60 * OPEN_H]
    short = [f"{30 * k}m" for k in ends if 30 * k + 240 <= 60 * OPEN_H]
    pause = BreakWindow("30m", "3h30m", "5h", "30m")
    return generate_shifts(long, ["8h30m"], breaks=[pause]) + generate_shifts(short, ["4h"])


def required(arrivals: fit.Arrivals, desk: Desk, share: float, rule: str) -> list[int]:
    """Agents of each half hour by formula, for the mean rates: a day as if all days were alike."""
    profile = Profile(arrivals.rates_per_hour, arrivals.interval_ns / 1e9)
    service_s, patience_s = duration_ns(desk.service) / 1e9, duration_ns(desk.patience) / 1e9
    target = Target(share=share, within_s=20)
    if rule == "sipp":
        return list(sipp(profile, 1800, service_s, target, mean_patience_s=patience_s).agents)
    return list(mol(profile, 1800, service_s, target, how="mean", mean_patience_s=patience_s).agents)


@dataclass
class Weekday:
    """One weekday's plan as the loop goes on: ``needed`` agents are ``factor`` times the formula's."""

    arrivals: fit.Arrivals
    formula: list[int]
    factor: Floats
    roster: Roster
    first: Roster

    def on_duty(self, roster: Roster | None = None) -> list[int]:
        return (self.roster if roster is None else roster).on_duty()[None]

    def cover(self) -> None:
        self.roster = covered((np.array(self.formula) * self.factor).tolist())


def covered(needed: list[float]) -> Roster:
    return schedule_shifts([float(np.ceil(one - 1e-9)) for one in needed], "30m", shifts(), gap=_GAP, time_limit_s=10)


def plan_week(
    known: DayTable, desk: Desk, goal: Goal, rule: str, rounds: int, days: int, seed: int
) -> tuple[list[Weekday], dict[str, Any]]:
    """Formula, shifts, simulation, correction, again. Returns the weekdays and the course of the loop."""
    fitted = fit.fit_arrivals(known.counts, "5m", groups=known.weekdays.tolist(), every="30m")
    week = []
    for weekday in range(5):
        arrivals = fitted.arrivals(str(weekday))
        formula = required(arrivals, desk, goal.share, rule)
        roster = covered([float(one) for one in formula])
        week.append(Weekday(arrivals, formula, np.ones(HALVES), roster, roster))
    course = []
    for number in range(rounds + 1):
        found = [desk.drawn(one.on_duty(), one.arrivals, days, seed + k) for k, one in enumerate(week)]
        reached = np.stack([made.met(goal.share).mean(axis=0) for made in found])
        course.append(
            {
                "round": number, "hours": paid(week), "least": float(reached.min()), "mean": float(reached.mean()),
                "half_hours_missing": int((reached < goal.on_days).sum()),
            }
        )  # fmt: skip
        if number == rounds:
            break
        for one, share in zip(week, reached, strict=True):
            step = _GAIN / (1 + number / 3) * (goal.on_days - share)
            # Where shifts overlap more are there than is required: only what is required can be made less.
            one.factor = np.clip(one.factor * (1 + step), _LEAST, _MOST)
            one.cover()
    about = {
        "busyness": None if fitted.busyness is None else fitted.busyness.to_study(),
        "days": len(known.days),
        "course": course,
        "mean_factor": float(np.mean([one.factor for one in week])),
    }
    return week, about


def paid(week: list[Weekday], first: bool = False) -> float:
    """Hours that are paid in a week."""
    return float(sum((one.first if first else one.roster).cost for one in week))


def played(week: list[Weekday], held: DayTable, desk: Desk, draws: int, seed: int, first: bool) -> list[Days]:
    """Each day of the held-out month under its weekday's roster, with the counts that it had."""
    found = []
    for number, (weekday, counts) in enumerate(zip(held.weekdays.tolist(), held.counts, strict=True)):
        one = week[weekday]
        found.append(desk.actual(one.on_duty(one.first if first else None), counts, draws, seed + _FRESH + number))
    return found


def fresh(week: list[Weekday], desk: Desk, days: int, seed: int, first: bool) -> list[Days]:
    """Days of the model that the loop has not seen, as many of each weekday."""
    made = [
        desk.drawn(one.on_duty(one.first if first else None), one.arrivals, days, seed + 2 * _FRESH + k)
        for k, one in enumerate(week)
    ]
    return [day for its in made for day in its.one_by_one()]


def figures(found: list[Days], goal: Goal) -> dict[str, Any]:
    """``found``: an entry a day, with one draw or several of it; intervals are over days."""
    sums = [tuple(float(getattr(one, key).sum()) for key in ("good", "left", "wait_s", "joined")) for one in found]
    good, left, wait, joined = (np.array(column) for column in zip(*sums, strict=True))
    halves = np.array([one.met(goal.share).mean() for one in found])
    row: dict[str, Any] = {"half_hours_met": spread(an.mean_score(halves))}
    row["days_met"] = float(np.mean([one.met_by_day(goal.share).mean() for one in found]))
    for name, above in (("served_within_20s", good), ("abandoned", left), ("mean_wait_s", wait)):
        row[name] = spread(an.ratio(above, joined, 0.95))
    return row


def spread(one: Any) -> list[float]:
    return [one.value, one.low, one.high]


def print_all(console: Console, found: dict[str, Any], goal: Goal) -> None:
    console.print(f"fitted to {found['days']} days; busyness {found['busyness']}", markup=False)
    aim = f"{goal.share:.0%} within 20 s on {goal.on_days:.0%} of days"
    table = Table(title=f"the loop, on its own days: {aim}, each of {5 * HALVES} half hours", title_justify="left")
    for heading in ("round", "paid hours a week", "share of days, least", "mean", "half hours missing"):
        table.add_column(heading, justify="right")
    for one in found["course"]:
        table.add_row(
            *(str(one["round"]), f"{one['hours']:.0f}", f"{one['least']:.2f}", f"{one['mean']:.3f}"),
            str(one["half_hours_missing"]),
        )
    console.print(table)
    table = Table(title="before (formula and shifts) and after the loop", title_justify="left")
    for heading in ("days", "roster", "paid hours", "half hours met", "days met", "in 20 s", "abandoned", "mean wait"):
        table.add_column(heading, justify="left" if heading in ("days", "roster") else "right", no_wrap=True)
    for days in ("fresh", "held out"):
        for roster in ("before", "after"):
            one = found[days][roster]
            shares = (one["half_hours_met"], one["served_within_20s"], one["abandoned"])
            met, served, left = (f"{100 * value:.1f} ({100 * low:.1f}-{100 * high:.1f}) %" for value, low, high in shares)
            wait = f"{one['mean_wait_s'][0]:.1f} s"
            hours, whole = f"{found['hours'][roster]:.0f}", f"{100 * one['days_met']:.0f} %"
            table.add_row(days, roster, hours, met, whole, served, left, wait)
    console.print(table)
    table = Table(title="half hours met on the held-out days, %, by weekday and hour", title_justify="left")
    for heading in ("weekday", "roster", "paid hours", *(f"{7 + h}" for h in range(OPEN_H))):
        table.add_column(heading, justify="left" if heading in ("weekday", "roster") else "right")
    for name, rows in found["by_weekday"].items():
        for roster, one in rows.items():
            table.add_row(name, roster, f"{one['hours']:.0f}", *(f"{100 * share:.0f}" for share in one["met_by_hour"]))
    console.print(table)
    console.print(f"after less before, held-out days: {found['difference']}", markup=False)


def by_weekday(week: list[Weekday], held: DayTable, played_: dict[str, list[Days]], goal: Goal) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for weekday in np.unique(held.weekdays).tolist():
        one = week[weekday]
        for roster, made in played_.items():
            own = [days for days, its in zip(made, held.weekdays, strict=True) if its == weekday]
            met = np.mean([days.met(goal.share).mean(axis=0) for days in own], axis=0)
            hours = (one.first if roster == "before" else one.roster).cost
            row = {"hours": hours, "met_by_hour": met.reshape(-1, 2).mean(axis=1).tolist()}
            found.setdefault(NAMES[weekday], {})[roster] = row
    return found


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that has na-bank-2003-5min.")] = None,
    held_from: Annotated[str, typer.Option(help="First day that is held out.")] = "2003-09-25",
    rule: Annotated[str, typer.Option(help="Agents by formula: mol or sipp.")] = "mol",
    share: Annotated[float, typer.Option(help="Served within 20 s in each half hour ...", min=0.1, max=0.99)] = 0.8,
    on_days: Annotated[float, typer.Option(help="... on this share of days.", min=0.1, max=0.99)] = 0.9,
    service: Annotated[str, typer.Option(help="Mean service.")] = "209s",
    patience: Annotated[str, typer.Option(help="Mean patience.")] = "549s",
    rounds: Annotated[int, typer.Option(help="Corrections.", min=1)] = 6,
    days: Annotated[int, typer.Option(help="Simulated days of each weekday and round.", min=10)] = 25,
    draws: Annotated[int, typer.Option(help="Draws of each held-out day.", min=1)] = 3,
    scale: Annotated[float, typer.Option(help="Share of the calls that is kept.", min=0.02, max=1)] = 1.0,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write everything there.")] = None,
) -> None:
    """Fits all but the last month, staffs a week, corrects it by simulation, and judges it on that month's own counts."""
    try:
        if rule not in ("mol", "sipp"):
            raise ArgumentError(f"--rule is {rule!r}; write mol or sipp")
        table, first_held = na_bank(data), np.datetime64(date.fromisoformat(held_from))
        if scale < 1:
            table = table.thinned(scale, seed)
        late = np.asarray(table.days.to_numpy() >= first_held)
        if len(np.unique(table.part(~late).weekdays)) < 5 or late.sum() < 2:
            raise ArgumentError(f"--held-from {held_from}: write a day that leaves some of each weekday before, and two behind")
        known, held = table.part(~late), table.part(late)
        desk, goal = Desk(service, patience), Goal(share, on_days)
        week, found = plan_week(known, desk, goal, rule, rounds, days, seed)
        made = {name: played(week, held, desk, draws, seed, name == "before") for name in ("before", "after")}
        found["hours"] = {name: paid(week, name == "before") for name in made}
        found["fresh"] = {name: figures(fresh(week, desk, days, seed, name == "before"), goal) for name in made}
        found["held out"] = {name: figures(one, goal) for name, one in made.items()} | {"days": len(held.days)}
        found["by_weekday"] = by_weekday(week, held, made, goal)
        met = {name: np.array([one.met(share).mean() for one in days_]) for name, days_ in made.items()}
        gap = an.difference(met["after"], met["before"]).difference
        found["difference"] = {"half_hours_met": [round(v, 4) for v in spread(gap)]}
    except KobleError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), markup=False)
        raise typer.Exit(2) from None
    print_all(Console(width=150, highlight=False), found, goal)
    if as_json is not None:
        as_json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
