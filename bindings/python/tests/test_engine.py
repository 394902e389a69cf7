"""Engines: every command, every query, and what bad input gets."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import koble
import numpy as np
import pytest
from koble import EventKind as K
from support import SECOND, SMALL, kinds, make, offered

# ---- A contact's life ------------------------------------------------------------------------------------------------


def test_one_contact_from_arrival_to_the_end(engine: koble.Engine) -> None:
    engine.presence("Anna", "available", at=1 * SECOND)
    contact = engine.arrive("support", at=10 * SECOND, host_ref=7)
    assert type(contact) is koble.ContactId
    assert kinds(engine)[:3] == ["presence available", "arrived", "offered"]
    assert engine.contact(contact).state is koble.ContactState.OFFERED
    (offer,) = engine.offers()
    engagement = engine.accept(offer, at=12 * SECOND)
    assert type(engagement) is koble.EngagementId
    assert kinds(engine) == ["outcome accepted", "serving"] or kinds(engine) == []
    engine.hold(engagement, at=13 * SECOND)
    assert engine.contact(contact).state is koble.ContactState.HELD
    engine.retrieve(engagement, at=14 * SECOND)
    engine.gone(contact, by="agent", at=20 * SECOND)
    assert engine.engagement(engagement).state is koble.EngagementState.WRAPPING
    assert engine.next_deadline == 25 * SECOND
    engine.end_wrap_up(engagement, at=21 * SECOND)
    assert kinds(engine) == ["held", "retrieved", "ended agent", "wrapup", "wrapup_end early"]
    assert engine.counts() == koble.Counts(contacts=0, agents=2, offers=0, engagements=0, serials=1)
    with pytest.raises(koble.EndedError):
        engine.contact(contact)


def test_silent_and_parked_conversations() -> None:
    engine = koble.Engine(
        {
            "channels": [
                {
                    "name": "mail",
                    "silent": {"after": "5m", "return": "1m", "forget": "1d"},
                    "park": {"return": "never"},
                }
            ],
            "queues": [{"name": "post", "offer": {"mode": "auto"}}],
            "agents": [{"name": "A"}],
        }
    )
    engine.presence("A", "available", at=0)
    letter = engine.arrive("post", at=0)
    (engagement,) = engine.engagements()
    engine.activity(engagement, at=60 * SECOND)
    assert engine.next_deadline == 360 * SECOND
    engine.advance(at=360 * SECOND)
    assert engine.contact(letter).state is koble.ContactState.SILENT
    assert engine.agent("A").silent == 1 and engine.agent("A").used == 0
    (silent,) = [event for event in engine.drain() if event.kind is K.SILENT]
    assert silent.until_ns == 360 * SECOND + 86400 * SECOND
    assert engine.reply(letter, at=400 * SECOND) == engagement
    engine.park(engagement, until="2h", at=400 * SECOND)
    assert engine.engagement(engagement).state is koble.EngagementState.PARKED
    assert engine.engagement(engagement).deadline_ns == 7600 * SECOND
    with pytest.raises(koble.ArgumentError):
        engine.park(engagement, until=0)
    engine.presence("A", "break", at=401 * SECOND)
    assert engine.reply(letter, at=402 * SECOND) is None
    assert engine.contact(letter).reserved_until_ns == koble.NEVER
    assert [k for k in kinds(engine) if "presence" not in k] == ["continued", "parked", "returned"]


@pytest.mark.parametrize("outcome", ["decline", "busy", "unreachable", "no_answer", "failed"])
def test_offers_that_fail(outcome: str) -> None:
    engine = make()
    engine.arrive("q", at=5 * SECOND)
    (offer,) = offered(engine)
    getattr(engine, outcome)(offer, at=6 * SECOND)
    word = {"decline": "declined"}.get(outcome, outcome)
    assert f"outcome {word}" in kinds(engine)
    with pytest.raises(koble.EndedError):
        getattr(engine, outcome)(offer, at=7 * SECOND)


@pytest.mark.parametrize("outcome", ["declined", koble.Outcome.DECLINED, 2])
def test_end_offer_takes_words_and_numbers(outcome: Any) -> None:
    engine = make()
    engine.arrive("q", at=5)
    (offer,) = offered(engine)
    engine.end_offer(offer, outcome, at=6)
    assert "outcome declined" in kinds(engine)


@pytest.mark.parametrize("outcome", ["accepted", "withdrawn", "nonsense", None, True, 2.5])
def test_end_offer_refuses_other_words(outcome: Any) -> None:
    engine = make()
    engine.arrive("q", at=5)
    (offer,) = offered(engine)
    with pytest.raises(koble.ArgumentError, match='must be one of "declined"'):
        engine.end_offer(offer, outcome, at=6)


def test_confirmation() -> None:
    engine = make(offer={"mode": "ring", "ring": "20s", "confirm": "30s"})
    contact = engine.arrive("q", at=2)
    (offer,) = offered(engine)
    first = engine.accept(offer, at=3)
    assert engine.engagement(first).state is koble.EngagementState.CONNECTING
    assert engine.engagement(first).deadline_ns == 3 + 30 * SECOND
    engine.connect_failed(first, at=4)
    (offer,) = offered(engine)
    second = engine.accept(offer, at=5)
    engine.connected(second, at=6)
    assert engine.contact(contact).state is koble.ContactState.ACTIVE
    with pytest.raises(koble.StateError):
        engine.connected(second, at=7)
    with pytest.raises(koble.KobleError):
        engine.connected(first, at=7)


def test_several_queues(engine: koble.Engine) -> None:
    contact = engine.arrive(
        ["norsk", "support"], at=1, priority=2.5, credit=timedelta(seconds=90), host_ref=np.uint64(9)
    )
    info = engine.contact(contact)
    assert info.queues == ("norsk", "support")
    assert info.positions == (1, 1)
    assert info.steps == (0, 0)
    assert info.open_steps == ((0,), (0,))
    assert (info.retry_until_ns, info.next_ring_ns, info.attempts, info.hungry) == (None, None, 0, False)
    assert (info.host_ref, info.serial, info.arrival_ns, info.engagement) == (9, 1, 1, None)
    assert engine.waiting("support") == engine.waiting(1) == 1


def test_pull() -> None:
    plan = {"agents": [{"name": "P", "pull": True}], "queues": [{"name": "q"}]}
    engine = koble.Engine(plan)
    engine.presence("P", "available")
    assert engine.request("P") is None
    assert engine.request("P", until="5m", at=1) is None
    assert engine.agent("P").request_until_ns == 300 * SECOND + 1
    engine.cancel_request("P")
    with pytest.raises(koble.StateError):
        engine.cancel_request("P")
    engine.request("P", "voice", until=koble.NEVER)
    assert engine.agent("P").request_until_ns == koble.NEVER
    engine.arrive("q", at=2)
    assert [e.kind for e in engine.drain()][-2:] == [K.ACCEPTED, K.SERVING]
    engine.gone(engine.contacts()[0], at=3)
    engine.arrive("q", at=3)
    offer = engine.request("P", [0], at=4)
    assert type(offer) is koble.OfferId
    with pytest.raises(koble.UnknownError):
        engine.request("P", "fax")
    with pytest.raises(koble.ArgumentError):
        engine.request("P", until=0)


# ---- Agents ----------------------------------------------------------------------------------------------------------


def test_agents_come_change_and_go(engine: koble.Engine) -> None:
    cem = engine.add_agent({"name": "Cem", "profile": "desk"}, at=1)
    assert type(cem) is koble.AgentId
    assert engine.find_agent("Cem") == cem
    assert engine.find_agent("Nobody") is None
    assert engine.agent_name(cem) == "Cem"
    assert cem in engine.agents()
    engine.change_agent("Cem", '{"name": "Cem", "skills": {"norwegian": 3}}', at=2)
    engine.change_agent(cem, b'{"name": "Cem"}', at=2)
    with pytest.raises(koble.ExistsError):
        engine.add_agent({"name": "Cem"}, at=2)
    with pytest.raises(koble.PlanError):
        engine.add_agent({"name": "Dag", "profile": "unknown"}, at=2)
    engine.remove_agent(engine.agent(cem), at=3)
    events = engine.drain()
    assert [e.kind for e in events] == [K.AGENT_ADDED, K.AGENT_CHANGED, K.AGENT_CHANGED, K.AGENT_REMOVED, K.AGENT_GONE]
    assert {e.agent_name for e in events} == {"Cem"}  # also after he has gone
    with pytest.raises(koble.UnknownError, match='unknown agent "Cem"'):
        engine.remove_agent("Cem")


@pytest.mark.parametrize("word", ["available", koble.Presence.AVAILABLE, 1])
def test_presence_words(engine: koble.Engine, word: Any) -> None:
    engine.presence("Anna", word, at=1)
    assert engine.agent("Anna").presence is koble.Presence.AVAILABLE
    engine.presence("Anna", "break", reason=-4, at=2)
    agent = engine.agent("Anna")
    assert (agent.name, agent.presence, agent.presence_reason) == ("Anna", koble.Presence.BREAK, -4)
    assert (agent.capacity, agent.used, agent.sequence, agent.leaving) == (100, 0, 1, False)
    assert agent.penalised_until_ns is None
    assert agent.request_until_ns is None


@pytest.mark.parametrize("word", ["lunch", 7, -1, None, 1.5, True])
def test_bad_presence(engine: koble.Engine, word: Any) -> None:
    with pytest.raises(koble.ArgumentError):
        engine.presence("Anna", word)


def test_agents_by_any_handle(engine: koble.Engine) -> None:
    key = engine.find_agent("Anna")
    for handle in ("Anna", key, int(key or 0), np.uint64(key or 0), engine.agent("Anna")):
        assert engine.agent(handle).name == "Anna"  # type: ignore[arg-type]


# ---- Bad input -------------------------------------------------------------------------------------------------------


def test_unknown_names_advise(engine: koble.Engine) -> None:
    with pytest.raises(koble.UnknownError, match='unknown queue "suport"; did you mean "support"'):
        engine.arrive("suport")
    with pytest.raises(koble.UnknownError, match='unknown agent "Ana"; did you mean "Anna"'):
        engine.presence("Ana", "available")
    with pytest.raises(koble.UnknownError):
        engine.arrive(99)
    with pytest.raises(koble.UnknownError):
        engine.waiting(2**32 + 1)
    with pytest.raises(koble.UnknownError):
        engine.accept(koble.OfferId((3 << 60) | (5 << 32) | 1))


def test_ids_of_another_kind(engine: koble.Engine) -> None:
    contact = engine.arrive("support")
    with pytest.raises(koble.KindError):
        engine.accept(contact)
    with pytest.raises(koble.KindError):
        engine.presence(contact, "available")
    with pytest.raises(koble.KindError):
        engine.offer(contact)


@pytest.mark.parametrize("value", [None, "x", 1.5, object()])
def test_things_that_are_no_ids(engine: koble.Engine, value: Any) -> None:
    with pytest.raises(TypeError):
        engine.accept(value)


@pytest.mark.parametrize("value", [-1, 2**64, 10**40])
def test_ids_out_of_range(engine: koble.Engine, value: int) -> None:
    with pytest.raises(koble.ArgumentError, match="outside"):
        engine.accept(value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"priority": -1},
        {"priority": 10**12},
        {"priority": 1e300},
        {"priority": "0.0000001"},
        {"credit": -1},
        {"credit": timedelta(days=40000)},
        {"credit": "soon"},
        {"host_ref": -1},
    ],
)
def test_absurd_arrivals_change_nothing(engine: koble.Engine, arguments: dict[str, Any]) -> None:
    before = engine.digest()
    with pytest.raises(koble.ArgumentError):
        engine.arrive("support", at=5, **arguments)
    assert engine.digest() == before
    assert engine.counts().serials == 0


@pytest.mark.parametrize("queues", [[], ["support", "support"], ["support"] * 9, [0] * 100, None, 1.5, {"support"}])
def test_absurd_queues(engine: koble.Engine, queues: Any) -> None:
    with pytest.raises((koble.ArgumentError, TypeError)):
        engine.arrive(queues)
    assert engine.counts().contacts == 0


def test_priority_is_exact(engine: koble.Engine) -> None:
    for priority in (1, 0.1, Decimal("0.000001"), "2.5", 10**9, np.float64(0.25)):
        engine.arrive("support", priority=priority)
    assert engine.waiting("support") == 6


# ---- Time ------------------------------------------------------------------------------------------------------------


def test_datetimes(plan: koble.Plan) -> None:
    start = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
    engine = koble.Engine(plan, start=start)
    engine.arrive("support", at=start + timedelta(seconds=1, microseconds=5))
    (event,) = engine.drain()
    assert event.datetime == start + timedelta(seconds=1, microseconds=5)
    assert event.time_ns == engine.now == 1769846401000005000
    assert "2026-01-31T08:00:01.000005Z" in repr(event)
    with pytest.raises(koble.TimeError, match="time zone"):
        engine.arrive("support", at=datetime(2026, 1, 31, 8, 0))
    with pytest.raises(koble.TimeError, match="nanoseconds exactly"):
        engine.arrive("support", at=1e18)  # type: ignore[arg-type]


def test_left_out_the_time_is_now(engine: koble.Engine) -> None:
    engine.advance(5 * SECOND)
    engine.arrive("support")
    assert engine.drain()[0].time_ns == 5 * SECOND


def test_late_stamps(plan: koble.Plan) -> None:
    engine = koble.Engine(plan, start=10)
    engine.arrive("support", at=3)
    assert engine.last_result.clamped
    assert engine.last_result.time_ns == 10
    strict = koble.Engine(plan, start=10, clamp_time=False)
    with pytest.raises(koble.TimeError) as caught:
        strict.arrive("support", at=3)
    assert caught.value.code == -2
    assert len(str(caught.value)) > 20


def test_stamps_far_ahead(plan: koble.Plan) -> None:
    engine = koble.Engine(plan, max_step="1h")
    with pytest.raises(koble.AheadError):
        engine.advance(3601 * SECOND)
    engine.advance(3600 * SECOND)
    for at in (2**62, 2**63 - 1, 2**70, -1):
        with pytest.raises(koble.KobleError):
            koble.Engine(plan, clamp_time=False).advance(at)


def test_timers(engine: koble.Engine) -> None:
    engine.presence("Anna", "available")
    engine.arrive("support", at=SECOND)
    assert engine.next_deadline == 21 * SECOND
    engine.advance(engine.next_deadline)
    assert "outcome no_answer" in kinds(engine)
    assert koble.Engine(koble.Plan({})).next_deadline is None


def test_resume(engine: koble.Engine) -> None:
    engine.presence("Anna", "available")
    engine.arrive("support", at=SECOND)
    engine.drain()
    engine.resume(100 * SECOND, down_since=2 * SECOND)
    events = engine.drain()
    assert [(e.kind, e.reason, e.cause) for e in events if e.kind is K.OUTCOME] == [
        (K.OUTCOME, koble.Outcome.WITHDRAWN, koble.Cause.RESTART)
    ]
    assert K.RESUMED in [e.kind for e in events]
    with pytest.raises(koble.TimeError):
        engine.resume(200 * SECOND, down_since=300 * SECOND)


def test_given_serials(engine: koble.Engine) -> None:
    contact = engine.arrive("support", serial=7, at=0)
    assert engine.contact(contact).serial == 7
    engine.arrive([koble.QUEUE_NONE, koble.QUEUE_NONE], serial=9, host_ref=5)
    arrived, gone = engine.drain()[-2:]
    assert (arrived.kind, arrived.queue, arrived.a, arrived.serial) == (K.ARRIVED, None, 2, 9)
    assert (gone.kind, gone.reason, gone.queue_name) == (K.EXIT, koble.Exit.NOT_ROUTABLE, None)
    assert engine.counts().serials == 9
    assert engine.contact(engine.arrive("support")).serial == 10
    with pytest.raises(koble.ArgumentError, match="not greater than the last, 10"):
        engine.arrive("support", serial=10)
    with pytest.raises(koble.UnknownError):
        engine.arrive(koble.QUEUE_NONE)


def test_reconcile(engine: koble.Engine) -> None:
    engine.presence("Anna", "available")
    engine.presence("Bo", "available")
    talking = engine.arrive("support", at=SECOND)
    lost = engine.arrive("support", at=SECOND)
    first, second = (event.offer for event in engine.drain() if event.kind is K.OFFERED)
    call = engine.accept(first, at=2 * SECOND)
    engine.accept(second, at=2 * SECOND)
    vanished = engine.arrive("support", at=3 * SECOND)
    engine.drain()
    stranger = koble.ContactId(2**60 + 99)
    for _ in range(2):
        engine.reconcile(contacts=[talking, lost, stranger], legs={call}, at=4 * SECOND)
    events = engine.drain()
    assert [(e.kind, e.reason, e.contact) for e in events if e.kind in (K.EXIT, K.ENDED)] == [
        (K.EXIT, koble.Exit.WITHDRAWN, vanished),
        (K.ENDED, koble.By.HOST, lost),
    ]
    assert [e.unknown_id for e in events if e.kind is K.UNKNOWN] == [stranger, lost, stranger]
    assert {e.reason for e in events if e.kind is K.UNKNOWN} == {koble.IdKind.CONTACT}
    assert [(e.a, e.b) for e in events if e.kind is K.RECONCILED] == [(2, 1), (0, 2)]
    assert "unknown contact contact 0.99" in str(events[0])
    assert str(events[-1]).endswith("reconciled ended 0 unknown 2")
    assert engine.contacts() == [talking]
    with pytest.raises(koble.ArgumentError, match="legs.0. is neither an offer's id nor an engagement's"):
        engine.reconcile(contacts=[talking], legs=[talking])
    with pytest.raises(TypeError):
        engine.reconcile(contacts=[talking])  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        engine.reconcile(contacts=["talking"], legs=[])  # type: ignore[list-item]


# ---- Plans in force --------------------------------------------------------------------------------------------------


def test_replacing_the_plan(engine: koble.Engine, plan: koble.Plan) -> None:
    assert engine.plan == plan
    engine.arrive("support", at=1)
    with pytest.raises(koble.InUseError, match="support"):
        engine.replace_plan({"queues": [{"name": "other"}]}, at=2)
    assert engine.plan == plan
    bigger = koble.Plan({**SMALL, "agents": [*SMALL["agents"], {"name": "Cem"}]})  # type: ignore[misc]
    engine.replace_plan(bigger, at=3)
    assert engine.plan == bigger
    assert engine.agent("Cem").presence is koble.Presence.OFFLINE
    with pytest.raises(koble.PlanError):
        engine.replace_plan({"queue": []})


# ---- Life ------------------------------------------------------------------------------------------------------------


def test_clones_are_independent(engine: koble.Engine) -> None:
    engine.presence("Anna", "available")
    for twin in (engine.clone(), copy.copy(engine), copy.deepcopy(engine)):
        assert type(twin) is koble.Engine
        assert twin.digest() == engine.digest()
        twin.arrive("support", at=5)
        assert twin.digest() != engine.digest()
        assert list(twin.events())[-1].agent_name == "Anna"
    assert engine.counts().contacts == 0


def test_closing(plan: koble.Plan) -> None:
    with koble.Engine(plan) as engine:
        engine.arrive("support")
        iterator = engine.events()
    for call in (engine.drain, engine.digest, lambda: engine.arrive("support"), engine.clone, lambda: next(iterator)):
        with pytest.raises(koble.ClosedError, match="closed"):
            call()
    engine.close()
    assert "closed" in repr(engine)


def test_engines_are_freed(plan: koble.Plan) -> None:
    engine = koble.Engine(plan)
    gone = weakref.ref(engine)
    events = iter(engine.events())
    del engine
    assert gone() is not None
    del events
    gc.collect()
    assert gone() is None


def test_subclasses(plan: koble.Plan) -> None:
    class Mine(koble.Engine):
        def arrive_all(self) -> int:
            return len([self.arrive(queue) for queue in self.plan.queues])

    engine = Mine(plan)
    assert engine.arrive_all() == 2
    assert type(engine.clone()) is Mine


def test_engines_are_not_pickled(engine: koble.Engine) -> None:
    with pytest.raises(TypeError, match="snapshot"):
        pickle.dumps(engine)


@pytest.mark.parametrize(
    "options",
    [
        {"seed": -1},
        {"seed": 2**64},
        {"seed": "x"},
        {"start": -1},
        {"start": 2**62},
        {"start": datetime(2026, 1, 1)},
        {"max_step": -1},
        {"journal": "all"},
        {"max_contacts": 0},
        {"max_events": -5},
    ],
)
def test_bad_options(plan: koble.Plan, options: dict[str, Any]) -> None:
    with pytest.raises(koble.KobleError):
        koble.Engine(plan, **options)


def test_limits(plan: koble.Plan) -> None:
    engine = koble.Engine(plan, max_contacts=2, max_agents=2)
    engine.arrive("support")
    engine.arrive("support")
    with pytest.raises(koble.LimitError):
        engine.arrive("support")
    with pytest.raises(koble.LimitError):
        engine.add_agent({"name": "Cem"})


def test_queries(engine: koble.Engine) -> None:
    engine.presence("Anna", "available")
    contact = engine.arrive("support", at=5)
    (key,) = engine.offers()
    offer = engine.offer(key)
    assert (offer.id, offer.queue, offer.contact, offer.group) == (key, "support", contact, key)
    assert offer.agent == engine.find_agent("Anna")
    assert (offer.begun_ns, offer.expires_ns) == (5, 5 + 20 * SECOND)
    engagement = engine.accept(key)
    info = engine.engagement(engagement)
    assert (info.id, info.queue, info.contact, info.agent) == (engagement, "support", contact, offer.agent)
    assert (info.since_ns, info.deadline_ns) == (5, None)
    assert engine.engagements() == [engagement]
    assert engine.contacts() == [contact]
    assert engine.contact(contact).engagement == engagement
    assert engine.agent("Anna").active == 1
    assert len(engine.digest()) == 32
    assert repr(engine) == "<koble.Engine at 0.000000005s: 1 contacts, 2 agents, 0 offers, 1 engagements, 2 queues>"


def test_last_result(engine: koble.Engine) -> None:
    contact = engine.arrive("support", at=5)
    result = engine.last_result
    assert (result.code, result.id, result.event_first, result.event_count) == (0, contact, 1, 1)
    assert (result.time_ns, result.clamped, result.journal_seq) == (5, False, 0)
    with pytest.raises(koble.KobleError):
        engine.accept(12345)
    assert engine.last_result.code < 0


def test_same_commands_same_digest(plan: koble.Plan) -> None:
    def run() -> tuple[str, list[str]]:
        engine = koble.Engine(plan, seed=5)
        engine.presence("Anna", "available", at=1)
        for at in range(2, 60):
            engine.arrive(at % 2, at=at * SECOND, host_ref=at)
        return engine.digest(), [repr(e) for e in engine.drain()]

    assert run() == run()


def test_a_contact_meant_for_one_agent() -> None:
    with koble.Engine({"queues": [{"name": "q"}], "agents": [{"name": "A"}, {"name": "B"}]}) as engine:
        engine.presence("B", "available", at=0)
        call = engine.arrive("q", agent="A", reserved="45s")
        info = engine.contact(call)
        assert (info.agent, info.reserved_until_ns, info.offer_count) == (engine.agent("A").id, 45 * 10**9, 0)
        engine.advance(45 * 10**9)
        assert [event.kind.name for event in engine.events()][-2:] == ["RELEASED", "OFFERED"]
        assert engine.contact(call).reserved_until_ns is None
        with pytest.raises(koble.UnknownError):
            engine.arrive("q", agent="nobody")
        assert engine.contact(engine.arrive("q", agent="A", reserved="never")).reserved_until_ns == koble.NEVER
