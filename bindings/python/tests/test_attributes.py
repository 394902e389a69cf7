"""Symbols and attributes: names in, names out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

import koble
import numpy as np
import pandas as pd
import pytest

PLAN: dict[str, Any] = {
    "queues": [{"name": "q"}],
    "agents": [{"name": "A"}],
    "attributes": [{"name": "amount"}, {"name": "language", "values": ["norwegian", "english"]}],
}


@pytest.fixture
def engine() -> koble.Engine:
    return koble.Engine(PLAN, journal="keep_all")


def test_plan_declares() -> None:
    plan = koble.Plan(PLAN)
    assert plan.attributes == {"amount": (), "language": ("norwegian", "english")}
    assert koble.Plan({}).attributes == {}
    with pytest.raises(koble.PlanError, match=r"attributes\[1\].name"):
        koble.Plan({"attributes": [{"name": "a"}, {"name": "a"}]})


def test_symbols_are_a_mapping(engine: koble.Engine) -> None:
    assert dict(engine.symbols) == {"amount": 1, "language": 2, "norwegian": 3, "english": 4}
    assert len(engine.symbols) == 4
    assert "language" in engine.symbols
    assert "Language" not in engine.symbols
    assert 7 not in engine.symbols
    assert "lang\0uage" not in engine.symbols
    assert engine.symbols.get("french") is None
    assert engine.symbols.get("english") == 4
    assert engine.symbols.name(3) == "norwegian"
    assert engine.symbols.name(0) is None
    assert repr(engine.symbols) == "<koble.Symbols: 4 names>"
    with pytest.raises(koble.UnknownError, match='did you mean "english"'):
        engine.symbols["englsh"]


def test_intern(engine: koble.Engine) -> None:
    assert engine.intern("topic", at=5) == 5
    assert engine.last_result.value == 5
    assert (engine.now, engine.last_record, engine.last_event) == (5, 1, 0)
    assert engine.intern("topic") == 5
    assert engine.intern("language") == 2
    assert engine.last_record == 1
    assert engine.intern("blå") == 6
    for name in ("", "x" * 256, "a\nb", "a\0b"):
        with pytest.raises(koble.ArgumentError):
            engine.intern(name)
    with pytest.raises(TypeError, match="give a str"):
        engine.intern(7)  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        engine.intern("\ud800")


def test_arrivals_carry_names(engine: koble.Engine) -> None:
    contact = engine.arrive("q", attributes={"language": "norwegian", "amount": 3})
    assert engine.contact(contact).attributes == {"amount": 3, "language": "norwegian"}
    assert list(engine.contact(contact).attributes) == ["amount", "language"]  # by number
    assert engine.contact(engine.arrive("q")).attributes == {}
    by_number = engine.arrive("q", attributes={2: 4, 1: -5})
    assert engine.contact(by_number).attributes == {"amount": -5, "language": "english"}
    other = engine.arrive("q", attributes=OrderedDict(language=99))
    assert engine.contact(other).attributes == {"language": 99}
    topic = engine.intern("topic")
    undeclared = engine.arrive("q", attributes={topic: "english"})
    assert engine.contact(undeclared).attributes == {"topic": 4}  # the plan declares no names for its values
    assert hash(engine.contact(contact)) is not None


def test_unknown_names_say_what_to_do(engine: koble.Engine) -> None:
    before = engine.digest()
    with pytest.raises(koble.UnknownError, match=r'unknown attribute "langauge"; did you mean "language"\?.*intern'):
        engine.arrive("q", attributes={"langauge": "english"})
    with pytest.raises(koble.UnknownError, match=r"unknown symbol \"sami\".*engine\.intern\('sami'\)"):
        engine.arrive("q", attributes={"language": "sami"})
    with pytest.raises(koble.UnknownError, match="is no symbol"):
        engine.arrive("q", attributes={77: 1})
    with pytest.raises(koble.UnknownError, match="is no symbol"):
        engine.arrive("q", attributes={2**40: 1})
    with pytest.raises(koble.ArgumentError, match="twice"):
        engine.arrive("q", attributes={"language": 1, 2: 1})
    with pytest.raises(koble.ArgumentError, match="16"):
        engine.arrive("q", attributes={engine.intern(f"n{i}"): i for i in range(17)})
    for wrong in (["language"], 7, "language"):
        with pytest.raises(TypeError, match="give a dict"):
            engine.arrive("q", attributes=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be an int"):
        engine.arrive("q", attributes={"amount": 1.5})  # type: ignore[dict-item]
    with pytest.raises(koble.ArgumentError, match="2\\^63"):
        engine.arrive("q", attributes={"amount": 2**63})
    with pytest.raises(TypeError):
        engine.arrive("q", attributes={1.5: 1})  # type: ignore[dict-item]
    assert engine.counts().serials == 0
    assert before != engine.digest()  # only by the seventeen names
    assert len(engine.symbols) == 21


def test_plan_replaced_keeps_numbers(engine: koble.Engine) -> None:
    contact = engine.arrive("q", attributes={"language": "english"})
    engine.replace_plan({**PLAN, "attributes": [{"name": "reason", "values": ["english"]}]})
    assert engine.symbols["reason"] == 5
    assert engine.contact(contact).attributes == {"language": 4}
    assert engine.contact(engine.arrive("q", attributes={"reason": "english"})).attributes == {"reason": "english"}


def test_copies(engine: koble.Engine) -> None:
    engine.intern("topic")
    contact = engine.arrive("q", attributes={"topic": 1, "language": "english"})
    for copy in (
        engine.clone(),
        koble.Engine.restore(engine.snapshot()),
        koble.Engine.replay(engine.journal_header(), engine.journal()),
    ):
        assert copy.digest() == engine.digest()
        assert copy.symbols["topic"] == 5
        assert copy.contact(contact).attributes == {"language": "english", "topic": 1}
    records = list(koble.decode_journal(engine.journal()))
    assert [r.kind for r in records] == ["symbol", "contact_arrive"]
    assert records[0].data == b"topic"
    assert records[1].attributes == ((5, 1), (2, 4))


# ---- Batches ---------------------------------------------------------------------------------------------------------


def test_batch_with_a_column_of_dicts(engine: koble.Engine) -> None:
    rows = [{"language": "english"}, None, {}, {"amount": 5, "language": "norwegian"}]
    result = engine.apply({"kind": "contact_arrive", "queue": "q", "attributes": rows}).check()
    found = [engine.contact(int(contact)).attributes for contact in result.ids]
    assert found == [{"language": "english"}, {}, {}, {"amount": 5, "language": "norwegian"}]
    frame = pd.DataFrame({"kind": ["contact_arrive"] * 2, "queue": 0, "attributes": [{"amount": 1}, {"amount": 2}]})
    result = engine.apply(frame).check()
    assert [engine.contact(int(c)).attributes["amount"] for c in result.ids] == [1, 2]
    result = engine.apply({"kind": "contact_arrive", "host_ref": [1, 2], "attributes": {"amount": 9}}).check()
    assert [engine.contact(int(c)).attributes["amount"] for c in result.ids] == [9, 9]
    assert engine.apply({"kind": "contact_arrive", "attributes": None}).refused == 0
    with pytest.raises(koble.UnknownError, match="langauge"):
        engine.apply({"kind": "contact_arrive", "attributes": [{"langauge": 1}]})
    with pytest.raises(koble.ArgumentError, match="row 1"):
        engine.apply({"kind": "contact_arrive", "attributes": [{}, 7]})


def test_batch_with_an_array(engine: koble.Engine) -> None:
    pairs = np.array([(2, 0, 3), (1, 0, -1), (9, 0, 0)], dtype=koble.ATTRIBUTE_DTYPE)
    rows = koble.commands(
        kind="contact_arrive", attributes_offset=[0, 1, 0, 2, 2], attributes_count=[2, 1, 0, 1, 2], time_ns=0
    )
    result = engine.apply(rows, attributes=pairs)
    assert result.codes.tolist() == [0, 0, 0, koble.UnknownError.code, koble.ArgumentError.code]
    assert engine.contact(int(result.ids[0])).attributes == {"amount": -1, "language": "norwegian"}
    assert engine.apply(rows[1:2], attributes=pairs[::2]).refused == 1  # key 9 is no symbol
    assert engine.apply(rows[:1], attributes=pairs.tobytes()).refused == 0
    with pytest.raises(koble.ArgumentError, match="ATTRIBUTE_DTYPE"):
        engine.apply(rows, attributes=np.zeros(3))
    with pytest.raises(koble.ArgumentError, match="twice"):
        engine.apply({"kind": "contact_arrive", "attributes": [{}]}, attributes=pairs)
    data = b"topic"
    assert engine.apply({"kind": "symbol", "data_size": 5}, data).check().ids.tolist() == [0]
    assert engine.last_result.value == 5


def test_asyncio_host() -> None:
    async def main() -> dict[str, str | int]:
        async with koble.aio.Engine(PLAN) as engine:
            engine.intern("topic")
            contact = engine.arrive("q", attributes={"topic": 7})
            return engine.sync.contact(contact).attributes

    assert asyncio.run(main()) == {"topic": 7}
