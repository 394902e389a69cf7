#include "sim/gamma.h"

#include <cmath>

#include "sim/math.h"

namespace koble::sim {
namespace {

constexpr double kHalfLogTwoPi = 0x1.d67f1c864beb5p-1;  // ln(2 pi) / 2
constexpr double kTwoPi = 0x1.921fb54442d18p2;
constexpr double kEpsilon = 0x1p-53;

// ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2): Stirling's series, whose first term left out is below 10^-17 for x >= 16.
double Stirling(double x) {
  const double z = 1 / (x * x);
  return (1.0 / 12 -
          z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * (691.0 / 360360 - z / 156)))))) /
         x;
}

// t - ln(1 + t), exact to some units of its last place also where t is small: with s = t / (2 + t), ln(1 + t) = 2 artanh(s) and t - 2 s = t s.
double LogLack(double t) {
  if (t > 0.3 || t < -0.3) return t - Log(1 + t);
  const double s = t / (2 + t);
  const double z = s * s;
  double sum = 0;
  for (int k = 31; k >= 3; k -= 2) sum = sum * z + 1.0 / k;
  return t * s - 2 * s * z * sum;
}

// x^a e^-x / Gamma(a + 1).
double Prefix(double a, double x) {
  if (a < 16) return Exp(a * Log(x) - x - LogGamma(a + 1));
  return Exp(-a * LogLack((x - a) / a) - Stirling(a)) / std::sqrt(kTwoPi * a);
}

// P by its power series: for x < a + 1.
double Series(double a, double x) {
  double term = 1;
  double sum = 1;
  for (double n = a + 1; term > sum * (kEpsilon / 4); n += 1) {
    term *= x / n;
    sum += term;
  }
  return Prefix(a, x) * sum;
}

// 1 - P by its continued fraction (Lentz's method): for x >= a + 1.
double Fraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double h = d;
  for (int i = 1; i < 100'000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (d < kTiny && d > -kTiny) d = kTiny;
    c = b + an / c;
    if (c < kTiny && c > -kTiny) c = kTiny;
    d = 1 / d;
    const double change = d * c;
    h *= change;
    if (change - 1 < 2 * kEpsilon && change - 1 > -2 * kEpsilon) break;
  }
  return Prefix(a, x) * a * h;
}

// Where the search for the quantile begins: Wilson and Hilferty (1931) in the middle, the leading term of the series on the left; Numerical Recipes'
// own choice (6.2.1) for shapes up to 1.
double FirstGuess(double a, double p) {
  if (a <= 1) {
    const double t = 1 - a * (0.253 + a * 0.12);
    return p < t ? Exp(Log(p / t) / a) : 1 - Log(1 - (p - t) / (1 - t));
  }
  const double cube = 1 - 1 / (9 * a) + NormalQuantile(p) / (3 * std::sqrt(a));
  const double middle = a * cube * cube * cube;
  if (cube > 0.2) return middle;
  return Exp((Log(p) + LogGamma(a + 1)) / a);
}

}  // namespace

double LogGamma(double x) {
  double product = 1;
  while (x < 16) {
    product *= x;
    x += 1;
  }
  return (x - 0.5) * Log(x) - x + kHalfLogTwoPi + Stirling(x) - Log(product);
}

GammaTails GammaProbability(double shape, double x) {
  if (!(x > 0)) return {0, 1};
  if (x < shape + 1) {
    const double below = Series(shape, x);
    return {below, 1 - below};
  }
  const double above = Fraction(shape, x);
  return {1 - above, above};
}

// Halley's method on the smaller tail; a step to the left of 0 is halved instead.
double GammaQuantile(double shape, double p) {
  double x = FirstGuess(shape, p);
  for (int i = 0; i < 40; ++i) {
    if (!(x > 0)) return 0;
    const GammaTails tails = GammaProbability(shape, x);
    const double excess = p <= 0.5 ? tails.below - p : (1 - p) - tails.above;
    const double density = Prefix(shape, x) * shape / x;
    if (!(density > 0)) return x;
    const double newton = excess / density;
    const double bend = newton * ((shape - 1) / x - 1);
    const double step = newton / (1 - 0.5 * (bend < 1 ? bend : 1));
    const double next = x - step;
    if (!(next > 0)) {
      x *= 0.5;
      continue;
    }
    x = next;
    if (step <= x * 0x1p-50 && step >= -x * 0x1p-50) break;
  }
  return x;
}

double NormalProbability(double z) {
  const GammaTails tails = GammaProbability(0.5, z * z / 2);
  return z < 0 ? tails.above / 2 : 1 - tails.above / 2;
}

}  // namespace koble::sim
