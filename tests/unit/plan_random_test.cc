// Whatever a plan says survives every form it is written in, and no sequence of bytes does worse than be refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "koble/koble.h"
#include "plan/binary.h"
#include "plan/description.h"
#include "plan/json.h"
#include "plan/plan.h"
#include "plan/text.h"
#include "plan/values.h"
#include "support/random.h"
#include "support/random_plan.h"

namespace koble::plan {
namespace {

using testing::Random;

std::string RandomText(Random* random) {
  std::string text;
  for (size_t i = 1 + random->Below(8); i > 0; --i) {
    text += random->Of<const char*>(
        {"a", "b", "c", "Z", "0", " ", "\"", "\\", "/", "\xc3\xa5", "\xe2\x82\xac", "\xf0\x9f\x98\x80"});
  }
  return text;
}

int64_t RandomNumber(const Field& field, Random* random) {
  if (random->Percent(30) && field.standard != kAbsent) return field.standard;
  if (!field.instead.empty() && random->Percent(20)) return field.instead[random->Below(field.instead.size())].value;
  if (random->Percent(20)) return random->Percent(50) ? field.minimum : field.maximum;
  return random->Percent(50) ? random->Between(field.minimum, field.maximum)
                             : std::min(field.maximum, field.minimum + random->Between(0, 100));
}

// Fills any struct of the language by its table, so that a new field is covered without a change here.
void Fill(const Struct& type, void* object, Random* random) {
  for (const Field& field : type.fields) {
    void* member = field.member(object);
    if (!field.required && random->Percent(40)) continue;
    if (field.IsText()) {
      *static_cast<std::string*>(member) = RandomText(random);
    } else if (field.IsNumber()) {
      *static_cast<int64_t*>(member) = RandomNumber(field, random);
    } else if (field.kind == Kind::kStruct) {
      Fill(*field.type, member, random);
    } else if (field.IsLevels()) {
      auto& levels = *static_cast<std::vector<LevelSpec>*>(member);
      for (size_t i = random->Below(4); i > 0; --i) {
        LevelSpec& level = levels.emplace_back();
        level.name = RandomText(random);
        if (field.kind == Kind::kValues && random->Percent(50)) {
          level.text = RandomText(random);
        } else {
          level.level = random->Between(field.minimum, field.maximum);
        }
      }
      SortLevels(&levels);
      levels.erase(std::unique(levels.begin(), levels.end(),
                               [](const LevelSpec& a, const LevelSpec& b) { return a.name == b.name; }),
                   levels.end());
    } else {
      for (size_t i = random->Below(4); i > 0; --i) {
        void* entry = field.append(member);
        if (field.kind == Kind::kNames) {
          *static_cast<std::string*>(entry) = RandomText(random);
        } else {
          Fill(*field.type, entry, random);
        }
      }
    }
  }
}

std::string Binary(const PlanSpec& spec) {
  std::string bytes(kPlanPrefix);
  AppendBinary(kPlanStruct, &spec, &bytes);
  return bytes;
}

TEST(PlanRandom, EveryFieldSurvivesJsonAndBinary) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    PlanSpec spec;
    Fill(kPlanStruct, &spec, &random);
    const std::string bytes = Binary(spec);
    const std::string json = WriteJson(kPlanStruct, &spec);
    Mistakes mistakes;
    PlanSpec from_json;
    ReadJson(json, kPlanStruct, "", &from_json, &mistakes);
    ASSERT_TRUE(mistakes.empty()) << "seed " << seed << "\n" << mistakes.Text() << "\n" << json;
    ASSERT_EQ(Binary(from_json), bytes) << "seed " << seed;
    PlanSpec from_binary;
    ASSERT_EQ(ReadBinary(bytes, kPlanPrefix, kPlanStruct, &from_binary, &mistakes), KOBLE_OK) << mistakes.Text();
    ASSERT_EQ(WriteJson(kPlanStruct, &from_binary), json) << "seed " << seed;
  }
}

struct Loaded {
  std::shared_ptr<const Plan> plan;
  std::string report;
  int32_t code = 1;
};

// Loads, and holds Load to what it promises whatever the bytes are.
Loaded LoadChecked(std::string_view bytes) {
  Loaded loaded;
  loaded.plan = Load(bytes, &loaded.report, &loaded.code);
  EXPECT_EQ(loaded.plan != nullptr, loaded.code == KOBLE_OK);
  EXPECT_TRUE(loaded.code == KOBLE_OK || loaded.code == KOBLE_ERR_PLAN || loaded.code == KOBLE_ERR_CORRUPT ||
              loaded.code == KOBLE_ERR_VERSION);
  EXPECT_TRUE(loaded.plan != nullptr || !loaded.report.empty());
  EXPECT_TRUE(IsUtf8(loaded.report)) << loaded.report;
  EXPECT_EQ(loaded.report.find('\0'), std::string::npos);
  EXPECT_LE(std::count(loaded.report.begin(), loaded.report.end(), '\n'), 50);
  return loaded;
}

// The three forms of a valid plan are one plan.
void ExpectOnePlan(const Plan& plan) {
  const Loaded from_binary = LoadChecked(plan.binary);
  const Loaded from_json = LoadChecked(ToJson(plan));
  ASSERT_NE(from_binary.plan, nullptr) << from_binary.report;
  ASSERT_NE(from_json.plan, nullptr) << from_json.report << ToJson(plan);
  for (const Plan* other : {from_binary.plan.get(), from_json.plan.get()}) {
    ASSERT_EQ(other->binary, plan.binary);
    ASSERT_EQ(other->hash[0], plan.hash[0]);
    ASSERT_EQ(other->hash[1], plan.hash[1]);
    ASSERT_EQ(other->requirements, plan.requirements);
    ASSERT_EQ(ToJson(*other), ToJson(plan));
    for (size_t i = 0; i < plan.agents.size(); ++i) ASSERT_EQ(other->agents[i].bytes, plan.agents[i].bytes);
  }
}

TEST(PlanRandom, JsonBinaryAndCanonicalJsonAreOnePlanWithOneHash) {
  size_t valid = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    const testing::PlanText first = testing::RandomPlan(false, &random);
    for (const testing::PlanText& text : {first, testing::ChangedPlan(first, &random)}) {
      const Loaded loaded = LoadChecked(text.Json());
      if (loaded.plan == nullptr) continue;
      ++valid;
      ASSERT_NO_FATAL_FAILURE(ExpectOnePlan(*loaded.plan)) << "seed " << seed;
    }
  }
  EXPECT_GT(valid, 400u);
}

TEST(PlanRandom, AgentsHaveOneFormAndResolveLikeListedOnes) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const testing::PlanText text = testing::RandomPlan(false, &random);
    const Loaded loaded = LoadChecked(text.Json());
    if (loaded.plan == nullptr) continue;
    std::string report;
    for (size_t i = 0; i < text.agents.size(); ++i) {
      const auto alone = ReadAgent(text.agents[i].json, &report);
      ASSERT_TRUE(alone) << report;
      EXPECT_EQ(alone->bytes, loaded.plan->agents[i].bytes);
      EXPECT_EQ(ReadAgent(alone->bytes, &report)->bytes, alone->bytes);
      EXPECT_TRUE(loaded.plan->Resolve(*alone, &report)) << report;
    }
  }
}

std::string Mutated(std::string bytes, bool is_text, Random* random) {
  for (size_t edits = 1 + random->Below(4); edits > 0 && !bytes.empty(); --edits) {
    const size_t at = random->Below(bytes.size());
    const size_t size = std::min(bytes.size() - at, random->Below(12));
    const char byte = is_text && random->Percent(70)
                          ? random->Of({'"', '{', '}', '[', ']', ':', ',', '0', '9', '-', 'e', '\\', ' ', '('})
                          : static_cast<char>(random->Below(256));
    switch (random->Below(6)) {
      case 0:
        bytes[at] = byte;
        break;
      case 1:
        bytes.insert(at, 1, byte);
        break;
      case 2:
        bytes.erase(at, size);
        break;
      case 3:
        bytes.insert(random->Below(bytes.size()), bytes.substr(at, size));
        break;
      case 4:
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1u << random->Below(8)));
        break;
      default:
        if (random->Percent(10)) bytes.resize(at);
    }
  }
  return bytes;
}

void MutateManyTimes(bool is_text, uint64_t first_seed, size_t rounds) {
  size_t valid = 0;
  for (uint64_t seed = first_seed; seed < first_seed + rounds; ++seed) {
    Random random(seed);
    const Loaded whole = LoadChecked(testing::RandomPlan(false, &random).Json());
    if (whole.plan == nullptr) continue;
    const std::string bytes = is_text ? ToJson(*whole.plan) : whole.plan->binary;
    for (int i = 0; i < 40; ++i) {
      const Loaded loaded = LoadChecked(Mutated(bytes, is_text, &random));
      if (loaded.plan == nullptr) continue;
      ++valid;
      ASSERT_NO_FATAL_FAILURE(ExpectOnePlan(*loaded.plan)) << "seed " << seed;
    }
  }
  EXPECT_GT(valid, 0u);
}

TEST(PlanRandom, DamagedJsonIsRefusedOrIsAPlan) { MutateManyTimes(true, 1'000, 60); }
TEST(PlanRandom, DamagedBinaryIsRefusedOrIsAPlan) { MutateManyTimes(false, 2'000, 60); }
TEST(PlanRandomLong, DamagedJsonIsRefusedOrIsAPlan) { MutateManyTimes(true, 10'000, 2'000); }
TEST(PlanRandomLong, DamagedBinaryIsRefusedOrIsAPlan) { MutateManyTimes(false, 20'000, 2'000); }

TEST(PlanRandom, DamagedAgentsAreRefusedOrAreAgents) {
  Random random(7);
  const std::string whole =
      R"({"name": "A", "profile": "p", "skills": {"en": 2, "no": 0}, "channels": {"voice": 1}, "pull": true})";
  std::string report;
  const std::string binary = ReadAgent(whole, &report)->bytes;
  const Loaded loaded = LoadChecked(R"({"skills": ["en", "no"], "profiles": [{"name": "p"}]})");
  for (int i = 0; i < 5'000; ++i) {
    const bool is_text = random.Percent(50);
    const std::string bytes = Mutated(is_text ? whole : binary, is_text, &random);
    const auto agent = ReadAgent(bytes, &report);
    EXPECT_EQ(agent.has_value(), report.empty());
    EXPECT_TRUE(IsUtf8(report));
    if (agent) {
      EXPECT_EQ(ReadAgent(agent->bytes, &report)->bytes, agent->bytes);
    }
    // What a journal holds may be damaged too.
    loaded.plan->Resolve({"A", bytes}, &report);
  }
}

TEST(PlanRandom, EveryCutOfABinaryPlanIsRefused) {
  Random random(3);
  const Loaded whole = LoadChecked(testing::RandomPlan(false, &random).Json());
  ASSERT_NE(whole.plan, nullptr);
  const std::string& bytes = whole.plan->binary;
  size_t refused = 0;
  for (size_t size = 0; size < bytes.size(); ++size)
    refused += LoadChecked(bytes.substr(0, size)).plan == nullptr ? 1 : 0;
  EXPECT_GT(refused, bytes.size() * 9 / 10) << "cuts between two entries of the root leave a smaller plan";
}

}  // namespace
}  // namespace koble::plan
