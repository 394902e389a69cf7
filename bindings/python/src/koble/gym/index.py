"""Index policies: the pair with the highest index, each index affine in the wait of the stream's first contact. What is learned of this
form is a plan's own order: points to begin with, points a second, and who is kept free for whom."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ArgumentError
from .centre import DecisionCentre

__all__ = ["IndexPolicy"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: The attribute by which a plan's steps tell groups apart.
_GROUP = "group_of_agents"


@dataclass(frozen=True)
class IndexPolicy:
    """Among pairs that are legal, and whose group has more than ``reserve[s, g]`` agents free, the one with the highest
    ``base[s] + rate[s] * age_s[s]``; of one stream the group that ``preference`` puts first, and of equals the one whose agent has been
    free for longest. Where there is none it defers.

    base: points; rate: points a second, not negative; preference: streams x groups, smaller is better; reserve: streams x groups, so many
    agents of the group are kept free from the stream, 0 for none.

    Accumulating priority (Kleinrock 1964) with groups in order and thresholds of reservation (Gans and Zhou 2003): rate 0 is static
    priority, equal rates first come first served.
    """

    base: Floats
    rate: Floats
    preference: Ints
    reserve: Ints

    @classmethod
    def of(cls, centre: DecisionCentre, weights: npt.ArrayLike, preference: Any = None, reserve: Any = None) -> IndexPolicy:
        """From one list, as searches have it: bases, then logarithms of rates; rounded to what a plan can say: six decimals."""
        streams = len(centre.streams)
        values = np.asarray(weights, np.float64)
        base = np.round(np.clip(values[:streams] - values[:streams].min(), 0, 1e6), 6)
        rate: Floats = np.round(np.exp(np.clip(values[streams : 2 * streams], -12, 12)), 6).astype(np.float64)
        none = np.zeros((streams, len(centre.groups)), np.int64)
        order, kept = (none if one is None else np.asarray(one, np.int64) for one in (preference, reserve))
        return cls(base, rate, order, kept)

    def actions(self, observations: npt.NDArray[np.float32], masks: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """Of many worlds at once."""
        rows = len(observations)
        each = IndexPolicy(
            np.broadcast_to(self.base, (rows, *self.base.shape)),
            np.broadcast_to(self.rate, (rows, *self.rate.shape)),
            np.broadcast_to(self.preference, (rows, *self.preference.shape)),
            np.broadcast_to(self.reserve, (rows, *self.reserve.shape)),
        )
        return each.actions_of_each(observations, masks)

    def actions_of_each(self, observations: npt.NDArray[np.float32], masks: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """The same, where each world has a policy of its own: each of its arrays has a row for each."""
        streams, groups = self.preference.shape[1:]
        index = self.base + self.rate * observations[:, 1 : 2 * streams : 2].astype(np.float64)
        agents = observations[:, 2 * streams : 2 * streams + 3 * groups].reshape(-1, groups, 3)
        legal = masks[:, : streams * groups].reshape(-1, streams, groups).astype(bool) & (agents[:, None, :, 0] > self.reserve)
        index = np.where(legal.any(axis=2), index, -np.inf)
        stream = index.argmax(axis=1)
        rows = np.arange(len(stream))
        preference = self.preference[rows, stream]
        idle = agents[:, :, 2]
        best = np.where(legal[rows, stream], preference, np.iinfo(np.int64).max).min(axis=1, keepdims=True)
        first = legal[rows, stream] & (preference == best)
        action = stream * groups + np.where(first, idle, -np.inf).argmax(axis=1)
        chosen: npt.NDArray[np.int32] = np.where(np.isfinite(index.max(axis=1)), action, streams * groups).astype(np.int32)
        return chosen

    def plan(self, centre: DecisionCentre) -> dict[str, Any]:
        """The study's plan with this policy as its own order, and offers that agents have at once: queues' priorities; groups in order as
        tiers of profiles or, where some are reserved, as steps of queues that name the group by an attribute, each with its reserve.

        :class:`koble.ArgumentError` where some are reserved and a queue has steps of its own, or two groups of a stream are equal in
        ``preference``, which steps cannot be.
        """
        plan: dict[str, Any] = centre.study.plan.to_dict()
        stream_of = {stream.queues[0]: n for n, stream in enumerate(centre.study.streams)}
        for queue in plan["queues"]:
            n = stream_of.get(queue["name"])
            queue["offer"] = {"mode": "auto"}
            if n is not None:
                queue["priority"] = {"base": _decimal(self.base[n]), "rate": _decimal(self.rate[n])}
        if self.reserve.any():
            self._write_steps(centre, plan, stream_of)
        elif self.preference.any():
            self._write_tiers(centre, plan, stream_of)
        return plan

    def _write_tiers(self, centre: DecisionCentre, plan: dict[str, Any], stream_of: dict[str, int]) -> None:
        for profile in plan.get("profiles", []):
            if profile["name"] not in centre.groups:
                continue
            column = centre.groups.index(profile["name"])
            profile["queues"] = [
                {"queue": queue, "rank": 1, "tier": int(self.preference[n, column]) + 1} for queue, n in stream_of.items()
            ]

    def _write_steps(self, centre: DecisionCentre, plan: dict[str, Any], stream_of: dict[str, int]) -> None:
        plan.setdefault("attributes", []).append({"name": _GROUP, "values": centre.groups})
        for profile in plan.get("profiles", []):
            if profile["name"] in centre.groups:
                profile.setdefault("attributes", {})[_GROUP] = profile["name"]
        for queue in plan["queues"]:
            n = stream_of.get(queue["name"])
            if n is None:
                continue
            if queue.get("steps") or queue.get("reserve") or len(set(self.preference[n].tolist())) < len(centre.groups):
                raise ArgumentError(
                    f"queue {queue['name']!r}: reserves are written as its steps, one for each group in order; "
                    "give it no steps and no reserve of its own, and each group a preference of its own"
                )
            own = f"({queue['require']}) and " if queue.get("require") else ""
            first, *others = (
                {"require": f'{own}agent.{_GROUP} = "{centre.groups[g]}"', "reserve": int(self.reserve[n, g])}
                for g in np.argsort(self.preference[n], kind="stable").tolist()
            )
            queue |= first
            queue["steps"] = [{"after": "0s", **step} for step in others]


def _decimal(value: float) -> float:
    return float(Decimal(repr(float(value))).quantize(Decimal("0.000001")))
