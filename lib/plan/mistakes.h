// Collects what is wrong with a plan: all of it, one line each, up to a number that a person can read.
#ifndef KOBLE_LIB_PLAN_MISTAKES_H_
#define KOBLE_LIB_PLAN_MISTAKES_H_

#include <cstddef>
#include <string>
#include <vector>

namespace koble::plan {

class Mistakes {
 public:
  static constexpr size_t kShown = 50;

  // `line()` gives the text; it is asked only where it will be shown, because looking for the word that was meant is
  // dear.
  template <class Line>
  void Add(Line&& line) {
    if (count_++ < kShown) lines_.push_back(line());
  }
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }

  std::string Text(const char* separator = "\n") const {
    std::string text;
    for (const std::string& line : lines_) {
      if (!text.empty()) text += separator;
      text += line;
    }
    if (count_ > lines_.size()) text += separator + ("and " + std::to_string(count_ - lines_.size()) + " more");
    return text;
  }

 private:
  size_t count_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace koble::plan

#endif  // KOBLE_LIB_PLAN_MISTAKES_H_
