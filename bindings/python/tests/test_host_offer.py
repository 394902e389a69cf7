"""Offers that the host makes, previews, and what follows misses."""

from __future__ import annotations

import koble
import pytest

PLAN = {
    "skills": ["en"],
    "queues": [
        {"name": "q", "require": "en", "offer": {"mode": "external", "ring": "10s"}},
        {"name": "p", "offer": {"mode": "preview", "ring": "10s", "expiry": "accept"}},
    ],
    "agents": [{"name": "A", "skills": {"en": 1}, "misses": {"limit": 1, "reason": 4}}, {"name": "B"}],
}


@pytest.fixture
def desk() -> koble.Engine:
    engine = koble.Engine(PLAN, start=0)
    for agent in ("A", "B"):
        engine.presence(agent, "available", at=0)
    return engine


def last(desk: koble.Engine) -> koble.Event:
    return list(desk.events())[-1]


def test_the_host_chooses(desk: koble.Engine) -> None:
    contact = desk.arrive("q", at=0)
    with pytest.raises(koble.NothingWaitsError):
        desk.make_offer(contact, "B")
    with pytest.raises(koble.StateError):
        desk.make_offer(contact, "A", queue="p")
    offer = desk.make_offer(contact, "A", queue="q")
    assert desk.offer(offer).contact == contact
    assert desk.accept(offer) is not None


def test_the_host_insists(desk: koble.Engine) -> None:
    contact = desk.arrive("q", at=0)
    desk.make_offer(contact, "B", insist=True, accepted=True)
    assert desk.contact(contact).state == koble.ContactState.ACTIVE


def test_a_miss_sets_the_break(desk: koble.Engine) -> None:
    desk.make_offer(desk.arrive("q", at=0), "A")
    desk.advance(at=10 * 10**9)
    assert (last(desk).kind, last(desk).reason) == (koble.EventKind.PRESENCE, koble.Presence.BREAK)
    assert desk.agent("A").misses == 1


def test_a_preview_is_taken_when_its_time_is_up(desk: koble.Engine) -> None:
    desk.arrive("p", at=0)
    assert last(desk).reason == koble.Offered.PREVIEW
    desk.advance(at=10 * 10**9)
    accepted = [event for event in desk.events() if event.kind == koble.EventKind.ACCEPTED]
    assert [event.reason for event in accepted] == [koble.Accepted.EXPIRED]
