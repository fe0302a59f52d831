// What the files of this port share.
#pragma once

#include "runtime/port.h"

extern "C" {
/// The image's only store, and what the compiler leaves for it: the instance,
/// and what runs it as guest code.
extern wm_store wm_static_store;
extern wm_instance *const wm_static_instance;
void wm_static_run(void *);

/// Runs the program; its exit code.
int wm_main();
/// Ends everything with an exit code.
[[noreturn]] void wm_exit(int code);
}
