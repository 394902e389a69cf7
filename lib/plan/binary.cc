#include "plan/binary.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <vector>

#include "koble/koble.h"
#include "plan/text.h"
#include "plan/values.h"

namespace koble::plan {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using Wire = google::protobuf::internal::WireFormatLite;

uint32_t Tag(const Field& field) {
  return Wire::MakeTag(static_cast<int>(field.number),
                       field.IsNumber() ? Wire::WIRETYPE_VARINT : Wire::WIRETYPE_LENGTH_DELIMITED);
}

const Struct& EntryType(const Field& field) {
  return field.kind == Kind::kLevels ? kLevelStruct : field.kind == Kind::kValues ? kValueStruct : *field.type;
}

class Writer {
 public:
  explicit Writer(std::string* out) : out_(*out) {}

  void Message(const Struct& type, const void* object) {
    for (const Field& field : type.fields) Member(field, field.member(const_cast<void*>(object)));
  }

 private:
  void Member(const Field& field, const void* member) {
    if (field.IsText()) {
      const auto& text = *static_cast<const std::string*>(member);
      if (!text.empty()) Text(field, text);
    } else if (field.IsNumber()) {
      const int64_t value = *static_cast<const int64_t*>(member);
      if (IsLeftOut(field, value)) return;
      Varint(Tag(field));
      Varint(static_cast<uint64_t>(value));
    } else if (field.kind == Kind::kStruct) {
      Nested(field, *field.type, member, true);
    } else {
      for (size_t i = 0; i < field.size(member); ++i) {
        const void* entry = field.at(member, i);
        if (field.kind == Kind::kNames) {
          Text(field, *static_cast<const std::string*>(entry));
        } else {
          Nested(field, EntryType(field), entry, false);
        }
      }
    }
  }

  void Varint(uint64_t value) {
    if (value < 0x80) {
      out_ += static_cast<char>(value);
      return;
    }
    uint8_t bytes[10];
    const uint8_t* end = CodedOutputStream::WriteVarint64ToArray(value, bytes);
    out_.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(end - bytes));
  }

  void Text(const Field& field, const std::string& text) {
    Varint(Tag(field));
    Varint(text.size());
    out_ += text;
  }

  // The length stands before the contents and is known after them. Most take one byte, for which room is left; the few
  // longer parts are moved once.
  void Nested(const Field& field, const Struct& type, const void* object, bool leave_out_empty) {
    const size_t before = out_.size();
    Varint(Tag(field));
    const size_t length_at = out_.size();
    out_ += '\0';
    Message(type, object);
    const size_t size = out_.size() - length_at - 1;
    if (size == 0 && leave_out_empty) {
      out_.resize(before);
      return;
    }
    if (size < 0x80) {
      out_[length_at] = static_cast<char>(size);
      return;
    }
    uint8_t bytes[10];
    const uint8_t* end = CodedOutputStream::WriteVarint64ToArray(size, bytes);
    out_.replace(length_at, 1, reinterpret_cast<const char*>(bytes), static_cast<size_t>(end - bytes));
  }

  std::string& out_;
};

class Reader {
 public:
  Reader(std::string_view bytes, size_t skip, bool is_agent, Mistakes* mistakes)
      : in_(reinterpret_cast<const uint8_t*>(bytes.data()) + skip, static_cast<int>(bytes.size() - skip)),
        skip_(skip),
        mistakes_(*mistakes),
        root_(is_agent ? "agent" : "") {}

  int32_t Read(const Struct& type, void* object) {
    const bool whole = Message(type, object);
    if (whole) return mistakes_.empty() ? KOBLE_OK : KOBLE_ERR_PLAN;
    if (code_ == KOBLE_ERR_CORRUPT) {
      mistakes_.Add([&] {
        return "the binary form is damaged or cut at byte " +
               std::to_string(skip_ + static_cast<size_t>(in_.CurrentPosition()));
      });
    }
    return code_;
  }

 private:
  bool Message(const Struct& type, void* object);
  bool Value(const Field& field, void* object);
  bool Nested(const Struct& type, void* object);
  bool Text(const Field& field, std::string_view last, std::string* out);
  void Number(const Field& field, int64_t value, int64_t* out);
  void Levels(const Field& field, void* list);

  // "queues[3].offer", and `last` behind it; written only for a mistake.
  std::string Place(std::string_view last = {}) const {
    std::string place(root_);
    const auto add = [&](std::string_view key) {
      if (!place.empty()) place += '.';
      place += key;
    };
    for (const Part& part : parts_) {
      add(part.field->key);
      if (part.index != kNone) place += '[' + std::to_string(part.index) + ']';
    }
    if (!last.empty()) add(last);
    return place.empty() ? "plan" : place;
  }

  struct Part {
    const Field* field;
    size_t index;  // kNone: no entry of a list
  };
  static constexpr size_t kNone = SIZE_MAX;
  CodedInputStream in_;
  size_t skip_;
  Mistakes& mistakes_;
  std::string_view root_;
  std::vector<Part> parts_;  // from the root to where it reads
  int32_t code_ = KOBLE_ERR_CORRUPT;
};

// Reads fields up to the present limit. False where it cannot go on.
bool Reader::Message(const Struct& type, void* object) {
  uint64_t seen = 0;
  for (uint32_t tag = in_.ReadTag(); tag != 0; tag = in_.ReadTag()) {
    const auto number = static_cast<uint32_t>(Wire::GetTagFieldNumber(tag));
    const Field* field = FindField(type, number);
    if (field == nullptr) {
      code_ = KOBLE_ERR_VERSION;
      mistakes_.Add([&] {
        return Place() + ": field " + std::to_string(number) +
               " is not known here; it was written by a newer version, or is no plan";
      });
      return false;
    }
    if (tag != Tag(*field)) return false;
    const uint64_t bit = uint64_t{1} << number;
    const bool repeats = field->append != nullptr;
    if ((seen & bit) && !repeats) return false;
    seen |= bit;
    if (!Value(*field, object)) return false;
  }
  if (!in_.ConsumedEntireMessage()) return false;
  for (const Field& field : type.fields) {
    if (field.IsLevels()) Levels(field, field.member(object));
    if (!field.required || (seen & (uint64_t{1} << field.number))) continue;
    mistakes_.Add([&] { return Place() + ": key \"" + std::string(field.key) + "\" is missing"; });
  }
  return true;
}

void Reader::Levels(const Field& field, void* list) {
  const std::string* twice = SortLevels(static_cast<std::vector<LevelSpec>*>(list));
  if (twice == nullptr) return;
  mistakes_.Add([&] { return Place(field.key) + ": key " + Quoted(*twice) + " is given twice; keep one"; });
}

bool Reader::Value(const Field& field, void* object) {
  void* member = field.member(object);
  if (field.IsNumber()) {
    uint64_t value = 0;
    if (!in_.ReadVarint64(&value)) return false;
    Number(field, static_cast<int64_t>(value), static_cast<int64_t*>(member));
    return true;
  }
  if (field.IsText()) return Text(field, field.key, static_cast<std::string*>(member));
  const size_t index = field.kind == Kind::kStruct ? kNone : field.size(member);
  if (index != kNone && index >= field.most) {
    mistakes_.Add([&] { return Place(field.key) + ": more than " + std::to_string(field.most) + " entries"; });
    code_ = KOBLE_ERR_PLAN;
    return false;
  }
  parts_.push_back({&field, index});
  bool whole = false;
  if (field.kind == Kind::kStruct) {
    whole = Nested(*field.type, member);
  } else if (field.kind == Kind::kNames) {
    whole = Text(field, {}, static_cast<std::string*>(field.append(member)));
  } else {
    whole = Nested(EntryType(field), field.append(member));
  }
  parts_.pop_back();
  return whole;
}

bool Reader::Nested(const Struct& type, void* object) {
  uint32_t size = 0;
  if (!in_.ReadVarint32(&size)) return false;
  // A part may not be longer than what is left of the one around it.
  if (static_cast<int>(size) < 0 || static_cast<int>(size) > in_.BytesUntilLimit()) return false;
  const auto limit = in_.PushLimit(static_cast<int>(size));
  if (!Message(type, object)) return false;
  in_.PopLimit(limit);
  return true;
}

bool Reader::Text(const Field& field, std::string_view last, std::string* out) {
  uint32_t size = 0;
  if (!in_.ReadVarint32(&size) || static_cast<int>(size) < 0 || !in_.ReadString(out, static_cast<int>(size)))
    return false;
  const std::string mistake = TextMistake(field, *out);
  if (mistake.empty()) return true;
  mistakes_.Add([&] { return Place(last) + ": " + mistake; });
  out->clear();
  return true;
}

void Reader::Number(const Field& field, int64_t value, int64_t* out) {
  if (InRange(field, value)) {
    *out = value;
    return;
  }
  mistakes_.Add([&] { return Place(field.key) + ": " + OutOfRange(field, value); });
}

}  // namespace

void AppendBinary(const Struct& type, const void* object, std::string* out) { Writer(out).Message(type, object); }

int32_t ReadBinary(std::string_view bytes, std::string_view prefix, const Struct& type, void* object,
                   Mistakes* mistakes) {
  const bool letters = bytes.substr(0, 2) == prefix.substr(0, 2);
  if (!letters || bytes.size() < prefix.size()) {
    mistakes->Add(
        [&] { return "the binary form is damaged or cut at byte " + std::to_string(letters ? bytes.size() : 0); });
    return KOBLE_ERR_CORRUPT;
  }
  if (bytes[2] != prefix[2]) {
    mistakes->Add([&] {
      return "binary form " + std::to_string(static_cast<unsigned char>(bytes[2])) +
             " is not known here; this version reads " + std::to_string(static_cast<unsigned char>(prefix[2]));
    });
    return KOBLE_ERR_VERSION;
  }
  return Reader(bytes, prefix.size(), &type == &kAgentStruct, mistakes).Read(type, object);
}

std::vector<std::string_view> AgentMessages(std::string_view plan) {
  std::vector<std::string_view> messages;
  const size_t skip = kPlanPrefix.size();
  CodedInputStream in(reinterpret_cast<const uint8_t*>(plan.data()) + skip, static_cast<int>(plan.size() - skip));
  const uint32_t agents = Tag(*FindField(kPlanStruct, "agents"));
  for (uint32_t tag = in.ReadTag(); tag != 0; tag = in.ReadTag()) {
    // Of the root's numbers only `koble` would not be delimited, and its default is left out.
    uint32_t size = 0;
    if (!in.ReadVarint32(&size)) break;
    const auto at = skip + static_cast<size_t>(in.CurrentPosition());
    if (!in.Skip(static_cast<int>(size))) break;
    if (tag == agents) messages.push_back(plan.substr(at, size));
  }
  return messages;
}

}  // namespace koble::plan
