/* koble_engine.h: engines, made and copied, and what a command did. Part of koble.h, which says what holds for all of it. */
#ifndef KOBLE_KOBLE_ENGINE_H_
#define KOBLE_KOBLE_ENGINE_H_

#include <koble/koble_plan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct koble_engine koble_engine;

/* Memory for everything that lives as long as an engine: grows, shrinks or frees like realloc (size 0 frees and returns
 * null). Alignment of at least 16. Called only inside calls on that engine. */
typedef void* (*koble_realloc_fn)(void* context, void* block, uint64_t old_size, uint64_t new_size);

enum { KOBLE_JOURNAL_OFF = 0, KOBLE_JOURNAL_BOUNDED = 1, KOBLE_JOURNAL_KEEP_ALL = 2 };

typedef struct koble_engine_options {
  uint32_t struct_size;
  uint32_t journal;            /* KOBLE_JOURNAL_ mode */
  uint64_t seed;               /* of every random draw */
  int64_t start_ns;            /* the engine's first now; commands may not be earlier */
  uint32_t clamp_time;         /* 1: a late stamp is raised to now and the result marked; 0: KOBLE_ERR_TIME */
  uint32_t reserved;           /* 0 */
  int64_t max_step_ns;         /* refuse (AHEAD) a stamp that is more than this after now; 0: no limit */
  uint64_t max_contacts;       /* living contacts at once; 0: no limit but that of ids (2^28) */
  uint64_t max_agents;         /* 0: no limit but that of ids */
  uint64_t max_events;         /* unacknowledged events at which commands are refused (FULL); 0: grow */
  uint64_t max_journal_bytes;  /* of a bounded journal: bytes at which commands are refused (FULL); 0: 16 MiB */
  koble_realloc_fn realloc_fn; /* null: the C library's */
  void* realloc_context;
} koble_engine_options;
#define KOBLE_ENGINE_OPTIONS_INIT \
  { sizeof(koble_engine_options), KOBLE_JOURNAL_OFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Makes an engine that keeps a reference to the plan. The plan's agents exist, offline. `options` may be null. */
KOBLE_API int32_t koble_engine_create(const koble_plan* plan, const koble_engine_options* options,
                                      koble_engine** engine);
KOBLE_API void koble_engine_destroy(koble_engine* engine); /* null does nothing */
/* An independent copy of everything, unread events and kept journal included; the same commands give it the same events
 * and digest. It uses the same allocator. */
KOBLE_API int32_t koble_engine_clone(const koble_engine* engine, koble_engine** clone);
/* The last refused or failed call on this engine, in words; "" after a successful one. Valid until the next call. */
KOBLE_API const char* koble_engine_message(const koble_engine* engine);

/* What a command did. Every command takes one (may be null) and fills it whether it succeeds or not: a refused command
 * may have advanced the time and so have added events. */
typedef struct koble_result {
  uint32_t struct_size;
  int32_t code;         /* the returned code again, for batches */
  koble_id id;          /* contact of an arrival; agent of agent_add; engagement of an accept; offer of a request */
  uint64_t event_first; /* events event_first .. event_first + event_count - 1 were added by this call */
  uint64_t event_count;
  int64_t time_ns;  /* the time at which it was judged (after clamping) */
  uint32_t clamped; /* 1: the stamp was earlier and was raised to time_ns */
  uint32_t reserved;
  uint64_t journal_seq; /* the journal's last record after this call; 0 where the journal is off or empty */
  int64_t value;        /* of koble_symbol_intern: the number of the symbol; 0 otherwise */
} koble_result;
#define KOBLE_RESULT_INIT \
  { sizeof(koble_result), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_ENGINE_H_ */
