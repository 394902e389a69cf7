#include "routing/order.h"

namespace koble::routing {
namespace {

using plan::ScoreFeature;
using plan::SelectionRule;

constexpr int64_t kMillion = 1'000'000;
constexpr uint64_t kCountMost = 1'000'000'000'000;

int64_t Load(const state::Agent& agent) {  // in millionths
  return agent.capacity == 0 ? 0 : static_cast<int64_t>(Int128{agent.used} * kMillion / agent.capacity);
}

int64_t Handling(const state::Agent& agent) {  // the mean, in ns
  return agent.handled == 0 ? 0 : static_cast<int64_t>(static_cast<uint64_t>(agent.handled_ns) / agent.handled);
}

// In billionths of the feature's unit: a second, a contact, a unit, a level.
Int128 ValueOf(ScoreFeature feature, const state::Agent& agent) {
  switch (feature) {
    case ScoreFeature::kIdle:  // that now is the same for all leaves their order as it is
      return -Int128{agent.idle_since_ns};
    case ScoreFeature::kServed:
      return Int128{std::min(agent.served, kCountMost)} * kSecond;
    case ScoreFeature::kTalked:
      return agent.talked_ns;
    case ScoreFeature::kLoad:
      return Int128{Load(agent)} * (kSecond / kMillion);
    case ScoreFeature::kSpare:
      return Int128{agent.capacity - agent.used} * kSecond;
    case ScoreFeature::kLastEnded:
      return -Int128{agent.last_ended_ns};
    case ScoreFeature::kListed:
      return Int128{std::min(agent.sequence, kCountMost)} * kSecond;
    case ScoreFeature::kHandling:
      return Handling(agent);
    case ScoreFeature::kLastServed:
      return -Int128{agent.last_served_ns};
    case ScoreFeature::kOpen:
      return Int128{agent.open} * kSecond;
    case ScoreFeature::kSkill:  // by skill set: see CountedPlaceOf
      return 0;
  }
  return 0;
}

Int128 SkillScore(std::span<const plan::ScoreTerm> terms, std::span<const plan::SkillLevel> skills) {
  Int128 score = 0;
  for (const plan::ScoreTerm& term : terms) {
    if (term.feature != ScoreFeature::kSkill) continue;
    const auto at = std::lower_bound(skills.begin(), skills.end(), plan::SkillLevel{term.skill, 0});
    if (at != skills.end() && at->skill == term.skill) score += Int128{term.weight_micro} * at->level * kSecond;
  }
  return score;
}

AgentOrder OrderOfFeature(ScoreFeature feature) {
  switch (feature) {
    case ScoreFeature::kServed:
      return AgentOrder::kServed;
    case ScoreFeature::kTalked:
      return AgentOrder::kTalked;
    case ScoreFeature::kLoad:
      return AgentOrder::kLoad;
    case ScoreFeature::kSpare:
      return AgentOrder::kSpare;
    case ScoreFeature::kLastEnded:
      return AgentOrder::kLastEnded;
    case ScoreFeature::kListed:
      return AgentOrder::kNumber;
    case ScoreFeature::kHandling:
      return AgentOrder::kHandling;
    case ScoreFeature::kLastServed:
      return AgentOrder::kLastServed;
    case ScoreFeature::kOpen:
      return AgentOrder::kOpen;
    default:
      return AgentOrder::kIdle;
  }
}

}  // namespace

AgentOrder CountedOrderOf(const plan::Queue& queue) {
  switch (queue.select) {
    case SelectionRule::kListed:
    case SelectionRule::kRoundRobin:
      return AgentOrder::kNumber;
    case SelectionRule::kLeastRecent:
      return AgentOrder::kLastEnded;
    case SelectionRule::kFewestContacts:
      return AgentOrder::kServed;
    case SelectionRule::kLeastTalkTime:
      return AgentOrder::kTalked;
    case SelectionRule::kLeastLoaded:
      return AgentOrder::kLoad;
    case SelectionRule::kMostSpare:
      return AgentOrder::kSpare;
    case SelectionRule::kByShare:
      return AgentOrder::kShare;
    case SelectionRule::kMostContacts:
      return AgentOrder::kMostServed;
    case SelectionRule::kShortestHandling:
      return AgentOrder::kHandling;
    case SelectionRule::kLeastRecentStart:
      return AgentOrder::kLastServed;
    case SelectionRule::kFewestOpen:
      return AgentOrder::kOpen;
    case SelectionRule::kScore:
      return static_cast<AgentOrder>(static_cast<uint32_t>(AgentOrder::kScore) + queue.score);
    case SelectionRule::kFewestOfQueue:
      return static_cast<AgentOrder>(static_cast<uint32_t>(AgentOrder::kOfQueue) + queue.counted);
    default:
      return AgentOrder::kIdle;
  }
}

uint32_t InputsOf(const plan::Plan& plan, AgentOrder order) {
  if (order == AgentOrder::kShare || order == AgentOrder::kMostServed || order >= AgentOrder::kOfQueue)
    return MaskOf(AgentOrder::kServed);
  if (order < AgentOrder::kScore) return MaskOf(order);
  uint32_t inputs = 0;
  const auto score = static_cast<uint32_t>(order) - static_cast<uint32_t>(AgentOrder::kScore);
  for (const plan::ScoreTerm& term : plan.scores[score]) inputs |= MaskOf(OrderOfFeature(term.feature));
  return inputs;
}

Int128 CountedKeyOf(const state::State& state, AgentOrder order, uint32_t slot) {
  if (order >= AgentOrder::kOfQueue)
    return state.CountOf(slot, static_cast<uint32_t>(order) - static_cast<uint32_t>(AgentOrder::kOfQueue));
  const plan::Plan& plan = *state.plan;
  const state::Agent& agent = state.agents[slot];
  switch (order) {
    case AgentOrder::kIdle:
      return 0;
    case AgentOrder::kNumber:
      return agent.sequence;
    case AgentOrder::kLastEnded:
      return agent.last_ended_ns;
    case AgentOrder::kServed:
      return agent.served;
    case AgentOrder::kTalked:
      return agent.talked_ns;
    case AgentOrder::kLoad:
      return Load(agent);
    case AgentOrder::kSpare:
      return agent.used - agent.capacity;
    case AgentOrder::kShare:
      return Int128{agent.served} * kMillion / agent.weight;
    case AgentOrder::kMostServed:
      return -Int128{agent.served};
    case AgentOrder::kHandling:
      return Handling(agent);
    case AgentOrder::kLastServed:
      return agent.last_served_ns;
    case AgentOrder::kOpen:
      return agent.open;
    default: {
      Int128 score = 0;
      const auto number = static_cast<uint32_t>(order) - static_cast<uint32_t>(AgentOrder::kScore);
      for (const plan::ScoreTerm& term : plan.scores[number]) score += ValueOf(term.feature, agent) * term.weight_micro;
      return -score;
    }
  }
}

bool GoesByLane(const plan::Plan& plan, const plan::Queue& queue) {
  switch (queue.select) {
    case SelectionRule::kMostSkilled:
    case SelectionRule::kLeastSkilled:
    case SelectionRule::kRandom:
    case SelectionRule::kWeightedRandom:
    case SelectionRule::kRoundRobin:
      return false;
    case SelectionRule::kScore:
      return std::ranges::none_of(plan.scores[queue.score],
                                  [](const plan::ScoreTerm& term) { return term.feature == ScoreFeature::kSkill; });
    default:
      return true;
  }
}

AgentPlace CountedPlaceOf(const state::State& state, const plan::Queue& queue, uint32_t slot,
                          std::span<const plan::SkillLevel> skills, std::span<const uint32_t> counted,
                          uint64_t pointer) {
  const SelectionRule rule = queue.select;
  const state::Agent& agent = state.agents[slot];
  AgentPlace place{KeyOf(state, OrderOf(queue), slot), agent.idle_since_ns, agent.sequence};
  if (rule == SelectionRule::kScore) place.key -= SkillScore(state.plan->scores[queue.score], skills);
  if (rule == SelectionRule::kRoundRobin && agent.sequence <= pointer) {
    place.key += int64_t{1} << 62;  // a round later
  }
  if (rule == SelectionRule::kMostSkilled || rule == SelectionRule::kLeastSkilled) {
    for (const plan::SkillLevel& skill : skills) {
      if (std::binary_search(counted.begin(), counted.end(), skill.skill)) place.key += skill.level;
    }
    if (rule == SelectionRule::kMostSkilled) place.key = -place.key;
  }
  return place;
}

}  // namespace koble::routing
