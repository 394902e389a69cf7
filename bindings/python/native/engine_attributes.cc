// Symbols, and the attributes of contacts that are made of them.
#include <cstring>

#include "engine.h"

namespace koble_python {
namespace {

// The name as the C API takes it; null where it holds a NUL and so is no symbol.
const char* SymbolText(nb::handle name) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(name.ptr(), &size);
  if (text == nullptr) throw nb::python_error();
  return std::strlen(text) == static_cast<size_t>(size) ? text : nullptr;
}

uint32_t Find(const Engine& self, nb::handle name) {
  if (!PyUnicode_Check(name.ptr())) return 0;
  const char* text = SymbolText(name);
  return text == nullptr ? 0 : koble_symbol_find(self.Look(), text);
}

uint32_t Known(const Engine& self, nb::handle name, const char* noun) {
  const uint32_t number = Find(self, name);
  if (number != 0) return number;
  nb::list names;
  for (uint32_t i = 1; i <= koble_symbol_count(self.Look()); ++i)
    names.append(MakeText(koble_symbol_name(self.Look(), i)));
  RaiseObject(nb::steal(PyObject_CallFunction(hooks.unknown_symbol, "sOO", noun, name.ptr(), names.ptr())));
}

uint32_t Key(const Engine& self, nb::handle key) {
  if (PyUnicode_Check(key.ptr())) return Known(self, key, "attribute");
  const uint64_t number = ToUnsigned(key, "attribute (a name or the number of a symbol)");
  return number > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(number);
}

int64_t Value(const Engine& self, nb::handle value) {
  if (PyUnicode_Check(value.ptr())) return Known(self, value, "symbol");
  return ToInteger(value, "attribute's value (an int, or a symbol's name)");
}

uint32_t Intern(Engine& self, nb::handle name, nb::handle at) {
  if (!PyUnicode_Check(name.ptr())) {
    PyErr_Format(PyExc_TypeError, "%R is no name of a symbol; give a str", name.ptr());
    throw nb::python_error();
  }
  const char* text = SymbolText(name);
  if (text == nullptr) Raise(KOBLE_ERR_ARGUMENT, "a symbol's name holds no NUL");
  const int64_t time = self.Time(at);
  koble_result* result = self.Prepare();
  self.Check(koble_symbol_intern(self.Use(), time, text, result));
  return static_cast<uint32_t>(result->value);
}

nb::list AttributesOf(const Engine& self, nb::handle contact) {
  const koble_id id = ToUnsigned(contact, "contact's id");
  koble_attribute attributes[KOBLE_CONTACT_ATTRIBUTES_MAX];
  uint64_t count = 0;
  self.Check(koble_contact_attributes(self.Look(), id, attributes, KOBLE_CONTACT_ATTRIBUTES_MAX, &count));
  nb::list pairs;
  for (uint64_t i = 0; i < count; ++i) pairs.append(nb::make_tuple(attributes[i].key, attributes[i].value));
  return pairs;
}

}  // namespace

uint32_t ToAttributes(const Engine& self, nb::handle mapping, koble_attribute* attributes, uint32_t room) {
  if (mapping.is_none()) return 0;
  nb::object items = nb::steal(PyMapping_Items(mapping.ptr()));
  if (!items.is_valid()) {
    PyErr_Clear();
    PyErr_Format(PyExc_TypeError, "%R are no attributes; give a dict like {\"language\": \"english\", \"amount\": 3}",
                 mapping.ptr());
    throw nb::python_error();
  }
  uint32_t count = 0;
  for (nb::handle item : items) {
    if (count == room) break;
    PyObject* pair = PySequence_Check(item.ptr()) != 0 && PySequence_Size(item.ptr()) == 2 ? item.ptr() : nullptr;
    if (pair == nullptr) {
      PyErr_Clear();
      Raise(KOBLE_ERR_ARGUMENT, "attributes are pairs of a key and a value");
    }
    const nb::object key = nb::steal(PySequence_GetItem(pair, 0));
    const nb::object value = nb::steal(PySequence_GetItem(pair, 1));
    if (!key.is_valid() || !value.is_valid()) throw nb::python_error();
    attributes[count].key = Key(self, key);
    attributes[count].reserved = 0;
    attributes[count].value = Value(self, value);
    ++count;
  }
  return count;
}

uint32_t ToKeys(const Engine& self, nb::handle keys, uint32_t* numbers, uint32_t room) {
  if (PyUnicode_Check(keys.ptr())) {
    PyErr_Format(PyExc_TypeError, "%R is one name; give a list of them", keys.ptr());
    throw nb::python_error();
  }
  uint32_t count = 0;
  for (nb::handle key : nb::iter(keys)) {
    if (count == room) break;
    numbers[count++] = Key(self, key);
  }
  return count;
}

void BindAttributes(nb::class_<Engine>& engine) {
  using nb::arg;
  const nb::object none = nb::none();
  engine
      .def("intern", &Intern, arg("name").none(), nb::kw_only(), arg("at").none() = none,
           nb::sig("def intern(self, name: str, *, at: koble.times.Instant | None = None) -> int"),
           "The number of a name, for attributes; a name that was not known gets the next one and keeps it.\n\n"
           "The names of the plan's attributes and of their values are known from the start.")
      .def("_symbol_count", [](const Engine& self) { return koble_symbol_count(self.Look()); })
      .def("_symbol_find", &Find, arg("name").none(), nb::sig("def _symbol_find(self, name: object) -> int"))
      .def(
          "_symbol_name",
          [](const Engine& self, int64_t number) { return MakeText(koble_symbol_name(self.Look(), number)); },
          arg("number"), nb::sig("def _symbol_name(self, number: int) -> str | None"))
      .def("_symbol_key", &Key, arg("key").none(),
           nb::sig("def _symbol_key(self, key: str | typing.SupportsIndex) -> int"))
      .def("_symbol_value", &Value, arg("value").none(),
           nb::sig("def _symbol_value(self, value: str | typing.SupportsIndex) -> int"))
      .def("_attributes", &AttributesOf, arg("contact").none(),
           nb::sig("def _attributes(self, contact: typing.SupportsIndex) -> list[tuple[int, int]]"));
}

}  // namespace koble_python
