// What telephone systems are asked to do, put through Koble (docs/performance.md, "The situations of a PBX").
#ifndef KOBLE_BENCH_SITUATIONS_H_
#define KOBLE_BENCH_SITUATIONS_H_

#include <cstdint>
#include <span>

namespace koble::bench {

struct Outcomes {
  uint64_t units = 0;  // calls, polls or offers
  double ns_each = 0;
  double median_ns = 0, p999_ns = 0;       // of the commands, by the clock
  double least_calls = 0, most_calls = 0;  // of a member
};

struct Situation {
  const char* name;
  const char* unit;
  uint64_t sizes[3];  // as many as are not 0
  Outcomes (*measure)(uint64_t size, uint64_t turns);
};

std::span<const Situation> Situations();

}  // namespace koble::bench

#endif  // KOBLE_BENCH_SITUATIONS_H_
