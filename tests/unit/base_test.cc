// The containers of lib/base against plain models of themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory_resource>
#include <set>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/hash_index.h"
#include "base/line.h"
#include "base/slots.h"
#include "base/timer_queue.h"
#include "support/random.h"

namespace koble::base {
namespace {

Memory* Heap() { return std::pmr::get_default_resource(); }

TEST(Slots, TheLowestFreeSlotIsUsedNextWithANewGeneration) {
  Slots<int> slots(KOBLE_KIND_OFFER, Heap());
  for (int i = 0; i < 200; ++i) EXPECT_EQ(slots.Allocate(i), static_cast<uint32_t>(i));
  const koble_id first = slots.Id(70);
  slots.Free(150);
  slots.Free(70);
  EXPECT_EQ(slots.Allocate(1), 70u);
  EXPECT_EQ(slots.Allocate(2), 150u);
  EXPECT_EQ(slots.Allocate(3), 200u);
  EXPECT_EQ(KOBLE_ID_GENERATION(first), 1u);
  EXPECT_EQ(KOBLE_ID_GENERATION(slots.Id(70)), 2u);
}

TEST(Slots, IdsOfEndedOtherAndMadeUpThingsAreToldApart) {
  Slots<int> slots(KOBLE_KIND_OFFER, Heap());
  const koble_id id = slots.Id(slots.Allocate(0));
  EXPECT_EQ(slots.Check(id), KOBLE_OK);
  EXPECT_EQ(slots.Check(MakeId(KOBLE_KIND_AGENT, 0, 1)), KOBLE_ERR_KIND);
  EXPECT_EQ(slots.Check(0), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(slots.Check(MakeId(9, 0, 1)), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(slots.Check(MakeId(KOBLE_KIND_OFFER, 0, 2)), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(slots.Check(MakeId(KOBLE_KIND_OFFER, 5, 1)), KOBLE_ERR_UNKNOWN);
  slots.Free(0);
  EXPECT_EQ(slots.Check(id), KOBLE_ERR_ENDED);
  EXPECT_EQ(slots.Check(MakeId(KOBLE_KIND_OFFER, 0, 2)), KOBLE_ERR_UNKNOWN);
}

TEST(Slots, ASlotWhoseGenerationsAreUsedUpIsNeverUsedAgain) {
  Slots<int> slots(KOBLE_KIND_OFFER, Heap());
  slots.Restore(0, UINT32_MAX, true);
  const koble_id last = slots.Id(0);
  slots.Free(0);
  EXPECT_EQ(slots.Allocate(1), 1u);
  EXPECT_EQ(slots.Check(last), KOBLE_ERR_ENDED);
}

// Of numbers below `first_range`, and from the middle on below `then_range`.
void CompareSetWithAModel(uint32_t first_range, uint32_t then_range) {
  testing::Random random(1);
  LowestSet set(Heap());
  set.Reserve(first_range);
  std::set<uint32_t> model;
  for (int i = 0; i < 20'000; ++i) {
    if (i == 10'000) set.Reserve(then_range);
    const uint32_t range = i < 10'000 ? first_range : then_range;
    const uint32_t below = random.Percent(50) ? range : std::min(range, 100u);
    const auto item = static_cast<uint32_t>(random.Below(below));
    if (random.Percent(i % 2'000 < 1'000 ? 60 : 20)) {
      set.Insert(item);
      model.insert(item);
    } else if (random.Percent(50)) {
      if (model.erase(item) != 0) set.Erase(item);
    } else if (!model.empty()) {
      ASSERT_EQ(set.TakeLowest(), *model.begin());
      model.erase(model.begin());
    }
    ASSERT_EQ(set.Empty(), model.empty());
    ASSERT_EQ(set.Has(item), model.count(item) != 0);
    if (model.empty()) continue;
    ASSERT_EQ(set.Lowest(), *model.begin());
  }
}

TEST(Slots, FreeSlotsAreFoundLikeInASetOverManySizes) {
  CompareSetWithAModel(40, 40);
  CompareSetWithAModel(40, 300);
  CompareSetWithAModel(300, 5'000);
  CompareSetWithAModel(5'000, 300'000);
  CompareSetWithAModel(300'000, 300'000);
}

TEST(HashIndex, FindsWhatIsThereAndNothingElseThoughHashesAreEqual) {
  testing::Random random(3);
  HashIndex index(Heap());
  std::vector<uint64_t> hashes(3'000);  // by number
  std::set<uint32_t> there;
  for (int i = 0; i < 60'000; ++i) {
    const auto number = static_cast<uint32_t>(random.Below(i < 20'000 ? 20 : 3'000));
    if (there.erase(number) != 0) {
      index.Erase(hashes[number], number);
    } else {
      hashes[number] = random.Below(random.Percent(50) ? 40 : UINT64_MAX);  // neighbours, and the same
      index.Insert(hashes[number], number);
      there.insert(number);
    }
    const auto other = static_cast<uint32_t>(random.Below(3'000));
    const uint32_t found = index.Find(hashes[other], [&](uint32_t n) { return n == other; });
    ASSERT_EQ(found, there.count(other) != 0 ? other : kNil);
  }
}

struct Nodes {
  std::vector<LineLinks>* links;
  const std::vector<int>* keys;
  bool come_last;
  LineLinks& Links(uint32_t node) const { return (*links)[node]; }
  bool Before(uint32_t a, uint32_t b) const { return std::pair((*keys)[a], a) < std::pair((*keys)[b], b); }
  bool ComeLast() const { return come_last; }
};

// `late`: how many in a hundred come last; the others anywhere, half of them among the last few.
void CompareWithAModel(bool come_last, int late) {
  testing::Random random(2);
  std::vector<LineLinks> links(500);
  std::vector<int> keys(500);
  std::set<std::pair<int, uint32_t>> model;
  Line line;
  const Nodes nodes{&links, &keys, come_last};
  LineOf order(line, nodes);
  for (int i = 1; i <= 30'000; ++i) {
    const auto node = static_cast<uint32_t>(random.Below(500));
    if (model.erase({keys[node], node}) != 0) {
      order.Remove(node);
    } else {
      keys[node] = random.Percent(late) ? i : i - static_cast<int>(random.Below(random.Percent(50) ? i : 20));
      order.Insert(node);
      model.insert({keys[node], node});
    }
    ASSERT_EQ(line.size, model.size());
    ASSERT_EQ(line.first, model.empty() ? kNil : model.begin()->second);
    ASSERT_EQ(line.last, model.empty() ? kNil : model.rbegin()->second);
    ASSERT_LE(line.tail_size, come_last ? kTailMost : 0);
    if (i % 17 != 0) continue;
    uint32_t at = line.first;
    for (const auto& [key, expected] : model) {
      ASSERT_EQ(at, expected);
      at = NextInLine(nodes, line, at);
    }
    ASSERT_EQ(at, kNil);
    const auto least = static_cast<int>(random.Below(i));
    const auto found = model.lower_bound({least, 0});
    ASSERT_EQ(FirstInLine(nodes, line, [&](uint32_t n) { return keys[n] >= least; }),
              found == model.end() ? kNil : found->second);
  }
}

TEST(Line, StaysInOrderUnderRandomInsertionsAndRemovals) {
  for (const bool come_last : {true, false}) {
    for (const int late : {0, 60, 99, 100}) CompareWithAModel(come_last, late);
  }
}

TEST(TimerQueue, FiresByDeadlineThenByOrderAlsoAfterMovesAndCancellations) {
  testing::Random random(3);
  TimerQueue timers(Heap());
  std::map<std::pair<uint32_t, uint32_t>, std::pair<int64_t, uint64_t>> model;  // owner -> (deadline, order)
  for (int i = 0; i < 40'000; ++i) {
    const auto kind = static_cast<uint32_t>(random.Between(1, 4));
    const auto slot = static_cast<uint32_t>(random.Below(80));
    if (random.Percent(70)) {
      const Timer timer{random.Between(0, 30),
                        uint64_t{kind} << 58 | static_cast<uint64_t>(random.Below(4)) << 20 | slot, kind, slot};
      timers.Set(timer);
      model[{kind, slot}] = {timer.due_ns, timer.order};
    } else {
      timers.Cancel(kind, slot);
      model.erase({kind, slot});
    }
    ASSERT_EQ(timers.Count(), model.size());
    if (model.empty()) continue;
    const auto first =
        std::min_element(model.begin(), model.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    ASSERT_EQ(std::pair(timers.First().due_ns, timers.First().order), first->second);
    ASSERT_EQ(std::pair(timers.First().owner_kind, timers.First().owner_slot), first->first);
  }
}

TEST(Digest, ASumForgetsTheOrderAndUndoesWhatIsSubtracted) {
  Sum128 forward;
  Sum128 backward;
  std::vector<Sum128> terms;
  for (uint64_t i = 0; i < 100; ++i) {
    Hasher hasher(i);
    hasher.Mix(i * i);
    terms.push_back(hasher.Finish());
  }
  for (size_t i = 0; i < terms.size(); ++i) {
    forward.Add(terms[i]);
    backward.Add(terms[terms.size() - 1 - i]);
  }
  EXPECT_EQ(forward, backward);
  for (const Sum128& term : terms) forward.Subtract(term);
  EXPECT_EQ(forward, Sum128{});
}

// What the words say may differ by little: one bit, two slots exchanged, a number and the next.
TEST(Digest, TheHashTellsWordsApartThatAreNearlyAlike) {
  const auto hash = [](const std::vector<uint64_t>& words) {
    Hasher hasher(words[0], words[1]);
    for (size_t i = 2; i + 1 < words.size(); i += 2) hasher.Mix(words[i], words[i + 1]);
    if (words.size() % 2 != 0) hasher.Mix(words.back());
    const Sum128 sum = hasher.Finish();
    return std::pair(sum.lo, sum.hi);
  };
  std::set<std::pair<uint64_t, uint64_t>> seen;
  uint64_t made = 0;
  const auto make = [&](const std::vector<uint64_t>& words) {
    ++made;
    const auto sum = hash(words);
    seen.insert(sum);
    return sum;
  };
  for (size_t length = 2; length <= 7; ++length) {
    for (uint64_t i = 0; i < 729; ++i) {  // all words of 0, 1 and 2, and the last with many zeros behind
      std::vector<uint64_t> words(length);
      uint64_t rest = i;
      for (uint64_t& word : words) {
        word = rest % 3;
        rest /= 3;
      }
      if (rest == 0) make(words);
    }
  }
  EXPECT_EQ(seen.size(), made);
  // Each bit of the sum follows half of the changes of each bit of the words.
  testing::Random random(4);
  for (const size_t length : {2, 3, 6, 7}) {
    uint64_t flipped[128] = {};
    uint64_t least = 128;
    uint64_t changes = 0;
    for (int round = 0; round < 20; ++round) {
      std::vector<uint64_t> words(length);
      for (uint64_t& word : words) word = static_cast<uint64_t>(random.Below(1000));
      const auto before = hash(words);
      for (size_t bit = 0; bit < 64 * length; ++bit) {
        words[bit / 64] ^= uint64_t{1} << (bit % 64);
        const auto after = hash(words);
        words[bit / 64] ^= uint64_t{1} << (bit % 64);
        const uint64_t lo = before.first ^ after.first, hi = before.second ^ after.second;
        for (int i = 0; i < 64; ++i) {
          flipped[i] += lo >> i & 1;
          flipped[64 + i] += hi >> i & 1;
        }
        least = std::min<uint64_t>(least, static_cast<uint64_t>(std::popcount(lo) + std::popcount(hi)));
        ++changes;
      }
    }
    EXPECT_GE(least, 28u) << length;  // of 128 coins: 6 standard deviations below the half
    for (const uint64_t of_bit : flipped) {
      EXPECT_NEAR(static_cast<double>(of_bit) / static_cast<double>(changes), 0.5, 0.06) << length;
    }
  }
}

TEST(Digest, TheHashIsTheSameOnEveryMachine) {
  Hasher hasher(42);
  hasher.Mix(1);
  hasher.MixBytes("koble");
  const Sum128 sum = hasher.Finish();
  EXPECT_EQ(sum.lo, 0x9d01668d124fe67au);
  EXPECT_EQ(sum.hi, 0xe7a39db4c1f5fb86u);
}

TEST(Bytes, ReadingPastTheEndFailsAndGivesZeros) {
  std::string out;
  PutInt(out, int64_t{-5});
  PutString(out, "abc");
  ByteReader in(out);
  EXPECT_EQ(in.Int<int64_t>(), -5);
  EXPECT_EQ(in.String(), "abc");
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.Int<uint32_t>(), 0u);
  EXPECT_FALSE(in.ok());
  ByteReader cut(std::string_view(out).substr(0, 12));
  cut.Int<int64_t>();
  EXPECT_EQ(cut.String(), "");
  EXPECT_FALSE(cut.ok());
}

}  // namespace
}  // namespace koble::base
