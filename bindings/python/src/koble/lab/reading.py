"""Reads the parts of a study: every mistake with its place and what to write instead, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..errors import KobleError
from ..sim import Law
from ..times import NEVER, duration_ns

__all__ = ["Reader", "StudyError"]

HOUR_NS = 3_600_000_000_000


class StudyError(KobleError, ValueError):
    """A study that cannot be carried out; :attr:`problems` lists every mistake, with its place and remedy."""

    problems: list[str]

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        super().__init__(
            self.problems[0] if count == 1 else f"{count} mistakes:\n  " + "\n  ".join(self.problems),
        )


class Reader:
    """Takes values out of JSON objects and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def wrong(self, place: str, what: str) -> None:
        self.problems.append(f"{place}: {what}" if place else what)

    def object(self, value: Any, place: str, known: Iterable[str]) -> dict[str, Any]:
        """A JSON object that has no other keys than these; an empty one where it is none."""
        known = list(known)
        if not isinstance(value, Mapping):
            self.wrong(place, f"is {value!r}; write an object with {', '.join(known)}")
            return {}
        for key in value:
            if key not in known:
                near = get_close_matches(str(key), known, 1)
                hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(known)}"
                self.wrong(place, f'unknown key "{key}"{hint}')
        return dict(value)

    def number(self, value: Any, place: str, low: float, high: float, default: float | None = None) -> float:
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            said = "is missing" if value is None else f"is {value!r}"
            self.wrong(place, f"{said}; write a number from {low:g} to {high:g}")
            return default if default is not None else low
        return float(value)

    def whole(self, value: Any, place: str, low: int, high: int, default: int | None = None) -> int:
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            said = "is missing" if value is None else f"is {value!r}"
            self.wrong(place, f"{said}; write a whole number from {low} to {high}")
            return default if default is not None else low
        return value

    def duration(self, value: Any, place: str, default: int | None = None, *, least: int = 0) -> int:
        if value is None and default is not None:
            return default
        try:
            if not isinstance(value, str):  # a bare number has no unit
                raise ValueError
            ns = int(duration_ns(value))
        except (ValueError, TypeError, OverflowError):
            said = "is missing" if value is None else f"is {value!r}"
            self.wrong(place, f'{said}; write a duration, such as "20s", "3m" or "8h"')
            return default if default is not None else max(least, 1)
        if ns < least or ns == NEVER:
            self.wrong(place, f"is {value!r}; write a duration that ends" + (f", of at least {least} ns" if least else ""))
            return max(least, 1)
        return ns

    def law(self, value: Any, place: str) -> Law:
        """A law of durations: a duration, or an object whose ``law`` says which."""
        fallback = Law.deterministic(1)
        if isinstance(value, str):
            return Law.deterministic(self.duration(value, place))
        if not isinstance(value, Mapping) or value.get("law") not in _LAWS:
            said = "is missing" if value is None else f"is {value!r}"
            self.wrong(place, f'{said}; write a duration, or an object whose "law" is one of {", ".join(_LAWS)}')
            return fallback
        kind = value["law"]
        given = self.object(value, place, ["law", *_LAWS[kind]])
        before = len(self.problems)

        def mean(key: str = "mean") -> int:
            return self.duration(given.get(key), f"{place}.{key}", least=1)

        law = fallback
        if kind == "deterministic":
            law = Law.deterministic(self.duration(given.get("value"), f"{place}.value"))
        elif kind == "exponential":
            law = Law.exponential(mean())
        elif kind == "lognormal":
            law = self._lognormal(given, place)
        elif kind == "uniform":
            low = self.duration(given.get("from"), f"{place}.from")
            law = Law.uniform(low, self.duration(given.get("to"), f"{place}.to", least=low))
        elif kind == "gamma":
            law = Law.gamma(mean(), self.number(given.get("shape"), f"{place}.shape", 0.01, 10_000))
        elif kind == "erlang":
            law = Law.erlang(mean(), self.whole(given.get("phases"), f"{place}.phases", 1, 10_000))
        elif kind == "weibull":
            law = Law.weibull(mean(), self.number(given.get("shape"), f"{place}.shape", 0.1, 1000))
        elif kind == "hyperexponential":
            law = self._phases(given.get("phases"), f"{place}.phases")
        elif kind == "empirical":
            values = given.get("values")
            if not isinstance(values, list) or not values:
                self.wrong(f"{place}.values", "write a list of durations, each equally likely")
            else:
                law = Law.empirical([self.duration(v, f"{place}.values[{i}]") for i, v in enumerate(values)])
        return law if len(self.problems) == before else fallback

    def _lognormal(self, given: dict[str, Any], place: str) -> Law:
        if ("mean" in given) == ("median" in given) or ("cv" in given) == ("sigma" in given):
            self.wrong(place, 'write "mean" or "median", and "cv" (deviation over mean) or "sigma" (of the logarithm)')
            return Law.deterministic(1)
        if "cv" in given:
            sigma = float(np.sqrt(np.log1p(self.number(given["cv"], f"{place}.cv", 0, 100) ** 2)))
        else:
            sigma = self.number(given["sigma"], f"{place}.sigma", 0, 50)
        if "median" in given:
            return Law.lognormal(self.duration(given["median"], f"{place}.median", least=1), sigma)
        return Law.lognormal(self.duration(given["mean"], f"{place}.mean", least=1) / float(np.exp(sigma**2 / 2)), sigma)

    def _phases(self, value: Any, place: str) -> Law:
        if not isinstance(value, list) or not 1 <= len(value) <= 64:
            self.wrong(place, 'write 1 to 64 objects, such as {"mean": "30s", "weight": 3}')
            return Law.deterministic(1)
        means, weights = [], []
        for i, one in enumerate(value):
            phase = self.object(one, f"{place}[{i}]", ["mean", "weight"])
            means.append(self.duration(phase.get("mean"), f"{place}[{i}].mean", least=1))
            weights.append(self.number(phase.get("weight"), f"{place}[{i}].weight", 1e-9, 1e12))
        return Law.hyperexponential(means, weights)

    def finish(self) -> None:
        if self.problems:
            raise StudyError(self.problems)


_LAWS: dict[str, list[str]] = {
    "deterministic": ["value"],
    "exponential": ["mean"],
    "lognormal": ["mean", "median", "cv", "sigma"],
    "uniform": ["from", "to"],
    "gamma": ["mean", "shape"],
    "erlang": ["mean", "phases"],
    "weibull": ["mean", "shape"],
    "hyperexponential": ["phases"],
    "empirical": ["values"],
}
