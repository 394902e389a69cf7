// Draws the commands of the fixed run: mostly sensible, now and then not. Integers only, so that it draws the same everywhere.
#ifndef KOBLE_TESTS_DETERMINISM_AUTHOR_H_
#define KOBLE_TESTS_DETERMINISM_AUTHOR_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "determinism/fixed_run.h"
#include "support/random.h"

namespace koble::determinism {

class Author {
 public:
  Author(uint64_t seed, const plan::Plan& plan, const std::string& plan_text)
      : random_(seed), plan_(plan), plan_text_(plan_text) {}

  Step Next(const engine::Engine& engine);
  // What the last command gave.
  void Look(std::span<const koble_event> events);

 private:
  int64_t Time(const engine::Engine& engine);
  Step Arrival(const engine::Engine& engine, int64_t now);
  void AddAttributes(Step* step);
  Step Symbol(int64_t now);
  Step HostOffer(const engine::Engine& engine, int64_t now);
  Step Skill(const engine::Engine& engine, int64_t now);
  Step Change(const engine::Engine& engine, int64_t now);
  Step Definition(int64_t now, const char* name = nullptr);
  Step Reconcile(const engine::Engine& engine, int64_t now);
  Step Of(uint32_t kind, int64_t now, koble_id target, uint32_t code = 0, int64_t a = 0);
  // A living thing of that kind, or, now and then, one that events named earlier and that may have ended.
  koble_id Pick(const engine::Engine& engine, uint32_t kind);
  koble_id PickAgent(const engine::Engine& engine) { return Pick(engine, KOBLE_KIND_AGENT); }

  koble_id PickAsking(const engine::Engine& engine);  // one with a standing request, if there is one

  testing::Random random_;
  const plan::Plan& plan_;
  const std::string& plan_text_;
  std::vector<koble_id> seen_[5];  // by kind
  int added_ = 0;
};

}  // namespace koble::determinism

#endif  // KOBLE_TESTS_DETERMINISM_AUTHOR_H_
