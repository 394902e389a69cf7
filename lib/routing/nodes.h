// How lines see their nodes: agents in idle lines, entries in waiting lines.
#ifndef KOBLE_LIB_ROUTING_NODES_H_
#define KOBLE_LIB_ROUTING_NODES_H_

#include "base/line.h"
#include "routing/order.h"
#include "state/state.h"

namespace koble::routing {

struct IdleNodes {
  const state::State* state;
  base::LineLinks* links;  // by agent
  AgentOrder order;
  base::LineLinks& Links(uint32_t agent) const { return links[agent]; }
  bool Before(uint32_t a, uint32_t b) const { return Place(a) < Place(b); }
  AgentPlace Place(uint32_t agent) const {
    const state::Agent& a = state->agents[agent];
    return {KeyOf(*state->plan, order, a), a.idle_since_ns, a.sequence};
  }
};

// Inside a line all scores grow alike, so v, arrival and serial order it for ever.
struct EntryNodes {
  state::State* state;
  base::LineLinks& Links(uint32_t entry) const { return state->entries[entry].links; }
  bool Before(uint32_t a, uint32_t b) const {
    const state::Entry& x = state->entries[a];
    const state::Entry& y = state->entries[b];
    if (x.v != y.v) return x.v < y.v;
    if (x.contact == y.contact) return x.ordinal != y.ordinal ? x.ordinal < y.ordinal : x.step < y.step;
    const state::Contact& p = state->contacts[x.contact];
    const state::Contact& q = state->contacts[y.contact];
    return p.arrival_ns != q.arrival_ns ? p.arrival_ns < q.arrival_ns : p.serial < q.serial;
  }
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_NODES_H_
