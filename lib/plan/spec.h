// The plan as written: plain structs that mirror the language, before names are resolved to numbers.
//
// Every number (integer, decimal, duration, word, boolean) is an int64_t in the unit of the binary form, so that one
// table (description.h) can serve all readers and writers. What the initialisers say is checked against that table by a
// test.
#ifndef KOBLE_LIB_PLAN_SPEC_H_
#define KOBLE_LIB_PLAN_SPEC_H_

#include <cstdint>
#include <string>
#include <vector>

namespace koble::plan {

// The value of a number that was not given and has no default of its own.
inline constexpr int64_t kAbsent = INT64_MIN;
inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kMicro = 1'000'000;  // one, in decimals of six digits

// One entry of a JSON object from names to levels or counts; or, of attributes, to a value's name or a whole number.
struct LevelSpec {
  std::string name;
  int64_t level = 0;
  std::string text;  // of attributes: the value's name; empty: `level` is the value
};

struct SilentSpec {
  int64_t after = kAbsent;
  int64_t back = 0;  // `return`
  int64_t forget = kAbsent;
};

struct ParkSpec {
  int64_t back = kAbsent;  // `return`
};

struct ChannelSpec {
  std::string name;
  int64_t cost = 100;
  int64_t max = 0;
  int64_t max_open_offers = 1;
  std::vector<std::string> interrupted_by;
  std::vector<std::string> excludes;
  int64_t reserve = 0;
  SilentSpec silent;
  ParkSpec park;
};

struct LabelSpec {
  std::string name;
  int64_t cost = kAbsent;
  int64_t max = 0;
  std::vector<std::string> interrupted_by;
  std::vector<std::string> excludes;
};

struct RankingSpec {
  std::string queue;
  int64_t rank = 1;
  int64_t delay = 0;
  int64_t tier = 1;
  int64_t never = 0;
};

struct MissesSpec {
  int64_t limit = kAbsent;
  int64_t presence = 0;
  int64_t reason = 0;
  int64_t grace = 0;
};

struct PolicySpec {
  std::string name;
  int64_t candidates = 16;
};

struct ProfileSpec {
  std::string name;
  std::vector<LevelSpec> skills;    // by name
  std::vector<LevelSpec> channels;  // by name
  int64_t capacity = 100;
  int64_t wrap_up = kAbsent;
  int64_t pull = 0;
  std::vector<RankingSpec> queues;
  int64_t others = 0;
  int64_t weight = 1;
  std::vector<LevelSpec> attributes;  // by name
  std::vector<LevelSpec> labels;      // by name
  MissesSpec misses;
  PolicySpec policy;
};

struct AgentSpec {
  std::string name;
  std::string profile;
  std::vector<LevelSpec> skills;    // by name
  std::vector<LevelSpec> channels;  // by name
  int64_t capacity = kAbsent;
  int64_t wrap_up = kAbsent;
  int64_t pull = kAbsent;
  int64_t weight = kAbsent;
  std::vector<LevelSpec> attributes;  // by name
  std::vector<LevelSpec> labels;      // by name
  MissesSpec misses;
};

struct StepSpec {
  int64_t after = kAbsent;
  std::string require;
  int64_t replace = 0;
  int64_t reserve = kAbsent;
  std::string when;
  std::string early;
  std::string hold;  // "while"
  int64_t priority = 0;
};

struct PrioritySpec {
  int64_t base = 0;
  int64_t rate = 0;
  int64_t cap = kAbsent;
  int64_t credit = 0;
  int64_t weight = 0;
  int64_t own_priority_max = kAbsent;
  int64_t own_credit_max = kAbsent;
};

struct OfferSpec {
  int64_t mode = 1;
  int64_t ring = 20 * kSecond;
  int64_t confirm = kAbsent;
  int64_t group_penalty = 0;
  int64_t count = kAbsent;
  int64_t delay = kAbsent;
  int64_t expiry = 0;
  int64_t join = 0;
};

struct OutcomeSpec {
  int64_t retry = kAbsent;
  int64_t penalty = kAbsent;
  int64_t again = kAbsent;
  int64_t miss = kAbsent;
};

struct OutcomesSpec {
  OutcomeSpec declined, busy, unreachable, no_answer, failed;
};

struct TargetSpec {
  int64_t within = kAbsent;
  int64_t share = kAbsent;
};

struct ScoreSpec {
  int64_t feature = kAbsent;
  std::string skill;
  int64_t weight = kAbsent;
};

struct SplitSpec {
  std::string attribute;
  std::vector<LevelSpec> shares;  // by name
};

struct LeaveSpec {
  std::string when;
  int64_t length = kSecond;  // "for"
  int64_t after = 0;
};

struct QueueSpec {
  std::string name;
  std::string channel;
  std::string label;
  std::string require;
  std::vector<StepSpec> steps;
  PrioritySpec priority;
  int64_t select = 0;
  std::vector<std::string> select_skills;
  int64_t reserve = 0;
  std::vector<ScoreSpec> score;
  SplitSpec split;
  PolicySpec policy;
  OfferSpec offer;
  OutcomesSpec outcomes;
  int64_t wrap_up = 0;
  int64_t wrap_up_max = kAbsent;
  int64_t max_length = kAbsent;
  int64_t max_wait = kAbsent;
  int64_t at_deadline = 0;
  int64_t exhausted = 0;
  int64_t reserved = 0;
  int64_t reserved_first = 0;
  int64_t closed = 0;
  int64_t one_by_one = 0;
  int64_t pin_rules = 0;
  std::string refuse;
  LeaveSpec leave;
  TargetSpec target;
};

struct AttributeSpec {
  std::string name;
  std::vector<std::string> values;
};

struct OutageSpec {
  int64_t max_wait = 0;
  int64_t ring = 0;
  int64_t connect = 0;
  int64_t retry = 0;
  int64_t wrap_up = 1;
  int64_t penalty = 1;
  int64_t steps = 1;
  int64_t request = 1;
  int64_t silence = 0;
};

struct PlanSpec {
  int64_t koble = 1;
  std::string name;
  std::vector<ChannelSpec> channels;
  std::vector<std::string> skills;
  std::vector<ProfileSpec> profiles;
  std::vector<AgentSpec> agents;
  std::vector<QueueSpec> queues;
  OutageSpec outage;
  std::vector<AttributeSpec> attributes;
  std::vector<LabelSpec> labels;
};

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_SPEC_H_
