#include "routing/refusals.h"

namespace koble::routing {

bool AsksNow(const state::State& state, const state::Contact& contact, uint32_t agent) {
  for (uint32_t o = state.agents[agent].offers; o != base::kNil; o = state.offers[o].agent_next) {
    if (state.offers[o].group == state.offers[contact.offers].group) return true;
  }
  return false;
}

void Refusals::Mark(bool on) {
  for (uint32_t x = contact_.exclusions; x != base::kNil; x = state_.exclusions[x].next) {
    const state::Exclusion& exclusion = state_.exclusions[x];
    const uint32_t slot = KOBLE_ID_SLOT(exclusion.agent);
    if (slot >= state_.agents.Size() || state_.agents.Id(slot) != exclusion.agent) continue;  // he is gone
    if (whom_ == Whom::kNow || (exclusion.until_ns == KOBLE_NEVER && !exclusion.of_round)) marks_.Set(slot, on);
  }
}

}  // namespace koble::routing
