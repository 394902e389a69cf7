"""Exceptions: the hierarchy, and messages that say what to do."""

from __future__ import annotations

import pickle

import koble
import pytest
from koble.errors import error_from_code, unknown_name, unknown_word


def test_hierarchy() -> None:
    assert issubclass(koble.UnknownError, LookupError)
    assert issubclass(koble.ArgumentError, ValueError)
    assert issubclass(koble.PlanError, ValueError)
    assert issubclass(koble.OutOfMemoryError, MemoryError)
    assert issubclass(koble.ClosedError, koble.KobleError)


def test_from_code() -> None:
    error = error_from_code(-5, "offer 3.1 has ended")
    assert type(error) is koble.EndedError
    assert (error.code, error.name, str(error)) == (-5, "ended", "offer 3.1 has ended")
    strange = error_from_code(-99, "strange")
    assert type(strange) is koble.KobleError
    assert strange.code == -99
    assert str(error_from_code(-3, ""))


def test_plan_error_lists_problems() -> None:
    error = error_from_code(-14, "a: wrong\nb: wrong\n")
    assert isinstance(error, koble.PlanError)
    assert error.problems == ["a: wrong", "b: wrong"]
    assert str(error) == "2 mistakes:\n  a: wrong\n  b: wrong"
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), copied.problems) == (str(error), error.problems)
    assert str(error_from_code(-14, "a: wrong")) == "a: wrong"


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("suport", ["support", "sales"], 'did you mean "support"?'),
        ("x", ["support", "sales"], 'there are "support", "sales"'),
        ("x", ["support"], 'there is "support"'),
        ("x", [], "there is no queue"),
        ("x", [f"queue{i}" for i in range(99)], "there are 99"),
    ],
)
def test_unknown_names(name: str, known: list[str], text: str) -> None:
    error = unknown_name("queue", name, known)
    assert type(error) is koble.UnknownError
    assert f'unknown queue "{name}"' in str(error)
    assert text in str(error)


def test_unknown_words() -> None:
    assert str(unknown_word("by", "me", ["customer", "agent"])) == 'by is \'me\'; it must be one of "customer", "agent"'
