"""How events are written for people."""

from __future__ import annotations

from . import _core
from .enums import EventKind
from .times import NEVER, format_time


def describe(event: _core.Event) -> str:
    """``12.000s offered offer 0.2 contact 0.1 -> "B" (queue "q") until 32.000s``."""
    parts = [format_time(event.time_ns)]
    if event.due_ns != event.time_ns:
        parts.append(f"(due {format_time(event.due_ns)})")
    parts.append(str(event.kind))
    if event.reason is not None:
        parts.append(str(event.reason))
    if event.cause is not None:
        parts.append(f"({event.cause})")
    parts += [str(i) for i in (event.engagement, event.offer, event.contact) if i is not None]
    if event.agent is not None:
        parts.append(f'-> "{event.agent_name}"' if event.agent_name is not None else f"-> {event.agent!r}")
    if event.queue is not None:
        parts.append(f'(queue "{event.queue_name}")' if event.queue_name is not None else f"(queue {event.queue})")
    if event.kind == EventKind.STEP:
        parts.append(f"step {event.a}")
    if event.kind == EventKind.AGENT_SKILL_CHANGED:
        parts.append(f"level {event.a}")
    if event.kind == EventKind.PLACED:
        parts.append(f"position {event.a}")
    if event.changes is not None:
        parts.append(str(event.changes))
    if event.unknown_id is not None:
        parts.append(str(event.unknown_id))
    if event.kind == EventKind.RECONCILED:
        parts.append(f"ended {event.a} unknown {event.b}")
    if event.until_ns is not None and event.until_ns != NEVER:
        parts.append(f"until {format_time(event.until_ns)}")
    if event.host_ref:
        parts.append(f"ref {event.host_ref}")
    return " ".join(parts)


def event_from_bytes(record: bytes, agent_name: str | None, queue_name: str | None) -> _core.Event:
    """What a pickled event is made by."""
    return _core._event_from_bytes(record, agent_name, queue_name)
