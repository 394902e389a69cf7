"""What a picture is made from: one result, a comparison, or several results by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ArgumentError, unknown_name
from ..choosing import Chosen
from ..estimate import Estimate
from ..result import Comparison, Result

__all__ = ["Results", "estimate_of", "results_of"]

Results = Result | Comparison | Mapping[str, Result]


def results_of(source: Any) -> dict[str, Result]:
    """By name of the plan; "" where there is one without a name.

    :raises ArgumentError: where it is something else.
    """
    if isinstance(source, Result):
        return {"": source}
    if isinstance(source, Comparison):
        return dict(source.results)
    if isinstance(source, Mapping) and source and all(isinstance(one, Result) for one in source.values()):
        return {str(name): one for name, one in source.items()}
    if isinstance(source, Chosen):
        raise ArgumentError("source: a selection keeps means alone; give study.compare()")
    raise ArgumentError(
        f"source: is {type(source).__name__}; give what study.run() or study.compare() returns, or results by name"
    )


def estimate_of(result: Result, figure: str | tuple[str, ...]) -> Estimate:
    """``"p_wait"``, ``("p_wait", "calls")`` or ``("utilisation", "profiles", "voice")``.

    :raises koble.errors.UnknownError: where the result has no such figure.
    """
    name, *where = (figure,) if isinstance(figure, str) else figure
    section = result._section(tuple(where))
    if section not in result.figures:
        raise unknown_name(section[0].removesuffix("s"), section[1], [of for kind, of in result.figures if kind == section[0]])
    if name not in result.figures[section]:
        raise unknown_name("figure", name, result.figures[section])
    return result.figures[section][name]
