// Which entities have changed since the digest was last folded, and the term that each had in it.
#ifndef KOBLE_LIB_STATE_DIRTY_H_
#define KOBLE_LIB_STATE_DIRTY_H_

#include <cstdint>
#include <span>

#include "base/digest.h"
#include "base/memory.h"
#include "koble/koble.h"

namespace koble::state {

class Dirty {
 public:
  // `kind` is KOBLE_KIND_; of KOBLE_KIND_NONE are the queues' pointers and splits, by number of the queue.
  struct Slot {
    uint32_t kind;
    uint32_t slot;
  };

  explicit Dirty(base::Memory* memory)
      : list_(memory),
        terms_{base::Vector<Term>(memory), base::Vector<Term>(memory), base::Vector<Term>(memory),
               base::Vector<Term>(memory), base::Vector<Term>(memory)} {}

  // Room for the marks of slots below `slots`: Mark then does not allocate.
  void ReserveSlots(uint32_t kind, uint64_t slots);

  // Marks the slot, living or free. Cheap when it is marked already.
  void Mark(uint32_t kind, uint32_t slot) {
    if (slot >= terms_[kind].size()) [[unlikely]] {
      ReserveSlots(kind, uint64_t{slot} + 1);
    }
    Term& term = terms_[kind][slot];
    if (term.listed) return;
    term.listed = true;
    list_[listed_++] = {kind, slot};
  }
  // The slot's term so far is `old`; from now on it is `term`.
  base::Sum128 Exchange(const Slot& slot, const base::Sum128& term) {
    Term& place = terms_[slot.kind][slot.slot];
    const base::Sum128 old = place.value;
    place.value = term;
    place.listed = false;
    return old;
  }
  std::span<const Slot> list() const { return std::span<const Slot>(list_).first(listed_); }
  // After every slot of the list has been exchanged.
  void Clear() { listed_ = 0; }

  base::Sum128 sum;  // of all terms of slots

 private:
  struct Term {
    base::Sum128 value;
    bool listed = false;
  };
  base::Vector<Slot> list_;  // as long as all terms together: each slot is listed once at most
  uint64_t listed_ = 0;
  base::Vector<Term> terms_[5];
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_DIRTY_H_
