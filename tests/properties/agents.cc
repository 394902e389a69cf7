// What events say of agents (docs/model.md, 3).
#include <algorithm>

#include "properties/observer.h"

namespace koble::testing {

void Observer::SeeAgent(const koble_event& event, const Command& command, const AgentName& agent_name) {
  if (event.kind == KOBLE_EVENT_AGENT_GONE) {
    agents_.erase(event.agent);
    return;
  }
  Agent& agent = agents_[event.agent];
  switch (event.kind) {
    case KOBLE_EVENT_PENALISED:
      agent.penalised_until = event.a;
      break;
    case KOBLE_EVENT_PENALTY_END:
      agent.penalised_until = 0;
      agent.idle_since = std::max(agent.idle_since, event.due_ns);
      break;
    case KOBLE_EVENT_AGENT_ADDED:
    case KOBLE_EVENT_AGENT_CHANGED: {
      if (event.kind == KOBLE_EVENT_AGENT_ADDED && event.a == 0) agent.number = ++last_agent_;
      agent.leaving = false;
      std::string name = agent_name(event.agent);
      if (command.command.kind == KOBLE_CMD_PLAN_REPLACE) {
        agent.definition = plan_->agents[plan_->FindAgent(name).value()];
      } else {
        agent.definition = plan::ReadAgent(command.data, nullptr).value();
      }
      Lay(&agent);
      break;
    }
    case KOBLE_EVENT_AGENT_REMOVED:
      agent.leaving = true;
      agent.presence = KOBLE_PRESENCE_OFFLINE;
      break;
    case KOBLE_EVENT_PRESENCE:
      CheckMisses(event);
      if (event.reason == KOBLE_PRESENCE_AVAILABLE && agent.presence != KOBLE_PRESENCE_AVAILABLE) {
        agent.idle_since = std::max(agent.idle_since, event.due_ns);
        agent.misses = 0;
      }
      agent.presence = event.reason;
      break;
    case KOBLE_EVENT_AGENT_SKILL_CHANGED:
      return SeeSkill(event, command);
    default:  // request_end
      agent.requests = false;
      break;
  }
}

// 3.10: his own level comes back when its time is over, not before.
void Observer::SeeSkill(const koble_event& event, const Command& command) {
  Agent& agent = agents_[event.agent];
  const std::string& skill = plan_->skills.at(event.reason);
  const auto had = agent.changed_skills.find(skill);
  if (event.b == 0) {
    const koble_command& c = command.command;
    const bool taken_back = c.kind == KOBLE_CMD_AGENT_SKILL && c.target == event.agent && command.data == skill;
    if (had == agent.changed_skills.end() || (had->second.second != event.due_ns && !taken_back)) {
      Note(Promise::kTimers, "a skill came back at another time", &event);
    }
    agent.changed_skills.erase(skill);
  } else {
    agent.changed_skills[skill] = {event.a, event.b};
  }
  Lay(&agent);
  int64_t level = 0;
  for (const plan::SkillLevel& one : agent.can.skills) level += one.skill == event.reason ? one.level : 0;
  if (level != event.a && !agent.leaving) Note(Promise::kConservation, "a skill of another level than it says", &event);
}

// By his definition, with the changed skills over it.
void Observer::Lay(Agent* agent) const {
  const auto can = plan_->Resolve(agent->definition, nullptr);
  if (!can) return;
  agent->can = *can;
  std::vector<plan::SkillLevel>& skills = agent->can.skills;
  for (const auto& [name, changed] : agent->changed_skills) {
    const uint32_t number = plan_->FindSkill(name).value();
    std::erase_if(skills, [&](const plan::SkillLevel& one) { return one.skill == number; });
    if (changed.first > 0) skills.push_back({number, static_cast<int32_t>(changed.first)});
  }
  std::sort(skills.begin(), skills.end());
}

}  // namespace koble::testing
