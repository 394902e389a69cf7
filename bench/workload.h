// The standard workloads W1 to W4 (docs/performance.md): their plans, their simulation, and their traffic as one stream of commands.
//
// A stream is recorded once, by a simulation that drives an engine; because ids are deterministic the same commands can
// be given to a fresh engine again and again, and then only Koble is measured.
#ifndef KOBLE_BENCH_WORKLOAD_H_
#define KOBLE_BENCH_WORKLOAD_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calendar.h"
#include "koble/koble.h"
#include "koble/koble_figures.h"
#include "meter.h"
#include "traffic.h"

namespace koble::bench {

struct Workload {
  std::string name;
  std::vector<std::vector<uint32_t>> groups;  // the skills of each group of agents
  uint32_t agents_per_group = 1;
  Laws traffic;  // type t needs skill t and stands in queue t
};

const Workload& FindWorkload(const std::string& name);  // w1 to w3, w4over, w4under; ends the program otherwise
std::string PlanOf(const Workload& workload);
const koble_plan* PlanFor(const std::string& workload);  // loaded once, then kept
// Ends the program with the mistakes where the text is no plan; `name` says whose it is.
const koble_plan* LoadPlan(const std::string& text, const std::string& name);

struct Outcome {
  uint64_t arrivals = 0;
  uint64_t waited = 0;
  uint64_t abandoned = 0;
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
};
koble_engine* OpenEngine(const koble_plan* plan, const EngineSettings& settings);

// How a simulation treats its engine.
struct Hosting {
  uint32_t journal = KOBLE_JOURNAL_OFF;
  uint64_t digest_every =
      0;                // so many commands: the digest is folded, and the journal's records acknowledged; 0: never
  uint64_t seed = 1;    // of the traffic
  bool figures = true;  // all events are folded into koble_figures
};

// The whole simulation: one command at a time through the typed functions, its events read at once, and folded some commands later. Where
// `stream` is not null the commands are kept there.
class Simulation {
 public:
  Simulation(const Workload& workload, const koble_plan* plan, const Hosting& hosting, Stream* stream);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void Play(uint64_t arrivals);  // until so many have arrived in all
  void Finish();                 // nobody arrives any more; until the last has left
  const Outcome& outcome() const { return outcome_; }

 private:
  void Arrive(int64_t now);
  void TakeNext();  // of the calendar
  void FoldEvents();
  void CheckFigures() const;
  void FoldDigest();
  bool Follow(int64_t now);  // whoever begins to be served gets an end of service; whether anybody does

  // So many commands' events are given to the figures at once: with fewer, less of what the next are about can be asked for ahead, and with more they do
  // not stay in the cache until then (docs/performance.md).
  static constexpr uint64_t kCommandsFolded = 256;
  const Hosting hosting_;
  Stream* stream_;
  koble_engine* engine_ = nullptr;
  koble_figures* figures_ = nullptr;
  Traffic traffic_;
  const bool large_;  // its engine is in no near cache
  calendar calendar_;
  std::vector<uint32_t> waiting_;  // by slots of contacts: the generation of who waits; 0: nobody does
  Outcome outcome_;
  koble_result result_ = KOBLE_RESULT_INIT;
  int64_t next_arrival_ns_ = 0;
  uint64_t commands_ = 0, since_digest_ = 0;
};

// Gives a stream to an engine. Singly by the typed functions, or in batches; events are acknowledged (journal records
// too) after every 1,000 commands.
void GiveSingly(koble_engine* engine, std::span<const koble_command> commands);
void GiveInBatches(koble_engine* engine, std::span<const koble_command> commands, uint64_t batch);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_WORKLOAD_H_
