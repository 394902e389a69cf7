#include "threads.h"

#include <algorithm>
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

#include "workload.h"

namespace koble::bench {
namespace {

void PlayInTurns(const std::vector<std::unique_ptr<Simulation>>& engines, uint64_t arrivals_each) {
  constexpr uint64_t kTurn = 1'000;
  for (uint64_t arrived = kTurn; arrived < arrivals_each + kTurn; arrived += kTurn) {
    for (const auto& engine : engines) engine->Play(std::min(arrived, arrivals_each));
  }
}

}  // namespace

ThreadsResult RunThreads(uint32_t engines, uint32_t threads, uint64_t arrivals_each) {
  const Workload& workload = FindWorkload("w2");
  const koble_plan* plan = PlanFor("w2");
  std::vector<Meter> meters(threads);
  std::barrier begin(static_cast<std::ptrdiff_t>(threads) + 1);
  std::barrier end(static_cast<std::ptrdiff_t>(threads) + 1);
  std::vector<std::thread> workers;
  for (uint32_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      // Made where they are played, as a host would do, so that they share nothing but the plan. All have the same traffic: what
      // differs between many and one is what they do to each other.
      std::vector<std::unique_ptr<Simulation>> mine;
      for (uint32_t e = t; e < engines; e += threads) {
        mine.push_back(std::make_unique<Simulation>(workload, plan, Hosting{}, nullptr));
      }
      Meter meter;  // of its own until the end: what threads write lies apart
      begin.arrive_and_wait();
      meter.Start();
      PlayInTurns(mine, arrivals_each);
      meter.Stop();
      end.arrive_and_wait();
      meters[t] = meter;
    });
  }
  begin.arrive_and_wait();
  const int64_t began = NanosecondsNow();
  end.arrive_and_wait();
  const int64_t ended = NanosecondsNow();
  for (std::thread& worker : workers) worker.join();
  ThreadsResult out;
  out.arrivals = engines * arrivals_each;
  out.wall_ns = static_cast<double>(ended - began);
  for (const Meter& meter : meters) out.processor_ns += static_cast<double>(meter.nanoseconds);
  return out;
}

}  // namespace koble::bench
