"""Erlang's formulas and their kin: one kind of contact, equal agents, Poisson arrivals, exponential service, steady state."""

from __future__ import annotations

import math

import numpy as np

from ..errors import ArgumentError
from .distribution import Distribution
from .need import number, whole
from .performance import ErlangMixture, Exponential, NoWait, Patient, Performance
from .virtual_wait import VirtualWait

__all__ = ["erlang_a", "erlang_b", "erlang_c", "mmng", "mmnk", "p_block", "p_wait"]

MOST_AGENTS = 1_000_000
NAN = math.nan


def _blocking(agents: int, load: float) -> tuple[float, float]:
    """Erlang's B of ``agents - 1`` and ``agents``, by B(n) = a B(n-1) / (n + a B(n-1)).

    Each step divides the relative error of the one before by more than 1, so that 10,000 of them are as exact as a few. Below
    1e-308 it is 0.
    """
    before, now = 0.0, 1.0
    for n in range(1, agents + 1):
        before, now = now, load * now / (n + load * now)
    return before, now


def p_block(agents: int, load_erlang: float) -> float:
    """Erlang's B (Erlang 1917): the share of Poisson arrivals of this load that find all of 0 to 1,000,000 agents busy and
    go."""
    return _blocking(whole(agents, "agents", 0, MOST_AGENTS), number(load_erlang, "load_erlang", low=0))[1]


def p_wait(agents: int, load_erlang: float) -> float:
    """Erlang's C (Erlang 1917): the share that has to wait, from B: n B / (n - a (1 - B)). 1 where the load reaches the
    agents."""
    load = number(load_erlang, "load_erlang", low=0)
    block = _blocking(whole(agents, "agents", 1, MOST_AGENTS), load)[1]
    return 1.0 if load >= agents else agents * block / (agents - load * (1 - block))


def _checked(agents: int, rate_per_hour: float, mean_service_s: float) -> tuple[int, float, float]:
    return (
        whole(agents, "agents", 1, MOST_AGENTS),
        number(rate_per_hour, "rate_per_hour", low=0),
        number(mean_service_s, "mean_service_s", above=0),
    )


def erlang_b(agents: int, rate_per_hour: float, mean_service_s: float) -> Performance:
    """M/M/n/n: nobody waits, who finds all agents busy is refused. Holds for service of any law with this mean."""
    agents, rate, service = _checked(agents, rate_per_hour, mean_service_s)
    block = _blocking(agents, rate * service / 3600)[1]
    return Performance(
        "M/M/n/K", agents, rate, service, block, 0.0, 0.0, 0.0, 0.0, NAN, 0.0, NAN, 0.0, NoWait()
    )  # fmt: skip


def erlang_c(agents: int, rate_per_hour: float, mean_service_s: float) -> Performance:
    """M/M/n: everybody waits until he is served. Waits of those who wait are exponential with mean 1 / (n mu - lambda).

    The load must be below the agents: else the queue grows without end, and :class:`~koble.ArgumentError` says so.
    """
    agents, rate, service = _checked(agents, rate_per_hour, mean_service_s)
    load = rate * service / 3600
    if load >= agents:
        raise ArgumentError(
            f"{load:g} Erlang on {agents} agents: the queue grows without end; write at least {math.floor(load) + 1} agents, "
            "or use erlang_a where people hang up"
        )
    wait, mean = p_wait(agents, load), service / (agents - load)
    return Performance(
        "M/M/n", agents, rate, service, 0.0, wait, 0.0, 0.0, wait * mean, mean, wait * mean, NAN, 2 * wait * mean**2,
        Exponential(mean),
    )  # fmt: skip


def mmnk(agents: int, waiting_places: int, rate_per_hour: float, mean_service_s: float) -> Performance:
    """M/M/n/K with K = ``agents + waiting_places`` (at most 1,000,000 places): who finds them all taken is refused.

    By the stationary weights of the birth-death chain, relative to the greatest of them: below n by Erlang's B, from n on
    geometric (Gross, Shortle, Thompson and Harris, "Fundamentals of Queueing Theory", 4th ed., 2.4).
    """
    agents, rate, service = _checked(agents, rate_per_hour, mean_service_s)
    places = whole(waiting_places, "waiting_places", 0, MOST_AGENTS)
    if places == 0 or rate == 0:
        return erlang_b(agents, rate, service)
    load, work = rate * service / 3600, agents / service
    before, _ = _blocking(agents, load)
    # log of the weights of n, n + 1, ... K busy or waiting, that of n being 0; and of all states below n together.
    logs = np.arange(places + 1) * math.log(load / agents)
    below = math.log(agents / load) - math.log(before) if before > 0 else math.inf
    top = max(float(logs.max()), below)
    if math.isinf(top):  # all agents are never busy
        weights, idle = np.zeros(places + 1), 1.0
        shares = np.exp(logs[:-1] - logs[:-1].max())
    else:
        weights, idle = np.exp(logs - top), math.exp(below - top)
        shares = np.exp(logs[:-1] - logs[:-1].max())
    shares /= shares.sum()
    total = float(weights.sum()) + idle
    block = float(weights[-1]) / total
    waits = float(weights[:-1].sum()) / (idle + float(weights[:-1].sum()))
    ahead = np.arange(1.0, places + 1)
    mean = float(shares @ ahead) / work
    second = float(shares @ (ahead * (ahead + 1))) / work**2
    return Performance(
        "M/M/n/K", agents, rate, service, block, waits, 0.0, 0.0, waits * mean, mean, waits * mean, NAN, waits * second,
        ErlangMixture(shares, work),
    )  # fmt: skip


def mmng(agents: int, rate_per_hour: float, mean_service_s: float, patience: Distribution) -> Performance:
    """M/M/n+G: who waits hangs up when his patience, of any law, is over (Zeltyn and Mandelbaum, "Call centers with impatient
    customers: many-server asymptotics of the M/M/n+G queue", Queueing Systems 51, 2005, section 3).

    Everything is an integral over the density of the virtual wait V, without differences of large numbers: P(abandon) is
    P(patience <= V), E(W) is E(min(patience, V)). Loads beyond the agents are fine as long as enough people ever hang up.
    """
    agents, rate, service = _checked(agents, rate_per_hour, mean_service_s)
    virtual = VirtualWait(agents, rate / 3600, service, patience)
    wait = virtual.p_wait(_blocking(agents, rate * service / 3600)[0])
    leaves = virtual.mean(patience.cdf)
    stays = virtual.mean(patience.survival)
    mean = virtual.mean(patience.integral)
    served = virtual.mean(lambda v: v * patience.survival(v))
    left = virtual.mean(patience.partial_mean)
    return Performance(
        f"M/M/n+{'M' if patience.exponential_rate is not None else patience.name}",
        agents,
        rate,
        service,
        0.0,
        wait,
        wait * leaves,
        leaves,
        wait * mean,
        mean,
        wait * served / (1 - wait + wait * stays),
        left / leaves if leaves > 0 else NAN,
        wait * virtual.mean(patience.square),
        Patient(virtual, patience.survival),
    )


def erlang_a(agents: int, rate_per_hour: float, mean_service_s: float, mean_patience_s: float) -> Performance:
    """M/M/n+M, Erlang's A (Palm 1957; Garnett, Mandelbaum and Reiman 2002): patience is exponential with this mean."""
    patience = Distribution.exponential(number(mean_patience_s, "mean_patience_s", above=0))
    return mmng(agents, rate_per_hour, mean_service_s, patience)
