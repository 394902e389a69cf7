// koble WORKLOAD CONTACTS: the whole simulation of bench/workload.h once, as the other programs of bench/peers print it.
// Its seed is fixed, so that every run finds the same figures; it has no mean wait to tell. W5 has no simulation: CONTACTS of its decisions are made
// after 10,000 to warm up, each with the arrival that follows.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "koble/koble.h"
#include "meter.h"
#include "w5.h"
#include "workload.h"

int main(int argc, char** argv) {
  using namespace koble::bench;  // NOLINT
  if (argc != 3) {
    std::fprintf(stderr, "koble WORKLOAD CONTACTS\n");
    return 2;
  }
  const std::string name = argv[1];
  const uint64_t contacts = std::strtoull(argv[2], nullptr, 10);
  if (name == "w5") {
    const W5Result result = RunW5(10'000, contacts);
    std::printf("{\"ns_per_arrival\": %.3f, \"median_ns\": %u, \"p999_ns\": %u}\n",
                static_cast<double>(result.loop.nanoseconds) / static_cast<double>(contacts), result.Percentile(0.5),
                result.Percentile(0.999));
    return 0;
  }
  const bool over = name == "w4over";
  const bool crowd = over || name == "w4under";  // W3 with other arrivals and patience
  Workload workload = FindWorkload(crowd ? "W3" : "W" + name.substr(1));
  if (crowd) {
    workload.arrivals_per_s = (over ? 1.2 : 0.8) * 5000 / 180;
    workload.patience_mean_s = 3600;
  }
  const std::string text = PlanOf(workload);
  koble_plan* plan = nullptr;
  char report[1000];
  if (koble_plan_load(text.data(), text.size(), &plan, report, sizeof(report)) != KOBLE_OK) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), report);
    return 1;
  }
  Meter meter;
  const Outcome outcome = Simulate(workload, plan, contacts, &meter, nullptr);
  const auto arrivals = static_cast<double>(outcome.arrivals);
  std::printf("{\"ns_per_arrival\": %.3f, \"p_abandon\": %.9f, \"p_wait\": %.9f}\n",
              static_cast<double>(meter.nanoseconds) / arrivals, static_cast<double>(outcome.abandoned) / arrivals,
              static_cast<double>(outcome.waited) / arrivals);
  koble_plan_release(plan);
  return 0;
}
