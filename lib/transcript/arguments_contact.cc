// The arguments of verbs about contacts.
#include <algorithm>
#include <array>

#include "plan/text.h"
#include "transcript/arguments.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {

bool Arguments::ReadArrive() {
  for (size_t at = 0; at < tokens_.size(); ++at) {
    const Token& token = tokens_[at];
    if (token.text == "with" && !token.quoted && !out_->names.empty()) return ReadAttributes(tokens_.subspan(at + 1));
    if (token.equals == std::string::npos || token.quoted) {
      ReadNames(token, &out_->names);
      continue;
    }
    const std::string_view key = token.Key();
    if (key == "priority") {
      if (!ReadPoints(token)) return false;
    } else if (key == "credit") {
      const std::optional<int64_t> credit = ParseTime(token.Value());
      if (!credit) return Wrong(token, "a credit is a duration");
      out_->b = *credit;
    } else if (key == "position") {
      if (!ReadPosition(token, token.Value())) return false;
    } else if (key == "ref" || key == "host_ref") {
      const std::optional<uint64_t> ref = ParseUnsigned(token.Value());
      if (!ref) return Wrong(token, "a host reference is a whole number");
      out_->host_ref = *ref;
    } else if (key == "agent") {
      Token name = token;
      name.text = token.Value();
      if (!ReadRef(name, Ref::Kind::kAgent, &out_->agent)) return false;
    } else if (key == "for") {
      const std::optional<int64_t> length = token.Value() == "never" ? KOBLE_NEVER : ParseTime(token.Value());
      if (!length) return Wrong(token, "how long it is reserved is a duration or `never`");
      out_->agent_ns = *length;
    } else if (key == "serial") {
      const std::optional<uint64_t> serial = ParseUnsigned(token.Value());
      if (!serial || *serial == 0) return Wrong(token, "a serial is a whole number from 1");
      out_->serial = *serial;
    } else if (key == "missing") {
      const std::optional<uint64_t> count = ParseUnsigned(token.Value());
      if (!count || *count == 0 || *count > KOBLE_CONTACT_QUEUES_MAX) {
        return Wrong(token, "how many queues of the record the plan has not, 1 to 8");
      }
      for (uint64_t i = 0; i < *count; ++i) {
        out_->missing.insert(out_->names.size());
        out_->names.emplace_back();
      }
    } else {
      const bool attribute = vocabulary_->symbols.contains(key);
      return Wrong(token, attribute ? "an attribute stands behind `with`" : "no such key");
    }
  }
  return !out_->names.empty() || Usage();
}

bool Arguments::ReadPoints(const Token& token) {
  const bool minus = token.Value().starts_with('-');
  const bool sign = minus || token.Value().starts_with('+');
  const std::optional<int64_t> points = ParseFixed(token.Value().substr(sign ? 1 : 0), 6);
  if (!points) return Wrong(token, "a priority is a number of points with up to six decimals");
  out_->a = minus ? -*points : *points;
  return true;
}

bool Arguments::ReadPosition(const Token& token, std::string_view word) {
  const std::optional<uint64_t> position = word == "first"  ? 1
                                           : word == "last" ? UINT32_MAX
                                           : word == "own"  ? 0
                                                            : ParseUnsigned(word);
  if (!position || *position > UINT32_MAX) return Wrong(token, "a position is a whole number from 1");
  out_->code = static_cast<uint32_t>(*position);
  return true;
}

bool Arguments::ReadPlace() {
  if (tokens_.size() < 2 || tokens_.size() > 3) return Usage();
  if (tokens_.size() == 3) out_->names.push_back(tokens_[2].text);
  return ReadPosition(tokens_[1], tokens_[1].text) && ReadTarget(Ref::Kind::kContact);
}

// CONTACT, then what changes; a value with a sign is added. Attributes last, behind `with` and `without`.
bool Arguments::ReadChange() {
  if (tokens_.size() < 2) return Usage();
  size_t at = 1;
  size_t plain = 0;
  for (; at < tokens_.size() && tokens_[at].text != "with" && tokens_[at].text != "without"; ++at) {
    const Token& token = tokens_[at];
    const std::string_view key = token.Key();
    const std::string_view value = token.Value();
    const bool sign = value.starts_with('+') || value.starts_with('-');
    if (token.equals == std::string::npos) return Wrong(token, "not key=value");
    if (key == "priority") {
      if (!ReadPoints(token)) return false;
      out_->code |= KOBLE_CHANGE_PRIORITY;
    } else if (key == "credit") {
      const std::optional<int64_t> credit = ParseTime(value.substr(sign ? 1 : 0));
      if (!credit) return Wrong(token, "a credit is a duration");
      out_->b = value.starts_with('-') ? -*credit : *credit;
      out_->code |= KOBLE_CHANGE_CREDIT;
    } else if (key == "max_wait") {
      const std::optional<int64_t> most = value == "never" ? KOBLE_NEVER : ParseTime(value);
      if (!most) return Wrong(token, "how long it may still wait is a duration or `never`");
      out_->agent_ns = *most;
      out_->code |= KOBLE_CHANGE_MAX_WAIT;
    } else if (key == "forget") {
      const int64_t what = FindChanges(value).value_or(0);
      const int64_t can_be = KOBLE_CHANGE_REFUSALS | KOBLE_CHANGE_AGENT;
      if (what == 0 || (what & ~can_be) != 0) return Wrong(token, "what can be forgotten: refusals, agent");
      out_->code |= static_cast<uint32_t>(what);
    } else {
      const bool attribute = vocabulary_->symbols.contains(key);
      return Wrong(token, attribute ? "an attribute stands behind `with`" : "no such key");
    }
    const bool adds = key == "priority" || key == "credit";
    if (adds && sign) out_->code |= KOBLE_CHANGE_RELATIVE;
    if (adds && !sign) ++plain;
    if (plain > 0 && (out_->code & KOBLE_CHANGE_RELATIVE) != 0) {
      return Wrong(token, "either both are added (with a sign) or both are set");
    }
  }
  Tokens rest = tokens_.subspan(at);
  const auto without = std::find_if(rest.begin(), rest.end(), [](const Token& t) { return t.text == "without"; });
  const Tokens set = rest.first(static_cast<size_t>(without - rest.begin()));
  if (!rest.empty()) out_->code |= KOBLE_CHANGE_ATTRIBUTES;
  if (!set.empty() && !ReadAttributes(set.subspan(1))) return false;
  if (set.size() != rest.size()) {
    rest = rest.subspan(set.size() + 1);
    if (rest.empty()) return Usage();
    for (const Token& token : rest) out_->removed.push_back({token.text, "", token.begin});
  }
  return ReadTarget(Ref::Kind::kContact);
}

// Behind `with`: every key is an attribute's name, so that none can be taken for an option.
bool Arguments::ReadAttributes(Tokens tokens) {
  if (tokens.empty()) return Usage();
  for (const Token& token : tokens) {
    if (token.equals == std::string::npos || token.Key().empty() || token.Value().empty()) {
      return Wrong(token, "behind `with` stand attributes, name=value; options stand before it");
    }
    out_->attributes.push_back({std::string(token.Key()), std::string(token.Value()), token.begin});
  }
  return true;
}

bool Arguments::ReadGone() {
  if (tokens_.size() == 3 && tokens_[1].text == "by") {  // `gone c1 by host`
    split_ = {tokens_[0], tokens_[2]};
    tokens_ = split_;
  }
  if (tokens_.empty() || tokens_.size() > 2) return Usage();
  out_->code = out_->verb->code;
  if (tokens_.size() == 2) {
    const std::string_view word = tokens_[1].equals != std::string::npos ? tokens_[1].Value() : tokens_[1].text;
    const std::optional<uint32_t> by = FindReason(KOBLE_EVENT_ENDED, word);
    const std::optional<int64_t> number = ParseInteger(word);
    if (!by && !(number && *number >= 0 && *number <= UINT32_MAX))
      return Wrong(tokens_[1], "nobody who can end a contact");
    out_->code = by ? *by : static_cast<uint32_t>(*number);
  }
  return ReadTarget(Ref::Kind::kContact);
}

}  // namespace koble::transcript
