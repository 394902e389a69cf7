// koble_transcript.h over lib/transcript.
#include "koble/koble_transcript.h"

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "transcript/run.h"

struct koble_transcript {
  koble::transcript::RunResult result;
};

namespace {

using koble::transcript::ReadFile;
using koble::transcript::Rebuild;

void Give(void* context, const void* bytes, uint64_t size) {
  auto* out = static_cast<std::optional<std::string>*>(context);
  *out = std::string(static_cast<const char*>(bytes), size);
}

ReadFile ReaderOf(koble_transcript_read_fn read, void* context) {
  if (read == nullptr) return nullptr;
  return [read, context](const std::string& path) {
    std::optional<std::string> bytes;
    if (read(context, path.c_str(), &Give, &bytes) != KOBLE_OK) bytes.reset();
    return bytes;
  };
}

}  // namespace

int32_t koble_transcript_run(const char* text, uint64_t size, const char* name, const koble_transcript_options* options,
                             koble_transcript** run) {
  if (run == nullptr) return KOBLE_ERR_ARGUMENT;
  *run = nullptr;
  if (text == nullptr && size > 0) return KOBLE_ERR_ARGUMENT;
  if (options != nullptr && (options->struct_size < sizeof *options || options->rebuild > KOBLE_TRANSCRIPT_REPLAY)) {
    return KOBLE_ERR_ARGUMENT;
  }
  try {
    koble::transcript::RunOptions own;
    if (name != nullptr) own.name = name;
    if (options != nullptr) {
      own.rebuild = static_cast<Rebuild>(options->rebuild);
      own.read_file = ReaderOf(options->read_fn, options->read_context);
    }
    auto made = std::make_unique<koble_transcript>();
    made->result = koble::transcript::Run(std::string_view(text, size), own);
    *run = made.release();
    return KOBLE_OK;
  } catch (const std::bad_alloc&) {
    return KOBLE_ERR_NO_MEMORY;
  } catch (...) {
    return KOBLE_ERR_INTERNAL;
  }
}

int32_t koble_transcript_summary_get(const koble_transcript* run, koble_transcript_summary* out) {
  if (run == nullptr || out == nullptr || out->struct_size < sizeof *out) return KOBLE_ERR_ARGUMENT;
  out->mistakes = run->result.mistakes;
  out->differences = run->result.differences;
  out->failures = out->mistakes + out->differences;
  out->commands = run->result.commands;
  out->checks = run->result.checks;
  return KOBLE_OK;
}

const char* koble_transcript_report(const koble_transcript* run) {
  return run == nullptr ? "" : run->result.report.c_str();
}

const char* koble_transcript_rewritten(const koble_transcript* run, uint64_t* size) {
  if (size != nullptr) *size = run == nullptr ? 0 : run->result.rewritten.size();
  return run == nullptr ? "" : run->result.rewritten.c_str();
}

void koble_transcript_release(koble_transcript* run) { delete run; }
