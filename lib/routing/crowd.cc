// Who is in the crowds. The walk is in search.cc.
#include "routing/crowd.h"

#include "routing/index.h"
#include "routing/nodes.h"

namespace koble::routing {

void Index::ReserveCrowd() {
  if (crowded_ || crowd_due_) return;
  for (Lane& lane : lanes_) base::Lengthen(lane.crowd.nodes, lane.links.size());
  crowd_due_ = told_of_idle_ = true;
}

void Index::MakeCrowd(const state::State& state) {
  for (uint32_t number = 0; number < lane_count_; ++number) {
    const IdleNodes nodes = NodesOf(state, number);
    for (const uint32_t skills : idle_sets_[lanes_[number].channel].items()) {
      const IdleLine& line = IdleLineOf(skills, number);
      for (uint32_t a = line.first; a != kNil; a = base::NextInLine(nodes, line, a)) {
        JoinCrowd(state, a, number);
      }
    }
  }
  crowd_due_ = false;
  crowded_ = true;
}

void Index::JoinCrowd(const state::State& state, uint32_t agent, uint32_t lane) {
  Crowd& crowd = lanes_[lane].crowd;
  crowd.nodes[agent].sign = skill_sets_[state.agents[agent].skills].sign;
  base::LineOf(crowd.line, CrowdNodes{&state, crowd.nodes.data(), lanes_[lane].order}).Insert(agent);
}

void Index::PartCrowd(const state::State& state, uint32_t agent, uint32_t lane) {
  Crowd& crowd = lanes_[lane].crowd;
  base::LineOf(crowd.line, CrowdNodes{&state, crowd.nodes.data(), lanes_[lane].order}).Remove(agent);
}

}  // namespace koble::routing
