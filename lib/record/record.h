// Journal, replay and snapshot: bytes in, bytes out. Formats are described in docs/records.md.
#ifndef KOBLE_LIB_RECORD_RECORD_H_
#define KOBLE_LIB_RECORD_RECORD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "koble/koble_record.h"

namespace koble::record {

// What a journal begins with: rules version, deciding options, the plan at creation.
std::string JournalHeader(const engine::Engine& engine);

// Decodes the record at the beginning of `bytes`; `data` of the result points into it. KOBLE_ERR_CORRUPT.
int32_t Decode(std::string_view bytes, koble_journal_record* out);

// Makes an engine from a header. `options` gives journal mode, memory and memory limits; null with `code` and `message` on failure.
std::unique_ptr<engine::Engine> Open(std::string_view header, const engine::Options& options, int32_t* code,
                                     std::string* message);

// Plays records into the engine, checking number, check sum and the number of events each gave. KOBLE_OK, _CORRUPT, _DIVERGED; `replayed` counts
// the records played (kept in the engine also on failure).
int32_t Replay(engine::Engine* engine, std::string_view records, uint64_t* replayed, std::string* message);

std::string Snapshot(const engine::Engine& engine);
std::unique_ptr<engine::Engine> Restore(std::string_view snapshot, const engine::Options& options, int32_t* code,
                                        std::string* message);

}  // namespace koble::record

#endif  // KOBLE_LIB_RECORD_RECORD_H_
