#include "shapes.h"

#include <string>
#include <vector>

#include "desk.h"
#include "koble/koble.h"

namespace koble::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr uint64_t kTurns = 100;  // measured turns where one changes nothing for the next

Cost CostOf(const Desk& desk, uint64_t units) {
  return {units, desk.meter().nanoseconds, desk.meter().allocations, desk.measured_events()};
}

std::string Numbered(const std::string& name, uint64_t number) { return name + std::to_string(number); }

// "[f(0),f(1),...]"
template <class F>
std::string List(uint64_t count, F element) {
  std::string text = "[";
  for (uint64_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + element(i);
  return text + "]";
}
std::string Quoted(const std::string& text) { return '"' + text + '"'; }

// Agents, or queues, of which nothing is said but the names.
std::string OnlyNames(uint64_t count, const std::string& name) {
  return List(count, [&](uint64_t i) { return "{\"name\":" + Quoted(Numbered(name, i)) + "}"; });
}

struct Pace {
  int64_t pause_ns = 0;        // before each turn, not measured
  uint64_t changes_least = 0;  // so often, at least, the queue served must be another than the turn before
};

// An agent is freed to his next contact, and another arrives where that one stood.
Cost FreedToNext(Desk* desk, koble_id serving, uint64_t turns, const Pace& pace = {}) {
  uint32_t last_queue = KOBLE_QUEUE_NONE;
  uint64_t changes = 0;
  for (uint64_t i = 0; i < turns; ++i) {
    if (pace.pause_ns > 0) desk->Advance(desk->now_ns() + pace.pause_ns);
    desk->Measure(true);
    desk->Gone(serving, KOBLE_BY_AGENT);
    desk->Measure(false);
    const koble_event next = desk->First(KOBLE_EVENT_SERVING);
    serving = next.contact;
    if (i > 0 && next.queue != last_queue) ++changes;
    last_queue = next.queue;
    desk->Arrive(next.queue);
  }
  Hold(changes >= pace.changes_least, "the queue that is ahead does not change often enough");
  return CostOf(*desk, turns);
}

// One agent, who serves a contact of the first queue while one waits in each.
Cost OneInEach(Desk* desk, uint64_t queues, const Pace& pace = {}) {
  desk->SignInAll();
  const koble_id first = desk->Arrive(0);
  for (uint32_t q = 0; q < queues; ++q) desk->Arrive(q);
  return FreedToNext(desk, first, kTurns, pace);
}

// Everybody idle, all with other skills; a contact comes whom nobody can serve.
Cost NobodyCan(uint64_t agents) {
  const std::string plan =
      "{\"skills\":" + List(agents + 1, [](uint64_t s) { return Quoted(Numbered("s", s)); }) + ",\"agents\":" +
      List(agents,
           [](uint64_t a) {
             return "{\"name\":\"" + Numbered("a", a) + "\",\"skills\":{\"" + Numbered("s", a) + "\":1}}";
           }) +
      ",\"queues\":[{\"name\":\"q\",\"require\":\"" + Numbered("s", agents) + "\"}]}";
  Desk desk(plan, "nobody-can");
  desk.SignInAll();
  // The first turn is not measured: it makes room in proportion to the agents, once, and is no search.
  for (uint64_t i = 0; i <= kTurns; ++i) {
    desk.Measure(i > 0);
    const koble_id contact = desk.Arrive(0);
    desk.Measure(false);
    Hold(desk.Count(KOBLE_EVENT_OFFERED) == 0, "nobody-can: somebody could");
    desk.Gone(contact, KOBLE_BY_CUSTOMER);
  }
  return CostOf(desk, kTurns);
}

// One contact in each queue, all alike but in name; one agent serves them all.
Cost QueueEach(uint64_t queues) {
  Desk desk(
      "{\"agents\":[{\"name\":\"A\"}],\"queues\":" +
          List(queues,
               [](uint64_t q) { return "{\"name\":\"" + Numbered("q", q) + "\",\"offer\":{\"mode\":\"auto\"}}"; }) +
          "}",
      "queue-each");
  return OneInEach(&desk, queues);
}

// One agent with all skills, a queue for each, a contact in each.
Cost AgentOfAll(uint64_t queues) {
  Desk desk(
      "{\"skills\":" + List(queues, [](uint64_t s) { return Quoted(Numbered("s", s)); }) +
          ",\"agents\":[{\"name\":\"A\",\"skills\":{" +
          [&] {
            const std::string skills = List(queues, [](uint64_t s) { return Quoted(Numbered("s", s)) + ":1"; });
            return skills.substr(1, skills.size() - 2);
          }() +
          "}}],\"queues\":" +
          List(queues,
               [](uint64_t q) {
                 return "{\"name\":\"" + Numbered("q", q) + "\",\"require\":\"" + Numbered("s", q) +
                        "\",\"offer\":{\"mode\":\"auto\"}}";
               }) +
          "}",
      "agent-of-all");
  return OneInEach(&desk, queues);
}

// Every contact asks for a level of its own, which half of them have from the one agent.
Cost OwnRequirement(uint64_t contacts) {
  Desk desk("{\"skills\":[\"s\"],\"attributes\":[{\"name\":\"level\"}],\"agents\":[{\"name\":\"A\",\"skills\":{\"s\":" +
                std::to_string(contacts / 2) +
                "}}],\"queues\":[{\"name\":\"q\",\"require\":\"s >= contact.level\",\"offer\":{\"mode\":\"auto\"}}]}",
            "own-requirement");
  desk.SignInAll();
  koble_attribute level = {desk.Symbol("level"), 0, 1};
  koble_id serving = desk.Arrive(0, &level);
  for (uint64_t i = 1; i <= contacts; ++i) {
    level.value = static_cast<int64_t>(i);
    desk.Arrive(0, &level);
  }
  const uint64_t turns = std::min<uint64_t>(kTurns, contacts / 2);
  for (uint64_t i = 0; i < turns; ++i) {
    desk.Measure(true);
    desk.Gone(serving, KOBLE_BY_AGENT);
    desk.Measure(false);
    serving = desk.First(KOBLE_EVENT_SERVING).contact;
    level.value = static_cast<int64_t>(contacts + 1 + i);
    desk.Arrive(0, &level);
  }
  return CostOf(desk, turns);
}

// So many contacts have waited long enough in one instant.
Cost TimersAtOnce(uint64_t timers) {
  Desk desk("{\"queues\":[{\"name\":\"q\",\"max_wait\":\"1h\"}],\"agents\":[]}", "timers-at-once");
  // All arrive in one instant, so that all go in one.
  const uint32_t queue = 0;
  for (uint64_t i = 0; i < timers; ++i) {
    const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
    Must(desk.engine(), koble_contact_arrive(desk.engine(), kSecond, &arrival, nullptr), "arrive");
    Must(desk.engine(), koble_events_acknowledge(desk.engine(), koble_events_last(desk.engine())), "acknowledge");
  }
  desk.Measure(true);
  desk.Advance(3601 * kSecond);
  Hold(desk.Count(KOBLE_EVENT_EXIT) == timers, "timers-at-once: not all have gone");
  return CostOf(desk, timers);
}

// Queues whose contacts age at other rates, so that whoever is first changes all the time.
Cost RatesCross(uint64_t queues) {
  Desk desk("{\"agents\":[{\"name\":\"A\"}],\"queues\":" +
                List(queues,
                     [&](uint64_t q) {
                       return "{\"name\":\"" + Numbered("q", q) +
                              "\",\"priority\":{\"base\":" + std::to_string(queues - q) +
                              ",\"rate\":" + std::to_string(q + 1) + "},\"offer\":{\"mode\":\"auto\"}}";
                     }) +
                "}",
            "rates-cross");
  // Rates are per second: within the 2 ms of a turn hardly any two would cross, so a second passes between turns.
  return OneInEach(&desk, queues, {.pause_ns = kSecond, .changes_least = kTurns / 2});
}

// A contact that rings at everybody, and one answers.
Cost RingAll(uint64_t agents) {
  Desk desk("{\"queues\":[{\"name\":\"q\",\"offer\":{\"mode\":\"ring_all\",\"ring\":\"1m\"}}],\"agents\":" +
                OnlyNames(agents, "a") + "}",
            "ring-all");
  desk.SignInAll();
  constexpr uint64_t kCalls = 5;
  for (uint64_t i = 0; i < kCalls; ++i) {
    desk.Measure(true);
    const koble_id contact = desk.Arrive(0);
    Hold(desk.Count(KOBLE_EVENT_OFFERED) == agents, "ring-all: it does not ring at everybody");
    desk.Accept(desk.First(KOBLE_EVENT_OFFERED).offer);
    desk.Measure(false);
    Hold(desk.Count(KOBLE_EVENT_SERVING) == 1, "ring-all: nobody serves");
    desk.Gone(contact, KOBLE_BY_AGENT);
  }
  return CostOf(desk, kCalls * agents);
}

// So many contacts wait whom the only agent has declined; he comes back from breaks, and gets none of them.
Cost Declined(uint64_t contacts) {
  Desk desk("{\"queues\":[{\"name\":\"q\"}],\"agents\":[{\"name\":\"A\"}]}", "declined");
  desk.SignInAll();
  for (uint64_t i = 0; i < contacts; ++i) {
    desk.Arrive(0);
    desk.Decline(desk.First(KOBLE_EVENT_OFFERED).offer);
  }
  const uint64_t turns = 20;
  for (uint64_t i = 0; i < turns; ++i) {
    desk.Presence(desk.agents()[0], KOBLE_PRESENCE_BREAK);
    desk.Measure(true);
    desk.Presence(desk.agents()[0], KOBLE_PRESENCE_AVAILABLE);
    desk.Measure(false);
    Hold(desk.Count(KOBLE_EVENT_OFFERED) == 0, "declined: he is offered one");
  }
  desk.Arrive(0);
  Hold(desk.Count(KOBLE_EVENT_OFFERED) == 1, "declined: he is not offered the next");
  return CostOf(desk, turns);
}

// One contact whom everybody declines, one after the other: the last of these declines.
Cost DeclinedByAll(uint64_t agents) {
  Desk desk("{\"queues\":[{\"name\":\"q\"}],\"agents\":" + OnlyNames(agents, "a") + "}", "declined-by-all");
  desk.SignInAll();
  desk.Arrive(0);
  for (uint64_t i = 1; i < agents; ++i) {
    desk.Measure(i + 1 == agents);
    desk.Decline(desk.First(KOBLE_EVENT_OFFERED).offer);
  }
  Hold(desk.Count(KOBLE_EVENT_OFFERED) == 1, "declined-by-all: the last agent is not asked");
  return CostOf(desk, 1);
}

// The host was away for an hour, and meanwhile everything has come due: of ten contacts one rang, one had been served and its agent wrapped
// up, and eight waited; who rang waits again, and has waited too long as well.
Cost Overdue(uint64_t contacts) {
  // Nothing is due while all of this is set up: that takes two minutes of the engine's time at most.
  Desk desk(
      "{\"queues\":[{\"name\":\"q\",\"max_wait\":\"30m\",\"wrap_up\":\"20m\",\"offer\":{\"ring\":\"10m\"}}],"
      "\"outage\":{\"max_wait\":true},\"agents\":" +
          OnlyNames(contacts / 5, "a") + "}",
      "overdue");
  desk.SignInAll();
  uint64_t offered = 0;
  for (uint64_t i = 0; i < contacts; ++i) {
    const koble_id contact = desk.Arrive(0);
    if (desk.Count(KOBLE_EVENT_OFFERED) == 0 || ++offered % 2 == 0) continue;
    desk.Accept(desk.First(KOBLE_EVENT_OFFERED).offer);
    desk.Gone(contact, KOBLE_BY_AGENT);
    Hold(desk.Count(KOBLE_EVENT_WRAPUP) == 1, "overdue: an agent does not wrap up");
  }
  Hold(offered == contacts / 5, "overdue: not every agent was asked");
  const int64_t down_since_ns = desk.now_ns();
  desk.Measure(true);
  desk.Resume(down_since_ns + 3600 * kSecond, down_since_ns);
  Hold(desk.Count(KOBLE_EVENT_OUTCOME) == contacts / 10, "overdue: not every phone has stopped ringing");
  Hold(desk.Count(KOBLE_EVENT_WRAPUP_END) == contacts / 10, "overdue: not every wrap-up has ended");
  Hold(desk.Count(KOBLE_EVENT_EXIT) == contacts - contacts / 10, "overdue: not all who waited have gone");
  return CostOf(desk, contacts);
}

constexpr Shape kShapes[] = {
    {"nobody-can", "arrival", {100, 1'000, 10'000}, NobodyCan},
    {"queue-each", "decision", {100, 1'000, 10'000}, QueueEach},
    {"agent-of-all", "decision", {10, 100, 1'000}, AgentOfAll},
    {"own-requirement", "decision", {100, 1'000, 10'000}, OwnRequirement},
    {"timers-at-once", "timer", {1'000, 10'000, 100'000}, TimersAtOnce},
    {"rates-cross", "decision", {10, 100, 1'000}, RatesCross},
    {"ring-all", "phone", {10, 100, 1'000}, RingAll},
    {"declined", "search", {10, 100, 1'000}, Declined},
    {"declined-by-all", "decline", {10, 100, 1'000}, DeclinedByAll},
    {"overdue", "contact", {1'000, 10'000, 100'000}, Overdue},
};

}  // namespace

std::span<const Shape> Shapes() { return kShapes; }

}  // namespace koble::bench
