// What the C API's opaque handles hold, and the rules that every function of it keeps: pointers and struct sizes are checked
// first, no exception leaves, and the words for the last refusal are kept without allocating.
#ifndef KOBLE_BINDINGS_C_HANDLE_H_
#define KOBLE_BINDINGS_C_HANDLE_H_

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "koble/koble.h"
#include "koble/koble_policy.h"
#include "koble/koble_record.h"
#include "plan/plan.h"

// A plan with its own count of references, so that a host in any language can share it.
struct koble_plan {
  explicit koble_plan(std::shared_ptr<const koble::plan::Plan> compiled) : plan(std::move(compiled)) {}
  mutable std::atomic<uint64_t> references{1};
  const std::shared_ptr<const koble::plan::Plan> plan;
};

namespace koble::c {

// The host's realloc as a memory resource. It lies in the host's memory itself, and is counted because a clone shares it
// with the engine it was made from, in whichever order the two are destroyed.
class HostMemory final : public std::pmr::memory_resource {
 public:
  // Null where the host's function gives nothing. `function` may be null: the C library's.
  static HostMemory* Create(koble_realloc_fn function, void* context) noexcept;
  void Retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Release() noexcept;

 private:
  HostMemory(koble_realloc_fn function, void* context) : function_(function), context_(context) {}
  void* do_allocate(size_t bytes, size_t alignment) override;
  void do_deallocate(void* block, size_t bytes, size_t alignment) override;
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  const koble_realloc_fn function_;
  void* const context_;
  std::atomic<uint32_t> references_{1};
};

// Sizes of the first published version of every struct with a struct_size. Members are only ever appended, so a host that was
// compiled against an older header gives a size between this and the present one. Never change a number here.
template <typename T>
inline constexpr uint32_t kFirstSize = 0;
template <>
inline constexpr uint32_t kFirstSize<koble_queue_def> = 40;
template <>
inline constexpr uint32_t kFirstSize<koble_engine_options> = 88;
template <>
inline constexpr uint32_t kFirstSize<koble_result> = 56;
template <>
inline constexpr uint32_t kFirstSize<koble_arrival> = 40;
template <>
inline constexpr uint32_t kFirstSize<koble_change> = 56;
template <>
inline constexpr uint32_t kFirstSize<koble_batch> = 56;
template <>
inline constexpr uint32_t kFirstSize<koble_contact_info> = 144;
template <>
inline constexpr uint32_t kFirstSize<koble_agent_info> = 88;
template <>
inline constexpr uint32_t kFirstSize<koble_offer_info> = 48;
template <>
inline constexpr uint32_t kFirstSize<koble_engagement_info> = 48;
template <>
inline constexpr uint32_t kFirstSize<koble_counts> = 48;
template <>
inline constexpr uint32_t kFirstSize<koble_journal_record> = 392;
template <>
inline constexpr uint32_t kFirstSize<koble_policy> = 32;
template <>
inline constexpr uint32_t kFirstSize<koble_choice_contact> = 72;
template <>
inline constexpr uint32_t kFirstSize<koble_choice_agent> = 80;

template <>
inline constexpr uint32_t kFirstSize<koble_command> = 64;  // has no struct_size: the stride of a batch

// No struct of ours will ever be larger: a greater struct_size is memory that was never initialised.
inline constexpr uint32_t kStructSizeMax = 4096;

template <typename T>
bool Sized(const T* host) {
  static_assert(kFirstSize<T> >= 8 && sizeof(T) >= kFirstSize<T>);
  return host != nullptr && host->struct_size >= kFirstSize<T> && host->struct_size <= kStructSizeMax;
}

// Members that this version does not know must be zero: a host that sets them wants something that would not happen.
inline bool TailIsZero(const void* host, uint64_t size, uint64_t known) {
  const auto* bytes = static_cast<const unsigned char*>(host);
  for (uint64_t i = known; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

// An argument struct in its present form, whatever the size of the host's; false where it is not acceptable.
template <typename T>
bool ReadStruct(const T* host, T* full) {
  if (!Sized(host) || !TailIsZero(host, host->struct_size, sizeof(T))) return false;
  std::memset(full, 0, sizeof(T));
  std::memcpy(full, host, std::min<size_t>(host->struct_size, sizeof(T)));
  return true;
}

// The host's own struct where it has the present form, else `full`, filled from it; null where it is not acceptable.
template <typename T>
inline const T* WholeStruct(const T* host, T* full) {
  if (host != nullptr && host->struct_size == sizeof(T)) return host;
  return ReadStruct(host, full) ? full : nullptr;
}

// Gives the host as much of `full` as its struct can take. Its struct_size stays.
template <typename T>
void WriteStruct(const T& full, T* host) {
  const uint32_t size = host->struct_size;
  std::memcpy(host, &full, std::min<size_t>(size, sizeof(T)));
  host->struct_size = size;
}

// Runs `body` and turns what it throws into a code: nothing passes the border of the library.
template <typename F>
int32_t Guarded(F&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return KOBLE_ERR_NO_MEMORY;
  } catch (...) {
    return KOBLE_ERR_INTERNAL;
  }
}

// The same for functions that return a value; `otherwise` is the answer where something was thrown.
template <typename T, typename F>
T GuardedValue(T otherwise, F&& body) noexcept {
  try {
    return body();
  } catch (...) {
    return otherwise;
  }
}

// The usual answer of functions that fill a buffer of the host.
int32_t CopyOut(std::string_view bytes, void* buffer, uint64_t size, uint64_t* needed);

// Checks options and turns them into the engine's; `memory` is set by the caller. False: KOBLE_ERR_ARGUMENT.
bool ReadOptions(const koble_engine_options* host, engine::Options* options, koble_realloc_fn* function,
                 void** context);

// Wraps an engine in a handle that takes over one reference to `memory`. Throws std::bad_alloc, `memory` then untouched.
koble_engine* NewHandle(HostMemory* memory, std::unique_ptr<engine::Engine> engine);

void CopyPolicies(const koble_engine& from, koble_engine* to);

}  // namespace koble::c

// Called `koble_engine` in C. Calls on one engine are exclusive, queries included, so that its words need no lock.
struct koble_engine {
  koble_engine(koble::c::HostMemory* memory_in, std::unique_ptr<koble::engine::Engine> engine_in)
      : memory(memory_in), engine(std::move(engine_in)) {}

  // Keeps the words of a refusal that the engine itself did not judge, and returns its code. (Out of the way of what is not refused.)
  __attribute__((format(printf, 3, 4), cold, noinline)) int32_t Refuse(int32_t code, const char* format, ...) const {
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    own_text = true;
    return code;
  }
  void Keep(std::string_view words) const {
    const size_t size = std::min(words.size(), sizeof(text) - 1);
    std::memcpy(text, words.data(), size);
    text[size] = '\0';
    own_text = true;
  }
  // While a policy is asked nothing may be changed.
  __attribute__((cold, noinline)) int32_t RefuseBusy() const {
    return Refuse(
        KOBLE_ERR_BUSY,
        "a policy is being asked: it may read the engine, not change it; do that after the call has returned");
  }
  int32_t Succeed() const {
    text[0] = '\0';
    own_text = true;
    return KOBLE_OK;
  }

  koble::c::HostMemory* const memory;
  std::unique_ptr<koble::engine::Engine> engine;
  mutable const koble_plan* plan = nullptr;  // the handle that koble_engine_plan lends
  mutable bool own_text = false;             // the last words are in `text`; else the engine has them
  mutable char text[1024] = "";
  std::vector<std::pair<std::string, koble_policy>> policies;  // as the host gave them: a clone gets the same
};

#endif  // KOBLE_BINDINGS_C_HANDLE_H_
