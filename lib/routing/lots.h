// Lots for the choice of an agent (docs/model.md, 5.8): a pure function of the engine's seed, the contact and its attempt.
#ifndef KOBLE_LIB_ROUTING_LOTS_H_
#define KOBLE_LIB_ROUTING_LOTS_H_

#include <cstdint>

#include "base/philox.h"

namespace koble::routing {

class Lots {
 public:
  Lots(uint64_t seed, uint64_t serial, uint32_t attempt) : seed_(seed), serial_(serial), attempt_(attempt) {}

  // Uniform below `n` > 0: a draw beyond the greatest multiple of n is thrown away.
  uint64_t Below(uint64_t n) {
    const uint64_t beyond = (0 - n) % n;  // 2^64 modulo n
    for (;;) {
      const uint64_t draw = base::Draw(seed_, kPurpose + (draws_++ << 8), serial_, attempt_)[0];
      if (draw <= UINT64_MAX - beyond) return draw % n;
    }
  }

 private:
  static constexpr uint32_t kPurpose = 1;  // the choice of an agent
  uint64_t seed_;
  uint64_t serial_;
  uint32_t attempt_;
  uint32_t draws_ = 0;
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_LOTS_H_
