#include "handle.h"

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <cstdint>
#include <cstdlib>

namespace koble::c {
namespace {

constexpr size_t kPromisedAlignment = 16;  // of what the host's function returns

// All pages of a great block at once: fetching each when it is first written takes more (docs/performance.md).
void FetchPages([[maybe_unused]] void* block, [[maybe_unused]] size_t size) {
#ifdef MADV_POPULATE_WRITE
  static const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + page - 1) & ~(page - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(block) + size) & ~(page - 1);
  madvise(reinterpret_cast<void*>(begin), end - begin,
          MADV_POPULATE_WRITE);  // an older system refuses, which does no harm
#endif
}

// The C library's, of which a HostMemory asks for a new block or an end of one.
void* LibraryRealloc(void*, void* block, uint64_t, uint64_t new_size) {
  if (new_size == 0) {
    std::free(block);
    return nullptr;
  }
  constexpr uint64_t kGreat = uint64_t{1} << 20;
  void* made = std::malloc(new_size);
  if (made != nullptr && new_size >= kGreat) FetchPages(made, new_size);
  return made;
}

}  // namespace

HostMemory* HostMemory::Create(koble_realloc_fn function, void* context) noexcept {
  if (function == nullptr) function = LibraryRealloc;
  void* block = function(context, nullptr, 0, sizeof(HostMemory));
  return block == nullptr ? nullptr : new (block) HostMemory(function, context);
}

void HostMemory::Release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const koble_realloc_fn function = function_;
  void* const context = context_;
  this->~HostMemory();
  function(context, this, sizeof(HostMemory), 0);
}

void* HostMemory::do_allocate(size_t bytes, size_t alignment) {
  // Size 0 means "free" to the host, so that nothing is asked for as one byte.
  const size_t padding = alignment > kPromisedAlignment ? alignment : 0;
  const size_t size = std::max<size_t>(bytes, 1) + padding;
  if (size < bytes) throw std::bad_alloc();
  void* block = function_(context_, nullptr, 0, size);
  if (block == nullptr) throw std::bad_alloc();
  if (padding == 0) return block;
  // Stronger alignment: the distance to the block's begin is kept just before what is handed out; it is at least 16.
  const auto begin = reinterpret_cast<uintptr_t>(block);
  const uintptr_t aligned = (begin + padding) & ~(static_cast<uintptr_t>(alignment) - 1);
  auto* result = static_cast<char*>(block) + (aligned - begin);
  const uint64_t distance = aligned - begin;
  std::memcpy(result - sizeof(distance), &distance, sizeof(distance));
  return result;
}

void HostMemory::do_deallocate(void* block, size_t bytes, size_t alignment) {
  const size_t padding = alignment > kPromisedAlignment ? alignment : 0;
  uint64_t distance = 0;
  if (padding != 0) std::memcpy(&distance, static_cast<char*>(block) - sizeof(distance), sizeof(distance));
  function_(context_, static_cast<char*>(block) - distance, std::max<size_t>(bytes, 1) + padding, 0);
}

int32_t CopyOut(std::string_view bytes, void* buffer, uint64_t size, uint64_t* needed) {
  if (needed != nullptr) *needed = bytes.size();
  if (size < bytes.size()) return KOBLE_ERR_LIMIT;
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(buffer));
  return KOBLE_OK;
}

bool ReadOptions(const koble_engine_options* host, engine::Options* options, koble_realloc_fn* function,
                 void** context) {
  *function = nullptr;
  *context = nullptr;
  if (host == nullptr) return true;
  koble_engine_options full;
  if (!ReadStruct(host, &full)) return false;
  if (full.journal > KOBLE_JOURNAL_KEEP_ALL || full.clamp_time > 1 || full.reserved != 0) return false;
  if (full.start_ns < 0 || full.start_ns > KOBLE_TIME_MAX) return false;
  if (full.max_step_ns < 0 || full.max_step_ns > KOBLE_DURATION_MAX) return false;
  options->journal = full.journal;
  options->seed = full.seed;
  options->start_ns = full.start_ns;
  options->clamp_time = full.clamp_time != 0;
  options->max_step_ns = full.max_step_ns;
  options->max_contacts = full.max_contacts;
  options->max_agents = full.max_agents;
  options->max_events = full.max_events;
  options->max_journal_bytes = full.max_journal_bytes;
  *function = full.realloc_fn;
  *context = full.realloc_context;
  return true;
}

koble_engine* NewHandle(HostMemory* memory, std::unique_ptr<engine::Engine> engine) {
  void* block = memory->allocate(sizeof(koble_engine), alignof(koble_engine));
  return new (block) koble_engine(memory, std::move(engine));
}

}  // namespace koble::c
