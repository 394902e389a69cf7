"""What can go wrong, as exceptions that say what to do about it.

Every error of the engine is a :class:`KobleError` with its ``code``; where Python has a fitting class of its own
(``ValueError``, ``LookupError``, ``MemoryError``), the exception is one of those too. A refused command changes nothing
beyond the advance to its time.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine import Engine

__all__ = [
    "AheadError",
    "ArgumentError",
    "BusyError",
    "ClosedError",
    "CorruptError",
    "DivergedError",
    "EndedError",
    "ExistsError",
    "FullError",
    "GoneError",
    "HeldError",
    "InUseError",
    "InternalError",
    "KindError",
    "KobleError",
    "LimitError",
    "NothingWaitsError",
    "OutOfMemoryError",
    "PlanError",
    "PoisonedError",
    "StateError",
    "TimeError",
    "UnknownError",
    "VersionError",
]


class KobleError(Exception):
    """Any error of Koble. ``code`` is the number of the C API (negative), ``name`` its word."""

    code: int = 0
    name: str = "error"


class ArgumentError(KobleError, ValueError):
    """A value outside its range."""

    code, name = -1, "argument"


class TimeError(KobleError, ValueError):
    """The time is earlier than the engine's now."""

    code, name = -2, "time"


class AheadError(KobleError, ValueError):
    """The time is more than ``max_step`` after now."""

    code, name = -3, "ahead"


class UnknownError(KobleError, LookupError):
    """No such id, name or number has ever existed here."""

    code, name = -4, "unknown"


class EndedError(KobleError, LookupError):
    """The id named something that has ended."""

    code, name = -5, "ended"


class KindError(KobleError, TypeError):
    """An id of another kind: an agent's where an offer's is wanted."""

    code, name = -6, "kind"


class StateError(KobleError):
    """It exists, but is not in a state in which this can be done."""

    code, name = -7, "state"


class HeldError(KobleError):
    """The offer's group is held by another answer that awaits its connection."""

    code, name = -8, "held"


class NothingWaitsError(KobleError):
    """Nothing was found for a request; nothing changed."""

    code, name = -9, "none"


class ExistsError(KobleError):
    """An agent of that name exists."""

    code, name = -10, "exists"


class InUseError(KobleError):
    """The new plan lacks something that is in use."""

    code, name = -11, "in_use"


class LimitError(KobleError):
    """A limit set at creation, or a fixed one, is reached."""

    code, name = -12, "limit"


class FullError(KobleError):
    """The event buffer or the bounded journal is full: read and acknowledge, then give the command again."""

    code, name = -13, "full"


class PlanError(KobleError, ValueError):
    """A plan or an agent's definition is not valid. ``problems`` lists every mistake with its place and remedy."""

    code, name = -14, "plan"

    def __init__(self, message: str, problems: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.problems: list[str] = list(problems)

    def __reduce__(self) -> tuple[type[PlanError], tuple[str, list[str]]]:
        return type(self), (str(self), self.problems)


class OutOfMemoryError(KobleError, MemoryError):
    """No memory. Nothing was changed beyond whole instants of the advance: free some, give it again."""

    code, name = -15, "no_memory"


class PoisonedError(KobleError):
    """An internal promise was broken: reads are allowed, changes are refused."""

    code, name = -16, "poisoned"


class CorruptError(KobleError, ValueError):
    """A journal, snapshot or binary plan is damaged or cut.

    From a replay it has the ``engine`` as it is after the last good record, and how many were ``replayed``.
    """

    code, name = -17, "corrupt"
    engine: Engine | None = None
    replayed: int = 0


class VersionError(KobleError, ValueError):
    """Written by a version or under rules that this library does not read."""

    code, name = -18, "version"


class DivergedError(KobleError):
    """A replayed record gave another result than it did when it was written."""

    code, name = -19, "diverged"


class GoneError(KobleError, LookupError):
    """These events or records have been acknowledged and are no longer kept."""

    code, name = -20, "gone"


class InternalError(KobleError):
    """A defect of Koble; please report it with the journal."""

    code, name = -21, "internal"


class ClosedError(KobleError):
    """The engine has been closed."""

    name = "closed"


class BusyError(KobleError):
    """Another thread is inside a call on this engine, or a policy is being asked; all calls on one engine are exclusive."""

    code, name = -22, "busy"


BY_CODE: dict[int, type[KobleError]] = {
    cls.code: cls
    for cls in (
        ArgumentError,
        TimeError,
        AheadError,
        UnknownError,
        EndedError,
        KindError,
        StateError,
        HeldError,
        NothingWaitsError,
        ExistsError,
        InUseError,
        LimitError,
        FullError,
        PlanError,
        OutOfMemoryError,
        PoisonedError,
        CorruptError,
        VersionError,
        DivergedError,
        GoneError,
        InternalError,
        BusyError,
    )
}


def error_from_code(code: int, message: str) -> KobleError:
    """The exception for a code of the C API."""
    cls = BY_CODE.get(code, KobleError)
    if issubclass(cls, PlanError):
        problems = [line for line in message.splitlines() if line.strip()]
        if len(problems) > 1:
            message = f"{len(problems)} mistakes:\n  " + "\n  ".join(problems)
        return cls(message or cls.__doc__ or "", problems)
    error = cls(message or cls.__doc__ or "")
    if cls is KobleError:
        error.code = code
    return error


def unknown_name(noun: str, name: str, known: Iterable[str]) -> UnknownError:
    """The exception for a name that does not exist, with what was probably meant."""
    names = list(known)
    text = f'unknown {noun} "{name}"'
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        text += f'; did you mean "{close[0]}"?'
    elif not names:
        text += f"; there is no {noun}"
    elif len(names) <= 12:
        text += f"; there {'is' if len(names) == 1 else 'are'} " + ", ".join(f'"{n}"' for n in names)
    else:
        text += f"; there are {len(names)}, none with a similar name"
    return UnknownError(text)


def unknown_symbol(noun: str, name: object, known: Iterable[str]) -> UnknownError:
    """The exception for a name that is no symbol yet: what was probably meant, and how to make it one."""
    return UnknownError(
        f"{unknown_name(noun, str(name), known)}; a new name becomes a symbol by engine.intern({str(name)!r}) or in the "
        'plan\'s "attributes"'
    )


def unknown_word(noun: str, word: object, known: Iterable[str]) -> ArgumentError:
    """The exception for a word that is not one of a closed list."""
    words = ", ".join(f'"{k}"' for k in known)
    return ArgumentError(f"{noun} is {word!r}; it must be one of {words}")
