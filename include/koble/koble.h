/* koble.h: the C API of Koble, an embeddable, deterministic routing engine for contact centres.
 *
 * Purpose.   A host (a PBX, a CRM, a simulator) makes an engine from a plan, tells it what happens in the world by
 *            commands, each stamped with a time, and reads what the engine decided as a numbered sequence of events.
 *            The engine has no thread, clock, socket or file. Same plan, seed and commands: same events and digest.
 * Ownership. What a koble_..._create/_load/_clone call returns belongs to the caller and is given back by the matching
 *            _destroy/_release call. Pointers that a call receives are read during that call only.
 * Threads.   All calls on one engine, queries included, are exclusive. Different engines are independent. A plan is
 *            immutable and its references are counted atomically: it can be shared freely.
 * Time.      int64_t nanoseconds since 1970 UTC, 0 to KOBLE_TIME_MAX, on a clock that the host keeps from going back
 *            (simulations may start anywhere). Durations are int64_t ns, 0 to KOBLE_DURATION_MAX.
 * Errors.    Functions return KOBLE_OK (0) or a negative KOBLE_ERR_ code; codes are never renumbered. The sentence that
 *            says what to do is koble_engine_message(). A refused command changes nothing beyond the advance to its time.
 * Structs.   The first member is struct_size; set it to sizeof the struct (or use the _INIT macro). Members are only
 *            ever appended.
 *
 * docs/model.md is the authority on behaviour; the names of commands and events here are its words.
 */
#ifndef KOBLE_KOBLE_H_
#define KOBLE_KOBLE_H_

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
/* The rules of behaviour. A journal says under which rules it was written; replay under others is refused. */
#define KOBLE_RULES_VERSION 1u

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
  KOBLE_ERR_INTERNAL = -21   /* a defect of Koble; please report it with the journal */
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

/* ---- Plans ------------------------------------------------------------------------------------------------------- */

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

/* ---- Engines ----------------------------------------------------------------------------------------------------- */

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

/* ---- Commands ---------------------------------------------------------------------------------------------------- */

enum {
  KOBLE_CMD_ADVANCE = 1,
  KOBLE_CMD_RESUME = 2,
  KOBLE_CMD_PLAN_REPLACE = 3,
  KOBLE_CMD_AGENT_ADD = 4,
  KOBLE_CMD_AGENT_CHANGE = 5,
  KOBLE_CMD_AGENT_REMOVE = 6,
  KOBLE_CMD_AGENT_PRESENCE = 7,
  KOBLE_CMD_AGENT_REQUEST = 8,
  KOBLE_CMD_AGENT_REQUEST_CANCEL = 9,
  KOBLE_CMD_CONTACT_ARRIVE = 10,
  KOBLE_CMD_CONTACT_GONE = 11,
  KOBLE_CMD_OFFER_ACCEPT = 12,
  KOBLE_CMD_OFFER_END = 13,
  KOBLE_CMD_CONNECTED = 14,
  KOBLE_CMD_CONNECT_FAILED = 15,
  KOBLE_CMD_HOLD = 16,
  KOBLE_CMD_RETRIEVE = 17,
  KOBLE_CMD_WRAP_UP_END = 18,
  KOBLE_CMD_RECONCILE = 19,
  KOBLE_CMD_SYMBOL = 20,
  KOBLE_CMD_COUNT_ = 21
};
KOBLE_API const char* koble_command_name(uint32_t kind); /* "contact_arrive"; null for unknown kinds */

enum { KOBLE_PRESENCE_OFFLINE = 0, KOBLE_PRESENCE_AVAILABLE = 1, KOBLE_PRESENCE_BREAK = 2 };
enum { KOBLE_BY_CUSTOMER = 1, KOBLE_BY_AGENT = 2, KOBLE_BY_HOST = 3 };
/* How an offer ended: exactly one for each offer. The host may report DECLINED to FAILED by koble_offer_end. */
enum {
  KOBLE_OUTCOME_ACCEPTED = 1,
  KOBLE_OUTCOME_DECLINED = 2,
  KOBLE_OUTCOME_BUSY = 3,
  KOBLE_OUTCOME_UNREACHABLE = 4,
  KOBLE_OUTCOME_NO_ANSWER = 5,
  KOBLE_OUTCOME_FAILED = 6,    /* the host could not present it */
  KOBLE_OUTCOME_RESCINDED = 7, /* another of the group won */
  KOBLE_OUTCOME_WITHDRAWN = 8  /* by KOBLE_CAUSE_ */
};
enum { KOBLE_CAUSE_CONTACT = 1, KOBLE_CAUSE_AGENT = 2, KOBLE_CAUSE_PLAN = 3, KOBLE_CAUSE_RESTART = 4 };

/* Sets the clock to now and does everything that is due, instant by instant. The result counts what it added. */
KOBLE_API int32_t koble_advance(koble_engine* engine, int64_t now_ns, koble_result* result);
/* The next instant at which the engine wants koble_advance; KOBLE_NEVER if none. It may lie in the host's past: advance at once,
 * or, where that is because the host was down (after koble_replay or koble_snapshot_restore), call koble_resume. */
KOBLE_API int64_t koble_next_deadline(const koble_engine* engine);
KOBLE_API int64_t koble_now(const koble_engine* engine);
/* After a restart, instead of advancing: open offers end as withdrawn (restart), deadlines for which the outage does not
 * count are shifted by now - down_since, everything overdue fires, then one matching. down_since_ns: from when the engine
 * was not served; 0: from the last journalled time; between that time and now, else KOBLE_ERR_TIME. */
KOBLE_API int32_t koble_resume(koble_engine* engine, int64_t now_ns, int64_t down_since_ns, koble_result* result);
/* After a restart of the engine (then behind koble_resume, with the same now) or of the host: which contacts and legs really
 * exist. A leg is an open offer or an engagement that is not wrapping; an offer's id also names the engagement it opened.
 * What is not named ends: contacts as by koble_contact_gone(KOBLE_BY_HOST), offers as withdrawn (restart), connections as
 * failed (lost), conversations as ended (host); nobody is punished. Ids that name nothing living are reported as
 * KOBLE_EVENT_UNKNOWN. A leg that began at this very now counts as named: no host can have seen it. KOBLE_ERR_ARGUMENT for an
 * id of another kind and for more than 2^28 ids. A list may be null where its count is 0. */
KOBLE_API int32_t koble_reconcile(koble_engine* engine, int64_t now_ns, const koble_id* contacts,
                                  uint64_t contact_count, const koble_id* legs, uint64_t leg_count,
                                  koble_result* result);
/* Puts a new plan in force; nobody is dropped. KOBLE_ERR_IN_USE if the plan lacks a queue in which contacts stand, ring
 * or connect, a channel in use, or a skill or profile that an agent added by a command needs. */
KOBLE_API int32_t koble_plan_replace(koble_engine* engine, int64_t now_ns, const koble_plan* plan,
                                     koble_result* result);

/* `definition`: the JSON (or binary) of one agent entry of the plan's language, {"name": "A", "profile": "voice"}.
 * The new agent is offline. A name that is leaving is revived. KOBLE_ERR_EXISTS, KOBLE_ERR_PLAN, KOBLE_ERR_LIMIT. */
KOBLE_API int32_t koble_agent_add(koble_engine* engine, int64_t now_ns, const void* definition, uint64_t size,
                                  koble_result* result);
/* Gives the agent a new definition (the name must be the same); what he is doing goes on. */
KOBLE_API int32_t koble_agent_change(koble_engine* engine, int64_t now_ns, koble_id agent, const void* definition,
                                     uint64_t size, koble_result* result);
/* Nothing new; open offers are withdrawn; engagements and wrap-ups run to their end; then agent_gone. */
KOBLE_API int32_t koble_agent_remove(koble_engine* engine, int64_t now_ns, koble_id agent, koble_result* result);
/* presence: KOBLE_PRESENCE_; reason: the host's number for a kind of break, 0 otherwise. */
KOBLE_API int32_t koble_agent_presence(koble_engine* engine, int64_t now_ns, koble_id agent, uint32_t presence,
                                       int64_t reason, koble_result* result);
/* A pull agent asks for work on the channels of the mask (bit n: channel n; 0: every channel). until_ns 0: now or never
 * (KOBLE_ERR_NONE if nothing waits); otherwise the request stands until that time (KOBLE_NEVER: until answered),
 * replacing an older one. result->id: the offer, accepted, or 0 where the request stands. */
KOBLE_API int32_t koble_agent_request(koble_engine* engine, int64_t now_ns, koble_id agent, uint32_t channels,
                                      int64_t until_ns, koble_result* result);
/* Ends a standing request. KOBLE_ERR_STATE if there is none. */
KOBLE_API int32_t koble_agent_request_cancel(koble_engine* engine, int64_t now_ns, koble_id agent,
                                             koble_result* result);

/* What a contact is about: a pair of a key and a value. Keys are numbers of symbols; so are symbolic values, any other
 * value is the host's own. */
typedef struct koble_attribute {
  uint32_t key;      /* number of a symbol */
  uint32_t reserved; /* 0 */
  int64_t value;
} koble_attribute;

typedef struct koble_arrival {
  uint32_t struct_size;
  uint32_t queue_count;   /* 1 to KOBLE_CONTACT_QUEUES_MAX, all of one channel, no queue twice */
  const uint32_t* queues; /* tried in this order */
  uint64_t host_ref;      /* the host's own name for the contact, echoed in its events */
  int64_t priority;       /* micro-points added to each queue's base; 0 to 10^9 points */
  int64_t credit_ns;      /* waiting time credited beside the queue's own; 0 to KOBLE_DURATION_MAX */
  uint64_t serial;        /* to play a record under another plan: the contact's serial there, greater than the last
                             given, at most KOBLE_SERIAL_MAX; a queue may then be KOBLE_QUEUE_NONE: the record's is not in
                             this plan. 0: the next */
  const koble_attribute* attributes; /* in any order, no key twice; may be null with a count of 0 */
  uint32_t attribute_count;          /* 0 to KOBLE_CONTACT_ATTRIBUTES_MAX */
  uint32_t reserved;                 /* 0 */
  koble_id agent;                    /* whom the contact is meant for; 0: nobody in particular */
  int64_t agent_ns; /* for so long nobody else may have it, KOBLE_NEVER: for ever; 0: he is preferred */
} koble_arrival;
/* A contact enters. result->id is the contact, also where a queue refuses it (events left and exit say so).
 * KOBLE_ERR_UNKNOWN for a queue that the plan lacks, a key that is no symbol or an agent who is not here. */
KOBLE_API int32_t koble_contact_arrive(koble_engine* engine, int64_t now_ns, const koble_arrival* arrival,
                                       koble_result* result);
/* The customer is gone or the conversation is over; valid in every living state. by: KOBLE_BY_. */
KOBLE_API int32_t koble_contact_gone(koble_engine* engine, int64_t now_ns, koble_id contact, uint32_t by,
                                     koble_result* result);

/* The agent took it. KOBLE_ERR_ENDED if the offer is over, KOBLE_ERR_HELD if another answer awaits its connection. */
KOBLE_API int32_t koble_offer_accept(koble_engine* engine, int64_t now_ns, koble_id offer, koble_result* result);
/* The offer ended otherwise; outcome: KOBLE_OUTCOME_DECLINED to KOBLE_OUTCOME_FAILED. */
KOBLE_API int32_t koble_offer_end(koble_engine* engine, int64_t now_ns, koble_id offer, uint32_t outcome,
                                  koble_result* result);

/* Both are for engagements of a queue with `confirm`. KOBLE_ERR_STATE if it is not (or no longer) connecting. */
KOBLE_API int32_t koble_engagement_connected(koble_engine* engine, int64_t now_ns, koble_id engagement,
                                             koble_result* result);
KOBLE_API int32_t koble_engagement_connect_failed(koble_engine* engine, int64_t now_ns, koble_id engagement,
                                                  koble_result* result);
KOBLE_API int32_t koble_engagement_hold(koble_engine* engine, int64_t now_ns, koble_id engagement,
                                        koble_result* result);
KOBLE_API int32_t koble_engagement_retrieve(koble_engine* engine, int64_t now_ns, koble_id engagement,
                                            koble_result* result);
/* Ends a wrap-up early. */
KOBLE_API int32_t koble_engagement_wrap_up_end(koble_engine* engine, int64_t now_ns, koble_id engagement,
                                               koble_result* result);

/* Gives a name (NUL-terminated UTF-8, 1 to KOBLE_SYMBOL_BYTES_MAX bytes without control characters) its number, for keys
 * and values of attributes: result->value. A known name keeps its number and nothing changes. The names of the plan's
 * attributes and of their values are symbols already. KOBLE_ERR_LIMIT at KOBLE_SYMBOLS_MAX. */
KOBLE_API int32_t koble_symbol_intern(koble_engine* engine, int64_t now_ns, const char* name, koble_result* result);

/* One command as a fixed-size record. What a member means for each kind:
 *   ADVANCE               -
 *   RESUME                a = down_since_ns
 *   PLAN_REPLACE          data = a plan, JSON or binary
 *   AGENT_ADD             data = a definition
 *   AGENT_CHANGE          target = agent, data = a definition
 *   AGENT_REMOVE          target = agent
 *   AGENT_PRESENCE        target = agent, code = presence, a = reason
 *   AGENT_REQUEST         target = agent, code = channel mask, a = until_ns
 *   AGENT_REQUEST_CANCEL  target = agent
 *   CONTACT_ARRIVE        queue = the first queue, host_ref, a = priority, b = credit_ns, data = further queues (uint32_t
 *                         each, in the machine's byte order), target = the given serial, attributes, agent, c = agent_ns
 *   CONTACT_GONE          target = contact, code = by
 *   OFFER_ACCEPT          target = offer
 *   OFFER_END             target = offer, code = outcome
 *   CONNECTED, CONNECT_FAILED, HOLD, RETRIEVE, WRAP_UP_END   target = engagement
 *   RECONCILE             code = number of contacts, data = ids (koble_id each, in the machine's byte order), contacts first,
 *                         then legs
 *   SYMBOL                data = the name, without a NUL; koble_symbol_find gives the number afterwards
 * Members that a kind does not use must be 0. */
typedef struct koble_command {
  int64_t time_ns;
  uint32_t kind; /* KOBLE_CMD_ */
  uint32_t code;
  koble_id target;
  uint64_t host_ref;
  int64_t a;
  int64_t b;
  uint32_t queue;
  uint32_t data_size;         /* bytes */
  uint64_t data_offset;       /* into the batch's data */
  uint64_t attributes_offset; /* into the batch's attributes, in pairs */
  uint32_t attributes_count;  /* pairs */
  uint32_t reserved;          /* 0 */
  koble_id agent;             /* CONTACT_ARRIVE: whom it is meant for; 0 otherwise */
  int64_t c;                  /* CONTACT_ARRIVE: agent_ns; 0 otherwise */
} koble_command;

typedef struct koble_batch {
  uint32_t struct_size;
  uint32_t stride; /* sizeof(koble_command) of the caller */
  const koble_command* commands;
  uint64_t count;
  const void* data;
  uint64_t data_size;
  int32_t* codes;                    /* count codes, one for each command taken; may be null */
  koble_id* ids;                     /* count ids, as koble_result.id; may be null */
  const koble_attribute* attributes; /* what attributes_offset and attributes_count of the commands point into */
  uint64_t attributes_size;          /* pairs */
} koble_batch;
#define KOBLE_BATCH_INIT \
  { sizeof(koble_batch), sizeof(koble_command), 0, 0, 0, 0, 0, 0, 0, 0 }

/* Gives the commands in order, exactly as if each had been given alone; a refused command does not stop the batch.
 * It stops early, with KOBLE_ERR_FULL and *taken < count, when the event buffer or the journal is full: read, acknowledge and
 * give the rest. The result covers the whole batch; its id and value are those of the last command. */
KOBLE_API int32_t koble_apply(koble_engine* engine, const koble_batch* batch, uint64_t* taken, koble_result* result);

/* ---- Events ------------------------------------------------------------------------------------------------------ */

/* `reason`, `a` and `b` by kind ("-" where 0). Every event of a contact has contact, serial and host_ref. */
/* clang-format off */
enum {
  KOBLE_EVENT_ARRIVED = 1,       /* contact, queue = the first that is in the plan; a = number of queues given */
  KOBLE_EVENT_OFFERED = 2,       /* offer, contact, agent, queue; a = expiry time (0: none), b = id of the group's first offer */
  KOBLE_EVENT_ACCEPTED = 3,      /* offer, engagement, contact, agent, queue */
  KOBLE_EVENT_OUTCOME = 4,       /* offer, contact, agent, queue; reason = KOBLE_OUTCOME_, a = KOBLE_CAUSE_ of a withdrawal */
  KOBLE_EVENT_SERVING = 5,       /* engagement (active from now), offer, contact, agent, queue */
  KOBLE_EVENT_CONNECT_FAILED = 6,/* engagement (ended), offer, contact, agent, queue; reason = KOBLE_CONNECT_ */
  KOBLE_EVENT_HELD = 7,          /* engagement, offer, contact, agent, queue */
  KOBLE_EVENT_RETRIEVED = 8,     /* engagement, offer, contact, agent, queue */
  KOBLE_EVENT_ENDED = 9,         /* engagement, offer, contact (ended with it), agent, queue; reason = KOBLE_BY_ */
  KOBLE_EVENT_WRAPUP = 10,       /* engagement, offer, agent, queue, and the contact that was served; a = until */
  KOBLE_EVENT_WRAPUP_END = 11,   /* the same; reason = KOBLE_WRAPUP_ */
  KOBLE_EVENT_PENALISED = 12,    /* agent; reason = the outcome, a = until */
  KOBLE_EVENT_PENALTY_END = 13,  /* agent */
  KOBLE_EVENT_STEP = 14,         /* contact, queue; a = index of the step that opened, from 1 */
  KOBLE_EVENT_LEFT = 15,         /* contact, queue; reason = KOBLE_EXIT_ */
  KOBLE_EVENT_EXIT = 16,         /* contact (ended), queue = the last it left; reason = KOBLE_EXIT_ */
  KOBLE_EVENT_EXHAUSTED = 17,    /* contact: nobody signed in who could serve it is left to offer it to */
  KOBLE_EVENT_AGENT_ADDED = 18,  /* agent; a = 1: a leaving agent was revived */
  KOBLE_EVENT_AGENT_CHANGED = 19,/* agent */
  KOBLE_EVENT_AGENT_REMOVED = 20,/* agent: leaving */
  KOBLE_EVENT_AGENT_GONE = 21,   /* agent (ended) */
  KOBLE_EVENT_PRESENCE = 22,     /* agent; reason = KOBLE_PRESENCE_, a = the host's reason */
  KOBLE_EVENT_REQUEST_END = 23,  /* agent; reason = KOBLE_REQUEST_ */
  KOBLE_EVENT_PLAN = 24,         /* a, b = hash of the plan now in force */
  KOBLE_EVENT_RESUMED = 25,      /* a = down_since, b = length of the outage in ns */
  KOBLE_EVENT_UNKNOWN = 26,      /* a = an id given to reconcile that names nothing living; reason = its KOBLE_KIND_ */
  KOBLE_EVENT_RECONCILED = 27,   /* a = contacts and legs that were ended, b = ids that were unknown */
  KOBLE_EVENT_RELEASED = 28,     /* contact, agent: it is not reserved for him any more */
  KOBLE_EVENT_COUNT_ = 29
};
/* clang-format on */
enum {
  KOBLE_CONNECT_HOST = 1,
  KOBLE_CONNECT_TIMEOUT = 2,
  KOBLE_CONNECT_GONE = 3, /* the contact is gone */
  KOBLE_CONNECT_LOST = 4  /* not among the legs of a reconcile */
};
enum { KOBLE_WRAPUP_EXPIRED = 1, KOBLE_WRAPUP_EARLY = 2 };
enum {
  KOBLE_EXIT_ABANDONED = 1, /* the customer (or the agent's side) hung up before being served */
  KOBLE_EXIT_WITHDRAWN = 2, /* the host took it away */
  KOBLE_EXIT_MAX_WAIT = 3,
  KOBLE_EXIT_FULL = 4,
  KOBLE_EXIT_CLOSED = 5,
  KOBLE_EXIT_EXHAUSTED = 6,
  KOBLE_EXIT_NOT_ROUTABLE = 7 /* replayed under a plan that lacks the queue */
};
enum { KOBLE_REQUEST_EXPIRED = 1, KOBLE_REQUEST_CANCELLED = 2, KOBLE_REQUEST_PRESENCE = 3, KOBLE_REQUEST_REMOVED = 4 };

typedef struct koble_event {
  uint64_t seq;    /* from 1, without gaps */
  int64_t time_ns; /* the engine's now */
  int64_t due_ns;  /* the instant this belongs to: earlier than time_ns only in a late advance or resume */
  uint32_t kind;   /* KOBLE_EVENT_ */
  uint32_t reason;
  koble_id contact;
  uint64_t serial; /* of the contact: number of its arrival, or as given with it; 0 where no contact */
  koble_id agent;
  koble_id offer;
  koble_id engagement;
  uint64_t host_ref;
  uint32_t queue;  /* number in the plan in force; KOBLE_QUEUE_NONE */
  uint32_t tenant; /* 0 */
  int64_t a;
  int64_t b;
  uint64_t journal_seq; /* the journal record that caused it; 0 where the journal is off */
} koble_event;

KOBLE_API const char* koble_event_name(uint32_t kind); /* "offered"; null for unknown kinds */
/* The word for a reason of that kind of event: (OUTCOME, 2) -> "declined"; null where there is none. */
KOBLE_API const char* koble_reason_name(uint32_t event_kind, uint32_t reason);

/* Copies up to `capacity` events from number `seq` on; each is written at `events + i * stride` bytes. *count receives how many.
 * KOBLE_ERR_GONE if seq has been acknowledged. stride: sizeof(koble_event) of the caller, at least 8. */
KOBLE_API int32_t koble_events_read(const koble_engine* engine, uint64_t seq, koble_event* events, uint32_t stride,
                                    uint64_t capacity, uint64_t* count);
/* Events up to and including `seq` are not needed any more. Not a command; never journalled. */
KOBLE_API int32_t koble_events_acknowledge(koble_engine* engine, uint64_t seq);
KOBLE_API uint64_t koble_events_first(const koble_engine* engine); /* oldest kept; last + 1 where none is */
KOBLE_API uint64_t koble_events_last(const koble_engine* engine);  /* newest; 0 before the first */

/* ---- Queries ----------------------------------------------------------------------------------------------------- */

/* The digest: 128 bits over the canonical state (docs/model.md). Equal histories give equal digests everywhere. */
KOBLE_API void koble_digest(koble_engine* engine, uint64_t digest[2]);
/* The plan in force; borrowed: retain it to keep it. */
KOBLE_API const koble_plan* koble_engine_plan(const koble_engine* engine);

/* The living agent of that name (a leaving one too); 0 if none. */
KOBLE_API koble_id koble_agent_find(const koble_engine* engine, const char* name);
/* The agent's name; null for an unknown or gone agent. Valid until the next command. */
KOBLE_API const char* koble_agent_name(const koble_engine* engine, koble_id agent);

enum {
  KOBLE_CONTACT_WAITING = 1,
  KOBLE_CONTACT_OFFERED = 2,
  KOBLE_CONTACT_CONNECTING = 3,
  KOBLE_CONTACT_ACTIVE = 4,
  KOBLE_CONTACT_HELD = 5
};
typedef struct koble_contact_info {
  uint32_t struct_size;
  uint32_t state; /* KOBLE_CONTACT_ */
  uint64_t serial;
  uint64_t host_ref;
  int64_t arrival_ns;
  koble_id engagement;   /* 0 before it is accepted */
  uint32_t offer_count;  /* open offers */
  uint32_t queue_count;  /* queues in which it stands */
  uint32_t queues[8];    /* their numbers */
  uint32_t steps[8];     /* the step open in each, 0 = the requirement itself */
  uint32_t positions[8]; /* place in each queue among those waiting there, from 1; 0 while not waiting. Costs a walk. */
  koble_id agent;        /* whom it is meant for; 0: nobody in particular, or it is served */
  int64_t reserved_until_ns; /* till then nobody else may have it; 0: he is only preferred; KOBLE_NEVER: for ever */
} koble_contact_info;
KOBLE_API int32_t koble_contact(const koble_engine* engine, koble_id contact, koble_contact_info* out);
/* The attributes of a living contact in order of their keys; copies up to `capacity`, *count receives how many there are. */
KOBLE_API int32_t koble_contact_attributes(const koble_engine* engine, koble_id contact, koble_attribute* out,
                                           uint64_t capacity, uint64_t* count);

/* Symbols: names with numbers, from 1 in order of their first appearance; none is ever removed. */
KOBLE_API uint32_t koble_symbol_count(const koble_engine* engine);
/* The number of a name; 0 if it is no symbol. */
KOBLE_API uint32_t koble_symbol_find(const koble_engine* engine, const char* name);
/* The name of a number, for instance of a symbolic value; null if there is none. Valid until the next command. */
KOBLE_API const char* koble_symbol_name(const koble_engine* engine, int64_t number);

typedef struct koble_agent_info {
  uint32_t struct_size;
  uint32_t presence; /* KOBLE_PRESENCE_ */
  int64_t presence_reason;
  int64_t idle_since_ns;
  int64_t penalised_until_ns;                          /* 0: not penalised */
  int64_t request_until_ns;                            /* of a standing request; 0: none; KOBLE_NEVER: until answered */
  uint64_t sequence;                                   /* number of first appearance, from 1: the last tie-break */
  int64_t capacity;                                    /* units */
  int64_t used;                                        /* units taken by offers, engagements and wrap-ups */
  uint32_t offers, connecting, active, held, wrapping; /* counts */
  uint32_t leaving;                                    /* 1: removed, running out */
  uint64_t served;                                     /* contacts since he was added */
  int64_t talked_ns;                                   /* in conversations that have ended, holding included */
  int64_t last_ended_ns;                               /* end of the last one; 0: none yet */
} koble_agent_info;
KOBLE_API int32_t koble_agent(const koble_engine* engine, koble_id agent, koble_agent_info* out);

typedef struct koble_offer_info {
  uint32_t struct_size;
  uint32_t queue;
  koble_id contact;
  koble_id agent;
  int64_t begun_ns;
  int64_t expires_ns; /* KOBLE_NEVER: none */
  koble_id group;     /* id of the group's first offer */
} koble_offer_info;
KOBLE_API int32_t koble_offer(const koble_engine* engine, koble_id offer, koble_offer_info* out);

enum {
  KOBLE_ENGAGEMENT_CONNECTING = 1,
  KOBLE_ENGAGEMENT_ACTIVE = 2,
  KOBLE_ENGAGEMENT_HELD = 3,
  KOBLE_ENGAGEMENT_WRAPPING = 4
};
typedef struct koble_engagement_info {
  uint32_t struct_size;
  uint32_t state; /* KOBLE_ENGAGEMENT_ */
  uint32_t queue;
  uint32_t reserved;
  koble_id contact; /* ended where state is WRAPPING */
  koble_id agent;
  int64_t since_ns;    /* begin of the present state */
  int64_t deadline_ns; /* connect limit or end of the wrap-up; KOBLE_NEVER */
} koble_engagement_info;
KOBLE_API int32_t koble_engagement(const koble_engine* engine, koble_id engagement, koble_engagement_info* out);

typedef struct koble_counts {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t contacts, agents, offers, engagements; /* living */
  uint64_t serials; /* the last serial given: arrivals so far, where the host gave none itself */
} koble_counts;
KOBLE_API int32_t koble_count(const koble_engine* engine, koble_counts* out);
/* Contacts that stand in the queue without an open offer or engagement. KOBLE_ERR_UNKNOWN for a number past the last. */
KOBLE_API int32_t koble_queue_waiting(const koble_engine* engine, uint32_t queue, uint64_t* waiting);
/* Living ids of one kind (KOBLE_KIND_) in order of slot; copies up to `capacity`, *count receives how many there are. */
KOBLE_API int32_t koble_list(const koble_engine* engine, uint32_t kind, koble_id* ids, uint64_t capacity,
                             uint64_t* count);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_H_ */
