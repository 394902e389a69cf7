// Agents: capacity, idle lines, penalties, leaving (docs/model.md, section 3).
#include <absl/cleanup/cleanup.h>

#include <algorithm>
#include <utility>

#include "engine/machine.h"

namespace koble::engine {

using state::Agent;
using state::AgentChannel;
using state::kNone;

// Here and in Define what may fail comes first, and Begin is the last of it.
uint32_t Machine::NewAgent(const plan::AgentDefinition& definition, const plan::Capability& capability) {
  state::State& s = *state_;
  const uint32_t agent = s.agents.Next();
  Agent fresh(s.memory);
  state::AgentTexts(definition.name, definition.bytes, s.memory).swap(fresh.texts);
  const uint64_t end = (uint64_t{agent} + 1) * s.Channels();
  if (s.agent_channels.size() < end) {
    base::ReserveMore(s.agent_channels, end - s.agent_channels.size());
    s.agent_channels.resize(end);
  }
  const uint64_t counts = (uint64_t{agent} + 1) * s.plan->counted_queues.size();
  if (s.agent_counts.size() < counts) {
    base::ReserveMore(s.agent_counts, counts - s.agent_counts.size());
    s.agent_counts.resize(counts);
  }
  index_.ReserveAgents(uint64_t{agent} + 1);
  const uint32_t skills = index_.InternSkills(capability);
  absl::Cleanup release = [&] { index_.ReleaseSkills(skills); };
  const uint64_t name = state::State::NameHash(definition.name);
  s.names.Insert(name, agent);
  absl::Cleanup forget = [&] { s.names.Erase(name, agent); };
  Reach reach;
  reach.room.agents = 1;
  reach.room.events = 1;
  Begin(reach);
  std::move(release).Cancel();
  std::move(forget).Cancel();

  fresh.sequence = ++s.agent_sequence;
  s.agents.Allocate(std::move(fresh));
  for (uint32_t ch = 0; ch < s.Channels(); ++ch) s.Of(agent, ch) = AgentChannel{};
  for (uint32_t place = 0; place < s.plan->counted_queues.size(); ++place) s.CountOf(agent, place) = 0;
  SetCapability(agent, capability, skills);
  MarkAgent(agent);
  MarkAgentTexts(agent);
  return agent;
}

void Machine::Define(uint32_t agent, const plan::AgentDefinition& definition, const plan::Capability& capability) {
  state::AgentTexts texts(definition.name, definition.bytes, state_->memory);
  const uint32_t skills = index_.InternSkills(Laid(agent, capability));
  absl::Cleanup release = [&] { index_.ReleaseSkills(skills); };
  Reach reach;
  reach.room.events = 2;
  CountFreed(reach, agent, capability, skills);
  Begin(reach);
  std::move(release).Cancel();

  state_->agents[agent].texts.swap(texts);
  NoteOwnLevels(agent, capability);
  SetCapability(agent, capability, skills);
  MarkAgent(agent);
  MarkAgentTexts(agent);
}

bool Machine::Redefine(uint32_t agent, const plan::AgentDefinition& definition, const plan::Capability& capability) {
  if (state_->agents[agent].texts.definition() == definition.bytes) return false;
  Define(agent, definition, capability);
  Refresh(agent);
  EmitAgent(KOBLE_EVENT_AGENT_CHANGED, agent);
  if (!capability.pull) EndRequest(agent, KOBLE_REQUEST_CANCELLED);
  TriggerAgent(agent);
  return true;
}

void Machine::Revive(uint32_t agent, const plan::AgentDefinition& definition, const plan::Capability& capability) {
  Define(agent, definition, capability);
  state_->agents[agent].leaving = false;
  EmitAgent(KOBLE_EVENT_AGENT_ADDED, agent).a = 1;
}

uint64_t Machine::MaxAgents() const {
  return state_->settings.max_agents != 0 ? state_->settings.max_agents : base::kMaxSlots;
}

// Takes over what InternSkills gave. Leaves the idle lines, and is able of nothing; the caller refreshes.
void Machine::ExchangeSkills(uint32_t agent, uint32_t skills) {
  LeaveLines(agent);
  Agent& a = state_->agents[agent];
  for (uint32_t ch = 0; ch < state_->Channels(); ++ch) {
    SignIn(agent, ch, false, false);
  }
  if (a.skills != kNil) index_.ReleaseSkills(a.skills);
  a.skills = skills;
}

// `skills`: the interned skills of the capability. The caller refreshes.
void Machine::SetCapability(uint32_t agent, const plan::Capability& capability, uint32_t skills) {
  state::State& s = *state_;
  ExchangeSkills(agent, skills);
  Agent& a = s.agents[agent];
  a.capacity = capability.capacity;
  a.wrap_up_ns = capability.wrap_up_ns;
  a.pull = capability.pull;
  a.weight = capability.weight;
  a.miss_rule = capability.misses;
  a.policy = capability.policy.policy;
  a.policy_candidates = capability.policy.candidates;
  a.used = 0;
  a.open = 0;
  int64_t contacts_max = 0;
  for (uint32_t ch = 0; ch < s.Channels(); ++ch) {
    AgentChannel& on = s.Of(agent, ch);
    on.max = capability.channel_max[ch];
    a.used += s.plan->channels[ch].cost * on.Taken();
    a.open += on.Open();
    const int64_t cost = s.plan->channels[ch].cost;
    contacts_max += cost == 0 ? on.max : std::min<int64_t>(on.max, capability.capacity / cost);
  }
  a.contacts_max = static_cast<uint32_t>(std::min<int64_t>(contacts_max, UINT32_MAX));
}

// Taken, but by what does not keep contacts of this channel away.
int64_t Machine::UnitsInterrupted(uint32_t agent, uint32_t channel) const {
  const state::State& s = *state_;
  int64_t units = 0;
  for (const uint32_t other : s.plan->channels[channel].interrupts) {
    units += s.plan->channels[other].cost * s.Of(agent, other).Taken();
  }
  return units;
}

int64_t Machine::UnitsLeft(uint32_t agent, uint32_t channel) const {
  const state::State& s = *state_;
  const Agent& a = s.agents[agent];
  if (s.plan->channels[channel].alone) return a.capacity - a.used;
  int64_t left = a.capacity - a.used + UnitsInterrupted(agent, channel);
  for (const uint32_t other : s.plan->channels[channel].spares) {
    if (s.Of(agent, other).max == 0) continue;  // not served
    const plan::Channel& ch = s.plan->channels[other];
    int64_t units = 0;
    for (const uint32_t medium : ch.same_channel) {
      const std::vector<uint32_t>& interrupts = s.plan->channels[channel].interrupts;
      if (std::find(interrupts.begin(), interrupts.end(), medium) != interrupts.end()) continue;
      units += s.plan->channels[medium].cost * s.Of(agent, medium).Taken();
    }
    left -= std::max<int64_t>(ch.reserve - units, 0);
  }
  return left;
}

namespace {

// Of a channel that is alone.
inline bool HasRoomAlone(const plan::Channel& channel, const AgentChannel& on, const Agent& agent) {
  return int64_t{on.Taken()} < on.max && channel.cost <= agent.capacity - agent.used;
}
inline bool FitsAlone(const plan::Channel& channel, const AgentChannel& on, const Agent& agent) {
  return int64_t{on.offers} < channel.max_open_offers && HasRoomAlone(channel, on, agent);
}

}  // namespace

bool Machine::HasRoomBesideOthers(uint32_t agent, uint32_t channel) const {
  const state::State& s = *state_;
  const plan::Channel& ch = s.plan->channels[channel];
  int64_t contacts = 0;  // on the channel, whatever their label
  for (const uint32_t other : ch.same_channel) contacts += s.Of(agent, other).Taken();
  if (contacts + 1 > s.Of(agent, ch.channel).max) return false;
  int64_t labelled = 0;
  for (const uint32_t other : ch.same_label) labelled += s.Of(agent, other).Taken();
  if (ch.label != plan::kNoLabel && labelled + 1 > s.Of(agent, channel).max) return false;
  const bool excluded = std::any_of(ch.excluded_by.begin(), ch.excluded_by.end(),
                                    [&](uint32_t other) { return s.Of(agent, other).Taken() != 0; });
  return !excluded && ch.cost <= UnitsLeft(agent, channel);
}

bool Machine::HasRoom(uint32_t agent, uint32_t channel) const {
  const state::State& s = *state_;
  const plan::Channel& ch = s.plan->channels[channel];
  return ch.alone ? HasRoomAlone(ch, s.Of(agent, channel), s.agents[agent]) : HasRoomBesideOthers(agent, channel);
}

bool Machine::Fits(uint32_t agent, uint32_t channel) const {
  const state::State& s = *state_;
  const plan::Channel& ch = s.plan->channels[channel];
  if (ch.alone) return FitsAlone(ch, s.Of(agent, channel), s.agents[agent]);
  int64_t ringing = 0;
  for (const uint32_t other : ch.same_channel) ringing += s.Of(agent, other).offers;
  return ringing < ch.max_open_offers && HasRoomBesideOthers(agent, channel);
}

// Whether he may be offered anything at all.
inline bool Machine::Takes(const Agent& a) const {
  return a.presence == KOBLE_PRESENCE_AVAILABLE && !a.leaving && a.penalised_until_ns == kNone;
}

// Of one who takes contacts by request.
bool Machine::AsksFor(const Agent& a, uint32_t channel) const {
  return a.request_until_ns != kNone &&
         (a.request_channels == 0 || (a.request_channels >> state_->plan->channels[channel].channel & 1) != 0);
}

inline bool Machine::IsFree(uint32_t agent, const Agent& a, uint32_t channel, const AgentChannel& on) const {
  const plan::Channel& ch = state_->plan->channels[channel];
  return Takes(a) && (!a.pull || AsksFor(a, channel)) && (ch.alone ? FitsAlone(ch, on, a) : Fits(agent, channel));
}

[[gnu::hot]] bool Machine::FreeOn(uint32_t agent, uint32_t channel) const {
  return IsFree(agent, state_->agents[agent], channel, state_->Of(agent, channel));
}

// In idle lines, as he now is free or not.
[[gnu::hot]] void Machine::UpdatePlaces(uint32_t agent) {
  state::State& s = *state_;
  const Agent& a = s.agents[agent];
  const AgentChannel* on = &s.Of(agent, 0);
  const uint32_t channels = s.Channels();
  for (uint32_t ch = 0; ch < channels; ++ch, ++on) {
    if (IsFree(agent, a, ch, *on) == on->in_line) continue;
    on->in_line ? index_.AgentLeaves(s, agent, ch) : index_.AgentEnters(s, agent, ch);
  }
}

void Machine::Refresh(uint32_t agent) {
  TakePlaces(agent);
  const Agent& a = state_->agents[agent];
  const bool signed_in = a.presence != KOBLE_PRESENCE_OFFLINE && !a.leaving;
  for (uint32_t ch = 0; ch < state_->Channels(); ++ch) {
    const AgentChannel& on = state_->Of(agent, ch);
    const bool able = signed_in && on.max > 0;
    const bool available = able && a.presence == KOBLE_PRESENCE_AVAILABLE;
    if (on.able != able || on.available != available) SignIn(agent, ch, able, available);
  }
}

// What conditions count of him on the channel.
void Machine::SignIn(uint32_t agent, uint32_t channel, bool able, bool available) {
  using Left = plan::Requirement::Left;
  AgentChannel& on = state_->Of(agent, channel);
  const uint32_t skills = state_->agents[agent].skills;
  if (able != on.able) index_.CountSignedIn(Left::kAble, skills, channel, able);
  if (available != on.available) index_.CountSignedIn(Left::kAvailable, skills, channel, available);
  on.able = able;
  on.available = available;
}

void Machine::Reenter(uint32_t agent) {
  LeaveLines(agent);
  Refresh(agent);
}

void Machine::TouchIdle(uint32_t agent) {
  LeaveLines(agent);
  NoteIdle(state_->agents[agent]);
  MarkAgent(agent);
}

void Machine::Penalise(uint32_t agent, int64_t penalty_ns, uint32_t outcome) {
  if (penalty_ns == 0) return;
  Agent& a = state_->agents[agent];
  const int64_t until = Later(state_->now_ns, penalty_ns);
  if (a.penalised_until_ns >= until) return;
  a.penalised_until_ns = until;
  SetAgentTimer(agent);
  koble_event& event = EmitAgent(KOBLE_EVENT_PENALISED, agent);
  event.reason = outcome;
  event.a = until;
  Refresh(agent);
}

// `misses`: for which the engine itself sets it; 0: the host does.
void Machine::SetPresence(uint32_t agent, uint32_t presence, int64_t reason, uint32_t misses) {
  Agent& a = state_->agents[agent];
  const uint32_t old = a.presence;
  a.presence = static_cast<uint8_t>(presence);
  a.presence_reason = reason;
  koble_event& event = EmitAgent(KOBLE_EVENT_PRESENCE, agent);
  event.reason = presence;
  event.a = reason;
  event.b = misses;
  MarkAgent(agent);
  if (old == presence) return;
  if (presence == KOBLE_PRESENCE_AVAILABLE) {
    a.misses = 0;
    TouchIdle(agent);
    Refresh(agent);
    TriggerAgent(agent);
  } else if (old == KOBLE_PRESENCE_AVAILABLE) {
    Refresh(agent);
    WithdrawOffersOf(agent, KOBLE_CAUSE_AGENT);
    if (presence == KOBLE_PRESENCE_OFFLINE) ReleaseAllOf(agent, false);
    EndRequest(agent, KOBLE_REQUEST_PRESENCE);
  } else {
    Refresh(agent);
    if (presence == KOBLE_PRESENCE_OFFLINE) ReleaseAllOf(agent, false);
  }
}

void Machine::CountMiss(uint32_t agent, const plan::OutcomeRule& rule) {
  if (!rule.miss) return;
  Agent& a = state_->agents[agent];
  a.misses += a.misses < UINT32_MAX ? 1 : 0;
  MarkAgent(agent);
  if (a.miss_rule.limit == 0 || a.misses < a.miss_rule.limit || a.presence != KOBLE_PRESENCE_AVAILABLE) return;
  if (a.last_ended_ns != 0 && instant_ns_ - a.last_ended_ns < a.miss_rule.grace_ns) return;
  SetPresence(agent, a.miss_rule.presence, a.miss_rule.reason, a.misses);
}

void Machine::FreedLeaving(uint32_t agent) {
  MarkAgent(agent);
  if (state_->agents[agent].engagements == 0) AgentGone(agent);
}

void Machine::WithdrawOffersOf(uint32_t agent, uint32_t cause) {
  state::State& s = *state_;
  returning_.clear();  // contacts that lost their last offer
  while (s.agents[agent].offers != kNil) {
    const uint32_t offer = s.agents[agent].offers;
    const uint32_t contact = s.offers[offer].contact;
    Dismiss(offer, KOBLE_OUTCOME_WITHDRAWN, cause);
    const state::Contact& c = s.contacts[contact];
    if (c.offers != kNil) {
      GetHungry(contact);
    } else if (c.state != KOBLE_CONTACT_CONNECTING) {
      returning_.push_back(s.contacts.Id(contact));
    }
  }
  for (const koble_id contact : returning_) ComeBack(KOBLE_ID_SLOT(contact), 0, false);
}

bool Machine::DropRequest(uint32_t agent) {
  Agent& a = state_->agents[agent];
  if (a.request_until_ns == kNone) return false;
  --state_->standing_requests;
  a.request_until_ns = kNone;
  a.request_channels = 0;
  SetAgentTimer(agent);
  return true;
}

void Machine::EndRequest(uint32_t agent, uint32_t reason) {
  if (!DropRequest(agent)) return;
  Refresh(agent);
  EmitAgent(KOBLE_EVENT_REQUEST_END, agent).reason = reason;
}

void Machine::Leave(uint32_t agent, uint32_t cause) {
  Agent& a = state_->agents[agent];
  EmitAgent(KOBLE_EVENT_AGENT_REMOVED, agent);
  a.leaving = true;
  a.presence = KOBLE_PRESENCE_OFFLINE;
  a.presence_reason = 0;
  Refresh(agent);
  WithdrawOffersOf(agent, cause);
  ReturnParkedOf(agent);
  ReleaseAllOf(agent, false);
  EndRequest(agent, KOBLE_REQUEST_REMOVED);
  if (state_->agents[agent].engagements == 0) AgentGone(agent);
}

void Machine::AgentGone(uint32_t agent) {
  state::State& s = *state_;
  ReleaseAllOf(agent, true);
  EmitAgent(KOBLE_EVENT_AGENT_GONE, agent);
  LeaveLines(agent);
  Agent& a = s.agents[agent];
  index_.ReleaseSkills(a.skills);
  a.skills = kNil;
  s.ForgetName(agent);
  s.timers.Cancel(KOBLE_KIND_AGENT, agent);
  DropOverrides(agent);
  MarkAgent(agent);
  MarkAgentTexts(agent);
  s.agents.Free(agent);
}

}  // namespace koble::engine
