#include "figures/histogram.h"

namespace koble::figures {

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

void Histogram::Widen(uint32_t first, uint32_t last) {
  if (!counts_.empty()) {
    first = std::min(first, first_);
    last = std::max(last, first_ + static_cast<uint32_t>(counts_.size()) - 1);
  }
  if (!few_.empty()) {
    first = std::min(first, few_.front().index);
    last = std::max(last, few_.back().index);
  }
  std::vector<uint64_t> counts(last - first + 1);
  if (!counts_.empty()) std::copy(counts_.begin(), counts_.end(), counts.begin() + (first_ - first));
  for (const Bucket& bucket : few_) counts[bucket.index - first] += bucket.count;
  counts_ = std::move(counts);
  first_ = first;
  few_ = {};
}

void Histogram::AddTo(uint32_t index, uint64_t count) {
  if (!counts_.empty()) {
    const uint32_t place = index - first_;
    if (place >= counts_.size()) Widen(index, index);
    counts_[index - first_] += count;
    return;
  }
  const auto at = std::lower_bound(few_.begin(), few_.end(), index,
                                   [](const Bucket& bucket, uint32_t wanted) { return bucket.index < wanted; });
  if (at != few_.end() && at->index == index) {
    at->count += count;
    return;
  }
  few_.insert(at, Bucket{index, count});
  static_assert(sizeof(Bucket) == 2 * sizeof(uint64_t));  // so the array takes at most twice as much
  const uint64_t room = few_.back().index - few_.front().index + 1;
  constexpr uint64_t kFew = 16;  // are found as fast
  if (few_.size() >= kFew && 4 * few_.size() >= room) Widen(index, index);
}

[[gnu::hot]] void Histogram::SortLately() {
  for (uint32_t i = 0; i < lately_count_; ++i) {
    const uint32_t place = lately_[i] - first_;  // beyond all where it is below
    if (place < counts_.size()) {
      ++counts_[place];
    } else {
      AddTo(lately_[i], 1);
    }
  }
  lately_count_ = 0;
}

template <class Visit>
void Histogram::Each(Visit visit) const {
  Sort();
  for (const Bucket& bucket : few_) visit(bucket.index, bucket.count);
  for (uint32_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) visit(first_ + i, counts_[i]);
  }
}

void Histogram::Merge(const Histogram& other) {
  count_ += other.count_;
  zeros_ += other.zeros_;
  sum_.Add(other.sum_);
  max_ = std::max(max_, other.max_);
  other.Sort();
  if (!other.counts_.empty()) {  // at once, and not bucket by bucket
    Widen(other.first_, other.first_ + static_cast<uint32_t>(other.counts_.size()) - 1);
  }
  other.Each([&](uint32_t index, uint64_t count) { AddTo(index, count); });
}

std::vector<Histogram::Bucket> Histogram::Buckets() const {
  std::vector<Bucket> buckets;
  if (zeros_ != 0) buckets.push_back({0, zeros_});
  Each([&](uint32_t index, uint64_t count) { buckets.push_back({index, count}); });
  return buckets;
}

int64_t Histogram::Quantile(uint32_t ppm) const {
  if (count_ == 0) return -1;
  // The rank is ceil(count x ppm / 10^6), at least 1; 128 bits because count may be large.
  const Int128 wanted = (Int128{static_cast<int64_t>(count_)} * std::min(ppm, 1000000u) + 999999) / 1000000;
  const auto rank = static_cast<uint64_t>(std::max<Int128>(wanted, 1));
  uint64_t seen = 0;
  for (const Bucket& bucket : Buckets()) {
    seen += bucket.count;
    if (seen >= rank) return std::min(UpperBound(bucket.index), max_);
  }
  return max_;
}

}  // namespace koble::figures
