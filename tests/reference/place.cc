// Positions (5.9).
#include <algorithm>

#include "reference/router.h"

namespace koble::reference {

// Those who wait in the queue, best place first.
std::vector<std::pair<Contact*, Standing*>> Router::OthersInOrder(const Contact& contact, uint32_t queue) {
  std::vector<std::pair<Contact*, Standing*>> others;
  for (Contact& other : contacts_) {
    if (other.id == contact.id || other.state != KOBLE_CONTACT_WAITING) continue;
    for (Standing& standing : other.standings) {
      if (standing.queue == queue) others.emplace_back(&other, &standing);
    }
  }
  std::sort(others.begin(), others.end(), [&](const auto& a, const auto& b) {
    return Better(PlaceOf(*a.first, *a.second), PlaceOf(*b.first, *b.second));
  });
  return others;
}

void Router::RequestPosition(Contact& contact, Standing& standing, uint32_t position) {
  const plan::Queue& queue = plan_->queues[standing.queue];
  const auto counted = [&](int64_t priority) { return std::min(priority, queue.own_priority_max_micro); };
  const auto others = OthersInOrder(contact, standing.queue);
  const Place own = PlaceOf(contact, standing);
  size_t at = position;  // from 1
  for (size_t i = 0; i < others.size(); ++i) {
    const auto& [other, there] = others[i];
    if (Better(own, PlaceOf(*other, *there))) break;
    const int64_t priority = there->placed ? there->priority : other->priority;
    if (counted(priority) > counted(contact.priority)) at = std::max(at, i + 2);
  }
  if (at > others.size()) return;
  const auto& [other, there] = others[at - 1];
  if (Better(own, PlaceOf(*other, *there))) return;
  PutAt(contact, standing, *other, *there, true, at);
}

void Router::PutAt(Contact& contact, Standing& standing, const Contact& other, const Standing& at, bool ahead,
                   size_t position) {
  const std::string& queue = plan_->queues[standing.queue].name;
  const uint64_t serial = at.placed ? at.serial : other.serial;
  const Contact figures = other;
  const Standing place = at;
  std::vector<std::pair<uint64_t, std::string>>& shared = shared_places_[serial];
  if (shared.empty()) shared.emplace_back(serial, "");
  std::erase(shared, std::pair(contact.serial, queue));
  const std::pair<uint64_t, std::string> who{other.serial, place.placed ? queue : ""};
  const auto found = std::find(shared.begin(), shared.end(), who);
  shared.insert(ahead ? found : found + 1, {contact.serial, queue});
  standing.placed = true;
  standing.arrival = place.placed ? place.arrival : figures.arrival;
  standing.priority = place.placed ? place.priority : figures.priority;
  standing.credit = place.placed ? place.credit : figures.credit;
  standing.raised = RaisedBy(place);
  standing.serial = serial;
  Emit(KOBLE_EVENT_PLACED, contact, standing.queue).a = static_cast<int64_t>(position);
}

int32_t Router::ContactPlace(koble_id id, uint32_t queue, uint32_t position) {
  if (const int32_t code = Check(id, KOBLE_KIND_CONTACT); code != KOBLE_OK) return code;
  if (queue != KOBLE_QUEUE_NONE && queue >= plan_->queue_count) return KOBLE_ERR_UNKNOWN;
  Contact& contact = *FindContact(id);
  bool stands = false;
  for (Standing& standing : contact.standings) {
    if (queue != KOBLE_QUEUE_NONE && queue != standing.queue) continue;
    stands = true;
    const auto others = OthersInOrder(contact, standing.queue);
    const auto before_it = [&] {
      const Place own = PlaceOf(contact, standing);
      return static_cast<size_t>(std::count_if(others.begin(), others.end(), [&](const auto& other) {
        return Better(PlaceOf(*other.first, *other.second), own);
      }));
    };
    if (position == 0) {
      if (!standing.placed) continue;
      standing.placed = false;
      Emit(KOBLE_EVENT_PLACED, contact, standing.queue).a = static_cast<int64_t>(before_it() + 1);
    } else {
      const size_t wanted = std::min<size_t>(position, others.size() + 1);
      if (before_it() + 1 == wanted) continue;
      const bool ahead = wanted <= others.size();
      const auto& [other, there] = others[ahead ? wanted - 1 : others.size() - 1];
      PutAt(contact, standing, *other, *there, ahead, wanted);
    }
    changed_ = true;
  }
  return stands ? KOBLE_OK : KOBLE_ERR_STATE;
}

}  // namespace koble::reference
