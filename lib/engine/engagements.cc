// Engagements that end or pause: what is counted of them, wrap-ups, and what becomes of their agents (docs/model.md, section 4).
#include <algorithm>

#include "engine/machine.h"

namespace koble::engine {

using state::Agent;
using state::Engagement;

inline void Machine::NoteTalk(Agent& a, const Engagement& engagement) const {
  a.talked_ns = std::min(a.talked_ns + (state_->now_ns - engagement.served_ns), KOBLE_TIME_MAX);
  a.last_ended_ns = state_->now_ns;
}

inline void Machine::NoteHandling(Agent& a, Engagement& e) const {
  a.handled += e.handled ? 0 : 1;
  e.handled = true;
  a.handled_ns = std::min(a.handled_ns + (instant_ns_ - e.served_ns), KOBLE_TIME_MAX);
}

inline int64_t Machine::WrapUpLength(const Engagement& engagement) const {
  const bool gone = engagement.queue == KOBLE_QUEUE_NONE;
  const int64_t of_queue = gone ? engagement.last_wrap_up_ns : QueueOf(engagement.queue).wrap_up_ns;
  const int64_t ceiling = gone ? engagement.last_wrap_up_max_ns : QueueOf(engagement.queue).wrap_up_max_ns;
  const int64_t own = state_->agents[engagement.agent].wrap_up_ns;
  return std::min(own != plan::kUnset ? own : of_queue, ceiling);
}

void Machine::EndTalk(uint32_t engagement) {
  const Engagement& e = state_->engagements[engagement];
  NoteTalk(state_->agents[e.agent], e);
  MarkAgent(e.agent);
  Reorder(e.agent, MaskOf(routing::AgentOrder::kTalked) | MaskOf(routing::AgentOrder::kLastEnded));
}

// The units that it takes are the caller's to give back.
[[gnu::always_inline]] inline void Machine::FreeEngagement(uint32_t engagement, const Engagement& e, Agent& a) {
  state::State& s = *state_;
  --s.Of(e.agent, e.channel).In(e.state);
  --a.engagements;
  --a.open;
  MarkEngagement(engagement);
  s.engagements.Free(engagement);
  s.timers.Cancel(KOBLE_KIND_ENGAGEMENT, engagement);
}

// A conversation that no wrap-up follows: what EndTalk, EndHandling and RemoveEngagement do in turn, with the agent's place looked at once.
// `alone`: nothing else happens in the command, so that who waits then waits now.
[[gnu::always_inline]] inline void Machine::EndAtOnce(uint32_t engagement, Engagement& e, Agent& a, bool alone) {
  const uint32_t agent = e.agent;
  LeaveLines(agent);
  NoteTalk(a, e);
  NoteHandling(a, e);
  NoteIdle(a);
  a.used -= state_->plan->channels[e.channel].cost;
  FreeEngagement(engagement, e, a);
  const bool nobody_for_him = alone && !a.leaving && !index_.AnybodyWaits();
  nobody_for_him ? TakePlaces(agent) : Freed(agent, true);
}

[[gnu::always_inline]] inline void Machine::End(uint32_t engagement, uint32_t by, bool alone) {
  state::State& s = *state_;
  Engagement& e = s.engagements[engagement];
  Agent& a = s.agents[e.agent];
  EmitAbout(KOBLE_EVENT_ENDED, e, s.agents.Id(e.agent), s.engagements.Id(engagement)).reason = by;
  FreeContact(KOBLE_ID_SLOT(e.contact));
  if (e.Aside()) {  // it took nothing, so nobody is freed
    const uint32_t agent = e.agent;
    RemoveEngagement(engagement);
    if (a.leaving) Freed(agent);
    return;
  }
  const int64_t length = WrapUpLength(e);
  if (length == 0) return EndAtOnce(engagement, e, a, alone);
  EndTalk(engagement);
  MoveEngagement(engagement, KOBLE_ENGAGEMENT_WRAPPING);
  e.deadline_ns = Later(s.now_ns, length);
  SetEngagementTimer(engagement);
  EmitEngagement(KOBLE_EVENT_WRAPUP, engagement).a = e.deadline_ns;
}

void Machine::EndEngagement(uint32_t engagement, uint32_t by) { End(engagement, by, false); }

// Of a conversation's end: what CountEngagementEnd and Begin do, in one look where nothing lets it go further.
[[gnu::always_inline]] inline void Machine::BeginEnd(uint32_t engagement) {
  const Engagement& e = state_->engagements[engagement];
  const Agent& a = state_->agents[e.agent];
  if (GoesFar() || a.leaving) [[unlikely]] {
    Reach reach;
    CountEngagementEnd(reach, engagement);
    return Begin(reach);
  }
  // Who has few contacts at most has no more places than that, whatever is free of him.
  constexpr uint32_t kFew = 2;
  uint64_t groups = a.contacts_max;
  if (groups > kFew) {
    groups = std::min(PlacesFreed(e.agent, state_->plan->channels[e.channel].cost), state_->contacts.Count());
  }
  const auto room = [groups] {
    state::Room all;
    all.events = kEndEvents;
    all.timers = kEndTimers;
    AddOffers(all, groups, groups);
    return all;
  };
  BeginAlone(room, kEndTimers + 3 * groups, kEndEvents + 3 * groups);
}

[[gnu::hot]] int32_t Machine::EndConversation(uint32_t engagement, uint32_t by) {
  BeginEnd(engagement);
  End(engagement, by, true);
  return KOBLE_OK;
}

// A conversation is over, its wrap-up too, or it pauses.
void Machine::EndHandling(uint32_t engagement) {
  Engagement& e = state_->engagements[engagement];
  NoteHandling(state_->agents[e.agent], e);
  MarkEngagement(engagement);
  MarkAgent(e.agent);
  Reorder(e.agent, MaskOf(routing::AgentOrder::kHandling));
}

void Machine::FinishWrapUp(uint32_t engagement, uint32_t reason) {
  const uint32_t agent = state_->engagements[engagement].agent;
  EmitEngagement(KOBLE_EVENT_WRAPUP_END, engagement).reason = reason;
  EndHandling(engagement);
  RemoveEngagement(engagement);
  TouchIdle(agent);
  Freed(agent, true);
}

void Machine::RemoveEngagement(uint32_t engagement) {
  state::State& s = *state_;
  const Engagement& e = s.engagements[engagement];
  const uint32_t agent = e.agent;
  const bool aside = e.Aside();
  if (!aside) s.agents[agent].used -= s.plan->channels[e.channel].cost;
  FreeEngagement(engagement, e, s.agents[agent]);
  if (aside) Reorder(agent, MaskOf(routing::AgentOrder::kOpen));  // he is not freed, which would see to his place
}

}  // namespace koble::engine
