"""What boxes of one image do not do to each other and to their host, whatever
the order in which their objects are linked: recursion, through a function that
never returns or through the host, ends with the stack; each box runs under its
own strategy, also when it starts, and after it called another one; memory that
could not grow stays what it was."""
from firmware import *


def box(name, target, source, strategy, level="-O2", *options):
    return compile_to(f"{name}.o", source, "--target", target, "--memory",
                      strategy, level, "--name", name, "--header",
                      SANDBOX / f"{name}.h", *options)


def ends(board, what, host, *objects, stack=8192):
    elf = link(board, host, objects, stack=stack)
    expect(boot(board, elf), ("", "", 0), f"{board}: {what}")


# LLVM knows that it does not return, so that it saves nothing to return by.
ENDLESS = """(module (memory (export "memory") 1 1)
  (func $f (param i32 i32 i32 i32 i32 i32 i32 i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (call $f (i32.sub (local.get 0) (i32.const 1))
      (i32.xor (local.get 7) (local.get 2)) (i32.xor (local.get 1) (local.get 3))
      (i32.xor (local.get 6) (local.get 4)) (i32.xor (local.get 3) (local.get 5))
      (i32.xor (local.get 4) (local.get 6)) (i32.xor (local.get 5) (local.get 7))
      (i32.xor (local.get 2) (local.get 0)))
    unreachable)
  (func (export "run") (param i32)
    (call $f (local.get 0) (i32.const 1) (i32.const 2) (i32.const 3)
      (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7))))
"""
ENDLESS_HOST = """#include "endless.h"
static volatile uint32_t guard[4096];
int main(void) {
  wm_instance *box;
  if (wm_instance_create(&endless_module, 0, &box, 0))
    return 1;
  wm_status status = endless_run(box, 100000);
  for (int i = 0; i < 4096; ++i)
    if (guard[i])
      return 2;
  return status != WM_TRAPPED ||
         wm_last_error(box)->trap != WM_TRAP_stack_exhausted;
}
"""

AGAIN = """(module (import "board" "call" (func $call (param i32)))
  (memory (export "memory") 1 1)
  (func (export "run") (param i32) (call $call (local.get 0))))
"""
AGAIN_HOST = """#include "again.h"
extern char __stack_low[];
static wm_instance *box;
static char *least = (char *)-1;
wm_status again_import_board_call(wm_instance *instance, int32_t count) {
  char *here = __builtin_frame_address(0);
  least = here < least ? here : least;
  return count ? again_run(box, count - 1) : WM_OK;
}
int main(void) {
  if (wm_instance_create(&again_module, 0, &box, 0))
    return 1;
  wm_status status = again_run(box, 2000);
  return least < __stack_low ? 2 : status != WM_TRAPPED;
}
"""

# Its start function stores far beyond its memory.
STARTING = """(module (memory (export "memory") 1 1)
  (data (i32.const 4) "\\00\\00\\10\\00")
  (func $start (i32.store (i32.load (i32.const 4)) (i32.const 77)))
  (start $start))
"""
PLAIN = """(module (import "board" "call" (func $call))
  (memory (export "memory") 1 1)
  (func (export "run") (param i32) (result i32)
    (call $call) (i32.load (local.get 0))))
"""
STARTING_HOST = """#include "starting.h"
#include "plain.h"
wm_status plain_import_board_call(wm_instance *box) { return WM_OK; }
int main(void) {
  wm_instance *box;
  wm_error error;
  if (wm_instance_create(&plain_module, 0, &box, 0))
    return 1;
  return wm_instance_create(&starting_module, 0, &box, &error) != WM_TRAPPED;
}
"""

NESTED_HOST = """#include "outer.h"
#include "plain.h"
#include "inner.h"
static wm_instance *outer, *plain, *inner;
static int32_t value;
wm_status outer_import_board_call(wm_instance *box) {
  return plain_run(plain, 0, &value);
}
wm_status plain_import_board_call(wm_instance *box) {
  return inner_run(inner, 0, &value);
}
wm_status inner_import_board_call(wm_instance *box) { return WM_OK; }
int main(void) {
  if (wm_instance_create(&outer_module, 0, &outer, 0) ||
      wm_instance_create(&plain_module, 0, &plain, 0) ||
      wm_instance_create(&inner_module, 0, &inner, 0))
    return 1;
  if (outer_run(outer, 0, &value) != WM_OK)
    return 2;
  return outer_run(outer, 1 << 20, &value) != WM_TRAPPED;
}
"""

GROWING = """(module (memory (export "memory") 8 10)
  (func (export "run") (result i32)
    (i32.add (memory.grow (i32.const 1)) (i32.load (i32.const 0)))))
"""
GROWING_HOST = """#include "growing.h"
int main(void) {
  wm_instance *box;
  int32_t value;
  if (wm_instance_create(&growing_module, 0, &box, 0))
    return 1;
  return growing_run(box, &value) != WM_OK || value != -1;
}
"""

for board in ["mps2-an386", "mps2-an505"]:
    target = BOARDS[board]
    for strategy in ["check", "mask", "mpu"]:
        for level in ["-O2", "-Os"]:
            endless = box("endless", target, ENDLESS, strategy, level)
            ends(board, f"endless recursion, {strategy} {level}", ENDLESS_HOST,
                 endless, stack=2048)
        again = box("again", target, AGAIN, strategy, "-O3")
        ends(board, f"through the host, {strategy}", AGAIN_HOST, again)
    starting = box("starting", target, STARTING, "mpu")
    for strategy in ["check", "mask"]:
        plain = box("plain", target, PLAIN, strategy)
        for objects in [starting, plain], [plain, starting]:
            ends(board, f"start beside {strategy}", STARTING_HOST, *objects)
    plain = box("plain", target, PLAIN, "check")
    outer, inner = (box(name, target, PLAIN, "mpu")
                    for name in ("outer", "inner"))
    for objects in [outer, plain, inner], [plain, inner, outer]:
        ends(board, "nested", NESTED_HOST, *objects)

# Nine pages are no region's size there.
growing = box("growing", "cortex-m4", GROWING, "mpu")
ends("mps2-an386", "refused growth", GROWING_HOST, growing)
