"""The policy laboratory: studies of plans by simulation, with intervals (docs/studies.md).

A study says what comes, who is there and what is measured; the engine that decides is the one that runs live. It is one
JSON file, or the same as a dict::

    study = koble.lab.Study(pathlib.Path("erlang_a.json"))
    result = study.run()
    result["p_wait"].low, result["p_wait"].high
"""

from __future__ import annotations

from .estimate import Estimate
from .result import Comparison, Result
from .study import Study, StudyError
from .traffic import Stream

__all__ = ["Comparison", "Estimate", "Result", "Stream", "Study", "StudyError"]
