// What is counted, for one queue or one agent in one interval. Everything in a cell is a sum (or a maximum), so cells merge by
// adding: that is what makes figures of replications, days and engines addable. docs/measures.md defines the measures.
#ifndef KOBLE_LIB_FIGURES_CELLS_H_
#define KOBLE_LIB_FIGURES_CELLS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "figures/histogram.h"
#include "koble/koble_figures.h"

namespace koble::figures {

inline constexpr size_t kExits = 10;
inline constexpr size_t kOutcomes = 9;

template <size_t n>
void AddTo(std::array<uint64_t, n>& to, const std::array<uint64_t, n>& from) {
  for (size_t i = 0; i < n; ++i) to[i] += from[i];
}

// Offers, seen from a queue or from an agent.
struct OfferCounts {
  uint64_t made = 0, accepted = 0, connect_failed = 0;
  std::array<uint64_t, kOutcomes> outcomes{};

  void Add(const OfferCounts& other) {
    made += other.made;
    accepted += other.accepted;
    connect_failed += other.connect_failed;
    AddTo(outcomes, other.outcomes);
  }
};

// Contacts that wait at a cut; counted anew at every one.
struct OpenCounts {
  uint64_t count = 0, late = 0;
  TimeSum wait_sum;
  int64_t wait_max = 0;

  void Add(const OpenCounts& other) {
    count += other.count;
    late += other.late;
    wait_sum.Add(other.wait_sum);
    wait_max = std::max(wait_max, other.wait_max);
  }
};

// What nearly every contact changes comes first.
struct QueueCell {
  uint64_t offered = 0;
  TimeSum talk_sum, attention_sum;
  int64_t talk_max = 0;
  OfferCounts offers;
  Histogram wait_answered, handle, wait_abandoned, wait_other;
  std::array<uint64_t, kExits> exits{}, left{};
  uint64_t abandoned_short = 0;
  // Judged by a target: contacts of queues that had one when the wait ended.
  uint64_t answered_judged = 0, answered_good = 0, abandoned_judged = 0, abandoned_good = 0, short_judged = 0,
           others_judged = 0;
  OpenCounts open;
  TimeSum hold_sum, wrapup_sum;
  uint64_t holds = 0, wrapups = 0, exhausted = 0;

  void Add(const QueueCell& other);
  void Fill(koble_figures_queue_row* row) const;  // all but the row's own key
};

// What nearly every contact changes comes first, and is one cache line. Of one agent no time passes twice: so times that he showed something fit 64 bits;
// those of many together end at INT64_MAX, as rows do.
struct AgentCell {
  Int128 load_unit_ns = 0;
  TimeSum talk_sum;
  // Each an offer made and accepted, and a contact answered, which are not counted below.
  uint64_t served_at_once = 0;
  uint64_t ended = 0;
  // Available, active (here the line ends), and the others in order.
  std::array<int64_t, KOBLE_SHOWN_COUNT_> shown{};

  OfferCounts offers;
  uint64_t answered = 0;
  TimeSum hold_sum, wrapup_sum;
  Int128 capacity_unit_ns = 0;  // of so much of the time shown:
  int64_t capacity_counted_ns = 0;

  int64_t& Shown(int as) {
    static_assert(KOBLE_SHOWN_ACTIVE == 0 && KOBLE_SHOWN_AVAILABLE == KOBLE_SHOWN_COUNT_ - 1);
    return shown[static_cast<unsigned>(as + 1) % KOBLE_SHOWN_COUNT_];
  }
  int64_t Shown(int as) const { return const_cast<AgentCell*>(this)->Shown(as); }
  // Time in which he showed that, and had so many units in use; of how many, CountCapacity says later.
  void Pass(int as, int64_t used, int64_t passed_ns) {
    Shown(as) += passed_ns;
    load_unit_ns += Int128{used} * passed_ns;
  }
  // In all time shown of which that is not yet known he had so many units.
  void CountCapacity(int64_t capacity);
  void Add(const AgentCell& other);
  void Fill(koble_figures_agent_row* row) const;
};
static_assert(offsetof(AgentCell, shown) + 2 * sizeof(int64_t) == 64);

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_CELLS_H_
