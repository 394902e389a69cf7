#include "sim/math.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/philox.h"
#include "sim/laws.h"

namespace koble::sim {
namespace {

// Relative error in units of 2^-53 against 80-bit libm.
long double Error(double value, long double exact) {
  if (exact == 0) return value == 0 ? 0 : 1e9L;
  return std::fabs((static_cast<long double>(value) - exact) / exact) * 0x1p53L;
}

uint64_t Bits(uint64_t i) { return base::Draw(11, kUser, i, 0)[0]; }

TEST(SimMathTest, LogIsWithinItsStatedError) {
  long double worst = 0;
  for (uint64_t i = 0; i < 400000; ++i) {
    const double anywhere = std::bit_cast<double>(Bits(i) % 0x7ff0000000000000u);
    const double unit = Uniform(Bits(i + 1000000));
    const double near_one = 1 + (unit - 0.5) * 0x1p-10;
    for (const double x : {anywhere, unit, near_one, 1 + (unit - 0.5)})
      worst = std::max(worst, Error(Log(x), std::log(static_cast<long double>(x))));
  }
  EXPECT_LE(worst, 2) << "stated: 2 x 2^-53";
  EXPECT_EQ(Log(1), 0);
  EXPECT_EQ(Log(0), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(Log(-1)));
  EXPECT_TRUE(std::isnan(Log(std::nan(""))));
  EXPECT_EQ(Log(std::numeric_limits<double>::infinity()), std::numeric_limits<double>::infinity());
  RecordProperty("worst_in_units_of_2^-53", std::to_string(static_cast<double>(worst)));
}

TEST(SimMathTest, ExpIsWithinItsStatedError) {
  long double worst = 0;
  for (uint64_t i = 0; i < 400000; ++i) {
    const double unit = Uniform(Bits(i));
    for (const double x : {(unit - 0.5) * 1416, (unit - 0.5) * 20, (unit - 0.5) * 0x1p-20}) {
      worst = std::max(worst, Error(Exp(x), std::exp(static_cast<long double>(x))));
    }
  }
  EXPECT_LE(worst, 2) << "stated: 2 x 2^-53";
  EXPECT_EQ(Exp(0), 1);
  EXPECT_EQ(Exp(1000), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Exp(-1000), 0);
  EXPECT_GT(Exp(-744), 0);
  EXPECT_TRUE(std::isnan(Exp(std::nan(""))));
  RecordProperty("worst_in_units_of_2^-53", std::to_string(static_cast<double>(worst)));
}

// The exact quantile by Newton's method on erfc in long double.
long double ExactQuantile(double p, double start) {
  long double x = start;
  const bool low = p < 0.5;
  const long double tail = low ? static_cast<long double>(p) : 1.0L - static_cast<long double>(p);
  x = low ? x : -x;
  for (int i = 0; i < 4; ++i) {
    const long double value = 0.5L * std::erfc(-x / std::sqrt(2.0L));
    const long double density = std::exp(-x * x / 2) / std::sqrt(2 * 3.141592653589793238462643383279502884L);
    x -= (value - tail) / density;
  }
  return low ? x : -x;
}

TEST(SimMathTest, NormalQuantileIsWithinItsStatedError) {
  long double worst = 0;
  for (uint64_t i = 0; i < 100000; ++i) {
    const double unit = Uniform(Bits(i));
    double small = unit;
    for (uint64_t k = 0; k < i % 16; ++k) small *= 0.1;
    for (const double p : {unit, std::max(small, 0x1p-53), 1 - std::max(small, 0x1p-53)}) {
      const double value = NormalQuantile(p);
      worst = std::max(worst, Error(value, ExactQuantile(p, value)));
    }
  }
  EXPECT_LE(worst, 16) << "stated: 2^-49";
  EXPECT_EQ(NormalQuantile(0.5), 0);
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_EQ(NormalQuantile(0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(NormalQuantile(1), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(NormalQuantile(1.5)));
  RecordProperty("worst_in_units_of_2^-53", std::to_string(static_cast<double>(worst)));
}

TEST(SimMathTest, UniformsAreStrictlyInside) {
  EXPECT_EQ(Uniform(0), 0x1p-53);
  EXPECT_EQ(Uniform(UINT64_MAX), 1 - 0x1p-53);
  EXPECT_LT(Uniform(UINT64_MAX), 1);
}

// Bits that must be the same on every machine and compiler: computed once and written down.
TEST(SimMathTest, BitsAreTheSameEverywhere) {
  uint64_t hash = 0;
  for (uint64_t i = 0; i < 10000; ++i) {
    const double u = UniformAt(1, kUser, i, 0);
    for (const double value : {Log(u), Exp(10 * u - 5), NormalQuantile(u)}) {
      hash = hash * 0x9E3779B97F4A7C15u + std::bit_cast<uint64_t>(value);
    }
  }
  EXPECT_EQ(hash, 0x847ed7121a0fee3du) << std::hex << hash;
}

}  // namespace
}  // namespace koble::sim
