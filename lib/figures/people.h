// Whom figures follow while events are folded: contacts, agents and engagements that live, as far as what comes of them is counted.
#ifndef KOBLE_LIB_FIGURES_PEOPLE_H_
#define KOBLE_LIB_FIGURES_PEOPLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "figures/cells.h"
#include "koble/koble.h"

namespace koble::figures {

struct ContactInfo {
  koble_id id = 0;
  int64_t interval = -1;  // of its arrival; -1: before start_ns, not counted
  int64_t arrival_ns = 0;
  uint32_t queue = 0;  // its first, until it is known which one it counts in
  bool served = false;
  bool routable = true;   // false: the plan has none of its queues, and it counts in the total alone
  bool returned = false;  // from engagements: their work is in Figures::earlier_
};

// What of one engagement counts, once it is over.
struct Work {
  int64_t talk = 0, hold = 0, wrapup = 0, attention = 0;
  uint64_t holds = 0;

  void Add(const Work& other) {
    talk += other.talk;
    hold += other.hold;
    wrapup += other.wrapup;
    attention += other.attention;
    holds += other.holds;
  }
};

enum class Phase : uint8_t { kConnecting, kActive, kHeld, kAside, kEnded, kWrapping };

// What is known from its begin is one cache line.
struct alignas(64) EngagementInfo {
  koble_id id = 0;
  koble_id agent = 0;
  int64_t interval = -1;  // of its contact's arrival
  int64_t cost = 0;
  int64_t used = 0;        // the same, or nothing while it is silent or parked
  int64_t serving_ns = 0;  // or since when it continues
  int64_t since_ns = 0;    // of kHeld: when the hold began; of kEnded and kWrapping: when the talk ended
  uint32_t queue = 0;
  Phase phase = Phase::kConnecting;
  bool after_others = false;  // its contact's earlier ones have ended as well, and their work is in Figures::earlier_
  Work work;
};

// Engagements by their ids, in order; most often there is one, which takes no memory beside.
class Running {
 public:
  bool Empty() const { return first_ == 0; }
  koble_id First() const { return first_; }              // 0: there is none
  size_t CountBehind() const { return others_.size(); }  // the first
  koble_id At(size_t i) const { return i == 0 ? first_ : others_[i - 1]; }
  void Add(koble_id id) {
    if (id == 0) return;  // no engine gives that
    if (first_ == 0) {
      first_ = id;
    } else {
      others_.push_back(id);
    }
  }
  void Remove(koble_id id) {
    if (first_ == id) {
      first_ = 0;
      if (!others_.empty()) TakeFirst();
    } else if (const auto at = std::find(others_.begin(), others_.end(), id); at != others_.end()) {
      others_.erase(at);
    }
  }

 private:
  void TakeFirst() {
    first_ = others_.front();
    others_.erase(others_.begin());
  }

  koble_id first_ = 0;
  std::vector<koble_id> others_;
};

// An agent and his cell of the present interval, which all his events change, in one place: four cache lines of what nearly all of them do.
struct alignas(64) AgentInfo {
  static constexpr int64_t kNoInterval = INT64_MIN;

  koble_id id = 0;
  int64_t since_ns = 0;  // times are counted up to here
  int64_t attention_since_ns = 0;
  int64_t used = 0;  // units of connecting, active, held and wrapping engagements
  int64_t capacity = 100;
  int64_t interval = kNoInterval;  // whose cell this is
  uint32_t number = 0;             // of Figures::agents_
  uint32_t presence = KOBLE_PRESENCE_OFFLINE;
  uint32_t ringing = 0, connecting = 0, active = 0, held = 0, wrapping = 0;
  bool penalised = false;
  Running running;  // active, held, wrapping, in order of their begin or continuation
  AgentCell cell;

  // The precedence of docs/measures.md: what he does with a contact, what comes at him, what keeps him from taking one, nothing; -1: he is offline.
  int Shown() const {
    if (active > 0) return KOBLE_SHOWN_ACTIVE;
    if (held > 0) return KOBLE_SHOWN_HELD;
    if (wrapping > 0) return KOBLE_SHOWN_WRAPUP;
    if (connecting > 0) return KOBLE_SHOWN_CONNECTING;
    if (ringing > 0) return KOBLE_SHOWN_RINGING;
    if (presence == KOBLE_PRESENCE_BREAK) return KOBLE_SHOWN_BREAK;
    if (presence != KOBLE_PRESENCE_AVAILABLE) return -1;
    return penalised ? KOBLE_SHOWN_PENALISED : KOBLE_SHOWN_AVAILABLE;
  }
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_PEOPLE_H_
