#include "state/dirty.h"

namespace koble::state {

void Dirty::ReserveSlots(uint32_t kind, uint64_t slots) {
  OfKind& of = kinds_[kind];
  if (slots <= of.terms.size()) return;
  uint64_t all = slots - of.terms.size();
  for (const OfKind& each : kinds_) all += each.terms.size();
  // The terms, whose number tells what there is room for, come last: where they fail, longer lists do no harm.
  if (all > list_.size()) base::Lengthen(list_, all);
  const uint64_t words = (slots + 63) / 64;
  if (words > of.listed.size()) base::Lengthen(of.listed, words);
  base::Lengthen(of.terms, slots);
  of.slots = slots;
}

}  // namespace koble::state
