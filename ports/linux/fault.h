// Which faults are traps.
#pragma once

#include "ports/linux/context.h"
#include "ports/linux/thread.h"

/// Whether `pc` belongs to compiled code of the store's instances.
bool isGuestCode(const wm_store *store, const void *pc);

/// Ends the innermost entry of this thread if the fault is a trap, by letting
/// the handler return there. False for all other faults: nothing is changed.
bool handleFault(wm_thread *self, const siginfo_t *info, Context context);
