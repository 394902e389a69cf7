"""The figures of a replication, from the world's records: sums over contacts, by stream and by part of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..enums import Exit
from ..times import format_duration
from ..world import Flag
from ..world import joined as have_joined
from ..world import served as were_served

__all__ = ["Fold", "Sums"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: A figure of one replication is a numerator and a denominator.
Pair = tuple[float, float]
Sums = dict[str, Floats]


class Fold:
    """Takes in records (``koble.world.RECORD_DTYPE``) block by block.

    edges_ns: rising; contacts count in the part in which they arrived, times in the part in which they were spent.
    """

    def __init__(
        self, streams: int, agents: int, edges_ns: Ints, thresholds_ns: Sequence[int], at_ns: Sequence[int], quantiles: bool
    ) -> None:
        self.streams, self.parts = streams, len(edges_ns) - 1
        self._agents = agents
        self._edges = np.asarray(edges_ns, np.int64)
        self._thresholds, self._at = list(thresholds_ns), list(at_ns)
        self._sums: Sums = {}
        self.waiting_at = np.zeros((len(self._at), streams))
        self.in_system_at = np.zeros((len(self._at), streams))
        self.served_by = np.zeros((streams, agents))
        self._waits: list[tuple[Ints, Ints]] | None = [] if quantiles else None

    def _add(self, name: str, cells: Ints, weights: Any = None) -> None:
        counted = np.bincount(cells, weights, self.streams * self.parts).astype(np.float64)
        self._sums[name] = self._sums[name] + counted if name in self._sums else counted

    def add(self, records: np.ndarray[Any, Any]) -> None:
        stream = records["stream"].astype(np.int64)
        arrival, wait, service = records["arrival_ns"], records["wait_ns"], records["service_ns"]
        leaves = arrival + wait
        self._spend("queue_s", stream, arrival, leaves)
        self._spend("talk_s", stream, leaves, leaves + service)
        again = np.where(records["again_ns"] < 2**62, records["again_ns"], 0)
        if again.any():
            self._spend("orbit_s", stream, leaves, leaves + again)
        for row, time in enumerate(self._at):  # as it is just before the instant
            here = arrival < time
            self.waiting_at[row] += np.bincount(stream[here & (leaves >= time)], minlength=self.streams)
            self.in_system_at[row] += np.bincount(stream[here & (leaves + service >= time)], minlength=self.streams)
        inside = (arrival >= self._edges[0]) & (arrival < self._edges[-1])
        self._count(records[inside])
        gone = (records["exit"] == int(Exit.ABANDONED)) & (leaves >= self._edges[0]) & (leaves < self._edges[-1])
        gone &= (records["flags"] & int(Flag.BALKED)) == 0
        part = np.searchsorted(self._edges, leaves[gone], "right") - 1
        self._add("abandoned_in_window", part * self.streams + stream[gone])
        first = records["first_ns"]
        final = (first >= self._edges[0]) & (first < self._edges[-1]) & were_served(records)
        part = np.searchsorted(self._edges, first[final], "right") - 1
        self._add("to_service_s", part * self.streams + stream[final], (leaves[final] - first[final]) / 1e9)
        self._add("customers_served", part * self.streams + stream[final])

    def _count(self, records: np.ndarray[Any, Any]) -> None:
        """Contacts that arrived between the first and the last edge."""
        stream = records["stream"].astype(np.int64)
        cell = (np.searchsorted(self._edges, records["arrival_ns"], "right") - 1) * self.streams + stream
        joined = have_joined(records)
        wait = records["wait_ns"] / 1e9
        served = were_served(records)
        balked = (records["flags"] & int(Flag.BALKED)) != 0
        waited = joined & ((records["wait_ns"] > 0) | balked)
        left = joined & (records["exit"] != 0)
        abandoned = left & ~balked
        first = records["attempt"] == 0
        self._add("arrivals", cell)
        self._add("customers", cell[first])
        self._add("refused_first", cell[first & ~joined])
        for name, which in {
            "joined": joined, "served": served, "waited": waited, "balked": balked, "abandoned": abandoned,
            "abandoned_having_waited": abandoned & waited, "left_waiting": joined & ~served & ~left,
        }.items():  # fmt: skip
            self._add(name, cell[which])
        for name, which, value in (
            ("wait_s", joined, wait),
            ("wait_s2", joined, wait**2),
            ("wait_served_s", served, wait),
            ("wait_abandoned_s", abandoned, wait),
            ("service_s", served, records["service_ns"] / 1e9),
        ):
            self._add(name, cell[which], value[which])
        for threshold in self._thresholds:
            within = joined & (records["wait_ns"] <= threshold)
            self._add(f"within_{threshold}", cell[within])
            self._add(f"served_within_{threshold}", cell[within & served])
        if self._waits is not None:
            self._waits.append((stream[joined], records["wait_ns"][joined].copy()))
        by = np.bincount(stream[served] * self._agents + records["agent"][served], minlength=self.streams * self._agents)
        self.served_by += by.reshape(self.streams, self._agents)

    def _spend(self, name: str, stream: Ints, begin: Ints, end: Ints) -> None:
        """The time from begin to end, cut at the edges."""
        begin, end = np.clip(begin, self._edges[0], self._edges[-1]), np.clip(end, self._edges[0], self._edges[-1])
        some = end > begin
        begin, end, stream = begin[some], end[some], stream[some]
        part = np.clip(np.searchsorted(self._edges, begin, "right") - 1, 0, self.parts - 1)
        while len(begin):
            cut = np.minimum(end, self._edges[part + 1])
            self._add(name, part * self.streams + stream, (cut - begin) / 1e9)
            on = end > cut
            begin, end, stream, part = cut[on], end[on], stream[on], part[on] + 1

    def waits(self, stream: int | None) -> Ints:
        """Waits of all who joined, in ns; of one stream or of all. Only where quantiles were asked for."""
        parts = self._waits or []
        if stream is None:
            return np.concatenate([wait for _, wait in parts]) if parts else np.zeros(0, np.int64)
        return np.concatenate([wait[of == stream] for of, wait in parts]) if parts else np.zeros(0, np.int64)

    def sums(self, name: str) -> Floats:
        """Parts x streams; 0 where nothing of that kind came."""
        found = self._sums.get(name)
        return np.zeros((self.parts, self.streams)) if found is None else found.reshape(self.parts, self.streams)

    def figures(self, part: int, columns: Sequence[int]) -> dict[str, Pair]:
        """Of these streams together, in one part of the run."""
        columns = list(columns)

        def total(name: str) -> float:
            return float(self.sums(name)[part, columns].sum())

        window = float(self._edges[part + 1] - self._edges[part]) / 1e9
        came, joined, served, waited = total("arrivals"), total("joined"), total("served"), total("waited")
        abandoned, customers, wait, talk = total("abandoned"), total("customers"), total("wait_s"), total("talk_s")
        found: dict[str, Pair] = {
            "arrivals": (came, 1.0),
            "served": (served, 1.0),
            "waited": (waited, 1.0),
            "abandoned": (abandoned, 1.0),
            "balked": (total("balked"), 1.0),
            "refused": (came - joined, 1.0),
            "p_refused": (came - joined, came),
            "p_wait": (waited, joined),
            "p_abandon": (abandoned, joined),
            "p_abandon_given_wait": (total("abandoned_having_waited"), waited),
            "p_balk": (total("balked"), joined),
            "p_left_waiting": (total("left_waiting"), joined),
            "mean_wait_s": (wait, joined),
            "mean_wait_given_wait_s": (wait, waited),
            "mean_wait_served_s": (total("wait_served_s"), served),
            "mean_wait_abandoned_s": (total("wait_abandoned_s"), abandoned),
            "second_moment_wait_s2": (total("wait_s2"), joined),
            "mean_service_s": (total("service_s"), served),
            "mean_queue_length": (total("queue_s"), window),
            "mean_in_service": (talk, window),
            "mean_in_system": (total("queue_s") + talk, window),
            "waiting_time_s": (total("queue_s"), 1.0),
            "abandoned_in_window": (total("abandoned_in_window"), 1.0),
        }
        for threshold in self._thresholds:
            name = format_duration(threshold)
            found[f"p_served_within_{name}"] = (total(f"served_within_{threshold}"), joined)
            found[f"p_wait_within_{name}"] = (total(f"within_{threshold}"), joined)
        if came > customers or total("orbit_s") > 0:
            found["attempts_per_customer"] = (came, customers)
            found["p_first_attempt_refused"] = (total("refused_first"), customers)
            found["mean_time_to_service_s"] = (total("to_service_s"), total("customers_served"))
            found["mean_orbit"] = (total("orbit_s"), window)
        return found
