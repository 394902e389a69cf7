// Engines: their life, their names, and the class itself. Its commands, events and queries are in engine_*.cc; what is
// not called for every contact is Python.
#include "engine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plan.h"

namespace koble_python {

void Engine::RaiseUnusable() const {
  if (engine_ == nullptr) {
    PyErr_SetString(hooks.closed, "the engine is closed");
  } else if (asking_) {
    PyErr_SetString(hooks.busy,
                    "a policy or a hook is being asked: it may read the engine, and commands are given after the call "
                    "has returned");
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
  DropPolicies();
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
  const koble_id id = koble_agent_find(Look(), name);
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
  target.CopyPolicies(self);
}

int TraverseEngine(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  return nb::inst_ready(self) ? nb::inst_ptr<Engine>(self)->Traverse(visit, arg) : 0;
}

int ClearEngine(PyObject* self) {
  if (nb::inst_ready(self)) nb::inst_ptr<Engine>(self)->Clear();
  return 0;
}

PyType_Slot kEngineSlots[] = {{Py_tp_traverse, reinterpret_cast<void*>(TraverseEngine)},
                              {Py_tp_clear, reinterpret_cast<void*>(ClearEngine)},
                              {0, nullptr}};

}  // namespace
}  // namespace koble_python

void BindEngine(nanobind::module_& module) {
  using namespace koble_python;
  using nb::arg;

  nb::class_<Engine> engine(module, "EngineBase", nb::is_weak_referenceable(), nb::type_slots(kEngineSlots),
                            "The part of koble.Engine that is called for every contact.");
  engine.def(nb::init<>())
      .def("_create", &Create, arg("plan"), arg("seed"), arg("start_ns"), arg("clamp_time"), arg("max_step_ns"),
           arg("journal"), arg("max_contacts"), arg("max_agents"), arg("max_events"), arg("max_journal_bytes"))
      .def("_clone_into", &CloneInto, arg("target"))
      .def("close", &Engine::Close,
           "Frees the engine; every later call raises ClosedError. Closing twice does nothing.");
  BindAttributes(engine);
  BindCommands(engine);
  BindEvents(module, engine);
  BindPolicies(engine);
  BindQueries(engine);
}
