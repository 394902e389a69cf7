#include "transcript/time_text.h"

#include <array>
#include <charconv>

#include <absl/strings/ascii.h>
#include "transcript/text.h"

namespace koble::transcript {
namespace {

__extension__ typedef __int128 Wide;

struct Unit {
  std::string_view name;
  int64_t ns;
};
// Longer names first: "ms" begins like "m".
constexpr std::array<Unit, 7> kUnits = {{{"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"ns", 1},
                                         {"d", 86'400'000'000'000},
                                         {"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000}}};
constexpr int kSecondDigits = 9;

template <typename Number>
std::optional<Number> ParseWhole(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// Takes one "12.5m" off the front and adds it to `sum`.
bool TakePart(std::string_view* text, int64_t* sum) {
  size_t digits = 0;
  while (digits < text->size() && (absl::ascii_isdigit((*text)[digits]) || (*text)[digits] == '.')) ++digits;
  const std::string_view number = text->substr(0, digits);
  text->remove_prefix(digits);
  for (const Unit& unit : kUnits) {
    if (!text->starts_with(unit.name)) continue;
    text->remove_prefix(unit.name.size());
    const std::optional<int64_t> fixed = ParseFixed(number, kSecondDigits);
    if (!fixed) return false;
    const Wide scaled = static_cast<Wide>(*fixed) * unit.ns;
    if (scaled % 1'000'000'000 != 0 || scaled / 1'000'000'000 > INT64_MAX) return false;
    return !__builtin_add_overflow(*sum, static_cast<int64_t>(scaled / 1'000'000'000), sum);
  }
  return false;
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) { return ParseWhole<int64_t>(text); }
std::optional<uint64_t> ParseUnsigned(std::string_view text) { return ParseWhole<uint64_t>(text); }

std::optional<int64_t> ParseFixed(std::string_view text, int digits) {
  if (text.empty() || !absl::ascii_isdigit(text[0])) return std::nullopt;
  int64_t value = 0;
  int places = -1;  // after the point; -1: no point yet
  for (const char c : text) {
    if (c == '.' && places < 0) {
      places = 0;
      continue;
    }
    if (!absl::ascii_isdigit(c) || (places >= 0 && ++places > digits)) return std::nullopt;
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, c - '0', &value))
      return std::nullopt;
  }
  for (int i = places < 0 ? 0 : places; i < digits; ++i) {
    if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
  }
  return value;
}

std::optional<int64_t> ParseTime(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  std::optional<int64_t> value = ParseFixed(text, kSecondDigits);
  if (!value && !text.empty() && absl::ascii_isdigit(text[0])) {
    int64_t sum = 0;
    while (!text.empty()) {
      if (!TakePart(&text, &sum)) return std::nullopt;
    }
    value = sum;
  }
  if (value && minus) value = -*value;
  return value;
}

std::string TimeText(int64_t ns) {
  const bool minus = ns < 0;
  const uint64_t magnitude = minus ? 0 - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns);
  std::string text = Cat(minus ? "-" : "", magnitude / 1'000'000'000);
  const uint64_t rest = magnitude % 1'000'000'000;
  if (rest == 0) return text;
  std::string fraction = Cat(1'000'000'000 + rest).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return Cat(text, ".", fraction);
}

}  // namespace koble::transcript
