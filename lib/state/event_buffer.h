// The events that the host has not acknowledged, contiguous, read by number.
#ifndef KOBLE_LIB_STATE_EVENT_BUFFER_H_
#define KOBLE_LIB_STATE_EVENT_BUFFER_H_

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "koble/koble.h"

namespace koble::state {

class EventBuffer {
 public:
  explicit EventBuffer(base::Memory* memory) : events_(memory) {}

  uint64_t last() const { return last_; }
  uint64_t first() const { return first_; }
  uint64_t Kept() const { return last_ + 1 - first_; }

  void Reserve(uint64_t n) { base::ReserveMore(events_, n); }
  uint64_t Room() const { return events_.capacity() - events_.size(); }
  // The place of the new event, whose number is last(): the caller makes it there, all of it (new (Append()) koble_event{...}), so that each is written
  // once. Allocates only where Reserve has not been asked.
  koble_event* Append() {
    ++last_;
    return &events_.emplace_back();
  }
  // Precondition: seq >= first().
  std::span<const koble_event> From(uint64_t seq) const {
    if (seq > last_) return {};
    return {events_.data() + head_ + (seq - first_), last_ + 1 - seq};
  }
  void Acknowledge(uint64_t seq) {
    if (seq < first_) return;
    head_ += seq - first_ + 1;
    first_ = seq + 1;
    if (first_ > last_) {
      events_.clear();
      head_ = 0;
    } else if (head_ >= 1024 &&
               head_ * 2 >= events_.size()) {  // moved once for every event that went: constant on average
      events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }
  // All that are kept: acknowledged, and where they are until the next Append or Reserve.
  std::span<const koble_event> Take() {
    const uint64_t count = Kept();
    const koble_event* first = count == 0 ? nullptr : events_.data() + head_;
    Restart(last_);
    return {first, count};
  }
  // For snapshots: the next Append gets number last + 1.
  void Restart(uint64_t last) {
    events_.clear();
    head_ = 0;
    last_ = last;
    first_ = last + 1;
  }

 private:
  base::BareVector<koble_event> events_;
  uint64_t head_ = 0;   // place of the first that has not been acknowledged
  uint64_t first_ = 1;  // its number
  uint64_t last_ = 0;
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_EVENT_BUFFER_H_
