// The handler of nlohmann's event parser. Events, rather than its tree, because only they show duplicate keys and the
// text of numbers, and because a plan of a million agents goes straight into its structs.
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "plan/json.h"
#include "plan/plan.h"
#include "plan/text.h"
#include "plan/values.h"

namespace koble::plan {
namespace {

constexpr size_t kDepth = 32;

// A JSON value that is no container, as the parser reports it.
struct Value {
  enum class Type : uint8_t { kNull, kBoolean, kNumber, kText };
  Type type = Type::kNull;
  bool boolean = false;
  std::string_view text = {};           // of kText, and of kNumber where `integer` is absent
  std::optional<int64_t> integer = {};  // of kNumber that the parser read without loss

  std::string Shown() const {
    switch (type) {
      case Type::kNull:
        return "null (leave the key out instead)";
      case Type::kBoolean:
        return boolean ? "true" : "false";
      case Type::kNumber:
        return "number " + Number();
      case Type::kText:
        return "text " + Quoted(text);
    }
    return "";
  }
  std::string Number() const { return integer ? std::to_string(*integer) : std::string(text.substr(0, 40)); }
};

class Handler {
 public:
  Handler(std::string_view text, const Struct& type, std::string_view prefix, void* object, Mistakes* mistakes)
      : text_(text), root_(type), prefix_(prefix), object_(object), mistakes_(*mistakes) {}

  // What nlohmann::json::sax_parse calls.
  bool null() { return OnScalar({}); }
  bool boolean(bool value) { return OnScalar({.type = Value::Type::kBoolean, .boolean = value}); }
  bool number_integer(int64_t value) { return OnScalar({.type = Value::Type::kNumber, .integer = value}); }
  bool number_unsigned(uint64_t value) {
    if (value <= INT64_MAX) return number_integer(static_cast<int64_t>(value));
    return number_float(0, std::to_string(value));
  }
  bool number_float(nlohmann::json::number_float_t, const std::string& text) {
    return OnScalar({.type = Value::Type::kNumber, .text = text});
  }
  bool string(std::string& text) { return OnScalar({.type = Value::Type::kText, .text = text}); }
  bool binary(std::vector<uint8_t>&) { return false; }
  bool start_object(size_t) { return OnOpen(true); }
  bool start_array(size_t) { return OnOpen(false); }
  bool end_object() { return OnClose(); }
  bool end_array() { return OnClose(); }
  bool key(std::string& text);
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error);

 private:
  // A container that is being read.
  struct Frame {
    enum class Shape : uint8_t { kObject, kList, kNames, kLevels };
    Shape shape = Shape::kObject;
    const Struct* type = nullptr;    // kObject
    const Field* field = nullptr;    // of the container itself; null for the root
    void* object = nullptr;          // the struct, or the vector
    uint64_t seen = 0;               // kObject: a bit for each key
    const Field* current = nullptr;  // kObject: whose value comes next; null: of a key that is passed over
    size_t index = 0;                // kList, kNames: of the entry that comes next
    std::string key;                 // kLevels: of fields of kind kLevels and kValues
  };

  bool OnScalar(const Value& value);
  bool OnOpen(bool is_object);
  bool OnClose();
  const Field* EntryField();
  bool Descend(const Field& field, void* member, bool is_object);
  void AssignText(const Field& field, std::string* out, const Value& value);
  void AssignNumber(const Field& field, int64_t* out, const Value& value);
  bool ReadNumberText(const Field& field, const Value& value, int64_t* number);
  void Refuse(const Field& field, const std::string& got);
  void Say(const std::string& what) {
    mistakes_.Add([&] { return Place(true) + ": " + what; });
  }
  std::string Place(bool of_value) const;

  std::string_view text_;
  const Struct& root_;
  std::string_view prefix_;
  void* object_;
  Mistakes& mistakes_;
  std::vector<Frame> frames_;
  size_t skipped_ = 0;  // open containers that are passed over
};

// of_value: of the value that is being read, not of the container in which it stands.
std::string Handler::Place(bool of_value) const {
  std::string place(prefix_);
  for (const Frame& frame : frames_) {
    if (!of_value && &frame == &frames_.back()) break;
    if (frame.shape == Frame::Shape::kList || frame.shape == Frame::Shape::kNames) {
      place += '[' + std::to_string(frame.index) + ']';
      continue;
    }
    const std::string_view key = frame.shape == Frame::Shape::kLevels ? std::string_view(frame.key)
                                 : frame.current                      ? frame.current->key
                                                                      : std::string_view();
    if (key.empty() && frame.shape == Frame::Shape::kObject) continue;
    if (!place.empty()) place += '.';
    const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
             static_cast<unsigned char>(c) >= 0x80;
    });
    place += plain ? std::string(key) : Quoted(key);
  }
  return place.empty() ? "plan" : place;
}

void Handler::Refuse(const Field& field, const std::string& got) {
  mistakes_.Add([&] { return Place(true) + ": expected " + Expected(field) + ", got " + got; });
}

bool Handler::key(std::string& text) {
  if (skipped_ > 0) return true;
  Frame& frame = frames_.back();
  if (frame.shape == Frame::Shape::kLevels) {
    frame.key = text;
    return true;
  }
  frame.current = FindField(*frame.type, text);
  if (frame.current == nullptr) {
    mistakes_.Add([&] {
      const auto fields = frame.type->fields;
      const auto nearest = Nearest(text, fields.size(), [&](size_t i) { return fields[i].key; });
      std::string line = Place(false) + ": unknown key " + Quoted(text);
      if (nearest) return line + "; did you mean \"" + std::string(*nearest) + "\"?";
      line += "; known keys are ";
      for (const Field& field : fields) line += (&field == fields.data() ? "" : ", ") + std::string(field.key);
      return line;
    });
    return true;
  }
  const uint64_t bit = uint64_t{1} << frame.current->number;
  if (frame.seen & bit) {
    mistakes_.Add([&] { return Place(false) + ": key " + Quoted(text) + " is given twice; keep one"; });
    frame.current = nullptr;
  }
  frame.seen |= bit;
  return true;
}

// The field that rules the value which comes next; null where it is passed over.
const Field* Handler::EntryField() {
  Frame& frame = frames_.back();
  if (frame.shape == Frame::Shape::kObject) return frame.current;
  const size_t count =
      frame.shape == Frame::Shape::kLevels ? static_cast<std::vector<LevelSpec>*>(frame.object)->size() : frame.index;
  if (count < frame.field->most) return frame.field;
  if (count == frame.field->most) {
    mistakes_.Add([&] { return Place(false) + ": more than " + std::to_string(frame.field->most) + " entries"; });
    if (frame.shape == Frame::Shape::kLevels) {
      // Counted past the limit so that it is said once; nothing is kept of it.
      static_cast<std::vector<LevelSpec>*>(frame.object)->emplace_back();
    }
  }
  return nullptr;
}

bool Handler::OnScalar(const Value& value) {
  if (skipped_ > 0) return true;
  if (frames_.empty()) {
    mistakes_.Add([&] { return Place(true) + ": expected an object {...}, got " + value.Shown(); });
    return true;
  }
  const Field* field = EntryField();
  Frame& frame = frames_.back();
  if (field != nullptr) {
    switch (frame.shape) {
      case Frame::Shape::kObject: {
        if (field->IsText()) {
          AssignText(*field, &field->In<std::string>(frame.object), value);
        } else if (field->IsNumber()) {
          AssignNumber(*field, &field->In<int64_t>(frame.object), value);
        } else {
          Refuse(*field, value.Shown());
        }
        break;
      }
      case Frame::Shape::kList:
        mistakes_.Add([&] { return Place(true) + ": expected an object {...}, got " + value.Shown(); });
        break;
      case Frame::Shape::kNames: {
        AssignText(*field, static_cast<std::string*>(field->append(frame.object)), value);
        break;
      }
      case Frame::Shape::kLevels: {
        auto& entry = *static_cast<LevelSpec*>(field->append(frame.object));
        const std::string mistake = TextMistake(kLevelStruct.fields[0], frame.key);
        if (!mistake.empty()) mistakes_.Add([&] { return Place(false) + ": " + mistake; });
        entry.name = frame.key;
        if (field->kind == Kind::kLevels) {
          AssignNumber(kLevelStruct.fields[1], &entry.level, value);
        } else if (value.type == Value::Type::kText) {
          AssignText(kValueStruct.fields[2], &entry.text, value);
        } else {
          AssignNumber(kValueStruct.fields[1], &entry.level, value);
        }
        break;
      }
    }
  }
  ++frame.index;
  return true;
}

bool Handler::OnOpen(bool is_object) {
  if (frames_.size() + skipped_ >= kDepth) {
    mistakes_.Add([&] { return Place(true) + ": nested deeper than " + std::to_string(kDepth) + " levels"; });
    return false;
  }
  const char* got = is_object ? "an object" : "a list";
  if (skipped_ > 0) {
    ++skipped_;
    return true;
  }
  if (frames_.empty()) {
    if (is_object) {
      frames_.push_back({.type = &root_, .object = object_, .key = {}});
    } else {
      mistakes_.Add([&] { return Place(true) + ": expected an object {...}, got a list"; });
      ++skipped_;
    }
    return true;
  }
  const Field* field = EntryField();
  const Frame& frame = frames_.back();
  if (field == nullptr) {
    ++skipped_;
  } else if (frame.shape == Frame::Shape::kObject) {
    if (!Descend(*field, field->member(frame.object), is_object)) {
      Refuse(*field, got);
      ++skipped_;
    }
  } else if (frame.shape == Frame::Shape::kList && is_object) {
    void* entry = field->append(frame.object);
    frames_.push_back({.type = field->type, .field = field, .object = entry, .key = {}});
  } else {
    mistakes_.Add([&] {
      const char* wanted = frame.shape == Frame::Shape::kNames ? "a name in quotes"
                           : frame.shape == Frame::Shape::kLevels
                               ? field->kind == Kind::kLevels ? "a whole number" : "a whole number or a name in quotes"
                               : "an object {...}";
      return Place(true) + ": expected " + wanted + ", got " + got;
    });
    ++skipped_;
  }
  return true;
}

// Goes into a member that is a container itself; false where it is none of that shape.
bool Handler::Descend(const Field& field, void* member, bool is_object) {
  Frame frame;
  frame.field = &field;
  frame.object = member;
  if (field.kind == Kind::kStruct && is_object) {
    frame.type = field.type;
  } else if (field.IsLevels() && is_object) {
    frame.shape = Frame::Shape::kLevels;
  } else if (field.kind == Kind::kList && !is_object) {
    frame.shape = Frame::Shape::kList;
  } else if (field.kind == Kind::kNames && !is_object) {
    frame.shape = Frame::Shape::kNames;
  } else {
    return false;
  }
  frames_.push_back(std::move(frame));
  return true;
}

bool Handler::OnClose() {
  if (skipped_ > 0) {
    --skipped_;
  } else {
    Frame& frame = frames_.back();
    if (frame.shape == Frame::Shape::kLevels) {
      const std::string* twice = SortLevels(static_cast<std::vector<LevelSpec>*>(frame.object));
      if (frame.field->size(frame.object) < frame.field->least) {
        mistakes_.Add([&] { return Place(false) + ": no entries; name at least one, or leave the key out"; });
      }
      if (twice != nullptr) {
        mistakes_.Add([&] { return Place(false) + ": key " + Quoted(*twice) + " is given twice; keep one"; });
      }
    } else if (frame.shape == Frame::Shape::kObject) {
      for (const Field& field : frame.type->fields) {
        if (!field.required || (frame.seen & (uint64_t{1} << field.number))) continue;
        mistakes_.Add([&] { return Place(false) + ": key \"" + std::string(field.key) + "\" is missing"; });
      }
    }
    frames_.pop_back();
  }
  // The container was one entry of the one around it.
  if (skipped_ == 0 && !frames_.empty()) ++frames_.back().index;
  return true;
}

void Handler::AssignText(const Field& field, std::string* out, const Value& value) {
  if (value.type != Value::Type::kText) {
    return Say("expected " + (field.kind == Kind::kNames ? "a name in quotes" : Expected(field)) + ", got " +
               value.Shown());
  }
  const std::string mistake = TextMistake(field, value.text);
  if (!mistake.empty()) return Say(mistake);
  *out = value.text;
}

void Handler::AssignNumber(const Field& field, int64_t* out, const Value& value) {
  int64_t number = 0;
  if (!ReadNumberText(field, value, &number)) return;
  if (number != kAbsent && !InRange(field, number)) return Say(OutOfRange(field, number));
  *out = number;
}

// False where it has said what is wrong. kAbsent: as if the key had been left out.
bool Handler::ReadNumberText(const Field& field, const Value& value, int64_t* number) {
  using Type = Value::Type;
  ReadNumber result = ReadNumber::kOk;
  if (field.kind == Kind::kBoolean && value.type == Type::kBoolean) {
    *number = value.boolean ? 1 : 0;
  } else if (field.kind == Kind::kWord && value.type == Type::kText) {
    const auto words = field.words;
    const auto found = std::find(words.begin(), words.end(), value.text);
    if (found == words.end()) {
      mistakes_.Add([&] {
        const auto nearest = Nearest(value.text, words.size(), [&](size_t i) { return words[i]; });
        std::string line = Place(true) + ": unknown word " + Quoted(value.text);
        return line + (nearest ? "; did you mean \"" + std::string(*nearest) + "\"?" : "; write " + Expected(field));
      });
      return false;
    }
    *number = found - words.begin();
  } else if (field.kind == Kind::kDuration && value.type == Type::kBoolean && field.on_true != kAbsent) {
    *number = value.boolean ? field.on_true : kAbsent;
  } else if (field.kind == Kind::kDuration && value.type == Type::kText) {
    for (const Instead& one : field.instead) {
      if (value.text != one.word) continue;
      *number = one.value;
      return true;
    }
    result = ParseDuration(value.text, number);
    if (result == ReadNumber::kMalformed) {
      Say(Quoted(value.text) + " is not a duration; write one such as \"20s\" or \"1m30s\", with the units " +
          "d, h, m, s, ms, us, ns in this order and each at most once" +
          (field.instead.empty() ? "" : "," + OrWords(field, '"')));
      return false;
    }
  } else if ((field.kind == Kind::kDecimal || field.kind == Kind::kInteger) && value.type == Type::kNumber) {
    if (value.integer && field.kind == Kind::kInteger) {
      *number = *value.integer;
      return true;
    }
    result = ParseDecimal(value.integer ? std::to_string(*value.integer) : std::string(value.text), number);
    if (field.kind != Kind::kDecimal && result != ReadNumber::kTooLarge) {
      if (result == ReadNumber::kTooPrecise || *number % kMicro != 0) {
        Refuse(field, value.Shown());
        return false;
      }
      *number /= kMicro;
    }
  } else {
    Refuse(field, value.Shown());
    return false;
  }
  if (result == ReadNumber::kTooPrecise) {
    Say(value.Number() + " has more than six decimals; round it");
    return false;
  }
  if (result == ReadNumber::kTooLarge) {
    Say((value.type == Type::kText ? Quoted(value.text) : value.Number()) + " is out of range; allowed is " +
        Shown(field, field.minimum) + " to " + Shown(field, field.maximum));
    return false;
  }
  return true;
}

bool Handler::parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) {
  mistakes_.Add([&] {
    // `position` counts the characters read, the offending one included.
    const std::string_view before = text_.substr(0, position == 0 ? 0 : position - 1);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto column = 1 + std::count_if(before.begin() + static_cast<ptrdiff_t>(start), before.end(),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; });
    std::string what = error.what();
    const size_t dash = what.find(" - ");
    const size_t bracket = what.find("] ");
    what.erase(0, dash != std::string::npos ? dash + 3 : bracket != std::string::npos ? bracket + 2 : 0);
    // What was read last may be anything, and the place is said already.
    const size_t read = what.find("; last read:");
    if (read != std::string::npos) {
      const size_t next = what.find("'; expected", read);
      what.erase(read, next == std::string::npos ? std::string::npos : next + 1 - read);
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": not valid JSON: " + what;
  });
  return false;
}

}  // namespace

void ReadJson(std::string_view text, const Struct& type, std::string_view prefix, void* object, Mistakes* mistakes) {
  const size_t nul = text.find('\0');
  Handler handler(text, type, prefix, object, mistakes);
  if (nul != std::string_view::npos) {
    // The parser would take it for the end of the text.
    handler.parse_error(nul + 1, "",
                        nlohmann::json::parse_error::create(101, nul + 1, "- unexpected NUL byte", nullptr));
    return;
  }
  nlohmann::json::sax_parse(text.begin(), text.end(), &handler);
}

}  // namespace koble::plan
