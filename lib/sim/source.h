// Where customers come from: a list of them, or streams that are drawn as the run goes.
#ifndef KOBLE_LIB_SIM_SOURCE_H_
#define KOBLE_LIB_SIM_SOURCE_H_

#include <array>
#include <cstdint>

#include "koble/koble.h"

namespace koble::sim {

// One arrival, with all that it brings along.
struct Customer {
  int64_t arrival_ns = 0;
  int64_t service_ns = 0;
  int64_t patience_ns = KOBLE_NEVER;
  int64_t priority = 0;
  int64_t credit_ns = 0;
  uint64_t number = 0;  // in its stream, from 1
  uint64_t serial = 0;  // given to the engine; 0: the next
  uint32_t stream = 0;
  uint32_t queue = 0;  // the first; the stream has further ones
  uint32_t attribute_count = 0;
  std::array<koble_attribute, KOBLE_CONTACT_ATTRIBUTES_MAX> attributes;  // beyond the count not even cleared
};

// Whether somebody left because a queue did not let him in.
constexpr bool AtTheDoor(uint32_t exit) {
  return exit == KOBLE_EXIT_FULL || exit == KOBLE_EXIT_CLOSED || exit == KOBLE_EXIT_REFUSED ||
         exit == KOBLE_EXIT_NOT_ROUTABLE;
}

class Source {
 public:
  virtual ~Source() = default;
  virtual int64_t NextNs() const = 0;  // of the next arrival; KOBLE_NEVER behind the last
  // Into one that has just been made. Precondition: there is a next.
  virtual void Take(Customer* customer) = 0;
};

}  // namespace koble::sim

#endif  // KOBLE_LIB_SIM_SOURCE_H_
