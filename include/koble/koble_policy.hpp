// koble_policy.hpp: policies, choices that the host makes. Part of koble.hpp, which says what holds for all of it; koble_policy.h says
// what a policy may do.
#ifndef KOBLE_KOBLE_POLICY_HPP_
#define KOBLE_KOBLE_POLICY_HPP_

#include <koble/koble_policy.h>
#include <koble/koble_base.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace koble {

// A question; valid only while it is asked.
class Choice {
 public:
  explicit Choice(const koble_choice* choice) : choice_(choice) {}
  std::uint32_t count() const { return koble_choice_count(choice_); }
  std::uint32_t queue() const { return koble_choice_queue(choice_); }
  // For queries, koble_now and the like.
  const koble_engine* engine() const { return koble_choice_engine(choice_); }
  // A candidate, or what is chosen for, by 0. Throws Error past the last.
  koble_choice_contact Contact(std::uint32_t index = 0) const {
    koble_choice_contact out = KOBLE_CHOICE_CONTACT_INIT;
    Check(koble_choice_read_contact(choice_, index, &out));
    return out;
  }
  koble_choice_agent Agent(std::uint32_t index = 0) const {
    koble_choice_agent out = KOBLE_CHOICE_AGENT_INIT;
    Check(koble_choice_read_agent(choice_, index, &out));
    return out;
  }
  std::int32_t Level(std::uint32_t index, std::uint32_t skill) const {
    return koble_choice_level(choice_, index, skill);
  }
  std::optional<std::int64_t> Attribute(std::uint32_t index, std::uint32_t key) const {
    std::int64_t value = 0;
    if (koble_choice_attribute(choice_, index, key, &value) != KOBLE_OK) return std::nullopt;
    return value;
  }

 private:
  void Check(std::int32_t code) const {
    if (code != KOBLE_OK) throw Error(code, koble_engine_message(engine()));
  }
  const koble_choice* choice_;
};

// Two functions that answer with the place of a candidate, or kDefer: none of them now. An empty one is not asked. What they throw is
// kept, and counts as a failure.
class Policy {
 public:
  static constexpr std::int32_t kDefer = KOBLE_CHOOSE_DEFER;
  using Function = std::function<std::int32_t(const Choice&)>;

  explicit Policy(Function agent, Function contact = {})
      : choose_agent_(std::move(agent)), choose_contact_(std::move(contact)) {}

  // What was thrown last, once; null.
  std::exception_ptr TakeError() { return std::exchange(error_, nullptr); }

  // As the C API takes it: the policy must live as long as it may be asked.
  koble_policy c() {
    koble_policy out = KOBLE_POLICY_INIT;
    if (choose_agent_)
      out.choose_agent = [](void* self, const koble_choice* choice) noexcept { return Ask<0>(self, choice); };
    if (choose_contact_)
      out.choose_contact = [](void* self, const koble_choice* choice) noexcept { return Ask<1>(self, choice); };
    out.context = this;
    return out;
  }

 private:
  template <int kContact>
  static std::int32_t Ask(void* context, const koble_choice* choice) noexcept {
    auto& self = *static_cast<Policy*>(context);
    try {
      return (kContact != 0 ? self.choose_contact_ : self.choose_agent_)(Choice(choice));
    } catch (...) {
      self.error_ = std::current_exception();
      return KOBLE_CHOOSE_FAILED;
    }
  }

  Function choose_agent_;
  Function choose_contact_;
  std::exception_ptr error_;
};

}  // namespace koble

#endif  // KOBLE_KOBLE_POLICY_HPP_
