// What the plan in force has of what lets a change go further than from those who seek to an offer for each. Most plans have little or nothing of it,
// and then one look (`any`) tells what a dozen would.
#ifndef KOBLE_LIB_ENGINE_FEATURES_H_
#define KOBLE_LIB_ENGINE_FEATURES_H_

#include <algorithm>

#include "plan/plan.h"

namespace koble::engine {

struct Features {
  bool group_modes = false;  // queues that ask several at once
  bool growing = false;      // or one after the other, or let others join
  bool lists = false;        // or such that draw lots: candidates are listed
  bool reserves = false;     // and such that keep agents free
  bool policies = false;     // the host chooses
  bool judges = false;  // whether contacts are let in, let go or helped goes by the state, or they have their turns
  bool any = false;     // of these
};

inline Features FeaturesOf(const plan::Plan& plan) {
  const auto some = [&](auto has) { return std::any_of(plan.queues.begin(), plan.queues.end(), has); };
  Features f;
  f.group_modes = some([](const plan::Queue& queue) { return plan::AsksSeveral(queue.mode); });
  f.growing = some([](const plan::Queue& queue) { return queue.mode == plan::OfferMode::kProgressive || queue.join; });
  f.lists = f.group_modes || some([](const plan::Queue& queue) { return plan::IsRandom(queue.select); });
  f.reserves = some([](const plan::Queue& queue) {
    return std::any_of(queue.steps.begin(), queue.steps.end(),
                       [](const plan::Step& step) { return step.reserve != 0; });
  });
  f.policies = !plan.policies.empty();
  f.judges = some([](const plan::Queue& queue) {
    return queue.one_by_one || queue.JudgesState() || queue.refuse != plan::kNoCondition;
  });
  f.any = f.group_modes || f.growing || f.lists || f.reserves || f.policies || f.judges;
  return f;
}

}  // namespace koble::engine

#endif  // KOBLE_LIB_ENGINE_FEATURES_H_
