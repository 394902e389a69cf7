"""Which family a case is of, told by its parameters alone, and its experiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import days, queues, returns, skills
from .cases import Case
from .experiment import Experiment, NotExpressible, WaitsForCallBacks

__all__ = ["experiment", "family_of"]

Family = Callable[[Mapping[str, Any], Mapping[str, Any]], Experiment]

#: By name of the family: a parameter that only it has, and how it is carried out. The first that fits holds.
_FAMILIES: dict[str, tuple[str, Family]] = {
    "accumulating priority": ("credit_rate_b", skills.accumulating),
    "longest idle agent": ("agent_skills", skills.skills),
    "N design": ("pool1_agents", skills.n_design),
    "retrial": ("mean_retry_delay_s", returns.retrial),
    "chats": ("mean_seconds_between_completions_with_j_chats", returns.chats),
    "busy day": ("busyness", days.busy_day),
    "transient ": ("arrival_rate_per_hour_by_period", days.transient),
    "transient": ("horizon_s", days.transient),
    "priorities": ("arrival_rates_per_hour", skills.priorities),
}


def family_of(case: Case) -> str:
    """Its name, for people."""
    if "offer_when_waiting_at_least" in case.parameters:
        return "call-backs"
    for name, (parameter, _) in _FAMILIES.items():
        if parameter in case.parameters:
            return name.strip()
    if any(name.startswith("mse_QL") for name in case.expected):
        return "delay estimator"
    if "system_capacity" in case.parameters:
        return "M/M/n/K" if "mean_wait_accepted_s" in case.expected else "Erlang B"
    if any("percentile" in name for name in case.expected):
        return "percentiles"
    patience = str(case.parameters.get("patience") or "none")
    return "Erlang C" if patience == "none" else "Erlang A" if patience == "exponential" else "M/M/n+G"


def experiment(case: Case) -> Experiment:
    """:class:`WaitsForCallBacks` where it has call-backs, :class:`NotExpressible` where no study says it."""
    family = family_of(case)
    if family == "call-backs":
        raise WaitsForCallBacks(f"{case.name}: waits for call-backs")
    carried_out = next((how for parameter, how in _FAMILIES.values() if parameter in case.parameters), None)
    if carried_out is None:
        carried_out = queues.queue_length_estimator if family == "delay estimator" else queues.one_queue
    try:
        found = carried_out(case.parameters, case.expected)
    except KeyError as missing:
        raise NotExpressible(f"{case.name}: a case of the family {family} lacks the parameter {missing}") from None
    except NotExpressible as error:
        raise NotExpressible(f"{case.name}: {error}") from None
    # A probability of less than 5 % is a tail.
    rare = {name for name in found.measures if name.startswith("p_") and abs(case.exact(name)) < 0.05}
    rare |= {name for name in found.measures if name.startswith("fraction_") and abs(case.exact(name)) < 0.05}
    study = {"name": f"{case.name}: {case.model}", **found.study}
    # Where few wait, a mean over all is one of few waits.
    waits = [case.exact(name) for name in found.measures if name.startswith("p_wait") and "_le_" not in name]
    effort = found.effort * max(1.0, 0.5 / max(min(waits, default=1.0), 1e-3))
    return Experiment(
        study, found.measures, found.named, found.contacts, effort, found.tails | frozenset(rare), found.observer
    )
