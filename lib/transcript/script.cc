#include "transcript/script.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include "plan/text.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {
namespace {

bool IsTime(const Token& token) {
  if (!token.Is(Token::Kind::kWord) || token.quoted || token.equals != std::string::npos) return false;
  std::string_view word = token.text;
  if (word.starts_with('+')) word.remove_prefix(1);
  return ParseTime(word).has_value();
}

bool IsEventTime(const Token& token) {
  std::optional<int64_t> time, due;
  return token.Is(Token::Kind::kWord) && !token.quoted && ReadEventTime(token.text, &time, &due);
}

// `left`, and `left(full)` as the model's page writes it.
bool IsEventWord(const Token& token) {
  const std::string_view word = token.text;
  return token.Is(Token::Kind::kWord) && !token.quoted && FindEvent(word.substr(0, word.find('('))).has_value();
}

// Whether the tokens from `at` on are a time, perhaps in two words, and an event: `100 (due 33) offered ...`.
bool IsTimedEvent(std::span<const Token> tokens, size_t at) {
  size_t i = at;
  while (i < tokens.size() && i < at + 2 && IsEventTime(tokens[i])) ++i;
  return i > at && i < tokens.size() && IsEventWord(tokens[i]);
}

// Index of the first token that belongs to the expectations of a command written on one line with it. An `expect` has no
// events: `held` in it, however far to the right, is a state.
size_t FindInlineItems(const std::vector<Token>& tokens, size_t from, Act act) {
  for (size_t i = from; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.Is(Token::Kind::kArrow) || token.Is(Token::Kind::kBang) || token.Is(Token::Kind::kSemi) ||
        token.Is(Token::Kind::kDots)) {
      return i;
    }
    // In columns: two blanks, perhaps a time, an event.
    const bool apart = token.begin.line == tokens[i - 1].end.line && token.begin.byte >= tokens[i - 1].end.byte + 2;
    if (apart && act != Act::kExpect && (IsTimedEvent(tokens, i) || (i > from && IsEventWord(token)))) return i;
  }
  return tokens.size();
}

class Reader {
 public:
  Reader(std::string_view text, const ReadFile& read_file, std::vector<Mistake>* mistakes)
      : read_file_(read_file), mistakes_(mistakes) {
    script_.text = Tokenize(text, mistakes);
    script_.options.journal = KOBLE_JOURNAL_KEEP_ALL;
  }

  Script Read() {
    for (const Line& line : script_.text.content) ReadLine(line);
    if (script_.plan == nullptr && mistakes_->empty()) {
      Wrong({0, 0}, "no plan; before the first command write `plan { ... }` or `plan FILE`");
    }
    if (script_.plan == nullptr) return std::move(script_);  // without names everything else would be wrong, too
    // Only now: an expectation may name an agent that is added, or a queue that is planned, further down.
    for (const auto& [statement, tokens] : expectations_) ReadItems(&script_.statements[statement], tokens);
    CheckNames(script_, mistakes_);
    return std::move(script_);
  }

 private:
  void Wrong(Place place, std::string text) { mistakes_->push_back({place, std::move(text)}); }

  void ReadLine(const Line& line) {
    const Token& first = line.tokens[0];
    if (IsExpectation(line)) {
      if (script_.statements.empty() || script_.statements.back().act != Act::kCommand) {
        Wrong(first.begin, "an expectation that follows no command; a command begins with its time: `0 arrive q`");
        return;
      }
      script_.statements.back().last_line = line.last;
      expectations_.emplace_back(script_.statements.size() - 1, line.tokens);
      return;
    }
    const bool timed = IsTime(first);
    if (timed && line.tokens.size() == 1) return Wrong(first.begin, "a time alone; write `100 advance`");
    const Token& word = line.tokens[timed ? 1 : 0];
    const Verb* verb = word.Is(Token::Kind::kWord) && !word.quoted ? FindVerb(word.text) : nullptr;
    if (verb == nullptr) {
      return Wrong(word.begin,
                   Cat("`", word.text, "` is no verb", timed ? "" : " and no time", "; ", VerbAdvice(word.text)));
    }
    if (!timed && verb->act == Act::kOption) return ReadOptions(line);
    if (!timed && verb->kind == KOBLE_CMD_PLAN_REPLACE && verb->act == Act::kCommand) return ReadFirstPlan(line, verb);
    if (!timed && verb->act == Act::kCommand) {
      return Wrong(first.begin, Cat("a command begins with its time: `", verb->usage, "`"));
    }
    if (timed && verb->act != Act::kCommand && verb->act != Act::kExpect) {
      return Wrong(first.begin, Cat("`", verb->name, "` takes no time; write `", verb->usage, "`"));
    }
    ReadStatement(line, verb, timed);
  }

  // Where a word is a verb and an event (presence, outcome, connect_failed, plan), the column decides: what begins to the right
  // of the last command's time belongs to that command.
  bool IsExpectation(const Line& line) const {
    const Token& first = line.tokens[0];
    if (!first.Is(Token::Kind::kWord)) return !first.Is(Token::Kind::kJson) && !first.Is(Token::Kind::kName);
    if (first.text.find('(') != std::string::npos && IsEventTime(first)) return true;
    const bool command_open = !script_.statements.empty() && script_.statements.back().act == Act::kCommand;
    if (!IsTime(first)) {
      if (!IsEventWord(first)) return false;
      return FindVerb(first.text) == nullptr || command_open;
    }
    if (!IsTimedEvent(line.tokens, 0)) return false;
    if (!IsEventWord(line.tokens[1]) || FindVerb(line.tokens[1].text) == nullptr) return true;
    return command_open && first.begin.byte >= last_time_end_;
  }

  void ReadOptions(const Line& line) {
    if (!script_.statements.empty()) {
      return Wrong(line.tokens[0].begin, "options stand before the first command");
    }
    const bool start = line.tokens[0].text == "start";
    if (line.tokens.size() < 2) return Wrong(line.tokens[0].begin, "write `option NAME VALUE` or `start TIME`");
    for (size_t i = 1; i < line.tokens.size(); ++i) {
      const Token& token = line.tokens[i];
      std::string name = start ? "start" : token.text;
      std::string value = start ? token.text : "";
      if (!start && token.equals != std::string::npos) {
        name = token.Key();
        value = token.Value();
      } else if (!start && i + 1 < line.tokens.size() && line.tokens[i + 1].equals == std::string::npos) {
        value = line.tokens[++i].text;
      }
      const std::string wrong = ReadOption(name, value, &script_.options);
      if (!wrong.empty()) Wrong(token.begin, wrong);
    }
  }

  void ReadFirstPlan(const Line& line, const Verb* verb) {
    const Token& first = line.tokens[0];
    if (script_.plan != nullptr) {
      return Wrong(first.begin, "a second plan; to replace the first write it as a command: `5 plan { ... }`");
    }
    Statement holder;
    holder.verb = verb;
    holder.begin = first.begin;
    if (!ReadArguments(std::span(line.tokens).subspan(1), read_file_, &script_.vocabulary, &holder, mistakes_)) return;
    // The reader counts lines and columns: in front of the JSON stands what stands there in the file.
    const Token& json = line.tokens.back();
    std::string text = holder.data;
    if (json.Is(Token::Kind::kJson)) {
      text.insert(0, std::string(json.begin.line, '\n') + std::string(json.begin.byte, ' '));
    }
    std::string report;
    int32_t code = KOBLE_OK;
    script_.plan = plan::Load(text, &report, &code);
    if (script_.plan != nullptr) return;
    for (const std::string_view mistake : Split(report, "\n")) {
      WrongInPlan(first.begin, mistake);
    }
    if (report.empty()) Wrong(first.begin, "this plan cannot be read");
  }

  // "line 3, column 24: ..." has a place of its own; "queues[0].ring: ..." stands for the plan as a whole.
  void WrongInPlan(Place plan, std::string_view mistake) {
    static constexpr std::string_view kLine = "line ", kColumn = ", column ";
    const size_t comma = mistake.find(kColumn);
    const size_t colon = mistake.find(": ");
    if (mistake.starts_with(kLine) && comma < colon && colon != std::string_view::npos) {
      const auto line = ParseUnsigned(mistake.substr(kLine.size(), comma - kLine.size()));
      const auto column = ParseUnsigned(mistake.substr(comma + kColumn.size(), colon - comma - kColumn.size()));
      if (line && column && *line > 0 && *column > 0) {
        plan = {static_cast<uint32_t>(*line - 1), static_cast<uint32_t>(*column - 1)};
        mistake.remove_prefix(colon + 2);
      }
    }
    Wrong(plan, Cat("in the plan: ", mistake));
  }

  void ReadStatement(const Line& line, const Verb* verb, bool timed) {
    Statement statement;
    statement.verb = verb;
    statement.act = verb->act;
    statement.begin = line.tokens[0].begin;
    statement.word = line.tokens[timed ? 1 : 0].begin;
    statement.last_line = line.last;
    if (timed) {
      std::string_view time = line.tokens[0].text;
      statement.relative = time.starts_with('+');
      if (statement.relative) time.remove_prefix(1);
      statement.time = ParseTime(time);
    }
    const size_t from = timed ? 2 : 1;
    const size_t items = FindInlineItems(line.tokens, from, verb->act);
    statement.head_end = line.tokens[items - 1].end;
    const auto head = std::span(line.tokens).subspan(from, items - from);
    if (!ReadArguments(head, read_file_, &script_.vocabulary, &statement, mistakes_)) statement.verb = nullptr;
    if (verb->act != Act::kCommand && verb->act != Act::kExpect && items < line.tokens.size()) {
      return Wrong(line.tokens[items].begin, Cat("`", verb->name, "` expects nothing; write `", verb->usage, "`"));
    }
    if (items < line.tokens.size()) {
      expectations_.emplace_back(
          script_.statements.size(),
          std::vector<Token>(line.tokens.begin() + static_cast<ptrdiff_t>(items), line.tokens.end()));
    }
    if (timed) last_time_end_ = line.tokens[0].end.byte;
    script_.statements.push_back(std::move(statement));
  }

  void ReadItems(Statement* statement, std::vector<Token> tokens) {
    SplitAtCommas(&tokens);
    SplitAtParentheses(&tokens);
    // `=> nothing`: an empty list, said aloud.
    if (tokens.size() == 2 && tokens[0].Is(Token::Kind::kArrow) &&
        (tokens[1].text == "nothing" || tokens[1].text == "none")) {
      return;
    }
    size_t i = 0;
    while (i < tokens.size()) {
      const Token& token = tokens[i];
      if (token.Is(Token::Kind::kArrow) || token.Is(Token::Kind::kSemi)) {
        ++i;
      } else if (token.Is(Token::Kind::kDots)) {
        AddItem(statement, Item::Kind::kGap, token, token);
        ++i;
      } else if (token.Is(Token::Kind::kBang)) {
        i += ReadError(statement, tokens, i);
      } else {
        const size_t end = static_cast<size_t>(std::find_if(tokens.begin() + static_cast<ptrdiff_t>(i), tokens.end(),
                                                            [](const Token& t) { return !t.Is(Token::Kind::kWord); }) -
                                               tokens.begin());
        if (end == i) return Wrong(token.begin, Cat("`", token.text, "` has no meaning in an expectation"));
        std::optional<EventWant> want = ReadEvent(std::span(tokens).subspan(i, end - i), script_.vocabulary, mistakes_);
        if (want) AddItem(statement, Item::Kind::kEvent, token, tokens[end - 1])->event = *std::move(want);
        i = end;
      }
    }
  }

  // `accepted o1, serving c1 A`: a comma at the end of a word separates as `;` does.
  static void SplitAtCommas(std::vector<Token>* tokens) {
    for (size_t i = 0; i < tokens->size(); ++i) {
      Token& token = (*tokens)[i];
      if (!token.Is(Token::Kind::kWord) || token.quoted || token.text.size() < 2 || token.text.back() != ',') continue;
      token.text.pop_back();
      --token.end.byte;
      Token separator;
      separator.kind = Token::Kind::kSemi;
      separator.text = ",";
      separator.begin = token.end;
      separator.end = {token.end.line, token.end.byte + 1};
      tokens->insert(tokens->begin() + static_cast<ptrdiff_t>(i) + 1, std::move(separator));
    }
  }

  // `left(full) c1 q` is `left full c1 q`.
  static void SplitAtParentheses(std::vector<Token>* tokens) {
    for (size_t i = 0; i < tokens->size(); ++i) {
      Token& token = (*tokens)[i];
      const size_t open = token.text.find('(');
      if (!token.Is(Token::Kind::kWord) || token.quoted || open == 0 || open == std::string::npos ||
          token.equals != std::string::npos || IsEventTime(token)) {
        continue;
      }
      Token inside = token;
      inside.text = token.text.substr(open + 1, token.text.size() - open - 2);
      token.text.resize(open);
      if (!inside.text.empty()) tokens->insert(tokens->begin() + static_cast<ptrdiff_t>(i) + 1, std::move(inside));
    }
  }

  Item* AddItem(Statement* statement, Item::Kind kind, const Token& first, const Token& last) {
    if (statement->act == Act::kExpect && kind != Item::Kind::kError) {
      Wrong(first.begin, "`expect` asks and causes no events; they stand with their command");
    }
    Item item;
    item.kind = kind;
    item.begin = first.begin;
    item.end = last.end;
    statement->items.push_back(std::move(item));
    return &statement->items.back();
  }

  // `! ended`. Returns how many tokens it took.
  size_t ReadError(Statement* statement, const std::vector<Token>& tokens, size_t at) {
    if (at + 1 >= tokens.size() || !tokens[at + 1].Is(Token::Kind::kWord)) {
      Wrong(tokens[at].begin, Cat("an error must follow: `! ended`; errors: ", ErrorWords()));
      return 1;
    }
    const std::optional<int32_t> code = FindError(tokens[at + 1].text);
    if (!code) {
      Wrong(tokens[at + 1].begin, Cat("`", tokens[at + 1].text, "` is no error; errors: ", ErrorWords()));
    } else if (std::any_of(statement->items.begin(), statement->items.end(),
                           [](const Item& item) { return item.kind == Item::Kind::kError; })) {
      Wrong(tokens[at].begin, "a second error for one command");
    } else {
      AddItem(statement, Item::Kind::kError, tokens[at], tokens[at + 1])->code = *code;
    }
    return 2;
  }

  const ReadFile& read_file_;
  std::vector<Mistake>* mistakes_;
  Script script_;
  std::vector<std::pair<size_t, std::vector<Token>>> expectations_;  // by number of their statement
  uint32_t last_time_end_ = 0;
};

bool ExpectsError(const Statement& statement) {
  return std::any_of(statement.items.begin(), statement.items.end(),
                     [](const Item& item) { return item.kind == Item::Kind::kError && item.code != KOBLE_OK; });
}

void Unknown(std::string_view what, const std::string& name, const std::set<std::string, std::less<>>& known,
             const Statement& statement, Place place, std::vector<Mistake>* mistakes) {
  if (known.contains(name) || ExpectsError(statement)) return;
  const std::optional<std::string> nearest = NearestName(name, known);
  mistakes->push_back({place, Cat("no ", what, " `", name, "` in this transcript; ",
                                  nearest ? Cat("did you mean `", *nearest, "`?")
                                          : Cat("known: ", known.empty() ? "none" : Join(known, ", ")))});
}

}  // namespace

Script ReadScript(std::string_view text, const ReadFile& read_file, std::vector<Mistake>* mistakes) {
  Script script = Reader(text, read_file, mistakes).Read();
  std::stable_sort(mistakes->begin(), mistakes->end(), [](const Mistake& a, const Mistake& b) {
    return std::pair(a.place.line, a.place.byte) < std::pair(b.place.line, b.place.byte);
  });
  return script;
}

void LearnPlan(const std::string& json, Vocabulary* vocabulary) {
  std::string report;
  int32_t code = KOBLE_OK;
  const std::shared_ptr<const plan::Plan> plan = plan::Load(json, &report, &code);
  if (plan == nullptr) return;
  for (const plan::Queue& queue : plan->OwnQueues()) vocabulary->queues.insert(queue.name);
  vocabulary->skills.insert(plan->skills.begin(), plan->skills.end());
  for (const plan::Channel& channel : plan->channels) vocabulary->channels.insert(channel.name);
  for (const plan::AgentDefinition& agent : plan->agents) vocabulary->agents.insert(agent.name);
  for (const plan::Attribute& attribute : plan->attributes) {
    vocabulary->symbols.insert(attribute.name);
    vocabulary->symbols.insert(attribute.values.begin(), attribute.values.end());
  }
}

void CheckNames(const Script& script, std::vector<Mistake>* mistakes) {
  const Vocabulary& known = script.vocabulary;
  for (const Statement& statement : script.statements) {
    if (statement.verb == nullptr) continue;
    if (statement.target.kind == Ref::Kind::kAgent) {
      Unknown("agent", statement.target.name, known.agents, statement, statement.target.place, mistakes);
    }
    const bool arrives = statement.act == Act::kCommand && (statement.verb->kind == KOBLE_CMD_CONTACT_ARRIVE ||
                                                            statement.verb->kind == KOBLE_CMD_CONTACT_PLACE);
    const bool requests = statement.act == Act::kCommand && statement.verb->kind == KOBLE_CMD_AGENT_REQUEST;
    for (const Pair& pair : statement.attributes) {
      Unknown("attribute or symbol", pair.key, known.symbols, statement, pair.place, mistakes);
      if (!ParseInteger(pair.value)) Unknown("symbol", pair.value, known.symbols, statement, pair.place, mistakes);
    }
    for (const Pair& pair : statement.removed) {
      Unknown("attribute or symbol", pair.key, known.symbols, statement, pair.place, mistakes);
    }
    if (statement.subject == "symbol") continue;  // a question: is it one?
    for (size_t i = 0; i < statement.names.size(); ++i) {
      const std::string& name = statement.names[i];
      if (statement.missing.contains(i)) continue;
      if (arrives || statement.act == Act::kExpect)
        Unknown("queue", name, known.queues, statement, statement.begin, mistakes);
      if (requests) Unknown("channel", name, known.channels, statement, statement.begin, mistakes);
    }
  }
}

}  // namespace koble::transcript
