// Changing stacks: what entering and leaving guest code is made of. The code
// is the processor's, in the folder of its name.
#pragma once

#include "runtime/port.h"

extern "C" {

/// Calls function(argument) on the stack that ends at `stack`, having left the
/// place to unwind to in activation->host_stack. Returns 0, or what
/// wm_port_unwind was given.
int wm_port_switch(wm_activation *activation, void *stack,
                   void (*function)(void *), void *argument);
/// Makes the activation's wm_port_switch return `result`. Also where a signal
/// handler lets a thread go on: takes nothing from the stack it is called on.
[[noreturn]] void wm_port_unwind(wm_activation *activation, int result);
/// What signal handlers return to.
void wm_port_restore();
}
