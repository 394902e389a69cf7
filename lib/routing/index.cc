// The structure: lines, columns and skill sets. Idle lines are in idle_lines.cc, needs, windows and variants in variants.cc, the searches in search.cc.
#include "routing/index.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "routing/figures.h"
#include "routing/nodes.h"

namespace koble::routing {
Index::Index(base::Memory* memory)
    : memory_(memory),
      needs_(memory),
      need_numbers_(base::Alloc<std::pair<const base::Vector<int64_t>, uint32_t>>(memory)),
      free_needs_(memory),
      prepared_needs_(memory),
      needs_of_skill_(memory),
      open_needs_(memory),
      windows_(memory),
      window_numbers_(base::Alloc<std::pair<const base::Vector<uint32_t>, uint32_t>>(memory)),
      free_windows_(memory),
      prepared_windows_(memory),
      variants_(memory),
      variant_of_queue_(memory),
      variant_numbers_(base::Alloc<std::pair<const base::Vector<uint32_t>, uint32_t>>(memory)),
      free_variants_(memory),
      prepared_variants_(memory),
      names_(memory),
      columns_(memory),
      others_(memory),
      plain_(memory),
      lowest_tiers_(memory),
      column_of_queue_(memory),
      lines_(memory),
      line_numbers_(base::Alloc<std::pair<const LineKey, uint32_t>>(memory)),
      owned_(memory),
      free_lines_(memory),
      prepared_lines_(memory),
      waiting_needs_(memory),
      skill_sets_(memory),
      free_skill_sets_(memory),
      prepared_skills_(memory),
      skill_set_numbers_(memory),
      lanes_(memory),
      lane_of_(memory),
      first_lanes_(memory),
      idle_(memory),
      idle_sets_(memory),
      idle_counts_(memory),
      marks_(memory),
      unjudged_(memory),
      gauges_(memory),
      gauge_numbers_(base::Alloc<std::pair<const GaugeKey, uint32_t>>(memory)),
      free_gauges_(memory),
      prepared_gauges_(memory),
      waiting_gauges_(memory),
      able_(memory),
      available_(memory),
      turned_(memory),
      turn_lines_(memory),
      moved_turns_(memory) {}

void Index::Rebuild(const state::State& state) {
  *this = Index(memory_);
  const plan::Plan& plan = *state.plan;
  channels_ = state.Channels();
  waiting_needs_.assign(channels_, DenseSet(memory_));
  idle_sets_.assign(channels_, DenseSet(memory_));
  idle_counts_.assign(channels_, 0);
  MakeLanes(plan);
  MakeColumns(plan);
  ReserveAgents(state.agents.Size());
  needs_of_skill_.assign(plan.skills.size() + plan.attributes.size(), base::Vector<uint32_t>(memory_));
  waiting_gauges_.assign(plan.queues.size(), kNil);
  MakeTurnLines(plan);
  MakeLastingVariants(state);
  ReadNames(state);
  MakeRoom();
}

void Index::MakeRoom() {
  for (DenseSet& needs : waiting_needs_) needs.Reserve(std::max<uint64_t>(needs_.size(), needs.Range()));
  for (DenseSet& sets : idle_sets_) sets.Reserve(skill_sets_.size());
  for (Need& need : needs_) need.lines.reserve(need.line_count);
  for (Owned& owned : owned_) owned.lines.reserve(owned.line_count);
  unjudged_.Reserve(std::max<uint64_t>(needs_.size(), unjudged_.Range()));
  turned_.Reserve(std::max<uint64_t>(variants_.size(), turned_.Range()));
  moved_turns_.Reserve(turn_lines_.size());
  free_gauges_.reserve(gauges_.size());
  free_lines_.reserve(lines_.size());
  free_needs_.reserve(needs_.size());
  free_windows_.reserve(windows_.size());
  free_variants_.reserve(variants_.size());
  free_skill_sets_.reserve(skill_sets_.size());
}

uint64_t Index::HashOf(std::span<const plan::SkillLevel> skills, uint32_t table) {
  base::Hasher hasher(table);
  for (const plan::SkillLevel& skill : skills) {
    hasher.Mix(uint64_t{skill.skill} << 32 | static_cast<uint32_t>(skill.level));
  }
  return hasher.Finish().lo;
}

uint32_t Index::FindSkills(uint64_t hash, std::span<const plan::SkillLevel> skills, uint32_t table) const {
  return skill_set_numbers_.Find(hash, [&](uint32_t number) {
    const SkillSet& set = skill_sets_[number];
    return set.table == table && std::ranges::equal(set.skills, skills);
  });
}

// All that may throw comes before the first change.
uint32_t Index::InternSkills(const plan::Capability& capability) {
  const std::vector<plan::SkillLevel>& skills = capability.skills;
  const uint64_t hash = HashOf(skills, capability.table);
  if (const uint32_t known = FindSkills(hash, skills, capability.table); known != kNil) {
    ++skill_sets_[known].agents;
    return known;
  }
  SkillSet set{base::Vector<plan::SkillLevel>(skills.begin(), skills.end(), memory_),
               capability.table,
               kAnybody,
               NeedsMetBy(skills),
               base::Vector<uint32_t>(memory_),
               1};
  for (const plan::SkillLevel& skill : skills) set.sign |= SignOf(skill.skill);
  ListGaugesOf(&set);
  const bool fresh = free_skill_sets_.empty();
  const auto number = fresh ? static_cast<uint32_t>(skill_sets_.size()) : free_skill_sets_.back();
  const uint64_t count = fresh ? skill_sets_.size() + 1 : skill_sets_.size();
  for (const uint32_t need : set.needs) base::ReserveMore(needs_[need].skill_sets, 1);
  base::ReserveMore(free_skill_sets_, count - free_skill_sets_.size());
  for (DenseSet& sets : idle_sets_) sets.Reserve(count);
  if (idle_.size() < count * lanes_.size()) {
    base::ReserveMore(idle_, lanes_.size());
    idle_.resize(count * lanes_.size());
  }
  for (base::Vector<uint64_t>* numbers : {&able_, &available_}) {
    if (numbers->size() >= count * channels_) continue;
    base::ReserveMore(*numbers, channels_);
    numbers->resize(count * channels_);
  }
  base::ReserveMore(skill_sets_, 1);
  if (std::ranges::any_of(set.needs, [&](uint32_t n) { return needs_[n].skill_sets.size() + 1 >= kCrowdSets; }))
    ReserveCrowd();
  skill_set_numbers_.Insert(hash, number);

  for (const uint32_t need : set.needs) needs_[need].skill_sets.push_back(number);
  if (fresh) {
    skill_sets_.push_back(std::move(set));
  } else {
    free_skill_sets_.pop_back();
    skill_sets_[number] = std::move(set);
  }
  return number;
}

uint32_t Index::PrepareSkills(uint32_t agent, const plan::Capability& capability) {
  base::ReserveMore(prepared_skills_, 1);
  const uint32_t skills = InternSkills(capability);
  prepared_skills_.emplace_back(agent, skills);
  any_prepared_ = true;
  return skills;
}

uint32_t Index::TakePreparedSkills(uint32_t agent) {
  for (auto& prepared : prepared_skills_) {
    if (prepared.first != agent) continue;
    const uint32_t skills = prepared.second;
    prepared = prepared_skills_.back();
    prepared_skills_.pop_back();
    return skills;
  }
  return kNil;
}

base::Vector<uint32_t> Index::NeedsMetBy(std::span<const plan::SkillLevel> skills) const {
  base::Vector<uint32_t> needs(open_needs_);
  for (const plan::SkillLevel& skill : skills) {
    const base::Vector<uint32_t>& more = needs_of_skill_[skill.skill];
    needs.insert(needs.end(), more.begin(), more.end());
  }
  std::sort(needs.begin(), needs.end());
  needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  std::erase_if(needs, [&](uint32_t need) { return !plan::Holds(needs_[need].program, skills); });
  return {needs.begin(), needs.end(), memory_};  // without the room of those that were asked in vain
}

void Index::ReleaseSkills(uint32_t skills) {
  SkillSet& set = skill_sets_[skills];
  if (--set.agents != 0) return;
  for (const uint32_t need : set.needs) {
    base::Vector<uint32_t>& list = needs_[need].skill_sets;
    *std::find(list.begin(), list.end(), skills) = list.back();
    list.pop_back();
  }
  skill_set_numbers_.Erase(HashOf(set.skills, set.table), skills);
  set.needs.clear();
  set.gauges.clear();
  set.skills.clear();
  free_skill_sets_.push_back(skills);
}

// The first lane of every channel is by longest idle, whether a queue chooses by it or not.
void Index::MakeColumns(const plan::Plan& plan) {
  base::Vector<base::Vector<std::pair<uint32_t, plan::QueueView>>> views(
      plan.queues.size(), base::Vector<std::pair<uint32_t, plan::QueueView>>(memory_), memory_);
  for (uint32_t table = 0; table < plan.tables.size(); ++table) {
    others_.push_back(plan.tables[table].others);
    for (const auto& [queue, view] : plan.tables[table].listed) {
      if (view != others_.back()) views[queue].emplace_back(table, view);
    }
  }
  using Column = base::Vector<std::pair<uint32_t, plan::QueueView>>;
  base::OrderedMap<Column, uint32_t> numbers{base::Alloc<std::pair<const Column, uint32_t>>(memory_)};
  for (auto& column : views) {
    const auto [at, is_new] = numbers.try_emplace(column, static_cast<uint32_t>(columns_.size()));
    if (is_new) columns_.push_back(std::move(column));
    column_of_queue_.push_back(at->second);
  }
  for (uint32_t q = plan.queue_count; q < plan.queues.size(); ++q)
    column_of_queue_[q] = column_of_queue_[plan.queues[q].number];

  only_view_ =
      others_.size() == 1 && std::ranges::all_of(columns_, [](const Column& column) { return column.empty(); });
  const bool at_once = only_view_ && !others_[0].never && others_[0].delay == 0;
  for (const plan::Queue& queue : plan.queues) {
    const bool plain = at_once && queue.select == plan::SelectionRule::kLongestIdle;
    plain_.push_back({.lane = plain ? LaneOf(queue.channel, OrderOf(queue)) : kNil, .channel = queue.channel});
  }

  uint32_t lowest_of_others = UINT32_MAX;
  const auto lower = [](const plan::QueueView& view, uint32_t* lowest) {
    if (!view.never) *lowest = std::min(*lowest, view.tier);
  };
  for (const plan::QueueView& view : others_) lower(view, &lowest_of_others);
  for (const Column& column : columns_) {
    lowest_tiers_.push_back(lowest_of_others);
    for (const auto& [table, view] : column) lower(view, &lowest_tiers_.back());
  }
}

const plan::QueueView& Index::ListedView(uint32_t column, uint32_t table) const {
  const base::Vector<std::pair<uint32_t, plan::QueueView>>& views = columns_[column];
  const auto at =
      std::lower_bound(views.begin(), views.end(), table, [](const auto& view, uint32_t t) { return view.first < t; });
  return at != views.end() && at->first == table ? at->second : others_[table];
}

Place Index::PlaceOf(const state::State& state, const state::Entry& entry) {
  const Growth growth = GrowthOf(state.plan->queues[entry.queue]);
  return {growth.weight, Score(growth, entry.level, entry.v, state.now_ns), entry.v, entry.figures};
}

uint32_t Index::LineFor(const state::State& state, const LineWish& wish) {
  if (const uint32_t known = LastingLine(wish); known != kNil) return known;
  Variant& of = variants_[wish.variant];
  Step& step = of.steps[wish.step];
  const plan::Queue& queue = state.plan->queues[of.queue];
  const bool lasting = of.lasting && wish.passed == 0 && wish.owner == kNil;
  const bool first = wish.owner != kNil && queue.reserved_first;
  const LineKey key{step.window, column_of_queue_[of.queue], wish.passed, GrowthOf(queue), wish.owner, first};
  const auto at = line_numbers_.find(key);
  const uint32_t number = at != line_numbers_.end() ? at->second : MakeLine(key);
  lines_[number].lasting |= lasting;
  if (lasting) step.line = number;
  return number;
}

void Index::PrepareOneLine(const state::State& state, const LineWish& wish) {
  PrepareVariant(wish.variant);
  base::ReserveMore(prepared_lines_, 1);
  const uint32_t number = LineFor(state, wish);
  WaitingLine& line = lines_[number];
  if (line.lasting || line.prepared) return;
  line.prepared = true;
  prepared_lines_.push_back(number);
  any_prepared_ = true;
}

// All that may throw comes before the first change.
uint32_t Index::MakeLine(const LineKey& key) {
  const bool fresh = free_lines_.empty();
  const auto number = fresh ? static_cast<uint32_t>(lines_.size()) : free_lines_.back();
  base::ReserveMore(lines_, 1);
  base::ReserveMore(free_lines_, lines_.size() + 1 - free_lines_.size());
  if (key.owner != kNil) {
    if (owned_.size() <= key.owner) {
      base::ReserveMore(owned_, key.owner + 1 - owned_.size());
      owned_.resize(key.owner + 1, Owned(memory_));
    }
    Owned& owned = owned_[key.owner];
    base::ReserveMore(owned.lines, owned.line_count + 1 - owned.lines.size());
  } else {
    for (const uint32_t need : windows_[key.window].needs) {
      base::Vector<uint32_t>& lines = needs_[need].lines;
      base::ReserveMore(lines, needs_[need].line_count + 1 - lines.size());
    }
  }
  line_numbers_.emplace(key, number);

  const WaitingLine line{base::Line{}, key.window, key.column, key.passed, key.growth, key.owner, key.first};
  if (fresh) {
    lines_.push_back(line);
  } else {
    lines_[number] = line;
    free_lines_.pop_back();
  }
  if (key.owner != kNil) {
    ++owned_[key.owner].line_count;
  } else {
    for (const uint32_t need : windows_[key.window].needs) ++needs_[need].line_count;
  }
  return number;
}

void Index::Recycle(uint32_t number) {
  const WaitingLine& line = lines_[number];
  if (line.owner != kNil) {
    --owned_[line.owner].line_count;
  } else {
    for (const uint32_t need : windows_[line.window].needs) --needs_[need].line_count;
  }
  line_numbers_.erase(LineKey{line.window, line.column, line.passed, line.growth, line.owner, line.first});
  free_lines_.push_back(number);
}

// Lines before the variants whose windows they are of.
void Index::DropPrepared() {
  any_prepared_ = false;
  for (const auto& [agent, skills] : prepared_skills_) ReleaseSkills(skills);
  prepared_skills_.clear();
  for (const uint32_t number : prepared_lines_) {
    lines_[number].prepared = false;
    if (lines_[number].entries == 0 && !lines_[number].lasting) Recycle(number);
  }
  prepared_lines_.clear();
  DropUnusedVariants();
}

[[gnu::hot]] void Index::JoinLine(state::State& state, uint32_t node, const LineWish& wish) {
  const uint32_t line = LineFor(state, wish);
  state.entries[node].line = line;
  ++lines_[line].entries;
}

[[gnu::hot]] void Index::PartLine(state::State& state, uint32_t node) {
  const uint32_t number = state.entries[node].line;
  state.entries[node].line = kNil;
  WaitingLine& line = lines_[number];
  // One that was prepared in this very change is dropped at its end: others may be about to join it.
  if (--line.entries == 0 && !line.lasting && !line.prepared) Recycle(number);
}

[[gnu::hot]] void Index::Join(state::State& state, uint32_t entry) {
  const state::Entry& e = state.entries[entry];
  const state::Contact& contact = state.contacts[e.contact];
  Variant& variant = variants_[e.variant];
  if (variant.entries++ == 0 && !variant.lasting) {
    for (const Step& step : variant.steps) ++needs_[step.need].standing;
  }
  const plan::Queue& queue = state.plan->queues[e.rules];
  if (queue.JudgesState()) LinkAlike(state, entry);
  if (queue.by_state != 0) {
    MakeStands(state, entry);
    return EnterTurnLine(state, entry);
  }
  JoinLine(state, entry, {e.variant, plan::LastStep(state.LadderOf(e).open), e.passed, contact.Owner()});
  EnterTurnLine(state, entry);
}

[[gnu::hot]] void Index::Part(state::State& state, uint32_t entry) {
  const uint32_t number = state.entries[entry].variant;
  Variant& variant = variants_[number];
  const plan::Queue& queue = state.plan->queues[state.entries[entry].rules];
  LeaveTurnLine(state, entry);
  if (queue.JudgesState()) UnlinkAlike(state, entry);
  if (queue.by_state != 0) {
    DropStands(state, entry);
  } else {
    PartLine(state, entry);
  }
  state.entries[entry].variant = kNil;
  if (--variant.entries != 0 || variant.lasting) return;
  for (const Step& step : variant.steps) --needs_[step.need].standing;
  if (!variant.prepared) RecycleVariant(number);
}

void Index::Move(state::State& state, uint32_t entry, uint64_t open, uint32_t passed) {
  state::Entry& e = state.entries[entry];
  const state::Contact& contact = state.contacts[e.contact];
  const uint32_t stands = state.LadderOf(e).stands;
  const bool stays =
      stands != kNil && passed == e.passed && lines_[state.entries[stands].line].owner == contact.Owner();
  if (e.ladder != kNil) state.ladders[e.ladder].open = open;
  e.passed = static_cast<uint8_t>(passed);
  const int64_t raised = state.plan->queues[e.rules].PriorityOf(open);
  if (!e.placed && raised != e.figures.raised) {
    LeaveTurnLine(state, entry);
    e.figures.raised = raised;
    Seat(state, entry);
    EnterTurnLine(state, entry);
  }
  if (stays) return;
  if (stands == kNil) {
    PartLine(state, entry);
    return JoinLine(state, entry, {e.variant, plan::LastStep(open), passed, contact.Owner()});
  }
  for (uint32_t stand = stands; stand != kNil; stand = state.entries[stand].next) {
    PartLine(state, stand);
    JoinLine(state, stand, {e.variant, state.entries[stand].step, passed, contact.Owner()});
  }
}

[[gnu::hot]] void Index::Seat(state::State& state, uint32_t entry) {
  state::Entry& e = state.entries[entry];
  const plan::Queue& queue = state.plan->queues[e.queue];
  e.level = LevelOf(queue, e.figures);
  e.v = VirtualArrival(queue, e.figures);
  for (uint32_t stand = state.LadderOf(e).stands; stand != kNil; stand = state.entries[stand].next) {
    state.entries[stand].figures = e.figures;
    state.entries[stand].level = e.level;
    state.entries[stand].v = e.v;
  }
}

[[gnu::hot]] void Index::EntryEnters(state::State& state, uint32_t entry) {
  state.entries[entry].in_line = true;
  if (HasTurn(state, entry)) EnterLines(state, entry);
}

[[gnu::hot]] void Index::EntryLeaves(state::State& state, uint32_t entry) {
  state.entries[entry].in_line = false;
  if (HasTurn(state, entry)) LeaveLines(state, entry);
}

[[gnu::hot]] void Index::EnterLines(state::State& state, uint32_t entry) {
  const state::Entry& e = state.entries[entry];
  if (state.LadderOf(e).stands == kNil) return NodeEnters(state, entry);
  const uint64_t in_force = state.plan->queues[e.rules].InForce(state.LadderOf(e).open);
  for (uint32_t stand = state.LadderOf(e).stands; stand != kNil; stand = state.entries[stand].next) {
    if ((in_force >> state.entries[stand].step & 1) == 0) continue;
    state.entries[stand].in_line = true;
    NodeEnters(state, stand);
  }
}

[[gnu::hot]] void Index::LeaveLines(state::State& state, uint32_t entry) {
  const state::Entry& e = state.entries[entry];
  if (state.LadderOf(e).stands == kNil) return NodeLeaves(state, entry);
  for (uint32_t stand = state.LadderOf(e).stands; stand != kNil; stand = state.entries[stand].next) {
    if (!state.entries[stand].in_line) continue;
    state.entries[stand].in_line = false;
    NodeLeaves(state, stand);
  }
}

void Index::NoteHead(const state::State& state, WaitingLine* line) {
  const state::Entry& head = state.entries[line->line.first];
  line->head_level = head.level;
  line->head_v = head.v;
  line->head_arrival_ns = head.figures.arrival_ns;
  line->head_serial = head.figures.serial;
}

[[gnu::always_inline]] inline void Index::NodeEnters(state::State& state, uint32_t node) {
  const uint32_t number = state.entries[node].line;
  WaitingLine& line = lines_[number];
  if (line.line.size == 0) ListLine(number);
  base::LineOf(line.line, EntryNodes{&state}).Insert(node);
  if (line.line.first == node) NoteHead(state, &line);
}

[[gnu::always_inline]] inline void Index::NodeLeaves(state::State& state, uint32_t node) {
  const uint32_t number = state.entries[node].line;
  WaitingLine& line = lines_[number];
  const bool was_first = line.line.first == node;
  base::LineOf(line.line, EntryNodes{&state}).Remove(node);
  if (line.line.size == 0) return UnlistLine(number);
  if (was_first) NoteHead(state, &line);
}

[[gnu::hot]] void Index::ListLine(uint32_t line) {
  ++filled_lines_;
  if (lines_[line].owner != kNil) return owned_[lines_[line].owner].lines.push_back(line);
  for (const uint32_t need : windows_[lines_[line].window].needs) {
    if (needs_[need].lines.empty()) waiting_needs_[needs_[need].channel].Insert(need);
    needs_[need].lines.push_back(line);
  }
}

[[gnu::hot]] void Index::UnlistLine(uint32_t line) {
  --filled_lines_;
  if (lines_[line].owner != kNil) {
    base::Vector<uint32_t>& list = owned_[lines_[line].owner].lines;
    *std::find(list.begin(), list.end(), line) = list.back();
    list.pop_back();
    return;
  }
  for (const uint32_t need : windows_[lines_[line].window].needs) {
    base::Vector<uint32_t>& list = needs_[need].lines;
    *std::find(list.begin(), list.end(), line) = list.back();
    list.pop_back();
    if (list.empty()) waiting_needs_[needs_[need].channel].Erase(need);
  }
}

}  // namespace koble::routing
