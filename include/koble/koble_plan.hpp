// koble_plan.hpp: compiled plans. Part of koble.hpp, which says what holds for all of it.
#ifndef KOBLE_KOBLE_PLAN_HPP_
#define KOBLE_KOBLE_PLAN_HPP_

#include <koble/koble_base.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace koble {

// A compiled plan. Copies share it; it never changes.
class Plan {
 public:
  // Reads JSON text or the binary form. Throws Error(KOBLE_ERR_PLAN) whose what() lists every mistake with its place.
  static Plan Load(std::string_view bytes) {
    std::string report(16384, '\0');
    koble_plan* plan = nullptr;
    const std::int32_t code =
        koble_plan_load(bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), &plan, &report[0], report.size());
    report.resize(std::strlen(report.c_str()));
    if (code != KOBLE_OK) throw Error(code, report);
    return Plan(plan, std::move(report));
  }
  // Takes over one reference to a plan of the C API.
  explicit Plan(const koble_plan* adopted, std::string warnings = {})
      : plan_(adopted), warnings_(std::move(warnings)) {}
  Plan(const Plan& other) : plan_(other.plan_), warnings_(other.warnings_) { koble_plan_retain(plan_); }
  Plan(Plan&& other) noexcept : plan_(std::exchange(other.plan_, nullptr)), warnings_(std::move(other.warnings_)) {}
  Plan& operator=(Plan other) noexcept {
    std::swap(plan_, other.plan_);
    std::swap(warnings_, other.warnings_);
    return *this;
  }
  ~Plan() { koble_plan_release(plan_); }

  // What the reader found worth saying though the plan is valid; "" if nothing.
  const std::string& warnings() const { return warnings_; }

  std::uint32_t queue_count() const { return koble_plan_queue_count(plan_); }
  std::uint32_t channel_count() const { return koble_plan_channel_count(plan_); }
  std::uint32_t skill_count() const { return koble_plan_skill_count(plan_); }
  std::uint32_t agent_count() const { return koble_plan_agent_count(plan_); }
  // Names by number; "" where there is none. They live as long as the plan.
  std::string_view QueueName(std::uint32_t queue) const { return View(koble_plan_queue_name(plan_, queue)); }
  std::string_view ChannelName(std::uint32_t channel) const { return View(koble_plan_channel_name(plan_, channel)); }
  std::string_view SkillName(std::uint32_t skill) const { return View(koble_plan_skill_name(plan_, skill)); }
  std::string_view AgentName(std::uint32_t agent) const { return View(koble_plan_agent_name(plan_, agent)); }
  // Declared attributes and their symbolic values, by place in the plan; an attribute without any has integers.
  std::uint32_t attribute_count() const { return koble_plan_attribute_count(plan_); }
  std::string_view AttributeName(std::uint32_t attribute) const {
    return View(koble_plan_attribute_name(plan_, attribute));
  }
  std::uint32_t AttributeValueCount(std::uint32_t attribute) const {
    return koble_plan_attribute_value_count(plan_, attribute);
  }
  std::string_view AttributeValueName(std::uint32_t attribute, std::uint32_t value) const {
    return View(koble_plan_attribute_value_name(plan_, attribute, value));
  }
  // Numbers by name. Throws Error(KOBLE_ERR_UNKNOWN).
  std::uint32_t Queue(const std::string& name) const {
    return Number("queue", name, koble_plan_queue_find(plan_, name.c_str()));
  }
  std::uint32_t Channel(const std::string& name) const {
    return Number("channel", name, koble_plan_channel_find(plan_, name.c_str()));
  }
  koble_queue_def QueueDefinition(std::uint32_t queue) const {
    koble_queue_def out{};
    out.struct_size = sizeof(out);
    const std::int32_t code = koble_plan_queue(plan_, queue, &out);
    if (code != KOBLE_OK) throw Error(code, "the plan has no queue of that number");
    return out;
  }

  // The plan as canonical JSON or in its binary form; both load as an equal plan.
  std::string Write(PlanFormat format = PlanFormat::kJson) const {
    std::uint64_t needed = 0;
    std::int32_t code = koble_plan_write(plan_, static_cast<std::uint32_t>(format), nullptr, 0, &needed);
    std::string bytes(needed, '\0');
    if (code == KOBLE_ERR_LIMIT) {
      code = koble_plan_write(plan_, static_cast<std::uint32_t>(format), &bytes[0], bytes.size(), &needed);
    }
    if (code != KOBLE_OK) throw Error(code, "");
    return bytes;
  }
  std::pair<std::uint64_t, std::uint64_t> Hash() const {
    std::uint64_t hash[2];
    koble_plan_hash(plan_, hash);
    return {hash[0], hash[1]};
  }

  const koble_plan* get() const { return plan_; }

 private:
  static std::string_view View(const char* name) {
    return name == nullptr ? std::string_view() : std::string_view(name);
  }
  static std::uint32_t Number(const char* what, const std::string& name, std::int64_t number) {
    if (number < 0) throw Error(KOBLE_ERR_UNKNOWN, std::string("the plan has no ") + what + " \"" + name + "\"");
    return static_cast<std::uint32_t>(number);
  }

  const koble_plan* plan_;
  std::string warnings_;
};

}  // namespace koble

#endif  // KOBLE_KOBLE_PLAN_HPP_
