// Demand: needs, windows and variants, interned and counted.
#include <algorithm>
#include <optional>
#include <tuple>

#include "routing/index.h"

namespace koble::routing {
namespace {

using Term = plan::Requirement::Term;
using Op = plan::Requirement::Op;

// Qualities of which a meeting agent must have at least one; open: anybody may meet it (a level of 0 suffices somewhere).
struct Necessary {
  bool open;  // may hold without any of `skills`
  base::Vector<uint32_t> skills;
};
Necessary NecessarySkills(std::span<const Term> program, base::Memory* memory) {
  using Part = Necessary;
  base::Vector<Part> stack(memory);
  base::Vector<uint32_t> numbers(memory);  // qualities in the comparison that begins at `begin`
  size_t begin = 0;
  for (size_t at = 0; at < program.size(); ++at) {
    const Term& term = program[at];
    if (term.Calculates()) {
      if (term.op == Op::kQuality) numbers.push_back(term.subject);
      continue;
    }
    if (term.op == Op::kAnd || term.op == Op::kOr) {
      Part right = std::move(stack.back());
      stack.pop_back();
      Part& left = stack.back();
      if (term.op == Op::kAnd) {
        if (left.open || (!right.open && right.skills.size() < left.skills.size())) left = std::move(right);
      } else if (right.open || left.open) {
        left.open = true;
      } else {
        left.skills.insert(left.skills.end(), right.skills.begin(), right.skills.end());
      }
    } else if (term.op == Op::kNot) {
      stack.back().open = true;
    } else {
      // Who has none of its qualities is to a comparison like somebody who has nothing.
      if (term.Compares() && !term.ComparesNumbers()) numbers.push_back(term.subject);
      stack.push_back({plan::Holds(program.subspan(begin, at + 1 - begin), {}), std::move(numbers)});
      numbers.clear();
    }
    begin = at + 1;
  }
  base::Vector<uint32_t>& skills = stack.back().skills;
  std::sort(skills.begin(), skills.end());
  skills.erase(std::unique(skills.begin(), skills.end()), skills.end());
  return std::move(stack.back());
}

}  // namespace

// All that may throw comes before the first change, here and below. Costs one look at every skill set where the need is new.
uint32_t Index::InternNeed(std::span<const Term> program, uint32_t channel, uint64_t reserve) {
  base::Vector<int64_t> key(memory_);
  key.push_back(channel);
  key.push_back(static_cast<int64_t>(reserve));
  for (const Term& term : program) {
    key.push_back(static_cast<int64_t>(term.op) | static_cast<int64_t>(term.left) << 8 | int64_t{term.subject} << 16);
    key.push_back(term.value);
  }
  if (const auto at = need_numbers_.find(key); at != need_numbers_.end()) return at->second;
  const bool fresh = free_needs_.empty();
  const auto number = fresh ? static_cast<uint32_t>(needs_.size()) : free_needs_.back();
  const uint64_t count = fresh ? needs_.size() + 1 : needs_.size();
  Necessary necessary = NecessarySkills(program, memory_);
  Need need(memory_);
  need.key = key;
  need.program.assign(program.begin(), program.end());
  need.channel = channel;
  need.reserve = reserve;
  need.anybody = necessary.open;
  need.necessary = std::move(necessary.skills);
  if (need.anybody) need.necessary.clear();
  need.sign = need.anybody ? kAnybody : 0;
  for (const uint32_t quality : need.necessary) need.sign |= SignOf(quality);
  for (uint32_t set = 0; set < skill_sets_.size(); ++set) {
    if (skill_sets_[set].agents == 0 || !plan::Holds(program, skill_sets_[set].skills)) continue;
    need.skill_sets.push_back(set);
    base::ReserveMore(skill_sets_[set].needs, 1);
    if (reserve != 0) need.free += IdleLineOf(set, LaneOf(channel, AgentOrder::kIdle)).size;
  }
  if (need.anybody) base::ReserveMore(open_needs_, 1);
  for (const uint32_t skill : need.necessary) base::ReserveMore(needs_of_skill_[skill], 1);
  base::ReserveMore(needs_, 1);
  base::ReserveMore(free_needs_, count - free_needs_.size());
  base::ReserveMore(prepared_needs_, 1);
  for (DenseSet* needs : {&waiting_needs_[channel], &unjudged_}) {
    if (needs->Range() < count) needs->Reserve(std::max(count, 2 * needs->Range()));
  }
  need.open = need.free > reserve;
  if (need.skill_sets.size() >= kCrowdSets) ReserveCrowd();
  need_numbers_.emplace(std::move(key), number);

  for (const uint32_t set : need.skill_sets) {
    base::Vector<uint32_t>& needs = skill_sets_[set].needs;
    needs.insert(std::lower_bound(needs.begin(), needs.end(), number), number);
  }
  reserving_needs_ += reserve != 0 ? 1 : 0;
  told_of_idle_ |= reserve != 0;
  if (need.anybody) open_needs_.push_back(number);
  for (const uint32_t skill : need.necessary) needs_of_skill_[skill].push_back(number);
  if (fresh) {
    needs_.push_back(std::move(need));
  } else {
    free_needs_.pop_back();
    needs_[number] = std::move(need);
  }
  prepared_needs_.push_back(number);
  any_prepared_ = true;
  return number;
}

void Index::RecycleNeed(uint32_t number) {
  Need& need = needs_[number];
  const auto drop = [number](base::Vector<uint32_t>& list) {
    *std::find(list.begin(), list.end(), number) = list.back();
    list.pop_back();
  };
  for (const uint32_t set : need.skill_sets) {
    base::Vector<uint32_t>& needs = skill_sets_[set].needs;
    needs.erase(std::lower_bound(needs.begin(), needs.end(), number));
  }
  reserving_needs_ -= need.reserve != 0 ? 1 : 0;
  if (need.anybody) drop(open_needs_);
  for (const uint32_t skill : need.necessary) drop(needs_of_skill_[skill]);
  need_numbers_.erase(need.key);
  need.skill_sets.clear();
  unjudged_.Erase(number);
  free_needs_.push_back(number);
}

uint32_t Index::InternWindow(std::span<const Step> steps, uint64_t in_force) {
  base::Vector<uint32_t> needs(memory_);
  for (uint32_t s = 0; s < steps.size(); ++s) {
    if ((in_force >> s & 1) != 0) needs.push_back(steps[s].need);
  }
  std::sort(needs.begin(), needs.end());
  needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  if (const auto at = window_numbers_.find(needs); at != window_numbers_.end()) return at->second;
  const bool fresh = free_windows_.empty();
  const auto number = fresh ? static_cast<uint32_t>(windows_.size()) : free_windows_.back();
  base::ReserveMore(windows_, 1);
  base::ReserveMore(free_windows_, windows_.size() + 1 - free_windows_.size());
  base::ReserveMore(prepared_windows_, 1);
  Window window{needs, 0};
  window_numbers_.emplace(std::move(needs), number);

  if (fresh) {
    windows_.push_back(std::move(window));
  } else {
    free_windows_.pop_back();
    windows_[number] = std::move(window);
  }
  prepared_windows_.push_back(number);
  any_prepared_ = true;
  return number;
}

void Index::RecycleWindow(uint32_t number) {
  window_numbers_.erase(windows_[number].needs);
  free_windows_.push_back(number);
}

// Not yet one of variants_.
Index::Variant Index::MakeVariant(const state::State& state, uint32_t queue, std::span<const uint32_t> needs,
                                  const ContactValues& values) {
  const plan::Queue& q = state.plan->queues[queue];
  Variant variant{queue, base::Vector<Step>(memory_),    base::Vector<Condition>(memory_), {},
                  kNil,  base::Vector<uint32_t>(memory_)};
  variant.steps.reserve(needs.size());
  for (uint32_t s = 0; s < needs.size(); ++s) {
    base::Vector<uint32_t> counted(memory_);
    if (q.steps[s].counts_named) {
      const std::vector<uint32_t> named = plan::NamedSkills(needs_[needs[s]].program);
      counted.assign(named.begin(), named.end());
    } else {
      counted.assign(q.steps[s].counted_skills.begin(), q.steps[s].counted_skills.end());
    }
    variant.steps.push_back({needs[s], 0, kNil, std::move(counted)});
  }
  for (uint32_t s = 0; s < needs.size(); ++s) {
    const uint64_t bit = uint64_t{1} << s;
    variant.steps[s].window = InternWindow(variant.steps, q.by_state != 0 ? bit : q.InForce(2 * bit - 1));
  }
  AddConditions(state, &variant, values);
  return variant;
}

void Index::CountUsers(const Variant& variant) {
  for (const Step& step : variant.steps) {
    ++needs_[step.need].users;
    ++windows_[step.window].users;
  }
}

void Index::MakeLastingVariants(const state::State& state) {
  const plan::Plan& plan = *state.plan;
  using Key = std::tuple<uint32_t, uint32_t, uint64_t>;  // equal requirements are looked up once
  base::OrderedMap<Key, uint32_t> known(base::Alloc<std::pair<const Key, uint32_t>>{memory_});
  base::Vector<uint32_t> needs(memory_);
  for (uint32_t queue = 0; queue < plan.queues.size(); ++queue) {
    const plan::Queue& q = plan.queues[queue];
    variant_of_queue_.push_back(kNil);
    if (q.asks_contact) continue;
    needs.clear();
    for (const plan::Step& step : q.steps) {
      const auto [at, is_new] = known.try_emplace({step.requirement, q.channel, step.reserve}, 0);
      if (is_new) at->second = InternNeed(plan.requirements[step.requirement].program, q.channel, step.reserve);
      needs.push_back(at->second);
    }
    Variant variant = MakeVariant(state, queue, needs, {});
    variant.lasting = true;
    CountUsers(variant);
    for (const Step& step : variant.steps) ++needs_[step.need].standing;
    ReserveGauges(variant, variants_.size() + 1);
    CountGauges(variant, static_cast<uint32_t>(variants_.size()));
    variant_of_queue_.back() = static_cast<uint32_t>(variants_.size());
    plain_[queue].variant = variant_of_queue_.back();
    plain_[queue].need = variant.steps.front().need;
    variants_.push_back(std::move(variant));
  }
}

uint32_t Index::PrepareOneVariant(const state::State& state, uint32_t queue, const ContactValues& values) {
  const plan::Plan& plan = *state.plan;
  const plan::Queue& q = plan.queues[queue];
  base::Vector<uint32_t> key({queue}, memory_);
  for (const plan::Step& step : q.steps) {
    const plan::Requirement& requirement = plan.requirements[step.requirement];
    key.push_back(
        requirement.AsksContact()
            ? InternNeed(requirement.Resolve({values.values, values.count}, plan.value_skills), q.channel, step.reserve)
            : InternNeed(requirement.program, q.channel, step.reserve));
  }
  // Where contacts who say different things have the same needs, conditions may still tell them apart.
  std::optional<Variant> made;
  if (q.HasConditions()) {
    made = MakeVariant(state, queue, std::span(key).subspan(1), values);
    KeyOfConditions(*made, &key);
  }
  if (const auto at = variant_numbers_.find(key); at != variant_numbers_.end()) {
    PrepareVariant(at->second);
    return at->second;
  }
  Variant variant = made ? std::move(*made) : MakeVariant(state, queue, std::span(key).subspan(1), values);
  const bool fresh = free_variants_.empty();
  const auto number = fresh ? static_cast<uint32_t>(variants_.size()) : free_variants_.back();
  base::ReserveMore(variants_, 1);
  base::ReserveMore(free_variants_, variants_.size() + 1 - free_variants_.size());
  base::ReserveMore(prepared_variants_, 1);
  ReserveGauges(variant, fresh ? variants_.size() + 1 : variants_.size());
  variant.key = key;
  variant_numbers_.emplace(std::move(key), number);

  CountUsers(variant);
  CountGauges(variant, number);
  if (fresh) {
    variants_.push_back(std::move(variant));
  } else {
    free_variants_.pop_back();
    variants_[number] = std::move(variant);
  }
  PrepareVariant(number);
  return number;
}

// It stays until the change that is under way is over.
void Index::PrepareVariant(uint32_t number) {
  Variant& variant = variants_[number];
  if (variant.lasting || variant.prepared) return;
  base::ReserveMore(prepared_variants_, 1);
  variant.prepared = true;
  prepared_variants_.push_back(number);
  any_prepared_ = true;
}

void Index::RecycleVariant(uint32_t number) {
  Variant& variant = variants_[number];
  ReleaseGauges(number);
  for (const Step& step : variant.steps) {
    if (--windows_[step.window].users == 0) RecycleWindow(step.window);
    if (--needs_[step.need].users == 0) RecycleNeed(step.need);
  }
  variant_numbers_.erase(variant.key);
  variant.steps.clear();
  free_variants_.push_back(number);
}

// First what was made and then not used, because memory was missing for the rest.
void Index::DropUnusedVariants() {
  for (const uint32_t number : prepared_windows_) {
    if (windows_[number].users == 0) RecycleWindow(number);
  }
  prepared_windows_.clear();
  for (const uint32_t number : prepared_gauges_) {
    if (gauges_[number].users == 0) RecycleGauge(number);
  }
  prepared_gauges_.clear();
  for (const uint32_t number : prepared_needs_) {
    if (needs_[number].users == 0) RecycleNeed(number);
  }
  prepared_needs_.clear();
  for (const uint32_t number : prepared_variants_) {
    variants_[number].prepared = false;
    if (variants_[number].entries == 0) RecycleVariant(number);
  }
  prepared_variants_.clear();
}

void Index::ReadNames(const state::State& state) {
  names_.clear();
  const auto add = [&](const std::string& name, uint32_t attribute, uint32_t value) {
    if (const uint32_t symbol = state.symbols.Find(name); symbol != 0) names_.push_back({symbol, attribute, value});
  };
  const plan::Plan& plan = *state.plan;
  for (uint32_t a = 0; a < plan.attributes.size(); ++a) add(plan.attributes[a].name, a, 0);
  for (uint32_t v = 0; v < plan.values.size(); ++v) add(plan.values[v], kNil, v + 1);
  std::sort(names_.begin(), names_.end(), [](const Name& a, const Name& b) { return a.symbol < b.symbol; });
  // One that names both an attribute and a value.
  size_t kept = 0;
  for (const Name& name : names_) {
    if (kept != 0 && names_[kept - 1].symbol == name.symbol) {
      names_[kept - 1].attribute = std::min(names_[kept - 1].attribute, name.attribute);
      names_[kept - 1].value += name.value;
    } else {
      names_[kept++] = name;
    }
  }
  names_.resize(kept);
}

void Index::Read(const state::State& state, uint32_t key, int64_t value, ContactValues* values) const {
  const auto find = [this](int64_t symbol) -> const Name* {
    const auto at = std::lower_bound(names_.begin(), names_.end(), symbol,
                                     [](const Name& name, int64_t wanted) { return name.symbol < wanted; });
    return at != names_.end() && at->symbol == symbol ? &*at : nullptr;
  };
  const Name* name = find(key);
  if (name == nullptr || name->attribute == kNil) return;
  if (!state.plan->attributes[name->attribute].values.empty()) {
    const Name* of_value = find(value);
    value = of_value == nullptr ? 0 : of_value->value;
  }
  values->values[values->count++] = {name->attribute, value};
}

}  // namespace koble::routing
