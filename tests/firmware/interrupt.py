"""The handler of SysTick stops guest code that does not end by itself: in a loop,
in functions of the runtime, behind a function of the host, in recursion; other
calls are left alone, and the instance can be called again."""
from firmware import *

BOX = """(module
  (import "board" "wait" (func $wait))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "count") (result i32) (global.get $count))
  (func (export "loop") (loop $again
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (br $again)))
  (func (export "fill") (loop $again
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))
    (br $again)))
  (func (export "float") (param f64) (result f64) (loop $again
    (local.set 0 (f64.div (f64.add (local.get 0) (f64.const 1)) (f64.const 3)))
    (br_if $again (f64.gt (local.get 0) (f64.const 0))))
    (local.get 0))
  ;; What becomes a loop of vector instructions where there are some.
  (func (export "add") (param $n i32) (local $i i32) (loop $again
    (local.set $i (i32.const 0))
    (loop $next
      (i32.store (i32.shl (local.get $i) (i32.const 2))
        (i32.add
          (i32.load offset=16384 (i32.shl (local.get $i) (i32.const 2)))
          (i32.load offset=32768 (i32.shl (local.get $i) (i32.const 2)))))
      (br_if $next (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $n))))
    (br $again)))
  (func (export "wait") (call $wait)
    (global.set $count (i32.const -1)))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
"""

HOST = r"""
#include "box.h"
#include <wasmetal/firmware.h>
extern const uint32_t wm_vectors[16];
static uint32_t vectors[16] __attribute__((aligned(128)));
static wm_instance *box;
static volatile unsigned ticks, left; // until the limit, which is none at 0
static volatile bool waited;
void tick(uint32_t *frame) {
  ++ticks;
  if (!left || --left)
    return;
  left = 1; // again, until the call has ended
  wm_interrupt(box);
  wm_handle_interrupt(frame);
}
__attribute__((naked)) static void onTick(void) {
  __asm__("mrs r0, msp\n\tldr r1, =tick\n\tbx r1");
}
wm_status box_import_board_wait(wm_instance *instance) {
  unsigned end = ticks + 10;
  while (ticks < end)
    ;
  waited = true;
  return WM_OK;
}
#define CHECK(condition)                                                       \
  if (!(condition))                                                            \
  return __LINE__
// The result of a call, within five ticks.
#define LIMITED(call)                                                          \
  (left = 5, status = (call), left = 0, wm_interrupt_clear(box), status)
#define STOPPED(call)                                                          \
  (LIMITED(call) == WM_TRAPPED &&                                              \
   wm_last_error(box)->trap == WM_TRAP_interrupted)
int main(void) {
  wm_status status;
  volatile uint32_t *systick = (uint32_t *)0xe000e010;
  for (int i = 0; i < 16; ++i)
    vectors[i] = wm_vectors[i];
  vectors[15] = (uint32_t)onTick;
  *(volatile uint32_t *)0xe000ed08 = (uint32_t)vectors;
  CHECK(wm_instance_create(&box_module, 0, &box, 0) == WM_OK);
  systick[1] = 20000;
  systick[2] = 0;
  systick[0] = 7;
  int32_t value;
  double real;
  CHECK(STOPPED(box_loop(box)));
  CHECK(box_count(box, &value) == WM_OK && value != -1);
  CHECK(STOPPED(box_fill(box)));
  CHECK(STOPPED(box_float(box, 1, &real)));
  for (int i = 0; i < 10; ++i)
    CHECK(STOPPED(box_add(box, 4095)));
  CHECK(STOPPED(box_fib(box, 60, &value)));
  CHECK(STOPPED(box_wait(box)) && waited);
  CHECK(box_count(box, &value) == WM_OK && value != -1);
  CHECK(STOPPED(box_loop(box)));
  // Without a limit, or before it, nothing stops.
  CHECK(box_wait(box) == WM_OK && box_count(box, &value) == WM_OK);
  CHECK(value == -1);
  left = 1 << 30;
  CHECK(box_fib(box, 15, &value) == WM_OK && value == 610);
  left = 0;
  // A request that finds nobody stops the next call.
  wm_interrupt(box);
  CHECK(box_count(box, &value) == WM_TRAPPED);
  CHECK(!wm_interrupt_clear(box) && box_count(box, &value) == WM_OK);
  wm_interrupt(box);
  CHECK(wm_interrupt_clear(box) && box_count(box, &value) == WM_OK);
  return 0;
}
"""

for board, strategy, level in [
        ("mps2-an385", "check", "-Os"), ("mps2-an386", "mpu", "-Os"),
        ("mps2-an500", "mask", "-Os"), ("mps2-an505", "mpu", "-Os"),
        ("mps3-an547", "check", "-O3")]:
    elf = link(board, HOST, [compile_to(
        "box.o", BOX, "--target", BOARDS[board], level, "--memory", strategy,
        "--header", "box.h")])
    expect(boot(board, elf)[2], 0, f"{board}: the line that failed")
