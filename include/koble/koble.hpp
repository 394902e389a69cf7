// koble.hpp: Koble for C++17, header-only, over the C API.
//
// Purpose.   The same engine as koble.h with owning objects, ids that cannot be mixed up, and exceptions. Nothing here is
//            compiled into the library: a host may be built by another compiler than Koble was.
// Ownership. koble::Plan shares one compiled plan between copies. koble::Engine owns an engine and can be moved, not copied;
//            Clone() makes an independent one.
// Threads.   As in koble.h: all calls on one Engine, const ones included, are exclusive; different engines are independent;
//            Plan may be shared freely.
// Time.      koble::Time and koble::Duration are made from int64_t nanoseconds or from std::chrono, without a cast. Late stamps
//            are raised to the engine's now (EngineOptions::clamp_time), unless the host wishes otherwise.
// Errors.    Calls that are refused throw koble::Error, which carries the code, a sentence that says what to do and, for
//            commands, the Result: a refused command may have advanced the time and so have added events.
//
// docs/model.md is the authority on behaviour. What a function does is said in koble.h at the function of the same name; here
// stands only what differs.
#ifndef KOBLE_KOBLE_HPP_
#define KOBLE_KOBLE_HPP_

#include <koble/koble.h>
#include <koble/koble_record.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace koble {

// ---- Time ------------------------------------------------------------------------------------------------------------

namespace detail {
// Durations that are a whole number of nanoseconds: not those of floating point.
template <typename Rep, typename Period>
using Whole =
    std::enable_if_t<std::is_convertible<std::chrono::duration<Rep, Period>, std::chrono::nanoseconds>::value>;
}  // namespace detail

// A length of time: nanoseconds as a number, or any std::chrono duration that fits without loss ("20s").
struct Duration {
  constexpr Duration() = default;
  constexpr Duration(std::int64_t nanoseconds) : ns(nanoseconds) {}  // NOLINT: implicit on purpose
  template <typename Rep, typename Period, typename = detail::Whole<Rep, Period>>
  constexpr Duration(std::chrono::duration<Rep, Period> length)  // NOLINT: implicit on purpose
      : ns(std::chrono::nanoseconds(length).count()) {}
  constexpr operator std::chrono::nanoseconds() const { return std::chrono::nanoseconds(ns); }
  std::int64_t ns = 0;
};

// An instant: nanoseconds since 1970 UTC as a number or duration, or a time point of std::chrono::system_clock.
struct Time {
  constexpr Time() = default;
  constexpr Time(std::int64_t nanoseconds) : ns(nanoseconds) {}  // NOLINT: implicit on purpose
  template <typename Rep, typename Period, typename = detail::Whole<Rep, Period>>
  constexpr Time(std::chrono::duration<Rep, Period> since_epoch)  // NOLINT: implicit on purpose
      : ns(std::chrono::nanoseconds(since_epoch).count()) {}
  template <typename D>
  constexpr Time(std::chrono::time_point<std::chrono::system_clock, D> point)  // NOLINT: implicit on purpose
      : ns(std::chrono::duration_cast<std::chrono::nanoseconds>(point.time_since_epoch()).count()) {}
  std::int64_t ns = 0;

  // Never: what NextDeadline() gives where nothing is due, and a request that stands until it is answered.
  static constexpr Time Never() { return Time(static_cast<std::int64_t>(KOBLE_NEVER)); }
  constexpr bool never() const { return ns == KOBLE_NEVER; }
};
constexpr bool operator==(Time a, Time b) { return a.ns == b.ns; }
constexpr bool operator!=(Time a, Time b) { return a.ns != b.ns; }
constexpr bool operator<(Time a, Time b) { return a.ns < b.ns; }
constexpr bool operator<=(Time a, Time b) { return a.ns <= b.ns; }
constexpr bool operator>(Time a, Time b) { return a.ns > b.ns; }
constexpr bool operator>=(Time a, Time b) { return a.ns >= b.ns; }
constexpr Time operator+(Time a, Duration b) { return Time(a.ns + b.ns); }

// ---- Ids -------------------------------------------------------------------------------------------------------------

// The id of one kind of thing: an agent's cannot be given where an offer's is wanted. Zero (the default) is "none".
template <std::uint32_t Kind>
struct Id {
  constexpr Id() = default;
  constexpr explicit Id(koble_id id) : value(id) {}
  constexpr explicit operator bool() const { return value != 0; }
  constexpr std::uint32_t slot() const { return KOBLE_ID_SLOT(value); }
  constexpr std::uint32_t generation() const { return KOBLE_ID_GENERATION(value); }
  koble_id value = 0;
};
template <std::uint32_t K>
constexpr bool operator==(Id<K> a, Id<K> b) {
  return a.value == b.value;
}
template <std::uint32_t K>
constexpr bool operator!=(Id<K> a, Id<K> b) {
  return a.value != b.value;
}
template <std::uint32_t K>
constexpr bool operator<(Id<K> a, Id<K> b) {
  return a.value < b.value;
}
using ContactId = Id<KOBLE_KIND_CONTACT>;
using AgentId = Id<KOBLE_KIND_AGENT>;
using OfferId = Id<KOBLE_KIND_OFFER>;
using EngagementId = Id<KOBLE_KIND_ENGAGEMENT>;

// The agent's side of a contact, for Engine::Reconcile: an offer or an engagement.
struct LegId {
  constexpr LegId(OfferId offer) : value(offer.value) {}                 // NOLINT: implicit on purpose
  constexpr LegId(EngagementId engagement) : value(engagement.value) {}  // NOLINT: implicit on purpose
  koble_id value;
};

// ---- The enumerations of koble.h, with scope -------------------------------------------------------------------------

enum class Presence : std::uint32_t { kOffline = 0, kAvailable = 1, kBreak = 2 };
enum class By : std::uint32_t { kCustomer = 1, kAgent = 2, kHost = 3 };
// How the host may say that an offer ended.
enum class Outcome : std::uint32_t { kDeclined = 2, kBusy = 3, kUnreachable = 4, kNoAnswer = 5, kFailed = 6 };
enum class Journal : std::uint32_t { kOff = 0, kBounded = 1, kKeepAll = 2 };
enum class PlanFormat : std::uint32_t { kJson = 1, kBinary = 2 };

// ---- Results and errors ----------------------------------------------------------------------------------------------

// What a command did.
struct Result {
  koble_id id = 0;  // contact of an arrival, agent of AddAgent, engagement of an accept, offer of a request
  std::uint64_t event_first = 0;  // events event_first .. event_first + event_count - 1 were added by it
  std::uint64_t event_count = 0;
  Time time;                      // at which it was judged
  bool clamped = false;           // the stamp was earlier and was raised to `time`
  std::uint64_t journal_seq = 0;  // last record of the journal after it
  std::int64_t value = 0;         // number of the symbol of Intern

  ContactId contact() const { return ContactId(id); }
  AgentId agent() const { return AgentId(id); }
  EngagementId engagement() const { return EngagementId(id); }
  OfferId offer() const { return OfferId(id); }
};

// A call that was refused or failed. what() reads "KOBLE_ERR_ENDED's word: what to do", code() is the KOBLE_ERR_ number.
class Error : public std::runtime_error {
 public:
  Error(std::int32_t code, const std::string& message, const Result& result = {})
      : std::runtime_error(std::string(koble_error_name(code)) + ": " +
                           (message.empty() ? std::string(koble_error_text(code)) : message)),
        code_(code),
        result_(result) {}
  std::int32_t code() const noexcept { return code_; }
  const Result& result() const noexcept { return result_; }  // of a refused command; empty otherwise

 private:
  std::int32_t code_;
  Result result_;
};

// ---- Plans -----------------------------------------------------------------------------------------------------------

// A compiled plan. Copies share it; it never changes.
class Plan {
 public:
  // Reads JSON text or the binary form. Throws Error(KOBLE_ERR_PLAN) whose what() lists every mistake with its place.
  static Plan Load(std::string_view bytes) {
    std::string report(16384, '\0');
    koble_plan* plan = nullptr;
    const std::int32_t code =
        koble_plan_load(bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), &plan, &report[0], report.size());
    report.resize(std::strlen(report.c_str()));
    if (code != KOBLE_OK) throw Error(code, report);
    return Plan(plan, std::move(report));
  }
  // Takes over one reference to a plan of the C API.
  explicit Plan(const koble_plan* adopted, std::string warnings = {})
      : plan_(adopted), warnings_(std::move(warnings)) {}
  Plan(const Plan& other) : plan_(other.plan_), warnings_(other.warnings_) { koble_plan_retain(plan_); }
  Plan(Plan&& other) noexcept : plan_(std::exchange(other.plan_, nullptr)), warnings_(std::move(other.warnings_)) {}
  Plan& operator=(Plan other) noexcept {
    std::swap(plan_, other.plan_);
    std::swap(warnings_, other.warnings_);
    return *this;
  }
  ~Plan() { koble_plan_release(plan_); }

  // What the reader found worth saying though the plan is valid; "" if nothing.
  const std::string& warnings() const { return warnings_; }

  std::uint32_t queue_count() const { return koble_plan_queue_count(plan_); }
  std::uint32_t channel_count() const { return koble_plan_channel_count(plan_); }
  std::uint32_t skill_count() const { return koble_plan_skill_count(plan_); }
  std::uint32_t agent_count() const { return koble_plan_agent_count(plan_); }
  // Names by number; "" where there is none. They live as long as the plan.
  std::string_view QueueName(std::uint32_t queue) const { return View(koble_plan_queue_name(plan_, queue)); }
  std::string_view ChannelName(std::uint32_t channel) const { return View(koble_plan_channel_name(plan_, channel)); }
  std::string_view SkillName(std::uint32_t skill) const { return View(koble_plan_skill_name(plan_, skill)); }
  std::string_view AgentName(std::uint32_t agent) const { return View(koble_plan_agent_name(plan_, agent)); }
  // Declared attributes and their symbolic values, by place in the plan; an attribute without any has integers.
  std::uint32_t attribute_count() const { return koble_plan_attribute_count(plan_); }
  std::string_view AttributeName(std::uint32_t attribute) const {
    return View(koble_plan_attribute_name(plan_, attribute));
  }
  std::uint32_t AttributeValueCount(std::uint32_t attribute) const {
    return koble_plan_attribute_value_count(plan_, attribute);
  }
  std::string_view AttributeValueName(std::uint32_t attribute, std::uint32_t value) const {
    return View(koble_plan_attribute_value_name(plan_, attribute, value));
  }
  // Numbers by name. Throws Error(KOBLE_ERR_UNKNOWN).
  std::uint32_t Queue(const std::string& name) const {
    return Number("queue", name, koble_plan_queue_find(plan_, name.c_str()));
  }
  std::uint32_t Channel(const std::string& name) const {
    return Number("channel", name, koble_plan_channel_find(plan_, name.c_str()));
  }
  koble_queue_def QueueDefinition(std::uint32_t queue) const {
    koble_queue_def out{};
    out.struct_size = sizeof(out);
    const std::int32_t code = koble_plan_queue(plan_, queue, &out);
    if (code != KOBLE_OK) throw Error(code, "the plan has no queue of that number");
    return out;
  }

  // The plan as canonical JSON or in its binary form; both load as an equal plan.
  std::string Write(PlanFormat format = PlanFormat::kJson) const {
    std::uint64_t needed = 0;
    std::int32_t code = koble_plan_write(plan_, static_cast<std::uint32_t>(format), nullptr, 0, &needed);
    std::string bytes(needed, '\0');
    if (code == KOBLE_ERR_LIMIT) {
      code = koble_plan_write(plan_, static_cast<std::uint32_t>(format), &bytes[0], bytes.size(), &needed);
    }
    if (code != KOBLE_OK) throw Error(code, "");
    return bytes;
  }
  std::pair<std::uint64_t, std::uint64_t> Hash() const {
    std::uint64_t hash[2];
    koble_plan_hash(plan_, hash);
    return {hash[0], hash[1]};
  }

  const koble_plan* get() const { return plan_; }

 private:
  static std::string_view View(const char* name) {
    return name == nullptr ? std::string_view() : std::string_view(name);
  }
  static std::uint32_t Number(const char* what, const std::string& name, std::int64_t number) {
    if (number < 0) throw Error(KOBLE_ERR_UNKNOWN, std::string("the plan has no ") + what + " \"" + name + "\"");
    return static_cast<std::uint32_t>(number);
  }

  const koble_plan* plan_;
  std::string warnings_;
};

// ---- Engines ---------------------------------------------------------------------------------------------------------

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
  AgentId agent;                      // whom it is meant for
  Duration reserved;                  // for so long only he may have it
  std::uint64_t serial = 0;           // of a record that is played under another plan; 0: the next
  std::vector<koble_attribute> attributes;
  std::vector<Named> named;
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
  Engine(Engine&& other) noexcept : engine_(std::exchange(other.engine_, nullptr)) {}
  Engine& operator=(Engine&& other) noexcept {
    std::swap(engine_, other.engine_);
    return *this;
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { koble_engine_destroy(engine_); }

  // An independent copy of everything, unread events included.
  Engine Clone() const {
    koble_engine* clone = nullptr;
    Check(koble_engine_clone(engine_, &clone));
    return Engine(clone);
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
    c.agent = arrival.agent.value;
    c.agent_ns = arrival.reserved.ns;
    std::vector<koble_attribute> resolved;  // where there are names
    const std::vector<koble_attribute>& attributes = arrival.named.empty() ? arrival.attributes : resolved;
    if (!arrival.named.empty()) resolved = Resolve(arrival);
    c.attributes = attributes.data();
    c.attribute_count = static_cast<std::uint32_t>(attributes.size());
    return Run([&](auto* r) { return koble_contact_arrive(engine_, now.ns, &c, r); });
  }
  Result Gone(Time now, ContactId contact, By by) {
    return Run(
        [&](auto* r) { return koble_contact_gone(engine_, now.ns, contact.value, static_cast<std::uint32_t>(by), r); });
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
  std::vector<koble_attribute> Resolve(const Arrival& arrival) const {
    std::vector<koble_attribute> attributes = arrival.attributes;
    for (const Arrival::Named& named : arrival.named) {
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
};

}  // namespace koble

template <std::uint32_t K>
struct std::hash<koble::Id<K>> {
  std::size_t operator()(koble::Id<K> id) const noexcept { return std::hash<koble_id>()(id.value); }
};

#endif  // KOBLE_KOBLE_HPP_
