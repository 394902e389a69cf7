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
  Step Arrival(int64_t now);
  Step Definition(int64_t now);
  Step Of(uint32_t kind, int64_t now, koble_id target, uint32_t code = 0, int64_t a = 0);
  koble_id Pick(std::vector<koble_id>& ids);
  koble_id PickAgent(const engine::Engine& engine);

  testing::Random random_;
  const plan::Plan& plan_;
  const std::string& plan_text_;
  // Ids that events named; some have ended by now, which is as it should be.
  std::vector<koble_id> contacts_, offers_, engagements_;
  int added_ = 0;
};

}  // namespace koble::determinism

#endif  // KOBLE_TESTS_DETERMINISM_AUTHOR_H_
