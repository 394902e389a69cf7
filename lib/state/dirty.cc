#include "state/dirty.h"

namespace koble::state {

void Dirty::ReserveSlots(uint32_t kind, uint64_t slots) {
  base::Vector<Term>& terms = terms_[kind];
  if (slots <= terms.size()) return;
  uint64_t all = slots - terms.size();
  for (const base::Vector<Term>& of_kind : terms_) all += of_kind.size();
  if (all > list_.size()) list_.resize(all);  // first: where the terms fail, a longer list does no harm
  terms.resize(slots);
}

}  // namespace koble::state
