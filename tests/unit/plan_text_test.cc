// Durations and decimals are read exactly or not at all.
#include "plan/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace koble::plan {
namespace {

int64_t Duration(std::string_view text) {
  int64_t ns = -1;
  EXPECT_EQ(ParseDuration(text, &ns), ReadNumber::kOk) << text;
  return ns;
}

int64_t Decimal(std::string_view text) {
  int64_t micro = -1;
  EXPECT_EQ(ParseDecimal(text, &micro), ReadNumber::kOk) << text;
  return micro;
}

TEST(PlanText, DurationsHaveSevenUnits) {
  EXPECT_EQ(Duration("1ns"), 1);
  EXPECT_EQ(Duration("1us"), 1'000);
  EXPECT_EQ(Duration("1ms"), 1'000'000);
  EXPECT_EQ(Duration("1s"), 1'000'000'000);
  EXPECT_EQ(Duration("1m"), 60'000'000'000);
  EXPECT_EQ(Duration("1h"), 3'600'000'000'000);
  EXPECT_EQ(Duration("1d"), 86'400'000'000'000);
  EXPECT_EQ(Duration("0s"), 0);
  EXPECT_EQ(Duration("007s"), 7'000'000'000);
}

TEST(PlanText, DurationsCombineUnitsFromLargeToSmall) {
  EXPECT_EQ(Duration("1m30s"), 90'000'000'000);
  EXPECT_EQ(Duration("1d2h3m4s5ms6us7ns"), 93'784'005'006'007);
  EXPECT_EQ(Duration("1d1ns"), 86'400'000'000'001);
  EXPECT_EQ(Duration("90m"), 5'400'000'000'000);
}

TEST(PlanText, DurationsRefuseEverythingElse) {
  int64_t ns = 0;
  for (const char* text :
       {"",     "0",    "20",   "s",     "-1s",  "+1s",  "1.5s", "1 s",   " 1s",        "1s ",      "1S",
        "1sec", "1s1s", "1s1m", "1ms1s", "1m30", "1e3s", "1w",   "never", "1s\xc2\xb5", "\xd9\xa1s"}) {
    EXPECT_EQ(ParseDuration(text, &ns), ReadNumber::kMalformed) << text;
  }
}

TEST(PlanText, DurationsThatDoNotFitAreTooLarge) {
  int64_t ns = 0;
  EXPECT_EQ(Duration("9223372036854775807ns"), INT64_MAX);
  for (const char* text :
       {"9223372036854775808ns", "106752d", "106751d23h47m16s854ms775us808ns", "99999999999999999999999d"}) {
    EXPECT_EQ(ParseDuration(text, &ns), ReadNumber::kTooLarge) << text;
  }
}

TEST(PlanText, DurationsAreWrittenShortAndReadBackTheSame) {
  EXPECT_EQ(FormatDuration(0), "0s");
  EXPECT_EQ(FormatDuration(90'000'000'000), "1m30s");
  EXPECT_EQ(FormatDuration(500'000'000), "500ms");
  for (int64_t ns = 1; ns < INT64_MAX / 7; ns = ns * 7 + ns % 5) EXPECT_EQ(Duration(FormatDuration(ns)), ns);
  EXPECT_EQ(Duration(FormatDuration(INT64_MAX)), INT64_MAX);
}

TEST(PlanText, DecimalsAreExact) {
  EXPECT_EQ(Decimal("0"), 0);
  EXPECT_EQ(Decimal("0.1"), 100'000);
  EXPECT_EQ(Decimal("0.3"), 300'000);
  EXPECT_EQ(Decimal("0.000001"), 1);
  EXPECT_EQ(Decimal("1.000000000"), 1'000'000);
  EXPECT_EQ(Decimal("-2.5"), -2'500'000);
  EXPECT_EQ(Decimal("1e3"), 1'000'000'000);
  EXPECT_EQ(Decimal("1E+3"), 1'000'000'000);
  EXPECT_EQ(Decimal("5e-1"), 500'000);
  EXPECT_EQ(Decimal("1200e-2"), 12'000'000);
  EXPECT_EQ(Decimal("0.0000001e1"), 1);
  EXPECT_EQ(Decimal("0e999999999999"), 0);
  EXPECT_EQ(Decimal("9223372036854.775807"), INT64_MAX);
  EXPECT_EQ(Decimal("0,5"), 500'000) << "the decimal point of another locale";
}

TEST(PlanText, DecimalsAreNeverRounded) {
  int64_t micro = 0;
  for (const char* text : {"0.0000001", "1.0000001", "1e-7", "0.1234567", "3e-999999999999"}) {
    EXPECT_EQ(ParseDecimal(text, &micro), ReadNumber::kTooPrecise) << text;
  }
  for (const char* text : {"9223372036854.775808", "1e13", "1e999999999999", "99999999999999999999999"}) {
    EXPECT_EQ(ParseDecimal(text, &micro), ReadNumber::kTooLarge) << text;
  }
}

TEST(PlanText, DecimalsAreWrittenWithoutExponentAndReadBackTheSame) {
  EXPECT_EQ(FormatDecimal(1), "0.000001");
  EXPECT_EQ(FormatDecimal(500'000), "0.5");
  EXPECT_EQ(FormatDecimal(1'000'000'000), "1000");
  EXPECT_EQ(FormatDecimal(-1'500'000), "-1.5");
  for (int64_t micro = 1; micro < INT64_MAX / 7; micro = micro * 7 + micro % 5) {
    EXPECT_EQ(Decimal(FormatDecimal(micro)), micro);
    EXPECT_EQ(Decimal(FormatDecimal(-micro)), -micro);
  }
}

TEST(PlanText, Utf8IsJudgedStrictly) {
  for (const char* text : {"", "abc", "\xc3\xa6", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(IsUtf8(text));
  for (const char* text : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                           "\xf4\x90\x80\x80", "\xff", "a\xe2\x82"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

TEST(PlanText, SuggestionsAreNearAndOtherwiseAbsent) {
  const std::vector<std::string> names{"norwegian", "english", "no", "en", "voice"};
  const auto nearest = [&](std::string_view wrong) {
    return std::string(
        Nearest(wrong, names.size(), [&](size_t i) { return std::string_view(names[i]); }).value_or("-"));
  };
  EXPECT_EQ(nearest("norwegain"), "norwegian");
  EXPECT_EQ(nearest("Norwegian"), "norwegian");
  EXPECT_EQ(nearest("vioce"), "voice");
  EXPECT_EQ(nearest("nr"), "no");
  EXPECT_EQ(nearest("x"), "-");
  EXPECT_EQ(nearest("zebra"), "-");
  EXPECT_EQ(nearest(std::string(5000, 'a')), "-");
}

TEST(PlanText, MessagesQuoteStrangeTextSafely) {
  EXPECT_EQ(Quoted("a\"b"), "\"a\\\"b\"");
  EXPECT_EQ(Quoted(std::string("a\0b", 3)), "\"a\\u0000b\"");
  EXPECT_EQ(Quoted("\xff"), "\"?\"");
  EXPECT_EQ(Quoted(std::string(100, 'x')), '"' + std::string(60, 'x') + "...\"");
}

}  // namespace
}  // namespace koble::plan
