#include "memory.h"

#include <string>

#include "crowd.h"
#include "koble/koble.h"
#include "workload.h"

namespace koble::bench {

double BytesPerContact(uint32_t queues, uint64_t contacts) {
  std::string text = "{\"queues\":[";
  for (uint32_t q = 0; q < queues; ++q) {
    text += (q > 0 ? ",{\"name\":\"q" : "{\"name\":\"q") + std::to_string(q) + "\",\"max_wait\":\"1d\"}";
  }
  const koble_plan* plan = LoadPlan(text + "]}", "memory");
  koble_engine* engine = OpenEngine(plan, {});
  koble_plan_release(plan);
  const int64_t before = AllocationsNow().live_bytes;
  for (uint64_t i = 0; i < contacts; ++i) {
    const auto queue = static_cast<uint32_t>(i % queues);
    const koble_arrival arrival = {sizeof(arrival), 1, &queue, i, 0, 0, 0, nullptr, 0, 0, 0, 0};
    Must(engine, koble_contact_arrive(engine, static_cast<int64_t>(i) * 1000, &arrival, nullptr), "arrive");
    if (i % 1000 == 999) Must(engine, koble_events_acknowledge(engine, koble_events_last(engine)), "acknowledge");
  }
  const int64_t bytes = AllocationsNow().live_bytes - before;
  koble_engine_destroy(engine);
  return static_cast<double>(bytes) / static_cast<double>(contacts);
}

AgentBytes BytesPerAgent(uint32_t queues) {
  constexpr uint32_t kAgents = 10'000;
  const std::string text = PlanOf(DrawCrowd({kAgents, queues, 200}));
  const int64_t before = AllocationsNow().live_bytes;
  const koble_plan* plan = LoadPlan(text, "memory");
  const int64_t with_plan = AllocationsNow().live_bytes;
  koble_engine* engine = OpenEngine(plan, {});
  const int64_t with_engine = AllocationsNow().live_bytes;
  koble_engine_destroy(engine);
  koble_plan_release(plan);
  return {static_cast<double>(with_engine - with_plan) / kAgents, static_cast<double>(with_plan - before) / kAgents};
}

}  // namespace koble::bench
