// Choices of the host (6.6).
#include <utility>

#include "reference/router.h"

namespace koble::reference {

koble_choice_contact Router::Show(const Contact& contact, uint32_t queue) const {
  koble_choice_contact shown = KOBLE_CHOICE_CONTACT_INIT;
  shown.queue = queue;
  for (const Standing& standing : contact.standings) {
    if (standing.queue != queue) continue;
    for (const uint32_t step : standing.open) {
      shown.open_steps |= uint64_t{1} << step;
      shown.step = step;
    }
  }
  shown.attempts = contact.attempts;
  shown.id = contact.id;
  shown.serial = contact.serial;
  shown.host_ref = contact.host_ref;
  shown.arrival_ns = contact.arrival;
  shown.priority = contact.priority;
  shown.credit_ns = contact.credit;
  shown.agent = contact.agent;
  return shown;
}

koble_choice_agent Router::Show(const Agent& agent) const {
  koble_choice_agent shown = KOBLE_CHOICE_AGENT_INIT;
  shown.id = agent.id;
  shown.sequence = agent.number;
  shown.idle_since_ns = agent.idle_since;
  shown.capacity = agent.can.capacity;
  shown.used = Units(agent);
  shown.weight = agent.can.weight;
  shown.served = static_cast<uint64_t>(agent.served);
  shown.talked_ns = agent.talked;
  shown.last_ended_ns = agent.last_ended;
  return shown;
}

// False: none of them now.
bool Router::Ask(const Question& question, size_t* answer) {
  const auto policy = policies_.find(question.policy);
  std::function<int32_t(const Question&)> choose;
  if (policy != policies_.end()) {
    choose = question.of_agent ? policy->second.choose_agent : policy->second.choose_contact;
  }
  const size_t count = question.of_agent ? question.agents.size() : question.contacts.size();
  const int32_t said = choose ? choose(question) : 0;
  uint32_t fault = 0;
  if (!choose) {
    fault = KOBLE_POLICY_ABSENT;
  } else if (said == KOBLE_CHOOSE_DEFER) {
    return false;
  } else if (said == KOBLE_CHOOSE_FAILED) {
    fault = KOBLE_POLICY_FAILED;
  } else if (said < 0 || static_cast<size_t>(said) >= count) {
    fault = KOBLE_POLICY_INVALID;
  }
  *answer = fault == 0 ? static_cast<size_t>(said) : 0;
  if (fault == 0) return true;
  if (question.of_agent) {
    Emit(KOBLE_EVENT_POLICY_FAULT, *FindContact(question.contacts.front().id), question.queue, fault);
  } else {
    Emit(KOBLE_EVENT_POLICY_FAULT, *FindAgent(question.agents.front().id), fault);
  }
  return true;
}

// Null: the contact is set aside.
const Agent* Router::ChooseAgent(const Contact& contact, uint32_t queue, std::vector<const Agent*> candidates) {
  const plan::PolicyUse& use = plan_->queues[queue].policy;
  if (candidates.size() > use.candidates) candidates.resize(use.candidates);
  Question question;
  question.policy = plan_->policies[use.policy];
  question.of_agent = true;
  question.queue = queue;
  question.contacts.push_back(Show(contact, queue));
  for (const Agent* agent : candidates) question.agents.push_back(Show(*agent));
  size_t answer = 0;
  if (Ask(question, &answer)) return candidates[answer];
  aside_.insert(contact.id);
  return nullptr;
}

// False: the agent is set aside.
bool Router::ChooseContact(const Agent& agent, const std::vector<Pair>& pairs, koble_id* contact, uint32_t* queue) {
  const plan::PolicyUse& use = agent.can.policy;
  std::vector<Pair> candidates;  // each contact once, by its best pair
  for (const Pair& pair : pairs) {
    bool known = false;
    for (const Pair& other : candidates) known = known || other.contact == pair.contact;
    if (!known && candidates.size() < use.candidates) candidates.push_back(pair);
  }
  Question question;
  question.policy = plan_->policies[use.policy];
  question.agents.push_back(Show(agent));
  for (const Pair& pair : candidates) question.contacts.push_back(Show(*FindContact(pair.contact), pair.queue));
  size_t answer = 0;
  if (!Ask(question, &answer)) {
    aside_.insert(agent.id);
    return false;
  }
  *contact = candidates[answer].contact;
  *queue = candidates[answer].queue;
  return true;
}

}  // namespace koble::reference
