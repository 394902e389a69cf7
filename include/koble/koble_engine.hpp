// koble_engine.hpp: the engine, its commands, events, queries and records. Part of koble.hpp, which says what holds for all of it.
#ifndef KOBLE_KOBLE_ENGINE_HPP_
#define KOBLE_KOBLE_ENGINE_HPP_

#include <koble/koble_record.h>
#include <koble/koble_event.hpp>
#include <koble/koble_plan.hpp>
#include <koble/koble_policy.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace koble {

// As koble_engine_options, but late stamps are raised by default: no hang-up is lost to a microsecond.
struct EngineOptions {
  std::uint64_t seed = 0;
  Time start;  // the engine's first now
  Journal journal = Journal::kOff;
  bool clamp_time = true;
  Duration max_step;                    // refuse stamps that are further ahead than this; 0: no limit
  std::uint64_t max_contacts = 0;       // 0: no limit
  std::uint64_t max_agents = 0;         // 0: no limit
  std::uint64_t max_events = 0;         // unacknowledged events at which commands are refused; 0: grow
  std::uint64_t max_journal_bytes = 0;  // of a bounded journal; 0: 16 MiB
  koble_realloc_fn realloc_fn = nullptr;
  void* realloc_context = nullptr;

  koble_engine_options c() const {
    koble_engine_options out = KOBLE_ENGINE_OPTIONS_INIT;
    out.journal = static_cast<std::uint32_t>(journal);
    out.seed = seed;
    out.start_ns = start.ns;
    out.clamp_time = clamp_time ? 1 : 0;
    out.max_step_ns = max_step.ns;
    out.max_contacts = max_contacts;
    out.max_agents = max_agents;
    out.max_events = max_events;
    out.max_journal_bytes = max_journal_bytes;
    out.realloc_fn = realloc_fn;
    out.realloc_context = realloc_context;
    return out;
  }
};

// What a contact brings along: Arrival(queue).HostRef(7).With("language", "norwegian").With("amount", 3).
struct Arrival {
  // An attribute by names, which the engine must know as symbols when the arrival is given to it.
  struct Named {
    std::string key;
    bool symbolic;  // the value is the number of `symbol`, else `number`
    std::string symbol;
    std::int64_t number;
  };

  Arrival(std::uint32_t queue) : queues{queue} {}                               // NOLINT: implicit on purpose
  Arrival(std::initializer_list<std::uint32_t> in_order) : queues(in_order) {}  // NOLINT: implicit on purpose
  explicit Arrival(std::vector<std::uint32_t> in_order) : queues(std::move(in_order)) {}
  Arrival& HostRef(std::uint64_t reference) { return host_ref = reference, *this; }
  Arrival& Priority(std::int64_t points) { return priority = points * KOBLE_POINT, *this; }
  Arrival& Credit(Duration waited) { return credit = waited, *this; }
  Arrival& Position(std::uint32_t requested) { return position = requested, *this; }
  Arrival& Serial(std::uint64_t given) { return serial = given, *this; }
  // Meant for this agent; for `only` nobody else may have it: zero, he is preferred; Duration{KOBLE_NEVER}, for ever.
  Arrival& Agent(AgentId whom, Duration only = {}) { return agent = whom, reserved = only, *this; }
  Arrival& With(std::string key, std::int64_t value) {
    return named.push_back(Named{std::move(key), false, std::string(), value}), *this;
  }
  Arrival& With(std::string key, std::string symbol) {
    return named.push_back(Named{std::move(key), true, std::move(symbol), 0}), *this;
  }
  // By number, as Engine::FindSymbol gives it: nothing is looked up.
  Arrival& With(std::uint32_t key, std::int64_t value) {
    return attributes.push_back(koble_attribute{key, 0, value}), *this;
  }

  std::vector<std::uint32_t> queues;  // 1 to 8, tried in this order
  std::uint64_t host_ref = 0;         // the host's own name for it, echoed in its events
  std::int64_t priority = 0;          // micro-points
  Duration credit;                    // waiting time credited
  std::uint32_t position = 0;         // requested, from 1; 0: its own place
  AgentId agent;                      // whom it is meant for
  Duration reserved;                  // for so long only he may have it
  std::uint64_t serial = 0;           // of a record that is played under another plan; 0: the next
  std::vector<koble_attribute> attributes;
  std::vector<Named> named;
};

// What of a contact is to change: Change().Priority(20).With("language", "norwegian").Without("tier").ForgetRefusals().
struct Change {
  Change& Priority(std::int64_t points) { return priority = points * KOBLE_POINT, Names(KOBLE_CHANGE_PRIORITY); }
  Change& Credit(Duration waited) { return credit = waited, Names(KOBLE_CHANGE_CREDIT); }
  // How long it waits at most from now on; Duration{KOBLE_NEVER}: without limit.
  Change& MaxWait(Duration most) { return max_wait = most, Names(KOBLE_CHANGE_MAX_WAIT); }
  Change& With(std::string key, std::int64_t value) {
    named.push_back(Arrival::Named{std::move(key), false, std::string(), value});
    return Names(KOBLE_CHANGE_ATTRIBUTES);
  }
  Change& With(std::string key, std::string symbol) {
    named.push_back(Arrival::Named{std::move(key), true, std::move(symbol), 0});
    return Names(KOBLE_CHANGE_ATTRIBUTES);
  }
  Change& Without(std::string key) { return removed.push_back(std::move(key)), Names(KOBLE_CHANGE_ATTRIBUTES); }
  Change& ForgetRefusals() { return Names(KOBLE_CHANGE_REFUSALS); }
  Change& ForgetAgent() { return Names(KOBLE_CHANGE_AGENT); }
  // Priority and credit are added to what it has.
  Change& Relative() { return Names(KOBLE_CHANGE_RELATIVE); }

  std::uint32_t changes = 0;  // mask of KOBLE_CHANGE_
  std::int64_t priority = 0;  // micro-points
  Duration credit;
  Duration max_wait;
  std::vector<Arrival::Named> named;
  std::vector<std::string> removed;

 private:
  Change& Names(std::uint32_t change) { return changes |= change, *this; }
};

// One routing domain.
class Engine {
 public:
  explicit Engine(const Plan& plan, const EngineOptions& options = {}) {
    const koble_engine_options c = options.c();
    Require(koble_engine_create(plan.get(), &c, &engine_));
  }
  // Takes over an engine of the C API.
  explicit Engine(koble_engine* adopted) : engine_(adopted) {}
  Engine(Engine&& other) noexcept
      : engine_(std::exchange(other.engine_, nullptr)), policies_(std::move(other.policies_)) {}
  Engine& operator=(Engine&& other) noexcept {
    std::swap(engine_, other.engine_);
    std::swap(policies_, other.policies_);
    return *this;
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { koble_engine_destroy(engine_); }

  // An independent copy of everything, unread events included.
  Engine Clone() const {
    koble_engine* clone = nullptr;
    Check(koble_engine_clone(engine_, &clone));
    Engine copy(clone);
    copy.policies_ = policies_;
    return copy;
  }
  // The policy of that name, shared with clones; null takes it away.
  void SetPolicy(const std::string& name, std::shared_ptr<Policy> policy) {
    const koble_policy c = policy != nullptr ? policy->c() : koble_policy{};
    Check(koble_engine_set_policy(engine_, name.c_str(), policy != nullptr ? &c : nullptr));
    policies_[name] = std::move(policy);
  }

  koble_engine* get() { return engine_; }
  const koble_engine* get() const { return engine_; }

  // ---- Commands: each performs the advance to `now` first, and throws Error where it is refused.

  Result Advance(Time now) {
    return Run([&](auto* r) { return koble_advance(engine_, now.ns, r); });
  }
  Result Resume(Time now, Time down_since = {}) {
    return Run([&](auto* r) { return koble_resume(engine_, now.ns, down_since.ns, r); });
  }
  // After Resume with the same now: what really exists. All else ends, and nobody is punished.
  Result Reconcile(Time now, const std::vector<ContactId>& contacts, const std::vector<LegId>& legs) {
    std::vector<koble_id> ids;
    ids.reserve(contacts.size() + legs.size());
    for (const ContactId& contact : contacts) ids.push_back(contact.value);
    for (const LegId& leg : legs) ids.push_back(leg.value);
    return Run([&](auto* r) {
      return koble_reconcile(engine_, now.ns, ids.data(), contacts.size(), ids.data() + contacts.size(), legs.size(),
                             r);
    });
  }
  Result ReplacePlan(Time now, const Plan& plan) {
    return Run([&](auto* r) { return koble_plan_replace(engine_, now.ns, plan.get(), r); });
  }
  Result AddAgent(Time now, std::string_view definition) {
    return Run([&](auto* r) { return koble_agent_add(engine_, now.ns, Data(definition), definition.size(), r); });
  }
  Result ChangeAgent(Time now, AgentId agent, std::string_view definition) {
    return Run([&](auto* r) {
      return koble_agent_change(engine_, now.ns, agent.value, Data(definition), definition.size(), r);
    });
  }
  Result RemoveAgent(Time now, AgentId agent) {
    return Run([&](auto* r) { return koble_agent_remove(engine_, now.ns, agent.value, r); });
  }
  Result SetPresence(Time now, AgentId agent, Presence presence, std::int64_t reason = 0) {
    return Run([&](auto* r) {
      return koble_agent_presence(engine_, now.ns, agent.value, static_cast<std::uint32_t>(presence), reason, r);
    });
  }
  // A pull agent's request. `channels`: bit n for channel n, 0 for all. Without `until`: now or never, and where nothing waits
  // the answer is Error(KOBLE_ERR_NONE); with it the request stands, and the result's id is 0 until it is answered.
  Result Request(Time now, AgentId agent, std::uint32_t channels = 0, Time until = {}) {
    return Run([&](auto* r) { return koble_agent_request(engine_, now.ns, agent.value, channels, until.ns, r); });
  }
  // For a time, or until it is changed again; KOBLE_SKILL_OWN with a length of 0: as his definition says.
  Result SetSkill(Time now, AgentId agent, const std::string& skill, std::int64_t level,
                  Duration length = Duration(KOBLE_NEVER)) {
    return Run(
        [&](auto* r) { return koble_agent_skill(engine_, now.ns, agent.value, skill.c_str(), level, length.ns, r); });
  }
  // Those that he has, and those that were changed, in order of their numbers.
  std::vector<koble_skill> Skills(AgentId agent) const {
    std::vector<koble_skill> skills;
    std::uint64_t count = 0;
    Check(koble_agent_skills(engine_, agent.value, nullptr, 0, &count));
    skills.resize(static_cast<std::size_t>(count));
    Check(koble_agent_skills(engine_, agent.value, skills.data(), count, &count));
    return skills;
  }
  Result CancelRequest(Time now, AgentId agent) {
    return Run([&](auto* r) { return koble_agent_request_cancel(engine_, now.ns, agent.value, r); });
  }
  Result Arrive(Time now, const Arrival& arrival) {
    koble_arrival c{};
    c.struct_size = sizeof(c);
    c.queue_count = static_cast<std::uint32_t>(arrival.queues.size());
    c.queues = arrival.queues.data();
    c.host_ref = arrival.host_ref;
    c.priority = arrival.priority;
    c.credit_ns = arrival.credit.ns;
    c.serial = arrival.serial;
    c.position = arrival.position;
    c.agent = arrival.agent.value;
    c.agent_ns = arrival.reserved.ns;
    std::vector<koble_attribute> resolved;  // where there are names
    const std::vector<koble_attribute>& attributes = arrival.named.empty() ? arrival.attributes : resolved;
    if (!arrival.named.empty()) resolved = Resolve(arrival.attributes, arrival.named);
    c.attributes = attributes.data();
    c.attribute_count = static_cast<std::uint32_t>(attributes.size());
    return Run([&](auto* r) { return koble_contact_arrive(engine_, now.ns, &c, r); });
  }
  Result ChangeContact(Time now, ContactId contact, const Change& change) {
    koble_change c{};
    c.struct_size = sizeof(c);
    c.changes = change.changes;
    c.priority = change.priority;
    c.credit_ns = change.credit.ns;
    c.max_wait_ns = change.max_wait.ns;
    std::vector<std::uint32_t> removed;
    for (const std::string& key : change.removed) removed.push_back(Symbol(key));
    const std::vector<koble_attribute> attributes = Resolve({}, change.named);
    c.attributes = attributes.data();
    c.attribute_count = static_cast<std::uint32_t>(attributes.size());
    c.removed = removed.data();
    c.removed_count = static_cast<std::uint32_t>(removed.size());
    return Run([&](auto* r) { return koble_contact_change(engine_, now.ns, contact.value, &c, r); });
  }
  // At a position, from 1, in one of its queues or in all; 0: back to its own place.
  Result Place(Time now, ContactId contact, std::uint32_t position, std::uint32_t queue = KOBLE_QUEUE_NONE) {
    return Run([&](auto* r) { return koble_contact_place(engine_, now.ns, contact.value, queue, position, r); });
  }
  Result Gone(Time now, ContactId contact, By by) {
    return Run(
        [&](auto* r) { return koble_contact_gone(engine_, now.ns, contact.value, static_cast<std::uint32_t>(by), r); });
  }
  // The host chooses the agent, for the first of the contact's queues in which he may take it or for the one named. `flags`: a
  // sum of KOBLE_OFFER_. The result's id is the offer.
  Result MakeOffer(Time now, ContactId contact, AgentId agent, std::uint32_t queue = KOBLE_QUEUE_NONE,
                   std::uint32_t flags = 0) {
    return Run([&](auto* r) { return koble_offer_make(engine_, now.ns, contact.value, agent.value, queue, flags, r); });
  }
  Result Accept(Time now, OfferId offer) {
    return Run([&](auto* r) { return koble_offer_accept(engine_, now.ns, offer.value, r); });
  }
  Result EndOffer(Time now, OfferId offer, Outcome outcome) {
    return Run(
        [&](auto* r) { return koble_offer_end(engine_, now.ns, offer.value, static_cast<std::uint32_t>(outcome), r); });
  }
  Result Connected(Time now, EngagementId engagement) {
    return Run([&](auto* r) { return koble_engagement_connected(engine_, now.ns, engagement.value, r); });
  }
  Result ConnectFailed(Time now, EngagementId engagement) {
    return Run([&](auto* r) { return koble_engagement_connect_failed(engine_, now.ns, engagement.value, r); });
  }
  Result Hold(Time now, EngagementId engagement) {
    return Run([&](auto* r) { return koble_engagement_hold(engine_, now.ns, engagement.value, r); });
  }
  Result Retrieve(Time now, EngagementId engagement) {
    return Run([&](auto* r) { return koble_engagement_retrieve(engine_, now.ns, engagement.value, r); });
  }
  // The customer wrote. A silent or parked conversation goes on with its agent, where he has room, or the contact waits for him
  // first; Result::engagement() is the conversation where it is then active.
  Result Reply(Time now, ContactId contact) {
    return Run([&](auto* r) { return koble_contact_reply(engine_, now.ns, contact.value, r); });
  }
  // One of the two wrote, or the agent takes it up again.
  Result Activity(Time now, EngagementId engagement) {
    return Run([&](auto* r) { return koble_engagement_activity(engine_, now.ns, engagement.value, r); });
  }
  // Set aside, without capacity; `until`: then it comes back by itself.
  Result Park(Time now, EngagementId engagement, Time until = {}) {
    return Run([&](auto* r) { return koble_engagement_park(engine_, now.ns, engagement.value, until.ns, r); });
  }
  // The number of a name, for attributes; a name that was not known gets the next one. Result::value has it, too.
  std::uint32_t Intern(Time now, const std::string& name) {
    return static_cast<std::uint32_t>(
        Run([&](auto* r) { return koble_symbol_intern(engine_, now.ns, name.c_str(), r); }).value);
  }
  Result EndWrapUp(Time now, EngagementId engagement) {
    return Run([&](auto* r) { return koble_engagement_wrap_up_end(engine_, now.ns, engagement.value, r); });
  }

  // Many commands in one call. Refused ones do not stop it and throw nothing: `codes` and `ids` (may be null; one place for
  // each command) receive what each gave. Returns how many were taken: fewer than `count` where events or journal must be
  // read and acknowledged first.
  std::uint64_t Apply(const koble_command* commands, std::uint64_t count, std::string_view data = {},
                      std::int32_t* codes = nullptr, koble_id* ids = nullptr, Result* whole = nullptr,
                      const koble_attribute* attributes = nullptr, std::uint64_t attributes_size = 0) {
    koble_batch batch = KOBLE_BATCH_INIT;
    batch.commands = commands;
    batch.count = count;
    batch.data = data.data();
    batch.data_size = data.size();
    batch.codes = codes;
    batch.ids = ids;
    batch.attributes = attributes;
    batch.attributes_size = attributes_size;
    koble_result result = KOBLE_RESULT_INIT;
    std::uint64_t taken = 0;
    const std::int32_t code = koble_apply(engine_, &batch, &taken, &result);
    if (whole != nullptr) *whole = Convert(result);
    if (code != KOBLE_OK && code != KOBLE_ERR_FULL) throw Error(code, koble_engine_message(engine_), Convert(result));
    return taken;
  }

  // ---- Time

  Time now() const { return Time(koble_now(engine_)); }
  // When Advance is wanted next; Time::Never() if nothing is due.
  Time NextDeadline() const { return Time(koble_next_deadline(engine_)); }
  // A command about this contact will be given soon (koble_prefetch): for simulators of thousands of contacts at a time.
  void Prefetch(ContactId contact) const { koble_prefetch(engine_, contact.value); }

  // ---- Events

  std::uint64_t first_event() const { return koble_events_first(engine_); }
  std::uint64_t last_event() const { return koble_events_last(engine_); }
  // Copies of the events from number `seq` on, at most `capacity`.
  std::vector<koble_event> Events(std::uint64_t seq, std::uint64_t capacity = UINT64_MAX) const {
    const std::uint64_t last = last_event();
    std::uint64_t count = seq <= last ? last - seq + 1 : 0;
    if (capacity < count) count = capacity;
    std::vector<koble_event> events(static_cast<std::size_t>(count));
    Check(koble_events_read(engine_, seq, events.data(), sizeof(koble_event), count, &count));
    events.resize(static_cast<std::size_t>(count));
    return events;
  }
  // The events from number `seq` on where they lie, not copied: to be read before the next command or acknowledgement.
  EventView View(std::uint64_t seq) const {
    const koble_event* events = nullptr;
    std::uint32_t stride = sizeof(koble_event);
    std::uint64_t count = 0;
    Check(koble_events_view(engine_, seq, &events, &stride, &count));
    return {events, stride, count};
  }
  // All events that are kept, where they lie, and acknowledged: to be read before the next command.
  EventView Take() {
    const koble_event* events = nullptr;
    std::uint32_t stride = sizeof(koble_event);
    std::uint64_t count = 0;
    Check(koble_events_take(engine_, &events, &stride, &count));
    return {events, stride, count};
  }
  // Gives every kept event to `handle(const koble_event&)`, in order, and acknowledges it when `handle` has returned. `handle` may
  // give commands to this engine: what they add is given too. Returns how many there were. Where `handle` throws, the event
  // it threw at stays unacknowledged.
  template <typename Handle>
  std::uint64_t Drain(Handle&& handle) {
    constexpr std::uint64_t kChunk = 64;
    koble_event chunk[kChunk];
    std::uint64_t total = 0;
    for (std::uint64_t seq = first_event();;) {
      std::uint64_t count = 0;
      Check(koble_events_read(engine_, seq, chunk, sizeof(koble_event), kChunk, &count));
      if (count == 0) return total;
      Acknowledger acknowledger{engine_, seq - 1};
      for (std::uint64_t i = 0; i < count; ++i) {
        handle(static_cast<const koble_event&>(chunk[i]));
        acknowledger.done = chunk[i].seq;
      }
      seq += count;
      total += count;
    }
  }
  void Acknowledge(std::uint64_t seq) { Check(koble_events_acknowledge(engine_, seq)); }

  // ---- Queries; those about one thing throw Error (UNKNOWN, ENDED).

  std::pair<std::uint64_t, std::uint64_t> Digest() {
    std::uint64_t digest[2];
    koble_digest(engine_, digest);
    return {digest[0], digest[1]};
  }
  Plan plan() const {
    const koble_plan* plan = koble_engine_plan(engine_);
    if (plan == nullptr) throw std::bad_alloc();
    koble_plan_retain(plan);
    return Plan(plan);
  }
  // The living agent of that name; none (false) where there is none.
  AgentId FindAgent(const std::string& name) const { return AgentId(koble_agent_find(engine_, name.c_str())); }
  std::string AgentName(AgentId agent) const {
    const char* name = koble_agent_name(engine_, agent.value);
    return name == nullptr ? std::string() : std::string(name);
  }
  koble_contact_info Info(ContactId contact) const {
    return Ask<koble_contact_info>([&](auto* out) { return koble_contact(engine_, contact.value, out); });
  }
  // In order of their keys.
  std::vector<koble_attribute> Attributes(ContactId contact) const {
    std::vector<koble_attribute> attributes(KOBLE_CONTACT_ATTRIBUTES_MAX);
    std::uint64_t count = 0;
    Check(koble_contact_attributes(engine_, contact.value, attributes.data(), attributes.size(), &count));
    attributes.resize(static_cast<std::size_t>(count));
    return attributes;
  }
  std::uint32_t symbol_count() const { return koble_symbol_count(engine_); }
  // 0 where the name is no symbol.
  std::uint32_t FindSymbol(const std::string& name) const { return koble_symbol_find(engine_, name.c_str()); }
  // "" where no symbol has the number.
  std::string SymbolName(std::int64_t number) const {
    const char* name = koble_symbol_name(engine_, number);
    return name == nullptr ? std::string() : std::string(name);
  }
  koble_agent_info Info(AgentId agent) const {
    return Ask<koble_agent_info>([&](auto* out) { return koble_agent(engine_, agent.value, out); });
  }
  koble_offer_info Info(OfferId offer) const {
    return Ask<koble_offer_info>([&](auto* out) { return koble_offer(engine_, offer.value, out); });
  }
  koble_engagement_info Info(EngagementId engagement) const {
    return Ask<koble_engagement_info>([&](auto* out) { return koble_engagement(engine_, engagement.value, out); });
  }
  koble_counts Counts() const {
    return Ask<koble_counts>([&](auto* out) { return koble_count(engine_, out); });
  }
  std::uint64_t Waiting(std::uint32_t queue) const {
    std::uint64_t waiting = 0;
    Check(koble_queue_waiting(engine_, queue, &waiting));
    return waiting;
  }
  // All living things of one kind, in order of slot: List<koble::AgentId>().
  template <typename SomeId>
  std::vector<SomeId> List() const {
    std::uint64_t count = 0;
    Check(koble_list(engine_, Kind(SomeId()), nullptr, 0, &count));
    std::vector<koble_id> ids(static_cast<std::size_t>(count));
    Check(koble_list(engine_, Kind(SomeId()), ids.data(), count, &count));
    std::vector<SomeId> out;
    out.reserve(ids.size());
    for (koble_id id : ids) out.push_back(SomeId(id));
    return out;
  }

  // ---- Records (koble_record.h)

  std::string JournalHeader() const {
    return Bytes([&](void* buffer, std::uint64_t size, std::uint64_t* needed) {
      return koble_journal_header(engine_, buffer, size, needed);
    });
  }
  std::uint64_t first_record() const { return koble_journal_first(engine_); }
  std::uint64_t last_record() const { return koble_journal_last(engine_); }
  // All kept records from number `seq` on, as bytes.
  std::string JournalRecords(std::uint64_t seq) const {
    std::string out;
    std::string chunk(65536, '\0');
    while (seq <= last_record()) {
      std::uint64_t written = 0;
      std::uint64_t next = seq;
      const std::int32_t code = koble_journal_read(engine_, seq, &chunk[0], chunk.size(), &written, &next);
      if (code == KOBLE_ERR_LIMIT) {
        chunk.resize(static_cast<std::size_t>(written));
        continue;
      }
      Check(code);
      out.append(chunk, 0, static_cast<std::size_t>(written));
      seq = next;
    }
    return out;
  }
  void AcknowledgeJournal(std::uint64_t seq) { Check(koble_journal_acknowledge(engine_, seq)); }
  // Plays further records; returns how many. Throws Error; what was good has been played.
  std::uint64_t ApplyJournal(std::string_view records) {
    std::uint64_t replayed = 0;
    Check(koble_journal_apply(engine_, records.data(), records.size(), &replayed));
    return replayed;
  }
  // An engine from a journal's header and records. Throws Error, unless all of it was good.
  static Engine Replay(std::string_view header, std::string_view records, const EngineOptions& options = {}) {
    const koble_engine_options c = options.c();
    koble_engine* made = nullptr;
    const std::int32_t code =
        koble_replay(Data(header), header.size(), records.data(), records.size(), &c, &made, nullptr);
    Engine engine(made);
    if (code != KOBLE_OK) throw Error(code, made == nullptr ? "" : koble_engine_message(made));
    return engine;
  }
  std::string Snapshot() const {
    return Bytes([&](void* buffer, std::uint64_t size, std::uint64_t* needed) {
      return koble_snapshot_write(engine_, buffer, size, needed);
    });
  }
  static Engine Restore(std::string_view snapshot, const EngineOptions& options = {}) {
    const koble_engine_options c = options.c();
    koble_engine* made = nullptr;
    Require(koble_snapshot_restore(Data(snapshot), snapshot.size(), &c, &made));
    return Engine(made);
  }

 private:
  struct Acknowledger {
    koble_engine* engine;
    std::uint64_t done;
    ~Acknowledger() {
      if (done > 0) koble_events_acknowledge(engine, done);
    }
  };

  static const char* Data(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }
  template <std::uint32_t K>
  static constexpr std::uint32_t Kind(Id<K>) {
    return K;
  }
  static Result Convert(const koble_result& from) {
    Result to;
    to.id = from.id;
    to.event_first = from.event_first;
    to.event_count = from.event_count;
    to.time = Time(from.time_ns);
    to.clamped = from.clamped != 0;
    to.journal_seq = from.journal_seq;
    to.value = from.value;
    return to;
  }
  static void Require(std::int32_t code) {
    if (code != KOBLE_OK) throw Error(code, "");
  }
  void Check(std::int32_t code) const {
    if (code != KOBLE_OK) throw Error(code, koble_engine_message(engine_));
  }
  template <typename Call>
  Result Run(Call&& call) {
    koble_result result = KOBLE_RESULT_INIT;
    const std::int32_t code = call(&result);
    if (code != KOBLE_OK) throw Error(code, koble_engine_message(engine_), Convert(result));
    return Convert(result);
  }
  std::uint32_t Symbol(const std::string& name) const {
    const std::uint32_t number = FindSymbol(name);
    if (number != 0) return number;
    throw Error(KOBLE_ERR_UNKNOWN,
                "no symbol is named \"" + name + "\"; declare it in the plan's attributes, or Intern it");
  }
  std::vector<koble_attribute> Resolve(std::vector<koble_attribute> attributes,
                                       const std::vector<Arrival::Named>& by_name) const {
    for (const Arrival::Named& named : by_name) {
      const std::int64_t value = named.symbolic ? std::int64_t{Symbol(named.symbol)} : named.number;
      attributes.push_back(koble_attribute{Symbol(named.key), 0, value});
    }
    return attributes;
  }
  template <typename Info, typename Call>
  Info Ask(Call&& call) const {
    Info out{};
    out.struct_size = sizeof(out);
    Check(call(&out));
    return out;
  }
  template <typename Call>
  std::string Bytes(Call&& call) const {
    std::uint64_t needed = 0;
    std::int32_t code = call(nullptr, 0, &needed);
    std::string bytes(static_cast<std::size_t>(needed), '\0');
    if (code == KOBLE_ERR_LIMIT) code = call(&bytes[0], bytes.size(), &needed);
    Check(code);
    return bytes;
  }

  koble_engine* engine_ = nullptr;
  std::map<std::string, std::shared_ptr<Policy>> policies_;
};

}  // namespace koble

#endif  // KOBLE_KOBLE_ENGINE_HPP_
