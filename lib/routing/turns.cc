// Queues that offer their contacts one by one (docs/model.md, 6.7): who is first of all that stand there has the turn.
#include <algorithm>

#include "routing/index.h"
#include "routing/nodes.h"

namespace koble::routing {

void Index::MakeTurnLines(const plan::Plan& plan) {
  const bool any =
      std::any_of(plan.queues.begin(), plan.queues.end(), [](const plan::Queue& q) { return q.one_by_one; });
  if (any) turn_lines_.resize(plan.queues.size());
}

void Index::JoinTurns(state::State& state, uint32_t entry) {
  const uint32_t queue = state.entries[entry].queue;
  if (!state.plan->queues[queue].one_by_one) return;
  TurnLine& line = turn_lines_[queue];
  const EntryNodes nodes{&state};
  ++turn_takers_;
  moved_turns_.Insert(queue);
  if (line.first != kNil && !nodes.Before(entry, line.first)) return base::LineOf(line.others, nodes).Insert(entry);
  const uint32_t overtaken = line.first;
  if (overtaken != kNil) {
    if (state.entries[overtaken].in_line) LeaveLines(state, overtaken);
    base::LineOf(line.others, nodes).Insert(overtaken);
  }
  line.first = entry;
}

void Index::PartTurns(state::State& state, uint32_t entry) {
  const uint32_t queue = state.entries[entry].queue;
  if (!state.plan->queues[queue].one_by_one) return;
  TurnLine& line = turn_lines_[queue];
  const EntryNodes nodes{&state};
  --turn_takers_;
  moved_turns_.Insert(queue);
  if (line.first != entry) return base::LineOf(line.others, nodes).Remove(entry);
  line.first = line.others.first;
  if (line.first == kNil) return;
  base::LineOf(line.others, nodes).Remove(line.first);
  if (state.entries[line.first].in_line) EnterLines(state, line.first);
}

void Index::EachNewFirst(const state::State& state, absl::FunctionRef<void(uint32_t contact)> visit) {
  while (!moved_turns_.items().empty()) {
    const uint32_t queue = moved_turns_.items().back();
    moved_turns_.Erase(queue);
    TurnLine& line = turn_lines_[queue];
    const uint32_t contact = line.first == kNil ? kNil : state.entries[line.first].contact;
    const uint64_t serial = contact == kNil ? 0 : state.contacts[contact].serial;
    if (serial == line.judged) continue;
    line.judged = serial;
    if (contact != kNil) visit(contact);
  }
}

}  // namespace koble::routing
