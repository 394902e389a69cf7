// Writes random runs: random_run.cc decides what is done when and to whom, random_commands.cc writes each command.
#ifndef KOBLE_TESTS_SUPPORT_RUN_AUTHOR_H_
#define KOBLE_TESTS_SUPPORT_RUN_AUTHOR_H_

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "support/random_run.h"

namespace koble::testing {

class RunAuthor {
 public:
  RunAuthor(uint64_t seed, const RunShape& shape) : random_(seed), shape_(shape) {}

  Script Write();

 private:
  static constexpr int64_t kSecond = 1'000'000'000;

  void ChooseOptions();
  void Step();
  void Remember(koble_id id);
  int64_t Time();
  size_t Count(bool (*matches)(const reference::Engagement&)) const;
  uint32_t Kind();
  koble_id MadeUp();
  koble_id InState(uint32_t state);
  koble_id Agent();
  void Spoil(Command* out);

  // One of the living that `suits`; rarely any living one, one that has ended, or an id that never was.
  template <typename List, typename Suits>
  koble_id Target(const List& list, Suits suits) {
    if (shape_.hostile && random_.Percent(7)) return MadeUp();
    const bool any = random_.Percent(8);
    std::vector<koble_id> ids;
    for (const auto& one : list) {
      if (any || suits(one)) ids.push_back(one.id);
    }
    if (!ids.empty()) return random_.Of(ids);
    return shape_.hostile || list.empty() ? MadeUp() : list.front().id;
  }

  // random_commands.cc
  void Fill(Command* out);
  void FillParking(koble_command* command);
  void FillHostOffer(koble_command* command);
  void FillReconcile(Command* out);
  void FillPlan(Command* out);
  void FillAgentAdd(Command* out);
  void FillAgentChange(Command* out);
  void FillPresence(Command* out);
  void FillRequest(Command* out);
  void FillArrival(Command* out);
  void NameAgent(koble_command* command);
  void GiveSerial(koble_command* command);
  void FillAttributes(Command* out);
  void GiveDeclared(const plan::Attribute& declared, const Command& out, koble_attribute* attribute);
  void FillChange(Command* out);
  void FillSkill(Command* out);
  void FillPlace(Command* out);
  void RemoveAttributes(Command* out);
  void FillSymbol(Command* out);

  Random random_;
  RunShape shape_;
  Script run_;
  PlanText plan_text_;       // in force
  PlanText next_plan_text_;  // of the last PLAN_REPLACE
  std::unique_ptr<reference::Router> router_;
  std::vector<koble_id> seen_;
  size_t burst_left_ = 0;
  int64_t time_ = 0;
  uint32_t kind_ = KOBLE_CMD_ADVANCE;
};

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_RUN_AUTHOR_H_
