// Stopping guest code from outside.
#pragma once

#include "ports/linux/context.h"
#include "ports/linux/thread.h"

/// The interrupt signal has come to this thread: raises what is requested of
/// the guest code that it interrupted, if it did.
void handleInterrupt(wm_thread *self, Context context);
