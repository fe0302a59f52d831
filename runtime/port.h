// What a port supplies: memory from the system, entering and leaving guest
// code, and the primitives that WASI is built on. ports/<name>/ implements it;
// nothing else may know of an operating system.
#pragma once

#include "runtime/abi.h"
#include "runtime/trap.h"

extern "C" {

/// Reserves address space without access, aligned to the page size; null when
/// the system refuses.
void *port_reserve(uint64_t size);
/// Makes part of a reservation readable and writable, zero at first use.
bool port_commit(void *address, uint64_t size);
/// Makes part of a reservation zero again, keeping it accessible.
void port_decommit(void *address, uint64_t size);
void port_release(void *address, uint64_t size);
/// Takes access to pages away, until port_commit.
bool port_protect(void *address, uint64_t size);
/// Of processors where a unit limits unprivileged accesses to one region of
/// memory: makes it [base, base + size), or nothing if the size is 0. False: no
/// region is like that, and there is none now.
bool port_set_region(void *base, uint64_t size);
/// Whether guest code is running that reaches the memory by that region.
bool port_is_selected(const wm_memory *memory);
/// `size` bytes of stack, zero, above `guard` bytes without access: returns the
/// lowest byte of the stack, or null. Released by
/// port_release(low - guard, guard + size).
uint8_t *port_map_stack(uint64_t size, uint64_t guard);
/// A power of two.
uint64_t port_page_size();
/// What the processor has: a bit for each row of its file in cpu_features.
uint64_t port_cpu_features();
const char *port_cpu_feature_name(unsigned index);
/// Moves at least 1,024 bytes as if through a buffer, by registers that not all
/// processors of the port have. False: there are none, or none are known yet.
bool port_move_wide(uint8_t *to, const uint8_t *from, uint64_t size);

/// The bytes of whole pages that hold `size` bytes.
static inline uint64_t roundToPage(uint64_t size) {
  uint64_t mask = port_page_size() - 1;
  return (size + mask) & ~mask;
}

/// Commits what [0, new_size) of a reservation takes beyond [0, old_size).
/// Sizes need not be those of pages: whole pages around them.
static inline bool port_commit_growth(void *start, uint64_t old_size,
                                      uint64_t new_size) {
  uint64_t begin = roundToPage(old_size);
  uint64_t end = roundToPage(new_size);
  return begin >= end ||
         port_commit(static_cast<char *>(start) + begin, end - begin);
}

/// Calls function(argument) as guest code of the instance's store, on the
/// store's stack. `function` begins with a look at store->interrupt. Returns
/// WM_OK; or what wm_keep_trap made of the trap or exception that ended it; or,
/// without having entered, WM_BUSY: another thread is in the store, or memory
/// is short. The thread must be on a stack of the host's.
wm_status port_enter(wm_instance *instance, void (*function)(void *),
                     void *argument);
/// Calls function(argument) for guest code of `store` on the host's stack, and
/// returns to the guest's. Nothing that runs there is a trap by its faults.
void port_leave(wm_store *store, void (*function)(void *), void *argument);
/// Ends the innermost entry of this thread with a trap.
[[noreturn]] void port_trap(wm_trap_code code, const void *pc);
/// Installs what turns faults into traps, for one more instance. False on
/// failure.
bool port_init();
/// Ends the use that a successful port_init began. With the last one, what was
/// there before is installed again: the code of the handlers may be unloaded.
void port_finish();

/// Lets others have the processor.
void port_yield();
/// When `nanoseconds` will have passed, on a clock of the port's.
uint64_t port_deadline(uint64_t nanoseconds);
constexpr uint64_t PORT_NO_DEADLINE = ~0ull;
/// For guest code that this thread is in, on the host's stack: waits until
/// *word is not 0. Ends earlier when the deadline has come, or when the guest
/// is asked to stop.
void port_sleep(const uint32_t *word, uint64_t deadline);
/// Wakes the thread that sleeps at a word, which is not 0 any more.
void port_wake(uint32_t *word);

/// Writes a message to the standard error stream.
void port_message(const char *text, uint64_t size);

} // extern "C"
