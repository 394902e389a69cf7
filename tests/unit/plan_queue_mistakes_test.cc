// What Koble says to a wrong queue: place, what is wrong, and what to do, word by word.
#include "unit/plan_mistakes.h"

namespace koble::plan {
namespace {

TEST(PlanMistakes, CountedSkillsExistAndAreListedOnce) {
  EXPECT_EQ(MistakesIn(R"({"skills": ["english"], "queues": [
                          {"name": "q", "select": "most_skilled", "select_skills": ["english", "englich", "english"]}]})"),
            "queues[0].select_skills[1]: unknown skill \"englich\"; did you mean \"english\"?\n"
            "queues[0].select_skills[2]: \"english\" is listed twice; name each skill once");
}

TEST(PlanMistakes, AScoreNamesWhatCountsAndOnce) {
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "select": "score"}]})"),
            "queues[0].score: is empty; name what counts, such as {\"feature\": \"idle\", \"weight\": 1}");
  EXPECT_EQ(MistakesIn(R"({"skills": ["english"], "queues": [{"name": "q", "select": "score", "score": [
                          {"feature": "skill", "skill": "englich", "weight": 1}, {"feature": "skill", "weight": 1},
                          {"feature": "idle", "skill": "english", "weight": -0.5},
                          {"feature": "idle", "weight": 2}]}]})"),
            "queues[0].score[0].skill: unknown skill \"englich\"; did you mean \"english\"?\n"
            "queues[0].score[1]: key \"skill\" is missing; name the skill whose level counts\n"
            "queues[0].score[2].skill: goes with the feature \"skill\" only; leave it out\n"
            "queues[0].score[3]: this is counted twice; add the weights up");
  std::string queues;
  for (int i = 1; i <= 65; ++i) {
    queues += (i == 1 ? "" : ", ") + (R"({"name": "q)" + std::to_string(i) + R"(", "select": "score", "score": [)" +
                                      R"({"feature": "served", "weight": )" + std::to_string(i) + "}]}");
  }
  EXPECT_EQ(MistakesIn(R"({"queues": [)" + queues + "]}"),
            "queues[64].score: is the plan's score number 65; at most 64 different ones are allowed");
  EXPECT_EQ(
      MistakesIn(R"({"queues": [{"name": "q", "select": "score", "score": [{"feature": "idle", "weight": 1e7}]}]})"),
      "queues[0].score[0].weight: 10000000 is out of range; allowed is -1000000 to 1000000");
}

TEST(PlanMistakes, ASplitIsOfAnAttributeWithTheseValues) {
  EXPECT_EQ(MistakesIn(R"({"attributes": [{"name": "site", "values": ["oslo", "bergen"]}], "queues": [
                          {"name": "a", "split": {"attribute": "sight", "shares": {"oslo": 1}}},
                          {"name": "b", "split": {"attribute": "site", "shares": {"olso": 1, "bergen": 0}}},
                          {"name": "c", "split": {"shares": {"oslo": 1}}},
                          {"name": "d", "split": {"attribute": "site"}}]})"),
            "queues[2].split: key \"attribute\" is missing\n"
            "queues[0].split.attribute: unknown attribute \"sight\"; list it in \"attributes\"\n"
            "queues[1].split.shares: \"bergen\" has part 0; leave out what is never given\n"
            "queues[1].split.shares: \"olso\" is no value of attribute \"site\"; did you mean \"oslo\"?\n"
            "queues[3].split: key \"shares\" is missing; give values and their parts, such as {\"oslo\": 80}");
}

TEST(PlanMistakes, PolicyChoosesOneAgent) {
  const auto says = [](const std::string& asks) {
    return "queues[0].policy: chooses one agent, and the offer's mode asks " + asks +
           "; choose mode \"ring\", \"auto\", \"preview\" or \"progressive\", or leave the policy out";
  };
  EXPECT_EQ(InQueue(R"("policy": {"name": "mood"}, "offer": {"mode": "ring_all"})"), says("several"));
  EXPECT_EQ(InQueue(R"("policy": {"name": "mood"}, "offer": {"mode": "broadcast", "count": 2})"), says("several"));
  EXPECT_EQ(InQueue(R"("policy": {"name": "mood"}, "offer": {"mode": "external"})"), says("nobody"));
  EXPECT_EQ(InQueue(R"("policy": {"candidates": 65})"),
            "queues[0].policy.candidates: 65 is out of range; allowed is 1 to 64\n"
            "queues[0].policy: key \"name\" is missing");
}

TEST(PlanMistakes, QueueNamesItsChannelWhereThereAreSeveral) {
  EXPECT_EQ(MistakesIn(R"({"channels": [{"name": "voice"}, {"name": "chat"}], "queues": [{"name": "q"}]})"),
            "queues[0]: key \"channel\" is missing; the plan has \"voice\", \"chat\"");
}

TEST(PlanMistakes, RequirementsPointAtTheColumn) {
  EXPECT_EQ(InQueue(R"("require": "english and ) norwegian")"),
            "queues[0].require: column 13: expected a skill, got \")\"");
}

TEST(PlanMistakes, StepsRiseAfterThoseFromTheStart) {
  EXPECT_EQ(InQueue(R"("steps": [{"after": "20s"}, {"after": "20s"}, {"after": "10s"}])"),
            "queues[0].steps[1].after: \"20s\" is not later than \"20s\" of a step before; steps are listed by "
            "rising time, and only those of \"0s\" may be equal\n"
            "queues[0].steps[2].after: \"10s\" is not later than \"20s\" of a step before; steps are listed by "
            "rising time, and only those of \"0s\" may be equal");
  EXPECT_EQ(InQueue(R"("steps": [{"after": "0s"}, {"after": "1s"}, {"after": "0s"}])"),
            "queues[0].steps[2].after: \"0s\" is not later than \"1s\" of a step before; steps are listed by "
            "rising time, and only those of \"0s\" may be equal");
}

TEST(PlanMistakes, AStepOpensByTimeOrState) {
  const std::string at = "queues[0].steps[0]";
  EXPECT_EQ(
      InQueue(R"("steps": [{"early": "waiting", "while": "waiting"}])"),
      at + ": key \"after\" is missing; say after what waiting time the step opens, or with \"when\" in which state");
  for (const char* after : {R"("after": "0s")", R"("when": "free[0]")"}) {
    EXPECT_EQ(InQueue(R"("steps": [{"early": "waiting", )" + std::string(after) + "}]"),
              at + ".early: opens a step before its time, and this one has none; give \"after\", or write it into "
                   "\"when\"");
  }
  EXPECT_EQ(
      InQueue(
          R"("steps": [{"after": "20s"}, {"when": "waiting"}, {"after": "10s", "when": "waiting"}, {"after": "5s"}])"),
      "queues[0].steps[3].after: \"5s\" is not later than \"20s\" of a step before; steps are listed by rising "
      "time, and only those of \"0s\" may be equal");
  EXPECT_EQ(InQueue(R"("steps": [{"after": "1s", "when": ""}])"),
            at + ".when: the condition is empty; leave the key out");
  EXPECT_EQ(InQueue(R"("steps": [{"after": "1s", "when": 2}])"),
            at + ".when: expected a condition such as \"free[1] >= 2 and waiting > 10\", got number 2");
}

TEST(PlanMistakes, ConditionsCount) {
  const auto when = [](const std::string& condition) {
    const std::string line = InQueue(R"("steps": [{"when": ")" + condition + R"("}, {"after": "1s"}])");
    const std::string place = "queues[0].steps[0].when: ";
    return line.substr(0, place.size()) == place ? line.substr(place.size()) : line;
  };
  for (const char* good : {"free[0]", "not able[2]", "waiting > 10 and (free[1] < 3 or true)", "able [ 1 ] == 0",
                           "waiting > 2 * free[0] + 1"}) {
    const std::string steps = R"([{"when": ")" + std::string(good) + R"("}, {"after": "1s"}])";
    EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "steps": )" + steps + "}]}"), "") << good;
  }
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "steps": [{"when": "waiting >= 0 or free[0] < 0"}]}]})"),
            "queues[0].steps[0].when: a counter is compared with \">= 0\", which always holds\n"
            "queues[0].steps[0].when: a counter is compared with \"< 0\", which never holds");
  EXPECT_EQ(when("free[3]"), "column 6: there is no step 3; the queue has 0, its own requirement, to 2");
  EXPECT_EQ(when("free > 1"),
            "column 6: expected \"[\" and the number of a step, as in free[0], which goes by the queue's own "
            "requirement, got \">\"");
  EXPECT_EQ(when("free[x]"), "column 6: expected the number of a step, 0 for the queue's own requirement, got \"x\"");
  EXPECT_EQ(when("free[1"), "column 7: expected \"]\", got the end");
  EXPECT_EQ(
      when("hour >= 8"),
      "column 1: \"hour\" comes later: this version counts free[n], able[n], available[n] and waiting, and compares "
      "contact.NAME");
  EXPECT_EQ(when("english"),
            "column 1: \"english\" is a skill and belongs into \"require\"; count who has it with free[n] or able[n]");
  EXPECT_EQ(when("waitng > 3"), "column 1: unknown counter \"waitng\"; did you mean \"waiting\"?");
  EXPECT_EQ(
      when("queue"),
      "column 1: unknown counter \"queue\"; there are free[n], able[n], available[n] and waiting, and contact.NAME");
  EXPECT_EQ(when("agent.site = 1"),
            "column 1: a condition looks at no single agent; count them with free[n] or able[n]");
}

TEST(PlanMistakes, LimitsByStateGoByAgents) {
  EXPECT_EQ(InQueue(R"("leave": {"for": "1s"})"), "queues[0].leave: key \"when\" is missing");
  EXPECT_EQ(InQueue(R"("leave": {"when": "not able[0]", "for": "0s"})").substr(0, 19), "queues[0].leave.for");
  EXPECT_EQ(InQueue(R"("leave": {"when": "free[1]"})"),
            "queues[0].leave.when: column 6: there is no step 1; the queue has 0, its own requirement");
  EXPECT_EQ(
      InQueue(R"("leave": {"when": "waiting > 3 or not able[0]"})"),
      "queues[0].leave.when: \"waiting\" is the same for all who wait, so they would all leave together; limit the "
      "line with \"max_length\", or \"refuse\" those who come");
  EXPECT_EQ(InQueue(R"("refuse": "")"), "queues[0].refuse: the condition is empty; leave the key out");
  const std::string limits =
      R"("refuse": "waiting >= 2 * available[0]", "leave": {"when": "not able[0]", "after": "1m"})";
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", )" + limits + "}]}"), "");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "max_wait": "50s", )" + limits + "}]}"),
            "queues[0].leave: comes after max_wait, \"50s\", when nobody is left");
}

TEST(PlanMistakes, CapIsNotBelowTheBaseAndTheBaseIsNotAbove100Years) {
  EXPECT_EQ(InQueue(R"("priority": {"base": 10.5, "cap": 10})"),
            "queues[0].priority.cap: 10 is less than the base 10.5; raise the cap or lower the base");
  EXPECT_EQ(InQueue(R"("priority": {"base": 3155.760001, "rate": 0.000001})"),
            "queues[0].priority.rate: 0.000001 needs more than 100 years to gain the base 3155.760001; write 0 for no "
            "ageing, "
            "or a higher rate");
  EXPECT_EQ(InQueue(R"("priority": {"weight": 1.5})"),
            "queues[0].priority.weight: expected a whole number from 0 to 1000000000, got number 1.5");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "priority": {"base": 3, "cap": 10, "own_priority_max": 7}}]})"), "");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "priority": {"base": 3, "cap": 10, "own_priority_max": 7.5}}]})"),
            "queues[0].priority.own_priority_max: 7.5 and the base 3 are cut to the cap, 10");
  EXPECT_EQ(
      InQueue(R"("priority": {"base": 3155, "rate": 0.000001}, "steps": [{"after": "1m", "priority": 0.760001}])"),
      "queues[0].priority.rate: 0.000001 needs more than 100 years to gain the base 3155 and what the steps "
      "give; write 0 for no ageing, or a higher rate");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "priority": {"base": 3, "cap": 3},
                                     "steps": [{"after": "1m", "priority": 1}]}]})"),
            "queues[0].steps[0].priority: has no effect: the base is as high as the cap, 3");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "steps": [{"after": "1m", "priority": 1, "reserve": 0}]}]})"),
            "queues[0].steps[0].reserve: has no effect: the step gives points and asks nobody; say whom with "
            "\"require\"");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "priority": {"base": 3155.76, "rate": 0.000001, "cap": 3155.76}}]})"),
            "");
}

TEST(PlanMistakes, FailuresThatCanRepeatAtOnceHaveAFloor) {
  const std::string why =
      " is too short; at least \"1s\" must pass, or one contact could go to one agent and back without end at one "
      "instant";
  EXPECT_EQ(InQueue(R"("outcomes": {"failed": {"again": "0s"}})"), "queues[0].outcomes.failed.again: \"0s\"" + why);
  EXPECT_EQ(InQueue(R"("outcomes": {"unreachable": {"again": "999ms"}})"),
            "queues[0].outcomes.unreachable.again: \"999ms\"" + why);
  EXPECT_EQ(
      InQueue(R"("outcomes": {"failed": {"again": "step"}})"),
      "queues[0].outcomes.failed.again: a step may open at once, and at least \"1s\" must pass between two tries of "
      "one pair; give a duration or \"never\"");
}

TEST(PlanMistakes, AnExternalQueueServesNobodyAtOnce) {
  EXPECT_EQ(InQueue(R"("max_length": 0, "offer": {"mode": "external"})"),
            "queues[0].max_length: 0 refuses every contact, for with mode \"external\" none is served at once; give at "
            "least 1, or leave it out");
  EXPECT_EQ(InQueue(R"("one_by_one": true, "offer": {"mode": "external"})"),
            "queues[0].one_by_one: the host decides with mode \"external\" who is next; leave it out");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "select": "listed", "offer": {"mode": "external"}}]})"),
            "queues[0].select: has no effect with mode \"external\", where the host chooses the agent");
}

TEST(PlanMistakes, ABroadcastHasACount) {
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "offer": {"mode": "broadcast"}}]})"),
            "queues[0].offer: mode \"broadcast\" needs \"count\", how many agents are asked at once");
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "offer": {"mode": "ring_all", "count": 2}}]})"),
            "queues[0].offer.count: belongs to mode \"broadcast\"; choose that mode or leave it out");
}

TEST(PlanMistakes, AProgressiveOfferHasADelay) {
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "offer": {"mode": "progressive"}}]})"),
            "queues[0].offer: mode \"progressive\" needs \"delay\", after which one more agent is asked");
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "offer": {"delay": "5s"}}]})"),
            "queues[0].offer.delay: belongs to mode \"progressive\"; choose that mode or leave it out");
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "offer": {"mode": "progressive", "delay": "0s"}}]})"),
            "queues[0].offer.delay: \"0s\" is out of range; allowed is \"1ns\" to \"36525d\"\n"
            "queues[0].offer: mode \"progressive\" needs \"delay\", after which one more agent is asked");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "offer": {"mode": "progressive", "delay": "20s"}}]})"),
            "queues[0].offer.delay: \"20s\" is not shorter than ring, \"20s\": an agent has stopped ringing before the "
            "next is asked, and each round begins anew; make ring longer");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "offer": {"mode": "progressive", "delay": "10s"}}]})"), "");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "offer": {"mode": "progressive", "delay": "10s"},
                                    "outcomes": {"no_answer": {"penalty": "5s"}}}]})"),
            "queues[0].outcomes.no_answer.penalty: has no effect with mode \"progressive\", where everybody would be "
            "punished at once; set offer.group_penalty to true if that is meant");
}

TEST(PlanMistakes, OnlyGroupsAskedAtOnceAreJoined) {
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "offer": {"join": true}}]})"),
            "queues[0].offer.join: belongs to modes \"ring_all\" and \"broadcast\"; choose one or leave it out");
  EXPECT_EQ(MistakesIn(R"({"queues": [{"name": "q", "offer": {"mode": "progressive", "delay": "5s", "join": true}}]})"),
            "queues[0].offer.join: mode \"progressive\" adds agents by itself; leave it out");
  EXPECT_EQ(Warnings(R"({"queues": [{"name": "q", "offer": {"mode": "ring_all", "join": true}}]})"), "");
}

TEST(PlanMistakes, RankingsNameEachQueueOnceAndLeaveSomething) {
  const auto in_profile = [](const std::string& keys) {
    return R"({"profiles": [{"name": "p", )" + keys +
           R"(}], "queues": [{"name": "sales"}, {"name": "b", "max_wait": "30s"}]})";
  };
  EXPECT_EQ(MistakesIn(in_profile(R"("queues": [{"queue": "sale"}, {"queue": "b"}, {"queue": "b", "rank": 2}])")),
            "profiles[0].queues[0].queue: unknown queue \"sale\"; did you mean \"sales\"?\n"
            "profiles[0].queues[2].queue: \"b\" is listed twice; keep one");
  EXPECT_EQ(MistakesIn(in_profile(R"("queues": [{"queue": "b", "never": true, "tier": 2}])")),
            "profiles[0].queues[0]: \"never\" leaves nothing for rank, delay or tier to say; leave them out");
  EXPECT_EQ(MistakesIn(in_profile(R"("queues": [{"queue": "b", "never": true}], "others": "never")")),
            "profiles[0].others: \"never\" and no queue listed that is not \"never\" leaves nothing to serve; list the "
            "queues that these agents serve, or leave \"others\" out");
  EXPECT_EQ(MistakesIn(in_profile(R"("queues": [{"queue": "b", "rank": 100}])")),
            "profiles[0].queues[0].rank: 100 is out of range; allowed is 1 to 99");
  std::string profiles;
  for (int i = 1; i <= 17; ++i) {
    profiles += (i == 1 ? "" : ", ") + (R"({"name": "p)" + std::to_string(i)) +
                R"(", "queues": [{"queue": "q", "delay": ")" + std::to_string(i) + R"(s"}]})";
  }
  EXPECT_EQ(MistakesIn("{\"profiles\": [" + profiles + R"(], "queues": [{"name": "q"}]})"),
            "queues[0]: the profiles give it 17 different delays; at most 16 are allowed: let profiles share some");
  EXPECT_EQ(Warnings(in_profile(R"("queues": [{"queue": "b", "delay": "30s"}])")),
            "profiles[0].queues[0].delay: no contact is ever seen: they leave the queue after its max_wait, \"30s\"");
  EXPECT_EQ(Warnings(in_profile(R"("queues": [{"queue": "b"}], "others": "never")")),
            "queues[0]: no listed agent or profile could ever serve \"sales\"");
  EXPECT_EQ(Warnings(R"({"channels": [{"name": "voice"}, {"name": "chat"}],
                         "profiles": [{"name": "p", "channels": {"voice": 1}, "queues": [{"queue": "q"}]}, {"name": "r"}],
                         "queues": [{"name": "q", "channel": "chat"}]})"),
            "profiles[0].queues[0]: has no effect, as the profile does not serve channel \"chat\"");
}

TEST(PlanMistakes, QueueThatNobodyListedCouldServeIsAWarning) {
  const std::string head =
      R"({"channels": [{"name": "voice"}, {"name": "chat", "cost": 200}], "skills": ["en", "no"], )";
  const std::string queues = R"("queues": [{"name": "q", "channel": "voice", "require": "en >= 2"},
                                           {"name": "s", "channel": "chat"}])";
  EXPECT_EQ(Warnings(head + queues + "}"), "") << "all agents may come by command";
  const std::string nobody_q = "queues[0]: no listed agent or profile could ever serve \"q\"";
  const std::string nobody_s = "queues[1]: no listed agent or profile could ever serve \"s\"";
  EXPECT_EQ(Warnings(head + R"("agents": [{"name": "A", "skills": {"en": 1}}], )" + queues + "}"),
            nobody_q + "\n" + nobody_s);
  EXPECT_EQ(Warnings(head + R"("agents": [{"name": "A", "skills": {"en": 2}, "capacity": 200}], )" + queues + "}"), "");
  EXPECT_EQ(
      Warnings(head + R"("profiles": [{"name": "p", "skills": {"en": 2}, "channels": {"voice": 1}}], )" + queues + "}"),
      nobody_s);
}

TEST(PlanMistakes, FewQueuesCountForThemselves) {
  std::string queues;
  for (int i = 0; i < 65; ++i) {
    queues +=
        (i == 0 ? "" : ", ") + std::string(R"({"select": "fewest_of_queue", "name": "q)") + std::to_string(i) + "\"}";
  }
  EXPECT_EQ(
      MistakesIn("{\"queues\": [" + queues + "]}"),
      "queues[64].select: \"fewest_of_queue\" is chosen by more than 64 queues, each of which orders the agents once "
      "more; choose \"fewest_contacts\", which counts all queues together, in some");
}

}  // namespace
}  // namespace koble::plan
