"""Figures: the rows follow the header, and count what an engine says."""

from __future__ import annotations

import re
from typing import Any

import koble
import numpy as np
import pytest
from koble.figures import AGENT_ROW_DTYPE, QUEUE_ROW_DTYPE, DurationKind, Figures, ServiceLevel, Shown
from support import SECOND, header


def fields(struct: str) -> list[tuple[str, str, int]]:
    body = re.search(rf"typedef struct {struct} {{(.*?)}} {struct};", header("koble_figures.h"), flags=re.DOTALL)
    assert body is not None
    found = []
    for kind, names in re.findall(r"(uint32_t|uint64_t|int64_t|koble_id)\s+([^;]+);", body[1]):
        for name in names.split(","):
            match = re.fullmatch(r"\s*(\w+)(?:\[(\d+)\])?\s*", name)
            assert match is not None
            found.append((match[1], {"uint32_t": "u4", "int64_t": "i8"}.get(kind, "u8"), int(match[2] or 1)))
    return found


@pytest.mark.parametrize(
    ("struct", "dtype"), [("koble_figures_queue_row", QUEUE_ROW_DTYPE), ("koble_figures_agent_row", AGENT_ROW_DTYPE)]
)
def test_rows_follow_the_header(struct: str, dtype: np.dtype[Any]) -> None:
    ours = []
    for name in dtype.names or ():
        base = dtype[name].subdtype
        kind = dtype[name] if base is None else base[0]
        ours.append((name, kind.str[1:], 1 if base is None else base[1][0]))
    assert ours == fields(struct)


def played(engine: koble.Engine) -> np.ndarray[Any, Any]:
    """Anna answers after 5 s and talks for 60; a second caller hangs up after 12."""
    engine.presence("Anna", "available", at=0)
    first = engine.arrive("support", at=10 * SECOND)
    offer = [e for e in engine.events() if e.kind == koble.EventKind.OFFERED][-1].offer
    engine.accept(offer, at=15 * SECOND)
    second = engine.arrive("norsk", at=20 * SECOND)
    engine.gone(second, at=32 * SECOND)
    engine.gone(first, at=75 * SECOND)
    engine.advance(80 * SECOND)
    return engine.events_array()


def test_counts_what_the_engine_says(engine: koble.Engine, plan: koble.Plan) -> None:
    figures = Figures(plan, interval="1h", target="10s", short_abandon="15s")
    events = played(engine)
    assert figures.fold(events) == len(events)
    assert figures.fold(events) == len(events)  # read again: passed over
    figures.close(100 * SECOND)
    row = figures.queue("support")
    assert (row["offered"], row["answered"], row["answered_in_time"]) == (1, 1, 1)
    assert row["wait_answered_sum_ns"] == 5 * SECOND
    assert row["handle_sum_ns"] == 65 * SECOND  # 60 and the desk's wrap-up of 5
    norsk = figures.queue("norsk", 0)
    assert (norsk["abandoned"], norsk["abandoned_short"]) == (1, 1)
    total = figures.queue()
    assert list(total["sl_of"]) == [1, 2, 1, 2]
    assert total["sl_good"][ServiceLevel.ABANDONS_IN_TIME] == 2  # 12 s is within norsk's own 20
    anna = figures.by_agent("Anna")
    assert anna["shown_ns"].sum() == anna["signed_in_ns"] == 100 * SECOND
    assert anna["shown_ns"][Shown.ACTIVE] == 60 * SECOND
    assert anna["shown_ns"][Shown.RINGING] == 5 * SECOND
    assert figures.by_agent("Bo")["signed_in_ns"] == 0
    assert figures.queues == ("support", "norsk")
    assert figures.agents == ("Anna", "Bo")
    assert figures.intervals == 1
    median = figures.quantile_ns(0.5, DurationKind.WAIT_ANSWERED, "support")
    assert median is not None
    assert 5 * SECOND <= median <= 5 * SECOND * 129 // 128
    assert figures.quantile_ns(0.5, DurationKind.WAIT_ANSWERED, "norsk") is None
    upper, counts = figures.histogram(DurationKind.WAIT_ALL)
    assert counts.sum() == 2
    assert (np.diff(upper) > 0).all()


def test_figures_merge(plan: koble.Plan) -> None:
    total = Figures(plan)
    for _ in range(3):
        part = Figures(plan)
        part.fold(played(koble.Engine(plan)))
        part.close(80 * SECOND)
        total.merge(part)
    assert total.queue()["offered"] == 6
    assert total.by_agent("Anna")["signed_in_ns"] == 240 * SECOND


def test_mistakes_are_named(plan: koble.Plan, engine: koble.Engine) -> None:
    with pytest.raises(koble.ArgumentError, match="interval"):
        Figures(plan, interval=5)
    figures = Figures(plan)
    events = played(engine)
    with pytest.raises(koble.ArgumentError, match="missing"):
        figures.fold(events[[0, 2]])
    figures.fold(events)
    with pytest.raises(koble.TimeError, match="last event"):
        figures.close(0)
    with pytest.raises(koble.UnknownError):
        figures.queue(9)
    with pytest.raises(koble.ArgumentError):
        figures.merge(Figures(plan, interval="1h"))
