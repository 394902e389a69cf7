#include "properties/observer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace koble::testing {
namespace {

bool Refused(uint32_t outcome) { return outcome >= KOBLE_OUTCOME_DECLINED && outcome <= KOBLE_OUTCOME_FAILED; }

}  // namespace

Observer::Observer(const Script& run) {
  int32_t code = KOBLE_OK;
  plan_ = plan::Load(run.plan, nullptr, &code);
  seed_ = run.options.seed;
  for (size_t slot = 0; slot < plan_->agents.size(); ++slot) {
    Agent& agent = agents_[(uint64_t{KOBLE_KIND_AGENT} << 60) | (uint64_t{slot} << 32) | 1];
    agent.number = ++last_agent_;
    agent.definition = plan_->agents[slot];
    agent.can = plan_->Resolve(agent.definition, nullptr).value();
  }
  LearnNames();
}

void Observer::LearnNames() {
  const auto learn = [this](const std::string& name) {
    if (std::find(symbols_.begin(), symbols_.end(), name) == symbols_.end()) symbols_.push_back(name);
  };
  for (const plan::Attribute& attribute : plan_->attributes) {
    learn(attribute.name);
    for (const std::string& value : attribute.values) learn(value);
  }
}

// Model 11.6: the value that lacks most of its part, times the sum of the parts so that it is whole.
void Observer::Split(const plan::Queue& queue, std::map<uint32_t, int64_t>* attributes) {
  if (queue.split.shares.empty() || queue.closed) return;
  const auto symbol = [this](const std::string& name) {
    return static_cast<uint32_t>(std::find(symbols_.begin(), symbols_.end(), name) - symbols_.begin()) + 1;
  };
  const plan::Attribute& attribute = plan_->attributes[queue.split.attribute];
  const uint32_t key = symbol(attribute.name);
  std::map<int64_t, int64_t>& counts = splits_[queue.name];
  int64_t contacts = 1, parts = 0;
  for (const plan::Split::Share& share : queue.split.shares) {
    contacts += counts[symbol(attribute.values[share.value])];
    parts += share.part;
  }
  if (attributes->count(key) == 0 && attributes->size() < KOBLE_CONTACT_ATTRIBUTES_MAX) {
    int64_t most = INT64_MIN;
    for (const plan::Split::Share& share : queue.split.shares) {
      const int64_t value = symbol(attribute.values[share.value]);
      const int64_t lacks = share.part * contacts - counts[value] * parts;
      if (lacks <= most) continue;
      most = lacks;
      (*attributes)[key] = value;
    }
  }
  const auto own = attributes->find(key);
  if (own != attributes->end() && counts.count(own->second) != 0) ++counts[own->second];
}

void Observer::Note(Promise promise, const std::string& what, const koble_event* event) {
  breaches_.push_back({promise, what + (event == nullptr ? "" : "; at event " + Describe(*event))});
}

void Observer::See(const Command& command, const Answer& answer, int64_t next_deadline, const koble_counts& counts,
                   const AgentName& agent_name) {
  const int64_t now = answer.result.time_ns;
  const bool request = command.command.kind == KOBLE_CMD_AGENT_REQUEST;
  requested_ = request ? answer.result.id : 0;
  made_ = command.command.kind == KOBLE_CMD_OFFER_MAKE ? answer.result.id : 0;
  insisted_ = (command.command.code & KOBLE_OFFER_INSIST) != 0;
  request_mask_ = request && command.command.code != 0 ? command.command.code : UINT32_MAX;
  standing_ = request && answer.result.code == KOBLE_OK && answer.result.id == 0 ? command.command.target : 0;
  request_until_ = command.command.a;
  if (command.command.kind == KOBLE_CMD_RESUME) CheckRestart(answer);
  if (command.command.kind == KOBLE_CMD_RECONCILE) CheckReconciled(answer);
  for (const koble_event& event : answer.events) See(event, command, agent_name);
  CheckGroup();
  SeeActivity(command, answer);
  const bool interned = command.command.kind == KOBLE_CMD_SYMBOL && answer.result.code == KOBLE_OK;
  if (interned && answer.result.value > static_cast<int64_t>(symbols_.size())) symbols_.push_back(command.data);
  Stand();
  const bool judged = answer.result.code != KOBLE_ERR_TIME && answer.result.code != KOBLE_ERR_AHEAD &&
                      (answer.result.code != KOBLE_ERR_ARGUMENT || !answer.events.empty());
  const bool resume_refused = command.command.kind == KOBLE_CMD_RESUME && answer.result.code != KOBLE_OK;
  if (!judged || resume_refused) return;
  CheckDeadlines(now, next_deadline);
  CheckNobodyWaits(now);
  CheckSteps(now, answer);
  NoteWhoStays(now);
  CheckCounts(counts);
  for (auto& [id, agent] : agents_) {
    if (std::exchange(agent.missed_enough, false)) Note(Promise::kMisses, "an agent was not taken out");
  }
}

// The request that the command made stands from now on.
void Observer::Stand() {
  if (standing_ == 0) return;
  Agent& agent = agents_[standing_];
  agent.requests = true;
  agent.mask = request_mask_;
  agent.request_until = request_until_;
  standing_ = 0;
}

void Observer::See(const koble_event& event, const Command& command, const AgentName& agent_name) {
  if (event.seq != ++last_seq_) Note(Promise::kConservation, "a gap in the events' numbers", &event);
  // An offer's group ends with the first event that does not belong to it.
  const bool same_group = event.kind == KOBLE_EVENT_OFFERED && static_cast<koble_id>(event.b) == group_.first;
  if (!same_group || IsWhole(group_)) CheckGroup();
  CheckTime(event, command);
  if (event.contact != 0 && event.kind != KOBLE_EVENT_ARRIVED && event.kind != KOBLE_EVENT_WRAPUP &&
      event.kind != KOBLE_EVENT_WRAPUP_END && contacts_.count(event.contact) == 0) {
    return Note(Promise::kConservation, "an event of a contact that has ended or never was", &event);
  }
  if (event.agent != 0 && event.kind != KOBLE_EVENT_AGENT_ADDED && agents_.count(event.agent) == 0) {
    return Note(Promise::kConservation, "an event of an agent who is gone or never was", &event);
  }
  switch (event.kind) {
    case KOBLE_EVENT_ARRIVED:
    case KOBLE_EVENT_STEP:
    case KOBLE_EVENT_STEP_CLOSED:
    case KOBLE_EVENT_LEFT:
    case KOBLE_EVENT_EXIT:
    case KOBLE_EVENT_EXHAUSTED:
    case KOBLE_EVENT_RELEASED:
    case KOBLE_EVENT_CONTACT_CHANGED:
    case KOBLE_EVENT_PLACED:
      return SeeContact(event, command);
    case KOBLE_EVENT_OFFERED:
    case KOBLE_EVENT_ACCEPTED:
    case KOBLE_EVENT_OUTCOME:
      return SeeOffer(event);
    case KOBLE_EVENT_PLAN:
      return SeePlan(event, command);
    case KOBLE_EVENT_RESUMED:
      return SeeResumed(event);
    case KOBLE_EVENT_UNKNOWN:
    case KOBLE_EVENT_POLICY_FAULT:
      return;  // nothing changes by it
    case KOBLE_EVENT_RECONCILED:
      return CheckNamed(event, command);
    case KOBLE_EVENT_SILENT:
    case KOBLE_EVENT_PARKED:
    case KOBLE_EVENT_CONTINUED:
    case KOBLE_EVENT_RETURNED:
      return SeePause(event, command);
    case KOBLE_EVENT_SERVING:
    case KOBLE_EVENT_CONNECT_FAILED:
    case KOBLE_EVENT_HELD:
    case KOBLE_EVENT_RETRIEVED:
    case KOBLE_EVENT_ENDED:
    case KOBLE_EVENT_WRAPUP:
    case KOBLE_EVENT_WRAPUP_END:
      return SeeEngagement(event);
    default:
      return SeeAgent(event, command, agent_name);
  }
}

void Observer::Arrive(const koble_event& event, const Command& command) {
  ++arrived_;
  const uint64_t given = command.command.target;
  const uint64_t expected = given != 0 ? given : last_serial_ + 1;
  if (event.serial != expected || event.serial <= last_serial_) {
    Note(Promise::kConservation, "not the serial that was given, nor the next", &event);
  }
  last_serial_ = event.serial;
  Contact& contact = contacts_[event.contact];
  contact = Contact();
  contact.serial = event.serial;
  contact.arrival = contact.step_clock = event.time_ns;
  contact.priority = command.command.a;
  contact.credit = command.command.b;
  for (const koble_attribute& attribute : command.attributes) contact.attributes[attribute.key] = attribute.value;
  contact.agent = command.command.agent;
  const int64_t only = command.command.c;
  contact.reserved_until = only == 0 || only == KOBLE_NEVER ? only : event.time_ns + only;
  std::vector<uint32_t> queues(1 + command.data.size() / 4, command.command.queue);
  if (!command.data.empty()) std::memcpy(queues.data() + 1, command.data.data(), command.data.size());
  for (uint32_t queue : queues) {
    if (given != 0 && queue == KOBLE_QUEUE_NONE) continue;
    Split(plan_->queues[queue], &contact.attributes);
    const int64_t wait = plan_->queues[queue].max_wait_ns;
    const uint64_t open = OpenSteps(plan_->queues[queue], event.time_ns, event.time_ns);
    contact.standings.push_back({queue, open, wait == plan::kNever ? plan::kNever : event.time_ns + wait});
    contact.standings.back().stayed = event.time_ns;
    Pin(&contact.standings.back());
  }
}

// 2.12: what the event names is now other than it was, and nothing else.
void Observer::Change(const koble_event& event, const Command& command) {
  Contact& contact = contacts_[event.contact];
  const koble_command& c = command.command;
  const bool relative = (c.code & KOBLE_CHANGE_RELATIVE) != 0;
  int64_t changes = 0;
  const auto set = [&](uint32_t what, auto& had, const auto& wanted) {
    if ((c.code & what) == 0 || had == wanted) return;
    had = wanted;
    changes |= what;
  };
  const int64_t priority = relative ? std::clamp<int64_t>(contact.priority + c.a, 0, 1'000'000'000 * KOBLE_POINT) : c.a;
  set(KOBLE_CHANGE_PRIORITY, contact.priority, priority);
  const int64_t credit = relative ? std::clamp<int64_t>(contact.credit + c.b, 0, KOBLE_DURATION_MAX) : c.b;
  set(KOBLE_CHANGE_CREDIT, contact.credit, credit);
  CloseIfRemembered(&contact, event.time_ns);
  const int64_t deadline = c.c == KOBLE_NEVER ? plan::kNever : event.time_ns + c.c;
  for (Standing& standing : contact.standings) set(KOBLE_CHANGE_MAX_WAIT, standing.deadline, deadline);
  std::map<uint32_t, int64_t> attributes = contact.attributes;
  for (size_t at = 0; at < command.data.size(); at += sizeof(uint32_t)) {
    uint32_t key = 0;
    std::memcpy(&key, command.data.data() + at, sizeof(key));
    attributes.erase(key);
  }
  for (const koble_attribute& attribute : command.attributes) attributes[attribute.key] = attribute.value;
  set(KOBLE_CHANGE_ATTRIBUTES, contact.attributes, attributes);
  std::erase_if(contact.exclusions, [&](const auto& exclusion) { return exclusion.second <= event.time_ns; });
  set(KOBLE_CHANGE_REFUSALS, contact.exclusions, std::map<koble_id, int64_t>());
  if (contact.exclusions.empty()) contact.until_step.clear();
  if ((c.code & KOBLE_CHANGE_REFUSALS) != 0 && !contact.asked.empty()) {  // if the group still grew when they failed
    changes |= event.a & KOBLE_CHANGE_REFUSALS;
    contact.asked.clear();
  }
  const bool has_agent = contact.agent != 0 && contact.state <= KOBLE_CONTACT_CONNECTING;
  if ((c.code & KOBLE_CHANGE_AGENT) != 0 && has_agent) {
    changes |= KOBLE_CHANGE_AGENT;
    contact.agent = 0;
  }
  if ((changes & (KOBLE_CHANGE_PRIORITY | KOBLE_CHANGE_CREDIT)) != 0) {
    for (Standing& standing : contact.standings) standing.serial = 0;
  }
  if (c.kind != KOBLE_CMD_CONTACT_CHANGE || c.target != event.contact || changes == 0 || changes != event.a) {
    Note(Promise::kConservation, "a change that is not what was asked for, or none", &event);
  }
}

// 5.9: it has the position that the event says, and overtook nobody whom it must not.
void Observer::SeePlaced(const koble_event& event, const Command& command) {
  Contact& contact = contacts_[event.contact];
  const auto standing = std::find_if(contact.standings.begin(), contact.standings.end(),
                                     [&](const Standing& one) { return one.queue == event.queue; });
  if (standing == contact.standings.end())
    return Note(Promise::kConservation, "placed where it does not stand", &event);
  std::vector<std::pair<Place, const Contact*>> others;
  for (const auto& [id, other] : contacts_) {
    const bool there = std::any_of(other.standings.begin(), other.standings.end(),
                                   [&](const Standing& one) { return one.queue == event.queue; });
    if (id == event.contact || other.state != KOBLE_CONTACT_WAITING || !there) continue;
    others.emplace_back(PlaceOf(other, event.queue, event.time_ns), &other);
  }
  std::sort(others.begin(), others.end(), [](const auto& a, const auto& b) { return Better(a.first, b.first); });
  const plan::Queue& queue = plan_->queues[event.queue];
  const bool arrival = command.command.kind == KOBLE_CMD_CONTACT_ARRIVE;
  const auto at = static_cast<size_t>(event.a - 1);
  if (!arrival && command.command.code == 0) {
    standing->serial = 0;
  } else if (at > others.size() || others.empty()) {
    return Note(Promise::kOrder, "placed past the end", &event);
  } else {
    const bool ahead = at < others.size();
    const Contact& neighbour = *others[ahead ? at : at - 1].second;
    const Standing& there = *std::find_if(neighbour.standings.begin(), neighbour.standings.end(),
                                          [&](const Standing& one) { return one.queue == event.queue; });
    Standing place = *standing;
    const bool shared = there.serial != 0;
    place.serial = shared ? there.serial : neighbour.serial;
    place.arrival = shared ? there.arrival : neighbour.arrival;
    place.priority = shared ? there.priority : neighbour.priority;
    place.credit = shared ? there.credit : neighbour.credit;
    place.raised = RaisedBy(there);
    auto& line = shared_places_[place.serial];
    if (line.empty()) line.emplace_back(place.serial, "");
    std::erase(line, std::pair(contact.serial, queue.name));
    const auto found = std::find(line.begin(), line.end(), std::pair(neighbour.serial, shared ? queue.name : ""));
    line.insert(ahead ? found : found + 1, {contact.serial, queue.name});
    const Place own = PlaceOf(contact, event.queue, event.time_ns);
    *standing = place;
    for (size_t i = at; arrival && i < others.size(); ++i) {
      const auto counted = [&](int64_t priority) { return std::min(priority, queue.own_priority_max_micro); };
      if (Better(others[i].first, own) && counted(others[i].second->priority) > counted(contact.priority) &&
          others[i].second->standings.size() == 1 && others[i].second->standings[0].serial == 0) {
        Note(Promise::kOrder, "a requested position overtook a greater priority", &event);
      }
    }
  }
  const Place now = PlaceOf(contact, event.queue, event.time_ns);
  const auto before = std::count_if(others.begin(), others.end(), [&](const auto& other) {
    return Better(PlaceOf(*other.second, event.queue, event.time_ns), now);  // the numbers at one place have moved
  });
  if (static_cast<size_t>(before) != at) Note(Promise::kOrder, "placed at another position than it says", &event);
}

void Observer::SeeContact(const koble_event& event, const Command& command) {
  if (event.kind == KOBLE_EVENT_ARRIVED) return Arrive(event, command);
  if (event.kind == KOBLE_EVENT_CONTACT_CHANGED) return Change(event, command);
  if (event.kind == KOBLE_EVENT_PLACED) return SeePlaced(event, command);
  Contact& contact = contacts_[event.contact];
  const auto standing = std::find_if(contact.standings.begin(), contact.standings.end(),
                                     [&](const Standing& one) { return one.queue == event.queue; });
  if (event.kind == KOBLE_EVENT_RELEASED) {
    if (contact.reserved_until == 0) Note(Promise::kConservation, "released, and was not reserved", &event);
    contact.reserved_until = 0;
  } else if (event.kind == KOBLE_EVENT_EXHAUSTED) {
    const plan::Queue& queue = plan_->queues[contact.last_offering];
    if (queue.on_exhausted == plan::OnExhausted::kForgive) {
      contact.exclusions.clear();
      contact.until_step.clear();
    }
  } else if (event.kind == KOBLE_EVENT_EXIT) {
    if (!contact.standings.empty()) Note(Promise::kConservation, "exit while it stands in a queue", &event);
    ++exited_;
    contacts_.erase(event.contact);
  } else if (standing == contact.standings.end()) {
    Note(Promise::kConservation, "an event of a queue in which the contact does not stand", &event);
  } else if (event.kind == KOBLE_EVENT_STEP) {
    standing->open |= uint64_t{1} << event.a;
    StepOpened(&contact);
  } else if (event.kind == KOBLE_EVENT_STEP_CLOSED) {
    standing->open &= ~(uint64_t{1} << event.a);
  } else {
    contact.standings.erase(standing);
  }
}

void Observer::SeeOffer(const koble_event& event) {
  if (event.kind == KOBLE_EVENT_OFFERED) {
    CheckOffer(event);
    const auto group = static_cast<koble_id>(event.b);
    if (group_.agents.empty()) {
      const bool grows = group != event.offer;
      group_ = {grows ? 0 : group,
                event.contact,
                event.queue,
                {},
                event.time_ns,
                event.due_ns,
                event.offer == requested_,
                event.a != 0,
                grows,
                event.offer == made_};
    }
    group_.agents.push_back(event.agent);
    offers_[event.offer] = {event.contact, event.agent, event.queue,  event.a == 0 ? plan::kNever : event.a,
                            event.time_ns, group,       ++last_offer_};
    outcomes_[event.offer] = 0;
    Contact& contact = contacts_[event.contact];
    contact.state = KOBLE_CONTACT_OFFERED;
    contact.last_offering = event.queue;
    return;
  }
  if (outcomes_.count(event.offer) == 0 || ++outcomes_[event.offer] != 1) {
    Note(Promise::kOneOutcome, "not the one outcome of an offer that was made", &event);
    return;
  }
  if (event.kind == KOBLE_EVENT_OUTCOME) return EndOffer(event);
  const plan::Queue& queue = plan_->queues[event.queue];
  const bool confirm = queue.confirm_ns != plan::kUnset;
  engagements_[event.engagement] = {event.offer,
                                    event.contact,
                                    event.agent,
                                    queue.channel,
                                    event.queue,
                                    queue,
                                    KOBLE_ENGAGEMENT_CONNECTING,
                                    confirm ? event.time_ns + queue.confirm_ns : plan::kNever,
                                    event.time_ns,
                                    event.time_ns};
  contacts_[event.contact].state = KOBLE_CONTACT_CONNECTING;
  offers_.erase(event.offer);
  if (!Rings(event.contact)) Close(&contacts_[event.contact]);
  Agent& agent = agents_[event.agent];
  agent.idle_since = std::max(agent.idle_since, event.due_ns);
  agent.requests = false;
}

void Observer::EndOffer(const koble_event& event) {
  Contact& contact = contacts_[event.contact];
  const uint32_t queue = offers_[event.offer].queue;
  offers_.erase(event.offer);
  contact.last_offering = queue;
  const plan::OutcomeRule* rule = Refused(event.reason) ? &plan_->queues[queue].Rule(event.reason) : nullptr;
  if (rule != nullptr) {
    Exclude(&contact, event.agent, rule->again_ns, event.time_ns);
    contact.asked.insert(event.agent);
    Missed(event.agent, *rule, event.due_ns);
  }
  if (Rings(event.contact)) return;
  Close(&contact);
  if (contact.state == KOBLE_CONTACT_OFFERED) BackToWaiting(&contact, rule, event.time_ns);
}

bool Observer::Rings(koble_id contact) const {
  return std::any_of(offers_.begin(), offers_.end(),
                     [&](const auto& offer) { return offer.second.contact == contact; });
}

// A maximum wait that has passed while phones ring.
void Observer::CloseIfRemembered(Contact* contact, int64_t now) {
  if (contact->state != KOBLE_CONTACT_OFFERED && contact->state != KOBLE_CONTACT_CONNECTING) return;
  for (const Standing& standing : contact->standings) {
    if (standing.queue == contact->last_offering && standing.deadline <= now) Close(contact);
  }
}

// A progressive queue takes one more each delay; one that others may join takes them up to the step and tier that it was made for. Not where the
// contact is meant for the agent who is asked.
void Observer::SeeGrowth(const Group& group) {
  Contact& contact = contacts_.at(group.contact);
  const plan::Queue& queue = plan_->queues[group.queue];
  const bool progressive = queue.mode == plan::OfferMode::kProgressive;
  if (group.grows) {
    if (progressive) contact.tick = group.now + queue.delay_ns;
    return;
  }
  const bool alone = contact.agent != 0 && group.agents.front() == contact.agent;
  if (!group.rings || alone || group.made) return;
  if (progressive) contact.tick = group.now + queue.delay_ns;
  if (!queue.join) return;
  contact.open = true;
  for (const Standing& standing : contact.standings) {
    if (standing.queue != group.queue) continue;
    contact.reach_tier = ViewOf(agents_.at(group.agents.front()), standing).tier;
    const plan::Queue& rules = RulesOf(standing);
    const auto made = [&](uint32_t step) {
      return Disposable(rules, step, contact, group.contact, 0) > 0 &&
             std::all_of(group.agents.begin(), group.agents.end(),
                         [&](koble_id id) { return Meets(agents_.at(id), rules.steps[step], contact); });
    };
    const std::vector<uint32_t> steps = InForce(standing);
    contact.reach_step = *std::find_if(steps.begin(), steps.end() - 1, made);
  }
}

void Observer::Close(Contact* contact) {
  contact->tick = 0;
  contact->open = false;
}

void Observer::Missed(koble_id id, const plan::OutcomeRule& rule, int64_t instant) {
  if (!rule.miss) return;
  Agent& agent = agents_[id];
  ++agent.misses;
  const plan::MissRule& when = agent.can.misses;
  const bool enough = when.limit != 0 && agent.misses >= when.limit;
  const bool spared = agent.last_ended != 0 && instant < agent.last_ended + when.grace_ns;
  agent.missed_enough = enough && !spared && !agent.leaving && agent.presence == KOBLE_PRESENCE_AVAILABLE;
}

void Observer::Exclude(Contact* contact, koble_id agent, int64_t length, int64_t now) {
  if (length == 0) return;
  const int64_t until = length >= plan::kUntilStep ? plan::kNever : now + length;
  const auto [known, fresh] = contact->exclusions.try_emplace(agent, until);
  // Of a pair that the host insisted on: the longer.
  const bool was_never = !fresh && known->second == plan::kNever && contact->until_step.count(agent) == 0;
  known->second = std::max(known->second, until);
  if (length == plan::kUntilStep && !was_never) contact->until_step.insert(agent);
  if (length == plan::kNever) contact->until_step.erase(agent);
}

void Observer::StepOpened(Contact* contact) {
  for (const koble_id agent : contact->until_step) contact->exclusions.erase(agent);
  contact->until_step.clear();
}

void Observer::BackToWaiting(Contact* contact, const plan::OutcomeRule* rule, int64_t now) {
  contact->state = KOBLE_CONTACT_WAITING;
  contact->asked.clear();
  contact->retry_until = rule != nullptr && rule->retry_ns > 0 ? now + rule->retry_ns : 0;
}

void Observer::SeeEngagement(const koble_event& event) {
  const bool idle_at_end = event.kind == KOBLE_EVENT_CONNECT_FAILED || event.kind == KOBLE_EVENT_WRAPUP_END;
  Contact& contact = contacts_[event.contact];
  Engagement& engagement = engagements_[event.engagement];
  engagement.since = event.time_ns;
  switch (event.kind) {
    case KOBLE_EVENT_SERVING:
      engagement.state = KOBLE_ENGAGEMENT_ACTIVE;
      engagement.deadline = SilenceFrom(engagement, event.time_ns);
      engagement.served = event.time_ns;
      ++agents_[event.agent].served;
      if (plan_->queues[event.queue].select == plan::SelectionRule::kFewestOfQueue)
        ++agents_[event.agent].served_of[plan_->queues[event.queue].name];
      agents_[event.agent].misses = 0;
      agents_[event.agent].last_served = event.time_ns;
      contact.state = KOBLE_CONTACT_ACTIVE;
      contact.standings.clear();
      contact.exclusions.clear();
      contact.until_step.clear();
      Close(&contact);
      contact.asked.clear();
      contact.agent = 0;
      contact.reserved_until = 0;
      contact.retry_until = 0;
      break;
    case KOBLE_EVENT_HELD:
    case KOBLE_EVENT_RETRIEVED:
      engagement.state = event.kind == KOBLE_EVENT_HELD ? KOBLE_ENGAGEMENT_HELD : KOBLE_ENGAGEMENT_ACTIVE;
      engagement.deadline = event.kind == KOBLE_EVENT_HELD ? plan::kNever : SilenceFrom(engagement, event.time_ns);
      break;
    case KOBLE_EVENT_ENDED: {
      ++ended_;
      contacts_.erase(event.contact);
      if (event.reason == KOBLE_BY_SILENCE &&
          (engagement.state != KOBLE_ENGAGEMENT_SILENT || engagement.deadline != event.due_ns)) {
        Note(Promise::kSilence, "forgotten too early, too late or in no silence", &event);
      }
      if (Aside(engagement)) {
        engagements_.erase(event.engagement);
        return;
      }
      EndTalk(engagement, event.time_ns);
      Agent& agent = agents_[event.agent];
      const plan::Queue& queue = engagement.definition;
      const int64_t wish = agent.can.wrap_up_ns == plan::kUnset ? queue.wrap_up_ns : agent.can.wrap_up_ns;
      const int64_t length = std::min(wish, queue.wrap_up_max_ns);
      if (length == 0) {
        agent.Handle(event.due_ns - engagement.served, engagement.paused);
        agent.idle_since = std::max(agent.idle_since, event.due_ns);
        engagements_.erase(event.engagement);
      } else {
        engagement.state = KOBLE_ENGAGEMENT_WRAPPING;
        engagement.deadline = event.time_ns + length;
      }
      return;
    }
    case KOBLE_EVENT_WRAPUP:
      contacts_.erase(event.contact);  // made by the look-up above
      if (engagement.deadline != event.a) Note(Promise::kTimers, "a wrap-up of another length", &event);
      return;
    case KOBLE_EVENT_WRAPUP_END:
      contacts_.erase(event.contact);
      agents_[event.agent].Handle(event.due_ns - engagement.served, engagement.paused);
      break;
    default: {  // connect_failed
      if (event.reason == KOBLE_CONNECT_GONE) break;
      contact.last_offering = event.queue;
      const bool lost = event.reason == KOBLE_CONNECT_LOST;
      const plan::OutcomeRule rule = lost ? plan::OutcomeRule() : plan_->queues[event.queue].failed;
      Exclude(&contact, event.agent, rule.again_ns, event.time_ns);
      if (!lost) contact.asked.insert(event.agent);
      contact.state = KOBLE_CONTACT_OFFERED;
      if (!Rings(event.contact)) BackToWaiting(&contact, &rule, event.time_ns);
      Missed(event.agent, rule, event.due_ns);
      break;
    }
  }
  if (!idle_at_end) return;
  Agent& agent = agents_[event.agent];
  agent.idle_since = std::max(agent.idle_since, event.due_ns);
  engagements_.erase(event.engagement);
}

void Observer::SeeResumed(const koble_event& event) {
  const plan::OutageRule& outage = plan_->outage;
  const auto shift = [&](bool counts, int64_t* deadline) {
    if (!counts && *deadline != plan::kNever && *deadline > event.a) *deadline += event.b;
  };
  for (auto& [id, contact] : contacts_) {
    if (contact.retry_until != 0) shift(outage.retry, &contact.retry_until);
    for (auto& [agent, until] : contact.exclusions) shift(outage.retry, &until);
    for (Standing& standing : contact.standings) {
      shift(outage.max_wait, &standing.deadline);
      standing.stayed = kUnknown;
    }
    if (!outage.steps) contact.step_clock += event.b;
    const bool limited = contact.reserved_until != 0 && contact.reserved_until != KOBLE_NEVER;
    if (!outage.steps && limited) contact.reserved_until += event.b;
  }
  for (auto& [id, agent] : agents_) {
    if (agent.penalised_until != 0) shift(outage.penalty, &agent.penalised_until);
    if (agent.requests) shift(outage.request, &agent.request_until);
  }
  for (auto& [id, engagement] : engagements_) {
    if (engagement.state == KOBLE_ENGAGEMENT_CONNECTING) shift(outage.connect, &engagement.deadline);
    if (engagement.state == KOBLE_ENGAGEMENT_WRAPPING) shift(outage.wrap_up, &engagement.deadline);
    const bool clocked = engagement.state == KOBLE_ENGAGEMENT_ACTIVE || engagement.state == KOBLE_ENGAGEMENT_SILENT;
    if (clocked) shift(outage.silence, &engagement.deadline);
  }
}

}  // namespace koble::testing
