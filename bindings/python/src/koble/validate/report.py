"""What a validation says: tables, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.markup import escape
from rich.table import Table

from ..lab.result import plain
from .check import AGREES, DIFFERS, NOT_SHOWN, Outcome, Suite, limit_of
from .paths import PathLine
from .planted import Caught
from .published import Published

__all__ = ["Report"]

_STYLE = {AGREES: "green", DIFFERS: "bold red", NOT_SHOWN: "yellow"}


@dataclass
class Report:
    """``paths`` and ``generators`` by name of the case; one without lines is not used."""

    suite: Suite
    paths: dict[str, list[PathLine]] = field(default_factory=dict)
    generators: dict[str, list[PathLine]] = field(default_factory=dict)
    published: list[Published] = field(default_factory=list)
    planted: list[Caught] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether anything differs, or an error that was planted is not seen."""
        lines = [line for listed in (*self.paths.values(), *self.generators.values()) for line in listed]
        return (
            any(outcome.differs for outcome in self.suite.outcomes)
            or any(not line.right for line in lines)
            or any(one.estimate is not None and not one.overlaps for one in self.published)
            or any(not one.by and not one.absent for one in self.planted)
        )

    def tables(self) -> Iterable[Table]:
        if self.suite.outcomes:
            yield _exact(self.suite.outcomes)
        if self.paths or self.generators:
            yield _lines({**self.paths, **self.generators})
        if self.published:
            yield _published(self.published)
        if self.planted:
            yield _planted(self.planted)

    def summary(self) -> str:
        suite = self.suite
        ran = [outcome for outcome in suite.outcomes if outcome.figures]
        said = []
        if ran:
            most = max(outcome.replications for outcome in ran)
            said.append(
                f"{len(ran)} exact cases, {len(suite.figures)} figures: {suite.count(AGREES)} agree, "
                f"{suite.count(DIFFERS)} differ, {suite.count(NOT_SHOWN)} not shown; rms z {suite.rms_z:.2f}; "
                f"a figure differs beyond {limit_of(suite.comparisons, most):.2f} to "
                f"{limit_of(suite.comparisons, 100):.2f} standard errors"
            )
        waiting = [outcome.case for outcome in suite.outcomes if not outcome.figures]
        if waiting:
            said.append(f"not carried out: {', '.join(waiting)}")
        if self.planted:
            caught = sum(bool(one.by) for one in self.planted)
            said.append(f"{caught} of {len(self.planted)} planted errors caught")
        return "\n".join(said)

    def to_dict(self) -> dict[str, Any]:
        return {
            "comparisons": self.suite.comparisons,
            "rms_z": plain(self.suite.rms_z),
            "exact": [_outcome(one) for one in self.suite.outcomes],
            "paths": {name: [_line(one) for one in lines] for name, lines in self.paths.items()},
            "generators": {name: [_line(one) for one in lines] or "not used" for name, lines in self.generators.items()},
            "published": [
                {
                    "case": one.case, "figure": one.figure, "reported": plain(one.reported), "reach": one.reach,
                    **({"why": one.why} if one.estimate is None else {
                        "value": one.estimate.value, "low": plain(one.estimate.low), "high": plain(one.estimate.high),
                        "overlaps": one.overlaps,
                    }),
                }
                for one in self.published
            ],
            "planted": [
                {"error": one.planted.name, "case": one.planted.case, "caught": bool(one.by), "by": one.by or None}
                for one in self.planted
            ],
        }  # fmt: skip


def _outcome(one: Outcome) -> dict[str, Any]:
    if not one.figures:
        return {"case": one.case, "family": one.family, "verdict": one.why}
    return {
        "case": one.case,
        "family": one.family,
        "replications": one.replications,
        "contacts": round(one.contacts),
        "seconds": round(one.seconds, 1),
        "figures": [
            {
                "figure": figure.figure, "exact": figure.exact, "value": plain(figure.estimate.value),
                "error": plain(figure.estimate.error), "half_width": plain(figure.width), "bound": figure.bound,
                "z": plain(figure.z), "verdict": figure.verdict,
            }
            for figure in one.figures
        ],
    }  # fmt: skip


def _line(one: PathLine) -> dict[str, Any]:
    return {"what": one.what, "expected": one.expected, "found": one.found, "right": one.right}


def _table(title: str, headings: Sequence[str], left: int) -> Table:
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < left else "right", overflow="fold")
    return table


def _exact(outcomes: Iterable[Outcome]) -> Table:
    table = _table("exact cases", ("case", "figure", "exact", "simulated", "half-width", "z", "verdict"), 2)
    for outcome in outcomes:
        if not outcome.figures:
            table.add_row(escape(outcome.case), "", "", "", "", "", f"[yellow]{escape(outcome.why)}[/yellow]")
        for number, one in enumerate(outcome.figures):
            z = "-" if one.z != one.z else f"{one.z:+.2f}"
            width = "-" if one.width != one.width else f"{one.width:.2%}"
            table.add_row(
                escape(outcome.case) if number == 0 else "",
                one.figure,
                f"{one.exact:.6g}",
                f"{one.estimate.value:.6g}",
                width,
                z,
                f"[{_STYLE[one.verdict]}]{one.verdict}[/]",
            )
        table.add_section()
    return table


def _lines(paths: dict[str, list[PathLine]]) -> Table:
    table = _table("worked paths and generators", ("case", "what", "expected", "found"), 4)
    for name, lines in paths.items():
        wrong = [line for line in lines if not line.right]
        right = "not used" if not lines else f"{len(lines) - len(wrong)} of {len(lines)} values as they should be"
        table.add_row(escape(name), right, "", "")
        for line in wrong:
            table.add_row("", f"[bold red]{escape(line.what)}[/]", escape(line.expected), escape(line.found))
    return table


def _published(lines: Iterable[Published]) -> Table:
    table = _table("published results", ("case", "figure", "published", "simulated", "verdict"), 2)
    for one in lines:
        if one.estimate is None:
            table.add_row(escape(one.case), "", "", "", f"[yellow]{escape(one.why)}[/]")
            continue
        verdict = f"[green]{AGREES}[/]" if one.overlaps else f"[bold red]{DIFFERS}[/]"
        ours = f"{one.estimate.value:.6g} +- {one.estimate.half_width:.2g}"
        table.add_row(escape(one.case), escape(one.figure), f"{one.reported:g} +- {one.reach:.2g}", ours, verdict)
    return table


def _planted(found: Iterable[Caught]) -> Table:
    table = _table("planted errors", ("error", "case", "caught by"), 3)
    for one in found:
        by = one.by or ("[yellow]the case is absent[/]" if one.absent else "[bold red]NOT CAUGHT[/]")
        table.add_row(escape(one.planted.name), escape(one.planted.case), by if not one.by else escape(by))
    return table
