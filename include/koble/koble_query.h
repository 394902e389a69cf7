/* koble_query.h: what is the case now. Part of koble.h, which says what holds for all of it. */
#ifndef KOBLE_KOBLE_QUERY_H_
#define KOBLE_KOBLE_QUERY_H_

#include <koble/koble_command.h>

#ifdef __cplusplus
extern "C" {
#endif

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
  KOBLE_CONTACT_HELD = 5,
  KOBLE_CONTACT_SILENT = 6, /* in an engagement that is silent */
  KOBLE_CONTACT_PARKED = 7  /* or parked: its agent keeps it without capacity */
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
  uint32_t steps[8];     /* the last of the steps open in each, 0 = the requirement itself */
  uint32_t positions[8]; /* place in each queue among those waiting there, from 1; 0 while not waiting. Costs a walk. */
  koble_id agent;        /* whom it is meant for; 0: nobody in particular, or it is served */
  int64_t reserved_until_ns; /* till then nobody else may have it; 0: he is only preferred; KOBLE_NEVER: for ever */
  int64_t priority;          /* micro-points of its own */
  int64_t credit_ns;         /* of its own */
  uint64_t open_steps[8];    /* the steps open in each, bit by bit; bit 0, the requirement itself, always */
  int64_t retry_until_ns;    /* offered to nobody till then; 0: it is in no retry delay */
  int64_t next_ring_ns;      /* of a progressive group that grows: when one more agent is asked; 0: not by time */
  uint32_t
      attempts; /* times that it has been offered so far; those asked together count once, one who is added later again */
  uint32_t hungry; /* 1: its group takes one more agent as soon as one is free */
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

/* One skill of an agent. */
typedef struct koble_skill {
  uint32_t skill;   /* its number in the plan in force */
  uint32_t changed; /* 1: a command has changed it */
  int64_t level;    /* now; 0: he lacks it (only where it was changed) */
  int64_t until_ns; /* of a change; KOBLE_NEVER; 0 where it is his own */
} koble_skill;
/* The skills of a living agent in order of number; copies up to `capacity`, *count receives how many there are. */
KOBLE_API int32_t koble_agent_skills(const koble_engine* engine, koble_id agent, koble_skill* out, uint64_t capacity,
                                     uint64_t* count);

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
  uint32_t silent, parked;                             /* conversations that take no capacity */
  uint32_t misses;                                     /* offers missed since he last served or became available */
  uint32_t reserved;                                   /* 0 */
  int64_t last_served_ns;                              /* when he last began to serve; 0: not yet */
  uint64_t handled;                                    /* conversations that are over, their wrap-ups too, or paused */
  int64_t handled_ns;                                  /* in these, holding and wrap-ups included, pauses not */
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
  KOBLE_ENGAGEMENT_WRAPPING = 4,
  KOBLE_ENGAGEMENT_SILENT = 5,
  KOBLE_ENGAGEMENT_PARKED = 6
};
typedef struct koble_engagement_info {
  uint32_t struct_size;
  uint32_t state; /* KOBLE_ENGAGEMENT_ */
  uint32_t queue;
  uint32_t reserved;
  koble_id contact; /* ended where state is WRAPPING */
  koble_id agent;
  int64_t since_ns; /* begin of the present state */
  int64_t
      deadline_ns; /* connect limit, end of the wrap-up, when it falls silent, is forgotten, comes back; KOBLE_NEVER */
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

#endif /* KOBLE_KOBLE_QUERY_H_ */
