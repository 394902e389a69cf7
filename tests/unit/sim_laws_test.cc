#include "sim/laws.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "koble/koble.h"

namespace koble::sim {
namespace {

constexpr uint64_t kCount = 200000;

struct Moments {
  double mean = 0, deviation = 0;
};
Moments MomentsOf(const std::vector<int64_t>& values) {
  double sum = 0, squares = 0;
  for (const int64_t v : values) sum += static_cast<double>(v);
  const double mean = sum / static_cast<double>(values.size());
  for (const int64_t v : values) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size()))};
}

std::vector<int64_t> Draws(const Law& law) {
  std::vector<int64_t> values(kCount);
  Values(law, 42, kService, 1, 0, values);
  return values;
}

TEST(SimLawsTest, MeansAndDeviations) {
  // Five standard errors: 5 / sqrt(200000) = 1.1 % of the deviation.
  const Moments exponential = MomentsOf(Draws({.kind = LawKind::kExponential, .a = 3e9}));
  EXPECT_NEAR(exponential.mean, 3e9, 0.012 * 3e9);
  EXPECT_NEAR(exponential.deviation, 3e9, 0.03 * 3e9);
  const double sigma = 0.8, mean = 1e11 * std::exp(sigma * sigma / 2);
  const double deviation = mean * std::sqrt(std::exp(sigma * sigma) - 1);
  const Moments lognormal = MomentsOf(Draws({.kind = LawKind::kLognormal, .a = 1e11, .b = sigma}));
  EXPECT_NEAR(lognormal.mean, mean, 0.012 * deviation);
  EXPECT_NEAR(lognormal.deviation, deviation, 0.06 * deviation);
  EXPECT_EQ(MomentsOf(Draws({.kind = LawKind::kDeterministic, .a = 7})).mean, 7);
}

// Mean and standard deviation of each, within five standard errors of 200,000 draws.
TEST(SimLawsTest, FurtherLawsHaveTheirMeansAndDeviations) {
  const std::vector<int64_t> means = {10'000'000'000, 100'000'000'000, 400'000'000'000};
  const std::vector<double> weights = {6, 3, 1};
  // 0.6 x 10 + 0.3 x 100 + 0.1 x 400 = 76 s; the second moment is 2 x (0.6 x 100 + 0.3 x 10,000 + 0.1 x 160,000).
  const struct {
    Law law;
    double mean, deviation;
  } cases[] = {{{.kind = LawKind::kUniform, .a = 2e9, .b = 14e9}, 8e9, 12e9 / std::sqrt(12.0)},
               {{.kind = LawKind::kGamma, .a = 60e9, .b = 0.25}, 60e9, 120e9},
               {{.kind = LawKind::kGamma, .a = 60e9, .b = 9}, 60e9, 20e9},
               {{.kind = LawKind::kWeibull, .a = 50e9, .b = 2}, 50e9, 50e9 * std::sqrt(4 / 3.14159265358979 - 1)},
               {{.kind = LawKind::kHyperexponential, .values = means, .weights = weights},
                76e9,
                std::sqrt(2 * (60 + 3000 + 16000) - 76.0 * 76.0) * 1e9}};
  for (const auto& one : cases) {
    ASSERT_EQ(Mistake(one.law), "");
    const Moments moments = MomentsOf(Draws(one.law));
    EXPECT_NEAR(moments.mean, one.mean, 0.012 * one.deviation) << static_cast<int>(one.law.kind);
    EXPECT_NEAR(moments.deviation, one.deviation, 0.04 * one.deviation) << static_cast<int>(one.law.kind);
  }
}

TEST(SimLawsTest, SpecialCasesAreTheExponentialLaw) {
  const std::vector<int64_t> means = {3'000'000'000, 3'000'000'000};
  const std::vector<double> weights = {1, 5};
  const Law exponential = {.kind = LawKind::kExponential, .a = 3e9};
  for (const Law& law :
       {Law{.kind = LawKind::kGamma, .a = 3e9, .b = 1}, Law{.kind = LawKind::kWeibull, .a = 3e9, .b = 1},
        Law{.kind = LawKind::kHyperexponential, .values = means, .weights = weights}}) {
    for (double u = 1e-9; u < 1; u += 0.0101) {
      const auto exact = static_cast<double>(Quantile(exponential, u));
      EXPECT_NEAR(static_cast<double>(Quantile(law, u)), exact, 1 + 1e-11 * exact)
          << static_cast<int>(law.kind) << " " << u;
    }
  }
}

// The chance of lasting longer than the quantile is what was asked for, far into the tail.
TEST(SimLawsTest, HyperexponentialQuantilesAreExactInTheTail) {
  const std::vector<int64_t> means = {1'000'000'000, 600'000'000'000};
  const std::vector<double> weights = {0.999, 0.001};
  for (double above = 0.9; above > 1e-12; above *= 0.31) {
    const auto x = static_cast<double>(
        Quantile({.kind = LawKind::kHyperexponential, .values = means, .weights = weights}, 1 - above));
    const double lasting = 0.999 * std::exp(-x / 1e9) + 0.001 * std::exp(-x / 600e9);
    EXPECT_NEAR(lasting, above, 1e-8 * above + 1e-15) << above;
  }
}

TEST(SimLawsTest, EmpiricalTakesEachValueEquallyOften) {
  const std::vector<int64_t> values = {1, 5, 5, 9};
  const auto draws = Draws({.kind = LawKind::kEmpirical, .values = values});
  EXPECT_NEAR(static_cast<double>(std::count(draws.begin(), draws.end(), 5)) / kCount, 0.5, 0.006);
  EXPECT_NEAR(static_cast<double>(std::count(draws.begin(), draws.end(), 9)) / kCount, 0.25, 0.005);
}

TEST(SimLawsTest, QuantilesNeverFallAndStayInRange) {
  const std::vector<int64_t> values = {3, 4};
  const std::vector<double> weights = {1, 2};
  const Law laws[] = {{.kind = LawKind::kExponential, .a = 1e9},
                      {.kind = LawKind::kLognormal, .a = 1e18, .b = 40},
                      {.kind = LawKind::kUniform, .a = 0, .b = 5e9},
                      {.kind = LawKind::kGamma, .a = 1e9, .b = 0.4},
                      {.kind = LawKind::kGamma, .a = 1e9, .b = 3},
                      {.kind = LawKind::kWeibull, .a = 1e15, .b = 0.1},
                      {.kind = LawKind::kHyperexponential, .values = values, .weights = weights},
                      {.kind = LawKind::kEmpirical, .values = values}};
  for (const Law& law : laws) {
    int64_t last = 0;
    for (double u = 0x1p-53; u < 1; u += 0.001) {
      const int64_t value = Quantile(law, u);
      EXPECT_GE(value, last);
      EXPECT_LE(value, KOBLE_DURATION_MAX);
      last = value;
    }
  }
}

TEST(SimLawsTest, BlocksAreTheSameAsSingles) {
  std::vector<double> block(100);
  Uniforms(5, kPatience, 50, 2, block);
  for (size_t i = 0; i < block.size(); ++i) EXPECT_EQ(block[i], UniformAt(5, kPatience, 50 + i, 2));
}

TEST(SimLawsTest, MistakesAreNamed) {
  EXPECT_NE(Mistake(Law{.kind = LawKind::kExponential, .a = 0}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kExponential, .a = std::nan("")}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kLognormal, .a = 1, .b = -1}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kEmpirical}), "");
  const std::vector<int64_t> falling = {2, 1};
  EXPECT_NE(Mistake(Law{.kind = LawKind::kEmpirical, .values = falling}), "");
  EXPECT_NE(Mistake(Law{.kind = static_cast<LawKind>(9)}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kUniform, .a = 5, .b = 4}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kGamma, .a = 5, .b = 0}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kWeibull, .a = 5, .b = 0.05}), "");
  const std::vector<int64_t> means = {5, 6};
  const std::vector<double> one = {1}, none = {1, 0};
  EXPECT_NE(Mistake(Law{.kind = LawKind::kHyperexponential, .values = means}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kHyperexponential, .values = means, .weights = one}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kHyperexponential, .values = means, .weights = none}), "");
  EXPECT_EQ(Mistake(Law{.kind = LawKind::kDeterministic}), "");
}

TEST(SimLawsTest, MixtureTakesItsPartsByWeight) {
  const std::vector<Law> parts = {{.kind = LawKind::kDeterministic, .a = 5e9},
                                  {.kind = LawKind::kExponential, .a = 100e9}};
  const std::vector<double> weights = {1, 3};
  const Law law{.kind = LawKind::kMixture, .weights = weights, .parts = parts};
  ASSERT_EQ(Mistake(law), "");
  EXPECT_EQ(Quantile(law, 0.1), 5'000'000'000);
  EXPECT_EQ(Quantile(law, 0.625), Quantile(parts[1], 0.5));  // the middle of the second part
  // Five standard errors of the mean 0.25 x 5 s + 0.75 x 100 s.
  EXPECT_NEAR(MomentsOf(Draws(law)).mean, 76.25e9, 5 * 97e9 / std::sqrt(static_cast<double>(kCount)));
  const std::vector<Law> nested = {law, law};
  EXPECT_NE(Mistake(Law{.kind = LawKind::kMixture, .weights = weights, .parts = nested}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kMixture, .weights = weights, .parts = std::span(parts).first(1)}), "");
  EXPECT_NE(Mistake(Law{.kind = LawKind::kMixture}), "");
}

}  // namespace
}  // namespace koble::sim
