// Several engines at a time: whether they get in each other's way.
#ifndef KOBLE_BENCH_THREADS_H_
#define KOBLE_BENCH_THREADS_H_

#include <cstdint>

namespace koble::bench {

struct ThreadsResult {
  uint64_t arrivals = 0;    // of all engines
  double wall_ns = 0;       // of all that they play, the engines being there
  double processor_ns = 0;  // of all threads
};
// So many engines of W2, as evenly as can be on so many threads; each plays so many arrivals, a thread's engines in turns of 1,000.
ThreadsResult RunThreads(uint32_t engines, uint32_t threads, uint64_t arrivals_each);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_THREADS_H_
