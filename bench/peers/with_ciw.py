"""Ciw: one node whose customers renege. W1 only: its servers serve every class of their node, there is nothing like a skill."""

from __future__ import annotations

import math
import random
from typing import Any

import ciw
from model import Drawn, Figures, Source, Workload, serve


class Given(ciw.dists.Distribution):  # type: ignore[misc]
    """Ciw copies distributions deeply; this one stays what it is, so that all read the same trace."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Given:
        return self


class GivenGap(Given):
    def __init__(self, draws: Source, contacts: int) -> None:
        self._draws = draws
        self._left = contacts

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        if self._left == 0:
            return math.inf
        self._left -= 1
        return self._draws.gap()


class GivenService(Given):
    def __init__(self, draws: Source) -> None:
        self._draws = draws

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        return self._draws.service(ind.id_number - 1)


class GivenPatience(Given):
    def __init__(self, draws: Source) -> None:
        self._draws = draws

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        return self._draws.patience(ind.id_number - 1)


def run(workload: Workload, contacts: int, draws: Source) -> Figures:
    if workload.types != 1:
        raise SystemExit(f"Ciw cannot {workload.name}: no skills")
    # The gaps end after so many contacts: all peers drain. Services and patiences are Ciw's own where no trace gives them.
    service, patience = GivenService(draws), GivenPatience(draws)
    if isinstance(draws, Drawn):
        random.seed(draws.seed)
        service = ciw.dists.Exponential(1 / workload.service_mean_s)
        patience = ciw.dists.Exponential(1 / workload.patience_mean_s)
    network = ciw.create_network(
        arrival_distributions=[GivenGap(draws, contacts)],
        service_distributions=[service],
        reneging_time_distributions=[patience],
        number_of_servers=[workload.agents_per_group],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1e12)
    figures = Figures(contacts)
    for record in simulation.get_all_records():
        abandoned = record.record_type == "renege"
        figures.abandoned += abandoned
        figures.waited += record.waiting_time > 0
        figures.wait_s += record.waiting_time
    return figures


if __name__ == "__main__":
    serve(run)
