"""Pictures of what studies find (docs/pictures.md): for papers with matplotlib, for the browser with plotly, both from one
description.

Each call returns a :class:`Picture`, which saves itself by the name's ending and shows itself in notebooks::

    from koble.lab import Study, pictures

    study = Study(pathlib.Path("day.json"))
    pictures.day(study, opens="8h").save("day.pdf")
    pictures.occupancy(study.run()).save("occupancy.html")
"""

from __future__ import annotations

from .hours import day
from .intervals import Intervals, intervals
from .picture import Picture
from .plans import efficient, policies, trade_off
from .running import convergence, running_ratio
from .serving import who_served_what
from .spread import distribution
from .suited import suited
from .use import busy_shares, occupancy

__all__ = [
    "Intervals",
    "Picture",
    "busy_shares",
    "convergence",
    "day",
    "distribution",
    "efficient",
    "intervals",
    "occupancy",
    "policies",
    "running_ratio",
    "suited",
    "trade_off",
    "who_served_what",
]
