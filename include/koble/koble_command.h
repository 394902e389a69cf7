/* koble_command.h: every command, and many at once. Part of koble.h, which says what holds for all of it. */
#ifndef KOBLE_KOBLE_COMMAND_H_
#define KOBLE_KOBLE_COMMAND_H_

#include <koble/koble_engine.h>

#ifdef __cplusplus
extern "C" {
#endif

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
  KOBLE_CMD_CONTACT_CHANGE = 21,
  KOBLE_CMD_ENGAGEMENT_ACTIVITY = 22,
  KOBLE_CMD_ENGAGEMENT_PARK = 23,
  KOBLE_CMD_CONTACT_REPLY = 24,
  KOBLE_CMD_OFFER_MAKE = 25,
  KOBLE_CMD_CONTACT_PLACE = 26,
  KOBLE_CMD_AGENT_SKILL = 27,
  KOBLE_CMD_COUNT_ = 28
};
KOBLE_API const char* koble_command_name(uint32_t kind); /* "contact_arrive"; null for unknown kinds */

enum { KOBLE_PRESENCE_OFFLINE = 0, KOBLE_PRESENCE_AVAILABLE = 1, KOBLE_PRESENCE_BREAK = 2 };
enum {
  KOBLE_BY_CUSTOMER = 1,
  KOBLE_BY_AGENT = 2,
  KOBLE_BY_HOST = 3,
  KOBLE_BY_SILENCE = 4 /* in events alone: it was forgotten */
};
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
/* Says that a command about this contact will be given soon: what its end will touch is asked for, and comes from memory while the host, or a command before
 * it, is at work. For simulators of thousands of contacts at a time, which know what comes next; with fewer it saves nothing. It changes nothing, does not
 * wait and cannot fail; any number will do for an id. */
KOBLE_API void koble_prefetch(const koble_engine* engine, koble_id contact);
/* After a restart, instead of advancing: open offers end as withdrawn (restart), deadlines for which the outage does not
 * count are shifted by now - down_since, everything overdue fires, then one matching. down_since_ns: from when the engine
 * was not served; 0: from the last journalled time; between that time and now, else KOBLE_ERR_TIME. */
KOBLE_API int32_t koble_resume(koble_engine* engine, int64_t now_ns, int64_t down_since_ns, koble_result* result);
/* After a restart of the engine (then behind koble_resume, with the same now) or of the host: which contacts and legs really
 * exist. A leg is an open offer or an engagement that is connecting, active or held; an offer's id also names the engagement it opened.
 * What is not named ends: contacts as by koble_contact_gone(KOBLE_BY_HOST), offers as withdrawn (restart), connections as
 * failed (lost), conversations as ended (host); nobody is punished. Ids that name nothing living are reported as
 * KOBLE_EVENT_UNKNOWN. A leg that began at this very now counts as named: no host can have seen it. KOBLE_ERR_ARGUMENT for an
 * id of another kind and for more than 2^28 ids. A list may be null where its count is 0. */
KOBLE_API int32_t koble_reconcile(koble_engine* engine, int64_t now_ns, const koble_id* contacts,
                                  uint64_t contact_count, const koble_id* legs, uint64_t leg_count,
                                  koble_result* result);
/* Puts a new plan in force; nobody is dropped. KOBLE_ERR_IN_USE if the plan lacks a queue in which contacts stand, ring,
 * connect, are silent or parked, a channel in use, or a skill or profile that an agent added by a command needs. */
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

#define KOBLE_SKILL_OWN INT64_C(-1) /* the level of the agent's definition */
#define KOBLE_AGENT_SKILLS_MAX 64u  /* skills of one agent that commands have changed */
/* Changes one skill of an agent, by its name in the plan (NUL-terminated): level 0 to 1000000, 0: he lacks it, for so long
 * (1 to KOBLE_DURATION_MAX, KOBLE_NEVER: until it is changed again); KOBLE_SKILL_OWN with for_ns 0: as his definition says. It lies over his
 * definition, whatever that becomes. What he is doing goes on, and phones ring on. KOBLE_ERR_UNKNOWN for a skill that the plan
 * lacks, KOBLE_ERR_LIMIT at KOBLE_AGENT_SKILLS_MAX. */
KOBLE_API int32_t koble_agent_skill(koble_engine* engine, int64_t now_ns, koble_id agent, const char* skill,
                                    int64_t level, int64_t for_ns, koble_result* result);

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
  /* requested in each of its queues, from 1, among those who wait there; behind all before it of greater priority, and never worse
   * than its own place; 0: its own */
  uint32_t position;
  koble_id agent;   /* whom the contact is meant for; 0: nobody in particular */
  int64_t agent_ns; /* for so long nobody else may have it, KOBLE_NEVER: for ever; 0: he is preferred */
} koble_arrival;
/* A contact enters. result->id is the contact, also where a queue refuses it (events left and exit say so).
 * KOBLE_ERR_UNKNOWN for a queue that the plan lacks, a key that is no symbol or an agent who is not here. */
KOBLE_API int32_t koble_contact_arrive(koble_engine* engine, int64_t now_ns, const koble_arrival* arrival,
                                       koble_result* result);
/* The customer is gone or the conversation is over; valid in every living state. by: KOBLE_BY_CUSTOMER to _HOST. */
KOBLE_API int32_t koble_contact_gone(koble_engine* engine, int64_t now_ns, koble_id contact, uint32_t by,
                                     koble_result* result);
/* The customer wrote; valid in every living state. A silent or parked conversation goes on with its agent where he is there
 * and has room, else the contact waits in its queue, for him first. result->id: the engagement, where it is then active. */
KOBLE_API int32_t koble_contact_reply(koble_engine* engine, int64_t now_ns, koble_id contact, koble_result* result);

/* What a change of a contact is about: a mask. */
enum {
  KOBLE_CHANGE_PRIORITY = 1,
  KOBLE_CHANGE_CREDIT = 2,
  KOBLE_CHANGE_MAX_WAIT = 4,   /* how long it waits at most, counted from now, in each of its queues */
  KOBLE_CHANGE_ATTRIBUTES = 8, /* some set, some removed */
  KOBLE_CHANGE_REFUSALS = 16,  /* who declined or missed it is forgotten */
  KOBLE_CHANGE_AGENT = 32,     /* for whom it is meant is forgotten */
  KOBLE_CHANGE_RELATIVE = 64   /* priority and credit_ns are added to what it has; at least 0, at most the greatest */
};
/* "priority": the word for one bit of the mask; null where there is none. Static storage. */
KOBLE_API const char* koble_change_name(uint32_t change);

typedef struct koble_change {
  uint32_t struct_size;
  uint32_t changes;                  /* mask of KOBLE_CHANGE_; members of what it does not name must be 0 */
  int64_t priority;                  /* micro-points, as at arrival */
  int64_t credit_ns;                 /* as at arrival */
  int64_t max_wait_ns;               /* 1 to KOBLE_DURATION_MAX, or KOBLE_NEVER: without limit */
  const koble_attribute* attributes; /* to be set, in any order, no key twice; may be null with a count of 0 */
  const uint32_t* removed;           /* keys to be removed; may be null with a count of 0 */
  uint32_t attribute_count;          /* 0 to KOBLE_CONTACT_ATTRIBUTES_MAX */
  uint32_t removed_count;            /* 0 to KOBLE_CONTACT_ATTRIBUTES_MAX; no key that is set, too */
} koble_change;
/* Changes a living contact; it keeps its clocks, and its offers go on. Where nothing would be other than it is, nothing happens.
 * KOBLE_ERR_UNKNOWN for a key that is no symbol, KOBLE_ERR_LIMIT where it would have too many attributes. */
KOBLE_API int32_t koble_contact_change(koble_engine* engine, int64_t now_ns, koble_id contact,
                                       const koble_change* change, koble_result* result);

/* The host chooses the agent for a contact that waits, above all in a queue of mode "external". The engine sees to it that this can be
 * done: KOBLE_ERR_STATE if the contact does not wait or the agent may be offered nothing, KOBLE_ERR_LIMIT if it does not
 * fit, KOBLE_ERR_NONE if he may not take it. queue: one of the contact's, or KOBLE_QUEUE_NONE for the first in which he may.
 * flags: a sum of KOBLE_OFFER_. result->id is the offer, with KOBLE_OFFER_ACCEPTED an ended one. */
enum {
  KOBLE_OFFER_INSIST = 1,  /* whatever requirements, his table, refusals and reserves say */
  KOBLE_OFFER_ACCEPTED = 2 /* accepted at once */
};
KOBLE_API int32_t koble_offer_make(koble_engine* engine, int64_t now_ns, koble_id contact, koble_id agent,
                                   uint32_t queue, uint32_t flags, koble_result* result);

/* Puts a contact at a position in a queue in which it stands (KOBLE_QUEUE_NONE: in all of them), from 1, whoever is overtaken; past
 * the end: last. It stands directly before the contact that is there, and ages as that one does. 0: back to its own place.
 * KOBLE_ERR_STATE where it does not stand there. */
KOBLE_API int32_t koble_contact_place(koble_engine* engine, int64_t now_ns, koble_id contact, uint32_t queue,
                                      uint32_t position, koble_result* result);

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
/* The agent or the customer wrote, so the conversation is not silent: the channel's clock begins anew. A silent or parked one
 * goes on with its agent, whatever else he does. KOBLE_ERR_STATE where it is connecting or wrapping. */
KOBLE_API int32_t koble_engagement_activity(koble_engine* engine, int64_t now_ns, koble_id engagement,
                                            koble_result* result);
/* The agent sets the conversation aside; it stays his and takes none of his capacity. until_ns: then it comes back by itself;
 * 0: by koble_contact_reply or koble_engagement_activity only. KOBLE_ERR_STATE where the channel has no `park`. */
KOBLE_API int32_t koble_engagement_park(koble_engine* engine, int64_t now_ns, koble_id engagement, int64_t until_ns,
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
 *                         each, in the machine's byte order), target = the given serial, attributes, agent, c = agent_ns,
 *                         code = position
 *   CONTACT_GONE          target = contact, code = by
 *   CONTACT_CHANGE        target = contact, code = mask of KOBLE_CHANGE_, a = priority, b = credit_ns, c = max_wait_ns,
 *                         attributes = to be set, data = keys to be removed (uint32_t each, in the machine's byte order)
 *   OFFER_MAKE            target = contact, agent, queue (or KOBLE_QUEUE_NONE), code = flags
 *   AGENT_SKILL           target = agent, data = the skill's name, a = level, b = for_ns
 *   CONTACT_PLACE         target = contact, queue, code = position
 *   OFFER_ACCEPT          target = offer
 *   OFFER_END             target = offer, code = outcome
 *   CONNECTED, CONNECT_FAILED, HOLD, RETRIEVE, WRAP_UP_END   target = engagement
 *   RECONCILE             code = number of contacts, data = ids (koble_id each, in the machine's byte order), contacts first,
 *                         then legs
 *   ENGAGEMENT_ACTIVITY   target = engagement
 *   ENGAGEMENT_PARK       target = engagement, a = until_ns
 *   CONTACT_REPLY         target = contact
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
  koble_id agent;             /* CONTACT_ARRIVE: whom it is meant for; OFFER_MAKE: who gets it; 0 otherwise */
  int64_t c;                  /* CONTACT_ARRIVE: agent_ns; CONTACT_CHANGE: max_wait_ns; 0 otherwise */
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

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_COMMAND_H_ */
