#include "sim/laws.h"

#include <algorithm>

#include "base/philox.h"
#include "koble/koble.h"
#include "sim/gamma.h"
#include "sim/math.h"

namespace koble::sim {
namespace {

bool Positive(double x) { return x > 0 && x <= static_cast<double>(KOBLE_DURATION_MAX); }

std::string MistakeOfPhases(const Law& law) {
  if (law.values.empty() || law.values.size() > kMostPhases || law.values.size() != law.weights.size())
    return "hyperexponential: give 1 to 64 means, and a weight for each";
  for (size_t i = 0; i < law.values.size(); ++i) {
    if (law.values[i] <= 0 || law.values[i] > KOBLE_DURATION_MAX)
      return "hyperexponential: means are durations in ns, more than 0";
    if (!(law.weights[i] > 0 && law.weights[i] <= 1e12))
      return "hyperexponential: weights are more than 0, at most 10^12";
  }
  return "";
}

// The x at which the chance of lasting longer, the weighted sum of e^(-x / mean), is `above`. Its logarithm is convex and falls, so Newton's method from the
// left never steps over the root.
double HyperexponentialQuantile(const Law& law, double above) {
  double sum = 0;
  for (const double weight : law.weights) sum += weight;
  const double wanted = Log(above);
  double x = 0;
  for (int i = 0; i < 200; ++i) {
    double lasting = 0;
    double falling = 0;
    for (size_t k = 0; k < law.values.size(); ++k) {
      const auto mean = static_cast<double>(law.values[k]);
      const double part = law.weights[k] / sum * Exp(-x / mean);
      lasting += part;
      falling += part / mean;
    }
    const double step = (Log(lasting) - wanted) * lasting / falling;
    if (!(step > x * 0x1p-50)) break;
    x += step;
  }
  return x;
}

std::string MistakeOfParts(const Law& law) {
  if (law.parts.empty() || law.parts.size() > kMostPhases || law.parts.size() != law.weights.size())
    return "mixture: give 1 to 64 laws, and a weight for each";
  for (size_t i = 0; i < law.parts.size(); ++i) {
    if (law.parts[i].kind == LawKind::kMixture)
      return "mixture: its parts are no mixtures; write all parts in one list";
    if (std::string mistake = Mistake(law.parts[i]); !mistake.empty()) return "mixture: " + mistake;
    if (!(law.weights[i] > 0 && law.weights[i] <= 1e12)) return "mixture: weights are more than 0, at most 10^12";
  }
  return "";
}

int64_t MixtureQuantile(const Law& law, double u) {
  double sum = 0;
  for (const double weight : law.weights) sum += weight;
  double below = 0;
  size_t i = 0;
  for (; i + 1 < law.parts.size() && u >= below + law.weights[i] / sum; ++i) below += law.weights[i] / sum;
  const double within = (u - below) * sum / law.weights[i];
  return Quantile(law.parts[i], std::clamp(within, 0x1p-53, 1 - 0x1p-53));
}

}  // namespace

int64_t WholeNs(double ns) {
  if (!(ns > 0)) return 0;
  if (ns >= static_cast<double>(KOBLE_DURATION_MAX)) return KOBLE_DURATION_MAX;
  return static_cast<int64_t>(ns + 0.5);  // NOLINT(bugprone-incorrect-roundings): no libm in results; ns > 0
}

std::string Mistake(const Law& law) {
  switch (law.kind) {
    case LawKind::kDeterministic:
      return law.a == 0 || Positive(law.a) ? "" : "deterministic: a is the duration in ns, 0 or more";
    case LawKind::kExponential:
      return Positive(law.a) ? "" : "exponential: a is the mean in ns, more than 0";
    case LawKind::kLognormal:
      if (!Positive(law.a)) return "lognormal: a is the median in ns, more than 0";
      return law.b >= 0 && law.b <= 50 ? "" : "lognormal: b is the standard deviation of the logarithm, 0 to 50";
    case LawKind::kEmpirical:
      if (law.values.empty()) return "empirical: give at least one value";
      if (law.values.front() < 0 || law.values.back() > KOBLE_DURATION_MAX)
        return "empirical: values are durations in ns";
      return std::is_sorted(law.values.begin(), law.values.end()) ? "" : "empirical: give the values in rising order";
    case LawKind::kUniform:
      if (!(law.a == 0 || Positive(law.a)) || !(law.b == 0 || Positive(law.b)) || law.b < law.a)
        return "uniform: a and b are durations in ns, b not less than a";
      return "";
    case LawKind::kGamma:
      if (!Positive(law.a)) return "gamma: a is the mean in ns, more than 0";
      return law.b >= 0.01 && law.b <= 10'000 ? "" : "gamma: b is the shape, 0.01 to 10000";
    case LawKind::kWeibull:
      if (!Positive(law.a)) return "weibull: a is the mean in ns, more than 0";
      return law.b >= 0.1 && law.b <= 1000 ? "" : "weibull: b is the shape, 0.1 to 1000";
    case LawKind::kHyperexponential:
      return MistakeOfPhases(law);
    case LawKind::kMixture:
      return MistakeOfParts(law);
  }
  return "there is no law of that kind";
}

int64_t Quantile(const Law& law, double u) {
  switch (law.kind) {
    case LawKind::kDeterministic:
      return WholeNs(law.a);
    case LawKind::kExponential:
      return WholeNs(-law.a * Log(1 - u));
    case LawKind::kLognormal:
      return WholeNs(law.a * Exp(law.b * NormalQuantile(u)));
    case LawKind::kEmpirical: {
      const auto n = law.values.size();
      return law.values[std::min(n - 1, static_cast<size_t>(u * static_cast<double>(n)))];
    }
    case LawKind::kUniform:
      return WholeNs(law.a + u * (law.b - law.a));
    case LawKind::kGamma:
      return WholeNs(law.a / law.b * GammaQuantile(law.b, u));
    case LawKind::kWeibull:  // a = scale x Gamma(1 + 1 / b)
      return WholeNs(law.a * Exp(Log(-Log(1 - u)) / law.b - LogGamma(1 + 1 / law.b)));
    case LawKind::kHyperexponential:
      return WholeNs(HyperexponentialQuantile(law, 1 - u));
    case LawKind::kMixture:
      return MixtureQuantile(law, u);
  }
  return 0;
}

double UniformAt(uint64_t seed, uint32_t purpose, uint64_t serial, uint32_t index) {
  return Uniform(base::Draw(seed, purpose, serial, index)[0]);
}

void Uniforms(uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, std::span<double> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = UniformAt(seed, purpose, first + i, index);
}

void Values(const Law& law, uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, std::span<int64_t> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = Quantile(law, UniformAt(seed, purpose, first + i, index));
}

}  // namespace koble::sim
