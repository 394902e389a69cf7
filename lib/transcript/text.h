// Small helpers for building text. (Abseil's take its own string_view, which is not the standard library's everywhere.)
#ifndef KOBLE_LIB_TRANSCRIPT_TEXT_H_
#define KOBLE_LIB_TRANSCRIPT_TEXT_H_

#include <algorithm>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace koble::transcript {

inline void AppendOne(std::string* out, std::string_view text) { *out += text; }
template <std::integral Number>
void AppendOne(std::string* out, Number number) {
  *out += std::to_string(number);
}

template <typename... Parts>
void Append(std::string* out, const Parts&... parts) {
  (AppendOne(out, parts), ...);
}

template <typename... Parts>
std::string Cat(const Parts&... parts) {
  std::string out;
  Append(&out, parts...);
  return out;
}

template <typename List>
std::string Join(const List& list, std::string_view separator) {
  std::string out;
  for (const auto& entry : list) {
    if (&entry != &*list.begin()) out += separator;
    out += entry;
  }
  return out;
}

// Empty parts are left out.
inline std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_TEXT_H_
