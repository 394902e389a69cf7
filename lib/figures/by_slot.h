// Things by their ids, found by the slots that these name: no hash, and who has come lately lies together. An engine gives the lowest free slot, so a
// table is about as long as there are things at a time; its pages are made where one is needed, so that a lone high slot costs little.
#ifndef KOBLE_LIB_FIGURES_BY_SLOT_H_
#define KOBLE_LIB_FIGURES_BY_SLOT_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "koble/koble.h"

namespace koble::figures {

template <class T>
class BySlot {
 public:
  // Null if there is none with this id.
  T* Find(koble_id id) {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    if (slot / kPage >= pages_.size()) return nullptr;
    Page* const page = pages_[slot / kPage].get();
    if (page == nullptr) return nullptr;
    Place& place = (*page)[slot % kPage];
    return place.id == id && id != kNobody ? &place.thing : nullptr;
  }
  // A new one, in the place of whoever had the slot before: of two generations the later lives.
  T& Put(koble_id id) {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    if (slot / kPage >= pages_.size()) pages_.resize(slot / kPage + 1);
    std::unique_ptr<Page>& page = pages_[slot / kPage];
    if (page == nullptr) page = std::make_unique<Page>();
    Place& place = (*page)[slot % kPage];
    place.thing = T{};
    place.id = id;
    return place.thing;
  }
  // Precondition: Find found it.
  void Erase(koble_id id) {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    (*pages_[slot / kPage])[slot % kPage].id = kNobody;
  }
  template <class Visit>
  void Each(Visit visit) const {
    for (const std::unique_ptr<Page>& page : pages_) {
      if (page == nullptr) continue;
      for (const Place& place : *page) {
        if (place.id != kNobody) visit(place.thing);
      }
    }
  }

 private:
  static constexpr uint32_t kPage = 256;
  static constexpr koble_id kNobody = UINT64_MAX;  // no id: there is no such kind
  struct Place {
    koble_id id = kNobody;
    T thing;
  };
  using Page = std::array<Place, kPage>;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_BY_SLOT_H_
