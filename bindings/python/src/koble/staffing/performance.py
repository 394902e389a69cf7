"""What a queue in steady state does to those who come: the result of every formula here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .need import number, scipy_part
from .virtual_wait import VirtualWait

__all__ = ["ErlangMixture", "Exponential", "NoWait", "Patient", "Performance", "WaitLaw"]

Floats = npt.NDArray[np.float64]


class WaitLaw(Protocol):
    """The wait of one who waits, given that he does."""

    def left_after(self, wait_s: float) -> float:
        """P(W > wait | W > 0)."""
        ...

    def served_after(self, wait_s: float) -> float:
        """P(served and W > wait | W > 0)."""
        ...


@dataclass(frozen=True)
class Performance:
    """Steady state of a queue with ``agents`` equal agents, first in first out.

    Shares and waits are of those who *joined* (were not refused at the door), as in studies (docs/studies.md); a wait ends by
    service or by hanging up. What does not exist is NaN: the wait of those who wait where nobody can.
    """

    #: "M/M/n", "M/M/n/K", "M/M/n+M" or "M/M/n+" and the patience's name.
    model: str
    agents: int
    rate_per_hour: float
    mean_service_s: float
    #: Refused at the door, of all who come.
    p_block: float
    #: Waited longer than 0.
    p_wait: float
    #: Hung up before they were served.
    p_abandon: float
    p_abandon_given_wait: float
    mean_wait_s: float
    mean_wait_given_wait_s: float
    mean_wait_served_s: float
    mean_wait_abandoned_s: float
    second_moment_wait_s2: float
    _wait: WaitLaw = field(repr=False, compare=False)

    @property
    def load_erlang(self) -> float:
        """Offered load: arrivals in one mean service time."""
        return self.rate_per_hour * self.mean_service_s / 3600

    @property
    def mean_queue_length(self) -> float:
        """Waiting, by Little's law."""
        return self.rate_per_hour / 3600 * (1 - self.p_block) * self.mean_wait_s

    @property
    def utilisation(self) -> float:
        """Share of the agents' time spent serving."""
        return self.load_erlang * (1 - self.p_block) * (1 - self.p_abandon) / self.agents

    @property
    def mean_in_system(self) -> float:
        """Waiting and in service."""
        return self.mean_queue_length + self.utilisation * self.agents

    def p_wait_within(self, wait_s: float) -> float:
        """P(W <= wait): left the queue within that time, served or not. 1 - p_wait at 0."""
        return 1 - self.p_wait * self._tail(wait_s)

    def p_served_within(self, wait_s: float) -> float:
        """Served after at most that time, of all who joined."""
        number(wait_s, "wait_s", low=0)
        if self.p_wait == 0:
            return 1.0
        return 1 - self.p_abandon - self.p_wait * self._wait.served_after(wait_s)

    def wait_percentile_s(self, share: float) -> float:
        """The least t with P(W <= t) of at least ``share`` (0 <= share < 1), to 12 digits; 0 where so many do not wait."""
        return self._percentile(share, self.p_wait, self._tail)

    def wait_served_percentile_s(self, share: float) -> float:
        """The same of those who are served."""
        served = 1 - self.p_abandon
        return self._percentile(share, 1.0, lambda t: self.p_wait * self._wait.served_after(t) / served)

    def wait_given_wait_percentile_s(self, share: float) -> float:
        """The same of those who wait."""
        return self._percentile(share, 1.0, self._tail)

    def _tail(self, wait_s: float) -> float:
        return self._wait.left_after(number(wait_s, "wait_s", low=0))

    def _percentile(self, share: float, factor: float, tail: Callable[[float], float]) -> float:
        if not 0 <= share < 1:
            raise ArgumentError(f"share is {share!r}; write a number from 0 to below 1, such as 0.9")
        rest = 1 - share

        def above(t: float) -> float:
            return factor * tail(t) - rest

        if factor == 0 or above(0.0) <= 0:
            return 0.0
        high = self.mean_wait_given_wait_s
        while above(high) > 0:
            high *= 2
        # Where the tail jumps (all hang up at once) it has no root; Brent's method then halves down to the jump.
        return float(scipy_part("optimize").brentq(above, 0.0, high, xtol=1e-13 * high, rtol=1e-14))


class NoWait:
    """There is no room to wait."""

    def left_after(self, wait_s: float) -> float:
        return 0.0

    def served_after(self, wait_s: float) -> float:
        return 0.0


@dataclass(frozen=True)
class Exponential:
    """The wait of one who waits in M/M/n: exponential with rate n mu - lambda."""

    mean_s: float

    def left_after(self, wait_s: float) -> float:
        return math.exp(-wait_s / self.mean_s)

    def served_after(self, wait_s: float) -> float:
        return self.left_after(wait_s)


@dataclass(frozen=True)
class ErlangMixture:
    """The wait of one who waits in M/M/n/K: with probability ``shares[j]`` he finds j waiting, and j + 1 services end before
    his."""

    shares: Floats
    #: Services that end a second while all agents are busy.
    work_per_s: float

    def left_after(self, wait_s: float) -> float:
        stages = np.arange(1, len(self.shares) + 1)
        return float(self.shares @ scipy_part("special").gammaincc(stages, self.work_per_s * wait_s))

    def served_after(self, wait_s: float) -> float:
        return self.left_after(wait_s)


@dataclass(frozen=True)
class Patient:
    """The wait of one who waits in M/M/n+G: the shorter of the virtual wait and his patience."""

    virtual: VirtualWait
    survival: Callable[[Floats], Floats]

    def left_after(self, wait_s: float) -> float:
        return self.virtual.tail(wait_s) * float(self.survival(np.array([wait_s]))[0])

    def served_after(self, wait_s: float) -> float:
        return self.virtual.part(self.survival, wait_s)
