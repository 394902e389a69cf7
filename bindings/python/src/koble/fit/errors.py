"""What can go wrong when a model is fitted, and the packages that fitting needs."""

from __future__ import annotations

import importlib
from typing import Any

from ..errors import KobleError

__all__ = ["FitError", "require"]


class FitError(KobleError, ValueError):
    """The data, or what was asked of them, do not allow the fit; the message says what to do."""

    name = "fit"


def require(module: str) -> Any:
    """A module that is slow to import or may be absent (``scipy.special``, ``pandas``), imported where it is needed.

    Raises :class:`~koble.errors.KobleError` with the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        raise KobleError(f"koble.fit needs {missing.name}: pip install 'koble[fit]'") from None
