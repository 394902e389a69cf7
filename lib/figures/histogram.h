// A log-bucketed histogram of durations, mergeable, with a stated relative error; integers only.
//
// Values below 2^7 ns have a bucket each. Above, every power of two is cut into 2^7 equal buckets, so a bucket is never wider
// than 2^-7 (0.79 %) of its lower bound: the idea of HdrHistogram (Tene). A quantile is answered with its bucket's upper
// bound, so quantile <= answer <= quantile x (1 + 2^-7), and never more than the exact maximum. Sum and maximum are exact.
#ifndef KOBLE_LIB_FIGURES_HISTOGRAM_H_
#define KOBLE_LIB_FIGURES_HISTOGRAM_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/int128.h"

namespace koble::figures {

using base::Int128;

// For rows of 64 bits: sums are exact inside, and INT64_MAX in a row means "at least this".
constexpr int64_t Saturated(Int128 value) {
  return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : static_cast<int64_t>(value);
}

class Histogram {
 public:
  static constexpr int kSubBits = 7;
  struct Bucket {
    uint32_t index = 0;
    uint64_t count = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };

  static uint32_t IndexOf(int64_t value_ns);
  static int64_t LowerBound(uint32_t index);  // smallest value of the bucket
  static int64_t UpperBound(uint32_t index);  // largest value of the bucket

  void Add(int64_t value_ns);  // negative values count as 0: no duration is negative
  void Merge(const Histogram& other);

  uint64_t count() const { return count_; }
  Int128 sum() const { return sum_; }
  int64_t max() const { return max_; }  // 0 where nothing was added
  std::span<const Bucket> buckets() const { return buckets_; }

  // The smallest value v with at least ppm millionths of the values <= v, as above; -1 where nothing was added.
  int64_t Quantile(uint32_t ppm) const;

 private:
  uint64_t count_ = 0;
  Int128 sum_ = 0;
  int64_t max_ = 0;
  std::vector<Bucket> buckets_;  // by index, rising; empty ones are left out
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_HISTOGRAM_H_
