/* The calendar of the benchmarks' simulations: a 4-ary heap by time. For C and C++. What it holds about a contact that was
 * served or has gone in the meantime is passed over by whoever takes it out. */
#ifndef KOBLE_BENCH_CALENDAR_H_
#define KOBLE_BENCH_CALENDAR_H_

#include <koble/koble_base.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Begins as {0}; `heap` is freed by whoever has it. */
typedef struct calendar {
  calendar_entry* heap; /* the next is heap[0] */
  size_t size;
  size_t room;
} calendar;

static inline void calendar_push(calendar* c, calendar_entry entry) {
  if (c->size == c->room) {
    c->room = c->room == 0 ? 64 : 2 * c->room;
    c->heap = (calendar_entry*)realloc(c->heap, c->room * sizeof(calendar_entry));
    if (c->heap == NULL) {
      fprintf(stderr, "no memory for a calendar of %zu entries: simulate fewer contacts at a time\n", c->room);
      exit(1);
    }
  }
  size_t i = c->size++;
  while (i > 0) {
    const size_t parent = (i - 1) / 4;
    if (c->heap[parent].time_ns <= entry.time_ns) break;
    c->heap[i] = c->heap[parent];
    i = parent;
  }
  c->heap[i] = entry;
}

/* Of two places the one whose time is earlier: which cannot be foretold, so it is computed and not jumped to. */
static inline size_t calendar_earlier(const calendar_entry* heap, size_t a, size_t b) {
  return a + ((b - a) & ((size_t)0 - (size_t)(heap[b].time_ns < heap[a].time_ns)));
}

/* The first of the children that begin there; there is one. */
static inline size_t calendar_least(const calendar* c, size_t child) {
  const calendar_entry* of = c->heap + child;
  if (child + 4 <= c->size) {
    const size_t one = of[1].time_ns < of[0].time_ns;
    const size_t other = 2 + (size_t)(of[3].time_ns < of[2].time_ns);
    return child + calendar_earlier(of, one, other);
  }
  size_t least = 0;
  for (size_t k = 1; child + k < c->size; ++k) least = calendar_earlier(of, least, k);
  return child + least;
}

/* Takes out the next; there must be one. */
static inline calendar_entry calendar_pop(calendar* c) {
  const calendar_entry first = c->heap[0];
  const calendar_entry last = c->heap[--c->size];
  size_t i = 0;
  for (size_t child = 1; child < c->size; child = 4 * i + 1) {
    const size_t least = calendar_least(c, child);
    if (c->heap[least].time_ns >= last.time_ns) break;
    c->heap[i] = c->heap[least];
    i = least;
  }
  c->heap[i] = last;
  return first;
}

#endif /* KOBLE_BENCH_CALENDAR_H_ */
