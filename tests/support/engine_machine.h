// The engine behind its C API. Whoever uses this links libkoble.
#ifndef KOBLE_TESTS_SUPPORT_ENGINE_MACHINE_H_
#define KOBLE_TESTS_SUPPORT_ENGINE_MACHINE_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "support/machine.h"

namespace koble::testing {

class EngineMachine : public Machine {
 public:
  // `run.commands` are not given yet. The allocator may be null: the C library's.
  explicit EngineMachine(const Script& run, uint32_t journal = KOBLE_JOURNAL_OFF, koble_realloc_fn realloc_fn = nullptr,
                         void* realloc_context = nullptr);
  ~EngineMachine() override;
  EngineMachine(const EngineMachine&) = delete;
  EngineMachine& operator=(const EngineMachine&) = delete;

  // A batch of one; its events are read and acknowledged.
  Answer Apply(const Command& command) override;
  // The commands from `first` to before `last` in one batch. `codes` and `ids` receive one entry for each.
  Answer ApplyBatch(const std::vector<Command>& commands, size_t first, size_t last, std::vector<int32_t>* codes,
                    std::vector<koble_id>* ids);
  int64_t NextDeadline() const override { return koble_next_deadline(engine_); }
  std::vector<koble_attribute> AttributesOf(koble_id contact) const override;
  std::vector<std::string> Symbols() const override;

  std::unique_ptr<EngineMachine> Clone() const;
  // As if restored from a snapshot: takes the ownership of `engine`.
  static std::unique_ptr<EngineMachine> Own(koble_engine* engine);
  std::array<uint64_t, 2> Digest() const;
  koble_engine* engine() const { return engine_; }

 private:
  EngineMachine() = default;
  std::vector<koble_event> ReadEvents(const koble_result& result);

  koble_engine* engine_ = nullptr;
};

}  // namespace koble::testing

#endif  // KOBLE_TESTS_SUPPORT_ENGINE_MACHINE_H_
