"""At a trap, memory holds what was stored before it, however loops around were
rearranged: by accesses whose loop has a copy without checks, or strips."""
from hosts import *

# Stores to one place in a loop, within another one whose load traps.
MODULE = """(module (memory (export "memory") 1)
  (global $more (mut i32) (i32.const 3))
  (func (export "version") (param i32) (local $fuel i32) (local $zero i32)
    (local $y i64)
    (local.set $fuel (i32.const 100))
    (local.set $y (i64.load16_u offset=5 (i32.add (i32.shl (local.get $zero)
      (i32.const 2)) (i32.const 4))))
    (block $done
      (loop $outer
        (br_if $done (i32.le_s (local.get $fuel) (i32.const 0)))
        (block $left
          (loop $inner
            (br_if $left (i32.le_s (local.get $fuel) (i32.const 0)))
            (i32.store (i32.and (local.get $zero) (i32.const 4095))
              (i64.eq (i64.extend_i32_u (local.get $zero)) (local.get $y)))
            (drop (f64.load (i32.const 65527)))
            (br_if $inner (i32.and (global.get $more) (i32.gt_s
              (local.tee $fuel (i32.sub (local.get $fuel) (i32.const 1)))
              (i32.const 0))))))
        (br_if $outer (i32.and
          (i32.extend8_s (i32.load offset=50089 (i32.const -14)))
          (i32.gt_s
            (local.tee $fuel (i32.sub (local.get $fuel) (i32.const 1)))
            (i32.const 0)))))))
  (func (export "strip") (param $n i32)
    (local $i i32) (local $k i32)
    (loop $outer
      (local.set $k (i32.const 0))
      (block $found
        (loop $inner
          (br_if $found
            (i32.load8_u offset=1024 (local.get $k)))
          (i32.store8 (i32.const 64) (local.get $k))
          (br_if $inner (i32.lt_u
            (local.tee $k (i32.add (local.get $k) (i32.const 1)))
            (local.get $n)))))
      (drop (i32.load offset=65536 (i32.const 0)))
      (br_if $outer (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 100))))))"""

HOST = PREAMBLE + r"""
#include "app.h"

static void after(const char *name, uint64_t place,
                  wm_status (*function)(wm_instance *, int32_t)) {
  wm_instance *instance;
  wm_error error;
  CHECK(wm_instance_create(&app_module, NULL, &instance, &error) == WM_OK);
  CHECK(function(instance, 40) == WM_TRAPPED);
  uint32_t word;
  wm_memory *memory = wm_instance_memory(instance, 0);
  CHECK(wm_memory_read(memory, place, &word, 4) == WM_OK);
  printf("%s %u\n", name, word);
  wm_instance_destroy(instance);
}

int main(void) {
  after("version", 0, app_version);
  after("strip", 64, app_strip);
  return 0;
}
"""

EXPECTED = "version 1\nstrip 39\n"
for level in ("-O0", "-O1", "-O2", "-O3"):
    for memory in ("guard", "check"):
        app = compile_module("app", MODULE, level, "--memory", memory)
        expect(must(c_host("host", HOST, app)).decode(), EXPECTED,
               f"{level} {memory}")
