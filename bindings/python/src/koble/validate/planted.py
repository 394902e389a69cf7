"""Errors planted on purpose, each of which a case has to catch: whether the suite would see a simulator that is wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from ..policies.policy import ContactChoice, Policy, PolicyAgent, PolicyContact
from ..times import duration_ns
from .cases import Cases
from .check import LIMIT, carry_out
from .experiment import Experiment, exponential
from .families import experiment
from .paths import path_study, walked
from .queues import Estimator

__all__ = ["PLANTED", "Caught", "NewestFirst", "Planted", "plant"]

Study = dict[str, Any]


class NewestFirst(Policy):
    """Last come, first served."""

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> ContactChoice:
        return candidates[-1]


@dataclass(frozen=True)
class Planted:
    """``breaks`` changes a copy of the case's study in place; ``measured`` the experiment, where the error is in what
    is measured."""

    name: str
    case: str
    breaks: Callable[[Study], None] | None = None
    measured: Callable[[Experiment], Experiment] | None = None


@dataclass(frozen=True)
class Caught:
    """``by``: what differs; "" where nothing does, or where the case is absent."""

    planted: Planted
    by: str
    absent: bool = False


def _newest_first(study: Study) -> None:
    plan = study["plan"]
    plan["profiles"] = [{"name": "all", "policy": {"name": "order", "candidates": 64}}]
    study["policies"] = {"order": "koble.validate.planted:NewestFirst"}
    study["agents"][0]["profile"] = "all"


def _patience_from_the_ring(study: Study) -> None:
    # Whoever is rung is answered at once, so that nobody whose patience begins with the ring hangs up.
    for stream in study["streams"]:
        stream.pop("patience")


def _wrap_up_inside(study: Study) -> None:
    for profile in study["plan"]["profiles"]:
        profile["wrap_up"] = "0s"


def _warm_up_kept(study: Study) -> None:
    study["warmup"] = "0s"


def _reserve(by: int) -> Callable[[Study], None]:
    def change(study: Study) -> None:
        study["plan"]["queues"][0]["steps"][0]["reserve"] += by

    return change


def _longer_service(factor: float) -> Callable[[Study], None]:
    def change(study: Study) -> None:
        for stream in study["streams"]:
            stream["service_by"] = [{"agent": f"agent {n + 1}", "factor": factor} for n in range(study["agents"][0]["count"])]

    return change


def _more_arrivals(factor: float) -> Callable[[Study], None]:
    def change(study: Study) -> None:
        for stream in study["streams"]:
            stream["arrivals"]["rate"] *= factor

    return change


def _one_place_more(study: Study) -> None:
    study["plan"]["queues"][0]["max_length"] += 1


def _priority_reversed(study: Study) -> None:
    queues = study["plan"]["queues"]
    for queue, order in zip(queues, [queue["priority"] for queue in reversed(queues)], strict=True):
        queue["priority"] = order


def _interrupting(study: Study) -> None:
    # The first class does not wait for those behind it: nearest to a priority that interrupts.
    first, *others = study["plan"]["queues"]
    study["plan"]["channels"] = [{"name": "first"}, {"name": "others", "interrupted_by": ["first"]}]
    first["channel"] = "first"
    for queue in others:
        queue["channel"] = "others"


def _speeds_ignored(study: Study) -> None:
    study.pop("people")


def _slower_retry(study: Study) -> None:
    for stream in study["streams"]:
        stream["retry"]["delay"] = exponential(2 * _seconds(stream["retry"]["delay"]["mean"]))


def _seconds(written: str) -> float:
    return float(duration_ns(written)) / 1e9


def _select(rule: str) -> Callable[[Study], None]:
    def change(study: Study) -> None:
        for queue in study["plan"]["queues"]:
            queue["select"] = rule

    return change


def _busyness_left_out(study: Study) -> None:
    for stream in study["streams"]:
        stream["arrivals"].pop("busyness")


def _nobody_balks(study: Study) -> None:
    for stream in study["streams"]:
        stream.pop("balk")


def _patience_exponential(study: Study) -> None:
    for stream in study["streams"]:
        law = stream["patience"]
        stream["patience"] = exponential(_seconds(law.get("value") or law.get("mean")))


def _same_rate(study: Study) -> None:
    for queue in study["plan"]["queues"]:
        queue["priority"] = {"rate": 1}


def _service_exponential(study: Study) -> None:
    for stream in study["streams"]:
        stream["service"] = exponential(_seconds(stream["service"]["mean"]))


def _periods_reversed(study: Study) -> None:
    for stream in study["streams"]:
        stream["arrivals"]["rates"].reverse()


def _one_service_rate(study: Study) -> None:
    for stream in study["streams"]:
        stream.pop("service_by", None)


def _without_himself(done: Experiment) -> Experiment:
    assert isinstance(done.observer, Estimator)
    return replace(done, observer=Estimator(done.observer.each_s, ahead=0))


def _patience_lengthened(study: Study) -> None:
    for stream in study["streams"]:
        stream["patiences"] = [f"{int(duration_ns(one)) + 1}ns" for one in stream["patiences"]]


#: Every planted error with the case that catches it.
PLANTED = (
    Planted("last come, first served", "erlangC_n1_rho0.50", _newest_first),
    Planted("patience counted from the first ring", "erlangA_n1_rate18_aht180_pat60", _patience_from_the_ring),
    Planted("patience 1 ns too long", "det_priority_patience_1agent", _patience_lengthened),
    Planted("patience exponential, whatever its law", "MMn+G_D60_n10_rate220", _patience_exponential),
    Planted("wrap-up counted inside service", "det_skills_wrapup_alis", _wrap_up_inside),
    Planted("warm-up kept", "erlangC_n500_rho0.75", _warm_up_kept),
    Planted("reserve one too many", "Ndesign_reserve_r1_class_mu_abandon", _reserve(1)),
    Planted("reserve one too few", "Ndesign_reserve_r1_class_mu_abandon", _reserve(-1)),
    Planted("service 2 % too long", "erlangC_n5_rho0.70", _longer_service(1.02)),
    Planted("service 2 % too short", "erlangC_n5_rho0.70", _longer_service(0.98)),
    Planted("service the same with every agent", "ALIS_N_1+1_uneven_rates", _one_service_rate),
    Planted("service exponential, whatever its law", "APQ_ME2_3cl", _service_exponential),
    Planted("arrival rate 1 % too high", "erlangC_n10_rho0.90", _more_arrivals(1.01)),
    Planted("one waiting place too many", "MMnK_n10_K15_load12", _one_place_more),
    Planted("priority reversed", "priority_np_n1_6_6", _priority_reversed),
    Planted("first class interrupts", "priority_np_n1_6_6", _interrupting),
    Planted("priority that all gain at one rate", "APQ_MM1_2cl_1_0.5", _same_rate),
    Planted("longest idle replaced by random", "det_longest_idle_choice", _select("random")),
    Planted("longest idle replaced by random, in the long run", "ALIS_3x3_cycle", _select("random")),
    Planted("longest idle replaced by the list's order", "ALIS_N_2+2", _select("listed")),
    Planted("speeds of several chats ignored", "chat_3agents_cap3_least", _speeds_ignored),
    Planted("chats to the fullest agent", "chat_2agents_cap2_least", _select("most_contacts")),
    Planted("retry delay doubled", "retrial_MM1_rate12_retry120", _slower_retry),
    Planted("periods in the wrong order", "transient_M(t)M20+M_rush", _periods_reversed),
    Planted("busyness left out", "ContactCenters_CallCC_day", _busyness_left_out),
    Planted("nobody balks", "ContactCenters_CallCC_day", _nobody_balks),
    Planted("estimate without the caller himself", "estimator_QL_MM10_rho0.95", None, _without_himself),
)


def plant(
    cases: Cases,
    one: Planted,
    *,
    comparisons: int,
    seed: str = "",
    limit: float = LIMIT,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
) -> Caught:
    """Carries the case out with the error in it, until a figure differs."""
    if one.case in cases.paths:
        case = cases.paths[one.case]
        study = copy.deepcopy(path_study(case))
        assert one.breaks is not None
        one.breaks(study)
        return Caught(one, next((line.what for line in walked(case, study) if not line.right), ""))
    if one.case not in cases.exact:
        return Caught(one, "", absent=True)
    case = cases.exact[one.case]
    done = experiment(case)
    study = copy.deepcopy(done.study)
    if one.breaks is not None:
        one.breaks(study)
    done = replace(done, study=study)
    if one.measured is not None:
        done = one.measured(done)
    outcome = carry_out(
        case, done, comparisons=comparisons, seed=seed, limit=limit, every_figure=True, executor=executor, progress=progress,
        until_it_differs=True,
    )  # fmt: skip
    differs = [figure for figure in outcome.figures if figure.verdict == "DIFFERS"]
    worst = max(differs, key=lambda figure: abs(figure.z) if figure.z == figure.z else 0, default=None)
    return Caught(one, "" if worst is None else f"{worst.figure} ({worst.estimate.value:.4g} for {worst.exact:.4g})")
