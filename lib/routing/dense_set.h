// A set of small numbers: insertion and removal in one step, iteration over the members only. The order of iteration depends on history and
// must never decide anything.
#ifndef KOBLE_LIB_ROUTING_DENSE_SET_H_
#define KOBLE_LIB_ROUTING_DENSE_SET_H_

#include <cstdint>

#include "base/memory.h"
#include "base/slots.h"

namespace koble::routing {

class DenseSet {
 public:
  explicit DenseSet(base::Memory* memory) : items_(memory), places_(memory) {}

  void Insert(uint32_t item) {
    if (item >= places_.size()) places_.resize(item + 1, base::kNil);
    if (places_[item] != base::kNil) return;
    places_[item] = static_cast<uint32_t>(items_.size());
    items_.push_back(item);
  }
  void Erase(uint32_t item) {
    if (item >= places_.size() || places_[item] == base::kNil) return;
    const uint32_t place = places_[item];
    items_[place] = items_.back();
    places_[items_[place]] = place;
    items_.pop_back();
    places_[item] = base::kNil;
  }
  const base::Vector<uint32_t>& items() const { return items_; }

 private:
  base::Vector<uint32_t> items_;
  base::Vector<uint32_t> places_;
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_DENSE_SET_H_
