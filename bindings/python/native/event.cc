// Events as objects: frozen, compared by value, attributes made when asked for.
#include "event.h"

#include <nanobind/operators.h>

#include <cstring>

namespace koble_python {
namespace {

nb::object Item(PyObject* tuple, uint64_t index) {
  if (index < static_cast<uint64_t>(PyTuple_GET_SIZE(tuple))) {
    PyObject* item = PyTuple_GET_ITEM(tuple, static_cast<Py_ssize_t>(index));
    if (item != Py_None) return nb::borrow(item);
  }
  return nb::object();
}

nb::object Kind(const Event& self) {
  nb::object member = Item(hooks.event_kinds, self.record.kind);
  return member.is_valid() ? member : nb::cast(self.record.kind);
}

nb::object Reason(const Event& self) {
  if (self.record.reason == 0 && self.record.kind != KOBLE_EVENT_PRESENCE) return nb::none();
  nb::object members = Item(hooks.reasons, self.record.kind);
  nb::object member = members.is_valid() ? Item(members.ptr(), self.record.reason) : nb::object();
  return member.is_valid() ? member : nb::cast(self.record.reason);
}

nb::object Cause(const Event& self) {
  if (self.record.kind != KOBLE_EVENT_OUTCOME || self.record.a == 0) return nb::none();
  nb::object member = Item(hooks.causes, static_cast<uint64_t>(self.record.a));
  return member.is_valid() ? member : nb::cast(self.record.a);
}

nb::object Changes(const Event& self) {
  if (self.record.kind != KOBLE_EVENT_CONTACT_CHANGED) return nb::none();
  return nb::steal(PyObject_CallFunction(hooks.changes, "L", static_cast<long long>(self.record.a)));
}

nb::object Until(const Event& self) {
  const koble_event& e = self.record;
  const bool has = e.kind == KOBLE_EVENT_OFFERED || e.kind == KOBLE_EVENT_WRAPUP || e.kind == KOBLE_EVENT_WRAPUP_END ||
                   e.kind == KOBLE_EVENT_PENALISED || e.kind == KOBLE_EVENT_SILENT || e.kind == KOBLE_EVENT_PARKED ||
                   e.kind == KOBLE_EVENT_RETURNED;
  if (e.kind == KOBLE_EVENT_AGENT_SKILL_CHANGED && e.b != 0) return nb::cast(e.b);
  return has && e.a != 0 ? nb::cast(e.a) : nb::none();
}

nb::object UnknownId(const Event& self) {
  return self.record.kind == KOBLE_EVENT_UNKNOWN ? MakeId(static_cast<koble_id>(self.record.a)) : nb::none();
}

nb::object Queue(const Event& self) {
  return self.record.queue == KOBLE_QUEUE_NONE ? nb::none() : nb::cast(self.record.queue);
}

nb::object ToBytes(const Event& self) {
  return nb::steal(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(&self.record), sizeof self.record));
}

Event FromBytes(nb::bytes bytes, nb::object agent_name, nb::object queue_name) {
  Event event{{}, std::move(agent_name), std::move(queue_name)};
  if (bytes.size() != sizeof event.record)
    Raise(KOBLE_ERR_VERSION, "this event was written by another version of Koble");
  std::memcpy(&event.record, bytes.c_str(), sizeof event.record);
  return event;
}

bool Equal(const Event& a, const Event& b) { return std::memcmp(&a.record, &b.record, sizeof a.record) == 0; }

template <koble_id koble_event::*kMember>
nb::object GetId(const Event& self) {
  return MakeId(self.record.*kMember);
}

template <auto kMember>
auto Get(const Event& self) {
  return self.record.*kMember;
}

}  // namespace
}  // namespace koble_python

void BindEvent(nanobind::module_& module) {
  using namespace koble_python;
  nb::class_<Event>(module, "Event", nb::is_final(),
                    "What the engine decided: a frozen record. Ids that a kind has not are None.")
      .def_prop_ro("seq", &Get<&koble_event::seq>, "Number of the event, from 1, without gaps.")
      .def_prop_ro("time_ns", &Get<&koble_event::time_ns>, "The engine's now.")
      .def_prop_ro("due_ns", &Get<&koble_event::due_ns>,
                   "The instant this belongs to: earlier than time_ns only in a late advance or resume.")
      .def_prop_ro("kind", &Kind, nb::sig("def kind(self, /) -> koble.enums.EventKind"), "What happened.")
      .def_prop_ro("reason", &Reason,
                   nb::sig("def reason(self, /) -> koble.enums.Outcome | koble.enums.ConnectFailure | koble.enums.By | "
                           "koble.enums.WrapUpEnd | koble.enums.Exit | koble.enums.Presence | koble.enums.RequestEnd | "
                           "koble.enums.Offered | koble.enums.Accepted | "
                           "koble.enums.IdKind | typing.Any"),
                   "Why or how, in the words of the kind; None where the kind has none.")
      .def_prop_ro("contact", &GetId<&koble_event::contact>,
                   nb::sig("def contact(self, /) -> koble.ids.ContactId | typing.Any"))
      .def_prop_ro("serial", &Get<&koble_event::serial>, "Number of the contact's arrival, from 1; 0 where no contact.")
      .def_prop_ro("agent", &GetId<&koble_event::agent>,
                   nb::sig("def agent(self, /) -> koble.ids.AgentId | typing.Any"))
      .def_prop_ro("offer", &GetId<&koble_event::offer>,
                   nb::sig("def offer(self, /) -> koble.ids.OfferId | typing.Any"))
      .def_prop_ro("engagement", &GetId<&koble_event::engagement>,
                   nb::sig("def engagement(self, /) -> koble.ids.EngagementId | typing.Any"))
      .def_prop_ro("host_ref", &Get<&koble_event::host_ref>, "The host's own number for the contact.")
      .def_prop_ro("queue", &Queue, nb::sig("def queue(self, /) -> int | None"),
                   "Number in the plan in force; None where the kind has none.")
      .def_prop_ro("tenant", &Get<&koble_event::tenant>, "0.")
      .def_prop_ro("a", &Get<&koble_event::a>, "By kind; see koble.h.")
      .def_prop_ro("b", &Get<&koble_event::b>, "By kind; see koble.h.")
      .def_prop_ro("journal_seq", &Get<&koble_event::journal_seq>,
                   "The journal record that caused it; 0 where the journal is off.")
      .def_prop_ro(
          "agent_name", [](const Event& self) { return self.agent_name; },
          nb::sig("def agent_name(self, /) -> str | None"),
          "The agent's name; None where there is no agent, or nothing remembers the name.")
      .def_prop_ro(
          "queue_name", [](const Event& self) { return self.queue_name; },
          nb::sig("def queue_name(self, /) -> str | None"), "The queue's name in the plan that was in force.")
      .def_prop_ro(
          "until_ns", &Until, nb::sig("def until_ns(self, /) -> int | None"),
          "Expiry of an offer; end of a wrap-up, penalty or reservation; when a silent conversation is forgotten, a "
          "parked one comes back; None elsewhere.")
      .def_prop_ro(
          "datetime",
          [](const Event& self) {
            return nb::steal(
                PyObject_CallFunction(hooks.datetime_utc, "L", static_cast<long long>(self.record.time_ns)));
          },
          nb::sig("def datetime(self, /) -> datetime.datetime"),
          "The engine's now as an aware datetime in UTC; digits after the microsecond are cut.")
      .def_prop_ro("cause", &Cause, nb::sig("def cause(self, /) -> koble.enums.Cause | None"),
                   "Why an offer was withdrawn; None elsewhere.")
      .def_prop_ro("changes", &Changes, nb::sig("def changes(self, /) -> koble.enums.Change | None"),
                   "What of the contact changed, of CONTACT_CHANGED; None elsewhere.")
      .def_prop_ro("unknown_id", &UnknownId, nb::sig("def unknown_id(self, /) -> koble.ids.Id | None"),
                   "The id given to `reconcile` that names nothing living; None elsewhere.")
      .def(
          "__eq__",
          [](const Event& self, nb::handle other) -> nb::object {
            if (!nb::isinstance<Event>(other)) return nb::borrow(Py_NotImplemented);
            return nb::cast(Equal(self, *nb::inst_ptr<Event>(other)));
          },
          nb::arg("other"), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](const Event& self) { return static_cast<Py_ssize_t>(self.record.seq >> 1 ^ self.record.seq << 60); })
      .def(
          "__repr__", [](nb::handle self) { return nb::steal(PyObject_CallOneArg(hooks.event_repr, self.ptr())); },
          nb::sig("def __repr__(self) -> str"))
      .def(
          "__reduce__",
          [](const Event& self) {
            return nb::make_tuple(nb::borrow(hooks.event_from_bytes),
                                  nb::make_tuple(ToBytes(self), self.agent_name, self.queue_name));
          },
          nb::sig("def __reduce__(self) -> tuple[typing.Any, ...]"));
  module.def("_event_from_bytes", &FromBytes, nb::arg("bytes"), nb::arg("agent_name").none(),
             nb::arg("queue_name").none());
  module.attr("EVENT_SIZE") = sizeof(koble_event);
  module.attr("COMMAND_SIZE") = sizeof(koble_command);
}
