"""What every part of the package asks for: SciPy, and numbers within their range."""

from __future__ import annotations

import importlib
import math
from typing import Any

from ..errors import ArgumentError, KobleError

__all__ = ["number", "scipy_part", "whole"]


def scipy_part(name: str) -> Any:
    """A part of SciPy, which is slow to import and therefore imported where it is first used."""
    try:
        return importlib.import_module(f"scipy.{name}")
    except ModuleNotFoundError as missing:
        raise KobleError(f"koble.staffing needs {missing.name}: pip install 'koble[lab]'") from None


def number(value: float, name: str, *, above: float | None = None, low: float = -math.inf, high: float = math.inf) -> float:
    """``value`` as a float: finite, within the closed range, and greater than ``above`` where that is given."""
    taken = float(value)
    if not math.isfinite(taken) or not low <= taken <= high or (above is not None and taken <= above):
        bounds = []
        if above is not None:
            bounds.append(f"above {above:g}")
        elif low > -math.inf:
            bounds.append(f"of at least {low:g}")
        if high < math.inf:
            bounds.append(f"at most {high:g}")
        raise ArgumentError(f"{name} is {value!r}; write a finite number{' ' if bounds else ''}{' and '.join(bounds)}")
    return taken


def whole(value: int, name: str, low: int, high: int) -> int:
    """``value`` as an int within the closed range."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or not low <= value.__index__() <= high:
        raise ArgumentError(f"{name} is {value!r}; write a whole number from {low} to {high}")
    return value.__index__()
