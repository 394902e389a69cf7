// Time: instants, and what each timer does (docs/model.md, section 1). One timer an owner: its next.
#include <algorithm>
#include <bit>

#include "engine/machine.h"

namespace koble::engine {

using state::Contact;
using state::Entry;
using state::kNone;

namespace {

constexpr int kSequenceBits = 58;
static_assert(KOBLE_SERIAL_MAX >> kSequenceBits == 0 && kMaxWait < 1 << (64 - kSequenceBits), "the order is exact");

constexpr uint64_t Order(uint32_t timer_kind, uint64_t sequence) {
  return uint64_t{timer_kind} << kSequenceBits | sequence;
}
constexpr uint32_t KindOf(uint64_t order) { return static_cast<uint32_t>(order >> kSequenceBits); }

// The earliest of several things due, by deadline, then kind.
struct Next {
  int64_t due_ns = KOBLE_NEVER;
  uint32_t kind = 0;
  void Consider(int64_t due, uint32_t timer_kind) {
    if (due < due_ns || (due == due_ns && timer_kind < kind)) {
      due_ns = due;
      kind = timer_kind;
    }
  }
};

TimerKind EngagementTimer(uint32_t engagement_state) {
  switch (engagement_state) {
    case KOBLE_ENGAGEMENT_CONNECTING:
      return kConnectLimit;
    case KOBLE_ENGAGEMENT_ACTIVE:
      return kSilence;
    case KOBLE_ENGAGEMENT_SILENT:
      return kForgetting;
    case KOBLE_ENGAGEMENT_PARKED:
      return kParkingEnd;
    default:
      return kWrapUp;
  }
}

inline void Put(base::TimerQueue& timers, const Next& next, uint64_t sequence, uint32_t owner_kind, uint32_t owner) {
  if (next.due_ns == KOBLE_NEVER) {
    timers.Cancel(owner_kind, owner);
  } else {
    timers.Set({next.due_ns, Order(next.kind, sequence), owner_kind, owner});
  }
}

}  // namespace

// `covered`: the change that is under way has made room for them; otherwise each instant is a change of its own.
void Machine::WorkDueInstants(int64_t last_ns, bool covered) {
  state::State& s = *state_;
  while (!s.poisoned && !s.timers.Empty() && s.timers.First().due_ns <= last_ns) {
    const int64_t due_ns = s.timers.First().due_ns;
    if (!covered) {
      Reach reach = CountInstant(due_ns);
      Begin(reach);
    }
    instant_ns_ = due_ns;
    while (!s.timers.Empty() && s.timers.First().due_ns == instant_ns_) FireFirst();
    Worklist();
    fired_ = true;
    fired_ns_ = due_ns;
    if (!covered) {
      changing_ = false;
      choices_kept_ = choices_.size();
      index_.DropUnused();
    }
  }
  instant_ns_ = s.now_ns;
}

void Machine::FireFirst() {
  const base::Timer timer = state_->timers.First();
  switch (timer.owner_kind) {
    case KOBLE_KIND_CONTACT:
      FireContact(timer.owner_slot, KindOf(timer.order));
      break;
    case KOBLE_KIND_AGENT:
      FireAgent(timer.owner_slot, KindOf(timer.order));
      break;
    case KOBLE_KIND_OFFER:
      FireOffer(timer.owner_slot);
      break;
    default:
      FireEngagement(timer.owner_slot);
      break;
  }
}

void Machine::FireContact(uint32_t contact, uint32_t timer_kind) {
  state::State& s = *state_;
  Contact& c = s.contacts[contact];
  MarkContact(contact);
  if (timer_kind == kDelay) {
    for (uint32_t* link = &c.exclusions; *link != kNil;) {
      const uint32_t x = *link;
      if (s.exclusions[x].until_ns > instant_ns_) {
        link = &s.exclusions[x].next;
        continue;
      }
      *link = s.exclusions[x].next;
      s.exclusions.Free(x);
    }
    if (c.retry_until_ns != kNone && c.retry_until_ns <= instant_ns_) {
      c.retry_until_ns = kNone;
      EnterLines(contact);
    }
    TriggerContact(contact);
    SetContactTimer(contact);
    return;
  }
  if (timer_kind == kRelease) return Release(contact);
  if (timer_kind == kTick) return Tick(contact);
  // The first entry, in order of the queues, whose step, delay or deadline this is; the next fires by the timer set below.
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    Entry& entry = s.entries[e];
    if (timer_kind == kStep) {
      uint32_t step = 0;
      if (NextStep(entry, &step) > instant_ns_) continue;
      StepDue(contact, e, step);
    } else if (timer_kind == kQueueDelay) {
      if (NextQueueDelay(entry) > instant_ns_) continue;
      PassDelay(contact, e);
    } else {
      const bool leave = timer_kind == kLeave;
      if (leave ? entry.leave_passed : entry.deadline_passed) continue;
      if ((leave ? s.LadderOf(entry).leave_ns : entry.deadline_ns) > instant_ns_) continue;
      const koble_id id = s.contacts.Id(contact);
      leave ? LeavingDue(contact, e) : DeadlineReached(contact, e);
      if (s.contacts.Check(id) != KOBLE_OK) return;
    }
    SetContactTimer(contact);
    return;
  }
}

void Machine::FireAgent(uint32_t agent, uint32_t timer_kind) {
  state::Agent& a = state_->agents[agent];
  if (timer_kind == kRequest) {
    EndRequest(agent, KOBLE_REQUEST_EXPIRED);
    return;
  }
  if (timer_kind == kSkill) return ExpireSkills(agent);
  a.penalised_until_ns = kNone;
  SetAgentTimer(agent);
  EmitAgent(KOBLE_EVENT_PENALTY_END, agent);
  TouchIdle(agent);
  Refresh(agent);
  TriggerAgent(agent);
}

void Machine::FireOffer(uint32_t offer) {
  const Contact& c = state_->contacts[state_->offers[offer].contact];
  if (c.state == KOBLE_CONTACT_CONNECTING) {  // held: he could not have won, so he is not punished
    return Dismiss(offer, KOBLE_OUTCOME_RESCINDED, 0);
  }
  switch (QueueOf(state_->offers[offer].queue).on_expiry) {
    case plan::OnExpiry::kNoAnswer:
      return EndUnsuccessfully(offer, KOBLE_OUTCOME_NO_ANSWER);
    case plan::OnExpiry::kDeclined:
      return EndUnsuccessfully(offer, KOBLE_OUTCOME_DECLINED);
    case plan::OnExpiry::kAccept:
      TriggerAgent(state_->offers[offer].agent);  // as in AcceptOffer
      Accept(offer, KOBLE_ACCEPTED_EXPIRED);
      return;
  }
}

void Machine::FireEngagement(uint32_t engagement) {
  switch (state_->engagements[engagement].state) {
    case KOBLE_ENGAGEMENT_CONNECTING:
      return FailConnection(engagement, KOBLE_CONNECT_TIMEOUT);
    case KOBLE_ENGAGEMENT_ACTIVE:
      return FallSilent(engagement);
    case KOBLE_ENGAGEMENT_SILENT:
      return EndEngagement(engagement, KOBLE_BY_SILENCE);
    case KOBLE_ENGAGEMENT_PARKED:
      return ContinueOrReturn(engagement);
    default:
      return FinishWrapUp(engagement, KOBLE_WRAPUP_EXPIRED);
  }
}

// When the time of a step comes next, and of which: the lowest. Not of one that has opened before its time for good.
int64_t Machine::NextStep(const Entry& entry, uint32_t* step) const {
  const plan::Queue& queue = RulesOf(entry);
  const state::Ladder& ladder = state_->LadderOf(entry);
  int64_t next = KOBLE_NEVER;
  for (auto k = static_cast<uint32_t>(std::countr_one(ladder.due)); k < queue.steps.size(); ++k) {
    const uint64_t bit = uint64_t{1} << k;
    if ((ladder.due & bit) != 0 || ((ladder.open & bit) != 0 && queue.steps[k].hold == plan::kNoCondition)) continue;
    const int64_t due_ns = Later(entry.step_clock_ns, queue.steps[k].after_ns);
    if (due_ns >= next) continue;
    next = due_ns;
    if (step != nullptr) *step = k;
    if (queue.by_state == 0) break;  // they rise
  }
  return next;
}

int64_t Machine::NextQueueDelay(const Entry& entry) const {
  const std::vector<int64_t>& delays = QueueOf(entry.queue).delays;
  return entry.passed == delays.size() ? KOBLE_NEVER : Later(entry.step_clock_ns, delays[entry.passed]);
}

void Machine::SetContactTimer(uint32_t contact) {
  state::State& s = *state_;
  const Contact& c = s.contacts[contact];
  Next next;
  if (c.retry_until_ns != kNone) next.Consider(c.retry_until_ns, kDelay);
  if (c.reserved_until_ns != kNone) next.Consider(c.reserved_until_ns, kRelease);
  if (c.tick_ns != kNone) next.Consider(c.tick_ns, kTick);
  for (uint32_t x = c.exclusions; x != kNil; x = s.exclusions[x].next) next.Consider(s.exclusions[x].until_ns, kDelay);
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    const Entry& entry = s.entries[e];
    next.Consider(NextStep(entry), kStep);
    next.Consider(NextQueueDelay(entry), kQueueDelay);
    if (!entry.leave_passed) next.Consider(s.LadderOf(entry).leave_ns, kLeave);
    if (!entry.deadline_passed) next.Consider(entry.deadline_ns, kMaxWait);
  }
  Put(s.timers, next, c.serial, KOBLE_KIND_CONTACT, contact);
}

void Machine::SetAgentTimer(uint32_t agent) {
  const state::Agent& a = state_->agents[agent];
  Next next;
  if (a.penalised_until_ns != kNone) next.Consider(a.penalised_until_ns, kPenalty);
  if (a.request_until_ns != kNone) next.Consider(a.request_until_ns, kRequest);
  for (uint32_t o = a.overrides; o != kNil; o = state_->overrides[o].next) {
    next.Consider(state_->overrides[o].until_ns, kSkill);
  }
  Put(state_->timers, next, a.sequence, KOBLE_KIND_AGENT, agent);
}

void Machine::SetOfferTimer(uint32_t offer) {
  const state::Offer& o = state_->offers[offer];
  Next next;
  next.Consider(o.expires_ns, kOfferExpiry);
  Put(state_->timers, next, o.sequence, KOBLE_KIND_OFFER, offer);
}

void Machine::SetEngagementTimer(uint32_t engagement) {
  const state::Engagement& e = state_->engagements[engagement];
  Next next;
  next.Consider(e.deadline_ns, EngagementTimer(e.state));
  Put(state_->timers, next, e.sequence, KOBLE_KIND_ENGAGEMENT, engagement);
}

}  // namespace koble::engine
