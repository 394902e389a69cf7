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

  // Members may be below `range`: Insert then does not allocate.
  void Reserve(uint64_t range) {
    items_.reserve(range);
    if (places_.size() < range) places_.resize(range, base::kNil);
  }

  void Insert(uint32_t item) {
    if (item >= places_.size()) Reserve(uint64_t{item} + 1);
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
  // Tells whether it has an item, as it stands now: for asking about many.
  auto Members() const {
    return [places = places_.data(), count = places_.size()](uint32_t item) {
      return item < count && places[item] != base::kNil;
    };
  }
  const base::Vector<uint32_t>& items() const { return items_; }
  uint64_t Range() const { return places_.size(); }

 private:
  base::Vector<uint32_t> items_;
  base::Vector<uint32_t> places_;
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_DENSE_SET_H_
