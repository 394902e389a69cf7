#include "growth.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "crowd.h"
#include "koble/koble.h"
#include "random.h"
#include "workload.h"

namespace koble::bench {
namespace {

constexpr int64_t kStep = 1'000'000;  // ns
constexpr uint32_t kThousand = 1'000;
constexpr uint64_t kWarmUp = 1'000;

struct Shape {
  Crowd crowd;
  uint32_t contacts = kThousand;
  uint32_t queues_in_use = kThousand;  // the first so many have contacts, all as many
  bool idle = false;                   // nobody waits, all agents are free
};

Shape MakeShape(const std::string& axis, uint32_t times) {
  Shape shape;
  const uint32_t grown = times * kThousand;
  if (axis == "agents") {
    shape.crowd = DrawCrowd({grown, kThousand, 200});
  } else if (axis == "idle") {
    shape.crowd = DrawCrowd({grown, kThousand, 200});
    shape.contacts = 0;
    shape.idle = true;
  } else if (axis == "contacts") {
    shape.crowd = DrawCrowd({kThousand, kThousand, 200});
    shape.contacts = grown;
  } else if (axis == "choice") {
    shape.crowd = DrawCrowd({kThousand, grown, 200});
  } else if (axis == "queues") {
    shape.crowd = DrawCrowd({kThousand, kThousand, 200});
    Crowd others = DrawCrowd({kThousand, grown, 200});
    shape.crowd.skills = 400;
    for (size_t q = kThousand; q < others.queues.size(); ++q) {
      for (Level& l : others.queues[q]) l.skill += 200;
      shape.crowd.queues.push_back(std::move(others.queues[q]));
    }
  } else if (axis == "centre") {
    shape.crowd = DrawCrowd({grown, grown, 200 * times});
    shape.contacts = grown;
    shape.queues_in_use = grown;
  } else {
    std::fprintf(stderr, "no axis %s: there are agents, queues, choice, contacts, centre, idle\n", axis.c_str());
    std::exit(1);
  }
  return shape;
}

// How many queues each agent can serve, and how many agents each queue in use has.
void Describe(const Shape& shape, GrowthResult* out) {
  std::vector<std::vector<uint32_t>> having(shape.crowd.skills);
  for (uint32_t a = 0; a < shape.crowd.agents.size(); ++a) {
    for (const Level& l : shape.crowd.agents[a]) having[l.skill].push_back(a);
  }
  double pairs = 0;
  double pairs_in_use = 0;
  for (uint32_t q = 0; q < shape.crowd.queues.size(); ++q) {
    const std::vector<Level>& queue = shape.crowd.queues[q];
    const std::vector<uint32_t>& able = having[queue[0].skill];
    const auto count = static_cast<double>(
        std::count_if(able.begin(), able.end(), [&](uint32_t a) { return Meets(shape.crowd.agents[a], queue); }));
    pairs += count;
    if (q < shape.queues_in_use) pairs_in_use += count;
  }
  out->queues_per_agent = pairs / static_cast<double>(shape.crowd.agents.size());
  out->agents_per_queue = pairs_in_use / shape.queues_in_use;
  out->queues_with_contacts = shape.queues_in_use;
}

// Not inlined, and not the host's own, so that a profiler sees the arrivals that are measured and not those before.
__attribute__((noinline)) void MeasuredArrival(Host* host, int64_t now, uint32_t queue) { host->Arrive(now, queue); }

// Whoever can serve a queue in use gets a contact of the first such queue; then each such queue is filled. Returns those agents.
std::vector<koble_id> Fill(const Shape& shape, koble_engine* engine, const std::vector<koble_id>& agents, Host* host,
                           int64_t* now) {
  const std::vector<uint32_t> first = FirstQueues(shape.crowd, shape.queues_in_use);
  std::vector<koble_id> wanted;
  for (size_t a = 0; a < agents.size(); ++a) {
    if (first[a] == KOBLE_QUEUE_NONE) continue;
    wanted.push_back(agents[a]);
    host->Arrive(*now += kStep, first[a]);
    host->Follow();
  }
  for (uint32_t round = 1; round <= shape.contacts / shape.queues_in_use; ++round) {
    for (uint32_t queue = 0; queue < shape.queues_in_use; ++queue) {
      uint64_t waiting = 0;
      for (;;) {  // some of those who come first are served by agents who are still free
        Must(engine, koble_queue_waiting(engine, queue, &waiting), "waiting");
        if (waiting >= round) break;
        host->Arrive(*now += kStep, queue);
        host->Follow();
      }
    }
  }
  return wanted;
}

uint32_t MustServe(uint32_t queue, const char* what) {
  if (queue != KOBLE_QUEUE_NONE) return queue;
  std::fprintf(stderr, "growth: %s; the shape is not what it should be\n", what);
  std::exit(1);
}

// One command by the clock.
template <typename F>
int64_t Spent(F&& command) {
  const int64_t began = NanosecondsNow();
  command();
  return NanosecondsNow() - began;
}

// A busy agent is freed to his next contact, and another takes its place. Returns what the two commands took.
int64_t FreeAndReplace(Host* host, koble_engine* engine, int64_t* now, koble_id agent) {
  const koble_id contact = host->ServedBy(agent);
  int32_t code = 0;
  const int64_t freed = Spent([&] { code = host->MeasuredDecision(*now += kStep, contact); });
  Must(engine, code, "gone");
  const uint32_t queue = MustServe(host->Follow(), "the freed agent was offered nothing");
  const int64_t replaced = Spent([&] { MeasuredArrival(host, *now += kStep, queue); });
  host->Follow();
  return freed + replaced;
}

// A contact goes to an idle agent, and is over.
int64_t ServeAndEnd(Host* host, koble_engine* engine, int64_t* now, uint32_t queue) {
  const int64_t served = Spent([&] { MeasuredArrival(host, *now += kStep, queue); });
  MustServe(host->Follow(), "nobody could serve the contact");
  int32_t code = 0;
  const int64_t ended = Spent([&] { code = host->MeasuredDecision(*now += kStep, host->contact()); });
  Must(engine, code, "gone");
  host->Follow();
  return served + ended;
}

}  // namespace

GrowthResult RunGrowth(const std::string& axis, uint32_t times, uint64_t decisions) {
  const Shape shape = MakeShape(axis, times);
  GrowthResult out;
  Describe(shape, &out);
  const koble_plan* plan = LoadPlan(PlanOf(shape.crowd), axis);
  const int64_t bytes_before = AllocationsNow().live_bytes;
  koble_engine* engine = OpenEngine(plan, {});
  koble_plan_release(plan);
  Host host(engine);

  const std::vector<koble_id> agents = host.SignIn();
  int64_t now = 0;
  std::vector<koble_id> wanted;
  if (!shape.idle) wanted = Fill(shape, engine, agents, &host, &now);
  out.bytes = static_cast<double>(AllocationsNow().live_bytes - bytes_before);

  SplitMix64 random(2);
  out.decisions.nanoseconds.reserve(decisions);
  for (uint64_t i = 0; i < kWarmUp + decisions; ++i) {
    const uint64_t allocations = AllocationsNow().count;
    // Every queue has its first contact while it warms up.
    const uint64_t queue = i < kWarmUp ? i % shape.queues_in_use : random.Below(shape.queues_in_use);
    const int64_t spent_ns = shape.idle ? ServeAndEnd(&host, engine, &now, static_cast<uint32_t>(queue))
                                        : FreeAndReplace(&host, engine, &now, wanted[random.Below(wanted.size())]);
    if (i < kWarmUp) continue;
    out.allocations += AllocationsNow().count - allocations;
    out.decisions.Add(spent_ns);
  }
  out.made = kWarmUp + decisions;
  out.decisions.Sort();
  koble_engine_destroy(engine);
  return out;
}

}  // namespace koble::bench
