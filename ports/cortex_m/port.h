// What the files of this port share.
#pragma once

#include "runtime/include/wasmetal/firmware.h"
#include "runtime/port.h"

/// What the processor pushes when an exception begins.
enum : uint8_t { FRAME_R0, FRAME_R1, FRAME_PC = 6, FRAME_FLAGS };

/// How guest code came to its end.
struct Ending {
  wm_trap_code trap;
  const void *pc;          // of the trap
  const char *message;     // of the trap
  wm_exception *exception; // that nobody has caught, or null
  bool isRefused;          // it did not begin: NoRegion
};
static constexpr char NoRegion[] =
    "the memory protection unit has no region for memory 0";

/// Makes the one instance of a module ready to be entered, which has still to
/// run module->initialize; null, or why it cannot be.
const char *prepareStatic(wm_instance *instance, const wm_module *module,
                          const wm_options *options);

extern "C" {
/// port_enter without a record of what ended it, from within the entry `outer`
/// or null.
Ending wm_enter(wm_instance *instance, void (*function)(void *), void *argument,
                wm_activation *outer);
/// The store of all instances of an image.
extern __attribute__((visibility("default"))) wm_store wm_static_store;
/// What the compiler leaves for a program: calls its start as guest code.
void wm_static_run(void *);
/// Whether guest code is at this address, and running.
bool isGuestCode(uint32_t pc);
/// Has the return from an exception, whose frame this is, end the innermost
/// entry with a trap.
void wm_divert(uint32_t *frame, wm_trap_code code);
/// After guest code was left in the middle: vector instructions as functions
/// find them, by AAPCS. Nothing where there are none.
void port_reset_vectors();
/// Writes "wasmetal: ", both texts and, unless it is 0, the address to the
/// console.
void wm_report(const char *text, const char *more, uintptr_t address);
/// Ends everything with an exit code.
[[noreturn]] void wm_exit(int code);
}

/// The program, or what a host has in its place. By its assembler name: C++
/// gives `main` no linkage of its own.
extern __attribute__((visibility("default"))) int programMain() __asm__("main");
