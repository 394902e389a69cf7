// A sum of durations that cannot run over: 2^64 of the longest fit. Written by halves, since g++ takes a sum of __int128 through memory where it is
// short of registers; so it is two instructions.
#ifndef KOBLE_LIB_FIGURES_TIME_SUM_H_
#define KOBLE_LIB_FIGURES_TIME_SUM_H_

#include <cstdint>

#include "base/int128.h"

namespace koble::figures {

using base::Int128;

class TimeSum {
 public:
  void Add(int64_t ns) { AddTo(0, static_cast<uint64_t>(ns)); }  // precondition: ns >= 0
  void Add(const TimeSum& other) { AddTo(other.high_, other.low_); }
  Int128 Value() const { return static_cast<Int128>(base::UInt128{high_} << 64 | low_); }

 private:
  void AddTo(uint64_t high, uint64_t low) {
    low_ += low;
    high_ += high + (low_ < low ? 1 : 0);
  }

  uint64_t low_ = 0, high_ = 0;
};

// For rows of 64 bits: sums are exact inside, and INT64_MAX in a row means "at least this".
constexpr int64_t Saturated(Int128 value) {
  return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : static_cast<int64_t>(value);
}
inline int64_t Saturated(const TimeSum& sum) { return Saturated(sum.Value()); }

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_TIME_SUM_H_
