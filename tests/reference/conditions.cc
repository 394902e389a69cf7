// Steps and leaving by state (sections 6a and 2.13).
#include <algorithm>

#include "reference/requirements.h"
#include "reference/router.h"

namespace koble::reference {

// 6a
int64_t Router::Count(const plan::Requirement::Term& counter, const Contact& contact, uint32_t number) const {
  const plan::Queue& queue = plan_->queues[number];
  int64_t count = 0;
  if (counter.left == plan::Requirement::Left::kWaiting) {
    for (const Contact& other : contacts_) {
      if (other.state != KOBLE_CONTACT_WAITING) continue;
      for (const Standing& standing : other.standings) count += standing.queue == queue.number;
    }
    return count;
  }
  for (const Agent& agent : agents_) {
    const bool able =
        agent.presence != KOBLE_PRESENCE_OFFLINE && !agent.leaving && agent.can.channel_max[queue.channel] > 0;
    bool counts = able;
    if (counter.left == plan::Requirement::Left::kFree) counts = Free(agent, queue.channel);
    if (counter.left == plan::Requirement::Left::kAvailable) counts &= agent.presence == KOBLE_PRESENCE_AVAILABLE;
    if (!counts || ViewOf(agent, queue.number).never) continue;
    count += Meets(agent, queue.steps[counter.subject].requirement, contact);
  }
  return count;
}

bool Router::Holds(uint32_t condition, bool otherwise, const Contact& contact, uint32_t queue) const {
  if (condition == plan::kNoCondition) return otherwise;
  return JudgeCondition(*plan_, plan_->conditions[condition].program, contact.attributes, symbols_,
                        [&](const plan::Requirement::Term& counter) { return Count(counter, contact, queue); });
}

// 2.13
void Router::JudgeLeaving(Contact& contact) {
  for (Standing& standing : contact.standings) {
    const plan::Queue& queue = plan_->queues[standing.queue];
    if (!Holds(queue.leave, false, contact, standing.rules)) {
      standing.leaving = plan::kNever;
      standing.leaving_remembered = false;
    } else if (standing.leaving == plan::kNever) {
      standing.leaving = std::max(now_ + queue.leave_for_ns, contact.step_clock + queue.leave_after_ns);
    }
  }
}

// 6a.3; nothing that is counted changes meanwhile.
bool Router::JudgeSteps(Contact& contact) {
  JudgeLeaving(contact);
  bool some = false;
  for (Standing& standing : contact.standings) {
    const plan::Queue& queue = RulesOf(standing);
    for (uint32_t number = 1; number < queue.steps.size(); ++number) {
      if ((queue.by_state >> number & 1) == 0) continue;
      const plan::Step& step = queue.steps[number];
      const bool open = standing.open.contains(number);
      const bool may = Holds(step.hold, true, contact, standing.rules);
      const bool opens = may && ((standing.due.contains(number) && Holds(step.when, true, contact, standing.rules)) ||
                                 Holds(step.early, false, contact, standing.rules));
      if (open ? may : !opens) continue;
      if (!changed_steps_.insert({contact.id, standing.queue, number}).second) continue;
      some = true;
      if (open) {
        standing.open.erase(number);
      } else {
        standing.open.insert(number);
      }
      Emit(open ? KOBLE_EVENT_STEP_CLOSED : KOBLE_EVENT_STEP, contact, standing.queue).a = number;
      if (!open) StepOpened(contact);
      aside_.erase(contact.id);
      Trigger(contact);
    }
  }
  return some;
}

}  // namespace koble::reference
