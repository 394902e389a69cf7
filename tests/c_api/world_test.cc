// koble_world.h through the shared library: what the binding itself decides.
#include "koble/koble_world.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "scene.h"

namespace {

using koble::testing::kSecond;
constexpr int64_t kHour = 3600 * kSecond;

koble_law Exponential(double seconds) {
  koble_law law{};
  law.struct_size = sizeof law;
  law.kind = KOBLE_LAW_EXPONENTIAL;
  law.a = seconds * 1e9;
  return law;
}

class WorldApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string text = R"({"queues": [{"name": "q"}, {"name": "r"}], "agents": [{"name": "A"}, {"name": "B"}]})";
    char report[1000];
    ASSERT_EQ(koble_plan_load(text.data(), text.size(), &plan_, report, sizeof report), KOBLE_OK) << report;
    ASSERT_EQ(koble_engine_create(plan_, nullptr, &engine_), KOBLE_OK);
    stream_.queues = queues_;
    stream_.queue_count = 1;
    stream_.begin_ns = &begin_;
    stream_.per_hour = &rate_;
    stream_.piece_count = 1;
    stream_.service = &service_;
    stream_.patience = &patience_;
    model_.streams = &streams_;
    model_.stream_count = 1;
    model_.presence = presence_;
    model_.presence_count = 2;
    model_.horizon_ns = model_.to_ns = 20 * kHour;
    model_.seed = 3;
  }
  void TearDown() override {
    koble_world_destroy(world_);
    koble_engine_destroy(engine_);
    koble_plan_release(plan_);
  }
  int32_t Create() { return koble_world_create(engine_, &model_, nullptr, &world_, message_, sizeof message_); }
  std::vector<koble_world_record> Play(uint64_t block) {
    std::vector<koble_world_record> all, some(block);
    uint64_t count = block;
    while (count == block) {
      EXPECT_EQ(koble_world_run(world_, some.data(), block, &count, message_, sizeof message_), KOBLE_OK) << message_;
      all.insert(all.end(), some.begin(), some.begin() + static_cast<ptrdiff_t>(count));
    }
    return all;
  }

  koble_plan* plan_ = nullptr;
  koble_engine* engine_ = nullptr;
  koble_world* world_ = nullptr;
  char message_[300] = "";
  const uint32_t queues_[2] = {0, 1};
  const int64_t begin_ = 0;
  const double rate_ = 30;
  const koble_law service_ = Exponential(200);
  const koble_law patience_ = Exponential(60);
  koble_world_stream stream_ = KOBLE_WORLD_STREAM_INIT;
  const koble_world_stream* streams_ = &stream_;
  const koble_sim_presence presence_[2] = {{0, 0, 0, KOBLE_PRESENCE_AVAILABLE}, {0, 0, 1, KOBLE_PRESENCE_AVAILABLE}};
  koble_world_model model_ = KOBLE_WORLD_MODEL_INIT;
};

TEST_F(WorldApiTest, PlaysToTheEndInBlocks) {
  ASSERT_EQ(Create(), KOBLE_OK) << message_;
  const auto records = Play(64);
  EXPECT_GT(records.size(), 450u);
  EXPECT_LT(records.size(), 750u);
  koble_world_totals totals = KOBLE_WORLD_TOTALS_INIT;
  ASSERT_EQ(koble_world_read_totals(world_, &totals), KOBLE_OK);
  EXPECT_GT(totals.commands, records.size());
  EXPECT_GT(totals.all_busy_ns, 0);
  EXPECT_LT(totals.all_busy_ns, 20 * kHour);
  koble_world_agent agents[1];
  uint64_t count = 0;
  ASSERT_EQ(koble_world_agents(world_, agents, 1, &count), KOBLE_OK);
  EXPECT_EQ(count, 2u);  // as many as there are, though one was written
  EXPECT_EQ(agents[0].present_ns, 20 * kHour);
  uint64_t again = 7;
  koble_world_record none;
  EXPECT_EQ(koble_world_run(world_, &none, 1, &again, nullptr, 0), KOBLE_OK);
  EXPECT_EQ(again, 0u);
}

TEST_F(WorldApiTest, TheModelIsCopied) {
  std::vector<double> rate = {30};
  stream_.per_hour = rate.data();
  ASSERT_EQ(Create(), KOBLE_OK);
  rate[0] = 0;
  stream_ = KOBLE_WORLD_STREAM_INIT;
  EXPECT_GT(Play(1000).size(), 450u);
}

TEST_F(WorldApiTest, MixturesAndAttributesOfHostsAreRead) {
  const koble_law* parts[2] = {&service_, &patience_};
  const double weights[2] = {1, 2};
  koble_law mixture{};
  mixture.struct_size = sizeof mixture;
  mixture.kind = KOBLE_LAW_MIXTURE;
  mixture.weights = weights;
  mixture.parts = parts;
  mixture.part_count = 2;
  stream_.service = &mixture;
  ASSERT_EQ(Create(), KOBLE_OK) << message_;
  EXPECT_GT(Play(100).size(), 450u);
}

TEST_F(WorldApiTest, AHostChoosesQueuesAndFollows) {
  stream_.queue_count = 2;
  stream_.chosen = 1;
  ASSERT_EQ(Create(), KOBLE_OK) << message_;
  struct Host {
    koble_engine* engine;
    uint64_t asked = 0, followed = 0, read = 0;
  } host{engine_};
  koble_world_hooks hooks = KOBLE_WORLD_HOOKS_INIT;
  hooks.context = &host;
  hooks.choose_queue = [](void* context, uint32_t, uint64_t customer) {
    static_cast<Host*>(context)->asked += 1;
    return static_cast<int32_t>(customer % 2);
  };
  hooks.follow = [](void* context) {
    Host& self = *static_cast<Host*>(context);
    koble_event event;
    uint64_t count = 0;
    self.followed += 1;
    EXPECT_EQ(koble_events_read(self.engine, koble_events_first(self.engine), &event, sizeof event, 1, &count),
              KOBLE_OK);
    self.read += count;
    return 0;
  };
  ASSERT_EQ(koble_world_set_hooks(world_, &hooks), KOBLE_OK);
  const auto records = Play(100);
  EXPECT_EQ(host.asked, records.size());
  EXPECT_GT(host.followed, host.asked);
  EXPECT_EQ(host.read, host.followed);
  for (const auto& record : records) {
    EXPECT_TRUE(record.queue == KOBLE_QUEUE_NONE || record.queue == record.customer % 2);
  }
  EXPECT_EQ(koble_world_set_hooks(world_, &hooks), KOBLE_ERR_STATE);
}

TEST_F(WorldApiTest, AHookThatFailsEndsTheRun) {
  stream_.queue_count = 2;
  stream_.chosen = 1;
  ASSERT_EQ(Create(), KOBLE_OK);
  koble_world_hooks hooks = KOBLE_WORLD_HOOKS_INIT;
  hooks.choose_queue = [](void*, uint32_t, uint64_t) { return 2; };
  ASSERT_EQ(koble_world_set_hooks(world_, &hooks), KOBLE_OK);
  koble_world_record record;
  uint64_t count = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(koble_world_run(world_, &record, 1, &count, message_, sizeof message_), KOBLE_ERR_STATE);
    EXPECT_NE(std::string(message_).find("no queue"), std::string::npos);
  }
}

TEST_F(WorldApiTest, MistakesAreNamed) {
  const auto refused = [this](const std::function<void()>& change, const std::string& words) {
    const koble_world_stream stream = stream_;
    const koble_world_model model = model_;
    change();
    EXPECT_EQ(Create(), KOBLE_ERR_ARGUMENT) << words;
    EXPECT_EQ(world_, nullptr);
    EXPECT_NE(std::string(message_).find(words), std::string::npos) << message_;
    stream_ = stream;
    model_ = model;
  };
  koble_law wrong = Exponential(-1);
  refused([&] { stream_.service = &wrong; }, "stream 0: service: exponential");
  refused([&] { stream_.service = nullptr; }, "stream 0: give a law of service");
  refused([&] { wrong.struct_size = 0, stream_.batch = &wrong; }, "batch: struct_size");
  refused([&] { stream_.queues = nullptr; }, "queues is null");
  refused([&] { stream_.begin_ns = nullptr; }, "piece_count");
  refused([&] { stream_.struct_size = 0; }, "struct_size");
  refused([&] { stream_.attribute_count = 1; }, "attributes is null");
  refused([&] { model_.stream_count = 0; }, "at least one stream");
  refused([&] { model_.people_count = 1; }, "people");
  refused([&] { model_.level_count = 1; }, "levels is null");
  refused([&] { model_.horizon_ns = 0; }, "horizon_ns");
  model_.struct_size = 0;
  EXPECT_EQ(Create(), KOBLE_ERR_ARGUMENT);
  model_.struct_size = sizeof model_;
  EXPECT_EQ(koble_world_create(nullptr, &model_, nullptr, &world_, nullptr, 0), KOBLE_ERR_ARGUMENT);
  koble_result result = KOBLE_RESULT_INIT;
  ASSERT_EQ(koble_agent_presence(engine_, 0, koble_agent_find(engine_, "A"), KOBLE_PRESENCE_AVAILABLE, 0, &result),
            KOBLE_OK);
  EXPECT_EQ(Create(), KOBLE_ERR_ARGUMENT);
  EXPECT_NE(std::string(message_).find("make a new one"), std::string::npos);
}

TEST(WorldApi, NullsAreRefused) {
  uint64_t count = 0;
  EXPECT_EQ(koble_world_run(nullptr, nullptr, 0, &count, nullptr, 0), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_world_agents(nullptr, nullptr, 0, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_world_samples(nullptr, nullptr, 0, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_world_read_totals(nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_world_set_hooks(nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_world_now(nullptr), 0);
  koble_world_destroy(nullptr);
}

}  // namespace
