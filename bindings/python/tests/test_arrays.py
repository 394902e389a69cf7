"""Events as arrays and frames; batches."""

from __future__ import annotations

import threading
from typing import Any

import koble
import numpy as np
import pandas as pd
import pytest
from koble.arrays import QUEUE_NONE
from support import SECOND, SMALL


def busy_engine(plan: koble.Plan) -> koble.Engine:
    engine = koble.Engine(plan)
    engine.presence("Anna", "available", at=1)
    for n in range(50):
        engine.arrive(n % 2, at=n * SECOND, host_ref=n)
    return engine


def test_events_as_array(plan: koble.Plan) -> None:
    engine = busy_engine(plan)
    array = engine.events_array()
    objects = list(engine.events())
    assert array.dtype == koble.EVENT_DTYPE
    assert len(array) == len(objects)
    for row, event in zip(array, objects, strict=True):
        assert (row["seq"], row["time_ns"], row["due_ns"]) == (event.seq, event.time_ns, event.due_ns)
        assert (row["kind"], row["a"], row["b"]) == (event.kind, event.a, event.b)
        assert koble.make_id(row["contact"]) == event.contact
        assert (None if row["queue"] == QUEUE_NONE else row["queue"]) == event.queue
    assert engine.events_array(after=10)["seq"][0] == 11
    assert len(engine.events_array(after=10**6)) == 0


def test_arrays_are_copies(plan: koble.Plan) -> None:
    engine = busy_engine(plan)
    array = engine.events_array()
    array["host_ref"] = 0
    assert engine.events_array()["host_ref"].any()
    engine.drain()
    assert len(array) > 50


def test_views_share_a_buffer(plan: koble.Plan) -> None:
    engine = busy_engine(plan)
    first = engine.events_array(copy=False)
    assert not first.flags.writeable
    expected = first.copy()
    assert (first == engine.events_array()).all()
    second = engine.events_array(after=5, copy=False)
    assert np.shares_memory(first, second)
    assert (second == expected[5:]).all()
    for n in range(2000):
        engine.arrive(0, at=(100 + n) * SECOND)
    third = engine.events_array(copy=False)  # a larger buffer; the older views are still readable
    assert len(third) >= 2000
    assert first["seq"].size == expected.size
    assert len(koble.Engine(plan).events_array(copy=False)) == 0


def test_frame(plan: koble.Plan) -> None:
    engine = busy_engine(plan)
    frame = engine.events_frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame.index.name == "seq"
    assert frame.kind.tolist()[:3] == [str(e.kind) for e in engine.events()][:3]
    assert str(frame.time.dtype) == "datetime64[ns, UTC]"
    assert set(frame.queue.dropna()) == {"support", "norsk"}
    assert set(frame.agent.dropna()) == {"Anna"}
    assert frame[frame.kind == "presence"].reason.tolist() == ["available"]
    assert len(frame) == len(list(engine.events()))
    assert len(engine.events_frame(after=10**6)) == 0


# ---- Batches ---------------------------------------------------------------------------------------------------------


def test_batch_of_columns(plan: koble.Plan) -> None:
    engine = koble.Engine(plan)
    result = engine.apply(
        {
            "time_ns": np.arange(10) * SECOND,
            "kind": "contact_arrive",
            "queue": ["support", "norsk"] * 5,
            "host_ref": range(10),
        }
    )
    assert result.codes.tolist() == [0] * 10
    assert result.ids.tolist() == [int(c) for c in engine.contacts()]
    assert (result.taken, result.full, result.refused) == (10, False, 0)
    assert (result.event_first, result.event_count) == (1, 10)
    assert result.check() is result
    assert [e.queue_name for e in engine.drain()][:2] == ["support", "norsk"]


def test_batch_equals_singles(plan: koble.Plan) -> None:
    single, batch = koble.Engine(plan), koble.Engine(plan)
    single.presence("Anna", "available", at=1)
    for n in range(100):
        single.arrive(n % 2, at=n * SECOND, host_ref=n, priority=n % 3, credit=n)
    all_n = np.arange(100)
    rows = np.concatenate(
        [
            koble.commands(kind="agent_presence", code="available", time_ns=1, target=batch.find_agent("Anna")),
            koble.commands(
                kind="contact_arrive",
                time_ns=all_n * SECOND,
                queue=all_n % 2,
                host_ref=all_n,
                a=all_n % 3 * 1_000_000,
                b=all_n,
            ),
        ]
    )
    batch.apply(rows).check()
    assert batch.digest() == single.digest()
    assert (batch.events_array() == single.events_array()).all()


def test_batches_from_frames_and_datetimes(plan: koble.Plan) -> None:
    frame = pd.DataFrame(
        {
            "time_ns": pd.to_datetime(["2026-01-01 00:00:00", "2026-01-01 00:00:01"]),
            "kind": ["contact_arrive", "contact_arrive"],
            "queue": ["norsk", "support"],
        }
    )
    engine = koble.Engine(plan, start=0)
    engine.apply(frame).check()
    assert [e.queue_name for e in engine.drain()] == ["norsk", "support"]
    assert engine.now == 1767225601 * SECOND


def test_a_refused_command_does_not_stop_a_batch(plan: koble.Plan) -> None:
    engine = koble.Engine(plan)
    result = engine.apply(koble.commands(kind=["contact_arrive", "offer_accept", "contact_arrive"], target=[0, 99, 0]))
    assert result.codes.tolist()[::2] == [0, 0]
    assert result.codes[1] < 0
    assert result.refused == 1
    assert engine.counts().contacts == 2
    with pytest.raises(koble.KobleError, match="command 1"):
        result.check()


def test_a_full_batch_stops_and_goes_on(plan: koble.Plan) -> None:
    engine = koble.Engine(plan, max_events=10)
    rows = koble.commands(kind="contact_arrive", time_ns=np.arange(100))
    taken = 0
    while taken < len(rows):
        result = engine.apply(rows[taken:])
        taken += result.taken
        assert len(result.codes) == len(result.ids) == result.taken
        assert result.full == (taken < len(rows))
        if result.full:
            with pytest.raises(koble.FullError):
                result.check()
        assert engine.drain()
    assert engine.counts().serials == 100


def test_agents_and_plans_in_a_batch(plan: koble.Plan) -> None:
    engine = koble.Engine(plan)
    agent = b'{"name": "Cem", "profile": "desk"}'
    queues = [{"name": "first"}, *SMALL["queues"]]  # type: ignore[misc]
    replacement = koble.Plan({**SMALL, "queues": queues}).to_binary()
    rows = koble.commands(
        kind=["agent_add", "plan_replace", "contact_arrive"],
        data_size=[len(agent), len(replacement), 0],
        data_offset=[0, len(agent), 0],
    )
    result = engine.apply(rows, agent + replacement).check()
    assert koble.make_id(result.ids[0]) == engine.find_agent("Cem")
    events = engine.drain()
    assert events[0].agent_name == "Cem"
    assert events[-1].queue_name == "first"


@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        ({"kind": "arrive"}, "contact_arrive"),
        ({"kind": "contact_arrive", "code": "maybe"}, "available"),
        ({"kind": "contact_arrive", "queue": "suport"}, "support"),
        ({"kind": "contact_arrive", "when": 1}, "time_ns"),
        ({"time_ns": [1]}, 'needs a column "kind"'),
        ({"kind": "advance", "time_ns": [0.5]}, "floats"),
        ({"kind": "advance", "time_ns": [1, 2], "a": [1, 2, 3]}, "different lengths"),
    ],
)
def test_bad_columns(plan: koble.Plan, columns: dict[str, Any], advice: str) -> None:
    with pytest.raises(koble.ArgumentError, match=advice):
        koble.Engine(plan).apply(columns)


def test_bad_arrays(plan: koble.Plan) -> None:
    engine = koble.Engine(plan)
    with pytest.raises(koble.ArgumentError, match="COMMAND_DTYPE"):
        engine.apply(np.zeros(3, dtype=[("a", "i8")]))
    assert engine.apply(np.zeros(0, dtype=koble.COMMAND_DTYPE)).taken == 0
    zero = engine.apply(np.zeros(2, dtype=koble.COMMAND_DTYPE))
    assert (zero.codes < 0).all()
    strided = koble.commands(kind="contact_arrive", time_ns=np.arange(10))[::2]
    assert engine.apply(strided).check().taken == 5
    outside = engine.apply(koble.commands(kind="agent_add", data_offset=2**63, data_size=100), b"{}")
    assert (outside.codes < 0).all()


def test_other_threads_get_busy_errors_not_races(plan: koble.Plan) -> None:
    engine = koble.Engine(plan)
    rows = koble.commands(kind="contact_arrive", time_ns=np.arange(300_000))
    busy: list[int] = []
    done = threading.Event()

    def disturb() -> None:
        while not done.is_set():
            try:
                engine.waiting(0)
            except koble.BusyError:
                busy.append(1)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        while not busy:
            engine.apply(rows)
            engine.drain() if engine.last_event < 10**6 else busy.append(0)
    except koble.BusyError:
        pass
    finally:
        done.set()
        thread.join()
    assert busy
