#include "state/state.h"

#include <gtest/gtest.h>

#include <memory_resource>

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

TEST(StateTest, MarksAreListedOnceSinceTheFirstFolding) {
  Gate gate;
  Dirty dirty(&gate);
  dirty.ReserveSlots(KOBLE_KIND_CONTACT, 10);
  dirty.Mark(KOBLE_KIND_CONTACT, 3);
  EXPECT_TRUE(dirty.everything());
  EXPECT_TRUE(dirty.list().empty());
  dirty.Clear();
  EXPECT_FALSE(dirty.everything());
  for (int i = 0; i < 2; ++i) {
    dirty.Mark(KOBLE_KIND_CONTACT, 3);
    dirty.Mark(KOBLE_KIND_CONTACT, 7);
  }
  ASSERT_EQ(dirty.list().size(), 2u);
  EXPECT_EQ(dirty.list()[0].slot, 3u);
  EXPECT_EQ(dirty.list()[1].slot, 7u);
}

TEST(StateTest, WhereMostHasChangedMarksAreNotListed) {
  Gate gate;
  Dirty dirty(&gate);
  dirty.ReserveSlots(KOBLE_KIND_CONTACT, 10'000);
  dirty.Clear();
  for (uint32_t contact = 0; contact < 5'000; ++contact) dirty.Mark(KOBLE_KIND_CONTACT, contact);
  EXPECT_FALSE(dirty.everything());
  EXPECT_EQ(dirty.list().size(), 5'000u);
  dirty.Mark(KOBLE_KIND_CONTACT, 5'000);
  EXPECT_TRUE(dirty.everything());
}

}  // namespace
}  // namespace koble::state
