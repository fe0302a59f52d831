"""Two sandboxes in the firmware of a C host: each has its own memory, both call
the host, and a trap in one leaves the other as it was."""
from firmware import *

BOX = """(module
  (import "board" "led" (func $led (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const {first}))
  (start $begin)
  (func $begin (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "count") (param i32 i64 f32 f64) (result i64)
    (global.set $count (i32.add (global.get $count) (local.get 0)))
    (i32.store (i32.const 16) (global.get $count))
    (drop (call $led (global.get $count)))
    (i64.add (local.get 1) (i64.trunc_f64_s (f64.add (local.get 3)
      (f64.promote_f32 (local.get 2))))))
  (func (export "two") (result i32 f64) (i32.const 3) (f64.const 0.5))
  (func $recurse (export "recurse") (param i32) (result i32)
    (i32.add (call $recurse (local.get 0)) (i32.const 1)))
  (func $sum (export "sum") (param f32) (result f32)
    (f32.add (call $sum (f32.add (local.get 0) (f32.const 1))) (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
"""

HOST = r"""
#include "a.h"
#include "b.h"

extern void wm_exit(int code);
extern void port_message(const char *text, uint64_t size);

static int lit;
wm_status a_import_board_led(wm_instance *instance, int32_t p0,
                             int32_t *result) {
  lit += p0;
  *result = 0;
  return wm_last_error(instance)->status;
}
wm_status b_import_board_led(wm_instance *instance, int32_t p0,
                             int32_t *result) {
  return a_import_board_led(instance, p0 * 1000, result);
}

static uint32_t in(wm_instance *instance) {
  uint32_t value = 0;
  wm_memory_read(wm_instance_memory(instance, 0), 16, &value, 4);
  return value;
}

#define CHECK(condition)                                                       \
  if (!(condition))                                                            \
  return __LINE__

int main(void) {
  wm_instance *a, *b, *again;
  wm_error error;
  CHECK(wm_instance_create(&a_module, 0, &a, &error) == WM_OK);
  CHECK(wm_instance_create(&b_module, 0, &b, &error) == WM_OK);
  CHECK(wm_instance_create(&a_module, 0, &again, &error) == WM_REFUSED);
  int64_t sum;
  CHECK(a_count(a, 1, 1ll << 40, 2.5f, 4.5, &sum) == WM_OK);
  CHECK(sum == (1ll << 40) + 7);
  CHECK(b_count(b, 1, 1, 0, 0, &sum) == WM_OK);
  CHECK(lit == 102 + 202000 && in(a) == 102 && in(b) == 202);
  int32_t three, value;
  double half;
  CHECK(a_two(a, &three, &half) == WM_OK && three == 3 && half == 0.5);
  CHECK(a_load(a, 65533, &value) == WM_TRAPPED);
  CHECK(wm_last_error(a)->trap == WM_TRAP_memory_bounds);
  CHECK(a_recurse(a, 0, &value) == WM_TRAPPED);
  CHECK(wm_last_error(a)->trap == WM_TRAP_stack_exhausted);
#if __ARM_FP
  uint32_t kept = 0x12345678;
  float result;
  __asm__ volatile("vmov s16, %0" : : "r"(kept) : "s16");
  CHECK(a_sum(a, 1, &result) == WM_TRAPPED);
  __asm__ volatile("vmov %0, s16" : "=r"(kept));
  CHECK(kept == 0x12345678);
#endif
  CHECK(b_load(b, 16, &value) == WM_OK && value == 202);
  CHECK(a_load(a, 16, &value) == WM_OK && value == 102);
  CHECK(a_load(b, 16, &value) == WM_REFUSED);
  return 0;
}
"""

for board in ["mps2-an385", "mps2-an386", "mps2-an505", "mps3-an547"]:
    objects = []
    for name, first in [("a", 100), ("b", 200)]:
        objects.append(compile_to(f"{name}.o", BOX.format(first=first),
                                  "--target", BOARDS[board], "-Os", "--name",
                                  name, "--header", f"{name}.h"))
    elf = link(board, HOST, objects)
    expect(boot(board, elf)[2], 0, f"{board}: the line that failed")
