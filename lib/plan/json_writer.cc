#include "plan/json.h"
#include "plan/plan.h"
#include "plan/text.h"
#include "plan/values.h"

namespace koble::plan {
namespace {

class Writer {
 public:
  std::string Take() { return std::move(text_); }

  void Object(const Struct& type, const void* object) {
    Open('{');
    for (const Field& field : type.fields) Member(field, object);
    Close('}');
  }

 private:
  void Member(const Field& field, const void* object) {
    switch (field.kind) {
      case Kind::kName:
      case Kind::kRequirement: {
        const std::string& text = field.In<std::string>(object);
        if (text.empty()) return;
        Key(field.key);
        AppendJsonString(text, &text_);
        return;
      }
      case Kind::kStruct: {
        // An object that turns out empty says nothing and is taken back.
        const size_t size = text_.size();
        const bool first = first_;
        Key(field.key);
        const size_t before = text_.size();
        Object(*field.type, field.member(const_cast<void*>(object)));
        if (text_.size() == before + 2) {
          text_.resize(size);
          first_ = first;
        }
        return;
      }
      case Kind::kList:
      case Kind::kNames:
      case Kind::kLevels:
        return List(field, field.member(const_cast<void*>(object)));
      default: {
        const int64_t value = field.In<int64_t>(object);
        if (IsLeftOut(field, value)) return;
        Key(field.key);
        text_ += Shown(field, value);
        return;
      }
    }
  }

  void List(const Field& field, const void* list) {
    const size_t count = field.size(list);
    if (count == 0) return;
    Key(field.key);
    Open(field.kind == Kind::kLevels ? '{' : '[');
    for (size_t i = 0; i < count; ++i) {
      const void* entry = field.at(list, i);
      if (field.kind == Kind::kLevels) {
        Key(static_cast<const LevelSpec*>(entry)->name);
        text_ += std::to_string(static_cast<const LevelSpec*>(entry)->level);
        continue;
      }
      NewLine();
      if (field.kind == Kind::kNames) {
        AppendJsonString(*static_cast<const std::string*>(entry), &text_);
      } else {
        Object(*field.type, entry);
      }
    }
    Close(field.kind == Kind::kLevels ? '}' : ']');
  }

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
  void NewLine() {
    text_ += first_ ? "\n" : ",\n";
    text_.append(2 * depth_, ' ');
    first_ = false;
  }
  void Key(std::string_view key) {
    NewLine();
    AppendJsonString(key, &text_);
    text_ += ": ";
  }

  std::string text_;
  size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace

std::string WriteJson(const Struct& type, const void* object) {
  Writer writer;
  writer.Object(type, object);
  return writer.Take() + "\n";
}

}  // namespace koble::plan
