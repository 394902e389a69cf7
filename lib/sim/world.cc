#include "sim/world.h"

#include <algorithm>
#include <new>

namespace koble::sim {
namespace {

koble_command Make(uint32_t kind, int64_t at, koble_id target) {
  koble_command command{};
  command.time_ns = at;
  command.kind = kind;
  command.target = target;
  return command;
}

}  // namespace

World::World(engine::Engine* engine, const Model* model, Source* source, figures::Figures* figures)
    : engine_(engine),
      model_(model),
      source_(source),
      figures_(figures),
      people_(*model, static_cast<uint32_t>(engine->plan()->agents.size())),
      levels_(*model),
      now_(engine->now()) {
  const plan::Plan& plan = *engine->plan();
  for (const auto& agent : plan.agents) {
    const auto number = static_cast<uint32_t>(agent_ids_.size());
    agent_ids_.push_back(engine_->FindAgent(agent.name));
    const uint32_t slot = KOBLE_ID_SLOT(agent_ids_.back());
    if (slot >= agent_of_slot_.size()) agent_of_slot_.resize(slot + 1, UINT32_MAX);
    agent_of_slot_[slot] = number;
    std::string report;
    const auto capability = plan.Resolve(agent, &report);
    pulls_.push_back(capability.has_value() && capability->pull);
  }
}

uint32_t World::AgentOf(koble_id id) const {
  const uint32_t slot = KOBLE_ID_SLOT(id);
  return slot < agent_of_slot_.size() ? agent_of_slot_[slot] : UINT32_MAX;
}

uint32_t World::NewSlot() {
  if (free_.empty()) {
    persons_.emplace_back();
    return static_cast<uint32_t>(persons_.size() - 1);
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

int64_t World::NextOwnNs() const {
  int64_t next = std::min(source_->NextNs(), levels_.NextNs());
  if (!due_.empty()) next = std::min(next, due_.top().time_ns);
  if (next_presence_ < model_->presence.size()) next = std::min(next, model_->presence[next_presence_].time_ns);
  return next;
}

// Gives a command and takes in what it caused. A refusal is part of the game (an answer to an offer that has just ended), the
// caller decides.
int32_t World::Give(const koble_command& command, std::string_view data, std::span<const koble_attribute> attributes) {
  now_ = command.time_ns;
  ++commands_;
  const int32_t code = engine_->Apply(command, data, attributes, nullptr);
  const uint64_t first = engine_->EventsFirst(), last = engine_->EventsLast();
  if (last >= first) {
    const std::span<const koble_event> events = engine_->Events(first);
    if (figures_ != nullptr) {
      const int32_t folded = figures_->Fold(events.data(), sizeof(koble_event), events.size(), nullptr);
      if (folded != KOBLE_OK) return folded;
    }
    events_ += events.size();
    for (const koble_event& event : events) See(event);
    if (hooks_.follow && hooks_.follow() < 0) {
      message_ = "the host ended the run";
      return KOBLE_ERR_STATE;
    }
    engine_->AcknowledgeEvents(last);
  }
  free_.insert(free_.end(), released_.begin(), released_.end());
  released_.clear();
  return code;
}

void World::See(const koble_event& event) {
  if (event.kind == KOBLE_EVENT_PRESENCE) {
    const uint32_t agent = AgentOf(event.agent);
    if (agent != UINT32_MAX) people_.SetAvailable(agent, event.reason == KOBLE_PRESENCE_AVAILABLE, event.time_ns);
    return;
  }
  if (event.kind == KOBLE_EVENT_WRAPUP_END) {
    const uint32_t agent = AgentOf(event.agent);
    if (agent != UINT32_MAX) people_.EndWrapUp(agent, event.time_ns);
    return;
  }
  if (!Has(event.host_ref)) return;
  const auto slot = static_cast<uint32_t>(event.host_ref - 1);
  Person& person = persons_[slot];
  switch (event.kind) {
    case KOBLE_EVENT_ARRIVED:
      person.id = event.contact;
      if (!lines_.empty()) lines_[person.customer.stream].insert(InLineOf(slot));
      break;
    case KOBLE_EVENT_OFFERED:
      SeeOffered(event, slot);
      break;
    case KOBLE_EVENT_ACCEPTED: {
      connecting_.push_back(event.engagement);
      const uint32_t agent = AgentOf(event.agent);
      if (agent != UINT32_MAX && pulls_[agent]) asking_.emplace_back(event.agent, agent);
      break;
    }
    case KOBLE_EVENT_SERVING:
      SeeServing(event, slot);
      break;
    case KOBLE_EVENT_ENDED: {
      const uint32_t agent = AgentOf(event.agent);
      if (person.stage != Stage::kServing || agent == UINT32_MAX) break;
      person.record.service_ns = event.time_ns - person.start_ns;
      people_.End(agent, slot, event.time_ns);
      Retime(agent);
      Finish(slot, 0, event.time_ns);
      break;
    }
    case KOBLE_EVENT_WRAPUP:
      SeeWrapUp(event, slot);
      break;
    case KOBLE_EVENT_EXIT:
      if (person.stage == Stage::kWaiting) Finish(slot, event.reason, event.time_ns);
      break;
    default:
      break;
  }
}

void World::SeeOffered(const koble_event& event, uint32_t slot) {
  Person& person = persons_[slot];
  const uint32_t offer = person.record.offers++;
  const uint32_t agent = AgentOf(event.agent);
  if (event.a == 0 || agent == UINT32_MAX) return;  // accepted by itself; or of somebody whom the plan does not list
  const PeopleModel& kind = people_.KindOf(agent);
  // Attempts draw apart from each other; nobody is offered so often in one of them.
  const uint32_t index = (person.attempt << 12 | (offer & 2047) << 1);
  const uint64_t number = person.customer.number;
  bool declines = false;
  if (kind.decline > 0 || kind.miss > 0) {
    const double u = UniformAt(model_->seed, PurposeOf(person, kOfAnswer), number, index);
    if (u >= kind.decline && u < kind.decline + kind.miss) return;
    declines = u < kind.decline;
  }
  const int64_t delay =
      kind.answer.has_value() ? kind.answer->At(model_->seed, PurposeOf(person, kOfAnswer), number, index + 1) : 0;
  // Also where it is accepted at once: the answer then finds the offer ended, which costs nothing.
  due_.push({event.time_ns + delay, Act::kAnswer, declines, slot, 0, person.order, event.offer});
}

void World::SeeServing(const koble_event& event, uint32_t slot) {
  Person& person = persons_[slot];
  const uint32_t agent = AgentOf(event.agent);
  if (person.stage != Stage::kWaiting) return;  // it goes on after a pause
  StopsWaiting(slot);
  person.stage = Stage::kServing;
  ++serving_;
  person.start_ns = event.time_ns;
  person.record.wait_ns = event.time_ns - person.arrival_ns;
  person.record.agent = agent;
  person.record.queue = event.queue;
  std::erase(connecting_, event.engagement);
  double length = static_cast<double>(person.customer.service_ns);
  if (agent != UINT32_MAX) {
    length = people_.Length(agent, person.customer.stream, person.customer.service_ns);
    people_.Begin(agent, slot, length, event.time_ns);
    if (people_.Varies(agent)) return Retime(agent);
    length /= people_.KindOf(agent).speeds.empty() ? 1.0 : people_.KindOf(agent).speeds.front();
  }
  due_.push({event.time_ns + WholeNs(length), Act::kServiceEnd, false, slot, person.timing, person.order, person.id});
}

void World::StopsWaiting(uint32_t slot) {
  --waiting_;
  if (!lines_.empty()) lines_[persons_[slot].customer.stream].erase(InLineOf(slot));
}

InLine World::InLineOf(uint32_t slot) const {
  const Person& person = persons_[slot];
  return {person.arrival_ns, person.order, slot, person.id};
}

// The number of his conversations has changed, and with it how fast each gets on.
void World::Retime(uint32_t agent) {
  if (!people_.Varies(agent)) return;
  for (const Work& work : people_.Working(agent)) {
    Person& person = persons_[work.person];
    due_.push({people_.EndNs(agent, work, now_), Act::kServiceEnd, false, work.person, ++person.timing, person.order,
               person.id});
  }
}

void World::SeeWrapUp(const koble_event& event, uint32_t slot) {
  const uint32_t agent = AgentOf(event.agent);
  if (agent == UINT32_MAX) return;
  people_.BeginWrapUp(agent, event.time_ns);
  const PeopleModel& kind = people_.KindOf(agent);
  if (!kind.wrap_up.has_value()) return;
  const Person& person = persons_[slot];
  const int64_t length =
      kind.wrap_up->At(model_->seed, PurposeOf(person, kOfWrapUp), person.customer.number, person.attempt);
  due_.push({event.time_ns + length, Act::kWrapUpEnd, false, UINT32_MAX, 0, person.order, event.engagement});
}

bool World::TriesAgain(const Person& person, uint32_t exit, int64_t at, int64_t* delay_ns) const {
  const StreamModel& stream = model_->streams[person.customer.stream];
  if (stream.again_after == 0 || (stream.again_most != 0 && person.attempt >= stream.again_most)) return false;
  uint32_t why = KOBLE_AGAIN_LET_GO;
  if (AtTheDoor(exit)) why = KOBLE_AGAIN_REFUSED;
  if (exit == KOBLE_EXIT_ABANDONED) why = KOBLE_AGAIN_ABANDONED;
  if ((person.record.flags & KOBLE_WORLD_BALKED) != 0) why = KOBLE_AGAIN_BALKED;
  if ((stream.again_after & why) == 0) return false;
  const uint32_t purpose = PurposeOf(person, kOfAgain);
  const uint64_t number = person.customer.number;
  if (UniformAt(model_->seed, purpose, number, 2 * person.attempt) >= stream.again_probability) return false;
  *delay_ns = stream.again_delay->At(model_->seed, purpose, number, 2 * person.attempt + 1);
  return *delay_ns < model_->horizon_ns - at;
}

// An attempt has ended; the customer is gone, or between two of them.
void World::Finish(uint32_t slot, uint32_t exit, int64_t at) {
  Person& person = persons_[slot];
  koble_world_record& record = person.record;
  if (person.stage == Stage::kServing) {
    --serving_;
  } else {
    StopsWaiting(slot);
    record.wait_ns = at - person.arrival_ns;
    record.exit = exit;
  }
  int64_t delay = 0;
  if (exit != 0 && TriesAgain(person, exit, at, &delay)) {
    record.again_ns = delay;
    done_.push_back(record);
    person.stage = Stage::kOrbit;
    person.order = ++orders_;
    ++person.attempt;
    ++orbit_;
    due_.push({at + delay, Act::kAgain, false, slot, 0, person.order, 0});
    return;
  }
  done_.push_back(record);
  person.stage = Stage::kGone;
  released_.push_back(slot);
}

// A request that stands until it is answered; it may stand while he is busy. Refused where he is not available: he asks anew
// when he comes back.
int32_t World::Ask(uint32_t agent) {
  koble_command command = Make(KOBLE_CMD_AGENT_REQUEST, now_, agent_ids_[agent]);
  command.a = KOBLE_NEVER;
  const int32_t code = Give(command);
  const bool refused = code == KOBLE_ERR_STATE || code == KOBLE_ERR_NONE;
  return refused && message_.empty() ? static_cast<int32_t>(KOBLE_OK) : code;
}

int32_t World::Connect() {
  const koble_command command = Make(KOBLE_CMD_CONNECTED, now_, connecting_.back());
  connecting_.pop_back();
  const int32_t code = Give(command);
  const bool gone = code == KOBLE_ERR_STATE || code == KOBLE_ERR_ENDED;  // meanwhile
  return gone && message_.empty() ? static_cast<int32_t>(KOBLE_OK) : code;
}

int32_t World::Change(const koble_sim_presence& change) {
  koble_command command = Make(KOBLE_CMD_AGENT_PRESENCE, change.time_ns, agent_ids_[change.agent]);
  command.code = change.presence;
  command.a = change.reason;
  const int32_t code = Give(command);
  if (code == KOBLE_OK && change.presence == KOBLE_PRESENCE_AVAILABLE && pulls_[change.agent]) {
    return Ask(change.agent);
  }
  return code;
}

int32_t World::ChangeLevel(int64_t at) {
  const Levels::Turn turn = levels_.Take(people_);
  for (const uint32_t agent : turn.go) {
    const int32_t code = Change({at, 0, agent, KOBLE_PRESENCE_OFFLINE});
    if (code != KOBLE_OK) return code;
  }
  for (const uint32_t agent : turn.come) {
    const int32_t code = Change({at, 0, agent, KOBLE_PRESENCE_AVAILABLE});
    if (code != KOBLE_OK) return code;
  }
  return KOBLE_OK;
}

int32_t World::Perform(const Due& due) {
  if (due.act == Act::kWrapUpEnd) {
    const int32_t code = Give(Make(KOBLE_CMD_WRAP_UP_END, due.time_ns, due.id));
    return code == KOBLE_ERR_ENDED ? static_cast<int32_t>(KOBLE_OK) : code;  // the plan's ceiling was shorter
  }
  Person& person = persons_[due.slot];
  if (person.order != due.order) return KOBLE_OK;
  if (due.act == Act::kAgain) {
    --orbit_;
    return Arrive(due.slot, due.time_ns);
  }
  if (due.act == Act::kHangUp && person.stage != Stage::kWaiting) return KOBLE_OK;
  if (due.act == Act::kServiceEnd && (person.stage != Stage::kServing || person.timing != due.timing)) return KOBLE_OK;
  if (due.act == Act::kServiceEnd && levels_.Leaves(person.record.agent)) {
    const int32_t code = Change({due.time_ns, 0, person.record.agent, KOBLE_PRESENCE_OFFLINE});
    if (code != KOBLE_OK) return code;
  }
  koble_command command = Make(KOBLE_CMD_CONTACT_GONE, due.time_ns, due.id);
  command.code = KOBLE_BY_CUSTOMER;
  if (due.act == Act::kAnswer) {
    command.kind = due.declines ? KOBLE_CMD_OFFER_END : KOBLE_CMD_OFFER_ACCEPT;
    command.code = due.declines ? static_cast<uint32_t>(KOBLE_OUTCOME_DECLINED) : 0;
  }
  const int32_t code = Give(command);
  // Another won, or it rang out; or the conversation was forgotten in its silence.
  const bool late = code == KOBLE_ERR_ENDED || (code == KOBLE_ERR_HELD && due.act == Act::kAnswer);
  return late ? static_cast<int32_t>(KOBLE_OK) : code;
}

// The queue to which the attempt goes, where the host says it.
int32_t World::Choose(Person* person) {
  const std::vector<uint32_t>& queues = model_->streams[person->customer.stream].queues;
  const int32_t place =
      hooks_.choose_queue ? hooks_.choose_queue(person->customer.stream, person->customer.number) : -1;
  if (place < 0 || static_cast<size_t>(place) >= queues.size()) {
    message_ =
        hooks_.choose_queue ? "choose_queue named no queue of the stream" : "a stream is `chosen` without a hook";
    return KOBLE_ERR_STATE;
  }
  person->customer.queue = queues[static_cast<size_t>(place)];
  return KOBLE_OK;
}

int32_t World::Arrive(uint32_t slot, int64_t at) {
  Person& person = persons_[slot];
  if (model_->streams[person.customer.stream].chosen) {
    if (const int32_t code = Choose(&person); code != KOBLE_OK) return code;
  }
  const Customer& customer = person.customer;
  const StreamModel& stream = model_->streams[customer.stream];
  person.arrival_ns = at;
  person.stage = Stage::kWaiting;
  person.timing = 0;
  ++waiting_;
  uint64_t standing = 0;
  if (engine_->QueueWaiting(customer.queue, &standing) != KOBLE_OK) standing = 0;
  person.record = {person.first_ns,
                   at,
                   0,
                   0,
                   KOBLE_NEVER,
                   customer.number,
                   customer.stream,
                   person.attempt,
                   0,
                   UINT32_MAX,
                   KOBLE_QUEUE_NONE,
                   0,
                   static_cast<uint32_t>(standing),
                   0};

  koble_command command = Make(KOBLE_CMD_CONTACT_ARRIVE, at, person.attempt == 0 ? customer.serial : 0);
  command.queue = customer.queue;
  command.host_ref = slot + 1;
  command.a = customer.priority;
  command.b = customer.credit_ns;
  std::string_view further;
  if (stream.queues.size() > 1 && !stream.chosen) {
    further = {reinterpret_cast<const char*>(stream.queues.data() + 1), (stream.queues.size() - 1) * sizeof(uint32_t)};
    command.data_size = static_cast<uint32_t>(further.size());
  }
  command.attributes_count = customer.attribute_count;
  const int32_t code = Give(command, further, {customer.attributes.data(), customer.attribute_count});
  if (code != KOBLE_OK) return code;
  if (lines_.empty()) return MakeUpMind(InLineOf(slot));
  undecided_ = InLineOf(slot);
  return code;
}

// Who has arrived and got nobody waits, or balks; and for how long he waits.
int32_t World::MakeUpMind(const InLine& who) {
  Person& person = persons_[who.slot];
  if (person.order != who.order || person.stage != Stage::kWaiting) return KOBLE_OK;
  const Customer& customer = person.customer;
  const StreamModel& stream = model_->streams[customer.stream];
  const int64_t at = who.arrival_ns;
  if (person.record.offers == 0) {
    person.record.flags |= KOBLE_WORLD_MUST_WAIT;
    const double balk = stream.balk;
    if (balk > 0 && UniformAt(model_->seed, PurposeOf(person, kOfBalk), customer.number, person.attempt) < balk) {
      person.record.flags |= KOBLE_WORLD_BALKED;
      koble_command gone = Make(KOBLE_CMD_CONTACT_GONE, at, person.id);
      gone.code = KOBLE_BY_CUSTOMER;
      return Give(gone);
    }
  }
  int64_t patience = person.customer.patience_ns;
  if (person.attempt > 0 && stream.patience.has_value()) {
    patience =
        stream.patience->At(model_->seed, PurposeOf(person, kOfPatience), person.customer.number, person.attempt);
  }
  if (patience != KOBLE_NEVER) due_.push({at + patience, Act::kHangUp, false, who.slot, 0, person.order, person.id});
  return KOBLE_OK;
}

int32_t World::Step(int64_t at) {
  const bool due = !due_.empty() && due_.top().time_ns == at;
  const bool reaches_presence = !due || due_.top().act > Act::kPresence;
  const bool changes = next_presence_ < model_->presence.size() && model_->presence[next_presence_].time_ns == at;
  if (changes && reaches_presence) return Change(model_->presence[next_presence_++]);
  if (levels_.NextNs() == at && reaches_presence) return ChangeLevel(at);
  if (due) {
    const Due next = due_.top();
    due_.pop();
    return Perform(next);
  }
  const uint32_t slot = NewSlot();
  Person& person = *new (&persons_[slot]) Person;  // in place: to clear and copy all attributes took as long as a draw
  source_->Take(&person.customer);
  person.order = ++orders_;
  person.first_ns = at;
  return Arrive(slot, at);
}

void World::Sample(int64_t up_to) {
  while (samples_.size() < model_->sample_ns.size() && model_->sample_ns[samples_.size()] <= up_to) {
    samples_.push_back({model_->sample_ns[samples_.size()], waiting_, serving_, orbit_, people_.present(),
                        people_.busy(), people_.free()});
  }
}

int32_t World::Close() {
  over_ = true;
  Sample(KOBLE_NEVER);
  std::vector<std::pair<uint64_t, uint32_t>> left;
  for (uint32_t slot = 0; slot < persons_.size(); ++slot) {
    const Stage stage = persons_[slot].stage;
    if (stage == Stage::kWaiting || stage == Stage::kServing) left.emplace_back(persons_[slot].order, slot);
  }
  std::sort(left.begin(), left.end());
  for (const auto& [order, slot] : left) {
    Person& person = persons_[slot];
    if (person.stage == Stage::kServing) person.record.service_ns = now_ - person.start_ns;
    if (person.stage == Stage::kWaiting) person.record.wait_ns = std::max<int64_t>(0, now_ - person.arrival_ns);
    done_.push_back(person.record);
  }
  if (figures_ == nullptr) return KOBLE_OK;
  const int32_t code = figures_->Close(now_);
  if (code != KOBLE_OK) message_ = figures_->message();
  return code;
}

int64_t World::NextNs() const {
  if (Busy() || HasUndecided()) return now_;
  const int64_t next = std::min(NextOwnNs(), engine_->NextDeadline());
  return next == KOBLE_NEVER ? next : std::max(next, now_);
}

int32_t World::Once(std::vector<koble_world_record>* records) {
  if (failed_ == KOBLE_OK) failed_ = Play(KOBLE_NEVER);
  records->insert(records->end(), done_.begin(), done_.end());
  done_.clear();
  return failed_;
}

int32_t World::Assign(koble_id contact, uint32_t agent) {
  koble_command command = Make(KOBLE_CMD_OFFER_MAKE, now_, contact);
  command.agent = agent_ids_[agent];
  command.queue = KOBLE_QUEUE_NONE;
  command.code = KOBLE_OFFER_ACCEPTED;
  failed_ = Give(command);
  if (failed_ != KOBLE_OK && message_.empty()) message_ = engine_->message();
  return failed_;
}

// One command, and what follows from it at this very instant; or the end.
int32_t World::Play(int64_t until_ns) {
  if (!connecting_.empty()) return Connect();
  if (!asking_.empty()) {
    const uint32_t agent = asking_.back().second;
    asking_.pop_back();
    return Ask(agent);
  }
  const int64_t deadline = engine_->NextDeadline();
  if (HasUndecided() && deadline > now_) return MakeUpMind(std::exchange(undecided_, {}));
  const int64_t own = NextOwnNs();
  const int64_t at = std::min(own, deadline);
  if (at == KOBLE_NEVER || at > until_ns) {
    if (until_ns != KOBLE_NEVER) now_ = std::max(now_, until_ns);
    return Close();
  }
  Sample(at);
  // By itself, so that what a deadline starts is seen at its instant.
  if (deadline <= own) return Give(Make(KOBLE_CMD_ADVANCE, std::max(deadline, now_), 0));
  return Step(at);
}

int32_t World::Run(uint64_t most, int64_t until_ns, std::vector<koble_world_record>* records) {
  while (failed_ == KOBLE_OK && !over_ && done_.size() < most) failed_ = Play(until_ns);
  if (failed_ != KOBLE_OK) {
    if (message_.empty()) message_ = engine_->message();
    if (message_.empty() && figures_ != nullptr) message_ = figures_->message();
    return failed_;
  }
  const size_t count = std::min<uint64_t>(most, done_.size());
  records->insert(records->end(), done_.begin(), done_.begin() + static_cast<ptrdiff_t>(count));
  done_.erase(done_.begin(), done_.begin() + static_cast<ptrdiff_t>(count));
  return KOBLE_OK;
}

}  // namespace koble::sim
