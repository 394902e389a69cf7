"""Mixtures by EM (Dempster, Laird and Rubin, J. Roy. Statist. Soc. B 39, 1977), with censored and truncated durations.

What was not seen is completed in expectation: a censored duration by the moments of its component beyond it, and the durations
below the cut by as many as each component puts there. Several starts climb a little, the best of them to the top (Biernacki,
Celeux and Govaert, Computational Statistics and Data Analysis 41, 2003).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .compound import Hyperexponential, Mixture
from .errors import require
from .laws import Lognormal, SmoothLaw
from .sample import Sample

__all__ = ["LARGEST_SIGMA", "LEAST_SIGMA", "fit_hyperexponential", "fit_lognormals"]

Floats = npt.NDArray[np.float64]
#: Parameters of the components, a row each: the weights, then what the law has.
State = Floats
Step = Callable[[State], tuple[State, float]]

#: Deviation of the logarithm at least: a component on one value of a record in whole seconds has an endless likelihood.
LEAST_SIGMA = 0.1
#: And at most: a study takes a coefficient of variation of up to 100.
LARGEST_SIGMA = 3.0
_FEW_STEPS, _MOST_STEPS = 30, 1500
_RANDOM_STARTS = 3
_SEED = 19770401
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def _normalised(logs: Floats) -> tuple[Floats, Floats]:
    """Responsibilities (components x values) and the log of their sum before."""
    highest = logs.max(axis=0)
    shares = np.exp(logs - highest)
    total = shares.sum(axis=0)
    return shares / total, highest + np.log(total)


def _starts(values: Floats, counts: Floats, parts: int) -> list[Floats]:
    """Weights of each value in each component (components x values): cut at quantiles, and at random places (from a fixed
    seed)."""
    share = (np.cumsum(counts) - counts / 2) / counts.sum()
    rng = np.random.default_rng(_SEED + parts)
    cuts = [np.arange(1, parts) / parts, *(np.sort(rng.uniform(0.02, 0.98, parts - 1)) for _ in range(_RANDOM_STARTS))]
    answers = []
    for cut in cuts:
        member = np.searchsorted(cut, share)
        hard = (member[None, :] == np.arange(parts)[:, None]).astype(np.float64)
        answers.append((0.9 * hard + 0.1 / parts) * counts)
    return answers


def _climb(step: Step, state: State, most: int) -> tuple[State, float]:
    """Until the log-likelihood rises by less than a part in 10^10. The likelihood is that of the state before the last step."""
    before = -math.inf
    for _ in range(most):
        after, likelihood = step(state)
        if likelihood - before < 1e-10 * max(abs(likelihood), 1.0):
            return state, likelihood
        state, before = after, likelihood
    return state, before


def _top(step: Step, starts: list[State]) -> State:
    climbed = [_climb(step, start, _FEW_STEPS) for start in starts]
    state, _ = max(climbed, key=lambda one: one[1])
    return _climb(step, state, _MOST_STEPS)[0]


def fit_hyperexponential(sample: Sample, parts: int) -> Hyperexponential | None:
    """So many exponential phases; None where there are fewer different durations than parameters.

    A phase forgets what has passed, so durations beyond the cut are fitted less the cut and the weights then tilted back by
    exp(cut / mean); a mean is at least half the cut, or what lies below it would be made up.
    """
    x, c = sample.ended_s - sample.beyond_s, sample.censored_s - sample.beyond_s
    ended, censored = sample.ended_count, sample.censored_count
    if len(x) < 2 * parts:
        return None
    total = sample.ended + sample.censored
    least = max(sample.beyond_s / 2, 1e-6 * sample.mean_beyond_s)

    def step(state: State) -> tuple[State, float]:
        weight, mean = state
        logs = np.log(np.maximum(weight, 1e-300))[:, None]
        share, seen = _normalised(logs - np.log(mean)[:, None] - x / mean[:, None])
        likelihood = float(ended @ seen)
        share *= ended
        members, time = share.sum(1), share @ x
        if len(c):
            lasting, later = _normalised(logs - c / mean[:, None])
            likelihood += float(censored @ later)
            lasting *= censored
            members = members + lasting.sum(1)
            time = time + lasting @ c + lasting.sum(1) * mean  # who has lasted c has mean to go
        return np.array([members / total, np.maximum(time / np.maximum(members, 1e-12), least)]), likelihood

    longer = sample.mean_beyond_s * sample.ended / float(ended @ x)  # what censoring hides of the mean
    starts = [
        np.array([member.sum(1) / sample.ended, np.maximum(longer * (member @ x) / member.sum(1), least)])
        for member in _starts(x, ended, parts)
    ]
    weight, mean = _top(step, starts)
    kept = weight > 1e-6
    weight, mean = weight[kept], mean[kept]
    tilt = sample.beyond_s / mean
    return Hyperexponential.of(weight * np.exp(tilt - tilt.min()), mean)


def fit_lognormals(sample: Sample, parts: int) -> SmoothLaw | None:
    """So many lognormal laws, by EM on the logarithms; None where there are fewer different durations than parameters.

    With z = (log x - mu) / sigma, a normal beyond z has mean mu + sigma h and second moment about mu of sigma^2 (1 + z h),
    h = phi(z) / Phi(-z); below z the same with h = -phi(z) / Phi(z).
    """
    if len(sample.ended_s) < 3 * parts:
        return None
    special = require("scipy.special")
    y, c = np.log(sample.ended_s), np.log(sample.censored_s)
    ended, censored = sample.ended_count, sample.censored_count
    total = float(sample.ended + sample.censored)

    def hazard(z: Floats) -> Floats:
        result: Floats = np.exp(-0.5 * z**2 - _HALF_LOG_2PI - special.log_ndtr(-z))
        return result

    def step(state: State) -> tuple[State, float]:
        weight, mu, sigma = state
        logs = np.log(np.maximum(weight, 1e-300))[:, None]
        rest = y - mu[:, None]
        share, seen = _normalised(logs - np.log(sigma)[:, None] - 0.5 * (rest / sigma[:, None]) ** 2 - _HALF_LOG_2PI)
        likelihood = float(ended @ seen)
        share *= ended
        members, first, second = share.sum(1), (share * rest).sum(1), (share * rest**2).sum(1)
        if len(c):
            z = (c - mu[:, None]) / sigma[:, None]
            lasting, later = _normalised(logs + special.log_ndtr(-z))
            likelihood += float(censored @ later)
            lasting *= censored
            h = hazard(z)
            members = members + lasting.sum(1)
            first = first + sigma * (lasting * h).sum(1)
            second = second + sigma**2 * (lasting * (1 + z * h)).sum(1)
        if sample.beyond_s > 0:
            v = (math.log(sample.beyond_s) - mu) / sigma
            below = special.ndtr(v)
            beyond = 1.0 - float(weight @ below)
            likelihood -= total * math.log(beyond)
            missing, h = total * weight * below / beyond, hazard(-v)
            members = members + missing
            first = first - missing * sigma * h
            second = second + missing * sigma**2 * (1 - v * h)
        members = np.maximum(members, 1e-12)
        shift = first / members
        spread = np.sqrt(np.clip(second / members - shift**2, LEAST_SIGMA**2, LARGEST_SIGMA**2))
        return np.array([members / members.sum(), mu + shift, spread]), likelihood

    starts = []
    for member in _starts(y, ended, parts):
        members = member.sum(1)
        mu = member @ y / members
        spread = (member * (y - mu[:, None]) ** 2).sum(1) / members
        starts.append(np.array([members / members.sum(), mu, np.sqrt(np.clip(spread, LEAST_SIGMA**2, LARGEST_SIGMA**2))]))
    weight, mu, sigma = _top(step, starts)
    kept = np.flatnonzero(weight > 1e-6)
    laws = sorted(((float(weight[k]), Lognormal(float(mu[k]), float(sigma[k]))) for k in kept), key=lambda one: one[1].mean_s)
    if len(laws) == 1:
        return laws[0][1]
    together = math.fsum(one[0] for one in laws)
    return Mixture(tuple(one[0] / together for one in laws), tuple(one[1] for one in laws))
