#include "plan/description.h"

#include <array>

#include "plan/plan.h"

namespace koble::plan {
namespace {

template <auto Member>
struct MemberOf;
template <class Object, class Value, Value Object::*Member>
struct MemberOf<Member> {
  using Type = Value;
  static void* Get(void* object) { return &(static_cast<Object*>(object)->*Member); }
};

template <auto Member>
constexpr Field Make(std::string_view key, uint32_t number, Kind kind, std::string_view documentation) {
  Field field;
  field.key = key;
  field.number = number;
  field.kind = kind;
  field.member = &MemberOf<Member>::Get;
  field.documentation = documentation;
  return field;
}

template <auto Member>
constexpr Field Name(std::string_view key, uint32_t number, std::string_view documentation) {
  return Make<Member>(key, number, Kind::kName, documentation);
}
template <auto Member>
constexpr Field Condition(std::string_view key, uint32_t number, std::string_view documentation) {
  return Make<Member>(key, number, Kind::kCondition, documentation);
}
template <auto Member>
constexpr Field Expression(std::string_view key, uint32_t number, std::string_view documentation) {
  return Make<Member>(key, number, Kind::kRequirement, documentation);
}

struct Range {
  int64_t standard, minimum, maximum;
};
template <auto Member>
constexpr Field Number(Kind kind, std::string_view key, uint32_t number, Range range, std::string_view documentation) {
  static_assert(std::is_same_v<typename MemberOf<Member>::Type, int64_t>);
  Field field = Make<Member>(key, number, kind, documentation);
  field.standard = range.standard;
  field.minimum = range.minimum;
  field.maximum = range.maximum;
  return field;
}
template <auto Member>
constexpr Field Integer(std::string_view key, uint32_t number, Range range, std::string_view documentation) {
  return Number<Member>(Kind::kInteger, key, number, range, documentation);
}
template <auto Member>
constexpr Field Decimal(std::string_view key, uint32_t number, Range range, std::string_view documentation) {
  return Number<Member>(Kind::kDecimal, key, number, range, documentation);
}
template <auto Member>
constexpr Field Duration(std::string_view key, uint32_t number, int64_t standard, std::string_view documentation,
                         int64_t minimum = 0) {
  return Number<Member>(Kind::kDuration, key, number, {standard, minimum, kLongest}, documentation);
}
template <auto Member>
constexpr Field Boolean(std::string_view key, uint32_t number, int64_t standard, std::string_view documentation) {
  return Number<Member>(Kind::kBoolean, key, number, {standard, 0, 1}, documentation);
}
template <auto Member>
constexpr Field Word(std::string_view key, uint32_t number, std::span<const std::string_view> words, int64_t standard,
                     std::string_view documentation) {
  Field field =
      Number<Member>(Kind::kWord, key, number, {standard, 0, static_cast<int64_t>(words.size()) - 1}, documentation);
  field.words = words;
  return field;
}
template <auto Member>
constexpr Field Part(std::string_view key, uint32_t number, const Struct& type, std::string_view documentation) {
  Field field = Make<Member>(key, number, Kind::kStruct, documentation);
  field.type = &type;
  return field;
}
template <auto Member>
constexpr Field Repeated(Kind kind, std::string_view key, uint32_t number, const Struct* type, size_t most,
                         std::string_view documentation) {
  using List = typename MemberOf<Member>::Type;
  Field field = Make<Member>(key, number, kind, documentation);
  field.type = type;
  field.most = most;
  field.append = [](void* list) -> void* { return &static_cast<List*>(list)->emplace_back(); };
  field.size = [](const void* list) { return static_cast<const List*>(list)->size(); };
  field.at = [](const void* list, size_t index) -> const void* { return &(*static_cast<const List*>(list))[index]; };
  return field;
}
template <auto Member>
constexpr Field List(std::string_view key, uint32_t number, const Struct& type, size_t most,
                     std::string_view documentation) {
  return Repeated<Member>(Kind::kList, key, number, &type, most, documentation);
}
template <auto Member>
constexpr Field Levels(std::string_view key, uint32_t number, size_t most, std::string_view documentation);

constexpr Field Required(Field field) {
  field.required = true;
  return field;
}
constexpr Field Or(std::span<const Instead> words, Field field) {
  field.instead = words;
  return field;
}
constexpr Field OrTrue(Field field, int64_t value) {
  field.on_true = value;
  return field;
}
constexpr Field Noted(Field field, std::string_view note) {
  field.standard_note = note;
  return field;
}

constexpr Field Some(Field field) {
  field.least = 1;
  return field;
}

constexpr size_t kSkills = 65535;
constexpr size_t kChannels = 32;
constexpr size_t kLabels = 100;
constexpr size_t kNamed = kChannels + kLabels;
constexpr size_t kAttributes = 1000;

constexpr Field kLevelFields[] = {
    Required(Name<&LevelSpec::name>("name", 1, "The key.")),
    Required(Integer<&LevelSpec::level>("level", 2, {0, 0, 1'000'000}, "The level or number.")),
};
constexpr Struct kLevel{"Level", "A skill with a level, or a channel with a number of contacts.", kLevelFields};

template <auto Member>
constexpr Field Levels(std::string_view key, uint32_t number, size_t most, std::string_view documentation) {
  Field field = Repeated<Member>(Kind::kLevels, key, number, &kLevel, most, documentation);
  field.maximum = kLevelFields[1].maximum;
  return field;
}

constexpr int64_t kMostOfAgent = 1'000'000'000;  // of an agent's attribute, either way
constexpr Field kValueFields[] = {
    Required(Name<&LevelSpec::name>("name", 1, "The attribute.")),
    Integer<&LevelSpec::level>("number", 2, {0, -kMostOfAgent, kMostOfAgent}, "Its value, a whole number."),
    Name<&LevelSpec::text>("text", 3, "Or the name of its value."),
};
constexpr Struct kValue{"Value", "An attribute with its value.", kValueFields};

template <auto Member>
constexpr Field Values(std::string_view key, uint32_t number, size_t most, std::string_view documentation) {
  Field field = Repeated<Member>(Kind::kValues, key, number, &kValue, most, documentation);
  field.minimum = kValueFields[1].minimum;
  field.maximum = kValueFields[1].maximum;
  return field;
}

constexpr Instead kNeverWord[] = {{"never", kNever}};
constexpr std::string_view kReturnText =
    "So long a contact that comes back is reserved for its agent; 0s: he is only preferred.";
constexpr Field kSilentFields[] = {
    Required(Duration<&SilentSpec::after>("after", 1, kAbsent,
                                          "A conversation in which nobody has written for so long is silent, and takes "
                                          "no capacity.",
                                          1)),
    Or(kNeverWord, Duration<&SilentSpec::back>("return", 2, 0, kReturnText)),
    Noted(Or(kNeverWord, Duration<&SilentSpec::forget>("forget", 3, kAbsent, "After so long in silence it ends.", 1)),
          "never"),
};
constexpr Struct kSilent{"Silent", "What becomes of a conversation in which nobody writes.", kSilentFields};

constexpr Field kParkFields[] = {
    Required(Or(kNeverWord, Duration<&ParkSpec::back>("return", 1, kAbsent, kReturnText))),
};
constexpr Struct kPark{"Park", "What becomes of a conversation that its agent has set aside.", kParkFields};

constexpr Field kChannelFields[] = {
    Required(Name<&ChannelSpec::name>("name", 1, "Names the medium.")),
    Integer<&ChannelSpec::cost>("cost", 2, {100, 1, 1'000'000}, "Units of an agent's capacity that one contact takes."),
    Integer<&ChannelSpec::max>("max", 3, {0, 0, 1'000'000},
                               "Contacts at once for an agent whose profile names no channels; 0: as many as the "
                               "capacity allows."),
    Integer<&ChannelSpec::max_open_offers>("max_open_offers", 4, {1, 1, 1000},
                                           "Offers that may ring at one agent at once."),
    Noted(Repeated<&ChannelSpec::interrupted_by>(Kind::kNames, "interrupted_by", 5, nullptr, kNamed,
                                                 "Channels and labels that contacts of this one do not keep away."),
          "none"),
    Noted(Repeated<&ChannelSpec::excludes>(
              Kind::kNames, "excludes", 6, nullptr, kNamed,
              "Channels and labels of which nothing new comes while an agent has a contact of this "
              "one."),
          "none"),
    Integer<&ChannelSpec::reserve>("reserve", 7, {0, 0, 1'000'000'000},
                                   "Units that other channels leave free for this one, at agents who serve it."),
    Noted(Part<&ChannelSpec::silent>("silent", 8, kSilent,
                                     "Conversations in which nobody writes give their agent's capacity back."),
          "none falls silent"),
    Noted(Part<&ChannelSpec::park>("park", 9, kPark, "Agents may set conversations aside, without capacity."),
          "none can be parked"),
};
constexpr Struct kChannel{"Channel", "A medium, and how much of an agent one contact takes.", kChannelFields};

constexpr Field kLabelFields[] = {
    Required(Name<&LabelSpec::name>("name", 1, "Queues refer to it; not the name of a channel.")),
    Noted(Integer<&LabelSpec::cost>("cost", 2, {kAbsent, 1, 1'000'000},
                                    "Units of an agent's capacity that one contact takes."),
          "the channel's"),
    Integer<&LabelSpec::max>(
        "max", 3, {0, 0, 1'000'000},
        "Contacts at once, over all channels, for an agent whose definition says nothing; 0: as many as "
        "channels and capacity allow."),
    Noted(Repeated<&LabelSpec::interrupted_by>(Kind::kNames, "interrupted_by", 4, nullptr, kNamed,
                                               "Channels and labels that contacts of this one do not keep away."),
          "the channel's"),
    Noted(
        Repeated<&LabelSpec::excludes>(Kind::kNames, "excludes", 5, nullptr, kNamed,
                                       "Channels and labels of which nothing new comes while an agent has a contact of "
                                       "this one."),
        "the channel's"),
};
constexpr Struct kLabel{"Label", "A second name for contacts, across channels, with limits of its own.", kLabelFields};

constexpr std::string_view kLabelsText =
    "From label to contacts at once of it, 0: none; labels not named have their own `max`.";
constexpr std::string_view kSkillsText = "From skill to level.";
constexpr std::string_view kChannelsText =
    "From channel to contacts at once on it, 0: not served. Channels not named are not served.";
constexpr std::string_view kCapacityText = "Units that may be taken at once, over all channels.";
constexpr std::string_view kWrapUpText = "The agent's own wrap-up after each contact; without it, the queue's.";
constexpr std::string_view kPullText = "true: takes contacts only by asking for one.";
constexpr std::string_view kAttributesText =
    "From attribute to one of its declared values, or to a whole number where it declares none.";

constexpr std::string_view kWeightText = "The agent's part, against the weights of others, where `select` goes by it.";

constexpr Field kRankingFields[] = {
    Required(Name<&RankingSpec::queue>("queue", 1, "Which queue this is about.")),
    Integer<&RankingSpec::rank>(
        "rank", 2, {1, 1, 99}, "An agent who may choose takes contacts of a smaller rank first, whatever their score."),
    Duration<&RankingSpec::delay>("delay", 3, 0,
                                  "Contacts that have not waited so long in the queue are not shown to these agents."),
    Integer<&RankingSpec::tier>("tier", 4, {1, 1, 1'000'000},
                                "A contact goes to a free agent of a smaller tier first, whatever `select` says."),
    Boolean<&RankingSpec::never>("never", 5, 0, "true: nothing of this queue."),
};
constexpr Struct kRanking{"Ranking", "What a queue is to the agents of a profile.", kRankingFields};

constexpr Field kPolicyFields[] = {
    Required(Name<&PolicySpec::name>("name", 1, "Under which the host gives its function to the engine.")),
    Integer<&PolicySpec::candidates>("candidates", 2, {16, 1, kPolicyCandidatesMax},
                                     "How many it is shown at most: the first in the order that holds without it."),
};
constexpr Struct kPolicy{"Policy", "A choice that the host makes by a function of its own.", kPolicyFields};

constexpr std::string_view kOthers[] = {"last", "never"};
constexpr std::string_view kMissesPresences[] = {"break", "offline"};
constexpr Field kMissesFields[] = {
    Required(Integer<&MissesSpec::limit>("limit", 1, {kAbsent, 0, 1000},
                                         "After so many in a row, without a contact served between; 0: never.")),
    Word<&MissesSpec::presence>("presence", 2, kMissesPresences, 0, "What the engine sets."),
    Integer<&MissesSpec::reason>("reason", 3, {0, 0, 1'000'000'000}, "With this number of the host as the reason."),
    Duration<&MissesSpec::grace>("grace", 4, 0, "Not within so long after the end of his last conversation."),
};
constexpr Struct kMisses{"Misses", "When an agent who misses offers is taken out.", kMissesFields};
constexpr std::string_view kMissesText = "When the engine takes an agent out who misses one offer after the other.";

constexpr Field kProfileFields[] = {
    Required(Name<&ProfileSpec::name>("name", 1, "Agents refer to it.")),
    Levels<&ProfileSpec::skills>("skills", 2, kSkills, kSkillsText),
    Some(Noted(Levels<&ProfileSpec::channels>("channels", 3, kChannels, kChannelsText), "all, with their `max`")),
    Integer<&ProfileSpec::capacity>("capacity", 4, {100, 1, 1'000'000'000}, kCapacityText),
    Duration<&ProfileSpec::wrap_up>("wrap_up", 5, kAbsent, kWrapUpText),
    Boolean<&ProfileSpec::pull>("pull", 6, 0, kPullText),
    Noted(List<&ProfileSpec::queues>("queues", 7, kRanking, 1'000'000,
                                     "Which queues come first, how long their contacts wait for others, and in which "
                                     "tier these agents stand."),
          "all queues are alike"),
    Word<&ProfileSpec::others>("others", 8, kOthers, 0,
                               "Queues that `queues` does not list. last: after those that it lists. never: nothing of "
                               "them."),
    Integer<&ProfileSpec::weight>("weight", 9, {1, 1, 1000}, kWeightText),
    Values<&ProfileSpec::attributes>("attributes", 10, kAttributes, kAttributesText),
    Noted(Part<&ProfileSpec::misses>("misses", 11, kMisses, kMissesText), "never"),
    Noted(Part<&ProfileSpec::policy>("policy", 12, kPolicy, "The host chooses these agents' next contact."), "none"),
    Levels<&ProfileSpec::labels>("labels", 13, kLabels, kLabelsText),
};
constexpr Struct kProfile{"Profile", "What several agents share.", kProfileFields};

constexpr Field kAgentFields[] = {
    Required(Name<&AgentSpec::name>("name", 1, "Names the person or bot.")),
    Noted(Name<&AgentSpec::profile>("profile", 2, "What the agent shares with others."), "none"),
    Levels<&AgentSpec::skills>("skills", 3, kSkills, "Laid over the profile's skill by skill; level 0 takes one away."),
    Some(Noted(Levels<&AgentSpec::channels>("channels", 4, kChannels, "Instead of the profile's channels."),
               "the profile's")),
    Noted(Integer<&AgentSpec::capacity>("capacity", 5, {kAbsent, 1, 1'000'000'000}, kCapacityText),
          "the profile's, or 100"),
    Noted(Duration<&AgentSpec::wrap_up>("wrap_up", 6, kAbsent, kWrapUpText), "the profile's"),
    Noted(Boolean<&AgentSpec::pull>("pull", 7, kAbsent, kPullText), "the profile's, or false"),
    Noted(Integer<&AgentSpec::weight>("weight", 8, {kAbsent, 1, 1000}, kWeightText), "the profile's, or 1"),
    Values<&AgentSpec::attributes>("attributes", 9, kAttributes, "Laid over the profile's attribute by attribute."),
    Noted(Part<&AgentSpec::misses>("misses", 10, kMisses, kMissesText), "the profile's"),
    Levels<&AgentSpec::labels>("labels", 11, kLabels, "Laid over the profile's label by label; 0: none."),
};
constexpr Struct kAgent{"Agent", "A person or bot that takes contacts.", kAgentFields};

constexpr std::string_view kReserveText =
    "Contacts are offered only while more agents than this are free who meet the requirement.";
constexpr int64_t kPoints = 1'000'000'000 * kMicro;
constexpr Field kStepFields[] = {
    Noted(Duration<&StepSpec::after>("after", 1, kAbsent,
                                     "Waiting time in the queue at which the step opens; 0s: open from joining."),
          "*required*, with `when` 0s"),
    Noted(Expression<&StepSpec::require>("require", 2, "Who may serve from then on, beside those of earlier steps."),
          "everybody; nobody more in a step that only gives `priority`"),
    Boolean<&StepSpec::replace>("replace", 3, 0, "true: instead of those of earlier steps."),
    Noted(Integer<&StepSpec::reserve>("reserve", 4, {kAbsent, 0, 1'000'000}, kReserveText), "the queue's"),
    Condition<&StepSpec::when>("when", 5, "The step opens at its time where this holds, or later as soon as it holds."),
    Condition<&StepSpec::early>("early", 6, "The step opens before its time as soon as this holds."),
    Condition<&StepSpec::hold>("while", 7, "The step is open only while this holds; it touches no offer that rings."),
    Decimal<&StepSpec::priority>("priority", 8, {0, 0, kPoints},
                                 "Points that its contacts have more while it is open."),
};
constexpr Struct kStep{"Step", "A relaxation of a queue's requirement, opened by waiting or by state.", kStepFields};

constexpr Field kPriorityFields[] = {
    Decimal<&PrioritySpec::base>("base", 1, {0, 0, kPoints}, "Points at arrival."),
    Decimal<&PrioritySpec::rate>("rate", 2, {0, 0, 1'000'000 * kMicro}, "Points gained a second of waiting."),
    Noted(Decimal<&PrioritySpec::cap>("cap", 3, {kAbsent, 0, kPoints}, "Points at most; not less than `base`."),
          "none"),
    Duration<&PrioritySpec::credit>("credit", 4, 0, "Waiting time granted at arrival."),
    Integer<&PrioritySpec::weight>("weight", 5, {0, 0, 1'000'000'000},
                                   "Compared before the points: contacts of a heavier queue go first, whatever the "
                                   "others' points."),
    Noted(Decimal<&PrioritySpec::own_priority_max>("own_priority_max", 6, {kAbsent, 0, kPoints},
                                                   "Of the priority that a contact brings along, at most so much "
                                                   "counts here."),
          "none"),
    Noted(Duration<&PrioritySpec::own_credit_max>("own_credit_max", 7, kAbsent,
                                                  "Of the credit that a contact brings along, at most so much counts "
                                                  "here."),
          "none"),
};
constexpr Struct kPriority{"Priority", "Place in the order of waiting contacts.", kPriorityFields};

constexpr std::string_view kModes[] = {"auto", "ring", "ring_all", "broadcast", "progressive", "preview", "external"};
constexpr std::string_view kExpiries[] = {"no_answer", "declined", "accept"};
constexpr Field kOfferFields[] = {
    Word<&OfferSpec::mode>(
        "mode", 1, kModes, 1,
        "auto: the agent has it at once. ring: one agent is asked. ring_all: all free agents are "
        "asked, the first answer wins. broadcast: the best `count` of them. progressive: one, and "
        "one more each `delay`. preview: as ring, but the agent is shown the contact before anything "
        "rings. external: nobody, until the host says whom."),
    Duration<&OfferSpec::ring>("ring", 2, 20 * kSecond, "How long an agent is asked.", 1),
    OrTrue(
        Noted(Duration<&OfferSpec::confirm>("confirm", 3, kAbsent,
                                            "The host confirms each connection, at the latest after this time; true: "
                                            "30s.",
                                            1),
              "no confirmation"),
        30 * kSecond),
    Boolean<&OfferSpec::group_penalty>("group_penalty", 4, 0,
                                       "true: where several are asked, no_answer carries a penalty too."),
    Noted(Integer<&OfferSpec::count>("count", 5, {kAbsent, 1, 1000}, "broadcast: how many agents are asked at once."),
          "required with broadcast"),
    Noted(Duration<&OfferSpec::delay>("delay", 6, kAbsent, "progressive: until one more agent is asked.", 1),
          "required with progressive"),
    Word<&OfferSpec::expiry>(
        "expiry", 7, kExpiries, 0,
        "What it is when `ring` runs out. no_answer, declined: that outcome. accept: the agent has "
        "taken it."),
    Boolean<&OfferSpec::join>("join", 8, 0, "ring_all, broadcast: true: agents who become free join those who ring."),
};
constexpr Struct kOffer{"Offer", "How a contact is proposed to agents.", kOfferFields};

constexpr Instead kAgain[] = {{"step", kUntilStep}, {"never", kNever}};
constexpr Field kOutcomeFields[] = {
    Noted(Duration<&OutcomeSpec::retry>("retry", 1, kAbsent, "The contact is offered to nobody for so long."), "0s"),
    Noted(Duration<&OutcomeSpec::penalty>("penalty", 2, kAbsent, "The agent is offered nothing for so long."),
          "see below"),
    Or(kAgain, Noted(Duration<&OutcomeSpec::again>("again", 3, kAbsent,
                                                   "This contact is not offered to this agent again for so long. step: "
                                                   "until a step of the contact opens. never: not at all."),
                     "see below")),
    Noted(Boolean<&OutcomeSpec::miss>("miss", 4, kAbsent, "true: counts among the agent's misses."), "see below"),
};
constexpr Struct kOutcome{"Outcome", "What follows one way for an offer to fail.", kOutcomeFields};

constexpr Field kOutcomesFields[] = {
    Part<&OutcomesSpec::declined>("declined", 1, kOutcome, "The agent said no."),
    Part<&OutcomesSpec::busy>("busy", 2, kOutcome, "The agent's line was busy."),
    Part<&OutcomesSpec::unreachable>("unreachable", 3, kOutcome, "The agent's device could not be reached."),
    Part<&OutcomesSpec::no_answer>("no_answer", 4, kOutcome, "Nobody answered within `ring`."),
    Part<&OutcomesSpec::failed>("failed", 5, kOutcome,
                                "The offer could not be presented, or the confirmed connection failed."),
};
constexpr Struct kOutcomes{"Outcomes", "What follows offers that fail.", kOutcomesFields};

constexpr Field kTargetFields[] = {
    Required(Duration<&TargetSpec::within>("within", 1, kAbsent, "Answered by then counts as in time.", 1)),
    Required(Decimal<&TargetSpec::share>("share", 2, {kAbsent, 1, kMicro}, "Part of the contacts, 0.8 for 80 %.")),
};
constexpr Struct kTarget{"Target", "A service level to be measured against.", kTargetFields};

constexpr std::string_view kRules[] = {
    "longest_idle",   "listed",          "round_robin",   "least_recent",      "fewest_contacts",    "least_talk_time",
    "least_loaded",   "most_spare",      "most_skilled",  "least_skilled",     "by_share",           "score",
    "random",         "weighted_random", "most_contacts", "shortest_handling", "least_recent_start", "fewest_open",
    "fewest_of_queue"};
constexpr std::string_view kFeatures[] = {"idle",  "served", "talked",   "load",        "spare", "last_ended",
                                          "skill", "listed", "handling", "last_served", "open"};
constexpr Field kScoreFields[] = {
    Required(Word<&ScoreSpec::feature>("feature", 1, kFeatures, kAbsent,
                                       "What is counted of the agent; the model's page, 5.7, gives the units.")),
    Noted(Name<&ScoreSpec::skill>("skill", 2, "Whose level, with the feature `skill`."), "none"),
    Required(Decimal<&ScoreSpec::weight>("weight", 3, {kAbsent, -1'000'000 * kMicro, 1'000'000 * kMicro},
                                         "Points for each unit; less than 0: the fewer the better.")),
};
constexpr Struct kScore{"Score", "A part of a score of agents.", kScoreFields};
constexpr Field kSplitFields[] = {
    Required(Name<&SplitSpec::attribute>("attribute", 1, "An attribute of the plan, with `values`.")),
    Some(Levels<&SplitSpec::shares>("shares", 2, 10'000, "From value to its part, against the sum of all parts.")),
};
constexpr Struct kSplit{"Split", "Parts into which a queue's contacts are divided.", kSplitFields};
constexpr Field kLeaveFields[] = {
    Required(Condition<&LeaveSpec::when>("when", 1, "Judged as long as the contact stands here.")),
    Duration<&LeaveSpec::length>("for", 2, kSecond, "It must hold so long without a break.", 1),
    Duration<&LeaveSpec::after>("after", 3, 0, "The contact stays at least so long."),
};
constexpr Struct kLeave{"Leave", "When waiting contacts are let go by state.", kLeaveFields};
constexpr std::string_view kAtDeadline[] = {"stay", "exit"};
constexpr std::string_view kExhausted[] = {"wait", "forgive", "exit"};
constexpr std::string_view kReserved[] = {"wait", "release"};
constexpr Field kQueueFields[] = {
    Required(Name<&QueueSpec::name>("name", 1, "Arrivals refer to it.")),
    Noted(Name<&QueueSpec::channel>("channel", 2, "The medium of its contacts."), "the plan's only one"),
    Noted(Expression<&QueueSpec::require>("require", 3, "Who may serve."), "anyone on the channel"),
    List<&QueueSpec::steps>("steps", 4, kStep, 32, "Relaxations, by rising `after`."),
    Part<&QueueSpec::priority>("priority", 5, kPriority, "Place in the order of waiting contacts."),
    Word<&QueueSpec::select>("select", 6, kRules, 0,
                             "Which of several eligible agents; the model's page, 5.5, says what each rule compares."),
    Part<&QueueSpec::offer>("offer", 7, kOffer, "How a contact is proposed to agents."),
    Part<&QueueSpec::outcomes>("outcomes", 8, kOutcomes, "What follows offers that fail."),
    Duration<&QueueSpec::wrap_up>("wrap_up", 9, 0, "Work after each contact, for agents without their own."),
    Noted(Duration<&QueueSpec::wrap_up_max>("wrap_up_max", 10, kAbsent, "Ceiling for agents' own wrap-up."), "none"),
    Noted(Integer<&QueueSpec::max_length>("max_length", 11, {kAbsent, 0, 1'000'000'000},
                                          "Contacts that may wait; 0: served at once or refused."),
          "none"),
    Noted(Duration<&QueueSpec::max_wait>("max_wait", 12, kAbsent, "After so long a contact leaves."), "none"),
    Word<&QueueSpec::at_deadline>("at_deadline", 13, kAtDeadline, 0,
                                  "A contact being offered at `max_wait`. stay: the offer runs on. exit: it leaves."),
    Word<&QueueSpec::exhausted>(
        "exhausted", 14, kExhausted, 0,
        "When everyone who could serve has refused. wait: for others. forgive: ask again. exit: "
        "it leaves."),
    Boolean<&QueueSpec::closed>("closed", 15, 0, "true: no new contacts."),
    Noted(Part<&QueueSpec::target>("target", 16, kTarget, "A service level to be measured against."), "none"),
    Noted(Repeated<&QueueSpec::select_skills>(Kind::kNames, "select_skills", 17, nullptr, kSkills,
                                              "Skills whose levels `most_skilled` and `least_skilled` sum up."),
          "those of the requirement met"),
    Integer<&QueueSpec::reserve>("reserve", 18, {0, 0, 1'000'000}, kReserveText),
    List<&QueueSpec::score>("score", 19, kScore, 16,
                            "With `select` `score`: the parts whose sum decides, highest first."),
    Word<&QueueSpec::reserved>("reserved", 20, kReserved, 0,
                               "A contact reserved for an agent who is offline. wait: for him, as long as it is "
                               "reserved. release: others may have it at once."),
    Boolean<&QueueSpec::reserved_first>("reserved_first", 21, 0,
                                        "true: contacts reserved for an agent come before all others for him."),
    Noted(Part<&QueueSpec::split>("split", 22, kSplit,
                                  "Gives contacts that arrive without an attribute one of its values, in these parts."),
          "none"),
    Noted(
        Part<&QueueSpec::policy>("policy", 23, kPolicy, "The host chooses among the agents whom `select` puts first."),
        "none"),
    Noted(Condition<&QueueSpec::refuse>("refuse", 24, "Contacts that arrive while this holds are refused."), "never"),
    Noted(Part<&QueueSpec::leave>("leave", 25, kLeave, "When waiting contacts are let go by state."), "never"),
    Noted(Name<&QueueSpec::label>("label", 26, "A label of the plan, which its contacts have."), "none"),
    Boolean<&QueueSpec::one_by_one>("one_by_one", 27, 0,
                                    "true: a contact is offered only when all before it are served or gone, however "
                                    "many agents are free."),
    Boolean<&QueueSpec::pin_rules>("pin_rules", 28, 0,
                                   "true: when the plan is replaced, contacts who stand here keep the requirement, "
                                   "steps and reserve under which they joined."),
};
constexpr Struct kQueue{"Queue", "A waiting line.", kQueueFields};

constexpr Field kOutageFields[] = {
    Boolean<&OutageSpec::max_wait>("max_wait", 1, 0, "Time to the maximum wait."),
    Boolean<&OutageSpec::ring>("ring", 2, 0, "Ring time."),
    Boolean<&OutageSpec::connect>("connect", 3, 0, "Time for the confirmation of a connection."),
    Boolean<&OutageSpec::retry>("retry", 4, 0, "Delays before a contact is offered again."),
    Boolean<&OutageSpec::wrap_up>("wrap_up", 5, 1, "Wrap-up."),
    Boolean<&OutageSpec::penalty>("penalty", 6, 1, "Agents' penalties."),
    Boolean<&OutageSpec::steps>("steps", 7, 1, "Waiting time towards steps."),
    Boolean<&OutageSpec::request>("request", 8, 1, "Standing requests of pull agents."),
    Boolean<&OutageSpec::silence>("silence", 9, 0, "Time to silence, and in silence to being forgotten."),
};
constexpr Struct kOutage{"Outage", "true: the time of an outage counts towards this deadline.", kOutageFields};

constexpr Field kAttributeFields[] = {
    Required(Name<&AttributeSpec::name>("name", 1, "Arrivals, agents and requirements refer to it.")),
    Noted(Repeated<&AttributeSpec::values>(Kind::kNames, "values", 2, nullptr, 10'000,
                                           "Symbolic values; at most 10000 in the whole plan."),
          "none: its values are integers"),
};
constexpr Struct kAttribute{"Attribute", "Something that contacts or agents are told apart by.", kAttributeFields};

constexpr Field kPlanFields[] = {
    Integer<&PlanSpec::koble>("koble", 1, {1, 1, 1}, "Version of the language."),
    Noted(Name<&PlanSpec::name>("name", 2, "For people."), "none"),
    Noted(List<&PlanSpec::channels>("channels", 3, kChannel, kChannels, "The media."), "one, \"voice\", of cost 100"),
    Repeated<&PlanSpec::skills>(Kind::kNames, "skills", 4, nullptr, kSkills, "Every skill that is used anywhere."),
    List<&PlanSpec::profiles>("profiles", 5, kProfile, 1'000'000, "What several agents share."),
    List<&PlanSpec::agents>("agents", 6, kAgent, 1'000'000,
                            "Agents known from the start; others can be added while the engine runs."),
    List<&PlanSpec::queues>("queues", 7, kQueue, 1'000'000, "The waiting lines."),
    Part<&PlanSpec::outage>("outage", 8, kOutage, "What an outage does to deadlines that it overtakes."),
    List<&PlanSpec::attributes>("attributes", 9, kAttribute, kAttributes,
                                "What contacts and agents are told apart by beside skills."),
    List<&PlanSpec::labels>("labels", 10, kLabel, kLabels,
                            "Limits across channels, for contacts of queues that have them."),
};
constexpr Struct kPlan{"Plan", "The whole plan.", kPlanFields};

constexpr const Struct* kAll[] = {&kLevel,  &kValue,   &kSilent, &kPark,  &kChannel,  &kLabel,  &kRanking,   &kMisses,
                                  &kPolicy, &kProfile, &kAgent,  &kStep,  &kPriority, &kOffer,  &kOutcome,   &kOutcomes,
                                  &kTarget, &kScore,   &kSplit,  &kLeave, &kQueue,    &kOutage, &kAttribute, &kPlan};

}  // namespace

const Struct& kPlanStruct = kPlan;
const Struct& kAgentStruct = kAgent;
const Struct& kLevelStruct = kLevel;
const Struct& kValueStruct = kValue;
const std::span<const std::string_view> kModeWords = kModes;

std::span<const Struct* const> AllStructs() { return kAll; }

}  // namespace koble::plan
