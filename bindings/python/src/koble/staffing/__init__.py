"""How many agents: exact formulas, rules, time-varying arrivals, shifts, and search over simulated days (docs/staffing.md).

::

    target = koble.staffing.Target(share=0.8, within_s=20)
    koble.staffing.least_agents(target, rate_per_hour=400, mean_service_s=180, mean_patience_s=120).agents
"""

from __future__ import annotations

from .day_target import Counts, DayTarget, Evaluate, Unmet, unmet
from .distribution import Distribution
from .erlang import erlang_a, erlang_b, erlang_c, mmng, mmnk, p_block, p_wait
from .performance import Performance
from .priority import accumulating_waits_mg1_s, accumulating_waits_s, priority_waits_mg1_s, priority_waits_s
from .profile import Profile
from .rules import (
    Target,
    garnett_beta,
    garnett_p_abandon,
    garnett_p_wait,
    halfin_whitt_beta,
    halfin_whitt_p_wait,
    least_agents,
    square_root_agents,
)
from .shift import BreakWindow, Shift, generate_shifts
from .shifts import CoverError, Roster, schedule_shifts
from .simulated import Staffing, StaffingError, least_staff, square_root_start
from .varying import IntervalStaffing, mol, sipp

__all__ = [
    "BreakWindow",
    "Counts",
    "CoverError",
    "DayTarget",
    "Distribution",
    "Evaluate",
    "IntervalStaffing",
    "Performance",
    "Profile",
    "Roster",
    "Shift",
    "Staffing",
    "StaffingError",
    "Target",
    "Unmet",
    "accumulating_waits_mg1_s",
    "accumulating_waits_s",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "garnett_beta",
    "garnett_p_abandon",
    "garnett_p_wait",
    "generate_shifts",
    "halfin_whitt_beta",
    "halfin_whitt_p_wait",
    "least_agents",
    "least_staff",
    "mmng",
    "mmnk",
    "mol",
    "p_block",
    "p_wait",
    "priority_waits_mg1_s",
    "priority_waits_s",
    "schedule_shifts",
    "sipp",
    "square_root_agents",
    "square_root_start",
    "unmet",
]
