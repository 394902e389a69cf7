#include "sim/trace.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <queue>
#include <utility>

#include "engine/engine.h"

namespace koble::sim {
namespace {

// What the world does at one instant, in this order.
enum class Act : uint8_t { kServiceEnd, kPresence, kAnswer, kHangUp, kArrival };

struct Due {
  int64_t time_ns;
  Act act;
  uint64_t index;  // of the contact
  koble_id id;     // the contact's, or the offer's
  // For a heap with the earliest on top.
  friend bool operator<(const Due& a, const Due& b) {
    if (a.time_ns != b.time_ns) return a.time_ns > b.time_ns;
    if (a.act != b.act) return a.act > b.act;
    if (a.index != b.index) return a.index > b.index;
    return a.id > b.id;
  }
};

std::string CheckedLists(const plan::Plan& plan, const koble_sim_trace_options& options,
                         std::span<const koble_sim_contact> contacts, std::span<const koble_sim_presence> presence) {
  const auto duration = [](int64_t value) { return value >= 0 && value <= KOBLE_DURATION_MAX; };
  if (!duration(options.answer_ns)) return "options.answer_ns: give a duration";
  int64_t last = 0;
  uint64_t serial = 0;
  for (size_t i = 0; i < contacts.size(); ++i) {
    const koble_sim_contact& contact = contacts[i];
    const std::string place = "contact " + std::to_string(i) + ": ";
    if (contact.arrival_ns < last) return place + "arrives before the one in front of it; sort by arrival_ns";
    last = contact.arrival_ns;
    if (contact.arrival_ns > KOBLE_TIME_MAX / 2) return place + "arrival_ns is too late for a run";
    if (contact.patience_ns != KOBLE_NEVER && !duration(contact.patience_ns))
      return place + "patience_ns is no duration";
    if (!duration(contact.service_ns)) return place + "service_ns is no duration";
    const bool absent = contact.serial != 0 && contact.queue == KOBLE_QUEUE_NONE;
    if (contact.queue >= plan.queue_count && !absent)
      return place + "the plan has no queue " + std::to_string(contact.queue);
    if (contact.serial != 0 && contact.serial <= serial)
      return place + "its serial is not greater than the one in front of it";
    serial = contact.serial != 0 ? contact.serial : serial + 1;
  }
  last = 0;
  for (size_t i = 0; i < presence.size(); ++i) {
    const koble_sim_presence& change = presence[i];
    const std::string place = "presence change " + std::to_string(i) + ": ";
    if (change.time_ns < last) return place + "is earlier than the one in front of it; sort by time_ns";
    last = change.time_ns;
    if (change.agent >= plan.agents.size()) return place + "the plan lists no agent " + std::to_string(change.agent);
    if (change.presence > KOBLE_PRESENCE_BREAK)
      return place + "there is no presence " + std::to_string(change.presence);
  }
  return "";
}

class World {
 public:
  World(std::span<const koble_sim_contact> contacts, std::span<const koble_sim_presence> presence,
        const koble_sim_trace_options& options, std::span<koble_sim_outcome> outcomes, figures::Figures* figures)
      : contacts_(contacts), presence_(presence), options_(options), outcomes_(outcomes), figures_(figures) {}

  int32_t Run(const std::shared_ptr<const plan::Plan>& plan, koble_sim_run* run, std::string* message);

 private:
  int32_t Open(const std::shared_ptr<const plan::Plan>& plan, std::string* message);
  int64_t NextOwn() const;
  int32_t Step(int64_t at);
  int32_t Give(koble_command command, koble_result* result = nullptr);
  void See(const koble_event& event);
  int32_t Ask(uint32_t agent);

  std::span<const koble_sim_contact> contacts_;
  std::span<const koble_sim_presence> presence_;
  const koble_sim_trace_options& options_;
  std::span<koble_sim_outcome> outcomes_;
  figures::Figures* figures_;

  std::unique_ptr<engine::Engine> engine_;
  std::vector<koble_id> agent_ids_;
  std::vector<char> pulls_;  // by listed agent
  absl::flat_hash_map<koble_id, uint32_t> agent_numbers_;
  std::priority_queue<Due> due_;
  std::vector<char> decided_;                          // served or gone: patience does not matter any more
  std::vector<std::pair<koble_id, uint32_t>> asking_;  // pull agents who have just been given something
  std::vector<koble_id> connecting_;
  size_t next_contact_ = 0, next_presence_ = 0;
  uint64_t commands_ = 0, events_ = 0;
  int64_t now_ = 0;
};

int32_t World::Open(const std::shared_ptr<const plan::Plan>& plan, std::string* message) {
  engine::Options options;
  options.seed = options_.seed;
  int32_t code = KOBLE_OK;
  engine_ = engine::Engine::Create(plan, options, &code, message);
  if (engine_ == nullptr) return code;
  for (uint32_t i = 0; i < plan->agents.size(); ++i) {
    agent_ids_.push_back(engine_->FindAgent(plan->agents[i].name));
    agent_numbers_[agent_ids_.back()] = i;
    std::string report;
    const auto capability = plan->Resolve(plan->agents[i], &report);
    pulls_.push_back(capability.has_value() && capability->pull);
  }
  decided_.assign(contacts_.size(), 0);
  for (koble_sim_outcome& outcome : outcomes_) outcome = {0, 0, UINT32_MAX, KOBLE_QUEUE_NONE, 0};
  return KOBLE_OK;
}

int64_t World::NextOwn() const {
  int64_t next = KOBLE_NEVER;
  if (!due_.empty()) next = due_.top().time_ns;
  if (next_presence_ < presence_.size()) next = std::min(next, presence_[next_presence_].time_ns);
  if (next_contact_ < contacts_.size()) next = std::min(next, contacts_[next_contact_].arrival_ns);
  return next;
}

// Gives a command and takes in what it caused. A refusal is part of the game (an answer to an offer that has just ended), the
// caller decides.
int32_t World::Give(koble_command command, koble_result* result) {
  koble_result own = KOBLE_RESULT_INIT;
  if (result == nullptr) result = &own;
  now_ = command.time_ns;
  ++commands_;
  const int32_t code = engine_->Apply(command, {}, {}, result);
  const uint64_t first = engine_->EventsFirst(), last = engine_->EventsLast();
  if (last >= first) {
    const std::span<const koble_event> events = engine_->Events(first);
    if (figures_ != nullptr) {
      const int32_t folded = figures_->Fold(events.data(), sizeof(koble_event), events.size(), nullptr);
      if (folded != KOBLE_OK) return folded;
    }
    events_ += events.size();
    for (const koble_event& event : events) See(event);
    engine_->AcknowledgeEvents(last);
  }
  return code;
}

void World::See(const koble_event& event) {
  if (event.host_ref == 0 || event.host_ref > contacts_.size()) return;
  const uint64_t index = event.host_ref - 1;
  koble_sim_outcome& outcome = outcomes_[index];
  const koble_sim_contact& contact = contacts_[index];
  switch (event.kind) {
    case KOBLE_EVENT_OFFERED:
      ++outcome.offers;
      // Also where it is accepted at once: the answer then finds the offer ended, which costs nothing.
      if (event.a != 0) due_.push({now_ + options_.answer_ns, Act::kAnswer, index, event.offer});
      break;
    case KOBLE_EVENT_ACCEPTED:
      connecting_.push_back(event.engagement);
      if (const auto agent = agent_numbers_.find(event.agent); agent != agent_numbers_.end() && pulls_[agent->second]) {
        asking_.emplace_back(event.agent, agent->second);
      }
      break;
    case KOBLE_EVENT_SERVING: {
      decided_[index] = 1;
      const auto agent = agent_numbers_.find(event.agent);
      outcome.wait_ns = event.time_ns - contact.arrival_ns;
      outcome.agent = agent == agent_numbers_.end() ? UINT32_MAX : agent->second;
      outcome.queue = event.queue;
      std::erase(connecting_, event.engagement);
      due_.push({event.time_ns + contact.service_ns, Act::kServiceEnd, index, event.contact});
      break;
    }
    case KOBLE_EVENT_EXIT:
      decided_[index] = 1;
      outcome.wait_ns = event.time_ns - contact.arrival_ns;
      outcome.exit = event.reason;
      break;
    default:
      break;
  }
}

// A request that stands until it is answered; it may stand while he is busy. Refused where he is not available: he asks anew
// when he comes back.
int32_t World::Ask(uint32_t agent) {
  koble_command command{};
  command.time_ns = now_;
  command.kind = KOBLE_CMD_AGENT_REQUEST;
  command.target = agent_ids_[agent];
  command.a = KOBLE_NEVER;
  const int32_t code = Give(command);
  return code == KOBLE_ERR_STATE || code == KOBLE_ERR_NONE ? static_cast<int32_t>(KOBLE_OK) : code;
}

int32_t World::Step(int64_t at) {
  koble_command command{};
  command.time_ns = at;
  const Act from_heap = !due_.empty() && due_.top().time_ns == at ? due_.top().act : Act::kArrival;
  const bool changes = next_presence_ < presence_.size() && presence_[next_presence_].time_ns == at;
  if (changes && from_heap > Act::kPresence) {
    const koble_sim_presence& change = presence_[next_presence_++];
    command.kind = KOBLE_CMD_AGENT_PRESENCE;
    command.target = agent_ids_[change.agent];
    command.code = change.presence;
    command.a = change.reason;
    const int32_t code = Give(command);
    if (code == KOBLE_OK && change.presence == KOBLE_PRESENCE_AVAILABLE && pulls_[change.agent])
      return Ask(change.agent);
    return code;
  }
  if (!due_.empty() && due_.top().time_ns == at) {
    const Due due = due_.top();
    due_.pop();
    if (due.act == Act::kHangUp && decided_[due.index]) return KOBLE_OK;
    command.target = due.id;
    if (due.act == Act::kAnswer) {
      command.kind = KOBLE_CMD_OFFER_ACCEPT;
    } else {
      command.kind = KOBLE_CMD_CONTACT_GONE;
      command.code = KOBLE_BY_CUSTOMER;
    }
    const int32_t code = Give(command);
    // Another won, or it rang out; or the conversation was forgotten in its silence.
    const bool late = code == KOBLE_ERR_ENDED || (code == KOBLE_ERR_HELD && due.act == Act::kAnswer);
    return late ? static_cast<int32_t>(KOBLE_OK) : code;
  }
  const uint64_t index = next_contact_++;
  const koble_sim_contact& contact = contacts_[index];
  command.kind = KOBLE_CMD_CONTACT_ARRIVE;
  command.target = contact.serial;
  command.queue = contact.queue;
  command.host_ref = index + 1;
  command.a = contact.priority;
  command.b = contact.credit_ns;
  koble_result result = KOBLE_RESULT_INIT;
  const int32_t code = Give(command, &result);
  if (code == KOBLE_OK && !decided_[index] && contact.patience_ns != KOBLE_NEVER) {
    due_.push({at + contact.patience_ns, Act::kHangUp, index, result.id});
  }
  return code;
}

int32_t World::Run(const std::shared_ptr<const plan::Plan>& plan, koble_sim_run* run, std::string* message) {
  int32_t code = Open(plan, message);
  while (code == KOBLE_OK) {
    if (!connecting_.empty()) {
      koble_command command{};
      command.time_ns = now_;
      command.kind = KOBLE_CMD_CONNECTED;
      command.target = connecting_.back();
      connecting_.pop_back();
      code = Give(command);
      if (code == KOBLE_ERR_STATE || code == KOBLE_ERR_ENDED) code = KOBLE_OK;  // gone meanwhile
      continue;
    }
    if (!asking_.empty()) {
      const uint32_t agent = asking_.back().second;
      asking_.pop_back();
      code = Ask(agent);
      continue;
    }
    const int64_t own = NextOwn(), deadline = engine_->NextDeadline();
    const int64_t at = std::min(own, deadline);
    if (at == KOBLE_NEVER || at > options_.end_ns) break;
    if (deadline <= own) {  // by itself, so that what it starts is seen at its instant
      koble_command command{};
      command.time_ns = std::max(deadline, now_);
      command.kind = KOBLE_CMD_ADVANCE;
      code = Give(command);
    } else {
      code = Step(at);
    }
  }
  if (code != KOBLE_OK) {
    if (message->empty()) *message = engine_ == nullptr ? "" : engine_->message();
    if (message->empty() && figures_ != nullptr) *message = figures_->message();
    return code;
  }
  if (options_.end_ns != KOBLE_NEVER) now_ = std::max(now_, options_.end_ns);
  for (size_t i = 0; i < contacts_.size(); ++i) {
    if (!decided_[i]) outcomes_[i].wait_ns = std::max<int64_t>(0, now_ - contacts_[i].arrival_ns);
  }
  if (figures_ != nullptr) {
    code = figures_->Close(now_);
    if (code != KOBLE_OK) *message = figures_->message();
  }
  if (run != nullptr) {
    run->commands = commands_;
    run->events = events_;
    run->end_ns = now_;
    engine_->Digest(run->digest);
  }
  return code;
}

}  // namespace

int32_t RunTrace(const std::shared_ptr<const plan::Plan>& plan, const koble_sim_trace_options& options,
                 std::span<const koble_sim_contact> contacts, std::span<const koble_sim_presence> presence,
                 std::span<koble_sim_outcome> outcomes, figures::Figures* figures, koble_sim_run* run,
                 std::string* message) {
  *message = CheckedLists(*plan, options, contacts, presence);
  if (outcomes.size() != contacts.size()) *message = "outcomes: give one place for each contact";
  if (!message->empty()) return KOBLE_ERR_ARGUMENT;
  return World(contacts, presence, options, outcomes, figures).Run(plan, run, message);
}

}  // namespace koble::sim
