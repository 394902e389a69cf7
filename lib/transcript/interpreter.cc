#include "transcript/interpreter.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "transcript/query.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {
namespace {

using DigestValue = std::array<uint64_t, 2>;

constexpr uint32_t kNoSuchQueue = KOBLE_QUEUE_NONE - 1;
constexpr uint32_t kNoSuchChannel = 31;
constexpr uint32_t kNoSuchSymbol = UINT32_MAX;

std::string_view RebuildName(Rebuild how) {
  static constexpr std::array<std::string_view, 4> kNames = {"none", "clone", "snapshot", "replay"};
  return kNames[static_cast<size_t>(how)];
}

// The record that a command statement stands for, names resolved. `data` receives what it points to.
koble_command BuildCommand(const Statement& statement, int64_t time, const Machine& machine, const Names& names,
                           std::string* data) {
  koble_command command = {};
  command.time_ns = time;
  command.kind = statement.verb->kind;
  command.code = statement.code;
  command.a = statement.a;
  command.b = statement.b;
  command.host_ref = statement.host_ref;
  command.target = names.Target(statement.target, command.kind);
  *data = statement.data;
  for (const Ref& ref : statement.lists) {
    const koble_id id = names.Listed(ref);
    data->append(reinterpret_cast<const char*>(&id), sizeof id);
  }
  if (command.kind == KOBLE_CMD_AGENT_REQUEST) {
    for (const std::string& name : statement.names) {
      command.code |= 1U << machine.Plan().FindChannel(name).value_or(kNoSuchChannel);
    }
  } else if (command.kind == KOBLE_CMD_CONTACT_PLACE) {
    command.queue = statement.names.empty() ? KOBLE_QUEUE_NONE
                                            : machine.Plan().FindQueue(statement.names[0]).value_or(kNoSuchQueue);
  } else if (command.kind == KOBLE_CMD_CONTACT_CHANGE) {
    command.c = statement.agent_ns;
    uint32_t never = kNoSuchSymbol / 2;  // two unknown names are not the same, nor those that are set
    for (const Pair& pair : statement.removed) {
      const uint32_t symbol = machine.FindSymbol(pair.key);
      const uint32_t key = symbol != 0 ? symbol : never--;
      data->append(reinterpret_cast<const char*>(&key), sizeof key);
    }
  } else if (command.kind == KOBLE_CMD_CONTACT_ARRIVE) {
    command.target = statement.serial;
    command.agent = names.Target(statement.agent, command.kind);
    command.c = statement.agent_ns;
    for (size_t i = 0; i < statement.names.size(); ++i) {
      const uint32_t queue = statement.missing.contains(i)
                                 ? KOBLE_QUEUE_NONE
                                 : machine.Plan().FindQueue(statement.names[i]).value_or(kNoSuchQueue);
      if (i == 0) {
        command.queue = queue;
      } else {
        char bytes[sizeof queue];
        std::memcpy(bytes, &queue, sizeof queue);
        data->append(bytes, sizeof bytes);
      }
    }
  }
  if (command.kind == KOBLE_CMD_OFFER_MAKE) {
    command.agent = names.Target(statement.agent, command.kind);
    command.queue = statement.names.empty() ? KOBLE_QUEUE_NONE
                                            : machine.Plan().FindQueue(statement.names[0]).value_or(kNoSuchQueue);
  }
  command.data_size = static_cast<uint32_t>(data->size());
  return command;
}

// A value is a symbol's name where the plan in force declares names for it; else a number, if it is one.
int64_t ValueOf(const Pair& pair, const Machine& machine) {
  const int64_t symbol = machine.FindSymbol(pair.value);
  if (symbol != 0 && IsSymbolic(pair.key, machine.Plan())) return symbol;
  return ParseInteger(pair.value).value_or(symbol);
}

std::vector<koble_attribute> BuildAttributes(const Statement& statement, const Machine& machine) {
  std::vector<koble_attribute> attributes;
  for (const Pair& pair : statement.attributes) {
    const uint32_t key = machine.FindSymbol(pair.key);
    const auto never = static_cast<uint32_t>(kNoSuchSymbol - attributes.size());  // two unknown names are not the same
    attributes.push_back({key != 0 ? key : never, 0, ValueOf(pair, machine)});
  }
  return attributes;
}

class Interpreter {
 public:
  Interpreter(const Script& script, std::unique_ptr<Machine> machine, Rebuild rebuild)
      : script_(script), machine_(std::move(machine)), rebuild_(rebuild), names_(*machine_) {
    uses_digest_ = std::any_of(script.statements.begin(), script.statements.end(), [](const Statement& s) {
      return s.act == Act::kRemember || (s.act == Act::kExpect && s.subject == "digest");
    });
  }

  Record Run() {
    for (const Statement& statement : script_.statements) {
      if (statement.act != Act::kAnswer) continue;
      machine_->SetPolicy(statement.subject, [this, name = statement.subject](const PolicyQuestion& question) {
        return AnswerPolicy(name, question);
      });
    }
    for (at_ = 0; at_ < script_.statements.size(); ++at_) {
      const Statement& statement = script_.statements[at_];
      const size_t before = record_.differences.size();
      RunStatement(statement);
      if (record_.differences.size() == before) record_.coverage.insert(Cat("verb ", statement.verb->name));
    }
    return std::move(record_);
  }

 private:
  void RunStatement(const Statement& statement) {
    switch (statement.act) {
      case Act::kCommand:
        return RunCommand(statement);
      case Act::kExpect:
        return RunExpect(statement);
      case Act::kIgnore:
        ignored_ = statement.kinds;
        return;
      case Act::kRebuild:
        return RunRebuild(statement.rebuild);
      case Act::kRemember:
        remembered_[statement.subject] = Digest();
        return;
      case Act::kAcknowledge:
        machine_->Acknowledge();
        return;
      case Act::kAnswer:
        answers_.push_back(at_);
        return;
      case Act::kOption:
        return;
    }
  }

  Difference& Differ(std::string note) {
    Difference& difference = record_.differences.emplace_back();
    difference.statement = at_;
    difference.note = std::move(note);
    return difference;
  }

  DigestValue Digest() {
    DigestValue digest = {};
    has_digest_ = machine_->Digest(digest.data());
    return digest;
  }

  // What the next line for this policy says; the first candidate where there is none.
  int32_t AnswerPolicy(const std::string& policy, const PolicyQuestion& question) {
    const auto next = std::find_if(answers_.begin(), answers_.end(),
                                   [&](size_t at) { return script_.statements[at].subject == policy; });
    if (next == answers_.end()) return 0;
    const size_t at = *next;
    answers_.erase(next);
    const Statement& statement = script_.statements[at];
    std::vector<std::string> shown = question.agents;
    for (const uint64_t serial : question.serials) shown.push_back(names_.ContactName(serial));
    const auto is = [&](size_t i, const std::string& name) {
      return shown[i] == name || (!question.serials.empty() && Numbered(name, 'c') == question.serials[i]);
    };
    bool same = statement.names.empty() || statement.names.size() == shown.size();
    for (size_t i = 0; same && i < statement.names.size(); ++i) same = is(i, statement.names[i]);
    ++record_.checks;
    const std::string is_shown = Cat("`", policy, "` is shown ", Join(shown, "+"));
    if (!same) Differ(is_shown).statement = at;
    if (statement.data == "defer") return KOBLE_CHOOSE_DEFER;
    if (statement.data == "failed") return KOBLE_CHOOSE_FAILED;
    if (statement.data == "invalid") return static_cast<int32_t>(shown.size());
    for (size_t i = 0; i < shown.size(); ++i) {
      if (is(i, statement.data)) return static_cast<int32_t>(i);
    }
    if (same) Differ(Cat(is_shown, ", and not ", statement.data)).statement = at;
    return 0;
  }

  // An answer is for the next command.
  void ReportUnasked() {
    for (const size_t at : answers_) {
      Differ(Cat("`", script_.statements[at].subject, "` was not asked so often by the next command")).statement = at;
    }
    answers_.clear();
  }

  void RunCommand(const Statement& statement) {
    const int64_t written = *statement.time;
    int64_t time = written;
    if (statement.relative && __builtin_add_overflow(last_time_, written, &time)) time = written;
    if (uses_digest_) before_ = Digest();
    std::string data;
    koble_command command = BuildCommand(statement, time, *machine_, names_, &data);
    const std::vector<koble_attribute> attributes = BuildAttributes(statement, *machine_);
    command.attributes_count = static_cast<uint32_t>(attributes.size());
    last_ = machine_->Apply(command, data, attributes);
    ReportUnasked();
    last_time_ = time;
    ++record_.commands;
    if (!statement.alias.empty()) Bind(statement);
    Compare(statement, time);
    if (rebuild_ != Rebuild::kNone) RunRebuild(rebuild_);
  }

  // c2 after `->` is a check (in Compare), any other word a name for the contact.
  void Bind(const Statement& statement) {
    if (last_.code != KOBLE_OK || Numbered(statement.alias, 'c')) return;
    for (const koble_event& event : last_.events) {
      if (event.kind == KOBLE_EVENT_ARRIVED && event.contact == last_.id)
        names_.SetAlias(event.serial, statement.alias);
    }
  }

  void Compare(const Statement& statement, int64_t time) {
    Difference found;
    found.statement = at_;
    found.time_ns = time;
    found.code = last_.code;
    found.message = last_.message;
    found.happenings = names_.Resolve(last_.events, *machine_);
    std::vector<Item> items;
    for (size_t i = 0; i < statement.items.size(); ++i) {
      if (statement.items[i].kind == Item::Kind::kError) {
        found.expected_code = statement.items[i].code;
      } else {
        items.push_back(statement.items[i]);
        found.items.push_back(i);
      }
    }
    record_.checks += static_cast<uint32_t>(items.size()) + 1;
    found.rows = Align(items, found.happenings, ignored_);
    bool differs = found.code != found.expected_code;
    for (const Row& row : found.rows) {
      if (row.Both() && row.fine) Cover(items[row.item].event);
      differs = differs || !row.fine;
    }
    if (Numbered(statement.alias, 'c') && last_.code == KOBLE_OK && names_.ContactNameOf(last_.id) != statement.alias) {
      found.alias = names_.ContactNameOf(last_.id);
      differs = true;
    }
    if (differs) {
      record_.differences.push_back(std::move(found));
      return;
    }
    if (last_.code == KOBLE_OK) {
      record_.coverage.insert(Cat("command ", engine::CommandName(statement.verb->kind)));
    } else {
      record_.coverage.insert(Cat("error ", engine::ErrorName(last_.code)));
    }
  }

  void Cover(const EventWant& want) {
    const char* event = engine::EventName(want.kind);
    record_.coverage.insert(Cat("event ", event));
    for (const FieldWant& field : want.fields) {
      if (field.field->value == Value::kReason) {
        const char* reason = engine::ReasonName(want.kind, static_cast<uint32_t>(field.number));
        if (reason != nullptr) record_.coverage.insert(Cat("reason ", event, ":", reason));
      } else if (field.field->value == Value::kCause) {
        record_.coverage.insert(Cat("cause ", CauseName(static_cast<uint32_t>(field.number))));
      }
    }
  }

  void RunExpect(const Statement& statement) {
    ++record_.checks;
    if (statement.time && *statement.time != machine_->Now()) {
      Differ(Cat("`expect` looks at the present, which is ", TimeText(machine_->Now()), "; write `",
                 TimeText(*statement.time), " advance` before it"));
      return;
    }
    if (statement.subject == "digest") return ExpectDigest(statement);
    const Answer answer = Ask(statement, *machine_, names_, last_);
    int32_t expected = KOBLE_OK;
    for (const Item& item : statement.items) {
      if (item.kind == Item::Kind::kError) expected = item.code;
    }
    for (const Check& check : statement.checks) {
      if (check.key.empty() && answer.code != KOBLE_OK && FindError(check.value) == answer.code) expected = answer.code;
    }
    if (answer.code != expected) {
      Difference& difference = Differ("");
      difference.code = answer.code;
      difference.expected_code = expected;
      return;
    }
    if (answer.code == KOBLE_OK)
      CompareFacts(statement, answer.facts);
    else
      record_.coverage.insert(Cat("error ", engine::ErrorName(answer.code)));
    record_.coverage.insert(Cat("expect ", statement.subject));
  }

  void CompareFacts(const Statement& statement, const std::vector<Fact>& facts) {
    std::vector<Correction> corrections;
    for (size_t i = 0; i < statement.checks.size(); ++i) {
      const Check& check = statement.checks[i];
      const Fact* of_key = nullptr;
      bool holds = false;
      for (const Fact& fact : facts) {
        const bool same_key = fact.key == check.key || (check.key.empty() && fact.kind == Fact::Kind::kWord);
        if (!same_key) continue;
        holds = holds || fact.Is(check.value);
        if (of_key == nullptr || SameQueue(fact, check.value)) of_key = &fact;
      }
      if (of_key == nullptr) {
        std::vector<std::string> keys;
        keys.reserve(facts.size());
        for (const Fact& fact : facts) keys.push_back(fact.key);
        Differ(Cat("`", statement.subject, "` has no `", check.key, "`; it has: ", Join(keys, ", ")));
        return;
      }
      if (!holds) corrections.push_back({i, WordText(of_key->Text())});
    }
    if (!corrections.empty()) Differ("").corrections = std::move(corrections);
  }

  // Of several `position` facts the one that the check speaks of.
  static bool SameQueue(const Fact& fact, std::string_view value) {
    const size_t colon = fact.word.rfind(':');
    return colon != std::string::npos && value.starts_with(std::string_view(fact.word).substr(0, colon + 1));
  }

  void ExpectDigest(const Statement& statement) {
    const DigestValue now = Digest();
    if (!has_digest_) return;
    bool negated = false;
    for (size_t i = 0; i < statement.checks.size(); ++i) {
      const std::string& word = statement.checks[i].value;
      if (word == "not" && i + 1 < statement.checks.size()) {
        negated = true;
        continue;
      }
      const bool relative = word == "same" || word == "changed";
      const auto known = remembered_.find(word);
      if (!relative && known == remembered_.end()) {
        Differ(Cat("nothing is remembered as `", word, "`; write `remember ", word, "` before it"));
        return;
      }
      const bool equal = now == (relative ? before_ : known->second);
      const bool wanted = (word != "changed") != negated;
      if (equal == wanted) continue;
      Difference& difference = Differ(equal ? "the digest is the same" : "the digest is another");
      if (relative) difference.corrections.push_back({i, word == "same" ? "changed" : "same"});
    }
    record_.coverage.insert("expect digest");
  }

  void RunRebuild(Rebuild how) {
    const DigestValue digest = Digest();
    const int64_t now = machine_->Now();
    const int64_t deadline = machine_->NextDeadline();
    const uint64_t events = machine_->LastEvent();
    const std::string wrong = machine_->RebuildBy(how);
    if (!wrong.empty()) {
      Differ(Cat(RebuildName(how), ": ", wrong));
      return;
    }
    std::string what;
    if (Digest() != digest) what = "digest";
    if (machine_->Now() != now) what = "now";
    if (machine_->NextDeadline() != deadline) what = "deadline";
    if (machine_->LastEvent() != events) what = "number of events";
    if (!what.empty()) Differ(Cat("after ", RebuildName(how), " the ", what, " is another"));
  }

  const Script& script_;
  std::unique_ptr<Machine> machine_;
  Rebuild rebuild_;
  Names names_;
  Record record_;
  size_t at_ = 0;
  std::set<uint32_t> ignored_;
  Machine::Result last_;
  std::vector<size_t> answers_;  // statements that the next command is to use up
  int64_t last_time_ = 0;
  bool uses_digest_ = false;
  bool has_digest_ = true;
  DigestValue before_ = {};
  std::map<std::string, DigestValue, std::less<>> remembered_;
};

}  // namespace

Record Interpret(const Script& script, const MachineFactory& factory, Rebuild rebuild) {
  Record record;
  std::unique_ptr<Machine> machine = factory(script.plan, script.options, &record.impossible);
  if (machine == nullptr) {
    if (record.impossible.empty()) record.impossible = "no engine can be made from this plan and these options";
    return record;
  }
  return Interpreter(script, std::move(machine), rebuild).Run();
}

Coverage EverythingCoverable() {
  Coverage all;
  for (const Verb& verb : Verbs()) {
    if (verb.act != Act::kOption) all.insert(Cat("verb ", verb.name));
  }
  for (uint32_t kind = 1; kind < KOBLE_CMD_COUNT_; ++kind) {
    all.insert(Cat("command ", engine::CommandName(kind)));
  }
  for (uint32_t kind = 1; kind < KOBLE_EVENT_COUNT_; ++kind) {
    const char* event = engine::EventName(kind);
    all.insert(Cat("event ", event));
    for (uint32_t reason = 0; reason < kReasonsMax; ++reason) {
      const char* name = engine::ReasonName(kind, reason);
      if (name != nullptr) all.insert(Cat("reason ", event, ":", name));
    }
  }
  for (uint32_t cause = KOBLE_CAUSE_CONTACT; cause <= KOBLE_CAUSE_RESTART; ++cause) {
    all.insert(Cat("cause ", CauseName(cause)));
  }
  for (int32_t code = -1; code >= KOBLE_ERR_BUSY; --code) all.insert(Cat("error ", engine::ErrorName(code)));
  for (const char* subject : {"deadline", "now", "waiting", "agent", "contact", "offer", "engagement", "count",
                              "result", "events", "symbol", "digest"}) {
    all.insert(Cat("expect ", subject));
  }
  return all;
}

}  // namespace koble::transcript
