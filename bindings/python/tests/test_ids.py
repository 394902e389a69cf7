"""Ids are integers that know what they name."""

from __future__ import annotations

import copy
import json
import pickle

import koble
import numpy as np
import pytest

CONTACT = (1 << 60) | (3 << 32) | 7


def test_parts_and_text() -> None:
    contact = koble.ContactId(CONTACT)
    assert (contact.slot, contact.generation) == (3, 7)
    assert repr(contact) == str(contact) == f"{contact}" == "contact 3.7"
    assert f"{contact:d}" == str(int(CONTACT))


def test_they_are_integers() -> None:
    contact = koble.ContactId(CONTACT)
    assert contact == CONTACT
    assert {contact: "x"}[CONTACT] == "x"  # type: ignore[index]
    assert np.array([contact], dtype=np.uint64)[0] == CONTACT
    assert json.loads(json.dumps([contact])) == [CONTACT]
    for copied in (copy.copy(contact), copy.deepcopy(contact), pickle.loads(pickle.dumps(contact))):
        assert copied == contact
        assert type(copied) is koble.ContactId


@pytest.mark.parametrize(
    ("kind", "cls"),
    [(1, koble.ContactId), (2, koble.AgentId), (3, koble.OfferId), (4, koble.EngagementId), (9, koble.Id)],
)
def test_made_by_kind(kind: int, cls: type[koble.Id]) -> None:
    made = koble.make_id(np.uint64((kind << 60) | 1))
    assert type(made) is cls
    assert koble.make_id(0) is None


def test_those_that_the_engine_makes(engine: koble.Engine) -> None:
    engine.presence("Anna", "available")
    contact = engine.arrive("support")
    (offer,) = engine.offers()
    for made in (contact, offer, engine.accept(offer), engine.agent("Anna").id):
        again = type(made)(int(made))
        assert made == again
        assert hash(made) == hash(again) == hash(int(made))
        assert str(int(made)) == f"{made:d}" == f"{again:d}"
        assert made + 1 == int(made) + 1
        assert made.bit_length() == int(made).bit_length()
        assert repr(made) == repr(again)
        assert pickle.loads(pickle.dumps(made)) == made
        assert int(np.uint64(made)) == made
