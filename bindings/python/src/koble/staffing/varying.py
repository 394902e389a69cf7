"""Agents for each interval of a day whose arrivals change: SIPP, lagged SIPP, and the modified offered load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from ..errors import ArgumentError
from .distribution import Distribution
from .need import number
from .performance import Performance
from .profile import Profile
from .rules import Target, least_agents

__all__ = ["IntervalStaffing", "mol", "sipp"]

#: Which value of an interval's rate or load is staffed for.
How = Literal["mean", "most"]
F = TypeVar("F", bound=Callable[..., float])


@dataclass(frozen=True)
class IntervalStaffing:
    """So many agents in each interval from time 0 on."""

    method: str
    interval_s: float
    agents: tuple[int, ...]
    #: Arrivals an hour of the stationary queue that each interval was staffed as.
    rates_per_hour: tuple[float, ...]
    #: Of that stationary queue; None where nobody comes, who needs no agent.
    performances: tuple[Performance | None, ...]


def sipp(
    profile: Profile,
    interval_s: float,
    mean_service_s: float,
    target: Target,
    *,
    how: How = "mean",
    lag_s: float = 0.0,
    mean_patience_s: float | None = None,
    patience: Distribution | None = None,
    waiting_places: int | None = None,
) -> IntervalStaffing:
    """Stationary, independent, period by period: each interval as if its rate had held for ever.

    ``how``: its mean rate or its greatest. ``lag_s``: the rate so long before; with the mean service time (for exponential
    service) it is lagged SIPP, which knows that the load follows the arrivals (Green, Kolesar and Soares 2001, "Improving the
    SIPP approach"). An interval is ``interval_s`` long, which divides the profile's day; the profile may be finer. The model as
    in :func:`least_agents`.
    """
    service, lag = number(mean_service_s, "mean_service_s", above=0), number(lag_s, "lag_s", low=0)
    rate = _chosen(how, profile.mean_rate_per_hour, profile.most_rate_per_hour)
    return _staffed(
        f"{'lagged ' if lag else ''}SIPP {how}",
        profile,
        interval_s,
        lambda begin, end: rate(begin - lag, end - lag),
        lambda needed: least_agents(
            target, needed, service, mean_patience_s=mean_patience_s, patience=patience, waiting_places=waiting_places
        ),
    )


def mol(
    profile: Profile,
    interval_s: float,
    service: Distribution | float,
    target: Target,
    *,
    how: How = "most",
    mean_patience_s: float | None = None,
    patience: Distribution | None = None,
    waiting_places: int | None = None,
) -> IntervalStaffing:
    """Modified offered load (Jennings, Mandelbaum, Massey and Whitt 1996): each interval as the stationary queue that is
    offered the load m(t) of the infinite-server model, the greatest of the interval or its mean.

    ``service``: its law, or its mean in seconds where it is exponential. The law shapes m(t); the stationary queue takes
    service to be exponential with that mean. Agents are there for whole intervals: the greatest m(t) keeps the target
    throughout, and gives more than it asks for where m(t) changes much within one.
    """
    law = service if isinstance(service, Distribution) else Distribution.exponential(service)
    load = _chosen(how, profile.mean_load_erlang, profile.most_load_erlang)
    return _staffed(
        f"MOL {how}",
        profile,
        interval_s,
        lambda begin, end: load(begin, end, law) * 3600 / law.mean_s,
        lambda needed: least_agents(
            target, needed, law.mean_s, mean_patience_s=mean_patience_s, patience=patience, waiting_places=waiting_places
        ),
    )


def _chosen(how: How, mean: F, most: F) -> F:
    if how not in ("mean", "most"):
        raise ArgumentError(f'how is {how!r}; write "mean" or "most"')
    return mean if how == "mean" else most


def _staffed(
    method: str,
    profile: Profile,
    interval_s: float,
    rate: Callable[[float, float], float],
    least: Callable[[float], Performance],
) -> IntervalStaffing:
    interval = number(interval_s, "interval_s", above=0)
    count = round(profile.end_s / interval)
    if count < 1 or abs(count * interval - profile.end_s) > 1e-9 * profile.end_s:
        raise ArgumentError(f"interval_s is {interval_s!r}; write one that divides the profile's {profile.end_s:g} seconds")
    rates = tuple(rate(k * interval, (k + 1) * interval) for k in range(count))
    # Below this nobody comes in a century, and what is left is rounding.
    made = tuple(least(needed) if needed > 1e-6 else None for needed in rates)
    return IntervalStaffing(method, interval, tuple(0 if one is None else one.agents for one in made), rates, made)
