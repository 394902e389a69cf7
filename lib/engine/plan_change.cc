// A plan replaced while contacts wait and are served (docs/model.md, section 8): judged as a whole, then carried out.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/machine.h"
#include "plan/rules.h"

namespace koble::engine {

using state::kNone;

// Whether two queues divide their contacts alike, by names.
static bool SameSplit(const plan::Plan& old, const plan::Queue& was, const plan::Plan& fresh, const plan::Queue& is) {
  const std::vector<plan::Split::Share>& before = was.split.shares;
  const std::vector<plan::Split::Share>& after = is.split.shares;
  if (before.empty() || after.empty() || before.size() != after.size()) return false;
  const plan::Attribute& attribute = old.attributes[was.split.attribute];
  const plan::Attribute& other = fresh.attributes[is.split.attribute];
  if (attribute.name != other.name) return false;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].part != after[i].part) return false;
    if (attribute.values[before[i].value] != other.values[after[i].value]) return false;
  }
  return true;
}

// Whether two steps open at the same time and in the same state, as it is written.
static bool SameConditions(const plan::Plan& old, const plan::Step& was, const plan::Plan& fresh,
                           const plan::Step& is) {
  const auto same = [&](uint32_t before, uint32_t after) {
    if (before == plan::kNoCondition || after == plan::kNoCondition) return before == after;
    return old.conditions[before].text == fresh.conditions[after].text;
  };
  return was.after_ns == is.after_ns && same(was.when, is.when) && same(was.early, is.early) && same(was.hold, is.hold);
}

// What the change will do, worked out before anything is touched.
struct Machine::PlanChange {
  std::shared_ptr<const plan::Plan> plan;
  std::shared_ptr<const plan::Plan> old;
  std::vector<uint32_t> queue;     // old number -> new; KOBLE_QUEUE_NONE
  std::vector<uint32_t> rules;     // of contacts that keep theirs: old number -> new
  std::vector<uint32_t> channel;   // old number -> new; kNil
  std::vector<uint32_t> vanished;  // living agents to remove, in the old plan's order
  struct Entry {
    const plan::AgentDefinition* definition;
    uint32_t agent;  // living; kNil: new
    plan::Capability capability;
  };
  std::vector<Entry> entries;  // changed or new, in the new plan's order
  std::vector<std::optional<plan::Capability>>
      kept;  // by agent slot: capability of the definition that he has, under the new plan
};

// Contacts that keep their rules: the new plan gets those that are not its own. What it lacks for them goes to `lacks`.
void Machine::KeepRules(PlanChange* change, std::string* lacks) const {
  const state::State& s = *state_;
  const plan::Plan& old = *change->old;
  std::vector<bool> used(old.queues.size());
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
      if (s.entries[e].pinned) used[s.entries[e].rules] = true;
    }
  }
  change->rules.assign(old.queues.size(), KOBLE_QUEUE_NONE);
  if (std::find(used.begin(), used.end(), true) == used.end()) return;
  const std::vector<std::string> before = plan::RulesOf(old);
  const std::vector<std::string> own = plan::RulesOf(*change->plan);
  std::vector<std::string> kept;
  for (uint32_t r = 0; r < used.size(); ++r) {
    const uint32_t queue = change->queue[old.queues[r].number];
    if (!used[r] || queue == KOBLE_QUEUE_NONE) continue;
    if (before[r] == own[queue]) {
      change->rules[r] = queue;
      continue;
    }
    const auto same = std::find(kept.begin(), kept.end(), before[r]);
    change->rules[r] = change->plan->queue_count + static_cast<uint32_t>(same - kept.begin());
    if (same == kept.end()) kept.push_back(before[r]);
  }
  if (kept.empty()) return;
  std::string report;
  auto extended = plan::KeepRules(*change->plan, kept, &report);
  if (extended == nullptr) {
    absl::StrAppend(
        lacks,
        "contacts keep the rules of the plan before (\"pin_rules\"), and the new plan lacks what these name: ", report,
        "\n");
    return;
  }
  change->plan = std::move(extended);
}

int32_t Machine::PrepareChange(PlanChange* change) {
  state::State& s = *state_;
  const plan::Plan& old = *change->old;
  for (const plan::Queue& queue : old.OwnQueues()) {
    change->queue.push_back(change->plan->FindQueue(queue.name).value_or(KOBLE_QUEUE_NONE));
  }
  std::string lacks;
  KeepRules(change, &lacks);
  const plan::Plan& fresh = *change->plan;
  for (const plan::Channel& medium : old.channels) {
    const uint32_t channel = fresh.FindChannel(medium.name).value_or(kNil);
    const auto label = medium.label == plan::kNoLabel ? std::nullopt : fresh.FindLabel(old.labels[medium.label].name);
    // A label that the channel has no more is forgotten.
    change->channel.push_back(label && channel != kNil ? fresh.FindMedium(channel, *label).value_or(channel) : channel);
  }

  // Queues in which contacts stand, ring or connect; channels that are taken.
  std::vector<uint64_t> standing(old.queue_count);
  std::vector<bool> taken(old.channels.size());
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) ++standing[s.entries[e].queue];
  }
  for (uint32_t o = 0; o < s.offers.Size(); ++o) {
    if (s.offers.Live(o)) taken[old.channels[s.offers[o].channel].channel] = true;
  }
  for (uint32_t e = 0; e < s.engagements.Size(); ++e) {
    if (!s.engagements.Live(e)) continue;
    taken[old.channels[s.engagements[e].channel].channel] = true;
    if (s.engagements[e].Aside()) ++standing[s.engagements[e].queue];
  }
  for (uint32_t q = 0; q < old.queue_count; ++q) {
    if (standing[q] == 0) continue;
    const std::string what = absl::StrCat("queue \"", old.queues[q].name, "\", in which ", standing[q],
                                          standing[q] == 1 ? " contact stands" : " contacts stand");
    if (change->queue[q] == KOBLE_QUEUE_NONE) {
      absl::StrAppend(&lacks, "the new plan lacks ", what, "; keep it with \"closed\": true until it is empty\n");
    } else if (fresh.channels[fresh.queues[change->queue[q]].channel].name !=
               old.channels[old.queues[q].channel].name) {
      absl::StrAppend(&lacks, "the new plan has another channel for ", what, "\n");
    }
  }
  for (uint32_t ch = 0; ch < old.channel_count; ++ch) {
    if (taken[ch] && change->channel[ch] == kNil) {
      absl::StrAppend(&lacks, "the new plan lacks channel \"", old.channels[ch].name,
                      "\", on which contacts are offered or served\n");
    }
  }

  // Agents, by the difference of the two lists.
  std::vector<bool> handled(s.agents.Size());
  for (const plan::AgentDefinition& entry : old.agents) {
    const uint32_t agent = s.AgentNamed(entry.name);
    if (agent == kNil || s.agents[agent].leaving || fresh.FindAgent(entry.name)) continue;
    change->vanished.push_back(agent);
    handled[agent] = true;
  }
  uint64_t added = 0;
  std::string report;
  for (const plan::AgentDefinition& entry : fresh.agents) {
    const auto before = old.FindAgent(entry.name);
    if (before && old.agents[*before].bytes == entry.bytes) continue;
    const uint32_t agent = s.AgentNamed(entry.name);
    // An entry that only differs changes a present agent; it does not bring one back.
    if (before && (agent == kNil || s.agents[agent].leaving)) continue;
    auto capability = fresh.Resolve(entry, &report);
    if (!capability) return Refuse(KOBLE_ERR_PLAN, std::move(report));
    if (agent == kNil) {
      ++added;
    } else {
      handled[agent] = true;
    }
    change->entries.push_back({&entry, agent, std::move(*capability)});
  }
  change->kept.resize(s.agents.Size());
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    const state::Agent& a = s.agents[agent];
    const plan::AgentDefinition present{std::string(a.texts.name()), std::string(a.texts.definition())};
    report.clear();
    change->kept[agent] = fresh.Resolve(present, &report);
    if (!change->kept[agent] && !a.leaving && !handled[agent]) {
      absl::StrAppend(&lacks, "the new plan cannot serve agent \"", present.name, "\": ", report, "\n");
    }
  }
  if (!lacks.empty()) {
    lacks.pop_back();
    return Refuse(KOBLE_ERR_IN_USE, std::move(lacks));
  }
  uint64_t gone = 0;
  for (const uint32_t agent : change->vanished) gone += s.agents[agent].engagements == 0 ? 1 : 0;
  if (s.agents.Count() + added - gone > MaxAgents()) {
    return Refuse(KOBLE_ERR_LIMIT, absl::StrCat("the plan would make ", s.agents.Count() + added - gone,
                                                " agents; the limit is ", MaxAgents()));
  }
  return KOBLE_OK;
}

int32_t Machine::ReplacePlan(std::string_view bytes, std::shared_ptr<const plan::Plan> plan) {
  state::State& s = *state_;
  if (plan == nullptr) {
    std::string report;
    int32_t code = KOBLE_OK;
    plan = plan::Load(bytes, &report, &code);
    if (plan == nullptr) return Refuse(code, std::move(report));
  }
  PlanChange change;
  change.plan = std::move(plan);
  change.old = s.plan;
  if (const int32_t code = PrepareChange(&change); code != KOBLE_OK) return code;
  if (const int32_t code = CheckSymbols(*change.plan); code != KOBLE_OK) return code;

  OnCopy(change.plan->binary.size(), [&](Machine& copy) { copy.ChangePlan(change); });
  return KOBLE_OK;
}

void Machine::ChangePlan(const PlanChange& change) {
  state::State& s = *state_;
  koble_event& event = Emit(KOBLE_EVENT_PLAN);
  event.a = static_cast<int64_t>(change.plan->hash[0]);
  event.b = static_cast<int64_t>(change.plan->hash[1]);
  InternNames(*change.plan);
  Renumber(change);
  ApplyAgentChanges(change);
  ReleaseByPlan();
  index_.SettleReserves();
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    if (s.contacts[contact].state == KOBLE_CONTACT_WAITING || Seeks(contact)) TriggerContact(contact);
  }
}

// Everything that holds a number of the old plan gets the new one; what is derived is derived anew.
void Machine::Renumber(const PlanChange& change) {
  state::State& s = *state_;
  const plan::Plan& fresh = *change.plan;
  for (uint32_t o = 0; o < s.offers.Size(); ++o) {
    if (!s.offers.Live(o)) continue;
    s.offers[o].queue = change.queue[s.offers[o].queue];
    s.offers[o].channel = fresh.queues[s.offers[o].queue].channel;
    MarkOffer(o);
  }
  for (uint32_t e = 0; e < s.engagements.Size(); ++e) {
    if (!s.engagements.Live(e)) continue;
    state::Engagement& engagement = s.engagements[e];
    if (engagement.queue != KOBLE_QUEUE_NONE) {
      const plan::Queue& last = change.old->queues[engagement.queue];
      engagement.queue = change.queue[engagement.queue];
      if (engagement.queue == KOBLE_QUEUE_NONE) {
        engagement.last_wrap_up_ns = last.wrap_up_ns;
        engagement.last_wrap_up_max_ns = last.wrap_up_max_ns;
        if (engagement.state == KOBLE_ENGAGEMENT_ACTIVE) engagement.deadline_ns = KOBLE_NEVER;
      }
    }
    engagement.channel = static_cast<uint8_t>(change.channel[engagement.channel]);
    MarkEngagement(e);
  }
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    state::Contact& c = s.contacts[contact];
    // Only a contact that is offered or connects has an offering queue that matters, and that one is in the new plan.
    const uint32_t offering = change.queue.empty() ? KOBLE_QUEUE_NONE : change.queue[c.offering_queue];
    c.offering_queue = offering == KOBLE_QUEUE_NONE ? 0 : offering;
    for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
      state::Entry& entry = s.entries[e];
      const plan::Queue& old = change.old->queues[entry.rules];
      entry.queue = change.queue[entry.queue];
      entry.rules = entry.pinned ? change.rules[entry.rules] : entry.queue;
      const plan::Queue& queue = fresh.queues[entry.rules];
      const uint64_t was_open = s.LadderOf(entry).open;
      uint64_t due = 0, open = 0;
      for (uint32_t k = 0; k < queue.steps.size(); ++k) {
        const uint64_t bit = uint64_t{1} << k;
        const bool is_due = Later(entry.step_clock_ns, queue.steps[k].after_ns) <= s.now_ns;
        if (is_due) due |= bit;
        // What goes by state stays as it is where both plans say the same of it.
        const bool kept = k < old.steps.size() && SameConditions(*change.old, old.steps[k], fresh, queue.steps[k]);
        if ((queue.by_state & bit) == 0 ? is_due : kept && (was_open & bit) != 0) open |= bit;
      }
      if (entry.ladder != kNil || queue.HasLadder()) {
        state::Ladder& ladder = s.MakeLadder(e);
        ladder.due = due;
        ladder.open = open;
      }
      entry.passed = 0;
      const size_t delays = fresh.queues[entry.queue].delays.size();
      while (entry.passed < delays &&
             Later(entry.step_clock_ns, fresh.queues[entry.queue].delays[entry.passed]) <= s.now_ns)
        ++entry.passed;
    }
    DropExclusions(contact, &state::Exclusion::until_step);
    MarkContact(contact);
  }
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    state::Agent& a = s.agents[agent];
    uint32_t channels = 0;
    for (uint32_t ch = 0; ch < change.old->channel_count; ++ch) {
      if ((a.request_channels >> ch & 1) != 0 && change.channel[ch] != kNil)
        channels |= uint32_t{1} << change.channel[ch];
    }
    // A request whose channels have all gone ends below (ApplyAgentChanges); until then it names none.
    if (a.request_channels != 0 && channels == 0) lost_requests_.push_back(s.agents.Id(agent));
    a.request_channels = channels;
    MarkAgent(agent);
  }
  RenumberOverrides(change);
  base::Vector<state::Split> splits(s.memory);
  for (const plan::Queue& queue : fresh.OwnQueues())
    splits.emplace_back(s.memory).counts.assign(queue.split.shares.size(), 0);
  for (uint32_t q = 0; q < change.queue.size(); ++q) {
    const uint32_t now = change.queue[q];
    if (now != KOBLE_QUEUE_NONE && SameSplit(*change.old, change.old->queues[q], fresh, fresh.queues[now])) {
      splits[now].counts = s.splits[q].counts;
    }
  }
  s.splits = std::move(splits);
  base::Vector<uint64_t> pointers(fresh.queue_count, 0, s.memory);
  for (uint32_t q = 0; q < change.queue.size(); ++q) {
    if (change.queue[q] != KOBLE_QUEUE_NONE) pointers[change.queue[q]] = s.pointers[q];
  }
  const auto& before = change.old->counted_queues;
  const auto& after = fresh.counted_queues;
  base::Vector<uint64_t> counts(uint64_t{s.agents.Size()} * after.size(), 0, s.memory);
  for (size_t place = 0; place < before.size(); ++place) {
    const auto at = std::find(after.begin(), after.end(), change.queue[before[place]]);
    for (uint32_t agent = 0; at != after.end() && agent < s.agents.Size(); ++agent) {
      counts[agent * after.size() + static_cast<size_t>(at - after.begin())] =
          s.agent_counts[agent * before.size() + place];
    }
  }
  s.agent_counts = std::move(counts);
  for (uint32_t q = 0; q < std::max(pointers.size(), s.pointers.size()); ++q) s.dirty.Mark(KOBLE_KIND_NONE, q);
  s.pointers = std::move(pointers);
  s.plan = change.plan;
  KeepGroupsOpen();
  Derive(&change.kept);
}

// By the skills' names; a skill that has gone from the plan is changed no more.
void Machine::RenumberOverrides(const PlanChange& change) {
  state::State& s = *state_;
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    std::vector<state::Override> kept;
    for (uint32_t o = s.agents[agent].overrides; o != kNil; o = s.overrides[o].next) {
      const auto number = change.plan->FindSkill(change.old->skills[s.overrides[o].skill]);
      if (!number) continue;
      kept.push_back(s.overrides[o]);
      kept.back().skill = *number;
    }
    DropOverrides(agent);
    std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.skill > b.skill; });
    for (state::Override& one : kept) {
      one.next = s.agents[agent].overrides;
      s.agents[agent].overrides = s.overrides.Allocate(one);
    }
  }
}

void Machine::ApplyAgentChanges(const PlanChange& change) {
  state::State& s = *state_;
  for (const uint32_t agent : change.vanished) Leave(agent, KOBLE_CAUSE_PLAN);
  for (const PlanChange::Entry& entry : change.entries) {
    if (entry.agent == kNil) {
      EmitAgent(KOBLE_EVENT_AGENT_ADDED, NewAgent(*entry.definition, entry.capability));
    } else if (s.agents[entry.agent].leaving) {
      Revive(entry.agent, *entry.definition, entry.capability);
    } else {
      Redefine(entry.agent, *entry.definition, entry.capability);
    }
  }
  // Requests that the new plan has made meaningless: by agents' numbers.
  std::vector<std::pair<uint64_t, uint32_t>> ending;
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent)) continue;
    const state::Agent& a = s.agents[agent];
    const bool lost =
        std::find(lost_requests_.begin(), lost_requests_.end(), s.agents.Id(agent)) != lost_requests_.end();
    if (a.request_until_ns != kNone && (!a.pull || lost)) ending.emplace_back(a.sequence, agent);
  }
  lost_requests_.clear();
  std::sort(ending.begin(), ending.end());
  for (const auto& [sequence, agent] : ending) EndRequest(agent, KOBLE_REQUEST_CANCELLED);
}

}  // namespace koble::engine
