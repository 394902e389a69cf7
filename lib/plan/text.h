// Small texts of the plan's language: durations, exact decimals, names, and how they are shown to people.
#ifndef KOBLE_LIB_PLAN_TEXT_H_
#define KOBLE_LIB_PLAN_TEXT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace koble::plan {

enum class ReadNumber : uint8_t { kOk, kMalformed, kTooPrecise, kTooLarge };

// "1m30s" -> nanoseconds. Units d h m s ms us ns, each at most once, in this order.
ReadNumber ParseDuration(std::string_view text, int64_t* ns);
// 90 s -> "1m30s"; exact, in the largest units.
std::string FormatDuration(int64_t ns);

// The text of a JSON number as millionths, without rounding: "0.1" -> 100000, "1e3" -> 10^9. Whatever character stands
// for the decimal point is taken as one: nlohmann::json puts the locale's in its place.
ReadNumber ParseDecimal(std::string_view text, int64_t* micro);
// 100000 -> "0.1"; never an exponent.
std::string FormatDecimal(int64_t micro);

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUtf8(std::string_view text);
// Control characters, NUL included: no name has any, so that a name is always one line of text and a C string.
bool HasControl(std::string_view text);

// "text" in quotes, cut and escaped, for messages.
std::string Quoted(std::string_view text);
// Quoted in full, as JSON text.
void AppendJsonString(std::string_view text, std::string* out);

// The name among `count` that looks most like `wrong`: one is returned only where it is near enough to be a slip.
std::optional<std::string_view> Nearest(std::string_view wrong, size_t count,
                                        const std::function<std::string_view(size_t)>& name);

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_TEXT_H_
