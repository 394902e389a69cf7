// Making, cloning and destroying engines; reading and acknowledging events; queries.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "scene.h"

namespace koble::testing {
namespace {

TEST(Create, OptionsThatAreRefused) {
  const Plan plan = LoadPlan();
  koble_engine* engine = nullptr;
  EXPECT_EQ(koble_engine_create(nullptr, nullptr, &engine), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engine_create(plan.get(), nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  const std::vector<std::function<void(koble_engine_options&)>> wrong = {
      [](auto& o) { o.struct_size = 0; },
      [](auto& o) { o.struct_size = sizeof(o) - 8; },
      [](auto& o) { o.struct_size = UINT32_MAX; },
      [](auto& o) { o.journal = 3; },
      [](auto& o) { o.clamp_time = 2; },
      [](auto& o) { o.reserved = 1; },
      [](auto& o) { o.start_ns = -1; },
      [](auto& o) { o.start_ns = KOBLE_TIME_MAX + 1; },
      [](auto& o) { o.max_step_ns = -1; },
      [](auto& o) { o.max_step_ns = INT64_MAX; },
  };
  for (size_t i = 0; i < wrong.size(); ++i) {
    koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
    wrong[i](options);
    engine = reinterpret_cast<koble_engine*>(1);
    EXPECT_EQ(koble_engine_create(plan.get(), &options, &engine), KOBLE_ERR_ARGUMENT) << i;
    EXPECT_EQ(engine, nullptr) << i;
  }
}

// A host that was compiled against a later header gives a longer struct: fine, as long as what is new in it is not used.
TEST(Create, LongerOptions) {
  struct Longer {
    koble_engine_options options;
    uint64_t later;
  } longer = {KOBLE_ENGINE_OPTIONS_INIT, 0};
  longer.options.struct_size = sizeof(longer);
  const Plan plan = LoadPlan();
  koble_engine* engine = nullptr;
  EXPECT_EQ(koble_engine_create(plan.get(), &longer.options, &engine), KOBLE_OK);
  koble_engine_destroy(engine);
  longer.later = 1;
  EXPECT_EQ(koble_engine_create(plan.get(), &longer.options, &engine), KOBLE_ERR_ARGUMENT);
}

TEST(Create, StartAndPlan) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.start_ns = 50 * kSecond;
  koble_plan* plan = nullptr;
  ASSERT_EQ(koble_plan_load(kPlan, std::strlen(kPlan), &plan, nullptr, 0), KOBLE_OK);
  koble_engine* engine = nullptr;
  ASSERT_EQ(koble_engine_create(plan, &options, &engine), KOBLE_OK);
  EXPECT_EQ(koble_engine_plan(engine), plan);
  koble_plan_release(plan);  // the engine keeps it alive
  EXPECT_STREQ(koble_plan_queue_name(koble_engine_plan(engine), 0), "auto");
  EXPECT_EQ(koble_now(engine), 50 * kSecond);
  EXPECT_EQ(koble_next_deadline(engine), KOBLE_NEVER);
  EXPECT_EQ(koble_advance(engine, 49 * kSecond, nullptr), KOBLE_ERR_TIME);
  EXPECT_EQ(koble_events_first(engine), 1u);
  EXPECT_EQ(koble_events_last(engine), 0u);
  koble_engine_destroy(engine);
}

TEST(Destroy, Null) {
  koble_engine_destroy(nullptr);
  koble_plan_release(nullptr);
  koble_plan_retain(nullptr);
  EXPECT_STREQ(koble_engine_message(nullptr), "");
  EXPECT_EQ(koble_now(nullptr), 0);
  EXPECT_EQ(koble_next_deadline(nullptr), KOBLE_NEVER);
  EXPECT_EQ(koble_engine_plan(nullptr), nullptr);
  uint64_t digest[2] = {1, 1};
  koble_digest(nullptr, digest);
  EXPECT_EQ(digest[0] | digest[1], 0u);
  koble_digest(nullptr, nullptr);
}

TEST(Plan, ReplacedByABatchIsLentToo) {
  Scene scene;
  koble_command command{};
  command.kind = KOBLE_CMD_PLAN_REPLACE;
  command.time_ns = 100 * kSecond;
  std::string text = kPlan;
  text.insert(text.rfind(']'), R"(, {"name": "new", "channel": "voice"})");
  command.data_size = static_cast<uint32_t>(text.size());
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.commands = &command;
  batch.count = 1;
  batch.data = text.data();
  batch.data_size = text.size();
  int32_t code = 1;
  batch.codes = &code;
  uint64_t taken = 0;
  EXPECT_EQ(koble_plan_queue_count(koble_engine_plan(scene.engine)), 8u);
  ASSERT_EQ(koble_apply(scene.engine, &batch, &taken, nullptr), KOBLE_OK);
  ASSERT_EQ(code, KOBLE_OK) << koble_engine_message(scene.engine);
  const koble_plan* lent = koble_engine_plan(scene.engine);
  EXPECT_EQ(koble_plan_queue_count(lent), 9u);
  EXPECT_EQ(koble_engine_plan(scene.engine), lent);
}

TEST(Clone, IsIndependent) {
  auto scene = std::make_unique<Scene>();
  koble_engine* clone = nullptr;
  EXPECT_EQ(koble_engine_clone(scene->engine, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_engine_clone(nullptr, &clone), KOBLE_ERR_ARGUMENT);
  ASSERT_EQ(koble_engine_clone(scene->engine, &clone), KOBLE_OK);
  EXPECT_TRUE(Fingerprint(clone) == Fingerprint(scene->engine));
  EXPECT_TRUE(SameEvents(EventsOf(clone), EventsOf(scene->engine)));
  ASSERT_EQ(koble_contact_gone(clone, 100 * kSecond, scene->active, KOBLE_BY_AGENT, nullptr), KOBLE_OK);
  EXPECT_NE(DigestOf(clone), DigestOf(scene->engine));
  ASSERT_EQ(koble_contact_gone(scene->engine, 100 * kSecond, scene->active, KOBLE_BY_AGENT, nullptr), KOBLE_OK);
  EXPECT_EQ(DigestOf(clone), DigestOf(scene->engine));
  const koble_id waiting = scene->waiting;
  scene.reset();  // the original goes first
  EXPECT_EQ(koble_contact_gone(clone, 101 * kSecond, waiting, KOBLE_BY_CUSTOMER, nullptr), KOBLE_OK);
  koble_engine_destroy(clone);
}

TEST(Events, ReadWithAnyStride) {
  Scene scene;
  const std::vector<koble_event> all = EventsOf(scene.engine);
  ASSERT_GT(all.size(), 10u);
  uint64_t count = 0;
  // Shorter: an old host that knows only the first members.
  struct Old {
    uint64_t seq;
    int64_t time_ns;
  };
  std::vector<Old> old(all.size());
  ASSERT_EQ(
      koble_events_read(scene.engine, 1, reinterpret_cast<koble_event*>(old.data()), sizeof(Old), old.size(), &count),
      KOBLE_OK);
  ASSERT_EQ(count, all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(old[i].seq, i + 1);
    EXPECT_EQ(old[i].time_ns, all[i].time_ns);
  }
  // Longer: a later one. What this library does not know is left alone.
  struct Late {
    koble_event event;
    uint64_t more;
  };
  std::vector<Late> late(all.size(), Late{{}, 42});
  ASSERT_EQ(koble_events_read(scene.engine, 1, &late[0].event, sizeof(Late), late.size(), &count), KOBLE_OK);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(std::memcmp(&late[i].event, &all[i], sizeof(koble_event)), 0);
    EXPECT_EQ(late[i].more, 42u);
  }
}

TEST(Events, RangesAndMistakes) {
  Scene scene;
  const uint64_t last = koble_events_last(scene.engine);
  koble_event events[4];
  uint64_t count = 99;
  const auto read = [&](uint64_t seq, koble_event* to, uint32_t stride, uint64_t capacity) {
    return koble_events_read(scene.engine, seq, to, stride, capacity, &count);
  };
  constexpr uint32_t kStride = sizeof(koble_event);
  EXPECT_EQ(read(last - 1, events, kStride, 4), KOBLE_OK);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(read(last + 1, events, kStride, 4), KOBLE_OK);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(read(UINT64_MAX, events, kStride, 4), KOBLE_OK);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(read(1, nullptr, kStride, 0), KOBLE_OK);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(read(0, events, kStride, 4), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(read(1, nullptr, kStride, 4), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(read(1, events, 4, 4), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_read(scene.engine, 1, events, kStride, 4, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_read(nullptr, 1, events, kStride, 4, &count), KOBLE_ERR_ARGUMENT);

  EXPECT_EQ(koble_events_acknowledge(scene.engine, 5), KOBLE_OK);
  EXPECT_EQ(koble_events_first(scene.engine), 6u);
  EXPECT_EQ(koble_events_acknowledge(scene.engine, 3), KOBLE_OK);  // again: nothing
  EXPECT_EQ(koble_events_first(scene.engine), 6u);
  EXPECT_EQ(read(5, events, kStride, 4), KOBLE_ERR_GONE);
  EXPECT_EQ(count, 0u);
  EXPECT_STRNE(koble_engine_message(scene.engine), "");
  EXPECT_EQ(read(6, events, kStride, 4), KOBLE_OK);
  EXPECT_STREQ(koble_engine_message(scene.engine), "");
  EXPECT_EQ(events[0].seq, 6u);
  EXPECT_EQ(koble_events_acknowledge(scene.engine, last + 1), KOBLE_ERR_UNKNOWN);  // not made yet
  EXPECT_EQ(koble_events_first(scene.engine), 6u);
  EXPECT_EQ(koble_events_acknowledge(nullptr, 1), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_acknowledge(scene.engine, last), KOBLE_OK);
  EXPECT_EQ(koble_events_first(scene.engine), last + 1);
  EXPECT_EQ(koble_events_last(scene.engine), last);
  EXPECT_EQ(koble_events_first(nullptr), 1u);
  EXPECT_EQ(koble_events_last(nullptr), 0u);
}

TEST(Events, ViewLendsWhatReadCopies) {
  Scene scene;
  const std::vector<koble_event> all = EventsOf(scene.engine);
  const koble_event* events = nullptr;
  uint32_t stride = sizeof(koble_event);
  uint64_t count = 99;
  const auto view = [&](uint64_t seq) { return koble_events_view(scene.engine, seq, &events, &stride, &count); };
  ASSERT_EQ(view(1), KOBLE_OK);
  ASSERT_EQ(count, all.size());
  ASSERT_EQ(stride, sizeof(koble_event));
  uint64_t digest[2];
  koble_digest(scene.engine, digest);  // a query: they stay
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(std::memcmp(KOBLE_EVENT_AT(events, stride, i), &all[i], sizeof(koble_event)), 0);
  }
  ASSERT_EQ(view(all.size()), KOBLE_OK);
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(events->seq, all.size());
  EXPECT_EQ(view(all.size() + 1), KOBLE_OK);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(events, nullptr);
  EXPECT_EQ(view(UINT64_MAX), KOBLE_OK);
  EXPECT_EQ(count, 0u);

  EXPECT_EQ(koble_events_acknowledge(scene.engine, 5), KOBLE_OK);
  EXPECT_EQ(view(5), KOBLE_ERR_GONE);
  EXPECT_EQ(events, nullptr);
  ASSERT_EQ(view(6), KOBLE_OK);
  EXPECT_EQ(events->seq, 6u);
  EXPECT_EQ(count, all.size() - 5);
}

TEST(Prefetch, ChangesNothingAndTakesAnyNumber) {
  Scene scene;
  uint64_t before[2], after[2];
  koble_digest(scene.engine, before);
  const uint64_t last = koble_events_last(scene.engine);
  for (const uint64_t slot : {uint64_t{0}, uint64_t{1}, uint64_t{5}, uint64_t{1000}, uint64_t{0xfffffff}}) {
    for (uint64_t kind = 0; kind < 16; ++kind) koble_prefetch(scene.engine, kind << 60 | slot << 32 | 1);
  }
  koble_prefetch(scene.engine, UINT64_MAX);
  koble_prefetch(nullptr, 0);
  koble_digest(scene.engine, after);
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(after[1], before[1]);
  EXPECT_EQ(koble_events_last(scene.engine), last);
}

TEST(Events, TakeLendsAllThatAreKeptAndAcknowledgesThem) {
  Scene scene;
  EXPECT_EQ(koble_events_acknowledge(scene.engine, 2), KOBLE_OK);
  const uint64_t last = koble_events_last(scene.engine);
  const koble_event* events = nullptr;
  uint32_t stride = sizeof(koble_event);
  uint64_t count = 99;
  std::vector<koble_event> kept(last - 2);
  ASSERT_EQ(koble_events_read(scene.engine, 3, kept.data(), sizeof(koble_event), kept.size(), &count), KOBLE_OK);
  ASSERT_EQ(koble_events_take(scene.engine, &events, &stride, &count), KOBLE_OK);
  ASSERT_EQ(count, kept.size());
  ASSERT_EQ(stride, sizeof(koble_event));
  EXPECT_EQ(koble_events_first(scene.engine), last + 1);
  EXPECT_EQ(koble_events_last(scene.engine), last);
  uint64_t digest[2];
  koble_digest(scene.engine, digest);  // a query: they stay
  for (size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(std::memcmp(KOBLE_EVENT_AT(events, stride, i), &kept[i], sizeof(koble_event)), 0);
  }
  ASSERT_EQ(koble_events_take(scene.engine, &events, &stride, &count), KOBLE_OK);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(events, nullptr);
  EXPECT_EQ(koble_events_view(scene.engine, last, &events, &stride, &count), KOBLE_ERR_GONE);

  koble_result result = KOBLE_RESULT_INIT;
  ASSERT_EQ(koble_advance(scene.engine, koble_now(scene.engine), &result), KOBLE_OK);
  EXPECT_EQ(result.event_first, last + 1);  // numbers go on
}

TEST(Events, TakeThatIsRefusedAcknowledgesNothing) {
  Scene scene;
  const koble_event* events = nullptr;
  uint32_t stride = sizeof(koble_event);
  uint64_t count = 99;
  EXPECT_EQ(koble_events_take(nullptr, &events, &stride, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(koble_events_take(scene.engine, nullptr, &stride, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_take(scene.engine, &events, nullptr, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_take(scene.engine, &events, &stride, nullptr), KOBLE_ERR_ARGUMENT);
  stride = sizeof(koble_event) + 8;  // a later host: it would read what is not there
  EXPECT_EQ(koble_events_take(scene.engine, &events, &stride, &count), KOBLE_ERR_ARGUMENT);
  stride = 7;
  EXPECT_EQ(koble_events_take(scene.engine, &events, &stride, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_STRNE(koble_engine_message(scene.engine), "");
  EXPECT_EQ(koble_events_first(scene.engine), 1u);
  stride = 40;  // an older one: it gets the stride of today
  EXPECT_EQ(koble_events_take(scene.engine, &events, &stride, &count), KOBLE_OK);
  EXPECT_EQ(stride, sizeof(koble_event));
  EXPECT_EQ(KOBLE_EVENT_AT(events, stride, 1)->seq, 2u);
}

TEST(Events, ViewRefusesMistakesAndLaterHosts) {
  Scene scene;
  const koble_event* events = nullptr;
  uint32_t stride = sizeof(koble_event);
  uint64_t count = 99;
  EXPECT_EQ(koble_events_view(scene.engine, 0, &events, &stride, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(koble_events_view(nullptr, 1, &events, &stride, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_view(scene.engine, 1, nullptr, &stride, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_view(scene.engine, 1, &events, nullptr, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_events_view(scene.engine, 1, &events, &stride, nullptr), KOBLE_ERR_ARGUMENT);
  stride = 0;  // not set
  EXPECT_EQ(koble_events_view(scene.engine, 1, &events, &stride, &count), KOBLE_ERR_ARGUMENT);
  stride = sizeof(koble_event) + 8;  // a later host: it would read what is not there
  EXPECT_EQ(koble_events_view(scene.engine, 1, &events, &stride, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(events, nullptr);
  EXPECT_STRNE(koble_engine_message(scene.engine), "");
  stride = 40;  // an older one: it gets the stride of today
  EXPECT_EQ(koble_events_view(scene.engine, 2, &events, &stride, &count), KOBLE_OK);
  EXPECT_EQ(stride, sizeof(koble_event));
  EXPECT_EQ(KOBLE_EVENT_AT(events, stride, 1)->seq, 3u);
}

template <typename Info>
Info Sized() {
  Info info;
  std::memset(&info, 0xee, sizeof(info));
  info.struct_size = sizeof(info);
  return info;
}

// One query with every wrong id and size; what it should fill stays as it was.
template <typename Info>
void Refusals(const Scene& scene, int32_t (*query)(const koble_engine*, koble_id, Info*), koble_id good,
              koble_id ended) {
  const koble_id other_kind = KOBLE_ID_KIND(good) == KOBLE_KIND_AGENT ? scene.waiting : scene.anna;
  const koble_id unknown = (good & ~uint64_t{0xffffffff}) + (uint64_t{500} << 32) + 1;
  Info out = Sized<Info>();
  const Info untouched = out;
  EXPECT_EQ(query(scene.engine, unknown, &out), KOBLE_ERR_UNKNOWN);
  EXPECT_STRNE(koble_engine_message(scene.engine), "");
  EXPECT_EQ(query(scene.engine, ended, &out), KOBLE_ERR_ENDED);
  EXPECT_EQ(query(scene.engine, other_kind, &out), KOBLE_ERR_KIND);
  EXPECT_EQ(query(scene.engine, good, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(query(nullptr, good, &out), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(std::memcmp(&out, &untouched, sizeof(out)), 0);
  out.struct_size = 40;  // less than the first form of any of them
  EXPECT_EQ(query(scene.engine, good, &out), KOBLE_ERR_ARGUMENT);
  out.struct_size = sizeof(out);
  EXPECT_EQ(query(scene.engine, good, &out), KOBLE_OK);
  EXPECT_EQ(out.struct_size, sizeof(out));
  EXPECT_STREQ(koble_engine_message(scene.engine), "");
  struct Longer {
    Info info;
    uint64_t later;
  } longer = {Sized<Info>(), 42};
  longer.info.struct_size = sizeof(longer);
  EXPECT_EQ(query(scene.engine, good, &longer.info), KOBLE_OK);
  EXPECT_EQ(longer.info.struct_size, sizeof(longer));
  EXPECT_EQ(longer.later, 42u);
}

// The greatest serials: timers of one instant still fire by them, and then nobody can arrive any more.
TEST(Serials, GivenUpToTheGreatest) {
  Engine engine(Plan::Load(R"({"queues": [{"name": "q", "max_wait": "10s"}]})"));
  const auto arrive = [&](uint64_t serial) { return engine.Arrive(Time(0), Arrival(0).Serial(serial)).contact(); };
  const ContactId first = arrive(7);
  arrive(0);
  EXPECT_EQ(engine.Info(first).serial, 7u);
  EXPECT_EQ(engine.Counts().serials, 8u);
  arrive(KOBLE_SERIAL_MAX - 1);
  EXPECT_EQ(engine.Info(arrive(0)).serial, KOBLE_SERIAL_MAX);
  for (const uint64_t serial : {uint64_t{0}, KOBLE_SERIAL_MAX, uint64_t{9}}) {
    try {
      arrive(serial);
      ADD_FAILURE() << serial;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), serial == 0 ? KOBLE_ERR_LIMIT : KOBLE_ERR_ARGUMENT) << error.what();
    }
  }
  EXPECT_EQ(engine.Counts().serials, KOBLE_SERIAL_MAX);
  engine.Advance(Time(10 * kSecond));
  std::vector<uint64_t> left;
  engine.Drain([&](const koble_event& event) {
    if (event.kind == KOBLE_EVENT_EXIT) left.push_back(event.serial);
  });
  EXPECT_EQ(left, (std::vector<uint64_t>{7, 8, KOBLE_SERIAL_MAX - 1, KOBLE_SERIAL_MAX}));
}

// A queue of the record that is not in the plan is left out; without any the contact is not routable.
TEST(Serials, QueuesThatThePlanLacks) {
  Engine engine(Plan::Load(R"({"queues": [{"name": "p"}, {"name": "q"}]})"));
  const ContactId some = engine.Arrive(Time(0), Arrival{KOBLE_QUEUE_NONE, 1, KOBLE_QUEUE_NONE}.Serial(3)).contact();
  EXPECT_EQ(engine.Info(some).queue_count, 1u);
  EXPECT_EQ(engine.Info(some).queues[0], 1u);
  engine.Arrive(Time(0), Arrival{KOBLE_QUEUE_NONE, KOBLE_QUEUE_NONE}.Serial(5).HostRef(50));
  const std::vector<koble_event> events = engine.Events(1);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].queue, 1u);
  EXPECT_EQ(events[0].a, 3);
  for (const size_t i : {1, 2}) {
    EXPECT_EQ(events[i].serial, 5u);
    EXPECT_EQ(events[i].host_ref, 50u);
    EXPECT_EQ(events[i].queue, KOBLE_QUEUE_NONE);
  }
  EXPECT_EQ(events[1].a, 2);
  EXPECT_EQ(events[2].kind, uint32_t{KOBLE_EVENT_EXIT});
  EXPECT_EQ(events[2].reason, uint32_t{KOBLE_EXIT_NOT_ROUTABLE});
  EXPECT_EQ(engine.Counts().contacts, 1u);
}

// A host that was compiled before the member was there.
TEST(Serials, ShorterArrivals) {
  Engine engine(Plan::Load(R"({"queues": [{"name": "q"}]})"));
  const uint32_t queue = 0;
  koble_arrival arrival{};
  arrival.struct_size = offsetof(koble_arrival, serial);
  arrival.queue_count = 1;
  arrival.queues = &queue;
  arrival.serial = 99;  // not looked at
  ASSERT_EQ(koble_contact_arrive(engine.get(), 0, &arrival, nullptr), KOBLE_OK);
  EXPECT_EQ(engine.Counts().serials, 1u);
}

TEST(Queries, Refusals) {
  Scene scene;
  const Fingerprint before(scene.engine);
  Refusals(scene, koble_contact, scene.waiting, scene.gone);
  Refusals(scene, koble_agent, scene.anna, scene.dora);
  Refusals(scene, koble_offer, scene.offer, scene.ended_offer);
  Refusals(scene, koble_engagement, scene.active_engagement, scene.ended_engagement);
  uint64_t number = 7;
  EXPECT_EQ(koble_queue_waiting(scene.engine, 99, &number), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(koble_queue_waiting(scene.engine, 0, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_queue_waiting(nullptr, 0, &number), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_list(scene.engine, KOBLE_KIND_NONE, nullptr, 0, &number), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_list(scene.engine, 5, nullptr, 0, &number), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_list(scene.engine, KOBLE_KIND_AGENT, nullptr, 1, &number), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_list(scene.engine, KOBLE_KIND_AGENT, nullptr, 0, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(number, 7u);
  koble_counts counts = Sized<koble_counts>();
  EXPECT_EQ(koble_count(nullptr, &counts), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_count(scene.engine, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_find(scene.engine, nullptr), 0u);
  EXPECT_EQ(koble_agent_find(scene.engine, "Dora"), 0u);
  EXPECT_EQ(koble_agent_find(nullptr, "Anna"), 0u);
  EXPECT_EQ(koble_agent_name(scene.engine, scene.dora), nullptr);
  EXPECT_EQ(koble_agent_name(scene.engine, scene.waiting), nullptr);
  EXPECT_EQ(koble_agent_name(scene.engine, 0), nullptr);
  EXPECT_EQ(koble_agent_name(nullptr, scene.anna), nullptr);
  EXPECT_TRUE(Fingerprint(scene.engine) == before);
}

TEST(Queries, Answers) {
  Scene scene;
  auto contact = Sized<koble_contact_info>();
  ASSERT_EQ(koble_contact(scene.engine, scene.waiting, &contact), KOBLE_OK);
  EXPECT_EQ(contact.state, static_cast<uint32_t>(KOBLE_CONTACT_WAITING));
  EXPECT_EQ(contact.serial, 6u);
  EXPECT_EQ(contact.host_ref, 6u);
  EXPECT_EQ(contact.arrival_ns, 90 * kSecond);
  EXPECT_EQ(contact.queue_count, 1u);
  EXPECT_EQ(contact.queues[0], static_cast<uint32_t>(kLonely));
  EXPECT_EQ(contact.positions[0], 1u);
  EXPECT_EQ(contact.attempts, 0u);
  ASSERT_EQ(koble_contact(scene.engine, scene.ringing, &contact), KOBLE_OK);
  EXPECT_EQ(contact.state, static_cast<uint32_t>(KOBLE_CONTACT_OFFERED));
  EXPECT_EQ(contact.offer_count, 1u);
  EXPECT_EQ(contact.attempts, 1u);
  EXPECT_EQ(contact.retry_until_ns, 0);
  EXPECT_EQ(contact.next_ring_ns, 0);
  EXPECT_EQ(contact.hungry, 0u);
  ASSERT_EQ(koble_contact(scene.engine, scene.connecting, &contact), KOBLE_OK);
  EXPECT_EQ(contact.state, static_cast<uint32_t>(KOBLE_CONTACT_CONNECTING));
  EXPECT_EQ(contact.engagement, scene.connecting_engagement);

  auto agent = Sized<koble_agent_info>();
  ASSERT_EQ(koble_agent(scene.engine, scene.per, &agent), KOBLE_OK);
  EXPECT_EQ(agent.presence, static_cast<uint32_t>(KOBLE_PRESENCE_AVAILABLE));
  EXPECT_EQ(agent.request_until_ns, 5000 * kSecond);
  EXPECT_EQ(agent.sequence, 4u);
  ASSERT_EQ(koble_agent(scene.engine, scene.bo, &agent), KOBLE_OK);
  EXPECT_EQ(agent.wrapping, 1u);
  EXPECT_EQ(agent.used, 100);
  EXPECT_STREQ(koble_agent_name(scene.engine, scene.bo), "Bo");

  auto offer = Sized<koble_offer_info>();
  ASSERT_EQ(koble_offer(scene.engine, scene.offer, &offer), KOBLE_OK);
  EXPECT_EQ(offer.contact, scene.ringing);
  EXPECT_EQ(offer.queue, static_cast<uint32_t>(kChat));
  EXPECT_EQ(offer.begun_ns, 60 * kSecond);
  EXPECT_EQ(offer.expires_ns, 660 * kSecond);
  EXPECT_EQ(offer.group, scene.offer);

  auto engagement = Sized<koble_engagement_info>();
  ASSERT_EQ(koble_engagement(scene.engine, scene.wrapping_engagement, &engagement), KOBLE_OK);
  EXPECT_EQ(engagement.state, static_cast<uint32_t>(KOBLE_ENGAGEMENT_WRAPPING));
  EXPECT_EQ(engagement.since_ns, 30 * kSecond);
  EXPECT_EQ(engagement.deadline_ns, 30 * kSecond + 1800 * kSecond);

  auto counts = Sized<koble_counts>();
  ASSERT_EQ(koble_count(scene.engine, &counts), KOBLE_OK);
  EXPECT_EQ(counts.contacts, 4u);
  EXPECT_EQ(counts.agents, 5u);
  EXPECT_EQ(counts.offers, 1u);
  EXPECT_EQ(counts.engagements, 3u);
  EXPECT_EQ(counts.serials, 6u);

  uint64_t number = 0;
  ASSERT_EQ(koble_queue_waiting(scene.engine, kLonely, &number), KOBLE_OK);
  EXPECT_EQ(number, 1u);
  koble_id ids[2] = {};
  ASSERT_EQ(koble_list(scene.engine, KOBLE_KIND_AGENT, ids, 2, &number), KOBLE_OK);
  EXPECT_EQ(number, 5u);
  EXPECT_EQ(ids[0], scene.anna);
  EXPECT_EQ(ids[1], scene.bo);
}

// What an agent is called and defined as is in the digest, whatever it was when the digest was taken last; what he does is apart from it.
TEST(Digest, HoldsWhatAgentsAreDefinedAs) {
  Scene scene;
  const auto define_bo = [&](const std::string& more) {
    const std::string bo = R"({"name": "Bo", "skills": {"ring": 1, "all": 1, "chat": 1})" + more + "}";
    return koble_agent_change(scene.engine, koble_now(scene.engine), scene.bo, bo.data(), bo.size(), nullptr);
  };
  const auto restored = [&] {
    uint64_t size = 0;
    koble_snapshot_write(scene.engine, nullptr, 0, &size);
    std::string bytes(size, '\0');
    EXPECT_EQ(koble_snapshot_write(scene.engine, bytes.data(), size, &size), KOBLE_OK);
    koble_engine* copy = nullptr;
    EXPECT_EQ(koble_snapshot_restore(bytes.data(), size, nullptr, &copy), KOBLE_OK);
    const Hash digest = DigestOf(copy);
    koble_engine_destroy(copy);
    return digest;
  };
  const Hash before = DigestOf(scene.engine);
  EXPECT_EQ(restored(), before);
  ASSERT_EQ(define_bo(R"(, "wrap_up": "40m")"), KOBLE_OK);
  const Hash changed = DigestOf(scene.engine);
  EXPECT_NE(changed, before);
  EXPECT_EQ(restored(), changed);
  ASSERT_EQ(define_bo(""), KOBLE_OK);
  EXPECT_EQ(DigestOf(scene.engine), before);

  const std::string eve = R"({"name": "Eve"})";
  koble_result result = KOBLE_RESULT_INIT;
  ASSERT_EQ(koble_agent_add(scene.engine, koble_now(scene.engine), eve.data(), eve.size(), &result), KOBLE_OK);
  EXPECT_EQ(restored(), DigestOf(scene.engine));
  ASSERT_EQ(koble_agent_remove(scene.engine, koble_now(scene.engine), result.id, nullptr), KOBLE_OK);
  EXPECT_EQ(restored(), DigestOf(scene.engine));
  // Folded bit by bit, it is what is folded at once.
  const auto gone = [&](koble_id contact) {
    return koble_contact_gone(scene.engine, koble_now(scene.engine), contact, KOBLE_BY_CUSTOMER, nullptr);
  };
  for (const koble_id contact : {scene.active, scene.ringing, scene.connecting}) {
    ASSERT_EQ(gone(contact), KOBLE_OK);
    EXPECT_EQ(restored(), DigestOf(scene.engine));
  }
}

}  // namespace
}  // namespace koble::testing
