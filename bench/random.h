/* The draws of the benchmarks: splitmix64, so that every machine and every library version gives the same traffic. For C and C++. */
#ifndef KOBLE_BENCH_RANDOM_H_
#define KOBLE_BENCH_RANDOM_H_

#include <math.h>
#include <stdint.h>

/* `state` is the seed before the first draw. */
static inline uint64_t splitmix64_next(uint64_t* state) {
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}
/* Above 0 and below 1. */
static inline double splitmix64_uniform(uint64_t* state) {
  return ((double)(splitmix64_next(state) >> 11) + 0.5) * 0x1p-53;
}
static inline double splitmix64_exponential(uint64_t* state, double mean) {
  return -log(splitmix64_uniform(state)) * mean;
}

#ifdef __cplusplus
namespace koble::bench {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t Next() { return splitmix64_next(&state_); }
  uint64_t Below(uint64_t n) { return Next() % n; }
  double Uniform() { return splitmix64_uniform(&state_); }
  double Exponential(double mean) { return splitmix64_exponential(&state_, mean); }
  double Normal() {  // Marsaglia's polar method, which gives two
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    for (;;) {
      const double a = 2 * Uniform() - 1;
      const double b = 2 * Uniform() - 1;
      const double r = a * a + b * b;
      if (r <= 0 || r >= 1) continue;
      const double scale = sqrt(-2 * log(r) / r);
      spare_ = b * scale;
      has_spare_ = true;
      return a * scale;
    }
  }

 private:
  uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace koble::bench
#endif /* __cplusplus */

#endif /* KOBLE_BENCH_RANDOM_H_ */
