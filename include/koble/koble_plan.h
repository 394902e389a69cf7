/* koble_plan.h: plans, read, written and asked. Part of koble.h, which says what holds for all of it. */
#ifndef KOBLE_KOBLE_PLAN_H_
#define KOBLE_KOBLE_PLAN_H_

#include <koble/koble_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A validated, compiled, immutable configuration. Queues, channels and skills are numbered in the order of the plan,
 * from 0. docs/plan.md is the language. */
typedef struct koble_plan koble_plan;

/* Reads a plan from JSON text (UTF-8) or from the binary form; which of the two is seen from the first byte.
 * On KOBLE_ERR_PLAN or _CORRUPT `report` (may be null) receives up to report_size - 1 bytes of text, always terminated:
 * one line for every mistake, "queues[3].require: unknown skill "norwegain"; did you mean "norwegian"?".
 * On KOBLE_OK *plan holds one reference, and report the warnings, if any. */
KOBLE_API int32_t koble_plan_load(const void* bytes, uint64_t size, koble_plan** plan, char* report,
                                  uint64_t report_size);
KOBLE_API void koble_plan_retain(const koble_plan* plan);  /* one more reference; null does nothing */
KOBLE_API void koble_plan_release(const koble_plan* plan); /* one less; the last frees it; null does nothing */

enum { KOBLE_PLAN_JSON = 1, KOBLE_PLAN_BINARY = 2 };
/* Writes the plan as canonical JSON (defaults left out) or as binary. *needed receives the size in bytes; where
 * `size` is less, nothing is written and KOBLE_ERR_LIMIT returned. `buffer` may be null with size 0. */
KOBLE_API int32_t koble_plan_write(const koble_plan* plan, uint32_t format, void* buffer, uint64_t size,
                                   uint64_t* needed);
/* 128 bits over the plan's meaning: JSON and binary of one plan give the same. */
KOBLE_API void koble_plan_hash(const koble_plan* plan, uint64_t hash[2]);
/* The JSON Schema (draft 2020-12) of the plan's language. Static storage. */
KOBLE_API const char* koble_plan_schema(void);

KOBLE_API uint32_t koble_plan_queue_count(const koble_plan* plan);
KOBLE_API uint32_t koble_plan_channel_count(const koble_plan* plan);
KOBLE_API uint32_t koble_plan_skill_count(const koble_plan* plan);
KOBLE_API uint32_t koble_plan_agent_count(const koble_plan* plan); /* agents listed in the plan */
/* Names by number; null where there is none. They live as long as the plan. */
KOBLE_API const char* koble_plan_queue_name(const koble_plan* plan, uint32_t queue);
KOBLE_API const char* koble_plan_channel_name(const koble_plan* plan, uint32_t channel);
KOBLE_API const char* koble_plan_skill_name(const koble_plan* plan, uint32_t skill);
KOBLE_API const char* koble_plan_agent_name(const koble_plan* plan, uint32_t agent);
/* The attributes that the plan declares, from 0 in the order of the plan, and the symbolic values of each; a count of 0 says that
 * its values are plain integers. These are places in the plan, not numbers of symbols. */
KOBLE_API uint32_t koble_plan_attribute_count(const koble_plan* plan);
KOBLE_API const char* koble_plan_attribute_name(const koble_plan* plan, uint32_t attribute);
KOBLE_API uint32_t koble_plan_attribute_value_count(const koble_plan* plan, uint32_t attribute);
KOBLE_API const char* koble_plan_attribute_value_name(const koble_plan* plan, uint32_t attribute, uint32_t value);
/* Number by name (NUL-terminated); -1 where there is none. */
KOBLE_API int64_t koble_plan_queue_find(const koble_plan* plan, const char* name);
KOBLE_API int64_t koble_plan_channel_find(const koble_plan* plan, const char* name);

typedef struct koble_queue_def {
  uint32_t struct_size;
  uint32_t channel;
  int64_t max_wait_ns;      /* KOBLE_NEVER: none */
  int64_t max_length;       /* -1: none */
  int64_t target_within_ns; /* service target; 0: none */
  int64_t target_share_ppm; /* millionths of contacts to be answered within that time */
} koble_queue_def;
/* What a queue's figures need of the plan. KOBLE_ERR_UNKNOWN for a number past the last. */
KOBLE_API int32_t koble_plan_queue(const koble_plan* plan, uint32_t queue, koble_queue_def* out);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_PLAN_H_ */
