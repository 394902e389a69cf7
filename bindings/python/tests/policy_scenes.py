"""Scenes for the tests of the literature's policies: an engine that is played by hand, and a naive centre beside it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import koble
from koble.policies import Board, Policy, plans
from support import SECOND

Pick = Callable[["Centre", str], "str | None"]


class Scene:
    """An engine for a plan with so many agents of each group, all available and idle for 1 s when it begins (t = 1 s).

    `policies` are given by name. With a board it follows every command.
    """

    def __init__(
        self,
        plan: Mapping[str, Any],
        agents: Mapping[str, int],
        policies: Mapping[str, Policy] | None = None,
        board: Board | None = None,
    ) -> None:
        whole = plans.staffed(plan, agents)
        self.groups = plans.groups_of(whole)
        self.engine = koble.Engine(whole)
        assert self.engine.plan.warnings == ()
        self.board = board
        for name, policy in (policies or {}).items():
            self.engine.set_policy(name, policy)
        for at, name in enumerate(self.groups):
            self.engine.presence(name, "available", at=at)
        self.busy: dict[str, int] = {}
        self.met: list[tuple[str, int]] = []  # by the last end of a conversation
        self.settle(self.engine.now)
        self.engine.advance(SECOND)

    def settle(self, at: int) -> list[tuple[str, int]]:
        """(agent, serial) of those whom the last commands brought together."""
        if self.board is not None:
            self.board.follow(self.engine)
        met = []
        for event in self.engine.drain():
            assert event.kind is not koble.EventKind.POLICY_FAULT, self.engine.take_policy_error()
            if event.kind is koble.EventKind.SERVING:
                assert event.agent_name is not None
                self.busy[event.agent_name] = event.contact
                met.append((event.agent_name, event.serial))
        return met

    def arrive(self, queue: str, at_s: float | None = None, **more: Any) -> str | None:
        """Who gets a contact of that queue at once; None: it waits."""
        at = None if at_s is None else round(at_s * SECOND)
        self.engine.arrive(queue, at=at, **more)
        met = self.settle(self.engine.now)
        return met[0][0] if met else None

    def wait(self, *queues: str) -> None:
        for queue in queues:
            assert self.arrive(queue) is None, "it was to wait"

    def fill(self, queue: str, count: int) -> None:
        for _ in range(count):
            assert self.arrive(queue) is not None, "somebody was to take it"

    def free(self, agent: str, at_s: float | None = None) -> int | None:
        """The agent's conversation ends. The serial of whom he gets next."""
        at = None if at_s is None else round(at_s * SECOND)
        self.engine.gone(self.busy.pop(agent), by="customer", at=at)
        self.met = self.settle(self.engine.now)
        return next((serial for name, serial in self.met if name == agent), None)

    def until(self, at_s: float) -> list[tuple[str, int]]:
        """(agent, serial) of those who come together as time passes."""
        at, met = round(at_s * SECOND), []
        while (deadline := self.engine.next_deadline) is not None and deadline <= at:
            self.engine.advance(deadline)
            met += self.settle(deadline)
        self.engine.advance(at)
        return met + self.settle(at)


class Centre:
    """The same centre, played naively: free agents with the time since when, and who waits, by type."""

    def __init__(self, scene: Scene) -> None:
        self.groups = scene.groups
        self.now = SECOND
        self.idle = {name: at for at, name in enumerate(scene.groups)}
        self.queues: dict[str, list[tuple[int, int]]] = {name: [] for name in scene.engine.plan.queues}

    def wait_s(self, queue: str) -> float:
        """Of the first."""
        return (self.now - self.queues[queue][0][0]) / SECOND

    def idle_s(self, agent: str) -> float:
        return (self.now - self.idle[agent]) / SECOND

    def free_of(self, *groups: str) -> list[str]:
        """Free agents of these groups, who has been idle longest first."""
        return sorted((name for name in self.idle if self.groups[name] in groups), key=self.idle.__getitem__)

    def waiting(self, types: Any) -> list[str]:
        """Those of the types for which somebody waits, the longest wait first."""
        return sorted((name for name in types if self.queues[name]), key=lambda name: self.queues[name][0])


def agree(scene: Scene, agent_for: Pick, type_for: Pick, *, steps: int = 400, seed: int = 1, load: float = 0.5) -> int:
    """Plays a random day: at every arrival and every end the engine does what the naive rules say. How many were given out of
    queues; load: the chance that the next thing is an arrival."""
    lot, centre = random.Random(seed), Centre(scene)
    types, serial, out_of_queues = list(centre.queues), 0, 0
    for _ in range(steps):
        centre.now += lot.randrange(1, 3 * SECOND)
        at_s = centre.now / SECOND
        at_ns = centre.now
        if scene.busy and (lot.random() >= load or sum(map(len, centre.queues.values())) > 25):
            agent = lot.choice(sorted(scene.busy))
            centre.idle[agent] = at_ns
            chosen = type_for(centre, agent)
            scene.engine.advance(at_ns)
            got = scene.free(agent)
            if chosen is None:
                assert got is None, (at_s, agent)
            else:
                assert got == centre.queues[chosen].pop(0)[1], (at_s, agent, chosen)
                del centre.idle[agent]
                out_of_queues += 1
        else:
            serial += 1
            name = lot.choice(types)
            expected = agent_for(centre, name)
            scene.engine.advance(at_ns)
            assert scene.arrive(name) == expected, (at_s, name)
            if expected is None:
                centre.queues[name].append((at_ns, serial))
            else:
                del centre.idle[expected]
    return out_of_queues
