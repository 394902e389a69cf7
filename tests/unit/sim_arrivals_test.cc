#include "sim/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "koble/koble.h"
#include "sim/laws.h"

namespace koble::sim {
namespace {

TEST(SimArrivalsTest, CountsAndPlaces) {
  constexpr int64_t kHour = 3600 * INT64_C(1000000000);
  const std::vector<Piece> pieces = {{0, 1000, 1000}, {kHour, 0, 0}, {2 * kHour, 4000, 4000}};
  ASSERT_EQ(Mistake(pieces, 3 * kHour), "");
  double first = 0, third = 0;
  constexpr int kDays = 200;
  for (uint64_t seed = 0; seed < kDays; ++seed) {
    const auto times = Arrivals(pieces, 3 * kHour, seed, kArrival, 1000000);
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    for (const int64_t t : times) {
      ASSERT_TRUE(t >= 0 && t < 3 * kHour && (t < kHour || t >= 2 * kHour)) << t;
      (t < kHour ? first : third) += 1;
    }
  }
  // Poisson: five standard errors of a mean over 200 days.
  EXPECT_NEAR(first / kDays, 1000, 5 * std::sqrt(1000.0 / kDays));
  EXPECT_NEAR(third / kDays, 4000, 5 * std::sqrt(4000.0 / kDays));
  EXPECT_EQ(Arrivals(pieces, 3 * kHour, 1, kArrival, 10).size(), 10u);
}

TEST(SimArrivalsTest, ALaterPieceDoesNotMoveEarlierArrivals) {
  constexpr int64_t kHour = 3600 * INT64_C(1000000000);
  const std::vector<Piece> quiet = {{0, 100, 100}, {kHour, 10, 10}}, busy = {{0, 100, 100}, {kHour, 500, 500}};
  const auto a = Arrivals(quiet, 2 * kHour, 3, kArrival, 100000), b = Arrivals(busy, 2 * kHour, 3, kArrival, 100000);
  for (size_t i = 0; a[i] < kHour; ++i) EXPECT_EQ(a[i], b[i]);
  EXPECT_GT(b.size(), a.size());
}

TEST(SimArrivalsTest, MistakesAreNamed) {
  const std::vector<Piece> backwards = {{10, 1, 1}, {5, 1, 1}}, negative = {{0, -1, 1}};
  EXPECT_NE(Mistake(backwards, 100), "");
  EXPECT_NE(Mistake(negative, 100), "");
  EXPECT_NE(Mistake(std::vector<Piece>{{0, 1, -1}}, 100), "");
  EXPECT_NE(Mistake(std::span<const Piece>(), 100), "");
}

// A rate that goes from 0 to 2000 within two hours has passed t^2 / 4 of its 2000 after t hours.
TEST(SimArrivalsTest, ARateMayGoEvenly) {
  constexpr int64_t kHour = 3600 * INT64_C(1000000000);
  const std::vector<Piece> rising = {{0, 0, 2000}}, falling = {{0, 2000, 0}};
  constexpr int kDays = 200;
  double early = 0, late = 0, mirrored = 0;
  for (uint64_t seed = 0; seed < kDays; ++seed) {
    for (const int64_t t : Arrivals(rising, 2 * kHour, seed, kArrival, 1000000)) (t < kHour ? early : late) += 1;
    for (const int64_t t : Arrivals(falling, 2 * kHour, seed, kArrival, 1000000)) mirrored += t >= kHour ? 1 : 0;
  }
  EXPECT_NEAR(early / kDays, 500, 5 * std::sqrt(500.0 / kDays));
  EXPECT_NEAR(late / kDays, 1500, 5 * std::sqrt(1500.0 / kDays));
  EXPECT_NEAR(mirrored / kDays, 500, 5 * std::sqrt(500.0 / kDays));
}

TEST(SimArrivalsTest, OneAfterTheOtherIsTheSameAsAllAtOnce) {
  constexpr int64_t kHour = 3600 * INT64_C(1000000000);
  const std::vector<Piece> pieces = {{0, 10, 300}, {kHour, 50, 50}, {2 * kHour, 0, 0}};
  ArrivalTimes drawn(pieces, 4 * kHour, 9, kArrival);
  const auto all = Arrivals(pieces, 4 * kHour, 9, kArrival, 100000);
  ASSERT_GT(all.size(), 100u);
  for (const int64_t time : all) EXPECT_EQ(drawn.Next(), time);
  EXPECT_EQ(drawn.Next(), KOBLE_NEVER);
  EXPECT_EQ(drawn.Next(), KOBLE_NEVER);
}

}  // namespace
}  // namespace koble::sim
