// How lines see their nodes: agents in idle lines, entries in waiting lines.
#ifndef KOBLE_LIB_ROUTING_NODES_H_
#define KOBLE_LIB_ROUTING_NODES_H_

#include "base/line.h"
#include "routing/order.h"
#include "state/state.h"

namespace koble::routing {

// `Node` is an agent's links, or has them as its base.
template <class Node>
struct NodesOfAgents {
  const state::State* state;
  Node* nodes;  // by agent
  AgentOrder order;
  base::LineLinks& Links(uint32_t agent) const { return nodes[agent]; }
  bool Before(uint32_t a, uint32_t b) const { return Place(a) < Place(b); }
  bool ComeLast() const { return order == AgentOrder::kIdle; }
  AgentPlace Place(uint32_t agent) const {
    const state::Agent& a = state->agents[agent];
    return {KeyOf(*state, order, agent), a.idle_since_ns, a.sequence};
  }
};

using IdleNodes = NodesOfAgents<base::LineLinks>;  // in the idle lines of skill sets

struct IdleLine : base::Line {
  // Of a line by idle time: since when its first has been idle, so that a search need not fetch each agent whom it compares; KOBLE_NEVER while it is empty.
  int64_t since_ns = KOBLE_NEVER;
};

// Inside a line all scores grow alike, so level, v and the figures order it for ever.
struct EntryNodes {
  state::State* state;
  base::LineLinks& Links(uint32_t entry) const { return state->entries[entry].links; }
  static bool ComeLast() { return true; }
  bool Before(uint32_t a, uint32_t b) const {
    const state::Entry& x = state->entries[a];
    const state::Entry& y = state->entries[b];
    if (x.level != y.level) return x.level > y.level;
    if (x.v != y.v) return x.v < y.v;
    if (routing::Before(x.figures, y.figures)) return true;
    if (x.contact != y.contact || routing::Before(y.figures, x.figures)) return false;
    return x.ordinal != y.ordinal ? x.ordinal < y.ordinal : x.step < y.step;
  }
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_NODES_H_
