#include "sim/people.h"

#include <algorithm>

#include "sim/math.h"

namespace koble::sim {

People::People(const Model& model, uint32_t agents) : model_(model), agents_(agents) {}

double People::Length(uint32_t agent, uint32_t stream, int64_t service_ns) {
  const PeopleModel& kind = KindOf(agent);
  auto length = static_cast<double>(service_ns);
  if (!model_.factors.empty()) length *= model_.factors[stream * agents_.size() + agent];
  if (kind.learning_contacts > 0) {
    const auto handled = static_cast<double>(agents_[agent].handled);
    length *= 1 + (kind.learning_first - 1) * Exp(-handled / kind.learning_contacts);
  }
  return length;
}

double People::Speed(uint32_t agent) const {
  const std::vector<double>& speeds = KindOf(agent).speeds;
  const size_t count = agents_[agent].work.size();
  return speeds.empty() || count == 0 ? 1.0 : speeds[std::min(count, speeds.size()) - 1];
}

int64_t People::EndNs(uint32_t agent, const Work& work, int64_t now) const {
  return now + WholeNs(work.rest_ns / Speed(agent));
}

int64_t People::Overlap(int64_t begin, int64_t end) const {
  return std::max<int64_t>(0, std::min(end, model_.to_ns) - std::max(begin, model_.from_ns));
}

void People::Settle(Agent& agent, double speed, int64_t now) const {
  const int64_t passed = now - agent.settled_ns;
  for (Work& work : agent.work) work.rest_ns = std::max(work.rest_ns - static_cast<double>(passed) * speed, 0.0);
  const int64_t counted = Overlap(agent.settled_ns, now);
  const bool busy = !agent.work.empty() || agent.wrapping > 0;
  if (agent.available || busy) agent.spent.present_ns += counted;
  if (busy) agent.spent.busy_ns += counted;
  agent.spent.talk_ns += counted * static_cast<int64_t>(agent.work.size());
  agent.spent.wrap_ns += counted * agent.wrapping;
  agent.settled_ns = now;
}

void People::Count(const Agent& agent, int sign) {
  const bool busy = !agent.work.empty() || agent.wrapping > 0;
  if (agent.available || busy) present_ += sign;
  if (busy) busy_ += sign;
  if (agent.available && !busy) free_ += sign;
}

template <typename Step>
void People::Change(uint32_t number, int64_t now, Step step) {
  all_busy_ns_ = AllBusyNs(now);
  counted_ns_ = now;
  Agent& agent = agents_[number];
  Settle(agent, Speed(number), now);
  Count(agent, -1);
  step(agent);
  Count(agent, 1);
}

void People::SetAvailable(uint32_t agent, bool available, int64_t now) {
  Change(agent, now, [&](Agent& one) { one.available = available; });
}

void People::Begin(uint32_t agent, uint32_t person, double length_ns, int64_t now) {
  Change(agent, now, [&](Agent& one) {
    one.work.push_back({person, length_ns});
    ++one.handled;
    if (now >= model_.from_ns && now < model_.to_ns) ++one.spent.served;
  });
}

void People::End(uint32_t agent, uint32_t person, int64_t now) {
  Change(agent, now,
         [&](Agent& one) { std::erase_if(one.work, [&](const Work& work) { return work.person == person; }); });
}

void People::BeginWrapUp(uint32_t agent, int64_t now) {
  Change(agent, now, [](Agent& one) { ++one.wrapping; });
}

void People::EndWrapUp(uint32_t agent, int64_t now) {
  Change(agent, now, [](Agent& one) { one.wrapping -= one.wrapping > 0 ? 1 : 0; });
}

koble_world_agent People::Spent(uint32_t number, int64_t now) const {
  Agent agent = agents_[number];
  Settle(agent, 0, now);
  return agent.spent;
}

int64_t People::AllBusyNs(int64_t now) const {
  return all_busy_ns_ + (present_ > 0 && free_ == 0 ? Overlap(counted_ns_, now) : 0);
}

}  // namespace koble::sim
