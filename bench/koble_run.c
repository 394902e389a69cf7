/* koble_run PLAN.json ARRIVALS [--journal] [--digest-every N]
 *
 * A host in C over the public API that simulates a call centre as W1 (docs/performance.md) is one: all agents of the plan sign in;
 * 100 contacts a minute arrive as a Poisson process, all in the first queue; services are exponential with mean 180 s, and so is
 * patience, with mean 120 s. It begins empty and ends when the last contact has left. With 310 agents the steady state has P(wait) .2629
 * and P(abandon) .01182.
 *
 *   --journal          a bounded journal, whose records are acknowledged every 1,000 commands
 *   --digest-every N   the digest is folded every N commands
 *
 * Prints one line of JSON. Its memory does not grow with ARRIVALS: people are kept by the slot of their contact, figures as sums.
 * bench/report takes the time of the whole process for the cold start, and its peak memory over a long run.
 */
#include <inttypes.h>
#include <koble/koble.h>
#include <koble/koble_record.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "calendar.h"
#include "random.h"

#define SECOND 1e9
#define ARRIVALS_PER_S (100 / 60.0)
#define SERVICE_MEAN_S 180.0
#define PATIENCE_MEAN_S 120.0

static const char kUsage[] = "koble_run PLAN.json ARRIVALS [--journal] [--digest-every N]\n";

typedef struct person {
  koble_id contact;
  int64_t arrived_ns;
  int served;
} person;

typedef struct run {
  koble_engine* engine;
  koble_result result;
  uint64_t random;
  calendar next;
  person* people; /* by the contact's slot */
  size_t room;
  uint64_t digest_every;
  int journal;
  uint64_t commands, events, arrivals, waited, abandoned;
  double wait_s; /* of all, summed */
} run;

static void must(const koble_engine* engine, int32_t code, const char* what) {
  if (code == KOBLE_OK) return;
  fprintf(stderr, "koble_run: %s: %s\n", what, engine ? koble_engine_message(engine) : koble_error_text(code));
  exit(1);
}

static void* must_have(void* block) {
  if (block != NULL) return block;
  fprintf(stderr, "koble_run: no memory\n");
  exit(1);
}

static uint64_t number(const char* text, const char* what) {
  char* end;
  const uint64_t value = strtoull(text, &end, 10);
  if (*end == '\0' && value > 0) return value;
  fprintf(stderr, "koble_run: %s is \"%s\": write a number above 0\n%s", what, text, kUsage);
  exit(2);
}

static koble_plan* load(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  size_t size = 0, room = 1 << 16;
  char* text = must_have(malloc(room));
  for (size_t got; (got = fread(text + size, 1, room - size, file)) > 0;) {
    size += got;
    if (size == room) text = must_have(realloc(text, room *= 2));
  }
  fclose(file);
  char report[2000];
  koble_plan* plan;
  if (koble_plan_load(text, size, &plan, report, sizeof report) != KOBLE_OK) {
    fprintf(stderr, "%s: %s\n", path, report);
    exit(1);
  }
  free(text);
  if (koble_plan_queue_count(plan) == 0) {
    fprintf(stderr, "%s: has no queue: contacts arrive in the first\n", path);
    exit(1);
  }
  return plan;
}

static void sign_in(koble_engine* engine) {
  uint64_t count;
  must(engine, koble_list(engine, KOBLE_KIND_AGENT, NULL, 0, &count), "list");
  koble_id* agents = must_have(malloc((count + 1) * sizeof *agents));
  must(engine, koble_list(engine, KOBLE_KIND_AGENT, agents, count, &count), "list");
  for (uint64_t i = 0; i < count; ++i) {
    must(engine, koble_agent_presence(engine, 0, agents[i], KOBLE_PRESENCE_AVAILABLE, 0, NULL), "presence");
  }
  must(engine, koble_events_acknowledge(engine, koble_events_last(engine)), "acknowledge");
  free(agents);
}

/* Reads what the last command led to: whoever begins to be served gets an end of service. Returns whether anybody does. */
static int follow(run* r, int64_t now) {
  const koble_event* events;
  uint32_t stride = sizeof(koble_event);
  uint64_t count;
  int any = 0;
  must(r->engine, koble_events_take(r->engine, &events, &stride, &count), "events");
  for (uint64_t i = 0; i < count; ++i) {
    const koble_event* event = KOBLE_EVENT_AT(events, stride, i);
    if (event->kind != KOBLE_EVENT_SERVING) continue;
    person* who = &r->people[KOBLE_ID_SLOT(event->contact)];
    who->served = 1;
    r->wait_s += (double)(now - who->arrived_ns) / SECOND;
    const int64_t service_ns = (int64_t)(splitmix64_exponential(&r->random, SERVICE_MEAN_S) * SECOND);
    calendar_push(&r->next, calendar_make(now + service_ns, event->contact, false));
    any = 1;
  }
  r->events += r->result.event_count;
  ++r->commands;
  if (r->journal && r->commands % 1000 == 0) {
    must(r->engine, koble_journal_acknowledge(r->engine, koble_journal_last(r->engine)), "acknowledge the journal");
  }
  if (r->digest_every > 0 && r->commands % r->digest_every == 0) {
    uint64_t digest[2];
    koble_digest(r->engine, digest);
  }
  return any;
}

static void arrive(run* r, int64_t now) {
  const uint32_t queue = 0;
  ++r->arrivals;
  const koble_arrival arrival = {
      .struct_size = sizeof arrival, .queue_count = 1, .queues = &queue, .host_ref = r->arrivals};
  must(r->engine, koble_contact_arrive(r->engine, now, &arrival, &r->result), "arrive");
  const koble_id contact = r->result.id;
  const uint32_t slot = KOBLE_ID_SLOT(contact);
  if (slot >= r->room) {
    r->room = slot < 128 ? 256 : 2 * (size_t)slot;
    r->people = must_have(realloc(r->people, r->room * sizeof *r->people));
  }
  const person who = {contact, now, 0};
  r->people[slot] = who;
  if (follow(r, now)) return;
  ++r->waited;
  const int64_t patience_ns = (int64_t)(splitmix64_exponential(&r->random, PATIENCE_MEAN_S) * SECOND);
  calendar_push(&r->next, calendar_make(now + patience_ns, contact, true));
}

static void take_next(run* r) {
  const calendar_entry entry = calendar_pop(&r->next);
  const person* who = &r->people[KOBLE_ID_SLOT(calendar_contact(entry))];
  if (calendar_patience(entry)) {
    if (who->contact != calendar_contact(entry) || who->served) return;
    ++r->abandoned;
    r->wait_s += (double)(entry.time_ns - who->arrived_ns) / SECOND;
  }
  const uint32_t by = calendar_patience(entry) ? KOBLE_BY_CUSTOMER : KOBLE_BY_AGENT;
  must(r->engine, koble_contact_gone(r->engine, entry.time_ns, calendar_contact(entry), by, &r->result), "gone");
  follow(r, entry.time_ns);
}

static void play(run* r, uint64_t arrivals) {
  double next_s = splitmix64_exponential(&r->random, 1 / ARRIVALS_PER_S);
  while (r->arrivals < arrivals || !calendar_empty(&r->next)) {
    const int64_t next_ns = (int64_t)(next_s * SECOND);
    if (r->arrivals < arrivals && next_ns <= r->next.first.time_ns) {
      arrive(r, next_ns);
      next_s += splitmix64_exponential(&r->random, 1 / ARRIVALS_PER_S);
    } else {
      take_next(r);
    }
  }
}

/* The most that was resident since this program began. Linux says so in VmHWM; ru_maxrss there also counts what the process held before it became
 * this program, so that a great parent would be measured. */
static double peak_mb(const struct rusage* used) {
  char line[200];
  long kb = 0;
  FILE* status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    if (sscanf(line, "VmHWM: %ld", &kb) == 1) break;
  }
  if (status != NULL) fclose(status);
  return (double)(kb > 0 ? kb : used->ru_maxrss) / 1024;
}

static void print_figures(run* r) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  const double processor_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                             (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  const double n = (double)r->arrivals;
  uint64_t digest[2];
  koble_digest(r->engine, digest);
  printf("{\"arrivals\": %" PRIu64 ", \"events\": %" PRIu64
         ", \"p_wait\": %.6f, \"p_abandon\": %.6f, \"mean_wait_s\": %.5f, "
         "\"ns_per_arrival\": %.1f, \"peak_mb\": %.3f, \"digest\": \"%016" PRIx64 "%016" PRIx64 "\"}\n",
         r->arrivals, r->events, (double)r->waited / n, (double)r->abandoned / n, r->wait_s / n, processor_s * 1e9 / n,
         peak_mb(&used), digest[1], digest[0]);
}

int main(int argc, char** argv) {
  run r = {.result = KOBLE_RESULT_INIT, .random = 1};
  if (argc < 3) {
    fprintf(stderr, "%s", kUsage);
    return 2;
  }
  const uint64_t arrivals = number(argv[2], "ARRIVALS");
  for (int i = 3; i < argc; ++i) {
    if (strcmp(argv[i], "--journal") == 0) {
      r.journal = 1;
    } else if (strcmp(argv[i], "--digest-every") == 0 && i + 1 < argc) {
      r.digest_every = number(argv[++i], "--digest-every");
    } else {
      fprintf(stderr, "koble_run: what is \"%s\"?\n%s", argv[i], kUsage);
      return 2;
    }
  }
  koble_plan* plan = load(argv[1]);
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = r.journal ? KOBLE_JOURNAL_BOUNDED : KOBLE_JOURNAL_OFF;
  options.seed = 1;
  must(NULL, koble_engine_create(plan, &options, &r.engine), "create");
  koble_plan_release(plan);
  sign_in(r.engine);
  calendar_open(&r.next, SECOND / ARRIVALS_PER_S, 2 * SERVICE_MEAN_S * SECOND);
  play(&r, arrivals);
  print_figures(&r);
  koble_engine_destroy(r.engine);
  calendar_close(&r.next);
  free(r.people);
  return 0;
}
