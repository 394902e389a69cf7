// The journal's header, decoding of records, and replay.
#include <absl/strings/str_cat.h>

#include <cstring>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "record/record.h"
#include "record/settings.h"
#include "state/state.h"

namespace koble::record {
namespace {
constexpr std::string_view kJournalMagic = "KOBLEJ\x01\n";
}

std::string JournalHeader(const engine::Engine& engine) {
  std::string out(kJournalMagic);
  const state::State& s = engine.state();
  base::PutInt(out, KOBLE_RULES_VERSION);
  WriteSettings(out, s.settings);
  base::PutString(out, s.first_plan->binary);
  base::PutInt(out, base::HashBytes(out).lo);
  return out;
}

std::unique_ptr<engine::Engine> Open(std::string_view header, const engine::Options& options, int32_t* code,
                                     std::string* message) {
  const auto fail = [&](int32_t failure, const char* why) {
    *code = failure;
    *message = why;
    return nullptr;
  };
  if (!header.starts_with(kJournalMagic.substr(0, 6)))
    return fail(KOBLE_ERR_CORRUPT, "this is not the header of a Koble journal");
  if (!header.starts_with(kJournalMagic))
    return fail(KOBLE_ERR_VERSION, "the journal is of a format that this library does not read");
  base::ByteReader in(header.substr(kJournalMagic.size()));
  const auto rules = in.Int<uint32_t>();
  engine::Options deciding = options;
  ReadSettings(in, &deciding);
  const std::string_view plan_bytes = in.String();
  const size_t summed = header.size() - in.rest().size();
  if (in.Int<uint64_t>() != base::HashBytes(header.substr(0, summed)).lo || !in.ok() || !in.rest().empty()) {
    return fail(KOBLE_ERR_CORRUPT, "the journal's header is damaged or cut");
  }
  if (rules != KOBLE_RULES_VERSION)
    return fail(KOBLE_ERR_VERSION, "the journal was written under other rules of behaviour");
  std::string report;
  auto plan = plan::Load(plan_bytes, &report, code);
  if (plan == nullptr) {
    *message = absl::StrCat("the plan in the journal's header cannot be read: ", report);
    return nullptr;
  }
  return engine::Engine::Create(std::move(plan), deciding, code, message);
}

int32_t Decode(std::string_view bytes, koble_journal_record* out) {
  base::ByteReader in(bytes);
  const auto size = in.Int<uint32_t>();
  const auto sum = in.Int<uint32_t>();
  if (!in.ok() || size < state::kRecordHeadSize || size > bytes.size()) return KOBLE_ERR_CORRUPT;
  if (state::RecordCheckSum(bytes.substr(0, size)) != sum) return KOBLE_ERR_CORRUPT;
  out->size = size;
  out->seq = in.Int<uint64_t>();
  out->stamp_ns = in.Int<int64_t>();
  out->event_last = in.Int<uint64_t>();
  koble_command& c = out->command;
  c.time_ns = in.Int<int64_t>();
  c.kind = in.Int<uint32_t>();
  c.code = in.Int<uint32_t>();
  c.target = in.Int<uint64_t>();
  c.host_ref = in.Int<uint64_t>();
  c.a = in.Int<int64_t>();
  c.b = in.Int<int64_t>();
  c.queue = in.Int<uint32_t>();
  c.data_size = in.Int<uint32_t>();
  c.data_offset = 0;
  out->serial = in.Int<uint64_t>();
  c.attributes_offset = 0;
  c.attributes_count = in.Int<uint32_t>();
  c.reserved = 0;
  out->choice_count = in.Int<uint32_t>();
  c.agent = in.Int<uint64_t>();
  c.c = in.Int<int64_t>();
  const uint64_t attributes_size = uint64_t{c.attributes_count} * sizeof(koble_attribute);
  const uint64_t choices_size = uint64_t{out->choice_count} * sizeof(int32_t);
  if (c.attributes_count > KOBLE_CONTACT_ATTRIBUTES_MAX ||
      c.data_size + attributes_size + choices_size != size - state::kRecordHeadSize) {
    return KOBLE_ERR_CORRUPT;
  }
  out->choices = bytes.data() + state::kRecordHeadSize + c.data_size + attributes_size;
  out->data = bytes.data() + state::kRecordHeadSize;
  in = base::ByteReader(bytes.substr(state::kRecordHeadSize + c.data_size, attributes_size));
  for (uint32_t i = 0; i < c.attributes_count; ++i) {
    out->attributes[i].key = in.Int<uint32_t>();
    out->attributes[i].reserved = in.Int<uint32_t>();
    out->attributes[i].value = in.Int<int64_t>();
  }
  return KOBLE_OK;
}

int32_t Replay(engine::Engine* engine, std::string_view records, uint64_t* replayed, std::string* message) {
  *replayed = 0;
  std::vector<int32_t> choices;
  while (!records.empty()) {
    koble_journal_record record{};
    if (Decode(records, &record) != KOBLE_OK) {
      *message = absl::StrCat("the record after number ", engine->LastRecord(), " is damaged or cut");
      return KOBLE_ERR_CORRUPT;
    }
    if (record.seq != engine->LastRecord() + 1) {
      *message = absl::StrCat("record ", record.seq, " follows record ", engine->LastRecord(),
                              "; give them in order and complete");
      return KOBLE_ERR_CORRUPT;
    }
    const std::string_view data(static_cast<const char*>(record.data), record.command.data_size);
    const std::span<const koble_attribute> attributes(record.attributes, record.command.attributes_count);
    choices.resize(record.choice_count);
    if (!choices.empty()) std::memcpy(choices.data(), record.choices, choices.size() * sizeof(int32_t));
    const int32_t code = engine->Replay(record.command, record.stamp_ns, data, attributes, choices);
    if (code != KOBLE_OK || engine->EventsLast() != record.event_last || engine->LastRecord() != record.seq) {
      *message = absl::StrCat("record ", record.seq, " (", engine::CommandName(record.command.kind),
                              ") gave another result than when it was written: ", engine::ErrorName(code), " ",
                              engine->message());
      return KOBLE_ERR_DIVERGED;
    }
    ++*replayed;
    records.remove_prefix(record.size);
  }
  return KOBLE_OK;
}

}  // namespace koble::record
