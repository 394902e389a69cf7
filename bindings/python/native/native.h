// What the files of the extension module koble._core share: errors, conversions at the border, buffers.
//
// The module binds the C API and nothing else. What is called for every contact is C++ (integers in, integers out); what is
// not is Python, in src/koble. Python's side hands its classes and slow paths over once, as hooks.
// Threads: everything here runs under the GIL except the body of a Long section.
#ifndef KOBLE_BINDINGS_PYTHON_NATIVE_H_
#define KOBLE_BINDINGS_PYTHON_NATIVE_H_

#include <koble/koble.h>
#include <nanobind/nanobind.h>

#include <cstdint>
#include <string_view>

namespace koble_python {

namespace nb = nanobind;

// Python functions and classes that C++ calls; borrowed for ever (the module keeps them alive).
struct Hooks {
  PyObject* error = nullptr;             // (code, message) -> exception
  PyObject* unknown_name = nullptr;      // (noun, name, known names) -> exception
  PyObject* unknown_symbol = nullptr;    // (noun, name, known names) -> exception
  PyObject* unknown_word = nullptr;      // (noun, word, known words) -> exception
  PyObject* closed = nullptr;            // exception class
  PyObject* busy = nullptr;              // exception class
  PyObject* time_ns = nullptr;           // object -> int
  PyObject* duration_ns = nullptr;       // object -> int
  PyObject* points = nullptr;            // object -> int of micro-points
  PyObject* datetime_utc = nullptr;      // int of ns -> datetime
  PyObject* event_repr = nullptr;        // Event -> str
  PyObject* event_from_bytes = nullptr;  // what a pickled Event is made by
  PyObject* outcomes = nullptr;          // dict word -> number, and so on
  PyObject* presences = nullptr;
  PyObject* bys = nullptr;
  PyObject* id_classes = nullptr;   // tuple by kind of id
  PyObject* event_kinds = nullptr;  // tuple by number
  PyObject* reasons = nullptr;      // tuple by kind of event: tuple by number, or None
  PyObject* causes = nullptr;       // tuple by number
  PyObject* changes = nullptr;      // class of the mask
};
extern Hooks hooks;

// Raises the Python exception for a code of the C API. `message` may be empty: the code's general sentence.
[[noreturn]] void Raise(int32_t code, const char* message);
// Raises what a hook made (an exception instance), or what went wrong in making it.
[[noreturn]] void RaiseObject(nb::object exception);

// Calls a hook that gives an integer.
int64_t CallForInt(PyObject* hook, nb::handle value);

// int: taken as nanoseconds. Anything else: datetime and the like, by the hook, which raises advice.
inline int64_t ToTime(nb::handle value) {
  if (PyLong_CheckExact(value.ptr())) {
    int overflow = 0;
    const long long ns = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    if (overflow == 0) return ns;
    return overflow > 0 ? INT64_MAX : INT64_MIN;  // refused by the engine with its own sentence
  }
  return CallForInt(hooks.time_ns, value);
}
int64_t ToDuration(nb::handle value);
int64_t ToPoints(nb::handle value);

// An id or another number without a sign from an int (or any subclass), an object with __index__, or one with `.id`.
uint64_t ToUnsigned(nb::handle value, const char* noun);
// Any other integer.
int64_t ToInteger(nb::handle value, const char* noun);
// A member of a closed list, by word or number.
uint32_t ToWord(nb::handle value, PyObject* words, const char* noun);

// An id as an object of its class; None for 0.
nb::object MakeId(koble_id id);
// A C string of the library as str; None for null.
nb::object MakeText(const char* text);
// 128 bits as 32 hexadecimal digits.
nb::object MakeHex(const uint64_t hash[2]);

// A view of bytes, arrays and the like for as long as it lives.
class Buffer {
 public:
  Buffer(nb::handle object, bool writable);
  ~Buffer() { PyBuffer_Release(&view_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  void* data() const { return view_.buf; }
  uint64_t size() const { return static_cast<uint64_t>(view_.len); }

 private:
  Py_buffer view_;
};

}  // namespace koble_python

#endif  // KOBLE_BINDINGS_PYTHON_NATIVE_H_
