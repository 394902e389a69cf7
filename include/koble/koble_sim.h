/* koble_sim.h: random numbers, laws of durations, arrivals, and trace-driven runs of the engine.
 *
 * Purpose.   What a simulation or a replay needs beside the engine. Draws are pure functions of (seed, purpose, serial, index), so they
 *            are the same under every plan, on every machine and in any order (docs/replay.md, "Random numbers").
 * Ownership, threads, errors, structs: as in koble.h. Functions here keep no state; a trace run makes an engine of its own.
 */
#ifndef KOBLE_KOBLE_SIM_H_
#define KOBLE_KOBLE_SIM_H_

#include "koble/koble.h"
#include "koble/koble_figures.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Draws ------------------------------------------------------------------------------------------------------- */

/* What a draw is for. Two purposes are two independent sources; the caller's own begin at KOBLE_SIM_USER. */
enum {
  KOBLE_SIM_ARRIVAL = 1,
  KOBLE_SIM_SERVICE = 2,
  KOBLE_SIM_PATIENCE = 3,
  KOBLE_SIM_ANSWER = 4,
  KOBLE_SIM_PRIORITY = 5,
  KOBLE_SIM_PRESENCE = 6,
  KOBLE_SIM_USER = 1000
};

/* Philox4x32-10 of Salmon, Moraes, Dror and Shaw (2011). */
KOBLE_API void koble_sim_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
/* Uniforms strictly between 0 and 1, for the serials first .. first + count - 1. */
KOBLE_API int32_t koble_sim_uniforms(uint64_t seed, uint32_t purpose, uint64_t first, uint32_t index, uint64_t count,
                                     double* out);

enum {
  KOBLE_LAW_DETERMINISTIC = 1, /* a */
  KOBLE_LAW_EXPONENTIAL = 2,   /* mean a */
  KOBLE_LAW_LOGNORMAL = 3,     /* median a, standard deviation b of the logarithm */
  KOBLE_LAW_EMPIRICAL = 4,     /* one of the values, each equally likely */
  KOBLE_LAW_UNIFORM = 5,       /* from a to b, both ns */
  KOBLE_LAW_GAMMA = 6,         /* mean a, shape b in [0.01, 10000]; a whole shape is Erlang's law of so many phases */
  KOBLE_LAW_WEIBULL = 7,       /* mean a, shape b in [0.1, 1000] */
  KOBLE_LAW_HYPEREXPONENTIAL = 8, /* exponential; its mean is one of `values` (1 to 64), chosen by the `weights` */
  KOBLE_LAW_MIXTURE = 9           /* one of the `parts` (1 to 64, none of them a mixture), chosen by the `weights` */
};
typedef struct koble_law {
  uint32_t struct_size;
  uint32_t kind;
  double a; /* ns */
  double b;
  const int64_t* values; /* ns, rising; of HYPEREXPONENTIAL in any order */
  uint64_t value_count;
  const double*
      weights; /* of HYPEREXPONENTIAL and MIXTURE: one for each value or part, positive; what counts is their parts of the sum */
  const struct koble_law* const* parts; /* of MIXTURE */
  uint64_t part_count;
} koble_law;
/* Durations in ns, for the serials first .. first + count - 1: the law's quantile function at the uniforms above. */
KOBLE_API int32_t koble_sim_values(const koble_law* law, uint64_t seed, uint32_t purpose, uint64_t first,
                                   uint32_t index, uint64_t count, int64_t* out);
/* The same at uniforms of the caller's. */
KOBLE_API int32_t koble_sim_quantiles(const koble_law* law, const double* uniforms, uint64_t count, int64_t* out);

/* The standard normal law at `count` places: its quantiles at uniforms in (0, 1), and P(Z <= z). */
KOBLE_API int32_t koble_sim_normal_quantiles(const double* uniforms, uint64_t count, double* out);
KOBLE_API int32_t koble_sim_normal_probabilities(const double* z, uint64_t count, double* out);

/* Poisson arrivals at rate per_hour[i] on [begin_ns[i], begin_ns[i + 1]), the last piece ending at end_ns. Writes up to `capacity` times, rising;
 * *count receives how many there are, at most `capacity`. */
KOBLE_API int32_t koble_sim_arrivals(const int64_t* begin_ns, const double* per_hour, uint64_t pieces, int64_t end_ns,
                                     uint64_t seed, uint32_t purpose, int64_t* out, uint64_t capacity, uint64_t* count);

/* ---- Trace-driven runs ------------------------------------------------------------------------------------------- */

typedef struct koble_sim_contact {
  int64_t arrival_ns;
  int64_t patience_ns; /* hangs up when he has waited so long; KOBLE_NEVER */
  int64_t service_ns;  /* from serving to the end */
  int64_t priority;    /* micro-points */
  int64_t credit_ns;
  uint32_t queue;  /* KOBLE_QUEUE_NONE, with a serial: the plan has not the record's queue */
  uint32_t serial; /* given to the engine, rising; 0: the next */
} koble_sim_contact;

typedef struct koble_sim_presence {
  int64_t time_ns;
  int64_t reason;
  uint32_t agent;    /* number in the plan's list */
  uint32_t presence; /* KOBLE_PRESENCE_ */
} koble_sim_presence;

typedef struct koble_sim_outcome {
  int64_t wait_ns; /* to serving, exit, or the end of the run */
  uint32_t exit;   /* KOBLE_EXIT_; 0: served, or waiting at the end of the run */
  uint32_t agent;  /* number in the plan's list of who served; UINT32_MAX: nobody */
  uint32_t queue;  /* number of the queue that served; KOBLE_QUEUE_NONE */
  uint32_t offers; /* made */
} koble_sim_outcome;

typedef struct koble_sim_trace_options {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t seed;
  int64_t answer_ns; /* from an offer that rings to its answer */
  int64_t end_ns;    /* nothing later is played; KOBLE_NEVER: until nothing more can happen */
} koble_sim_trace_options;
#define KOBLE_SIM_TRACE_OPTIONS_INIT \
  { sizeof(koble_sim_trace_options), 0, 0, 0, KOBLE_NEVER }

typedef struct koble_sim_run {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t commands; /* given to the engine */
  uint64_t events;   /* that it emitted */
  int64_t end_ns;    /* the last time played */
  uint64_t digest[2];
} koble_sim_run;
#define KOBLE_SIM_RUN_INIT                      \
  {                                             \
    sizeof(koble_sim_run), 0, 0, 0, 0, { 0, 0 } \
  }

/* Plays contacts (rising by arrival) and presence changes (rising by time) against a new engine of that plan. The impatient hang up;
 * an offer that rings is answered after answer_ns; connections succeed at once; pull agents keep a request standing. At one
 * instant: the engine's timers, ends of service, presence changes, answers, hang-ups, arrivals. `outcomes` receives one record for each
 * contact; `figures` (may be null) folds every event and is closed at the end; it must be fresh and of the same plan. `options` and `run`
 * may be null. `message` (may be null) receives up to message_size - 1 bytes on failure. */
KOBLE_API int32_t koble_sim_trace(const koble_plan* plan, const koble_sim_trace_options* options,
                                  const koble_sim_contact* contacts, uint64_t contact_count,
                                  const koble_sim_presence* presence, uint64_t presence_count,
                                  koble_sim_outcome* outcomes, koble_figures* figures, koble_sim_run* run,
                                  char* message, uint64_t message_size);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_SIM_H_ */
