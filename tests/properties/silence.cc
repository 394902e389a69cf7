// Conversations that pause (docs/model.md, 4a): followed, and their promise checked: what falls silent does so in time, a reply finds its agent where
// he is there and has room, and otherwise the queue.
#include <algorithm>

#include "properties/observer.h"

namespace koble::testing {

bool Observer::Aside(const Engagement& engagement) {
  return engagement.state == KOBLE_ENGAGEMENT_SILENT || engagement.state == KOBLE_ENGAGEMENT_PARKED;
}

int64_t Observer::SilenceFrom(const Engagement& engagement, int64_t now) const {
  const int64_t after = plan_->channels[engagement.channel].silent_after_ns;
  return after == plan::kUnset || engagement.queue == KOBLE_QUEUE_NONE ? plan::kNever : now + after;
}

// Somebody wrote, which causes no event: the clock of a conversation that is active begins anew.
void Observer::SeeActivity(const Command& command, const Answer& answer) {
  const uint32_t kind = command.command.kind;
  if (answer.result.code != KOBLE_OK) return;
  for (auto& [id, engagement] : engagements_) {
    const bool meant = (kind == KOBLE_CMD_ENGAGEMENT_ACTIVITY && id == command.command.target) ||
                       (kind == KOBLE_CMD_CONTACT_REPLY && engagement.contact == command.command.target);
    if (!meant || engagement.state != KOBLE_ENGAGEMENT_ACTIVE) continue;
    engagement.deadline = SilenceFrom(engagement, answer.result.time_ns);
  }
}

void Observer::EndTalk(const Engagement& engagement, int64_t now) {
  Agent& agent = agents_[engagement.agent];
  agent.talked = std::min(agent.talked + (now - engagement.served), KOBLE_TIME_MAX);
  agent.last_ended = now;
}

void Observer::CheckPause(const koble_event& event, const Command& command) {
  const auto must = [&](bool good, const char* what) {
    if (!good) Note(Promise::kSilence, what, &event);
  };
  const Engagement& engagement = engagements_.at(event.engagement);
  const koble_command& c = command.command;
  const bool judged = event.due_ns == event.time_ns;
  const bool parked_now = c.kind == KOBLE_CMD_ENGAGEMENT_PARK && c.target == event.engagement && judged;
  const bool replied = c.kind == KOBLE_CMD_CONTACT_REPLY && c.target == event.contact && judged;
  const bool taken_up = c.kind == KOBLE_CMD_ENGAGEMENT_ACTIVITY && c.target == event.engagement && judged;
  const bool over = engagement.state == KOBLE_ENGAGEMENT_PARKED && engagement.deadline == event.due_ns;
  const Agent& agent = agents_.at(event.agent);
  const bool there = agent.presence == KOBLE_PRESENCE_AVAILABLE && !agent.leaving && agent.penalised_until == 0 &&
                     HasRoom(event.agent, engagement.channel, 0);
  switch (event.kind) {
    case KOBLE_EVENT_SILENT:
      must(engagement.state == KOBLE_ENGAGEMENT_ACTIVE && engagement.deadline == event.due_ns,
           "silent, though somebody wrote, or at another time");
      return;
    case KOBLE_EVENT_PARKED:
      must(parked_now, "parked by nobody");
      return;
    case KOBLE_EVENT_CONTINUED:
      must(Aside(engagement), "continued, and was not set aside");
      must(taken_up || replied || over, "continued by nobody");
      must(taken_up || there, "a reply reached an agent who is not there");
      return;
    default:
      must(Aside(engagement), "returned, and was not set aside");
      must(agent.leaving || replied || over, "returned by nobody");
      must(!there, "returned, though its agent is there");
      return;
  }
}

void Observer::SeePause(const koble_event& event, const Command& command) {
  if (engagements_.count(event.engagement) == 0) {
    return Note(Promise::kConservation, "an event of an engagement that has ended or never was", &event);
  }
  CheckPause(event, command);
  Engagement& engagement = engagements_.at(event.engagement);
  Contact& contact = contacts_[event.contact];
  Agent& agent = agents_[event.agent];
  engagement.since = event.time_ns;
  switch (event.kind) {
    case KOBLE_EVENT_SILENT:
    case KOBLE_EVENT_PARKED: {
      const bool silent = event.kind == KOBLE_EVENT_SILENT;
      if (!Aside(engagement)) {
        EndTalk(engagement, event.time_ns);
        agent.Handle(event.due_ns - engagement.served, engagement.paused);
        engagement.paused = true;
        agent.idle_since = std::max(agent.idle_since, event.due_ns);
      }
      engagement.state = silent ? KOBLE_ENGAGEMENT_SILENT : KOBLE_ENGAGEMENT_PARKED;
      engagement.deadline = event.a == 0 ? plan::kNever : event.a;
      contact.state = silent ? KOBLE_CONTACT_SILENT : KOBLE_CONTACT_PARKED;
      return;
    }
    case KOBLE_EVENT_CONTINUED:
      engagement.state = KOBLE_ENGAGEMENT_ACTIVE;
      engagement.served = event.time_ns;
      engagement.deadline = SilenceFrom(engagement, event.time_ns);
      contact.state = KOBLE_CONTACT_ACTIVE;
      agent.idle_since = std::max(agent.idle_since, event.due_ns);
      return;
    default: {
      const plan::Queue& queue = plan_->queues[event.queue];
      contact.state = KOBLE_CONTACT_WAITING;
      contact.arrival = contact.step_clock = event.time_ns;
      contact.agent = event.agent;
      contact.reserved_until = event.a;
      contact.standings = {{event.queue, queue.at_join & ~queue.by_state,
                            queue.max_wait_ns == plan::kNever ? plan::kNever : event.time_ns + queue.max_wait_ns}};
      contact.standings.front().stayed = event.time_ns;
      Pin(&contact.standings.front());
      contact.standings.front().due = queue.at_join;  // it joins now, also where the instant is long past
      engagements_.erase(event.engagement);
      return;
    }
  }
}

}  // namespace koble::testing
