/* koble_figures.h: what is counted. A fold over events, outside the engine's state and digest.
 *
 * Purpose.   Give every event of an engine, in order, to koble_figures_fold; read waits, service levels, handling times and
 *            agents' state times by queue, by interval, by agent and in total. Live hosts, replays and simulations use the
 *            same figures. docs/measures.md defines every measure: formula, clock, boundary, interval.
 * Integers.  Everything is counted in whole events and whole nanoseconds; nothing is rounded but the quantiles of histograms,
 *            whose relative error is at most 2^-7. A sum in a row that reads INT64_MAX means "at least this".
 * Ownership, threads, errors, structs: as in koble.h. Figures are independent of the engine whose events they fold.
 */
#ifndef KOBLE_KOBLE_FIGURES_H_
#define KOBLE_KOBLE_FIGURES_H_

#include "koble/koble.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct koble_figures koble_figures;

#define KOBLE_FIGURES_ALL UINT32_MAX      /* every queue, or every agent */
#define KOBLE_FIGURES_EVERY_INTERVAL (-1) /* every interval together */
#define KOBLE_FIGURES_INTERVAL_MIN INT64_C(1000000000)
#define KOBLE_FIGURES_INTERVALS_MAX 1000000 /* intervals that one koble_figures holds */

typedef struct koble_figures_options {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t start_ns;         /* contacts that arrived and time that passed earlier are not counted */
  int64_t interval_ns;      /* 0: no intervals; otherwise KOBLE_FIGURES_INTERVAL_MIN or more, counted from start_ns */
  int64_t short_abandon_ns; /* abandons after at most this wait are short; 0: none is */
  int64_t target_ns;        /* service target of queues whose plan names none; 0: they have none */
} koble_figures_options;
#define KOBLE_FIGURES_OPTIONS_INIT \
  { sizeof(koble_figures_options), 0, 0, 0, 0, 0 }

/* `plan` is the one in force at the first event; its agents have the ids that a new engine gives them. `options` may be
 * null. */
KOBLE_API int32_t koble_figures_create(const koble_plan* plan, const koble_figures_options* options,
                                       koble_figures** figures);
KOBLE_API void koble_figures_destroy(koble_figures* figures); /* null does nothing */
/* The last refused call on these figures, in words; "" after a successful one. Valid until the next call. */
KOBLE_API const char* koble_figures_message(const koble_figures* figures);

/* Makes a plan known before the PLAN event that puts it in force is folded. Queues keep their figures by name. */
KOBLE_API int32_t koble_figures_plan(koble_figures* figures, const koble_plan* plan);
/* Names an agent that a command added, and gives his capacity in units from now on (agents of the plan need no call).
 * `name` may be null: no name; capacity 0: unchanged (100 at first). */
KOBLE_API int32_t koble_figures_agent(koble_figures* figures, koble_id agent, const char* name, int64_t capacity);

/* Folds `count` events, the i-th at `events + i * stride` bytes, in order of their numbers. Events whose number has been folded
 * are passed over. *folded (may be null) receives how many were taken: on KOBLE_ERR_UNKNOWN the next one is a PLAN event
 * whose plan koble_figures_plan has not been given; on KOBLE_ERR_TIME its time is earlier than the last; on KOBLE_ERR_ARGUMENT
 * numbers are missing before it; on KOBLE_ERR_LIMIT it falls in an interval past KOBLE_FIGURES_INTERVALS_MAX. */
KOBLE_API int32_t koble_figures_fold(koble_figures* figures, const koble_event* events, uint32_t stride, uint64_t count,
                                     uint64_t* folded);
/* Counts up to an instant: agents' state times run to at_ns, and the contacts that wait then are counted as open. Folding may
 * go on afterwards with events from at_ns on; the next close counts the open ones anew. */
KOBLE_API int32_t koble_figures_close(koble_figures* figures, int64_t at_ns);
/* Adds the counts of `from` (another engine, day or replication; same options but start_ns may differ): queues by name,
 * intervals by number, agents by name; agents without a name stay apart. */
KOBLE_API int32_t koble_figures_merge(koble_figures* figures, const koble_figures* from);

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* Queues are numbered as first seen: those of the first plan keep their numbers. Agents likewise. */
KOBLE_API uint32_t koble_figures_queue_count(const koble_figures* figures);
KOBLE_API uint32_t koble_figures_agent_count(const koble_figures* figures);
KOBLE_API int64_t koble_figures_interval_count(const koble_figures* figures); /* the last one with figures, + 1 */
/* Null for a number past the last; "" for an agent without a name. Valid until the next call that changes the figures. */
KOBLE_API const char* koble_figures_queue_name(const koble_figures* figures, uint32_t queue);
KOBLE_API const char* koble_figures_agent_name(const koble_figures* figures, uint32_t agent);

/* Service levels, in this order in sl_good and sl_of: good / of. docs/measures.md has the formulas. */
enum {
  KOBLE_SL_ANSWERED = 0,        /* answered in time / answered */
  KOBLE_SL_OFFERED = 1,         /* answered in time / offered */
  KOBLE_SL_WITHOUT_SHORT = 2,   /* answered in time / offered without short abandons */
  KOBLE_SL_ABANDONS_IN_TIME = 3 /* answered or abandoned in time / offered */
};

/* A contact counts in one queue (the one that answered it, or the last it left; while it waits, its first) and in the
 * interval of its arrival, with all that happened to it later. One that is not routable counts in KOBLE_FIGURES_ALL alone. */
typedef struct koble_figures_queue_row {
  uint32_t struct_size;
  uint32_t queue;    /* KOBLE_FIGURES_ALL */
  int64_t interval;  /* KOBLE_FIGURES_EVERY_INTERVAL */
  int64_t begin_ns;  /* of the interval; start_ns for every interval */
  int64_t target_ns; /* the queue's now; 0: none, or several queues */
  uint64_t offered;
  uint64_t answered;
  uint64_t answered_in_time; /* wait <= target */
  uint64_t abandoned;
  uint64_t abandoned_in_time;
  uint64_t abandoned_short;
  uint64_t exits[10]; /* by KOBLE_EXIT_; [KOBLE_EXIT_ABANDONED] again; [0] 0 */
  uint64_t left[10];  /* left this queue (other queues may remain), by KOBLE_EXIT_ */
  uint64_t open;      /* waiting at the last close */
  uint64_t open_late; /* of these with wait > target */
  uint64_t sl_good[4];
  uint64_t sl_of[4];
  int64_t wait_answered_sum_ns;
  int64_t wait_answered_max_ns;
  int64_t wait_abandoned_sum_ns;
  int64_t wait_abandoned_max_ns;
  int64_t wait_all_sum_ns; /* of everyone whose wait ended, however */
  int64_t wait_all_max_ns;
  int64_t wait_open_sum_ns;
  int64_t wait_open_max_ns;
  uint64_t ended;        /* contacts that were served and are over, wrap-up included; one that returned counts once */
  int64_t handle_sum_ns; /* active + held + wrap-up; silent and parked time is none */
  int64_t handle_max_ns;
  int64_t talk_sum_ns; /* elapsed from serving to ended, held included, silent and parked not */
  int64_t talk_max_ns;
  uint64_t holds;
  int64_t hold_sum_ns;
  uint64_t wrapups;
  int64_t wrapup_sum_ns;
  int64_t attention_sum_ns; /* the handle times, each moment divided by the engagements its agent then had */
  uint64_t offers;          /* made */
  uint64_t accepted;
  uint64_t outcomes[9]; /* of offers that ended otherwise, by KOBLE_OUTCOME_ */
  uint64_t connect_failed;
  uint64_t exhausted;
} koble_figures_queue_row;

/* What an agent shows: the first of these that is so. */
enum {
  KOBLE_SHOWN_ACTIVE = 0,
  KOBLE_SHOWN_HELD = 1,
  KOBLE_SHOWN_WRAPUP = 2,
  KOBLE_SHOWN_CONNECTING = 3,
  KOBLE_SHOWN_RINGING = 4,
  KOBLE_SHOWN_BREAK = 5,
  KOBLE_SHOWN_PENALISED = 6,
  KOBLE_SHOWN_AVAILABLE = 7,
  KOBLE_SHOWN_COUNT_ = 8
};

/* An agent's times and acts count in the interval in which they pass. */
typedef struct koble_figures_agent_row {
  uint32_t struct_size;
  uint32_t agent;   /* KOBLE_FIGURES_ALL */
  int64_t interval; /* KOBLE_FIGURES_EVERY_INTERVAL */
  int64_t begin_ns;
  koble_id id; /* 0 for all agents */
  int64_t signed_in_ns;
  int64_t shown_ns[8]; /* by KOBLE_SHOWN_; together exactly signed_in_ns */
  int64_t busy_ns;     /* occupancy = busy / busy_of: active + held + wrap-up over these + available */
  int64_t busy_of_ns;  /* utilisation = busy / signed_in */
  int64_t
      load_unit_ms; /* capacity units in use by engagements and wrap-ups x time, in unit-milliseconds (rounded down) */
  int64_t capacity_unit_ms; /* units there were x time signed in; load = the quotient */
  uint64_t offers;
  uint64_t accepted;
  uint64_t outcomes[9];
  uint64_t connect_failed;
  uint64_t answered;
  uint64_t ended;
  int64_t talk_sum_ns;
  int64_t hold_sum_ns;
  int64_t wrapup_sum_ns;
} koble_figures_agent_row;

/* One row. queue or agent: a number or KOBLE_FIGURES_ALL; interval: a number or KOBLE_FIGURES_EVERY_INTERVAL. Where nothing was counted the
 * row is zero. KOBLE_ERR_UNKNOWN for a number past the last. */
KOBLE_API int32_t koble_figures_queue(const koble_figures* figures, uint32_t queue, int64_t interval,
                                      koble_figures_queue_row* row);
KOBLE_API int32_t koble_figures_by_agent(const koble_figures* figures, uint32_t agent, int64_t interval,
                                         koble_figures_agent_row* row);

enum {
  KOBLE_DURATION_WAIT_ANSWERED = 0,
  KOBLE_DURATION_WAIT_ABANDONED = 1,
  KOBLE_DURATION_WAIT_ALL = 2,
  KOBLE_DURATION_HANDLE = 3
};

/* The value that `ppm` millionths of the durations do not exceed: at least the true one and at most 2^-7 of it more; -1
 * where there is none. */
KOBLE_API int32_t koble_figures_quantile(const koble_figures* figures, uint32_t queue, int64_t interval,
                                         uint32_t duration, uint32_t ppm, int64_t* value_ns);
/* The histogram itself: the largest value and the count of up to `capacity` non-empty buckets, rising; *buckets receives how many
 * there are. The arrays may be null with capacity 0. */
KOBLE_API int32_t koble_figures_histogram(const koble_figures* figures, uint32_t queue, int64_t interval,
                                          uint32_t duration, int64_t* upper_ns, uint64_t* counts, uint64_t capacity,
                                          uint64_t* buckets);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* KOBLE_KOBLE_FIGURES_H_ */
