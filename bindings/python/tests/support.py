"""What the tests share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import koble

ROOT = Path(__file__).resolve().parents[3]
SECOND = 1_000_000_000

# One ringing queue, two agents.
SMALL = {
    "skills": ["english", "norwegian"],
    "profiles": [{"name": "desk", "skills": {"english": 1}, "wrap_up": "5s"}],
    "agents": [{"name": "Anna", "profile": "desk"}, {"name": "Bo", "profile": "desk", "skills": {"norwegian": 2}}],
    "queues": [
        {"name": "support", "require": "english", "offer": {"mode": "ring", "ring": "20s"}, "max_wait": "10m"},
        {"name": "norsk", "require": "norwegian", "target": {"within": "20s", "share": 0.8}},
    ],
}


def two_kinds(**more: Any) -> dict[str, Any]:
    """A study for learners: two kinds of contacts, agents who can do the one or both, and a host that offers."""
    service = {"law": "exponential", "mean": "180s"}
    return {
        "plan": {
            "skills": ["a", "b"],
            "profiles": [{"name": "A", "skills": {"a": 1}}, {"name": "AB", "skills": {"a": 1, "b": 1}}],
            "queues": [{"name": q, "require": q, "offer": {"mode": "external"}} for q in ("a", "b")],
        },
        "agents": [{"count": 3, "profile": "A"}, {"count": 3, "profile": "AB"}],
        "streams": [
            {"queue": "a", "arrivals": {"rate": 65}, "service": service, "patience": {"law": "exponential", "mean": "300s"}},
            {"queue": "b", "arrivals": {"rate": 45}, "service": service, "patience": {"law": "exponential", "mean": "200s"}},
        ],
        "horizon": "8h",
        **more,
    }


def header(name: str = "koble.h") -> str:
    """A public header without its comments; koble.h with all its parts."""
    folder = ROOT / "include" / "koble"
    text = (folder / name).read_text(encoding="utf-8")
    parts = re.findall(r"#include <koble/(\w+\.h)>", text) if name == "koble.h" else []
    text += "".join((folder / part).read_text(encoding="utf-8") for part in parts)
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def kinds(engine: koble.Engine) -> list[str]:
    """What has happened since this was last asked."""
    return [f"{event.kind}" + (f" {event.reason}" if event.reason is not None else "") for event in engine.drain()]


def offered(engine: koble.Engine) -> list[koble.OfferId]:
    return [event.offer for event in engine.drain() if event.kind is koble.EventKind.OFFERED]


def make(**changes: Any) -> koble.Engine:
    """An engine for one queue "q" with these settings, agents A and B available."""
    plan = {
        "agents": [{"name": "A"}, {"name": "B"}],
        "queues": [{"name": "q", "offer": {"mode": "ring", "ring": "20s"}, **changes}],
    }
    engine = koble.Engine(plan)
    engine.presence("A", "available")
    engine.presence("B", "available", at=1)
    engine.drain()
    return engine
