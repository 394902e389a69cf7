// The engine's timers: at most one for each owner, its next. An indexed 4-ary heap: setting, moving and cancelling are logarithmic
// in the number of timers, also when a hundred thousand fall on one instant.
//
// Order: deadline, then `order`, which the caller packs from kind and sequence number so that it is total (docs/model.md 1.4). No
// creation number exists, so the order survives snapshots.
#ifndef KOBLE_LIB_BASE_TIMER_QUEUE_H_
#define KOBLE_LIB_BASE_TIMER_QUEUE_H_

#include <cstdint>

#include "base/memory.h"
#include "base/slots.h"

namespace koble::base {

struct Timer {
  int64_t due_ns = 0;
  uint64_t order = 0;
  uint32_t owner_kind = 0;  // KOBLE_KIND_
  uint32_t owner_slot = 0;
};

class TimerQueue {
 public:
  explicit TimerQueue(Memory* memory)
      : heap_(memory),
        places_{Vector<uint32_t>(memory), Vector<uint32_t>(memory), Vector<uint32_t>(memory), Vector<uint32_t>(memory),
                Vector<uint32_t>(memory)} {}

  bool Empty() const { return heap_.empty(); }
  // Precondition: not empty.
  const Timer& First() const { return heap_[0]; }
  uint64_t Count() const { return heap_.size(); }

  // Room for n timers more, and for owners of this kind in slots below `slots`: Set then does not allocate.
  void Reserve(uint64_t n) { ReserveMore(heap_, n); }
  uint64_t Room() const { return heap_.capacity() - heap_.size(); }
  void ReserveOwners(uint32_t owner_kind, uint64_t slots) {
    if (places_[owner_kind].size() < slots) places_[owner_kind].resize(slots, kNil);
  }

  void Set(const Timer& timer) {
    ReserveOwners(timer.owner_kind, uint64_t{timer.owner_slot} + 1);
    uint32_t place = places_[timer.owner_kind][timer.owner_slot];
    if (place == kNil) {
      place = static_cast<uint32_t>(heap_.size());
      heap_.push_back(timer);
      SiftUp(place, timer);
    } else {
      const bool earlier = Before(timer, heap_[place]);
      earlier ? SiftUp(place, timer) : SiftDown(place, timer);
    }
  }

  void Cancel(uint32_t owner_kind, uint32_t owner_slot) {
    if (!heap_.empty()) CancelOne(owner_kind, owner_slot);
  }

  // Visits every timer that is due at or before the time, in no order.
  template <class Visit>
  void EachDue(int64_t time_ns, Visit visit) const {
    VisitDue(0, time_ns, visit);
  }

 private:
  void CancelOne(uint32_t owner_kind, uint32_t owner_slot) {
    Vector<uint32_t>& places = places_[owner_kind];
    if (owner_slot >= places.size() || places[owner_slot] == kNil) return;
    const uint32_t place = places[owner_slot];
    places[owner_slot] = kNil;
    const Timer moved = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) return;
    const bool up = place > 0 && Before(moved, heap_[(place - 1) / 4]);
    up ? SiftUp(place, moved) : SiftDown(place, moved);
  }

  template <class Visit>
  void VisitDue(uint64_t place, int64_t time_ns, Visit& visit) const {  // as deep as the heap: a dozen
    if (place >= heap_.size() || heap_[place].due_ns > time_ns) return;
    visit(heap_[place]);
    for (uint64_t child = 4 * place + 1; child <= 4 * place + 4; ++child) VisitDue(child, time_ns, visit);
  }
  static bool Before(const Timer& a, const Timer& b) {
    return a.due_ns != b.due_ns ? a.due_ns < b.due_ns : a.order < b.order;
  }
  void Put(uint32_t place, const Timer& timer) {
    heap_[place] = timer;
    places_[timer.owner_kind][timer.owner_slot] = place;
  }
  void SiftUp(uint32_t place, const Timer timer) {
    while (place > 0) {
      const uint32_t parent = (place - 1) / 4;
      if (!Before(timer, heap_[parent])) break;
      Put(place, heap_[parent]);
      place = parent;
    }
    Put(place, timer);
  }
  void SiftDown(uint32_t place, const Timer timer) {
    const auto size = static_cast<uint32_t>(heap_.size());
    for (;;) {
      const uint64_t child = uint64_t{4} * place + 1;
      if (child >= size) break;
      auto least = static_cast<uint32_t>(child);
      const auto end = static_cast<uint32_t>(child + 4 < size ? child + 4 : size);
      for (uint32_t i = least + 1; i < end; ++i) {
        if (Before(heap_[i], heap_[least])) least = i;
      }
      if (!Before(heap_[least], timer)) break;
      Put(place, heap_[least]);
      place = least;
    }
    Put(place, timer);
  }

  Vector<Timer> heap_;
  Vector<uint32_t> places_[5];  // by owner kind, then slot
};

}  // namespace koble::base

#endif  // KOBLE_LIB_BASE_TIMER_QUEUE_H_
