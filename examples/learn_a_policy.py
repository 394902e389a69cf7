"""Learns a small routing policy, exports it as settings that the engine decides by itself, and compares it with tuned index policies.

    python examples/learn_a_policy.py            some minutes
    python examples/learn_a_policy.py --quick    a tenth of the budget, to see how it goes

On three workloads. The policy is an index, affine in the wait of each stream's first contact; an order of groups for each stream; and how many
agents of each group are kept free from it: with S streams and G groups 2 S + 2 S G numbers, found by the cross-entropy method (Rubinstein 1999)
in the Gymnasium environment's worlds. The rivals: static priority by the best order (c-mu is among them), with the longest free agent or who can
do least first, whichever is better; the same with the best threshold of reservation (Gans and Zhou 2003), one group kept free from one stream; and
accumulating priority with the better of these two rules, and rates tuned by the same method and the same number of episodes. Training, tuning and
testing have customers of their own; all policies are tested as plans, by `koble.lab`, with the same customers. Needs koble[gym,lab].
"""

from __future__ import annotations

import itertools
from typing import Annotated, Any

import numpy as np
import typer
from koble.gym import Costs, DecisionCentre, IndexPolicy, play
from koble.lab import Study
from koble.lab.analysis import versus
from rich.console import Console
from rich.progress import track
from rich.table import Table

Floats = np.ndarray[Any, np.dtype[np.float64]]
TEST_FIRST = 1_000_000  # replications from here on are for the test alone
TUNE_FIRST = 500_000  # and from here on for the rivals


def exponential(mean: str) -> dict[str, str]:
    return {"law": "exponential", "mean": mean}


def centre(skills: dict[str, list[str]], agents: dict[str, int], streams: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    kinds = [stream["queue"] for stream in streams]
    return {
        "plan": {
            "skills": kinds,
            "profiles": [{"name": name, "skills": dict.fromkeys(own, 1)} for name, own in skills.items()],
            "queues": [{"name": kind, "require": kind, "offer": {"mode": "external"}} for kind in kinds],
        },
        "agents": [{"count": count, "profile": name} for name, count in agents.items()],
        "streams": streams,
        "seed": 20,
        **more,
    }


def workloads() -> dict[str, tuple[dict[str, Any], Costs]]:
    def stream(queue: str, arrivals: Any, service: str, patience: str, **more: Any) -> dict[str, Any]:
        written = {"rate": arrivals} if isinstance(arrivals, (int, float)) else arrivals
        return {"queue": queue, "arrivals": written, "service": exponential(service), "patience": exponential(patience), **more}

    two = centre(
        {"A": ["x"], "AB": ["x", "y"]}, {"A": 6, "AB": 6},
        [stream("x", 140, "180s", "300s"), stream("y", 110, "180s", "120s")], horizon="4h",
    )  # fmt: skip
    three = centre(
        {"P": ["x", "y"], "Q": ["y", "z"], "R": ["x", "z"]}, {"P": 5, "Q": 5, "R": 5},
        [stream("x", 100, "200s", "600s"), stream("y", 90, "240s", "180s"), stream("z", 140, "120s", "240s")], horizon="4h",
    )  # fmt: skip
    day = centre(
        {"new": ["x"], "old": ["x", "y"]}, {"new": 8, "old": 7},
        [stream("x", {"rates": [80, 160, 220, 140, 180, 100]}, "170s", "400s",
                service_by=[{"profile": "old", "factor": 0.8}]),
         stream("y", {"rates": [30, 60, 90, 50, 70, 30]}, "220s", "150s")], horizon="6h",
        staff=[{"profile": "new", "counts": [4, 7, 8, 7, 8, 5]}, {"profile": "old", "counts": [4, 6, 7, 6, 6, 4]}],
    )  # fmt: skip
    return {
        "helpers": (two, Costs({"x": 4.0, "y": 8.0}, {"x": 1.0, "y": 3.0})),
        "a ring of skills": (three, Costs({"x": 4.0, "y": 6.0, "z": 5.0}, {"x": 1.0, "y": 2.0, "z": 1.5})),
        "a day": (day, Costs({"x": 3.0, "y": 9.0}, {"x": 1.0, "y": 3.0})),
    }


class Rows:
    """A policy of its own for each world of a batch, from rows of weights: bases and logarithms of rates, and scores of groups, if any."""

    def __init__(self, where: DecisionCentre, weights: Floats) -> None:
        self.policies = [policy_of(where, one) for one in weights]
        self.base = np.stack([one.base for one in self.policies])
        self.rate = np.stack([one.rate for one in self.policies])
        self.preference = np.stack([one.preference for one in self.policies])
        self.reserve = np.stack([one.reserve for one in self.policies])

    def actions(self, observations: Any, masks: Any, rows: Any) -> Any:
        policies = IndexPolicy(self.base[rows], self.rate[rows], self.preference[rows], self.reserve[rows])
        return policies.actions_of_each(observations, masks)


def policy_of(where: DecisionCentre, weights: Floats) -> IndexPolicy:
    """Of bases and logarithms of rates; then the scores of groups, alike for the longest free; then the reserves, if any."""
    shape = (len(where.streams), len(where.groups))
    scores, reserves = weights[2 * shape[0] :][: shape[0] * shape[1]], weights[2 * shape[0] + shape[0] * shape[1] :]
    order = reserve = None
    if scores.any():
        distinct = len(reserves) > 0
        order = np.stack([_ranks(one, distinct) for one in scores.reshape(shape)])
    if len(reserves):
        reserve = np.floor(np.maximum(reserves, 0)).astype(int).reshape(shape)
    return IndexPolicy.of(where, weights[: 2 * shape[0]], order, reserve)


def _ranks(scores: Floats, distinct: bool) -> Any:
    return (
        np.argsort(np.argsort(scores, kind="stable"), kind="stable") if distinct else np.unique(scores, return_inverse=True)[1]
    )


def search(where: DecisionCentre, start: Floats, free: Floats, first: int, rounds: int, what: str, each: int = 4) -> Floats:
    """The cross-entropy method from ``start``: 24 candidates a round, the best 6 make the next round's mean and deviation. ``free``: which
    weights vary."""
    rng = np.random.default_rng(7)
    size = len(start)
    mean, deviation = start.copy(), np.where(free, 2.0, 0.0)
    scale = np.ones(size)
    scale[: len(where.streams)] = 100  # points against seconds
    for number in track(range(rounds), what, transient=True):
        candidates = mean + deviation * rng.standard_normal((24, size)) * scale
        candidates[0] = mean
        customers = [first + number * each + k for k in range(each)] * len(candidates)
        rows = Rows(where, np.repeat(candidates, each, axis=0))
        earned = play(where, customers, rows.actions).reshape(len(candidates), each).mean(axis=1)
        best = candidates[np.argsort(earned)[-6:]]
        mean = 0.3 * mean + 0.7 * best.mean(axis=0)
        deviation = 0.3 * deviation + 0.7 * best.std(axis=0) / scale + 0.02 * free
    return mean


def best_of(where: DecisionCentre, candidates: list[Floats], first: int, episodes: int) -> Floats:
    """Which of these weights earns most, each with the same customers."""
    each = max(episodes // len(candidates), 4)
    rows = Rows(where, np.repeat(np.stack(candidates), each, axis=0))
    earned = play(where, [first + k for k in range(each)] * len(candidates), rows.actions)
    return candidates[int(earned.reshape(len(candidates), each).mean(axis=1).argmax())]


def fewest_skills_first(where: DecisionCentre) -> Floats:
    skills = {profile["name"]: len(profile["skills"]) for profile in where.study.plan.to_dict()["profiles"]}
    return np.tile([float(skills[group]) for group in where.groups], len(where.streams))


def static_orders(where: DecisionCentre) -> list[Floats]:
    """Static priority by all orders, with the longest free agent and with who has the fewest skills first."""
    streams, fewest = len(where.streams), fewest_skills_first(where)
    orders = [np.array(order, float) * 10_000 for order in itertools.permutations(range(streams))]
    return [np.concatenate([order, np.zeros(streams), rule]) for order in orders for rule in (np.zeros_like(fewest), fewest)]


def with_a_reserve(where: DecisionCentre, static: Floats) -> list[Floats]:
    """The same order, fewest skills first, with none or up to three agents of one group kept free from one stream."""
    fewest = fewest_skills_first(where)
    points = static[: 2 * len(where.streams)]
    reserves = [np.zeros_like(fewest)] + [k * one for one in np.eye(len(fewest)) for k in (1.0, 2.0, 3.0)]
    return [np.concatenate([points, fewest, reserve]) for reserve in reserves]


def cost_of(written: dict[str, Any], where: DecisionCentre, plan: dict[str, Any], replications: int) -> Floats:
    """Of each test day, played by the engine alone: what the plan costs until the horizon."""
    study = Study(written | {"plan": plan, "agents": []})
    costs = []
    for number in range(TEST_FIRST, TEST_FIRST + replications):
        records = study.records(number)
        end = np.minimum(records["arrival_ns"] + records["wait_ns"], study.horizon_ns)
        left = (records["exit"] != 0) & (records["arrival_ns"] + records["wait_ns"] < study.horizon_ns)
        total = 0.0
        for n, name in enumerate(where.streams):
            own = records["stream"] == n
            hours = (end - records["arrival_ns"])[own].sum() / 3.6e12
            total += where.costs.waiting_per_hour.get(name, 0) * hours + where.costs.abandoned.get(name, 0) * (left & own).sum()
        costs.append(total)
    return np.array(costs)


def main(quick: Annotated[bool, typer.Option(help="A tenth of the budget.")] = False) -> None:
    rounds, tests = (4, 20) if quick else (30, 200)
    table = Table(title=f"Cost of a day, {tests} test days, less the best tuned rival", title_justify="left")
    for heading in ("workload", "policy", "cost a day", "difference", "95 % together"):
        table.add_column(heading, justify="left" if heading in ("workload", "policy") else "right")
    for name, (written, costs) in workloads().items():
        where = DecisionCentre(written, costs)
        streams, groups = len(where.streams), len(where.groups)
        pairs = streams * groups
        episodes = rounds * 24 * 4
        static = best_of(where, static_orders(where), TUNE_FIRST, episodes)
        rule = np.concatenate([np.zeros(2 * streams), static[2 * streams :]])
        only_rates = np.concatenate([np.zeros(streams), np.ones(streams), np.zeros(pairs)])
        nothing = np.zeros(2 * streams + 2 * pairs)
        found = {
            "first come first served": np.zeros(2 * streams + pairs),
            "best static order": static,
            "the same with a reserve": best_of(where, with_a_reserve(where, static), TUNE_FIRST, episodes),
            "accumulating, tuned": search(where, rule, only_rates, TUNE_FIRST, rounds, f"{name}: tuning"),
            "learned": search(where, nothing, np.ones_like(nothing), 0, rounds, f"{name}: learning"),
        }
        samples = {
            policy: cost_of(written, where, policy_of(where, weights).plan(where), tests) for policy, weights in found.items()
        }
        rivals = [policy for policy in samples if policy != "learned"]
        rival = min(rivals, key=lambda policy: float(samples[policy].mean()))
        gaps = versus(samples, rival)
        for policy, sample in samples.items():
            gap = gaps[policy].difference if policy in gaps else None
            said = ("-", "the best rival") if gap is None else (f"{gap.value:+.2f}", f"{gap.low:+.2f} .. {gap.high:+.2f}")
            table.add_row(name if policy == "first come first served" else "", policy, f"{sample.mean():.2f}", *said)
        table.add_section()
        verdict = gaps["learned"].difference
        won = "wins" if verdict.high < 0 else "LOSES" if verdict.low > 0 else "is not told from it"
        Console().print(
            f"{name}: the learned policy {won} against {rival}; its plan: {_short(policy_of(where, found['learned']), where)}"
        )
    Console().print(table)


def _short(policy: IndexPolicy, where: DecisionCentre) -> str:
    parts = []
    for n, stream in enumerate(where.streams):
        kept = [f" but {k}" if k else "" for k in policy.reserve[n].tolist()]
        order = [f"{where.groups[g]}{kept[g]}" for g in np.argsort(policy.preference[n], kind="stable")]
        parts.append(f"{stream}: {policy.base[n]:g} + {policy.rate[n]:g} a second, {' before '.join(order)}")
    return "; ".join(parts)


if __name__ == "__main__":
    typer.run(main)
