"""Mean waits under priorities, without interruption, first in first out within a class."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .erlang import MOST_AGENTS, p_wait
from .need import number, whole

__all__ = ["accumulating_waits_mg1_s", "accumulating_waits_s", "priority_waits_mg1_s", "priority_waits_s"]

Floats = npt.NDArray[np.float64]


def priority_waits_s(agents: int, rates_per_hour: Sequence[float], mean_service_s: float) -> Floats:
    """M/M/n with classes in order of priority, the first most urgent, and one law of service: mean wait of each in seconds.

    W_k = W_0 / ((1 - s_(k-1)) (1 - s_k)), s_k the load per agent of the first k classes, W_0 = C(n, a) / (n mu) (Cobham 1954;
    Kella and Yechiali 1985). Infinite from the class on with which the load reaches the agents; those above it still have
    theirs.
    """
    agents = whole(agents, "agents", 1, MOST_AGENTS)
    rates = _rates(rates_per_hour)
    service = number(mean_service_s, "mean_service_s", above=0)
    loads = rates * service / 3600
    return _cobham(p_wait(agents, float(loads.sum())) * service / agents, loads / agents)


def priority_waits_mg1_s(
    rates_per_hour: Sequence[float], mean_services_s: Sequence[float], second_moments_s2: Sequence[float]
) -> Floats:
    """M/G/1 with classes in order of priority, each with its own law of service, by E(S) and E(S^2): mean wait of each in
    seconds.

    Cobham's formula with W_0 the residual work of the service under way (Cobham 1954; Kleinrock, "Queueing Systems" II, 3.6).
    Where the load reaches 1, the class in which it does is in service for what is left of the time, and waits for ever.
    """
    rates, means, seconds = _services(rates_per_hour, mean_services_s, second_moments_s2)
    loads = rates * means
    begun = np.minimum(np.cumsum(loads), 1) - np.minimum(np.cumsum(loads) - loads, 1)  # of the time, in service
    return _cobham(float((begun * seconds / (2 * means)).sum()), loads)


def _cobham(residual: float, loads: Floats) -> Floats:
    below = 1 - np.cumsum(loads)
    before = np.concatenate([[1.0], below[:-1]])
    stable = below > 1e-15
    waits = np.full(len(loads), math.inf)
    waits[stable] = residual / (before[stable] * below[stable])
    return waits


def accumulating_waits_s(
    agents: int, rates_per_hour: Sequence[float], mean_service_s: float, points_per_s: Sequence[float]
) -> Floats:
    """M/M/n under accumulating priority: who has the most points, his class's rate times his wait, is served next; mean waits
    in seconds.

    Kleinrock's recursion with Erlang C's wait in the place of M/G/1's (Sharif, Stanford, Taylor and Ziedins 2014). Equal rates
    are first in first out over the classes. The load must be below the agents.
    """
    agents = whole(agents, "agents", 1, MOST_AGENTS)
    rates = _rates(rates_per_hour)
    service = number(mean_service_s, "mean_service_s", above=0)
    load = float(rates.sum()) * service / 3600
    if load >= agents:
        raise ArgumentError(f"{load:g} Erlang on {agents} agents: the queue grows without end; write more agents")
    return _accumulating(p_wait(agents, load) * service / (agents - load), rates * service / 3600 / agents, points_per_s)


def accumulating_waits_mg1_s(
    rates_per_hour: Sequence[float],
    mean_services_s: Sequence[float],
    second_moments_s2: Sequence[float],
    points_per_s: Sequence[float],
) -> Floats:
    """M/G/1 under accumulating priority (Kleinrock 1964, "A delay dependent queue discipline"), each class with its own law of
    service by E(S) and E(S^2): mean waits in seconds. The load must be below 1."""
    rates, means, seconds = _services(rates_per_hour, mean_services_s, second_moments_s2)
    load = float((rates * means).sum())
    if load >= 1:
        raise ArgumentError(f"the load is {load:g}: the queue grows without end; write lower rates or shorter services")
    return _accumulating(float((rates * seconds).sum()) / 2 / (1 - load), rates * means, points_per_s)


def _accumulating(together: float, loads: Floats, points_per_s: Sequence[float]) -> Floats:
    """W_k = (W - sum over slower i of r_i W_i (1 - b_i / b_k)) / (1 - sum over faster i of r_i (1 - b_k / b_i)), from the
    slowest up; W is the wait first in first out (Kleinrock, "Queueing Systems" II, 3.7)."""
    points = np.array([number(b, "points_per_s", above=0) for b in points_per_s])
    if len(points) != len(loads):
        raise ArgumentError(f"points_per_s has {len(points)} values for {len(loads)} classes; write one for each")
    waits = np.zeros(len(loads))
    for k in np.argsort(points, kind="stable"):
        slower, faster = points < points[k], points > points[k]
        above = together - float((loads * waits * (1 - points / points[k]))[slower].sum())
        waits[k] = above / (1 - float((loads * (1 - points[k] / points))[faster].sum()))
    return waits


def _rates(rates_per_hour: Sequence[float]) -> Floats:
    if not len(rates_per_hour):
        raise ArgumentError("rates_per_hour is empty; write the arrivals an hour of each class")
    return np.array([number(rate, "rates_per_hour", low=0) for rate in rates_per_hour])


def _services(
    rates_per_hour: Sequence[float], mean_services_s: Sequence[float], second_moments_s2: Sequence[float]
) -> tuple[Floats, Floats, Floats]:
    """Rates a second, E(S), E(S^2)."""
    rates = _rates(rates_per_hour) / 3600
    means = np.array([number(mean, "mean_services_s", above=0) for mean in mean_services_s])
    seconds = np.array([number(second, "second_moments_s2", above=0) for second in second_moments_s2])
    if not len(rates) == len(means) == len(seconds):
        raise ArgumentError("rates_per_hour, mean_services_s and second_moments_s2: write one of each for every class")
    if np.any(seconds < means**2 * (1 - 1e-12)):
        raise ArgumentError("second_moments_s2: E(S^2) is at least E(S)^2; write the second moment, not the variance")
    return rates, means, seconds
