// One fixed run of 200,000 commands over tests/determinism/rich.json, written once and given in several ways: whichever way it is given, on
// whatever compiler, it must end in the same digest and the same events.
#ifndef KOBLE_TESTS_DETERMINISM_FIXED_RUN_H_
#define KOBLE_TESTS_DETERMINISM_FIXED_RUN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "plan/plan.h"

namespace koble::determinism {

struct Step {
  koble_command command{};
  std::string data;
  std::vector<koble_attribute> attributes;
};

struct Fingerprint {
  uint64_t digest[2] = {0, 0};  // of the state at the end
  uint64_t events[2] = {0, 0};  // hash over every field of every event but journal_seq
  uint64_t codes = 0;           // hash over every command's code
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  std::string Text() const;
};

class FixedRun {
 public:
  // Writes the commands while an engine runs them. `source_dir` holds tests/determinism/rich.json.
  FixedRun(const std::string& source_dir, size_t commands);

  // How often each command kind succeeded, each event kind came, and each code was given (by -code).
  struct Census {
    std::vector<uint64_t> commands, events, codes;
  };
  Census Count() const;

  Fingerprint Singles() const;
  Fingerprint Batches() const;           // through the batch path of the C API, in batches of 1 to 700
  Fingerprint FromJournal() const;       // recorded, then replayed from header and records
  Fingerprint ThroughClones() const;     // every 9,973 commands the run goes on in a clone
  Fingerprint ThroughSnapshots() const;  // every 9,973 commands the run goes on in what a snapshot gives back

 private:
  std::unique_ptr<engine::Engine> Make(uint32_t journal) const;
  template <class Change>
  Fingerprint Play(Change change) const;

  std::string plan_text_;
  std::shared_ptr<const plan::Plan> plan_;
  std::vector<Step> steps_;
};

}  // namespace koble::determinism

#endif  // KOBLE_TESTS_DETERMINISM_FIXED_RUN_H_
