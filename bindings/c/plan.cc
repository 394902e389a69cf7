// koble_base.h and koble_plan.h.
#include <string>

#include "handle.h"

using koble::c::CopyOut;
using koble::c::Guarded;
using koble::c::GuardedValue;
using koble::plan::Plan;

namespace {

// As much of the text as fits, cut between two characters.
void Report(std::string_view text, char* report, uint64_t size) {
  if (report == nullptr || size == 0) return;
  uint64_t count = std::min<uint64_t>(text.size(), size - 1);
  if (count < text.size()) {
    while (count > 0 && (static_cast<unsigned char>(text[count]) & 0xc0) == 0x80) --count;
  }
  if (count > 0) std::memcpy(report, text.data(), count);
  report[count] = '\0';
}

template <typename T>
const char* NameOf(const std::vector<T>& things, uint32_t number) {
  return number < things.size() ? things[number].name.c_str() : nullptr;
}

template <typename F>
int64_t Find(const koble_plan* plan, const char* name, F&& find) {
  if (plan == nullptr || name == nullptr) return -1;
  return GuardedValue(int64_t{-1}, [&] {
    const std::optional<uint32_t> number = find(*plan->plan, name);
    return number.has_value() ? int64_t{*number} : int64_t{-1};
  });
}

}  // namespace

const char* koble_version(void) { return KOBLE_VERSION_STRING; }
uint32_t koble_abi_version(void) { return KOBLE_ABI_VERSION; }
uint32_t koble_rules_version(void) { return KOBLE_RULES_VERSION; }

const char* koble_error_name(int32_t code) { return koble::engine::ErrorName(code); }
const char* koble_error_text(int32_t code) { return koble::engine::ErrorText(code); }

int32_t koble_plan_load(const void* bytes, uint64_t size, koble_plan** plan, char* report, uint64_t report_size) {
  if (plan != nullptr) *plan = nullptr;
  Report("", report, report_size);
  if (bytes == nullptr || plan == nullptr || (report == nullptr && report_size > 0)) return KOBLE_ERR_ARGUMENT;
  if (size > static_cast<uint64_t>(PTRDIFF_MAX)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    std::string words;
    int32_t code = KOBLE_ERR_INTERNAL;
    std::shared_ptr<const Plan> compiled = koble::plan::Load({static_cast<const char*>(bytes), size}, &words, &code);
    Report(words, report, report_size);
    if (compiled == nullptr) return code == KOBLE_OK ? static_cast<int32_t>(KOBLE_ERR_INTERNAL) : code;
    *plan = new koble_plan(std::move(compiled));
    return static_cast<int32_t>(KOBLE_OK);
  });
}

void koble_plan_retain(const koble_plan* plan) {
  if (plan != nullptr) plan->references.fetch_add(1, std::memory_order_relaxed);
}

void koble_plan_release(const koble_plan* plan) {
  if (plan != nullptr && plan->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete plan;
}

int32_t koble_plan_write(const koble_plan* plan, uint32_t format, void* buffer, uint64_t size, uint64_t* needed) {
  if (plan == nullptr || (buffer == nullptr && size > 0)) return KOBLE_ERR_ARGUMENT;
  if (format != KOBLE_PLAN_JSON && format != KOBLE_PLAN_BINARY) return KOBLE_ERR_ARGUMENT;
  return Guarded([&] {
    if (format == KOBLE_PLAN_BINARY) return CopyOut(plan->plan->binary, buffer, size, needed);
    return CopyOut(koble::plan::ToJson(*plan->plan), buffer, size, needed);
  });
}

void koble_plan_hash(const koble_plan* plan, uint64_t hash[2]) {
  if (hash == nullptr) return;
  hash[0] = plan == nullptr ? 0 : plan->plan->hash[0];
  hash[1] = plan == nullptr ? 0 : plan->plan->hash[1];
}

const char* koble_plan_schema(void) {
  return GuardedValue("", [] { return koble::plan::Schema().c_str(); });
}

uint32_t koble_plan_queue_count(const koble_plan* plan) { return plan == nullptr ? 0 : plan->plan->queue_count; }
uint32_t koble_plan_channel_count(const koble_plan* plan) { return plan == nullptr ? 0 : plan->plan->channel_count; }
uint32_t koble_plan_skill_count(const koble_plan* plan) {
  return plan == nullptr ? 0 : static_cast<uint32_t>(plan->plan->skills.size());
}
uint32_t koble_plan_agent_count(const koble_plan* plan) {
  return plan == nullptr ? 0 : static_cast<uint32_t>(plan->plan->agents.size());
}

uint32_t koble_plan_attribute_count(const koble_plan* plan) {
  return plan == nullptr ? 0 : static_cast<uint32_t>(plan->plan->attributes.size());
}
uint32_t koble_plan_attribute_value_count(const koble_plan* plan, uint32_t attribute) {
  if (plan == nullptr || attribute >= plan->plan->attributes.size()) return 0;
  return static_cast<uint32_t>(plan->plan->attributes[attribute].values.size());
}

const char* koble_plan_attribute_name(const koble_plan* plan, uint32_t attribute) {
  return plan == nullptr ? nullptr : NameOf(plan->plan->attributes, attribute);
}
const char* koble_plan_attribute_value_name(const koble_plan* plan, uint32_t attribute, uint32_t value) {
  if (value >= koble_plan_attribute_value_count(plan, attribute)) return nullptr;
  return plan->plan->attributes[attribute].values[value].c_str();
}

const char* koble_plan_queue_name(const koble_plan* plan, uint32_t queue) {
  return plan == nullptr ? nullptr : NameOf(plan->plan->queues, queue);
}
const char* koble_plan_channel_name(const koble_plan* plan, uint32_t channel) {
  return plan == nullptr || channel >= plan->plan->channel_count ? nullptr : plan->plan->channels[channel].name.c_str();
}
const char* koble_plan_skill_name(const koble_plan* plan, uint32_t skill) {
  if (plan == nullptr || skill >= plan->plan->skills.size()) return nullptr;
  return plan->plan->skills[skill].c_str();
}
const char* koble_plan_agent_name(const koble_plan* plan, uint32_t agent) {
  return plan == nullptr ? nullptr : NameOf(plan->plan->agents, agent);
}

int64_t koble_plan_queue_find(const koble_plan* plan, const char* name) {
  return Find(plan, name, [](const Plan& p, std::string_view n) { return p.FindQueue(n); });
}
int64_t koble_plan_channel_find(const koble_plan* plan, const char* name) {
  return Find(plan, name, [](const Plan& p, std::string_view n) { return p.FindChannel(n); });
}

int32_t koble_plan_queue(const koble_plan* plan, uint32_t queue, koble_queue_def* out) {
  if (plan == nullptr || !koble::c::Sized(out)) return KOBLE_ERR_ARGUMENT;
  if (queue >= plan->plan->queue_count) return KOBLE_ERR_UNKNOWN;
  const koble::plan::Queue& from = plan->plan->queues[queue];
  koble_queue_def full{};
  full.channel = plan->plan->channels[from.channel].channel;
  full.max_wait_ns = from.max_wait_ns;
  full.max_length = from.max_length;
  full.target_within_ns = from.target_within_ns;
  full.target_share_ppm = from.target_share_ppm;
  koble::c::WriteStruct(full, out);
  return KOBLE_OK;
}
