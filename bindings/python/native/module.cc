// The extension module koble._core: its hooks and conversions. The other files of this folder bind their noun each.
#include "native.h"

#include <nanobind/stl/string.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace koble_python {

Hooks hooks;

void RaiseObject(nb::object exception) {
  if (exception.is_valid()) PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw nb::python_error();
}

void Raise(int32_t code, const char* message) {
  const char* text = message != nullptr && *message != '\0' ? message : koble_error_text(code);
  RaiseObject(nb::steal(PyObject_CallFunction(hooks.error, "is", static_cast<int>(code), text)));
}

int64_t CallForInt(PyObject* hook, nb::handle value) {
  nb::object number = nb::steal(PyObject_CallOneArg(hook, value.ptr()));
  if (!number.is_valid()) throw nb::python_error();
  int overflow = 0;
  const long long result = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow != 0) return overflow > 0 ? INT64_MAX : INT64_MIN;
  if (result == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
  return result;
}

int64_t ToDuration(nb::handle value) {
  if (PyLong_CheckExact(value.ptr())) return ToTime(value);
  return CallForInt(hooks.duration_ns, value);
}

int64_t ToPoints(nb::handle value) {
  if (PyLong_CheckExact(value.ptr())) {
    const int64_t points = ToTime(value);
    if (points > -1000000000000 && points < 1000000000000) return points * KOBLE_POINT;
  }
  return CallForInt(hooks.points, value);
}

uint64_t ToUnsigned(nb::handle value, const char* noun) {
  nb::object number = nb::borrow(value);
  if (!PyLong_Check(value.ptr())) {
    if (PyIndex_Check(value.ptr())) {
      number = nb::steal(PyNumber_Index(value.ptr()));
    } else {
      number = nb::steal(PyObject_GetAttrString(value.ptr(), "id"));
    }
    if (!number.is_valid() || !PyLong_Check(number.ptr())) {
      PyErr_Clear();
      PyErr_Format(PyExc_TypeError, "%R is no %s", value.ptr(), noun);
      throw nb::python_error();
    }
  }
  const unsigned long long result = PyLong_AsUnsignedLongLong(number.ptr());
  if (result == static_cast<unsigned long long>(-1) && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    char text[160];
    std::snprintf(text, sizeof text, "%s is outside 0 to 2^64 - 1", noun);
    Raise(KOBLE_ERR_ARGUMENT, text);
  }
  return result;
}

int64_t ToInteger(nb::handle value, const char* noun) {
  int overflow = 0;
  nb::object number = nb::steal(PyNumber_Index(value.ptr()));
  if (!number.is_valid()) {
    PyErr_Clear();
    PyErr_Format(PyExc_TypeError, "%s is %R; it must be an int", noun, value.ptr());
    throw nb::python_error();
  }
  const long long result = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow != 0) {
    char text[160];
    std::snprintf(text, sizeof text, "%s is outside -2^63 to 2^63 - 1", noun);
    Raise(KOBLE_ERR_ARGUMENT, text);
  }
  return result;
}

uint32_t ToWord(nb::handle value, PyObject* words, const char* noun) {
  PyObject* number = value.ptr();
  if (PyUnicode_Check(number)) number = PyDict_GetItemWithError(words, number);
  if (number == nullptr || !PyLong_Check(number) || PyBool_Check(number)) {
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
    RaiseObject(nb::steal(PyObject_CallFunction(hooks.unknown_word, "sOO", noun, value.ptr(), words)));
  }
  int overflow = 0;
  const long long result = PyLong_AsLongLongAndOverflow(number, &overflow);
  return overflow != 0 || result < 0 || result > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(result);
}

nb::object MakeId(koble_id id) {
  if (id == 0) return nb::none();
  const Py_ssize_t kind = KOBLE_ID_KIND(id);
  PyObject* cls = PyTuple_GET_ITEM(hooks.id_classes, kind < PyTuple_GET_SIZE(hooks.id_classes) ? kind : 0);
#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030f0000 && PYLONG_BITS_IN_DIGIT == 30
  // Calling the class costs four times as much as writing the three digits of its int. Ids have a kind, so all three are used.
  auto* type = reinterpret_cast<PyTypeObject*>(cls);
  if (id >> 60 != 0) {
    nb::object made = nb::steal(type->tp_alloc(type, 3));
    if (!made.is_valid()) throw nb::python_error();
    auto* number = reinterpret_cast<PyLongObject*>(made.ptr());
#if PY_VERSION_HEX >= 0x030c0000
    number->long_value.lv_tag = 3 << 3;  // three digits, positive
    digit* digits = number->long_value.ob_digit;
#else
    digit* digits = number->ob_digit;  // the allocation has set the size
#endif
    for (int i = 0; i < 3; ++i) digits[i] = static_cast<digit>(id >> (30 * i)) & PyLong_MASK;
    return made;
  }
#endif
  nb::object number = nb::steal(PyLong_FromUnsignedLongLong(id));
  nb::object result = nb::steal(PyObject_CallOneArg(cls, number.ptr()));
  if (!result.is_valid()) throw nb::python_error();
  return result;
}

nb::object MakeText(const char* text) {
  if (text == nullptr) return nb::none();
  nb::object result =
      nb::steal(PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(std::strlen(text)), "surrogateescape"));
  if (!result.is_valid()) throw nb::python_error();
  return result;
}

nb::object MakeHex(const uint64_t hash[2]) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash[0]),
                static_cast<unsigned long long>(hash[1]));
  return MakeText(text);
}

Buffer::Buffer(nb::handle object, bool writable) {
  if (PyObject_GetBuffer(object.ptr(), &view_, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE) != 0) throw nb::python_error();
}

namespace {

void SetHooks(nb::dict values) {
  auto take = [&](const char* name) {
    PyObject* value = PyDict_GetItemString(values.ptr(), name);
    if (value == nullptr) {
      PyErr_Format(PyExc_KeyError, "hook %s", name);
      throw nb::python_error();
    }
    Py_INCREF(value);
    return value;
  };
  hooks.error = take("error");
  hooks.unknown_name = take("unknown_name");
  hooks.unknown_symbol = take("unknown_symbol");
  hooks.unknown_word = take("unknown_word");
  hooks.closed = take("closed");
  hooks.busy = take("busy");
  hooks.time_ns = take("time_ns");
  hooks.duration_ns = take("duration_ns");
  hooks.points = take("points");
  hooks.datetime_utc = take("datetime_utc");
  hooks.event_from_bytes = take("event_from_bytes");
  hooks.event_repr = take("event_repr");
  hooks.outcomes = take("outcomes");
  hooks.presences = take("presences");
  hooks.bys = take("bys");
  hooks.id_classes = take("id_classes");
  hooks.event_kinds = take("event_kinds");
  hooks.reasons = take("reasons");
  hooks.causes = take("causes");
  hooks.changes = take("changes");
}

}  // namespace
}  // namespace koble_python

namespace nb = nanobind;
#include "bindings.inc"

NB_MODULE(_core, module) {
  using koble_python::MakeText;
  // The hooks hold classes of the package to the end of the process, which would be reported as leaks.
  nb::set_leak_warnings(false);
  module.def("_set_hooks", &koble_python::SetHooks, nb::arg("hooks"),
             nb::sig("def _set_hooks(hooks: dict[str, typing.Any]) -> None"));
  module.def(
      "version", [] { return MakeText(koble_version()); }, nb::sig("def version() -> str"));
  module.def("abi_version", &koble_abi_version);
  module.def("rules_version", &koble_rules_version);
  module.def(
      "error_name", [](int32_t code) { return MakeText(koble_error_name(code)); }, nb::arg("code"),
      nb::sig("def error_name(code: int) -> str"));
  module.def(
      "error_text", [](int32_t code) { return MakeText(koble_error_text(code)); }, nb::arg("code"),
      nb::sig("def error_text(code: int) -> str"));
  module.def(
      "command_name", [](uint32_t kind) { return MakeText(koble_command_name(kind)); }, nb::arg("kind"),
      nb::sig("def command_name(kind: int) -> str | None"));
  module.def(
      "event_name", [](uint32_t kind) { return MakeText(koble_event_name(kind)); }, nb::arg("kind"),
      nb::sig("def event_name(kind: int) -> str | None"));
  module.def(
      "reason_name", [](uint32_t kind, uint32_t reason) { return MakeText(koble_reason_name(kind, reason)); },
      nb::arg("event_kind"), nb::arg("reason"), nb::sig("def reason_name(event_kind: int, reason: int) -> str | None"));
  module.def(
      "change_name", [](uint32_t change) { return MakeText(koble_change_name(change)); }, nb::arg("change"),
      nb::sig("def change_name(change: int) -> str | None"));
  KOBLE_BIND_ALL(module)
}
