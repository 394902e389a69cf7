"""Events: as objects and in frames, and how long they stay."""

from __future__ import annotations

import pickle

import koble
import pytest
from koble import EventKind as K
from support import SECOND, SMALL, make


def test_event_objects(engine: koble.Engine) -> None:
    engine.presence("Bo", "available")
    contact = engine.arrive("norsk", at=12 * SECOND, host_ref=7)
    presence, arrived, event = engine.events()
    assert event.kind is K.OFFERED
    assert event.reason is None
    assert event.contact == contact
    assert type(event.contact) is koble.ContactId
    assert type(event.offer) is koble.OfferId
    assert (event.agent_name, event.queue_name, event.queue) == ("Bo", "norsk", 1)
    assert event.agent == engine.find_agent("Bo")
    assert event.engagement is None
    assert (event.seq, event.serial, event.host_ref, event.tenant) == (3, 1, 7, 0)
    assert event.until_ns == event.a
    assert int(event.b) == event.offer
    assert presence.reason is koble.Presence.AVAILABLE
    assert presence.queue is None
    assert presence.queue_name is None
    assert arrived.until_ns is None
    assert repr(event).startswith("12.000s offered offer")
    assert '-> "Bo" (queue "norsk") until' in repr(event)
    assert f"{contact}" in repr(event)


def test_events_are_values(engine: koble.Engine) -> None:
    engine.presence("Bo", "available")
    engine.arrive("norsk", at=1)
    first, second = list(engine.events()), list(engine.events())
    assert first == second
    assert len(set(first + second)) == len(first)
    assert first[0] != first[1]
    assert first[0] != "event"
    copied = pickle.loads(pickle.dumps(first))
    assert copied == first
    assert [repr(e) for e in copied] == [repr(e) for e in first]
    with pytest.raises(AttributeError):
        first[0].seq = 7  # type: ignore[misc]
    with pytest.raises(TypeError):
        koble.Event()


def test_events_stay_until_acknowledged(engine: koble.Engine) -> None:
    for at in range(5):
        engine.arrive("support", at=at)
    assert [e.seq for e in engine.events()] == [1, 2, 3, 4, 5]
    assert [e.seq for e in engine.events(after=3)] == [4, 5]
    engine.acknowledge(2)
    assert (engine.first_event, engine.last_event) == (3, 5)
    events = list(engine.events())
    engine.acknowledge(events[0])
    assert [e.seq for e in engine.events()] == [4, 5]
    assert [e.seq for e in engine.drain()] == [4, 5]
    assert engine.drain() == []
    assert (engine.first_event, engine.last_event) == (6, 5)


def test_iteration_meets_what_commands_inside_cause() -> None:
    engine = make(offer={"mode": "ring", "ring": "20s"})
    for at in range(2, 200):
        engine.arrive("q", at=at)
    seen = []
    for event in engine.events():
        seen.append(event.seq)
        if event.kind is K.OFFERED:
            engine.accept(event.offer)
        elif event.kind is K.SERVING:
            engine.gone(event.contact)
        engine.acknowledge(event)
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert engine.counts().contacts == 0


def test_a_full_buffer_refuses(plan: koble.Plan) -> None:
    engine = koble.Engine(plan, max_events=3)
    with pytest.raises(koble.FullError, match="."):
        for at in range(10):
            engine.arrive("support", at=at)
    engine.drain()
    engine.arrive("support", at=20)


def test_queue_names_are_those_of_their_time(engine: koble.Engine) -> None:
    engine.arrive("support", at=1)
    engine.replace_plan({**SMALL, "queues": [{"name": "new"}, *SMALL["queues"]]}, at=2)  # type: ignore[misc]
    engine.arrive("new", at=3)
    engine.arrive("support", at=4)
    arrived = [(e.queue, e.queue_name) for e in engine.events() if e.kind is K.ARRIVED]
    assert arrived == [(0, "support"), (0, "new"), (1, "support")]
    frame = engine.events_frame()
    assert frame[frame.kind == "arrived"].queue.tolist() == ["support", "new", "support"]
