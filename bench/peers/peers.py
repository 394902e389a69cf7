"""Who is compared: how each program is started, how many contacts it is given, what it cannot do and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["W5", "Peer", "peers"]

W5 = (
    "W5, a decision (the freed agent's next contact) and the arrival that follows, is Koble's alone: none of the peers has "
    "requirements over skill levels, so that an index written by their user would be measured; the bare loop has W1 to W3"
)
_CIW = "a node's servers serve every class of customer: no skills"
_ITEMS = "every agent that is freed goes through all who wait, here thousands"
_ACTIVATE = "an event taken out early is sought through the whole event list, here of tens of thousands"
_BARE = "its source has W1 to W3"


@dataclass(frozen=True)
class Peer:
    name: str
    what: str
    command: list[str]
    contacts: dict[str, int]  # by workload: slow ones get fewer
    traced: bool = True  # can be given a trace
    whole_process: bool = False  # its time is that of the process, not told by itself
    cannot: dict[str, str] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)  # the program, built for counting instructions; none: it is no compiled one


def peers(out: Path) -> list[Peer]:
    """Koble comes first: W5 has it alone."""
    here = Path(__file__).parent
    venv = out / "venv" / "bin" / "python"

    def python(module: str) -> list[str]:
        return [str(venv), "-B", str(here / f"with_{module}.py")]

    def contacts(w1: int, w2: int, w3: int, w4over: int = 0, w4under: int = 0, w5: int = 0) -> dict[str, int]:
        return {"w1": w1, "w2": w2, "w3": w3, "w4over": w4over, "w4under": w4under, "w5": w5}

    java = ["java", "-XX:+UseSerialGC", "-cp", f"{out / 'ssj' / 'classes'}:{out / 'ssj' / 'lib'}/*", "Peer"]
    koble = [str(here.parent.parent / "build" / "release" / "bench" / "koble_bench"), "run"]
    million = 1_000_000
    return [
        Peer("koble", "the engine through its C API, bench/workload.cc", koble,
             contacts(million, million, million, million, million, 300_000), traced=False, counted=koble),
        Peer("bare", "a C++ loop for W1 to W3 alone (KOBLE_BARE)", [str(out / "bare")], contacts(million, million, million),
             traced=False, whole_process=True, cannot={"w4over": _BARE, "w4under": _BARE}, counted=[str(out / "bare-o2")]),
        Peer("ssj", "SSJ 3.3.2 (Java), routing by its user", java,
             contacts(2 * million, 2 * million, 2 * million, million, million)),
        Peer("python", "no library: plain Python, a heap", python("python"),
             contacts(300_000, 300_000, 300_000, 500_000, 300_000)),
        Peer("simpy-routing", "SimPy 4.1.2, routing by its user", python("simpy_routing"),
             contacts(200_000, 200_000, 200_000, 500_000, 200_000)),
        Peer("simpy", "SimPy 4.1.2, its Resource or FilterStore", python("simpy"),
             contacts(100_000, 100_000, 60_000, w4under=100_000), cannot={"w4over": _ITEMS}),
        Peer("salabim-routing", "salabim 26.0.9, routing by its user", python("salabim_routing"),
             contacts(100_000, 100_000, 60_000, w4under=100_000), cannot={"w4over": _ACTIVATE}),
        Peer("ciw", "Ciw 3.2.7", python("ciw"), contacts(40_000, 0, 0),
             cannot=dict.fromkeys(("w2", "w3", "w4over", "w4under"), _CIW)),
        Peer("salabim", "salabim 26.0.9, its Resource or Store", python("salabim"),
             contacts(20_000, 20_000, 40_000, w4under=100_000), cannot={"w4over": _ITEMS}),
    ]  # fmt: skip
