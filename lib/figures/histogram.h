// A log-bucketed histogram of durations, mergeable, with a stated relative error; integers only.
//
// Values below 2^7 ns have a bucket each. Above, every power of two is cut into 2^7 equal buckets, so a bucket is never wider
// than 2^-7 (0.79 %) of its lower bound: the idea of HdrHistogram (Tene). A quantile is answered with its bucket's upper
// bound, so quantile <= answer <= quantile x (1 + 2^-7), and never more than the exact maximum. Sum and maximum are exact.
//
// While few buckets are filled they are a list; where they fill a quarter of the room between the least and the greatest they are an array, which takes at most
// twice the memory and is written without a search. Durations of 0, which are common (whoever is served at once), are counted beside both.
#ifndef KOBLE_LIB_FIGURES_HISTOGRAM_H_
#define KOBLE_LIB_FIGURES_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "figures/time_sum.h"

namespace koble::figures {

class Histogram {
 public:
  static constexpr int kSubBits = 7;
  struct Bucket {
    uint32_t index = 0;
    uint64_t count = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };

  static uint32_t IndexOf(int64_t value_ns) {
    const uint64_t value = value_ns < 0 ? 0 : static_cast<uint64_t>(value_ns);
    if (value < (uint64_t{1} << kSubBits)) return static_cast<uint32_t>(value);
    const int exponent = std::bit_width(value) - 1;
    const auto sub = static_cast<uint32_t>(value >> (exponent - kSubBits)) & ((1u << kSubBits) - 1);
    return (static_cast<uint32_t>(exponent - kSubBits + 1) << kSubBits) + sub;
  }
  static int64_t LowerBound(uint32_t index);  // smallest value of the bucket
  static int64_t UpperBound(uint32_t index);  // largest value of the bucket

  void Add(int64_t value_ns) {  // negative values count as 0: no duration is negative
    ++count_;
    if (value_ns <= 0) {
      ++zeros_;
      return;
    }
    sum_.Add(value_ns);
    max_ = std::max(max_, value_ns);
    if (lately_count_ == lately_.size()) Sort();
    lately_[lately_count_++] = static_cast<uint16_t>(IndexOf(value_ns));
  }
  void Merge(const Histogram& other);

  uint64_t count() const { return count_; }
  Int128 sum() const { return sum_.Value(); }
  int64_t max() const { return max_; }  // 0 where nothing was added
  std::vector<Bucket> Buckets() const;  // that are not empty, by index, rising

  // The smallest value v with at least ppm millionths of the values <= v, as above; -1 where nothing was added.
  int64_t Quantile(uint32_t ppm) const;

 private:
  // Those of lately into their buckets. Reading does it, too: nothing that is told changes by it, and all calls are exclusive (figures.h).
  void Sort() const { const_cast<Histogram*>(this)->SortLately(); }
  void SortLately();
  void AddTo(uint32_t index, uint64_t count);
  void Widen(uint32_t first, uint32_t last);  // the array, to these, those there are, and all between
  template <class Visit>
  void Each(Visit visit) const;  // but for zeros

  uint64_t count_ = 0;
  uint64_t zeros_ = 0;
  TimeSum sum_;
  int64_t max_ = 0;
  // Buckets of the durations that came last: in a large centre an array is in no cache, and so many at once are waited for once.
  static_assert(((64 - kSubBits) << kSubBits) <= UINT16_MAX);
  std::array<uint16_t, 32> lately_{};
  uint32_t lately_count_ = 0;
  std::vector<Bucket> few_;       // the list, by index; empty where there is an array
  std::vector<uint64_t> counts_;  // the array: of buckets first_, first_ + 1, ...
  uint32_t first_ = 0;
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_HISTOGRAM_H_
