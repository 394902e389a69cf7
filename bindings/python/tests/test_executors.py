"""A study on any executor: threads, processes and Dask give the figures that one process gives, and progress is told of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

pytest.importorskip("scipy")
from koble.errors import KobleError  # noqa: E402
from koble.lab import Study  # noqa: E402
from koble.policies import plans  # noqa: E402


def study(**more: Any) -> Study:
    """With ``more`` in the place of what stands here; None: without it."""
    given = {
        "plan": {"queues": [{"name": "q", "offer": {"mode": "auto"}}]},
        "agents": [{"count": 4}],
        "streams": [
            {
                "arrivals": {"rate": 70},
                "service": {"law": "exponential", "mean": "180s"},
                "patience": {"law": "exponential", "mean": "120s"},
            }
        ],
        "horizon": "10h", "warmup": "1h", "replications": 5, "quantiles": [0.9], "at": ["5h"], "seed": 3,
        **more,
    }  # fmt: skip
    return Study({key: value for key, value in given.items() if value is not None})


#: With a policy in Python and a board that follows, which every worker makes for itself.
ASKED: dict[str, Any] = {
    "plan": None,
    "plans": {
        "asked": plans.asking(plans.first_in_first_out({"A": ["q", "r"]}), contacts="p"),
        "in order": plans.first_in_first_out({"A": ["q", "r"]}),
    },
    "agents": [{"count": 4, "profile": "A"}],
    "policies": {"p": "koble.policies:LongestQueueFirst"},
    "streams": [
        {"queue": queue, "arrivals": {"rate": rate}, "service": {"law": "exponential", "mean": "180s"}}
        for queue, rate in (("q", 50), ("r", 25))
    ],
    "replications": 3,
}


@contextmanager
def dask() -> Iterator[Executor]:
    """Dask's own cluster, its worker being this process."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


EXECUTORS: dict[str, Callable[[], AbstractContextManager[Executor]]] = {
    "threads": lambda: ThreadPoolExecutor(3),
    "processes": lambda: ProcessPoolExecutor(2),
    "dask": dask,
}


@pytest.mark.parametrize("name", EXECUTORS)
def test_an_executor_changes_nothing(name: str) -> None:
    alone, compared = study().run().to_dict(), study(**ASKED).compare().to_dict()
    told: list[tuple[int, int]] = []
    with EXECUTORS[name]() as executor:
        found = study().run(executor=executor, progress=lambda done, total: told.append((done, total)))
        assert found.to_dict() == alone
        assert told == [(number, 5) for number in range(1, 6)]
        told.clear()
        both = study(**ASKED).compare(executor=executor, progress=lambda done, total: told.append((done, total)))
        assert both.to_dict() == compared
        assert told == [(number, 6) for number in range(1, 7)]


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor])
def test_progress_of_a_study_that_goes_on_until_it_is_precise(executor: Any) -> None:
    wanted = {"figures": ["p_wait"], "absolute": 0.02, "least": 4, "most": 60}
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    if executor is None:
        result = study(precision=wanted).run(progress=progress)
    else:
        with executor(2) as pool:
            result = study(precision=wanted).run(executor=pool, progress=progress)
    assert 4 < result.replications < 60
    assert [done for done, _ in told] == list(range(1, result.replications + 1))
    assert all(done <= total for done, total in told)
    assert told[-1] == (result.replications, result.replications)
    assert len({total for _, total in told}) > 1  # what is still to be done is said anew after each look


def test_one_long_run_is_one() -> None:
    given: dict[str, Any] = {"method": "batch_means", "horizon": "100h", "replications": None, "quantiles": [], "at": []}
    told: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as pool:
        found = study(**given).run(executor=pool, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]
    assert found.to_dict() == study(**given).run().to_dict()


class Fails:
    """A policy that cannot choose."""

    def choose_contact(self, agent: Any, candidates: Any) -> Any:
        raise LookupError("no idea")


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_what_fails_in_a_worker_is_raised_here(executor: Any) -> None:
    broken = study(**{**ASKED, "policies": {"p": f"{__name__}:Fails"}})
    with executor(2) as pool, pytest.raises(KobleError, match="a policy failed: LookupError: no idea"):
        broken.run(executor=pool)
