#include "meter.h"

#include <malloc.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace koble::bench {
namespace {

thread_local Allocations
    allocations;  // of this thread: nothing is shared between threads that are measured beside each other

}  // namespace

Allocations AllocationsNow() { return allocations; }

int64_t ProcessorNanosecondsNow() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * int64_t{1'000'000'000} + t.tv_nsec;
}

void Meter::Start() {
  allocations_before_ = bench::allocations.count;
  began_ = ProcessorNanosecondsNow();
}

void Meter::Stop() {
  nanoseconds += ProcessorNanosecondsNow() - began_;
  allocations += bench::allocations.count - allocations_before_;
}

void Fail(const koble_engine* engine, int32_t code, const char* what) {
  std::fprintf(stderr, "%s: %s: %s\n", what, koble_error_name(code),
               engine == nullptr ? koble_error_text(code) : koble_engine_message(engine));
  std::exit(1);
}

}  // namespace koble::bench

// Everything in the process takes its memory here, the library too, because an executable's definitions come first. Sanitizers have their own.
#if defined(__GLIBC__) && !defined(KOBLE_SANITIZED)

namespace koble::bench {
namespace {

void* Count(void* block) {
  if (block != nullptr) {
    ++allocations.count;
    allocations.live_bytes += static_cast<int64_t>(malloc_usable_size(block));
  }
  return block;
}
void Discount(void* block) {
  if (block != nullptr) allocations.live_bytes -= static_cast<int64_t>(malloc_usable_size(block));
}

}  // namespace
}  // namespace koble::bench

#pragma GCC visibility push(default)
extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* block);

void* malloc(size_t size) { return koble::bench::Count(__libc_malloc(size)); }
void* calloc(size_t count, size_t size) { return koble::bench::Count(__libc_calloc(count, size)); }
void* realloc(void* block, size_t size) {
  koble::bench::Discount(block);
  return koble::bench::Count(__libc_realloc(block, size));
}
void* aligned_alloc(size_t alignment, size_t size) { return koble::bench::Count(__libc_memalign(alignment, size)); }
int posix_memalign(void** block, size_t alignment, size_t size) {
  *block = aligned_alloc(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) {
  koble::bench::Discount(block);
  __libc_free(block);
}

}  // extern "C"
#pragma GCC visibility pop

#endif
