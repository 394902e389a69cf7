"""koble.aio on an event loop whose time is ours."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

import koble
import pytest
from koble import EventKind as K
from support import SECOND


class FakeLoop(asyncio.SelectorEventLoop):
    """Does not wait: its clock jumps to the next timer. `ns` is the host's clock."""

    def __init__(self) -> None:
        self.ns = 1_000 * SECOND

        class Selector(selectors.SelectSelector):
            def select(selector, timeout: float | None = None) -> list[Any]:  # noqa: N805
                ready = super().select(0)
                if not ready and timeout is None:
                    raise RuntimeError("the test would wait for ever")
                if not ready and timeout:
                    self.ns += max(round(timeout * 1e9), 1)
                return ready

        super().__init__(Selector())

    def time(self) -> float:
        return self.ns / 1e9

    def clock(self) -> int:
        return self.ns


def run(main: Any) -> Any:
    """Runs `main(loop)` on a loop of its own."""
    loop = FakeLoop()
    asyncio.set_event_loop(None)
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def test_commands_are_stamped_with_now(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        async with koble.aio.Engine(plan, clock=loop.clock) as engine:
            assert engine.now == 1_000 * SECOND
            engine.presence("Anna", "available")
            await asyncio.sleep(2.5)
            contact = engine.arrive("support", host_ref=4, priority=1.5, credit="5s")
            assert engine.sync.contact(contact).arrival_ns == engine.now == 1_002_500_000_000
            assert engine.last_result.id == contact
            assert engine.plan == plan

    run(main)


def test_events_come_as_they_happen(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        seen = []
        async with koble.aio.Engine(plan, clock=loop.clock) as engine:

            async def host() -> None:
                async for event in engine.events():
                    seen.append((event.time_ns // SECOND - 1_000, str(event.kind)))
                    if event.kind is K.OFFERED and len(seen) > 6:
                        engine.accept(event.offer)
                    if event.kind is K.SERVING:
                        loop.call_later(3, engine.gone, event.contact)
                    if event.kind is K.WRAPUP_END:
                        break

            task = loop.create_task(host())
            await asyncio.sleep(1)
            engine.presence("Anna", "available")
            engine.arrive("support")
            await task
        assert seen[:3] == [(1, "presence"), (1, "arrived"), (1, "offered")]
        assert (21, "outcome") in seen  # Anna did not answer: the timer did that
        assert (51, "offered") in seen  # her penalty is over
        assert seen[-3:] == [(54, "ended"), (54, "wrapup"), (59, "wrapup_end")]

    run(main)


def test_events_are_acknowledged_when_done_with(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        engine = koble.aio.Engine(plan, clock=loop.clock)
        for _ in range(3):
            engine.arrive("support")
        reader = engine.events()
        assert (await reader.__anext__()).seq == 1
        assert engine.sync.first_event == 1
        assert [(await reader.__anext__()).seq for _ in range(2)] == [2, 3]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(reader.__anext__(), 5)
        assert engine.sync.first_event == 4
        assert engine.events(after=0)._seq == 0
        engine.close()

    run(main)


def test_two_readers(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        async with koble.aio.Engine(plan, clock=loop.clock) as engine:
            first, second = engine.events(), engine.events()
            engine.arrive("support")
            engine.arrive("support")
            assert [(await first.__anext__()).seq for _ in range(2)] == [1, 2]
            waiting = loop.create_task(first.__anext__())
            await asyncio.sleep(0.1)
            assert engine.sync.first_event == 1  # the second has not read them
            assert [(await second.__anext__()).seq for _ in range(2)] == [1, 2]
            engine.arrive("norsk")
            assert (await waiting).seq == 3
            assert (await second.__anext__()).seq == 3

    run(main)


def test_closing_ends_the_readers(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        engine = koble.aio.Engine(plan, clock=loop.clock)

        async def read() -> int:
            return len([event async for event in engine.events()])

        task = loop.create_task(read())
        engine.arrive("support")
        await asyncio.sleep(1)
        engine.close()
        engine.close()
        assert await task == 1
        with pytest.raises(koble.ClosedError):
            engine.events()
        with pytest.raises(koble.ClosedError):
            engine.arrive("support")

    run(main)


def test_errors_pass_through(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        async with koble.aio.Engine(plan, clock=loop.clock) as engine:
            with pytest.raises(koble.UnknownError):
                engine.arrive("suport")
            with pytest.raises(koble.KobleError):
                engine.accept(5)
            contact = engine.arrive("support")
            with pytest.raises(koble.KindError):
                engine.accept(contact)

    run(main)


def test_every_command(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        confirmed: dict[str, Any] = {
            "agents": [{"name": "A"}, {"name": "P", "pull": True}],
            "queues": [{"name": "q", "wrap_up": "10s", "offer": {"mode": "ring", "ring": "20s", "confirm": "30s"}}],
        }
        async with koble.aio.Engine(confirmed, clock=loop.clock) as engine:
            engine.presence("A", "available")

            def offer() -> koble.OfferId:
                return engine.sync.offers()[0]

            for end in (engine.busy, engine.unreachable, engine.no_answer, engine.failed):
                contact = engine.arrive("q")
                end(offer())
                engine.gone(contact, by="host")
                await asyncio.sleep(60)
            contact = engine.arrive(["q"])
            engine.end_offer(offer(), "declined")
            engine.gone(contact)
            contact = engine.arrive("q")
            engine.decline(offer())
            engine.gone(contact)
            contact = engine.arrive("q")
            engine.connect_failed(engine.accept(offer()))
            await asyncio.sleep(10)
            engagement = engine.accept(offer())
            engine.connected(engagement)
            engine.hold(engagement)
            engine.retrieve(engagement)
            engine.activity(engagement)
            assert engine.reply(contact) == engagement
            with pytest.raises(koble.StateError):
                engine.park(engagement, until="1h")
            engine.gone(contact, by="agent")
            engine.end_wrap_up(engagement)
            engine.presence("P", "available")
            assert engine.request("P", until="1m") is None
            engine.cancel_request("P")
            cem = engine.add_agent({"name": "Cem"})
            engine.change_agent(cem, {"name": "Cem", "capacity": 50})
            engine.remove_agent(cem)
            engine.replace_plan({**confirmed, "queues": [*confirmed["queues"], {"name": "r"}]})
            engine.advance()
            engine.apply({"kind": "contact_arrive", "time_ns": engine.now, "queue": "r"}).check()
            assert repr(engine).startswith("<koble.aio.Engine at ")

    run(main)


def test_a_clock_that_is_set_is_noticed(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        ahead = 0
        async with koble.aio.Engine(plan, clock=lambda: loop.ns + ahead) as engine:
            engine.presence("Anna", "available")
            engine.arrive("support")
            ahead = 3600 * SECOND
            await asyncio.sleep(1.5)
            assert engine.sync.offers() == []  # the offer has expired by the new clock
            now = engine.now
            ahead = -3600 * SECOND
            engine.arrive("support")  # a clock set back does not lose a call
            assert engine.sync.now >= now - 2 * SECOND

    run(main)


def test_wrapping_a_restored_engine(plan: koble.Plan) -> None:
    async def main(loop: FakeLoop) -> None:
        old = koble.Engine(plan, start=loop.clock())
        old.presence("Anna", "available")
        old.arrive("support")
        engine = koble.Engine.restore(old.snapshot())
        engine.resume(loop.clock() + 60 * SECOND, down_since=loop.clock())
        async with koble.aio.Engine.wrap(engine, clock=loop.clock) as live:
            kinds = []
            async for event in live.events():
                kinds.append(event.kind)
                if event.kind is K.RESUMED:
                    break
            assert K.RESUMED in kinds
            live.reconcile(contacts=[], legs=[])
            assert live.sync.counts().contacts == 0

    run(main)


def test_it_needs_a_loop(plan: koble.Plan) -> None:
    with pytest.raises(RuntimeError):
        koble.aio.Engine(plan)


def test_real_time(plan: koble.Plan) -> None:
    async def main() -> list[str]:
        async with koble.aio.Engine(
            {**plan.to_dict(), "queues": [{"name": "q", "offer": {"mode": "ring", "ring": "30ms"}}]}
        ) as engine:
            engine.presence("Anna", "available")
            engine.arrive("q")
            kinds = []
            async for event in engine.events():
                kinds.append(str(event.kind))
                if event.kind is K.OUTCOME:
                    return kinds
        return []

    assert asyncio.run(asyncio.wait_for(main(), 10)) == ["presence", "arrived", "offered", "outcome"]
