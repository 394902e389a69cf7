// Journal, replay and snapshots through the C API, with everything that can be wrong about bytes.
#include <gtest/gtest.h>

#include <memory>
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
