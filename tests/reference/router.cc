// Calls (1.1), and the commands one by one.
#include "reference/router.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "plan/text.h"

namespace koble::reference {
namespace {

// The members of a command that its kind uses.
enum Member : uint32_t {
  kCode = 1,
  kTarget = 2,
  kHostRef = 4,
  kA = 8,
  kB = 16,
  kQueue = 32,
  kData = 64,
  kPairs = 128,
  kAgent = 256,
  kC = 512
};

uint32_t MembersOf(uint32_t kind) {
  switch (kind) {
    case KOBLE_CMD_RESUME:
      return kA;
    case KOBLE_CMD_PLAN_REPLACE:
    case KOBLE_CMD_AGENT_ADD:
    case KOBLE_CMD_SYMBOL:
      return kData;
    case KOBLE_CMD_AGENT_CHANGE:
      return kTarget | kData;
    case KOBLE_CMD_AGENT_PRESENCE:
    case KOBLE_CMD_AGENT_REQUEST:
      return kTarget | kCode | kA;
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return kTarget | kA;
    case KOBLE_CMD_CONTACT_ARRIVE:
      return kTarget | kCode | kQueue | kHostRef | kA | kB | kData | kPairs | kAgent | kC;
    case KOBLE_CMD_AGENT_SKILL:
      return kTarget | kA | kB | kData;
    case KOBLE_CMD_CONTACT_PLACE:
      return kTarget | kCode | kQueue;
    case KOBLE_CMD_CONTACT_CHANGE:
      return kTarget | kCode | kA | kB | kC | kData | kPairs;
    case KOBLE_CMD_OFFER_MAKE:
      return kTarget | kCode | kQueue | kAgent;
    case KOBLE_CMD_CONTACT_GONE:
    case KOBLE_CMD_OFFER_END:
      return kTarget | kCode;
    case KOBLE_CMD_RECONCILE:
      return kCode | kData;
    case KOBLE_CMD_ADVANCE:
      return 0;
    default:
      return kTarget;
  }
}

bool DataInside(const koble_command& command, std::string_view data) {
  if (command.data_size == 0) return command.data_offset == 0;
  return command.data_offset <= data.size() && command.data_size <= data.size() - command.data_offset;
}

std::string_view DataOf(const koble_command& command, std::string_view data) {
  return command.data_size == 0 ? std::string_view() : data.substr(command.data_offset, command.data_size);
}

bool PairsInside(const koble_command& command, std::span<const koble_attribute> all) {
  if (command.attributes_count == 0) return command.attributes_offset == 0;
  return command.attributes_offset <= all.size() && command.attributes_count <= all.size() - command.attributes_offset;
}

std::span<const koble_attribute> PairsOf(const koble_command& command, std::span<const koble_attribute> all) {
  return command.attributes_count == 0 ? all.first(0)
                                       : all.subspan(command.attributes_offset, command.attributes_count);
}

// 11.3
bool PairsInRange(std::span<const koble_attribute> pairs) {
  std::set<uint32_t> keys;
  for (const koble_attribute& pair : pairs) {
    if (pair.key == 0 || pair.reserved != 0) return false;
    keys.insert(pair.key);
  }
  return keys.size() == pairs.size() && pairs.size() <= KOBLE_CONTACT_ATTRIBUTES_MAX;
}

std::vector<uint32_t> QueuesOf(const koble_command& command, std::string_view data) {
  std::vector<uint32_t> queues(1 + data.size() / sizeof(uint32_t));
  queues[0] = command.queue;
  if (!data.empty()) std::memcpy(queues.data() + 1, data.data(), data.size());
  return queues;
}

bool ArrivalInRange(const koble_command& command, std::string_view data) {
  if (data.size() % sizeof(uint32_t) != 0 || data.size() / sizeof(uint32_t) >= KOBLE_CONTACT_QUEUES_MAX) return false;
  if (command.target > KOBLE_SERIAL_MAX) return false;
  std::vector<uint32_t> queues = QueuesOf(command, data);
  if (command.target != 0) std::erase(queues, KOBLE_QUEUE_NONE);
  std::sort(queues.begin(), queues.end());
  if (std::adjacent_find(queues.begin(), queues.end()) != queues.end()) return false;
  const bool time = command.c == KOBLE_NEVER || (command.c >= 0 && command.c <= KOBLE_DURATION_MAX);
  if (!time || (command.agent == 0 && command.c != 0)) return false;
  return command.a >= 0 && command.a <= kMaxPriority && command.b >= 0 && command.b <= KOBLE_DURATION_MAX;
}

std::vector<koble_id> IdsOf(std::string_view data) {
  std::vector<koble_id> ids(data.size() / sizeof(koble_id));
  if (!ids.empty()) std::memcpy(ids.data(), data.data(), ids.size() * sizeof(koble_id));
  return ids;
}

bool ListsInRange(const koble_command& command, std::string_view data) {
  if (data.size() % sizeof(koble_id) != 0) return false;
  const std::vector<koble_id> ids = IdsOf(data);
  if (command.code > ids.size() || ids.size() > (size_t{1} << 28)) return false;
  for (size_t i = 0; i < ids.size(); ++i) {
    const uint32_t kind = KOBLE_ID_KIND(ids[i]);
    const bool leg = kind == KOBLE_KIND_OFFER || kind == KOBLE_KIND_ENGAGEMENT;
    if (i < command.code ? kind != KOBLE_KIND_CONTACT : !leg) return false;
  }
  return true;
}

// What can be seen without looking at the state.
bool InRange(const koble_command& command, std::string_view data, std::span<const koble_attribute> attributes) {
  if (command.kind < KOBLE_CMD_ADVANCE || command.kind >= KOBLE_CMD_COUNT_) return false;
  if (command.time_ns < 0 || command.time_ns > KOBLE_TIME_MAX) return false;
  const uint32_t used = MembersOf(command.kind);
  if ((used & kCode) == 0 && command.code != 0) return false;
  if ((used & kTarget) == 0 && command.target != 0) return false;
  if ((used & kHostRef) == 0 && command.host_ref != 0) return false;
  if ((used & kA) == 0 && command.a != 0) return false;
  if ((used & kB) == 0 && command.b != 0) return false;
  if ((used & kQueue) == 0 && command.queue != 0) return false;
  if ((used & kData) == 0 && (command.data_size != 0 || command.data_offset != 0)) return false;
  if ((used & kAgent) == 0 && command.agent != 0) return false;
  if ((used & kC) == 0 && command.c != 0) return false;
  if ((used & kPairs) == 0 && (command.attributes_count != 0 || command.attributes_offset != 0)) return false;
  if (!DataInside(command, data) || !PairsInside(command, attributes) || command.reserved != 0) return false;
  switch (command.kind) {
    case KOBLE_CMD_RESUME:
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return command.a >= 0 && command.a <= KOBLE_TIME_MAX;
    case KOBLE_CMD_AGENT_PRESENCE:
      return command.code <= KOBLE_PRESENCE_BREAK;
    case KOBLE_CMD_AGENT_REQUEST:
      return command.a == KOBLE_NEVER || (command.a >= 0 && command.a <= KOBLE_TIME_MAX);
    case KOBLE_CMD_CONTACT_ARRIVE:
      return ArrivalInRange(command, DataOf(command, data)) && PairsInRange(PairsOf(command, attributes));
    case KOBLE_CMD_AGENT_SKILL:
      return SkillInRange(command, DataOf(command, data));
    case KOBLE_CMD_CONTACT_CHANGE:
      return PairsInRange(PairsOf(command, attributes)) &&
             ChangeInRange(command, DataOf(command, data), PairsOf(command, attributes));
    case KOBLE_CMD_RECONCILE:
      return ListsInRange(command, DataOf(command, data));
    case KOBLE_CMD_CONTACT_GONE:
      return command.code >= KOBLE_BY_CUSTOMER && command.code <= KOBLE_BY_HOST;
    case KOBLE_CMD_OFFER_MAKE:
      return command.code < 4;
    case KOBLE_CMD_OFFER_END:
      return command.code >= KOBLE_OUTCOME_DECLINED && command.code <= KOBLE_OUTCOME_FAILED;
    case KOBLE_CMD_SYMBOL:  // 11.2
      return command.data_size >= 1 && command.data_size <= KOBLE_SYMBOL_BYTES_MAX &&
             plan::IsUtf8(DataOf(command, data)) && !plan::HasControl(DataOf(command, data));
    default:
      return true;
  }
}

}  // namespace

Router::Router(std::shared_ptr<const plan::Plan> plan, const Options& options)
    : plan_(std::move(plan)),
      options_(options),
      now_(options.start_ns),
      instant_(options.start_ns),
      last_journalled_(options.start_ns) {
  symbols_ = SymbolsWith(*plan_);
  for (const plan::AgentDefinition& definition : plan_->agents) {
    AddAgent(definition, plan_->Resolve(definition, nullptr).value());
  }
}

int32_t Router::Apply(const koble_command& command, std::string_view data, Pairs attributes, koble_result* result,
                      std::vector<koble_event>* events) {
  events_ = events;
  const uint64_t before = last_event_;
  *result = KOBLE_RESULT_INIT;
  result->code = Judge(command, data, attributes, result);
  result->event_first = before + 1;
  result->event_count = last_event_ - before;
  events_ = nullptr;
  return result->code;
}

// 1.1
int32_t Router::Judge(const koble_command& command, std::string_view data, Pairs attributes, koble_result* result) {
  result->time_ns = now_;
  if (!InRange(command, data, attributes)) return KOBLE_ERR_ARGUMENT;
  int64_t time = command.time_ns;
  if (time < now_) {
    if (!options_.clamp_time) return KOBLE_ERR_TIME;
    time = now_;
    result->clamped = 1;
  }
  // A resume may come after an outage of any length.
  const bool limited = options_.max_step_ns != 0 && command.kind != KOBLE_CMD_RESUME;
  if (limited && time - now_ > options_.max_step_ns) return KOBLE_ERR_AHEAD;
  result->time_ns = time;

  fired_ = false;
  changed_ = false;
  int32_t code = KOBLE_OK;
  if (command.kind == KOBLE_CMD_RESUME) {
    code = Resume(time, command.a);
  } else {
    now_ = time;
    FireOverdue(true);
    code = JudgeAfterAdvance(command, DataOf(command, data), PairsOf(command, attributes), result);
    if (code == KOBLE_OK && changed_) {
      Worklist();
      FireOverdue(true);  // a maximum wait of 0 (1.8)
      if (command.kind == KOBLE_CMD_CONTACT_ARRIVE && JudgeFullness(result->id)) Worklist();
    }
  }
  if (fired_ || changed_) last_journalled_ = time;
  return code;
}

int32_t Router::JudgeAfterAdvance(const koble_command& command, std::string_view data, Pairs attributes,
                                  koble_result* result) {
  koble_id* id = &result->id;
  switch (command.kind) {
    case KOBLE_CMD_ADVANCE:
      return KOBLE_OK;
    case KOBLE_CMD_PLAN_REPLACE:
      return PlanReplace(data);
    case KOBLE_CMD_AGENT_ADD:
      return AgentAdd(data, id);
    case KOBLE_CMD_AGENT_CHANGE:
      return AgentChange(command.target, data);
    case KOBLE_CMD_AGENT_REMOVE:
      return AgentRemove(command.target);
    case KOBLE_CMD_AGENT_PRESENCE:
      return AgentPresence(command.target, command.code, command.a);
    case KOBLE_CMD_AGENT_REQUEST:
      return AgentRequest(command.target, command.code, command.a, id);
    case KOBLE_CMD_AGENT_REQUEST_CANCEL:
      return AgentRequestCancel(command.target);
    case KOBLE_CMD_CONTACT_ARRIVE:
      return ContactArrive(command, data, attributes, id);
    case KOBLE_CMD_CONTACT_CHANGE:
      return ContactChange(command, data, attributes);
    case KOBLE_CMD_AGENT_SKILL:
      return AgentSkill(command, data);
    case KOBLE_CMD_CONTACT_PLACE:
      return ContactPlace(command.target, command.queue, command.code);
    case KOBLE_CMD_CONTACT_GONE:
      return ContactGone(command.target, command.code);
    case KOBLE_CMD_OFFER_MAKE:
      return OfferMake(command, id);
    case KOBLE_CMD_OFFER_ACCEPT:
      return OfferAccept(command.target, id);
    case KOBLE_CMD_OFFER_END:
      return OfferEnd(command.target, command.code);
    case KOBLE_CMD_RECONCILE: {
      const std::vector<koble_id> ids = IdsOf(data);
      const auto legs = ids.begin() + command.code;
      return Reconcile({ids.begin(), legs}, {legs, ids.end()});
    }
    case KOBLE_CMD_SYMBOL:
      return Symbol(data, &result->value);
    case KOBLE_CMD_ENGAGEMENT_ACTIVITY:
      return Activity(command.target);
    case KOBLE_CMD_ENGAGEMENT_PARK:
      return Park(command.target, command.a);
    case KOBLE_CMD_CONTACT_REPLY:
      return Reply(command.target, id);
    default:
      return OfEngagement(command.kind, command.target);
  }
}

// 7
int32_t Router::Resume(int64_t time, int64_t down_since) {
  if (down_since == 0) down_since = last_journalled_;
  if (down_since < last_journalled_ || down_since > time) return KOBLE_ERR_TIME;
  changed_ = true;
  now_ = instant_ = time;
  WithdrawLost({offers_.begin(), offers_.end()});
  koble_event& event = Emit(KOBLE_EVENT_RESUMED);
  event.a = down_since;
  event.b = time - down_since;
  ShiftDeadlines(down_since, time - down_since);
  FireOverdue(false);
  Worklist();
  return KOBLE_OK;
}

// 2.1, 2.2, 2.9
int32_t Router::ContactArrive(const koble_command& command, std::string_view data, Pairs attributes, koble_id* id) {
  std::vector<uint32_t> queues = QueuesOf(command, data);
  const auto given = static_cast<int64_t>(queues.size());
  if (command.target != 0) std::erase(queues, KOBLE_QUEUE_NONE);
  for (uint32_t queue : queues) {
    if (queue >= plan_->queue_count) return KOBLE_ERR_UNKNOWN;
  }
  for (const koble_attribute& attribute : attributes) {
    if (attribute.key > symbols_.size()) return KOBLE_ERR_UNKNOWN;
  }
  for (uint32_t queue : queues) {
    const auto channel = [&](uint32_t of) { return plan_->channels[plan_->queues[of].channel].channel; };
    if (channel(queue) != channel(queues[0])) return KOBLE_ERR_ARGUMENT;
  }
  if (command.agent != 0) {
    if (const int32_t code = Check(command.agent, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
    if (FindAgent(command.agent)->leaving) return KOBLE_ERR_UNKNOWN;
  }
  const uint64_t serial = command.target != 0 ? command.target : last_serial_ + 1;
  if (serial <= last_serial_) return KOBLE_ERR_ARGUMENT;
  if (serial > KOBLE_SERIAL_MAX) return KOBLE_ERR_LIMIT;
  if (options_.max_contacts != 0 && contacts_.size() >= options_.max_contacts) return KOBLE_ERR_LIMIT;

  changed_ = true;
  Contact& contact = contacts_.emplace_back();
  contact.id = *id = NewId(KOBLE_KIND_CONTACT);
  contact.serial = last_serial_ = serial;
  contact.host_ref = command.host_ref;
  contact.arrival = contact.step_clock = now_;
  contact.priority = command.a;
  contact.credit = command.b;
  contact.agent = command.agent;
  for (const koble_attribute& attribute : attributes) contact.attributes[attribute.key] = attribute.value;
  Emit(KOBLE_EVENT_ARRIVED, contact, queues.empty() ? KOBLE_QUEUE_NONE : queues[0]).a = given;
  if (queues.empty()) {
    Emit(KOBLE_EVENT_EXIT, contact, KOBLE_QUEUE_NONE, KOBLE_EXIT_NOT_ROUTABLE);
    EndContact(contact.id);
    return KOBLE_OK;
  }
  std::map<uint32_t, bool> refused;  // 2.13
  for (uint32_t number : queues) {
    if (!plan_->queues[number].closed) Split(contact, plan_->queues[number]);
  }
  for (uint32_t number : queues) refused[number] = Holds(plan_->queues[number].refuse, false, contact, number);
  for (uint32_t number : queues) {
    const plan::Queue& queue = plan_->queues[number];
    if (queue.closed) {
      Emit(KOBLE_EVENT_LEFT, contact, number, KOBLE_EXIT_CLOSED);
      continue;
    }
    if (refused[number]) {
      Emit(KOBLE_EVENT_LEFT, contact, number, KOBLE_EXIT_REFUSED);
      continue;
    }
    Join(contact, number);
    if (command.code != 0) RequestPosition(contact, contact.standings.back(), command.code);
  }
  if (contact.standings.empty()) {
    const bool closed = plan_->queues[queues.back()].closed;
    Emit(KOBLE_EVENT_EXIT, contact, queues.back(), closed ? KOBLE_EXIT_CLOSED : KOBLE_EXIT_REFUSED);
    EndContact(contact.id);
  } else {
    if (command.c != 0) {  // 2.11
      contact.reserved = true;
      contact.reserved_until = command.c == KOBLE_NEVER ? plan::kNever : now_ + command.c;
      if (GoesByAbsence(contact)) Release(contact);
    }
    Trigger(contact);
    for (Contact& one : contacts_) JudgeSteps(one);  // 6a.3
  }
  return KOBLE_OK;
}

// 2.2
void Router::Join(Contact& contact, uint32_t number) {
  const plan::Queue& queue = plan_->queues[number];
  const int64_t deadline = queue.max_wait_ns == plan::kNever ? plan::kNever : now_ + queue.max_wait_ns;
  Standing& standing = contact.standings.emplace_back();
  standing.queue = standing.rules = number;
  standing.pinned = queue.pin_rules;
  standing.deadline = deadline;
  for (uint32_t step = 0; step < queue.steps.size(); ++step) {  // those of 0 s are open from joining
    if (queue.steps[step].after_ns != 0) continue;
    standing.due.insert(step);
    if ((queue.by_state >> step & 1) == 0) standing.open.insert(step);
  }
}

// 11.6
void Router::Split(Contact& contact, const plan::Queue& queue) {
  if (queue.split.shares.empty()) return;
  const plan::Attribute& attribute = plan_->attributes[queue.split.attribute];
  const uint32_t key = FindSymbol(attribute.name);
  std::map<std::string, int64_t>& counts = splits_[queue.name];
  if (contact.attributes.count(key) == 0 && contact.attributes.size() < KOBLE_CONTACT_ATTRIBUTES_MAX) {
    Int128 contacts = 1;
    Int128 all = 0;
    for (const plan::Split::Share& share : queue.split.shares) {
      contacts += counts[attribute.values[share.value]];
      all += share.part;
    }
    const plan::Split::Share* chosen = &queue.split.shares.front();
    const auto behind = [&](const plan::Split::Share& share) {
      return share.part * contacts - counts[attribute.values[share.value]] * all;
    };
    for (const plan::Split::Share& share : queue.split.shares) {
      if (behind(share) > behind(*chosen)) chosen = &share;
    }
    contact.attributes[key] = FindSymbol(attribute.values[chosen->value]);
  }
  for (const plan::Split::Share& share : queue.split.shares) {
    const std::string& value = attribute.values[share.value];
    const auto has = contact.attributes.find(key);
    if (has != contact.attributes.end() && has->second == FindSymbol(value)) ++counts[value];
  }
}

// 2.3
int32_t Router::ContactGone(koble_id id, uint32_t by) {
  if (const int32_t code = Check(id, KOBLE_KIND_CONTACT); code != KOBLE_OK) return code;
  Contact& contact = *FindContact(id);
  changed_ = true;
  const Engagement* conversation = ConversationOf(contact);
  if (conversation != nullptr && conversation->state != KOBLE_ENGAGEMENT_CONNECTING) {
    EndServed(contact, by);
    return KOBLE_OK;
  }
  WithdrawOffersOf(contact, KOBLE_CAUSE_CONTACT, KOBLE_OUTCOME_WITHDRAWN);
  koble_id agent = 0;
  for (const Engagement& engagement : engagements_) {
    if (engagement.contact != id || engagement.state != KOBLE_ENGAGEMENT_CONNECTING) continue;
    agent = engagement.agent;
    Emit(KOBLE_EVENT_CONNECT_FAILED, engagement, KOBLE_CONNECT_GONE);
    EndEngagement(engagement.id);
    break;
  }
  LeaveAll(contact, by == KOBLE_BY_HOST ? KOBLE_EXIT_WITHDRAWN : KOBLE_EXIT_ABANDONED);
  if (agent != 0) GoneIfLeft(agent);
  return KOBLE_OK;
}

// 4.13
int32_t Router::OfferMake(const koble_command& command, koble_id* offer) {
  if (const int32_t code = Check(command.target, KOBLE_KIND_CONTACT); code != KOBLE_OK) return code;
  if (const int32_t code = Check(command.agent, KOBLE_KIND_AGENT); code != KOBLE_OK) return code;
  Contact& contact = *FindContact(command.target);
  const Agent& agent = *FindAgent(command.agent);
  if (agent.leaving) return KOBLE_ERR_UNKNOWN;
  const bool any = command.queue == KOBLE_QUEUE_NONE;
  if (!any && command.queue >= plan_->queue_count) return KOBLE_ERR_UNKNOWN;
  if (contact.state != KOBLE_CONTACT_WAITING || contact.retry_until != 0) return KOBLE_ERR_STATE;
  std::vector<const Standing*> asked;
  for (const Standing& standing : contact.standings) {
    if (any || standing.queue == command.queue) asked.push_back(&standing);
  }
  if (asked.empty()) return KOBLE_ERR_STATE;
  if (agent.presence != KOBLE_PRESENCE_AVAILABLE || agent.penalised_until != 0) return KOBLE_ERR_STATE;
  std::erase_if(asked, [&](const Standing* standing) { return !Fits(agent, plan_->queues[standing->queue].channel); });
  if (asked.empty()) return KOBLE_ERR_LIMIT;
  if (!Free(agent, plan_->queues[asked[0]->queue].channel)) return KOBLE_ERR_STATE;
  if (contact.reserved && contact.agent != agent.id) return KOBLE_ERR_NONE;
  const auto may = [&](const Standing* standing) {
    return MayTake(agent, *standing, contact) && Sees(agent, *standing) && !Excluded(contact, agent, false);
  };
  auto chosen = std::find_if(asked.begin(), asked.end(), may);
  if (chosen == asked.end() && (command.code & KOBLE_OFFER_INSIST) != 0) chosen = asked.begin();
  if (chosen == asked.end()) return KOBLE_ERR_NONE;
  changed_ = true;
  const uint32_t queue = (*chosen)->queue;
  const bool at_once = (command.code & KOBLE_OFFER_ACCEPTED) != 0 || agent.can.pull ||
                       plan_->queues[queue].mode == plan::OfferMode::kAuto;
  *offer = MakeOffers(contact, queue, {agent.id}, at_once);
  return KOBLE_OK;
}

// 4.2
int32_t Router::OfferAccept(koble_id id, koble_id* engagement) {
  if (const int32_t code = Check(id, KOBLE_KIND_OFFER); code != KOBLE_OK) return code;
  if (FindContact(FindOffer(id)->contact)->state == KOBLE_CONTACT_CONNECTING) return KOBLE_ERR_HELD;
  changed_ = true;
  Trigger(*FindAgent(FindOffer(id)->agent));  // one offer less rings at him: another may
  *engagement = Accept(id, 0);
  return KOBLE_OK;
}

// 4.4
int32_t Router::OfferEnd(koble_id id, uint32_t outcome) {
  if (const int32_t code = Check(id, KOBLE_KIND_OFFER); code != KOBLE_OK) return code;
  changed_ = true;
  OfferFailed(id, outcome);
  return KOBLE_OK;
}

// 11.2
int32_t Router::Symbol(std::string_view name, int64_t* number) {
  if (FindSymbol(name) == 0) {
    if (symbols_.size() >= KOBLE_SYMBOLS_MAX) return KOBLE_ERR_LIMIT;
    changed_ = true;
    symbols_.emplace_back(name);
  }
  *number = FindSymbol(name);
  return KOBLE_OK;
}

// 4.3, 4.5, 4.8, 4.9
int32_t Router::OfEngagement(uint32_t kind, koble_id id) {
  const int32_t code = Check(id, KOBLE_KIND_ENGAGEMENT);
  const bool connection = kind == KOBLE_CMD_CONNECTED || kind == KOBLE_CMD_CONNECT_FAILED;
  if (code == KOBLE_ERR_ENDED && connection) return KOBLE_ERR_STATE;
  if (code != KOBLE_OK) return code;
  Engagement& engagement = *FindEngagement(id);
  uint32_t wanted = KOBLE_ENGAGEMENT_CONNECTING;
  if (kind == KOBLE_CMD_HOLD) wanted = KOBLE_ENGAGEMENT_ACTIVE;
  if (kind == KOBLE_CMD_RETRIEVE) wanted = KOBLE_ENGAGEMENT_HELD;
  if (kind == KOBLE_CMD_WRAP_UP_END) wanted = KOBLE_ENGAGEMENT_WRAPPING;
  if (engagement.state != wanted) return KOBLE_ERR_STATE;
  changed_ = true;
  if (kind == KOBLE_CMD_CONNECTED) {
    Serve(engagement);
  } else if (kind == KOBLE_CMD_CONNECT_FAILED) {
    ConnectFailed(id, KOBLE_CONNECT_HOST);
  } else if (kind == KOBLE_CMD_WRAP_UP_END) {
    WrapUpEnd(id, KOBLE_WRAPUP_EARLY);
  } else {
    const bool hold = kind == KOBLE_CMD_HOLD;
    engagement.state = hold ? KOBLE_ENGAGEMENT_HELD : KOBLE_ENGAGEMENT_ACTIVE;
    engagement.since = now_;
    engagement.deadline = hold ? plan::kNever : SilenceFrom(engagement);  // 4a.1
    FindContact(engagement.contact)->state = hold ? KOBLE_CONTACT_HELD : KOBLE_CONTACT_ACTIVE;
    Emit(hold ? KOBLE_EVENT_HELD : KOBLE_EVENT_RETRIEVED, engagement);
  }
  return KOBLE_OK;
}

}  // namespace koble::reference
