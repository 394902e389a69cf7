// The arguments of each verb.
#include "transcript/arguments.h"

#include <algorithm>
#include <array>
#include <functional>

#include "plan/text.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {
namespace {

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

}  // namespace

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

bool Arguments::Read() {
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

bool Arguments::Wrong(const Token& token, std::string_view what) {
  mistakes_->push_back({token.begin, Cat("`", token.text, "`: ", what, "; write `", out_->verb->usage, "`")});
  return false;
}

bool Arguments::Usage() {
  mistakes_->push_back({tokens_.empty() ? out_->begin : tokens_[0].begin,
                        Cat("this is not how `", out_->verb->name, "` is written; write `", out_->verb->usage, "`")});
  return false;
}

// `-> name` may stand behind an arrival only.
bool Arguments::TakeAlias() {
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

bool Arguments::ReadCommand() {
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

bool Arguments::ReadAnswer() {
  if (tokens_.size() < 2 || tokens_.size() > 3) return Usage();
  out_->subject = tokens_[0].text;
  out_->data = tokens_[1].text;
  if (tokens_.size() < 3) return true;
  if (tokens_[2].Key() != "of") return Wrong(tokens_[2], "behind the answer stands who is shown");
  for (const std::string_view name : Split(tokens_[2].Value(), "+")) out_->names.emplace_back(name);
  return true;
}

// The first word. `wanted` decides what a bare word means that looks like nothing else.
bool Arguments::ReadTarget(Ref::Kind wanted) {
  if (tokens_.empty()) return Usage();
  return ReadRef(tokens_[0], wanted, &out_->target);
}

bool Arguments::ReadRef(const Token& token, Ref::Kind wanted, Ref* out) {
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

bool Arguments::ReadResume() {
  if (tokens_.size() > 1) return Usage();
  if (tokens_.empty()) return true;
  const std::string_view word = tokens_[0].equals != std::string::npos ? tokens_[0].Value() : tokens_[0].text;
  const std::optional<int64_t> since = ParseTime(word);
  if (!since) return Wrong(tokens_[0], "no time: since when the engine was not served");
  out_->a = *since;
  return true;
}

// contacts=c1+c3 legs=o2+e5, either of which may be missing or empty.
bool Arguments::ReadReconcile() {
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

bool Arguments::ReadPlan() {
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

bool Arguments::ReadSymbol() {
  if (tokens_.size() != 1) return Usage();
  out_->data = tokens_[0].text;
  vocabulary_->symbols.insert(out_->data);
  return true;
}

bool Arguments::ReadOffer() {
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

bool Arguments::ReadOutcome() {
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
bool Arguments::ReadExpect() {
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
    if (token.begin.line != token.end.line) return Wrong(token, "no value: a value ends on the line where it begins");
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
void Arguments::SplitFirst() {
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

bool Arguments::ReadIgnore() {
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

bool ReadArguments(std::span<const Token> tokens, const ReadFile& read_file, Vocabulary* vocabulary,
                   Statement* statement, std::vector<Mistake>* mistakes) {
  return Arguments(tokens, read_file, vocabulary, statement, mistakes).Read();
}

}  // namespace koble::transcript
