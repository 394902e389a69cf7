// Contacts: waiting, steps, deadlines, leaving (docs/model.md, section 2).
#include <algorithm>
#include <bit>
#include <utility>

#include "engine/machine.h"
#include "routing/figures.h"

namespace koble::engine {

using state::Contact;
using state::Entry;
using state::kNone;

void Machine::EnterLines(uint32_t contact) {
  state::State& s = *state_;
  if (s.contacts[contact].hungry) return index_.EntryEnters(s, OfferingEntry(contact));
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    // Those of an external queue stand in no line: nobody is looked for, and nobody finds them.
    if (QueueOf(s.entries[e].queue).mode != plan::OfferMode::kExternal) index_.EntryEnters(s, e);
  }
}

[[gnu::hot]] uint32_t Machine::NewEntry(uint32_t contact, uint32_t queue, uint32_t ordinal, uint32_t variant,
                                        const Spot& spot) {
  state::State& s = *state_;
  const plan::Queue& q = QueueOf(queue);
  const uint32_t number = s.entries.Allocate();
  Entry& entry = s.entries[number];
  entry.contact = contact;
  entry.queue = entry.rules = queue;
  entry.pinned = q.pin_rules;
  entry.ordinal = static_cast<uint8_t>(ordinal);
  entry.variant = variant;
  const uint64_t open = q.OpenAtJoin();
  if (q.HasLadder()) {
    state::Ladder& ladder = s.MakeLadder(number);
    ladder.due = q.at_join;
    ladder.open = open;
  }
  entry.step_clock_ns = s.now_ns;
  entry.deadline_ns = q.max_wait_ns == plan::kNever ? KOBLE_NEVER : Later(s.now_ns, q.max_wait_ns);
  entry.figures = routing::OwnFigures(s.contacts[contact], q, open);
  spot.neighbour != kNil ? PutAt(number, spot) : index_.Seat(s, number);
  index_.Join(s, number);
  if (q.JudgesState()) JudgeLater(contact);
  return number;
}

void Machine::BeginWaiting(uint32_t contact) {
  CountsAsWaiting(contact);
  if (state_->contacts[contact].retry_until_ns == kNone) EnterLines(contact);
  SetContactTimer(contact);
}

void Machine::CountsAsWaiting(uint32_t contact) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  c.state = KOBLE_CONTACT_WAITING;
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) CountWaiting(s.entries[e].queue, true);
  MarkContact(contact);
}

void Machine::EndWaiting(uint32_t contact) {
  state::State& s = *state_;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    CountWaiting(s.entries[e].queue, false);
    if (s.entries[e].in_line) index_.EntryLeaves(s, e);
  }
}

[[gnu::hot]] void Machine::CountWaiting(uint32_t queue, bool more) {
  uint64_t& waiting = state_->queue_waiting[queue];
  more ? ++waiting : --waiting;
  index_.CountWaiting(queue, more);
}

// To the lines of other open steps, or of another number of delays waited out.
void Machine::ChangeLine(uint32_t entry, uint64_t open, uint32_t passed) {
  Entry& e = state_->entries[entry];
  const bool in_line = e.in_line;
  if (in_line) index_.EntryLeaves(*state_, entry);
  index_.Move(*state_, entry, open, passed);
  if (in_line) index_.EntryEnters(*state_, entry);
}

void Machine::PassDelay(uint32_t contact, uint32_t entry) {
  const Entry& e = state_->entries[entry];
  ChangeLine(entry, state_->LadderOf(e).open, e.passed + 1);
  TriggerContact(contact);
}

// A step whose time has come opens, or its conditions are judged (conditions.cc).
void Machine::StepDue(uint32_t contact, uint32_t entry, uint32_t step) {
  const Entry& e = state_->entries[entry];
  const uint64_t bit = uint64_t{1} << step;
  state::Ladder& ladder = state_->ladders[e.ladder];
  ladder.due |= bit;
  if ((RulesOf(e).by_state & bit) != 0) return JudgeLater(contact);
  ChangeLine(entry, ladder.open | bit, e.passed);
  EmitStep(KOBLE_EVENT_STEP, contact, e.queue, step);
  DropExclusions(contact, &state::Exclusion::until_step);
  TriggerContact(contact);
}

void Machine::EmitStep(uint32_t kind, uint32_t contact, uint32_t queue, uint32_t step) {
  koble_event& event = EmitContact(kind, contact);
  event.queue = queue;
  event.a = step;
}

void Machine::DeadlineReached(uint32_t contact, uint32_t entry) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  Entry& e = s.entries[entry];
  if (c.state == KOBLE_CONTACT_WAITING) {
    const bool asked = HasPolicy(e.queue);
    if (LeaveQueue(contact, entry, KOBLE_EXIT_MAX_WAIT) && asked) TriggerContact(contact);
    return;
  }
  if (c.state == KOBLE_CONTACT_CONNECTING || QueueOf(e.queue).at_deadline == plan::AtDeadline::kStay) {
    e.deadline_passed = true;
    if (e.queue == c.offering_queue) CloseGroup(contact);
    return;
  }
  const bool offering = e.queue == c.offering_queue;
  if (offering) DismissAll(contact, KOBLE_OUTCOME_WITHDRAWN, KOBLE_CAUSE_CONTACT);
  if (LeaveQueue(contact, entry, KOBLE_EXIT_MAX_WAIT) && offering) ComeBack(contact, 0, false);
}

// It has lasted: the contact is let go at once, or when it comes back.
void Machine::LeavingDue(uint32_t contact, uint32_t entry) {
  if (state_->contacts[contact].state == KOBLE_CONTACT_WAITING) {
    const bool asked = HasPolicy(state_->entries[entry].queue);
    if (LeaveQueue(contact, entry, KOBLE_EXIT_LET_GO) && asked) TriggerContact(contact);
  } else {
    state_->entries[entry].leave_passed = true;
  }
}

bool Machine::LeaveQueue(uint32_t contact, uint32_t entry, uint32_t reason) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  Entry& left = s.entries[entry];
  const uint32_t queue = left.queue;
  koble_event& event = EmitContact(KOBLE_EVENT_LEFT, contact);
  event.queue = queue;
  event.reason = reason;
  if (c.state == KOBLE_CONTACT_WAITING) CountWaiting(queue, false);
  if (left.in_line) index_.EntryLeaves(s, entry);
  index_.Part(s, entry);
  uint32_t* link = &c.entries;
  while (*link != entry) link = &s.entries[*link].next;
  *link = left.next;
  s.FreeEntry(entry);
  MarkContact(contact);
  if (c.entries != kNil) {
    SetContactTimer(contact);
    return true;
  }
  koble_event& exit = EmitContact(KOBLE_EVENT_EXIT, contact);
  exit.queue = queue;
  exit.reason = reason;
  FreeContact(contact);
  return false;
}

bool Machine::LeaveAllQueues(uint32_t contact, uint32_t reason) {
  while (LeaveQueue(contact, state_->contacts[contact].entries, reason)) {
  }
  return false;
}

bool Machine::ComeBack(uint32_t contact, int64_t retry_ns, bool for_good) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  for (uint32_t e = c.entries; e != kNil;) {
    const uint32_t next = s.entries[e].next;
    const bool deadline = s.entries[e].deadline_passed;
    const bool leaves = deadline || s.entries[e].leave_passed;
    if (leaves && !LeaveQueue(contact, e, deadline ? KOBLE_EXIT_MAX_WAIT : KOBLE_EXIT_LET_GO)) return false;
    e = next;
  }
  if (for_good && IsExhausted(contact)) {
    EmitContact(KOBLE_EVENT_EXHAUSTED, contact);
    const plan::OnExhausted then = QueueOf(c.offering_queue).on_exhausted;
    if (then == plan::OnExhausted::kExit) return LeaveAllQueues(contact, KOBLE_EXIT_EXHAUSTED);
    if (then == plan::OnExhausted::kForgive) DropExclusions(contact);
  }
  DropExclusions(contact, &state::Exclusion::of_round);
  c.retry_until_ns = retry_ns > 0 ? Later(s.now_ns, retry_ns) : kNone;
  BeginWaiting(contact);
  TriggerContact(contact);
  return true;
}

bool Machine::IsExhausted(uint32_t contact) const {
  const state::State& s = *state_;
  const Contact& c = s.contacts[contact];
  const routing::Refusals for_good(s, c, index_.marks(), routing::Refusals::Whom::kForGood);
  const auto able = [&](uint32_t agent) {
    for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
      const Entry& entry = s.entries[e];
      const plan::Queue& queue = QueueOf(entry.queue);
      if (s.Of(agent, queue.channel).max == 0 || index_.ViewOf(entry.queue, s.agents[agent].skills).never) continue;
      for (uint64_t rest = RulesOf(entry).InForce(s.LadderOf(entry).open); rest != 0; rest &= rest - 1) {
        const auto step = static_cast<uint32_t>(std::countr_zero(rest));
        if (index_.Eligible(index_.NeedOf(entry, step), s.agents[agent].skills)) return true;
      }
    }
    return false;
  };
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent) {
    if (!s.agents.Live(agent) || (c.Owner() != kNil && c.Owner() != agent)) continue;
    const state::Agent& a = s.agents[agent];
    if (a.presence == KOBLE_PRESENCE_OFFLINE || a.leaving) continue;
    if (!for_good.Has(agent) && able(agent)) return false;
  }
  return true;
}

void Machine::Exclude(uint32_t contact, uint32_t agent, int64_t again_ns) {
  if (again_ns == 0) return;
  state::Exclusion exclusion;
  exclusion.agent = state_->agents.Id(agent);
  exclusion.until_ns = again_ns >= plan::kUntilStep ? KOBLE_NEVER : Later(state_->now_ns, again_ns);
  exclusion.until_step = again_ns == plan::kUntilStep;
  // A pair that the host insisted on may have one already: the longer holds.
  const auto length = [](const state::Exclusion& x) { return std::pair(x.until_ns, !x.until_step); };
  state::State& s = *state_;
  uint32_t x = s.contacts[contact].exclusions;
  while (x != kNil && (s.exclusions[x].agent != exclusion.agent || s.exclusions[x].of_round)) x = s.exclusions[x].next;
  if (x == kNil) return AddExclusion(contact, exclusion);
  if (length(exclusion) <= length(s.exclusions[x])) return;
  exclusion.next = s.exclusions[x].next;
  s.exclusions[x] = exclusion;
  SetContactTimer(contact);
  MarkContact(contact);
}

void Machine::AddExclusion(uint32_t contact, const state::Exclusion& exclusion) {
  state::State& s = *state_;
  const uint32_t x = s.exclusions.Allocate(exclusion);
  s.exclusions[x].next = s.contacts[contact].exclusions;
  s.contacts[contact].exclusions = x;
  SetContactTimer(contact);
  MarkContact(contact);
}

void Machine::DropAllExclusions(uint32_t contact) {
  Contact& c = state_->contacts[contact];
  while (c.exclusions != kNil) {
    const uint32_t next = state_->exclusions[c.exclusions].next;
    state_->exclusions.Free(c.exclusions);
    c.exclusions = next;
  }
}

void Machine::DropExclusions(uint32_t contact, bool state::Exclusion::*which) {
  state::State& s = *state_;
  for (uint32_t* link = &s.contacts[contact].exclusions; *link != kNil;) {
    const uint32_t x = *link;
    if (!(s.exclusions[x].*which)) {
      link = &s.exclusions[x].next;
      continue;
    }
    *link = s.exclusions[x].next;
    s.exclusions.Free(x);
  }
}

void Machine::JudgeFullness(koble_id id) {
  state::State& s = *state_;
  if (s.contacts.Check(id) != KOBLE_OK) return;
  const uint32_t contact = KOBLE_ID_SLOT(id);
  if (s.contacts[contact].state != KOBLE_CONTACT_WAITING) return;
  bool left = false;
  bool asked = false;
  for (uint32_t e = s.contacts[contact].entries; e != kNil;) {
    const uint32_t next = s.entries[e].next;
    const uint32_t queue = s.entries[e].queue;
    const int64_t length = QueueOf(queue).max_length;
    const uint64_t others = s.queue_waiting[queue] - 1;
    if (length != plan::kUnset && others >= static_cast<uint64_t>(length)) {
      left = true;
      asked |= HasPolicy(queue);
      if (!LeaveQueue(contact, e, KOBLE_EXIT_FULL)) return Worklist();
    }
    e = next;
  }
  if (asked) TriggerContact(contact);
  if (left) Worklist();  // where fewer wait, steps may open or close
}

[[gnu::hot]] void Machine::DropAllEntries(uint32_t contact) {
  Contact& c = state_->contacts[contact];
  while (c.entries != kNil) {
    const uint32_t next = state_->entries[c.entries].next;
    index_.Part(*state_, c.entries);
    state_->FreeEntry(c.entries);
    c.entries = next;
  }
}

void Machine::DropAllOf(uint32_t contact) {
  UnlinkReserved(contact);
  DropExclusions(contact);
  DropEntries(contact);
  DropAttributes(contact);
}

uint32_t Machine::PositionIn(uint32_t contact, uint32_t queue) const {
  const state::State& s = *state_;
  const auto place_in = [&](const Contact& c) -> const Entry* {
    if (c.state != KOBLE_CONTACT_WAITING) return nullptr;
    for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
      if (s.entries[e].queue == queue) return &s.entries[e];
    }
    return nullptr;
  };
  const Entry* own = place_in(s.contacts[contact]);
  if (own == nullptr) return 0;
  const routing::Place place = routing::Index::PlaceOf(s, *own);
  uint32_t position = 1;
  for (uint32_t other = 0; other < s.contacts.Size(); ++other) {
    if (!s.contacts.Live(other)) continue;
    const Entry* entry = place_in(s.contacts[other]);
    if (entry != nullptr && routing::Index::PlaceOf(s, *entry).Before(place)) ++position;
  }
  return position;
}

}  // namespace koble::engine
