// koble_event.h and koble_query.h.
#include "handle.h"

using koble::c::Guarded;
using koble::c::GuardedValue;

namespace {

// Fills a struct of the host by `ask(full)`, or leaves it as it is and keeps the words of the refusal.
template <typename T, typename F>
int32_t Query(const koble_engine* engine, const char* what, uint64_t which, T* out, F&& ask) noexcept {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (!koble::c::Sized(out)) return engine->Refuse(KOBLE_ERR_ARGUMENT, "%s: `out` is null or not sized", what);
  T full{};
  const int32_t code = Guarded([&] { return ask(*engine->engine, &full); });
  if (code != KOBLE_OK) {
    return engine->Refuse(code, "%s 0x%016llx: %s", what, static_cast<unsigned long long>(which),
                          koble_error_text(code));
  }
  koble::c::WriteStruct(full, out);
  return engine->Succeed();
}

// The kept events from number `seq` on.
inline int32_t KeptFrom(const koble_engine& engine, uint64_t seq, const koble_event** first, uint64_t* count) {
  if (engine.engine->EventsFrom(seq, first, count)) return engine.Succeed();
  return engine.Refuse(KOBLE_ERR_GONE, "events before %llu have been acknowledged",
                       static_cast<unsigned long long>(engine.engine->EventsFirst()));
}

// Whether a host that knows events of *stride bytes can read ours where they lie, and what it gives is complete.
inline bool MayLend(const koble_engine* engine, uint64_t seq, const koble_event** events, const uint32_t* stride,
                    const uint64_t* count) {
  return engine != nullptr && seq != 0 && events != nullptr && stride != nullptr && count != nullptr &&
         *stride - sizeof(uint64_t) <= sizeof(koble_event) - sizeof(uint64_t);
}

[[gnu::cold]] int32_t RefuseToLend(const koble_engine* engine, const koble_event** events, const uint32_t* stride,
                                   uint64_t* count) {
  if (events != nullptr) *events = nullptr;
  if (count != nullptr) *count = 0;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (events == nullptr || stride == nullptr || count == nullptr) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_events_view, koble_events_take: no pointer is null");
  }
  if (*stride >= sizeof(uint64_t) && *stride <= sizeof(koble_event)) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_events_view: `seq` counts from 1");
  }
  return engine->Refuse(KOBLE_ERR_ARGUMENT,
                        "koble_events_view, koble_events_take: *stride is %u; set it to sizeof(koble_event), which is "
                        "at most %u in this library, or use koble_events_read",
                        *stride, static_cast<uint32_t>(sizeof(koble_event)));
}

}  // namespace

const char* koble_event_name(uint32_t kind) { return koble::engine::EventName(kind); }
const char* koble_reason_name(uint32_t event_kind, uint32_t reason) {
  return koble::engine::ReasonName(event_kind, reason);
}

int32_t koble_events_read(const koble_engine* engine, uint64_t seq, koble_event* events, uint32_t stride,
                          uint64_t capacity, uint64_t* count) {
  if (count != nullptr) *count = 0;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (count == nullptr || (events == nullptr && capacity > 0) || stride < sizeof(uint64_t) || seq == 0) {
    return engine->Refuse(
        KOBLE_ERR_ARGUMENT,
        "koble_events_read: `seq` counts from 1, `stride` is sizeof(koble_event), and no pointer is null");
  }
  const koble_event* kept = nullptr;
  uint64_t kept_count = 0;
  if (const int32_t code = KeptFrom(*engine, seq, &kept, &kept_count); code != KOBLE_OK) return code;
  const uint64_t number = std::min(kept_count, capacity);
  if (stride == sizeof(koble_event)) {
    if (number > 0) std::memcpy(events, kept, number * sizeof(koble_event));
  } else {
    const size_t size = std::min<size_t>(stride, sizeof(koble_event));
    for (uint64_t i = 0; i < number; ++i) {
      std::memcpy(reinterpret_cast<char*>(events) + i * stride, &kept[i], size);
    }
  }
  *count = number;
  return KOBLE_OK;
}

[[gnu::hot]] int32_t koble_events_view(const koble_engine* engine, uint64_t seq, const koble_event** events,
                                       uint32_t* stride, uint64_t* count) {
  if (!MayLend(engine, seq, events, stride, count)) return RefuseToLend(engine, events, stride, count);
  *events = nullptr;
  *count = 0;
  *stride = sizeof(koble_event);
  return KeptFrom(*engine, seq, events, count);
}

[[gnu::hot]] int32_t koble_events_take(koble_engine* engine, const koble_event** events, uint32_t* stride,
                                       uint64_t* count) {
  if (!MayLend(engine, 1, events, stride, count)) return RefuseToLend(engine, events, stride, count);
  std::span<const koble_event> kept;
  const bool taken = engine->engine->TakeEvents(&kept);
  *events = kept.data();
  *stride = sizeof(koble_event);
  *count = kept.size();
  return taken ? engine->Succeed() : engine->RefuseBusy();
}

int32_t koble_events_acknowledge(koble_engine* engine, uint64_t seq) {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (engine->engine->Asking()) return engine->RefuseBusy();
  const int32_t code = Guarded([&] { return engine->engine->AcknowledgeEvents(seq); });
  if (code == KOBLE_OK) return engine->Succeed();
  return engine->Refuse(code, "event %llu cannot be acknowledged: %s", static_cast<unsigned long long>(seq),
                        koble_error_text(code));
}

uint64_t koble_events_first(const koble_engine* engine) {
  return engine == nullptr ? 1 : engine->engine->EventsFirst();
}
uint64_t koble_events_last(const koble_engine* engine) { return engine == nullptr ? 0 : engine->engine->EventsLast(); }

koble_id koble_agent_find(const koble_engine* engine, const char* name) {
  if (engine == nullptr || name == nullptr) return 0;
  return GuardedValue(koble_id{0}, [&] { return engine->engine->FindAgent(name); });
}

const char* koble_agent_name(const koble_engine* engine, koble_id agent) {
  if (engine == nullptr) return nullptr;
  return GuardedValue(static_cast<const char*>(nullptr), [&] { return engine->engine->AgentName(agent); });
}

int32_t koble_contact(const koble_engine* engine, koble_id contact, koble_contact_info* out) {
  return Query(engine, "contact", contact, out, [&](const auto& e, auto* full) { return e.Contact(contact, full); });
}

int32_t koble_contact_attributes(const koble_engine* engine, koble_id contact, koble_attribute* out, uint64_t capacity,
                                 uint64_t* count) {
  if (count != nullptr) *count = 0;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (count == nullptr || (out == nullptr && capacity > 0)) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_contact_attributes: `out` or `count` is null");
  }
  const int32_t code = engine->engine->ContactAttributes(contact, {out, static_cast<size_t>(capacity)}, count);
  if (code == KOBLE_OK) return engine->Succeed();
  return engine->Refuse(code, "contact 0x%016llx: %s", static_cast<unsigned long long>(contact),
                        koble_error_text(code));
}

int32_t koble_agent_skills(const koble_engine* engine, koble_id agent, koble_skill* out, uint64_t capacity,
                           uint64_t* count) {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (count == nullptr || (out == nullptr && capacity > 0)) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT, "`count` is null, or `out` is and its capacity is not 0");
  }
  const int32_t code = engine->engine->AgentSkills(agent, {out, static_cast<size_t>(capacity)}, count);
  if (code == KOBLE_OK) return engine->Succeed();
  return engine->Refuse(code, "agent 0x%016llx: %s", static_cast<unsigned long long>(agent), koble_error_text(code));
}

uint32_t koble_symbol_count(const koble_engine* engine) {
  return engine == nullptr ? 0 : engine->engine->SymbolCount();
}

uint32_t koble_symbol_find(const koble_engine* engine, const char* name) {
  return engine == nullptr || name == nullptr ? 0 : engine->engine->FindSymbol(name);
}

const char* koble_symbol_name(const koble_engine* engine, int64_t number) {
  return engine == nullptr ? nullptr : engine->engine->SymbolName(number);
}

int32_t koble_agent(const koble_engine* engine, koble_id agent, koble_agent_info* out) {
  return Query(engine, "agent", agent, out, [&](const auto& e, auto* full) { return e.Agent(agent, full); });
}

int32_t koble_offer(const koble_engine* engine, koble_id offer, koble_offer_info* out) {
  return Query(engine, "offer", offer, out, [&](const auto& e, auto* full) { return e.Offer(offer, full); });
}

int32_t koble_engagement(const koble_engine* engine, koble_id engagement, koble_engagement_info* out) {
  return Query(engine, "engagement", engagement, out,
               [&](const auto& e, auto* full) { return e.Engagement(engagement, full); });
}

int32_t koble_count(const koble_engine* engine, koble_counts* out) {
  return Query(engine, "counts", 0, out, [](const auto& e, auto* full) {
    e.Count(full);
    return static_cast<int32_t>(KOBLE_OK);
  });
}

int32_t koble_queue_waiting(const koble_engine* engine, uint32_t queue, uint64_t* waiting) {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (waiting == nullptr) return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_queue_waiting: `waiting` is null");
  uint64_t number = 0;
  const int32_t code = Guarded([&] { return engine->engine->QueueWaiting(queue, &number); });
  if (code != KOBLE_OK) return engine->Refuse(code, "queue %u: %s", queue, koble_error_text(code));
  *waiting = number;
  return engine->Succeed();
}

int32_t koble_list(const koble_engine* engine, uint32_t kind, koble_id* ids, uint64_t capacity, uint64_t* count) {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (count == nullptr || (ids == nullptr && capacity > 0) || kind < KOBLE_KIND_CONTACT ||
      kind > KOBLE_KIND_ENGAGEMENT) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_list: `kind` is a KOBLE_KIND_, and no pointer is null");
  }
  return Guarded([&] {
    *count = engine->engine->List(kind, {ids, static_cast<size_t>(capacity)});
    return engine->Succeed();
  });
}
