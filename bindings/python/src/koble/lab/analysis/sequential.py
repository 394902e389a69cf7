"""As many replications as an interval of a wanted width needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..estimate import Estimate, ratio
from .sample import Replicate, Sample, as_sample, check_confidence, check_whole, student

__all__ = ["Outcome", "Sequential", "Target", "replications_needed"]


@dataclass(frozen=True)
class Target:
    """How narrow a figure's interval shall be. With both, whichever is reached first is enough: a share of 0.0001 need not be
    known to 5 %."""

    figure: str
    #: Half-width over the figure's absolute value; more than 0.
    relative: float | None = None
    #: Half-width in the figure's unit; more than 0.
    absolute: float | None = None

    def __post_init__(self) -> None:
        for name, width in (("relative", self.relative), ("absolute", self.absolute)):
            if width is not None and not (isinstance(width, (int, float)) and 0 < width < math.inf):
                raise ArgumentError(f"{self.figure}: {name} is {width!r}; write a half-width of more than 0")
        if self.relative is None and self.absolute is None:
            raise ArgumentError(f"{self.figure}: no width is wanted; write relative=0.05 or absolute=0.01")

    def half_width(self, value: float) -> float:
        """What is wanted of a figure that is about ``value``, in its unit."""
        return max(self.absolute or 0.0, (self.relative or 0.0) * abs(value))


@dataclass(frozen=True)
class Outcome:
    """What sequential sampling came to."""

    #: Of every figure, also of those without a target.
    estimates: dict[str, Estimate]
    samples: dict[str, Sample]
    replications: int
    #: Figures whose width was not reached within the maximum.
    missed: tuple[str, ...]
    #: How many replications there were at each look.
    looks: tuple[int, ...]

    @property
    def reached(self) -> bool:
        return not self.missed


def replications_needed(estimate: Estimate, half_width: float, confidence: float) -> float:
    """How many replications, together with those there are, would make the interval so narrow, if their deviation stayed what
    it is: the least n with t(n - 1) x deviation / sqrt(n) <= ``half_width`` (Law, "Simulation Modeling and Analysis", 5th ed.,
    9.4.1). Infinite where the half-width is 0 and the deviation is not, or where nothing is known yet.
    """
    if not estimate.error >= 0 or (half_width <= 0 < estimate.error):
        return math.inf
    deviation = estimate.error * math.sqrt(estimate.replications)
    if deviation == 0:
        return float(estimate.replications)

    def enough(count: int) -> bool:
        return student(confidence, count - 1) * deviation <= half_width * math.sqrt(count)

    high = 2
    while not enough(high):
        high *= 2
        if high > 2**50:
            return math.inf
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


class Sequential:
    """Stops where every target's interval is narrow enough: Chow and Robbins, "On the asymptotic theory of fixed-width
    sequential confidence intervals", Annals of Mathematical Statistics 36 (1965).

    The first look is at ``least`` replications. From n on the next look is at what :func:`replications_needed` says of the
    figure that needs most, but at least at 1.1 n (rounded up) and at most at ``growth`` x n, and at ``most``. The looks depend
    only on the replications' numbers and what came out of them, so equal seeds stop at equal numbers however many workers carry
    them out.

    ``simultaneous``: each of k targets is judged, and each interval given, at 1 - (1 - ``confidence``)/k, so that all hold
    together with ``confidence`` (Bonferroni). Otherwise each holds with it alone. Figures without a target are given at
    ``confidence``.

    The guarantee is asymptotic: as widths go to 0, coverage goes to ``confidence``. Stopping where the deviation happens to
    look small costs some coverage where widths are wide, which ``least`` and few looks keep small. A width of the *relative*
    kind bounds half-width over estimate; the error over the true value is then at most relative/(1 - relative).

    :raises ArgumentError: where a setting is out of range or a figure has two targets.
    """

    def __init__(
        self,
        targets: Target | Iterable[Target],
        *,
        confidence: float = 0.95,
        least: int = 20,
        most: int = 10_000,
        growth: float = 2.0,
        simultaneous: bool = False,
    ) -> None:
        self.targets = (targets,) if isinstance(targets, Target) else tuple(targets)
        names = [target.figure for target in self.targets]
        if not names or len(set(names)) < len(names):
            raise ArgumentError(f"targets: are of {names}; write one for each figure that decides, at least one")
        self.least = check_whole(least, "least", 2, "20 or more where coverage matters")
        self.most = check_whole(most, "most", self.least, "for least is that")
        if not 1 < growth < math.inf:
            raise ArgumentError(f"growth: is {growth!r}; write a factor above 1, such as 2")
        self.confidence = check_confidence(confidence)
        self.growth, self.simultaneous = float(growth), bool(simultaneous)
        self._each = 1 - (1 - self.confidence) / len(names) if simultaneous else self.confidence
        self._parts: list[dict[str, Sample]] = []
        self._looks: list[int] = []
        self._numbers = range(self.least)

    @property
    def replications(self) -> int:
        """How many have been added."""
        return self._looks[-1] if self._looks else 0

    def samples(self) -> dict[str, Sample]:
        """Everything added, by the replications' numbers."""
        figures = self._parts[0] if self._parts else {}
        return {
            name: (
                np.concatenate([part[name][0] for part in self._parts]),
                np.concatenate([part[name][1] for part in self._parts]),
            )
            for name in figures
        }

    def estimates(self) -> dict[str, Estimate]:
        """Every figure with the interval that the targets are judged by."""
        wanted = {target.figure for target in self.targets}
        return {
            name: ratio(above, below, self._each if name in wanted else self.confidence)
            for name, (above, below) in self.samples().items()
        }

    def add(self, samples: Mapping[str, Any]) -> None:
        """Adds the replications whose numbers :attr:`numbers` asks for, in their order.

        :raises ArgumentError: where they are others, or a target's figure is not among them.
        """
        expected = len(self.numbers)
        if not expected:
            raise ArgumentError("samples: no more are wanted")
        checked = {name: as_sample(sample, name, 1) for name, sample in samples.items()}
        known = set(self._parts[0]) if self._parts else {target.figure for target in self.targets} | set(checked)
        if set(checked) != known:
            raise ArgumentError(
                f"samples: figures are {', '.join(sorted(checked)) or 'none'}; give these each time: {', '.join(sorted(known))}"
            )
        for name, (above, _) in checked.items():
            if len(above) != expected:
                raise ArgumentError(f"{name}: has {len(above)} replications; write the {expected} that numbers asks for")
        self._parts.append(checked)
        self._looks.append(self.replications + expected)
        self._numbers = self._plan()

    @property
    def numbers(self) -> range:
        """The replications that are to be carried out next; empty where there are enough, or no more are allowed."""
        return self._numbers

    def missed(self) -> tuple[str, ...]:
        """Figures whose intervals are not narrow enough yet. One that was 0 in every replication has no relative width: it is
        missed unless an absolute one is wanted."""
        estimates = self.estimates()
        return tuple(t.figure for t in self.targets if t.figure not in estimates or self._needed(t, estimates[t.figure]))

    def _needed(self, target: Target, estimate: Estimate) -> float:
        """Replications of which the target needs more than there are; 0 where it is met."""
        wanted = target.half_width(estimate.value)
        if wanted <= 0:
            return math.inf
        if estimate.half_width <= wanted:
            return 0.0
        count = estimate.replications
        return max(replications_needed(estimate, wanted, self._each), count - -count // 10)  # 1.1 x 100 is above 110 in floats

    def _plan(self) -> range:
        count, estimates = self.replications, self.estimates()
        needed = max(self._needed(target, estimates[target.figure]) for target in self.targets)
        if not needed:
            return range(count, count)
        return range(count, int(min(needed, max(math.floor(self.growth * count), count + 1), self.most)))

    def run(self, replicate: Replicate) -> Outcome:
        """Carries out what is wanted until it is enough; goes on from what has been added."""
        while numbers := self.numbers:
            self.add(replicate(numbers))
        return Outcome(self.estimates(), self.samples(), self.replications, self.missed(), tuple(self._looks))
