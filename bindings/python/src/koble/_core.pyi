from collections.abc import Callable, Iterable, Mapping, Sequence
import datetime
import decimal
from typing import Any, SupportsIndex

import koble.enums
import koble.ids
import koble.times
import koble.views


def _set_hooks(hooks: dict[str, Any]) -> None: ...

def version() -> str: ...

def abi_version() -> int: ...

def rules_version() -> int: ...

def error_name(code: int) -> str: ...

def error_text(code: int) -> str: ...

def command_name(kind: int) -> str | None: ...

def event_name(kind: int) -> str | None: ...

def reason_name(event_kind: int, reason: int) -> str | None: ...

def change_name(change: int) -> str | None: ...

class DecisionHandle:
    def __init__(self, world: WorldHandle, group_of_agent: Any, groups: int, waiting_per_hour: Any, abandoned: Any, refused: Any, served: Any, discount_per_hour: float) -> None: ...

    @property
    def actions(self) -> int: ...

    @property
    def observed(self) -> int: ...

def decide(worlds: list[DecisionHandle], actions: Any, observations: Any, masks: Any, elapsed_s: Any, rewards: Any, states: Any) -> None: ...

class EngineBase:
    """The part of koble.Engine that is called for every contact."""

    def __init__(self) -> None: ...

    def _create(self, plan: PlanHandle, seed: int, start_ns: int, clamp_time: bool, max_step_ns: int, journal: int, max_contacts: int, max_agents: int, max_events: int, max_journal_bytes: int) -> None: ...

    def _clone_into(self, target: EngineBase) -> None: ...

    def close(self) -> None:
        """
        Frees the engine; every later call raises ClosedError. Closing twice does nothing.
        """

    def intern(self, name: str, *, at: koble.times.Instant | None = None) -> int:
        """
        The number of a name, for attributes; a name that was not known gets the next one and keeps it.

        The names of the plan's attributes and of their values are known from the start.
        """

    def _symbol_count(self) -> int: ...

    def _symbol_find(self, name: object) -> int: ...

    def _symbol_name(self, number: int) -> str | None: ...

    def _symbol_key(self, key: str | SupportsIndex) -> int: ...

    def _symbol_value(self, value: str | SupportsIndex) -> int: ...

    def _attributes(self, contact: SupportsIndex) -> list[tuple[int, int]]: ...

    def arrive(self, queues: str | SupportsIndex | Sequence[str | SupportsIndex], *, at: koble.times.Instant | None = None, host_ref: SupportsIndex = 0, priority: int | float | decimal.Decimal | str = 0, credit: koble.times.Duration = 0, serial: SupportsIndex = 0, attributes: Mapping[str | SupportsIndex, str | SupportsIndex] | None = None, agent: str | SupportsIndex | None = None, reserved: koble.times.Duration = 0, position: int = 0) -> koble.ids.ContactId:
        """
        A contact enters one to eight queues, by name or number, tried in this order.

        host_ref: the host's own number for it, echoed in its events. priority: points added to each queue's base (at most six digits after the point). credit: waiting time credited beside the queue's own. serial: the contact's in a record that is played under another plan, greater than the last (0: the next); a queue may then be koble.QUEUE_NONE: the record's is not in this plan. attributes: what the contact is about, up to sixteen: {"language": "english", "amount": 3}. Names must be known: from the plan, or by intern. position: requested in each of its queues, from 1; those of greater priority stay before it. agent: whom the contact is meant for; he gets it before others where he is free. reserved: for so long nobody else may have it, "never": ever.
        Returns the contact's id, also where a queue refuses it: the events left and exit say so.
        """

    def place(self, contact: SupportsIndex, position: int, *, queue: str | SupportsIndex | None = None, at: koble.times.Instant | None = None) -> None:
        """
        Puts a contact at a position, from 1, in a queue in which it stands, or in all of them; past the end: last.

        position=1 expedites it. 0: back to its own place.
        """

    def change(self, contact: SupportsIndex, *, priority: Any = None, credit: koble.times.Duration | None = None, max_wait: koble.times.Duration | None = None, attributes: Mapping[str | SupportsIndex, str | SupportsIndex] | None = None, remove: Iterable[str | SupportsIndex] = (), forget_refusals: bool = False, forget_agent: bool = False, relative: bool = False, at: koble.times.Instant | None = None) -> None:
        """
        Changes a contact that lives: only what is given. Its clocks and its offers go on.

        priority, credit: as at arrival; with relative=True they are added to what it has. max_wait: how long it waits at most from now on, or "never". attributes: to be set; remove: keys to be removed. forget_refusals: whoever declined or missed it may be asked again. forget_agent: it is meant for nobody any more.
        """

    def gone(self, contact: SupportsIndex, *, by: str | koble.enums.By = 'customer', at: koble.times.Instant | None = None) -> None:
        """
        The customer is gone or the conversation is over; valid in every living state. by: "customer", "agent" or "host".
        """

    def make_offer(self, contact: SupportsIndex, agent: str | SupportsIndex, *, queue: str | SupportsIndex | None = None, insist: bool = False, accepted: bool = False, at: koble.times.Instant | None = None) -> koble.ids.OfferId:
        """
        The host chooses the agent for a contact that waits, above all in a queue of mode "external"; returns the offer.

        queue: one of the contact's; without it the first in which he may take it. insist: whatever requirements, his table of queues, refusals and reserves say. accepted: he has it at once. StateError where the contact does not wait or the agent may be offered nothing, LimitError where it does not fit, NothingWaitsError where he may not take it.
        """

    def accept(self, offer: SupportsIndex, *, at: koble.times.Instant | None = None) -> koble.ids.EngagementId:
        """
        The agent took it; returns the engagement. EndedError where the offer is over, HeldError where another answer awaits its connection.
        """

    def decline(self, offer: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """The offer ended: the agent said no."""

    def busy(self, offer: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """The offer ended: the agent's device was busy."""

    def unreachable(self, offer: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """The offer ended: the agent's device could not be reached."""

    def no_answer(self, offer: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """The offer ended: it rang, and nobody answered."""

    def failed(self, offer: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """The offer ended: the host could not present it."""

    def end_offer(self, offer: SupportsIndex, outcome: str | koble.enums.Outcome, *, at: koble.times.Instant | None = None) -> None:
        """
        The offer ended with this outcome: "declined", "busy", "unreachable", "no_answer" or "failed".
        """

    def connected(self, engagement: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """
        The connection stands. For queues with `confirm`; StateError where the engagement is not connecting.
        """

    def connect_failed(self, engagement: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """
        The connection failed; the contact goes back to its own place. For queues with `confirm`.
        """

    def hold(self, engagement: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """The contact is put on hold."""

    def retrieve(self, engagement: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """The contact is taken back from hold."""

    def reply(self, contact: SupportsIndex, *, at: koble.times.Instant | None = None) -> koble.ids.EngagementId | None:
        """
        The customer wrote; valid in every living state. Returns the engagement, where the conversation goes on; None: the contact waits, or is not served yet.
        """

    def activity(self, engagement: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """
        One of the two wrote, or the agent takes a silent or parked conversation up again.
        """

    def _park(self, engagement: SupportsIndex, until_ns: int, at: koble.times.Instant | None) -> None: ...

    def end_wrap_up(self, engagement: SupportsIndex, *, at: koble.times.Instant | None = None) -> None:
        """Ends a wrap-up early."""

    def presence(self, agent: str | SupportsIndex | koble.views.Agent, presence: str | koble.enums.Presence, *, reason: SupportsIndex = 0, at: koble.times.Instant | None = None) -> None:
        """
        Sets the agent's presence: "available", "break" or "offline". reason: the host's number for a kind of break.
        """

    def set_skill(self, agent: str | SupportsIndex | koble.views.Agent, skill: str, level: SupportsIndex | None, *, length: koble.times.Duration = 'never', at: koble.times.Instant | None = None) -> None:
        """
        Changes one skill of an agent, by name; 0: he lacks it; None: as his definition says.

        length: for how long; left out, until it is changed again. What he is doing goes on.
        """

    def _request(self, agent: str | SupportsIndex | koble.views.Agent, channels: int, until_ns: int, at: koble.times.Instant | None) -> koble.ids.OfferId | None: ...

    def cancel_request(self, agent: str | SupportsIndex | koble.views.Agent, *, at: koble.times.Instant | None = None) -> None:
        """Ends a standing request. StateError where there is none."""

    def remove_agent(self, agent: str | SupportsIndex | koble.views.Agent, *, at: koble.times.Instant | None = None) -> None:
        """
        Nothing new for this agent: open offers are withdrawn, engagements and wrap-ups run to their end.
        """

    def _add_agent(self, definition: bytes, at: koble.times.Instant | None) -> koble.ids.AgentId: ...

    def _change_agent(self, agent: str | SupportsIndex | koble.views.Agent, definition: bytes, at: koble.times.Instant | None) -> None: ...

    def _replace_plan(self, plan: PlanHandle, at: koble.times.Instant | None) -> None: ...

    def advance(self, at: koble.times.Instant) -> None:
        """Sets the clock and does everything that is due, instant by instant."""

    def resume(self, at: koble.times.Instant, *, down_since: koble.times.Instant | None = None) -> None:
        """
        After a restart, in place of advance: nobody is penalised and no place is lost because the host was down.

        down_since: from when the engine was not served; left out, from the last journalled time.
        """

    def reconcile(self, *, contacts: Iterable[SupportsIndex], legs: Iterable[SupportsIndex], at: koble.times.Instant | None = None) -> None:
        """
        After a restart, behind resume and at its time: which contacts and legs really exist.

        legs: ids of offers that still ring and of engagements that connect, are active or held; an offer's id also names the engagement that it opened. What is not named ends, and nobody is punished. Ids that name nothing living are reported as events of kind UNKNOWN.
        """

    def _apply(self, commands: Any, data: Any, attributes: Any, codes: Any, ids: Any) -> tuple[int, int]: ...

    def _last_result(self) -> tuple[int, Any, int, int, int, bool, int, int]: ...

    def drain(self) -> list[Event]:
        """
        All events that are kept, and acknowledges them: what the host then loses is lost.
        """

    def _read_events(self, seq: int) -> list[Event]: ...

    def _iterate_events(self, seq: int) -> EventIterator: ...

    def _event_range(self, seq: int) -> tuple[int, int]: ...

    def _read_events_into(self, seq: int, array: Any) -> int: ...

    def _agent_label(self, agent: int) -> str | None: ...

    def _queue_epochs(self) -> list[tuple[int, list[str]]]: ...

    def acknowledge(self, event: Event | SupportsIndex) -> None:
        """
        Events up to and including this one (or this number) are not needed any more.
        """

    @property
    def first_event(self) -> int:
        """Number of the oldest event that is kept; last + 1 where none is."""

    @property
    def last_event(self) -> int:
        """Number of the newest event; 0 before the first."""

    def _set_policy(self, name: str, policy: object) -> None: ...

    def take_policy_error(self) -> BaseException | None:
        """
        The last exception that a policy has raised, once; None where none did since.
        """

    @property
    def now(self) -> int:
        """The engine's clock, in ns."""

    @property
    def next_deadline(self) -> int | None:
        """
        The next instant, in ns, at which the engine wants advance; None if there is none.
        """

    def digest(self) -> str:
        """
        128 bits over the state, as 32 hexadecimal digits. Equal histories give equal digests everywhere.
        """

    def _plan(self) -> PlanHandle: ...

    def _plan_key(self) -> int: ...

    def find_agent(self, name: str) -> koble.ids.AgentId | None:
        """The living agent of that name; None if there is none."""

    def agent_name(self, agent: str | SupportsIndex | koble.views.Agent) -> str | None:
        """The agent's name; None for an unknown or gone agent."""

    def _skills(self, agent: str | SupportsIndex | koble.views.Agent) -> list[tuple[int, int, bool, int]]: ...

    def _contact(self, contact: SupportsIndex) -> tuple[Any, ...]: ...

    def _agent(self, agent: str | SupportsIndex | koble.views.Agent) -> tuple[Any, ...]: ...

    def _offer(self, offer: SupportsIndex) -> tuple[Any, ...]: ...

    def _engagement(self, engagement: SupportsIndex) -> tuple[Any, ...]: ...

    def _counts(self) -> tuple[int, int, int, int, int]: ...

    def waiting(self, queue: str | SupportsIndex) -> int:
        """Contacts that stand in the queue without an open offer or engagement."""

    def _list(self, kind: int) -> list[Any]: ...

    def _time(self, at: koble.times.Instant | None) -> int: ...

    def journal_header(self) -> bytes:
        """
        What a journal begins with: rules, options that decide behaviour, the plan at creation.
        """

    def _snapshot(self) -> bytes: ...

    def _read_journal(self, seq: int, max_bytes: int) -> tuple[bytes, int]: ...

    def acknowledge_journal(self, seq: SupportsIndex) -> None:
        """
        Records up to and including this number are durable; in the bounded mode this frees their room.
        """

    @property
    def first_record(self) -> int:
        """
        Number of the oldest journal record that is kept; last + 1 where none is.
        """

    @property
    def last_record(self) -> int:
        """Number of the newest journal record; 0 before the first."""

    def _replay(self, header: bytes | bytearray | memoryview, records: bytes | bytearray | memoryview, journal: int, max_events: int, max_journal_bytes: int) -> tuple[int, int, bool]: ...

    def apply_journal(self, records: bytes | bytearray | memoryview) -> int:
        """
        Plays further records into an engine that was replayed or restored; returns how many.
        """

    def _restore(self, snapshot: bytes | bytearray | memoryview, journal: int, max_events: int, max_journal_bytes: int) -> None: ...

class EventIterator:
    def __iter__(self) -> EventIterator: ...

    def __next__(self) -> Event: ...

class Event:
    """
    What the engine decided: a frozen record. Ids that a kind has not are None.
    """

    @property
    def seq(self) -> int:
        """Number of the event, from 1, without gaps."""

    @property
    def time_ns(self) -> int:
        """The engine's now."""

    @property
    def due_ns(self) -> int:
        """
        The instant this belongs to: earlier than time_ns only in a late advance or resume.
        """

    @property
    def kind(self, /) -> koble.enums.EventKind:
        """What happened."""

    @property
    def reason(self, /) -> koble.enums.Outcome | koble.enums.ConnectFailure | koble.enums.By | koble.enums.WrapUpEnd | koble.enums.Exit | koble.enums.Presence | koble.enums.RequestEnd | koble.enums.Offered | koble.enums.Accepted | koble.enums.IdKind | Any:
        """Why or how, in the words of the kind; None where the kind has none."""

    @property
    def contact(self, /) -> koble.ids.ContactId | Any: ...

    @property
    def serial(self) -> int:
        """Number of the contact's arrival, from 1; 0 where no contact."""

    @property
    def agent(self, /) -> koble.ids.AgentId | Any: ...

    @property
    def offer(self, /) -> koble.ids.OfferId | Any: ...

    @property
    def engagement(self, /) -> koble.ids.EngagementId | Any: ...

    @property
    def host_ref(self) -> int:
        """The host's own number for the contact."""

    @property
    def queue(self, /) -> int | None:
        """Number in the plan in force; None where the kind has none."""

    @property
    def tenant(self) -> int:
        """0."""

    @property
    def a(self) -> int:
        """By kind; see koble.h."""

    @property
    def b(self) -> int:
        """By kind; see koble.h."""

    @property
    def journal_seq(self) -> int:
        """The journal record that caused it; 0 where the journal is off."""

    @property
    def agent_name(self, /) -> str | None:
        """
        The agent's name; None where there is no agent, or nothing remembers the name.
        """

    @property
    def queue_name(self, /) -> str | None:
        """The queue's name in the plan that was in force."""

    @property
    def until_ns(self, /) -> int | None:
        """
        Expiry of an offer; end of a wrap-up, penalty or reservation; when a silent conversation is forgotten, a parked one comes back; None elsewhere.
        """

    @property
    def datetime(self, /) -> datetime.datetime:
        """
        The engine's now as an aware datetime in UTC; digits after the microsecond are cut.
        """

    @property
    def cause(self, /) -> koble.enums.Cause | None:
        """Why an offer was withdrawn; None elsewhere."""

    @property
    def changes(self, /) -> koble.enums.Change | None:
        """What of the contact changed, of CONTACT_CHANGED; None elsewhere."""

    @property
    def unknown_id(self, /) -> koble.ids.Id | None:
        """The id given to `reconcile` that names nothing living; None elsewhere."""

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __repr__(self) -> str: ...

    def __reduce__(self) -> tuple[Any, ...]: ...

def _event_from_bytes(bytes: bytes, agent_name: object | None, queue_name: object | None) -> Event: ...

EVENT_SIZE: int = 112

COMMAND_SIZE: int = 96

class FiguresHandle:
    def plan(self, plan: PlanHandle) -> None: ...

    def agent(self, agent: int, name: str, capacity: int) -> None: ...

    def fold(self, events: Any, stride: int) -> int: ...

    def close(self, at_ns: int) -> None: ...

    def merge(self, other: FiguresHandle) -> None: ...

    def interval_count(self) -> int: ...

    def queues(self) -> tuple[str, ...]: ...

    def agents(self) -> tuple[str, ...]: ...

    def queue_row(self, queue: int, interval: int) -> bytes: ...

    def agent_row(self, agent: int, interval: int) -> bytes: ...

    def quantile(self, queue: int, interval: int, duration: int, ppm: int) -> int: ...

    def histogram(self, queue: int, interval: int, duration: int) -> tuple[bytes, bytes]: ...

def figures_create(plan: PlanHandle, start_ns: int, interval_ns: int, short_abandon_ns: int, target_ns: int) -> FiguresHandle: ...

class PlanHandle:
    def write(self, format: int) -> bytes: ...

    def hash(self) -> str: ...

    def queues(self) -> tuple[str, ...]: ...

    def channels(self) -> tuple[str, ...]: ...

    def skills(self) -> tuple[str, ...]: ...

    def attributes(self) -> tuple[tuple[str, tuple[str, ...]], ...]: ...

    def agents(self) -> tuple[str, ...]: ...

    def queue_find(self, name: str) -> int: ...

    def channel_find(self, name: str) -> int: ...

    def queue(self, queue: int) -> tuple[int, int, int, int, int]: ...

def plan_load(source: bytes | bytearray | memoryview) -> tuple[PlanHandle, str]: ...

def plan_schema() -> str: ...

class PolicyContact:
    """
    A contact as a policy sees it. Each attribute is read when it is asked for, and only until the policy has answered.
    """

    @property
    def place(self) -> int:
        """Its place among the candidates, from 0."""

    @property
    def id(self) -> koble.ids.ContactId: ...

    @property
    def serial(self) -> int: ...

    @property
    def host_ref(self) -> int: ...

    @property
    def queue(self) -> str:
        """By which it is a candidate."""

    @property
    def step(self) -> int:
        """The last of those open there."""

    @property
    def open_steps(self) -> tuple[int, ...]:
        """All that are open there; 0, its own requirement, always."""

    @property
    def attempts(self) -> int:
        """Times that it has been offered before."""

    @property
    def arrival_ns(self) -> int: ...

    @property
    def waited_ns(self) -> int:
        """Since its arrival."""

    @property
    def priority(self) -> int:
        """As it came with it, in micro-points."""

    @property
    def credit_ns(self) -> int: ...

    @property
    def agent(self) -> koble.ids.AgentId | None:
        """Whom it is meant for."""

    def attribute(self, name: str) -> str | int | None:
        """What it brought along of that name; None where it brought nothing."""

class PolicyAgent:
    """
    An agent as a policy sees him. Each attribute is read when it is asked for, and only until the policy has answered.
    """

    @property
    def place(self) -> int:
        """His place among the candidates, from 0."""

    @property
    def id(self) -> koble.ids.AgentId: ...

    @property
    def name(self) -> str: ...

    @property
    def sequence(self) -> int:
        """Number of first appearance."""

    @property
    def idle_since_ns(self) -> int: ...

    @property
    def idle_ns(self) -> int: ...

    @property
    def capacity(self) -> int:
        """Units."""

    @property
    def used(self) -> int:
        """Units taken."""

    @property
    def weight(self) -> int: ...

    @property
    def served(self) -> int:
        """Contacts since he was added."""

    @property
    def talked_ns(self) -> int: ...

    @property
    def last_ended_ns(self) -> int:
        """0: no conversation yet."""

    def level(self, skill: str) -> int:
        """His level of a skill of the plan in force; 0 where he lacks it."""

class Candidates:
    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Any: ...

def journal_decode(records: bytes | bytearray | memoryview, offset: int) -> tuple[Any, ...]: ...

def sim_uniforms(seed: int, purpose: int, first: int, index: int, out: Any) -> None: ...

def sim_philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]: ...

def sim_values(law: tuple[Any, ...], seed: int, purpose: int, first: int, index: int, out: Any) -> None: ...

def sim_quantiles(law: tuple[Any, ...], uniforms: Any, out: Any) -> None: ...

def sim_normal_quantiles(uniforms: Any, out: Any) -> None: ...

def sim_normal_probabilities(z: Any, out: Any) -> None: ...

def sim_arrivals(begins: Any, rates: Any, end_ns: int, seed: int, purpose: int, out: Any) -> int: ...

def sim_trace(plan: PlanHandle, seed: int, answer_ns: int, end_ns: int, contacts: Any, presence: Any, outcomes: Any, figures: FiguresHandle | None) -> tuple[int, int, int, str]: ...

def transcript_run(text: bytes, name: str, read: Callable[[str], bytes] | None, rebuild: int) -> tuple[int, int, int, int, int, str, bytes]: ...

class WorldModel:
    def __init__(self, seed: int, horizon_ns: int, from_ns: int, to_ns: int, sample_ns: Any) -> None: ...

    def add_stream(self, queues: Any, priority: int, credit_ns: int, service: tuple[Any, ...] | None, patience: tuple[Any, ...] | None, batch: tuple[Any, ...] | None, chosen: bool) -> int: ...

    def set_rates(self, stream: int, begin_ns: Any, per_hour: Any, to_per_hour: Any) -> None: ...

    def set_times(self, stream: int, times_ns: Any, services_ns: Any, patiences_ns: Any) -> None: ...

    def set_again(self, stream: int, balk: float, after: int, most: int, probability: float, delay: tuple[Any, ...] | None) -> None: ...

    def add_attribute(self, stream: int, key: int, values: Any, weights: Any) -> None: ...

    def add_people(self, speeds: Any, answer: tuple[Any, ...] | None, wrap_up: tuple[Any, ...] | None, decline: float, miss: float, learning_first: float, learning_contacts: float) -> None: ...

    def set_levels(self, group_of_agent: Any, levels: Any) -> None: ...

    def set_agents(self, people_of_agent: Any, factors: Any, presence: Any) -> None: ...

class WorldHandle:
    def __init__(self, engine: EngineBase, model: WorldModel, figures: FiguresHandle | None) -> None: ...

    def run(self, records: Any) -> int: ...

    def set_hooks(self, choose_queue: Callable[[int, int], int] | None, follow: Callable[[], None] | None) -> None: ...

    def now(self) -> int: ...

    def agents(self, out: Any) -> int: ...

    def samples(self, out: Any) -> int: ...

    def totals(self) -> tuple[int, int, int, int]: ...
