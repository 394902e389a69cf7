// The promises, each checked by looking at everything the observer knows.
#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "properties/observer.h"

namespace koble::testing {
namespace {

__extension__ typedef __int128 Int128;

}  // namespace

// A policy may let it wait beside whoever is free.
bool Observer::MayBeDeferred(const Contact& contact) const {
  return std::any_of(contact.standings.begin(), contact.standings.end(), [&](const Standing& standing) {
    return plan_->queues[standing.queue].policy.policy != plan::kNoPolicy;
  });
}

// His policy may let contacts wait, or choose one of worse place.
bool Observer::MayDefer(const Agent& agent) const { return agent.can.policy.policy != plan::kNoPolicy; }

void Observer::CheckOffer(const koble_event& event) {
  const Contact& contact = contacts_[event.contact];
  const plan::Queue& queue = plan_->queues[event.queue];
  const bool of_group = event.b != static_cast<int64_t>(event.offer);
  const bool grows = of_group && static_cast<koble_id>(event.b) != group_.first;
  if (grows && !Hungry(contact, event.due_ns)) Note(Promise::kGroups, "an offer more, before its time", &event);
  if (grows && contact.asked.contains(event.agent)) Note(Promise::kGroups, "asked twice in a round", &event);
  if (grows && std::none_of(offers_.begin(), offers_.end(), [&](const auto& offer) {
        return offer.second.contact == event.contact && static_cast<int64_t>(offer.second.group) == event.b;
      })) {
    Note(Promise::kGroups, "an offer more of a group that does not ring", &event);
  }
  if (!Fits(event.agent, queue.channel, 0)) Note(Promise::kCapacity, "an offer that does not fit", &event);
  if (contact.state != (of_group ? KOBLE_CONTACT_OFFERED : KOBLE_CONTACT_WAITING) ||
      contact.retry_until > event.due_ns ||
      (Excluded(contact, event.agent, event.due_ns) && !(event.offer == made_ && insisted_))) {
    Note(Promise::kOrder, "an offer of a contact that is not to be offered to this agent", &event);
  }
  // The request that the command made may stand before a step opens by it, in the same worklist.
  if (event.agent == standing_ && !Free(event.agent, queue.channel, 0)) Stand();
  if (event.offer == made_ ? Others(contact, event.agent) : queue.mode == plan::OfferMode::kExternal)
    Note(Promise::kOrder, "an offer that only the host may make, or not even he", &event);
  if (event.offer != requested_ && !Free(event.agent, queue.channel, 0))
    Note(Promise::kOrder, "an offer to a busy agent", &event);
  if (event.a != 0 && event.a != ExpiryOf(event, grows && contact.open)) {
    Note(Promise::kTimers, "an offer that rings for another time", &event);
  }
}

// Who joins a group rings as long as the first of it, unless that time is over.
int64_t Observer::ExpiryOf(const koble_event& event, bool joins) const {
  const int64_t own = event.time_ns + plan_->queues[event.queue].ring_ns;
  const Offer* first = nullptr;
  for (const auto& [id, offer] : offers_) {
    if (offer.contact == event.contact && (first == nullptr || offer.number < first->number)) first = &offer;
  }
  return joins && first != nullptr && first->expires > event.time_ns ? first->expires : own;
}

// All offers of a group have been seen, and nothing after them.
void Observer::CheckGroup() {
  if (group_.agents.empty()) return;
  const Group group = group_;
  group_ = {};
  if (!group.asked && !group.made) {
    const size_t known = breaches_.size();
    CheckAgentsOf(group);
    if (breaches_.size() > known && standing_ != 0) {  // the advance is over: his request stands, and he counts as free
      breaches_.erase(breaches_.begin() + static_cast<std::ptrdiff_t>(known), breaches_.end());
      Stand();
      CheckAgentsOf(group);
    }
  }
  if (!group.made || !insisted_) CheckReserve(group);
  if (!group.made) CheckPlaceOf(group);
  const plan::Queue& queue = plan_->queues[group.queue];
  if (queue.select == plan::SelectionRule::kRoundRobin && queue.mode != plan::OfferMode::kRingAll) {
    pointers_[queue.name] = agents_.at(group.agents.back()).number;
  }
  ++contacts_.at(group.contact).attempts;
  SeeGrowth(group);
  for (auto& [id, offer] : offers_) offer.fresh = false;
}

// What follows is of agents who join it, at once: who has room for one more is free as before.
bool Observer::IsWhole(const Group& group) const {
  if (group.agents.empty() || !plan_->queues[group.queue].join) return false;
  const Contact& contact = contacts_.at(group.contact);
  const auto standing = std::find_if(contact.standings.begin(), contact.standings.end(),
                                     [&](const Standing& one) { return one.queue == group.queue; });
  if (standing == contact.standings.end()) return false;
  size_t size = Candidates(contact, *standing, group.instant, group.contact).size();
  const plan::Queue& queue = plan_->queues[group.queue];
  if (queue.mode == plan::OfferMode::kBroadcast) size = std::min<size_t>(size, queue.group_size);
  return group.agents.size() >= size;
}

// Some step in force may spare as many as were asked.
void Observer::CheckReserve(const Group& group) {
  const Contact& contact = contacts_.at(group.contact);
  for (const Standing& standing : contact.standings) {
    if (standing.queue != group.queue) continue;
    const plan::Queue& queue = RulesOf(standing);
    for (const uint32_t step : InForce(standing)) {
      const bool meet = std::all_of(group.agents.begin(), group.agents.end(),
                                    [&](koble_id id) { return Meets(agents_.at(id), queue.steps[step], contact); });
      const koble_id asking = group.asked ? group.agents.front() : 0;
      const auto asked = static_cast<int64_t>(group.agents.size());
      if (meet && Disposable(queue, step, contact, group.contact, asking) >= asked) return;
    }
  }
  Note(Promise::kReserve, "contact " + std::to_string(contacts_.at(group.contact).serial) + " got agents of a reserve");
}

// The first queue and step with candidates made the offer, to those whom the queue's rule chooses, or to one of the first whom its policy was shown.
void Observer::CheckAgentsOf(const Group& group) {
  const Contact& contact = contacts_.at(group.contact);
  // Whom it is meant for has it before all others.
  for (const Standing& standing : contact.standings) {
    if (group.grows && standing.queue != group.queue) continue;
    const std::vector<koble_id> named = NamedAgent(contact, standing, group.instant, group.contact);
    if (named.empty()) continue;
    if (standing.queue != group.queue || named != group.agents) {
      Note(Promise::kOrder,
           "contact " + std::to_string(contact.serial) + " was not offered to the agent it is meant for");
    }
    return;
  }
  for (const Standing& standing : contact.standings) {
    if (group.grows && standing.queue != group.queue) continue;
    std::vector<koble_id> expected = Candidates(contact, standing, group.instant, group.contact);
    if (expected.empty()) continue;
    const plan::Queue& queue = plan_->queues[standing.queue];
    if (queue.mode == plan::OfferMode::kBroadcast && expected.size() > queue.group_size)
      expected.resize(queue.group_size);
    if (plan::AsksSeveral(queue.mode) && !group.grows) {
      const auto pull =
          std::find_if(expected.begin(), expected.end(), [&](koble_id id) { return agents_.at(id).can.pull; });
      if (pull != expected.end()) expected = {*pull};
    } else if (queue.policy.policy != plan::kNoPolicy) {
      expected.resize(std::min<size_t>(expected.size(), queue.policy.candidates));
      if (std::count(expected.begin(), expected.end(), group.agents.front()) != 0) expected = {group.agents.front()};
    } else {
      expected.resize(1);
    }
    if (standing.queue != group.queue || expected != group.agents) {
      Note(Promise::kOrder,
           "contact " + std::to_string(contact.serial) + " was not offered to those whom the rule chooses");
    }
    return;
  }
  Note(Promise::kOrder, "contact " + std::to_string(contact.serial) + " was offered without a free agent");
}

// Where only one agent could have been asked, he had no better contact. (Where there were several, the contact he was found
// for may have been given to another.)
void Observer::CheckPlaceOf(const Group& group) {
  const Contact& contact = contacts_.at(group.contact);
  const koble_id agent = group.agents.front();
  if (MayDefer(agents_.at(agent))) return;
  Place best = PlaceOf(contact, group.queue, group.now);
  uint32_t rank = UINT32_MAX;  // the smallest by which the agent may have found the contact
  for (const Standing& standing : contact.standings) {
    if ((group.asked || group.grows) && standing.queue != group.queue) continue;
    if (!Sees(agents_.at(agent), contact, standing, group.instant) ||
        !MayServe(agent, contact, standing, group.contact))
      continue;
    const bool first = contact.reserved_until != 0 && plan_->queues[standing.queue].reserved_first;
    rank = std::min(rank, first ? 0 : ViewOf(agents_.at(agent), standing).rank);
  }
  if (!group.asked) {
    std::set<koble_id> all;
    for (const Standing& standing : contact.standings) {
      if (group.grows && standing.queue != group.queue) continue;
      best = std::min(best, PlaceOf(contact, standing.queue, group.now), Better);
      const uint32_t channel = plan_->queues[standing.queue].channel;
      for (const auto& [id, other] : agents_) {
        const bool may = MayServe(id, contact, standing, group.contact) && !Others(contact, id) &&
                         Sees(other, contact, standing, group.instant) && !Excluded(contact, id, group.instant);
        if (may && Free(id, channel, group.contact)) all.insert(id);
      }
    }
    if (all.size() != 1) return;
  }
  for (const auto& [id, other] : contacts_) {
    const bool seeks = Waits(other, group.instant) || (id != group.contact && Hungry(other, group.instant));
    if (!seeks || Excluded(other, agent, group.instant) || Others(other, agent) || MayBeDeferred(other)) continue;
    for (const Standing& standing : other.standings) {
      if (!SeeksIn(other, standing)) continue;
      const uint32_t channel = plan_->queues[standing.queue].channel;
      const bool free = group.asked ? (request_mask_ >> plan_->channels[channel].channel & 1) != 0 &&
                                          Fits(agent, channel, group.contact)
                                    : Free(agent, channel, group.contact);
      const Agent& he = agents_.at(agent);
      const bool may =
          free && MayServe(agent, other, standing, group.contact) && Sees(he, other, standing, group.instant);
      // A request finds by rank and place. What else seeks does so by its place alone where it was triggered itself.
      const bool first = other.reserved_until != 0 && plan_->queues[standing.queue].reserved_first;
      const uint32_t other_rank = first ? 0 : ViewOf(he, standing).rank;
      const bool better = Better(PlaceOf(other, standing.queue, group.now), best);
      if (may && (other_rank == rank ? better : other_rank < rank && (better || group.asked))) {
        Note(Promise::kOrder, "contact " + std::to_string(other.serial) + " had a better place than contact " +
                                  std::to_string(contact.serial));
      }
      if (may && other_rank == rank && standing.queue == group.queue) CheckNoLead(contact, other, group.queue);
    }
  }
}

// Where a queue ranks nobody by priority, nobody is overtaken by one who came later than the greatest credit after him.
void Observer::CheckNoLead(const Contact& served, const Contact& passed, uint32_t number) {
  const plan::Queue& queue = plan_->queues[number];
  if (queue.own_priority_max_micro != 0 || served.standings.size() != 1) return;
  for (const Contact* contact : {&served, &passed}) {  // but for those whom somebody put elsewhere
    for (const Standing& standing : contact->standings) {
      if (standing.queue == number && standing.serial != 0) return;
    }
  }
  if (Int128{passed.arrival} + queue.own_credit_max_ns < served.arrival) {
    Note(Promise::kOrder,
         "contact " + std::to_string(passed.serial) + " was overtaken by more than the greatest credit");
  }
}

void Observer::CheckTime(const koble_event& event, const Command& command) {
  const auto must = [&](bool holds, const char* what) {
    if (!holds) Note(Promise::kTimers, what, &event);
  };
  must(event.due_ns <= event.time_ns, "due after now");
  const auto offer = offers_.find(event.offer);
  const auto engagement = engagements_.find(event.engagement);
  const auto agent = agents_.find(event.agent);
  switch (event.kind) {
    case KOBLE_EVENT_OUTCOME: {
      if (offer == offers_.end()) return;
      const koble_command& c = command.command;
      const bool by_host = c.kind == KOBLE_CMD_OFFER_END && c.target == event.offer && event.due_ns == event.time_ns;
      const bool failed = event.reason >= KOBLE_OUTCOME_DECLINED && event.reason <= KOBLE_OUTCOME_FAILED;
      must(!failed || by_host || event.due_ns == offer->second.expires,
           "an offer failed at another time than its expiry");
      if (failed && !by_host) {
        const bool declined = plan_->queues[offer->second.queue].on_expiry == plan::OnExpiry::kDeclined;
        must(plan_->queues[offer->second.queue].on_expiry != plan::OnExpiry::kAccept &&
                 event.reason == (declined ? KOBLE_OUTCOME_DECLINED : KOBLE_OUTCOME_NO_ANSWER),
             "an offer expired in another way than its queue says");
      }
      if (event.reason != KOBLE_OUTCOME_WITHDRAWN) must(event.due_ns <= offer->second.expires, "an offer ended late");
      return;
    }
    case KOBLE_EVENT_ACCEPTED:
      if (offer == offers_.end()) return;
      if (event.reason != KOBLE_ACCEPTED_EXPIRED)
        return must(event.due_ns < offer->second.expires, "accepted too late");
      must(event.due_ns == offer->second.expires &&
               plan_->queues[offer->second.queue].on_expiry == plan::OnExpiry::kAccept,
           "accepted by another expiry than its own");
      return;
    case KOBLE_EVENT_CONNECT_FAILED:
      must(event.reason != KOBLE_CONNECT_TIMEOUT ||
               (engagement != engagements_.end() && event.due_ns == engagement->second.deadline),
           "a connection timed out at another time than its limit");
      return;
    case KOBLE_EVENT_WRAPUP_END:
      must(event.reason != KOBLE_WRAPUP_EXPIRED ||
               (engagement != engagements_.end() && event.due_ns == engagement->second.deadline),
           "a wrap-up expired at another time than its end");
      return;
    case KOBLE_EVENT_PENALTY_END:
      must(agent != agents_.end() && event.due_ns == agent->second.penalised_until, "a penalty ended at another time");
      return;
    case KOBLE_EVENT_REQUEST_END:
      must(event.reason != KOBLE_REQUEST_EXPIRED ||
               (agent != agents_.end() && event.due_ns == agent->second.request_until),
           "a request expired at another time");
      return;
    case KOBLE_EVENT_STEP:
    case KOBLE_EVENT_STEP_CLOSED:
    case KOBLE_EVENT_LEFT: {
      const auto contact = contacts_.find(event.contact);
      if (contact == contacts_.end()) return;
      for (const Standing& standing : contact->second.standings) {
        if (standing.queue != event.queue) continue;
        if (event.kind == KOBLE_EVENT_LEFT) {
          must(event.reason != KOBLE_EXIT_MAX_WAIT || standing.deadline <= event.due_ns,
               "left before its maximum wait");
          must(event.reason != KOBLE_EXIT_LET_GO || EarliestLeaving(contact->second, standing) <= event.due_ns,
               "let go before the state lasted long enough");
          continue;
        }
        const plan::Queue& queue = RulesOf(standing);
        const auto step = static_cast<size_t>(event.a);
        if (step >= queue.steps.size()) return Note(Promise::kTimers, "no such step", &event);
        const bool open = (standing.open >> step & 1) != 0;
        must(open == (event.kind == KOBLE_EVENT_STEP_CLOSED), "a step that is open opens, or a closed one closes");
        const bool by_state = (queue.by_state >> step & 1) != 0;
        const plan::Step& of = queue.steps[step];
        must(event.kind == KOBLE_EVENT_STEP || of.hold != plan::kNoCondition, "a step closed that stays open");
        must(by_state || event.due_ns == contact->second.step_clock + of.after_ns, "a step opened at another time");
        // A contact that a late host brings back joins at now, behind the instant.
        must(event.kind == KOBLE_EVENT_STEP_CLOSED || of.early != plan::kNoCondition || of.after_ns == 0 ||
                 StepDue(contact->second, standing, step, event.due_ns),
             "a step opened before its time");
      }
      return;
    }
    default:
      return;
  }
}

// 7: nobody is penalised, misses an offer or loses a place because of the restart itself. What was due before the engine
// went down is not the restart's doing.
void Observer::CheckRestart(const Answer& answer) {
  const plan::OutageRule& outage = plan_->outage;
  if (outage.max_wait || outage.ring || outage.connect || outage.retry) return;
  int64_t down_since = 0;
  for (const koble_event& event : answer.events) {
    if (event.kind == KOBLE_EVENT_RESUMED) down_since = event.a;
  }
  std::set<koble_id> due_before;  // contacts and agents whose connection timed out before
  for (const koble_event& event : answer.events) {
    if (event.kind == KOBLE_EVENT_CONNECT_FAILED && engagements_.at(event.engagement).deadline <= down_since) {
      due_before.insert({event.contact, event.agent});
    } else if (event.kind == KOBLE_EVENT_OUTCOME) {
      const bool withdrawn = event.reason == KOBLE_OUTCOME_WITHDRAWN && event.a == KOBLE_CAUSE_RESTART;
      if (!withdrawn) Note(Promise::kRestart, "an offer that ended otherwise", &event);
    } else if (event.kind == KOBLE_EVENT_PENALISED || event.kind == KOBLE_EVENT_CONNECT_FAILED) {
      if (due_before.count(event.agent) == 0) Note(Promise::kRestart, "punished by a restart", &event);
    } else if (event.kind == KOBLE_EVENT_PRESENCE) {
      if (due_before.count(event.agent) == 0) Note(Promise::kRestart, "taken out by a restart", &event);
    } else if (event.kind == KOBLE_EVENT_LEFT && due_before.count(event.contact) == 0) {
      for (const Standing& standing : contacts_.at(event.contact).standings) {
        if (event.reason != KOBLE_EXIT_LET_GO && standing.queue == event.queue && standing.deadline > down_since) {
          Note(Promise::kRestart, "thrown out by a restart", &event);
        }
      }
    }
  }
}

// 7a: what is not there any more is nobody's fault.
void Observer::CheckReconciled(const Answer& answer) {
  bool begun = false;  // behind the advance
  for (const koble_event& event : answer.events) {
    begun = begun || event.kind == KOBLE_EVENT_UNKNOWN ||
            (event.kind == KOBLE_EVENT_CONNECT_FAILED && event.reason == KOBLE_CONNECT_LOST) ||
            (event.kind == KOBLE_EVENT_OUTCOME && event.a == KOBLE_CAUSE_RESTART);
    if (event.kind == KOBLE_EVENT_RECONCILED) return;
    if (begun && event.kind == KOBLE_EVENT_PENALISED) Note(Promise::kRestart, "punished by a reconcile", &event);
  }
  if (answer.result.code == KOBLE_OK) Note(Promise::kConservation, "a reconcile without its event");
}

// 7a: at the event `reconciled` nothing lives that was not named, but what is newer than the lists.
void Observer::CheckNamed(const koble_event& event, const Command& command) {
  std::set<koble_id> named;
  for (size_t at = 0; at < command.data.size(); at += sizeof(koble_id)) {
    koble_id id = 0;
    std::memcpy(&id, command.data.data() + at, sizeof(id));
    named.insert(id);
  }
  const auto must = [&](bool good, const char* what) {
    if (!good) Note(Promise::kConservation, what, &event);
  };
  for (const auto& [id, contact] : contacts_) must(named.count(id) != 0, "a contact lives that was not named");
  for (const auto& [id, offer] : offers_) {
    must(named.count(id) != 0 || offer.begun == event.time_ns, "an offer is open that was not named");
  }
  for (const auto& [id, engagement] : engagements_) {
    const bool has_leg = engagement.state != KOBLE_ENGAGEMENT_WRAPPING && !Aside(engagement);
    const bool judged = has_leg && engagement.since != event.time_ns;
    must(!judged || named.count(id) != 0 || named.count(engagement.offer) != 0,
         "an engagement goes on that was not named");
  }
}

// 3.11: the engine sets a presence at the miss that is one too many, and only then.
void Observer::CheckMisses(const koble_event& event) {
  Agent& agent = agents_.at(event.agent);
  const bool expected = std::exchange(agent.missed_enough, false);
  if (expected != (event.b != 0)) return Note(Promise::kMisses, "taken out for no misses, or not for misses", &event);
  if (!expected) return;
  const plan::MissRule& rule = agent.can.misses;
  if (event.b != agent.misses || event.reason != rule.presence || event.a != rule.reason) {
    Note(Promise::kMisses, "not as the agent's rule for misses says", &event);
  }
}

void Observer::CheckNobodyWaits(int64_t now) {
  for (const auto& [id, contact] : contacts_) {
    if ((!Waits(contact, now) && !Hungry(contact, now)) || MayBeDeferred(contact)) continue;
    for (const Standing& standing : contact.standings) {
      if (!SeeksIn(contact, standing)) continue;
      const std::vector<koble_id> candidates = Candidates(contact, standing, now, 0);
      if (std::all_of(candidates.begin(), candidates.end(),
                      [&](koble_id agent) { return MayDefer(agents_.at(agent)); }))
        continue;
      Note(Promise::kNobodyWaits,
           "contact " + std::to_string(contact.serial) + " waits beside a free agent at " + std::to_string(now));
    }
  }
}

// Nothing that is due is left over, and the smallest of what is to come is the next deadline.
void Observer::CheckDeadlines(int64_t now, int64_t next_deadline) {
  int64_t next = plan::kNever;
  int64_t earliest = plan::kNever;  // that somebody is let go by state
  int64_t latest = plan::kNever;
  const auto pending = [&](int64_t deadline, const char* what) {
    if (deadline <= now) Note(Promise::kTimers, std::string("late: ") + what + " at " + std::to_string(now));
    next = std::min(next, deadline);
  };
  for (auto& [id, contact] : contacts_) {
    if (contact.retry_until <= now) contact.retry_until = 0;
    if (contact.retry_until != 0) pending(contact.retry_until, "retry");
    if (contact.reserved_until != 0) pending(contact.reserved_until, "release");
    CloseIfRemembered(&contact, now);
    if (contact.tick > now) next = std::min(next, contact.tick);
    std::erase_if(contact.exclusions, [&](const auto& exclusion) { return exclusion.second <= now; });
    for (const auto& [agent, until] : contact.exclusions) pending(until, "again");
    for (Standing& standing : contact.standings) {
      const std::vector<int64_t>& delays = plan_->queues[standing.queue].delays;
      standing.delays = DelaysPassed(contact, standing, now);
      if (standing.delays < delays.size()) pending(contact.step_clock + delays[standing.delays], "queue delay");
      const std::vector<plan::Step>& steps = RulesOf(standing).steps;
      for (size_t step = 1; step < steps.size(); ++step) {
        const int64_t time = contact.step_clock + steps[step].after_ns;
        const bool by_state = (RulesOf(standing).by_state >> step & 1) != 0;
        if (by_state && StepDue(contact, standing, step, now)) standing.due |= uint64_t{1} << step;
        const bool open = (standing.open >> step & 1) != 0;
        if (open && steps[step].hold == plan::kNoCondition) continue;
        if ((standing.due >> step & 1) == 0) pending(time, "step");
      }
      const bool remembered = standing.deadline <= now && contact.state != KOBLE_CONTACT_WAITING;
      if (!remembered) pending(standing.deadline, "maximum wait");
      // From when on it counts is known but for what came and went inside of a command.
      const uint32_t leave = plan_->queues[standing.queue].leave;
      if (leave == plan::kNoCondition || !Holds(leave, false, contact, standing.rules)) continue;
      earliest = std::min(earliest, EarliestLeaving(contact, standing));
      if (contact.state != KOBLE_CONTACT_WAITING || standing.stayed == kUnknown) continue;
      const plan::Queue& queue = plan_->queues[standing.queue];
      latest = std::min(latest, std::max(now + queue.leave_for_ns, contact.step_clock + queue.leave_after_ns));
    }
  }
  for (const auto& [id, offer] : offers_) pending(offer.expires, "expiry");
  for (const auto& [id, engagement] : engagements_) pending(engagement.deadline, "connect limit or wrap-up");
  for (const auto& [id, agent] : agents_) {
    if (agent.penalised_until != 0) pending(agent.penalised_until, "penalty");
    if (agent.requests) pending(agent.request_until, "request");
    for (const auto& [name, changed] : agent.changed_skills) pending(changed.second, "skill");
  }
  const bool leaving = next_deadline < next && next_deadline > now && earliest <= next_deadline;
  if (next_deadline > latest || (next != next_deadline && !leaving)) {
    Note(Promise::kTimers, "next_deadline is " + std::to_string(next_deadline) + ", not " + std::to_string(next));
  }
}

void Observer::CheckCounts(const koble_counts& counts) {
  if (arrived_ != contacts_.size() + ended_ + exited_ || counts.contacts != contacts_.size() ||
      counts.serials != last_serial_) {
    Note(Promise::kConservation, "arrived " + std::to_string(arrived_) + ", ended " + std::to_string(ended_) +
                                     ", exited " + std::to_string(exited_) + ", living " +
                                     std::to_string(counts.contacts));
  }
  if (counts.offers != offers_.size()) Note(Promise::kOneOutcome, "another number of open offers");
  if (counts.engagements != engagements_.size() || counts.agents != agents_.size()) {
    Note(Promise::kConservation, "another number of engagements or agents");
  }
}

}  // namespace koble::testing
