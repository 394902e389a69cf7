// Conditions of steps and queues: what they compare, and for whom they have turned (docs/model.md, 6a).
//
// A gauge knows at which values a comparison of which variant turns. So an agent or contact that comes or goes costs a look at the gauges that count
// it; a variant is looked at when one of its comparisons has turned, and its contacts when one of its conditions has: that is then the same for all of
// them, and what each makes of it is a matter of masks.
#include <algorithm>
#include <bit>

#include "routing/index.h"

namespace koble::routing {

using Left = plan::Requirement::Left;
using Op = plan::Requirement::Op;

// All that may throw comes before the first change.
uint32_t Index::InternGauge(const state::State& state, const GaugeKey& key) {
  if (const auto at = gauge_numbers_.find(key); at != gauge_numbers_.end()) return at->second;
  const auto [counts, of, column] = key;
  const bool fresh = free_gauges_.empty();
  const auto number = fresh ? static_cast<uint32_t>(gauges_.size()) : free_gauges_.back();
  Gauge gauge{
      counts, of, column, 0, base::Vector<std::pair<int64_t, uint32_t>>(memory_), base::Vector<uint32_t>(memory_), 0};
  base::Vector<uint32_t> sets(memory_);
  if (counts == Left::kWaiting) {
    gauge.value = static_cast<int64_t>(state.queue_waiting[of]);
  } else {
    const uint32_t channel = needs_[of].channel;
    for (const uint32_t set : needs_[of].skill_sets) {
      if (ViewOfColumn(column, skill_sets_[set].table).never) continue;
      sets.push_back(set);
      base::ReserveMore(skill_sets_[set].gauges, 1);
      gauge.value +=
          static_cast<int64_t>(counts == Left::kFree ? IdleLineOf(set, LaneOf(channel, AgentOrder::kIdle)).size
                                                     : SignedIn(counts, set, channel));
    }
    base::ReserveMore(needs_[of].gauges, 1);
  }
  base::ReserveMore(gauges_, 1);
  base::ReserveMore(free_gauges_, gauges_.size() + 1 - free_gauges_.size());
  base::ReserveMore(prepared_gauges_, 1);
  gauge_numbers_.emplace(key, number);

  for (const uint32_t set : sets) skill_sets_[set].gauges.push_back(number);
  if (counts == Left::kWaiting) {
    waiting_gauges_[of] = number;
  } else {
    needs_[of].gauges.push_back(number);
  }
  told_of_idle_ = true;
  if (fresh) {
    gauges_.push_back(std::move(gauge));
  } else {
    free_gauges_.pop_back();
    gauges_[number] = std::move(gauge);
  }
  prepared_gauges_.push_back(number);
  any_prepared_ = true;
  return number;
}

void Index::RecycleGauge(uint32_t number) {
  Gauge& gauge = gauges_[number];
  if (gauge.counts == Left::kWaiting) {
    waiting_gauges_[gauge.of] = kNil;
  } else {
    std::erase(needs_[gauge.of].gauges, number);
    for (const uint32_t set : needs_[gauge.of].skill_sets) std::erase(skill_sets_[set].gauges, number);
  }
  gauge_numbers_.erase({gauge.counts, gauge.of, gauge.column});
  gauge.turns.clear();
  gauge.calculating.clear();
  free_gauges_.push_back(number);
}

// Of a new skill set.
void Index::ListGaugesOf(SkillSet* set) const {
  for (const uint32_t need : set->needs) {
    for (const uint32_t gauge : needs_[need].gauges) {
      if (!ViewOfColumn(gauges_[gauge].column, set->table).never) set->gauges.push_back(gauge);
    }
  }
}

// The conditions of the queue and its steps for contacts who say this. The variant has its steps.
void Index::AddConditions(const state::State& state, Variant* variant, const ContactValues& values) {
  const plan::Plan& plan = *state.plan;
  const plan::Queue& queue = plan.queues[variant->queue];
  if (!queue.HasConditions()) return;
  const auto add = [&](uint32_t step, uint32_t number, uint64_t Truth::*of) {
    if (number == plan::kNoCondition) return;
    const std::vector<Term> resolved =
        plan.conditions[number].program.Resolve({values.values, values.count}, plan.value_skills);
    Condition condition{step, of, base::Vector<Term>(resolved.begin(), resolved.end(), memory_)};
    for (Term& term : condition.program) {
      if (!term.Counts()) continue;
      const bool waiting = term.left == Left::kWaiting;
      term.subject = InternGauge(state, {term.left, waiting ? queue.number : variant->steps[term.subject].need,
                                         waiting ? 0 : column_of_queue_[variant->queue]});
    }
    variant->conditions.push_back(std::move(condition));
  };
  for (uint32_t step = 0; step < queue.steps.size(); ++step) {
    add(step, queue.steps[step].when, &Truth::when);
    add(step, queue.steps[step].early, &Truth::early);
    add(step, queue.steps[step].hold, &Truth::hold);
  }
  add(0, queue.leave, &Truth::leave);
  add(0, queue.refuse, &Truth::refuse);
  variant->truth = TruthOf(*variant);
}

// Where contacts who say different things meet the same needs, their conditions may yet differ.
void Index::KeyOfConditions(const Variant& variant, base::Vector<uint32_t>* key) const {
  for (const Condition& condition : variant.conditions) {
    key->push_back(static_cast<uint32_t>(condition.program.size()));
    for (const Term& term : condition.program) {
      key->push_back(static_cast<uint32_t>(term.op) | static_cast<uint32_t>(term.left) << 8);
      key->push_back(term.subject);
      key->push_back(static_cast<uint32_t>(term.value));
      key->push_back(static_cast<uint32_t>(static_cast<uint64_t>(term.value) >> 32));
    }
  }
}

namespace {

// Where a comparison turns: at the values from which on it is another than below.
template <class Visit>
void EachTurn(const plan::Requirement::Term& term, const Visit& visit) {
  const bool at = term.op != Op::kLessEqual && term.op != Op::kGreater;
  const bool behind = term.op != Op::kLess && term.op != Op::kGreaterEqual;
  if (at) visit(term.value);
  if (behind) visit(term.value + 1);
}

}  // namespace

void Index::ReserveGauges(const Variant& variant, uint64_t variants) {
  if (variant.conditions.empty()) return;
  uint64_t turns = 0;
  for (const Condition& condition : variant.conditions) turns += 2 * condition.program.size();
  for (const Condition& condition : variant.conditions) {
    for (const Term& term : condition.program) {
      if (!term.Counts()) continue;
      base::ReserveMore(gauges_[term.subject].turns, turns);
      base::ReserveMore(gauges_[term.subject].calculating, 1);
    }
  }
  if (turned_.Range() < variants) turned_.Reserve(std::max(variants, 2 * turned_.Range()));
}

void Index::CountGauges(const Variant& variant, uint32_t number) {
  for (const Condition& condition : variant.conditions) {
    for (const Term& term : condition.program) {
      if (!term.Counts()) continue;
      Gauge& gauge = gauges_[term.subject];
      ++gauge.users;
      if (!term.Compares()) {
        if (gauge.calculating.empty() || gauge.calculating.back() != number) gauge.calculating.push_back(number);
        continue;
      }
      EachTurn(term, [&](int64_t value) {
        const std::pair turn(value, number);
        const auto at = std::lower_bound(gauge.turns.begin(), gauge.turns.end(), turn);
        if (at == gauge.turns.end() || *at != turn) gauge.turns.insert(at, turn);
      });
    }
  }
}

void Index::ReleaseGauges(uint32_t number) {
  turned_.Erase(number);
  for (const Condition& condition : variants_[number].conditions) {
    for (const Term& term : condition.program) {
      if (!term.Counts()) continue;
      Gauge& gauge = gauges_[term.subject];
      std::erase_if(gauge.turns, [&](const auto& turn) { return turn.second == number; });
      std::erase(gauge.calculating, number);
      if (--gauge.users == 0) RecycleGauge(term.subject);
    }
  }
  variants_[number].conditions.clear();
}

void Index::Turn(uint32_t number, bool more) {
  Gauge& gauge = gauges_[number];
  const int64_t value = more ? ++gauge.value : gauge.value--;
  auto at = std::lower_bound(gauge.turns.begin(), gauge.turns.end(), std::pair(value, uint32_t{0}));
  for (; at != gauge.turns.end() && at->first == value; ++at) turned_.Insert(at->second);
  for (const uint32_t variant : gauge.calculating) turned_.Insert(variant);
}

Index::Truth Index::TruthOf(const Variant& variant) const {
  Truth truth;
  for (const Condition& condition : variant.conditions) {
    const bool holds = plan::Holds(condition.program, [&](const Term& term) { return gauges_[term.subject].value; });
    const uint64_t bit = uint64_t{1} << condition.step;
    truth.*condition.of = holds ? truth.*condition.of | bit : truth.*condition.of & ~bit;
  }
  return truth;
}

void Index::CountAgents(Left counts, uint32_t skills, uint32_t channel, bool more) {
  for (const uint32_t gauge : skill_sets_[skills].gauges) {
    if (gauges_[gauge].counts == counts && needs_[gauges_[gauge].of].channel == channel) Turn(gauge, more);
  }
}

void Index::CountSignedIn(Left counts, uint32_t skills, uint32_t channel, bool more) {
  uint64_t& number = (counts == Left::kAble ? able_ : available_)[uint64_t{skills} * channels_ + channel];
  more ? ++number : --number;
  CountAgents(counts, skills, channel, more);
}

uint64_t Index::StepsToChange(const state::State& state, const state::Entry& entry) const {
  const state::Ladder& ladder = state.LadderOf(entry);
  const Truth& truth = variants_[entry.variant].truth;
  const uint64_t opening = ((ladder.due & truth.when) | truth.early) & truth.hold & ~ladder.open;
  return opening | (ladder.open & ~truth.hold);
}

void Index::EachTurned(const state::State& state, absl::FunctionRef<void(uint32_t entry)> visit) {
  while (!turned_.items().empty()) {
    Variant& variant = variants_[turned_.items().back()];
    turned_.Erase(turned_.items().back());
    const Truth truth = TruthOf(variant);
    if (truth == variant.truth) continue;
    variant.truth = truth;
    for (uint32_t entry = variant.first; entry != kNil; entry = state.LadderOf(state.entries[entry]).alike_next)
      visit(entry);
  }
}

void Index::SettleConditions() {
  for (Variant& variant : variants_) variant.truth = TruthOf(variant);
  while (!turned_.items().empty()) turned_.Erase(turned_.items().back());
}

// Of an entry that has none; references to entries do not outlive this, unless the pool has room.
void Index::MakeStands(state::State& state, uint32_t entry) {
  const state::Entry e = state.entries[entry];
  const state::Contact& contact = state.contacts[e.contact];
  const Variant& variant = variants_[e.variant];
  uint32_t last = kNil;
  for (uint32_t step = 0; step < variant.steps.size(); ++step) {
    state::Entry stand;
    stand.contact = e.contact;
    stand.queue = e.queue;
    stand.ordinal = e.ordinal;
    stand.step = static_cast<uint8_t>(step);
    stand.figures = e.figures;
    stand.level = e.level;
    stand.v = e.v;
    const uint32_t node = state.entries.Allocate(stand);
    (last == kNil ? state.ladders[e.ladder].stands : state.entries[last].next) = node;
    last = node;
    JoinLine(state, node, {e.variant, step, e.passed, contact.Owner()});
  }
  state.entries[last].next = kNil;
  steps_by_state_ += static_cast<uint64_t>(std::popcount(state.plan->queues[e.rules].by_state));
}

void Index::DropStands(state::State& state, uint32_t entry) {
  const state::Entry& e = state.entries[entry];
  uint32_t& stands = state.ladders[e.ladder].stands;
  while (stands != kNil) {
    const uint32_t stand = stands;
    stands = state.entries[stand].next;
    PartLine(state, stand);
    state.entries.Free(stand);
  }
  steps_by_state_ -= static_cast<uint64_t>(std::popcount(state.plan->queues[e.rules].by_state));
}

void Index::LinkAlike(state::State& state, uint32_t entry) {
  const state::Entry& e = state.entries[entry];
  Variant& variant = variants_[e.variant];
  state::Ladder& ladder = state.ladders[e.ladder];
  ladder.alike_previous = kNil;
  ladder.alike_next = variant.first;
  if (variant.first != kNil) state.ladders[state.entries[variant.first].ladder].alike_previous = entry;
  variant.first = entry;
  if (state.plan->queues[e.rules].leave != plan::kNoCondition) ++leaving_;
}

void Index::UnlinkAlike(state::State& state, uint32_t entry) {
  const state::Entry& e = state.entries[entry];
  const auto ladder_of = [&](uint32_t alike) -> state::Ladder& { return state.ladders[state.entries[alike].ladder]; };
  const state::Ladder& ladder = state.ladders[e.ladder];
  (ladder.alike_previous == kNil ? variants_[e.variant].first : ladder_of(ladder.alike_previous).alike_next) =
      ladder.alike_next;
  if (ladder.alike_next != kNil) ladder_of(ladder.alike_next).alike_previous = ladder.alike_previous;
  if (state.plan->queues[e.rules].leave != plan::kNoCondition) --leaving_;
}

}  // namespace koble::routing
