"""Journals, replay and snapshots."""

from __future__ import annotations

import koble
import pytest
from support import SECOND


def busy(plan: koble.Plan, journal: str, **options: int) -> koble.Engine:
    engine = koble.Engine(plan, journal=journal, seed=9, **options)  # type: ignore[arg-type]
    engine.presence("Anna", "available", at=1)
    for n in range(20):
        engine.arrive(n % 2, at=n * SECOND, host_ref=n)
    for offer in engine.offers():
        engine.accept(offer)
    return engine


def test_replay(plan: koble.Plan) -> None:
    engine = busy(plan, "keep_all")
    header, records = engine.journal_header(), engine.journal()
    twin = koble.Engine.replay(header, records)
    assert type(twin) is koble.Engine
    assert twin.digest() == engine.digest()
    assert [repr(e) for e in twin.events()] == [repr(e) for e in engine.events()]
    engine.arrive("support", at=50 * SECOND)
    more, following = engine.read_journal(engine.last_record)
    assert following == engine.last_record + 1
    assert twin.apply_journal(more) == 1
    assert twin.digest() == engine.digest()
    assert koble.Engine.replay(header).counts().contacts == 0


def test_events_say_their_record(plan: koble.Plan) -> None:
    engine = busy(plan, "keep_all")
    assert {e.journal_seq for e in engine.events()} == set(range(1, engine.last_record + 1))
    assert engine.last_result.journal_seq == engine.last_record
    assert engine.first_record == 1


def test_decoding(plan: koble.Plan) -> None:
    engine = busy(plan, "keep_all")
    records = list(koble.decode_journal(engine.journal()))
    assert [r.seq for r in records] == list(range(1, engine.last_record + 1))
    assert records[0].kind == "agent_presence"
    arrivals = [r for r in records if r.kind == "contact_arrive"]
    assert [r.host_ref for r in arrivals] == list(range(20))
    assert arrivals[3].time_ns == arrivals[3].stamp_ns == 3 * SECOND
    assert records[-1].event_last == engine.last_event
    assert [r.serial for r in arrivals] == list(range(1, 21))
    assert [r.serial for r in records if r.kind == "offer_accept"] == [1]
    assert {r.serial for r in records if r.kind == "agent_presence"} == {0}


def test_reading_in_small_pieces(plan: koble.Plan) -> None:
    engine = busy(plan, "keep_all")
    pieces, seq = [], engine.first_record
    while seq <= engine.last_record:
        piece, seq = engine.read_journal(seq, max_bytes=1)
        pieces.append(piece)
    assert b"".join(pieces) == engine.journal()
    assert len(pieces) == engine.last_record


def test_bounded(plan: koble.Plan) -> None:
    engine = koble.Engine(plan, journal="bounded", max_journal_bytes=2000)
    header, kept = engine.journal_header(), b""
    for n in range(200):
        try:
            engine.arrive("support", at=n)
        except koble.FullError:
            kept += engine.journal()
            engine.acknowledge_journal(engine.last_record)
            engine.arrive("support", at=n)
    kept += engine.journal()
    with pytest.raises(koble.GoneError):
        engine.read_journal(1)
    assert koble.Engine.replay(header, kept).digest() == engine.digest()


def test_off(plan: koble.Plan) -> None:
    engine = busy(plan, "off")
    assert engine.journal() == b""
    assert engine.last_record == 0
    with pytest.raises(koble.StateError):
        engine.read_journal(1)


def test_a_torn_tail(plan: koble.Plan) -> None:
    engine = busy(plan, "keep_all")
    header, records = engine.journal_header(), engine.journal()
    with pytest.raises(koble.CorruptError) as caught:
        koble.Engine.replay(header, records[:-3])
    error = caught.value
    assert error.replayed == engine.last_record - 1
    assert error.engine is not None
    assert error.engine.counts().serials == 20
    assert "good records" in str(error)
    with pytest.raises(koble.KobleError) as caught_header:
        koble.Engine.replay(header[:10], records)
    assert getattr(caught_header.value, "engine", None) is None
    with pytest.raises(koble.CorruptError):
        list(koble.decode_journal(records[:-3]))


def test_snapshots(plan: koble.Plan) -> None:
    engine = busy(plan, "off")
    snapshot = engine.snapshot()
    twin = koble.Engine.restore(snapshot, journal="keep_all")
    assert twin.digest() == engine.digest()
    assert [repr(e) for e in twin.events()] == [repr(e) for e in engine.events()]
    for one in (engine, twin):
        one.advance(100 * SECOND)
    assert twin.digest() == engine.digest()
    assert twin.last_record > 0


@pytest.mark.parametrize("cut", [0, 1, 10, 100])
def test_damaged_snapshots(plan: koble.Plan, cut: int) -> None:
    snapshot = busy(plan, "off").snapshot()
    with pytest.raises(koble.KobleError):
        koble.Engine.restore(snapshot[:cut])
    spoilt = bytearray(snapshot)
    spoilt[len(spoilt) // 2] ^= 0xFF
    with pytest.raises(koble.KobleError):
        koble.Engine.restore(bytes(spoilt))
