// Bytes that an engine holds, its plan not counted.
#ifndef KOBLE_BENCH_MEMORY_H_
#define KOBLE_BENCH_MEMORY_H_

#include <cstdint>

namespace koble::bench {

// For each of `contacts` that wait with one timer (the queue's max_wait) and without attributes, evenly in so many queues; nobody is signed in.
double BytesPerContact(uint32_t queues, uint64_t contacts);

struct AgentBytes {
  double engine = 0;  // of a fresh engine
  double plan = 0;    // of the compiled plan, which all its engines share
};
// For each of the 10,000 agents of W5, with so many queues, theirs included.
AgentBytes BytesPerAgent(uint32_t queues);

}  // namespace koble::bench

#endif  // KOBLE_BENCH_MEMORY_H_
