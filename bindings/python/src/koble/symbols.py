"""The names that an engine has interned: keys of attributes and their symbolic values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .errors import unknown_symbol

if TYPE_CHECKING:
    from .engine import Engine

__all__ = ["Symbols"]


class Symbols(Mapping[str, int]):
    """A view of an engine's symbols: ``symbols["language"]`` is the number of that name.

    They stand in order of their numbers, from 1; :meth:`name` leads back. An unknown name raises
    :class:`~koble.UnknownError`; :meth:`koble.Engine.intern` makes it known.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getitem__(self, name: str) -> int:
        number = self._engine._symbol_find(name)
        if number == 0:
            raise unknown_symbol("symbol", name, self)
        return number

    def get(self, name: str, default: Any = None) -> Any:
        """The number of that name, or `default`."""
        return self._engine._symbol_find(name) or default

    def __contains__(self, name: object) -> bool:
        return self._engine._symbol_find(name) != 0

    def __iter__(self) -> Iterator[str]:
        number = 1
        while (name := self._engine._symbol_name(number)) is not None:
            yield name
            number += 1

    def __len__(self) -> int:
        return self._engine._symbol_count()

    def name(self, number: int) -> str | None:
        """The name of a number; None where there is none."""
        return self._engine._symbol_name(number)

    def __repr__(self) -> str:
        return f"<koble.Symbols: {len(self)} names>"
