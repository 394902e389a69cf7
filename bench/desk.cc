#include "desk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace koble::bench {

void Hold(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "benchmark: %s: it does not measure what it should; report it as a defect\n", what);
  std::exit(1);
}

Desk::Desk(const std::string& plan, const std::string& name) {
  const koble_plan* loaded = LoadPlan(plan, name);
  engine_ = OpenEngine(loaded, {});
  koble_plan_release(const_cast<koble_plan*>(loaded));
  uint64_t count = 0;
  Must(engine_, koble_list(engine_, KOBLE_KIND_AGENT, nullptr, 0, &count), "list");
  agents_.resize(count);
  Must(engine_, koble_list(engine_, KOBLE_KIND_AGENT, agents_.data(), count, &count), "list");
}

Desk::~Desk() { koble_engine_destroy(engine_); }

template <class Call>
void Desk::Do(const char* what, const Call& call) {
  int32_t code = KOBLE_OK;
  if (measures_) {
    const int64_t began_ns = NanosecondsNow();
    meter_.Start();
    code = MeasuredCall(call, &result_);
    meter_.Stop();
    nanoseconds_.push_back(static_cast<uint32_t>(std::min<int64_t>(NanosecondsNow() - began_ns, UINT32_MAX)));
  } else {
    code = call(&result_);
  }
  Must(engine_, code, what);
  events_.resize(result_.event_count);
  uint64_t count = 0;
  for (uint64_t have = 0; have < result_.event_count; have += count) {
    Must(engine_,
         koble_events_read(engine_, result_.event_first + have, events_.data() + have, sizeof(koble_event),
                           result_.event_count - have, &count),
         "read");
  }
  Must(engine_, koble_events_acknowledge(engine_, koble_events_last(engine_)), "acknowledge");
  if (!measures_) return;
  ++measured_;
  measured_events_ += events_.size();
}

uint64_t Desk::Count(uint32_t kind) const {
  return static_cast<uint64_t>(
      std::count_if(events_.begin(), events_.end(), [&](const koble_event& event) { return event.kind == kind; }));
}

const koble_event& Desk::First(uint32_t kind) const {
  const auto at =
      std::find_if(events_.begin(), events_.end(), [&](const koble_event& event) { return event.kind == kind; });
  Hold(at != events_.end(), "an event that should be there is not");
  return *at;
}

koble_id Desk::Arrive(uint32_t queue, const koble_attribute* attribute) {
  const uint32_t attributes = attribute == nullptr ? 0 : 1;
  const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, attribute, attributes, 0, 0, 0};
  const int64_t now = Later();
  Do("arrive", [&](koble_result* result) { return koble_contact_arrive(engine_, now, &arrival, result); });
  return result_.id;
}

void Desk::Gone(koble_id contact, uint32_t by) {
  const int64_t now = Later();
  Do("gone", [&](koble_result* result) { return koble_contact_gone(engine_, now, contact, by, result); });
}

void Desk::Presence(koble_id agent, uint32_t presence) {
  const int64_t now = Later();
  Do("presence", [&](koble_result* result) { return koble_agent_presence(engine_, now, agent, presence, 0, result); });
}

void Desk::Accept(koble_id offer) {
  const int64_t now = Later();
  Do("accept", [&](koble_result* result) { return koble_offer_accept(engine_, now, offer, result); });
}

void Desk::Decline(koble_id offer) {
  const int64_t now = Later();
  Do("decline",
     [&](koble_result* result) { return koble_offer_end(engine_, now, offer, KOBLE_OUTCOME_DECLINED, result); });
}

void Desk::Advance(int64_t now_ns) {
  now_ns_ = now_ns;
  Do("advance", [&](koble_result* result) { return koble_advance(engine_, now_ns, result); });
}

void Desk::Resume(int64_t now_ns, int64_t down_since_ns) {
  now_ns_ = now_ns;
  Do("resume", [&](koble_result* result) { return koble_resume(engine_, now_ns, down_since_ns, result); });
}

uint32_t Desk::Symbol(const char* name) {
  const int64_t now = Later();
  Do("symbol", [&](koble_result* result) { return koble_symbol_intern(engine_, now, name, result); });
  return koble_symbol_find(engine_, name);
}

void Desk::SignInAll() {
  for (const koble_id agent : agents_) Presence(agent, KOBLE_PRESENCE_AVAILABLE);
}

}  // namespace koble::bench
