#include "sim/model.h"

#include <algorithm>

namespace koble::sim {
namespace {

bool Duration(int64_t value) { return value >= 0 && value <= KOBLE_DURATION_MAX; }
bool Chance(double value) { return value >= 0 && value <= 1; }

std::string MistakeOfArrivals(const StreamModel& stream, int64_t horizon_ns) {
  if (!stream.pieces.empty() && !stream.times_ns.empty()) return "give rates or times, not both";
  if (!stream.pieces.empty()) return Mistake(stream.pieces, horizon_ns);
  if (!std::is_sorted(stream.times_ns.begin(), stream.times_ns.end())) return "times_ns must rise";
  if (!stream.times_ns.empty() && (stream.times_ns.front() < 0 || stream.times_ns.back() > KOBLE_TIME_MAX / 2))
    return "times_ns: a time is negative or too late for a run";
  return "";
}

std::string MistakeOfColumns(const StreamModel& stream) {
  for (const auto* column : {&stream.services_ns, &stream.patiences_ns}) {
    if (column->empty()) continue;
    if (column->size() != stream.times_ns.size() || stream.batch.has_value())
      return "services_ns and patiences_ns need times_ns of the same length, and no batch";
  }
  if (!std::all_of(stream.services_ns.begin(), stream.services_ns.end(), Duration))
    return "services_ns: a value is no duration";
  const auto patience = [](int64_t value) { return value == KOBLE_NEVER || Duration(value); };
  if (!std::all_of(stream.patiences_ns.begin(), stream.patiences_ns.end(), patience))
    return "patiences_ns: a value is no duration";
  return "";
}

std::string MistakeOfStream(const StreamModel& stream, const plan::Plan& plan, int64_t horizon_ns) {
  if (stream.queues.empty() || stream.queues.size() > KOBLE_CONTACT_QUEUES_MAX) return "give 1 to 8 queues";
  for (const uint32_t queue : stream.queues) {
    if (queue >= plan.queue_count) return "the plan has no queue " + std::to_string(queue);
  }
  if (std::string mistake = MistakeOfArrivals(stream, horizon_ns); !mistake.empty()) return mistake;
  if (std::string mistake = MistakeOfColumns(stream); !mistake.empty()) return mistake;
  if (!stream.service.has_value() && stream.services_ns.empty() && !(stream.pieces.empty() && stream.times_ns.empty()))
    return "give a law of service";
  if (!Chance(stream.balk)) return "balk is a probability";
  if (!Chance(stream.again_probability)) return "again_probability is a probability";
  if (stream.again_after > 15) return "again_after is a sum of KOBLE_AGAIN_";
  if (stream.again_after != 0 && !stream.again_delay.has_value()) return "who tries again needs again_delay";
  if (stream.attributes.size() > KOBLE_CONTACT_ATTRIBUTES_MAX) return "too many attributes";
  return "";
}

std::string MistakeOfPeople(const PeopleModel& people) {
  if (!Chance(people.decline) || !Chance(people.miss) || people.decline + people.miss > 1)
    return "decline and miss are probabilities, together at most 1";
  for (const double speed : people.speeds) {
    if (!(speed >= 1e-6 && speed <= 1e6)) return "speeds are 10^-6 to 10^6";
  }
  if (people.learning_contacts < 0 || people.learning_contacts > 1e9) return "learning_contacts is 0 to 10^9";
  if (people.learning_contacts > 0 && !(people.learning_first > 0 && people.learning_first <= 1000))
    return "learning_first is more than 0, at most 1000";
  return "";
}

std::string MistakeOfLevels(const Model& model, const plan::Plan& plan) {
  if (!model.group_of_agent.empty() && model.group_of_agent.size() != plan.agents.size())
    return "group_of_agent: one for each agent that the plan lists";
  int64_t last = 0;
  for (size_t i = 0; i < model.levels.size(); ++i) {
    const koble_world_level& level = model.levels[i];
    const std::string place = "level " + std::to_string(i) + ": ";
    if (level.time_ns < last) return place + "is earlier than the one in front of it; sort by time_ns";
    last = level.time_ns;
    const auto members = std::count(model.group_of_agent.begin(), model.group_of_agent.end(), level.group);
    if (level.group == UINT32_MAX || level.count > static_cast<uint64_t>(members))
      return place + "group " + std::to_string(level.group) + " has " + std::to_string(members) + " agents";
  }
  return "";
}

}  // namespace

OwnLaw::OwnLaw(const Law& law)
    : law_(law), values_(law.values.begin(), law.values.end()), weights_(law.weights.begin(), law.weights.end()) {
  for (const Law& part : law.parts) own_parts_.emplace_back(part);
  for (const OwnLaw& part : own_parts_) parts_.push_back(part.law_);
  law_.values = values_;
  law_.weights = weights_;
  law_.parts = parts_;
}

std::string MistakeOfPresence(const std::vector<koble_sim_presence>& presence, const plan::Plan& plan) {
  int64_t last = 0;
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

std::string Mistake(const Model& model, const plan::Plan& plan) {
  if (model.horizon_ns < 1 || model.horizon_ns > KOBLE_TIME_MAX / 2) return "horizon_ns is too early or too late";
  if (model.from_ns < 0 || model.to_ns < model.from_ns) return "from_ns is 0 or more, and not later than to_ns";
  if (model.purpose < kUser || model.purpose > (1u << 30) || model.streams.size() > (1u << 20))
    return "purpose is KOBLE_SIM_USER to 2^30";
  for (size_t i = 0; i < model.streams.size(); ++i) {
    const std::string mistake = MistakeOfStream(model.streams[i], plan, model.horizon_ns);
    if (!mistake.empty()) return "stream " + std::to_string(i) + ": " + mistake;
  }
  for (size_t i = 0; i < model.people.size(); ++i) {
    const std::string mistake = MistakeOfPeople(model.people[i]);
    if (!mistake.empty()) return "people " + std::to_string(i) + ": " + mistake;
  }
  for (const uint32_t kind : model.people_of_agent) {
    if (kind >= model.people.size()) return "people_of_agent: there are no people " + std::to_string(kind);
  }
  for (const double factor : model.factors) {
    if (!(factor >= 1e-6 && factor <= 1e6)) return "factors are 10^-6 to 10^6";
  }
  if (!std::is_sorted(model.sample_ns.begin(), model.sample_ns.end()) ||
      (!model.sample_ns.empty() && model.sample_ns.front() < 0))
    return "sample_ns must rise from 0";
  if (std::string mistake = MistakeOfLevels(model, plan); !mistake.empty()) return mistake;
  return MistakeOfPresence(model.presence, plan);
}

}  // namespace koble::sim
