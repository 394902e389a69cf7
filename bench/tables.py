"""The tables of docs/performance.md, of what bench/report has measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jobs import AXES, Results, median, ratio
from targets import Row, growth_per_tenfold

__all__ = ["Table", "plain", "rewrite", "sections"]

Table = tuple[list[str], list[list[str]]]

_AXIS_WORDS = {
    "agents": "agents, all busy: one is freed to his next contact",
    "idle": "agents, all idle: a contact finds one",
    "queues": "queues, of other agents",
    "contacts": "contacts waiting",
    "choice": "queues that each agent can serve",
    "centre": "all of them at once",
}


def _cell(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _targets(rows: Sequence[Row], reasons: dict[str, str]) -> Table:
    cells = []
    for row in rows:
        reason = reasons.get(str(row.number), "") if row.verdict not in ("met", "") and not row.verdict.startswith("not measured") else ""
        verdict = f"{row.verdict}: {reason}" if reason else row.verdict
        cells.append([str(row.number), row.what, row.target, row.must, row.measured, verdict])
    return ["", "what", "target", "must", "measured", ""], cells


def _replay(results: Results) -> Table:
    rows = []
    for w in ("w1", "w2", "w3"):
        ns = [_cell(median(results, f"replay/{w}/{how}", "ns_per_command")) for how in ("singly", "batches", "journal", "digest")]
        counted = _cell(median(results, f"replay/{w}/instructions", "instructions"))
        rows.append([w.upper(), *ns, counted, _cell(median(results, f"replay/{w}/singly", "steady_allocations"))])
    header = ["Koble alone, per command", "one by one, ns", "batches of 1,000, ns", "with bounded journal, ns", "digest every 1,000, ns"]
    return [*header, "instructions", "allocations in the second half of the run"], rows


def _run(results: Results) -> Table:
    rows = []
    for w, name in (("w1", "W1"), ("w2", "W2"), ("w3", "W3"), ("w4over", "W4, crowd"), ("w4under", "W4, idle")):
        ours, recorded, bare = (f"run/{w}/{who}" for who in ("koble", "recorded", "bare"))
        ns = [_cell(median(results, key, "ns_per_arrival")) for key in (ours, f"run/{w}/uncounted", recorded, bare)]
        ratios = [_cell(ratio(results, key, bare, "ns_per_arrival"), 1) for key in (ours, recorded)]
        counted = [_cell(median(results, f"{key}/instructions", "instructions")) for key in (ours, recorded, bare)]
        told = [_cell(median(results, ours, figure), 4).removeprefix("0") for figure in ("p_abandon", "p_wait")]
        rows.append([name, *ns, *ratios, " / ".join(counted), *told])
    header = ["The whole simulation, per arrival", "ns", "without figures, ns", "recorded, ns", "bare loop, ns", "ratio", "ratio, recorded"]
    return [*header, "instructions: ours / recorded / bare", "P(abandon)", "P(wait)"], rows


def _w5(results: Results) -> Table:
    figures = ["median_ns", "p90_ns", "p99_ns", "p999_ns", "p9999_ns"]
    values = [_cell(median(results, "w5", figure)) for figure in figures]
    counted = _cell(median(results, "w5/instructions", "instructions"))
    return ["W5, one decision", "median", "90 %", "99 %", "99.9 %", "99.99 %", "instructions"], [["ns", *values, counted]]


def _growth(results: Results) -> Table:
    rows = []
    for axis in AXES:
        counted = [_cell(median(results, f"growth/{axis}/{times}/instructions", "instructions")) for times in (1, 10, 100)]
        ns = [_cell(median(results, f"growth/{axis}/{times}", "median_ns")) for times in (1, 10, 100)]
        each = [_cell(median(results, f"growth/{axis}/{times}", "queues_per_agent")) for times in (1, 10, 100)]
        has = [_cell(median(results, f"growth/{axis}/{times}", "agents_per_queue")) for times in (1, 10, 100)]
        worst = _cell(growth_per_tenfold(results, axis), 2)
        rows.append([_AXIS_WORDS[axis], " / ".join(counted), worst, " / ".join(ns), " / ".join(each), " / ".join(has)])
    header = ["1,000 / 10,000 / 100,000 of these", "instructions a decision", "per tenfold", "ns, median"]
    return [*header, "queues an agent can serve", "agents a queue has"], rows


def _bytes(results: Results) -> Table:
    counts = sorted({int(key.split("/")[2]) for key in results if key.startswith("bytes/")})
    rows = [
        [words, *(_cell(median(results, f"bytes/{what}/{queues}", figure)) for queues in counts)]
        for words, what, figure in (
            ("contact waiting, of 100,000, with one timer", "contacts", "bytes_per_contact"),
            ("agent of W5, of 10,000", "agents", "bytes_per_agent"),
            ("the same agent's share of the plan", "agents", "plan_bytes_per_agent"),
        )
    ]
    return ["bytes each", *(f"{queues:,} queues" for queues in counts)], rows


def sections(results: Results, rows: Sequence[Row], reasons: dict[str, str]) -> dict[str, Table]:
    """Those of which something was measured."""
    made: dict[str, Table] = {"targets": _targets(rows, reasons)}
    for name, make in (("replay", _replay), ("run", _run), ("w5", _w5), ("growth", _growth), ("bytes", _bytes)):
        if any(key.split("/")[0] == name and rounds for key, rounds in results.items()):
            made[name] = make(results)
    return made


def plain(table: Table) -> str:
    """For the screen: numbers to the right."""
    header, rows = table
    widths = [max(len(line[i]) for line in [header, *rows]) for i in range(len(header))]

    right = [all(re.fullmatch(r"[\d.,% /-]*", row[i]) for row in rows) for i in range(len(header))]

    def line(cells: list[str]) -> str:
        padded = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True)]
        return "  " + "  ".join(padded).rstrip()

    return "\n".join(line(cells) for cells in [header, *rows])


def _markdown(table: Table) -> str:
    header, rows = table
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def rewrite(page: Path, made: Mapping[str, str | Table]) -> list[str]:
    """Puts each section between its two comments, `<!-- bench/report: NAME -->` and `<!-- end -->`. Returns the names that the page lacks."""
    text = page.read_text(encoding="utf-8")
    missing = []
    for name, section in made.items():
        body = section if isinstance(section, str) else _markdown(section)
        pattern = re.compile(rf"(?<=<!-- bench/report: {re.escape(name)} -->\n).*?(?=<!-- end -->)", re.DOTALL)
        found = pattern.search(text)
        if found is None:
            missing.append(name)
            continue
        text = f"{text[: found.start()]}\n{body}\n\n{text[found.end() :]}"
    page.write_text(text, encoding="utf-8")
    return missing
