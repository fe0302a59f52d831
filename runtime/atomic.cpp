// Waiting at an address of a shared memory, and waking who waits there.
//
// Waiters stand in a list of the memory. Who waits compares the value and joins
// the list under its lock; who wakes takes it after having written the value:
// either the waiter sees the new value, or it is in the list by then. Each
// sleeps on a word of its own, so that none is woken but by its turn, and
// values of 64 bits need nothing else.
// The sandbox rests on this file.
// https://webassembly.github.io/threads/core/exec/instructions.html
#include "runtime/bulk.h"
#include "runtime/shared.h"

namespace {

struct Wait {
  wm_memory *memory;
  uint64_t address;
  uint64_t expected;
  uint64_t bytes;  // 4 or 8
  int64_t timeout; // nanoseconds; negative: none
  int32_t result;
};

struct Notification {
  wm_memory *memory;
  uint64_t address;
  uint32_t count;
  uint32_t woken;
};

enum : int32_t { Woken, NotEqual, TimedOut };

} // namespace

static uint64_t load(const uint8_t *address, uint64_t bytes) {
  const void *place = address;
  return bytes == 8 ? __atomic_load_n(static_cast<const uint64_t *>(place),
                                      __ATOMIC_SEQ_CST)
                    : __atomic_load_n(static_cast<const uint32_t *>(place),
                                      __ATOMIC_SEQ_CST);
}

static void wait(void *argument) {
  Wait &wait = *static_cast<Wait *>(argument);
  wm_memory *memory = wait.memory;
  uint64_t deadline = wait.timeout < 0
                          ? PORT_NO_DEADLINE
                          : port_deadline(static_cast<uint64_t>(wait.timeout));
  wm_waiter self = {nullptr, wait.address, 0};
  {
    Lock lock(memory->lock);
    if (load(memory->base + wait.address, wait.bytes) != wait.expected) {
      wait.result = NotEqual;
      return;
    }
    wm_waiter **end = &memory->waiters;
    while (*end)
      end = &(*end)->next;
    *end = &self;
  }
  port_sleep(&self.is_woken, deadline);
  // Who wakes this one is done with it when the lock is free.
  Lock lock(memory->lock);
  wait.result = Woken;
  if (self.is_woken)
    return;
  wm_waiter **link = &memory->waiters;
  while (*link != &self)
    link = &(*link)->next;
  *link = self.next;
  wait.result = TimedOut; // or the guest is to be stopped
}

static void notify(void *argument) {
  Notification &notification = *static_cast<Notification *>(argument);
  wm_memory *memory = notification.memory;
  Lock lock(memory->lock);
  wm_waiter **link = &memory->waiters;
  while (*link && notification.woken < notification.count) {
    wm_waiter *waiter = *link;
    if (waiter->address != notification.address) {
      link = &waiter->next;
      continue;
    }
    *link = waiter->next;
    ++notification.woken;
    __atomic_store_n(&waiter->is_woken, 1, __ATOMIC_RELEASE);
    port_wake(&waiter->is_woken);
  }
}

/// The effective address, or the trap that it is.
static wm_trap_code locate(const wm_memory *memory, uint64_t address,
                           uint64_t offset, uint64_t bytes, uint64_t *out) {
  bool wraps = __builtin_add_overflow(address, offset, out);
  if (*out % bytes)
    return WM_TRAP_unaligned_atomic;
  if (wraps || !isWithin(*out, bytes, sizeOf(memory)))
    return WM_TRAP_memory_bounds;
  return WM_TRAP_none;
}

static wm_trap_code waitAt(wm_instance *instance, wm_memory *memory,
                           uint64_t address, uint64_t offset, uint64_t expected,
                           uint64_t bytes, int64_t timeout, int32_t *result) {
  Wait arguments = {memory, 0, expected, bytes, timeout, 0};
  if (wm_trap_code trap =
          locate(memory, address, offset, bytes, &arguments.address))
    return trap;
  if (!memory->is_shared)
    return WM_TRAP_expected_shared;
  port_leave(instance->store, wait, &arguments);
  *result = arguments.result;
  return WM_TRAP_none;
}

extern "C" {

ENTRY int32_t wm_atomic_wait32(wm_instance *instance, wm_memory *memory,
                               uint64_t address, uint64_t offset,
                               uint32_t expected, int64_t timeout) {
  int32_t result;
  if (wm_trap_code trap = waitAt(instance, memory, address, offset, expected, 4,
                                 timeout, &result))
    TRAP_AT_CALLER(trap);
  return result;
}

ENTRY int32_t wm_atomic_wait64(wm_instance *instance, wm_memory *memory,
                               uint64_t address, uint64_t offset,
                               uint64_t expected, int64_t timeout) {
  int32_t result;
  if (wm_trap_code trap = waitAt(instance, memory, address, offset, expected, 8,
                                 timeout, &result))
    TRAP_AT_CALLER(trap);
  return result;
}

ENTRY uint32_t wm_atomic_notify(wm_instance *instance, wm_memory *memory,
                                uint64_t address, uint64_t offset,
                                uint32_t count) {
  Notification notification = {memory, 0, count, 0};
  if (wm_trap_code trap =
          locate(memory, address, offset, 4, &notification.address))
    TRAP_AT_CALLER(trap);
  if (memory->is_shared)
    port_leave(instance->store, notify, &notification);
  return notification.woken;
}
}
