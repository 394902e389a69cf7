"""What a study has found: every figure with its interval, and the samples that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .estimate import Estimate
from .traffic import ALL

if TYPE_CHECKING:
    from .analysis import Difference, Sample

__all__ = ["Comparison", "Replication", "Result", "Section"]

#: ("streams", "calls"), ("profiles", "voice"), ("agents", "Anna").
Section = tuple[str, str]
#: Of one replication: by section and figure numerator and denominator.
Replication = dict[Section, dict[str, tuple[float, float]]]
_KINDS = ("streams", "profiles", "agents")


def plain(number: float) -> float | None:
    """For JSON, which has no NaN and no infinity."""
    return number if number == number and abs(number) != float("inf") else None


def written(one: Estimate) -> dict[str, float | None]:
    return {"value": plain(one.value), "low": plain(one.low), "high": plain(one.high), "error": plain(one.error)}


@dataclass(frozen=True)
class Result:
    """``result["p_wait"]`` is of all streams together, ``result["p_wait", "calls"]`` of one, ``result["utilisation", "profiles", "voice"]``
    and ``result["utilisation", "agents", "Anna"]`` of those who serve."""

    name: str
    replications: int
    confidence: float
    figures: dict[Section, dict[str, Estimate]]
    #: Of every figure numerators and denominators by replication; none where the study is one long run.
    samples: dict[Section, dict[str, Sample]] = field(default_factory=dict, repr=False)
    #: What makes intervals doubtful, and targets of precision that were missed.
    problems: tuple[str, ...] = ()

    @staticmethod
    def _section(key: tuple[str, ...]) -> Section:
        return ("streams", ALL) if not key else ("streams", key[0]) if len(key) == 1 else (key[0], key[1])

    def __getitem__(self, key: str | tuple[str, ...]) -> Estimate:
        figure, *where = (key,) if isinstance(key, str) else key
        return self.figures[self._section(tuple(where))][figure]

    def sample(self, figure: str, *where: str) -> Sample:
        """Numerators and denominators of a figure, one of each from every replication (koble.lab.analysis takes them)."""
        return self.samples[self._section(where)][figure]

    @property
    def streams(self) -> dict[str, dict[str, Estimate]]:
        return {name: figures for (kind, name), figures in self.figures.items() if kind == "streams"}

    def to_dict(self) -> dict[str, Any]:
        """For JSON; what could not be judged is null."""
        found: dict[str, Any] = {"study": self.name, "replications": self.replications, "confidence": self.confidence}
        for kind in _KINDS:
            sections = {name: figures for (own, name), figures in self.figures.items() if own == kind}
            if sections:
                found[kind] = {
                    name: {figure: written(one) for figure, one in figures.items()} for name, figures in sections.items()
                }
        if self.problems:
            found["problems"] = list(self.problems)
        return found


@dataclass(frozen=True)
class Comparison:
    """Several plans under the same customers: ``comparison["plan"]`` is a :class:`Result`; ``differences[plan]`` is that plan less the first,
    figure by figure, paired by replication. All differences of one figure hold together with the study's confidence (Bonferroni)."""

    name: str
    results: dict[str, Result]
    differences: dict[str, dict[Section, dict[str, Difference]]]

    def __getitem__(self, plan: str) -> Result:
        return self.results[plan]

    @property
    def first(self) -> str:
        return next(iter(self.results))

    def to_dict(self) -> dict[str, Any]:
        return {
            "study": self.name,
            "plans": {plan: result.to_dict() for plan, result in self.results.items()},
            "differences": {
                plan: {
                    "from": self.first,
                    "streams": {
                        name: {figure: _difference(one) for figure, one in figures.items()}
                        for (_, name), figures in sections.items()
                    },
                }
                for plan, sections in self.differences.items()
            },
        }


def _difference(one: Difference) -> Mapping[str, Any]:
    return {
        **written(one.difference),
        "relative": written(one.relative),
        "correlation": plain(one.correlation),
        "variance_reduction": plain(one.variance_reduction),
    }
