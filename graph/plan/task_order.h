#pragma once

// ThreadSanitizer cannot see inside TBB that spawning and waiting order memory: tasks say so themselves. Elsewhere
// these cost nothing.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GRADUS_THREAD_SANITIZER
#endif
#endif

#ifdef GRADUS_THREAD_SANITIZER
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
/// The function that TBB calls must not be looked at: its arguments come from memory that TBB manages.
#define GRADUS_CALLED_BY_TBB __attribute__((no_sanitize("thread")))
#else
#define GRADUS_CALLED_BY_TBB
#endif

namespace gradus::plan {

/// What happened before `ended(key)` on another thread has happened before this.
inline void begins_after([[maybe_unused]] const void* key) {
#ifdef GRADUS_THREAD_SANITIZER
  __tsan_acquire(const_cast<void*>(key));
#endif
}

inline void ended([[maybe_unused]] const void* key) {
#ifdef GRADUS_THREAD_SANITIZER
  __tsan_release(const_cast<void*>(key));
#endif
}

}  // namespace gradus::plan
