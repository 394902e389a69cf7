// The engine: the only writer of the state. Commands in, events out; docs/model.md says what it does.
//
// Ownership: an Engine owns its state and shares the immutable plan. Threads: all calls on one engine are exclusive.
// Failure: every command is judged, and room made for all that it can do, before it changes anything.
#ifndef KOBLE_LIB_ENGINE_ENGINE_H_
#define KOBLE_LIB_ENGINE_ENGINE_H_

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

#include "engine/policy.h"
#include "koble/koble.h"
#include "plan/plan.h"

namespace koble::state {
struct Settings;
struct State;
}  // namespace koble::state

namespace koble::engine {

struct Options {
  uint32_t journal = KOBLE_JOURNAL_OFF;
  uint64_t seed = 0;
  int64_t start_ns = 0;
  bool clamp_time = false;
  int64_t max_step_ns = 0;
  uint64_t max_contacts = 0;
  uint64_t max_agents = 0;
  uint64_t max_events = 0;
  uint64_t max_journal_bytes = 0;
  std::pmr::memory_resource* memory = nullptr;  // null: the default resource; must outlive the engine
};

class Machine;

state::Settings SettingsOf(const Options& options);

class Engine {
 public:
  // The plan's agents exist, offline. On failure null, `code` and `message` say why.
  static std::unique_ptr<Engine> Create(std::shared_ptr<const plan::Plan> plan, const Options& options, int32_t* code,
                                        std::string* message);
  // Rebuilds an engine around a state read from a snapshot (lib/record).
  static std::unique_ptr<Engine> Adopt(std::unique_ptr<state::State> state);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  std::unique_ptr<Engine> Clone() const;

  // Judges and carries out one command; `data` is what data_offset and data_size of the batch's record point at, `attributes` the
  // pairs of attributes_offset and attributes_count. `result` may be null; its struct_size is neither read nor written. The same
  // code is returned. `command` becomes what was judged: a time that was clamped is then the engine's now. KOBLE_ERR_BUSY, with nothing read or written,
  // while a policy is asked.
  int32_t Apply(koble_command& command, std::string_view data, std::span<const koble_attribute> attributes,
                koble_result* result);
  int32_t Apply(const koble_command& given, std::string_view data, std::span<const koble_attribute> attributes,
                koble_result* result) {
    koble_command command = given;
    return Apply(command, data, attributes, result);
  }
  // The same for the two that every contact has, where they say nothing else: it arrives for one queue, and has gone.
  int32_t ApplyArrival(int64_t time_ns, uint32_t queue, uint64_t host_ref, koble_result* result);
  int32_t ApplyGone(int64_t time_ns, koble_id contact, uint32_t by, koble_result* result);
  // PLAN_REPLACE with a plan that is already compiled.
  int32_t ReplacePlan(int64_t now_ns, std::shared_ptr<const plan::Plan> plan, koble_result* result);

  // For lib/record: one command from a journal, with its judged time in the record and the host's stamp beside it.
  int32_t Replay(const koble_command& command, int64_t stamp_ns, std::string_view data,
                 std::span<const koble_attribute> attributes, std::span<const int32_t> choices);
  uint64_t LastRecord() const;  // journal records so far, whether kept or not

  // The host's policy of that name (engine/policy.h); without functions: none any more.
  void SetPolicy(const std::string& name, Policy policy);
  // A policy is being asked, in a call that has not returned: nothing may be changed. Queries then see the state in which it chooses.
  bool Asking() const;

  // Of the last Apply or ReplacePlan; empty after success.
  const std::string& message() const;
  int64_t now() const;
  int64_t NextDeadline() const;  // KOBLE_NEVER if none
  // Asks for the memory of what a command about this contact will touch. Any number will do.
  void Prefetch(koble_id contact) const;
  void Digest(uint64_t digest[2]);
  const std::shared_ptr<const plan::Plan>& plan() const;

  // Events, contiguous by number. EventsFirst is the oldest kept (EventsLast() + 1 where none is).
  uint64_t EventsFirst() const;
  uint64_t EventsLast() const;
  // Those from `seq` (>= EventsFirst()) on; valid until the next command or acknowledgement.
  std::span<const koble_event> Events(uint64_t seq) const;
  // The same for any number; false where it has been acknowledged.
  bool EventsFrom(uint64_t seq, const koble_event** first, uint64_t* count) const;
  int32_t AcknowledgeEvents(uint64_t seq);
  // All that are kept, acknowledged; valid until the next command. False, and nothing is done, while a policy is asked.
  bool TakeEvents(std::span<const koble_event>* events);

  // The journal's encoded records (lib/record/journal.h reads them). Empty span where the mode is off.
  uint64_t JournalFirst() const;                           // oldest record kept; JournalLast() + 1 where none is
  uint64_t JournalLast() const;                            // 0 before the first
  std::string_view JournalBytes(uint64_t from_seq) const;  // whole records from_seq .. last
  int32_t AcknowledgeJournal(uint64_t seq);

  // Queries; each fills `out` (struct_size apart) or returns KOBLE_ERR_UNKNOWN, _ENDED, _KIND.
  koble_id FindAgent(std::string_view name) const;  // 0 if none
  const char* AgentName(koble_id agent) const;      // null if none; valid until the next command
  int32_t Contact(koble_id id, koble_contact_info* out) const;
  // Whether an OFFER_MAKE of the two at now(), for any queue and without flags, would succeed.
  bool MayOffer(koble_id contact, koble_id agent) const;
  // In order of keys, as many as fit; `count` receives how many there are.
  int32_t ContactAttributes(koble_id id, std::span<koble_attribute> out, uint64_t* count) const;
  int32_t AgentSkills(koble_id id, std::span<koble_skill> out, uint64_t* count) const;
  int32_t Agent(koble_id id, koble_agent_info* out) const;
  int32_t Offer(koble_id id, koble_offer_info* out) const;
  int32_t Engagement(koble_id id, koble_engagement_info* out) const;
  void Count(koble_counts* out) const;
  int32_t QueueWaiting(uint32_t queue, uint64_t* waiting) const;
  uint64_t List(uint32_t kind, std::span<koble_id> ids) const;  // how many there are
  uint32_t SymbolCount() const;
  uint32_t FindSymbol(std::string_view name) const;  // 0 if none
  const char* SymbolName(int64_t number) const;      // null if none; valid until the next command

  Options options() const;
  const state::State& state() const;  // for lib/record and lib/sim

 private:
  // Which queries see.
  const Machine& Seen() const;
  explicit Engine(std::unique_ptr<Machine> machine);
  std::unique_ptr<Machine> machine_;
};

// Words for numbers, static storage, null (or "unknown_error") where there is none.
const char* ErrorName(int32_t code);
const char* ErrorText(int32_t code);
const char* CommandName(uint32_t kind);
const char* EventName(uint32_t kind);
const char* ChangeName(uint32_t change);  // of one bit of KOBLE_CHANGE_
const char* ReasonName(uint32_t event_kind, uint32_t reason);

}  // namespace koble::engine

#endif  // KOBLE_LIB_ENGINE_ENGINE_H_
