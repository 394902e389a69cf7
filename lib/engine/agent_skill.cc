// Skills that commands change while an agent works, for a time or for good (docs/model.md, 3.10). They lie over his definition.
#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/machine.h"

namespace koble::engine {

using state::Override;

namespace {

// Levels above 0 in order of number.
void SetLevel(std::vector<plan::SkillLevel>* skills, uint32_t skill, int64_t level) {
  const auto at = std::lower_bound(skills->begin(), skills->end(), skill,
                                   [](const plan::SkillLevel& one, uint32_t wanted) { return one.skill < wanted; });
  const bool has = at != skills->end() && at->skill == skill;
  const auto value = static_cast<decltype(plan::SkillLevel::level)>(level);
  if (has && level == 0) {
    skills->erase(at);
  } else if (has) {
    at->level = value;
  } else if (level != 0) {
    skills->insert(at, plan::SkillLevel{skill, value});
  }
}

int64_t LevelIn(std::span<const plan::SkillLevel> skills, uint32_t skill) {
  for (const plan::SkillLevel& one : skills) {
    if (one.skill == skill) return one.level;
  }
  return 0;
}

}  // namespace

int32_t Machine::CheckSkill(const koble_command& c, std::string_view data) {
  if (data.empty()) return Refuse(KOBLE_ERR_ARGUMENT, "the skill is given by its name");
  if (c.a == KOBLE_SKILL_OWN && c.b == 0) return KOBLE_OK;
  if (c.a < 0 || c.a > plan::kMostLevel) {
    return Refuse(KOBLE_ERR_ARGUMENT, "level must be 0 to 1000000, or KOBLE_SKILL_OWN with for_ns 0");
  }
  if ((c.b < 1 || c.b > KOBLE_DURATION_MAX) && c.b != KOBLE_NEVER) {
    return Refuse(KOBLE_ERR_ARGUMENT, "for_ns must be 1 to 100 years, or KOBLE_NEVER");
  }
  return KOBLE_OK;
}

int32_t Machine::SetSkill(koble_id id, std::string_view name, int64_t level, int64_t for_ns) {
  state::State& s = *state_;
  if (const int32_t code = CheckAgent(id); code != KOBLE_OK) return code;
  const std::optional<uint32_t> skill = s.plan->FindSkill(name);
  if (!skill) return Refuse(KOBLE_ERR_UNKNOWN, absl::StrCat("unknown skill \"", std::string(name), "\""));
  const uint32_t agent = KOBLE_ID_SLOT(id);
  const bool own = level == KOBLE_SKILL_OWN;
  const int64_t until_ns = for_ns == KOBLE_NEVER ? KOBLE_NEVER : Later(s.now_ns, for_ns);
  size_t count = 0;
  uint32_t before = kNil;  // the one behind which it stands
  uint32_t had = kNil;
  for (uint32_t o = s.agents[agent].overrides; o != kNil; o = s.overrides[o].next, ++count) {
    if (s.overrides[o].skill < *skill) before = o;
    if (s.overrides[o].skill == *skill) had = o;
  }
  const bool same =
      had == kNil ? own : !own && s.overrides[had].level == level && s.overrides[had].until_ns == until_ns;
  if (same) {
    changed_ = false;
    return KOBLE_OK;
  }
  if (had == kNil && count == KOBLE_AGENT_SKILLS_MAX) {
    return Refuse(KOBLE_ERR_LIMIT,
                  "64 skills of this agent have been changed; give some back, or change his definition");
  }
  const std::span<const plan::SkillLevel> present = index_.SkillsOf(s.agents[agent].skills);
  const int64_t own_level = had != kNil ? s.overrides[had].own_level : LevelIn(present, *skill);
  const int64_t new_level = own ? own_level : level;
  plan::Capability capability;
  capability.skills.assign(present.begin(), present.end());
  capability.table = index_.TableOf(s.agents[agent].skills);
  SetLevel(&capability.skills, *skill, new_level);
  const uint32_t skills = index_.PrepareSkills(agent, capability);
  Reach reach;
  reach.room.events = 1;
  reach.room.timers = 1;
  reach.room.overrides = 1;
  CountFreed(reach, agent, 0);
  CountReleased(reach, skills);
  Begin(reach);

  // The pool has its room: it does not move any more.
  uint32_t* link = before == kNil ? &s.agents[agent].overrides : &s.overrides[before].next;
  if (own) {
    *link = s.overrides[had].next;
    s.overrides.Free(had);
  } else if (had != kNil) {
    s.overrides[had].level = level;
    s.overrides[had].until_ns = until_ns;
  } else {
    const Override fresh{*skill, *link, level, until_ns, own_level};
    *link = s.overrides.Allocate(fresh);
  }
  ExchangeSkills(agent, index_.TakePreparedSkills(agent));
  Refresh(agent);
  SetAgentTimer(agent);
  EmitSkill(agent, *skill, new_level, own ? 0 : until_ns);
  TriggerAgent(agent);
  return KOBLE_OK;
}

void Machine::EmitSkill(uint32_t agent, uint32_t skill, int64_t level, int64_t until_ns) {
  koble_event& event = EmitAgent(KOBLE_EVENT_AGENT_SKILL_CHANGED, agent);
  event.reason = skill;
  event.a = level;
  event.b = until_ns;
}

// His skills when those that are due are his own again.
plan::Capability Machine::WithoutDue(uint32_t agent, int64_t due_ns) const {
  const state::State& s = *state_;
  const std::span<const plan::SkillLevel> present = index_.SkillsOf(s.agents[agent].skills);
  plan::Capability capability;
  capability.skills.assign(present.begin(), present.end());
  capability.table = index_.TableOf(s.agents[agent].skills);
  for (uint32_t o = s.agents[agent].overrides; o != kNil; o = s.overrides[o].next) {
    const Override& one = s.overrides[o];
    if (one.until_ns <= due_ns) SetLevel(&capability.skills, one.skill, one.own_level);
  }
  return capability;
}

void Machine::CountExpiry(Reach& reach, uint32_t agent, int64_t due_ns) {
  const state::State& s = *state_;
  uint64_t due = 0;
  for (uint32_t o = s.agents[agent].overrides; o != kNil; o = s.overrides[o].next)
    due += s.overrides[o].until_ns <= due_ns;
  if (due == 0) return;
  reach.room.events += due;
  ++reach.agents;  // beside the end of a penalty
  CountReleased(reach, index_.PrepareSkills(agent, WithoutDue(agent, due_ns)));
}

// All that are due, in order of the skills' numbers.
void Machine::ExpireSkills(uint32_t agent) {
  state::State& s = *state_;
  uint32_t skills = index_.TakePreparedSkills(agent);
  if (skills == kNil) skills = index_.InternSkills(WithoutDue(agent, instant_ns_));  // of a resume, on a copy
  for (uint32_t* link = &s.agents[agent].overrides; *link != kNil;) {
    const uint32_t o = *link;
    if (s.overrides[o].until_ns > instant_ns_) {
      link = &s.overrides[o].next;
      continue;
    }
    EmitSkill(agent, s.overrides[o].skill, s.overrides[o].own_level, 0);
    *link = s.overrides[o].next;
    s.overrides.Free(o);
  }
  ExchangeSkills(agent, skills);
  Refresh(agent);
  SetAgentTimer(agent);
  TriggerAgent(agent);
}

// What a definition gives, with the changed skills over it.
plan::Capability Machine::Laid(uint32_t agent, const plan::Capability& capability) const {
  plan::Capability laid = capability;
  for (uint32_t o = state_->agents[agent].overrides; o != kNil; o = state_->overrides[o].next) {
    SetLevel(&laid.skills, state_->overrides[o].skill, state_->overrides[o].level);
  }
  return laid;
}

void Machine::NoteOwnLevels(uint32_t agent, const plan::Capability& capability) {
  for (uint32_t o = state_->agents[agent].overrides; o != kNil; o = state_->overrides[o].next) {
    state_->overrides[o].own_level = LevelIn(capability.skills, state_->overrides[o].skill);
  }
}

void Machine::DropOverrides(uint32_t agent) {
  state::State& s = *state_;
  while (s.agents[agent].overrides != kNil) {
    const uint32_t next = s.overrides[s.agents[agent].overrides].next;
    s.overrides.Free(s.agents[agent].overrides);
    s.agents[agent].overrides = next;
  }
}

}  // namespace koble::engine
