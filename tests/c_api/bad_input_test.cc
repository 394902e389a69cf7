// Every function with everything that a host can get wrong: a specific code, words that say what to do, and nothing changed.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "scene.h"

namespace koble::testing {
namespace {

constexpr int64_t kNow = 100 * kSecond;
constexpr koble_id kNeverWas = uint64_t{KOBLE_KIND_CONTACT} << 60 | uint64_t{77} << 32 | 1;

using Call = std::function<int32_t(const Scene&, koble_result*)>;
struct Case {
  const char* name;
  int32_t code;
  Call call;
};

void RunAll(const std::vector<Case>& cases, const koble_engine_options* options = nullptr) {
  Scene scene(options);
  const Fingerprint before(scene.engine);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    koble_result result = KOBLE_RESULT_INIT;
    result.event_count = 99;
    result.id = 99;
    EXPECT_EQ(c.call(scene, &result), c.code) << koble_error_name(c.call(scene, &result));
    EXPECT_STRNE(koble_engine_message(scene.engine), "");
    EXPECT_EQ(result.struct_size, sizeof(result));
    EXPECT_EQ(result.code, c.code);
    EXPECT_EQ(result.id, 0u);
    EXPECT_EQ(result.event_first, before.event_last + 1);
    EXPECT_EQ(result.event_count, 0u);
    EXPECT_EQ(c.call(scene, nullptr), c.code);
    EXPECT_TRUE(Fingerprint(scene.engine) == before);
  }
}

int32_t Definition(const Scene& s, koble_id agent, const std::string& text, koble_result* r) {
  if (agent == 0) return koble_agent_add(s.engine, kNow, text.data(), text.size(), r);
  return koble_agent_change(s.engine, kNow, agent, text.data(), text.size(), r);
}

int32_t Arrive(const Scene& s, std::vector<uint32_t> queues, koble_result* r, int64_t priority = 0, int64_t credit = 0,
               uint64_t serial = 0) {
  koble_arrival arrival{};
  arrival.struct_size = sizeof(arrival);
  arrival.queue_count = static_cast<uint32_t>(queues.size());
  arrival.queues = queues.data();
  arrival.priority = priority;
  arrival.credit_ns = credit;
  arrival.serial = serial;
  return koble_contact_arrive(s.engine, kNow, &arrival, r);
}

TEST(BadInput, Agents) {
  const std::string cut = R"({"name": "Fay")";
  RunAll({
      {"add: a living name", KOBLE_ERR_EXISTS,
       [](auto& s, auto* r) { return Definition(s, 0, R"({"name": "Bo"})", r); }},
      {"add: cut JSON", KOBLE_ERR_PLAN, [&](auto& s, auto* r) { return Definition(s, 0, cut, r); }},
      {"add: nothing", KOBLE_ERR_PLAN, [](auto& s, auto* r) { return Definition(s, 0, "", r); }},
      {"add: no name", KOBLE_ERR_PLAN, [](auto& s, auto* r) { return Definition(s, 0, "{}", r); }},
      {"add: unknown key", KOBLE_ERR_PLAN,
       [](auto& s, auto* r) { return Definition(s, 0, R"({"name": "Fay", "skils": {}})", r); }},
      {"add: unknown skill", KOBLE_ERR_PLAN,
       [](auto& s, auto* r) { return Definition(s, 0, R"({"name": "Fay", "skills": {"rnig": 1}})", r); }},
      {"add: unknown profile", KOBLE_ERR_PLAN,
       [](auto& s, auto* r) { return Definition(s, 0, R"({"name": "Fay", "profile": "voice"})", r); }},
      {"add: null", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_agent_add(s.engine, kNow, nullptr, 5, r); }},
      {"add: too long", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_agent_add(s.engine, kNow, "{}", uint64_t{1} << 32, r); }},
      {"change: another name", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return Definition(s, s.bo, R"({"name": "Fay"})", r); }},
      {"change: nobody", KOBLE_ERR_UNKNOWN,
       [](auto& s, auto* r) {
         return Definition(s, uint64_t{KOBLE_KIND_AGENT} << 60 | uint64_t{500} << 32 | 1, R"({"name": "Bo"})", r);
       }},
      {"change: gone", KOBLE_ERR_ENDED,
       [](auto& s, auto* r) { return Definition(s, s.dora, R"({"name": "Dora"})", r); }},
      {"change: null", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_agent_change(s.engine, kNow, s.bo, nullptr, 0, r); }},
      {"remove: gone", KOBLE_ERR_ENDED, [](auto& s, auto* r) { return koble_agent_remove(s.engine, kNow, s.dora, r); }},
      {"remove: a contact", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_agent_remove(s.engine, kNow, s.waiting, r); }},
      {"remove: null id", KOBLE_ERR_UNKNOWN, [](auto& s, auto* r) { return koble_agent_remove(s.engine, kNow, 0, r); }},
      {"presence: no such", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_agent_presence(s.engine, kNow, s.bo, 3, 0, r); }},
      {"presence: an offer", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_agent_presence(s.engine, kNow, s.offer, KOBLE_PRESENCE_BREAK, 0, r); }},
      {"request: no pull agent", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_agent_request(s.engine, kNow, s.anna, 0, 0, r); }},
      {"request: nothing waits", KOBLE_ERR_NONE,
       [](auto& s, auto* r) { return koble_agent_request(s.engine, kNow, s.per, 0, 0, r); }},
      {"request: until now", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_agent_request(s.engine, kNow, s.per, 0, kNow, r); }},
      {"request: until before time", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_agent_request(s.engine, kNow, s.per, 0, -1, r); }},
      {"cancel: no request", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_agent_request_cancel(s.engine, kNow, s.anna, r); }},
      {"cancel: gone", KOBLE_ERR_ENDED,
       [](auto& s, auto* r) { return koble_agent_request_cancel(s.engine, kNow, s.dora, r); }},
  });
}

TEST(BadInput, Contacts) {
  constexpr int64_t kTooMuch = 1'000'000'001 * KOBLE_POINT;
  RunAll({
      {"arrive: no such queue", KOBLE_ERR_UNKNOWN, [](auto& s, auto* r) { return Arrive(s, {99}, r); }},
      {"arrive: no such further queue", KOBLE_ERR_UNKNOWN,
       [](auto& s, auto* r) {
         return Arrive(s, {kRing, 99}, r);
       }},
      {"arrive: two channels", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) {
         return Arrive(s, {kRing, kChat}, r);
       }},
      {"arrive: twice in one queue", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) {
         return Arrive(s, {kAuto, kRing, kAuto}, r);
       }},
      {"arrive: nowhere", KOBLE_ERR_ARGUMENT, [](auto& s, auto* r) { return Arrive(s, {}, r); }},
      {"arrive: nine queues", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) {
         return Arrive(s, {0, 1, 2, 3, 4, 5, 6, 7, 8}, r);
       }},
      {"arrive: negative priority", KOBLE_ERR_ARGUMENT, [](auto& s, auto* r) { return Arrive(s, {kRing}, r, -1); }},
      {"arrive: too much priority", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return Arrive(s, {kRing}, r, kTooMuch); }},
      {"arrive: negative credit", KOBLE_ERR_ARGUMENT, [](auto& s, auto* r) { return Arrive(s, {kRing}, r, 0, -1); }},
      {"arrive: too much credit", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return Arrive(s, {kRing}, r, 0, KOBLE_DURATION_MAX + 1); }},
      {"arrive: a serial that has been", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return Arrive(s, {kRing}, r, 0, 0, 1); }},
      {"arrive: a serial beyond the greatest", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return Arrive(s, {kRing}, r, 0, 0, KOBLE_SERIAL_MAX + 1); }},
      {"arrive: no queue of this plan, and no serial", KOBLE_ERR_UNKNOWN,
       [](auto& s, auto* r) { return Arrive(s, {KOBLE_QUEUE_NONE}, r); }},
      {"arrive: none twice, and no serial", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) {
         return Arrive(s, {KOBLE_QUEUE_NONE, KOBLE_QUEUE_NONE}, r);
       }},
      {"arrive: an unknown queue under a given serial", KOBLE_ERR_UNKNOWN,
       [](auto& s, auto* r) { return Arrive(s, {99}, r, 0, 0, 1000); }},
      {"arrive: null", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_contact_arrive(s.engine, kNow, nullptr, r); }},
      {"arrive: struct_size not set", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) {
         const uint32_t queue = kRing;
         const koble_arrival arrival = {0, 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
         return koble_contact_arrive(s.engine, kNow, &arrival, r);
       }},
      {"arrive: queues null", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) {
         const koble_arrival arrival = {sizeof(arrival), 1, nullptr, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
         return koble_contact_arrive(s.engine, kNow, &arrival, r);
       }},
      {"gone: never was", KOBLE_ERR_UNKNOWN,
       [](auto& s, auto* r) { return koble_contact_gone(s.engine, kNow, kNeverWas, KOBLE_BY_HOST, r); }},
      {"gone: again", KOBLE_ERR_ENDED,
       [](auto& s, auto* r) { return koble_contact_gone(s.engine, kNow, s.gone, KOBLE_BY_HOST, r); }},
      {"gone: an agent", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_contact_gone(s.engine, kNow, s.anna, KOBLE_BY_HOST, r); }},
      {"gone: by nobody", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_contact_gone(s.engine, kNow, s.waiting, 0, r); }},
      {"gone: by what", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_contact_gone(s.engine, kNow, s.waiting, 4, r); }},
  });
}

TEST(BadInput, OffersAndEngagements) {
  RunAll({
      {"accept: late", KOBLE_ERR_ENDED,
       [](auto& s, auto* r) { return koble_offer_accept(s.engine, kNow, s.ended_offer, r); }},
      {"accept: a contact", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_offer_accept(s.engine, kNow, s.ringing, r); }},
      {"accept: never was", KOBLE_ERR_UNKNOWN,
       [](auto& s, auto* r) { return koble_offer_accept(s.engine, kNow, s.offer | uint64_t{99} << 32, r); }},
      {"end: late", KOBLE_ERR_ENDED,
       [](auto& s, auto* r) { return koble_offer_end(s.engine, kNow, s.ended_offer, KOBLE_OUTCOME_BUSY, r); }},
      {"end: accepted", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_offer_end(s.engine, kNow, s.offer, KOBLE_OUTCOME_ACCEPTED, r); }},
      {"end: rescinded", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_offer_end(s.engine, kNow, s.offer, KOBLE_OUTCOME_RESCINDED, r); }},
      {"end: an engagement", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_offer_end(s.engine, kNow, s.active_engagement, KOBLE_OUTCOME_BUSY, r); }},
      {"connected: not connecting", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_connected(s.engine, kNow, s.active_engagement, r); }},
      {"connected: not any more", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_connected(s.engine, kNow, s.ended_engagement, r); }},
      {"connected: an offer", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_engagement_connected(s.engine, kNow, s.offer, r); }},
      {"connect_failed: not connecting", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_connect_failed(s.engine, kNow, s.wrapping_engagement, r); }},
      {"hold: connecting", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_hold(s.engine, kNow, s.connecting_engagement, r); }},
      {"hold: ended", KOBLE_ERR_ENDED,
       [](auto& s, auto* r) { return koble_engagement_hold(s.engine, kNow, s.ended_engagement, r); }},
      {"retrieve: not held", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_retrieve(s.engine, kNow, s.active_engagement, r); }},
      {"wrap_up_end: not wrapping", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_wrap_up_end(s.engine, kNow, s.active_engagement, r); }},
      {"wrap_up_end: a contact", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_engagement_wrap_up_end(s.engine, kNow, s.active, r); }},
      {"reply: an engagement", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_contact_reply(s.engine, kNow, s.active_engagement, r); }},
      {"activity: connecting", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_activity(s.engine, kNow, s.connecting_engagement, r); }},
      {"activity: wrapping", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_activity(s.engine, kNow, s.wrapping_engagement, r); }},
      {"activity: ended", KOBLE_ERR_ENDED,
       [](auto& s, auto* r) { return koble_engagement_activity(s.engine, kNow, s.ended_engagement, r); }},
      {"park: a contact", KOBLE_ERR_KIND,
       [](auto& s, auto* r) { return koble_engagement_park(s.engine, kNow, s.active, 0, r); }},
      {"park: connecting", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_park(s.engine, kNow, s.connecting_engagement, 0, r); }},
      {"park: wrapping", KOBLE_ERR_STATE,
       [](auto& s, auto* r) { return koble_engagement_park(s.engine, kNow, s.wrapping_engagement, 0, r); }},
      {"park: until now", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_engagement_park(s.engine, kNow, s.active_engagement, kNow, r); }},
      {"park: no time", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_engagement_park(s.engine, kNow, s.active_engagement, KOBLE_NEVER, r); }},
  });
}

// As a record of a batch, where nothing has put the lists together.
int32_t ReconcileRecord(const Scene& scene, uint32_t contacts, const void* data, uint32_t size, koble_result* result) {
  koble_command command{};
  command.time_ns = kNow;
  command.kind = KOBLE_CMD_RECONCILE;
  command.code = contacts;
  command.data_size = size;
  koble_batch batch = KOBLE_BATCH_INIT;
  int32_t code = KOBLE_OK;
  batch.commands = &command;
  batch.count = 1;
  batch.data = data;
  batch.data_size = size;
  batch.codes = &code;
  koble_apply(scene.engine, &batch, nullptr, result);
  if (result != nullptr) result->code = code;  // the batch's own is ok
  return code;
}

TEST(BadInput, TimeAndPlan) {
  const Plan empty = Plan::Load("{}");
  RunAll({
      {"advance: going back", KOBLE_ERR_TIME, [](auto& s, auto* r) { return koble_advance(s.engine, kNow - 1, r); }},
      {"advance: negative", KOBLE_ERR_ARGUMENT, [](auto& s, auto* r) { return koble_advance(s.engine, -1, r); }},
      {"advance: the end of time", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_advance(s.engine, KOBLE_TIME_MAX + 1, r); }},
      {"arrive: going back", KOBLE_ERR_TIME,
       [](auto& s, auto* r) {
         const uint32_t queue = kRing;
         const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
         return koble_contact_arrive(s.engine, kNow - 1, &arrival, r);
       }},
      {"resume: down after now", KOBLE_ERR_TIME,
       [](auto& s, auto* r) { return koble_resume(s.engine, kNow, kNow + 1, r); }},
      {"resume: down before the last command", KOBLE_ERR_TIME,
       [](auto& s, auto* r) { return koble_resume(s.engine, kNow, 1 * kSecond, r); }},
      {"resume: negative", KOBLE_ERR_ARGUMENT, [](auto& s, auto* r) { return koble_resume(s.engine, kNow, -5, r); }},
      {"reconcile: contacts are null", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_reconcile(s.engine, kNow, nullptr, 1, nullptr, 0, r); }},
      {"reconcile: legs are null", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_reconcile(s.engine, kNow, &s.waiting, 1, nullptr, 1, r); }},
      {"reconcile: more than can live", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_reconcile(s.engine, kNow, &s.waiting, UINT64_MAX, &s.offer, 1, r); }},
      {"reconcile: an offer among the contacts", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_reconcile(s.engine, kNow, &s.offer, 1, nullptr, 0, r); }},
      {"reconcile: a contact among the legs", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_reconcile(s.engine, kNow, nullptr, 0, &s.waiting, 1, r); }},
      {"reconcile: an agent among the legs", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_reconcile(s.engine, kNow, nullptr, 0, &s.anna, 1, r); }},
      {"reconcile: null ids", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) {
         const koble_id null = 0;
         return koble_reconcile(s.engine, kNow, &s.waiting, 1, &null, 1, r);
       }},
      {"reconcile: going back", KOBLE_ERR_TIME,
       [](auto& s, auto* r) { return koble_reconcile(s.engine, kNow - 1, &s.waiting, 1, nullptr, 0, r); }},
      {"reconcile: more contacts than ids", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return ReconcileRecord(s, 2, &s.waiting, sizeof s.waiting, r); }},
      {"reconcile: half an id", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return ReconcileRecord(s, 0, &s.offer, sizeof s.offer - 4, r); }},
      {"replace: null", KOBLE_ERR_ARGUMENT,
       [](auto& s, auto* r) { return koble_plan_replace(s.engine, kNow, nullptr, r); }},
      {"replace: in use", KOBLE_ERR_IN_USE,
       [&](auto& s, auto* r) { return koble_plan_replace(s.engine, kNow, empty.get(), r); }},
  });
}

TEST(BadInput, HeldByAnotherAnswer) {
  Scene scene;
  // Bo is wrapping up, Cleo connecting: end both, so that two phones ring.
  ASSERT_EQ(koble_engagement_wrap_up_end(scene.engine, kNow, scene.wrapping_engagement, nullptr), KOBLE_OK);
  ASSERT_EQ(koble_contact_gone(scene.engine, kNow, scene.connecting, KOBLE_BY_CUSTOMER, nullptr), KOBLE_OK);
  const koble_id contact = scene.Arrive(100, kAll, 9);
  std::vector<koble_id> offers;
  for (const koble_event& event : EventsOf(scene.engine)) {
    if (event.kind == KOBLE_EVENT_OFFERED && event.contact == contact) offers.push_back(event.offer);
  }
  ASSERT_EQ(offers.size(), 2u);
  ASSERT_EQ(koble_offer_accept(scene.engine, kNow, offers[0], nullptr), KOBLE_OK);
  const Fingerprint before(scene.engine);
  EXPECT_EQ(koble_offer_accept(scene.engine, kNow, offers[1], nullptr), KOBLE_ERR_HELD);
  EXPECT_TRUE(Fingerprint(scene.engine) == before);
}

TEST(BadInput, AheadIsRefusedWhereAStepIsSet) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.max_step_ns = 60 * kSecond;
  RunAll(
      {{"advance", KOBLE_ERR_AHEAD, [](auto& s, auto* r) { return koble_advance(s.engine, kNow + 61 * kSecond, r); }}},
      &options);
  Scene scene(&options);
  EXPECT_EQ(koble_advance(scene.engine, kNow + 60 * kSecond, nullptr), KOBLE_OK);
}

TEST(BadInput, LateStampsAreRaisedWhereClampTimeIsSet) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.clamp_time = 1;
  Scene scene(&options);
  koble_result result = KOBLE_RESULT_INIT;
  ASSERT_EQ(koble_contact_gone(scene.engine, kNow - 5, scene.active, KOBLE_BY_CUSTOMER, &result), KOBLE_OK);
  EXPECT_EQ(result.clamped, 1u);
  EXPECT_EQ(result.time_ns, kNow);
  ASSERT_EQ(koble_advance(scene.engine, kNow, &result), KOBLE_OK);
  EXPECT_EQ(result.clamped, 0u);
  EXPECT_STREQ(koble_engine_message(scene.engine), "");
}

TEST(BadInput, Limits) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.max_contacts = 4;  // what the scene leaves living
  options.max_agents = 5;
  RunAll({{"contacts", KOBLE_ERR_LIMIT, [](auto& s, auto* r) { return Arrive(s, {kRing}, r); }},
          {"agents", KOBLE_ERR_LIMIT, [](auto& s, auto* r) { return Definition(s, 0, R"({"name": "Fay"})", r); }}},
         &options);
  options.max_agents = 3;  // fewer than the plan lists
  koble_engine* engine = nullptr;
  EXPECT_EQ(koble_engine_create(LoadPlan().get(), &options, &engine), KOBLE_ERR_LIMIT);
  EXPECT_EQ(engine, nullptr);
}

TEST(BadInput, ResultThatIsNotSized) {
  Scene scene;
  const Fingerprint before(scene.engine);
  for (uint32_t size : {0u, 4u, 48u, 1u << 20}) {
    koble_result result = KOBLE_RESULT_INIT;
    result.struct_size = size;
    EXPECT_EQ(koble_advance(scene.engine, kNow + 1, &result), KOBLE_ERR_ARGUMENT);
    EXPECT_EQ(koble_plan_replace(scene.engine, kNow + 1, LoadPlan().get(), &result), KOBLE_ERR_ARGUMENT);
    EXPECT_EQ(koble_apply(scene.engine, nullptr, nullptr, &result), KOBLE_ERR_ARGUMENT);
    EXPECT_EQ(result.struct_size, size);
  }
  EXPECT_TRUE(Fingerprint(scene.engine) == before);
}

TEST(BadInput, EveryCommandWithoutAnEngine) {
  koble_result r = KOBLE_RESULT_INIT;
  const uint32_t queue = 0;
  const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
  const Plan plan = LoadPlan();
  EXPECT_EQ(koble_advance(nullptr, 0, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_resume(nullptr, 0, 0, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_reconcile(nullptr, 0, nullptr, 0, nullptr, 0, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_plan_replace(nullptr, 0, plan.get(), &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_add(nullptr, 0, "{}", 2, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_change(nullptr, 0, 1, "{}", 2, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_remove(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_presence(nullptr, 0, 1, 1, 0, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_request(nullptr, 0, 1, 0, 0, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_request_cancel(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_arrive(nullptr, 0, &arrival, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_gone(nullptr, 0, 1, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_offer_accept(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_offer_end(nullptr, 0, 1, 2, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engagement_connected(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engagement_connect_failed(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engagement_hold(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engagement_retrieve(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engagement_wrap_up_end(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engagement_activity(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engagement_park(nullptr, 0, 1, 0, &r), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_reply(nullptr, 0, 1, &r), KOBLE_ERR_ARGUMENT);
}

}  // namespace
}  // namespace koble::testing
