/* koble_record.h: the journal, replay, snapshots.
 *
 * Purpose.   Nothing accepted is lost: a header and a journal, or a snapshot and the journal after it, rebuild an engine with
 *            the same digest and the same events. Bytes in, bytes out; where they are kept is the host's business.
 * Durability. No event may be acted on before the records up to its journal_seq are durable, where durability is wanted.
 * Format.    Little-endian, the same on every machine; every record carries its number, its length and a check sum.
 * Threads.   As in koble.h: all calls on one engine are exclusive.
 */
#ifndef KOBLE_KOBLE_RECORD_H_
#define KOBLE_KOBLE_RECORD_H_

#include <koble/koble.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes what a journal begins with: rules version, options that decide behaviour (seed, start, limits) and the plan at creation.
 * *needed receives the size in bytes; where `size` is less nothing is written and KOBLE_ERR_LIMIT returned. */
KOBLE_API int32_t koble_journal_header(const koble_engine* engine, void* buffer, uint64_t size, uint64_t* needed);
/* Numbers of the oldest kept and the newest record; first is last + 1 where none is kept. Both 0 and 1 where the mode is off. */
KOBLE_API uint64_t koble_journal_first(const koble_engine* engine);
KOBLE_API uint64_t koble_journal_last(const koble_engine* engine);
/* Copies whole records from number `seq` on, as many as fit. *written: bytes; *next: the number to ask for next.
 * KOBLE_ERR_GONE if seq was acknowledged; KOBLE_ERR_LIMIT if not even one fits (*written then says what one needs);
 * KOBLE_ERR_STATE where the mode is off. */
KOBLE_API int32_t koble_journal_read(const koble_engine* engine, uint64_t seq, void* buffer, uint64_t size,
                                     uint64_t* written, uint64_t* next);
/* Records up to and including `seq` are durable. In the bounded mode this frees their room; keep-all keeps them. */
KOBLE_API int32_t koble_journal_acknowledge(koble_engine* engine, uint64_t seq);

/* Makes an engine from a header and plays `records` (whole records, in order; may be null with size 0) into it. `options` (may be
 * null) sets journal mode, limits on memory and allocator of the new engine; what decides behaviour comes from the header.
 * KOBLE_ERR_CORRUPT, _VERSION, _DIVERGED; *replayed (may be null) receives how many records were played, so that a host can
 * cut a torn tail: on KOBLE_ERR_CORRUPT *engine is set where at least the header was good, and holds the state after
 * the last good record. */
KOBLE_API int32_t koble_replay(const void* header, uint64_t header_size, const void* records, uint64_t records_size,
                               const koble_engine_options* options, koble_engine** engine, uint64_t* replayed);
/* Plays further records into an engine made by koble_replay or koble_snapshot_restore. The first must be the next by number. */
KOBLE_API int32_t koble_journal_apply(koble_engine* engine, const void* records, uint64_t size, uint64_t* replayed);

/* One record, decoded, for tools that look into journals. `data` points into the bytes given. */
typedef struct koble_journal_record {
  uint32_t struct_size;
  uint32_t size; /* bytes of the encoded record */
  uint64_t seq;
  int64_t stamp_ns;      /* as the host gave it; command.time_ns is the judged time */
  uint64_t event_last;   /* number of the newest event after it */
  koble_command command; /* data_offset and attributes_offset are 0 */
  const void* data;
  uint64_t serial; /* of the contact that the command is about (an arrival's own); 0 where it is about none */
  koble_attribute attributes[KOBLE_CONTACT_ATTRIBUTES_MAX]; /* command.attributes_count of them, copied */
  uint32_t choice_count; /* answers of policies (koble_policy.h), in the order in which they were asked */
  uint32_t reserved;
  /* int32_t each, little-endian, in the bytes given: the place of the candidate, KOBLE_CHOOSE_DEFER, or, of a fault, -1 - its KOBLE_POLICY_
   * reason */
  const void* choices;
} koble_journal_record;
/* Reads the record at the beginning of `bytes`. KOBLE_ERR_CORRUPT if damaged or cut. */
KOBLE_API int32_t koble_journal_decode(const void* bytes, uint64_t size, koble_journal_record* out);

/* The whole state, unacknowledged events included, kept journal excluded (its number goes on). Second form: readable by this
 * version (KOBLE_ERR_VERSION otherwise). *needed as in koble_journal_header. */
KOBLE_API int32_t koble_snapshot_write(const koble_engine* engine, void* buffer, uint64_t size, uint64_t* needed);
/* Makes an engine from a snapshot; `options` as in koble_replay. */
KOBLE_API int32_t koble_snapshot_restore(const void* bytes, uint64_t size, const koble_engine_options* options,
                                         koble_engine** engine);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_RECORD_H_ */
