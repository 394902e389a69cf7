"""Index policies: the pair with the highest index, each index affine in the wait of the stream's first contact. What is learned of this
form is a plan's own order: points to begin with, and points a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from .centre import DecisionCentre

__all__ = ["IndexPolicy"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class IndexPolicy:
    """Among pairs that are legal the one with the highest ``base[s] + rate[s] * age_s[s]``; of one stream the group that ``preference`` puts
    first, and of equals the one whose agent has been free for longest. base: points; rate: points a second, not negative; preference: streams x groups, smaller is better.

    Accumulating priority (Kleinrock 1964) with groups in tiers: rate 0 is static priority, equal rates first come first served.
    """

    base: Floats
    rate: Floats
    preference: npt.NDArray[np.int64]

    @classmethod
    def of(cls, centre: DecisionCentre, weights: Sequence[float], preference: Any = None) -> IndexPolicy:
        """From one list, as searches have it: bases, then logarithms of rates; rounded to what a plan can say: six decimals."""
        streams = len(centre.streams)
        values = np.asarray(weights, np.float64)
        base = np.round(np.clip(values[:streams] - values[:streams].min(), 0, 1e6), 6)
        rate: Floats = np.round(np.exp(np.clip(values[streams : 2 * streams], -12, 12)), 6).astype(np.float64)
        order = np.zeros((streams, len(centre.groups)), np.int64) if preference is None else np.asarray(preference, np.int64)
        return cls(base, rate, order)

    def actions(self, observations: npt.NDArray[np.float32], masks: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """Of many worlds at once; defers only where nothing else is legal."""
        rows = len(observations)
        each = IndexPolicy(
            np.broadcast_to(self.base, (rows, *self.base.shape)),
            np.broadcast_to(self.rate, (rows, *self.rate.shape)),
            np.broadcast_to(self.preference, (rows, *self.preference.shape)),
        )
        return each.actions_of_each(observations, masks)

    def actions_of_each(self, observations: npt.NDArray[np.float32], masks: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """The same, where each world has a policy of its own: base, rate and preference have a row for each."""
        streams, groups = self.preference.shape[1:]
        index = self.base + self.rate * observations[:, 1 : 2 * streams : 2].astype(np.float64)
        legal = masks[:, : streams * groups].reshape(-1, streams, groups).astype(bool)
        index = np.where(legal.any(axis=2), index, -np.inf)
        stream = index.argmax(axis=1)
        rows = np.arange(len(stream))
        preference = self.preference[rows, stream]
        idle = observations[:, 2 * streams + 2 : 2 * streams + 3 * groups : 3]
        best = np.where(legal[rows, stream], preference, np.iinfo(np.int64).max).min(axis=1, keepdims=True)
        first = legal[rows, stream] & (preference == best)
        action = stream * groups + np.where(first, idle, -np.inf).argmax(axis=1)
        chosen: npt.NDArray[np.int32] = np.where(np.isfinite(index.max(axis=1)), action, streams * groups).astype(np.int32)
        return chosen

    def plan(self, centre: DecisionCentre) -> dict[str, Any]:
        """The study's plan with this policy as its own order: queues' priorities, tiers of profiles, and offers that agents have at once."""
        plan: dict[str, Any] = centre.study.plan.to_dict()
        stream_of = {stream.queues[0]: n for n, stream in enumerate(centre.study.streams)}
        for queue in plan["queues"]:
            n = stream_of.get(queue["name"])
            queue["offer"] = {"mode": "auto"}
            if n is not None:
                queue["priority"] = {"base": _decimal(self.base[n]), "rate": _decimal(self.rate[n])}
        for profile in plan.get("profiles", []):
            if profile["name"] not in centre.groups or not self.preference.any():
                continue
            column = centre.groups.index(profile["name"])
            profile["queues"] = [
                {"queue": queue, "rank": 1, "tier": int(self.preference[n, column]) + 1} for queue, n in stream_of.items()
            ]
        return plan


def _decimal(value: float) -> float:
    return float(Decimal(repr(float(value))).quantize(Decimal("0.000001")))
