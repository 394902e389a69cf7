// Skills that commands have changed (3.10).
#include <algorithm>

#include "reference/router.h"

namespace koble::reference {
namespace {

int64_t LevelOf(const plan::Capability& can, uint32_t skill) {
  for (const plan::SkillLevel& one : can.skills) {
    if (one.skill == skill) return one.level;
  }
  return 0;
}

}  // namespace

bool SkillInRange(const koble_command& command, std::string_view data) {
  if (data.empty()) return false;
  if (command.a == KOBLE_SKILL_OWN) return command.b == 0;
  const bool length = (command.b >= 1 && command.b <= KOBLE_DURATION_MAX) || command.b == KOBLE_NEVER;
  return command.a >= 0 && command.a <= 1'000'000 && length;
}

// The changed levels over those of his definition; skills and attributes stay in order of number.
void Router::Lay(Agent& agent) {
  agent.can = agent.own;
  std::vector<plan::SkillLevel>& skills = agent.can.skills;
  for (const auto& [name, changed] : agent.changed_skills) {
    const uint32_t number = plan_->FindSkill(name).value();
    std::erase_if(skills, [&](const plan::SkillLevel& one) { return one.skill == number; });
    if (changed.first > 0) skills.push_back({number, static_cast<int32_t>(changed.first)});
  }
  std::sort(skills.begin(), skills.end());
}

int32_t Router::AgentSkill(const koble_command& command, std::string_view name) {
  if (const int32_t code = Check(command.target, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
  Agent& agent = *FindAgent(command.target);
  if (agent.leaving) return KOBLE_ERR_UNKNOWN;
  const std::optional<uint32_t> skill = plan_->FindSkill(name);
  if (!skill) return KOBLE_ERR_UNKNOWN;
  const std::string key(name);
  const bool own = command.a == KOBLE_SKILL_OWN;
  const std::pair<int64_t, int64_t> wanted{command.a, command.b == KOBLE_NEVER ? plan::kNever : now_ + command.b};
  const auto had = agent.changed_skills.find(key);
  if (had == agent.changed_skills.end() ? own : !own && had->second == wanted) return KOBLE_OK;
  if (had == agent.changed_skills.end() && agent.changed_skills.size() == KOBLE_AGENT_SKILLS_MAX)
    return KOBLE_ERR_LIMIT;
  changed_ = true;
  if (own) {
    agent.changed_skills.erase(key);
  } else {
    agent.changed_skills[key] = wanted;
  }
  Lay(agent);
  koble_event& event = Emit(KOBLE_EVENT_AGENT_SKILL_CHANGED, agent, *skill);
  event.a = LevelOf(agent.can, *skill);
  event.b = own ? 0 : wanted.second;
  Trigger(agent);
  return KOBLE_OK;
}

// All that are due, in order of the skills' numbers.
void Router::ExpireSkills(Agent& agent) {
  std::map<uint32_t, std::string> due;
  for (const auto& [name, changed] : agent.changed_skills) {
    if (changed.second <= instant_) due[plan_->FindSkill(name).value()] = name;
  }
  for (const auto& [number, name] : due) {
    agent.changed_skills.erase(name);
    Emit(KOBLE_EVENT_AGENT_SKILL_CHANGED, agent, number).a = LevelOf(agent.own, number);
  }
  Lay(agent);
  Trigger(agent);
}

}  // namespace koble::reference
