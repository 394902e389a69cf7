#include "routing/order.h"

namespace koble::routing {

using plan::SelectionRule;

AgentOrder CountedOrderOf(SelectionRule rule) {
  switch (rule) {
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
    default:
      return AgentOrder::kIdle;
  }
}

int64_t CountedKeyOf(AgentOrder order, const state::Agent& agent) {
  constexpr int64_t kMillion = 1'000'000;
  switch (order) {
    case AgentOrder::kIdle:
      return 0;
    case AgentOrder::kNumber:
      return static_cast<int64_t>(agent.sequence);
    case AgentOrder::kLastEnded:
      return agent.last_ended_ns;
    case AgentOrder::kServed:
      return static_cast<int64_t>(agent.served);
    case AgentOrder::kTalked:
      return agent.talked_ns;
    case AgentOrder::kLoad:
      return agent.capacity == 0 ? 0 : static_cast<int64_t>(Int128{agent.used} * kMillion / agent.capacity);
    case AgentOrder::kSpare:
      return agent.used - agent.capacity;
  }
  return 0;
}

AgentPlace CountedPlaceOf(SelectionRule rule, const state::Agent& agent, std::span<const plan::SkillLevel> skills,
                          std::span<const uint32_t> counted, uint64_t pointer) {
  AgentPlace place{KeyOf(OrderOf(rule), agent), agent.idle_since_ns, agent.sequence};
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
