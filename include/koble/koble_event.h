/* koble_event.h: what the engine decided, as numbered events. Part of koble.h, which says what holds for all of it. */
#ifndef KOBLE_KOBLE_EVENT_H_
#define KOBLE_KOBLE_EVENT_H_

#include <koble/koble_engine.h>

#ifdef __cplusplus
extern "C" {
#endif

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
  KOBLE_EVENT_PRESENCE = 22,     /* agent; reason = KOBLE_PRESENCE_, a = the host's reason, b = misses for which the engine set it */
  KOBLE_EVENT_REQUEST_END = 23,  /* agent; reason = KOBLE_REQUEST_ */
  KOBLE_EVENT_PLAN = 24,         /* a, b = hash of the plan now in force */
  KOBLE_EVENT_RESUMED = 25,      /* a = down_since, b = length of the outage in ns */
  KOBLE_EVENT_UNKNOWN = 26,      /* a = an id given to reconcile that names nothing living; reason = its KOBLE_KIND_ */
  KOBLE_EVENT_RECONCILED = 27,   /* a = contacts and legs that were ended, b = ids that were unknown */
  KOBLE_EVENT_RELEASED = 28,     /* contact, agent: it is not reserved for him any more */
  KOBLE_EVENT_CONTACT_CHANGED = 29,/* contact; a = mask of KOBLE_CHANGE_: what is now other than it was */
  KOBLE_EVENT_SILENT = 30,       /* engagement, offer, contact, agent, queue: nobody wrote; a = until, when it is forgotten; 0: never */
  KOBLE_EVENT_PARKED = 31,       /* the same: set aside; a = until, when it comes back by itself; 0: never */
  KOBLE_EVENT_CONTINUED = 32,    /* the same: active again */
  KOBLE_EVENT_RETURNED = 33,     /* the same, the engagement ended: the contact waits again; a = until, reserved for the agent; 0: not */
  KOBLE_EVENT_STEP_CLOSED = 34,  /* contact, queue; a = index of the step that closed */
  KOBLE_EVENT_PLACED = 35,       /* contact, queue; a = the position that it has now among those who wait there */
  KOBLE_EVENT_AGENT_SKILL_CHANGED = 36, /* agent; reason = number of the skill, a = his level now, b = until (0: it is his own) */
  KOBLE_EVENT_POLICY_FAULT = 37, /* contact and queue for which, or agent for whom, a policy was to choose; reason = KOBLE_POLICY_ */
  KOBLE_EVENT_COUNT_ = 38
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
  KOBLE_EXIT_NOT_ROUTABLE = 7, /* replayed under a plan that lacks the queue */
  KOBLE_EXIT_REFUSED = 8,      /* the queue's condition `refuse` held as it arrived */
  KOBLE_EXIT_LET_GO = 9        /* the queue's condition `leave` held for so long */
};
enum { KOBLE_OFFERED_PREVIEW = 1 };  /* the agent is shown the contact before anything rings */
enum { KOBLE_ACCEPTED_EXPIRED = 1 }; /* by the end of its time, as the plan says */
enum {
  KOBLE_POLICY_FAILED = 1, /* it said so, or threw */
  KOBLE_POLICY_ABSENT = 2, /* the engine has none of that name */
  KOBLE_POLICY_INVALID = 3 /* its answer was none of the candidates */
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
/* Lends the events from number `seq` on where they lie: nothing is copied. *events receives the first, null where there is none, and *count how many. *stride
 * is sizeof(koble_event) of the caller, and receives the bytes from one event to the next, which are more where the library is newer: KOBLE_EVENT_AT gives
 * the one with the index `i`. They may be read until the next command, acknowledgement or destruction of this engine; queries leave them in place.
 * KOBLE_ERR_GONE if seq has been acknowledged; KOBLE_ERR_ARGUMENT where the caller's events are longer than the library's. */
KOBLE_API int32_t koble_events_view(const koble_engine* engine, uint64_t seq, const koble_event** events,
                                    uint32_t* stride, uint64_t* count);
/* Lends all events that are kept, as koble_events_view does, and acknowledges them in the same call: for a host that acts on what a command led to before it
 * gives the next one. KOBLE_ERR_BUSY while a policy is being asked. Where it fails nothing is acknowledged. */
KOBLE_API int32_t koble_events_take(koble_engine* engine, const koble_event** events, uint32_t* stride,
                                    uint64_t* count);
#define KOBLE_EVENT_AT(events, stride, i) ((const koble_event*)((const char*)(events) + (uint64_t)(stride) * (i)))
/* Events up to and including `seq` are not needed any more. Not a command; never journalled. */
KOBLE_API int32_t koble_events_acknowledge(koble_engine* engine, uint64_t seq);
KOBLE_API uint64_t koble_events_first(const koble_engine* engine); /* oldest kept; last + 1 where none is */
KOBLE_API uint64_t koble_events_last(const koble_engine* engine);  /* newest; 0 before the first */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_EVENT_H_ */
