// The gamma function and distribution, against long double and against what is known exactly.
#include "sim/gamma.h"

#include <gtest/gtest.h>

#include <cmath>

namespace koble::sim {
namespace {

TEST(SimGamma, LogGammaIsWithinItsStatedError) {
  double worst = 0;
  for (double x = 1e-6; x < 1e8; x *= 1.01) {
    const long double exact = lgammal(static_cast<long double>(x));
    const auto error = static_cast<double>(fabsl(static_cast<long double>(LogGamma(x)) - exact) / (1 + fabsl(exact)));
    worst = std::max(worst, error);
  }
  EXPECT_LT(worst, 0x1p-46);
  EXPECT_NEAR(LogGamma(1), 0, 0x1p-46);
  EXPECT_NEAR(LogGamma(2), 0, 0x1p-46);
  EXPECT_NEAR(LogGamma(11), std::log(3628800.0), 1e-14);
}

// Of whole shapes the upper tail is a sum of Poisson probabilities.
long double ErlangAbove(int shape, long double x) {
  long double sum = 0;
  for (int k = 0; k < shape; ++k) sum += expl(k * logl(x) - x - lgammal(static_cast<long double>(k) + 1));
  return sum;
}

TEST(SimGamma, UpperTailsOfWholeShapesArePoissonSums) {
  for (const int shape : {1, 2, 5, 20, 100, 1000, 10000}) {
    for (double part = 0.3; part < 3; part *= 1.1) {
      const double x = shape * part;
      const long double above = ErlangAbove(shape, x);
      const GammaTails tails = GammaProbability(shape, x);
      if (above > 1e-280L && above < 0.9L) {
        EXPECT_NEAR(tails.above, static_cast<double>(above), 1e-11 * static_cast<double>(above)) << shape << " " << x;
      }
      EXPECT_NEAR(tails.below + tails.above, 1, 1e-15);
    }
  }
}

// P(1/2, x) = erf(sqrt x).
TEST(SimGamma, ShapeOfOneHalfIsTheErrorFunction) {
  for (double x = 1e-8; x < 25; x *= 1.3) {
    const GammaTails tails = GammaProbability(0.5, x);
    const auto below = static_cast<double>(erfl(sqrtl(static_cast<long double>(x))));
    const auto above = static_cast<double>(erfcl(sqrtl(static_cast<long double>(x))));
    EXPECT_NEAR(tails.below, below, 1e-11 * below) << x;
    EXPECT_NEAR(tails.above, above, (above < 0.5 ? 1e-11 * above : 1e-13)) << x;
  }
}

TEST(SimGamma, QuantilesAreWhereTheProbabilityIs) {
  for (const double shape : {0.01, 0.1, 0.5, 0.9, 1.0, 1.5, 2.0, 4.0, 15.9, 16.0, 77.7, 1000.0, 10000.0}) {
    for (const double p : {1e-12, 1e-6, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12}) {
      const double x = GammaQuantile(shape, p);
      if (x < 1e-290) continue;  // of small shapes small quantiles are no numbers any more
      const GammaTails tails = GammaProbability(shape, x);
      const double least = std::min(p, 1 - p);
      // A unit of the last place of x moves the probability by so much.
      const double step = std::max(GammaProbability(shape, x * (1 + 0x1p-51)).below - tails.below, 0.0);
      EXPECT_NEAR(p <= 0.5 ? tails.below : tails.above, least, 1e-11 * least + step) << shape << " " << p;
    }
  }
  EXPECT_NEAR(GammaQuantile(1, 0.5), std::log(2.0), 1e-14);
}

TEST(SimGamma, QuantilesRise) {
  for (const double shape : {0.3, 1.0, 2.5, 40.0}) {
    double last = 0;
    for (double p = 0.0005; p < 1; p += 0.0005) {
      const double x = GammaQuantile(shape, p);
      EXPECT_GT(x, last) << shape << " " << p;
      last = x;
    }
  }
}

}  // namespace
}  // namespace koble::sim
