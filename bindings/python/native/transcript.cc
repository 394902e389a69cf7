// Transcripts: one function that runs a text.
#include <koble/koble_transcript.h>

#include <memory>

#include "native.h"

namespace koble_python {
namespace {

struct Reader {
  PyObject* function;  // path -> bytes; any exception is a mistake at that line
};

int32_t ReadFile(void* context, const char* path, void (*give)(void*, const void*, uint64_t), void* give_context) {
  nb::object bytes = nb::steal(PyObject_CallFunction(static_cast<Reader*>(context)->function, "s", path));
  if (!bytes.is_valid() || !PyBytes_Check(bytes.ptr())) {
    PyErr_Clear();
    return KOBLE_ERR_UNKNOWN;
  }
  give(give_context, PyBytes_AS_STRING(bytes.ptr()), static_cast<uint64_t>(PyBytes_GET_SIZE(bytes.ptr())));
  return KOBLE_OK;
}

// (failures, mistakes, differences, commands, checks, report, rewritten).
nb::tuple Run(nb::bytes text, const char* name, nb::handle read, uint32_t rebuild) {
  Reader reader{read.ptr()};
  koble_transcript_options options = KOBLE_TRANSCRIPT_OPTIONS_INIT;
  options.rebuild = rebuild;
  options.read_fn = read.is_none() ? nullptr : &ReadFile;
  options.read_context = &reader;
  koble_transcript* handle = nullptr;
  const int32_t code = koble_transcript_run(text.c_str(), text.size(), name, &options, &handle);
  if (code != KOBLE_OK) Raise(code, nullptr);
  const std::unique_ptr<koble_transcript, decltype(&koble_transcript_release)> run(handle, &koble_transcript_release);
  koble_transcript_summary summary = KOBLE_TRANSCRIPT_SUMMARY_INIT;
  const int32_t status = koble_transcript_summary_get(run.get(), &summary);
  if (status != KOBLE_OK) Raise(status, nullptr);
  uint64_t size = 0;
  const char* rewritten = koble_transcript_rewritten(run.get(), &size);
  return nb::make_tuple(summary.failures, summary.mistakes, summary.differences, summary.commands, summary.checks,
                        MakeText(koble_transcript_report(run.get())), nb::bytes(rewritten, size));
}

}  // namespace
}  // namespace koble_python

void BindTranscript(nanobind::module_& module) {
  using namespace koble_python;
  module.def("transcript_run", &Run, nb::arg("text"), nb::arg("name"), nb::arg("read").none(), nb::arg("rebuild"),
             nb::sig("def transcript_run(text: bytes, name: str, read: collections.abc.Callable[[str], bytes] | None, "
                     "rebuild: int) -> tuple[int, int, int, int, int, str, bytes]"));
}
