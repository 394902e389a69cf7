// What a decision costs when one thing grows: agents, queues or waiting contacts, each from 1,000 x 1,000 x 1,000 on.
#ifndef KOBLE_BENCH_GROWTH_H_
#define KOBLE_BENCH_GROWTH_H_

#include <cstdint>
#include <string>

#include "w5.h"

namespace koble::bench {

struct GrowthResult {
  uint64_t made = 0;  // decisions, those to warm up included
  Times decisions;    // by the clock: the agent freed to his next contact, and the arrival that takes the place
  double queues_per_agent = 0;  // that he can serve, on average
  double agents_per_queue = 0;  // who can serve it, on average over the queues in which somebody waits
  double queues_with_contacts = 0;
  uint64_t allocations = 0;  // in what is timed
  double bytes = 0;          // of the engine, in all
};

// The shape is that of W5: agents have 5 of 200 skills at levels 1 to 5, queues require one to three `skill >= level`, everybody who can
// serve a queue in which somebody waits is busy. A decision: a busy agent drawn at random is freed to his next contact; then a contact
// arrives in the queue that he took it from, so that every queue keeps its length. `times` (1, 10, 100) is how far the axis goes:
//
//   agents    times 1,000 agents. An agent can serve as many queues as before; a queue has so many times as many agents.
//   contacts  times 1,000 contacts, spread evenly over the 1,000 queues: 1, 10, 100 in each.
//   queues    times 1,000 queues, the agents the same. Since queues x agents of each = agents x queues of each, something must give way:
//             here the further queues want skills that none of these agents has, as those of other departments, so that an agent
//             can serve as many queues as before. The contacts wait in the first 1,000.
//   choice    times 1,000 queues of one kind for the same agents, so that each agent can serve so many times as many. That is growth of
//             another thing than of the number of queues, and has its own row. The contacts wait in the first 1,000, one in each:
//             those whom a freed agent may take are the same as before, the further queues are empty.
//   centre    agents, queues, skills and contacts all at once: an agent can serve as many queues as before, a queue has as many agents.
//   idle      the other way round: times 1,000 agents, of whom all are free. A contact arrives in a queue drawn at random, goes to
//             whoever of those who can serve it has been idle for longest, and is over: the same two commands. A queue has so many
//             times as many agents to choose from.
GrowthResult RunGrowth(const std::string& axis, uint32_t times, uint64_t decisions);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_GROWTH_H_
