#include "state/dirty.h"

#include <algorithm>

namespace koble::state {

void Dirty::ReserveSlots(uint32_t kind, uint64_t slots) {
  base::Vector<Term>& terms = terms_[kind];
  const uint64_t more = slots > terms.size() ? slots - terms.size() : 0;
  if (slots_ + more > list.capacity()) list.reserve(std::max<uint64_t>(slots_ + more, 2 * list.capacity()));
  if (more == 0) return;
  terms.resize(slots);
  slots_ += more;
}

}  // namespace koble::state
