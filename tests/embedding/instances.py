"""A thousand instances; a trap in one leaves the others running. Traps,
instances and stores leave nothing behind."""
from hosts import *

MODULE = """(module
  (memory (export "memory") 16)
  (global $count (mut i32) (i32.const 0))
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 65536) (global.get $count))
    (i32.load (i32.const 65536)))
  (func (export "trap") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then unreachable)
      (else (i32.load (local.get 0)))))
  (func $recurse (export "recurse") (result i32)
    (i32.add (call $recurse) (i32.const 1)))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"""

HOST = PREAMBLE + r"""
#include "app.h"
#include <sys/resource.h>

/// Bytes of memory and lines of the map that this process has.
static void usage(long *bytes, long *areas) {
  FILE *file = fopen("/proc/self/statm", "r");
  long total;
  CHECK(fscanf(file, "%ld %ld", &total, bytes) == 2);
  fclose(file);
  *bytes *= 4096;
  *areas = 0;
  file = fopen("/proc/self/maps", "r");
  for (int c; (c = fgetc(file)) != EOF;)
    *areas += c == '\n';
  fclose(file);
}

static wm_instance *make(void) {
  wm_instance *instance;
  wm_error error;
  if (wm_instance_create(&app_module, NULL, &instance, &error) != WM_OK) {
    fprintf(stderr, "%s\n", error.message);
    exit(1);
  }
  return instance;
}

enum { COUNT = 1000, TRAPS = 100000, TURNS = 5000 };

int main(void) {
  static wm_instance *instances[COUNT];
  int32_t r;
  for (int i = 0; i < COUNT; ++i)
    instances[i] = make();
  for (int i = 0; i < COUNT; ++i)
    CHECK(app_count(instances[i], &r) == WM_OK && r == 1);
  CHECK(app_trap(instances[500], 0, &r) == WM_TRAPPED);
  CHECK(app_recurse(instances[501], &r) == WM_TRAPPED);
  CHECK(app_trap(instances[502], 1 << 20, &r) == WM_TRAPPED);
  wm_instance_destroy(instances[500]);
  for (int i = 0; i < COUNT; ++i)
    if (i != 500)
      CHECK(app_count(instances[i], &r) == WM_OK && r == 2);
  CHECK(app_fib(instances[999], 20, &r) == WM_OK && r == 6765);
  for (int i = 0; i < COUNT; ++i)
    if (i != 500)
      wm_instance_destroy(instances[i]);

  long bytes, areas, later_bytes, later_areas;
  wm_instance *instance = make();
  CHECK(app_recurse(instance, &r) == WM_TRAPPED); // its stack is touched
  usage(&bytes, &areas);
  for (int i = 0; i < TRAPS; ++i) {
    CHECK(app_trap(instance, i & 1 ? 0 : 1 << 20, &r) == WM_TRAPPED);
    if (i % 1000 == 0) // each of them takes a whole stack
      CHECK(app_recurse(instance, &r) == WM_TRAPPED);
  }
  usage(&later_bytes, &later_areas);
  CHECK(later_areas == areas);
  CHECK(later_bytes <= bytes + (256 << 10));
  CHECK(app_count(instance, &r) == WM_OK && r == 1);

  for (int i = 0; i < TURNS; ++i) {
    wm_instance *other = make();
    CHECK(app_count(other, &r) == WM_OK && r == 1);
    CHECK(i % 10 || app_trap(other, 0, &r) == WM_TRAPPED);
    wm_instance_destroy(other);
  }
  usage(&later_bytes, &later_areas);
  CHECK(later_areas == areas);
  CHECK(later_bytes <= bytes + (256 << 10));
  wm_instance_destroy(instance);
  puts("good");
}
"""

for strategy in ("guard", "check"):
    compile_module("app", MODULE, "--memory", strategy)
    expect(must(c_host("host", HOST, "app.o")), b"good\n", strategy)
