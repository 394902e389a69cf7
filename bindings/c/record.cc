// koble_record.h: the journal, replay, snapshots.
#include "record/record.h"

#include <string>

#include "handle.h"

using koble::c::CopyOut;
using koble::c::Guarded;
using koble::c::HostMemory;
using koble::engine::Engine;

namespace {

bool Bytes(const void* bytes, uint64_t size) {
  return (bytes != nullptr || size == 0) && size <= static_cast<uint64_t>(PTRDIFF_MAX);
}
std::string_view View(const void* bytes, uint64_t size) {
  return size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(bytes), size);
}

// Ends a call that writes what `make` gives into a buffer of the host.
template <typename F>
int32_t WriteOut(const koble_engine* engine, const char* what, void* buffer, uint64_t size, uint64_t* needed,
                 F&& make) {
  if (needed != nullptr) *needed = 0;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (engine->engine->Asking()) return engine->RefuseBusy();
  if (buffer == nullptr && size > 0) return engine->Refuse(KOBLE_ERR_ARGUMENT, "%s: `buffer` is null", what);
  const int32_t code = Guarded([&] { return CopyOut(make(), buffer, size, needed); });
  return code == KOBLE_OK ? engine->Succeed() : engine->Refuse(code, "%s: %s", what, koble_error_text(code));
}

// Makes an engine by `open(options, code, words)` and wraps it.
template <typename F>
int32_t Make(const koble_engine_options* options, koble_engine** engine, F&& open) {
  koble::engine::Options native;
  koble_realloc_fn function;
  void* context;
  if (!koble::c::ReadOptions(options, &native, &function, &context)) return KOBLE_ERR_ARGUMENT;
  HostMemory* memory = HostMemory::Create(function, context);
  if (memory == nullptr) return KOBLE_ERR_NO_MEMORY;
  native.memory = memory;
  const int32_t code = Guarded([&]() -> int32_t {
    int32_t why = KOBLE_ERR_INTERNAL;
    std::string words;
    std::unique_ptr<Engine> made = open(native, &why, &words);
    if (made == nullptr) return why == KOBLE_OK ? static_cast<int32_t>(KOBLE_ERR_INTERNAL) : why;
    *engine = koble::c::NewHandle(memory, std::move(made));
    return KOBLE_OK;
  });
  if (code != KOBLE_OK) memory->Release();
  return code;
}

int32_t Play(koble_engine* engine, std::string_view records, uint64_t* replayed) {
  if (engine->engine->Asking()) return engine->RefuseBusy();
  uint64_t played = 0;
  std::string words;
  const int32_t code = Guarded([&] { return koble::record::Replay(engine->engine.get(), records, &played, &words); });
  if (replayed != nullptr) *replayed = played;
  if (code == KOBLE_OK) return engine->Succeed();
  engine->Keep(words.empty() ? koble_error_text(code) : words);
  return code;
}

}  // namespace

int32_t koble_journal_header(const koble_engine* engine, void* buffer, uint64_t size, uint64_t* needed) {
  return WriteOut(engine, "koble_journal_header", buffer, size, needed,
                  [&] { return koble::record::JournalHeader(*engine->engine); });
}

uint64_t koble_journal_first(const koble_engine* engine) {
  return engine == nullptr ? 1 : engine->engine->JournalFirst();
}
uint64_t koble_journal_last(const koble_engine* engine) {
  return engine == nullptr ? 0 : engine->engine->JournalLast();
}

int32_t koble_journal_read(const koble_engine* engine, uint64_t seq, void* buffer, uint64_t size, uint64_t* written,
                           uint64_t* next) {
  if (written != nullptr) *written = 0;
  if (next != nullptr) *next = seq;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (written == nullptr || next == nullptr || (buffer == nullptr && size > 0) || seq == 0) {
    return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_journal_read: `seq` counts from 1, and no pointer is null");
  }
  const Engine& native = *engine->engine;
  if (native.options().journal == KOBLE_JOURNAL_OFF) {
    return engine->Refuse(KOBLE_ERR_STATE, "the journal is off: choose a mode when the engine is made");
  }
  if (seq < native.JournalFirst()) {
    return engine->Refuse(KOBLE_ERR_GONE, "records before %llu have been acknowledged",
                          static_cast<unsigned long long>(native.JournalFirst()));
  }
  return Guarded([&]() -> int32_t {
    if (seq > native.JournalLast()) return engine->Succeed();
    const std::string_view kept = native.JournalBytes(seq);
    uint64_t end = 0;
    uint64_t number = seq;
    while (end < kept.size()) {
      koble_journal_record record{};
      record.struct_size = sizeof(record);
      const int32_t code = koble::record::Decode(kept.substr(end), &record);
      if (code != KOBLE_OK) return engine->Refuse(KOBLE_ERR_INTERNAL, "the kept journal is damaged");
      if (record.size > size - end) {
        if (end > 0) break;
        *written = record.size;
        return engine->Refuse(KOBLE_ERR_LIMIT, "record %llu needs %u bytes", static_cast<unsigned long long>(seq),
                              record.size);
      }
      end += record.size;
      ++number;
    }
    if (end > 0) std::memcpy(buffer, kept.data(), end);
    *written = end;
    *next = number;
    return engine->Succeed();
  });
}

int32_t koble_journal_acknowledge(koble_engine* engine, uint64_t seq) {
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (engine->engine->Asking()) return engine->RefuseBusy();
  const int32_t code = Guarded([&] { return engine->engine->AcknowledgeJournal(seq); });
  if (code == KOBLE_OK) return engine->Succeed();
  return engine->Refuse(code, "record %llu cannot be acknowledged: %s", static_cast<unsigned long long>(seq),
                        koble_error_text(code));
}

int32_t koble_replay(const void* header, uint64_t header_size, const void* records, uint64_t records_size,
                     const koble_engine_options* options, koble_engine** engine, uint64_t* replayed) {
  if (engine != nullptr) *engine = nullptr;
  if (replayed != nullptr) *replayed = 0;
  if (engine == nullptr || header == nullptr || !Bytes(header, header_size) || !Bytes(records, records_size)) {
    return KOBLE_ERR_ARGUMENT;
  }
  const int32_t code =
      Make(options, engine, [&](const koble::engine::Options& native, int32_t* why, std::string* words) {
        return koble::record::Open(View(header, header_size), native, why, words);
      });
  if (code != KOBLE_OK) return code;
  return Play(*engine, View(records, records_size), replayed);
}

int32_t koble_journal_apply(koble_engine* engine, const void* records, uint64_t size, uint64_t* replayed) {
  if (replayed != nullptr) *replayed = 0;
  if (engine == nullptr) return KOBLE_ERR_ARGUMENT;
  if (!Bytes(records, size)) return engine->Refuse(KOBLE_ERR_ARGUMENT, "koble_journal_apply: `records` is null");
  return Play(engine, View(records, size), replayed);
}

int32_t koble_journal_decode(const void* bytes, uint64_t size, koble_journal_record* out) {
  if (bytes == nullptr || !Bytes(bytes, size) || !koble::c::Sized(out)) return KOBLE_ERR_ARGUMENT;
  return Guarded([&]() -> int32_t {
    koble_journal_record full{};
    full.struct_size = sizeof(full);
    const int32_t code = koble::record::Decode(View(bytes, size), &full);
    if (code != KOBLE_OK) return code;
    koble::c::WriteStruct(full, out);
    return KOBLE_OK;
  });
}

int32_t koble_snapshot_write(const koble_engine* engine, void* buffer, uint64_t size, uint64_t* needed) {
  return WriteOut(engine, "koble_snapshot_write", buffer, size, needed,
                  [&] { return koble::record::Snapshot(*engine->engine); });
}

int32_t koble_snapshot_restore(const void* bytes, uint64_t size, const koble_engine_options* options,
                               koble_engine** engine) {
  if (engine != nullptr) *engine = nullptr;
  if (engine == nullptr || bytes == nullptr || !Bytes(bytes, size)) return KOBLE_ERR_ARGUMENT;
  return Make(options, engine, [&](const koble::engine::Options& native, int32_t* why, std::string* words) {
    return koble::record::Restore(View(bytes, size), native, why, words);
  });
}
