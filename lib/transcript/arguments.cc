// The arguments of each verb, and options.
#include <algorithm>
#include <array>
#include <functional>

#include <nlohmann/json.hpp>
#include "plan/text.h"
#include "transcript/script.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {
namespace {

using Tokens = std::span<const Token>;

// contact:0:1, engagement:3:2, null: an id given in full, to provoke refusals.
std::optional<koble_id> ReadId(std::string_view word) {
  if (word == "null") return 0;
  const std::vector<std::string_view> parts = Split(word, ":");
  if (parts.size() != 3) return std::nullopt;
  static constexpr std::array<std::string_view, 5> kKinds = {"", "contact", "agent", "offer", "engagement"};
  const auto kind = std::find(kKinds.begin() + 1, kKinds.end(), parts[0]);
  const std::optional<int64_t> slot = ParseInteger(parts[1]);
  const std::optional<int64_t> generation = ParseInteger(parts[2]);
  if (kind == kKinds.end() || !slot || !generation || *slot < 0 || *slot > 0x0fffffff || *generation < 0 ||
      *generation > 0xffffffff) {
    return std::nullopt;
  }
  return (static_cast<uint64_t>(kind - kKinds.begin()) << 60) | (static_cast<uint64_t>(*slot) << 32) |
         static_cast<uint64_t>(*generation);
}

// Names joined by + or , ; a quoted word is one name.
void ReadNames(const Token& token, std::vector<std::string>* names) {
  if (token.quoted) {
    names->push_back(token.text);
    return;
  }
  for (const std::string_view name : Split(token.text, "+,")) {
    names->emplace_back(name);
  }
}

class Arguments {
 public:
  Arguments(Tokens tokens, const ReadFile& read_file, Vocabulary* vocabulary, Statement* statement,
            std::vector<Mistake>* mistakes)
      : tokens_(tokens), read_file_(read_file), vocabulary_(vocabulary), out_(statement), mistakes_(mistakes) {}

  bool Read() {
    if (!TakeAlias()) return false;
    switch (out_->verb->act) {
      case Act::kExpect:
        return ReadExpect();
      case Act::kIgnore:
        return ReadIgnore();
      case Act::kRemember:
        if (tokens_.size() != 1) return Usage();
        out_->subject = tokens_[0].text;
        return true;
      case Act::kRebuild:
        out_->rebuild = static_cast<Rebuild>(out_->verb->kind);
        return tokens_.empty() || Usage();
      case Act::kAcknowledge:
        return tokens_.empty() || Usage();
      case Act::kAnswer:
        return ReadAnswer();
      case Act::kOption:
        return Usage();
      case Act::kCommand:
        return ReadCommand();
    }
    return false;
  }

 private:
  bool Wrong(const Token& token, std::string_view what) {
    mistakes_->push_back({token.begin, Cat("`", token.text, "`: ", what, "; write `", out_->verb->usage, "`")});
    return false;
  }
  bool Usage() {
    mistakes_->push_back({tokens_.empty() ? out_->begin : tokens_[0].begin,
                          Cat("this is not how `", out_->verb->name, "` is written; write `", out_->verb->usage, "`")});
    return false;
  }

  // `-> name` may stand behind an arrival only.
  bool TakeAlias() {
    const auto arrow =
        std::find_if(tokens_.begin(), tokens_.end(), [](const Token& t) { return t.Is(Token::Kind::kName); });
    if (arrow == tokens_.end()) return true;
    const size_t at = static_cast<size_t>(arrow - tokens_.begin());
    if (out_->verb->kind != KOBLE_CMD_CONTACT_ARRIVE || out_->verb->act != Act::kCommand || at + 2 != tokens_.size()) {
      return Wrong(*arrow, "only `arrive` names something, and the name stands at its end: `arrive q -> c1`");
    }
    out_->alias_token = tokens_[at + 1];
    out_->alias = out_->alias_token.text;
    if (!Numbered(out_->alias, 'c')) {
      if (Numbered(out_->alias, 'o') || Numbered(out_->alias, 'e')) {
        return Wrong(out_->alias_token, "names like o1 and e1 belong to offers and engagements");
      }
      vocabulary_->aliases.insert(out_->alias);
    }
    tokens_ = tokens_.first(at);
    return true;
  }

  bool ReadCommand() {
    switch (out_->verb->kind) {
      case KOBLE_CMD_ADVANCE:
        return tokens_.empty() || Usage();
      case KOBLE_CMD_RESUME:
        return ReadResume();
      case KOBLE_CMD_RECONCILE:
        return ReadReconcile();
      case KOBLE_CMD_PLAN_REPLACE:
        return ReadPlan();
      case KOBLE_CMD_AGENT_ADD:
      case KOBLE_CMD_AGENT_CHANGE:
        return ReadDefinition();
      case KOBLE_CMD_AGENT_REMOVE:
      case KOBLE_CMD_AGENT_REQUEST_CANCEL:
        return (tokens_.size() == 1 || Usage()) && ReadTarget(Ref::Kind::kAgent);
      case KOBLE_CMD_AGENT_PRESENCE:
        return ReadPresence();
      case KOBLE_CMD_AGENT_REQUEST:
        return ReadRequest();
      case KOBLE_CMD_CONTACT_ARRIVE:
        return ReadArrive();
      case KOBLE_CMD_CONTACT_CHANGE:
        return ReadChange();
      case KOBLE_CMD_AGENT_SKILL:
        return ReadSkill();
      case KOBLE_CMD_CONTACT_PLACE:
        return ReadPlace();
      case KOBLE_CMD_CONTACT_GONE:
        return ReadGone();
      case KOBLE_CMD_OFFER_MAKE:
        return ReadOffer();
      case KOBLE_CMD_OFFER_END:
        return ReadOutcome();
      case KOBLE_CMD_CONTACT_REPLY:
        return (tokens_.size() == 1 || Usage()) && ReadTarget(Ref::Kind::kContact);
      case KOBLE_CMD_ENGAGEMENT_PARK:
        return ReadPark();
      case KOBLE_CMD_SYMBOL:
        return ReadSymbol();
      default:
        return (tokens_.size() == 1 || Usage()) && ReadTarget(Ref::Kind::kOffer);
    }
  }

  bool ReadAnswer() {
    if (tokens_.size() < 2 || tokens_.size() > 3) return Usage();
    out_->subject = tokens_[0].text;
    out_->data = tokens_[1].text;
    if (tokens_.size() < 3) return true;
    if (tokens_[2].Key() != "of") return Wrong(tokens_[2], "behind the answer stands who is shown");
    for (const std::string_view name : Split(tokens_[2].Value(), "+")) out_->names.emplace_back(name);
    return true;
  }

  // The first word. `wanted` decides what a bare word means that looks like nothing else.
  bool ReadTarget(Ref::Kind wanted) {
    if (tokens_.empty()) return Usage();
    return ReadRef(tokens_[0], wanted, &out_->target);
  }

  bool ReadRef(const Token& token, Ref::Kind wanted, Ref* out) {
    Ref& ref = *out;
    ref.place = token.begin;
    ref.name = token.text;
    const bool agent_named_so = vocabulary_->agents.contains(token.text) && wanted == Ref::Kind::kAgent;
    if (token.quoted || agent_named_so) {
      ref.kind = Ref::Kind::kAgent;
    } else if (const auto serial = Numbered(token.text, 'c')) {
      ref.kind = Ref::Kind::kContact;
      ref.number = *serial;
    } else if (vocabulary_->aliases.contains(token.text)) {
      ref.kind = Ref::Kind::kContact;
    } else if (Numbered(token.text, 'o') || Numbered(token.text, 'e')) {
      ref.kind = Ref::Kind::kOffer;
      ref.number = *ParseInteger(std::string_view(token.text).substr(1));
    } else if (const auto id = ReadId(token.text)) {
      ref.kind = Ref::Kind::kId;
      ref.id = *id;
    } else {
      ref.kind = Ref::Kind::kAgent;
    }
    if (ref.kind == Ref::Kind::kAgent && wanted != Ref::Kind::kAgent && !vocabulary_->agents.contains(token.text)) {
      return Wrong(token, wanted == Ref::Kind::kContact ? "no contact: c1 is the first that arrives, c2 the second"
                                                        : "no offer: o1 is the first that is made, o2 the second");
    }
    return true;
  }

  bool ReadResume() {
    if (tokens_.size() > 1) return Usage();
    if (tokens_.empty()) return true;
    const std::string_view word = tokens_[0].equals != std::string::npos ? tokens_[0].Value() : tokens_[0].text;
    const std::optional<int64_t> since = ParseTime(word);
    if (!since) return Wrong(tokens_[0], "no time: since when the engine was not served");
    out_->a = *since;
    return true;
  }

  // contacts=c1+c3 legs=o2+e5, either of which may be missing or empty.
  bool ReadReconcile() {
    std::vector<Ref> contacts, legs;
    for (const Token& token : tokens_) {
      const bool of_contacts = token.Key() == "contacts";
      if (!of_contacts && token.Key() != "legs") return Wrong(token, "no such key");
      for (const std::string_view word : Split(token.Value(), "+,")) {
        Token name = token;
        name.text = word;
        Ref ref;
        if (!ReadRef(name, of_contacts ? Ref::Kind::kContact : Ref::Kind::kOffer, &ref)) return false;
        (of_contacts ? contacts : legs).push_back(std::move(ref));
      }
    }
    out_->code = static_cast<uint32_t>(contacts.size());
    out_->lists = std::move(contacts);
    out_->lists.insert(out_->lists.end(), legs.begin(), legs.end());
    return true;
  }

  bool ReadPlan() {
    if (tokens_.size() != 1) return Usage();
    if (tokens_[0].Is(Token::Kind::kJson)) {
      out_->data = tokens_[0].text;
    } else {
      std::optional<std::string> bytes = read_file_ ? read_file_(tokens_[0].text) : std::nullopt;
      if (!bytes)
        return Wrong(tokens_[0], "this file cannot be read here; paths are relative to the transcript's folder");
      out_->data = *std::move(bytes);
    }
    LearnPlan(out_->data, vocabulary_);
    return true;
  }

  // NAME key=value ..., NAME { JSON } or { JSON }.
  bool ReadDefinition() {
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

  bool AddKey(const Token& token, nlohmann::json* definition) {
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

  bool ReadPark() {
    if (tokens_.size() > 2) return Usage();
    if (tokens_.size() == 2) {
      const bool keyed = tokens_[1].equals != std::string::npos;
      const std::optional<int64_t> until = ParseTime(keyed ? tokens_[1].Value() : tokens_[1].text);
      if (!until || (keyed && tokens_[1].Key() != "until")) return Wrong(tokens_[1], "no time at which it comes back");
      out_->a = *until;
    }
    return ReadTarget(Ref::Kind::kOffer);
  }

  bool ReadPresence() {
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

  bool ReadRequest() {
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

  bool ReadArrive() {
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

  bool ReadPoints(const Token& token) {
    const bool minus = token.Value().starts_with('-');
    const bool sign = minus || token.Value().starts_with('+');
    const std::optional<int64_t> points = ParseFixed(token.Value().substr(sign ? 1 : 0), 6);
    if (!points) return Wrong(token, "a priority is a number of points with up to six decimals");
    out_->a = minus ? -*points : *points;
    return true;
  }

  bool ReadPosition(const Token& token, std::string_view word) {
    const std::optional<uint64_t> position = word == "first"  ? 1
                                             : word == "last" ? UINT32_MAX
                                             : word == "own"  ? 0
                                                              : ParseUnsigned(word);
    if (!position || *position > UINT32_MAX) return Wrong(token, "a position is a whole number from 1");
    out_->code = static_cast<uint32_t>(*position);
    return true;
  }

  bool ReadSkill() {
    if (tokens_.size() < 2 || tokens_.size() > 3 || tokens_[1].equals == std::string::npos) return Usage();
    out_->data = tokens_[1].Key();
    const std::optional<int64_t> level =
        tokens_[1].Value() == "own" ? KOBLE_SKILL_OWN : ParseInteger(tokens_[1].Value());
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

  bool ReadPlace() {
    if (tokens_.size() < 2 || tokens_.size() > 3) return Usage();
    if (tokens_.size() == 3) out_->names.push_back(tokens_[2].text);
    return ReadPosition(tokens_[1], tokens_[1].text) && ReadTarget(Ref::Kind::kContact);
  }

  // CONTACT, then what changes; a value with a sign is added. Attributes last, behind `with` and `without`.
  bool ReadChange() {
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
  bool ReadAttributes(Tokens tokens) {
    if (tokens.empty()) return Usage();
    for (const Token& token : tokens) {
      if (token.equals == std::string::npos || token.Key().empty() || token.Value().empty()) {
        return Wrong(token, "behind `with` stand attributes, name=value; options stand before it");
      }
      out_->attributes.push_back({std::string(token.Key()), std::string(token.Value()), token.begin});
    }
    return true;
  }

  bool ReadSymbol() {
    if (tokens_.size() != 1) return Usage();
    out_->data = tokens_[0].text;
    vocabulary_->symbols.insert(out_->data);
    return true;
  }

  bool ReadGone() {
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

  bool ReadOffer() {
    if (tokens_.size() < 2) return Usage();
    for (const Token& token : tokens_.subspan(2)) {
      if (token.Key() == "queue" && out_->names.empty()) {
        Token name = token;
        name.text = token.Value();
        ReadNames(name, &out_->names);
      } else if (token.text == "insist") {
        out_->code |= KOBLE_OFFER_INSIST;
      } else if (token.text == "accepted") {
        out_->code |= KOBLE_OFFER_ACCEPTED;
      } else {
        return Wrong(token, "not queue=QUEUE, `insist` or `accepted`");
      }
    }
    return ReadRef(tokens_[1], Ref::Kind::kAgent, &out_->agent) && ReadTarget(Ref::Kind::kContact);
  }

  bool ReadOutcome() {
    out_->code = out_->verb->code;
    if (tokens_.size() != (out_->code == 0 ? 2U : 1U)) return Usage();
    if (out_->code == 0) {
      const std::optional<uint32_t> outcome = FindReason(KOBLE_EVENT_OUTCOME, tokens_[1].text);
      if (!outcome) return Wrong(tokens_[1], "no outcome");
      out_->code = *outcome;
    }
    return ReadTarget(Ref::Kind::kOffer);
  }

  // expect SUBJECT [OBJECT] [value | key=value ...]
  bool ReadExpect() {
    if (tokens_.empty()) return Usage();
    SplitFirst();
    static constexpr struct {
      std::string_view subject;
      bool has_object;
      Ref::Kind wanted;
    } kSubjects[] = {{"deadline", false, Ref::Kind::kNone}, {"now", false, Ref::Kind::kNone},
                     {"waiting", true, Ref::Kind::kNone},   {"queue", true, Ref::Kind::kNone},
                     {"agent", true, Ref::Kind::kAgent},    {"contact", true, Ref::Kind::kContact},
                     {"offer", true, Ref::Kind::kOffer},    {"engagement", true, Ref::Kind::kOffer},
                     {"count", false, Ref::Kind::kNone},    {"result", false, Ref::Kind::kNone},
                     {"events", false, Ref::Kind::kNone},   {"symbol", true, Ref::Kind::kNone},
                     {"digest", false, Ref::Kind::kNone}};
    const auto* found = std::find_if(std::begin(kSubjects), std::end(kSubjects),
                                     [&](const auto& entry) { return entry.subject == tokens_[0].text; });
    if (found == std::end(kSubjects)) return Wrong(tokens_[0], "nothing that can be asked");
    out_->subject = found->subject == "queue" ? "waiting" : found->subject;
    tokens_ = tokens_.subspan(1);
    if (found->has_object) SplitFirst();
    if (found->has_object) {
      if (tokens_.empty()) return Usage();
      if (found->wanted == Ref::Kind::kNone)
        out_->names.push_back(tokens_[0].text);
      else if (!ReadTarget(found->wanted))
        return false;
      tokens_ = tokens_.subspan(1);
    }
    for (const Token& token : tokens_) {
      Check check{std::string(token.Key()), std::string(token.Value()), token.begin, token.end};
      if (token.equals == std::string::npos) {
        check.value = token.text;
      } else {
        check.begin.byte += static_cast<uint32_t>(token.equals + 1);  // keys have no escapes: bytes are bytes
      }
      out_->checks.push_back(std::move(check));
    }
    return true;
  }

  // `deadline=33` is `deadline 33`, `waiting q=2` is `waiting q 2`.
  void SplitFirst() {
    if (tokens_.empty() || tokens_[0].equals == std::string::npos) return;
    std::vector<Token> split(tokens_.begin(), tokens_.end());
    Token value = split[0];
    value.begin.byte += static_cast<uint32_t>(value.equals) + 1;
    value.text = std::string(split[0].Value());
    value.equals = std::string::npos;
    split[0].text.resize(split[0].equals);
    split[0].equals = std::string::npos;
    split.insert(split.begin() + 1, std::move(value));
    split_ = std::move(split);
    tokens_ = split_;
  }

  bool ReadIgnore() {
    if (tokens_.empty()) return Usage();
    for (const Token& token : tokens_) {
      if (token.text == "none" && tokens_.size() == 1) return true;
      std::string_view word = token.text;
      if (word.ends_with(',')) word.remove_suffix(1);
      const std::optional<uint32_t> kind = FindEvent(word);
      if (!kind) return Wrong(token, Cat("no event; events: ", EventWords()));
      out_->kinds.insert(*kind);
    }
    return true;
  }

  Tokens tokens_;
  std::vector<Token> split_;
  const ReadFile& read_file_;
  Vocabulary* vocabulary_;
  Statement* out_;
  std::vector<Mistake>* mistakes_;
};

}  // namespace

bool ReadArguments(std::span<const Token> tokens, const ReadFile& read_file, Vocabulary* vocabulary,
                   Statement* statement, std::vector<Mistake>* mistakes) {
  return Arguments(tokens, read_file, vocabulary, statement, mistakes).Read();
}

std::string ReadOption(std::string_view name, std::string_view value, engine::Options* options) {
  if (name == "clamp_time") {
    if (value != "" && value != "true" && value != "yes" && value != "1" && value != "false" && value != "no" &&
        value != "0") {
      return "clamp_time is true or false";
    }
    options->clamp_time = value != "false" && value != "no" && value != "0";
    return "";
  }
  if (name == "journal") {
    static constexpr std::array<std::string_view, 3> kModes = {"off", "bounded", "keep_all"};
    const auto* mode = std::find(kModes.begin(), kModes.end(), value);
    if (mode == kModes.end()) return "journal is off, bounded or keep_all";
    options->journal = static_cast<uint32_t>(mode - kModes.begin());
    return "";
  }
  if (name == "start" || name == "max_step") {
    const std::optional<int64_t> time = ParseTime(value);
    if (!time || *time < 0) return Cat(name, " is a time in seconds, 0 or more");
    (name == "start" ? options->start_ns : options->max_step_ns) = *time;
    return "";
  }
  const std::optional<uint64_t> number = ParseUnsigned(value);
  for (const auto& [key, member] : {std::pair<std::string_view, uint64_t*>{"seed", &options->seed},
                                    {"max_contacts", &options->max_contacts},
                                    {"max_agents", &options->max_agents},
                                    {"max_events", &options->max_events},
                                    {"max_journal_bytes", &options->max_journal_bytes}}) {
    if (key != name) continue;
    if (!number) return Cat(name, " is a whole number, 0 or more");
    *member = *number;
    return "";
  }
  return Cat("no option `", name,
             "`; options: clamp_time, journal, max_agents, max_contacts, max_events, max_journal_bytes, "
             "max_step, seed, start");
}

}  // namespace koble::transcript
