#include <string>

#include "figures/figures.h"
#include "plan/plan.h"

namespace koble::figures {

Layout LayoutOf(const plan::Plan& plan) {
  Layout layout;
  for (const plan::Queue& queue : plan.OwnQueues()) {
    layout.queues.push_back({queue.name, plan.channels[queue.channel].cost, queue.target_within_ns});
  }
  for (const plan::AgentDefinition& agent : plan.agents) {
    std::string report;
    const auto capability = plan.Resolve(agent, &report);
    layout.agents.push_back({agent.name, capability ? capability->capacity : 100});
  }
  layout.hash[0] = plan.hash[0];
  layout.hash[1] = plan.hash[1];
  return layout;
}

std::string Mistake(const Options& options) {
  const auto out_of_range = [](int64_t value) { return value < 0 || value > KOBLE_DURATION_MAX; };
  if (options.start_ns < 0 || options.start_ns > KOBLE_TIME_MAX)
    return "start_ns: give a time from 0 to KOBLE_TIME_MAX";
  if (out_of_range(options.interval_ns) ||
      (options.interval_ns != 0 && options.interval_ns < KOBLE_FIGURES_INTERVAL_MIN)) {
    return "interval_ns: give 0 for no intervals, or at least one second";
  }
  if (out_of_range(options.short_abandon_ns)) return "short_abandon_ns: give a duration, or 0 for none";
  if (out_of_range(options.target_ns)) return "target_ns: give a duration, or 0 for none";
  return "";
}

}  // namespace koble::figures
