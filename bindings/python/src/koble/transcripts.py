"""Transcripts: timed commands with the events expected of them, as readable files (docs/transcripts.md)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from . import _core

__all__ = ["Rebuild", "TranscriptResult", "run_transcript"]


class Rebuild(IntEnum):
    """What is done to the engine after every command; nothing may come out differently."""

    AS_WRITTEN = 0
    CLONE = 1
    SNAPSHOT = 2
    REPLAY = 3


@dataclass(frozen=True, slots=True)
class TranscriptResult:
    """What came of a transcript."""

    name: str
    #: Places that are not in the language; where there are any, nothing was run.
    mistakes: int
    #: Commands and expectations that came out differently.
    differences: int
    commands: int
    #: Events, error codes and expectations that were compared.
    checks: int
    #: Mistakes and differences in words; "" where it passed.
    report: str
    #: The text with every expectation that differed replaced by what happened.
    rewritten: bytes

    @property
    def passed(self) -> bool:
        """Whether everything came out as written."""
        return self.mistakes == 0 and self.differences == 0


def run_transcript(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    rebuild: Rebuild = Rebuild.AS_WRITTEN,
) -> TranscriptResult:
    """Runs the transcript in a file (a path) or given as bytes.

    folder: where the files that it names (``plan FILE``) are looked for; that of the file itself, if there is one.
    """
    if isinstance(source, bytes):
        text = source
    else:
        path = Path(source)
        text = path.read_bytes()
        name = os.fspath(source) if name is None else name
        folder = path.parent if folder is None else folder

    def read(wanted: str) -> bytes:
        return (Path(folder or ".") / wanted).read_bytes()

    _, mistakes, differences, commands, checks, report, rewritten = _core.transcript_run(
        text, name or "transcript", None if folder is None else read, int(rebuild)
    )
    return TranscriptResult(name or "transcript", mistakes, differences, commands, checks, report, rewritten)
