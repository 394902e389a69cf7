#include "plan/compile.h"

#include <algorithm>
#include <iterator>

#include "koble/koble.h"
#include "plan/text.h"

namespace koble::plan {
namespace {

std::string Entry(const char* list, size_t index, const char* part = "") {
  std::string place = list + ('[' + std::to_string(index) + ']');
  if (*part != '\0') place += std::string(".") + part;
  return place;
}

// Fills an index from the names of a list and reports those that come twice.
template <class List, class NameOf>
void IndexNames(const char* list_name, const char* part, const List& list, const NameOf& name_of, Index* index,
                Mistakes* mistakes) {
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string& name = name_of(list[i]);
    if (name.empty()) continue;  // reported by the reader
    const auto inserted = index->try_emplace(name, static_cast<uint32_t>(i));
    if (inserted.second) continue;
    const uint32_t first = inserted.first->second;
    mistakes->Add([&] {
      return Entry(list_name, i, part) + ": name " + Quoted(name) + " is taken by " + Entry(list_name, first) +
             "; names are given once";
    });
  }
}

// "unknown skill "norwegain"; did you mean "norwegian"?"
template <class NameAt>
std::string Unknown(const char* what, std::string_view name, size_t count, const NameAt& name_at) {
  std::string text = std::string("unknown ") + what + " " + Quoted(name);
  const auto nearest = Nearest(name, count, name_at);
  if (nearest) return text + "; did you mean " + Quoted(*nearest) + "?";
  return text + "; list it in \"" + what + "s\"";
}

std::string UnknownSkill(const Plan& plan, std::string_view name) {
  return Unknown("skill", name, plan.skills.size(), [&](size_t i) { return std::string_view(plan.skills[i]); });
}

// Reports entries that name nothing in the plan.
void CheckEntries(const Plan& plan, const std::vector<LevelSpec>& skills, const std::vector<LevelSpec>& channels,
                  const std::vector<LevelSpec>& labels, const Where& where, Mistakes* mistakes) {
  for (const LevelSpec& entry : labels) {
    if (entry.name.empty() || Find(plan.lookup->labels, entry.name)) continue;
    mistakes->Add([&] { return where("labels") + ": " + UnknownLabel(plan, entry.name); });
  }
  for (const LevelSpec& entry : skills) {
    if (entry.name.empty() || Find(plan.lookup->skills, entry.name)) continue;
    mistakes->Add([&] { return where("skills") + ": " + UnknownSkill(plan, entry.name); });
  }
  for (const LevelSpec& entry : channels) {
    if (entry.name.empty() || Find(plan.lookup->channels, entry.name)) continue;
    mistakes->Add([&] { return where("channels") + ": " + UnknownChannel(plan, entry.name); });
  }
}

// Lays `entries` over the skills in `skills`; both end up by rising number, without level 0.
void MergeSkills(const Plan& plan, const std::vector<LevelSpec>& entries, std::vector<SkillLevel>* skills) {
  if (entries.empty()) return;
  const auto by_skill = [](const SkillLevel& a, const SkillLevel& b) { return a.skill < b.skill; };
  std::vector<SkillLevel> own;
  own.reserve(entries.size());
  for (const LevelSpec& entry : entries) {
    const auto skill = Find(plan.lookup->skills, entry.name);
    if (skill) own.push_back({*skill, static_cast<int32_t>(entry.level)});
  }
  std::sort(own.begin(), own.end(), by_skill);
  std::vector<SkillLevel> merged;
  merged.reserve(own.size() + skills->size());
  // Where both have a skill, the first range's entry is taken.
  std::set_union(own.begin(), own.end(), skills->begin(), skills->end(), std::back_inserter(merged), by_skill);
  const auto skill_count = static_cast<uint32_t>(plan.skills.size());
  std::erase_if(merged, [&](const SkillLevel& entry) { return entry.level == 0 && entry.skill < skill_count; });
  *skills = std::move(merged);
}

// Lays `entries` over the attributes that stand behind the skills.
void MergeAttributes(const Plan& plan, const std::vector<LevelSpec>& entries, std::vector<SkillLevel>* qualities) {
  for (const LevelSpec& entry : entries) {
    const auto attribute = Find(plan.lookup->attributes, entry.name);
    if (!attribute) continue;
    const uint32_t number = static_cast<uint32_t>(plan.skills.size()) + *attribute;
    const int64_t value = entry.text.empty() ? entry.level : int64_t{Find(plan.lookup->values, entry.text).value_or(0)};
    const auto at = std::lower_bound(qualities->begin(), qualities->end(), number,
                                     [](const SkillLevel& one, uint32_t wanted) { return one.skill < wanted; });
    if (at != qualities->end() && at->skill == number) {
      at->level = static_cast<int32_t>(value);
    } else {
      qualities->insert(at, {number, static_cast<int32_t>(value)});
    }
  }
}

void CheckAttributes(const Plan& plan, const std::vector<LevelSpec>& entries, const Where& where, Mistakes* mistakes) {
  for (const LevelSpec& entry : entries) {
    if (entry.name.empty()) continue;
    const auto number = Find(plan.lookup->attributes, entry.name);
    const auto say = [&](const auto& what) { mistakes->Add([&] { return where("attributes") + ": " + what(); }); };
    if (!number) {
      say([&] {
        return Unknown("attribute", entry.name, plan.attributes.size(),
                       [&](size_t i) { return std::string_view(plan.attributes[i].name); });
      });
      continue;
    }
    const std::vector<std::string>& values = plan.attributes[*number].values;
    if (values.empty() && !entry.text.empty()) {
      say([&] {
        return Quoted(entry.name) + " declares no values, so its value is a whole number, not " + Quoted(entry.text) +
               "; give a number, or list the attribute's \"values\"";
      });
    } else if (!values.empty() && entry.text.empty()) {
      say([&] {
        return "the value of " + Quoted(entry.name) + " is one of its declared values, in quotes, not " +
               std::to_string(entry.level);
      });
    } else if (!values.empty() && std::find(values.begin(), values.end(), entry.text) == values.end()) {
      say([&] {
        const auto nearest = Nearest(entry.text, values.size(), [&](size_t i) { return std::string_view(values[i]); });
        return "unknown value " + Quoted(entry.text) + " of " + Quoted(entry.name) +
               (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in the attribute's \"values\"");
      });
    }
  }
}

void ReplaceChannels(const Plan& plan, const std::vector<LevelSpec>& entries, std::vector<int32_t>* channel_max) {
  if (entries.empty()) return;
  std::fill(channel_max->begin(), channel_max->end(), 0);
  for (const LevelSpec& entry : entries) {
    const auto channel = Find(plan.lookup->channels, entry.name);
    if (channel) (*channel_max)[*channel] = static_cast<int32_t>(entry.level);
  }
}

void ReplaceLabels(const Plan& plan, const std::vector<LevelSpec>& entries, std::vector<int32_t>* label_max) {
  for (const LevelSpec& entry : entries) {
    const auto label = Find(plan.lookup->labels, entry.name);
    if (label) (*label_max)[*label] = static_cast<int32_t>(entry.level);
  }
}

// What somebody is who says nothing about himself: every channel and label with its own maximum.
Capability Plain(const Plan& plan) {
  Capability capability;
  for (const Channel& channel : plan.channels) {
    capability.channel_max.push_back(channel.max == 0 ? INT32_MAX : channel.max);
  }
  for (const Label& label : plan.labels) {
    capability.label_max.push_back(label.max == 0 ? INT32_MAX : label.max);
  }
  return capability;
}

void TakeMisses(const MissesSpec& spec, MissRule* rule) {
  if (spec.limit == kAbsent) return;
  *rule = {spec.limit, spec.presence == 0 ? uint32_t{KOBLE_PRESENCE_BREAK} : uint32_t{KOBLE_PRESENCE_OFFLINE},
           spec.reason, spec.grace};
}

Capability ResolveProfile(const Plan& plan, const ProfileSpec& profile) {
  Capability capability = Plain(plan);
  MergeSkills(plan, profile.skills, &capability.skills);
  MergeAttributes(plan, profile.attributes, &capability.skills);
  ReplaceChannels(plan, profile.channels, &capability.channel_max);
  ReplaceLabels(plan, profile.labels, &capability.label_max);
  SettleMedia(plan, &capability);
  capability.capacity = profile.capacity;
  capability.wrap_up_ns = profile.wrap_up == kAbsent ? kUnset : profile.wrap_up;
  capability.pull = profile.pull != 0;
  capability.weight = profile.weight;
  TakeMisses(profile.misses, &capability.misses);
  return capability;
}

// Whether some listed profile or agent could ever serve a queue: asked once for equal (channel, steps), and given up
// with "perhaps" after a number of tries, so that a warning never costs more than the plan.
class Servers {
 public:
  Servers(const Plan& plan, const PlanSpec& spec) : plan_(plan), spec_(spec) {}

  bool MightServe(uint32_t number) {
    const Queue& queue = plan_.queues[number];
    const auto& profiles = plan_.lookup->profile_capabilities;
    if (spec_.agents.empty() && profiles.empty()) return true;  // all agents come by command
    std::vector<uint32_t> key{queue.channel};
    for (const Step& step : queue.steps) key.push_back(step.requirement);
    if (plan_.tables.size() > 1) key.push_back(number);  // each may be another thing to the tables
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    const bool might = Search(number, profiles) || Search(number, Agents());
    known_.emplace(std::move(key), might);
    return might;
  }

 private:
  // Agents who are not just as their profile; made when the profiles did not do.
  const std::vector<Capability>& Agents() {
    if (agents_made_) return agents_;
    agents_made_ = true;
    for (const AgentSpec& agent : spec_.agents) {
      const bool own = !agent.skills.empty() || !agent.attributes.empty() || !agent.channels.empty() ||
                       !agent.labels.empty() || agent.capacity != kAbsent;
      if (own || agent.profile.empty()) agents_.push_back(ResolveAgent(plan_, agent));
      if (agents_.size() >= tries_) break;
    }
    return agents_;
  }

  // While he has nothing else.
  bool HasRoom(const Capability& capability, uint32_t number) const {
    const Channel& channel = plan_.channels[number];
    int64_t units = channel.cost;
    for (const uint32_t other : channel.spares) {
      if (capability.channel_max[other] != 0) units += plan_.channels[other].reserve;
    }
    return capability.channel_max[number] != 0 && units <= capability.capacity;
  }

  bool Search(uint32_t number, const std::vector<Capability>& capabilities) {
    const Queue& queue = plan_.queues[number];
    for (const Capability& capability : capabilities) {
      if (tries_ == 0) return true;
      --tries_;
      if (!HasRoom(capability, queue.channel)) continue;
      if (plan_.tables[capability.table].Of(number).never) continue;
      for (const Step& step : queue.steps) {
        const Requirement& requirement = plan_.requirements[step.requirement];
        if (requirement.AsksContact() || requirement.Holds(capability.skills)) return true;  // perhaps
      }
    }
    return tries_ == 0;  // there may be agents who were not looked at
  }

  static constexpr size_t kTries = 10'000;
  const Plan& plan_;
  const PlanSpec& spec_;
  bool agents_made_ = false;
  std::vector<Capability> agents_;
  std::map<std::vector<uint32_t>, bool> known_;
  size_t tries_ = kTries;
};

constexpr size_t kAttributeValues = 10'000;  // of all attributes together

void CompileAttributes(const PlanSpec& spec, Plan* plan, Plan::Lookup* lookup, Mistakes* mistakes) {
  IndexNames(
      "attributes", "name", spec.attributes, [](const AttributeSpec& a) -> const std::string& { return a.name; },
      &lookup->attributes, mistakes);
  size_t values = 0;
  for (size_t i = 0; i < spec.attributes.size(); ++i) {
    const AttributeSpec& attribute = spec.attributes[i];
    Index own;  // two attributes may share a value
    IndexNames(
        Entry("attributes", i, "values").c_str(), "", attribute.values,
        [](const std::string& name) -> const std::string& { return name; }, &own, mistakes);
    values += attribute.values.size();
    plan->attributes.push_back({attribute.name, attribute.values});
    for (const std::string& value : attribute.values) {
      const auto number = static_cast<uint32_t>(plan->values.size() + 1);
      if (!lookup->values.try_emplace(value, number).second) continue;
      plan->values.push_back(value);
      plan->value_skills.push_back(Find(lookup->skills, value));
    }
  }
  if (values > kAttributeValues) {
    mistakes->Add([&] {
      return "attributes: " + std::to_string(values) + " values in all; at most " + std::to_string(kAttributeValues) +
             " are allowed; declare those that the plan needs, and intern the others while the engine runs";
    });
  }
}

void CompileChannels(PlanSpec* spec, Plan* plan) {
  for (ChannelSpec& from : spec->channels) {
    // What says the default does not tell two equal plans apart.
    if (from.silent.forget == kNever) from.silent.forget = kAbsent;
    Channel& channel = plan->channels.emplace_back();
    channel.name = from.name;
    channel.channel = static_cast<uint32_t>(plan->channels.size() - 1);
    channel.cost = from.cost;
    channel.max = static_cast<int32_t>(from.max);
    channel.max_open_offers = static_cast<int32_t>(from.max_open_offers);
    channel.reserve = from.reserve;
    if (from.silent.after != kAbsent) {
      channel.silent_after_ns = from.silent.after;
      channel.silent_return_ns = from.silent.back;
      channel.silent_forget_ns = from.silent.forget == kAbsent ? kNever : from.silent.forget;
    }
    channel.park = from.park.back != kAbsent;
    if (channel.park) channel.park_return_ns = from.park.back;
  }
  if (plan->channels.empty()) plan->channels.emplace_back().name = "voice";
  plan->channel_count = static_cast<uint32_t>(plan->channels.size());
  for (const LabelSpec& label : spec->labels) plan->labels.push_back({label.name, static_cast<int32_t>(label.max)});
}

}  // namespace

std::string UnknownChannel(const Plan& plan, std::string_view name) {
  return Unknown("channel", name, plan.channel_count,
                 [&](size_t i) { return std::string_view(plan.channels[i].name); });
}
std::string UnknownLabel(const Plan& plan, std::string_view name) {
  return Unknown("label", name, plan.labels.size(), [&](size_t i) { return std::string_view(plan.labels[i].name); });
}

std::optional<uint32_t> Find(const Index& index, std::string_view name) {
  const auto found = index.find(name);
  if (found == index.end()) return std::nullopt;
  return found->second;
}

void CheckAgent(const Plan& plan, const AgentSpec& agent, const Where& where, Mistakes* mistakes) {
  const Plan::Lookup& lookup = *plan.lookup;
  if (!agent.profile.empty() && !Find(lookup.profiles, agent.profile)) {
    mistakes->Add([&] {
      return where("profile") + ": " + Unknown("profile", agent.profile, lookup.profile_names.size(), [&](size_t i) {
               return std::string_view(lookup.profile_names[i]);
             });
    });
  }
  CheckEntries(plan, agent.skills, agent.channels, agent.labels, where, mistakes);
  CheckAttributes(plan, agent.attributes, where, mistakes);
}

Capability ResolveAgent(const Plan& plan, const AgentSpec& agent) {
  const auto profile = Find(plan.lookup->profiles, agent.profile);
  Capability capability = profile ? plan.lookup->profile_capabilities[*profile] : Plain(plan);
  MergeSkills(plan, agent.skills, &capability.skills);
  MergeAttributes(plan, agent.attributes, &capability.skills);
  ReplaceChannels(plan, agent.channels, &capability.channel_max);
  ReplaceLabels(plan, agent.labels, &capability.label_max);
  SettleMedia(plan, &capability);
  if (agent.capacity != kAbsent) capability.capacity = agent.capacity;
  if (agent.wrap_up != kAbsent) capability.wrap_up_ns = agent.wrap_up;
  if (agent.pull != kAbsent) capability.pull = agent.pull != 0;
  if (agent.weight != kAbsent) capability.weight = agent.weight;
  TakeMisses(agent.misses, &capability.misses);
  return capability;
}

std::shared_ptr<Plan> Compile(PlanSpec* spec, Mistakes* mistakes, Mistakes* warnings) {
  auto plan = std::make_shared<Plan>();
  auto lookup = std::make_shared<Plan::Lookup>();
  plan->lookup = lookup;
  plan->name = spec->name;
  CompileChannels(spec, plan.get());
  plan->skills = spec->skills;
  plan->outage = {spec->outage.max_wait != 0, spec->outage.ring != 0,    spec->outage.connect != 0,
                  spec->outage.retry != 0,    spec->outage.wrap_up != 0, spec->outage.penalty != 0,
                  spec->outage.steps != 0,    spec->outage.request != 0, spec->outage.silence != 0};

  const auto name_of = [](const auto& entry) -> const std::string& { return entry.name; };
  IndexNames("channels", "name", plan->channels, name_of, &lookup->channels, mistakes);
  IndexNames("labels", "name", plan->labels, name_of, &lookup->labels, mistakes);
  CompileMedia(*spec, plan.get(), lookup.get(), mistakes, warnings);
  IndexNames(
      "skills", "", plan->skills, [](const std::string& name) -> const std::string& { return name; }, &lookup->skills,
      mistakes);
  IndexNames("profiles", "name", spec->profiles, name_of, &lookup->profiles, mistakes);
  IndexNames("agents", "name", spec->agents, name_of, &lookup->agents, mistakes);
  IndexNames("queues", "name", spec->queues, name_of, &lookup->queues, mistakes);
  CompileAttributes(*spec, plan.get(), lookup.get(), mistakes);

  for (size_t i = 0; i < spec->profiles.size(); ++i) {
    const ProfileSpec& profile = spec->profiles[i];
    const auto where = [i](const char* part) { return Entry("profiles", i, part); };
    CheckEntries(*plan, profile.skills, profile.channels, profile.labels, where, mistakes);
    CheckAttributes(*plan, profile.attributes, where, mistakes);
    lookup->profile_names.push_back(profile.name);
    lookup->profile_capabilities.push_back(ResolveProfile(*plan, profile));
  }
  for (size_t i = 0; i < spec->agents.size(); ++i) {
    CheckAgent(
        *plan, spec->agents[i], [i](const char* part) { return Entry("agents", i, part); }, mistakes);
  }
  CompileQueues(spec, plan.get(), mistakes, warnings);
  CompileTables(*spec, plan.get(), &lookup->profile_capabilities, mistakes, warnings);
  CompilePolicies(*spec, plan.get(), &lookup->profile_capabilities, mistakes);
  if (!mistakes->empty()) return plan;

  Servers servers(*plan, *spec);
  for (size_t i = 0; i < plan->queues.size(); ++i) {
    if (servers.MightServe(static_cast<uint32_t>(i))) continue;
    warnings->Add([&] {
      return Entry("queues", i) + ": no listed agent or profile could ever serve " + Quoted(plan->queues[i].name);
    });
  }
  return plan;
}

}  // namespace koble::plan
