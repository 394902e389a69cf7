"""How long somebody who joins now will wait, by the length of the queue."""

from __future__ import annotations

import math

from ..errors import ArgumentError

__all__ = ["queue_length_delay_s"]


def queue_length_delay_s(
    waiting: int, agents: int, rate_per_hour: float, abandonments_per_hour: float = 0.0, *, idle: int = 0
) -> float:
    """Expected wait in seconds of one who joins behind `waiting` others, with exponential times and all agents busy.

    Without abandonment (Q + 1) / (n mu), the estimator QL; with it sum over i = 0 .. Q of 1 / (n mu + i theta), exact for
    M/M/n+M (Whitt 1999, "Improving service by informing customers about anticipated delays"). 0 where somebody is idle and
    nobody waits; infinite without agents.
    """
    if rate_per_hour <= 0 or abandonments_per_hour < 0 or waiting < 0 or agents < 0:
        raise ArgumentError("write a service rate above 0 and numbers and an abandonment rate of 0 or more")
    if idle > 0 and waiting == 0:
        return 0.0
    speed = agents * rate_per_hour
    if speed == 0:
        return math.inf
    if abandonments_per_hour == 0:
        return 3600.0 * (waiting + 1) / speed
    return 3600.0 * sum(1.0 / (speed + i * abandonments_per_hour) for i in range(waiting + 1))
