#include "sim/math.h"

#include <bit>
#include <cmath>
#include <limits>

namespace koble::sim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// ln 2 in two parts; the first has 32 trailing zero bits, so that its product with an exponent is exact.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

template <int n>
double Polynomial(const double (&coefficients)[n], double x) {  // highest power first
  double value = coefficients[0];
  for (int i = 1; i < n; ++i) value = value * x + coefficients[i];
  return value;
}

// x * 2^k by multiplication with powers of two that are normal numbers; k in [-1100, 1100].
double Scale(double x, int64_t k) {
  while (k > 1000) {
    x *= 0x1p1000;
    k -= 1000;
  }
  while (k < -1000) {
    x *= 0x1p-1000;
    k += 1000;
  }
  return x * std::bit_cast<double>(static_cast<uint64_t>(k + 1023) << 52);
}

}  // namespace

// x = 2^e m with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| <= 0.1716, by its power series: the first
// term left out is below s^24 / 25 < 2^-63 of the result.
double Log(double x) {
  if (!(x >= 0)) return kNaN;
  if (x == 0) return -kInfinity;
  if (x == kInfinity) return kInfinity;
  int64_t exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    exponent = -54;
  }
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  exponent += static_cast<int64_t>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
  if (m > 0x1.6a09e667f3bcdp0) {
    m *= 0.5;
    ++exponent;
  }
  const double f = m - 1;  // exact
  const double s = f / (2 + f);
  const double z = s * s;
  static constexpr double kTerms[] = {2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
                                      2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3};
  const double tail = z * Polynomial(kTerms, z);
  // 2 s = f - s f, so that ln m = f - s (f - tail): the large part is exact and the rest is small (as in Sun's fdlibm).
  const double e = static_cast<double>(exponent);
  if (exponent == 0) return f - s * (f - tail);
  return e * kLn2High - ((s * (f - tail) - e * kLn2Low) - f);
}

// x = k ln 2 + r with |r| <= ln(2) / 2; e^r by its power series to r^13: what is left out is below 2^-57.
double Exp(double x) {
  if (x != x) return kNaN;
  if (x > 709.782712893384) return kInfinity;
  if (x < -745.1332191019412) return 0;
  const double turns = x * 0x1.71547652b82fep0;  // x / ln 2
  const auto k = static_cast<int64_t>(turns + (turns < 0 ? -0.5 : 0.5));
  const double high = x - static_cast<double>(k) * kLn2High;
  const double low = static_cast<double>(k) * kLn2Low;
  const double r = high - low;
  const double lost = (high - r) - low;  // what rounding took from r
  static constexpr double kTerms[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                      1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                      1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2};
  const double tail = r * r * Polynomial(kTerms, r);
  return Scale(1 + (r + (tail + lost)), k);
}

// Algorithm AS 241, PPND16: Wichura, "The percentage points of the normal distribution", Applied Statistics 37 (1988), 477-484.
double NormalQuantile(double p) {
  if (!(p >= 0 && p <= 1)) return kNaN;
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  static constexpr double kA[] = {2.50908092873012267270e3, 3.34305755835881281050e4, 6.72657709270087008530e4,
                                  4.59219539315498714570e4, 1.37316937655094611250e4, 1.97159095030655144270e3,
                                  1.33141667891784377450e2, 3.38713287279636660800e0};
  static constexpr double kB[] = {
      5.22649527885285456100e3, 2.87290857357219426740e4, 3.93078958000927106100e4, 2.12137943015865958670e4,
      5.39419602142475110770e3, 6.87187007492057908300e2, 4.23133307016009112520e1, 1.0};
  static constexpr double kC[] = {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                  1.27045825245236838258e0,  3.64784832476320460504e0,  5.76949722146069140550e0,
                                  4.63033784615654529590e0,  1.42343711074968357734e0};
  static constexpr double kD[] = {
      1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
      6.89767334985100004550e-1, 1.67638483018380384940e0,  2.05319162663775882187e0,  1.0};
  static constexpr double kE[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                                  2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
                                  5.46378491116411436990e0,  6.65790464350110377720e0};
  static constexpr double kF[] = {
      2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
      1.48753612908506148525e-2,  1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0};
  const double q = p - 0.5;
  if (q <= 0.425 && q >= -0.425) {
    const double r = 0.180625 - q * q;
    return q * Polynomial(kA, r) / Polynomial(kB, r);
  }
  const double tail = q < 0 ? p : 1 - p;
  double r = std::sqrt(-Log(tail));
  double value = 0;
  if (r <= 5) {
    r -= 1.6;
    value = Polynomial(kC, r) / Polynomial(kD, r);
  } else {
    r -= 5;
    value = Polynomial(kE, r) / Polynomial(kF, r);
  }
  return q < 0 ? -value : value;
}

}  // namespace koble::sim
