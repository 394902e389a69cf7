"""What is done for a case: a study, and which of its figures stands for which of the case's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import KobleError
from ..times import format_duration

if TYPE_CHECKING:
    from ..lab import Study
    from ..lab.figures import Pair

__all__ = [
    "AUTO",
    "WINDOW",
    "Experiment",
    "Measure",
    "NotExpressible",
    "WaitsForCallBacks",
    "duration",
    "exponential",
    "law_of",
    "mean_patience_s",
    "patience_of",
    "relaxation_s",
    "steady",
    "within",
    "word",
]

#: An agent who is free has the contact at once, as in queueing theory.
AUTO = {"mode": "auto"}
#: Of relaxation times: what is not counted, and what is, in each replication.
_WARM_UP, WINDOW = 20, 200
#: Contacts in a replication at least, since a replication has work of its own.
_LEAST = 5000
#: Contacts in a relaxation time, times this, are about what a mean wait needs for a half-width of 1 %:
#: 2 tau v / T = (0.01 / 1.96)^2 with v = 2, the squared coefficient of variation of a queue length near saturation.
_FOR_A_PERCENT = 160_000


class NotExpressible(KobleError, ValueError):
    """A case that no study says."""


class WaitsForCallBacks(NotExpressible):
    """A case with call-backs."""


@dataclass(frozen=True)
class Measure:
    """A figure of a study (docs/studies.md). ``where``: a stream, or "profiles" or "agents" and a name. ``count``:
    the numerator alone, a replication, over ``over``, together with that of ``plus``; otherwise the ratio, less
    ``less``."""

    figure: str
    where: tuple[str, ...] = ()
    count: bool = False
    over: float = 1.0
    less: float = 0.0
    plus: str | None = None

    def of(self, sections: Mapping[tuple[str, str], Mapping[str, Pair]]) -> Pair:
        """Numerator and denominator, of one replication."""
        section = ("streams", "all") if not self.where else ("streams", self.where[0]) if len(self.where) == 1 else self.where
        figures = sections[section[0], section[1]]
        above, below = figures.get(self.figure, (0.0, 0.0))  # what did not come has no figure
        if self.count:
            return above + (figures[self.plus][0] if self.plus is not None else 0.0), self.over
        return above - self.less * below, below


#: Of a study and the number of a replication: by the case's words numerator and denominator.
Observer = Callable[["Study", int], "dict[str, Pair]"]


@dataclass(frozen=True)
class Experiment:
    """``study`` lacks seed and replications. ``named``: the figures that the case is judged by; ``tails``: those of
    all that may have a half-width of 5 %. ``contacts``: of one replication; ``effort``: contacts that are needed in
    all, roughly. ``observer`` takes figures from records where a study has none."""

    study: dict[str, Any]
    measures: dict[str, Measure]
    named: tuple[str, ...]
    contacts: float
    effort: float
    tails: frozenset[str] = frozenset()
    observer: Observer | None = field(default=None, compare=False)

    @property
    def figures(self) -> list[str]:
        """All that can be compared."""
        return list(self.measures)


def duration(seconds: float) -> str:
    """As a study writes it: whole seconds as people do, others to the nanosecond."""
    whole, rest = divmod(round(seconds * 1e9), 10**9)
    return format_duration(whole * 10**9) if rest == 0 else f"{whole}s{rest}ns" if whole else f"{rest}ns"


def word(seconds: float) -> str:
    """As the names of figures have it."""
    return format_duration(round(seconds * 1e9))


def exponential(mean_s: float) -> dict[str, Any]:
    return {"law": "exponential", "mean": duration(mean_s)}


def law_of(kind: str, mean_s: float, stages: int | None = None) -> dict[str, Any]:
    """``kind``: exponential, deterministic, erlang with ``stages``, or erlang2."""
    if kind in ("exponential", "deterministic"):
        return {"law": kind, "mean" if kind == "exponential" else "value": duration(mean_s)}
    found = re.fullmatch(r"erlang[-_]?(\d+)?", kind)
    phases = stages if found is None or found[1] is None else int(found[1])
    if found is None or phases is None:
        raise NotExpressible(f"the law {kind!r}: known are exponential, deterministic, erlang with its stages, erlang2")
    return {"law": "erlang", "mean": duration(mean_s), "phases": phases}


def patience_of(parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """The law, or None where nobody hangs up."""
    kind = str(parameters.get("patience") or "none").split(" ")[0]
    if kind == "none":
        return None
    mean = parameters.get("mean_patience_s", parameters.get("patience_s"))
    if mean is None:
        raise NotExpressible("the patience has no mean_patience_s")
    return law_of(kind, float(mean), parameters.get("patience_stages"))


def mean_patience_s(parameters: Mapping[str, Any]) -> float | None:
    if patience_of(parameters) is None:
        return None
    return float(parameters.get("mean_patience_s") or parameters["patience_s"])


def relaxation_s(service_s: float, agents: int, load: float, patience_s: float | None = None) -> float:
    """What the system needs to forget how it began, in seconds: the longest of mean service, mean patience and, where
    nobody hangs up, mean service / (agents (1 - load)^2), of the order of the relaxation time of M/M/n (Abate and
    Whitt, "Transient behavior of the M/M/1 queue", Adv. Appl. Prob. 19, 1987, of M/M/1)."""
    if patience_s is not None:
        return max(service_s, patience_s)
    if load >= 1:
        raise NotExpressible(f"a load of {load:g} without patience has no steady state")
    return max(service_s, service_s / (agents * (1 - load) ** 2))


def steady(
    study: Mapping[str, Any],
    measures: dict[str, Measure],
    named: Iterable[str],
    *,
    rate_per_hour: float,
    relaxation: float,
    window: float = WINDOW,
    tails: Iterable[str] = (),
    observer: Observer | None = None,
) -> Experiment:
    """A steady state: 20 relaxation times of warm-up, then ``window`` of them in each replication; so many
    replications as it takes."""
    window = max(window, _LEAST * 3600 / rate_per_hour / relaxation)
    horizon = (_WARM_UP + window) * relaxation
    return Experiment(
        {**study, "warmup": duration(_WARM_UP * relaxation), "horizon": duration(horizon)},
        measures,
        tuple(name for name in named if name in measures),
        contacts=rate_per_hour / 3600 * horizon,
        effort=rate_per_hour / 3600 * relaxation * _FOR_A_PERCENT,
        tails=frozenset(tails) & frozenset(measures),
        observer=observer,
    )


_WITHIN = re.compile(r"p_(served_and_wait|wait|left_queue)_le_([\d.]+)s(_given_accepted)?")


def within(expected: Iterable[str], where: tuple[str, ...] = ()) -> tuple[dict[str, Measure], list[str]]:
    """Of figures such as ``p_wait_le_20s`` the measures, and the study's thresholds."""
    measures, thresholds = {}, []
    for name in expected:
        found = _WITHIN.fullmatch(name)
        if found is None:
            continue
        limit = duration(float(found[2]))
        kind = "p_served_within_" if found[1] == "served_and_wait" else "p_wait_within_"
        measures[name] = Measure(kind + word(float(found[2])), where)
        if limit not in thresholds:
            thresholds.append(limit)
    return measures, thresholds
