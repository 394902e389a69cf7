"""What the tests share."""

from __future__ import annotations

import re
from pathlib import Path

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


def header(name: str = "koble.h") -> str:
    """A public header without its comments."""
    text = (ROOT / "include" / "koble" / name).read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
