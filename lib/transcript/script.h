// A transcript that has been read: statements in order, each with what is expected of it.
#ifndef KOBLE_LIB_TRANSCRIPT_SCRIPT_H_
#define KOBLE_LIB_TRANSCRIPT_SCRIPT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "plan/plan.h"
#include "transcript/machine.h"
#include "transcript/pattern.h"
#include "transcript/token.h"
#include "transcript/verbs.h"

namespace koble::transcript {

// Something that a command is aimed at, as written.
struct Ref {
  enum class Kind : uint8_t { kNone, kContact, kOffer, kAgent, kId } kind = Kind::kNone;
  uint64_t number = 0;  // serial of a contact (0: by alias), number of an offer
  std::string name;     // as written; an agent's name, a contact's alias
  koble_id id = 0;      // kId: given as kind:slot:generation
  Place place;
};

// One expectation below or behind a command.
struct Item {
  enum class Kind : uint8_t { kEvent, kError, kGap } kind = Kind::kEvent;
  EventWant event;
  int32_t code = 0;
  Place begin, end;  // always on one line
};

// `key=value` or a lone value of an `expect` line.
struct Check {
  std::string key;
  std::string value;
  Place begin, end;  // of the value
};

// `language=norwegian` behind `with`.
struct Pair {
  std::string key;
  std::string value;
  Place place;
};

struct Statement {
  Act act = Act::kCommand;
  const Verb* verb = nullptr;
  Place begin;     // of the first word
  Place word;      // of the verb
  Place head_end;  // where the command itself ends and expectations may begin
  uint32_t last_line = 0;
  std::optional<int64_t> time;
  bool relative = false;  // `+5`: after the last command's time

  // Commands: members of koble_command, names still unresolved.
  uint32_t code = 0;
  Ref target;
  std::vector<Ref> lists;  // of reconcile: `code` contacts, then legs
  int64_t a = 0, b = 0;
  uint64_t host_ref = 0;
  uint64_t serial = 0;             // given with an arrival
  Ref agent;                       // whom an arrival is meant for
  int64_t agent_ns = 0;            // and for how long it is reserved
  std::vector<std::string> names;  // queues of an arrival, channels of a request
  std::set<size_t> missing;        // places in `names` of queues that the plan has not
  std::string data;                // a plan, a definition, a symbol's name or a policy's answer
  std::vector<Pair> attributes;    // of an arrival or a change
  std::vector<Pair> removed;       // of a change: attributes, without values
  std::string alias;               // after `->`
  Token alias_token;
  std::vector<Item> items;

  std::string subject;        // of expect: deadline, agent, ...; of remember: the name; of answer: the policy
  std::vector<Check> checks;  // of expect
  std::set<uint32_t> kinds;   // of ignore
  Rebuild rebuild = Rebuild::kNone;
};

// Gives the bytes of the file that `plan FILE` names; nothing if there is none.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

struct Script {
  Text text;
  engine::Options options;
  std::shared_ptr<const plan::Plan> plan;
  std::vector<Statement> statements;
  Vocabulary vocabulary;
};

// Reads the whole text. Every mistake is reported; with any the script must not be run.
Script ReadScript(std::string_view text, const ReadFile& read_file, std::vector<Mistake>* mistakes);

// Takes the arguments between the verb and the expectations into `statement` and new names into `vocabulary`.
bool ReadArguments(std::span<const Token> tokens, const ReadFile& read_file, Vocabulary* vocabulary,
                   Statement* statement, std::vector<Mistake>* mistakes);
// `option NAME [VALUE]`; `words` without the verb. Returns what is wrong, "" if nothing.
std::string ReadOption(std::string_view name, std::string_view value, engine::Options* options);
// Adds the queues, channels, agents and attributes of a plan, if it can be read.
void LearnPlan(const std::string& json, Vocabulary* vocabulary);
// Names that are written but defined nowhere, where no error is expected because of them.
void CheckNames(const Script& script, std::vector<Mistake>* mistakes);

}  // namespace koble::transcript

#endif  // KOBLE_LIB_TRANSCRIPT_SCRIPT_H_
