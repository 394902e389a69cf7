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
      attributes(memory),
      overrides(memory),
      agent_channels(memory),
      names(base::Alloc<std::pair<const base::String, uint32_t>>(memory)),
      queue_waiting(memory),
      agent_counts(memory),
      pointers(plan->queue_count, 0, memory),
      splits(memory),
      symbols(memory),
      timers(memory),
      events(memory),
      journal(memory),
      dirty(memory) {
  for (const plan::Queue& queue : plan->OwnQueues())
    splits.emplace_back(memory).counts.assign(queue.split.shares.size(), 0);
}

void State::Reserve(const Room& room) {
  // Whatever has a slot can be marked and can have a timer.
  const auto slots = [this](auto& of_kind, uint64_t n) {
    uint64_t& covered = covered_slots[of_kind.kind()].value;
    if (of_kind.Want(n) <= covered) return;
    of_kind.Reserve(n);
    const uint64_t capacity = of_kind.Capacity();
    timers.ReserveOwners(of_kind.kind(), capacity);
    dirty.ReserveSlots(of_kind.kind(), capacity);
    covered = capacity;
  };
  slots(contacts, room.contacts);
  slots(agents, room.agents);
  slots(offers, room.offers);
  slots(engagements, room.engagements);
  entries.Reserve(room.entries);
  exclusions.Reserve(room.exclusions);
  attributes.Reserve(room.attributes);
  overrides.Reserve(room.overrides);
  if (room.symbols != 0) symbols.Reserve(room.symbols, room.symbol_bytes);
  timers.Reserve(room.timers);
  events.Reserve(room.events);
}

}  // namespace koble::state
