"""Laws made of others or of values: mixtures, hyperexponential, empirical, deterministic; and the study's words read back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .errors import FitError
from .laws import DurationLaw, Exponential, Gamma, Lognormal, SmoothLaw, Uniform, Weibull
from .writing import duration_text, plain, seconds_of

__all__ = ["Deterministic", "Empirical", "Hyperexponential", "Mixture", "compressed", "law_from_study"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mixture(SmoothLaw):
    """One of some laws, with these probabilities (they sum to 1)."""

    word: ClassVar[str] = "mixture"
    weights: tuple[float, ...]
    parts: tuple[DurationLaw, ...]

    @property
    def free_parameters(self) -> int:
        own = [part.free_parameters for part in self.parts if isinstance(part, SmoothLaw)]
        return sum(own) + len(self.parts) - 1

    @property
    def mean_s(self) -> float:
        return math.fsum(w * part.mean_s for w, part in zip(self.weights, self.parts, strict=True))

    @property
    def second_moment_s2(self) -> float:
        return math.fsum(w * part.second_moment_s2 for w, part in zip(self.weights, self.parts, strict=True))

    def log_density(self, x_s: npt.ArrayLike) -> Floats:
        rows = []
        for weight, part in zip(self.weights, self.parts, strict=True):
            if not isinstance(part, SmoothLaw):
                raise FitError(f"a mixture with a part {part.word} has no density; compare its cdf instead")
            rows.append(math.log(weight) + part.log_density(x_s))
        result: Floats = np.logaddexp.reduce(rows)
        return result

    def log_survival(self, x_s: npt.ArrayLike) -> Floats:
        with np.errstate(divide="ignore"):
            rows = [
                math.log(w) + (p.log_survival(x_s) if isinstance(p, SmoothLaw) else np.log1p(-p.cdf(x_s)))
                for w, p in zip(self.weights, self.parts, strict=True)
            ]
        result: Floats = np.logaddexp.reduce(rows)
        return result

    def scaled(self, factor: float) -> Mixture:
        return Mixture(self.weights, tuple(part.scaled(factor) for part in self.parts))

    def to_study(self) -> dict[str, Any]:
        parts = [{"weight": plain(w), "of": part.to_study()} for w, part in zip(self.weights, self.parts, strict=True)]
        return {"law": self.word, "parts": parts}


@dataclass(frozen=True)
class Hyperexponential(Mixture):
    """Exponential with one of several means."""

    word: ClassVar[str] = "hyperexponential"

    @classmethod
    def of(cls, weights: npt.ArrayLike, means_s: npt.ArrayLike) -> Hyperexponential:
        """By rising mean; the weights may have any sum."""
        given, means = np.asarray(weights, np.float64), np.asarray(means_s, np.float64)
        order = np.argsort(means, kind="stable")
        return cls(tuple((given / given.sum())[order].tolist()), tuple(Exponential(float(mean)) for mean in means[order]))

    def scaled(self, factor: float) -> Hyperexponential:
        return Hyperexponential(self.weights, tuple(part.scaled(factor) for part in self.parts))

    def to_study(self) -> dict[str, Any]:
        phases = [
            {"mean": duration_text(p.mean_s), "weight": plain(w)} for w, p in zip(self.weights, self.parts, strict=True)
        ]
        return {"law": self.word, "phases": phases}


@dataclass(frozen=True)
class Empirical(DurationLaw):
    """Each of these seconds equally likely; rising."""

    word: ClassVar[str] = "empirical"
    values: tuple[float, ...]

    @property
    def mean_s(self) -> float:
        return math.fsum(self.values) / len(self.values)

    @property
    def second_moment_s2(self) -> float:
        return math.fsum(value * value for value in self.values) / len(self.values)

    def cdf(self, x_s: npt.ArrayLike) -> Floats:
        result: Floats = np.searchsorted(self.values, np.asarray(x_s, np.float64), side="right") / len(self.values)
        return result

    def quantile(self, u: npt.ArrayLike) -> Floats:
        place = np.ceil(np.asarray(u, np.float64) * len(self.values)).astype(np.int64) - 1
        result: Floats = np.asarray(self.values)[np.clip(place, 0, len(self.values) - 1)]
        return result

    def scaled(self, factor: float) -> Empirical:
        return Empirical(tuple(value * factor for value in self.values))

    def to_study(self) -> dict[str, Any]:
        return {"law": self.word, "values": [duration_text(value) for value in self.values]}


@dataclass(frozen=True)
class Deterministic(DurationLaw):
    """Always the same; ``to_study`` writes the duration alone."""

    word: ClassVar[str] = "deterministic"
    value: float

    @property
    def mean_s(self) -> float:
        return self.value

    @property
    def second_moment_s2(self) -> float:
        return self.value**2

    def cdf(self, x_s: npt.ArrayLike) -> Floats:
        return (np.asarray(x_s, np.float64) >= self.value).astype(np.float64)

    def quantile(self, u: npt.ArrayLike) -> Floats:
        return np.full(np.shape(u), self.value)

    def scaled(self, factor: float) -> Deterministic:
        return Deterministic(self.value * factor)

    def to_study(self) -> str:
        return duration_text(self.value)


def compressed(law: DurationLaw, count: int = 1000) -> Empirical:
    """The law's quantiles at (i + 1/2) / count: each stands for an equal share. The tail beyond the last is lost: for count
    1000 the last is exceeded once in 2,000 draws."""
    if not 1 <= count <= 100_000:
        raise FitError(f"count is {count}; write 1 to 100000 quantiles")
    return Empirical(tuple(law.quantile((np.arange(count) + 0.5) / count).tolist()))


def law_from_study(value: Any, place: str = "law") -> DurationLaw:
    """Reads a law as docs/studies.md writes it. Raises FitError with ``place`` where it is none."""
    if isinstance(value, str):
        return Deterministic(seconds_of(value, place))
    if not isinstance(value, Mapping) or "law" not in value:
        raise FitError(f'{place}: is {value!r}; write a duration, or an object with "law"')

    def duration(key: str) -> float:
        return seconds_of(value.get(key), f"{place}.{key}")

    def positive(key: str) -> float:
        number = value.get(key)
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number < math.inf:
            raise FitError(f"{place}.{key}: is {number!r}; write a number above 0")
        return float(number)

    def listed(key: str) -> list[Any]:
        found = value.get(key)
        if not isinstance(found, list) or not found:
            raise FitError(f"{place}.{key}: is {found!r}; write a list")
        return found

    kind = value["law"]
    if kind == "deterministic":
        return Deterministic(duration("value"))
    if kind == "exponential":
        return Exponential(duration("mean"))
    if kind == "lognormal":
        sigma = math.sqrt(math.log1p(positive("cv") ** 2)) if "cv" in value else positive("sigma")
        if "median" in value:
            return Lognormal(math.log(duration("median")), sigma)
        return Lognormal(math.log(duration("mean")) - sigma**2 / 2, sigma)
    if kind == "uniform":
        return Uniform(duration("from"), duration("to"))
    if kind == "gamma":
        return Gamma(duration("mean"), positive("shape"))
    if kind == "erlang":
        return Gamma(duration("mean"), positive("phases"), whole=True)
    if kind == "weibull":
        return Weibull(duration("mean"), positive("shape"))
    if kind == "empirical":
        return Empirical(tuple(sorted(seconds_of(one, f"{place}.values[{i}]") for i, one in enumerate(listed("values")))))
    if kind in ("hyperexponential", "mixture"):
        key = "phases" if kind == "hyperexponential" else "parts"
        entries = listed(key)
        weights, laws = [], []
        for i, entry in enumerate(entries):
            here = f"{place}.{key}[{i}]"
            weight = entry.get("weight") if isinstance(entry, Mapping) else None
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight < math.inf:
                raise FitError(f'{here}: is {entry!r}; write an object with a "weight" above 0')
            weights.append(float(weight))
            if kind == "mixture":
                laws.append(law_from_study(entry.get("of"), f"{here}.of"))
            else:
                laws.append(Exponential(seconds_of(entry.get("mean"), f"{here}.mean")))
        total = math.fsum(weights)
        if abs(total - 1) < 1e-6:
            total = 1.0  # rounded when they were written: what is read is written again as it was
        shares = tuple(weight / total for weight in weights)
        return (Mixture if kind == "mixture" else Hyperexponential)(shares, tuple(laws))
    raise FitError(
        f"{place}: the law {kind!r} is unknown; write one of deterministic, exponential, lognormal, uniform, gamma, erlang, "
        "weibull, hyperexponential, empirical, mixture"
    )
