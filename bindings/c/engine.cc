// koble_engine.h: making, copying and destroying one; what the last call had to say.
#include <string>

#include "handle.h"

using koble::c::Guarded;
using koble::c::GuardedValue;
using koble::c::HostMemory;
using koble::engine::Engine;

int32_t koble_engine_create(const koble_plan* plan, const koble_engine_options* options, koble_engine** engine) {
  if (engine != nullptr) *engine = nullptr;
  koble::engine::Options native;
  koble_realloc_fn function;
  void* context;
  if (plan == nullptr || engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (!koble::c::ReadOptions(options, &native, &function, &context)) return KOBLE_ERR_ARGUMENT;
  HostMemory* memory = HostMemory::Create(function, context);
  if (memory == nullptr) return KOBLE_ERR_NO_MEMORY;
  native.memory = memory;
  const int32_t code = Guarded([&]() -> int32_t {
    int32_t why = KOBLE_ERR_INTERNAL;
    std::string words;
    std::unique_ptr<Engine> made = Engine::Create(plan->plan, native, &why, &words);
    if (made == nullptr) return why == KOBLE_OK ? static_cast<int32_t>(KOBLE_ERR_INTERNAL) : why;
    *engine = koble::c::NewHandle(memory, std::move(made));
    return KOBLE_OK;
  });
  if (code != KOBLE_OK) {
    memory->Release();
    return code;
  }
  // The plan's own handle is at hand: koble_engine_plan need not make one.
  koble_plan_retain(plan);
  (*engine)->plan = plan;
  return KOBLE_OK;
}

void koble_engine_destroy(koble_engine* engine) {
  if (engine == nullptr) return;
  HostMemory* memory = engine->memory;
  koble_plan_release(engine->plan);
  engine->~koble_engine();
  memory->deallocate(engine, sizeof(koble_engine), alignof(koble_engine));
  memory->Release();
}

int32_t koble_engine_clone(const koble_engine* engine, koble_engine** clone) {
  if (clone != nullptr) *clone = nullptr;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (clone == nullptr) return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_engine_clone: `clone` is null");
  if (engine->engine->Asking()) return engine->RefuseBusy();
  engine->memory->Retain();
  const int32_t code = Guarded([&]() -> int32_t {
    *clone = koble::c::NewHandle(engine->memory, engine->engine->Clone());
    return KOBLE_OK;
  });
  if (code != KOBLE_OK) {
    engine->memory->Release();
    return engine->Refuse(code, "koble_engine_clone: %s", koble_error_text(code));
  }
  const int32_t copied = Guarded([&]() -> int32_t {
    koble::c::CopyPolicies(*engine, *clone);
    return KOBLE_OK;
  });
  if (copied == KOBLE_OK) return engine->Succeed();
  koble_engine_destroy(std::exchange(*clone, nullptr));
  return engine->Refuse(copied, "koble_engine_clone: %s", koble_error_text(copied));
}

const char* koble_engine_message(const koble_engine* engine) {
  if (engine == nullptr) return "";
  return engine->own_text ? engine->text : engine->engine->message().c_str();
}

int64_t koble_next_deadline(const koble_engine* engine) {
  return engine == nullptr ? KOBLE_NEVER : GuardedValue(KOBLE_NEVER, [&] { return engine->engine->NextDeadline(); });
}

int64_t koble_now(const koble_engine* engine) { return engine == nullptr ? 0 : engine->engine->now(); }

[[gnu::hot]] void koble_prefetch(const koble_engine* engine, koble_id contact) {
  if (engine != nullptr) engine->engine->Prefetch(contact);
}

void koble_digest(koble_engine* engine, uint64_t digest[2]) {
  if (digest == nullptr) return;
  digest[0] = digest[1] = 0;
  if (engine == nullptr || engine->engine->Asking()) return;
  Guarded([&]() -> int32_t {
    engine->engine->Digest(digest);
    return KOBLE_OK;
  });
}

const koble_plan* koble_engine_plan(const koble_engine* engine) {
  if (engine == nullptr) return nullptr;
  const auto& in_force = engine->engine->plan();
  if (engine->plan != nullptr && engine->plan->plan == in_force) return engine->plan;
  // A batch or a replayed record has put another plan in force.
  return GuardedValue(static_cast<const koble_plan*>(nullptr), [&] {
    const koble_plan* fresh = new koble_plan(in_force);
    koble_plan_release(std::exchange(engine->plan, fresh));
    return fresh;
  });
}
