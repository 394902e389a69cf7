// The whole of one engine's data. Copying it copies everything (a clone). What can be derived from it - lines, classes, timers - is in routing::Index and
// `timers`, and can be built anew.
#ifndef KOBLE_LIB_STATE_STATE_H_
#define KOBLE_LIB_STATE_STATE_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/digest.h"
#include "base/hash_index.h"
#include "base/memory.h"
#include "base/slots.h"
#include "base/timer_queue.h"
#include "plan/plan.h"
#include "state/dirty.h"
#include "state/entities.h"
#include "state/event_buffer.h"
#include "state/journal.h"
#include "state/pool.h"
#include "state/room.h"
#include "state/symbols.h"

namespace koble::state {

// What was decided at creation.
struct Settings {
  uint32_t journal = KOBLE_JOURNAL_OFF;
  bool clamp_time = false;
  uint64_t seed = 0;
  int64_t start_ns = 0;
  int64_t max_step_ns = 0;
  uint64_t max_contacts = 0;
  uint64_t max_agents = 0;
  uint64_t max_events = 0;
  uint64_t max_journal_bytes = 0;
};

// What a queue's split has given so far. The symbols follow from the plan.
struct Split {
  explicit Split(base::Memory* memory) : values(memory), counts(memory) {}
  uint32_t key = 0;
  base::Vector<uint32_t> values;  // in the order of the plan's shares
  base::Vector<uint64_t> counts;  // contacts that arrived with each, or were given it
};

// Slots of a contact's engagement and of its agent, apart from the contact: so that all three, which often are in no cache, are asked for at once. kNil: none
// yet. Nothing is decided by it.
struct LastEngagement {
  uint32_t engagement = kNil;
  uint32_t agent = kNil;
};

struct State {
  State(std::shared_ptr<const plan::Plan> the_plan, const Settings& the_settings, base::Memory* memory);

  base::Memory* memory;
  Settings settings;
  std::shared_ptr<const plan::Plan> plan;
  std::shared_ptr<const plan::Plan> first_plan;  // at creation: the journal's header

  int64_t now_ns = 0;
  int64_t last_journalled_ns = 0;  // time of the last command that changed something
  bool poisoned = false;

  // Counters: numbers given so far.
  uint64_t serials = 0;  // the last one: a host may give greater ones
  uint64_t offer_sequence = 0;
  uint64_t agent_sequence = 0;
  uint64_t records = 0;  // journal records, whether kept or not

  base::Slots<Contact> contacts;
  base::Slots<Agent> agents;
  base::Slots<Offer> offers;
  base::Slots<Engagement> engagements;
  Pool<Entry> entries;
  Pool<Ladder> ladders;
  Pool<Exclusion> exclusions;
  Pool<Attribute> attributes;
  Pool<Override> overrides;
  base::Vector<AgentChannel> agent_channels;  // [agent slot x channels + channel]
  base::HashIndex names;                      // living agents' slots, by a hash of their names (NameHash)
  base::Vector<uint64_t> queue_waiting;       // by queue: contacts without open offer or engagement
  base::Vector<uint64_t>
      agent_counts;  // [agent slot x counted queues of the plan + place]: contacts of the queue that he has served
  base::Vector<LastEngagement> last_engagements;  // by contact's slot; of whichever contact had one there last
  uint64_t standing_requests = 0;
  base::Vector<uint64_t> pointers;  // by queue: number of the agent whose turn was last, of round robin; 0
  base::Vector<Split> splits;       // by queue
  Symbols symbols;

  base::TimerQueue timers;
  EventBuffer events;
  Journal journal;
  Dirty dirty;
  base::NotCopied covered_slots[5];  // by kind: slots for which everything has room (Reserve)
  // So many more of each thing (Room::Things), and events, have room for certain: what was free when it was looked at last, less what changes
  // since then may have taken.
  base::NotCopied sure_things, sure_events;

  // Makes the room: what is then added within it does not allocate. Cheap where there is room already. Throws std::bad_alloc, and nothing has
  // changed that anybody sees.
  void Reserve(const Room& room) {
    if (room.Rare() || !TakeSure(room.Things(), room.events)) ReserveAnew(room);
  }
  // Whether so much of each thing (Room::Things), and so many events, have room for certain: then it is taken.
  bool TakeSure(uint64_t things, uint64_t new_events) {
    if (things > sure_things.value || new_events > sure_events.value) return false;
    sure_things.value -= things;
    sure_events.value -= new_events;
    return true;
  }

  void ReserveAnew(Room room);  // by value: so nothing is put together in memory where there is room

  // Room for the marks of all that is there: of what was made without being reserved, too.
  void ReserveMarks();

  // Hashes, so that no name is held twice.
  static uint64_t NameHash(std::string_view name) { return base::HashBytes(name).lo; }
  // The slot of the living agent of this name; kNil.
  uint32_t AgentNamed(std::string_view name) const;
  void ForgetName(uint32_t agent);

  // What an entry without a ladder has, is what they begin with.
  const Ladder& LadderOf(const Entry& entry) const {
    static constexpr Ladder kBare;
    return entry.ladder == kNil ? kBare : ladders[entry.ladder];
  }
  // Gives it one, if it has none. The pool must have room, or may throw.
  Ladder& MakeLadder(uint32_t entry) {
    if (entries[entry].ladder == kNil) entries[entry].ladder = ladders.Allocate();
    return ladders[entries[entry].ladder];
  }
  void FreeEntry(uint32_t entry) {
    if (entries[entry].ladder != kNil) ladders.Free(entries[entry].ladder);
    entries.Free(entry);
  }

  // Whether all of it is in a near cache anyway: of so many agents and their conversations it is some 300 KB.
  bool IsNear() const { return agents.Size() <= 512; }
  // Asks for what beginning a conversation with him looks at, or ending one, before it is needed: all waits for memory go on at once. (Where it is not
  // part of its caller, g++ 12 sees a function without effect, and leaves the call out.)
  [[gnu::always_inline]] void PrefetchAgent(uint32_t agent) const {
    if (IsNear()) return;
    const auto* lines = reinterpret_cast<const char*>(&agents[agent]);
    __builtin_prefetch(lines);
    __builtin_prefetch(lines + 64);
    __builtin_prefetch(&agent_channels[uint64_t{agent} * Channels()]);
  }
  // The same for whatever the conversation's end looks at, if the contact has one. `contact`: any number.
  [[gnu::always_inline]] void PrefetchConversation(uint32_t contact) const {
    if (IsNear() || contact >= last_engagements.size()) return;
    const LastEngagement& last = last_engagements[contact];
    if (last.engagement == kNil) return;
    __builtin_prefetch(&contacts[contact]);
    const auto* lines = reinterpret_cast<const char*>(&engagements[last.engagement]);
    __builtin_prefetch(lines);
    __builtin_prefetch(lines + sizeof(Engagement) - 1);
    PrefetchAgent(last.agent);
  }

  uint32_t Channels() const { return plan->media_count; }
  AgentChannel& Of(uint32_t agent, uint32_t channel) { return agent_channels[uint64_t{agent} * Channels() + channel]; }
  const AgentChannel& Of(uint32_t agent, uint32_t channel) const {
    return agent_channels[uint64_t{agent} * Channels() + channel];
  }
  // Contacts that he has served of the queue at this place among those that count (plan::Plan::counted_queues).
  uint64_t& CountOf(uint32_t agent, uint32_t place) {
    return agent_counts[agent * plan->counted_queues.size() + place];
  }
  uint64_t CountOf(uint32_t agent, uint32_t place) const {
    return agent_counts[agent * plan->counted_queues.size() + place];
  }
};

// The digest of docs/model.md, section 10; folds what has changed since the last time.
base::Sum128 Digest(State& state);
// The same from scratch: for tests and debug builds.
base::Sum128 DigestFromScratch(const State& state);

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_STATE_H_
