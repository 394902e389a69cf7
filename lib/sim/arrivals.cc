#include "sim/arrivals.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "koble/koble.h"
#include "sim/laws.h"
#include "sim/math.h"

namespace koble::sim {
namespace {

int64_t EndOf(std::span<const Piece> pieces, size_t i, int64_t end_ns) {
  return i + 1 < pieces.size() ? pieces[i + 1].begin_ns : end_ns;
}

double Mass(const Piece& piece, int64_t length_ns) {
  const auto length = static_cast<double>(length_ns);
  if (piece.per_hour == piece.to_per_hour) return length * (piece.per_hour / kHour);
  return length * ((piece.per_hour + piece.to_per_hour) / 2 / kHour);
}

// How long after its begin the piece has passed so much. An even change makes a quadratic equation; its root is written so that
// nothing cancels.
double Within(const Piece& piece, int64_t length_ns, double passed) {
  const double per_ns = piece.per_hour / kHour;
  if (piece.per_hour == piece.to_per_hour) return passed / per_ns;
  const double slope = (piece.to_per_hour - piece.per_hour) / kHour / static_cast<double>(length_ns);
  const double inside = std::max(per_ns * per_ns + 2 * slope * passed, 0.0);
  return 2 * passed / (per_ns + std::sqrt(inside));
}

}  // namespace

std::string Mistake(std::span<const Piece> pieces, int64_t end_ns) {
  if (pieces.empty()) return "give at least one piece";
  if (pieces.front().begin_ns < 0 || end_ns > KOBLE_TIME_MAX) return "pieces lie between 0 and KOBLE_TIME_MAX";
  const auto rate = [](double per_hour) { return per_hour >= 0 && per_hour <= 1e12; };
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (EndOf(pieces, i, end_ns) <= pieces[i].begin_ns) {
      return "piece " + std::to_string(i) + " does not end after it begins";
    }
    if (!rate(pieces[i].per_hour) || !rate(pieces[i].to_per_hour)) {
      return "piece " + std::to_string(i) + ": the rate per hour is 0 to 10^12";
    }
  }
  return "";
}

ArrivalTimes::ArrivalTimes(std::vector<Piece> pieces, int64_t end_ns, uint64_t seed, uint32_t purpose)
    : pieces_(std::move(pieces)),
      end_ns_(end_ns),
      seed_(seed),
      purpose_(purpose),
      wanted_(-Log(UniformAt(seed, purpose, 1, 0))) {}

int64_t ArrivalTimes::Next() {
  for (; piece_ < pieces_.size(); ++piece_) {
    const Piece& piece = pieces_[piece_];
    const int64_t end = EndOf(pieces_, piece_, end_ns_);
    const double mass = Mass(piece, end - piece.begin_ns);
    if (mass - passed_ > wanted_) {
      passed_ += wanted_;
      ++serial_;
      wanted_ = -Log(UniformAt(seed_, purpose_, serial_, 0));
      return std::min(piece.begin_ns + WholeNs(Within(piece, end - piece.begin_ns, passed_)), end - 1);
    }
    wanted_ -= mass - passed_;
    passed_ = 0;
  }
  return KOBLE_NEVER;
}

std::vector<int64_t> Arrivals(std::span<const Piece> pieces, int64_t end_ns, uint64_t seed, uint32_t purpose,
                              uint64_t limit) {
  ArrivalTimes drawn({pieces.begin(), pieces.end()}, end_ns, seed, purpose);
  std::vector<int64_t> times;
  while (times.size() < limit) {
    const int64_t next = drawn.Next();
    if (next == KOBLE_NEVER) break;
    times.push_back(next);
  }
  return times;
}

}  // namespace koble::sim
