"""The simulator held against systems that are solved exactly, worked paths, and published results (docs/validation.md).

``koble validate`` does it from the command line::

    cases = koble.validate.read_cases(folder / "theory" / "cases.json")
    experiment = koble.validate.experiment(cases.exact["erlangC_n5_rho0.70"])
    koble.lab.Study(experiment.study).run()
"""

from __future__ import annotations

from .cases import Case, Cases, read_cases
from .check import Checked, Outcome, Suite, validate
from .experiment import Experiment, Measure, NotExpressible
from .families import experiment, family_of

__all__ = [
    "Case",
    "Cases",
    "Checked",
    "Experiment",
    "Measure",
    "NotExpressible",
    "Outcome",
    "Suite",
    "experiment",
    "family_of",
    "read_cases",
    "validate",
]
