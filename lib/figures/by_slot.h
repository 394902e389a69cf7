// Things by their ids, found by the slots that these name: no hash, and who has come lately lies together. An engine gives the lowest free slot, so a
// table is about as long as there are things at a time; its pages are made where one is needed, so that a lone high slot costs little.
#ifndef KOBLE_LIB_FIGURES_BY_SLOT_H_
#define KOBLE_LIB_FIGURES_BY_SLOT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "koble/koble.h"

namespace koble::figures {

// T begins with a member `koble_id id`, which is the table's. Where it is to be prefetched, `kOftenBytes` says how much of it most events touch, from its begin.
template <class T>
class BySlot {
 public:
  // Null if there is none with this id.
  T* Find(koble_id id) {
    T* const thing = PlaceOf(KOBLE_ID_SLOT(id));
    return thing != nullptr && thing->id == id ? thing : nullptr;
  }
  // Whoever has the slot of this id, of whatever generation; null if nobody has.
  T* At(koble_id id) {
    T* const thing = PlaceOf(KOBLE_ID_SLOT(id));
    return thing != nullptr && IsSomebody(*thing, KOBLE_ID_SLOT(id)) ? thing : nullptr;
  }
  // A new one, in the place of whoever had the slot before: of two generations the later lives.
  T& Put(koble_id id) {
    const uint32_t slot = KOBLE_ID_SLOT(id);
    T* thing = PlaceOf(slot);
    if (thing == nullptr) [[unlikely]] {
      MakePage(slot / kPage);
      thing = PlaceOf(slot);
    }
    // In its place: to copy what has just been written in parts would wait until they have arrived.
    std::destroy_at(thing);
    return *::new (thing) T{id};
  }
  // Precondition: it is here.
  static void Erase(T& thing) { thing.id ^= kOtherSlot; }
  template <class Visit>
  void Each(Visit visit) {
    for (const std::unique_ptr<Page>& page : made_) {
      for (uint32_t i = 0; i < kPage; ++i) {
        if (IsSomebody(page->things[i], i)) visit(page->things[i]);
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
    const auto* const line = reinterpret_cast<const char*>(PlaceOf(KOBLE_ID_SLOT(id)));
    if (line == nullptr) return;
    for (size_t i = 0; i < T::kOftenBytes; i += 64) __builtin_prefetch(line + i, 1);
  }

 private:
  static constexpr uint32_t kPage = 256;
  // Nobody has an id of another slot than his own: so of a place that is free it has one, and is found by none.
  static constexpr koble_id kOtherSlot = uint64_t{1} << 32;
  static bool IsSomebody(const T& thing, uint32_t slot) { return (KOBLE_ID_SLOT(thing.id) ^ slot) % kPage == 0; }
  struct Page {
    std::array<T, kPage> things;
    Page() {
      for (uint32_t i = 0; i < kPage; ++i) things[i].id = (uint64_t{i} << 32) ^ kOtherSlot;
    }
  };

  // Null where its page has not been made.
  T* PlaceOf(uint32_t slot) const {
    if (slot / kPage >= page_count_) return nullptr;
    Page* const page = pages_[slot / kPage];
    return page != nullptr ? &page->things[slot % kPage] : nullptr;
  }
  [[gnu::noinline]] void MakePage(uint32_t page) {
    made_.push_back(std::make_unique<Page>());
    if (page >= pages_.size()) pages_.resize(page + 1);
    pages_[page] = made_.back().get();
    page_count_ = static_cast<uint32_t>(pages_.size());
  }

  uint32_t page_count_ = 0;
  std::vector<Page*> pages_;
  std::vector<std::unique_ptr<Page>> made_;
};

}  // namespace koble::figures

#endif  // KOBLE_LIB_FIGURES_BY_SLOT_H_
