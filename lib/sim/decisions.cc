#include "sim/decisions.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "sim/math.h"

namespace koble::sim {
namespace {

constexpr double kHour = 3600e9;

}  // namespace

Decisions::Decisions(World* world, const Model* model, const engine::Engine& engine,
                     std::vector<uint32_t> group_of_agent, uint32_t groups, Costs costs, std::string* message)
    : world_(world),
      model_(model),
      group_of_agent_(std::move(group_of_agent)),
      streams_(static_cast<uint32_t>(model->streams.size())),
      groups_(groups),
      costs_(std::move(costs)),
      allowed_(size_t{streams_} * groups, 0),
      longest_free_(groups, UINT32_MAX) {
  const plan::Plan& plan = *engine.plan();
  std::vector<char> manned(groups, 0);
  for (const uint32_t group : group_of_agent_) {
    if (group >= groups) {
      *message =
          "group_of_agent: there are " + std::to_string(groups) + " groups, and no group " + std::to_string(group);
      return;
    }
    manned[group] = 1;
  }
  if (group_of_agent_.size() != plan.agents.size()) *message = "group_of_agent: one for each agent that the plan lists";
  for (uint32_t g = 0; g < groups; ++g) {
    if (!manned[g]) *message = "group " + std::to_string(g) + " has no agents";
  }
  for (uint32_t s = 0; s < streams_; ++s) {
    const StreamModel& stream = model->streams[s];
    if (stream.queues.size() != 1 || !stream.attributes.empty()) {
      *message = "stream " + std::to_string(s) + ": decisions are about streams of one queue, without attributes";
    }
  }
  if (message->empty()) *message = FindAllowed(engine);
  world_->KeepLines();
}

// Tried out on a clone: one agent of each group, one contact of each stream.
std::string Decisions::FindAllowed(const engine::Engine& engine) {
  for (uint32_t g = 0; g < groups_; ++g) {
    const auto one = std::find(group_of_agent_.begin(), group_of_agent_.end(), g) - group_of_agent_.begin();
    const std::unique_ptr<engine::Engine> trial = engine.Clone();
    const koble_id agent = trial->FindAgent(trial->plan()->agents[static_cast<size_t>(one)].name);
    koble_command command{};
    command.kind = KOBLE_CMD_AGENT_PRESENCE;
    command.target = agent;
    command.code = KOBLE_PRESENCE_AVAILABLE;
    trial->Apply(command, {}, {}, nullptr);
    for (uint32_t s = 0; s < streams_; ++s) {
      koble_result result = KOBLE_RESULT_INIT;
      command = {};
      command.kind = KOBLE_CMD_CONTACT_ARRIVE;
      command.queue = model_->streams[s].queues.front();
      trial->Apply(command, {}, {}, &result);
      const koble_id contact = result.id;
      koble_contact_info info{};
      const bool waits = trial->Contact(contact, &info) == KOBLE_OK && info.state == KOBLE_CONTACT_WAITING;
      if (!waits)
        return "stream " + std::to_string(s) + ": its queue is served by itself; write \"mode\": \"external\"";
      command = {};
      command.kind = KOBLE_CMD_OFFER_MAKE;
      command.target = contact;
      command.agent = agent;
      command.queue = KOBLE_QUEUE_NONE;
      allowed_[s * groups_ + g] = trial->Apply(command, {}, {}, nullptr) == KOBLE_OK;
      command = {};
      command.kind = KOBLE_CMD_CONTACT_GONE;
      command.target = contact;
      command.code = KOBLE_BY_HOST;
      trial->Apply(command, {}, {}, nullptr);
    }
  }
  return "";
}

void Decisions::Look() {
  std::fill(longest_free_.begin(), longest_free_.end(), UINT32_MAX);
  const People& people = world_->people();
  for (uint32_t agent = 0; agent < group_of_agent_.size(); ++agent) {
    if (!people.IsFree(agent)) continue;
    uint32_t& best = longest_free_[group_of_agent_[agent]];
    if (best == UINT32_MAX || people.FreeSince(agent) < people.FreeSince(best)) best = agent;
  }
}

bool Decisions::May(uint32_t stream, uint32_t group) const {
  return allowed_[stream * groups_ + group] && longest_free_[group] != UINT32_MAX && !world_->WaitingOf(stream).empty();
}

bool Decisions::Open() const {
  for (uint32_t s = 0; s < streams_; ++s) {
    for (uint32_t g = 0; g < groups_; ++g) {
      if (May(s, g)) return true;
    }
  }
  return false;
}

bool Decisions::Legal(int32_t action) const {
  if (state_ != KOBLE_DECISION_OPEN) return false;
  if (!begun_ || action < 0) return !begun_ && action == -1;
  if (action == Defer()) return true;
  const auto pair = static_cast<uint32_t>(action);
  return pair < Actions() && May(pair / groups_, pair % groups_);
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
  since_ns_ = passed_ns_ = begun_ ? world_->now() : 0;
  bool deferred = begun_ && action == Defer();
  if (begun_ && !deferred) {
    const auto pair = static_cast<uint32_t>(action);
    const uint32_t stream = pair / groups_;
    if (!costs_.served.empty()) reward_ += costs_.served[stream];
    const int32_t code = world_->Assign(world_->WaitingOf(stream).begin()->second, longest_free_[pair % groups_]);
    if (code != KOBLE_OK) return code;
  }
  begun_ = true;
  for (;;) {
    Look();
    if (!deferred && !world_->Busy() && Open()) break;
    const int64_t at = world_->NextNs();
    if (at == KOBLE_NEVER || at >= model_->horizon_ns) {
      state_ = at == KOBLE_NEVER ? KOBLE_DECISION_OVER : KOBLE_DECISION_HORIZON;
      if (state_ == KOBLE_DECISION_HORIZON) Pass(std::max(passed_ns_, model_->horizon_ns));
      break;
    }
    Pass(std::max(at, passed_ns_));
    records_.clear();
    const int32_t code = world_->Once(&records_);
    if (code != KOBLE_OK) return code;
    for (const koble_world_record& record : records_) Count(record);
    deferred = false;
  }
  elapsed_s_ = static_cast<double>(passed_ns_ - since_ns_) / 1e9;
  return KOBLE_OK;
}

void Decisions::Observe(std::span<float> out) const {
  const int64_t now = passed_ns_;
  size_t i = 0;
  for (uint32_t s = 0; s < streams_; ++s) {
    const auto& line = world_->WaitingOf(s);
    out[i++] = static_cast<float>(line.size());
    const int64_t age = line.empty() ? 0 : now - world_->ArrivalOf(line.begin()->second);
    out[i++] = static_cast<float>(static_cast<double>(age) / 1e9);
  }
  for (uint32_t g = 0; g < groups_; ++g) {
    uint32_t free = 0, there = 0;
    int64_t idle = 0;
    for (uint32_t agent = 0; agent < group_of_agent_.size(); ++agent) {
      if (group_of_agent_[agent] != g) continue;
      if (world_->people().IsFree(agent)) {
        ++free;
        idle = std::max(idle, now - world_->people().FreeSince(agent));
      }
      there += world_->people().IsThere(agent) ? 1 : 0;
    }
    out[i++] = static_cast<float>(free);
    out[i++] = static_cast<float>(there);
    out[i++] = static_cast<float>(static_cast<double>(idle) / 1e9);
  }
  out[i] = static_cast<float>(static_cast<double>(now) / kHour);
}

void Decisions::Mask(std::span<uint8_t> out) const {
  const bool open = state_ == KOBLE_DECISION_OPEN;
  for (uint32_t s = 0; s < streams_; ++s) {
    for (uint32_t g = 0; g < groups_; ++g) out[s * groups_ + g] = open && May(s, g) ? 1 : 0;
  }
  out[static_cast<size_t>(Defer())] = 1;
}

}  // namespace koble::sim
