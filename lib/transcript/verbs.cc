#include "transcript/verbs.h"

#include <algorithm>
#include <array>
#include <string>

#include "koble/koble.h"
#include "plan/text.h"
#include "transcript/machine.h"
#include "transcript/text.h"
#include "transcript/words.h"

namespace koble::transcript {
namespace {

constexpr uint32_t Code(Rebuild how) { return static_cast<uint32_t>(how); }

constexpr Verb kVerbs[] = {
    {"advance", Act::kCommand, KOBLE_CMD_ADVANCE, 0, "TIME advance"},
    {"resume", Act::kCommand, KOBLE_CMD_RESUME, 0, "TIME resume [DOWN_SINCE]"},
    {"reconcile", Act::kCommand, KOBLE_CMD_RECONCILE, 0,
     "TIME reconcile [contacts=CONTACT+CONTACT] [legs=OFFER+OFFER]"},
    {"plan", Act::kCommand, KOBLE_CMD_PLAN_REPLACE, 0, "TIME plan { JSON } or TIME plan FILE"},
    {"plan_replace", Act::kCommand, KOBLE_CMD_PLAN_REPLACE, 0, "TIME plan_replace { JSON }", true},
    {"agent_add", Act::kCommand, KOBLE_CMD_AGENT_ADD, 0,
     "TIME agent_add NAME [key=value ...] or TIME agent_add { JSON }"},
    {"agent_change", Act::kCommand, KOBLE_CMD_AGENT_CHANGE, 0,
     "TIME agent_change NAME [key=value ...] or TIME agent_change NAME { JSON }"},
    {"agent_remove", Act::kCommand, KOBLE_CMD_AGENT_REMOVE, 0, "TIME agent_remove AGENT"},
    {"presence", Act::kCommand, KOBLE_CMD_AGENT_PRESENCE, 0, "TIME presence AGENT offline|available|break [WHY]"},
    {"agent_presence", Act::kCommand, KOBLE_CMD_AGENT_PRESENCE, 0, "TIME agent_presence AGENT available", true},
    {"request", Act::kCommand, KOBLE_CMD_AGENT_REQUEST, 0,
     "TIME request AGENT [CHANNEL+CHANNEL | all] [UNTIL | never | none]"},
    {"agent_request", Act::kCommand, KOBLE_CMD_AGENT_REQUEST, 0, "TIME agent_request AGENT [CHANNEL] [UNTIL]", true},
    {"request_cancel", Act::kCommand, KOBLE_CMD_AGENT_REQUEST_CANCEL, 0, "TIME request_cancel AGENT"},
    {"agent_request_cancel", Act::kCommand, KOBLE_CMD_AGENT_REQUEST_CANCEL, 0, "TIME agent_request_cancel AGENT", true},
    {"arrive", Act::kCommand, KOBLE_CMD_CONTACT_ARRIVE, 0,
     "TIME arrive QUEUE+QUEUE [priority=N] [credit=D] [position=N] [ref=N] [agent=AGENT [for=D|never]] [serial=N "
     "[missing=N]] [with "
     "ATTRIBUTE=VALUE ...] [-> "
     "NAME]"},
    {"contact_arrive", Act::kCommand, KOBLE_CMD_CONTACT_ARRIVE, 0, "TIME contact_arrive QUEUE", true},
    {"skill", Act::kCommand, KOBLE_CMD_AGENT_SKILL, 0,
     "TIME skill AGENT SKILL=LEVEL [for=D|never] or TIME skill AGENT SKILL=own"},
    {"agent_skill", Act::kCommand, KOBLE_CMD_AGENT_SKILL, 0, "TIME agent_skill AGENT SKILL=LEVEL", true},
    {"place", Act::kCommand, KOBLE_CMD_CONTACT_PLACE, 0, "TIME place CONTACT POSITION|first|last|own [QUEUE]"},
    {"contact_place", Act::kCommand, KOBLE_CMD_CONTACT_PLACE, 0, "TIME contact_place CONTACT POSITION", true},
    {"change", Act::kCommand, KOBLE_CMD_CONTACT_CHANGE, 0,
     "TIME change CONTACT [priority=N|+N|-N] [credit=D|+D|-D] [max_wait=D|never] "
     "[forget=refusals|agent|refusals+agent] "
     "[with ATTRIBUTE=VALUE ...] [without ATTRIBUTE ...]"},
    {"contact_change", Act::kCommand, KOBLE_CMD_CONTACT_CHANGE, 0, "TIME contact_change CONTACT priority=N", true},
    {"gone", Act::kCommand, KOBLE_CMD_CONTACT_GONE, KOBLE_BY_CUSTOMER, "TIME gone CONTACT [by=customer|agent|host]"},
    {"contact_gone", Act::kCommand, KOBLE_CMD_CONTACT_GONE, KOBLE_BY_CUSTOMER, "TIME contact_gone CONTACT", true},
    {"end", Act::kCommand, KOBLE_CMD_CONTACT_GONE, KOBLE_BY_AGENT, "TIME end CONTACT [by=agent]"},
    {"offer", Act::kCommand, KOBLE_CMD_OFFER_MAKE, 0, "TIME offer CONTACT AGENT [queue=QUEUE] [insist] [accepted]"},
    {"offer_make", Act::kCommand, KOBLE_CMD_OFFER_MAKE, 0, "TIME offer_make CONTACT AGENT", true},
    {"accept", Act::kCommand, KOBLE_CMD_OFFER_ACCEPT, 0, "TIME accept OFFER"},
    {"offer_accept", Act::kCommand, KOBLE_CMD_OFFER_ACCEPT, 0, "TIME offer_accept OFFER", true},
    {"outcome", Act::kCommand, KOBLE_CMD_OFFER_END, 0, "TIME outcome OFFER declined|busy|unreachable|no_answer|failed"},
    {"offer_end", Act::kCommand, KOBLE_CMD_OFFER_END, 0, "TIME offer_end OFFER OUTCOME", true},
    {"decline", Act::kCommand, KOBLE_CMD_OFFER_END, KOBLE_OUTCOME_DECLINED, "TIME decline OFFER"},
    {"busy", Act::kCommand, KOBLE_CMD_OFFER_END, KOBLE_OUTCOME_BUSY, "TIME busy OFFER"},
    {"unreachable", Act::kCommand, KOBLE_CMD_OFFER_END, KOBLE_OUTCOME_UNREACHABLE, "TIME unreachable OFFER"},
    {"no_answer", Act::kCommand, KOBLE_CMD_OFFER_END, KOBLE_OUTCOME_NO_ANSWER, "TIME no_answer OFFER"},
    {"fail", Act::kCommand, KOBLE_CMD_OFFER_END, KOBLE_OUTCOME_FAILED, "TIME fail OFFER"},
    {"connected", Act::kCommand, KOBLE_CMD_CONNECTED, 0, "TIME connected OFFER"},
    {"connect_failed", Act::kCommand, KOBLE_CMD_CONNECT_FAILED, 0, "TIME connect_failed OFFER"},
    {"hold", Act::kCommand, KOBLE_CMD_HOLD, 0, "TIME hold OFFER (or its CONTACT)"},
    {"retrieve", Act::kCommand, KOBLE_CMD_RETRIEVE, 0, "TIME retrieve OFFER (or its CONTACT)"},
    {"wrap_up_end", Act::kCommand, KOBLE_CMD_WRAP_UP_END, 0, "TIME wrap_up_end OFFER"},
    {"wrapup_end", Act::kCommand, KOBLE_CMD_WRAP_UP_END, 0, "TIME wrapup_end OFFER", true},
    {"reply", Act::kCommand, KOBLE_CMD_CONTACT_REPLY, 0, "TIME reply CONTACT"},
    {"contact_reply", Act::kCommand, KOBLE_CMD_CONTACT_REPLY, 0, "TIME contact_reply CONTACT", true},
    {"activity", Act::kCommand, KOBLE_CMD_ENGAGEMENT_ACTIVITY, 0, "TIME activity OFFER (or its CONTACT)"},
    {"engagement_activity", Act::kCommand, KOBLE_CMD_ENGAGEMENT_ACTIVITY, 0, "TIME engagement_activity OFFER", true},
    {"park", Act::kCommand, KOBLE_CMD_ENGAGEMENT_PARK, 0, "TIME park OFFER [UNTIL] (or its CONTACT)"},
    {"engagement_park", Act::kCommand, KOBLE_CMD_ENGAGEMENT_PARK, 0, "TIME engagement_park OFFER [UNTIL]", true},
    {"symbol", Act::kCommand, KOBLE_CMD_SYMBOL, 0, "TIME symbol NAME"},
    {"expect", Act::kExpect, 0, 0,
     "expect deadline|now|waiting|agent|contact|offer|engagement|count|result|events|symbol|digest ..."},
    {"ignore", Act::kIgnore, 0, 0, "ignore EVENT ... or ignore none"},
    {"option", Act::kOption, 0, 0, "option NAME [VALUE]"},
    {"start", Act::kOption, 0, 0, "start TIME"},
    {"clone", Act::kRebuild, Code(Rebuild::kClone), 0, "clone"},
    {"snapshot", Act::kRebuild, Code(Rebuild::kSnapshot), 0, "snapshot"},
    {"replay", Act::kRebuild, Code(Rebuild::kReplay), 0, "replay"},
    {"answer", Act::kAnswer, 0, 0, "answer POLICY CANDIDATE|defer|failed|invalid [of=CANDIDATE+CANDIDATE...]"},
    {"remember", Act::kRemember, 0, 0, "remember NAME"},
    {"acknowledge", Act::kAcknowledge, 0, 0, "acknowledge"},
};

}  // namespace

std::span<const Verb> Verbs() { return kVerbs; }

const Verb* FindVerb(std::string_view name) {
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

std::string VerbAdvice(std::string_view wrong) {
  const std::optional<std::string_view> nearest =
      plan::Nearest(wrong, std::size(kVerbs), [](size_t i) { return kVerbs[i].name; });
  if (nearest) return Cat("did you mean `", *nearest, "`?");
  const std::string event = EventAdvice(wrong);
  if (event.starts_with("did")) return Cat(event, " (an event)");
  std::string text = "verbs:";
  for (const Verb& verb : kVerbs) {
    if (!verb.synonym) Append(&text, " ", verb.name);
  }
  return text;
}

}  // namespace koble::transcript
