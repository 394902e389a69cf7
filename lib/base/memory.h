// Containers that take their memory from the engine's own resource, and keep it when they are copied (a clone uses the
// allocator of the original; std::pmr's containers would fall back to the default one).
#ifndef KOBLE_LIB_BASE_MEMORY_H_
#define KOBLE_LIB_BASE_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory_resource>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace koble::base {

using Memory = std::pmr::memory_resource;

template <class T>
class Alloc {
 public:
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  // Implicit on purpose: a container is made as Vector<T> v(memory).
  Alloc(Memory* memory) : memory_(memory) {}  // NOLINT(google-explicit-constructor)
  template <class U>
  Alloc(const Alloc<U>& other) : memory_(other.memory()) {}  // NOLINT(google-explicit-constructor)

  T* allocate(size_t n) { return static_cast<T*>(memory_->allocate(n * sizeof(T), alignof(T))); }
  void deallocate(T* p, size_t n) { memory_->deallocate(p, n * sizeof(T), alignof(T)); }
  Memory* memory() const { return memory_; }
  friend bool operator==(const Alloc& a, const Alloc& b) { return a.memory_ == b.memory_; }

 private:
  Memory* memory_;
};

template <class T>
using Vector = std::vector<T, Alloc<T>>;

// The same, but leaves as it is what nothing is said of: of what is made longer every byte is the caller's to write, once.
template <class T>
struct BareAlloc : Alloc<T> {
  using Alloc<T>::Alloc;
  template <class U>
  struct rebind {
    using other = BareAlloc<U>;
  };
  template <class U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Args>
  void construct(U* at, Args&&... args) {
    ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
  }
};
template <class T>
using BareVector = std::vector<T, BareAlloc<T>>;
using String = std::basic_string<char, std::char_traits<char>, Alloc<char>>;

// The capacity to which a table of `capacity` grows that is to hold `want`: so much more that repeated growth costs little; twofold while it is
// small, by an eighth where what is not used would be many bytes.
constexpr uint64_t Grown(uint64_t capacity, uint64_t want) {
  constexpr uint64_t kSmall = 4096;
  return std::max(want, capacity < kSmall ? 2 * capacity : capacity + capacity / 8);
}

// Room for n more without allocating.
template <class Container>
inline void ReserveMore(Container& container, uint64_t n) {
  if (n <= container.capacity() - container.size()) return;
  container.reserve(Grown(container.capacity(), container.size() + n));
}

// Makes it `size` long. (resize alone doubles its room.)
template <class Container>
inline void Lengthen(Container& container, uint64_t size) {
  if (size > container.capacity()) container.reserve(Grown(container.capacity(), size));
  container.resize(size);
}

// A number that a copy begins anew: what is known of room that a copy has not.
struct NotCopied {
  uint64_t value = 0;
  NotCopied() = default;
  NotCopied(const NotCopied&) {}
  NotCopied& operator=(const NotCopied&) {
    value = 0;
    return *this;
  }
};

template <class K, class V>
using OrderedMap = std::map<K, V, std::less<>, Alloc<std::pair<const K, V>>>;

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_MEMORY_H_
