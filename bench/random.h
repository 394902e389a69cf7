// The draws of the benchmarks: splitmix64, so that every machine and every library version gives the same traffic.
#ifndef KOBLE_BENCH_RANDOM_H_
#define KOBLE_BENCH_RANDOM_H_

#include <cmath>
#include <cstdint>

namespace koble::bench {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t n) { return Next() % n; }
  double Uniform() { return (static_cast<double>(Next() >> 11) + 0.5) * 0x1p-53; }
  double Exponential(double mean) { return -std::log(Uniform()) * mean; }
  double Normal() {  // Marsaglia's polar method, one of the pair thrown away
    for (;;) {
      const double a = 2 * Uniform() - 1;
      const double b = 2 * Uniform() - 1;
      const double r = a * a + b * b;
      if (r > 0 && r < 1) return a * std::sqrt(-2 * std::log(r) / r);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace koble::bench

#endif  // KOBLE_BENCH_RANDOM_H_
