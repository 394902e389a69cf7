"""Instants, durations, points: what is accepted, what is refused with advice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import koble
import numpy as np
import pandas as pd
import pytest
from koble import times


@pytest.mark.parametrize(
    ("value", "ns"),
    [
        (0, 0),
        (12, 12),
        (np.int64(7), 7),
        (np.uint64(7), 7),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 1, 31, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1))), 1769846400123456000),
        (pd.Timestamp("2026-01-31T08:00:00.123456789Z"), 1769846400123456789),
        (np.datetime64("1970-01-01T00:00:01"), 1_000_000_000),
        (np.datetime64("2026-01-31T08:00:00.123456789", "ns"), 1769846400123456789),
    ],
)
def test_instants(value: Any, ns: int) -> None:
    assert times.time_ns(value) == ns


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (datetime(2026, 1, 31, 8, 0), "has no time zone.*ZoneInfo"),
        (pd.Timestamp("2026-01-31T08:00"), "has no time zone"),
        (1.5, "nanoseconds exactly.*round"),
        (np.float64(1.5), "nanoseconds exactly"),
        (Decimal(1), "nanoseconds exactly"),
        (True, "no instant"),
        (np.True_, "no instant"),
        ("8 o'clock", "no instant"),
        (timedelta(seconds=1), "no instant"),
        (np.datetime64("NaT"), "not a time"),
    ],
)
def test_bad_instants(value: Any, advice: str) -> None:
    with pytest.raises(koble.TimeError, match=advice):
        times.time_ns(value)


@pytest.mark.parametrize(
    ("value", "ns"),
    [
        (5, 5),
        (timedelta(days=1, seconds=2, microseconds=3), 86402000003000),
        (timedelta(days=36525), 3155760000 * 10**9),
        (pd.Timedelta(nanoseconds=1500), 1500),
        (np.timedelta64(3, "s"), 3 * 10**9),
        ("500ms", 500_000_000),
        ("1m30s", 90 * 10**9),
        ("2h", 7200 * 10**9),
        ("1d1ns", 86400 * 10**9 + 1),
        ("7us", 7000),
    ],
)
def test_durations(value: Any, ns: int) -> None:
    assert times.duration_ns(value) == ns


@pytest.mark.parametrize(
    "value", ["", "5", "s", "1s1m", "1s1s", "-1s", "1.5s", " 1s", "1S", 1.5, True, Decimal(1), object()]
)
def test_bad_durations(value: Any) -> None:
    with pytest.raises(koble.ArgumentError, match="no duration"):
        times.duration_ns(value)


def test_until() -> None:
    assert times.until_ns("5s", 10) == 5 * 10**9 + 10
    assert times.until_ns(timedelta(seconds=5), 10) == 5 * 10**9 + 10
    assert times.until_ns(np.timedelta64(5, "s"), 10) == 5 * 10**9 + 10
    assert times.until_ns(77, 10) == 77
    assert times.until_ns(koble.NEVER, 10) == koble.NEVER


@pytest.mark.parametrize(
    ("value", "micro"),
    [
        (0, 0),
        (3, 3_000_000),
        (2.5, 2_500_000),
        (0.1, 100_000),
        (0.000001, 1),
        (Decimal("0.000001"), 1),
        ("2.5", 2_500_000),
        (np.float64(2.5), 2_500_000),
        (np.int32(2), 2_000_000),
        (10**9, 10**15),
    ],
)
def test_points_are_exact(value: Any, micro: int) -> None:
    assert times.points(value) == micro


@pytest.mark.parametrize("value", [0.0000001, Decimal("1.2345678"), "0.1234567"])
def test_points_are_not_rounded(value: Any) -> None:
    with pytest.raises(koble.ArgumentError, match="six digits"):
        times.points(value)


@pytest.mark.parametrize("value", [True, "high", None, float("nan"), float("inf"), Fraction(1, 3)])
def test_bad_points(value: Any) -> None:
    with pytest.raises(koble.ArgumentError, match="no priority"):
        times.points(value)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0.000s"),
        (12 * 10**9, "12.000s"),
        (12 * 10**9 + 5_000_000, "12.005s"),
        (1, "0.000000001s"),
        (1769846400123456789, "2026-01-31T08:00:00.123456789Z"),
        (1769846400000000000, "2026-01-31T08:00:00.000Z"),
        (koble.NEVER, "never"),
    ],
)
def test_times_as_text(ns: int, text: str) -> None:
    assert times.format_time(ns) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0s"),
        (90 * 10**9, "1m30s"),
        (7200 * 10**9, "2h"),
        (500_000_000, "0.5s"),
        (koble.NEVER, "never"),
        (-(10**9), "-1s"),
    ],
)
def test_durations_as_text(ns: int, text: str) -> None:
    assert times.format_duration(ns) == text


def test_datetime() -> None:
    assert times.datetime_utc(1769846400123456789) == datetime(2026, 1, 31, 8, 0, 0, 123456, tzinfo=UTC)
