// What happens to contacts, agents, offers and engagements (sections 2 to 4). The order of the lines is the order of the
// events (4.11).
#include <algorithm>

#include "reference/router.h"

namespace koble::reference {

// ---- Agents ------------------------------------------------------------------------------------------------------

// 3.6
Agent& Router::AddAgent(const plan::AgentDefinition& definition, const plan::Capability& can) {
  Agent& agent = agents_.emplace_back();
  agent.id = NewId(KOBLE_KIND_AGENT);
  agent.number = ++last_agent_;
  agent.definition = definition;
  agent.own = agent.can = can;
  return agent;
}

// 3.6
void Router::ReviveAgent(Agent& agent, const plan::AgentDefinition& definition, const plan::Capability& can) {
  agent.leaving = false;
  agent.definition = definition;
  agent.own = can;
  Lay(agent);
  Emit(KOBLE_EVENT_AGENT_ADDED, agent).a = 1;
}

// 3.7
void Router::ChangeAgent(Agent& agent, const plan::AgentDefinition& definition, const plan::Capability& can) {
  if (agent.definition.bytes == definition.bytes) return;
  changed_ = true;
  agent.definition = definition;
  agent.own = can;
  Lay(agent);
  Emit(KOBLE_EVENT_AGENT_CHANGED, agent);
  if (!agent.can.pull) EndRequest(agent, KOBLE_REQUEST_CANCELLED);
  Trigger(agent);
}

// 3.8
void Router::RemoveAgent(Agent& agent, int64_t cause) {
  agent.presence = KOBLE_PRESENCE_OFFLINE;
  agent.presence_reason = 0;
  agent.leaving = true;
  Emit(KOBLE_EVENT_AGENT_REMOVED, agent);
  WithdrawOffersOf(agent, cause);
  ReturnParkedOf(agent.id);
  ReleaseAbsent(agent);
  EndRequest(agent, KOBLE_REQUEST_REMOVED);
  GoneIfLeft(agent.id);
}

// 3.1, 3.8
void Router::WithdrawOffersOf(Agent& agent, int64_t cause) {
  std::vector<koble_id> offers;
  for (const Offer& offer : offers_) {
    if (offer.agent == agent.id) offers.push_back(offer.id);
  }
  std::vector<std::pair<koble_id, uint32_t>> contacts;
  for (koble_id offer : offers) {
    contacts.emplace_back(FindOffer(offer)->contact, FindOffer(offer)->queue);
    EndOffer(offer, KOBLE_OUTCOME_WITHDRAWN, cause);
  }
  for (const auto& [id, queue] : contacts) {
    Contact* contact = FindContact(id);
    if (contact->state == KOBLE_CONTACT_OFFERED && OpenOffersOf(*contact).empty()) ComeBack(*contact, queue, nullptr);
  }
}

void Router::EndRequest(Agent& agent, uint32_t reason) {
  if (!agent.requests) return;
  agent.requests = false;
  Emit(KOBLE_EVENT_REQUEST_END, agent, reason);
}

// 2.11
bool Router::GoesByAbsence(const Contact& contact) {
  if (!contact.reserved || FindAgent(contact.agent)->presence != KOBLE_PRESENCE_OFFLINE) return false;
  return std::any_of(contact.standings.begin(), contact.standings.end(),
                     [&](const Standing& standing) { return plan_->queues[standing.queue].release_reserved; });
}

void Router::Release(Contact& contact) {
  contact.reserved = false;
  Emit(KOBLE_EVENT_RELEASED, contact, KOBLE_QUEUE_NONE).agent = contact.agent;
  Trigger(contact);
}

void Router::ReleaseAbsent(const Agent& agent) {
  for (Contact& contact : contacts_) {
    if (contact.agent == agent.id && GoesByAbsence(contact)) Release(contact);
  }
}

// 3.1
void Router::SetPresence(Agent& agent, uint32_t presence, int64_t reason, int64_t misses) {
  const uint32_t old = agent.presence;
  agent.presence = presence;
  agent.presence_reason = reason;
  koble_event& event = Emit(KOBLE_EVENT_PRESENCE, agent, presence);
  event.a = reason;
  event.b = misses;
  if (presence == old) return;
  if (presence == KOBLE_PRESENCE_AVAILABLE) {
    agent.misses = 0;
    Idle(agent);
    Trigger(agent);
  } else if (old == KOBLE_PRESENCE_AVAILABLE) {
    WithdrawOffersOf(agent, KOBLE_CAUSE_AGENT);
    ReleaseAbsent(agent);
    EndRequest(agent, KOBLE_REQUEST_PRESENCE);
  } else {
    ReleaseAbsent(agent);
  }
}

// 3.11
void Router::Missed(Agent& agent, const plan::OutcomeRule& rule) {
  if (!rule.miss) return;
  ++agent.misses;
  const plan::MissRule& when = agent.can.misses;
  if (when.limit == 0 || agent.misses < when.limit || agent.presence != KOBLE_PRESENCE_AVAILABLE) return;
  const bool spared = agent.last_ended != 0 && instant_ < agent.last_ended + when.grace_ns;
  if (!spared) SetPresence(agent, when.presence, when.reason, agent.misses);
}

// 3.3
void Router::Penalise(Agent& agent, int64_t length, uint32_t outcome) {
  if (length == 0 || now_ + length <= agent.penalised_until) return;
  agent.penalised_until = now_ + length;
  Emit(KOBLE_EVENT_PENALISED, agent, outcome).a = agent.penalised_until;
}

// 3.5
void Router::Idle(Agent& agent) { agent.idle_since = std::max(agent.idle_since, instant_); }

// 4.10
void Router::GoneIfLeft(koble_id id) {
  Agent& agent = *FindAgent(id);
  if (!agent.leaving || HasEngagement(agent)) return;
  for (Contact& contact : contacts_) {
    if (contact.reserved && contact.agent == id) Release(contact);
  }
  Emit(KOBLE_EVENT_AGENT_GONE, agent);
  FreeId(id);
  agents_.remove_if([&](const Agent& other) { return other.id == id; });
}

// ---- Offers and engagements --------------------------------------------------------------------------------------

// 4.1; `group`: 0 of the first.
koble_id Router::MakeOffer(const Contact& contact, uint32_t queue, koble_id agent, int64_t expires, koble_id group) {
  Offer& offer = offers_.emplace_back();
  offer.id = NewId(KOBLE_KIND_OFFER);
  offer.number = ++last_offer_;
  offer.group = group != 0 ? group : offer.id;
  offer.contact = contact.id;
  offer.agent = agent;
  offer.queue = queue;
  offer.begun = now_;
  offer.expires = expires;
  koble_event& event = Emit(KOBLE_EVENT_OFFERED, offer);
  event.a = expires == plan::kNever ? 0 : expires;
  event.b = static_cast<int64_t>(offer.group);
  if (event.a != 0 && plan_->queues[queue].mode == plan::OfferMode::kPreview) event.reason = KOBLE_OFFERED_PREVIEW;
  return offer.id;
}

// 4.1
koble_id Router::MakeOffers(Contact& contact, uint32_t queue, const std::vector<koble_id>& agents,
                            bool accept_at_once) {
  ++contact.attempts;
  koble_id first = 0;
  const int64_t expires = accept_at_once ? plan::kNever : now_ + plan_->queues[queue].ring_ns;
  for (koble_id agent : agents) {
    const koble_id offer = MakeOffer(contact, queue, agent, expires, first);
    if (first == 0) first = offer;
  }
  contact.state = KOBLE_CONTACT_OFFERED;
  const plan::Queue& rules = plan_->queues[queue];
  if (rules.select == plan::SelectionRule::kRoundRobin && rules.mode != plan::OfferMode::kRingAll) {
    pointers_[rules.name] = FindAgent(agents.back())->number;
  }
  if (accept_at_once) Accept(first, 0);
  return first;
}

// 4.12: one more in the group.
koble_id Router::Grow(Contact& contact, koble_id agent) {
  const koble_id group = FindOffer(OpenOffersOf(contact).front())->group;
  const uint32_t queue = FindOffer(OpenOffersOf(contact).front())->queue;
  const plan::Queue& rules = plan_->queues[queue];
  const bool at_once = FindAgent(agent)->can.pull;
  const int64_t end_of_group = FindOffer(OpenOffersOf(contact).front())->expires;
  int64_t expires = now_ + rules.ring_ns;
  if (contact.open && end_of_group > now_) expires = end_of_group;
  if (at_once) expires = plan::kNever;
  contact.hungry = false;
  if (!contact.open) contact.tick = now_ + rules.delay_ns;
  ++contact.attempts;
  const koble_id offer = MakeOffer(contact, queue, agent, expires, group);
  const bool turns = rules.select == plan::SelectionRule::kRoundRobin && rules.mode != plan::OfferMode::kRingAll;
  if (turns) pointers_[rules.name] = FindAgent(agent)->number;
  if (at_once) Accept(offer, 0);
  return offer;
}

// 4.12
void Router::EndGrowth(Contact& contact) {
  contact.tick = 0;
  contact.hungry = false;
  contact.open = false;
}

// 4.2
koble_id Router::Accept(koble_id id, uint32_t how) {
  const Offer offer = *FindOffer(id);
  Agent& agent = *FindAgent(offer.agent);
  Contact& contact = *FindContact(offer.contact);
  const plan::Queue& queue = plan_->queues[offer.queue];

  Engagement& engagement = engagements_.emplace_back();
  engagement.id = NewId(KOBLE_KIND_ENGAGEMENT);
  engagement.number = offer.number;
  engagement.offer = offer.id;
  engagement.contact = contact.id;
  engagement.serial = contact.serial;
  engagement.host_ref = contact.host_ref;
  engagement.agent = agent.id;
  engagement.queue = offer.queue;
  engagement.channel = queue.channel;
  engagement.since = now_;

  Emit(KOBLE_EVENT_ACCEPTED, engagement, how);
  offers_.remove_if([&](const Offer& other) { return other.id == id; });
  FreeId(id);
  if (OpenOffersOf(contact).empty()) EndGrowth(contact);
  Idle(agent);
  agent.requests = false;  // used up, without an event (3.9)
  if (queue.confirm_ns == plan::kUnset) {
    Serve(engagement);
  } else {
    engagement.state = KOBLE_ENGAGEMENT_CONNECTING;
    engagement.deadline = now_ + queue.confirm_ns;
    contact.state = KOBLE_CONTACT_CONNECTING;
  }
  return engagement.id;
}

// The end of 4.2 and of 4.3: from now on the contact is served.
void Router::Serve(Engagement& engagement) {
  Contact& contact = *FindContact(engagement.contact);
  WithdrawOffersOf(contact, 0, KOBLE_OUTCOME_RESCINDED);
  engagement.state = KOBLE_ENGAGEMENT_ACTIVE;
  engagement.since = now_;
  engagement.deadline = plan::kNever;
  contact.state = KOBLE_CONTACT_ACTIVE;
  contact.reserved = false;
  contact.agent = 0;
  contact.standings.clear();
  contact.exclusions.clear();
  contact.asked.clear();
  contact.retry_until = 0;
  engagement.deadline = SilenceFrom(engagement);
  engagement.served = now_;
  ++FindAgent(engagement.agent)->served;
  const plan::Queue& of = plan_->queues[engagement.queue];
  if (of.select == plan::SelectionRule::kFewestOfQueue) ++FindAgent(engagement.agent)->served_of[of.name];
  FindAgent(engagement.agent)->misses = 0;
  FindAgent(engagement.agent)->last_served = now_;
  Emit(KOBLE_EVENT_SERVING, engagement);
}

// The event, and the agent is freed. What that means for the contact is the caller's matter.
void Router::EndOffer(koble_id id, uint32_t outcome, int64_t cause) {
  Offer& offer = *FindOffer(id);
  Emit(KOBLE_EVENT_OUTCOME, offer, outcome).a = cause;
  Trigger(*FindAgent(offer.agent));
  Contact& contact = *FindContact(offer.contact);
  FreeId(id);
  offers_.remove_if([&](const Offer& other) { return other.id == id; });
  if (OpenOffersOf(contact).empty()) EndGrowth(contact);
  if (contact.open) Trigger(contact);
}

void Router::WithdrawOffersOf(Contact& contact, int64_t cause, uint32_t outcome) {
  for (koble_id offer : OpenOffersOf(contact)) EndOffer(offer, outcome, cause);
}

// 4.4
void Router::OfferFailed(koble_id id, uint32_t outcome) {
  const Offer offer = *FindOffer(id);
  Contact& contact = *FindContact(offer.contact);
  const plan::OutcomeRule& rule = plan_->queues[offer.queue].Rule(outcome);
  EndOffer(id, outcome, 0);
  Exclude(contact, offer.agent, rule.again_ns);
  if (Grows(contact)) contact.asked.insert(offer.agent);
  if (contact.state == KOBLE_CONTACT_OFFERED && OpenOffersOf(contact).empty()) ComeBack(contact, offer.queue, &rule);
  Penalise(*FindAgent(offer.agent), rule.penalty_ns, outcome);
  Missed(*FindAgent(offer.agent), rule);
}

// 4.5; lost: 7a(4)
void Router::ConnectFailed(koble_id id, uint32_t reason) {
  const Engagement engagement = *FindEngagement(id);
  Contact& contact = *FindContact(engagement.contact);
  const plan::OutcomeRule* rule = &plan_->queues[engagement.queue].failed;
  if (reason == KOBLE_CONNECT_LOST) rule = nullptr;
  Emit(KOBLE_EVENT_CONNECT_FAILED, engagement, reason);
  EndEngagement(id);
  if (rule != nullptr) Exclude(contact, engagement.agent, rule->again_ns);
  if (rule != nullptr && Grows(contact)) contact.asked.insert(engagement.agent);
  contact.state = KOBLE_CONTACT_OFFERED;
  if (Hungry(contact)) Trigger(contact);
  if (OpenOffersOf(contact).empty()) ComeBack(contact, engagement.queue, rule);
  if (rule != nullptr) {
    Penalise(*FindAgent(engagement.agent), rule->penalty_ns, KOBLE_OUTCOME_FAILED);
    Missed(*FindAgent(engagement.agent), *rule);
  }
  GoneIfLeft(engagement.agent);
}

// 2.3 for a contact that is served, and 4.9.
void Router::EndServed(Contact& contact, uint32_t by) {
  Engagement* engagement = ConversationOf(contact);
  const plan::Queue& queue = QueueOf(*engagement);
  Agent& agent = *FindAgent(engagement->agent);
  Emit(KOBLE_EVENT_ENDED, *engagement, by);
  EndContact(contact.id);
  if (Aside(*engagement)) {  // 4a.7
    const koble_id id = engagement->id;
    engagements_.remove_if([&](const Engagement& other) { return other.id == id; });
    FreeId(id);
    return GoneIfLeft(agent.id);
  }
  EndTalk(*engagement);
  const int64_t wish = agent.can.wrap_up_ns == plan::kUnset ? queue.wrap_up_ns : agent.can.wrap_up_ns;
  const int64_t length = std::min(wish, queue.wrap_up_max_ns);
  if (length == 0) {
    CountHandled(*engagement);
    EndEngagement(engagement->id);
    GoneIfLeft(agent.id);
    return;
  }
  engagement->state = KOBLE_ENGAGEMENT_WRAPPING;
  engagement->deadline = now_ + length;
  Emit(KOBLE_EVENT_WRAPUP, *engagement).a = engagement->deadline;
}

// The engagement is over and its agent is freed; the event came before, agent_gone may come later.
void Router::EndEngagement(koble_id id) {
  Agent& agent = *FindAgent(FindEngagement(id)->agent);
  engagements_.remove_if([&](const Engagement& other) { return other.id == id; });
  FreeId(id);
  Idle(agent);
  Trigger(agent);
}

// 5.5: the conversation and its wrap-up are over, or it pauses.
void Router::CountHandled(Engagement& engagement) {
  Agent& agent = *FindAgent(engagement.agent);
  if (!engagement.handled) ++agent.handled;
  engagement.handled = true;
  agent.handled_time = std::min(agent.handled_time + (instant_ - engagement.served), KOBLE_TIME_MAX);
}

void Router::WrapUpEnd(koble_id id, uint32_t reason) {
  const koble_id agent = FindEngagement(id)->agent;
  Emit(KOBLE_EVENT_WRAPUP_END, *FindEngagement(id), reason);
  CountHandled(*FindEngagement(id));
  EndEngagement(id);
  GoneIfLeft(agent);
}

// ---- Contacts ----------------------------------------------------------------------------------------------------

// 2.7
void Router::Exclude(Contact& contact, koble_id agent, int64_t length) {
  if (length == 0) return;
  Exclusion fresh{agent, length >= plan::kUntilStep ? plan::kNever : now_ + length, length == plan::kUntilStep};
  for (Exclusion& old : contact.exclusions) {  // of a pair that the host insisted on: the longer
    if (old.agent != agent) continue;
    const bool longer = fresh.until > old.until || (fresh.until == old.until && old.until_step && !fresh.until_step);
    if (longer) old = fresh;
    return;
  }
  contact.exclusions.push_back(fresh);
}

void Router::StepOpened(Contact& contact) {
  std::erase_if(contact.exclusions, [](const Exclusion& exclusion) { return exclusion.until_step; });
}

// 4.6. `rule`: of the outcome that brought the contact back; null where its offers were withdrawn.
void Router::ComeBack(Contact& contact, uint32_t queue, const plan::OutcomeRule* rule) {
  contact.state = KOBLE_CONTACT_WAITING;
  contact.asked.clear();
  for (size_t place = 0; place < contact.standings.size();) {
    const Standing& standing = contact.standings[place];
    if (standing.remembered || standing.leaving_remembered) {
      Leave(contact, place, standing.remembered ? KOBLE_EXIT_MAX_WAIT : KOBLE_EXIT_LET_GO);
      if (contact.standings.empty()) return EndContact(contact.id);
    } else {
      ++place;
    }
  }
  const bool for_good = rule != nullptr && (rule->again_ns == plan::kNever || rule->again_ns == plan::kUntilStep);
  if (for_good && Exhausted(contact)) {  // 2.8
    Emit(KOBLE_EVENT_EXHAUSTED, contact, KOBLE_QUEUE_NONE);
    if (plan_->queues[queue].on_exhausted == plan::OnExhausted::kExit) return LeaveAll(contact, KOBLE_EXIT_EXHAUSTED);
    if (plan_->queues[queue].on_exhausted == plan::OnExhausted::kForgive) contact.exclusions.clear();
  }
  if (rule != nullptr && rule->retry_ns > 0) contact.retry_until = now_ + rule->retry_ns;
  Trigger(contact);
}

// 2.8
bool Router::Exhausted(const Contact& contact) const {
  for (const Agent& agent : agents_) {
    if (agent.leaving || agent.presence == KOBLE_PRESENCE_OFFLINE || Excluded(contact, agent, true)) continue;
    if (contact.reserved && contact.agent != agent.id) continue;
    for (const Standing& standing : contact.standings) {
      const uint32_t channel = plan_->queues[standing.queue].channel;
      if (agent.can.channel_max[channel] == 0 || ViewOf(agent, standing.queue).never) continue;
      if (MeetsOneInForce(agent, standing, contact)) return false;
    }
  }
  return true;
}

// Leaves one queue; from the last one, `exit` too (the caller ends the contact).
void Router::Leave(Contact& contact, size_t place, uint32_t reason) {
  const uint32_t queue = contact.standings[place].queue;
  contact.standings.erase(contact.standings.begin() + static_cast<std::ptrdiff_t>(place));
  Emit(KOBLE_EVENT_LEFT, contact, queue, reason);
  if (contact.standings.empty()) Emit(KOBLE_EVENT_EXIT, contact, queue, reason);
}

void Router::LeaveAll(Contact& contact, uint32_t reason) {
  while (!contact.standings.empty()) Leave(contact, 0, reason);
  EndContact(contact.id);
}

void Router::EndContact(koble_id id) {
  FreeId(id);
  contacts_.remove_if([&](const Contact& other) { return other.id == id; });
}

// 2.4
bool Router::JudgeFullness(koble_id id) {
  Contact* contact = FindContact(id);
  if (contact == nullptr || contact->state != KOBLE_CONTACT_WAITING) return false;
  bool left = false;
  for (size_t place = 0; place < contact->standings.size();) {
    const uint32_t queue = contact->standings[place].queue;
    int64_t others = 0;
    for (const Contact& other : contacts_) {
      if (other.id == id || other.state != KOBLE_CONTACT_WAITING) continue;
      others += std::count_if(other.standings.begin(), other.standings.end(),
                              [&](const Standing& standing) { return standing.queue == queue; });
    }
    const int64_t most = plan_->queues[queue].max_length;
    if (most == plan::kUnset || others < most) {
      ++place;
      continue;
    }
    left = true;
    Leave(*contact, place, KOBLE_EXIT_FULL);
    if (plan_->queues[queue].policy.policy != plan::kNoPolicy) Trigger(*contact);
    if (!contact->standings.empty()) continue;
    EndContact(id);
    break;
  }
  return left;
}

}  // namespace koble::reference
