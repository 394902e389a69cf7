// The traffic of a simulation: when contacts come, of which type, how long they are served, how long they wait.
//
// Each law has a stream of its own, as is usual where policies are compared on the same customers. It is drawn a block at a time: of a block's logarithms none
// waits for the one before, while one that is drawn alone is waited for by whoever needs it.
#ifndef KOBLE_BENCH_TRAFFIC_H_
#define KOBLE_BENCH_TRAFFIC_H_

#include <array>
#include <cstdint>

#include "random.h"

namespace koble::bench {

struct Laws {
  double arrivals_per_s = 1;  // Poisson
  uint32_t types = 1;         // uniform
  double service_mean_s = 180;
  bool service_lognormal = false;  // with a coefficient of variation of 1; else exponential
  double patience_mean_s = 120;    // exponential
};

class Traffic {
 public:
  Traffic(const Laws& laws, uint64_t seed);

  int64_t NextArrivalNs() {
    return arrivals_.Next([this] { DrawArrivals(); });
  }  // since the beginning
  uint32_t NextType() { return static_cast<uint32_t>((types_.Next() >> 32) * laws_.types >> 32); }
  int64_t NextServiceNs() {
    return services_.Next([this] { DrawServices(); });
  }
  int64_t NextPatienceNs() {
    return patiences_.Next([this] { DrawPatiences(); });
  }

 private:
  static constexpr uint32_t kBlock = 64;
  struct Block {
    SplitMix64 random;
    std::array<int64_t, kBlock> values{};
    uint32_t taken = kBlock;  // none is left

    template <class Draw>
    int64_t Next(Draw draw) {
      if (taken == values.size()) [[unlikely]] {
        draw();
        taken = 0;
      }
      return values[taken++];
    }
  };
  void DrawArrivals();
  void DrawServices();
  void DrawPatiences();

  Laws laws_;
  Block arrivals_, services_, patiences_;
  SplitMix64 types_;
  double last_arrival_s_ = 0;
};

}  // namespace koble::bench

#endif  // KOBLE_BENCH_TRAFFIC_H_
