// Conversations in which nobody writes, and those that their agent has set aside (docs/model.md, 4a): they are his and take none of his capacity.
#include <algorithm>

#include "engine/machine.h"

namespace koble::engine {

using state::Contact;
using state::Engagement;
using state::kNone;

namespace {

// Of the contact while its engagement lives; in a wrap-up it is gone.
uint32_t ContactState(uint32_t engagement_state) {
  switch (engagement_state) {
    case KOBLE_ENGAGEMENT_HELD:
      return KOBLE_CONTACT_HELD;
    case KOBLE_ENGAGEMENT_SILENT:
      return KOBLE_CONTACT_SILENT;
    case KOBLE_ENGAGEMENT_PARKED:
      return KOBLE_CONTACT_PARKED;
    default:
      return KOBLE_CONTACT_ACTIVE;
  }
}

}  // namespace

void Machine::MoveEngagement(uint32_t engagement, uint32_t to) {
  state::State& s = *state_;
  Engagement& e = s.engagements[engagement];
  state::AgentChannel& on = s.Of(e.agent, e.channel);
  const bool took = !e.Aside();
  --on.In(e.state);
  ++on.In(to);
  e.state = to;
  e.since_ns = s.now_ns;
  MarkEngagement(engagement);
  if (to != KOBLE_ENGAGEMENT_WRAPPING) {
    const uint32_t contact = KOBLE_ID_SLOT(e.contact);
    s.contacts[contact].state = ContactState(to);
    MarkContact(contact);
  }
  if (took == !e.Aside()) return;
  const int64_t cost = s.plan->channels[e.channel].cost;
  s.agents[e.agent].used += took ? -cost : cost;
  Reorder(e.agent, kByUnits);
}

int64_t Machine::SilenceDeadline(const Engagement& engagement) const {
  const int64_t after = state_->plan->channels[engagement.channel].silent_after_ns;
  const bool runs = engagement.state == KOBLE_ENGAGEMENT_ACTIVE && engagement.queue != KOBLE_QUEUE_NONE;
  return runs && after != plan::kUnset ? Later(state_->now_ns, after) : KOBLE_NEVER;
}

void Machine::StartSilenceClock(uint32_t engagement) {
  Engagement& e = state_->engagements[engagement];
  MarkEngagement(engagement);
  const int64_t deadline_ns = SilenceDeadline(e);
  if (deadline_ns == KOBLE_NEVER && e.deadline_ns == KOBLE_NEVER) return;
  e.deadline_ns = deadline_ns;
  SetEngagementTimer(engagement);
}

void Machine::SetAside(uint32_t engagement, uint32_t to, int64_t deadline_ns) {
  Engagement& e = state_->engagements[engagement];
  const bool took = !e.Aside();
  if (took) {
    EndTalk(engagement);
    EndHandling(engagement);
  }
  MoveEngagement(engagement, to);
  e.deadline_ns = deadline_ns;
  SetEngagementTimer(engagement);
  const bool silent = to == KOBLE_ENGAGEMENT_SILENT;
  koble_event& event = EmitEngagement(silent ? KOBLE_EVENT_SILENT : KOBLE_EVENT_PARKED, engagement);
  event.a = deadline_ns == KOBLE_NEVER ? 0 : deadline_ns;
  if (!took) return;
  TouchIdle(e.agent);
  Freed(e.agent);
}

void Machine::FallSilent(uint32_t engagement) {
  const int64_t forget = state_->plan->channels[state_->engagements[engagement].channel].silent_forget_ns;
  SetAside(engagement, KOBLE_ENGAGEMENT_SILENT, forget == plan::kNever ? KOBLE_NEVER : Later(state_->now_ns, forget));
}

void Machine::Continue(uint32_t engagement) {
  Engagement& e = state_->engagements[engagement];
  MoveEngagement(engagement, KOBLE_ENGAGEMENT_ACTIVE);
  e.served_ns = state_->now_ns;
  TouchIdle(e.agent);
  Refresh(e.agent);
  StartSilenceClock(engagement);
  EmitEngagement(KOBLE_EVENT_CONTINUED, engagement);
}

// What the customer has written finds his agent, or the queue.
void Machine::ContinueOrReturn(uint32_t engagement) {
  const uint32_t agent = state_->engagements[engagement].agent;
  const state::Agent& a = state_->agents[agent];
  const bool there = a.presence == KOBLE_PRESENCE_AVAILABLE && !a.leaving && a.penalised_until_ns == kNone;
  if (there && HasRoom(agent, state_->engagements[engagement].channel)) return Continue(engagement);
  Return(engagement);
  if (a.leaving) Freed(agent);
}

// The contact waits anew, and this agent is whom it is meant for.
void Machine::Return(uint32_t engagement) {
  state::State& s = *state_;
  const Engagement e = s.engagements[engagement];
  const plan::Channel& channel = s.plan->channels[e.channel];
  const state::Agent& a = s.agents[e.agent];
  const bool absent = a.leaving || (a.presence == KOBLE_PRESENCE_OFFLINE && QueueOf(e.queue).release_reserved);
  const int64_t reserve = e.state == KOBLE_ENGAGEMENT_PARKED ? channel.park_return_ns : channel.silent_return_ns;
  int64_t until = reserve == plan::kNever ? KOBLE_NEVER : Later(s.now_ns, reserve);
  if (reserve == 0 || absent) until = kNone;
  EmitEngagement(KOBLE_EVENT_RETURNED, engagement).a = until == kNone ? 0 : until;
  RemoveEngagement(engagement);

  const uint32_t contact = KOBLE_ID_SLOT(e.contact);
  Contact& c = s.contacts[contact];
  c.engagement = kNil;
  c.arrival_ns = s.now_ns;
  c.agent = s.agents.Id(e.agent);
  c.reserved_until_ns = until;
  if (until != kNone) LinkReserved(contact);
  // On a copy nothing has been made ready, and memory may be taken.
  const uint32_t variant = e.variant != kNil ? e.variant : index_.PrepareVariant(s, e.queue, ValuesOf(contact));
  c.entries = NewEntry(contact, e.queue, 0, variant, {});
  BeginWaiting(contact);
  TriggerContact(contact);
}

// All engagements are looked at where he has parked any.
void Machine::ListParkedOf(uint32_t agent) {
  const state::State& s = *state_;
  parked_.clear();
  bool any = false;
  for (uint32_t ch = 0; ch < s.Channels(); ++ch) any |= s.Of(agent, ch).parked != 0;
  for (uint32_t e = 0; any && e < s.engagements.Size(); ++e) {
    if (!s.engagements.Live(e) || s.engagements[e].agent != agent) continue;
    if (s.engagements[e].state == KOBLE_ENGAGEMENT_PARKED) parked_.emplace_back(s.engagements[e].sequence, e);
  }
  std::sort(parked_.begin(), parked_.end());
}

// He has been removed.
void Machine::ReturnParkedOf(uint32_t agent) {
  ListParkedOf(agent);
  for (const auto& [sequence, engagement] : parked_) Return(engagement);
}

int32_t Machine::RestartSilence(uint32_t engagement) {
  if (SilenceDeadline(state_->engagements[engagement]) == state_->engagements[engagement].deadline_ns) {
    changed_ = false;
    return KOBLE_OK;
  }
  Reach reach;
  reach.room.timers = 1;
  Begin(reach);
  StartSilenceClock(engagement);
  return KOBLE_OK;
}

int32_t Machine::Activity(koble_id id) {
  state::State& s = *state_;
  if (const int32_t code = s.engagements.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_ENGAGEMENT, id);
  const uint32_t engagement = KOBLE_ID_SLOT(id);
  const uint32_t at = s.engagements[engagement].state;
  if (at == KOBLE_ENGAGEMENT_CONNECTING || at == KOBLE_ENGAGEMENT_WRAPPING) {
    return Refuse(KOBLE_ERR_STATE, "the engagement is connecting or in its wrap-up: there is no conversation");
  }
  if (at == KOBLE_ENGAGEMENT_ACTIVE) return RestartSilence(engagement);
  if (at == KOBLE_ENGAGEMENT_HELD) {
    changed_ = false;
    return KOBLE_OK;
  }
  Reach reach;
  reach.room.events = 1;
  reach.room.timers = 1;
  Begin(reach);
  Continue(engagement);
  return KOBLE_OK;
}

int32_t Machine::Park(koble_id id, int64_t until_ns) {
  state::State& s = *state_;
  if (const int32_t code = s.engagements.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_ENGAGEMENT, id);
  const uint32_t engagement = KOBLE_ID_SLOT(id);
  const Engagement& e = s.engagements[engagement];
  if (e.state == KOBLE_ENGAGEMENT_CONNECTING || e.state == KOBLE_ENGAGEMENT_WRAPPING) {
    return Refuse(KOBLE_ERR_STATE, "the engagement is connecting or in its wrap-up: there is nothing to park");
  }
  if (!s.plan->channels[e.channel].park || e.queue == KOBLE_QUEUE_NONE) {
    return Refuse(KOBLE_ERR_STATE, "only on a channel with \"park\", and of a queue that is in the plan");
  }
  if (until_ns != 0 && until_ns <= s.now_ns) {
    return Refuse(KOBLE_ERR_ARGUMENT, "until_ns is not later than now; give 0 for a parking without an end");
  }
  Reach reach;
  CountEngagementEnd(reach, engagement);
  Begin(reach);
  SetAside(engagement, KOBLE_ENGAGEMENT_PARKED, until_ns == 0 ? KOBLE_NEVER : until_ns);
  return KOBLE_OK;
}

int32_t Machine::Reply(koble_id id) {
  state::State& s = *state_;
  if (const int32_t code = s.contacts.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_CONTACT, id);
  const Contact& c = s.contacts[KOBLE_ID_SLOT(id)];
  if (c.state == KOBLE_CONTACT_ACTIVE) {
    result_id_ = s.engagements.Id(c.engagement);
    return RestartSilence(c.engagement);
  }
  if (c.state != KOBLE_CONTACT_SILENT && c.state != KOBLE_CONTACT_PARKED) {
    changed_ = false;
    return KOBLE_OK;
  }
  Reach reach;
  CountReturn(reach, c.engagement);
  Begin(reach);
  ContinueOrReturn(c.engagement);
  if (c.state == KOBLE_CONTACT_ACTIVE) result_id_ = s.engagements.Id(c.engagement);
  return KOBLE_OK;
}

}  // namespace koble::engine
