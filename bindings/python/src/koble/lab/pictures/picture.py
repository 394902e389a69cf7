"""A picture: what it shows, and the ways to see it."""

from __future__ import annotations

import html
import importlib.util
import io
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import ArgumentError, KobleError
from .marks import Sheet

__all__ = ["Picture", "check_libraries"]

_DATELESS: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
}


def check_libraries() -> None:
    """:raises KobleError: where what draws is not installed."""
    for name in ("matplotlib", "plotly"):
        if importlib.util.find_spec(name) is None:
            raise KobleError(f"pictures need {name}: pip install 'koble[lab]'")


@dataclass(frozen=True)
class Picture:
    """``picture.save("day.pdf")``, also .png, .svg and .html; in a notebook it shows itself. ``sheet`` is all that it shows,
    in numbers."""

    sheet: Sheet

    @property
    def title(self) -> str:
        return self.sheet.title

    @property
    def note(self) -> str:
        """What lines, bands and intervals are: the words for a caption."""
        return self.sheet.note

    @cached_property
    def figure(self) -> Any:
        """The ``matplotlib.figure.Figure``, to be changed at will; :meth:`save` with its note saves it as it is then."""
        from .paper import draw

        return draw(self.sheet)

    @cached_property
    def plotly(self) -> Any:
        """The ``plotly.graph_objects.Figure``."""
        from .page import figure_of

        return figure_of(self.sheet)

    def save(self, path: str | os.PathLike[str], *, dpi: int = 300, note: bool = True) -> Path:
        """Writes .png (with ``dpi``), .pdf, .svg, or .html: one page that holds all it needs. Equal pictures are equal files.
        ``note``: with the words below, which a paper has in its caption instead.

        :raises ArgumentError: for other endings.
        """
        target = Path(path)
        kind = target.suffix.lower().removeprefix(".")
        if kind == "html":
            target.write_text(self.to_html(), encoding="utf-8")
            return target
        if kind not in _DATELESS:
            raise ArgumentError(
                f"path: {target.name!r} ends with {target.suffix!r}; write a name with .png, .pdf, .svg or .html"
            )
        target.write_bytes(self._drawn(kind, dpi, note=note))
        return target

    def to_html(self) -> str:
        from .page import page

        return page(self.sheet)

    def _drawn(self, kind: str, dpi: int, *, note: bool = True) -> bytes:
        from .paper import LOOK, draw

        # Nobody has seen it: a new one, for laying one out again does not come out the same to the last bit.
        seen = "figure" in self.__dict__ and (note or not self.sheet.note)
        figure = self.figure if seen else draw(self.sheet, note=note)
        import matplotlib as mpl

        stream = io.BytesIO()
        with mpl.rc_context(LOOK):
            figure.savefig(stream, format=kind, dpi=dpi, metadata=_DATELESS[kind], facecolor="white")
        return stream.getvalue()

    def _repr_png_(self) -> bytes:
        return self._drawn("png", 150)

    def _repr_html_(self) -> str:
        """In a frame of its own, so that the notebook's other scripts and plotly do not meet."""
        height = int(self.plotly.layout.height) + 190
        page = html.escape(self.to_html(), quote=True)
        title = html.escape(self.title, quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:{height}px;border:0" title="{title}"></iframe>'
