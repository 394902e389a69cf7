// Symbols and attributes through the C API: what they give, what is refused, and that copies of an engine have them all.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "scene.h"

namespace koble::testing {
namespace {

constexpr char kAttributePlan[] = R"({
  "queues": [{"name": "q"}, {"name": "shut", "closed": true}],
  "attributes": [{"name": "amount"}, {"name": "language", "values": ["norwegian", "english"]}]
})";
enum : uint32_t { kAmount = 1, kLanguage = 2, kNorwegian = 3, kEnglish = 4, kDeclared = 4 };

Plan LoadAttributePlan() { return Plan::Load(kAttributePlan); }

using Pairs = std::vector<koble_attribute>;

Pairs PairsOf(const koble_engine* engine, koble_id contact) {
  Pairs pairs(KOBLE_CONTACT_ATTRIBUTES_MAX);
  uint64_t count = 0;
  EXPECT_EQ(koble_contact_attributes(engine, contact, pairs.data(), pairs.size(), &count), KOBLE_OK);
  pairs.resize(count);
  return pairs;
}

// "1=7 2=3"
std::string Text(const Pairs& pairs) {
  std::string text;
  for (const koble_attribute& pair : pairs) {
    text += (text.empty() ? "" : " ") + std::to_string(pair.key) + "=" + std::to_string(pair.value);
    EXPECT_EQ(pair.reserved, 0u);
  }
  return text;
}

struct Attributes : ::testing::Test {
  void SetUp() override {
    koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
    options.journal = KOBLE_JOURNAL_KEEP_ALL;
    ASSERT_EQ(koble_engine_create(LoadAttributePlan().get(), &options, &engine), KOBLE_OK);
  }
  void TearDown() override { koble_engine_destroy(engine); }

  int32_t Arrive(const Pairs& pairs, koble_result* result = nullptr) {
    const uint32_t queue = 0;
    const koble_arrival arrival = {
        sizeof(arrival), 1, &queue, 0, 0, 0, 0, pairs.data(), static_cast<uint32_t>(pairs.size()), 0, 0, 0};
    return koble_contact_arrive(engine, 0, &arrival, result);
  }
  koble_id Contact(const Pairs& pairs) {
    koble_result result = KOBLE_RESULT_INIT;
    EXPECT_EQ(Arrive(pairs, &result), KOBLE_OK) << koble_engine_message(engine);
    return result.id;
  }
  int64_t Intern(const std::string& name) {
    koble_result result = KOBLE_RESULT_INIT;
    EXPECT_EQ(koble_symbol_intern(engine, 0, name.c_str(), &result), KOBLE_OK) << koble_engine_message(engine);
    EXPECT_EQ(result.id, 0u);
    EXPECT_EQ(result.event_count, 0u);
    return result.value;
  }

  koble_engine* engine = nullptr;
};

TEST_F(Attributes, ThePlansNamesAreSymbolsFromTheStart) {
  EXPECT_EQ(koble_symbol_count(engine), kDeclared);
  EXPECT_EQ(koble_symbol_find(engine, "amount"), kAmount);
  EXPECT_EQ(koble_symbol_find(engine, "english"), kEnglish);
  EXPECT_EQ(koble_symbol_find(engine, "Amount"), 0u);
  EXPECT_STREQ(koble_symbol_name(engine, kNorwegian), "norwegian");
  for (const int64_t none : {int64_t{0}, int64_t{5}, int64_t{-1}, INT64_MIN, INT64_MAX, int64_t{1} << 32 | 1})
    EXPECT_EQ(koble_symbol_name(engine, none), nullptr) << none;
  EXPECT_EQ(koble_symbol_find(engine, nullptr), 0u);
  EXPECT_EQ(koble_symbol_find(engine, ""), 0u);
  EXPECT_EQ(koble_symbol_find(nullptr, "amount"), 0u);
  EXPECT_EQ(koble_symbol_count(nullptr), 0u);
  EXPECT_EQ(koble_symbol_name(nullptr, 1), nullptr);
}

TEST_F(Attributes, APlanSaysWhatItDeclares) {
  const Plan plan = LoadAttributePlan();
  const koble_plan* c = plan.get();
  EXPECT_EQ(koble_plan_attribute_count(c), 2u);
  EXPECT_STREQ(koble_plan_attribute_name(c, 1), "language");
  EXPECT_EQ(koble_plan_attribute_name(c, 2), nullptr);
  EXPECT_EQ(koble_plan_attribute_value_count(c, 0), 0u);
  EXPECT_EQ(koble_plan_attribute_value_count(c, 1), 2u);
  EXPECT_EQ(koble_plan_attribute_value_count(c, 2), 0u);
  EXPECT_STREQ(koble_plan_attribute_value_name(c, 1, 1), "english");
  EXPECT_EQ(koble_plan_attribute_value_name(c, 1, 2), nullptr);
  EXPECT_EQ(koble_plan_attribute_value_name(c, 0, 0), nullptr);
  EXPECT_EQ(koble_plan_attribute_count(nullptr), 0u);
  EXPECT_EQ(koble_plan_attribute_name(nullptr, 0), nullptr);
  EXPECT_EQ(koble_plan_attribute_value_name(nullptr, 0, 0), nullptr);
}

TEST_F(Attributes, InterningGivesEachNameItsNumberOnce) {
  const Hash before = DigestOf(engine);
  EXPECT_EQ(Intern("topic"), kDeclared + 1);
  EXPECT_NE(DigestOf(engine), before);
  const uint64_t records = koble_journal_last(engine);
  EXPECT_EQ(records, 1u);
  const Hash with_topic = DigestOf(engine);
  EXPECT_EQ(Intern("topic"), kDeclared + 1);
  EXPECT_EQ(Intern("english"), kEnglish);
  EXPECT_EQ(DigestOf(engine), with_topic);
  EXPECT_EQ(koble_journal_last(engine), records);
  EXPECT_EQ(Intern(std::string(KOBLE_SYMBOL_BYTES_MAX, 'x')), kDeclared + 2);
  EXPECT_EQ(Intern("bl\xc3\xa5"), kDeclared + 3);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(Intern("n" + std::to_string(i)), kDeclared + 4 + i);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(koble_symbol_find(engine, ("n" + std::to_string(i)).c_str()), static_cast<uint32_t>(kDeclared + 4 + i));
  }
  EXPECT_STREQ(koble_symbol_name(engine, kDeclared + 1003), "n999");
}

TEST_F(Attributes, NamesThatAreNone) {
  const Fingerprint before(engine);
  for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\nb"), std::string("\x7f"),
                                  std::string("\xff"), std::string("\xc3")}) {
    koble_result result = KOBLE_RESULT_INIT;
    result.value = 99;
    EXPECT_EQ(koble_symbol_intern(engine, 1, name.c_str(), &result), KOBLE_ERR_ARGUMENT) << name;
    EXPECT_EQ(result.value, 0);
    EXPECT_NE(std::string(koble_engine_message(engine)).find("255 bytes"), std::string::npos);
  }
  EXPECT_EQ(koble_symbol_intern(engine, 1, nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_symbol_intern(nullptr, 1, "a", nullptr), KOBLE_ERR_ARGUMENT);
  koble_result unsized{};
  EXPECT_EQ(koble_symbol_intern(engine, 1, "a", &unsized), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_symbol_intern(engine, -1, "a", nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_TRUE(Fingerprint(engine) == before);
}

TEST_F(Attributes, AreKeptInOrderOfKeysUntilTheContactHasEnded) {
  const koble_id contact = Contact({{kLanguage, 0, kEnglish}, {kAmount, 0, INT64_MIN}});
  EXPECT_EQ(Text(PairsOf(engine, contact)), "1=-9223372036854775808 2=4");
  EXPECT_EQ(Text(PairsOf(engine, Contact({}))), "");
  koble_attribute one{};
  uint64_t count = 0;
  EXPECT_EQ(koble_contact_attributes(engine, contact, &one, 1, &count), KOBLE_OK);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(one.key, kAmount);
  EXPECT_EQ(koble_contact_attributes(engine, contact, nullptr, 0, &count), KOBLE_OK);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(koble_contact_attributes(engine, contact, nullptr, 1, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_attributes(engine, contact, &one, 1, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_attributes(nullptr, contact, &one, 1, &count), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_contact_attributes(engine, 0, &one, 1, &count), KOBLE_ERR_UNKNOWN);
  ASSERT_EQ(koble_contact_gone(engine, 0, contact, KOBLE_BY_HOST, nullptr), KOBLE_OK);
  count = 9;
  EXPECT_EQ(koble_contact_attributes(engine, contact, &one, 1, &count), KOBLE_ERR_ENDED);
  EXPECT_EQ(count, 0u);
  EXPECT_STRNE(koble_engine_message(engine), "");
}

TEST_F(Attributes, ValuesAreInTheDigest) {
  koble_engine* other = nullptr;
  ASSERT_EQ(koble_engine_clone(engine, &other), KOBLE_OK);
  Contact({{kAmount, 0, 1}});
  const Hash one = DigestOf(engine);
  std::swap(engine, other);
  Contact({{kAmount, 0, 2}});
  EXPECT_NE(DigestOf(engine), one);
  koble_engine_destroy(other);
}

TEST_F(Attributes, WhatIsRefused) {
  const Fingerprint before(engine);
  Pairs many;
  for (uint32_t i = 0; i < 17; ++i) many.push_back({i + 1, 0, 0});
  EXPECT_EQ(Arrive(many), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(Arrive({{kAmount, 0, 1}, {kLanguage, 0, 1}, {kAmount, 0, 1}}), KOBLE_ERR_ARGUMENT);
  EXPECT_NE(std::string(koble_engine_message(engine)).find("twice"), std::string::npos);
  EXPECT_EQ(Arrive({{0, 0, 1}}), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(Arrive({{kAmount, 1, 1}}), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(Arrive({{kDeclared + 1, 0, 1}}), KOBLE_ERR_UNKNOWN);
  EXPECT_NE(std::string(koble_engine_message(engine)).find("intern"), std::string::npos);
  EXPECT_EQ(Arrive({{UINT32_MAX, 0, 1}}), KOBLE_ERR_UNKNOWN);
  const uint32_t queue = 0;
  koble_arrival arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, nullptr, 1, 0, 0, 0};
  EXPECT_EQ(koble_contact_arrive(engine, 0, &arrival, nullptr), KOBLE_ERR_ARGUMENT);
  const Pairs one = {{kAmount, 0, 1}};
  arrival = {sizeof(arrival), 1, &queue, 0, 0, 0, 0, one.data(), UINT32_MAX, 0, 0, 0};
  EXPECT_EQ(koble_contact_arrive(engine, 0, &arrival, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_TRUE(Fingerprint(engine) == before);
  many.resize(KOBLE_CONTACT_ATTRIBUTES_MAX);
  for (int i = 0; i < 12; ++i) Intern("n" + std::to_string(i));
  EXPECT_EQ(PairsOf(engine, Contact(many)).size(), KOBLE_CONTACT_ATTRIBUTES_MAX);
}

// A host compiled against the first header: shorter structs, in which there were no attributes.
TEST_F(Attributes, HostsOfTheFirstHeader) {
  const uint32_t queue = 0;
  const Pairs one = {{kAmount, 0, 1}};
  koble_arrival arrival = {40, 1,          &queue, 0, 0, 0,
                           0,  one.data(), 1,      0, 0, 0};  // what lies behind its struct is not read
  koble_result result = KOBLE_RESULT_INIT;
  result.struct_size = 56;
  result.value = 77;
  ASSERT_EQ(koble_contact_arrive(engine, 0, &arrival, &result), KOBLE_OK);
  EXPECT_EQ(result.value, 77);
  EXPECT_EQ(Text(PairsOf(engine, result.id)), "");
  for (const uint32_t size : {0u, 39u}) {
    arrival.struct_size = size;
    EXPECT_EQ(koble_contact_arrive(engine, 0, &arrival, nullptr), KOBLE_ERR_ARGUMENT);
  }

  struct First {  // koble_command
    int64_t time_ns;
    uint32_t kind, code;
    uint64_t target, host_ref;
    int64_t a, b;
    uint32_t queue, data_size;
    uint64_t data_offset;
  };
  static_assert(sizeof(First) == 64);
  const First commands[2] = {{0, KOBLE_CMD_CONTACT_ARRIVE, 0, 0, 5, 0, 0, 0, 0, 0},
                             {0, KOBLE_CMD_CONTACT_ARRIVE, 0, 0, 6, 0, 0, 0, 0, 0}};
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.struct_size = 56;
  batch.stride = sizeof(First);
  batch.commands = reinterpret_cast<const koble_command*>(commands);
  batch.count = 2;
  batch.attributes_size = 1;  // behind the end of its struct
  int32_t codes[2] = {1, 1};
  koble_id ids[2] = {};
  batch.codes = codes;
  batch.ids = ids;
  uint64_t taken = 0;
  ASSERT_EQ(koble_apply(engine, &batch, &taken, nullptr), KOBLE_OK);
  EXPECT_EQ(codes[0], KOBLE_OK);
  EXPECT_EQ(codes[1], KOBLE_OK);
  koble_contact_info info{};
  info.struct_size = sizeof(info);
  ASSERT_EQ(koble_contact(engine, ids[1], &info), KOBLE_OK);
  EXPECT_EQ(info.host_ref, 6u);
}

TEST_F(Attributes, InBatches) {
  const std::string data = "topic";
  // Not aligned, as a slice of a host's packed array may be.
  const Pairs pairs = {{99, 9, 9}, {kLanguage, 0, kNorwegian}, {kAmount, 0, 12}, {5, 0, 1}};
  std::string packed(1 + pairs.size() * sizeof(koble_attribute), '\0');
  std::memcpy(packed.data() + 1, pairs.data(), packed.size() - 1);
  std::vector<koble_command> commands;
  const auto add = [&](uint32_t kind, uint64_t offset, uint32_t count) -> koble_command& {
    koble_command& c = commands.emplace_back();
    c.kind = kind;
    c.attributes_offset = offset;
    c.attributes_count = count;
    return c;
  };
  add(KOBLE_CMD_CONTACT_ARRIVE, 1, 2);
  add(KOBLE_CMD_CONTACT_ARRIVE, 2, 2);  // its second key is no symbol yet
  add(KOBLE_CMD_SYMBOL, 0, 0).data_size = 5;
  add(KOBLE_CMD_CONTACT_ARRIVE, 2, 2);
  add(KOBLE_CMD_CONTACT_ARRIVE, 0, 0);
  const size_t good = commands.size();
  add(KOBLE_CMD_CONTACT_ARRIVE, 0, 1);  // a pair that is none
  add(KOBLE_CMD_CONTACT_ARRIVE, 3, 2);  // outside
  add(KOBLE_CMD_CONTACT_ARRIVE, 5, 0);  //
  add(KOBLE_CMD_CONTACT_ARRIVE, 1, 0);  // an offset of nothing
  add(KOBLE_CMD_CONTACT_ARRIVE, UINT64_MAX, 2);
  add(KOBLE_CMD_CONTACT_ARRIVE, 1, UINT32_MAX);
  add(KOBLE_CMD_CONTACT_ARRIVE, 1, 2).reserved = 1;
  add(KOBLE_CMD_CONTACT_ARRIVE, 0, 0).reserved = 1;
  add(KOBLE_CMD_ADVANCE, 1, 1);  // kinds that use none
  add(KOBLE_CMD_ADVANCE, 1, 0);
  koble_command& symbol = add(KOBLE_CMD_SYMBOL, 1, 1);
  symbol.data_size = 5;
  add(KOBLE_CMD_SYMBOL, 0, 0);  // no name
  add(KOBLE_CMD_SYMBOL, 0, 0).target = 1;
  std::vector<int32_t> codes(commands.size(), 1);
  std::vector<koble_id> ids(commands.size(), 1);
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.commands = commands.data();
  batch.count = commands.size();
  batch.data = data.data();
  batch.data_size = data.size();
  const void* at = packed.data() + 1;
  std::memcpy(&batch.attributes, &at, sizeof(at));
  batch.attributes_size = pairs.size();
  batch.codes = codes.data();
  batch.ids = ids.data();
  uint64_t taken = 0;
  koble_result result = KOBLE_RESULT_INIT;
  ASSERT_EQ(koble_apply(engine, &batch, &taken, &result), KOBLE_OK);
  EXPECT_EQ(taken, commands.size());
  EXPECT_EQ(codes[1], KOBLE_ERR_UNKNOWN);
  for (const size_t i : {0, 2, 3, 4}) EXPECT_EQ(codes[i], KOBLE_OK) << i;
  for (size_t i = good; i < codes.size(); ++i) EXPECT_EQ(codes[i], KOBLE_ERR_ARGUMENT) << i;
  EXPECT_EQ(ids[2], 0u);
  EXPECT_EQ(Text(PairsOf(engine, ids[0])), "1=12 2=3");
  EXPECT_EQ(Text(PairsOf(engine, ids[3])), "1=12 5=1");
  EXPECT_EQ(Text(PairsOf(engine, ids[4])), "");
  EXPECT_EQ(koble_symbol_find(engine, "topic"), 5u);

  batch.count = 3;
  ASSERT_EQ(koble_apply(engine, &batch, &taken, &result), KOBLE_OK);
  EXPECT_EQ(result.value, 5);  // of the last command
  batch.attributes = nullptr;
  EXPECT_EQ(koble_apply(engine, &batch, &taken, &result), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(taken, 0u);
}

TEST_F(Attributes, RecordsHoldThem) {
  Intern("topic");
  Contact({{kLanguage, 0, kEnglish}, {kAmount, 0, -5}});
  Contact({});
  std::string records(1 << 16, '\0');
  uint64_t written = 0, next = 0;
  ASSERT_EQ(koble_journal_read(engine, 1, records.data(), records.size(), &written, &next), KOBLE_OK);
  records.resize(written);
  koble_journal_record record{};
  record.struct_size = sizeof(record);
  ASSERT_EQ(koble_journal_decode(records.data(), records.size(), &record), KOBLE_OK);
  EXPECT_EQ(record.command.kind, static_cast<uint32_t>(KOBLE_CMD_SYMBOL));
  EXPECT_EQ(std::string(static_cast<const char*>(record.data), record.command.data_size), "topic");
  const char* second = records.data() + record.size;
  const uint64_t rest = records.size() - record.size;
  ASSERT_EQ(koble_journal_decode(second, rest, &record), KOBLE_OK);
  EXPECT_EQ(record.size, 120u + 2 * sizeof(koble_attribute));
  EXPECT_EQ(record.command.data_size, 0u);
  ASSERT_EQ(record.command.attributes_count, 2u);
  EXPECT_EQ(record.command.attributes_offset, 0u);
  EXPECT_EQ(Text({record.attributes[0], record.attributes[1]}), "2=4 1=-5");  // as given
  for (uint64_t cut = 0; cut < record.size; ++cut)
    EXPECT_EQ(koble_journal_decode(second, cut, &record), KOBLE_ERR_CORRUPT) << cut;
}

TEST_F(Attributes, CopiesOfTheEngineHaveThem) {
  Intern("topic");
  const koble_id contact = Contact({{5, 0, 7}, {kLanguage, 0, kEnglish}});
  Contact({{kAmount, 0, 1}});
  const Plan other =
      Plan::Load(R"({"queues": [{"name": "q"}], "attributes": [{"name": "reason", "values": ["topic"]}]})");
  ASSERT_EQ(koble_plan_replace(engine, 1, other.get(), nullptr), KOBLE_OK) << koble_engine_message(engine);
  EXPECT_EQ(koble_symbol_find(engine, "reason"), 6u);
  const Hash digest = DigestOf(engine);

  uint64_t needed = 0, next = 0, replayed = 0;
  std::string header(4096, '\0'), records(1 << 16, '\0'), snapshot(1 << 16, '\0');
  ASSERT_EQ(koble_journal_header(engine, header.data(), header.size(), &needed), KOBLE_OK);
  header.resize(needed);
  ASSERT_EQ(koble_journal_read(engine, 1, records.data(), records.size(), &needed, &next), KOBLE_OK);
  records.resize(needed);
  ASSERT_EQ(koble_snapshot_write(engine, snapshot.data(), snapshot.size(), &needed), KOBLE_OK);
  snapshot.resize(needed);

  koble_engine* copies[3] = {};
  ASSERT_EQ(koble_engine_clone(engine, &copies[0]), KOBLE_OK);
  ASSERT_EQ(koble_snapshot_restore(snapshot.data(), snapshot.size(), nullptr, &copies[1]), KOBLE_OK);
  ASSERT_EQ(koble_replay(header.data(), header.size(), records.data(), records.size(), nullptr, &copies[2], &replayed),
            KOBLE_OK);
  for (koble_engine* copy : copies) {
    EXPECT_EQ(DigestOf(copy), digest);
    EXPECT_EQ(koble_symbol_count(copy), 6u);
    EXPECT_STREQ(koble_symbol_name(copy, 5), "topic");
    EXPECT_EQ(Text(PairsOf(copy, contact)), "2=4 5=7");
    koble_result result = KOBLE_RESULT_INIT;
    EXPECT_EQ(koble_symbol_intern(copy, 2, "more", &result), KOBLE_OK);
    EXPECT_EQ(result.value, 7);
    koble_engine_destroy(copy);
  }
}

TEST_F(Attributes, ThereIsALastSymbol) {
  koble_engine* plain = nullptr;
  ASSERT_EQ(koble_engine_create(LoadAttributePlan().get(), nullptr, &plain), KOBLE_OK);
  std::string data;
  std::vector<koble_command> commands(KOBLE_SYMBOLS_MAX - kDeclared);
  for (size_t i = 0; i < commands.size(); ++i) {
    const std::string name = std::to_string(i);
    commands[i].kind = KOBLE_CMD_SYMBOL;
    commands[i].data_offset = data.size();
    commands[i].data_size = static_cast<uint32_t>(name.size());
    data += name;
  }
  koble_batch batch = KOBLE_BATCH_INIT;
  batch.commands = commands.data();
  batch.count = commands.size();
  batch.data = data.data();
  batch.data_size = data.size();
  uint64_t taken = 0;
  ASSERT_EQ(koble_apply(plain, &batch, &taken, nullptr), KOBLE_OK);
  EXPECT_EQ(koble_symbol_count(plain), KOBLE_SYMBOLS_MAX);
  const Hash before = DigestOf(plain);
  EXPECT_EQ(koble_symbol_intern(plain, 0, "one more", nullptr), KOBLE_ERR_LIMIT);
  EXPECT_STRNE(koble_engine_message(plain), "");
  EXPECT_EQ(koble_symbol_intern(plain, 0, "77", nullptr), KOBLE_OK);
  const Plan more = Plan::Load(R"({"attributes": [{"name": "77"}, {"name": "reason"}]})");
  EXPECT_EQ(koble_plan_replace(plain, 0, more.get(), nullptr), KOBLE_ERR_LIMIT);
  EXPECT_EQ(koble_symbol_count(plain), KOBLE_SYMBOLS_MAX);
  EXPECT_EQ(DigestOf(plain), before);
  koble_engine_destroy(plain);
}

// The allocator fails at one call after the other; an interning either happens or changes nothing.
TEST_F(Attributes, InterningWithoutMemoryChangesNothing) {
  struct Heap {
    uint64_t calls = 0, fail_at = 0;
    static void* Realloc(void* context, void* block, uint64_t, uint64_t size) {
      auto& heap = *static_cast<Heap*>(context);
      if (size == 0) return std::free(block), nullptr;
      return ++heap.calls == heap.fail_at ? nullptr : std::realloc(block, size);
    }
  } heap;
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.realloc_fn = Heap::Realloc;
  options.realloc_context = &heap;
  koble_engine* plain = nullptr;
  ASSERT_EQ(koble_engine_create(LoadAttributePlan().get(), &options, &plain), KOBLE_OK);
  uint64_t failures = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "a name that is too long to lie in the string itself " + std::to_string(i);
    const Hash before = DigestOf(plain);
    heap.fail_at = heap.calls + 1;
    int32_t code = koble_symbol_intern(plain, 0, name.c_str(), nullptr);
    heap.fail_at = 0;
    if (code == KOBLE_ERR_NO_MEMORY) {
      ++failures;
      EXPECT_EQ(DigestOf(plain), before);
      EXPECT_EQ(koble_symbol_count(plain), kDeclared + static_cast<uint32_t>(i));
      EXPECT_EQ(koble_symbol_find(plain, name.c_str()), 0u);
      code = koble_symbol_intern(plain, 0, name.c_str(), nullptr);
    }
    ASSERT_EQ(code, KOBLE_OK) << koble_engine_message(plain);
  }
  EXPECT_GT(failures, 5u);
  EXPECT_EQ(koble_symbol_count(plain), kDeclared + 200);
  koble_engine_destroy(plain);
}

}  // namespace
}  // namespace koble::testing
