"""Cases of one queue: Erlang C, B and A, M/M/n/K, M/M/n+G, percentiles, and the delay estimator by queue length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..world import NOBODY
from .experiment import (
    AUTO,
    WINDOW,
    Experiment,
    Measure,
    exponential,
    mean_patience_s,
    patience_of,
    relaxation_s,
    steady,
    within,
)

if TYPE_CHECKING:
    from ..lab import Study
    from ..lab.figures import Pair

__all__ = ["MEASURES", "one_queue", "queue_length_estimator"]

#: What the figures of a case with one queue are called in a study.
MEASURES = {
    "utilisation": Measure("utilisation"),
    "p_wait": Measure("p_wait"),
    "p_wait_given_accepted": Measure("p_wait"),
    "p_block": Measure("p_refused"),
    "p_abandon": Measure("p_abandon"),
    "p_abandon_given_wait": Measure("p_abandon_given_wait"),
    "mean_wait_s": Measure("mean_wait_s"),
    "mean_wait_all_s": Measure("mean_wait_s"),
    "mean_wait_accepted_s": Measure("mean_wait_s"),
    "mean_wait_given_wait_s": Measure("mean_wait_given_wait_s"),
    "mean_wait_served_s": Measure("mean_wait_served_s"),
    "mean_wait_abandoned_s": Measure("mean_wait_abandoned_s"),
    "second_moment_wait_s2": Measure("second_moment_wait_s2"),
    "mean_queue_length": Measure("mean_queue_length"),
    "mean_in_system": Measure("mean_in_system"),
}
_PERCENTILE = {"wait_90th_percentile_s", "wait_all_90th_percentile_s"}
#: Who waits more rarely than this cannot be counted within 1 % by simulation without means of its own.
_RARE = 1e-3
#: A quantile is the mean of the replications', each biased by about one over its effective number of waits.
_LONG = 1500


def one_queue(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """M/M/n, with patience, with K places in all, with a percentile."""
    agents, service_s = int(parameters["agents"]), float(parameters["mean_service_time_s"])
    rate = float(parameters["arrival_rate_per_hour"])
    patience = patience_of(parameters)
    load = rate / 3600 * service_s / agents
    queue: dict[str, Any] = {"name": "calls", "offer": AUTO}
    tau: float
    if "system_capacity" in parameters:
        places = int(parameters["system_capacity"]) - agents
        queue["max_length"] = places
        # The queue forgets by emptying or by hitting its end, (K - n + 1)^2 services at the rate of all agents.
        ends = service_s * (places + 1) ** 2 / agents
        tau = max(service_s, ends if load >= 1 else min(ends, relaxation_s(service_s, agents, load)))
    else:
        tau = relaxation_s(service_s, agents, load, mean_patience_s(parameters))
    stream: dict[str, Any] = {"queue": "calls", "arrivals": {"rate": rate}, "service": exponential(service_s)}
    if patience is not None:
        stream["patience"] = patience
    measures, thresholds = within(expected)
    measures = {**{name: one for name, one in MEASURES.items() if name in expected}, **measures}
    study: dict[str, Any] = {
        "plan": {"queues": [queue]},
        "agents": [{"count": agents}],
        "streams": [stream],
        "thresholds": thresholds,
        "by_agent": False,
    }
    percentiles = _PERCENTILE & set(expected)
    if percentiles:
        study["quantiles"] = [0.9]
        measures |= {name: Measure("wait_p90_s") for name in percentiles}
    return steady(
        study,
        measures,
        _named(expected),
        rate_per_hour=rate,
        relaxation=tau,
        tails={"second_moment_wait_s2", *percentiles},
        window=_LONG if percentiles else WINDOW,
    )


def _named(expected: Mapping[str, Any]) -> list[str]:
    if "p_block" in expected:
        own = ["p_block", "p_wait_given_accepted", "mean_wait_accepted_s", "utilisation"]
        return own if "mean_wait_accepted_s" in expected else ["p_block", "utilisation"]
    if "p_abandon" in expected:
        last = _PERCENTILE & set(expected)
        return ["p_wait", "p_abandon", "mean_wait_all_s", *(last or {"p_served_and_wait_le_20s"})]
    if expected.get("p_wait", 1) < _RARE:
        return ["utilisation", "mean_in_system", "p_wait_le_0s"]
    last = _PERCENTILE & set(expected)
    return ["p_wait", "mean_wait_s", "utilisation", *(last or {"second_moment_wait_s2"})]


def queue_length_estimator(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """M/M/n where who has to wait is told (waiting + 1) / (n mu): its squared error, from the records."""
    agents, service_s = int(parameters["agents"]), float(parameters["mean_service_time_s"])
    rate = float(parameters["arrival_rate_per_hour"])
    study = {
        "plan": {"queues": [{"name": "calls", "offer": AUTO}]},
        "agents": [{"count": agents}],
        "streams": [{"queue": "calls", "arrivals": {"rate": rate}, "service": exponential(service_s)}],
        "by_agent": False,
    }
    names = [name for name in ("mse_QL_estimator_given_wait_s2", "mean_wait_given_wait_s") if name in expected]
    tau = relaxation_s(service_s, agents, rate / 3600 * service_s / agents)
    return steady(
        study,
        {name: Measure(name) for name in names},
        names,
        rate_per_hour=rate,
        relaxation=tau,
        observer=Estimator(service_s / agents),
    )


class Estimator:
    """Squared error of (waiting + ahead) x ``each_s``, over those who waited; ``ahead`` is 1 for whoever is served next."""

    def __init__(self, each_s: float, ahead: int = 1) -> None:
        self.each_s = each_s
        self.ahead = ahead

    def __call__(self, study: Study, number: int) -> dict[str, Pair]:
        squares = waits = count = 0.0
        for records in study.open(number).blocks():
            arrival = records["arrival_ns"]
            counted = (arrival >= study.warmup_ns) & (arrival < study.horizon_ns)
            of = records[counted & (records["wait_ns"] > 0) & (records["agent"] != NOBODY)]
            wait = of["wait_ns"] / 1e9
            error = wait - (of["waiting"] + float(self.ahead)) * self.each_s
            squares += float((error**2).sum())
            waits += float(wait.sum())
            count += len(of)
        return {"mse_QL_estimator_given_wait_s2": (squares, count), "mean_wait_given_wait_s": (waits, count)}


