"""The file of cases: exactly solvable systems, worked paths, random-number vectors, published results."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import KobleError

__all__ = ["Case", "Cases", "default_path", "read_cases"]

_SCHEMA = "theory_cases/1"


@dataclass(frozen=True)
class Case:
    """One case. ``expected``: by figure the exact value; of a worked path also ``per_call``. ``trust``: relative
    accuracy of the values."""

    name: str
    model: str
    parameters: Mapping[str, Any]
    expected: Mapping[str, Any]
    trust: float = 0.0

    def exact(self, figure: str) -> float:
        return float(self.expected[figure])


@dataclass(frozen=True)
class Cases:
    """By name, in the file's order; ``published`` as they are written, since each has its own form."""

    exact: dict[str, Case]
    paths: dict[str, Case]
    generators: dict[str, Case]
    published: dict[str, dict[str, Any]]


def default_path() -> Path:
    """``theory/cases.json`` in the folder of data, which the environment variable KOBLE_DATA names."""
    folder = os.environ.get("KOBLE_DATA")
    if folder is None:
        raise KobleError("which cases? Write koble validate CASES, or set KOBLE_DATA to the folder that has theory/cases.json")
    return Path(folder) / "theory" / "cases.json"


def read_cases(path: Path) -> Cases:
    """Reads the file; KobleError says what is wrong with it."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        advice = "write koble validate CASES, or set KOBLE_DATA to the folder of data"
        raise KobleError(f"{path}: {error.strerror}; {advice}") from None
    except json.JSONDecodeError as error:
        raise KobleError(f"{path}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    if not isinstance(given, dict) or given.get("schema") != _SCHEMA:
        raise KobleError(f'{path}: is not a file of cases; its "schema" has to be "{_SCHEMA}"')
    return Cases(
        _read(path, given, "exact_cases"),
        _read(path, given, "deterministic_cases"),
        _read(path, given, "rng_cases"),
        {str(one["name"]): one for one in given.get("published_cases", [])},
    )


def _read(path: Path, given: Mapping[str, Any], key: str) -> dict[str, Case]:
    found = {}
    for number, one in enumerate(given.get(key, [])):
        try:
            case = Case(
                str(one["name"]),
                str(one["model"]),
                one.get("parameters", {}),
                one["expected"],
                float(one.get("max_rel_diff", 0)),
            )
        except (KeyError, TypeError) as error:
            raise KobleError(f"{path}: {key}[{number}] lacks {error}") from None
        found[case.name] = case
    return found
