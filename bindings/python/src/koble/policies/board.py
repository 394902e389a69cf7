"""A board: how many wait, are idle and are served, kept beside an engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..engine import Engine
from ..enums import EngagementState, EventKind, Presence
from ..errors import EndedError, UnknownError
from ..ids import AgentId, EngagementId
from .policy import PolicyContact

__all__ = ["Board"]

_BEGIN = (EventKind.SERVING, EventKind.CONTINUED)
_END = (EventKind.ENDED, EventKind.SILENT, EventKind.PARKED, EventKind.RETURNED)


class Board:
    """What an engine shows between two commands, for policies that are asked inside one.

    The host calls ``board.follow(engine)`` after each command, before it acknowledges or drains the events. Counts of waiting
    contacts are then exact, whatever happened (contacts in several queues, restarts, new plans); agents are looked at where an
    event names them. Inside a command the board knows beside that what the policies have chosen in it, and nothing else of it.

    groups: agent's name to group (`plans.groups_of`); others are in group "". cost: units that one contact takes; an agent who
    has so many free, is available and not penalised is *idle*.
    """

    def __init__(self, groups: Mapping[str, str], cost: int = 100) -> None:
        self.groups = dict(groups)
        self.cost = cost
        self._waiting: Counter[str] = Counter()
        self._idle: Counter[str] = Counter()
        self._there: Counter[str] = Counter()
        self._serving: Counter[tuple[str, str]] = Counter()
        self._agents: dict[AgentId, tuple[str, bool, bool]] = {}
        self._legs: dict[EngagementId, tuple[str, str]] = {}
        self._taken: Counter[str] = Counter()
        self._seen = -1
        self._given = False

    # ---- What it tells -----------------------------------------------------------------------------------------------

    def waiting(self, queue: str) -> int:
        """Contacts that wait in the queue."""
        return self._waiting[queue]

    def idle(self, group: str) -> int:
        return self._idle[group]

    def idle_by_group(self) -> Mapping[str, int]:
        return self._idle

    def there(self, group: str) -> int:
        """Agents of the group who are available, idle or not."""
        return self._there[group]

    def serving(self, group: str, queue: str) -> int:
        """Conversations that agents of the group have with contacts of the queue, held ones included."""
        return self._serving[group, queue]

    def in_service(self, queue: str) -> int:
        return sum(count for (_, name), count in self._serving.items() if name == queue)

    def lengths(self, candidates: Sequence[PolicyContact]) -> Mapping[str, int]:
        return self._waiting

    def taken(self, queue: str) -> int:
        """Contacts of the queue that policies have chosen in the command at hand."""
        return self._taken[queue]

    # ---- What it is told ---------------------------------------------------------------------------------------------

    def took(self, queue: str) -> None:
        self._taken[queue] += 1
        if self._waiting[queue] > 0:
            self._waiting[queue] -= 1

    def learn(self, queue: str, waiting: int) -> None:
        """So many wait there in the command at hand."""
        self._waiting[queue] = waiting

    def gave(self, group: str) -> None:
        """An agent of the group has just been chosen."""
        if self._idle[group] > 0:
            self._idle[group] -= 1
            self._given = True

    def follow(self, engine: Engine) -> None:
        """Takes in what the engine is now. Costs a query for each queue, and a look at each new event and its agent."""
        self._waiting = Counter({name: engine.waiting(number) for number, name in enumerate(engine.plan.queues)})
        self._taken.clear()
        last = engine.last_event
        if self._seen < 0 or engine.first_event > self._seen + 1:
            self._look_at_everything(engine)  # events have gone by unseen
        elif last > self._seen:
            touched = set()
            for event in engine.events(self._seen):
                if event.agent is not None:
                    touched.add(event.agent)
                if event.kind in _BEGIN:
                    self._begun(event.engagement, event.agent, event.queue_name)
                elif event.kind in _END:
                    self._ended(event.engagement)
            for agent in touched:
                self._look_at(engine, agent)
        # `gave` has already taken off who was chosen, and the look at him took him off again.
        if self._given:
            self._given = False
            self._count()
        self._seen = last

    def _count(self) -> None:
        self._idle = Counter(group for group, _, idle in self._agents.values() if idle)
        self._there = Counter(group for group, there, _ in self._agents.values() if there)

    def _look_at(self, engine: Engine, agent: AgentId) -> None:
        group, there, idle = self._agents.pop(agent, ("", False, False))
        self._there[group] -= there
        self._idle[group] -= idle
        try:
            shown = engine.agent(agent)
        except (EndedError, UnknownError):
            return
        group = self.groups.get(shown.name, "")
        there = shown.presence is Presence.AVAILABLE and not shown.leaving
        idle = there and shown.penalised_until_ns is None and shown.capacity - shown.used >= self.cost
        self._agents[agent] = (group, there, idle)
        self._there[group] += there
        self._idle[group] += idle

    def _look_at_everything(self, engine: Engine) -> None:
        self._agents.clear()
        self._legs.clear()
        self._serving.clear()
        for agent in engine.agents():
            self._look_at(engine, agent)
        self._count()
        for number in engine.engagements():
            leg = engine.engagement(number)
            if leg.state in (EngagementState.ACTIVE, EngagementState.HELD):
                self._begun(leg.id, leg.agent, leg.queue if isinstance(leg.queue, str) else None)

    def _begun(self, engagement: EngagementId, agent: AgentId, queue: str | None) -> None:
        group = self._agents[agent][0] if agent in self._agents else ""
        leg = self._legs[engagement] = (group, queue or "")
        self._serving[leg] += 1

    def _ended(self, engagement: EngagementId) -> None:
        leg = self._legs.pop(engagement, None)
        if leg is not None:
            self._serving[leg] -= 1
