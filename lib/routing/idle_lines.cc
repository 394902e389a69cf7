// Where agents stand who are free: for each skill set a line in each lane of a channel.
#include "routing/index.h"
#include "routing/nodes.h"

namespace koble::routing {

void Index::MakeLanes(const plan::Plan& plan) {
  orders_ = plan.counted_queues.empty()
                ? kAgentOrders + static_cast<uint32_t>(plan.scores.size())
                : static_cast<uint32_t>(AgentOrder::kOfQueue) + static_cast<uint32_t>(plan.counted_queues.size());
  lane_of_.assign(plan.channels.size() * orders_, kNil);
  constexpr uint32_t kWanted = 0;
  for (uint32_t channel = 0; channel < plan.channels.size(); ++channel) lane_of_[channel * orders_] = kWanted;
  for (const plan::Queue& queue : plan.queues) {
    lane_of_[queue.channel * orders_ + static_cast<uint32_t>(OrderOf(queue))] = kWanted;
    used_orders_ |= InputsOf(plan, OrderOf(queue));
  }
  for (uint32_t at = 0; at < lane_of_.size(); ++at) {
    if (lane_of_[at] == kNil) continue;
    lane_of_[at] = static_cast<uint32_t>(lanes_.size());
    lanes_.push_back(
        {at / orders_, static_cast<AgentOrder>(at % orders_), base::Vector<base::LineLinks>(memory_), Crowd(memory_)});
  }
  lane_count_ = static_cast<uint32_t>(lanes_.size());
  for (uint32_t channel = 0; channel < plan.channels.size(); ++channel) {
    first_lanes_.push_back(LaneOf(channel, AgentOrder::kIdle));
  }
  first_lanes_.push_back(lane_count_);
  told_of_idle_ = lane_count_ != plan.channels.size();
}

void Index::ReserveAgents(uint64_t slots) {
  marks_.Reserve(slots);
  for (Lane& lane : lanes_) {
    if (lane.links.size() < slots) {
      base::ReserveMore(lane.links, slots - lane.links.size());
      lane.links.resize(slots);
    }
    // Memory may have been missing between the two.
    if ((crowded_ || crowd_due_) && lane.crowd.nodes.size() < slots) base::Lengthen(lane.crowd.nodes, slots);
  }
}

[[gnu::hot]] void Index::AgentEnters(state::State& state, uint32_t agent, uint32_t channel) {
  if (crowd_due_) MakeCrowd(state);
  state::Agent& a = state.agents[agent];
  const uint32_t skills = a.skills;
  const uint32_t first = first_lanes_[channel];
  IdleLine& line = IdleLineOf(skills, first);
  if (line.size == 0) idle_sets_[channel].Insert(skills);
  base::LineOf(line, NodesOf(state, first)).Insert(agent);
  if (line.first == agent) line.since_ns = a.idle_since_ns;
  ++idle_counts_[channel];
  state.Of(agent, channel).in_line = true;
  ++a.lines;
  if (told_of_idle_) TellOfIdle(state, agent, channel, true);
}

[[gnu::always_inline]] inline void Index::Leave(state::State& state, uint32_t agent, state::Agent& a, uint32_t channel,
                                                state::AgentChannel& on) {
  const uint32_t skills = a.skills;
  const uint32_t first = first_lanes_[channel];
  IdleLine& line = IdleLineOf(skills, first);
  base::LineOf(line, NodesOf(state, first)).Remove(agent);
  if (line.first == kNil) {
    idle_sets_[channel].Erase(skills);
    line.since_ns = KOBLE_NEVER;
  } else {
    line.since_ns = state.agents[line.first].idle_since_ns;
  }
  --idle_counts_[channel];
  on.in_line = false;
  --a.lines;
  if (told_of_idle_) TellOfIdle(state, agent, channel, false);
}

void Index::AgentLeaves(state::State& state, uint32_t agent, uint32_t channel) {
  Leave(state, agent, state.agents[agent], channel, state.Of(agent, channel));
}

[[gnu::hot]] void Index::AgentLeavesAll(state::State& state, uint32_t agent) {
  state::Agent& a = state.agents[agent];
  state::AgentChannel* on = &state.Of(agent, 0);
  for (uint32_t channel = 0; a.lines != 0; ++channel, ++on) {
    if (on->in_line) Leave(state, agent, a, channel, *on);
  }
}

// The other lanes, the crowds, the reserves and the conditions: most plans have none of them, and large ones a crowd alone.
void Index::TellOfIdle(const state::State& state, uint32_t agent, uint32_t channel, bool enters) {
  const uint32_t first = first_lanes_[channel];
  const bool one_lane = first_lanes_[channel + 1] == first + 1;
  if (!one_lane || reserving_needs_ != 0 || !gauges_.empty()) return TellAllOfIdle(state, agent, channel, enters);
  if (crowded_) enters ? JoinCrowd(state, agent, first) : PartCrowd(state, agent, first);
}

void Index::TellAllOfIdle(const state::State& state, uint32_t agent, uint32_t channel, bool enters) {
  const uint32_t skills = state.agents[agent].skills;
  const uint32_t first = first_lanes_[channel];
  for (uint32_t lane = first; lane != first_lanes_[channel + 1]; ++lane) {
    if (lane != first) {
      base::LineOf line(IdleLineOf(skills, lane), NodesOf(state, lane));
      enters ? line.Insert(agent) : line.Remove(agent);
    }
    if (crowded_) enters ? JoinCrowd(state, agent, lane) : PartCrowd(state, agent, lane);
  }
  if (reserving_needs_ != 0) CountFree(skills, channel, enters);
  if (!gauges_.empty()) CountAgents(plan::Requirement::Left::kFree, skills, channel, enters);
}

void Index::CountFree(uint32_t skills, uint32_t channel, bool enters) {
  for (const uint32_t number : skill_sets_[skills].needs) {
    Need& need = needs_[number];
    if (need.reserve == 0 || need.channel != channel) continue;
    enters ? ++need.free : --need.free;
    if (need.free == need.reserve + (enters ? 1 : 0)) unjudged_.Insert(number);
  }
}

void Index::SettleReserves() {
  while (!unjudged_.items().empty()) {
    Need& need = needs_[unjudged_.items().back()];
    unjudged_.Erase(unjudged_.items().back());
    need.open = need.free > need.reserve;
  }
}

}  // namespace koble::routing
