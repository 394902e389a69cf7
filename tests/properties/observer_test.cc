// The observer notices: events of the reference router are falsified, and the promise that is broken must be the one noted.
#include "properties/observer.h"

#include <gtest/gtest.h>

#include <functional>

namespace koble::testing {
namespace {

using Falsify = std::function<void(const Command&, std::vector<koble_event>*)>;

// The promises found broken in the first runs, each run up to the first command with a breach.
std::vector<Promise> BrokenBy(const Falsify& falsify) {
  std::vector<Promise> broken;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    RunShape shape;
    shape.commands = 150;
    shape.default_outage = true;
    const Script script = RandomRun(seed, shape);
    int32_t code = KOBLE_OK;
    reference::Router router(plan::Load(script.plan, nullptr, &code), script.options);
    Observer observer(script);
    uint64_t serials = 0;
    for (const Command& command : script.commands) {
      Answer answer;
      router.Apply(command.command, command.data, command.attributes, &answer.result, &answer.events);
      for (const koble_event& event : answer.events) {
        if (event.kind == KOBLE_EVENT_ARRIVED) serials = event.serial;
      }
      falsify(command, &answer.events);
      koble_counts counts = {};
      counts.contacts = router.contacts().size();
      counts.agents = router.agents().size();
      counts.offers = router.offers().size();
      counts.engagements = router.engagements().size();
      counts.serials = serials;
      observer.See(command, answer, router.NextDeadline(), counts, [&](koble_id id) {
        for (const reference::Agent& agent : router.agents()) {
          if (agent.id == id) return agent.definition.name;
        }
        return std::string();
      });
      if (observer.breaches().empty()) continue;
      for (const Breach& breach : observer.breaches()) broken.push_back(breach.promise);
      break;
    }
  }
  return broken;
}

bool Contains(const std::vector<Promise>& broken, Promise promise) {
  return std::find(broken.begin(), broken.end(), promise) != broken.end();
}

// Changes the first event of a kind in every answer that has one.
Falsify First(uint32_t kind, const std::function<void(koble_event*)>& change) {
  return [=](const Command&, std::vector<koble_event>* events) {
    for (koble_event& event : *events) {
      if (event.kind == kind) return change(&event);
    }
  };
}

TEST(Observer, FindsNothingInTheTruth) {
  EXPECT_TRUE(BrokenBy([](const Command&, std::vector<koble_event>*) {}).empty());
}

TEST(Observer, NoticesALostContact) {
  const auto broken = BrokenBy([](const Command&, std::vector<koble_event>* events) {
    std::erase_if(*events, [](const koble_event& event) { return event.kind == KOBLE_EVENT_EXIT; });
  });
  EXPECT_TRUE(Contains(broken, Promise::kConservation));
}

TEST(Observer, NoticesASecondOutcome) {
  const auto broken = BrokenBy([](const Command&, std::vector<koble_event>* events) {
    for (size_t i = 0; i < events->size(); ++i) {
      if ((*events)[i].kind != KOBLE_EVENT_OUTCOME) continue;
      const koble_event twice = (*events)[i];
      events->insert(events->begin() + static_cast<std::ptrdiff_t>(i), twice);
      for (size_t later = i + 1; later < events->size(); ++later) ++(*events)[later].seq;
      return;
    }
  });
  EXPECT_TRUE(Contains(broken, Promise::kOneOutcome));
}

TEST(Observer, NoticesAnOfferTooMany) {
  // Told that the offer goes to whoever got the last one, it counts him busy.
  koble_id last = 0;
  const auto broken = BrokenBy([&](const Command&, std::vector<koble_event>* events) {
    for (koble_event& event : *events) {
      if (event.kind != KOBLE_EVENT_OFFERED) continue;
      const koble_id agent = event.agent;
      if (last != 0) event.agent = last;
      last = agent;
    }
  });
  EXPECT_TRUE(Contains(broken, Promise::kCapacity));
  EXPECT_TRUE(Contains(broken, Promise::kOrder));
}

TEST(Observer, NoticesWhoWaitsBesideAFreeAgent) {
  const auto broken = BrokenBy(First(KOBLE_EVENT_PENALISED, [](koble_event* event) {
    event->kind = KOBLE_EVENT_REQUEST_END;  // the penalty is hidden: the agent seems free
  }));
  EXPECT_TRUE(Contains(broken, Promise::kNobodyWaits));
}

TEST(Observer, NoticesEarlyAndLateTimers) {
  for (uint32_t kind : {KOBLE_EVENT_STEP, KOBLE_EVENT_PENALTY_END}) {
    EXPECT_TRUE(Contains(BrokenBy(First(kind, [](koble_event* event) { --event->due_ns; })), Promise::kTimers));
    EXPECT_TRUE(Contains(BrokenBy([&](const Command&, std::vector<koble_event>* events) {
                           for (koble_event& event : *events) {
                             if (event.kind == kind) event.kind = KOBLE_EVENT_EXHAUSTED, event.contact = 0;
                           }
                         }),
                         Promise::kTimers));
  }
}

TEST(Observer, NoticesPausesThatAreNone) {
  for (uint32_t kind : {KOBLE_EVENT_SILENT, KOBLE_EVENT_CONTINUED}) {
    EXPECT_TRUE(Contains(BrokenBy(First(kind, [](koble_event* event) { --event->due_ns; })), Promise::kSilence));
  }
  EXPECT_TRUE(
      Contains(BrokenBy(First(KOBLE_EVENT_CONTINUED, [](koble_event* event) { event->kind = KOBLE_EVENT_RETURNED; })),
               Promise::kSilence));
}

TEST(Observer, NoticesAStepThatStaysAsItIs) {
  for (uint32_t kind : {KOBLE_EVENT_STEP, KOBLE_EVENT_STEP_CLOSED}) {
    const auto broken = BrokenBy([&](const Command&, std::vector<koble_event>* events) {
      for (koble_event& event : *events) {
        if (event.kind == kind) event.kind = KOBLE_EVENT_EXHAUSTED, event.contact = 0;
      }
    });
    EXPECT_TRUE(Contains(broken, Promise::kSteps));
  }
}

TEST(Observer, NoticesWhoIsTakenOutForNoMisses) {
  const auto broken = BrokenBy(First(KOBLE_EVENT_PRESENCE, [](koble_event* event) { ++event->b; }));
  EXPECT_TRUE(Contains(broken, Promise::kMisses));
}

TEST(Observer, NoticesAPhoneThatIsAddedEarly) {
  const auto broken = BrokenBy([](const Command&, std::vector<koble_event>* events) {
    for (koble_event& event : *events) {
      const bool added = event.kind == KOBLE_EVENT_OFFERED && event.b != static_cast<int64_t>(event.offer);
      if (added) --event.due_ns;
    }
  });
  EXPECT_TRUE(Contains(broken, Promise::kGroups));
}

TEST(Observer, NoticesWhoIsPunishedByARestart) {
  const auto broken = BrokenBy([](const Command& command, std::vector<koble_event>* events) {
    if (command.command.kind != KOBLE_CMD_RESUME) return;
    for (koble_event& event : *events) {
      if (event.kind == KOBLE_EVENT_OUTCOME) event.reason = KOBLE_OUTCOME_NO_ANSWER;
    }
  });
  EXPECT_TRUE(Contains(broken, Promise::kRestart));
}

}  // namespace
}  // namespace koble::testing
