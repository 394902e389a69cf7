#include "state/state.h"

#include <utility>

namespace koble::state {

State::State(std::shared_ptr<const plan::Plan> the_plan, const Settings& the_settings, base::Memory* the_memory)
    : memory(the_memory),
      settings(the_settings),
      plan(std::move(the_plan)),
      first_plan(plan),
      now_ns(the_settings.start_ns),
      last_journalled_ns(the_settings.start_ns),
      contacts(KOBLE_KIND_CONTACT, memory),
      agents(KOBLE_KIND_AGENT, memory),
      offers(KOBLE_KIND_OFFER, memory),
      engagements(KOBLE_KIND_ENGAGEMENT, memory),
      entries(memory),
      exclusions(memory),
      agent_channels(memory),
      names(base::Alloc<std::pair<const base::String, uint32_t>>(memory)),
      queue_waiting(memory),
      timers(memory),
      events(memory),
      journal(memory),
      dirty(memory) {}

}  // namespace koble::state
