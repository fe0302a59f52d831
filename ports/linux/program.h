// Between the parts of a program: main, --invoke and the trap's place.
#pragma once

#include "runtime/instance.h"
#include "runtime/message.h"

/// Adds ` in function 12 "name" at offset 0x1f3` to a message, as far as the
/// executable's symbols and line table know it.
void describeLocation(Message &message, const void *pc);

/// Prints one line, `wasmetal: ...`, to the standard error stream.
void printLine(const char *text);
/// Says why the guest ended, and returns the exit code.
int reportFailure(wm_status status, const wm_error &error);
