"""Days on which forecasts are fitted, or judged: logs with their states and virtual waits."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ArgumentError
from ...times import NEVER
from ...world import Flag
from .counterfactual import counterfactual_waits_ns
from .order import Floats, Ints, Log, had_to_wait, served
from .states import States, states
from .there import There
from .virtual import check_first_come, virtual_waits_ns, wrap_ups_ns

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["Day", "study_days"]


@dataclass(frozen=True)
class Day:
    """One day. ``states`` and ``waits_s`` are of those who had to wait, whether they stayed or not: one element each.

    wrap_up_ns: of each row of the log. left_out: so many had to wait and would not have been served before the log's end.
    """

    log: Log
    states: States
    waits_s: Floats
    wrap_up_ns: Ints
    left_out: int = 0

    @cached_property
    def handling_s(self) -> tuple[float, int]:
        """Conversations with their wrap-ups, in seconds together, and how many they are."""
        who = served(self.log)
        return float((self.log["service_ns"][who] + self.wrap_up_ns[who]).sum()) / 1e9, int(who.sum())


def study_days(
    study: Study,
    numbers: Iterable[int],
    *,
    plan: str | None = None,
    method: str = "auto",
    sample: int | None = None,
    executor: Executor | None = None,
) -> list[Day]:
    """Replications of a study as days, with the virtual waits of those who arrived from its warm-up on and had to wait.

    method: ``"exact"``, from the log (``study_waits_ns``); ``"counterfactual"``, by simulating anew for each of them who was
    not served; ``"auto"``: exact where the plan allows it. sample: at most so many of each day, drawn evenly by the study's
    seed, since counterfactuals cost a run for each; second attempts are then left out. ``executor`` carries out
    counterfactuals.

    :raises ArgumentError: where ``method`` is unknown, or the plan does not allow ``"exact"``.
    """
    if method not in ("auto", "exact", "counterfactual"):
        raise ArgumentError(f'method: is {method!r}; write "auto", "exact" or "counterfactual"')
    exact = method != "counterfactual"
    if exact:
        try:
            check_first_come(study, plan)
        except ArgumentError:
            if method == "exact":
                raise
            exact = False
    queues = list(study.centres[next(iter(study.centres)) if plan is None else plan].plan.queues)
    queue_of_stream = [queues.index(stream.queues[0]) for stream in study.streams]
    days = []
    for number in numbers:
        log = study.records(number, plan)
        there, wrap_up = There.of(study, number, plan), wrap_ups_ns(study, number, log, plan)
        who = had_to_wait(log) & (log["arrival_ns"] >= study.warmup_ns)
        if not exact:
            who &= (log["attempt"] == 0) & ((log["flags"] & int(Flag.BALKED)) == 0)
        chosen = np.flatnonzero(who)
        if sample is not None and len(chosen) > sample:
            chosen = np.sort(np.random.default_rng([study.seed, number]).choice(chosen, sample, replace=False))
        if exact:
            waits = virtual_waits_ns(log, there, wrap_up)[chosen]
        else:
            waits = counterfactual_waits_ns(study, number, log[chosen], plan=plan, log=log, executor=executor)
        known = waits < NEVER
        days.append(
            Day(
                log,
                states(log, there, queue_of_stream)[chosen[known]],
                waits[known] / 1e9,
                wrap_up,
                int((~known).sum()),
            )
        )
    return days
