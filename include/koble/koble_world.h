/* koble_world.h: a simulated world that plays against an engine: customers who come, wait, give up, come again; agents who answer,
 * decline, talk, wrap up, learn.
 *
 * Purpose.   Studies of plans and policies: the engine that decides is the very one that runs live, made by the host with whatever options
 *            and policies it wants. The world is drawn as it goes, in memory that depends on how many are there at once, not on how many came.
 * Draws.     Everything a customer brings along is a pure function of (seed, stream, number in the stream, attempt), by inversion, whatever
 *            the plan does: common random numbers (docs/studies.md, "Random numbers").
 * One instant. In this order: the engine's timers; ends of conversations; ends of wrap-ups; presence; answers; hang-ups; second attempts;
 *            arrivals, by stream.
 * Ownership, threads, errors, structs: as in koble.h. A model is copied; the engine (and the figures) must outlive the world, and be
 *            given no commands by anybody else meanwhile. Its journal should be off, or read between runs and unbounded.
 */
#ifndef KOBLE_KOBLE_WORLD_H_
#define KOBLE_KOBLE_WORLD_H_

#include "koble/koble.h"
#include "koble/koble_figures.h"
#include "koble/koble_sim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What comes ---------------------------------------------------------------------------------------------------- */

/* One attribute of each contact: one of the values, by weight (positive, of any sum). */
typedef struct koble_world_attribute {
  uint32_t key; /* number of a symbol of the engine */
  uint32_t value_count;
  const int64_t* values;
  const double* weights;
} koble_world_attribute;

/* After what a customer tries again: a mask. */
enum {
  KOBLE_AGAIN_REFUSED = 1,   /* a queue refused him (KOBLE_EXIT_FULL, CLOSED, REFUSED, NOT_ROUTABLE) */
  KOBLE_AGAIN_ABANDONED = 2, /* he hung up */
  KOBLE_AGAIN_BALKED = 4,    /* he left at once because he would have had to wait */
  KOBLE_AGAIN_LET_GO = 8     /* the centre gave him up (any other KOBLE_EXIT_) */
};

typedef struct koble_world_stream {
  uint32_t struct_size;
  uint32_t queue_count; /* 1 to KOBLE_CONTACT_QUEUES_MAX */
  const uint32_t* queues;
  int64_t priority;  /* micro-points */
  int64_t credit_ns; /* waiting time credited */
  /* Poisson arrivals: on [begin_ns[i], begin_ns[i + 1]) the rate goes evenly from per_hour[i] to to_per_hour[i]; the last piece ends at the
   * horizon. Or, with piece_count 0, arrivals at times_ns, rising; those at the horizon or later are left out. */
  const int64_t* begin_ns;
  const double* per_hour;
  const double* to_per_hour; /* null: constant */
  uint64_t piece_count;
  const int64_t* times_ns;
  uint64_t time_count;
  const koble_law* batch;      /* contacts at each arrival: the value over 10^9, rounded up, at least 1; null: one */
  const koble_law* service;    /* conversation at an agent whose factor is 1 */
  const koble_law* patience;   /* null: nobody hangs up */
  const int64_t* services_ns;  /* instead of `service`, with times_ns and no batch: one for each arrival; may be null */
  const int64_t* patiences_ns; /* instead of `patience`, likewise; KOBLE_NEVER: does not hang up */
  double balk;                 /* probability that who would have to wait leaves at once */
  uint32_t again_after;        /* mask of KOBLE_AGAIN_; 0: nobody tries again */
  uint32_t again_most;         /* further attempts at most; 0: any number. None begins at the horizon or later */
  double again_probability;    /* at each attempt */
  const koble_law* again_delay; /* until the next attempt */
  const koble_world_attribute* attributes;
  uint64_t attribute_count; /* 0 to KOBLE_CONTACT_ATTRIBUTES_MAX */
  uint32_t chosen;   /* 1: a contact stands in one of `queues`, which koble_world_hooks.choose_queue names; 0: in all */
  uint32_t reserved; /* 0 */
} koble_world_stream;
#define KOBLE_WORLD_STREAM_INIT \
  { sizeof(koble_world_stream), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0, 0, 0.0, 0, 0, 0, 0, 0 }

/* ---- Who is there -------------------------------------------------------------------------------------------------- */

/* How agents of one kind behave. */
typedef struct koble_world_people {
  uint32_t struct_size;
  uint32_t speed_count;
  /* How fast each conversation gets on while an agent has 1, 2, ... of them (the last for all more); its rest is re-timed whenever their
   * number changes. None: always 1. Each more than 0. */
  const double* speeds;
  const koble_law* answer;  /* from an offer that rings to its answer; null: at once */
  const koble_law* wrap_up; /* null: as long as the plan says; else the plan's is the longest */
  double decline;           /* probability that he declines an offer that rings, when he would have answered it */
  double miss;              /* probability that he lets it ring */
  double learning_first;    /* his first contact takes so many times as long ... */
  double learning_contacts; /* ... and contact n 1 + (first - 1) e^(-n / contacts) times; 0: no learning */
} koble_world_people;
#define KOBLE_WORLD_PEOPLE_INIT \
  { sizeof(koble_world_people), 0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0 }

/* From time_ns on, `count` agents of that group are there. Where fewer are, others come, in order of the plan's list; where more are, free ones
 * go, the last of the list first, and then whoever is next to end a conversation, at its end. Who goes on a break by the engine's doing counts
 * as there. */
typedef struct koble_world_level {
  int64_t time_ns;
  uint32_t group;
  uint32_t count;
} koble_world_level;

typedef struct koble_world_model {
  uint32_t struct_size;
  uint32_t stream_count; /* at least 1 */
  const koble_world_stream* const* streams;
  const koble_world_people* const* people;
  const uint32_t*
      people_of_agent; /* for each agent that the plan lists: number of his kind; null: all are of the first */
  const double*
      factors; /* stream_count x agents, row by row: a stream's conversation with that agent takes so many times
                                      as long; positive; null: all 1 */
  const koble_sim_presence* presence; /* rising by time */
  uint64_t presence_count;
  uint64_t people_count; /* 0: they answer at once, and nothing else */
  uint64_t seed;
  uint32_t
      purpose; /* of the first stream's first draw; stream s draws with purpose + 16 s ... + 15; KOBLE_SIM_USER or more */
  uint32_t reserved;  /* 0 */
  int64_t horizon_ns; /* no contact arrives at or after it; the run goes on until nothing more can happen */
  int64_t from_ns;    /* koble_world_agent and koble_world_totals are about from_ns to to_ns */
  int64_t to_ns;
  const uint32_t*
      group_of_agent; /* for each agent that the plan lists; UINT32_MAX: none, `presence` says; null: none at all */
  const koble_world_level* levels; /* rising by time */
  uint64_t level_count;
  const int64_t* sample_ns; /* rising; koble_world_sample looks then, before anything happens at that instant */
  uint64_t sample_count;
} koble_world_model;
#define KOBLE_WORLD_MODEL_INIT \
  { sizeof(koble_world_model), 0, 0, 0, 0, 0, 0, 0, 0, 0, KOBLE_SIM_USER, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/* ---- What became of it --------------------------------------------------------------------------------------------- */

enum {
  KOBLE_WORLD_MUST_WAIT = 1, /* it joined, and was offered to nobody at its arrival */
  KOBLE_WORLD_BALKED = 2     /* and left at once for that */
};

/* One attempt of one customer, as it has ended. Records come in order of the ends. */
typedef struct koble_world_record {
  int64_t first_ns; /* arrival of the customer's first attempt */
  int64_t arrival_ns;
  int64_t wait_ns;    /* to the conversation, the exit, or the end of the run */
  int64_t service_ns; /* conversation; 0: not served */
  int64_t again_ns;   /* until the next attempt; KOBLE_NEVER: there is none */
  uint64_t customer;  /* number in its stream, from 1 */
  uint32_t stream;
  uint32_t attempt; /* from 0 */
  uint32_t exit;    /* KOBLE_EXIT_; 0: served, or waiting at the end of the run */
  uint32_t agent;   /* number in the plan's list of who served; UINT32_MAX: nobody */
  uint32_t queue;   /* number of the queue that served, or KOBLE_QUEUE_NONE */
  uint32_t offers;  /* made */
  uint32_t waiting; /* how many waited in its first queue as it arrived */
  uint32_t flags;   /* KOBLE_WORLD_ */
} koble_world_record;

/* One agent, between from_ns and to_ns. */
typedef struct koble_world_agent {
  int64_t present_ns; /* available, or busy though not available any more */
  int64_t busy_ns;    /* with at least one conversation or wrap-up */
  int64_t talk_ns;    /* conversations, each by itself */
  int64_t wrap_ns;    /* wrap-ups, each by itself */
  uint64_t served;    /* conversations that began */
} koble_world_agent;

typedef struct koble_world_sample {
  int64_t time_ns;
  uint32_t waiting; /* contacts that wait, ring or connect */
  uint32_t serving; /* conversations */
  uint32_t orbit;   /* customers between two attempts */
  uint32_t present; /* agents, as in koble_world_agent */
  uint32_t busy;
  uint32_t free; /* agents who are available and not busy */
} koble_world_sample;

typedef struct koble_world_totals {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t all_busy_ns; /* between from_ns and to_ns: somebody was there, and nobody free */
  int64_t end_ns;      /* the last time played */
  uint64_t commands;   /* given to the engine */
  uint64_t events;     /* that it emitted */
} koble_world_totals;
#define KOBLE_WORLD_TOTALS_INIT \
  { sizeof(koble_world_totals), 0, 0, 0, 0, 0 }

typedef struct koble_world koble_world;

/* A world for an engine to which no command has been given. `figures` (may be null) folds every event and is closed at the end; it must be
 * fresh and of the same plan. KOBLE_ERR_ARGUMENT: `message` (may be null) receives up to message_size - 1 bytes about what is wrong. */
KOBLE_API int32_t koble_world_create(koble_engine* engine, const koble_world_model* model, koble_figures* figures,
                                     koble_world** world, char* message, uint64_t message_size);
KOBLE_API void koble_world_destroy(koble_world* world);

/* What a host may have to say. Both are called between commands, on the thread of koble_world_run; the engine may be asked anything then, and
 * must not be changed. A negative answer, or a place that there is not, ends the run with KOBLE_ERR_STATE. */
typedef struct koble_world_hooks {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* Which of the stream's queues an attempt of its customer goes to: a place from 0. For streams with `chosen`. */
  int32_t (*choose_queue)(void* context, uint32_t stream, uint64_t customer);
  /* After each command, before its events are acknowledged: 0, or negative to end the run. May be null. */
  int32_t (*follow)(void* context);
  void* context;
} koble_world_hooks;
#define KOBLE_WORLD_HOOKS_INIT \
  { sizeof(koble_world_hooks), 0, 0, 0, 0 }
/* Before the first koble_world_run. */
KOBLE_API int32_t koble_world_set_hooks(koble_world* world, const koble_world_hooks* hooks);
/* Plays on until `capacity` records are written or nothing more can happen; *count receives how many were. Fewer than `capacity`: it is
 * over. After an error (of the engine, or of the figures) it cannot go on. */
KOBLE_API int32_t koble_world_run(koble_world* world, koble_world_record* records, uint64_t capacity, uint64_t* count,
                                  char* message, uint64_t message_size);
KOBLE_API int64_t koble_world_now(const koble_world* world);
/* By the plan's list; up to `capacity`; *count receives how many there are. So far, where the run goes on. */
KOBLE_API int32_t koble_world_agents(const koble_world* world, koble_world_agent* agents, uint64_t capacity,
                                     uint64_t* count);
/* Those that have been taken so far; at the end of the run all. */
KOBLE_API int32_t koble_world_samples(const koble_world* world, koble_world_sample* samples, uint64_t capacity,
                                      uint64_t* count);
KOBLE_API int32_t koble_world_read_totals(const koble_world* world, koble_world_totals* totals);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_WORLD_H_ */
