"""Carries cases out and judges their figures."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import KobleError
from ..lab import Study
from ..lab.estimate import Estimate, ratio
from .cases import Case
from .experiment import Experiment, NotExpressible
from .families import experiment, family_of

__all__ = [
    "LIMIT",
    "Checked",
    "Outcome",
    "Suite",
    "carry_out",
    "checked",
    "comparisons_of",
    "fast_third",
    "limit_of",
    "seed_of",
    "validate",
]

Floats = npt.NDArray[np.float64]

AGREES, DIFFERS, NOT_SHOWN = "agrees", "DIFFERS", "not shown"
#: That any one of all figures is said to differ though all are right.
_LEVEL = 1e-4
_CONFIDENCE = 0.95
#: Half-width over the exact value at most.
_BODY, _TAIL = 0.01, 0.05
_LEAST = 100
#: Contacts of a case at most.
LIMIT = 200_000_000
#: The values of the file have 12 digits.
_ROUNDING = 1e-9
#: Fewer events than this among all contacts may well be none.
_EVENTS = 30
_CHUNK = 200_000


@dataclass(frozen=True)
class Checked:
    """One figure of a case. ``bound``: of half-width over exact value; ``verdict``: agrees, DIFFERS, not shown."""

    case: str
    figure: str
    exact: float
    estimate: Estimate
    bound: float
    verdict: str

    @property
    def z(self) -> float:
        """Standard errors from the exact value; NaN where nothing varies."""
        return (self.estimate.value - self.exact) / self.estimate.error if self.estimate.error > 0 else float("nan")

    @property
    def width(self) -> float:
        """Half of the 95 % interval over the exact value."""
        return self.estimate.half_width / abs(self.exact) if self.exact else float("nan")


@dataclass(frozen=True)
class Outcome:
    """A case, carried out: its figures; or ``why`` it was not."""

    case: str
    family: str
    figures: tuple[Checked, ...] = ()
    why: str = ""
    replications: int = 0
    contacts: float = 0.0
    seconds: float = 0.0

    @property
    def differs(self) -> bool:
        return any(one.verdict == DIFFERS for one in self.figures)


@dataclass(frozen=True)
class Suite:
    outcomes: tuple[Outcome, ...]
    comparisons: int = 0
    figures: tuple[Checked, ...] = field(default=())

    @property
    def rms_z(self) -> float:
        """About 1 where all is right and intervals are honest."""
        z = np.array([one.z for one in self.figures])
        z = z[np.isfinite(z)]
        return float(np.sqrt(np.mean(z**2))) if len(z) else float("nan")

    def count(self, verdict: str) -> int:
        return sum(one.verdict == verdict for one in self.figures)


def seed_of(name: str, more: str = "") -> int:
    """A hash of the case's name, and of a second seed where one is given."""
    return int.from_bytes(hashlib.sha256(f"{name}\n{more}".encode()).digest()[:8], "big") >> 1


def limit_of(comparisons: int, replications: int) -> float:
    """How many standard errors one of so many figures may be off: Student's quantile, two-sided, at the level 10^-4
    for all together (Bonferroni)."""
    try:
        from scipy import stats  # slow to import, so only where it is needed
    except ModuleNotFoundError as missing:
        raise KobleError(f"koble validate needs {missing.name}: pip install 'koble[lab]'") from None
    return float(stats.t.ppf(1 - _LEVEL / max(comparisons, 1) / 2, replications - 1))


def observe(task: tuple[Mapping[str, Any], Experiment, Sequence[str], range]) -> Floats:
    """Replications x figures x (numerator, denominator)."""
    written, done, figures, numbers = task
    study = Study(written)
    found = np.empty((len(numbers), len(figures), 2))
    for row, number in enumerate(numbers):
        if done.observer is not None:
            own = done.observer(study, number)
            found[row] = [own[figure] for figure in figures]
        else:
            sections = study.replicate(number)[0]
            found[row] = [done.measures[figure].of(sections) for figure in figures]
    return found


def checked(case: Case, figure: str, pairs: Floats, bound: float, comparisons: int) -> Checked:
    """The verdict on one figure: ``pairs`` are numerator and denominator by replication."""
    exact = case.exact(figure)
    one = ratio(pairs[:, 0], pairs[:, 1], _CONFIDENCE)
    off = abs(one.value - exact)
    rounding = abs(exact) * max(case.trust, _ROUNDING)
    if one.value != one.value:
        verdict = NOT_SHOWN
    elif one.error == 0:
        events = abs(exact) * float(pairs[:, 1].sum())
        verdict = AGREES if off <= rounding else NOT_SHOWN if one.value == 0 and events < _EVENTS else DIFFERS
    elif off > limit_of(comparisons, len(pairs)) * one.error + rounding:
        verdict = DIFFERS
    else:
        verdict = AGREES if one.half_width <= bound * abs(exact) else NOT_SHOWN
    return Checked(case.name, figure, exact, one, bound, verdict)


def _missing(figures: Iterable[Checked], count: int) -> int:
    """Replications that are wanted in all, by the widths so far."""
    worst = 0.0
    for one in figures:
        width = one.width / one.bound
        if width == width:
            worst = max(worst, width)
    return count if worst <= 1 else max(int(count * worst**2 * 1.05) + 1, count + 10)


def carry_out(
    case: Case,
    done: Experiment,
    *,
    comparisons: int,
    seed: str = "",
    limit: float = LIMIT,
    every_figure: bool = False,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
    until_it_differs: bool = False,
) -> Outcome:
    """At least 100 replications, and as many more as half-widths need, if ``limit`` contacts allow it."""
    began = time.perf_counter()
    figures = list(done.measures) if every_figure else list(done.named)
    written = {**done.study, "seed": seed_of(case.name, seed)}
    bounds = {name: _TAIL if name in done.tails else _BODY for name in figures}
    pairs = np.empty((0, len(figures), 2))
    most = max(_LEAST, int(limit / done.contacts))
    wanted = _LEAST
    found: list[Checked] = []
    while len(pairs) < wanted:
        more = _observed(written, done, figures, range(len(pairs), wanted), executor, progress)
        pairs = np.concatenate([pairs, more])
        found = [checked(case, name, pairs[:, n], bounds[name], comparisons) for n, name in enumerate(figures)]
        if until_it_differs and any(one.verdict == DIFFERS for one in found):
            break
        wanted = _missing([one for one in found if one.figure in done.named], len(pairs))
        if wanted > most:
            break  # more would not show it either
    return Outcome(
        case.name, family_of(case), tuple(found), "", len(pairs), len(pairs) * done.contacts, time.perf_counter() - began
    )


def _observed(
    written: Mapping[str, Any],
    done: Experiment,
    figures: Sequence[str],
    numbers: range,
    executor: Executor | None,
    progress: Callable[[float], None] | None,
) -> Floats:
    size = int(min(max(_CHUNK / done.contacts, 1), 200))
    tasks = [(written, done, figures, numbers[at : at + size]) for at in range(0, len(numbers), size)]
    parts = []
    for task, part in zip(tasks, map(observe, tasks) if executor is None else executor.map(observe, tasks), strict=True):
        parts.append(part)
        if progress is not None:
            progress(len(task[3]) * done.contacts)
    return np.concatenate(parts)


#: In the fast third a family has a case of its own where that needs no more contacts than this.
_QUICK = 25_000_000


def fast_third(cases: Iterable[Case]) -> list[str]:
    """The cheapest of every family, and the cheapest of all others, to a third of the cases."""
    efforts: dict[str, tuple[float, str]] = {}
    for case in cases:
        try:
            efforts[case.name] = (experiment(case).effort, family_of(case))
        except NotExpressible:
            continue
    by_effort = sorted(efforts, key=lambda name: efforts[name][0])
    chosen: list[str] = []
    for name in by_effort:
        if efforts[name][0] <= _QUICK and efforts[name][1] not in {efforts[other][1] for other in chosen}:
            chosen.append(name)
    for name in by_effort:
        if len(chosen) >= len(efforts) / 3:
            break
        if name not in chosen:
            chosen.append(name)
    return [name for name in efforts if name in chosen]


def _planned(cases: Iterable[Case]) -> dict[str, Experiment | str]:
    """By name the experiment, or why there is none."""
    planned: dict[str, Experiment | str] = {}
    for case in cases:
        try:
            planned[case.name] = experiment(case)
        except NotExpressible as error:
            planned[case.name] = str(error).partition(": ")[2]
    return planned


def comparisons_of(cases: Iterable[Case], every_figure: bool = False) -> int:
    """How many figures are compared."""
    planned = [one for one in _planned(cases).values() if isinstance(one, Experiment)]
    return sum(len(one.measures if every_figure else one.named) for one in planned)


def validate(
    cases: Iterable[Case],
    *,
    seed: str = "",
    limit: float = LIMIT,
    every_figure: bool = False,
    executor: Executor | None = None,
    progress: Callable[[str, float, float], None] | None = None,
    ended: Callable[[Outcome], None] | None = None,
) -> Suite:
    """All of these cases; the level of 10^-4 is for all their figures together. ``progress``: name, contacts done,
    contacts that are needed, roughly. ``ended`` is called after each case."""
    cases = list(cases)
    planned = _planned(cases)
    comparisons = comparisons_of(cases, every_figure)
    outcomes = []
    for case in cases:
        done = planned[case.name]
        if isinstance(done, str):
            outcome = Outcome(case.name, family_of(case), why=done)
        else:
            so_far = 0.0
            effort = max(done.effort, done.contacts * _LEAST)

            def add(contacts: float, name: str = case.name, effort: float = effort) -> None:
                nonlocal so_far
                so_far += contacts
                if progress is not None:
                    progress(name, so_far, max(effort, so_far))

            outcome = carry_out(
                case,
                done,
                comparisons=comparisons,
                seed=seed,
                limit=limit,
                every_figure=every_figure,
                executor=executor,
                progress=add,
            )
        outcomes.append(outcome)
        if ended is not None:
            ended(outcome)
    figures = tuple(one for outcome in outcomes for one in outcome.figures)
    return Suite(tuple(outcomes), comparisons, figures)
