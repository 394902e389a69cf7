#include "w5.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "crowd.h"
#include "koble/koble.h"
#include "random.h"
#include "workload.h"

namespace koble::bench {
namespace {

constexpr int64_t kStep = 1'000'000;  // ns

}  // namespace

void Times::Add(int64_t ns) { nanoseconds.push_back(static_cast<uint32_t>(std::min<int64_t>(ns, UINT32_MAX))); }

void Times::Sort() { std::sort(nanoseconds.begin(), nanoseconds.end()); }

uint32_t Times::Percentile(double share) const {
  if (nanoseconds.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(nanoseconds.size()));
  return nanoseconds[std::min(at, nanoseconds.size() - 1)];
}

W5Result RunW5(uint64_t warm_up, uint64_t decisions) {
  constexpr uint32_t kAgents = 10'000;
  constexpr uint32_t kQueues = 1'000;
  constexpr uint32_t kEach = 100;
  const Crowd crowd = DrawCrowd({kAgents, kQueues, 200});
  const koble_plan* plan = LoadPlan(PlanOf(crowd), "W5");
  W5Result out;
  const int64_t bytes_empty = AllocationsNow().live_bytes;
  koble_engine* engine = OpenEngine(plan, {});
  koble_plan_release(plan);
  out.bytes_per_agent = static_cast<double>(AllocationsNow().live_bytes - bytes_empty) / kAgents;
  Host host(engine);

  // Each agent that some queue wants takes one contact of the first such queue.
  const std::vector<koble_id> agents = host.SignIn();
  const std::vector<uint32_t> first = FirstQueues(crowd, kQueues);
  int64_t now = 0;
  std::vector<koble_id> wanted;
  for (uint32_t a = 0; a < kAgents; ++a) {
    if (first[a] == KOBLE_QUEUE_NONE) continue;
    wanted.push_back(agents[a]);
    host.Arrive(now += kStep, first[a]);
    host.Follow();
  }
  const int64_t bytes_before = AllocationsNow().live_bytes;
  for (uint32_t i = 0; i < kQueues * kEach; ++i) {
    host.Arrive(now += kStep, i % kQueues);
    host.Follow();
  }
  out.bytes_per_contact = static_cast<double>(AllocationsNow().live_bytes - bytes_before) / (kQueues * kEach);

  SplitMix64 random(2);
  out.decisions.nanoseconds.reserve(decisions);
  for (uint64_t i = 0; i < warm_up + decisions; ++i) {
    if (i == warm_up) out.loop.Start();
    const koble_id contact = host.ServedBy(wanted[random.Below(wanted.size())]);
    const uint64_t allocations = AllocationsNow().count;
    const int64_t began = NanosecondsNow();
    const int32_t code = host.MeasuredDecision(now += kStep, contact);
    const int64_t ended = NanosecondsNow();
    if (i >= warm_up) {
      out.decision_allocations += AllocationsNow().count - allocations;
      out.decisions.Add(ended - began);
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
  out.decisions.Sort();
  koble_digest(engine, out.digest);
  koble_engine_destroy(engine);
  return out;
}

}  // namespace koble::bench
