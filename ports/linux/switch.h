// Changing stacks: what entering and leaving guest code is made of. The code
// is the processor's, in the folder of its name.
#pragma once

#include "ports/linux/thread.h"

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
