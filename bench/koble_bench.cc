// Measures one thing once and prints its figures as one line of JSON; `bench/report` starts it, in turn with what it is compared with,
// and takes medians. "units" is how many commands, arrivals or decisions the instructions are divided by, which valgrind counts: of
// `replay`, `growth` and W5 those in functions called Measured... (bench/instructions).
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "growth.h"
#include "koble/koble.h"
#include "loading.h"
#include "memory.h"
#include "meter.h"
#include "threads.h"
#include "w5.h"
#include "workload.h"

namespace koble::bench {
namespace {

using Arguments = std::vector<std::string>;
using Figures = std::vector<std::pair<std::string, double>>;

constexpr char kUsage[] =
    "koble_bench replay WORKLOAD ARRIVALS [singly|batches|journal|digest]\n"
    "                        a recorded stream of commands given to a fresh engine: Koble alone\n"
    "koble_bench run WORKLOAD ARRIVALS [recorded|uncounted] [SEED]\n"
    "                        the whole simulation; recorded: with a bounded journal, and the digest every 1,000 "
    "commands;\n"
    "                        uncounted: without figures; SEED: of the traffic, 1 where none is given\n"
    "koble_bench run w5 DECISIONS [WARM_UP]\n"
    "                        single decisions among 10,000 agents that all differ, with 100,000 contacts waiting\n"
    "koble_bench growth AXIS TIMES DECISIONS     growth.h says which axes there are\n"
    "koble_bench bytes contacts|agents QUEUES    of memory, for each\n"
    "koble_bench load | clone                    a great plan, a great engine\n"
    "koble_bench threads ENGINES THREADS ARRIVALS\n"
    "koble_bench plan WORKLOAD                   as JSON, for bench/koble_run\n"
    "WORKLOAD: w1, w2, w3, w4over, w4under\n";

[[noreturn]] void Refuse(const std::string& what) {
  std::fprintf(stderr, "koble_bench: %s\n%s", what.c_str(), kUsage);
  std::exit(2);
}

// Workloads are w1 or W1.
std::string Lowered(std::string name) {
  if (!name.empty() && name[0] == 'W') name[0] = 'w';
  return name;
}

uint64_t Number(const Arguments& arguments, size_t at) {
  if (at >= arguments.size()) Refuse("a number is missing");
  char* end = nullptr;
  const uint64_t number = std::strtoull(arguments[at].c_str(), &end, 10);
  if (*end != '\0' || number == 0) Refuse("\"" + arguments[at] + "\" is no number above 0");
  return number;
}

const std::string& Word(const Arguments& arguments, size_t at) {
  if (at >= arguments.size()) Refuse("a word is missing");
  return arguments[at];
}

void CheckDigest(koble_engine* engine, const uint64_t expected[2]) {
  uint64_t digest[2];
  koble_digest(engine, digest);
  if (digest[0] == expected[0] && digest[1] == expected[1]) return;
  std::fprintf(stderr, "the digest differs from that of the simulation: report it as a defect\n");
  std::exit(1);
}

// As a host that wants the digest after every 1,000 commands.
void GiveWithDigest(koble_engine* engine, std::span<const koble_command> commands) {
  for (size_t at = 0; at < commands.size(); at += 1000) {
    GiveInBatches(engine, commands.subspan(at, std::min<size_t>(1000, commands.size() - at)), 1000);
    uint64_t digest[2];
    koble_digest(engine, digest);
  }
}

__attribute__((noinline)) void MeasuredReplay(koble_engine* engine, std::span<const koble_command> commands,
                                              const std::string& how) {
  if (how == "singly") {
    GiveSingly(engine, commands);
  } else if (how == "digest") {
    GiveWithDigest(engine, commands);
  } else {
    GiveInBatches(engine, commands, 1000);
  }
}

Figures Replay(const Arguments& arguments) {
  const Stream& stream = StreamOf(Lowered(Word(arguments, 0)), Number(arguments, 1));
  const std::string how = arguments.size() > 2 ? arguments[2] : "singly";
  if (how != "singly" && how != "batches" && how != "journal" && how != "digest") Refuse("how is \"" + how + "\"?");
  EngineSettings settings;
  settings.journal = how == "journal" ? KOBLE_JOURNAL_BOUNDED : KOBLE_JOURNAL_OFF;
  koble_engine* engine = OpenEngine(stream.plan, settings);
  GiveInBatches(engine, stream.opening, stream.opening.size());
  // Tables grow at the beginning; what is allocated in the second half is the steady state's.
  const std::span<const koble_command> commands = stream.commands;
  const size_t half = commands.size() / 2;
  Meter growing;
  Meter steady;
  growing.Start();
  MeasuredReplay(engine, commands.first(half), how);
  growing.Stop();
  steady.Start();
  MeasuredReplay(engine, commands.subspan(half), how);
  steady.Stop();
  CheckDigest(engine, stream.digest);
  koble_engine_destroy(engine);
  const auto units = static_cast<double>(commands.size());
  return {{"units", units},
          {"ns_per_command", static_cast<double>(growing.nanoseconds + steady.nanoseconds) / units},
          {"allocations_per_command", static_cast<double>(growing.allocations + steady.allocations) / units},
          {"steady_allocations", static_cast<double>(steady.allocations)}};
}

Figures RunOfW5(const Arguments& arguments) {
  const uint64_t decisions = Number(arguments, 1);
  const uint64_t warm_up = arguments.size() > 2 ? std::strtoull(arguments[2].c_str(), nullptr, 10) : 100'000;
  const W5Result result = RunW5(warm_up, decisions);
  std::fprintf(stderr, "digest %016llx%016llx\n", static_cast<unsigned long long>(result.digest[1]),
               static_cast<unsigned long long>(result.digest[0]));
  return {{"units", static_cast<double>(decisions)},
          {"ns_per_arrival", static_cast<double>(result.loop.nanoseconds) / static_cast<double>(decisions)},
          {"median_ns", result.decisions.Percentile(0.5)},
          {"p90_ns", result.decisions.Percentile(0.9)},
          {"p99_ns", result.decisions.Percentile(0.99)},
          {"p999_ns", result.decisions.Percentile(0.999)},
          {"p9999_ns", result.decisions.Percentile(0.9999)},
          {"steady_allocations", static_cast<double>(result.decision_allocations)},
          {"bytes_per_agent", result.bytes_per_agent},
          {"bytes_per_contact", result.bytes_per_contact}};
}

Figures Run(const Arguments& arguments) {
  const std::string name = Lowered(Word(arguments, 0));
  if (name == "w5") return RunOfW5(arguments);
  Hosting hosting;
  for (size_t i = 2; i < arguments.size(); ++i) {
    if (arguments[i] == "recorded") {
      hosting.journal = KOBLE_JOURNAL_BOUNDED;
      hosting.digest_every = 1'000;
    } else if (arguments[i] == "uncounted") {
      hosting.figures = false;
    } else {
      hosting.seed = Number(arguments, i);
    }
  }
  Meter meter;
  Simulation simulation(FindWorkload(name), PlanFor(name), hosting, nullptr);
  meter.Start();
  simulation.Play(Number(arguments, 1));
  simulation.Finish();
  meter.Stop();
  const Outcome& outcome = simulation.outcome();
  const auto arrivals = static_cast<double>(outcome.arrivals);
  return {{"units", arrivals},
          {"ns_per_arrival", static_cast<double>(meter.nanoseconds) / arrivals},
          {"p_abandon", static_cast<double>(outcome.abandoned) / arrivals},
          {"p_wait", static_cast<double>(outcome.waited) / arrivals}};
}

Figures Growth(const Arguments& arguments) {
  const GrowthResult result =
      RunGrowth(Word(arguments, 0), static_cast<uint32_t>(Number(arguments, 1)), Number(arguments, 2));
  return {{"units", static_cast<double>(result.made)},
          {"median_ns", result.decisions.Percentile(0.5)},
          {"p999_ns", result.decisions.Percentile(0.999)},
          {"queues_per_agent", result.queues_per_agent},
          {"agents_per_queue", result.agents_per_queue},
          {"queues_with_contacts", result.queues_with_contacts},
          {"steady_allocations", static_cast<double>(result.allocations)},
          {"engine_mb", result.bytes / 1e6}};
}

Figures Bytes(const Arguments& arguments) {
  const auto queues = static_cast<uint32_t>(Number(arguments, 1));
  if (Word(arguments, 0) == "contacts") return {{"bytes_per_contact", BytesPerContact(queues, 100'000)}};
  if (Word(arguments, 0) != "agents") Refuse("bytes of what?");
  const AgentBytes bytes = BytesPerAgent(queues);
  return {{"bytes_per_agent", bytes.engine}, {"plan_bytes_per_agent", bytes.plan}};
}

Figures Load(const Arguments&) {
  const LoadingResult result = RunLoading();
  return {{"json_ms", result.json_ms},
          {"binary_ms", result.binary_ms},
          {"json_mb", static_cast<double>(result.json_bytes) / 1e6},
          {"binary_mb", static_cast<double>(result.binary_bytes) / 1e6}};
}

Figures Clone(const Arguments&) {
  const CloningResult result = RunCloning();
  return {{"clone_ms", result.clone_ms}, {"waiting", static_cast<double>(result.waiting)}};
}

Figures Threads(const Arguments& arguments) {
  const auto engines = static_cast<uint32_t>(Number(arguments, 0));
  const auto threads = static_cast<uint32_t>(Number(arguments, 1));
  const ThreadsResult result = RunThreads(engines, threads, Number(arguments, 2));
  const auto arrivals = static_cast<double>(result.arrivals);
  return {{"units", arrivals},
          {"ns_per_arrival", result.processor_ns / arrivals},
          {"arrivals_per_s", arrivals / result.wall_ns * 1e9}};
}

int Main(Arguments arguments) {
  using Measure = std::function<Figures(const Arguments&)>;
  const std::map<std::string, Measure> all = {{"replay", Replay},  {"run", Run},   {"growth", Growth},
                                              {"bytes", Bytes},    {"load", Load}, {"clone", Clone},
                                              {"threads", Threads}};
  if (arguments.empty()) Refuse("what?");
  const std::string what = arguments[0];
  arguments.erase(arguments.begin());
  if (what == "plan") {
    std::printf("%s\n", PlanOf(FindWorkload(Lowered(Word(arguments, 0)))).c_str());
    return 0;
  }
  const auto found = all.find(what);
  if (found == all.end()) Refuse("there is no \"" + what + "\"");
  const Figures figures = found->second(arguments);
  for (size_t i = 0; i < figures.size(); ++i) {
    std::printf("%s\"%s\": %.10g", i == 0 ? "{" : ", ", figures[i].first.c_str(), figures[i].second);
  }
  std::printf("}\n");
  return 0;
}

}  // namespace
}  // namespace koble::bench

int main(int argc, char** argv) { return koble::bench::Main({argv + 1, argv + argc}); }
