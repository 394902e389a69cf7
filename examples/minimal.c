/* minimal.c: the smallest host of Koble, in C.
 *
 * A host does three things: it gives commands ("a contact arrived", "the agent answered"), each with the time at which that
 * happened; it reads the events that they lead to ("ring this agent", "the customer gave up"); and it calls koble_advance
 * when koble_next_deadline says so. Here the clock is a number that we choose ourselves, so that every run prints the same.
 *
 *   cc minimal.c $(pkg-config --cflags --libs koble) -o minimal && ./minimal
 */
#include <inttypes.h>
#include <koble/koble.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS(n) ((int64_t)(n)*1000000000)

/* Two agents, one queue. An agent's phone rings for 15 s; who lets it ring is left alone for a minute. */
static const char kPlan[] =
    "{\"skills\": [\"billing\"],"
    " \"agents\": [{\"name\": \"Anna\", \"skills\": {\"billing\": 1}}, {\"name\": \"Bo\", \"skills\": {\"billing\": "
    "1}}],"
    " \"queues\": [{\"name\": \"billing\", \"require\": \"billing\", \"wrap_up\": \"10s\","
    "   \"offer\": {\"mode\": \"ring\", \"ring\": \"15s\"},"
    "   \"outcomes\": {\"no_answer\": {\"penalty\": \"60s\"}}}]}";

/* The offer that rings for each call, by the number that we gave the call (its host_ref). */
static koble_id ringing[8];

static void must(koble_engine* engine, int32_t code, const char* what) {
  if (code == KOBLE_OK) return;
  fprintf(stderr, "%s: %s\n", what, engine ? koble_engine_message(engine) : koble_error_text(code));
  exit(1);
}

/* Reads what is new, does what it asks for (here: prints it), and says that it is done. */
static void handle_events(koble_engine* engine) {
  koble_event events[16];
  uint64_t count;
  for (;;) {
    must(engine, koble_events_read(engine, koble_events_first(engine), events, sizeof events[0], 16, &count), "events");
    if (count == 0) return;
    for (uint64_t i = 0; i < count; ++i) {
      const koble_event* e = &events[i];
      const char* agent = koble_agent_name(engine, e->agent);
      const char* reason = koble_reason_name(e->kind, e->reason);
      printf("%4" PRId64 " s  %-12s", e->due_ns / SECONDS(1), koble_event_name(e->kind));
      if (e->serial) printf(" call %" PRIu64, e->host_ref);
      if (agent) printf(" %s", agent);
      if (reason) printf(" (%s)", reason);
      printf("\n");
      if (e->kind == KOBLE_EVENT_OFFERED) ringing[e->host_ref] = e->offer; /* a real host rings the agent's phone now */
    }
    must(engine, koble_events_acknowledge(engine, events[count - 1].seq), "acknowledge");
  }
}

/* Lets the time pass, stopping whenever the engine has something to do. */
static void sleep_until(koble_engine* engine, int64_t time) {
  while (koble_next_deadline(engine) <= time) {
    must(engine, koble_advance(engine, koble_next_deadline(engine), NULL), "advance");
    handle_events(engine);
  }
  must(engine, koble_advance(engine, time, NULL), "advance");
}

static koble_id call_in(koble_engine* engine, int64_t now, uint32_t queue, uint64_t number) {
  koble_result result = KOBLE_RESULT_INIT;
  koble_arrival arrival = {.struct_size = sizeof arrival, .queue_count = 1, .queues = &queue, .host_ref = number};
  must(engine, koble_contact_arrive(engine, now, &arrival, &result), "arrive");
  handle_events(engine);
  return result.id;
}

int main(void) {
  char report[1000];
  koble_plan* plan;
  int32_t code = koble_plan_load(kPlan, strlen(kPlan), &plan, report, sizeof report);
  if (code != KOBLE_OK) {
    fprintf(stderr, "the plan has mistakes:\n%s\n", report);
    return 1;
  }
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.clamp_time = 1; /* a stamp that is a little late is no reason to lose a hang-up */
  koble_engine* engine;
  must(NULL, koble_engine_create(plan, &options, &engine), "create");
  const uint32_t billing = (uint32_t)koble_plan_queue_find(plan, "billing");
  koble_plan_release(plan); /* the engine keeps a reference of its own */

  /* The agents sign in. */
  const koble_id anna = koble_agent_find(engine, "Anna");
  const koble_id bo = koble_agent_find(engine, "Bo");
  must(engine, koble_agent_presence(engine, SECONDS(0), anna, KOBLE_PRESENCE_AVAILABLE, 0, NULL), "presence");
  must(engine, koble_agent_presence(engine, SECONDS(1), bo, KOBLE_PRESENCE_AVAILABLE, 0, NULL), "presence");

  /* Call 1 rings at Anna, who has been idle for longest; she answers after 4 s. */
  const koble_id first = call_in(engine, SECONDS(10), billing, 1);
  must(engine, koble_offer_accept(engine, SECONDS(14), ringing[1], NULL), "accept");
  handle_events(engine);

  /* Call 2 rings at Bo, who lets it ring. The engine takes the offer back after 15 s; the call keeps its place. */
  const koble_id second = call_in(engine, SECONDS(20), billing, 2);
  const koble_id missed = ringing[2];
  sleep_until(engine, SECONDS(40));

  /* Now Bo answers after all. That offer is over: the engine says so, and nothing has changed. */
  code = koble_offer_accept(engine, SECONDS(41), missed, NULL);
  printf("%4d s  Bo's late answer: %s (%s)\n", 41, koble_error_name(code), koble_engine_message(engine));

  /* Call 1 ends; after Anna's 10 s of wrap-up call 2 rings at her. She takes it, and the customer hangs up in the end. */
  must(engine, koble_contact_gone(engine, SECONDS(60), first, KOBLE_BY_CUSTOMER, NULL), "gone");
  handle_events(engine);
  sleep_until(engine, SECONDS(75));
  must(engine, koble_offer_accept(engine, SECONDS(75), ringing[2], NULL), "accept");
  must(engine, koble_contact_gone(engine, SECONDS(300), second, KOBLE_BY_CUSTOMER, NULL), "gone");
  sleep_until(engine, SECONDS(320));

  uint64_t digest[2];
  koble_digest(engine, digest);
  printf("digest %016" PRIx64 "%016" PRIx64 "\n", digest[1], digest[0]);
  koble_engine_destroy(engine);
  return 0;
}
