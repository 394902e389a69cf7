"""Cases of several classes: priorities, accumulating priority, skills with the longest idle agent, the N design with
a reserve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from .experiment import AUTO, Experiment, Measure, exponential, law_of, mean_patience_s, patience_of, relaxation_s, steady

__all__ = ["accumulating", "n_design", "priorities", "skills"]


def _classes(
    parameters: Mapping[str, Any], expected: Mapping[str, Any], orders: Sequence[Mapping[str, Any]], law: Any
) -> Experiment:
    """Equal service of all classes, each with a queue and its priority."""
    agents, service_s = int(parameters["agents"]), float(parameters["mean_service_time_s"])
    rates = [float(rate) for rate in parameters["arrival_rates_per_hour"]]
    names = [f"class{number + 1}" for number in range(len(rates))]
    study = {
        "plan": {
            "queues": [
                {"name": name, "offer": AUTO, "priority": dict(order)} for name, order in zip(names, orders, strict=True)
            ]
        },
        "agents": [{"count": agents}],
        "streams": [
            {"queue": name, "arrivals": {"rate": rate}, "service": law} for name, rate in zip(names, rates, strict=True)
        ],
        "by_agent": False,
    }
    measures = {f"mean_wait_{name}_s": Measure("mean_wait_s", (name,)) for name in names}
    measures |= {"p_wait": Measure("p_wait"), "mean_wait_all_s": Measure("mean_wait_s")}
    measures = {name: one for name, one in measures.items() if name in expected}
    load = sum(rates) / 3600 * service_s / agents
    named = [*measures][:4] if len(measures) <= 4 else [*[name for name in measures if "class" in name][:3], "p_wait"]
    return steady(study, measures, named, rate_per_hour=sum(rates), relaxation=relaxation_s(service_s, agents, load))


def priorities(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """Non-preemptive priorities, the first class highest."""
    count = len(parameters["arrival_rates_per_hour"])
    law = exponential(float(parameters["mean_service_time_s"]))
    return _classes(parameters, expected, [{"base": 10 * (count - 1 - number)} for number in range(count)], law)


def accumulating(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """Each class gains priority by its own rate while it waits (Kleinrock 1964)."""
    law = law_of(str(parameters.get("service_distribution", "exponential")), float(parameters["mean_service_time_s"]))
    return _classes(parameters, expected, [{"rate": rate} for rate in parameters["credit_rate_b"]], law)


def _slack(rates: Sequence[float], means: Sequence[float], able: Sequence[Sequence[int]]) -> tuple[float, float, int]:
    """Of the set of types with the least slack: load, mean service and number of agents who serve it."""
    worst = (0.0, means[0], 1)
    for size in range(1, len(rates) + 1):
        for types in combinations(range(1, len(rates) + 1), size):
            own = [mean for mean, skills in zip(means, able, strict=True) if set(skills) & set(types)]
            capacity = sum(3600 / mean for mean in own)
            load = sum(rates[number - 1] for number in types) / capacity if capacity else float("inf")
            if load > worst[0]:
                worst = (load, sum(own) / max(len(own), 1), max(len(own), 1))
    return worst


def skills(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """First come first served, longest idle agent first; the time of a conversation hangs on the agent alone (Adan
    and Weiss 2014)."""
    rates = [float(rate) for rate in parameters["arrival_rates_per_hour"]]
    means = [float(mean) for mean in parameters["agent_mean_service_time_s"]]
    able = [list(own) for own in parameters["agent_skills"]]
    types = [f"type{number + 1}" for number in range(len(rates))]
    names = [f"agent{number + 1}" for number in range(len(means))]
    stream: dict[str, Any] = {"service": exponential(means[0])}
    patience = patience_of(parameters)
    if patience is not None:
        stream["patience"] = patience
    if len(set(means)) > 1:
        stream["service_by"] = [
            {"agent": name, "mean": exponential(mean)["mean"]} for name, mean in zip(names, means, strict=True)
        ]
    study = {
        "plan": {
            "skills": types,
            "agents": [
                {"name": name, "skills": {f"type{one}": 1 for one in own}} for name, own in zip(names, able, strict=True)
            ],
            "queues": [{"name": one, "offer": AUTO, "require": one, "select": "longest_idle"} for one in types],
        },
        "streams": [{"queue": one, "arrivals": {"rate": rate}, **stream} for one, rate in zip(types, rates, strict=True)],
        "by_agent": True,
    }
    measures = {"p_all_busy": Measure("p_all_busy")}
    for one in types:
        measures |= {
            f"mean_wait_{one}_s": Measure("mean_wait_s", (one,)),
            f"p_wait_{one}": Measure("p_wait", (one,)),
            f"p_abandon_{one}": Measure("p_abandon", (one,)),
        }
        measures |= {f"match_fraction_{one}_{name}": Measure(f"share_of_{one}", ("agents", name)) for name in names}
    measures |= {f"utilisation_{name}": Measure("utilisation", ("agents", name)) for name in names}
    measures = {name: one for name, one in measures.items() if name in expected}
    waits = [name for name in measures if name.startswith("mean_wait_")]
    matched = [name for name in measures if name.startswith("match_fraction_") and expected[name] < 1]
    load, mean, count = _slack(rates, means, able)
    return steady(
        study,
        measures,
        [*waits[:3], *matched[:1], "p_all_busy"][:4],
        rate_per_hour=sum(rates),
        relaxation=relaxation_s(mean, count, load, mean_patience_s(parameters)),
    )


def n_design(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """Class 1 may go to both pools, class 2 to pool 2, where it comes first, and where more than ``reserve_r`` have
    to be free for class 1."""
    agents = [int(parameters["pool1_agents"]), int(parameters["pool2_agents"])]
    rates = [float(parameters[f"arrival_rate_class{number}_per_hour"]) for number in (1, 2)]
    own, abroad = float(parameters["mean_service_class1_pool1_s"]), float(parameters["mean_service_class1_pool2_s"])
    second = float(parameters["mean_service_class2_pool2_s"])
    patience = patience_of(parameters)
    more = {} if patience is None else {"patience": patience}
    study = {
        "plan": {
            "skills": ["pool1", "pool2"],
            "profiles": [{"name": "pool1", "skills": {"pool1": 1}}, {"name": "pool2", "skills": {"pool2": 1}}],
            "queues": [
                {
                    "name": "class1", "offer": AUTO, "require": "pool1",
                    "steps": [{"after": "0s", "require": "pool2", "reserve": int(parameters.get("reserve_r", 0))}],
                },
                {"name": "class2", "offer": AUTO, "require": "pool2", "priority": {"base": 10}},
            ],
        },
        "agents": [{"count": count, "profile": f"pool{number + 1}"} for number, count in enumerate(agents)],
        "streams": [
            {
                "queue": "class1", "arrivals": {"rate": rates[0]}, "service": exponential(own),
                "service_by": [{"profile": "pool2", "mean": exponential(abroad)["mean"]}], **more,
            },
            {"queue": "class2", "arrivals": {"rate": rates[1]}, "service": exponential(second), **more},
        ],
        "by_agent": False,
    }  # fmt: skip
    measures = {"fraction_class1_served_in_pool2": Measure("share_of_class1", ("profiles", "pool2"))}
    for name in ("class1", "class2"):
        measures |= {
            f"mean_queue_{name}": Measure("mean_queue_length", (name,)),
            f"mean_time_in_queue_{name}_s": Measure("mean_wait_s", (name,)),
            f"p_wait_{name}": Measure("p_wait", (name,)),
            f"p_abandon_{name}": Measure("p_abandon", (name,)),
        }
    measures |= {f"utilisation_{name}": Measure("utilisation", ("profiles", name)) for name in ("pool1", "pool2")}
    measures = {name: one for name, one in measures.items() if name in expected}
    # With classes 1 that go abroad as slowly as they may, the load is at most this.
    longest = max(own, abroad, second)
    load = (rates[0] * max(own, abroad) + rates[1] * second) / 3600 / sum(agents)
    own_load = rates[1] * second / 3600 / agents[1]
    tau = max(
        relaxation_s(longest, sum(agents), load, mean_patience_s(parameters)),
        relaxation_s(second, agents[1], own_load, mean_patience_s(parameters)),
    )
    return steady(
        study,
        measures,
        ["mean_time_in_queue_class1_s", "mean_time_in_queue_class2_s", "p_wait_class1", "fraction_class1_served_in_pool2"],
        rate_per_hour=sum(rates),
        relaxation=tau,
    )
