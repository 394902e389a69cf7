// Journal, replay and snapshots through the C API, with everything that can be wrong about bytes.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "scene.h"

namespace koble::testing {
namespace {

koble_engine_options KeepAll() {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = KOBLE_JOURNAL_KEEP_ALL;
  options.seed = 7;
  return options;
}

class Record : public ::testing::Test {
 protected:
  void SetUp() override {
    const koble_engine_options options = KeepAll();
    scene_ = std::make_unique<Scene>(&options);
    uint64_t needed = 0;
    ASSERT_EQ(koble_journal_header(scene_->engine, nullptr, 0, &needed), KOBLE_ERR_LIMIT);
    header_.resize(needed);
    ASSERT_EQ(koble_journal_header(scene_->engine, header_.data(), needed, &needed), KOBLE_OK);
    std::string chunk(1 << 20, '\0');
    uint64_t next = 0;
    ASSERT_EQ(koble_journal_read(scene_->engine, 1, chunk.data(), chunk.size(), &needed, &next), KOBLE_OK);
    records_ = chunk.substr(0, needed);
    count_ = koble_journal_last(scene_->engine);
    EXPECT_EQ(next, count_ + 1);
    ASSERT_EQ(koble_snapshot_write(scene_->engine, nullptr, 0, &needed), KOBLE_ERR_LIMIT);
    snapshot_.resize(needed);
    ASSERT_EQ(koble_snapshot_write(scene_->engine, snapshot_.data(), needed, &needed), KOBLE_OK);
  }

  int32_t Replay(const std::string& header, const std::string& records, koble_engine** engine, uint64_t* replayed) {
    const koble_engine_options options = KeepAll();
    return koble_replay(header.data(), header.size(), records.data(), records.size(), &options, engine, replayed);
  }

  std::unique_ptr<Scene> scene_;
  std::string header_, records_, snapshot_;
  uint64_t count_ = 0;
};

TEST_F(Record, ReplayAndSnapshotGiveTheSameEngine) {
  const Fingerprint original(scene_->engine);
  koble_engine* engine = nullptr;
  uint64_t replayed = 0;
  ASSERT_EQ(Replay(header_, records_, &engine, &replayed), KOBLE_OK);
  EXPECT_EQ(replayed, count_);
  EXPECT_EQ(DigestOf(engine), original.digest);
  EXPECT_EQ(koble_next_deadline(engine), original.deadline);
  EXPECT_TRUE(SameEvents(EventsOf(engine), EventsOf(scene_->engine)));
  koble_engine_destroy(engine);

  ASSERT_EQ(koble_snapshot_restore(snapshot_.data(), snapshot_.size(), nullptr, &engine), KOBLE_OK);
  EXPECT_EQ(DigestOf(engine), original.digest);
  EXPECT_EQ(koble_next_deadline(engine), original.deadline);
  EXPECT_TRUE(SameEvents(EventsOf(engine), EventsOf(scene_->engine)));
  koble_engine_destroy(engine);
}

TEST_F(Record, ReadInSmallPieces) {
  std::string all;
  uint64_t seq = 1;
  uint64_t pieces = 0;
  while (seq <= count_) {
    std::string buffer(40, 'x');
    uint64_t written = 0, next = 0;
    int32_t code = koble_journal_read(scene_->engine, seq, buffer.data(), buffer.size(), &written, &next);
    if (code == KOBLE_ERR_LIMIT) {
      EXPECT_EQ(next, seq);
      EXPECT_GT(written, buffer.size());
      buffer.assign(written, 'x');
      code = koble_journal_read(scene_->engine, seq, buffer.data(), buffer.size(), &written, &next);
    }
    ASSERT_EQ(code, KOBLE_OK);
    ASSERT_GT(next, seq);
    all.append(buffer, 0, written);
    seq = next;
    ++pieces;
  }
  EXPECT_EQ(all, records_);
  EXPECT_GT(pieces, count_ / 2);
}

TEST_F(Record, ReadMistakes) {
  char buffer[8];
  uint64_t written = 0, next = 0;
  koble_engine* engine = scene_->engine;
  EXPECT_EQ(koble_journal_read(nullptr, 1, buffer, 8, &written, &next), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_read(engine, 0, buffer, 8, &written, &next), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_read(engine, 1, nullptr, 8, &written, &next), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_read(engine, 1, buffer, 8, nullptr, &next), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_read(engine, 1, buffer, 8, &written, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_read(engine, count_ + 1, buffer, 8, &written, &next), KOBLE_OK);
  EXPECT_EQ(written, 0u);
  EXPECT_EQ(next, count_ + 1);
  EXPECT_EQ(koble_journal_header(nullptr, nullptr, 0, &written), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_header(engine, nullptr, 8, &written), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_snapshot_write(nullptr, nullptr, 0, &written), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_snapshot_write(engine, nullptr, 8, &written), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_acknowledge(nullptr, 1), KOBLE_ERR_ARGUMENT);
  EXPECT_NE(koble_journal_acknowledge(engine, count_ + 1), KOBLE_OK);
  EXPECT_EQ(koble_journal_acknowledge(engine, 3), KOBLE_OK);
  EXPECT_EQ(koble_journal_first(engine), 1u);  // keep-all keeps
  EXPECT_EQ(koble_journal_first(nullptr), 1u);
  EXPECT_EQ(koble_journal_last(nullptr), 0u);

  Scene plain;
  EXPECT_EQ(koble_journal_read(plain.engine, 1, buffer, 8, &written, &next), KOBLE_ERR_STATE);
  EXPECT_EQ(koble_journal_last(plain.engine), 0u);
  EXPECT_EQ(koble_journal_first(plain.engine), 1u);

  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = KOBLE_JOURNAL_BOUNDED;
  Scene bounded(&options);
  EXPECT_EQ(koble_journal_acknowledge(bounded.engine, 3), KOBLE_OK);
  EXPECT_EQ(koble_journal_first(bounded.engine), 4u);
  EXPECT_EQ(koble_journal_read(bounded.engine, 3, buffer, 8, &written, &next), KOBLE_ERR_GONE);
}

TEST_F(Record, ReplayMistakes) {
  koble_engine* engine = nullptr;
  uint64_t replayed = 0;
  EXPECT_EQ(koble_replay(nullptr, 4, nullptr, 0, nullptr, &engine, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_replay(header_.data(), header_.size(), nullptr, 5, nullptr, &engine, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_replay(header_.data(), header_.size(), nullptr, 0, nullptr, nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  koble_engine_options options = KeepAll();
  options.struct_size = 3;
  EXPECT_EQ(koble_replay(header_.data(), header_.size(), nullptr, 0, &options, &engine, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_snapshot_restore(nullptr, 0, nullptr, &engine), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_snapshot_restore(snapshot_.data(), snapshot_.size(), nullptr, nullptr), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_snapshot_restore(snapshot_.data(), snapshot_.size(), &options, &engine), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_apply(nullptr, records_.data(), records_.size(), &replayed), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_apply(scene_->engine, nullptr, 5, &replayed), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(engine, nullptr);

  // Records that do not follow, given to an engine that has them already.
  const Fingerprint before(scene_->engine);
  EXPECT_NE(koble_journal_apply(scene_->engine, records_.data(), records_.size(), &replayed), KOBLE_OK);
  EXPECT_EQ(replayed, 0u);
  EXPECT_STRNE(koble_engine_message(scene_->engine), "");
  EXPECT_TRUE(Fingerprint(scene_->engine) == before);
}

TEST_F(Record, CutOrDamagedBytes) {
  koble_engine* engine = nullptr;
  uint64_t replayed = 0;
  for (size_t size = 0; size < header_.size(); size += 3) {
    EXPECT_NE(Replay(header_.substr(0, size), "", &engine, nullptr), KOBLE_OK) << size;
    EXPECT_EQ(engine, nullptr);
  }
  for (size_t size = 0; size < snapshot_.size(); size += 11) {
    EXPECT_NE(koble_snapshot_restore(snapshot_.data(), size, nullptr, &engine), KOBLE_OK) << size;
    EXPECT_EQ(engine, nullptr);
  }
  for (size_t at = 0; at < snapshot_.size(); at += 13) {
    std::string damaged = snapshot_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_NE(koble_snapshot_restore(damaged.data(), damaged.size(), nullptr, &engine), KOBLE_OK) << at;
  }
  // A torn tail: the good records are played, and the host learns how many.
  for (size_t cut = 1; cut < 60; cut += 7) {
    ASSERT_EQ(Replay(header_, records_.substr(0, records_.size() - cut), &engine, &replayed), KOBLE_ERR_CORRUPT);
    ASSERT_NE(engine, nullptr);
    EXPECT_GT(replayed, 5u);
    EXPECT_LT(replayed, count_);
    EXPECT_EQ(koble_journal_last(engine), replayed);
    koble_engine_destroy(engine);
  }
  for (size_t at = 0; at < records_.size(); at += 5) {
    std::string damaged = records_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_EQ(Replay(header_, damaged, &engine, &replayed), KOBLE_ERR_CORRUPT) << at;
    EXPECT_LT(replayed, count_);
    koble_engine_destroy(engine);
  }
}

// Every command on a contact, an offer or an engagement names the contact's serial, also where that ends by it.
TEST_F(Record, RecordsNameSerials) {
  koble_engine* engine = scene_->engine;
  const auto good = [](int32_t code) { ASSERT_EQ(code, KOBLE_OK); };
  const int64_t now = koble_now(engine);
  good(koble_engagement_hold(engine, now, scene_->active_engagement, nullptr));
  good(koble_engagement_retrieve(engine, now, scene_->active_engagement, nullptr));
  good(koble_engagement_park(engine, now, scene_->active_engagement, 0, nullptr));
  good(koble_engagement_activity(engine, now, scene_->active_engagement, nullptr));
  good(koble_engagement_park(engine, now, scene_->active_engagement, now + kSecond, nullptr));
  good(koble_contact_reply(engine, now, scene_->active, nullptr));
  good(koble_engagement_connected(engine, now, scene_->connecting_engagement, nullptr));
  good(koble_engagement_wrap_up_end(engine, now, scene_->wrapping_engagement, nullptr));
  good(koble_offer_end(engine, now, scene_->offer, KOBLE_OUTCOME_BUSY, nullptr));
  good(koble_contact_gone(engine, now, scene_->waiting, KOBLE_BY_CUSTOMER, nullptr));
  const koble_id confirm = scene_->Arrive(now / kSecond, kConfirm, 70);
  good(koble_contact_gone(engine, now, scene_->connecting, KOBLE_BY_AGENT, nullptr));
  koble_result accepted = KOBLE_RESULT_INIT;
  good(koble_offer_accept(engine, now, scene_->OpenOffer(confirm), &accepted));
  good(koble_engagement_connect_failed(engine, now, accepted.id, nullptr));
  good(koble_contact_gone(engine, now, confirm, KOBLE_BY_HOST, nullptr));
  good(koble_resume(engine, now, 0, nullptr));  // about nobody, right behind one that is about somebody
  good(koble_reconcile(engine, now, nullptr, 0, nullptr, 0, nullptr));

  std::map<koble_id, uint64_t> serials;
  for (const koble_event& event : EventsOf(engine)) {
    for (const koble_id id : {event.contact, event.offer, event.engagement}) serials[id] = event.serial;
  }
  const std::string records = Engine(engine).JournalRecords(1);
  std::set<uint32_t> kinds;
  uint64_t arrivals = 0;
  for (size_t at = 0; at < records.size();) {
    koble_journal_record record{};
    record.struct_size = sizeof(record);
    ASSERT_EQ(koble_journal_decode(records.data() + at, records.size() - at, &record), KOBLE_OK);
    const uint32_t kind = record.command.kind;
    const bool about = (kind >= KOBLE_CMD_CONTACT_GONE && kind <= KOBLE_CMD_WRAP_UP_END) ||
                       (kind >= KOBLE_CMD_ENGAGEMENT_ACTIVITY && kind <= KOBLE_CMD_CONTACT_REPLY);
    uint64_t expected = about ? serials.at(record.command.target) : 0;
    if (kind == KOBLE_CMD_CONTACT_ARRIVE) expected = ++arrivals;
    EXPECT_EQ(record.serial, expected) << koble_command_name(kind);
    if (record.serial != 0) kinds.insert(kind);
    at += record.size;
  }
  EXPECT_EQ(kinds.size(), size_t{KOBLE_CMD_WRAP_UP_END - KOBLE_CMD_CONTACT_ARRIVE + 1 + 3});

  koble_engine* again = nullptr;
  uint64_t replayed = 0;
  ASSERT_EQ(Replay(header_, records, &again, &replayed), KOBLE_OK);
  EXPECT_EQ(Engine(again).JournalRecords(1), records);
  scene_->engine = nullptr;  // Engine, above, has given it back
}

// A late command is played back at the time at which it was judged; what the host's clock said then stays on record.
TEST_F(Record, KeepsTheStampOfACommandThatWasRaised) {
  koble_engine_options options = KeepAll();
  options.clamp_time = 1;
  Scene scene(&options);
  const uint64_t last = koble_journal_last(scene.engine);
  const int64_t now = koble_now(scene.engine);
  ASSERT_EQ(koble_contact_gone(scene.engine, now - 5, scene.active, KOBLE_BY_CUSTOMER, nullptr), KOBLE_OK);
  std::string bytes(1024, '\0');
  uint64_t size = 0, next = 0;
  ASSERT_EQ(koble_journal_read(scene.engine, last + 1, bytes.data(), bytes.size(), &size, &next), KOBLE_OK);
  koble_journal_record record{};
  record.struct_size = sizeof(record);
  ASSERT_EQ(koble_journal_decode(bytes.data(), size, &record), KOBLE_OK);
  EXPECT_EQ(record.stamp_ns, now - 5);
  EXPECT_EQ(record.command.time_ns, now);
}

TEST_F(Record, Decode) {
  size_t at = 0;
  uint64_t seq = 0;
  while (at < records_.size()) {
    koble_journal_record record{};
    record.struct_size = sizeof(record);
    ASSERT_EQ(koble_journal_decode(records_.data() + at, records_.size() - at, &record), KOBLE_OK);
    EXPECT_EQ(record.struct_size, sizeof(record));
    EXPECT_EQ(record.seq, ++seq);
    EXPECT_NE(koble_command_name(record.command.kind), nullptr);
    at += record.size;
  }
  EXPECT_EQ(seq, count_);
  koble_journal_record record{};
  EXPECT_EQ(koble_journal_decode(records_.data(), records_.size(), &record), KOBLE_ERR_ARGUMENT);
  record.struct_size = sizeof(record);
  EXPECT_EQ(koble_journal_decode(nullptr, 10, &record), KOBLE_ERR_ARGUMENT);
  EXPECT_EQ(koble_journal_decode(records_.data(), 10, nullptr), KOBLE_ERR_ARGUMENT);
  for (uint64_t size = 0; size < 12; ++size) {
    EXPECT_EQ(koble_journal_decode(records_.data(), size, &record), KOBLE_ERR_CORRUPT);
  }
}

}  // namespace
}  // namespace koble::testing
