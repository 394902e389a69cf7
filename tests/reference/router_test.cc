// The worked paths: whole histories worked out by hand, checked against the reference router alone, so that agreement of
// the engine with it means something.
#include "reference/router.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace koble::reference {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Commands by words; every answer is the text of the events: "12 offered c1 A o2", with "(due 10)" where it differs.
class Path {
 public:
  explicit Path(const std::string& queues) {
    int32_t code = KOBLE_OK;
    std::string report;
    const auto plan = plan::Load(
        R"({"channels": [{"name": "voice"}, {"name": "chat", "cost": 50}], "skills": ["en", "no"], "queues": [)" +
            queues + "]}",
        &report, &code);
    EXPECT_NE(plan, nullptr) << report;
    router_ = std::make_unique<Router>(plan, Options{});
  }

  std::string Add(int64_t time, const std::string& json) {
    std::string text = Give(time, KOBLE_CMD_AGENT_ADD, 0, 0, 0, json);
    agents_[json.substr(10, 1)] = result_.id;  // {"name": "A"...
    return text;
  }
  std::string Come(int64_t time, const std::string& agent) {  // added and available
    Add(time, R"({"name": ")" + agent + R"(", "skills": {"en": 1}})");
    return Presence(time, agent, KOBLE_PRESENCE_AVAILABLE);
  }
  std::string Presence(int64_t time, const std::string& agent, uint32_t presence) {
    return Give(time, KOBLE_CMD_AGENT_PRESENCE, agents_[agent], presence);
  }
  std::string Remove(int64_t time, const std::string& agent) {
    return Give(time, KOBLE_CMD_AGENT_REMOVE, agents_[agent]);
  }
  std::string Request(int64_t time, const std::string& agent, int64_t until) {
    return Give(time, KOBLE_CMD_AGENT_REQUEST, agents_[agent], 0, until * kSecond);
  }
  std::string Arrive(int64_t time, const std::vector<uint32_t>& queues) {
    std::string data(reinterpret_cast<const char*>(queues.data() + 1), 4 * (queues.size() - 1));
    return Give(time, KOBLE_CMD_CONTACT_ARRIVE, 0, 0, 0, data, queues[0]);
  }
  std::string Gone(int64_t time, uint64_t serial, uint32_t by) {
    return Give(time, KOBLE_CMD_CONTACT_GONE, contacts_[serial], by);
  }
  std::string Accept(int64_t time, size_t offer) { return Give(time, KOBLE_CMD_OFFER_ACCEPT, offers_.at(offer - 1)); }
  std::string End(int64_t time, size_t offer, uint32_t outcome) {
    return Give(time, KOBLE_CMD_OFFER_END, offers_.at(offer - 1), outcome);
  }
  std::string Engagement(int64_t time, uint32_t kind, size_t offer) {
    return Give(time, kind, engagements_[offers_.at(offer - 1)]);
  }
  std::string Advance(int64_t time) { return Give(time, KOBLE_CMD_ADVANCE); }
  std::string Resume(int64_t time) { return Give(time, KOBLE_CMD_RESUME); }

 private:
  std::string Give(int64_t time, uint32_t kind, koble_id target = 0, uint32_t code = 0, int64_t a = 0,
                   const std::string& data = "", uint32_t queue = 0) {
    koble_command command = {};
    command.time_ns = time * kSecond;
    command.kind = kind;
    command.target = target;
    command.code = code;
    command.a = a;
    command.queue = queue;
    command.data_size = static_cast<uint32_t>(data.size());
    std::vector<koble_event> events;
    router_->Apply(command, data, {}, &result_, &events);
    std::string text = result_.code == KOBLE_OK ? "" : "!" + std::to_string(result_.code);
    for (const koble_event& event : events) {
      if (event.kind == KOBLE_EVENT_ARRIVED) contacts_[event.serial] = event.contact;
      if (event.kind == KOBLE_EVENT_OFFERED) offers_.push_back(event.offer);
      if (event.kind == KOBLE_EVENT_ACCEPTED) engagements_[event.offer] = event.engagement;
      const bool setting_up = event.kind == KOBLE_EVENT_ARRIVED || event.kind == KOBLE_EVENT_PRESENCE ||
                              event.kind == KOBLE_EVENT_AGENT_ADDED;
      if (!setting_up) text += (text.empty() ? "" : "; ") + Text(event);
    }
    return text;
  }

  std::string Text(const koble_event& event) const {
    static const std::map<uint32_t, std::string> kNames = {{KOBLE_EVENT_OFFERED, "offered"},
                                                           {KOBLE_EVENT_ACCEPTED, "accepted"},
                                                           {KOBLE_EVENT_OUTCOME, "outcome"},
                                                           {KOBLE_EVENT_SERVING, "serving"},
                                                           {KOBLE_EVENT_ENDED, "ended"},
                                                           {KOBLE_EVENT_CONNECT_FAILED, "connect_failed"},
                                                           {KOBLE_EVENT_WRAPUP, "wrapup"},
                                                           {KOBLE_EVENT_WRAPUP_END, "wrapup_end"},
                                                           {KOBLE_EVENT_PENALISED, "penalised"},
                                                           {KOBLE_EVENT_PENALTY_END, "penalty_end"},
                                                           {KOBLE_EVENT_STEP, "step"},
                                                           {KOBLE_EVENT_LEFT, "left"},
                                                           {KOBLE_EVENT_EXIT, "exit"},
                                                           {KOBLE_EVENT_AGENT_REMOVED, "removed"},
                                                           {KOBLE_EVENT_AGENT_GONE, "agent_gone"},
                                                           {KOBLE_EVENT_REQUEST_END, "request_end"},
                                                           {KOBLE_EVENT_RESUMED, "resumed"},
                                                           {KOBLE_EVENT_EXHAUSTED, "exhausted"}};
    std::string text = std::to_string(event.time_ns / kSecond);
    if (event.due_ns != event.time_ns) text += "(due " + std::to_string(event.due_ns / kSecond) + ")";
    text += " " + kNames.at(event.kind);
    if (event.serial != 0) text += " c" + std::to_string(event.serial);
    for (const auto& [name, id] : agents_) {
      if (id == event.agent) text += " " + name;
    }
    if (event.reason != 0) text += " " + std::to_string(event.reason);
    return text;
  }

  std::unique_ptr<Router> router_;
  koble_result result_ = KOBLE_RESULT_INIT;
  std::map<std::string, koble_id> agents_;
  std::map<uint64_t, koble_id> contacts_;
  std::vector<koble_id> offers_;
  std::map<koble_id, koble_id> engagements_;
};

TEST(WorkedPaths, EverythingAtTwenty) {
  Path path(R"({"name": "q", "channel": "voice", "require": "en", "wrap_up": "10s", "max_wait": "18s"},
               {"name": "s", "channel": "voice", "require": "en >= 2", "steps": [{"after": "18s", "require": "en"}]})");
  path.Come(0, "A");
  EXPECT_EQ(path.Arrive(0, {0}), "0 offered c1 A");
  EXPECT_EQ(path.Accept(0, 1), "0 accepted c1 A; 0 serving c1 A");
  path.Arrive(2, {0});
  path.Arrive(2, {1});
  path.Arrive(3, {0});
  EXPECT_EQ(path.Gone(10, 1, KOBLE_BY_AGENT), "10 ended c1 A 2; 10 wrapup c1 A");
  EXPECT_EQ(path.Advance(20), "20 wrapup_end c1 A 1; 20 step c3; 20 left c2 3; 20 exit c2 3; 20 offered c3 A");
}

TEST(WorkedPaths, AnswerAtExactlyTheExpiry) {
  Path path(
      R"({"name": "q", "channel": "voice", "offer": {"ring": "10s"}, "outcomes": {"no_answer": {"penalty": "30s"}}})");
  path.Come(0, "A");
  path.Come(0, "B");
  path.Arrive(0, {0});
  EXPECT_EQ(path.Accept(10, 1), "!-5; 10 outcome c1 A 5; 10 penalised A 5; 10 offered c1 B");
  EXPECT_EQ(path.Accept(10, 2), "10 accepted c1 B; 10 serving c1 B");
  EXPECT_EQ(path.Accept(10, 2), "!-5");
}

TEST(WorkedPaths, MaxWaitWhileRingingThenDeclined) {
  Path path(R"({"name": "q", "channel": "voice", "offer": {"ring": "10s"}, "max_wait": "20s",
                "outcomes": {"declined": {"retry": "5s"}}})");
  path.Come(0, "A");
  path.Arrive(0, {0});
  path.Accept(0, 1);
  path.Arrive(1, {0});
  EXPECT_EQ(path.Gone(15, 1, KOBLE_BY_AGENT), "15 ended c1 A 2; 15 offered c2 A");
  EXPECT_EQ(path.End(22, 2, KOBLE_OUTCOME_DECLINED), "22 outcome c2 A 2; 22 left c2 3; 22 exit c2 3");
}

TEST(WorkedPaths, RingAllWithConfirmation) {
  Path path(R"({"name": "q", "channel": "voice", "offer": {"mode": "ring_all", "ring": "10s", "confirm": "30s"},
                "outcomes": {"failed": {"retry": "5s", "penalty": "20s"}}})");
  path.Come(0, "A");
  path.Come(0, "B");
  EXPECT_EQ(path.Arrive(0, {0}), "0 offered c1 A; 0 offered c1 B");
  EXPECT_EQ(path.Accept(8, 1), "8 accepted c1 A");
  EXPECT_EQ(path.Accept(9, 2), "!-8");
  EXPECT_EQ(path.Advance(10), "10 outcome c1 B 7");
  EXPECT_EQ(path.Engagement(12, KOBLE_CMD_CONNECT_FAILED, 1), "12 connect_failed c1 A 1; 12 penalised A 6");
  EXPECT_EQ(path.Engagement(12, KOBLE_CMD_CONNECTED, 1), "!-7");
  EXPECT_EQ(path.Advance(17), "17 offered c1 B");
}

TEST(WorkedPaths, AgentRemovedAndAddedAgain) {
  Path path(R"({"name": "q", "channel": "chat", "offer": {"ring": "10s"}, "wrap_up": "5s"})");
  path.Come(0, "A");
  path.Arrive(0, {0});
  path.Accept(1, 1);
  EXPECT_EQ(path.Arrive(2, {0}), "2 offered c2 A");
  EXPECT_EQ(path.Remove(3, "A"), "3 removed A; 3 outcome c2 A 8");
  EXPECT_EQ(path.Accept(3, 2), "!-5");
  EXPECT_EQ(path.Presence(3, "A", KOBLE_PRESENCE_AVAILABLE), "!-4");
  EXPECT_EQ(path.Add(4, R"({"name": "A"})"), "");
  EXPECT_EQ(path.Presence(4, "A", KOBLE_PRESENCE_AVAILABLE), "4 offered c2 A");
  EXPECT_EQ(path.Remove(6, "A"), "6 removed A; 6 outcome c2 A 8");
  EXPECT_EQ(path.Gone(7, 1, KOBLE_BY_AGENT), "7 ended c1 A 2; 7 wrapup c1 A");
  EXPECT_EQ(path.Add(12, R"({"name": "A"})"), "12 wrapup_end c1 A 1; 12 agent_gone A");
  EXPECT_EQ(path.Add(12, R"({"name": "A"})"), "!-10");
}

TEST(WorkedPaths, TheHostSleeps) {
  Path path(R"({"name": "q", "channel": "voice", "offer": {"ring": "10s"}, "max_wait": "40s",
                "outcomes": {"no_answer": {"penalty": "20s"}}},
               {"name": "s", "channel": "voice", "require": "no", "steps": [{"after": "30s", "require": "en"}]})");
  path.Come(0, "A");
  path.Arrive(0, {0});
  path.Arrive(2, {1});
  path.Arrive(3, {0});
  EXPECT_EQ(path.Advance(100),
            "100(due 10) outcome c1 A 5; 100(due 10) penalised A 5; 100(due 32) step c2; 100(due 40) left c1 3; "
            "100(due 40) exit c1 3; 100(due 43) left c3 3; 100(due 43) exit c3 3");
}

TEST(WorkedPaths, SeveralQueues) {
  Path path(R"({"name": "q", "channel": "voice", "max_length": 1, "require": "no"},
               {"name": "s", "channel": "voice", "max_wait": "10s", "offer": {"ring": "10s"}},
               {"name": "u", "channel": "voice", "max_wait": "30s", "require": "no"})");
  path.Arrive(0, {0});
  EXPECT_EQ(path.Arrive(0, {0, 1, 2}), "0 left c2 4");
  EXPECT_EQ(path.Arrive(0, {0}), "0 left c3 4; 0 exit c3 4");
  EXPECT_EQ(path.Come(8, "A"), "8 offered c2 A");
  EXPECT_EQ(path.End(12, 1, KOBLE_OUTCOME_DECLINED), "12 outcome c2 A 2; 12 left c2 3; 12 exhausted c2");
  EXPECT_EQ(path.Advance(30), "30 left c2 3; 30 exit c2 3");
}

TEST(WorkedPaths, PullAgent) {
  Path path(R"({"name": "q", "channel": "voice", "offer": {"mode": "ring_all"}})");
  path.Add(0, R"({"name": "P", "pull": true})");
  path.Presence(0, "P", KOBLE_PRESENCE_AVAILABLE);
  path.Come(0, "A");
  EXPECT_EQ(path.Request(0, "P", 0), "!-9");
  EXPECT_EQ(path.Request(1, "P", 10), "");
  EXPECT_EQ(path.Arrive(10, {0}), "10 request_end P 1; 10 offered c1 A");
  EXPECT_EQ(path.Request(11, "P", 40), "");
  EXPECT_EQ(path.Arrive(12, {0}), "12 offered c2 P; 12 accepted c2 P; 12 serving c2 P");
  EXPECT_EQ(path.Request(13, "P", 20), "");
  EXPECT_EQ(path.Gone(13, 2, KOBLE_BY_AGENT), "13 ended c2 P 2");
  EXPECT_EQ(path.Presence(14, "P", KOBLE_PRESENCE_BREAK), "14 request_end P 3");
}

TEST(WorkedPaths, TheBetterPlacedContactGetsTheFreedAgent) {
  Path path(R"({"name": "q", "channel": "voice", "offer": {"ring": "30s"}},
               {"name": "v", "channel": "voice", "priority": {"base": 10}})");
  path.Come(0, "A");
  path.Arrive(0, {0});
  path.Arrive(2, {1});
  EXPECT_EQ(path.End(5, 1, KOBLE_OUTCOME_DECLINED), "5 outcome c1 A 2; 5 exhausted c1; 5 offered c2 A");
}

TEST(WorkedPaths, NobodyIsPunishedForARestart) {
  Path path(R"({"name": "q", "channel": "voice", "offer": {"ring": "10s"}, "max_wait": "15s"})");
  path.Come(0, "A");
  path.Arrive(0, {0});
  EXPECT_EQ(path.Resume(30), "30 outcome c1 A 8; 30 resumed; 30 offered c1 A");
  EXPECT_EQ(path.Advance(45), "45(due 40) outcome c1 A 5; 45(due 40) penalised A 5; 45 left c1 3; 45 exit c1 3");
}

}  // namespace
}  // namespace koble::reference
