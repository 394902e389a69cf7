// Time (section 1) and what an outage does to deadlines (7).
#include <algorithm>
#include <tuple>

#include "reference/router.h"

namespace koble::reference {

std::vector<Router::Timer> Router::Timers() const {
  std::vector<Timer> timers;
  const auto add = [&](int64_t deadline, TimerKind kind, uint64_t owner, size_t place, koble_id id, koble_id agent = 0,
                       uint32_t step = 0) {
    if (deadline != plan::kNever) timers.push_back({deadline, kind, owner, place, id, agent, step});
  };
  for (const Offer& offer : offers_) add(offer.expires, TimerKind::kExpiry, offer.number, 0, offer.id);
  const std::map<uint32_t, TimerKind> of_engagement = {{KOBLE_ENGAGEMENT_CONNECTING, TimerKind::kConnect},
                                                       {KOBLE_ENGAGEMENT_WRAPPING, TimerKind::kWrapUp},
                                                       {KOBLE_ENGAGEMENT_ACTIVE, TimerKind::kSilence},
                                                       {KOBLE_ENGAGEMENT_SILENT, TimerKind::kForgetting},
                                                       {KOBLE_ENGAGEMENT_PARKED, TimerKind::kParkingEnd}};
  for (const Engagement& engagement : engagements_) {
    const auto kind = of_engagement.find(engagement.state);
    if (kind != of_engagement.end()) add(engagement.deadline, kind->second, engagement.number, 0, engagement.id);
  }
  for (const Agent& agent : agents_) {
    if (agent.penalised_until != 0) add(agent.penalised_until, TimerKind::kPenalty, agent.number, 0, agent.id);
    if (agent.requests) add(agent.request_until, TimerKind::kRequest, agent.number, 0, agent.id);
    for (const auto& [name, changed] : agent.changed_skills) {
      add(changed.second, TimerKind::kSkill, agent.number, 0, agent.id);
    }
  }
  for (const Contact& contact : contacts_) {
    if (contact.retry_until != 0) add(contact.retry_until, TimerKind::kDelay, contact.serial, 0, contact.id);
    if (contact.reserved) add(contact.reserved_until, TimerKind::kRelease, contact.serial, 0, contact.id);
    if (contact.tick != 0) add(contact.tick, TimerKind::kTick, contact.serial, 0, contact.id);
    for (const Exclusion& exclusion : contact.exclusions) {
      add(exclusion.until, TimerKind::kDelay, contact.serial, 0, contact.id, exclusion.agent);
    }
    for (size_t place = 0; place < contact.standings.size(); ++place) {
      const Standing& standing = contact.standings[place];
      const std::vector<plan::Step>& steps = RulesOf(standing).steps;
      for (uint32_t step = 1; step < steps.size(); ++step) {
        const bool for_good = standing.open.contains(step) && steps[step].hold == plan::kNoCondition;
        if (standing.due.contains(step) || for_good) continue;
        add(contact.step_clock + steps[step].after_ns, TimerKind::kStep, contact.serial, place, contact.id, 0, step);
      }
      const std::vector<int64_t>& delays = plan_->queues[standing.queue].delays;
      if (standing.delays < delays.size()) {
        add(contact.step_clock + delays[standing.delays], TimerKind::kQueueDelay, contact.serial, place, contact.id);
      }
      if (!standing.leaving_remembered) {
        add(standing.leaving, TimerKind::kLeaving, contact.serial, place, contact.id);
      }
      if (!standing.remembered) add(standing.deadline, TimerKind::kMaxWait, contact.serial, place, contact.id);
    }
  }
  std::sort(timers.begin(), timers.end(), [](const Timer& a, const Timer& b) {
    return std::tie(a.deadline, a.kind, a.owner, a.place, a.step) <
           std::tie(b.deadline, b.kind, b.owner, b.place, b.step);
  });
  return timers;
}

int64_t Router::NextDeadline() const {
  const std::vector<Timer> timers = Timers();
  return timers.empty() ? KOBLE_NEVER : timers.front().deadline;
}

// All timers of one deadline, in order. Looked up anew after each: one timer may end what another belongs to.
void Router::FireInstant(int64_t deadline) {
  while (true) {
    const std::vector<Timer> timers = Timers();
    if (timers.empty() || timers.front().deadline != deadline) return;
    Fire(timers.front());
  }
}

// 1.2; without matching: 7(3).
void Router::FireOverdue(bool matching) {
  while (NextDeadline() <= now_) {
    fired_ = true;
    instant_ = NextDeadline();
    FireInstant(instant_);
    if (matching) Worklist();
  }
  instant_ = now_;
}

void Router::Fire(const Timer& timer) {
  switch (timer.kind) {
    case TimerKind::kExpiry: {
      const Contact& contact = *FindContact(FindOffer(timer.id)->contact);
      if (contact.state == KOBLE_CONTACT_CONNECTING) return EndOffer(timer.id, KOBLE_OUTCOME_RESCINDED, 0);  // 4.3
      const plan::OnExpiry then = plan_->queues[FindOffer(timer.id)->queue].on_expiry;
      if (then == plan::OnExpiry::kNoAnswer) return OfferFailed(timer.id, KOBLE_OUTCOME_NO_ANSWER);
      if (then == plan::OnExpiry::kDeclined) return OfferFailed(timer.id, KOBLE_OUTCOME_DECLINED);
      Trigger(*FindAgent(FindOffer(timer.id)->agent));
      Accept(timer.id, KOBLE_ACCEPTED_EXPIRED);
      return;
    }
    case TimerKind::kConnect:
      return ConnectFailed(timer.id, KOBLE_CONNECT_TIMEOUT);
    case TimerKind::kWrapUp:
      return WrapUpEnd(timer.id, KOBLE_WRAPUP_EXPIRED);
    case TimerKind::kSilence: {
      Engagement& engagement = *FindEngagement(timer.id);
      const int64_t forget = plan_->channels[engagement.channel].silent_forget_ns;
      return SetAside(engagement, KOBLE_ENGAGEMENT_SILENT, forget == plan::kNever ? plan::kNever : now_ + forget);
    }
    case TimerKind::kForgetting:
      return EndServed(*FindContact(FindEngagement(timer.id)->contact), KOBLE_BY_SILENCE);
    case TimerKind::kParkingEnd:
      return ContinueOrReturn(*FindEngagement(timer.id));
    case TimerKind::kPenalty: {
      Agent& agent = *FindAgent(timer.id);
      agent.penalised_until = 0;
      Emit(KOBLE_EVENT_PENALTY_END, agent);
      Idle(agent);
      return Trigger(agent);
    }
    case TimerKind::kRequest:
      return EndRequest(*FindAgent(timer.id), KOBLE_REQUEST_EXPIRED);
    case TimerKind::kSkill:
      return ExpireSkills(*FindAgent(timer.id));
    case TimerKind::kDelay: {
      Contact& contact = *FindContact(timer.id);
      if (timer.agent == 0) {
        contact.retry_until = 0;
      } else {
        std::erase_if(contact.exclusions, [&](const Exclusion& exclusion) { return exclusion.agent == timer.agent; });
      }
      return Trigger(contact);
    }
    case TimerKind::kStep: {
      Contact& contact = *FindContact(timer.id);
      Standing& standing = contact.standings[timer.place];
      standing.due.insert(timer.step);
      if ((RulesOf(standing).by_state >> timer.step & 1) != 0) return;  // judged with the others
      standing.open.insert(timer.step);
      Emit(KOBLE_EVENT_STEP, contact, standing.queue).a = timer.step;
      StepOpened(contact);
      return Trigger(contact);
    }
    case TimerKind::kQueueDelay: {
      Contact& contact = *FindContact(timer.id);
      ++contact.standings[timer.place].delays;
      return Trigger(contact);
    }
    case TimerKind::kRelease:
      return Release(*FindContact(timer.id));
    case TimerKind::kTick: {
      Contact& contact = *FindContact(timer.id);
      contact.tick = 0;
      contact.hungry = true;
      return Trigger(contact);
    }
    case TimerKind::kLeaving: {
      Contact& contact = *FindContact(timer.id);
      if (contact.state != KOBLE_CONTACT_WAITING) {
        contact.standings[timer.place].leaving_remembered = true;
        return;
      }
      const bool asked = plan_->queues[contact.standings[timer.place].queue].policy.policy != plan::kNoPolicy;
      Leave(contact, timer.place, KOBLE_EXIT_LET_GO);
      if (contact.standings.empty()) return EndContact(contact.id);
      if (asked) Trigger(contact);
      return;
    }
    case TimerKind::kMaxWait:
      return MaxWait(*FindContact(timer.id), timer.place);
  }
}

// 2.5
void Router::MaxWait(Contact& contact, size_t place) {
  Standing& standing = contact.standings[place];
  const uint32_t queue = standing.queue;
  if (contact.state == KOBLE_CONTACT_WAITING) {
    Leave(contact, place, KOBLE_EXIT_MAX_WAIT);
    if (contact.standings.empty()) return EndContact(contact.id);
    if (plan_->queues[queue].policy.policy != plan::kNoPolicy) Trigger(contact);
    return;
  }
  if (contact.state == KOBLE_CONTACT_CONNECTING || plan_->queues[queue].at_deadline == plan::AtDeadline::kStay) {
    standing.remembered = true;
    const std::vector<koble_id> offers = OpenOffersOf(contact);
    if (!offers.empty() && FindOffer(offers.front())->queue == queue) EndGrowth(contact);
    return;
  }
  const bool offering = FindOffer(OpenOffersOf(contact).front())->queue == queue;
  if (offering) WithdrawOffersOf(contact, KOBLE_CAUSE_CONTACT, KOBLE_OUTCOME_WITHDRAWN);
  Leave(contact, place, KOBLE_EXIT_MAX_WAIT);
  if (contact.standings.empty()) {
    EndContact(contact.id);
  } else if (offering) {
    ComeBack(contact, queue, nullptr);
  }
}

// 7(2)
void Router::ShiftDeadlines(int64_t down_since, int64_t length) {
  const auto shift = [&](bool counts, int64_t& deadline) {
    if (!counts && deadline != plan::kNever && deadline > down_since) deadline += length;
  };
  const plan::OutageRule& outage = plan_->outage;
  for (Engagement& engagement : engagements_) {
    if (engagement.state == KOBLE_ENGAGEMENT_CONNECTING) shift(outage.connect, engagement.deadline);
    if (engagement.state == KOBLE_ENGAGEMENT_WRAPPING) shift(outage.wrap_up, engagement.deadline);
    const bool clocked = engagement.state == KOBLE_ENGAGEMENT_ACTIVE || engagement.state == KOBLE_ENGAGEMENT_SILENT;
    if (clocked) shift(outage.silence, engagement.deadline);
  }
  for (Agent& agent : agents_) {
    if (agent.penalised_until != 0) shift(outage.penalty, agent.penalised_until);
    if (agent.requests) shift(outage.request, agent.request_until);
  }
  for (Contact& contact : contacts_) {
    if (contact.retry_until != 0) shift(outage.retry, contact.retry_until);
    for (Exclusion& exclusion : contact.exclusions) shift(outage.retry, exclusion.until);
    for (Standing& standing : contact.standings) {
      if (!standing.remembered) shift(outage.max_wait, standing.deadline);
      if (!standing.leaving_remembered) shift(outage.max_wait, standing.leaving);
    }
    if (!outage.steps) contact.step_clock += length;
    if (!outage.steps && contact.reserved && contact.reserved_until != plan::kNever) contact.reserved_until += length;
  }
}

}  // namespace koble::reference
