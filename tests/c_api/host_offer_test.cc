// Offers that the host makes, and what the engine sets and counts for agents, through the C API and koble.hpp.
#include <gtest/gtest.h>

#include "scene.h"

namespace koble::testing {
namespace {

using namespace std::chrono_literals;

constexpr char kExternalPlan[] = R"({
  "skills": ["en"],
  "queues": [
    {"name": "q", "require": "en", "offer": {"mode": "external", "ring": "10s"}},
    {"name": "p", "offer": {"mode": "preview", "ring": "10s", "expiry": "accept"}}
  ],
  "agents": [{"name": "A", "skills": {"en": 1}, "misses": {"limit": 1, "reason": 4}}, {"name": "B"}]
})";

struct HostOffers : ::testing::Test {
  void SetUp() override {
    a = engine.FindAgent("A");
    b = engine.FindAgent("B");
    engine.SetPresence(0s, a, Presence::kAvailable);
    engine.SetPresence(0s, b, Presence::kAvailable);
  }
  int32_t Code(ContactId contact, AgentId agent, uint32_t queue, uint32_t flags) {
    return koble_offer_make(engine.get(), kSecond, contact.value, agent.value, queue, flags, nullptr);
  }
  koble_event Last() {
    koble_event event{};
    uint64_t count = 0;
    EXPECT_EQ(koble_events_read(engine.get(), engine.last_event(), &event, sizeof(event), 1, &count), KOBLE_OK);
    return event;
  }
  Engine engine = Engine(Plan::Load(kExternalPlan), EngineOptions());
  AgentId a, b;
};

TEST_F(HostOffers, AreJudged) {
  const ContactId contact = engine.Arrive(1s, Arrival(0)).contact();
  EXPECT_EQ(Code(contact, b, KOBLE_QUEUE_NONE, 0), KOBLE_ERR_NONE);
  EXPECT_EQ(Code(contact, a, 1, 0), KOBLE_ERR_STATE);
  EXPECT_EQ(Code(contact, a, 7, 0), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(Code(contact, a, 0, 4), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(Code(ContactId(a.value), a, 0, 0), KOBLE_ERR_KIND);
  const OfferId offer = engine.MakeOffer(1s, contact, a).offer();
  EXPECT_EQ(Last().kind, static_cast<uint32_t>(KOBLE_EVENT_OFFERED));
  EXPECT_EQ(Last().offer, offer.value);
  EXPECT_EQ(Code(contact, b, 0, KOBLE_OFFER_INSIST), KOBLE_ERR_STATE);
  EXPECT_EQ(koble_offer_make(nullptr, 0, 1, 1, 0, 0, nullptr), KOBLE_ERR_ARGUMENT);
}

TEST_F(HostOffers, MayBeInsistedOnAndAcceptedAtOnce) {
  const ContactId contact = engine.Arrive(1s, Arrival(0)).contact();
  engine.MakeOffer(1s, contact, b, 0, KOBLE_OFFER_INSIST | KOBLE_OFFER_ACCEPTED);
  EXPECT_EQ(engine.Info(contact).state, static_cast<uint32_t>(KOBLE_CONTACT_ACTIVE));
}

TEST_F(HostOffers, AMissSetsTheBreakAndIsCounted) {
  const ContactId contact = engine.Arrive(1s, Arrival(0)).contact();
  engine.MakeOffer(1s, contact, a);
  engine.Advance(11s);
  EXPECT_EQ(Last().kind, static_cast<uint32_t>(KOBLE_EVENT_PRESENCE));
  EXPECT_EQ(Last().reason, static_cast<uint32_t>(KOBLE_PRESENCE_BREAK));
  EXPECT_EQ(Last().a, 4);
  EXPECT_EQ(Last().b, 1);
  EXPECT_EQ(engine.Info(a).misses, 1u);
}

TEST_F(HostOffers, APreviewIsTakenWhenItsTimeIsUp) {
  engine.Arrive(1s, Arrival(1));
  EXPECT_EQ(Last().reason, static_cast<uint32_t>(KOBLE_OFFERED_PREVIEW));
  const auto before = engine.last_event();
  engine.Advance(11s);
  koble_event accepted{};
  uint64_t count = 0;
  ASSERT_EQ(koble_events_read(engine.get(), before + 1, &accepted, sizeof(accepted), 1, &count), KOBLE_OK);
  EXPECT_EQ(accepted.kind, static_cast<uint32_t>(KOBLE_EVENT_ACCEPTED));
  EXPECT_EQ(accepted.reason, static_cast<uint32_t>(KOBLE_ACCEPTED_EXPIRED));
}

}  // namespace
}  // namespace koble::testing
