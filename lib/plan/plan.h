// The compiled plan: what the engine reads. Immutable once made and shared by shared_ptr<const Plan>.
//
// Everything is numbered densely from 0 in the order of the plan's text: channels, skills, requirements (interned:
// equal programs have one number), queues, listed agents. Names are for people; the engine works with numbers. Threads:
// immutable, so free. No floating point: decimals of the text are exact fixed point (micro-units).
#ifndef KOBLE_LIB_PLAN_PLAN_H_
#define KOBLE_LIB_PLAN_PLAN_H_

#include <bit>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/requirement.h"

namespace koble::plan {

inline constexpr int64_t kNever = INT64_MAX;       // a delay or limit that never comes
inline constexpr int64_t kUntilStep = kNever - 1;  // of `again`: until a step of the contact opens
inline constexpr int64_t kUnset = -1;              // "not given": the queue's value holds

inline constexpr uint32_t kNoLabel = UINT32_MAX;
inline constexpr size_t kMostMedia = 256;
using MediaSet = std::bitset<kMostMedia>;

// A channel; or a *medium*, a channel with a label, for each such pair that queues have. To who routes they are alike: each has its contacts, its
// cost, its idle agents.
struct Channel {
  std::string name;             // of a medium: its channel's
  uint32_t channel = 0;         // its number; of a medium: its channel's
  uint32_t label = kNoLabel;    // number
  int64_t cost = 100;           // units of an agent's capacity that one contact takes
  int32_t max = 0;              // contacts at once for an agent whose profile says nothing; 0: only the cost limits
  int32_t max_open_offers = 1;  // offers that may ring at one agent at once on this channel
  int64_t reserve = 0;          // units that others leave free for it; of media: their channels have it
  // Numbers of others, rising: those whose contacts do not count when one of this is to come; while something is on which nothing of this comes;
  // and channels that have a reserve which this leaves free.
  std::vector<uint32_t> interrupts, excluded_by, spares;
  std::vector<uint32_t> same_channel, same_label;  // itself included; without a label no label is the same
  bool alone = true;  // no label, and nothing on another channel matters to it but the units that it takes
  // Conversations in which nobody has written for so long fall silent; kUnset: none do.
  int64_t silent_after_ns = kUnset;
  int64_t silent_return_ns = 0;       // a reply is reserved for the agent for so long; kNever
  int64_t silent_forget_ns = kNever;  // silent for so long, they end
  bool park = false;                  // agents may set conversations aside
  int64_t park_return_ns = 0;         // as silent_return_ns
};

struct Label {
  std::string name;
  int32_t max = 0;  // contacts at once for an agent whose profile says nothing; 0: no limit of its own
};

// When an agent who misses offers is taken out.
struct MissRule {
  int64_t limit = 0;      // misses in a row; 0: never
  uint32_t presence = 0;  // KOBLE_PRESENCE_BREAK or _OFFLINE
  int64_t reason = 0;
  int64_t grace_ns = 0;  // not so soon after his last conversation
};

inline constexpr uint32_t kScoresMost = 64;  // of a plan: each orders the idle agents once more
inline constexpr uint32_t kNoPolicy = UINT32_MAX;
inline constexpr uint32_t kPolicyCandidatesMax = 64;
// A choice that a function of the host makes.
struct PolicyUse {
  uint32_t policy = kNoPolicy;  // one of Plan::policies
  uint32_t candidates = 0;      // shown to it at most
};

// What an agent can do, resolved against one plan (profile and own entries merged).
struct Capability {
  // By number: skills of levels > 0, then, numbered behind the plan's skills, attributes with their values.
  std::vector<SkillLevel> skills;
  // For each channel of the plan contacts at once on it, and for each medium with its label: 0: not served; INT32_MAX: only the cost limits.
  std::vector<int32_t> channel_max;
  std::vector<int32_t> label_max;  // by label
  int64_t capacity = 100;          // units
  int64_t wrap_up_ns = kUnset;     // the agent's own wrap-up; kUnset: the queue's
  bool pull = false;               // takes contacts only by request
  int64_t weight = 1;              // part of the contacts, against others'
  uint32_t table = 0;              // of queues; one of Plan::tables
  MissRule misses;
  PolicyUse policy;  // chooses his contacts
};

// What a queue is to the agents of one table.
struct QueueView {
  uint32_t rank = 1;   // an agent takes contacts of a smaller one first
  uint32_t tier = 1;   // a contact goes to agents of a smaller one first
  uint32_t delay = 0;  // how many of the queue's delays (Queue::delays) a contact must have waited out to be seen
  bool never = false;  // sees none of its contacts
  friend auto operator<=>(const QueueView&, const QueueView&) = default;
};

// The ranking of queues that a profile gives its agents. Equal ones have one number.
struct Table {
  std::vector<std::pair<uint32_t, QueueView>> listed;  // by queue number
  QueueView others;                                    // what every other queue is
  const QueueView& Of(uint32_t queue) const;
};

// An agent's definition as written: names, not numbers, so that it can be resolved against any plan.
// `bytes` is its canonical binary form (what the journal and snapshots keep); equal definitions have equal bytes.
struct AgentDefinition {
  std::string name;
  std::string bytes;
};

// What contacts and agents can be told apart by. Names are symbols (lib/state/symbols.h).
struct Attribute {
  std::string name;
  std::vector<std::string> values;  // symbolic ones; empty: plain integers
};

enum class OfferMode : uint8_t { kAuto, kRing, kRingAll, kBroadcast, kProgressive, kPreview, kExternal };
enum class OnExpiry : uint8_t { kNoAnswer, kDeclined, kAccept };
// Several agents are asked at once.
inline bool AsksSeveral(OfferMode mode) { return mode == OfferMode::kRingAll || mode == OfferMode::kBroadcast; }
// Several phones ring, from the start or one after the other.
inline bool IsGroup(OfferMode mode) { return AsksSeveral(mode) || mode == OfferMode::kProgressive; }
enum class SelectionRule : uint8_t {
  kLongestIdle,
  kListed,
  kRoundRobin,
  kLeastRecent,
  kFewestContacts,
  kLeastTalkTime,
  kLeastLoaded,
  kMostSpare,
  kMostSkilled,
  kLeastSkilled,
  kByShare,
  kScore,
  kRandom,
  kWeightedRandom,
  kMostContacts,
  kShortestHandling,
  kLeastRecentStart,
  kFewestOpen,
  kFewestOfQueue,
};
// What a score may count of an agent (docs/model.md, 5.7).
enum class ScoreFeature : uint8_t {
  kIdle,
  kServed,
  kTalked,
  kLoad,
  kSpare,
  kLastEnded,
  kSkill,
  kListed,
  kHandling,
  kLastServed,
  kOpen
};
struct ScoreTerm {
  ScoreFeature feature = ScoreFeature::kIdle;
  uint32_t skill = 0;  // of kSkill
  int64_t weight_micro = 0;
  friend auto operator<=>(const ScoreTerm&, const ScoreTerm&) = default;
};

// Whether a rule draws lots.
inline bool IsRandom(SelectionRule rule) {
  return rule == SelectionRule::kRandom || rule == SelectionRule::kWeightedRandom;
}
// Contacts without this attribute get one of its values on arrival, in these parts.
struct Split {
  struct Share {
    uint32_t value = 0;  // place among the attribute's values; rising
    int64_t part = 0;
    friend bool operator==(const Share&, const Share&) = default;
  };
  uint32_t attribute = 0;     // of the plan
  std::vector<Share> shares;  // empty: no split
};

enum class AtDeadline : uint8_t { kStay, kExit };
enum class OnExhausted : uint8_t { kWait, kForgive, kExit };

// What follows a missed or failed offer (semantics: three separate settings).
struct OutcomeRule {
  int64_t retry_ns = 0;    // the contact is offered to nobody for so long
  int64_t penalty_ns = 0;  // the agent is offered nothing for so long
  int64_t again_ns = 0;    // this pair is not made again for so long; kUntilStep, kNever

  bool miss = false;  // it counts among the agent's misses

  // No time ends the exclusion that it makes.
  bool ExcludesForGood() const { return again_ns >= kUntilStep; }
};

// A step's condition, an expression over counters (docs/model.md, 6a).
struct Condition {
  std::string text;
  Requirement program;
};
inline constexpr uint32_t kNoCondition = UINT32_MAX;

struct Step {
  int64_t after_ns = 0;  // from joining the queue; 0 of the first, which is the queue's own requirement
  uint32_t requirement = 0;
  uint32_t reserve = 0;  // the step offers only while more agents than this who meet it are free
  // Numbers in Plan::conditions. It opens when its time has come and `when` holds, or `early` does; `hold`: only while.
  uint32_t when = kNoCondition;
  uint32_t early = kNoCondition;
  uint32_t hold = kNoCondition;
  int64_t priority_micro = 0;            // points that it gives while it is open
  std::vector<uint32_t> counted_skills;  // rising; whose levels kMostSkilled and kLeastSkilled sum up; else empty
  bool counts_named = false;             // they are those that the requirement names
};

// Of a mask of steps, which is never 0.
inline uint32_t LastStep(uint64_t steps) { return static_cast<uint32_t>(std::bit_width(steps)) - 1; }

// Laid out by how often it is looked at: what every decision asks of a queue is in its first two lines of the cache (docs/performance.md).
struct alignas(64) Queue {
  uint32_t number =
      0;  // in the plan; of one that keeps the rules of a plan before: of the queue whose contacts they are
  uint32_t channel = 0;  // or the medium, if it has a label
  OfferMode mode = OfferMode::kRing;
  SelectionRule select = SelectionRule::kLongestIdle;
  uint32_t score = 0;              // of kScore: number in Plan::scores
  uint32_t counted = 0;            // of kFewestOfQueue: place in Plan::counted_queues
  uint32_t refuse = kNoCondition;  // who arrives while it holds is refused
  // Who waits is let go when it has held for leave_for_ns, at the earliest leave_after_ns after joining.
  uint32_t leave = kNoCondition;
  PolicyUse policy;               // chooses among the agents whom `select` puts first
  bool asks_contact = false;      // a requirement or condition does
  bool join = false;              // kRingAll, kBroadcast: who becomes free joins those who ring
  bool release_reserved = false;  // contacts reserved for an agent who is offline are anybody's
  bool reserved_first = false;    // for their agent they come before all others
  bool closed = false;
  bool pin_rules = false;   // who joins keeps the rules of that moment (rules.h)
  bool one_by_one = false;  // nobody is offered before those in front of him are served or gone
  // Everybody is let in, and who finds somebody free as he arrives need not stand here first: whoever is found has taken him, and nobody notices that he
  // has waited. A policy apart.
  bool serves_at_once = false;
  uint64_t at_join = 1;        // mask of steps whose time comes at once
  uint64_t seeks_at_join = 1;  // of them those by which who arrives seeks: InForce(OpenAtJoin())
  uint64_t by_state = 0;       // mask of steps with conditions

  uint64_t replacing = 0;         // mask of steps that put those before them out of force
  uint64_t serving = UINT64_MAX;  // mask of steps that say who may serve; others give points only
  uint64_t raising = 0;           // mask of steps that give points
  int64_t max_length = kUnset;    // kUnset: none; 0: served at once or refused
  int64_t max_wait_ns = kNever;
  int64_t confirm_ns = kUnset;  // limit for the connection; kUnset: no confirmation
  int64_t wrap_up_ns = 0;
  int64_t wrap_up_max_ns = kNever;

  // Order: score(t) = min(cap, rate x (t - v)) in points, v = arrival - credit - ceil(base / rate), the base being all points given.
  int64_t weight = 0;      // compared before the score
  int64_t base_micro = 0;  // micro-points
  int64_t rate_micro = 0;  // micro-points a second; 0: no ageing
  int64_t cap_micro = INT64_MAX;
  int64_t credit_ns = 0;
  int64_t own_priority_max_micro = INT64_MAX;  // of what a contact brings along, so much counts
  int64_t own_credit_max_ns = INT64_MAX;
  int64_t ring_ns = 0;  // > 0 (not used by kAuto)

  std::vector<Step> steps;      // at least one; after_ns of those without conditions rising, and strictly above 0
  std::vector<int64_t> delays;  // rising, each > 0: after which tables let their agents see a contact
  std::string name;
  Split split;
  OnExpiry on_expiry = OnExpiry::kNoAnswer;
  AtDeadline at_deadline = AtDeadline::kStay;
  OnExhausted on_exhausted = OnExhausted::kWait;
  uint32_t group_size = 0;                                     // kBroadcast: agents at most
  int64_t delay_ns = 0;                                        // kProgressive: until one more is asked; > 0
  OutcomeRule declined, busy, unreachable, no_answer, failed;  // effective values, defaults and floors applied
  int64_t leave_for_ns = 0;                                    // > 0
  int64_t leave_after_ns = 0;
  int64_t target_within_ns = 0;  // 0: no service target
  int64_t target_share_ppm = 0;

  // Something of those who wait here is judged whenever the state changes.
  bool JudgesState() const { return by_state != 0 || leave != kNoCondition; }
  // Whether an entry has more to keep than that the queue's own requirement is open (state::Ladder).
  bool HasLadder() const { return steps.size() > 1 || JudgesState(); }
  bool HasConditions() const { return JudgesState() || refuse != kNoCondition; }
  const OutcomeRule& Rule(uint32_t outcome) const;  // KOBLE_OUTCOME_DECLINED to _FAILED
  // Of the open steps (a mask) those that count: from the last on that replaces those before it.
  uint64_t InForce(uint64_t open) const {
    const uint64_t last = std::bit_floor(open & replacing);
    return serving & (last == 0 ? open : open & ~(last - 1));
  }
  // Of those whose time comes at once.
  uint64_t OpenAtJoin() const { return at_join & ~by_state; }
  // The points that the open steps (a mask) give, in millionths.
  int64_t PriorityOf(uint64_t open) const { return (open & raising) == 0 ? 0 : SumOfPriorities(open); }
  int64_t SumOfPriorities(uint64_t open) const;
};

// What an outage does to deadlines that it overtakes: true = the outage counts (the deadline stays where it is).
struct OutageRule {
  bool max_wait = false, ring = false, connect = false, retry = false;
  bool wrap_up = true, penalty = true, steps = true, request = true, silence = false;
};

struct Plan {
  std::string name;
  std::vector<Channel> channels;   // and, behind them, media
  uint32_t channel_count = 0;      // without these
  uint32_t media_count = 0;        // with them: channels.size()
  bool splits = false;             // a queue has one
  int64_t least_cost = INT64_MIN;  // of any medium, where all are alone: who has fewer units left is free on none
  std::vector<Label> labels;
  std::vector<std::string> skills;
  std::vector<Requirement> requirements;       // interned
  std::vector<Condition> conditions;           // interned by text
  std::vector<std::vector<ScoreTerm>> scores;  // interned; terms rising
  // And, behind them, the same once more for each set of rules that contacts keep from plans before.
  std::vector<Queue> queues;
  uint32_t queue_count = 0;              // without these
  std::vector<std::string> kept;         // their rules (rules.h)
  std::vector<uint32_t> counted_queues;  // own queues that choose by who has served fewest of their contacts, rising
  std::vector<Table>
      tables;  // at least one: the first, to which all queues are alike, is that of agents without a ranking
  std::vector<Attribute> attributes;
  std::vector<std::string> policies;  // names, each once
  // Names of attributes' values, each once, numbered from 1; and the skill of that name.
  std::vector<std::string> values;
  std::vector<std::optional<uint32_t>> value_skills;
  std::vector<AgentDefinition> agents;  // listed in the plan
  OutageRule outage;
  std::string binary;      // canonical binary form
  uint64_t hash[2] = {0};  // of `binary`

  // Without those that keep rules.
  std::span<const Queue> OwnQueues() const { return std::span(queues).first(queue_count); }

  std::optional<uint32_t> FindChannel(std::string_view name) const;
  std::optional<uint32_t> FindLabel(std::string_view name) const;
  // Of a pair that some queue has, or of the channel alone.
  std::optional<uint32_t> FindMedium(uint32_t channel, uint32_t label) const;
  std::optional<uint32_t> FindSkill(std::string_view name) const;
  std::optional<uint32_t> FindQueue(std::string_view name) const;
  std::optional<uint32_t> FindAgent(std::string_view name) const;
  std::optional<uint32_t> FindAttribute(std::string_view name) const;
  std::optional<uint32_t> FindValue(std::string_view name) const;  // from 1

  // Resolves a definition against this plan. Where the plan lacks something it needs, returns nothing and says in
  // `report` what ("agent "A": unknown profile "voice"; ...").
  std::optional<Capability> Resolve(const AgentDefinition& definition, std::string* report) const;

  // Defined by the plan's reader (profiles as written, name indexes); never null.
  struct Lookup;
  std::shared_ptr<const Lookup> lookup;
};

// Reads JSON or the binary form (seen from the first byte: binary starts with 'K','P'), validates the whole and
// compiles it. Null on failure; `report` receives one line a mistake with place and remedy. On success `report` holds
// the warnings. `code` receives KOBLE_OK, KOBLE_ERR_PLAN, KOBLE_ERR_CORRUPT or KOBLE_ERR_VERSION.
std::shared_ptr<const Plan> Load(std::string_view bytes, std::string* report, int32_t* code);

// Canonical JSON: defaults left out, fixed order, two spaces of indentation.
std::string ToJson(const Plan& plan);

// JSON Schema (draft 2020-12) of the plan's language.
const std::string& Schema();

// Reads one agent entry (JSON or binary) without resolving it.
std::optional<AgentDefinition> ReadAgent(std::string_view bytes, std::string* report);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_PLAN_H_
