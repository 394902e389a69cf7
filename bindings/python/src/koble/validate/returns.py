"""Cases of customers who come again, and of agents with several chats at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .experiment import (
    AUTO,
    Experiment,
    Measure,
    NotExpressible,
    exponential,
    mean_patience_s,
    patience_of,
    relaxation_s,
    steady,
)

__all__ = ["chats", "retrial"]


def retrial(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """No room to wait; who is refused tries again after an exponential time, for ever."""
    agents, service_s = int(parameters["agents"]), float(parameters["mean_service_time_s"])
    rate, delay_s = float(parameters["arrival_rate_per_hour"]), float(parameters["mean_retry_delay_s"])
    study = {
        "plan": {"queues": [{"name": "calls", "offer": AUTO, "max_length": 0}]},
        "agents": [{"count": agents}],
        "streams": [
            {
                "queue": "calls",
                "arrivals": {"rate": rate},
                "service": exponential(service_s),
                "retry": {"delay": exponential(delay_s), "after": ["refused"]},
            }
        ],
        "by_agent": False,
    }
    measures = {
        "p_first_attempt_blocked": Measure("p_first_attempt_refused"),
        "mean_orbit": Measure("mean_orbit"),
        "utilisation": Measure("utilisation"),
        "mean_retry_attempts_per_customer": Measure("attempts_per_customer", less=1.0),
        "mean_time_to_service_start_s": Measure("mean_time_to_service_s"),
    }
    load = rate / 3600 * service_s / agents
    tau = max(relaxation_s(service_s, agents, load), delay_s / (1 - load) ** 2)  # the orbit has to empty, too
    return steady(
        study,
        {name: one for name, one in measures.items() if name in expected},
        ["p_first_attempt_blocked", "mean_orbit", "utilisation", "mean_retry_attempts_per_customer"],
        rate_per_hour=rate,
        relaxation=tau,
    )


_ROUTING = {"least_loaded": "least_loaded", "most_loaded": "most_contacts", "random": "random", "longest_idle": "longest_idle"}


def chats(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """An agent with j chats ends one every x_j seconds on average, each equally likely: each gets on with speed x_1 /
    (j x_j)."""
    agents, most = int(parameters["agents"]), int(parameters["capacity_per_agent"])
    between = [float(x) for x in parameters["mean_seconds_between_completions_with_j_chats"]]
    rate = float(parameters["arrival_rate_per_hour"])
    routing = str(parameters.get("routing", "least_loaded"))
    if routing not in _ROUTING:
        raise NotExpressible(f"the routing {routing!r}: known are {', '.join(_ROUTING)}")
    patience = patience_of(parameters)
    study = {
        "plan": {
            "channels": [{"name": "chat", "cost": 1, "max": most}],
            "profiles": [{"name": "chat", "channels": {"chat": most}, "capacity": most}],
            "queues": [{"name": "chats", "channel": "chat", "offer": AUTO, "select": _ROUTING[routing]}],
        },
        "agents": [{"count": agents, "profile": "chat"}],
        "people": [{"profile": "chat", "speeds": [between[0] / ((j + 1) * x) for j, x in enumerate(between[:most])]}],
        "streams": [
            {
                "queue": "chats", "arrivals": {"rate": rate}, "service": exponential(between[0]),
                **({} if patience is None else {"patience": patience}),
            }
        ],
        "by_agent": False,
    }  # fmt: skip
    measures = {
        "p_wait": Measure("p_wait"),
        "p_abandon": Measure("p_abandon"),
        "mean_queue_length": Measure("mean_queue_length"),
        "mean_time_in_queue_s": Measure("mean_wait_s"),
        "mean_chats_in_service": Measure("mean_in_service"),
        "mean_active_chat_time_s": Measure("mean_service_s"),
        "agent_busy_fraction": Measure("utilisation"),
    }
    measures = {name: one for name, one in measures.items() if name in expected}
    last = between[min(most, len(between)) - 1]
    tau = relaxation_s(last, agents, rate / 3600 * last / agents, mean_patience_s(parameters))
    third = "p_abandon" if "p_abandon" in measures else "agent_busy_fraction"
    named = ["p_wait", "mean_time_in_queue_s", third, "mean_chats_in_service"]
    return steady(study, measures, named, rate_per_hour=rate, relaxation=max(tau, most * last))
