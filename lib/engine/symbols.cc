// Symbols, and the attributes of contacts that are made of them (docs/model.md, section 11).
#include <absl/strings/str_cat.h>

#include <set>

#include "engine/machine.h"

namespace koble::engine {

// Of the command at hand: what can be seen without looking at the state.
int32_t Machine::CheckAttributes() {
  if (attributes_.size() > KOBLE_CONTACT_ATTRIBUTES_MAX) {
    return Refuse(KOBLE_ERR_ARGUMENT,
                  absl::StrCat("a contact has at most ", KOBLE_CONTACT_ATTRIBUTES_MAX, " attributes"));
  }
  for (size_t i = 0; i < attributes_.size(); ++i) {
    const koble_attribute& attribute = attributes_[i];
    if (attribute.key == 0 || attribute.reserved != 0) {
      return Refuse(KOBLE_ERR_ARGUMENT, "an attribute's key is the number of a symbol, from 1, and `reserved` is 0");
    }
    for (size_t j = 0; j < i; ++j) {
      if (attributes_[j].key == attribute.key) {
        return Refuse(KOBLE_ERR_ARGUMENT, absl::StrCat("attribute ", attribute.key, " is given twice"));
      }
    }
  }
  return KOBLE_OK;
}

int32_t Machine::CheckKeys() {
  const uint32_t count = state_->symbols.Count();
  for (const koble_attribute& attribute : attributes_) {
    if (attribute.key <= count) continue;
    return Refuse(
        KOBLE_ERR_UNKNOWN,
        absl::StrCat("attribute key ", attribute.key, " is no symbol (", count,
                     " are known); declare the attribute in the plan, or intern its name, and give its number"));
  }
  return KOBLE_OK;
}

// There is room for them (Begin).
void Machine::SetAttributes(uint32_t contact) {
  state::State& s = *state_;
  for (const koble_attribute& attribute : arriving_) {
    uint32_t* link = &s.contacts[contact].attributes;
    while (*link != kNil && s.attributes[*link].key < attribute.key) link = &s.attributes[*link].next;
    const state::Attribute node{attribute.key, *link, attribute.value};
    *link = s.attributes.Allocate(node);
  }
}

void Machine::DropAllAttributes(uint32_t contact) {
  state::State& s = *state_;
  uint32_t& first = s.contacts[contact].attributes;
  while (first != kNil) {
    const uint32_t next = s.attributes[first].next;
    s.attributes.Free(first);
    first = next;
  }
}

// As requirements read them.
routing::ContactValues Machine::ValuesGiven() const {
  routing::ContactValues values;
  for (const koble_attribute& attribute : arriving_) index_.Read(*state_, attribute.key, attribute.value, &values);
  return values;
}

routing::ContactValues Machine::ValuesOf(uint32_t contact) const {
  const state::State& s = *state_;
  routing::ContactValues values;
  for (uint32_t a = s.contacts[contact].attributes; a != kNil; a = s.attributes[a].next) {
    index_.Read(s, s.attributes[a].key, s.attributes[a].value, &values);
  }
  return values;
}

int32_t Machine::Intern(std::string_view name) {
  state::Symbols& symbols = state_->symbols;
  result_value_ = symbols.Find(name);
  if (result_value_ != 0) {
    changed_ = false;
    return KOBLE_OK;
  }
  if (symbols.Count() >= KOBLE_SYMBOLS_MAX) {
    return Refuse(KOBLE_ERR_LIMIT, absl::StrCat("there are ", symbols.Count(),
                                                " symbols, and none is ever removed; give what varies without end as "
                                                "an integer value"));
  }
  Reach reach;
  reach.room.symbols = 1;
  reach.room.symbol_bytes = name.size();
  Begin(reach);
  result_value_ = symbols.Add(name);
  return KOBLE_OK;
}

int32_t Machine::CheckSymbols(const plan::Plan& plan) {
  std::set<std::string_view> fresh;
  const state::Symbols& symbols = state_->symbols;
  const auto look = [&](const std::string& name) {
    if (symbols.Find(name) == 0) fresh.insert(name);
  };
  for (const plan::Attribute& attribute : plan.attributes) {
    look(attribute.name);
    for (const std::string& value : attribute.values) look(value);
  }
  const uint64_t count = symbols.Count() + fresh.size();
  if (count <= KOBLE_SYMBOLS_MAX) return KOBLE_OK;
  return Refuse(KOBLE_ERR_LIMIT,
                absl::StrCat("the plan's attributes would make ", count, " symbols; the limit is ", KOBLE_SYMBOLS_MAX));
}

void Machine::InternNames(const plan::Plan& plan) {
  state::Symbols& symbols = state_->symbols;
  const auto intern = [&](const std::string& name) {
    if (symbols.Find(name) != 0) return;
    symbols.Reserve(1, name.size());
    symbols.Add(name);
  };
  for (const plan::Attribute& attribute : plan.attributes) {
    intern(attribute.name);
    for (const std::string& value : attribute.values) intern(value);
  }
  index_.ReadNames(*state_);
}

}  // namespace koble::engine
