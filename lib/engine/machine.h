// The machine: all transitions of the state, split by noun over several .cc files. Engine is its public face.
//
// Every function here changes the state at once and emits its events; whether a change is allowed has been judged before. What
// must be looked at afterwards is put on the list of triggers, and the worklist (worklist.cc) goes through them.
//
// What nearly every contact goes through, here and below, is [[gnu::hot]] where it is defined: so it lies side by side in the library, and stays in the
// processor's cache of instructions (docs/performance.md).
#ifndef KOBLE_LIB_ENGINE_MACHINE_H_
#define KOBLE_LIB_ENGINE_MACHINE_H_

#include <absl/functional/function_ref.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/features.h"
#include "engine/policy.h"
#include "engine/timer_kinds.h"
#include "routing/index.h"
#include "state/state.h"

namespace koble::engine {

using base::kNil;

class Machine {
 public:
  explicit Machine(std::unique_ptr<state::State> state);
  Machine(const Machine& other);
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  // Of a new engine: the plan's names become symbols, and its agents appear, offline, without events. On failure `message` says why.
  int32_t TakePlan();

  // One command, from its checks to the journal (apply.cc). `command` becomes what is judged: a time that is clamped becomes now.
  int32_t Apply(koble_command& command, std::string_view data, std::span<const koble_attribute> attributes,
                koble_result* result);
  // The same for the two that every contact has, where they say nothing else: it arrives for one queue, and has gone.
  int32_t ApplyArrival(int64_t time_ns, uint32_t queue, uint64_t host_ref, koble_result* result);
  int32_t ApplyGone(int64_t time_ns, koble_id contact, uint32_t by, koble_result* result);
  // The same for the command that replaces the plan, which is given as it is.
  int32_t ApplyReplacement(koble_command& command, std::shared_ptr<const plan::Plan> plan, koble_result* result) {
    replacement_ = std::move(plan);
    const int32_t code = Apply(command, {}, {}, result);
    replacement_ = nullptr;
    return code;
  }
  // A command from a journal, which gave it its judged time: full buffers do not refuse it.
  int32_t Replay(const koble_command& command, int64_t stamp_ns, std::string_view data,
                 std::span<const koble_attribute> attributes, std::span<const int32_t> choices);

  // Both functions empty: takes the policy away.
  void SetPolicy(const std::string& name, Policy policy);
  // The machine that is asking a policy - this one, or its copy - while it does; null.
  const Machine* asking() const { return asking_; }

  state::State& state() { return *state_; }
  const state::State& state() const { return *state_; }
  const std::string& message() const { return message_; }
  std::span<const plan::SkillLevel> SkillsOf(uint32_t agent) const {
    return index_.SkillsOf(state_->agents[agent].skills);
  }
  // 1-based place of the contact among those that wait in the queue; 0 while it does not wait. Costs a walk over all contacts.
  uint32_t PositionIn(uint32_t contact, uint32_t queue) const;
  // Whether the host's offer of that contact to that agent, for any of its queues, would be made now.
  bool MayOffer(koble_id contact, koble_id agent) const;

 private:
  // A position that is not a contact's own (docs/model.md, 5.9).
  struct Spot {
    uint32_t neighbour = kNil;  // entry; kNil: its own place
    bool ahead = true;          // of the neighbour, else behind it
    uint32_t position = 0;      // that it has there
  };
  // Who is brought together by an offer, and for which queue.
  struct Bond {
    uint64_t sequence;
    koble_id offer;
    uint32_t contact, agent, queue, channel;
  };
  using Triggers = base::Vector<koble_id>;

  // machine.cc: builds what is derived (capabilities, lines, counts, timers) from a state that was just read or whose plan has
  // changed. Capabilities by agent slot where they are known.
  void Derive(const std::vector<std::optional<plan::Capability>>* capabilities);

  // apply.cc: the path of every command.
  int32_t Check(koble_command& command, std::string_view data, bool plain);
  int32_t CheckShape(const koble_command& command, std::string_view data);
  int32_t CheckTime(koble_command& command);
  int32_t CheckStep(const koble_command& command);
  int32_t CheckRoom();
  int32_t RefuseForTime(int64_t time_ns);
  int32_t RefuseForStep(int64_t time_ns);
  int32_t RefuseForRoom();
  bool IsOnTime(int64_t time_ns) const;
  void Tell(int32_t code, uint64_t event_first, int64_t judged_ns, bool clamped, koble_result* result) const;
  // Of these five `kKind` is the command's kind, where that is known when they are compiled: of the two that every contact has; else 0.
  template <uint32_t kKind>
  int32_t ApplyAs(koble_command& command, std::string_view data, std::span<const koble_attribute> attributes,
                  koble_result* result);
  template <uint32_t kKind>
  int32_t ApplyPlain(koble_command& command, bool may_be, koble_result* result);
  template <uint32_t kKind>
  int32_t Run(koble_command& command, int64_t stamp_ns, std::string_view data, int64_t last_ns);
  template <uint32_t kKind>
  int32_t Execute(koble_command& command, std::string_view data, int64_t last_ns);
  template <uint32_t kKind>
  int32_t Judge(const koble_command& command, std::string_view data);
  uint64_t SerialOf(const koble_command& command) const;
  void Record(const koble_command& command, int64_t stamp_ns, std::string_view data);
  void WriteRecord(const koble_command& command, int64_t stamp_ns, std::string_view data);
  int32_t Refuse(int32_t code, std::string message);
  void SayNoMemory();
  int32_t RefuseId(int32_t code, uint32_t kind, koble_id id);

  // reach.cc: how far a change can go at most, counted before it begins.
  struct Reach {
    uint64_t contacts = 0;        // that may seek
    uint64_t agents = 0;          // triggers of agents
    uint64_t places = 0;          // contacts that those agents may take
    uint64_t steps_by_state = 0;  // of the contact that arrives
    uint64_t leaving = 0;         // its queues that may let it go by state
    bool zero_wait = false;       // a maximum wait of 0 falls due in the same command
    state::Room room;             // what the change itself adds; Begin adds what the worklist may
  };
  // The events of one contact that leaves all its queues: `left` each, `exit`, `exhausted`.
  static constexpr uint64_t kLeavingEvents = KOBLE_CONTACT_QUEUES_MAX + 2;
  // Of an engagement's end: `ended`, `wrapup` or `wrapup_end`, `agent_gone`; of it and its contact or agent.
  static constexpr uint64_t kEndEvents = 3;
  static constexpr uint64_t kEndTimers = 2;
  uint64_t PlacesFreed(uint32_t agent, int64_t units) const;
  void CountFreed(Reach& reach, uint32_t agent, int64_t units);
  void PrepareLines(uint32_t queue, uint64_t open, routing::LineWish wish);
  void CountReleases(Reach& reach, uint32_t agent);
  void CountFreed(Reach& reach, uint32_t agent, const plan::Capability& capability, uint32_t skills) const;
  void CountReleased(Reach& reach, uint32_t skills) const;
  void CountOfferEnd(Reach& reach, uint32_t offer);
  void CountDismissal(Reach& reach, uint32_t offer);
  void CountOffersOf(Reach& reach, uint32_t contact);
  void CountWithdrawal(Reach& reach, uint32_t agent) const;
  void CountMissed(Reach& reach, uint32_t agent);
  void CountAcceptance(Reach& reach, uint32_t contact);
  void CountEngagementEnd(Reach& reach, uint32_t engagement);
  void CountReturn(Reach& reach, uint32_t engagement);
  void CountReturns(Reach& reach, uint32_t agent);
  Reach CountInstant(int64_t due_ns);
  // What the worklist may then do, at most.
  struct Bound {
    uint64_t groups = 0;  // of offers
    uint64_t offers = 0;
    uint64_t agents = 0;    // triggers of agents
    uint64_t triggers = 0;  // of contacts
  };
  Bound FurtherBound(Reach& change);
  // Makes room for all of it: the last thing that may fail, and nothing has changed if it does. From here on the change cannot be
  // refused, and does not allocate.
  void Begin(Reach& change);
  // What so many offers, in so many groups, take.
  static void AddOffers(state::Room& room, uint64_t offers, uint64_t groups) {
    room.offers += offers;
    room.engagements += groups;
    room.timers += offers + 2 * groups;  // of offers, connections and ticks
    room.events += offers + 2 * groups;
  }
  // The same for one that needs `room()` and nothing else, which is `things` of each thing at most, and these events: so it is put together only where
  // that is not there for certain. Precondition: not GoesFar().
  template <class MakeRoom>
  [[gnu::always_inline]] void BeginAlone(MakeRoom room, uint64_t things, uint64_t events) {
    if (!state_->TakeSure(things, events)) [[unlikely]] {
      assert(room().Things() <= things && room().events == events);
      state_->ReserveAnew(room());
    }
    changing_ = true;
  }
  // Whether something in the plan or of the contacts lets a change go further than from the contacts that seek to an offer for each.
  bool GoesFar() const { return features_.any && GoesFarNow(); }
  bool GoesFarNow() const {
    const Features& f = features_;
    return f.group_modes || f.growing || f.lists || f.reserves || f.policies ||
           (index_.StepsByState() | index_.TurnTakers() | index_.Leaving()) != 0;
  }
  void ReserveChoices(uint64_t asked, uint64_t agents, state::Room* room);
  // Carries out a change that touches much and happens seldom, and its worklist, on a copy of the machine, which then takes the place of this
  // one. `data_size`: of its record in the journal.
  void OnCopy(uint64_t data_size, absl::FunctionRef<void(Machine&)> change);

  // arrival.cc
  struct Joining;
  int32_t Arrive(const koble_command& command, std::string_view data);
  bool IsPlainArrival(const koble_command& command, std::string_view data) const;
  int32_t ArriveGiven(const koble_command& command, std::string_view data);
  void JoinQueues(const koble_command& command, std::span<const uint32_t> queues, uint32_t given, bool sought);
  uint64_t MaxContacts() const {
    return state_->settings.max_contacts != 0 ? state_->settings.max_contacts : base::kMaxSlots;
  }
  int32_t CheckArrival(const koble_command& command, std::span<const uint32_t> queues);
  void Admit(Joining* joining);
  void CountJoining(Reach& reach, const koble_command& command, uint32_t owner, Joining* joining);
  void ExitAtOnce(uint32_t contact, uint32_t queue, uint32_t reason);
  bool SeeksFirst(const koble_command& command) const;
  uint32_t VariantOf(uint32_t queue);
  uint32_t FreeAgentFor(uint32_t queue, uint32_t variant) const;
  uint32_t NewContact(const koble_command& command, std::span<const uint32_t> queues, uint32_t given);
  void ArriveServed(const koble_command& command, uint32_t queue, uint32_t agent);
  bool JustWaits(const plan::Queue& queue) const;
  void ArriveWaiting(const koble_command& command, uint32_t queue, uint32_t variant);
  bool ArriveAtOnce(const koble_command& command, bool* sought);

  // commands.cc: judges one command and carries it out.
  int32_t Gone(koble_id contact, uint32_t by);
  int32_t GoneUnserved(uint32_t contact, uint32_t by);
  int32_t AddAgent(std::string_view definition);
  int32_t ChangeAgent(koble_id agent, std::string_view definition);
  int32_t RemoveAgent(koble_id agent);
  int32_t ChangePresence(koble_id agent, uint32_t presence, int64_t reason);
  int32_t Request(koble_id agent, uint32_t channels, int64_t until_ns);
  int32_t CancelRequest(koble_id agent);
  int32_t HostOffer(koble_id contact, koble_id agent, uint32_t queue, uint32_t flags);
  int32_t CheckHostOffer(uint32_t contact, uint32_t agent, uint32_t queue, const char** why) const;
  uint32_t EntryForHost(uint32_t contact, uint32_t agent, uint32_t queue, uint32_t flags) const;  // kNil: none
  int32_t AcceptOffer(koble_id offer);
  int32_t EndOffer(koble_id offer, uint32_t outcome);
  int32_t Connected(koble_id engagement);
  int32_t ConnectFailed(koble_id engagement);
  int32_t HoldOrRetrieve(koble_id engagement, bool hold);
  int32_t EndWrapUp(koble_id engagement);
  int32_t Activity(koble_id engagement);
  int32_t Park(koble_id engagement, int64_t until_ns);
  int32_t Reply(koble_id contact);
  int32_t CheckAgent(koble_id agent);

  // contact_change.cc
  int32_t CheckChange(const koble_command& command, std::string_view data);
  int32_t ChangeContact(const koble_command& command, std::string_view data);
  int32_t MergeAttributes(uint32_t contact, std::string_view removed);
  uint32_t WhatChanges(uint32_t contact, uint32_t mask, const state::Contact& wanted, int64_t deadline_ns) const;
  void ChangePlaces(uint32_t contact, const uint32_t* variants);

  // symbols.cc
  int32_t CheckAttributes();
  int32_t CheckKeys();
  void SetAttributes(uint32_t contact);
  void DropAttributes(uint32_t contact) {
    if (state_->contacts[contact].attributes != kNil) DropAllAttributes(contact);
  }
  void DropAllAttributes(uint32_t contact);
  routing::ContactValues ValuesGiven() const;  // of the contact that arrives or changes
  routing::ContactValues ValuesOf(uint32_t contact) const;
  int32_t Intern(std::string_view name);
  int32_t CheckSymbols(const plan::Plan& plan);  // whether there would not be too many
  void InternNames(const plan::Plan& plan);      // of a new machine or a copy: takes memory as it goes

  // split.cc
  void DeriveSplits();
  uint32_t FurthestBehind(uint32_t queue) const;
  void SplitArrival(std::span<const uint32_t> queues);
  // Into arriving_, what the contact has.
  void ReadArriving(std::span<const uint32_t> queues) {
    state_->plan->splits || !attributes_.empty() ? SplitArrival(queues) : arriving_.clear();
  }
  void CountSplits(std::span<const uint32_t> queues);

  // plan_change.cc, resume.cc, reconcile.cc
  int32_t ReplacePlan(std::string_view bytes, std::shared_ptr<const plan::Plan> plan);
  int32_t Resume(int64_t now_ns, int64_t* down_since_ns);
  int32_t CheckReconcile(const koble_command& command, std::string_view data);
  void Reconcile(uint32_t contact_count, std::string_view data);
  void ResumeAt(int64_t now_ns, int64_t down_since_ns);
  struct PlanChange;
  int32_t PrepareChange(PlanChange* change);
  void KeepRules(PlanChange* change, std::string* lacks) const;
  void ChangePlan(const PlanChange& change);
  void Renumber(const PlanChange& change);
  void ApplyAgentChanges(const PlanChange& change);
  void ShiftDeadlines(int64_t down_since_ns, int64_t length_ns);
  // Offers (number, slot) in order: withdrawn by a restart; then the contacts come back.
  void WithdrawLost(const std::vector<std::pair<uint64_t, uint32_t>>& offers);

  // timers.cc
  // Works through the overdue instants, up to `last_ns` at most.
  void AdvanceTo(int64_t time_ns, int64_t last_ns) {
    state_->now_ns = time_ns;
    WorkInstants(std::min(time_ns, last_ns), false);
  }
  void WorkInstants(int64_t last_ns, bool covered) {
    const bool due = !state_->timers.Empty() && state_->timers.First().due_ns <= last_ns;
    if (due) [[unlikely]] {
      return WorkDueInstants(last_ns, covered);
    }
    instant_ns_ = state_->now_ns;
  }
  void WorkDueInstants(int64_t last_ns, bool covered);
  void FireFirst();
  void FireContact(uint32_t contact, uint32_t timer_kind);
  void FireAgent(uint32_t agent, uint32_t timer_kind);
  void FireOffer(uint32_t offer);
  void FireEngagement(uint32_t engagement);
  void SetContactTimer(uint32_t contact);
  void SetAgentTimer(uint32_t agent);
  void SetOfferTimer(uint32_t offer);
  void SetEngagementTimer(uint32_t engagement);

  // silence.cc
  // Into another state of the engagement: counts and units follow. Nowhere else does one give capacity back that lives on.
  void MoveEngagement(uint32_t engagement, uint32_t to);
  int64_t SilenceDeadline(const state::Engagement& engagement) const;
  void StartSilenceClock(uint32_t engagement);
  void SetAside(uint32_t engagement, uint32_t to, int64_t deadline_ns);
  void FallSilent(uint32_t engagement);
  void Continue(uint32_t engagement);
  void ContinueOrReturn(uint32_t engagement);
  void Return(uint32_t engagement);
  void ListParkedOf(uint32_t agent);  // into parked_
  void ReturnParkedOf(uint32_t agent);
  int32_t RestartSilence(uint32_t engagement);

  // contacts.cc
  // Its place in a queue, where it joins now; its number.
  // `spot`: where it is put; its own place if there is no neighbour.
  uint32_t NewEntry(uint32_t contact, uint32_t queue, uint32_t ordinal, uint32_t variant, const Spot& spot);
  void BeginWaiting(uint32_t contact);
  void CountsAsWaiting(uint32_t contact);
  void EndWaiting(uint32_t contact);
  void EnterLines(uint32_t contact);
  void StepDue(uint32_t contact, uint32_t entry, uint32_t step);
  void EmitStep(uint32_t kind, uint32_t contact, uint32_t queue, uint32_t step);
  void PassDelay(uint32_t contact, uint32_t entry);
  void ChangeLine(uint32_t entry, uint64_t open, uint32_t passed);
  void CountWaiting(uint32_t queue, bool more);
  int64_t NextStep(const state::Entry& entry, uint32_t* step = nullptr) const;
  bool Seeks(uint32_t contact) const;                       // waits, and in no retry delay; or takes one more agent
  int64_t NextQueueDelay(const state::Entry& entry) const;  // when it has waited out the next delay of its queue
  void DeadlineReached(uint32_t contact, uint32_t entry);
  void LeavingDue(uint32_t contact, uint32_t entry);
  // Leaves one queue, and from the last exits. False if the contact has ended.
  bool LeaveQueue(uint32_t contact, uint32_t entry, uint32_t reason);
  bool LeaveAllQueues(uint32_t contact, uint32_t reason);
  // The last offer of its group, or its connection, has ended without success. `for_good`: that excluded an agent for longer than a time.
  bool ComeBack(uint32_t contact, int64_t retry_ns, bool for_good);
  bool IsExhausted(uint32_t contact) const;
  void Exclude(uint32_t contact, uint32_t agent, int64_t again_ns);
  void AddExclusion(uint32_t contact, const state::Exclusion& exclusion);
  void DropExclusions(uint32_t contact) {
    if (state_->contacts[contact].exclusions != kNil) DropAllExclusions(contact);
  }
  void DropAllExclusions(uint32_t contact);
  void DropExclusions(uint32_t contact, bool state::Exclusion::*which);
  void JudgeFullness(koble_id contact);  // who has arrived, and may be waiting
  void DropEntries(uint32_t contact) {
    if (state_->contacts[contact].entries != kNil) DropAllEntries(contact);
  }
  void DropAllEntries(uint32_t contact);
  // Precondition: no offers, no engagement that refers to it, in no line.
  [[gnu::always_inline]] void FreeContact(uint32_t contact) {
    const state::Contact& c = state_->contacts[contact];
    const bool has_any = (c.exclusions & c.entries & c.attributes) != kNil || c.reserved_until_ns != state::kNone;
    if (has_any) [[unlikely]] {
      DropAllOf(contact);
    }
    state_->timers.Cancel(KOBLE_KIND_CONTACT, contact);
    MarkContact(contact);
    state_->contacts.Free(contact);
  }
  void DropAllOf(uint32_t contact);  // what it has in lists
  void TriggerContact(uint32_t contact) { contact_triggers_.push_back(state_->contacts.Id(contact)); }

  // conditions.cc
  void JudgeLater(uint32_t contact);
  // Or there may be one.
  bool AnyUnjudged() const { return features_.judges && (!unjudged_.empty() || index_.AnyTurned()); }
  bool JudgeConditions();
  bool JudgeSteps(uint32_t contact);
  void JudgeLeaving(uint32_t contact);
  void EndJudgement();
  void DeriveJudgement();

  // reserved.cc
  void LinkReserved(uint32_t contact);     // among those already reserved for its agent, by serial
  void UnlinkReserved(uint32_t contact) {  // it is not reserved any more
    if (state_->contacts[contact].reserved_until_ns != state::kNone) TakeOffReserved(contact);
  }
  void TakeOffReserved(uint32_t contact);
  void Release(uint32_t contact);
  void EmitReleased(uint32_t contact);
  bool ReleasedByAbsence(uint32_t contact) const;  // one of its queues says so
  // Those reserved for an agent who is not here; `gone`: all of them, for good.
  void ReleaseAllOf(uint32_t agent, bool gone);
  void ReleaseByPlan();
  void DeriveReserved();
  uint32_t FreeNamedAgent(uint32_t contact, uint32_t* entry) const;

  // place.cc
  Spot RequestedSpot(uint32_t queue, const state::Figures& figures, uint32_t position);
  Spot SpotAt(uint32_t entry, uint32_t position);
  void RankOthers(uint32_t queue, uint32_t contact, const routing::Place* until);
  int64_t MakeGap(const state::Figures& at, bool ahead);
  void PutAt(uint32_t entry, const Spot& spot);
  void TakeBack(uint32_t entry);
  int32_t PlaceContact(koble_id contact, uint32_t queue, uint32_t position);

  // agent_skill.cc: skills that commands have changed (docs/model.md, 3.10).
  int32_t CheckSkill(const koble_command& command, std::string_view data);
  int32_t SetSkill(koble_id agent, std::string_view name, int64_t level, int64_t for_ns);
  void CountExpiry(Reach& reach, uint32_t agent, int64_t due_ns);
  void ExpireSkills(uint32_t agent);
  plan::Capability WithoutDue(uint32_t agent, int64_t due_ns) const;
  void EmitSkill(uint32_t agent, uint32_t skill, int64_t level, int64_t until_ns);
  plan::Capability Laid(uint32_t agent, const plan::Capability& capability) const;
  void NoteOwnLevels(uint32_t agent, const plan::Capability& capability);
  void DropOverrides(uint32_t agent);
  void RenumberOverrides(const PlanChange& change);

  // agents.cc
  uint32_t NewAgent(const plan::AgentDefinition& definition, const plan::Capability& capability);
  // Another definition for a living agent, with its event; false if it is the same byte for byte.
  bool Redefine(uint32_t agent, const plan::AgentDefinition& definition, const plan::Capability& capability);
  // A leaving agent is back, offline.
  void Revive(uint32_t agent, const plan::AgentDefinition& definition, const plan::Capability& capability);
  uint64_t MaxAgents() const;
  void Define(uint32_t agent, const plan::AgentDefinition& definition, const plan::Capability& capability);
  void ExchangeSkills(uint32_t agent, uint32_t skills);
  void SetCapability(uint32_t agent, const plan::Capability& capability, uint32_t skills);
  int64_t UnitsInterrupted(uint32_t agent, uint32_t channel) const;
  int64_t UnitsLeft(uint32_t agent, uint32_t channel) const;  // for contacts of the channel; may be below 0
  // Whether one more contact of the channel fits, open offers apart.
  bool HasRoom(uint32_t agent, uint32_t channel) const;
  bool HasRoomBesideOthers(uint32_t agent, uint32_t channel) const;
  bool Fits(uint32_t agent, uint32_t channel) const;
  bool Takes(const state::Agent& agent) const;
  bool AsksFor(const state::Agent& agent, uint32_t channel) const;
  bool FreeOn(uint32_t agent, uint32_t channel) const;
  // The same, by what is at hand of him.
  bool IsFree(uint32_t agent, const state::Agent& a, uint32_t channel, const state::AgentChannel& on) const;
  void TakePlaces(uint32_t agent) {
    MarkAgent(agent);
    if (!HasEnough(state_->agents[agent])) UpdatePlaces(agent);  // he has, most often
  }
  // To do: he stands in no line, and nothing fits any more.
  bool HasEnough(const state::Agent& a) const { return a.lines == 0 && a.capacity - a.used < state_->plan->least_cost; }
  void UpdatePlaces(uint32_t agent);
  void Refresh(uint32_t agent);  // the same, and what is counted of those who are signed in
  void SignIn(uint32_t agent, uint32_t channel, bool able, bool available);
  void LeaveLines(uint32_t agent) {  // where something that orders them changes
    if (state_->agents[agent].lines != 0) index_.AgentLeavesAll(*state_, agent);
  }
  // After something has changed that these orders depend on.
  void Reorder(uint32_t agent, uint32_t orders) {
    if (index_.Uses(orders)) Reenter(agent);
  }
  void Reenter(uint32_t agent);
  // Orders that depend on what the agent has on hand.
  static constexpr uint32_t kByUnits =
      MaskOf(routing::AgentOrder::kLoad) | MaskOf(routing::AgentOrder::kSpare) | MaskOf(routing::AgentOrder::kOpen);
  // His idle time counts from the instant that is worked on.
  void NoteIdle(state::Agent& agent) const { agent.idle_since_ns = std::max(agent.idle_since_ns, instant_ns_); }
  void TouchIdle(uint32_t agent);  // the same, with his place
  void Penalise(uint32_t agent, int64_t penalty_ns, uint32_t outcome);
  void SetPresence(uint32_t agent, uint32_t presence, int64_t reason, uint32_t misses);
  void CountMiss(uint32_t agent, const plan::OutcomeRule& rule);
  // `seeks_first`: he takes no place in idle lines before it has been seen whether somebody who waits is for him. Not from within a worklist.
  [[gnu::always_inline]] void Freed(uint32_t agent, bool seeks_first = false) {
    if (state_->agents[agent].leaving) return FreedLeaving(agent);
    if (seeks_first && freed_ == kNil && index_.AnybodyWaits()) {
      freed_ = agent;
      MarkAgent(agent);
    } else {
      TakePlaces(agent);
    }
    TriggerAgent(agent);
  }
  void FreedLeaving(uint32_t agent);
  void WithdrawOffersOf(uint32_t agent, uint32_t cause);
  bool DropRequest(uint32_t agent);  // without an event; his place is the caller's. False if none stands
  void EndRequest(uint32_t agent, uint32_t reason);
  void Leave(uint32_t agent, uint32_t cause);
  void AgentGone(uint32_t agent);
  [[gnu::always_inline]] void TriggerAgent(uint32_t agent) { agent_triggers_.push_back(state_->agents.Id(agent)); }

  // groups.cc: groups that take more agents (docs/model.md, 4.12)
  uint32_t OfferingEntry(uint32_t contact) const;
  void BeginTick(uint32_t contact);
  void Tick(uint32_t contact);
  void GetHungry(uint32_t contact);     // to its line, if it is offered
  bool Grows(uint32_t contact) const {  // agents are added to its group, now or later
    const state::Contact& c = state_->contacts[contact];
    return c.tick_ns != state::kNone || c.hungry || c.reach_step != kNil;
  }
  bool HasRoom(uint32_t contact) const;  // its group, which agents may join
  uint32_t TierOf(uint32_t queue, uint32_t agent) const {
    return index_.ViewOf(queue, state_->agents[agent].skills).tier;
  }
  void OpenGroup(uint32_t contact, uint32_t step, uint32_t tier);
  void KeepGroupsOpen();  // under a new plan
  void LeaveGroupLine(uint32_t contact) {
    if (state_->contacts[contact].hungry) LeaveItsGroupLine(contact);
  }
  void LeaveItsGroupLine(uint32_t contact);
  void CloseGroup(uint32_t contact) {
    if (Grows(contact)) StopGrowing(contact);
  }
  void StopGrowing(uint32_t contact);
  void Grow(uint32_t contact, uint32_t agent);
  void ExcludeFromRound(uint32_t contact, uint32_t agent);
  void CountTakeovers(Reach& reach);

  // offers.cc
  void AskOne(uint32_t entry, uint32_t agent);
  void Take(uint32_t entry, uint32_t agent);
  void ServeWaiting(uint32_t entry, uint32_t agent);
  void MakeOffers(uint32_t contact, uint32_t queue, const uint32_t* agents, uint32_t count, bool accept_at_once);
  uint32_t MakeOffer(uint32_t contact, uint32_t queue, uint32_t agent, int64_t expires_ns, koble_id group);
  void OfferAccepted(uint32_t contact, uint32_t queue, uint32_t agent);
  void ServeAtOnce(uint32_t contact, uint32_t queue, uint32_t agent);
  uint32_t Engage(const Bond& bond, uint32_t how);
  void Settle(uint32_t engagement);
  void TakeTurn(uint32_t queue, uint32_t agent) {
    if (QueueOf(queue).select == plan::SelectionRule::kRoundRobin) PassTurn(queue, agent);
  }
  void PassTurn(uint32_t queue, uint32_t agent);
  void Unlink(uint32_t offer);
  void RemoveOffer(uint32_t offer);
  uint32_t Accept(uint32_t offer, uint32_t how);
  void EndUnsuccessfully(uint32_t offer, uint32_t outcome);
  void Dismiss(uint32_t offer, uint32_t outcome, uint32_t cause);  // rescinded, withdrawn
  void DismissAll(uint32_t contact, uint32_t outcome, uint32_t cause);
  void Serve(uint32_t engagement);
  void FailConnection(uint32_t engagement, uint32_t reason);
  void DropConnection(uint32_t engagement, uint32_t reason);
  void NoteService(state::Agent& agent, const state::Engagement& engagement);

  // engagements.cc
  int32_t EndConversation(uint32_t engagement, uint32_t by);  // by a command: makes room for it, too
  void EndEngagement(uint32_t engagement, uint32_t by);
  void End(uint32_t engagement, uint32_t by, bool alone);  // what both do; `alone`: nothing else happens in the command
  void BeginEnd(uint32_t engagement);
  void EndAtOnce(uint32_t engagement, state::Engagement& e, state::Agent& a, bool alone);
  void NoteTalk(state::Agent& agent, const state::Engagement& engagement) const;
  void NoteHandling(state::Agent& agent, state::Engagement& engagement) const;
  void FreeEngagement(uint32_t engagement, const state::Engagement& e, state::Agent& a);
  void EndTalk(uint32_t engagement);  // of its agent: now
  void FinishWrapUp(uint32_t engagement, uint32_t reason);
  void EndHandling(uint32_t engagement);
  void RemoveEngagement(uint32_t engagement);
  int64_t WrapUpLength(const state::Engagement& engagement) const;

  // policies.cc
  int32_t Answer(const Choice& choice);
  uint32_t Choose(const Choice& choice);
  uint32_t ChooseAgent(uint32_t entry, uint32_t step);
  // The entry of the contact that he is to have; kNil.
  uint32_t ContactFor(uint32_t agent, const plan::MediaSet& channels) {
    const bool by_policy = state_->agents[agent].policy != plan::kNoPolicy;
    return by_policy ? ChooseContact(agent, channels) : index_.BestEntry(*state_, agent, channels);
  }
  uint32_t ChooseContact(uint32_t agent, const plan::MediaSet& channels);  // by his policy
  void SetAsideContact(uint32_t contact);
  void SetAsideAgent(uint32_t agent);
  void Readmit(uint32_t contact);  // it is set aside no more, if it was
  void EndSettingAside();
  // Where a contact that it has deferred leaves the queue, others of its queues may have somebody for it.
  bool HasPolicy(uint32_t queue) const { return QueueOf(queue).policy.policy != plan::kNoPolicy; }

  // worklist.cc
  void Worklist() {
    const bool nobody_seeks = contact_triggers_.empty() && agent_triggers_.empty();
    if (!nobody_seeks || MayFollow()) WorkOff();
  }
  // Though nobody seeks: of reserves, turns and conditions something may have to be judged.
  bool MayFollow() const { return features_.any && (features_.reserves || index_.AnyTurnMoved() || AnyUnjudged()); }
  void WorkOff();
  bool IsHis(uint32_t contact) const;
  bool Employ(uint32_t agent, bool nobody_else);
  void WorkOffOne();
  void WorkOffAll();
  void SettleNewcomer();
  bool OneAgentSeeks() const;
  void SettleFreed();
  // Stands in the channel's idle lines, or would if he did not seek before.
  bool IsIdle(uint32_t agent, uint32_t channel) const {
    return agent == freed_ ? FreeOn(agent, channel) : state_->Of(agent, channel).in_line;
  }
  bool Seek(uint32_t contact, uint32_t freed = kNil);
  bool TriggerReleased();
  plan::MediaSet FreeMedia(uint32_t agent) const;
  void SortTriggeredContacts(size_t from);
  routing::Place BestPlace(uint32_t contact) const;

  // Whom and what an event is about.
  struct About {
    koble_id contact = 0;
    uint64_t serial = 0, host_ref = 0;
    koble_id agent = 0, offer = 0, engagement = 0;
    uint32_t queue = KOBLE_QUEUE_NONE;
  };
  koble_event& Emit(uint32_t kind, const About& about) {
    koble_event* const place = state_->events.Append();
    return Write(place, state_->events.last(), kind, about);
  }
  // Every member is given, so that each is written once: clearing the whole before would be as much again.
  koble_event& Write(koble_event* place, uint64_t seq, uint32_t kind, const About& about) const {
    return *new (place) koble_event{.seq = seq,
                                    .time_ns = state_->now_ns,
                                    .due_ns = instant_ns_,
                                    .kind = kind,
                                    .reason = 0,
                                    .contact = about.contact,
                                    .serial = about.serial,
                                    .agent = about.agent,
                                    .offer = about.offer,
                                    .engagement = about.engagement,
                                    .host_ref = about.host_ref,
                                    .queue = about.queue,
                                    .tenant = 0,
                                    .a = 0,
                                    .b = 0,
                                    .journal_seq = record_};
  }
  koble_event& Emit(uint32_t kind) { return Emit(kind, About{}); }
  // With all that the engagement says; `id`: its own, 0 while the event comes before it.
  koble_event& EmitAbout(uint32_t kind, const state::Engagement& e, koble_id agent, koble_id id) {
    return Emit(kind, {e.contact, e.serial, e.host_ref, agent, e.offer, id, e.queue});
  }
  koble_event& EmitContact(uint32_t kind, uint32_t contact);
  koble_event& EmitOffer(uint32_t kind, uint32_t offer) { return EmitBond(kind, BondOf(offer)); }
  koble_event& EmitBond(uint32_t kind, const Bond& bond);
  Bond BondOf(uint32_t offer) const {
    const state::Offer& o = state_->offers[offer];
    return {o.sequence, state_->offers.Id(offer), o.contact, o.agent, o.queue, o.channel};
  }
  koble_event& EmitEngagement(uint32_t kind, uint32_t engagement);
  koble_event& EmitAgent(uint32_t kind, uint32_t agent);
  void MarkContact(uint32_t contact) { state_->dirty.Mark(KOBLE_KIND_CONTACT, contact); }
  void MarkAgent(uint32_t agent) { state_->dirty.Mark(KOBLE_KIND_AGENT, agent); }
  void MarkAgentTexts(uint32_t agent) { state_->dirty.Mark(state::Dirty::kAgentTexts, agent); }
  void MarkOffer(uint32_t offer) { state_->dirty.Mark(KOBLE_KIND_OFFER, offer); }
  void MarkEngagement(uint32_t engagement) { state_->dirty.Mark(KOBLE_KIND_ENGAGEMENT, engagement); }
  const plan::Queue& RulesOf(const state::Entry& entry) const { return state_->plan->queues[entry.rules]; }
  const plan::Queue& QueueOf(uint32_t queue) const { return state_->plan->queues[queue]; }
  uint32_t ChannelOf(uint32_t queue) const { return state_->plan->channels[QueueOf(queue).channel].channel; }

  std::unique_ptr<state::State> state_;
  routing::Index index_;
  std::string message_;

  // Of the call that is being worked on; lists, and what is sought or judged later, are empty between calls.
  int64_t instant_ns_ = 0;
  uint64_t record_ = 0;    // its number in the journal; 0 where the journal is off
  bool changed_ = false;   // the command changed something that the journal must know
  bool fired_ = false;     // so did a timer
  bool changing_ = false;  // between Begin and the end of the change
  int64_t fired_ns_ = 0;   // the last instant of which
  koble_id result_id_ = 0;
  uint64_t serial_ = 0;  // of the contact that the command is about
  int64_t result_value_ = 0;
  std::span<const koble_attribute> attributes_;
  std::shared_ptr<const plan::Plan> replacement_;  // else the command's data are the plan
  base::Vector<koble_attribute> arriving_;  // those of the contact that arrives or changes; has room for the most
  koble_id judge_fullness_ = 0;             // the contact that has arrived, if it is to be
  uint32_t newcomer_ = kNil;                // the same, until it has its places in lines and its timer (worklist.cc)
  uint32_t freed_ = kNil;                   // an agent who seeks before he takes his place in idle lines (worklist.cc)
  Triggers agent_triggers_;
  Triggers contact_triggers_;
  base::Vector<uint32_t> candidates_;
  base::Vector<uint32_t> released_;
  base::Vector<std::pair<routing::Place, koble_id>> placed_;
  // Contacts of whose steps conditions are to be judged when the worklist is empty; some may wait for the next one. The others are empty between calls.
  Triggers unjudged_;
  Triggers judging_;
  base::Vector<uint32_t> changed_ladders_;
  base::Vector<std::pair<routing::Place, uint32_t>> ranked_;  // entries of one queue
  Triggers returning_;
  base::Vector<std::pair<uint64_t, uint32_t>> parked_;  // engagements (number, slot) of one agent
  Triggers lost_requests_;                              // agents whose requests name no channel of a new plan

  std::shared_ptr<const Policies> policies_ = std::make_shared<Policies>();  // never null
  Machine* origin_ = nullptr;  // whose copy this is, while it may replace it (OnCopy)
  const Machine* asking_ = nullptr;
  RecordedChoices* replayed_ = nullptr;    // of the record that is played
  base::Vector<int32_t> choices_;          // answers of this call so far
  size_t choices_kept_ = 0;                // those of the advance, which stay if the command is refused
  uint64_t record_bytes_ = 0;              // data and attributes of its record
  base::Vector<uint32_t> contacts_aside_;  // until the worklist has ended
  base::Vector<uint32_t> agents_aside_;

  Features features_;
  // What the settings limit.
  const bool limited_;            // how many events may be kept, or how far a command may advance
  const uint64_t journal_bytes_;  // fewer may be kept; UINT64_MAX where the journal is not bounded
};

}  // namespace koble::engine

#endif  // KOBLE_LIB_ENGINE_MACHINE_H_
