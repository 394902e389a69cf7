// The 128-bit hash behind digest and check sums. Integers only, so equal on every machine; its definition is part of the
// rules version: a change of it is a change of KOBLE_RULES_VERSION.
#ifndef KOBLE_LIB_BASE_DIGEST_H_
#define KOBLE_LIB_BASE_DIGEST_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/int128.h"

namespace koble::base {

// A sum modulo 2^128 of terms: equal sets of terms give equal sums, whatever their order.
struct Sum128 {
  uint64_t lo = 0;
  uint64_t hi = 0;

  void Add(const Sum128& term) {
    lo += term.lo;
    hi += term.hi + (lo < term.lo ? 1 : 0);
  }
  void Subtract(const Sum128& term) {
    hi -= term.hi + (lo < term.lo ? 1 : 0);
    lo -= term.lo;
  }
  friend bool operator==(const Sum128&, const Sum128&) = default;
};

// Multiply-fold mixing of 64-bit words in two lanes with different constants.
class Hasher {
 public:
  explicit Hasher(uint64_t seed) : a_(seed ^ 0x9e3779b97f4a7c15u), b_(seed + 0xd1b54a32d192ed03u) {}

  void Mix(uint64_t x) {
    a_ = Fold(a_ ^ x, 0xa0761d6478bd642fu) + x;
    b_ = Fold(b_ + x, 0xe7037ed1a0b428dbu) ^ (a_ >> 7);
  }
  void MixBytes(std::string_view bytes) {
    Mix(bytes.size());
    size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) Mix(LoadInt<uint64_t>(bytes.data() + i));
    if (i < bytes.size()) Mix(Rest(bytes.substr(i)));
  }
  Sum128 Finish() const { return {Fold(a_ ^ 0x8ebc6af09c88c6e3u, b_ | 1), Fold(b_ ^ 0x589965cc75374cc3u, a_ | 1)}; }

 private:
  // Fewer than 8, little-endian.
  static uint64_t Rest(std::string_view bytes) {
    uint64_t word = 0;
    for (size_t i = 0; i < bytes.size(); ++i) word |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
    return word;
  }
  static uint64_t Fold(uint64_t x, uint64_t y) {
    const UInt128 product = UInt128{x} * y;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  uint64_t a_;
  uint64_t b_;
};

inline Sum128 HashBytes(std::string_view bytes) {
  Hasher hasher(0);
  hasher.MixBytes(bytes);
  return hasher.Finish();
}

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_DIGEST_H_
