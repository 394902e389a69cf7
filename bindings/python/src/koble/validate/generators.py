"""Vectors of random-number generators."""

from __future__ import annotations

from .. import _core
from .cases import Case
from .paths import PathLine

__all__ = ["vectors"]

#: Counter and key of the known-answer test of Random123 (Salmon et al. 2011): zeros, ones, and the digits of pi.
_PHILOX: dict[str, tuple[tuple[int, int, int, int], tuple[int, int]]] = {
    "zero": ((0, 0, 0, 0), (0, 0)),
    "ones": ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2),
    "pi": ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)),
}


def vectors(case: Case) -> list[PathLine]:
    """Of Philox4x32-10, which is Koble's; of any other generator none."""
    if "philox" not in case.name.lower() and "philox" not in case.model.lower():
        return []
    lines = []
    for name, words in case.expected.items():
        counter, key = _PHILOX[name]
        found = [f"{one:08x}" for one in _core.sim_philox(counter, key)]
        lines.append(PathLine(case.name, name, " ".join(words), " ".join(found)))
    return lines
