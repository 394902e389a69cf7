"""The targets of Koble's performance: what counts for each, and whether it is met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from jobs import AXES, Results, median, ratio

__all__ = ["TARGETS", "Row", "Target", "judge"]


@dataclass(frozen=True)
class Value:
    """One number of a row. What is not wanted to be at most, but at least so great, has `least`."""

    name: str
    measured: float | None
    target: float
    must: float
    least: bool = False

    def within(self, limit: float) -> bool:
        assert self.measured is not None
        return self.measured >= limit if self.least else self.measured <= limit


@dataclass(frozen=True)
class Target:
    number: int
    what: str
    unit: str  # behind numbers, with its space; "x" for ratios
    digits: int
    values: Callable[[Results], list[Value]]
    beside: Callable[[Results], str] = field(default=lambda _: "")  # more that was measured, in words
    bare: bool = False  # needs the bare loop


@dataclass(frozen=True)
class Row:
    """What a target came to, in words."""

    number: int
    what: str
    target: str
    must: str
    measured: str
    verdict: str  # "met", "within the must", "**missed**", or "not measured..."


def _ratios(figure: str, names: dict[str, tuple[str, str]], limits: list[tuple[float, float]]) -> Callable[[Results], list[Value]]:
    def values(results: Results) -> list[Value]:
        pairs = zip(names.items(), limits, strict=True)
        return [Value(n, ratio(results, key, base, figure), t, m) for (n, (key, base)), (t, m) in pairs]

    return values


def _medians(keys: list[tuple[str, str, str, float, float]]) -> Callable[[Results], list[Value]]:
    """Of (name, job, figure, target, must)."""
    return lambda results: [Value(name, median(results, key, figure), t, m) for name, key, figure, t, m in keys]


def _scaled(value: float | None, by: float) -> float | None:
    return None if value is None else value * by


def _w5(results: Results) -> list[Value]:
    half, tail = (_scaled(median(results, "w5", figure), 1e-3) for figure in ("median_ns", "p999_ns"))
    return [Value("median", half, 0.6, 2), Value("99.9 %", tail, 2, 20)]


def growth_per_tenfold(results: Results, axis: str) -> float | None:
    """The worst of the steps from one to ten and from ten to a hundred."""
    counted = [median(results, f"growth/{axis}/{times}/instructions", "instructions") for times in (1, 10, 100)]
    known = [value for value in counted if value is not None]
    return max(b / a for a, b in zip(known, known[1:], strict=False)) if len(known) > 1 else None


def _growth(results: Results) -> list[Value]:
    return [Value(axis, growth_per_tenfold(results, axis), 1.1, 1.3) for axis in AXES]


def _allocations(results: Results) -> list[Value]:
    counted = [round_["steady_allocations"] for rounds in results.values() for round_ in rounds if "steady_allocations" in round_]
    return [Value("most of any run", max(counted) if counted else None, 0, 0)]


def _bytes_beside(results: Results) -> str:
    plan = median(results, "bytes/agents/1000", "plan_bytes_per_agent")
    return "" if plan is None else f"an agent's share of the plan beside that: {plan:,.0f}"


def _instructions_beside(how: str) -> Callable[[Results], str]:
    def words(results: Results) -> str:
        ours = [median(results, f"run/{w}/{how}/instructions", "instructions") for w in ("w1", "w2", "w3")]
        theirs = [median(results, f"run/{w}/bare/instructions", "instructions") for w in ("w1", "w2", "w3")]
        pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
        return f"in instructions {' / '.join(f'{a / b:.1f}' for a, b in pairs)}" if len(pairs) == len(ours) else ""

    return words


def _uncounted_beside(results: Results) -> str:
    ratios = [ratio(results, f"run/{w}/uncounted", f"run/{w}/bare", _NS) for w in ("w1", "w2", "w3")]
    without = "" if None in ratios else "; without figures " + " / ".join(f"{r:.1f}" for r in ratios if r is not None)
    return _instructions_beside("koble")(results) + without


def _policy_beside(results: Results) -> str:
    reading = median(results, "python", "policy_reading_ns")
    return "" if reading is None else f"one that reads a member of each of 10 candidates: {reading / 1e3:.1f}"


def _threads(results: Results) -> list[Value]:
    one, eight = (median(results, f"threads/{name}/instructions", "instructions") for name in ("one", "eight"))
    apart = None if one is None or eight is None else 100 * abs(eight / one - 1)
    return [
        Value("rate", ratio(results, "threads/eight", "threads/one", "arrivals_per_s"), 1.8, 1.6, least=True),
        Value("instructions apart, %", apart, 1, 1),
    ]


def _against_bare(how: str) -> dict[str, tuple[str, str]]:
    return {w.upper(): (f"run/{w}/{how}", f"run/{w}/bare") for w in ("w1", "w2", "w3")}


_NS = "ns_per_arrival"
TARGETS = [
    Target(1, "simulation with the full engine and figures against the bare loop, journal off", "x", 1,
           _ratios(_NS, _against_bare("koble"), [(2.0, 3), (1.8, 2.8), (1.8, 2.8)]), _uncounted_beside, bare=True),
    Target(2, "the same, journal bounded, digest every 1,000 commands", "x", 1,
           _ratios(_NS, _against_bare("recorded"), [(2.6, 3.6), (2.2, 3.3), (2.2, 3.3)]), _instructions_beside("recorded"), bare=True),
    Target(3, "W3 against W2, per arrival", "x", 3, _ratios(_NS, {"": ("run/w3/koble", "run/w2/koble")}, [(1.35, 1.6)])),
    Target(4, "live: one decision of W5 through the C API", " us", 2, _w5),
    Target(5, "W4 against W3, per arrival", "x", 2,
           _ratios(_NS, {"crowd": ("run/w4over/koble", "run/w3/koble"), "idle": ("run/w4under/koble", "run/w3/koble")}, [(1.5, 2.5)] * 2)),
    Target(6, "growth: instructions a decision, per tenfold", "x", 2, _growth),
    Target(7, "allocations in the steady state", "", 0, _allocations),
    Target(8, "bytes each, at 1,000 queues", "", 0,
           _medians([("contact waiting", "bytes/contacts/1000", "bytes_per_contact", 192, 384),
                     ("agent of W5", "bytes/agents/1000", "bytes_per_agent", 640, 1024)]), _bytes_beside),
    Target(9, "long run of W1: peak memory", " MB", 1, _medians([("", "long", "peak_mb", 6, 20)])),
    Target(10, "process start and 10,000 arrivals of W1 from a plan file", " ms", 1, _medians([("", "start", "wall_ms", 10, 30)])),
    Target(11, "Python host loop, per contact", " us", 2,
           lambda results: [Value("", _scaled(median(results, "python", "loop_ns"), 1e-3), 2.5, 5)]),
    Target(12, "policy written in Python, per decision, over the native one", " us", 2,
           lambda results: [Value("", _scaled(median(results, "python", "policy_ns"), 1e-3), 1.5, 4)], _policy_beside),
    Target(13, "loading a plan of 15,000 agents, 2,000 queues, 5,000 steps", " ms", 0,
           _medians([("JSON", "load", "json_ms", 60, 180), ("binary", "load", "binary_ms", 15, 45)])),
    Target(14, "clone with 10,000 agents and 100,000 waiting", " ms", 1, _medians([("", "clone", "clone_ms", 5, 20)])),
    Target(15, "8 engines of W2 on 2 threads against 1 on 1", "", 2, _threads),
]  # fmt: skip


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def _limits(values: list[Value], must: bool) -> str:
    """Said once where it is the same for all."""
    limits = [v.must if must else v.target for v in values]
    sign = ["at least " if v.least else "" for v in values]
    words = [f"{s}{limit:g}" for s, limit in zip(sign, limits, strict=True)]
    return words[0] if len(set(words)) == 1 else " / ".join(words)


def judge(target: Target, results: Results, *, has_bare: bool) -> Row:
    values = target.values(results)
    limits = _limits(values, must=False) + target.unit, _limits(values, must=True) + target.unit
    if any(v.measured is None for v in values):
        why = "not measured: KOBLE_BARE names no source" if target.bare and not has_bare else "not measured"
        return Row(target.number, target.what, *limits, "", why)
    told = [f"{v.name + ' ' if v.name else ''}{_number(v.measured, target.digits)}" for v in values if v.measured is not None]
    beside = target.beside(results)
    measured = ", ".join(told) + (f"; {beside}" if beside else "")
    if all(v.within(v.target) for v in values):
        verdict = "met"
    elif all(v.within(v.must) for v in values):
        verdict = "within the must"
    else:
        verdict = "**missed**"
    return Row(target.number, target.what, *limits, measured, verdict)
