/* koble_base.h: versions, errors, ids, time and its units. Part of koble.h, which says what holds for all of it. */
#ifndef KOBLE_KOBLE_BASE_H_
#define KOBLE_KOBLE_BASE_H_

#include <stdint.h>

#if defined(_WIN32)
#define KOBLE_API __declspec(dllexport)
#elif defined(__GNUC__)
#define KOBLE_API __attribute__((visibility("default")))
#else
#define KOBLE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions ---------------------------------------------------------------------------------------------------- */

#define KOBLE_VERSION_MAJOR 0
#define KOBLE_VERSION_MINOR 1
#define KOBLE_VERSION_PATCH 0
#define KOBLE_ABI_VERSION 0u
/* The rules of behaviour, and how a digest follows from the state. A journal says under which rules it was written; replay under others is refused.
 * (3 and 4: other digests.) */
#define KOBLE_RULES_VERSION 4u

/* "0.1.0": the library that is linked, which may be newer than this header. Static storage. */
KOBLE_API const char* koble_version(void);
KOBLE_API uint32_t koble_abi_version(void);
KOBLE_API uint32_t koble_rules_version(void);

/* ---- Errors ------------------------------------------------------------------------------------------------------ */

enum {
  KOBLE_OK = 0,
  KOBLE_ERR_ARGUMENT = -1,   /* a null pointer, a wrong struct_size, a value outside its range */
  KOBLE_ERR_TIME = -2,       /* the time is earlier than the engine's now (see clamp_time) */
  KOBLE_ERR_AHEAD = -3,      /* the time is more than max_step_ns after now */
  KOBLE_ERR_UNKNOWN = -4,    /* no such id, name or number has ever existed here */
  KOBLE_ERR_ENDED = -5,      /* the id named something that has ended */
  KOBLE_ERR_KIND = -6,       /* an id of another kind (an agent's where an offer's is wanted) */
  KOBLE_ERR_STATE = -7,      /* it exists, but is not in a state in which this can be done */
  KOBLE_ERR_HELD = -8,       /* the offer's group is held by another answer that awaits its connection */
  KOBLE_ERR_NONE = -9,       /* nothing found (a request without a waiting contact); nothing changed */
  KOBLE_ERR_EXISTS = -10,    /* an agent of that name exists */
  KOBLE_ERR_IN_USE = -11,    /* the new plan lacks something that is in use */
  KOBLE_ERR_LIMIT = -12,     /* a limit set at creation, or a fixed one, is reached */
  KOBLE_ERR_FULL = -13,      /* the event buffer or the bounded journal is full: read and acknowledge first */
  KOBLE_ERR_PLAN = -14,      /* a plan or an agent's definition is not valid; the message lists what to mend */
  KOBLE_ERR_NO_MEMORY = -15, /* the allocator gave nothing; unchanged, whole instants apart: give it again */
  KOBLE_ERR_POISONED = -16,  /* an internal promise was broken: reads are allowed, changes are refused */
  KOBLE_ERR_CORRUPT = -17,   /* a journal, snapshot or binary plan is damaged or cut */
  KOBLE_ERR_VERSION = -18,   /* written by a version or under rules that this library does not read */
  KOBLE_ERR_DIVERGED = -19,  /* a replayed record gave another result than it did when it was written */
  KOBLE_ERR_GONE = -20,      /* these events or records have been acknowledged and are no longer kept */
  KOBLE_ERR_INTERNAL = -21,  /* a defect of Koble; please report it with the journal */
  KOBLE_ERR_BUSY = -22       /* a policy is being asked: it may read the engine, not change it */
};

/* "KOBLE_ERR_TIME" -> "time". Unknown codes give "unknown_error". Static storage. */
KOBLE_API const char* koble_error_name(int32_t code);
/* A sentence that explains the code in general. Static storage. */
KOBLE_API const char* koble_error_text(int32_t code);

/* ---- Ids --------------------------------------------------------------------------------------------------------- */

/* 4 bits kind, 28 bits slot, 32 bits generation, from the top; 0 is null. The lowest free slot is used next, so ids are
 * deterministic. Ids of ended things are never valid again. */
typedef uint64_t koble_id;

enum {
  KOBLE_KIND_NONE = 0,
  KOBLE_KIND_CONTACT = 1,
  KOBLE_KIND_AGENT = 2,
  KOBLE_KIND_OFFER = 3,
  KOBLE_KIND_ENGAGEMENT = 4
};

#define KOBLE_ID_KIND(id) ((uint32_t)((uint64_t)(id) >> 60))
#define KOBLE_ID_SLOT(id) ((uint32_t)(((uint64_t)(id) >> 32) & 0x0fffffffu))
#define KOBLE_ID_GENERATION(id) ((uint32_t)((uint64_t)(id)&0xffffffffu))

/* ---- Time and units ---------------------------------------------------------------------------------------------- */

#define KOBLE_TIME_MAX INT64_C(4611686018427387903)     /* 2^62 - 1 ns: the year 2116 */
#define KOBLE_DURATION_MAX INT64_C(3155760000000000000) /* 100 years */
#define KOBLE_NEVER INT64_MAX                           /* no deadline; a request that stands until it is answered */
#define KOBLE_POINT INT64_C(1000000)                    /* one priority point, in the micro-points of the API */
#define KOBLE_CONTACT_QUEUES_MAX 8u                     /* queues that one contact can stand in */
#define KOBLE_CONTACT_ATTRIBUTES_MAX 16u                /* attributes of one contact */
#define KOBLE_SYMBOLS_MAX 1048576u                      /* symbols of one engine: 2^20 */
#define KOBLE_SYMBOL_BYTES_MAX 255u                     /* bytes of a symbol's name */
#define KOBLE_CHANNELS_MAX 32u                          /* channels in a plan */
#define KOBLE_QUEUE_NONE UINT32_MAX                     /* "no queue" in events */
#define KOBLE_SERIAL_MAX UINT64_C(288230376151711743)   /* 2^58 - 1: the greatest serial of a contact */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_BASE_H_ */
