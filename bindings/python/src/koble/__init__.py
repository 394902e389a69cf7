"""Koble: an embeddable, deterministic routing engine for contact centres.

The guide is docs/python.md; docs/model.md is the authority on behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core, _setup, aio, enums, errors, ids, times  # noqa: F401
from ._core import Event
from .engine import Engine
from .enums import (
    QUEUE_NONE,
    Accepted,
    By,
    Cause,
    Change,
    CommandKind,
    ConnectFailure,
    ContactState,
    EngagementState,
    EventKind,
    Exit,
    IdKind,
    Journal,
    Offered,
    Outcome,
    PolicyFault,
    Presence,
    RequestEnd,
    WrapUpEnd,
)
from .errors import (
    AheadError,
    ArgumentError,
    BusyError,
    ClosedError,
    CorruptError,
    DivergedError,
    EndedError,
    ExistsError,
    FullError,
    GoneError,
    HeldError,
    InternalError,
    InUseError,
    KindError,
    KobleError,
    LimitError,
    NothingWaitsError,
    OutOfMemoryError,
    PlanError,
    PoisonedError,
    StateError,
    TimeError,
    UnknownError,
    VersionError,
)
from .ids import AgentId, ContactId, EngagementId, Id, OfferId, make_id
from .plan import Plan, PlanSource, QueueTarget
from .policies import Policy, PolicyAgent, PolicyContact
from .symbols import Symbols
from .times import NEVER, TIME_MAX
from .transcripts import Rebuild, TranscriptResult, run_transcript
from .views import (
    Agent,
    BatchResult,
    Contact,
    Counts,
    Engagement,
    JournalRecord,
    Offer,
    Result,
    Skill,
    decode_journal,
)

if TYPE_CHECKING:
    from .arrays import ATTRIBUTE_DTYPE, COMMAND_DTYPE, EVENT_DTYPE, commands
    from .figures import Figures

__version__ = _core.version()
RULES_VERSION = _core.rules_version()

__all__ = [
    "ATTRIBUTE_DTYPE",
    "COMMAND_DTYPE",
    "EVENT_DTYPE",
    "NEVER",
    "QUEUE_NONE",
    "RULES_VERSION",
    "TIME_MAX",
    "Accepted",
    "Agent",
    "AgentId",
    "AheadError",
    "ArgumentError",
    "BatchResult",
    "BusyError",
    "By",
    "Cause",
    "Change",
    "ClosedError",
    "CommandKind",
    "ConnectFailure",
    "Contact",
    "ContactId",
    "ContactState",
    "CorruptError",
    "Counts",
    "DivergedError",
    "EndedError",
    "Engagement",
    "EngagementId",
    "EngagementState",
    "Engine",
    "Event",
    "EventKind",
    "ExistsError",
    "Exit",
    "Figures",
    "FullError",
    "GoneError",
    "HeldError",
    "Id",
    "IdKind",
    "InUseError",
    "InternalError",
    "Journal",
    "JournalRecord",
    "KindError",
    "KobleError",
    "LimitError",
    "NothingWaitsError",
    "Offer",
    "OfferId",
    "OutOfMemoryError",
    "Offered",
    "Outcome",
    "Plan",
    "PlanError",
    "PlanSource",
    "PoisonedError",
    "Policy",
    "PolicyAgent",
    "PolicyContact",
    "PolicyFault",
    "Presence",
    "QueueTarget",
    "Rebuild",
    "RequestEnd",
    "Result",
    "Skill",
    "StateError",
    "Symbols",
    "TimeError",
    "TranscriptResult",
    "UnknownError",
    "VersionError",
    "WrapUpEnd",
    "__version__",
    "aio",
    "commands",
    "decode_journal",
    "make_id",
    "run_transcript",
]


def __getattr__(name: str) -> Any:
    """What needs NumPy is imported when it is first used, so that ``import koble`` stays quick."""
    if name in ("ATTRIBUTE_DTYPE", "COMMAND_DTYPE", "EVENT_DTYPE", "commands"):
        from . import arrays

        return getattr(arrays, name)
    if name == "Figures":
        from .figures import Figures

        return Figures
    raise AttributeError(f"module 'koble' has no attribute {name!r}")
