"""A Gymnasium environment over the engine that runs live (docs/gym.md): choose a stream and a group of agents, or defer.

Needs ``pip install 'koble[gym,lab]'``.
"""

from __future__ import annotations

from .centre import Costs, DecisionCentre
from .environment import KobleEnv, KobleVectorEnv
from .index import IndexPolicy
from .rollout import play

__all__ = ["Costs", "DecisionCentre", "IndexPolicy", "KobleEnv", "KobleVectorEnv", "play"]
