// koble_event.hpp: events where an engine keeps them. Part of koble.hpp, which says what holds for all of it.
#ifndef KOBLE_KOBLE_EVENT_HPP_
#define KOBLE_KOBLE_EVENT_HPP_

#include <koble/koble.h>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace koble {

// Events where an engine keeps them (Engine::View, Engine::Take): for (const koble_event& event : engine.View(seq)). Valid until the engine's next command or
// acknowledgement.
class EventView {
 public:
  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = koble_event;
    using difference_type = std::ptrdiff_t;
    using pointer = const koble_event*;
    using reference = const koble_event&;

    iterator() = default;
    iterator(const koble_event* at, std::uint32_t stride) : at_(at), stride_(stride) {}
    reference operator*() const { return *at_; }
    pointer operator->() const { return at_; }
    iterator& operator++() {
      at_ = KOBLE_EVENT_AT(at_, stride_, 1);
      return *this;
    }
    iterator operator++(int) {
      const iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }
    friend bool operator!=(const iterator& a, const iterator& b) { return a.at_ != b.at_; }

   private:
    const koble_event* at_ = nullptr;
    std::uint32_t stride_ = sizeof(koble_event);
  };

  EventView(const koble_event* first, std::uint32_t stride, std::uint64_t size)
      : first_(first), stride_(stride), size_(size) {}
  iterator begin() const { return {first_, stride_}; }
  iterator end() const { return {size_ == 0 ? first_ : KOBLE_EVENT_AT(first_, stride_, size_), stride_}; }
  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const koble_event& operator[](std::uint64_t i) const { return *KOBLE_EVENT_AT(first_, stride_, i); }

 private:
  const koble_event* first_;
  std::uint32_t stride_;
  std::uint64_t size_;
};

}  // namespace koble

#endif  // KOBLE_KOBLE_EVENT_HPP_
