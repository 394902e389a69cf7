// How much room a change can need at most: counted before it begins, so that it cannot fail for memory in the middle.
#ifndef KOBLE_LIB_STATE_ROOM_H_
#define KOBLE_LIB_STATE_ROOM_H_

#include <algorithm>
#include <cstdint>

namespace koble::state {

struct Room {
  uint64_t contacts = 0;     // new ones
  uint64_t entries = 0;      // new ones, with or without ladders: places of a contact in queues
  uint64_t agents = 0;       // new ones
  uint64_t offers = 0;       // open at once, beside those that are open now
  uint64_t engagements = 0;  // the same
  uint64_t exclusions = 0;
  uint64_t attributes = 0;    // new ones
  uint64_t overrides = 0;     // new ones
  uint64_t symbols = 0;       // new ones
  uint64_t symbol_bytes = 0;  // of their names
  uint64_t timers = 0;        // owners that may get a timer and have none
  uint64_t events = 0;

  // Of what most changes add, the most of one kind; and whether there is anything else.
  uint64_t Things() const {
    return std::max(std::max(std::max(contacts, entries), std::max(offers, engagements)), timers);
  }
  bool Rare() const { return (agents | exclusions | attributes | overrides | symbols) != 0; }
};

}  // namespace koble::state

#endif  // KOBLE_LIB_STATE_ROOM_H_
