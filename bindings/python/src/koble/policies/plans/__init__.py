"""Plans for the policies of the literature that the engine decides by itself (docs/policies.md).

    plan = koble.policies.plans.queue_priority({"sales": ["A", "B"], "help": ["B"]}, {"A": ["sales"], "B": ["help", "sales"]})
    engine = koble.Engine(koble.policies.plans.staffed(plan, {"A": 3, "B": 2}))
"""

from __future__ import annotations

from .agents import chats, fastest_server_first, fcfs_alis, least_skilled_first, random_agent
from .callbacks import virtual_hold
from .lists import (
    agents_preference,
    last_group,
    local_specialist,
    overflow_script,
    preference_with_delays,
    priority_delay_threshold,
    queue_priority,
)
from .model import Lists, PlanDict, Table, groups_of, staffed, table_plan
from .priorities import (
    accumulating,
    c_mu,
    c_mu_theta,
    earliest_deadline,
    first_in_first_out,
    generalised_c_mu,
    index_priority,
    longest_queue,
    static_priority,
    weighted_wait,
)
from .thresholds import asking, gauge_steps, reservation, wake_ups

__all__ = [
    "Lists",
    "PlanDict",
    "Table",
    "accumulating",
    "agents_preference",
    "asking",
    "c_mu",
    "c_mu_theta",
    "chats",
    "earliest_deadline",
    "fastest_server_first",
    "fcfs_alis",
    "first_in_first_out",
    "gauge_steps",
    "generalised_c_mu",
    "groups_of",
    "index_priority",
    "last_group",
    "least_skilled_first",
    "local_specialist",
    "longest_queue",
    "overflow_script",
    "preference_with_delays",
    "priority_delay_threshold",
    "queue_priority",
    "random_agent",
    "reservation",
    "staffed",
    "static_priority",
    "table_plan",
    "virtual_hold",
    "wake_ups",
    "weighted_wait",
]
