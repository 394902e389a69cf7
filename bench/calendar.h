/* The calendar of the benchmarks' simulations: a calendar queue (R. Brown, Communications of the ACM 31(10), 1988), a ring of days each with a list of what
 * falls on it, this year or in another; the ring's places that have something are bits, so that empty days cost nothing. The day is chosen an eighth to a
 * quarter of the time from one entry to the next, so that most lists have one: how long a list is cannot be foretold, and a jump that is not takes longer than
 * a few empty days. What it holds about a contact that was served or has gone in the meantime is passed over by whoever takes it out. For C and C++. */
#ifndef KOBLE_BENCH_CALENDAR_H_
#define KOBLE_BENCH_CALENDAR_H_

#include <koble/koble_base.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct calendar_entry {
  int64_t time_ns;
  /* The contact's id, whose first bit is 0, and there 1 where the contact's patience ends; 0: its service does. */
  uint64_t what;
} calendar_entry;

static inline calendar_entry calendar_make(int64_t time_ns, koble_id contact, bool patience) {
  const calendar_entry entry = {time_ns, contact | (uint64_t)patience << 63};
  return entry;
}
static inline koble_id calendar_contact(calendar_entry entry) { return entry.what & ~(UINT64_C(1) << 63); }
static inline bool calendar_patience(calendar_entry entry) { return entry.what >> 63 != 0; }

/* A longer ring is in no cache. */
enum { CALENDAR_DAYS_MOST = 1 << 18 };

typedef struct calendar_node {
  calendar_entry entry;
  uint32_t next; /* of its day, or of those that are free; 0: none */
} calendar_node;

typedef struct calendar {
  calendar_entry first; /* the next, which is in no list; INT64_MAX where there is none */
  uint32_t day_bits;    /* a day has 2^day_bits ns */
  uint32_t mask;        /* days of the ring - 1 */
  uint32_t* days;       /* the first node of each; 0: none */
  uint64_t* filled;     /* a bit for each day that has one */
  calendar_node* nodes; /* [0] is nobody's */
  uint32_t node_count, node_room;
  uint32_t free_node;
  uint64_t listed;
} calendar;

static inline void* calendar_memory(void* block, size_t size) {
  block = realloc(block, size);
  if (block != NULL) return block;
  fprintf(stderr, "no memory for a calendar: simulate fewer contacts at a time\n");
  exit(1);
}

/* Of entries some `gap_ns` apart, most of them less than `span_ns` ahead: both above 0. */
static inline void calendar_open(calendar* c, double gap_ns, double span_ns) {
  memset(c, 0, sizeof *c);
  c->first.time_ns = INT64_MAX;
  while ((double)(INT64_C(8) << c->day_bits) < gap_ns) ++c->day_bits;
  c->mask = 63;
  while ((double)c->mask * (double)(INT64_C(1) << c->day_bits) < span_ns) {
    if (c->mask < CALENDAR_DAYS_MOST - 1) {
      c->mask = 2 * c->mask + 1;
    } else {
      ++c->day_bits;
    }
  }
  c->days = (uint32_t*)calendar_memory(NULL, (c->mask + 1) * sizeof *c->days);
  memset(c->days, 0, (c->mask + 1) * sizeof *c->days);
  c->filled = (uint64_t*)calendar_memory(NULL, (c->mask + 1) / 8);
  memset(c->filled, 0, (c->mask + 1) / 8);
  c->node_count = 1;
}

static inline void calendar_close(calendar* c) {
  free(c->days);
  free(c->filled);
  free(c->nodes);
}

static inline bool calendar_empty(const calendar* c) { return c->first.time_ns == INT64_MAX; }

static inline uint32_t calendar_new_node(calendar* c) {
  const uint32_t node = c->free_node;
  if (node != 0) {
    c->free_node = c->nodes[node].next;
    return node;
  }
  if (c->node_count >= c->node_room) {
    c->node_room = c->node_room == 0 ? 64 : 2 * c->node_room;
    c->nodes = (calendar_node*)calendar_memory(c->nodes, c->node_room * sizeof *c->nodes);
  }
  return c->node_count++;
}

/* `entry` is not before what was taken out last. */
static inline void calendar_push(calendar* c, calendar_entry entry) {
  if (entry.time_ns < c->first.time_ns) {
    const calendar_entry later = c->first;
    c->first = entry;
    if (later.time_ns == INT64_MAX) return;
    entry = later;
  }
  const uint32_t node = calendar_new_node(c);
  const uint32_t day = (uint32_t)(entry.time_ns >> c->day_bits) & c->mask;
  c->nodes[node].entry = entry;
  c->nodes[node].next = c->days[day];
  c->days[day] = node;
  c->filled[day / 64] |= UINT64_C(1) << (day % 64);
  ++c->listed;
}

/* The first day from `day` on whose list has something: of this year's, or in the ring's place of one of another's. There is one. */
static inline int64_t calendar_filled_from(const calendar* c, int64_t day) {
  const uint32_t place = (uint32_t)day & c->mask;
  uint64_t word = c->filled[place / 64] >> (place % 64);
  if (word != 0) return day + __builtin_ctzll(word);
  day += 64 - place % 64;
  while ((word = c->filled[((uint32_t)day & c->mask) / 64]) == 0) day += 64;
  return day + __builtin_ctzll(word);
}

/* The link to that day's earliest node; null where it has only those of other years. */
static inline uint32_t* calendar_earliest(calendar* c, int64_t day) {
  uint32_t* best = NULL;
  int64_t best_ns = (day + 1) << c->day_bits; /* the day after */
  for (uint32_t* link = &c->days[(uint32_t)day & c->mask]; *link != 0; link = &c->nodes[*link].next) {
    if (c->nodes[*link].entry.time_ns < best_ns) {
      best_ns = c->nodes[*link].entry.time_ns;
      best = link;
    }
  }
  return best;
}

/* Takes out the next; there must be one. */
static inline calendar_entry calendar_pop(calendar* c) {
  const calendar_entry first = c->first;
  c->first.time_ns = INT64_MAX;
  if (c->listed == 0) return first;
  int64_t day = calendar_filled_from(c, first.time_ns >> c->day_bits);
  uint32_t* link;
  while ((link = calendar_earliest(c, day)) == NULL) day = calendar_filled_from(c, day + 1);
  const uint32_t node = *link;
  c->first = c->nodes[node].entry;
  *link = c->nodes[node].next;
  c->nodes[node].next = c->free_node;
  c->free_node = node;
  --c->listed;
  const uint32_t place = (uint32_t)day & c->mask;
  if (c->days[place] == 0) c->filled[place / 64] &= ~(UINT64_C(1) << (place % 64));
  return first;
}

/* Asks for the node that most often comes after the first, before it is needed: of thousands it is in no near cache. (Part of its callers: g++ 12 sees a
 * function without effect, and would leave a call out.) */
__attribute__((always_inline)) static inline void calendar_prefetch_second(const calendar* c) {
  const uint32_t place = ((uint32_t)(c->first.time_ns >> c->day_bits) + 1) & c->mask;
  const uint64_t word = c->filled[place / 64] >> (place % 64);
  if (word != 0) __builtin_prefetch(&c->nodes[c->days[place + (uint32_t)__builtin_ctzll(word)]]);
}

#endif /* KOBLE_BENCH_CALENDAR_H_ */
