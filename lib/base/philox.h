// Counter-based random numbers: Philox4x32-10 and Philox4x64-10. Integers only, no state: a draw is a pure function.
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC11), section 4.3, with their published
// multipliers and Weyl constants; checked against the known-answer vectors of their Random123 library.
#ifndef KOBLE_LIB_BASE_PHILOX_H_
#define KOBLE_LIB_BASE_PHILOX_H_

#include <array>
#include <cstdint>

#include "base/int128.h"

namespace koble::base {

using Philox4x32Block = std::array<uint32_t, 4>;
using Philox4x64Block = std::array<uint64_t, 4>;

constexpr Philox4x32Block Philox4x32(Philox4x32Block counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      key[0] += 0x9E3779B9u;  // the golden ratio
      key[1] += 0xBB67AE85u;  // sqrt(3) - 1
    }
    const uint64_t p0 = uint64_t{0xD2511F53u} * counter[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(p0)};
  }
  return counter;
}

constexpr Philox4x64Block Philox4x64(Philox4x64Block counter, std::array<uint64_t, 2> key) {
  using Wide = UInt128;
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      key[0] += 0x9E3779B97F4A7C15u;
      key[1] += 0xBB67AE8584CAA73Bu;
    }
    const Wide p0 = Wide{0xD2E7470EE14C6C93u} * counter[0];
    const Wide p1 = Wide{0xCA5A826395121157u} * counter[2];
    counter = {static_cast<uint64_t>(p1 >> 64) ^ counter[1] ^ key[0], static_cast<uint64_t>(p1),
               static_cast<uint64_t>(p0 >> 64) ^ counter[3] ^ key[1], static_cast<uint64_t>(p0)};
  }
  return counter;
}

// The draw keyed (seed, purpose, entity serial, index): 128 random bits as two words. There is no running counter, so a draw
// does not depend on which others were made, or in what order.
constexpr std::array<uint64_t, 2> Draw(uint64_t seed, uint32_t purpose, uint64_t serial, uint32_t index) {
  const Philox4x32Block block =
      Philox4x32({static_cast<uint32_t>(serial), static_cast<uint32_t>(serial >> 32), purpose, index},
                 {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return {uint64_t{block[1]} << 32 | block[0], uint64_t{block[3]} << 32 | block[2]};
}

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_PHILOX_H_
