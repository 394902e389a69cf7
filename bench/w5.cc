#include "w5.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "koble/koble.h"
#include "random.h"
#include "workload.h"

namespace koble::bench {
namespace {

constexpr uint32_t kSkills = 200;
constexpr uint32_t kSkillsEach = 5;
constexpr uint32_t kLevels = 5;
constexpr int64_t kStep = 1'000'000;  // ns

struct Level {
  uint32_t skill;
  uint32_t level;
};
struct Crowd {
  std::vector<std::vector<Level>> agents;  // in the order in which they were drawn
  std::vector<std::vector<Level>> queues;
};

Crowd Draw(uint32_t agents, uint32_t queues) {
  SplitMix64 random(1);
  Crowd crowd;
  for (uint32_t a = 0; a < agents; ++a) {
    std::vector<Level> skills;
    while (skills.size() < kSkillsEach) {
      // A skill drawn again keeps its first level, but the second is drawn none the less.
      const auto skill = static_cast<uint32_t>(random.Below(kSkills));
      const auto level = static_cast<uint32_t>(1 + random.Below(kLevels));
      const bool known = std::any_of(skills.begin(), skills.end(), [&](const Level& l) { return l.skill == skill; });
      if (!known) skills.push_back({skill, level});
    }
    crowd.agents.push_back(std::move(skills));
  }
  for (uint32_t q = 0; q < queues; ++q) {
    const uint64_t draw = random.Below(10);
    const int terms = draw < 6 ? 1 : draw < 9 ? 2 : 3;
    std::vector<Level> model = crowd.agents[random.Below(agents)];
    std::vector<Level> chosen;
    for (int t = 0; t < terms; ++t) {
      const auto at = static_cast<std::ptrdiff_t>(random.Below(model.size()));
      const Level term = model[static_cast<size_t>(at)];
      model.erase(model.begin() + at);
      chosen.push_back({term.skill, static_cast<uint32_t>(1 + random.Below(term.level))});
    }
    crowd.queues.push_back(std::move(chosen));
  }
  return crowd;
}

bool Meets(const std::vector<Level>& agent, const std::vector<Level>& queue) {
  return std::all_of(queue.begin(), queue.end(), [&](const Level& wanted) {
    return std::any_of(agent.begin(), agent.end(),
                       [&](const Level& has) { return has.skill == wanted.skill && has.level >= wanted.level; });
  });
}

// What the host knows: who serves which contact.
class Host {
 public:
  explicit Host(koble_engine* engine) : engine_(engine) {}

  void Arrive(int64_t now, uint32_t queue) {
    const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
    Must(engine_, koble_contact_arrive(engine_, now, &arrival, &result_), "arrive");
  }

  // The decision that is timed: an engagement ends, the agent is offered the next contact. Not inlined, so that a profiler can be told
  // to look at it alone.
  __attribute__((noinline)) int32_t MeasuredDecision(int64_t now, koble_id contact) {
    return koble_contact_gone(engine_, now, contact, KOBLE_BY_AGENT, &result_);
  }

  // Reads what the last command added, and forgets it. Returns the queue of the contact that is served now, or KOBLE_QUEUE_NONE.
  uint32_t Follow() {
    uint32_t queue = KOBLE_QUEUE_NONE;
    koble_event events[16];
    uint64_t count = 0;
    for (uint64_t seq = result_.event_first; seq < result_.event_first + result_.event_count; seq += count) {
      Must(engine_, koble_events_read(engine_, seq, events, sizeof(koble_event), 16, &count), "read");
      for (uint64_t i = 0; i < count; ++i) {
        if (events[i].kind != KOBLE_EVENT_SERVING) continue;
        const uint32_t slot = KOBLE_ID_SLOT(events[i].agent);
        if (slot >= serving_.size()) serving_.resize(slot + 1);
        serving_[slot] = events[i].contact;
        queue = events[i].queue;
      }
    }
    Must(engine_, koble_events_acknowledge(engine_, koble_events_last(engine_)), "acknowledge");
    return queue;
  }

  koble_id ServedBy(koble_id agent) const { return serving_[KOBLE_ID_SLOT(agent)]; }

 private:
  koble_engine* engine_;
  koble_result result_ = KOBLE_RESULT_INIT;
  std::vector<koble_id> serving_;  // by the agent's slot
};

}  // namespace

uint32_t W5Result::Percentile(double share) const {
  if (nanoseconds.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(nanoseconds.size()));
  return nanoseconds[std::min(at, nanoseconds.size() - 1)];
}

std::string W5Plan(uint32_t agents, uint32_t queues) {
  const Crowd crowd = Draw(agents, queues);
  std::string text = "{\"skills\":[";
  for (uint32_t s = 0; s < kSkills; ++s) text += (s > 0 ? ",\"s" : "\"s") + std::to_string(s) + "\"";
  text += "],\"agents\":[";
  for (size_t a = 0; a < crowd.agents.size(); ++a) {
    text += (a > 0 ? ",{\"name\":\"a" : "{\"name\":\"a") + std::to_string(a) + "\",\"skills\":{";
    for (size_t k = 0; k < crowd.agents[a].size(); ++k) {
      const Level& l = crowd.agents[a][k];
      text += (k > 0 ? ",\"s" : "\"s") + std::to_string(l.skill) + "\":" + std::to_string(l.level);
    }
    text += "}}";
  }
  text += "],\"queues\":[";
  for (size_t q = 0; q < crowd.queues.size(); ++q) {
    text += (q > 0 ? ",{\"name\":\"q" : "{\"name\":\"q") + std::to_string(q) + "\",\"require\":\"";
    for (size_t k = 0; k < crowd.queues[q].size(); ++k) {
      const Level& l = crowd.queues[q][k];
      text += (k > 0 ? " and s" : "s") + std::to_string(l.skill) + " >= " + std::to_string(l.level);
    }
    text += "\",\"offer\":{\"mode\":\"auto\"}}";
  }
  return text + "]}";
}

W5Result RunW5(uint64_t warm_up, uint64_t decisions) {
  constexpr uint32_t kAgents = 10'000;
  constexpr uint32_t kQueues = 1'000;
  constexpr uint32_t kEach = 100;
  const Crowd crowd = Draw(kAgents, kQueues);
  const std::string text = W5Plan(kAgents, kQueues);
  koble_plan* plan = nullptr;
  char report[1000];
  if (koble_plan_load(text.data(), text.size(), &plan, report, sizeof(report)) != KOBLE_OK) {
    std::fprintf(stderr, "W5: %s\n", report);
    std::exit(1);
  }
  W5Result out;
  const int64_t bytes_empty = AllocationsNow().live_bytes;
  koble_engine* engine = OpenEngine(plan, {});
  koble_plan_release(plan);
  out.bytes_per_agent = static_cast<double>(AllocationsNow().live_bytes - bytes_empty) / kAgents;
  Host host(engine);

  // Everybody signs in at 0; then each agent that some queue wants takes one contact of the first such queue.
  std::vector<koble_id> agents(kAgents);
  uint64_t count = 0;
  Must(engine, koble_list(engine, KOBLE_KIND_AGENT, agents.data(), kAgents, &count), "koble_list");
  for (koble_id agent : agents) {
    Must(engine, koble_agent_presence(engine, 0, agent, KOBLE_PRESENCE_AVAILABLE, 0, nullptr), "presence");
  }
  int64_t now = 0;
  std::vector<koble_id> wanted;
  for (uint32_t a = 0; a < kAgents; ++a) {
    const auto first = std::find_if(crowd.queues.begin(), crowd.queues.end(),
                                    [&](const auto& queue) { return Meets(crowd.agents[a], queue); });
    if (first == crowd.queues.end()) continue;
    wanted.push_back(agents[a]);
    host.Arrive(now += kStep, static_cast<uint32_t>(first - crowd.queues.begin()));
    host.Follow();
  }
  const int64_t bytes_before = AllocationsNow().live_bytes;
  for (uint32_t i = 0; i < kQueues * kEach; ++i) {
    host.Arrive(now += kStep, i % kQueues);
    host.Follow();
  }
  out.bytes_per_contact = static_cast<double>(AllocationsNow().live_bytes - bytes_before) / (kQueues * kEach);

  SplitMix64 random(2);
  out.nanoseconds.reserve(decisions);
  for (uint64_t i = 0; i < warm_up + decisions; ++i) {
    if (i == warm_up) out.loop.Start();
    const koble_id agent = wanted[random.Below(wanted.size())];
    const koble_id contact = host.ServedBy(agent);
    const uint64_t allocations = AllocationsNow().count;
    if (i >= warm_up) out.meter.Start();
    const int64_t began = NanosecondsNow();
    const int32_t code = host.MeasuredDecision(now += kStep, contact);
    const int64_t ended = NanosecondsNow();
    if (i >= warm_up) {
      out.meter.Stop();
      out.decision_allocations += AllocationsNow().count - allocations;
      out.nanoseconds.push_back(static_cast<uint32_t>(std::min<int64_t>(ended - began, UINT32_MAX)));
    }
    Must(engine, code, "gone");
    const uint32_t queue = host.Follow();
    if (queue == KOBLE_QUEUE_NONE) {
      std::fprintf(stderr, "W5: the freed agent was offered nothing\n");
      std::exit(1);
    }
    host.Arrive(now += kStep, queue);
    host.Follow();
  }
  out.loop.Stop();
  out.decisions = decisions;
  std::sort(out.nanoseconds.begin(), out.nanoseconds.end());
  koble_digest(engine, out.digest);
  koble_engine_destroy(engine);
  return out;
}

}  // namespace koble::bench
