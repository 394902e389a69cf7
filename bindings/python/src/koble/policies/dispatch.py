"""Dispatchers: which group's queue a contact joins (policies 9, 10, 28, 35).

A dispatcher is asked by the host before the contact arrives: ``engine.arrive(dispatcher.choose_queue("sales"))``. Every group
has a queue of its own, of the group's name. They look at a `Board`, which has followed the engine's last command.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Protocol

from ..errors import ArgumentError
from .board import Board
from .delays import queue_length_delay_s

__all__ = ["Dispatcher", "ExpectedDelay", "JoinShortestQueue", "QueueRatioOverflow", "VirtualHold"]


class Dispatcher(Protocol):
    """Chooses queues at arrival."""

    def choose_queue(self, contact_type: str) -> str:
        """The queue that a contact of that type, which arrives now, joins. Asked once for each arrival."""


class QueueRatioOverflow:
    """9. Queue-ratio overflow (ContactCenters).

    sets: of each type, sets of equally good groups, tried in turn: a group of the set with an idle agent (the most, if
    several); else one with (Q_i + 1) / N_i at most its target, the smallest if several; else the next set. In the end the
    smallest ratio of all. N_i is the number of the group's agents who are there; a group without any has an infinite ratio.
    """

    def __init__(self, board: Board, sets: Mapping[str, Sequence[Sequence[str]]], targets: Mapping[str, float]) -> None:
        self.board = board
        self.sets = sets
        self.targets = targets

    def ratio(self, group: str) -> float:
        agents = self.board.there(group)
        return (self.board.waiting(group) + 1) / agents if agents else math.inf

    def choose_queue(self, contact_type: str) -> str:
        sets = self.sets[contact_type]
        for groups in sets:
            free = [group for group in groups if self.board.idle(group) > self.board.waiting(group)]
            if free:
                return max(free, key=lambda group: self.board.idle(group) - self.board.waiting(group))
            short = [group for group in groups if self.ratio(group) <= self.targets.get(group, math.inf)]
            if short:
                return min(short, key=self.ratio)
        return min((group for groups in sets for group in groups), key=self.ratio)


class ExpectedDelay:
    """10. Expected delay (ContactCenters EXPDELAY): the group with the least E_i / w_i, or by lot with a chance as w_i / E_i.

    groups: of each type; weights w: by group, 1 where there is none. E_i is `queue_length_delay_s` of the group's queue, from
    rates_per_hour (and abandonments_per_hour) by group. By lot a group whose delay is 0 gets the contact at once.
    """

    def __init__(
        self,
        board: Board,
        groups: Mapping[str, Sequence[str]],
        rates_per_hour: Mapping[str, float],
        *,
        weights: Mapping[str, float] | None = None,
        abandonments_per_hour: Mapping[str, float] | None = None,
        lot_seed: int | None = None,
    ) -> None:
        self.board = board
        self.groups = groups
        self.rates = rates_per_hour
        self.weights = weights or {}
        self.abandonments = abandonments_per_hour or {}
        self._lot = None if lot_seed is None else random.Random(lot_seed)

    def delay_s(self, group: str) -> float:
        board = self.board
        return queue_length_delay_s(
            board.waiting(group),
            board.there(group),
            self.rates[group],
            self.abandonments.get(group, 0.0),
            idle=board.idle(group),
        )

    def choose_queue(self, contact_type: str) -> str:
        groups = self.groups[contact_type]
        delays = [self.delay_s(group) / self.weights.get(group, 1.0) for group in groups]
        least = min(delays)
        if self._lot is None or least == 0 or least == math.inf:
            return groups[delays.index(least)]
        return self._lot.choices(groups, [1.0 / delay for delay in delays])[0]


class JoinShortestQueue:
    """28. Separate queues: the one with the fewest contacts, waiting or served (Winston 1977).

    choices: looks at so many queues drawn by lot only (power of d, Mitzenmacher 2001); idle_first: an empty one by lot, or else
    any by lot (join the idle queue, Lu et al. 2011). Equals are taken in the order listed, without a lot.
    """

    def __init__(
        self,
        board: Board,
        queues: Mapping[str, Sequence[str]],
        *,
        choices: int | None = None,
        idle_first: bool = False,
        lot_seed: int = 0,
    ) -> None:
        if choices is not None and (choices < 1 or idle_first):
            raise ArgumentError("write choices of 1 or more, or idle_first, not both")
        self.board = board
        self.queues = queues
        self.choices = choices
        self.idle_first = idle_first
        self._lot = random.Random(lot_seed)

    def present(self, queue: str) -> int:
        return self.board.waiting(queue) + self.board.in_service(queue)

    def choose_queue(self, contact_type: str) -> str:
        queues = list(self.queues[contact_type])
        if self.idle_first:
            return self._lot.choice([queue for queue in queues if self.present(queue) == 0] or queues)
        if self.choices is not None:
            queues = self._lot.sample(queues, min(self.choices, len(queues)))
        return min(queues, key=self.present)


class VirtualHold:
    """35. Virtual hold: a call-back is offered where the predicted wait exceeds threshold_s (Armony and Maglaras 2004).

    For plans of `plans.virtual_hold`: types are queues, and who accepts joins the queue with `suffix`. Those who wait for a
    call back count in the prediction, since they keep their place. groups: who serves each type.
    """

    def __init__(
        self,
        board: Board,
        groups: Mapping[str, Sequence[str]],
        rates_per_hour: Mapping[str, float],
        threshold_s: float,
        *,
        abandonments_per_hour: float = 0.0,
        suffix: str = " call-back",
    ) -> None:
        self.board = board
        self.groups = groups
        self.rates = rates_per_hour
        self.threshold_s = threshold_s
        self.abandonments = abandonments_per_hour
        self.suffix = suffix

    def predicted_wait_s(self, contact_type: str) -> float:
        """By the length of both of the type's queues; `rates_per_hour` are the type's."""
        board, groups = self.board, self.groups[contact_type]
        return queue_length_delay_s(
            board.waiting(contact_type) + board.waiting(contact_type + self.suffix),
            sum(board.there(group) for group in groups),
            self.rates[contact_type],
            self.abandonments,
            idle=sum(board.idle(group) for group in groups),
        )

    def offers(self, contact_type: str) -> bool:
        """Is a customer who comes now to be asked whether he wants to be called back?"""
        return self.predicted_wait_s(contact_type) > self.threshold_s

    def choose_queue(self, contact_type: str, accepts: bool = True) -> str:
        """The queue to join. accepts: what the customer says where he is asked."""
        return contact_type + self.suffix if accepts and self.offers(contact_type) else contact_type
