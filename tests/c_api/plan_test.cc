// Plans through the C API: what is malformed, empty or enormous, and what a handle answers.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "scene.h"

namespace koble::testing {
namespace {

int32_t Load(const std::string& text, std::string* report = nullptr, koble_plan** plan = nullptr) {
  char words[4096] = "x";
  koble_plan* loaded = reinterpret_cast<koble_plan*>(1);
  const int32_t code = koble_plan_load(text.data(), text.size(), &loaded, words, sizeof(words));
  EXPECT_EQ(loaded != nullptr, code == KOBLE_OK);
  if (report != nullptr) *report = words;
  if (plan != nullptr) {
    *plan = loaded;
  } else {
    koble_plan_release(loaded);
  }
  return code;
}

TEST(PlanLoad, Pointers) {
  koble_plan* plan = nullptr;
  char report[8] = "abc";
  EXPECT_EQ(koble_plan_load(nullptr, 2, &plan, report, sizeof(report)), KOBLE_ERR_ARGUMENT);
  EXPECT_STREQ(report, "");
  EXPECT_EQ(koble_plan_load("{}", 2, nullptr, report, sizeof(report)), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_plan_load("{}", 2, &plan, nullptr, 5), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_plan_load("{}", UINT64_MAX, &plan, nullptr, 0), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(plan, nullptr);
  EXPECT_EQ(koble_plan_load("{}", 2, &plan, nullptr, 0), KOBLE_OK);
  koble_plan_release(plan);
}

TEST(PlanLoad, MalformedText) {
  const std::string deep(200'000, '[');
  const std::vector<std::string> texts = {
      "",
      " ",
      "{",
      "}",
      "[]",
      "null",
      "7",
      "{}{}",
      "{\"queues\"}",
      "{\"queues\": [}",
      "{\"queues\": [{]}",
      "{\"queues\": null}",
      "{\"queues\": [null]}",
      "{\"queues\": 5}",
      "{\"queues\": [], \"queues\": []}",
      "{\"queeus\": []}",
      "{\"name\": \"\xff\xfe\"}",
      "{\"name\": \"a\\u0000b\"}",
      "{'name': 'a'}",
      "{\"queues\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}",
      "{\"queues\": [{\"name\": \"a\", \"require\": \"norwegain\"}]}",
      "{\"queues\": [{\"name\": \"a\", \"wrap_up\": 5}]}",
      "{\"queues\": [{\"name\": \"a\", \"wrap_up\": \"5 lightyears\"}]}",
      "{\"queues\": [{\"name\": \"a\", \"max_length\": 1e400}]}",
      "{\"agents\": [{\"name\": \"a\", \"capacity\": 99999999999999999999}]}",
      deep,
      "{\"queues\": " + deep,
      std::string("\0", 1),
      std::string("KP"),
      std::string("KP") + std::string(100, '\xff'),
  };
  for (const std::string& text : texts) {
    std::string report;
    const int32_t code = Load(text, &report);
    EXPECT_TRUE(code == KOBLE_ERR_PLAN || code == KOBLE_ERR_CORRUPT || code == KOBLE_ERR_VERSION)
        << text.substr(0, 50) << ": " << code;
    EXPECT_NE(report, "") << text.substr(0, 50);
  }
}

// Every prefix of a valid text is refused. The binary form is a message without a check sum (a journal or snapshot around it has
// one): cut or changed bytes are refused or are another valid plan, and never anything else.
TEST(PlanLoad, CutAndDamaged) {
  const std::string json = kPlan;
  for (size_t size = 0; size < json.size(); size += 7) EXPECT_NE(Load(json.substr(0, size)), KOBLE_OK) << size;
  const std::string binary = LoadPlan().Write(PlanFormat::kBinary);
  ASSERT_EQ(Load(binary), KOBLE_OK);
  const auto survives = [](const std::string& bytes) {
    koble_plan* plan = nullptr;
    const int32_t code = Load(bytes, nullptr, &plan);
    if (code != KOBLE_OK) {
      EXPECT_TRUE(code == KOBLE_ERR_PLAN || code == KOBLE_ERR_CORRUPT || code == KOBLE_ERR_VERSION) << code;
      return;
    }
    koble_engine* engine = nullptr;
    EXPECT_EQ(koble_engine_create(plan, nullptr, &engine), KOBLE_OK);
    koble_engine_destroy(engine);
    koble_plan_release(plan);
  };
  for (size_t size = 0; size < binary.size(); ++size) survives(binary.substr(0, size));
  for (size_t at = 0; at < binary.size(); ++at) {
    std::string damaged = binary;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    survives(damaged);
  }
}

TEST(PlanLoad, Empty) {
  koble_plan* plan = nullptr;
  ASSERT_EQ(Load("{}", nullptr, &plan), KOBLE_OK);
  EXPECT_EQ(koble_plan_queue_count(plan), 0u);
  EXPECT_EQ(koble_plan_agent_count(plan), 0u);
  EXPECT_EQ(koble_plan_channel_count(plan), 1u);
  koble_engine* engine = nullptr;
  ASSERT_EQ(koble_engine_create(plan, nullptr, &engine), KOBLE_OK);
  const uint32_t queue = 0;
  const koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 0, 0, 0, 0};
  EXPECT_EQ(koble_contact_arrive(engine, 0, &arrival, nullptr), KOBLE_ERR_UNKNOWN);
  koble_engine_destroy(engine);
  koble_plan_release(plan);
}

TEST(PlanLoad, Enormous) {
  std::string text = "{\"agents\":[";
  for (int i = 0; i < 100'000; ++i) text += (i > 0 ? ",{\"name\":\"a" : "{\"name\":\"a") + std::to_string(i) + "\"}";
  text += "],\"queues\":[";
  for (int i = 0; i < 10'000; ++i) text += (i > 0 ? ",{\"name\":\"q" : "{\"name\":\"q") + std::to_string(i) + "\"}";
  text += "]}";
  koble_plan* plan = nullptr;
  ASSERT_EQ(Load(text, nullptr, &plan), KOBLE_OK);
  koble_engine* engine = nullptr;
  ASSERT_EQ(koble_engine_create(plan, nullptr, &engine), KOBLE_OK);
  EXPECT_NE(koble_agent_find(engine, "a99999"), 0u);
  koble_engine_destroy(engine);
  koble_plan_release(plan);

  // More of everything than the language allows: named, not attempted.
  std::string channels = "{\"channels\":[";
  for (int i = 0; i < 1000; ++i) channels += (i > 0 ? ",{\"name\":\"c" : "{\"name\":\"c") + std::to_string(i) + "\"}";
  std::string report;
  EXPECT_EQ(Load(channels + "]}", &report), KOBLE_ERR_PLAN);
  EXPECT_NE(report.find("channels"), std::string::npos) << report;
  // A mistake in each of very many places: the report is cut where the host's buffer ends, between two characters.
  std::string wrong = "{\"agents\":[";
  for (int i = 0; i < 1000; ++i) wrong += (i > 0 ? ",{\"næme\":\"a" : "{\"næme\":\"a") + std::to_string(i) + "\"}";
  wrong += "]}";
  for (uint64_t size = 1; size < 200; ++size) {
    char words[201];
    std::memset(words, 'x', sizeof(words));
    koble_plan* none = nullptr;
    EXPECT_EQ(koble_plan_load(wrong.data(), wrong.size(), &none, words, size), KOBLE_ERR_PLAN);
    const size_t length = std::strlen(words);
    ASSERT_LT(length, size);
    EXPECT_GE(length + 4, size);
    if (length > 0) {
      EXPECT_NE(static_cast<unsigned char>(words[length - 1]), 0xc3u) << "half a letter";
    }
    EXPECT_EQ(words[size], 'x');
  }
}

TEST(PlanWrite, SizesAndForms) {
  const Plan plan = LoadPlan();
  for (uint32_t format : {KOBLE_PLAN_JSON, KOBLE_PLAN_BINARY}) {
    uint64_t needed = 0;
    ASSERT_EQ(koble_plan_write(plan.get(), format, nullptr, 0, &needed), KOBLE_ERR_LIMIT);
    ASSERT_GT(needed, 50u);
    std::string bytes(needed + 1, 'x');
    EXPECT_EQ(koble_plan_write(plan.get(), format, bytes.data(), needed - 1, &needed), KOBLE_ERR_LIMIT);
    EXPECT_EQ(bytes, std::string(needed + 1, 'x'));
    EXPECT_EQ(koble_plan_write(plan.get(), format, bytes.data(), needed, nullptr), KOBLE_OK);
    EXPECT_EQ(bytes.back(), 'x');
    bytes.pop_back();
    const Plan again = Plan::Load(bytes);
    EXPECT_EQ(again.Hash(), plan.Hash());
    EXPECT_EQ(again.Write(static_cast<PlanFormat>(format)), bytes);
  }
  uint64_t needed = 0;
  EXPECT_EQ(koble_plan_write(plan.get(), 3, nullptr, 0, &needed), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_plan_write(plan.get(), 0, nullptr, 0, &needed), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_plan_write(plan.get(), KOBLE_PLAN_JSON, nullptr, 10, &needed), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_plan_write(nullptr, KOBLE_PLAN_JSON, nullptr, 0, &needed), KOBLE_ERR_ARGUMENT);
}

TEST(PlanHandle, NamesAndNumbers) {
  const Plan plan = LoadPlan();
  EXPECT_EQ(koble_plan_queue_count(plan.get()), 8u);
  EXPECT_EQ(koble_plan_channel_count(plan.get()), 2u);
  EXPECT_EQ(koble_plan_skill_count(plan.get()), 7u);
  EXPECT_EQ(koble_plan_agent_count(plan.get()), 4u);
  EXPECT_STREQ(koble_plan_queue_name(plan.get(), kChat), "chat");
  EXPECT_STREQ(koble_plan_channel_name(plan.get(), 1), "chat");
  EXPECT_STREQ(koble_plan_skill_name(plan.get(), 6), "lonely");
  EXPECT_STREQ(koble_plan_agent_name(plan.get(), 3), "Per");
  EXPECT_EQ(koble_plan_queue_find(plan.get(), "chat"), kChat);
  EXPECT_EQ(koble_plan_channel_find(plan.get(), "chat"), 1);
  for (uint32_t past : {8u, UINT32_MAX}) {
    EXPECT_EQ(koble_plan_queue_name(plan.get(), past), nullptr);
    EXPECT_EQ(koble_plan_channel_name(plan.get(), past), nullptr);
    EXPECT_EQ(koble_plan_skill_name(plan.get(), past), nullptr);
    EXPECT_EQ(koble_plan_agent_name(plan.get(), past), nullptr);
  }
  EXPECT_EQ(koble_plan_queue_find(plan.get(), "Chat"), -1);
  EXPECT_EQ(koble_plan_queue_find(plan.get(), ""), -1);
  EXPECT_EQ(koble_plan_queue_find(plan.get(), nullptr), -1);
  EXPECT_EQ(koble_plan_channel_find(plan.get(), nullptr), -1);

  koble_queue_def def{};
  EXPECT_EQ(koble_plan_queue(plan.get(), kRing, &def), KOBLE_ERR_ARGUMENT);  // not sized
  def.struct_size = sizeof(def);
  ASSERT_EQ(koble_plan_queue(plan.get(), kRing, &def), KOBLE_OK);
  EXPECT_EQ(def.channel, 0u);
  EXPECT_EQ(def.max_wait_ns, 3600 * kSecond);
  EXPECT_EQ(def.max_length, -1);
  EXPECT_EQ(def.target_within_ns, 20 * kSecond);
  EXPECT_EQ(def.target_share_ppm, 800'000);
  ASSERT_EQ(koble_plan_queue(plan.get(), kRefusing, &def), KOBLE_OK);
  EXPECT_EQ(def.max_length, 0);
  EXPECT_EQ(def.max_wait_ns, KOBLE_NEVER);
  EXPECT_EQ(koble_plan_queue(plan.get(), 8, &def), KOBLE_ERR_UNKNOWN);
  EXPECT_EQ(koble_plan_queue(plan.get(), 0, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_plan_queue(nullptr, 0, &def), KOBLE_ERR_ARGUMENT);
  EXPECT_NE(std::strstr(koble_plan_schema(), "2020-12"), nullptr);
}

TEST(PlanHandle, Null) {
  EXPECT_EQ(koble_plan_queue_count(nullptr), 0u);
  EXPECT_EQ(koble_plan_channel_count(nullptr), 0u);
  EXPECT_EQ(koble_plan_skill_count(nullptr), 0u);
  EXPECT_EQ(koble_plan_agent_count(nullptr), 0u);
  EXPECT_EQ(koble_plan_queue_name(nullptr, 0), nullptr);
  EXPECT_EQ(koble_plan_channel_name(nullptr, 0), nullptr);
  EXPECT_EQ(koble_plan_skill_name(nullptr, 0), nullptr);
  EXPECT_EQ(koble_plan_agent_name(nullptr, 0), nullptr);
  EXPECT_EQ(koble_plan_queue_find(nullptr, "a"), -1);
  EXPECT_EQ(koble_plan_channel_find(nullptr, "a"), -1);
  uint64_t hash[2] = {1, 1};
  koble_plan_hash(nullptr, hash);
  EXPECT_EQ(hash[0] | hash[1], 0u);
  koble_plan_hash(nullptr, nullptr);
}

// One plan, engines and references in several threads at once.
TEST(PlanThreads, Shared) {
  koble_plan* plan = nullptr;
  ASSERT_EQ(koble_plan_load(kPlan, std::strlen(kPlan), &plan, nullptr, 0), KOBLE_OK);
  std::vector<std::thread> threads;
  std::vector<Hash> digests(4);
  for (size_t t = 0; t < digests.size(); ++t) {
    koble_plan_retain(plan);
    threads.emplace_back([plan, &digests, t] {
      for (int i = 0; i < 20; ++i) {
        koble_engine* engine = nullptr;
        ASSERT_EQ(koble_engine_create(plan, nullptr, &engine), KOBLE_OK);
        koble_agent_presence(engine, 1, koble_agent_find(engine, "Anna"), KOBLE_PRESENCE_AVAILABLE, 0, nullptr);
        digests[t] = DigestOf(engine);
        koble_engine_destroy(engine);
      }
      koble_plan_release(plan);
    });
  }
  koble_plan_release(plan);
  for (std::thread& thread : threads) thread.join();
  for (const Hash& digest : digests) EXPECT_EQ(digest, digests[0]);
}

}  // namespace
}  // namespace koble::testing
