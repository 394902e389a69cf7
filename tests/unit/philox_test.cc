// Against the known-answer vectors that D. E. Shaw Research publishes with Random123 (kat_vectors), and, where the data are
// present, against ../shared/data/theory/cases.json.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/philox.h"

namespace koble::base {
namespace {

TEST(PhiloxTest, KnownAnswersOf4x32) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}), (Philox4x32Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Philox4x32Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Philox4x32Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(PhiloxTest, KnownAnswersOf4x64) {
  EXPECT_EQ(Philox4x64({0, 0, 0, 0}, {0, 0}),
            (Philox4x64Block{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}));
  constexpr uint64_t kOnes = UINT64_MAX;
  EXPECT_EQ(Philox4x64({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Philox4x64Block{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}));
  EXPECT_EQ(Philox4x64({0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
                       {0x452821e638d01377, 0xbe5466cf34e90c6c}),
            (Philox4x64Block{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}));
}

TEST(PhiloxTest, VectorsOfTheSharedData) {
  const char* folder = std::getenv("KOBLE_DATA");
  std::string path = folder != nullptr ? folder : std::string(KOBLE_SOURCE_DIR) + "/../shared/data";
  path += "/theory/cases.json";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "theory/cases.json is absent; set KOBLE_DATA to the folder of data";
  const nlohmann::json cases = nlohmann::json::parse(std::ifstream(path));
  const std::vector<std::pair<std::string, Philox4x32Block>> inputs = {
      {"zero", {0, 0, 0, 0}},
      {"ones", {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}},
      {"pi", {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}};
  int checked = 0;
  for (const auto& one : cases["rng_cases"]) {
    if (one["name"] != "rng_philox4x32_10") continue;
    for (const auto& [name, counter] : inputs) {
      const std::array<uint32_t, 2> key = name == "pi" ? std::array<uint32_t, 2>{0xa4093822, 0x299f31d0}
                                                       : std::array<uint32_t, 2>{counter[0], counter[0]};
      std::vector<std::string> words;
      for (const uint32_t word : Philox4x32(counter, key)) {
        char text[9];
        std::snprintf(text, sizeof(text), "%08x", word);
        words.emplace_back(text);
      }
      EXPECT_EQ(words, one["expected"][name].get<std::vector<std::string>>()) << name;
      ++checked;
    }
  }
  EXPECT_EQ(checked, 3);
}

TEST(PhiloxTest, ADrawIsKeyedByAllItsParts) {
  const auto draw = Draw(1, 2, 3, 4);
  EXPECT_EQ(draw, Draw(1, 2, 3, 4));
  EXPECT_NE(draw, Draw(2, 2, 3, 4));
  EXPECT_NE(draw, Draw(1, 3, 3, 4));
  EXPECT_NE(draw, Draw(1, 2, 4, 4));
  EXPECT_NE(draw, Draw(1, 2, 3, 5));
  EXPECT_NE(draw, Draw(1 + (uint64_t{1} << 32), 2, 3, 4));
  EXPECT_NE(draw, Draw(1, 2, 3 + (uint64_t{1} << 32), 4));
}

}  // namespace
}  // namespace koble::base
