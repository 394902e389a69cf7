// Whom figures follow while events are folded: contacts, agents and engagements that live, as far as what comes of them is counted.
#ifndef KOBLE_LIB_FIGURES_PEOPLE_H_
#define KOBLE_LIB_FIGURES_PEOPLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "figures/cells.h"
#include "koble/koble.h"

namespace koble::figures {

// Of a contact that waits, or has returned from an engagement: while it is served for the first time, what counts of it is its engagement's.
struct ContactInfo {
  koble_id id = 0;
  int64_t arrival_ns = 0;
  int32_t interval = -1;  // of its arrival; -1: before start_ns, not counted
  uint32_t queue = 0;     // its first, until it is known which one it counts in
  bool served = false;
  bool routable = true;   // false: the plan has none of its queues, and it counts in the total alone
  bool returned = false;  // from engagements: their work is in Figures::earlier_
};

// What of one engagement counts, once it is over. Work{} is none; without braces nothing is written.
struct Work {
  int64_t talk, hold, wrapup, attention;
  uint64_t holds;

  void Add(const Work& other) {
    talk += other.talk;
    hold += other.hold;
    wrapup += other.wrapup;
    attention += other.attention;
    holds += other.holds;
  }
};

enum class Phase : uint8_t { kConnecting, kActive, kHeld, kAside, kEnded, kWrapping };

// A cache line of what every one has, and behind it what only some have.
struct alignas(64) EngagementInfo {
  static constexpr size_t kOftenBytes = 64;

  explicit EngagementInfo(koble_id of = 0) : id(of) {}  // `more` is not written

  koble_id id;
  koble_id agent = 0;
  int64_t cost = 0;
  int64_t serving_ns = 0;  // or since when it continues
  int64_t since_ns = 0;    // of kHeld: when the hold began; of kEnded and kWrapping: when the talk ended
  int64_t attention = 0;
  int32_t interval = -1;  // of its contact's arrival
  uint32_t queue = 0;
  Phase phase = Phase::kConnecting;
  bool takes = true;          // its cost of the agent: not while it is silent or parked
  bool again = false;         // its contact had returned from another
  bool after_others = false;  // and has ended: the others' work is in Figures::earlier_, by this id
  bool has_more = false;
  Work more;  // holds, and talk before it fell silent or was parked; without has_more anything

  // Active, and nothing else has been: all in one look.
  bool IsPlain() const {
    const bool only_active = (phase == Phase::kActive) & takes;
    return only_active & !(again | after_others | has_more);
  }
  // Its units of those that its agent has in use.
  void GiveBack(int64_t* used) {
    if (takes) *used -= cost;
    takes = false;
  }
  Work& More() {
    if (!has_more) more = Work{};
    has_more = true;
    return more;
  }
  // All that was done, of which `talk_ns` and `wrapup_ns` are not in `more`.
  Work Done(int64_t talk_ns, int64_t wrapup_ns) const {
    Work done = has_more ? more : Work{};
    done.talk += talk_ns;
    done.wrapup += wrapup_ns;
    done.attention = attention;
    return done;
  }
};

// Engagements by their ids, in order; most often there is one, which takes no memory beside.
class Running {
 public:
  bool Empty() const { return first_ == 0; }
  bool IsOnly(koble_id id) const { return first_ == id && others_ == nullptr; }
  size_t CountBehind() const { return others_ == nullptr ? 0 : others_->size(); }  // the first
  koble_id At(size_t i) const { return i == 0 ? first_ : (*others_)[i - 1]; }
  void Add(koble_id id) {
    if (id == 0) return;  // no engine gives that
    if (first_ == 0) {
      first_ = id;
    } else {
      AddBehind(id);
    }
  }
  void Clear() { first_ = 0; }  // precondition: there is one
  void Remove(koble_id id) {
    if (IsOnly(id)) {
      first_ = 0;
    } else if (others_ != nullptr) {
      RemoveOneOfSeveral(id);
    }
  }

 private:
  void AddBehind(koble_id id);
  void RemoveOneOfSeveral(koble_id id);

  koble_id first_ = 0;
  std::unique_ptr<std::vector<koble_id>> others_;  // null where there are none
};

// An agent and his cell of the present interval, which all his events change, in one place: two cache lines of what nearly all of them do, and behind
// them the rest.
struct alignas(64) AgentInfo {
  static constexpr size_t kOftenBytes = 128;
  static constexpr int32_t kNoInterval = INT32_MIN;

  explicit AgentInfo(koble_id of = 0) : id(of) {}

  koble_id id;
  int64_t since_ns = 0;  // times are counted up to here
  int64_t attention_since_ns = 0;
  int64_t used = 0;                // units of connecting, active, held and wrapping engagements
  Running running;                 // active, held, wrapping, in order of their begin or continuation
  int32_t interval = kNoInterval;  // whose cell this is
  uint32_t active = 0;
  uint32_t others = 0;  // ringing, connecting, held and wrapping together
  uint8_t presence = KOBLE_PRESENCE_OFFLINE;
  bool penalised = false;

  AgentCell cell;

  uint32_t ringing = 0, connecting = 0, held = 0, wrapping = 0;
  uint32_t number = 0;  // of Figures::agents_
  int64_t capacity = 100;

  // Of the four that are counted in `others`.
  void Begin(uint32_t& of) {
    ++of;
    ++others;
  }
  void End(uint32_t& of) {
    if (of == 0) return;
    --of;
    --others;
  }
  // What he showed counts with the capacity that he had then: before it changes, and before the cell is told or put away.
  void CountCapacity() { cell.CountCapacity(capacity); }
  // Reading does it, too: nothing that is told changes by it, and all calls are exclusive (figures.h).
  const AgentCell& ToldCell() const {
    const_cast<AgentInfo*>(this)->CountCapacity();
    return cell;
  }
  // The precedence of docs/measures.md: what he does with a contact, what comes at him, what keeps him from taking one, nothing; -1: he is offline.
  int Shown() const {
    if (active > 0) return KOBLE_SHOWN_ACTIVE;
    if (others > 0) return ShownOfOthers();
    if (presence == KOBLE_PRESENCE_BREAK) return KOBLE_SHOWN_BREAK;
    if (presence != KOBLE_PRESENCE_AVAILABLE) return -1;
    return penalised ? KOBLE_SHOWN_PENALISED : KOBLE_SHOWN_AVAILABLE;
  }

 private:
  int ShownOfOthers() const {
    if (held > 0) return KOBLE_SHOWN_HELD;
    if (wrapping > 0) return KOBLE_SHOWN_WRAPUP;
    return connecting > 0 ? KOBLE_SHOWN_CONNECTING : KOBLE_SHOWN_RINGING;
  }
};
static_assert(sizeof(Running) == 16);

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_PEOPLE_H_
