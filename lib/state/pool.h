// Nodes that nobody outside sees (entries, exclusions): reused last in, first out. Their numbers never show in events or digest.
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

  void Reserve(uint64_t n) {
    const uint64_t want = items_.size() + n;
    if (want > items_.capacity()) items_.reserve(want > items_.capacity() * 2 ? want : items_.capacity() * 2);
  }
  uint32_t Allocate(const T& item) {
    if (free_ == base::kNil) {
      items_.push_back(item);
      return static_cast<uint32_t>(items_.size() - 1);
    }
    const uint32_t node = free_;
    free_ = items_[node].next;
    items_[node] = item;
    return node;
  }
  void Free(uint32_t node) {
    items_[node].next = free_;
    free_ = node;
  }
  T& operator[](uint32_t node) { return items_[node]; }
  const T& operator[](uint32_t node) const { return items_[node]; }

 private:
  base::Vector<T> items_;
  uint32_t free_ = base::kNil;
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_POOL_H_
