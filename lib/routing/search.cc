// The two searches: an agent for a contact, a contact for an agent.
#include <algorithm>
#include <bit>
#include <cassert>

#include "routing/index.h"
#include "routing/lots.h"
#include "routing/nodes.h"

namespace koble::routing {
namespace {

// The agent is not to be asked for the contact, or is being asked. Who asks that of many agents has Refusals.
bool MayBeExcluded(const state::State& state, const state::Contact& contact, uint32_t agent) {
  if (IsAsked(state, contact, agent)) return true;
  const koble_id id = state.agents.Id(agent);
  for (uint32_t x = contact.exclusions; x != kNil; x = state.exclusions[x].next) {
    if (state.exclusions[x].agent == id) return true;
  }
  return false;
}

inline bool Excluded(const state::State& state, const state::Contact& contact, uint32_t agent) {
  return (contact.offers != kNil || contact.exclusions != kNil) && MayBeExcluded(state, contact, agent);
}

// Whether agents to whom the queue is this see a contact that has waited out so many of its delays.
bool Sees(const plan::QueueView& view, uint32_t passed) { return !view.never && view.delay <= passed; }

// Walking a line only reads it; its nodes are given mutable because inserting writes their links.
state::State* Mutable(const state::State& state) { return const_cast<state::State*>(&state); }

// Among those not drawn yet, in order of their numbers, the lot falls on one: all alike, or each as often as his weight. Costs the sorting, and for
// each draw a walk.
void DrawLots(const state::State& state, const state::Contact& contact, plan::SelectionRule rule, uint64_t wanted,
              base::Vector<uint32_t>* agents) {
  std::sort(agents->begin(), agents->end(),
            [&](uint32_t a, uint32_t b) { return state.agents[a].sequence < state.agents[b].sequence; });
  const auto weight = [&](uint32_t agent) {
    return rule == plan::SelectionRule::kRandom ? 1 : static_cast<uint64_t>(state.agents[agent].weight);
  };
  uint64_t total = 0;
  for (const uint32_t agent : *agents) total += weight(agent);
  Lots lots(state.settings.seed, contact.serial, contact.attempts);
  for (uint64_t place = 0; place < std::min<uint64_t>(wanted, agents->size()); ++place) {
    const auto first = agents->begin() + static_cast<std::ptrdiff_t>(place);
    uint64_t lot = lots.Below(total);
    auto drawn = first;
    for (; lot >= weight(*drawn); ++drawn) lot -= weight(*drawn);
    total -= weight(*drawn);
    std::rotate(first, drawn, drawn + 1);
  }
}

}  // namespace

// Visits the idle lines of skill sets that meet the need and are not empty, from the shorter side of the relation.
template <class Visit>
void Index::EachIdleLine(uint32_t need, uint32_t lane, Visit visit) const {
  const base::Vector<uint32_t>& eligible = needs_[need].skill_sets;
  const base::Vector<uint32_t>& idle = idle_sets_[lanes_[lane].channel].items();
  const bool from_need = eligible.size() <= idle.size();
  for (const uint32_t skills : from_need ? eligible : idle) {
    const IdleLine& line = IdleLineOf(skills, lane);
    if (from_need ? line.size == 0 : !Eligible(need, skills)) continue;
    visit(line, skill_sets_[skills]);  // (at one place, so that it is no call)
  }
}

template <class Visit>
void Index::EachIdleAgent(const state::State& state, uint32_t need, Visit visit) const {
  const uint32_t lane = LaneOf(needs_[need].channel, AgentOrder::kIdle);
  const IdleNodes nodes = NodesOf(state, lane);
  EachIdleLine(need, lane, [&](const base::Line& line, const SkillSet&) {
    for (uint32_t agent = line.first; agent != kNil; agent = base::NextInLine(nodes, line, agent)) visit(agent);
  });
}

void Index::EachKept(const state::State& state, uint32_t skills,
                     absl::FunctionRef<void(uint32_t agent, uint32_t channel)> visit) const {
  if (reserving_needs_ == 0) return;
  for (const uint32_t need : skill_sets_[skills].needs) {
    if (needs_[need].reserve == 0 || needs_[need].free > needs_[need].reserve) continue;
    EachIdleAgent(state, need, [&](uint32_t agent) { visit(agent, needs_[need].channel); });
  }
}

bool Index::JudgeReserve(const state::State& state, base::Vector<uint32_t>* agents) {
  if (unjudged_.items().empty()) return false;
  const uint32_t number = unjudged_.items().back();
  unjudged_.Erase(number);
  Need& need = needs_[number];
  const bool was_open = need.open;
  need.open = need.free > need.reserve;
  // One that nobody stands in any more, and is recycled when this change is over, keeps nobody.
  if (need.open && !was_open && need.standing != 0)
    EachIdleAgent(state, number, [&](uint32_t agent) { agents->push_back(agent); });
  return true;
}

inline uint64_t Index::DisposableOf(const Need& need) {
  if (need.reserve != 0) [[unlikely]] {
    return need.free > need.reserve ? need.free - need.reserve : 0;
  }
  return UINT64_MAX;
}

uint64_t Index::Disposable(uint32_t variant, uint32_t step) const {
  return DisposableOf(needs_[NeedOf(variant, step)]);
}

template <class Visit>
bool Index::WalkCrowd(const state::State& state, const Seeker& seeker, uint32_t step, const Refusals& out,
                      Visit visit) const {
  const plan::Queue& q = state.plan->queues[seeker.queue];
  const bool turns = q.select == plan::SelectionRule::kRoundRobin;
  if (!crowded_ || !(turns || GoesByLane(*state.plan, q))) return false;
  const uint32_t number = NeedOf(seeker.variant, step);
  const Need& need = needs_[number];
  // A step costs about a quarter of a look at a skill set. So a walk that comes to nothing at most doubles the cost, and one that is not expected to
  // come to something in time is not begun.
  const uint64_t eligible = need.skill_sets.size();
  uint64_t steps = 4 * std::min<uint64_t>(eligible, idle_sets_[q.channel].items().size());
  if (steps * eligible < skill_sets_.size()) return false;

  const Lane& lane = lanes_[LaneOf(q.channel, OrderOf(q))];
  const CrowdNodes nodes{&state, const_cast<CrowdNode*>(lane.crowd.nodes.data()), lane.order};
  const uint32_t column = column_of_queue_[seeker.queue];
  const CrowdNode* const crowd = lane.crowd.nodes.data();
  const Sign sign = need.sign;
  const auto may_take = [&](uint32_t agent) {
    const uint32_t skills = state.agents[agent].skills;
    if (!Eligible(number, skills)) return false;
    const plan::QueueView& view = ViewOfColumn(column, skill_sets_[skills].table);
    return Sees(view, seeker.passed) && view.tier == lowest_tiers_[column] && !out.Has(agent);
  };
  const auto walk = [&](uint32_t agent, uint32_t end) {
    // At hand: each step looks at little, and would fetch where that is as well.
    const CrowdNodes at = nodes;
    const CrowdNode* const signs = crowd;
    const Sign wanted = sign;
    uint64_t left = steps;
    for (; agent != end && left != 0; agent = base::NextInLine(at, lane.crowd.line, agent), --left) {
      if ((signs[agent].sign & wanted) != 0 && may_take(agent) && !visit(agent)) return true;
    }
    steps = left;
    return false;
  };
  if (!turns) return walk(lane.crowd.line.first, kNil);
  const uint64_t pointer = state.pointers[seeker.queue];
  const uint32_t next =
      base::FirstInLine(nodes, lane.crowd.line, [&](uint32_t a) { return state.agents[a].sequence > pointer; });
  return walk(next, kNil) || walk(lane.crowd.line.first, next);
}

// Of all who meet the need, where whoever has been idle for longest is best: in each line its first. kTied where several have been for equally long. Which
// line has the best, and which have nobody, cannot be foretold: so there is no jump for it.
inline uint32_t Index::LongestIdle(uint32_t need, uint32_t lane) const {
  static const IdleLine kEmpty;
  const IdleLine* best = &kEmpty;
  int64_t best_since_ns = KOBLE_NEVER;
  bool tied = false;
  for (const uint32_t skills : needs_[need].skill_sets) {
    const IdleLine& line = IdleLineOf(skills, lane);
    const bool longer = line.since_ns < best_since_ns;
    tied = (tied & !longer) | (line.since_ns == best_since_ns);
    best = longer ? &line : best;
    best_since_ns = longer ? line.since_ns : best_since_ns;
  }
  return tied && best->first != kNil ? kTied : best->first;
}

[[gnu::hot]] uint32_t Index::BestAgent(const state::State& state, const Seeker& seeker, uint32_t step) const {
  const PlainQueue& plain = plain_[seeker.queue];
  if (plain.lane != kNil && !crowded_ && (seeker.contact->exclusions & seeker.contact->offers) == kNil) [[likely]] {
    if (idle_sets_[plain.channel].items().empty()) return kNil;
    const bool at_hand = step == 0 && seeker.variant == plain.variant;
    const uint32_t need = at_hand ? plain.need : NeedOf(seeker.variant, step);
    if (DisposableOf(needs_[need]) == 0) return kNil;
    if (IsShort(need, plain.channel)) {
      const uint32_t longest = LongestIdle(need, plain.lane);
      if (longest != kTied) [[likely]] {
        return longest;
      }
    }
  }
  return BestOfIdleLines(state, seeker, step);
}

uint32_t Index::BestOfIdleLines(const state::State& state, const Seeker& seeker, uint32_t step) const {
  const uint32_t queue = seeker.queue;
  const plan::Queue& q = state.plan->queues[queue];
  if (idle_sets_[q.channel].items().empty()) return kNil;
  const Step& of_step = variants_[seeker.variant].steps[step];
  if (DisposableOf(needs_[of_step.need]) == 0) return kNil;
  const uint32_t column = column_of_queue_[queue];
  const uint32_t lane = LaneOf(q.channel, OrderOf(q));
  const bool by_idle = q.select == plan::SelectionRule::kLongestIdle;
  const IdleNodes nodes = NodesOf(state, lane);
  const uint64_t pointer = state.pointers[queue];
  const Refusals out(state, *seeker.contact, &marks_);
  const auto allowed = [&](const base::Line& line, uint32_t agent, uint32_t end) {
    while (agent != end && out.Has(agent)) agent = base::NextInLine(nodes, line, agent);
    return agent;
  };
  uint32_t best = kNil;
  const auto take = [&](uint32_t agent) {
    best = agent;
    return false;
  };
  if (WalkCrowd(state, seeker, step, out, take)) return best;
  uint32_t best_tier = UINT32_MAX;
  const SkillSet* best_set = nullptr;
  // What lines know of their first tells most often, and then nobody is fetched.
  int64_t best_since_ns = 0;
  AgentPlace best_place;  // once one has been found who may be no worse
  bool placed = false;
  const auto place_of = [&](uint32_t agent, const SkillSet& set) {
    return AgentPlaceOf(state, q, agent, set.skills, of_step.counted, pointer);
  };
  EachIdleLine(of_step.need, lane, [&](const IdleLine& line, const SkillSet& set) {
    assert(!by_idle || line.since_ns == state.agents[line.first].idle_since_ns);
    const plan::QueueView& view = only_view_ ? others_[0] : ViewOfColumn(column, set.table);
    if (!Sees(view, seeker.passed) || view.tier > best_tier) return;
    if (by_idle && view.tier == best_tier && line.since_ns > best_since_ns) return;
    uint32_t agent = kNil;
    if (q.select == plan::SelectionRule::kRoundRobin) {  // whose turn it is stands somewhere in the line
      const uint32_t next =
          base::FirstInLine(nodes, line, [&](uint32_t a) { return state.agents[a].sequence > pointer; });
      agent = allowed(line, next, kNil);
      if (agent == kNil && (agent = allowed(line, line.first, next)) == next) agent = kNil;
    } else {
      agent = allowed(line, line.first, kNil);
    }
    if (agent == kNil) return;
    const int64_t since_ns = agent == line.first ? line.since_ns : state.agents[agent].idle_since_ns;
    if (view.tier < best_tier || (by_idle && since_ns < best_since_ns)) {
      placed = false;
    } else {
      if (!placed) best_place = place_of(best, *best_set);
      placed = true;
      const AgentPlace place = place_of(agent, set);
      if (!(place < best_place)) return;
      best_place = place;
    }
    best = agent;
    best_tier = view.tier;
    best_set = &set;
    best_since_ns = since_ns;
  });
  return best;
}

void Index::AllAgents(const state::State& state, const state::Entry& entry, uint32_t step, uint64_t wanted,
                      base::Vector<uint32_t>* agents) const {
  const uint32_t queue = entry.queue;
  const Step& of_step = variants_[entry.variant].steps[step];
  const uint32_t column = column_of_queue_[queue];
  const state::Contact& contact = state.contacts[entry.contact];
  const plan::Queue& q = state.plan->queues[queue];
  const uint32_t lane = LaneOf(q.channel, OrderOf(q));
  const IdleNodes nodes = NodesOf(state, lane);
  const Refusals out(state, contact, &marks_);
  agents->clear();
  uint32_t lowest_tier = UINT32_MAX;
  EachIdleLine(of_step.need, lane, [&](const base::Line& line, const SkillSet& set) {
    const plan::QueueView& view = ViewOfColumn(column, set.table);
    if (!Sees(view, entry.passed) || view.tier > lowest_tier) return;
    for (uint32_t agent = line.first; agent != kNil; agent = base::NextInLine(nodes, line, agent)) {
      if (out.Has(agent)) continue;
      if (view.tier < lowest_tier) agents->clear();
      lowest_tier = view.tier;
      agents->push_back(agent);
    }
  });
  if (plan::IsRandom(q.select)) return DrawLots(state, contact, q.select, wanted, agents);
  const auto place = [&](uint32_t agent) {
    return AgentPlaceOf(state, q, agent, skill_sets_[state.agents[agent].skills].skills, of_step.counted,
                        state.pointers[queue]);
  };
  std::sort(agents->begin(), agents->end(), [&](uint32_t a, uint32_t b) { return place(a) < place(b); });
}

template <class Visit>
void Index::EachWaitingLine(const state::State& state, uint32_t agent, const plan::MediaSet& channels,
                            Visit visit) const {
  const base::Vector<uint32_t>& needs = skill_sets_[state.agents[agent].skills].needs;
  for (uint32_t channel = 0; channel < channels_; ++channel) {
    if (!channels[channel]) continue;
    const DenseSet& waiting = waiting_needs_[channel];
    const auto visit_lines = [&](uint32_t need) {
      if (Kept(needs_[need], !state.Of(agent, channel).in_line)) return;
      for (const uint32_t line : needs_[need].lines) visit(line);
    };
    // From the side that costs less: those in which contacts wait are sought among his.
    if (waiting.items().size() * static_cast<size_t>(std::bit_width(needs.size())) <= needs.size()) {
      for (const uint32_t need : waiting.items()) {
        if (Eligible(need, state.agents[agent].skills)) visit_lines(need);
      }
    } else {
      const auto waited_for = waiting.Members();
      for (const uint32_t need : needs) {
        if (waited_for(need)) visit_lines(need);
      }
    }
  }
  if (agent >= owned_.size()) return;
  for (const uint32_t number : owned_[agent].lines) {
    const uint32_t window = lines_[number].window;
    const uint32_t channel = needs_[windows_[window].needs.front()].channel;
    const bool asking = !state.Of(agent, channel).in_line;
    if (channels[channel] && MeetsInWindow(window, state.agents[agent].skills, asking)) visit(number);
  }
}

inline Place Index::PlaceOfHead(const WaitingLine& line, int64_t now_ns) {
  return {line.growth.weight,
          Score(line.growth, line.head_level, line.head_v, now_ns),
          line.head_v,
          {.arrival_ns = line.head_arrival_ns, .serial = line.head_serial}};
}

template <class FirstOf>
[[gnu::always_inline]] inline uint32_t Index::BestOfLines(const state::State& state, uint32_t agent,
                                                          const plan::MediaSet& channels, FirstOf first_of) const {
  const SkillSet& set = skill_sets_[state.agents[agent].skills];
  uint32_t best = kNil;
  uint32_t best_rank = UINT32_MAX;
  Place best_place;
  EachWaitingLine(state, agent, channels, [&](uint32_t number) {
    const WaitingLine& line = lines_[number];
    const plan::QueueView& view = ViewOfColumn(line.column, set.table);
    const uint32_t rank = line.first ? 0 : view.rank;  // ranks that are given begin at 1
    if (!Sees(view, line.passed) || rank > best_rank) return;
    Place place;
    const uint32_t entry = first_of(line, &place);
    if (entry == kNil) return;
    if (rank == best_rank && !place.Before(best_place)) {
      if (best_place.Before(place)) return;
      // At one contact's place, or one contact: the queue given first.
      const state::Entry& one = state.entries[entry];
      const state::Entry& other = state.entries[best];
      if (Before(other.figures, one.figures)) return;
      if (!Before(one.figures, other.figures) && one.ordinal >= other.ordinal) return;
    }
    best = entry;
    best_rank = rank;
    best_place = place;
  });
  return best;
}

[[gnu::hot]] uint32_t Index::BestEntry(const state::State& state, uint32_t agent,
                                       const plan::MediaSet& channels) const {
  // The heads alone tell, unless the best of them is not for him.
  const uint32_t best = BestOfLines(state, agent, channels, [&](const WaitingLine& line, Place* place) {
    *place = PlaceOfHead(line, state.now_ns);
    return line.line.first;
  });
  const bool his = best == kNil || !MayNotTake(state, state.contacts[state.entries[best].contact], agent);
  return his ? best : BestBehindHeads(state, agent, channels);
}

uint32_t Index::BestBehindHeads(const state::State& state, uint32_t agent, const plan::MediaSet& channels) const {
  const auto free = [&](uint32_t entry) {
    return !MayNotTake(state, state.contacts[state.entries[entry].contact], agent);
  };
  const EntryNodes nodes{Mutable(state)};
  return BestOfLines(state, agent, channels, [&](const WaitingLine& line, Place* place) {
    uint32_t entry = line.line.first;
    while (entry != kNil && !free(entry)) entry = base::NextInLine(nodes, line.line, entry);
    if (entry == kNil) return kNil;
    const state::Entry& of = state.entries[entry];
    *place = {line.growth.weight, Score(line.growth, of.level, of.v, state.now_ns), of.v, of.figures};
    return entry;
  });
}

namespace {

// The first few of an order, found in any: kept on the stack, so that a choice allocates nothing.
template <class Key>
class Shortlist {
 public:
  explicit Shortlist(uint64_t most) : most_(std::min<uint64_t>(most, plan::kPolicyCandidatesMax)) {}

  bool Admits(const Key& key) const { return size_ < most_ || key < keys_[size_ - 1]; }
  void Insert(const Key& key, uint32_t one) {
    if (size_ == most_) --size_;
    uint64_t at = size_++;
    for (; at > 0 && key < keys_[at - 1]; --at) {
      keys_[at] = keys_[at - 1];
      ones_[at] = ones_[at - 1];
    }
    keys_[at] = key;
    ones_[at] = one;
  }
  void Remove(uint64_t at) {
    std::copy(keys_ + at + 1, keys_ + size_, keys_ + at);
    std::copy(ones_ + at + 1, ones_ + size_, ones_ + at);
    --size_;
  }
  void Clear() { size_ = 0; }
  const Key& KeyAt(uint64_t at) const { return keys_[at]; }
  std::span<const uint32_t> ones() const { return {ones_, size_}; }

 private:
  uint64_t most_;
  uint64_t size_ = 0;
  Key keys_[plan::kPolicyCandidatesMax];
  uint32_t ones_[plan::kPolicyCandidatesMax];
};

// A pair for an agent: smaller rank, then better place, then the queue given first.
struct PairPlace {
  uint32_t rank = 0;
  Place place;
  uint32_t ordinal = 0;
  bool operator<(const PairPlace& other) const {
    if (rank != other.rank) return rank < other.rank;
    if (place.Before(other.place)) return true;
    return !other.place.Before(place) && ordinal < other.ordinal;
  }
};

}  // namespace

void Index::FirstAgents(const state::State& state, const state::Entry& entry, uint32_t step, uint64_t most,
                        base::Vector<uint32_t>* agents) const {
  const plan::Queue& q = state.plan->queues[entry.queue];
  if (plan::IsRandom(q.select)) {
    AllAgents(state, entry, step, most, agents);
    agents->resize(std::min<uint64_t>(agents->size(), most));
    return;
  }
  const Step& of_step = variants_[entry.variant].steps[step];
  const state::Contact& contact = state.contacts[entry.contact];
  const uint32_t lane = LaneOf(q.channel, OrderOf(q));
  const IdleNodes nodes = NodesOf(state, lane);
  const uint64_t pointer = state.pointers[entry.queue];
  const bool turns = q.select == plan::SelectionRule::kRoundRobin;
  uint32_t lowest_tier = UINT32_MAX;
  const Refusals out(state, contact, &marks_);
  agents->clear();
  const auto show = [&](uint32_t agent) {
    agents->push_back(agent);
    return agents->size() < most;
  };
  if (WalkCrowd(state, SeekerOf(state, entry), step, out, show)) return;
  Shortlist<AgentPlace> first(most);
  EachIdleLine(of_step.need, lane, [&](const base::Line& line, const SkillSet& set) {
    const plan::QueueView& view = ViewOfColumn(column_of_queue_[entry.queue], set.table);
    if (!Sees(view, entry.passed) || view.tier > lowest_tier) return;
    const auto take = [&](uint32_t agent, uint32_t end) {
      for (; agent != end; agent = base::NextInLine(nodes, line, agent)) {
        if (out.Has(agent)) continue;
        if (view.tier < lowest_tier) first.Clear();
        lowest_tier = view.tier;
        const AgentPlace place = AgentPlaceOf(state, q, agent, set.skills, of_step.counted, pointer);
        if (!first.Admits(place)) return;
        first.Insert(place, agent);
      }
    };
    if (!turns) return take(line.first, kNil);
    const uint32_t next =
        base::FirstInLine(nodes, line, [&](uint32_t agent) { return state.agents[agent].sequence > pointer; });
    take(next, kNil);
    take(line.first, next);
  });
  agents->assign(first.ones().begin(), first.ones().end());
}

void Index::FirstEntries(const state::State& state, uint32_t agent, const plan::MediaSet& channels, uint64_t most,
                         base::Vector<uint32_t>* entries) const {
  const SkillSet& set = skill_sets_[state.agents[agent].skills];
  const EntryNodes nodes{Mutable(state)};
  Shortlist<PairPlace> first(most);
  EachWaitingLine(state, agent, channels, [&](uint32_t number) {
    const WaitingLine& line = lines_[number];
    const plan::QueueView& view = ViewOfColumn(line.column, set.table);
    if (!Sees(view, line.passed)) return;
    for (uint32_t e = line.line.first; e != kNil; e = base::NextInLine(nodes, line.line, e)) {
      const state::Entry& entry = state.entries[e];
      const state::Contact& contact = state.contacts[entry.contact];
      if (MayNotTake(state, contact, agent)) continue;
      const PairPlace key{
          line.first ? 0 : view.rank,
          {line.growth.weight, Score(line.growth, entry.level, entry.v, state.now_ns), entry.v, entry.figures},
          entry.ordinal};
      if (!first.Admits(key)) return;
      const auto same = std::find_if(first.ones().begin(), first.ones().end(),
                                     [&](uint32_t one) { return state.entries[one].contact == entry.contact; });
      if (same != first.ones().end()) {
        const auto at = static_cast<uint64_t>(same - first.ones().begin());
        if (!(key < first.KeyAt(at))) continue;
        first.Remove(at);
      }
      first.Insert(key, e);
    }
  });
  entries->assign(first.ones().begin(), first.ones().end());
}

int32_t Index::LevelOfSkill(uint32_t skills, uint32_t skill) const {
  const base::Vector<plan::SkillLevel>& levels = skill_sets_[skills].skills;
  const auto at = std::lower_bound(levels.begin(), levels.end(), plan::SkillLevel{skill, 0});
  return at != levels.end() && at->skill == skill ? at->level : 0;
}

bool Index::MeetsInWindow(uint32_t window, uint32_t skills, bool asking) const {
  const base::Vector<uint32_t>& needs = windows_[window].needs;
  return std::any_of(needs.begin(), needs.end(),
                     [&](uint32_t need) { return Eligible(need, skills) && !Kept(needs_[need], asking); });
}

bool Index::MeetsInForce(const state::State& state, const state::Entry& entry, uint32_t skills, bool asking) const {
  const state::Contact& contact = state.contacts[entry.contact];
  const uint64_t in_force = state.plan->queues[entry.rules].InForce(state.LadderOf(entry).open);
  for (uint64_t rest = in_force & contact.Reach(); rest != 0; rest &= rest - 1) {
    const auto step = static_cast<uint32_t>(std::countr_zero(rest));
    const uint32_t need = NeedOf(entry, step);
    if (!Eligible(need, skills) || Kept(needs_[need], asking)) continue;
    if (step != contact.reach_step || ViewOf(entry.queue, skills).tier <= contact.reach_tier) return true;
  }
  return false;
}

[[gnu::always_inline]] inline bool Index::MayNotTake(const state::State& state, const state::Contact& contact,
                                                     uint32_t agent) const {
  if (Excluded(state, contact, agent)) return true;
  if (contact.reach_step == kNil) return false;
  uint32_t e = contact.entries;
  while (state.entries[e].queue != contact.offering_queue) e = state.entries[e].next;
  const bool asking = !state.Of(agent, state.plan->queues[contact.offering_queue].channel).in_line;
  return !MeetsInForce(state, state.entries[e], state.agents[agent].skills, asking);
}

bool Index::MayTakeBy(const state::State& state, uint32_t agent, const state::Entry& entry, uint32_t step) const {
  const uint32_t skills = state.agents[agent].skills;
  const uint32_t need = NeedOf(entry, step);
  return Sees(ViewOf(entry.queue, skills), entry.passed) && Eligible(need, skills) &&
         !Excluded(state, state.contacts[entry.contact], agent);
}

bool Index::MayTake(const state::State& state, uint32_t agent, const state::Entry& entry) const {
  const uint32_t skills = state.agents[agent].skills;
  return Sees(ViewOf(entry.queue, skills), entry.passed) && MeetsInForce(state, entry, skills, false) &&
         !Excluded(state, state.contacts[entry.contact], agent);
}

}  // namespace koble::routing
