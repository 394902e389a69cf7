"""What the figures of a study are called in a picture, in which unit, and which side of them is better."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Quantity", "counted", "quantity"]


def counted(replications: int) -> str:
    return "one replication" if replications == 1 else f"{replications:,} replications"


@dataclass(frozen=True)
class Quantity:
    """``factor``: from the study's unit to the picture's, 100 for shares."""

    words: str
    unit: str = ""
    factor: float = 1.0
    best: Literal["smallest", "largest"] | None = None

    @property
    def label(self) -> str:
        return f"{self.words} ({self.unit})" if self.unit else self.words

    def said(self, value: float, low: float, high: float) -> str:
        """A value and its interval, in words."""
        from .style import number

        shown = [number(one * self.factor) for one in (value, low, high)]
        unit = f" {self.unit}" if self.unit else ""
        return f"{shown[0]}{unit}" if low != low else f"{shown[0]}{unit} ({shown[1]} to {shown[2]})"


_KNOWN = {
    "arrivals": Quantity("contacts that came"),
    "refused": Quantity("contacts refused", best="smallest"),
    "served": Quantity("contacts served", best="largest"),
    "waited": Quantity("contacts that waited", best="smallest"),
    "abandoned": Quantity("contacts that left unserved", best="smallest"),
    "balked": Quantity("contacts that left at once", best="smallest"),
    "abandoned_in_window": Quantity("contacts that left unserved", best="smallest"),
    "p_refused": Quantity("refused", "%", 100, "smallest"),
    "p_wait": Quantity("had to wait", "%", 100, "smallest"),
    "p_abandon": Quantity("left unserved", "%", 100, "smallest"),
    "p_balk": Quantity("left at once", "%", 100, "smallest"),
    "p_abandon_given_wait": Quantity("of those who waited, left unserved", "%", 100, "smallest"),
    "p_left_waiting": Quantity("still there at the end", "%", 100, "smallest"),
    "p_first_attempt_refused": Quantity("refused at the first attempt", "%", 100, "smallest"),
    "mean_wait_s": Quantity("mean wait", "s", 1, "smallest"),
    "second_moment_wait_s2": Quantity("second moment of the wait", "s\N{SUPERSCRIPT TWO}", 1, "smallest"),
    "mean_wait_given_wait_s": Quantity("mean wait of those who waited", "s", 1, "smallest"),
    "mean_wait_served_s": Quantity("mean wait of those served", "s", 1, "smallest"),
    "mean_wait_abandoned_s": Quantity("mean wait of those who left", "s", 1, "smallest"),
    "mean_service_s": Quantity("mean conversation", "s"),
    "mean_time_to_service_s": Quantity("mean time to service", "s", 1, "smallest"),
    "mean_queue_length": Quantity("queue length", "contacts", 1, "smallest"),
    "mean_in_service": Quantity("in conversation", "contacts"),
    "mean_in_system": Quantity("waiting or in conversation", "contacts"),
    "mean_orbit": Quantity("between attempts", "customers", 1, "smallest"),
    "attempts_per_customer": Quantity("attempts a customer", "", 1, "smallest"),
    "waiting_time_s": Quantity("waited, all together", "h", 1 / 3600, "smallest"),
    "utilisation": Quantity("utilisation", "%", 100, "largest"),
    "p_talking": Quantity("conversations to time there", "%", 100),
    "busy_s": Quantity("busy", "h", 1 / 3600),
    "wrap_up_s": Quantity("after conversations", "h", 1 / 3600),
    "present_s": Quantity("there", "h", 1 / 3600, "smallest"),
    "mean_busy": Quantity("busy", "agents"),
    "conversations": Quantity("conversations"),
    "p_all_busy": Quantity("time with nobody free", "%", 100, "smallest"),
    # Of intervals (intervals.py).
    "arrivals_per_hour": Quantity("contacts an hour"),
    "agents_there": Quantity("agents there"),
    "agents_busy": Quantity("agents busy"),
}
_PATTERNS: tuple[tuple[str, str, str, float, Literal["smallest", "largest"] | None], ...] = (
    (r"p_served_within_(.+)", r"served within \1", "%", 100, "largest"),
    (r"p_wait_within_(.+)", r"waited at most \1", "%", 100, "largest"),
    (r"wait_p([\d.]+)_s", r"wait that \1 % do not exceed", "s", 1, "smallest"),
    (r"share_of_(.+)", r"share of \1", "%", 100, None),
    (r"waiting_at_(.+)", r"waiting at \1", "contacts", 1, "smallest"),
    (r"in_system_at_(.+)", r"waiting or in conversation at \1", "contacts", 1, None),
    (r"p_all_busy_at_(.+)", r"nobody free at \1", "%", 100, "smallest"),
)  # fmt: skip
_DAYS = re.compile(r"p_days_(.+)_at_(least|most)_([^_]+)")


def quantity(figure: str) -> Quantity:
    """Of a figure's name as docs/studies.md has it; of others what the name itself says (``p_`` a share, ``_s`` seconds)."""
    if figure in _KNOWN:
        return _KNOWN[figure]
    if days := _DAYS.fullmatch(figure):
        of = quantity(days[1])
        bound = f"{float(days[3]) * of.factor:g}{' ' + of.unit if of.unit else ''}"
        return Quantity(f"days with {of.words}: at {days[2]} {bound}", "%", 100, "largest")
    for pattern, words, unit, factor, best in _PATTERNS:
        if found := re.fullmatch(pattern, figure):
            return Quantity(found.expand(words), unit, factor, best)
    if figure.startswith("p_"):
        return Quantity(figure[2:].replace("_", " "), "%", 100)
    if figure.endswith("_s"):
        return Quantity(figure[:-2].replace("_", " "), "s")
    return Quantity(figure.replace("_", " "))
