// koble_apply: the same as the commands one by one, each refused for itself, and safe against records that point astray.
#include <gtest/gtest.h>

#include <cstring>

#include "scene.h"

namespace koble::testing {
namespace {

koble_engine* Create(const koble_engine_options* options = nullptr) {
  koble_engine* engine = nullptr;
  EXPECT_EQ(koble_engine_create(LoadPlan().get(), options, &engine), KOBLE_OK);
  return engine;
}

koble_batch Batch(const koble_command* commands, uint64_t count, const std::string& data) {
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.commands = commands;
  batch.count = count;
  batch.data = data.data();
  batch.data_size = data.size();
  return batch;
}

// One command by its typed function.
int32_t GiveTyped(koble_engine* engine, const koble_command& c, const std::string& data, koble_result* result) {
  const char* bytes = data.data() + c.data_offset;
  switch (c.kind) {
    case KOBLE_CMD_ADVANCE:
      return koble_advance(engine, c.time_ns, result);
    case KOBLE_CMD_AGENT_ADD:
      return koble_agent_add(engine, c.time_ns, bytes, c.data_size, result);
    case KOBLE_CMD_AGENT_PRESENCE:
      return koble_agent_presence(engine, c.time_ns, c.target, c.code, c.a, result);
    case KOBLE_CMD_CONTACT_ARRIVE: {
      uint32_t queues[2] = {c.queue, 0};
      std::memcpy(queues + 1, bytes, c.data_size);
      const koble_arrival arrival = {
          sizeof(arrival), 1 + c.data_size / 4, queues, c.host_ref, c.a, c.b, 0, nullptr, 0, 0, 0, 0};
      return koble_contact_arrive(engine, c.time_ns, &arrival, result);
    }
    case KOBLE_CMD_CONTACT_GONE:
      return koble_contact_gone(engine, c.time_ns, c.target, c.code, result);
    case KOBLE_CMD_OFFER_ACCEPT:
      return koble_offer_accept(engine, c.time_ns, c.target, result);
    case KOBLE_CMD_OFFER_END:
      return koble_offer_end(engine, c.time_ns, c.target, c.code, result);
    case KOBLE_CMD_CONNECTED:
      return koble_engagement_connected(engine, c.time_ns, c.target, result);
    case KOBLE_CMD_CONNECT_FAILED:
      return koble_engagement_connect_failed(engine, c.time_ns, c.target, result);
    case KOBLE_CMD_HOLD:
      return koble_engagement_hold(engine, c.time_ns, c.target, result);
    case KOBLE_CMD_RETRIEVE:
      return koble_engagement_retrieve(engine, c.time_ns, c.target, result);
    case KOBLE_CMD_WRAP_UP_END:
      return koble_engagement_wrap_up_end(engine, c.time_ns, c.target, result);
    case KOBLE_CMD_ENGAGEMENT_ACTIVITY:
      return koble_engagement_activity(engine, c.time_ns, c.target, result);
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return koble_engagement_park(engine, c.time_ns, c.target, c.a, result);
    case KOBLE_CMD_CONTACT_REPLY:
      return koble_contact_reply(engine, c.time_ns, c.target, result);
    default:
      ADD_FAILURE() << c.kind;
      return KOBLE_ERR_INTERNAL;
  }
}

class BatchIsSingles : public ::testing::TestWithParam<uint32_t> {};

TEST_P(BatchIsSingles, OnRandomScripts) {
  const uint32_t size = GetParam();
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.clamp_time = size % 2;
  options.journal = KOBLE_JOURNAL_KEEP_ALL;
  const Script script = RandomScript(size, 3000);
  koble_engine* alone = Create(&options);
  koble_engine* together = Create(&options);
  std::vector<int32_t> codes(script.commands.size()), batch_codes(script.commands.size());
  std::vector<koble_id> ids(script.commands.size()), batch_ids(script.commands.size());
  size_t accepted = 0;
  for (size_t i = 0; i < script.commands.size(); ++i) {
    koble_result result = KOBLE_RESULT_INIT;
    codes[i] = GiveTyped(alone, script.commands[i], script.data, &result);
    ids[i] = result.id;
    accepted += codes[i] == KOBLE_OK ? 1 : 0;
  }
  EXPECT_GT(accepted, script.commands.size() / 5);
  EXPECT_LT(accepted, script.commands.size());
  for (size_t at = 0; at < script.commands.size(); at += size) {
    const size_t count = std::min<size_t>(size, script.commands.size() - at);
    koble_batch batch = Batch(script.commands.data() + at, count, script.data);
    batch.codes = batch_codes.data() + at;
    batch.ids = batch_ids.data() + at;
    koble_result result = KOBLE_RESULT_INIT;
    const uint64_t last = koble_events_last(together);
    uint64_t taken = 0;
    ASSERT_EQ(koble_apply(together, &batch, &taken, &result), KOBLE_OK);
    ASSERT_EQ(taken, count);
    EXPECT_EQ(result.event_first, last + 1);
    EXPECT_EQ(result.event_count, koble_events_last(together) - last);
    EXPECT_EQ(result.time_ns, koble_now(together));
    EXPECT_EQ(result.journal_seq, koble_journal_last(together));
  }
  EXPECT_EQ(codes, batch_codes);
  EXPECT_EQ(ids, batch_ids);
  EXPECT_GT(koble_events_last(alone), 1000u);
  EXPECT_TRUE(SameEvents(EventsOf(alone), EventsOf(together)));
  EXPECT_EQ(DigestOf(alone), DigestOf(together));
  koble_engine_destroy(alone);
  koble_engine_destroy(together);
}

INSTANTIATE_TEST_SUITE_P(Sizes, BatchIsSingles, ::testing::Values(1, 2, 7, 100, 3000));

TEST(Batch, PointersAndSizes) {
  Scene scene;
  const Fingerprint before(scene.engine);
  koble_command command{};
  command.kind = KOBLE_CMD_ADVANCE;
  command.time_ns = 200 * kSecond;
  const koble_batch good = Batch(&command, 1, "");
  uint64_t taken = 99;
  const auto refused = [&](const koble_batch* batch) {
    taken = 99;
    koble_result result = KOBLE_RESULT_INIT;
    EXPECT_EQ(koble_apply(scene.engine, batch, &taken, &result), KOBLE_ERR_ARGUMENT);
    EXPECT_EQ(result.code, KOBLE_ERR_ARGUMENT);
    EXPECT_EQ(result.event_count, 0u);
    EXPECT_EQ(taken, 0u);
    EXPECT_STRNE(koble_engine_message(scene.engine), "");
  };
  refused(nullptr);
  koble_batch batch = good;
  batch.struct_size = 0;
  refused(&batch);
  for (uint32_t stride : {0u, 8u, 60u, 65u, 1u << 20}) {
    batch = good;
    batch.stride = stride;
    refused(&batch);
  }
  batch = good;
  batch.commands = nullptr;
  refused(&batch);
  batch = good;
  batch.data = nullptr;
  batch.data_size = 1;
  refused(&batch);
  EXPECT_EQ(koble_apply(nullptr, &good, &taken, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_TRUE(Fingerprint(scene.engine) == before);

  batch = good;  // nothing to do is no mistake
  batch.commands = nullptr;
  batch.count = 0;
  EXPECT_EQ(koble_apply(scene.engine, &batch, nullptr, nullptr), KOBLE_OK);
  EXPECT_TRUE(Fingerprint(scene.engine) == before);
}

// Each of these records is refused for itself, and the one after them is carried out.
TEST(Batch, BadRecords) {
  Scene scene;
  const Hash before = DigestOf(scene.engine);
  const std::string data = R"({"name": "Fay"})";
  std::vector<koble_command> commands;
  const auto add = [&](uint32_t kind, auto&& change) {
    koble_command c{};
    c.time_ns = 100 * kSecond;
    c.kind = kind;
    change(c);
    commands.push_back(c);
  };
  add(0, [](auto&) {});
  add(KOBLE_CMD_COUNT_, [](auto&) {});
  add(UINT32_MAX, [](auto&) {});
  // Members that the kind does not use.
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.target = 1; });
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.code = 1; });
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.a = 1; });
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.b = 1; });
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.host_ref = 1; });
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.queue = 1; });
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.data_size = 1; });
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.data_offset = 1; });
  add(KOBLE_CMD_CONTACT_GONE, [&](auto& c) { c.target = scene.waiting, c.code = 1, c.a = 1; });
  add(KOBLE_CMD_OFFER_ACCEPT, [&](auto& c) { c.target = scene.offer, c.code = 1; });
  add(KOBLE_CMD_HOLD, [&](auto& c) { c.target = scene.active_engagement, c.host_ref = 1; });
  add(KOBLE_CMD_CONTACT_ARRIVE, [&](auto& c) { c.target = scene.waiting; });
  // Data that lies outside.
  add(KOBLE_CMD_AGENT_ADD, [&](auto& c) { c.data_size = static_cast<uint32_t>(data.size()) + 1; });
  add(KOBLE_CMD_AGENT_ADD, [&](auto& c) { c.data_size = 1, c.data_offset = data.size(); });
  add(KOBLE_CMD_AGENT_ADD, [&](auto& c) { c.data_size = 8, c.data_offset = UINT64_MAX - 3; });
  add(KOBLE_CMD_AGENT_ADD, [&](auto& c) { c.data_size = UINT32_MAX; });
  add(KOBLE_CMD_CONTACT_ARRIVE, [&](auto& c) { c.data_size = 3; });    // not a whole number of queues
  add(KOBLE_CMD_CONTACT_ARRIVE, [&](auto& c) { c.data_size = 400; });  // not there, and too many
  const size_t bad = commands.size();
  add(KOBLE_CMD_ADVANCE, [](auto& c) { c.time_ns = 101 * kSecond; });

  std::vector<int32_t> codes(commands.size(), 1);
  std::vector<koble_id> ids(commands.size(), 1);
  koble_batch batch = Batch(commands.data(), commands.size(), data);
  batch.codes = codes.data();
  batch.ids = ids.data();
  uint64_t taken = 0;
  EXPECT_EQ(koble_apply(scene.engine, &batch, &taken, nullptr), KOBLE_OK);
  EXPECT_EQ(taken, commands.size());
  for (size_t i = 0; i < bad; ++i) EXPECT_EQ(codes[i], KOBLE_ERR_ARGUMENT) << i;
  EXPECT_EQ(codes[bad], KOBLE_OK);
  EXPECT_EQ(ids, std::vector<koble_id>(commands.size(), 0));
  EXPECT_STRNE(koble_engine_message(scene.engine), "");  // of the last that was refused
  EXPECT_EQ(koble_now(scene.engine), 101 * kSecond);
  EXPECT_EQ(DigestOf(scene.engine), before);
}

// A host compiled against a later header has longer records: what this library does not know must be 0.
TEST(Batch, LongerRecords) {
  struct Longer {
    koble_command command;
    uint64_t later;
  };
  Longer commands[2] = {};
  for (Longer& c : commands) {
    c.command.kind = KOBLE_CMD_ADVANCE;
    c.command.time_ns = 1;
  }
  commands[1].later = 7;
  koble_engine* engine = Create();
  koble_batch batch = Batch(&commands[0].command, 2, "");
  batch.stride = sizeof(Longer);
  int32_t codes[2];
  batch.codes = codes;
  uint64_t taken = 0;
  EXPECT_EQ(koble_apply(engine, &batch, &taken, nullptr), KOBLE_OK);
  EXPECT_EQ(codes[0], KOBLE_OK);
  EXPECT_EQ(codes[1], KOBLE_ERR_ARGUMENT);
  koble_engine_destroy(engine);
}

TEST(Batch, RecordsNeedNotBeAligned) {
  koble_command command{};
  command.kind = KOBLE_CMD_ADVANCE;
  command.time_ns = 5;
  char bytes[sizeof(command) + 1];
  std::memcpy(bytes + 1, &command, sizeof(command));
  koble_engine* engine = Create();
  koble_batch batch = Batch(nullptr, 1, "");
  void* at = bytes + 1;
  std::memcpy(&batch.commands, &at, sizeof(at));
  uint64_t taken = 0;
  EXPECT_EQ(koble_apply(engine, &batch, &taken, nullptr), KOBLE_OK);
  EXPECT_EQ(koble_now(engine), 5);
  koble_engine_destroy(engine);
}

// The buffer is small: the batch stops, the host reads and acknowledges, and gives the rest. Nothing comes out differently.
TEST(Batch, FullEventBuffer) {
  const Script script = RandomScript(4, 2000);
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  koble_engine* roomy = Create(&options);
  options.max_events = 10;
  koble_engine* narrow = Create(&options);
  std::vector<int32_t> codes(script.commands.size()), narrow_codes(script.commands.size());
  koble_batch batch = Batch(script.commands.data(), script.commands.size(), script.data);
  batch.codes = codes.data();
  uint64_t taken = 0;
  ASSERT_EQ(koble_apply(roomy, &batch, &taken, nullptr), KOBLE_OK);

  std::vector<koble_event> events;
  uint64_t done = 0;
  int stops = 0;
  while (done < script.commands.size()) {
    batch = Batch(script.commands.data() + done, script.commands.size() - done, script.data);
    batch.codes = narrow_codes.data() + done;
    koble_result result = KOBLE_RESULT_INIT;
    const int32_t code = koble_apply(narrow, &batch, &taken, &result);
    EXPECT_EQ(result.code, code);
    done += taken;
    if (code == KOBLE_OK) break;
    ASSERT_EQ(code, KOBLE_ERR_FULL);
    ASSERT_LT(taken, batch.count);
    ++stops;
    // A single command is refused as well, and changes nothing.
    const Fingerprint before(narrow);
    EXPECT_EQ(koble_advance(narrow, KOBLE_TIME_MAX, nullptr), KOBLE_ERR_FULL);
    EXPECT_TRUE(Fingerprint(narrow) == before);
    const std::vector<koble_event> some = EventsOf(narrow, koble_events_first(narrow));
    EXPECT_GE(some.size(), options.max_events);
    events.insert(events.end(), some.begin(), some.end());
    ASSERT_EQ(koble_events_acknowledge(narrow, some.back().seq), KOBLE_OK);
  }
  EXPECT_EQ(done, script.commands.size());
  EXPECT_GT(stops, 50);
  const std::vector<koble_event> rest = EventsOf(narrow, koble_events_first(narrow));
  events.insert(events.end(), rest.begin(), rest.end());
  EXPECT_EQ(codes, narrow_codes);
  EXPECT_TRUE(SameEvents(events, EventsOf(roomy)));
  EXPECT_EQ(DigestOf(narrow), DigestOf(roomy));
  koble_engine_destroy(roomy);
  koble_engine_destroy(narrow);
}

TEST(Batch, FullJournal) {
  const Script script = RandomScript(5, 2000);
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  koble_engine* plain = Create(&options);
  options.journal = KOBLE_JOURNAL_BOUNDED;
  options.max_journal_bytes = 2000;
  koble_engine* bounded = Create(&options);
  koble_batch batch = Batch(script.commands.data(), script.commands.size(), script.data);
  uint64_t taken = 0;
  ASSERT_EQ(koble_apply(plain, &batch, &taken, nullptr), KOBLE_OK);
  uint64_t done = 0;
  int stops = 0;
  for (;;) {
    batch = Batch(script.commands.data() + done, script.commands.size() - done, script.data);
    const int32_t code = koble_apply(bounded, &batch, &taken, nullptr);
    done += taken;
    if (code == KOBLE_OK) break;
    ASSERT_EQ(code, KOBLE_ERR_FULL);
    ++stops;
    ASSERT_EQ(koble_journal_acknowledge(bounded, koble_journal_last(bounded)), KOBLE_OK);
  }
  EXPECT_GT(stops, 5);
  EXPECT_EQ(DigestOf(bounded), DigestOf(plain));
  koble_engine_destroy(plain);
  koble_engine_destroy(bounded);
}

}  // namespace
}  // namespace koble::testing
