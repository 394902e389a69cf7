#include "transcript/token.h"

#include <algorithm>
#include <optional>

namespace koble::transcript {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

class Tokenizer {
 public:
  Tokenizer(std::string_view text, std::vector<Mistake>* mistakes) : mistakes_(mistakes) { SplitLines(text); }

  Text Run() {
    while (at_.line < text_.lines.size()) {
      Line line;
      line.first = at_.line;
      ReadLine(&line);
      line.last = std::min<uint32_t>(at_.line, static_cast<uint32_t>(text_.lines.size()) - 1);
      if (!line.tokens.empty()) text_.content.push_back(std::move(line));
      ++at_.line;
      at_.byte = 0;
    }
    return std::move(text_);
  }

 private:
  void SplitLines(std::string_view text) {
    size_t from = 0;
    while (from < text.size()) {
      size_t end = text.find('\n', from);
      if (end == std::string_view::npos) end = text.size();
      std::string_view line = text.substr(from, end - from);
      if (line.ends_with('\r')) line.remove_suffix(1);
      text_.lines.push_back(line);
      from = end + 1;
    }
    text_.comments.assign(text_.lines.size(), kNoComment);
    if (!text_.lines.empty() && text_.lines[0].starts_with("\xEF\xBB\xBF")) at_.byte = 3;
  }

  std::string_view Here() const { return text_.lines[at_.line]; }
  bool AtEnd() const { return at_.byte >= Here().size(); }
  char Peek(uint32_t ahead = 0) const { return at_.byte + ahead < Here().size() ? Here()[at_.byte + ahead] : '\0'; }
  bool StartsWith(std::string_view what) const { return Here().substr(at_.byte).starts_with(what); }
  void Wrong(Place place, std::string_view what) { mistakes_->push_back({place, std::string(what)}); }

  void ReadLine(Line* line) {
    while (true) {
      while (!AtEnd() && IsSpace(Peek())) ++at_.byte;
      if (AtEnd()) return;
      if (Peek() == '#') {
        text_.comments[at_.line] = at_.byte;
        return;
      }
      std::optional<Token> token = ReadToken();
      if (!token) return line->tokens.clear();  // one mistake is enough
      token->end = at_;
      line->tokens.push_back(*std::move(token));
    }
  }

  std::optional<Token> ReadToken() {
    Token token;
    token.begin = at_;
    static constexpr struct {
      std::string_view text;
      Token::Kind kind;
    } kMarks[] = {{"=>", Token::Kind::kArrow},
                  {"->", Token::Kind::kName},
                  {"...", Token::Kind::kDots},
                  {";", Token::Kind::kSemi}};
    for (const auto& mark : kMarks) {
      if (!StartsWith(mark.text)) continue;
      token.kind = mark.kind;
      token.text = mark.text;
      at_.byte += static_cast<uint32_t>(mark.text.size());
      return token;
    }
    if (Peek() == '!' && Peek(1) != '=') {
      token.kind = Token::Kind::kBang;
      token.text = "!";
      ++at_.byte;
      return token;
    }
    if (Peek() == '{') {
      token.kind = Token::Kind::kJson;
      if (!ReadJson(&token.text)) return std::nullopt;
      return token;
    }
    if (!ReadWord(&token)) return std::nullopt;
    return token;
  }

  bool ReadWord(Token* token) {
    token->quoted = Peek() == '"';
    while (!AtEnd()) {
      const char c = Peek();
      if (IsSpace(c) || c == ';') break;
      if (token->text.size() + token->quoted > 0 && (StartsWith("=>") || StartsWith("->"))) break;
      if (c == '"') {
        if (!ReadQuoted(&token->text)) return false;
        continue;
      }
      if (c == '(') {
        if (!ReadParenthesis(&token->text)) return false;
        continue;
      }
      if (c == '{' && !token->text.empty() && token->text.back() == '=') {
        if (!ReadJson(&token->text)) return false;
        continue;
      }
      if (c == '=' && token->equals == std::string::npos && !token->text.empty()) token->equals = token->text.size();
      token->text += c;
      ++at_.byte;
    }
    return true;
  }

  bool ReadQuoted(std::string* out) {
    const Place begin = at_;
    for (++at_.byte; !AtEnd(); ++at_.byte) {
      if (Peek() == '"') {
        ++at_.byte;
        return true;
      }
      if (Peek() == '\\' && at_.byte + 1 < Here().size()) ++at_.byte;
      *out += Peek();
    }
    Wrong(begin, "a quote that is not closed on its line; write \"name\"");
    return false;
  }

  bool ReadParenthesis(std::string* out) {
    const Place begin = at_;
    while (!AtEnd()) {
      *out += Peek();
      ++at_.byte;
      if (out->back() == ')') return true;
    }
    Wrong(begin, "a parenthesis that is not closed; write 100(due 33)");
    return false;
  }

  // From `{` to the `}` that closes it. Comments become blanks, so that places in the JSON stay places in the file.
  bool ReadJson(std::string* out) {
    const Place begin = at_;
    int depth = 0;
    bool in_string = false;
    while (true) {
      for (; !AtEnd(); ++at_.byte) {
        const char c = Peek();
        if (!in_string && c == '#' && (at_.byte == 0 || IsSpace(Here()[at_.byte - 1]))) {
          text_.comments[at_.line] = at_.byte;
          break;
        }
        *out += c;
        if (in_string) {
          if (c == '\\' && at_.byte + 1 < Here().size()) {
            ++at_.byte;
            *out += Peek();
          } else if (c == '"') {
            in_string = false;
          }
        } else if (c == '"') {
          in_string = true;
        } else if (c == '{') {
          ++depth;
        } else if (c == '}' && --depth == 0) {
          ++at_.byte;
          return true;
        }
      }
      if (at_.line + 1 >= text_.lines.size()) break;
      *out += '\n';
      ++at_.line;
      at_.byte = 0;
    }
    Wrong(begin, "a `{` without its `}`: the plan or definition reaches the end of the file");
    return false;
  }

  Text text_;
  std::vector<Mistake>* mistakes_;
  Place at_;
};

}  // namespace

Text Tokenize(std::string_view text, std::vector<Mistake>* mistakes) { return Tokenizer(text, mistakes).Run(); }

uint32_t Column(std::string_view line, uint32_t byte) {
  uint32_t column = 1;
  for (uint32_t i = 0; i < byte && i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0) != 0x80) ++column;
  }
  return column;
}

}  // namespace koble::transcript
