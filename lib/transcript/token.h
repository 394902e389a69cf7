// A transcript cut into lines of words. Nothing is understood yet: no verbs, no events.
#ifndef KOBLE_LIB_TRANSCRIPT_TOKEN_H_
#define KOBLE_LIB_TRANSCRIPT_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace koble::transcript {

// A place in the file, both from 0. Bytes, not characters; Column() counts characters for people.
struct Place {
  uint32_t line = 0;
  uint32_t byte = 0;
};

struct Token {
  enum class Kind : uint8_t {
    kWord,   // a bare word, a "quoted name", key=value, 100(due 33)
    kJson,   // { ... }, over several lines where it must; `#` comments inside are blanked
    kArrow,  // =>
    kName,   // ->
    kBang,   // !
    kSemi,   // ;
    kDots,   // ...
  };
  Kind kind = Kind::kWord;
  std::string text;                   // without quotes and escapes; of key=value the whole
  size_t equals = std::string::npos;  // place of the first unquoted '=' in text
  bool quoted = false;                // began with a quote: a name, whatever it looks like
  Place begin;
  Place end;  // one past the last byte

  bool Is(Kind other) const { return kind == other; }
  std::string_view Key() const {
    return equals == std::string::npos ? std::string_view() : std::string_view(text).substr(0, equals);
  }
  std::string_view Value() const {
    return equals == std::string::npos ? std::string_view() : std::string_view(text).substr(equals + 1);
  }
};

// What one line says; a JSON object may make it reach over several lines of the file.
struct Line {
  std::vector<Token> tokens;  // never empty
  uint32_t first = 0;
  uint32_t last = 0;
};

struct Mistake {
  Place place;
  std::string text;
};

struct Text {
  std::vector<std::string_view> lines;  // of the file, without line ends; they point into the text given
  std::vector<uint32_t> comments;       // for each line the byte where its comment begins; UINT32_MAX: none
  std::vector<Line> content;
};

inline constexpr uint32_t kNoComment = UINT32_MAX;

// Lines and words of the text; what cannot be cut goes to `mistakes`.
Text Tokenize(std::string_view text, std::vector<Mistake>* mistakes);

// The column as people count it, from 1.
uint32_t Column(std::string_view line, uint32_t byte);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_TOKEN_H_
