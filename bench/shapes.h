// Adversarial shapes: centres in which something is as many as it can be, and what a command costs there (docs/performance.md).
#ifndef KOBLE_BENCH_SHAPES_H_
#define KOBLE_BENCH_SHAPES_H_

#include <cstdint>
#include <span>

namespace koble::bench {

struct Cost {
  uint64_t units = 0;  // by which time and instructions are divided
  int64_t nanoseconds = 0;
  uint64_t allocations = 0;
  uint64_t events = 0;
};

struct Shape {
  const char* name;
  const char* unit;                // what a unit is
  uint64_t sizes[3];               // each ten times the one before
  Cost (*measure)(uint64_t size);  // ends the program where the shape does not do what it is there for
};

std::span<const Shape> Shapes();

}  // namespace koble::bench

#endif  // KOBLE_BENCH_SHAPES_H_
