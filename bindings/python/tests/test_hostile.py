"""Anything may be passed to anything: the answer is a result or an exception, never a crash, and nothing is leaked."""

from __future__ import annotations

import contextlib
import gc
import random
import resource
from datetime import UTC, datetime, timedelta
from typing import Any

import koble
import numpy as np
import pytest
from support import SMALL

METHODS = [
    "accept", "acknowledge", "acknowledge_journal", "add_agent", "advance", "agent", "agent_name", "apply",
    "apply_journal", "arrive", "busy", "cancel_request", "change_agent", "connect_failed", "connected", "contact",
    "decline", "end_offer", "end_wrap_up", "engagement", "events_array", "failed", "find_agent", "gone", "hold", "make_offer",
    "no_answer", "offer", "presence", "read_journal", "reconcile", "remove_agent", "replace_plan", "request", "resume", "retrieve",
    "unreachable", "waiting", "counts", "digest", "drain", "snapshot", "clone", "journal", "journal_header", "_apply",
    "intern", "reply", "activity", "park", "_park", "_attributes", "_symbol_find", "_symbol_name", "_symbol_key", "_symbol_value",
    "_queue_epochs", "_agent_label", "_read_events_into", "_event_range", "_read_events", "_request", "_list",
]  # fmt: skip

EXPECTED = (koble.KobleError, TypeError, ValueError, OverflowError, AttributeError, BufferError)


def garbage(rng: random.Random, engine: koble.Engine) -> Any:
    if rng.random() < 0.5:
        alive = [*engine.contacts(), *engine.offers(), *engine.agents(), *engine.engagements(), "support", "Anna", "Bo"]
        return rng.choice(alive)
    return rng.choice(
        [
            None, True, -1, 0, 1, 5, 2**31, 2**32, 2**62, 2**63, 2**64, -(2**70), 1.5, float("nan"), "", "Anna",
            "support", "available", "customer", "declined", "x" * 5000, "\x00", "\ud800", b"", b"{}", b"KP",
            bytearray(200), [], ["support"], [0, 1], [None], {}, {"name": "New"}, {"kind": "advance"}, {"support"}, (),
            datetime(2000, 1, 1), datetime(1970, 1, 2, tzinfo=UTC), timedelta(1), np.uint64(3), np.zeros(3), np.zeros(2,
            koble.COMMAND_DTYPE), koble.Presence.BREAK, koble.Engine, object(), SMALL, engine,
            *list(engine.events())[:1],
        ]
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_garbage(seed: int) -> None:
    rng = random.Random(seed)
    engine = koble.Engine(SMALL, journal=rng.choice(["off", "keep_all"]), max_step="1h", max_contacts=50)
    done = 0
    for step in range(3000):
        if step % 50 == 0:
            with contextlib.suppress(koble.KobleError):
                engine.presence("Anna", "available")
                engine.arrive("support")
        method = getattr(engine, rng.choice(METHODS))
        arguments = [garbage(rng, engine) for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3]))]
        keywords = {"at": garbage(rng, engine)} if rng.random() < 0.2 else {}
        try:
            method(*arguments, **keywords)
            done += 1
        except EXPECTED:
            pass
    assert done > 50
    assert engine.clone().digest() == engine.digest()


def test_nothing_leaks(plan: koble.Plan) -> None:
    def run() -> None:
        engine = koble.Engine(plan, journal="bounded")
        engine.presence("Anna", "available")
        for n in range(2000):
            contact = engine.arrive("support", at=n, host_ref=n)
            for event in engine.drain():
                if event.kind is koble.EventKind.OFFERED:
                    engine.accept(event.offer)
                repr(event)
            with pytest.raises(koble.UnknownError):
                engine.arrive("nowhere")
            engine.gone(contact)
            engine.acknowledge_journal(engine.last_record)
        engine.events_array()
        engine.clone().snapshot()

    run()
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(10):
        run()
    gc.collect()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000  # KiB
