"""Changes of a contact while it waits."""

from __future__ import annotations

from datetime import timedelta

import koble
import pytest
from koble import Change

PLAN = {
    "queues": [{"name": "q", "max_wait": "10m"}],
    "attributes": [{"name": "language", "values": ["norwegian", "english"]}, {"name": "amount"}],
    "agents": [{"name": "A"}],
}


@pytest.fixture
def desk() -> koble.Engine:
    return koble.Engine(PLAN, start=0)


def last(desk: koble.Engine) -> koble.Event:
    return list(desk.events())[-1]


def test_it_changes_what_is_given_and_says_what(desk: koble.Engine) -> None:
    contact = desk.arrive("q", priority=2, attributes={"amount": 3}, at=0)
    desk.change(
        contact, priority="2.5", credit="5s", attributes={"language": "english"}, remove=["amount"], at=10**9
    )
    seen = desk.contact(contact)
    assert (seen.priority_micro, seen.credit_ns, seen.attributes) == (2_500_000, 5 * 10**9, {"language": "english"})
    assert last(desk).kind == koble.EventKind.CONTACT_CHANGED
    assert last(desk).changes == Change.PRIORITY | Change.CREDIT | Change.ATTRIBUTES
    assert "priority+credit+attributes" in repr(last(desk))
    desk.change(contact, priority=-10, credit=timedelta(seconds=-2), relative=True)
    seen = desk.contact(contact)
    assert (seen.priority_micro, seen.credit_ns) == (0, 3 * 10**9)


def test_the_longest_wait_counts_from_now(desk: koble.Engine) -> None:
    contact = desk.arrive("q", at=0)
    desk.change(contact, max_wait="1m", at=30 * 10**9)
    assert desk.next_deadline == 90 * 10**9
    desk.change(contact, max_wait="never", at=30 * 10**9)
    assert desk.next_deadline is None


def test_what_is_forgotten(desk: koble.Engine) -> None:
    desk.presence("A", "available", at=0)
    contact = desk.arrive("q", agent="A", at=0)
    (offer,) = [event.offer for event in desk.events() if event.kind == koble.EventKind.OFFERED]
    desk.decline(offer)
    desk.change(contact, forget_refusals=True, forget_agent=True)
    changed = [event.changes for event in desk.events() if event.changes is not None]
    assert changed == [Change.REFUSALS | Change.AGENT]
    assert desk.contact(contact).agent is None
    assert last(desk).changes is None


def test_refusals(desk: koble.Engine) -> None:
    contact = desk.arrive("q", at=0)
    with pytest.raises(koble.ArgumentError):
        desk.change(contact)
    with pytest.raises(koble.UnknownError, match="langauge"):
        desk.change(contact, remove=["langauge"])
    with pytest.raises(TypeError):
        desk.change(contact, remove="language")
    with pytest.raises(koble.ArgumentError):
        desk.change(contact, max_wait=0)


def test_places(desk: koble.Engine) -> None:
    first, second = desk.arrive("q", at=0), desk.arrive("q", at=0)
    third = desk.arrive("q", position=2, at=0)
    assert [desk.contact(c).positions[0] for c in (first, second, third)] == [1, 3, 2]
    assert "position 2" in repr(last(desk))
    desk.place(second, 1)
    assert desk.contact(second).positions == (1,)
    desk.place(second, 0, queue="q")
    assert desk.contact(second).positions == (3,)
    with pytest.raises(koble.UnknownError):
        desk.place(second, 1, queue="nowhere")


def test_skills_of_an_agent() -> None:
    desk = koble.Engine({"skills": ["en", "no"], "agents": [{"name": "A", "skills": {"no": 2}}]}, start=0)
    desk.set_skill("A", "en", 3, length="10s", at=10**9)
    desk.set_skill("A", "no", 0)
    assert desk.skills("A") == {
        "en": koble.Skill(3, True, 11 * 10**9),
        "no": koble.Skill(0, True, koble.NEVER),
    }
    assert "level 0" in repr(last(desk))
    desk.set_skill("A", "no", None)
    desk.advance(11 * 10**9)
    assert desk.skills("A") == {"no": koble.Skill(2, False, None)}
    with pytest.raises(koble.UnknownError):
        desk.set_skill("A", "fr", 1)
