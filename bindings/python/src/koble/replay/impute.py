"""What the record does not tell: patience of the served, service of those who left, priorities that were not written
down.

Draws are Philox's (seed, purpose, serial of the row, number of the imputation): the same customers under every plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..fit.survival import KaplanMeier
from ..sim import Law, Purpose, uniforms
from ..times import NEVER

__all__ = ["Imputer", "Patience", "Service"]

Floats = npt.NDArray[np.float64]


class Patience(StrEnum):
    """Of those who were served."""

    observed = "observed"  # everybody leaves as soon as he had waited as long as he did
    km = "km"
    never = "never"


class Service(StrEnum):
    empirical = "empirical"
    lognormal = "lognormal"


@dataclass(frozen=True)
class Imputed:
    """One completed version of some calls: arrays in their order."""

    patience_ns: npt.NDArray[np.int64]
    service_ns: npt.NDArray[np.int64]
    priority: npt.NDArray[Any]


def _ns(seconds: Floats) -> npt.NDArray[np.int64]:
    endless = ~np.isfinite(seconds)
    return np.where(endless, NEVER, np.round(np.where(endless, 0.0, seconds) * 1e9).astype(np.int64))


class Imputer:
    """Completes calls, from what the whole record teaches: service and priorities by type, patience by priority.

    Where the record knows one priority only, patience is by type: who writes an e-mail waits otherwise than who calls.
    """

    def __init__(
        self, calls: pd.DataFrame, *, seed: int, patience: Patience = Patience.km, service: Service = Service.empirical
    ) -> None:
        self.seed, self.patience = seed, patience
        waited = calls[calls["wait_s"] > 0]
        self.patience_by = "priority" if calls["priority"].nunique() > 1 else "type"
        self.km = {
            str(value): KaplanMeier.fit(group["wait_s"], ~group["served"])
            for value, group in waited.groupby(self.patience_by)
        }
        # Where nobody waited nothing is known of anybody's patience.
        self.km_all = KaplanMeier.fit(waited["wait_s"], ~waited["served"]) if len(waited) else None
        known = calls[calls["served"] & calls["service_s"].notna()]
        self.laws = {str(kind): _law(group["service_s"].to_numpy(), service) for kind, group in known.groupby("type")}
        self.law_all = _law(known["service_s"].to_numpy(), service) if len(known) else Law.deterministic(0)
        self.mix: dict[str, tuple[Any, Floats]] = {}
        for kind, group in waited.groupby("type"):
            shares = group["priority"].value_counts(normalize=True).sort_index()
            self.mix[str(kind)] = (shares.index.to_numpy(), np.cumsum(shares.to_numpy()))

    def complete(self, calls: pd.DataFrame, imputation: int) -> Imputed:
        serials = calls["serial"].to_numpy()
        last = int(serials.max()) if len(serials) else 0

        def draw(purpose: Purpose) -> Floats:
            drawn: Floats = uniforms(self.seed, purpose, 1, last, imputation)[serials - 1]
            return drawn

        kinds = calls["type"].to_numpy().astype(str)
        served = calls["served"].to_numpy()
        waits = calls["wait_s"].to_numpy()

        priority = calls["priority"].to_numpy().astype(object)
        unknown = ~calls["known_priority"].to_numpy()
        u = draw(Purpose.PRIORITY)
        for kind, (values, cumulated) in self.mix.items():
            here = unknown & (kinds == kind)
            priority[here] = values[np.minimum(np.searchsorted(cumulated, u[here], side="right"), len(values) - 1)]
        priority = priority.astype(str)

        seconds = np.array(waits, np.float64)  # who hung up: exactly his wait
        if self.patience is Patience.never:
            seconds[served] = np.inf
        elif self.patience is Patience.km:
            u = draw(Purpose.PATIENCE)
            groups = priority if self.patience_by == "priority" else kinds
            for value in np.unique(groups):
                here = served & (groups == value)
                curve = self.km.get(str(value), self.km_all)
                seconds[here] = np.inf if curve is None else curve.draw_beyond(waits[here], u[here])
        service = _ns(np.nan_to_num(calls["service_s"].to_numpy(np.float64)))
        missing = calls["service_s"].isna().to_numpy()
        u = draw(Purpose.SERVICE)
        for kind in np.unique(kinds[missing]):
            here = missing & (kinds == kind)
            service[here] = self.laws.get(str(kind), self.law_all).at(u[here])
        return Imputed(_ns(seconds), service, priority)

    def shares(self, calls: pd.DataFrame) -> dict[str, float]:
        """What part of these calls has something imputed."""
        return {
            "patience (served: drawn beyond the wait)": float(calls["served"].mean())
            if self.patience is Patience.km
            else 0.0,
            "service time (drawn from the type's law)": float(calls["service_s"].isna().mean()),
            "priority (not recorded where nobody waited)": float((~calls["known_priority"]).mean()),
        }


def _law(seconds: npt.NDArray[Any], kind: Service) -> Law:
    values = np.asarray(seconds, np.float64)
    if kind is Service.lognormal:
        logs = np.log(np.maximum(values, 1.0))
        return Law.lognormal(float(np.exp(logs.mean())) * 1e9, float(logs.std()))
    return Law.empirical(np.round(values * 1e9).astype(np.int64))
