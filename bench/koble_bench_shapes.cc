// Google Benchmark over the adversarial shapes and the situations of a PBX. `bench/shapes` starts it and prints tables.
//   koble_bench_shapes --once NAME SIZE   one shape once, for valgrind: prints its units as koble_bench does
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "shapes.h"
#include "situations.h"

namespace koble::bench {
namespace {

void MeasureShape(benchmark::State& state, const Shape& shape) {
  for (auto _ : state) {
    const Cost cost = shape.measure(static_cast<uint64_t>(state.range(0)));
    const auto units = static_cast<double>(cost.units);
    state.SetIterationTime(static_cast<double>(cost.nanoseconds) / 1e9);
    state.counters["ns_each"] = static_cast<double>(cost.nanoseconds) / units;
    state.counters["allocations_each"] = static_cast<double>(cost.allocations) / units;
    state.counters["events_each"] = static_cast<double>(cost.events) / units;
  }
  state.SetLabel(shape.unit);
}

void MeasureSituation(benchmark::State& state, const Situation& situation) {
  constexpr uint64_t kTurns = 2'000;
  for (auto _ : state) {
    const Outcomes out = situation.measure(static_cast<uint64_t>(state.range(0)), kTurns);
    state.SetIterationTime(out.ns_each * static_cast<double>(out.units) / 1e9);
    state.counters["ns_each"] = out.ns_each;
    state.counters["median_ns"] = out.median_ns;
    state.counters["p999_ns"] = out.p999_ns;
    state.counters["least_calls"] = out.least_calls;
    state.counters["most_calls"] = out.most_calls;
  }
  state.SetLabel(situation.unit);
}

void Register() {
  const auto add = [](const std::string& name, const uint64_t(&sizes)[3], auto body) {
    for (const uint64_t size : sizes) {
      if (size == 0) continue;
      benchmark::RegisterBenchmark(name.c_str(), body)
          ->Arg(static_cast<int64_t>(size))
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMicrosecond);
    }
  };
  for (const Shape& shape : Shapes()) {
    add(std::string("shape/") + shape.name, shape.sizes,
        [&shape](benchmark::State& state) { MeasureShape(state, shape); });
  }
  for (const Situation& situation : Situations()) {
    add(std::string("situation/") + situation.name, situation.sizes,
        [&situation](benchmark::State& state) { MeasureSituation(state, situation); });
  }
}

int Once(std::string_view name, const char* size) {
  for (const Shape& shape : Shapes()) {
    if (name != shape.name) continue;
    const uint64_t number = std::strtoull(size, nullptr, 10);
    if (number == 0) break;
    std::printf("{\"units\": %llu}\n", static_cast<unsigned long long>(shape.measure(number).units));
    return 0;
  }
  std::fprintf(stderr, "koble_bench_shapes: write --once NAME SIZE, the size above 0; the names are");
  for (const Shape& shape : Shapes()) std::fprintf(stderr, " %s", shape.name);
  std::fprintf(stderr, "\n");
  return 2;
}

}  // namespace
}  // namespace koble::bench

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--once") return koble::bench::Once(argv[2], argv[3]);
  koble::bench::Register();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
