#!/usr/bin/env python3
"""Shows that bench/report's verdicts are right, and that its checks find an engine that simulates another system.

  self_test.py KOBLE_BENCH KOBLE_RUN
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE / "peers"))
from jobs import GROUPS, SHORT, STANDARD, Programs, Results, make_jobs, median, ratio  # noqa: E402
from judge import judge_figures  # noqa: E402
from tables import plain, rewrite, sections  # noqa: E402
from targets import TARGETS, growth_per_tenfold, judge  # noqa: E402

ARRIVALS = 50_000
FAILED: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        FAILED.append(what)
        print(f"FAILED: {what}")


def figures_of(koble_run: str, plan: object, folder: str) -> dict[str, float]:
    path = Path(folder, "plan.json")
    path.write_text(json.dumps(plan), encoding="utf-8")
    done = subprocess.run([koble_run, str(path), str(ARRIVALS), "--journal", "--digest-every", "1000"], capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def check_simulation(koble_bench: str, koble_run: str) -> None:
    """W1 is judged right, and the same centre with ten agents fewer is not."""
    plan = json.loads(subprocess.run([koble_bench, "plan", "w1"], capture_output=True, text=True, check=True).stdout)
    expect(len(plan["agents"]) == 310, "W1 has 310 agents")
    with tempfile.TemporaryDirectory() as folder:
        right = figures_of(koble_run, plan, folder)
        expect(judge_figures("w1", ARRIVALS, [right]) == [], f"W1 is simulated rightly: {right}")
        plan["agents"] = plan["agents"][:290]
        wrong = figures_of(koble_run, plan, folder)
        expect(bool(judge_figures("w1", ARRIVALS, [wrong])), f"W1 with 290 agents is found out: {wrong}")
    refused = subprocess.run([koble_run, "no such file", "10"], capture_output=True, text=True, check=False)
    expect(refused.returncode == 1 and "no such file" in refused.stderr, "koble_run says which file is missing")


def rounds(**figures: list[float]) -> list[dict[str, float]]:
    return [dict(zip(figures, values, strict=True)) for values in zip(*figures.values(), strict=True)]


def check_verdicts() -> None:
    results: Results = {
        "run/w2/koble": rounds(ns_per_arrival=[100, 300, 100]),
        "run/w3/koble": rounds(ns_per_arrival=[120, 360, 500]),
        "start": rounds(wall_ms=[9, 9.5, 40]),
        "threads/one": rounds(arrivals_per_s=[100]),
        "threads/eight": rounds(arrivals_per_s=[170]),
        "threads/one/instructions": rounds(instructions=[1000]),
        "threads/eight/instructions": rounds(instructions=[1005]),
        "growth/idle/1/instructions": rounds(instructions=[1000]),
        "growth/idle/10/instructions": rounds(instructions=[1100]),
        "growth/idle/100/instructions": rounds(instructions=[2200]),
    }
    expect(ratio(results, "run/w3/koble", "run/w2/koble", "ns_per_arrival") == 1.2, "ratios are taken within a round")
    expect(median(results, "start", "wall_ms") == 9.5, "the median of three")
    expect(growth_per_tenfold(results, "idle") == 2, "the worst step counts")
    expect(growth_per_tenfold(results, "agents") is None, "an axis that was not measured has no growth")
    rows = {row.number: row for row in (judge(target, results, has_bare=False) for target in TARGETS)}
    expect(sorted(rows) == list(range(1, 16)), "there are 15 rows")
    expect(rows[1].verdict == "not measured: KOBLE_BARE names no source", f"without a bare loop: {rows[1].verdict}")
    expect(rows[3].verdict == "met", f"1.2 of 1.35: {rows[3]}")
    expect(rows[10].verdict == "met", f"9.5 of 10 ms: {rows[10]}")
    expect(rows[15].verdict == "within the must", f"1.7 is at least 1.6: {rows[15]}")
    expect(rows[6].verdict == "not measured", f"five axes are missing: {rows[6]}")
    slow = judge(TARGETS[9], {"start": rounds(wall_ms=[31])}, has_bare=False)
    expect(slow.verdict == "**missed**", f"31 of at most 30 ms: {slow}")
    made = sections(results, list(rows.values()), {"15": "because"})
    expect("within the must: because" in plain(made["targets"]), "the reason stands beside the verdict")
    expect("growth" in made and "w5" not in made, "what was not measured has no table")


def check_page() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.md")
        page.write_text("before\n<!-- bench/report: a -->\nold\n<!-- end -->\nbetween\n<!-- bench/report: b -->\n<!-- end -->\n", encoding="utf-8")
        missing = rewrite(page, {"a": (["x", "y"], [["1", r"\2"]]), "c": "new"})
        text = page.read_text(encoding="utf-8")
        expect(missing == ["c"], f"a section without a place is told: {missing}")
        expect("old" not in text and "| 1 | \\2 |\n" in text and "between" in text, f"only what is between the comments is written: {text}")
        rewrite(page, {"a": (["x", "y"], [["1", r"\2"]])})
        expect(page.read_text(encoding="utf-8") == text, "written again it is the same")
    text = (HERE.parent / "docs" / "performance.md").read_text(encoding="utf-8")
    for name in ("machine", "targets", "run", "replay", "w5", "growth", "bytes", "long"):
        expect(text.count(f"<!-- bench/report: {name} -->\n") == 1, f"docs/performance.md has a place for {name}")


def check_jobs() -> None:
    """Each target has something that measures it, in the short form too."""
    here = Path("bench")
    programs = Programs(here, here, here, here, here, here, here)
    for sizes in (SHORT, STANDARD):
        jobs = make_jobs(programs, sizes, short=sizes is SHORT)
        expect({job.group for job in jobs} == set(GROUPS), "every group has a job")
        expect(len({job.key for job in jobs}) == len(jobs), "no two jobs have one name")


def main() -> int:
    koble_bench, koble_run = sys.argv[1:]
    check_verdicts()
    check_page()
    check_jobs()
    check_simulation(koble_bench, koble_run)
    print(f"{len(FAILED)} failed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
