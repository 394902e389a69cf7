// Order (section 5).
#include <algorithm>
#include <tuple>
#include <utility>

#include "reference/router.h"

namespace koble::reference {

namespace {

Int128 CeilDiv(Int128 a, Int128 b) { return (a + b - 1) / b; }

// b of 5.1
Int128 BaseOf(int64_t priority, int64_t raised, const plan::Queue& queue) {
  return Int128{queue.base_micro} + std::min(priority, queue.own_priority_max_micro) + raised;
}

}  // namespace

// What its open steps give.
int64_t Router::RaisedBy(const Standing& standing) const {
  if (standing.placed) return standing.raised;
  int64_t raised = 0;
  for (const uint32_t step : standing.open) raised += RulesOf(standing).steps[step].priority_micro;
  return raised;
}

// 5.1
Int128 Router::VirtualArrival(int64_t arrival, Int128 base, int64_t own_credit, const plan::Queue& queue) const {
  const Int128 credit = Int128{queue.credit_ns} + std::min(own_credit, queue.own_credit_max_ns);
  const Int128 ahead = queue.rate_micro > 0 ? CeilDiv(base * kNsPerSecond, queue.rate_micro) : 0;
  return arrival - std::min<Int128>(credit + ahead, KOBLE_DURATION_MAX);
}

// The score is in micro-points x ns / s, so that nothing is ever rounded.
Router::Place Router::PlaceOf(const Contact& contact, const Standing& standing) const {
  const plan::Queue& queue = plan_->queues[standing.queue];
  const int64_t priority = standing.placed ? standing.priority : contact.priority;
  const int64_t credit = standing.placed ? standing.credit : contact.credit;
  Place place;
  place.weight = queue.weight;
  place.arrival = standing.placed ? standing.arrival : contact.arrival;
  place.serial = standing.placed ? standing.serial : contact.serial;
  const Int128 base = BaseOf(priority, RaisedBy(standing), queue);
  place.v = VirtualArrival(place.arrival, base, credit, queue);
  if (const auto shared = shared_places_.find(place.serial); shared != shared_places_.end()) {
    std::pair<uint64_t, std::string> who{contact.serial, standing.placed ? queue.name : ""};
    const auto at = std::find(shared->second.begin(), shared->second.end(), who);
    place.order = static_cast<size_t>(at - shared->second.begin());
  }
  const Int128 cap = queue.cap_micro * kNsPerSecond;
  place.score = std::min(cap, queue.rate_micro > 0 ? queue.rate_micro * (now_ - place.v) : base * kNsPerSecond);
  return place;
}

// 5.2
bool Router::Better(const Place& a, const Place& b) {
  return std::tie(b.weight, b.score, a.v, a.arrival, a.serial, a.order) <
         std::tie(a.weight, a.score, b.v, b.arrival, b.serial, b.order);
}

uint32_t Router::PositionIn(const Contact& contact, uint32_t queue) const {
  const auto waits_there = [&](const Contact& one) -> const Standing* {
    const auto at = std::find_if(one.standings.begin(), one.standings.end(),
                                 [&](const Standing& standing) { return standing.queue == queue; });
    return one.state == KOBLE_CONTACT_WAITING && at != one.standings.end() ? &*at : nullptr;
  };
  const Standing* own = waits_there(contact);
  if (own == nullptr) return 0;
  const Place place = PlaceOf(contact, *own);
  return 1 + static_cast<uint32_t>(std::count_if(contacts_.begin(), contacts_.end(), [&](const Contact& other) {
           const Standing* there = waits_there(other);
           return there != nullptr && Better(PlaceOf(other, *there), place);
         }));
}

}  // namespace koble::reference
