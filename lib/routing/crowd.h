// All idle agents of a channel in one line for each of its orders, beside the idle lines of skill sets.
//
// A contact that comes while agents are idle compares the first of each idle skill set that meets its requirement. Where many agents share a skill set those
// are few; where all agents differ they are a share of all agents, and the cost grows with the centre. But then one of not very many agents, in
// the order in which they are wanted, meets the requirement: the walk from the front is short just where the lists are long. If who meets it has
// nothing to do with who is first, 1 / share steps are expected, whatever the number of agents (docs/performance.md, growth).
//
// It costs an insertion and a removal for each agent who becomes free and busy, so there is a crowd only since some requirement has been met by
// kCrowdSets skill sets.
#ifndef KOBLE_LIB_ROUTING_CROWD_H_
#define KOBLE_LIB_ROUTING_CROWD_H_

#include <cstdint>

#include "base/line.h"
#include "base/memory.h"
#include "routing/nodes.h"

namespace koble::routing {

inline constexpr uint64_t kCrowdSets = 16;

// A few bits that tell of most agents that they do not meet a requirement, without fetching what they have: one for each quality, and one that all have.
using Sign = uint32_t;
inline constexpr Sign kAnybody = Sign{1} << 31;
inline Sign SignOf(uint32_t quality) { return Sign{1} << (quality % 31); }

struct CrowdNode : base::LineLinks {
  Sign sign = 0;  // of all that the agent has
};
using CrowdNodes = NodesOfAgents<CrowdNode>;

// Of one lane: one channel and one order.
struct Crowd {
  explicit Crowd(base::Memory* memory) : nodes(memory) {}
  base::Line line;
  base::Vector<CrowdNode> nodes;  // by agent slot; none where there is no crowd
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_CROWD_H_
