// Times and durations as transcripts write them: bare seconds ("20", "20.000000001") or with units ("1m30s", "500ms").
#ifndef KOBLE_LIB_TRANSCRIPT_TIME_TEXT_H_
#define KOBLE_LIB_TRANSCRIPT_TIME_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace koble::transcript {

// Nanoseconds; nothing where the text is no time, is finer than a nanosecond or does not fit 64 bits.
std::optional<int64_t> ParseTime(std::string_view text);
// Shortest form in seconds: "20", "20.5", "20.000000001".
std::string TimeText(int64_t ns);
// Decimal whole number, optional minus.
std::optional<int64_t> ParseInteger(std::string_view text);
std::optional<uint64_t> ParseUnsigned(std::string_view text);
// A decimal with up to `digits` places, times 10^digits.
std::optional<int64_t> ParseFixed(std::string_view text, int digits);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_TIME_TEXT_H_
