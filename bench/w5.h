// Workload W5 (docs/performance.md): 10,000 agents with all different skills, 1,000 queues, 100,000 contacts waiting.
#ifndef KOBLE_BENCH_W5_H_
#define KOBLE_BENCH_W5_H_

#include <cstdint>
#include <vector>

#include "meter.h"

namespace koble::bench {

// Times that were measured one by one.
struct Times {
  std::vector<uint32_t> nanoseconds;
  void Add(int64_t ns);
  void Sort();                              // once all are there
  uint32_t Percentile(double share) const;  // of sorted ones
};

struct W5Result {
  Times decisions;  // by the clock
  Meter
      loop;  // over all that is measured: the decision, its events read, the arrival that takes the place, and the clock read twice
  uint64_t decision_allocations = 0;  // in the decisions alone
  double bytes_per_agent = 0;         // of a fresh engine
  double bytes_per_contact = 0;       // of the 100,000 waiting
  uint64_t digest[2] = {0, 0};
};

// Runs it: so many decisions to warm up, then so many that are measured, each in Host::MeasuredDecision.
W5Result RunW5(uint64_t warm_up, uint64_t decisions);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_W5_H_
