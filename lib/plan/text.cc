#include "plan/text.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace koble::plan {
namespace {

struct Unit {
  std::string_view name;
  int64_t ns;
};
constexpr Unit kUnits[] = {{"d", 86'400'000'000'000},
                           {"h", 3'600'000'000'000},
                           {"m", 60'000'000'000},
                           {"s", 1'000'000'000},
                           {"ms", 1'000'000},
                           {"us", 1'000},
                           {"ns", 1}};

// value = value * 10 + digit, unless that passes the largest int64_t.
bool Append(char digit, int64_t* value) {
  return !__builtin_mul_overflow(*value, int64_t{10}, value) &&
         !__builtin_add_overflow(*value, int64_t{digit - '0'}, value);
}

// Length of the UTF-8 character at `text[i]`, 0 where it is ill-formed (overlong forms and surrogates included).
size_t CharacterLength(std::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u; };
  const auto tail = [&](size_t k) { return (byte(k) & 0xc0u) == 0x80u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!tail(1) || !tail(2)) return 0;
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    if (lead == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    if (lead == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

// Edit distance with swapped neighbours counted as one, given up (limit + 1) where it passes `limit`.
size_t Distance(std::string_view a, std::string_view b, size_t limit) {
  constexpr size_t kLongest = 100;
  if (a.size() > kLongest || b.size() > kLongest) return limit + 1;
  if ((a.size() > b.size() ? a.size() - b.size() : b.size() - a.size()) > limit) return limit + 1;
  std::array<std::array<size_t, kLongest + 1>, 3> rows;
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& above2 = rows[(i + 1) % 3];
    size_t best = row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t cost = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cost = std::min(cost, above2[j - 2] + 1);
      row[j] = cost;
      best = std::min(best, cost);
    }
    if (best > limit) return limit + 1;
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

ReadNumber ParseDuration(std::string_view text, int64_t* ns) {
  if (text.empty()) return ReadNumber::kMalformed;
  int64_t total = 0;
  bool too_large = false;
  const Unit* next = std::begin(kUnits);
  size_t i = 0;
  while (i < text.size()) {
    int64_t count = 0;
    const size_t digits = i;
    for (; i < text.size() && IsDigit(text[i]); ++i) too_large |= !Append(text[i], &count);
    if (i == digits) return ReadNumber::kMalformed;
    const size_t letters = i;
    while (i < text.size() && !IsDigit(text[i])) ++i;
    const std::string_view unit = text.substr(letters, i - letters);
    next = std::find_if(next, std::end(kUnits), [&](const Unit& u) { return u.name == unit; });
    if (next == std::end(kUnits)) return ReadNumber::kMalformed;
    too_large |= __builtin_mul_overflow(count, next->ns, &count) || __builtin_add_overflow(total, count, &total);
    ++next;
  }
  *ns = total;
  return too_large ? ReadNumber::kTooLarge : ReadNumber::kOk;
}

std::string FormatDuration(int64_t ns) {
  if (ns == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (ns < unit.ns) continue;
    text += std::to_string(ns / unit.ns);
    text += unit.name;
    ns %= unit.ns;
  }
  return text;
}

ReadNumber ParseDecimal(std::string_view text, int64_t* micro) {
  size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++i;
  // All digits without the point, and the power of ten that the last of them stands for.
  std::string digits;
  int64_t power = 0;
  bool fraction = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (IsDigit(text[i])) {
      digits += text[i];
      power -= fraction ? 1 : 0;
    } else {
      if (fraction) return ReadNumber::kMalformed;
      fraction = true;
    }
  }
  if (digits.empty()) return ReadNumber::kMalformed;
  if (i < text.size()) {
    ++i;
    const bool down = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    int64_t exponent = 0;
    for (; i < text.size(); ++i) {
      if (!IsDigit(text[i])) return ReadNumber::kMalformed;
      exponent = std::min<int64_t>(exponent * 10 + (text[i] - '0'), 1'000'000'000);
    }
    power += down ? -exponent : exponent;
  }
  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++power;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  *micro = 0;
  if (digits.empty()) return ReadNumber::kOk;
  if (power < -6) return ReadNumber::kTooPrecise;
  int64_t value = 0;
  for (const char c : digits) {
    if (!Append(c, &value)) return ReadNumber::kTooLarge;
  }
  for (int64_t k = power + 6; k > 0; --k) {
    if (!Append('0', &value)) return ReadNumber::kTooLarge;
  }
  *micro = negative ? -value : value;
  return ReadNumber::kOk;
}

std::string FormatDecimal(int64_t micro) {
  std::string text = micro < 0 ? "-" : "";
  const uint64_t size = micro < 0 ? 0 - static_cast<uint64_t>(micro) : static_cast<uint64_t>(micro);
  text += std::to_string(size / 1'000'000);
  uint64_t rest = size % 1'000'000;
  if (rest == 0) return text;
  text += '.';
  for (uint64_t place = 100'000; rest > 0; place /= 10) {
    text += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return text;
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = CharacterLength(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void AppendJsonString(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (c == '\n') {
      *out += "\\n";
    } else if (c == '\t') {
      *out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      *out += "\\u00";
      *out += kHex[byte >> 4];
      *out += kHex[byte & 15];
    } else {
      *out += c;
    }
  }
  *out += '"';
}

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  std::string safe;
  size_t i = 0;
  while (i < text.size() && safe.size() < kShown) {
    const size_t length = CharacterLength(text, i);
    safe += length == 0 ? "?" : text.substr(i, length);
    i += std::max<size_t>(length, 1);
  }
  if (i < text.size()) safe += "...";
  std::string out;
  AppendJsonString(safe, &out);
  return out;
}

std::optional<std::string_view> Nearest(std::string_view wrong, size_t count,
                                        const std::function<std::string_view(size_t)>& name) {
  constexpr size_t kLooked = 20'000;  // a suggestion is not worth the time of a whole list of a million
  // A third of the letters, so that "en" is not taken for "no".
  size_t limit = std::min<size_t>(wrong.size() / 3, 3);
  if (wrong.size() == 2) limit = 1;
  std::optional<std::string_view> best;
  for (size_t i = 0; i < std::min(count, kLooked) && limit > 0; ++i) {
    const std::string_view candidate = name(i);
    const size_t distance = Distance(wrong, candidate, limit);
    if (distance > limit || candidate == wrong) continue;
    if (wrong.size() == 2 && (candidate.empty() || candidate[0] != wrong[0])) continue;
    best = candidate;
    limit = distance - 1;
  }
  return best;
}

}  // namespace koble::plan
