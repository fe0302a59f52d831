// Entering guest code, and leaving it by a trap. There is one thread and one
// stack: guest code compares the stack pointer with a limit before it takes
// its frame. The sandbox rests on this file.
#include "memory_backends/backend.h"
#include "ports/cortex_m/port.h"
#include "runtime/layout.h"
#include "runtime/message.h"
#include "runtime/process.h"

#include <stddef.h>

struct wm_activation {
  void *host_stack;          // where to unwind to
  const void *trap_pc;       // the instruction that trapped
  const char *message;       // of the trap
  const wm_memory *memory;   // which unprivileged accesses reach, or null
  const wm_backend *backend; // which selects it; null: nothing was selected
};

static_assert(offsetof(wm_activation, host_stack) == 0);

extern "C" {
/// Compiled code of all modules of the image.
extern const char __start_wm_text[], __stop_wm_text[];

/// Calls function(argument), having left in activation->host_stack where to
/// unwind to; returns 0, or what wm_port_unwind was given. In instructions that
/// all of these processors have: what a floating-point unit has is the caller's
/// to keep.
__attribute__((naked)) int wm_port_switch(wm_activation *, void (*)(void *),
                                          void *) {
  __asm__("push {r4-r7, lr}\n\t"
          "mov r4, r8\n\t"
          "mov r5, r9\n\t"
          "mov r6, r10\n\t"
          "mov r7, r11\n\t"
          "push {r4-r7}\n\t"
          "sub sp, #4\n\t" // aligned to 8
          "mov r3, sp\n\t"
          "str r3, [r0]\n\t"
          "mov r0, r2\n\t"
          "blx r1\n\t"
          "movs r0, #0\n\t"
          "add sp, #4\n\t"
          "pop {r4-r7}\n\t"
          "mov r8, r4\n\t"
          "mov r9, r5\n\t"
          "mov r10, r6\n\t"
          "mov r11, r7\n\t"
          "pop {r4-r7, pc}");
}

__attribute__((naked)) void wm_port_unwind(wm_activation *, int) {
  __asm__("ldr r3, [r0]\n\t"
          "mov sp, r3\n\t"
          "mov r0, r1\n\t"
          "add sp, #4\n\t"
          "pop {r4-r7}\n\t"
          "mov r8, r4\n\t"
          "mov r9, r5\n\t"
          "mov r10, r6\n\t"
          "mov r11, r7\n\t"
          "pop {r4-r7, pc}");
}

/// The activation comes first: an interrupt that enters guest code meanwhile
/// selects its memory again.
static bool activate(wm_store *store, wm_activation *activation,
                     const wm_backend *backend) {
  store->activation = activation;
  return !backend || backend->select(activation ? activation->memory : nullptr);
}

bool port_is_selected(const wm_memory *memory) {
  const wm_activation *activation = wm_static_store.activation;
  return activation && activation->memory == memory;
}

Ending wm_enter(wm_instance *instance, void (*function)(void *), void *argument,
                wm_activation *outer) {
  wm_store *store = instance->store;
  wm_activation activation;
  // The module's own strategy: the objects of an image share this function.
  const wm_module *module = instance->module;
  if (module->backend && module->backend->select && module->num_memories &&
      wm_is_plain(module->memories)) {
    activation.memory = memoryAt(instance, 0);
    activation.backend = module->backend;
  } else { // what it may call in its turn goes back to the outer one's
    activation.memory = outer ? outer->memory : nullptr;
    activation.backend = outer ? outer->backend : nullptr;
  }
  Ending ending = {};
  if (!activate(store, &activation, activation.backend)) {
    activate(store, outer, activation.backend);
    ending.isRefused = true;
    return ending;
  }
  // Of the guest that an interrupt came upon.
  wm_exception *pending = store->exception;
  store->exception = nullptr;
  ending.trap = static_cast<wm_trap_code>(
      wm_port_switch(&activation, function, argument));
  // A trap leaves these as the guest had them. Where there are none, this is
  // nothing.
  __asm__ volatile(""
                   :
                   :
                   : "d8", "d9", "d10", "d11", "d12", "d13", "d14", "d15");
  if (ending.trap != WM_TRAP_none) {
    port_reset_vectors();
    ending.pc = activation.trap_pc;
    ending.message = activation.message;
  }
  activate(store, outer, activation.backend); // it has been selected before
  ending.exception = store->exception;
  store->exception = pending;
  return ending;
}

wm_status port_enter(wm_instance *instance, void (*function)(void *),
                     void *argument) {
  wm_store *store = instance->store;
  Ending ending = wm_enter(instance, function, argument, store->activation);
  if (ending.isRefused) {
    Message(store->error.message).text(NoRegion);
    return store->error.status = WM_REFUSED;
  }
  if (ending.trap == WM_TRAP_none && !ending.exception)
    return WM_OK;
  wm_exception *pending = store->exception;
  store->exception = ending.exception;
  wm_status status = wm_keep_trap(store, ending.trap, ending.pc);
  store->exception = pending;
  return status;
}

void port_leave(wm_store *, void (*function)(void *), void *argument) {
  function(argument);
}

/// What guest code calls that has no room for its frame
/// (compiler/codegen/stack_check.cpp).
[[noreturn]] WM_API void wm_stack_exhausted() {
  port_trap(WM_TRAP_stack_exhausted, WM_CALL_SITE());
}

/// What guest code calls that is to be small and has taken its frame: leaves
/// all registers but r12 as they are. There is room for 256 bytes more, of
/// those that do not compare. In instructions that all of these processors
/// have.
__attribute__((naked)) WM_API void wm_stack_check() {
  __asm__("mov r12, r4\n\t"
          "ldr r4, 1f\n\t"
          "cmp sp, r4\n\t"
          "mov r4, r12\n\t"
          "blo 0f\n\t"
          "bx lr\n"
          "0:\tldr r4, 2f\n\t"
          "bx r4\n\t"
          ".p2align 2\n"
          "1:\t.long __stack_limit+256\n"
          "2:\t.long wm_stack_exhausted");
}

/// Ends the innermost entry. Apart, so that what calls it is small.
[[noreturn]] __attribute__((noinline)) void
wm_raise(wm_trap_code code, const void *pc, const char *message) {
  wm_activation *activation = wm_static_store.activation;
  activation->trap_pc = pc;
  activation->message = message;
  wm_port_unwind(activation, code);
  __builtin_unreachable();
}

/// Part of what calls it with a constant, so that a program has the messages of
/// its own traps alone.
__attribute__((always_inline)) void port_trap(wm_trap_code code,
                                              const void *pc) {
  wm_raise(code, pc, trapMessage(code));
}

bool isGuestCode(uint32_t pc) {
  return wm_static_store.activation &&
         pc >= reinterpret_cast<uintptr_t>(__start_wm_text) &&
         pc < reinterpret_cast<uintptr_t>(__stop_wm_text);
}

void wm_divert(uint32_t *frame, wm_trap_code code) {
  constexpr uint32_t Thumb = 1 << 24, InBlock = 3 << 25 | 0x3f << 10;
  wm_activation *activation = wm_static_store.activation;
  activation->trap_pc = reinterpret_cast<const void *>(frame[FRAME_PC]);
  activation->message = wm_trap_message(code);
  frame[FRAME_R0] = reinterpret_cast<uintptr_t>(activation);
  frame[FRAME_R1] = code;
  frame[FRAME_PC] = reinterpret_cast<uintptr_t>(wm_port_unwind) & ~1u;
  frame[FRAME_FLAGS] = (frame[FRAME_FLAGS] & ~InBlock) | Thumb;
}
}
