// Google Benchmark over the standard workloads. `bench/run` starts it and prints a table of its JSON.
//   replay/<workload>/<how>   a recorded stream of commands given to a fresh engine: Koble alone
//   simulate/<workload>       the whole simulation, to be compared with a loop written by hand for that workload
//   w5                        single decisions among 10,000 agents that all differ, with 100,000 contacts waiting
//   memory/<what>             bytes, not time
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "koble/koble.h"
#include "meter.h"
#include "w5.h"
#include "workload.h"

namespace koble::bench {
namespace {

bool Short() {
  const char* value = std::getenv("KOBLE_BENCH_SHORT");
  return value != nullptr && value[0] == '1';
}
uint64_t Arrivals() { return Short() ? 50'000 : 500'000; }

enum class How { kSingly, kBatches, kJournal, kDigest };

void Report(benchmark::State& state, const Meter& meter, double units, const char* unit) {
  state.counters[std::string("ns_per_") + unit] = static_cast<double>(meter.nanoseconds) / units;
  state.counters[std::string("allocations_per_") + unit] = static_cast<double>(meter.allocations) / units;
  if (InstructionsCounted()) {
    state.counters[std::string("instructions_per_") + unit] = static_cast<double>(meter.instructions) / units;
  }
}

void Replay(benchmark::State& state, const std::string& workload, How how) {
  const Stream& stream = StreamOf(workload, Arrivals());
  Meter meter;
  double commands = 0;
  for (auto _ : state) {
    EngineSettings settings;
    settings.journal = how == How::kJournal ? KOBLE_JOURNAL_BOUNDED : KOBLE_JOURNAL_OFF;
    koble_engine* engine = OpenEngine(stream.plan, settings);
    GiveInBatches(engine, stream.opening, stream.opening.size());
    const int64_t before = meter.nanoseconds;
    meter.Start();
    if (how == How::kSingly) {
      GiveSingly(engine, stream.commands);
    } else {
      GiveInBatches(engine, stream.commands, 1000);
    }
    meter.Stop();
    state.SetIterationTime(static_cast<double>(meter.nanoseconds - before) / 1e9);
    commands += static_cast<double>(stream.commands.size());
    uint64_t digest[2];
    koble_digest(engine, digest);
    koble_engine_destroy(engine);
    if (digest[0] != stream.digest[0] || digest[1] != stream.digest[1]) {
      state.SkipWithError("the digest differs from that of the simulation");
      return;
    }
  }
  Report(state, meter, commands, "command");
}

// As a host that wants the digest after every 1,000 commands.
void ReplayWithDigest(benchmark::State& state, const std::string& workload) {
  const Stream& stream = StreamOf(workload, Arrivals());
  Meter meter;
  double commands = 0;
  for (auto _ : state) {
    koble_engine* engine = OpenEngine(stream.plan, {});
    GiveInBatches(engine, stream.opening, stream.opening.size());
    const int64_t before = meter.nanoseconds;
    meter.Start();
    for (size_t at = 0; at < stream.commands.size(); at += 1000) {
      koble_batch batch = KOBLE_BATCH_INIT;
      batch.commands = stream.commands.data() + at;
      batch.count = std::min<uint64_t>(1000, stream.commands.size() - at);
      uint64_t taken = 0;
      uint64_t digest[2];
      Must(engine, koble_apply(engine, &batch, &taken, nullptr), "batch");
      Must(engine, koble_events_acknowledge(engine, koble_events_last(engine)), "acknowledge");
      koble_digest(engine, digest);
      benchmark::DoNotOptimize(digest[0]);
    }
    meter.Stop();
    state.SetIterationTime(static_cast<double>(meter.nanoseconds - before) / 1e9);
    commands += static_cast<double>(stream.commands.size());
    koble_engine_destroy(engine);
  }
  Report(state, meter, commands, "command");
}

void Simulation(benchmark::State& state, const std::string& workload) {
  const uint64_t arrivals = Arrivals();
  const Stream& stream = StreamOf(workload, arrivals);
  Meter meter;
  Outcome outcome;
  double units = 0;
  for (auto _ : state) {
    const int64_t before = meter.nanoseconds;
    outcome = Simulate(FindWorkload(workload), stream.plan, arrivals, &meter, nullptr);
    state.SetIterationTime(static_cast<double>(meter.nanoseconds - before) / 1e9);
    units += static_cast<double>(outcome.arrivals);
  }
  Report(state, meter, units, "arrival");
  state.counters["p_abandon"] = static_cast<double>(outcome.abandoned) / static_cast<double>(outcome.arrivals);
  state.counters["p_wait"] = static_cast<double>(outcome.waited) / static_cast<double>(outcome.arrivals);
}

void W5(benchmark::State& state) {
  const uint64_t decisions = Short() ? 50'000 : 1'000'000;
  for (auto _ : state) {
    const W5Result result = RunW5(Short() ? 10'000 : 100'000, decisions);
    double sum = 0;
    for (uint32_t ns : result.nanoseconds) sum += ns;
    state.SetIterationTime(sum / 1e9);
    state.counters["p50_ns"] = result.Percentile(0.5);
    state.counters["p90_ns"] = result.Percentile(0.9);
    state.counters["p99_ns"] = result.Percentile(0.99);
    state.counters["p999_ns"] = result.Percentile(0.999);
    state.counters["max_ns"] = result.nanoseconds.back();
    state.counters["allocations_per_decision"] =
        static_cast<double>(result.decision_allocations) / static_cast<double>(decisions);
    if (InstructionsCounted()) {
      state.counters["instructions_per_decision"] =
          static_cast<double>(result.meter.instructions) / static_cast<double>(decisions);
    }
    state.counters["bytes_per_agent"] = result.bytes_per_agent;
    state.counters["bytes_per_contact"] = result.bytes_per_contact;
    char digest[64];
    std::snprintf(digest, sizeof(digest), "digest %016llx%016llx", static_cast<unsigned long long>(result.digest[1]),
                  static_cast<unsigned long long>(result.digest[0]));
    state.SetLabel(digest);
  }
}

// The bytes that an engine holds for `contacts` that wait in one queue with nobody signed in, and for one agent more.
void MemoryContacts(benchmark::State& state) {
  const auto contacts = static_cast<uint64_t>(state.range(0));
  const Stream& stream = StreamOf("W1", 1000);
  for (auto _ : state) {
    koble_engine* engine = OpenEngine(stream.plan, {});
    const int64_t before = AllocationsNow().live_bytes;
    for (uint64_t i = 0; i < contacts; ++i) {
      const uint32_t queue = 0;
      const koble_arrival arrival = {sizeof(arrival), 1, &queue, i, 0, 0, 0, nullptr, 0, 0, 0, 0};
      Must(engine, koble_contact_arrive(engine, static_cast<int64_t>(i) * 1000, &arrival, nullptr), "arrive");
      if (i % 1000 == 999) Must(engine, koble_events_acknowledge(engine, koble_events_last(engine)), "acknowledge");
    }
    state.counters["bytes_per_contact"] =
        static_cast<double>(AllocationsNow().live_bytes - before) / static_cast<double>(contacts);
    koble_engine_destroy(engine);
  }
}

void MemoryAgents(benchmark::State& state) {
  const Stream& stream = StreamOf("W3", 1000);
  for (auto _ : state) {
    const int64_t before = AllocationsNow().live_bytes;
    koble_engine* engine = OpenEngine(stream.plan, {});
    state.counters["bytes_per_agent"] = static_cast<double>(AllocationsNow().live_bytes - before) / 5000;
    koble_engine_destroy(engine);
  }
}

void Register() {
  for (const char* workload : {"W1", "W2", "W3"}) {
    const std::string name = workload;
    const auto add = [&](const std::string& title, auto&& body) {
      benchmark::RegisterBenchmark(title.c_str(), body)->UseManualTime()->Unit(benchmark::kMillisecond);
    };
    add("replay/" + name + "/singly", [name](benchmark::State& s) { Replay(s, name, How::kSingly); });
    add("replay/" + name + "/batches", [name](benchmark::State& s) { Replay(s, name, How::kBatches); });
    add("replay/" + name + "/journal", [name](benchmark::State& s) { Replay(s, name, How::kJournal); });
    add("replay/" + name + "/digest", [name](benchmark::State& s) { ReplayWithDigest(s, name); });
    add("simulate/" + name, [name](benchmark::State& s) { Simulation(s, name); });
  }
  benchmark::RegisterBenchmark("w5", W5)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);
  for (int64_t contacts : {10'000, 100'000, 1'000'000}) {
    if (Short() && contacts > 100'000) continue;
    benchmark::RegisterBenchmark("memory/contacts", MemoryContacts)->Arg(contacts)->Iterations(1);
  }
  benchmark::RegisterBenchmark("memory/agents", MemoryAgents)->Iterations(1);
}

}  // namespace
}  // namespace koble::bench

int main(int argc, char** argv) {
  koble::bench::Register();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
