// Every named number has a word, words are distinct, and what has no name gives null. Numbers are never changed.
#include <gtest/gtest.h>

#include <cctype>
#include <cstring>
#include <set>
#include <string>

#include "koble/koble.h"
#include "koble/koble_record.h"

namespace {

void Distinct(const char* (*name)(uint32_t), uint32_t first, uint32_t end) {
  std::set<std::string> seen;
  for (uint32_t i = first; i < end; ++i) {
    ASSERT_NE(name(i), nullptr) << i;
    EXPECT_TRUE(seen.insert(name(i)).second) << name(i);
    for (const char* c = name(i); *c != '\0'; ++c) EXPECT_TRUE(std::islower(*c) || *c == '_') << name(i);
  }
  EXPECT_EQ(name(0), nullptr);
  EXPECT_EQ(name(end), nullptr);
  EXPECT_EQ(name(UINT32_MAX), nullptr);
}

TEST(Words, Commands) { Distinct(koble_command_name, 1, KOBLE_CMD_COUNT_); }
TEST(Words, Events) { Distinct(koble_event_name, 1, KOBLE_EVENT_COUNT_); }

TEST(Words, Errors) {
  std::set<std::string> names, texts;
  for (int32_t code = KOBLE_OK; code >= KOBLE_ERR_BUSY; --code) {
    EXPECT_TRUE(names.insert(koble_error_name(code)).second) << code;
    EXPECT_STRNE(koble_error_name(code), "unknown_error") << code;
    EXPECT_GT(std::strlen(koble_error_text(code)), 1u) << code;
    EXPECT_TRUE(texts.insert(koble_error_text(code)).second) << code;
  }
  EXPECT_STREQ(koble_error_name(KOBLE_ERR_TIME), "time");
  EXPECT_STREQ(koble_error_name(KOBLE_ERR_IN_USE), "in_use");
  for (int32_t code : {1, KOBLE_ERR_BUSY - 1, INT32_MIN, INT32_MAX}) {
    EXPECT_STREQ(koble_error_name(code), "unknown_error");
    EXPECT_NE(koble_error_text(code), nullptr);
  }
}

TEST(Words, Reasons) {
  const auto all = [](uint32_t kind, uint32_t first, uint32_t last) {
    std::set<std::string> seen;
    for (uint32_t reason = first; reason <= last; ++reason) {
      const char* word = koble_reason_name(kind, reason);
      ASSERT_NE(word, nullptr) << koble_event_name(kind) << " " << reason;
      EXPECT_TRUE(seen.insert(word).second) << word;
    }
    EXPECT_EQ(koble_reason_name(kind, last + 1), nullptr) << koble_event_name(kind);
    EXPECT_EQ(koble_reason_name(kind, UINT32_MAX), nullptr);
    if (first == 1) {
      EXPECT_EQ(koble_reason_name(kind, 0), nullptr) << koble_event_name(kind);
    }
  };
  all(KOBLE_EVENT_OUTCOME, KOBLE_OUTCOME_ACCEPTED, KOBLE_OUTCOME_WITHDRAWN);
  all(KOBLE_EVENT_CONNECT_FAILED, KOBLE_CONNECT_HOST, KOBLE_CONNECT_LOST);
  all(KOBLE_EVENT_ENDED, KOBLE_BY_CUSTOMER, KOBLE_BY_SILENCE);
  all(KOBLE_EVENT_WRAPUP_END, KOBLE_WRAPUP_EXPIRED, KOBLE_WRAPUP_EARLY);
  all(KOBLE_EVENT_LEFT, KOBLE_EXIT_ABANDONED, KOBLE_EXIT_LET_GO);
  all(KOBLE_EVENT_EXIT, KOBLE_EXIT_ABANDONED, KOBLE_EXIT_LET_GO);
  all(KOBLE_EVENT_PRESENCE, KOBLE_PRESENCE_OFFLINE, KOBLE_PRESENCE_BREAK);
  all(KOBLE_EVENT_REQUEST_END, KOBLE_REQUEST_EXPIRED, KOBLE_REQUEST_REMOVED);
  EXPECT_STREQ(koble_reason_name(KOBLE_EVENT_OUTCOME, 2), "declined");
  EXPECT_STREQ(koble_reason_name(KOBLE_EVENT_UNKNOWN, KOBLE_KIND_ENGAGEMENT), "engagement");
  EXPECT_EQ(koble_reason_name(KOBLE_EVENT_UNKNOWN, KOBLE_KIND_AGENT), nullptr);
  EXPECT_NE(koble_reason_name(KOBLE_EVENT_PENALISED, KOBLE_OUTCOME_NO_ANSWER), nullptr);
  EXPECT_EQ(koble_reason_name(KOBLE_EVENT_ARRIVED, 1), nullptr);
  EXPECT_EQ(koble_reason_name(0, 1), nullptr);
  EXPECT_EQ(koble_reason_name(UINT32_MAX, 1), nullptr);
}

TEST(Words, Versions) {
  EXPECT_EQ(koble_abi_version(), KOBLE_ABI_VERSION);
  EXPECT_EQ(koble_rules_version(), KOBLE_RULES_VERSION);
  EXPECT_EQ(std::string(koble_version()), std::to_string(KOBLE_VERSION_MAJOR) + "." +
                                              std::to_string(KOBLE_VERSION_MINOR) + "." +
                                              std::to_string(KOBLE_VERSION_PATCH));
}

// The layout is the ABI: a change here breaks every host that is already compiled. Members are appended, so sizes may grow.
TEST(Abi, Layout) {
  EXPECT_EQ(sizeof(koble_command), 96u);
  EXPECT_EQ(sizeof(koble_attribute), 16u);
  EXPECT_EQ(sizeof(koble_event), 112u);
  EXPECT_EQ(offsetof(koble_command, target), 16u);
  EXPECT_EQ(offsetof(koble_command, data_offset), 56u);
  EXPECT_EQ(offsetof(koble_command, attributes_offset), 64u);
  EXPECT_EQ(offsetof(koble_event, contact), 32u);
  EXPECT_EQ(offsetof(koble_event, queue), 80u);
  EXPECT_EQ(offsetof(koble_event, journal_seq), 104u);
  EXPECT_EQ(offsetof(koble_result, journal_seq), 48u);
  EXPECT_EQ(offsetof(koble_result, value), 56u);
  EXPECT_EQ(offsetof(koble_arrival, attributes), 48u);
  EXPECT_EQ(offsetof(koble_engine_options, realloc_context), 80u);
  EXPECT_EQ(offsetof(koble_batch, ids), 48u);
  EXPECT_EQ(offsetof(koble_batch, attributes), 56u);
  EXPECT_EQ(offsetof(koble_contact_info, positions), 112u);
  EXPECT_EQ(offsetof(koble_agent_info, leaving), 84u);
  EXPECT_EQ(offsetof(koble_journal_record, data), 128u);
  EXPECT_EQ(offsetof(koble_journal_record, serial), 136u);
}

}  // namespace
