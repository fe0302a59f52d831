// Entering guest code, and leaving it by a trap. What is executed for every
// call is here and in wm_port_switch; it is kept short: its time is that of its
// stores, one a cycle.
// The sandbox rests on this file.
#include "ports/linux/switch.h"
#include "ports/linux/thread.h"

template <size_t size> [[noreturn]] static void fail(const char (&text)[size]) {
  port_message(text, size - 1);
  __builtin_trap();
}

#if __has_feature(address_sanitizer)
extern "C" void __asan_unpoison_memory_region(const volatile void *, size_t);
#endif

/// Frames that a trap has left never reach their ends, where AddressSanitizer
/// forgets what surrounded their variables.
static void forgetFrames(const wm_store *store, const void *stack) {
#if __has_feature(address_sanitizer)
  const uint8_t *high = static_cast<const uint8_t *>(stack);
  __asan_unpoison_memory_region(store->stack_low,
                                static_cast<size_t>(high - store->stack_low));
#endif
  (void)store, (void)stack;
}

/// The owner of the store goes on on `stack`, having announced itself, and
/// inside of `outer` where it is in the store already.
__attribute__((always_inline)) static wm_status
enterOn(void *stack, wm_thread *self, wm_store *store, wm_activation *outer,
        void (*function)(void *), void *argument) {
  wm_activation *outer_of_thread = self->activation;
  wm_activation activation;
  activation.guest_stack = nullptr;
  activation.store = store;
  __atomic_store_n(&store->activation, &activation, __ATOMIC_RELAXED);
  __atomic_store_n(&self->entering, nullptr, __ATOMIC_RELEASE);
  self->activation = &activation;

  int trap = wm_port_switch(&activation, stack, function, argument);

  wm_status status = WM_OK;
  if (__builtin_expect(trap || store->exception, 0)) {
    forgetFrames(store, stack);
    status = wm_keep_trap(store, static_cast<wm_trap_code>(trap),
                          activation.trap_pc);
  }
  self->activation = outer_of_thread;
  __atomic_store_n(&store->activation, outer, __ATOMIC_RELEASE);
  return status;
}

/// The thread's first entry, or its first into this store after another's.
__attribute__((cold, noinline)) static wm_status
enterFirst(wm_instance *instance, void (*function)(void *), void *argument) {
  wm_thread *self = wm_port_self ? wm_port_self : prepareThread();
  if (!self || !takeStore(instance->store, self))
    return WM_BUSY;
  return port_enter(instance, function, argument);
}

/// The host was called by guest code of the store, and calls back: below the
/// used part of its stack.
__attribute__((cold, noinline)) static wm_status
enterAgain(wm_instance *instance, void (*function)(void *), void *argument) {
  wm_store *store = instance->store;
  void *used = store->activation->guest_stack;
  if (!used)
    fail("wasmetal: guest code entered from guest code without port_leave\n");
  constexpr uintptr_t Alignment = 16;
  void *stack = reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(used) &
                                         ~(Alignment - 1));
  return enterOn(stack, wm_port_self, store, store->activation, function,
                 argument);
}

extern "C" {

wm_status port_enter(wm_instance *instance, void (*function)(void *),
                     void *argument) {
  wm_thread *self = wm_port_self;
  if (__builtin_expect(!self, 0))
    return enterFirst(instance, function, argument);
  wm_store *store = instance->store;
  // See thread.cpp for the order of these steps.
  __atomic_store_n(&self->entering, store, __ATOMIC_RELAXED);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  if (__builtin_expect(__atomic_load_n(&store->owner, __ATOMIC_RELAXED) != self,
                       0))
    return enterFirst(instance, function, argument);
  if (__builtin_expect(store->activation != nullptr, 0))
    return enterAgain(instance, function, argument);
  return enterOn(store->stack_high, self, store, nullptr, function, argument);
}

void port_trap(wm_trap_code code, const void *pc) {
  wm_thread *self = wm_port_self;
  wm_activation *activation = self ? self->activation : nullptr;
  if (!activation)
    fail("wasmetal: trap outside of any entry\n");
  activation->trap_pc = pc;
  wm_port_unwind(activation, code);
}
}
