"""On RISC-V, the signal of an unaligned access that the kernel made for the
processor, and that is out of bounds, does not tell its address. QEMU makes such
accesses itself, so that the host's handler turns its signal into that one."""

import os

os.environ["WASMETAL_TARGET"] = "riscv64-linux"

from hosts import *  # pylint: disable=wrong-import-position

compile_module("app", """(module (memory 1)
  (func (export "load") (param i32) (result i32)
    (i32.load (local.get 0))))""")
host = c_host("host", "#define _GNU_SOURCE\n" + PREAMBLE + r"""
#include "app.h"
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

static void onFault(int signal, siginfo_t *info, void *context) {
  ucontext_t *interrupted = context;
  siginfo_t told = *info;
  (void)signal;
  told.si_signo = SIGBUS;
  told.si_code = BUS_ADRALN;
  told.si_addr = (void *)interrupted->uc_mcontext.__gregs[REG_PC];
  if (!wm_handle_signal(SIGBUS, &told, context))
    _exit(7);
}

int main(void) {
  static char stack[65536];
  stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  CHECK(sigaltstack(&own, NULL) == 0);
  struct sigaction action = {.sa_sigaction = onFault,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK};
  CHECK(wm_set_signals(true, 50));
  CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
  wm_instance *instance;
  CHECK(wm_instance_create(&app_module, NULL, &instance, NULL) == WM_OK);
  int32_t result;
  CHECK(app_load(instance, 65536 + 4097, &result) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_memory_bounds);
  CHECK(app_load(instance, 65531, &result) == WM_OK && result == 0);
  wm_instance_destroy(instance);
  return 0;
}
""", SANDBOX / "app.o")
must(host)
