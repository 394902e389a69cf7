"""From call records to a traffic model that a study takes (docs/fitting.md): arrivals, service, patience.

::

    model = koble.fit.fit_traffic(calls, interval="30m", spike_below_s=10)
    model.save("traffic.json")
    study = koble.lab.Study({"plan": plan, "streams": model.scaled(rate=1.1).to_dict()["streams"], "horizon": "24h"})

Needs SciPy and pandas: ``pip install 'koble[fit]'``.
"""

from __future__ import annotations

from .arrivals import ArrivalFit, DayCounts, count_arrivals, fit_arrivals
from .busyness import Correlation, ShapeEstimate, copula_correlation, estimate_correlation, estimate_shape, gamma_correlation
from .calls import Calls, calls_of_record, read_calls
from .compound import Deterministic, Empirical, Hyperexponential, Mixture, compressed, law_from_study
from .dispersion import DispersionTest, PoissonTest, dispersion_tests, poisson_test
from .errors import FitError
from .laws import DurationLaw, Exponential, Gamma, Lognormal, SmoothLaw, Uniform, Weibull
from .likelihood import LAWS, LawFit, fit_law
from .model import TrafficModel, fit_traffic
from .patience import PatienceFit, fit_patience
from .sample import Sample
from .service import ServiceFit, Spike, fit_service
from .streams import Arrivals, Busyness, StreamModel
from .survival import KaplanMeier
from .writing import duration_text

__all__ = [
    "LAWS", "ArrivalFit", "Arrivals", "Busyness", "Calls", "Correlation", "DayCounts", "Deterministic", "DispersionTest",
    "DurationLaw", "Empirical", "Exponential", "FitError", "Gamma", "Hyperexponential", "KaplanMeier", "LawFit", "Lognormal",
    "Mixture", "PatienceFit", "PoissonTest", "Sample", "ServiceFit", "ShapeEstimate", "SmoothLaw", "Spike", "StreamModel",
    "TrafficModel", "Uniform", "Weibull", "calls_of_record", "compressed", "copula_correlation", "count_arrivals",
    "dispersion_tests", "duration_text", "estimate_correlation", "estimate_shape", "fit_arrivals", "fit_law", "fit_patience",
    "fit_service", "fit_traffic", "gamma_correlation", "law_from_study", "poisson_test", "read_calls",
]  # fmt: skip
