// Arrivals and ends that say nothing but that, as most do.
#include <gtest/gtest.h>

#include <functional>

#include "scene.h"

namespace koble::testing {
namespace {

// The two commands that every contact has go a short way where they say nothing but that; what limits an engine stands before it all the same.
class PlainCommands : public ::testing::Test {
 protected:
  static koble_engine* With(const std::function<void(koble_engine_options*)>& set) {
    koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
    set(&options);
    koble_engine* engine = nullptr;
    const Plan plan = Plan::Load(R"({"queues": [{"name": "q"}]})");
    EXPECT_EQ(koble_engine_create(plan.get(), &options, &engine), KOBLE_OK);
    return engine;
  }
  static koble_arrival Plain() {
    static constexpr uint32_t kQueue = 0;
    koble_arrival arrival{};
    arrival.struct_size = sizeof(arrival);
    arrival.queue_count = 1;
    arrival.queues = &kQueue;
    return arrival;
  }
  static int32_t Arrive(koble_engine* engine, int64_t now_ns, koble_result* result = nullptr) {
    koble_arrival arrival = Plain();
    return koble_contact_arrive(engine, now_ns, &arrival, result);
  }
  // Both are refused with that, and nothing changes.
  static void Refuse(koble_engine* engine, koble_id contact, int64_t now_ns, int32_t code) {
    const Fingerprint before(engine);
    EXPECT_EQ(Arrive(engine, now_ns), code);
    EXPECT_EQ(koble_contact_gone(engine, now_ns, contact, KOBLE_BY_CUSTOMER, nullptr), code);
    EXPECT_TRUE(Fingerprint(engine) == before);
  }
};

TEST_F(PlainCommands, MeetLimits) {
  koble_result result = KOBLE_RESULT_INIT;
  // Two fill it, whatever it is, and there is room again when the first has been acknowledged.
  const auto fill = [&](koble_engine* engine, const auto& acknowledge) {
    ASSERT_EQ(Arrive(engine, 5, &result), KOBLE_OK);
    ASSERT_EQ(Arrive(engine, 5), KOBLE_OK);
    Refuse(engine, result.id, 5, KOBLE_ERR_FULL);
    ASSERT_EQ(acknowledge(engine, 1), KOBLE_OK);
    EXPECT_EQ(Arrive(engine, 5), KOBLE_OK);
    koble_engine_destroy(engine);
  };
  fill(With([](auto* options) { options->max_events = 2; }), koble_events_acknowledge);
  fill(With([](auto* options) {
         options->journal = KOBLE_JOURNAL_BOUNDED;
         options->max_journal_bytes = 200;
       }),
       koble_journal_acknowledge);

  koble_engine* engine = With([](auto* options) { options->max_step_ns = 10; });
  ASSERT_EQ(Arrive(engine, 10, &result), KOBLE_OK);
  Refuse(engine, result.id, 21, KOBLE_ERR_AHEAD);
  EXPECT_EQ(Arrive(engine, 20), KOBLE_OK);
  koble_engine_destroy(engine);
}

TEST_F(PlainCommands, AreRefusedOrRaisedWhereTheyAreLate) {
  koble_result result = KOBLE_RESULT_INIT;
  koble_engine* engine = With([](auto*) {});
  ASSERT_EQ(Arrive(engine, 10, &result), KOBLE_OK);
  Refuse(engine, result.id, 9, KOBLE_ERR_TIME);
  EXPECT_STRNE(koble_engine_message(engine), "");
  ASSERT_EQ(Arrive(engine, 10), KOBLE_OK);
  EXPECT_STREQ(koble_engine_message(engine), "");
  Refuse(engine, result.id, KOBLE_TIME_MAX + 1, KOBLE_ERR_ARGUMENT);
  koble_engine_destroy(engine);

  engine = With([](auto* options) { options->clamp_time = 1; });
  ASSERT_EQ(Arrive(engine, 10, &result), KOBLE_OK);
  EXPECT_EQ(result.clamped, 0u);
  const koble_id contact = result.id;
  ASSERT_EQ(Arrive(engine, 9, &result), KOBLE_OK);
  EXPECT_EQ(result.clamped, 1u);
  EXPECT_EQ(result.time_ns, 10);
  ASSERT_EQ(koble_contact_gone(engine, 8, contact, KOBLE_BY_CUSTOMER, &result), KOBLE_OK);
  EXPECT_EQ(result.clamped, 1u);
  EXPECT_EQ(result.time_ns, 10);
  koble_engine_destroy(engine);
}

// Whatever member of an arrival is given is looked at, also where it is the only one.
TEST_F(PlainCommands, LookAtEveryMember) {
  koble_engine* engine = With([](auto*) {});
  const koble_attribute attribute = {1, 0, 7};
  const auto refused = [&](int32_t code, const std::function<void(koble_arrival*)>& set) {
    koble_arrival arrival = Plain();
    set(&arrival);
    const Fingerprint before(engine);
    EXPECT_EQ(koble_contact_arrive(engine, 0, &arrival, nullptr), code);
    EXPECT_TRUE(Fingerprint(engine) == before);
  };
  refused(KOBLE_ERR_ARGUMENT, [](auto* arrival) { arrival->priority = -1; });
  refused(KOBLE_ERR_ARGUMENT, [](auto* arrival) { arrival->credit_ns = -1; });
  refused(KOBLE_ERR_ARGUMENT, [](auto* arrival) { arrival->serial = uint64_t{KOBLE_SERIAL_MAX} + 1; });
  refused(KOBLE_ERR_ARGUMENT, [](auto* arrival) { arrival->agent_ns = 1; });
  refused(KOBLE_ERR_UNKNOWN, [](auto* arrival) { arrival->agent = koble_id{2} << 60 | 1; });
  refused(KOBLE_ERR_UNKNOWN, [&](auto* arrival) {
    arrival->attribute_count = 1;
    arrival->attributes = &attribute;
  });
  refused(KOBLE_ERR_ARGUMENT, [](auto* arrival) { arrival->queue_count = 0; });
  refused(KOBLE_ERR_ARGUMENT, [](auto* arrival) { arrival->queues = nullptr; });
  refused(KOBLE_ERR_ARGUMENT, [](auto* arrival) { arrival->struct_size = 0; });

  // A position is no mistake: the second comes before the first.
  koble_result first = KOBLE_RESULT_INIT, second = KOBLE_RESULT_INIT;
  ASSERT_EQ(Arrive(engine, 5, &first), KOBLE_OK);
  koble_arrival arrival = Plain();
  arrival.position = 1;
  ASSERT_EQ(koble_contact_arrive(engine, 6, &arrival, &second), KOBLE_OK);
  koble_contact_info info = {};
  info.struct_size = sizeof(info);
  ASSERT_EQ(koble_contact(engine, first.id, &info), KOBLE_OK);
  EXPECT_EQ(info.positions[0], 2u);
  koble_engine_destroy(engine);
}

}  // namespace
}  // namespace koble::testing
