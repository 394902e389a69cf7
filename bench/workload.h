// The standard workloads W1 to W3 (docs/performance.md): their plans, and their traffic as one stream of commands.
//
// A stream is recorded once, by a simulation that drives an engine; because ids are deterministic the same commands can
// be given to a fresh engine again and again, and then only Koble is measured. `Simulate` measures the simulation itself.
#ifndef KOBLE_BENCH_WORKLOAD_H_
#define KOBLE_BENCH_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "koble/koble.h"
#include "meter.h"

namespace koble::bench {

struct Workload {
  std::string name;
  std::vector<std::vector<uint32_t>> groups;  // the skills of each group of agents
  uint32_t types = 1;                         // of contacts; type t needs skill t and stands in queue t
  uint32_t agents_per_group = 1;
  double arrivals_per_s = 1;
  double service_mean_s = 180;
  bool service_lognormal = false;  // else exponential; the coefficient of variation is 1 in both
  double patience_mean_s = 120;
};

const Workload& FindWorkload(const std::string& name);  // "W1", "W2", "W3"; ends the program otherwise
std::string PlanOf(const Workload& workload);

struct Outcome {
  uint64_t arrivals = 0;
  uint64_t waited = 0;
  uint64_t abandoned = 0;
  double wait_sum_s = 0;
};

struct Stream {
  const koble_plan* plan = nullptr;
  std::vector<koble_command> opening;  // the agents sign in
  std::vector<koble_command> commands;
  Outcome outcome;
  uint64_t digest[2] = {0, 0};  // at the end
};

// Made once for each workload and number of arrivals, then kept.
const Stream& StreamOf(const std::string& workload, uint64_t arrivals);

struct EngineSettings {
  uint32_t journal = KOBLE_JOURNAL_OFF;
  bool count_memory = true;
};
koble_engine* OpenEngine(const koble_plan* plan, const EngineSettings& settings);

// Runs the simulation: one command at a time through the typed functions, its events read at once. Where `meter` is not null it
// runs over the whole; where `stream` is not null the commands are kept.
Outcome Simulate(const Workload& workload, const koble_plan* plan, uint64_t arrivals, Meter* meter, Stream* stream);

// Gives a stream to an engine. Singly by the typed functions, or in batches; events are acknowledged (journal records
// too) after every 1,000 commands.
void GiveSingly(koble_engine* engine, const std::vector<koble_command>& commands);
void GiveInBatches(koble_engine* engine, const std::vector<koble_command>& commands, uint64_t batch);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_WORKLOAD_H_
