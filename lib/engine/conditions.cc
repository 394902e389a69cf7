// Steps that open and close, and contacts that are let go, by state (docs/model.md, 6a and 2.13). Judged when the worklist has nothing left, so that what passes while it works shows nowhere.
#include <algorithm>
#include <bit>

#include "engine/machine.h"

namespace koble::engine {

using state::Entry;

void Machine::JudgeLater(uint32_t contact) { unjudged_.push_back(state_->contacts.Id(contact)); }

// Those for whom something may have changed, by serial. False if nothing has.
bool Machine::JudgeConditions() {
  const state::State& s = *state_;
  judging_.clear();
  std::swap(judging_, unjudged_);
  index_.EachTurned(s, [&](uint32_t entry) { judging_.push_back(s.contacts.Id(s.entries[entry].contact)); });
  std::erase_if(judging_, [&](koble_id id) { return s.contacts.Check(id) != KOBLE_OK; });
  std::sort(judging_.begin(), judging_.end(), [&](koble_id a, koble_id b) {
    return s.contacts[KOBLE_ID_SLOT(a)].serial < s.contacts[KOBLE_ID_SLOT(b)].serial;
  });
  judging_.erase(std::unique(judging_.begin(), judging_.end()), judging_.end());
  bool changed = false;
  for (const koble_id id : judging_) {
    JudgeLeaving(KOBLE_ID_SLOT(id));
    changed |= JudgeSteps(KOBLE_ID_SLOT(id));
  }
  return changed;
}

// That it is to be let go counts from when the condition began to hold.
void Machine::JudgeLeaving(uint32_t contact) {
  state::State& s = *state_;
  bool changes = false;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    Entry& entry = s.entries[e];
    const bool leaves = index_.Leaves(entry);
    if (leaves == (s.LadderOf(entry).leave_ns != KOBLE_NEVER)) continue;
    const plan::Queue& queue = QueueOf(entry.queue);
    s.ladders[entry.ladder].leave_ns =
        leaves ? std::max(Later(s.now_ns, queue.leave_for_ns), Later(entry.step_clock_ns, queue.leave_after_ns))
               : KOBLE_NEVER;
    entry.leave_passed = false;
    changes = true;
  }
  if (!changes) return;
  SetContactTimer(contact);
  MarkContact(contact);
}

// A step that has changed in this worklist and would again is left to the next.
bool Machine::JudgeSteps(uint32_t contact) {
  state::State& s = *state_;
  bool changes = false;
  bool left = false;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    const Entry& entry = s.entries[e];
    const uint64_t wanted = index_.StepsToChange(s, entry);
    const uint64_t now = wanted & ~s.LadderOf(entry).changed;
    left |= now != wanted;
    if (now == 0) continue;
    changes = true;
    state::Ladder& ladder = s.ladders[entry.ladder];
    if (ladder.changed == 0) changed_ladders_.push_back(entry.ladder);
    ladder.changed |= now;
    ChangeLine(e, ladder.open ^ now, entry.passed);
    for (uint64_t rest = now; rest != 0; rest &= rest - 1) {
      const auto step = static_cast<uint32_t>(std::countr_zero(rest));
      const bool open = (ladder.open >> step & 1) != 0;
      EmitStep(open ? KOBLE_EVENT_STEP : KOBLE_EVENT_STEP_CLOSED, contact, entry.queue, step);
      if (open) DropExclusions(contact, &state::Exclusion::until_step);
    }
  }
  if (left) JudgeLater(contact);
  if (!changes) return false;
  Readmit(contact);
  SetContactTimer(contact);
  MarkContact(contact);
  TriggerContact(contact);
  return true;
}

// The worklist is over.
void Machine::EndJudgement() {
  for (const uint32_t ladder : changed_ladders_) state_->ladders[ladder].changed = 0;
  changed_ladders_.clear();
}

// What would change now waits for the next worklist.
void Machine::DeriveJudgement() {
  const state::State& s = *state_;
  index_.SettleConditions();
  unjudged_.clear();
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact)) continue;
    for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
      const bool settled = index_.Leaves(s.entries[e]) == (s.LadderOf(s.entries[e]).leave_ns != KOBLE_NEVER);
      if (settled && index_.StepsToChange(s, s.entries[e]) == 0) continue;
      JudgeLater(contact);
      break;
    }
  }
}

}  // namespace koble::engine
