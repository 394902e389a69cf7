// What happens once: a great plan is read, a great engine is copied.
#ifndef KOBLE_BENCH_LOADING_H_
#define KOBLE_BENCH_LOADING_H_

#include <cstdint>

namespace koble::bench {

struct LoadingResult {
  double json_ms = 0;  // by the clock: reading, checking and compiling
  double binary_ms = 0;
  uint64_t json_bytes = 0;
  uint64_t binary_bytes = 0;
};
// A plan of 15,000 agents that all differ (those of W5), and 2,000 queues with 5,000 steps between them.
LoadingResult RunLoading();

struct CloningResult {
  double clone_ms = 0;  // by the clock
  uint64_t waiting = 0;
};
// An engine of W5: 10,000 agents of whom all who are wanted are busy, 1,000 queues, 100,000 contacts that wait.
CloningResult RunCloning();

}  // namespace koble::bench

#endif  // KOBLE_BENCH_LOADING_H_
