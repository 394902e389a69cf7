// Groups that take more agents while they ring (docs/model.md, 4.12 and 4.14).
//
// A progressive group takes one more each delay; one that agents may join takes whoever is free, as long as it has room.
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

bool Machine::HasRoom(uint32_t contact) const {
  const Contact& c = state_->contacts[contact];
  const plan::Queue& queue = QueueOf(c.offering_queue);
  if (queue.mode == plan::OfferMode::kRingAll) return true;
  uint32_t open = 0;
  for (uint32_t o = c.offers; o != kNil; o = state_->offers[o].contact_next) ++open;
  return open < queue.group_size;
}

// Agents may join who qualify by an earlier step, or by this one and are of no higher tier.
void Machine::OpenGroup(uint32_t contact, uint32_t step, uint32_t tier) {
  Contact& c = state_->contacts[contact];
  c.reach_step = step;
  c.reach_tier = tier;
  c.hungry = HasRoom(contact);
  MarkContact(contact);
  if (c.hungry) EnterLines(contact);
}

// A tick has passed, or an offer has ended that leaves room for others to join. A connection that is awaited puts it off.
void Machine::GetHungry(uint32_t contact) {
  Contact& c = state_->contacts[contact];
  if (c.reach_step != kNil) {
    c.hungry = HasRoom(contact);
    MarkContact(contact);
  }
  if (!c.hungry || c.state != KOBLE_CONTACT_OFFERED) return;
  const bool stands = state_->entries[OfferingEntry(contact)].in_line;
  if (stands && c.reach_step == kNil) return;
  if (!stands) EnterLines(contact);
  TriggerContact(contact);
}

// Under a new plan: those that go on as they were; the others stay as they are, and nobody is added.
void Machine::KeepGroupsOpen() {
  state::State& s = *state_;
  for (uint32_t contact = 0; contact < s.contacts.Size(); ++contact) {
    if (!s.contacts.Live(contact) || !Grows(contact)) continue;
    Contact& c = s.contacts[contact];
    const bool joined = c.reach_step != kNil;
    const plan::Queue& queue = QueueOf(c.offering_queue);
    if (joined ? queue.join : queue.mode == plan::OfferMode::kProgressive) {
      if (joined) c.hungry = HasRoom(contact);
      continue;
    }
    c.tick_ns = kNone;
    c.reach_tier = 0;
    c.hungry = false;
    c.reach_step = kNil;
  }
}

void Machine::LeaveItsGroupLine(uint32_t contact) {
  const uint32_t entry = OfferingEntry(contact);
  if (state_->entries[entry].in_line) index_.EntryLeaves(*state_, entry);
}

// Nobody is added any more.
void Machine::StopGrowing(uint32_t contact) {
  Contact& c = state_->contacts[contact];
  LeaveGroupLine(contact);
  c.hungry = false;
  c.reach_step = kNil;
  c.reach_tier = 0;
  c.tick_ns = kNone;
  SetContactTimer(contact);
  MarkContact(contact);
}

void Machine::Grow(uint32_t contact, uint32_t agent) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  const uint32_t queue = c.offering_queue;
  const bool at_once = s.agents[agent].pull;
  const bool joins = c.reach_step != kNil;
  if (!joins) {
    LeaveGroupLine(contact);
    c.hungry = false;
    BeginTick(contact);
  }
  ++c.attempts;
  MarkContact(contact);
  TakeTurn(queue, agent);
  const int64_t end_of_group = s.offers[c.offers].expires_ns;
  int64_t expires = Later(s.now_ns, QueueOf(queue).ring_ns);
  if (joins && end_of_group > s.now_ns) expires = end_of_group;
  if (at_once) expires = KOBLE_NEVER;
  const uint32_t offer = MakeOffer(contact, queue, agent, expires, s.offers[c.offers].group);
  if (at_once) {
    Accept(offer, 0);
  } else if (joins && !HasRoom(contact)) {
    LeaveGroupLine(contact);
    c.hungry = false;
  }
}

// Whoever has been asked is not asked again as long as the group rings.
void Machine::ExcludeFromRound(uint32_t contact, uint32_t agent) {
  if (!Grows(contact)) return;
  state::Exclusion exclusion;
  exclusion.agent = state_->agents.Id(agent);
  exclusion.of_round = true;
  AddExclusion(contact, exclusion);
}

// A standing request may take over a group that rings, inside the worklist: its phones stop, and their agents are free for others. Costs a look at
// every open offer, where requests stand beside such queues.
void Machine::CountTakeovers(Reach& reach) {
  const state::State& s = *state_;
  for (uint32_t offer = 0; offer < s.offers.Size(); ++offer) {
    if (s.offers.Live(offer)) CountDismissal(reach, offer);
  }
}

}  // namespace koble::engine
