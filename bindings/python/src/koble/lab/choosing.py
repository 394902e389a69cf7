"""Which of several plans is best, by one figure: ranking and selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import KobleError
from .reading import Reader
from .result import Replication
from .traffic import ALL

if TYPE_CHECKING:
    from .analysis import Allocated, Selection

__all__ = ["Chosen", "Choosing", "read_choosing"]


@dataclass(frozen=True)
class Chosen:
    """The plan that was selected, and how."""

    study: str
    figure: str
    stream: str
    #: Of analysis.select_best (KN), or of analysis.ocba.
    found: Selection | Allocated

    @property
    def selected(self) -> str:
        return self.found.selected

    def to_dict(self) -> dict[str, Any]:
        from .analysis import Selection

        one = self.found
        written = {
            "study": self.study, "figure": self.figure, "stream": self.stream, "selected": one.selected, "means": one.means,
            "replications": one.spent,
        }  # fmt: skip
        if isinstance(one, Selection):
            out = [{"plan": e.system, "replications": e.replications, "by": e.by, "lead": e.lead} for e in one.eliminations]
            return {**written, "guaranteed": one.guaranteed, "eliminations": out}
        return {**written, "p_correct": one.p_correct}


@dataclass(frozen=True)
class Choosing:
    """What is to be best. With ``difference`` KN, which guarantees; with ``budget`` OCBA, which spends so many replications well."""

    figure: str
    stream: str
    best: str
    difference: float | None
    budget: int | None
    first: int
    most: int

    def choose(
        self, study: str, plans: Sequence[str], replicate: Callable[[str, Sequence[int]], list[Replication]], confidence: float
    ) -> Chosen:
        from .analysis import ocba, select_best

        def values(plan: str, numbers: Sequence[int]) -> np.ndarray[Any, Any]:
            return np.array([self._value(one) for one in replicate(plan, numbers)])

        if self.difference is not None:
            kn = select_best(
                plans, values, difference=self.difference, confidence=confidence, first=self.first, best=self.best,
                most=self.most, ahead=10,
            )  # fmt: skip
            return Chosen(study, self.figure, self.stream, kn)
        budget = self.budget or self.first * len(plans)
        return Chosen(study, self.figure, self.stream, ocba(plans, values, budget=budget, first=self.first, best=self.best))

    def _value(self, one: Replication) -> float:
        figures = one.get(("streams", self.stream), {})
        if self.figure not in figures:
            raise KobleError(f"select: there is no figure {self.figure!r} of {self.stream!r}; docs/studies.md lists them")
        above, below = figures[self.figure]
        return above / below if below else 0.0


def read_choosing(reader: Reader, value: Any, plans: int) -> Choosing | None:
    if value is None:
        return None
    given = reader.object(value, "select", ["figure", "stream", "best", "difference", "budget", "first", "most"])
    if not isinstance(given.get("figure"), str):
        reader.wrong("select.figure", "write the figure's name, such as abandoned")
    best = given.get("best", "smallest")
    if best not in ("smallest", "largest"):
        reader.wrong("select.best", f'is {best!r}; write "smallest" or "largest"')
    way = reader.one_of(given, ["difference", "budget"], "select")
    if plans < 2:
        reader.wrong("select", 'chooses among "plans"; write at least two')
    first = reader.whole(given.get("first"), "select.first", 2, 100_000, 20)
    return Choosing(
        str(given.get("figure")),
        str(given.get("stream", ALL)),
        str(best),
        reader.number(given["difference"], "select.difference", 1e-12, 1e12) if way == "difference" else None,
        reader.whole(given["budget"], "select.budget", first * plans, 10_000_000) if way == "budget" else None,
        first,
        reader.whole(given.get("most"), "select.most", first, 1_000_000, max(first, 100_000)),
    )
