// Changing stacks: what entering and leaving guest code is made of. The code
// is the processor's, in the folder of its name.
#pragma once

#include "ports/linux/thread.h"

#include <stddef.h>

extern "C" {

/// Calls function(argument) on the stack that ends at `stack`, having left the
/// place to unwind to in activation->host_stack. Returns 0, or what
/// wm_port_unwind was given.
int wm_port_switch(wm_activation *activation, void *stack,
                   void (*function)(void *), void *argument);
/// Makes the activation's wm_port_switch return `result`. Also where a signal
/// handler lets a thread go on: takes nothing from the stack it is called on.
[[noreturn]] void wm_port_unwind(wm_activation *activation, int result);
/// A system call that waits, unless *request is set: what wm_port_wait takes.
/// It fills in the window in which a handler has to make it return EINTR.
struct wm_port_waiting {
  const uint32_t *request;
  wm_port_window *window;
  long number;
  long arguments[6];
};
long wm_port_wait(wm_port_waiting *waiting);

/// What signal handlers return to.
void wm_port_restore();
}

// What the instructions know of structures.
static_assert(offsetof(wm_store, activation) == 0);
static_assert(offsetof(wm_activation, host_stack) == 0);
static_assert(offsetof(wm_activation, guest_stack) == 8);
static_assert(offsetof(wm_port_waiting, request) == 0);
static_assert(offsetof(wm_port_waiting, window) == 8);
static_assert(offsetof(wm_port_waiting, number) == 16);
static_assert(offsetof(wm_port_waiting, arguments) == 24);
static_assert(offsetof(wm_port_window, begin) == 0);
static_assert(offsetof(wm_port_window, end) == 8);
static_assert(offsetof(wm_port_window, cancel) == 16);
