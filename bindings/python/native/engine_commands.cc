// The commands of an engine: one Python method a command of the C API.
#include "engine.h"

#include <cstring>
#include <string>
#include <vector>

#include "plan.h"

namespace koble_python {
namespace {

// How long: a duration, or for ever.
int64_t ToReservation(nb::handle reserved) {
  if (PyUnicode_Check(reserved.ptr()) && PyUnicode_CompareWithASCIIString(reserved.ptr(), "never") == 0)
    return KOBLE_NEVER;
  return ToDuration(reserved);
}

nb::object Arrive(Engine& self, nb::handle queues, nb::handle at, nb::handle host_ref, nb::handle priority,
                  nb::handle credit, nb::handle serial, nb::handle attributes, nb::handle agent, nb::handle reserved,
                  uint32_t position) {
  koble_attribute pairs[KOBLE_CONTACT_ATTRIBUTES_MAX + 1];  // one too many is enough for the engine to refuse
  uint32_t numbers[KOBLE_CONTACT_QUEUES_MAX + 1];
  koble_arrival arrival{};
  arrival.struct_size = sizeof arrival;
  arrival.queues = numbers;
  if (PyUnicode_Check(queues.ptr()) || PyLong_Check(queues.ptr()) || !PySequence_Check(queues.ptr())) {
    numbers[0] = self.Queue(queues);
    arrival.queue_count = 1;
  } else {
    for (nb::handle queue : nb::cast<nb::sequence>(queues)) {
      if (arrival.queue_count > KOBLE_CONTACT_QUEUES_MAX) break;  // one too many is enough for the engine to refuse
      numbers[arrival.queue_count++] = self.Queue(queue);
    }
  }
  arrival.host_ref = ToUnsigned(host_ref, "host_ref");
  arrival.priority = ToPoints(priority);
  arrival.credit_ns = ToDuration(credit);
  arrival.serial = ToUnsigned(serial, "serial");
  arrival.position = position;
  arrival.attribute_count = ToAttributes(self, attributes, pairs, KOBLE_CONTACT_ATTRIBUTES_MAX + 1);
  arrival.attributes = pairs;
  arrival.agent = agent.is_none() ? 0 : self.Agent(agent);
  arrival.agent_ns = ToReservation(reserved);
  const int64_t time = self.Time(at);
  koble_result* result = self.Prepare();
  self.Check(koble_contact_arrive(self.Use(), time, &arrival, result));
  return MakeId(result->id);
}

using TargetCommand = int32_t (*)(koble_engine*, int64_t, koble_id, koble_result*);

// A command on one offer or engagement, without a result of its own.
template <TargetCommand kCommand>
void OnTarget(Engine& self, nb::handle target, nb::handle at) {
  const koble_id id = ToUnsigned(target, "id");
  const int64_t time = self.Time(at);
  self.Check(kCommand(self.Use(), time, id, self.Prepare()));
}

template <TargetCommand kCommand>
void OnAgent(Engine& self, nb::handle agent, nb::handle at) {
  const koble_id id = self.Agent(agent);
  const int64_t time = self.Time(at);
  self.Check(kCommand(self.Use(), time, id, self.Prepare()));
}

nb::object Accept(Engine& self, nb::handle offer, nb::handle at) {
  OnTarget<koble_offer_accept>(self, offer, at);
  return MakeId(self.result().id);
}

// The engagement, where the conversation goes on.
nb::object Reply(Engine& self, nb::handle contact, nb::handle at) {
  OnTarget<koble_contact_reply>(self, contact, at);
  return MakeId(self.result().id);
}

void Park(Engine& self, nb::handle engagement, int64_t until_ns, nb::handle at) {
  const koble_id id = ToUnsigned(engagement, "id");
  const int64_t time = self.Time(at);
  self.Check(koble_engagement_park(self.Use(), time, id, until_ns, self.Prepare()));
}

nb::object MakeOffer(Engine& self, nb::handle contact, nb::handle agent, nb::handle queue, bool insist, bool accepted,
                     nb::handle at) {
  const koble_id id = ToUnsigned(contact, "contact's id");
  const koble_id who = self.Agent(agent);
  const uint32_t number = queue.is_none() ? KOBLE_QUEUE_NONE : self.Queue(queue);
  const uint32_t flags = (insist ? KOBLE_OFFER_INSIST : 0) | (accepted ? KOBLE_OFFER_ACCEPTED : 0);
  const int64_t time = self.Time(at);
  self.Check(koble_offer_make(self.Use(), time, id, who, number, flags, self.Prepare()));
  return MakeId(self.result().id);
}

void EndOffer(Engine& self, nb::handle offer, nb::handle outcome, nb::handle at) {
  const koble_id id = ToUnsigned(offer, "offer's id");
  const uint32_t word = ToWord(outcome, hooks.outcomes, "outcome");
  const int64_t time = self.Time(at);
  self.Check(koble_offer_end(self.Use(), time, id, word, self.Prepare()));
}

template <uint32_t kOutcome>
void EndOfferAs(Engine& self, nb::handle offer, nb::handle at) {
  const koble_id id = ToUnsigned(offer, "offer's id");
  const int64_t time = self.Time(at);
  self.Check(koble_offer_end(self.Use(), time, id, kOutcome, self.Prepare()));
}

void Gone(Engine& self, nb::handle contact, nb::handle by, nb::handle at) {
  const koble_id id = ToUnsigned(contact, "contact's id");
  const uint32_t word = ToWord(by, hooks.bys, "by");
  const int64_t time = self.Time(at);
  self.Check(koble_contact_gone(self.Use(), time, id, word, self.Prepare()));
}

void Place(Engine& self, nb::handle contact, uint32_t position, nb::handle queue, nb::handle at) {
  const koble_id id = ToUnsigned(contact, "contact's id");
  const uint32_t number = queue.is_none() ? KOBLE_QUEUE_NONE : self.Queue(queue);
  const int64_t time = self.Time(at);
  self.Check(koble_contact_place(self.Use(), time, id, number, position, self.Prepare()));
}

void Change(Engine& self, nb::handle contact, nb::handle priority, nb::handle credit, nb::handle max_wait,
            nb::handle attributes, nb::handle remove, bool forget_refusals, bool forget_agent, bool relative,
            nb::handle at) {
  koble_attribute pairs[KOBLE_CONTACT_ATTRIBUTES_MAX + 1];  // one too many is enough for the engine to refuse
  uint32_t keys[KOBLE_CONTACT_ATTRIBUTES_MAX + 1];
  const koble_id id = ToUnsigned(contact, "contact's id");
  koble_change change{};
  change.struct_size = sizeof change;
  const auto names = [&](bool named, uint32_t what) {
    if (named) change.changes |= what;
    return named;
  };
  if (names(!priority.is_none(), KOBLE_CHANGE_PRIORITY)) change.priority = ToPoints(priority);
  if (names(!credit.is_none(), KOBLE_CHANGE_CREDIT)) change.credit_ns = ToDuration(credit);
  if (names(!max_wait.is_none(), KOBLE_CHANGE_MAX_WAIT)) change.max_wait_ns = ToReservation(max_wait);
  names(forget_refusals, KOBLE_CHANGE_REFUSALS);
  names(forget_agent, KOBLE_CHANGE_AGENT);
  names(relative, KOBLE_CHANGE_RELATIVE);
  change.attribute_count = ToAttributes(self, attributes, pairs, KOBLE_CONTACT_ATTRIBUTES_MAX + 1);
  change.attributes = pairs;
  change.removed_count = ToKeys(self, remove, keys, KOBLE_CONTACT_ATTRIBUTES_MAX + 1);
  change.removed = keys;
  names(change.attribute_count + change.removed_count != 0, KOBLE_CHANGE_ATTRIBUTES);
  const int64_t time = self.Time(at);
  self.Check(koble_contact_change(self.Use(), time, id, &change, self.Prepare()));
}

void Presence(Engine& self, nb::handle agent, nb::handle presence, nb::handle reason, nb::handle at) {
  const koble_id id = self.Agent(agent);
  const uint32_t word = ToWord(presence, hooks.presences, "presence");
  const int64_t number = ToInteger(reason, "reason");
  const int64_t time = self.Time(at);
  self.Check(koble_agent_presence(self.Use(), time, id, word, number, self.Prepare()));
}

void Skill(Engine& self, nb::handle agent, nb::str skill, nb::handle level, nb::handle length, nb::handle at) {
  const koble_id id = self.Agent(agent);
  const int64_t number = level.is_none() ? KOBLE_SKILL_OWN : ToInteger(level, "level");
  const int64_t for_ns = level.is_none() ? 0 : ToReservation(length);
  const int64_t time = self.Time(at);
  self.Check(koble_agent_skill(self.Use(), time, id, skill.c_str(), number, for_ns, self.Prepare()));
}

nb::object Request(Engine& self, nb::handle agent, uint32_t channels, int64_t until_ns, nb::handle at) {
  const koble_id id = self.Agent(agent);
  const int64_t time = self.Time(at);
  const int32_t code = koble_agent_request(self.Use(), time, id, channels, until_ns, self.Prepare());
  if (code == KOBLE_ERR_NONE) return nb::none();
  self.Check(code);
  return MakeId(self.result().id);
}

nb::object AddAgent(Engine& self, nb::handle definition, nb::handle at) {
  Buffer bytes(definition, false);
  const int64_t time = self.Time(at);
  koble_result* result = self.Prepare();
  self.Check(koble_agent_add(self.Use(), time, bytes.data(), bytes.size(), result));
  self.LearnAgent(result->id);
  return MakeId(result->id);
}

void ChangeAgent(Engine& self, nb::handle agent, nb::handle definition, nb::handle at) {
  Buffer bytes(definition, false);
  const koble_id id = self.Agent(agent);
  const int64_t time = self.Time(at);
  self.Check(koble_agent_change(self.Use(), time, id, bytes.data(), bytes.size(), self.Prepare()));
}

void Advance(Engine& self, nb::handle at) {
  const int64_t time = self.Time(at);
  self.Check(koble_advance(self.Use(), time, self.Prepare()));
}

void Resume(Engine& self, nb::handle at, nb::handle down_since) {
  const int64_t time = self.Time(at);
  const int64_t down_since_ns = down_since.is_none() ? 0 : ToTime(down_since);
  koble_engine* engine = self.Use();
  int32_t code;
  {
    Long section(self);
    code = koble_resume(engine, time, down_since_ns, self.Prepare());
  }
  self.Check(code);
}

std::vector<koble_id> ToIds(nb::handle ids, const char* what) {
  std::vector<koble_id> numbers;
  for (nb::handle id : nb::iter(ids)) numbers.push_back(ToUnsigned(id, what));
  return numbers;
}

void Reconcile(Engine& self, nb::handle contacts, nb::handle legs, nb::handle at) {
  const std::vector<koble_id> contact_ids = ToIds(contacts, "contact's id");
  const std::vector<koble_id> leg_ids = ToIds(legs, "leg's id");
  const int64_t time = self.Time(at);
  koble_engine* engine = self.Use();
  int32_t code;
  {
    Long section(self);
    code = koble_reconcile(engine, time, contact_ids.data(), contact_ids.size(), leg_ids.data(), leg_ids.size(),
                           self.Prepare());
  }
  self.Check(code);
}

void ReplacePlan(Engine& self, const Plan& plan, nb::handle at) {
  const int64_t time = self.Time(at);
  koble_engine* engine = self.Use();
  koble_result* result = self.Prepare();
  int32_t code;
  {
    Long section(self);
    code = koble_plan_replace(engine, time, plan.get(), result);
  }
  self.Check(code);
  self.LearnAgents();
  self.LearnQueues(result->event_first, result->event_count);
}

// (code, taken). Codes and ids are written to the caller's arrays.
nb::tuple Apply(Engine& self, nb::handle commands, nb::handle data, nb::handle attributes, nb::handle codes,
                nb::handle ids) {
  Buffer rows(commands, false), side(data, false), pairs(attributes, false), code_bytes(codes, true),
      id_bytes(ids, true);
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.commands = static_cast<const koble_command*>(rows.data());
  batch.count = rows.size() / sizeof(koble_command);
  batch.data = side.data();
  batch.data_size = side.size();
  batch.attributes = static_cast<const koble_attribute*>(pairs.data());
  batch.attributes_size = pairs.size() / sizeof(koble_attribute);
  batch.codes = static_cast<int32_t*>(code_bytes.data());
  batch.ids = static_cast<koble_id*>(id_bytes.data());
  if (code_bytes.size() < batch.count * sizeof(int32_t) || id_bytes.size() < batch.count * sizeof(koble_id)) {
    Raise(KOBLE_ERR_ARGUMENT, "codes and ids must have a place for every command");
  }
  koble_engine* engine = self.Use();
  koble_result* result = self.Prepare();
  uint64_t taken = 0;
  int32_t code;
  {
    Long section(self);
    code = koble_apply(engine, &batch, &taken, result);
  }
  bool agents = false, plans = false;
  for (uint64_t i = 0; i < taken; ++i) {
    if (batch.codes[i] != KOBLE_OK) continue;
    agents |= batch.commands[i].kind == KOBLE_CMD_AGENT_ADD || batch.commands[i].kind == KOBLE_CMD_PLAN_REPLACE;
    plans |= batch.commands[i].kind == KOBLE_CMD_PLAN_REPLACE;
  }
  if (agents) self.LearnAgents();
  if (plans) self.LearnQueues(result->event_first, result->event_count);
  if (code != KOBLE_OK && code != KOBLE_ERR_FULL) self.Fail(code);
  return nb::make_tuple(code, taken);
}

nb::tuple LastResult(const Engine& self) {
  const koble_result& r = self.result();
  return nb::make_tuple(r.code, MakeId(r.id), r.event_first, r.event_count, r.time_ns, r.clamped != 0, r.journal_seq,
                        r.value);
}

}  // namespace

void BindCommands(nb::class_<Engine>& engine) {
  using nb::arg;
  const nb::object none = nb::none();
  engine
      .def(
          "arrive", &Arrive, arg("queues").none(), nb::kw_only(), arg("at").none() = none, arg("host_ref").none() = 0,
          arg("priority").none() = 0, arg("credit").none() = 0, arg("serial").none() = 0,
          arg("attributes").none() = none, arg("agent").none() = none, arg("reserved").none() = 0, arg("position") = 0,
          nb::sig(
              "def arrive(self, queues: str | typing.SupportsIndex | collections.abc.Sequence[str | "
              "typing.SupportsIndex], *, at: koble.times.Instant | None = None, host_ref: typing.SupportsIndex = "
              "0, priority: int | float | decimal.Decimal | str = 0, credit: koble.times.Duration = 0, serial: "
              "typing.SupportsIndex = 0, "
              "attributes: collections.abc.Mapping[str | typing.SupportsIndex, str | typing.SupportsIndex] | None "
              "= None, agent: str | typing.SupportsIndex | None = None, reserved: koble.times.Duration = 0, position: "
              "int = 0) -> "
              "koble.ids.ContactId"),
          "A contact enters one to eight queues, by name or number, tried in this order.\n\n"
          "host_ref: the host's own number for it, echoed in its events. priority: points added to each queue's base "
          "(at "
          "most six digits after the point). credit: waiting time credited beside the queue's own. serial: the "
          "contact's in a record that is played under another plan, greater than the last (0: the next); a queue may "
          "then be koble.QUEUE_NONE: the record's is not in this plan. attributes: what the contact is "
          "about, up to sixteen: {\"language\": \"english\", \"amount\": 3}. Names must be known: from the plan, or by "
          "intern. position: requested in each of its queues, from 1; those of greater priority stay before it. agent: "
          "whom the "
          "contact is meant for; he gets it before others where he is free. reserved: for so "
          "long "
          "nobody else may have it, \"never\": ever.\n"
          "Returns the contact's id, also where a queue refuses it: the events left and exit say so.")
      .def("place", &Place, arg("contact").none(), arg("position"), nb::kw_only(), arg("queue").none() = none,
           arg("at").none() = none,
           nb::sig("def place(self, contact: typing.SupportsIndex, position: int, *, queue: str | typing.SupportsIndex "
                   "| None = None, at: koble.times.Instant | None = None) -> None"),
           "Puts a contact at a position, from 1, in a queue in which it stands, or in all of them; past the end: last."
           "\n\nposition=1 expedites it. 0: back to its own place.")
      .def("change", &Change, arg("contact").none(), nb::kw_only(), arg("priority").none() = none,
           arg("credit").none() = none, arg("max_wait").none() = none, arg("attributes").none() = none,
           arg("remove") = nb::tuple(), arg("forget_refusals") = false, arg("forget_agent") = false,
           arg("relative") = false, arg("at").none() = none,
           nb::sig("def change(self, contact: typing.SupportsIndex, *, priority: typing.Any = None, credit: "
                   "koble.times.Duration | None = None, max_wait: koble.times.Duration | None = None, attributes: "
                   "collections.abc.Mapping[str | typing.SupportsIndex, str | typing.SupportsIndex] | None = None, "
                   "remove: collections.abc.Iterable[str | typing.SupportsIndex] = (), forget_refusals: bool = False, "
                   "forget_agent: bool = False, relative: bool = False, at: koble.times.Instant | None = None) -> "
                   "None"),
           "Changes a contact that lives: only what is given. Its clocks and its offers go on.\n\n"
           "priority, credit: as at arrival; with relative=True they are added to what it has. max_wait: how long it "
           "waits at most from now on, or \"never\". attributes: to be set; remove: keys to be removed. "
           "forget_refusals: whoever declined or missed it may be asked again. forget_agent: it is meant for nobody "
           "any more.")
      .def("gone", &Gone, arg("contact").none(), nb::kw_only(), arg("by").none() = "customer", arg("at").none() = none,
           nb::sig("def gone(self, contact: typing.SupportsIndex, *, by: str | koble.enums.By = 'customer', at: "
                   "koble.times.Instant | None = "
                   "None) -> None"),
           "The customer is gone or the conversation is over; valid in every living state. by: \"customer\", \"agent\" "
           "or "
           "\"host\".")
      .def(
          "make_offer", &MakeOffer, arg("contact").none(), arg("agent").none(), nb::kw_only(),
          arg("queue").none() = none, arg("insist") = false, arg("accepted") = false, arg("at").none() = none,
          nb::sig(
              "def make_offer(self, contact: typing.SupportsIndex, agent: str | typing.SupportsIndex, *, queue: str | "
              "typing.SupportsIndex | None = None, insist: bool = False, accepted: bool = False, at: "
              "koble.times.Instant | None = None) -> koble.ids.OfferId"),
          "The host chooses the agent for a contact that waits, above all in a queue of mode \"external\"; returns the "
          "offer.\n\n"
          "queue: one of the contact's; without it the first in which he may take it. insist: whatever requirements, "
          "his "
          "table of queues, refusals and reserves say. accepted: he has it at once. StateError where the contact does "
          "not wait or the agent may be offered nothing, LimitError where it does not fit, NothingWaitsError where he "
          "may not take it.")
      .def("accept", &Accept, arg("offer").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def accept(self, offer: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> "
                   "koble.ids.EngagementId"),
           "The agent took it; returns the engagement. EndedError where the offer is over, HeldError where another "
           "answer "
           "awaits its connection.")
      .def("decline", &EndOfferAs<KOBLE_OUTCOME_DECLINED>, arg("offer").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def decline(self, offer: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
           "The offer ended: the agent said no.")
      .def("busy", &EndOfferAs<KOBLE_OUTCOME_BUSY>, arg("offer").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def busy(self, offer: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
           "The offer ended: the agent's device was busy.")
      .def("unreachable", &EndOfferAs<KOBLE_OUTCOME_UNREACHABLE>, arg("offer").none(), nb::kw_only(),
           arg("at").none() = none,
           nb::sig(
               "def unreachable(self, offer: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
           "The offer ended: the agent's device could not be reached.")
      .def(
          "no_answer", &EndOfferAs<KOBLE_OUTCOME_NO_ANSWER>, arg("offer").none(), nb::kw_only(),
          arg("at").none() = none,
          nb::sig("def no_answer(self, offer: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
          "The offer ended: it rang, and nobody answered.")
      .def("failed", &EndOfferAs<KOBLE_OUTCOME_FAILED>, arg("offer").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def failed(self, offer: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
           "The offer ended: the host could not present it.")
      .def("end_offer", &EndOffer, arg("offer").none(), arg("outcome").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def end_offer(self, offer: typing.SupportsIndex, outcome: str | koble.enums.Outcome, *, at: "
                   "koble.times.Instant | "
                   "None = None) -> None"),
           "The offer ended with this outcome: \"declined\", \"busy\", \"unreachable\", \"no_answer\" or \"failed\".")
      .def("connected", &OnTarget<koble_engagement_connected>, arg("engagement").none(), nb::kw_only(),
           arg("at").none() = none,
           nb::sig("def connected(self, engagement: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> "
                   "None"),
           "The connection stands. For queues with `confirm`; StateError where the engagement is not connecting.")
      .def("connect_failed", &OnTarget<koble_engagement_connect_failed>, arg("engagement").none(), nb::kw_only(),
           arg("at").none() = none,
           nb::sig("def connect_failed(self, engagement: typing.SupportsIndex, *, at: koble.times.Instant | None = "
                   "None) -> None"),
           "The connection failed; the contact goes back to its own place. For queues with `confirm`.")
      .def(
          "hold", &OnTarget<koble_engagement_hold>, arg("engagement").none(), nb::kw_only(), arg("at").none() = none,
          nb::sig("def hold(self, engagement: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
          "The contact is put on hold.")
      .def(
          "retrieve", &OnTarget<koble_engagement_retrieve>, arg("engagement").none(), nb::kw_only(),
          arg("at").none() = none,
          nb::sig(
              "def retrieve(self, engagement: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
          "The contact is taken back from hold.")
      .def("reply", &Reply, arg("contact").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def reply(self, contact: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> "
                   "koble.ids.EngagementId | None"),
           "The customer wrote; valid in every living state. Returns the engagement, where the conversation goes on; "
           "None: the contact waits, or is not served yet.")
      .def(
          "activity", &OnTarget<koble_engagement_activity>, arg("engagement").none(), nb::kw_only(),
          arg("at").none() = none,
          nb::sig(
              "def activity(self, engagement: typing.SupportsIndex, *, at: koble.times.Instant | None = None) -> None"),
          "One of the two wrote, or the agent takes a silent or parked conversation up again.")
      .def("_park", &Park, arg("engagement").none(), arg("until_ns"), arg("at").none(),
           nb::sig("def _park(self, engagement: typing.SupportsIndex, until_ns: int, at: koble.times.Instant | None) "
                   "-> None"))
      .def("end_wrap_up", &OnTarget<koble_engagement_wrap_up_end>, arg("engagement").none(), nb::kw_only(),
           arg("at").none() = none,
           nb::sig("def end_wrap_up(self, engagement: typing.SupportsIndex, *, at: koble.times.Instant | None = None) "
                   "-> None"),
           "Ends a wrap-up early.")
      .def(
          "presence", &Presence, arg("agent").none(), arg("presence").none(), nb::kw_only(), arg("reason").none() = 0,
          arg("at").none() = none,
          nb::sig("def presence(self, agent: str | typing.SupportsIndex | koble.views.Agent, presence: str | "
                  "koble.enums.Presence, *, reason: typing.SupportsIndex = 0, at: koble.times.Instant | None = None) "
                  "-> None"),
          "Sets the agent's presence: \"available\", \"break\" or \"offline\". reason: the host's number for a kind of "
          "break.")
      .def("set_skill", &Skill, arg("agent").none(), arg("skill"), arg("level").none(), nb::kw_only(),
           arg("length").none() = "never", arg("at").none() = none,
           nb::sig("def set_skill(self, agent: str | typing.SupportsIndex | koble.views.Agent, skill: str, level: "
                   "typing.SupportsIndex | None, *, length: koble.times.Duration = 'never', at: koble.times.Instant | "
                   "None = None) -> None"),
           "Changes one skill of an agent, by name; 0: he lacks it; None: as his definition says.\n\n"
           "length: for how long; left out, until it is changed again. What he is doing goes on.")
      .def("_request", &Request, arg("agent").none(), arg("channels"), arg("until_ns"), arg("at").none(),
           nb::sig("def _request(self, agent: str | typing.SupportsIndex | koble.views.Agent, channels: int, "
                   "until_ns: int, at: "
                   "koble.times.Instant | "
                   "None) -> koble.ids.OfferId | None"))
      .def("cancel_request", &OnAgent<koble_agent_request_cancel>, arg("agent").none(), nb::kw_only(),
           arg("at").none() = none,
           nb::sig("def cancel_request(self, agent: str | typing.SupportsIndex | koble.views.Agent, *, at: "
                   "koble.times.Instant | None "
                   "= None) -> None"),
           "Ends a standing request. StateError where there is none.")
      .def("remove_agent", &OnAgent<koble_agent_remove>, arg("agent").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def remove_agent(self, agent: str | typing.SupportsIndex | koble.views.Agent, *, at: "
                   "koble.times.Instant | None = "
                   "None) -> None"),
           "Nothing new for this agent: open offers are withdrawn, engagements and wrap-ups run to their end.")
      .def("_add_agent", &AddAgent, arg("definition"), arg("at").none(),
           nb::sig("def _add_agent(self, definition: bytes, at: koble.times.Instant | None) -> koble.ids.AgentId"))
      .def("_change_agent", &ChangeAgent, arg("agent").none(), arg("definition"), arg("at").none(),
           nb::sig(
               "def _change_agent(self, agent: str | typing.SupportsIndex | koble.views.Agent, definition: bytes, at: "
               "koble.times.Instant | None) -> None"))
      .def("_replace_plan", &ReplacePlan, arg("plan"), arg("at").none(),
           nb::sig("def _replace_plan(self, plan: PlanHandle, at: koble.times.Instant | None) -> None"))
      .def("advance", &Advance, arg("at").none(), nb::sig("def advance(self, at: koble.times.Instant) -> None"),
           "Sets the clock and does everything that is due, instant by instant.")
      .def("resume", &Resume, arg("at").none(), nb::kw_only(), arg("down_since").none() = none,
           nb::sig(
               "def resume(self, at: koble.times.Instant, *, down_since: koble.times.Instant | None = None) -> None"),
           "After a restart, in place of advance: nobody is penalised and no place is lost because the host was "
           "down.\n\n"
           "down_since: from when the engine was not served; left out, from the last journalled time.")
      .def("reconcile", &Reconcile, nb::kw_only(), arg("contacts"), arg("legs"), arg("at").none() = none,
           nb::sig("def reconcile(self, *, contacts: collections.abc.Iterable[typing.SupportsIndex], legs: "
                   "collections.abc.Iterable[typing.SupportsIndex], at: koble.times.Instant | None = None) -> None"),
           "After a restart, behind resume and at its time: which contacts and legs really exist.\n\n"
           "legs: ids of offers that still ring and of engagements that connect, are active or held; an offer's id "
           "also names the engagement that it opened. What is not named ends, and nobody is punished. Ids that name "
           "nothing living are reported as events of kind UNKNOWN.")
      .def("_apply", &Apply, arg("commands"), arg("data"), arg("attributes"), arg("codes"), arg("ids"),
           nb::sig("def _apply(self, commands: typing.Any, data: typing.Any, attributes: typing.Any, codes: "
                   "typing.Any, ids: typing.Any) -> tuple[int, int]"))
      .def("_last_result", &LastResult,
           nb::sig("def _last_result(self) -> tuple[int, typing.Any, int, int, int, bool, int, int]"));
}

}  // namespace koble_python
