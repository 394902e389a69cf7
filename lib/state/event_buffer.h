// The events that the host has not acknowledged, contiguous, read by number.
#ifndef KOBLE_LIB_STATE_EVENT_BUFFER_H_
#define KOBLE_LIB_STATE_EVENT_BUFFER_H_

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

#include "base/memory.h"
#include "koble/koble.h"

namespace koble::state {

class EventBuffer {
 public:
  explicit EventBuffer(base::Memory* memory) : events_(memory) {}
  // What is kept, without room for more.
  EventBuffer(const EventBuffer& other)
      : events_(other.Begin(), static_cast<const koble_event*>(other.end_), other.events_.get_allocator()),
        first_(other.first_),
        last_(other.last_) {
    end_ = limit_ = events_.data() + events_.size();
  }
  EventBuffer& operator=(const EventBuffer&) = delete;

  uint64_t last() const { return last_; }
  uint64_t first() const { return first_; }
  uint64_t Kept() const { return last_ + 1 - first_; }

  void Reserve(uint64_t n) {
    if (n > Room()) Grow(n);
  }
  uint64_t Room() const { return static_cast<uint64_t>(limit_ - end_); }
  // The places of n new events, of which the last has the number last(): the caller makes them there, all of each (new (Append()) koble_event{...}), so
  // that each is written once. Allocates only where Reserve has not been asked.
  koble_event* Append(uint64_t n = 1) {
    if (n > Room()) [[unlikely]] {
      Grow(n);
    }
    last_ += n;
    return std::exchange(end_, end_ + n);
  }
  // Precondition: seq >= first().
  std::span<const koble_event> From(uint64_t seq) const {
    if (seq > last_) return {};
    return {end_ - (last_ + 1 - seq), last_ + 1 - seq};
  }
  void Acknowledge(uint64_t seq) {
    if (seq < first_) return;
    first_ = seq + 1;
    if (first_ > last_) end_ = events_.data();
    const uint64_t kept = Kept();
    const auto gone = static_cast<uint64_t>(Begin() - events_.data());
    if (gone >= 1024 && gone >= kept) {  // moved once for every event that went: constant on average
      std::copy(Begin(), static_cast<const koble_event*>(end_), events_.data());
      end_ = events_.data() + kept;
    }
  }
  // All that are kept: acknowledged, and where they are until the next Append or Reserve.
  std::span<const koble_event> Take() {
    const std::span<const koble_event> kept = From(first_);
    Restart(last_);
    return kept;
  }
  // For snapshots: the next Append gets number last + 1.
  void Restart(uint64_t last) {
    end_ = events_.data();
    last_ = last;
    first_ = last + 1;
  }

 private:
  // The first that has not been acknowledged.
  const koble_event* Begin() const { return end_ - Kept(); }
  [[gnu::noinline]] void Grow(uint64_t n) {
    const auto used = static_cast<uint64_t>(end_ - events_.data());
    events_.reserve(base::Grown(events_.size(), used + n));
    events_.resize(events_.capacity());
    end_ = events_.data() + used;
    limit_ = events_.data() + events_.size();
  }

  base::BareVector<koble_event> events_;  // as long as there is room
  koble_event* end_ = nullptr;            // behind the last event
  koble_event* limit_ = nullptr;          // behind the last place
  uint64_t first_ = 1;                    // number of the first that has not been acknowledged
  uint64_t last_ = 0;
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_EVENT_BUFFER_H_
