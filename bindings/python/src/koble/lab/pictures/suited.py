"""The pictures that suit a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from ...times import format_duration
from ..result import Comparison, Result
from ..traffic import ALL
from .hours import day
from .picture import Picture
from .plans import policies, trade_off
from .running import convergence
from .serving import who_served_what
from .spread import distribution
from .use import occupancy

if TYPE_CHECKING:
    from ..study import Study

__all__ = ["suited"]

#: Longer runs are no days.
_DAY_NS = 36 * 3_600_000_000_000
#: Of a long run few replications tell the distribution of waits well enough.
_FEW = 20
#: Rows of a heat map.
_READABLE = 40


def suited(
    study: Study,
    result: Result | Comparison,
    *,
    every: Any = None,
    opens: Any = "0h",
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[str, Picture]]:
    """Names (of files) and pictures, one after the other, of what a study found.

    The day where there is no warm-up and it ends within 36 h; how long contacts wait; each of the study's ``days``; who is how
    busy; who served what where there are several streams; of several plans their differences and what they trade; how the
    study's ``precision`` figures, or the mean wait, settle. Where there is one replication, or one long run, those that need
    several are left out.
    """
    several = isinstance(result, Comparison)
    results = list(result.results.values()) if isinstance(result, Comparison) else [result]
    one = results[0]
    replicated = one.replications >= 2 and not study.batch_means
    is_day = not study.warmup_ns and study.horizon_ns <= _DAY_NS
    if replicated:
        if is_day:
            length = every or format_duration(_interval(study.horizon_ns))
            yield (
                "day",
                day(study, every=length, opens=opens, replications=one.replications, executor=executor, progress=progress),
            )
        few = min(_FEW, one.replications) if study.horizon_ns > _DAY_NS else one.replications
        if len(study.streams) <= 6:
            yield "waits", distribution(study, replications=few, executor=executor, progress=progress)
        for number, wanted in enumerate(study.days, 1):
            name = "days" if len(study.days) == 1 else f"days-{number}"
            yield (
                name,
                distribution(result, wanted.figure, stream=wanted.stream, at_least=wanted.at_least, at_most=wanted.at_most),
            )
    sections = {kind for kind, _ in one.figures}
    if sections & {"profiles", "agents"}:
        logs: dict[str, Any] = {}
        if is_day and not several and len(study.plan.agents) <= _READABLE:
            logs = {
                "records": [study.records(number) for number in range(min(_FEW, one.replications))],
                "study": study,
                "opens": opens,
            }
        yield "occupancy", occupancy(result, **logs)
        if len(study.streams) > 1:
            yield "who-served-what", who_served_what(result)
    if isinstance(result, Comparison) and replicated:
        figures = ["mean_wait_s", "p_abandon", *(f"p_served_within_{format_duration(t)}" for t in study.thresholds_ns[:1])]
        differences = [one.get(("streams", ALL), {}) for one in result.differences.values()]
        paired = [figure for figure in figures if all(figure in found for found in differences)]
        if paired:
            yield "policies", policies(result, paired)
            yield "trade-off", trade_off(result, "mean_wait_s", "utilisation", best=("smallest", "largest"))
    if replicated and one.replications > 5:
        wanted_of = study.precision.figures if study.precision is not None else (("mean_wait_s", ALL),)
        for stream in dict.fromkeys(of for _, of in wanted_of):
            names = [figure for figure, of in wanted_of if of == stream]
            yield (
                f"convergence{'' if stream == ALL else '-' + stream}",
                convergence(one, names, stream=stream, precision=study.precision),
            )


def _interval(horizon_ns: int) -> int:
    """The shortest of the usual ones that makes at most 24: more are noise."""
    minute = 60_000_000_000
    return next((m * minute for m in (5, 10, 15, 30, 60) if horizon_ns / (m * minute) <= 24), 60 * minute)
