// Which entities have changed since the digest was last folded, and the term that each had in it.
#ifndef KOBLE_LIB_STATE_DIRTY_H_
#define KOBLE_LIB_STATE_DIRTY_H_

#include <cstdint>
#include <span>
#include <utility>

#include "base/digest.h"
#include "base/memory.h"
#include "base/slots.h"
#include "koble/koble.h"

namespace koble::state {

class Dirty {
 public:
  // `kind` is KOBLE_KIND_; of KOBLE_KIND_NONE are the queues' pointers and splits, by number of the queue, and of kAgentTexts the agents' names and
  // definitions, by their slots: these change seldom, and what an agent does changes all the time.
  struct Slot {
    uint32_t kind : 4;
    uint32_t slot : 28;
  };
  static_assert(base::kMaxSlots <= uint64_t{1} << 28);
  static constexpr uint32_t kAgentTexts = 5;

  explicit Dirty(base::Memory* memory)
      : list_(memory), kinds_{OfKind(memory), OfKind(memory), OfKind(memory),
                              OfKind(memory), OfKind(memory), OfKind(memory)} {}

  // Room for the marks of slots below `slots`: Mark then does not allocate.
  void ReserveSlots(uint32_t kind, uint64_t slots);

  // Marks the slot, living or free. Cheap when it is marked already; nothing while everything is.
  void Mark(uint32_t kind, uint32_t slot) {
    if (!everything_) List(kind, slot);
  }
  // Everything has changed: nothing has been folded yet, or so much has changed since that it is not listed any more. So a host that never asks for the
  // digest hardly pays for it.
  bool everything() const { return everything_; }
  // Those that are marked, while not everything is.
  std::span<const Slot> list() const { return std::span<const Slot>(list_).first(listed_); }
  // The slot's term so far is `old`; from now on it is `term`.
  base::Sum128 Exchange(const Slot& slot, const base::Sum128& term) {
    OfKind& of = kinds_[slot.kind];
    of.listed[slot.slot / 64] &= ~(uint64_t{1} << (slot.slot % 64));
    return std::exchange(of.terms[slot.slot], term);
  }
  [[gnu::always_inline]] void Prefetch(const Slot& slot) const {  // of Exchange
    __builtin_prefetch(&kinds_[slot.kind].terms[slot.slot]);
  }
  // After every slot of the list has been exchanged, or every slot.
  void Clear() {
    listed_ = 0;
    everything_ = false;
  }
  // Slots of that kind for which there may be terms.
  uint64_t Slots(uint32_t kind) const { return kinds_[kind].slots; }

  base::Sum128 sum;  // of all terms of slots

 private:
  // Where more than half of all slots have changed, of so many at least, the rest is not worth listing.
  static constexpr uint64_t kManySlots = 1024;

  void List(uint32_t kind, uint32_t slot) {
    OfKind& of = kinds_[kind];
    if (slot >= of.slots) [[unlikely]] {
      ReserveSlots(kind, uint64_t{slot} + 1);
    }
    uint64_t& word = of.listed[slot / 64];
    const uint64_t bit = uint64_t{1} << (slot % 64);
    if ((word & bit) != 0) return;
    word |= bit;
    list_[listed_++] = {kind, slot};
    everything_ = listed_ > kManySlots && listed_ > list_.size() / 2;
  }

  // The marks lie apart from the terms, a bit each: a command marks a few slots and asks for no term, and so many bits stay in the cache.
  struct OfKind {
    explicit OfKind(base::Memory* memory) : terms(memory), listed(memory) {}
    uint64_t slots = 0;                // for which there is room
    base::Vector<base::Sum128> terms;  // by slot
    base::Vector<uint64_t> listed;     // a bit for each
  };
  base::Vector<Slot> list_;  // as long as all terms together: each slot is listed once at most
  uint64_t listed_ = 0;
  bool everything_ = true;
  OfKind kinds_[kAgentTexts + 1];
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_DIRTY_H_
