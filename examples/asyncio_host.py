"""A host in Python: an asyncio server that a telephone exchange talks to, one line for everything that happens.

    python asyncio_host.py plans/helpdesk.json              plays a script against itself and ends
    python asyncio_host.py plans/helpdesk.json --port 4573  serves on that port; try it with telnet

The exchange sends "in Anna", "out Anna", "call 7 billing", "answer 7", "decline 7", "hangup 7", and is told what the
engine decided: "ring 7 Anna", "stop 7 Anna", "connect 7 Anna". `koble.aio.Engine` keeps the time. In the script one
second is a minute, so that it ends soon.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable

import koble
import koble.aio
from koble import EventKind

SPEED = 60

# After so many seconds (of the engine's time), this line. Only Anna may take call 3, until the queue's step at 20 s
# lets Bo; he does not answer. When he does, it is too late: saying so is harmless.
SCRIPT = [
    (1, "in Anna"), (1, "in Bo"), (3, "call 1 billing"), (4, "answer 1"), (2, "call 2 english"), (2, "call 3 billing"),
    (40, "answer 3"), (5, "hangup 1"), (15, "answer 2"), (10, "hangup 3"), (5, "hangup 2"), (20, "out Anna"),
    (1, "out Bo"),
]  # fmt: skip


class Host:
    """Turns lines into commands and events into lines."""

    def __init__(self, engine: koble.aio.Engine) -> None:
        self.engine = engine
        self.calls: dict[int, koble.ContactId] = {}
        self.ringing: dict[int, koble.OfferId] = {}
        self.exchanges: set[asyncio.StreamWriter] = set()

    def signal(self, line: str) -> str:
        """One line from the exchange, as one command."""
        match line.split():
            case ["in", name]:
                self.engine.presence(name, "available")
            case ["out", name]:
                self.engine.presence(name, "offline")
            case ["call", number, queue]:
                self.calls[int(number)] = self.engine.arrive(queue, host_ref=int(number))
            case ["answer", number]:
                self.engine.accept(self.ringing[int(number)])
            case ["decline", number]:
                self.engine.decline(self.ringing[int(number)])
            case ["hangup", number]:
                self.engine.gone(self.calls[int(number)])
            case _:
                return "what? in, out, call, answer, decline, hangup"
        return "ok"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What one exchange says. A refusal is an answer like any other: the world is full of late signals."""
        self.exchanges.add(writer)
        try:
            while line := (await reader.readline()).decode(errors="replace").strip():
                try:
                    answer = self.signal(line)
                except koble.KobleError as refused:
                    answer = f"refused: {refused}"
                except (KeyError, ValueError):
                    answer = "refused: no such call"
                writer.write(f"{answer}\n".encode())
        finally:
            self.exchanges.discard(writer)
            writer.close()

    async def act(self) -> None:
        """Does what the engine decides: tells the exchanges whom to ring and whom to connect."""
        async for event in self.engine.events():
            print(event, flush=True)
            order = None
            if event.kind is EventKind.OFFERED:
                self.ringing[event.host_ref] = event.offer
                order = "ring"
            elif event.kind is EventKind.OUTCOME:
                order = "stop"
            elif event.kind is EventKind.SERVING:
                order = "connect"
            if order:
                for exchange in self.exchanges:
                    exchange.write(f"{order} {event.host_ref} {event.agent_name}\n".encode())


def scaled_clock() -> Callable[[], int]:
    """A clock on which a second is a minute; the engine does not mind."""
    begin = time.monotonic_ns()
    return lambda: (time.monotonic_ns() - begin) * SPEED


async def play(port: int) -> None:
    """The exchange of the script: sends its lines, prints what it is told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def listen() -> None:
        while line := await reader.readline():
            if line != b"ok\n":
                print("    exchange is told:", line.decode().strip(), flush=True)

    listener = asyncio.create_task(listen())
    for seconds, line in SCRIPT:
        await asyncio.sleep(seconds / SPEED)
        writer.write(f"{line}\n".encode())
    writer.write(b"\n")
    await listener
    writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan")
    parser.add_argument("--port", type=int)
    options = parser.parse_args()

    plan = koble.Plan.load(options.plan)
    live = options.port is not None
    clock, speed = (time.time_ns, 1) if live else (scaled_clock(), SPEED)
    async with koble.aio.Engine(plan, clock=clock, speed=speed) as engine:
        host = Host(engine)
        actor = asyncio.create_task(host.act())
        async with await asyncio.start_server(host.serve, "127.0.0.1", options.port or 0) as server:
            if live:
                await server.serve_forever()
            await play(server.sockets[0].getsockname()[1])
        engine.close()
        await actor
    print("every call has ended")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
    except (koble.KobleError, OSError) as error:
        raise SystemExit(f"asyncio_host: {error}") from None
