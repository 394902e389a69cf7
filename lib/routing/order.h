// The two total orders of the model, in one place (docs/model.md, section 5). Everything that compares contacts or agents does it here.
#ifndef KOBLE_LIB_ROUTING_ORDER_H_
#define KOBLE_LIB_ROUTING_ORDER_H_

#include <algorithm>
#include <compare>
#include <cstdint>
#include <span>

#include "base/int128.h"
#include "plan/plan.h"
#include "state/state.h"

namespace koble::routing {

using base::Int128;

inline constexpr int64_t kSecond = 1'000'000'000;

// How a line's contacts compare with those of others: the queue's weight, then how they grow in score (micro-points a second, micro-points).
struct Growth {
  int64_t weight = 0;
  int64_t rate = 0;
  int64_t cap = INT64_MAX;  // where rate is 0 it is inside the level
  friend auto operator<=>(const Growth&, const Growth&) = default;
};

// score(t) in micro-points x 10^-9, exact: min(cap, rate x (t - v)), or the level where nothing grows.
inline Int128 Score(const Growth& growth, int64_t level, int64_t v, int64_t now_ns) {
  if (growth.rate == 0) return Int128{level} * kSecond;
  return std::min(Int128{growth.cap} * kSecond, Int128{growth.rate} * (Int128{now_ns} - v));
}

// Where all the rest is equal: earlier arrival, smaller serial, put before.
inline bool Before(const state::Figures& a, const state::Figures& b) {
  if (a.arrival_ns != b.arrival_ns) return a.arrival_ns < b.arrival_ns;
  if (a.serial != b.serial) return a.serial < b.serial;
  return a.before > b.before;
}

// A contact's place in one of its queues: greater weight of the queue, higher score, smaller v, then by its figures (arrival, serial).
struct Place {
  int64_t weight = 0;
  Int128 score = 0;
  int64_t v = 0;
  state::Figures figures;

  bool Before(const Place& other) const {
    if (weight != other.weight) return weight > other.weight;
    if (score != other.score) return score > other.score;
    if (v != other.v) return v < other.v;
    return routing::Before(figures, other.figures);
  }
};

// What idle lines may be ordered by. Several rules share one: those that choose among skill sets first (by skill) need no line of their own.
// A score is an order of its own: its number counts from kScore; so is a queue whose contacts are counted, from kOfQueue.
enum class AgentOrder : uint32_t {
  kIdle,
  kNumber,
  kLastEnded,
  kServed,
  kTalked,
  kLoad,
  kSpare,
  kShare,
  kMostServed,
  kHandling,
  kLastServed,
  kOpen,
  kScore,
  kOfQueue = kScore + plan::kScoresMost
};
inline constexpr uint32_t kAgentOrders = 12;  // without scores and queues
constexpr uint32_t MaskOf(AgentOrder order) { return uint32_t{1} << static_cast<uint32_t>(order); }
// What the order of a queue's rule goes by: a mask of orders without shares and scores.
uint32_t InputsOf(const plan::Plan& plan, AgentOrder order);

AgentOrder CountedOrderOf(const plan::Queue& queue);
inline AgentOrder OrderOf(const plan::Queue& queue) {
  return queue.select == plan::SelectionRule::kLongestIdle ? AgentOrder::kIdle : CountedOrderOf(queue);
}
// The agent's key in an order: smaller first. Of a score without its part for skills, which are equal inside a line. Exact: the parts of a
// score are less than 2^78 x 2^40, and at most 16.
Int128 CountedKeyOf(const state::State& state, AgentOrder order, uint32_t agent);
inline Int128 KeyOf(const state::State& state, AgentOrder order, uint32_t agent) {
  return order == AgentOrder::kIdle ? 0 : CountedKeyOf(state, order, agent);  // by far the most frequent costs nothing
}

// Whether agents of different skill sets come in the order of their lane: neither lots nor levels of skills nor a turn tell first.
bool GoesByLane(const plan::Plan& plan, const plan::Queue& queue);

// An agent's place among the candidates for a contact: smaller key, longer idle, smaller number.
struct AgentPlace {
  Int128 key = 0;
  int64_t idle_since_ns = 0;
  uint64_t sequence = 0;
  friend auto operator<=>(const AgentPlace&, const AgentPlace&) = default;
  friend bool operator==(const AgentPlace&, const AgentPlace&) = default;
};
// By a queue's rule other than longest idle. `skills`: of the agent; `counted`: the skills that the rule counts; `pointer`: of round robin.
AgentPlace CountedPlaceOf(const state::State& state, const plan::Queue& queue, uint32_t agent,
                          std::span<const plan::SkillLevel> skills, std::span<const uint32_t> counted,
                          uint64_t pointer);
inline AgentPlace AgentPlaceOf(const state::State& state, const plan::Queue& queue, uint32_t agent,
                               std::span<const plan::SkillLevel> skills, std::span<const uint32_t> counted,
                               uint64_t pointer) {
  if (queue.select == plan::SelectionRule::kLongestIdle)
    return {0, state.agents[agent].idle_since_ns, state.agents[agent].sequence};
  return CountedPlaceOf(state, queue, agent, skills, counted, pointer);
}

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_ORDER_H_
