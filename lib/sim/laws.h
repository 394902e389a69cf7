// Laws of durations: pure functions of (seed, purpose, serial, index), in whole nanoseconds.
//
// A value does not depend on which others were drawn, or in what order, so the same customers come, stay and talk as long under
// every plan that is compared (common random numbers), and blocks of serials may be computed ahead.
#ifndef KOBLE_LIB_SIM_LAWS_H_
#define KOBLE_LIB_SIM_LAWS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace koble::sim {

// What a draw is for: two purposes are two independent sources. Numbers are part of the results and never change.
enum Purpose : uint32_t {
  kArrival = 1,
  kService = 2,
  kPatience = 3,
  kAnswer = 4,
  kPriority = 5,
  kPresence = 6,
  kUser = 1000,  // and above: the caller's own
};

enum class LawKind : uint32_t {
  kDeterministic = 1,     // a
  kExponential = 2,       // mean a
  kLognormal = 3,         // median a, sigma (of the logarithm) b
  kEmpirical = 4,         // one of the values, each equally likely
  kUniform = 5,           // from a to b
  kGamma = 6,             // mean a, shape b; a whole shape is Erlang's law of so many phases
  kWeibull = 7,           // mean a, shape b
  kHyperexponential = 8,  // exponential with one of the means in `values`, chosen with these weights
  kMixture = 9,           // one of the laws in `parts`, chosen with these weights
};
inline constexpr size_t kMostPhases = 64;  // of a hyperexponential law, and parts of a mixture

struct Law {
  LawKind kind = LawKind::kDeterministic;
  double a = 0;  // ns
  double b = 0;
  std::span<const int64_t> values{};  // of kEmpirical, rising; of kHyperexponential the means; the caller keeps them
  std::span<const double> weights{};  // of kHyperexponential: as many, positive; what counts is their parts of the sum
  std::span<const Law> parts{};       // of kMixture: as many as weights, none of them a mixture
};

// Empty where the law is good, otherwise what is wrong with it.
std::string Mistake(const Law& law);

// The law's quantile function at u in (0, 1): inversion, so that a larger u never gives a smaller value. At most 100 years. A mixture takes
// its part by u and that part's quantile at what u leaves: larger values for larger u within a part alone.
int64_t Quantile(const Law& law, double u);

// Half up, and within what the engine takes as a duration: 0 where ns is less or no number.
int64_t WholeNs(double ns);

// The draw itself, and blocks of them for serials first, first + 1, ...
double UniformAt(uint64_t seed, uint32_t purpose, uint64_t serial, uint32_t index);
void Uniforms(uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, std::span<double> out);
void Values(const Law& law, uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, std::span<int64_t> out);

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_LAWS_H_
