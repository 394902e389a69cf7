// Changes of contacts through the C API and koble.hpp: what they change, what is refused, and that copies have it all.
#include <gtest/gtest.h>

#include <string>

#include "scene.h"

namespace koble::testing {
namespace {

using namespace std::chrono_literals;

constexpr char kChangePlan[] = R"({
  "queues": [{"name": "q"}],
  "attributes": [{"name": "amount"}, {"name": "language", "values": ["norwegian", "english"]}]
})";

koble_change Of(uint32_t changes) {
  koble_change change{};
  change.struct_size = sizeof(change);
  change.changes = changes;
  return change;
}

struct Changes : ::testing::Test {
  void SetUp() override { contact = engine.Arrive(0s, Arrival(0).Priority(2).With("amount", 5)).contact(); }
  int32_t Code(const koble_change& change) {
    koble_result result = KOBLE_RESULT_INIT;
    const int32_t code = koble_contact_change(engine.get(), kSecond, contact.value, &change, &result);
    EXPECT_EQ(result.code, code);
    EXPECT_EQ(koble_engine_message(engine.get())[0] == 0, code == KOBLE_OK);
    return code;
  }

  static EngineOptions Journalled() {
    EngineOptions options;
    options.journal = Journal::kKeepAll;
    return options;
  }
  Engine engine = Engine(Plan::Load(kChangePlan), Journalled());
  ContactId contact;
};

TEST_F(Changes, ChangeWhatTheyNameAndSaySo) {
  const auto seq = engine.last_event();
  engine.ChangeContact(1s, contact,
                       Change().Priority(3).Credit(5s).MaxWait(1min).With("language", "english").Without("amount"));
  koble_event event{};
  uint64_t count = 0;
  ASSERT_EQ(koble_events_read(engine.get(), seq + 1, &event, sizeof(event), 1, &count), KOBLE_OK);
  EXPECT_EQ(event.kind, static_cast<uint32_t>(KOBLE_EVENT_CONTACT_CHANGED));
  EXPECT_EQ(event.contact, contact.value);
  EXPECT_EQ(event.a, KOBLE_CHANGE_PRIORITY | KOBLE_CHANGE_CREDIT | KOBLE_CHANGE_MAX_WAIT | KOBLE_CHANGE_ATTRIBUTES);
  EXPECT_EQ(engine.Info(contact).priority, 3 * KOBLE_POINT);
  EXPECT_EQ(engine.Info(contact).credit_ns, 5 * kSecond);
  EXPECT_EQ(engine.NextDeadline(), Time(61s));
  engine.ChangeContact(2s, contact, Change().Priority(-1).Relative());
  EXPECT_EQ(engine.Info(contact).priority, 2 * KOBLE_POINT);
  const auto records = koble_journal_last(engine.get());
  engine.ChangeContact(2s, contact, Change().Priority(2).ForgetRefusals().ForgetAgent());
  EXPECT_EQ(koble_journal_last(engine.get()), records) << "what changes nothing is journalled as nothing";
}

TEST_F(Changes, AreRefusedForWhatTheyMustNotBe) {
  const Fingerprint before(engine.get());
  EXPECT_EQ(Code(Of(0)), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(Code(Of(KOBLE_CHANGE_RELATIVE)), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(Code(Of(128 | KOBLE_CHANGE_AGENT)), KOBLE_ERR_ARGUMENT);
  koble_change change = Of(KOBLE_CHANGE_CREDIT);
  change.priority = 1;
  EXPECT_EQ(Code(change), KOBLE_ERR_ARGUMENT);
  change = Of(KOBLE_CHANGE_PRIORITY);
  change.priority = -1;
  EXPECT_EQ(Code(change), KOBLE_ERR_ARGUMENT);
  change = Of(KOBLE_CHANGE_MAX_WAIT);
  EXPECT_EQ(Code(change), KOBLE_ERR_ARGUMENT);
  change = Of(KOBLE_CHANGE_ATTRIBUTES);
  change.removed_count = 1;
  EXPECT_EQ(Code(change), KOBLE_ERR_ARGUMENT) << "null";
  const uint32_t keys[] = {1, 99, 0};
  change.removed = keys;
  change.removed_count = 3;
  EXPECT_EQ(Code(change), KOBLE_ERR_ARGUMENT) << "key 0";
  change.removed_count = 2;
  EXPECT_EQ(Code(change), KOBLE_ERR_UNKNOWN);
  change.removed_count = KOBLE_CONTACT_ATTRIBUTES_MAX + 1;
  EXPECT_EQ(Code(change), KOBLE_ERR_ARGUMENT);
  change.struct_size = 8;
  EXPECT_EQ(Code(change), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_change(engine.get(), kSecond, contact.value, nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_change(nullptr, kSecond, contact.value, &change, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_TRUE(Fingerprint(engine.get()).digest == before.digest);
}

TEST_F(Changes, SixteenAttributesAreTheMost) {
  Change all;
  for (int i = 0; i < 15; ++i) {
    const std::string name = "n" + std::to_string(i);
    engine.Intern(1s, name);
    all.With(name, i);
  }
  engine.ChangeContact(1s, contact, all);
  try {
    engine.ChangeContact(2s, contact, Change().With("language", "english"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), KOBLE_ERR_LIMIT);
  }
  engine.ChangeContact(2s, contact, Change().With("language", "english").Without("amount"));
}

TEST_F(Changes, AreInTheJournal) {
  engine.ChangeContact(1s, contact, Change().Priority(7).With("language", "english").With("amount", 9));
  engine.ChangeContact(2s, contact, Change().Without("amount"));
  std::string header(4096, '\0'), records(4096, '\0');
  uint64_t header_size = 0, size = 0, next = 0, played = 0;
  ASSERT_EQ(koble_journal_header(engine.get(), header.data(), header.size(), &header_size), KOBLE_OK);
  ASSERT_EQ(koble_journal_read(engine.get(), 1, records.data(), records.size(), &size, &next), KOBLE_OK);
  koble_engine* again = nullptr;
  ASSERT_EQ(koble_replay(header.data(), header_size, records.data(), size, nullptr, &again, &played), KOBLE_OK);
  EXPECT_EQ(DigestOf(again), DigestOf(engine.get()));
  koble_engine_destroy(again);
}

TEST_F(Changes, PlacesAreGivenAndTakenBack) {
  const ContactId second = engine.Arrive(1s, Arrival(0)).contact();
  const ContactId third = engine.Arrive(1s, Arrival(0).Position(1)).contact();  // the first has more priority
  EXPECT_EQ(engine.Info(third).positions[0], 2u);
  engine.Place(2s, second, 1);
  EXPECT_EQ(engine.Info(second).positions[0], 1u);
  koble_event event{};
  uint64_t count = 0;
  ASSERT_EQ(koble_events_read(engine.get(), engine.last_event(), &event, sizeof(event), 1, &count), KOBLE_OK);
  EXPECT_EQ(event.kind, static_cast<uint32_t>(KOBLE_EVENT_PLACED));
  EXPECT_EQ(event.queue, 0u);
  EXPECT_EQ(event.a, 1);
  engine.Place(3s, second, UINT32_MAX, 0);
  EXPECT_EQ(engine.Info(second).positions[0], 3u);
  engine.Place(4s, third, 0);
  EXPECT_EQ(engine.Info(third).positions[0], 3u)
      << "the second came before it, and the place they shared was the second's";
  EXPECT_EQ(koble_contact_place(engine.get(), 5 * kSecond, second.value, 1, 1, nullptr), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(koble_contact_place(engine.get(), 5 * kSecond, 0, 0, 1, nullptr), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(koble_contact_place(nullptr, 5 * kSecond, second.value, 0, 1, nullptr), KOBLE_ERR_ARGUMENT);
}

TEST(Skills, AreChangedForATimeAndShown) {
  Engine engine(Plan::Load(R"({"skills": ["en", "no"], "agents": [{"name": "A", "skills": {"no": 2}}]})"));
  const AgentId a = engine.FindAgent("A");
  engine.SetSkill(1s, a, "en", 3, Duration(10s));
  engine.SetSkill(1s, a, "no", 0);
  std::vector<koble_skill> skills = engine.Skills(a);
  ASSERT_EQ(skills.size(), 2u);
  EXPECT_EQ(skills[0].level, 3);
  EXPECT_EQ(skills[0].changed, 1u);
  EXPECT_EQ(skills[0].until_ns, 11 * kSecond);
  EXPECT_EQ(skills[1].level, 0);
  EXPECT_EQ(skills[1].until_ns, KOBLE_NEVER);
  engine.SetSkill(2s, a, "no", KOBLE_SKILL_OWN, Duration(0));
  engine.Advance(11s);
  skills = engine.Skills(a);
  ASSERT_EQ(skills.size(), 1u);
  EXPECT_EQ(skills[0].skill, 1u);
  EXPECT_EQ(skills[0].level, 2);
  EXPECT_EQ(skills[0].changed, 0u);
  const auto refused = [&](koble_id agent, const char* skill, int64_t level, int64_t for_ns) {
    return koble_agent_skill(engine.get(), 12 * kSecond, agent, skill, level, for_ns, nullptr);
  };
  EXPECT_EQ(refused(a.value, "fr", 1, KOBLE_NEVER), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(refused(a.value, nullptr, 1, KOBLE_NEVER), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(refused(a.value, "", 1, KOBLE_NEVER), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(refused(a.value, "en", 1000001, KOBLE_NEVER), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(refused(a.value, "en", 1, 0), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(refused(0, "en", 1, KOBLE_NEVER), KOBLE_ERR_UNKNOWN);
  uint64_t count = 0;
  EXPECT_EQ(koble_agent_skills(engine.get(), a.value, nullptr, 1, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_agent_skills(engine.get(), 0, nullptr, 0, &count), KOBLE_ERR_UNKNOWN);
}

TEST(Skills, SixtyFourChangesAreTheMost) {
  std::string names;
  for (int i = 0; i < 65; ++i) names += (i == 0 ? "\"s" : ", \"s") + std::to_string(i) + "\"";
  Engine engine(Plan::Load("{\"skills\": [" + names + "], \"agents\": [{\"name\": \"A\"}]}"));
  const AgentId a = engine.FindAgent("A");
  for (int i = 64; i > 0; --i) engine.SetSkill(1s, a, "s" + std::to_string(i), 1);
  EXPECT_EQ(engine.Skills(a).size(), 64u);
  EXPECT_EQ(koble_agent_skill(engine.get(), kSecond, a.value, "s0", 1, KOBLE_NEVER, nullptr), KOBLE_ERR_LIMIT);
  engine.SetSkill(1s, a, "s1", 2);
}

TEST(ChangeNames, HaveAWordEach) {
  for (uint32_t bit = KOBLE_CHANGE_PRIORITY; bit <= KOBLE_CHANGE_RELATIVE; bit *= 2)
    EXPECT_NE(koble_change_name(bit), nullptr);
  for (const uint32_t none : {0u, 3u, 128u, UINT32_MAX}) EXPECT_EQ(koble_change_name(none), nullptr);
  EXPECT_STREQ(koble_change_name(KOBLE_CHANGE_MAX_WAIT), "max_wait");
}

}  // namespace
}  // namespace koble::testing
