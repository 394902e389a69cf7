"""Reads the parts of a study: every mistake with its place and what to write instead, all at once."""

from __future__ import annotations

import re

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from ..errors import KobleError
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


_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": HOUR_NS, "d": 24 * HOUR_NS}


def _decimal(text: str) -> int:
    """Plans write whole numbers with units; means that were measured have decimals, so here one number may: ``"209.13s"``."""
    found = re.fullmatch(r"([0-9]{1,12}\.[0-9]{1,12})(ns|us|ms|s|m|h|d)", text)
    return int(duration_ns(text)) if found is None else round(Fraction(found[1]) * _UNITS[found[2]])


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
            ns = _decimal(value)
        except (ValueError, TypeError, OverflowError):
            said = "is missing" if value is None else f"is {value!r}"
            self.wrong(place, f'{said}; write a duration, such as "20s", "1.5s", "3m" or "8h"')
            return default if default is not None else max(least, 1)
        if ns < least or ns == NEVER:
            self.wrong(place, f"is {value!r}; write a duration that ends" + (f", of at least {least} ns" if least else ""))
            return max(least, 1)
        return ns

    def list(self, value: Any, place: str, example: str) -> list[Any]:
        """A list that is not empty; an empty one where it is none."""
        if not isinstance(value, list) or not value:
            said = "is missing" if value is None else f"is {value!r}"
            self.wrong(place, f"{said}; write a list, such as {example}")
            return []
        return value

    def one_of(self, given: Mapping[str, Any], keys: Iterable[str], place: str) -> str | None:
        """Which of these keys is given: exactly one of them."""
        keys = list(keys)
        said = [key for key in keys if key in given]
        if len(said) == 1:
            return said[0]
        self.wrong(place, f"write {'one of ' if len(keys) > 1 else ''}" + ", ".join(f'"{key}"' for key in keys))
        return None

    def finish(self) -> None:
        if self.problems:
            raise StudyError(self.problems)
