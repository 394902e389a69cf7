// Offers, and what comes of them: making, accepting, ending, until the conversation begins (docs/model.md, section 4).
#include <algorithm>
#include <cassert>

#include "engine/machine.h"

namespace koble::engine {

using state::Agent;
using state::Contact;
using state::Engagement;
using state::Offer;

uint32_t Machine::MakeOffer(uint32_t contact, uint32_t queue, uint32_t agent, int64_t expires_ns, koble_id group) {
  state::State& s = *state_;
  const uint32_t offer = s.offers.Allocate();
  Offer& o = s.offers[offer];
  o.sequence = ++s.offer_sequence;
  o.contact = contact;
  o.agent = agent;
  o.queue = queue;
  o.channel = QueueOf(queue).channel;
  o.begun_ns = s.now_ns;
  o.expires_ns = expires_ns;
  o.group = group != 0 ? group : s.offers.Id(offer);

  Contact& c = s.contacts[contact];
  o.contact_previous = c.offers_last;
  (c.offers_last == kNil ? c.offers : s.offers[c.offers_last].contact_next) = offer;
  c.offers_last = offer;
  Agent& a = s.agents[agent];
  o.agent_previous = a.offers_last;
  (a.offers_last == kNil ? a.offers : s.offers[a.offers_last].agent_next) = offer;
  a.offers_last = offer;
  ++s.Of(agent, o.channel).offers;
  a.used += s.plan->channels[o.channel].cost;
  ++a.open;
  Refresh(agent);
  Reorder(agent, kByUnits);
  MarkOffer(offer);
  if (expires_ns != KOBLE_NEVER) SetOfferTimer(offer);

  koble_event& event = EmitOffer(KOBLE_EVENT_OFFERED, offer);
  event.a = expires_ns == KOBLE_NEVER ? 0 : expires_ns;
  event.b = static_cast<int64_t>(o.group);
  if (QueueOf(queue).mode == plan::OfferMode::kPreview && event.a != 0) event.reason = KOBLE_OFFERED_PREVIEW;
  return offer;
}

// What is counted of an agent. His place in idle lines, where any goes by it, is the caller's.
inline void Machine::NoteService(Agent& a, const Engagement& engagement) {
  const plan::Queue& queue = QueueOf(engagement.queue);
  ++a.served;
  if (queue.select == plan::SelectionRule::kFewestOfQueue) [[unlikely]] {
    ++state_->CountOf(engagement.agent, queue.counted);
  }
  a.misses = 0;
  a.last_served_ns = state_->now_ns;
}

// An offer that is accepted in the same breath: it has its number and id, and stands nowhere. What its making would do to the agent's place, and its
// acceptance undo, is left out.
[[gnu::always_inline]] inline void Machine::OfferAccepted(uint32_t contact, uint32_t queue, uint32_t agent) {
  state::State& s = *state_;
  if (QueueOf(queue).confirm_ns == plan::kUnset) return ServeAtOnce(contact, queue, agent);
  const koble_id offer = s.offers.Spend();
  const Bond bond{++s.offer_sequence, offer, contact, agent, queue, QueueOf(queue).channel};
  s.agents[agent].used += s.plan->channels[bond.channel].cost;
  ++s.agents[agent].open;
  EmitBond(KOBLE_EVENT_OFFERED, bond).b = static_cast<int64_t>(offer);
  const uint32_t engagement = Engage(bond, 0);
  MarkOffer(KOBLE_ID_SLOT(offer));
  Settle(engagement);
}

// From the queue into the conversation, where nothing has to be confirmed either: what Engage, Settle and Serve do in turn, with the agent's place
// looked at once.
[[gnu::hot]] void Machine::ServeAtOnce(uint32_t contact, uint32_t queue, uint32_t agent) {
  state::State& s = *state_;
  const plan::Queue& q = QueueOf(queue);
  const plan::Channel& channel = s.plan->channels[q.channel];
  Contact& c = s.contacts[contact];
  Agent& a = s.agents[agent];
  assert(c.offers == kNil && c.engagement == kNil);
  LeaveLines(agent);
  if (c.entries != kNil) {  // it has waited
    UnlinkReserved(contact);
    DropEntries(contact);
    DropExclusions(contact);
  }
  assert(c.exclusions == kNil && c.reserved_until_ns == state::kNone);
  s.timers.Cancel(KOBLE_KIND_CONTACT, contact);

  const koble_id offer = s.offers.Spend();
  const uint32_t engagement = s.engagements.Take();
  About about{s.contacts.Id(contact), c.serial, c.host_ref, s.agents.Id(agent), offer, 0, queue};
  const uint64_t seq = s.events.last();
  koble_event* const events = s.events.Append(3);
  Write(events, seq + 1, KOBLE_EVENT_OFFERED, about).b = static_cast<int64_t>(offer);
  about.engagement = s.engagements.Id(engagement);
  Write(events + 1, seq + 2, KOBLE_EVENT_ACCEPTED, about);
  Write(events + 2, seq + 3, KOBLE_EVENT_SERVING, about);

  Engagement& fresh = *new (&s.engagements[engagement]) Engagement{.sequence = ++s.offer_sequence,
                                                                   .offer = offer,
                                                                   .contact = about.contact,
                                                                   .serial = about.serial,
                                                                   .host_ref = about.host_ref,
                                                                   .agent = agent,
                                                                   .queue = queue,
                                                                   .state = KOBLE_ENGAGEMENT_ACTIVE,
                                                                   .channel = static_cast<uint8_t>(q.channel),
                                                                   .since_ns = s.now_ns,
                                                                   .served_ns = s.now_ns};
  c.state = KOBLE_CONTACT_ACTIVE;
  c.engagement = engagement;
  c.agent = 0;
  s.last_engagements[contact] = {engagement, agent};
  ++s.Of(agent, q.channel).active;
  a.used += channel.cost;
  ++a.open;
  ++a.engagements;
  NoteIdle(a);
  NoteService(a, fresh);
  MarkContact(contact);
  MarkOffer(KOBLE_ID_SLOT(offer));
  MarkEngagement(engagement);
  if (channel.silent_after_ns != plan::kUnset) [[unlikely]] {
    fresh.deadline_ns = SilenceDeadline(fresh);
    SetEngagementTimer(engagement);
  }
  if (a.request_until_ns != state::kNone) [[unlikely]] {
    DropRequest(agent);
  }
  TakePlaces(agent);
}

// The same from its place in the queue, the only one that it has.
inline void Machine::ServeWaiting(uint32_t entry, uint32_t agent) {
  state::State& s = *state_;
  const state::Entry& e = s.entries[entry];
  const uint32_t contact = e.contact;
  const uint32_t queue = e.queue;
  Contact& c = s.contacts[contact];
  CountWaiting(queue, false);
  index_.EntryLeaves(s, entry);
  c.offering_queue = queue;
  ++c.attempts;
  TakeTurn(queue, agent);
  ServeAtOnce(contact, queue, agent);
}

// He is the only one who is free for it, and it has no choice.
[[gnu::hot]] void Machine::Take(uint32_t entry, uint32_t agent) {
  const plan::Queue& queue = QueueOf(state_->entries[entry].queue);
  const bool at_once = queue.mode == plan::OfferMode::kAuto && queue.confirm_ns == plan::kUnset;
  at_once ? ServeWaiting(entry, agent) : AskOne(entry, agent);
}

// For the entry's queue. He joins the group that takes one more, if there is one; who has asked for work accepts at once.
void Machine::AskOne(uint32_t entry, uint32_t agent) {
  const state::Entry& e = state_->entries[entry];
  if (state_->contacts[e.contact].hungry) return Grow(e.contact, agent);
  const bool at_once = QueueOf(e.queue).mode == plan::OfferMode::kAuto || state_->agents[agent].pull;
  MakeOffers(e.contact, e.queue, &agent, 1, at_once);
}

// Of round robin.
void Machine::PassTurn(uint32_t queue, uint32_t agent) {
  if (QueueOf(queue).mode == plan::OfferMode::kRingAll) return;
  state_->pointers[queue] = state_->agents[agent].sequence;
  state_->dirty.Mark(KOBLE_KIND_NONE, queue);
}

void Machine::MakeOffers(uint32_t contact, uint32_t queue, const uint32_t* agents, uint32_t count,
                         bool accept_at_once) {
  state::State& s = *state_;
  EndWaiting(contact);
  Contact& c = s.contacts[contact];
  c.state = KOBLE_CONTACT_OFFERED;
  c.offering_queue = queue;
  ++c.attempts;
  MarkContact(contact);
  TakeTurn(queue, agents[count - 1]);
  if (accept_at_once) return OfferAccepted(contact, queue, agents[0]);
  const int64_t expires = Later(s.now_ns, QueueOf(queue).ring_ns);
  koble_id group = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t offer = MakeOffer(contact, queue, agents[i], expires, group);
    if (i == 0) group = s.offers.Id(offer);
  }
}

// Takes the offer off the lists of its contact and agent and frees its slot; the agent's capacity stays taken.
void Machine::Unlink(uint32_t offer) {
  state::State& s = *state_;
  const Offer& o = s.offers[offer];
  Contact& c = s.contacts[o.contact];
  (o.contact_previous == kNil ? c.offers : s.offers[o.contact_previous].contact_next) = o.contact_next;
  (o.contact_next == kNil ? c.offers_last : s.offers[o.contact_next].contact_previous) = o.contact_previous;
  Agent& a = s.agents[o.agent];
  (o.agent_previous == kNil ? a.offers : s.offers[o.agent_previous].agent_next) = o.agent_next;
  (o.agent_next == kNil ? a.offers_last : s.offers[o.agent_next].agent_previous) = o.agent_previous;
  if (c.offers == kNil) CloseGroup(o.contact);
  --s.Of(o.agent, o.channel).offers;
  s.timers.Cancel(KOBLE_KIND_OFFER, offer);
  MarkOffer(offer);
  s.offers.Free(offer);
}

void Machine::RemoveOffer(uint32_t offer) {
  const Offer& o = state_->offers[offer];
  const uint32_t agent = o.agent;
  state_->agents[agent].used -= state_->plan->channels[o.channel].cost;
  --state_->agents[agent].open;
  Unlink(offer);
  Reorder(agent, kByUnits);
}

// `how`: KOBLE_ACCEPTED_EXPIRED, or 0.
uint32_t Machine::Accept(uint32_t offer, uint32_t how) {
  const uint32_t engagement = Engage(BondOf(offer), how);
  Unlink(offer);
  Settle(engagement);
  return engagement;
}

// The engagement that an accepted offer becomes; the offer lives on.
uint32_t Machine::Engage(const Bond& bond, uint32_t how) {
  state::State& s = *state_;
  const plan::Queue& queue = QueueOf(bond.queue);
  const bool confirm = queue.confirm_ns != plan::kUnset;
  Contact& c = s.contacts[bond.contact];
  const uint32_t engagement = s.engagements.Allocate();
  Engagement& fresh = s.engagements[engagement];
  fresh.sequence = bond.sequence;
  fresh.offer = bond.offer;
  fresh.contact = s.contacts.Id(bond.contact);
  fresh.serial = c.serial;
  fresh.host_ref = c.host_ref;
  fresh.agent = bond.agent;
  fresh.queue = bond.queue;
  fresh.channel = static_cast<uint8_t>(bond.channel);
  fresh.state = confirm ? KOBLE_ENGAGEMENT_CONNECTING : KOBLE_ENGAGEMENT_ACTIVE;
  fresh.since_ns = s.now_ns;
  fresh.deadline_ns = confirm ? Later(s.now_ns, queue.confirm_ns) : KOBLE_NEVER;
  c.engagement = engagement;
  s.last_engagements[bond.contact] = {engagement, bond.agent};
  koble_event& accepted = EmitBond(KOBLE_EVENT_ACCEPTED, bond);
  accepted.engagement = s.engagements.Id(engagement);
  accepted.reason = how;
  return engagement;
}

// Its offer is gone: agent and contact take it up.
void Machine::Settle(uint32_t engagement) {
  state::State& s = *state_;
  const Engagement& e = s.engagements[engagement];
  const uint32_t agent = e.agent;
  Agent& a = s.agents[agent];
  ++s.Of(agent, e.channel).In(e.state);
  ++a.engagements;
  TouchIdle(agent);
  DropRequest(agent);
  Refresh(agent);
  MarkEngagement(engagement);
  if (e.state != KOBLE_ENGAGEMENT_CONNECTING) return Serve(engagement);
  SetEngagementTimer(engagement);
  const uint32_t contact = KOBLE_ID_SLOT(e.contact);
  LeaveGroupLine(contact);
  s.contacts[contact].state = KOBLE_CONTACT_CONNECTING;
  MarkContact(contact);
}

// The engagement is active; its contact leaves the queues' care.
void Machine::Serve(uint32_t engagement) {
  state::State& s = *state_;
  const uint32_t contact = KOBLE_ID_SLOT(s.engagements[engagement].contact);
  DismissAll(contact, KOBLE_OUTCOME_RESCINDED, 0);
  Contact& c = s.contacts[contact];
  c.state = KOBLE_CONTACT_ACTIVE;
  UnlinkReserved(contact);
  c.agent = 0;
  DropEntries(contact);
  DropExclusions(contact);
  s.timers.Cancel(KOBLE_KIND_CONTACT, contact);  // nothing of it is timed any more
  MarkContact(contact);
  Engagement& e = s.engagements[engagement];
  e.served_ns = s.now_ns;
  StartSilenceClock(engagement);
  NoteService(s.agents[e.agent], e);
  MarkAgent(e.agent);
  Reorder(e.agent, MaskOf(routing::AgentOrder::kServed) | MaskOf(routing::AgentOrder::kLastServed));
  EmitEngagement(KOBLE_EVENT_SERVING, engagement);
}

void Machine::EndUnsuccessfully(uint32_t offer, uint32_t outcome) {
  state::State& s = *state_;
  const Offer o = s.offers[offer];
  const plan::OutcomeRule& rule = QueueOf(o.queue).Rule(outcome);
  EmitOffer(KOBLE_EVENT_OUTCOME, offer).reason = outcome;
  RemoveOffer(offer);
  Exclude(o.contact, o.agent, rule.again_ns);
  ExcludeFromRound(o.contact, o.agent);
  const Contact& c = s.contacts[o.contact];
  if (c.offers != kNil) {
    GetHungry(o.contact);
  } else if (c.state != KOBLE_CONTACT_CONNECTING) {
    ComeBack(o.contact, rule.retry_ns, rule.ExcludesForGood());
  }
  Penalise(o.agent, rule.penalty_ns, outcome);
  CountMiss(o.agent, rule);
  Freed(o.agent);
}

void Machine::Dismiss(uint32_t offer, uint32_t outcome, uint32_t cause) {
  const uint32_t agent = state_->offers[offer].agent;
  koble_event& event = EmitOffer(KOBLE_EVENT_OUTCOME, offer);
  event.reason = outcome;
  event.a = cause;
  RemoveOffer(offer);
  if (!state_->agents[agent].leaving) Freed(agent);  // one who is leaving is seen to by Leave
}

void Machine::DismissAll(uint32_t contact, uint32_t outcome, uint32_t cause) {
  while (state_->contacts[contact].offers != kNil) Dismiss(state_->contacts[contact].offers, outcome, cause);
}

// Ends a connecting engagement; what becomes of contact and agent is the caller's.
void Machine::DropConnection(uint32_t engagement, uint32_t reason) {
  const Engagement& e = state_->engagements[engagement];
  EmitEngagement(KOBLE_EVENT_CONNECT_FAILED, engagement).reason = reason;
  state_->contacts[KOBLE_ID_SLOT(e.contact)].engagement = kNil;
  const uint32_t agent = e.agent;
  RemoveEngagement(engagement);
  TouchIdle(agent);
}

void Machine::FailConnection(uint32_t engagement, uint32_t reason) {
  state::State& s = *state_;
  const Engagement e = s.engagements[engagement];
  const uint32_t contact = KOBLE_ID_SLOT(e.contact);
  const plan::OutcomeRule rule = reason == KOBLE_CONNECT_LOST ? plan::OutcomeRule{} : QueueOf(e.queue).failed;
  DropConnection(engagement, reason);
  Exclude(contact, e.agent, rule.again_ns);
  Contact& c = s.contacts[contact];
  if (c.offers != kNil) {
    if (reason != KOBLE_CONNECT_LOST) ExcludeFromRound(contact, e.agent);
    c.state = KOBLE_CONTACT_OFFERED;
    MarkContact(contact);
    GetHungry(contact);
  } else {
    ComeBack(contact, rule.retry_ns, rule.ExcludesForGood());
  }
  Penalise(e.agent, rule.penalty_ns, KOBLE_OUTCOME_FAILED);
  CountMiss(e.agent, rule);
  Freed(e.agent);
}

}  // namespace koble::engine
