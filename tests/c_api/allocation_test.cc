// Memory that runs out: the i-th allocation fails, for every i. Nothing crashes or leaks, and what is refused for want of
// memory changed nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "scene.h"

namespace {

// Every allocation of the process, this test's own included, while `armed`.
bool armed = false;
uint64_t countdown = 0;
uint64_t taken = 0;

bool Fails() {
  if (!armed) return false;
  ++taken;
  return countdown > 0 && --countdown == 0;
}

void* Allocate(size_t size) { return Fails() ? nullptr : std::malloc(size == 0 ? 1 : size); }

}  // namespace

__attribute__((noinline)) void* operator new(size_t size) {
  void* block = Allocate(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
__attribute__((noinline)) void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
__attribute__((noinline)) void operator delete(void* block) noexcept { std::free(block); }
__attribute__((noinline)) void operator delete(void* block, size_t) noexcept { std::free(block); }
__attribute__((noinline)) void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }

namespace koble::testing {
namespace {

// A host's allocator that counts what it gave, and fails when it is told to.
struct HostHeap {
  uint64_t blocks = 0, bytes = 0, calls = 0, fail_at = 0;

  static void* Realloc(void* context, void* block, uint64_t old_size, uint64_t new_size) {
    auto& heap = *static_cast<HostHeap*>(context);
    EXPECT_EQ(block == nullptr, old_size == 0);
    if (new_size == 0) {
      EXPECT_NE(block, nullptr);
      heap.blocks -= 1;
      heap.bytes -= old_size;
      std::free(block);
      return nullptr;
    }
    if (++heap.calls == heap.fail_at) return nullptr;
    heap.blocks += block == nullptr ? 1 : 0;
    heap.bytes += new_size - old_size;
    return std::realloc(block, new_size);
  }
  koble_engine_options Options() {
    koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
    options.journal = KOBLE_JOURNAL_KEEP_ALL;
    options.realloc_fn = Realloc;
    options.realloc_context = this;
    return options;
  }
};

// Gives the script singly. Holds that a refusal for want of memory left everything alone.
void Play(koble_engine* engine, const Script& script, bool* out_of_memory) {
  for (const koble_command& command : script.commands) {
    koble_batch batch = KOBLE_BATCH_INIT;
    int32_t code = 0;
    uint64_t done = 0;
    batch.commands = &command;
    batch.count = 1;
    batch.data = script.data.data();
    batch.data_size = script.data.size();
    batch.codes = &code;
    const bool was_armed = std::exchange(armed, false);
    const Fingerprint before(engine);
    armed = was_armed;
    const int32_t whole = koble_apply(engine, &batch, &done, nullptr);
    armed = false;
    ASSERT_EQ(whole, KOBLE_OK);
    ASSERT_NE(code, KOBLE_ERR_INTERNAL);
    if (code == KOBLE_ERR_NO_MEMORY) {
      *out_of_memory = true;
      const Fingerprint after(engine);
      // An advance before the command may have been carried out; the command itself was not.
      if (after.event_last == before.event_last) {
        EXPECT_EQ(after.digest, before.digest);
      }
      EXPECT_EQ(koble_advance(engine, koble_now(engine), nullptr), KOBLE_OK);
    }
    armed = was_armed;
  }
}

TEST(Allocation, EverythingOfAnEngineComesFromTheHost) {
  HostHeap heap;
  const koble_engine_options options = heap.Options();
  const Plan plan = LoadPlan();
  koble_engine* engine = nullptr;
  ASSERT_EQ(koble_engine_create(plan.get(), &options, &engine), KOBLE_OK);
  EXPECT_GT(heap.blocks, 3u);
  bool out_of_memory = false;
  Play(engine, RandomScript(1, 500), &out_of_memory);
  koble_engine* clone = nullptr;
  const uint64_t before_clone = heap.bytes;
  ASSERT_EQ(koble_engine_clone(engine, &clone), KOBLE_OK);
  EXPECT_GT(heap.bytes, before_clone + before_clone / 4);
  koble_engine_destroy(engine);
  Play(clone, RandomScript(2, 100), &out_of_memory);
  koble_engine_destroy(clone);
  EXPECT_EQ(heap.blocks, 0u);
  EXPECT_EQ(heap.bytes, 0u);
  EXPECT_FALSE(out_of_memory);
}

// A steady state: the same things come and go, and memory stays as it is.
TEST(Allocation, NoneInTheSteadyState) {
  HostHeap heap;
  koble_engine_options options = heap.Options();
  options.journal = KOBLE_JOURNAL_OFF;
  Scene scene(&options);
  int64_t now = 200 * kSecond;
  const auto turn = [&] {
    const uint32_t queue = kAuto;
    koble_result result = KOBLE_RESULT_INIT;
    const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
    koble_contact_gone(scene.engine, now, scene.active, KOBLE_BY_AGENT, nullptr);
    koble_contact_arrive(scene.engine, now += kSecond, &arrival, &result);
    scene.active = result.id;
    koble_events_acknowledge(scene.engine, koble_events_last(scene.engine));
  };
  for (int i = 0; i < 1000; ++i) turn();
  const uint64_t calls = heap.calls;
  taken = 0;
  armed = true;
  for (int i = 0; i < 10'000; ++i) turn();
  armed = false;
  EXPECT_EQ(heap.calls, calls);
  EXPECT_EQ(taken, 0u);
}

TEST(Allocation, TheHostsHeapFailsAtEveryCall) {
  const Script script = RandomScript(3, 120);
  const Plan plan = LoadPlan();
  uint64_t refusals = 0;
  for (uint64_t fail_at = 1;; ++fail_at) {
    SCOPED_TRACE(fail_at);
    HostHeap heap;
    heap.fail_at = fail_at;
    const koble_engine_options options = heap.Options();
    koble_engine* engine = nullptr;
    const int32_t code = koble_engine_create(plan.get(), &options, &engine);
    bool out_of_memory = code == KOBLE_ERR_NO_MEMORY;
    if (code == KOBLE_OK) {
      Play(engine, script, &out_of_memory);
      koble_engine* clone = nullptr;
      const int32_t cloned = koble_engine_clone(engine, &clone);
      if (cloned == KOBLE_OK) {
        EXPECT_EQ(DigestOf(clone), DigestOf(engine));
      } else {
        EXPECT_EQ(cloned, KOBLE_ERR_NO_MEMORY);
        out_of_memory = true;
      }
      koble_engine_destroy(clone);
      koble_engine_destroy(engine);
    } else {
      ASSERT_EQ(code, KOBLE_ERR_NO_MEMORY);
      EXPECT_EQ(engine, nullptr);
    }
    EXPECT_EQ(heap.blocks, 0u);
    EXPECT_EQ(heap.bytes, 0u);
    refusals += out_of_memory ? 1 : 0;
    if (heap.calls < fail_at) break;
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(refusals, 20u);
}

// The same for everything that is not the engine's own: plans, reports, handles, words.
TEST(Allocation, TheProcessHeapFailsAtEveryCall) {
  const Script script = RandomScript(3, 120);
  const std::string definition = R"({"name": "Fay", "skills": {"ring": 2}})";
  uint64_t refusals = 0;
  for (uint64_t fail_at = 1;; ++fail_at) {
    SCOPED_TRACE(fail_at);
    taken = 0;
    countdown = fail_at;
    armed = true;
    char report[256];
    koble_plan* plan = nullptr;
    koble_engine* engine = nullptr;
    bool out_of_memory = false;
    int32_t code = koble_plan_load(kPlan, std::strlen(kPlan), &plan, report, sizeof(report));
    if (code == KOBLE_OK) {
      code = koble_engine_create(plan, nullptr, &engine);
      if (code == KOBLE_OK) {
        Play(engine, script, &out_of_memory);
        uint64_t needed = 0;
        armed = true;
        const int32_t codes[] = {
            koble_agent_add(engine, koble_now(engine), definition.data(), definition.size(), nullptr),
            koble_snapshot_write(engine, nullptr, 0, &needed), koble_journal_header(engine, nullptr, 0, &needed),
            koble_plan_write(plan, KOBLE_PLAN_JSON, nullptr, 0, &needed)};
        armed = false;
        for (int32_t c : codes) {
          EXPECT_TRUE(c == KOBLE_OK || c == KOBLE_ERR_LIMIT || c == KOBLE_ERR_NO_MEMORY || c == KOBLE_ERR_POISONED)
              << c;
          out_of_memory |= c == KOBLE_ERR_NO_MEMORY;
        }
      }
    }
    armed = false;
    EXPECT_TRUE(code == KOBLE_OK || code == KOBLE_ERR_NO_MEMORY) << code << " " << report;
    out_of_memory |= code == KOBLE_ERR_NO_MEMORY;
    refusals += out_of_memory ? 1 : 0;
    koble_engine_destroy(engine);
    koble_plan_release(plan);
    if (countdown > 0) break;  // there were fewer
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(refusals, 20u);
}

}  // namespace
}  // namespace koble::testing
