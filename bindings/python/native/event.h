// An event as a Python object: a copy of the record, and the names that its numbers had.
#ifndef KOBLE_BINDINGS_PYTHON_EVENT_H_
#define KOBLE_BINDINGS_PYTHON_EVENT_H_

#include "native.h"

namespace koble_python {

struct Event {
  koble_event record;
  nb::object agent_name;  // str or None
  nb::object queue_name;
};

}  // namespace koble_python

#endif  // KOBLE_BINDINGS_PYTHON_EVENT_H_
