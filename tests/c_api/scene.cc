#include "scene.h"

#include <gtest/gtest.h>

#include <cstring>

namespace koble::testing {

const char kPlan[] = R"({
  "channels": [{"name": "voice", "cost": 100, "park": {"return": "1m"}},
               {"name": "chat", "cost": 30, "silent": {"after": "2h"}}],
  "skills": ["auto", "ring", "confirm", "all", "pull", "chat", "lonely"],
  "agents": [
    {"name": "Anna", "skills": {"auto": 1, "confirm": 1, "all": 1}},
    {"name": "Bo", "skills": {"ring": 1, "all": 1, "chat": 1}},
    {"name": "Cleo", "skills": {"ring": 1, "confirm": 1, "all": 1}},
    {"name": "Per", "skills": {"pull": 1}, "pull": true}
  ],
  "queues": [
    {"name": "auto", "channel": "voice", "require": "auto", "offer": {"mode": "auto"}},
    {"name": "ring", "channel": "voice", "require": "ring", "offer": {"mode": "ring", "ring": "20s"}, "wrap_up": "30m",
     "priority": {"base": 5, "rate": 0.5}, "target": {"within": "20s", "share": 0.8}, "max_wait": "1h"},
    {"name": "confirm", "channel": "voice", "require": "confirm", "offer": {"mode": "ring", "ring": "20s", "confirm": "10m"}},
    {"name": "all", "channel": "voice", "require": "all", "offer": {"mode": "ring_all", "ring": "10m", "confirm": "10m"}},
    {"name": "refusing", "channel": "voice", "require": "lonely", "max_length": 0},
    {"name": "pull", "channel": "voice", "require": "pull", "offer": {"mode": "ring"}},
    {"name": "chat", "channel": "chat", "require": "chat", "offer": {"mode": "ring", "ring": "10m"}},
    {"name": "lonely", "channel": "voice", "require": "lonely"}
  ]
})";

Plan LoadPlan() { return Plan::Load(kPlan); }

Hash DigestOf(koble_engine* engine) {
  Hash digest{};
  koble_digest(engine, digest.data());
  return digest;
}

Fingerprint::Fingerprint(koble_engine* engine)
    : digest(DigestOf(engine)),
      event_first(koble_events_first(engine)),
      event_last(koble_events_last(engine)),
      journal_first(koble_journal_first(engine)),
      journal_last(koble_journal_last(engine)),
      now(koble_now(engine)),
      deadline(koble_next_deadline(engine)) {}

std::vector<koble_event> EventsOf(const koble_engine* engine, uint64_t from) {
  uint64_t count = 0;
  const uint64_t last = koble_events_last(engine);
  std::vector<koble_event> events(last >= from ? last - from + 1 : 0);
  EXPECT_EQ(koble_events_read(engine, from, events.data(), sizeof(koble_event), events.size(), &count), KOBLE_OK);
  EXPECT_EQ(count, events.size());
  return events;
}

bool SameEvents(const std::vector<koble_event>& a, const std::vector<koble_event>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(koble_event)) == 0);
}

koble_id Scene::Arrive(int64_t at_s, uint32_t queue, uint64_t host_ref) {
  koble_result result = KOBLE_RESULT_INIT;
  const koble_arrival arrival = {sizeof(arrival), 1, &queue, host_ref, 0, 0, 0, nullptr, 0, 0, 0, 0};
  EXPECT_EQ(koble_contact_arrive(engine, at_s * kSecond, &arrival, &result), KOBLE_OK) << koble_engine_message(engine);
  return result.id;
}

koble_event Scene::LastEvent(uint32_t kind) const {
  const std::vector<koble_event> events = EventsOf(engine);
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->kind == kind) return *event;
  }
  ADD_FAILURE() << "no event " << koble_event_name(kind);
  return {};
}

koble_id Scene::OpenOffer(koble_id contact) const {
  koble_id offer_id = 0;
  for (const koble_event& event : EventsOf(engine)) {
    if (event.kind == KOBLE_EVENT_OFFERED && event.contact == contact) offer_id = event.offer;
  }
  EXPECT_NE(offer_id, 0u);
  return offer_id;
}

Scene::Scene(const koble_engine_options* options) {
  const Plan plan = LoadPlan();
  EXPECT_EQ(koble_engine_create(plan.get(), options, &engine), KOBLE_OK);
  koble_result result = KOBLE_RESULT_INIT;
  const auto good = [&](int32_t code) { ASSERT_EQ(code, KOBLE_OK) << koble_engine_message(engine); };
  anna = koble_agent_find(engine, "Anna");
  bo = koble_agent_find(engine, "Bo");
  cleo = koble_agent_find(engine, "Cleo");
  per = koble_agent_find(engine, "Per");

  const auto add = [&](int64_t at_s, const std::string& definition) {
    good(koble_agent_add(engine, at_s * kSecond, definition.data(), definition.size(), &result));
  };
  add(1, R"({"name": "Dora"})");
  dora = result.id;
  good(koble_agent_remove(engine, 2 * kSecond, dora, nullptr));

  good(koble_agent_presence(engine, 3 * kSecond, anna, KOBLE_PRESENCE_AVAILABLE, 0, nullptr));
  active = Arrive(10, kAuto, 1);
  active_engagement = LastEvent(KOBLE_EVENT_SERVING).engagement;

  good(koble_agent_presence(engine, 11 * kSecond, bo, KOBLE_PRESENCE_AVAILABLE, 0, nullptr));
  gone = Arrive(20, kRing, 2);
  ended_offer = OpenOffer(gone);
  good(koble_offer_accept(engine, 21 * kSecond, ended_offer, &result));
  wrapping_engagement = result.id;
  good(koble_contact_gone(engine, 30 * kSecond, gone, KOBLE_BY_AGENT, nullptr));

  good(koble_agent_presence(engine, 31 * kSecond, cleo, KOBLE_PRESENCE_AVAILABLE, 0, nullptr));
  const koble_id failed = Arrive(32, kConfirm, 3);
  good(koble_offer_accept(engine, 33 * kSecond, OpenOffer(failed), &result));
  ended_engagement = result.id;
  good(koble_contact_gone(engine, 34 * kSecond, failed, KOBLE_BY_CUSTOMER, nullptr));
  connecting = Arrive(40, kConfirm, 4);
  good(koble_offer_accept(engine, 41 * kSecond, OpenOffer(connecting), &result));
  connecting_engagement = result.id;

  add(50, R"({"name": "Eli", "skills": {"chat": 1}})");
  good(koble_agent_presence(engine, 51 * kSecond, result.id, KOBLE_PRESENCE_AVAILABLE, 0, nullptr));
  ringing = Arrive(60, kChat, 5);
  offer = OpenOffer(ringing);

  good(koble_agent_presence(engine, 70 * kSecond, per, KOBLE_PRESENCE_AVAILABLE, 0, nullptr));
  good(koble_agent_request(engine, 80 * kSecond, per, 0, 5000 * kSecond, nullptr));
  waiting = Arrive(90, kLonely, 6);
  good(koble_advance(engine, 100 * kSecond, nullptr));
}

Script RandomScript(uint64_t seed, size_t length) {
  Script script;
  const auto next = [&seed] {
    uint64_t z = (seed += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  };
  const auto some_id = [&](uint64_t kind) {  // of a small thing in its first generations: often living, often not
    return kind << 60 | next() % 8 << 32 | (1 + next() % 6);
  };
  int64_t now = 0;
  for (size_t i = 0; i < length; ++i) {
    koble_command c{};
    now += static_cast<int64_t>(next() % 4) * kSecond;
    c.time_ns = next() % 20 == 0 ? now - kSecond : now;
    if (c.time_ns < 0) c.time_ns = 0;
    const uint64_t draw = next() % 20;
    if (draw < 6) {
      c.kind = KOBLE_CMD_CONTACT_ARRIVE;
      c.queue = static_cast<uint32_t>(next() % 9);
      c.host_ref = i;
      c.a = static_cast<int64_t>(next() % 3) * KOBLE_POINT;
      if (next() % 4 == 0) {
        const auto second = static_cast<uint32_t>(next() % 8);
        c.data_offset = script.data.size();
        c.data_size = sizeof(second);
        script.data.append(reinterpret_cast<const char*>(&second), sizeof(second));
      }
    } else if (draw < 9) {
      c.kind = KOBLE_CMD_CONTACT_GONE;
      c.target = some_id(KOBLE_KIND_CONTACT);
      c.code = static_cast<uint32_t>(1 + next() % 3);
    } else if (draw < 12) {
      c.kind = KOBLE_CMD_OFFER_ACCEPT;
      c.target = some_id(KOBLE_KIND_OFFER);
    } else if (draw < 13) {
      c.kind = KOBLE_CMD_OFFER_END;
      c.target = some_id(KOBLE_KIND_OFFER);
      c.code = static_cast<uint32_t>(2 + next() % 5);
    } else if (draw < 16) {
      c.kind = KOBLE_CMD_AGENT_PRESENCE;
      c.target = some_id(KOBLE_KIND_AGENT);
      c.code = next() % 4 == 0 ? static_cast<uint32_t>(next() % 4) : static_cast<uint32_t>(KOBLE_PRESENCE_AVAILABLE);
    } else if (draw < 19) {
      constexpr uint32_t kKinds[] = {KOBLE_CMD_CONNECTED,
                                     KOBLE_CMD_CONNECT_FAILED,
                                     KOBLE_CMD_HOLD,
                                     KOBLE_CMD_RETRIEVE,
                                     KOBLE_CMD_WRAP_UP_END,
                                     KOBLE_CMD_ENGAGEMENT_PARK,
                                     KOBLE_CMD_ENGAGEMENT_ACTIVITY,
                                     KOBLE_CMD_CONTACT_REPLY};
      c.kind = kKinds[next() % 8];
      c.target = some_id(c.kind == KOBLE_CMD_CONTACT_REPLY ? KOBLE_KIND_CONTACT : KOBLE_KIND_ENGAGEMENT);
    } else if (next() % 2 == 0) {
      c.kind = KOBLE_CMD_ADVANCE;
    } else {
      const std::string definition = R"({"name": "N)" + std::to_string(next() % 3) + R"(", "skills": {"ring": 1}})";
      c.kind = KOBLE_CMD_AGENT_ADD;
      c.data_offset = script.data.size();
      c.data_size = static_cast<uint32_t>(definition.size());
      script.data += definition;
    }
    script.commands.push_back(c);
  }
  return script;
}

}  // namespace koble::testing
