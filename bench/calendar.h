/* The calendar of the benchmarks' simulations: a 4-ary heap by time. For C and C++. What it holds about a contact that was
 * served or has gone in the meantime is passed over by whoever takes it out. */
#ifndef KOBLE_BENCH_CALENDAR_H_
#define KOBLE_BENCH_CALENDAR_H_

#include <koble/koble_base.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct calendar_entry {
  int64_t time_ns;
  koble_id contact;
  uint32_t patience; /* 1: the contact's patience ends; 0: its service does */
} calendar_entry;

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

/* The earlier of two places: which one cannot be foretold, so it is computed and not jumped to. */
static inline size_t calendar_earlier(const calendar* c, size_t a, size_t b) {
  const size_t mask = (size_t)0 - (size_t)(c->heap[b].time_ns < c->heap[a].time_ns);
  return a ^ ((a ^ b) & mask);
}

/* The first of the children that begin there; there is one. */
static inline size_t calendar_least(const calendar* c, size_t child) {
  if (child + 4 <= c->size) {
    return calendar_earlier(c, calendar_earlier(c, child, child + 1), calendar_earlier(c, child + 2, child + 3));
  }
  size_t least = child;
  for (size_t k = child + 1; k < c->size; ++k) least = calendar_earlier(c, least, k);
  return least;
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
