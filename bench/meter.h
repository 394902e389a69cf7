// What is measured of a thread: processor time (on a busy machine the clock on the wall says little), allocations and live bytes (of whatever the
// process allocates; where the C library is not glibc, and in builds with sanitizers, they are not counted). Instructions are valgrind's: most
// virtual machines have no counter for them.
#ifndef KOBLE_BENCH_METER_H_
#define KOBLE_BENCH_METER_H_

#include <chrono>
#include <cstdint>

#include "koble/koble.h"

namespace koble::bench {

struct Allocations {
  uint64_t count = 0;
  int64_t live_bytes = 0;
};
Allocations AllocationsNow();

int64_t ProcessorNanosecondsNow();

// The clock on the wall, for single decisions: a call costs about 20 ns.
inline int64_t NanosecondsNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Sums what happens between Start and Stop.
class Meter {
 public:
  void Start();
  void Stop();
  int64_t nanoseconds = 0;
  uint64_t allocations = 0;

 private:
  int64_t began_ = 0;
  uint64_t allocations_before_ = 0;
};

// Ends the program with the engine's words where a call that must succeed was refused.
[[noreturn]] void Fail(const koble_engine* engine, int32_t code, const char* what);
inline void Must(const koble_engine* engine, int32_t code, const char* what) {
  if (code != KOBLE_OK) [[unlikely]] {
    Fail(engine, code, what);
  }
}

}  // namespace koble::bench

#endif  // KOBLE_BENCH_METER_H_
