// Which entities have changed since the digest was last folded, and the term that each had in it.
#ifndef KOBLE_LIB_STATE_DIRTY_H_
#define KOBLE_LIB_STATE_DIRTY_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/memory.h"
#include "koble/koble.h"

namespace koble::state {

class Dirty {
 public:
  // Kinds are KOBLE_KIND_; of KOBLE_KIND_NONE are the queues' pointers and splits, by number of the queue, and of kAgentTexts the agents' names and
  // definitions, by their slots: these change seldom, and what an agent does changes all the time.
  static constexpr uint32_t kAgentTexts = 5;

  explicit Dirty(base::Memory* memory)
      : kinds_{OfKind(memory), OfKind(memory), OfKind(memory), OfKind(memory), OfKind(memory), OfKind(memory)} {}

  // Room for the marks of slots below `slots`, and for their terms.
  void ReserveSlots(uint32_t kind, uint64_t slots);

  // Marks the slot, living or free; nothing while everything is marked. Takes memory where there is no room.
  void Mark(uint32_t kind, uint32_t slot) {
    if (everything_) return;
    OfKind& of = kinds_[kind];
    if (slot >= of.slots) [[unlikely]] {
      ReserveSlots(kind, uint64_t{slot} + 1);
    }
    of.marks[slot].set = true;
    of.blocks[slot / kBlock].set = true;
  }
  // Everything has changed: nothing has been folded yet. So a host that never asks for the digest hardly pays for it.
  bool everything() const { return everything_; }
  // Calls `fold(slot)` for each slot of the kind that is marked, in order; none is any more. Where `far`, `ahead(slot)` is called for it before, while those
  // of the block before it are folded. Costs a look at 8 blocks of slots for each 512 that there are, and at the marks of those blocks in which one is.
  template <class Ahead, class Fold>
  void TakeMarks(uint32_t kind, bool far, Ahead ahead, Fold fold) {
    OfKind& of = kinds_[kind];
    uint64_t before = 0, marked_before = 0;
    const auto take = [&](uint64_t block) {
      const uint64_t marked = Take(&of.marks[block * kBlock]);
      if (far) EachBit(block * kBlock, marked, ahead);
      EachBit(before * kBlock, marked_before, fold);
      before = block;
      marked_before = marked;
    };
    for (uint64_t at = 0; at < of.blocks.size(); at += kBlock) EachBit(at, Take(&of.blocks[at]), take);
    EachBit(before * kBlock, marked_before, fold);
  }
  // The slot's term so far; from now on it is `term`.
  base::Sum128 Exchange(uint32_t kind, uint32_t slot, const base::Sum128& term) {
    return std::exchange(kinds_[kind].terms[slot], term);
  }
  // Asks for the memory of what Exchange changes. (Part of its callers: g++ 12 sees a function without effect, and would leave a call out.)
  [[gnu::always_inline]] void Prefetch(uint32_t kind, uint32_t slot) const {
    __builtin_prefetch(&kinds_[kind].terms[slot], 1);
  }
  // After everything has been folded.
  void Clear() { everything_ = false; }
  // Slots of that kind for which there may be terms.
  uint64_t Slots(uint32_t kind) const { return kinds_[kind].slots; }

  base::Sum128 sum;  // of all terms of slots

 private:
  // A byte each, which is written without having been read: a command marks the same few again and again, and whether one is marked cannot be foretold. (In
  // a structure, since bytes as such may be parts of anything, and all else would have to be read again behind them.)
  struct Flag {
    bool set = false;
  };
  static constexpr uint64_t kBlock = 64;  // flags that are looked at together
  struct OfKind {
    explicit OfKind(base::Memory* memory) : terms(memory), marks(memory), blocks(memory) {}
    uint64_t slots = 0;                // for which there is room
    base::Vector<base::Sum128> terms;  // by slot
    base::Vector<Flag> marks;          // by slot; whole blocks
    base::Vector<Flag> blocks;         // in which something is marked; whole blocks of them
  };

  // Those of a block that are set, one bit each; none is any more. Without a jump for each: which are set cannot be foretold.
  [[gnu::always_inline]] static uint64_t Take(Flag* flags) {
    constexpr uint64_t kGather = 0x0102040810204080;  // the last bit of byte i to bit 56 + i
    uint64_t bits = 0;
    for (uint64_t i = 0; i < kBlock; i += sizeof(uint64_t)) {
      bits |= base::LoadInt<uint64_t>(reinterpret_cast<const char*>(flags + i)) * kGather >> 56 << i;
    }
    std::fill_n(flags, kBlock, Flag{});
    return bits;
  }
  template <class Visit>
  [[gnu::always_inline]] static void EachBit(uint64_t first, uint64_t bits, Visit visit) {
    for (; bits != 0; bits &= bits - 1) visit(static_cast<uint32_t>(first + std::countr_zero(bits)));
  }

  bool everything_ = true;
  OfKind kinds_[kAgentTexts + 1];
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_DIRTY_H_
