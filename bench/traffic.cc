#include "traffic.h"

#include <cmath>

namespace koble::bench {
namespace {

constexpr double kSecond = 1e9;

// The seed of one stream of several.
SplitMix64 StreamOf(uint64_t seed, uint64_t stream) {
  SplitMix64 seeds(seed);
  for (uint64_t i = 0; i < stream; ++i) seeds.Next();
  return SplitMix64(seeds.Next());
}

}  // namespace

Traffic::Traffic(const Laws& laws, uint64_t seed)
    : laws_(laws),
      arrivals_{StreamOf(seed, 0)},
      services_{StreamOf(seed, 1)},
      patiences_{StreamOf(seed, 2)},
      types_(StreamOf(seed, 3)) {}

void Traffic::DrawArrivals() {
  std::array<double, kBlock> gaps_s;
  for (double& gap_s : gaps_s) gap_s = arrivals_.random.Exponential(1 / laws_.arrivals_per_s);
  for (size_t i = 0; i < gaps_s.size(); ++i) {
    last_arrival_s_ += gaps_s[i];
    arrivals_.values[i] = static_cast<int64_t>(last_arrival_s_ * kSecond);
  }
}

void Traffic::DrawServices() {
  SplitMix64& random = services_.random;
  if (!laws_.service_lognormal) {
    for (int64_t& ns : services_.values) ns = static_cast<int64_t>(random.Exponential(laws_.service_mean_s) * kSecond);
    return;
  }
  const double log_mean = std::log(laws_.service_mean_s) - std::log(2.0) / 2;
  const double log_deviation = std::sqrt(std::log(2.0));
  std::array<double, kBlock> normals;
  for (double& normal : normals) normal = random.Normal();
  for (size_t i = 0; i < normals.size(); ++i) {
    services_.values[i] = static_cast<int64_t>(std::exp(log_mean + log_deviation * normals[i]) * kSecond);
  }
}

void Traffic::DrawPatiences() {
  for (int64_t& ns : patiences_.values) {
    ns = static_cast<int64_t>(patiences_.random.Exponential(laws_.patience_mean_s) * kSecond);
  }
}

}  // namespace koble::bench
