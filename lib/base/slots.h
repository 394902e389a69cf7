// Things by id: a slot map whose lowest free slot is used next, so that equal histories give equal ids.
//
// A slot's generation begins at 1 and grows when it is freed; a slot whose generations are used up is never used again.
#ifndef KOBLE_LIB_BASE_SLOTS_H_
#define KOBLE_LIB_BASE_SLOTS_H_

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <utility>

#include "base/memory.h"
#include "koble/koble.h"

namespace koble::base {

inline constexpr uint32_t kNil = UINT32_MAX;  // no slot, no node
inline constexpr uint64_t kMaxSlots = uint64_t{1} << 28;

constexpr koble_id MakeId(uint32_t kind, uint32_t slot, uint32_t generation) {
  return uint64_t{kind} << 60 | uint64_t{slot} << 32 | generation;
}

// A set of small numbers that finds its smallest in a step per 64-fold of its range.
class LowestSet {
 public:
  explicit LowestSet(Memory* memory)
      : levels_{Vector<uint64_t>(memory), Vector<uint64_t>(memory), Vector<uint64_t>(memory), Vector<uint64_t>(memory),
                Vector<uint64_t>(memory)} {}

  // Throws std::bad_alloc, and nothing has changed that Range() tells.
  void Reserve(uint64_t range) {
    uint64_t words[kLevels];
    int depth = 0;
    for (uint64_t& size : words) {
      size = range = (range + 63) / 64;
      ++depth;
      if (size <= 1 && depth > 1) break;
    }
    for (int level = depth - 1; level >= 0; --level) {  // the lowest, which gives the range, comes last
      if (levels_[level].size() < words[level]) Lengthen(levels_[level], words[level]);
    }
    for (; depth_ < depth; ++depth_) {  // what was the top is a word of the new one
      if (depth_ > 0 && levels_[depth_ - 1][0] != 0) levels_[depth_][0] |= 1;
    }
  }
  // Words of the lowest level run empty, and get their first, as often as not: what the next level knows of them is written without asking, since a
  // jump that cannot be foretold takes longer. Precondition: Reserve has covered i.
  void Insert(uint32_t i) {
    const uint32_t at = i / 64;
    levels_[0][at] |= uint64_t{1} << (i % 64);
    first_ = std::min(first_, at);
    uint64_t& above = levels_[1][at / 64];
    const bool was_empty = above == 0;
    above |= uint64_t{1} << (at % 64);
    if (was_empty) InsertAbove(at / 64);
  }
  void Erase(uint32_t i) {
    const uint32_t at = i / 64;
    uint64_t& word = levels_[0][at];
    word &= ~(uint64_t{1} << (i % 64));
    uint64_t& above = levels_[1][at / 64];
    above &= ~(uint64_t{word == 0} << (at % 64));
    if (above == 0) {
      EraseAbove(at / 64, at == first_);
    } else if (at == first_) {
      first_ = FirstIn(above, at / 64);
    }
  }
  // Precondition: not empty. The smallest, which is no member any more.
  uint32_t TakeLowest() {
    const uint32_t at = first_;
    uint64_t& word = levels_[0][at];
    const uint32_t i = at * 64 + static_cast<uint32_t>(std::countr_zero(word));
    word &= word - 1;  // it is the lowest of its word, too
    uint64_t& above = levels_[1][at / 64];
    above &= ~(uint64_t{word == 0} << (at % 64));
    if (above == 0) {
      EraseAbove(at / 64, true);
    } else {
      first_ = FirstIn(above, at / 64);
    }
    return i;
  }
  // Precondition: as for Insert.
  bool Has(uint32_t i) const { return (levels_[0][i / 64] >> (i % 64) & 1) != 0; }
  uint64_t Range() const { return uint64_t{64} * levels_[0].size(); }  // members may be below it
  bool Empty() const { return first_ == kNil; }
  // Precondition: not empty.
  uint32_t Lowest() const { return first_ * 64 + static_cast<uint32_t>(std::countr_zero(levels_[0][first_])); }

 private:
  // The word of the second level has its first member.
  void InsertAbove(uint32_t at) {
    for (int level = 2; level < depth_; ++level) {
      uint64_t& word = levels_[level][at / 64];
      const bool was_empty = word == 0;
      word |= uint64_t{1} << (at % 64);
      if (!was_empty) return;
      at /= 64;
    }
  }
  // Of a word that is not empty and its place among those of its level: the place of its first below.
  static uint32_t FirstIn(uint64_t word, uint32_t at) {
    return at * 64 + static_cast<uint32_t>(std::countr_zero(word));
  }
  // The word of the second level is empty, and may have been the first.
  void EraseAbove(uint32_t at, bool was_first) {
    for (int level = 2; level < depth_; ++level) {
      uint64_t& word = levels_[level][at / 64];
      word &= ~(uint64_t{1} << (at % 64));
      at /= 64;
      if (word == 0) continue;
      if (!was_first) return;
      at = FirstIn(word, at);  // where there is another, and down to it
      while (--level > 0) at = FirstIn(levels_[level][at], at);
      first_ = at;
      return;
    }
    if (was_first) first_ = kNil;
  }

  static constexpr int kLevels = 5;  // 64^5 > kMaxSlots
  Vector<uint64_t> levels_[kLevels];
  int depth_ = 0;  // levels in use: the topmost has one word
  uint32_t first_ =
      kNil;  // the first word of the lowest level that is not empty, which is asked for with every contact
};

template <class T>
class Slots {
 public:
  Slots(uint32_t kind, Memory* memory) : kind_(kind), items_(memory), generations_(memory), free_(memory) {}

  // Room for n more without allocating. Cheap where there is room. Throws std::bad_alloc, and nothing has changed.
  void Reserve(uint64_t n) {
    const uint64_t want = Want(n);
    if (want > Capacity()) Grow(want);
  }
  // Slots that must be usable for n more things.
  uint64_t Want(uint64_t n) const { return n <= free_count_ ? Size() : Size() + (n - free_count_); }
  // Slots that can be used without allocating.
  uint64_t Capacity() const {
    return std::min(
        {static_cast<uint64_t>(items_.capacity()), static_cast<uint64_t>(generations_.capacity()), free_.Range()});
  }

  // The new thing's slot. `item` is copied or moved into it.
  template <class U>
  uint32_t Allocate(U&& item) {
    const uint32_t slot = TakeFree();
    if (slot == kNil) return Append(std::forward<U>(item));
    items_[slot] = std::forward<U>(item);
    return slot;
  }
  // The same for one that the caller makes in its place, all of it: new (&slots[slot]) T{...}. Room has been asked for.
  [[gnu::always_inline]] uint32_t Take() {
    if (free_.Empty()) [[unlikely]] {
      return AppendFresh();
    }
    --free_count_;
    return free_.TakeLowest();
  }
  // The same for one made by T(). (This and Spend are part of their callers: a call is a third of what they take.)
  [[gnu::always_inline]] uint32_t Allocate() {
    if (free_.Empty()) [[unlikely]] {
      return AppendFresh();
    }
    // One made on the stack would be read as a whole right after its parts were written, which stalls.
    static constexpr T kFresh{};
    const uint32_t slot = free_.TakeLowest();
    --free_count_;
    items_[slot] = kFresh;
    return slot;
  }

  // The id of a thing that ends in the moment in which it begins: its slot is free again.
  [[gnu::always_inline]] koble_id Spend() {
    if (free_.Empty()) {
      const uint32_t slot = Allocate();
      const koble_id id = Id(slot);
      Free(slot);
      return id;
    }
    const uint32_t slot = free_.Lowest();
    const koble_id id = Id(slot);
    if (++generations_[slot] == 0) [[unlikely]] {  // it was the last
      free_.Erase(slot);
      --free_count_;
      UseUp();
    }
    return id;
  }

  void Free(uint32_t slot) {
    assert(Live(slot));
    if (++generations_[slot] == 0) [[unlikely]] {
      return UseUp();
    }
    AddFree(slot);
  }

  // For snapshots: makes slot number `size()` with this generation, living or free.
  void Restore(T item, uint32_t generation, bool live) {
    Reserve(1);
    const auto slot = static_cast<uint32_t>(items_.size());
    items_.push_back(std::move(item));
    generations_.push_back(generation);
    if (!live) generation != 0 ? AddFree(slot) : UseUp();
  }

  // The slot that Allocate will use.
  uint32_t Next() const { return free_.Empty() ? Size() : free_.Lowest(); }

  // KOBLE_OK, _KIND, _ENDED or _UNKNOWN.
  int32_t Check(koble_id id) const {
    const uint32_t kind = KOBLE_ID_KIND(id);
    if (kind != kind_)
      return kind >= KOBLE_KIND_CONTACT && kind <= KOBLE_KIND_ENGAGEMENT ? KOBLE_ERR_KIND : KOBLE_ERR_UNKNOWN;
    const uint32_t slot = KOBLE_ID_SLOT(id);
    const uint32_t generation = KOBLE_ID_GENERATION(id);
    if (slot >= Size() || generation == 0) return KOBLE_ERR_UNKNOWN;
    // Of a free slot it is the generation to come, which no id has had; a slot that is used up has 0: every generation has been.
    const uint32_t current = generations_[slot];
    if (generation == current) return free_.Has(slot) ? KOBLE_ERR_UNKNOWN : KOBLE_OK;
    return generation < current || current == 0 ? KOBLE_ERR_ENDED : KOBLE_ERR_UNKNOWN;
  }

  koble_id Id(uint32_t slot) const { return kind_bits_ | uint64_t{slot} << 32 | generations_[slot]; }
  T& operator[](uint32_t slot) { return items_[slot]; }
  const T& operator[](uint32_t slot) const { return items_[slot]; }
  bool Live(uint32_t slot) const { return generations_[slot] != 0 && !free_.Has(slot); }
  uint32_t Generation(uint32_t slot) const { return generations_[slot]; }
  // Slots ever used. (Not asked of items_, whose size is a division.)
  uint32_t Size() const { return static_cast<uint32_t>(generations_.size()); }
  // Living. (Not counted by itself: beside the count of the free it would be changed in every command, too.)
  uint64_t Count() const { return Size() - free_count_ - used_up_; }
  uint64_t FreeCount() const { return free_count_; }  // of those ever used, to be used again
  uint32_t kind() const { return kind_; }

 private:
  void Grow(uint64_t want) {
    const uint64_t grown = Grown(Capacity(), want);
    generations_.reserve(grown);
    free_.Reserve(grown);
    items_.reserve(grown);
  }
  // The lowest free slot, which is not free any more; kNil: there is none.
  uint32_t TakeFree() {
    if (free_.Empty()) return kNil;
    const uint32_t slot = free_.TakeLowest();
    --free_count_;
    return slot;
  }
  template <class U>
  uint32_t Append(U&& item) {
    Reserve(1);
    const uint32_t slot = Size();
    items_.push_back(std::forward<U>(item));
    generations_.push_back(1);
    return slot;
  }
  // Out of line: it is seldom, and what calls functions has registers to save.
  [[gnu::noinline]] uint32_t AppendFresh() { return Append(T()); }
  void AddFree(uint32_t slot) {
    free_.Insert(slot);
    ++free_count_;
  }
  void UseUp() { ++used_up_; }

  uint32_t kind_;
  uint64_t kind_bits_ =
      MakeId(kind_, 0, 0);  // where they stand in an id, which is asked for several times in a command
  uint64_t free_count_ = 0;
  uint64_t used_up_ = 0;  // slots whose generations are
  Vector<T> items_;
  Vector<uint32_t> generations_;
  LowestSet free_;
};

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_SLOTS_H_
