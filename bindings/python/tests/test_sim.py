"""Draws, laws, arrivals and trace runs from Python."""

from __future__ import annotations

import koble
import numpy as np
import pytest
from koble import _core
from koble.figures import Figures
from koble.sim import CONTACT_DTYPE, OUTCOME_DTYPE, PRESENCE_DTYPE, Law, Purpose, arrivals, run_trace, uniforms
from koble.times import NEVER
from support import SECOND

ONE_LINE = {
    "queues": [{"name": "q", "offer": {"mode": "auto"}, "target": {"within": "20s", "share": 0.8}}],
    "agents": [{"name": "A"}, {"name": "B"}],
}


def test_philox_gives_its_known_answer() -> None:
    assert _core.sim_philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)


def test_numpys_philox_agrees_with_the_wider_one() -> None:
    """NumPy has Philox4x64; ours of 32 bits is another stream, but uniforms must look alike."""
    ours = uniforms(1, Purpose.USER, 1, 100_000)
    theirs = np.random.Generator(np.random.Philox(1)).random(100_000)
    assert abs(ours.mean() - theirs.mean()) < 0.006
    assert abs(ours.std() - theirs.std()) < 0.004
    assert ours.min() > 0
    assert ours.max() < 1


def test_a_draw_does_not_depend_on_the_block() -> None:
    assert uniforms(3, 4, 10, 5)[2] == uniforms(3, 4, 12, 1)[0]
    assert uniforms(3, 4, 10, 1)[0] != uniforms(3, 4, 10, 1, index=1)[0]


def test_laws() -> None:
    u = np.array([0.1, 0.5, 0.9])
    assert list(Law.deterministic(7).at(u)) == [7, 7, 7]
    assert list(Law.empirical([3, 1, 2]).at(u)) == [1, 2, 3]
    assert Law.lognormal(1e9, 0.5).at(u)[1] == 1_000_000_000
    assert Law.exponential(1e9).at(u)[1] == pytest.approx(1e9 * np.log(2), rel=1e-9)
    drawn = Law.exponential(1e9).draw(1, Purpose.SERVICE, 1, 50_000)
    assert drawn.mean() == pytest.approx(1e9, rel=0.03)
    assert list(Law.uniform(0, 10).at(u)) == [round(10 * x) for x in u]
    for law in (Law.gamma(1e9, 1), Law.erlang(1e9, 1), Law.weibull(1e9, 1), Law.hyperexponential([10**9, 10**9], [3, 1])):
        assert law.at(u) == pytest.approx(Law.exponential(1e9).at(u), rel=1e-9)
    with pytest.raises(koble.ArgumentError, match="weights"):
        Law.hyperexponential([10**9], [1, 2]).at(u)
    with pytest.raises(koble.ArgumentError, match="law"):
        Law.exponential(-1).at(u)


def test_arrivals_fall_where_the_rate_is() -> None:
    hour = 3600 * SECOND
    times = arrivals([0, hour], [0, 500], 2 * hour, seed=1)
    assert (times >= hour).all()
    assert (np.diff(times) >= 0).all()
    assert 380 < len(times) < 620
    with pytest.raises(koble.ArgumentError):
        arrivals([0], [-1], hour, seed=1)


def test_dtypes_follow_the_header() -> None:
    assert CONTACT_DTYPE.itemsize == 48
    assert PRESENCE_DTYPE.itemsize == 24
    assert OUTCOME_DTYPE.itemsize == 24


def test_a_trace_run() -> None:
    """Two agents, services of 100 s, an arrival every 30 s: waits 0, 0, 40, 40, 80, 80."""
    plan = koble.Plan(ONE_LINE)
    contacts = np.zeros(6, CONTACT_DTYPE)
    contacts["arrival_ns"] = np.arange(6) * 30 * SECOND
    contacts["patience_ns"] = NEVER
    contacts["service_ns"] = 100 * SECOND
    presence = np.array([(0, 0, 0, 1), (0, 0, 1, 1)], PRESENCE_DTYPE)
    figures = Figures(plan)
    run = run_trace(plan, contacts, presence, figures=figures)
    assert list(run.outcomes["wait_ns"] // SECOND) == [0, 0, 40, 40, 80, 80]
    assert list(run.outcomes["agent"]) == [0, 1, 0, 1, 0, 1]
    assert figures.queue("q")["wait_answered_sum_ns"] == 240 * SECOND
    assert run_trace(plan, contacts, presence).digest == run.digest
    with pytest.raises(koble.ArgumentError, match="contact 1"):
        run_trace(plan, contacts[::-1], presence)
