#include "sim/levels.h"

#include <algorithm>

namespace koble::sim {

Levels::Levels(const Model& model) : model_(model), here_(model.group_of_agent.size(), 0) {
  for (uint32_t agent = 0; agent < model.group_of_agent.size(); ++agent) {
    const uint32_t group = model.group_of_agent[agent];
    if (group == UINT32_MAX) continue;
    if (group >= groups_.size()) groups_.resize(group + 1);
    groups_[group].members.push_back(agent);
  }
}

Levels::Turn Levels::Take(const People& people) {
  const koble_world_level& level = model_.levels[next_++];
  Group& group = groups_[level.group];
  Turn turn;
  const uint32_t staying = group.here - group.surplus;
  if (level.count >= staying) {
    uint32_t wanted = level.count - staying;
    const uint32_t kept = std::min(wanted, group.surplus);  // who was to go stays
    group.surplus -= kept;
    wanted -= kept;
    for (auto agent = group.members.begin(); wanted > 0 && agent != group.members.end(); ++agent) {
      if (here_[*agent]) continue;
      here_[*agent] = 1;
      ++group.here;
      --wanted;
      turn.come.push_back(*agent);
    }
    return turn;
  }
  uint32_t leaving = staying - level.count;
  for (auto agent = group.members.rbegin(); leaving > 0 && agent != group.members.rend(); ++agent) {
    if (!here_[*agent] || people.IsBusy(*agent)) continue;
    here_[*agent] = 0;
    --group.here;
    --leaving;
    turn.go.push_back(*agent);
  }
  group.surplus += leaving;
  return turn;
}

bool Levels::Leaves(uint32_t agent) {
  if (agent >= here_.size() || !here_[agent]) return false;
  Group& group = groups_[model_.group_of_agent[agent]];
  if (group.surplus == 0) return false;
  --group.surplus;
  --group.here;
  here_[agent] = 0;
  return true;
}

}  // namespace koble::sim
