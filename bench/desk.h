// A host for benchmarks that want to know what happened: it gives commands one by one, measures those that it is told to, and keeps their events.
#ifndef KOBLE_BENCH_DESK_H_
#define KOBLE_BENCH_DESK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "koble/koble.h"
#include "meter.h"
#include "workload.h"

namespace koble::bench {

// Not inlined, so that a profiler can be told to look at it alone.
template <class Call>
__attribute__((noinline)) int32_t MeasuredCall(const Call& call, koble_result* result) {
  return call(result);
}

class Desk {
 public:
  // Of a plan as JSON; `name` says whose it is.
  Desk(const std::string& plan, const std::string& name);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  koble_engine* engine() { return engine_; }
  const std::vector<koble_id>& agents() const { return agents_; }     // in the order of the plan
  const std::vector<koble_event>& events() const { return events_; }  // of the last command
  uint64_t Count(uint32_t kind) const;                                // of these events
  const koble_event& First(uint32_t kind) const;                      // ends the program if there is none

  // From now on commands are measured, or not any more. Reading their events is not part of it.
  void Measure(bool yes) { measures_ = yes; }
  const Meter& meter() const { return meter_; }
  uint64_t measured() const { return measured_; }  // commands
  uint64_t measured_events() const { return measured_events_; }
  const std::vector<uint32_t>& nanoseconds() const { return nanoseconds_; }  // of each, by the clock

  // Commands: each is a step of 1 ms later than the last, unless it gives a time.
  koble_id Arrive(uint32_t queue, const koble_attribute* attribute = nullptr);
  void Gone(koble_id contact, uint32_t by);
  void Presence(koble_id agent, uint32_t presence);
  void Accept(koble_id offer);
  void Decline(koble_id offer);
  void Advance(int64_t now_ns);
  void Resume(int64_t now_ns, int64_t down_since_ns);
  uint32_t Symbol(const char* name);
  void SignInAll();

  int64_t now_ns() const { return now_ns_; }
  int64_t Later() { return now_ns_ += 1'000'000; }

 private:
  template <class Call>
  void Do(const char* what, const Call& call);

  koble_engine* engine_ = nullptr;
  std::vector<koble_id> agents_;
  std::vector<koble_event> events_;
  std::vector<uint32_t> nanoseconds_;
  Meter meter_;
  koble_result result_ = KOBLE_RESULT_INIT;
  int64_t now_ns_ = 0;
  uint64_t measured_ = 0, measured_events_ = 0;
  bool measures_ = false;
};

// Ends the program where a benchmark did not do what it is there for.
void Hold(bool good, const char* what);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_DESK_H_
