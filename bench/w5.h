// Workload W5 (docs/performance.md): 10,000 agents with all different skills, 1,000 queues, 100,000 contacts waiting.
#ifndef KOBLE_BENCH_W5_H_
#define KOBLE_BENCH_W5_H_

#include <cstdint>
#include <string>
#include <vector>

#include "meter.h"

namespace koble::bench {

struct W5Result {
  uint64_t decisions = 0;
  std::vector<uint32_t> nanoseconds;  // of each decision, sorted
  Meter meter;                        // over the decisions alone; its own cost included
  Meter loop;  // over all that is measured: the decision, its events read, the arrival that takes the place
  uint64_t decision_allocations = 0;  // in the decisions alone
  double bytes_per_agent = 0;         // of a fresh engine
  double bytes_per_contact = 0;       // of the 100,000 waiting
  uint64_t digest[2] = {0, 0};
  uint32_t Percentile(double share) const;
};

// The plan as JSON: splitmix64 with seed 1 draws everything, agent by agent and then queue by queue.
std::string W5Plan(uint32_t agents, uint32_t queues);

// Runs it: so many decisions to warm up, then so many that are measured.
W5Result RunW5(uint64_t warm_up, uint64_t decisions);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_W5_H_
