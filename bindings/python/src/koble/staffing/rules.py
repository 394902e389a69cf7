"""How many agents: the square-root rules of heavy traffic, and the least number that meets a target exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from ..errors import ArgumentError
from .distribution import Distribution
from .erlang import MOST_AGENTS, erlang_c, mmng, mmnk
from .need import number, scipy_part, whole
from .performance import Performance

__all__ = [
    "Target",
    "garnett_beta",
    "garnett_p_abandon",
    "garnett_p_wait",
    "halfin_whitt_beta",
    "halfin_whitt_p_wait",
    "least_agents",
    "square_root_agents",
]

#: Whoever's patience is longer, some 30 million years, is taken to have no end of it.
_FOR_EVER_S = 1e15


def square_root_agents(load_erlang: float, beta: float) -> int:
    """R + beta sqrt(R), rounded up; at least 0, and 0 for no load."""
    load = number(load_erlang, "load_erlang", low=0)
    return max(math.ceil(load + number(beta, "beta") * math.sqrt(load)), 0)


def _hazard(x: float) -> float:
    """phi(x) / (1 - Phi(x)) of the normal law, also far out: sqrt(2 / pi) / erfcx(x / sqrt(2))."""
    return math.sqrt(2 / math.pi) / float(scipy_part("special").erfcx(x / math.sqrt(2)))


def halfin_whitt_p_wait(beta: float) -> float:
    """The limit of Erlang's C for R + beta sqrt(R) agents, beta > 0: 1 / (1 + beta Phi(beta) / phi(beta)) (Halfin and Whitt
    1981)."""
    beta = number(beta, "beta", above=0)
    return 1 / (1 + beta / _hazard(-beta))


def halfin_whitt_beta(p_wait: float) -> float:
    """The beta > 0 with which Halfin and Whitt's P(wait) is ``p_wait`` (above 0, below 1)."""
    return _invert(halfin_whitt_p_wait, p_wait, 1e-300)


def garnett_p_wait(beta: float, patience_ratio: float) -> float:
    """The limit of Erlang A's P(wait) for R + beta sqrt(R) agents, beta of any sign (Garnett, Mandelbaum and Reiman 2002,
    theorem 2).

    ``patience_ratio``: mean patience over mean service time. 1 / (1 + h(b) / (sqrt(ratio) h(-beta))), b = beta sqrt(ratio), h
    the normal law's hazard.
    """
    beta, root = number(beta, "beta"), math.sqrt(number(patience_ratio, "patience_ratio", above=0))
    return 1 / (1 + _hazard(beta * root) / (root * _hazard(-beta)))


def garnett_p_abandon(agents: int, beta: float, patience_ratio: float) -> float:
    """Erlang A's P(abandon) to the first order: P(wait) (h(b) - b) / sqrt(ratio n), b = beta sqrt(ratio) (the same theorem)."""
    agents = whole(agents, "agents", 1, MOST_AGENTS)
    root = math.sqrt(number(patience_ratio, "patience_ratio", above=0))
    b = number(beta, "beta") * root
    return garnett_p_wait(beta, patience_ratio) * (_hazard(b) - b) / (root * math.sqrt(agents))


def garnett_beta(p_wait: float, patience_ratio: float) -> float:
    """The beta with which Garnett's P(wait) is ``p_wait`` (above 0, below 1)."""
    return _invert(lambda beta: garnett_p_wait(beta, patience_ratio), p_wait, -math.inf)


def _invert(falling: Callable[[float], float], wanted: float, least: float) -> float:
    wanted = number(wanted, "p_wait", above=0, high=1)
    if wanted == 1:
        raise ArgumentError("p_wait is 1; write a probability below 1")
    low, high = max(-1.0, least), 1.0
    while falling(high) > wanted:
        high *= 2
    while falling(low) < wanted:
        low *= 2
    return float(scipy_part("optimize").brentq(lambda beta: falling(beta) - wanted, low, high, xtol=1e-14, rtol=1e-14))


@dataclass(frozen=True, kw_only=True)
class Target:
    """What must hold; at least one bound, and all that are given. Bounds are closed."""

    #: Service level: at least this share of all who come (refused ones are missed) is served within ``within_s``.
    share: float | None = None
    within_s: float | None = None
    #: At most: that wait longer than 0, that hang up (both of those who join), that are refused (of those who come).
    p_wait: float | None = None
    p_abandon: float | None = None
    p_block: float | None = None
    #: Mean wait of all who join, at most: the average speed of answer where nobody hangs up.
    mean_wait_s: float | None = None
    #: Utilisation of the agents, at most.
    occupancy: float | None = None

    def __post_init__(self) -> None:
        if all(getattr(self, one.name) is None for one in fields(self)):
            raise ArgumentError("an empty target; write one or more, such as Target(share=0.8, within_s=20)")
        if (self.share is None) != (self.within_s is None):
            raise ArgumentError("share and within_s: write both, such as Target(share=0.8, within_s=20)")
        for name in ("share", "p_wait", "p_abandon", "p_block", "occupancy"):
            value = getattr(self, name)
            if value is not None:
                number(value, name, low=0, high=1)
        for name in ("within_s", "mean_wait_s"):
            value = getattr(self, name)
            if value is not None:
                number(value, name, low=0)

    def met_by(self, performance: Performance) -> bool:
        joined = 1 - performance.p_block
        return (
            (self.share is None or self.within_s is None or joined * performance.p_served_within(self.within_s) >= self.share)
            and (self.p_wait is None or performance.p_wait <= self.p_wait)
            and (self.p_abandon is None or performance.p_abandon <= self.p_abandon)
            and (self.p_block is None or performance.p_block <= self.p_block)
            and (self.mean_wait_s is None or performance.mean_wait_s <= self.mean_wait_s)
            and (self.occupancy is None or performance.utilisation <= self.occupancy)
        )


def least_agents(
    target: Target,
    rate_per_hour: float,
    mean_service_s: float,
    *,
    mean_patience_s: float | None = None,
    patience: Distribution | None = None,
    waiting_places: int | None = None,
    most: int = 100_000,
) -> Performance:
    """The performance with the least ``agents`` (its own figure) that meet the target, by bisection on the exact formulas.

    Erlang C by itself; with ``mean_patience_s`` Erlang A, with ``patience`` M/M/n+G, with ``waiting_places`` (which do not go
    together with patience) M/M/n/K, 0 of them being Erlang B. Every figure of a target improves with each agent, so bisection
    finds the least number. :class:`~koble.ArgumentError` where ``most`` agents do not meet it.
    """
    rate, service = number(rate_per_hour, "rate_per_hour", above=0), number(mean_service_s, "mean_service_s", above=0)
    most = whole(most, "most", 1, MOST_AGENTS)
    if sum(one is not None for one in (mean_patience_s, patience, waiting_places)) > 1:
        raise ArgumentError("mean_patience_s, patience and waiting_places: write one of them, or none")
    if mean_patience_s is not None:
        patience = Distribution.exponential(mean_patience_s)
    load = rate * service / 3600

    def perform(agents: int) -> Performance:
        if patience is not None:
            return mmng(agents, rate, service, patience)
        if waiting_places is not None:
            return mmnk(agents, waiting_places, rate, service)
        return erlang_c(agents, rate, service)

    if patience is not None and not math.isfinite(patience.mean_s):  # some never leave: stable only above their load
        fewest = math.floor(load * float(patience.survival(np.array([_FOR_EVER_S]))[0])) + 1
    else:
        fewest = 1 if patience is not None or waiting_places is not None else math.floor(load) + 1

    def enough(agents: int) -> Performance | None:
        made = perform(agents)
        return made if target.met_by(made) else None

    low, high = fewest - 1, max(fewest, math.ceil(load))
    found = None
    while high <= most:
        found = enough(high)
        if found is not None:
            break
        low, high = high, high + max(1, (high - fewest) // 2, math.ceil(math.sqrt(load)))
    if found is None and low < most and fewest <= most:
        high, found = most, enough(most)
    if found is None:
        raise ArgumentError(f"{most} agents do not meet {target}; write a weaker target, or more in most")
    while high - low > 1:
        middle = (low + high) // 2
        made = enough(middle)
        if made is None:
            low = middle
        else:
            high, found = middle, made
    return found

