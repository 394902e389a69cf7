// The public face: creation, cloning, events, queries. Commands are the machine's.
#include "engine/engine.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "engine/machine.h"

namespace koble::engine {

using state::State;

state::Settings SettingsOf(const Options& options) {
  state::Settings settings;
  settings.journal = options.journal;
  settings.clamp_time = options.clamp_time;
  settings.seed = options.seed;
  settings.start_ns = options.start_ns;
  settings.max_step_ns = options.max_step_ns;
  settings.max_contacts = options.max_contacts;
  settings.max_agents = options.max_agents;
  settings.max_events = options.max_events;
  settings.max_journal_bytes = options.max_journal_bytes != 0 ? options.max_journal_bytes : uint64_t{16} << 20;
  return settings;
}

namespace {

const char* Unsound(const Options& o) {
  if (o.journal > KOBLE_JOURNAL_KEEP_ALL) return "journal must be off (0), bounded (1) or keep-all (2)";
  if (o.start_ns < 0 || o.start_ns > KOBLE_TIME_MAX) return "start_ns must be a time, 0 to KOBLE_TIME_MAX";
  if (o.max_step_ns < 0) return "max_step_ns must not be negative; 0 is no limit";
  if (o.max_contacts > base::kMaxSlots || o.max_agents > base::kMaxSlots) return "limits must not exceed 2^28";
  return nullptr;
}

}  // namespace

Engine::Engine(std::unique_ptr<Machine> machine) : machine_(std::move(machine)) {}
Engine::~Engine() = default;

std::unique_ptr<Engine> Engine::Create(std::shared_ptr<const plan::Plan> plan, const Options& options, int32_t* code,
                                       std::string* message) {
  if (const char* unsound = Unsound(options); unsound != nullptr) {
    *code = KOBLE_ERR_ARGUMENT;
    *message = unsound;
    return nullptr;
  }
  base::Memory* memory = options.memory != nullptr ? options.memory : std::pmr::get_default_resource();
  auto machine = std::make_unique<Machine>(std::make_unique<State>(std::move(plan), SettingsOf(options), memory));
  *code = machine->TakePlan();
  *message = machine->message();
  if (*code != KOBLE_OK) return nullptr;
  return std::unique_ptr<Engine>(new Engine(std::move(machine)));
}

std::unique_ptr<Engine> Engine::Adopt(std::unique_ptr<State> state) {
  return std::unique_ptr<Engine>(new Engine(std::make_unique<Machine>(std::move(state))));
}

std::unique_ptr<Engine> Engine::Clone() const {
  return std::unique_ptr<Engine>(new Engine(std::make_unique<Machine>(*machine_)));
}

int32_t Engine::Apply(koble_command& command, std::string_view data, std::span<const koble_attribute> attributes,
                      koble_result* result) {
  return Asking() ? static_cast<int32_t>(KOBLE_ERR_BUSY) : machine_->Apply(command, data, attributes, result);
}

[[gnu::hot]] int32_t Engine::ApplyArrival(int64_t time_ns, uint32_t queue, uint64_t host_ref, koble_result* result) {
  return Asking() ? static_cast<int32_t>(KOBLE_ERR_BUSY) : machine_->ApplyArrival(time_ns, queue, host_ref, result);
}

[[gnu::hot]] int32_t Engine::ApplyGone(int64_t time_ns, koble_id contact, uint32_t by, koble_result* result) {
  return Asking() ? static_cast<int32_t>(KOBLE_ERR_BUSY) : machine_->ApplyGone(time_ns, contact, by, result);
}

int32_t Engine::ReplacePlan(int64_t now_ns, std::shared_ptr<const plan::Plan> plan, koble_result* result) {
  if (Asking()) return KOBLE_ERR_BUSY;
  koble_command command{};
  command.kind = KOBLE_CMD_PLAN_REPLACE;
  command.time_ns = now_ns;
  return machine_->ApplyReplacement(command, std::move(plan), result);
}

int32_t Engine::Replay(const koble_command& command, int64_t stamp_ns, std::string_view data,
                       std::span<const koble_attribute> attributes, std::span<const int32_t> choices) {
  return machine_->Replay(command, stamp_ns, data, attributes, choices);
}

uint64_t Engine::LastRecord() const { return state().records; }

const std::string& Engine::message() const { return machine_->message(); }
int64_t Engine::now() const { return state().now_ns; }
int64_t Engine::NextDeadline() const { return state().timers.Empty() ? KOBLE_NEVER : state().timers.First().due_ns; }
[[gnu::hot]] void Engine::Prefetch(koble_id contact) const { state().PrefetchConversation(KOBLE_ID_SLOT(contact)); }
const std::shared_ptr<const plan::Plan>& Engine::plan() const { return state().plan; }
const Machine& Engine::Seen() const { return machine_->asking() != nullptr ? *machine_->asking() : *machine_; }
const State& Engine::state() const { return Seen().state(); }
bool Engine::Asking() const { return machine_->asking() != nullptr; }
void Engine::SetPolicy(const std::string& name, Policy policy) { machine_->SetPolicy(name, std::move(policy)); }

Options Engine::options() const {
  const state::Settings& s = state().settings;
  return {s.journal,      s.seed,       s.start_ns,   s.clamp_time,        s.max_step_ns,
          s.max_contacts, s.max_agents, s.max_events, s.max_journal_bytes, state().memory};
}

void Engine::Digest(uint64_t digest[2]) {
  const base::Sum128 sum = state::Digest(machine_->state());
  digest[0] = sum.lo;
  digest[1] = sum.hi;
}

uint64_t Engine::EventsFirst() const { return state().events.first(); }
uint64_t Engine::EventsLast() const { return state().events.last(); }
std::span<const koble_event> Engine::Events(uint64_t seq) const { return state().events.From(seq); }
[[gnu::hot]] bool Engine::EventsFrom(uint64_t seq, const koble_event** first, uint64_t* count) const {
  const state::EventBuffer& kept = state().events;
  if (seq < kept.first()) return false;
  const std::span<const koble_event> events = kept.From(seq);
  *first = events.data();
  *count = events.size();
  return true;
}

int32_t Engine::AcknowledgeEvents(uint64_t seq) {
  if (seq > EventsLast()) return KOBLE_ERR_UNKNOWN;
  machine_->state().events.Acknowledge(seq);
  return KOBLE_OK;
}

bool Engine::TakeEvents(std::span<const koble_event>* events) {
  if (Asking()) return false;
  *events = machine_->state().events.Take();
  return true;
}

uint64_t Engine::JournalFirst() const { return state().journal.first(); }
uint64_t Engine::JournalLast() const { return state().journal.last(); }
std::string_view Engine::JournalBytes(uint64_t from_seq) const { return state().journal.From(from_seq); }

int32_t Engine::AcknowledgeJournal(uint64_t seq) {
  if (state().settings.journal == KOBLE_JOURNAL_OFF) return KOBLE_ERR_STATE;
  if (seq > JournalLast()) return KOBLE_ERR_UNKNOWN;
  if (state().settings.journal == KOBLE_JOURNAL_BOUNDED) machine_->state().journal.Acknowledge(seq);
  return KOBLE_OK;
}

koble_id Engine::FindAgent(std::string_view name) const {
  const uint32_t agent = state().AgentNamed(name);
  return agent == base::kNil ? 0 : state().agents.Id(agent);
}

bool Engine::MayOffer(koble_id contact, koble_id agent) const { return Seen().MayOffer(contact, agent); }

const char* Engine::AgentName(koble_id agent) const {
  const State& s = state();
  return s.agents.Check(agent) == KOBLE_OK ? s.agents[KOBLE_ID_SLOT(agent)].texts.c_name() : nullptr;
}

int32_t Engine::Contact(koble_id id, koble_contact_info* out) const {
  const State& s = state();
  if (const int32_t code = s.contacts.Check(id); code != KOBLE_OK) return code;
  const uint32_t contact = KOBLE_ID_SLOT(id);
  const state::Contact& c = s.contacts[contact];
  out->state = c.state;
  out->serial = c.serial;
  out->host_ref = c.host_ref;
  out->arrival_ns = c.arrival_ns;
  out->engagement = c.engagement != kNil ? s.engagements.Id(c.engagement) : 0;
  out->agent = c.agent;
  out->reserved_until_ns = c.Owner() != kNil ? c.reserved_until_ns : 0;
  out->priority = c.priority;
  out->credit_ns = c.credit_ns;
  out->retry_until_ns = c.retry_until_ns != state::kNone ? c.retry_until_ns : 0;
  out->next_ring_ns = c.tick_ns != state::kNone ? c.tick_ns : 0;
  out->attempts = c.attempts;
  out->hungry = c.hungry ? 1 : 0;
  out->offer_count = 0;
  for (uint32_t o = c.offers; o != kNil; o = s.offers[o].contact_next) ++out->offer_count;
  out->queue_count = 0;
  for (uint32_t e = c.entries; e != kNil; e = s.entries[e].next) {
    const uint32_t i = out->queue_count++;
    out->queues[i] = s.entries[e].queue;
    out->steps[i] = plan::LastStep(s.LadderOf(s.entries[e]).open);
    out->open_steps[i] = s.LadderOf(s.entries[e]).open;
    out->positions[i] = Seen().PositionIn(contact, s.entries[e].queue);
  }
  for (uint32_t i = out->queue_count; i < KOBLE_CONTACT_QUEUES_MAX; ++i) {
    out->queues[i] = KOBLE_QUEUE_NONE;
    out->steps[i] = out->positions[i] = 0;
    out->open_steps[i] = 0;
  }
  return KOBLE_OK;
}

int32_t Engine::ContactAttributes(koble_id id, std::span<koble_attribute> out, uint64_t* count) const {
  const State& s = state();
  *count = 0;
  if (const int32_t code = s.contacts.Check(id); code != KOBLE_OK) return code;
  for (uint32_t a = s.contacts[KOBLE_ID_SLOT(id)].attributes; a != kNil; a = s.attributes[a].next) {
    if (*count < out.size()) out[*count] = {s.attributes[a].key, 0, s.attributes[a].value};
    ++*count;
  }
  return KOBLE_OK;
}

uint32_t Engine::SymbolCount() const { return state().symbols.Count(); }
uint32_t Engine::FindSymbol(std::string_view name) const { return state().symbols.Find(name); }
const char* Engine::SymbolName(int64_t number) const {
  const state::Symbols& symbols = state().symbols;
  return number >= 1 && number <= symbols.Count() ? symbols.Name(static_cast<uint32_t>(number)) : nullptr;
}

int32_t Engine::AgentSkills(koble_id id, std::span<koble_skill> out, uint64_t* count) const {
  const State& s = state();
  *count = 0;
  if (const int32_t code = s.agents.Check(id); code != KOBLE_OK) return code;
  const uint32_t agent = KOBLE_ID_SLOT(id);
  uint32_t o = s.agents[agent].overrides;
  const auto add = [&](const koble_skill& skill) {
    if (*count < out.size()) out[*count] = skill;
    ++*count;
  };
  const auto add_changed = [&] {
    add({s.overrides[o].skill, 1, s.overrides[o].level, s.overrides[o].until_ns});
    o = s.overrides[o].next;
  };
  for (const plan::SkillLevel& skill : machine_->SkillsOf(agent)) {
    if (skill.skill >= s.plan->skills.size()) break;  // attributes
    while (o != kNil && s.overrides[o].skill < skill.skill) add_changed();
    if (o != kNil && s.overrides[o].skill == skill.skill) {
      add_changed();
    } else {
      add({skill.skill, 0, skill.level, 0});
    }
  }
  while (o != kNil) add_changed();
  return KOBLE_OK;
}

int32_t Engine::Agent(koble_id id, koble_agent_info* out) const {
  const State& s = state();
  if (const int32_t code = s.agents.Check(id); code != KOBLE_OK) return code;
  const uint32_t agent = KOBLE_ID_SLOT(id);
  const state::Agent& a = s.agents[agent];
  out->presence = a.presence;
  out->presence_reason = a.presence_reason;
  out->idle_since_ns = a.idle_since_ns;
  out->penalised_until_ns = a.penalised_until_ns == state::kNone ? 0 : a.penalised_until_ns;
  out->request_until_ns = a.request_until_ns == state::kNone ? 0 : a.request_until_ns;
  out->sequence = a.sequence;
  out->capacity = a.capacity;
  out->used = a.used;
  out->offers = out->connecting = out->active = out->held = out->wrapping = 0;
  for (uint32_t ch = 0; ch < s.Channels(); ++ch) {
    const state::AgentChannel& on = s.Of(agent, ch);
    out->offers += on.offers;
    out->connecting += on.connecting;
    out->active += on.active;
    out->held += on.held;
    out->wrapping += on.wrapping;
  }
  out->leaving = a.leaving ? 1 : 0;
  out->served = a.served;
  out->talked_ns = a.talked_ns;
  out->last_ended_ns = a.last_ended_ns;
  out->silent = out->parked = 0;
  for (uint32_t ch = 0; ch < s.Channels(); ++ch) {
    out->silent += s.Of(agent, ch).silent;
    out->parked += s.Of(agent, ch).parked;
  }
  out->misses = a.misses;
  out->reserved = 0;
  out->last_served_ns = a.last_served_ns;
  out->handled = a.handled;
  out->handled_ns = a.handled_ns;
  return KOBLE_OK;
}

int32_t Engine::Offer(koble_id id, koble_offer_info* out) const {
  const State& s = state();
  if (const int32_t code = s.offers.Check(id); code != KOBLE_OK) return code;
  const state::Offer& o = s.offers[KOBLE_ID_SLOT(id)];
  out->queue = o.queue;
  out->contact = s.contacts.Id(o.contact);
  out->agent = s.agents.Id(o.agent);
  out->begun_ns = o.begun_ns;
  out->expires_ns = o.expires_ns;
  out->group = o.group;
  return KOBLE_OK;
}

int32_t Engine::Engagement(koble_id id, koble_engagement_info* out) const {
  const State& s = state();
  if (const int32_t code = s.engagements.Check(id); code != KOBLE_OK) return code;
  const state::Engagement& e = s.engagements[KOBLE_ID_SLOT(id)];
  out->state = e.state;
  out->queue = e.queue;
  out->reserved = 0;
  out->contact = e.contact;
  out->agent = s.agents.Id(e.agent);
  out->since_ns = e.since_ns;
  out->deadline_ns = e.deadline_ns;
  return KOBLE_OK;
}

void Engine::Count(koble_counts* out) const {
  const State& s = state();
  out->reserved = 0;
  out->contacts = s.contacts.Count();
  out->agents = s.agents.Count();
  out->offers = s.offers.Count();
  out->engagements = s.engagements.Count();
  out->serials = s.serials;
}

int32_t Engine::QueueWaiting(uint32_t queue, uint64_t* waiting) const {
  if (queue >= state().queue_waiting.size()) return KOBLE_ERR_UNKNOWN;
  *waiting = state().queue_waiting[queue];
  return KOBLE_OK;
}

uint64_t Engine::List(uint32_t kind, std::span<koble_id> ids) const {
  const State& s = state();
  const auto list = [&](const auto& slots) {
    uint64_t count = 0;
    for (uint32_t slot = 0; slot < slots.Size(); ++slot) {
      if (!slots.Live(slot)) continue;
      if (count < ids.size()) ids[count] = slots.Id(slot);
      ++count;
    }
    return count;
  };
  switch (kind) {
    case KOBLE_KIND_CONTACT:
      return list(s.contacts);
    case KOBLE_KIND_AGENT:
      return list(s.agents);
    case KOBLE_KIND_OFFER:
      return list(s.offers);
    case KOBLE_KIND_ENGAGEMENT:
      return list(s.engagements);
    default:
      return 0;
  }
}

}  // namespace koble::engine
