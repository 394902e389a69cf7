// Groups that take more agents while they ring (docs/model.md, 4.12).
//
// A contact whose group takes the next agent whom it finds is hungry: it stands in the line of the queue whose offers are open, and of no other, as
// those stand there who wait.
#include "engine/machine.h"

namespace koble::engine {

using state::Contact;
using state::kNone;

uint32_t Machine::OfferingEntry(uint32_t contact) const {
  const state::State& s = *state_;
  const Contact& c = s.contacts[contact];
  uint32_t e = c.entries;
  while (s.entries[e].queue != c.offering_queue) e = s.entries[e].next;
  return e;
}

void Machine::BeginTick(uint32_t contact) {
  Contact& c = state_->contacts[contact];
  c.tick_ns = Later(state_->now_ns, QueueOf(c.offering_queue).delay_ns);
  SetContactTimer(contact);
  MarkContact(contact);
}

void Machine::Tick(uint32_t contact) {
  Contact& c = state_->contacts[contact];
  c.tick_ns = kNone;
  c.hungry = true;
  SetContactTimer(contact);
  GetHungry(contact);
}

// A connection that is awaited puts it off.
void Machine::GetHungry(uint32_t contact) {
  const Contact& c = state_->contacts[contact];
  if (!c.hungry || c.state != KOBLE_CONTACT_OFFERED) return;
  EnterLines(contact);
  TriggerContact(contact);
}

void Machine::LeaveGroupLine(uint32_t contact) {
  if (!state_->contacts[contact].hungry) return;
  const uint32_t entry = OfferingEntry(contact);
  if (state_->entries[entry].in_line) index_.EntryLeaves(*state_, entry);
}

// Nobody is added any more.
void Machine::CloseGroup(uint32_t contact) {
  Contact& c = state_->contacts[contact];
  if (c.tick_ns == kNone && !c.hungry) return;
  LeaveGroupLine(contact);
  c.hungry = false;
  c.tick_ns = kNone;
  SetContactTimer(contact);
  MarkContact(contact);
}

void Machine::Grow(uint32_t contact, uint32_t agent) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  const uint32_t queue = c.offering_queue;
  const bool at_once = s.agents[agent].pull;
  LeaveGroupLine(contact);
  c.hungry = false;
  BeginTick(contact);
  ++c.attempts;
  TakeTurn(queue, agent);
  const int64_t expires = at_once ? KOBLE_NEVER : Later(s.now_ns, QueueOf(queue).ring_ns);
  const uint32_t offer = MakeOffer(contact, queue, agent, expires, s.offers[c.offers].group);
  if (at_once) Accept(offer, 0);
}

// Whoever has been asked is not asked again as long as the group rings.
void Machine::ExcludeFromRound(uint32_t contact, uint32_t agent) {
  const Contact& c = state_->contacts[contact];
  if (c.tick_ns == kNone && !c.hungry) return;
  state::Exclusion exclusion;
  exclusion.agent = state_->agents.Id(agent);
  exclusion.of_round = true;
  AddExclusion(contact, exclusion);
}

// A standing request may take over a group that rings, inside the worklist: its phones stop, and their agents are free for others. Costs a look at
// every open offer, where requests stand beside such queues.
void Machine::CountTakeovers(Reach& reach) {
  const state::State& s = *state_;
  if (!growing_ || s.standing_requests == 0) return;
  for (uint32_t offer = 0; offer < s.offers.Size(); ++offer) {
    if (s.offers.Live(offer)) CountDismissal(reach, offer);
  }
}

}  // namespace koble::engine
