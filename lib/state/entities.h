// The things of the machine: contacts, agents, offers, engagements. Plain data, indexed by slot; lib/engine changes them.
#ifndef KOBLE_LIB_STATE_ENTITIES_H_
#define KOBLE_LIB_STATE_ENTITIES_H_

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/line.h"
#include "base/memory.h"
#include "base/slots.h"
#include "koble/koble.h"
#include "plan/plan.h"

namespace koble::state {

using base::kNil;

inline constexpr int64_t kNone = -1;  // a time that is not set

// What orders a contact in a queue: its own figures, or those of the contact at whose place it was put (docs/model.md, 5.9).
struct Figures {
  int64_t arrival_ns = 0;
  int64_t priority = 0;  // micro-points
  int64_t credit_ns = 0;
  uint64_t serial = 0;
  int64_t before = 0;  // among those at one contact's place the greater goes first; 0: that contact itself
  int64_t raised = 0;  // micro-points given by its open steps
};

// What an entry keeps beside, where its queue has steps or judges its contacts by the state: most have neither, and then nothing of this is kept.
struct Ladder {
  uint64_t open = 1;               // mask of the open steps; the queue's own requirement is the first
  uint64_t due = 1;                // mask of the steps whose time has come
  uint64_t changed = 0;            // mask of the steps that have changed in the worklist that is under way
  int64_t leave_ns = KOBLE_NEVER;  // it is let go, unless the state changes
  uint32_t stands = kNil;          // in a queue with conditions: the first of its stands, in order of steps
  uint32_t alike_next = kNil;      // in a queue with conditions: others of the same variant
  uint32_t alike_previous = kNil;
  uint32_t next = kNil;
  friend bool operator==(const Ladder&, const Ladder&) = default;
};

// One contact's place in one of its queues. In the pool of entries; a contact's entries are linked in the order given at arrival.
// In a queue with conditions the entry itself stands in no line: for each of the queue's steps it has a *stand*, an entry of its own, which is in the
// line of that step alone while the step is in force. So whatever opens or closes, no line has to be made for it.
//
// Each of these is laid out by how often it is looked at, in lines of the cache: what every decision asks comes first (docs/performance.md).
struct alignas(64) Entry {
  uint32_t contact = kNil;  // slot
  uint32_t queue = 0;
  // The queue, or what is behind the plan's own queues with the rules that it keeps (plan::Plan::queues).
  uint32_t rules = 0;
  uint32_t next = kNil;
  uint32_t variant = kNil;  // of the queue, for what the contact says (routing::Index)
  uint32_t line = kNil;     // waiting line to which it belongs (routing::Index)
  uint32_t ladder = kNil;   // kNil where nothing is open but the queue's own requirement, and nothing judged
  base::LineLinks links;
  uint8_t ordinal = 0;  // place of the queue among those given at arrival
  uint8_t step = 0;     // of a stand
  uint8_t passed = 0;   // how many of the queue's delays (plan::Queue::delays) it has waited out
  // Stands there now: waits, and in no retry delay, or takes one more agent; of a stand: and its step is in force.
  bool in_line = false;
  bool pinned = false;                // it keeps its rules when the plan is replaced
  bool placed = false;                // by a command, or at a position requested
  bool deadline_passed = false;       // remembered: it fell during an offer or connection
  bool leave_passed = false;          // the same of leave_ns
  int64_t step_clock_ns = 0;          // join time, shifted by outages that do not count for steps
  int64_t deadline_ns = KOBLE_NEVER;  // join + max_wait

  int64_t level = 0;  // its score, where nothing grows
  int64_t v = 0;      // virtual arrival
  Figures figures;
};
static_assert(sizeof(Entry) == 128);
static_assert(sizeof(Ladder) == 48);

// A pair that is not to be made again.
struct Exclusion {
  koble_id agent = 0;
  int64_t until_ns = KOBLE_NEVER;
  bool until_step = false;  // it ends when a step of the contact opens
  bool of_round = false;    // until its group has ended: the agent has been asked in it
  uint32_t next = kNil;
};

// One attribute of a contact.
struct Attribute {
  uint32_t key = 0;  // a symbol
  uint32_t next = kNil;
  int64_t value = 0;
};

// A skill of an agent that a command has changed; in order of number.
struct Override {
  uint32_t skill = 0;
  uint32_t next = kNil;
  int64_t level = 0;
  int64_t until_ns = KOBLE_NEVER;
  int64_t own_level = 0;  // what it lies over: of his definition
};

struct alignas(64) Contact {
  uint8_t state = KOBLE_CONTACT_WAITING;
  bool set_aside = false;      // offered to nobody in this worklist; false between calls
  bool hungry = false;         // the group takes the next that it finds
  uint32_t entries = kNil;     // first entry
  uint32_t exclusions = kNil;  // first exclusion
  uint32_t offers = kNil;      // open offers, by number
  uint32_t offers_last = kNil;
  uint32_t engagement = kNil;   // slot
  uint32_t offering_queue = 0;  // whose offers are open or whose engagement connects
  uint32_t reach_step = kNil;  // of a group that agents may join: up to this step, and there up to this tier; else kNil
  uint32_t attempts = 0;       // offers, or groups of them, that were made for it
  uint32_t attributes = kNil;  // first attribute, by key
  int64_t retry_until_ns = kNone;
  int64_t reserved_until_ns = kNone;  // till then only he may have it, and he lives; KOBLE_NEVER; kNone: preferred
  uint64_t serial = 0;

  koble_id agent = 0;  // whom it is meant for; he may be gone
  uint64_t host_ref = 0;
  int64_t arrival_ns = 0;
  int64_t priority = 0;  // micro-points
  int64_t credit_ns = 0;
  int64_t tick_ns = kNone;  // when its group takes one more agent
  uint32_t reach_tier = 0;
  uint32_t reserved_next = kNil, reserved_previous = kNil;

  // Mask of the steps by which agents may be asked now.
  uint64_t Reach() const { return reach_step == kNil ? UINT64_MAX : (uint64_t{2} << reach_step) - 1; }
  // In a conversation, which may have been laid aside.
  bool Talks() const { return engagement != kNil && state != KOBLE_CONTACT_CONNECTING; }
  // The slot of the agent for whom it is reserved; kNil.
  uint32_t Owner() const { return reserved_until_ns == kNone ? kNil : KOBLE_ID_SLOT(agent); }
};
static_assert(sizeof(Contact) == 128);

// What an agent does and may do on one channel.
struct AgentChannel {
  int32_t max = 0;
  uint32_t offers = 0;
  uint32_t connecting = 0;
  uint32_t active = 0;
  uint32_t held = 0;
  uint32_t wrapping = 0;
  uint32_t silent = 0;
  uint32_t parked = 0;
  bool in_line = false;    // stands in the channel's idle lines
  bool able = false;       // signed in, and serves the channel
  bool available = false;  // and not on break

  // What counts against the maximum: all but silent and parked conversations.
  uint32_t Taken() const { return offers + connecting + active + held + wrapping; }
  uint32_t Open() const { return Taken() + silent + parked; }
  // Engagements in that state.
  uint32_t& In(uint32_t engagement_state) {
    if (engagement_state == KOBLE_ENGAGEMENT_ACTIVE) [[likely]] {
      return active;
    }
    switch (engagement_state) {
      case KOBLE_ENGAGEMENT_CONNECTING:
        return connecting;
      case KOBLE_ENGAGEMENT_HELD:
        return held;
      case KOBLE_ENGAGEMENT_SILENT:
        return silent;
      case KOBLE_ENGAGEMENT_PARKED:
        return parked;
      default:
        return wrapping;
    }
  }
};

// An agent's name and definition, in one piece of memory: of thousands of agents two would be a good part.
class AgentTexts {
 public:
  explicit AgentTexts(base::Memory* memory) : text_(memory) {}
  // `definition`: canonical bytes of the plan's language. No name has a zero in it (plan/text.h).
  AgentTexts(std::string_view name, std::string_view definition, base::Memory* memory) : text_(memory) {
    text_.reserve(name.size() + 1 + definition.size());
    text_.append(name).push_back('\0');
    text_.append(definition);
  }
  const char* c_name() const { return text_.c_str(); }
  std::string_view name() const { return text_.c_str(); }
  std::string_view definition() const {
    return std::string_view(text_).substr(std::min(text_.size(), name().size() + 1));
  }
  void swap(AgentTexts& other) noexcept { text_.swap(other.text_); }

 private:
  base::String text_;  // name, a zero, definition
};

struct alignas(64) Agent {
  explicit Agent(base::Memory* memory) : texts(memory) {}

  // All that a conversation looks at or changes comes first: two lines of the cache.
  uint8_t presence = KOBLE_PRESENCE_OFFLINE;
  bool leaving = false;
  bool pull = false;
  bool set_aside = false;     // takes nothing more in this worklist; false between calls
  uint32_t skills = kNil;     // supply class (routing::Index)
  uint32_t engagements = 0;   // wrap-ups included
  uint32_t open = 0;          // offers and engagements, whatever their state
  uint32_t lines = 0;         // channels in whose idle lines he stands
  uint32_t contacts_max = 0;  // that he may have at once, at most
  int64_t capacity = 0;
  int64_t used = 0;  // units
  int64_t idle_since_ns = 0;
  int64_t request_until_ns = kNone;
  int64_t penalised_until_ns = kNone;

  uint64_t served = 0;           // contacts, since he was added; and so the next:
  int64_t talked_ns = 0;         // in conversations that have ended
  int64_t last_ended_ns = 0;     // end of the last conversation
  int64_t last_served_ns = 0;    // when he last began to serve
  uint64_t handled = 0;          // conversations that are over, their wrap-ups too, or have paused
  int64_t handled_ns = 0;        // in these, pauses apart
  uint32_t misses = 0;           // offers missed since the last contact was served, or he became available
  uint32_t policy = UINT32_MAX;  // of the plan, that chooses his contacts; plan::kNoPolicy
  int64_t wrap_up_ns = kNone;    // his own

  alignas(64) uint64_t sequence = 0;
  uint32_t offers = kNil;  // open offers, by number
  uint32_t offers_last = kNil;
  uint32_t request_channels = 0;  // mask
  uint32_t reserved = kNil;       // contacts reserved for him, by serial
  uint32_t reserved_last = kNil;
  uint32_t policy_candidates = 0;
  uint32_t overrides = kNil;  // first skill that a command changed
  int64_t weight = 1;
  int64_t presence_reason = 0;
  plan::MissRule miss_rule;
  AgentTexts texts;
};
static_assert(sizeof(Agent) == 256);

struct Offer {
  uint64_t sequence = 0;
  koble_id group = 0;  // id of the group's first offer
  uint32_t contact = kNil;
  uint32_t agent = kNil;
  uint32_t queue = 0;
  uint32_t channel = 0;
  int64_t begun_ns = 0;
  int64_t expires_ns = KOBLE_NEVER;
  uint32_t contact_next = kNil, contact_previous = kNil;
  uint32_t agent_next = kNil, agent_previous = kNil;
};

struct alignas(32) Engagement {
  uint64_t sequence = 0;  // of its offer
  koble_id offer = 0;
  koble_id contact = 0;  // ended where wrapping
  uint64_t serial = 0;   // of the contact
  uint64_t host_ref = 0;
  uint32_t agent = kNil;
  uint32_t queue = 0;       // KOBLE_QUEUE_NONE: gone from the plan
  uint32_t variant = kNil;  // made ready for its contact's return (routing::Index); else kNil
  uint16_t state = KOBLE_ENGAGEMENT_ACTIVE;
  uint8_t channel = 0;
  bool handled = false;  // counted among those that its agent has handled
  int64_t since_ns = 0;
  int64_t served_ns = kNone;  // since when they talk
  int64_t deadline_ns = KOBLE_NEVER;
  // Of a queue that has gone from the plan: its last wrap-up and ceiling.
  int64_t last_wrap_up_ns = 0;
  int64_t last_wrap_up_max_ns = KOBLE_NEVER;

  bool Aside() const { return state == KOBLE_ENGAGEMENT_SILENT || state == KOBLE_ENGAGEMENT_PARKED; }
};
static_assert(sizeof(Engagement) == 96);  // never in more than two lines of the cache

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_ENTITIES_H_
