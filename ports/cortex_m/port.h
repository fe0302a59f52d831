// What the files of this port share.
#pragma once

#include "runtime/port.h"

extern "C" {
/// The store of all instances of an image.
extern __attribute__((visibility("default"))) wm_store wm_static_store;
/// What the compiler leaves for a program: calls its start as guest code.
void wm_static_run(void *);
/// Ends everything with an exit code.
[[noreturn]] void wm_exit(int code);
}

/// The program, or what a host has in its place. By its assembler name: C++
/// gives `main` no linkage of its own.
extern __attribute__((visibility("default"))) int programMain() __asm__("main");
