#include "meter.h"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>

namespace koble::bench {
namespace {

thread_local Allocations
    allocations;  // of this thread: nothing is shared between threads that are measured beside each other

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

Allocations AllocationsNow() { return allocations; }

void* CountingRealloc(void*, void* block, uint64_t, uint64_t new_size) {
  Discount(block);
  if (new_size == 0) {
    std::free(block);
    return nullptr;
  }
  return Count(std::realloc(block, new_size));
}

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

// The library's own use of operator new ends here too, because an executable's definition comes first.
__attribute__((noinline)) void* operator new(size_t size) {
  void* block = koble::bench::Count(std::malloc(size == 0 ? 1 : size));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
__attribute__((noinline)) void* operator new(size_t size, std::align_val_t alignment) {
  const auto align = static_cast<size_t>(alignment);
  void* block = koble::bench::Count(std::aligned_alloc(align, (size + align - 1) / align * align));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
__attribute__((noinline)) void operator delete(void* block) noexcept {
  koble::bench::Discount(block);
  std::free(block);
}
__attribute__((noinline)) void operator delete(void* block, size_t) noexcept { operator delete(block); }
__attribute__((noinline)) void operator delete(void* block, std::align_val_t) noexcept { operator delete(block); }
__attribute__((noinline)) void operator delete(void* block, size_t, std::align_val_t) noexcept {
  operator delete(block);
}
