// What each command needs in order to be carried out, and its first step. The rest are transitions of the other files.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cassert>

#include "engine/machine.h"

namespace koble::engine {

using state::kNone;

// To commands a leaving agent does not exist.
int32_t Machine::CheckAgent(koble_id agent) {
  const int32_t code = state_->agents.Check(agent);
  if (code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_AGENT, agent);
  if (!state_->agents[KOBLE_ID_SLOT(agent)].leaving) return KOBLE_OK;
  return Refuse(KOBLE_ERR_UNKNOWN,
                "the agent has been removed and is finishing; agent_add of his name brings him back");
}

[[gnu::hot]] int32_t Machine::Gone(koble_id id, uint32_t by) {
  state::State& s = *state_;
  if (const int32_t code = s.contacts.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_CONTACT, id);
  const uint32_t contact = KOBLE_ID_SLOT(id);
  const state::Contact& c = s.contacts[contact];
  serial_ = c.serial;
  return c.Talks() ? EndConversation(c.engagement, by) : GoneUnserved(contact, by);
}

int32_t Machine::GoneUnserved(uint32_t contact, uint32_t by) {
  state::State& s = *state_;
  const state::Contact& c = s.contacts[contact];
  const uint32_t engagement = c.engagement;
  Reach reach;
  if (engagement != kNil) CountEngagementEnd(reach, engagement);
  CountOffersOf(reach, contact);
  reach.room.events += kLeavingEvents;
  Begin(reach);
  DismissAll(contact, KOBLE_OUTCOME_WITHDRAWN, KOBLE_CAUSE_CONTACT);
  uint32_t agent = kNil;
  if (c.state == KOBLE_CONTACT_CONNECTING) {
    agent = s.engagements[engagement].agent;
    DropConnection(engagement, KOBLE_CONNECT_GONE);
  }
  LeaveAllQueues(contact, by == KOBLE_BY_HOST ? KOBLE_EXIT_WITHDRAWN : KOBLE_EXIT_ABANDONED);
  if (agent != kNil) Freed(agent);
  return KOBLE_OK;
}

int32_t Machine::AddAgent(std::string_view bytes) {
  state::State& s = *state_;
  std::string report;
  const auto definition = plan::ReadAgent(bytes, &report);
  if (!definition) return Refuse(KOBLE_ERR_PLAN, std::move(report));
  const uint32_t known = s.AgentNamed(definition->name);
  const bool revive = known != kNil && s.agents[known].leaving;
  if (known != kNil && !revive) {
    return Refuse(KOBLE_ERR_EXISTS,
                  absl::StrCat("agent \"", definition->name, "\" exists; change or remove him instead"));
  }
  const auto capability = s.plan->Resolve(*definition, &report);
  if (!capability) return Refuse(KOBLE_ERR_PLAN, std::move(report));
  if (revive) {
    Revive(known, *definition, *capability);
    result_id_ = s.agents.Id(known);
    return KOBLE_OK;
  }
  if (s.agents.Count() >= MaxAgents()) {
    return Refuse(KOBLE_ERR_LIMIT, absl::StrCat(s.agents.Count(), " agents exist, the limit set at creation"));
  }
  const uint32_t agent = NewAgent(*definition, *capability);
  result_id_ = s.agents.Id(agent);
  EmitAgent(KOBLE_EVENT_AGENT_ADDED, agent);
  return KOBLE_OK;
}

int32_t Machine::ChangeAgent(koble_id id, std::string_view bytes) {
  state::State& s = *state_;
  if (const int32_t code = CheckAgent(id); code != KOBLE_OK) return code;
  const uint32_t agent = KOBLE_ID_SLOT(id);
  std::string report;
  const auto definition = plan::ReadAgent(bytes, &report);
  if (!definition) return Refuse(KOBLE_ERR_PLAN, std::move(report));
  if (const state::AgentTexts& texts = s.agents[agent].texts; texts.name() != definition->name) {
    return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("the agent's name is \"", texts.c_name(),
                                                   "\" and cannot change to \"", definition->name, "\""));
  }
  const auto capability = s.plan->Resolve(*definition, &report);
  if (!capability) return Refuse(KOBLE_ERR_PLAN, std::move(report));
  changed_ = Redefine(agent, *definition, *capability);
  return KOBLE_OK;
}

int32_t Machine::RemoveAgent(koble_id id) {
  if (const int32_t code = CheckAgent(id); code != KOBLE_OK) return code;
  Reach reach;
  CountWithdrawal(reach, KOBLE_ID_SLOT(id));
  CountReleases(reach, KOBLE_ID_SLOT(id));
  CountReturns(reach, KOBLE_ID_SLOT(id));
  reach.room.events += 3;
  Begin(reach);
  Leave(KOBLE_ID_SLOT(id), KOBLE_CAUSE_AGENT);
  return KOBLE_OK;
}

int32_t Machine::ChangePresence(koble_id id, uint32_t presence, int64_t reason) {
  if (const int32_t code = CheckAgent(id); code != KOBLE_OK) return code;
  const uint32_t agent = KOBLE_ID_SLOT(id);
  const state::Agent& a = state_->agents[agent];
  if (a.presence == presence && a.presence_reason == reason) {
    changed_ = false;
    return KOBLE_OK;
  }
  Reach reach;
  CountWithdrawal(reach, agent);
  CountFreed(reach, agent, 0);
  if (presence == KOBLE_PRESENCE_OFFLINE) CountReleases(reach, agent);
  reach.room.events += 2;
  Begin(reach);
  SetPresence(agent, presence, reason, 0);
  return KOBLE_OK;
}

int32_t Machine::Request(koble_id id, uint32_t channels, int64_t until_ns) {
  state::State& s = *state_;
  if (const int32_t code = CheckAgent(id); code != KOBLE_OK) return code;
  const uint32_t agent = KOBLE_ID_SLOT(id);
  const state::Agent& a = s.agents[agent];
  if (!a.pull)
    return Refuse(KOBLE_ERR_STATE, "only an agent with \"pull\": true asks for contacts; others are offered them");
  if (a.presence != KOBLE_PRESENCE_AVAILABLE) return Refuse(KOBLE_ERR_STATE, "the agent is not available");
  if (uint64_t{channels} >> s.plan->channel_count != 0) {
    return Refuse(KOBLE_ERR_UNKNOWN, absl::StrCat("the mask names channels past the plan's ", s.plan->channel_count));
  }
  if (until_ns != 0 && until_ns <= s.now_ns) {
    return Refuse(KOBLE_ERR_ARGUMENT, "until_ns is not later than now; give 0 for a request that does not stand");
  }
  plan::MediaSet fitting;
  if (a.penalised_until_ns == kNone) {
    for (uint32_t ch = 0; ch < s.Channels(); ++ch) {
      const bool asked = channels == 0 || (channels >> s.plan->channels[ch].channel & 1) != 0;
      fitting[ch] = asked && Fits(agent, ch);
    }
  }
  uint32_t entry = fitting.any() ? index_.BestEntry(s, agent, fitting) : kNil;
  const auto none = [&] { return Refuse(KOBLE_ERR_NONE, "nothing waits that this agent could take now"); };
  if (entry == kNil && until_ns == 0) return none();
  Reach reach;
  reach.contacts = 1;
  reach.agents = 1;  // as one more who is free
  reach.room.timers = 1;
  if (entry != kNil) CountOffersOf(reach, s.entries[entry].contact);  // he takes over a group that rings
  CountReleased(reach, a.skills);
  Begin(reach);
  if (entry != kNil) {
    entry = ContactFor(agent, fitting);
    if (entry == kNil && until_ns == 0) return none();
    if (entry == kNil) {
      SetAsideAgent(agent);
      TriggerAgent(agent);  // for the worklist to end it
    }
  }
  if (entry != kNil) {
    const uint32_t contact = s.entries[entry].contact;
    AskOne(entry, agent);
    result_id_ = s.engagements[s.contacts[contact].engagement].offer;
    return KOBLE_OK;
  }
  if (a.request_until_ns == kNone) ++s.standing_requests;
  s.agents[agent].request_until_ns = until_ns;
  s.agents[agent].request_channels = channels;
  SetAgentTimer(agent);
  Refresh(agent);
  return KOBLE_OK;
}

int32_t Machine::CancelRequest(koble_id id) {
  if (const int32_t code = CheckAgent(id); code != KOBLE_OK) return code;
  const uint32_t agent = KOBLE_ID_SLOT(id);
  if (state_->agents[agent].request_until_ns == kNone)
    return Refuse(KOBLE_ERR_STATE, "no request of this agent stands");
  Reach reach;
  reach.room.events = 1;
  Begin(reach);
  EndRequest(agent, KOBLE_REQUEST_CANCELLED);
  return KOBLE_OK;
}

// Whether the contact may be offered to anybody now, for that queue, and the agent be offered anything.
int32_t Machine::CheckHostOffer(uint32_t contact, uint32_t agent, uint32_t queue, const char** why) const {
  const state::State& s = *state_;
  const state::Contact& c = s.contacts[contact];
  const auto refuse = [&](int32_t code, const char* reason) {
    *why = reason;
    return code;
  };
  if (c.state != KOBLE_CONTACT_WAITING || c.retry_until_ns != kNone) {
    return refuse(KOBLE_ERR_STATE, "the contact does not wait, or is in a retry delay");
  }
  bool stands = false;
  bool fits = false;  // labels may make a difference between its queues
  bool free = false;
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    if (queue != KOBLE_QUEUE_NONE && s.entries[e].queue != queue) continue;
    const uint32_t channel = QueueOf(s.entries[e].queue).channel;
    stands = true;
    fits |= Fits(agent, channel);
    free |= FreeOn(agent, channel);
  }
  if (!stands) return refuse(KOBLE_ERR_STATE, "the contact does not stand in that queue");
  const state::Agent& a = s.agents[agent];
  if (a.presence != KOBLE_PRESENCE_AVAILABLE) return refuse(KOBLE_ERR_STATE, "the agent is not available");
  if (a.penalised_until_ns != kNone) return refuse(KOBLE_ERR_STATE, "the agent is penalised");
  if (!fits) {
    return refuse(
        KOBLE_ERR_LIMIT,
        "one more contact of this channel does not fit: his capacity, the maximum of the channel or label, or "
        "the offers that ring at him");
  }
  if (free) return KOBLE_OK;
  return refuse(KOBLE_ERR_STATE, "the agent takes contacts by request, and none stands for this channel");
}

// The first in which he may take it, or, where the host insists, the first in which it fits.
uint32_t Machine::EntryForHost(uint32_t contact, uint32_t agent, uint32_t queue, uint32_t flags) const {
  const state::State& s = *state_;
  const state::Contact& c = s.contacts[contact];
  if (c.Owner() != kNil && c.Owner() != agent) return kNil;
  uint32_t chosen = kNil;
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    if (queue != KOBLE_QUEUE_NONE && s.entries[e].queue != queue) continue;
    if (!Fits(agent, QueueOf(s.entries[e].queue).channel)) continue;
    if (index_.MayTake(s, agent, s.entries[e])) return e;
    if ((flags & KOBLE_OFFER_INSIST) != 0 && chosen == kNil) chosen = e;
  }
  return chosen;
}

bool Machine::MayOffer(koble_id contact_id, koble_id agent_id) const {
  const state::State& s = *state_;
  if (s.contacts.Check(contact_id) != KOBLE_OK || s.agents.Check(agent_id) != KOBLE_OK) return false;
  const uint32_t contact = KOBLE_ID_SLOT(contact_id), agent = KOBLE_ID_SLOT(agent_id);
  const char* why = nullptr;
  return !s.agents[agent].leaving && CheckHostOffer(contact, agent, KOBLE_QUEUE_NONE, &why) == KOBLE_OK &&
         EntryForHost(contact, agent, KOBLE_QUEUE_NONE, 0) != kNil;
}

int32_t Machine::HostOffer(koble_id contact_id, koble_id agent_id, uint32_t queue, uint32_t flags) {
  state::State& s = *state_;
  if (const int32_t code = s.contacts.Check(contact_id); code != KOBLE_OK) {
    return RefuseId(code, KOBLE_KIND_CONTACT, contact_id);
  }
  if (const int32_t code = CheckAgent(agent_id); code != KOBLE_OK) return code;
  if (queue != KOBLE_QUEUE_NONE && queue >= s.plan->queue_count) {
    return Refuse(KOBLE_ERR_UNKNOWN, absl::StrCat("unknown queue ", queue, "; the plan has ", s.plan->queue_count));
  }
  const uint32_t contact = KOBLE_ID_SLOT(contact_id);
  const uint32_t agent = KOBLE_ID_SLOT(agent_id);
  const char* why = nullptr;
  if (const int32_t code = CheckHostOffer(contact, agent, queue, &why); code != KOBLE_OK) return Refuse(code, why);
  const state::Contact& c = s.contacts[contact];
  const uint32_t chosen = EntryForHost(contact, agent, queue, flags);
  if (chosen == kNil) {
    return Refuse(
        KOBLE_ERR_NONE,
        "the agent may not take this contact now: requirements in force, his table of queues, what he refused, a "
        "reserve, or a reservation for another keep him from it");
  }
  Reach reach;
  reach.contacts = 1;
  reach.agents = 1;
  reach.room.timers = 1;
  Begin(reach);
  const plan::OfferMode mode = QueueOf(s.entries[chosen].queue).mode;
  const bool at_once = (flags & KOBLE_OFFER_ACCEPTED) != 0 || mode == plan::OfferMode::kAuto || s.agents[agent].pull;
  MakeOffers(contact, s.entries[chosen].queue, &agent, 1, at_once);
  result_id_ = at_once ? s.engagements[c.engagement].offer : s.offers.Id(c.offers);
  return KOBLE_OK;
}

int32_t Machine::AcceptOffer(koble_id id) {
  state::State& s = *state_;
  if (const int32_t code = s.offers.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_OFFER, id);
  const uint32_t offer = KOBLE_ID_SLOT(id);
  if (s.contacts[s.offers[offer].contact].state == KOBLE_CONTACT_CONNECTING) {
    return Refuse(KOBLE_ERR_HELD,
                  "another answer of this group awaits its connection; the offer stays open until that is known");
  }
  Reach reach;
  CountAcceptance(reach, s.offers[offer].contact);
  Begin(reach);
  TriggerAgent(s.offers[offer].agent);  // one open offer less may make room for the next
  result_id_ = s.engagements.Id(Accept(offer, 0));
  return KOBLE_OK;
}

int32_t Machine::EndOffer(koble_id id, uint32_t outcome) {
  if (const int32_t code = state_->offers.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_OFFER, id);
  Reach reach;
  CountOfferEnd(reach, KOBLE_ID_SLOT(id));
  CountMissed(reach, state_->offers[KOBLE_ID_SLOT(id)].agent);
  Begin(reach);
  EndUnsuccessfully(KOBLE_ID_SLOT(id), outcome);
  return KOBLE_OK;
}

int32_t Machine::Connected(koble_id id) {
  state::State& s = *state_;
  const int32_t code = s.engagements.Check(id);
  if (code != KOBLE_OK && code != KOBLE_ERR_ENDED) return RefuseId(code, KOBLE_KIND_ENGAGEMENT, id);
  const uint32_t engagement = KOBLE_ID_SLOT(id);
  if (code == KOBLE_ERR_ENDED || s.engagements[engagement].state != KOBLE_ENGAGEMENT_CONNECTING) {
    return Refuse(KOBLE_ERR_STATE, "the engagement is not (or no longer) connecting");
  }
  Reach reach;
  CountAcceptance(reach, KOBLE_ID_SLOT(s.engagements[engagement].contact));
  Begin(reach);
  MoveEngagement(engagement, KOBLE_ENGAGEMENT_ACTIVE);
  Serve(engagement);
  return KOBLE_OK;
}

int32_t Machine::ConnectFailed(koble_id id) {
  state::State& s = *state_;
  const int32_t code = s.engagements.Check(id);
  if (code != KOBLE_OK && code != KOBLE_ERR_ENDED) return RefuseId(code, KOBLE_KIND_ENGAGEMENT, id);
  if (code == KOBLE_ERR_ENDED || s.engagements[KOBLE_ID_SLOT(id)].state != KOBLE_ENGAGEMENT_CONNECTING) {
    return Refuse(KOBLE_ERR_STATE, "the engagement is not (or no longer) connecting");
  }
  Reach reach;
  CountEngagementEnd(reach, KOBLE_ID_SLOT(id));
  Begin(reach);
  FailConnection(KOBLE_ID_SLOT(id), KOBLE_CONNECT_HOST);
  return KOBLE_OK;
}

int32_t Machine::HoldOrRetrieve(koble_id id, bool hold) {
  state::State& s = *state_;
  if (const int32_t code = s.engagements.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_ENGAGEMENT, id);
  const uint32_t engagement = KOBLE_ID_SLOT(id);
  if (s.engagements[engagement].state != (hold ? KOBLE_ENGAGEMENT_ACTIVE : KOBLE_ENGAGEMENT_HELD)) {
    return Refuse(KOBLE_ERR_STATE, hold ? "only an active engagement can be held" : "the engagement is not held");
  }
  Reach reach;
  reach.room.events = 1;
  reach.room.timers = 1;
  Begin(reach);
  MoveEngagement(engagement, hold ? KOBLE_ENGAGEMENT_HELD : KOBLE_ENGAGEMENT_ACTIVE);
  StartSilenceClock(engagement);
  EmitEngagement(hold ? KOBLE_EVENT_HELD : KOBLE_EVENT_RETRIEVED, engagement);
  return KOBLE_OK;
}

int32_t Machine::EndWrapUp(koble_id id) {
  state::State& s = *state_;
  if (const int32_t code = s.engagements.Check(id); code != KOBLE_OK) return RefuseId(code, KOBLE_KIND_ENGAGEMENT, id);
  const uint32_t engagement = KOBLE_ID_SLOT(id);
  if (s.engagements[engagement].state != KOBLE_ENGAGEMENT_WRAPPING) {
    return Refuse(KOBLE_ERR_STATE, "the engagement is not in its wrap-up");
  }
  Reach reach;
  CountEngagementEnd(reach, engagement);
  Begin(reach);
  FinishWrapUp(engagement, KOBLE_WRAPUP_EARLY);
  return KOBLE_OK;
}

}  // namespace koble::engine
