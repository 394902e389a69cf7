// Where a contact stands in the order of one of its queues: what follows from its figures and the queue's settings (docs/model.md, 5.1).
#ifndef KOBLE_LIB_ROUTING_FIGURES_H_
#define KOBLE_LIB_ROUTING_FIGURES_H_

#include <algorithm>
#include <cstdint>

#include "plan/plan.h"
#include "routing/order.h"
#include "state/state.h"

namespace koble::routing {

// What counts in the queue of the priority that a contact brings along.
inline int64_t OwnPriority(const plan::Queue& queue, int64_t priority) {
  return std::min(priority, queue.own_priority_max_micro);
}
// The points that do not come by waiting.
inline int64_t BaseOf(const plan::Queue& queue, const state::Figures& figures) {
  return queue.base_micro + OwnPriority(queue, figures.priority) + figures.raised;
}
inline Growth GrowthOf(const plan::Queue& queue) {
  return {queue.weight, queue.rate_micro, queue.rate_micro == 0 ? INT64_MAX : queue.cap_micro};
}
// Where nothing grows, the score; else 0.
inline int64_t LevelOf(const plan::Queue& queue, const state::Figures& figures) {
  return queue.rate_micro == 0 ? std::min(queue.cap_micro, BaseOf(queue, figures)) : 0;
}
// ceil(base / rate) in ns: how much earlier a contact with this base would have had to arrive. Precondition: rate > 0.
inline Int128 HeadStart(int64_t base_micro, int64_t rate_micro) {
  return (Int128{base_micro} * kSecond + rate_micro - 1) / rate_micro;
}
// v: when the contact would have had to arrive for the place that it has. At most 100 years before it did.
inline int64_t VirtualArrival(const plan::Queue& queue, const state::Figures& figures) {
  Int128 head_start = Int128{queue.credit_ns} + std::min(figures.credit_ns, queue.own_credit_max_ns);
  if (queue.rate_micro > 0) {
    head_start += HeadStart(BaseOf(queue, figures), queue.rate_micro);
  }
  return figures.arrival_ns - static_cast<int64_t>(std::min<Int128>(head_start, KOBLE_DURATION_MAX));
}

// Where it is not put elsewhere.
inline state::Figures OwnFigures(const state::Contact& contact, const plan::Queue& queue, uint64_t open) {
  return {contact.arrival_ns, contact.priority, contact.credit_ns, contact.serial, 0, queue.PriorityOf(open)};
}

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_FIGURES_H_
