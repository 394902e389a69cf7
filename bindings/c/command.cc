// koble_command.h: every typed function fills the same record that a batch holds and goes the same way.
#include <vector>

#include "handle.h"

using koble::c::Guarded;
using koble::c::Sized;
using koble::c::TailIsZero;

namespace {

bool Acceptable(const koble_result* result) { return result == nullptr || Sized(result); }
// There is none, or it is of the present form: as it is most often.
inline bool IsWhole(const koble_result* result) {
  return result == nullptr || result->struct_size == sizeof(koble_result);
}

// What every command's result says where the engine was not even asked.
int32_t NotAsked(const koble_engine& engine, int32_t code, koble_result* result) {
  if (result == nullptr) return code;
  koble_result full{};
  full.code = code;
  full.event_first = engine.engine->EventsLast() + 1;
  full.time_ns = engine.engine->now();
  full.journal_seq = engine.engine->JournalLast();
  koble::c::WriteStruct(full, result);
  return code;
}

int32_t RefuseArgument(const koble_engine& engine, const char* words, koble_result* result) {
  return NotAsked(engine, engine.Refuse(KOBLE_ERR_ARGUMENT, "%s", words), result);
}

// Lets `body(result)` fill a result of the present form, whatever the size of the host's struct. (Part of every function here: a call more is not worth
// it.)
template <typename F>
[[gnu::always_inline]] inline int32_t RunWith(koble_engine* engine, koble_result* result, bool whole,
                                              const F& body) noexcept {
  engine->own_text = false;
  int32_t code;
  try {
    if (whole || result->struct_size > sizeof(koble_result)) {
      code = body(result);
    } else {
      koble_result full{};
      code = body(&full);
      koble::c::WriteStruct(full, result);
    }
    if (code != KOBLE_ERR_BUSY) return code;
    return NotAsked(*engine, engine->RefuseBusy(), result);
  } catch (const std::bad_alloc&) {
    code = KOBLE_ERR_NO_MEMORY;
  } catch (...) {
    code = KOBLE_ERR_INTERNAL;
  }
  return NotAsked(*engine, engine->Refuse(code, "%s", koble_error_text(code)), result);
}

// The same where neither has been looked at.
template <typename F>
[[gnu::always_inline]] inline int32_t Run(koble_engine* engine, koble_result* result, F&& body) noexcept {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  const bool whole = IsWhole(result);
  if (!whole && !Acceptable(result)) return engine->Refuse(KOBLE_ERR_ARGUMENT, "result: struct_size is not set");
  return RunWith(engine, result, whole, body);
}

// `command` is the engine's from here on: a copy that is read as a whole right after its parts were written would stall (docs/performance.md).
[[gnu::always_inline]] inline int32_t RunCommand(koble_engine* engine, koble_command& command, std::string_view data,
                                                 koble_result* result,
                                                 std::span<const koble_attribute> attributes = {}) {
  return Run(engine, result,
             [&](koble_result* full) { return engine->engine->Apply(command, data, attributes, full); });
}
[[gnu::always_inline]] inline int32_t RunCommand(koble_engine* engine, koble_command&& command, std::string_view data,
                                                 koble_result* result) {
  return RunCommand(engine, command, data, result);
}

koble_command Command(uint32_t kind, int64_t now_ns, koble_id target = 0, uint32_t code = 0, int64_t a = 0) {
  koble_command command{};
  command.time_ns = now_ns;
  command.kind = kind;
  command.code = code;
  command.target = target;
  command.a = a;
  return command;
}

// Whether a part of `size` at `offset` lies outside a whole of that many.
bool Outside(uint64_t offset, uint64_t size, uint64_t whole) { return size > whole || offset > whole - size; }

// An agent's definition as the command's data.
int32_t RunDefinition(koble_engine* engine, koble_command command, const void* definition, uint64_t size,
                      koble_result* result) {
  if (engine == nullptr || !Acceptable(result)) return RunCommand(engine, command, {}, result);
  if (definition == nullptr) return RefuseArgument(*engine, "`definition` is null", result);
  if (size > UINT32_MAX) return RefuseArgument(*engine, "`definition` is longer than 4 GiB", result);
  command.data_size = static_cast<uint32_t>(size);
  return RunCommand(engine, command, {static_cast<const char*>(definition), size}, result);
}

}  // namespace

int32_t koble_advance(koble_engine* engine, int64_t now_ns, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_ADVANCE, now_ns), {}, result);
}

int32_t koble_resume(koble_engine* engine, int64_t now_ns, int64_t down_since_ns, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_RESUME, now_ns, 0, 0, down_since_ns), {}, result);
}

int32_t koble_reconcile(koble_engine* engine, int64_t now_ns, const koble_id* contacts, uint64_t contact_count,
                        const koble_id* legs, uint64_t leg_count, koble_result* result) {
  constexpr uint64_t kIdsMax = uint64_t{1} << 28;  // of living things, and so of ids that make sense
  koble_command command = Command(KOBLE_CMD_RECONCILE, now_ns);
  if (engine == nullptr || !Acceptable(result)) return RunCommand(engine, command, {}, result);
  if ((contacts == nullptr && contact_count > 0) || (legs == nullptr && leg_count > 0)) {
    return RefuseArgument(*engine, "`contacts` or `legs` is null, and its count is not 0", result);
  }
  if (contact_count > kIdsMax || leg_count > kIdsMax - contact_count) {
    return RefuseArgument(*engine, "`contacts` and `legs` hold more than 2^28 ids; give each once", result);
  }
  return Run(engine, result, [&](koble_result* full) {
    std::vector<koble_id> ids(contacts, contacts + contact_count);
    ids.insert(ids.end(), legs, legs + leg_count);
    command.code = static_cast<uint32_t>(contact_count);
    command.data_size = static_cast<uint32_t>(ids.size() * sizeof(koble_id));
    return engine->engine->Apply(command, {reinterpret_cast<const char*>(ids.data()), command.data_size}, {}, full);
  });
}

int32_t koble_plan_replace(koble_engine* engine, int64_t now_ns, const koble_plan* plan, koble_result* result) {
  if (engine != nullptr && plan == nullptr && Acceptable(result)) {
    return RefuseArgument(*engine, "`plan` is null", result);
  }
  return Run(engine, result, [&](koble_result* full) { return engine->engine->ReplacePlan(now_ns, plan->plan, full); });
}

int32_t koble_agent_add(koble_engine* engine, int64_t now_ns, const void* definition, uint64_t size,
                        koble_result* result) {
  return RunDefinition(engine, Command(KOBLE_CMD_AGENT_ADD, now_ns), definition, size, result);
}

int32_t koble_agent_change(koble_engine* engine, int64_t now_ns, koble_id agent, const void* definition, uint64_t size,
                           koble_result* result) {
  return RunDefinition(engine, Command(KOBLE_CMD_AGENT_CHANGE, now_ns, agent), definition, size, result);
}

int32_t koble_agent_remove(koble_engine* engine, int64_t now_ns, koble_id agent, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_AGENT_REMOVE, now_ns, agent), {}, result);
}

int32_t koble_agent_skill(koble_engine* engine, int64_t now_ns, koble_id agent, const char* skill, int64_t level,
                          int64_t for_ns, koble_result* result) {
  koble_command command = Command(KOBLE_CMD_AGENT_SKILL, now_ns, agent, 0, level);
  command.b = for_ns;
  if (engine == nullptr || !Acceptable(result)) return RunCommand(engine, command, {}, result);
  if (skill == nullptr) return RefuseArgument(*engine, "`skill` is null", result);
  const std::string_view name(skill, strnlen(skill, 4096));  // longer than any name of a plan
  command.data_size = static_cast<uint32_t>(name.size());
  return RunCommand(engine, command, name, result);
}

int32_t koble_agent_presence(koble_engine* engine, int64_t now_ns, koble_id agent, uint32_t presence, int64_t reason,
                             koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_AGENT_PRESENCE, now_ns, agent, presence, reason), {}, result);
}

int32_t koble_agent_request(koble_engine* engine, int64_t now_ns, koble_id agent, uint32_t channels, int64_t until_ns,
                            koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_AGENT_REQUEST, now_ns, agent, channels, until_ns), {}, result);
}

int32_t koble_agent_request_cancel(koble_engine* engine, int64_t now_ns, koble_id agent, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_AGENT_REQUEST_CANCEL, now_ns, agent), {}, result);
}

namespace {

// Whether it names one queue, and says nothing beside but the host's name for it.
inline bool IsPlain(const koble_arrival* arrival) {
  if (arrival == nullptr || arrival->struct_size != sizeof(koble_arrival) || arrival->queue_count != 1) return false;
  const uint64_t more = static_cast<uint64_t>(arrival->priority) | static_cast<uint64_t>(arrival->credit_ns) |
                        static_cast<uint64_t>(arrival->agent_ns) | arrival->serial | arrival->agent |
                        arrival->attribute_count | arrival->position;
  return more == 0 && arrival->queues != nullptr;
}

// One of which anything may be said. (A function of its own: what calls it saves few registers.)
[[gnu::noinline]] int32_t Arrive(koble_engine* engine, int64_t now_ns, const koble_arrival* arrival,
                                 koble_result* result) {
  if (engine == nullptr || !Acceptable(result)) return RunCommand(engine, {}, {}, result);
  koble_arrival read;
  const koble_arrival* whole = koble::c::WholeStruct(arrival, &read);
  if (whole == nullptr) return RefuseArgument(*engine, "`arrival` is null, or its struct_size is not set", result);
  const koble_arrival& full = *whole;
  if (full.queue_count - 1u >= KOBLE_CONTACT_QUEUES_MAX || full.queues == nullptr) {
    return RefuseArgument(*engine, "`arrival` must name 1 to 8 queues", result);
  }
  if (full.attributes == nullptr && full.attribute_count > 0) {
    return RefuseArgument(*engine, "`arrival`: `attributes` is null, and its count is not 0", result);
  }
  const auto data_size = static_cast<uint32_t>((full.queue_count - 1) * sizeof(uint32_t));
  koble_command command{.time_ns = now_ns,
                        .kind = KOBLE_CMD_CONTACT_ARRIVE,
                        .code = full.position,
                        .target = full.serial,
                        .host_ref = full.host_ref,
                        .a = full.priority,
                        .b = full.credit_ns,
                        .queue = full.queues[0],
                        .data_size = data_size,
                        .data_offset = 0,
                        .attributes_offset = 0,
                        .attributes_count = full.attribute_count,
                        .reserved = 0,
                        .agent = full.agent,
                        .c = full.agent_ns};
  return RunCommand(engine, command, {reinterpret_cast<const char*>(full.queues + 1), data_size}, result,
                    {full.attributes, full.attribute_count});
}

}  // namespace

[[gnu::hot]] int32_t koble_contact_arrive(koble_engine* engine, int64_t now_ns, const koble_arrival* arrival,
                                          koble_result* result) {
  if (engine == nullptr || !IsWhole(result) || !IsPlain(arrival)) return Arrive(engine, now_ns, arrival, result);
  return RunWith(engine, result, true, [&](koble_result* out) {
    return engine->engine->ApplyArrival(now_ns, arrival->queues[0], arrival->host_ref, out);
  });
}

[[gnu::hot]] int32_t koble_contact_gone(koble_engine* engine, int64_t now_ns, koble_id contact, uint32_t by,
                                        koble_result* result) {
  return Run(engine, result, [&](koble_result* full) { return engine->engine->ApplyGone(now_ns, contact, by, full); });
}

int32_t koble_contact_change(koble_engine* engine, int64_t now_ns, koble_id contact, const koble_change* change,
                             koble_result* result) {
  koble_command command = Command(KOBLE_CMD_CONTACT_CHANGE, now_ns, contact);
  if (engine == nullptr || !Acceptable(result)) return RunCommand(engine, command, {}, result);
  koble_change full;
  if (!koble::c::ReadStruct(change, &full)) {
    return RefuseArgument(*engine, "`change` is null, or its struct_size is not set", result);
  }
  if ((full.attributes == nullptr && full.attribute_count > 0) || (full.removed == nullptr && full.removed_count > 0) ||
      full.removed_count > KOBLE_CONTACT_ATTRIBUTES_MAX) {
    return RefuseArgument(*engine, "`change`: a list is null and its count not 0, or more than 16 keys are removed",
                          result);
  }
  command.code = full.changes;
  command.a = full.priority;
  command.b = full.credit_ns;
  command.c = full.max_wait_ns;
  command.data_size = static_cast<uint32_t>(full.removed_count * sizeof(uint32_t));
  command.attributes_count = full.attribute_count;
  return RunCommand(engine, command, {reinterpret_cast<const char*>(full.removed), command.data_size}, result,
                    {full.attributes, full.attribute_count});
}

int32_t koble_offer_make(koble_engine* engine, int64_t now_ns, koble_id contact, koble_id agent, uint32_t queue,
                         uint32_t flags, koble_result* result) {
  koble_command command = Command(KOBLE_CMD_OFFER_MAKE, now_ns, contact, flags);
  command.agent = agent;
  command.queue = queue;
  return RunCommand(engine, command, {}, result);
}

int32_t koble_contact_place(koble_engine* engine, int64_t now_ns, koble_id contact, uint32_t queue, uint32_t position,
                            koble_result* result) {
  koble_command command = Command(KOBLE_CMD_CONTACT_PLACE, now_ns, contact, position);
  command.queue = queue;
  return RunCommand(engine, command, {}, result);
}

int32_t koble_offer_accept(koble_engine* engine, int64_t now_ns, koble_id offer, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_OFFER_ACCEPT, now_ns, offer), {}, result);
}

int32_t koble_offer_end(koble_engine* engine, int64_t now_ns, koble_id offer, uint32_t outcome, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_OFFER_END, now_ns, offer, outcome), {}, result);
}

int32_t koble_engagement_connected(koble_engine* engine, int64_t now_ns, koble_id engagement, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_CONNECTED, now_ns, engagement), {}, result);
}

int32_t koble_engagement_connect_failed(koble_engine* engine, int64_t now_ns, koble_id engagement,
                                        koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_CONNECT_FAILED, now_ns, engagement), {}, result);
}

int32_t koble_engagement_hold(koble_engine* engine, int64_t now_ns, koble_id engagement, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_HOLD, now_ns, engagement), {}, result);
}

int32_t koble_engagement_retrieve(koble_engine* engine, int64_t now_ns, koble_id engagement, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_RETRIEVE, now_ns, engagement), {}, result);
}

int32_t koble_engagement_wrap_up_end(koble_engine* engine, int64_t now_ns, koble_id engagement, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_WRAP_UP_END, now_ns, engagement), {}, result);
}

int32_t koble_contact_reply(koble_engine* engine, int64_t now_ns, koble_id contact, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_CONTACT_REPLY, now_ns, contact), {}, result);
}

int32_t koble_engagement_activity(koble_engine* engine, int64_t now_ns, koble_id engagement, koble_result* result) {
  return RunCommand(engine, Command(KOBLE_CMD_ENGAGEMENT_ACTIVITY, now_ns, engagement), {}, result);
}

int32_t koble_engagement_park(koble_engine* engine, int64_t now_ns, koble_id engagement, int64_t until_ns,
                              koble_result* result) {
  koble_command command = Command(KOBLE_CMD_ENGAGEMENT_PARK, now_ns, engagement);
  command.a = until_ns;
  return RunCommand(engine, command, {}, result);
}

int32_t koble_symbol_intern(koble_engine* engine, int64_t now_ns, const char* name, koble_result* result) {
  koble_command command = Command(KOBLE_CMD_SYMBOL, now_ns);
  if (engine == nullptr || !Acceptable(result)) return RunCommand(engine, command, {}, result);
  if (name == nullptr) return RefuseArgument(*engine, "`name` is null", result);
  const std::string_view text(name,
                              strnlen(name, KOBLE_SYMBOL_BYTES_MAX + 1));  // one byte too many is enough to refuse
  command.data_size = static_cast<uint32_t>(text.size());
  return RunCommand(engine, command, text, result);
}

int32_t koble_apply(koble_engine* engine, const koble_batch* batch, uint64_t* taken, koble_result* result) {
  if (taken != nullptr) *taken = 0;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (!Acceptable(result)) return engine->Refuse(KOBLE_ERR_ARGUMENT, "result: struct_size is not set");
  if (engine->engine->Asking()) return NotAsked(*engine, engine->RefuseBusy(), result);
  koble_batch full;
  if (!koble::c::ReadStruct(batch, &full)) {
    return RefuseArgument(*engine, "`batch` is null, or its struct_size is not set", result);
  }
  if (full.stride < koble::c::kFirstSize<koble_command> || full.stride > koble::c::kStructSizeMax ||
      full.stride % 8 != 0) {
    return RefuseArgument(*engine, "batch: stride must be sizeof(koble_command)", result);
  }
  if ((full.commands == nullptr && full.count > 0) || (full.data == nullptr && full.data_size > 0) ||
      (full.attributes == nullptr && full.attributes_size > 0)) {
    return RefuseArgument(*engine, "batch: `commands`, `data` or `attributes` is null", result);
  }

  koble::engine::Engine& native = *engine->engine;
  const uint64_t events_before = native.EventsLast();
  koble_result one{};
  uint32_t clamped = 0;
  int32_t code = KOBLE_OK;
  uint64_t i = 0;
  engine->Succeed();
  for (; i < full.count; ++i) {
    const auto* at = reinterpret_cast<const char*>(full.commands) + i * full.stride;
    // A slice of a host's packed array need not be aligned, and an older host's records are shorter.
    koble_command command;
    if (full.stride >= sizeof(command)) {
      std::memcpy(&command, at, sizeof(command));
    } else {
      command = koble_command{};
      std::memcpy(&command, at, full.stride);
    }
    std::string_view data;
    koble_attribute attributes[KOBLE_CONTACT_ATTRIBUTES_MAX + 1];  // one too many is enough for the engine to refuse
    uint32_t attributes_count = 0;
    int32_t got;
    one.id = 0;
    one.clamped = 0;
    one.value = 0;
    if (Outside(command.data_offset, command.data_size, full.data_size)) {
      got = engine->Refuse(KOBLE_ERR_ARGUMENT, "command %llu: its data lies outside the batch's data",
                           static_cast<unsigned long long>(i));
    } else if (Outside(command.attributes_offset, command.attributes_count, full.attributes_size)) {
      got = engine->Refuse(KOBLE_ERR_ARGUMENT, "command %llu: its attributes lie outside the batch's attributes",
                           static_cast<unsigned long long>(i));
    } else if (full.stride > sizeof(koble_command) && !TailIsZero(at, full.stride, sizeof(koble_command))) {
      got = engine->Refuse(KOBLE_ERR_ARGUMENT, "command %llu: members that this version does not know must be 0",
                           static_cast<unsigned long long>(i));
    } else {
      if (command.data_size > 0) data = {static_cast<const char*>(full.data) + command.data_offset, command.data_size};
      if (command.attributes_count > 0) {
        attributes_count = std::min(command.attributes_count, uint32_t{KOBLE_CONTACT_ATTRIBUTES_MAX + 1});
        std::memcpy(attributes, full.attributes + command.attributes_offset,
                    attributes_count * sizeof(koble_attribute));
      }
      got = Guarded([&] { return native.Apply(command, data, {attributes, attributes_count}, &one); });
      if (got != KOBLE_OK) engine->Keep(native.message());
      if (got == KOBLE_ERR_FULL) {  // not taken: to be given again
        code = got;
        break;
      }
      clamped |= one.clamped;
    }
    if (full.codes != nullptr) full.codes[i] = got;
    if (full.ids != nullptr) full.ids[i] = one.id;
  }
  if (taken != nullptr) *taken = i;
  if (result != nullptr) {
    koble_result whole{};
    whole.code = code;
    whole.id = one.id;
    whole.event_first = events_before + 1;
    whole.event_count = native.EventsLast() - events_before;
    whole.time_ns = native.now();
    whole.clamped = clamped;
    whole.journal_seq = native.JournalLast();
    whole.value = one.value;
    koble::c::WriteStruct(whole, result);
  }
  return code;
}

const char* koble_change_name(uint32_t change) { return koble::engine::ChangeName(change); }
const char* koble_command_name(uint32_t kind) { return koble::engine::CommandName(kind); }
