// The part of the compilation that is about queues: requirements, steps, order, offers, outcomes, limits.
#include <algorithm>
#include <utility>

#include "plan/compile.h"
#include "plan/description.h"
#include "plan/interned_requirements.h"
#include "plan/text.h"

namespace koble::plan {
namespace {

constexpr size_t kCountedQueues = 64;  // each orders the idle agents once more

class QueueCompiler {
 public:
  QueueCompiler(Plan* plan, InternedRequirements* requirements, Mistakes* mistakes, Mistakes* warnings)
      : plan_(*plan), requirements_(*requirements), mistakes_(*mistakes), warnings_(*warnings) {}

  Queue Compile(QueueSpec* spec, size_t index) {
    index_ = index;
    Queue queue;
    queue.name = spec->name;
    queue.number = static_cast<uint32_t>(index);
    CompileChannel(*spec, &queue);
    CompileSteps(spec, &queue);
    CompileOrder(*spec, &queue);
    CompileSelect(*spec, &queue);
    CompileScore(*spec, &queue);
    CompileCounted(&queue);
    CompileSplit(spec->split, &queue);
    CompileOffer(spec->offer, &queue);
    CompileOutcomes(*spec, &spec->outcomes, &queue);
    CompileLimits(*spec, &queue);
    queue.seeks_at_join = queue.InForce(queue.OpenAtJoin());
    queue.serves_at_once = queue.mode == OfferMode::kAuto && queue.confirm_ns == kUnset && !queue.one_by_one &&
                           !queue.JudgesState() && !IsRandom(queue.select) && !queue.closed &&
                           queue.refuse == kNoCondition;
    return queue;
  }

 private:
  void CompileChannel(const QueueSpec& spec, Queue* queue);
  void CompileSteps(QueueSpec* spec, Queue* queue);
  void CheckOpening(const StepSpec& step, size_t i);
  void CompileLimitsByState(const QueueSpec& spec, Queue* queue);
  void CompileOrder(const QueueSpec& spec, Queue* queue);
  void CompileSelect(const QueueSpec& spec, Queue* queue);
  void CompileScore(const QueueSpec& spec, Queue* queue);
  void CompileCounted(Queue* queue);
  void CompileSplit(const SplitSpec& spec, Queue* queue);
  void CompileOffer(const OfferSpec& spec, Queue* queue);
  void CompileOutcomes(const QueueSpec& queue_spec, OutcomesSpec* spec, Queue* queue);
  void CompileLimits(const QueueSpec& spec, Queue* queue);
  OutcomeRule Outcome(const char* name, OutcomeSpec* spec, OutcomeRule standard, int64_t least_again);

  std::string Place(const std::string& part) const {
    return "queues[" + std::to_string(index_) + "]" + (part.empty() ? "" : "." + part);
  }
  template <class What>
  void Mistake(const std::string& part, const What& what) {
    mistakes_.Add([&] { return Place(part) + ": " + what(); });
  }
  void Warn(const std::string& part, const std::string& what) {
    warnings_.Add([&] { return Place(part) + ": " + what; });
  }

  Plan& plan_;
  InternedRequirements& requirements_;
  Mistakes& mistakes_;
  Mistakes& warnings_;
  size_t index_ = 0;
};

std::string Duration(int64_t ns) { return ns == kNever ? "\"never\"" : '"' + FormatDuration(ns) + '"'; }

void QueueCompiler::CompileChannel(const QueueSpec& spec, Queue* queue) {
  uint32_t label = kNoLabel;
  if (!spec.label.empty()) {
    const auto number = Find(plan_.lookup->labels, spec.label);
    if (!number) Mistake("label", [&] { return UnknownLabel(plan_, spec.label); });
    label = number.value_or(kNoLabel);
  }
  const std::span<const Channel> channels = std::span(plan_.channels).first(plan_.channel_count);
  if (spec.channel.empty() && channels.size() > 1) {
    Mistake("", [&] {
      std::string line = "key \"channel\" is missing; the plan has ";
      for (const Channel& channel : channels) line += (&channel == channels.data() ? "" : ", ") + Quoted(channel.name);
      return line;
    });
    return;
  }
  const auto channel = spec.channel.empty() ? std::optional<uint32_t>(0) : Find(plan_.lookup->channels, spec.channel);
  if (!channel) return Mistake("channel", [&] { return UnknownChannel(plan_, spec.channel); });
  queue->channel = plan_.FindMedium(*channel, label).value_or(*channel);
}

void QueueCompiler::CompileSteps(QueueSpec* spec, Queue* queue) {
  queue->steps.reserve(spec->steps.size() + 1);
  Step own;
  own.requirement = requirements_.Intern(
      spec->require, [&] { return Place("require"); }, &warnings_);
  own.reserve = static_cast<uint32_t>(spec->reserve);
  queue->steps.push_back(own);
  int64_t latest = 0;       // `after` of those so far without `when`
  bool all_at_once = true;  // so far, nothing waits for time or state
  for (size_t i = 0; i < spec->steps.size(); ++i) {
    StepSpec& step = spec->steps[i];
    const auto part = [&](const char* key) { return "steps[" + std::to_string(i) + "]." + key; };
    CheckOpening(step, i);
    if (!step.when.empty() && step.after == 0) step.after = kAbsent;  // says what holds anyway
    if (step.when.empty() && step.after != kAbsent) {
      const bool later = step.after > latest || (step.after == 0 && latest == 0);
      if (!later) {
        Mistake(part("after"), [&] {
          return Duration(step.after) + " is not later than " + Duration(latest) +
                 " of a step before; steps are listed by rising time, and only those of \"0s\" may be equal";
        });
      }
      latest = step.after;
    }
    const uint64_t bit = uint64_t{1} << (i + 1);
    Step compiled;
    compiled.after_ns = step.after == kAbsent ? 0 : step.after;
    compiled.requirement = requirements_.Intern(
        step.require, [&] { return Place(part("require")); }, &warnings_);
    const auto condition = [&](const std::string& text, const char* key) {
      return requirements_.InternCondition(
          text, spec->steps.size() + 1, [&] { return Place(part(key)); }, &warnings_);
    };
    compiled.when = condition(step.when, "when");
    compiled.early = condition(step.early, "early");
    compiled.hold = condition(step.hold, "while");
    const bool by_state = !step.when.empty() || !step.early.empty() || !step.hold.empty();
    if (by_state) queue->by_state |= bit;
    if (compiled.after_ns == 0) queue->at_join |= bit;
    if (step.replace != 0) queue->replacing |= bit;
    compiled.priority_micro = step.priority;
    if (step.priority != 0) queue->raising |= bit;
    all_at_once &= compiled.after_ns == 0 && !by_state;
    if (step.replace != 0 && all_at_once) {
      Warn(part("replace"), "the requirements before it are never in force; make this one the queue's own \"require\"");
    }
    const bool serves = step.priority == 0 || !step.require.empty() || step.replace != 0;
    if (!serves) {
      queue->serving &= ~bit;
      if (step.reserve != kAbsent)
        Warn(part("reserve"), "has no effect: the step gives points and asks nobody; say whom with \"require\"");
      step.reserve = kAbsent;
    }
    if (step.reserve == spec->reserve) step.reserve = kAbsent;  // says what holds anyway
    if (serves) compiled.reserve = static_cast<uint32_t>(step.reserve == kAbsent ? spec->reserve : step.reserve);
    queue->steps.push_back(compiled);
  }
  for (const Step& step : queue->steps) {
    if (step.requirement < plan_.requirements.size()) {
      queue->asks_contact |= plan_.requirements[step.requirement].AsksContact();
    }
    for (const uint32_t condition : {step.when, step.early, step.hold}) {
      queue->asks_contact |= condition != kNoCondition && plan_.conditions[condition].program.AsksContact();
    }
  }
  CompileLimitsByState(*spec, queue);
}

void QueueCompiler::CompileLimitsByState(const QueueSpec& spec, Queue* queue) {
  const auto condition = [&](const std::string& text, const char* key) {
    const uint32_t number = requirements_.InternCondition(
        text, spec.steps.size() + 1, [&] { return Place(key); }, &warnings_);
    queue->asks_contact |= number != kNoCondition && plan_.conditions[number].program.AsksContact();
    return number;
  };
  queue->refuse = condition(spec.refuse, "refuse");
  queue->leave = condition(spec.leave.when, "leave.when");
  queue->leave_for_ns = spec.leave.length;
  queue->leave_after_ns = spec.leave.after;
  if (queue->leave == kNoCondition) return;
  const std::vector<Requirement::Term>& program = plan_.conditions[queue->leave].program.program;
  if (std::any_of(program.begin(), program.end(),
                  [](const Requirement::Term& term) { return term.left == Requirement::Left::kWaiting; })) {
    Mistake("leave.when", [] {
      return R"("waiting" is the same for all who wait, so they would all leave together; limit the line with "max_length", or "refuse" those who come)";
    });
  }
  const int64_t earliest = std::max(spec.leave.length, spec.leave.after);
  if (spec.max_wait != kAbsent && earliest > spec.max_wait) {
    Warn("leave", "comes after max_wait, " + Duration(spec.max_wait) + ", when nobody is left");
  }
}

// Whether what opens the step makes sense.
void QueueCompiler::CheckOpening(const StepSpec& step, size_t i) {
  const std::string part = "steps[" + std::to_string(i) + "]";
  if (step.after == kAbsent && step.when.empty()) {
    Mistake(part, [] {
      return R"(key "after" is missing; say after what waiting time the step opens, or with "when" in which state)";
    });
  } else if (!step.early.empty() && (step.after == kAbsent || step.after == 0)) {
    Mistake(part + ".early", [] {
      return R"(opens a step before its time, and this one has none; give "after", or write it into "when")";
    });
  }
}

void QueueCompiler::CompileOrder(const QueueSpec& spec, Queue* queue) {
  const PrioritySpec& priority = spec.priority;
  queue->base_micro = priority.base;
  queue->rate_micro = priority.rate;
  queue->cap_micro = priority.cap == kAbsent ? INT64_MAX : priority.cap;
  queue->credit_ns = priority.credit;
  queue->weight = priority.weight;
  if (priority.own_priority_max != kAbsent) queue->own_priority_max_micro = priority.own_priority_max;
  if (priority.own_credit_max != kAbsent) queue->own_credit_max_ns = priority.own_credit_max;
  if (queue->cap_micro < queue->base_micro) {
    Mistake("priority.cap", [&] {
      return FormatDecimal(priority.cap) + " is less than the base " + FormatDecimal(priority.base) +
             "; raise the cap or lower the base";
    });
  }
  // Where nothing grows, points above the cap are all alike.
  if (priority.own_priority_max != kAbsent && priority.rate == 0 && queue->cap_micro >= queue->base_micro &&
      priority.own_priority_max > queue->cap_micro - queue->base_micro) {
    Warn("priority.own_priority_max", FormatDecimal(priority.own_priority_max) + " and the base " +
                                          FormatDecimal(priority.base) + " are cut to the cap, " +
                                          FormatDecimal(priority.cap));
  }
  // A base counts as base / rate seconds already waited, and no span of time may pass the longest duration.
  const int64_t points = priority.base + queue->PriorityOf(queue->raising);
  int64_t most = 0;
  if (priority.rate > 0 && !__builtin_mul_overflow(priority.rate, kLongest / kSecond, &most) && points > most) {
    Mistake("priority.rate", [&] {
      return FormatDecimal(priority.rate) + " needs more than 100 years to gain the base " +
             FormatDecimal(priority.base) + (queue->raising == 0 ? "" : " and what the steps give") +
             "; write 0 for no ageing, or a higher rate";
    });
  }
  for (size_t i = 1; priority.rate == 0 && i < queue->steps.size(); ++i) {
    if (queue->steps[i].priority_micro == 0 || queue->base_micro < queue->cap_micro) continue;
    Warn("steps[" + std::to_string(i - 1) + "].priority",
         "has no effect: the base is as high as the cap, " + FormatDecimal(queue->cap_micro));
  }
}

void QueueCompiler::CompileSelect(const QueueSpec& spec, Queue* queue) {
  queue->select = static_cast<SelectionRule>(spec.select);
  std::vector<uint32_t> listed;
  for (size_t i = 0; i < spec.select_skills.size(); ++i) {
    const std::string& name = spec.select_skills[i];
    const std::string part = "select_skills[" + std::to_string(i) + "]";
    const auto skill = Find(plan_.lookup->skills, name);
    if (!skill) {
      Mistake(part, [&] { return requirements_.UnknownSkill(name); });
    } else if (std::find(listed.begin(), listed.end(), *skill) != listed.end()) {
      Mistake(part, [&] { return Quoted(name) + " is listed twice; name each skill once"; });
    } else {
      listed.push_back(*skill);
    }
  }
  const bool by_skill = queue->select == SelectionRule::kMostSkilled || queue->select == SelectionRule::kLeastSkilled;
  if (!by_skill) {
    if (!spec.select_skills.empty()) {
      Warn("select_skills", "has no effect unless \"select\" is \"most_skilled\" or \"least_skilled\"");
    }
    return;
  }
  std::sort(listed.begin(), listed.end());
  for (Step& step : queue->steps) {
    if (plan_.requirements.empty()) return;  // none could be read
    step.counts_named = listed.empty();
    step.counted_skills = listed.empty() ? plan_.requirements[step.requirement].NamedSkills() : listed;
  }
}

void QueueCompiler::CompileScore(const QueueSpec& spec, Queue* queue) {
  if (queue->select != SelectionRule::kScore) {
    if (!spec.score.empty()) Warn("score", "has no effect unless \"select\" is \"score\"");
    return;
  }
  if (spec.score.empty()) {
    Mistake("score", [] { return R"(is empty; name what counts, such as {"feature": "idle", "weight": 1})"; });
    return;
  }
  std::vector<ScoreTerm> terms;
  for (size_t i = 0; i < spec.score.size(); ++i) {
    const ScoreSpec& part = spec.score[i];
    const std::string place = "score[" + std::to_string(i) + "]";
    if (part.feature == kAbsent || part.weight == kAbsent) continue;  // reported by the reader
    ScoreTerm term{static_cast<ScoreFeature>(part.feature), 0, part.weight};
    const bool of_skill = term.feature == ScoreFeature::kSkill;
    const auto skill = Find(plan_.lookup->skills, part.skill);
    if (of_skill && part.skill.empty()) {
      Mistake(place, [] { return R"(key "skill" is missing; name the skill whose level counts)"; });
    } else if (!of_skill && !part.skill.empty()) {
      Mistake(place + ".skill", [] { return R"(goes with the feature "skill" only; leave it out)"; });
    } else if (of_skill && !skill) {
      Mistake(place + ".skill", [&] { return requirements_.UnknownSkill(part.skill); });
    }
    if (of_skill && skill) term.skill = *skill;
    const auto same = [&](const ScoreTerm& other) {
      return other.feature == term.feature && other.skill == term.skill;
    };
    if ((!of_skill || skill) && std::any_of(terms.begin(), terms.end(), same)) {
      Mistake(place, [] { return "this is counted twice; add the weights up"; });
    }
    terms.push_back(term);
  }
  std::sort(terms.begin(), terms.end());
  const auto known = std::find(plan_.scores.begin(), plan_.scores.end(), terms);
  queue->score = static_cast<uint32_t>(known - plan_.scores.begin());
  if (known != plan_.scores.end()) return;
  plan_.scores.push_back(std::move(terms));
  if (plan_.scores.size() == kScoresMost + 1) {  // said once
    Mistake("score", [] {
      return "is the plan's score number " + std::to_string(kScoresMost + 1) + "; at most " +
             std::to_string(kScoresMost) + " different ones are allowed";
    });
  }
}

void QueueCompiler::CompileCounted(Queue* queue) {
  if (queue->select != SelectionRule::kFewestOfQueue) return;
  queue->counted = static_cast<uint32_t>(plan_.counted_queues.size());
  plan_.counted_queues.push_back(queue->number);
  if (plan_.counted_queues.size() == kCountedQueues + 1) {  // said once
    Mistake("select", [] {
      return "\"fewest_of_queue\" is chosen by more than " + std::to_string(kCountedQueues) +
             " queues, each of which orders the agents once more; choose \"fewest_contacts\", which counts all queues "
             "together, in some";
    });
  }
}

void QueueCompiler::CompileSplit(const SplitSpec& spec, Queue* queue) {
  if (spec.attribute.empty()) return;  // no split, or reported by the reader
  if (spec.shares.empty()) {
    Mistake("split", [] { return R"(key "shares" is missing; give values and their parts, such as {"oslo": 80})"; });
  }
  const auto attribute = Find(plan_.lookup->attributes, spec.attribute);
  if (!attribute) {
    const auto& all = plan_.attributes;
    Mistake("split.attribute", [&] {
      const auto nearest = Nearest(spec.attribute, all.size(), [&](size_t i) { return std::string_view(all[i].name); });
      return "unknown attribute " + Quoted(spec.attribute) +
             (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in \"attributes\"");
    });
    return;
  }
  queue->split.attribute = *attribute;
  const std::vector<std::string>& values = plan_.attributes[*attribute].values;
  for (const LevelSpec& share : spec.shares) {
    const auto at = std::find(values.begin(), values.end(), share.name);
    if (at == values.end()) {
      Mistake("split.shares", [&] {
        const auto nearest = Nearest(share.name, values.size(), [&](size_t i) { return std::string_view(values[i]); });
        return Quoted(share.name) + " is no value of attribute " + Quoted(spec.attribute) +
               (nearest ? "; did you mean " + Quoted(*nearest) + "?" : "; list it in the attribute's \"values\"");
      });
    } else if (share.level == 0) {
      Mistake("split.shares", [&] { return Quoted(share.name) + " has part 0; leave out what is never given"; });
    } else {
      queue->split.shares.push_back({static_cast<uint32_t>(at - values.begin()), share.level});
    }
  }
  plan_.splits |= !queue->split.shares.empty();
  std::sort(queue->split.shares.begin(), queue->split.shares.end(),
            [](const Split::Share& a, const Split::Share& b) { return a.value < b.value; });
}

void QueueCompiler::CompileOffer(const OfferSpec& spec, Queue* queue) {
  queue->mode = static_cast<OfferMode>(spec.mode);
  queue->ring_ns = spec.ring;
  queue->confirm_ns = spec.confirm == kAbsent ? kUnset : spec.confirm;
  const bool broadcast = queue->mode == OfferMode::kBroadcast;
  if (broadcast && spec.count == kAbsent) {
    Mistake("offer",
            [] { return std::string("mode \"broadcast\" needs \"count\", how many agents are asked at once"); });
  } else if (!broadcast && spec.count != kAbsent) {
    Mistake("offer.count",
            [] { return std::string("belongs to mode \"broadcast\"; choose that mode or leave it out"); });
  }
  queue->on_expiry = static_cast<OnExpiry>(spec.expiry);
  if (queue->mode == OfferMode::kAuto && queue->on_expiry != OnExpiry::kNoAnswer) {
    Warn("offer.expiry", "has no effect with mode \"auto\", where the agent has the contact at once");
  }
  if (queue->mode == OfferMode::kExternal && queue->select != SelectionRule::kLongestIdle) {
    Warn("select", "has no effect with mode \"external\", where the host chooses the agent");
  }
  queue->group_size = spec.count == kAbsent ? 0 : static_cast<uint32_t>(spec.count);
  const bool progressive = queue->mode == OfferMode::kProgressive;
  if (progressive && spec.delay == kAbsent) {
    Mistake("offer",
            [] { return std::string("mode \"progressive\" needs \"delay\", after which one more agent is asked"); });
  } else if (!progressive && spec.delay != kAbsent) {
    Mistake("offer.delay",
            [] { return std::string("belongs to mode \"progressive\"; choose that mode or leave it out"); });
  } else if (progressive && spec.delay >= spec.ring) {
    Warn("offer.delay", Duration(spec.delay) + " is not shorter than ring, " + Duration(spec.ring) +
                            ": an agent has stopped ringing before the next is asked, and each round begins anew; make "
                            "ring longer");
  }
  queue->delay_ns = spec.delay == kAbsent ? 0 : spec.delay;
  queue->join = spec.join != 0;
  if (queue->join && progressive) {
    Mistake("offer.join", [] { return std::string("mode \"progressive\" adds agents by itself; leave it out"); });
  } else if (queue->join && !AsksSeveral(queue->mode)) {
    Mistake("offer.join",
            [] { return std::string("belongs to modes \"ring_all\" and \"broadcast\"; choose one or leave it out"); });
  }
}

// Settings that say what holds anyway are forgotten, so that they do not tell two equal plans apart.
OutcomeRule QueueCompiler::Outcome(const char* name, OutcomeSpec* spec, OutcomeRule standard, int64_t least_again) {
  OutcomeRule rule = standard;
  const auto take = [](int64_t* given, int64_t* value) {
    if (*given == kAbsent) return;
    if (*given == *value) {
      *given = kAbsent;
    } else {
      *value = *given;
    }
  };
  take(&spec->retry, &rule.retry_ns);
  take(&spec->penalty, &rule.penalty_ns);
  take(&spec->again, &rule.again_ns);
  int64_t miss = rule.miss ? 1 : 0;
  take(&spec->miss, &miss);
  rule.miss = miss != 0;
  if (rule.again_ns == kUntilStep && least_again > 0) {
    Mistake(std::string("outcomes.") + name + ".again", [&] {
      return "a step may open at once, and at least " + Duration(least_again) +
             " must pass between two tries of one pair; give a duration or \"never\"";
    });
  } else if (rule.again_ns < least_again) {
    Mistake(std::string("outcomes.") + name + ".again", [&] {
      return Duration(rule.again_ns) + " is too short; at least " + Duration(least_again) +
             " must pass, or one contact could go to one agent and back without end at one instant";
    });
  }
  return rule;
}

void QueueCompiler::CompileOutcomes(const QueueSpec& queue_spec, OutcomesSpec* spec, Queue* queue) {
  const bool group = IsGroup(queue->mode);
  const bool punished = !group || queue_spec.offer.group_penalty != 0;
  queue->declined = Outcome("declined", &spec->declined, {0, 0, kNever}, 0);
  queue->busy = Outcome("busy", &spec->busy, {0, 10 * kSecond, 0}, 0);
  queue->unreachable = Outcome("unreachable", &spec->unreachable, {0, 10 * kSecond, 5 * kSecond}, kSecond);
  queue->no_answer = Outcome("no_answer", &spec->no_answer, {0, punished ? 30 * kSecond : 0, 0, punished}, 0);
  queue->failed = Outcome("failed", &spec->failed, {0, 0, 5 * kSecond}, kSecond);
  if (!punished && queue->no_answer.penalty_ns != 0) {
    queue->no_answer.penalty_ns = 0;
    const std::string mode(kModeWords[static_cast<size_t>(queue->mode)]);
    Warn("outcomes.no_answer.penalty", "has no effect with mode \"" + mode +
                                           "\", where everybody would be punished at once; set offer.group_penalty to "
                                           "true if that is meant");
  }
  for (const OutcomeRule* rule : {&queue->declined, &queue->busy, &queue->no_answer}) {
    if (rule->again_ns != kUntilStep || queue->steps.size() > 1) continue;
    Warn("outcomes", "again \"step\" lasts until a step opens, and the queue has none; write \"never\"");
    break;
  }
  const bool asks_one = queue->mode == OfferMode::kRing || queue->mode == OfferMode::kPreview;
  if (asks_one && queue->on_expiry == OnExpiry::kNoAnswer && queue->select != SelectionRule::kRoundRobin &&
      queue->no_answer.penalty_ns == 0 && queue->no_answer.again_ns == 0) {
    Warn(
        "outcomes.no_answer",
        "neither penalty nor again: the agent whom \"select\" prefers and who does not answer is rung again and again; "
        "give "
        "one of them");
  }
}

void QueueCompiler::CompileLimits(const QueueSpec& spec, Queue* queue) {
  queue->wrap_up_ns = spec.wrap_up;
  queue->wrap_up_max_ns = spec.wrap_up_max == kAbsent ? kNever : spec.wrap_up_max;
  queue->max_length = spec.max_length == kAbsent ? kUnset : spec.max_length;
  queue->max_wait_ns = spec.max_wait == kAbsent ? kNever : spec.max_wait;
  queue->at_deadline = static_cast<AtDeadline>(spec.at_deadline);
  queue->on_exhausted = static_cast<OnExhausted>(spec.exhausted);
  queue->release_reserved = spec.reserved != 0;
  queue->reserved_first = spec.reserved_first != 0;
  queue->closed = spec.closed != 0;
  queue->pin_rules = spec.pin_rules != 0;
  queue->one_by_one = spec.one_by_one != 0;
  if (queue->one_by_one && queue->mode == OfferMode::kExternal) {
    Mistake("one_by_one",
            [] { return std::string("the host decides with mode \"external\" who is next; leave it out"); });
  }
  queue->target_within_ns = spec.target.within == kAbsent ? 0 : spec.target.within;
  queue->target_share_ppm = spec.target.share == kAbsent ? 0 : spec.target.share;
  if (queue->wrap_up_ns > queue->wrap_up_max_ns) {
    Warn("wrap_up", Duration(queue->wrap_up_ns) + " is cut to wrap_up_max, " + Duration(queue->wrap_up_max_ns));
  }
  const Channel& channel = plan_.channels[queue->channel];
  const bool kept = channel.silent_return_ns == kNever || (channel.park && channel.park_return_ns == kNever);
  if (kept && queue->max_wait_ns == kNever && !queue->release_reserved) {
    Warn("reserved",
         "a contact that comes back is kept for its agent for ever, also where he has gone home; give \"release\", a "
         "max_wait, or a \"return\" of the channel that ends");
  }
  if (queue->max_length == 0 && queue->mode == OfferMode::kExternal) {
    Mistake("max_length", [] {
      return std::string(
          "0 refuses every contact, for with mode \"external\" none is served at once; give at least 1, or leave it "
          "out");
    });
  } else if (queue->max_length == 0 && queue->mode != OfferMode::kAuto && queue->max_wait_ns != 0) {
    Warn("max_length",
         "0 means served at once or refused, but a contact whose offer fails then waits; add \"max_wait\": \"0s\" to "
         "have "
         "it leave");
  }
}

}  // namespace

void CompileQueues(PlanSpec* spec, Plan* plan, Mistakes* mistakes, Mistakes* warnings) {
  InternedRequirements requirements(plan, mistakes);
  QueueCompiler compiler(plan, &requirements, mistakes, warnings);
  plan->queues.reserve(spec->queues.size());
  for (size_t i = 0; i < spec->queues.size(); ++i) plan->queues.push_back(compiler.Compile(&spec->queues[i], i));
  plan->queue_count = static_cast<uint32_t>(plan->queues.size());
}

void CompileKept(QueueSpec* spec, uint32_t number, Plan* plan, Mistakes* mistakes) {
  Mistakes warnings;
  InternedRequirements requirements(plan, mistakes);
  QueueCompiler compiler(plan, &requirements, mistakes, &warnings);
  const size_t scores = plan->scores.size();
  const size_t counted = plan->counted_queues.size();
  const Queue compiled = compiler.Compile(spec, number);
  plan->scores.resize(scores);  // the queue's own are there already
  plan->counted_queues.resize(counted);
  Queue queue = plan->queues[number];
  queue.steps = compiled.steps;
  queue.at_join = compiled.at_join;
  queue.by_state = compiled.by_state;
  queue.replacing = compiled.replacing;
  queue.raising = compiled.raising;
  queue.serving = compiled.serving;
  queue.seeks_at_join = compiled.seeks_at_join;
  queue.asks_contact = compiled.asks_contact;
  plan->queues.push_back(std::move(queue));
}

}  // namespace koble::plan
