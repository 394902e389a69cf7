// Engines: commands, events, queries. What hosts call for every contact is here; the rest of koble.Engine is Python.
#include "engine.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "plan.h"

namespace koble_python {

void Engine::RaiseUnusable() const {
  if (engine_ == nullptr) {
    PyErr_SetString(hooks.closed, "the engine is closed");
  } else {
    PyErr_SetString(hooks.busy,
                    "another thread is inside a call on this engine; all calls on one engine are exclusive: give each "
                    "thread its own clone(), or use a lock");
  }
  throw nb::python_error();
}

void Engine::Adopt(koble_engine* engine) {
  koble_engine_destroy(engine_);
  engine_ = engine;
  agent_names_.clear();
  queue_names_.clear();
  LearnAgents();
  LearnQueues(0, 0);
}

void Engine::CopyNames(const Engine& other) {
  agent_names_ = other.agent_names_;
  queue_names_ = other.queue_names_;
}

void Engine::Close() {
  if (engine_ == nullptr) return;
  Use();
  koble_engine_destroy(engine_);
  engine_ = nullptr;
}

uint32_t Engine::Queue(nb::handle queue) const {
  PyObject* value = queue.ptr();
  if (PyUnicode_Check(value)) {
    PyObject* number = PyDict_GetItemWithError(queue_numbers_.ptr(), value);
    if (number == nullptr) {
      if (PyErr_Occurred() != nullptr) throw nb::python_error();
      RaiseObject(nb::steal(PyObject_CallFunction(hooks.unknown_name, "sOO", "queue", value, queue_numbers_.ptr())));
    }
    value = number;
    return static_cast<uint32_t>(PyLong_AsUnsignedLong(value));
  }
  const uint64_t number = ToUnsigned(queue, "queue (a name or a number)");
  return number > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(number);
}

koble_id Engine::Agent(nb::handle agent) const {
  if (!PyUnicode_Check(agent.ptr())) return ToUnsigned(agent, "agent (a name or an id)");
  const char* name = PyUnicode_AsUTF8(agent.ptr());
  if (name == nullptr) throw nb::python_error();
  const koble_id id = koble_agent_find(Use(), name);
  if (id != 0) return id;
  nb::list names;
  for (const AgentName& known : agent_names_) {
    if (known.name.is_valid() && koble_agent_name(engine_, known.id) != nullptr) names.append(known.name);
  }
  RaiseObject(nb::steal(PyObject_CallFunction(hooks.unknown_name, "sOO", "agent", agent.ptr(), names.ptr())));
}

void Engine::LearnAgent(koble_id agent) {
  const char* name = engine_ != nullptr ? koble_agent_name(engine_, agent) : nullptr;
  if (name == nullptr) return;
  const uint32_t slot = KOBLE_ID_SLOT(agent);
  if (slot >= agent_names_.size()) agent_names_.resize(std::max<size_t>(slot + 1, agent_names_.size() * 2));
  agent_names_[slot] = {agent, MakeText(name)};
}

void Engine::LearnAgents() {
  uint64_t count = 0;
  if (koble_list(engine_, KOBLE_KIND_AGENT, nullptr, 0, &count) != KOBLE_OK || count == 0) return;
  std::vector<koble_id> ids(count);
  if (koble_list(engine_, KOBLE_KIND_AGENT, ids.data(), count, &count) != KOBLE_OK) return;
  for (const koble_id id : ids) {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    if (slot >= agent_names_.size() || agent_names_[slot].id != id) LearnAgent(id);
  }
}

void Engine::LearnQueues(uint64_t event_first, uint64_t event_count) {
  QueueNames names;
  for (uint64_t i = 0; i < event_count; ++i) {
    koble_event event{};
    uint64_t count = 0;
    if (koble_events_read(engine_, event_first + i, &event, sizeof event, 1, &count) != KOBLE_OK || count == 0) break;
    if (event.kind == KOBLE_EVENT_PLAN) names.first = event.seq;  // the last one: a batch may replace it twice
  }
  const koble_plan* plan = koble_engine_plan(engine_);
  const uint32_t count = koble_plan_queue_count(plan);
  nb::dict numbers;
  for (uint32_t i = 0; i < count; ++i) {
    names.names.push_back(MakeText(koble_plan_queue_name(plan, i)));
    numbers[names.names.back()] = nb::cast(i);
  }
  queue_names_.push_back(std::move(names));
  queue_numbers_ = std::move(numbers);
}

Event Engine::MakeEvent(const koble_event& record) {
  Event event{record, nb::none(), nb::none()};
  if (record.agent != 0) {
    const uint32_t slot = KOBLE_ID_SLOT(record.agent);
    if (slot >= agent_names_.size() || agent_names_[slot].id != record.agent) LearnAgent(record.agent);
    if (slot < agent_names_.size() && agent_names_[slot].id == record.agent) event.agent_name = agent_names_[slot].name;
  }
  if (record.queue != KOBLE_QUEUE_NONE) {
    for (auto names = queue_names_.rbegin(); names != queue_names_.rend(); ++names) {
      if (record.seq < names->first) continue;
      if (record.queue < names->names.size()) event.queue_name = names->names[record.queue];
      break;
    }
  }
  return event;
}

nb::object Engine::AgentLabel(uint64_t agent) {
  koble_event record{};
  record.agent = agent;
  record.queue = KOBLE_QUEUE_NONE;
  return MakeEvent(record).agent_name;
}

nb::list Engine::QueueEpochs() const {
  nb::list epochs;
  for (const QueueNames& epoch : queue_names_) {
    nb::list names;
    for (const nb::object& name : epoch.names) names.append(name);
    epochs.append(nb::make_tuple(epoch.first, names));
  }
  return epochs;
}

namespace {

// ---- Life ------------------------------------------------------------------------------------------------------------

void Create(Engine& self, const Plan& plan, uint64_t seed, int64_t start_ns, bool clamp_time, int64_t max_step_ns,
            uint32_t journal, uint64_t max_contacts, uint64_t max_agents, uint64_t max_events,
            uint64_t max_journal_bytes) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = journal;
  options.seed = seed;
  options.start_ns = start_ns;
  options.clamp_time = clamp_time ? 1 : 0;
  options.max_step_ns = max_step_ns;
  options.max_contacts = max_contacts;
  options.max_agents = max_agents;
  options.max_events = max_events;
  options.max_journal_bytes = max_journal_bytes;
  koble_engine* engine = nullptr;
  const int32_t code = koble_engine_create(plan.get(), &options, &engine);
  if (code != KOBLE_OK) Raise(code, nullptr);
  self.Adopt(engine);
}

void CloneInto(Engine& self, Engine& target) {
  koble_engine* clone = nullptr;
  const koble_engine* engine = self.Use();
  int32_t code;
  {
    Long section(self);
    code = koble_engine_clone(engine, &clone);
  }
  self.Check(code);
  target.Adopt(clone);
  target.CopyNames(self);
}

// ---- Commands --------------------------------------------------------------------------------------------------------

nb::object Arrive(Engine& self, nb::handle queues, nb::handle at, nb::handle host_ref, nb::handle priority,
                  nb::handle credit) {
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

void Presence(Engine& self, nb::handle agent, nb::handle presence, nb::handle reason, nb::handle at) {
  const koble_id id = self.Agent(agent);
  const uint32_t word = ToWord(presence, hooks.presences, "presence");
  const int64_t number = ToInteger(reason, "reason");
  const int64_t time = self.Time(at);
  self.Check(koble_agent_presence(self.Use(), time, id, word, number, self.Prepare()));
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
nb::tuple Apply(Engine& self, nb::handle commands, nb::handle data, nb::handle codes, nb::handle ids) {
  Buffer rows(commands, false), side(data, false), code_bytes(codes, true), id_bytes(ids, true);
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.commands = static_cast<const koble_command*>(rows.data());
  batch.count = rows.size() / sizeof(koble_command);
  batch.data = side.data();
  batch.data_size = side.size();
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
  return nb::make_tuple(r.code, MakeId(r.id), r.event_first, r.event_count, r.time_ns, r.clamped != 0, r.journal_seq);
}

// ---- Events ----------------------------------------------------------------------------------------------------------

constexpr uint64_t kChunk = 64;

// Calls `take` for every kept event from `seq` on; returns the number of the last one.
template <typename Take>
uint64_t ForEvents(Engine& self, uint64_t seq, Take take) {
  koble_event chunk[kChunk];
  uint64_t next = std::max(seq, koble_events_first(self.Use()));
  for (;;) {
    uint64_t count = 0;
    self.Check(koble_events_read(self.Use(), next, chunk, sizeof(koble_event), kChunk, &count));
    for (uint64_t i = 0; i < count; ++i) take(self.MakeEvent(chunk[i]));
    next += count;
    if (count < kChunk) return next - 1;
  }
}

nb::list Drain(Engine& self) {
  nb::list events;
  const uint64_t last = ForEvents(self, 0, [&](Event&& event) { events.append(nb::cast(std::move(event))); });
  if (events.size() != 0) self.Check(koble_events_acknowledge(self.Use(), last));
  return events;
}

nb::list ReadEvents(Engine& self, uint64_t seq) {
  nb::list events;
  ForEvents(self, seq, [&](Event&& event) { events.append(nb::cast(std::move(event))); });
  return events;
}

// How many events there are from `seq` on, and the number of the first.
nb::tuple EventRange(const Engine& self, uint64_t seq) {
  const koble_engine* engine = self.Use();
  const uint64_t first = std::max(seq, koble_events_first(engine));
  const uint64_t last = koble_events_last(engine);
  return nb::make_tuple(first, last >= first ? last - first + 1 : 0);
}

uint64_t ReadEventsInto(const Engine& self, uint64_t seq, nb::handle array) {
  Buffer target(array, true);
  const koble_engine* engine = self.Use();
  uint64_t count = 0;
  int32_t code;
  {
    Long section(self);
    code = koble_events_read(engine, seq, static_cast<koble_event*>(target.data()), sizeof(koble_event),
                             target.size() / sizeof(koble_event), &count);
  }
  self.Check(code);
  return count;
}

void Acknowledge(Engine& self, nb::handle event) {
  uint64_t seq = 0;
  if (nb::isinstance<Event>(event)) {
    seq = nb::inst_ptr<Event>(event)->record.seq;
  } else {
    seq = ToUnsigned(event, "event or sequence number");
  }
  self.Check(koble_events_acknowledge(self.Use(), seq));
}

// Goes on as long as there are events, those that commands add on the way included.
class EventIterator {
 public:
  EventIterator(nb::object engine, uint64_t seq) : engine_(std::move(engine)), next_(seq) {}

  Event Next() {
    Engine& engine = *nb::inst_ptr<Engine>(engine_);
    if (taken_ == count_) {
      const koble_engine* handle = engine.Use();
      next_ = std::max(next_, koble_events_first(handle));
      taken_ = count_ = 0;
      if (next_ > koble_events_last(handle)) throw nb::stop_iteration();
      engine.Check(koble_events_read(handle, next_, chunk_, sizeof(koble_event), kChunk, &count_));
      next_ += count_;
      if (count_ == 0) throw nb::stop_iteration();
    }
    return engine.MakeEvent(chunk_[taken_++]);
  }

 private:
  nb::object engine_;
  uint64_t next_;
  uint64_t taken_ = 0, count_ = 0;
  koble_event chunk_[kChunk];
};

// ---- Queries ---------------------------------------------------------------------------------------------------------

nb::object Digest(Engine& self) {
  uint64_t digest[2] = {0, 0};
  koble_engine* engine = self.Use();
  {
    Long section(self);
    koble_digest(engine, digest);
  }
  return MakeHex(digest);
}

Plan PlanInForce(const Engine& self) {
  const koble_plan* plan = koble_engine_plan(self.Use());
  koble_plan_retain(plan);
  return Plan(plan);
}

nb::object FindAgent(const Engine& self, const char* name) { return MakeId(koble_agent_find(self.Use(), name)); }

nb::object AgentName(const Engine& self, nb::handle agent) {
  return MakeText(koble_agent_name(self.Use(), self.Agent(agent)));
}

nb::tuple Contact(const Engine& self, nb::handle contact) {
  koble_contact_info info{};
  info.struct_size = sizeof info;
  const koble_id id = ToUnsigned(contact, "contact's id");
  self.Check(koble_contact(self.Use(), id, &info));
  nb::list queues, steps, positions;
  for (uint32_t i = 0; i < info.queue_count; ++i) {
    queues.append(info.queues[i]);
    steps.append(info.steps[i]);
    positions.append(info.positions[i]);
  }
  return nb::make_tuple(MakeId(id), info.state, info.serial, info.host_ref, info.arrival_ns, MakeId(info.engagement),
                        info.offer_count, nb::tuple(queues), nb::tuple(steps), nb::tuple(positions));
}

nb::tuple AgentInfo(const Engine& self, nb::handle agent) {
  koble_agent_info i{};
  i.struct_size = sizeof i;
  const koble_id id = self.Agent(agent);
  self.Check(koble_agent(self.Use(), id, &i));
  nb::list counts;
  for (uint32_t count : {i.offers, i.connecting, i.active, i.held, i.wrapping}) counts.append(count);
  return nb::make_tuple(MakeId(id), MakeText(koble_agent_name(self.Use(), id)), i.presence, i.presence_reason,
                        i.idle_since_ns, i.penalised_until_ns, i.request_until_ns, i.sequence, i.capacity, i.used,
                        nb::tuple(counts), i.leaving != 0);
}

nb::tuple Offer(const Engine& self, nb::handle offer) {
  koble_offer_info info{};
  info.struct_size = sizeof info;
  const koble_id id = ToUnsigned(offer, "offer's id");
  self.Check(koble_offer(self.Use(), id, &info));
  return nb::make_tuple(MakeId(id), info.queue, MakeId(info.contact), MakeId(info.agent), info.begun_ns,
                        info.expires_ns, MakeId(info.group));
}

nb::tuple Engagement(const Engine& self, nb::handle engagement) {
  koble_engagement_info info{};
  info.struct_size = sizeof info;
  const koble_id id = ToUnsigned(engagement, "engagement's id");
  self.Check(koble_engagement(self.Use(), id, &info));
  return nb::make_tuple(MakeId(id), info.state, info.queue, MakeId(info.contact), MakeId(info.agent), info.since_ns,
                        info.deadline_ns);
}

nb::tuple Counts(const Engine& self) {
  koble_counts counts{};
  counts.struct_size = sizeof counts;
  self.Check(koble_count(self.Use(), &counts));
  return nb::make_tuple(counts.contacts, counts.agents, counts.offers, counts.engagements, counts.serials);
}

uint64_t Waiting(const Engine& self, nb::handle queue) {
  uint64_t waiting = 0;
  self.Check(koble_queue_waiting(self.Use(), self.Queue(queue), &waiting));
  return waiting;
}

nb::list List(const Engine& self, uint32_t kind) {
  uint64_t count = 0;
  self.Check(koble_list(self.Use(), kind, nullptr, 0, &count));
  std::vector<koble_id> ids(count);
  self.Check(koble_list(self.Use(), kind, ids.data(), count, &count));
  nb::list result;
  for (const koble_id id : ids) result.append(MakeId(id));
  return result;
}

}  // namespace
}  // namespace koble_python

void BindEngine(nanobind::module_& module) {
  using namespace koble_python;
  using nb::arg;
  const nb::object none = nb::none();

  nb::class_<EventIterator>(module, "EventIterator")
      .def(
          "__iter__", [](nb::handle self) { return nb::borrow(self); }, nb::sig("def __iter__(self) -> EventIterator"))
      .def("__next__", &EventIterator::Next);

  nb::class_<Engine>(module, "EngineBase", nb::is_weak_referenceable(),
                     "The part of koble.Engine that is called for every contact.")
      .def(nb::init<>())
      .def("_create", &Create, arg("plan"), arg("seed"), arg("start_ns"), arg("clamp_time"), arg("max_step_ns"),
           arg("journal"), arg("max_contacts"), arg("max_agents"), arg("max_events"), arg("max_journal_bytes"))
      .def("_clone_into", &CloneInto, arg("target"))
      .def("close", &Engine::Close,
           "Frees the engine; every later call raises ClosedError. Closing twice does nothing.")

      .def("arrive", &Arrive, arg("queues").none(), nb::kw_only(), arg("at").none() = none, arg("host_ref").none() = 0,
           arg("priority").none() = 0, arg("credit").none() = 0,
           nb::sig("def arrive(self, queues: str | typing.SupportsIndex | collections.abc.Sequence[str | "
                   "typing.SupportsIndex], *, at: koble.times.Instant | None = None, host_ref: typing.SupportsIndex = "
                   "0, priority: int | float | decimal.Decimal | str = 0, credit: koble.times.Duration = 0) -> "
                   "koble.ids.ContactId"),
           "A contact enters one to eight queues, by name or number, tried in this order.\n\n"
           "host_ref: the host's own number for it, echoed in its events. priority: points added to each queue's base "
           "(at "
           "most six digits after the point). credit: waiting time credited beside the queue's own.\n"
           "Returns the contact's id, also where a queue refuses it: the events left and exit say so.")
      .def("gone", &Gone, arg("contact").none(), nb::kw_only(), arg("by").none() = "customer", arg("at").none() = none,
           nb::sig("def gone(self, contact: typing.SupportsIndex, *, by: str | koble.enums.By = 'customer', at: "
                   "koble.times.Instant | None = "
                   "None) -> None"),
           "The customer is gone or the conversation is over; valid in every living state. by: \"customer\", \"agent\" "
           "or "
           "\"host\".")
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
      .def("end_wrap_up", &OnTarget<koble_engagement_wrap_up_end>, arg("engagement").none(), nb::kw_only(),
           arg("at").none() = none,
           nb::sig("def end_wrap_up(self, engagement: typing.SupportsIndex, *, at: koble.times.Instant | None = None) "
                   "-> None"),
           "Ends a wrap-up early.")
      .def(
          "presence", &Presence, arg("agent").none(), arg("presence").none(), nb::kw_only(), arg("reason").none() = 0,
          arg("at").none() = none,
          nb::sig("def presence(self, agent: str | typing.SupportsIndex | koble.engine.Agent, presence: str | "
                  "koble.enums.Presence, *, reason: typing.SupportsIndex = 0, at: koble.times.Instant | None = None) "
                  "-> None"),
          "Sets the agent's presence: \"available\", \"break\" or \"offline\". reason: the host's number for a kind of "
          "break.")
      .def("_request", &Request, arg("agent").none(), arg("channels"), arg("until_ns"), arg("at").none(),
           nb::sig("def _request(self, agent: str | typing.SupportsIndex | koble.engine.Agent, channels: int, "
                   "until_ns: int, at: "
                   "koble.times.Instant | "
                   "None) -> koble.ids.OfferId | None"))
      .def("cancel_request", &OnAgent<koble_agent_request_cancel>, arg("agent").none(), nb::kw_only(),
           arg("at").none() = none,
           nb::sig("def cancel_request(self, agent: str | typing.SupportsIndex | koble.engine.Agent, *, at: "
                   "koble.times.Instant | None "
                   "= None) -> None"),
           "Ends a standing request. StateError where there is none.")
      .def("remove_agent", &OnAgent<koble_agent_remove>, arg("agent").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def remove_agent(self, agent: str | typing.SupportsIndex | koble.engine.Agent, *, at: "
                   "koble.times.Instant | None = "
                   "None) -> None"),
           "Nothing new for this agent: open offers are withdrawn, engagements and wrap-ups run to their end.")
      .def("_add_agent", &AddAgent, arg("definition"), arg("at").none(),
           nb::sig("def _add_agent(self, definition: bytes, at: koble.times.Instant | None) -> koble.ids.AgentId"))
      .def("_change_agent", &ChangeAgent, arg("agent").none(), arg("definition"), arg("at").none(),
           nb::sig(
               "def _change_agent(self, agent: str | typing.SupportsIndex | koble.engine.Agent, definition: bytes, at: "
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
      .def("_apply", &Apply, arg("commands"), arg("data"), arg("codes"), arg("ids"),
           nb::sig("def _apply(self, commands: typing.Any, data: typing.Any, codes: "
                   "typing.Any, ids: typing.Any) -> tuple[int, int]"))
      .def("_last_result", &LastResult,
           nb::sig("def _last_result(self) -> tuple[int, typing.Any, int, int, int, bool, int]"))

      .def("drain", &Drain, nb::sig("def drain(self) -> list[Event]"),
           "All events that are kept, and acknowledges them: what the host then loses is lost.")
      .def("_read_events", &ReadEvents, arg("seq"), nb::sig("def _read_events(self, seq: int) -> list[Event]"))
      .def(
          "_iterate_events", [](nb::handle self, uint64_t seq) { return EventIterator(nb::borrow(self), seq); },
          arg("seq"), nb::sig("def _iterate_events(self, seq: int) -> EventIterator"))
      .def("_event_range", &EventRange, arg("seq"), nb::sig("def _event_range(self, seq: int) -> tuple[int, int]"))
      .def("_read_events_into", &ReadEventsInto, arg("seq"), arg("array"),
           nb::sig("def _read_events_into(self, seq: int, array: typing.Any) -> int"))
      .def("_agent_label", &Engine::AgentLabel, arg("agent").none(),
           nb::sig("def _agent_label(self, agent: int) -> str | None"))
      .def("_queue_epochs", &Engine::QueueEpochs, nb::sig("def _queue_epochs(self) -> list[tuple[int, list[str]]]"))
      .def("acknowledge", &Acknowledge, arg("event").none(),
           nb::sig("def acknowledge(self, event: Event | typing.SupportsIndex) -> None"),
           "Events up to and including this one (or this number) are not needed any more.")
      .def_prop_ro(
          "first_event", [](const Engine& self) { return koble_events_first(self.Use()); },
          "Number of the oldest event that is kept; last + 1 where none is.")
      .def_prop_ro(
          "last_event", [](const Engine& self) { return koble_events_last(self.Use()); },
          "Number of the newest event; 0 before the first.")

      .def_prop_ro(
          "now", [](const Engine& self) { return koble_now(self.Use()); }, "The engine's clock, in ns.")
      .def_prop_ro(
          "next_deadline",
          [](const Engine& self) -> nb::object {
            const int64_t deadline = koble_next_deadline(self.Use());
            return deadline == KOBLE_NEVER ? nb::none() : nb::cast(deadline);
          },
          nb::sig("def next_deadline(self) -> int | None"),
          "The next instant, in ns, at which the engine wants advance; None if there is none.")
      .def("digest", &Digest, nb::sig("def digest(self) -> str"),
           "128 bits over the state, as 32 hexadecimal digits. Equal histories give equal digests everywhere.")
      .def("_plan", &PlanInForce)
      .def("_plan_key", [](const Engine& self) { return reinterpret_cast<uintptr_t>(koble_engine_plan(self.Use())); })
      .def("find_agent", &FindAgent, arg("name"),
           nb::sig("def find_agent(self, name: str) -> koble.ids.AgentId | None"),
           "The living agent of that name; None if there is none.")
      .def("agent_name", &AgentName, arg("agent").none(),
           nb::sig("def agent_name(self, agent: str | typing.SupportsIndex | koble.engine.Agent) -> str | None"),
           "The agent's name; None for an unknown or gone agent.")
      .def("_contact", &Contact, arg("contact").none(),
           nb::sig("def _contact(self, contact: typing.SupportsIndex) -> tuple[typing.Any, ...]"))
      .def(
          "_agent", &AgentInfo, arg("agent").none(),
          nb::sig("def _agent(self, agent: str | typing.SupportsIndex | koble.engine.Agent) -> tuple[typing.Any, ...]"))
      .def("_offer", &Offer, arg("offer").none(),
           nb::sig("def _offer(self, offer: typing.SupportsIndex) -> tuple[typing.Any, ...]"))
      .def("_engagement", &Engagement, arg("engagement").none(),
           nb::sig("def _engagement(self, engagement: typing.SupportsIndex) -> tuple[typing.Any, ...]"))
      .def("_counts", &Counts, nb::sig("def _counts(self) -> tuple[int, int, int, int, int]"))
      .def("waiting", &Waiting, arg("queue").none(),
           nb::sig("def waiting(self, queue: str | typing.SupportsIndex) -> int"),
           "Contacts that stand in the queue without an open offer or engagement.")
      .def("_list", &List, arg("kind"), nb::sig("def _list(self, kind: int) -> list[typing.Any]"))
      .def("_time", &Engine::Time, arg("at").none(), nb::sig("def _time(self, at: koble.times.Instant | None) -> int"));
}
