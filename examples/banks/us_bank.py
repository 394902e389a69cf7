"""The US bank's 17 classes: five policies with the same customers, compared with intervals.

    python us_bank.py                        # a fifth of the centre, 20 days
    python us_bank.py --scale 1              # all of it

The supplement gives service and abandonment rates, five-minute arrivals and the agents signed in; it gives no skills. As in the
paper that the tables belong to, one pool of agents serves every class. What a class's wait and its hang-ups cost is not given,
either: the weights here are this program's own (``--weights``). docs/banks.md has the tables.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.table import Table

from data import ClassTable, us_bank
from koble import ArgumentError, KobleError
from koble.fit import duration_text
from koble.lab import Comparison, Study
from koble.lab import analysis as an
from koble.policies import plans

Floats = npt.NDArray[np.float64]

_POOL = "pool"
#: What a class counts, where not 1: those for whom the bank kept desks of their own.
WEIGHTS = {"Premier": 3.0, "Platinum": 3.0, "Business": 2.0, "Brokerage": 2.0, "Priority_Service": 2.0}
#: A hang-up costs as much as so long a wait.
_HANG_UP_H = 0.25
#: Numbers waiting at which the longest queue changes its points, at full size.
_LEVELS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 60, 75, 90, 110, 140)


def policies(bank: ClassTable, weights: Floats) -> dict[str, plans.PlanDict]:
    """Five orders in which contacts are taken; the first is the one that the others are compared with.

    The cost rate of one who waits is c = w (1 + theta x what a hang-up costs): his wait, and the chance that he hangs up.
    """
    service = dict(zip(bank.names, (3600 / bank.mean_service_s).tolist(), strict=True))
    leaving = dict(zip(bank.names, (3600 / bank.mean_patience_s).tolist(), strict=True))
    cost = {name: float(w) * (1 + leaving[name] * _HANG_UP_H) for name, w in zip(bank.names, weights, strict=True)}
    pool = {_POOL: bank.names}
    return {
        "FCFS-ALIS": plans.fcfs_alis(pool),
        "c-mu": plans.c_mu(cost, {_POOL: service}),
        "c-mu/theta": plans.c_mu_theta(cost, {_POOL: service}, leaving),
        "generalised c-mu": plans.generalised_c_mu(pool, cost, service),
        "longest queue": plans.longest_queue(pool, levels=_LEVELS),
    }


def study_of(bank: ClassTable, weights: Floats, scale: float, days: int, seed: int) -> Study:
    """A day from 7 h on: arrivals and agents times ``scale``, agents rounded."""
    agents = np.round(bank.agents * scale).astype(int)
    if not agents.min() > 0:
        raise ArgumentError(f"--scale {scale:g} leaves nobody in some five minutes; write a greater one")
    streams = [
        {
            "queue": name,
            "arrivals": {"rates": (scale * rates).tolist(), "every": "5m"},
            "service": {"law": "exponential", "mean": duration_text(service)},
            "patience": {"law": "exponential", "mean": duration_text(patience)},
        }
        for name, rates, service, patience in zip(
            bank.names, bank.rates_per_hour, bank.mean_service_s, bank.mean_patience_s, strict=True
        )
    ]
    return Study(
        {
            "name": "the US bank's classes",
            "plans": policies(bank, weights),
            "agents": [{"profile": _POOL, "count": int(agents.max())}],
            "staff": [{"profile": _POOL, "counts": agents.tolist(), "every": "5m"}],
            "streams": streams,
            "horizon": f"{len(agents) * 5}m",
            "replications": days,
            "seed": seed,
            "by_agent": False,
        }
    )


def costs(found: Comparison, bank: ClassTable, weights: Floats) -> dict[str, dict[str, Floats]]:
    """By plan: ``cost``, ``waiting`` and ``hang_ups`` of each day, in weighted hours of waiting."""
    made = {}
    for plan, result in found.results.items():
        waiting = np.stack([result.sample("waiting_time_s", name)[0] / 3600 for name in bank.names])
        left = np.stack([result.sample("abandoned", name)[0] for name in bank.names])
        made[plan] = {
            "waiting": weights @ waiting,
            "hang_ups": weights @ left * _HANG_UP_H,
            "cost": weights @ waiting + weights @ left * _HANG_UP_H,
        }
    return made


def summary(found: Comparison, bank: ClassTable, weights: Floats) -> dict[str, Any]:
    made = costs(found, bank, weights)
    first = found.first
    differences = {
        what: an.versus({plan: one[what] for plan, one in made.items()}, first) for what in ("cost", "waiting", "hang_ups")
    }
    answer: dict[str, Any] = {"replications": found[first].replications, "plans": {}, "classes": {}}
    for plan, result in found.results.items():
        row: dict[str, Any] = {}
        for what in ("cost", "waiting", "hang_ups"):
            mean = an.mean_score(made[plan][what])
            row[what] = [mean.value, mean.low, mean.high]
            if plan != first:
                gap = differences[what][plan]
                row[f"{what}_difference"] = [gap.difference.value, gap.difference.low, gap.difference.high]
                row[f"{what}_relative"] = [gap.relative.value, gap.relative.low, gap.relative.high]
                row[f"{what}_variance_reduction"] = gap.variance_reduction
        for figure in ("p_abandon", "mean_wait_s", "p_served_within_20s", "utilisation"):
            one = result[figure]
            row[figure] = [one.value, one.low, one.high]
        answer["plans"][plan] = row
        answer["classes"][plan] = {
            name: {figure: result[figure, name].value for figure in ("p_abandon", "mean_wait_s")} for name in bank.names
        }
    return answer


def print_summary(console: Console, found: dict[str, Any], bank: ClassTable, weights: Floats) -> None:
    table = Table(title=f"a day's cost in weighted hours of waiting, {found['replications']} days", title_justify="left")
    costs_of = ("cost", "of waiting", "of hang-ups", "cost less the first's", "%")
    for heading in ("policy", *costs_of, "abandoned", "mean wait", "in 20 s"):
        table.add_column(heading, justify="left" if heading == "policy" else "right", no_wrap=True)
    for plan, row in found["plans"].items():
        gap = row.get("cost_difference")
        change = row.get("cost_relative")
        table.add_row(
            plan,
            f"{row['cost'][0]:.1f} +- {(row['cost'][2] - row['cost'][1]) / 2:.1f}",
            f"{row['waiting'][0]:.1f}",
            f"{row['hang_ups'][0]:.1f}",
            "" if gap is None else f"{gap[0]:.1f} ({gap[1]:.1f} .. {gap[2]:.1f})",
            "" if change is None else f"{100 * change[0]:.1f} ({100 * change[1]:.1f} .. {100 * change[2]:.1f})",
            f"{100 * row['p_abandon'][0]:.2f} %",
            f"{row['mean_wait_s'][0]:.1f} s",
            f"{100 * row['p_served_within_20s'][0]:.1f} %",
        )
    console.print(table)
    table = Table(title="abandoned, % (and mean wait, s), by class", title_justify="left")
    for heading in ("class", "weight", *found["plans"]):
        table.add_column(heading, justify="left" if heading == "class" else "right", no_wrap=True)
    for name, weight in zip(bank.names, weights, strict=True):
        rows = [found["classes"][plan][name] for plan in found["plans"]]
        table.add_row(name, f"{weight:g}", *(f"{100 * one['p_abandon']:.1f} ({one['mean_wait_s']:.0f})" for one in rows))
    console.print(table)


def weights_of(text: str | None, names: list[str]) -> Floats:
    """From "Premier=3,Business=2"; classes that are not named count 1."""
    given = WEIGHTS
    if text is not None:
        given = {}
        for part in filter(None, text.split(",")):
            name, _, value = part.partition("=")
            try:
                given[name.strip()] = float(value)
            except ValueError:
                raise ArgumentError(f"--weights: {part!r}; write such as Premier=3,Business=2") from None
    unknown = [name for name in given if name not in names]
    if unknown or min(given.values(), default=1.0) <= 0:
        raise ArgumentError(f"--weights: {unknown or text}; write weights above 0 of {', '.join(names)}")
    return np.array([given.get(name, 1.0) for name in names])


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that has us-bank-2003-17class.")] = None,
    scale: Annotated[float, typer.Option(help="Of arrivals and agents.", min=0.03, max=10)] = 0.2,
    days: Annotated[int, typer.Option(min=2)] = 20,
    weights: Annotated[str | None, typer.Option(help="What classes count: Premier=3,Business=2. Others count 1.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write everything there.")] = None,
) -> None:
    """Compares five policies on the US bank's day: what waiting and hanging up cost, paired by day."""
    try:
        bank = us_bank(data)
        counted = weights_of(weights, bank.names)
        found = summary(study_of(bank, counted, scale, days, seed).compare(), bank, counted)
    except KobleError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), markup=False)
        raise typer.Exit(2) from None
    print_summary(Console(width=150, highlight=False), found, bank, counted)
    if as_json is not None:
        as_json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
