// Reading an engine's events: all at once, one by one, into an array.
#include "engine.h"

#include <algorithm>
#include <utility>

namespace koble_python {
namespace {

constexpr uint64_t kChunk = 64;

// Calls `take` for every kept event from `seq` on; returns the number of the last one.
template <typename Take>
uint64_t ForEvents(Engine& self, uint64_t seq, Take take) {
  koble_event chunk[kChunk];
  uint64_t next = std::max(seq, koble_events_first(self.Look()));
  for (;;) {
    uint64_t count = 0;
    self.Check(koble_events_read(self.Look(), next, chunk, sizeof(koble_event), kChunk, &count));
    for (uint64_t i = 0; i < count; ++i) take(self.MakeEvent(chunk[i]));
    next += count;
    if (count < kChunk) return next - 1;
  }
}

nb::list Drain(Engine& self) {
  nb::list events;
  const uint64_t last = ForEvents(self, 0, [&](Event&& event) { events.append(nb::cast(std::move(event))); });
  if (events.size() != 0) self.Check(koble_events_acknowledge(self.Use(), last));
  return events;
}

nb::list ReadEvents(Engine& self, uint64_t seq) {
  nb::list events;
  ForEvents(self, seq, [&](Event&& event) { events.append(nb::cast(std::move(event))); });
  return events;
}

// How many events there are from `seq` on, and the number of the first.
nb::tuple EventRange(const Engine& self, uint64_t seq) {
  const koble_engine* engine = self.Look();
  const uint64_t first = std::max(seq, koble_events_first(engine));
  const uint64_t last = koble_events_last(engine);
  return nb::make_tuple(first, last >= first ? last - first + 1 : 0);
}

uint64_t ReadEventsInto(const Engine& self, uint64_t seq, nb::handle array) {
  Buffer target(array, true);
  const koble_engine* engine = self.Look();
  uint64_t count = 0;
  int32_t code;
  {
    Long section(self);
    code = koble_events_read(engine, seq, static_cast<koble_event*>(target.data()), sizeof(koble_event),
                             target.size() / sizeof(koble_event), &count);
  }
  self.Check(code);
  return count;
}

void Acknowledge(Engine& self, nb::handle event) {
  uint64_t seq = 0;
  if (nb::isinstance<Event>(event)) {
    seq = nb::inst_ptr<Event>(event)->record.seq;
  } else {
    seq = ToUnsigned(event, "event or sequence number");
  }
  self.Check(koble_events_acknowledge(self.Use(), seq));
}

// Goes on as long as there are events, those that commands add on the way included.
class EventIterator {
 public:
  EventIterator(nb::object engine, uint64_t seq) : engine_(std::move(engine)), next_(seq) {}

  Event Next() {
    Engine& engine = *nb::inst_ptr<Engine>(engine_);
    if (taken_ == count_) {
      const koble_engine* handle = engine.Look();
      next_ = std::max(next_, koble_events_first(handle));
      taken_ = count_ = 0;
      if (next_ > koble_events_last(handle)) throw nb::stop_iteration();
      engine.Check(koble_events_read(handle, next_, chunk_, sizeof(koble_event), kChunk, &count_));
      next_ += count_;
      if (count_ == 0) throw nb::stop_iteration();
    }
    return engine.MakeEvent(chunk_[taken_++]);
  }

 private:
  nb::object engine_;
  uint64_t next_;
  uint64_t taken_ = 0, count_ = 0;
  koble_event chunk_[kChunk];
};

}  // namespace

void BindEvents(nb::module_& module, nb::class_<Engine>& engine) {
  using nb::arg;
  const nb::object none = nb::none();
  nb::class_<EventIterator>(module, "EventIterator")
      .def(
          "__iter__", [](nb::handle self) { return nb::borrow(self); }, nb::sig("def __iter__(self) -> EventIterator"))
      .def("__next__", &EventIterator::Next);

  engine
      .def("drain", &Drain, nb::sig("def drain(self) -> list[Event]"),
           "All events that are kept, and acknowledges them: what the host then loses is lost.")
      .def("_read_events", &ReadEvents, arg("seq"), nb::sig("def _read_events(self, seq: int) -> list[Event]"))
      .def(
          "_iterate_events", [](nb::handle self, uint64_t seq) { return EventIterator(nb::borrow(self), seq); },
          arg("seq"), nb::sig("def _iterate_events(self, seq: int) -> EventIterator"))
      .def("_event_range", &EventRange, arg("seq"), nb::sig("def _event_range(self, seq: int) -> tuple[int, int]"))
      .def("_read_events_into", &ReadEventsInto, arg("seq"), arg("array"),
           nb::sig("def _read_events_into(self, seq: int, array: typing.Any) -> int"))
      .def("_agent_label", &Engine::AgentLabel, arg("agent").none(),
           nb::sig("def _agent_label(self, agent: int) -> str | None"))
      .def("_queue_epochs", &Engine::QueueEpochs, nb::sig("def _queue_epochs(self) -> list[tuple[int, list[str]]]"))
      .def("acknowledge", &Acknowledge, arg("event").none(),
           nb::sig("def acknowledge(self, event: Event | typing.SupportsIndex) -> None"),
           "Events up to and including this one (or this number) are not needed any more.")
      .def_prop_ro(
          "first_event", [](const Engine& self) { return koble_events_first(self.Look()); },
          "Number of the oldest event that is kept; last + 1 where none is.")
      .def_prop_ro(
          "last_event", [](const Engine& self) { return koble_events_last(self.Look()); },
          "Number of the newest event; 0 before the first.");
}

}  // namespace koble_python
