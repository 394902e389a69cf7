"""What environments are made of: a study whose queues wait for somebody to choose, and what things cost in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from ..errors import ArgumentError
from ..lab import Study

__all__ = ["Costs", "DecisionCentre", "Episode"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """Rewards, by name of the stream; a stream that is not named costs nothing.

    waiting_per_hour: of each contact that waits. abandoned: of each that leaves unserved behind the door. refused: at the door.
    served: what each conversation is worth as it begins. discount_per_hour: beta; a reward t hours after a decision counts e^(-beta t).
    """

    waiting_per_hour: Mapping[str, float] = field(default_factory=dict)
    abandoned: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, float] = field(default_factory=dict)
    served: Mapping[str, float] = field(default_factory=dict)
    discount_per_hour: float = 0.0


@dataclass(frozen=True)
class Episode:
    """One world, with what keeps it alive."""

    handle: _core.DecisionHandle
    world: Any


class DecisionCentre:
    """A :class:`koble.lab.Study` with one plan, whose queues have offers of mode ``external``; groups of agents are its profiles.

    streams, groups: names, in order. An action is ``stream x groups + group``; :attr:`defer` is the last one.
    """

    def __init__(self, study: Study | Mapping[str, Any], costs: Costs) -> None:
        self.study = study if isinstance(study, Study) else Study(study)
        if len(self.study.centres) != 1:
            raise ArgumentError("an environment has one plan; give a study with \"plan\", not \"plans\"")
        self.costs = costs
        self.streams = [stream.name for stream in self.study.streams]
        profiles = [profile or "" for profile in next(iter(self.study.centres.values())).profiles]
        self.groups = list(dict.fromkeys(profiles))
        self._group_of_agent = np.array([self.groups.index(profile) for profile in profiles], np.uint32)
        for name in ("waiting_per_hour", "abandoned", "refused", "served"):
            unknown = set(getattr(costs, name)) - set(self.streams)
            if unknown:
                raise ArgumentError(f"costs.{name}: there is no stream {sorted(unknown)[0]!r}; there are {', '.join(self.streams)}")
        first = self.open(0)
        self.actions: int = first.handle.actions
        self.observed: int = first.handle.observed

    @property
    def defer(self) -> int:
        return self.actions - 1

    def pair(self, action: int) -> tuple[str, str] | None:
        """Stream and group of an action; None: to defer."""
        if action == self.defer:
            return None
        return self.streams[action // len(self.groups)], self.groups[action % len(self.groups)]

    def names(self) -> list[str]:
        """Of the numbers of an observation."""
        streams = [f"{what} {name}" for name in self.streams for what in ("waiting", "age_s")]
        return [*streams, *(f"{what} {name}" for name in self.groups for what in ("free", "there", "idle_s")), "hours"]

    def open(self, number: int) -> Episode:
        """Replication ``number`` of the study: the same customers as the study's own."""
        world = self.study.open(number)
        handle = _core.DecisionHandle(
            world._handle,
            self._group_of_agent,
            len(self.groups),
            self._by_stream(self.costs.waiting_per_hour),
            self._by_stream(self.costs.abandoned),
            self._by_stream(self.costs.refused),
            self._by_stream(self.costs.served),
            self.costs.discount_per_hour,
        )
        return Episode(handle, world)

    def _by_stream(self, costs: Mapping[str, float]) -> Floats:
        return np.array([costs.get(stream, 0.0) for stream in self.streams], np.float64)


class Batch:
    """Worlds that are answered together, in one crossing, and what they said last: a row each."""

    def __init__(self, centre: DecisionCentre, count: int) -> None:
        self.centre = centre
        self.episodes: list[Episode | None] = [None] * count
        self.observations = np.zeros((count, centre.observed), np.float32)
        self.masks = np.zeros((count, centre.actions), np.uint8)
        self.elapsed_s = np.zeros(count)
        self.rewards = np.zeros(count)
        self.states = np.zeros(count, np.uint8)

    def begin(self, rows: list[int], numbers: list[int]) -> None:
        """Opens replications in these rows, and plays each to its first decision. What is earned before it is not reported."""
        for row, number in zip(rows, numbers, strict=True):
            self.episodes[row] = self.centre.open(number)
        self.act(np.full(len(rows), -1, np.int32), rows)

    def act(self, actions: npt.NDArray[np.int32], rows: list[int] | None = None) -> None:
        rows = list(range(len(self.episodes))) if rows is None else rows
        handles = [episode.handle for row in rows if (episode := self.episodes[row]) is not None]
        whole = len(rows) == len(self.episodes)
        arrays: list[Any] = [self.observations, self.masks, self.elapsed_s, self.rewards, self.states]
        parts = arrays if whole else [np.ascontiguousarray(array[rows]) for array in arrays]
        _core.decide(handles, np.ascontiguousarray(actions, np.int32), *parts)
        if not whole:
            for array, part in zip(arrays, parts, strict=True):
                array[rows] = part
