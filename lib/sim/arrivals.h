// Poisson arrivals with rates that are constant or change evenly piece by piece: unit exponentials are summed and the cumulative
// rate is inverted exactly; nothing is thinned, so one draw is one arrival under any rates.
#ifndef KOBLE_LIB_SIM_ARRIVALS_H_
#define KOBLE_LIB_SIM_ARRIVALS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace koble::sim {

inline constexpr double kHour = 3600e9;  // ns

// On [begin, next begin), the last piece ending where arrivals end; the rate goes evenly from one number to the other.
struct Piece {
  int64_t begin_ns = 0;
  double per_hour = 0;
  double to_per_hour = 0;
};

// Empty where the pieces are good, otherwise what is wrong with them.
std::string Mistake(std::span<const Piece> pieces, int64_t end_ns);

// One after the other, in constant memory. Arrival n uses draw n of its purpose.
class ArrivalTimes {
 public:
  // Precondition: Mistake(pieces, end_ns) is empty.
  ArrivalTimes(std::vector<Piece> pieces, int64_t end_ns, uint64_t seed, uint32_t purpose);
  int64_t Next();  // KOBLE_NEVER behind the last

 private:
  std::vector<Piece> pieces_;
  int64_t end_ns_;
  uint64_t seed_;
  uint32_t purpose_;
  uint64_t serial_ = 1;
  size_t piece_ = 0;
  double passed_ = 0;  // of this piece's mass
  double wanted_;      // cumulative rate still to pass before the next arrival
};

// The first `limit` of them.
std::vector<int64_t> Arrivals(std::span<const Piece> pieces, int64_t end_ns, uint64_t seed, uint32_t purpose,
                              uint64_t limit);

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_ARRIVALS_H_
