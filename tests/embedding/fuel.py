"""Fuel is counted the same under each optimisation and strategy, also where
the guest traps; without fuel, guest code stops, and goes on with more."""
from hosts import *

MODULE = """(module
  (memory 1)
  (func (export "spin") (loop (br 0)))
  (func $recurse (export "recurse") (call $recurse))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  ;; Runs over the end of memory.
  (func (export "overrun") (local i32)
    (loop
      (i32.store (local.get 0) (i32.const 1))
      (local.set 0 (i32.add (local.get 0) (i32.const 1024)))
      (br 0))))"""

HOST = PREAMBLE + r"""
#include "app.h"

static wm_instance *instance;

static unsigned long long used(wm_status status, wm_trap_code trap) {
  CHECK(status == (trap ? WM_TRAPPED : WM_OK));
  CHECK(!trap || wm_last_error(instance)->trap == trap);
  unsigned long long fuel = 1000000 - wm_fuel(instance);
  wm_set_fuel(instance, 1000000);
  return fuel;
}

int main(void) {
  wm_options options = {0};
  options.size = sizeof(options);
  options.fuel = 1000000;
  CHECK(wm_instance_create(&app_module, &options, &instance, NULL) == WM_OK);
  CHECK(wm_fuel(instance) == 1000000);
  int32_t result;
  printf("%llu\n", used(app_fib(instance, 1, &result), WM_TRAP_none));
  printf("%llu\n", used(app_fib(instance, 15, &result), WM_TRAP_none));
  CHECK(result == 610);
  printf("%llu\n", used(app_overrun(instance), WM_TRAP_memory_bounds));
  printf("%llu\n", used(app_spin(instance), WM_TRAP_out_of_fuel));
  wm_set_fuel(instance, 1000);
  CHECK(app_recurse(instance) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_out_of_fuel);
  wm_set_fuel(instance, UINT64_MAX);
  CHECK(app_fib(instance, 20, &result) == WM_OK && result == 6765);
  wm_instance_destroy(instance);
}
"""

# Four to compare, then one, or nine: to call twice and add. Of 1973 calls, 987
# end it.
first = ["5", str(987 * 5 + 986 * 13)]
for options in (["-O0"], ["-O2"], ["-O3", "--memory", "check"]):
    compile_module("app", MODULE, "--fuel", "1", *options)
    host = c_host("host", HOST, "app.o")
    lines = must(host).decode().split()
    expect(lines[:2], first[:2], f"{options}")
    expect(lines[3], "1000000", "what endless loops use")
    first += lines[len(first):]
    expect(lines, first, f"{options}")
