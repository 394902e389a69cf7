#!/usr/bin/env python3
"""Runs Koble, the bare loop and the peers in turn and prints what an arrival costs each. Started by bench/peers/run.

Times are processor time, without the start of the process. Within a round all run one after the other, so that all see the
same weather on a busy machine; ratios are taken within a round, and their median counts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from judge import KINDS, judge_figures, judge_trace
from model import WORKLOADS, Source, Trace, write_trace
from peers import W5, Peer, peers
from with_python import run as reference

sys.path.append(str(Path(__file__).resolve().parent.parent))
import valgrind  # of bench/

LATENCIES = {"median_ns": "median", "p999_ns": "99.9 %"}  # of one decision by the clock; W5 alone
ALL = [*WORKLOADS, "w5"]

# Contacts of the traces: as many as it takes until many wait and some give up.
TRACES = {"w1": 6_000, "w2": 6_000, "w3": 40_000, "w4over": 15_000, "w4under": 6_000}


def start(out: Path, command: list[str]) -> tuple[dict[str, Any], float, float]:
    """What the program printed, the processor time of its process in ns, its peak memory in MB."""
    spent = out / "spent.txt"
    done = subprocess.run([str(out / "spent"), str(spent), *command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: status {done.returncode}\n{done.stderr[-2000:]}")
    process_ns, peak_kb = map(int, spent.read_text(encoding="ascii").split())
    result: dict[str, Any] = json.loads(done.stdout)
    return result, process_ns, peak_kb / 1024


def measure(out: Path, peer: Peer, workload: str, contacts: int, seed: int) -> dict[str, float]:
    drawn = [] if workload == "w5" else [str(seed)]  # each round is a draw of its own; that of W5 is a part of what it is
    command = [*peer.command, workload, *(["h4"] if peer.whole_process else []), str(contacts), *drawn]
    result, process_ns, peak_mb = start(out, command)
    if peer.whole_process:  # the bare loop, whose names are its own
        result["ns_per_arrival"] = process_ns / contacts
        result |= {"p_abandon": result["p_ab"], "mean_wait_s": result["mean_wait"]}
    return {k: result[k] for k in ("ns_per_arrival", *KINDS, *LATENCIES) if k in result} | {"peak_mb": peak_mb}


def check_traces(out: Path, chosen: list[Peer], workloads: list[str]) -> list[str]:
    """Every peer that can be given a trace must find exactly what the plain loop finds."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for workload in workloads:
            path = Path(folder, workload)
            contacts = TRACES[workload]
            write_trace(path, WORKLOADS[workload], contacts, seed=20)
            draws: Source = Trace(path)
            right = reference(WORKLOADS[workload], contacts, draws).shares()
            if workload != "w4under" and right["p_abandon"] == 0:
                raise SystemExit(f"{workload}: a trace in which nobody gives up tells nothing; write more contacts in TRACES")
            for peer in chosen:
                if peer.traced and workload not in peer.cannot and peer.name != "python":
                    found, _, _ = start(out, [*peer.command, workload, str(contacts), "--trace", str(path)])
                    wrong += [f"{peer.name} {workload}: {what}" for what in judge_trace(found, right)]
    return wrong


def say(what: str) -> None:
    """How far it is, for a person who waits; over what was said before."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(runs: list[dict[str, float]], base: list[dict[str, float]] | None) -> float | None:
    if base is None:
        return None
    return statistics.median(a["ns_per_arrival"] / b["ns_per_arrival"] for a, b in zip(runs, base, strict=True))


def print_table(header: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        print("  " + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))))


def print_results(results: dict[str, Any], chosen: list[Peer], without: dict[str, str]) -> None:
    header = ["", "ns per arrival", "to bare", "to Koble", "instructions", "contacts", "peak MB"]
    header += ["P(abandon)", "P(wait)", "mean wait s", "figures"]
    for workload, of_workload in results.items():
        print(f"\n{workload.upper()}")
        rows, decision = [], []
        for peer in chosen:
            if (r := of_workload.get(peer.name)) is None:
                continue
            decision += [f"{words} {r[k]:,.0f} ns" for k, words in LATENCIES.items() if k in r]
            told = [f"{r[k]:.5f}" if k in r else "-" for k in KINDS]
            ratios = [number(r[k]) if r[k] is not None else "-" for k in ("to_bare", "to_koble")]
            counted = "-" if r["instructions"] is None else number(r["instructions"])
            cost = [number(r["ns_per_arrival"]), *ratios, counted, f"{r['contacts']:,}", number(r["peak_mb"])]
            rows.append([peer.name, *cost, *told, r["figures"]])
        print_table(header, rows)
        if decision:
            print(f"  one decision by the clock: {', '.join(decision)}")
        for peer in chosen:
            if workload in peer.cannot:
                print(f"  {peer.name} cannot: {peer.cannot[workload]}")
    print()
    for peer in chosen:
        print(f"  {peer.name}: {peer.what}")
    for name, reason in without.items():
        print(f"  skipped: {name} ({reason})")
    if "w5" in results:
        print(f"  {W5}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/peers/run", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--without", action="append", default=[], metavar="PEER=REASON", help="leave a peer out")
    parser.add_argument("--only", action="append", metavar="PEER", help="these peers alone (Koble and the bare loop stay)")
    parser.add_argument("--rounds", type=int, default=3, help="at least 3; default 3")
    parser.add_argument("--workloads", default="w1,w2,w3,w5", help=f"of {','.join(ALL)}; default w1,w2,w3,w5")
    parser.add_argument("--arrivals", action="append", default=[], metavar="PEER=N", help="instead of the peer's own number")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()
    if arguments.rounds < 3:
        parser.error("a median wants rounds: write --rounds 3 or more")
    workloads = arguments.workloads.split(",")
    everyone = peers(arguments.out)
    names = {p.name for p in everyone}
    without = dict(w.split("=", 1) if "=" in w else (w, "as asked") for w in arguments.without)
    try:
        arrivals = {name: int(count) for name, count in (a.split("=", 1) for a in arguments.arrivals)}
    except ValueError:
        parser.error("--arrivals: write PEER=N, as in simpy=50000")
    if unknown := {*without, *(arguments.only or []), *arrivals} - names:
        parser.error(f"no peer {', '.join(sorted(unknown))}: there are {', '.join(p.name for p in everyone)}")
    if unknown := {*workloads} - {*ALL}:
        parser.error(f"no workload {', '.join(sorted(unknown))}: there are {', '.join(ALL)}")
    if min(arrivals.values(), default=1) < 1:
        parser.error("--arrivals: write a number above 0")
    wanted = names if arguments.only is None else {"koble", "bare", *arguments.only}
    chosen = [p for p in everyone if p.name in wanted and p.name not in without]

    # Exactly right or not comes first: what is wrong is not worth measuring.
    say("the same trace for all")
    wrong = check_traces(arguments.out, chosen, [w for w in workloads if w in WORKLOADS])
    if wrong:
        print("Another system was simulated:", *wrong, sep="\n  ", file=sys.stderr)
        return 1

    results: dict[str, Any] = {}
    for workload in workloads:
        can = [p for p in chosen if p.contacts[workload] > 0 and workload not in p.cannot]
        counts = {p.name: arrivals.get(p.name, p.contacts[workload]) for p in can}
        runs: dict[str, list[dict[str, float]]] = {p.name: [] for p in can}
        for turn in range(arguments.rounds):
            for peer in can:
                say(f"{workload}, round {turn + 1} of {arguments.rounds}: {peer.name}")
                runs[peer.name].append(measure(arguments.out, peer, workload, counts[peer.name], seed=turn + 1))
        results[workload] = {}
        for peer in can:
            own = runs[peer.name]
            verdict = judge_figures(workload, counts[peer.name], own) if workload in WORKLOADS else None
            wrong += [f"{peer.name} {workload}: {what}" for what in verdict or []]
            results[workload][peer.name] = {
                **{k: statistics.median(r[k] for r in own) for k in ("ns_per_arrival", "peak_mb", *LATENCIES) if k in own[0]},
                **{k: statistics.fmean(r[k] for r in own) for k in KINDS if k in own[0]},
                "to_bare": ratio(own, runs.get("bare")),
                "to_koble": ratio(own, runs.get("koble")),
                "instructions": valgrind.per_arrival([*peer.counted, workload, *(["h4"] if peer.whole_process else [])])
                if peer.counted and valgrind.available()
                else None,
                "contacts": counts[peer.name],
                "figures": "-" if workload not in WORKLOADS else "too few to tell" if verdict is None else "WRONG" if verdict else "right",
                "runs_ns": [r["ns_per_arrival"] for r in own],
            }
    say("")
    report = {
        "rounds": arguments.rounds,
        "workloads": results,
        "cannot": {p.name: {w: r for w, r in p.cannot.items() if w in workloads} for p in chosen if p.cannot},
        "koble_alone": {"w5": W5} if "w5" in workloads else {},
        "skipped": without,
        "wrong": wrong,
    }
    (arguments.out / "results.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if arguments.json:
        print(json.dumps(report, indent=2))
    else:
        print_results(results, chosen, without)
        print(f"\nmedians of {arguments.rounds} rounds; kept in {arguments.out / 'results.json'}")
    if wrong:
        print("Another system was simulated:", *wrong, sep="\n  ", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
