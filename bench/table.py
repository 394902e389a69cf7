#!/usr/bin/env python3
"""Runs koble_bench and prints its results as a table. Started by bench/run.

Times are processor time, except those of single decisions (W5). The bare loop and the simulation are run in turn, so that
both see the same weather on a busy machine: what counts is the ratio of the two, taken pair by pair, and its median.
"""

import argparse
import json
import os
import statistics
import subprocess
from pathlib import Path


def run_bench(build: Path, pattern: str, repetitions: int) -> list[dict]:
    command = [
        str(build / "koble_bench"),
        f"--benchmark_filter={pattern}",
        f"--benchmark_repetitions={repetitions}",
        "--benchmark_min_time=0.05",
        "--benchmark_format=json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [b for b in json.loads(done.stdout)["benchmarks"] if b["run_type"] == "iteration"]


def median(rows: list[dict], key: str) -> float:
    return statistics.median(row[key] for row in rows if key in row)


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(title: str, header: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}")
    for row in [header, *rows]:
        print("  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))))


def bare_ns_per_arrival(bare: Path, workload: str, arrivals: int, seed: int) -> float:
    """Processor time of the whole process; its start is some 1 ms of it."""
    process = subprocess.Popen([str(bare), workload, "h4", str(arrivals), str(seed)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{bare} failed")
    return (usage.ru_utime + usage.ru_stime) * 1e9 / arrivals


def replay(build: Path, repetitions: int, keep: dict) -> None:
    names = {
        "singly": "one by one, typed functions",
        "batches": "batches of 1,000",
        "journal": "batches, bounded journal",
        "digest": "batches, digest every 1,000",
    }
    rows = []
    for workload in ("W1", "W2", "W3"):
        results = run_bench(build, f"^replay/{workload}/", repetitions)
        for how, words in names.items():
            those = [r for r in results if r["name"].startswith(f"replay/{workload}/{how}")]
            if any(r.get("error_occurred") for r in those):
                raise SystemExit(f"replay/{workload}/{how}: {those[0].get('error_message')}")
            values = {k: median(those, f"{k}_per_command") for k in ("ns", "allocations")}
            counted = [r for r in those if "instructions_per_command" in r]
            values["instructions"] = median(counted, "instructions_per_command") if counted else None
            keep[f"replay/{workload}/{how}"] = values
            instructions = number(values["instructions"]) if counted else "-"
            rows.append([f"{workload} {words}", number(values["ns"]), instructions, f"{values['allocations']:.4f}"])
    table("Koble alone, per command", ["", "ns", "instructions", "allocations"], rows)


def simulate(build: Path, out: Path, repetitions: int, short: bool, keep: dict) -> None:
    bare = out / "bare"
    rows = []
    for workload in ("W1", "W2", "W3"):
        ours, theirs, ratios = [], [], []
        for turn in range(repetitions):
            result = run_bench(build, f"^simulate/{workload}", 1)[0]
            ours.append(result["ns_per_arrival"])
            if bare.exists():
                theirs.append(bare_ns_per_arrival(bare, workload.lower(), 200_000 if short else 1_000_000, turn + 1))
                ratios.append(ours[-1] / theirs[-1])
        keep[f"simulate/{workload}"] = {
            "ns": statistics.median(ours),
            "p_abandon": result["p_abandon"],
            "p_wait": result["p_wait"],
            "ratio_to_bare": statistics.median(ratios) if ratios else None,
        }
        rows.append([
            workload,
            number(statistics.median(ours)),
            number(statistics.median(theirs)) if theirs else "-",
            f"{statistics.median(ratios):.2f}" if ratios else "-",
            f"{result['p_abandon']:.5f}",
            f"{result['p_wait']:.4f}",
        ])  # fmt: skip
    header = ["", "ns", "bare loop, ns", "ratio", "P(abandon)", "P(wait)"]
    table("Whole simulation through the C API, per arrival (two commands)", header, rows)


def decisions(build: Path, keep: dict) -> None:
    result = run_bench(build, "^w5", 1)[0]
    keep["w5"] = {k: v for k, v in result.items() if k.endswith(("_ns", "_decision", "_agent", "_contact"))}
    keep["w5"]["digest"] = result["label"].split()[-1]
    rows = [[number(result[f"{p}_ns"]) for p in ("p50", "p90", "p99", "p999", "max")]]
    rows[0].insert(0, "ns a decision")
    table("W5: 10,000 agents, all different, 100,000 waiting", ["", "median", "90 %", "99 %", "99.9 %", "most"], rows)
    print(f"  allocations a decision {result['allocations_per_decision']:.4f}, {result['label']}")
    if "instructions_per_decision" in result:
        print(f"  instructions a decision {number(result['instructions_per_decision'])}")


def memory(build: Path, keep: dict) -> None:
    rows = []
    for result in run_bench(build, "^memory/", 1):
        name = result["name"].removesuffix("/iterations:1").removeprefix("memory/")
        bytes_each = result.get("bytes_per_contact", result.get("bytes_per_agent"))
        keep[f"memory/{name}"] = bytes_each
        what = f"{int(name.split('/')[1]):,} contacts waiting" if name.startswith("contacts/") else "5,000 agents of W3"
        rows.append([what, number(bytes_each)])
    rows.append(["W5: 10,000 agents", number(keep["w5"]["bytes_per_agent"])])
    rows.append(["W5: 100,000 contacts waiting", number(keep["w5"]["bytes_per_contact"])])
    table("Memory of an engine (its plan not counted)", ["", "bytes each"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--repetitions", type=int, required=True)
    arguments = parser.parse_args()
    keep: dict = {}
    replay(arguments.build, arguments.repetitions, keep)
    short = os.environ.get("KOBLE_BENCH_SHORT") == "1"
    simulate(arguments.build, arguments.out, arguments.repetitions, short, keep)
    decisions(arguments.build, keep)
    memory(arguments.build, keep)
    Path(arguments.out, "results.json").write_text(json.dumps(keep, indent=2) + "\n", encoding="utf-8")
    print(f"\nmedians of {arguments.repetitions}; kept in {Path(arguments.out, 'results.json')}")


if __name__ == "__main__":
    main()
