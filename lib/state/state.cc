#include "state/state.h"

#include <algorithm>

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
      ladders(memory),
      exclusions(memory),
      attributes(memory),
      overrides(memory),
      agent_channels(memory),
      names(memory),
      queue_waiting(memory),
      agent_counts(memory),
      last_engagements(memory),
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

uint32_t State::AgentNamed(std::string_view name) const {
  return names.Find(NameHash(name), [&](uint32_t agent) { return agents[agent].texts.name() == name; });
}

void State::ForgetName(uint32_t agent) { names.Erase(NameHash(agents[agent].texts.name()), agent); }

void State::ReserveAnew(Room room) {
  // Some more than is asked for, so that most changes need not look; nothing where nothing is, as references into it may be held.
  constexpr uint64_t kThings = 128;
  constexpr uint64_t kEvents = 512;
  const auto with_spare = [](uint64_t n, uint64_t spare) { return n == 0 ? 0 : std::max(n, spare); };
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
  slots(contacts, with_spare(room.contacts, kThings));
  if (last_engagements.size() < contacts.Capacity()) last_engagements.resize(contacts.Capacity());
  slots(agents, room.agents);
  dirty.ReserveSlots(Dirty::kAgentTexts, covered_slots[KOBLE_KIND_AGENT].value);
  slots(offers, with_spare(room.offers, kThings));
  slots(engagements, with_spare(room.engagements, kThings));
  // An engine that begins has none of them yet, and would look at every change until it has.
  const uint64_t places = with_spare(entries.Room() == 0 && entries.Unused() ? 1 : room.entries, kThings);
  entries.Reserve(places);
  ladders.Reserve(places);  // any of them may get one
  exclusions.Reserve(room.exclusions);
  attributes.Reserve(room.attributes);
  overrides.Reserve(room.overrides);
  if (room.symbols != 0) symbols.Reserve(room.symbols, room.symbol_bytes);
  timers.Reserve(with_spare(room.timers, kThings));
  events.Reserve(with_spare(room.events, kEvents));
  // A kind that has not been asked for since a copy is not covered at all.
  const auto less = [](uint64_t a, uint64_t b) { return a > b ? a - b : 0; };
  const auto free_slots = [&](const auto& of_kind) {
    return less(covered_slots[of_kind.kind()].value + of_kind.FreeCount(), of_kind.Size());
  };
  const uint64_t things = std::min({free_slots(contacts), free_slots(offers), free_slots(engagements), entries.Room(),
                                    ladders.Room(), timers.Room()});
  sure_things.value = less(things, room.Things());
  sure_events.value = less(events.Room(), room.events);
}

void State::ReserveMarks() {
  dirty.ReserveSlots(KOBLE_KIND_NONE, pointers.size());
  dirty.ReserveSlots(KOBLE_KIND_CONTACT, contacts.Size());
  dirty.ReserveSlots(KOBLE_KIND_AGENT, agents.Size());
  dirty.ReserveSlots(Dirty::kAgentTexts, agents.Size());
  dirty.ReserveSlots(KOBLE_KIND_OFFER, offers.Size());
  dirty.ReserveSlots(KOBLE_KIND_ENGAGEMENT, engagements.Size());
}

}  // namespace koble::state
