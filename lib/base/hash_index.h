// Numbers by a hash of what they stand for. They lie in one block, so that a clone copies them at once, where trees of nodes took a sixth of its time
// (docs/performance.md). Where memory fails nothing has changed and nothing is lost, which Abseil's tables and trees do not promise.
#ifndef KOBLE_LIB_BASE_HASH_INDEX_H_
#define KOBLE_LIB_BASE_HASH_INDEX_H_

#include <cassert>
#include <cstdint>

#include "base/memory.h"
#include "base/slots.h"

namespace koble::base {

class HashIndex {
 public:
  explicit HashIndex(Memory* memory) : cells_(memory) {}

  // The number of this hash that `is` says is meant; kNil if there is none. Others may have the same hash.
  template <class Is>
  uint32_t Find(uint64_t hash, Is is) const {
    if (cells_.empty()) return kNil;
    for (uint64_t at = hash & Mask(); cells_[at].number != kNil; at = Next(at)) {
      if (cells_[at].hash == hash && is(cells_[at].number)) return cells_[at].number;
    }
    return kNil;
  }
  // Throws std::bad_alloc, and nothing has changed.
  void Insert(uint64_t hash, uint32_t number) {
    if (4 * (count_ + 1) > 3 * cells_.size()) Grow();
    Put({hash, number});
    ++count_;
  }
  // Precondition: it has been inserted.
  void Erase(uint64_t hash, uint32_t number) {
    uint64_t hole = hash & Mask();
    while (cells_[hole].number != number || cells_[hole].hash != hash) {
      assert(cells_[hole].number != kNil);
      hole = Next(hole);
    }
    // Whoever stands further from his place than from the hole moves into it.
    for (uint64_t at = Next(hole); cells_[at].number != kNil; at = Next(at)) {
      const uint64_t from_place = (at - cells_[at].hash) & Mask();
      if (from_place < ((at - hole) & Mask())) continue;
      cells_[hole] = cells_[at];
      hole = at;
    }
    cells_[hole] = {};
    --count_;
  }

 private:
  struct Cell {
    uint64_t hash = 0;
    uint32_t number = kNil;  // kNil: nobody's
  };
  uint64_t Mask() const { return cells_.size() - 1; }
  uint64_t Next(uint64_t at) const { return (at + 1) & Mask(); }
  void Put(const Cell& cell) {
    uint64_t at = cell.hash & Mask();
    while (cells_[at].number != kNil) at = Next(at);
    cells_[at] = cell;
  }
  void Grow() {
    Vector<Cell> cells(cells_.empty() ? 16 : 2 * cells_.size(), Cell{}, cells_.get_allocator());
    cells.swap(cells_);
    for (const Cell& cell : cells) {
      if (cell.number != kNil) Put(cell);
    }
  }

  // A power of two of them, a quarter free; each number stands as near behind the place that its hash says as others let it.
  Vector<Cell> cells_;
  uint64_t count_ = 0;
};

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_HASH_INDEX_H_
