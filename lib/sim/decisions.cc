#include "sim/decisions.h"

#include <algorithm>
#include <utility>

#include "sim/arrivals.h"
#include "sim/math.h"
#include "state/state.h"

namespace koble::sim {

Decisions::Decisions(World* world, const Model* model, const engine::Engine& engine,
                     std::vector<uint32_t> group_of_agent, uint32_t groups, Costs costs, std::string* message)
    : world_(world),
      model_(model),
      engine_(engine),
      group_of_agent_(std::move(group_of_agent)),
      streams_(static_cast<uint32_t>(model->streams.size())),
      groups_(groups),
      costs_(std::move(costs)),
      ready_(groups),
      pairs_(size_t{streams_} * groups) {
  *message = Mistake();
  if (!message->empty()) return;
  const plan::Plan& plan = *engine_.plan();
  least_cost_ = INT64_MAX;
  for (const StreamModel& stream : model->streams) {
    for (const uint32_t queue : stream.queues)
      least_cost_ = std::min<int64_t>(least_cost_, plan.channels[plan.queues[queue].channel].cost);
  }
  world_->HostDecides();
}

std::string Decisions::Mistake() const {
  const plan::Plan& plan = *engine_.plan();
  if (group_of_agent_.size() != plan.agents.size()) return "group_of_agent: one for each agent that the plan lists";
  std::vector<char> manned(groups_, 0);
  for (const uint32_t group : group_of_agent_) {
    if (group >= groups_) {
      return "group_of_agent: there are " + std::to_string(groups_) + " groups, and no group " + std::to_string(group);
    }
    manned[group] = 1;
  }
  for (uint32_t g = 0; g < groups_; ++g) {
    if (!manned[g]) return "group " + std::to_string(g) + " has no agents";
  }
  for (uint32_t s = 0; s < streams_; ++s) {
    const StreamModel& stream = model_->streams[s];
    const std::string place = "stream " + std::to_string(s) + ": ";
    if (stream.chosen) return place + "its queues are chosen by a policy; leave \"dispatch\" out";
    for (const uint32_t queue : stream.queues) {
      if (plan.queues[queue].mode != plan::OfferMode::kExternal)
        return place + "its queue is served by itself; write \"mode\": \"external\"";
      if (plan.queues[queue].confirm_ns != plan::kUnset)
        return place + "its queue confirms connections, which a decision does not wait for; leave \"confirm\" out";
    }
  }
  return "";
}

void Decisions::FindReady() {
  for (std::vector<Ready>& group : ready_) group.clear();
  const state::State& state = engine_.state();
  for (uint32_t agent = 0; agent < group_of_agent_.size(); ++agent) {
    const state::Agent& a = state.agents[KOBLE_ID_SLOT(world_->AgentId(agent))];
    if (a.presence != KOBLE_PRESENCE_AVAILABLE || a.penalised_until_ns != state::kNone ||
        a.capacity - a.used < least_cost_)
      continue;
    ready_[group_of_agent_[agent]].push_back({a.idle_since_ns, a.sequence, agent});
  }
  for (std::vector<Ready>& group : ready_) std::sort(group.begin(), group.end());
}

// The first contact of the stream that somebody of the group may have, and of these the one idle for longest. Contacts of a stream differ in
// nothing but their wait unless they have attributes, so that of others only the first is looked at.
Decisions::Pair Decisions::FindPair(uint32_t stream, uint32_t group) const {
  if (ready_[group].empty()) return {};
  for (const InLine& who : world_->WaitingOf(stream)) {
    for (const Ready& one : ready_[group]) {
      if (engine_.MayOffer(who.contact, world_->AgentId(one.agent))) return {who.contact, one.agent};
    }
    if (model_->streams[stream].attributes.empty()) break;
  }
  return {};
}

bool Decisions::SomebodyWaits() const {
  for (uint32_t s = 0; s < streams_; ++s) {
    if (!world_->WaitingOf(s).empty()) return true;
  }
  return false;
}

bool Decisions::FindPairs() {
  if (!SomebodyWaits()) return false;
  FindReady();
  bool open = false;
  for (uint32_t s = 0; s < streams_; ++s) {
    for (uint32_t g = 0; g < groups_; ++g) {
      pairs_[s * groups_ + g] = FindPair(s, g);
      open |= pairs_[s * groups_ + g].contact != 0;
    }
  }
  return open;
}

bool Decisions::Legal(int32_t action) const {
  if (state_ != KOBLE_DECISION_OPEN) return false;
  if (!begun_ || action < 0) return !begun_ && action == -1;
  if (action == Defer()) return true;
  const auto pair = static_cast<uint32_t>(action);
  return pair < pairs_.size() && pairs_[pair].contact != 0;
}

double Decisions::Discount(int64_t at) const {
  if (costs_.discount_per_hour == 0) return 1;
  return Exp(-costs_.discount_per_hour * static_cast<double>(at - since_ns_) / kHour);
}

// The integral of the discount over [passed, until] is the difference of its ends over the rate.
void Decisions::Pass(int64_t until_ns) {
  const double hours = costs_.discount_per_hour == 0
                           ? static_cast<double>(until_ns - passed_ns_) / kHour
                           : (Discount(passed_ns_) - Discount(until_ns)) / costs_.discount_per_hour;
  for (uint32_t s = 0; s < streams_ && !costs_.waiting_per_hour.empty(); ++s) {
    reward_ -= costs_.waiting_per_hour[s] * static_cast<double>(world_->WaitingOf(s).size()) * hours;
  }
  passed_ns_ = until_ns;
}

void Decisions::Count(const koble_world_record& record) {
  if (record.exit == 0) return;  // served: counted when it began
  const std::vector<double>& cost = AtTheDoor(record.exit) ? costs_.refused : costs_.abandoned;
  if (!cost.empty()) reward_ -= cost[record.stream] * Discount(world_->now());
}

int32_t Decisions::Act(int32_t action) {
  elapsed_s_ = reward_ = 0;
  since_ns_ = passed_ns_;
  bool deferred = begun_ && action == Defer();
  if (begun_ && !deferred) {
    const auto number = static_cast<uint32_t>(action);
    if (!costs_.served.empty()) reward_ += costs_.served[number / groups_];
    const int32_t code = world_->Assign(pairs_[number].contact, pairs_[number].agent);
    if (code != KOBLE_OK) return code;
  }
  begun_ = true;
  for (;;) {
    if (!deferred && !world_->Busy() && FindPairs()) break;
    const int64_t at = world_->NextNs();
    if (at == KOBLE_NEVER || at >= model_->horizon_ns) {
      End(at);
      break;
    }
    Pass(std::max(at, passed_ns_));
    // How an arrival ends for whom there was nobody is no news, nor is what has come to nothing meanwhile.
    const bool carries_on = !world_->Busy() && world_->HasUndecided();
    const uint64_t before = world_->commands();
    records_.clear();
    const int32_t code = world_->Once(&records_);
    if (code != KOBLE_OK) return code;
    for (const koble_world_record& record : records_) Count(record);
    deferred = deferred && (carries_on || world_->commands() == before);
  }
  elapsed_s_ = static_cast<double>(passed_ns_ - since_ns_) / 1e9;
  return KOBLE_OK;
}

// Nothing more happens before the horizon; who waits then waits on.
void Decisions::End(int64_t next_ns) {
  state_ = next_ns == KOBLE_NEVER && !SomebodyWaits() ? KOBLE_DECISION_OVER : KOBLE_DECISION_HORIZON;
  if (state_ == KOBLE_DECISION_HORIZON) Pass(std::max(passed_ns_, model_->horizon_ns));
  std::fill(pairs_.begin(), pairs_.end(), Pair{});
  FindReady();
}

void Decisions::Observe(std::span<float> out) const {
  const int64_t now = passed_ns_;
  size_t i = 0;
  for (uint32_t s = 0; s < streams_; ++s) {
    const auto& line = world_->WaitingOf(s);
    out[i++] = static_cast<float>(line.size());
    const int64_t age = line.empty() ? 0 : now - line.begin()->arrival_ns;
    out[i++] = static_cast<float>(static_cast<double>(age) / 1e9);
  }
  for (uint32_t g = 0; g < groups_; ++g) {
    uint32_t there = 0;
    for (uint32_t agent = 0; agent < group_of_agent_.size(); ++agent) {
      there += group_of_agent_[agent] == g && world_->people().IsThere(agent) ? 1 : 0;
    }
    const int64_t idle = ready_[g].empty() ? 0 : now - ready_[g].front().idle_since_ns;
    out[i++] = static_cast<float>(ready_[g].size());
    out[i++] = static_cast<float>(there);
    out[i++] = static_cast<float>(static_cast<double>(idle) / 1e9);
  }
  out[i] = static_cast<float>(static_cast<double>(now) / kHour);
}

void Decisions::Mask(std::span<uint8_t> out) const {
  for (size_t i = 0; i < pairs_.size(); ++i) out[i] = pairs_[i].contact != 0 ? 1 : 0;
  out[static_cast<size_t>(Defer())] = 1;
}

}  // namespace koble::sim
