"""A policy from scratch against five of the literature, on three workloads, with paired intervals (docs/policies.md, "Comparing it").

    python compare_policies.py                            a table for each workload; under a minute
    python compare_policies.py --picture compare.png      and what the table says as a picture
    python compare_policies.py --workers 2 --replications 40

Every contact has been promised an answer within a time that it brings along. All policies meet the same customers: contact
number n of each stream wants as much work and waits as long under every one of them, so that differences are the policies'.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import koble
import numpy as np
from koble.lab import Comparison, Study
from koble.lab.analysis import Difference, versus
from koble.policies import plans
from koble.times import format_duration
from rich.console import Console
from rich.table import Table

Groups = Mapping[str, Sequence[str]]


class Promises(koble.Policy):
    """The least time left of what was promised goes first; the last idle senior is for those with less than a minute."""

    def left_s(self, contact: koble.PolicyContact) -> float:
        promised = contact.attribute("promised_s")
        assert isinstance(promised, int)  # every contact of these workloads brings one
        return promised - contact.waited_ns / 1e9

    def choose_contact(self, agent: koble.PolicyAgent, candidates: Sequence[koble.PolicyContact]) -> koble.PolicyContact:
        return min(candidates, key=self.left_s)

    def choose_agent(
        self, contact: koble.PolicyContact, candidates: Sequence[koble.PolicyAgent]
    ) -> koble.PolicyAgent | None:
        juniors = [agent for agent in candidates if not agent.level("senior")]
        if juniors:
            return juniors[0]
        return candidates[0] if len(candidates) > 1 or self.left_s(contact) < 60 else None


@dataclass(frozen=True)
class Workload:
    """Types of contacts with what they are promised, groups with the types that they serve, and the rest of a study."""

    name: str
    promised_s: Mapping[str, int]
    groups: Groups
    seniors: Sequence[str]
    study: Mapping[str, Any]


def skills() -> Workload:
    """W2 of docs/performance.md with a fifth of its agents: 10 types, 10 groups of 6, load 0.98."""
    groups: dict[str, list[str]] = {}
    for g in range(10):
        distinct = dict.fromkeys([g, (g + 3) % 10, (g + 7) % 10, (g + 5) % 10])
        groups[f"group {g}"] = [f"type {t}" for t in list(distinct)[: 2 + g % 3]]
    promised = {f"type {t}": 20 if t < 5 else 120 for t in range(10)}
    rate = 0.98 * 60 / 180 * 3600 / 10
    streams = [
        stream(name, promised[name], {"rate": rate}, {"law": "lognormal", "mean": "180s", "cv": 1}, "120s") for name in promised
    ]
    rest = {"agents": [{"profile": name, "count": 6} for name in groups], "streams": streams, "warmup": "30m", "horizon": "4h"}
    return Workload("skills", promised, groups, ["group 2", "group 5", "group 8"], rest)


def n_design() -> Workload:
    """An N design under 120 % of its load: sales can be served by seniors alone, help by all. Whoever is too many hangs up."""
    promised = {"sales": 30, "help": 120}
    groups = {"junior": ["help"], "senior": ["sales", "help"]}
    streams = [
        stream(name, promised[name], {"rate": rate}, {"law": "exponential", "mean": "180s"}, "180s")
        for name, rate in (("sales", 150), ("help", 330))
    ]
    agents = [{"profile": "junior", "count": 12}, {"profile": "senior", "count": 8}]
    return Workload("overload", promised, groups, ["senior"], {"agents": agents, "streams": streams, "warmup": "30m", "horizon": "6h"})


def day() -> Workload:
    """Twelve hours with rates and staff that follow each other, on days that are busier or quieter; it begins and ends empty."""
    promised = {"orders": 20, "billing": 60, "advice": 180}
    groups = {"front": ["orders", "billing"], "desk": ["billing", "advice"], "senior": ["orders", "billing", "advice"]}
    course = [0.4, 0.8, 1.2, 1.3, 1.1, 0.9, 1.0, 1.2, 1.2, 0.9, 0.6, 0.4]
    streams = [
        stream(
            name, promised[name], {"rates": [round(rate * one) for one in course], "every": "1h", "busyness": {"shape": 100}},
            {"law": "lognormal", "mean": "200s", "cv": 1.2}, "150s",
        )
        for name, rate in (("orders", 110), ("billing", 90), ("advice", 60))
    ]  # fmt: skip
    most = {"front": 7, "desk": 6, "senior": 4}
    staff = [
        {"profile": name, "counts": [max(1, round(count * one / 1.2)) for one in course], "every": "1h"}
        for name, count in most.items()
    ]
    agents = [{"profile": name, "count": count + 1} for name, count in most.items()]
    return Workload("day", promised, groups, ["senior"], {"agents": agents, "staff": staff, "streams": streams, "horizon": "12h"})


def stream(name: str, promised_s: int, arrivals: dict[str, Any], service: dict[str, Any], patience: str) -> dict[str, Any]:
    return {
        "queue": name, "arrivals": arrivals, "service": service, "patience": {"law": "exponential", "mean": patience},
        "attributes": {"promised_s": promised_s},
    }  # fmt: skip


#: How each policy's plan is made. Names of policies in a plan are those of POLICIES below.
PLANS: dict[str, Callable[[Workload], dict[str, Any]]] = {
    "first come": lambda w: plans.fcfs_alis(w.groups),
    "promises": lambda w: plans.asking(plans.first_in_first_out(w.groups), agents="promises", contacts="promises", wake="10s"),
    "deadline": lambda w: plans.earliest_deadline(w.groups, {name: f"{time}s" for name, time in w.promised_s.items()}),
    "urgent first": lambda w: plans.static_priority(by_promise(w), w.groups),
    "longest queue": lambda w: plans.asking(plans.first_in_first_out(w.groups), contacts="longest queue"),
    "queue ratio": lambda w: plans.asking(plans.first_in_first_out(w.groups), agents="queue ratio", contacts="queue ratio"),
}
WHAT = {
    "first come": "13, plan", "promises": "own class", "deadline": "34, plan", "urgent first": "17, plan", "longest queue": "3, class",
    "queue ratio": "23, class",
}  # fmt: skip


def by_promise(workload: Workload) -> list[list[str]]:
    """Types in order of what they were promised; equal ones together."""
    times = sorted(set(workload.promised_s.values()))
    return [[name for name, one in workload.promised_s.items() if one == time] for time in times]


def classes(workload: Workload) -> dict[str, Any]:
    """The policies that are classes, as a study writes them. Queues are to be as long as promises are."""
    together = sum(workload.promised_s.values())
    return {
        "promises": f"{Path(__file__).stem}:Promises",
        "longest queue": "koble.policies:LongestQueueFirst",
        "queue ratio": {
            "class": "koble.policies:QueueRatio",
            "with": {
                "queue_shares": {name: time / together for name, time in workload.promised_s.items()},
                "idle_shares": {name: 1 / len(workload.groups) for name in workload.groups},
            },
        },
    }


def plan_of(workload: Workload, policy: str) -> dict[str, Any]:
    """With what contacts bring along and who is a senior, which the other policies do not look at."""
    plan = PLANS[policy](workload)
    plan["attributes"] = [{"name": "promised_s"}]
    plan["skills"] = [*plan.get("skills", []), "senior"]
    for profile in plan["profiles"]:
        if profile["name"] in workload.seniors:
            profile["skills"] = {**profile.get("skills", {}), "senior": 1}
    return plan


def study_of(workload: Workload, replications: int) -> Study:
    return Study(
        {
            "name": workload.name,
            "plans": {policy: plan_of(workload, policy) for policy in PLANS},
            "policies": classes(workload),
            **workload.study,
            "thresholds": [f"{time}s" for time in sorted(set(workload.promised_s.values()))],
            "replications": replications,
            "by_agent": False,
        }
    )


def kept(comparison: Comparison, workload: Workload, types: Sequence[str]) -> dict[str, Difference]:
    """The share of promises kept to these types together, of each policy less that of the first."""
    samples = {}
    for policy in PLANS:
        result = comparison[policy]
        parts = [result.sample(f"p_served_within_{format_duration(workload.promised_s[one] * 10**9)}", one) for one in types]
        samples[policy] = (np.sum([above for above, _ in parts], axis=0), np.sum([below for _, below in parts], axis=0))
    return versus(samples, comparison.first)


def share(one: Difference) -> str:
    """In percentage points; bold where its interval leaves out 0."""
    gap = one.difference
    text = f"{100 * gap.value:+.1f} ± {100 * gap.half_width:.1f}"
    return f"[bold]{text}[/bold]" if one.decided else text


def table_of(comparison: Comparison, workload: Workload, found: Mapping[str, Mapping[str, Difference]], seconds: float) -> Table:
    count = comparison[comparison.first].replications
    table = Table(title=f"{workload.name}, {count} replications, {seconds:.0f} s", title_justify="left")
    table.add_column("policy")
    for heading in ("", *(f"kept, {name}" for name in found), "abandoned", "mean wait"):
        table.add_column(heading, justify="right")
    for policy in PLANS:
        differences = comparison.differences.get(policy, {}).get(("streams", "all"), {})
        cells = []
        for by_policy in found.values():
            first = next(iter(by_policy.values())).second_value
            cells.append(f"{100 * first:.1f} %" if policy == comparison.first else share(by_policy[policy]))
        if policy == comparison.first:
            cells += [f"{100 * comparison[policy]['p_abandon'].value:.1f} %", f"{comparison[policy]['mean_wait_s'].value:.1f} s"]
        else:
            wait = differences["mean_wait_s"]
            text = f"{wait.difference.value:+.1f} ± {wait.difference.half_width:.1f}"
            cells += [share(differences["p_abandon"]), f"[bold]{text}[/bold]" if wait.decided else text]
        table.add_row(policy, f"[dim]{WHAT[policy]}[/dim]", *cells)
    return table


def draw(found: Mapping[str, Mapping[str, Mapping[str, Difference]]], file: Path) -> None:
    """A panel for each workload: how much more is kept than first come, first served keeps, with intervals."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    names = [policy for policy in PLANS if policy != next(iter(PLANS))]
    colours = {"all": "#222222", "urgent": "#c4500c", "patient": "#0b6fb3"}
    markers = {"all": "D", "urgent": "o", "patient": "s"}
    figure, panels = plt.subplots(1, len(found), figsize=(3.1 * len(found) + 0.8, 3.2), sharey=True, squeeze=False, layout="constrained")
    for panel, (workload, groups) in zip(panels[0], found.items(), strict=True):
        panel.axvline(0, color="#888888", linewidth=1)
        for place, (group, by_policy) in enumerate(groups.items()):
            gaps = [by_policy[policy].difference for policy in names]
            panel.errorbar(
                [100 * gap.value for gap in gaps],
                [row + 0.22 * (place - 1) for row in range(len(names))],
                xerr=[100 * gap.half_width for gap in gaps],
                fmt=markers[group], color=colours[group], markersize=4.5, capsize=2.5, linewidth=1.2, label=group,
            )  # fmt: skip
        panel.set_title(workload, loc="left", fontsize=10)
        panel.set_yticks(range(len(names)), names)
        panel.grid(axis="x", color="#e5e5e5", linewidth=0.8)
        panel.set_axisbelow(True)
        panel.spines[["top", "right", "left"]].set_visible(False)
        panel.tick_params(axis="y", length=0)
    panels[0][0].invert_yaxis()
    figure.supxlabel("promises kept, less those kept first come, first served (percentage points)", fontsize=9)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=3, frameon=False, fontsize=9)
    figure.savefig(file, dpi=160)


def main() -> None:
    parser = argparse.ArgumentParser(description="A policy from scratch against five of the literature, on three workloads.")
    parser.add_argument("--replications", type=int, default=15, help="of each workload under each policy, at least 2")
    parser.add_argument("--workload", choices=["skills", "overload", "day"], help="only this one")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--picture", type=Path, help="where to draw it, such as compare.png; needs matplotlib")
    arguments = parser.parse_args()
    console = Console(highlight=False, width=None if Console().is_terminal else 120)
    found: dict[str, dict[str, dict[str, Difference]]] = {}
    with ProcessPoolExecutor(arguments.workers) as pool:
        for workload in (skills(), n_design(), day()):
            if arguments.workload not in (None, workload.name):
                continue
            began = time.monotonic()
            comparison = study_of(workload, arguments.replications).compare(executor=pool)
            urgent, *patient = by_promise(workload)
            groups = {"all": list(workload.promised_s), "urgent": urgent, "patient": [name for one in patient for name in one]}
            found[workload.name] = {name: kept(comparison, workload, types) for name, types in groups.items()}
            console.print(table_of(comparison, workload, found[workload.name], time.monotonic() - began))
    console.print(
        "Kept: served within what was promised, of all who came. The first row has values, the others differences from it, in "
        "percentage points and seconds, paired, with 95 % intervals that hold for all policies together (Bonferroni)."
    )
    if arguments.picture is not None:
        draw(found, arguments.picture)


if __name__ == "__main__":
    main()
