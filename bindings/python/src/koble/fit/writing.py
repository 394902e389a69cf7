"""Durations and numbers as a study's JSON has them."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ArgumentError
from ..times import duration_ns, format_duration
from .errors import FitError

__all__ = ["duration_text", "finite", "plain", "seconds_of"]


def duration_text(seconds: float) -> str:
    """Seconds as a study reads them, to the millisecond: "3m1s500ms". What is above 0 stays so.

    ``koble.times.format_duration`` writes parts of a second with a point ("1.5s"), which is for people: a plan or study takes
    whole numbers of each unit only.
    """
    ns = round(seconds * 1000) * 1_000_000
    if ns == 0 and seconds > 0:
        ns = max(round(seconds * 1e9), 1)  # shorter than half a millisecond: to the nanosecond
    whole, rest = divmod(ns, 10**9)
    text = format_duration(whole * 10**9) if whole or not rest else ""
    for unit, size in (("ms", 10**6), ("us", 10**3), ("ns", 1)):
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text


def seconds_of(value: Any, place: str) -> float:
    """A study's duration in seconds; raises FitError with the place where it is none."""
    try:
        if not isinstance(value, str):
            raise ArgumentError
        return duration_ns(value) / 1e9
    except ArgumentError:
        raise FitError(f'{place}: is {value!r}; write a duration, such as "20s" or "1m30s"') from None


def plain(number: float) -> float:
    """Eight significant digits: more than any record tells, and files stay readable."""
    return float(f"{number:.8g}")


def finite(number: float) -> float | None:
    """As :func:`plain`, or None, JSON's null, for what is no finite number."""
    return plain(number) if math.isfinite(number) else None
