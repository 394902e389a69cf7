#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "base/philox.h"
#include "figures/histogram.h"

namespace koble::figures {
namespace {

TEST(HistogramTest, BucketsCoverEveryValueOnceAndStayNarrow) {
  uint32_t previous = 0;
  for (uint32_t index = 0;; ++index) {
    const int64_t low = Histogram::LowerBound(index), high = Histogram::UpperBound(index);
    ASSERT_EQ(Histogram::IndexOf(low), index);
    ASSERT_EQ(Histogram::IndexOf(high), index);
    ASSERT_LE(high - low, low / 128) << index;  // at most 2^-7 of the lower bound
    ASSERT_TRUE(index == 0 || index == previous + 1);
    previous = index;
    if (high == INT64_MAX) break;
    ASSERT_EQ(Histogram::LowerBound(index + 1), high + 1);
  }
}

TEST(HistogramTest, QuantilesMergesSumAndMax) {
  std::vector<int64_t> values;
  Histogram whole, left, right;
  for (uint64_t i = 0; i < 5000; ++i) {
    const auto words = base::Draw(7, 1, i, 0);
    const auto value = static_cast<int64_t>(words[0] >> (20 + words[1] % 40));
    values.push_back(value);
    whole.Add(value);
    (i % 3 == 0 ? left : right).Add(value);
  }
  left.Merge(right);
  EXPECT_EQ(left.Buckets(), whole.Buckets());
  EXPECT_EQ(left.count(), 5000u);
  EXPECT_TRUE(left.sum() == whole.sum());
  EXPECT_EQ(left.max(), *std::max_element(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  Int128 sum = 0;
  for (const int64_t value : values) sum += value;
  EXPECT_TRUE(sum == whole.sum());
  for (const uint32_t ppm : {0u, 1u, 10000u, 250000u, 500000u, 900000u, 999999u, 1000000u}) {
    const auto rank = std::max<uint64_t>(1, (uint64_t{ppm} * 5000 + 999999) / 1000000);
    const int64_t exact = values[rank - 1];
    EXPECT_GE(whole.Quantile(ppm), exact);
    EXPECT_LE(whole.Quantile(ppm), exact + exact / 128);
  }
}

// A few durations far apart are a list, many near each other an array: whichever is added to whichever.
TEST(HistogramTest, MergesListsAndArrays) {
  const auto filled = [](int64_t first, int64_t step, int count) {
    Histogram histogram;
    for (int i = 0; i < count; ++i) histogram.Add(first + i * step);
    return histogram;
  };
  const Histogram parts[] = {filled(1, 1'000'000'000'000, 5), filled(1'000'000, 10'000, 2000),
                             filled(90'000'000'000, 500'000'000, 3000), filled(0, 0, 7), filled(1'500'000, 0, 3)};
  for (const Histogram& one : parts) {
    for (const Histogram& other : parts) {
      Histogram sum = one;
      sum.Merge(other);
      std::map<uint32_t, uint64_t> expected;
      for (const Histogram* part : {&one, &other}) {
        for (const Histogram::Bucket& bucket : part->Buckets()) expected[bucket.index] += bucket.count;
      }
      std::map<uint32_t, uint64_t> merged;
      for (const Histogram::Bucket& bucket : sum.Buckets()) merged[bucket.index] += bucket.count;
      EXPECT_EQ(merged, expected);
      EXPECT_EQ(merged.size(), sum.Buckets().size());
      EXPECT_EQ(sum.count(), one.count() + other.count());
    }
  }
}

TEST(TimeSumTest, DoesNotRunOver) {
  TimeSum sum, half;
  for (int i = 0; i < 5; ++i) sum.Add(INT64_MAX);
  for (int i = 0; i < 3; ++i) half.Add(INT64_MAX);
  EXPECT_TRUE(sum.Value() == 5 * Int128{INT64_MAX});
  half.Add(half);
  EXPECT_TRUE(half.Value() == 6 * Int128{INT64_MAX});
  EXPECT_EQ(Saturated(half), INT64_MAX);
}

TEST(HistogramTest, EmptyAndNegative) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(500000), -1);
  histogram.Add(-5);
  EXPECT_EQ(histogram.Quantile(500000), 0);
  EXPECT_EQ(Saturated(Int128{INT64_MAX} + 1), INT64_MAX);
}

}  // namespace
}  // namespace koble::figures
