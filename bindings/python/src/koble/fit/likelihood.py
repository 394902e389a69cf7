"""Maximum likelihood for one law, exact or censored and truncated, with standard errors from the curvature."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .errors import FitError, require
from .laws import DurationLaw, Exponential, Gamma, Lognormal, SmoothLaw, Weibull
from .mixtures import LARGEST_SIGMA, fit_hyperexponential, fit_lognormals
from .sample import Sample

__all__ = ["LAWS", "LawFit", "best", "distance", "fit_law", "fit_laws"]

Floats = npt.NDArray[np.float64]

# The ranges that a study accepts (docs/studies.md).
_GAMMA_SHAPE = (0.01, 10_000.0)
_WEIBULL_SHAPE = (0.1, 1000.0)

#: What can be fitted, by name. "mixture": of lognormal laws.
LAWS = ("exponential", "lognormal", "gamma", "erlang", "weibull", "hyperexponential", "mixture")


@dataclass(frozen=True)
class LawFit:
    """One fitted law. ``errors``: standard errors by parameter, from the observed information; empty for mixtures, whose
    likelihood is not near a parabola unless there are very many data."""

    name: str
    law: SmoothLaw
    log_likelihood: float
    #: Exact durations that it was fitted to: what BIC counts (Volinsky and Raftery, Biometrics 56, 2000: censored ones do not).
    ended: int
    errors: dict[str, float] = field(default_factory=dict)

    @property
    def aic(self) -> float:
        """2 k - 2 log L (Akaike, IEEE Trans. Automatic Control 19, 1974)."""
        return 2 * self.law.free_parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """k log n - 2 log L (Schwarz, Ann. Statist. 6, 1978)."""
        return self.law.free_parameters * math.log(max(self.ended, 1)) - 2 * self.log_likelihood


def _maximise(
    make: Callable[[Floats], SmoothLaw], start: Sequence[float], sample: Sample, bounds: Sequence[tuple[float, float]]
) -> tuple[Floats, Floats]:
    """The maximum and the covariance (inverse of minus the second derivatives, by central differences)."""

    def cost(theta: Floats) -> float:
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            value = -sample.log_likelihood(make(theta))
        return value if math.isfinite(value) else 1e300

    optimize = require("scipy.optimize")
    low, high = np.array(bounds, np.float64).T
    found = np.clip(np.asarray(start, np.float64), low, high)
    for _ in range(2):  # again from where it stopped: a simplex may have collapsed early
        found = optimize.minimize(
            cost, found, method="Nelder-Mead", bounds=list(bounds), options={"xatol": 1e-8, "fatol": 1e-9, "maxiter": 2000}
        ).x
    step, size = 1e-3, len(found)
    steps = np.eye(size) * step
    curvature = np.empty((size, size))
    for i in range(size):
        for j in range(i + 1):
            corners = [(a, b) for a in (1, -1) for b in (1, -1)]
            total = sum(a * b * cost(found + a * steps[i] + b * steps[j]) for a, b in corners)
            curvature[i, j] = curvature[j, i] = total / (4 * step * step)
    try:
        covariance = np.asarray(np.linalg.inv(curvature), np.float64)
    except np.linalg.LinAlgError:
        covariance = np.full((size, size), np.nan)
    return found, covariance


def _error(variance: float) -> float:
    return math.sqrt(variance) if variance > 0 else math.nan


def _exponential(sample: Sample) -> tuple[SmoothLaw, dict[str, float]]:
    mean = sample.mean_beyond_s
    return Exponential(mean), {"mean_s": mean / math.sqrt(sample.ended)}


def _lognormal(sample: Sample) -> tuple[SmoothLaw, dict[str, float]]:
    mu, sigma = sample.moments_of_logs()
    if sigma == 0:
        raise FitError("all durations are equal: a lognormal law needs some that differ; write the duration itself")
    if not len(sample.censored_s) and sample.beyond_s == 0:
        count = sample.ended
        sigma = min(sigma, LARGEST_SIGMA)
        return Lognormal(mu, sigma), {"mu": sigma / math.sqrt(count), "sigma": sigma / math.sqrt(2 * count)}

    def make(theta: Floats) -> SmoothLaw:
        return Lognormal(float(theta[0]), math.exp(theta[1]))

    bounds = [(mu - 20, mu + 20), (math.log(0.001), math.log(LARGEST_SIGMA))]
    found, covariance = _maximise(make, [mu, math.log(min(sigma, 1.0))], sample, bounds)
    sigma = math.exp(found[1])
    return make(found), {"mu": _error(covariance[0, 0]), "sigma": sigma * _error(covariance[1, 1])}


def _with_shape(
    kind: type[Gamma] | type[Weibull], shapes: tuple[float, float]
) -> Callable[[Sample], tuple[SmoothLaw, dict[str, float]]]:
    def fit(sample: Sample) -> tuple[SmoothLaw, dict[str, float]]:
        def make(theta: Floats) -> SmoothLaw:
            return kind(math.exp(theta[0]), math.exp(theta[1]))

        start = [math.log(sample.mean_beyond_s + sample.beyond_s), 0.0]
        bounds = [(start[0] - 15, start[0] + 15), (math.log(shapes[0]), math.log(shapes[1]))]
        found, covariance = _maximise(make, start, sample, bounds)
        mean, shape = np.exp(found)
        return make(found), {"mean_s": float(mean) * _error(covariance[0, 0]), "shape": float(shape) * _error(covariance[1, 1])}

    return fit


def _erlang(sample: Sample) -> tuple[SmoothLaw, dict[str, float]]:
    """A gamma law of whole shape: of the two whole numbers beside the best shape the better one."""
    wide, _ = _with_shape(Gamma, _GAMMA_SHAPE)(sample)
    assert isinstance(wide, Gamma)
    answers = []
    for phases in sorted({max(math.floor(wide.shape), 1), max(math.ceil(wide.shape), 1)}):

        def make(theta: Floats, phases: int = phases) -> SmoothLaw:
            return Gamma(math.exp(theta[0]), phases, whole=True)

        start = [math.log(sample.mean_beyond_s + sample.beyond_s)]
        found, covariance = _maximise(make, start, sample, [(start[0] - 15, start[0] + 15)])
        law = make(found)
        answers.append((sample.log_likelihood(law), law, {"mean_s": law.mean_s * _error(covariance[0, 0])}))
    _, law, errors = max(answers, key=lambda answer: answer[0])
    return law, errors


_BY_NAME: dict[str, Callable[[Sample], tuple[SmoothLaw, dict[str, float]]]] = {
    "exponential": _exponential,
    "lognormal": _lognormal,
    "gamma": _with_shape(Gamma, _GAMMA_SHAPE),
    "erlang": _erlang,
    "weibull": _with_shape(Weibull, _WEIBULL_SHAPE),
}


def fit_law(name: str, sample: Sample, *, components: int = 3) -> LawFit:
    """The law of that name which makes the sample likeliest.

    ``components``: of a mixture or a hyperexponential law at most (2 to 10); how many is chosen by BIC. Raises FitError where
    the name is unknown, or where there are fewer than 2 (exponential: 1) exact durations.
    """
    if name not in LAWS:
        raise FitError(f"the law {name!r} is unknown here; write one of {', '.join(LAWS)}")
    needed = 1 if name == "exponential" else 2
    if sample.ended < needed:
        raise FitError(
            f"{sample.ended} exact duration{'s' * (sample.ended != 1)}, and a law {name} needs {needed}; give more days, or "
            "join this kind of call with another"
        )
    if name in _BY_NAME:
        law, errors = _BY_NAME[name](sample)
        return LawFit(name, law, sample.log_likelihood(law), sample.ended, errors)
    if not 2 <= components <= 10:
        raise FitError(f"components is {components}; write 2 to 10")
    fit = fit_lognormals if name == "mixture" else fit_hyperexponential
    answers = []
    for count in range(2, components + 1):
        made = fit(sample, count)
        if made is not None:
            answers.append(LawFit(name, made, sample.log_likelihood(made), sample.ended))
    if not answers:
        raise FitError(f"a law {name} needs more different durations; write another law")
    return min(answers, key=lambda answer: answer.bic)


def fit_laws(names: Sequence[str], sample: Sample, *, components: int = 3) -> dict[str, LawFit]:
    """Each law that the sample allows: one that needs more data is left out, unless none is left."""
    fits, last = {}, None
    for name in names:
        try:
            fits[name] = fit_law(name, sample, components=components)
        except FitError as error:
            if name not in LAWS:
                raise
            last = error
    if not fits:
        raise last if last is not None else FitError("no law is named; write a list such as ['lognormal', 'gamma']")
    return fits


def best(fits: dict[str, LawFit]) -> LawFit:
    """The one of smallest BIC."""
    return min(fits.values(), key=lambda fit: fit.bic)


def distance(law: DurationLaw, values_s: Floats, counts: Floats) -> float:
    """Kolmogorov-Smirnov: the largest difference of the law's cdf and the share of values up to x, on both sides of each
    step."""
    share = np.cumsum(counts) / counts.sum()
    at = law.cdf(values_s)
    return float(max(np.max(np.abs(share - at)), np.max(np.abs(np.concatenate([[0.0], share[:-1]]) - at))))
