// Sets what was expected against what happened, in order, with as few differences as can be.
#ifndef KOBLE_LIB_TRANSCRIPT_ALIGN_H_
#define KOBLE_LIB_TRANSCRIPT_ALIGN_H_

#include <cstddef>
#include <set>
#include <span>
#include <vector>

#include "transcript/pattern.h"
#include "transcript/script.h"

namespace koble::transcript {

inline constexpr size_t kNothing = SIZE_MAX;

// One line of the comparison: an expectation, a happening, or both against each other.
struct Row {
  size_t item = kNothing;
  size_t happening = kNothing;
  // They agree, or the one that is given may stand alone: a `...`, or a happening that is ignored or falls into a `...`.
  bool fine = false;

  bool Both() const { return item != kNothing && happening != kNothing; }
};

std::vector<Row> Align(std::span<const Item> items, std::span<const Happening> happenings,
                       const std::set<uint32_t>& ignored);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_ALIGN_H_
