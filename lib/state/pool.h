// Nodes that nobody outside sees (entries, exclusions, attributes): reused last in, first out. Their numbers never show in events or digest.
#ifndef KOBLE_LIB_STATE_POOL_H_
#define KOBLE_LIB_STATE_POOL_H_

#include <cstdint>

#include "base/memory.h"
#include "base/slots.h"

namespace koble::state {

// T has a member `next` (uint32_t), which links free nodes.
template <class T>
class Pool {
 public:
  explicit Pool(base::Memory* memory) : items_(memory) {}

  // Room for n more without allocating.
  void Reserve(uint64_t n) {
    if (n > free_count_) base::ReserveMore(items_, n - free_count_);
  }
  // There has never been a node, so nobody refers to one.
  bool Unused() const { return items_.empty(); }
  // So many more without allocating.
  uint64_t Room() const { return free_count_ + (items_.capacity() - items_.size()); }
  uint32_t Allocate(const T& item) {
    if (free_ == base::kNil) {
      items_.push_back(item);
      return static_cast<uint32_t>(items_.size() - 1);
    }
    const uint32_t node = free_;
    free_ = items_[node].next;
    --free_count_;
    items_[node] = item;
    return node;
  }
  // The same for one made by T().
  uint32_t Allocate() {
    static constexpr T kFresh{};
    return Allocate(kFresh);
  }
  void Free(uint32_t node) {
    items_[node].next = free_;
    free_ = node;
    ++free_count_;
  }
  T& operator[](uint32_t node) { return items_[node]; }
  const T& operator[](uint32_t node) const { return items_[node]; }

 private:
  base::Vector<T> items_;
  uint32_t free_ = base::kNil;
  uint64_t free_count_ = 0;
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_POOL_H_
