// The arguments of verbs about agents.
#include <algorithm>
#include <array>

#include "plan/text.h"
#include "transcript/arguments.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {

// NAME key=value ..., NAME { JSON } or { JSON }.
bool Arguments::ReadDefinition() {
  if (tokens_.empty()) return Usage();
  const bool json_only = tokens_[0].Is(Token::Kind::kJson);
  nlohmann::json definition = nlohmann::json::object();
  if (!json_only) definition["name"] = tokens_[0].text;
  if (tokens_.back().Is(Token::Kind::kJson)) {
    if (tokens_.size() > 2) return Usage();
    out_->data = tokens_.back().text;
    const nlohmann::json read = nlohmann::json::parse(out_->data, nullptr, false);
    if (read.is_object() && read.contains("name") && read["name"].is_string()) definition["name"] = read["name"];
  } else {
    for (const Token& token : tokens_.subspan(1)) {
      if (!AddKey(token, &definition)) return false;
    }
    out_->data = definition.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  if (out_->verb->kind == KOBLE_CMD_AGENT_CHANGE) {
    if (!json_only) return ReadTarget(Ref::Kind::kAgent);
    out_->target = {Ref::Kind::kAgent, 0, definition.value("name", ""), 0, tokens_[0].begin};
    return true;
  }
  if (definition.contains("name")) vocabulary_->agents.insert(definition["name"].get<std::string>());
  return true;
}

bool Arguments::AddKey(const Token& token, nlohmann::json* definition) {
  if (token.equals == std::string::npos) return Wrong(token, "not key=value");
  std::string key(token.Key());
  const std::string value(token.Value());
  if (value.starts_with('{')) {
    (*definition)[key] = nlohmann::json::parse(value, nullptr, false);
    return !(*definition)[key].is_discarded() || Wrong(token, "this JSON cannot be read");
  }
  if (key == "profile") {
    (*definition)[key] = value;
    return true;
  }
  if (key == "wrap_up") {
    const std::optional<int64_t> duration = ParseTime(value);
    (*definition)[key] = duration && *duration >= 0 ? plan::FormatDuration(*duration) : value;
    return true;
  }
  if (key == "pull") {
    (*definition)[key] = value == "true" || value == "yes" || value == "1";
    return true;
  }
  const std::optional<int64_t> number = ParseInteger(value);
  if (!number) return Wrong(token, "the value of a skill, a channel, `capacity` or `weight` is a whole number");
  if (key == "capacity" || key == "weight") {
    (*definition)[key] = *number;
    return true;
  }
  std::string group = vocabulary_->channels.contains(key) ? "channels" : "skills";
  for (const std::string_view prefix : {"skills.", "skill.", "channels.", "channel.", "labels.", "label."}) {
    if (!key.starts_with(prefix)) continue;
    group = prefix[0] == 's' ? "skills" : prefix[0] == 'c' ? "channels" : "labels";
    key.erase(0, prefix.size());
    break;
  }
  (*definition)[group][key] = *number;
  return true;
}

bool Arguments::ReadPark() {
  if (tokens_.size() > 2) return Usage();
  if (tokens_.size() == 2) {
    const bool keyed = tokens_[1].equals != std::string::npos;
    const std::optional<int64_t> until = ParseTime(keyed ? tokens_[1].Value() : tokens_[1].text);
    if (!until || (keyed && tokens_[1].Key() != "until")) return Wrong(tokens_[1], "no time at which it comes back");
    out_->a = *until;
  }
  return ReadTarget(Ref::Kind::kOffer);
}

bool Arguments::ReadPresence() {
  if (tokens_.size() < 2 || tokens_.size() > 3) return Usage();
  const std::optional<uint32_t> presence = FindReason(KOBLE_EVENT_PRESENCE, tokens_[1].text);
  const std::optional<int64_t> number = ParseInteger(tokens_[1].text);
  if (!presence && !(number && *number >= 0 && *number <= UINT32_MAX)) {
    return Wrong(tokens_[1], "no presence");
  }
  out_->code = presence ? *presence : static_cast<uint32_t>(*number);
  if (tokens_.size() == 3) {
    const std::optional<int64_t> why =
        ParseInteger(tokens_[2].equals != std::string::npos ? tokens_[2].Value() : tokens_[2].text);
    if (!why) return Wrong(tokens_[2], "the reason of a break is a whole number");
    out_->a = *why;
  }
  return ReadTarget(Ref::Kind::kAgent);
}

bool Arguments::ReadRequest() {
  if (tokens_.empty()) return Usage();
  for (const Token& token : tokens_.subspan(1)) {
    const std::string_view word = token.equals != std::string::npos ? token.Value() : token.text;
    const bool channels = token.Key() == "channels" || token.Key() == "channel";
    if (token.equals != std::string::npos && !channels && token.Key() != "until") return Wrong(token, "no such key");
    if (word == "all" || word == "*") continue;
    const std::optional<int64_t> until = word == "now" ? 0 : ReadTimeOrWord(word);
    if (until && !channels) {
      out_->a = *until;
    } else {
      Token names = token;
      names.text = word;
      ReadNames(names, &out_->names);
    }
  }
  return ReadTarget(Ref::Kind::kAgent);
}

bool Arguments::ReadSkill() {
  if (tokens_.size() < 2 || tokens_.size() > 3 || tokens_[1].equals == std::string::npos) return Usage();
  out_->data = tokens_[1].Key();
  const std::optional<int64_t> level = tokens_[1].Value() == "own" ? KOBLE_SKILL_OWN : ParseInteger(tokens_[1].Value());
  if (!level) return Wrong(tokens_[1], "a level is a whole number; `own`: as his definition says");
  out_->a = *level;
  out_->b = *level == KOBLE_SKILL_OWN ? 0 : KOBLE_NEVER;
  if (tokens_.size() == 3) {
    const std::string_view value = tokens_[2].Value();
    const std::optional<int64_t> length = value == "never" ? KOBLE_NEVER : ParseTime(value);
    if (tokens_[2].Key() != "for" || !length)
      return Wrong(tokens_[2], "how long it lasts is for=DURATION or for=never");
    out_->b = *length;
  }
  return ReadTarget(Ref::Kind::kAgent);
}

}  // namespace koble::transcript
