// What Koble says to a wrong plan: place, what is wrong, and what to do, word by word. Queues: plan_queue_mistakes_test.cc.
#include "unit/plan_mistakes.h"

namespace koble::plan {
namespace {

TEST(PlanMistakes, EmptyTextSaysWhatToWrite) {
  const std::string wanted =
      "plan: the text is empty; the least plan is {}, a useful one {\"queues\": [{\"name\": \"calls\"}]}";
  EXPECT_EQ(MistakesIn(""), wanted);
  EXPECT_EQ(MistakesIn(" \n\t"), wanted);
}

TEST(PlanMistakes, MalformedJsonSaysLineAndColumn) {
  EXPECT_EQ(MistakesIn("{\n  \"name\": \"x\",\n  }"),
            "line 3, column 3: not valid JSON: unexpected '}'; expected string literal");
  EXPECT_EQ(MistakesIn("{\"name\": \"\xc3\xa5\" 1}"),
            "line 1, column 14: not valid JSON: unexpected number literal; expected '}'");
  EXPECT_EQ(MistakesIn("{"), "line 1, column 2: not valid JSON: unexpected end of input; expected string literal");
  EXPECT_EQ(MistakesIn("{} {}"), "line 1, column 4: not valid JSON: unexpected '{'; expected end of input");
  EXPECT_EQ(MistakesIn("plan"), "line 1, column 1: not valid JSON: invalid literal");
  EXPECT_EQ(MistakesIn(std::string("{}\0", 3)), "line 1, column 3: not valid JSON: unexpected NUL byte");
  EXPECT_EQ(MistakesIn("{\"koble\": 1e999}"), "line 1, column 15: not valid JSON: number overflow parsing '1e999'");
}

TEST(PlanMistakes, TextThatIsNotUtf8IsRefused) {
  EXPECT_EQ(MistakesIn("{\"name\": \"\xff\"}"),
            "line 1, column 11: not valid JSON: invalid string: ill-formed UTF-8 byte");
}

TEST(PlanMistakes, WrongRootIsNamed) {
  EXPECT_EQ(MistakesIn("[]"), "plan: expected an object {...}, got a list");
  EXPECT_EQ(MistakesIn("7"), "plan: expected an object {...}, got number 7");
  EXPECT_EQ(MistakesIn("null"), "plan: expected an object {...}, got null (leave the key out instead)");
}

TEST(PlanMistakes, UnknownKeySuggestsTheKeyThatWasMeant) {
  EXPECT_EQ(InQueue(R"("requre": "english")"), "queues[0]: unknown key \"requre\"; did you mean \"require\"?");
  EXPECT_EQ(MistakesIn(R"({"channels": [{"name": "voice", "colour": {"a": [1, {}]}}]})"),
            "channels[0]: unknown key \"colour\"; known keys are name, cost, max, max_open_offers, interrupted_by, "
            "excludes, reserve, silent, park");
  EXPECT_EQ(
      MistakesIn(R"({"zzz": 1})"),
      "plan: unknown key \"zzz\"; known keys are koble, name, channels, skills, profiles, agents, queues, outage, "
      "attributes, labels");
}

TEST(PlanMistakes, KeyGivenTwiceIsRefused) {
  EXPECT_EQ(InQueue(R"("max_length": 1, "max_length": 2)"), "queues[0]: key \"max_length\" is given twice; keep one");
  EXPECT_EQ(MistakesIn(R"({"skills": ["en"], "profiles": [{"name": "p", "skills": {"en": 1, "en": 1}}]})"),
            "profiles[0].skills: key \"en\" is given twice; keep one");
}

TEST(PlanMistakes, MissingKeyIsNamed) {
  EXPECT_EQ(MistakesIn(R"({"queues": [{}]})"), "queues[0]: key \"name\" is missing");
  EXPECT_EQ(InQueue(R"("target": {"within": "20s"})"), "queues[0].target: key \"share\" is missing");
  EXPECT_EQ(
      InQueue(R"("steps": [{"require": "english"}])"),
      "queues[0].steps[0]: key \"after\" is missing; say after what waiting time the step opens, or with \"when\" in "
      "which state");
}

TEST(PlanMistakes, WrongTypeSaysWhatIsExpected) {
  EXPECT_EQ(InQueue(R"("offer": {"ring": 20})"),
            "queues[0].offer.ring: expected a duration such as \"20s\", got number 20");
  EXPECT_EQ(InQueue(R"("max_wait": null)"),
            "queues[0].max_wait: expected a duration such as \"20s\", got null (leave the key out instead)");
  EXPECT_EQ(InQueue(R"("offer": {"confirm": 30})"),
            "queues[0].offer.confirm: expected a duration such as \"20s\" or true, got number 30");
  EXPECT_EQ(InQueue(R"("outcomes": {"busy": {"again": false}})"),
            "queues[0].outcomes.busy.again: expected a duration such as \"20s\" or \"step\" or \"never\", got false");
  EXPECT_EQ(InQueue(R"("closed": "yes")"), "queues[0].closed: expected true or false, got text \"yes\"");
  EXPECT_EQ(InQueue(R"("max_length": "5")"),
            "queues[0].max_length: expected a whole number from 0 to 1000000000, got text \"5\"");
  EXPECT_EQ(InQueue(R"("max_length": 1.5)"),
            "queues[0].max_length: expected a whole number from 0 to 1000000000, got number 1.5");
  EXPECT_EQ(
      InQueue(R"("priority": {"base": "high"})"),
      "queues[0].priority.base: expected a number from 0 to 1000000000 with at most six decimals, got text \"high\"");
  EXPECT_EQ(InQueue(R"("require": ["english"])"),
            "queues[0].require: expected a requirement such as \"en >= 2 and no\", got a list");
  EXPECT_EQ(InQueue(R"("steps": {"after": "20s"})"), "queues[0].steps: expected a list [{...}, ...], got an object");
  EXPECT_EQ(InQueue(R"("steps": ["20s"])"), "queues[0].steps[0]: expected an object {...}, got text \"20s\"");
  EXPECT_EQ(InQueue(R"("priority": 5)"), "queues[0].priority: expected an object {...}, got number 5");
  EXPECT_EQ(InQueue(R"("channel": 1)"), "queues[0].channel: expected a name in quotes, got number 1");
  EXPECT_EQ(InQueue(R"("offer": {"mode": true})"),
            "queues[0].offer.mode: expected one of \"auto\", \"ring\", \"ring_all\", \"broadcast\", \"progressive\", "
            "\"preview\", \"external\", got true");
  EXPECT_EQ(MistakesIn(R"({"skills": "en"})"), "skills: expected a list of names, got text \"en\"");
  EXPECT_EQ(MistakesIn(R"({"skills": ["en", 5]})"), "skills[1]: expected a name in quotes, got number 5");
  EXPECT_EQ(MistakesIn(R"({"skills": ["en", {}]})"), "skills[1]: expected a name in quotes, got an object");
  EXPECT_EQ(MistakesIn(R"({"skills": ["en"], "agents": [{"name": "A", "skills": ["en"]}]})"),
            "agents[0].skills: expected an object such as {\"name\": 2}, got a list");
  EXPECT_EQ(MistakesIn(R"({"skills": ["en"], "agents": [{"name": "A", "skills": {"en": true}}]})"),
            "agents[0].skills.en: expected a whole number from 0 to 1000000, got true");
  EXPECT_EQ(MistakesIn(R"({"skills": ["a b"], "agents": [{"name": "A", "skills": {"a b": []}}]})"),
            "agents[0].skills.\"a b\": expected a whole number, got a list");
}

TEST(PlanMistakes, ValueOutOfRangeSaysTheRange) {
  EXPECT_EQ(MistakesIn(R"({"channels": [{"name": "voice", "cost": 0}]})"),
            "channels[0].cost: 0 is out of range; allowed is 1 to 1000000");
  EXPECT_EQ(MistakesIn(R"({"channels": [{"name": "voice", "max": -1}]})"),
            "channels[0].max: -1 is out of range; allowed is 0 to 1000000");
  EXPECT_EQ(MistakesIn(R"({"channels": [{"name": "voice", "max": 18446744073709551615}]})"),
            "channels[0].max: 18446744073709551615 is out of range; allowed is 0 to 1000000");
  EXPECT_EQ(InQueue(R"("offer": {"ring": "0s"})"),
            "queues[0].offer.ring: \"0s\" is out of range; allowed is \"1ns\" to \"36525d\"");
  EXPECT_EQ(InQueue(R"("offer": {"confirm": "0s"})"),
            "queues[0].offer.confirm: \"0s\" is out of range; allowed is \"1ns\" to \"36525d\"");
  EXPECT_EQ(InQueue(R"("max_wait": "36525d1ns")"),
            "queues[0].max_wait: \"36525d1ns\" is out of range; allowed is \"0s\" to \"36525d\"");
  EXPECT_EQ(InQueue(R"("max_wait": "999999999d")"),
            "queues[0].max_wait: \"999999999d\" is out of range; allowed is \"0s\" to \"36525d\"");
  EXPECT_EQ(InQueue(R"("outcomes": {"busy": {"again": "40000d"}})"),
            "queues[0].outcomes.busy.again: \"40000d\" is out of range; allowed is \"0s\" to \"36525d\" or \"step\" or "
            "\"never\"");
  EXPECT_EQ(InQueue(R"("target": {"within": "20s", "share": 80})"),
            "queues[0].target.share: 80 is out of range; allowed is 0.000001 to 1");
  EXPECT_EQ(InQueue(R"("priority": {"base": 1e15})"),
            "queues[0].priority.base: 1e15 is out of range; allowed is 0 to 1000000000");
  EXPECT_EQ(MistakesIn(R"({"koble": 2})"), "koble: 2 is not known to this version of Koble, which reads 1");
}

TEST(PlanMistakes, DecimalsAreNotRounded) {
  EXPECT_EQ(InQueue(R"("priority": {"rate": 0.0000001})"),
            "queues[0].priority.rate: 0.0000001 has more than six decimals; round it");
}

TEST(PlanMistakes, WrongDurationSaysHowToWriteOne) {
  const std::string how =
      " is not a duration; write one such as \"20s\" or \"1m30s\", with the units d, h, m, s, ms, us, ns in this order "
      "and each "
      "at most once";
  EXPECT_EQ(InQueue(R"("wrap_up": "10 s")"), "queues[0].wrap_up: \"10 s\"" + how);
  EXPECT_EQ(InQueue(R"("wrap_up": "-1s")"), "queues[0].wrap_up: \"-1s\"" + how);
  EXPECT_EQ(InQueue(R"("wrap_up": "never")"), "queues[0].wrap_up: \"never\"" + how);
  EXPECT_EQ(InQueue(R"("outcomes": {"busy": {"again": "nevr"}})"),
            "queues[0].outcomes.busy.again: \"nevr\"" + how + ", or \"step\" or \"never\"");
}

TEST(PlanMistakes, UnknownWordListsTheKnownOnes) {
  EXPECT_EQ(InQueue(R"("offer": {"mode": "rign"})"),
            "queues[0].offer.mode: unknown word \"rign\"; did you mean \"ring\"?");
  EXPECT_EQ(InQueue(R"("exhausted": "panic")"),
            "queues[0].exhausted: unknown word \"panic\"; write one of \"wait\", \"forgive\", \"exit\"");
  EXPECT_EQ(InQueue(R"("select": "leest_loaded")"),
            "queues[0].select: unknown word \"leest_loaded\"; did you mean \"least_loaded\"?");
}

TEST(PlanMistakes, NamesAreCheckedForLengthAndControlCharacters) {
  EXPECT_EQ(MistakesIn(R"({"name": ""})"), "name: the name is empty; give it 1 to 100 bytes");
  EXPECT_EQ(MistakesIn("{\"name\": \"" + std::string(101, 'x') + "\"}"),
            "name: the name has 101 bytes; at most 100 are allowed");
  EXPECT_EQ(MistakesIn(R"({"name": "a\u0000b"})"),
            "name: \"a\\u0000b\" contains a control character; names are plain text");
  EXPECT_EQ(MistakesIn(R"({"name": "a\nb"})"), "name: \"a\\nb\" contains a control character; names are plain text");
}

TEST(PlanMistakes, NamesAreGivenOnce) {
  EXPECT_EQ(MistakesIn(R"({"channels": [{"name": "a"}, {"name": "a"}]})"),
            "channels[1].name: name \"a\" is taken by channels[0]; names are given once");
  EXPECT_EQ(MistakesIn(R"({"skills": ["a", "b", "a"]})"),
            "skills[2]: name \"a\" is taken by skills[0]; names are given once");
  EXPECT_EQ(MistakesIn(R"({"profiles": [{"name": "a"}, {"name": "a"}], "agents": [{"name": "a"}, {"name": "a"}],
                         "queues": [{"name": "a"}, {"name": "a"}]})"),
            "profiles[1].name: name \"a\" is taken by profiles[0]; names are given once\n"
            "agents[1].name: name \"a\" is taken by agents[0]; names are given once\n"
            "queues[1].name: name \"a\" is taken by queues[0]; names are given once");
}

TEST(PlanMistakes, ReferencesThatLeadNowhereSuggestTheNameThatWasMeant) {
  EXPECT_EQ(InQueue(R"("require": "norwegain")"),
            "queues[0].require: unknown skill \"norwegain\"; did you mean \"norwegian\"?");
  EXPECT_EQ(InQueue(R"("require": "french and klingon >= 2")"),
            "queues[0].require: unknown skill \"french\"; list it in \"skills\"\n"
            "queues[0].require: unknown skill \"klingon\"; list it in \"skills\"");
  EXPECT_EQ(InQueue(R"("steps": [{"after": "1s", "require": "englsh"}])"),
            "queues[0].steps[0].require: unknown skill \"englsh\"; did you mean \"english\"?");
  EXPECT_EQ(InQueue(R"("channel": "voce")"), "queues[0].channel: unknown channel \"voce\"; did you mean \"voice\"?");
  EXPECT_EQ(InQueue(R"("channel": "fax")"), "queues[0].channel: unknown channel \"fax\"; list it in \"channels\"");
  EXPECT_EQ(
      MistakesIn(R"({"skills": ["en"], "profiles": [{"name": "desk", "skills": {"no": 1}, "channels": {"chat": 1}}],
                         "agents": [{"name": "A", "profile": "dsk", "skills": {"eng": 1}, "channels": {"viice": 1}}]})"),
      "profiles[0].skills: unknown skill \"no\"; list it in \"skills\"\n"
      "profiles[0].channels: unknown channel \"chat\"; list it in \"channels\"\n"
      "agents[0].profile: unknown profile \"dsk\"; did you mean \"desk\"?\n"
      "agents[0].skills: unknown skill \"eng\"; did you mean \"en\"?\n"
      "agents[0].channels: unknown channel \"viice\"; did you mean \"voice\"?");
}

TEST(PlanMistakes, ChannelsNameOthersOnceAndNotBothWays) {
  EXPECT_EQ(
      MistakesIn(R"({"channels": [{"name": "voice", "interrupted_by": ["chta", "voice"], "excludes": ["chat", "chat"]},
                                      {"name": "chat", "excludes": ["voice", "mail"], "interrupted_by": ["voice"]}]})"),
      "channels[0].interrupted_by[0]: unknown channel \"chta\"; did you mean \"chat\"?\n"
      "channels[0].interrupted_by[1]: \"voice\" is this one itself; how many of its own contacts go together is "
      "said by "
      "\"cost\" and \"max\"\n"
      "channels[0].excludes[1]: \"chat\" is named twice; keep one\n"
      "channels[1].excludes[1]: unknown channel \"mail\"; list it in \"channels\"\n"
      "channels[1].excludes: \"voice\" is in \"interrupted_by\", too; it cannot come in any case and not at all: keep "
      "one of "
      "the two");
}

TEST(PlanMistakes, LabelsAreNoChannelsAndNameBoth) {
  EXPECT_EQ(
      MistakesIn(
          R"({"channels": [{"name": "mail", "excludes": ["vip", "gone"]}], "labels": [{"name": "mail"}, {"name": "vip",
                         "interrupted_by": ["mail", "vip", "vpi"]}, {"name": "vip"}],
                         "profiles": [{"name": "p", "labels": {"vp": 1}}], "agents": [{"name": "A", "labels": {"x": 1}}],
                         "queues": [{"name": "q", "label": "vipp"}]})"),
      "labels[2].name: name \"vip\" is taken by labels[1]; names are given once\n"
      "channels[0].excludes[1]: unknown channel or label \"gone\"; list it in \"channels\" or \"labels\"\n"
      "labels[0].name: \"mail\" is a channel's name; give the label another\n"
      "labels[1].interrupted_by[1]: \"vip\" is this one itself; how many of its own contacts go together is said by "
      "\"cost\" "
      "and \"max\"\n"
      "labels[1].interrupted_by[2]: unknown channel or label \"vpi\"; did you mean \"vip\"?\n"
      "profiles[0].labels: unknown label \"vp\"; did you mean \"vip\"?\n"
      "agents[0].labels: unknown label \"x\"; list it in \"labels\"\n"
      "queues[0].label: unknown label \"vipp\"; did you mean \"vip\"?");
  EXPECT_EQ(Warnings(R"({"labels": [{"name": "vip"}], "queues": [{"name": "q"}]})"),
            "labels[0].name: no queue has this label");
}

TEST(PlanMistakes, PairsOfChannelAndLabelAreFew) {
  std::string labels;
  std::string queues;
  std::string channels;
  for (int i = 0; i < 3; ++i) {
    const std::string channel = "c" + std::to_string(i);
    channels += (i == 0 ? "{\"name\": \"" : ", {\"name\": \"") + channel + "\"}";
    for (int j = 0; j < 90; ++j) {
      const std::string label = "l" + std::to_string(j);
      if (i == 0) labels += (j == 0 ? "{\"name\": \"" : ", {\"name\": \"") + label + "\"}";
      queues += std::string(i + j == 0 ? "{" : ", {") + "\"name\": \"" + channel + label + "\", \"channel\": \"" +
                channel + "\", \"label\": \"" + label + "\"}";
    }
  }
  EXPECT_EQ(
      MistakesIn("{\"channels\": [" + channels + "], \"labels\": [" + labels + "], \"queues\": [" + queues + "]}"),
      "labels: channels and the pairs of channel and label that queues have are 273; at most 256 are allowed: "
      "let queues "
      "share some");
}

TEST(PlanMistakes, ReservesOfChannelsThatKeepNothingAreStrange) {
  EXPECT_EQ(Warnings(R"({"channels": [{"name": "voice", "reserve": 100}]})"),
            "channels[0].reserve: has no effect, as there is no other channel that could leave anything free");
  EXPECT_EQ(
      Warnings(
          R"({"channels": [{"name": "voice", "reserve": 20}, {"name": "chat", "cost": 30, "max": 2, "reserve": 61}]})"),
      "channels[0].reserve: 20 is less than the cost of one contact, 100, so that none may fit into what is left free\n"
      "channels[1].reserve: 61 is more than \"max\" contacts take, 60");
}

TEST(PlanMistakes, WhatAReserveLeavesNobodyRoomForIsStrange) {
  const auto with = [](const char* chat) {
    return Warnings(std::string(R"({"channels": [{"name": "voice"}, {"name": "chat", "cost": 30, "reserve": 30)") +
                    chat + R"(}], "profiles": [{"name": "p"}], "queues": [{"name": "q", "channel": "voice"}]})");
  };
  EXPECT_EQ(with(""), "queues[0]: no listed agent or profile could ever serve \"q\"");
  EXPECT_EQ(with(R"(, "interrupted_by": ["voice"])"), "");
}

TEST(PlanMistakes, AgentsAttributesAreDeclaredAndOfTheirKind) {
  const std::string attributes = R"("attributes": [{"name": "site", "values": ["oslo", "bergen"]}, {"name": "floor"}])";
  const auto with = [&](const std::string& own) {
    return MistakesIn("{" + attributes + R"(, "agents": [{"name": "A", "attributes": )" + own + "}]}");
  };
  EXPECT_EQ(with(R"({"sit": "oslo"})"), "agents[0].attributes: unknown attribute \"sit\"; did you mean \"site\"?");
  EXPECT_EQ(with(R"({"site": "olso"})"),
            "agents[0].attributes: unknown value \"olso\" of \"site\"; did you mean \"oslo\"?");
  EXPECT_EQ(with(R"({"site": 3})"),
            "agents[0].attributes: the value of \"site\" is one of its declared values, in quotes, not 3");
  EXPECT_EQ(with(R"({"floor": "third"})"),
            "agents[0].attributes: \"floor\" declares no values, so its value is a whole number, not \"third\"; give a "
            "number, or list the attribute's \"values\"");
}

TEST(PlanMistakes, NoChannelsAtAllIsNotWhatAnybodyMeans) {
  EXPECT_EQ(MistakesIn(R"({"profiles": [{"name": "p", "channels": {}}]})"),
            "profiles[0].channels: no entries; name at least one, or leave the key out");
}

TEST(PlanMistakes, NestingAndNumbersOfEntriesAreBounded) {
  EXPECT_EQ(MistakesIn("{\"x\": " + std::string(100'000, '[')),
            "plan: unknown key \"x\"; known keys are koble, name, channels, skills, profiles, agents, queues, outage, "
            "attributes, labels\n"
            "plan: nested deeper than 32 levels");
  std::string channels = R"({"channels": [)";
  for (int i = 0; i < 40; ++i) channels += (i ? ", {\"name\": \"c" : "{\"name\": \"c") + std::to_string(i) + "\"}";
  EXPECT_EQ(MistakesIn(channels + "]}"), "channels: more than 32 entries");
  std::string steps;
  for (int i = 1; i <= 33; ++i) steps += (i > 1 ? ", {\"after\": \"" : "{\"after\": \"") + std::to_string(i) + "s\"}";
  EXPECT_EQ(InQueue("\"steps\": [" + steps + "]"), "queues[0].steps: more than 32 entries");
  std::string skills = "{\"skills\": [\"s0\"";
  for (int i = 1; i < 65536; ++i) skills += ", \"s" + std::to_string(i) + "\"";
  EXPECT_EQ(MistakesIn(skills + "]}"), "skills: more than 65535 entries");
}

TEST(PlanMistakes, AttributesAndTheirValuesAreGivenOnce) {
  EXPECT_EQ(MistakesIn(R"({"attributes": [{"name": "a"}, {"name": "b"}, {"name": "a"}]})"),
            "attributes[2].name: name \"a\" is taken by attributes[0]; names are given once");
  EXPECT_EQ(MistakesIn(R"({"attributes": [{"name": "a", "values": ["x", "y", "x"]}]})"),
            "attributes[0].values[2]: name \"x\" is taken by attributes[0].values[0]; names are given once");
  EXPECT_EQ(MistakesIn(R"({"attributes": [{"values": []}]})"), "attributes[0]: key \"name\" is missing");
  EXPECT_EQ(MistakesIn(R"({"attributes": [{"name": "", "values": ["", 7]}]})"),
            "attributes[0].name: the name is empty; give it 1 to 100 bytes\n"
            "attributes[0].values[0]: the name is empty; give it 1 to 100 bytes\n"
            "attributes[0].values[1]: expected a name in quotes, got number 7");
}

TEST(PlanMistakes, AttributesAreBounded) {
  std::string attributes = R"({"attributes": [)";
  for (int i = 0; i < 1001; ++i) attributes += (i ? ", {\"name\": \"a" : "{\"name\": \"a") + std::to_string(i) + "\"}";
  EXPECT_EQ(MistakesIn(attributes + "]}"), "attributes: more than 1000 entries");
  const auto values = [](int count) {
    std::string list = "[";
    for (int i = 0; i < count; ++i) list += (i ? ", \"v" : "\"v") + std::to_string(i) + "\"";
    return list + "]";
  };
  EXPECT_EQ(MistakesIn(R"({"attributes": [{"name": "a", "values": )" + values(5000) + R"(}, {"name": "b", "values": )" +
                       values(5001) + "}]}"),
            "attributes: 10001 values in all; at most 10000 are allowed; declare those that the plan needs, and intern "
            "the others while the engine runs");
}

TEST(PlanMistakes, AllAreReportedAtOnceUpToFifty) {
  std::string agents;
  for (int i = 0; i < 60; ++i) agents += (i ? ", {\"name\": " : "{\"name\": ") + std::to_string(i) + "}";
  const std::string report = MistakesIn("{\"agents\": [" + agents + "]}");
  EXPECT_EQ(std::count(report.begin(), report.end(), '\n'), 50);
  EXPECT_EQ(report.substr(0, 52), "agents[0].name: expected a name in quotes, got numbe");
  EXPECT_EQ(report.substr(report.rfind('\n')), "\nand 10 more");
}

TEST(PlanMistakes, AgentAloneIsCheckedInTheSameWords) {
  std::string report;
  EXPECT_FALSE(ReadAgent("", &report));
  EXPECT_EQ(report, "agent: the text is empty; write at least {\"name\": \"A\"}");
  EXPECT_FALSE(ReadAgent("{\"profile\": \"p\", \"skils\": {}}", &report));
  EXPECT_EQ(report, "agent: unknown key \"skils\"; did you mean \"skills\"?\nagent: key \"name\" is missing");
  EXPECT_FALSE(ReadAgent("{\"name\": \"A\", \"capacity\": 0}", &report));
  EXPECT_EQ(report, "agent.capacity: 0 is out of range; allowed is 1 to 1000000000");
  EXPECT_FALSE(ReadAgent("[]", &report));
  EXPECT_EQ(report, "agent: expected an object {...}, got a list");
}

TEST(PlanMistakes, AgentThatDoesNotFitThePlanIsNotResolved) {
  std::string report;
  int32_t code = 0;
  const auto plan = Load(R"({"skills": ["english"], "profiles": [{"name": "voices"}]})", &report, &code);
  ASSERT_NE(plan, nullptr);
  const auto agent = ReadAgent(R"({"name": "A", "profile": "voice", "skills": {"englsh": 1, "de": 1}})", &report);
  ASSERT_TRUE(agent) << report;
  EXPECT_FALSE(plan->Resolve(*agent, &report));
  EXPECT_EQ(
      report,
      "agent \"A\": unknown profile \"voice\"; did you mean \"voices\"?; agent \"A\": unknown skill \"de\"; list it in "
      "\"skills\"; agent \"A\": unknown skill \"englsh\"; did you mean \"english\"?");
}

TEST(PlanMistakes, BinaryFormThatIsDamagedCutOrNewerIsNamed) {
  std::string report;
  int32_t code = 0;
  const auto plan = Load(R"({"name": "x", "queues": [{"name": "q"}]})", &report, &code);
  ASSERT_NE(plan, nullptr);
  const std::string& bytes = plan->binary;
  Refusal refusal = Refused("KP");
  EXPECT_EQ(refusal.code, KOBLE_ERR_CORRUPT);
  EXPECT_EQ(refusal.report, "the binary form is damaged or cut at byte 2");
  refusal = Refused(bytes.substr(0, bytes.size() - 1));
  EXPECT_EQ(refusal.code, KOBLE_ERR_CORRUPT);
  EXPECT_EQ(refusal.report, "the binary form is damaged or cut at byte 8");
  refusal = Refused("KP\x02" + bytes.substr(3));
  EXPECT_EQ(refusal.code, KOBLE_ERR_VERSION);
  EXPECT_EQ(refusal.report, "binary form 2 is not known here; this version reads 1");
  refusal = Refused(bytes + "\xf8\x01\x05");  // field 31, varint
  EXPECT_EQ(refusal.code, KOBLE_ERR_VERSION);
  EXPECT_EQ(refusal.report, "plan: field 31 is not known here; it was written by a newer version, or is no plan");
  refusal = Refused("KP\x01\x08\x02");
  EXPECT_EQ(refusal.code, KOBLE_ERR_PLAN);
  EXPECT_EQ(refusal.report, "koble: 2 is not known to this version of Koble, which reads 1");
  refusal = Refused("KP\x01\x12\x01x\x12\x01x");  // a name twice
  EXPECT_EQ(refusal.code, KOBLE_ERR_CORRUPT);
  refusal = Refused("KA\x01");
  EXPECT_EQ(refusal.code, KOBLE_ERR_PLAN);
  EXPECT_EQ(refusal.report, "plan: this is the binary form of one agent, not of a plan");
}

TEST(PlanMistakes, BinaryFormIsValidatedLikeJson) {
  const auto binary = [](std::string_view message) { return MistakesIn("KP\x01" + std::string(message)); };
  EXPECT_EQ(binary({"\x3a\x02\x0a\x00", 4}), "queues[0].name: the name is empty; give it 1 to 100 bytes");
  EXPECT_EQ(binary({"\x3a\x00", 2}), "queues[0]: key \"name\" is missing");
  EXPECT_EQ(binary({"\x22\x01\xff", 3}), "skills[0]: the text is not UTF-8");
  EXPECT_EQ(binary({"\x1a\x05\x0a\x01v\x10\x00", 7}), "channels[0].cost: 0 is out of range; allowed is 1 to 1000000");
  EXPECT_EQ(binary({"\x3a\x07\x0a\x01q\x3a\x02\x08\x07", 9}),
            "queues[0].offer.mode: 7 is out of range; allowed is \"auto\" to \"external\"");
  EXPECT_EQ(binary({"\x22\x01\x61\x2a\x11\x0a\x01p\x12\x05\x0a\x01\x61\x10\x01\x12\x05\x0a\x01\x61\x10\x02", 22}),
            "profiles[0].skills: key \"a\" is given twice; keep one");
}

TEST(PlanMistakes, StrangePlansAreValidWithAWarning) {
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "max_length": 0}]})"),
            "queues[0].max_length: 0 means served at once or refused, but a contact whose offer fails then waits; add "
            "\"max_wait\": \"0s\" to have it leave");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "max_length": 0, "max_wait": "0s"},
                                    {"name": "r", "max_length": 0, "offer": {"mode": "auto"}}]})"),
            "");
  EXPECT_EQ(
      Warnings(R"({"queues": [{"name": "q", "outcomes": {"no_answer": {"penalty": "0s"}}}]})"),
      "queues[0].outcomes.no_answer: neither penalty nor again: the agent whom \"select\" prefers and who does not "
      "answer is rung again and again; give one of them");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "select": "round_robin",
                                     "outcomes": {"no_answer": {"penalty": "0s"}}}]})"),
            "");
  EXPECT_EQ(Warnings(R"({"skills": ["en"], "queues": [{"name": "q", "select_skills": ["en"]}]})"),
            "queues[0].select_skills: has no effect unless \"select\" is \"most_skilled\" or \"least_skilled\"");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "score": [{"feature": "idle", "weight": 1}]}]})"),
            "queues[0].score: has no effect unless \"select\" is \"score\"");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "outcomes": {"no_answer": {"penalty": "0s", "again": "1s"}}}]})"),
            "");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "outcomes": {"declined": {"again": "step"}}}]})"),
            "queues[0].outcomes: again \"step\" lasts until a step opens, and the queue has none; write \"never\"");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "outcomes": {"declined": {"again": "step"}},
                                    "steps": [{"after": "10s"}]}]})"),
            "");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "offer": {"mode": "auto", "expiry": "accept"}}]})"),
            "queues[0].offer.expiry: has no effect with mode \"auto\", where the agent has the contact at once");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "offer": {"mode": "preview", "expiry": "accept"},
                                    "outcomes": {"no_answer": {"penalty": "0s"}}}]})"),
            "");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "offer": {"mode": "ring_all"},
                                    "outcomes": {"no_answer": {"penalty": "5s"}}}]})"),
            "queues[0].outcomes.no_answer.penalty: has no effect with mode \"ring_all\", where everybody would be "
            "punished at "
            "once; set offer.group_penalty to true if that is meant");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "wrap_up": "2m", "wrap_up_max": "1m"}]})"),
            "queues[0].wrap_up: \"2m\" is cut to wrap_up_max, \"1m\"");
}

TEST(PlanMistakes, Pauses) {
  const auto with = [](const std::string& channel, const std::string& queue) {
    return R"({"channels": [{"name": "chat", )" + channel + R"(}], "queues": [{"name": "q")" + queue + "}]}";
  };
  EXPECT_EQ(MistakesIn(with(R"("silent": {})", "")), R"(channels[0].silent: key "after" is missing)");
  EXPECT_EQ(MistakesIn(with(R"("silent": {"after": "0s"})", "")),
            R"(channels[0].silent.after: "0s" is out of range; allowed is "1ns" to "36525d")");
  EXPECT_EQ(MistakesIn(with(R"("silent": {"after": "5m", "forget": "0s"})", "")),
            R"(channels[0].silent.forget: "0s" is out of range; allowed is "1ns" to "36525d" or "never")");
  EXPECT_EQ(MistakesIn(with(R"("park": {})", "")), R"(channels[0].park: key "return" is missing)");
  EXPECT_EQ(Warnings(with(R"("silent": {"after": "5m", "return": "1h"}, "park": {"return": "1h"})", "")), "");
  for (const char* channel : {R"("silent": {"after": "5m", "return": "never"})", R"("park": {"return": "never"})"}) {
    EXPECT_EQ(
        Warnings(with(channel, "")),
        "queues[0].reserved: a contact that comes back is kept for its agent for ever, also where he has gone home; "
        "give \"release\", a max_wait, or a \"return\" of the channel that ends");
    EXPECT_EQ(Warnings(with(channel, R"(, "reserved": "release")")), "");
    EXPECT_EQ(Warnings(with(channel, R"(, "max_wait": "1d")")), "");
  }
}

}  // namespace
}  // namespace koble::plan
