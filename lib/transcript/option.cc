// Options: how a transcript's engine is created.
#include <algorithm>
#include <array>
#include <utility>

#include "transcript/script.h"
#include "transcript/text.h"
#include "transcript/time_text.h"

namespace koble::transcript {

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
