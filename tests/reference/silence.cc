// Silent and parked conversations (section 4a).
#include <algorithm>

#include "reference/router.h"

namespace koble::reference {

bool Aside(const Engagement& engagement) {
  return engagement.state == KOBLE_ENGAGEMENT_SILENT || engagement.state == KOBLE_ENGAGEMENT_PARKED;
}

Engagement* Router::ConversationOf(const Contact& contact) {
  for (Engagement& engagement : engagements_) {
    if (engagement.contact == contact.id && engagement.state != KOBLE_ENGAGEMENT_WRAPPING) return &engagement;
  }
  return nullptr;
}

// 4a.1
int64_t Router::SilenceFrom(const Engagement& engagement) const {
  const int64_t after = plan_->channels[engagement.channel].silent_after_ns;
  return after == plan::kUnset || engagement.queue == KOBLE_QUEUE_NONE ? plan::kNever : now_ + after;
}

// 4a.3, and the end of 4.9's conversation
void Router::EndTalk(const Engagement& engagement) {
  Agent& agent = *FindAgent(engagement.agent);
  agent.talked = std::min(agent.talked + (now_ - engagement.served), KOBLE_TIME_MAX);
  agent.last_ended = now_;
}

// 4a.1 to 4a.3
void Router::SetAside(Engagement& engagement, uint32_t state, int64_t deadline) {
  const bool silent = state == KOBLE_ENGAGEMENT_SILENT;
  Agent& agent = *FindAgent(engagement.agent);
  if (!Aside(engagement)) {
    EndTalk(engagement);
    CountHandled(engagement);
    Idle(agent);
    Trigger(agent);
  }
  engagement.state = state;
  engagement.since = now_;
  engagement.deadline = deadline;
  FindContact(engagement.contact)->state = silent ? KOBLE_CONTACT_SILENT : KOBLE_CONTACT_PARKED;
  koble_event& event = Emit(silent ? KOBLE_EVENT_SILENT : KOBLE_EVENT_PARKED, engagement);
  event.a = deadline == plan::kNever ? 0 : deadline;
}

// 4a.5
void Router::Continue(Engagement& engagement) {
  engagement.state = KOBLE_ENGAGEMENT_ACTIVE;
  engagement.since = engagement.served = now_;
  engagement.deadline = SilenceFrom(engagement);
  FindContact(engagement.contact)->state = KOBLE_CONTACT_ACTIVE;
  Idle(*FindAgent(engagement.agent));
  Emit(KOBLE_EVENT_CONTINUED, engagement);
}

// 4a.4
void Router::ContinueOrReturn(Engagement& engagement) {
  const Agent& agent = *FindAgent(engagement.agent);
  const bool there = agent.presence == KOBLE_PRESENCE_AVAILABLE && !agent.leaving && agent.penalised_until == 0;
  if (there && HasRoom(agent, engagement.channel)) {
    Continue(engagement);
  } else {
    Return(engagement);
    GoneIfLeft(agent.id);
  }
}

// 4a.6
void Router::Return(Engagement& engagement) {
  const Engagement ended = engagement;
  const Agent& agent = *FindAgent(ended.agent);
  const plan::Queue& queue = plan_->queues[ended.queue];
  const plan::Channel& channel = plan_->channels[ended.channel];
  int64_t length = ended.state == KOBLE_ENGAGEMENT_PARKED ? channel.park_return_ns : channel.silent_return_ns;
  if (agent.leaving || (agent.presence == KOBLE_PRESENCE_OFFLINE && queue.release_reserved)) length = 0;
  const int64_t until = length == plan::kNever ? plan::kNever : now_ + length;
  Emit(KOBLE_EVENT_RETURNED, engagement).a = length == 0 ? 0 : until;
  engagements_.remove_if([&](const Engagement& other) { return other.id == ended.id; });
  FreeId(ended.id);

  Contact& contact = *FindContact(ended.contact);
  contact.state = KOBLE_CONTACT_WAITING;
  contact.arrival = contact.step_clock = now_;
  contact.agent = ended.agent;
  contact.reserved = length != 0;
  contact.reserved_until = until;
  Join(contact, ended.queue);
  Trigger(contact);
}

// 3.8
void Router::ReturnParkedOf(koble_id agent) {
  std::vector<std::pair<uint64_t, koble_id>> parked;
  for (const Engagement& engagement : engagements_) {
    if (engagement.agent != agent || engagement.state != KOBLE_ENGAGEMENT_PARKED) continue;
    parked.emplace_back(engagement.number, engagement.id);
  }
  std::sort(parked.begin(), parked.end());
  for (const auto& [number, id] : parked) Return(*FindEngagement(id));
}

// 4a.4
int32_t Router::Activity(koble_id id) {
  if (const int32_t code = Check(id, KOBLE_KIND_ENGAGEMENT); code != KOBLE_OK) return code;
  Engagement& engagement = *FindEngagement(id);
  if (engagement.state == KOBLE_ENGAGEMENT_CONNECTING || engagement.state == KOBLE_ENGAGEMENT_WRAPPING) {
    return KOBLE_ERR_STATE;
  }
  if (engagement.state == KOBLE_ENGAGEMENT_ACTIVE) {
    changed_ = engagement.deadline != SilenceFrom(engagement);
    engagement.deadline = SilenceFrom(engagement);
  } else if (Aside(engagement)) {
    changed_ = true;
    Continue(engagement);
  }
  return KOBLE_OK;
}

// 4a.2
int32_t Router::Park(koble_id id, int64_t until) {
  if (const int32_t code = Check(id, KOBLE_KIND_ENGAGEMENT); code != KOBLE_OK) return code;
  Engagement& engagement = *FindEngagement(id);
  if (engagement.state == KOBLE_ENGAGEMENT_CONNECTING || engagement.state == KOBLE_ENGAGEMENT_WRAPPING ||
      !plan_->channels[engagement.channel].park || engagement.queue == KOBLE_QUEUE_NONE) {
    return KOBLE_ERR_STATE;
  }
  if (until != 0 && until <= now_) return KOBLE_ERR_ARGUMENT;
  changed_ = true;
  SetAside(engagement, KOBLE_ENGAGEMENT_PARKED, until == 0 ? plan::kNever : until);
  return KOBLE_OK;
}

// 4a.4
int32_t Router::Reply(koble_id id, koble_id* active) {
  if (const int32_t code = Check(id, KOBLE_KIND_CONTACT); code != KOBLE_OK) return code;
  Contact& contact = *FindContact(id);
  if (contact.state == KOBLE_CONTACT_ACTIVE) {
    *active = ConversationOf(contact)->id;
    return Activity(*active);
  }
  if (contact.state != KOBLE_CONTACT_SILENT && contact.state != KOBLE_CONTACT_PARKED) return KOBLE_OK;
  changed_ = true;
  ContinueOrReturn(*ConversationOf(contact));
  if (contact.state == KOBLE_CONTACT_ACTIVE) *active = ConversationOf(contact)->id;
  return KOBLE_OK;
}

}  // namespace koble::reference
