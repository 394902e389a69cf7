#include "plan/binary.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <vector>

#include "koble/koble.h"
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

uint8_t* PutText(const Field& field, const std::string& text, uint8_t* to) {
  to = CodedOutputStream::WriteVarint32ToArray(Tag(field), to);
  to = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(text.size()), to);
  return CodedOutputStream::WriteStringToArray(text, to);
}

// Bytes of a field whose contents have `size` bytes, its tag and length included.
size_t Delimited(const Field& field, size_t size) {
  return CodedOutputStream::VarintSize32(Tag(field)) + CodedOutputStream::VarintSize32(static_cast<uint32_t>(size)) +
         size;
}

const Struct& EntryType(const Field& field) { return field.kind == Kind::kLevels ? kLevelStruct : *field.type; }

size_t Size(const Struct& type, const void* object) {
  size_t total = 0;
  for (const Field& field : type.fields) {
    const void* member = field.member(const_cast<void*>(object));
    switch (field.kind) {
      case Kind::kName:
      case Kind::kRequirement: {
        const auto& text = *static_cast<const std::string*>(member);
        if (!text.empty()) total += Delimited(field, text.size());
        break;
      }
      case Kind::kStruct: {
        const size_t size = Size(*field.type, member);
        if (size > 0) total += Delimited(field, size);
        break;
      }
      case Kind::kNames:
        for (size_t i = 0; i < field.size(member); ++i) {
          total += Delimited(field, static_cast<const std::string*>(field.at(member, i))->size());
        }
        break;
      case Kind::kList:
      case Kind::kLevels:
        for (size_t i = 0; i < field.size(member); ++i) {
          total += Delimited(field, Size(EntryType(field), field.at(member, i)));
        }
        break;
      default: {
        const int64_t value = *static_cast<const int64_t*>(member);
        if (IsLeftOut(field, value)) break;
        total +=
            CodedOutputStream::VarintSize32(Tag(field)) + CodedOutputStream::VarintSize64(static_cast<uint64_t>(value));
      }
    }
  }
  return total;
}

uint8_t* Put(const Struct& type, const void* object, uint8_t* to);

uint8_t* PutMessage(const Field& field, const Struct& type, const void* object, size_t size, uint8_t* to) {
  to = CodedOutputStream::WriteVarint32ToArray(Tag(field), to);
  to = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), to);
  return Put(type, object, to);
}

uint8_t* Put(const Struct& type, const void* object, uint8_t* to) {
  for (const Field& field : type.fields) {
    const void* member = field.member(const_cast<void*>(object));
    switch (field.kind) {
      case Kind::kName:
      case Kind::kRequirement: {
        const auto& text = *static_cast<const std::string*>(member);
        if (!text.empty()) to = PutText(field, text, to);
        break;
      }
      case Kind::kStruct: {
        const size_t size = Size(*field.type, member);
        if (size > 0) to = PutMessage(field, *field.type, member, size, to);
        break;
      }
      case Kind::kNames:
        for (size_t i = 0; i < field.size(member); ++i) {
          to = PutText(field, *static_cast<const std::string*>(field.at(member, i)), to);
        }
        break;
      case Kind::kList:
      case Kind::kLevels:
        for (size_t i = 0; i < field.size(member); ++i) {
          const void* entry = field.at(member, i);
          to = PutMessage(field, EntryType(field), entry, Size(EntryType(field), entry), to);
        }
        break;
      default: {
        const int64_t value = *static_cast<const int64_t*>(member);
        if (IsLeftOut(field, value)) break;
        to = CodedOutputStream::WriteVarint32ToArray(Tag(field), to);
        to = CodedOutputStream::WriteVarint64ToArray(static_cast<uint64_t>(value), to);
      }
    }
  }
  return to;
}

class Reader {
 public:
  Reader(std::string_view bytes, size_t skip, bool is_agent, Mistakes* mistakes)
      : in_(reinterpret_cast<const uint8_t*>(bytes.data()) + skip, static_cast<int>(bytes.size() - skip)),
        skip_(skip),
        mistakes_(*mistakes),
        place_(is_agent ? "agent" : "") {}

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
  bool Value(const Struct& type, const Field& field, void* object);
  bool Nested(const Struct& type, void* object);
  bool Text(const Field& field, std::string* out);
  void Number(const Field& field, int64_t value, int64_t* out);
  void Levels(const Field& field, void* list);

  // Runs `body` with the place one step further in.
  template <class Body>
  auto At(std::string_view key, size_t index, const Body& body) {
    const size_t size = place_.size();
    if (!place_.empty()) place_ += '.';
    place_ += key;
    if (index != kNone) place_ += '[' + std::to_string(index) + ']';
    auto result = body();
    place_.resize(size);
    return result;
  }
  std::string Place() const { return place_.empty() ? "plan" : place_; }

  static constexpr size_t kNone = SIZE_MAX;
  CodedInputStream in_;
  size_t skip_;
  Mistakes& mistakes_;
  std::string place_;
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
               " is not known here; the plan was written by a newer version, or is no plan";
      });
      return false;
    }
    if (tag != Tag(*field)) return false;
    const uint64_t bit = uint64_t{1} << number;
    const bool repeats = field->append != nullptr;
    if ((seen & bit) && !repeats) return false;
    seen |= bit;
    if (!Value(type, *field, object)) return false;
  }
  if (!in_.ConsumedEntireMessage()) return false;
  for (const Field& field : type.fields) {
    if (field.kind == Kind::kLevels) Levels(field, field.member(object));
    if (!field.required || (seen & (uint64_t{1} << field.number))) continue;
    mistakes_.Add([&] { return Place() + ": key \"" + std::string(field.key) + "\" is missing"; });
  }
  return true;
}

void Reader::Levels(const Field& field, void* list) {
  const std::string* twice = SortLevels(static_cast<std::vector<LevelSpec>*>(list));
  if (twice == nullptr) return;
  mistakes_.Add(
      [&] { return Place() + "." + std::string(field.key) + ": key \"" + *twice + "\" is given twice; keep one"; });
}

bool Reader::Value(const Struct&, const Field& field, void* object) {
  void* member = field.member(object);
  if (field.IsNumber()) {
    uint64_t value = 0;
    if (!in_.ReadVarint64(&value)) return false;
    Number(field, static_cast<int64_t>(value), static_cast<int64_t*>(member));
    return true;
  }
  if (field.IsText()) return Text(field, static_cast<std::string*>(member));
  if (field.kind == Kind::kStruct) {
    return At(field.key, kNone, [&] { return Nested(*field.type, member); });
  }
  const size_t index = field.size(member);
  if (index >= field.most) {
    mistakes_.Add([&] {
      const std::string place = place_.empty() ? "" : place_ + ".";
      return place + std::string(field.key) + ": more than " + std::to_string(field.most) + " entries";
    });
    code_ = KOBLE_ERR_PLAN;
    return false;
  }
  void* entry = field.append(member);
  return At(field.key, index, [&] {
    if (field.kind != Kind::kNames) return Nested(EntryType(field), entry);
    Field name;
    name.kind = Kind::kName;
    return Text(name, static_cast<std::string*>(entry));
  });
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

bool Reader::Text(const Field& field, std::string* out) {
  uint32_t size = 0;
  if (!in_.ReadVarint32(&size) || static_cast<int>(size) < 0 || !in_.ReadString(out, static_cast<int>(size)))
    return false;
  std::string mistake = TextMistake(field, *out);
  if (mistake.empty()) return true;
  mistakes_.Add([&] {
    return At(field.key, kNone, [&] { return field.key.empty() ? place_.substr(0, place_.size() - 1) : place_; }) +
           ": " + mistake;
  });
  out->clear();
  return true;
}

void Reader::Number(const Field& field, int64_t value, int64_t* out) {
  if (InRange(field, value)) {
    *out = value;
    return;
  }
  mistakes_.Add([&] { return At(field.key, kNone, [&] { return place_; }) + ": " + OutOfRange(field, value); });
}

}  // namespace

void AppendBinary(const Struct& type, const void* object, std::string* out) {
  const size_t before = out->size();
  const size_t size = Size(type, object);
  out->resize(before + size);
  Put(type, object, reinterpret_cast<uint8_t*>(out->data()) + before);
}

int32_t ReadBinary(std::string_view bytes, std::string_view prefix, const Struct& type, void* object,
                   Mistakes* mistakes) {
  if (bytes.size() < prefix.size() || bytes.substr(0, 2) != prefix.substr(0, 2)) {
    mistakes->Add([] { return std::string("the binary form is damaged or cut at byte 0"); });
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

}  // namespace koble::plan
