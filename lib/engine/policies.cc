// Choices that the host makes (docs/model.md, 6.6): questions, answers, and who is set aside by one.
#include <algorithm>

#include "engine/machine.h"

namespace koble::engine {

Choice Choice::OfAgent(const state::State& state, const routing::Index& index, uint32_t entry,
                       std::span<const uint32_t> candidates) {
  return {state, index, true, entry, candidates};
}

Choice Choice::OfContact(const state::State& state, const routing::Index& index, uint32_t agent,
                         std::span<const uint32_t> candidates) {
  return {state, index, false, agent, candidates};
}

uint32_t Choice::queue() const { return of_agent_ ? state_.entries[seeker_].queue : KOBLE_QUEUE_NONE; }

const std::string& Choice::policy() const {
  const plan::Plan& plan = *state_.plan;
  return plan.policies[of_agent_ ? plan.queues[queue()].policy.policy : state_.agents[seeker_].policy];
}

int64_t Choice::now_ns() const { return state_.now_ns; }

koble_id Choice::SeekerId() const {
  return of_agent_ ? state_.contacts.Id(state_.entries[seeker_].contact) : state_.agents.Id(seeker_);
}

koble_id Choice::CandidateId(uint32_t index) const {
  return of_agent_ ? state_.agents.Id(candidates_[index])
                   : state_.contacts.Id(state_.entries[candidates_[index]].contact);
}

bool Choice::ReadContact(uint32_t index, koble_choice_contact* out) const {
  if (index >= Entries().size()) return false;
  const state::Entry& shown = state_.entries[Entries()[index]];
  const state::Contact& contact = state_.contacts[shown.contact];
  uint32_t e = contact.entries;  // what is shown may be a stand of it
  while (state_.entries[e].ordinal != shown.ordinal) e = state_.entries[e].next;
  const state::Entry& entry = state_.entries[e];
  const uint64_t open = state_.LadderOf(entry).open;
  out->queue = entry.queue;
  out->step = plan::LastStep(open);
  out->open_steps = open;
  out->attempts = contact.attempts;
  out->id = state_.contacts.Id(entry.contact);
  out->serial = contact.serial;
  out->host_ref = contact.host_ref;
  out->arrival_ns = contact.arrival_ns;
  out->priority = contact.priority;
  out->credit_ns = contact.credit_ns;
  out->agent = contact.agent;
  return true;
}

bool Choice::ReadAgent(uint32_t index, koble_choice_agent* out) const {
  if (index >= Agents().size()) return false;
  const state::Agent& agent = state_.agents[Agents()[index]];
  out->reserved = 0;
  out->id = state_.agents.Id(Agents()[index]);
  out->sequence = agent.sequence;
  out->idle_since_ns = agent.idle_since_ns;
  out->capacity = agent.capacity;
  out->used = agent.used;
  out->weight = agent.weight;
  out->served = agent.served;
  out->talked_ns = agent.talked_ns;
  out->last_ended_ns = agent.last_ended_ns;
  return true;
}

int32_t Choice::Level(uint32_t index, uint32_t skill) const {
  if (index >= Agents().size() || skill >= state_.plan->skills.size()) return 0;
  return index_.LevelOfSkill(state_.agents[Agents()[index]].skills, skill);
}

bool Choice::Attribute(uint32_t index, uint32_t key, int64_t* value) const {
  if (index >= Entries().size()) return false;
  uint32_t a = state_.contacts[state_.entries[Entries()[index]].contact].attributes;
  while (a != kNil && state_.attributes[a].key != key) a = state_.attributes[a].next;
  if (a == kNil) return false;
  *value = state_.attributes[a].value;
  return true;
}

void Machine::SetPolicy(const std::string& name, Policy policy) {
  auto changed = std::make_shared<Policies>(*policies_);
  std::erase_if(*changed, [&](const auto& known) { return known.first == name; });
  if (policy.choose_agent || policy.choose_contact) changed->emplace_back(name, std::move(policy));
  policies_ = std::move(changed);
}

// Asks the host, and nobody in a replay. While it is asked, whoever reads the engine sees this machine.
int32_t Machine::Answer(const Choice& choice) {
  if (replayed_ != nullptr) {
    replayed_->fits &= replayed_->next < replayed_->answers.size();
    if (!replayed_->fits) return kAbsent;
    const int32_t answer = replayed_->answers[replayed_->next++];
    const bool possible = answer < 0 ? answer >= kInvalid : answer < static_cast<int32_t>(choice.count());
    replayed_->fits &= possible;
    return possible ? answer : kInvalid;
  }
  const std::string& name = choice.policy();
  const auto known =
      std::find_if(policies_->begin(), policies_->end(), [&](const auto& policy) { return policy.first == name; });
  if (known == policies_->end()) return kAbsent;
  const auto& choose = choice.of_agent() ? known->second.choose_agent : known->second.choose_contact;
  if (!choose) return kAbsent;
  int32_t answer = kFailed;
  for (Machine* machine = this; machine != nullptr; machine = machine->origin_) machine->asking_ = this;
  try {
    answer = choose(choice);
  } catch (...) {
    answer = kFailed;
  }
  for (Machine* machine = this; machine != nullptr; machine = machine->origin_) machine->asking_ = nullptr;
  if (answer == kDeferred || answer == kFailed) return answer;
  return answer >= 0 && answer < static_cast<int32_t>(choice.count()) ? answer : kInvalid;
}

// The place of the candidate that is to be taken; kNil: none now.
uint32_t Machine::Choose(const Choice& choice) {
  const int32_t answer = Answer(choice);
  choices_.push_back(answer);
  if (answer >= 0) return static_cast<uint32_t>(answer);
  if (answer == kDeferred) return kNil;
  const uint32_t seeker = KOBLE_ID_SLOT(choice.SeekerId());
  koble_event& fault =
      choice.of_agent() ? EmitContact(KOBLE_EVENT_POLICY_FAULT, seeker) : EmitAgent(KOBLE_EVENT_POLICY_FAULT, seeker);
  fault.queue = choice.queue();
  fault.reason = static_cast<uint32_t>(-1 - answer);
  return 0;
}

// The agent for the contact by one of its entries, which has candidates for the step; kNil: the policy wants none of them now.
uint32_t Machine::ChooseAgent(uint32_t entry, uint32_t step) {
  const state::State& s = *state_;
  index_.FirstAgents(s, s.entries[entry], step, QueueOf(s.entries[entry].queue).policy.candidates, &candidates_);
  const uint32_t chosen = Choose(Choice::OfAgent(s, index_, entry, candidates_));
  return chosen == kNil ? kNil : candidates_[chosen];
}

// The entry of the contact that the agent is to take on one of these channels; kNil if none.
uint32_t Machine::ChooseContact(uint32_t agent, const plan::MediaSet& channels) {
  const state::State& s = *state_;
  const state::Agent& a = s.agents[agent];
  index_.FirstEntries(s, agent, channels, a.policy_candidates, &candidates_);
  if (candidates_.empty()) return kNil;
  const uint32_t chosen = Choose(Choice::OfContact(s, index_, agent, candidates_));
  return chosen == kNil ? kNil : candidates_[chosen];
}

// Until the worklist has ended, or other steps of it are open, the contact is in no line, so that nobody finds it.
void Machine::SetAsideContact(uint32_t contact) {
  state::State& s = *state_;
  s.contacts[contact].set_aside = true;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    if (s.entries[e].in_line) index_.EntryLeaves(s, e);
  }
  contacts_aside_.push_back(contact);
}

void Machine::SetAsideAgent(uint32_t agent) {
  state_->agents[agent].set_aside = true;
  agents_aside_.push_back(agent);
}

void Machine::Readmit(uint32_t contact) {
  if (!state_->contacts[contact].set_aside) return;
  state_->contacts[contact].set_aside = false;
  EnterLines(contact);
}

void Machine::EndSettingAside() {
  state::State& s = *state_;
  for (const uint32_t contact : contacts_aside_) Readmit(contact);
  for (const uint32_t agent : agents_aside_) s.agents[agent].set_aside = false;
  contacts_aside_.clear();
  agents_aside_.clear();
}

}  // namespace koble::engine
