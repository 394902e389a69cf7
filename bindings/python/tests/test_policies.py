"""Policies in Python."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from typing import Any

import koble
import pytest
from koble import PolicyAgent, PolicyContact

PLAN: dict[str, Any] = {
    "skills": ["en", "no"],
    "attributes": [{"name": "language", "values": ["english", "norwegian"]}, {"name": "amount"}],
    "profiles": [{"name": "desk", "skills": {"en": 1}, "policy": {"name": "pick"}}],
    "queues": [{"name": "q", "policy": {"name": "mood", "candidates": 2}}, {"name": "s"}],
    "agents": [{"name": "A", "skills": {"en": 3}}, {"name": "B"}, {"name": "C"}, {"name": "D", "profile": "desk"}],
}


def engine(*available: str, **options: Any) -> koble.Engine:
    made = koble.Engine(PLAN, **options)
    for at, name in enumerate(available):
        made.presence(name, "available", at=at)
    return made


def offered(e: koble.Engine) -> list[str | None]:
    return [event.agent_name for event in e.events() if event.kind == koble.EventKind.OFFERED]


class Last(koble.Policy):
    """Takes whom the engine would take last, and notes what it saw."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.kept: Any = None

    def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> PolicyAgent:
        self.seen.append(
            (
                contact.serial,
                contact.queue,
                contact.attribute("language"),
                contact.attribute("amount"),
                contact.attribute("colour"),
                contact.waited_ns,
                [(a.name, a.level("en"), a.idle_ns, a.used, a.place) for a in candidates],
            )
        )
        self.kept = candidates
        return candidates[-1]

    def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> int:
        self.seen.append((agent.name, [c.serial for c in candidates]))
        return len(candidates) - 1


def test_a_policy_chooses_agents_and_contacts() -> None:
    policy = Last()
    with engine("A", "B", "C") as e:
        e.set_policy("mood", policy)
        e.set_policy("pick", policy)
        e.arrive("q", attributes={"language": "norwegian", "amount": 7}, at=10)
        assert offered(e) == ["B"]
        assert policy.seen == [(1, "q", "norwegian", 7, None, 0, [("A", 3, 10, 0, 0), ("B", 0, 9, 0, 1)])]
        e.arrive("s", at=11)
        e.arrive("s", at=12)
        e.arrive("s", at=13)
        e.arrive("s", at=13)
        policy.seen.clear()
        e.presence("D", "available", at=14)
        assert policy.seen == [("D", [4, 5])]
        assert offered(e)[-1] == "D"
        with pytest.raises(koble.EndedError, match="only until it has answered"):
            policy.kept[0]


def test_none_is_none_now() -> None:
    class Never(koble.Policy):
        def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> None:
            return None

    with engine("A") as e:
        e.set_policy("mood", Never())
        contact = e.arrive("q", at=5)
        assert e.contact(contact).state == koble.ContactState.WAITING
        e.set_policy("mood", koble.Policy())
        e.presence("B", "available", at=6)
        assert offered(e) == ["A"]


def test_what_goes_wrong_is_a_fault_and_kept() -> None:
    class Wrong(koble.Policy):
        answer: Any = 17

        def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> Any:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

    policy = Wrong()
    with engine("A", "B", "C") as e:
        e.arrive("q", at=5)
        e.set_policy("mood", policy)
        e.arrive("q", at=6)
        policy.answer = ValueError("no mood today")
        e.arrive("q", at=7)
        faults = [event.reason for event in e.events() if event.kind == koble.EventKind.POLICY_FAULT]
        assert faults == [koble.PolicyFault.ABSENT, koble.PolicyFault.INVALID, koble.PolicyFault.FAILED]
        assert offered(e) == ["A", "B", "C"]
        assert str(e.take_policy_error()) == "no mood today"
        assert e.take_policy_error() is None
        policy.answer = "B"
        e.presence("A", "break", at=8)
        e.presence("A", "available", at=9)
        assert isinstance(e.take_policy_error(), TypeError)
        with pytest.raises(TypeError, match="is no policy"):
            e.set_policy("mood", object())  # type: ignore[arg-type]


def test_a_policy_does_not_use_the_engine() -> None:
    class Meddler(koble.Policy):
        def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> PolicyAgent:
            e.arrive("s")
            return candidates[0]

    with engine("A") as e:
        e.set_policy("mood", Meddler())
        e.arrive("q", at=5)
        assert isinstance(e.take_policy_error(), koble.BusyError)
        assert offered(e) == ["A"]
        assert e.counts().contacts == 1


def test_a_policy_reads_the_engine_and_does_not_change_it() -> None:
    class Reader(koble.Policy):
        def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> PolicyAgent:
            seen.append(
                (e.waiting("s"), e.waiting("q"), e.counts().contacts, e.contact(contact.id).state, e.agent(candidates[0].id).name, e.now)
            )
            seen.append(([e.agent(agent).name for agent in e.agents()], e.last_event, e.next_deadline, dict(e.symbols)["norwegian"]))
            for refused in (
                lambda: e.gone(contact.id, by="customer"),
                lambda: e.presence("A", "break"),
                lambda: e.advance(at=99),
                lambda: e.intern("sami"),
                lambda: e.replace_plan(PLAN),
                lambda: e.set_policy("mood", None),
                lambda: e.drain(),
                lambda: e.snapshot(),
                lambda: e.clone(),
            ):
                with pytest.raises(koble.BusyError):
                    refused()
            return candidates[0]

    seen: list[Any] = []
    with engine("A") as e:
        e.set_policy("mood", Reader())
        e.arrive("s", at=4)
        e.arrive("s", at=4)  # nobody is left for it
        e.presence("B", "available", at=5)
        e.presence("C", "available", at=5)
        e.arrive("q", at=6)
        assert e.take_policy_error() is None
        assert seen[0] == (0, 1, 3, koble.ContactState.WAITING, "C", 6)
        assert seen[1][0] == ["A", "B", "C", "D"]
        assert seen[1][3] == e.symbols["norwegian"]
        assert offered(e) == ["A", "B", "C"]
        e.arrive("s", at=7)
        assert e.waiting("s") == 1


def test_by_the_lengths_that_the_engine_shows_a_policy_needs_no_board() -> None:
    class Longest(koble.Policy):
        def choose_contact(self, agent: PolicyAgent, candidates: Sequence[PolicyContact]) -> PolicyContact:
            return max(candidates, key=lambda contact: e.waiting(contact.queue))

    plan = {
        "profiles": [{"name": "desk", "policy": {"name": "longest"}}],
        "queues": [{"name": "q", "offer": {"mode": "auto"}}, {"name": "s", "offer": {"mode": "auto"}}],
        "agents": [{"name": "A", "profile": "desk"}],
    }
    with koble.Engine(plan) as e:
        e.set_policy("longest", Longest())
        for at, queue in enumerate("qsqss"):
            e.arrive(queue, at=at)
        e.presence("A", "available", at=9)
        served = []
        while e.contacts():
            served += [event for event in e.drain() if event.kind is koble.EventKind.SERVING]
            e.gone(served[-1].contact, by="customer")
        assert [(one.queue_name, one.serial) for one in served] == [("s", 2), ("q", 1), ("s", 4), ("q", 3), ("s", 5)]


def test_a_replay_asks_nobody() -> None:
    with engine(journal="keep_all") as e:
        header = e.journal_header()
        e.set_policy("mood", Last())
        for at, name in enumerate(("A", "B")):
            e.presence(name, "available", at=at)
        e.arrive("q", at=5)
        e.set_policy("mood", None)
        e.presence("C", "available", at=6)
        e.arrive("q", at=7)
        records = e.journal()
        assert [record.choices for record in koble.decode_journal(records)] == [(), (), (1,), (), (-3,)]
        with koble.Engine.replay(header, records) as again:
            assert again.digest() == e.digest()


def test_a_policy_that_knows_its_engine_goes_with_it() -> None:
    class Friend(koble.Policy):
        def __init__(self, e: koble.Engine) -> None:
            self.engine = e

    e = engine("A")
    e.set_policy("mood", Friend(e))
    gone = weakref.ref(e)
    del e
    gc.collect()
    assert gone() is None


def test_a_contact_shows_its_open_steps() -> None:
    class Steps(koble.Policy):
        def choose_agent(self, contact: PolicyContact, candidates: Sequence[PolicyAgent]) -> None:
            seen.append((contact.step, contact.open_steps))

    seen: list[tuple[int, tuple[int, ...]]] = []
    steps = [{"after": "5s"}, {"when": "waiting > 0", "while": "waiting > 0"}]
    queue = {"name": "q", "steps": steps, "policy": {"name": "mood"}}
    with koble.Engine({"queues": [queue], "agents": [{"name": "A"}]}) as e:
        e.set_policy("mood", Steps())
        e.presence("A", "available", at=0)
        e.arrive("q", at=1)
        e.advance(at=6_000_000_000)
        assert seen == [(2, (0, 2)), (2, (0, 1, 2))]


def test_a_clone_has_the_policies_and_a_batch_asks_them() -> None:
    policy = Last()
    with engine("A", "B") as e:
        e.set_policy("mood", policy)
        with e.clone() as copy:
            copy.arrive("q", at=5)
            assert offered(copy) == ["B"]
        e.apply({"time_ns": [5], "kind": ["contact_arrive"], "queue": ["q"]}).check()
        assert offered(e) == ["B"]
        assert len(policy.seen) == 2
