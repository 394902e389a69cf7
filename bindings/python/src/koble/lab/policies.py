"""Policies and dispatchers of a study: classes by name, made anew for each run, and watched while it goes on."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any

from ..engine import Engine
from ..errors import KobleError
from ..plan import Plan
from ..policies.board import Board
from .reading import Reader

__all__ = ["Maker", "asked_names", "made", "read_policies", "watched", "wrong_methods"]

_EXAMPLE = 'write classes by the plan\'s names, such as {"pick": "my_policies:Pick"}'
#: What the run gives where the study does not: beside these its engine, and who belongs to which group.
_OF_BOARD = ("board", "lengths")
#: Which methods the parts of a plan ask for.
_METHOD = {"queues": "choose_agent", "profiles": "choose_contact"}


@dataclass(frozen=True)
class Maker:
    """A class (or a function that gives such an object) and what it is called with."""

    module: str
    of: str
    arguments: Mapping[str, Any]

    @property
    def make(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(importlib.import_module(self.module), self.of)
        return found

    @property
    def lacks(self) -> list[str]:
        """Names of arguments that the class takes, and the study does not give."""
        try:
            return [key for key in inspect.signature(self.make).parameters if key not in self.arguments]
        except ValueError:  # written in C, without a signature
            return []

    @property
    def lacks_board(self) -> bool:
        return any(key in _OF_BOARD for key in self.lacks)

    def needs_board(self, policy: Any) -> bool:
        """Whether the board that it was made with has to follow the run. Following costs more than most policies, so that one that took no
        notice of it (its attribute of that name is None) does without."""
        return any(key in _OF_BOARD and getattr(policy, key, policy) is not None for key in self.lacks)


def made(name: str, maker: Maker, engine: Engine | None, board: Board | None, groups: Mapping[str, str], seed: int) -> Any:
    """One of them, for the run with that seed: with the run's ``engine``; with its board as ``board`` or ``lengths``; with ``groups``
    (an agent's name to his profile) where it is a policy that takes them, for of a dispatcher groups are something else; and with a
    lot of its own for each run."""
    lacks = maker.lacks
    arguments = dict(maker.arguments)
    arguments |= {key: board for key in _OF_BOARD if key in lacks and board is not None}
    if "engine" in lacks:
        arguments["engine"] = engine
    if "groups" in lacks and _answers(maker.make, *_METHOD.values()):
        arguments["groups"] = groups
    if isinstance(arguments.get("lot_seed"), int):
        # Replications that drew the same lots would not be independent.
        arguments["lot_seed"] = (arguments["lot_seed"] * 0x9E3779B97F4A7C15 + seed) % 2**64
    try:
        return maker.make(**arguments)
    except TypeError as error:
        raise KobleError(f'policies.{name}: {error}; what it takes is written as "with"') from error
    except KobleError as error:
        raise KobleError(f"policies.{name}: {error}") from error
    except Exception as error:  # a class of the user's: whatever it raises is a mistake of the study
        raise KobleError(f"policies.{name}: {type(error).__name__}: {error}") from error


def watched(name: str, policy: Any) -> Any:
    """What an engine is given of a policy. A live engine takes the first candidate where a policy fails; a simulation that went on so would be
    one of another policy, so that a wrong answer is an error, which ends the run."""

    def watch(choose: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def chosen(seeker: Any, candidates: Sequence[Any]) -> Any:
            answer = choose(seeker, candidates)
            if isinstance(answer, int) and not 0 <= answer < len(candidates):
                raise KobleError(
                    f"policies.{name}: answered {answer} of {len(candidates)} candidates; write one of them, its place from 0, or None"
                )
            return answer

        return chosen

    methods = {key: watch(getattr(policy, key)) for key in _METHOD.values() if _answers(policy, key)}
    return SimpleNamespace(**methods) if methods else None


def _answers(what: Any, *methods: str) -> bool:
    return any(callable(getattr(what, method, None)) for method in methods)


def read_policies(reader: Reader, value: Any, plans: Sequence[str]) -> dict[str, dict[str, Maker]]:
    """From each plan to its policies. ``{"pick": "koble.policies:LongestQueueFirst"}``, an object with ``class`` and ``with``, its arguments; or
    one with ``plans``, such a thing for each of some of them."""
    found: dict[str, dict[str, Maker]] = {plan: {} for plan in plans}
    if value is None:
        return found
    if not isinstance(value, Mapping):
        reader.wrong("policies", _EXAMPLE)
        return found
    for name, one in value.items():
        place = f"policies.{name}"
        if isinstance(one, Mapping) and "plans" in one:
            by_plan = reader.object(one, place, ["plans"])["plans"]
            if not isinstance(by_plan, Mapping) or not by_plan:
                reader.wrong(f"{place}.plans", 'write classes by plan, such as {"now": "my_policies:Pick"}')
                continue
            for plan, own in by_plan.items():
                if plan not in found:
                    near = get_close_matches(str(plan), plans, 1)
                    known = f'did you mean "{near[0]}"?' if near else f"the study's plans are {', '.join(plans)}"
                    reader.wrong(f"{place}.plans", f"there is no plan {plan!r}; {known}")
                    continue
                if maker := _read_maker(reader, own, f"{place}.plans.{plan}"):
                    found[plan][str(name)] = maker
        elif maker := _read_maker(reader, one, place):
            for makers in found.values():
                makers[str(name)] = maker
    return found


def _read_maker(reader: Reader, one: Any, place: str) -> Maker | None:
    given = {"class": one} if isinstance(one, str) else reader.object(one, place, ["class", "with"])
    module, _, of = str(given.get("class", "")).partition(":")
    arguments: Any = given.get("with", {})
    try:
        if not callable(getattr(importlib.import_module(module), of)) or not isinstance(arguments, Mapping):
            raise AttributeError
    except (ImportError, AttributeError, ValueError):
        reader.wrong(place, f'is {one!r}; write "module:Class", the module being one that Python finds, and "with" as an object')
        return None
    return Maker(module, of, dict(arguments))


def asked_names(plan: Plan, place: str) -> list[tuple[str, str, str]]:
    """The policies that a plan names: (where, name, method that is asked for)."""
    written = plan.to_dict()
    return [
        (f"{place}.{part}[{number}].policy", str(one["policy"]["name"]), method)
        for part, method in _METHOD.items()
        for number, one in enumerate(written.get(part, []))
        if "policy" in one
    ]


def wrong_methods(
    asked: Sequence[tuple[str, str, str]], dispatchers: Sequence[tuple[str, str]], ready: Mapping[str, Any]
) -> Iterator[str]:
    """Policies that are not there, or do not answer what they are asked; ``dispatchers``: (where, name). One that is None could not be made, of
    which enough has been said. A dispatcher that is not there lets contacts stand in all queues."""
    for where, name, method in [*asked, *((where, name, "choose_queue") for where, name in dispatchers if name in ready)]:
        if name not in ready:
            yield f"policies: lacks {name!r}, which {where} names; {_EXAMPLE}"
        elif ready[name] is not None and not _answers(ready[name], method):
            yield f"policies.{name}: has no {method}, which {where} asks for"
