#include "state/dirty.h"

namespace koble::state {

void Dirty::ReserveSlots(uint32_t kind, uint64_t slots) {
  OfKind& of = kinds_[kind];
  if (slots <= of.slots) return;
  const uint64_t blocks = (slots + kBlock - 1) / kBlock;
  const uint64_t of_blocks = (blocks + kBlock - 1) / kBlock;
  if (of_blocks * kBlock > of.blocks.size()) base::Lengthen(of.blocks, of_blocks * kBlock);
  if (blocks * kBlock > of.marks.size()) base::Lengthen(of.marks, blocks * kBlock);
  base::Lengthen(of.terms, slots);
  of.slots = slots;  // not where memory has failed: longer marks do no harm
}

}  // namespace koble::state
