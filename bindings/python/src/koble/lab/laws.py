"""Laws of durations as a study writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..sim import Law
from .reading import Reader

__all__ = ["read_law"]

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
    "mixture": ["parts"],
}


def read_law(reader: Reader, value: Any, place: str) -> Law:
    """A law of durations: a duration, or an object whose ``law`` says which."""
    fallback = Law.deterministic(1)
    if isinstance(value, str):
        return Law.deterministic(reader.duration(value, place))
    if not isinstance(value, Mapping) or value.get("law") not in _LAWS:
        said = "is missing" if value is None else f"is {value!r}"
        reader.wrong(place, f'{said}; write a duration, or an object whose "law" is one of {", ".join(_LAWS)}')
        return fallback
    kind = value["law"]
    given = reader.object(value, place, ["law", *_LAWS[kind]])
    before = len(reader.problems)

    def mean(key: str = "mean") -> int:
        return reader.duration(given.get(key), f"{place}.{key}", least=1)

    law = fallback
    if kind == "deterministic":
        law = Law.deterministic(reader.duration(given.get("value"), f"{place}.value"))
    elif kind == "exponential":
        law = Law.exponential(mean())
    elif kind == "lognormal":
        law = _lognormal(reader, given, place)
    elif kind == "uniform":
        low = reader.duration(given.get("from"), f"{place}.from")
        law = Law.uniform(low, reader.duration(given.get("to"), f"{place}.to", least=low))
    elif kind == "gamma":
        law = Law.gamma(mean(), reader.number(given.get("shape"), f"{place}.shape", 0.01, 10_000))
    elif kind == "erlang":
        law = Law.erlang(mean(), reader.whole(given.get("phases"), f"{place}.phases", 1, 10_000))
    elif kind == "weibull":
        law = Law.weibull(mean(), reader.number(given.get("shape"), f"{place}.shape", 0.1, 1000))
    elif kind == "hyperexponential":
        law = _phases(reader, given.get("phases"), f"{place}.phases")
    elif kind == "empirical":
        values = given.get("values")
        if not isinstance(values, list) or not values:
            reader.wrong(f"{place}.values", "write a list of durations, each equally likely")
        else:
            law = Law.empirical([reader.duration(v, f"{place}.values[{i}]") for i, v in enumerate(values)])
    elif kind == "mixture":
        law = _parts(reader, given.get("parts"), f"{place}.parts")
    return law if len(reader.problems) == before else fallback


def _lognormal(reader: Reader, given: dict[str, Any], place: str) -> Law:
    if ("mean" in given) == ("median" in given) or ("cv" in given) == ("sigma" in given):
        reader.wrong(place, 'write "mean" or "median", and "cv" (deviation over mean) or "sigma" (of the logarithm)')
        return Law.deterministic(1)
    if "cv" in given:
        sigma = float(np.sqrt(np.log1p(reader.number(given["cv"], f"{place}.cv", 0, 100) ** 2)))
    else:
        sigma = reader.number(given["sigma"], f"{place}.sigma", 0, 50)
    if "median" in given:
        return Law.lognormal(reader.duration(given["median"], f"{place}.median", least=1), sigma)
    return Law.lognormal(reader.duration(given["mean"], f"{place}.mean", least=1) / float(np.exp(sigma**2 / 2)), sigma)


def _phases(reader: Reader, value: Any, place: str) -> Law:
    if not isinstance(value, list) or not 1 <= len(value) <= 64:
        reader.wrong(place, 'write 1 to 64 objects, such as {"mean": "30s", "weight": 3}')
        return Law.deterministic(1)
    means, weights = [], []
    for i, one in enumerate(value):
        phase = reader.object(one, f"{place}[{i}]", ["mean", "weight"])
        means.append(reader.duration(phase.get("mean"), f"{place}[{i}].mean", least=1))
        weights.append(reader.number(phase.get("weight"), f"{place}[{i}].weight", 1e-9, 1e12))
    return Law.hyperexponential(means, weights)


def _parts(reader: Reader, value: Any, place: str) -> Law:
    if not isinstance(value, list) or not 1 <= len(value) <= 64:
        reader.wrong(place, 'write 1 to 64 objects, such as {"weight": 0.1, "of": {"law": "exponential", "mean": "5s"}}')
        return Law.deterministic(1)
    laws, weights = [], []
    for i, one in enumerate(value):
        part = reader.object(one, f"{place}[{i}]", ["weight", "of"])
        if isinstance(part.get("of"), Mapping) and part["of"].get("law") == "mixture":
            reader.wrong(f"{place}[{i}].of", "is a mixture itself; write all parts in one list")
        laws.append(read_law(reader, part.get("of"), f"{place}[{i}].of"))
        weights.append(reader.number(part.get("weight"), f"{place}[{i}].weight", 1e-9, 1e12))
    return Law.mixture(laws, weights)
