"""Every policy and dispatcher of the literature in a study: it decides as in a loop of the host's own, and mistakes are said at reading."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import koble
import numpy as np
import pytest
from koble import policies
from koble.policies import Board, PairIndex, plans, relative_values
from support import SECOND

pytest.importorskip("scipy")
from koble.lab import Study, StudyError  # noqa: E402

SERVED = {"A": ["a", "b"], "B": ["b", "c"]}
STAFF = {"A": 2, "B": 2}
RATES = {"A": {"a": 20.0, "b": 30.0}, "B": {"b": 24.0, "c": 16.0}}
OWN = {"A": ["A"], "B": ["B"]}  # a queue for each group
TWO = {"x": ["A", "B"]}


@dataclass
class Case:
    """A policy as a study writes it, and made by hand for a loop of the host's own."""

    of: str
    written: dict[str, Any]
    by_hand: Callable[[Board, dict[str, str], int], Any]
    plan: dict[str, Any]
    staff: dict[str, int] = field(default_factory=lambda: dict(STAFF))
    queues: dict[str, list[str]] = field(default_factory=lambda: {"a": ["a"], "b": ["b"], "c": ["c"]})  # by stream
    rate_per_hour: float = 26.0
    dispatch: bool = False

    def study(self, hours: float = 4.0, **more: Any) -> Study:
        streams = []
        lot = np.random.default_rng(11)
        for name, queues in self.queues.items():
            number = round(self.rate_per_hour * hours)
            times = np.sort(lot.integers(1, round(hours * 3600) * SECOND, number)).tolist()
            services = lot.exponential(150e9, number).astype(np.int64) + 1
            streams.append(
                {
                    "name": name, "queues": queues, "arrivals": {"times": [f"{t}ns" for t in times]},
                    "services": [f"{s}ns" for s in services.tolist()], **({"dispatch": "p"} if self.dispatch else {}),
                }
            )  # fmt: skip
        written = {"class": f"koble.policies:{self.of}", "with": self.written} if self.written else f"koble.policies:{self.of}"
        return Study(
            json.dumps(
                {
                    "plan": self.plan, "agents": [{"profile": group, "count": number} for group, number in self.staff.items()],
                    "streams": streams, "policies": {"p": written}, "horizon": f"{round(hours * 3600)}s", "replications": 1,
                    **more,
                }
            )
        )  # fmt: skip


def asked(served: Mapping[str, Sequence[str]] = SERVED, **asking: Any) -> dict[str, Any]:
    return plans.asking(plans.first_in_first_out(served), **asking)


def chats(assign: str, shown: int) -> dict[str, Any]:
    return plans.chats({"A": ["chat"]}, {"A": 4}, assign, policy={"name": "p", "candidates": shown})


def lot_of(seed: int, run: int) -> int:
    return (seed * 0x9E3779B97F4A7C15 + run) % 2**64


RANKS = {"A": {"a": 1, "b": 2}, "B": {"b": 2, "c": 1}}
LATER = {"A": {"a": 2, "b": 1}, "B": {"b": 1, "c": 2}}
SHARES = ({"a": 0.37, "b": 0.11, "c": 0.52}, {"A": 0.71, "B": 0.29})
INDEX = {"A": {"a": (0.0, 1.0, 0.2), "b": (-20.0, 1.0, 0.5)}, "B": {"b": (-30.0, 1.5, 0.1), "c": (5.0, 0.7, 0.3)}}
VALUES: dict[str, dict[str, Any]] = {
    group: {"arrivals_per_hour": rate, "rate_per_hour": 24.0, "agents": 2} for group, rate in (("A", 30.0), ("B", 35.0))
}
LOSS = {group: {**one, "places": 2, "refusal_cost": 1.0, "wait_cost_per_hour": 0.0} for group, one in VALUES.items()}
ONE_KIND: dict[str, Any] = {"queues": {"x": ["A", "B"]}, "rate_per_hour": 70.0, "dispatch": True}
CHAT: dict[str, Any] = {"queues": {"chat": ["chat"]}, "staff": {"A": 3}, "rate_per_hour": 220.0}

CASES = {
    "longest queue": Case(
        "LongestQueueFirst", {"order": ["b", "a", "c"]},
        lambda board, groups, _: policies.LongestQueueFirst(board, ["b", "a", "c"]), asked(contacts="p"),
    ),
    "max weight": Case(
        "MaxWeight", {"rates_per_hour": RATES}, lambda board, groups, _: policies.MaxWeight(board, groups, RATES), asked(contacts="p"),
    ),
    "generalised c-mu by wait": Case(
        "GeneralisedCMu", {"rates_per_hour": RATES, "marginal_costs": {"a": [0, 1], "b": [0, 0, 0.02], "c": [5]}},
        lambda board, groups, _: policies.GeneralisedCMu(
            groups, RATES, {"a": lambda x: x, "b": lambda x: 0.02 * x * x, "c": lambda x: 5.0}
        ),
        asked(contacts="p"),
    ),
    "queue and idleness ratio": Case(
        "QueueRatio", {"queue_shares": SHARES[0], "idle_shares": SHARES[1]},
        lambda board, groups, _: policies.QueueRatio(board, groups, *SHARES), asked(contacts="p", agents="p"),
    ),
    "agents' preference": Case(
        "AgentsPreference",
        {"ranks": RANKS, "later": {"60s": LATER}, "idle_weights": {"B": 2.5}, "wait_weights": {"b": 3.0}},
        lambda board, groups, _: policies.AgentsPreference(
            groups, RANKS, later={"60s": LATER}, idle_weights={"B": 2.5}, wait_weights={"b": 3.0}
        ),
        asked(contacts="p", agents="p"),
    ),
    "weights, with waiting on purpose": Case(
        "WeightBasedRouting",
        {
            "indices": {
                group: {kind: dict(zip(("constant", "per_wait_s", "per_idle"), one, strict=True)) for kind, one in row.items()}
                for group, row in INDEX.items()
            },
            "deliberate_wait": True,
        },
        lambda board, groups, _: policies.WeightBasedRouting(
            groups,
            {group: {kind: PairIndex(*one) for kind, one in row.items()} for group, row in INDEX.items()},
            deliberate_wait=True,
        ),
        asked(contacts="p", agents="p", wake="5s"),
    ),
    "sharing with thresholds": Case(
        "SharingThreshold",
        {
            "own": {"A": "a", "B": "b"}, "thresholds": {"a": {"b": 2}, "b": {"a": 1}}, "ratios": {"a": {"b": 0.5}}, "release": 1,
        },
        lambda board, groups, _: policies.SharingThreshold(
            board, {"A": "a", "B": "b"}, {("a", "b"): 2, ("b", "a"): 1}, {("a", "b"): 0.5}, 1
        ),
        asked({"A": ["a", "b"], "B": ["b", "a"]}, contacts="p", agents="p", gauge=8),
        queues={"a": ["a"], "b": ["b"]}, rate_per_hour=45.0,
    ),
    "least loaded of two by lot": Case(
        "LeastLoadedShown", {}, lambda board, groups, _: policies.LeastLoadedShown(), chats("lot", 2), **CHAT
    ),
    "an idle one by lot": Case(
        "IdleElseFirst", {}, lambda board, groups, _: policies.IdleElseFirst(), chats("lot", 64), **CHAT
    ),
    "chat levels": Case(
        "ChatLevels", {"completions_per_hour": [20.0, 44.0, 54.0, 60.0]},
        lambda board, groups, _: policies.ChatLevels([20.0, 44.0, 54.0, 60.0]), chats("least_loaded", 64), **CHAT,
    ),
    "improvement among agents": Case(
        "ImprovedAgents", {"values": LOSS},
        lambda board, groups, _: policies.ImprovedAgents(board, {g: relative_values(**one) for g, one in LOSS.items()}),
        asked({"A": ["a", "b"], "B": ["a", "b"]}, agents="p"), queues={"a": ["a"], "b": ["b"]},
    ),
    "queue-ratio overflow": Case(
        "QueueRatioOverflow", {"sets": {"x": [["A"], ["B"]]}, "targets": {"A": 1.0, "B": 0.5}},
        lambda board, groups, _: policies.QueueRatioOverflow(board, {"x": [["A"], ["B"]]}, {"A": 1.0, "B": 0.5}),
        plans.first_in_first_out(OWN), **ONE_KIND,
    ),
    "expected delay by lot": Case(
        "ExpectedDelay", {"groups": TWO, "rates_per_hour": {"A": 30.0, "B": 20.0}, "weights": {"B": 2.0}, "lot_seed": 3},
        lambda board, groups, run: policies.ExpectedDelay(
            board, TWO, {"A": 30.0, "B": 20.0}, weights={"B": 2.0}, lot_seed=lot_of(3, run)
        ),
        plans.first_in_first_out(OWN), **ONE_KIND,
    ),
    "shortest queue": Case(
        "JoinShortestQueue", {"queues": TWO}, lambda board, groups, _: policies.JoinShortestQueue(board, TWO),
        plans.first_in_first_out(OWN), **ONE_KIND,
    ),
    "an idle queue, or any": Case(
        "JoinShortestQueue", {"queues": TWO, "idle_first": True, "lot_seed": 5},
        lambda board, groups, run: policies.JoinShortestQueue(board, TWO, idle_first=True, lot_seed=lot_of(5, run)),
        plans.first_in_first_out(OWN), **ONE_KIND,
    ),
    "shadow routing": Case(
        "ShadowRouting", {"agents": STAFF, "rates_per_hour": {"A": {"x": 24.0}, "B": {"x": 20.0}}},
        lambda board, groups, _: policies.ShadowRouting(STAFF, {"A": {"x": 24.0}, "B": {"x": 20.0}}),
        plans.first_in_first_out(OWN), **ONE_KIND,
    ),
    "improvement at arrival": Case(
        "BestImprovement", {"groups": TWO, "values": VALUES},
        lambda board, groups, _: policies.BestImprovement(board, TWO, {g: relative_values(**one) for g, one in VALUES.items()}),
        plans.first_in_first_out(OWN), **ONE_KIND,
    ),
    "virtual hold": Case(
        "VirtualHold", {"groups": {"a": ["A"]}, "rates_per_hour": {"a": 24.0}, "threshold_s": 60},
        lambda board, groups, _: policies.VirtualHold(board, {"a": ["A"]}, {"a": 24.0}, 60),
        plans.virtual_hold({"A": ["a"]}), staff={"A": 4}, queues={"a": ["a", "a call-back"]}, rate_per_hour=90.0, dispatch=True,
    ),
}  # fmt: skip

Met = dict[tuple[int, int], tuple[int, str]]  # by stream and number: wait, agent


def in_the_study(study: Study) -> Met:
    names = study.plan.agents
    return {
        (int(one["stream"]), int(one["customer"])): (int(one["wait_ns"]), names[one["agent"]]) for one in study.records()
    }


def in_a_loop(study: Study, case: Case) -> Met:
    """The same contacts and conversations, one command after the other."""
    groups = plans.groups_of(study.plan.to_dict())
    board = Board(groups, 1 if "channels" in case.plan else 100)
    policy = case.by_hand(board, groups, study.seed_of(0))
    found: Met = {}
    order = count()
    with koble.Engine(study.plan, seed=study.seed_of(0)) as engine:
        if not case.dispatch:
            engine.set_policy("p", policy)
        calendar: list[tuple[int, int, str, int, int]] = []  # time, order, what, stream or contact, number
        for place, stream in enumerate(study.streams):
            times = stream.arrivals.times_ns
            assert times is not None
            calendar += [(int(time), next(order), "arrive", place, number) for number, time in enumerate(times, start=1)]
        heapq.heapify(calendar)
        came: dict[int, tuple[int, int, int]] = {}

        def settle() -> None:
            board.follow(engine)
            for event in engine.drain():
                assert event.kind is not koble.EventKind.POLICY_FAULT, engine.take_policy_error()
                if event.kind is koble.EventKind.ACCEPTED and str(event.queue_name).endswith("call-back"):
                    connecting.append(event.engagement)
                if event.kind is koble.EventKind.SERVING:
                    time, place, number = came[event.contact]
                    found[place, number] = (event.time_ns - time, str(event.agent_name))
                    services = study.streams[place].services_ns
                    assert services is not None
                    heapq.heappush(calendar, (event.time_ns + services[number - 1], next(order), "gone", event.contact, 0))
            while connecting:
                engine.connected(connecting.pop())
                settle()

        connecting: list[koble.EngagementId] = []
        for name in study.plan.agents:
            engine.presence(name, "available", at=0)
            settle()
        while calendar:
            deadline = engine.next_deadline
            if deadline is not None and deadline < calendar[0][0]:
                engine.advance(deadline)
                settle()
                continue
            time, _, what, where, number = heapq.heappop(calendar)
            if what == "arrive":
                stream = study.streams[where]
                queue = policy.choose_queue(stream.name) if case.dispatch else stream.queues[0]
                contact = engine.arrive(queue, at=time, host_ref=1)
                came[contact] = (time, where, number)
            else:
                engine.gone(koble.ContactId(where), by="customer", at=time)
            settle()
    return found


@pytest.mark.parametrize("name", CASES)
def test_it_decides_as_in_a_loop_of_the_hosts_own(name: str) -> None:
    case = CASES[name]
    study = case.study()
    found = in_the_study(study)
    assert len(found) == sum(len(stream.services_ns or ()) for stream in study.streams)
    assert sum(wait > 0 for wait, _ in found.values()) > 40  # there was something to choose
    assert found == in_a_loop(study, case)


def test_none_is_missing() -> None:
    methods = ("choose_agent", "choose_contact", "choose_queue")
    own = {
        name
        for name in policies.__all__
        if isinstance(made := getattr(policies, name), type) and any(hasattr(made, method) for method in methods)
    }
    assert {case.of for case in CASES.values()} == own - {"Policy", "Dispatcher"}


def test_by_length_a_study_gives_the_board() -> None:
    costs = {"a": [0, 1], "b": [0, 2], "c": [0, 3]}
    case = Case(
        "GeneralisedCMu", {"rates_per_hour": RATES, "marginal_costs": costs, "by": "length"},
        lambda board, groups, _: policies.GeneralisedCMu(groups, RATES, costs, by="length", lengths=board), asked(contacts="p"),
    )  # fmt: skip
    study = case.study()
    assert in_the_study(study) == in_a_loop(study, case)
    assert study.centres[""].policies(koble.Engine(study.plan))[1] is not None
    by_wait = CASES["generalised c-mu by wait"].study()
    assert by_wait.centres[""].policies(koble.Engine(by_wait.plan))[1] is None  # nobody looks at it


#: Those that are plans, for the types and groups of SERVED.
LISTS = ({"a": ["A"], "b": ["B", "A"], "c": ["B"]}, {"A": ["b", "a"], "B": ["b", "c"]})
TYPE_RANKS = {"a": {"A": 1}, "b": {"A": 2, "B": 1}, "c": {"B": 1}}
TARGETS = {"a": "20s", "b": "60s", "c": "300s"}
COSTS = {"a": 1.0, "b": 3.0, "c": 4.0}
BY_PLAN: dict[str, dict[str, Any]] = {
    "1 queue priority": plans.queue_priority(*LISTS),
    "2 last group": plans.last_group({"a": ["A"], "b": ["A", "B"], "c": ["B"]}),
    "3 longest queue": plans.longest_queue(SERVED),
    "5 weighted wait": plans.weighted_wait(SERVED, {"a": 1.0, "b": 2.0, "c": 5.0}),
    "6 preference": plans.agents_preference(TYPE_RANKS, RANKS),
    "7 with delays": plans.preference_with_delays(TYPE_RANKS, RANKS, {"A": {"b": "30s"}}, transfer=True),
    "8 local": plans.local_specialist({"a": "n", "b": "s", "c": "s"}, {"A": "n", "B": "s"}, "30s", served=SERVED),
    "11 script": plans.overflow_script(
        {"a": [{"groups": ["A"]}], "b": [{"groups": ["B"]}, {"after": "40s", "groups": ["A"], "priority": 5}], "c": [{"groups": ["B"]}]}
    ),
    "12, 16 by lot": plans.random_agent(SERVED),
    "15 fastest": plans.fastest_server_first(RATES),
    "17 static": plans.static_priority(["c", "a", "b"], SERVED),
    "18 c-mu": plans.c_mu(COSTS, RATES),
    "19 generalised c-mu": plans.generalised_c_mu(SERVED, COSTS, {"a": 20.0, "b": 25.0, "c": 16.0}),
    "20 c-mu/theta": plans.c_mu_theta(COSTS, RATES, {"a": 10.0, "b": 40.0, "c": 20.0}),
    "22 accumulating": plans.accumulating(SERVED, {"a": 20}, {"a": 0.5, "b": 1.0, "c": 2.0}),
    "24 reservation": plans.reservation(SERVED, {"b": 1}),
    "27 lists, delays, thresholds": plans.priority_delay_threshold(*LISTS, delays={"A": {"b": "20s"}}, thresholds={"A": {"b": 1}}),
    "33 least skilled": plans.least_skilled_first({"A": ["a", "b"], "B": ["b", "c", "a"]}),
    "34 deadline": plans.earliest_deadline(SERVED, TARGETS),
    "34 ratio": plans.earliest_deadline(SERVED, TARGETS, ratio=True),
}


def test_those_that_are_plans_play_too_and_each_decides_for_itself() -> None:
    study = Study(
        {
            **write({"4 first come": plans.first_in_first_out(SERVED), "13, 14 alis": plans.fcfs_alis(SERVED), **BY_PLAN}, None),
            "policies": None, "replications": 2, "horizon": "40h",
            "streams": [
                {"queue": name, "arrivals": {"rate": 22}, "service": {"law": "exponential", "mean": "150s"}} for name in "abc"
            ],
        }
    )  # fmt: skip
    found = study.compare()
    came = found["4 first come"].sample("arrivals")
    figures = [("mean_wait_s", "a"), ("mean_wait_s", "b"), ("mean_wait_s", "c"), ("share_of_b", "profiles", "A")]
    seen = {}
    for name, result in found.results.items():
        assert np.array_equal(result.sample("arrivals"), came), name  # the same customers
        assert np.array_equal(result.sample("served"), came), name  # of whom nobody was forgotten
        seen[name] = tuple(result[figure].value for figure in figures)
    assert seen.pop("13, 14 alis") == seen["4 first come"]
    assert len(set(seen.values())) == len(seen)


class LongestShown(koble.Policy):
    """The longest queue, as the engine itself counts it."""

    def __init__(self, engine: koble.Engine, order: Sequence[str]) -> None:
        self.engine = engine
        self.order = list(order)

    def choose_contact(self, agent: koble.PolicyAgent, candidates: Sequence[koble.PolicyContact]) -> koble.PolicyContact:
        return max(candidates, key=lambda one: (self.engine.waiting(one.queue), -self.order.index(one.queue)))


def test_a_policy_may_look_at_the_runs_engine() -> None:
    case = CASES["longest queue"]
    own = {"p": {"class": f"{__name__}:LongestShown", "with": case.written}}
    assert in_the_study(case.study(policies=own)) == in_the_study(case.study())


def test_each_replication_has_a_lot_of_its_own() -> None:
    study = CASES["an idle queue, or any"].study(replications=3)
    engine = koble.Engine(study.plan)
    drawn = [study.centres[""].policies(engine, study.seed_of(n))[0]["p"]._lot.random() for n in (0, 1, 0)]
    assert drawn[0] == drawn[2] != drawn[1]


def write(plans_of: dict[str, Any], made: Any, **stream: Any) -> dict[str, Any]:
    return {
        "plans": plans_of, "agents": [{"profile": group, "count": number} for group, number in STAFF.items()],
        "streams": [
            {
                "name": "x", "queues": ["A", "B"], "arrivals": {"rate": 70}, "service": {"law": "exponential", "mean": "150s"},
                **stream,
            }
        ],
        "policies": made, "horizon": "10h", "replications": 10, "warmup": "1h",
    }  # fmt: skip


def test_plans_may_have_policies_of_their_own_and_dispatchers_or_none() -> None:
    one = plans.first_in_first_out(OWN)
    shortest = {"class": "koble.policies:JoinShortestQueue", "with": {"queues": TWO}}
    anywhere = {"class": "koble.policies:JoinShortestQueue", "with": {"queues": TWO, "choices": 1, "lot_seed": 1}}
    study = Study(
        write({"pooled": one, "shortest": one, "by lot": one}, {"d": {"plans": {"shortest": shortest, "by lot": anywhere}}}, dispatch="d")
    )
    found = study.compare()
    # All in both queues are one queue; the shortest of two is nearly as good, one by lot is far worse.
    assert found.differences["shortest"]["streams", "x"]["mean_wait_s"].difference.low > 0
    assert found.differences["by lot"]["streams", "x"]["mean_wait_s"].difference.low > 0
    assert found["by lot"]["mean_wait_s"].value > 1.3 * found["shortest"]["mean_wait_s"].value


class NoQueue:
    """Not the queue of anything."""

    def choose_queue(self, contact_type: str) -> str:
        return "nowhere"


class Fails(koble.Policy):
    def __init__(self, answer: Any = None, raises: bool = False) -> None:
        if raises:
            raise LookupError("no such thing")
        self.answer = answer

    def choose_contact(self, agent: koble.PolicyAgent, candidates: Sequence[koble.PolicyContact]) -> Any:
        return self.answer if self.answer is not None else candidates[99]


def test_mistakes_are_said_at_reading() -> None:
    asks = plans.asking(plans.first_in_first_out(OWN), contacts="p")
    other = plans.asking(plans.first_in_first_out(OWN), agents="q")
    here = __name__
    with pytest.raises(StudyError) as error:
        Study(
            write(
                {"one": asks, "two": other},
                {
                    "p": {"class": "koble.policies:MaxWeight", "with": {"rate_per_hour": {}}},
                    "q": "koble.policies:ShadowRouting",
                    "r": {"plans": {"on": "koble.policies:Policy"}},
                    "s": "koble.policies:Longest",
                    "t": "koble.policies:Policy",
                },
                dispatch="d",
            )
        )
    assert error.value.problems == [
        "policies.r.plans: there is no plan 'on'; did you mean \"one\"?",
        "policies.s: is 'koble.policies:Longest'; write \"module:Class\", the module being one that Python finds, and \"with\" as an object",
        "policies.p: MaxWeight.__init__() got an unexpected keyword argument 'rate_per_hour'; what it takes is written as \"with\"",
        "policies.q: ShadowRouting.__init__() missing 2 required positional arguments: 'agents' and 'rates_per_hour'; what it takes is "
        'written as "with"',
        "policies: lacks 'd', which streams[0].dispatch names",
        "policies.t: is asked by nobody: no plan names it as a policy, and no stream as dispatch",
    ]
    dispatcher = {"class": "koble.policies:JoinShortestQueue", "with": {"queues": TWO}}
    with pytest.raises(StudyError) as error:
        Study(write({"one": asks, "two": other}, {"p": dispatcher, "d": {"class": f"{here}:Fails", "with": {"raises": True}}}, dispatch="p"))
    assert error.value.problems == [
        "policies.d: LookupError: no such thing",
        "policies.p: has no choose_contact, which plans.one.profiles[0].policy asks for",
        "policies.p: has no choose_contact, which plans.one.profiles[1].policy asks for",
        "policies: lacks 'q', which plans.two.queues[0].policy names; write classes by the plan's names, such as "
        '{"pick": "my_policies:Pick"}',
        "policies: lacks 'q', which plans.two.queues[1].policy names; write classes by the plan's names, such as "
        '{"pick": "my_policies:Pick"}',
        "policies.d: is asked by nobody: no plan names it as a policy, and no stream as dispatch",
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [(None, "a policy failed: IndexError: there are not so many candidates"), (-1, r"policies.p: answered -1 of \d+ candidates"), ("a", "TypeError")],
)
def test_what_a_policy_does_wrong_ends_the_run(answer: Any, said: str) -> None:
    asks = plans.asking(plans.first_in_first_out(OWN), contacts="p")
    study = Study(write({"one": asks}, {"p": {"class": f"{__name__}:Fails", "with": {"answer": answer}}}))
    with pytest.raises(koble.KobleError, match=said):
        study.run()


def test_a_dispatcher_that_names_no_queue_of_the_stream_ends_the_run() -> None:
    study = Study(write({"one": plans.first_in_first_out(OWN)}, {"d": f"{__name__}:NoQueue"}, dispatch="d"))
    with pytest.raises(koble.KobleError, match="policies.d: answered 'nowhere' for 'x', whose queues are A, B"):
        study.run()
