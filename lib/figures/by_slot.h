// Things by their ids, found by the slots that these name: no hash, and who has come lately lies together. An engine gives the lowest free slot, so a
// table is about as long as there are things at a time; its pages are made where one is needed, so that a lone high slot costs little.
#ifndef KOBLE_LIB_FIGURES_BY_SLOT_H_
#define KOBLE_LIB_FIGURES_BY_SLOT_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
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
    if (last_->id == id) return id == kNobody ? nullptr : &last_->thing;
    const uint32_t slot = KOBLE_ID_SLOT(id);
    if (slot / kPage >= page_count_) return nullptr;
    Place* const place = &(*pages_[slot / kPage])[slot % kPage];
    if (place->id != id || id == kNobody) return nullptr;
    last_ = place;
    return &place->thing;
  }
  // Whoever has the slot of this id, of whatever generation; null if nobody has.
  T* At(koble_id id) {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    if (slot / kPage >= page_count_) return nullptr;
    Place& place = (*pages_[slot / kPage])[slot % kPage];
    return place.id == kNobody ? nullptr : &place.thing;
  }
  // A new one, in the place of whoever had the slot before: of two generations the later lives.
  T& Put(koble_id id) {
    static const T kFresh{};  // one made here would be read right after its parts were written, which stalls
    const uint32_t slot = KOBLE_ID_SLOT(id);
    if (slot / kPage >= page_count_ || pages_[slot / kPage] == Nowhere()) MakePage(slot / kPage);
    last_ = &(*pages_[slot / kPage])[slot % kPage];
    last_->thing = kFresh;
    last_->id = id;
    return last_->thing;
  }
  // Precondition: Find found it.
  void Erase(koble_id id) {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    (*pages_[slot / kPage])[slot % kPage].id = kNobody;
  }
  template <class Visit>
  void Each(Visit visit) {
    for (const std::unique_ptr<Page>& page : made_) {
      for (Place& place : *page) {
        if (place.id != kNobody) visit(place.thing);
      }
    }
  }
  template <class Visit>
  void Each(Visit visit) const {
    const_cast<BySlot*>(this)->Each([&](const T& thing) { visit(thing); });
  }
  // Whether there are so many that they may well be in no cache.
  bool Large() const { return made_.size() > 4; }
  // Asks for the memory of whoever has or will have this id, before it is needed. (Part of its callers: g++ 12 sees a function without effect, and would
  // leave a call out.)
  [[gnu::always_inline]] void Prefetch(koble_id id) const {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    if (slot / kPage >= page_count_) return;
    const auto* const line = reinterpret_cast<const char*>(&(*pages_[slot / kPage])[slot % kPage]);
    for (size_t i = 0; i < std::min<size_t>(sizeof(Place), 256); i += 64) __builtin_prefetch(line + i, 1);
  }

 private:
  static constexpr uint32_t kPage = 256;
  static constexpr koble_id kNobody = UINT64_MAX;  // no id: there is no such kind
  // In as few cache lines as can be.
  struct alignas(std::min<size_t>(64, std::bit_ceil(sizeof(T) + sizeof(koble_id)))) Place {
    koble_id id = kNobody;
    T thing;
  };
  using Page = std::array<Place, kPage>;

  // A page of nobody, in the place of those that have not been made. Never written.
  static Page* Nowhere() {
    static Page page;
    return &page;
  }
  [[gnu::noinline]] void MakePage(uint32_t page) {
    made_.push_back(std::make_unique<Page>());
    if (page >= pages_.size()) pages_.resize(page + 1, Nowhere());
    pages_[page] = made_.back().get();
    page_count_ = static_cast<uint32_t>(pages_.size());
  }

  uint32_t page_count_ = 0;
  std::vector<Page*> pages_;
  std::vector<std::unique_ptr<Page>> made_;
  Place* last_ = Nowhere()->data();  // that was made or found: one event after the other is often about the same
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_BY_SLOT_H_
