"""Laws that the tests of staffing share: means of 70 s, from what never varies to what varies much."""

from __future__ import annotations

from koble.staffing import Distribution

__all__ = ["LAWS"]

LAWS = [
    Distribution.exponential(70),
    Distribution.deterministic(70),
    Distribution.erlang(70, 3),
    Distribution.gamma(70, 0.4),
    Distribution.uniform(20, 120),
    Distribution.lognormal(70, 1.3),
    Distribution.weibull(70, 0.7),
    Distribution.hyperexponential([20, 200], [3, 1]),
]
