// Puts JSON together, two spaces of indentation a level.
#ifndef KOBLE_LIB_PLAN_JSON_TEXT_H_
#define KOBLE_LIB_PLAN_JSON_TEXT_H_

#include <string>
#include <string_view>
#include <utility>

#include "plan/text.h"

namespace koble::plan {

class JsonText {
 public:
  void Open(char bracket) {
    text_ += bracket;
    ++depth_;
    first_ = true;
  }
  void Close(char bracket) {
    --depth_;
    if (!first_) {
      text_ += '\n';
      text_.append(2 * depth_, ' ');
    }
    text_ += bracket;
    first_ = false;
  }
  // Begins the next entry of a list.
  void Entry() {
    text_ += first_ ? "\n" : ",\n";
    text_.append(2 * depth_, ' ');
    first_ = false;
  }
  // Begins the next member of an object.
  void Key(std::string_view key) {
    Entry();
    AppendJsonString(key, &text_);
    text_ += ": ";
  }
  void String(std::string_view text) { AppendJsonString(text, &text_); }
  void Raw(std::string_view text) { text_ += text; }
  void Pair(std::string_view key, std::string_view text) {
    Key(key);
    String(text);
  }
  void RawPair(std::string_view key, std::string_view text) {
    Key(key);
    Raw(text);
  }

  // A place to go back to, where what came after turns out not to be wanted.
  struct Mark {
    size_t size;
    bool first;
  };
  Mark Here() const { return {text_.size(), first_}; }
  void BackTo(const Mark& mark) {
    text_.resize(mark.size);
    first_ = mark.first;
  }

  std::string Take() { return std::move(text_) + "\n"; }

 private:
  std::string text_;
  size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_JSON_TEXT_H_
