"""Plans: what there is to route, and how."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, SupportsIndex, TypeAlias

from . import _core
from .errors import KobleError, PlanError, UnknownError, unknown_name
from .times import NEVER

__all__ = ["Plan", "PlanSource", "QueueTarget"]


@dataclass(frozen=True, slots=True)
class QueueTarget:
    """What a queue's figures need of the plan."""

    name: str
    number: int
    channel: str
    #: Nanoseconds after which a contact leaves unserved; None: never.
    max_wait_ns: int | None
    #: How many may wait; None: any number.
    max_length: int | None
    #: The service target: this share of contacts answered within this time; None: no target.
    target_within_ns: int | None
    target_share: float | None


class Plan:
    """A validated, compiled, immutable configuration: channels, skills, queues, profiles, agents.

    ``Plan(source)`` takes JSON text, bytes (JSON or the binary form), a dict, or a path. Where the plan is not valid,
    the :class:`PlanError` lists every mistake with its place and remedy. Plans compare by meaning, can be hashed and
    pickled, and may be shared by any number of engines and threads.
    """

    __slots__ = ("__dict__", "_handle", "_warnings", "source")

    _handle: _core.PlanHandle
    _warnings: tuple[str, ...]
    #: Where the plan was read from, for messages; None where it came from memory.
    source: str | None

    def __init__(self, source: PlanSource) -> None:
        self.source = None
        if isinstance(source, Plan):
            self._handle, self._warnings, self.source = source._handle, source._warnings, source.source
            return
        if isinstance(source, os.PathLike):
            self.source = os.fspath(source)
            data: Any = Path(source).read_bytes()
        elif isinstance(source, str):
            data = source.encode()
            if not source.lstrip().startswith(("{", "[")) and len(source) < 4096 and "\n" not in source:
                hint = "" if not os.path.exists(source) else "; it names a file: use Plan.load(path)"
                raise PlanError(f"{source!r} is no JSON text{hint}", [f"not JSON: {source[:60]!r}{hint}"])
        elif isinstance(source, Mapping):
            try:
                data = json.dumps(source).encode()
            except (TypeError, ValueError) as error:
                raise PlanError(f"the plan holds something that JSON cannot: {error}", [str(error)]) from None
        else:
            data = source
        try:
            self._handle, report = _core.plan_load(data)
        except PlanError as error:
            if self.source is not None:
                error.args = (f"{self.source}: {error}",)
            raise
        self._warnings = tuple(line for line in report.splitlines() if line.strip())

    @classmethod
    def from_json(cls, source: str | bytes | Mapping[str, Any] | os.PathLike[str]) -> Plan:
        """A plan from JSON: text, bytes, a dict, or the path of a file."""
        return cls(source)

    @classmethod
    def from_binary(cls, source: bytes) -> Plan:
        """A plan from its binary form, as :meth:`to_binary` gives it."""
        if not isinstance(source, (bytes, bytearray, memoryview)):
            raise TypeError(f"from_binary takes bytes, not {type(source).__name__}; use Plan(source) for the rest")
        return cls(source)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Plan:
        """A plan from a file, JSON or binary."""
        return cls(Path(path))

    @classmethod
    def _wrap(cls, handle: _core.PlanHandle) -> Plan:
        plan = object.__new__(cls)
        plan._handle, plan._warnings, plan.source = handle, (), None
        return plan

    @staticmethod
    def schema() -> dict[str, Any]:
        """The JSON Schema (draft 2020-12) of the plan's language, for editors and forms."""
        schema: dict[str, Any] = json.loads(_core.plan_schema())
        return schema

    def to_json(self) -> str:
        """Canonical JSON: defaults left out, fixed order."""
        return self._handle.write(1).decode()

    def to_dict(self) -> dict[str, Any]:
        """The canonical JSON as Python values."""
        value: dict[str, Any] = json.loads(self.to_json())
        return value

    def to_binary(self) -> bytes:
        """The binary form: smaller and quicker to read."""
        return self._handle.write(2)

    @cached_property
    def hash(self) -> str:
        """128 bits over the plan's meaning, as 32 hexadecimal digits; the same for JSON and binary of one plan."""
        return self._handle.hash()

    @cached_property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues; a queue's number is its place."""
        return self._handle.queues()

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels, by number."""
        return self._handle.channels()

    @cached_property
    def skills(self) -> tuple[str, ...]:
        """Names of the skills, by number."""
        return self._handle.skills()

    @cached_property
    def attributes(self) -> dict[str, tuple[str, ...]]:
        """The declared attributes, in order, with their symbolic values; () where the values are integers."""
        return dict(self._handle.attributes())

    @cached_property
    def agents(self) -> tuple[str, ...]:
        """Names of the agents that the plan lists."""
        return self._handle.agents()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but probably not meant, one sentence each."""
        return self._warnings

    def queue_number(self, name: str) -> int:
        """The number of the queue of that name."""
        number = self._handle.queue_find(name)
        if number < 0:
            raise unknown_name("queue", name, self.queues)
        return number

    def channel_number(self, name: str) -> int:
        """The number of the channel of that name."""
        number = self._handle.channel_find(name)
        if number < 0:
            raise unknown_name("channel", name, self.channels)
        return number

    def queue(self, queue: str | SupportsIndex) -> QueueTarget:
        """Channel, limits and service target of a queue."""
        number = self.queue_number(queue) if isinstance(queue, str) else int(queue)
        if not 0 <= number < len(self.queues):
            raise UnknownError(f"queue {number} does not exist; the plan has {len(self.queues)}, numbered from 0")
        channel, max_wait, max_length, within, share = self._handle.queue(number)
        return QueueTarget(
            name=self.queues[number],
            number=number,
            channel=self.channels[channel],
            max_wait_ns=None if max_wait == NEVER else max_wait,
            max_length=None if max_length < 0 else max_length,
            target_within_ns=within or None,
            target_share=share / 1e6 if within else None,
        )

    def channel_mask(self, channels: str | SupportsIndex | Sequence[str | SupportsIndex] | None) -> int:
        """The bit mask of channels as the C API takes it; None is every channel."""
        if channels is None:
            return 0
        mask = 0
        for channel in [channels] if isinstance(channels, (str, SupportsIndex)) else channels:
            number = self.channel_number(channel) if isinstance(channel, str) else int(channel)
            if not 0 <= number < len(self.channels):
                raise UnknownError(
                    f"channel {number} does not exist; the plan has {len(self.channels)}, numbered from 0"
                )
            mask |= 1 << number
        if mask == 0:
            raise KobleError("no channel is named; leave channels out for every channel")
        return mask

    def __eq__(self, other: object) -> bool:
        return self.hash == other.hash if isinstance(other, Plan) else NotImplemented

    def __hash__(self) -> int:
        return int(self.hash[:15], 16)

    def __reduce__(self) -> tuple[type[Plan], tuple[bytes]]:
        return type(self), (self.to_binary(),)

    def __repr__(self) -> str:
        def count(number: int, noun: str) -> str:
            return f"{number} {noun}" + ("" if number == 1 else "s")

        parts = [
            count(len(self.queues), "queue"),
            count(len(self.channels), "channel"),
            count(len(self.skills), "skill"),
            count(len(self.agents), "agent"),
        ]
        if self.warnings:
            parts.append(count(len(self.warnings), "warning"))
        where = f" from {self.source}" if self.source else ""
        return f"<koble.Plan{where}: {', '.join(parts)}; hash {self.hash[:8]}>"


#: What a plan can be made from.
PlanSource: TypeAlias = Plan | str | bytes | bytearray | memoryview | Mapping[str, Any] | os.PathLike[str]
