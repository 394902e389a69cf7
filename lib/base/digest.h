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

// Mixes 64-bit words, two at a time, into a state of twice that length: one product of 128 bits for each two, of which every bit is kept and to which
// both factors are added once more, so that no word is lost where the other factor is 0.
class Hasher {
 public:
  explicit Hasher(uint64_t seed, uint64_t more = 0) { Mix(seed, more); }

  void Mix(uint64_t x, uint64_t y) {
    const uint64_t u = a_ ^ x;
    const uint64_t v = b_ ^ y;
    const UInt128 product = UInt128{u} * v;
    a_ = static_cast<uint64_t>(product >> 64) ^ v;
    b_ = static_cast<uint64_t>(product) + u;
  }
  // One alone is not the same as that one and 0.
  void Mix(uint64_t x) { Mix(x, 0xa0761d6478bd642fu); }
  void MixBytes(std::string_view bytes) {
    constexpr size_t kWord = sizeof(uint64_t);
    size_t i = 0;
    for (; i + 2 * kWord <= bytes.size(); i += 2 * kWord) {
      Mix(LoadInt<uint64_t>(bytes.data() + i), LoadInt<uint64_t>(bytes.data() + i + kWord));
    }
    const bool whole = i + kWord <= bytes.size();
    const uint64_t word = whole ? LoadInt<uint64_t>(bytes.data() + i) : 0;
    if (whole) i += kWord;
    Mix(word, Rest(bytes.substr(i)));
    Mix(bytes.size());
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
  uint64_t a_ = 0x9e3779b97f4a7c15u;
  uint64_t b_ = 0xd1b54a32d192ed03u;
};

inline Sum128 HashBytes(std::string_view bytes) {
  Hasher hasher(0);
  hasher.MixBytes(bytes);
  return hasher.Finish();
}

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_DIGEST_H_
