// What goes by state (docs/model.md, 6a): counted anew from what the events have said.
#include <algorithm>
#include <string>

#include "properties/observer.h"
#include "reference/requirements.h"

namespace koble::testing {

uint64_t Observer::OpenSteps(const plan::Queue& queue, int64_t clock, int64_t now) {
  uint64_t open = 0;
  for (size_t step = 0; step < queue.steps.size(); ++step) {
    if (clock + queue.steps[step].after_ns <= now) open |= uint64_t{1} << step;
  }
  return open & ~queue.by_state;
}

std::vector<uint32_t> Observer::InForce(const Standing& standing) const {
  std::vector<uint32_t> steps;
  for (uint32_t step = 0; step < 64; ++step) {
    if ((standing.open >> step & 1) == 0) continue;
    if ((RulesOf(standing).replacing >> step & 1) != 0) steps.clear();
    if ((RulesOf(standing).serving >> step & 1) != 0) steps.push_back(step);
  }
  return steps;
}

// As with delays, none comes back: an outage that moves the clock leaves what has come.
bool Observer::StepDue(const Contact& contact, const Standing& standing, size_t step, int64_t instant) const {
  return (standing.due >> step & 1) != 0 || contact.step_clock + RulesOf(standing).steps[step].after_ns <= instant;
}

int64_t Observer::RaisedBy(const Standing& standing) const {
  if (standing.serial != 0) return standing.raised;
  int64_t raised = 0;
  const plan::Queue& queue = RulesOf(standing);
  for (size_t step = 0; step < queue.steps.size(); ++step) {
    if ((standing.open >> step & 1) != 0) raised += queue.steps[step].priority_micro;
  }
  return raised;
}

bool Observer::Holds(uint32_t condition, bool otherwise, const Contact& contact, uint32_t number) const {
  if (condition == plan::kNoCondition) return otherwise;
  const plan::Queue& queue = plan_->queues[number];
  const auto count = [&](const plan::Requirement::Term& counter) {
    int64_t found = 0;
    for (const auto& [id, other] : contacts_) {
      if (counter.left != plan::Requirement::Left::kWaiting || other.state != KOBLE_CONTACT_WAITING) continue;
      for (const Standing& standing : other.standings) found += standing.queue == queue.number;
    }
    for (const auto& [id, agent] : agents_) {
      if (counter.left == plan::Requirement::Left::kWaiting || !Meets(agent, queue.steps[counter.subject], contact))
        continue;
      const bool able = agent.presence != KOBLE_PRESENCE_OFFLINE && agent.can.channel_max[queue.channel] > 0;
      bool counts = able;
      if (counter.left == plan::Requirement::Left::kFree) counts = Free(id, queue.channel, 0);
      if (counter.left == plan::Requirement::Left::kAvailable) counts &= agent.presence == KOBLE_PRESENCE_AVAILABLE;
      found += counts && !plan_->tables[agent.can.table].Of(queue.number).never;
    }
    return found;
  };
  return reference::JudgeCondition(*plan_, plan_->conditions[condition].program, contact.attributes, symbols_, count);
}

// 2.13: before that it has not held long enough.
int64_t Observer::EarliestLeaving(const Contact& contact, const Standing& standing) const {
  if (standing.stayed == kUnknown) return 0;
  const plan::Queue& queue = plan_->queues[standing.queue];
  if (queue.leave == plan::kNoCondition) return plan::kNever;
  return std::max(standing.stayed + queue.leave_for_ns, contact.step_clock + queue.leave_after_ns);
}

void Observer::NoteWhoStays(int64_t now) {
  for (auto& [id, contact] : contacts_) {
    for (Standing& standing : contact.standings) {
      if (!Holds(RulesOf(standing).leave, false, contact, standing.rules)) standing.stayed = now;
    }
  }
}

// But for what has changed already in the last worklist.
void Observer::CheckSteps(int64_t now, const Answer& answer) {
  if (!answer.events.empty()) unjudged_.clear();
  for (const koble_event& event : answer.events) {
    if (event.kind != KOBLE_EVENT_STEP && event.kind != KOBLE_EVENT_STEP_CLOSED) continue;
    unjudged_.insert({event.contact, event.queue, static_cast<uint32_t>(event.a)});
  }
  for (const auto& [id, contact] : contacts_) {
    for (const Standing& standing : contact.standings) {
      const plan::Queue& queue = RulesOf(standing);
      for (uint32_t number = 1; number < queue.steps.size(); ++number) {
        if ((queue.by_state >> number & 1) == 0 || unjudged_.contains({id, standing.queue, number})) continue;
        const plan::Step& step = queue.steps[number];
        const bool due = StepDue(contact, standing, number, now);
        const bool may = Holds(step.hold, true, contact, standing.rules);
        const bool opens = may && ((due && Holds(step.when, true, contact, standing.rules)) ||
                                   Holds(step.early, false, contact, standing.rules));
        const bool open = (standing.open >> number & 1) != 0;
        if (open ? may : !opens) continue;
        Note(Promise::kSteps, "step " + std::to_string(number) + " of contact " + std::to_string(contact.serial) +
                                  (open ? " is open" : " is closed") + " at " + std::to_string(now));
      }
    }
  }
}

}  // namespace koble::testing
