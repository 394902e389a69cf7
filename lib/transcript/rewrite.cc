// Puts what happened in the place of what was expected, line by line; whatever did not differ stays byte for byte.
#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "transcript/run.h"
#include "transcript/text.h"

namespace koble::transcript {
namespace {

// The new lines of one line of the file.
using Edits = std::map<uint32_t, std::vector<std::string>>;

// An expectation in its new form. `line` is the old line it goes to.
struct Piece {
  std::string text;
  uint32_t line = 0;
  bool added = false;    // happened, was not written: gets a line of its own where expectations stand below
  bool changed = false;  // differs from what stood there
};

class CommandRewriter {
 public:
  CommandRewriter(const Script& script, const Statement& statement, const Difference& difference)
      : script_(script), statement_(statement), difference_(difference) {}

  void Run(Edits* edits) {
    MakeError();
    MakePieces();
    WriteHead(edits);
    for (uint32_t line = statement_.head_end.line + 1; line <= statement_.last_line; ++line) WriteLine(line, edits);
    WriteBelow(edits);
  }

 private:
  std::string_view SourceLine(uint32_t line) const { return script_.text.lines[line]; }
  std::string Source(const Item& item) const {
    return std::string(SourceLine(item.begin.line).substr(item.begin.byte, item.end.byte - item.begin.byte));
  }
  std::string Comment(uint32_t line) const {
    const uint32_t begin = script_.text.comments[line];
    return begin == kNoComment ? "" : std::string(SourceLine(line).substr(begin));
  }
  // Puts the line's comment behind the new text, in its old column where that is free.
  void AppendComment(uint32_t line, std::string* text) const {
    const uint32_t begin = script_.text.comments[line];
    if (begin == kNoComment) return;
    const size_t gap = text->size() + 2 <= begin ? begin - text->size() : 2;
    Append(text, std::string(gap, ' '), Comment(line));
  }
  uint32_t HeadLine() const { return statement_.head_end.line; }

  void MakeError() {
    const auto written = std::find_if(statement_.items.begin(), statement_.items.end(),
                                      [](const Item& item) { return item.kind == Item::Kind::kError; });
    if (written == statement_.items.end()) {
      if (difference_.code != KOBLE_OK) new_error_ = Cat("! ", engine::ErrorName(difference_.code));
      return;
    }
    Piece piece;
    piece.line = written->begin.line;
    if (difference_.code == difference_.expected_code) {
      piece.text = Source(*written);
    } else if (difference_.code != KOBLE_OK) {
      piece.text = Cat("! ", engine::ErrorName(difference_.code));
      piece.changed = true;
    } else {
      changed_lines_.push_back(piece.line);
      return;
    }
    error_ = piece;
    error_place_ = written->begin;
  }

  // Goes through the comparison; an event that happened takes the place of one that did not, where there is one.
  void MakePieces() {
    std::vector<const Item*> holes;
    uint32_t line = HeadLine();
    bool line_known = false;
    for (const Row& row : difference_.rows) {
      const Item* item = row.item == kNothing ? nullptr : &statement_.items[difference_.items[row.item]];
      if (item != nullptr) {
        PlaceError(*item);
        line = item->begin.line;
        line_known = true;
      }
      if (item != nullptr && row.fine) {
        pieces_.push_back({Source(*item), line, false, false});
        holes.clear();
      } else if (row.Both()) {
        holes = {item};
        AddHappening(difference_.happenings[row.happening], &holes, line);
      } else if (item != nullptr) {
        holes.push_back(item);
        changed_lines_.push_back(line);
      } else if (!row.fine) {
        AddHappening(difference_.happenings[row.happening], &holes, line_known ? line : FirstItemLine());
      }
    }
    if (error_) pieces_.push_back(*error_);
  }

  void PlaceError(const Item& next) {
    if (!error_) return;
    const bool before = error_place_.line < next.begin.line ||
                        (error_place_.line == next.begin.line && error_place_.byte < next.begin.byte);
    if (!before) return;
    pieces_.push_back(*error_);
    error_.reset();
  }

  // Where the first event goes that was not expected: to the line of the expectations, or below the command.
  uint32_t FirstItemLine() const { return statement_.items.empty() ? HeadLine() : statement_.items[0].begin.line; }

  void AddHappening(const Happening& happening, std::vector<const Item*>* holes, uint32_t line) {
    const EventWant* like = nullptr;
    bool fills = false;
    if (!holes->empty()) {
      like = &holes->front()->event;
      line = holes->front()->begin.line;
      holes->erase(holes->begin());
      fills = true;
    }
    const bool show_time = like != nullptr && like->time.has_value();
    pieces_.push_back({WriteEvent(happening, like, difference_.time_ns, show_time), line, !fills, true});
  }

  bool LineChanged(uint32_t line) const {
    return std::find(changed_lines_.begin(), changed_lines_.end(), line) != changed_lines_.end() ||
           std::any_of(pieces_.begin(), pieces_.end(), [line](const Piece& p) { return p.line == line && p.changed; });
  }

  // `! ended  accepted o1; serving c1 A`.
  static std::string OneLine(const std::vector<std::string>& texts) {
    std::string row;
    for (size_t i = 0; i < texts.size(); ++i) {
      if (i > 0) row += texts[i - 1].starts_with('!') ? "  " : "; ";
      row += texts[i];
    }
    return row;
  }

  const Item* FirstItemOn(uint32_t line) const {
    const auto found = std::find_if(statement_.items.begin(), statement_.items.end(),
                                    [line](const Item& item) { return item.begin.line == line; });
    return found == statement_.items.end() ? nullptr : &*found;
  }

  // The command's own line: all its expectations stay on it.
  void WriteHead(Edits* edits) {
    const uint32_t line = HeadLine();
    const Item* first = FirstItemOn(line);
    const bool alias = !difference_.alias.empty();
    if (first == nullptr && new_error_.empty() && !alias) return;
    if (first != nullptr && new_error_.empty() && !alias && !LineChanged(line)) return;
    std::string head(SourceLine(line).substr(0, statement_.head_end.byte));
    if (alias) {
      head.resize(statement_.alias_token.begin.byte);
      head += difference_.alias;
    }
    std::vector<std::string> texts;
    if (first != nullptr) {
      for (const Piece& piece : pieces_) {
        if (piece.line == line) texts.push_back(piece.text);
      }
    }
    if (!new_error_.empty()) Append(&head, "  ", new_error_);
    if (!texts.empty()) {
      std::string between(
          SourceLine(line).substr(statement_.head_end.byte, first->begin.byte - statement_.head_end.byte));
      if (between.find_first_not_of(" \t") == std::string::npos && texts[0][0] != '!' && texts[0][0] != '.') {
        const bool time = texts[0][0] >= '0' && texts[0][0] <= '9';
        if (!time) between = "  => ";                            // only a time may stand behind blanks alone,
        if (time && between.size() < 2) between.assign(2, ' ');  // and behind two
      }
      Append(&head, between, OneLine(texts));
    }
    AppendComment(line, &head);
    (*edits)[line] = {head};
  }

  // A line of expectations below the command.
  void WriteLine(uint32_t line, Edits* edits) {
    const Item* first = FirstItemOn(line);
    if (first == nullptr || !LineChanged(line)) return;
    const std::string indent(SourceLine(line).substr(0, first->begin.byte));
    // What was not written gets lines of its own, unless it happened between two events of this line.
    std::vector<std::string> before, own, after;
    for (const Piece& piece : pieces_) {
      if (piece.line != line) continue;
      if (!piece.added) {
        own.insert(own.end(), after.begin(), after.end());
        after.clear();
        own.push_back(piece.text);
      } else {
        (own.empty() ? before : after).push_back(piece.text);
      }
    }
    std::vector<std::string>& lines = (*edits)[line];
    for (const std::string& text : before) lines.push_back(Cat(indent, text));
    std::string kept = Cat(indent, OneLine(own));
    AppendComment(line, &kept);
    if (kept.size() > indent.size()) lines.push_back(std::move(kept));
    for (const std::string& text : after) lines.push_back(Cat(indent, text));
  }

  // Events of a command that had no expectations.
  void WriteBelow(Edits* edits) {
    if (FirstItemOn(HeadLine()) != nullptr) return;
    std::vector<std::string> texts;
    for (const Piece& piece : pieces_) {
      if (piece.line == HeadLine()) texts.push_back(piece.text);
    }
    if (texts.empty()) return;
    std::vector<std::string>& lines = (*edits)[HeadLine()];
    if (lines.empty()) lines.push_back(WithoutNothing());
    const std::string indent(statement_.word.byte, ' ');
    for (const std::string& text : texts) lines.push_back(Cat(indent, text));
  }

  // The command's line without a `=> nothing` that is no longer true.
  std::string WithoutNothing() const {
    const std::string_view line = SourceLine(HeadLine());
    const std::string comment = Comment(HeadLine());
    const std::string_view rest =
        line.substr(statement_.head_end.byte, line.size() - comment.size() - statement_.head_end.byte);
    if (rest.find("=>") == std::string_view::npos) return std::string(line);
    std::string head(line.substr(0, statement_.head_end.byte));
    AppendComment(HeadLine(), &head);
    return head;
  }

  const Script& script_;
  const Statement& statement_;
  const Difference& difference_;
  std::vector<Piece> pieces_;
  std::optional<Piece> error_;
  Place error_place_;
  std::string new_error_;
  std::vector<uint32_t> changed_lines_;
};

void RewriteExpect(const Script& script, const Statement& statement, const Difference& difference, Edits* edits) {
  const uint32_t number = statement.begin.line;
  const std::string_view source = script.text.lines[number];
  std::string line = (*edits)[number].empty() ? std::string(source) : (*edits)[number][0];
  if (difference.code != difference.expected_code) {
    line = Cat(source.substr(0, statement.word.byte), "expect ", statement.subject);
    if (statement.target.kind != Ref::Kind::kNone) Append(&line, " ", NameText(statement.target.name));
    for (const std::string& name : statement.names) Append(&line, " ", NameText(name));
    if (difference.code != KOBLE_OK) Append(&line, "  ! ", engine::ErrorName(difference.code));
    const uint32_t comment = script.text.comments[number];
    if (comment != kNoComment) Append(&line, "  ", source.substr(comment));
  }
  for (auto correction = difference.corrections.rbegin(); correction != difference.corrections.rend(); ++correction) {
    const Check& check = statement.checks[correction->check];
    line.replace(check.begin.byte, check.end.byte - check.begin.byte, correction->text);
  }
  (*edits)[number] = {line};
}

}  // namespace

std::string Rewrite(std::string_view text, const Script& script, const std::vector<Difference>& differences) {
  Edits edits;
  for (const Difference& difference : differences) {
    const Statement& statement = script.statements[difference.statement];
    if (statement.act == Act::kCommand && difference.note.empty()) {
      CommandRewriter(script, statement, difference).Run(&edits);
    } else if (statement.act == Act::kExpect && (!difference.corrections.empty() || difference.note.empty())) {
      RewriteExpect(script, statement, difference, &edits);
    }
  }
  std::string out;
  for (uint32_t i = 0; i < script.text.lines.size(); ++i) {
    const std::string_view line = script.text.lines[i];
    const size_t begin = static_cast<size_t>(line.data() - text.data());
    const size_t next = i + 1 < script.text.lines.size()
                            ? static_cast<size_t>(script.text.lines[i + 1].data() - text.data())
                            : text.size();
    const std::string_view end_of_line = text.substr(begin + line.size(), next - begin - line.size());
    const auto edit = edits.find(i);
    if (edit == edits.end()) {
      Append(&out, line, end_of_line);
      continue;
    }
    for (size_t k = 0; k < edit->second.size(); ++k) {
      const bool last = k + 1 == edit->second.size();
      Append(&out, edit->second[k], last || !end_of_line.empty() ? end_of_line : std::string_view("\n"));
    }
  }
  return out;
}

}  // namespace koble::transcript
