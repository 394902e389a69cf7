"""Policies: choices that the host makes, and the policies of the literature (docs/policies.md).

`Policy` is the interface. `koble.policies.plans` writes plans for what the engine decides by itself. The classes are for what
it does not: policies are given to `Engine.set_policy`, dispatchers are asked for a queue before `Engine.arrive`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .policy import AgentChoice, ContactChoice, Policy, PolicyAgent, PolicyContact

if TYPE_CHECKING:
    from . import plans
    from .board import Board
    from .chats import ChatLevels, IdleElseFirst, LeastLoadedShown, corner_levels
    from .delays import queue_length_delay_s
    from .dispatch import Dispatcher, ExpectedDelay, JoinShortestQueue, QueueRatioOverflow, VirtualHold
    from .lengths import Gauge, Lengths
    from .planning import ShadowRouting, StaticPlan, basic_activities, static_planning
    from .queues import GeneralisedCMu, LongestQueueFirst, MaxWeight, QueueRatio
    from .sharing import SharingThreshold
    from .values import BestImprovement, GroupValues, ImprovedAgents, relative_values
    from .weights import AgentsPreference, PairIndex, WeightBasedRouting

__all__ = [
    "AgentChoice",
    "AgentsPreference",
    "BestImprovement",
    "Board",
    "ChatLevels",
    "ContactChoice",
    "Dispatcher",
    "ExpectedDelay",
    "Gauge",
    "GeneralisedCMu",
    "GroupValues",
    "IdleElseFirst",
    "ImprovedAgents",
    "JoinShortestQueue",
    "LeastLoadedShown",
    "Lengths",
    "LongestQueueFirst",
    "MaxWeight",
    "PairIndex",
    "Policy",
    "PolicyAgent",
    "PolicyContact",
    "QueueRatio",
    "QueueRatioOverflow",
    "ShadowRouting",
    "SharingThreshold",
    "StaticPlan",
    "VirtualHold",
    "WeightBasedRouting",
    "basic_activities",
    "corner_levels",
    "plans",
    "queue_length_delay_s",
    "relative_values",
    "static_planning",
]

_WHERE = {
    "board": ["Board"],
    "chats": ["ChatLevels", "IdleElseFirst", "LeastLoadedShown", "corner_levels"],
    "delays": ["queue_length_delay_s"],
    "dispatch": ["Dispatcher", "ExpectedDelay", "JoinShortestQueue", "QueueRatioOverflow", "VirtualHold"],
    "lengths": ["Gauge", "Lengths"],
    "planning": ["ShadowRouting", "StaticPlan", "basic_activities", "static_planning"],
    "queues": ["GeneralisedCMu", "LongestQueueFirst", "MaxWeight", "QueueRatio"],
    "sharing": ["SharingThreshold"],
    "values": ["BestImprovement", "GroupValues", "ImprovedAgents", "relative_values"],
    "weights": ["AgentsPreference", "PairIndex", "WeightBasedRouting"],
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    """The literature is imported when it is first used, so that ``import koble`` stays quick."""
    if name == "plans":
        return importlib.import_module(".plans", __name__)
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
