#include "agreement/compare.h"

#include <algorithm>

#include "nlohmann/json.hpp"

namespace koble::testing {
namespace {

// Everything but journal_seq; "" where equal.
std::string EventDifference(const koble_event& a, const koble_event& b) {
  if (a.seq != b.seq) return "seq";
  if (a.time_ns != b.time_ns) return "time_ns";
  if (a.due_ns != b.due_ns) return "due_ns";
  if (a.kind != b.kind) return "kind";
  if (a.reason != b.reason) return "reason";
  if (a.contact != b.contact) return "contact";
  if (a.serial != b.serial) return "serial";
  if (a.agent != b.agent) return "agent";
  if (a.offer != b.offer) return "offer";
  if (a.engagement != b.engagement) return "engagement";
  if (a.host_ref != b.host_ref) return "host_ref";
  if (a.queue != b.queue) return "queue";
  if (a.tenant != b.tenant) return "tenant";
  if (a.a != b.a) return "a";
  if (a.b != b.b) return "b";
  return "";
}

std::string Values(const char* what, int64_t expected, int64_t actual) {
  return std::string(what) + ": reference " + std::to_string(expected) + ", engine " + std::to_string(actual);
}

// The result of a batch says the engine's time after it, which a refused resume does not move.
bool TimeIsOfTheCommand(const Command& command, const Answer& answer) {
  return command.command.kind != KOBLE_CMD_RESUME || answer.result.code == KOBLE_OK;
}

std::string AnswerDifference(const Command& command, const Answer& expected, const Answer& actual) {
  const koble_result& a = expected.result;
  const koble_result& b = actual.result;
  if (a.code != b.code) return Values("code", a.code, b.code);
  for (size_t i = 0; i < std::min(expected.events.size(), actual.events.size()); ++i) {
    const std::string field = EventDifference(expected.events[i], actual.events[i]);
    if (!field.empty()) return "event " + std::to_string(i) + " of this command: " + field;
  }
  const auto count = [](const Answer& answer) { return static_cast<int64_t>(answer.events.size()); };
  if (count(expected) != count(actual)) return Values("number of events", count(expected), count(actual));
  if (a.id != b.id) return Values("id", static_cast<int64_t>(a.id), static_cast<int64_t>(b.id));
  if (TimeIsOfTheCommand(command, expected) && a.time_ns != b.time_ns) return Values("time_ns", a.time_ns, b.time_ns);
  if (a.value != b.value) return Values("value", a.value, b.value);
  if (a.clamped != b.clamped) return Values("clamped", a.clamped, b.clamped);
  if (a.event_first != b.event_first) {
    return Values("event_first", static_cast<int64_t>(a.event_first), static_cast<int64_t>(b.event_first));
  }
  return "";
}

// What contacts brought along, of all that this command had to do with; and the symbols, where they may have changed.
std::string KeptDifference(const Command& command, const Answer& answer, const Machine& reference,
                           const Machine& engine) {
  const auto same = [](const koble_attribute& a, const koble_attribute& b) {
    return a.key == b.key && a.reserved == b.reserved && a.value == b.value;
  };
  for (const koble_event& event : answer.events) {
    if (event.contact == 0) continue;
    const std::vector<koble_attribute> expected = reference.AttributesOf(event.contact);
    const std::vector<koble_attribute> actual = engine.AttributesOf(event.contact);
    if (!std::equal(expected.begin(), expected.end(), actual.begin(), actual.end(), same)) {
      return "attributes of the contact of serial " + std::to_string(event.serial);
    }
  }
  const bool interns = command.command.kind == KOBLE_CMD_SYMBOL || command.command.kind == KOBLE_CMD_PLAN_REPLACE;
  return interns && reference.Symbols() != engine.Symbols() ? "symbols" : "";
}

// Leaves out members and elements of `part`, which is somewhere in the document, as long as `needed` says that the
// difference remains.
bool ShrinkJson(nlohmann::ordered_json* part, const std::function<bool()>& needed) {
  bool any = false;
  if (!part->is_structured()) return false;
  for (size_t i = 0; i < part->size();) {
    const nlohmann::ordered_json whole = *part;
    part->erase(part->is_array() ? part->begin() + static_cast<std::ptrdiff_t>(i)
                                 : std::next(part->begin(), static_cast<std::ptrdiff_t>(i)));
    if (needed()) {
      any = true;
      continue;
    }
    *part = whole;
    nlohmann::ordered_json& child =
        part->is_array() ? (*part)[i] : std::next(part->begin(), static_cast<std::ptrdiff_t>(i)).value();
    any = ShrinkJson(&child, needed) || any;
    ++i;
  }
  return any;
}

bool ShrinkPlan(Script* run, std::string* text, const std::function<bool()>& needed) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(*text, nullptr, false);
  if (json.is_discarded()) return false;
  const std::string before = *text;
  const bool any = ShrinkJson(&json, [&] {
    const std::string old = *text;
    *text = json.dump();
    for (Command& command : run->commands) {
      if (&command.data == text) command.command.data_size = static_cast<uint32_t>(text->size());
    }
    if (needed()) return true;
    *text = old;
    for (Command& command : run->commands) {
      if (&command.data == text) command.command.data_size = static_cast<uint32_t>(text->size());
    }
    return false;
  });
  return any && *text != before;
}

bool ShrinkCommands(Script* run, const std::function<bool()>& needed) {
  bool any = false;
  for (size_t chunk = std::max<size_t>(run->commands.size() / 2, 1); chunk > 0; chunk /= 2) {
    for (size_t at = 0; at < run->commands.size();) {
      const std::vector<Command> whole = run->commands;
      const auto begin = run->commands.begin() + static_cast<std::ptrdiff_t>(at);
      run->commands.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(chunk, run->commands.size() - at)));
      if (needed()) {
        any = true;
      } else {
        run->commands = whole;
        at += chunk;
      }
    }
  }
  return any;
}

bool PlanLoads(const std::string& text) {
  int32_t code = KOBLE_OK;
  return plan::Load(text, nullptr, &code) != nullptr;
}

std::string AnswerText(const char* who, const Answer& answer, int64_t time) {
  std::string text = std::string("  ") + who + ": code " + std::to_string(answer.result.code) + ", id " +
                     std::to_string(answer.result.id) + ", time " + std::to_string(time) + "\n";
  for (const koble_event& event : answer.events) text += "    " + Describe(event) + "\n";
  return text;
}

}  // namespace

std::optional<Difference> Compare(const Script& run, const MakeMachine& make) {
  const std::unique_ptr<Machine> reference = MakeReference(run);
  const std::unique_ptr<Machine> engine = make(run);
  for (size_t index = 0; index < run.commands.size(); ++index) {
    Difference difference{index, "", reference->Apply(run.commands[index]), engine->Apply(run.commands[index])};
    difference.what = AnswerDifference(run.commands[index], difference.expected, difference.actual);
    if (difference.what.empty() && reference->NextDeadline() != engine->NextDeadline()) {
      difference.what = Values("next_deadline", reference->NextDeadline(), engine->NextDeadline());
    }
    if (difference.what.empty()) {
      difference.what = KeptDifference(run.commands[index], difference.expected, *reference, *engine);
    }
    if (!difference.what.empty()) return difference;
  }
  return std::nullopt;
}

Script Shrink(Script run, const MakeMachine& make) {
  const std::optional<Difference> first = Compare(run, make);
  if (!first) return run;
  run.commands.resize(first->index + 1);
  const auto differs = [&] { return PlanLoads(run.plan) && Compare(run, make).has_value(); };
  for (bool again = true; again;) {
    again = ShrinkCommands(&run, differs);
    again = ShrinkPlan(&run, &run.plan, differs) || again;
    for (Command& command : run.commands) {
      const bool text =
          command.command.kind >= KOBLE_CMD_PLAN_REPLACE && command.command.kind <= KOBLE_CMD_AGENT_CHANGE;
      if (text) again = ShrinkPlan(&run, &command.data, differs) || again;
    }
  }
  return run;
}

std::string Report(const Script& run, const Difference& difference) {
  constexpr size_t kLast = 40;
  std::string text = "seed " + std::to_string(run.seed) + ", command " + std::to_string(difference.index) + ": " +
                     difference.what + "\nplan: " + run.plan + "\noptions: start " +
                     std::to_string(run.options.start_ns) + (run.options.clamp_time ? ", clamp_time" : "") +
                     ", max_step " + std::to_string(run.options.max_step_ns) + ", max_contacts " +
                     std::to_string(run.options.max_contacts) + ", max_agents " +
                     std::to_string(run.options.max_agents) + "\n";
  // What the reference answered on the way says what the ids stand for.
  const std::unique_ptr<Machine> reference = MakeReference(run);
  for (size_t index = 0; index < difference.index; ++index) {
    const Answer answer = reference->Apply(run.commands[index]);
    if (index + kLast < difference.index) continue;
    text += Describe(run.commands[index]) +
            (answer.result.code == 0 ? "" : "  ! " + std::to_string(answer.result.code)) + "\n";
    for (const koble_event& event : answer.events) text += "    " + Describe(event) + "\n";
  }
  text += Describe(run.commands[difference.index]) + "\n";
  text += AnswerText("reference", difference.expected, difference.expected.result.time_ns);
  text += AnswerText("engine", difference.actual, difference.actual.result.time_ns);
  return text;
}

}  // namespace koble::testing
