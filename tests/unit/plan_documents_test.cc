// The committed texts are what the one description of the language says.
#include <google/protobuf/message_lite.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "koble/koble.h"
#include "plan/binary.h"
#include "plan/description.h"
#include "plan/documents.h"
#include "plan/plan.h"
#include "plan/plan.pb.h"
#include "plan/values.h"

namespace koble::plan {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(std::string(KOBLE_SOURCE_DIR "/") + path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Compares, or writes the file anew where KOBLE_REWRITE is set.
void ExpectFile(const std::string& path, const std::string& wanted) {
  if (std::getenv("KOBLE_REWRITE") != nullptr) {
    std::ofstream(std::string(KOBLE_SOURCE_DIR "/") + path, std::ios::binary) << wanted;
  }
  EXPECT_EQ(ReadFile(path), wanted) << "run KOBLE_REWRITE=1 koble_unit_tests --gtest_filter='PlanDocuments.*'";
}

TEST(PlanDocuments, ProtoIsGeneratedFromTheDescription) { ExpectFile("lib/plan/plan.proto", ProtoText()); }

TEST(PlanDocuments, ReferenceIsGeneratedFromTheDescription) {
  const std::string begin = "<!-- generated from lib/plan/description.cc: KOBLE_REWRITE=1 koble_unit_tests -->\n";
  const std::string end = "<!-- end of the generated part -->\n";
  std::string text = ReadFile("docs/plan.md");
  const size_t from = text.find(begin);
  const size_t to = text.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  text.replace(from + begin.size(), to - from - begin.size(), "\n" + ReferenceTables());
  ExpectFile("docs/plan.md", text);
}

TEST(PlanDocuments, ExamplesOfTheGuideAreValidPlans) {
  const std::string text = ReadFile("docs/plan.md");
  size_t examples = 0;
  for (size_t at = text.find("```json\n"); at != std::string::npos; at = text.find("```json\n", at)) {
    at += 8;
    std::string report;
    int32_t code = 0;
    EXPECT_NE(Load(text.substr(at, text.find("```", at) - at), &report, &code), nullptr) << report;
    ++examples;
  }
  EXPECT_GE(examples, 2u);
}

TEST(PlanDocuments, FieldNumbersAndKeysAreUniqueAndInOrder) {
  for (const Struct* type : AllStructs()) {
    uint32_t number = 0;
    for (const Field& field : type->fields) {
      EXPECT_GT(field.number, number) << type->name << "." << field.key;
      EXPECT_LT(field.number, 64u);
      EXPECT_EQ(FindField(*type, field.key), &field);
      EXPECT_FALSE(field.documentation.empty());
      number = field.number;
    }
  }
}

template <class Spec>
void ExpectDefaults(std::string_view name) {
  Spec fresh;
  for (const Struct* type : AllStructs()) {
    if (type->name != name) continue;
    for (const Field& field : type->fields) {
      if (!field.IsNumber()) continue;
      EXPECT_EQ(field.In<int64_t>(&fresh), field.standard) << name << "." << field.key;
    }
    return;
  }
  FAIL() << name;
}

TEST(PlanDocuments, FreshStructsHoldTheDescribedDefaults) {
  ExpectDefaults<LevelSpec>("Level");
  ExpectDefaults<ChannelSpec>("Channel");
  ExpectDefaults<ProfileSpec>("Profile");
  ExpectDefaults<AgentSpec>("Agent");
  ExpectDefaults<StepSpec>("Step");
  ExpectDefaults<PrioritySpec>("Priority");
  ExpectDefaults<OfferSpec>("Offer");
  ExpectDefaults<OutcomeSpec>("Outcome");
  ExpectDefaults<TargetSpec>("Target");
  ExpectDefaults<QueueSpec>("Queue");
  ExpectDefaults<OutageSpec>("Outage");
  ExpectDefaults<PlanSpec>("Plan");
}

TEST(PlanDocuments, GeneratedClassReadsOurBytesAndWritesTheSame) {
  const std::string text = R"({
    "name": "x", "channels": [{"name": "voice"}, {"name": "chat", "cost": 30, "max": 3}], "skills": ["a", "b"],
    "profiles": [{"name": "p", "skills": {"b": 2, "a": 1}, "channels": {"voice": 0, "chat": 2}, "wrap_up": "0s"}],
    "agents": [{"name": "A", "profile": "p", "skills": {"a": 0}, "capacity": 100, "pull": false}],
    "queues": [{"name": "q", "channel": "chat", "require": "a", "steps": [{"after": "1ns", "replace": true}],
      "priority": {"rate": 0.000001}, "offer": {"mode": "auto"}, "outcomes": {"busy": {"again": "never"}},
      "max_length": 0, "at_deadline": "exit", "target": {"within": "1s", "share": 1}}],
    "outage": {"wrap_up": false}})";
  std::string report;
  int32_t code = 0;
  const auto plan = Load(text, &report, &code);
  ASSERT_NE(plan, nullptr) << report;
  const std::string message = plan->binary.substr(3);
  v1::Plan generated;
  ASSERT_TRUE(generated.ParseFromString(message));
  EXPECT_EQ(generated.SerializeAsString(), message);
  EXPECT_EQ(generated.unknown_fields(), "");
  EXPECT_EQ(generated.queues(0).outcomes().busy().again(), INT64_MAX);
  EXPECT_EQ(generated.queues(0).offer().mode(), v1::Offer::MODE_AUTO);
  EXPECT_EQ(generated.queues(0).offer().ring(), 20'000'000'000);
  EXPECT_EQ(generated.channels(0).cost(), 100);
  EXPECT_EQ(generated.agents(0).pull(), false);
  EXPECT_TRUE(generated.agents(0).has_pull());

  // The other way: what another writer makes, defaults spelt out, is the same plan.
  generated.mutable_channels(0)->set_cost(100);
  generated.mutable_queues(0)->set_closed(false);
  const auto again = Load("KP\x01" + generated.SerializeAsString(), &report, &code);
  ASSERT_NE(again, nullptr) << report;
  EXPECT_EQ(again->binary, plan->binary);
}

TEST(PlanDocuments, SchemaKnowsEveryKeyAndEveryRequiredOne) {
  const auto schema = nlohmann::json::parse(Schema());
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  for (const Struct* type : AllStructs()) {
    if (type == &kLevelStruct || type == &kValueStruct) continue;
    const auto& object = type == &kPlanStruct ? schema : schema["$defs"][std::string(type->name)];
    EXPECT_EQ(object["additionalProperties"], false);
    EXPECT_EQ(object["properties"].size(), type->fields.size()) << type->name;
    for (const Field& field : type->fields) {
      EXPECT_TRUE(object["properties"].contains(std::string(field.key))) << type->name << "." << field.key;
      bool required = false;
      if (object.contains("required")) {
        for (const auto& key : object["required"]) required |= key == std::string(field.key);
      }
      EXPECT_EQ(required, field.required) << type->name << "." << field.key;
    }
  }
  EXPECT_EQ(schema["properties"]["agents"]["maxItems"], 1'000'000);
  EXPECT_EQ(schema["$defs"]["Channel"]["properties"]["cost"]["default"], 100);
}

}  // namespace
}  // namespace koble::plan
