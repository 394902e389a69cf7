// Ids, looking things up, events.
#include <algorithm>

#include "reference/router.h"

namespace koble::reference {

koble_id Router::NewId(uint32_t kind) {
  std::vector<Slot>& slots = slots_[kind];
  uint64_t slot = 0;
  while (slot < slots.size() && slots[slot].living) ++slot;
  if (slot == slots.size()) slots.emplace_back();
  slots[slot].living = true;
  return (uint64_t{kind} << 60) | (slot << 32) | slots[slot].generation;
}

void Router::FreeId(koble_id id) {
  Slot& slot = slots_[KOBLE_ID_KIND(id)][KOBLE_ID_SLOT(id)];
  slot.living = false;
  ++slot.generation;
}

int32_t Router::Check(koble_id id, uint32_t kind) const {
  const bool kind_exists = KOBLE_ID_KIND(id) >= KOBLE_KIND_CONTACT && KOBLE_ID_KIND(id) <= KOBLE_KIND_ENGAGEMENT;
  if (!kind_exists) return KOBLE_ERR_UNKNOWN;
  if (KOBLE_ID_KIND(id) != kind) return KOBLE_ERR_KIND;
  const std::vector<Slot>& slots = slots_[kind];
  if (KOBLE_ID_SLOT(id) >= slots.size()) return KOBLE_ERR_UNKNOWN;
  const Slot& slot = slots[KOBLE_ID_SLOT(id)];
  const uint32_t generation = KOBLE_ID_GENERATION(id);
  if (generation == slot.generation && slot.living) return KOBLE_OK;
  return generation >= 1 && generation < slot.generation ? KOBLE_ERR_ENDED : KOBLE_ERR_UNKNOWN;
}

namespace {

template <typename T>
T* FindById(std::list<T>& all, koble_id id) {
  for (T& one : all) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

}  // namespace

Contact* Router::FindContact(koble_id id) { return FindById(contacts_, id); }
Agent* Router::FindAgent(koble_id id) { return FindById(agents_, id); }
Offer* Router::FindOffer(koble_id id) { return FindById(offers_, id); }
Engagement* Router::FindEngagement(koble_id id) { return FindById(engagements_, id); }

Agent* Router::FindAgentByName(std::string_view name) {
  for (Agent& agent : agents_) {
    if (agent.definition.name == name) return &agent;
  }
  return nullptr;
}

uint32_t Router::FindSymbol(std::string_view name) const {
  const auto found = std::find(symbols_.begin(), symbols_.end(), name);
  return found == symbols_.end() ? 0 : static_cast<uint32_t>(found - symbols_.begin()) + 1;
}

std::vector<koble_id> Router::OpenOffersOf(const Contact& contact) const {
  std::vector<koble_id> found;
  for (const Offer& offer : offers_) {
    if (offer.contact == contact.id) found.push_back(offer.id);
  }
  return found;
}

bool Router::HasEngagement(const Agent& agent) const {
  return std::any_of(engagements_.begin(), engagements_.end(),
                     [&](const Engagement& engagement) { return engagement.agent == agent.id; });
}

const plan::Queue& Router::QueueOf(const Engagement& engagement) const {
  return engagement.queue == KOBLE_QUEUE_NONE ? engagement.last_plan : plan_->queues[engagement.queue];
}

koble_event& Router::Emit(uint32_t kind, uint32_t reason) {
  koble_event event = {};
  event.seq = ++last_event_;
  event.time_ns = now_;
  event.due_ns = instant_;
  event.kind = kind;
  event.reason = reason;
  event.queue = KOBLE_QUEUE_NONE;
  events_->push_back(event);
  return events_->back();
}

koble_event& Router::Emit(uint32_t kind, const Agent& agent, uint32_t reason) {
  koble_event& event = Emit(kind, reason);
  event.agent = agent.id;
  return event;
}

koble_event& Router::Emit(uint32_t kind, const Contact& contact, uint32_t queue, uint32_t reason) {
  koble_event& event = Emit(kind, reason);
  event.contact = contact.id;
  event.serial = contact.serial;
  event.host_ref = contact.host_ref;
  event.queue = queue;
  return event;
}

koble_event& Router::Emit(uint32_t kind, const Offer& offer, uint32_t reason) {
  koble_event& event = Emit(kind, *FindContact(offer.contact), offer.queue, reason);
  event.agent = offer.agent;
  event.offer = offer.id;
  return event;
}

koble_event& Router::Emit(uint32_t kind, const Engagement& engagement, uint32_t reason) {
  koble_event& event = Emit(kind, reason);
  event.contact = engagement.contact;
  event.serial = engagement.serial;
  event.host_ref = engagement.host_ref;
  event.queue = engagement.queue;
  event.agent = engagement.agent;
  event.engagement = engagement.id;
  event.offer = engagement.offer;
  return event;
}

}  // namespace koble::reference
