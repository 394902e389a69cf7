#include "support/policies.h"

#include <cstring>
#include <initializer_list>
#include <stdexcept>

#include "support/random.h"

namespace koble::testing {
namespace {

int32_t Choose(const reference::Question& question) {
  uint64_t sum = question.queue;
  const auto add = [&](const auto& values) {
    for (const int64_t value : values) sum = Random(sum ^ static_cast<uint64_t>(value)).Next();
  };
  const auto number = [](auto value) { return static_cast<int64_t>(value); };
  for (const char letter : question.policy) add(std::initializer_list<int64_t>{letter});
  for (const koble_choice_contact& c : question.contacts) {
    add(std::initializer_list<int64_t>{number(c.queue), number(c.step), number(c.attempts), number(c.id),
                                       number(c.serial), number(c.host_ref), c.arrival_ns, c.priority, c.credit_ns,
                                       number(c.agent), number(c.open_steps)});
  }
  for (const koble_choice_agent& a : question.agents) {
    add(std::initializer_list<int64_t>{number(a.id), number(a.sequence), a.idle_since_ns, a.capacity, a.used, a.weight,
                                       number(a.served), a.talked_ns, a.last_ended_ns});
  }
  Random random(sum);
  const size_t count = question.of_agent ? question.agents.size() : question.contacts.size();
  switch (random.Below(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return KOBLE_CHOOSE_DEFER;
    case 4:
      return KOBLE_CHOOSE_FAILED;
    case 5:
      return static_cast<int32_t>(count + random.Below(2));
    case 6:
      return random.Of({-3, -4, INT32_MIN, INT32_MAX});
    default:
      return static_cast<int32_t>(random.Below(count));
  }
}

void Require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

// The same question, as the C API puts it.
int32_t AnswerOf(bool of_agent, void* context, const koble_choice* choice) {
  reference::Question question;
  question.policy = static_cast<const char*>(context);
  question.of_agent = of_agent;
  question.queue = koble_choice_queue(choice);
  const uint32_t count = koble_choice_count(choice);
  for (uint32_t i = 0; i < (of_agent ? 1 : count); ++i) {
    koble_choice_contact contact = KOBLE_CHOICE_CONTACT_INIT;
    Require(koble_choice_read_contact(choice, i, &contact) == KOBLE_OK, "a contact that is shown cannot be read");
    question.contacts.push_back(contact);
  }
  for (uint32_t i = 0; i < (of_agent ? count : 1); ++i) {
    koble_choice_agent agent = KOBLE_CHOICE_AGENT_INIT;
    Require(koble_choice_read_agent(choice, i, &agent) == KOBLE_OK, "an agent who is shown cannot be read");
    question.agents.push_back(agent);
  }
  return Choose(question);
}

int32_t ChooseAgent(void* context, const koble_choice* choice) { return AnswerOf(true, context, choice); }
int32_t ChooseContact(void* context, const koble_choice* choice) { return AnswerOf(false, context, choice); }

constexpr const char* kNames[] = {"p1", "p2", "p3"};
bool ChoosesContacts(const char* name) { return std::strcmp(name, "p3") != 0; }

}  // namespace

void SetPolicies(reference::Router* router) {
  for (const char* name : kNames) {
    reference::Policy policy{Choose, {}};
    if (ChoosesContacts(name)) policy.choose_contact = Choose;
    router->SetPolicy(name, std::move(policy));
  }
}

void SetPolicies(koble_engine* engine) {
  for (const char* name : kNames) {
    koble_policy policy = KOBLE_POLICY_INIT;
    policy.choose_agent = ChooseAgent;
    if (ChoosesContacts(name)) policy.choose_contact = ChooseContact;
    policy.context = const_cast<char*>(name);
    Require(koble_engine_set_policy(engine, name, &policy) == KOBLE_OK, "koble_engine_set_policy");
  }
}

}  // namespace koble::testing
