// Queues that offer their contacts one by one (docs/model.md, 6.7): who is first of all that stand there has the turn.
#include <algorithm>

#include "routing/index.h"
#include "routing/nodes.h"

namespace koble::routing {

void Index::MakeFiles(const plan::Plan& plan) {
  files_.clear();
  filed_ = 0;
  moved_files_ = DenseSet(memory_);
  const bool any =
      std::any_of(plan.queues.begin(), plan.queues.end(), [](const plan::Queue& q) { return q.one_by_one; });
  if (any) files_.resize(plan.queues.size());
}

void Index::EnterFile(state::State& state, uint32_t entry) {
  const uint32_t queue = state.entries[entry].queue;
  if (!state.plan->queues[queue].one_by_one) return;
  File& file = files_[queue];
  const EntryNodes nodes{&state};
  ++filed_;
  moved_files_.Insert(queue);
  if (file.first != kNil && !nodes.Before(entry, file.first)) return base::LineOf(file.others, nodes).Insert(entry);
  const uint32_t overtaken = file.first;
  if (overtaken != kNil) {
    if (state.entries[overtaken].in_line) LeaveLines(state, overtaken);
    base::LineOf(file.others, nodes).Insert(overtaken);
  }
  file.first = entry;
}

void Index::LeaveFile(state::State& state, uint32_t entry) {
  const uint32_t queue = state.entries[entry].queue;
  if (!state.plan->queues[queue].one_by_one) return;
  File& file = files_[queue];
  const EntryNodes nodes{&state};
  --filed_;
  moved_files_.Insert(queue);
  if (file.first != entry) return base::LineOf(file.others, nodes).Remove(entry);
  file.first = file.others.first;
  if (file.first == kNil) return;
  base::LineOf(file.others, nodes).Remove(file.first);
  if (state.entries[file.first].in_line) EnterLines(state, file.first);
}

void Index::EachNewFirst(const state::State& state, absl::FunctionRef<void(uint32_t contact)> visit) {
  while (!moved_files_.items().empty()) {
    const uint32_t queue = moved_files_.items().back();
    moved_files_.Erase(queue);
    File& file = files_[queue];
    const uint32_t contact = file.first == kNil ? kNil : state.entries[file.first].contact;
    const uint64_t serial = contact == kNil ? 0 : state.contacts[contact].serial;
    if (serial == file.judged) continue;
    file.judged = serial;
    if (contact != kNil) visit(contact);
  }
}

}  // namespace koble::routing
