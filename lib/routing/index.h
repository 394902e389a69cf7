// Who can serve whom, and who stands where: the structures that make a decision cheap.
//
// Demand. A *need* is a (requirement, channel, reserve) that some step of some queue has, the requirement being resolved: what it asks of the contact is
// settled. A *variant* of a queue is the list of its steps' needs for contacts who say the same; where the requirements ask nothing of the contact there is
// one, which lasts, and otherwise as many as living contacts have, at most. Needs, windows and variants are counted and recycled. A *window* is the list of needs in force at once (steps first to
// open). A *column* is what a queue is to all the plan's tables (plan::Table): queues that every table treats alike have one. A *line* holds the waiting
// contacts of one window, one growth of score, one column and one number of delays waited out, ordered by level and v; equal lines are shared by all queues that
// have them, so a thousand alike queues cost as much as one. Supply. A *skill set* is what agents who have equal skills and one table share; for each
// skill set and *lane* - a channel and an order that queues of the channel choose by - there is an idle line. The relation need x skill set is kept as
// two sparse lists; what a skill set's table hides is passed over line by line, as whole lines are hidden or seen.
//
// Where a queue's steps have conditions, which of them are open is each contact's own history, and windows of all that may be open would be too many: its
// entries have a stand for each step (state::Entry), whose window is the need of that step alone. A *gauge* is a number that conditions compare
// (conditions.cc). Where a queue offers its contacts one by one, only the first of all that stand there is ever in a line (turns.cc). Rules that contacts
// keep from a plan before are to the index a queue more, with variants of its own and the column of the queue whose contacts they are.
//
// A search compares the heads of eligible lines that are not empty: from the shorter side of the relation. Numbers of needs, windows, lines and skill sets
// never show in events, ties or digest: every search ends in a total order of routing/order.h.
//
// Nothing here decides; it is data derived from State and can be built anew (Rebuild).
#ifndef KOBLE_LIB_ROUTING_INDEX_H_
#define KOBLE_LIB_ROUTING_INDEX_H_

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <span>
#include <tuple>
#include <utility>

#include "base/hash_index.h"
#include "base/line.h"
#include "base/memory.h"
#include "routing/crowd.h"
#include "routing/dense_set.h"
#include "routing/order.h"
#include "routing/refusals.h"
#include "state/state.h"

namespace koble::routing {

using base::kNil;

// What one contact says, by attribute of the plan.
struct ContactValues {
  plan::ContactValue values[KOBLE_CONTACT_ATTRIBUTES_MAX];
  uint32_t count = 0;
};

// What an entry's line depends on, beside the plan.
struct LineWish {
  uint32_t variant = 0;
  uint32_t step = 0;      // the last open one; in a queue with conditions any, each of which has a line of its own
  uint32_t passed = 0;    // delays waited out
  uint32_t owner = kNil;  // slot of the agent for whom the contact is reserved
};

// Who seeks an agent: what a search asks of an entry. A contact that has just arrived seeks before it has one.
struct Seeker {
  uint32_t queue = 0;
  uint32_t variant = 0;  // of the queue
  uint32_t passed = 0;   // delays waited out
  const state::Contact* contact = nullptr;
};
inline Seeker SeekerOf(const state::State& state, const state::Entry& entry) {
  return {entry.queue, entry.variant, entry.passed, &state.contacts[entry.contact]};
}

class Index {
 public:
  explicit Index(base::Memory* memory);

  // Forgets everything and numbers the needs and windows of the state's plan. The caller then interns the agents' skills and enters agents and contacts.
  void Rebuild(const state::State& state);

  // After a copy, whose vectors have no room of their own: room for everything that is to be done without allocating.
  void MakeRoom();

  // Between rebuilds only InternSkills, PrepareVariant and Join allocate, and Join only where PrepareLine has not been asked before. Where they
  // throw std::bad_alloc nothing has changed that DropUnused does not take back.

  // The skill set's number; counts one more agent of it. Release counts one less and recycles it.
  uint32_t InternSkills(const plan::Capability& capability);
  void ReleaseSkills(uint32_t skills);
  // Interns for an agent what he will have in this change; what nobody takes, DropUnused gives back.
  uint32_t PrepareSkills(uint32_t agent, const plan::Capability& capability);
  uint32_t TakePreparedSkills(uint32_t agent);  // kNil if there is none
  std::span<const plan::SkillLevel> SkillsOf(uint32_t skills) const { return skill_sets_[skills].skills; }
  uint32_t TableOf(uint32_t skills) const { return skill_sets_[skills].table; }

  // Learns which symbols are the plan's names. Part of Rebuild; again where the plan's names become symbols after it.
  void ReadNames(const state::State& state);
  // One attribute (key, value), as requirements read it; one that the plan does not declare says nothing.
  void Read(const state::State& state, uint32_t key, int64_t value, ContactValues* values) const;
  // The queue's variant for contacts who say this; of those who keep rules, by the number of these. What is made for it stays until DropUnused, which drops what nobody has joined.
  uint32_t PrepareVariant(const state::State& state, uint32_t queue, const ContactValues& values) {
    return variant_of_queue_[queue] != kNil ? variant_of_queue_[queue] : PrepareOneVariant(state, queue, values);
  }
  // Whether the queue has one variant, whatever contacts say.
  bool HasOneVariant(uint32_t queue) const { return variant_of_queue_[queue] != kNil; }
  uint32_t OneVariant(uint32_t queue) const { return variant_of_queue_[queue]; }
  // Makes the line that such an entry will join. It stays until DropUnused.
  void PrepareLine(const state::State& state, const LineWish& wish) {
    if (LastingLine(wish) == kNil) PrepareOneLine(state, wish);
  }
  void DropUnused() {
    if (any_prepared_) DropPrepared();
  }
  // The entry, whose variant is set, belongs to it and to the line of its open steps from Join to Part. In a queue with conditions the state's pool
  // of entries must have room for its stands, one for each step.
  void Join(state::State& state, uint32_t entry);
  void Part(state::State& state, uint32_t entry);
  // Between the two: other steps are open, another delay is waited out, or it is reserved for another agent or nobody. It stands in no line meanwhile.
  void Move(state::State& state, uint32_t entry, uint64_t open, uint32_t passed);
  bool Eligible(uint32_t need, uint32_t skills) const {
    const base::Vector<uint32_t>& needs = skill_sets_[skills].needs;
    return std::binary_search(needs.begin(), needs.end(), need);
  }
  // What the queue is to agents of the skill set.
  const plan::QueueView& ViewOf(uint32_t queue, uint32_t skills) const {
    return ViewOfColumn(column_of_queue_[queue], skill_sets_[skills].table);
  }

  // Room for agents in slots below `slots`: AgentEnters then does not allocate.
  void ReserveAgents(uint64_t slots);
  // Whether idle lines are ordered by one of the mask anywhere, or by what goes by it.
  bool Uses(uint32_t orders) const { return (used_orders_ & orders) != 0; }
  // The agent enters or leaves the idle lines of a channel, one for each order that queues of the channel have. Whatever orders them must not
  // change while he stands there, unless he leaves before anything else happens to the line.
  void AgentEnters(state::State& state, uint32_t agent, uint32_t channel);
  void AgentLeaves(state::State& state, uint32_t agent, uint32_t channel);
  void AgentLeavesAll(state::State& state, uint32_t agent);  // the idle lines of all channels

  // The entry enters or leaves its line, or its stands theirs; where another has the turn it enters when the turn is its own. While it stands there its
  // figures must not change.
  void EntryEnters(state::State& state, uint32_t entry);
  void EntryLeaves(state::State& state, uint32_t entry);

  // turns.cc: of a queue that offers its contacts one by one; elsewhere nothing. From Join to Part an entry is in its queue's line of turns, ordered by its
  // figures: while they change it must be out of it.
  void EnterTurnLine(state::State& state, uint32_t entry) {
    if (!turn_lines_.empty()) JoinTurns(state, entry);
  }
  void LeaveTurnLine(state::State& state, uint32_t entry) {
    if (!turn_lines_.empty()) PartTurns(state, entry);
  }
  bool HasTurn(const state::State& state, uint32_t entry) const {
    const uint32_t queue = state.entries[entry].queue;
    return turn_lines_.empty() || !state.plan->queues[queue].one_by_one || turn_lines_[queue].first == entry;
  }
  // Visits the contacts to whom the turn has come since it was judged last, in no order, and takes it as judged.
  void EachNewFirst(const state::State& state, absl::FunctionRef<void(uint32_t contact)> visit);
  bool AnyTurnMoved() const { return !moved_turns_.items().empty(); }
  // Takes all turns as judged.
  void SettleTurns(const state::State& state) {
    EachNewFirst(state, [](uint32_t) {});
  }
  // Entries in lines of turns.
  uint64_t TurnTakers() const { return turn_takers_; }

  // One agent more or less of the skill set who serves the channel and is signed in (kAble), or not on break either (kAvailable).
  void CountSignedIn(plan::Requirement::Left counts, uint32_t skills, uint32_t channel, bool more);
  // One contact more or less that waits in the queue.
  void CountWaiting(uint32_t queue, bool more) {
    if (waiting_gauges_[queue] != kNil) Turn(waiting_gauges_[queue], more);
  }
  // Whether conditions ask how many wait in the queue.
  bool WatchesWaiting(uint32_t queue) const { return waiting_gauges_[queue] != kNil; }
  // Visits the entries for whom conditions of their steps have turned since they were judged last, in no order, and takes the conditions as judged.
  void EachTurned(const state::State& state, absl::FunctionRef<void(uint32_t entry)> visit);
  bool AnyTurned() const { return !turned_.items().empty(); }  // or may have
  // Takes all conditions as judged.
  void SettleConditions();
  // The steps (a mask) that are to open or to close, as the conditions were judged last.
  uint64_t StepsToChange(const state::State& state, const state::Entry& entry) const;
  // Whether the entry's contact is to leave if that lasts, as the condition was judged last.
  bool Leaves(const state::Entry& entry) const { return variants_[entry.variant].truth.leave != 0; }
  // Whether the queue refuses contacts of the variant now.
  bool Refuses(uint32_t variant) const { return TruthOf(variants_[variant]).refuse != 0; }
  // Steps with conditions that the entries of all contacts have.
  uint64_t StepsByState() const { return steps_by_state_; }
  // Entries in queues that let contacts go by state.
  uint64_t Leaving() const { return leaving_; }

  // Need of a step of the entry's queue.
  uint32_t NeedOf(const state::Entry& entry, uint32_t step) const { return NeedOf(entry.variant, step); }
  uint32_t NeedOf(uint32_t variant, uint32_t step) const { return variants_[variant].steps[step].need; }

  // Visits the agents, with the channel, whom reserves keep from contacts that an agent of this skill set would release by being free as well.
  void EachKept(const state::State& state, uint32_t skills,
                absl::FunctionRef<void(uint32_t agent, uint32_t channel)> visit) const;
  // Judges one of the reserves whose standing may have changed since it was judged last, and appends the agents of whom it has let go; false if
  // there is none.
  bool JudgeReserve(const state::State& state, base::Vector<uint32_t>* agents);
  // Takes all reserves as judged.
  void SettleReserves();
  // How many of the agents who are free and meet the step's need may be asked at once.
  uint64_t Disposable(uint32_t variant, uint32_t step) const;

  // Whether conditions count agents or contacts.
  bool Counts() const { return !gauges_.empty(); }
  // Agents in idle lines of the channel.
  uint64_t IdleCount(uint32_t channel) const { return idle_counts_[channel]; }
  // What follows from the entry's figures, for it and its stands. It stands in no line meanwhile.
  static void Seat(state::State& state, uint32_t entry);
  // The place that the entry gives its contact, now.
  static Place PlaceOf(const state::State& state, const state::Entry& entry);

  // Of the agents who are free on the channel of the seeker's queue, see it, meet the step's need and are not excluded from the contact, the
  // best of the lowest tier by the queue's rule; kNil if none, or if the reserve keeps them all.
  uint32_t BestAgent(const state::State& state, const Seeker& seeker, uint32_t step) const;
  // All those of that tier, best first, whatever the reserve. Where the rule draws lots, only the first `wanted` places are drawn.
  void AllAgents(const state::State& state, const state::Entry& entry, uint32_t step, uint64_t wanted,
                 base::Vector<uint32_t>* agents) const;
  // The first `most` of the same, at most plan::kPolicyCandidatesMax. Costs the eligible lines and an insertion for each that is shown; where the rule
  // draws lots, as AllAgents.
  void FirstAgents(const state::State& state, const state::Entry& entry, uint32_t step, uint64_t most,
                   base::Vector<uint32_t>* agents) const;
  // Whether the agent, who stands in the idle lines of the entry's channel, may take it: he sees it, meets a requirement in force and is not excluded.
  bool MayTake(const state::State& state, uint32_t agent, const state::Entry& entry) const;
  // The same by one of its steps, which is in force. Neither a reserve is asked about nor whether he is free.
  bool MayTakeBy(const state::State& state, uint32_t agent, const state::Entry& entry, uint32_t step) const;
  // The entry of smallest rank, and then of best place, that the agent sees and may take on one of these channels or media; kNil if none. He counts as free
  // there, whether he stands in idle lines or not.
  uint32_t BestEntry(const state::State& state, uint32_t agent, const plan::MediaSet& channels) const;
  // The same where the best of those who stand first may not be for him: one who stands behind them may.
  uint32_t BestBehindHeads(const state::State& state, uint32_t agent, const plan::MediaSet& channels) const;
  // The first `most` in that order, at most plan::kPolicyCandidatesMax, of each contact only its best. Costs the eligible lines and an insertion for
  // each that is shown.
  void FirstEntries(const state::State& state, uint32_t agent, const plan::MediaSet& channels, uint64_t most,
                    base::Vector<uint32_t>* entries) const;
  // Where a search marks the agents whom a contact is not to be offered to; free between searches.
  Marks* marks() const { return &marks_; }
  // Whether anybody may: a contact stands in a line.
  bool AnybodyWaits() const { return filled_lines_ != 0; }
  // 0 where the skill set lacks it.
  int32_t LevelOfSkill(uint32_t skills, uint32_t skill) const;

 private:
  using Term = plan::Requirement::Term;
  // In lines of the cache: what every search looks at comes first.
  struct alignas(64) Need {
    explicit Need(base::Memory* memory)
        : skill_sets(memory), lines(memory), key(memory), program(memory), necessary(memory), gauges(memory) {}

    base::Vector<uint32_t> skill_sets;  // eligible
    uint64_t reserve = 0;
    uint64_t free = 0;  // agents in idle lines who meet it; counted only where there is a reserve
    uint32_t channel = 0;
    bool anybody = false;  // an agent may meet it who has none of `necessary`
    bool open = false;     // they were more than the reserve when it was judged last

    base::Vector<uint32_t>
        lines;                // that are not empty and have this need in their window; room for all of `line_count`
    uint64_t line_count = 0;  // lines that have this need in their window
    uint64_t users = 0;       // steps of variants
    uint64_t standing = 0;    // of them those of variants in which contacts stand, or always may

    base::Vector<int64_t> key;         // of need_numbers_
    base::Vector<Term> program;        // resolved
    Sign sign = 0;                     // of `necessary`: whoever meets it has one of these bits in his own
    base::Vector<uint32_t> necessary;  // qualities: skills and attributes
    base::Vector<uint32_t> gauges;     // of agents who meet it
  };
  struct Window {
    base::Vector<uint32_t> needs;  // rising
    uint64_t users = 0;            // steps of variants
  };
  struct Step {
    uint32_t need;
    uint32_t window;
    // Of a lasting variant: of contacts that have waited out no delay; kNil until first used.
    uint32_t line;
    base::Vector<uint32_t> counted;  // skills whose levels the queue's rule counts
  };
  // A number that conditions compare.
  struct Gauge {
    plan::Requirement::Left counts;  // kFree, kAble, kAvailable, kWaiting
    uint32_t of;                     // the need that the agents meet; the queue in which contacts wait
    uint32_t column;                 // of agents: to whom it is not hidden
    int64_t value = 0;
    // (value, variant), rising: a comparison of the variant turns when the gauge comes to the value from below, or leaves it downwards.
    base::Vector<std::pair<int64_t, uint32_t>> turns;
    base::Vector<uint32_t> calculating;  // variants that calculate with it: whatever it comes to, they may turn
    uint64_t users = 0;                  // terms of variants' conditions
  };
  using GaugeKey = std::tuple<plan::Requirement::Left, uint32_t, uint32_t>;
  // What steps (masks) and the queue may do as their conditions are. Those without conditions open when their time has come.
  struct Truth {
    uint64_t when = UINT64_MAX;
    uint64_t early = 0;
    uint64_t hold = UINT64_MAX;
    uint64_t leave = 0;  // of the queue: 0 or 1
    uint64_t refuse = 0;
    friend bool operator==(const Truth&, const Truth&) = default;
  };
  struct Condition {
    uint32_t step;
    uint64_t Truth::*of;
    base::Vector<Term> program;  // what counts looks at gauges, `subject` being the number
  };
  struct Variant {
    uint32_t queue;
    base::Vector<Step> steps;
    base::Vector<Condition> conditions;  // of all its steps, and of the queue
    Truth truth;                         // as judged last
    uint32_t first = kNil;               // of its entries, where those are judged by state
    base::Vector<uint32_t> key;          // of variant_numbers_; empty: lasting
    uint64_t entries = 0;
    bool prepared = false;  // in the change that is under way
    bool lasting = false;   // of a queue that asks nothing of contacts
  };
  // Of a queue that all see at once and that goes by idle time, what a search for an agent needs, side by side.
  struct PlainQueue {
    uint32_t lane = kNil;  // kNil: the queue is not such a one
    uint32_t channel = 0;
    uint32_t variant = kNil;  // if it has one
    uint32_t need = 0;        // of that variant's first step
  };
  struct SkillSet {
    base::Vector<plan::SkillLevel> skills;
    uint32_t table = 0;
    Sign sign = 0;                  // of its skills
    base::Vector<uint32_t> needs;   // eligible, rising
    base::Vector<uint32_t> gauges;  // that count its agents
    uint64_t agents = 0;
  };
  struct WaitingLine {
    base::Line line;
    uint32_t window = 0;
    uint32_t column = 0;
    uint32_t passed = 0;  // delays that its entries have waited out
    Growth growth;
    uint32_t owner = kNil;  // the agent for whom its contacts are reserved: a line of his own
    bool first = false;     // and come first
    // Of its first entry, while there is one: so a search that compares many lines need not go and fetch each entry (docs/performance.md).
    // What an entry's place among those at one contact's place is, may change while it stands here, and is not noted.
    int64_t head_level = 0, head_v = 0, head_arrival_ns = 0;
    uint64_t head_serial = 0;
    uint64_t entries = 0;   // that belong to it, standing in it or not
    bool prepared = false;  // in the change that is under way
    bool lasting = false;   // known to a step of a lasting variant: kept for ever; others are recycled
  };
  // Contacts reserved for an agent are in lines that nobody else ever looks at.
  struct Owned {
    explicit Owned(base::Memory* memory) : lines(memory) {}
    base::Vector<uint32_t> lines;  // that are not empty; room for all of `line_count`
    uint64_t line_count = 0;
  };
  // The contacts that stand in a queue that offers them one by one. Only the first is ever in lines of the search, so the links of the others are
  // free for a line of their own.
  struct TurnLine {
    uint32_t first = kNil;  // entry: it has the turn
    base::Line others;
    uint64_t judged = 0;  // serial of the contact that had the turn when it was judged last
  };
  struct LineKey {
    uint32_t window;
    uint32_t column;
    uint32_t passed;
    Growth growth;
    uint32_t owner;
    bool first;
    friend auto operator<=>(const LineKey&, const LineKey&) = default;
  };

  void MakeTurnLines(const plan::Plan& plan);

  // variants.cc
  uint32_t InternNeed(std::span<const Term> program, uint32_t channel, uint64_t reserve);
  void RecycleNeed(uint32_t need);
  uint32_t InternWindow(std::span<const Step> steps, uint64_t in_force);
  void RecycleWindow(uint32_t window);
  Variant MakeVariant(const state::State& state, uint32_t queue, std::span<const uint32_t> needs,
                      const ContactValues& values);
  void CountUsers(const Variant& variant);
  void RecycleVariant(uint32_t variant);
  void MakeLastingVariants(const state::State& state);
  void PrepareVariant(uint32_t variant);
  void DropUnusedVariants();
  // By a request he is free and not counted yet.
  static bool Kept(const Need& need, bool asking) {
    return need.reserve != 0 && need.free + (asking ? 1 : 0) <= need.reserve;
  }
  static uint64_t DisposableOf(const Need& need);
  // By a requirement in force; where agents join the contact's group, by one within its reach.
  bool MeetsInForce(const state::State& state, const state::Entry& entry, uint32_t skills, bool asking) const;
  // He is not to be asked, or not to join the group that rings for it; of one who meets a requirement in force.
  bool MayNotTake(const state::State& state, const state::Contact& contact, uint32_t agent) const;
  bool MeetsInWindow(uint32_t window, uint32_t skills, bool asking) const;
  // idle_lines.cc. Of a channel's lanes the first is that by idle time, which every channel has.
  void Leave(state::State& state, uint32_t agent, state::Agent& a, uint32_t channel, state::AgentChannel& on);
  void TellOfIdle(const state::State& state, uint32_t agent, uint32_t channel, bool enters);
  void TellAllOfIdle(const state::State& state, uint32_t agent, uint32_t channel, bool enters);
  void CountFree(uint32_t skills, uint32_t channel, bool enters);
  void JoinTurns(state::State& state, uint32_t entry);
  void PartTurns(state::State& state, uint32_t entry);
  uint32_t PrepareOneVariant(const state::State& state, uint32_t queue, const ContactValues& values);
  void PrepareOneLine(const state::State& state, const LineWish& wish);
  void DropPrepared();
  // The line, where it lasts and is known; else kNil.
  uint32_t LastingLine(const LineWish& wish) const {
    const Variant& of = variants_[wish.variant];
    return of.lasting && wish.passed == 0 && wish.owner == kNil ? of.steps[wish.step].line : kNil;
  }
  uint32_t LineFor(const state::State& state, const LineWish& wish);
  // Of an entry, or of a stand.
  void JoinLine(state::State& state, uint32_t node, const LineWish& wish);
  void PartLine(state::State& state, uint32_t node);
  void EnterLines(state::State& state, uint32_t entry);
  void LeaveLines(state::State& state, uint32_t entry);
  static void NoteHead(const state::State& state, WaitingLine* line);
  // Of its first entry; equal for all those at one contact's place.
  static Place PlaceOfHead(const WaitingLine& line, int64_t now_ns);
  void NodeEnters(state::State& state, uint32_t node);
  void NodeLeaves(state::State& state, uint32_t node);
  void MakeStands(state::State& state, uint32_t entry);
  void DropStands(state::State& state, uint32_t entry);
  // In the list of its variant, where something of it is judged by state.
  void LinkAlike(state::State& state, uint32_t entry);
  void UnlinkAlike(state::State& state, uint32_t entry);
  uint64_t SignedIn(plan::Requirement::Left counts, uint32_t skills, uint32_t channel) const {
    return (counts == plan::Requirement::Left::kAble ? able_ : available_)[uint64_t{skills} * channels_ + channel];
  }
  uint32_t MakeLine(const LineKey& key);
  void Recycle(uint32_t line);

  // conditions.cc
  uint32_t InternGauge(const state::State& state, const GaugeKey& key);
  void RecycleGauge(uint32_t gauge);
  void AddConditions(const state::State& state, Variant* variant, const ContactValues& values);
  void KeyOfConditions(const Variant& variant, base::Vector<uint32_t>* key) const;
  // What a variant needs of room to use its gauges, of which there are then so many variants; and that it uses them, under its number.
  void ReserveGauges(const Variant& variant, uint64_t variants);
  void CountGauges(const Variant& variant, uint32_t number);
  void ReleaseGauges(uint32_t variant);
  void Turn(uint32_t gauge, bool more);
  Truth TruthOf(const Variant& variant) const;
  void CountAgents(plan::Requirement::Left counts, uint32_t skills, uint32_t channel, bool more);
  void ListGaugesOf(SkillSet* set) const;

  base::Vector<uint32_t> NeedsMetBy(std::span<const plan::SkillLevel> skills) const;
  static uint64_t HashOf(std::span<const plan::SkillLevel> skills, uint32_t table);
  // The place of the skill set with these; the end if there is none.
  uint32_t FindSkills(uint64_t hash, std::span<const plan::SkillLevel> skills, uint32_t table) const;  // kNil: none
  void ListLine(uint32_t line);
  void UnlistLine(uint32_t line);
  // Logarithmic in the tables that treat the column's queues in their own way; nothing in a plan without tables.
  const plan::QueueView& ViewOfColumn(uint32_t column, uint32_t table) const {
    return columns_[column].empty() ? others_[table] : ListedView(column, table);
  }
  const plan::QueueView& ListedView(uint32_t column, uint32_t table) const;
  void MakeColumns(const plan::Plan& plan);
  // One ordering of the idle agents of a channel.
  struct Lane {
    uint32_t channel;
    AgentOrder order;
    base::Vector<base::LineLinks> links;  // by agent slot
    Crowd crowd;
  };
  void MakeLanes(const plan::Plan& plan);
  uint32_t LaneOf(uint32_t channel, AgentOrder order) const {
    return lane_of_[channel * orders_ + static_cast<uint32_t>(order)];
  }
  // Nodes are given mutable because inserting writes their links.
  IdleNodes NodesOf(const state::State& state, uint32_t lane) const {
    const Lane& of = lanes_[lane];
    return {&state, const_cast<base::LineLinks*>(of.links.data()), of.order};
  }
  IdleLine& IdleLineOf(uint32_t skills, uint32_t lane) { return idle_[skills * lane_count_ + lane]; }
  const IdleLine& IdleLineOf(uint32_t skills, uint32_t lane) const { return idle_[skills * lane_count_ + lane]; }
  template <class Visit>
  void EachIdleLine(uint32_t need, uint32_t lane, Visit visit) const;
  // Whether it is worth while to look at the lines of all who meet the need, also at those in which nobody stands: four such looks cost about one at a line
  // that stands in the list of those with somebody, whose skills have to be asked about.
  bool IsShort(uint32_t need, uint32_t channel) const {
    return needs_[need].skill_sets.size() <= 4 * idle_sets_[channel].items().size();
  }
  static constexpr uint32_t kTied = kNil - 1;
  uint32_t LongestIdle(uint32_t need, uint32_t lane) const;
  // BestAgent, whatever the rule and whoever sees what.
  uint32_t BestOfIdleLines(const state::State& state, const Seeker& seeker, uint32_t step) const;
  // Visits the numbers of lines in which contacts wait whom the agent may take; what their columns and delays hide is the visitor's business.
  template <class Visit>
  void EachWaitingLine(const state::State& state, uint32_t agent, const plan::MediaSet& channels, Visit visit) const;
  // Of all lines that he sees, `first_of` giving of each the entry that he may have, and its place; kNil where it has none.
  template <class FirstOf>
  uint32_t BestOfLines(const state::State& state, uint32_t agent, const plan::MediaSet& channels,
                       FirstOf first_of) const;
  template <class Visit>
  void EachIdleAgent(const state::State& state, uint32_t need, Visit visit) const;

  // Room for the crowd, where one is wanted and there is none yet. Then it is made when an agent enters next.
  void ReserveCrowd();
  void MakeCrowd(const state::State& state);
  void JoinCrowd(const state::State& state, uint32_t agent, uint32_t lane);
  void PartCrowd(const state::State& state, uint32_t agent, uint32_t lane);
  // Visits the agents for a seeker from the crowd (crowd.h), best first, until `visit` returns false. False if it has not: there is no crowd, its
  // order is not the queue's, the walk is not expected to be short or was not; then the idle lines are to be compared.
  template <class Visit>
  bool WalkCrowd(const state::State& state, const Seeker& seeker, uint32_t step, const Refusals& out,
                 Visit visit) const;

  base::Memory* memory_;
  uint32_t channels_ = 0;
  base::Vector<Need> needs_;
  base::OrderedMap<base::Vector<int64_t>, uint32_t> need_numbers_;  // by channel, reserve and program
  base::Vector<uint32_t> free_needs_;
  uint64_t reserving_needs_ = 0;  // that have a reserve
  base::Vector<uint32_t> prepared_needs_;
  // Needs that an agent may meet only if he has the quality (skill or attribute), and those that anybody may meet.
  base::Vector<base::Vector<uint32_t>> needs_of_skill_;
  base::Vector<uint32_t> open_needs_;
  base::Vector<Window> windows_;
  base::OrderedMap<base::Vector<uint32_t>, uint32_t> window_numbers_;
  base::Vector<uint32_t> free_windows_;
  base::Vector<uint32_t> prepared_windows_;
  base::Vector<Variant> variants_;
  base::Vector<uint32_t> variant_of_queue_;                             // the lasting one; kNil: depends on the contact
  base::OrderedMap<base::Vector<uint32_t>, uint32_t> variant_numbers_;  // by queue and needs; not the lasting
  base::Vector<uint32_t> free_variants_;
  base::Vector<uint32_t> prepared_variants_;
  struct Name {
    uint32_t symbol = 0;
    uint32_t attribute = kNil;
    uint32_t value = 0;  // the number of the value of this name
  };
  base::Vector<Name> names_;                                                  // the plan's, by symbol
  base::Vector<base::Vector<std::pair<uint32_t, plan::QueueView>>> columns_;  // by table, where it is not as to others
  base::Vector<plan::QueueView> others_;                                      // by table
  bool only_view_ = false;                                                    // all agents see all queues alike
  base::Vector<PlainQueue> plain_;                                            // by queue
  base::Vector<uint32_t> lowest_tiers_;                                       // by column: nobody is of a lower one
  base::Vector<uint32_t> column_of_queue_;
  base::Vector<WaitingLine> lines_;
  uint64_t filled_lines_ = 0;  // that are not empty
  base::OrderedMap<LineKey, uint32_t> line_numbers_;
  base::Vector<Owned> owned_;  // by agent slot, as far as contacts have been reserved
  base::Vector<uint32_t> free_lines_;
  base::Vector<uint32_t> prepared_lines_;
  bool any_prepared_ = false;             // there may be something in a list of what is prepared
  base::Vector<DenseSet> waiting_needs_;  // by channel: needs that have a line that is not empty
  base::Vector<SkillSet> skill_sets_;
  base::Vector<uint32_t> free_skill_sets_;
  base::Vector<std::pair<uint32_t, uint32_t>> prepared_skills_;  // agent, skill set
  // By a hash of skills and table: where all agents differ, keys that repeat their skills would be much of what an agent takes.
  base::HashIndex skill_set_numbers_;
  base::Vector<Lane> lanes_;  // by channel
  uint32_t lane_count_ = 0;
  base::Vector<uint32_t> lane_of_;      // [channel x orders + order]; kNil
  base::Vector<uint32_t> first_lanes_;  // of each channel, which its others follow; then the number of all lanes
  uint32_t used_orders_ = 0;            // mask
  uint32_t orders_ = kAgentOrders;      // with the plan's scores and counted queues
  base::Vector<IdleLine> idle_;         // [skill set x lanes + lane]
  base::Vector<DenseSet> idle_sets_;    // by channel: skill sets whose idle line is not empty
  base::Vector<uint64_t> idle_counts_;  // by channel
  mutable Marks marks_;                 // by agent slot; for Refusals
  bool crowded_ = false;                // all who are in idle lines are in the crowds as well
  bool told_of_idle_ = false;           // somebody may have to be told of who enters or leaves idle lines (TellOfIdle)
  bool crowd_due_ = false;              // there is room for them, and they are to be made
  DenseSet unjudged_;                   // needs whose `open` may have to change
  base::Vector<Gauge> gauges_;
  base::OrderedMap<GaugeKey, uint32_t> gauge_numbers_;
  base::Vector<uint32_t> free_gauges_;
  base::Vector<uint32_t> prepared_gauges_;
  base::Vector<uint32_t> waiting_gauges_;  // by queue; kNil: nobody asks
  base::Vector<uint64_t> able_;            // [skill set x channels + channel]: agents who are signed in and serve it
  base::Vector<uint64_t> available_;       // the same: those of them who are not on break
  DenseSet turned_;                        // variants whose truth may have changed
  uint64_t steps_by_state_ = 0;
  uint64_t leaving_ = 0;
  base::Vector<TurnLine> turn_lines_;  // by queue; empty where no queue has one
  DenseSet moved_turns_;               // queues in which the turn may have come to another
  uint64_t turn_takers_ = 0;
};

}  // namespace koble::routing

#endif  // KOBLE_LIB_ROUTING_INDEX_H_
