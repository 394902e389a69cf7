/* A host in plain C11: every function of the C API is called once where it should succeed, with its initialisers and macros. */
#include "as_c.h"

#include <koble/koble.h>
#include <koble/koble_record.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define CHECK(condition)               \
  do {                                 \
    if (!(condition)) return __LINE__; \
  } while (0)
#define OK(call) CHECK((call) == KOBLE_OK)

static const char kPlan[] =
    "{\"skills\": [\"a\", \"b\"],"
    " \"agents\": [{\"name\": \"Anna\", \"skills\": {\"a\": 1}}, {\"name\": \"Per\", \"skills\": {\"b\": 1}, \"pull\": "
    "true}],"
    " \"queues\": [{\"name\": \"a\", \"require\": \"a\", \"wrap_up\": \"10s\", \"offer\": {\"confirm\": \"30s\"}},"
    "              {\"name\": \"b\", \"require\": \"b\"}]}";

static void* host_realloc(void* context, void* block, uint64_t old_size, uint64_t new_size) {
  ++*(int*)context;
  (void)old_size;
  if (new_size != 0) return realloc(block, (size_t)new_size);
  free(block);
  return NULL;
}

static int arrive(koble_engine* engine, int64_t at, uint32_t queue, koble_id* contact, koble_id* offer) {
  koble_result result = KOBLE_RESULT_INIT;
  koble_arrival arrival = {sizeof arrival, 1, &queue, 1234, 2 * KOBLE_POINT, SECOND, 0, NULL, 0, 0, 0, 0};
  koble_event events[8];
  uint64_t count = 0, i;
  OK(koble_contact_arrive(engine, at, &arrival, &result));
  *contact = result.id;
  CHECK(KOBLE_ID_KIND(*contact) == KOBLE_KIND_CONTACT && KOBLE_ID_GENERATION(*contact) >= 1);
  OK(koble_events_read(engine, result.event_first, events, sizeof events[0], 8, &count));
  CHECK(count == result.event_count);
  for (i = 0; i < count; ++i) {
    if (events[i].kind == KOBLE_EVENT_OFFERED) *offer = events[i].offer;
    CHECK(events[i].host_ref == 1234);
  }
  return 0;
}

static int records(koble_engine* engine) {
  static char header[100000], body[100000], snapshot[100000];
  uint64_t header_size = 0, body_size = 0, snapshot_size = 0, next = 0, replayed = 0, mine[2], theirs[2];
  koble_engine *copy = NULL, *clone = NULL;
  koble_journal_record record = {0};
  record.struct_size = sizeof record;
  OK(koble_journal_header(engine, header, sizeof header, &header_size));
  CHECK(koble_journal_first(engine) == 1 && koble_journal_last(engine) > 10);
  OK(koble_journal_read(engine, 1, body, sizeof body, &body_size, &next));
  CHECK(next == koble_journal_last(engine) + 1);
  OK(koble_journal_decode(body, body_size, &record));
  CHECK(record.seq == 1);
  koble_digest(engine, mine);
  OK(koble_replay(header, header_size, body, record.size, NULL, &copy, &replayed));
  CHECK(replayed == 1);
  OK(koble_journal_apply(copy, body + record.size, body_size - record.size, &replayed));
  koble_digest(copy, theirs);
  CHECK(mine[0] == theirs[0] && mine[1] == theirs[1]);
  koble_engine_destroy(copy);
  OK(koble_snapshot_write(engine, snapshot, sizeof snapshot, &snapshot_size));
  OK(koble_snapshot_restore(snapshot, snapshot_size, NULL, &copy));
  OK(koble_engine_clone(copy, &clone));
  koble_engine_destroy(copy);
  koble_digest(clone, theirs);
  CHECK(mine[0] == theirs[0] && mine[1] == theirs[1]);
  OK(koble_resume(clone, koble_now(clone) + SECOND, 0, NULL));
  OK(koble_reconcile(clone, koble_now(clone), NULL, 0, NULL, 0, NULL));
  koble_engine_destroy(clone);
  OK(koble_journal_acknowledge(engine, next - 1));
  return 0;
}

static int queries(koble_engine* engine, koble_id contact, koble_id agent, koble_id offer) {
  koble_contact_info c = {0};
  koble_agent_info a = {0};
  koble_offer_info o = {0};
  koble_counts counts = {0};
  koble_id ids[4];
  uint64_t count = 0;
  c.struct_size = sizeof c;
  a.struct_size = sizeof a;
  o.struct_size = sizeof o;
  counts.struct_size = sizeof counts;
  OK(koble_contact(engine, contact, &c));
  CHECK(c.state == KOBLE_CONTACT_OFFERED && c.offer_count == 1);
  OK(koble_agent(engine, agent, &a));
  CHECK(a.offers == 1 && a.used == 100 && a.capacity == 100);
  OK(koble_offer(engine, offer, &o));
  CHECK(o.contact == contact && o.agent == agent);
  OK(koble_count(engine, &counts));
  CHECK(counts.contacts == 1 && counts.agents == 2 && counts.offers == 1);
  OK(koble_list(engine, KOBLE_KIND_OFFER, ids, 4, &count));
  CHECK(count == 1 && ids[0] == offer);
  OK(koble_queue_waiting(engine, 0, &count));
  CHECK(count == 0);
  return 0;
}

static int day(koble_engine* engine, const koble_plan* plan) {
  const char fay[] = "{\"name\": \"Fay\", \"skills\": {\"b\": 1}}";
  const char fay_again[] = "{\"name\": \"Fay\", \"skills\": {\"b\": 2}}";
  const koble_id anna = koble_agent_find(engine, "Anna"), per = koble_agent_find(engine, "Per");
  koble_id contact = 0, offer = 0, engagement, other;
  koble_result result = KOBLE_RESULT_INIT;
  koble_engagement_info e = {0};
  koble_batch batch = KOBLE_BATCH_INIT;
  koble_command command;
  uint64_t taken = 0;
  int line;
  e.struct_size = sizeof e;
  CHECK(strcmp(koble_agent_name(engine, anna), "Anna") == 0);
  OK(koble_agent_presence(engine, 1 * SECOND, anna, KOBLE_PRESENCE_AVAILABLE, 0, NULL));
  if ((line = arrive(engine, 2 * SECOND, 0, &contact, &offer)) != 0) return line;
  if ((line = queries(engine, contact, anna, offer)) != 0) return line;
  CHECK(koble_next_deadline(engine) == 22 * SECOND);
  OK(koble_offer_end(engine, 3 * SECOND, offer, KOBLE_OUTCOME_BUSY, NULL));
  CHECK(koble_next_deadline(engine) == 13 * SECOND); /* the penalty */
  OK(koble_advance(engine, 13 * SECOND, &result));
  OK(koble_contact_gone(engine, 14 * SECOND, contact, KOBLE_BY_CUSTOMER, NULL));
  if ((line = arrive(engine, 15 * SECOND, 0, &contact, &offer)) != 0) return line;
  OK(koble_offer_accept(engine, 16 * SECOND, offer, &result));
  OK(koble_engagement_connect_failed(engine, 17 * SECOND, result.id, NULL));
  OK(koble_contact_gone(engine, 18 * SECOND, contact, KOBLE_BY_HOST, NULL));
  OK(koble_advance(engine, 100 * SECOND, NULL));
  if ((line = arrive(engine, 101 * SECOND, 0, &contact, &offer)) != 0) return line;
  OK(koble_offer_accept(engine, 102 * SECOND, offer, &result));
  engagement = result.id;
  OK(koble_engagement_connected(engine, 103 * SECOND, engagement, NULL));
  OK(koble_engagement_hold(engine, 104 * SECOND, engagement, NULL));
  OK(koble_engagement_retrieve(engine, 105 * SECOND, engagement, NULL));
  OK(koble_engagement(engine, engagement, &e));
  CHECK(e.state == KOBLE_ENGAGEMENT_ACTIVE && e.since_ns == 105 * SECOND);
  CHECK(koble_engagement_park(engine, 105 * SECOND, engagement, 0, NULL) == KOBLE_ERR_STATE); /* no `park` */
  OK(koble_engagement_activity(engine, 105 * SECOND, engagement, NULL));
  OK(koble_contact_reply(engine, 105 * SECOND, contact, &result));
  CHECK(result.id == engagement);
  OK(koble_contact_gone(engine, 106 * SECOND, contact, KOBLE_BY_AGENT, NULL));
  OK(koble_engagement_wrap_up_end(engine, 107 * SECOND, engagement, NULL));

  OK(koble_agent_presence(engine, 110 * SECOND, per, KOBLE_PRESENCE_AVAILABLE, 0, NULL));
  OK(koble_agent_request(engine, 111 * SECOND, per, 0, KOBLE_NEVER, &result));
  CHECK(result.id == 0);
  OK(koble_agent_request_cancel(engine, 112 * SECOND, per, NULL));
  OK(koble_agent_add(engine, 120 * SECOND, fay, strlen(fay), &result));
  other = result.id;
  OK(koble_agent_change(engine, 121 * SECOND, other, fay_again, strlen(fay_again), NULL));
  OK(koble_agent_remove(engine, 122 * SECOND, other, NULL));
  OK(koble_plan_replace(engine, 123 * SECOND, plan, NULL));

  memset(&command, 0, sizeof command);
  command.kind = KOBLE_CMD_ADVANCE;
  command.time_ns = 130 * SECOND;
  batch.commands = &command;
  batch.count = 1;
  OK(koble_apply(engine, &batch, &taken, &result));
  CHECK(taken == 1 && koble_now(engine) == 130 * SECOND);
  if ((line = records(engine)) != 0) return line;
  OK(koble_events_acknowledge(engine, koble_events_last(engine)));
  CHECK(koble_events_first(engine) == koble_events_last(engine) + 1);
  CHECK(strcmp(koble_engine_message(engine), "") == 0);
  return 0;
}

int koble_test_as_c(void) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  koble_plan* plan = NULL;
  koble_engine* engine = NULL;
  koble_queue_def def = {0};
  char report[256], text[4096];
  uint64_t needed = 0, hash[2] = {0, 0};
  int calls = 0, line;
  def.struct_size = sizeof def;
  OK(koble_plan_load(kPlan, strlen(kPlan), &plan, report, sizeof report));
  koble_plan_retain(plan);
  koble_plan_release(plan);
  OK(koble_plan_write(plan, KOBLE_PLAN_JSON, text, sizeof text, &needed));
  koble_plan_hash(plan, hash);
  CHECK((hash[0] | hash[1]) != 0);
  OK(koble_plan_queue(plan, 1, &def));
  CHECK(koble_plan_queue_find(plan, "b") == 1 && koble_plan_channel_find(plan, "voice") == 0);
  options.journal = KOBLE_JOURNAL_KEEP_ALL;
  options.realloc_fn = host_realloc;
  options.realloc_context = &calls;
  OK(koble_engine_create(plan, &options, &engine));
  CHECK(calls > 0 && koble_engine_plan(engine) == plan);
  line = day(engine, plan);
  koble_plan_release(plan);
  koble_engine_destroy(engine);
  return line;
}
