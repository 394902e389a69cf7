#include "state/dirty.h"

namespace koble::state {

void Dirty::List(uint32_t kind, uint32_t slot) {
  base::Vector<Term>& terms = terms_[kind];
  if (slot >= terms.size()) terms.resize(slot + 1);
  terms[slot].listed = true;
  list.push_back({kind, slot});
}

}  // namespace koble::state
