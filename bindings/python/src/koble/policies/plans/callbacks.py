"""Plans with call-backs (policy 35)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .model import PlanDict
from .priorities import first_in_first_out

__all__ = ["virtual_hold"]


def virtual_hold(
    groups: Mapping[str, Iterable[str]],
    *,
    suffix: str = " call-back",
    dial: str = "45s",
    retry: str = "15m",
    attempts_apart: str = "10s",
    **queue: Any,
) -> PlanDict:
    """35. Virtual hold (Armony and Maglaras 2004; ContactCenters' virtual queue).

    Beside each type's queue stands one for those who accepted to be called back, who keep their place in the same order by
    arrival: `koble.policies.VirtualHold` says whom to offer it, and the contact then arrives in that queue while the customer
    hangs up (virtual wait). An agent who takes it dials; `connected` says that the call back succeeded, `connect_failed`, or
    `dial` without an answer, that it did not: then it waits at its place for `retry` (second routing) and not at this agent for
    `attempts_apart`.
    """
    served = {group: [name for kind in its for name in (kind, kind + suffix)] for group, its in groups.items()}
    plan = first_in_first_out(served, **queue)
    for entry in plan["queues"]:
        if entry["name"].endswith(suffix):
            entry["offer"] = {**entry["offer"], "confirm": dial}
            entry["outcomes"] = {"failed": {"retry": retry, "again": attempts_apart}, **entry.get("outcomes", {})}
    return plan
