// Policies in Python: functions that choose, and what they are shown. A view reads when it is asked, and only during its choice.
#include <koble/koble_policy.h>
#include <nanobind/stl/string.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "engine.h"

namespace koble_python {

// One of the policies of an engine, as its C function finds it.
struct Policy {
  Engine* engine;
  nb::object choose_agent;    // null: none
  nb::object choose_contact;  // likewise
};

namespace {

// A question while it is open; views outlive it, and then raise.
struct Asked {
  const koble_choice* choice;
  Engine* engine;
};
using AskedPtr = std::shared_ptr<Asked>;

struct View {
  AskedPtr asked;
  uint32_t place = 0;
  const koble_choice* Choice() const {
    if (asked->choice == nullptr) {
      Raise(KOBLE_ERR_ENDED, "what a policy is shown can be read only until it has answered; keep the values you need");
    }
    return asked->choice;
  }
};
struct ShownContact : View {
  koble_choice_contact Read() const {
    koble_choice_contact info = KOBLE_CHOICE_CONTACT_INIT;
    koble_choice_read_contact(Choice(), place, &info);
    return info;
  }
};
struct ShownAgent : View {
  koble_choice_agent Read() const {
    koble_choice_agent info = KOBLE_CHOICE_AGENT_INIT;
    koble_choice_read_agent(Choice(), place, &info);
    return info;
  }
};
struct Candidates : View {
  bool of_agent = false;
  nb::object At(Py_ssize_t index) const {
    const auto count = static_cast<Py_ssize_t>(koble_choice_count(Choice()));
    if (index < 0) index += count;
    if (index < 0 || index >= count) throw nb::index_error("there are not so many candidates");
    const View view{asked, static_cast<uint32_t>(index)};
    return of_agent ? nb::cast(ShownAgent{view}) : nb::cast(ShownContact{view});
  }
};

nb::object QueueName(const View& view, uint32_t queue) {
  if (queue == KOBLE_QUEUE_NONE) return nb::none();
  return MakeText(koble_plan_queue_name(koble_engine_plan(koble_choice_engine(view.Choice())), queue));
}

// A value that the plan declares by name is that name, any other an int; None where the contact has none.
nb::object Attribute(const ShownContact& self, const char* name) {
  const koble_engine* engine = koble_choice_engine(self.Choice());
  int64_t value = 0;
  const uint32_t key = koble_symbol_find(engine, name);
  if (key == 0 || koble_choice_attribute(self.Choice(), self.place, key, &value) != KOBLE_OK) return nb::none();
  const koble_plan* plan = koble_engine_plan(engine);
  for (uint32_t i = 0; i < koble_plan_attribute_count(plan); ++i) {
    if (std::strcmp(koble_plan_attribute_name(plan, i), name) != 0) continue;
    const char* text = koble_plan_attribute_value_count(plan, i) > 0 ? koble_symbol_name(engine, value) : nullptr;
    if (text != nullptr) return MakeText(text);
  }
  return nb::cast(value);
}

int32_t Level(const ShownAgent& self, const char* skill) {
  const koble_plan* plan = koble_engine_plan(koble_choice_engine(self.Choice()));
  const uint32_t count = koble_plan_skill_count(plan);
  for (uint32_t i = 0; i < count; ++i) {
    if (std::strcmp(koble_plan_skill_name(plan, i), skill) == 0)
      return koble_choice_level(self.Choice(), self.place, i);
  }
  nb::list names;
  for (uint32_t i = 0; i < count; ++i) names.append(MakeText(koble_plan_skill_name(plan, i)));
  RaiseObject(nb::steal(PyObject_CallFunction(hooks.unknown_name, "ssO", "skill", skill, names.ptr())));
}

int32_t ToAnswer(const nb::object& answer, const AskedPtr& asked) {
  if (answer.is_none()) return KOBLE_CHOOSE_DEFER;
  const View* view = nullptr;
  if (nb::isinstance<ShownAgent>(answer)) view = &nb::cast<const ShownAgent&>(answer);
  if (nb::isinstance<ShownContact>(answer)) view = &nb::cast<const ShownContact&>(answer);
  if (view != nullptr) return view->asked == asked ? static_cast<int32_t>(view->place) : INT32_MAX;
  const int64_t place = ToInteger(answer, "a policy's answer (a candidate, its place, or None)");
  return place < 0 || place > INT32_MAX ? INT32_MAX : static_cast<int32_t>(place);  // -1 is no short way to say None
}

int32_t Ask(bool of_agent, void* context, const koble_choice* choice) {
  nb::gil_scoped_acquire gil;
  const auto& policy = *static_cast<const Policy*>(context);
  const auto asked = std::make_shared<Asked>(Asked{choice, policy.engine});
  const Engine::Asking asking(*policy.engine);
  int32_t answer = KOBLE_CHOOSE_FAILED;
  try {
    const View seeker{asked, 0};
    const nb::object candidates = nb::cast(Candidates{seeker, of_agent});
    const nb::object said = of_agent ? policy.choose_agent(ShownContact{seeker}, candidates)
                                     : policy.choose_contact(ShownAgent{seeker}, candidates);
    answer = ToAnswer(said, asked);
  } catch (nb::python_error& error) {
    policy.engine->KeepPolicyError(error.value());
  } catch (...) {
    answer = KOBLE_CHOOSE_FAILED;
  }
  asked->choice = nullptr;
  return answer;
}

int32_t AskForAgent(void* context, const koble_choice* choice) { return Ask(true, context, choice); }
int32_t AskForContact(void* context, const koble_choice* choice) { return Ask(false, context, choice); }

nb::object Method(nb::handle policy, const char* name) {
  nb::object method = nb::getattr(policy, name, nb::none());
  return method.is_none() ? nb::object() : method;
}

template <auto kMember>
auto OfContact(const ShownContact& self) {
  return self.Read().*kMember;
}
template <auto kMember>
auto OfAgent(const ShownAgent& self) {
  return self.Read().*kMember;
}

}  // namespace

Engine::Engine() = default;
Engine::~Engine() { koble_engine_destroy(engine_); }

void Engine::GivePolicy(const std::string& name, nb::object choose_agent, nb::object choose_contact) {
  auto policy = std::make_unique<Policy>(Policy{this, std::move(choose_agent), std::move(choose_contact)});
  koble_policy c = KOBLE_POLICY_INIT;
  if (policy->choose_agent.is_valid()) c.choose_agent = AskForAgent;
  if (policy->choose_contact.is_valid()) c.choose_contact = AskForContact;
  c.context = policy.get();
  Check(koble_engine_set_policy(Use(), name.c_str(), &c));
  policies_[name] = std::move(policy);
}

void Engine::SetPolicy(const std::string& name, nb::handle policy) {
  if (policy.is_none()) {
    Check(koble_engine_set_policy(Use(), name.c_str(), nullptr));
    policies_.erase(name);
    return;
  }
  nb::object choose_agent = Method(policy, "choose_agent");
  nb::object choose_contact = Method(policy, "choose_contact");
  if (!choose_agent.is_valid() && !choose_contact.is_valid()) {
    PyErr_Format(PyExc_TypeError, "%R is no policy: it has neither choose_agent nor choose_contact", policy.ptr());
    throw nb::python_error();
  }
  GivePolicy(name, std::move(choose_agent), std::move(choose_contact));
}

void Engine::CopyPolicies(const Engine& other) {
  for (const auto& [name, policy] : other.policies_) GivePolicy(name, policy->choose_agent, policy->choose_contact);
}

// What goes with them may call on the engine, which has none by then.
void Engine::DropPolicies() { const auto dropped = std::exchange(policies_, {}); }

// A policy may know its engine: the garbage collector sees through the engine to its policies.
int Engine::Traverse(visitproc visit, void* arg) const {
  for (const auto& [name, policy] : policies_) {
    Py_VISIT(policy->choose_agent.ptr());
    Py_VISIT(policy->choose_contact.ptr());
  }
  Py_VISIT(policy_error_.ptr());
  return 0;
}

void Engine::Clear() {
  koble_engine_destroy(std::exchange(engine_, nullptr));
  DropPolicies();
  policy_error_.reset();
}

void BindPolicies(nb::class_<Engine>& engine) {
  using nb::arg;
  engine
      .def("_set_policy", &Engine::SetPolicy, arg("name"), arg("policy").none(),
           nb::sig("def _set_policy(self, name: str, policy: object) -> None"))
      .def("take_policy_error", &Engine::TakePolicyError,
           nb::sig("def take_policy_error(self) -> BaseException | None"),
           "The last exception that a policy has raised, once; None where none did since.");
}

}  // namespace koble_python

void BindPolicy(nanobind::module_& module) {
  using namespace koble_python;
  using nb::arg;
  nb::class_<ShownContact>(
      module, "PolicyContact",
      "A contact as a policy sees it. Each attribute is read when it is asked for, and only until the "
      "policy has answered.")
      .def_ro("place", &ShownContact::place, "Its place among the candidates, from 0.")
      .def_prop_ro(
          "id", [](const ShownContact& self) { return MakeId(self.Read().id); },
          nb::sig("def id(self) -> koble.ids.ContactId"))
      .def_prop_ro("serial", &OfContact<&koble_choice_contact::serial>)
      .def_prop_ro("host_ref", &OfContact<&koble_choice_contact::host_ref>)
      .def_prop_ro(
          "queue", [](const ShownContact& self) { return QueueName(self, self.Read().queue); },
          nb::sig("def queue(self) -> str"), "By which it is a candidate.")
      .def_prop_ro("step", &OfContact<&koble_choice_contact::step>, "The last of those open there.")
      .def_prop_ro(
          "open_steps", [](const ShownContact& self) { return ToSteps(self.Read().open_steps); },
          nb::sig("def open_steps(self) -> tuple[int, ...]"),
          "All that are open there; 0, its own requirement, always.")
      .def_prop_ro("attempts", &OfContact<&koble_choice_contact::attempts>, "Times that it has been offered before.")
      .def_prop_ro("arrival_ns", &OfContact<&koble_choice_contact::arrival_ns>)
      .def_prop_ro(
          "waited_ns",
          [](const ShownContact& self) {
            return koble_now(koble_choice_engine(self.Choice())) - self.Read().arrival_ns;
          },
          "Since its arrival.")
      .def_prop_ro("priority", &OfContact<&koble_choice_contact::priority>, "As it came with it, in micro-points.")
      .def_prop_ro("credit_ns", &OfContact<&koble_choice_contact::credit_ns>)
      .def_prop_ro(
          "agent", [](const ShownContact& self) { return MakeId(self.Read().agent); },
          nb::sig("def agent(self) -> koble.ids.AgentId | None"), "Whom it is meant for.")
      .def("attribute", &Attribute, arg("name"), nb::sig("def attribute(self, name: str) -> str | int | None"),
           "What it brought along of that name; None where it brought nothing.");
  nb::class_<ShownAgent>(
      module, "PolicyAgent",
      "An agent as a policy sees him. Each attribute is read when it is asked for, and only until the "
      "policy has answered.")
      .def_ro("place", &ShownAgent::place, "His place among the candidates, from 0.")
      .def_prop_ro(
          "id", [](const ShownAgent& self) { return MakeId(self.Read().id); },
          nb::sig("def id(self) -> koble.ids.AgentId"))
      .def_prop_ro(
          "name",
          [](const ShownAgent& self) {
            return MakeText(koble_agent_name(koble_choice_engine(self.Choice()), self.Read().id));
          },
          nb::sig("def name(self) -> str"))
      .def_prop_ro("sequence", &OfAgent<&koble_choice_agent::sequence>, "Number of first appearance.")
      .def_prop_ro("idle_since_ns", &OfAgent<&koble_choice_agent::idle_since_ns>)
      .def_prop_ro("idle_ns",
                   [](const ShownAgent& self) {
                     return koble_now(koble_choice_engine(self.Choice())) - self.Read().idle_since_ns;
                   })
      .def_prop_ro("capacity", &OfAgent<&koble_choice_agent::capacity>, "Units.")
      .def_prop_ro("used", &OfAgent<&koble_choice_agent::used>, "Units taken.")
      .def_prop_ro("weight", &OfAgent<&koble_choice_agent::weight>)
      .def_prop_ro("served", &OfAgent<&koble_choice_agent::served>, "Contacts since he was added.")
      .def_prop_ro("talked_ns", &OfAgent<&koble_choice_agent::talked_ns>)
      .def_prop_ro("last_ended_ns", &OfAgent<&koble_choice_agent::last_ended_ns>, "0: no conversation yet.")
      .def("level", &Level, arg("skill"), "His level of a skill of the plan in force; 0 where he lacks it.");
  nb::class_<Candidates>(module, "Candidates")
      .def("__len__", [](const Candidates& self) { return koble_choice_count(self.Choice()); })
      .def("__getitem__", &Candidates::At, arg("index"), nb::sig("def __getitem__(self, index: int) -> typing.Any"));
}
