#include "loading.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "crowd.h"
#include "koble/koble.h"
#include "workload.h"

namespace koble::bench {
namespace {

// Each queue has two steps, every second one a third: after a minute a lower level of its first skill will do, after two minutes its first
// skill at any level, after three anybody.
std::string WithSteps(const Crowd& crowd) {
  const std::string plan = PlanOf(crowd);
  const std::string mark = "\",\"offer\":";
  std::string text;
  size_t from = plan.find("\"queues\":[");
  text.append(plan, 0, from);
  for (size_t q = 0; q < crowd.queues.size(); ++q) {
    const Level& l = crowd.queues[q][0];
    const std::string skill = "s" + std::to_string(l.skill);
    const size_t to = plan.find(mark, from) + 1;
    text.append(plan, from, to - from);
    text += ",\"steps\":[{\"after\":\"1m\",\"require\":\"" + skill +
            " >= " + std::to_string(l.level > 1 ? l.level - 1 : 1) + "\"},{\"after\":\"2m\",\"require\":\"" + skill +
            "\"}";
    text += q % 2 == 0 ? ",{\"after\":\"3m\"}]" : "]";
    from = to;
  }
  text.append(plan, from);
  return text;
}

double MillisecondsOfLoading(const void* bytes, uint64_t size) {
  koble_plan* plan = nullptr;
  char report[1000];
  const int64_t began = NanosecondsNow();
  const int32_t code = koble_plan_load(bytes, size, &plan, report, sizeof(report));
  const int64_t ended = NanosecondsNow();
  if (code != KOBLE_OK) {
    std::fprintf(stderr, "the plan to load: %s\n", report);
    std::exit(1);
  }
  koble_plan_release(plan);
  return static_cast<double>(ended - began) / 1e6;
}

}  // namespace

LoadingResult RunLoading() {
  const std::string json = WithSteps(DrawCrowd({15'000, 2'000, 200}));
  const koble_plan* plan = LoadPlan(json, "loading");
  uint64_t size = 0;
  koble_plan_write(plan, KOBLE_PLAN_BINARY, nullptr, 0, &size);
  std::vector<char> binary(size);
  Must(nullptr, koble_plan_write(plan, KOBLE_PLAN_BINARY, binary.data(), size, &size), "koble_plan_write");
  koble_plan_release(plan);
  LoadingResult out;
  out.json_bytes = json.size();
  out.binary_bytes = size;
  out.json_ms = MillisecondsOfLoading(json.data(), json.size());
  out.binary_ms = MillisecondsOfLoading(binary.data(), size);
  return out;
}

CloningResult RunCloning() {
  constexpr uint32_t kQueues = 1'000;
  constexpr uint64_t kWaiting = 100'000;
  const Crowd crowd = DrawCrowd({10'000, kQueues, 200});
  const koble_plan* plan = LoadPlan(PlanOf(crowd), "cloning");
  koble_engine* engine = OpenEngine(plan, {});
  koble_plan_release(plan);
  Host host(engine);
  host.SignIn();
  CloningResult out;
  int64_t now = 0;
  for (uint32_t i = 0; out.waiting < kWaiting; ++i) {
    host.Arrive(now += 1'000'000, i % kQueues);
    if (host.Follow() == KOBLE_QUEUE_NONE) ++out.waiting;
  }
  koble_engine* clone = nullptr;
  const int64_t began = NanosecondsNow();
  Must(engine, koble_engine_clone(engine, &clone), "koble_engine_clone");
  out.clone_ms = static_cast<double>(NanosecondsNow() - began) / 1e6;
  uint64_t digests[2][2];
  koble_digest(engine, digests[0]);
  koble_digest(clone, digests[1]);
  if (digests[0][0] != digests[1][0] || digests[0][1] != digests[1][1]) {
    std::fprintf(stderr, "the clone's digest is another: report it as a defect\n");
    std::exit(1);
  }
  koble_engine_destroy(clone);
  koble_engine_destroy(engine);
  return out;
}

}  // namespace koble::bench
