#include "figures/histogram.h"

#include <algorithm>
#include <bit>

namespace koble::figures {

uint32_t Histogram::IndexOf(int64_t value_ns) {
  const uint64_t value = value_ns < 0 ? 0 : static_cast<uint64_t>(value_ns);
  if (value < (uint64_t{1} << kSubBits)) return static_cast<uint32_t>(value);
  const int exponent = std::bit_width(value) - 1;
  const auto sub = static_cast<uint32_t>(value >> (exponent - kSubBits)) & ((1u << kSubBits) - 1);
  return (static_cast<uint32_t>(exponent - kSubBits + 1) << kSubBits) + sub;
}

int64_t Histogram::LowerBound(uint32_t index) {
  const uint32_t octave = index >> kSubBits;
  if (octave == 0) return index;
  const uint64_t sub = index & ((1u << kSubBits) - 1);
  return static_cast<int64_t>(((uint64_t{1} << kSubBits) + sub) << (octave - 1));
}

int64_t Histogram::UpperBound(uint32_t index) {
  const uint32_t octave = index >> kSubBits;
  if (octave == 0) return index;
  return LowerBound(index) + static_cast<int64_t>((uint64_t{1} << (octave - 1)) - 1);
}

void Histogram::Add(int64_t value_ns) {
  const int64_t value = std::max<int64_t>(value_ns, 0);
  const uint32_t index = IndexOf(value);
  const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), index,
                                   [](const Bucket& bucket, uint32_t wanted) { return bucket.index < wanted; });
  if (at != buckets_.end() && at->index == index) {
    ++at->count;
  } else {
    buckets_.insert(at, Bucket{index, 1});
  }
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

void Histogram::Merge(const Histogram& other) {
  if (other.count_ == 0) return;
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto a = buckets_.begin();
  auto b = other.buckets_.begin();
  while (a != buckets_.end() || b != other.buckets_.end()) {
    if (b == other.buckets_.end() || (a != buckets_.end() && a->index < b->index)) {
      merged.push_back(*a++);
    } else if (a == buckets_.end() || b->index < a->index) {
      merged.push_back(*b++);
    } else {
      merged.push_back({a->index, a->count + b->count});
      ++a;
      ++b;
    }
  }
  buckets_ = std::move(merged);
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

int64_t Histogram::Quantile(uint32_t ppm) const {
  if (count_ == 0) return -1;
  // The rank is ceil(count x ppm / 10^6), at least 1; 128 bits because count may be large.
  const Int128 wanted = (Int128{static_cast<int64_t>(count_)} * std::min(ppm, 1000000u) + 999999) / 1000000;
  const auto rank = static_cast<uint64_t>(std::max<Int128>(wanted, 1));
  uint64_t seen = 0;
  for (const Bucket& bucket : buckets_) {
    seen += bucket.count;
    if (seen >= rank) return std::min(UpperBound(bucket.index), max_);
  }
  return max_;
}

}  // namespace koble::figures
