#include "state/state.h"

#include <gtest/gtest.h>

#include <memory_resource>
#include <vector>

#include "must_load.h"

namespace koble::state {
namespace {

// Gives memory only while it is open.
class Gate final : public std::pmr::memory_resource {
 public:
  bool open = true;
  uint64_t taken = 0;  // times

 private:
  void* do_allocate(size_t bytes, size_t alignment) override {
    ++taken;
    EXPECT_TRUE(open) << bytes << " bytes are taken where nothing may fail";
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* block, size_t bytes, size_t alignment) override {
    std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

// Whatever a change has asked for is there, also where the next changes take it without looking; in a copy, too.
TEST(StateTest, WhatIsReservedTakesNoMemory) {
  Gate gate;
  State first(plan::MustLoad(R"({"queues": [{"name": "q"}]})"), {}, &gate);
  first.dirty.Clear();  // as after a digest: what changes is listed
  Room room;
  room.contacts = room.entries = room.offers = room.engagements = room.timers = 1;
  room.events = 2;
  const auto change = [&](State& state) {
    gate.open = true;
    state.Reserve(room);
    gate.open = false;
    const uint32_t contact = state.contacts.Allocate();
    state.MakeLadder(state.entries.Allocate());
    state.engagements.Allocate();
    state.offers.Free(state.offers.Allocate());
    state.timers.Set({1, contact, KOBLE_KIND_CONTACT, contact});
    state.dirty.Mark(KOBLE_KIND_CONTACT, contact);
    state.events.Append();
    state.events.Append();
    gate.open = true;
  };
  for (int i = 0; i < 3000; ++i) change(first);
  State second(first);
  for (int i = 0; i < 3000; ++i) change(second);
  EXPECT_EQ(second.contacts.Count(), 6000u);
  // What has room for all but one kind of things has not room for all.
  State third(first);
  third.entries.Reserve(100);
  Room others = room;
  others.entries = 0;
  third.Reserve(others);
  change(third);
}

// What grows by one each time must not be copied each time.
TEST(StateTest, MarksOneBehindTheOtherTakeMemorySeldom) {
  Gate gate;
  Dirty dirty(&gate);
  for (uint32_t slots = 1; slots <= 20'000; ++slots) dirty.ReserveSlots(KOBLE_KIND_NONE, slots);
  EXPECT_EQ(dirty.Slots(KOBLE_KIND_NONE), 20'000u);
  EXPECT_LT(gate.taken, 200u);
}

TEST(StateTest, MarksAreTakenOnceSinceTheFirstFolding) {
  Gate gate;
  Dirty dirty(&gate);
  dirty.ReserveSlots(KOBLE_KIND_CONTACT, 10'000);
  gate.open = false;
  bool far = false;
  const auto marked = [&](uint32_t kind) {
    std::vector<uint32_t> slots;
    std::vector<uint32_t> ahead;
    far = !far;
    dirty.TakeMarks(
        kind, far, [&](uint32_t slot) { ahead.push_back(slot); }, [&](uint32_t slot) { slots.push_back(slot); });
    EXPECT_EQ(ahead, far ? slots : std::vector<uint32_t>{});
    return slots;
  };
  dirty.Mark(KOBLE_KIND_CONTACT, 3);
  EXPECT_TRUE(dirty.everything());
  EXPECT_TRUE(marked(KOBLE_KIND_CONTACT).empty());
  dirty.Clear();
  EXPECT_FALSE(dirty.everything());
  const std::vector<uint32_t> slots = {0, 3, 7, 8, 63, 64, 511, 512, 9'999};
  for (int i = 0; i < 2; ++i) {
    for (const uint32_t slot : slots) dirty.Mark(KOBLE_KIND_CONTACT, slot);
  }
  EXPECT_TRUE(marked(KOBLE_KIND_AGENT).empty());
  EXPECT_EQ(marked(KOBLE_KIND_CONTACT), slots);
  EXPECT_TRUE(marked(KOBLE_KIND_CONTACT).empty());
  for (uint32_t slot = 0; slot < 10'000; ++slot) dirty.Mark(KOBLE_KIND_CONTACT, slot);
  EXPECT_EQ(marked(KOBLE_KIND_CONTACT).size(), 10'000u);
  gate.open = true;
  dirty.Mark(KOBLE_KIND_CONTACT, 20'000);  // room or not
  EXPECT_EQ(marked(KOBLE_KIND_CONTACT), std::vector<uint32_t>{20'000});
}

}  // namespace
}  // namespace koble::state
