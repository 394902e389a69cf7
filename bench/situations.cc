#include "situations.h"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "desk.h"
#include "koble/koble.h"
#include "random.h"

namespace koble::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

std::string QueueOf(uint64_t members, const char* select) {
  std::string text = "{\"queues\":[{\"name\":\"q\",\"select\":\"" + std::string(select) +
                     "\",\"offer\":{\"ring\":\"20s\"}}],\"agents\":[";
  for (uint64_t a = 0; a < members; ++a)
    text += (a > 0 ? ",{\"name\":\"m" : "{\"name\":\"m") + std::to_string(a) + "\"}";
  return text + "]}";
}

Outcomes Told(const Desk& desk, uint64_t units) {
  std::vector<uint32_t> each = desk.nanoseconds();
  std::sort(each.begin(), each.end());
  const auto at = [&](double share) {
    return each.empty()
               ? 0.0
               : each[std::min(each.size() - 1, static_cast<size_t>(share * static_cast<double>(each.size())))];
  };
  Outcomes out;
  out.units = units;
  out.ns_each = static_cast<double>(desk.meter().nanoseconds) / static_cast<double>(units);
  out.median_ns = at(0.5);
  out.p999_ns = at(0.999);
  return out;
}

// So many members talk. A call comes, rings at one of the others, is answered, and the call that has lasted longest ends: the commands of one
// queued call.
Outcomes Calls(const char* select, uint64_t members, uint64_t talk, uint64_t calls) {
  Desk desk(QueueOf(members, select), select);
  desk.SignInAll();
  std::deque<koble_id> talking;
  const auto call = [&] {
    desk.Arrive(0);
    const koble_event offer = desk.First(KOBLE_EVENT_OFFERED);
    desk.Accept(offer.offer);
    Hold(desk.Count(KOBLE_EVENT_SERVING) == 1, "a call: nobody serves");
    talking.push_back(offer.contact);
    return offer.agent;
  };
  for (uint64_t i = 0; i < talk; ++i) call();
  std::map<koble_id, uint64_t> had;
  for (const koble_id agent : desk.agents()) had[agent] = 0;
  desk.Measure(true);
  for (uint64_t i = 0; i < calls; ++i) {
    ++had[call()];
    desk.Gone(talking.front(), KOBLE_BY_CUSTOMER);
    talking.pop_front();
  }
  Outcomes out = Told(desk, calls);
  const auto [least, most] =
      std::minmax_element(had.begin(), had.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  out.least_calls = static_cast<double>(least->second);
  out.most_calls = static_cast<double>(most->second);
  return out;
}

Outcomes RoundRobin(uint64_t members, uint64_t calls) { return Calls("round_robin", members, members * 9 / 10, calls); }
Outcomes LongestIdle(uint64_t members, uint64_t calls) {
  return Calls("longest_idle", members, members * 9 / 10, calls);
}
// Nobody talks before: does everybody get his share?
Outcomes Turns(uint64_t members, uint64_t calls) { return Calls("round_robin", members, 0, calls); }

// All members talk and 500 calls wait; the host looks once a second whether anything is due, though it need not. A unit is such a second.
Outcomes Waiting(uint64_t members, uint64_t seconds) {
  constexpr uint64_t kWaiting = 500;
  Desk desk(QueueOf(members, "longest_idle"), "waiting");
  desk.SignInAll();
  for (uint64_t i = 0; i < members; ++i) {
    desk.Arrive(0);
    desk.Accept(desk.First(KOBLE_EVENT_OFFERED).offer);
  }
  for (uint64_t i = 0; i < kWaiting; ++i) desk.Arrive(0);
  Hold(koble_next_deadline(desk.engine()) == KOBLE_NEVER, "waiting: something is due");
  desk.Measure(true);
  for (uint64_t i = 0; i < seconds; ++i) {
    desk.Advance(desk.now_ns() + kSecond);
    Hold(desk.events().empty(), "waiting: something happened");
  }
  return Told(desk, seconds);
}

// A member hangs up while so many wait: until his next offer has been made.
Outcomes Backlog(uint64_t waiting, uint64_t turns) {
  constexpr uint64_t kMembers = 100;
  Desk desk(QueueOf(kMembers, "longest_idle"), "backlog");
  desk.SignInAll();
  std::vector<koble_id> talking;
  for (uint64_t i = 0; i < kMembers; ++i) {
    talking.push_back(desk.Arrive(0));
    desk.Accept(desk.First(KOBLE_EVENT_OFFERED).offer);
  }
  for (uint64_t i = 0; i < waiting; ++i) desk.Arrive(0);
  SplitMix64 random(3);
  for (uint64_t i = 0; i < turns; ++i) {
    koble_id& freed = talking[random.Below(talking.size())];
    desk.Measure(true);
    desk.Gone(freed, KOBLE_BY_CUSTOMER);
    desk.Measure(false);
    const koble_event offer = desk.First(KOBLE_EVENT_OFFERED);
    desk.Accept(offer.offer);
    freed = offer.contact;
    desk.Arrive(0);
  }
  return Told(desk, turns);
}

constexpr Situation kSituations[] = {
    {"calls-round-robin", "call", {10, 1'000, 5'000}, RoundRobin},
    {"calls-longest-idle", "call", {10, 1'000, 5'000}, LongestIdle},
    {"waiting", "second", {1'000, 0, 0}, Waiting},
    {"backlog", "offer", {100, 1'000, 10'000}, Backlog},
    {"turns", "call", {1'200, 0, 0}, Turns},
};

}  // namespace

std::span<const Situation> Situations() { return kSituations; }

}  // namespace koble::bench
