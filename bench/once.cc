// Runs one workload once: `koble_bench_once W2 50000` gives a recorded stream of that many arrivals to a fresh engine inside
// MeasuredReplay; `koble_bench_once W5 20000` makes that many decisions inside Host::MeasuredDecision. bench/instructions counts
// what happens in these functions only.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "w5.h"
#include "workload.h"

namespace koble::bench {

__attribute__((noinline)) void MeasuredReplay(koble_engine* engine, const Stream& stream) {
  GiveSingly(engine, stream.commands);
}

}  // namespace koble::bench

int main(int argc, char** argv) {
  using namespace koble::bench;  // NOLINT
  const std::string workload = argc > 1 ? argv[1] : "W2";
  const uint64_t number = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 50'000;
  if (workload == "W5") {
    const W5Result result = RunW5(0, number);
    std::printf("units %llu\n", static_cast<unsigned long long>(result.decisions));
    return 0;
  }
  const Stream& stream = StreamOf(workload, number);
  EngineSettings settings;
  settings.count_memory = false;
  koble_engine* engine = OpenEngine(stream.plan, settings);
  GiveInBatches(engine, stream.opening, stream.opening.size());
  MeasuredReplay(engine, stream);
  koble_engine_destroy(engine);
  std::printf("units %llu\n", static_cast<unsigned long long>(stream.commands.size()));
  return 0;
}
