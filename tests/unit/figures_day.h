// Hand-made event records, so that figures can be tested without an engine.
#ifndef KOBLE_TESTS_UNIT_FIGURES_DAY_H_
#define KOBLE_TESTS_UNIT_FIGURES_DAY_H_

#include <cstdint>
#include <vector>

#include "koble/koble.h"

namespace koble::figures {

inline constexpr int64_t kSecond = 1000000000;

class EventList {
 public:
  static koble_id Id(uint32_t kind, uint64_t number, uint32_t generation = 1) {
    return uint64_t{kind} << 60 | number << 32 | generation;
  }
  static koble_id Agent(uint64_t number) { return Id(KOBLE_KIND_AGENT, number); }
  static koble_id Contact(uint64_t number) { return Id(KOBLE_KIND_CONTACT, number); }
  static koble_id Offer(uint64_t number) { return Id(KOBLE_KIND_OFFER, number); }
  static koble_id Engagement(uint64_t offer) { return Id(KOBLE_KIND_ENGAGEMENT, offer); }

  // Times from now on.
  EventList& At(int64_t seconds, int64_t ns = 0) {
    now_ = seconds * kSecond + ns;
    return *this;
  }
  EventList& Presence(uint64_t agent, uint32_t presence) {
    return Push(KOBLE_EVENT_PRESENCE, presence, 0, agent, 0, None());
  }
  EventList& AgentEvent(uint32_t kind, uint64_t agent) { return Push(kind, 0, 0, agent, 0, None()); }
  EventList& Arrive(uint64_t contact, uint32_t queue) {
    return Push(KOBLE_EVENT_ARRIVED, 0, contact, None64(), 0, queue);
  }
  EventList& Left(uint64_t contact, uint32_t queue, uint32_t reason) {
    return Push(KOBLE_EVENT_LEFT, reason, contact, None64(), 0, queue);
  }
  EventList& Exit(uint64_t contact, uint32_t queue, uint32_t reason) {
    return Left(contact, queue, reason).Push(KOBLE_EVENT_EXIT, reason, contact, None64(), 0, queue);
  }
  EventList& ExitNowhere(uint64_t contact) {
    return Push(KOBLE_EVENT_EXIT, KOBLE_EXIT_NOT_ROUTABLE, contact, None64(), 0, None());
  }
  EventList& OfferTo(uint64_t offer, uint64_t contact, uint64_t agent, uint32_t queue) {
    return Push(KOBLE_EVENT_OFFERED, 0, contact, agent, offer, queue);
  }
  EventList& Outcome(uint64_t offer, uint64_t contact, uint64_t agent, uint32_t queue, uint32_t outcome) {
    return Push(KOBLE_EVENT_OUTCOME, outcome, contact, agent, offer, queue);
  }
  // About the engagement that the offer became.
  EventList& Of(uint32_t kind, uint64_t offer, uint64_t contact, uint64_t agent, uint32_t queue) {
    Push(kind, 0, contact, agent, offer, queue);
    events_.back().engagement = Engagement(offer);
    return *this;
  }
  EventList& Serve(uint64_t offer, uint64_t contact, uint64_t agent, uint32_t queue) {
    return Of(KOBLE_EVENT_ACCEPTED, offer, contact, agent, queue).Of(KOBLE_EVENT_SERVING, offer, contact, agent, queue);
  }
  EventList& Plan(uint64_t hash) {
    Push(KOBLE_EVENT_PLAN, 0, 0, None64(), 0, None());
    events_.back().a = static_cast<int64_t>(hash);
    return *this;
  }

  const std::vector<koble_event>& events() const { return events_; }

 private:
  static uint32_t None() { return KOBLE_QUEUE_NONE; }
  static uint64_t None64() { return UINT64_MAX; }
  EventList& Push(uint32_t kind, uint32_t reason, uint64_t contact, uint64_t agent, uint64_t offer, uint32_t queue) {
    koble_event event{};
    event.seq = events_.size() + 1;
    event.time_ns = event.due_ns = now_;
    event.kind = kind;
    event.reason = reason;
    event.contact = contact == 0 ? 0 : Contact(contact);
    event.serial = contact;
    event.agent = agent == None64() ? 0 : Agent(agent);
    event.offer = offer == 0 ? 0 : Offer(offer);
    event.queue = queue;
    events_.push_back(event);
    return *this;
  }

  int64_t now_ = 0;
  std::vector<koble_event> events_;
};

// The golden day of docs/measures.md: twenty contacts, every number of which is derived there and in figures_day_test.cc.
enum : uint32_t { kVoice = 0, kChat = 1, kCases = 2, kConnect = 3 };
enum : uint64_t { kA = 0, kB = 1, kC = 2 };
EventList GoldenDay();

}  // namespace koble::figures

#endif  // KOBLE_TESTS_UNIT_FIGURES_DAY_H_
