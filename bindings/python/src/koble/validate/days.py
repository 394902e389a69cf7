"""Cases that begin empty and end: figures at times, counts of a day, and a day with a busyness of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .experiment import AUTO, Experiment, Measure, duration, exponential, patience_of, word

__all__ = ["busy_day", "transient"]

_AT = re.compile(r"(mean_in_system|mean_queue|p_all_busy)_at_([\d.]+)s")
_AT_FIGURES = {"mean_in_system": "in_system_at_", "mean_queue": "waiting_at_", "p_all_busy": "p_all_busy_at_"}
#: Days that a count of a day needs for a half-width of 1 %, roughly.
_DAYS = 6000


def transient(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """M(t)/M/n, with or without patience and an end to the queue, from empty; counts are over the horizon, contacts
    still there then are served."""
    if "arrival_rate_per_hour_by_period" in parameters:
        rates = [float(rate) for rate in parameters["arrival_rate_per_hour_by_period"]]
        period = float(parameters["period_length_s"])
        arrivals: dict[str, Any] = {"rates": rates, "every": duration(period)}
        horizon = period * len(rates)
        contacts = sum(rates) * period / 3600
    else:
        horizon = float(parameters["horizon_s"])
        arrivals = {"rate": float(parameters["arrival_rate_per_hour"])}
        contacts = float(parameters["arrival_rate_per_hour"]) * horizon / 3600
    agents = int(parameters["agents"])
    queue: dict[str, Any] = {"name": "calls", "offer": AUTO}
    if "system_capacity" in parameters:
        queue["max_length"] = int(parameters["system_capacity"]) - agents
    stream: dict[str, Any] = {
        "queue": "calls", "arrivals": arrivals, "service": exponential(float(parameters["mean_service_time_s"])),
    }  # fmt: skip
    patience = patience_of(parameters)
    if patience is not None:
        stream["patience"] = patience
    acceptable = duration(float(parameters.get("acceptable_wait_s", 20)))
    moments = [found for found in map(_AT.fullmatch, expected) if found]
    measures = {found[0]: Measure(_AT_FIGURES[found[1]] + word(float(found[2]))) for found in moments}
    counts = {
        "expected_arrivals": Measure("arrivals"),
        # Who finds everybody busy, and where the queue has an end also who is refused for it.
        "expected_arrivals_that_wait": Measure("waited", count=True, plus="refused"),
        "expected_queue_time_integral_s": Measure("waiting_time_s"),
        "busy_agent_seconds": Measure("busy_s"),
        "expected_blocked": Measure("refused"),
        "expected_abandonments_in_horizon": Measure("abandoned_in_window"),
    }
    for name in expected:
        limit = re.fullmatch(r"expected_arrivals_(with|served_with|accepted_with)_wait_le_([\d.]+)s", name)
        if limit is not None:
            acceptable = duration(float(limit[2]))
            kind = "p_served_within_" if limit[1] == "served_with" else "p_wait_within_"
            counts[name] = Measure(kind + word(float(limit[2])), count=True)
    measures |= {name: one for name, one in counts.items() if name in expected}
    loss = [name for name in ("expected_blocked", "expected_abandonments_in_horizon") if name in measures]
    within = [name for name in measures if name.startswith("expected_arrivals_") and "_wait_le_" in name]
    first = [found[0] for found in moments if found[1] == "mean_in_system"]
    return Experiment(
        {
            "plan": {"queues": [queue]},
            "agents": [{"count": agents}],
            "streams": [stream],
            "thresholds": [acceptable],
            "at": sorted({duration(float(found[2])) for found in moments}),
            "horizon": duration(horizon),
            "by_agent": False,
        },
        measures,
        (*first[:1], "expected_arrivals_that_wait", "expected_queue_time_integral_s", *(loss or within)[:1]),
        contacts=contacts,
        effort=contacts * _DAYS,
    )


def busy_day(parameters: Mapping[str, Any], expected: Mapping[str, Any]) -> Experiment:
    """A day with hourly rates and staff, one gamma factor of all rates, and balking; who is there at the end is served."""
    rates = [float(rate) for rate in parameters["base_arrival_rate_per_hour"]]
    counts = [int(count) for count in parameters["agents_by_hour"]]
    shape = re.search(r"shape\s+([\d.]+)", str(parameters["busyness"]))
    if shape is None:
        raise ValueError(f"busyness is {parameters['busyness']!r}; write Gamma(shape 10, rate 10)")
    base = sum(rates)
    study = {
        "plan": {"queues": [{"name": "calls", "offer": AUTO}]},
        "agents": [{"count": max(counts)}],
        "staff": [{"counts": counts}],
        "streams": [
            {
                "queue": "calls",
                "arrivals": {"rates": rates, "busyness": {"shape": float(shape[1])}},
                "service": exponential(float(parameters["mean_service_time_s"])),
                "patience": exponential(float(parameters["mean_patience_s"])),
                "balk": float(parameters.get("balk_probability_if_must_wait", 0)),
            }
        ],
        "horizon": f"{len(rates)}h",
        "by_agent": False,
    }
    measures = {
        "expected_arrivals": Measure("arrivals"),
        "expected_calls_that_must_wait": Measure("waited"),
        "expected_balks": Measure("balked"),
        "expected_abandonments_after_waiting": Measure("abandoned"),
        "expected_total_queue_time_s": Measure("mean_wait_s", count=True),
        "ratio_total_queue_time_to_expected_arrivals_s": Measure("mean_wait_s", count=True, over=base),
        "ratio_lost_to_expected_arrivals": Measure("balked", count=True, over=base, plus="abandoned"),
    }
    measures = {name: one for name, one in measures.items() if name in expected}
    named = [
        "expected_arrivals",
        "expected_calls_that_must_wait",
        "expected_abandonments_after_waiting",
        "expected_total_queue_time_s",
    ]
    return Experiment(
        study,
        measures,
        tuple(name for name in named if name in measures),
        contacts=base,
        effort=base * 2 * _DAYS,
        # Nearly all waiting is that of the busiest days, so these are figures of the tail of the busyness.
        tails=frozenset(measures) - {"expected_arrivals"},
    )
