// Journals, replay and snapshots: methods that are added to the engine's class.
#include <koble/koble_record.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "engine.h"

namespace koble_python {
namespace {

using SizedWriter = int32_t (*)(const koble_engine*, void*, uint64_t, uint64_t*);

// Bytes of a function that first says how many it needs.
template <SizedWriter kWrite>
nb::object WriteSized(const Engine& self) {
  std::string bytes;
  uint64_t needed = 0;
  const koble_engine* engine = self.Use();
  int32_t code;
  {
    Long section(self);
    code = kWrite(engine, nullptr, 0, &needed);
    if (code == KOBLE_ERR_LIMIT || (code == KOBLE_OK && needed > 0)) {
      bytes.resize(needed);
      code = kWrite(engine, bytes.data(), bytes.size(), &needed);
    }
  }
  self.Check(code);
  return nb::steal(PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(needed)));
}

constexpr uint64_t kReadMax = uint64_t{64} << 20;  // bytes of one reading

nb::tuple ReadJournal(const Engine& self, uint64_t seq, uint64_t max_bytes) {
  std::string bytes(std::min(max_bytes, kReadMax), '\0');
  uint64_t written = 0, next = seq;
  int32_t code = koble_journal_read(self.Use(), seq, bytes.data(), bytes.size(), &written, &next);
  if (code == KOBLE_ERR_LIMIT && written > bytes.size()) {  // one record larger than the buffer
    bytes.resize(written);
    code = koble_journal_read(self.Use(), seq, bytes.data(), bytes.size(), &written, &next);
  }
  self.Check(code);
  return nb::make_tuple(nb::bytes(bytes.data(), written), next);
}

koble_engine_options Options(uint32_t journal, uint64_t max_events, uint64_t max_journal_bytes) {
  koble_engine_options options = KOBLE_ENGINE_OPTIONS_INIT;
  options.journal = journal;
  options.max_events = max_events;
  options.max_journal_bytes = max_journal_bytes;
  return options;
}

// (code, records replayed, whether there is an engine).
nb::tuple Replay(Engine& self, nb::handle header, nb::handle records, uint32_t journal, uint64_t max_events,
                 uint64_t max_journal_bytes) {
  Buffer head(header, false), body(records, false);
  const koble_engine_options options = Options(journal, max_events, max_journal_bytes);
  koble_engine* engine = nullptr;
  uint64_t replayed = 0;
  int32_t code;
  {
    nb::gil_scoped_release release;
    code = koble_replay(head.data(), head.size(), body.data(), body.size(), &options, &engine, &replayed);
  }
  if (engine != nullptr) self.Adopt(engine);
  return nb::make_tuple(code, replayed, engine != nullptr);
}

uint64_t ApplyJournal(Engine& self, nb::handle records) {
  Buffer body(records, false);
  koble_engine* engine = self.Use();
  const uint64_t first = koble_events_last(engine) + 1;
  uint64_t replayed = 0;
  int32_t code;
  {
    Long section(self);
    code = koble_journal_apply(engine, body.data(), body.size(), &replayed);
  }
  self.LearnAgents();
  self.LearnQueues(first, koble_events_last(engine) + 1 - first);
  self.Check(code);
  return replayed;
}

void Restore(Engine& self, nb::handle snapshot, uint32_t journal, uint64_t max_events, uint64_t max_journal_bytes) {
  Buffer bytes(snapshot, false);
  const koble_engine_options options = Options(journal, max_events, max_journal_bytes);
  koble_engine* engine = nullptr;
  int32_t code;
  {
    nb::gil_scoped_release release;
    code = koble_snapshot_restore(bytes.data(), bytes.size(), &options, &engine);
  }
  if (code != KOBLE_OK) Raise(code, nullptr);
  self.Adopt(engine);
}

nb::tuple Pairs(const koble_journal_record& record) {
  nb::list pairs;
  for (uint32_t i = 0; i < record.command.attributes_count; ++i) {
    pairs.append(nb::make_tuple(record.attributes[i].key, record.attributes[i].value));
  }
  return nb::tuple(pairs);
}

nb::tuple Choices(const koble_journal_record& record) {
  nb::list choices;
  for (uint32_t i = 0; i < record.choice_count; ++i) {
    int32_t answer;
    std::memcpy(&answer, static_cast<const char*>(record.choices) + i * sizeof answer, sizeof answer);
    choices.append(answer);
  }
  return nb::tuple(choices);
}

nb::tuple Decode(nb::handle source, uint64_t offset) {
  Buffer bytes(source, false);
  koble_journal_record record{};
  record.struct_size = sizeof record;
  if (offset > bytes.size()) Raise(KOBLE_ERR_ARGUMENT, "offset is past the end of the records");
  const int32_t code =
      koble_journal_decode(static_cast<const char*>(bytes.data()) + offset, bytes.size() - offset, &record);
  if (code != KOBLE_OK) Raise(code, nullptr);
  const koble_command& c = record.command;
  const char* kind = koble_command_name(c.kind);
  return nb::make_tuple(record.seq, record.stamp_ns, c.time_ns, record.event_last,
                        kind != nullptr ? MakeText(kind) : nb::str(nb::cast(c.kind)), c.code, c.target, c.host_ref, c.a,
                        c.b, c.queue, nb::bytes(record.data, record.data != nullptr ? c.data_size : 0), record.size,
                        record.serial, Pairs(record), c.agent, c.c, Choices(record));
}

void AcknowledgeJournal(Engine& self, nb::handle seq) {
  self.Check(koble_journal_acknowledge(self.Use(), ToUnsigned(seq, "record's number")));
}

}  // namespace
}  // namespace koble_python

void BindRecord(nanobind::module_& module) {
  using namespace koble_python;
  using nb::arg;
  // The engine's class is bound already: files are taken in the order of their names.
  auto engine = nb::borrow<nb::class_<Engine>>(nb::type<Engine>());
  engine
      .def("journal_header", &WriteSized<koble_journal_header>, nb::sig("def journal_header(self) -> bytes"),
           "What a journal begins with: rules, options that decide behaviour, the plan at creation.")
      .def("_snapshot", &WriteSized<koble_snapshot_write>, nb::sig("def _snapshot(self) -> bytes"))
      .def("_read_journal", &ReadJournal, arg("seq"), arg("max_bytes"),
           nb::sig("def _read_journal(self, seq: int, max_bytes: int) -> tuple[bytes, int]"))
      .def("acknowledge_journal", &AcknowledgeJournal, arg("seq"),
           nb::sig("def acknowledge_journal(self, seq: typing.SupportsIndex) -> None"),
           "Records up to and including this number are durable; in the bounded mode this frees their room.")
      .def_prop_ro(
          "first_record", [](const Engine& self) { return koble_journal_first(self.Use()); },
          "Number of the oldest journal record that is kept; last + 1 where none is.")
      .def_prop_ro(
          "last_record", [](const Engine& self) { return koble_journal_last(self.Use()); },
          "Number of the newest journal record; 0 before the first.")
      .def("_replay", &Replay, arg("header"), arg("records"), arg("journal"), arg("max_events"),
           arg("max_journal_bytes"),
           nb::sig("def _replay(self, header: bytes | bytearray | memoryview, records: bytes | bytearray | memoryview, "
                   "journal: int, "
                   "max_events: int, max_journal_bytes: int) -> tuple[int, int, bool]"))
      .def("apply_journal", &ApplyJournal, arg("records"),
           nb::sig("def apply_journal(self, records: bytes | bytearray | memoryview) -> int"),
           "Plays further records into an engine that was replayed or restored; returns how many.")
      .def("_restore", &Restore, arg("snapshot"), arg("journal"), arg("max_events"), arg("max_journal_bytes"),
           nb::sig("def _restore(self, snapshot: bytes | bytearray | memoryview, journal: int, max_events: int, "
                   "max_journal_bytes: int) -> None"));
  module.def(
      "journal_decode", &Decode, arg("records"), arg("offset"),
      nb::sig("def journal_decode(records: bytes | bytearray | memoryview, offset: int) -> tuple[typing.Any, ...]"));
}
