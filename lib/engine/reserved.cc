// Contacts that are meant for one agent, and those reserved for him (docs/model.md, 2.11). An agent's are listed by serial.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/machine.h"

namespace koble::engine {

using state::Contact;
using state::kNone;

// An arrival comes last; one that returns (silence.cc) may have come before others.
void Machine::LinkReserved(uint32_t contact) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  state::Agent& a = s.agents[c.Owner()];
  uint32_t before = a.reserved_last;
  while (before != kNil && s.contacts[before].serial > c.serial) before = s.contacts[before].reserved_previous;
  uint32_t& next = before == kNil ? a.reserved : s.contacts[before].reserved_next;
  c.reserved_previous = before;
  c.reserved_next = next;
  (next == kNil ? a.reserved_last : s.contacts[next].reserved_previous) = contact;
  next = contact;
}

void Machine::TakeOffReserved(uint32_t contact) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  state::Agent& a = s.agents[c.Owner()];
  (c.reserved_previous == kNil ? a.reserved : s.contacts[c.reserved_previous].reserved_next) = c.reserved_next;
  (c.reserved_next == kNil ? a.reserved_last : s.contacts[c.reserved_next].reserved_previous) = c.reserved_previous;
  c.reserved_until_ns = kNone;
}

void Machine::EmitReleased(uint32_t contact) {
  EmitContact(KOBLE_EVENT_RELEASED, contact).agent = state_->contacts[contact].agent;
}

void Machine::Release(uint32_t contact) {
  state::State& s = *state_;
  EmitReleased(contact);
  UnlinkReserved(contact);
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    ChangeLine(e, s.LadderOf(s.entries[e]).open, s.entries[e].passed);
  }
  SetContactTimer(contact);
  MarkContact(contact);
  TriggerContact(contact);
}

bool Machine::ReleasedByAbsence(uint32_t contact) const {
  const state::State& s = *state_;
  for (uint32_t e = s.contacts[contact].entries; e != kNil; e = s.entries[e].next) {
    if (QueueOf(s.entries[e].queue).release_reserved) return true;
  }
  return false;
}

void Machine::ReleaseAllOf(uint32_t agent, bool gone) {
  state::State& s = *state_;
  for (uint32_t contact = s.agents[agent].reserved; contact != kNil;) {
    const uint32_t next = s.contacts[contact].reserved_next;
    if (gone || ReleasedByAbsence(contact)) Release(contact);
    contact = next;
  }
}

// Of a new plan, whose queues may say otherwise; in order of serial.
void Machine::ReleaseByPlan() {
  const state::State& s = *state_;
  std::vector<std::pair<uint64_t, uint32_t>> released;
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact) || s.contacts[contact].Owner() == kNil) continue;
    const bool offline = s.agents[s.contacts[contact].Owner()].presence == KOBLE_PRESENCE_OFFLINE;
    if (offline && ReleasedByAbsence(contact)) released.emplace_back(s.contacts[contact].serial, contact);
  }
  std::sort(released.begin(), released.end());
  for (const auto& [serial, contact] : released) Release(contact);
}

void Machine::DeriveReserved() {
  state::State& s = *state_;
  std::vector<std::pair<uint64_t, uint32_t>> reserved;
  for (uint32_t agent = 0; agent < s.agents.Size(); ++agent)
    s.agents[agent].reserved = s.agents[agent].reserved_last = kNil;
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (s.contacts.Live(contact) && s.contacts[contact].Owner() != kNil) {
      reserved.emplace_back(s.contacts[contact].serial, contact);
    }
  }
  std::sort(reserved.begin(), reserved.end());
  for (const auto& [serial, contact] : reserved) LinkReserved(contact);
}

// The agent for whom the contact is meant, if he can take it now, and for which of its queues; kNil.
uint32_t Machine::FreeNamedAgent(uint32_t contact, uint32_t* entry) const {
  const state::State& s = *state_;
  const Contact& c = s.contacts[contact];
  if (s.agents.Check(c.agent) != KOBLE_OK) return kNil;
  const uint32_t agent = KOBLE_ID_SLOT(c.agent);
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    if ((c.hungry && !s.entries[e].in_line) || !index_.HasTurn(s, e)) continue;
    const plan::Queue& queue = QueueOf(s.entries[e].queue);
    if (queue.mode == plan::OfferMode::kExternal || !IsIdle(agent, queue.channel)) continue;
    if (!index_.MayTake(s, agent, s.entries[e])) continue;
    *entry = e;
    return agent;
  }
  return kNil;
}

}  // namespace koble::engine
